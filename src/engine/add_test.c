/* What hilf_add takes for "there already", within a call and across calls, and what it refuses. */
#include "engine/add.h"

#include "base/limits.h"
#include "engine/place_test.h"
#include "os/clock.h"

static struct hilf_signal sha256_of(uint8_t first)
{
	return (struct hilf_signal){HILF_SHA256, 32, HILF_QUALITY_UNKNOWN, {first}};
}

/* An entry that is there already takes none of its other signals into the bank, so it is nobody's twin. */
static void a_twin_of_what_is_not_added_is_added_itself(void **state)
{
	struct place *place = *state;
	uint64_t seed = 1;
	struct hilf_signal p = random_pdq(&seed), q = random_pdq(&seed), r = random_pdq(&seed);
	const struct hilf_signal both[] = {p, q}, chain[] = {r, p};
	const struct hilf_new_entry entries[] = {{both, 2}, {&p, 1}, {chain, 2}, {&r, 1}};
	struct hilf_add_result results[4];
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	uint64_t there = add_one(place, "b", &q);
	must(hilf_add(place->hilf, "b", NULL, entries, 4, results, &place->err));
	assert_int_equal(results[0].what, HILF_ADDED_ALREADY);
	assert_int_equal(results[0].entry, there);
	assert_int_equal(results[1].what, HILF_ADDED);
	assert_int_equal(results[2].what, HILF_ADDED_ALREADY);
	assert_int_equal(results[2].entry, results[1].entry);
	assert_int_equal(results[3].what, HILF_ADDED);
	for (size_t i = 0; i < 3; i++) {
		const struct hilf_signal *const all[] = {&p, &q, &r};
		struct hilf_check check = match_one(place, NULL, all[i]);
		assert_int_equal(check.match_count, 1);
		assert_int_equal(check.matches[0].distance, 0);
		hilf_check_free(&check);
	}
}

/* One call or two: the same answer. */
static void twins_are_the_same_in_one_call_and_in_two(void **state)
{
	struct place *place = *state;
	uint64_t seed = 2;
	struct hilf_signal p = random_pdq(&seed);
	const struct hilf_signal file[] = {sha256_of(1), p};
	const struct hilf_new_entry entries[] = {{file, 2}, {&p, 1}};
	struct hilf_add_result one[2], two[2];
	must(hilf_bank_create(place->hilf, "one", HILF_REVIEW, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "two", HILF_REVIEW, 31, NULL, &place->err));
	must(hilf_add(place->hilf, "one", NULL, entries, 2, one, &place->err));
	must(hilf_add(place->hilf, "two", NULL, &entries[0], 1, &two[0], &place->err));
	must(hilf_add(place->hilf, "two", NULL, &entries[1], 1, &two[1], &place->err));
	assert_int_equal(one[1].what, HILF_ADDED_ALREADY);
	assert_int_equal(one[1].entry, one[0].entry);
	assert_int_equal(two[1].what, HILF_ADDED_ALREADY);
	assert_int_equal(two[1].entry, two[0].entry);
}

static void what_has_expired_can_be_added_again(void **state)
{
	struct place *place = *state;
	uint64_t seed = 3;
	struct hilf_signal p = random_pdq(&seed);
	const struct hilf_new_entry entry = {&p, 1};
	struct hilf_entry_meta meta = {0};
	struct hilf_add_result first, again, third;
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	int rc;
	do { /* a slow machine may get there when it is over */
		meta.expires_ms = clock_now_ms() + 300;
		rc = hilf_add(place->hilf, "b", &meta, &entry, 1, &first, &place->err);
	} while (rc == HILF_E_INVALID && clock_now_ms() >= meta.expires_ms);
	must(rc);
	while (clock_now_ms() < meta.expires_ms)
		usleep(10000);
	must(hilf_add(place->hilf, "b", NULL, &entry, 1, &again, &place->err));
	assert_int_equal(again.what, HILF_ADDED);
	assert_true(again.entry > first.entry);
	must(hilf_add(place->hilf, "b", NULL, &entry, 1, &third, &place->err));
	assert_int_equal(third.what, HILF_ADDED_ALREADY);
	assert_int_equal(third.entry, again.entry);
	struct hilf_check check = match_one(place, NULL, &p);
	assert_int_equal(check.match_count, 1);
	hilf_check_free(&check);
}

