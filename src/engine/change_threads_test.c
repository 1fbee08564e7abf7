/* Readers match while a writer changes, disputes and renames what they find: each answer is of some moment, and nothing
 * is read half-changed. */
#include "engine/place_test.h"
#include "os/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define READERS 3
#define ROUNDS  60

struct shared {
	struct place *place;
	atomic_bool stop;
	atomic_uint answers;
};

static struct hilf_signal value_of(uint64_t number)
{
	uint64_t seed = number * 0x9e3779b97f4a7c15u + 5;
	return random_pdq(&seed);
}

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

static void *read_on(void *ctx)
{
	static const char *const classes[] = {"unclassified", "threat", "incitement", NULL};
	static const char *const banks[] = {"b", "c", NULL};
	struct shared *shared = ctx;
	while (!atomic_load(&shared->stop)) {
		struct hilf_signal signal = value_of(atomic_fetch_add(&shared->answers, 1) % 4);
		struct hilf_check check;
		struct hilf_err err;
		if (hilf_match_signals(shared->place->hilf, NULL, &signal, 1, &check, &err) != 0)
			abort();
		for (size_t i = 0; i < check.match_count; i++) {
			const struct hilf_match *match = &check.matches[i];
			if (!is_one_of(match->content_class, classes) ||
				!is_one_of(match->bank, banks) || match->label_count > 1 ||
				(match->label_count && strcmp(match->labels[0].key, "round") != 0))
				abort();
		}
		hilf_check_free(&check);
	}
	return NULL;
}

static void change_on(struct place *place)
{
	static const char *const classes[] = {"threat", "incitement"};
	const char *name = "b";
	const int64_t end_ms = clock_now_ms() + 300ll * 24 * 3600 * 1000;
	for (int round = 0; round < ROUNDS; round++) {
		char entry[16], text[16];
		snprintf(entry, sizeof entry, "%d", 1 + round % 4);
		snprintf(text, sizeof text, "%d", round);
		const struct hilf_label label = {"round", text};
		const struct hilf_entry_change change = {.content_class = classes[round % 2],
			.set_labels = true,
			.labels = &label,
			.label_count = 1,
			.expires_ms = round % 5 == 4 ? end_ms - round : 0};
		const char *fresh = strcmp(name, "b") == 0 ? "c" : "b";
		const struct hilf_bank_change renames = {.name = fresh};
		struct hilf_signal signal = value_of((uint64_t)round % 4);
		must(hilf_entry_set(place->hilf, entry, &change, &place->err));
		must(hilf_opinion_give(place->hilf, entry,
			round % 3 ? HILF_DISPUTE : HILF_OPINION_NONE, &place->err));
		must(hilf_bank_set(place->hilf, name, &renames, NULL, &place->err));
		name = fresh;
		struct hilf_check check = match_one(place, NULL, &signal);
		assert_int_equal(check.match_count, 1);
		assert_string_equal(check.matches[0].content_class, classes[round % 2]);
		assert_string_equal(check.matches[0].labels[0].value, text);
		assert_string_equal(check.matches[0].bank, name);
		assert_int_equal(check.matches[0].disputed, round % 3 != 0);
		assert_int_equal(
			check.verdict, round % 3 ? HILF_VERDICT_REVIEW : HILF_VERDICT_BLOCK);
		hilf_check_free(&check);
	}
}

static void readers_see_what_was_or_what_is(void **state)
{
	struct place *place = *state;
	struct shared shared = {.place = place};
	pthread_t readers[READERS];
	must(hilf_bank_create(place->hilf, "b", HILF_BLOCK, 31, NULL, &place->err));
	for (uint64_t i = 0; i < 4; i++) {
		struct hilf_signal signal = value_of(i);
		add_one(place, "b", &signal);
	}
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_on, &shared), 0);
	change_on(place);
	while (!atomic_load(&shared.answers))
		usleep(1000);
	atomic_store(&shared.stop, true);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_join(readers[i], NULL), 0);
	assert_true(atomic_load(&shared.answers) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(readers_see_what_was_or_what_is, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
