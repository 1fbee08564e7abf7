/* It is people who are compared, whichever way they came: a session and a key of one person are one, and what nobody holds
 * is nobody's second. */
#include "engine/appeals.h"
#include "engine/desk_place_test.h"
#include "engine/escalations.h"
#include "os/clock.h"

static const struct actor first_key = {.role = ROLE_REVIEWER,
	.held_as = ROLE_REVIEWER,
	.id = "key:aaaaaaaaaa",
	.person = "user:first"};
static const struct actor machine = {.role = ROLE_REVIEWER, .id = "key:bbbbbbbbbb"};
static const struct actor cert = {.role = ROLE_REVIEWER, .id = "cert:desk.example"};
static const struct actor whoever = {.role = ROLE_OPERATOR, .id = "open"};

static void who_is_the_same_and_who_is_named(void **state)
{
	(void)state;
	assert_true(actor_is(&first_key, first_person.id));
	assert_true(actor_is(&first_person, actor_person(&first_key)));
	assert_false(actor_is(&first_key, second_person.id));
	assert_false(actor_is(&first_key, first_key.id));
	assert_false(actor_is(&first_key, ""));
	assert_false(actor_is(&first_key, NULL));
	assert_false(actor_is(NULL, "user:first"));
	assert_true(actor_is(&machine, "key:bbbbbbbbbb"));
	assert_true(person_is_named(actor_person(&first_key)));
	assert_false(person_is_named(actor_person(&machine)) || person_is_named(cert.id) ||
		     person_is_named(whoever.id) || person_is_named("local"));
	assert_true(person_is_machine(machine.id) && person_is_machine(cert.id) &&
		    person_is_machine("cert#0011223344556677"));
	assert_false(person_is_machine(actor_person(&first_key)) || person_is_machine(whoever.id));
}

static void a_role_covers_another_where_it_may_do_all_of_it(void **state)
{
	(void)state;
	for (unsigned role = ROLE_CHECKER; role < ROLE_COUNT; role++) {
		assert_true(role_covers(ROLE_OPERATOR, (enum role)role));
		assert_true(role_covers((enum role)role, (enum role)role));
		assert_false(role_covers(ROLE_NONE, (enum role)role));
	}
	assert_true(role_covers(ROLE_REVIEWER, ROLE_CHECKER));
	assert_true(role_covers(ROLE_CURATOR, ROLE_CHECKER));
	assert_false(role_covers(ROLE_REVIEWER, ROLE_CURATOR));
	assert_false(role_covers(ROLE_CURATOR, ROLE_REVIEWER));
	assert_false(role_covers(ROLE_AUDITOR, ROLE_CHECKER));
	assert_false(role_covers(ROLE_REVIEWER, ROLE_OPERATOR));
}

static void refused_second(
	struct place *place, const struct actor *actor, const char *decision, const char *code)
{
	struct refusal refusal;
	assert_int_equal(
		decide_second(place->hilf, actor, decision, true, NULL, &refusal, &place->err),
		HILF_E_DENIED);
	assert_string_equal(refusal.code, code);
}

