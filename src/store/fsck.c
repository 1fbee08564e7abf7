/* Is what is stored what was written, and does it follow from the feed? In one transaction: SQLite looks at its own
 * structures; every record is decoded and its signature verified with its author's key; the feed is folded anew into
 * temporary tables; these are held against the derived ones, and take their place where they differ.
 *
 * The feed is never changed. As long as one of its records is damaged nothing is replaced: without that record the
 * entries after it would get other numbers, and the derived tables may be all that is left of what it said. */
#include "store/db.h"

#include "base/check.h"
#include "base/err.h"
#include "os/lock.h"
#include "store/local_db.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Findings of one kind that are told one by one; the rest is counted. */
#define TOLD_MAX 20

struct fsck {
	struct store *store;
	struct conn *conn;
	bool check_only;
	hilf_finding_fn *fn;
	void *ctx;
	struct hilf_err *err;
	uint64_t problems;
	uint64_t structure_faults; /* that SQLite found in its own structures */
	uint64_t stored_end; /* of the feed, as the derived tables say; 0 where they cannot tell */
	uint64_t records, damaged, unknown; /* of the feed; unknown: their author is no member */
	uint64_t erased;
	struct fold fold;
	struct arena arena;
};

static int tell(struct fsck *fsck, const char *level, const char *what, const char *format, ...)
	HILF_PRINTF(4, 5);

static int tell(struct fsck *fsck, const char *level, const char *what, const char *format, ...)
{
	char text[600];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (strcmp(level, "problem") == 0)
		fsck->problems++;
	return fsck->fn(level, what, text, fsck->ctx);
}

/* ------------------------------------------------------------------------------------------ structures */

/* Counts SQLite's findings, telling each at the given level (NULL: none). What SQLite cannot even look at is one. */
static int check_structures(struct fsck *fsck, const char *level, uint64_t *ret_count)
{
	sqlite3_stmt *statement = NULL;
	uint64_t count = 0;
	int code, rc = 0;
	code = sqlite3_prepare_v2(
		fsck->conn->db, "PRAGMA main.integrity_check(20)", -1, &statement, NULL);
	while (code == SQLITE_OK && !rc && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(statement, 0);
		code = SQLITE_OK;
		if (text && strcmp(text, "ok") == 0)
			continue;
		count++;
		if (level)
			rc = tell(fsck, level, "database", "%s", text ? text : "out of memory");
	}
	if (!rc && code != SQLITE_OK && code != SQLITE_DONE) {
		count++;
		if ((code & 0xff) != SQLITE_CORRUPT)
			rc = db_error(
				fsck->store, fsck->conn, code, "check the database", fsck->err);
		else if (level)
			rc = tell(fsck, level, "database", "%s", sqlite3_errmsg(fsck->conn->db));
	}
	sqlite3_finalize(statement);
	*ret_count = count;
	return rc;
}

/* ------------------------------------------------------------------------------------------ records */

static int tell_damaged(struct fsck *fsck, uint64_t seq, const char *why)
{
	if (++fsck->damaged > TOLD_MAX) {
		fsck->problems++;
		return 0;
	}
	return tell(fsck, "problem", "feed", "record %llu is damaged (%s); restore a backup",
		(unsigned long long)seq, why);
}

/* 1: the key with which the record must be signed; 0: its author is no member. */
static int key_of_author(struct fsck *fsck, const struct record *record, uint8_t ret_key[32])
{
	if (record->kind == RECORD_MEMBER_FOUND) {
		memcpy(ret_key, record->member.key, 32);
		return 1;
	}
	struct member_row member;
	int rc = load_member(fsck->store, fsck->conn, record->author, &member, fsck->err);
	if (rc == 1)
		memcpy(ret_key, member.key, sizeof member.key);
	return rc;
}

