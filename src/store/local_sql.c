/* The tables of local memory and every statement over them. A mark is local_mark(columns...), so that the text of a
 * statement shows what it covers; what is written often and matters little (when a key was used, how much waits) has
 * none. */
#include "store/local_db.h"
#include "store/local_desk_db.h"

/* clang-format off */

#define KEY_COLUMNS \
	"id, hash, name, role, banks, created_ms, expires_ms, revoked_ms, rate, quota, held_by"
#define HOOK_COLUMNS \
	"number, id, url, events, banks, secret, note, enabled, created_ms"
#define EVENT_COLUMNS \
	"id, hook, event_id, event, error, body, attempts, status, created_ms, next_ms, failed_ms, dead"
#define CHECK_COLUMNS \
	"id, time_ms, until_ms, reversed_ms, appeal_until_ms, verdict, standing, surface, basis, content_key, " \
	"content_id, uploader_ref, evidence_url, language, actor, statement, decision, token, rests, " \
	"caption, places, reach, why"
#define ANSWER_COLUMNS "key, request, status, body, until_ms"
#define SEEN_COLUMNS   "id, time_ms, content_key, content_id, signals"
#define USER_COLUMNS \
	"id, login, name, role, banks, language, declined, enabled, created_ms, unlocked_ms, step, secret"
#define INVITATION_COLUMNS "hash, user, seed, created_ms, until_ms"
#define SESSION_COLUMNS    "hash, user, made_ms, until_ms"
#define TALLY_COLUMNS  "step, start_ms, which, value"
#define TALLY_BANK_COLUMNS   "bank, day_ms, radius, counts"
#define TALLY_SOURCE_COLUMNS "member, day_ms, decisions, decided, upheld"