static void a_second_person_is_another_one_and_a_person(void **state)
{
	struct place *place = *state;
	struct question question = ask_question(place, 2);
	struct decide_request request = plain_decision(&question);
	struct refusal refusal;
	struct arena arena;
	arena_init(&arena, 0);
	request.actions = ACTION_SUSPEND;
	struct decision_info info = decide_it(&question, &request, &arena);
	assert_int_equal(state_of(place, info.id), DECISION_WAITING);
	refused_second(place, &first_person, info.id, "same_person");
	refused_second(place, &first_key, info.id, "same_person");
	refused_second(place, &machine, info.id, "person_needed");
	refused_second(place, &cert, info.id, "person_needed");
	refused_second(place, &whoever, info.id, "person_needed");
	/* One's own, also by the other way. */
	must(decision_get(place->hilf, &first_key, info.id, &arena, &info, &place->err));
	assert_true(info.mine);
	must(decide_second(
		place->hilf, &second_person, info.id, true, NULL, &refusal, &place->err));
	sweep_all(place);
	assert_int_equal(state_of(place, info.id), DECISION_STANDING);
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

static void a_decision_is_undone_with_the_key_of_who_made_it(void **state)
{
	struct place *place = *state;
	struct question question = ask_question(place, 1);
	struct decide_request request = plain_decision(&question);
	struct refusal refusal;
	struct arena arena;
	arena_init(&arena, 0);
	request.actions = ACTION_SUSPEND;
	struct decision_info info = decide_it(&question, &request, &arena);
	assert_int_equal(
		decide_undo(place->hilf, &machine, info.id, &refusal, &place->err), HILF_E_DENIED);
	must(decide_undo(place->hilf, &first_key, info.id, &refusal, &place->err));
	assert_int_equal(state_of(place, info.id), DECISION_UNDONE);
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

static int try_decide(struct place *place, const struct actor *actor,
	const struct decide_request *request, struct arena *arena, struct decision_info *ret_info,
	struct refusal *ret_refusal)
{
	return decide(place->hilf, actor, request, arena, ret_info, ret_refusal, &place->err);
}

static void what_a_machine_decides_is_automated_and_never_one_of_two(void **state)
{
	struct place *place = *state;
	struct question question = ask_question(place, 2);
	struct decide_request request = plain_decision(&question);
	struct decision_info info;
	struct refusal refusal;
	struct arena arena;
	arena_init(&arena, 0);
	request.actions = ACTION_SUSPEND;
	assert_int_equal(
		try_decide(place, &machine, &request, &arena, &info, &refusal), HILF_E_DENIED);
	assert_string_equal(refusal.code, "person_needed");
	assert_string_equal(place->err.text, "this is for a person, and nobody holds this key");
	assert_int_equal(
		try_decide(place, &whoever, &request, &arena, &info, &refusal), HILF_E_DENIED);
	assert_string_equal(
		place->err.text, "this is for a person by name, and nobody is signed in");
	request.actions = ACTION_REMOVE;
	request.opinion = HILF_CONFIRM;
	assert_int_equal(
		try_decide(place, &machine, &request, &arena, &info, &refusal), HILF_E_DENIED);
	assert_string_equal(refusal.code, "person_needed");
	request.opinion = 0;
	request.language = "en";
	must(try_decide(place, &machine, &request, &arena, &info, &refusal));
	assert_true(info.automated && info.mine && !info.block);
	assert_non_null(strstr(info.statement, "made by automated means"));
	assert_null(strstr(info.statement, "A person made the decision"));
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

static void who_has_only_opened_the_console_decides_as_a_person(void **state)
{
	struct place *place = *state;
	struct question question = ask_question(place, 1);
	struct decide_request request = plain_decision(&question);
	struct decision_info info;
	struct refusal refusal;
	struct arena arena;
	arena_init(&arena, 0);
	request.language = "en";
	must(try_decide(place, &whoever, &request, &arena, &info, &refusal));
	assert_false(info.automated);
	assert_non_null(strstr(info.statement, "A person made the decision"));
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

static int refused_appeal(struct place *place, const struct actor *actor,
	const struct appeal_decide *decide, struct refusal *ret_refusal)
{
	struct appeal_info appeal;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = appeal_decide(
		place->hilf, actor, decide, &arena, &appeal, ret_refusal, &place->err);
	arena_clear(&arena);
	return rc;
}

static void an_appeal_is_judged_by_another_person_by_name(void **state)
{
	struct place *place = *state;
	static const struct {
		const struct actor *actor;
		const char *code;
	} cases[] = {{&first_person, "same_person"}, {&first_key, "same_person"},
		{&machine, "person_needed"}, {&whoever, "person_needed"}};
	struct question question = ask_question(place, 1);
	struct decide_request request = plain_decision(&question);
	uint8_t key[APPEAL_KEY_SIZE];
	char token[APPEAL_TOKEN_TEXT];
	struct appeal_info appeal;
	struct decision_info info;
	struct refusal refusal;
	struct arena arena;
	arena_init(&arena, 0);
	must(try_decide(place, &first_key, &request, &arena, &info, &refusal));
	assert_false(info.automated);
	sweep_all(place);
	must(appeal_key(place->hilf, false, key, &place->err));
	appeal_token(key, info.number, 1, token);
	must(appeal_make(place->hilf, token, "Why?", "fr", &arena, &appeal, &refusal, &place->err));
	const struct appeal_decide judged = {
		.case_id = appeal.case_id, .uphold = true, .text = "Indeed."};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(
			refused_appeal(place, cases[i].actor, &judged, &refusal), HILF_E_DENIED);
		assert_string_equal(refusal.code, cases[i].code);
	}
	/* Nor are they given it. */
	const struct case_next next = {.actor = machine.id, .kind = CASE_APPEAL};
	uint64_t given = 0;
	must(case_next(place->hilf, &next, &given, &place->err));
	assert_int_equal(given, 0);
	must(refused_appeal(place, &second_person, &judged, &refusal));
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

static void an_escalation_is_by_two_people(void **state)
{
	struct place *place = *state;
	struct question question = ask_question(place, 1);
	const struct escalation_info info = {.case_id = question.case_id,
		.authority = "Police",
		.contact = "by telephone",
		.sent = "the address",
		.told_ms = clock_now_ms()};
	struct escalation_info made;
	struct refusal refusal;
	struct arena arena;
	arena_init(&arena, 0);
	assert_int_equal(
		escalation_add(place->hilf, &machine, &info, &arena, &made, &refusal, &place->err),
		HILF_E_DENIED);
	assert_string_equal(refusal.code, "person_needed");
	must(escalation_add(place->hilf, &first_key, &info, &arena, &made, &refusal, &place->err));
	static const struct {
		const struct actor *actor;
		const char *code;
	} cases[] = {{&first_person, "same_person"}, {&first_key, "same_person"},
		{&machine, "person_needed"}};
	char id[DECISION_TEXT];
	memcpy(id, made.id, sizeof id);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(escalation_second(place->hilf, cases[i].actor, id, true, &arena,
					 &made, &refusal, &place->err),
			HILF_E_DENIED);
		assert_string_equal(refusal.code, cases[i].code);
	}
	must(escalation_second(
		place->hilf, &second_person, id, true, &arena, &made, &refusal, &place->err));
	assert_int_equal(made.state, ESCALATION_DONE);
	arena_clear(&arena);
	hilf_check_free(&question.check);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_the_same_and_who_is_named),
		cmocka_unit_test(a_role_covers_another_where_it_may_do_all_of_it),
		TEST(a_second_person_is_another_one_and_a_person),
		TEST(a_decision_is_undone_with_the_key_of_who_made_it),
		TEST(what_a_machine_decides_is_automated_and_never_one_of_two),
		TEST(who_has_only_opened_the_console_decides_as_a_person),
		TEST(an_appeal_is_judged_by_another_person_by_name),
		TEST(an_escalation_is_by_two_people),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
