/* Every statement the store runs. "@" stands for the schema of the derived tables (db.h). */
#include "store/db.h"

/* clang-format off */

#define STATE_COLUMNS \
	"seq, feed_size, members, banks, banks_removed, metas, spans, entries, withdrawn, signals_1, signals_2, " \
	"signals_3, opinions, disputes, mark"
#define MEMBER_COLUMNS "id, seq, gid, key, name, mark"
#define BANK_COLUMNS   "id, seq, gid, author, name, removed_seq, renamed_seq, created_ms, mark"
#define META_COLUMNS   "id, seq, class, ground, territory, source, onward, labels, mark"
#define SPAN_COLUMNS   "first, seq, count, bank, withdrawn, early, added_ms, expires_ms, record, mark"
#define ENTRY_COLUMNS  "id, meta, withdrawn_seq, changed_seq, expires_ms, mark, signals"
#define OPINION_COLUMNS "entry, member, seq, opinion, time_ms, mark"
#define FEED_COLUMNS   "seq, id, kind, author, received_ms, salt, signature, mark, record, header"

/* A bank with what this node does with it. */
#define BANK_SELECT \
	"SELECT b.id, b.seq, b.gid, b.author, b.name, b.removed_seq, b.renamed_seq, b.created_ms, b.mark, p.mode, p.pdq_radius, " \
	"p.sample_ppm, p.mark FROM @d_bank b LEFT JOIN main.l_bank_policy p ON p.bank = b.gid "