/* Says what is wrong with a record, or NULL, in ret_why. */
static int check_record(struct fsck *fsck, const struct feed_row *row, struct record *ret_record,
	const char **ret_why, char *text, size_t room)
{
	struct hilf_err why;
	uint8_t key[32];
	*ret_why = NULL;
	int rc = row_record(row, &fsck->arena, ret_record, &why);
	if (rc == HILF_E_NO_MEMORY)
		return err_no_memory(fsck->err);
	if (rc) {
		snprintf(text, room, "%.250s", why.text);
		*ret_why = text;
		return 0;
	}
	if (memcmp(ret_record->id, row->id, UUID_SIZE) != 0 ||
		memcmp(ret_record->author, row->author, UUID_SIZE) != 0 ||
		(int64_t)ret_record->kind != row->kind ||
		(!fsck->store->lost_key && row->mark != mark_of_feed(fsck->store, row))) {
		*ret_why = "what stands beside it does not belong to it";
		return 0;
	}
	if (row->erased) {
		fsck->erased++;
		return 0;
	}
	rc = key_of_author(fsck, ret_record, key);
	if (rc == 0)
		fsck->unknown++;
	if (rc == 1 && crypto_sign_verify_detached(row->signature,
			       (const unsigned char *)row->bytes, row->size, key) != 0)
		*ret_why = "its signature is not good";
	return rc < 0 ? rc : 0;
}

static int check_row(struct fsck *fsck, sqlite3_stmt *statement)
{
	struct feed_row row;
	struct record record;
	const char *why;
	char text[300];
	uint64_t expected = ++fsck->records, seq = column_u64(statement, 0);
	if (seq != expected) {
		fsck->records = seq;
		int rc = tell_damaged(fsck, expected, "it is missing");
		if (rc)
			return rc;
	}
	if (row_feed(fsck->store, statement, &row, NULL) != 0)
		return tell_damaged(fsck, seq, "it has not the form of a row of the feed");
	arena_clear(&fsck->arena);
	int rc = check_record(fsck, &row, &record, &why, text, sizeof text);
	if (rc)
		return rc;
	if (why)
		return tell_damaged(fsck, seq, why);
	if (fsck->damaged)
		return 0;
	return fold_apply(&fsck->fold, &record, row.erased ? 0 : row.size, NULL, fsck->err);
}

