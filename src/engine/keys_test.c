/* API keys: their text, what they may, their limits, and that a revocation counts at once. */
#include "engine/keys.h"

#include "engine/key_text.h"
#include "engine/place_test.h"
#include "os/clock.h"

struct made {
	char text[KEY_TEXT_MAX];
	struct key_info info;
};

static struct made make_key(struct place *place, const struct key_info *info)
{
	struct made made;
	must(key_create(place->hilf, info, NULL, made.text, &made.info, &place->err));
	return made;
}

static struct key_use use(struct keys *keys, const char *text, int64_t now_ms, uint64_t checks)
{
	struct key_use use;
	key_use(keys, text, strlen(text), now_ms, checks, &use);
	return use;
}

static enum key_state state_of(struct keys *keys, const char *text)
{
	struct key_use used = use(keys, text, clock_now_ms(), 0);
	enum key_state state = used.state;
	key_release(keys, &used);
	return state;
}

static void a_key_is_shown_once_and_then_good(void **state)
{
	struct place *place = *state;
	static const char *const banks[] = {"one", "two"};
	const struct key_info info = {
		.name = "upload servers", .role = ROLE_CHECKER, .banks = banks, .bank_count = 2};
	struct keys *keys;
	must(keys_open(place->hilf, &keys, &place->err));
	struct made made = make_key(place, &info);
	assert_int_equal(strlen(made.text), 54);
	assert_memory_equal(made.text, "hilf_", 5);
	assert_memory_equal(made.text + 5, made.info.id, KEY_ID_SIZE);
	struct key_use used = use(keys, made.text, clock_now_ms(), 1);
	assert_int_equal(used.state, KEY_GOOD);
	assert_int_equal(used.actor.role, ROLE_CHECKER);
	assert_int_equal(used.actor.bank_count, 2);
	assert_string_equal(used.actor.banks[1], "two");
	assert_memory_equal(used.actor.id, "key:", 4);
	assert_string_equal(used.actor.id + 4, made.info.id);
	assert_false(used.over_rate);
	assert_false(used.over_quota);
	assert_int_equal(key_again(keys, &used, clock_now_ms()), KEY_GOOD);
	key_release(keys, &used);
	/* Nothing of the secret is in the folder. */
	char command[700];
	snprintf(command, sizeof command, "grep -rqs '%.32s' '%s'", key_text_secret(made.text),
		place->dir);
	assert_int_not_equal(system(command), 0);
	keys_close(keys);
}

static void every_other_text_is_unknown(void **state)
{
	struct place *place = *state;
	const struct key_info info = {.name = "a", .role = ROLE_OPERATOR};
	struct keys *keys;
	must(keys_open(place->hilf, &keys, &place->err));
	struct made made = make_key(place, &info), other = make_key(place, &info);
	char text[KEY_TEXT_MAX];
	for (int seen = 0; seen < 2; seen++) { /* the second time it is known by its short hash */
		for (size_t i = 0; i < KEY_TEXT_SIZE; i++) {
			memcpy(text, made.text, sizeof text);
			text[i] = text[i] == 'a' ? 'b' : 'a';
			assert_int_equal(state_of(keys, text), KEY_UNKNOWN);
		}
		assert_int_equal(state_of(keys, made.text), KEY_GOOD);
	}
	/* The secret of one with the id of another, with a checksum that is right. */
	key_text_format(made.info.id, key_text_secret(other.text), text);
	assert_true(key_text_check(text, strlen(text)));
	assert_int_equal(state_of(keys, text), KEY_UNKNOWN);
	assert_int_equal(state_of(keys, ""), KEY_UNKNOWN);
	assert_int_equal(state_of(keys, "hilf_"), KEY_UNKNOWN);
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_int_equal(state_of(keys, text), KEY_UNKNOWN);
	keys_close(keys);
}

