/* What a limit, a shadow bank, a half-read file and a wrong argument do to an answer; what a handle knows of its node. */
#include "engine/place_test.h"

#include <string.h>

/* A content whose picture is the signal in every orientation, so that it is found eight times over. */
static struct hilf_content content_of(const struct hilf_signal *signal, bool decided)
{
	struct hilf_content content = {.decided = decided, .picture_count = 1};
	content.pictures[0].quality = 100;
	for (int i = 0; i < HILF_ORIENTATION_COUNT; i++)
		memcpy(content.pictures[0].pdq[i], signal->value, 32);
	return content;
}

/* A crowd of near copies in one bank, the query's own value in another. */
static void fill(struct place *place, const struct hilf_signal *query, enum hilf_mode crowd_mode,
	size_t count, enum hilf_mode own_mode, unsigned own_distance)
{
	static struct hilf_signal signals[3000];
	static struct hilf_new_entry entries[3000];
	static struct hilf_add_result results[3000];
	struct hilf_signal far = *query;
	uint64_t seed = 77;
	assert_true(count <= 3000);
	must(hilf_bank_create(place->hilf, "crowd", crowd_mode, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "own", own_mode, 31, NULL, &place->err));
	for (size_t i = 0; i < count; i++) {
		signals[i] = *query;
		flip(&signals[i], 4 + (unsigned)(i % 8), &seed);
		entries[i] = (struct hilf_new_entry){&signals[i], 1};
	}
	must(hilf_add(place->hilf, "crowd", NULL, entries, count, results, &place->err));
	flip(&far, own_distance, &seed);
	add_one(place, "own", &far);
}

static void a_crowd_in_shadow_hides_nothing(void **state)
{
	struct place *place = *state;
	uint64_t seed = 1;
	struct hilf_signal query = random_pdq(&seed);
	const struct hilf_query one = {NULL, 0, 1};
	fill(place, &query, HILF_SHADOW, 2500, HILF_BLOCK, 30);
	/* One match is kept, and there are more hits than there is room for. */
	struct hilf_check check = match_one(place, &one, &query);
	assert_int_equal(check.match_count, 1);
	assert_string_equal(check.matches[0].bank, "crowd");
	assert_int_equal(check.verdict, HILF_VERDICT_BLOCK);
	assert_int_equal(check.shadow_verdict, HILF_VERDICT_BLOCK);
	assert_true(check.match_more >= 2000);
	hilf_check_free(&check);
	check = match_one(place, NULL, &query);
	assert_int_equal(check.match_count, 100);
	assert_int_equal(check.verdict, HILF_VERDICT_BLOCK);
	hilf_check_free(&check);
	const struct hilf_content whole = content_of(&query, true),
				  half = content_of(&query, false);
	must(hilf_match_content(place->hilf, &one, &whole, &check, &place->err));
	assert_int_equal(check.verdict, HILF_VERDICT_BLOCK);
	hilf_check_free(&check);
	/* What was not read whole is never blocked. */
	must(hilf_match_content(place->hilf, &one, &half, &check, &place->err));
	assert_int_equal(check.verdict, HILF_VERDICT_REVIEW);
	hilf_check_free(&check);
	const char *const names[] = {"crowd"};
	const struct hilf_query crowd = {names, 1, 1};
	must(hilf_match_content(place->hilf, &crowd, &half, &check, &place->err));
	assert_int_equal(check.verdict, HILF_UNDECIDED);
	assert_int_equal(check.shadow_verdict, HILF_VERDICT_REVIEW);
	hilf_check_free(&check);
}

static void a_crowd_that_does_not_count_pushes_nothing_out(void **state)
{
	struct place *place = *state;
	uint64_t seed = 11;
	struct hilf_signal queries[3] = {random_pdq(&seed), random_pdq(&seed), random_pdq(&seed)};
	const char *const names[] = {"own"};
	const struct hilf_query own = {names, 1, 1};
	struct hilf_check checks[3];
	fill(place, &queries[1], HILF_BLOCK, 2500, HILF_REVIEW, 30);
	/* All of the crowd is nearer, and more than there is room for; alone and among others the answer is the same. */
	must(hilf_match_signals(place->hilf, &own, queries, 3, checks, &place->err));
	for (size_t i = 0; i < 3; i++) {
		struct hilf_check alone = match_one(place, &own, &queries[i]);
		assert_int_equal(alone.match_count, i == 1);
		assert_int_equal(alone.match_more, 0);
		assert_int_equal(alone.verdict, i == 1 ? HILF_VERDICT_REVIEW : HILF_NO_MATCH);
		assert_int_equal(checks[i].match_count, alone.match_count);
		assert_int_equal(checks[i].match_more, alone.match_more);
		assert_int_equal(checks[i].verdict, alone.verdict);
		if (i == 1)
			assert_string_equal(checks[i].matches[0].bank, "own");
		hilf_check_free(&alone);
		hilf_check_free(&checks[i]);
	}
}

