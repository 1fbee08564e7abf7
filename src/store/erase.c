/* Erasing a record. Its bytes and its salt go, and of it stays what is public; whatever was made of it goes by folding all
 * of the feed anew, into tables whose pages are wiped as they are emptied (SQLite's secure_delete). What the transaction
 * wrote over is still in the write-ahead log and, until that is moved, in the database; so after the commit the log is
 * moved and cut off, for which no reader may be at an older state, and copies of the database beside it are removed.
 *
 * The numbers of entries stay, because the header says how many there were. */
#include "store/db.h"

#include "base/check.h"
#include "base/err.h"
#include "os/clock.h"
#include "os/file.h"
#include "store/local.h"
#include "store/vault.h"
#include "wire/record_header.h"

#include <sodium/crypto_hash_sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct erasing {
	struct store *store;
	const char *expected;
	size_t expected_size;
	struct arena arena;
	bool changed; /* some entry was */
	struct hilf_err *err;
};

static int run(struct erasing *erasing, sqlite3_stmt *statement)
{
	return db_run(erasing->store, erasing->store->writer, statement, erasing->err);
}

/* ------------------------------------------------------------------------------------------ the feed */

/* 1: the record, which is whole; 2: it was erased; 0: there is none. The row's bytes are the caller's copy. */
static int load_record(struct erasing *erasing, const uint8_t id[UUID_SIZE],
	struct feed_row *ret_row, struct record *ret_record)
{
	struct store *store = erasing->store;
	sqlite3_stmt *statement = db_use(store->writer, SQL_FEED_GET);
	sqlite3_bind_blob(statement, 1, id, UUID_SIZE, SQLITE_STATIC);
	int rc = db_step(store, store->writer, statement, erasing->err);
	if (rc == 1 && row_feed(store, statement, ret_row, erasing->err) != 0)
		rc = HILF_E_CORRUPT;
	if (rc == 1 && ret_row->erased) {
		rc = 2;
	} else if (rc == 1) {
		ret_row->bytes = arena_text(&erasing->arena, ret_row->bytes, ret_row->size);
		rc = ret_row->bytes ? row_record(ret_row, &erasing->arena, ret_record, erasing->err)
				    : err_no_memory(erasing->err);
		rc = rc ? rc : 1;
	}
	sqlite3_reset(statement);
	return rc;
}

static void hash_of(const struct feed_row *row, uint8_t ret_hash[RECORD_HASH_SIZE])
{
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, row->salt, sizeof row->salt);
	crypto_hash_sha256_update(&state, row->signature, sizeof row->signature);
	crypto_hash_sha256_update(&state, (const unsigned char *)row->bytes, row->size);
	crypto_hash_sha256_final(&state, ret_hash);
}

/* Leaves the header in the place of the record. */
static int put_header(struct erasing *erasing, struct feed_row row, const struct record *record)
{
	struct store *store = erasing->store;
	struct buf header = BUF_INIT;
	uint8_t hash[RECORD_HASH_SIZE];
	hash_of(&row, hash);
	int rc = record_header_encode(record, hash, &header) ? 0 : err_no_memory(erasing->err);
	if (!rc && erasing->expected &&
		(header.size != erasing->expected_size ||
			memcmp(header.data, erasing->expected, header.size) != 0))
		rc = err_set(erasing->err, HILF_E_CORRUPT,
			"what stays of record %llu is not what stays of it where it was erased "
			"first",
			(unsigned long long)row.seq);
	row.erased = true;
	row.bytes = header.data;
	row.size = header.size;
	sqlite3_stmt *statement = db_use(store->writer, SQL_FEED_ERASE);
	sqlite3_bind_int64(statement, 1, (int64_t)row.seq);
	sqlite3_bind_blob(statement, 2, header.data, (int)header.size, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, rc ? 0 : mark_of_feed(store, &row));
	if (!rc)
		rc = run(erasing, statement);
	buf_free(&header);
	return rc;
}

