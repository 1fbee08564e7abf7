/* Local memory for fsck: rows whose mark is wrong, and all marks anew under a new key. No feed can restore such a row, and
 * one that cannot be trusted stands in the way of all the others of its kind: it is removed, and told. */
#include "store/local_db.h"
#include "store/local_desk_db.h"

#include "base/err.h"

/* "UPDATE main.l_key SET mark = local_mark(...)" and the like; sqlite3_free. */
static char *text_for(const char *format, const struct local_table *table)
{
	return sqlite3_mprintf(format, table->name, table->columns);
}

static int count_damaged(struct store *store, struct conn *conn, const struct local_table *table,
	uint64_t *ret_count, struct hilf_err *err)
{
	sqlite3_stmt *statement = NULL;
	char *text =
		text_for("SELECT count(*) FROM main.%s WHERE mark IS NOT local_mark(%s)", table);
	if (!text)
		return err_no_memory(err);
	int code = sqlite3_prepare_v2(conn->db, text, -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*ret_count = column_u64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_free(text);
	return code == SQLITE_ROW ? 0 : db_error(store, conn, code, "read local memory", err);
}

static int run(struct store *store, struct conn *conn, const char *format,
	const struct local_table *table, struct hilf_err *err)
{
	char *text = text_for(format, table);
	if (!text)
		return err_no_memory(err);
	int rc = db_script(store, conn, text, err);
	sqlite3_free(text);
	return rc;
}

int local_remark(struct store *store, struct conn *conn, struct hilf_err *err)
{
	/* What is found by a hash is found by another now. */
	int rc = db_script(store, conn,
		"UPDATE main.l_check SET content_key = local_key(content_id) "
		"WHERE content_id IS NOT NULL;"
		"UPDATE main.l_lookback SET content_key = local_key(content_id)",
		err);
	if (!rc)
		rc = db_script(store, conn, desk_rekey, err);
	for (const struct local_table *table = local_tables_marked; table->name && !rc; table++)
		rc = run(store, conn, "UPDATE main.%s SET mark = local_mark(%s)", table, err);
	return rc;
}

int local_find_damaged(struct store *store, struct conn *conn, bool remove,
	int (*fn)(const char *what, uint64_t count, void *ctx), void *ctx, struct hilf_err *err)
{
	int rc = 0;
	for (const struct local_table *table = local_tables_marked; table->name && !rc; table++) {
		uint64_t count = 0;
		rc = count_damaged(store, conn, table, &count, err);
		if (!rc && count && remove)
			rc = run(store, conn,
				"DELETE FROM main.%s WHERE mark IS NOT local_mark(%s)", table, err);
		if (!rc && count)
			rc = fn(table->what, count, ctx);
	}
	if (!rc && remove)
		rc = db_script(store, conn, desk_recount, err);
	return rc;
}
