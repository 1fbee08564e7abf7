/* What `hilf match` shares between files and bare signals. */
#ifndef CLI_MATCH_H
#define CLI_MATCH_H

#include "cli/cli.h"
#include "cli/match_view.h"

struct matching {
	struct cli *cli;
	struct hilf_query query;
	size_t entry_max; /* --limit */
	bool matches_only;
	bool matched, troubled;
	uint64_t count, matched_count, undecided_count; /* answers */
	uint64_t cut_count; /* answers on files that had more matches than --limit keeps */
	struct table table;
};

/* Prints an answer and counts it. */
void matching_answer(struct matching *matching, const struct match_answer *answer);

/* hilf match --signals: reads "TYPE VALUE" lines and answers each. Returns 0 or STATUS_TROUBLE (it was said). */
int match_signal_lines(struct matching *matching, const char *path);

#endif
