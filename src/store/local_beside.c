/* What somebody keeps beside an entry on this node alone, such as the note of a client that added it. It goes with the
 * entry when that is erased. */
#include "store/local_db.h"

#include "base/check.h"
#include "base/err.h"

#include <string.h>

int store_beside_put(struct store *store, uint64_t entry, const char *text, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, text ? LOCAL_BESIDE_PUT : LOCAL_BESIDE_REMOVE);
	ASSERT(entry);
	bind_number(statement, 1, entry);
	if (text)
		bind_text(statement, 2, text);
	int rc = local_run(store, statement, err);
	sqlite3_clear_bindings(statement);
	return rc;
}

int store_beside_get(struct store *store, bool in_write, uint64_t entry, struct arena *arena,
	const char **ret_text, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_BESIDE_GET, err);
	bind_number(rows.statement, 1, entry);
	if (rows_next(&rows))
		rows.rc = local_check_mark(
			store, rows.statement, 1, "what is kept beside an entry", err);
	else if (!rows.rc)
		rows.rc = err_set(err, HILF_E_NOT_FOUND, "nothing is kept beside that entry");
	const char *text = rows.rc ? NULL : row_text(rows.statement, 0);
	if (!rows.rc && !text)
		rows.rc = db_damaged(store, "what is kept beside an entry", err);
	if (!rows.rc && !copy_text(arena, &text))
		rows.rc = err_no_memory(err);
	if (!rows.rc)
		*ret_text = text;
	return rows_end(&rows);
}
