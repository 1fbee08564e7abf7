/* Several calls of hilf_add by one thread that waits for all of them: one commit, one record where they are alike, and each
 * its own outcome. For who speaks for many at once, as a service does: its threads need not wait one for each. */
#ifndef ENGINE_ADD_H
#define ENGINE_ADD_H

#include "hilf.h"

struct add_call {
	/* As for hilf_add. */
	const char *bank;
	const struct hilf_entry_meta *meta;
	const struct hilf_new_entry *entries;
	size_t count;
	struct hilf_add_result *ret_results; /* untouched where it failed */
	/* What came of it. */
	int rc;
	struct hilf_err err; /* where rc is not 0 */
};

/* A hundred or so at most. What one adds is there already for those behind it. */
void add_calls(struct hilf *hilf, struct add_call *calls, size_t count);

#endif
