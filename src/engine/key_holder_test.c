/* Keys that somebody holds: they act as that person, do no more than they may, and nothing once they are gone. */
#include "engine/keys_parts.h"

#include "engine/people_test.h"

struct held {
	char text[KEY_TEXT_MAX];
	struct key_info info;
};

static struct held hold_key(struct place *place, const struct key_info *info, const char *who)
{
	struct held held;
	must(key_create(place->hilf, info, who, held.text, &held.info, &place->err));
	return held;
}

static struct key_use use(struct keys *keys, const char *text)
{
	struct key_use use;
	key_use(keys, text, strlen(text), clock_now_ms(), 0, &use);
	return use;
}

static enum key_state state_of(struct keys *keys, const char *text)
{
	struct key_use used = use(keys, text);
	enum key_state state = used.state;
	key_release(keys, &used);
	return state;
}

static void change(struct place *place, const struct somebody *who, struct person_change change)
{
	must(person_change(place->hilf, who->person.id, &change, NULL, &place->err));
}

static void a_held_key_acts_as_its_holder_once_they_have_enrolled(void **state)
{
	struct place *place = *state;
	struct somebody amal;
	struct keys *keys;
	make_cheap(place);
	invite(place, "Amal", ROLE_REVIEWER, &amal);
	must(keys_open(place->hilf, &keys, &place->err));
	struct held held =
		hold_key(place, &(struct key_info){.name = "tools", .role = ROLE_REVIEWER}, "AMAL");
	assert_string_equal(held.info.holder.id, amal.person.id);
	assert_string_equal(held.info.holder.name, "Amal");
	assert_false(held.info.holder.able);
	assert_int_equal(state_of(keys, held.text), KEY_HOLDER);
	assert_int_equal(enrol_at(place, &amal, clock_now_ms()), SIGN_IN_GOOD);
	struct key_use used = use(keys, held.text);
	assert_int_equal(used.state, KEY_GOOD);
	assert_memory_equal(used.actor.id, "key:", 4);
	struct session_use session;
	session_use(place->hilf, amal.token, strlen(amal.token), clock_now_ms(), false, &session);
	assert_string_equal(actor_person(&used.actor), actor_person(&session.actor));
	assert_true(actor_is(&used.actor, session.actor.id));
	assert_true(person_is_named(actor_person(&used.actor)));
	session_release(&session);
	key_release(keys, &used);
	keys_close(keys);
}

static void a_machines_key_is_nobody(void **state)
{
	struct place *place = *state;
	struct keys *keys;
	must(keys_open(place->hilf, &keys, &place->err));
	struct held machine =
		hold_key(place, &(struct key_info){.name = "uploads", .role = ROLE_REVIEWER}, NULL);
	assert_string_equal(machine.info.holder.id, "");
	struct key_use used = use(keys, machine.text);
	assert_int_equal(used.state, KEY_GOOD);
	assert_string_equal(actor_person(&used.actor), used.actor.id);
	assert_false(person_is_named(actor_person(&used.actor)));
	assert_true(person_is_machine(actor_person(&used.actor)));
	key_release(keys, &used);
	keys_close(keys);
}