/* 1: every entry that the change names is of an erased record. */
static int speaks_of_erased_alone(struct erasing *erasing, const struct record *record)
{
	struct store *store = erasing->store;
	int rc = 1;
	for (size_t i = 0; i < record->change.entry_count && rc == 1; i++) {
		sqlite3_stmt *statement = db_use(store->writer, SQL_FEED_ERASED);
		sqlite3_bind_blob(
			statement, 1, record->change.entries[i].record, UUID_SIZE, SQLITE_STATIC);
		rc = db_step(store, store->writer, statement, erasing->err);
		if (rc == 1)
			rc = sqlite3_column_int(statement, 0);
		sqlite3_reset(statement);
	}
	return rc;
}

/* A change may say of entries, in labels and grounds, what is to be gone. */
static int erase_changes(struct erasing *erasing)
{
	struct store *store = erasing->store;
	uint64_t after = 0;
	int rc = 1;
	erasing->expected = NULL;
	while (rc == 1) {
		struct feed_row row;
		struct record record;
		sqlite3_stmt *statement = db_use(store->writer, SQL_FEED_CHANGES);
		sqlite3_bind_int64(statement, 1, RECORD_ENTRY_CHANGE);
		sqlite3_bind_int64(statement, 2, (int64_t)after);
		rc = db_step(store, store->writer, statement, erasing->err);
		if (rc == 1 && row_feed(store, statement, &row, erasing->err) != 0)
			rc = HILF_E_CORRUPT;
		uint8_t id[UUID_SIZE];
		if (rc == 1)
			memcpy(id, row.id, UUID_SIZE);
		sqlite3_reset(statement);
		if (rc != 1)
			break;
		after = row.seq;
		arena_clear(&erasing->arena);
		rc = load_record(erasing, id, &row, &record);
		int alone = rc == 1 ? speaks_of_erased_alone(erasing, &record) : rc;
		if (alone == 1)
			alone = put_header(erasing, row, &record);
		rc = alone < 0 ? alone : 1;
	}
	return rc;
}

/* ------------------------------------------------------------------------------------------ what is local */

struct seen_ids {
	const struct record *record;
	struct buf ids;
};

static bool has_one_of(const struct store_seen *seen, const struct record_entry *entry)
{
	for (size_t i = 0; i < seen->signal_count; i++)
		for (size_t j = 0; j < entry->signal_count; j++)
			if (seen->signals[i].type == entry->signals[j].type &&
				memcmp(seen->signals[i].value, entry->signals[j].value,
					entry->signals[j].size) == 0)
				return true;
	return false;
}

static int take_seen(const struct store_seen *seen, void *ctx)
{
	struct seen_ids *seen_ids = ctx;
	for (size_t i = 0; i < seen_ids->record->add.entry_count; i++) {
		if (!has_one_of(seen, &seen_ids->record->add.entries[i]))
			continue;
		buf_add(&seen_ids->ids, &seen->id, sizeof seen->id);
		break;
	}
	return 0;
}

static int forget_seen(struct erasing *erasing, const struct record *record)
{
	struct seen_ids seen = {record, BUF_INIT};
	int rc = store_seen_each(erasing->store, take_seen, &seen, erasing->err);
	if (!rc && seen.ids.failed)
		rc = err_no_memory(erasing->err);
	for (size_t at = 0; at < seen.ids.size && !rc; at += sizeof(uint64_t)) {
		uint64_t id;
		memcpy(&id, seen.ids.data + at, sizeof id);
		rc = store_seen_remove(erasing->store, id, erasing->err);
	}
	buf_free(&seen.ids);
	return rc;
}

