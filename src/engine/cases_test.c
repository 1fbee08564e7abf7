/* Cases: how uploads are gathered and parted, in which order they wait, whose they are, and that whatever is counted
 * is what is there. */
#include "engine/cases.h"

#include "base/check.h"
#include "engine/caption.h"
#include "engine/cases_test.h"
#include "engine/desk_settings.h"
#include "engine/hooks.h"
#include "engine/local.h"
#include "engine/places.h"
#include "os/clock.h"

/* ------------------------------------------------------------------------------------------ gathering */

static void hundreds_of_uploads_of_one_item_are_one_case(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	char id[32];
	for (int i = 0; i < 300; i++) {
		snprintf(id, sizeof id, "post-%d", i);
		check_id(place, &scene.signals[0], id);
	}
	struct list list = list_of(place, CASES_OPEN, ANNA);
	assert_int_equal(list.count, 1);
	struct store_case row = row_of(place, list.ids[0]);
	assert_int_equal(row.upload_count, 300);
	assert_int_equal(row.cluster_count, 1);
	assert_int_equal(row.kind, CASE_MATCH);
	assert_int_equal(row.why.distance, 0);
	assert_string_equal(row.content_class, "threat");
	assert_int_equal(row.priority, CASE_URGENT);
}

static void undecided_look_ups_and_what_has_no_content_id_open_nothing(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	const struct hilf_check undecided = {.verdict = HILF_UNDECIDED};
	const struct check_context context = {.content_id = "x"};
	struct check_decision decision;
	struct arena arena;
	check_id(place, &scene.signals[0], NULL);
	check_id(place, &scene.signals[0], "");
	arena_init(&arena, 0);
	must(check_record(place->hilf, &context, &undecided, &arena, &decision, &place->err));
	arena_clear(&arena);
	assert_int_equal(list_of(place, CASES_ALL, ANNA).count, 0);
}

static void an_automatic_block_opens_nothing_by_itself(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	check_id(place, &scene.signals[0], "post-1");
	assert_int_equal(list_of(place, CASES_ALL, ANNA).count, 0);
}

static void what_could_change_a_mind_parts_a_case_and_nothing_else_does(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	const struct check_context contexts[] = {
		{.content_id = "1", .caption = "Look at this!", .language = "fr"},
		{.content_id = "2", .caption = "  look AT\tthis ", .language = "FR"},
		{.content_id = "3",
			.caption = "Never again: this is what they do",
			.language = "fr"},
		{.content_id = "4", .caption = "Look at this!", .language = "ar"},
		{.content_id = "5",
			.caption = "Look at this!",
			.language = "fr",
			.surface = SURFACE_LIMITED},
		{.content_id = "6",
			.caption = "Look at this!",
			.language = "fr",
			.uploader_ref = "u9",
			.evidence_url = "https://e.example/6",
			.reach = 10},
	};
	for (size_t i = 0; i < COUNT_OF(contexts); i++)
		check(place, &scene.signals[0], &contexts[i]);
	uint64_t id = list_of(place, CASES_OPEN, ANNA).ids[0];
	struct store_case row = row_of(place, id);
	assert_int_equal(row.upload_count, 6);
	assert_int_equal(row.cluster_count, 4);
	assert_int_equal(cluster_of(place, id, 1).upload_count, 3);
	assert_int_equal(row.surfaces, 3);
	assert_string_equal(row.languages, "fr\nar");
	assert_int_equal(row.reach, 10);
}

static void a_content_counts_once_and_brings_its_newest_address(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	struct check_context context = {.content_id = "a", .evidence_url = "https://e.example/1"};
	check(place, &scene.signals[0], &context);
	context.evidence_url = "https://e.example/2";
	check(place, &scene.signals[0], &context);
	uint64_t id = list_of(place, CASES_OPEN, ANNA).ids[0];
	assert_int_equal(row_of(place, id).upload_count, 1);
	assert_string_equal(upload_at(place, id, 1, 0).evidence_url, "https://e.example/2");
}

static void opening_a_case_is_told_once(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	struct deliveries_count count;
	check_id(place, &scene.signals[0], "a");
	check_id(place, &scene.signals[0], "b");
	must(deliveries_count(place->hilf, &count, &place->err));
	assert_int_equal(count.waiting, 1);
}

