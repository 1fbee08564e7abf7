/* The vault's rows. A preview is read whole even where its bytes are not asked for, because the mark covers them: a row that
 * is damaged must not look like one that can be shown. Few are listed at once. */
#include "store/local_db.h"
#include "store/vault.h"

#include "base/check.h"
#include "base/err.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------ previews: writing */

int store_preview_add(
	struct store *store, const struct store_preview *preview, struct hilf_err *err)
{
	ASSERT(store->in_write && preview->sealed && preview->sealed_size);
	sqlite3_stmt *statement = local_write(store, LOCAL_PREVIEW_ADD);
	bind_bytes(statement, 1, preview->id, sizeof preview->id);
	bind_number(statement, 2, preview->entry);
	bind_number(statement, 3, preview->check);
	bind_number(statement, 4, preview->kind);
	bind_number(statement, 5, preview->width);
	bind_number(statement, 6, preview->height);
	bind_number(statement, 7, preview->size);
	bind_time(statement, 8, preview->made_ms);
	bind_time(statement, 9, preview->until_ms);
	bind_bytes(statement, 10, preview->key, sizeof preview->key);
	bind_bytes(statement, 11, preview->nonce, sizeof preview->nonce);
	bind_bytes(statement, 12, preview->sealed, preview->sealed_size);
	return local_run(store, statement, err);
}

int store_preview_remove(struct store *store, const uint8_t id[UUID_SIZE], struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_PREVIEW_REMOVE);
	bind_bytes(statement, 1, id, UUID_SIZE);
	return local_run(store, statement, err);
}

int store_preview_until(
	struct store *store, const uint8_t id[UUID_SIZE], int64_t until_ms, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_PREVIEW_UNTIL);
	bind_bytes(statement, 1, id, UUID_SIZE);
	bind_time(statement, 2, until_ms);
	return local_run(store, statement, err);
}

int store_preview_end(
	struct store *store, uint64_t entry, bool erased, uint64_t *ret_count, struct hilf_err *err)
{
	sqlite3_stmt *statement =
		local_write(store, erased ? LOCAL_PREVIEW_END_ALL : LOCAL_PREVIEW_END);
	bind_number(statement, 1, entry);
	int rc = local_run(store, statement, err);
	if (!rc)
		*ret_count = local_changes(store);
	return rc;
}

int store_preview_move(struct store *store, uint64_t from, uint64_t to, struct hilf_err *err)
{
	static const enum local_sql both[] = {LOCAL_PREVIEW_MOVE, LOCAL_VIEW_MOVE};
	int rc = 0;
	for (size_t i = 0; i < COUNT_OF(both) && !rc; i++) {
		sqlite3_stmt *statement = local_write(store, both[i]);
		bind_number(statement, 1, from);
		bind_number(statement, 2, to);
		rc = local_run(store, statement, err);
	}
	return rc;
}

int store_vault_purge(struct store *store, struct hilf_err *err)
{
	return purge_log_want(store, err);
}

/* ------------------------------------------------------------------------------------------ previews: reading */

/* The sealed bytes are those of the row. */
static int row_preview(struct store *store, sqlite3_stmt *statement,
	struct store_preview *ret_preview, struct hilf_err *err)
{
	struct store_preview preview = {
		.entry = column_u64(statement, 1),
		.check = column_u64(statement, 2),
		.kind = (uint32_t)column_u64(statement, 3),
		.width = (uint32_t)column_u64(statement, 4),
		.height = (uint32_t)column_u64(statement, 5),
		.size = (uint32_t)column_u64(statement, 6),
		.made_ms = sqlite3_column_int64(statement, 7),
		.until_ms = sqlite3_column_int64(statement, 8),
		.sealed = sqlite3_column_blob(statement, 11),
		.sealed_size = (size_t)sqlite3_column_bytes(statement, 11),
	};
	int rc = local_check_mark(store, statement, 12, "a preview", err);
	if (rc)
		return rc;
	if (!preview.sealed || !column_bytes(statement, 0, preview.id, sizeof preview.id) ||
		!column_bytes(statement, 9, preview.key, sizeof preview.key) ||
		!column_bytes(statement, 10, preview.nonce, sizeof preview.nonce))
		return db_damaged(store, "a preview", err);
	*ret_preview = preview;
	return 0;
}

int store_preview_get(struct store *store, bool in_write, const uint8_t id[UUID_SIZE],
	struct arena *arena, struct store_preview *ret_preview, struct hilf_err *err)
{
	struct store_preview preview;
	struct rows rows = rows_begin(store, in_write, LOCAL_PREVIEW_GET, err);
	bind_bytes(rows.statement, 1, id, UUID_SIZE);
	if (rows_one(&rows, "preview, or not any more"))
		rows.rc = row_preview(store, rows.statement, &preview, err);
	if (!rows.rc) {
		preview.sealed = (const uint8_t *)arena_text(
			arena, (const char *)preview.sealed, preview.sealed_size);
		if (preview.sealed)
			*ret_preview = preview;
		else
			rows.rc = err_no_memory(err);
	}
	return rows_end(&rows);
}