const char *const sql_texts[SQL_COUNT] = {
	[SQL_BEGIN_READ] = "BEGIN",
	[SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",

	[SQL_MARK] = "SAVEPOINT mark",
	[SQL_MARK_KEEP] = "RELEASE mark",
	[SQL_MARK_BACK] = "ROLLBACK TO mark",

	[SQL_STATE_GET] = "SELECT " STATE_COLUMNS " FROM @d_state WHERE one = 1",
	[SQL_STATE_SET] =
		"INSERT OR REPLACE INTO @d_state (one, " STATE_COLUMNS ") "
		"VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",

	[SQL_HEAD] =
		"SELECT " STATE_COLUMNS ", (SELECT CAST(value AS INTEGER) FROM main.l_setting WHERE key = '"
		SETTING_LOCAL_COUNT "'), (SELECT CAST(value AS INTEGER) FROM main.l_setting WHERE key = '"
		SETTING_REFOLDS "') FROM @d_state WHERE one = 1",
	[SQL_REFOLDED] =
		"INSERT INTO main.l_setting (key, value) VALUES ('" SETTING_REFOLDS "', '1') "
		"ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)",
	[SQL_SETTING_END] = "DELETE FROM main.l_setting WHERE key = ?1",
	[SQL_LOCAL_CHANGED] =
		"INSERT INTO main.l_setting (key, value) VALUES ('" SETTING_LOCAL_COUNT "', '1') "
		"ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)",

	[SQL_FEED_GET] = "SELECT " FEED_COLUMNS " FROM main.feed WHERE id = ?1",
	[SQL_FEED_ERASE] = "UPDATE main.feed SET salt = NULL, record = NULL, header = ?2, mark = ?3 WHERE seq = ?1",
	[SQL_FEED_ERASED] = "SELECT header IS NOT NULL FROM main.feed WHERE id = ?1",
	/* Records of the kind ?1 that are whole. */
	[SQL_FEED_CHANGES] =
		"SELECT " FEED_COLUMNS " FROM main.feed WHERE kind = ?1 AND seq > ?2 AND header IS NULL ORDER BY seq LIMIT 1",
	[SQL_FEED_GONE] = 
		"SELECT seq, header FROM main.feed INDEXED BY feed_erased WHERE header IS NOT NULL ORDER BY seq",
	[SQL_FEED_AT] = "SELECT id, header IS NOT NULL FROM main.feed WHERE seq = ?1",
	[SQL_NOTE_END] = "DELETE FROM main.l_note WHERE record = ?1",
	[SQL_BESIDE_END] = "DELETE FROM main.l_beside WHERE entry = ?1",
	[SQL_ANSWERS_END] = "DELETE FROM main.l_idempotent",
	[SQL_FEED_SEQ] = "SELECT seq FROM main.feed WHERE id = ?1",
	[SQL_FEED_ADD] =
		"INSERT INTO main.feed (" FEED_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[SQL_FEED_AFTER] = "SELECT " FEED_COLUMNS " FROM main.feed WHERE seq > ?1 ORDER BY seq LIMIT ?2",
	[SQL_FEED_MARK] = "UPDATE main.feed SET mark = ?2 WHERE seq = ?1",

	[SQL_MEMBER_ADD] = "INSERT INTO @d_member (" MEMBER_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[SQL_MEMBER_GET] = "SELECT " MEMBER_COLUMNS " FROM @d_member WHERE gid = ?1",
	[SQL_MEMBER_BY_ID] = "SELECT " MEMBER_COLUMNS " FROM @d_member WHERE id = ?1",

	[SQL_BANK_ADD] = "INSERT INTO @d_bank (" BANK_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	/* The fold asks for this one: what is local has no part in it. */
	[SQL_BANK_GET] = "SELECT " BANK_COLUMNS " FROM @d_bank WHERE gid = ?1",
	[SQL_BANK_BY_ID] = BANK_SELECT "WHERE b.id = ?1",
	[SQL_BANK_NAMED] = BANK_SELECT "WHERE b.name = ?1 AND b.removed_seq IS NULL ORDER BY b.id LIMIT 1",
	[SQL_BANK_LIST] = BANK_SELECT "ORDER BY b.id",
	[SQL_BANK_STANDING] = BANK_SELECT "WHERE b.removed_seq IS NULL ORDER BY b.name, b.id",
	[SQL_BANK_TAKEN] = "SELECT 1 FROM @d_bank WHERE name = ?1 AND author = ?2 AND removed_seq IS NULL",
	[SQL_BANK_SET] = "UPDATE @d_bank SET name = ?2, removed_seq = ?3, renamed_seq = ?4, mark = ?5 WHERE id = ?1",
	[SQL_BANK_CHANGED] = "SELECT 1 FROM @d_bank WHERE seq > ?1 OR removed_seq > ?1 OR renamed_seq > ?1 LIMIT 1",
	[SQL_BANK_COUNTS] =
		"SELECT total(count), total(withdrawn), "
		"total(CASE WHEN expires_ms <= ?2 THEN count - withdrawn - early ELSE 0 END),"
		/* Those that expire before their span, which are few. */
		"(SELECT count(*) FROM @d_span s CROSS JOIN @d_entry e NOT INDEXED WHERE s.bank = ?1 AND s.early > 0 "
		"AND e.id BETWEEN s.first AND s.first + s.count - 1 AND e.expires_ms <= ?2 AND e.withdrawn_seq IS NULL) "
		"FROM @d_span WHERE bank = ?1",

	[SQL_META_ADD] = "INSERT INTO @d_meta (" META_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[SQL_META_HASHED] = "SELECT " META_COLUMNS " FROM @d_meta WHERE mark = ?1",
	[SQL_META_GET] = "SELECT " META_COLUMNS " FROM @d_meta WHERE id = ?1",
	[SQL_SAID_ADD] = "INSERT OR IGNORE INTO @d_said (hash, meta) VALUES (?1, ?2)",
	[SQL_SAID_FIND] = "SELECT meta FROM @d_said WHERE hash = ?1 ORDER BY meta DESC LIMIT ?2",
	/* Metas are numbered in the order of the feed, so the new ones are at the end. */
	[SQL_META_AFTER] =
		"SELECT " META_COLUMNS " FROM @d_meta WHERE id > "
		"coalesce((SELECT id FROM @d_meta WHERE seq <= ?1 ORDER BY id DESC LIMIT 1), 0) ORDER BY id",

	[SQL_SPAN_ADD] = "INSERT INTO @d_span (" SPAN_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[SQL_SPAN_OF_RECORD] =
		"SELECT " SPAN_COLUMNS " FROM @d_span WHERE seq = (SELECT f.seq FROM main.feed f WHERE f.id = ?1)",
	[SQL_SPAN_OF_ENTRY] = "SELECT " SPAN_COLUMNS " FROM @d_span WHERE first <= ?1 ORDER BY first DESC LIMIT 1",
	[SQL_SPAN_AFTER] = "SELECT " SPAN_COLUMNS " FROM @d_span WHERE seq > ?1 ORDER BY seq",
	[SQL_SPAN_OF_BANK] = "SELECT " SPAN_COLUMNS " FROM @d_span WHERE bank = ?1 AND first > ?2 ORDER BY first",
	[SQL_SPAN_FROM] = "SELECT " SPAN_COLUMNS " FROM @d_span WHERE first > ?2 ORDER BY first",
	[SQL_SPAN_SET] = "UPDATE @d_span SET withdrawn = ?2, early = ?3, mark = ?4 WHERE first = ?1",
	[SQL_SPAN_EXPIRED] =
		"SELECT (SELECT total(count - withdrawn - early) FROM @d_span WHERE expires_ms <= ?1) + "
		"(SELECT count(*) FROM @d_entry WHERE expires_ms <= ?1 AND withdrawn_seq IS NULL)",

	[SQL_ENTRY_ADD] = "INSERT INTO @d_entry (id, meta, mark, signals) SELECT a, b, c, d FROM batch",
	[SQL_ENTRY_OF_META] =
		"SELECT id FROM @d_entry INDEXED BY d_entry_meta WHERE meta = ?1 AND id < ?2 ORDER BY id DESC",
	[SQL_ENTRY_GET] = "SELECT " ENTRY_COLUMNS " FROM @d_entry WHERE id = ?1",
	[SQL_ENTRY_RANGE] = "SELECT " ENTRY_COLUMNS " FROM @d_entry WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
	[SQL_ENTRY_SET] =
		"UPDATE @d_entry SET meta = ?2, withdrawn_seq = ?3, changed_seq = ?4, expires_ms = ?5, mark = ?6 "
		"WHERE id = ?1",
	/* Left to itself SQLite walks all entries below ?2, because they come in order that way. */
	[SQL_ENTRY_WITHDRAWN] =
		"SELECT id FROM @d_entry INDEXED BY d_entry_withdrawn WHERE withdrawn_seq > ?1 AND id < ?2 "
		"ORDER BY id",
	[SQL_ENTRY_CHANGED] =
		"SELECT id FROM @d_entry INDEXED BY d_entry_changed WHERE changed_seq > ?1 AND id < ?2 "
		"AND withdrawn_seq IS NULL ORDER BY id",

	/* An entry may name one signal twice. */
	[SQL_KEY_ADD] = "INSERT OR IGNORE INTO @d_key (key, entry, gone) SELECT a, b, c FROM batch",
	[SQL_KEY_FIND] = "SELECT entry FROM @d_key WHERE key = ?1 AND NOT gone ORDER BY entry",
	[SQL_KEY_EVER] = "SELECT entry FROM @d_key WHERE key = ?1 ORDER BY entry",
	[SQL_KEY_PRESENT] = "SELECT batch.b FROM batch CROSS JOIN @d_key k ON k.key = batch.a WHERE NOT k.gone",
	[SQL_KEY_GONE] = "UPDATE @d_key SET gone = 1 WHERE key = ?1 AND entry = ?2",

	[SQL_OPINION_SET] =
		"INSERT OR REPLACE INTO @d_opinion (" OPINION_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[SQL_OPINION_GET] = "SELECT " OPINION_COLUMNS " FROM @d_opinion WHERE entry = ?1 AND member = ?2",
	[SQL_OPINION_RANGE] =
		"SELECT " OPINION_COLUMNS " FROM @d_opinion WHERE entry BETWEEN ?1 AND ?2 ORDER BY entry, member",
	[SQL_OPINION_DISPUTES] = "SELECT " OPINION_COLUMNS " FROM @d_opinion WHERE opinion = 2 ORDER BY entry, member",
	[SQL_OPINION_CHANGED] = "SELECT DISTINCT entry FROM @d_opinion INDEXED BY d_opinion_seq WHERE seq > ?1",

	[SQL_SETTING_GET] = "SELECT value FROM main.l_setting WHERE key = ?1",
	[SQL_SETTING_SET] = "INSERT OR REPLACE INTO main.l_setting (key, value) VALUES (?1, ?2)",
	[SQL_POLICY_SET] =
		"INSERT OR REPLACE INTO main.l_bank_policy (bank, mode, pdq_radius, sample_ppm, mark) "
		"VALUES (?1, ?2, ?3, ?4, ?5)",
	[SQL_NOTE_ADD] = "INSERT INTO main.l_note (record, ordinal, time_ms, text) VALUES (?1, ?2, ?3, ?4)",
	[SQL_POLICY_CLEAR] = "DELETE FROM main.l_bank_policy",
	[SQL_MUTE_SET] = "INSERT OR REPLACE INTO main.l_mute (entry, until_ms, mark) VALUES (?1, ?2, ?3)",
	[SQL_MUTE_END] = "DELETE FROM main.l_mute WHERE entry = ?1",
	[SQL_MUTE_GET] = "SELECT entry, until_ms, mark FROM main.l_mute WHERE entry = ?1",
	[SQL_MUTE_LIST] = "SELECT entry, until_ms, mark FROM main.l_mute ORDER BY entry",
};
