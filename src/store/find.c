/* Looking things up: entries by an equal signal or by id, banks, settings, totals, the feed itself. */
#include "store/db.h"

#include "base/check.h"
#include "base/err.h"

#include <sodium/crypto_generichash.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------ equal signals */

static bool has_signal(const struct entry_row *row, const struct hilf_signal *signal)
{
	for (size_t i = 0; i < row->signal_count; i++)
		if (row->signals[i].type == signal->type && row->signals[i].size == signal->size &&
			memcmp(row->signals[i].value, signal->value, signal->size) == 0)
			return true;
	return false;
}

/* Whether the entry stands (expired or not) and really has the signal (1 or 0); the run it is in says more. */
static int is_equal(struct store *store, struct conn *conn, uint64_t id,
	const struct hilf_signal *signal, struct span *ret_span, int64_t *ret_expires_ms,
	struct hilf_err *err)
{
	struct entry_row row;
	int rc = load_entry(store, conn, id, &row, err);
	if (rc != 1)
		return rc < 0 ? rc : db_damaged(store, "an entry, which is missing,", err);
	if (row.head.withdrawn_seq || !has_signal(&row, signal))
		return 0;
	rc = load_span_of_entry(store, conn, id, ret_span, err);
	if (rc != 1)
		return rc < 0 ? rc : db_damaged(store, "a run of entries, which is missing,", err);
	*ret_expires_ms = expiry_of(&row.head, ret_span);
	return 1;
}

/* What store_find_equal looks for. */
struct wanted {
	uint32_t bank;
	const struct hilf_signal *signal;
	int64_t key, now_ms;
};

/* 1 where the entry is what is wanted, else 0 or an error. */
static int is_wanted(struct store *store, struct conn *conn, uint64_t id,
	const struct wanted *wanted, struct hilf_err *err)
{
	struct span span;
	int64_t expires_ms = 0;
	int rc = is_equal(store, conn, id, wanted->signal, &span, &expires_ms, err);
	return rc == 1 ? span.bank == wanted->bank && expires_ms > wanted->now_ms : rc;
}

/* Among entries whose keys are not in the table yet. */
static int find_pending(
	struct store *store, const struct wanted *wanted, uint64_t *ret_entry, struct hilf_err *err)
{
	uint64_t id;
	size_t cursor = 0;
	while ((id = pending_next(&store->fold.pending, wanted->key, &cursor)) != 0) {
		int rc = is_wanted(store, store->writer, id, wanted, err);
		if (rc == 1)
			*ret_entry = id;
		if (rc)
			return rc;
	}
	return 0;
}

static int find_stored(struct store *store, struct conn *conn, const struct wanted *wanted,
	uint64_t *ret_entry, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_KEY_FIND);
	int rc;
	sqlite3_bind_int64(statement, 1, wanted->key);
	while ((rc = db_step(store, conn, statement, err)) == 1) {
		uint64_t id = column_u64(statement, 0);
		rc = is_wanted(store, conn, id, wanted, err);
		if (rc == 1)
			*ret_entry = id;
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	return rc;
}

int store_find_equal(struct store *store, bool in_write, uint32_t bank,
	const struct hilf_signal *signal, int64_t now_ms, uint64_t *ret_entry, struct hilf_err *err)
{
	const struct wanted wanted = {bank, signal, key_of_signal(store, signal), now_ms};
	struct conn *conn;
	uint64_t entry = 0;
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	rc = find_stored(store, conn, &wanted, &entry, err);
	if (rc == 0 && in_write)
		rc = find_pending(store, &wanted, &entry, err);
	read_end(store, in_write, conn);
	if (rc < 0)
		return rc;
	*ret_entry = entry;
	return 0;
}

/* Marks what the table of keys has: one statement for all, in the order of the keys. */
static int look_up_rows(struct store *store, const struct batch_row *rows, size_t count,
	bool *ret_absent, struct hilf_err *err)
{
	int rc;
	sqlite3_stmt *statement = batch_use(store->writer, SQL_KEY_PRESENT, rows, count);
	while ((rc = db_step(store, store->writer, statement, err)) == 1)
		ret_absent[column_u64(statement, 0)] = false;
	batch_done(store->writer, statement);
	return rc;
}