static void a_revoked_key_and_an_expired_one_are_told_apart(void **state)
{
	struct place *place = *state;
	struct key_info info = {.name = "a", .role = ROLE_CURATOR};
	struct keys *keys;
	must(keys_open(place->hilf, &keys, &place->err));
	struct made made = make_key(place, &info);
	info.expires_ms = clock_now_ms() + 100000;
	struct made brief = make_key(place, &info);
	struct key_use used = use(keys, made.text, clock_now_ms(), 0);
	must(key_revoke(place->hilf, made.info.id, &place->err));
	assert_int_equal(key_again(keys, &used, clock_now_ms()), KEY_REVOKED);
	assert_string_equal(
		used.actor.id + 4, made.info.id); /* what a request still holds is there */
	assert_int_equal(state_of(keys, made.text), KEY_REVOKED);
	key_release(keys, &used);
	assert_int_equal(state_of(keys, brief.text), KEY_GOOD);
	used = use(keys, brief.text, clock_now_ms() + 99000, 0);
	assert_int_equal(used.state, KEY_GOOD);
	assert_int_equal(key_again(keys, &used, brief.info.expires_ms), KEY_EXPIRED);
	key_release(keys, &used);
	used = use(keys, brief.text, brief.info.expires_ms, 0);
	assert_int_equal(used.state, KEY_EXPIRED);
	/* Again is what was wanted already; another is none. */
	must(key_revoke(place->hilf, made.info.id, &place->err));
	assert_int_equal(key_revoke(place->hilf, "aaaaaaaaaa", &place->err), HILF_E_NOT_FOUND);
	assert_string_equal(place->err.text,
		"there is no key 'aaaaaaaaaa'; 'hilf key list' shows those there are");
	keys_close(keys);
}

static void a_rate_lets_a_second_through_at_once_and_then_one_by_one(void **state)
{
	struct place *place = *state;
	const struct key_info info = {.name = "a", .role = ROLE_CHECKER, .rate_per_s = 10},
			      plain = {.name = "b", .role = ROLE_CHECKER};
	struct keys *keys;
	must(keys_open(place->hilf, &keys, &place->err));
	struct made made = make_key(place, &info), other = make_key(place, &plain);
	int64_t now_ms = clock_now_ms();
	struct key_use used;
	for (int i = 0; i < 10; i++) {
		used = use(keys, made.text, now_ms, 0);
		assert_false(used.over_rate);
		key_release(keys, &used);
	}
	used = use(keys, made.text, now_ms, 0);
	assert_int_equal(used.state, KEY_GOOD);
	assert_true(used.over_rate);
	assert_int_equal(used.retry_ms, 100);
	key_release(keys, &used);
	used = use(keys, made.text, now_ms + 99, 0);
	assert_true(used.over_rate);
	assert_int_equal(used.retry_ms, 1);
	key_release(keys, &used);
	used = use(keys, made.text, now_ms + 100, 0);
	assert_false(used.over_rate);
	key_release(keys, &used);
	/* A clock that was set back an hour does not stop it for an hour. */
	used = use(keys, made.text, now_ms - 3600000, 0);
	assert_false(used.over_rate);
	key_release(keys, &used);
	/* Others have the node's rate. */
	keys_default_rate(keys, 1);
	used = use(keys, other.text, now_ms, 0);
	assert_false(used.over_rate);
	key_release(keys, &used);
	used = use(keys, other.text, now_ms, 0);
	assert_true(used.over_rate);
	assert_int_equal(used.retry_ms, 1000);
	key_release(keys, &used);
	keys_close(keys);
}

static void a_quota_counts_checks_by_the_day_and_outlives_a_restart(void **state)
{
	struct place *place = *state;
	const struct key_info info = {.name = "a", .role = ROLE_CHECKER, .quota_per_day = 100};
	struct keys *keys;
	must(keys_open(place->hilf, &keys, &place->err));
	struct made made = make_key(place, &info);
	int64_t day_ms = 24 * 3600 * 1000ll, now_ms = clock_now_ms() / day_ms * day_ms + 1000;
	struct key_use used = use(keys, made.text, now_ms, 60);
	assert_false(used.over_quota);
	key_release(keys, &used);
	used = use(keys, made.text, now_ms, 41);
	assert_true(used.over_quota);
	assert_int_equal(used.retry_ms, day_ms - 1000);
	key_release(keys, &used);
	used = use(keys, made.text, now_ms, UINT64_MAX);
	assert_true(used.over_quota);
	key_release(keys, &used);
	keys_close(keys);
	reopen(place);
	must(keys_open(place->hilf, &keys, &place->err));
	used = use(keys, made.text, now_ms, 40);
	assert_false(used.over_quota);
	key_release(keys, &used);
	used = use(keys, made.text, now_ms, 1);
	assert_true(used.over_quota);
	key_release(keys, &used);
	used = use(keys, made.text, now_ms, 0); /* what checks nothing goes on */
	assert_false(used.over_quota);
	key_release(keys, &used);
	used = use(keys, made.text, now_ms + day_ms, 100);
	assert_false(used.over_quota);
	key_release(keys, &used);
	must(keys_save(keys, &place->err));
	keys_close(keys);
}

