/* Signals of recent checks, where an operator wants to look back. */
#include "store/local_db.h"

#include "base/check.h"
#include "base/err.h"

#include <string.h>

/* More signals than an entry has, in the same form: one run after the other. */
#define SEEN_SIZE_MAX (STORE_SEEN_SIGNALS * (4 + HILF_SIGNAL_SIZE_MAX))

static size_t pack(const struct hilf_signal *signals, size_t count, uint8_t *ret_bytes)
{
	size_t size = 0;
	ASSERT(count <= STORE_SEEN_SIGNALS);
	for (size_t at = 0; at < count; at += LIMIT_ENTRY_SIGNALS) {
		size_t run = count - at < LIMIT_ENTRY_SIGNALS ? count - at : LIMIT_ENTRY_SIGNALS;
		size += pack_signals(signals + at, run, ret_bytes + size);
	}
	return size;
}

static bool unpack(
	const uint8_t *bytes, size_t size, struct hilf_signal *signals, size_t *ret_count)
{
	size_t count = 0;
	while (size) {
		struct hilf_signal run[LIMIT_ENTRY_SIGNALS];
		size_t one = size >= 4 ? 4 + (size_t)bytes[1] : size + 1, got = 0;
		if (one > size || count == STORE_SEEN_SIGNALS ||
			!unpack_signals(bytes, one, run, &got) || got != 1)
			return false;
		signals[count++] = run[0];
		bytes += one;
		size -= one;
	}
	*ret_count = count;
	return true;
}

int store_seen_add(struct store *store, const struct store_seen *seen, struct hilf_err *err)
{
	uint8_t packed[SEEN_SIZE_MAX];
	size_t size = pack(seen->signals, seen->signal_count, packed);
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
	if (!seen.content_id || !unpack(packed, size, signals, &seen.signal_count))
		return db_damaged(store, "a row of the look-back", err);
	*ret_seen = seen;
	return 0;
}

int store_seen_each(struct store *store, int (*fn)(const struct store_seen *seen, void *ctx),
	void *ctx, struct hilf_err *err)
{
	struct hilf_signal signals[STORE_SEEN_SIGNALS];
	struct store_seen seen;
	struct rows rows = rows_begin(store, false, LOCAL_SEEN_EACH, err);
	while (rows_next(&rows)) {
		rows.rc = row_seen(store, rows.statement, signals, &seen, err);
		if (!rows.rc)
			rows.rc = fn(&seen, ctx);
	}
	return rows_end(&rows);
}

int store_seen_remove(struct store *store, uint64_t id, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_SEEN_REMOVE);
	bind_number(statement, 1, id);
	return local_run(store, statement, err);
}

int store_seen_erase(
	struct store *store, const char *content_id, uint64_t *ret_count, struct hilf_err *err)
{
	sqlite3_stmt *statement =
		local_write(store, content_id ? LOCAL_SEEN_ERASE : LOCAL_SEEN_ERASE_ALL);
	if (content_id) {
		bind_time(statement, 1, mark_hash(store, content_id, strlen(content_id)));
		bind_text(statement, 2, content_id);
	}
	int rc = local_run(store, statement, err);
	if (!rc)
		*ret_count = local_changes(store);
	return rc ? rc : purge_want(store, err);
}
