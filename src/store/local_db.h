/* What the files of local memory share. Only local_*.c and db.c include it. */
#ifndef STORE_LOCAL_DB_H
#define STORE_LOCAL_DB_H

#include "store/db.h"
#include "store/local.h"
#include "store/local_sql.h"

/* Makes local_mark known to a connection; an SQLite code. */
int local_register(struct store *store, struct conn *conn);
/* As db_use. */
sqlite3_stmt *local_use(struct conn *conn, enum local_sql which);
void local_finalize(struct conn *conn);

/* The writer's statement. */
static inline sqlite3_stmt *local_write(struct store *store, enum local_sql which)
{
	return local_use(store->writer, which);
}
/* Runs a write; one that failed takes the whole transaction with it. */
int local_run(struct store *store, sqlite3_stmt *statement, struct hilf_err *err);
/* The rows that the last one changed. */
uint64_t local_changes(const struct store *store);

void bind_number(sqlite3_stmt *statement, int at, uint64_t number);
void bind_time(sqlite3_stmt *statement, int at, int64_t time_ms);
void bind_text(sqlite3_stmt *statement, int at, const char *text); /* NULL: NULL */
void bind_bytes(sqlite3_stmt *statement, int at, const void *bytes, size_t size);

/* HILF_E_CORRUPT where the mark, which is column `at`, is wrong. what: "a key". */
int local_check_mark(struct store *store, sqlite3_stmt *statement, int at, const char *what,
	struct hilf_err *err);
/* The text of a column, as long as the row; NULL where it is NULL. */
const char *row_text(sqlite3_stmt *statement, int at);
/* Copies into the arena: false without memory. */
bool copy_text(struct arena *arena, const char **text);

/* Reads the rows of one statement, one after the other:
 *
 *	struct rows rows = rows_begin(store, in_write, LOCAL_KEY_EACH, err);
 *	bind_number(rows.statement, 1, 7);
 *	while (rows_next(&rows)) {
 *		rows.rc = row_key(store, rows.statement, &row, err);
 *		if (!rows.rc)
 *			rows.rc = fn(&row, ctx);
 *	}
 *	return rows_end(&rows);
 *
 * Once rc is not 0 there is no next row, and rows_end returns it; what could not begin has none at all. */
struct rows {
	struct store *store;
	struct conn *conn;
	sqlite3_stmt *statement; /* NULL where it could not begin; binding does nothing then */
	struct arena arena;      /* as long as the row */
	struct hilf_err *err;
	bool in_write;
	int rc;
};

/* As read_begin and local_use. */
struct rows rows_begin(
	struct store *store, bool in_write, enum local_sql which, struct hilf_err *err);
/* Whether there is another row, which is the statement's then. */
bool rows_next(struct rows *rows);
/* The same for the one row there should be. what: "key", for HILF_E_NOT_FOUND. */
bool rows_one(struct rows *rows, const char *what);
/* Forgets what was bound, too. */
int rows_end(struct rows *rows);

/* For fsck: new marks for all rows; those whose mark is wrong told by kind, and with `remove` removed. */
int local_remark(struct store *store, struct conn *conn, struct hilf_err *err);
int local_find_damaged(struct store *store, struct conn *conn, bool remove,
	int (*fn)(const char *what, uint64_t count, void *ctx), void *ctx, struct hilf_err *err);

/* The numbers of a bound statement's first column. */
int local_numbers(struct store *store, struct conn *conn, sqlite3_stmt *statement,
	uint64_t *ret_numbers, size_t room, size_t *ret_count, struct hilf_err *err);

/* Parts of store_local_sweep; each sets *more where there may be more. */
int local_sweep_checks(
	struct store *store, int64_t now_ms, size_t limit, bool *more, struct hilf_err *err);
int local_sweep_events(struct store *store, int64_t dead_before_ms, size_t limit, bool *more,
	struct hilf_err *err);

#endif
