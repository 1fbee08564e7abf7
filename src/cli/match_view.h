/* An answer as rows of a table and as a JSON object. */
#ifndef CLI_MATCH_VIEW_H
#define CLI_MATCH_VIEW_H

#include "cli/out.h"
#include "hilf.h"

#define MATCH_VIEW_COLUMNS 10
extern const char *const match_view_headings[MATCH_VIEW_COLUMNS];

/* A row for each entry that matches, by its nearest signal, or one that says there was none. what: the path, or the signal as text. content: of a file
 * that was read, else NULL. trouble: why it was not, else NULL or "". check: NULL where it was not compared. */
void match_view_rows(struct table *table, const char *what, const struct hilf_content *content,
	const struct hilf_check *check, const char *trouble);
/* key: what `what` is, "path" or "signal". */
void match_view_json(struct buf *buf, const char *key, const char *what,
	const struct hilf_content *content, const struct hilf_check *check, const char *trouble);

#endif
