/* That fsck finds nothing wrong. */
#ifndef STORE_SOUND_TEST_H
#define STORE_SOUND_TEST_H

#include "store/store_fixture.h"
#include "test/unit.h"

#include <string.h>

static inline int say_problem(const char *level, const char *what, const char *text, void *ctx)
{
	(void)ctx;
	if (strcmp(level, "problem") == 0)
		print_error("%s: %s\n", what, text);
	return 0;
}

static inline void expect_sound(struct fixture *fixture)
{
	uint64_t problems = 9;
	assert_int_equal(
		store_fsck(fixture->store, true, say_problem, NULL, &problems, &fixture->err), 0);
	assert_int_equal(problems, 0);
}

#endif