/* A block for each part of local memory: a literal has its limits. */
const char *const local_tables[] = {
	"CREATE TABLE IF NOT EXISTS main.l_key ("
	" id TEXT PRIMARY KEY, hash BLOB NOT NULL, name TEXT NOT NULL, role INTEGER NOT NULL, banks TEXT,"
	" created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, revoked_ms INTEGER NOT NULL,"
	" rate INTEGER NOT NULL, quota INTEGER NOT NULL, mark INTEGER NOT NULL, held_by TEXT) STRICT, WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS main.l_key_use ("
	" id TEXT PRIMARY KEY, used_ms INTEGER NOT NULL, used_day INTEGER NOT NULL, used_count INTEGER NOT NULL)"
	" STRICT, WITHOUT ROWID;"
	/* Numbers of hooks and events are never given twice: somebody may still hold one that is gone. */
	"CREATE TABLE IF NOT EXISTS main.l_webhook ("
	" number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, url TEXT NOT NULL, events TEXT NOT NULL,"
	" banks TEXT, secret TEXT NOT NULL, note TEXT, enabled INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
	" mark INTEGER NOT NULL) STRICT;"
	"CREATE TABLE IF NOT EXISTS main.l_webhook_load ("
	" hook INTEGER PRIMARY KEY, count INTEGER NOT NULL, size INTEGER NOT NULL) STRICT;"
	"CREATE TABLE IF NOT EXISTS main.l_outbox ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, hook INTEGER NOT NULL, event_id TEXT NOT NULL, event TEXT NOT NULL,"
	" error TEXT, attempts INTEGER NOT NULL, status INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
	" next_ms INTEGER NOT NULL, failed_ms INTEGER NOT NULL, dead INTEGER NOT NULL, mark INTEGER NOT NULL,"
	" body BLOB NOT NULL) STRICT;"
	"CREATE INDEX IF NOT EXISTS main.l_outbox_hook ON l_outbox (hook, dead, id);"
	"CREATE INDEX IF NOT EXISTS main.l_outbox_dead ON l_outbox (failed_ms) WHERE dead = 1;"
	/* standing, reversed_ms and rests change; what was answered stays. */
	"CREATE TABLE IF NOT EXISTS main.l_check ("
	" id INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,"
	" reversed_ms INTEGER NOT NULL, appeal_until_ms INTEGER NOT NULL, verdict INTEGER NOT NULL,"
	" standing INTEGER NOT NULL, surface INTEGER NOT NULL, basis INTEGER NOT NULL, content_key INTEGER,"
	" content_id TEXT, uploader_ref TEXT, evidence_url TEXT, language TEXT, actor TEXT, decision BLOB,"
	" token BLOB, mark INTEGER NOT NULL, rests BLOB NOT NULL, statement TEXT,"
	" caption TEXT, places TEXT, reach INTEGER NOT NULL, why INTEGER NOT NULL) STRICT;"
	/* The key is a hash: an identifier of 256 bytes would be in the index whole. */
	"CREATE INDEX IF NOT EXISTS main.l_check_content ON l_check (content_key) WHERE content_key IS NOT NULL;"
	"CREATE UNIQUE INDEX IF NOT EXISTS main.l_check_decision ON l_check (decision) WHERE decision IS NOT NULL;"
	"CREATE INDEX IF NOT EXISTS main.l_check_until ON l_check (until_ms);"
	"CREATE TABLE IF NOT EXISTS main.l_check_entry ("
	" entry INTEGER NOT NULL, check_id INTEGER NOT NULL, PRIMARY KEY (entry, check_id)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS main.l_rest ("
	" entry INTEGER PRIMARY KEY, expires_ms INTEGER NOT NULL, most INTEGER NOT NULL) STRICT;"
	"CREATE INDEX IF NOT EXISTS main.l_rest_expires ON l_rest (expires_ms);"
	"CREATE TABLE IF NOT EXISTS main.l_idempotent ("
	" id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, request BLOB NOT NULL, status INTEGER NOT NULL,"
	" until_ms INTEGER NOT NULL, mark INTEGER NOT NULL, body BLOB NOT NULL) STRICT;"
	"CREATE INDEX IF NOT EXISTS main.l_idempotent_until ON l_idempotent (until_ms);"
	"CREATE TABLE IF NOT EXISTS main.l_lookback ("
	" id INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, content_key INTEGER NOT NULL, content_id TEXT NOT NULL,"
	" signals BLOB NOT NULL, mark INTEGER NOT NULL) STRICT;"
	"CREATE INDEX IF NOT EXISTS main.l_lookback_content ON l_lookback (content_key);"
	"CREATE TABLE IF NOT EXISTS main.l_beside ("
	" entry INTEGER PRIMARY KEY, text TEXT NOT NULL, mark INTEGER NOT NULL) STRICT;",

	"CREATE TABLE IF NOT EXISTS main.l_user ("
	" id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role INTEGER NOT NULL, banks TEXT,"
	" language TEXT, declined TEXT, enabled INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
	" unlocked_ms INTEGER NOT NULL, step INTEGER NOT NULL, secret BLOB, mark INTEGER NOT NULL)"
	" STRICT, WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS main.l_invitation ("
	" hash BLOB PRIMARY KEY, user TEXT NOT NULL UNIQUE, seed BLOB NOT NULL, created_ms INTEGER NOT NULL,"
	" until_ms INTEGER NOT NULL, mark INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS main.l_session ("
	" hash BLOB PRIMARY KEY, user TEXT NOT NULL, made_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,"
	" mark INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE INDEX IF NOT EXISTS main.l_session_user ON l_session (user, made_ms);"
	"CREATE TABLE IF NOT EXISTS main.l_session_use ("
	" hash BLOB PRIMARY KEY, used_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;",

	"CREATE TABLE IF NOT EXISTS main.l_tally ("
	" step INTEGER NOT NULL, start_ms INTEGER NOT NULL, which INTEGER NOT NULL, value INTEGER NOT NULL,"
	" mark INTEGER NOT NULL, PRIMARY KEY (step, start_ms, which)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS main.l_tally_bank ("
	" bank BLOB NOT NULL, day_ms INTEGER NOT NULL, radius INTEGER NOT NULL, counts BLOB NOT NULL,"
	" mark INTEGER NOT NULL, PRIMARY KEY (bank, day_ms)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS main.l_tally_source ("
	" member BLOB NOT NULL, day_ms INTEGER NOT NULL, decisions INTEGER NOT NULL, decided INTEGER NOT NULL,"
	" upheld INTEGER NOT NULL,"
	" mark INTEGER NOT NULL, PRIMARY KEY (member, day_ms)) STRICT, WITHOUT ROWID;",
	DECISION_TABLES,
	VAULT_TABLES,
	desk_tables,
	desk_tables_words,
	NULL,
};

