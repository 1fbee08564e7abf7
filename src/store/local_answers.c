/* Answers to requests that may come again. */
#include "store/local_db.h"

#include "base/check.h"
#include "base/err.h"

#include <string.h>

int store_answer_put(struct store *store, const struct store_answer *answer, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_ANSWER_PUT);
	bind_bytes(statement, 1, answer->key, sizeof answer->key);
	bind_bytes(statement, 2, answer->request, sizeof answer->request);
	bind_time(statement, 3, answer->status);
	bind_bytes(statement, 4, answer->body, answer->size);
	bind_time(statement, 5, answer->until_ms);
	return local_run(store, statement, err);
}

static int row_answer(struct store *store, sqlite3_stmt *statement, struct arena *arena,
	struct store_answer *ret_answer, struct hilf_err *err)
{
	struct store_answer answer = {
		.status = sqlite3_column_int(statement, 2),
		.size = (size_t)sqlite3_column_bytes(statement, 3),
		.until_ms = sqlite3_column_int64(statement, 4),
	};
	const char *body = sqlite3_column_blob(statement, 3);
	int rc = local_check_mark(store, statement, 5, "a kept answer", err);
	if (rc)
		return rc;
	if (!column_bytes(statement, 0, answer.key, sizeof answer.key) ||
		!column_bytes(statement, 1, answer.request, sizeof answer.request))
		return db_damaged(store, "a kept answer", err);
	answer.body = arena_text(arena, body ? body : "", answer.size);
	if (!answer.body)
		return err_no_memory(err);
	*ret_answer = answer;
	return 0;
}

int store_answer_get(struct store *store, const uint8_t key[32], int64_t now_ms,
	struct arena *arena, struct store_answer *ret_answer, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, false, LOCAL_ANSWER_GET, err);
	bind_bytes(rows.statement, 1, key, 32);
	bind_time(rows.statement, 2, now_ms);
	if (rows_next(&rows))
		rows.rc = row_answer(store, rows.statement, arena, ret_answer, err);
	else if (!rows.rc)
		rows.rc = err_set(err, HILF_E_NOT_FOUND, "no such answer is kept");
	return rows_end(&rows);
}
