/* What decisions do to cases, and time, and damage. */
#include "engine/cases_test.h"

/* ------------------------------------------------------------------------------------------ decisions */

static uint64_t three_of_one(struct place *place, struct scene *scene)
{
	*scene = make_scene(place, HILF_REVIEW);
	check_id(place, &scene->signals[0], "1");
	check_id(place, &scene->signals[0], "2");
	check_id(place, &scene->signals[0], "3");
	return list_of(place, CASES_OPEN, ANNA).ids[0];
}

static void a_decision_on_a_cluster_decides_its_case(void **state)
{
	struct place *place = *state;
	struct scene scene;
	uint64_t id = three_of_one(place, &scene);
	struct made made = decision_on(id, 1, row_of(place, id).version, first, ANNA);
	must(decide_it(place, &made));
	assert_int_equal(made.decided.upload_count, 3);
	assert_int_equal(row_of(place, id).state, CASE_DECIDED);
	assert_int_equal(upload_at(place, id, 1, 2).state, UPLOAD_DECIDED);
	struct case_counts counts = counts_of(place, ANNA);
	assert_int_equal(counts.open, 0);
	assert_int_equal(list_of(place, CASES_DECIDED, ANNA).count, 1);
}

static void of_two_who_decide_at_once_one_learns_of_it(void **state)
{
	struct place *place = *state;
	struct scene scene;
	uint64_t id = three_of_one(place, &scene);
	uint64_t version = row_of(place, id).version;
	struct made one = decision_on(id, 1, version, first, ANNA);
	struct made two = decision_on(id, 1, version, second, BORIS);
	must(decide_it(place, &one));
	must(case_release(place->hilf, id, ANNA, &place->err));
	assert_int_equal(decide_it(place, &two), HILF_E_EXISTS);
	assert_true(two.decided.has_other);
	assert_memory_equal(two.decided.other, first, UUID_SIZE);
	assert_memory_equal(upload_at(place, id, 1, 0).decision, first, UUID_SIZE);
	/* And with a lease, before it comes to that. */
	struct made third_one = decision_on(id, 1, version, third, ANNA);
	must(local_submit(place->hilf, run_undecided, &one, &place->err));
	struct case_lease lease;
	must(case_lease(place->hilf, id, BORIS, &lease, &place->err));
	assert_int_equal(decide_it(place, &third_one), HILF_E_BUSY);
}

static void what_came_after_the_version_is_not_decided_unseen(void **state)
{
	struct place *place = *state;
	struct scene scene;
	uint64_t id = three_of_one(place, &scene);
	uint64_t version = row_of(place, id).version;
	check_id(place, &scene.signals[0], "late");
	struct made made = decision_on(id, 1, version, first, ANNA);
	must(decide_it(place, &made));
	assert_int_equal(made.decided.upload_count, 3);
	struct store_case row = row_of(place, id);
	assert_int_equal(row.state, CASE_OPEN);
	assert_int_equal(row.open_count, 1);
	assert_int_equal(row.known_clusters, 1);
	struct store_cluster late = cluster_of(place, id, 2);
	assert_int_equal(late.open_count, 1);
	assert_true(late.has_known);
	assert_memory_equal(late.known, first, UUID_SIZE);
	/* One more of these goes to the new cluster. */
	check_id(place, &scene.signals[0], "later");
	assert_int_equal(cluster_of(place, id, 2).open_count, 2);
	/* The old version has nothing left. */
	struct made again = decision_on(id, 2, version, second, ANNA);
	assert_int_equal(decide_it(place, &again), HILF_E_EXISTS);
	assert_memory_equal(again.decided.other, first, UUID_SIZE);
}

