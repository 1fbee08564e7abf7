/* The tables, and whether a database is ours. Derived ones are made from one text, for the store itself and for the
 * fresh fold of fsck. Everything is STRICT, so that a damaged or foreign value is refused, not coerced. */
#include "store/db.h"

#include "base/err.h"
#include "base/hex.h"
#include "os/clock.h"

#include <string.h>

/* Small columns come before the record, so that reading them does not touch its overflow pages. */
static const char tables_kept[] =
	"CREATE TABLE main.feed ("
	" seq INTEGER PRIMARY KEY,"
	" id BLOB NOT NULL UNIQUE,"
	" kind INTEGER NOT NULL,"
	" author BLOB NOT NULL,"
	" received_ms INTEGER NOT NULL,"
	" origin BLOB," /* the member it came through; NULL: written here */
	" origin_seq INTEGER,"
	" proof BLOB,"
	" salt BLOB," /* NULL, with the record: erased */
	" signature BLOB NOT NULL,"
	" record BLOB) STRICT;"
	"CREATE TABLE main.l_setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT "
	"ROWID;"
	"CREATE TABLE main.l_bank_policy ("
	" bank BLOB PRIMARY KEY, mode INTEGER NOT NULL, pdq_radius INTEGER NOT NULL) STRICT, "
	"WITHOUT ROWID;"
	"CREATE TABLE main.l_note ("
	" id INTEGER PRIMARY KEY, record BLOB NOT NULL, ordinal INTEGER NOT NULL,"
	" time_ms INTEGER NOT NULL, text TEXT NOT NULL) STRICT;"
	"CREATE INDEX main.l_note_record ON l_note (record, ordinal);";

/* A span is the entries of one record: they have consecutive ids, and share what the record says of all of them. */
static const char tables_derived[] =
	"CREATE TABLE @d_state ("
	" one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, feed_size INTEGER NOT "
	"NULL,"
	" members INTEGER NOT NULL, banks INTEGER NOT NULL, banks_removed INTEGER NOT NULL,"
	" metas INTEGER NOT NULL, spans INTEGER NOT NULL, entries INTEGER NOT NULL,"
	" withdrawn INTEGER NOT NULL, signals_1 INTEGER NOT NULL, signals_2 INTEGER NOT NULL,"
	" signals_3 INTEGER NOT NULL, mark INTEGER NOT NULL) STRICT;"
	"CREATE TABLE @d_member ("
	" id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, gid BLOB NOT NULL UNIQUE, key BLOB NOT "
	"NULL,"
	" name TEXT NOT NULL, mark INTEGER NOT NULL) STRICT;"
	"CREATE TABLE @d_bank ("
	" id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, gid BLOB NOT NULL UNIQUE, author BLOB NOT "
	"NULL,"
	" name TEXT NOT NULL, removed_seq INTEGER, created_ms INTEGER NOT NULL, mark INTEGER NOT "
	"NULL)"
	" STRICT;"
	"CREATE INDEX @d_bank_name ON d_bank (name);"
	"CREATE TABLE @d_meta ("
	" id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, class TEXT NOT NULL, ground TEXT NOT NULL,"
	" territory TEXT NOT NULL, source INTEGER NOT NULL, onward INTEGER NOT NULL, labels TEXT "
	"NOT NULL,"
	" mark INTEGER NOT NULL) STRICT;"
	"CREATE INDEX @d_meta_mark ON d_meta (mark);"
	"CREATE TABLE @d_span ("
	" first INTEGER PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, count INTEGER NOT NULL,"
	" bank INTEGER NOT NULL, withdrawn INTEGER NOT NULL, added_ms INTEGER NOT NULL,"
	" expires_ms INTEGER NOT NULL, record BLOB NOT NULL, mark INTEGER NOT NULL) STRICT;"
	"CREATE INDEX @d_span_bank ON d_span (bank, first);"
	"CREATE INDEX @d_span_expires ON d_span (expires_ms, count, withdrawn);"
	"CREATE TABLE @d_entry ("
	" id INTEGER PRIMARY KEY, meta INTEGER NOT NULL, withdrawn_seq INTEGER, mark INTEGER NOT "
	"NULL,"
	" signals BLOB NOT NULL) STRICT;"
	"CREATE INDEX @d_entry_withdrawn ON d_entry (withdrawn_seq) WHERE withdrawn_seq IS NOT "
	"NULL;"
	"CREATE TABLE @d_key (key INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (key, "
	"entry))"
	" STRICT, WITHOUT ROWID;";

