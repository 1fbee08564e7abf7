/* The events of decisions: their form, and the contents that they name. */
#ifndef ENGINE_DECIDE_TELL_H
#define ENGINE_DECIDE_TELL_H

#include "engine/decide_parts.h"

#define DECIDE_PART 1000u

/* Up to DECIDE_PART uploads of a decision, in order of their ids. */
struct decide_part {
	uint64_t *uploads, *checks; /* checks: 0 where none is kept */
	const char **content_ids;
	size_t count;
	uint64_t last; /* where the next part begins */
	bool first, ended;
};
/* Within a job: those behind row->after. */
int decide_part_read(struct hilf *hilf, const struct store_decision *row, struct arena *arena,
	struct decide_part *ret_part, struct hilf_err *err);
/* Within a job: queues one event with them. */
int decide_tell(struct hilf *hilf, const struct store_decision *row, const struct decide_part *part,
	const char *event, struct arena *arena, struct hilf_err *err);

/* Within a job: an automated block that a person found wrong, by an appeal or by looking: what rests on the check is nothing any
 * more, whatever becomes of its entries, and its content is told as reversed and restored. Nothing where it fell already, or
 * blocked nothing. content_id: what the platform knows it by. */
int decide_unblock(struct hilf *hilf, uint64_t check_id, const char *content_id, int64_t now_ms,
	struct arena *arena, struct hilf_err *err);

/* Within a job: counts a decision that stands now, and sets row->upheld. */
int decide_count(
	struct hilf *hilf, struct store_decision *row, struct arena *arena, struct hilf_err *err);
/* Within a job: it was wrong for `count` contents (UINT64_MAX: for all), which its source is told; lowers row->upheld. Whoever
 * calls stores the row. */
int decide_fell(
	struct hilf *hilf, struct store_decision *row, uint64_t count, struct hilf_err *err);
/* Within a job: the entry was found wrong, so that every decision that rests on it was wrong for all its contents, as far as
 * its source goes; what was decided of the contents stays as it is. Stores the rows. */
int decide_fell_entry(struct hilf *hilf, uint64_t entry, struct hilf_err *err);

#endif