static void an_entry_with_many_near_values_counts_once(void **state)
{
	struct place *place = *state;
	uint64_t seed = 2;
	struct hilf_signal query = random_pdq(&seed), values[16];
	struct hilf_add_result result;
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	for (unsigned i = 0; i < 4; i++) {
		for (unsigned k = 0; k < 16; k++) {
			values[k] = query;
			flip(&values[k], 1 + i, &seed);
		}
		const struct hilf_new_entry entry = {values, 16};
		must(hilf_add(place->hilf, "b", NULL, &entry, 1, &result, &place->err));
		assert_int_equal(result.what, HILF_ADDED);
	}
	const struct hilf_query three = {NULL, 0, 3}, five = {NULL, 0, 5};
	struct hilf_check check = match_one(place, &three, &query);
	assert_int_equal(check.match_count, 3);
	assert_int_equal(check.matches[2].distance, 3);
	hilf_check_free(&check);
	check = match_one(place, &five, &query);
	assert_int_equal(check.match_count, 4);
	assert_int_equal(check.match_more, 0);
	hilf_check_free(&check);
}

static void the_largest_limit_keeps_ten_thousand(void **state)
{
	struct place *place = *state;
	uint64_t seed = 3;
	struct hilf_signal query = random_pdq(&seed);
	const struct hilf_query all = {NULL, 0, SIZE_MAX};
	fill(place, &query, HILF_REVIEW, 3000, HILF_REVIEW, 31);
	struct hilf_check check = match_one(place, &all, &query);
	assert_int_equal(check.match_count, 3001);
	assert_int_equal(check.match_more, 0);
	assert_int_equal(check.matches[3000].distance, 31);
	hilf_check_free(&check);
}

static void radius_zero_finds_equals_alone(void **state)
{
	struct place *place = *state;
	uint64_t seed = 4;
	struct hilf_signal known = random_pdq(&seed), near = known;
	flip(&near, 1, &seed);
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 0, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "wide", HILF_REVIEW, 48, NULL, &place->err));
	add_one(place, "b", &known);
	struct hilf_check check = match_one(place, NULL, &near);
	assert_int_equal(check.match_count, 0);
	check = match_one(place, NULL, &known);
	assert_int_equal(check.match_count, 1);
	assert_int_equal(check.matches[0].threshold, 0);
	hilf_check_free(&check);
}

static void a_wrong_query_leaves_the_answers_untouched(void **state)
{
	struct place *place = *state;
	uint64_t seed = 5;
	struct hilf_signal signals[3] = {random_pdq(&seed), random_pdq(&seed), random_pdq(&seed)};
	struct hilf_check checks[3], before[3];
	const char *const names[] = {"b", "missing"};
	const struct hilf_query query = {names, 2, 0};
	memset(checks, 0x5a, sizeof checks);
	memcpy(before, checks, sizeof checks);
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	add_one(place, "b", &signals[0]);
	assert_int_equal(hilf_match_signals(place->hilf, &query, signals, 3, checks, &place->err),
		HILF_E_NOT_FOUND);
	signals[2].type = 99;
	assert_int_equal(hilf_match_signals(place->hilf, NULL, signals, 3, checks, &place->err),
		HILF_E_INVALID);
	signals[2] = (struct hilf_signal){HILF_SHA256, 255, HILF_QUALITY_UNKNOWN, {0}};
	assert_int_equal(hilf_match_signals(place->hilf, NULL, signals, 3, checks, &place->err),
		HILF_E_INVALID);
	struct hilf_content content = {.picture_count = HILF_PICTURE_MAX + 1};
	assert_int_equal(hilf_match_content(place->hilf, NULL, &content, checks, &place->err),
		HILF_E_INVALID);
	assert_memory_equal(checks, before, sizeof checks);
	must(hilf_match_signals(place->hilf, NULL, NULL, 0, NULL, &place->err));
}

static int find_own(const struct hilf_bank *bank, void *ctx)
{
	*(bool *)ctx = bank->own;
	return 0;
}