/* The rows of a bound statement, without their bytes. */
static int read_previews(struct store *store, struct conn *conn, sqlite3_stmt *statement,
	struct store_preview *ret_previews, size_t room, size_t *ret_count, struct hilf_err *err)
{
	size_t count = 0;
	int rc = 0;
	while (count < room && (rc = db_step(store, conn, statement, err)) == 1) {
		rc = row_preview(store, statement, &ret_previews[count], err);
		if (rc)
			break;
		ret_previews[count].sealed = NULL;
		count++;
	}
	sqlite3_reset(statement);
	if (rc < 0)
		return rc;
	*ret_count = count;
	return 0;
}

int store_preview_list(struct store *store, bool in_write, uint64_t entry, uint64_t check,
	struct store_preview *ret_previews, size_t room, size_t *ret_count, struct hilf_err *err)
{
	struct conn *conn;
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement =
		local_use(conn, check ? LOCAL_PREVIEW_LIST_CHECK : LOCAL_PREVIEW_LIST);
	bind_number(statement, 1, check ? check : entry);
	bind_number(statement, 2, room);
	rc = read_previews(store, conn, statement, ret_previews, room, ret_count, err);
	read_end(store, in_write, conn);
	return rc;
}

int store_preview_page(struct store *store, const uint8_t *after,
	struct store_preview *ret_previews, size_t room, size_t *ret_count, struct hilf_err *err)
{
	struct conn *conn;
	int rc = read_begin(store, false, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = local_use(conn, LOCAL_PREVIEW_PAGE);
	bind_bytes(statement, 1, after ? after : (const uint8_t *)"", after ? UUID_SIZE : 0);
	bind_number(statement, 2, room);
	rc = read_previews(store, conn, statement, ret_previews, room, ret_count, err);
	read_end(store, false, conn);
	return rc;
}

int store_preview_entries(struct store *store, bool in_write, uint64_t after, uint64_t *ret_entries,
	size_t room, size_t *ret_count, struct hilf_err *err)
{
	struct conn *conn;
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = local_use(conn, LOCAL_PREVIEW_ENTRIES);
	bind_number(statement, 1, after);
	bind_number(statement, 2, room);
	rc = local_numbers(store, conn, statement, ret_entries, room, ret_count, err);
	read_end(store, in_write, conn);
	return rc;
}

int store_vault_count(struct store *store, bool in_write, const uint8_t key[STORE_VAULT_KEY],
	struct store_vault_counts *ret_counts, struct hilf_err *err)
{
	struct store_vault_counts counts = {0};
	struct conn *conn;
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = local_use(conn, LOCAL_PREVIEW_COUNT);
	bind_bytes(statement, 1, key, STORE_VAULT_KEY);
	rc = db_step(store, conn, statement, err);
	counts.count = column_u64(statement, 0);
	counts.locked = column_u64(statement, 1);
	counts.size = column_u64(statement, 2);
	counts.last_until_ms = sqlite3_column_int64(statement, 3);
	sqlite3_reset(statement);
	if (rc == 1) {
		statement = local_use(conn, LOCAL_VIEW_COUNT);
		rc = db_step(store, conn, statement, err);
		counts.views = column_u64(statement, 0);
		sqlite3_reset(statement);
	}
	read_end(store, in_write, conn);
	if (rc < 0)
		return rc;
	*ret_counts = counts;
	return 0;
}

/* ------------------------------------------------------------------------------------------ views */

int store_view_add(struct store *store, const struct store_view *view, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_VIEW_ADD);
	bind_bytes(statement, 1, view->preview, sizeof view->preview);
	bind_number(statement, 2, view->entry);
	bind_number(statement, 3, view->check);
	bind_number(statement, 4, view->case_id);
	bind_text(statement, 5, view->actor);
	bind_time(statement, 6, view->time_ms);
	return local_run(store, statement, err);
}

static int row_view(struct store *store, sqlite3_stmt *statement, struct store_view *ret_view,
	struct hilf_err *err)
{
	struct store_view view = {
		.id = column_u64(statement, 0),
		.entry = column_u64(statement, 2),
		.check = column_u64(statement, 3),
		.case_id = column_u64(statement, 4),
		.actor = row_text(statement, 5),
		.time_ms = sqlite3_column_int64(statement, 6),
	};
	int rc = local_check_mark(store, statement, 7, "a view of a preview", err);
	if (rc)
		return rc;
	if (!view.actor || !column_bytes(statement, 1, view.preview, sizeof view.preview))
		return db_damaged(store, "a view of a preview", err);
	*ret_view = view;
	return 0;
}

