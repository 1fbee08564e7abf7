/* Sessions of people: when one is over, what ends it, and what another handle sees of it. */
#include "engine/people_test.h"

#include "base/check.h"
#include "engine/desk_settings.h"

static void a_session_ends_when_nobody_uses_it_and_after_its_hours(void **state)
{
	struct place *place = *state;
	struct somebody who;
	int64_t now_ms = clock_now_ms();
	invite(place, "amal", ROLE_REVIEWER, &who);
	assert_int_equal(enrol_at(place, &who, now_ms), SIGN_IN_GOOD);
	/* Used each 29 minutes it lasts for twelve hours and no longer. */
	int64_t at_ms = now_ms;
	while (at_ms + 29 * MINUTE < now_ms + 12 * HOUR) {
		at_ms += 29 * MINUTE;
		assert_int_equal(session_at(place, who.token, at_ms, true), SESSION_GOOD);
	}
	assert_int_equal(session_at(place, who.token, now_ms + 12 * HOUR - 1, true), SESSION_GOOD);
	assert_int_equal(session_at(place, who.token, now_ms + 12 * HOUR, true), SESSION_OVER);
	/* What a page asks by itself is no use. */
	now_ms += DAY;
	assert_int_equal(sign_in_at(place, &who, PASSPHRASE, "", now_ms).state, SIGN_IN_GOOD);
	assert_int_equal(session_at(place, who.token, now_ms + 29 * MINUTE, false), SESSION_GOOD);
	assert_int_equal(session_at(place, who.token, now_ms + 30 * MINUTE, false), SESSION_OVER);
	assert_int_equal(session_at(place, who.token, now_ms + 30 * MINUTE, true), SESSION_OVER);
}

static void shorter_limits_count_for_sessions_there_are(void **state)
{
	struct place *place = *state;
	struct somebody who;
	int64_t now_ms = clock_now_ms();
	invite(place, "amal", ROLE_REVIEWER, &who);
	assert_int_equal(enrol_at(place, &who, now_ms), SIGN_IN_GOOD);
	must(desk_setting_set(place->hilf, DESK_SESSION_IDLE_MINUTES, 5, &place->err));
	assert_int_equal(session_at(place, who.token, now_ms + 5 * MINUTE, false), SESSION_OVER);
	must(desk_setting_set(place->hilf, DESK_SESSION_IDLE_MINUTES, 480, &place->err));
	assert_int_equal(session_at(place, who.token, now_ms + HOUR, false), SESSION_GOOD);
	must(desk_setting_set(place->hilf, DESK_SESSION_HOURS, 1, &place->err));
	assert_int_equal(session_at(place, who.token, now_ms + HOUR, false), SESSION_OVER);
}

static void a_session_and_its_last_use_survive_a_restart(void **state)
{
	struct place *place = *state;
	struct somebody who, gone;
	int64_t now_ms = clock_now_ms();
	invite(place, "amal", ROLE_REVIEWER, &who);
	invite(place, "nour", ROLE_REVIEWER, &gone);
	assert_int_equal(enrol_at(place, &who, now_ms), SIGN_IN_GOOD);
	assert_int_equal(enrol_at(place, &gone, now_ms), SIGN_IN_GOOD);
	must(sign_out(place->hilf, gone.token, &place->err));
	assert_int_equal(session_at(place, gone.token, now_ms, true), SESSION_OVER);
	assert_int_equal(session_at(place, who.token, now_ms + 20 * MINUTE, true), SESSION_GOOD);
	must(people_save(place->hilf, now_ms + 20 * MINUTE, &place->err));
	reopen(place);
	make_cheap(place);
	must(people_refresh(place->hilf, &place->err));
	assert_int_equal(session_at(place, gone.token, now_ms, true), SESSION_OVER);
	assert_int_equal(session_at(place, who.token, now_ms + 45 * MINUTE, true), SESSION_GOOD);
	/* Swept when its longest time is over. */
	must(people_save(place->hilf, now_ms + 25 * HOUR, &place->err));
	reopen(place);
	must(people_refresh(place->hilf, &place->err));
	assert_int_equal(session_at(place, who.token, now_ms, true), SESSION_OVER);
}

static void somebody_has_eight_sessions_at_most(void **state)
{
	struct place *place = *state;
	char tokens[12][SESSION_TOKEN_SIZE + 1];
	struct somebody who;
	int64_t now_ms = clock_now_ms();
	invite(place, "amal", ROLE_REVIEWER, &who);
	assert_int_equal(enrol_at(place, &who, now_ms), SIGN_IN_GOOD);
	for (size_t i = 0; i < COUNT_OF(tokens); i++) {
		now_ms += MINUTE;
		assert_int_equal(
			sign_in_at(place, &who, PASSPHRASE, "", now_ms).state, SIGN_IN_GOOD);
		memcpy(tokens[i], who.token, sizeof tokens[i]);
	}
	for (size_t i = 0; i < COUNT_OF(tokens); i++)
		assert_int_equal(session_at(place, tokens[i], now_ms, false),
			i + SESSIONS_PER_PERSON >= COUNT_OF(tokens) ? SESSION_GOOD : SESSION_OVER);
}

