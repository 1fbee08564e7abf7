/* Appeals, exemptions and escalations, and the way from a token or a number to an automated block. */
#include "store/local_db.h"

#include "base/check.h"
#include "base/err.h"
#include "store/decisions.h"

#include <string.h>

static int run_put(
	struct store *store, sqlite3_stmt *statement, uint64_t *ret_number, struct hilf_err *err)
{
	int rc = local_run(store, statement, err);
	sqlite3_clear_bindings(statement);
	if (!rc && ret_number)
		*ret_number = (uint64_t)sqlite3_last_insert_rowid(store->writer->db);
	return rc;
}

/* ------------------------------------------------------------------------------------------ appeals */

int store_appeal_put(struct store *store, const struct store_appeal *appeal, uint64_t *ret_number,
	struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_APPEAL_PUT);
	bind_number(statement, 1, appeal->number);
	bind_bytes(statement, 2, appeal->id, sizeof appeal->id);
	bind_bytes(statement, 3, appeal->decision, sizeof appeal->decision);
	bind_number(statement, 4, appeal->upload);
	bind_number(statement, 5, appeal->check_id);
	bind_number(statement, 6, appeal->case_id);
	bind_text(statement, 7, appeal->content_id);
	bind_text(statement, 8, appeal->text);
	bind_text(statement, 9, appeal->language);
	bind_time(statement, 10, appeal->made_ms);
	bind_time(statement, 11, appeal->until_ms);
	bind_time(statement, 12, appeal->decided_ms);
	bind_number(statement, 13, appeal->state);
	bind_number(statement, 14, appeal->outcome);
	bind_text(statement, 15, appeal->answer);
	bind_text(statement, 16, appeal->actor);
	return run_put(store, statement, ret_number, err);
}

static int row_appeal(struct store *store, sqlite3_stmt *statement, struct arena *arena,
	struct store_appeal *ret_appeal, struct hilf_err *err)
{
	struct store_appeal row = {
		.number = column_u64(statement, 0),
		.upload = column_u64(statement, 3),
		.check_id = column_u64(statement, 4),
		.case_id = column_u64(statement, 5),
		.content_id = row_text(statement, 6),
		.text = row_text(statement, 7),
		.language = row_text(statement, 8),
		.made_ms = sqlite3_column_int64(statement, 9),
		.until_ms = sqlite3_column_int64(statement, 10),
		.decided_ms = sqlite3_column_int64(statement, 11),
		.state = (uint32_t)column_u64(statement, 12),
		.outcome = (uint32_t)column_u64(statement, 13),
		.answer = row_text(statement, 14),
		.actor = row_text(statement, 15),
	};
	int rc = local_check_mark(store, statement, 16, "an appeal", err);
	if (rc)
		return rc;
	if (!column_bytes(statement, 1, row.id, sizeof row.id) ||
		!column_bytes(statement, 2, row.decision, sizeof row.decision))
		return db_damaged(store, "an appeal", err);
	if (!copy_text(arena, &row.content_id) || !copy_text(arena, &row.text) ||
		!copy_text(arena, &row.language) || !copy_text(arena, &row.answer) ||
		!copy_text(arena, &row.actor))
		return err_no_memory(err);
	*ret_appeal = row;
	return 0;
}

int store_appeal_find(struct store *store, bool in_write, const uint8_t decision[UUID_SIZE],
	uint64_t upload, struct arena *arena, struct store_appeal *ret_appeal, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_APPEAL_FIND, err);
	bind_bytes(rows.statement, 1, decision, UUID_SIZE);
	bind_number(rows.statement, 2, upload);
	if (rows_one(&rows, "appeal"))
		rows.rc = row_appeal(store, rows.statement, arena, ret_appeal, err);
	return rows_end(&rows);
}

