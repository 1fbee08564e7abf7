/* The engine whole, through hilf.h, with the real store, the real seal and the real index. */
#include "base/limits.h"
#include "engine/place_test.h"
#include "os/clock.h"

#include <string.h>

static void what_is_added_matches_at_once_until_withdrawn(void **state)
{
	struct place *place = *state;
	uint64_t seed = 1;
	struct hilf_signal known = random_pdq(&seed), near = known, far = known;
	char number[32];
	flip(&near, 31, &seed);
	flip(&far, 32, &seed);
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	uint64_t entry = add_one(place, "b", &known);
	struct hilf_check check = match_one(place, NULL, &near);
	assert_int_equal(check.verdict, HILF_VERDICT_REVIEW);
	assert_int_equal(check.match_count, 1);
	assert_int_equal(check.matches[0].entry, entry);
	assert_int_equal(check.matches[0].distance, 31);
	assert_int_equal(check.matches[0].threshold, 31);
	assert_string_equal(check.matches[0].bank, "b");
	assert_string_equal(check.matches[0].content_class, "unclassified");
	hilf_check_free(&check);
	check = match_one(place, NULL, &far);
	assert_int_equal(check.verdict, HILF_NO_MATCH);
	snprintf(number, sizeof number, "%llu", (unsigned long long)entry);
	must(hilf_withdraw(place->hilf, number, "error: the wrong picture", &place->err));
	check = match_one(place, NULL, &known);
	assert_int_equal(check.match_count, 0);
	assert_int_equal(
		hilf_withdraw(place->hilf, number, "error", &place->err), HILF_E_WITHDRAWN);
	assert_string_equal(place->err.text, "entry 1 is withdrawn already");
	uint64_t again = add_one(place, "b", &known);
	assert_true(again > entry);
	reopen(place);
	check = match_one(place, NULL, &known);
	assert_int_equal(check.match_count, 1);
	assert_int_equal(check.matches[0].entry, again);
	hilf_check_free(&check);
}

static void what_is_there_answers_with_its_id(void **state)
{
	struct place *place = *state;
	uint64_t seed = 2;
	struct hilf_signal a = random_pdq(&seed), b = random_pdq(&seed),
			   empty = {HILF_PDQ, 32, -1, {0}};
	struct hilf_signal file_one[2] = {{HILF_SHA256, 32, -1, {1}}, a};
	struct hilf_signal file_two[2] = {{HILF_SHA256, 32, -1, {2}}, a};
	struct hilf_new_entry entries[] = {{&a, 1}, {&b, 1}, {&a, 1}, {&empty, 1}, {file_one, 2},
		{file_two, 2}, {file_one, 1}};
	struct hilf_add_result results[7], again[7];
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	must(hilf_add(place->hilf, "b", NULL, entries, 7, results, &place->err));
	assert_int_equal(results[0].what, HILF_ADDED);
	assert_int_equal(results[2].what, HILF_ADDED_ALREADY);
	assert_int_equal(results[2].entry, results[0].entry);
	assert_int_equal(results[3].what, HILF_ADDED_DEGENERATE);
	assert_int_equal(results[3].entry, 0);
	assert_int_equal(results[4].what, HILF_ADDED); /* equal pictures, other bytes: two files */
	assert_int_equal(results[5].what, HILF_ADDED);
	assert_int_equal(results[6].entry, results[4].entry);
	must(hilf_add(place->hilf, "b", NULL, entries, 7, again, &place->err));
	for (int i = 0; i < 7; i++) {
		assert_int_equal(again[i].entry, results[i].entry);
		assert_int_equal(
			again[i].what, i == 3 ? HILF_ADDED_DEGENERATE : HILF_ADDED_ALREADY);
	}
}

