/* Decisions: a row each, written whole whenever something of it changes, so that its mark covers all of it. */
#include "store/local_db.h"

#include "base/check.h"
#include "base/err.h"
#include "store/decisions.h"

#include <string.h>

static void bind_decision(sqlite3_stmt *statement, const struct store_decision *decision)
{
	bind_number(statement, 1, decision->number);
	bind_bytes(statement, 2, decision->id, sizeof decision->id);
	bind_number(statement, 3, decision->case_id);
	bind_number(statement, 4, decision->cluster);
	bind_number(statement, 5, decision->upload_count);
	bind_number(statement, 6, decision->actions);
	bind_number(statement, 7, decision->basis);
	bind_text(statement, 8, decision->article);
	bind_text(statement, 9, decision->text);
	bind_text(statement, 10, decision->territory);
	bind_number(statement, 11, decision->days);
	bind_time(statement, 12, decision->until_ms);
	bind_number(statement, 13, decision->entry);
	bind_text(statement, 14, decision->bank);
	bind_number(statement, 15, decision->opinion);
	bind_number(statement, 16, decision->state);
	bind_time(statement, 17, decision->made_ms);
	bind_time(statement, 18, decision->undo_ms);
	bind_time(statement, 19, decision->due_ms);
	bind_number(statement, 20, decision->step);
	bind_number(statement, 21, decision->part);
	bind_number(statement, 22, decision->after);
	bind_text(statement, 23, decision->actor);
	bind_number(statement, 24, decision->second);
	bind_text(statement, 25, decision->second_actor);
	bind_text(statement, 26, decision->second_text);
	bind_time(statement, 27, decision->second_ms);
	bind_time(statement, 28, decision->withheld_ms);
	bind_time(statement, 29, decision->withheld_from_ms);
	bind_text(statement, 30, decision->authority);
	bind_text(statement, 31, decision->withheld_ground);
	bind_number(statement, 32, decision->extended);
	bind_number(statement, 33, decision->released);
	bind_time(statement, 34, decision->appeal_until_ms);
	bind_text(statement, 35, decision->language);
	bind_text(statement, 36, decision->statement);
	bind_number(statement, 37, decision->upheld);
}

int store_decision_put(struct store *store, const struct store_decision *decision,
	uint64_t *ret_number, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_DECISION_PUT);
	ASSERT(decision->article && decision->actor && decision->statement);
	bind_decision(statement, decision);
	int rc = local_run(store, statement, err);
	sqlite3_clear_bindings(statement);
	if (!rc && ret_number)
		*ret_number = (uint64_t)sqlite3_last_insert_rowid(store->writer->db);
	return rc;
}

#define MARK_AT 37

static int row_decision(struct store *store, sqlite3_stmt *statement, struct arena *arena,
	struct store_decision *ret_decision, struct hilf_err *err)
{
	struct store_decision row = {
		.number = column_u64(statement, 0),
		.case_id = column_u64(statement, 2),
		.cluster = (uint32_t)column_u64(statement, 3),
		.upload_count = column_u64(statement, 4),
		.actions = (uint32_t)column_u64(statement, 5),
		.basis = (uint32_t)column_u64(statement, 6),
		.article = row_text(statement, 7),
		.text = row_text(statement, 8),
		.territory = row_text(statement, 9),
		.days = (uint32_t)column_u64(statement, 10),
		.until_ms = sqlite3_column_int64(statement, 11),
		.entry = column_u64(statement, 12),
		.bank = row_text(statement, 13),
		.opinion = (uint32_t)column_u64(statement, 14),
		.state = (uint32_t)column_u64(statement, 15),
		.made_ms = sqlite3_column_int64(statement, 16),
		.undo_ms = sqlite3_column_int64(statement, 17),
		.due_ms = sqlite3_column_int64(statement, 18),
		.step = (uint32_t)column_u64(statement, 19),
		.part = (uint32_t)column_u64(statement, 20),
		.after = column_u64(statement, 21),
		.actor = row_text(statement, 22),
		.second = (uint32_t)column_u64(statement, 23),
		.second_actor = row_text(statement, 24),
		.second_text = row_text(statement, 25),
		.second_ms = sqlite3_column_int64(statement, 26),
		.withheld_ms = sqlite3_column_int64(statement, 27),
		.withheld_from_ms = sqlite3_column_int64(statement, 28),
		.authority = row_text(statement, 29),
		.withheld_ground = row_text(statement, 30),
		.extended = column_u64(statement, 31) != 0,
		.released = column_u64(statement, 32) != 0,
		.appeal_until_ms = sqlite3_column_int64(statement, 33),
		.language = row_text(statement, 34),
		.statement = row_text(statement, 35),
		.upheld = column_u64(statement, 36),
	};
	int rc = local_check_mark(store, statement, MARK_AT, "a decision", err);
	if (rc)
		return rc;
	if (!column_bytes(statement, 1, row.id, sizeof row.id))
		return db_damaged(store, "a decision", err);
	if (!copy_text(arena, &row.article) || !copy_text(arena, &row.text) ||
		!copy_text(arena, &row.territory) || !copy_text(arena, &row.bank) ||
		!copy_text(arena, &row.actor) || !copy_text(arena, &row.second_actor) ||
		!copy_text(arena, &row.second_text) || !copy_text(arena, &row.authority) ||
		!copy_text(arena, &row.withheld_ground) || !copy_text(arena, &row.language) ||
		!copy_text(arena, &row.statement))
		return err_no_memory(err);
	*ret_decision = row;
	return 0;
}

