/* When memory or the disk refuses, at every place in turn, while people decide, undo, contest and exempt and while the sweep
 * follows: each of these is done whole or not at all, tells nothing that is not so, and is done at the next try. */
#include "engine/desk_place_test.h"
#include "engine/escalations.h"
#include "engine/local_parts.h"
#include "os/clock.h"
#include "test/failing_disk.h"
#include "test/failing_memory.h"

#define FAULTS_MAX 3000
#define STEP       3 /* each third place: they are many, and alike */

/* What there is, and what was told of it. */
struct census {
	unsigned decisions, standing, reversed, appeals, exemptions, escalations;
	unsigned made, restored, appealed, judged, escalated;
};

static int note_decision(const struct decision_info *info, void *ctx)
{
	memcpy(ctx, info->id, DECISION_TEXT);
	return 0;
}

static int count_decision(const struct decision_info *info, void *ctx)
{
	struct census *census = ctx;
	census->decisions++;
	census->standing += info->state == DECISION_STANDING;
	census->reversed += info->state == DECISION_REVERSED;
	return 0;
}

static int count_exemption(const struct exemption_info *info, uint64_t number, void *ctx)
{
	struct census *census = ctx;
	(void)info;
	(void)number;
	census->exemptions++;
	return 0;
}

static int count_escalation(const struct escalation_info *info, void *ctx)
{
	struct census *census = ctx;
	(void)info;
	census->escalations++;
	return 0;
}

static int count_event(const struct delivery *delivery, void *ctx)
{
	struct census *census = ctx;
	census->made += strcmp(delivery->event, "decision.made") == 0;
	census->restored += strcmp(delivery->event, "content.restored") == 0;
	census->appealed += strcmp(delivery->event, "appeal.made") == 0;
	census->judged += strcmp(delivery->event, "appeal.decided") == 0;
	census->escalated += strcmp(delivery->event, "threat.escalated") == 0;
	return 0;
}

struct trial {
	struct place *place;
	struct question question;
	char decision[DECISION_TEXT], token[APPEAL_TOKEN_TEXT];
	uint64_t appeal_case;
};

static struct census take_census(struct trial *trial)
{
	struct place *place = trial->place;
	struct census census = {0};
	struct appeal_info info;
	struct arena arena;
	int64_t until_ms;
	bool made = false;
	arena_init(&arena, 0);
	must(decision_page(place->hilf, NULL, -1, 0, 1000, count_decision, &census, &place->err));
	must(exemption_page(place->hilf, 0, 1000, count_exemption, &census, &place->err));
	must(escalation_page(
		place->hilf, NULL, 0, 0, 1000, count_escalation, &census, &place->err));
	must(deliveries_page(place->hilf, NULL, false, 0, 1000, count_event, &census, &place->err));
	if (trial->token[0])
		must(appeal_status(
			place->hilf, trial->token, &arena, &made, &info, &until_ms, &place->err));
	census.appeals = made;
	trial->appeal_case = made ? info.case_id : 0;
	arena_clear(&arena);
	return census;
}

/* ------------------------------------------------------------------------------------------ what is tried */

static int try_decide(struct trial *trial, struct hilf_err *err)
{
	struct decide_request request = plain_decision(&trial->question);
	struct decision_info info;
	struct refusal refusal;
	struct arena arena;
	arena_init(&arena, 0);
	request.actions = ACTION_REMOVE | ACTION_PRESERVE;
	int rc = decide(trial->place->hilf, &first_person, &request, &arena, &info, &refusal, err);
	if (!rc)
		memcpy(trial->decision, info.id, sizeof trial->decision);
	arena_clear(&arena);
	return rc;
}

static int try_sweep(struct trial *trial, struct hilf_err *err)
{
	bool more = true;
	int rc = 0;
	while (more && !rc)
		rc = decide_sweep(trial->place->hilf, 10, &more, err);
	return rc;
}

static int try_appeal(struct trial *trial, struct hilf_err *err)
{
	struct appeal_info info;
	struct refusal refusal;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = appeal_make(
		trial->place->hilf, trial->token, "Why?", NULL, &arena, &info, &refusal, err);
	if (!rc)
		trial->appeal_case = info.case_id;
	arena_clear(&arena);
	return rc;
}

static int try_judge(struct trial *trial, struct hilf_err *err)
{
	const struct appeal_decide decide = {.case_id = trial->appeal_case,
		.uphold = true,
		.text = "Indeed.",
		.entry = APPEAL_DISPUTE};
	struct appeal_info info;
	struct refusal refusal;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = appeal_decide(
		trial->place->hilf, &second_person, &decide, &arena, &info, &refusal, err);
	arena_clear(&arena);
	return rc;
}

static int try_exempt(struct trial *trial, struct hilf_err *err)
{
	const struct exemption_info info = {.uploader_ref = "u",
		.entry = trial->question.entry_text,
		.purpose = PURPOSE_ART,
		.until_ms = clock_now_ms() + DESK_DAY_MS};
	struct exemption_info made;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = exemption_add(trial->place->hilf, &first_person, &info, &arena, &made, err);
	arena_clear(&arena);
	return rc;
}

