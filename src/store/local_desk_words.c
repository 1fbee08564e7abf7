/* What people say and hold: reports, notes, aliases, who must not take a case, leases; and the checks from which cases are
 * made beside those that come by themselves. */
#include "base/check.h"
#include "base/err.h"
#include "os/clock.h"
#include "store/local_desk_db.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------ words */

int store_report_add(struct store *store, const struct store_report *report, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_REPORT_ADD);
	bind_number(statement, 1, report->upload);
	bind_number(statement, 2, report->case_id);
	bind_text(statement, 3, report->category);
	bind_text(statement, 4, report->text);
	bind_time(statement, 5, report->time_ms);
	int rc = local_run(store, statement, err);
	local_clear(statement);
	return rc;
}

int store_report_page(struct store *store, uint64_t upload, size_t limit,
	int (*fn)(const struct store_report *report, void *ctx), void *ctx, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, false, LOCAL_REPORT_PAGE, err);
	bind_number(rows.statement, 1, upload);
	bind_number(rows.statement, 2, limit);
	while (rows_next(&rows)) {
		const struct store_report report = {
			.id = column_u64(rows.statement, 0),
			.upload = column_u64(rows.statement, 1),
			.case_id = column_u64(rows.statement, 2),
			.category = row_text(rows.statement, 3),
			.text = row_text(rows.statement, 4),
			.time_ms = sqlite3_column_int64(rows.statement, 5),
		};
		rows.rc = local_check_mark(store, rows.statement, 6, "a report", err);
		if (!rows.rc && !report.category)
			rows.rc = db_damaged(store, "a report", err);
		if (!rows.rc)
			rows.rc = fn(&report, ctx);
	}
	return rows_end(&rows);
}

int store_note_put(
	struct store *store, const struct store_note *note, uint64_t *ret_id, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_CASE_NOTE_ADD);
	bind_number(statement, 1, note->case_id);
	bind_text(statement, 2, note->actor);
	bind_text(statement, 3, note->text);
	bind_time(statement, 4, note->time_ms);
	int rc = local_run(store, statement, err);
	local_clear(statement);
	if (!rc)
		*ret_id = (uint64_t)sqlite3_last_insert_rowid(store->writer->db);
	return rc;
}

int store_note_page(struct store *store, uint64_t case_id,
	int (*fn)(const struct store_note *note, void *ctx), void *ctx, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, false, LOCAL_CASE_NOTE_PAGE, err);
	bind_number(rows.statement, 1, case_id);
	while (rows_next(&rows)) {
		const struct store_note note = {
			.id = column_u64(rows.statement, 0),
			.case_id = column_u64(rows.statement, 1),
			.actor = row_text(rows.statement, 2),
			.text = row_text(rows.statement, 3),
			.time_ms = sqlite3_column_int64(rows.statement, 4),
		};
		rows.rc = local_check_mark(store, rows.statement, 5, "a note on a case", err);
		if (!rows.rc && (!note.actor || !note.text))
			rows.rc = db_damaged(store, "a note on a case", err);
		if (!rows.rc)
			rows.rc = fn(&note, ctx);
	}
	return rows_end(&rows);
}

/* ------------------------------------------------------------------------------------------ people */

int store_alias_add(struct store *store, uint64_t case_id, const char *actor, const char *alias,
	struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_ALIAS_ADD);
	ASSERT(strlen(alias) < STORE_ALIAS_TEXT);
	bind_number(statement, 1, case_id);
	bind_text(statement, 2, actor);
	bind_text(statement, 3, alias);
	int rc = local_run(store, statement, err);
	local_clear(statement);
	if (!rc && !local_changes(store))
		rc = err_set(err, HILF_E_EXISTS, "that alias is taken");
	return rc;
}

int store_alias_get(struct store *store, bool in_write, uint64_t case_id, const char *actor,
	char ret_alias[STORE_ALIAS_TEXT], struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_ALIAS_GET, err);
	bind_number(rows.statement, 1, case_id);
	bind_text(rows.statement, 2, actor);
	if (rows_next(&rows))
		rows.rc = local_check_mark(store, rows.statement, 3, "an alias", err);
	else if (!rows.rc)
		rows.rc = err_set(err, HILF_E_NOT_FOUND, "nobody of that name worked on the case");
	if (!rows.rc && !column_text(rows.statement, 2, ret_alias, STORE_ALIAS_TEXT))
		rows.rc = db_damaged(store, "an alias", err);
	return rows_end(&rows);
}

int store_alias_each(struct store *store, uint64_t case_id,
	int (*fn)(const char *alias, const char *actor, void *ctx), void *ctx, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, false, LOCAL_ALIAS_EACH, err);
	bind_number(rows.statement, 1, case_id);
	while (rows_next(&rows)) {
		rows.rc = local_check_mark(store, rows.statement, 3, "an alias", err);
		if (!rows.rc && (!row_text(rows.statement, 1) || !row_text(rows.statement, 2)))
			rows.rc = db_damaged(store, "an alias", err);
		if (!rows.rc)
			rows.rc = fn(row_text(rows.statement, 2), row_text(rows.statement, 1), ctx);
	}
	return rows_end(&rows);
}