static int forget_local(
	struct erasing *erasing, const struct record *record, const struct span *span)
{
	struct store *store = erasing->store;
	sqlite3_stmt *statement = db_use(store->writer, SQL_NOTE_END);
	sqlite3_bind_blob(statement, 1, record->id, UUID_SIZE, SQLITE_STATIC);
	int rc = run(erasing, statement);
	for (uint32_t i = 0; i < span->count && !rc; i++) {
		struct entry_row entry;
		statement = db_use(store->writer, SQL_BESIDE_END);
		sqlite3_bind_int64(statement, 1, (int64_t)(span->first + i));
		rc = run(erasing, statement);
		statement = db_use(store->writer, SQL_MUTE_END);
		sqlite3_bind_int64(statement, 1, (int64_t)(span->first + i));
		if (!rc)
			rc = run(erasing, statement);
		uint64_t previews;
		if (!rc)
			rc = store_preview_end(
				store, span->first + i, true, &previews, erasing->err);
		if (!rc)
			rc = load_entry(
				store, store->writer, span->first + i, &entry, erasing->err);
		if (rc == 1 && !entry.head.withdrawn_seq)
			return err_set(erasing->err, HILF_E_INVALID,
				"an entry of the record stands still; withdraw it first");
		erasing->changed |= rc == 1 && entry.head.changed_seq;
		rc = rc < 0 ? rc : 0;
	}
	if (!rc)
		rc = run(erasing, db_use(store->writer, SQL_ANSWERS_END));
	return rc ? rc : forget_seen(erasing, record);
}

/* ------------------------------------------------------------------------------------------ erasing */

#define PURGE_ALL "1"
#define PURGE_LOG "log"

int purge_want(struct store *store, struct hilf_err *err)
{
	int rc = store_setting_set(store, SETTING_PURGE, PURGE_ALL, err);
	store->wants_purge = true;
	return rc;
}

int purge_log_want(struct store *store, struct hilf_err *err)
{
	char asked[8];
	int rc = store_setting_get(store, true, SETTING_PURGE, asked, sizeof asked, err);
	if (rc == HILF_E_NOT_FOUND)
		rc = store_setting_set(store, SETTING_PURGE, PURGE_LOG, err);
	store->wants_purge = true;
	return rc;
}

/* For whoever holds in memory what was seen, here or in another process, and is about to store it. */
static int put_time(struct erasing *erasing)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)clock_now_ms());
	return store_setting_set(erasing->store, STORE_SETTING_ERASED, text, erasing->err);
}

static int erase(struct erasing *erasing, const uint8_t id[UUID_SIZE], bool *ret_done)
{
	struct store *store = erasing->store;
	struct feed_row row;
	struct record record;
	struct span span;
	int rc = load_record(erasing, id, &row, &record);
	if (rc == 2) {
		*ret_done = false;
		return purge_want(
			store, erasing->err); /* an earlier attempt may not have come to its end */
	}
	if (rc == 1)
		rc = load_span_of_record(store, store->writer, id, &span, erasing->err);
	if (rc == 0)
		rc = err_set(
			erasing->err, HILF_E_NOT_FOUND, "there is no such record with entries");
	if (rc < 0)
		return rc;
	rc = forget_local(erasing, &record, &span);
	if (!rc)
		rc = put_time(erasing);
	if (!rc)
		rc = put_header(erasing, row, &record);
	if (!rc && erasing->changed)
		rc = erase_changes(erasing);
	if (!rc)
		rc = refold(&store->fold, erasing->err);
	if (!rc)
		rc = run(erasing, db_use(store->writer, SQL_REFOLDED));
	if (!rc)
		rc = store_local_changed(store, erasing->err);
	if (!rc)
		rc = purge_want(store, erasing->err);
	*ret_done = true;
	return rc;
}

int store_erase(struct store *store, const uint8_t record[UUID_SIZE], const char *expected,
	size_t expected_size, bool *ret_done, struct hilf_err *err)
{
	struct erasing erasing = {
		.store = store, .expected = expected, .expected_size = expected_size, .err = err};
	ASSERT(store->in_write);
	arena_init(&erasing.arena, 0);
	int rc = erase(&erasing, record, ret_done);
	arena_clear(&erasing.arena);
	store->failed = store->failed || rc;
	return rc;
}

int store_is_erased(struct store *store, const uint8_t record[UUID_SIZE], bool *ret_erased,
	struct hilf_err *err)
{
	ASSERT(store->in_write);
	sqlite3_stmt *statement = db_use(store->writer, SQL_FEED_ERASED);
	sqlite3_bind_blob(statement, 1, record, UUID_SIZE, SQLITE_STATIC);
	int rc = db_step(store, store->writer, statement, err);
	if (rc == 1)
		*ret_erased = sqlite3_column_int(statement, 0);
	sqlite3_reset(statement);
	if (rc == 0)
		return err_set(err, HILF_E_NOT_FOUND, "there is no such record");
	return rc == 1 ? 0 : rc;
}