static int try_escalate(struct trial *trial, struct hilf_err *err)
{
	const struct escalation_info info = {.case_id = trial->question.case_id,
		.authority = "Police",
		.contact = "by telephone",
		.sent = "the address",
		.told_ms = clock_now_ms()};
	struct escalation_info made;
	struct refusal refusal;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = escalation_add(
		trial->place->hilf, &first_person, &info, &arena, &made, &refusal, err);
	arena_clear(&arena);
	return rc;
}

/* A sweep that failed looks at it again in a minute; here the minute is over. */
static int make_due(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct trial *trial = ctx;
	struct store_decision row;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = decision_row(hilf, true, trial->decision, &arena, &row, err);
	row.due_ms = !rc && row.due_ms ? 1 : 0;
	if (!rc)
		rc = store_decision_put(hilf->store, &row, NULL, err);
	arena_clear(&arena);
	return rc;
}

static int try_sweep_again(struct trial *trial, struct hilf_err *err)
{
	struct place *place = trial->place;
	long after = atomic_exchange(&fail_memory.after, 0);
	must(local_submit(place->hilf, make_due, trial, &place->err));
	atomic_store(&fail_memory.after, after);
	return try_sweep(trial, err);
}

/* ------------------------------------------------------------------------------------------ how */

typedef int try_fn(struct trial *trial, struct hilf_err *err);

/* Fails at one place after the other until none is left. A failure leaves all as it was, but for a write that was durable
 * before what came after it failed: then it says so at the next try, which `done` allows. */
static void fail_everywhere(struct trial *trial, try_fn *try, bool for_good)
{
	struct place *place = trial->place;
	struct census before = take_census(trial);
	for (long nth = 0; nth < FAULTS_MAX; nth += STEP) {
		struct hilf_err err = {0};
		before_fault(nth, for_good);
		int rc = try(trial, &err);
		bool failed = after_fault();
		struct census after = take_census(trial);
		if (!rc)
			return;
		assert_true(failed || err.code == HILF_E_EXISTS);
		if (memcmp(&before, &after, sizeof before) != 0)
			return; /* durable, and the answer was lost: it is there whole, which the census of the end asks */
		(void)place;
	}
	fail_msg("it never came through");
}

static void fail_the_disk(struct trial *trial, try_fn *try)
{
	struct census before = take_census(trial), after;
	struct hilf_err err = {0};
	before_full_disk();
	int rc = try(trial, &err);
	after_disk_fault();
	assert_true(rc < 0);
	/* A failed write takes the handle's writer with it; what is read is as it was. */
	reopen(trial->place);
	after = take_census(trial);
	assert_memory_equal(&before, &after, sizeof before);
}

static int take_token(const struct delivery *delivery, void *ctx)
{
	struct trial *trial = ctx;
	const char *found = strstr(delivery->body, "\"appeal_token\":\"appeal_");
	if (found && strcmp(delivery->event, "decision.made") == 0)
		snprintf(trial->token, sizeof trial->token, "%.47s", found + 16);
	return 0;
}

static void run_trial(struct place *place, bool for_good)
{
	struct trial trial = {.place = place};
	listen_to_all(place);
	trial.question = ask_question(place, 3);
	fail_the_disk(&trial, try_decide);
	fail_everywhere(&trial, try_decide, for_good);
	struct census census = take_census(&trial);
	assert_int_equal(census.decisions, 1);
	/* Its answer may have been lost. */
	must(decision_page(
		place->hilf, NULL, -1, 0, 1, note_decision, trial.decision, &place->err));
	assert_int_equal(census.made, 0);
	fail_the_disk(&trial, try_sweep);
	fail_everywhere(&trial, try_sweep_again, for_good);
	census = take_census(&trial);
	assert_int_equal(census.made, 1);
	assert_int_equal(census.standing, 1);
	must(deliveries_page(place->hilf, NULL, false, 0, 1000, take_token, &trial, &place->err));
	fail_the_disk(&trial, try_appeal);
	fail_everywhere(&trial, try_appeal, for_good);
	census = take_census(&trial);
	assert_int_equal(census.appeals, 1);
	assert_int_equal(census.appealed, 1);
	fail_the_disk(&trial, try_judge);
	fail_everywhere(&trial, try_judge, for_good);
	census = take_census(&trial);
	assert_int_equal(census.judged, 1);
	assert_int_equal(census.restored, 1);
	fail_everywhere(&trial, try_exempt, for_good);
	fail_everywhere(&trial, try_escalate, for_good);
	census = take_census(&trial);
	assert_int_equal(census.escalations, census.escalated);
	assert_true(census.exemptions >= 1);
	hilf_check_free(&trial.question.check);
}

static void one_allocation_fails(void **state)
{
	run_trial(*state, false);
}

static void memory_runs_out_for_good(void **state)
{
	run_trial(*state, true);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(one_allocation_fails),
		TEST(memory_runs_out_for_good),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