int store_bar_add(struct store *store, uint64_t case_id, const char *actor, enum case_bar why,
	struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_BAR_ADD);
	bind_number(statement, 1, case_id);
	bind_text(statement, 2, actor);
	bind_number(statement, 3, why);
	int rc = local_run(store, statement, err);
	local_clear(statement);
	return rc;
}

int store_bar_end(struct store *store, uint64_t case_id, enum case_bar from, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_BAR_REMOVE);
	bind_number(statement, 1, case_id);
	bind_number(statement, 2, from);
	return local_run(store, statement, err);
}

int store_bar_has(struct store *store, bool in_write, uint64_t case_id, const char *actor,
	enum case_bar why, bool *ret_has, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_BAR_HAS, err);
	bind_number(rows.statement, 1, case_id);
	bind_text(rows.statement, 2, actor);
	bind_number(rows.statement, 3, why);
	bool has = rows_next(&rows);
	if (has)
		rows.rc =
			local_check_mark(store, rows.statement, 3, "who must not take a case", err);
	if (!rows.rc)
		*ret_has = has;
	return rows_end(&rows);
}

/* ------------------------------------------------------------------------------------------ leases */

int store_lease_put(struct store *store, const struct store_lease *lease, struct hilf_err *err)
{
	sqlite3_stmt *statement =
		local_write(store, lease->until_ms ? LOCAL_LEASE_PUT : LOCAL_LEASE_REMOVE);
	bind_number(statement, 1, lease->case_id);
	if (lease->until_ms) {
		bind_text(statement, 2, lease->actor);
		bind_time(statement, 3, lease->until_ms);
	}
	int rc = local_run(store, statement, err);
	local_clear(statement);
	return rc;
}

int store_lease_get(struct store *store, bool in_write, uint64_t case_id, struct arena *arena,
	struct store_lease *ret_lease, struct hilf_err *err)
{
	struct store_lease lease = {.case_id = case_id};
	struct rows rows = rows_begin(store, in_write, LOCAL_LEASE_GET, err);
	bind_number(rows.statement, 1, case_id);
	if (rows_next(&rows))
		rows.rc = local_check_mark(store, rows.statement, 3, "a lease", err);
	else if (!rows.rc)
		rows.rc = err_set(
			err, HILF_E_NOT_FOUND, "nobody has case %llu", (unsigned long long)case_id);
	if (!rows.rc) {
		lease.actor = row_text(rows.statement, 1);
		lease.until_ms = sqlite3_column_int64(rows.statement, 2);
		if (!lease.actor)
			rows.rc = db_damaged(store, "a lease", err);
		else if (!copy_text(arena, &lease.actor))
			rows.rc = err_no_memory(err);
		else
			*ret_lease = lease;
	}
	return rows_end(&rows);
}

int store_lease_count(struct store *store, const char *actor, const char *banks, int64_t now_ms,
	uint64_t *ret_count, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, false, LOCAL_LEASE_COUNT, err);
	bind_text(rows.statement, 1, actor);
	bind_time(rows.statement, 2, now_ms);
	bind_text(rows.statement, 3, banks);
	if (rows_next(&rows))
		*ret_count = column_u64(rows.statement, 0);
	return rows_end(&rows);
}

int store_leases_end(struct store *store, int64_t before_ms, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_LEASES_END);
	bind_time(statement, 1, before_ms);
	return local_run(store, statement, err);
}

/* ------------------------------------------------------------------------------------------ checks */

static uint64_t draw_below(uint64_t bound)
{
	uint64_t random;
	random_bytes(&random, sizeof random);
	return random % bound;
}

/* Algorithm R (Vitter, "Random sampling with a reservoir", 1985). */
int store_check_sample(struct store *store, int64_t after_ms, uint64_t *ret_ids, size_t room,
	size_t *ret_count, struct hilf_err *err)
{
	uint8_t from[UUID_SIZE];
	const uint8_t zeros[10] = {0};
	uint64_t seen = 0;
	uuid_make(after_ms, zeros, from);
	struct rows rows = rows_begin(store, false, LOCAL_CHECK_DECIDED, err);
	bind_bytes(rows.statement, 1, from, sizeof from);
	while (room && rows_next(&rows)) {
		uint64_t at = seen < room ? seen : draw_below(seen + 1);
		if (at < room)
			ret_ids[at] = column_u64(rows.statement, 0);
		seen++;
	}
	if (!rows.rc)
		*ret_count = seen < room ? (size_t)seen : room;
	return rows_end(&rows);
}

int store_check_newest(struct store *store, uint64_t entry, uint64_t *ret_ids, size_t room,
	size_t *ret_count, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_CHECK_NEWEST);
	bind_number(statement, 1, entry);
	bind_number(statement, 2, room);
	return local_numbers(store, store->writer, statement, ret_ids, room, ret_count, err);
}
