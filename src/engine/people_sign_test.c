/* Signing in: all that is wrong is the same, a code counts once, and who tries too often has to wait. */
#include "engine/people_test.h"

#include "base/check.h"

static void everything_wrong_is_the_same(void **state)
{
	struct place *place = *state;
	struct person_change change = {.set_enabled = true};
	struct somebody who, gone, never;
	struct signed_in signed_in;
	char code[TOTP_DIGITS + 1];
	int64_t now_ms = clock_now_ms();
	invite(place, "amal", ROLE_REVIEWER, &who);
	invite(place, "gone", ROLE_REVIEWER, &gone);
	invite(place, "never", ROLE_REVIEWER, &never);
	enrol_at(place, &who, now_ms);
	enrol_at(place, &gone, now_ms);
	must(person_change(place->hilf, "gone", &change, NULL, &place->err));
	now_ms += MINUTE;
	memcpy(never.totp, who.totp, sizeof never.totp);
	assert_int_equal(sign_in_at(place, &who, PASSPHRASE " ", "", now_ms).state, SIGN_IN_WRONG);
	assert_int_equal(sign_in_at(place, &who, "", "", now_ms).state, SIGN_IN_WRONG);
	assert_int_equal(sign_in_at(place, &gone, PASSPHRASE, "", now_ms).state, SIGN_IN_WRONG);
	assert_int_equal(sign_in_at(place, &never, PASSPHRASE, "", now_ms).state, SIGN_IN_WRONG);
	code_at(&who, now_ms, code);
	must(sign_in(place->hilf, "nobody", PASSPHRASE, code, "", now_ms, &signed_in, &place->err));
	assert_int_equal(signed_in.state, SIGN_IN_WRONG);
	must(sign_in(place->hilf, "\n", PASSPHRASE, code, "", now_ms, &signed_in, &place->err));
	assert_int_equal(signed_in.state, SIGN_IN_WRONG);
	must(sign_in(place->hilf, "amal", PASSPHRASE, "", "", now_ms, &signed_in, &place->err));
	assert_int_equal(signed_in.state, SIGN_IN_WRONG);
	assert_string_equal(signed_in.token, "");
	must(sign_in(place->hilf, "AmaL", PASSPHRASE, code, "", now_ms, &signed_in, &place->err));
	assert_int_equal(signed_in.state, SIGN_IN_GOOD);
	must(sign_in(place->hilf, "amal", PASSPHRASE, code, "", now_ms, &signed_in, &place->err));
	assert_int_equal(signed_in.state, SIGN_IN_WRONG); /* a code counts once */
}

static void a_code_counts_once_also_after_a_restart(void **state)
{
	struct place *place = *state;
	struct somebody who;
	int64_t now_ms = clock_now_ms();
	invite(place, "amal", ROLE_REVIEWER, &who);
	assert_int_equal(enrol_at(place, &who, now_ms), SIGN_IN_GOOD);
	assert_int_equal(sign_in_at(place, &who, PASSPHRASE, "", now_ms).state, SIGN_IN_WRONG);
	reopen(place);
	make_cheap(place);
	assert_int_equal(sign_in_at(place, &who, PASSPHRASE, "", now_ms).state, SIGN_IN_WRONG);
	assert_int_equal(
		sign_in_at(place, &who, PASSPHRASE, "", now_ms + MINUTE).state, SIGN_IN_GOOD);
}

