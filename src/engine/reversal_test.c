/* What is told when something that a check rests on ends: exactly the contents that rested on it, once. */
#include "engine/scene_test.h"

#include "os/clock.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

/* near: rests on 0 and 1; far: on 2; c4, a block without an id, on 2 as well. */
static void record_three(struct place *place, const struct scene *scene)
{
	match_and_record(place, "near", &scene->signals[0]);
	match_and_record(place, "far", &scene->signals[2]);
	match_and_record(place, NULL, &scene->signals[2]);
}

static void check_far_is_reversed(struct place *place, const char *reason, const char *now)
{
	char line[100];
	struct told told = told_so_far(place);
	snprintf(line, sizeof line, "far block->%s %s", now, reason);
	assert_int_equal(told.count, 2);
	assert_true(is_told(&told, line));
	snprintf(line, sizeof line, " block->%s %s", now, reason);
	assert_true(is_told(&told, line));
	assert_int_equal(told.restored, 2);
	assert_int_equal(told.events, 1);
	assert_true(rows_of(place, "far").last.reversed_ms > 0);
	assert_int_equal(rows_of(place, "near").last.reversed_ms, 0);
	/* No sweep tells it again, and neither does one after a restart. */
	for (int i = 0; i < 2; i++) {
		bool more;
		must(checks_sweep_expired(place->hilf, 10, &more, &place->err));
		assert_false(more);
		must(checks_sweep_withdrawn(place->hilf, 10, &more, &place->err));
		assert_false(more);
		reopen(place);
	}
	assert_int_equal(told_so_far(place).count, 2);
}

static void a_withdrawal_tells_what_rested_on_the_entry(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	record_three(place, &scene);
	must(hilf_withdraw(place->hilf, scene.numbers[2], "appeal: a news report", &place->err));
	check_far_is_reversed(place, "appeal", "no_match");
}

static void a_mute_tells_what_rested_on_the_entry(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	record_three(place, &scene);
	must(hilf_entry_mute(place->hilf, scene.numbers[2], clock_now_ms() + 1000000, &place->err));
	check_far_is_reversed(place, "muted", "no_match");
}

static void a_dispute_leaves_a_review(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	record_three(place, &scene);
	must(hilf_opinion_give(place->hilf, scene.numbers[2], HILF_DISPUTE, &place->err));
	check_far_is_reversed(place, "disputed", "review");
	/* And when it is withdrawn after that, from review to nothing. */
	must(hilf_withdraw(place->hilf, scene.numbers[2], "dispute", &place->err));
	struct told told = told_so_far(place);
	assert_int_equal(told.count, 4);
	assert_true(is_told(&told, "far review->no_match dispute"));
}

static void an_expiry_tells_what_rested_on_the_entry(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	bool more = true;
	record_three(place, &scene);
	must(checks_sweep_expired(place->hilf, 10, &more, &place->err));
	assert_false(more);
	assert_int_equal(told_so_far(place).count, 0);
	/* It comes closer, and then is there. */
	const struct hilf_entry_change change = {.expires_ms = clock_now_ms() + 60};
	must(hilf_entry_set(place->hilf, scene.numbers[2], &change, &place->err));
	uint64_t told = told_so_far(place).count;
	if (clock_now_ms() < change.expires_ms) /* else the machine stood still */
		assert_int_equal(told, 0);
	while (clock_now_ms() <= change.expires_ms)
		usleep(5000);
	must(checks_sweep_expired(place->hilf, 10, &more, &place->err));
	check_far_is_reversed(place, "expired", "no_match");
}

static void an_expiry_at_once_tells_as_well(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	record_three(place, &scene);
	const struct hilf_entry_change change = {.expires_ms = 1000};
	must(hilf_entry_set(place->hilf, scene.numbers[2], &change, &place->err));
	check_far_is_reversed(place, "expired", "no_match");
}

static void a_bank_that_goes_tells_everything_that_rested_on_it(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	record_three(place, &scene);
	must(hilf_bank_remove(place->hilf, "b", &place->err));
	struct told told = told_so_far(place);
	assert_int_equal(told.restored, 3);
	assert_true(is_told(&told, "far block->no_match bank_removed"));
	/* near rested on two entries, which went one after the other. */
	assert_true(is_told(&told, "near block->no_match bank_removed") ||
		    is_told(&told, "near block->block bank_removed"));
	assert_true(rows_of(place, "near").last.reversed_ms > 0);
}

