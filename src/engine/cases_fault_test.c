/* When memory or the disk refuses, at every place in turn: what gathers, takes, decides and undoes leaves all of it or
 * nothing, and every count is still what is there. This program stands before the allocator and before SQLite's writes. */
#include "engine/cases.h"

#include "engine/cases_test.h"
#include "engine/local.h"
#include "test/failing_memory.h"

#include <sys/syscall.h>

#define FAULTS_MAX 600

static bool disk_fails; /* every write and sync */

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
	__attribute__((visibility("default")));

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
	if (disk_fails) {
		errno = ENOSPC;
		return -1;
	}
	return (ssize_t)syscall(SYS_pwrite64, fd, bytes, size, at);
}

struct trial {
	struct place *place;
	struct hilf_signal signal;
	unsigned round;
	uint64_t case_id;
	uint8_t decision[UUID_SIZE];
};

/* ------------------------------------------------------------------------------------------ what is tried */

static int try_check(struct trial *trial, struct hilf_err *err)
{
	struct check_decision decision;
	struct hilf_check check;
	struct arena arena;
	char id[32];
	snprintf(id, sizeof id, "post-%u", trial->round++);
	const struct check_context context = {.content_id = id,
		.caption = "Something stands beside it",
		.language = "fr",
		.evidence_url = "https://e.example/",
		.places = "[{\"kind\":\"page\",\"page\":1}]",
		.reach = 12000};
	arena_init(&arena, 0);
	int rc = hilf_match_signals(trial->place->hilf, NULL, &trial->signal, 1, &check, err);
	if (!rc) {
		rc = check_record(trial->place->hilf, &context, &check, &arena, &decision, err);
		hilf_check_free(&check);
	}
	arena_clear(&arena);
	return rc;
}

static int try_report(struct trial *trial, struct hilf_err *err)
{
	const struct check_context context = {.content_id = "one and the same"};
	return case_report(trial->place->hilf, &context, &trial->signal, 1, "threat", "look here",
		&trial->case_id, err);
}

static int try_next(struct trial *trial, struct hilf_err *err)
{
	const struct case_next next = {.actor = "user:anna", .kind = -1};
	return case_next(trial->place->hilf, &next, &trial->case_id, err);
}

static int try_note(struct trial *trial, struct hilf_err *err)
{
	struct store_note note;
	return case_note(trial->place->hilf, 1, "user:boris", "a note", &note, err);
}

static int run_decide(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct trial *trial = ctx;
	const struct case_decide decide = {.case_id = 1,
		.cluster = 1,
		.decision = trial->decision,
		.actor = "user:anna",
		.waits = true};
	struct case_decided decided;
	return case_decided(hilf, &decide, &decided, err);
}

static int run_undo(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct trial *trial = ctx;
	return case_undecided(hilf, 1, trial->decision, true, err);
}

/* To and fro: each is tried with memory failing in turn. */
static int try_decide(struct trial *trial, struct hilf_err *err)
{
	int rc = local_submit(trial->place->hilf, run_decide, trial, err);
	if (rc == HILF_E_EXISTS)
		rc = local_submit(trial->place->hilf, run_undo, trial, err);
	return rc;
}

static int try_page(struct trial *trial, struct hilf_err *err)
{
	static const char *const banks[] = {"b"};
	struct case_counts counts;
	return case_counts(trial->place->hilf, "user:anna", banks, 1, &counts, err);
}

/* ------------------------------------------------------------------------------------------ how */

static void begin(struct trial *trial, struct place *place)
{
	uint64_t seed = 5;
	struct hilf_err err;
	*trial = (struct trial){.place = place, .signal = random_pdq(&seed), .decision = {7}};
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	add_one(place, "b", &trial->signal);
	for (int i = 0; i < 3; i++)
		if (try_check(trial, &err))
			fail_msg("%s", err.text);
}

typedef int try_fn(struct trial *trial, struct hilf_err *err);

/* Each allocation of a call fails once; the last call, in which none did, succeeds. */
static void fail_each_allocation(struct trial *trial, try_fn *fn)
{
	unsigned durable = 0;
	for (long nth = 0;; nth++) {
		struct hilf_err err = {0};
		assert_true(nth < FAULTS_MAX);
		before_fault(nth, false);
		int rc = fn(trial, &err);
		bool hit = after_fault();
		if (!hit && rc)
			fail_msg("without a fault: %s", err.text);
		counts_are_true(trial->place);
		if (!hit || (!rc && ++durable == 30))
			break;
		if (rc)
			assert_int_equal(rc, HILF_E_NO_MEMORY);
	}
}

static void fail_the_disk(struct trial *trial, try_fn *fn)
{
	struct hilf_err err = {0};
	disk_fails = true;
	int rc = fn(trial, &err);
	disk_fails = false;
	assert_int_equal(rc, HILF_E_IO);
	assert_non_null(strstr(err.text, "full"));
	counts_are_true(trial->place);
	if (fn(trial, &err))
		fail_msg("with room again: %s", err.text);
	counts_are_true(trial->place);
}

#define FAULTS(name, writes)                                                                       \
	static void name##_leaves_all_or_nothing(void **state)                                     \
	{                                                                                          \
		struct trial trial;                                                                \
		begin(&trial, *state);                                                             \
		fail_each_allocation(&trial, try_##name);                                          \
		if (writes)                                                                        \
			fail_the_disk(&trial, try_##name);                                         \
	}

FAULTS(check, true)
FAULTS(report, true)
FAULTS(next, true)
FAULTS(note, true)
FAULTS(decide, true)
FAULTS(page, false)

#define TEST(name) cmocka_unit_test_setup_teardown(name##_leaves_all_or_nothing, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(check),
		TEST(report),
		TEST(next),
		TEST(note),
		TEST(decide),
		TEST(page),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