static void a_name_waits_after_five_failures_and_longer_each_time(void **state)
{
	static const int64_t waits_ms[] = {
		15000, 30000, MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE, 15 * MINUTE, 15 * MINUTE};
	struct place *place = *state;
	struct somebody who;
	int64_t now_ms = clock_now_ms();
	invite(place, "amal", ROLE_REVIEWER, &who);
	enrol_at(place, &who, now_ms);
	for (int i = 0; i < 5; i++)
		assert_int_equal(sign_in_at(place, &who, "wrong", "", now_ms).state, SIGN_IN_WRONG);
	for (size_t i = 0; i < COUNT_OF(waits_ms); i++) {
		struct signed_in tried = sign_in_at(place, &who, PASSPHRASE, "", now_ms + 1000);
		assert_int_equal(tried.state, SIGN_IN_LOCKED);
		assert_int_equal(tried.retry_ms, waits_ms[i] - 1000);
		now_ms += waits_ms[i];
		assert_int_equal(
			sign_in_at(place, &who, PASSPHRASE, "", now_ms - 1).state, SIGN_IN_LOCKED);
		assert_int_equal(sign_in_at(place, &who, "wrong", "", now_ms).state, SIGN_IN_WRONG);
	}
	now_ms += 15 * MINUTE;
	assert_int_equal(sign_in_at(place, &who, PASSPHRASE, "", now_ms).state, SIGN_IN_GOOD);
	/* And all is forgiven. */
	for (int i = 0; i < 5; i++)
		assert_int_equal(sign_in_at(place, &who, "wrong", "", now_ms).state, SIGN_IN_WRONG);
	assert_int_equal(sign_in_at(place, &who, "wrong", "", now_ms).state, SIGN_IN_LOCKED);
	/* A day later, too. */
	now_ms += DAY + 1;
	for (int i = 0; i < 5; i++)
		assert_int_equal(sign_in_at(place, &who, "wrong", "", now_ms).state, SIGN_IN_WRONG);
	assert_int_equal(sign_in_at(place, &who, "wrong", "", now_ms).state, SIGN_IN_LOCKED);
}

static void an_operator_unlocks(void **state)
{
	struct place *place = *state;
	struct person_change change = {.unlock = true};
	struct somebody who;
	int64_t now_ms = clock_now_ms() - 1000;
	invite(place, "amal", ROLE_REVIEWER, &who);
	enrol_at(place, &who, now_ms);
	for (int i = 0; i < 5; i++)
		sign_in_at(place, &who, "wrong", "", now_ms);
	assert_int_equal(sign_in_at(place, &who, PASSPHRASE, "", now_ms).state, SIGN_IN_LOCKED);
	must(person_change(place->hilf, "amal", &change, NULL, &place->err));
	assert_int_equal(
		sign_in_at(place, &who, PASSPHRASE, "", now_ms + MINUTE).state, SIGN_IN_GOOD);
}

/* `count` tries under names of nobody; the last one's state. */
static enum sign_in_state knock(
	struct place *place, const char *address, unsigned count, int64_t now_ms)
{
	static unsigned number;
	struct signed_in signed_in = {.state = SIGN_IN_WRONG};
	for (unsigned i = 0; i < count; i++) {
		char name[32];
		snprintf(name, sizeof name, "nobody %u", number++);
		must(sign_in(place->hilf, name, "wrong", "123456", address, now_ms, &signed_in,
			&place->err));
	}
	return signed_in.state;
}

static void an_address_waits_whatever_names_it_tries(void **state)
{
	struct place *place = *state;
	int64_t now_ms = clock_now_ms();
	assert_int_equal(knock(place, "192.0.2.1", 30, now_ms), SIGN_IN_WRONG);
	assert_int_equal(knock(place, "192.0.2.1", 1, now_ms), SIGN_IN_LOCKED);
	assert_int_equal(knock(place, "192.0.2.2", 1, now_ms), SIGN_IN_WRONG);
	assert_int_equal(knock(place, "192.0.2.1", 1, now_ms + 15000), SIGN_IN_WRONG);
	assert_int_equal(knock(place, "192.0.2.1", 1, now_ms + 15001), SIGN_IN_LOCKED);
	/* A network of IPv6 is one, and this machine's own addresses have no limit: everybody behind a proxy has them. */
	assert_int_equal(knock(place, "2001:db8:1:2::1", 30, now_ms), SIGN_IN_WRONG);
	assert_int_equal(knock(place, "2001:db8:1:2:ffff::9", 1, now_ms), SIGN_IN_LOCKED);
	assert_int_equal(knock(place, "2001:db8:1:3::1", 1, now_ms), SIGN_IN_WRONG);
	assert_int_equal(knock(place, "127.0.0.1", 100, now_ms), SIGN_IN_WRONG);
	assert_int_equal(knock(place, "::1", 100, now_ms), SIGN_IN_WRONG);
	assert_int_equal(knock(place, "unix", 100, now_ms), SIGN_IN_WRONG);
}