static void an_erasure_tells_what_rested_on_the_entry(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	uint64_t count;
	record_three(place, &scene);
	must(hilf_entry_erase(place->hilf, scene.numbers[2], "court", &count, &place->err));
	struct told told = told_so_far(place);
	assert_int_equal(told.count, 2);
	assert_int_equal(told.restored, 2);
}

static void a_content_that_rests_on_two_entries_stands_until_both_are_gone(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	record_three(place, &scene);
	must(hilf_withdraw(place->hilf, scene.numbers[0], "error", &place->err));
	struct told told = told_so_far(place);
	assert_int_equal(told.count, 1);
	assert_true(is_told(&told, "near block->block error"));
	assert_int_equal(told.restored, 0);
	assert_int_equal(rows_of(place, "near").last.reversed_ms, 0);
	must(hilf_withdraw(place->hilf, scene.numbers[1], "error", &place->err));
	told = told_so_far(place);
	assert_int_equal(told.count, 2);
	assert_true(is_told(&told, "near block->no_match error"));
	assert_int_equal(told.restored, 1);
	/* The content is checked anew, and what it was is no decision to repeat. */
	struct hilf_check check = match_one(place, NULL, &scene.signals[0]);
	assert_int_equal(check.verdict, HILF_NO_MATCH);
	hilf_check_free(&check);
}

static void what_only_a_person_would_have_looked_at_does_not_rest_beside_a_block(void **state)
{
	struct place *place = *state;
	uint64_t seed = 11;
	struct hilf_signal signal = random_pdq(&seed);
	char number[24];
	subscribe(place);
	must(hilf_bank_create(place->hilf, "stop", HILF_BLOCK, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "look", HILF_REVIEW, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "quiet", HILF_SHADOW, 31, NULL, &place->err));
	uint64_t stop = add_one(place, "stop", &signal), look = add_one(place, "look", &signal),
		 quiet = add_one(place, "quiet", &signal);
	match_and_record(place, "c", &signal);
	snprintf(number, sizeof number, "%llu", (unsigned long long)quiet);
	must(hilf_withdraw(place->hilf, number, "error", &place->err));
	snprintf(number, sizeof number, "%llu", (unsigned long long)look);
	must(hilf_withdraw(place->hilf, number, "error", &place->err));
	assert_int_equal(told_so_far(place).count, 0);
	snprintf(number, sizeof number, "%llu", (unsigned long long)stop);
	must(hilf_withdraw(place->hilf, number, "error", &place->err));
	struct told told = told_so_far(place);
	assert_int_equal(told.count, 1);
	assert_true(is_told(&told, "c block->no_match error"));
}

static void a_block_falls_to_the_review_that_another_entry_asks_for(void **state)
{
	struct place *place = *state;
	uint64_t seed = 12;
	struct hilf_signal signal = random_pdq(&seed);
	char number[24];
	subscribe(place);
	must(hilf_bank_create(place->hilf, "stop", HILF_BLOCK, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "look", HILF_REVIEW, 31, NULL, &place->err));
	uint64_t stop = add_one(place, "stop", &signal), look = add_one(place, "look", &signal);
	match_and_record(place, "c", &signal);
	snprintf(number, sizeof number, "%llu", (unsigned long long)stop);
	must(hilf_withdraw(place->hilf, number, "court", &place->err));
	struct told told = told_so_far(place);
	assert_int_equal(told.count, 1);
	assert_true(is_told(&told, "c block->review court"));
	assert_int_equal(told.restored, 1);
	snprintf(number, sizeof number, "%llu", (unsigned long long)look);
	must(hilf_withdraw(place->hilf, number, "court", &place->err));
	told = told_so_far(place);
	assert_int_equal(told.count, 2);
	assert_true(is_told(&told, "c review->no_match court"));
}

static void an_entry_that_ended_before_the_check_was_recorded_is_told_at_once(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	struct hilf_check check = match_one(place, NULL, &scene.signals[2]);
	struct arena arena;
	arena_init(&arena, 0);
	must(hilf_withdraw(place->hilf, scene.numbers[2], "error", &place->err));
	record(place, "late", &check, &arena);
	struct told told = told_so_far(place);
	assert_int_equal(told.count, 1);
	assert_true(is_told(&told, "late block->no_match other"));
	assert_true(rows_of(place, "late").last.reversed_ms > 0);
	arena_clear(&arena);
	hilf_check_free(&check);
}

