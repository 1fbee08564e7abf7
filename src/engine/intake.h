/* Rows of an import become entries: those that are said the same of wait together and are added together, all or none of
 * them. Used by the command line and by the service.
 *
 *   row ──► its own labels ──► the group of entries that they say the same of ──► hilf_add, INTAKE_BATCH entries at most */
#ifndef ENGINE_INTAKE_H
#define ENGINE_INTAKE_H

#include "hilf.h"
#include "wire/import.h"

#define INTAKE_BATCH 65536u

struct intake;

struct intake_counts {
	uint64_t added, already, degenerate;
};

/* meta: what is said of entries whose rows say nothing else; it and bank live as long as the intake. checking: rows are
 * looked at and nothing is added, so hilf may be NULL. Release with intake_close, which takes NULL as well. */
int intake_open(struct hilf *hilf, const char *bank, const struct hilf_entry_meta *meta,
	bool checking, struct intake **ret_intake, struct hilf_err *err);
void intake_close(struct intake *intake);

/* Takes a row. *ret_bad: it is the row that is wrong, whose line can be passed over; any other failure is of adding, and
 * nothing of the batch under way was added. */
int intake_row(
	struct intake *intake, const struct import_row *row, bool *ret_bad, struct hilf_err *err);
/* Adds what waits. */
int intake_flush(struct intake *intake, struct hilf_err *err);
/* Whether something waits. */
bool intake_waits(const struct intake *intake);
struct intake_counts intake_counts(const struct intake *intake);

#endif