static void a_context_that_is_not_of_its_form_is_refused_by_name(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	struct hilf_check check = match_one(place, NULL, &scene.signals[0]);
	struct check_decision decision;
	struct arena arena;
	char long_caption[CHECK_CAPTION_MAX + 2];
	memset(long_caption, 'x', sizeof long_caption - 1);
	long_caption[sizeof long_caption - 1] = '\0';
	const struct {
		struct check_context context;
		const char *word;
	} bad[] = {
		{{.content_id = "a", .caption = long_caption}, "caption"},
		{{.content_id = "a", .caption = "\xff"}, "caption"},
		{{.content_id = "a", .reach = -1}, "reach"},
		{{.content_id = "a", .reach = CHECK_REACH_MAX + 1}, "reach"},
	};
	arena_init(&arena, 0);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		int rc = check_record(
			place->hilf, &bad[i].context, &check, &arena, &decision, &place->err);
		assert_true(rc == HILF_E_INVALID || rc == HILF_E_LIMIT);
		assert_non_null(strstr(place->err.text, bad[i].word));
	}
	arena_clear(&arena);
	hilf_check_free(&check);
	assert_int_equal(list_of(place, CASES_ALL, ANNA).count, 0);
}

/* ------------------------------------------------------------------------------------------ the order */

static void severity_and_reach_go_before_and_the_number_of_reports_does_not(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	const struct check_context far = {.content_id = "far", .reach = 2000000};
	char id[24];
	uint64_t reported = 0;
	for (int i = 0; i < 200; i++) {
		snprintf(id, sizeof id, "r-%d", i);
		reported = report(place, "one content", NULL, "please look");
	}
	check_id(place, &scene.signals[1], "publication");
	check_id(place, &scene.signals[0], "threat");
	check(place, &scene.signals[2], &far);
	struct list list = list_of(place, CASES_OPEN, ANNA);
	assert_int_equal(list.count, 4);
	assert_int_equal(row_of(place, list.ids[0]).entry, scene.entries[0]); /* threat */
	assert_int_equal(row_of(place, list.ids[1]).entry, scene.entries[2]); /* two million */
	assert_int_equal(list.ids[2], reported); /* incitement, by its class alone */
	struct store_case row = row_of(place, reported);
	assert_int_equal(row.report_count, 200);
	assert_int_equal(row.upload_count, 1);
	struct case_counts counts = counts_of(place, ANNA);
	assert_int_equal(counts.open, 4);
	assert_int_equal(counts.urgent, 1);
}

static void lists_go_on_where_a_page_ended_whatever_came_between(void **state)
{
	struct place *place = *state;
	char id[24], cursor[CASE_CURSOR_TEXT] = "";
	struct list seen = {.count = 0};
	make_scene(place, HILF_REVIEW);
	for (int i = 0; i < 10; i++) {
		snprintf(id, sizeof id, "content-%d", i);
		report(place, id, NULL, NULL);
	}
	do {
		struct case_query query = {.list = CASES_OPEN,
			.actor = ANNA,
			.kind = -1,
			.limit = 3,
			.cursor = *cursor ? cursor : NULL};
		char next[CASE_CURSOR_TEXT];
		must(case_page(place->hilf, &query, take_case, &seen, next, &place->err));
		memcpy(cursor, next, sizeof cursor);
		snprintf(id, sizeof id, "later-%zu", seen.count);
		if (seen.count < 10)
			report(place, id, NULL, NULL);
	} while (*cursor);
	assert_int_equal(seen.count, 13);
	for (size_t i = 1; i < seen.count; i++)
		assert_true(seen.ids[i] > seen.ids[i - 1]);
	const struct case_query bad = {
		.list = CASES_OPEN, .kind = -1, .limit = 3, .cursor = "1.2.3"};
	assert_int_equal(case_page(place->hilf, &bad, take_case, &seen, cursor, &place->err),
		HILF_E_INVALID);
}

static void who_is_limited_to_banks_counts_and_sees_theirs(void **state)
{
	static const char *const theirs[] = {"b", "gone"}, *const others[] = {"other"};
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	char cursor[CASE_CURSOR_TEXT];
	struct case_counts counts;
	must(hilf_bank_create(place->hilf, "other", HILF_REVIEW, 31, NULL, &place->err));
	check_id(place, &scene.signals[0], "a");
	report(place, "no bank's", NULL, NULL);
	struct case_query query = {.list = CASES_OPEN,
		.actor = ANNA,
		.kind = -1,
		.limit = 9,
		.banks = theirs,
		.bank_count = 2};
	struct list list = {.count = 0};
	must(case_page(place->hilf, &query, take_case, &list, cursor, &place->err));
	assert_int_equal(list.count, 1);
	must(case_counts(place->hilf, ANNA, theirs, 2, &counts, &place->err));
	assert_int_equal(counts.open, 1);
	query.banks = others;
	query.bank_count = 1;
	list.count = 0;
	must(case_page(place->hilf, &query, take_case, &list, cursor, &place->err));
	assert_int_equal(list.count, 0);
	must(case_counts(place->hilf, ANNA, others, 1, &counts, &place->err));
	assert_int_equal(counts.open, 0);
}

