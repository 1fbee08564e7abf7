/* Counts in the store: they add up, hours become days and days go, and what damage made of a row is told and never added
 * to. */
#include "store/tally.h"

#include "base/check.h"
#include "store/alpha_test.h"

#include <sqlite3.h>
#include <string.h>

#define DAY   STORE_DAY_MS
#define HOUR  STORE_HOUR_MS
#define TODAY (20000 * DAY)
/* What the engine calls a gauge. */
#define GAUGE 48u

static void add(struct fixture *fixture, uint32_t which, int64_t time_ms, uint64_t count)
{
	must(store_tally_add(fixture->store, which, time_ms, count, &fixture->err));
}

/* "which@hours since TODAY=value " */
static int note(const struct store_tally *tally, void *ctx)
{
	char *text = ctx;
	size_t size = strlen(text);
	snprintf(text + size, 500 - size, "%u@%lld=%llu ", tally->which,
		tally->start_ms ? (long long)((tally->start_ms - TODAY) / HOUR) : 0,
		(unsigned long long)tally->value);
	return 0;
}

static const char *all(struct fixture *fixture, enum store_tally_step step)
{
	static char text[500];
	text[0] = '\0';
	must(store_tally_each(fixture->store, step, 0, INT64_MAX, note, text, &fixture->err));
	return text;
}

static void age(struct fixture *fixture, int64_t hours_ms, int64_t days_ms)
{
	const struct store_tally_ages ages = {.hours_ms = hours_ms,
		.days_ms = days_ms,
		.banks_ms = days_ms,
		.sample_first = GAUGE,
		.sample_end = GAUGE + 5};
	must(store_tally_age(fixture->store, &ages, &fixture->err));
}

static void counts_add_up_by_the_hour_and_for_ever(void **state)
{
	struct fixture *fixture = *state;
	begin(fixture);
	add(fixture, 1, TODAY, 2);
	add(fixture, 1, TODAY + HOUR - 1, 3);
	add(fixture, 1, TODAY + HOUR, 4);
	add(fixture, 2, TODAY + HOUR, 1);
	assert_string_equal(all(fixture, STORE_TALLY_HOUR), "");
	commit(fixture);
	assert_string_equal(all(fixture, STORE_TALLY_HOUR), "1@0=5 1@1=4 2@1=1 ");
	assert_string_equal(all(fixture, STORE_TALLY_EVER), "1@0=9 2@0=1 ");
	assert_string_equal(all(fixture, STORE_TALLY_DAY), "");
	fixture_close(fixture);
	fixture_reopen(fixture);
	assert_string_equal(all(fixture, STORE_TALLY_HOUR), "1@0=5 1@1=4 2@1=1 ");
}

static void a_write_that_is_taken_back_counts_nothing(void **state)
{
	struct fixture *fixture = *state;
	begin(fixture);
	add(fixture, 1, TODAY, 2);
	must(store_mark(fixture->store, &fixture->err));
	add(fixture, 1, TODAY, 100);
	must(store_mark_back(fixture->store, &fixture->err));
	commit(fixture);
	begin(fixture);
	add(fixture, 1, TODAY, 50);
	store_rollback(fixture->store);
	assert_string_equal(all(fixture, STORE_TALLY_HOUR), "1@0=2 ");
}

static void old_hours_become_days_and_old_days_go(void **state)
{
	struct fixture *fixture = *state;
	begin(fixture);
	for (int hour = -48; hour < 24; hour++) {
		add(fixture, 1, TODAY + hour * HOUR, 1);
		must(store_tally_sample(fixture->store, GAUGE, TODAY + hour * HOUR,
			(uint64_t)(100 + hour), &fixture->err));
	}
	must(store_tally_sample(fixture->store, GAUGE, TODAY, 7, &fixture->err));
	/* In the middle of a day: of that day all hours stay. */
	age(fixture, TODAY + 5 * HOUR, TODAY - 400 * DAY);
	commit(fixture);
	assert_string_equal(
		all(fixture, STORE_TALLY_DAY), "1@-48=24 48@-48=75 1@-24=24 48@-24=99 ");
	assert_non_null(strstr(all(fixture, STORE_TALLY_HOUR), "1@0=1 48@0=100 1@1=1 "));
	assert_null(strstr(all(fixture, STORE_TALLY_HOUR), "@-"));
	/* Somebody's clock was behind: it is added to the day that is there. */
	begin(fixture);
	add(fixture, 1, TODAY - 3 * HOUR, 10);
	age(fixture, TODAY, TODAY - 400 * DAY);
	commit(fixture);
	assert_string_equal(
		all(fixture, STORE_TALLY_DAY), "1@-48=24 48@-48=75 1@-24=34 48@-24=99 ");
	begin(fixture);
	age(fixture, TODAY, TODAY - DAY);
	commit(fixture);
	assert_string_equal(all(fixture, STORE_TALLY_DAY), "1@-24=34 48@-24=99 ");
	assert_string_equal(all(fixture, STORE_TALLY_EVER), "1@0=82 ");
}