/* Each at once, and also of what is under way. */
static void whatever_its_holder_loses_the_key_loses(void **state)
{
	struct place *place = *state;
	struct somebody amal;
	struct keys *keys;
	make_cheap(place);
	invite(place, "amal", ROLE_OPERATOR, &amal);
	assert_int_equal(enrol_at(place, &amal, clock_now_ms()), SIGN_IN_GOOD);
	must(keys_open(place->hilf, &keys, &place->err));
	struct held held =
		hold_key(place, &(struct key_info){.name = "tools", .role = ROLE_OPERATOR}, "amal");

	struct key_use under_way = use(keys, held.text);
	assert_true(may_ever(&under_way.actor, VERB_KEY_CREATE));
	change(place, &amal, (struct person_change){.set_role = true, .role = ROLE_REVIEWER});
	assert_int_equal(key_again(keys, &under_way, clock_now_ms()), KEY_HOLDER);
	key_release(keys, &under_way);
	under_way = use(keys, held.text);
	assert_int_equal(under_way.state, KEY_GOOD);
	assert_true(may_ever(&under_way.actor, VERB_DECIDE));
	assert_false(may_ever(&under_way.actor, VERB_KEY_CREATE));
	assert_int_equal(may(&under_way.actor, VERB_KEY_CREATE, NULL, &place->err), HILF_E_DENIED);
	assert_string_equal(place->err.text, "'key.create' needs the role operator, and who holds "
					     "this key has the role reviewer");

	change(place, &amal, (struct person_change){.set_enabled = true});
	assert_int_equal(key_again(keys, &under_way, clock_now_ms()), KEY_HOLDER);
	key_release(keys, &under_way);
	assert_int_equal(state_of(keys, held.text), KEY_HOLDER);
	change(place, &amal, (struct person_change){.set_enabled = true, .enabled = true});
	assert_int_equal(state_of(keys, held.text), KEY_GOOD);

	/* Who has to enrol anew may have lost more than a passphrase. */
	change(place, &amal, (struct person_change){.reset = true});
	assert_int_equal(state_of(keys, held.text), KEY_HOLDER);
	keys_close(keys);
}

static void banks_are_those_of_both(void **state)
{
	struct place *place = *state;
	static const char *const two[] = {"a", "b"}, *const other[] = {"b", "c"},
				 *const none[] = {"d"};
	struct somebody amal;
	struct keys *keys;
	make_cheap(place);
	invite(place, "amal", ROLE_REVIEWER, &amal);
	assert_int_equal(enrol_at(place, &amal, clock_now_ms()), SIGN_IN_GOOD);
	must(keys_open(place->hilf, &keys, &place->err));
	struct held all =
		hold_key(place, &(struct key_info){.name = "all", .role = ROLE_REVIEWER}, "amal");
	struct held some = hold_key(place,
		&(struct key_info){
			.name = "some", .role = ROLE_REVIEWER, .banks = two, .bank_count = 2},
		"amal");
	struct key_use used = use(keys, all.text);
	assert_null(used.actor.banks);
	key_release(keys, &used);
	used = use(keys, some.text);
	assert_int_equal(used.actor.bank_count, 2);
	key_release(keys, &used);

	change(place, &amal,
		(struct person_change){.set_banks = true, .banks = other, .bank_count = 2});
	used = use(keys, all.text);
	assert_int_equal(used.actor.bank_count, 2);
	assert_string_equal(used.actor.banks[1], "c");
	key_release(keys, &used);
	used = use(keys, some.text);
	assert_int_equal(used.actor.bank_count, 1);
	assert_string_equal(used.actor.banks[0], "b");
	key_release(keys, &used);

	/* Nothing in common is nothing, and not everything. */
	change(place, &amal,
		(struct person_change){.set_banks = true, .banks = none, .bank_count = 1});
	assert_int_equal(state_of(keys, some.text), KEY_HOLDER);
	assert_int_equal(state_of(keys, all.text), KEY_GOOD);
	keys_close(keys);
}

static int count_able(const struct key_info *info, void *ctx)
{
	*(unsigned *)ctx += info->holder.able;
	assert_string_equal(info->holder.name, "amal");
	return 0;
}

