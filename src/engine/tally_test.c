/* Counting, and what is read from it: checks by their verdict, how near a bank's matches were, what it would have done
 * otherwise and where nobody knows, how often a member was right, and the time to a decision. */
#include "engine/insight.h"

#include "base/err.h"
#include "engine/local.h"
#include "engine/place_test.h"
#include "engine/tally_parts.h"
#include "os/clock.h"

#define DAY  STORE_DAY_MS
#define HOUR STORE_HOUR_MS

static struct insight_series read_series(struct place *place, int64_t from_ms, int64_t to_ms,
	enum insight_step step, struct arena *arena)
{
	struct insight_series series;
	must(insight_series(
		place->hilf, from_ms, to_ms, step, clock_now_ms(), arena, &series, &place->err));
	return series;
}

static uint64_t sum_of(struct place *place, enum tally tally)
{
	int64_t now_ms = clock_now_ms();
	struct arena arena;
	uint64_t sum = 0;
	arena_init(&arena, 0);
	struct insight_series series =
		read_series(place, now_ms - 2 * DAY, now_ms + DAY, INSIGHT_DAY, &arena);
	for (size_t i = 0; i < series.count; i++)
		sum += insight_of(&series, tally)[i];
	arena_clear(&arena);
	return sum;
}

static void flush(struct place *place)
{
	must(tally_flush(place->hilf, clock_now_ms(), &place->err));
}

static void check_one(struct place *place, const struct hilf_signal *signal)
{
	struct hilf_check check = match_one(place, NULL, signal);
	tally_check(place->hilf, &check, false);
	hilf_check_free(&check);
}

static struct insight_effect effect_of(
	struct place *place, const char *bank, const struct insight_ask *ask)
{
	struct insight_effect effect;
	must(insight_effect(place->hilf, bank, ask, clock_now_ms(), &effect, &place->err));
	return effect;
}

static void checks_are_counted_by_their_verdict(void **state)
{
	struct place *place = *state;
	uint64_t seed = 1;
	struct hilf_signal known = random_pdq(&seed), quiet = random_pdq(&seed),
			   other = random_pdq(&seed);
	must(hilf_bank_create(place->hilf, "loud", HILF_REVIEW, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "quiet", HILF_SHADOW, 31, NULL, &place->err));
	add_one(place, "loud", &known);
	add_one(place, "quiet", &quiet);
	check_one(place, &known);
	check_one(place, &quiet);
	check_one(place, &other);
	check_one(place, &other);
	struct hilf_check checks[2] = {
		match_one(place, NULL, &known), match_one(place, NULL, &other)};
	tally_lookups(place->hilf, checks, 2);
	hilf_check_free(&checks[0]);
	hilf_check_free(&checks[1]);
	assert_int_equal(sum_of(place, TALLY_CHECKS), 0);
	flush(place);
	assert_int_equal(sum_of(place, TALLY_CHECKS), 4);
	assert_int_equal(sum_of(place, TALLY_REVIEW), 1);
	assert_int_equal(sum_of(place, TALLY_NO_MATCH), 3);
	assert_int_equal(sum_of(place, TALLY_SHADOW), 1);
	assert_int_equal(sum_of(place, TALLY_LOOKUPS), 2);
	assert_int_equal(sum_of(place, TALLY_LOOKUP_HITS), 1);
	flush(place);
	assert_int_equal(sum_of(place, TALLY_CHECKS), 4);
}

static void what_was_counted_outlives_the_handle(void **state)
{
	struct place *place = *state;
	uint64_t totals[TALLY_COUNT];
	tally_add(place->hilf, TALLY_APPEALS, 3);
	reopen(place);
	assert_int_equal(sum_of(place, TALLY_APPEALS), 3);
	tally_add(place->hilf, TALLY_APPEALS, 1);
	flush(place);
	must(insight_totals(place->hilf, totals, &place->err));
	assert_int_equal(totals[TALLY_APPEALS], 4);
	assert_int_equal(totals[TALLY_CHECKS], 0);
}