int store_find_absent(struct store *store, const struct hilf_signal *const *signals, size_t count,
	bool *ret_absent, struct hilf_err *err)
{
	ASSERT(store->in_write);
	if (!count)
		return 0;
	struct batch_row *rows = calloc(count, sizeof *rows);
	if (!rows)
		return err_no_memory(err);
	for (size_t i = 0; i < count; i++) {
		size_t cursor = 0;
		int64_t key = key_of_signal(store, signals[i]);
		rows[i] = (struct batch_row){{key, (int64_t)i, 0}, NULL, 0};
		ret_absent[i] = !pending_next(&store->fold.pending, key, &cursor);
	}
	batch_sort(rows, count);
	int rc = look_up_rows(store, rows, count, ret_absent, err);
	free(rows);
	return rc;
}

int store_each_equal(struct store *store, const struct hilf_signal *signal,
	int (*fn)(uint64_t entry, uint32_t bank, void *ctx), void *ctx, struct hilf_err *err)
{
	struct conn *conn;
	int rc = read_begin(store, false, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = db_use(conn, SQL_KEY_FIND);
	sqlite3_bind_int64(statement, 1, key_of_signal(store, signal));
	while ((rc = db_step(store, conn, statement, err)) == 1) {
		uint64_t id = column_u64(statement, 0);
		struct span span;
		int64_t expires_ms;
		rc = is_equal(store, conn, id, signal, &span, &expires_ms, err);
		if (rc == 1)
			rc = fn(id, span.bank, ctx);
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	read_end(store, false, conn);
	return rc;
}

/* ------------------------------------------------------------------------------------------ one entry, banks */

static int find_span(struct store *store, struct conn *conn, uint64_t id,
	const struct record_entry_id *gid, struct span *ret_span, uint64_t *ret_id,
	struct hilf_err *err)
{
	int rc = gid ? load_span_of_record(store, conn, gid->record, ret_span, err)
		     : load_span_of_entry(store, conn, id, ret_span, err);
	if (rc != 1)
		return rc;
	if (gid && gid->ordinal >= ret_span->count)
		return 0;
	*ret_id = gid ? ret_span->first + gid->ordinal : id;
	return 1;
}

int store_entry_get(struct store *store, bool in_write, uint64_t id,
	const struct record_entry_id *gid, struct store_entry_row *ret_row, struct hilf_err *err)
{
	struct conn *conn;
	struct span span;
	struct entry_row row;
	ASSERT((id == 0) == (gid != NULL));
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	rc = find_span(store, conn, id, gid, &span, &id, err);
	if (rc == 1)
		rc = load_entry(store, conn, id, &row, err);
	read_end(store, in_write, conn);
	if (rc == 0)
		return err_set(
			err, HILF_E_NOT_FOUND, "there is no such entry in '%s'", store->path);
	if (rc < 0)
		return rc;
	*ret_row = (struct store_entry_row){
		.id = id,
		.gid.ordinal = (uint32_t)(id - span.first),
		.bank = span.bank,
		.withdrawn = row.head.withdrawn_seq != 0,
		.added_ms = span.added_ms,
		.expires_ms = expiry_of(&row.head, &span),
	};
	memcpy(ret_row->gid.record, span.record, UUID_SIZE);
	return 0;
}

/* Takes the bank that the statement, its parameter bound, finds; ends the read. HILF_E_NOT_FOUND says so of `what`. */
static int take_bank(struct store *store, bool in_write, struct conn *conn, sqlite3_stmt *statement,
	const char *what, struct store_bank *ret_bank, struct hilf_err *err)
{
	struct store_bank row;
	int rc = db_step(store, conn, statement, err);
	if (rc == 0)
		rc = err_set(
			err, HILF_E_NOT_FOUND, "there is no bank %s in '%s'", what, store->dir);
	else if (rc == 1)
		rc = row_bank_here(store, statement, &row, err);
	sqlite3_reset(statement);
	read_end(store, in_write, conn);
	if (!rc)
		*ret_bank = row;
	return rc;
}

int store_bank_get(struct store *store, bool in_write, const char *name,
	struct store_bank *ret_bank, struct hilf_err *err)
{
	char what[LIMIT_BANK_NAME + 3];
	struct conn *conn;
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = db_use(conn, SQL_BANK_NAMED);
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	snprintf(what, sizeof what, "'%.*s'", (int)LIMIT_BANK_NAME, name);
	return take_bank(store, in_write, conn, statement, what, ret_bank, err);
}

int store_bank_by_id(struct store *store, bool in_write, uint32_t id, struct store_bank *ret_bank,
	struct hilf_err *err)
{
	char what[32];
	struct conn *conn;
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = db_use(conn, SQL_BANK_BY_ID);
	sqlite3_bind_int64(statement, 1, id);
	snprintf(what, sizeof what, "number %u", id);
	return take_bank(store, in_write, conn, statement, what, ret_bank, err);
}

int store_each_bank(struct store *store, int (*fn)(const struct store_bank *bank, void *ctx),
	void *ctx, struct hilf_err *err)
{
	struct conn *conn;
	struct store_bank row;
	int rc = read_begin(store, false, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = db_use(conn, SQL_BANK_STANDING);
	while ((rc = db_step(store, conn, statement, err)) == 1) {
		rc = row_bank_here(store, statement, &row, err);
		if (!rc)
			rc = fn(&row, ctx);
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	read_end(store, false, conn);
	return rc;
}

int store_member_key(struct store *store, bool in_write, const uint8_t member[UUID_SIZE],
	uint8_t ret_key[32], struct hilf_err *err)
{
	struct member_row row;
	struct conn *conn;
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	rc = load_member(store, conn, member, &row, err);
	read_end(store, in_write, conn);
	if (rc == 0)
		return err_set(
			err, HILF_E_NOT_FOUND, "nobody founded that member in '%s'", store->path);
	if (rc < 0)
		return rc;
	memcpy(ret_key, row.key, sizeof row.key);
	return 0;
}

/* ------------------------------------------------------------------------------------------ totals */

int store_bank_counts(struct store *store, uint32_t bank, int64_t now_ms,
	struct store_bank_counts *ret_counts, struct hilf_err *err)
{
	struct conn *conn;
	int rc = read_begin(store, false, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = db_use(conn, SQL_BANK_COUNTS);
	sqlite3_bind_int64(statement, 1, bank);
	sqlite3_bind_int64(statement, 2, now_ms);
	rc = db_step(store, conn, statement, err);
	if (rc == 1) {
		uint64_t all = column_u64(statement, 0);
		ret_counts->withdrawn_count = column_u64(statement, 1);
		ret_counts->expired_count = column_u64(statement, 2) + column_u64(statement, 3);
		ret_counts->entry_count =
			all - ret_counts->withdrawn_count - ret_counts->expired_count;
		rc = 0;
	}
	sqlite3_reset(statement);
	read_end(store, false, conn);
	return rc;
}

static int count_expired(struct store *store, struct conn *conn, int64_t now_ms,
	uint64_t *ret_count, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_SPAN_EXPIRED);
	sqlite3_bind_int64(statement, 1, now_ms);
	int rc = db_step(store, conn, statement, err);
	if (rc == 1)
		*ret_count = column_u64(statement, 0);
	sqlite3_reset(statement);
	return rc < 0 ? rc : 0;
}

int store_counts(
	struct store *store, int64_t now_ms, struct store_counts *ret_counts, struct hilf_err *err)
{
	struct conn *conn;
	struct state state;
	uint64_t expired = 0;
	int rc = read_begin(store, false, &conn, err);
	if (rc)
		return rc;
	rc = load_state(store, conn, &state, err);
	if (!rc)
		rc = count_expired(store, conn, now_ms, &expired, err);
	read_end(store, false, conn);
	if (rc)
		return rc;
	*ret_counts = (struct store_counts){
		.feed_count = state.seq,
		.feed_size = state.feed_size,
		.bank_count = state.banks - state.banks_removed,
		.entry_count = state.entries - state.withdrawn - expired,
		.expired_count = expired,
		.withdrawn_count = state.withdrawn,
	};
	memcpy(ret_counts->signal_count, state.signals, sizeof ret_counts->signal_count);
	return 0;
}

/* ------------------------------------------------------------------------------------------ the feed */

int store_feed(struct store *store, uint64_t after_seq, uint64_t limit,
	int (*fn)(const struct store_feed_row *row, void *ctx), void *ctx, struct hilf_err *err)
{
	struct conn *conn;
	struct feed_row row;
	int rc = read_begin(store, false, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = db_use(conn, SQL_FEED_AFTER);
	sqlite3_bind_int64(statement, 1, (int64_t)after_seq);
	sqlite3_bind_int64(statement, 2, limit < INT64_MAX ? (int64_t)limit : INT64_MAX);
	while ((rc = db_step(store, conn, statement, err)) == 1) {
		rc = row_feed(store, statement, &row, err);
		if (!rc && row.mark != mark_of_feed(store, &row))
			rc = db_damaged(store, "a record", err);
		if (!rc && row.seq != ++after_seq)
			rc = db_damaged(store, "the feed, which has a gap,", err);
		if (rc)
			break;
		const struct store_feed_row told = {
			row.seq, row.bytes, row.size, row.signature, row.salt, row.received_ms,
			row.erased};
		rc = fn(&told, ctx);
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	read_end(store, false, conn);
	return rc;
}

/* ------------------------------------------------------------------------------------------ for snapshots */

static int read_record(struct store *store, struct conn *conn, uint64_t seq,
	uint8_t ret_record[UUID_SIZE], struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_FEED_AFTER);
	struct feed_row row;
	sqlite3_bind_int64(statement, 1, (int64_t)seq - 1);
	sqlite3_bind_int64(statement, 2, 1);
	int rc = db_step(store, conn, statement, err);
	if (rc == 1) {
		rc = row_feed(store, statement, &row, err);
		if (!rc && row.mark != mark_of_feed(store, &row))
			rc = db_damaged(store, "a record", err);
		if (!rc && row.seq == seq)
			memcpy(ret_record, row.id, UUID_SIZE);
		else if (!rc)
			rc = db_damaged(store, "the feed, which has a gap,", err);
	} else if (rc == 0) {
		rc = err_set(err, HILF_E_NOT_FOUND, "the feed of '%s' does not go to %llu",
			store->path, (unsigned long long)seq);
	}
	sqlite3_reset(statement);
	return rc;
}

int store_stamp(struct store *store, uint64_t seq, uint8_t ret_store[UUID_SIZE],
	uint8_t ret_record[UUID_SIZE], struct hilf_err *err)
{
	static const char purpose[] = "hilf store id";
	uint8_t record[UUID_SIZE] = {0};
	struct conn *conn;
	_Static_assert(crypto_shorthash_KEYBYTES >= crypto_generichash_KEYBYTES_MIN,
		"the marks' key is a key for BLAKE2b");
	int rc = read_begin(store, false, &conn, err);
	if (rc)
		return rc;
	if (store->lost_key)
		rc = err_set(err, HILF_E_NOT_FOUND,
			"the id of the store '%s' is damaged; 'hilf fsck' mends it", store->path);
	if (!rc && seq)
		rc = read_record(store, conn, seq, record, err);
	read_end(store, false, conn);
	if (rc)
		return rc;
	/* The marks' key is random, made with the store, and must not be shown. */
	crypto_generichash(ret_store, UUID_SIZE, (const unsigned char *)purpose, sizeof purpose - 1,
		store->mark_key, sizeof store->mark_key);
	memcpy(ret_record, record, UUID_SIZE);
	return 0;
}
