/* Answers to requests that may come again, and the signals of recent checks. */
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
	struct conn *conn;
	int rc = read_begin(store, false, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = local_use(conn, LOCAL_ANSWER_GET);
	bind_bytes(statement, 1, key, 32);
	bind_time(statement, 2, now_ms);
	rc = db_step(store, conn, statement, err);
	if (rc == 0)
		rc = err_set(err, HILF_E_NOT_FOUND, "no such answer is kept");
	else if (rc == 1)
		rc = row_answer(store, statement, arena, ret_answer, err);
	sqlite3_reset(statement);
	read_end(store, false, conn);
	return rc;
}

/* ------------------------------------------------------------------------------------------ look-back */

int store_seen_add(struct store *store, const struct store_seen *seen, struct hilf_err *err)
{
	uint8_t packed[PACK_SIZE_MAX];
	size_t size = pack_signals(seen->signals, seen->signal_count, packed);
	sqlite3_stmt *statement = local_write(store, LOCAL_SEEN_ADD);
	bind_number(statement, 1, seen->id);
	bind_time(statement, 2, seen->time_ms);
	bind_time(statement, 3, mark_hash(store, seen->content_id, strlen(seen->content_id)));
	bind_text(statement, 4, seen->content_id);
	bind_bytes(statement, 5, packed, size);
	int rc = local_run(store, statement, err);
	sqlite3_clear_bindings(statement);
	return rc;
}

static int row_seen(struct store *store, sqlite3_stmt *statement, struct hilf_signal *signals,
	struct store_seen *ret_seen, struct hilf_err *err)
{
	struct store_seen seen = {
		.id = column_u64(statement, 0),
		.time_ms = sqlite3_column_int64(statement, 1),
		.content_id = row_text(statement, 3),
		.signals = signals,
	};
	const uint8_t *packed = sqlite3_column_blob(statement, 4);
	size_t size = (size_t)sqlite3_column_bytes(statement, 4);
	int rc = local_check_mark(store, statement, 5, "a row of the look-back", err);
	if (rc)
		return rc;
	if (!seen.content_id || size > PACK_SIZE_MAX ||
		!unpack_signals(packed, size, signals, &seen.signal_count))
		return db_damaged(store, "a row of the look-back", err);
	*ret_seen = seen;
	return 0;
}

int store_seen_each(struct store *store, uint64_t after,
	int (*fn)(const struct store_seen *seen, void *ctx), void *ctx, struct hilf_err *err)
{
	struct hilf_signal signals[LIMIT_ENTRY_SIGNALS];
	struct conn *conn;
	int rc = read_begin(store, false, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = local_use(conn, LOCAL_SEEN_EACH);
	bind_number(statement, 1, after);
	while ((rc = db_step(store, conn, statement, err)) == 1) {
		struct store_seen seen;
		rc = row_seen(store, statement, signals, &seen, err);
		if (!rc)
			rc = fn(&seen, ctx);
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	read_end(store, false, conn);
	return rc;
}

int store_seen_remove(struct store *store, const char *content_id, uint64_t last,
	uint64_t *ret_count, struct hilf_err *err)
{
	sqlite3_stmt *statement =
		local_write(store, content_id ? LOCAL_SEEN_REMOVE_CONTENT : LOCAL_SEEN_REMOVE);
	if (content_id) {
		bind_time(statement, 1, mark_hash(store, content_id, strlen(content_id)));
		bind_text(statement, 2, content_id);
	} else {
		bind_number(statement, 1, last ? last : INT64_MAX);
	}
	int rc = local_run(store, statement, err);
	if (!rc)
		*ret_count = local_changes(store);
	return rc;
}
