/* Many rows in one statement. A statement run for each row spends most of its time on beginning and ending; one that
 * selects from a virtual table (sqlite.org/vtab.html) over an array in memory opens the target once and streams:
 *
 *   INSERT INTO d_key SELECT a, b FROM batch
 *
 * The table exists in every connection as "batch", has the columns a, b, c (integers) and d (a blob), and shows what
 * conn->batch points to while the statement runs. */
#include "store/db.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

struct table {
	sqlite3_vtab base;
	struct conn *conn;
};

struct cursor {
	sqlite3_vtab_cursor base;
	size_t at;
};

static int connect_table(sqlite3 *db, void *ctx, int argc, const char *const *argv,
	sqlite3_vtab **ret_table, char **ret_error)
{
	(void)argc, (void)argv, (void)ret_error;
	int code = sqlite3_declare_vtab(
		db, "CREATE TABLE x (a INTEGER, b INTEGER, c INTEGER, d BLOB)");
	if (code != SQLITE_OK)
		return code;
	struct table *table = calloc(1, sizeof *table);
	if (!table)
		return SQLITE_NOMEM;
	table->conn = ctx;
	*ret_table = &table->base;
	return SQLITE_OK;
}

static int disconnect_table(sqlite3_vtab *table)
{
	free(table);
	return SQLITE_OK;
}

/* There is one way to read it: all of it, in order. */
static int plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
	const struct table *own = (const struct table *)table;
	info->estimatedRows = (sqlite3_int64)own->conn->batch_count;
	info->estimatedCost = (double)own->conn->batch_count;
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **ret_cursor)
{
	(void)table;
	struct cursor *cursor = calloc(1, sizeof *cursor);
	if (!cursor)
		return SQLITE_NOMEM;
	*ret_cursor = &cursor->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *cursor)
{
	free(cursor);
	return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *cursor, int plan_number, const char *text, int argc,
	sqlite3_value **argv)
{
	(void)plan_number, (void)text, (void)argc, (void)argv;
	((struct cursor *)cursor)->at = 0;
	return SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *cursor)
{
	((struct cursor *)cursor)->at++;
	return SQLITE_OK;
}

static int at_end(sqlite3_vtab_cursor *cursor)
{
	const struct table *table = (const struct table *)cursor->pVtab;
	return ((const struct cursor *)cursor)->at >= table->conn->batch_count;
}

static int column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int number)
{
	const struct table *table = (const struct table *)cursor->pVtab;
	const struct batch_row *row = &table->conn->batch[((const struct cursor *)cursor)->at];
	if (number < 3)
		sqlite3_result_int64(context, row->numbers[number]);
	else
		sqlite3_result_blob(context, row->bytes, (int)row->size, SQLITE_STATIC);
	return SQLITE_OK;
}

static int row_number(sqlite3_vtab_cursor *cursor, sqlite3_int64 *ret_number)
{
	*ret_number = (sqlite3_int64)((const struct cursor *)cursor)->at;
	return SQLITE_OK;
}

/* Without xCreate the table is there without being made. */
static const sqlite3_module module = {
	.xConnect = connect_table,
	.xBestIndex = plan,
	.xDisconnect = disconnect_table,
	.xOpen = open_cursor,
	.xClose = close_cursor,
	.xFilter = filter,
	.xNext = next,
	.xEof = at_end,
	.xColumn = column,
	.xRowid = row_number,
};

int batch_register(struct conn *conn)
{
	return sqlite3_create_module_v2(conn->db, "batch", &module, conn, NULL);
}

sqlite3_stmt *batch_use(
	struct conn *conn, enum sql which, const struct batch_row *rows, size_t count)
{
	ASSERT(!conn->batch && count);
	conn->batch = rows;
	conn->batch_count = count;
	return db_use(conn, which);
}

void batch_done(struct conn *conn, sqlite3_stmt *statement)
{
	sqlite3_reset(statement);
	conn->batch = NULL;
	conn->batch_count = 0;
}

int batch_run(struct store *store, struct conn *conn, enum sql which, const struct batch_row *rows,
	size_t count, struct hilf_err *err)
{
	if (!count)
		return 0;
	sqlite3_stmt *statement = batch_use(conn, which, rows, count);
	int rc = db_step(store, conn, statement, err);
	batch_done(conn, statement);
	return rc < 0 ? rc : 0;
}

static int compare_rows(const void *left, const void *right)
{
	const struct batch_row *a = left, *b = right;
	if (a->numbers[0] != b->numbers[0])
		return a->numbers[0] < b->numbers[0] ? -1 : 1;
	return a->numbers[1] < b->numbers[1] ? -1 : a->numbers[1] > b->numbers[1];
}

void batch_sort(struct batch_row *rows, size_t count)
{
	qsort(rows, count, sizeof *rows, compare_rows);
}
