/* Entries by what is said of them, the newest first. Classes and labels are found by the store's index of what is said, which
 * has a line for each different thing and not for each entry; a bank or a member by the banks themselves. For states, and for
 * labels of which thousands of different ones are asked for at once, the entries are gone through. One call looks at
 * SEARCH_LOOK_MAX of them at most, and whoever asks goes on from where it ended. */
#ifndef ENGINE_SEARCH_H
#define ENGINE_SEARCH_H

#include "base/uuid.h"
#include "hilf.h"

#define SEARCH_LOOK_MAX 50000u

enum search_state {
	SEARCH_ANY,
	SEARCH_IN_FORCE,
	SEARCH_EXPIRED,
	SEARCH_WITHDRAWN,
	SEARCH_ERASED,
	SEARCH_MUTED,   /* on this node, now */
	SEARCH_DISPUTED /* by some member, and in force */
};
int search_state_parse(const char *name, enum search_state *ret_state, struct hilf_err *err);

struct search {
	const char *bank; /* NULL: of all; so the others below */
	const char *content_class;
	const char *label;  /* "KEY=VALUE", or one of both, as it is */
	const char *member; /* who owns the bank */
	enum search_state state;
	/* Whether entries of the bank may be told at all; NULL: of whichever. */
	bool (*may)(const char *bank, void *ctx);
	void *ctx;
};

/* The numbers of those before number `before` (0: from the newest), newest first, room at most. *ret_next: from where to go
 * on, also when none was found so far; 0: there are no more. HILF_E_NOT_FOUND: no such bank; HILF_E_INVALID: no such class or
 * no member's id. */
int search_entries(struct hilf *hilf, const struct search *search, uint64_t before,
	uint64_t *ret_entries, size_t room, size_t *ret_count, uint64_t *ret_next,
	struct hilf_err *err);

#endif
