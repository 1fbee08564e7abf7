/* For tests that begin with something in the store: the bank "alpha" with its entries 0 to 19, and writes that must succeed. */
#ifndef STORE_ALPHA_TEST_H
#define STORE_ALPHA_TEST_H

#include "store/store_fixture.h"
#include "test/unit.h"

#include <stdlib.h>

static uint8_t bank[UUID_SIZE];

#define must(call)                                                                                 \
	do {                                                                                       \
		int must_rc = (call);                                                              \
		if (must_rc)                                                                       \
			fail_msg("%s: %d: %s", #call, must_rc, fixture->err.text);                 \
	} while (0)

static inline int set_up(void **state)
{
	struct fixture *fixture = fixture_alpha(bank);
	*state = fixture;
	return fixture ? 0 : -1;
}

static inline int tear_down(void **state)
{
	fixture_remove(*state);
	free(*state);
	return 0;
}

static inline void begin(struct fixture *fixture)
{
	must(store_begin(fixture->store, &fixture->err));
}

static inline void commit(struct fixture *fixture)
{
	must(store_commit(fixture->store, &fixture->err));
}

#endif
