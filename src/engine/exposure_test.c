/* What looking costs: shown to oneself, and of a group of five or more over whole weeks. */
#include "engine/place_test.h"
#include "engine/vault.h"
#include "engine/vault_parts.h"
#include "os/clock.h"

#define ACTOR "user:abcdefghij"

struct days {
	int64_t day;
	unsigned people;
};

static int expose_job(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct days *days = ctx;
	int rc = 0;
	for (unsigned i = 0; i < days->people && !rc; i++) {
		char actor[24];
		snprintf(actor, sizeof actor, "user:%u", i);
		rc = store_exposure_add(hilf->store, actor, days->day, 2, 30, err);
	}
	return rc;
}

static void exposure_is_ones_own(void **state)
{
	struct place *place = *state;
	struct exposure today, week;
	must(exposure_own(place->hilf, ACTOR, &today, &week, &place->err));
	assert_true(!today.reveals && !week.seconds);
	must(exposure_add(place->hilf, ACTOR, 12, &place->err));
	must(exposure_add(place->hilf, ACTOR, 100000, &place->err));
	must(exposure_add(place->hilf, "user:other", 5, &place->err));
	struct days before = {clock_now_ms() / 86400000 - 6, 1};
	must(local_submit(place->hilf, expose_job, &before, &place->err));
	must(exposure_own(place->hilf, ACTOR, &today, &week, &place->err));
	assert_int_equal(today.reveals, 2);
	assert_int_equal(today.seconds, 12 + EXPOSURE_REVEAL_MAX);
	assert_int_equal(week.reveals, 2);
	must(exposure_own(place->hilf, "user:0", &today, &week, &place->err));
	assert_int_equal(today.reveals, 0);
	assert_int_equal(week.reveals, 2);
}

static void a_group_is_five_people_or_more(void **state)
{
	struct place *place = *state;
	struct exposure_group group;
	must(exposure_group(place->hilf, &group, &place->err));
	assert_int_equal(group.people, 0);
	assert_int_equal(group.to_ms - group.from_ms, 7ll * 86400 * 1000);
	assert_int_equal((group.from_ms / 86400000 + 3) % 7, 0); /* a Monday */
	assert_true(group.to_ms <= clock_now_ms());
	struct days first = {group.from_ms / 86400000, 4}, last = {group.to_ms / 86400000 - 1, 4},
		    after = {group.to_ms / 86400000, 9};
	must(local_submit(place->hilf, expose_job, &first, &place->err));
	must(local_submit(place->hilf, expose_job, &last, &place->err));
	must(local_submit(place->hilf, expose_job, &after, &place->err));
	must(exposure_group(place->hilf, &group, &place->err));
	assert_true(!group.people && !group.sum.reveals && !group.sum.seconds);
	last.people = 5;
	must(local_submit(place->hilf, expose_job, &last, &place->err));
	must(exposure_group(place->hilf, &group, &place->err));
	assert_int_equal(group.people, 5);
	assert_int_equal(group.sum.reveals, 2 * 4 + 2 * 4 + 2 * 5);
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		IN_PLACE(exposure_is_ones_own),
		IN_PLACE(a_group_is_five_people_or_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
