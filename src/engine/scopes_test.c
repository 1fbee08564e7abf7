/* A bank that gets another name: keys, webhooks and people that were limited to it are limited to it still. */
#include "engine/hooks.h"
#include "engine/keys.h"
#include "engine/people.h"
#include "engine/place_test.h"
#include "os/clock.h"

static void join(const char *const *banks, size_t count, char ret_text[200])
{
	ret_text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		snprintf(ret_text + strlen(ret_text), 200 - strlen(ret_text), "%s%s", i ? " " : "",
			banks[i]);
}

/* The banks of the key, as it is used. */
static const char *banks_of(struct keys *keys, const char *text)
{
	static char found[200];
	struct key_use use;
	key_use(keys, text, strlen(text), clock_now_ms(), 0, &use);
	assert_int_equal(use.state, KEY_GOOD);
	join(use.actor.banks, use.actor.bank_count, found);
	key_release(keys, &use);
	return found;
}

static int take_hook(const struct hook_info *info, void *ctx)
{
	join(info->banks, info->bank_count, ctx);
	return 0;
}

static int take_person(const struct person *person, void *ctx)
{
	join(person->banks, person->bank_count, ctx);
	return 0;
}

static void make_key(struct place *place, const char *const *banks, size_t count, char *ret_text)
{
	const struct key_info info = {
		.name = "k", .role = ROLE_CHECKER, .banks = banks, .bank_count = count};
	must(key_create(place->hilf, &info, NULL, ret_text, NULL, &place->err));
}

static void rename_bank(struct place *place, const char *from, const char *to)
{
	const struct hilf_bank_change change = {.name = to};
	struct hilf_bank bank;
	must(hilf_bank_set(place->hilf, from, &change, &bank, &place->err));
	assert_string_equal(bank.name, to);
}

static void what_is_limited_to_a_bank_follows_its_name(void **state)
{
	static const char *const both[] = {"a", "b"}, *const one[] = {"a"},
				 *const alike[] = {"aa", "ba"}, *const waits[] = {"c", "a", "z"},
				 *const events[] = {"*"};
	const struct hook_info hook = {.url = "https://h.example/",
		.events = events,
		.event_count = 1,
		.banks = one,
		.bank_count = 1,
		.enabled = true};
	const struct person person = {
		.name = "p", .role = ROLE_REVIEWER, .banks = both, .bank_count = 2};
	struct place *place = *state;
	char text[5][KEY_TEXT_MAX], found[200];
	struct invitation invitation;
	struct keys *keys;
	struct person made;
	must(hilf_bank_create(place->hilf, "a", HILF_REVIEW, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	make_key(place, both, 2, text[0]);
	make_key(place, one, 1, text[1]);
	make_key(place, alike, 2, text[2]);
	make_key(place, waits, 3, text[3]);
	make_key(place, NULL, 0, text[4]);
	must(hook_create(place->hilf, &hook, NULL, &place->err));
	must(person_create(place->hilf, &person, &invitation, &made, &place->err));
	must(keys_open(place->hilf, &keys, &place->err));
	rename_bank(place, "a", "c");
	assert_string_equal(banks_of(keys, text[0]), "c b");
	assert_string_equal(banks_of(keys, text[1]), "c");
	assert_string_equal(banks_of(keys, text[2]), "aa ba");
	assert_string_equal(banks_of(keys, text[3]), "c z");
	assert_string_equal(banks_of(keys, text[4]), "");
	must(hook_each(place->hilf, take_hook, found, &place->err));
	assert_string_equal(found, "c");
	must(person_each(place->hilf, take_person, found, &place->err));
	assert_string_equal(found, "c b");
	keys_close(keys);
	reopen(place);
	must(keys_open(place->hilf, &keys, &place->err));
	assert_string_equal(banks_of(keys, text[0]), "c b");
	keys_close(keys);
}

static void a_name_that_is_taken_changes_nothing(void **state)
{
	static const char *const one[] = {"a"};
	const struct hilf_bank_change change = {.name = "b"};
	struct place *place = *state;
	char text[KEY_TEXT_MAX];
	struct hilf_bank bank;
	struct keys *keys;
	must(hilf_bank_create(place->hilf, "a", HILF_REVIEW, 31, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	make_key(place, one, 1, text);
	must(keys_open(place->hilf, &keys, &place->err));
	assert_int_equal(
		hilf_bank_set(place->hilf, "a", &change, &bank, &place->err), HILF_E_EXISTS);
	assert_string_equal(banks_of(keys, text), "a");
	keys_close(keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_limited_to_a_bank_follows_its_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_name_that_is_taken_changes_nothing, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
