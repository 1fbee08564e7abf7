/* People: who may enrol, what names and passphrases may be, and what of it all a thief finds. */
#include "engine/people_test.h"

#include "base/check.h"
#include "engine/desk_settings.h"

#include <dirent.h>

/* ------------------------------------------------------------------------------------------ enrolling */

static void an_invitation_makes_somebody_who_can_sign_in(void **state)
{
	struct place *place = *state;
	struct somebody who;
	struct session_use use;
	int64_t now_ms = clock_now_ms();
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
	must(enrol(place->hilf, who.invitation.code, PASSPHRASE, "no code", clock_now_ms(),
		&signed_in, &place->err));
	assert_int_equal(signed_in.state, SIGN_IN_WRONG);
	assert_int_equal(enrol(place->hilf, who.invitation.code, "short", "123456", clock_now_ms(),
				 &signed_in, &place->err),
		HILF_E_INVALID);
	assert_int_equal(enrol_at(place, &who, clock_now_ms()), SIGN_IN_GOOD);
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

/* ------------------------------------------------------------------------------------------ passphrases */

static void another_passphrase_keeps_the_authenticator(void **state)
{
	struct place *place = *state;
	struct somebody who;
	struct signed_in signed_in;
	int64_t now_ms = clock_now_ms();
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
	int64_t now_ms = clock_now_ms();
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
	int64_t now_ms = clock_now_ms();
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
	enrol_at(place, &who, clock_now_ms());
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

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_cheap, tear_down)
		TEST(an_invitation_makes_somebody_who_can_sign_in),
		TEST(an_invitation_is_good_once_and_for_three_days),
		TEST(a_wrong_code_leaves_the_invitation),
		cmocka_unit_test(a_passphrase_is_long_and_not_the_name),
		cmocka_unit_test(a_name_is_one_line_that_can_be_seen),
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