int store_each_erased(struct store *store, bool in_write,
	int (*fn)(uint64_t seq, const char *header, size_t size, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct conn *conn;
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = db_use(conn, SQL_FEED_GONE);
	while ((rc = db_step(store, conn, statement, err)) == 1) {
		rc = fn(column_u64(statement, 0), sqlite3_column_blob(statement, 1),
			(size_t)sqlite3_column_bytes(statement, 1), ctx);
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	read_end(store, in_write, conn);
	return rc;
}

int store_record_at(struct store *store, bool in_write, uint64_t seq, uint8_t ret_record[UUID_SIZE],
	bool *ret_erased, struct hilf_err *err)
{
	struct conn *conn;
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = db_use(conn, SQL_FEED_AT);
	sqlite3_bind_int64(statement, 1, (int64_t)seq);
	rc = db_step(store, conn, statement, err);
	if (rc == 0)
		rc = err_set(err, HILF_E_NOT_FOUND, "the feed of '%s' does not go to %llu",
			store->path, (unsigned long long)seq);
	else if (rc == 1)
		rc = column_bytes(statement, 0, ret_record, UUID_SIZE)
			     ? 0
			     : db_damaged(store, "a record", err);
	if (!rc)
		*ret_erased = sqlite3_column_int(statement, 1);
	sqlite3_reset(statement);
	read_end(store, in_write, conn);
	return rc;
}

/* ------------------------------------------------------------------------------------------ purging */

/* Databases beside ours: as it was before an upgrade, or half made. */
static int remove_copy(const char *name, void *ctx, struct hilf_err *err)
{
	struct store *store = ctx;
	if (strncmp(name, "hilf.db.v", 9) != 0 && strncmp(name, "hilf.db.new", 11) != 0)
		return 0;
	char *path = file_join(store->dir, name);
	int rc = path ? file_remove(path, err) : err_no_memory(err);
	free(path);
	return rc;
}

/* Whether copies of the database may hold what was erased. */
static bool copies_too(struct store *store)
{
	char asked[8];
	return store_setting_get(store, false, SETTING_PURGE, asked, sizeof asked, NULL) != 0 ||
	       strcmp(asked, PURGE_LOG) != 0;
}

static int drive_out(struct store *store, struct hilf_err *err)
{
	bool copies = copies_too(store);
	int left = 0, moved = 0;
	int code = sqlite3_wal_checkpoint_v2(
		store->writer->db, "main", SQLITE_CHECKPOINT_TRUNCATE, &left, &moved);
	if ((code & 0xff) == SQLITE_BUSY)
		return err_set(err, HILF_E_BUSY,
			"it is erased, but a long reader (a backup, perhaps) keeps its bytes in "
			"the log of "
			"'%s'; erase it once more when that has finished",
			store->path);
	if (code != SQLITE_OK)
		return db_error(store, store->writer, code, "write", err);
	return copies ? file_each(store->dir, remove_copy, store, err) : 0;
}

/* Done: no other process need try again. */
static int end_purge(struct store *store, struct hilf_err *err)
{
	int rc = db_run(store, store->writer, db_use(store->writer, SQL_BEGIN_WRITE), err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = db_use(store->writer, SQL_SETTING_END);
	sqlite3_bind_text(statement, 1, SETTING_PURGE, -1, SQLITE_STATIC);
	rc = db_run(store, store->writer, statement, err);
	if (!rc)
		rc = db_run(store, store->writer, db_use(store->writer, SQL_COMMIT), err);
	if (rc)
		db_run(store, store->writer, db_use(store->writer, SQL_ROLLBACK), NULL);
	return rc;
}

void purge(struct store *store)
{
	int rc = drive_out(store, &store->purge_err);
	if (!rc)
		rc = end_purge(store, &store->purge_err);
	store->wants_purge = rc != 0;
}

int store_purged(struct store *store, struct hilf_err *err)
{
	if (!store->wants_purge)
		return 0;
	if (err)
		*err = store->purge_err;
	return store->purge_err.code;
}