static void some_uploads_of_a_cluster_can_be_decided_apart(void **state)
{
	struct place *place = *state;
	struct scene scene;
	uint64_t id = three_of_one(place, &scene);
	struct list all = uploads_of(place, id, 1);
	const uint64_t named[] = {all.ids[1], all.ids[1]};
	struct made made = decision_on(id, 1, 0, first, ANNA);
	made.decide.uploads = named;
	made.decide.upload_count = 2;
	must(decide_it(place, &made));
	assert_int_equal(made.decided.upload_count, 1);
	assert_int_equal(row_of(place, id).open_count, 2);
	struct made again = decision_on(id, 1, 0, second, ANNA);
	again.decide.uploads = all.ids;
	again.decide.upload_count = 3;
	assert_int_equal(decide_it(place, &again), HILF_E_EXISTS);
	assert_int_equal(row_of(place, id).open_count, 2); /* all or nothing */
	/* Nobody can tell which of the two would hold for the next copy. */
	struct made rest = decision_on(id, 1, 0, second, ANNA);
	must(decide_it(place, &rest));
	check_id(place, &scene.signals[0], "copy");
	struct list open = list_of(place, CASES_OPEN, ANNA);
	assert_int_equal(open.count, 1);
	assert_false(cluster_of(place, open.ids[0], 1).has_known);
	/* Uploads of another cluster are none of it. */
	const uint64_t foreign[] = {upload_at(place, open.ids[0], 1, 0).id};
	struct made crossed = decision_on(id, 1, 0, third, ANNA);
	crossed.decide.uploads = foreign;
	crossed.decide.upload_count = 1;
	assert_int_not_equal(decide_it(place, &crossed), 0);
}

static void a_copy_that_comes_later_names_what_was_decided(void **state)
{
	struct place *place = *state;
	struct scene scene;
	uint64_t id = three_of_one(place, &scene);
	struct made made = decision_on(id, 1, 0, first, ANNA);
	must(decide_it(place, &made));
	check_id(place, &scene.signals[0], "copy");
	const struct check_context other = {.content_id = "other", .caption = "A report on it"};
	check(place, &scene.signals[0], &other);
	uint64_t next = list_of(place, CASES_OPEN, ANNA).ids[0];
	assert_int_not_equal(next, id);
	struct store_case row = row_of(place, next);
	assert_int_equal(row.cluster_count, 2);
	assert_int_equal(row.known_clusters, 1);
	assert_memory_equal(cluster_of(place, next, 1).known, first, UUID_SIZE);
	assert_false(cluster_of(place, next, 2).has_known);
	/* The decision falls: nothing is known any more, there and for what comes. */
	must(local_submit(place->hilf, run_known_end, &made, &place->err));
	assert_int_equal(row_of(place, next).known_clusters, 0);
	assert_int_equal(row_of(place, id).state, CASE_DECIDED);
}

static void what_is_undone_is_open_again_and_known_to_nobody(void **state)
{
	struct place *place = *state;
	struct scene scene;
	uint64_t id = three_of_one(place, &scene);
	struct made made = decision_on(id, 1, 0, first, ANNA);
	must(decide_it(place, &made));
	check_id(place, &scene.signals[0], "copy");
	uint64_t copy = list_of(place, CASES_OPEN, ANNA).ids[0];
	must(local_submit(place->hilf, run_undecided, &made, &place->err));
	struct store_case row = row_of(place, id);
	assert_int_equal(row.state, CASE_OPEN);
	assert_int_equal(row.open_count, 3);
	assert_int_equal(row_of(place, copy).known_clusters, 0);
	assert_false(upload_at(place, id, 1, 0).has_decision);
	struct made anew = decision_on(id, 1, 0, second, ANNA);
	must(decide_it(place, &anew));
	assert_int_equal(row_of(place, id).state, CASE_DECIDED);
}

