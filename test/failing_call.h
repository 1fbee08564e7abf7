/* A call that fails when a test says so. */
#ifndef TEST_FAILING_CALL_H
#define TEST_FAILING_CALL_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

/* Calls of a kind that fail. */
struct failing {
	_Atomic(long) after; /* the one that fails, counted from 1; 0: none does */
	int with;            /* the errno; 0: the process dies there */
	bool for_good;       /* and all after it */
	_Atomic(long) count; /* that failed */
};

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

#endif
