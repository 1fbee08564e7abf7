/* The desk from many threads: uploads that come while people take cases, decide and undo. Nobody gets what another has, no
 * upload is decided twice or lost, and what is counted is what is there. Made for ThreadSanitizer. */
#include "engine/cases.h"
#include "engine/cases_test.h"
#include "engine/local.h"
#include "os/clock.h"

#include <pthread.h>
#include <stdatomic.h>

#define CHECKERS  2
#define REVIEWERS 3
#define UPLOADS   60 /* of a checker */
#define ENTRIES   4

static struct {
	struct place *place;
	struct hilf_signal signals[ENTRIES];
	_Atomic unsigned failures, decided, undone, checkers;
	_Atomic uint64_t holder[UPLOADS * CHECKERS + 1]; /* of a case, by its number: a reviewer */
} all;

static void failed(const char *what, const struct hilf_err *err)
{
	fprintf(stderr, "%s: %s\n", what, err ? err->text : "");
	all.failures++;
}

static void *check_uploads(void *ctx)
{
	uintptr_t number = (uintptr_t)ctx;
	struct arena arena;
	arena_init(&arena, 0);
	for (unsigned i = 0; i < UPLOADS; i++) {
		struct check_decision decision;
		struct hilf_check check;
		struct hilf_err err;
		char id[32];
		snprintf(id, sizeof id, "c%u-%u", (unsigned)number, i);
		const struct check_context context = {
			.content_id = id, .caption = i % 3 ? "one" : "another"};
		if (hilf_match_signals(all.place->hilf, NULL, &all.signals[i % ENTRIES], 1, &check,
			    &err) != 0) {
			failed("match", &err);
			continue;
		}
		if (check_record(all.place->hilf, &context, &check, &arena, &decision, &err) != 0)
			failed("check_record", &err);
		hilf_check_free(&check);
		arena_clear(&arena);
	}
	all.checkers--;
	return NULL;
}

struct making {
	struct case_decide decide;
	struct case_decided decided;
	uint8_t id[UUID_SIZE];
};

static int run_decide(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct making *making = ctx;
	return case_decided(hilf, &making->decide, &making->decided, err);
}

static int run_undo(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct making *making = ctx;
	return case_undecided(hilf, making->decide.case_id, making->id, false, err);
}

static int take_first(const struct store_cluster *cluster, void *ctx)
{
	*(uint32_t *)ctx = cluster->number;
	return HILF_E_STOPPED;
}

/* Decides the first open cluster as it is seen, and takes every fourth decision back. */
static void work_on(uint64_t case_id, const char *actor, unsigned turn)
{
	struct hilf *hilf = all.place->hilf;
	struct store_case row;
	struct hilf_err err;
	struct arena arena;
	struct making making = {.decide = {.case_id = case_id, .actor = actor}};
	arena_init(&arena, 0);
	int rc = case_get(hilf, false, case_id, &arena, &row, &err);
	making.decide.version = row.version;
	arena_clear(&arena);
	if (!rc)
		rc = case_cluster_page(
			hilf, case_id, true, 0, 1, take_first, &making.decide.cluster, &err);
	if (rc && rc != HILF_E_STOPPED)
		failed("looking at a case", &err);
	if (rc != HILF_E_STOPPED)
		return;
	random_bytes(making.id, sizeof making.id);
	making.decide.decision = making.id;
	rc = local_submit(hilf, run_decide, &making, &err);
	if (rc) {
		failed("a decision on a case of one's own", &err);
		return;
	}
	all.decided++;
	if (turn % 4)
		return;
	rc = local_submit(hilf, run_undo, &making, &err);
	if (rc)
		failed("undoing", &err);
	all.undone++;
}

static void *review(void *ctx)
{
	uintptr_t number = (uintptr_t)ctx + 1;
	char actor[24];
	snprintf(actor, sizeof actor, "user:%u", (unsigned)number);
	for (unsigned turn = 1; all.checkers || turn < 20; turn++) {
		const struct case_next next = {.actor = actor, .kind = -1};
		struct hilf_err err;
		uint64_t id = 0, nobody = 0;
		if (case_next(all.place->hilf, &next, &id, &err) != 0)
			failed("case_next", &err);
		if (!id || id > UPLOADS * CHECKERS)
			continue;
		if (!atomic_compare_exchange_strong(&all.holder[id], &nobody, number))
			failed("two have one case", NULL);
		work_on(id, actor, turn);
		atomic_store(&all.holder[id], 0);
		if (case_release(all.place->hilf, id, actor, &err) != 0)
			failed("case_release", &err);
	}
	return NULL;
}

static int take_row(const struct store_case *row, void *ctx)
{
	uint64_t *uploads = ctx;
	assert_true(row->open_count <= row->upload_count);
	assert_true(row->open_clusters <= row->cluster_count);
	assert_int_equal(row->state == CASE_OPEN, row->open_count != 0);
	*uploads += row->upload_count;
	return 0;
}

static void people_and_uploads_do_not_meet_badly(void **state)
{
	const struct case_query query = {
		.list = CASES_ALL, .actor = "", .kind = -1, .limit = 10000};
	struct place *place = all.place = *state;
	pthread_t threads[CHECKERS + REVIEWERS];
	char cursor[CASE_CURSOR_TEXT];
	uint64_t uploads = 0, seed = 3;
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	for (int i = 0; i < ENTRIES; i++) {
		all.signals[i] = random_pdq(&seed);
		add_one(place, "b", &all.signals[i]);
	}
	all.checkers = CHECKERS;
	for (uintptr_t i = 0; i < CHECKERS; i++)
		pthread_create(&threads[i], NULL, check_uploads, (void *)i);
	for (uintptr_t i = 0; i < REVIEWERS; i++)
		pthread_create(&threads[CHECKERS + i], NULL, review, (void *)i);
	for (size_t i = 0; i < CHECKERS + REVIEWERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(all.failures, 0);
	must(case_page(place->hilf, &query, take_row, &uploads, cursor, &place->err));
	assert_int_equal(uploads, CHECKERS * UPLOADS);
	assert_true(all.decided > 0);
	counts_are_true(place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			people_and_uploads_do_not_meet_badly, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
