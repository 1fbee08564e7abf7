/* Decisions over time: what follows, in parts, after a restart, at the end of a duration and of withholding. */
#include "engine/desk_place_test.h"

#include "base/check.h"
#include "engine/local_parts.h"
#include "os/clock.h"

#include <stdlib.h>
#include <time.h>

#define DAY_MS (24 * 3600 * 1000)

/* ------------------------------------------------------------------------------------------ what was told */

struct told {
	const char *event;
	unsigned events, contents, tokens;
	unsigned parts;      /* as the last said */
	uint8_t seen[10000]; /* how often each post was told */
	bool with_statement;
	char token[APPEAL_TOKEN_TEXT]; /* the first */
};

static int take_event(const struct delivery *delivery, void *ctx)
{
	struct told *told = ctx;
	if (strcmp(delivery->event, told->event) != 0)
		return 0;
	told->events++;
	for (const char *at = delivery->body; (at = strstr(at, "\"post-")); at++) {
		told->contents++;
		told->seen[strtoul(at + 6, NULL, 10)]++;
	}
	for (const char *at = delivery->body; (at = strstr(at, "\"appeal_token\":\"appeal_"));
		at++) {
		if (!told->tokens++)
			snprintf(told->token, sizeof told->token, "%.47s", at + 16);
	}
	told->with_statement = strstr(delivery->body, "\"statement\":{") != NULL;
	const char *parts = strstr(delivery->body, "\"parts\":");
	told->parts = parts ? (unsigned)strtoul(parts + 8, NULL, 10) : 0;
	return 0;
}

static struct told *told_of(struct place *place, const char *event)
{
	static struct told told;
	memset(&told, 0, sizeof told);
	told.event = event;
	must(deliveries_page(place->hilf, NULL, false, 0, 100000, take_event, &told, &place->err));
	return &told;
}

/* A change to a decision's row that only time makes otherwise. */
struct ageing {
	const char *id;
	int64_t until_ms, withheld_ms;
};

static int age(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct ageing *ageing = ctx;
	struct store_decision row;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = decision_row(hilf, true, ageing->id, &arena, &row, err);
	if (!rc && ageing->until_ms)
		row.until_ms = ageing->until_ms;
	if (!rc && ageing->withheld_ms)
		row.withheld_ms = ageing->withheld_ms;
	if (!rc && row.step == STEP_WAIT)
		decision_plan(&row);
	if (!rc)
		rc = store_decision_put(hilf->store, &row, NULL, err);
	arena_clear(&arena);
	return rc;
}

/* ------------------------------------------------------------------------------------------ tests */