const struct schema_table schema_derived[] = {{"d_state", "one"}, {"d_member", "id"},
	{"d_bank", "id"}, {"d_meta", "id"}, {"d_span", "first"}, {"d_entry", "id"},
	{"d_key", "key, entry"}, {NULL, NULL}};

int schema_make_derived(struct store *store, struct conn *conn, struct hilf_err *err)
{
	return db_script(store, conn, tables_derived, err);
}

/* A number that a pragma answers. */
static int ask(struct store *store, struct conn *conn, const char *pragma, int64_t *ret_number,
	struct hilf_err *err)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(conn->db, pragma, -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*ret_number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return code == SQLITE_ROW ? 0 : db_error(store, conn, code, "look into the database", err);
}

static int read_mark_key(struct store *store, struct conn *conn, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_SETTING_GET);
	char text[2 * sizeof store->mark_key + 1];
	sqlite3_bind_text(statement, 1, SETTING_MARK_KEY, -1, SQLITE_STATIC);
	int rc = db_step(store, conn, statement, err);
	bool good = rc == 1 && column_text(statement, 0, text, sizeof text) &&
		    hex_decode(text, strlen(text), store->mark_key, sizeof store->mark_key);
	sqlite3_reset(statement);
	if (rc < 0)
		return rc;
	return good ? 0 : db_damaged(store, "the setting '" SETTING_MARK_KEY "'", err);
}

int schema_check(struct store *store, struct conn *conn, struct hilf_err *err)
{
	int64_t application = 0, version = 0;
	int rc = ask(store, conn, "PRAGMA main.application_id", &application, err);
	if (!rc)
		rc = ask(store, conn, "PRAGMA main.user_version", &version, err);
	if (rc)
		return rc;
	if (application != STORE_APPLICATION_ID)
		return err_set(err, HILF_E_CORRUPT,
			"'%s' is a database, but not one of hilf's; choose another "
			"data folder, or move that file away",
			store->path);
	if (version > STORE_VERSION)
		return err_set(err, HILF_E_VERSION,
			"'%s' was written by a newer hilf (store version %lld, this "
			"one knows %d); upgrade this hilf",
			store->path, (long long)version, STORE_VERSION);
	if (version != STORE_VERSION)
		return err_set(err, HILF_E_CORRUPT,
			"'%s' says it has store version %lld, which never was; "
			"restore a backup",
			store->path, (long long)version);
	return read_mark_key(store, conn, err);
}

static int fill_new(struct store *store, struct conn *conn, struct hilf_err *err)
{
	char text[2 * sizeof store->mark_key + 1];
	const struct state state = {0};
	random_bytes(store->mark_key, sizeof store->mark_key);
	hex_encode(store->mark_key, sizeof store->mark_key, text);
	int rc = db_script(store, conn, tables_kept, err);
	if (!rc)
		rc = schema_make_derived(store, conn, err);
	if (!rc)
		rc = save_state(store, conn, &state, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = db_use(conn, SQL_SETTING_SET);
	sqlite3_bind_text(statement, 1, SETTING_MARK_KEY, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, text, -1, SQLITE_STATIC);
	rc = db_run(store, conn, statement, err);
	if (!rc)
		rc = db_script(store, conn,
			"PRAGMA main.application_id = 1751739494; PRAGMA main.user_version = 1",
			err);
	return rc;
}

int schema_create(struct store *store, struct hilf_err *err)
{
	struct conn *conn;
	int64_t tables = 0;
	_Static_assert(STORE_APPLICATION_ID == 1751739494 && STORE_VERSION == 1,
		"as fill_new writes them");
	int rc = conn_open(store, CONN_WRITE, &conn, err);
	if (rc)
		return rc;
	rc = ask(store, conn, "SELECT count(*) FROM sqlite_master", &tables, err);
	if (!rc && !tables) {
		rc = db_script(store, conn, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE", err);
		if (!rc)
			rc = fill_new(store, conn, err);
		if (!rc)
			rc = db_script(store, conn, "COMMIT", err);
	}
	conn_close(conn);
	return rc;
}