struct list {
	unsigned count;
	struct key_info last;
	char banks[200];
};

static int take_key(const struct key_info *info, void *ctx)
{
	struct list *list = ctx;
	list->count++;
	list->last = *info;
	list->banks[0] = '\0';
	for (size_t i = 0; i < info->bank_count; i++)
		snprintf(list->banks + strlen(list->banks),
			sizeof list->banks - strlen(list->banks), "%s ", info->banks[i]);
	return 0;
}

static void keys_are_listed_with_all_that_is_known_of_them(void **state)
{
	struct place *place = *state;
	static const char *const banks[] = {"alpha", "beta"};
	struct key_info info = {.name = "first", .role = ROLE_AUDITOR};
	struct list list = {0};
	struct keys *keys;
	uint64_t count;
	struct made first = make_key(place, &info);
	info = (struct key_info){.name = "zweite Küche",
		.role = ROLE_CURATOR,
		.banks = banks,
		.bank_count = 2,
		.rate_per_s = 7,
		.quota_per_day = 8,
		.expires_ms = clock_now_ms() + 1000000,
		.created_ms = 5,
		.used_ms = 6};
	struct made second = make_key(place, &info);
	must(keys_open(place->hilf, &keys, &place->err));
	assert_int_equal(state_of(keys, second.text), KEY_GOOD);
	keys_close(keys);
	must(key_each(place->hilf, take_key, &list, &place->err));
	assert_int_equal(list.count, 2);
	if (strcmp(list.last.id, second.info.id) ==
		0) { /* made in one millisecond, they may be the other way */
		assert_string_equal(list.last.name, "zweite Küche");
		assert_string_equal(list.banks, "alpha beta ");
		assert_int_equal(list.last.role, ROLE_CURATOR);
		assert_int_equal(list.last.rate_per_s, 7);
		assert_int_equal(list.last.quota_per_day, 8);
		assert_int_equal(list.last.expires_ms, info.expires_ms);
		assert_true(list.last.used_ms > 0);
	}
	must(key_count(place->hilf, &count, &place->err));
	assert_int_equal(count, 2);
	must(key_revoke(place->hilf, first.info.id, &place->err));
	must(key_count(place->hilf, &count, &place->err));
	assert_int_equal(count, 1);
	list.count = 0;
	must(key_each(place->hilf, take_key, &list, &place->err));
	assert_int_equal(list.count, 2);
}

