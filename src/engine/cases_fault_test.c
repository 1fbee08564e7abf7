/* When memory or the disk refuses, at every place in turn: what gathers, takes, decides and undoes leaves all of it or
 * nothing, and every count is still what is there. This program stands before the allocator and before SQLite's writes. */
#include "engine/cases.h"

#include "engine/cases_test.h"
#include "engine/local.h"

struct trial {
	struct place *place;
	struct hilf_signal signal;
	unsigned round;
	uint64_t case_id;
	uint8_t decision[UUID_SIZE];
};

/* Beside this, every count is what is there. */
struct census {
	int64_t cases, uploads, notes, leases, waiting;
};

static struct census take_census(struct trial *trial)
{
	struct place *place = trial->place;
	counts_are_true(place);
	return (struct census){
		.cases = ask_store(place, "SELECT count(*) FROM l_case"),
		.uploads = ask_store(place, "SELECT count(*) FROM l_upload"),
		.notes = ask_store(place, "SELECT count(*) FROM l_case_note"),
		.leases = ask_store(place, "SELECT count(*) FROM l_lease"),
		.waiting = ask_store(place, "SELECT count(*) FROM l_case WHERE second_count > 0"),
	};
}

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

#include "engine/faults_test.h"

FAULTS(check)
FAULTS(report)
FAULTS(next)
FAULTS(note)
FAULTS(decide)
FAULTS(page)
DISK(check)
DISK(report)
DISK(next)
DISK(note)
DISK(decide)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAULT_TEST(memory_check),
		FAULT_TEST(memory_report),
		FAULT_TEST(memory_next),
		FAULT_TEST(memory_note),
		FAULT_TEST(memory_decide),
		FAULT_TEST(memory_page),
		FAULT_TEST(disk_check),
		FAULT_TEST(disk_report),
		FAULT_TEST(disk_next),
		FAULT_TEST(disk_note),
		FAULT_TEST(disk_decide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