static int check_feed(struct fsck *fsck)
{
	sqlite3_stmt *statement = db_use(fsck->conn, SQL_FEED_AFTER);
	int rc;
	sqlite3_bind_int64(statement, 1, 0);
	sqlite3_bind_int64(statement, 2, INT64_MAX);
	while ((rc = db_step(fsck->store, fsck->conn, statement, fsck->err)) == 1) {
		rc = check_row(fsck, statement);
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	arena_clear(&fsck->arena);
	if (rc == HILF_E_CORRUPT)
		rc = tell_damaged(
			fsck, fsck->records + 1, "the database cannot be read on from there");
	if (!rc && fsck->stored_end > fsck->records)
		rc = tell_damaged(
			fsck, fsck->records + 1, "it and whatever came after it is missing");
	if (!rc && fsck->damaged > TOLD_MAX)
		rc = tell(fsck, "note", "feed", "%llu more records are damaged",
			(unsigned long long)(fsck->damaged - TOLD_MAX));
	if (!rc && fsck->unknown)
		rc = tell(fsck, "note", "feed",
			"%llu records are of authors that nobody founded; they are kept and have "
			"no effect",
			(unsigned long long)fsck->unknown);
	if (!rc && fsck->erased)
		rc = tell(fsck, "note", "feed",
			"%llu records were erased; their headers are there, and their signatures",
			(unsigned long long)fsck->erased);
	if (!rc && !fsck->damaged)
		rc = tell(fsck, "ok", "feed",
			"%llu records, each of its form and signed by its author",
			(unsigned long long)fsck->records);
	return rc;
}

/* ------------------------------------------------------------------------------------------ derived tables */

static bool equal_columns(sqlite3_stmt *a, sqlite3_stmt *b)
{
	int count = sqlite3_column_count(a);
	if (count != sqlite3_column_count(b))
		return false;
	for (int i = 0; i < count; i++) {
		int type = sqlite3_column_type(a, i);
		if (type != sqlite3_column_type(b, i))
			return false;
		if (type == SQLITE_NULL)
			continue;
		if (type == SQLITE_INTEGER) {
			if (sqlite3_column_int64(a, i) != sqlite3_column_int64(b, i))
				return false;
			continue;
		}
		const void *left = sqlite3_column_blob(a, i), *right = sqlite3_column_blob(b, i);
		int size = sqlite3_column_bytes(a, i);
		if (size != sqlite3_column_bytes(b, i) ||
			(size && memcmp(left, right, (size_t)size) != 0))
			return false;
	}
	return true;
}

static sqlite3_stmt *select_all(
	struct fsck *fsck, const char *schema, const struct schema_table *table)
{
	sqlite3_stmt *statement = NULL;
	char text[120];
	snprintf(text, sizeof text, "SELECT * FROM %s.%s ORDER BY %s", schema, table->name,
		table->order);
	sqlite3_prepare_v2(fsck->conn->db, text, -1, &statement, NULL);
	return statement;
}

/* Walks both tables in step. 1: equal, 0: they differ (or the stored one cannot be read), from ret_row on. */
static int compare(struct fsck *fsck, const struct schema_table *table, uint64_t *ret_row)
{
	sqlite3_stmt *stored = select_all(fsck, "main", table);
	sqlite3_stmt *fresh = select_all(fsck, "temp", table);
	int have, want, rc = -1;
	uint64_t row = 0;
	while (rc < 0) {
		row++;
		want = fresh ? sqlite3_step(fresh) : SQLITE_ERROR;
		have = stored ? sqlite3_step(stored) : SQLITE_ERROR;
		if (want != SQLITE_ROW && want != SQLITE_DONE)
			rc = 2;
		else if (have != want)
			rc = 0;
		else if (want == SQLITE_DONE)
			rc = 1;
		else if (!equal_columns(stored, fresh))
			rc = 0;
	}
	sqlite3_finalize(stored);
	sqlite3_finalize(fresh);
	*ret_row = row;
	return rc == 2 ? db_error(fsck->store, fsck->conn, want, "fold the feed anew", fsck->err)
		       : rc;
}

static int replace(struct fsck *fsck, const struct schema_table *table)
{
	char text[160];
	snprintf(text, sizeof text,
		"DELETE FROM main.%s; INSERT INTO main.%s SELECT * FROM temp.%s ORDER BY %s",
		table->name, table->name, table->name, table->order);
	int rc = db_script(fsck->store, fsck->conn, text, fsck->err);
	if (rc == HILF_E_CORRUPT)
		return tell(fsck, "problem", "tables",
			"%s differs from what the feed says and is too damaged to be mended; "
			"restore a backup",
			table->name);
	if (rc)
		return rc;
	return tell(fsck, "mended", "tables", "%s was folded anew from the feed", table->name);
}

static int check_tables(struct fsck *fsck)
{
	bool equal = true;
	for (const struct schema_table *table = schema_derived; table->name; table++) {
		uint64_t row;
		int rc = compare(fsck, table, &row);
		if (rc == 1)
			continue;
		equal = false;
		if (rc == 0 && fsck->check_only)
			rc = tell(fsck, "problem", "tables",
				"%s differs from what the feed says from row %llu on; 'hilf fsck' "
				"mends it",
				table->name, (unsigned long long)row);
		else if (rc == 0)
			rc = replace(fsck, table);
		if (rc)
			return rc;
	}
	return equal ? tell(fsck, "ok", "tables", "as the feed says") : 0;
}

/* ------------------------------------------------------------------------------------------ local tables */

#define POLICY_MARK "hilf_mark(bank, mode, pdq_radius, sample_ppm)"
#define MUTE_MARK   "hilf_mark(entry, until_ms)"

/* How many rows of a table have a wrong mark; they are removed unless only looking. */
static int drop_unmarked(struct fsck *fsck, const char *table, const char *mark, int64_t *ret_count)
{
	sqlite3_stmt *statement = NULL;
	char text[160];
	snprintf(text, sizeof text, "SELECT count(*) FROM main.%s WHERE mark IS NOT %s", table,
		mark);
	int code = sqlite3_prepare_v2(fsck->conn->db, text, -1, &statement, NULL);
	if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW)
		*ret_count = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	if (code != SQLITE_ROW)
		return db_error(fsck->store, fsck->conn, code, "look at what is local", fsck->err);
	if (!*ret_count || fsck->check_only)
		return 0;
	snprintf(text, sizeof text, "DELETE FROM main.%s WHERE mark IS NOT %s", table, mark);
	return db_script(fsck->store, fsck->conn, text, fsck->err);
}