/* ------------------------------------------------------------------------------------------ reports */

static void a_report_joins_the_open_case_that_has_its_content(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	check_id(place, &scene.signals[0], "a");
	uint64_t id = list_of(place, CASES_OPEN, ANNA).ids[0];
	assert_int_equal(report(place, "a", NULL, "<script>alert(1)</script>"), id);
	assert_int_equal(row_of(place, id).report_count, 1);
	assert_int_equal(row_of(place, id).upload_count, 1);
	assert_int_equal(upload_at(place, id, 1, 0).report_count, 1);
	assert_int_equal(list_of(place, CASES_OPEN, ANNA).count, 1);
}

static void a_report_of_something_known_is_about_its_entry(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	uint64_t a = report(place, "a", &scene.signals[1], NULL);
	assert_int_equal(report(place, "b", &scene.signals[1], NULL), a);
	assert_int_not_equal(report(place, "c", &scene.signals[2], NULL), a);
	struct store_case row = row_of(place, a);
	assert_int_equal(row.kind, CASE_REPORT);
	assert_int_equal(row.entry, scene.entries[1]);
	assert_int_equal(row.upload_count, 2);
	assert_string_equal(row.content_class, "publication");
}

static void an_actor_reports_as_often_as_the_node_takes(void **state)
{
	struct place *place = *state;
	uint32_t retry_ms = 0;
	make_scene(place, HILF_REVIEW);
	must(desk_setting_set(place->hilf, DESK_REPORTS_PER_MINUTE, 3, &place->err));
	for (int i = 0; i < 3; i++)
		assert_true(case_report_may(place->hilf, "key:a", 120000, &retry_ms));
	assert_false(case_report_may(place->hilf, "key:a", 130000, &retry_ms));
	assert_int_equal(retry_ms, 50000);
	assert_true(case_report_may(place->hilf, "key:b", 130000, &retry_ms));
	assert_true(case_report_may(place->hilf, "key:a", 180000, &retry_ms));
}

/* ------------------------------------------------------------------------------------------ disputes, samples, ends */

static void a_dispute_opens_a_case_with_what_rests_on_the_entry(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	const struct check_context context = {
		.content_id = "a", .caption = "beside it", .reach = 5000, .language = "ar"};
	check(place, &scene.signals[0], &context);
	check_id(place, &scene.signals[0], "b");
	check_id(place, &scene.signals[1], "c");
	must(hilf_opinion_give(place->hilf, scene.numbers[0], HILF_DISPUTE, &place->err));
	struct list list = list_of(place, CASES_OPEN, ANNA);
	assert_int_equal(list.count, 1);
	struct store_case row = row_of(place, list.ids[0]);
	assert_int_equal(row.kind, CASE_DISPUTE);
	assert_int_equal(row.upload_count, 2);
	assert_int_equal(row.cluster_count, 2);
	assert_int_equal(row.reach, 5000);
	assert_string_equal(cluster_of(place, row.id, 1).caption, "beside it");
	/* It is taken back, and the question with it. */
	must(hilf_opinion_give(place->hilf, scene.numbers[0], HILF_OPINION_NONE, &place->err));
	assert_int_equal(row_of(place, row.id).state, CASE_CLOSED);
	assert_string_equal(row_of(place, row.id).closed_why, "undisputed");
}

static void a_dispute_in_a_shadow_bank_asks_nobody(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	const struct hilf_bank_change change = {.set_mode = true, .mode = HILF_SHADOW};
	check_id(place, &scene.signals[0], "a");
	must(hilf_bank_set(place->hilf, "b", &change, NULL, &place->err));
	must(hilf_opinion_give(place->hilf, scene.numbers[0], HILF_DISPUTE, &place->err));
	assert_int_equal(list_of(place, CASES_ALL, ANNA).count, 0);
}

