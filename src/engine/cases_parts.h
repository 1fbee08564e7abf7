/* What the files of cases owe each other. */
#ifndef ENGINE_CASES_PARTS_H
#define ENGINE_CASES_PARTS_H

#include "engine/cases.h"
#include "engine/local.h"

/* Where it stands in the queue: order and word, from what is in the row. */
void case_place(struct store_case *row);
/* Its state from its counts, with what hangs on it. */
void case_settle(struct store_case *row, int64_t now_ms);
/* A cluster of it became `after`; before NULL: it is new. */
void case_recount(struct store_case *row, const struct store_cluster *before,
	const struct store_cluster *after);
/* Counts a change and saves it. */
int case_save(struct hilf *hilf, struct store_case *row, struct hilf_err *err);

/* "[1,2]" of banks by name, in the arena; those that are not there are left out. NULL for NULL. */
int case_bank_list(struct hilf *hilf, bool in_write, const char *const *banks, size_t count,
	struct arena *arena, const char **ret_list, struct hilf_err *err);

/* The match that a check answers with: the weightiest, then the nearest. NULL: none counts. */
const struct hilf_match *case_best_match(const struct hilf_check *check);
struct store_why case_why_of(const struct hilf_match *match);

/* NULL where nothing was said. */
static inline const char *case_said(const char *text)
{
	return text && *text ? text : NULL;
}

#endif