/* A handle that was opened before the node had a member learns of it. */
static void a_reader_learns_who_this_node_is(void **state)
{
	struct place *place = *state;
	uint64_t seed = 6;
	struct hilf_signal known = random_pdq(&seed);
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = place->dir, .read_only = true};
	struct hilf *reader;
	struct hilf_bank bank;
	struct hilf_stats stats;
	struct hilf_check check;
	bool own = false;
	must(hilf_open(&options, &reader, &place->err));
	must(hilf_stats_get(reader, &stats, &place->err));
	assert_string_equal(stats.member, "");
	must(hilf_bank_create(place->hilf, "b", HILF_BLOCK, 31, &bank, &place->err));
	assert_true(bank.own);
	assert_int_equal(bank.id, 1);
	assert_int_equal(bank.mode, HILF_BLOCK);
	add_one(place, "b", &known);
	must(hilf_bank_get(reader, "b", &bank, &place->err));
	assert_true(bank.own);
	must(hilf_bank_each(reader, find_own, &own, &place->err));
	assert_true(own);
	must(hilf_stats_get(reader, &stats, &place->err));
	assert_int_equal(strlen(stats.member), 36);
	must(hilf_match_signals(reader, NULL, &known, 1, &check, &place->err));
	assert_int_equal(check.verdict, HILF_VERDICT_BLOCK);
	hilf_check_free(&check);
	assert_int_equal(hilf_bank_remove(reader, "b", &place->err), HILF_E_DENIED);
	hilf_close(reader);
}

static void options_of_another_interface_are_refused_everywhere(void **state)
{
	struct place *place = *state;
	struct hilf_options options = {.abi = HILF_ABI + 1, .data_dir = place->dir};
	struct hilf *hilf = NULL;
	uint64_t problems = 77;
	assert_int_equal(hilf_open(&options, &hilf, &place->err), HILF_E_UNSUPPORTED);
	assert_int_equal(
		hilf_fsck(&options, true, (hilf_finding_fn *)abort, NULL, &problems, &place->err),
		HILF_E_UNSUPPORTED);
	assert_int_equal(hilf_doctor(&options, (hilf_finding_fn *)abort, NULL, &place->err),
		HILF_E_UNSUPPORTED);
	options = (struct hilf_options){.abi = HILF_ABI};
	must(hilf_open(&options, &hilf, &place->err)); /* to hash files alone */
	hilf_close(hilf);
	hilf = NULL;
	assert_int_equal(
		hilf_fsck(&options, true, (hilf_finding_fn *)abort, NULL, &problems, &place->err),
		HILF_E_INVALID);
	assert_int_equal(problems, 77);
	assert_null(hilf);
}

struct told {
	char level[16], text[512];
};

static int note_key(const char *level, const char *what, const char *text, void *ctx)
{
	struct told *told = ctx;
	if (strcmp(what, "key") == 0) {
		snprintf(told->level, sizeof told->level, "%s", level);
		snprintf(told->text, sizeof told->text, "%s", text);
	}
	return 0;
}

static void doctor_looks_at_the_key(void **state)
{
	struct place *place = *state;
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = place->dir, .helper_dir = place->helpers};
	struct told told = {"", ""};
	char path[512], aside[512];
	must(hilf_doctor(&options, note_key, &told, &place->err));
	assert_string_equal(told.level, "note");
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	must(hilf_doctor(&options, note_key, &told, &place->err));
	assert_string_equal(told.level, "ok");
	snprintf(path, sizeof path, "%s/key/node.key", place->dir);
	snprintf(aside, sizeof aside, "%s/key/aside", place->dir);
	assert_int_equal(rename(path, aside), 0);
	must(hilf_doctor(&options, note_key, &told, &place->err));
	assert_string_equal(told.level, "problem");
	assert_non_null(strstr(told.text, "is missing; restore it from a backup"));
	/* The key of another node. */
	struct place other = {.hilf = NULL};
	folder_make(other.dir, sizeof other.dir);
	memcpy(other.helpers, place->helpers, sizeof other.helpers);
	reopen(&other);
	assert_int_equal(hilf_bank_create(other.hilf, "b", HILF_REVIEW, 31, NULL, NULL), 0);
	hilf_close(other.hilf);
	snprintf(aside, sizeof aside, "%s/key/node.key", other.dir);
	assert_int_equal(rename(aside, path), 0);
	folder_remove(other.dir);
	must(hilf_doctor(&options, note_key, &told, &place->err));
	assert_string_equal(told.level, "problem");
	assert_non_null(strstr(told.text, "is not that of this node's member"));
	reopen(place);
	assert_int_equal(hilf_bank_remove(place->hilf, "b", &place->err), HILF_E_DENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_crowd_in_shadow_hides_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_crowd_that_does_not_count_pushes_nothing_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_entry_with_many_near_values_counts_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_largest_limit_keeps_ten_thousand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(radius_zero_finds_equals_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_wrong_query_leaves_the_answers_untouched, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_reader_learns_who_this_node_is, set_up, tear_down),
		cmocka_unit_test_setup_teardown(doctor_looks_at_the_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			options_of_another_interface_are_refused_everywhere, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