static void modes_and_radii_belong_to_the_bank(void **state)
{
	struct place *place = *state;
	uint64_t seed = 3;
	struct hilf_signal known = random_pdq(&seed), near = known;
	const char *const only[] = {"shadow"}, *const none[] = {"missing"};
	const struct hilf_query shadow_only = {only, 1, 0}, missing = {none, 1, 0};
	struct hilf_check check;
	flip(&near, 20, &seed);
	must(hilf_bank_create(place->hilf, "shadow", HILF_SHADOW, 48, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "narrow", HILF_BLOCK, 10, NULL, &place->err));
	add_one(place, "shadow", &known);
	add_one(place, "narrow", &known);
	check = match_one(place, NULL, &near);
	assert_int_equal(check.match_count, 1);
	assert_int_equal(check.verdict, HILF_NO_MATCH);
	assert_int_equal(check.shadow_verdict, HILF_VERDICT_REVIEW);
	hilf_check_free(&check);
	check = match_one(place, NULL, &known);
	assert_int_equal(check.match_count, 2);
	assert_int_equal(check.verdict, HILF_VERDICT_BLOCK);
	hilf_check_free(&check);
	check = match_one(place, &shadow_only, &known);
	assert_int_equal(check.match_count, 1);
	hilf_check_free(&check);
	assert_int_equal(hilf_match_signals(place->hilf, &missing, &known, 1, &check, &place->err),
		HILF_E_NOT_FOUND);
	must(hilf_bank_remove(place->hilf, "narrow", &place->err));
	check = match_one(place, NULL, &known);
	assert_int_equal(check.verdict, HILF_NO_MATCH);
	hilf_check_free(&check);
}

static void banks_refuse_what_is_wrong(void **state)
{
	struct place *place = *state;
	struct hilf_bank bank;
	struct hilf *hilf = place->hilf;
	struct hilf_err *err = &place->err;
	must(hilf_bank_create(hilf, "here", HILF_REVIEW, 31, &bank, err));
	assert_true(bank.own);
	assert_int_equal(hilf_bank_create(hilf, "here", HILF_REVIEW, 31, NULL, err), HILF_E_EXISTS);
	assert_int_equal(hilf_bank_create(hilf, "0x", HILF_REVIEW, 31, NULL, err), HILF_E_INVALID);
	assert_int_equal(
		hilf_bank_create(hilf, "wide", HILF_REVIEW, 49, NULL, err), HILF_E_INVALID);
	assert_int_equal(hilf_bank_get(hilf, "gone", &bank, err), HILF_E_NOT_FOUND);
	assert_int_equal(hilf_bank_remove(hilf, "gone", err), HILF_E_NOT_FOUND);
	must(hilf_bank_remove(hilf, "here", err));
	assert_int_equal(hilf_bank_get(hilf, "here", &bank, err), HILF_E_NOT_FOUND);
	must(hilf_bank_create(hilf, "here", HILF_REVIEW, 31, &bank, err));
	assert_int_equal(bank.entry_count, 0);
}

static void entries_refuse_what_is_wrong(void **state)
{
	struct place *place = *state;
	uint64_t seed = 4;
	struct hilf_signal a = random_pdq(&seed);
	struct hilf_signal many[LIMIT_ENTRY_SIGNALS + 1];
	const struct hilf_label bad = {"Title", "x"};
	const struct hilf_new_entry one = {&a, 1}, nothing = {&a, 0},
				    crowd = {many, LIMIT_ENTRY_SIGNALS + 1};
	struct hilf_add_result result = {77, HILF_ADDED};
	struct hilf_entry_meta meta = {0};
	for (size_t i = 0; i < LIMIT_ENTRY_SIGNALS + 1; i++)
		many[i] = random_pdq(&seed);
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	assert_int_equal(
		hilf_add(place->hilf, "c", NULL, &one, 1, &result, &place->err), HILF_E_NOT_FOUND);
	assert_int_equal(hilf_add(place->hilf, "b", NULL, &nothing, 1, &result, &place->err),
		HILF_E_INVALID);
	assert_int_equal(
		hilf_add(place->hilf, "b", NULL, &crowd, 1, &result, &place->err), HILF_E_INVALID);
	meta.labels = &bad;
	meta.label_count = 1;
	assert_int_equal(
		hilf_add(place->hilf, "b", &meta, &one, 1, &result, &place->err), HILF_E_INVALID);
	meta = (struct hilf_entry_meta){.content_class = "nonsense"};
	assert_int_equal(
		hilf_add(place->hilf, "b", &meta, &one, 1, &result, &place->err), HILF_E_INVALID);
	meta = (struct hilf_entry_meta){.expires_ms = 1};
	assert_int_equal(
		hilf_add(place->hilf, "b", &meta, &one, 1, &result, &place->err), HILF_E_INVALID);
	meta = (struct hilf_entry_meta){.expires_ms = clock_now_ms() + 2 * LIMIT_EXPIRY_MS};
	assert_int_equal(
		hilf_add(place->hilf, "b", &meta, &one, 1, &result, &place->err), HILF_E_LIMIT);
	assert_int_equal(result.entry, 77);
	assert_int_equal(hilf_withdraw(place->hilf, "12", "error", &place->err), HILF_E_NOT_FOUND);
	assert_int_equal(
		hilf_withdraw(place->hilf, "twelve", "error", &place->err), HILF_E_INVALID);
	assert_int_equal(hilf_withdraw(place->hilf, "1", "", &place->err), HILF_E_INVALID);
}

