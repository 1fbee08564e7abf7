/* Recorded checks: what is kept of them, what is told, and what is refused. */
#include "engine/scene_test.h"

#include "os/clock.h"

static void a_check_that_matched_nothing_leaves_nothing(void **state)
{
	struct place *place = *state;
	const struct hilf_check none = {.verdict = HILF_NO_MATCH},
				half = {.verdict = HILF_UNDECIDED};
	subscribe(place);
	struct check_decision decision = record(place, "c", &none, NULL);
	assert_string_equal(decision.id, "");
	decision = record(place, "c", &half, NULL);
	assert_string_equal(decision.id, "");
	assert_int_equal(rows_of(place, NULL).count, 0);
	struct deliveries_count count;
	must(deliveries_count(place->hilf, &count, &place->err));
	assert_int_equal(count.waiting, 0);
}

static void a_block_is_a_decision_and_the_same_one_again(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	struct hilf_check check = match_one(place, NULL, &scene.signals[2]);
	struct arena arena;
	arena_init(&arena, 0);
	assert_int_equal(check.verdict, HILF_VERDICT_BLOCK);
	struct check_decision first = record(place, "c1", &check, &arena);
	assert_int_equal(strlen(first.id), 36);
	assert_memory_equal(first.appeal_token, "appeal_", 7);
	assert_int_equal(strlen(first.appeal_token), 39);
	assert_false(first.repeated);
	assert_non_null(strstr(first.statement, first.id));
	assert_non_null(strstr(first.statement, "automated means"));
	assert_null(strstr(first.statement, "user 7"));
	int64_t days = (first.appeal_until_ms - clock_now_ms()) / (24 * 3600 * 1000ll);
	assert_true(days >= 184 && days <= 185);
	struct check_decision again = record(place, "c1", &check, &arena);
	assert_true(again.repeated);
	assert_string_equal(again.id, first.id);
	assert_string_equal(again.appeal_token, "");
	assert_string_equal(again.statement, first.statement);
	assert_int_equal(again.appeal_until_ms, first.appeal_until_ms);
	/* Another content is another decision, and one without an id always. */
	assert_string_not_equal(record(place, "c2", &check, &arena).id, first.id);
	assert_string_not_equal(
		record(place, NULL, &check, &arena).id, record(place, NULL, &check, &arena).id);
	assert_int_equal(rows_of(place, NULL).count, 4);
	struct rows rows = rows_of(place, "c1");
	assert_int_equal(rows.count, 1);
	assert_string_equal(rows.decision, first.id);
	assert_string_equal(rows.uploader, "user 7");
	assert_string_equal(rows.entry, check.matches[0].gid);
	assert_int_equal(rows.last.verdict, HILF_VERDICT_BLOCK);
	assert_int_equal(rows.last.reversed_ms, 0);
	/* The token is kept as a hash alone. */
	char command[700];
	snprintf(command, sizeof command, "grep -rqs '%s' '%s'", first.appeal_token, place->dir);
	assert_int_not_equal(system(command), 0);
	arena_clear(&arena);
	hilf_check_free(&check);
}

static void a_review_is_kept_where_it_has_an_id(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	struct hilf_check check = match_one(place, NULL, &scene.signals[2]);
	struct arena arena;
	arena_init(&arena, 0);
	struct check_decision decision = record(place, "c1", &check, &arena);
	assert_string_equal(decision.id, "");
	assert_true(record(place, "c1", &check, &arena).repeated);
	assert_false(record(place, NULL, &check, &arena).repeated);
	assert_int_equal(rows_of(place, NULL).count, 1);
	arena_clear(&arena);
	hilf_check_free(&check);
}

static int count_matched(const struct delivery *delivery, void *ctx)
{
	unsigned *counts = ctx;
	counts[0] += strcmp(delivery->event, "check.matched") == 0;
	counts[1] += strcmp(delivery->event, "check.blocked") == 0;
	assert_null(strstr(delivery->body, "user 7"));
	return 0;
}

static void every_recorded_check_is_told_once(void **state)
{
	struct place *place = *state;
	unsigned counts[2] = {0};
	uint64_t seed = 3;
	struct hilf_signal one = random_pdq(&seed), other = random_pdq(&seed);
	must(hilf_bank_create(place->hilf, "stop", HILF_BLOCK, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "look", HILF_REVIEW, 31, NULL, &place->err));
	add_one(place, "stop", &one);
	add_one(place, "look", &other);
	subscribe(place);
	for (int i = 0; i < 2; i++) {
		match_and_record(place, "c1", &one);
		match_and_record(place, "c2", &other);
	}
	match_and_record(place, NULL, &other); /* told, though it has no row */
	must(deliveries_page(place->hilf, NULL, false, 0, 100, count_matched, counts, &place->err));
	assert_int_equal(counts[0], 2);
	assert_int_equal(counts[1], 1);
	assert_int_equal(rows_of(place, NULL).count, 2);
}

/* What is told to hooks of no bank, of "one" and of "both". */
struct heard {
	char ids[3][HOOK_ID_TEXT];
	char bodies[3][1000];
};

static int take_body(const struct delivery *delivery, void *ctx)
{
	struct heard *heard = ctx;
	for (int i = 0; i < 3; i++)
		if (strcmp(delivery->hook, heard->ids[i]) == 0 &&
			strcmp(delivery->event, "check.blocked") == 0)
			snprintf(heard->bodies[i], sizeof heard->bodies[i], "%s", delivery->body);
	return 0;
}