static void a_decision_that_waits_is_for_somebody_else(void **state)
{
	struct place *place = *state;
	struct scene scene;
	uint64_t id = three_of_one(place, &scene);
	struct made made = decision_on(id, 1, 0, first, ANNA);
	made.decide.waits = true;
	must(decide_it(place, &made));
	assert_int_equal(row_of(place, id).state, CASE_SECOND);
	struct case_counts counts = counts_of(place, ANNA);
	assert_int_equal(counts.second, 1);
	assert_int_equal(counts.open, 0);
	assert_int_equal(list_of(place, CASES_SECOND, ANNA).count, 1);
	must(case_release(place->hilf, id, ANNA, &place->err));
	assert_int_equal(next_of(place, ANNA, NULL, 0), 0);
	assert_int_equal(next_of(place, BORIS, NULL, 0), id);
	/* Not decided yet, so no later copy rests on it, and the same case takes it. */
	check_id(place, &scene.signals[0], "copy");
	assert_int_equal(row_of(place, id).open_count, 1);
	assert_int_equal(row_of(place, id).known_clusters, 0);
	must(local_submit(place->hilf, run_seconded, &made, &place->err));
	assert_int_equal(counts_of(place, ANNA).second, 0);
	assert_int_equal(cluster_of(place, id, 1).stands, STANDS);
	/* Refused instead: all of it is open again. */
	must(case_release(place->hilf, id, BORIS, &place->err));
	struct made more = decision_on(id, 2, 0, second, ANNA);
	more.decide.waits = more.waited = true;
	must(decide_it(place, &more));
	assert_int_equal(row_of(place, id).state, CASE_SECOND);
	must(local_submit(place->hilf, run_undecided, &more, &place->err));
	assert_int_equal(row_of(place, id).state, CASE_OPEN);
	assert_int_equal(row_of(place, id).second_count, 0);
}

static void a_closed_case_takes_no_decision(void **state)
{
	struct place *place = *state;
	struct scene scene;
	uint64_t id = three_of_one(place, &scene);
	must(hilf_withdraw(place->hilf, scene.numbers[0], "error", &place->err));
	struct made made = decision_on(id, 1, 0, first, ANNA);
	assert_int_equal(decide_it(place, &made), HILF_E_WITHDRAWN);
	struct made nowhere = decision_on(id, 9, 0, first, ANNA);
	assert_int_not_equal(decide_it(place, &nowhere), 0);
}

/* ------------------------------------------------------------------------------------------ age and damage */

#define DAY_MS (24ll * 3600 * 1000)

struct ageing {
	uint64_t case_id;
	int64_t changed_ms, keep_until_ms;
};

static int run_age(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct ageing *ageing = ctx;
	struct store_case row;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_case_get(hilf->store, true, ageing->case_id, &arena, &row, err);
	row.changed_ms = ageing->changed_ms;
	row.keep_until_ms = ageing->keep_until_ms;
	if (!rc)
		rc = store_case_save(hilf->store, &row, err);
	arena_clear(&arena);
	return rc;
}

static void age(struct place *place, uint64_t case_id, int64_t changed_ms, int64_t keep_until_ms)
{
	struct ageing ageing = {case_id, changed_ms, keep_until_ms};
	must(local_submit(place->hilf, run_age, &ageing, &place->err));
}

static void old_cases_go_with_all_that_is_theirs_and_open_ones_stay(void **state)
{
	static const char *const tables[] = {"l_case", "l_cluster", "l_upload", "l_report",
		"l_case_note", "l_case_alias", "l_lease"};
	struct place *place = *state;
	struct store_note note;
	struct scene scene;
	bool more = true;
	uint64_t id = three_of_one(place, &scene);
	int64_t now_ms = clock_now_ms();
	report(place, "1", NULL, "a word");
	must(case_note(place->hilf, id, ANNA, "a note", &note, &place->err));
	age(place, id, now_ms - 400 * DAY_MS, 0);
	must(cases_sweep(place->hilf, 2, &more, &place->err));
	assert_int_equal(row_of(place, id).upload_count, 3); /* it is open */
	struct made made = decision_on(id, 1, 0, first, ANNA);
	must(decide_it(place, &made));
	must(cases_sweep(place->hilf, 2, &more, &place->err));
	assert_int_equal(row_of(place, id).state, CASE_DECIDED); /* it is new */
	age(place, id, now_ms - 181 * DAY_MS, now_ms + DAY_MS);
	must(cases_sweep(place->hilf, 2, &more, &place->err));
	assert_int_equal(row_of(place, id).state, CASE_DECIDED); /* somebody may appeal */
	age(place, id, now_ms - 181 * DAY_MS, 0);
	for (more = true; more;)
		must(cases_sweep(place->hilf, 2, &more, &place->err));
	for (size_t i = 0; i < COUNT_OF(tables); i++) {
		char sql[64];
		snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", tables[i]);
		assert_int_equal(ask_store(place, sql), 0);
	}
}

