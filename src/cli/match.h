/* What `hilf match` shares between files and bare signals. */
#ifndef CLI_MATCH_H
#define CLI_MATCH_H

#include "cli/cli.h"

struct matching {
	struct cli *cli;
	struct hilf_query query;
	bool matches_only;
	bool matched, troubled;
	uint64_t count, matched_count, undecided_count; /* answers */
	struct table table;
};

/* Prints an answer and counts it. Arguments as for match_view_rows. */
void matching_answer(struct matching *matching, const char *key, const char *what,
	const struct hilf_content *content, const struct hilf_check *check, const char *trouble);

/* hilf match --signals: reads "TYPE VALUE" lines and answers each. Returns 0 or STATUS_TROUBLE (it was said). */
int match_signal_lines(struct matching *matching, const char *path);

#endif
