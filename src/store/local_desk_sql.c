/* The desk's tables and every statement over them, in the manner of local_sql.c. Lists are read in the order of an index
 * that holds all they are filtered by, and how many cases there are of each sort is counted as they change, so that neither
 * grows with the number of cases. */
#include "store/local_desk_db.h"

/* clang-format off */

/* The order of the queue, and by what it is filtered. */
#define QUEUE "id, kind, bank, class"

const char desk_tables[] =
	"CREATE TABLE IF NOT EXISTS main.l_case ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, state INTEGER NOT NULL, priority INTEGER NOT NULL,"
	" bank INTEGER NOT NULL, entry INTEGER NOT NULL, entry_gid TEXT, content_id TEXT, class TEXT, closed_why TEXT,"
	" languages TEXT, surfaces INTEGER NOT NULL, reach INTEGER NOT NULL, opened_ms INTEGER NOT NULL,"
	" last_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, keep_until_ms INTEGER NOT NULL, sort_ms INTEGER NOT NULL,"
	" upload_count INTEGER NOT NULL, open_count INTEGER NOT NULL, report_count INTEGER NOT NULL,"
	" cluster_count INTEGER NOT NULL, open_clusters INTEGER NOT NULL, known_clusters INTEGER NOT NULL,"
	" second_count INTEGER NOT NULL, version INTEGER NOT NULL, why INTEGER NOT NULL, origin BLOB,"
	" subject INTEGER NOT NULL, mark INTEGER NOT NULL) STRICT;"
	"CREATE INDEX IF NOT EXISTS main.l_case_queue ON l_case (state, sort_ms, " QUEUE ");"
	"CREATE INDEX IF NOT EXISTS main.l_case_bank ON l_case (bank, state, sort_ms, id, kind, class);"
	"CREATE INDEX IF NOT EXISTS main.l_case_second ON l_case (sort_ms, " QUEUE ") WHERE second_count > 0;"
	"CREATE INDEX IF NOT EXISTS main.l_case_subject ON l_case (subject, kind) WHERE state < 2;"
	"CREATE INDEX IF NOT EXISTS main.l_case_entry ON l_case (entry, id) WHERE state < 2 AND entry > 0;"
	"CREATE INDEX IF NOT EXISTS main.l_case_old ON l_case (changed_ms, keep_until_ms) WHERE state >= 2;"
	/* The key is a hash: of captions there may be many, and long ones. */
	"CREATE TABLE IF NOT EXISTS main.l_cluster ("
	" case_id INTEGER NOT NULL, number INTEGER NOT NULL, key INTEGER NOT NULL, known_key INTEGER NOT NULL,"
	" surface INTEGER NOT NULL, share INTEGER NOT NULL, turned INTEGER NOT NULL, language TEXT, caption TEXT,"
	" upload_count INTEGER NOT NULL, open_count INTEGER NOT NULL, nearest INTEGER NOT NULL, first_ms INTEGER NOT NULL,"
	" last_ms INTEGER NOT NULL, stands INTEGER NOT NULL, decision BLOB, known BLOB, mark INTEGER NOT NULL,"
	" PRIMARY KEY (case_id, number)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX IF NOT EXISTS main.l_cluster_key ON l_cluster (case_id, key, number) WHERE open_count > 0;"
	"CREATE INDEX IF NOT EXISTS main.l_cluster_open ON l_cluster (case_id, number) WHERE open_count > 0;"
	"CREATE INDEX IF NOT EXISTS main.l_cluster_stands ON l_cluster (known_key, last_ms)"
	" WHERE stands = 1 AND open_count = 0;"
	"CREATE INDEX IF NOT EXISTS main.l_cluster_decision ON l_cluster (decision) WHERE decision IS NOT NULL;"
	"CREATE INDEX IF NOT EXISTS main.l_cluster_known ON l_cluster (known) WHERE known IS NOT NULL;"
	"CREATE TABLE IF NOT EXISTS main.l_upload ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, case_id INTEGER NOT NULL, cluster INTEGER NOT NULL,"
	" content_id TEXT NOT NULL, uploader_ref TEXT, evidence_url TEXT, language TEXT, caption TEXT, places TEXT,"
	" surface INTEGER NOT NULL, state INTEGER NOT NULL, time_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,"
	" reach INTEGER NOT NULL, check_id INTEGER NOT NULL, version INTEGER NOT NULL, report_count INTEGER NOT NULL,"
	" why INTEGER NOT NULL, decision BLOB, content_key INTEGER NOT NULL, mark INTEGER NOT NULL) STRICT;"
	"CREATE INDEX IF NOT EXISTS main.l_upload_case ON l_upload (case_id);"
	"CREATE INDEX IF NOT EXISTS main.l_upload_cluster ON l_upload (case_id, cluster, id);"
	"CREATE INDEX IF NOT EXISTS main.l_upload_content ON l_upload (content_key, case_id);"
	"CREATE INDEX IF NOT EXISTS main.l_upload_decision ON l_upload (decision, id) WHERE decision IS NOT NULL;";

