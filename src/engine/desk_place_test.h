/* A case to decide, for tests: a bank, an entry, and uploads that a check found. */
#ifndef ENGINE_DESK_PLACE_TEST_H
#define ENGINE_DESK_PLACE_TEST_H

#include "engine/appeals.h"
#include "engine/cases.h"
#include "engine/decide_parts.h"
#include "engine/desk_settings.h"
#include "engine/exemptions.h"
#include "engine/hooks.h"
#include "engine/place_test.h"

#include <stdio.h>

struct question {
	struct place *place;
	uint64_t case_id, entry;
	char entry_text[24];
	struct hilf_signal signal;
	struct hilf_check check;
};

static const struct actor first_person = {.role = ROLE_REVIEWER, .id = "user:first"};
static const struct actor second_person = {.role = ROLE_REVIEWER, .id = "user:second"};

static inline void listen_to_all(struct place *place)
{
	static const char *const all[] = {"*"};
	const struct hook_info info = {
		.url = "https://hooks.example/", .events = all, .event_count = 1, .enabled = true};
	must(hook_create(place->hilf, &info, NULL, &place->err));
}

struct gathering {
	const struct question *question;
	size_t count;
};

static inline int gather_uploads(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct gathering *gathering = ctx;
	char content_id[32];
	uint64_t case_id;
	int rc = 0;
	for (size_t i = 0; i < gathering->count && !rc; i++) {
		const struct check_context context = {.content_id = content_id,
			.uploader_ref = "user 7",
			.language = "fr",
			.actor = "key:test"};
		const struct case_upload upload = {.kind = CASE_MATCH,
			.entry = gathering->question->entry,
			.context = &context,
			.time_ms = 1795303590287};
		snprintf(content_id, sizeof content_id, "post-%05zu", i);
		rc = case_gather(hilf, &upload, &case_id, NULL, err);
	}
	return rc;
}

static inline int note_case(const struct store_case *row, void *ctx)
{
	*(uint64_t *)ctx = row->id;
	return 0;
}

static inline struct question ask_question(struct place *place, size_t uploads)
{
	struct question question = {.place = place};
	char cursor[CASE_CURSOR_TEXT];
	uint64_t seed = 11;
	const struct case_query query = {.list = CASES_ALL, .kind = -1, .limit = 1};
	must(desk_setting_set(place->hilf, DESK_UNDO_SECONDS, 0, &place->err));
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	question.signal = random_pdq(&seed);
	question.entry = add_one(place, "b", &question.signal);
	snprintf(question.entry_text, sizeof question.entry_text, "%llu",
		(unsigned long long)question.entry);
	question.check = match_one(place, NULL, &question.signal);
	struct gathering gathering = {&question, uploads};
	must(local_submit(place->hilf, gather_uploads, &gathering, &place->err));
	must(case_page(place->hilf, &query, note_case, &question.case_id, cursor, &place->err));
	return question;
}

static inline struct decide_request plain_decision(const struct question *question)
{
	return (struct decide_request){.case_id = question->case_id,
		.cluster = 1,
		.actions = ACTION_REMOVE,
		.basis = BASIS_LAW,
		.article = "5"};
}

static inline struct decision_info decide_it(
	const struct question *question, const struct decide_request *request, struct arena *arena)
{
	struct place *place = question->place;
	struct decision_info info;
	struct refusal refusal;
	must(decide(place->hilf, &first_person, request, arena, &info, &refusal, &place->err));
	assert_null(refusal.code);
	return info;
}

static inline void sweep_all(struct place *place)
{
	bool more = true;
	while (more)
		must(decide_sweep(place->hilf, 100, &more, &place->err));
}

static inline enum decision_state state_of(struct place *place, const char *decision)
{
	struct decision_info info;
	struct arena arena;
	arena_init(&arena, 0);
	must(decision_get(place->hilf, NULL, decision, &arena, &info, &place->err));
	arena_clear(&arena);
	return info.state;
}

#endif
