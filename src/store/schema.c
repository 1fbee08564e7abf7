/* The tables, and whether a database is ours. Derived ones are made from one text, for the store itself and for the
 * fresh fold of fsck. Everything is STRICT, so that a damaged or foreign value is refused, not coerced. */
#include "store/db.h"

#include "base/err.h"
#include "base/hex.h"
#include "os/clock.h"

#include <string.h>

/* clang-format off */

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
	" mark INTEGER NOT NULL,"
	" record BLOB,"
	" header BLOB) STRICT;" /* of an erased one: what stays of it */
	"CREATE TABLE main.l_setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT "
	"ROWID;"
	"CREATE TABLE main.l_bank_policy ("
	" bank BLOB PRIMARY KEY, mode INTEGER NOT NULL, pdq_radius INTEGER NOT NULL,"
	" sample_ppm INTEGER NOT NULL, mark INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE main.l_note ("
	" id INTEGER PRIMARY KEY, record BLOB NOT NULL, ordinal INTEGER NOT NULL,"
	" time_ms INTEGER NOT NULL, text TEXT NOT NULL) STRICT;"
	"CREATE INDEX main.l_note_record ON l_note (record, ordinal);";

/* Since version 2, beside local_tables. */
static const char tables_kept_2[] =
	"CREATE INDEX IF NOT EXISTS main.feed_erased ON feed (seq) WHERE header IS NOT NULL;"
	"CREATE TABLE IF NOT EXISTS main.l_mute ("
	" entry INTEGER PRIMARY KEY, until_ms INTEGER NOT NULL, mark INTEGER NOT NULL) STRICT;";

/* A span is the entries of one record: they have consecutive ids, and share what the record says of all of them. */
static const char tables_derived[] =
	"CREATE TABLE @d_state ("
	" one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, feed_size INTEGER NOT NULL,"
	" members INTEGER NOT NULL, banks INTEGER NOT NULL, banks_removed INTEGER NOT NULL,"
	" metas INTEGER NOT NULL, spans INTEGER NOT NULL, entries INTEGER NOT NULL,"
	" withdrawn INTEGER NOT NULL, signals_1 INTEGER NOT NULL, signals_2 INTEGER NOT NULL,"
	" signals_3 INTEGER NOT NULL, opinions INTEGER NOT NULL, disputes INTEGER NOT NULL,"
	" mark INTEGER NOT NULL) STRICT;"
	"CREATE TABLE @d_member ("
	" id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, gid BLOB NOT NULL UNIQUE, key BLOB NOT NULL,"
	" name TEXT NOT NULL, mark INTEGER NOT NULL) STRICT;"
	"CREATE TABLE @d_bank ("
	" id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, gid BLOB NOT NULL UNIQUE, author BLOB NOT NULL,"
	" name TEXT NOT NULL, removed_seq INTEGER, renamed_seq INTEGER, created_ms INTEGER NOT NULL,"
	" mark INTEGER NOT NULL) STRICT;"
	"CREATE INDEX @d_bank_name ON d_bank (name);"
	"CREATE TABLE @d_meta ("
	" id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, class TEXT NOT NULL, ground TEXT NOT NULL,"
	" territory TEXT NOT NULL, source INTEGER NOT NULL, onward INTEGER NOT NULL, labels TEXT "
	"NOT NULL,"
	" mark INTEGER NOT NULL) STRICT;"
	"CREATE INDEX @d_meta_mark ON d_meta (mark);"
	"CREATE TABLE @d_said ("
	" hash INTEGER NOT NULL, meta INTEGER NOT NULL," /* with its meta */
	" PRIMARY KEY (hash, meta)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE @d_span ("
	" first INTEGER PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, count INTEGER NOT NULL,"
	" bank INTEGER NOT NULL, withdrawn INTEGER NOT NULL, early INTEGER NOT NULL,"
	" added_ms INTEGER NOT NULL,"
	" expires_ms INTEGER NOT NULL, record BLOB NOT NULL, mark INTEGER NOT NULL) STRICT;"
	"CREATE INDEX @d_span_bank ON d_span (bank, first);"
	"CREATE INDEX @d_span_early ON d_span (bank) WHERE early > 0;"
	"CREATE INDEX @d_span_expires ON d_span (expires_ms, count, withdrawn, early);"
	"CREATE TABLE @d_entry ("
	" id INTEGER PRIMARY KEY, meta INTEGER NOT NULL, withdrawn_seq INTEGER, changed_seq INTEGER,"
	" expires_ms INTEGER," /* NULL: the span's */
	" mark INTEGER NOT NULL, signals BLOB NOT NULL) STRICT;"
	"CREATE INDEX @d_entry_meta ON d_entry (meta);"
	"CREATE INDEX @d_entry_withdrawn ON d_entry (withdrawn_seq) WHERE withdrawn_seq IS NOT NULL;"
	"CREATE INDEX @d_entry_changed ON d_entry (changed_seq) WHERE changed_seq IS NOT NULL;"
	"CREATE INDEX @d_entry_expires ON d_entry (expires_ms, withdrawn_seq) WHERE expires_ms IS NOT NULL;"
	"CREATE TABLE @d_key ("
	" key INTEGER NOT NULL, entry INTEGER NOT NULL, gone INTEGER NOT NULL," /* with its entry */
	" PRIMARY KEY (key, entry)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE @d_opinion ("
	" entry INTEGER NOT NULL, member INTEGER NOT NULL, seq INTEGER NOT NULL, opinion INTEGER NOT NULL,"
	" time_ms INTEGER NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (entry, member))"
	" STRICT, WITHOUT ROWID;"
	"CREATE INDEX @d_opinion_seq ON d_opinion (seq);"
	"CREATE INDEX @d_opinion_dispute ON d_opinion (entry) WHERE opinion = 2;";