/* The one row of a bound statement. */
static int one_decision(struct rows *rows, struct arena *arena, struct store_decision *ret_decision)
{
	if (rows_one(rows, "decision"))
		rows->rc =
			row_decision(rows->store, rows->statement, arena, ret_decision, rows->err);
	return rows_end(rows);
}

int store_decision_get(struct store *store, bool in_write, uint64_t number,
	const uint8_t id[UUID_SIZE], struct arena *arena, struct store_decision *ret_decision,
	struct hilf_err *err)
{
	ASSERT(number || id);
	struct rows rows = rows_begin(
		store, in_write, number ? LOCAL_DECISION_GET : LOCAL_DECISION_BY_ID, err);
	if (number)
		bind_number(rows.statement, 1, number);
	else
		bind_bytes(rows.statement, 1, id, UUID_SIZE);
	return one_decision(&rows, arena, ret_decision);
}

int store_decision_due(struct store *store, bool in_write, int64_t now_ms, struct arena *arena,
	struct store_decision *ret_decision, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_DECISION_DUE, err);
	bind_time(rows.statement, 1, now_ms);
	return one_decision(&rows, arena, ret_decision);
}

/* The rows of a bound statement. */
static int each_decision(
	struct rows *rows, int (*fn)(const struct store_decision *decision, void *ctx), void *ctx)
{
	struct store_decision decision;
	while (rows_next(rows)) {
		rows->rc = row_decision(
			rows->store, rows->statement, &rows->arena, &decision, rows->err);
		if (!rows->rc)
			rows->rc = fn(&decision, ctx);
	}
	return rows_end(rows);
}

int store_decision_of_case(struct store *store, bool in_write, uint64_t case_id,
	int (*fn)(const struct store_decision *decision, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_DECISION_OF_CASE, err);
	bind_number(rows.statement, 1, case_id);
	return each_decision(&rows, fn, ctx);
}

int store_decision_upheld_of(struct store *store, uint64_t entry, uint64_t after, size_t limit,
	int (*fn)(const struct store_decision *decision, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct rows rows = rows_begin(store, true, LOCAL_DECISION_UPHELD_OF, err);
	bind_number(rows.statement, 1, entry);
	bind_number(rows.statement, 2, after);
	bind_number(rows.statement, 3, limit);
	return each_decision(&rows, fn, ctx);
}

int store_decision_page(struct store *store, int state, uint64_t before, size_t limit,
	int (*fn)(const struct store_decision *decision, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct rows rows = rows_begin(
		store, false, state < 0 ? LOCAL_DECISION_PAGE : LOCAL_DECISION_PAGE_STATE, err);
	bind_number(rows.statement, 1, before ? before : INT64_MAX);
	bind_number(rows.statement, 2, limit);
	if (state >= 0)
		bind_number(rows.statement, 3, (uint64_t)state);
	return each_decision(&rows, fn, ctx);
}

/* ------------------------------------------------------------------------------------------ all of a kind */

static int run_on(struct store *store, enum local_sql which, uint64_t number, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, which);
	bind_number(statement, 1, number);
	return local_run(store, statement, err);
}

int store_desk_forget(struct store *store, uint64_t case_id, struct hilf_err *err)
{
	int rc = run_on(store, LOCAL_DECISION_FORGET, case_id, err);
	if (!rc)
		rc = run_on(store, LOCAL_APPEAL_FORGET, case_id, err);
	return rc ? rc : run_on(store, LOCAL_ESCALATION_FORGET, case_id, err);
}

static int run_move(
	struct store *store, enum local_sql which, uint64_t from, uint64_t to, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, which);
	bind_number(statement, 1, from);
	bind_number(statement, 2, to);
	return local_run(store, statement, err);
}

int store_desk_move(struct store *store, uint64_t from, uint64_t to, struct hilf_err *err)
{
	int rc = run_move(store, LOCAL_DECISION_MOVE, from, to, err);
	return rc ? rc : run_move(store, LOCAL_EXEMPTION_MOVE, from, to, err);
}