static void counts_that_lie_are_refused_before_they_are_followed(void **state)
{
	struct place *place = *state;
	uint64_t seed = 4;
	struct hilf_signal p = random_pdq(&seed), odd = p;
	const struct hilf_label label = {"k", "v"};
	const struct hilf_new_entry many_labels = {&p, 1, &label, SIZE_MAX}, one = {&p, 1};
	const struct hilf_new_entry many_signals = {&p, SIZE_MAX};
	const struct hilf_entry_meta meta = {.labels = &label, .label_count = SIZE_MAX};
	struct hilf_add_result result = {77, HILF_ADDED};
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	assert_int_equal(hilf_add(place->hilf, "b", NULL, &many_labels, 1, &result, &place->err),
		HILF_E_LIMIT);
	assert_int_equal(
		hilf_add(place->hilf, "b", &meta, &one, 1, &result, &place->err), HILF_E_LIMIT);
	assert_int_equal(hilf_add(place->hilf, "b", NULL, &many_signals, 1, &result, &place->err),
		HILF_E_INVALID);
	assert_int_equal(hilf_add(place->hilf, "b", NULL, &one, SIZE_MAX, &result, &place->err),
		HILF_E_LIMIT);
	odd.size = 200;
	const struct hilf_new_entry oversized = {&odd, 1};
	assert_int_equal(hilf_add(place->hilf, "b", NULL, &oversized, 1, &result, &place->err),
		HILF_E_INVALID);
	odd = (struct hilf_signal){.type = 9, .size = 32};
	assert_int_equal(hilf_add(place->hilf, "b", NULL, &oversized, 1, &result, &place->err),
		HILF_E_INVALID);
	assert_int_equal(result.entry, 77);
	must(hilf_add(place->hilf, "b", NULL, NULL, 0, NULL, &place->err));
}

static void a_full_entry_fits_into_a_record_and_comes_back(void **state)
{
	struct place *place = *state;
	static char keys[2 * LIMIT_LABELS][LIMIT_LABEL_KEY + 1], value[LIMIT_LABEL_VALUE + 1];
	struct hilf_label labels[2 * LIMIT_LABELS];
	struct hilf_signal signals[LIMIT_ENTRY_SIGNALS];
	struct hilf_add_result results[40];
	struct hilf_new_entry entries[40];
	uint64_t seed = 5;
	memset(value, 'v', LIMIT_LABEL_VALUE);
	for (unsigned i = 0; i < 2 * LIMIT_LABELS; i++) {
		snprintf(keys[i], sizeof keys[i], "k%031u", i);
		labels[i] = (struct hilf_label){keys[i], value};
	}
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	const struct hilf_entry_meta meta = {.labels = labels, .label_count = LIMIT_LABELS};
	for (size_t i = 0; i < 40; i++) {
		for (size_t k = 0; k < LIMIT_ENTRY_SIGNALS; k++)
			signals[k] = random_pdq(&seed);
		entries[i] = (struct hilf_new_entry){
			signals, LIMIT_ENTRY_SIGNALS, labels + LIMIT_LABELS, LIMIT_LABELS};
		must(hilf_add(place->hilf, "b", &meta, &entries[i], 1, &results[i], &place->err));
	}
	struct hilf_check check = match_one(place, NULL, &signals[LIMIT_ENTRY_SIGNALS - 1]);
	assert_int_equal(check.match_count, 1);
	assert_int_equal(check.matches[0].entry, results[39].entry);
	assert_int_equal(check.matches[0].label_count, 2 * LIMIT_LABELS);
	hilf_check_free(&check);
}

/* Such a call must not reach those that share a record with it, nor depend on what is there already. */
static void a_label_that_no_entry_can_have_is_refused_before_anything_is_written(void **state)
{
	struct place *place = *state;
	uint64_t seed = 5;
	struct hilf_signal one = random_pdq(&seed), other = random_pdq(&seed);
	const struct hilf_label two_words = {"event", "two words"}, good = {"event", "word"};
	const struct hilf_new_entry bad[] = {{&one, 1, &good, 1}, {&other, 1, &two_words, 1}};
	struct hilf_add_result results[2] = {{77, HILF_ADDED}, {78, HILF_ADDED}};
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	struct add_call calls[] = {
		{"b", NULL, bad, 2, results, .rc = 0}, {"b", NULL, bad, 1, results, .rc = 1}};
	add_calls(place->hilf, calls, 2);
	assert_int_equal(calls[0].rc, HILF_E_INVALID);
	assert_string_equal(calls[0].err.text,
		"the value of label 'event' holds a blank; a label is one word that names no "
		"person");
	assert_int_equal(calls[1].rc, 0);
	assert_int_equal(results[0].what, HILF_ADDED);
	assert_int_equal(results[1].entry, 78);
	/* Nor does it matter that the entry is there. */
	const struct hilf_new_entry again = {&one, 1, &two_words, 1};
	assert_int_equal(
		hilf_add(place->hilf, "b", NULL, &again, 1, results, &place->err), HILF_E_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_twin_of_what_is_not_added_is_added_itself, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			twins_are_the_same_in_one_call_and_in_two, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_has_expired_can_be_added_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			counts_that_lie_are_refused_before_they_are_followed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_label_that_no_entry_can_have_is_refused_before_anything_is_written,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_full_entry_fits_into_a_record_and_comes_back, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