static void an_effect_counts_a_content_once_by_its_nearest_entry(void **state)
{
	struct place *place = *state;
	uint64_t seed = 3;
	struct hilf_signal first = random_pdq(&seed), second = first, far = first,
			   digest = {HILF_SHA256, 32, HILF_QUALITY_UNKNOWN, {1, 2, 3}};
	struct insight_ask ask = {0};
	flip(&second, 10, &seed);
	flip(&far, 26, &seed);
	must(hilf_bank_create(place->hilf, "b", HILF_SHADOW, 31, NULL, &place->err));
	add_one(place, "b", &first);
	add_one(place, "b", &second);
	add_one(place, "b", &digest);
	check_one(place, &first);
	check_one(place, &far);
	check_one(place, &digest);
	flush(place);
	struct insight_effect effect = effect_of(place, "b", &ask);
	assert_int_equal(effect.checks, 3);
	assert_int_equal(effect.matches, 3);
	assert_int_equal(effect.digests, 1);
	assert_int_equal(effect.by_distance[0], 1);
	uint64_t near = 0;
	for (size_t i = 1; i <= HILF_PDQ_RADIUS_MAX; i++)
		near += effect.by_distance[i];
	assert_int_equal(near, 1);
	assert_int_equal(effect.now.shadow, 3);
	assert_int_equal(effect.would.shadow, 3);
	ask = (struct insight_ask){
		.set_mode = true, .mode = HILF_BLOCK, .set_radius = true, .pdq_radius = 0};
	effect = effect_of(place, "b", &ask);
	assert_int_equal(effect.would.block, 2);
	assert_int_equal(effect.would.review, 0);
	ask.pdq_radius = 48;
	effect = effect_of(place, "b", &ask);
	assert_int_equal(effect.would.block, 3);
	assert_int_equal(effect.known_radius, 31);
	assert_int_equal(effect.now.shadow, 3);
}

static void what_cannot_block_would_be_reviewed(void **state)
{
	struct place *place = *state;
	uint64_t seed = 4;
	struct hilf_signal plain = random_pdq(&seed), disputed = random_pdq(&seed);
	const struct insight_ask ask = {.set_mode = true, .mode = HILF_BLOCK};
	char entry[32];
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	add_one(place, "b", &plain);
	snprintf(entry, sizeof entry, "%llu", (unsigned long long)add_one(place, "b", &disputed));
	must(hilf_opinion_give(place->hilf, entry, HILF_DISPUTE, &place->err));
	check_one(place, &plain);
	check_one(place, &disputed);
	struct hilf_check check = match_one(place, NULL, &plain);
	tally_check(place->hilf, &check, true); /* of a file that could not be read whole */
	hilf_check_free(&check);
	flush(place);
	struct insight_effect effect = effect_of(place, "b", &ask);
	assert_int_equal(effect.now.review, 3);
	assert_int_equal(effect.would.block, 1);
	assert_int_equal(effect.would.review, 2);
	assert_int_equal(sum_of(place, TALLY_DISPUTES), 1);
}

static void a_threshold_that_was_narrower_is_all_that_is_known(void **state)
{
	struct place *place = *state;
	struct hilf_bank_change change = {.set_pdq_radius = true, .pdq_radius = 12};
	const struct insight_ask ask = {0};
	struct hilf_bank bank;
	must(hilf_bank_create(place->hilf, "b", HILF_SHADOW, 48, &bank, &place->err));
	assert_int_equal(effect_of(place, "b", &ask).known_radius, 48);
	must(hilf_bank_set(place->hilf, "b", &change, &bank, &place->err));
	assert_int_equal(effect_of(place, "b", &ask).known_radius, 12);
	change.pdq_radius = 48;
	must(hilf_bank_set(place->hilf, "b", &change, &bank, &place->err));
	assert_int_equal(effect_of(place, "b", &ask).known_radius, 12);
	/* A week later it is forgotten. */
	struct insight_effect effect;
	must(insight_effect(
		place->hilf, "b", &ask, clock_now_ms() + 8 * DAY, &effect, &place->err));
	assert_int_equal(effect.known_radius, 48);
}

