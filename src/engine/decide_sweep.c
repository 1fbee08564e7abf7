/* What follows from a decision, piece by piece. Each piece is one transaction that tells at most a thousand contents and
 * writes down how far it came, so a crash between two of them repeats nothing and loses nothing, and a decision over ten
 * thousand uploads keeps no other write waiting for longer than one piece. */
#include "base/check.h"
#include "base/err.h"
#include "engine/decide_parts.h"
#include "engine/decide_tell.h"
#include "engine/desk_settings.h"
#include "engine/hooks.h"
#include "engine/local_parts.h"
#include "engine/statement.h"
#include "engine/tally.h"
#include "engine/vault.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

#define RETRY_MS (60ll * 1000)

void decision_plan(struct store_decision *row)
{
	int64_t release_ms = row->withheld_ms && !row->released ? row->withheld_ms : 0;
	int64_t end_ms = row->state == DECISION_STANDING ? row->until_ms : 0;
	row->part = 0;
	row->after = 0;
	if (release_ms && (!end_ms || release_ms <= end_ms))
		row->due_ms = release_ms;
	else
		row->due_ms = end_ms;
	row->step = row->due_ms ? STEP_WAIT : STEP_NONE;
}

/* ------------------------------------------------------------------------------------------ one piece */

/* The case stays as long as its pictures: they are shown for it alone. */
static int preserve(struct hilf *hilf, const struct store_decision *row,
	const struct decide_part *part, struct hilf_err *err)
{
	if (!(row->actions & ACTION_PRESERVE))
		return 0;
	int64_t until_ms =
		clock_now_ms() + desk_setting(hilf, DESK_VAULT_PRESERVE_DAYS) * DESK_DAY_MS;
	int rc = part->first ? case_keep(hilf, row->case_id, until_ms, err) : 0;
	return rc ? rc
		  : vault_preserve(
			    hilf, part->uploads, part->count, part->first ? row->entry : 0, err);
}

/* A person who looked and does nothing about a content takes back what a machine did: of samples and disputes, mostly. */
static int unblock(struct hilf *hilf, const struct decide_part *part, int64_t now_ms,
	struct arena *arena, struct hilf_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < part->count && !rc; i++)
		if (part->checks[i])
			rc = decide_unblock(
				hilf, part->checks[i], part->content_ids[i], now_ms, arena, err);
	return rc;
}

/* For STEP_REVERSE: the uploads' contents are there again. */
static int restore(struct hilf *hilf, const struct decide_part *part, struct hilf_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < part->count && !rc; i++)
		rc = case_restored(hilf, part->uploads[i], err);
	return rc;
}

static int tell_events(struct hilf *hilf, struct store_decision *row,
	const struct decide_part *part, int64_t now_ms, struct arena *arena, struct hilf_err *err)
{
	int rc = 0;
	switch ((enum decide_step)row->step) {
	case STEP_TELL:
		rc = decide_tell(hilf, row, part, "decision.made", arena, err);
		if (!rc)
			rc = preserve(hilf, row, part, err);
		return rc || row->actions ? rc : unblock(hilf, part, now_ms, arena, err);
	case STEP_RELEASE:
		return decide_tell(hilf, row, part, "statement.released", arena, err);
	case STEP_END:
		return decide_tell(hilf, row, part, "decision.ended", arena, err);
	case STEP_REVERSE:
		rc = decide_tell(hilf, row, part, "decision.reversed", arena, err);
		if (!rc)
			rc = decide_tell(hilf, row, part, "content.restored", arena, err);
		return rc ? rc : restore(hilf, part, err);
	default:
		ASSERT(!"a step that tells");
		return 0;
	}
}

/* The next part; when it was the last, what comes then is planned. */
static int tell_part(struct hilf *hilf, struct store_decision *row, int64_t now_ms,
	struct arena *arena, struct hilf_err *err)
{
	struct decide_part part;
	int rc = decide_part_read(hilf, row, arena, &part, err);
	if (!rc && part.count)
		rc = tell_events(hilf, row, &part, now_ms, arena, err);
	if (rc)
		return rc;
	row->part++;
	row->after = part.last;
	row->due_ms = now_ms;
	if (!part.ended)
		return 0;
	if (row->step == STEP_RELEASE)
		row->released = true;
	if (row->step == STEP_TELL && row->opinion) {
		row->step = STEP_OPINION;
		return 0;
	}
	/* Nobody learns of a decision that fell what it said. */
	if (row->step == STEP_REVERSE)
		row->released = true;
	decision_plan(row);
	return 0;
}

