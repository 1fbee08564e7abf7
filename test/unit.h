/* What every unit test includes: cmocka with the headers it wants before it, and where the real data is. */
#ifndef TEST_UNIT_H
#define TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* The folder of real inputs: $HILF_TEST_DATA, else ../shared/data beside the checkout, or NULL where there is none. A
 * test that needs it says so aloud and skips: `if (!test_data()) skip_aloud("...")`. */
static inline const char *test_data(void)
{
	static char beside[700];
	const char *dir = getenv("HILF_TEST_DATA"), *source = getenv("HILF_SOURCE");
	if (dir && *dir)
		return dir;
	snprintf(beside, sizeof beside, "%s/../shared/data", source ? source : ".");
	return access(beside, R_OK) == 0 ? beside : NULL;
}

#define skip_aloud(what) \
	do { \
		fprintf(stderr, "SKIPPED: %s: %s\n", __func__, what); \
		skip(); \
	} while (0)

#endif