int store_appeal_of_case(struct store *store, bool in_write, uint64_t case_id, struct arena *arena,
	struct store_appeal *ret_appeal, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_APPEAL_OF_CASE, err);
	bind_number(rows.statement, 1, case_id);
	if (rows_one(&rows, "appeal"))
		rows.rc = row_appeal(store, rows.statement, arena, ret_appeal, err);
	return rows_end(&rows);
}

/* ------------------------------------------------------------------------------------------ exemptions */

int store_exemption_add(struct store *store, const struct store_exemption *exemption,
	uint64_t *ret_number, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_EXEMPTION_ADD);
	bind_number(statement, 1, exemption->number);
	bind_bytes(statement, 2, exemption->id, sizeof exemption->id);
	bind_text(statement, 3, exemption->uploader_ref);
	bind_text(statement, 4, exemption->url);
	bind_number(statement, 5, exemption->entry);
	bind_number(statement, 6, exemption->purpose);
	bind_time(statement, 7, exemption->created_ms);
	bind_time(statement, 8, exemption->until_ms);
	bind_text(statement, 9, exemption->note);
	bind_text(statement, 10, exemption->actor);
	return run_put(store, statement, ret_number, err);
}

static int row_exemption(struct store *store, sqlite3_stmt *statement, struct arena *arena,
	struct store_exemption *ret_exemption, struct hilf_err *err)
{
	struct store_exemption row = {
		.number = column_u64(statement, 0),
		.uploader_ref = row_text(statement, 2),
		.url = row_text(statement, 3),
		.entry = column_u64(statement, 4),
		.purpose = (uint32_t)column_u64(statement, 5),
		.created_ms = sqlite3_column_int64(statement, 6),
		.until_ms = sqlite3_column_int64(statement, 7),
		.note = row_text(statement, 8),
		.actor = row_text(statement, 9),
	};
	int rc = local_check_mark(store, statement, 10, "an exemption", err);
	if (rc)
		return rc;
	if (!column_bytes(statement, 1, row.id, sizeof row.id))
		return db_damaged(store, "an exemption", err);
	if (!copy_text(arena, &row.uploader_ref) || !copy_text(arena, &row.url) ||
		!copy_text(arena, &row.note) || !copy_text(arena, &row.actor))
		return err_no_memory(err);
	*ret_exemption = row;
	return 0;
}

int store_exemption_get(struct store *store, bool in_write, const uint8_t id[UUID_SIZE],
	struct arena *arena, struct store_exemption *ret_exemption, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_EXEMPTION_GET, err);
	bind_bytes(rows.statement, 1, id, UUID_SIZE);
	if (rows_one(&rows, "exemption"))
		rows.rc = row_exemption(store, rows.statement, arena, ret_exemption, err);
	return rows_end(&rows);
}

int store_exemption_remove(struct store *store, const uint8_t id[UUID_SIZE], struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_EXEMPTION_REMOVE);
	bind_bytes(statement, 1, id, UUID_SIZE);
	int rc = local_run(store, statement, err);
	if (!rc && !local_changes(store))
		rc = err_set(err, HILF_E_NOT_FOUND, "there is no such exemption");
	return rc;
}

int store_exemption_page(struct store *store, int64_t now_ms, uint64_t before, size_t limit,
	int (*fn)(const struct store_exemption *exemption, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct store_exemption row;
	struct rows rows = rows_begin(store, false, LOCAL_EXEMPTION_PAGE, err);
	bind_number(rows.statement, 1, before ? before : INT64_MAX);
	bind_number(rows.statement, 2, limit);
	bind_time(rows.statement, 3, now_ms);
	while (rows_next(&rows)) {
		rows.rc = row_exemption(store, rows.statement, &rows.arena, &row, err);
		if (!rows.rc)
			rows.rc = fn(&row, ctx);
	}
	return rows_end(&rows);
}

int store_exemption_count(
	struct store *store, bool in_write, uint64_t *ret_count, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_EXEMPTION_COUNT, err);
	if (rows_next(&rows))
		*ret_count = column_u64(rows.statement, 0);
	return rows_end(&rows);
}