/* A bank whose mode is damaged goes back to the usual one, which never blocks. */
static int check_policies(struct fsck *fsck)
{
	int64_t count = 0;
	if (fsck->store->lost_key)
		return 0;
	int rc = drop_unmarked(fsck, "l_bank_policy", POLICY_MARK, &count);
	if (rc || !count)
		return rc;
	return tell(fsck, "problem", "banks", "the modes of %lld banks are damaged; %s",
		(long long)count,
		fsck->check_only ? "'hilf fsck' puts them back to the usual one"
				 : "they are back at the usual one: set them again");
}

static int check_mutes(struct fsck *fsck)
{
	int64_t count = 0;
	if (fsck->store->lost_key)
		return 0;
	int rc = drop_unmarked(fsck, "l_mute", MUTE_MARK, &count);
	if (rc || !count)
		return rc;
	return tell(fsck, "problem", "entries", "%lld mutes are damaged; %s", (long long)count,
		fsck->check_only ? "'hilf fsck' removes them, and their entries match again"
				 : "they are removed, and their entries match again");
}

static int tell_local(const char *what, uint64_t count, void *ctx)
{
	struct fsck *fsck = ctx;
	return tell(fsck, "problem", "local", "%llu damaged: %s; %s", (unsigned long long)count,
		what,
		fsck->check_only
			? "restore a backup, or 'hilf fsck' removes what cannot be trusted"
			: "removed, because they cannot be trusted; a backup may have them");
}

/* Keys, webhooks, checks and what else is this node's own, which no feed can restore. */
static int check_local(struct fsck *fsck)
{
	if (fsck->store->lost_key)
		return 0;
	return local_find_damaged(
		fsck->store, fsck->conn, !fsck->check_only, tell_local, fsck, fsck->err);
}

/* Without the key every mark is as good as damaged, so all get new ones. */
static int renew_key(struct fsck *fsck)
{
	if (!fsck->store->lost_key)
		return 0;
	if (fsck->check_only)
		return tell(fsck, "problem", "database",
			"the key of the store's marks is damaged; 'hilf fsck' mends it");
	int rc = schema_new_key(fsck->store, fsck->conn, fsck->err);
	if (!rc)
		rc = db_script(fsck->store, fsck->conn,
			"UPDATE main.feed SET mark = hilf_mark(seq, kind, received_ms, id, author, "
			"salt, header);"
			"UPDATE main.l_bank_policy SET mark = " POLICY_MARK ";"
			"UPDATE main.l_mute SET mark = " MUTE_MARK,
			fsck->err);
	if (!rc)
		rc = local_remark(fsck->store, fsck->conn, fsck->err);
	return rc ? rc
		  : tell(fsck, "mended", "database",
			    "the key of the store's marks was damaged and is made anew");
}

/* ------------------------------------------------------------------------------------------ all of it */

/* The derived tables' own word on where the feed ends, if it can be had; from then on "@" is the fresh fold. */
static int turn_to_fresh(struct fsck *fsck)
{
	struct state state = {0};
	struct conn *conn = fsck->conn;
	if (!fsck->store->lost_key && load_state(fsck->store, conn, &state, NULL) == 0)
		fsck->stored_end = state.seq;
	sqlite3_finalize(conn->statements[SQL_STATE_GET]);
	conn->statements[SQL_STATE_GET] = NULL;
	conn->schema = "temp";
	state = (struct state){0};
	int rc = schema_make_derived(fsck->store, conn, fsck->err);
	if (!rc)
		rc = save_state(fsck->store, conn, &state, fsck->err);
	if (!rc)
		rc = fold_begin(&fsck->fold, fsck->err);
	return rc;
}

