/* The tables and statements of decisions.h, for local_sql.[ch] alone: columns, tables, the list of those with marks, the
 * names of the statements and their texts. A row is always written whole, so one list of columns is all there is to mind. */
#ifndef STORE_DECISIONS_SQL_H
#define STORE_DECISIONS_SQL_H

/* clang-format off */

#define DECISION_COLUMNS \
	"number, id, case_id, cluster, upload_count, actions, basis, article, text, territory, " \
	"days, until_ms, entry, bank, opinion, state, made_ms, undo_ms, due_ms, step, part, " \
	"after, actor, second, second_actor, second_text, second_ms, withheld_ms, " \
	"withheld_from_ms, authority, withheld_ground, extended, released, appeal_until_ms, " \
	"language, statement, upheld"
#define APPEAL_COLUMNS \
	"number, id, decision, upload, check_id, case_id, content_id, text, language, made_ms, " \
	"until_ms, decided_ms, state, outcome, answer, actor"
#define EXEMPTION_COLUMNS \
	"number, id, uploader_ref, url, entry, purpose, created_ms, until_ms, note, actor"
#define ESCALATION_COLUMNS \
	"number, id, case_id, authority, contact, sent, told_ms, made_ms, second_ms, state, " \
	"actor, second_actor"

/* Numbers are in tokens, and in pages that somebody leafs through: none is given twice. Eight bytes are enough to find an
 * automated decision's token; the row is compared whole. */
#define DECISION_TABLES \
	"CREATE TABLE IF NOT EXISTS main.l_decision (" \
	" number INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, " \
	" case_id INTEGER NOT NULL, cluster INTEGER NOT NULL, upload_count INTEGER NOT NULL, " \
	" actions INTEGER NOT NULL, basis INTEGER NOT NULL, article TEXT NOT NULL, " \
	" text TEXT NOT NULL, territory TEXT NOT NULL, days INTEGER NOT NULL, " \
	" until_ms INTEGER NOT NULL, entry INTEGER NOT NULL, bank TEXT NOT NULL, " \
	" opinion INTEGER NOT NULL, state INTEGER NOT NULL, made_ms INTEGER NOT NULL, " \
	" undo_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, step INTEGER NOT NULL, " \
	" part INTEGER NOT NULL, after INTEGER NOT NULL, actor TEXT NOT NULL, " \
	" second INTEGER NOT NULL, second_actor TEXT NOT NULL, second_text TEXT NOT NULL, " \
	" second_ms INTEGER NOT NULL, withheld_ms INTEGER NOT NULL, " \
	" withheld_from_ms INTEGER NOT NULL, authority TEXT NOT NULL, " \
	" withheld_ground TEXT NOT NULL, extended INTEGER NOT NULL, released INTEGER NOT NULL, " \
	" appeal_until_ms INTEGER NOT NULL, language TEXT NOT NULL, statement TEXT NOT NULL, " \
	" upheld INTEGER NOT NULL, mark INTEGER NOT NULL) STRICT;" \
	"CREATE INDEX IF NOT EXISTS main.l_decision_case ON l_decision (case_id);" \
	"CREATE INDEX IF NOT EXISTS main.l_decision_due ON l_decision (due_ms) WHERE due_ms > 0;" \
	"CREATE INDEX IF NOT EXISTS main.l_decision_state ON l_decision (state);" \
	"CREATE INDEX IF NOT EXISTS main.l_decision_entry ON l_decision (entry) WHERE entry > 0;" \
	"CREATE TABLE IF NOT EXISTS main.l_appeal (" \
	" number INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, " \
	" decision BLOB NOT NULL, upload INTEGER NOT NULL, check_id INTEGER NOT NULL, " \
	" case_id INTEGER NOT NULL, content_id TEXT NOT NULL, text TEXT NOT NULL, " \
	" language TEXT NOT NULL, made_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, " \
	" decided_ms INTEGER NOT NULL, state INTEGER NOT NULL, outcome INTEGER NOT NULL, " \
	" answer TEXT NOT NULL, actor TEXT NOT NULL, mark INTEGER NOT NULL) STRICT;" \
	"CREATE UNIQUE INDEX IF NOT EXISTS main.l_appeal_against ON l_appeal (decision, upload);" \
	"CREATE INDEX IF NOT EXISTS main.l_appeal_case ON l_appeal (case_id);" \
	"CREATE TABLE IF NOT EXISTS main.l_exemption (" \
	" number INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, " \
	" uploader_ref TEXT NOT NULL, url TEXT NOT NULL, entry INTEGER NOT NULL, " \
	" purpose INTEGER NOT NULL, created_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, " \
	" note TEXT NOT NULL, actor TEXT NOT NULL, mark INTEGER NOT NULL) STRICT;" \
	"CREATE INDEX IF NOT EXISTS main.l_exemption_until ON l_exemption (until_ms);" \
	"CREATE TABLE IF NOT EXISTS main.l_escalation (" \
	" number INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, " \
	" case_id INTEGER NOT NULL, authority TEXT NOT NULL, contact TEXT NOT NULL, " \
	" sent TEXT NOT NULL, told_ms INTEGER NOT NULL, made_ms INTEGER NOT NULL, " \
	" second_ms INTEGER NOT NULL, state INTEGER NOT NULL, actor TEXT NOT NULL, " \
	" second_actor TEXT NOT NULL, mark INTEGER NOT NULL) STRICT;" \
	"CREATE INDEX IF NOT EXISTS main.l_escalation_case ON l_escalation (case_id);" \
	"CREATE INDEX IF NOT EXISTS main.l_check_token ON l_check (substr(token, 1, 8)) WHERE token IS NOT NULL;"