const struct local_table local_tables_marked[] = {
	{"l_key", KEY_COLUMNS, "API keys"},
	{"l_webhook", HOOK_COLUMNS, "webhooks"},
	{"l_outbox", EVENT_COLUMNS, "events on their way"},
	{"l_check", CHECK_COLUMNS, "recorded checks"},
	{"l_idempotent", ANSWER_COLUMNS, "kept answers"},
	{"l_lookback", SEEN_COLUMNS, "contents looked back on"},
	{"l_beside", "entry, text", "texts beside entries"},
	{"l_user", USER_COLUMNS, "people's accounts"},
	{"l_invitation", INVITATION_COLUMNS, "invitations"},
	{"l_session", SESSION_COLUMNS, "sessions"},
	{"l_tally", TALLY_COLUMNS, "counts"},
	{"l_tally_bank", TALLY_BANK_COLUMNS, "counts of banks"},
	{"l_tally_source", TALLY_SOURCE_COLUMNS, "counts of members"},
	{"l_case", CASE_COLUMNS, "cases"},
	{"l_cluster", CLUSTER_COLUMNS, "clusters of cases"},
	{"l_upload", UPLOAD_COLUMNS, "uploads of cases"},
	{"l_report", CASE_REPORT_COLUMNS, "reports"},
	{"l_case_note", CASE_NOTE_COLUMNS, "notes on cases"},
	{"l_case_alias", CASE_ALIAS_COLUMNS, "aliases of reviewers"},
	{"l_case_bar", CASE_BAR_COLUMNS, "those who must not take a case"},
	{"l_lease", LEASE_COLUMNS, "leases of cases"},
	DECISION_TABLES_MARKED
	VAULT_TABLES_MARKED
	{NULL, NULL, NULL},
};

/* The columns of a row and whether its mark is right. */
#define SELECT(columns, table) "SELECT " columns ", mark = local_mark(" columns ") FROM main." table " "

#define EVENT_MARK(attempts, status, error, next, failed, dead) \
	"mark = local_mark(id, hook, event_id, event, " error ", body, " attempts ", " status ", created_ms, " next ", " \
	failed ", " dead ")"

/* In a list of banks, the name ?1 becomes ?2, or goes where that is there already. */
#define HAS_BANK(name) "instr(char(10) || banks || char(10), char(10) || " name " || char(10)) > 0"
#define BANKS_RENAMED \
	"trim(replace(char(10) || banks || char(10), char(10) || ?1 || char(10), " \
	"CASE WHEN " HAS_BANK("?2") " THEN char(10) ELSE char(10) || ?2 || char(10) END), char(10))"
#define BANK_RENAME(table, columns, renamed) \
	"UPDATE main." table " SET banks = " BANKS_RENAMED ", mark = local_mark(" renamed ") " \
	"WHERE " HAS_BANK("?1") " AND mark = local_mark(" columns ")"