static void run_sql(const struct fixture *fixture, const char *text)
{
	char path[128], *error = NULL;
	sqlite3 *db;
	fixture_path(fixture, "hilf.db", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", text, error);
	sqlite3_close(db);
}

static int take_first(const struct store_tally_bank *row, void *ctx)
{
	*(struct store_tally_bank *)ctx = *row;
	return 1;
}

static struct store_tally_bank one_bank(struct fixture *fixture, int64_t from_ms)
{
	struct store_tally_bank found = {0};
	int rc = store_tally_bank_each(
		fixture->store, bank, from_ms, take_first, &found, &fixture->err);
	if (rc < 0)
		fail_msg("%s", fixture->err.text);
	return found;
}

static void a_bank_has_a_row_for_each_day(void **state)
{
	struct fixture *fixture = *state;
	struct store_tally_bank add = {.day_ms = TODAY + 3 * HOUR, .radius = 31};
	memcpy(add.bank, bank, UUID_SIZE);
	add.matched[0] = 1;
	add.matched[STORE_TALLY_DIGEST] = UINT64_MAX / 4;
	add.blocking[30] = 5;
	add.brought[HILF_REVIEW] = 2;
	begin(fixture);
	must(store_tally_bank_add(fixture->store, &add, &fixture->err));
	add.day_ms += HOUR;
	add.radius = 20;
	must(store_tally_bank_add(fixture->store, &add, &fixture->err));
	add.day_ms -= DAY;
	add.radius = 49;
	must(store_tally_bank_add(fixture->store, &add, &fixture->err));
	commit(fixture);
	struct store_tally_bank found = one_bank(fixture, TODAY);
	assert_int_equal(found.day_ms, TODAY);
	assert_int_equal(found.radius, 20);
	assert_int_equal(found.matched[0], 2);
	assert_true(found.matched[STORE_TALLY_DIGEST] == UINT64_MAX / 4 * 2);
	assert_int_equal(found.blocking[30], 10);
	assert_int_equal(found.brought[HILF_REVIEW], 4);
	assert_int_equal(one_bank(fixture, 0).day_ms, TODAY - DAY);
	assert_int_equal(one_bank(fixture, 0).radius, 49);
	begin(fixture);
	age(fixture, TODAY, TODAY);
	commit(fixture);
	assert_int_equal(one_bank(fixture, 0).day_ms, TODAY);
}

static int note_source(const struct store_tally_source *source, void *ctx)
{
	char *text = ctx;
	size_t size = strlen(text);
	snprintf(text + size, 100 - size, "%u:%llu/%llu/%llu ", source->member[0],
		(unsigned long long)source->upheld, (unsigned long long)source->decided,
		(unsigned long long)source->decisions);
	return 0;
}

static const char *sources(struct fixture *fixture)
{
	static char text[100];
	text[0] = '\0';
	must(store_tally_source_each(fixture->store, note_source, text, &fixture->err));
	return text;
}

static void a_member_is_right_so_many_times(void **state)
{
	struct fixture *fixture = *state;
	struct store_tally_source one = {{1}, 1, 5, 4}, two = {{2}, 1, 1, 0};
	begin(fixture);
	for (int day = 0; day < 3; day++)
		must(store_tally_source_add(
			fixture->store, &one, TODAY + day * DAY + 5, &fixture->err));
	must(store_tally_source_add(fixture->store, &two, TODAY, &fixture->err));
	commit(fixture);
	assert_string_equal(sources(fixture), "1:12/15/3 2:0/1/1 ");
	begin(fixture);
	must(store_tally_source_fell(fixture->store, one.member, TODAY + 7, 3, &fixture->err));
	/* It never was: nothing goes below nothing. */
	must(store_tally_source_fell(fixture->store, two.member, TODAY, 1, &fixture->err));
	must(store_tally_source_fell(
		fixture->store, two.member, TODAY + 9 * DAY, 1, &fixture->err));
	commit(fixture);
	assert_string_equal(sources(fixture), "1:9/15/3 2:0/1/1 ");
	begin(fixture);
	age(fixture, TODAY, TODAY + DAY);
	commit(fixture);
	assert_string_equal(sources(fixture), "1:8/10/2 ");
}

static void what_is_damaged_is_told_and_never_added_to(void **state)
{
	struct fixture *fixture = *state;
	struct store_tally_source source = {{1}, 1, 1, 1};
	struct store_tally_bank row = {.day_ms = TODAY, .radius = 31};
	char text[500] = "";
	memcpy(row.bank, bank, UUID_SIZE);
	begin(fixture);
	add(fixture, 1, TODAY, 2);
	must(store_tally_source_add(fixture->store, &source, TODAY, &fixture->err));
	must(store_tally_bank_add(fixture->store, &row, &fixture->err));
	commit(fixture);
	run_sql(fixture,
		"UPDATE l_tally SET value = value + 1 WHERE step = 1;"
		"UPDATE l_tally_source SET upheld = 9; UPDATE l_tally_bank SET radius = 30");
	assert_int_equal(store_tally_each(fixture->store, STORE_TALLY_HOUR, 0, INT64_MAX, note,
				 text, &fixture->err),
		HILF_E_CORRUPT);
	assert_string_equal(text, "");
	assert_int_equal(store_tally_source_each(fixture->store, note_source, text, &fixture->err),
		HILF_E_CORRUPT);
	assert_int_equal(
		store_tally_bank_each(fixture->store, bank, 0, take_first, &row, &fixture->err),
		HILF_E_CORRUPT);
	/* Nor does it stand in the way of what else is written. */
	begin(fixture);
	add(fixture, 1, TODAY, 1);
	must(store_tally_source_add(fixture->store, &source, TODAY, &fixture->err));
	must(store_tally_bank_add(fixture->store, &row, &fixture->err));
	commit(fixture);
	assert_int_equal(store_tally_source_each(fixture->store, note_source, text, &fixture->err),
		HILF_E_CORRUPT);
	assert_int_equal(
		store_tally_bank_each(fixture->store, bank, 0, take_first, &row, &fixture->err),
		HILF_E_CORRUPT);
	assert_string_equal(all(fixture, STORE_TALLY_EVER), "1@0=3 ");
	/* Folding leaves it for fsck. */
	begin(fixture);
	age(fixture, TODAY + 2 * DAY, 0);
	commit(fixture);
	assert_string_equal(all(fixture, STORE_TALLY_DAY), "");
}

static int take_finding(const char *level, const char *what, const char *text, void *ctx)
{
	char *found = ctx;
	(void)what;
	if (strcmp(level, "problem") == 0)
		snprintf(found + strlen(found), 500 - strlen(found), "%s; ", text);
	return 0;
}

static void fsck_removes_what_is_damaged_and_counting_goes_on(void **state)
{
	struct fixture *fixture = *state;
	char found[500] = "";
	uint64_t problems;
	begin(fixture);
	add(fixture, 1, TODAY, 2);
	add(fixture, 2, TODAY, 3);
	commit(fixture);
	run_sql(fixture, "UPDATE l_tally SET value = 77 WHERE which = 1 AND step = 1");
	must(store_fsck(fixture->store, false, take_finding, found, &problems, &fixture->err));
	assert_non_null(strstr(found, "counts"));
	fixture_close(fixture);
	fixture_reopen(fixture);
	assert_string_equal(all(fixture, STORE_TALLY_HOUR), "2@0=3 ");
	begin(fixture);
	add(fixture, 1, TODAY, 5);
	commit(fixture);
	assert_string_equal(all(fixture, STORE_TALLY_HOUR), "1@0=5 2@0=3 ");
	assert_string_equal(all(fixture, STORE_TALLY_EVER), "1@0=7 2@0=3 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			counts_add_up_by_the_hour_and_for_ever, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_write_that_is_taken_back_counts_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			old_hours_become_days_and_old_days_go, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_bank_has_a_row_for_each_day, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_member_is_right_so_many_times, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_damaged_is_told_and_never_added_to, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			fsck_removes_what_is_damaged_and_counting_goes_on, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