static void an_entry_that_ends_closes_the_cases_that_ask_about_it(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	check_id(place, &scene.signals[0], "a");
	uint64_t match = list_of(place, CASES_OPEN, ANNA).ids[0];
	uint64_t reported = report(place, "r", &scene.signals[0], NULL);
	must(hilf_withdraw(place->hilf, scene.numbers[0], "error: no propaganda", &place->err));
	assert_int_equal(row_of(place, match).state, CASE_CLOSED);
	assert_string_equal(row_of(place, match).closed_why, "error");
	assert_int_equal(row_of(place, reported).state, CASE_OPEN);
	/* What comes later finds no entry any more, and asks nobody. */
	check_id(place, &scene.signals[0], "later");
	assert_int_equal(list_of(place, CASES_ALL, ANNA).count, 2);
}

static void a_few_of_the_days_blocks_become_a_sample_once_a_day(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	char id[24];
	for (int i = 0; i < 30; i++) {
		snprintf(id, sizeof id, "blocked-%d", i);
		check_id(place, &scene.signals[i % 3], id);
	}
	must(desk_setting_set(place->hilf, DESK_SAMPLE_DAILY, 5, &place->err));
	must(cases_sample(place->hilf, &place->err));
	must(cases_sample(place->hilf, &place->err));
	struct list list = list_of(place, CASES_OPEN, ANNA);
	uint64_t uploads = 0;
	for (size_t i = 0; i < list.count; i++) {
		struct store_case row = row_of(place, list.ids[i]);
		assert_int_equal(row.kind, CASE_SAMPLE);
		assert_true(row.has_origin);
		assert_int_equal(row.why.signal, HILF_PDQ);
		uploads += row.upload_count;
	}
	assert_int_equal(uploads, 5);
}

/* ------------------------------------------------------------------------------------------ people */

static void a_person_has_one_alias_in_a_case_and_another_in_the_next(void **state)
{
	struct place *place = *state;
	struct case_lease lease;
	char alias[STORE_ALIAS_TEXT];
	make_scene(place, HILF_REVIEW);
	uint64_t a = report(place, "a", NULL, NULL), b = report(place, "b", NULL, NULL);
	must(case_lease(place->hilf, a, ANNA, &lease, &place->err));
	assert_null(strstr(lease.alias, "anna"));
	assert_int_equal(strncmp(lease.alias, "r-", 2), 0);
	must(case_alias_look(place->hilf, false, a, ANNA, alias, &place->err));
	assert_string_equal(alias, lease.alias);
	must(case_release(place->hilf, a, ANNA, &place->err));
	must(case_lease(place->hilf, a, ANNA, &lease, &place->err));
	assert_string_equal(alias, lease.alias);
	assert_int_equal(
		case_alias_look(place->hilf, false, b, ANNA, alias, &place->err), HILF_E_NOT_FOUND);
	must(case_lease(place->hilf, b, ANNA, &lease, &place->err));
	assert_string_not_equal(alias, lease.alias);
}

static void a_case_is_one_persons_until_given_back_or_over(void **state)
{
	struct place *place = *state;
	struct case_lease lease;
	make_scene(place, HILF_REVIEW);
	uint64_t id = report(place, "a", NULL, NULL);
	must(case_lease(place->hilf, id, ANNA, &lease, &place->err));
	assert_true(lease.mine && lease.until_ms > clock_now_ms());
	assert_int_equal(case_lease(place->hilf, id, BORIS, &lease, &place->err), HILF_E_BUSY);
	must(case_release(place->hilf, id, BORIS, &place->err)); /* not theirs: nothing happens */
	must(case_lease_look(place->hilf, id, BORIS, &lease, &place->err));
	assert_false(lease.mine);
	assert_int_equal(counts_of(place, ANNA).mine, 1);
	assert_int_equal(list_of(place, CASES_MINE, ANNA).count, 1);
	must(case_release(place->hilf, id, ANNA, &place->err));
	must(case_lease(place->hilf, id, BORIS, &lease, &place->err));
	assert_int_equal(counts_of(place, ANNA).mine, 0);
	assert_int_equal(
		case_lease(place->hilf, 999, BORIS, &lease, &place->err), HILF_E_NOT_FOUND);
}

