/* What every file of local memory needs: binding, marks, numbers; and the sweep of what is past its time. */
#include "store/local_db.h"

#include "base/check.h"
#include "base/err.h"

#include <string.h>

uint64_t store_write_number(const struct store *store)
{
	return store->write_number;
}

int local_run(struct store *store, sqlite3_stmt *statement, struct hilf_err *err)
{
	ASSERT(store->in_write);
	int rc = db_run(store, store->writer, statement, err);
	store->failed = store->failed || rc;
	return rc;
}

uint64_t local_changes(const struct store *store)
{
	return (uint64_t)sqlite3_changes64(store->writer->db);
}

void bind_number(sqlite3_stmt *statement, int at, uint64_t number)
{
	sqlite3_bind_int64(statement, at, (int64_t)number);
}

void bind_time(sqlite3_stmt *statement, int at, int64_t time_ms)
{
	sqlite3_bind_int64(statement, at, time_ms);
}

void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

void bind_bytes(sqlite3_stmt *statement, int at, const void *bytes, size_t size)
{
	if (bytes || !size)
		sqlite3_bind_blob64(statement, at, bytes ? bytes : "", size, SQLITE_STATIC);
}

int local_check_mark(struct store *store, sqlite3_stmt *statement, int at, const char *what,
	struct hilf_err *err)
{
	return sqlite3_column_int(statement, at) == 1 ? 0 : db_damaged(store, what, err);
}

const char *row_text(sqlite3_stmt *statement, int at)
{
	return (const char *)sqlite3_column_text(statement, at);
}

bool copy_text(struct arena *arena, const char **text)
{
	if (*text)
		*text = arena_text(arena, *text, strlen(*text));
	return *text != NULL;
}

struct rows rows_begin(
	struct store *store, bool in_write, enum local_sql which, struct hilf_err *err)
{
	struct rows rows = {.store = store, .err = err, .in_write = in_write};
	arena_init(&rows.arena, 0);
	rows.rc = read_begin(store, in_write, &rows.conn, err);
	if (!rows.rc)
		rows.statement = local_use(rows.conn, which);
	return rows;
}

bool rows_next(struct rows *rows)
{
	arena_reset(&rows->arena);
	if (rows->rc)
		return false;
	int rc = db_step(rows->store, rows->conn, rows->statement, rows->err);
	rows->rc = rc == 1 ? 0 : rc;
	return rc == 1;
}

bool rows_one(struct rows *rows, const char *what)
{
	bool found = rows_next(rows);
	if (!found && !rows->rc)
		rows->rc = err_set(rows->err, HILF_E_NOT_FOUND, "there is no such %s", what);
	return found;
}

int rows_end(struct rows *rows)
{
	arena_clear(&rows->arena);
	if (!rows->conn)
		return rows->rc;
	sqlite3_reset(rows->statement);
	if (rows->statement)
		sqlite3_clear_bindings(rows->statement);
	read_end(rows->store, rows->in_write, rows->conn);
	return rows->rc;
}

int local_numbers(struct store *store, struct conn *conn, sqlite3_stmt *statement,
	uint64_t *ret_numbers, size_t room, size_t *ret_count, struct hilf_err *err)
{
	size_t count = 0;
	int rc = 0;
	while (count < room && (rc = db_step(store, conn, statement, err)) == 1)
		ret_numbers[count++] = column_u64(statement, 0);
	sqlite3_reset(statement);
	if (rc >= 0)
		*ret_count = count;
	return rc < 0 ? rc : 0;
}

/* ------------------------------------------------------------------------------------------ age */

/* Of a statement that removes what is before a time, up to a number of rows. */
static int remove_before(struct store *store, enum local_sql which, int64_t before_ms, size_t limit,
	bool *more, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, which);
	bind_time(statement, 1, before_ms);
	bind_number(statement, 2, limit);
	int rc = local_run(store, statement, err);
	if (!rc)
		*more = *more || local_changes(store) == limit;
	return rc;
}

int store_local_sweep(struct store *store, const struct store_ages *ages, size_t limit,
	bool *ret_more, struct hilf_err *err)
{
	bool more = false;
	ASSERT(store->in_write && limit);
	int rc = local_sweep_checks(store, ages->now_ms, limit, &more, err);
	if (!rc)
		rc = local_sweep_events(store, ages->dead_before_ms, limit, &more, err);
	if (!rc)
		rc = remove_before(store, LOCAL_ANSWER_SWEEP, ages->now_ms, limit, &more, err);
	if (!rc)
		rc = remove_before(store, LOCAL_SEEN_OLD, ages->seen_before_ms, limit, &more, err);
	if (!rc)
		*ret_more = more;
	return rc;
}