static int mend_structures(struct fsck *fsck)
{
	uint64_t count;
	int rc = check_structures(fsck, NULL, &count);
	if (rc)
		return rc;
	if (!count)
		return tell(fsck, "mended", "database", "what SQLite found is gone");
	fsck->problems += count;
	return tell(fsck, "problem", "database",
		"the file is damaged; what can be read can be exported; restore a "
		"backup");
}

static int check_all(struct fsck *fsck)
{
	bool mend = !fsck->check_only;
	int rc = check_structures(fsck, mend ? "warning" : "problem", &fsck->structure_faults);
	if (!rc && fsck->structure_faults && mend &&
		db_script(fsck->store, fsck->conn, "REINDEX main.feed", NULL) != 0)
		rc = tell(fsck, "note", "database", "the feed's index could not be built anew");
	if (!rc && !fsck->structure_faults)
		rc = tell(fsck, "ok", "database", "sound");
	if (!rc)
		rc = turn_to_fresh(fsck);
	if (!rc)
		rc = renew_key(fsck);
	if (!rc)
		rc = check_feed(fsck);
	if (!rc && !fsck->damaged)
		rc = fold_end(&fsck->fold, fsck->err);
	if (!rc && !fsck->damaged && (mend || !fsck->store->lost_key))
		rc = check_tables(fsck);
	else if (!rc && fsck->damaged)
		rc = tell(fsck, "note", "tables", "left as they are, because the feed is damaged");
	if (!rc)
		rc = check_policies(fsck);
	if (!rc)
		rc = check_mutes(fsck);
	if (!rc)
		rc = check_local(fsck);
	if (!rc && fsck->structure_faults && mend)
		rc = mend_structures(fsck);
	return rc;
}

static int run(struct fsck *fsck)
{
	struct store *store = fsck->store;
	int rc = conn_open(
		store, fsck->check_only ? CONN_CHECK : CONN_WRITE, &fsck->conn, fsck->err);
	if (rc)
		return rc;
	fsck->fold.conn = fsck->conn;
	if (mark_register(store, fsck->conn) != SQLITE_OK)
		rc = err_no_memory(fsck->err);
	if (!rc)
		rc = db_run(store, fsck->conn,
			db_use(fsck->conn, fsck->check_only ? SQL_BEGIN_READ : SQL_BEGIN_WRITE),
			fsck->err);
	if (!rc)
		rc = check_all(fsck);
	if (!rc && !fsck->check_only)
		rc = db_run(store, fsck->conn, db_use(fsck->conn, SQL_COMMIT), fsck->err);
	if (!rc && !fsck->check_only)
		store->lost_key = false;
	conn_close(fsck->conn); /* rolls back what was not committed */
	return rc;
}

int store_fsck(struct store *store, bool check_only, hilf_finding_fn *fn, void *ctx,
	uint64_t *ret_problems, struct hilf_err *err)
{
	struct fsck fsck = {
		.store = store, .check_only = check_only, .fn = fn, .ctx = ctx, .err = err};
	ASSERT(!store->in_write && fn && ret_problems);
	if (sodium_init() < 0)
		return err_set(err, HILF_E_UNSUPPORTED, "libsodium cannot be started");
	int rc = check_only ? 0 : store_lock(store, err);
	if (rc)
		return rc;
	fsck.fold.store = store;
	arena_init(&fsck.arena, 0);
	rc = run(&fsck);
	arena_clear(&fsck.arena);
	fold_free(&fsck.fold);
	if (!check_only)
		lock_release(store->lock_fd);
	if (!rc)
		*ret_problems = fsck.problems;
	return rc;
}