static void the_next_case_is_the_first_that_nobody_has_or_declined(void **state)
{
	static const char *const declined[] = {"threat"};
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	check_id(place, &scene.signals[1], "publication");
	check_id(place, &scene.signals[0], "threat");
	struct list list = list_of(place, CASES_OPEN, ANNA);
	assert_int_equal(next_of(place, ANNA, declined, 1), list.ids[1]);
	assert_int_equal(next_of(place, BORIS, declined, 1), 0);
	assert_int_equal(next_of(place, BORIS, NULL, 0), list.ids[0]);
	assert_int_equal(next_of(place, CHEN, NULL, 0), 0);
	/* Going on from a case gives it back, and finds another one as long as there is one. */
	const struct case_next on = {.actor = BORIS, .kind = -1, .after = list.ids[0]};
	uint64_t id;
	must(case_next(place->hilf, &on, &id, &place->err));
	assert_int_equal(id, 0);
	assert_int_equal(next_of(place, CHEN, NULL, 0), list.ids[0]);
	/* One's own first again: nothing is lost when a browser is closed. */
	assert_int_equal(next_of(place, ANNA, declined, 1), list.ids[1]);
}

static int run_bar(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	return case_bar(hilf, *(uint64_t *)ctx, ANNA, err);
}

static void whoever_is_judged_does_not_get_the_case(void **state)
{
	struct place *place = *state;
	struct case_lease lease;
	make_scene(place, HILF_REVIEW);
	uint64_t id = report(place, "a", NULL, NULL);
	must(local_submit(place->hilf, run_bar, &id, &place->err));
	assert_int_equal(next_of(place, ANNA, NULL, 0), 0);
	assert_int_equal(case_lease(place->hilf, id, ANNA, &lease, &place->err), HILF_E_DENIED);
	assert_int_equal(next_of(place, BORIS, NULL, 0), id);
}

static void notes_are_of_their_form_and_stay_with_the_case(void **state)
{
	struct place *place = *state;
	struct store_note note;
	char long_text[CASE_NOTE_MAX + 2];
	make_scene(place, HILF_REVIEW);
	uint64_t id = report(place, "a", NULL, NULL);
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	must(case_note(place->hilf, id, ANNA, "a football club's flag", &note, &place->err));
	assert_int_equal(case_note(place->hilf, id, ANNA, "", &note, &place->err), HILF_E_INVALID);
	assert_int_equal(
		case_note(place->hilf, id, ANNA, long_text, &note, &place->err), HILF_E_INVALID);
	assert_int_equal(
		case_note(place->hilf, 77, ANNA, "x", &note, &place->err), HILF_E_NOT_FOUND);
}

/* ------------------------------------------------------------------------------------------ words and places */

