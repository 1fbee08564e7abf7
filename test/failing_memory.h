/* Memory that runs out when a test says so. The program that includes it is linked with -Wl,--wrap= for each name below
 * (failing_memory_wrap in src/os/meson.build). */
#ifndef TEST_FAILING_MEMORY_H
#define TEST_FAILING_MEMORY_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

/* Calls of a kind that fail. */
struct failing {
	_Atomic(long) after; /* the one that fails, counted from 1; 0: none does */
	int with;            /* the errno; 0: the process dies there */
	bool for_good;       /* and all after it */
	_Atomic(long) count; /* that failed */
};
static struct failing fail_memory;

static inline bool fails(struct failing *failing)
{
	long after = atomic_load(&failing->after);
	if (after == 0)
		return false;
	bool stays = after == 1 && failing->for_good;
	if (!stays &&
		(!atomic_compare_exchange_strong(&failing->after, &after, after - 1) || after != 1))
		return false;
	if (failing->with == 0)
		_exit(0);
	errno = failing->with;
	atomic_fetch_add(&failing->count, 1);
	return true;
}

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
