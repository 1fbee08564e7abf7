/* Looking back: what was checked before an entry came is recognised when it comes, once, and nothing that was forgotten. */
#include "engine/checks.h"

#include "engine/hooks.h"
#include "engine/kept.h"
#include "engine/place_test.h"
#include "os/clock.h"

#include <sqlite3.h>

/* ------------------------------------------------------------------------------------------ what is told */

struct told {
	unsigned events;
	char contents[4000];
};

static int take_event(const struct delivery *delivery, void *ctx)
{
	struct told *told = ctx;
	static const char key[] = "\"content_id\":\"";
	if (strcmp(delivery->event, "content.recognised") != 0)
		return 0;
	told->events++;
	for (const char *at = delivery->body; (at = strstr(at, key));) {
		at += sizeof key - 1;
		size_t size = strcspn(at, "\"");
		snprintf(told->contents + strlen(told->contents),
			sizeof told->contents - strlen(told->contents), "%.*s ", (int)size, at);
	}
	return 0;
}

static struct told told_so_far(struct place *place)
{
	struct told told = {0};
	must(deliveries_page(place->hilf, NULL, false, 0, 1000, take_event, &told, &place->err));
	return told;
}

static void subscribe(struct place *place)
{
	static const char *const events[] = {"content.recognised"};
	const struct hook_info info = {.url = "https://hooks.example/",
		.events = events,
		.event_count = 1,
		.enabled = true};
	must(hook_create(place->hilf, &info, NULL, &place->err));
}

static struct lookback *open_lookback(struct place *place, uint64_t max_count)
{
	struct lookback *lookback;
	must(lookback_open(place->hilf, 7, max_count, &lookback, &place->err));
	return lookback;
}

static void turn(struct place *place, struct lookback *lookback)
{
	bool more = true;
	while (more)
		must(lookback_turn(lookback, &more, &place->err));
}

static void note(
	struct lookback *lookback, const char *content_id, const struct hilf_signal *signal)
{
	const struct check_context context = {.content_id = content_id};
	lookback_note(lookback, &context, signal, 1);
}

static void begin(struct place *place)
{
	subscribe(place);
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "quiet", HILF_SHADOW, 31, NULL, &place->err));
}

static void older_content_is_recognised_when_an_entry_comes(void **state)
{
	struct place *place = *state;
	uint64_t seed = 1;
	struct hilf_signal one = random_pdq(&seed), near = one, other = random_pdq(&seed),
			   digest = {HILF_SHA256, 32, HILF_QUALITY_UNKNOWN, {1, 2, 3}};
	flip(&near, 20, &seed);
	begin(place);
	struct lookback *lookback = open_lookback(place, 1000);
	turn(place, lookback);
	note(lookback, "near", &near);
	note(lookback, "other", &other);
	note(lookback, "file", &digest);
	assert_int_equal(lookback_count(lookback), 3);
	turn(place, lookback);
	assert_int_equal(told_so_far(place).events, 0);
	add_one(place, "quiet", &one); /* a bank in shadow tells nothing */
	turn(place, lookback);
	assert_int_equal(told_so_far(place).events, 0);
	add_one(place, "b", &one);
	turn(place, lookback);
	struct told told = told_so_far(place);
	assert_int_equal(told.events, 1);
	assert_string_equal(told.contents, "near ");
	add_one(place, "b", &digest);
	turn(place, lookback);
	turn(place, lookback);
	told = told_so_far(place);
	assert_int_equal(told.events, 2);
	assert_non_null(strstr(told.contents, "file "));
	lookback_close(lookback);
}

static void it_outlives_a_restart_and_sees_what_came_meanwhile(void **state)
{
	struct place *place = *state;
	uint64_t seed = 2;
	struct hilf_signal one = random_pdq(&seed), two = random_pdq(&seed);
	begin(place);
	struct lookback *lookback = open_lookback(place, 1000);
	note(lookback, "c1", &one);
	note(lookback, "c2", &two);
	turn(place, lookback);
	lookback_close(lookback);
	reopen(place);
	add_one(place, "b", &one);
	lookback = open_lookback(place, 1000);
	assert_int_equal(lookback_count(lookback), 2);
	turn(place, lookback);
	assert_string_equal(told_so_far(place).contents, "c1 ");
	lookback_close(lookback);
	reopen(place);
	lookback = open_lookback(place, 1000);
	turn(place, lookback);
	assert_int_equal(told_so_far(place).events, 1);
	add_one(place, "b", &two);
	turn(place, lookback);
	assert_int_equal(told_so_far(place).events, 2);
	lookback_close(lookback);
}

static void a_note_that_comes_after_the_entry_was_compared_is_recognised_too(void **state)
{
	struct place *place = *state;
	uint64_t seed = 3;
	struct hilf_signal one = random_pdq(&seed);
	begin(place);
	struct lookback *lookback = open_lookback(place, 1000);
	turn(place, lookback);
	add_one(place, "b", &one);
	turn(place, lookback);
	note(lookback, "late", &one); /* it was matched before, and notes now */
	turn(place, lookback);
	assert_string_equal(told_so_far(place).contents, "late ");
	turn(place, lookback);
	assert_int_equal(told_so_far(place).events, 1);
	lookback_close(lookback);
}