const char desk_tables_words[] =
	"CREATE TABLE IF NOT EXISTS main.l_report ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, upload INTEGER NOT NULL, case_id INTEGER NOT NULL, category TEXT NOT NULL,"
	" text TEXT, time_ms INTEGER NOT NULL, mark INTEGER NOT NULL) STRICT;"
	"CREATE INDEX IF NOT EXISTS main.l_report_upload ON l_report (upload, id);"
	"CREATE TABLE IF NOT EXISTS main.l_case_note ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, case_id INTEGER NOT NULL, actor TEXT NOT NULL, text TEXT NOT NULL,"
	" time_ms INTEGER NOT NULL, mark INTEGER NOT NULL) STRICT;"
	"CREATE INDEX IF NOT EXISTS main.l_case_note_case ON l_case_note (case_id, id);"
	"CREATE TABLE IF NOT EXISTS main.l_case_alias ("
	" case_id INTEGER NOT NULL, actor TEXT NOT NULL, alias TEXT NOT NULL, mark INTEGER NOT NULL,"
	" PRIMARY KEY (case_id, actor)) STRICT, WITHOUT ROWID;"
	"CREATE UNIQUE INDEX IF NOT EXISTS main.l_case_alias_alias ON l_case_alias (case_id, alias);"
	"CREATE TABLE IF NOT EXISTS main.l_case_bar ("
	" case_id INTEGER NOT NULL, actor TEXT NOT NULL, why INTEGER NOT NULL, mark INTEGER NOT NULL,"
	" PRIMARY KEY (case_id, actor, why)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS main.l_lease ("
	" case_id INTEGER PRIMARY KEY, actor TEXT NOT NULL, until_ms INTEGER NOT NULL, mark INTEGER NOT NULL) STRICT;"
	"CREATE INDEX IF NOT EXISTS main.l_lease_actor ON l_lease (actor, until_ms);"
	"CREATE INDEX IF NOT EXISTS main.l_lease_until ON l_lease (until_ms);"
	/* state 4: with a decision that waits for a second person, whatever the state. */
	"CREATE TABLE IF NOT EXISTS main.l_case_load ("
	" state INTEGER NOT NULL, kind INTEGER NOT NULL, priority INTEGER NOT NULL, bank INTEGER NOT NULL,"
	" count INTEGER NOT NULL, PRIMARY KEY (state, kind, priority, bank)) STRICT, WITHOUT ROWID;";

const char desk_rekey[] =
	"UPDATE main.l_case SET subject = local_key(CASE WHEN entry_gid IS NOT NULL THEN 'e' || entry_gid "
	"ELSE 'c' || coalesce(content_id, '') END);"
	"UPDATE main.l_upload SET content_key = local_key(content_id)";

#define ORPHANS(table) "DELETE FROM main." table " WHERE case_id NOT IN (SELECT id FROM main.l_case);"

const char desk_recount[] =
	ORPHANS("l_cluster") ORPHANS("l_upload") ORPHANS("l_report") ORPHANS("l_case_note") ORPHANS("l_case_alias")
	ORPHANS("l_case_bar") ORPHANS("l_lease")
	"DELETE FROM main.l_case_load;"
	"INSERT INTO main.l_case_load SELECT state, kind, priority, bank, count(*) FROM main.l_case GROUP BY 1, 2, 3, 4;"
	"INSERT INTO main.l_case_load SELECT 4, kind, priority, bank, count(*) FROM main.l_case WHERE second_count > 0 "
	"GROUP BY 2, 3, 4";

#define SELECT(columns, table) "SELECT " columns ", mark = local_mark(" columns ") FROM main." table " "

/* ?1 is the state or the actor, ?2 and ?3 the place after which, ?4 the kind, ?5 the bank, ?6 the class, ?7 banks. */
#define FILTER \
	"AND (sort_ms, id) > (?2, ?3) AND (?4 < 0 OR kind = ?4) AND (?5 < 0 OR bank = ?5) " \
	"AND (?6 IS NULL OR class = ?6) AND (?7 IS NULL OR bank IN (SELECT value FROM json_each(?7))) "