static void entries_expire_when_they_are_asked_for(void **state)
{
	struct place *place = *state;
	uint64_t seed = 5;
	struct hilf_signal a = random_pdq(&seed);
	const struct hilf_new_entry one = {&a, 1};
	struct hilf_entry_meta meta = {0};
	struct hilf_add_result result;
	struct hilf_bank bank;
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	int rc;
	do { /* a slow machine may get there when it is over */
		meta.expires_ms = clock_now_ms() + 400;
		rc = hilf_add(place->hilf, "b", &meta, &one, 1, &result, &place->err);
	} while (rc == HILF_E_INVALID && clock_now_ms() >= meta.expires_ms);
	must(rc);
	while (clock_now_ms() < meta.expires_ms)
		usleep(10000);
	struct hilf_check check = match_one(place, NULL, &a);
	assert_int_equal(check.match_count, 0);
	must(hilf_bank_get(place->hilf, "b", &bank, &place->err));
	assert_int_equal(bank.entry_count, 0);
}

static void the_limit_keeps_the_nearest(void **state)
{
	struct place *place = *state;
	uint64_t seed = 6;
	struct hilf_signal query = random_pdq(&seed);
	const struct hilf_query three = {NULL, 0, 3};
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	for (unsigned i = 0; i < 30; i++) {
		struct hilf_signal signal = query;
		flip(&signal, 30 - i, &seed);
		add_one(place, "b", &signal);
	}
	struct hilf_check check = match_one(place, &three, &query);
	assert_int_equal(check.match_count, 3);
	assert_int_equal(check.match_more, 27);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(check.matches[i].distance, i + 1);
	hilf_check_free(&check);
}

static void a_second_process_is_seen(void **state)
{
	struct place *place = *state;
	uint64_t seed = 7;
	struct hilf_signal a = random_pdq(&seed);
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = place->dir, .helper_dir = place->helpers};
	struct hilf *first = place->hilf, *second;
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	must(hilf_open(&options, &second, &place->err));
	place->hilf = second;
	uint64_t entry = add_one(place, "b", &a);
	place->hilf = first;
	struct hilf_check check = match_one(place, NULL, &a);
	assert_int_equal(check.match_count, 1);
	assert_int_equal(check.matches[0].entry, entry);
	hilf_check_free(&check);
	hilf_close(second);
}

/* ------------------------------------------------------------------------------- against a linear scan */

#define ORACLE_MAX 3000

struct oracle {
	struct hilf_signal values[ORACLE_MAX];
	uint64_t entries[ORACLE_MAX];
	bool alive[ORACLE_MAX];
	size_t count;
};

static unsigned distance(const struct hilf_signal *a, const struct hilf_signal *b)
{
	unsigned bits = 0;
	for (int i = 0; i < 32; i++)
		bits += (unsigned)__builtin_popcount(a->value[i] ^ b->value[i]);
	return bits;
}

static void compare_with_scan(struct place *place, struct oracle *oracle, uint64_t *seed)
{
	const struct hilf_query all = {NULL, 0, 10000};
	struct hilf_signal query = random_pdq(seed);
	size_t expected = 0;
	if (oracle->count && next_random(seed) % 4) {
		query = oracle->values[next_random(seed) % oracle->count];
		flip(&query, (unsigned)(next_random(seed) % 40), seed);
	}
	struct hilf_check check = match_one(place, &all, &query);
	for (size_t i = 0; i < oracle->count; i++) {
		unsigned bits = distance(&oracle->values[i], &query);
		if (!oracle->alive[i] || bits > 31)
			continue;
		expected++;
		bool found = false;
		for (size_t j = 0; j < check.match_count; j++)
			found |= check.matches[j].entry == oracle->entries[i] &&
				 check.matches[j].distance == bits;
		assert_true(found);
	}
	assert_int_equal(check.match_count, expected);
	hilf_check_free(&check);
}

