/* The tables and statements of vault.h, for local_sql.[ch] alone, as decisions_sql.h has those of decisions. */
#ifndef STORE_VAULT_SQL_H
#define STORE_VAULT_SQL_H

/* clang-format off */

#define PREVIEW_COLUMNS \
	"id, entry, check_id, kind, width, height, size, made_ms, until_ms, key, nonce, sealed"
#define VIEW_COLUMNS     "id, preview, entry, check_id, case_id, actor, time_ms"
#define EXPOSURE_COLUMNS "actor, day, reveals, seconds"

#define VAULT_TABLES \
	"CREATE TABLE IF NOT EXISTS main.l_preview (" \
	" id BLOB NOT NULL UNIQUE, entry INTEGER NOT NULL, check_id INTEGER NOT NULL," \
	" kind INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, size INTEGER NOT NULL," \
	" made_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, key BLOB NOT NULL, nonce BLOB NOT NULL," \
	" mark INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT;" \
	"CREATE INDEX IF NOT EXISTS main.l_preview_entry ON l_preview (entry, check_id);" \
	"CREATE INDEX IF NOT EXISTS main.l_preview_check ON l_preview (check_id) WHERE check_id > 0;" \
	"CREATE INDEX IF NOT EXISTS main.l_preview_until ON l_preview (until_ms);" \
	"CREATE TABLE IF NOT EXISTS main.l_preview_view (" \
	" id INTEGER PRIMARY KEY AUTOINCREMENT, preview BLOB NOT NULL, entry INTEGER NOT NULL, check_id INTEGER NOT NULL," \
	" case_id INTEGER NOT NULL, actor TEXT NOT NULL, time_ms INTEGER NOT NULL, mark INTEGER NOT NULL) STRICT;" \
	"CREATE INDEX IF NOT EXISTS main.l_preview_view_entry ON l_preview_view (entry, actor) WHERE check_id = 0;" \
	"CREATE INDEX IF NOT EXISTS main.l_preview_view_case ON l_preview_view (case_id);" \
	"CREATE INDEX IF NOT EXISTS main.l_preview_view_time ON l_preview_view (time_ms);" \
	"CREATE TABLE IF NOT EXISTS main.l_exposure (" \
	" actor TEXT NOT NULL, day INTEGER NOT NULL, reveals INTEGER NOT NULL, seconds INTEGER NOT NULL," \
	" mark INTEGER NOT NULL, PRIMARY KEY (actor, day)) STRICT, WITHOUT ROWID;" \
	"CREATE INDEX IF NOT EXISTS main.l_exposure_day ON l_exposure (day);"

#define VAULT_TABLES_MARKED \
	{"l_preview", PREVIEW_COLUMNS, "previews"}, \
	{"l_preview_view", VIEW_COLUMNS, "views of previews"}, \
	{"l_exposure", EXPOSURE_COLUMNS, "counts of what people looked at"},

#define VAULT_SQL_NAMES \
	LOCAL_PREVIEW_ADD, \
	LOCAL_PREVIEW_GET, \
	LOCAL_PREVIEW_LIST, \
	LOCAL_PREVIEW_LIST_CHECK, \
	LOCAL_PREVIEW_PAGE, \
	LOCAL_PREVIEW_REMOVE, \
	LOCAL_PREVIEW_UNTIL, \
	LOCAL_PREVIEW_END, \
	LOCAL_PREVIEW_END_ALL, \
	LOCAL_PREVIEW_ENTRIES, \
	LOCAL_PREVIEW_MOVE, \
	LOCAL_PREVIEW_COUNT, \
	LOCAL_PREVIEW_OLD, \
	LOCAL_VAULT_DUE, \
	LOCAL_VIEW_ADD, \
	LOCAL_VIEW_HAS, \
	LOCAL_VIEW_PAGE, \
	LOCAL_VIEW_PAGE_CASE, \
	LOCAL_VIEW_MOVE, \
	LOCAL_VIEW_COUNT, \
	LOCAL_VIEW_OLD, \
	LOCAL_EXPOSURE_ADD, \
	LOCAL_EXPOSURE_OWN, \
	LOCAL_EXPOSURE_ALL, \
	LOCAL_EXPOSURE_OLD

/* A list needs the row's mark, which covers the sealed bytes: so it reads them, 32 kB of each of a few. Old ones go by
 * their time alone, damaged or not. */