#define IN_ORDER "ORDER BY sort_ms, id"
/* ?8 is who asks, ?9 when, ?10 the bars that count. */
#define FREE \
	"AND NOT EXISTS (SELECT 1 FROM main.l_lease WHERE case_id = l_case.id AND until_ms > ?9 AND actor <> ?8) " \
	"AND NOT EXISTS (SELECT 1 FROM main.l_case_bar b WHERE b.case_id = l_case.id AND b.actor = ?8 AND b.why <= ?10) "

#define CASE_VALUES \
	"?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, " \
	"?25, ?26, ?27, ?28, ?29"
#define UPLOAD_VALUES \
	"?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20"
#define CLUSTER_VALUES \
	"?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17"
#define NEXT_ID(table) \
	"(SELECT 1 + coalesce((SELECT seq FROM main.sqlite_sequence WHERE name = '" table "'), 0) AS n)"
/* The mark of an upload of which some columns are set to something else. */
#define UPLOAD_MARK(cluster, state, decision) \
	"local_mark(id, case_id, " cluster ", content_id, uploader_ref, evidence_url, language, caption, places, surface, " \
	state ", time_ms, last_ms, reach, check_id, version, report_count, why, " decision ", content_key)"

const char *const desk_texts[LOCAL_COUNT] = {
	[LOCAL_CASE_ADD] =
		"INSERT INTO main.l_case (" CASE_COLUMNS ", mark) SELECT n, " CASE_VALUES ", local_mark(n, " CASE_VALUES ") "
		"FROM " NEXT_ID("l_case"),
	[LOCAL_CASE_SAVE] =
		"UPDATE main.l_case SET (" CASE_COLUMNS ", mark) = (?1, " CASE_VALUES ", local_mark(?1, " CASE_VALUES ")) "
		"WHERE id = ?1",
	[LOCAL_CASE_GET] = SELECT(CASE_COLUMNS, "l_case") "WHERE id = ?1",
	[LOCAL_CASE_FIND] =
		SELECT(CASE_COLUMNS, "l_case") "WHERE subject = ?1 AND kind = ?2 AND state < 2 ORDER BY id DESC",
	[LOCAL_CASE_OF_ENTRY] =
		"SELECT id FROM main.l_case WHERE entry = ?1 AND entry > 0 AND state < 2 AND id > ?2 ORDER BY id LIMIT ?3",
	[LOCAL_CASE_OF_ENTRY_ALL] = "SELECT id FROM main.l_case WHERE entry = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
	[LOCAL_CASE_PAGE] =
		SELECT(CASE_COLUMNS, "l_case INDEXED BY l_case_queue") "WHERE state = ?1 " FILTER IN_ORDER,
	[LOCAL_CASE_PAGE_BANK] =
		SELECT(CASE_COLUMNS, "l_case INDEXED BY l_case_bank") "WHERE state = ?1 AND bank = ?5 " FILTER IN_ORDER,
	[LOCAL_CASE_FREE] =
		SELECT(CASE_COLUMNS, "l_case INDEXED BY l_case_queue") "WHERE state = ?1 " FILTER FREE IN_ORDER,
	[LOCAL_CASE_PAGE_SECOND] =
		SELECT(CASE_COLUMNS, "l_case INDEXED BY l_case_second") "WHERE second_count > 0 " FILTER IN_ORDER,
	[LOCAL_CASE_PAGE_MINE] =
		SELECT(CASE_COLUMNS, "l_case")
		"WHERE id IN (SELECT case_id FROM main.l_lease WHERE actor = ?8 AND until_ms > ?9) " FILTER IN_ORDER,
	[LOCAL_CASE_PAGE_ALL] =
		SELECT(CASE_COLUMNS, "l_case")
		"WHERE id < ?3 AND (?4 < 0 OR kind = ?4) AND (?5 < 0 OR bank = ?5) AND (?6 IS NULL OR class = ?6) "
		"AND (?7 IS NULL OR bank IN (SELECT value FROM json_each(?7))) ORDER BY id DESC",
	[LOCAL_CASE_LOAD_OF] = "SELECT state, kind, priority, bank, second_count FROM main.l_case WHERE id = ?1",
	[LOCAL_CASE_LOAD_ADD] =
		"INSERT INTO main.l_case_load (state, kind, priority, bank, count) VALUES (?1, ?2, ?3, ?4, ?5) "
		"ON CONFLICT DO UPDATE SET count = count + ?5",
	[LOCAL_CASE_LOADS] = "SELECT state, kind, priority, bank, count FROM main.l_case_load WHERE count > 0",
	[LOCAL_CASE_OLD] =
		"SELECT id FROM main.l_case WHERE state >= 2 AND changed_ms < ?1 AND keep_until_ms < ?2 "
		"ORDER BY changed_ms LIMIT ?3",
	[LOCAL_CASE_REMOVE] = "DELETE FROM main.l_case WHERE id = ?1",

	[LOCAL_CLUSTER_PUT] =
		"INSERT OR REPLACE INTO main.l_cluster (" CLUSTER_COLUMNS ", mark) VALUES (" CLUSTER_VALUES
		", local_mark(" CLUSTER_VALUES "))",
	[LOCAL_CLUSTER_GET] = SELECT(CLUSTER_COLUMNS, "l_cluster") "WHERE case_id = ?1 AND number = ?2",
	[LOCAL_CLUSTER_FIND] =
		SELECT(CLUSTER_COLUMNS, "l_cluster")
		"WHERE case_id = ?1 AND key = ?2 AND open_count > 0 ORDER BY number DESC LIMIT 1",
	[LOCAL_CLUSTER_KNOWN] =
		SELECT(CLUSTER_COLUMNS, "l_cluster")
		"WHERE known_key = ?1 AND stands = 1 AND open_count = 0 ORDER BY last_ms DESC LIMIT 1",
	[LOCAL_CLUSTER_PAGE_OPEN] =
		SELECT(CLUSTER_COLUMNS, "l_cluster")
		"WHERE case_id = ?1 AND number > ?2 AND open_count > 0 ORDER BY number LIMIT ?3",
	[LOCAL_CLUSTER_PAGE_DONE] =
		SELECT(CLUSTER_COLUMNS, "l_cluster")
		"WHERE case_id = ?1 AND number > ?2 AND open_count = 0 ORDER BY number LIMIT ?3",
	[LOCAL_CLUSTER_OF_DECISION] = "SELECT case_id, number FROM main.l_cluster WHERE decision = ?1 LIMIT ?2",
	[LOCAL_CLUSTER_OF_KNOWN] = "SELECT case_id, number FROM main.l_cluster WHERE known = ?1 LIMIT ?2",
	[LOCAL_CLUSTER_REMOVE] = "DELETE FROM main.l_cluster WHERE case_id = ?1",

	[LOCAL_UPLOAD_ADD] =
		"INSERT INTO main.l_upload (" UPLOAD_COLUMNS ", mark) SELECT n, " UPLOAD_VALUES ", local_mark(n, " UPLOAD_VALUES
		") FROM " NEXT_ID("l_upload"),
	[LOCAL_UPLOAD_SAVE] =
		"UPDATE main.l_upload SET (" UPLOAD_COLUMNS ", mark) = (?1, " UPLOAD_VALUES ", local_mark(?1, " UPLOAD_VALUES
		")) WHERE id = ?1",
	[LOCAL_UPLOAD_GET] = SELECT(UPLOAD_COLUMNS, "l_upload") "WHERE id = ?1",
	[LOCAL_UPLOAD_FIND] =
		SELECT(UPLOAD_COLUMNS, "l_upload") "WHERE content_key = ?1 AND case_id = ?2 AND content_id = ?3 LIMIT 1",
	[LOCAL_UPLOAD_PAGE] =
		SELECT(UPLOAD_COLUMNS, "l_upload")
		"WHERE case_id = ?1 AND cluster = ?2 AND id > ?3 ORDER BY id LIMIT ?4",
	[LOCAL_UPLOAD_PAGE_CASE] =
		SELECT(UPLOAD_COLUMNS, "l_upload") "WHERE case_id = ?1 AND id > ?3 "
		"ORDER BY id LIMIT ?4",
	[LOCAL_UPLOAD_OF_DECISION] =
		SELECT(UPLOAD_COLUMNS, "l_upload") "WHERE decision = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
	[LOCAL_UPLOAD_OF_CONTENT] =
		SELECT(UPLOAD_COLUMNS, "l_upload") "WHERE content_key = ?1 AND content_id = ?2 ORDER BY case_id DESC LIMIT ?3",
	[LOCAL_UPLOADS_DECIDE] =
		"UPDATE main.l_upload SET state = 1, decision = ?4, mark = " UPLOAD_MARK("cluster", "1", "?4")
		" WHERE case_id = ?1 AND cluster = ?2 AND state = 0 AND version <= ?3",
	[LOCAL_UPLOADS_MOVE] =
		"UPDATE main.l_upload SET cluster = ?3, mark = " UPLOAD_MARK("?3", "state", "decision")
		" WHERE case_id = ?1 AND cluster = ?2 AND state = 0",
	[LOCAL_UPLOADS_UNDECIDE] =
		"UPDATE main.l_upload SET state = 0, decision = NULL, mark = " UPLOAD_MARK("cluster", "0", "NULL")
		" WHERE case_id = ?1 AND cluster = ?2 AND state = 1 AND decision = ?3",
	[LOCAL_UPLOADS_REMOVE] = "DELETE FROM main.l_upload WHERE id = ?1",
	[LOCAL_UPLOAD_CLUSTER] =
		"SELECT cluster FROM main.l_upload WHERE decision = ?1 AND case_id = ?2 LIMIT 1",
	[LOCAL_UPLOAD_IDS] = "SELECT id FROM main.l_upload WHERE case_id = ?1 ORDER BY id LIMIT ?2",

	[LOCAL_REPORT_ADD] =
		"INSERT INTO main.l_report (" CASE_REPORT_COLUMNS ", mark) SELECT n, ?1, ?2, ?3, ?4, ?5, "
		"local_mark(n, ?1, ?2, ?3, ?4, ?5) FROM " NEXT_ID("l_report"),
	[LOCAL_REPORT_PAGE] = SELECT(CASE_REPORT_COLUMNS, "l_report") "WHERE upload = ?1 ORDER BY id LIMIT ?2",
	[LOCAL_REPORT_REMOVE] = "DELETE FROM main.l_report WHERE upload = ?1",
	[LOCAL_CASE_NOTE_ADD] =
		"INSERT INTO main.l_case_note (" CASE_NOTE_COLUMNS ", mark) SELECT n, ?1, ?2, ?3, ?4, "
		"local_mark(n, ?1, ?2, ?3, ?4) FROM " NEXT_ID("l_case_note"),
	[LOCAL_CASE_NOTE_PAGE] = SELECT(CASE_NOTE_COLUMNS, "l_case_note") "WHERE case_id = ?1 ORDER BY id",
	[LOCAL_CASE_NOTE_REMOVE] = "DELETE FROM main.l_case_note WHERE case_id = ?1",
	[LOCAL_ALIAS_ADD] =
		"INSERT INTO main.l_case_alias (" CASE_ALIAS_COLUMNS ", mark) VALUES (?1, ?2, ?3, local_mark(?1, ?2, ?3)) "
		"ON CONFLICT DO NOTHING",
	[LOCAL_ALIAS_GET] = SELECT(CASE_ALIAS_COLUMNS, "l_case_alias") "WHERE case_id = ?1 AND actor = ?2",
	[LOCAL_ALIAS_EACH] = SELECT(CASE_ALIAS_COLUMNS, "l_case_alias") "WHERE case_id = ?1 ORDER BY alias",
	[LOCAL_ALIAS_REMOVE] = "DELETE FROM main.l_case_alias WHERE case_id = ?1",
	[LOCAL_BAR_ADD] =
		"INSERT OR IGNORE INTO main.l_case_bar (" CASE_BAR_COLUMNS ", mark) VALUES (?1, ?2, ?3, local_mark(?1, ?2, ?3))",
	[LOCAL_BAR_HAS] = SELECT(CASE_BAR_COLUMNS, "l_case_bar") "WHERE case_id = ?1 AND actor = ?2 AND why = ?3",
	[LOCAL_BAR_REMOVE] = "DELETE FROM main.l_case_bar WHERE case_id = ?1 AND why >= ?2",
	[LOCAL_LEASE_PUT] =
		"INSERT OR REPLACE INTO main.l_lease (" LEASE_COLUMNS ", mark) VALUES (?1, ?2, ?3, local_mark(?1, ?2, ?3))",
	[LOCAL_LEASE_GET] = SELECT(LEASE_COLUMNS, "l_lease") "WHERE case_id = ?1",
	[LOCAL_LEASE_REMOVE] = "DELETE FROM main.l_lease WHERE case_id = ?1",
	[LOCAL_LEASE_COUNT] =
		"SELECT count(*) FROM main.l_lease JOIN main.l_case ON id = case_id WHERE actor = ?1 AND until_ms > ?2 "
		"AND (?3 IS NULL OR bank IN (SELECT value FROM json_each(?3)))",
	[LOCAL_LEASES_END] = "DELETE FROM main.l_lease WHERE until_ms <= ?1",

	/* Ids of decisions sort by time. */
	[LOCAL_CHECK_DECIDED] =
		"SELECT id FROM main.l_check WHERE decision >= ?1 AND decision IS NOT NULL",
	[LOCAL_CHECK_NEWEST] =
		"SELECT check_id FROM main.l_check_entry WHERE entry = ?1 ORDER BY check_id DESC LIMIT ?2",
};
/* clang-format on */