static void an_effect_that_cannot_be_is_refused(void **state)
{
	struct place *place = *state;
	struct insight_ask ask = {.set_radius = true, .pdq_radius = 49};
	struct insight_effect effect;
	must(hilf_bank_create(place->hilf, "b", HILF_SHADOW, 31, NULL, &place->err));
	assert_int_equal(
		insight_effect(place->hilf, "b", &ask, 1, &effect, &place->err), HILF_E_INVALID);
	ask = (struct insight_ask){.set_mode = true, .mode = (enum hilf_mode)3};
	assert_int_equal(
		insight_effect(place->hilf, "b", &ask, 1, &effect, &place->err), HILF_E_INVALID);
	ask = (struct insight_ask){0};
	assert_int_equal(insight_effect(place->hilf, "none", &ask, 1, &effect, &place->err),
		HILF_E_NOT_FOUND);
	must(insight_effect(place->hilf, "b", &ask, 1, &effect, &place->err));
}

/* ------------------------------------------------------------------------------------------ series */

struct made {
	uint8_t member[UUID_SIZE];
	unsigned count, acted, fell; /* fell: contents, of two to a decision */
	int64_t took_ms;
};

static int decide(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct made *made = ctx;
	int rc = 0;
	for (unsigned i = 0; i < made->count && !rc; i++)
		rc = tally_decided(hilf, made->member, 2, i < made->acted ? 2 : 0, clock_now_ms(),
			made->took_ms, err);
	return rc ? rc : tally_fell(hilf, made->member, made->fell, clock_now_ms(), err);
}

static int decide_and_fail(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	int rc = decide(hilf, ctx, err);
	return rc ? rc : err_set(err, HILF_E_INVALID, "taken back");
}

static int take_source(const struct insight_source *source, void *ctx)
{
	struct insight_source *to = ctx;
	to[source->member[1] - '0'] = *source;
	return 0;
}

static void a_source_is_judged_by_what_stood(void **state)
{
	struct place *place = *state;
	struct insight_source found[8] = {{{0}}};
	struct made made = {{0x01}, 20, 15, 5, 90000}, few = {{0x02}, 9, 9, 0, 90000};
	must(local_submit(place->hilf, decide, &made, &place->err));
	must(local_submit(place->hilf, decide, &few, &place->err));
	assert_int_equal(
		local_submit(place->hilf, decide_and_fail, &few, &place->err), HILF_E_INVALID);
	must(insight_sources(place->hilf, take_source, found, &place->err));
	assert_int_equal(found[1].decisions, 20);
	assert_int_equal(found[1].decided, 40);
	assert_int_equal(found[1].upheld, 25);
	assert_int_equal(found[1].precision_ppm, 625000);
	assert_false(found[1].own);
	/* Many contents do not make up for few decisions. */
	assert_int_equal(found[2].decided, 18);
	assert_int_equal(found[2].precision_ppm, -1);
	assert_int_equal(sum_of(place, TALLY_DECISIONS), 29);
}

static uint64_t median_now(struct place *place)
{
	struct arena arena;
	uint64_t median;
	int64_t now_ms = clock_now_ms();
	arena_init(&arena, 0);
	struct insight_series series = read_series(place, now_ms, now_ms + 1, INSIGHT_DAY, &arena);
	median = series.took_s[0];
	arena_clear(&arena);
	return median;
}

static void the_time_to_a_decision_is_a_median(void **state)
{
	struct place *place = *state;
	struct made quick = {{1}, 5, 5, 0, 20000}, slow = {{1}, 4, 4, 0, 40ll * DAY};
	assert_true(median_now(place) == INSIGHT_UNKNOWN);
	must(local_submit(place->hilf, decide, &quick, &place->err));
	uint64_t median = median_now(place);
	assert_in_range(median, 15, 30);
	must(local_submit(place->hilf, decide, &slow, &place->err));
	assert_in_range(median_now(place), 15, 30);
	must(local_submit(place->hilf, decide, &slow, &place->err));
	assert_int_equal(median_now(place), 30 * 86400);
}