#define DECISION_TABLES_MARKED \
	{"l_decision", DECISION_COLUMNS, "decisions"}, \
	{"l_appeal", APPEAL_COLUMNS, "appeals"}, \
	{"l_exemption", EXEMPTION_COLUMNS, "exemptions"}, \
	{"l_escalation", ESCALATION_COLUMNS, "escalations"},

#define DECISION_SQL_NAMES \
	LOCAL_DECISION_PUT, LOCAL_DECISION_GET, LOCAL_DECISION_BY_ID, LOCAL_DECISION_DUE, \
	LOCAL_DECISION_OF_CASE, LOCAL_DECISION_UPHELD_OF, LOCAL_DECISION_PAGE, LOCAL_DECISION_PAGE_STATE, \
	LOCAL_DECISION_FORGET, LOCAL_DECISION_MOVE, LOCAL_APPEAL_PUT, LOCAL_APPEAL_FIND, \
	LOCAL_APPEAL_OF_CASE, LOCAL_APPEAL_FORGET, LOCAL_EXEMPTION_ADD, LOCAL_EXEMPTION_GET, \
	LOCAL_EXEMPTION_REMOVE, LOCAL_EXEMPTION_PAGE, LOCAL_EXEMPTION_COUNT, \
	LOCAL_EXEMPTION_SWEEP, LOCAL_EXEMPTION_MOVE, LOCAL_ESCALATION_PUT, LOCAL_ESCALATION_GET, \
	LOCAL_ESCALATION_PAGE, LOCAL_ESCALATION_PAGE_CASE, LOCAL_ESCALATION_FORGET, \
	LOCAL_CHECK_BY_TOKEN, LOCAL_CHECK_BY_DECISION