static void add_some(struct place *place, struct oracle *oracle, uint64_t *seed)
{
	struct hilf_signal signals[64];
	struct hilf_new_entry entries[64];
	struct hilf_add_result results[64];
	size_t count = 1 + next_random(seed) % 64;
	if (oracle->count + count > ORACLE_MAX)
		return;
	for (size_t i = 0; i < count; i++) {
		signals[i] = random_pdq(seed);
		if (oracle->count && next_random(seed) % 2) {
			signals[i] = oracle->values[next_random(seed) % oracle->count];
			flip(&signals[i], 1 + (unsigned)(next_random(seed) % 12), seed);
		}
		entries[i] = (struct hilf_new_entry){&signals[i], 1};
	}
	must(hilf_add(place->hilf, "b", NULL, entries, count, results, &place->err));
	for (size_t i = 0; i < count; i++) {
		if (results[i].what != HILF_ADDED)
			continue;
		oracle->values[oracle->count] = signals[i];
		oracle->entries[oracle->count] = results[i].entry;
		oracle->alive[oracle->count++] = true;
	}
}

static void withdraw_one(struct place *place, struct oracle *oracle, uint64_t *seed)
{
	char number[32];
	if (!oracle->count)
		return;
	size_t i = next_random(seed) % oracle->count;
	snprintf(number, sizeof number, "%llu", (unsigned long long)oracle->entries[i]);
	int rc = hilf_withdraw(place->hilf, number, "error", &place->err);
	assert_int_equal(rc, oracle->alive[i] ? 0 : HILF_E_WITHDRAWN);
	oracle->alive[i] = false;
}

static void the_index_agrees_with_a_linear_scan_through_restarts(void **state)
{
	struct place *place = *state;
	struct oracle *oracle = calloc(1, sizeof *oracle);
	uint64_t seed = 8;
	assert_non_null(oracle);
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	for (int round = 0; round < 400; round++) {
		switch (next_random(&seed) % 8) {
		case 0:
		case 1:
			add_some(place, oracle, &seed);
			break;
		case 2:
		case 3:
			withdraw_one(place, oracle, &seed);
			break;
		case 4:
			if (round % 5 == 0)
				reopen(place);
			break;
		default:
			compare_with_scan(place, oracle, &seed);
		}
	}
	assert_true(oracle->count > 1000);
	free(oracle);
}

static int count_entry(const struct hilf_entry *entry, void *ctx)
{
	size_t *count = ctx;
	assert_string_equal(entry->bank, "b");
	assert_int_equal(entry->signal_count, 1);
	++*count;
	return 0;
}

static void ignore_finding(const char *level, const char *what, const char *text)
{
	if (strcmp(level, "problem") == 0)
		fail_msg("%s: %s", what, text);
}

static int no_problem(const char *level, const char *what, const char *text, void *ctx)
{
	(void)ctx;
	ignore_finding(level, what, text);
	return 0;
}

static void ten_thousand_entries_come_back_and_fsck_is_content(void **state)
{
	struct place *place = *state;
	enum { COUNT = 10000 };
	struct hilf_signal *signals = calloc(COUNT, sizeof *signals);
	struct hilf_new_entry *entries = calloc(COUNT, sizeof *entries);
	struct hilf_add_result *results = calloc(COUNT, sizeof *results);
	struct hilf_stats stats;
	uint64_t seed = 9, problems = 1;
	size_t count = 0;
	for (size_t i = 0; i < COUNT; i++) {
		signals[i] = random_pdq(&seed);
		entries[i] = (struct hilf_new_entry){&signals[i], 1};
	}
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	must(hilf_add(place->hilf, "b", NULL, entries, COUNT, results, &place->err));
	for (size_t i = 1; i < COUNT; i++)
		assert_int_equal(results[i].entry, results[i - 1].entry + 1);
	must(hilf_entry_each(place->hilf, "b", count_entry, &count, &place->err));
	assert_int_equal(count, COUNT);
	must(hilf_stats_get(place->hilf, &stats, &place->err));
	assert_int_equal(stats.entry_count, COUNT);
	assert_int_equal(stats.index_count, COUNT);
	assert_true(stats.feed_count < 20);
	hilf_close(place->hilf);
	place->hilf = NULL;
	const struct hilf_options options = {.abi = HILF_ABI, .data_dir = place->dir};
	must(hilf_fsck(&options, false, no_problem, NULL, &problems, &place->err));
	assert_int_equal(problems, 0);
	free(signals);
	free(entries);
	free(results);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_added_matches_at_once_until_withdrawn, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_there_answers_with_its_id, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			modes_and_radii_belong_to_the_bank, set_up, tear_down),
		cmocka_unit_test_setup_teardown(banks_refuse_what_is_wrong, set_up, tear_down),
		cmocka_unit_test_setup_teardown(entries_refuse_what_is_wrong, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			entries_expire_when_they_are_asked_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_limit_keeps_the_nearest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_second_process_is_seen, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_index_agrees_with_a_linear_scan_through_restarts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			ten_thousand_entries_come_back_and_fsck_is_content, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