/* clang-format on */

const struct schema_table schema_derived[] = {{"d_state", "one"}, {"d_member", "id"},
	{"d_bank", "id"}, {"d_meta", "id"}, {"d_said", "hash, meta"}, {"d_span", "first"}, {"d_entry", "id"},
	{"d_key", "key, entry"}, {"d_opinion", "entry, member"}, {NULL, NULL}};

int schema_make_derived(struct store *store, struct conn *conn, struct hilf_err *err)
{
	return db_script(store, conn, tables_derived, err);
}

int schema_make_kept(struct store *store, struct conn *conn, struct hilf_err *err)
{
	int rc = db_script(store, conn, tables_kept_2, err);
	for (const char *const *block = local_tables; *block && !rc; block++)
		rc = db_script(store, conn, *block, err);
	return rc;
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

/* The setting is the key and, behind it, a hash under that key, so that a damaged one is known as such. */
#define KEY_TEXT_SIZE (2 * (sizeof(int64_t) + crypto_shorthash_KEYBYTES))

static void format_key(const struct store *store, char ret_text[KEY_TEXT_SIZE + 1])
{
	int64_t check = mark_hash(store, SETTING_MARK_KEY, sizeof SETTING_MARK_KEY);
	hex_encode(store->mark_key, sizeof store->mark_key, ret_text);
	hex_encode(&check, sizeof check, ret_text + 2 * sizeof store->mark_key);
}

static bool parse_key(struct store *store, const char *text)
{
	char again[KEY_TEXT_SIZE + 1];
	if (strlen(text) != KEY_TEXT_SIZE || !hex_decode(text, 2 * sizeof store->mark_key,
						     store->mark_key, sizeof store->mark_key))
		return false;
	format_key(store, again);
	return strcmp(text, again) == 0;
}

static int read_mark_key(struct store *store, struct conn *conn, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_SETTING_GET);
	char text[KEY_TEXT_SIZE + 1];
	sqlite3_bind_text(statement, 1, SETTING_MARK_KEY, -1, SQLITE_STATIC);
	int rc = db_step(store, conn, statement, err);
	bool good =
		rc == 1 && column_text(statement, 0, text, sizeof text) && parse_key(store, text);
	sqlite3_reset(statement);
	if (rc < 0)
		return rc;
	/* Without its key no mark is right: every row reads as damaged until fsck makes a new key and all marks. */
	if (!good)
		memset(store->mark_key, 0, sizeof store->mark_key);
	store->lost_key = !good;
	return 0;
}

static int look_for_early(struct store *store, struct conn *conn, struct hilf_err *err)
{
	int64_t count = 0;
	int rc = ask(store, conn,
		"SELECT count(*) FROM pragma_table_info('l_key') WHERE name = 'held_by'", &count,
		err);
	store->early = !rc && !count;
	if (!rc)
		rc = ask(store, conn, "SELECT count(*) FROM sqlite_schema WHERE name = 'd_said'",
			&count, err);
	store->unsaid = !rc && !count;
	return rc;
}

int schema_check(struct store *store, struct conn *conn, int64_t *ret_version, struct hilf_err *err)
{
	int64_t application = 0, version = 0, tables = 0;
	int rc = ask(store, conn, "PRAGMA main.application_id", &application, err);
	if (!rc && !application)
		rc = ask(store, conn, "SELECT count(*) FROM sqlite_master", &tables, err);
	if (!rc && !application && !tables)
		return 1;
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
	if (version < 1)
		return err_set(err, HILF_E_CORRUPT,
			"'%s' says it has store version %lld, which never was; "
			"restore a backup",
			store->path, (long long)version);
	*ret_version = version;
	rc = version == STORE_VERSION ? look_for_early(store, conn, err) : 0;
	return rc ? rc : read_mark_key(store, conn, err);
}

int schema_new_key(struct store *store, struct conn *conn, struct hilf_err *err)
{
	char text[KEY_TEXT_SIZE + 1];
	random_bytes(store->mark_key, sizeof store->mark_key);
	format_key(store, text);
	sqlite3_stmt *statement = db_use(conn, SQL_SETTING_SET);
	sqlite3_bind_text(statement, 1, SETTING_MARK_KEY, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, text, -1, SQLITE_STATIC);
	return db_run(store, conn, statement, err);
}

static int fill_new(struct store *store, struct conn *conn, struct hilf_err *err)
{
	const struct state state = {0};
	int rc = db_script(store, conn, tables_kept, err);
	if (!rc)
		rc = schema_make_kept(store, conn, err);
	if (!rc)
		rc = schema_new_key(store, conn, err);
	if (!rc)
		rc = schema_make_derived(store, conn, err);
	if (!rc)
		rc = save_state(store, conn, &state, err);
	if (!rc)
		rc = db_script(store, conn,
			"PRAGMA main.application_id = 1751739494; PRAGMA main.user_version = 2",
			err);
	return rc;
}

int schema_create(struct store *store, const char *path, struct hilf_err *err)
{
	struct conn *conn;
	_Static_assert(STORE_APPLICATION_ID == 1751739494 && STORE_VERSION == 2,
		"as fill_new writes them");
	int rc = conn_open_at(store, path, CONN_MAKE, &conn, err);
	if (rc)
		return rc;
	rc = db_script(store, conn, "BEGIN IMMEDIATE", err);
	if (!rc)
		rc = fill_new(store, conn, err);
	if (!rc)
		rc = db_script(store, conn, "COMMIT; PRAGMA journal_mode = WAL", err);
	conn_close(conn);
	return rc;
}
