/* People: who may enrol and sign in, when a session is over, who has to wait, and what of it all a thief finds. Times are
 * given, so that an hour passes at once. */
#include "engine/people_test.h"

#include "base/check.h"
#include "engine/desk_settings.h"

#include <dirent.h>

#define MINUTE 60000ll
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define START  1900000000000ll

static int set_up_cheap(void **state)
{
	set_up(state);
	make_cheap(*state);
	return 0;
}

static int64_t start_ms(void)
{
	return clock_now_ms();
}

/* ------------------------------------------------------------------------------------------ enrolling */

static void an_invitation_makes_somebody_who_can_sign_in(void **state)
{
	struct place *place = *state;
	struct somebody who;
	struct session_use use;
	int64_t now_ms = start_ms();
	invite(place, "Amal", ROLE_REVIEWER, &who);
	assert_int_equal(who.invitation.until_ms - who.person.created_ms, 72 * HOUR);
	assert_int_equal(enrol_at(place, &who, now_ms), SIGN_IN_GOOD);
	session_use(place->hilf, who.token, strlen(who.token), now_ms, true, &use);
	assert_int_equal(use.state, SESSION_GOOD);
	assert_string_equal(use.actor.id + 5, who.person.id);
	assert_memory_equal(use.actor.id, "user:", 5);
	assert_int_equal(use.actor.role, ROLE_REVIEWER);
	assert_null(use.actor.banks);
	assert_string_equal(use.person->name, "Amal");
	assert_true(use.person->enrolled);
	session_release(&use);
	now_ms += MINUTE;
	assert_int_equal(
		sign_in_at(place, &who, PASSPHRASE, "192.0.2.1", now_ms).state, SIGN_IN_GOOD);
	assert_int_equal(session_at(place, who.token, now_ms, true), SESSION_GOOD);
}

static void an_invitation_is_good_once_and_for_three_days(void **state)
{
	struct place *place = *state;
	struct somebody who;
	struct enrolment enrolment;
	struct signed_in signed_in;
	invite(place, "amal", ROLE_REVIEWER, &who);
	int64_t until_ms = who.invitation.until_ms;
	must(enrol_look(place->hilf, who.invitation.code, until_ms - 1, &enrolment, &place->err));
	assert_int_equal(
		enrol_look(place->hilf, who.invitation.code, until_ms, &enrolment, &place->err),
		HILF_E_NOT_FOUND);
	must(enrol(place->hilf, who.invitation.code, PASSPHRASE, "123456", until_ms, &signed_in,
		&place->err));
	assert_int_equal(signed_in.state, SIGN_IN_VOID);
	assert_int_equal(enrol_at(place, &who, until_ms - 1), SIGN_IN_GOOD);
	assert_int_equal(
		enrol_look(place->hilf, who.invitation.code, until_ms - 1, &enrolment, &place->err),
		HILF_E_NOT_FOUND);
	assert_string_equal(enrolment.name, "amal");
}

static void a_wrong_code_leaves_the_invitation(void **state)
{
	struct place *place = *state;
	struct somebody who;
	struct signed_in signed_in;
	invite(place, "amal", ROLE_REVIEWER, &who);
	must(enrol(place->hilf, who.invitation.code, PASSPHRASE, "no code", start_ms(), &signed_in,
		&place->err));
	assert_int_equal(signed_in.state, SIGN_IN_WRONG);
	assert_int_equal(enrol(place->hilf, who.invitation.code, "short", "123456", start_ms(),
				 &signed_in, &place->err),
		HILF_E_INVALID);
	assert_int_equal(enrol_at(place, &who, start_ms()), SIGN_IN_GOOD);
}