static void a_series_is_aligned_and_has_no_holes(void **state)
{
	struct place *place = *state;
	struct insight_series series;
	struct arena arena;
	int64_t now_ms = clock_now_ms(), today_ms = now_ms - now_ms % DAY;
	arena_init(&arena, 0);
	for (int hour = -30; hour <= 0; hour += 10) {
		tally_add(place->hilf, TALLY_CHECKS, 1);
		must(tally_flush(place->hilf, today_ms + hour * HOUR, &place->err));
	}
	must(insight_series(place->hilf, today_ms - 30 * HOUR + 5, today_ms + 1, INSIGHT_HOUR,
		now_ms, &arena, &series, &place->err));
	assert_int_equal(series.count, 31);
	assert_true(series.from_ms == today_ms - 30 * HOUR);
	for (size_t i = 0; i < series.count; i++) {
		assert_int_equal(insight_of(&series, TALLY_CHECKS)[i], i % 10 == 0);
		assert_true(insight_of(&series, TALLY_GAUGE_QUEUE)[i] == INSIGHT_UNKNOWN);
	}
	must(insight_series(place->hilf, today_ms - 2 * DAY, today_ms + DAY, INSIGHT_DAY, now_ms,
		&arena, &series, &place->err));
	assert_int_equal(series.count, 3);
	assert_int_equal(insight_of(&series, TALLY_CHECKS)[0], 1);
	assert_int_equal(insight_of(&series, TALLY_CHECKS)[1], 2);
	assert_int_equal(insight_of(&series, TALLY_CHECKS)[2], 1);
	arena_clear(&arena);
}

static void a_series_that_cannot_be_is_refused(void **state)
{
	struct place *place = *state;
	struct insight_series series;
	struct arena arena;
	const int64_t now_ms = 20000 * DAY;
	arena_init(&arena, 0);
	assert_int_equal(insight_series(place->hilf, 5, 5, INSIGHT_DAY, now_ms, &arena, &series,
				 &place->err),
		HILF_E_INVALID);
	assert_int_equal(insight_series(place->hilf, 0, 10001 * DAY, INSIGHT_DAY, now_ms, &arena,
				 &series, &place->err),
		HILF_E_LIMIT);
	assert_int_equal(insight_series(place->hilf, now_ms - 20 * DAY, now_ms, INSIGHT_HOUR,
				 now_ms, &arena, &series, &place->err),
		HILF_E_INVALID);
	assert_non_null(strstr(place->err.text, "step=day"));
	assert_int_equal(insight_series(place->hilf, 0, INT64_MAX, INSIGHT_DAY, now_ms, &arena,
				 &series, &place->err),
		HILF_E_LIMIT);
	must(insight_series(place->hilf, now_ms - 14 * DAY, now_ms, INSIGHT_HOUR, now_ms, &arena,
		&series, &place->err));
	must(insight_series(
		place->hilf, 0, 10000 * DAY, INSIGHT_DAY, now_ms, &arena, &series, &place->err));
	assert_int_equal(series.count, 10000);
	arena_clear(&arena);
}

static void gauges_are_looked_at_once_an_hour(void **state)
{
	struct place *place = *state;
	uint64_t seed = 9;
	struct hilf_signal signal = random_pdq(&seed);
	struct insight_series series;
	struct arena arena;
	int64_t now_ms = clock_now_ms();
	arena_init(&arena, 0);
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	must(tally_turn(place->hilf, now_ms - HOUR, &place->err));
	add_one(place, "b", &signal);
	must(tally_turn(place->hilf, now_ms, &place->err));
	signal = random_pdq(&seed);
	add_one(place, "b", &signal);
	must(tally_turn(place->hilf, now_ms, &place->err));
	must(insight_series(place->hilf, now_ms - HOUR, now_ms + 1, INSIGHT_HOUR, now_ms, &arena,
		&series, &place->err));
	assert_int_equal(insight_of(&series, TALLY_GAUGE_INDEX)[0], 0);
	assert_int_equal(insight_of(&series, TALLY_GAUGE_INDEX)[1], 1);
	assert_int_equal(insight_of(&series, TALLY_GAUGE_ENTRIES)[1], 1);
	assert_int_equal(insight_of(&series, TALLY_GAUGE_WAITING)[1], 0);
	arena_clear(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(checks_are_counted_by_their_verdict),
		TEST(what_was_counted_outlives_the_handle),
		TEST(an_effect_counts_a_content_once_by_its_nearest_entry),
		TEST(what_cannot_block_would_be_reviewed),
		TEST(a_threshold_that_was_narrower_is_all_that_is_known),
		TEST(an_effect_that_cannot_be_is_refused),
		TEST(a_source_is_judged_by_what_stood),
		TEST(the_time_to_a_decision_is_a_median),
		TEST(a_series_is_aligned_and_has_no_holes),
		TEST(a_series_that_cannot_be_is_refused),
		TEST(gauges_are_looked_at_once_an_hour),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