const char *const local_texts[LOCAL_COUNT] = {
	[LOCAL_KEY_BANK] = BANK_RENAME("l_key", KEY_COLUMNS,
		"id, hash, name, role, " BANKS_RENAMED ", created_ms, expires_ms, revoked_ms, rate, quota, held_by"),
	[LOCAL_HOOK_BANK] = BANK_RENAME("l_webhook", HOOK_COLUMNS,
		"number, id, url, events, " BANKS_RENAMED ", secret, note, enabled, created_ms"),
	[LOCAL_USER_BANK] = BANK_RENAME("l_user", USER_COLUMNS,
		"id, login, name, role, " BANKS_RENAMED ", language, declined, enabled, created_ms, unlocked_ms, step, secret"),

	[LOCAL_BESIDE_PUT] =
		"INSERT OR REPLACE INTO main.l_beside (entry, text, mark) VALUES (?1, ?2, local_mark(?1, ?2))",
	[LOCAL_BESIDE_REMOVE] = "DELETE FROM main.l_beside WHERE entry = ?1",
	[LOCAL_BESIDE_GET] = "SELECT text, mark = local_mark(entry, text) FROM main.l_beside WHERE entry = ?1",

	[LOCAL_USER_PUT] =
		"INSERT OR REPLACE INTO main.l_user (" USER_COLUMNS ", mark) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
		"?10, ?11, ?12, local_mark(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12))",
	[LOCAL_USER_GET] = SELECT(USER_COLUMNS, "l_user") "WHERE id = ?1",
	[LOCAL_USER_FIND] = SELECT(USER_COLUMNS, "l_user") "WHERE login = ?1",
	[LOCAL_USER_EACH] = SELECT(USER_COLUMNS, "l_user") "ORDER BY login",
	[LOCAL_INVITATION_ADD] =
		"INSERT INTO main.l_invitation (" INVITATION_COLUMNS ", mark) VALUES (?1, ?2, ?3, ?4, ?5, "
		"local_mark(?1, ?2, ?3, ?4, ?5))",
	[LOCAL_INVITATION_GET] = SELECT(INVITATION_COLUMNS, "l_invitation") "WHERE hash = ?1",
	[LOCAL_INVITATION_EACH] = SELECT(INVITATION_COLUMNS, "l_invitation"),
	[LOCAL_INVITATION_REMOVE] = "DELETE FROM main.l_invitation WHERE user = ?1",
	[LOCAL_INVITATION_SWEEP] = "DELETE FROM main.l_invitation WHERE until_ms <= ?1",
	[LOCAL_SESSION_ADD] =
		"INSERT INTO main.l_session (" SESSION_COLUMNS ", mark) VALUES (?1, ?2, ?3, ?4, "
		"local_mark(?1, ?2, ?3, ?4))",
	[LOCAL_SESSION_EACH] =
		"SELECT s.hash, user, made_ms, until_ms, mark = local_mark(s.hash, user, made_ms, until_ms), "
		"coalesce(used_ms, made_ms) FROM main.l_session s LEFT JOIN main.l_session_use u ON u.hash = s.hash "
		"ORDER BY made_ms, s.hash",
	[LOCAL_SESSION_USED] = "INSERT OR REPLACE INTO main.l_session_use (hash, used_ms) VALUES (?1, ?2)",
	[LOCAL_SESSION_REMOVE] = "DELETE FROM main.l_session WHERE hash = ?1",
	[LOCAL_SESSION_REMOVE_OF] =
		"DELETE FROM main.l_session WHERE user = ?1 AND hash NOT IN "
		"(SELECT hash FROM main.l_session WHERE user = ?1 ORDER BY made_ms DESC, hash DESC LIMIT ?2)",
	[LOCAL_SESSION_SWEEP] = "DELETE FROM main.l_session WHERE until_ms <= ?1",
	[LOCAL_SESSION_FORGET] =
		"DELETE FROM main.l_session_use WHERE hash NOT IN (SELECT hash FROM main.l_session)",

	[LOCAL_KEY_ADD] =
		"INSERT INTO main.l_key (" KEY_COLUMNS ", mark) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
		"local_mark(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11))",
	[LOCAL_KEY_HAS] = SELECT(KEY_COLUMNS, "l_key") "WHERE id = ?1",
	[LOCAL_KEY_REVOKE] =
		"UPDATE main.l_key SET revoked_ms = ?2, mark = local_mark(id, hash, name, role, banks, created_ms, "
		"expires_ms, ?2, rate, quota, held_by) WHERE id = ?1 AND revoked_ms = 0",
	[LOCAL_KEY_USED] =
		"INSERT OR REPLACE INTO main.l_key_use (id, used_ms, used_day, used_count) VALUES (?1, ?2, ?3, ?4)",
	[LOCAL_KEY_EACH] =
		"WITH person AS MATERIALIZED (SELECT " USER_COLUMNS ", mark = local_mark(" USER_COLUMNS ") AS good FROM main.l_user "
		"WHERE id IN (SELECT held_by FROM main.l_key)), "
		"key AS (SELECT " KEY_COLUMNS ", mark = local_mark(" KEY_COLUMNS ") AS good FROM main.l_key) "
		"SELECT k.id, k.hash, k.name, k.role, k.banks, k.created_ms, expires_ms, revoked_ms, rate, quota, held_by, k.good, "
		"used_ms, used_day, used_count, p.name, p.role, p.banks, p.enabled, p.secret IS NOT NULL, p.good "
		"FROM key k LEFT JOIN main.l_key_use u ON u.id = k.id LEFT JOIN person p ON p.id = k.held_by "
		"ORDER BY k.created_ms, k.id",

	[LOCAL_HOOK_ADD] =
		"INSERT INTO main.l_webhook (" HOOK_COLUMNS ", mark) "
		"SELECT n, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, local_mark(n, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
		"FROM (SELECT 1 + coalesce((SELECT seq FROM main.sqlite_sequence WHERE name = 'l_webhook'), 0) AS n)",
	[LOCAL_HOOK_PUT] =
		"INSERT OR REPLACE INTO main.l_webhook (" HOOK_COLUMNS ", mark) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
		"local_mark(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9))",
	[LOCAL_HOOK_REMOVE] = "DELETE FROM main.l_webhook WHERE number = ?1",
	[LOCAL_HOOK_EACH] =
		"SELECT " HOOK_COLUMNS ", mark = local_mark(" HOOK_COLUMNS "), count, size FROM main.l_webhook "
		"LEFT JOIN main.l_webhook_load ON hook = number ORDER BY number",
	[LOCAL_LOAD_ADD] =
		"INSERT INTO main.l_webhook_load (hook, count, size) VALUES (?1, ?2, ?3) "
		"ON CONFLICT (hook) DO UPDATE SET count = count + ?2, size = size + ?3 RETURNING count, size",
	[LOCAL_LOAD_REMOVE] = "DELETE FROM main.l_webhook_load WHERE hook = ?1",

	[LOCAL_EVENT_ADD] =
		"INSERT INTO main.l_outbox (" EVENT_COLUMNS ", mark) "
		"SELECT n, ?1, ?2, ?3, NULL, ?4, 0, 0, ?5, ?5, 0, 0, "
		"local_mark(n, ?1, ?2, ?3, NULL, ?4, 0, 0, ?5, ?5, 0, 0) "
		"FROM (SELECT 1 + coalesce((SELECT seq FROM main.sqlite_sequence WHERE name = 'l_outbox'), 0) AS n)",
	[LOCAL_EVENT_SAVE] =
		"UPDATE main.l_outbox SET attempts = ?2, status = ?3, error = ?4, next_ms = ?5, failed_ms = ?6, "
		"dead = ?7, " EVENT_MARK("?2", "?3", "?4", "?5", "?6", "?7") " WHERE id = ?1",
	[LOCAL_EVENT_REMOVE] = "DELETE FROM main.l_outbox WHERE id = ?1",
	[LOCAL_EVENT_REMOVE_HOOK] = "DELETE FROM main.l_outbox WHERE hook = ?1",
	[LOCAL_EVENT_GET] = SELECT(EVENT_COLUMNS, "l_outbox") "WHERE id = ?1",
	[LOCAL_EVENT_FIRST] = SELECT(EVENT_COLUMNS, "l_outbox") "WHERE hook = ?1 AND dead = 0 ORDER BY id LIMIT 1",
	[LOCAL_EVENT_DUE] = "SELECT next_ms FROM main.l_outbox WHERE hook = ?1 AND dead = 0 ORDER BY id LIMIT 1",
	[LOCAL_EVENT_PAGE] =
		SELECT(EVENT_COLUMNS, "l_outbox") "WHERE hook = ?1 AND dead = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4",
	[LOCAL_EVENT_PAGE_ALL] =
		SELECT(EVENT_COLUMNS, "l_outbox") "WHERE dead = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4",
	[LOCAL_EVENT_REPLAY] =
		"UPDATE main.l_outbox SET attempts = 0, next_ms = ?3, dead = 0, "
		EVENT_MARK("0", "status", "error", "?3", "failed_ms", "0")
		" WHERE hook = ?1 AND dead = 1 AND (?2 = 0 OR id = ?2)",
	[LOCAL_EVENT_COUNTS] =
		"SELECT dead, count(*), min(created_ms) FROM main.l_outbox GROUP BY dead",
	[LOCAL_EVENT_OLD] =
		SELECT(EVENT_COLUMNS, "l_outbox") "WHERE dead = 1 AND failed_ms < ?1 ORDER BY failed_ms LIMIT 1",

	[LOCAL_CHECK_ADD] =
		"INSERT INTO main.l_check (" CHECK_COLUMNS ", mark) "
		"SELECT n, ?1, ?2, 0, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, "
		"local_mark(n, ?1, ?2, 0, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, "
		"?20) "
		"FROM (SELECT 1 + coalesce((SELECT max(id) FROM main.l_check), 0) AS n)",
	[LOCAL_CHECK_GET] = SELECT(CHECK_COLUMNS, "l_check") "WHERE id = ?1",
	[LOCAL_CHECK_FIND] =
		SELECT(CHECK_COLUMNS, "l_check")
		"WHERE content_key = ?1 AND basis = ?2 AND content_id = ?3 AND reversed_ms = 0 ORDER BY id DESC LIMIT 1",
	[LOCAL_CHECK_SAVE] =
		"UPDATE main.l_check SET standing = ?2, reversed_ms = ?3, rests = ?4, "
		"mark = local_mark(id, time_ms, until_ms, ?3, appeal_until_ms, verdict, ?2, surface, basis, content_key, "
		"content_id, uploader_ref, evidence_url, language, actor, statement, decision, token, ?4, caption, places, "
		"reach, why) WHERE id = ?1",
	[LOCAL_CHECK_PAGE] = SELECT(CHECK_COLUMNS, "l_check") "WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
	[LOCAL_CHECK_PAGE_CONTENT] =
		SELECT(CHECK_COLUMNS, "l_check")
		"WHERE content_key = ?3 AND content_id = ?4 AND id < ?1 ORDER BY id DESC LIMIT ?2",
	[LOCAL_CHECK_PAGE_ENTRY] =
		SELECT(CHECK_COLUMNS, "l_check")
		"WHERE id IN (SELECT check_id FROM main.l_check_entry WHERE entry = ?3 AND check_id < ?1 "
		"ORDER BY check_id DESC LIMIT ?2) ORDER BY id DESC",
	[LOCAL_CHECK_OLD] = SELECT(CHECK_COLUMNS, "l_check") "WHERE until_ms < ?1 ORDER BY until_ms LIMIT 1",
	[LOCAL_CHECK_REMOVE] = "DELETE FROM main.l_check WHERE id = ?1",

	[LOCAL_LINK_ADD] = "INSERT OR IGNORE INTO main.l_check_entry (entry, check_id) VALUES (?1, ?2)",
	[LOCAL_LINK_OF_ENTRY] =
		"SELECT check_id FROM main.l_check_entry WHERE entry = ?1 AND check_id > ?2 ORDER BY check_id LIMIT ?3",
	[LOCAL_LINK_MOVE] = "UPDATE OR REPLACE main.l_check_entry SET entry = ?2 WHERE entry = ?1",
	[LOCAL_LINK_END] = "DELETE FROM main.l_check_entry WHERE entry = ?1",
	[LOCAL_LINK_REMOVE] = "DELETE FROM main.l_check_entry WHERE entry = ?1 AND check_id = ?2",

	[LOCAL_REST_SET] = "INSERT OR REPLACE INTO main.l_rest (entry, expires_ms, most) VALUES (?1, ?2, ?3)",
	[LOCAL_REST_MOVE] = "UPDATE OR REPLACE main.l_rest SET entry = ?2 WHERE entry = ?1",
	[LOCAL_REST_END] = "DELETE FROM main.l_rest WHERE entry = ?1",
	[LOCAL_REST_GET] = "SELECT most, expires_ms FROM main.l_rest WHERE entry = ?1",
	[LOCAL_REST_EXPIRED] = "SELECT entry FROM main.l_rest WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2",
	[LOCAL_REST_PAGE] = "SELECT entry FROM main.l_rest WHERE entry > ?1 ORDER BY entry LIMIT ?2",

	[LOCAL_FEED_ENDS] = "SELECT 1 FROM main.feed WHERE seq > ?1 AND kind NOT IN (1, 2, 4) LIMIT 1",

	[LOCAL_ANSWER_PUT] =
		"INSERT OR REPLACE INTO main.l_idempotent (" ANSWER_COLUMNS ", mark) VALUES (?1, ?2, ?3, ?4, ?5, "
		"local_mark(?1, ?2, ?3, ?4, ?5))",
	[LOCAL_ANSWER_GET] = SELECT(ANSWER_COLUMNS, "l_idempotent") "WHERE key = ?1 AND until_ms > ?2",
	[LOCAL_ANSWER_SWEEP] =
		"DELETE FROM main.l_idempotent WHERE id IN "
		"(SELECT id FROM main.l_idempotent WHERE until_ms <= ?1 ORDER BY until_ms LIMIT ?2)",

	[LOCAL_SEEN_ADD] =
		"INSERT INTO main.l_lookback (" SEEN_COLUMNS ", mark) VALUES (?1, ?2, ?3, ?4, ?5, "
		"local_mark(?1, ?2, ?3, ?4, ?5))",
	[LOCAL_SEEN_EACH] = SELECT(SEEN_COLUMNS, "l_lookback") "ORDER BY id",
	[LOCAL_SEEN_REMOVE] = "DELETE FROM main.l_lookback WHERE id = ?1",
	[LOCAL_SEEN_ERASE] = "DELETE FROM main.l_lookback WHERE content_key = ?1 AND content_id = ?2",
	[LOCAL_SEEN_ERASE_ALL] = "DELETE FROM main.l_lookback",
	[LOCAL_SEEN_OLD] =
		"DELETE FROM main.l_lookback WHERE time_ms < ?1 AND id IN "
		"(SELECT id FROM main.l_lookback ORDER BY id LIMIT ?2)",

	/* What is added to a row whose mark is wrong changes no row. */
	[LOCAL_TALLY_ADD] =
		"INSERT INTO main.l_tally (" TALLY_COLUMNS ", mark) VALUES (?1, ?2, ?3, ?4, local_mark(?1, ?2, ?3, ?4)) "
		"ON CONFLICT DO UPDATE SET value = value + ?4, mark = local_mark(?1, ?2, ?3, value + ?4) "
		"WHERE mark = local_mark(" TALLY_COLUMNS ")",
	[LOCAL_TALLY_SAMPLE] =
		"INSERT INTO main.l_tally (" TALLY_COLUMNS ", mark) VALUES (?1, ?2, ?3, ?4, local_mark(?1, ?2, ?3, ?4)) "
		"ON CONFLICT DO UPDATE SET value = max(value, ?4), mark = local_mark(?1, ?2, ?3, max(value, ?4)) "
		"WHERE mark = local_mark(" TALLY_COLUMNS ")",
	[LOCAL_TALLY_EACH] =
		"SELECT start_ms, which, value, mark = local_mark(" TALLY_COLUMNS ") FROM main.l_tally "
		"WHERE step = ?1 AND start_ms >= ?2 AND start_ms < ?3 ORDER BY start_ms, which",
	[LOCAL_TALLY_FOLD] =
		"INSERT INTO main.l_tally (" TALLY_COLUMNS ", mark) SELECT 2, d, which, v, local_mark(2, d, which, v) FROM "
		"(SELECT start_ms - start_ms % 86400000 AS d, which, "
		"CASE WHEN which >= ?2 AND which < ?3 THEN max(value) ELSE sum(value) END AS v FROM main.l_tally "
		"WHERE step = 1 AND start_ms < ?1 AND mark = local_mark(" TALLY_COLUMNS ") GROUP BY d, which) WHERE true "
		"ON CONFLICT DO UPDATE SET value = value + excluded.value, "
		"mark = local_mark(step, start_ms, which, value + excluded.value) WHERE mark = local_mark(" TALLY_COLUMNS ")",
	[LOCAL_TALLY_FOLDED] =
		"DELETE FROM main.l_tally WHERE step = 1 AND start_ms < ?1 AND mark = local_mark(" TALLY_COLUMNS ")",
	[LOCAL_TALLY_OLD] = "DELETE FROM main.l_tally WHERE step = 2 AND start_ms < ?1",
	[LOCAL_TALLY_BANK_GET] =
		"SELECT day_ms, radius, counts, mark = local_mark(" TALLY_BANK_COLUMNS ") FROM main.l_tally_bank "
		"WHERE bank = ?1 AND day_ms = ?2",
	[LOCAL_TALLY_BANK_PUT] =
		"INSERT OR REPLACE INTO main.l_tally_bank (" TALLY_BANK_COLUMNS ", mark) VALUES (?1, ?2, ?3, ?4, "
		"local_mark(?1, ?2, ?3, ?4))",
	[LOCAL_TALLY_BANK_EACH] =
		"SELECT day_ms, radius, counts, mark = local_mark(" TALLY_BANK_COLUMNS ") FROM main.l_tally_bank "
		"WHERE bank = ?1 AND day_ms >= ?2 ORDER BY day_ms",
	[LOCAL_TALLY_BANK_OLD] = "DELETE FROM main.l_tally_bank WHERE day_ms < ?1",
	[LOCAL_TALLY_SOURCE_ADD] =
		"INSERT INTO main.l_tally_source (" TALLY_SOURCE_COLUMNS ", mark) VALUES (?1, ?2, ?3, ?4, ?5, "
		"local_mark(?1, ?2, ?3, ?4, ?5)) ON CONFLICT DO UPDATE SET decisions = decisions + ?3, "
		"decided = decided + ?4, upheld = upheld + ?5, "
		"mark = local_mark(?1, ?2, decisions + ?3, decided + ?4, upheld + ?5) WHERE mark = local_mark(" TALLY_SOURCE_COLUMNS ")",
	[LOCAL_TALLY_SOURCE_FELL] =
		"UPDATE main.l_tally_source SET upheld = max(upheld - ?3, 0), "
		"mark = local_mark(member, day_ms, decisions, decided, max(upheld - ?3, 0)) "
		"WHERE member = ?1 AND day_ms = ?2 AND mark = local_mark(" TALLY_SOURCE_COLUMNS ")",
	[LOCAL_TALLY_SOURCE_EACH] =
		"SELECT member, sum(decisions), sum(decided), sum(upheld), min(mark = local_mark(" TALLY_SOURCE_COLUMNS ")) "
		"FROM main.l_tally_source GROUP BY member",
	[LOCAL_TALLY_SOURCE_OLD] = "DELETE FROM main.l_tally_source WHERE day_ms < ?1",

	DECISION_SQL_TEXTS
	VAULT_SQL_TEXTS
};