static void who_may_hold_what(void **state)
{
	struct place *place = *state;
	static const struct {
		const char *who;
		enum role role;
		int code;
		const char *text;
	} cases[] = {
		{"nobody", ROLE_CHECKER, HILF_E_NOT_FOUND,
			"there is nobody 'nobody'; 'hilf user list' shows who there is"},
		{"amal", ROLE_OPERATOR, HILF_E_INVALID,
			"a key does no more than who holds it may: 'amal' has the role reviewer, "
			"which is not all of operator"},
		{"amal", ROLE_CURATOR, HILF_E_INVALID,
			"a key does no more than who holds it may: 'amal' has the role reviewer, "
			"which is not all of curator"},
		{"gone", ROLE_CHECKER, HILF_E_INVALID,
			"'gone' is disabled and can hold no key; enable them first"},
	};
	struct somebody amal, gone;
	char text[KEY_TEXT_MAX] = "untouched";
	unsigned able = 0;
	make_cheap(place);
	invite(place, "amal", ROLE_REVIEWER, &amal);
	invite(place, "gone", ROLE_REVIEWER, &gone);
	change(place, &gone, (struct person_change){.set_enabled = true});
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct key_info info = {.name = "a", .role = cases[i].role};
		assert_int_equal(
			key_create(place->hilf, &info, cases[i].who, text, NULL, &place->err),
			cases[i].code);
		assert_string_equal(place->err.text, cases[i].text);
	}
	assert_string_equal(text, "untouched");
	hold_key(place, &(struct key_info){.name = "a", .role = ROLE_CHECKER}, "amal");
	hold_key(place, &(struct key_info){.name = "b", .role = ROLE_REVIEWER}, amal.person.id);
	must(key_each(place->hilf, count_able, &able, &place->err));
	assert_int_equal(able, 0);
	assert_int_equal(enrol_at(place, &amal, clock_now_ms()), SIGN_IN_GOOD);
	must(key_each(place->hilf, count_able, &able, &place->err));
	assert_int_equal(able, 2);
}

/* A later version's, say: no role is none that the key's own would be cut down to. */
static void who_has_a_role_that_is_none_is_able_to_nothing(void **state)
{
	struct place *place = *state;
	struct store_key key = {.held_by = "aaaaaaaaaa",
		.holder = {
			.name = "Amal", .role = ROLE_REVIEWER, .enabled = true, .enrolled = true}};
	struct key_holder holder;
	struct arena arena;
	arena_init(&arena, 0);
	must(keys_read_holder(&key, &arena, &holder, &place->err));
	assert_true(holder.able);
	key.holder.role = ROLE_COUNT;
	must(keys_read_holder(&key, &arena, &holder, &place->err));
	assert_false(holder.able);
	key.holder.role = ROLE_NONE;
	must(keys_read_holder(&key, &arena, &holder, &place->err));
	assert_false(holder.able);
	arena_clear(&arena);
}

static void what_another_process_takes_from_somebody_their_key_loses(void **state)
{
	struct place *place = *state;
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = place->dir, .no_index = true};
	struct somebody amal;
	struct hilf *other;
	struct keys *keys;
	make_cheap(place);
	invite(place, "amal", ROLE_REVIEWER, &amal);
	assert_int_equal(enrol_at(place, &amal, clock_now_ms()), SIGN_IN_GOOD);
	struct held held =
		hold_key(place, &(struct key_info){.name = "tools", .role = ROLE_REVIEWER}, "amal");
	must(keys_open(place->hilf, &keys, &place->err));
	assert_int_equal(state_of(keys, held.text), KEY_GOOD);
	must(hilf_open(&options, &other, &place->err));
	must(person_change(
		other, "amal", &(struct person_change){.set_enabled = true}, NULL, &place->err));
	must(keys_refresh(keys, &place->err));
	assert_int_equal(state_of(keys, held.text), KEY_HOLDER);
	hilf_close(other);
	keys_close(keys);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_held_key_acts_as_its_holder_once_they_have_enrolled),
		TEST(a_machines_key_is_nobody),
		TEST(whatever_its_holder_loses_the_key_loses),
		TEST(banks_are_those_of_both),
		TEST(who_may_hold_what),
		TEST(who_has_a_role_that_is_none_is_able_to_nothing),
		TEST(what_another_process_takes_from_somebody_their_key_loses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