#define DECISION_SQL_TEXTS \
	[LOCAL_DECISION_PUT] = \
		"INSERT OR REPLACE INTO main.l_decision (" DECISION_COLUMNS ", mark) SELECT n, " \
		"?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, " \
		"?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, local_mark(n, " \
		"?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, " \
		"?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37) " \
		"FROM (SELECT CASE ?1 WHEN 0 THEN 1 + coalesce((SELECT seq FROM main.sqlite_sequence " \
		"WHERE name = 'l_decision'), 0) ELSE ?1 END AS n)", \
	[LOCAL_DECISION_GET] = SELECT(DECISION_COLUMNS, "l_decision") "WHERE number = ?1", \
	[LOCAL_DECISION_BY_ID] = SELECT(DECISION_COLUMNS, "l_decision") "WHERE id = ?1", \
	[LOCAL_DECISION_DUE] = \
		SELECT(DECISION_COLUMNS, "l_decision") \
		"WHERE due_ms > 0 AND due_ms <= ?1 ORDER BY due_ms LIMIT 1", \
	[LOCAL_DECISION_OF_CASE] = SELECT(DECISION_COLUMNS, "l_decision") "WHERE case_id = ?1 ORDER BY number", \
	[LOCAL_DECISION_UPHELD_OF] = \
		SELECT(DECISION_COLUMNS, "l_decision") \
		"WHERE entry = ?1 AND entry > 0 AND number > ?2 AND upheld > 0 ORDER BY number LIMIT ?3", \
	[LOCAL_DECISION_PAGE] = SELECT(DECISION_COLUMNS, "l_decision") "WHERE number < ?1 ORDER BY number DESC LIMIT ?2", \
	[LOCAL_DECISION_PAGE_STATE] = \
		SELECT(DECISION_COLUMNS, "l_decision") \
		"WHERE state = ?3 AND number < ?1 ORDER BY number DESC LIMIT ?2", \
	[LOCAL_DECISION_FORGET] = "DELETE FROM main.l_decision WHERE case_id = ?1", \
	[LOCAL_DECISION_MOVE] = \
		"UPDATE main.l_decision SET entry = ?2, mark = local_mark(" \
		"number, id, case_id, cluster, upload_count, actions, basis, article, text, territory, " \
		"days, until_ms, ?2, bank, opinion, state, made_ms, undo_ms, due_ms, step, part, after, " \
		"actor, second, second_actor, second_text, second_ms, withheld_ms, withheld_from_ms, " \
		"authority, withheld_ground, extended, released, appeal_until_ms, language, statement, upheld" \
		") WHERE entry = ?1", \
	[LOCAL_APPEAL_PUT] = \
		"INSERT OR REPLACE INTO main.l_appeal (" APPEAL_COLUMNS ", mark) SELECT n, " \
		"?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, local_mark(n, " \
		"?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) " \
		"FROM (SELECT CASE ?1 WHEN 0 THEN 1 + coalesce((SELECT seq FROM main.sqlite_sequence " \
		"WHERE name = 'l_appeal'), 0) ELSE ?1 END AS n)", \
	[LOCAL_APPEAL_FIND] = SELECT(APPEAL_COLUMNS, "l_appeal") "WHERE decision = ?1 AND upload = ?2", \
	[LOCAL_APPEAL_OF_CASE] = SELECT(APPEAL_COLUMNS, "l_appeal") "WHERE case_id = ?1", \
	[LOCAL_APPEAL_FORGET] = "DELETE FROM main.l_appeal WHERE case_id = ?1", \
	[LOCAL_EXEMPTION_ADD] = \
		"INSERT OR REPLACE INTO main.l_exemption (" EXEMPTION_COLUMNS ", mark) SELECT n, " \
		"?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, local_mark(n, " \
		"?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) " \
		"FROM (SELECT CASE ?1 WHEN 0 THEN 1 + coalesce((SELECT seq FROM main.sqlite_sequence " \
		"WHERE name = 'l_exemption'), 0) ELSE ?1 END AS n)", \
	[LOCAL_EXEMPTION_GET] = SELECT(EXEMPTION_COLUMNS, "l_exemption") "WHERE id = ?1", \
	[LOCAL_EXEMPTION_REMOVE] = "DELETE FROM main.l_exemption WHERE id = ?1", \
	[LOCAL_EXEMPTION_PAGE] = \
		SELECT(EXEMPTION_COLUMNS, "l_exemption") \
		"WHERE number < ?1 AND until_ms > ?3 ORDER BY number DESC LIMIT ?2", \
	[LOCAL_EXEMPTION_COUNT] = "SELECT count(*) FROM main.l_exemption", \
	[LOCAL_EXEMPTION_SWEEP] = \
		"DELETE FROM main.l_exemption WHERE number IN " \
		"(SELECT number FROM main.l_exemption WHERE until_ms <= ?1 ORDER BY until_ms LIMIT ?2)", \
	[LOCAL_EXEMPTION_MOVE] = \
		"UPDATE main.l_exemption SET entry = ?2, mark = local_mark(" \
		"number, id, uploader_ref, url, ?2, purpose, created_ms, until_ms, note, actor" \
		") WHERE entry = ?1", \
	[LOCAL_ESCALATION_PUT] = \
		"INSERT OR REPLACE INTO main.l_escalation (" ESCALATION_COLUMNS ", mark) SELECT n, " \
		"?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, local_mark(n, " \
		"?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) " \
		"FROM (SELECT CASE ?1 WHEN 0 THEN 1 + coalesce((SELECT seq FROM main.sqlite_sequence " \
		"WHERE name = 'l_escalation'), 0) ELSE ?1 END AS n)", \
	[LOCAL_ESCALATION_GET] = SELECT(ESCALATION_COLUMNS, "l_escalation") "WHERE id = ?1", \
	[LOCAL_ESCALATION_PAGE] = \
		SELECT(ESCALATION_COLUMNS, "l_escalation") \
		"WHERE number < ?1 ORDER BY number DESC LIMIT ?2", \
	[LOCAL_ESCALATION_PAGE_CASE] = \
		SELECT(ESCALATION_COLUMNS, "l_escalation") \
		"WHERE case_id = ?3 AND number < ?1 ORDER BY number DESC LIMIT ?2", \
	[LOCAL_ESCALATION_FORGET] = "DELETE FROM main.l_escalation WHERE case_id = ?1", \
	[LOCAL_CHECK_BY_TOKEN] = \
		SELECT(CHECK_COLUMNS, "l_check") \
		"WHERE token IS NOT NULL AND substr(token, 1, 8) = substr(?1, 1, 8) AND token = ?1", \
	[LOCAL_CHECK_BY_DECISION] = \
		SELECT(CHECK_COLUMNS, "l_check") \
		"WHERE decision IS NOT NULL AND decision = ?1",

/* clang-format on */

#endif