static void what_its_own_check_found_is_not_told(void **state)
{
	struct place *place = *state;
	uint64_t seed = 4;
	struct hilf_signal one = random_pdq(&seed);
	struct check_decision decision;
	struct arena arena;
	begin(place);
	struct lookback *lookback = open_lookback(place, 1000);
	turn(place, lookback);
	add_one(place, "b", &one);
	struct hilf_check check = match_one(place, NULL, &one);
	const struct check_context context = {.content_id = "known"};
	arena_init(&arena, 0);
	must(check_record(place->hilf, &context, &check, &arena, &decision, &place->err));
	note(lookback, "known", &one);
	turn(place, lookback);
	turn(place, lookback);
	assert_int_equal(told_so_far(place).events, 0);
	arena_clear(&arena);
	hilf_check_free(&check);
	lookback_close(lookback);
}

static void private_and_nameless_content_is_never_kept(void **state)
{
	struct place *place = *state;
	uint64_t seed = 5;
	struct hilf_signal one = random_pdq(&seed), flat = {HILF_PDQ, 32, 0, {0}};
	const struct check_context hidden = {.content_id = "p", .surface = SURFACE_PRIVATE},
				   nameless = {.content_id = ""}, named = {.content_id = "n"};
	begin(place);
	struct lookback *lookback = open_lookback(place, 1000);
	lookback_note(lookback, &hidden, &one, 1);
	lookback_note(lookback, &nameless, &one, 1);
	lookback_note(lookback, &named, &flat, 1);
	lookback_note(lookback, &named, &one, 0);
	lookback_note(NULL, &named, &one, 1);
	assert_int_equal(lookback_count(lookback), 0);
	turn(place, lookback);
	add_one(place, "b", &one);
	turn(place, lookback);
	assert_int_equal(told_so_far(place).events, 0);
	lookback_close(lookback);
}