static int member_of(struct hilf *hilf, uint64_t entry, uint8_t ret_member[UUID_SIZE],
	bool *ret_found, struct hilf_err *err)
{
	struct store_entry_row row;
	struct store_bank bank;
	*ret_found = false;
	int rc = entry ? store_entry_get(hilf->store, true, entry, NULL, &row, err)
		       : HILF_E_NOT_FOUND;
	if (!rc)
		rc = store_bank_by_id(hilf->store, true, row.bank, &bank, err);
	if (rc)
		return rc == HILF_E_NOT_FOUND ? 0 : rc;
	memcpy(ret_member, bank.author, UUID_SIZE);
	*ret_found = true;
	return 0;
}

int decide_count(
	struct hilf *hilf, struct store_decision *row, struct arena *arena, struct hilf_err *err)
{
	uint8_t member[UUID_SIZE];
	struct store_case about;
	bool found;
	int rc = member_of(hilf, row->entry, member, &found, err);
	if (!rc)
		rc = case_get(hilf, true, row->case_id, arena, &about, err);
	if (rc)
		return rc == HILF_E_NOT_FOUND ? 0 : rc;
	row->upheld = found && row->actions ? row->upload_count : 0;
	return tally_decided(hilf, found ? member : NULL, row->upload_count, row->upheld,
		row->made_ms, row->made_ms - about.opened_ms, err);
}

int decide_fell(struct hilf *hilf, struct store_decision *row, uint64_t count, struct hilf_err *err)
{
	uint8_t member[UUID_SIZE];
	bool found;
	int rc = member_of(hilf, row->entry, member, &found, err);
	if (rc || !found)
		return rc;
	count = count < row->upheld ? count : row->upheld;
	row->upheld -= count;
	return tally_fell(hilf, member, count, row->made_ms, err);
}

/* Rows are not written while others of theirs are being read, hence by numbers, some at a time. */
#define FELL_AT_ONCE 64u

struct falling {
	uint64_t numbers[FELL_AT_ONCE];
	size_t count;
};

static int note_falling(const struct store_decision *row, void *ctx)
{
	struct falling *falling = ctx;
	falling->numbers[falling->count++] = row->number;
	return 0;
}

static int fell_one(struct hilf *hilf, uint64_t number, struct arena *arena, struct hilf_err *err)
{
	struct store_decision row;
	int rc = store_decision_get(hilf->store, true, number, NULL, arena, &row, err);
	if (!rc)
		rc = decide_fell(hilf, &row, UINT64_MAX, err);
	return rc ? rc : store_decision_put(hilf->store, &row, NULL, err);
}

int decide_fell_entry(struct hilf *hilf, uint64_t entry, struct hilf_err *err)
{
	struct falling falling = {.count = FELL_AT_ONCE};
	struct arena arena;
	uint64_t after = 0;
	int rc = 0;
	arena_init(&arena, 0);
	while (!rc && falling.count == FELL_AT_ONCE) {
		falling.count = 0;
		rc = store_decision_upheld_of(
			hilf->store, entry, after, FELL_AT_ONCE, note_falling, &falling, err);
		for (size_t i = 0; i < falling.count && !rc; i++) {
			after = falling.numbers[i];
			rc = fell_one(hilf, after, &arena, err);
			arena_clear(&arena);
		}
	}
	return rc;
}

static int stand(struct hilf *hilf, struct store_decision *row, int64_t now_ms, struct arena *arena,
	struct hilf_err *err)
{
	row->state = DECISION_STANDING;
	row->step = STEP_TELL;
	row->part = 0;
	row->after = 0;
	/* What was to be withheld until a time that has passed by now is told with the rest. */
	if (row->withheld_ms && row->withheld_ms <= now_ms)
		row->released = true;
	int rc = decide_count(hilf, row, arena, err);
	return rc ? rc : tell_part(hilf, row, now_ms, arena, err);
}