static void ten_thousand_uploads_are_one_decision_and_each_is_told_once(void **state)
{
	struct place *place = *state;
	listen_to_all(place);
	struct question question = ask_question(place, 10000);
	struct decide_request request = plain_decision(&question);
	struct arena arena;
	bool more;
	arena_init(&arena, 0);
	int64_t began_us = clock_monotonic_us();
	clock_t began = clock();
	struct decision_info info = decide_it(&question, &request, &arena);
	print_message("decided in %lld us, of which %lld of the processor\n",
		(long long)(clock_monotonic_us() - began_us),
		(long long)((clock() - began) * 1000000 / CLOCKS_PER_SEC));
	assert_int_equal(info.upload_count, 10000);
	assert_int_equal(info.state, DECISION_PENDING);
	assert_int_equal(told_of(place, "decision.made")->events, 0);
	/* One piece at a time, with the process ending in between. */
	must(decide_sweep(place->hilf, 1, &more, &place->err));
	assert_true(more);
	assert_int_equal(told_of(place, "decision.made")->contents, 1000);
	reopen(place);
	sweep_all(place);
	struct told *told = told_of(place, "decision.made");
	assert_int_equal(told->events, 10);
	assert_int_equal(told->parts, 10);
	assert_int_equal(told->contents, 10000);
	assert_int_equal(told->tokens, 10000);
	for (size_t i = 0; i < 10000; i++)
		assert_int_equal(told->seen[i], 1);
	assert_int_equal(state_of(place, info.id), DECISION_STANDING);
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

static void a_duration_ends_and_the_end_is_told(void **state)
{
	struct place *place = *state;
	listen_to_all(place);
	struct question question = ask_question(place, 2);
	struct decide_request request = plain_decision(&question);
	struct arena arena;
	arena_init(&arena, 0);
	request.duration_days = 1;
	struct decision_info info = decide_it(&question, &request, &arena);
	sweep_all(place);
	assert_int_equal(told_of(place, "decision.ended")->events, 0);
	struct ageing ageing = {info.id, clock_now_ms() - 1, 0};
	must(local_submit(place->hilf, age, &ageing, &place->err));
	sweep_all(place);
	sweep_all(place);
	struct told *told = told_of(place, "decision.ended");
	assert_int_equal(told->events, 1);
	assert_int_equal(told->contents, 2);
	assert_int_equal(told->tokens, 0);
	assert_int_equal(state_of(place, info.id), DECISION_EXPIRED);
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

/* Also where nobody may appeal, and cases go sooner. */
static void what_is_preserved_keeps_its_case(void **state)
{
	struct place *place = *state;
	struct question question = ask_question(place, 1);
	struct decide_request request = plain_decision(&question);
	struct store_case row;
	struct arena arena;
	arena_init(&arena, 0);
	request.actions = ACTION_PRESERVE;
	decide_it(&question, &request, &arena);
	sweep_all(place);
	must(case_get(place->hilf, false, request.case_id, &arena, &row, &place->err));
	assert_true(row.keep_until_ms > clock_now_ms() + 182 * DESK_DAY_MS);
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

static void what_is_withheld_is_released_once_also_after_the_end(void **state)
{
	struct place *place = *state;
	listen_to_all(place);
	struct question question = ask_question(place, 1);
	struct decide_request request = plain_decision(&question);
	int64_t now_ms = clock_now_ms();
	const struct decide_withhold withhold = {now_ms + 40 * DESK_DAY_MS, "Court", "order"};
	struct arena arena;
	arena_init(&arena, 0);
	request.duration_days = 1;
	request.withhold = &withhold;
	struct decision_info info = decide_it(&question, &request, &arena);
	sweep_all(place);
	struct told *told = told_of(place, "decision.made");
	assert_int_equal(told->contents, 1);
	assert_int_equal(told->tokens, 0);
	assert_false(told->with_statement);
	/* Its duration is over before anybody may be told. */
	struct ageing ageing = {info.id, clock_now_ms() - 1, 0};
	must(local_submit(place->hilf, age, &ageing, &place->err));
	sweep_all(place);
	assert_int_equal(told_of(place, "decision.ended")->events, 1);
	assert_int_equal(told_of(place, "statement.released")->events, 0);
	ageing = (struct ageing){info.id, 0, clock_now_ms() - 1};
	must(local_submit(place->hilf, age, &ageing, &place->err));
	sweep_all(place);
	sweep_all(place);
	told = told_of(place, "statement.released");
	assert_int_equal(told->events, 1);
	assert_int_equal(told->tokens, 1);
	assert_true(told->with_statement);
	assert_int_equal(told_of(place, "decision.ended")->events, 1);
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

/* A code is good for its own content, and in this store alone. */
static void codes_are_made_again_and_cannot_be_made_up(void **state)
{
	struct place *place = *state;
	uint8_t key[APPEAL_KEY_SIZE] = {7}, other[APPEAL_KEY_SIZE] = {8};
	char token[APPEAL_TOKEN_TEXT], again[APPEAL_TOKEN_TEXT];
	uint64_t decision = 0, upload = 0;
	(void)place;
	appeal_token(key, (1ull << 40) - 1, (1ull << 48) - 1, token);
	assert_int_equal(strlen(token), 47);
	assert_true(appeal_token_read(key, token, &decision, &upload));
	assert_true(decision == (1ull << 40) - 1 && upload == (1ull << 48) - 1);
	assert_false(appeal_token_read(other, token, &decision, &upload));
	for (uint64_t i = 1; i < 300; i++) {
		appeal_token(key, i, 7 * i, token);
		assert_true(appeal_token_read(key, token, &decision, &upload));
		assert_true(decision == i && upload == 7 * i);
		appeal_token(key, i, 7 * i, again);
		assert_string_equal(token, again);
		/* Every character counts. */
		size_t at = 7 + i % 40;
		token[at] = token[at] == 'a' ? 'b' : 'a';
		assert_false(appeal_token_read(key, token, &decision, &upload));
	}
	for (const char *bad = "appeal_"; *bad; bad++)
		assert_false(appeal_token_read(key, bad, &decision, &upload));
}

static void an_appeal_outlives_a_restart_and_a_code_of_another_content_is_another(void **state)
{
	struct place *place = *state;
	listen_to_all(place);
	struct question question = ask_question(place, 2);
	struct decide_request request = plain_decision(&question);
	struct appeal_info appeal, seen;
	struct refusal refusal;
	struct arena arena;
	int64_t until_ms;
	bool made;
	arena_init(&arena, 0);
	decide_it(&question, &request, &arena);
	sweep_all(place);
	char token[APPEAL_TOKEN_TEXT];
	memcpy(token, told_of(place, "decision.made")->token, sizeof token);
	must(appeal_make(place->hilf, token, "Why?", "fr", &arena, &appeal, &refusal, &place->err));
	reopen(place);
	assert_int_equal(
		appeal_make(place->hilf, token, "Why?", "fr", &arena, &seen, &refusal, &place->err),
		HILF_E_EXISTS);
	assert_string_equal(refusal.code, "token_used");
	assert_string_equal(seen.id, appeal.id);
	must(appeal_status(place->hilf, token, &arena, &made, &seen, &until_ms, &place->err));
	assert_true(made && seen.state == APPEAL_OPEN);
	assert_int_equal(
		appeal_may_take(place->hilf, false, appeal.case_id, first_person.id, &place->err),
		HILF_E_DENIED);
	must(appeal_may_take(place->hilf, false, appeal.case_id, second_person.id, &place->err));
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

/* Its check stays reversed whatever becomes of the entry, and the content is told once. */
static void a_block_that_fell_by_an_appeal_is_not_reversed_again(void **state)
{
	struct place *place = *state;
	struct hilf_bank_change change = {.set_mode = true, .mode = HILF_BLOCK};
	struct check_decision decision;
	struct appeal_info appeal;
	struct refusal refusal;
	struct arena arena;
	listen_to_all(place);
	struct question question = ask_question(place, 0);
	must(hilf_bank_set(place->hilf, "b", &change, NULL, &place->err));
	hilf_check_free(&question.check);
	question.check = match_one(place, NULL, &question.signal);
	const struct check_context context = {.content_id = "post-00001", .actor = "key:test"};
	arena_init(&arena, 0);
	must(check_record(place->hilf, &context, &question.check, &arena, &decision, &place->err));
	must(appeal_make(place->hilf, decision.appeal_token, "Why?", NULL, &arena, &appeal,
		&refusal, &place->err));
	const struct appeal_decide decide = {
		.case_id = appeal.case_id, .uphold = true, .text = "Indeed."};
	must(appeal_decide(
		place->hilf, &second_person, &decide, &arena, &appeal, &refusal, &place->err));
	assert_int_equal(told_of(place, "content.restored")->contents, 1);
	must(hilf_withdraw(place->hilf, question.entry_text, "error", &place->err));
	assert_int_equal(told_of(place, "entry.reversed")->contents, 0);
	assert_int_equal(state_of(place, decision.id), DECISION_REVERSED);
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

static int make_old(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct store_decision row;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = decision_row(hilf, true, ctx, &arena, &row, err);
	row.made_ms -= 90 * DESK_DAY_MS;
	row.until_ms -= 90 * DESK_DAY_MS;
	row.appeal_until_ms -= 90 * DESK_DAY_MS;
	if (!rc)
		rc = store_decision_put(hilf->store, &row, NULL, err);
	arena_clear(&arena);
	return rc;
}

/* Whoever is concerned learns of it only then, and has six months from then. */
static void what_waited_for_a_second_person_begins_when_they_agree(void **state)
{
	struct place *place = *state;
	struct question question = ask_question(place, 1);
	struct decide_request request = plain_decision(&question);
	struct decision_info info;
	struct refusal refusal;
	struct arena arena;
	char id[DECISION_TEXT];
	arena_init(&arena, 0);
	request.actions = ACTION_SUSPEND;
	request.duration_days = 30;
	info = decide_it(&question, &request, &arena);
	memcpy(id, info.id, sizeof id);
	must(local_submit(place->hilf, make_old, id, &place->err));
	must(decide_second(place->hilf, &second_person, id, true, NULL, &refusal, &place->err));
	sweep_all(place);
	assert_int_equal(state_of(place, id), DECISION_STANDING);
	must(decision_get(place->hilf, NULL, id, &arena, &info, &place->err));
	int64_t now_ms = clock_now_ms();
	assert_true(info.appeal_until_ms > now_ms + 184 * DESK_DAY_MS);
	assert_true(info.until_ms > now_ms + 29 * DESK_DAY_MS);
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

static void nobody_agrees_once_the_question_fell_away(void **state)
{
	struct place *place = *state;
	struct question question = ask_question(place, 1);
	struct decide_request request = plain_decision(&question);
	struct refusal refusal;
	struct arena arena;
	arena_init(&arena, 0);
	request.actions = ACTION_SUSPEND;
	struct decision_info info = decide_it(&question, &request, &arena);
	must(hilf_withdraw(place->hilf, question.entry_text, "error", &place->err));
	assert_int_equal(decide_second(place->hilf, &second_person, info.id, true, NULL, &refusal,
				 &place->err),
		HILF_E_EXISTS);
	assert_string_equal(refusal.code, "case_closed");
	/* And it does not keep the case for ever. */
	bool holds = true;
	must(decide_holds_case(place->hilf, false, question.case_id,
		clock_now_ms() + 200 * DESK_DAY_MS, &holds, &place->err));
	assert_false(holds);
	must(decide_second(
		place->hilf, &second_person, info.id, false, NULL, &refusal, &place->err));
	sweep_all(place);
	assert_int_equal(state_of(place, info.id), DECISION_REFUSED);
	struct store_case about;
	must(case_get(place->hilf, false, question.case_id, &arena, &about, &place->err));
	assert_int_equal(about.state, CASE_CLOSED);
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

static int note_state(const struct hilf_entry *entry, void *ctx)
{
	*(enum hilf_entry_state *)ctx = entry->state;
	return 0;
}

static enum hilf_entry_state state_of_entry(struct place *place, uint64_t entry)
{
	enum hilf_entry_state state = HILF_IN_FORCE;
	char text[24];
	snprintf(text, sizeof text, "%llu", (unsigned long long)entry);
	must(hilf_entry_get(place->hilf, text, note_state, &state, &place->err));
	return state;
}

/* Whoever may end it was asked about the bank of the case, and no other. */
static void of_two_entries_that_blocked_an_appeal_ends_the_one_that_it_showed(void **state)
{
	struct place *place = *state;
	struct hilf_bank_change change = {.set_mode = true, .mode = HILF_BLOCK};
	const struct check_context context = {.content_id = "post-00001", .actor = "key:test"};
	struct check_decision decision;
	struct appeal_info appeal;
	struct refusal refusal;
	struct store_case about;
	struct arena arena;
	struct question question = ask_question(place, 0);
	must(hilf_bank_create(place->hilf, "c", HILF_BLOCK, 31, NULL, &place->err));
	uint64_t other = add_one(place, "c", &question.signal);
	must(hilf_bank_set(place->hilf, "b", &change, NULL, &place->err));
	hilf_check_free(&question.check);
	question.check = match_one(place, NULL, &question.signal);
	assert_int_equal(question.check.match_count, 2);
	arena_init(&arena, 0);
	must(check_record(place->hilf, &context, &question.check, &arena, &decision, &place->err));
	must(appeal_make(place->hilf, decision.appeal_token, "Why?", NULL, &arena, &appeal,
		&refusal, &place->err));
	must(case_get(place->hilf, false, appeal.case_id, &arena, &about, &place->err));
	const struct appeal_decide decide = {.case_id = appeal.case_id,
		.uphold = true,
		.text = "Indeed.",
		.entry = APPEAL_WITHDRAW};
	must(appeal_decide(
		place->hilf, &second_person, &decide, &arena, &appeal, &refusal, &place->err));
	assert_int_equal(state_of_entry(place, about.entry), HILF_WITHDRAWN);
	assert_int_equal(state_of_entry(place, about.entry == other ? question.entry : other),
		HILF_IN_FORCE);
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

struct sampling {
	struct question *question;
	uint64_t check;
};

static int note_check(const struct check_row *row, void *ctx)
{
	((struct sampling *)ctx)->check = row->id;
	return 0;
}

static int sample_one(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct sampling *sampling = ctx;
	const struct check_context context = {.content_id = "post-00001"};
	const struct case_upload upload = {.kind = CASE_SAMPLE,
		.entry = sampling->question->entry,
		.context = &context,
		.check = sampling->check,
		.time_ms = 1795303590287};
	return case_gather(hilf, &upload, &sampling->question->case_id, NULL, err);
}

/* Of the daily sample, say: somebody looked, and does nothing about it. */
static void a_block_that_a_person_finds_wrong_is_taken_back(void **state)
{
	struct place *place = *state;
	struct hilf_bank_change change = {.set_mode = true, .mode = HILF_BLOCK};
	const struct check_context context = {.content_id = "post-00001", .actor = "key:test"};
	struct check_decision decision;
	struct arena arena;
	listen_to_all(place);
	struct question question = ask_question(place, 0);
	struct sampling sampling = {.question = &question};
	must(hilf_bank_set(place->hilf, "b", &change, NULL, &place->err));
	hilf_check_free(&question.check);
	question.check = match_one(place, NULL, &question.signal);
	arena_init(&arena, 0);
	must(check_record(place->hilf, &context, &question.check, &arena, &decision, &place->err));
	must(check_page(place->hilf, "post-00001", 0, 1, note_check, &sampling, &place->err));
	must(local_submit(place->hilf, sample_one, &sampling, &place->err));
	struct decide_request request = plain_decision(&question);
	request.actions = 0;
	decide_it(&question, &request, &arena);
	assert_int_equal(state_of(place, decision.id), DECISION_STANDING);
	sweep_all(place);
	assert_int_equal(state_of(place, decision.id), DECISION_REVERSED);
	assert_int_equal(told_of(place, "content.restored")->contents, 1);
	assert_int_equal(told_of(place, "decision.reversed")->contents, 1);
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

static void who_left_a_block_as_it_was_does_not_judge_the_appeal_against_it(void **state)
{
	struct place *place = *state;
	struct hilf_bank_change change = {.set_mode = true, .mode = HILF_BLOCK};
	const struct check_context context = {.content_id = "post-00001", .actor = "key:test"};
	struct check_decision decision;
	struct appeal_info appeal;
	struct refusal refusal;
	struct arena arena;
	struct question question = ask_question(place, 0);
	struct sampling sampling = {.question = &question};
	must(hilf_bank_set(place->hilf, "b", &change, NULL, &place->err));
	hilf_check_free(&question.check);
	question.check = match_one(place, NULL, &question.signal);
	arena_init(&arena, 0);
	must(check_record(place->hilf, &context, &question.check, &arena, &decision, &place->err));
	must(check_page(place->hilf, "post-00001", 0, 1, note_check, &sampling, &place->err));
	must(local_submit(place->hilf, sample_one, &sampling, &place->err));
	struct decide_request request = plain_decision(&question);
	decide_it(&question, &request, &arena);
	sweep_all(place);
	must(appeal_make(place->hilf, decision.appeal_token, "Why?", NULL, &arena, &appeal,
		&refusal, &place->err));
	assert_int_equal(
		appeal_may_take(place->hilf, false, appeal.case_id, first_person.id, &place->err),
		HILF_E_DENIED);
	must(appeal_may_take(place->hilf, false, appeal.case_id, second_person.id, &place->err));
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

static void an_exemption_ends_by_itself_and_is_removed(void **state)
{
	struct place *place = *state;
	struct question question = ask_question(place, 0);
	struct exemption_info info = {.uploader_ref = "u",
				      .entry = question.entry_text,
				      .purpose = PURPOSE_ART},
			      made;
	const struct check_context context = {.content_id = "c", .uploader_ref = "u"};
	struct hilf_check check = match_one(place, NULL, &question.signal);
	struct arena arena;
	bool more = false;
	arena_init(&arena, 0);
	assert_false(exemptions_any(place->hilf));
	/* A machine that stands still may come back when it is over: then a longer one. */
	for (int64_t span_ms = 150;; span_ms *= 10) {
		info.until_ms = clock_now_ms() + span_ms;
		int rc = exemption_add(
			place->hilf, &first_person, &info, &arena, &made, &place->err);
		hilf_check_free(&check);
		check = match_one(place, NULL, &question.signal);
		exemptions_apply(place->hilf, &context, NULL, &check);
		if (clock_now_ms() <= info.until_ms) {
			must(rc);
			break;
		}
	}
	assert_int_equal(check.verdict, HILF_NO_MATCH);
	assert_string_equal(check.matches[0].exempt, made.id);
	while (clock_now_ms() <= info.until_ms)
		;
	hilf_check_free(&check);
	check = match_one(place, NULL, &question.signal);
	exemptions_apply(place->hilf, &context, NULL, &check);
	assert_int_equal(check.verdict, HILF_VERDICT_REVIEW);
	must(exemptions_sweep(place->hilf, 100, &more, &place->err));
	assert_false(more);
	assert_false(exemptions_any(place->hilf));
	assert_int_equal(
		exemption_get(place->hilf, made.id, &arena, &made, &place->err), HILF_E_NOT_FOUND);
	hilf_check_free(&check);
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

static int add_exemptions(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct question *question = ctx;
	static const int left_ms[] = {DAY_MS, -1, DAY_MS, -1, -1, DAY_MS};
	int rc = 0;
	for (size_t i = 0; i < COUNT_OF(left_ms) && !rc; i++) {
		struct store_exemption row = {.uploader_ref = "newsroom",
			.url = "",
			.entry = question->entry,
			.until_ms = clock_now_ms() + left_ms[i],
			.note = "",
			.actor = "user:first"};
		uint64_t number;
		desk_new_id(clock_now_ms(), row.id);
		rc = store_exemption_add(hilf->store, &row, &number, err);
	}
	return rc;
}

static int note_number(const struct exemption_info *info, uint64_t number, void *ctx)
{
	char *text = ctx;
	size_t size = strlen(text);
	assert_string_equal(info->uploader_ref, "newsroom");
	snprintf(text + size, 20 - size, "%llu ", (unsigned long long)number);
	return 0;
}

/* Those that are over and not yet swept take no place in a page. */
static void a_page_of_exemptions_is_full_of_those_in_force(void **state)
{
	struct place *place = *state;
	struct question question = ask_question(place, 1);
	char text[20] = "";
	must(local_submit(place->hilf, add_exemptions, &question, &place->err));
	must(exemption_page(place->hilf, 0, 2, note_number, text, &place->err));
	assert_string_equal(text, "6 3 ");
	text[0] = '\0';
	must(exemption_page(place->hilf, 3, 2, note_number, text, &place->err));
	assert_string_equal(text, "1 ");
	hilf_check_free(&question.check);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(ten_thousand_uploads_are_one_decision_and_each_is_told_once),
		TEST(a_duration_ends_and_the_end_is_told),
		TEST(what_is_preserved_keeps_its_case),
		TEST(what_is_withheld_is_released_once_also_after_the_end),
		TEST(what_waited_for_a_second_person_begins_when_they_agree),
		TEST(nobody_agrees_once_the_question_fell_away),
		TEST(codes_are_made_again_and_cannot_be_made_up),
		TEST(an_appeal_outlives_a_restart_and_a_code_of_another_content_is_another),
		TEST(a_block_that_fell_by_an_appeal_is_not_reversed_again),
		TEST(of_two_entries_that_blocked_an_appeal_ends_the_one_that_it_showed),
		TEST(a_block_that_a_person_finds_wrong_is_taken_back),
		TEST(who_left_a_block_as_it_was_does_not_judge_the_appeal_against_it),
		TEST(an_exemption_ends_by_itself_and_is_removed),
		TEST(a_page_of_exemptions_is_full_of_those_in_force),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