static enum sign_in_state sign_in_from(struct place *place, const struct somebody *who,
	const char *passphrase, const char *address, int64_t now_ms)
{
	struct signed_in signed_in;
	char code[TOTP_DIGITS + 1];
	code_at(who, now_ms, code);
	must(sign_in(place->hilf, who->person.name, passphrase, code, address, now_ms, &signed_in,
		&place->err));
	return signed_in.state;
}

/* Whoever knows a name keeps nobody out but themselves; a crowd of them makes it wait in the end. */
static void a_name_waits_where_it_was_wrong(void **state)
{
	struct place *place = *state;
	struct somebody who;
	int64_t now_ms = clock_now_ms();
	invite(place, "amal", ROLE_REVIEWER, &who);
	enrol_at(place, &who, now_ms);
	now_ms += MINUTE;
	for (int i = 0; i < 5; i++)
		assert_int_equal(
			sign_in_from(place, &who, "wrong", "192.0.2.1", now_ms), SIGN_IN_WRONG);
	assert_int_equal(
		sign_in_from(place, &who, PASSPHRASE, "192.0.2.1", now_ms), SIGN_IN_LOCKED);
	assert_int_equal(
		sign_in_from(place, &who, PASSPHRASE, "198.51.100.7", now_ms), SIGN_IN_GOOD);
	/* That one was right elsewhere is no reason to go on here. */
	assert_int_equal(sign_in_from(place, &who, "wrong", "192.0.2.1", now_ms), SIGN_IN_LOCKED);
	now_ms += MINUTE;
	for (int i = 0; i < 100; i++) {
		char address[32];
		snprintf(address, sizeof address, "203.0.113.%d", i);
		assert_int_equal(
			sign_in_from(place, &who, "wrong", address, now_ms), SIGN_IN_WRONG);
	}
	assert_int_equal(
		sign_in_from(place, &who, PASSPHRASE, "198.51.100.7", now_ms), SIGN_IN_LOCKED);
	assert_int_equal(sign_in_from(place, &who, PASSPHRASE, "198.51.100.7", now_ms + MINUTE),
		SIGN_IN_GOOD);
}

static void who_is_locked_stays_so_whatever_else_is_tried(void **state)
{
	struct place *place = *state;
	struct somebody who;
	int64_t now_ms = clock_now_ms();
	invite(place, "amal", ROLE_REVIEWER, &who);
	enrol_at(place, &who, now_ms);
	for (int i = 0; i < 6; i++)
		sign_in_at(place, &who, "wrong", "", now_ms);
	/* Many more than there is room for. */
	assert_int_equal(knock(place, "", 10000, now_ms), SIGN_IN_WRONG);
	assert_int_equal(sign_in_at(place, &who, PASSPHRASE, "", now_ms).state, SIGN_IN_LOCKED);
}

static void few_passphrases_are_looked_at_at_once(void **state)
{
	struct place *place = *state;
	struct somebody who;
	struct signed_in signed_in;
	int64_t now_ms = clock_now_ms();
	invite(place, "amal", ROLE_REVIEWER, &who);
	enrol_at(place, &who, now_ms);
	now_ms += MINUTE;
	assert_true(people_enter(place->hilf));
	assert_true(people_enter(place->hilf));
	assert_false(people_enter(place->hilf));
	for (int i = 0; i < 10; i++) /* that is no failure of theirs */
		assert_int_equal(
			sign_in_at(place, &who, PASSPHRASE, "", now_ms).state, SIGN_IN_BUSY);
	must(passphrase_change(place->hilf, who.person.id, PASSPHRASE, "another passphrase", now_ms,
		&signed_in, &place->err));
	assert_int_equal(signed_in.state, SIGN_IN_BUSY);
	people_leave(place->hilf);
	assert_int_equal(sign_in_at(place, &who, PASSPHRASE, "", now_ms).state, SIGN_IN_GOOD);
	people_leave(place->hilf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_cheap, tear_down)
		TEST(everything_wrong_is_the_same),
		TEST(a_code_counts_once_also_after_a_restart),
		TEST(a_name_waits_after_five_failures_and_longer_each_time),
		TEST(an_operator_unlocks),
		TEST(an_address_waits_whatever_names_it_tries),
		TEST(a_name_waits_where_it_was_wrong),
		TEST(who_is_locked_stays_so_whatever_else_is_tried),
		TEST(few_passphrases_are_looked_at_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
