/* An answer as rows of a table and as a JSON object. */
#ifndef CLI_MATCH_VIEW_H
#define CLI_MATCH_VIEW_H

#include "cli/out.h"
#include "hilf.h"

#define MATCH_VIEW_COLUMNS 10
extern const char *const match_view_headings[MATCH_VIEW_COLUMNS];

struct match_answer {
	const char *key;                    /* what `what` is: "path" or "signal" */
	const char *what;                   /* the path, or the signal as text */
	const struct hilf_content *content; /* of a file that was read, else NULL */
	const struct hilf_check *check;     /* NULL where it was not compared */
	const char *trouble;                /* why it was not, or NULL */
	size_t entry_max;                   /* entries that are shown, the nearest */
};

/* A row for each entry, by its nearest signal, or one that says that there was none. */
void match_view_rows(struct table *table, const struct match_answer *answer);
/* An object with every match of these entries. */
void match_view_json(struct buf *buf, const struct match_answer *answer);
/* Matches that are left out, because of entry_max or the query's limit. */
uint64_t match_view_more(const struct match_answer *answer);

#endif