static void what_a_request_holds_outlives_the_session(void **state)
{
	struct place *place = *state;
	static const char *const banks[] = {"one", "two"};
	struct person_change change = {.set_banks = true, .banks = banks, .bank_count = 2};
	struct somebody who;
	struct session_use use;
	int64_t now_ms = clock_now_ms();
	invite(place, "amal", ROLE_CURATOR, &who);
	must(person_change(place->hilf, "AMAL", &change, NULL, &place->err));
	assert_int_equal(enrol_at(place, &who, now_ms), SIGN_IN_GOOD);
	session_use(place->hilf, who.token, strlen(who.token), now_ms, true, &use);
	assert_int_equal(use.state, SESSION_GOOD);
	assert_int_equal(session_again(place->hilf, &use, now_ms), SESSION_GOOD);
	change = (struct person_change){.set_role = true, .role = ROLE_AUDITOR};
	must(person_change(place->hilf, who.person.id, &change, NULL, &place->err));
	assert_int_equal(session_again(place->hilf, &use, now_ms), SESSION_OVER);
	assert_int_equal(use.actor.role, ROLE_CURATOR);
	assert_int_equal(use.actor.bank_count, 2);
	assert_string_equal(use.actor.banks[1], "two");
	session_release(&use);
	assert_int_equal(session_at(place, who.token, now_ms, true), SESSION_OVER);
}

static void what_harms_ends_sessions_and_what_does_not_leaves_them(void **state)
{
	static const char *const banks[] = {"one"}, *const classes[] = {"threat"};
	const struct {
		struct person_change change;
		bool ends;
	} changes[] = {
		{{.set_language = true, .language = "fr"}, false},
		{{.set_declined = true, .declined = classes, .declined_count = 1}, false},
		{{.unlock = true}, false},
		{{.set_enabled = true, .enabled = true}, false},
		{{.set_role = true, .role = ROLE_REVIEWER}, false}, /* as it was */
		{{.set_banks = true}, false},
		{{.set_banks = true, .banks = banks, .bank_count = 1}, true},
		{{.set_role = true, .role = ROLE_OPERATOR}, true},
		{{.set_enabled = true}, true},
		{{.reset = true}, true},
	};
	struct place *place = *state;
	int64_t now_ms = clock_now_ms();
	for (size_t i = 0; i < COUNT_OF(changes); i++) {
		struct somebody who;
		char name[16];
		snprintf(name, sizeof name, "amal %zu", i);
		invite(place, name, ROLE_REVIEWER, &who);
		assert_int_equal(enrol_at(place, &who, now_ms), SIGN_IN_GOOD);
		must(person_change(place->hilf, name, &changes[i].change, NULL, &place->err));
		assert_int_equal(session_at(place, who.token, now_ms, true),
			changes[i].ends ? SESSION_OVER : SESSION_GOOD);
	}
}

static void another_handle_sees_it_when_it_refreshes(void **state)
{
	struct place *place = *state;
	struct hilf_options options = {.abi = HILF_ABI,
		.data_dir = place->dir,
		.helper_dir = place->helpers,
		.no_index = true,
		.activity = "beside"};
	struct person_change change = {.set_enabled = true};
	struct somebody who;
	struct hilf *beside;
	int64_t now_ms = clock_now_ms();
	invite(place, "amal", ROLE_REVIEWER, &who);
	assert_int_equal(enrol_at(place, &who, now_ms), SIGN_IN_GOOD);
	assert_int_equal(desk_setting(place->hilf, DESK_UNDO_SECONDS), 8);
	must(hilf_open(&options, &beside, &place->err));
	must(person_change(beside, "amal", &change, NULL, &place->err));
	must(desk_setting_set(beside, DESK_UNDO_SECONDS, 9, &place->err));
	must(people_refresh(place->hilf, &place->err));
	must(desk_settings_refresh(place->hilf, &place->err));
	assert_int_equal(session_at(place, who.token, now_ms, true), SESSION_OVER);
	assert_int_equal(desk_setting(place->hilf, DESK_UNDO_SECONDS), 9);
	hilf_close(beside);
}

static void the_token_against_forgery_is_of_one_session(void **state)
{
	struct place *place = *state;
	struct somebody who, other;
	char csrf[CSRF_TOKEN_SIZE + 1], again[CSRF_TOKEN_SIZE + 1], wrong[CSRF_TOKEN_SIZE + 1];
	invite(place, "amal", ROLE_REVIEWER, &who);
	invite(place, "nour", ROLE_REVIEWER, &other);
	enrol_at(place, &who, clock_now_ms());
	enrol_at(place, &other, clock_now_ms());
	session_csrf(who.token, csrf);
	session_csrf(who.token, again);
	assert_string_equal(csrf, again);
	assert_true(session_csrf_check(who.token, csrf));
	assert_false(session_csrf_check(other.token, csrf));
	assert_false(session_csrf_check(who.token, NULL));
	assert_false(session_csrf_check(who.token, ""));
	for (size_t i = 0; i < CSRF_TOKEN_SIZE; i++) {
		memcpy(wrong, csrf, sizeof wrong);
		wrong[i] ^= 1;
		assert_false(session_csrf_check(who.token, wrong));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_cheap, tear_down)
		TEST(a_session_ends_when_nobody_uses_it_and_after_its_hours),
		TEST(shorter_limits_count_for_sessions_there_are),
		TEST(a_session_and_its_last_use_survive_a_restart),
		TEST(somebody_has_eight_sessions_at_most),
		TEST(what_a_request_holds_outlives_the_session),
		TEST(what_harms_ends_sessions_and_what_does_not_leaves_them),
		TEST(another_handle_sees_it_when_it_refreshes),
		TEST(the_token_against_forgery_is_of_one_session),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