static uint64_t rows(struct place *place)
{
	char path[300];
	sqlite3 *db;
	sqlite3_stmt *statement;
	snprintf(path, sizeof path, "%s/hilf.db", place->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db, "SELECT count(*) FROM l_lookback", -1, &statement, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	uint64_t count = (uint64_t)sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return count;
}

static void the_oldest_go_when_there_are_too_many(void **state)
{
	struct place *place = *state;
	uint64_t seed = 6;
	struct hilf_signal signals[10];
	char id[16];
	begin(place);
	struct lookback *lookback = open_lookback(place, 4);
	for (int i = 0; i < 10; i++) {
		signals[i] = random_pdq(&seed);
		snprintf(id, sizeof id, "c%d", i);
		note(lookback, id, &signals[i]);
		if (i % 3 == 0)
			turn(place, lookback);
	}
	note(lookback, "c9", &signals[9]); /* again: once */
	turn(place, lookback);
	assert_int_equal(lookback_count(lookback), 4);
	assert_int_equal(rows(place), 4);
	add_one(place, "b", &signals[5]);
	turn(place, lookback);
	assert_int_equal(told_so_far(place).events, 0);
	add_one(place, "b", &signals[6]);
	turn(place, lookback);
	assert_string_equal(told_so_far(place).contents, "c6 ");
	lookback_close(lookback);
	lookback = open_lookback(place, 2);
	assert_int_equal(lookback_count(lookback), 2);
	turn(place, lookback);
	assert_int_equal(rows(place), 2);
	lookback_close(lookback);
}

static void what_is_erased_is_gone_without_a_trace(void **state)
{
	struct place *place = *state;
	uint64_t seed = 7, count;
	struct hilf_signal one = random_pdq(&seed), two = random_pdq(&seed);
	begin(place);
	struct lookback *lookback = open_lookback(place, 1000);
	note(lookback, "stored-content-one", &one);
	turn(place, lookback);
	note(lookback, "noted-content-two", &two);
	must(lookback_erase(lookback, "noted-content-two", &count, &place->err));
	assert_int_equal(count, 1);
	must(lookback_erase(lookback, "stored-content-one", &count, &place->err));
	assert_int_equal(count, 1);
	must(lookback_erase(lookback, "stored-content-one", &count, &place->err));
	assert_int_equal(count, 0);
	turn(place, lookback);
	assert_int_equal(rows(place), 0);
	char command[700];
	snprintf(command, sizeof command, "grep -rqs -e stored-content -e noted-content '%s'",
		place->dir);
	assert_int_not_equal(system(command), 0);
	add_one(place, "b", &one);
	add_one(place, "b", &two);
	turn(place, lookback);
	assert_int_equal(told_so_far(place).events, 0);
	note(lookback, "a", &one);
	turn(place, lookback);
	note(lookback, "b", &two);
	must(lookback_erase(lookback, NULL, &count, &place->err));
	assert_int_equal(lookback_count(lookback), 0);
	assert_int_equal(rows(place), 0);
	lookback_close(lookback);
}

static void what_is_noted_when_an_entry_is_erased_does_not_bring_it_back(void **state)
{
	struct place *place = *state;
	uint64_t seed = 8, count;
	struct hilf_signal one = random_pdq(&seed), two = random_pdq(&seed);
	char text[24];
	begin(place);
	struct lookback *lookback = open_lookback(place, 1000);
	snprintf(text, sizeof text, "%llu", (unsigned long long)add_one(place, "b", &one));
	note(lookback, "stored", &one);
	turn(place, lookback);
	note(lookback, "noted", &one);
	must(hilf_entry_erase(place->hilf, text, "court", &count, &place->err));
	turn(place, lookback);
	assert_int_equal(rows(place), 0);
	int64_t now_ms = clock_now_ms();
	while (clock_now_ms() == now_ms)
		continue;
	note(lookback, "later", &two);
	turn(place, lookback);
	assert_int_equal(rows(place), 1);
	lookback_close(lookback);
}

static void it_is_asked_for_within_bounds(void **state)
{
	struct place *place = *state;
	struct lookback *lookback = NULL;
	assert_int_equal(lookback_open(place->hilf, 0, 10, &lookback, &place->err), HILF_E_INVALID);
	assert_int_equal(
		lookback_open(place->hilf, 31, 10, &lookback, &place->err), HILF_E_INVALID);
	assert_int_equal(lookback_open(place->hilf, 1, 0, &lookback, &place->err), HILF_E_INVALID);
	assert_null(lookback);
	assert_int_equal(lookback_count(NULL), 0);
	lookback_close(NULL);
}

/* ------------------------------------------------------------------------------------------ in memory */

static unsigned distance_of(const struct hilf_signal *a, const struct hilf_signal *b)
{
	unsigned distance = 0;
	for (int i = 0; i < 32; i++)
		distance += (unsigned)__builtin_popcount(a->value[i] ^ b->value[i]);
	return distance;
}

/* Against a list that is looked through from end to end; enough of them go that all is built anew. */
static void what_is_kept_is_found_as_by_looking_at_all_of_it(void **state)
{
	enum { COUNT = 80000, CENTRES = 50 };
	struct kept_item **items = calloc(COUNT, sizeof(struct kept_item *));
	struct hilf_signal *centres = calloc(CENTRES, sizeof *centres);
	uint64_t seed = 8, id = 1;
	struct kept *kept;
	struct hilf_err err;
	char name[32];
	(void)state;
	assert_int_equal(kept_open(&kept, &err), 0);
	for (int i = 0; i < CENTRES; i++)
		centres[i] = random_pdq(&seed);
	for (int i = 0; i < COUNT; i++) {
		struct hilf_signal signal = random_pdq(&seed);
		if (i % 100 == 0) {
			signal = centres[i / 100 % CENTRES];
			flip(&signal, (unsigned)(next_random(&seed) % 48), &seed);
		}
		snprintf(name, sizeof name, "item %d", i);
		items[i] = kept_item_new(name, i, &signal, 1);
		items[i]->id = id++;
	}
	for (int at = 0; at < COUNT; at += 1000)
		assert_int_equal(kept_add(kept, items + at, 1000, &err), 0);
	for (int i = 0; i < COUNT; i++) {
		if (i % 7 && i % 100) {
			kept_remove(kept, items[i]);
			items[i] = NULL;
		}
	}
	for (int i = 0; i < CENTRES; i++) {
		struct kept_hits hits = {0};
		size_t expected = 0;
		for (int j = 0; j < COUNT; j++)
			expected +=
				items[j] && distance_of(&centres[i], &items[j]->signals[0]) <= 31;
		assert_int_equal(kept_match(kept, &centres[i], 1, 31, &hits, &err), 0);
		assert_int_equal(hits.count, expected);
		for (size_t j = 0; j < hits.count; j++)
			assert_int_equal(hits.hits[j].distance,
				distance_of(&centres[i], &hits.hits[j].item->signals[0]));
		free(hits.hits);
	}
	for (int i = 0; i < COUNT; i += 50) {
		snprintf(name, sizeof name, "item %d", i);
		assert_ptr_equal(kept_find(kept, name), items[i]);
	}
	kept_close(kept);
	free(items);
	free(centres);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(older_content_is_recognised_when_an_entry_comes),
		TEST(it_outlives_a_restart_and_sees_what_came_meanwhile),
		TEST(a_note_that_comes_after_the_entry_was_compared_is_recognised_too),
		TEST(what_its_own_check_found_is_not_told),
		TEST(private_and_nameless_content_is_never_kept),
		TEST(the_oldest_go_when_there_are_too_many),
		TEST(what_is_erased_is_gone_without_a_trace),
		TEST(what_is_noted_when_an_entry_is_erased_does_not_bring_it_back),
		TEST(it_is_asked_for_within_bounds),
		cmocka_unit_test(what_is_kept_is_found_as_by_looking_at_all_of_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
