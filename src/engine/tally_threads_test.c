/* Counting from many threads while others store what was counted: each count is stored once. Made for ThreadSanitizer. */
#include "engine/insight.h"
#include "engine/place_test.h"
#include "os/clock.h"

#include <pthread.h>
#include <stdatomic.h>

#define COUNTERS 4
#define FLUSHERS 2
#define ROUNDS   2000
#define BANKS    3

static struct {
	struct place *place;
	struct hilf_signal signals[BANKS];
	_Atomic unsigned failures;
	_Atomic bool stop;
} all;

static void *count(void *ctx)
{
	struct hilf_err err;
	(void)ctx;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct hilf_check check;
		tally_add(all.place->hilf, TALLY_APPEALS, 2);
		if (i % 20)
			continue;
		if (hilf_match_signals(all.place->hilf, NULL, &all.signals[i / 20 % BANKS], 1,
			    &check, &err) != 0) {
			all.failures++;
			continue;
		}
		tally_check(all.place->hilf, &check, false);
		hilf_check_free(&check);
	}
	return NULL;
}

static void *flush(void *ctx)
{
	struct hilf_err err;
	(void)ctx;
	while (!all.stop)
		if (tally_turn(all.place->hilf, clock_now_ms(), &err) != 0)
			all.failures++;
	return NULL;
}

static void each_count_is_stored_once(void **state)
{
	struct place *place = *state;
	pthread_t counters[COUNTERS], flushers[FLUSHERS];
	uint64_t totals[TALLY_COUNT], matches = 0, seed = 1;
	const struct insight_ask ask = {0};
	all.place = place;
	for (unsigned i = 0; i < BANKS; i++) {
		char name[8];
		snprintf(name, sizeof name, "b%u", i);
		must(hilf_bank_create(place->hilf, name, HILF_REVIEW, 31, NULL, &place->err));
		all.signals[i] = random_pdq(&seed);
		add_one(place, name, &all.signals[i]);
	}
	for (size_t i = 0; i < FLUSHERS; i++)
		assert_int_equal(pthread_create(&flushers[i], NULL, flush, NULL), 0);
	for (size_t i = 0; i < COUNTERS; i++)
		assert_int_equal(pthread_create(&counters[i], NULL, count, NULL), 0);
	for (size_t i = 0; i < COUNTERS; i++)
		pthread_join(counters[i], NULL);
	all.stop = true;
	for (size_t i = 0; i < FLUSHERS; i++)
		pthread_join(flushers[i], NULL);
	assert_int_equal(all.failures, 0);
	must(tally_flush(place->hilf, clock_now_ms(), &place->err));
	must(insight_totals(place->hilf, totals, &place->err));
	assert_int_equal(totals[TALLY_APPEALS], 2 * COUNTERS * ROUNDS);
	assert_int_equal(totals[TALLY_CHECKS], COUNTERS * ROUNDS / 20);
	assert_int_equal(totals[TALLY_REVIEW], COUNTERS * ROUNDS / 20);
	for (unsigned i = 0; i < BANKS; i++) {
		struct insight_effect effect;
		char name[8];
		snprintf(name, sizeof name, "b%u", i);
		must(insight_effect(place->hilf, name, &ask, clock_now_ms(), &effect, &place->err));
		assert_int_equal(effect.now.review, effect.matches);
		matches += effect.matches;
	}
	assert_int_equal(matches, COUNTERS * ROUNDS / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_count_is_stored_once, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
