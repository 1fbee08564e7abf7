/* Memory that runs out when a test says so. The program that includes it is linked with -Wl,--wrap= for each name below
 * (failing_memory_wrap in src/os/meson.build). */
#ifndef TEST_FAILING_MEMORY_H
#define TEST_FAILING_MEMORY_H

#include "test/failing_call.h"

#include <sys/mman.h>
#include <sys/types.h>

static struct failing fail_memory;

/* Between the two, the nth allocation fails, counted from 0; and all after it. after: whether one did. */
static inline void before_fault(long nth, bool for_good)
{
	atomic_store(&fail_memory.count, 0);
	fail_memory.with = ENOMEM;
	fail_memory.for_good = for_good;
	atomic_store(&fail_memory.after, nth + 1);
}

static inline bool after_fault(void)
{
	atomic_store(&fail_memory.after, 0);
	return atomic_load(&fail_memory.count) > 0;
}

#define FAILING_WRAP(result, name, parameters, arguments, kind, failure)                           \
	result __real_##name parameters;                                                           \
	result __wrap_##name parameters;                                                           \
	result __wrap_##name parameters                                                            \
	{                                                                                          \
		return fails(&kind) ? failure : __real_##name arguments;                           \
	}

FAILING_WRAP(void *, malloc, (size_t size), (size), fail_memory, NULL)
FAILING_WRAP(void *, calloc, (size_t count, size_t size), (count, size), fail_memory, NULL)
FAILING_WRAP(void *, realloc, (void *old, size_t size), (old, size), fail_memory, NULL)
FAILING_WRAP(char *, strdup, (const char *text), (text), fail_memory, NULL)
FAILING_WRAP(void *, aligned_alloc, (size_t unit, size_t size), (unit, size), fail_memory, NULL)
FAILING_WRAP(void *, mmap64, (void *at, size_t size, int protection, int flags, int fd, off_t from),
	(at, size, protection, flags, fd, from), fail_memory, MAP_FAILED)

#endif
