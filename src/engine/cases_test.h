/* What tests of cases share: that whatever the tables count is what is there. */
#ifndef ENGINE_CASES_TEST_H
#define ENGINE_CASES_TEST_H

#include "base/check.h"
#include "engine/place_test.h"

#include <sqlite3.h>

static inline int64_t ask_store(struct place *place, const char *sql)
{
	char path[300];
	sqlite3 *db;
	sqlite3_stmt *statement;
	snprintf(path, sizeof path, "%s/hilf.db", place->dir);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	int64_t value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return value;
}

static const char *const case_truths[] = {
	"SELECT count(*) FROM l_cluster c WHERE upload_count <> (SELECT count(*) FROM l_upload u "
	"WHERE u.case_id = c.case_id AND u.cluster = c.number)",
	"SELECT count(*) FROM l_cluster c WHERE open_count <> (SELECT count(*) FROM l_upload u "
	"WHERE u.case_id = c.case_id AND u.cluster = c.number AND state = 0)",
	"SELECT count(*) FROM l_case k WHERE upload_count <> (SELECT count(*) FROM l_upload WHERE "
	"case_id = k.id)",
	"SELECT count(*) FROM l_case k WHERE open_count <> (SELECT count(*) FROM l_upload "
	"WHERE case_id = k.id AND state = 0)",
	"SELECT count(*) FROM l_case k WHERE cluster_count <> (SELECT count(*) FROM l_cluster "
	"WHERE case_id = k.id)",
	"SELECT count(*) FROM l_case k WHERE open_clusters <> (SELECT count(*) FROM l_cluster "
	"WHERE case_id = k.id AND open_count > 0)",
	"SELECT count(*) FROM l_case k WHERE known_clusters <> (SELECT count(*) FROM l_cluster "
	"WHERE case_id = k.id AND open_count > 0 AND known IS NOT NULL)",
	"SELECT count(*) FROM (SELECT state, kind, priority, bank, count(*) AS n FROM l_case GROUP "
	"BY 1, 2, 3, 4 "
	"EXCEPT SELECT state, kind, priority, bank, count FROM l_case_load WHERE state < 4)",
	"SELECT count(*) FROM (SELECT state, kind, priority, bank, count FROM l_case_load WHERE "
	"state < 4 AND count <> 0 "
	"EXCEPT SELECT state, kind, priority, bank, count(*) AS n FROM l_case GROUP BY 1, 2, 3, 4)",
	"SELECT coalesce((SELECT sum(count) FROM l_case_load WHERE state = 4), 0) - "
	"(SELECT count(*) FROM l_case WHERE second_count > 0)",
	"SELECT count(*) FROM l_case WHERE state = 0 AND open_count = 0",
};

static inline void counts_are_true(struct place *place)
{
	for (size_t i = 0; i < COUNT_OF(case_truths); i++)
		if (ask_store(place, case_truths[i]) != 0)
			fail_msg("a count is wrong: %s", case_truths[i]);
}

#endif
