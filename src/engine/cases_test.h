/* What tests of cases share: a place with three entries, the calls that they all make, and that whatever the tables count is
 * what is there. */
#ifndef ENGINE_CASES_TEST_H
#define ENGINE_CASES_TEST_H

#include "base/check.h"
#include "engine/cases.h"
#include "engine/hooks.h"
#include "engine/local.h"
#include "engine/place_test.h"
#include "os/clock.h"

#include <sqlite3.h>

#define ANNA  "user:anna"
#define BORIS "user:boris"
#define CHEN  "user:chen"

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

struct scene {
	struct hilf_signal signals[3];
	uint64_t entries[3];
	char numbers[3][24];
};

static inline struct scene make_scene(struct place *place, enum hilf_mode mode)
{
	static const char *const classes[] = {"threat", "publication", NULL};
	static const char *const events[] = {"case.opened"};
	const struct hook_info hook = {.url = "https://hooks.example/",
		.events = events,
		.event_count = 1,
		.enabled = true};
	struct scene scene;
	uint64_t seed = 11;
	must(hook_create(place->hilf, &hook, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "b", mode, 31, NULL, &place->err));
	for (int i = 0; i < 3; i++) {
		const struct hilf_entry_meta meta = {.content_class = classes[i]};
		const struct hilf_new_entry entry = {&scene.signals[i], 1, NULL, 0};
		struct hilf_add_result result;
		scene.signals[i] = random_pdq(&seed);
		must(hilf_add(place->hilf, "b", &meta, &entry, 1, &result, &place->err));
		scene.entries[i] = result.entry;
		snprintf(scene.numbers[i], sizeof scene.numbers[i], "%llu",
			(unsigned long long)result.entry);
	}
	return scene;
}

static inline void check(
	struct place *place, const struct hilf_signal *signal, const struct check_context *context)
{
	struct hilf_check check = match_one(place, NULL, signal);
	struct check_decision decision;
	struct arena arena;
	arena_init(&arena, 0);
	must(check_record(place->hilf, context, &check, &arena, &decision, &place->err));
	arena_clear(&arena);
	hilf_check_free(&check);
}

static inline void check_id(
	struct place *place, const struct hilf_signal *signal, const char *content_id)
{
	const struct check_context context = {.content_id = content_id, .actor = "key:test"};
	check(place, signal, &context);
}

static inline uint64_t report(struct place *place, const char *content_id,
	const struct hilf_signal *signal, const char *text)
{
	const struct check_context context = {.content_id = content_id, .actor = "key:test"};
	uint64_t case_id;
	must(case_report(place->hilf, &context, signal, signal ? 1 : 0, "incitement", text,
		&case_id, &place->err));
	return case_id;
}

static struct arena texts; /* of the rows that a test looks at; cleared with its place */

static inline struct store_case row_of(struct place *place, uint64_t case_id)
{
	struct store_case row;
	must(case_get(place->hilf, false, case_id, &texts, &row, &place->err));
	return row;
}

static inline struct store_cluster cluster_of(
	struct place *place, uint64_t case_id, uint32_t number)
{
	struct store_cluster cluster;
	must(cluster_get(place->hilf, false, case_id, number, &texts, &cluster, &place->err));
	return cluster;
}

struct list {
	uint64_t ids[64];
	size_t count;
};

static inline int take_case(const struct store_case *row, void *ctx)
{
	struct list *list = ctx;
	assert_true(list->count < 64);
	list->ids[list->count++] = row->id;
	return 0;
}

static inline struct list list_of(struct place *place, enum case_list which, const char *actor)
{
	const struct case_query query = {.list = which, .actor = actor, .kind = -1, .limit = 64};
	char cursor[CASE_CURSOR_TEXT];
	struct list list = {.count = 0};
	must(case_page(place->hilf, &query, take_case, &list, cursor, &place->err));
	assert_string_equal(cursor, "");
	return list;
}

static inline struct case_counts counts_of(struct place *place, const char *actor)
{
	struct case_counts counts;
	must(case_counts(place->hilf, actor, NULL, 0, &counts, &place->err));
	return counts;
}

static inline int take_upload(const struct store_upload *upload, void *ctx)
{
	struct list *list = ctx;
	assert_true(list->count < 64);
	list->ids[list->count++] = upload->id;
	return 0;
}

static inline struct list uploads_of(struct place *place, uint64_t case_id, uint32_t cluster)
{
	struct list list = {.count = 0};
	must(case_upload_page(
		place->hilf, case_id, cluster, 0, 64, take_upload, &list, &place->err));
	return list;
}

static inline struct store_upload upload_at(
	struct place *place, uint64_t case_id, uint32_t cluster, size_t index)
{
	struct list list = uploads_of(place, case_id, cluster);
	struct store_upload upload;
	assert_true(index < list.count);
	must(upload_get(place->hilf, false, list.ids[index], &texts, &upload, &place->err));
	return upload;
}

/* A job of the engine's from a function and its argument. */
struct job {
	int (*run)(struct hilf *hilf, void *ctx, struct hilf_err *err);
	void *ctx;
};

struct made {
	struct case_decide decide;
	struct case_decided decided;
	bool waited; /* of undecided */
};

static inline int run_decided(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct made *made = ctx;
	return case_decided(hilf, &made->decide, &made->decided, err);
}

static inline int run_undecided(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct made *made = ctx;
	return case_undecided(hilf, made->decide.case_id, made->decide.decision, made->waited, err);
}

static inline int run_seconded(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct made *made = ctx;
	return case_seconded(hilf, made->decide.case_id, made->decide.decision, err);
}

static inline int run_known_end(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct made *made = ctx;
	return case_known_end(hilf, made->decide.decision, err);
}

static const uint8_t first[UUID_SIZE] = {1}, second[UUID_SIZE] = {2}, third[UUID_SIZE] = {3};

static inline struct made decision_on(uint64_t case_id, uint32_t cluster, uint64_t version,
	const uint8_t *decision, const char *actor)
{
	return (struct made){.decide = {.case_id = case_id,
				     .cluster = cluster,
				     .version = version,
				     .decision = decision,
				     .actor = actor}};
}

static inline int decide_it(struct place *place, struct made *made)
{
	return local_submit(place->hilf, run_decided, made, &place->err);
}

static inline int set_up_cases(void **state)
{
	arena_init(&texts, 0);
	return set_up(state);
}

static inline int tear_down_cases(void **state)
{
	struct place *place = *state;
	counts_are_true(place);
	arena_clear(&texts);
	return tear_down(state);
}

static inline uint64_t next_of(
	struct place *place, const char *actor, const char *const *declined, size_t count)
{
	const struct case_next next = {
		.actor = actor, .kind = -1, .declined = declined, .declined_count = count};
	uint64_t id;
	must(case_next(place->hilf, &next, &id, &place->err));
	return id;
}

#endif