int store_exemption_sweep(struct store *store, int64_t now_ms, size_t limit, uint64_t *ret_count,
	struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_EXEMPTION_SWEEP);
	bind_time(statement, 1, now_ms);
	bind_number(statement, 2, limit);
	int rc = local_run(store, statement, err);
	if (!rc)
		*ret_count = local_changes(store);
	return rc;
}

/* ------------------------------------------------------------------------------------------ escalations */

int store_escalation_put(struct store *store, const struct store_escalation *escalation,
	uint64_t *ret_number, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_ESCALATION_PUT);
	bind_number(statement, 1, escalation->number);
	bind_bytes(statement, 2, escalation->id, sizeof escalation->id);
	bind_number(statement, 3, escalation->case_id);
	bind_text(statement, 4, escalation->authority);
	bind_text(statement, 5, escalation->contact);
	bind_text(statement, 6, escalation->sent);
	bind_time(statement, 7, escalation->told_ms);
	bind_time(statement, 8, escalation->made_ms);
	bind_time(statement, 9, escalation->second_ms);
	bind_number(statement, 10, escalation->state);
	bind_text(statement, 11, escalation->actor);
	bind_text(statement, 12, escalation->second_actor);
	return run_put(store, statement, ret_number, err);
}

static int row_escalation(struct store *store, sqlite3_stmt *statement, struct arena *arena,
	struct store_escalation *ret_escalation, struct hilf_err *err)
{
	struct store_escalation row = {
		.number = column_u64(statement, 0),
		.case_id = column_u64(statement, 2),
		.authority = row_text(statement, 3),
		.contact = row_text(statement, 4),
		.sent = row_text(statement, 5),
		.told_ms = sqlite3_column_int64(statement, 6),
		.made_ms = sqlite3_column_int64(statement, 7),
		.second_ms = sqlite3_column_int64(statement, 8),
		.state = (uint32_t)column_u64(statement, 9),
		.actor = row_text(statement, 10),
		.second_actor = row_text(statement, 11),
	};
	int rc = local_check_mark(store, statement, 12, "an escalation", err);
	if (rc)
		return rc;
	if (!column_bytes(statement, 1, row.id, sizeof row.id))
		return db_damaged(store, "an escalation", err);
	if (!copy_text(arena, &row.authority) || !copy_text(arena, &row.contact) ||
		!copy_text(arena, &row.sent) || !copy_text(arena, &row.actor) ||
		!copy_text(arena, &row.second_actor))
		return err_no_memory(err);
	*ret_escalation = row;
	return 0;
}

int store_escalation_get(struct store *store, bool in_write, const uint8_t id[UUID_SIZE],
	struct arena *arena, struct store_escalation *ret_escalation, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_ESCALATION_GET, err);
	bind_bytes(rows.statement, 1, id, UUID_SIZE);
	if (rows_one(&rows, "escalation"))
		rows.rc = row_escalation(store, rows.statement, arena, ret_escalation, err);
	return rows_end(&rows);
}

int store_escalation_page(struct store *store, uint64_t case_id, uint64_t before, size_t limit,
	int (*fn)(const struct store_escalation *escalation, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct store_escalation row;
	struct rows rows = rows_begin(
		store, false, case_id ? LOCAL_ESCALATION_PAGE_CASE : LOCAL_ESCALATION_PAGE, err);
	bind_number(rows.statement, 1, before ? before : INT64_MAX);
	bind_number(rows.statement, 2, limit);
	if (case_id)
		bind_number(rows.statement, 3, case_id);
	while (rows_next(&rows)) {
		rows.rc = row_escalation(store, rows.statement, &rows.arena, &row, err);
		if (!rows.rc)
			rows.rc = fn(&row, ctx);
	}
	return rows_end(&rows);
}