/* clang-format on */

/* local_mark(...): the mark of its arguments in their order. */
static void mark_values(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct store *store = sqlite3_user_data(context);
	struct mark mark = {.size = 0};
	for (int i = 0; i < count; i++) {
		int type = sqlite3_value_type(values[i]);
		if (type == SQLITE_INTEGER) {
			mark_number(&mark, (uint64_t)sqlite3_value_int64(values[i]));
			continue;
		}
		const void *bytes = type == SQLITE_NULL ? NULL : sqlite3_value_blob(values[i]);
		size_t size = type == SQLITE_NULL ? 0 : (size_t)sqlite3_value_bytes(values[i]);
		mark_number(&mark, (uint64_t)type);
		mark_number(&mark, (uint64_t)mark_hash(store, bytes ? bytes : "", size));
	}
	sqlite3_result_int64(context, mark_end(store, &mark));
}

/* local_key(text): under which a content is found. */
static void key_of_text(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct store *store = sqlite3_user_data(context);
	const void *bytes = sqlite3_value_blob(values[0]);
	(void)count;
	sqlite3_result_int64(context,
		mark_hash(store, bytes ? bytes : "", (size_t)sqlite3_value_bytes(values[0])));
}

int local_register(struct store *store, struct conn *conn)
{
	int code = sqlite3_create_function_v2(conn->db, "local_key", 1,
		SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, store, key_of_text, NULL,
		NULL, NULL);
	if (code != SQLITE_OK)
		return code;
	return sqlite3_create_function_v2(conn->db, "local_mark", -1,
		SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, store, mark_values, NULL,
		NULL, NULL);
}

sqlite3_stmt *local_use(struct conn *conn, enum local_sql which)
{
	sqlite3_stmt *statement = conn->local[which];
	if (statement) {
		sqlite3_reset(statement);
		return statement;
	}
	const char *text = local_texts[which] ? local_texts[which] : desk_texts[which];
	if (sqlite3_prepare_v3(conn->db, text, -1, SQLITE_PREPARE_PERSISTENT, &conn->local[which],
		    NULL) != SQLITE_OK)
		conn->local[which] = NULL;
	return conn->local[which];
}

void local_finalize(struct conn *conn)
{
	for (size_t i = 0; i < LOCAL_COUNT; i++)
		sqlite3_finalize(conn->local[i]);
}
