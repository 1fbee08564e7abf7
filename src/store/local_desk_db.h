/* What the files of the desk's tables share. Only local_desk*.c, local_cases.c and the list of tables include it. */
#ifndef STORE_LOCAL_DESK_DB_H
#define STORE_LOCAL_DESK_DB_H

#include "store/desk.h"
#include "store/local_db.h"

/* Columns that marks cover, in the order in which rows are read and bound. */
#define CASE_COLUMNS                                                                               \
	"id, kind, state, priority, bank, entry, entry_gid, content_id, class, closed_why, "       \
	"languages, surfaces, reach, opened_ms, last_ms, changed_ms, keep_until_ms, sort_ms, "     \
	"upload_count, open_count, report_count, cluster_count, open_clusters, known_clusters, "   \
	"second_count, version, why, origin, subject"
#define CLUSTER_COLUMNS                                                                            \
	"case_id, number, key, known_key, surface, share, turned, language, caption, "             \
	"upload_count, open_count, nearest, first_ms, last_ms, stands, decision, known"
#define UPLOAD_COLUMNS                                                                             \
	"id, case_id, cluster, content_id, uploader_ref, evidence_url, language, caption, "        \
	"places, surface, state, time_ms, last_ms, reach, check_id, version, report_count, why, "  \
	"decision, content_key"
#define CASE_REPORT_COLUMNS "id, upload, case_id, category, text, time_ms"
#define CASE_NOTE_COLUMNS   "id, case_id, actor, text, time_ms"
#define CASE_ALIAS_COLUMNS  "case_id, actor, alias"
#define CASE_BAR_COLUMNS    "case_id, actor, why"
#define LEASE_COLUMNS       "case_id, actor, until_ms"

/* What makes the tables, and the statements over them: a list as long as local_texts, NULL where that has the text. */
extern const char desk_tables[], desk_tables_words[];
extern const char *const desk_texts[LOCAL_COUNT];
/* Keys that are hashes anew; counts anew, and what belongs to no case any more removed: SQL. */
extern const char desk_rekey[], desk_recount[];

/* Forgets what was bound, so that nothing that is gone is pointed to; NULL where SQLite could not prepare it. */
static inline void local_clear(sqlite3_stmt *statement)
{
	if (statement)
		sqlite3_clear_bindings(statement);
}
/* Whether the text is there or NULL, in the arena. */
bool copy_or_null(struct arena *arena, const char **text);
void bind_uuid(sqlite3_stmt *statement, int at, bool has, const uint8_t uuid[UUID_SIZE]);
/* False for what is neither NULL nor a UUID. */
bool column_uuid(sqlite3_stmt *statement, int at, bool *ret_has, uint8_t ret_uuid[UUID_SIZE]);
int64_t local_key_of(const struct store *store, const char *text);

#endif