int store_view_has(struct store *store, bool in_write, uint64_t entry, const char *actor,
	bool *ret_has, struct hilf_err *err)
{
	struct store_view view;
	struct rows rows = rows_begin(store, in_write, LOCAL_VIEW_HAS, err);
	bind_number(rows.statement, 1, entry);
	bind_text(rows.statement, 2, actor);
	bool found = rows_next(&rows);
	if (found)
		rows.rc = row_view(store, rows.statement, &view, err);
	if (!rows.rc)
		*ret_has = found;
	return rows_end(&rows);
}

int store_view_page(struct store *store, uint64_t case_id, uint64_t before, size_t limit,
	int (*fn)(const struct store_view *view, void *ctx), void *ctx, struct hilf_err *err)
{
	struct store_view view;
	struct rows rows =
		rows_begin(store, false, case_id ? LOCAL_VIEW_PAGE_CASE : LOCAL_VIEW_PAGE, err);
	bind_number(rows.statement, 1, before ? before : INT64_MAX);
	bind_number(rows.statement, 2, limit);
	if (case_id)
		bind_number(rows.statement, 3, case_id);
	while (rows_next(&rows)) {
		rows.rc = row_view(store, rows.statement, &view, err);
		if (!rows.rc)
			rows.rc = fn(&view, ctx);
	}
	return rows_end(&rows);
}

/* ------------------------------------------------------------------------------------------ exposure */

int store_exposure_add(struct store *store, const char *actor, int64_t day, uint64_t reveals,
	uint64_t seconds, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_EXPOSURE_ADD);
	bind_text(statement, 1, actor);
	bind_time(statement, 2, day);
	bind_number(statement, 3, reveals);
	bind_number(statement, 4, seconds);
	int rc = local_run(store, statement, err);
	if (rc || local_changes(store))
		return rc;
	/* The row that is there is damaged; adding would make it look right. */
	store->failed = true;
	return db_damaged(store, "a count of what somebody looked at", err);
}

/* Rows come in order of actor. */
static int sum_exposure(struct store *store, const char *actor, int64_t from, int64_t to,
	struct store_exposure *ret_sum, struct hilf_err *err)
{
	static const char *const what = "a count of what somebody looked at";
	struct store_exposure sum = {0};
	int64_t last = 0;
	struct rows rows =
		rows_begin(store, false, actor ? LOCAL_EXPOSURE_OWN : LOCAL_EXPOSURE_ALL, err);
	bind_time(rows.statement, 1, from);
	bind_time(rows.statement, 2, to);
	if (actor)
		bind_text(rows.statement, 3, actor);
	while (rows_next(&rows)) {
		const char *own = row_text(rows.statement, 0);
		rows.rc = local_check_mark(store, rows.statement, 4, what, err);
		if (!rows.rc && !own)
			rows.rc = db_damaged(store, what, err);
		if (rows.rc)
			break;
		int64_t who = mark_hash(store, own, strlen(own));
		sum.people += !sum.people || who != last;
		sum.reveals += column_u64(rows.statement, 2);
		sum.seconds += column_u64(rows.statement, 3);
		last = who;
	}
	if (!rows.rc)
		*ret_sum = sum;
	return rows_end(&rows);
}

int store_exposure_own(struct store *store, const char *actor, int64_t from, int64_t to,
	struct store_exposure *ret_sum, struct hilf_err *err)
{
	ASSERT(actor);
	return sum_exposure(store, actor, from, to, ret_sum, err);
}

int store_exposure_all(struct store *store, int64_t from, int64_t to,
	struct store_exposure *ret_sum, struct hilf_err *err)
{
	return sum_exposure(store, NULL, from, to, ret_sum, err);
}

/* ------------------------------------------------------------------------------------------ age */

int store_vault_due(struct store *store, const struct store_vault_ages *ages, bool *ret_due,
	struct hilf_err *err)
{
	struct rows rows = rows_begin(store, false, LOCAL_VAULT_DUE, err);
	bind_time(rows.statement, 1, ages->now_ms);
	bind_time(rows.statement, 2, ages->views_before_ms);
	bind_time(rows.statement, 3, ages->exposure_before_day);
	if (rows_next(&rows))
		*ret_due = sqlite3_column_int(rows.statement, 0) != 0;
	return rows_end(&rows);
}

int store_vault_sweep(struct store *store, const struct store_vault_ages *ages, size_t limit,
	bool *ret_more, struct hilf_err *err)
{
	const struct {
		enum local_sql which;
		int64_t before;
	} kinds[] = {{LOCAL_PREVIEW_OLD, ages->now_ms}, {LOCAL_VIEW_OLD, ages->views_before_ms},
		{LOCAL_EXPOSURE_OLD, ages->exposure_before_day}};
	bool more = false;
	int rc = 0;
	for (size_t i = 0; i < COUNT_OF(kinds) && !rc; i++) {
		sqlite3_stmt *statement = local_write(store, kinds[i].which);
		bind_time(statement, 1, kinds[i].before);
		bind_number(statement, 2, limit);
		rc = local_run(store, statement, err);
		more = more || (!rc && local_changes(store) == limit);
	}
	if (!rc)
		*ret_more = more;
	return rc;
}
