/* What the files of checks owe each other. */
#ifndef ENGINE_CHECKS_PARTS_H
#define ENGINE_CHECKS_PARTS_H

#include "engine/checks.h"
#include "engine/local.h"

/* What becomes of an entry right now: the most it can bring, and why that is less than a block. */
struct upholds {
	enum hilf_verdict
		most; /* BLOCK: whatever its bank's mode says; REVIEW: disputed; NO_MATCH: it ended */
	const char *why; /* "expired", "muted", "disputed", "other" */
	struct store_entry_row row;
};
/* HILF_E_NOT_FOUND: there is no such entry. */
int entry_upholds(struct hilf *hilf, bool in_write, uint64_t entry, struct upholds *ret_upholds,
	struct hilf_err *err);
/* Within a job: lowers what rests on the entry to what it upholds now, and tells. */
int reverse_entry(struct hilf *hilf, const struct upholds *upholds, const char *reason,
	uint64_t *ret_restored, struct hilf_err *err);

/* The statement of reasons for a check that blocks, in the language asked for or English. */
struct statement {
	const char *language;
	const struct hilf_match *match; /* the nearest that blocks */
	const char *content_class, *ground, *territory;
	const char *decision;
	int64_t appeal_until_ms;
};
void statement_write(const struct statement *statement, struct buf *buf);

#endif