#define VAULT_SQL_TEXTS \
	[LOCAL_PREVIEW_ADD] = \
		"INSERT INTO main.l_preview (" PREVIEW_COLUMNS ", mark) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, " \
		"?12, local_mark(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12))", \
	[LOCAL_PREVIEW_GET] = SELECT(PREVIEW_COLUMNS, "l_preview") "WHERE id = ?1", \
	[LOCAL_PREVIEW_LIST] = \
		SELECT(PREVIEW_COLUMNS, "l_preview") "WHERE entry = ?1 AND check_id = 0 ORDER BY id LIMIT ?2", \
	[LOCAL_PREVIEW_LIST_CHECK] = SELECT(PREVIEW_COLUMNS, "l_preview") "WHERE check_id = ?1 ORDER BY id LIMIT ?2", \
	[LOCAL_PREVIEW_PAGE] = SELECT(PREVIEW_COLUMNS, "l_preview") "WHERE id > ?1 ORDER BY id LIMIT ?2", \
	[LOCAL_PREVIEW_REMOVE] = "DELETE FROM main.l_preview WHERE id = ?1", \
	[LOCAL_PREVIEW_UNTIL] = \
		"UPDATE main.l_preview SET until_ms = ?2, mark = local_mark(id, entry, check_id, kind, width, height, " \
		"size, made_ms, ?2, key, nonce, sealed) WHERE id = ?1 AND mark = local_mark(" PREVIEW_COLUMNS ")", \
	[LOCAL_PREVIEW_END] = "DELETE FROM main.l_preview WHERE entry = ?1 AND check_id = 0", \
	[LOCAL_PREVIEW_END_ALL] = "DELETE FROM main.l_preview WHERE entry = ?1", \
	[LOCAL_PREVIEW_ENTRIES] = \
		"SELECT DISTINCT entry FROM main.l_preview WHERE entry > ?1 AND check_id = 0 ORDER BY entry LIMIT ?2", \
	[LOCAL_PREVIEW_MOVE] = \
		"UPDATE main.l_preview SET entry = ?2, mark = local_mark(id, ?2, check_id, kind, width, height, " \
		"size, made_ms, until_ms, key, nonce, sealed) WHERE entry = ?1 AND check_id > 0 " \
		"AND mark = local_mark(" PREVIEW_COLUMNS ")", \
	[LOCAL_PREVIEW_COUNT] = \
		"SELECT count(*), coalesce(sum(key <> ?1), 0), coalesce(sum(size), 0), coalesce(max(until_ms), 0) " \
		"FROM main.l_preview", \
	[LOCAL_PREVIEW_OLD] = \
		"DELETE FROM main.l_preview WHERE rowid IN " \
		"(SELECT rowid FROM main.l_preview WHERE until_ms <= ?1 ORDER BY until_ms LIMIT ?2)", \
	[LOCAL_VAULT_DUE] = \
		"SELECT EXISTS (SELECT 1 FROM main.l_preview WHERE until_ms <= ?1) OR " \
		"EXISTS (SELECT 1 FROM main.l_preview_view WHERE time_ms < ?2) OR " \
		"EXISTS (SELECT 1 FROM main.l_exposure WHERE day < ?3)", \
	[LOCAL_VIEW_ADD] = \
		"INSERT INTO main.l_preview_view (" VIEW_COLUMNS ", mark) " \
		"SELECT n, ?1, ?2, ?3, ?4, ?5, ?6, local_mark(n, ?1, ?2, ?3, ?4, ?5, ?6) FROM " \
		"(SELECT 1 + coalesce((SELECT seq FROM main.sqlite_sequence WHERE name = 'l_preview_view'), 0) AS n)", \
	[LOCAL_VIEW_HAS] = \
		SELECT(VIEW_COLUMNS, "l_preview_view") "WHERE entry = ?1 AND actor = ?2 AND check_id = 0 LIMIT 1", \
	[LOCAL_VIEW_PAGE] = SELECT(VIEW_COLUMNS, "l_preview_view") "WHERE id < ?1 ORDER BY id DESC LIMIT ?2", \
	[LOCAL_VIEW_PAGE_CASE] = \
		SELECT(VIEW_COLUMNS, "l_preview_view") "WHERE id < ?1 AND case_id = ?3 ORDER BY id DESC LIMIT ?2", \
	[LOCAL_VIEW_MOVE] = \
		"UPDATE main.l_preview_view SET entry = ?2, mark = local_mark(id, preview, ?2, check_id, case_id, actor, time_ms) " \
		"WHERE entry = ?1 AND check_id = 0 AND mark = local_mark(" VIEW_COLUMNS ")", \
	[LOCAL_VIEW_COUNT] = "SELECT count(*) FROM main.l_preview_view", \
	[LOCAL_VIEW_OLD] = \
		"DELETE FROM main.l_preview_view WHERE id IN " \
		"(SELECT id FROM main.l_preview_view WHERE time_ms < ?1 ORDER BY time_ms LIMIT ?2)", \
	[LOCAL_EXPOSURE_ADD] = \
		"INSERT INTO main.l_exposure (" EXPOSURE_COLUMNS ", mark) VALUES (?1, ?2, ?3, ?4, local_mark(?1, ?2, ?3, ?4)) " \
		"ON CONFLICT (actor, day) DO UPDATE SET reveals = reveals + ?3, seconds = seconds + ?4, " \
		"mark = local_mark(actor, day, reveals + ?3, seconds + ?4) " \
		"WHERE mark = local_mark(" EXPOSURE_COLUMNS ")", \
	[LOCAL_EXPOSURE_OWN] = \
		SELECT(EXPOSURE_COLUMNS, "l_exposure") "WHERE actor = ?3 AND day BETWEEN ?1 AND ?2", \
	[LOCAL_EXPOSURE_ALL] = \
		SELECT(EXPOSURE_COLUMNS, "l_exposure") "WHERE day BETWEEN ?1 AND ?2 ORDER BY actor", \
	[LOCAL_EXPOSURE_OLD] = \
		"DELETE FROM main.l_exposure WHERE (actor, day) IN " \
		"(SELECT actor, day FROM main.l_exposure WHERE day < ?1 ORDER BY day LIMIT ?2)",

/* clang-format on */

#endif