static void many_contents_are_told_in_parts(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_REVIEW);
	struct hilf_check check = match_one(place, NULL, &scene.signals[2]);
	struct arena arena;
	char id[32];
	arena_init(&arena, 0);
	for (int i = 0; i < 1001; i++) {
		snprintf(id, sizeof id, "content %d", i);
		record(place, id, &check, &arena);
		arena_clear(&arena);
	}
	must(hilf_withdraw(place->hilf, scene.numbers[2], "error", &place->err));
	struct told told = told_so_far(place);
	assert_int_equal(told.events, 2);
	assert_int_equal(told.parts, 2);
	assert_int_equal(told.count, 1001);
	hilf_check_free(&check);
}

/* ------------------------------------------------------------------------------------------ kill -9 */

/* Records contents and says each that is durable, until it is killed. */
static void record_until_killed(struct place *place, int pipe_fd)
{
	struct hilf_err err;
	hilf_close(
		place->hilf); /* the parent's is of no use here; this one ends with the process */
	const struct hilf_options options = {.abi = HILF_ABI,
		.data_dir = place->dir,
		.helper_dir = place->helpers,
		.activity = "test"};
	if (hilf_open(&options, &place->hilf, &err) != 0)
		_exit(3);
	uint64_t seed = 7;
	random_pdq(&seed);
	struct hilf_signal signal = random_pdq(&seed);
	(void)signal;
	for (uint32_t i = 0;; i++) {
		struct hilf_check check;
		struct check_decision decision;
		struct arena arena;
		char id[32];
		struct hilf_signal asked = *(struct hilf_signal *)place->err.text;
		snprintf(id, sizeof id, "k%u", i);
		const struct check_context context = {.content_id = id};
		arena_init(&arena, 0);
		if (hilf_match_signals(place->hilf, NULL, &asked, 1, &check, &err) != 0 ||
			check_record(place->hilf, &context, &check, &arena, &decision, &err) != 0)
			_exit(4);
		hilf_check_free(&check);
		arena_clear(&arena);
		if (write(pipe_fd, &i, sizeof i) != sizeof i)
			_exit(5);
	}
}

static void nothing_acknowledged_is_lost_by_a_kill(void **state)
{
	struct place *place = *state;
	struct scene scene = make_scene(place, HILF_BLOCK);
	int ends[2], status;
	uint32_t last = 0, count = 0, number;
	assert_int_equal(pipe(ends), 0);
	/* A handle does not survive fork: closed here, opened on both sides. */
	hilf_close(place->hilf);
	place->hilf = NULL;
	memcpy(place->err.text, &scene.signals[2], sizeof scene.signals[2]);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ends[0]);
		record_until_killed(place, ends[1]);
	}
	close(ends[1]);
	while (read(ends[0], &number, sizeof number) == sizeof number) {
		last = number;
		if (++count == 40)
			kill(child, SIGKILL);
	}
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	reopen(place);
	must(hilf_withdraw(place->hilf, scene.numbers[2], "error", &place->err));
	struct told told = told_so_far(place);
	/* One more may have become durable without anybody hearing of it. */
	assert_true(told.count >= count && told.count <= count + 1);
	for (uint32_t i = 0; i <= last && i < TOLD_MAX; i++) {
		char line[64];
		snprintf(line, sizeof line, "k%u block->no_match error", i);
		assert_true(is_told(&told, line));
	}
}
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_withdrawal_tells_what_rested_on_the_entry),
		TEST(a_mute_tells_what_rested_on_the_entry),
		TEST(a_dispute_leaves_a_review),
		TEST(an_expiry_tells_what_rested_on_the_entry),
		TEST(an_expiry_at_once_tells_as_well),
		TEST(a_bank_that_goes_tells_everything_that_rested_on_it),
		TEST(an_erasure_tells_what_rested_on_the_entry),
		TEST(a_content_that_rests_on_two_entries_stands_until_both_are_gone),
		TEST(what_only_a_person_would_have_looked_at_does_not_rest_beside_a_block),
		TEST(a_block_falls_to_the_review_that_another_entry_asks_for),
		TEST(an_entry_that_ended_before_the_check_was_recorded_is_told_at_once),
		TEST(many_contents_are_told_in_parts),
		TEST(nothing_acknowledged_is_lost_by_a_kill),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