static void a_passphrase_is_long_and_not_the_name(void **state)
{
	static const char *const bad[] = {"", "eleven char", "aaaaaaaaaaaaaaaaaaaa",
		"ababababababab", "A Name Of Length",
		"\xd8\xa3\xd8\xa8\xd8\xac\xd8\xaf\xd9\x87\xd9\x88\xd8\xb2"};
	static const char *const good[] = {PASSPHRASE, "twelve chars", "a name of lengths",
		"\xd8\xa3\xd8\xa8\xd8\xac\xd8\xaf\xd9\x87\xd9\x88\xd8\xb2\xd8\xad\xd8\xb7\xd9\x8a"
		"\xd9\x83"
		"\xd9\x84"};
	char text[PERSON_PASSPHRASE_MAX + 2];
	struct hilf_err err;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(
			passphrase_check(bad[i], "a name of length", &err), HILF_E_INVALID);
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_int_equal(passphrase_check(good[i], "a name of length", &err), 0);
	assert_int_equal(
		passphrase_check("\xff\xfe long enough this is", "x", &err), HILF_E_INVALID);
	for (size_t i = 0; i <= PERSON_PASSPHRASE_MAX; i++)
		text[i] = (char)('a' + i % 26);
	text[PERSON_PASSPHRASE_MAX + 1] = '\0';
	assert_int_equal(passphrase_check(text, "x", &err), HILF_E_INVALID);
	text[PERSON_PASSPHRASE_MAX] = '\0';
	assert_int_equal(passphrase_check(text, "x", &err), 0);
}

static void a_name_is_one_line_that_can_be_seen(void **state)
{
	static const char *const bad[] = {"", " x", "x ", "a\nb", "a\x7f", "\xc2\x85",
		"a\xe2\x80\xae"
		"b",
		"\xe2\x80\x8b",
		"\xef\xbb\xbf"
		"a",
		"\xff", "\xd8\x9c"};
	char login[PERSON_NAME_MAX + 1], longest[PERSON_NAME_MAX + 2];
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(person_login(bad[i], login));
	assert_true(person_login("Jo@Example.org", login));
	assert_string_equal(login, "jo@example.org");
	assert_true(person_login("\xd8\xa3\xd9\x85\xd9\x84 B", login));
	assert_string_equal(login, "\xd8\xa3\xd9\x85\xd9\x84 b");
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_false(person_login(longest, login));
	longest[PERSON_NAME_MAX] = '\0';
	assert_true(person_login(longest, login));
}

/* ------------------------------------------------------------------------------------------ sessions */