static void captions_fold_to_what_a_reader_sees(void **state)
{
	static const struct {
		const char *text, *folded;
	} pairs[] = {
		{NULL, ""},
		{"  Hello\r\n\tWORLD ", "hello world"},
		{"ÉCOLE Straße ŒUVRE", "école strasse œuvre"},
		{"e\xcc\x81"
		 "cole",
			"école"}, /* an accent of its own */
		{"ПРИВЕТ Ёж", "привет ёж"},
		{"ΑΘΗΝΑ ς", "αθηνα σ"},
		{"مُحَمَّـــد أحمد إلى ٢٠٢٦", "محمد احمد الى 2026"},
		{"ﻣﺤﻤﺪ ﷺ", "محمد صلى الله عليه وسلم"},
		{"انضمّوا إلينا، الآن!", "انضموا الينا الان"},
		{"انضموا  الينا الان", "انضموا الينا الان"},
		{"هل هذا صحيح؟", "هل هذا صحيح?"},
		{"كی ٣٫٥ ۱۲٪", "كي 3.5 12%"},
		{"join  US!", "join us"},
		{"- Join us ... — now:", "join us now"},
		{"Join us ?!", "join us?"},
		{"« Rejoignez-nous ! » dit-il", "\"rejoignez-nous\" dit-il"},
		{"«\xc2\xa0Quoi ?\xc2\xa0» \"Quoi?!\"", "\"quoi?\" \"quoi?\""},
		{"« Rejoignez-nous » « là »", "\"rejoignez-nous\" \"là\""},
		{"\"Join us\" they said", "\"join us\" they said"},
		{"-5 +5 3.5 3,5 10:30 10² 1½ 50% 2.", "-5 +5 3.5 3,5 10:30 10² 1½ 50% 2"},
		{":) :-( great;)", ":) :-( great;)"},
		{"(see T.me/JoinUs), www.A.example/?Q=1!", "(see T.me/JoinUs), www.A.example/?Q=1"},
		{"HTTPS://x.example/Ab. NOW", "HTTPS://x.example/Ab now"},
		{"\xf0\x9d\x97\x9d\xf0\x9d\x97\xbc\xf0\x9d\x97\xb6\xf0\x9d\x97\xbb ⓊⓈ", "join us"},
		{"... !", ""},
		{"?", "?"},
		{"a\xe2\x80\x8b"
		 "b\xef\xbb\xbf\xe2\x80\xae"
		 "c",
			"abc"},
		{"ＦＵＬＬ　ｗｉｄｔｈ", "full width"},
		{"\xf0\x9f\x98\x80 x", "\xf0\x9f\x98\x80 x"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		struct buf buf = BUF_INIT;
		caption_fold(pairs[i].text, &buf);
		buf_char(&buf, '\0');
		assert_false(buf.failed);
		assert_string_equal(buf.data, pairs[i].folded);
		buf_free(&buf);
	}
}

static void places_are_within_their_bounds_and_written_as_json(void **state)
{
	static const struct content_place good[] = {
		{.kind = PLACE_REGION, .x = 1000, .y = 0, .w = 5000, .h = 10000},
		{.kind = PLACE_TIME, .from_ms = 3000, .to_ms = 4250},
		{.kind = PLACE_PAGE, .page = 2},
		{.kind = PLACE_TEXT, .quote = "\"so\"</script>"},
	};
	static const struct content_place bad[] = {
		{.kind = PLACE_REGION, .x = 6000, .w = 5000, .h = 1},
		{.kind = PLACE_REGION, .w = 0, .h = 1},
		{.kind = PLACE_TIME, .from_ms = 2, .to_ms = 1},
		{.kind = PLACE_PAGE, .page = 0},
		{.kind = PLACE_TEXT, .quote = ""},
		{.kind = PLACE_TEXT},
	};
	struct hilf_err err;
	struct buf buf = BUF_INIT;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_int_equal(place_check(&good[i], &err), 0);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(place_check(&bad[i], &err), HILF_E_INVALID);
	places_write(good, COUNT_OF(good), &buf);
	assert_string_equal(buf.data,
		"[{\"kind\":\"region\",\"x\":0.1,\"y\":0,\"w\":0.5,\"h\":1},"
		"{\"kind\":\"time\",\"from_s\":3,\"to_s\":4.25},{\"kind\":\"page\",\"page\":2},"
		"{\"kind\":\"text\",\"quote\":\"\\\"so\\\"</script>\"}]");
	buf_free(&buf);
}

#define CASE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_cases, tear_down_cases)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE_TEST(hundreds_of_uploads_of_one_item_are_one_case),
		CASE_TEST(undecided_look_ups_and_what_has_no_content_id_open_nothing),
		CASE_TEST(an_automatic_block_opens_nothing_by_itself),
		CASE_TEST(what_could_change_a_mind_parts_a_case_and_nothing_else_does),
		CASE_TEST(a_content_counts_once_and_brings_its_newest_address),
		CASE_TEST(opening_a_case_is_told_once),
		CASE_TEST(a_context_that_is_not_of_its_form_is_refused_by_name),
		CASE_TEST(severity_and_reach_go_before_and_the_number_of_reports_does_not),
		CASE_TEST(lists_go_on_where_a_page_ended_whatever_came_between),
		CASE_TEST(who_is_limited_to_banks_counts_and_sees_theirs),
		CASE_TEST(a_report_joins_the_open_case_that_has_its_content),
		CASE_TEST(a_report_of_something_known_is_about_its_entry),
		CASE_TEST(an_actor_reports_as_often_as_the_node_takes),
		CASE_TEST(a_dispute_opens_a_case_with_what_rests_on_the_entry),
		CASE_TEST(a_dispute_in_a_shadow_bank_asks_nobody),
		CASE_TEST(an_entry_that_ends_closes_the_cases_that_ask_about_it),
		CASE_TEST(a_few_of_the_days_blocks_become_a_sample_once_a_day),
		CASE_TEST(a_person_has_one_alias_in_a_case_and_another_in_the_next),
		CASE_TEST(a_case_is_one_persons_until_given_back_or_over),
		CASE_TEST(the_next_case_is_the_first_that_nobody_has_or_declined),
		CASE_TEST(whoever_is_judged_does_not_get_the_case),
		CASE_TEST(notes_are_of_their_form_and_stay_with_the_case),
		cmocka_unit_test(captions_fold_to_what_a_reader_sees),
		cmocka_unit_test(places_are_within_their_bounds_and_written_as_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