static int run_over(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct store_lease over = {*(uint64_t *)ctx, ANNA, clock_now_ms() - 1};
	return store_lease_put(hilf->store, &over, err);
}

static void a_lease_that_is_over_is_nobodys(void **state)
{
	struct place *place = *state;
	struct case_lease lease;
	make_scene(place, HILF_REVIEW);
	uint64_t id = report(place, "a", NULL, NULL);
	must(case_lease(place->hilf, id, ANNA, &lease, &place->err));
	must(local_submit(place->hilf, run_over, &id, &place->err));
	assert_int_equal(
		case_lease_look(place->hilf, id, BORIS, &lease, &place->err), HILF_E_NOT_FOUND);
	assert_false(case_leased_by(place->hilf, false, id, ANNA));
	assert_int_equal(counts_of(place, ANNA).mine, 0);
	assert_int_equal(next_of(place, BORIS, NULL, 0), id);
}

static int count_finding(const char *level, const char *what, const char *text, void *ctx)
{
	(void)level;
	(void)what;
	*(unsigned *)ctx += strstr(text, "cases") != NULL;
	return 0;
}

static void a_damaged_case_is_found_never_shown_and_removed_by_fsck(void **state)
{
	struct place *place = *state;
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = place->dir, .helper_dir = place->helpers};
	struct store_case row;
	char path[300];
	sqlite3 *db;
	uint64_t problems = 0;
	unsigned findings = 0;
	make_scene(place, HILF_REVIEW);
	uint64_t bad = report(place, "a", NULL, NULL), good = report(place, "b", NULL, NULL);
	hilf_close(place->hilf);
	place->hilf = NULL;
	snprintf(path, sizeof path, "%s/hilf.db", place->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db, "UPDATE l_case SET kind = 4 WHERE id = 1", NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	reopen(place);
	assert_int_equal(bad, 1);
	assert_int_equal(
		case_get(place->hilf, false, bad, &texts, &row, &place->err), HILF_E_CORRUPT);
	hilf_close(place->hilf);
	place->hilf = NULL;
	must(hilf_fsck(&options, false, count_finding, &findings, &problems, &place->err));
	assert_true(findings > 0);
	reopen(place);
	assert_int_equal(
		case_get(place->hilf, false, bad, &texts, &row, &place->err), HILF_E_NOT_FOUND);
	assert_int_equal(row_of(place, good).state, CASE_OPEN);
	assert_int_equal(ask_store(place, "SELECT count(*) FROM l_upload"), 1);
	assert_int_equal(counts_of(place, ANNA).open, 1);
}

#define CASE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_cases, tear_down_cases)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE_TEST(a_decision_on_a_cluster_decides_its_case),
		CASE_TEST(of_two_who_decide_at_once_one_learns_of_it),
		CASE_TEST(what_came_after_the_version_is_not_decided_unseen),
		CASE_TEST(some_uploads_of_a_cluster_can_be_decided_apart),
		CASE_TEST(a_copy_that_comes_later_names_what_was_decided),
		CASE_TEST(what_is_undone_is_open_again_and_known_to_nobody),
		CASE_TEST(a_decision_that_waits_is_for_somebody_else),
		CASE_TEST(a_closed_case_takes_no_decision),
		CASE_TEST(old_cases_go_with_all_that_is_theirs_and_open_ones_stay),
		CASE_TEST(a_lease_that_is_over_is_nobodys),
		CASE_TEST(a_damaged_case_is_found_never_shown_and_removed_by_fsck),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