static void a_session_ends_when_nobody_uses_it_and_after_its_hours(void **state)
{
	struct place *place = *state;
	struct somebody who;
	int64_t now_ms = start_ms();
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
	int64_t now_ms = start_ms();
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
	int64_t now_ms = start_ms();
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
	int64_t now_ms = start_ms();
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
	int64_t now_ms = start_ms();
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
	int64_t now_ms = start_ms();
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
	int64_t now_ms = start_ms();
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
	enrol_at(place, &who, start_ms());
	enrol_at(place, &other, start_ms());
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

/* ------------------------------------------------------------------------------------------ wrong */

static void everything_wrong_is_the_same(void **state)
{
	struct place *place = *state;
	struct person_change change = {.set_enabled = true};
	struct somebody who, gone, never;
	struct signed_in signed_in;
	char code[TOTP_DIGITS + 1];
	int64_t now_ms = start_ms();
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
	int64_t now_ms = start_ms();
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
	int64_t now_ms = start_ms();
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
	int64_t now_ms = start_ms() - 1000;
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
	int64_t now_ms = start_ms();
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
	int64_t now_ms = start_ms();
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
	int64_t now_ms = start_ms();
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
	int64_t now_ms = start_ms();
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

/* ------------------------------------------------------------------------------------------ passphrases */

static void another_passphrase_keeps_the_authenticator(void **state)
{
	struct place *place = *state;
	struct somebody who;
	struct signed_in signed_in;
	int64_t now_ms = start_ms();
	invite(place, "amal", ROLE_REVIEWER, &who);
	enrol_at(place, &who, now_ms);
	must(passphrase_change(place->hilf, who.person.id, "wrong", "another passphrase", now_ms,
		&signed_in, &place->err));
	assert_int_equal(signed_in.state, SIGN_IN_WRONG);
	assert_int_equal(session_at(place, who.token, now_ms, true), SESSION_GOOD);
	assert_int_equal(passphrase_change(place->hilf, who.person.id, PASSPHRASE, PASSPHRASE,
				 now_ms, &signed_in, &place->err),
		HILF_E_INVALID);
	must(passphrase_change(place->hilf, who.person.id, PASSPHRASE, "another passphrase", now_ms,
		&signed_in, &place->err));
	assert_int_equal(signed_in.state, SIGN_IN_GOOD);
	assert_int_equal(session_at(place, who.token, now_ms, true), SESSION_OVER);
	assert_int_equal(session_at(place, signed_in.token, now_ms, true), SESSION_GOOD);
	now_ms += MINUTE;
	assert_int_equal(sign_in_at(place, &who, PASSPHRASE, "", now_ms).state, SIGN_IN_WRONG);
	assert_int_equal(
		sign_in_at(place, &who, "another passphrase", "", now_ms).state, SIGN_IN_GOOD);
}

static void a_reset_leads_to_new_proofs(void **state)
{
	struct place *place = *state;
	struct person_change change = {.reset = true};
	struct somebody who, before;
	int64_t now_ms = start_ms();
	invite(place, "amal", ROLE_REVIEWER, &who);
	enrol_at(place, &who, now_ms);
	before = who;
	must(person_change(place->hilf, "amal", &change, &who.invitation, &place->err));
	now_ms += MINUTE;
	assert_int_equal(sign_in_at(place, &who, PASSPHRASE, "", now_ms).state, SIGN_IN_WRONG);
	assert_int_equal(enrol_at(place, &who, now_ms), SIGN_IN_GOOD);
	assert_memory_not_equal(before.totp, who.totp, sizeof who.totp);
	now_ms += MINUTE;
	assert_int_equal(sign_in_at(place, &before, PASSPHRASE, "", now_ms).state, SIGN_IN_WRONG);
	assert_int_equal(sign_in_at(place, &who, PASSPHRASE, "", now_ms).state, SIGN_IN_GOOD);
	/* Who is disabled gets no invitation, and one that was open ends. */
	change = (struct person_change){.set_enabled = true};
	struct invitation none = {.code = "x"};
	must(person_change(place->hilf, "amal", &change, &none, &place->err));
	change = (struct person_change){.reset = true};
	must(person_change(place->hilf, "amal", &change, &none, &place->err));
	assert_string_equal(none.code, "");
	change = (struct person_change){.set_enabled = true, .enabled = true};
	must(person_change(place->hilf, "amal", &change, &who.invitation, &place->err));
	assert_int_equal(enrol_at(place, &who, now_ms), SIGN_IN_GOOD);
}

/* Whether the bytes are anywhere in the folder. */
static bool folder_has(const char *dir, const void *bytes, size_t size)
{
	bool found = false;
	DIR *list = opendir(dir);
	assert_non_null(list);
	for (struct dirent *item; !found && (item = readdir(list));) {
		char path[600];
		snprintf(path, sizeof path, "%s/%s", dir, item->d_name);
		FILE *file = item->d_type == DT_REG ? fopen(path, "rb") : NULL;
		if (!file)
			continue;
		char *all = malloc(32u << 20);
		size_t got = fread(all, 1, 32u << 20, file);
		found = memmem(all, got, bytes, size) != NULL;
		free(all);
		fclose(file);
	}
	closedir(list);
	return found;
}

static void a_thief_finds_neither_factor_nor_a_token(void **state)
{
	struct place *place = *state;
	struct somebody who;
	char secret[TOTP_TEXT_SIZE + 1];
	int64_t now_ms = start_ms();
	invite(place, "amal the first", ROLE_REVIEWER, &who);
	enrol_at(place, &who, now_ms);
	totp_secret_text(who.totp, secret);
	assert_true(folder_has(place->dir, "amal the first", 14)); /* one that must be found */
	assert_false(folder_has(place->dir, PASSPHRASE, sizeof PASSPHRASE - 1));
	assert_false(folder_has(place->dir, who.totp, sizeof who.totp));
	assert_false(folder_has(place->dir, secret, TOTP_TEXT_SIZE));
	assert_false(folder_has(place->dir, who.token, SESSION_TOKEN_SIZE));
	assert_false(folder_has(place->dir, who.invitation.code, SESSION_TOKEN_SIZE));
}

static void a_sealed_secret_opens_with_its_passphrase_alone(void **state)
{
	const struct passphrase_cost cost = {1, 8};
	uint8_t totp[TOTP_SECRET_SIZE] = "01234567890123456789", got[TOTP_SECRET_SIZE];
	uint8_t secret[PASSPHRASE_SECRET_SIZE];
	struct hilf_err err;
	bool right;
	(void)state;
	assert_int_equal(passphrase_seal(PASSPHRASE, &cost, totp, secret, &err), 0);
	assert_int_equal(
		passphrase_open(PASSPHRASE, &cost, secret, sizeof secret, &right, got, &err), 0);
	assert_true(right);
	assert_memory_equal(got, totp, sizeof got);
	/* A changed byte: of the head it is damage, of the rest it is another's. */
	for (size_t i = 0; i < sizeof secret; i++) {
		if (i >= 1 && i < 9)
			continue; /* what it costs, which is tried below */
		secret[i] ^= 1;
		int rc = passphrase_open(
			PASSPHRASE, &cost, secret, sizeof secret, &right, got, &err);
		assert_int_equal(rc, i ? 0 : HILF_E_CORRUPT);
		assert_true(rc || !right);
		secret[i] ^= 1;
	}
	assert_int_equal(
		passphrase_open(PASSPHRASE, &cost, secret, 5, &right, got, &err), HILF_E_CORRUPT);
	memset(secret + 1, 0xff, 8);
	assert_int_equal(
		passphrase_open(PASSPHRASE, &cost, secret, sizeof secret, &right, got, &err),
		HILF_E_CORRUPT);
	assert_int_equal(passphrase_open(PASSPHRASE, &cost, NULL, 0, &right, got, &err), 0);
	assert_false(right);
}

/* Composed or not, with whatever blank: as keyboards differ. Case and compatible letters stay apart. */
static void a_passphrase_is_the_same_on_another_keyboard(void **state)
{
	static const struct {
		const char *typed;
		bool right;
	} tries[] = {
		{"caf\xc3\xa9 au lait \xd8\xa3\xd9\x87\xd9\x84\xd8\xa7", true},
		{"cafe\xcc\x81 au lait \xd8\xa7\xd9\x94\xd9\x87\xd9\x84\xd8\xa7", true},
		{"caf\xc3\xa9\xc2\xa0"
		 "au\xe2\x80\xaflait\xe3\x80\x80\xd8\xa3\xd9\x87\xd9\x84\xd8\xa7",
			true},
		{"cafe au lait \xd8\xa3\xd9\x87\xd9\x84\xd8\xa7", false},
		{"Caf\xc3\xa9 au lait \xd8\xa3\xd9\x87\xd9\x84\xd8\xa7", false},
		{"caf\xc3\xa9 au lait \xd8\xa7\xd9\x87\xd9\x84\xd8\xa7", false},
		{"caf\xe9 au lait", false},
	};
	const struct passphrase_cost cost = {1, 8};
	uint8_t totp[TOTP_SECRET_SIZE] = "01234567890123456789", got[TOTP_SECRET_SIZE];
	uint8_t secret[PASSPHRASE_SECRET_SIZE];
	struct hilf_err err;
	bool right;
	(void)state;
	assert_int_equal(passphrase_seal(tries[0].typed, &cost, totp, secret, &err), 0);
	for (size_t i = 0; i < COUNT_OF(tries); i++) {
		assert_int_equal(passphrase_open(tries[i].typed, &cost, secret, sizeof secret,
					 &right, got, &err),
			0);
		assert_int_equal(right, tries[i].right);
	}
	/* Eleven characters, however many bytes they are typed as. */
	assert_int_equal(passphrase_check("abcdefghije\xcc\x81", "amal", &err), HILF_E_INVALID);
	assert_int_equal(passphrase_check("abcdefghijke\xcc\x81", "amal", &err), 0);
}

/* ------------------------------------------------------------------------------------------ who there is */

static int count_people(const struct person *person, void *ctx)
{
	char *names = ctx;
	assert_true(person->enabled);
	strcat(names, person->name);
	strcat(names, ";");
	return 0;
}

static void people_are_listed_by_name_and_found_by_name_and_id(void **state)
{
	struct place *place = *state;
	struct somebody who, other;
	struct person person;
	struct arena arena;
	char names[100] = "";
	uint64_t count;
	invite(place, "Zoe", ROLE_CURATOR, &who);
	invite(place, "amal", ROLE_OPERATOR, &other);
	must(person_each(place->hilf, count_people, names, &place->err));
	assert_string_equal(names, "amal;Zoe;");
	arena_init(&arena, 0);
	must(person_get(place->hilf, "ZOE", &arena, &person, &place->err));
	assert_string_equal(person.id, who.person.id);
	assert_int_equal(person.invited_until_ms, who.invitation.until_ms);
	must(person_get(place->hilf, other.person.id, &arena, &person, &place->err));
	assert_string_equal(person.name, "amal");
	assert_int_equal(
		person_get(place->hilf, "nobody", &arena, &person, &place->err), HILF_E_NOT_FOUND);
	arena_clear(&arena);
	must(people_count(place->hilf, &count, &place->err));
	assert_int_equal(count, 0);
	enrol_at(place, &who, start_ms());
	must(people_count(place->hilf, &count, &place->err));
	assert_int_equal(count, 1);
	person = (struct person){.name = "zOE", .role = ROLE_AUDITOR};
	assert_int_equal(person_create(place->hilf, &person, &who.invitation, NULL, &place->err),
		HILF_E_EXISTS);
	person = (struct person){.name = "checker", .role = ROLE_CHECKER};
	assert_int_equal(person_create(place->hilf, &person, &who.invitation, NULL, &place->err),
		HILF_E_INVALID);
}

static void settings_have_bounds(void **state)
{
	struct place *place = *state;
	enum desk_setting which;
	for (unsigned i = 0; i < DESK_COUNT; i++) {
		const struct desk_setting_info *info = desk_setting_info((enum desk_setting)i);
		which = DESK_COUNT;
		must(desk_setting_parse(info->name, &which, &place->err));
		assert_int_equal(which, i);
		assert_true(info->min <= info->value && info->value <= info->max);
		assert_int_equal(desk_setting(place->hilf, which), info->value);
		assert_int_equal(desk_setting_set(place->hilf, which, info->max + 1, &place->err),
			HILF_E_INVALID);
		assert_int_equal(desk_setting_set(place->hilf, which, info->min - 1, &place->err),
			HILF_E_INVALID);
		must(desk_setting_set(place->hilf, which, info->max, &place->err));
		assert_int_equal(desk_setting(place->hilf, which), info->max);
	}
	reopen(place);
	assert_int_equal(desk_setting(place->hilf, DESK_SAMPLE_DAILY),
		desk_setting_info(DESK_SAMPLE_DAILY)->max);
	assert_int_equal(desk_setting_parse("undo_second", &which, &place->err), HILF_E_NOT_FOUND);
	assert_non_null(strstr(place->err.text, "'undo_seconds'"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_cheap, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_invitation_makes_somebody_who_can_sign_in),
		TEST(an_invitation_is_good_once_and_for_three_days),
		TEST(a_wrong_code_leaves_the_invitation),
		cmocka_unit_test(a_passphrase_is_long_and_not_the_name),
		cmocka_unit_test(a_name_is_one_line_that_can_be_seen),
		TEST(a_session_ends_when_nobody_uses_it_and_after_its_hours),
		TEST(shorter_limits_count_for_sessions_there_are),
		TEST(a_session_and_its_last_use_survive_a_restart),
		TEST(somebody_has_eight_sessions_at_most),
		TEST(what_a_request_holds_outlives_the_session),
		TEST(what_harms_ends_sessions_and_what_does_not_leaves_them),
		TEST(another_handle_sees_it_when_it_refreshes),
		TEST(the_token_against_forgery_is_of_one_session),
		TEST(everything_wrong_is_the_same),
		TEST(a_code_counts_once_also_after_a_restart),
		TEST(a_name_waits_after_five_failures_and_longer_each_time),
		TEST(an_operator_unlocks),
		TEST(an_address_waits_whatever_names_it_tries),
		TEST(a_name_waits_where_it_was_wrong),
		TEST(who_is_locked_stays_so_whatever_else_is_tried),
		TEST(few_passphrases_are_looked_at_at_once),
		TEST(another_passphrase_keeps_the_authenticator),
		TEST(a_reset_leads_to_new_proofs),
		TEST(a_thief_finds_neither_factor_nor_a_token),
		cmocka_unit_test(a_sealed_secret_opens_with_its_passphrase_alone),
		cmocka_unit_test(a_passphrase_is_the_same_on_another_keyboard),
		TEST(people_are_listed_by_name_and_found_by_name_and_id),
		TEST(settings_have_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
