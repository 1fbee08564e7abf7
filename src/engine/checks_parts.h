/* What the files of checks owe each other. */
#ifndef ENGINE_CHECKS_PARTS_H
#define ENGINE_CHECKS_PARTS_H

#include "engine/checks.h"
#include "engine/local.h"

/* HILF_E_LIMIT and HILF_E_INVALID name the field. */
int check_text_form(const char *what, const char *text, size_t max, struct hilf_err *err);
int check_context_form(const struct check_context *context, struct hilf_err *err);

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

#endif