static void what_cannot_be_a_key_is_refused(void **state)
{
	struct place *place = *state;
	static const char *const bad_bank[] = {"9lives"};
	static const char *many[KEY_BANKS_MAX + 1];
	char text[KEY_TEXT_MAX] = "untouched";
	const struct {
		struct key_info info;
		int code;
		const char *text;
	} cases[] = {
		{{.name = "", .role = ROLE_CHECKER}, HILF_E_INVALID,
			"a key needs a name: who uses it?"},
		{{.name = "a\nb", .role = ROLE_CHECKER}, HILF_E_INVALID,
			"a key's name is one line, without control characters"},
		{{.name = "\xff", .role = ROLE_CHECKER}, HILF_E_INVALID,
			"a key's name is UTF-8 of 64 bytes at most"},
		{{.name = "a"}, HILF_E_INVALID, "a key needs a role"},
		{{.name = "a", .role = ROLE_COUNT}, HILF_E_INVALID, "a key needs a role"},
		{{.name = "a", .role = ROLE_CHECKER, .expires_ms = 1}, HILF_E_INVALID,
			"the key would have expired already"},
		{{.name = "a", .role = ROLE_CHECKER, .banks = bad_bank, .bank_count = 1},
			HILF_E_INVALID,
			"the bank name '9lives' must begin with a letter a-z, A-Z or '_'"},
		{{.name = "a",
			 .role = ROLE_CHECKER,
			 .banks = many,
			 .bank_count = KEY_BANKS_MAX + 1},
			HILF_E_LIMIT, "a key is limited to 32 banks at most"},
		{{.name = "a", .role = ROLE_CHECKER, .rate_per_s = KEY_RATE_MAX + 1},
			HILF_E_INVALID, "a key's rate is 1000000 requests a second at most"},
		{{.name = "a", .role = ROLE_CHECKER, .id = "short"}, HILF_E_INVALID,
			"a key's id is 10 characters of a-z and 2-7"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(
			key_create(place->hilf, &cases[i].info, NULL, text, NULL, &place->err),
			cases[i].code);
		assert_string_equal(place->err.text, cases[i].text);
	}
	assert_string_equal(text, "untouched");
	const struct key_info twice = {.name = "a", .role = ROLE_CHECKER, .id = "abcdefghij"};
	must(key_create(place->hilf, &twice, NULL, text, NULL, &place->err));
	assert_int_equal(
		key_create(place->hilf, &twice, NULL, text, NULL, &place->err), HILF_E_EXISTS);
}

static void a_key_of_another_node_is_taken_as_it_is(void **state)
{
	struct place *place = *state;
	const struct key_info info = {.name = "both", .role = ROLE_CHECKER};
	char text[KEY_TEXT_MAX];
	struct key_info made;
	struct keys *keys;
	must(keys_open(place->hilf, &keys, &place->err));
	key_text_format("abcdefghij", "22222222222222222222222222222222", text);
	must(key_adopt(place->hilf, &info, NULL, text, strlen(text), &made, &place->err));
	must(keys_refresh(keys, &place->err));
	assert_string_equal(made.id, "abcdefghij");
	assert_int_equal(state_of(keys, text), KEY_GOOD);
	assert_int_equal(key_adopt(place->hilf, &info, NULL, text, strlen(text), NULL, &place->err),
		HILF_E_EXISTS);
	text[20] ^= 1;
	assert_int_equal(key_adopt(place->hilf, &info, NULL, text, strlen(text), NULL, &place->err),
		HILF_E_INVALID);
	assert_int_equal(
		key_adopt(place->hilf, &info, NULL, "", 0, NULL, &place->err), HILF_E_INVALID);
	keys_close(keys);
}

static void another_process_is_followed(void **state)
{
	struct place *place = *state;
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = place->dir, .no_index = true};
	const struct key_info info = {.name = "a", .role = ROLE_CHECKER};
	struct hilf *other;
	struct keys *keys;
	must(keys_open(place->hilf, &keys, &place->err));
	must(hilf_open(&options, &other, &place->err));
	struct made made;
	must(key_create(other, &info, NULL, made.text, &made.info, &place->err));
	assert_int_equal(state_of(keys, made.text), KEY_UNKNOWN);
	must(keys_refresh(keys, &place->err));
	assert_int_equal(state_of(keys, made.text), KEY_GOOD);
	must(key_revoke(other, made.info.id, &place->err));
	must(keys_refresh(keys, &place->err));
	assert_int_equal(state_of(keys, made.text), KEY_REVOKED);
	hilf_close(other);
	keys_close(keys);
}

static void the_checksum_is_that_of_zip(void **state)
{
	(void)state;
	/* zlib.crc32(b"hilf_aaaaaaaaaa_" + b"a" * 32) & 0x3fffffff, in base 32; reckoned in Python. */
	char text[KEY_TEXT_MAX];
	key_text_format("aaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", text);
	assert_string_equal(text, "hilf_aaaaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaahawid6");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_key_is_shown_once_and_then_good, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_other_text_is_unknown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_revoked_key_and_an_expired_one_are_told_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_rate_lets_a_second_through_at_once_and_then_one_by_one, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_quota_counts_checks_by_the_day_and_outlives_a_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			keys_are_listed_with_all_that_is_known_of_them, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_a_key_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_key_of_another_node_is_taken_as_it_is, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_process_is_followed, set_up, tear_down),
		cmocka_unit_test(the_checksum_is_that_of_zip),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
