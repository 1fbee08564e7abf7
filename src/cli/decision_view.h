/* Decisions and appeals as people and programs see them on the command line. The JSON is that of the API, so that whoever
 * reads the one reads the other. */
#ifndef CLI_DECISION_VIEW_H
#define CLI_DECISION_VIEW_H

#include "cli/cli.h"
#include "engine/appeals.h"

/* One object and a line end, on standard output. */
void decision_view_json(struct cli *cli, const struct decision_info *info);
/* decision: what it is against, or NULL. */
void decision_view_appeal_json(
	struct cli *cli, const struct appeal_info *info, const struct decision_info *decision);

/* "remove,preserve", or "none", after what is in ret_text. */
void decision_view_actions(struct buf *ret_text, unsigned actions);
/* Many lines; "made by" and the like are the case's aliases. */
void decision_view_text(struct cli *cli, const struct decision_info *info);
/* A text of many lines, indented, for a person's eyes. */
void decision_view_quote(struct cli *cli, const char *text);

/* --limit, with `most` as its bound; HILF_E_INVALID. */
int decision_view_limit(
	const struct arguments *arguments, size_t most, size_t *ret_limit, struct hilf_err *err);
/* What is said where a list ended at its limit. */
void decision_view_more(struct cli *cli);

#endif
