/* The end of a process that found a bug in itself: one line, written without allocating, then abort. */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void check_failed(const char *condition, const char *file, int line, const char *function)
{
	fprintf(stderr, "hilf: bug: %s:%d: %s: assertion '%s' does not hold; please report it\n",
		file, line, function, condition);
	abort();
}