static void who_is_limited_to_a_bank_learns_of_no_other(void **state)
{
	static const char *const events[] = {"*"}, *const banks[] = {"one", "third", "two"};
	struct place *place = *state;
	struct heard heard = {{{0}}};
	uint64_t seed = 12;
	struct hilf_signal signal = random_pdq(&seed);
	for (size_t i = 0; i < 3; i++) {
		struct hook_info made, info = {.url = "https://hooks.example/",
					       .events = events,
					       .event_count = 1,
					       .banks = banks,
					       .bank_count = i,
					       .enabled = true};
		must(hook_create(place->hilf, &info, &made, &place->err));
		snprintf(heard.ids[i], sizeof heard.ids[i], "%s", made.id);
		must(hilf_bank_create(place->hilf, banks[i], i == 2 ? HILF_BLOCK : HILF_REVIEW, 31,
			NULL, &place->err));
		add_one(place, banks[i], &signal);
	}
	match_and_record(place, "c", &signal);
	must(deliveries_page(place->hilf, NULL, false, 0, 100, take_body, &heard, &place->err));
	for (size_t i = 0; i < 3; i++) {
		char quoted[16];
		for (size_t j = 0; j < 3; j++) {
			snprintf(quoted, sizeof quoted, "\"%s\"", banks[j]);
			assert_int_equal(strstr(heard.bodies[i], quoted) != NULL, i == 0 || j < i);
		}
		assert_non_null(strstr(heard.bodies[i], "\"content_id\":\"c\""));
		assert_non_null(strstr(heard.bodies[i], "\"verdict\":\"block\"}"));
	}
}

static void what_was_said_of_the_content_is_checked(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	struct hilf_check check = match_one(place, NULL, &scene.signals[2]);
	char longer[CHECK_URL_MAX + 2];
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	const struct {
		struct check_context context;
		int code;
		const char *text;
	} cases[] = {
		{{.content_id = longer}, HILF_E_LIMIT, "content_id is longer than 256 bytes"},
		{{.uploader_ref = longer}, HILF_E_LIMIT, "uploader_ref is longer than 256 bytes"},
		{{.evidence_url = longer}, HILF_E_LIMIT, "evidence_url is longer than 2048 bytes"},
		{{.evidence_url = "data:text/html,x"}, HILF_E_INVALID,
			"evidence_url begins with https:// or http://: whatever else it is, a "
			"browser is not to open it"},
		{{.evidence_url = "HTTPS:///x"}, HILF_E_INVALID, "evidence_url names no host"},
		{{.evidence_url = "http://e.example/a\tb"}, HILF_E_INVALID,
			"evidence_url has a blank or a control character in it"},
		{{.language = longer}, HILF_E_LIMIT, "language is longer than 35 bytes"},
		{{.content_id = "\xc3("}, HILF_E_INVALID, "content_id is not UTF-8"},
		{{.surface = (enum surface)9}, HILF_E_INVALID, "surface 9 is none"},
	};
	struct check_decision decision;
	struct arena arena;
	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(check_record(place->hilf, &cases[i].context, &check, &arena,
					 &decision, &place->err),
			cases[i].code);
		assert_string_equal(place->err.text, cases[i].text);
	}
	assert_int_equal(rows_of(place, NULL).count, 0);
	arena_clear(&arena);
	hilf_check_free(&check);
}

/* ------------------------------------------------------------------------------------------ statements */

static void a_statement_is_in_the_language_asked_for(void **state)
{
	struct place *place = *state;
	static const struct {
		const char *language, *begins;
	} cases[] = {{NULL, "This content was blocked"}, {"en", "This content was blocked"},
		{"fr", "Ce contenu"}, {"FR-ca", "Ce contenu"}, {"ar-EG", "حُجب"},
		{"tlh", "This content"}, {"", "This content"}, {"a", "This content"}};
	struct scene scene = make_scene(place, HILF_BLOCK);
	struct hilf_check check = match_one(place, NULL, &scene.signals[2]);
	struct arena arena;
	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct check_context context = {.language = cases[i].language};
		struct check_decision decision;
		must(check_record(place->hilf, &context, &check, &arena, &decision, &place->err));
		assert_memory_equal(decision.statement, cases[i].begins, strlen(cases[i].begins));
		assert_non_null(strstr(decision.statement, decision.id));
		assert_null(strstr(decision.statement, "unclassified"));
		assert_null(strchr(decision.statement, '%'));
	}
	arena_clear(&arena);
	hilf_check_free(&check);
}

/* ------------------------------------------------------------------------------------------ private surfaces */

static void a_legal_basis_is_kept_and_taken_back(void **state)
{
	struct place *place = *state;
	char basis[400];
	must(checks_private_basis(place->hilf, basis, sizeof basis, &place->err));
	assert_string_equal(basis, "");
	must(checks_private_basis_set(
		place->hilf, "Beschluss 4 C 12.34", "key:operator", &place->err));
	must(checks_private_basis(place->hilf, basis, sizeof basis, &place->err));
	assert_string_equal(basis, "Beschluss 4 C 12.34");
	must(checks_private_basis_set(place->hilf, "", "key:operator", &place->err));
	must(checks_private_basis(place->hilf, basis, sizeof basis, &place->err));
	assert_string_equal(basis, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_check_that_matched_nothing_leaves_nothing),
		TEST(a_block_is_a_decision_and_the_same_one_again),
		TEST(a_review_is_kept_where_it_has_an_id),
		TEST(every_recorded_check_is_told_once),
		TEST(who_is_limited_to_a_bank_learns_of_no_other),
		TEST(what_was_said_of_the_content_is_checked),
		TEST(a_statement_is_in_the_language_asked_for),
		TEST(a_legal_basis_is_kept_and_taken_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