/* Waited for: the release, or the end of the duration. */
static int end_wait(struct hilf *hilf, struct store_decision *row, int64_t now_ms,
	struct arena *arena, struct hilf_err *err)
{
	row->part = 0;
	row->after = 0;
	if (row->withheld_ms && !row->released && row->withheld_ms <= now_ms) {
		row->step = STEP_RELEASE;
		return tell_part(hilf, row, now_ms, arena, err);
	}
	if (row->state == DECISION_STANDING && row->until_ms && row->until_ms <= now_ms) {
		row->state = DECISION_EXPIRED;
		row->step = STEP_END;
		int rc = case_known_end(hilf, row->id, err);
		return rc ? rc : tell_part(hilf, row, now_ms, arena, err);
	}
	decision_plan(row);
	return 0;
}

int decision_turn(struct hilf *hilf, struct store_decision *row, int64_t now_ms,
	struct arena *arena, struct hilf_err *err)
{
	switch ((enum decide_step)row->step) {
	case STEP_STAND:
		return stand(hilf, row, now_ms, arena, err);
	case STEP_TELL:
	case STEP_RELEASE:
	case STEP_END:
	case STEP_REVERSE:
		return tell_part(hilf, row, now_ms, arena, err);
	case STEP_WAIT:
		return end_wait(hilf, row, now_ms, arena, err);
	case STEP_OPINION: /* it was given, or cannot be */
	case STEP_NONE:
		decision_plan(row);
		return 0;
	}
	return err_set(err, HILF_E_CORRUPT, "a decision has step %u", row->step);
}

/* ------------------------------------------------------------------------------------------ the sweep */

struct turning {
	uint64_t number;
	int64_t now_ms;
	bool put_off; /* look at it again later, and that is all */
};

static int run_turn(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct turning *turning = ctx;
	struct store_decision row;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_decision_get(hilf->store, true, turning->number, NULL, &arena, &row, err);
	/* Somebody may have undone or done it meanwhile. */
	bool due = !rc && row.due_ms && row.due_ms <= turning->now_ms;
	if (due && turning->put_off)
		row.due_ms = turning->now_ms + RETRY_MS;
	else if (due)
		rc = decision_turn(hilf, &row, turning->now_ms, &arena, err);
	if (!rc && due)
		rc = store_decision_put(hilf->store, &row, NULL, err);
	arena_clear(&arena);
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

/* The word on the entry is a record, and so a write of its own. It is given once however often it is tried. What cannot be
 * said any more, because the entry ended or this node says nothing, is left. */
static int give_opinion(struct hilf *hilf, const struct store_decision *row, struct arena *arena,
	struct hilf_err *err)
{
	const char *entry, *bank;
	int rc = desk_name_entry(hilf, false, row->entry, arena, &entry, &bank, err);
	if (!rc && entry[0])
		rc = hilf_opinion_give(hilf, entry, (enum hilf_opinion)row->opinion, err);
	if (rc == HILF_E_WITHDRAWN || rc == HILF_E_NOT_FOUND || rc == HILF_E_DENIED)
		return 0;
	return rc;
}

static int sweep_one(struct hilf *hilf, bool *ret_found, struct hilf_err *err)
{
	struct turning turning = {.now_ms = clock_now_ms()};
	struct store_decision row;
	struct arena arena;
	struct hilf_err why = {0};
	int failed = 0;
	arena_init(&arena, 0);
	int rc = store_decision_due(hilf->store, false, turning.now_ms, &arena, &row, err);
	*ret_found = !rc;
	turning.number = row.number;
	if (!rc && row.step == STEP_OPINION)
		failed = give_opinion(hilf, &row, &arena, &why);
	arena_clear(&arena);
	if (rc)
		return rc == HILF_E_NOT_FOUND ? 0 : rc;
	if (!failed)
		failed = local_submit(hilf, run_turn, &turning, &why);
	if (!failed)
		return 0;
	/* Those behind it do not wait for it. */
	turning.put_off = true;
	rc = local_submit(hilf, run_turn, &turning, err);
	return rc ? rc : err_set(err, failed, "%s", why.text);
}

int decide_sweep(struct hilf *hilf, size_t limit, bool *ret_more, struct hilf_err *err)
{
	bool found = true;
	int rc = 0;
	ASSERT(hilf && limit && ret_more);
	for (size_t i = 0; i < limit && found && !rc; i++)
		rc = sweep_one(hilf, &found, err);
	if (!rc)
		*ret_more = found;
	return rc;
}
