/* Reading what the feed has changed. Ids are dense and spans follow each other, so a row that damage took away shows
 * as a gap, and the totals of the state show a lost end: what is told is whole, or it is an error. */
#include "store/db.h"

#include "base/check.h"
#include "base/err.h"

#include <string.h>

struct replay {
	struct store *store;
	struct conn *conn;
	const struct store_sink *sink;
	void *ctx;
	uint64_t after_seq, metas_after_seq;
	struct state state;
	uint64_t withdrawn; /* seen */
};

/* ------------------------------------------------------------------------------------------ banks, metas */

static int replay_all_banks(struct replay *replay, struct hilf_err *err)
{
	struct store *store = replay->store;
	struct store_bank bank;
	uint64_t count = 0;
	int rc;
	sqlite3_stmt *statement = db_use(replay->conn, SQL_BANK_LIST);
	while ((rc = db_step(store, replay->conn, statement, err)) == 1) {
		rc = row_bank_here(store, statement, &bank, err);
		if (!rc && bank.id != ++count)
			rc = db_damaged(store, "the list of banks", err);
		if (!rc && replay->sink->bank)
			rc = replay->sink->bank(&bank, replay->ctx);
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	if (!rc && count != replay->state.banks)
		rc = db_damaged(store, "the list of banks", err);
	return rc;
}

static int replay_banks(struct replay *replay, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(replay->conn, SQL_BANK_CHANGED);
	sqlite3_bind_int64(statement, 1, (int64_t)replay->after_seq);
	int rc = db_step(replay->store, replay->conn, statement, err);
	sqlite3_reset(statement);
	return rc == 1 ? replay_all_banks(replay, err) : rc;
}

static int replay_metas(struct replay *replay, struct hilf_err *err)
{
	struct store *store = replay->store;
	sqlite3_stmt *statement = db_use(replay->conn, SQL_META_AFTER);
	struct store_meta meta;
	struct arena arena;
	uint64_t expected = 0;
	int rc;
	if (!replay->sink->meta)
		return 0;
	arena_init(&arena, 0);
	sqlite3_bind_int64(statement, 1, (int64_t)replay->metas_after_seq);
	while ((rc = db_step(store, replay->conn, statement, err)) == 1) {
		rc = row_meta(store, statement, &arena, &meta, err);
		if (!rc && ((expected && meta.id != expected) ||
				   (!replay->metas_after_seq && !expected && meta.id != 1)))
			rc = db_damaged(store, "the list of what is said of entries", err);
		if (!rc)
			rc = replay->sink->meta(&meta, replay->ctx);
		arena_clear(&arena);
		if (rc)
			break;
		expected = (uint64_t)meta.id + 1;
	}
	sqlite3_reset(statement);
	if (!rc && expected && expected != replay->state.metas + 1)
		rc = db_damaged(store, "the list of what is said of entries", err);
	return rc;
}

/* ------------------------------------------------------------------------------------------ entries */

struct store_entry entry_of(const struct span *span, const struct entry_row *row)
{
	struct store_entry entry = {
		.id = row->head.id,
		.bank = span->bank,
		.meta = row->head.meta,
		.added_ms = span->added_ms,
		.expires_ms = expiry_of(&row->head, span),
		.signals = row->signals,
		.signal_count = row->signal_count,
	};
	memcpy(entry.gid.record, span->record, UUID_SIZE);
	entry.gid.ordinal = (uint32_t)(row->head.id - span->first);
	return entry;
}

int next_entry(struct store *store, struct conn *conn, sqlite3_stmt *entries, uint64_t id,
	struct entry_row *ret_row, struct hilf_err *err)
{
	int rc = db_step(store, conn, entries, err);
	if (rc == 1)
		rc = row_entry(store, entries, ret_row, err);
	else if (rc == 0)
		rc = db_damaged(store, "the list of entries", err);
	if (!rc && ret_row->head.id != id)
		rc = db_damaged(store, "the list of entries", err);
	return rc;
}

/* Every entry from the first of the first new span to the last there is: two statements side by side. */
static int replay_entries(struct replay *replay, uint64_t *ret_first, struct hilf_err *err)
{
	struct store *store = replay->store;
	sqlite3_stmt *spans = db_use(replay->conn, SQL_SPAN_AFTER);
	sqlite3_stmt *entries = db_use(replay->conn, SQL_ENTRY_RANGE);
	uint64_t next = 0;
	struct entry_row row;
	struct span span;
	int rc;
	sqlite3_bind_int64(spans, 1, (int64_t)replay->after_seq);
	while ((rc = db_step(store, replay->conn, spans, err)) == 1) {
		rc = row_span(store, spans, &span, err);
		if (!rc && !next) {
			*ret_first = next = replay->after_seq ? span.first : 1;
			sqlite3_bind_int64(entries, 1, (int64_t)next);
			sqlite3_bind_int64(entries, 2, INT64_MAX);
		}
		if (!rc && span.first != next)
			rc = db_damaged(store, "the list of entries", err);
		for (uint32_t i = 0; i < span.count && !rc; i++) {
			rc = next_entry(store, replay->conn, entries, next++, &row, err);
			if (!rc && row.head.withdrawn_seq)
				replay->withdrawn++;
			else if (!rc && replay->sink->entry) {
				const struct store_entry entry = entry_of(&span, &row);
				rc = replay->sink->entry(&entry, replay->ctx);
			}
		}
		if (rc)
			break;
	}
	sqlite3_reset(spans);
	sqlite3_reset(entries);
	bool whole = next ? next == replay->state.entries + 1
			  : replay->after_seq || !replay->state.entries;
	if (!rc && (!whole || (!replay->after_seq && replay->withdrawn != replay->state.withdrawn)))
		rc = db_damaged(store, "the list of entries", err);
	return rc;
}

/* Withdrawals of entries that the reader was told of before: those with ids below the first new one. */
static int replay_withdrawn(struct replay *replay, uint64_t first, struct hilf_err *err)
{
	struct store *store = replay->store;
	sqlite3_stmt *statement = db_use(replay->conn, SQL_ENTRY_WITHDRAWN);
	int rc;
	if (!replay->sink->withdrawn || !replay->after_seq)
		return 0;
	sqlite3_bind_int64(statement, 1, (int64_t)replay->after_seq);
	sqlite3_bind_int64(statement, 2, first ? (int64_t)first : INT64_MAX);
	while ((rc = db_step(store, replay->conn, statement, err)) == 1) {
		rc = replay->sink->withdrawn(column_u64(statement, 0), replay->ctx);
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	return rc;
}

/* The entry as it is now. */
static int tell_changed(struct replay *replay, uint64_t id, struct hilf_err *err)
{
	struct entry_row row;
	struct span span;
	int rc = load_entry(replay->store, replay->conn, id, &row, err);
	if (rc == 1)
		rc = load_span_of_entry(replay->store, replay->conn, id, &span, err);
	if (rc != 1)
		return rc < 0 ? rc : db_damaged(replay->store, "the list of entries", err);
	const struct store_entry entry = entry_of(&span, &row);
	return replay->sink->changed(&entry, replay->ctx);
}

/* Changes of entries that the reader was told of before, as withdrawals. */
static int replay_changed(struct replay *replay, uint64_t first, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(replay->conn, SQL_ENTRY_CHANGED);
	int rc;
	if (!replay->sink->changed || !replay->after_seq)
		return 0;
	sqlite3_bind_int64(statement, 1, (int64_t)replay->after_seq);
	sqlite3_bind_int64(statement, 2, first ? (int64_t)first : INT64_MAX);
	while ((rc = db_step(replay->store, replay->conn, statement, err)) == 1) {
		rc = tell_changed(replay, column_u64(statement, 0), err);
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	return rc;
}

/* From 0: every entry that is disputed; rows that are lost show in the total. */
static int replay_all_disputed(struct replay *replay, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(replay->conn, SQL_OPINION_DISPUTES);
	struct opinion_row row;
	uint64_t last = 0, count = 0;
	int rc;
	while ((rc = db_step(replay->store, replay->conn, statement, err)) == 1) {
		rc = row_opinion(replay->store, statement, &row, err);
		if (!rc && row.entry != last)
			rc = replay->sink->disputed(row.entry, true, replay->ctx);
		if (rc)
			break;
		last = row.entry;
		count++;
	}
	sqlite3_reset(statement);
	if (!rc && count != replay->state.disputes)
		rc = db_damaged(replay->store, "the list of opinions", err);
	return rc;
}

/* Every entry on which somebody spoke since. */
static int replay_disputed(struct replay *replay, struct hilf_err *err)
{
	uint32_t counts[1][4];
	int rc;
	if (!replay->sink->disputed)
		return 0;
	if (!replay->after_seq)
		return replay_all_disputed(replay, err);
	sqlite3_stmt *statement = db_use(replay->conn, SQL_OPINION_CHANGED);
	sqlite3_bind_int64(statement, 1, (int64_t)replay->after_seq);
	while ((rc = db_step(replay->store, replay->conn, statement, err)) == 1) {
		uint64_t entry = column_u64(statement, 0);
		rc = count_opinions(replay->store, replay->conn, entry, 1, counts, err);
		if (!rc)
			rc = replay->sink->disputed(
				entry, counts[0][HILF_DISPUTE] > 0, replay->ctx);
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	return rc;
}

static int begin_replay(struct replay *replay, struct hilf_err *err)
{
	const struct store_sink *sink = replay->sink;
	uint64_t local, refolds;
	int rc = load_head(replay->store, replay->conn, &replay->state, &local, &refolds, err);
	replay->metas_after_seq = replay->after_seq;
	if (!rc && replay->state.seq > replay->after_seq && sink->refolded &&
		sink->refolded(refolds, replay->ctx))
		replay->metas_after_seq = 0;
	return rc;
}

int store_replay(struct store *store, uint64_t after_seq, const struct store_sink *sink, void *ctx,
	uint64_t *ret_seq, struct hilf_err *err)
{
	struct replay replay = {.store = store, .sink = sink, .ctx = ctx, .after_seq = after_seq};
	uint64_t first = 0;
	int rc = read_begin(store, false, &replay.conn, err);
	if (rc)
		return rc;
	rc = begin_replay(&replay, err);
	if (!rc && replay.state.seq < after_seq)
		rc = err_set(err, HILF_E_CORRUPT,
			"the feed of '%s' ends at %llu, and had %llu records before: an "
			"older copy was put in its place; open it anew",
			store->path, (unsigned long long)replay.state.seq,
			(unsigned long long)after_seq);
	if (!rc && replay.state.seq > after_seq) {
		rc = replay_banks(&replay, err);
		if (!rc)
			rc = replay_metas(&replay, err);
		if (!rc)
			rc = replay_entries(&replay, &first, err);
		if (!rc)
			rc = replay_withdrawn(&replay, first, err);
		if (!rc)
			rc = replay_changed(&replay, first, err);
		if (!rc)
			rc = replay_disputed(&replay, err);
	}
	read_end(store, false, replay.conn);
	if (!rc)
		*ret_seq = replay.state.seq;
	return rc;
}

int store_replay_names(
	struct store *store, const struct store_sink *sink, void *ctx, struct hilf_err *err)
{
	struct replay replay = {.store = store, .sink = sink, .ctx = ctx};
	int rc = read_begin(store, false, &replay.conn, err);
	if (rc)
		return rc;
	rc = begin_replay(&replay, err);
	if (!rc && replay.state.seq)
		rc = replay_banks(&replay, err);
	if (!rc && replay.state.seq)
		rc = replay_metas(&replay, err);
	read_end(store, false, replay.conn);
	return rc;
}

/* ------------------------------------------------------------------------------------------ local */

static int row_mute(struct store *store, sqlite3_stmt *statement, uint64_t *ret_entry,
	int64_t *ret_until_ms, struct hilf_err *err)
{
	uint64_t entry = column_u64(statement, 0);
	int64_t until_ms = sqlite3_column_int64(statement, 1);
	if (sqlite3_column_int64(statement, 2) != mark_of_mute(store, entry, until_ms))
		return db_damaged(store, "an entry's silence", err);
	*ret_entry = entry;
	*ret_until_ms = until_ms;
	return 0;
}

static int replay_mutes(struct replay *replay, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(replay->conn, SQL_MUTE_LIST);
	uint64_t entry = 0;
	int64_t until_ms = 0;
	int rc;
	if (!replay->sink->mute)
		return 0;
	while ((rc = db_step(replay->store, replay->conn, statement, err)) == 1) {
		rc = row_mute(replay->store, statement, &entry, &until_ms, err);
		if (!rc)
			rc = replay->sink->mute(entry, until_ms, replay->ctx);
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	return rc;
}

int store_replay_local(struct store *store, bool in_write, const struct store_sink *sink, void *ctx,
	uint64_t *ret_local, struct hilf_err *err)
{
	struct replay replay = {.store = store, .sink = sink, .ctx = ctx};
	uint64_t local = 0, refolds;
	int rc = read_begin(store, in_write, &replay.conn, err);
	if (rc)
		return rc;
	rc = load_head(store, replay.conn, &replay.state, &local, &refolds, err);
	if (in_write)
		replay.state = store->fold.state; /* its row is written at the end */
	if (!rc)
		rc = replay_all_banks(&replay, err);
	if (!rc)
		rc = replay_mutes(&replay, err);
	read_end(store, in_write, replay.conn);
	if (!rc)
		*ret_local = local;
	return rc;
}

int load_mute(struct store *store, struct conn *conn, uint64_t entry, int64_t *ret_until_ms,
	struct hilf_err *err)
{
	int64_t until_ms = 0;
	uint64_t same;
	sqlite3_stmt *statement = db_use(conn, SQL_MUTE_GET);
	sqlite3_bind_int64(statement, 1, (int64_t)entry);
	int rc = db_step(store, conn, statement, err);
	if (rc == 1)
		rc = row_mute(store, statement, &same, &until_ms, err);
	sqlite3_reset(statement);
	if (!rc)
		*ret_until_ms = until_ms;
	return rc;
}

int store_refolds(struct store *store, uint64_t *ret_refolds, struct hilf_err *err)
{
	struct conn *conn;
	struct state state;
	uint64_t local;
	int rc = read_begin(store, false, &conn, err);
	if (rc)
		return rc;
	rc = load_head(store, conn, &state, &local, ret_refolds, err);
	read_end(store, false, conn);
	return rc;
}

int store_mute_get(struct store *store, bool in_write, uint64_t entry, int64_t *ret_until_ms,
	struct hilf_err *err)
{
	struct conn *conn;
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	rc = load_mute(store, conn, entry, ret_until_ms, err);
	read_end(store, in_write, conn);
	return rc;
}
