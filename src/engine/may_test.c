/* Every verb × role × kind of object × own or foreign × in or out of scope, against what is written down here a second
 * time, in another form than may.c has it: a line for each role, of what it may do, in words. */
#include "engine/may.h"

#include "base/check.h"
#include "test/unit.h"

#include <string.h>

/* Which verbs a role has. "x" alone: over whatever bank; "x!": over one's own banks alone. */
static const char *const expected[ROLE_COUNT] = {
	[ROLE_NONE] = "public",
	[ROLE_CHECKER] = "public check hash report bank.read status.read me",
	[ROLE_CURATOR] = "public me check hash report bank.read bank.create bank.change "
			 "bank.rename! entry.read "
			 "entry.add! entry.change! entry.mute entry.withdraw! opinion.read "
			 "opinion.give feed.read status.read insight.read bank.effect",
	[ROLE_REVIEWER] = "public me preview.read check hash report case.read case.work decide escalate exemption.read exemption.change bank.read entry.read "
			  "entry.mute entry.withdraw! "
			  "opinion.read opinion.give check.read uploader.read status.read "
			  "insight.read bank.effect",
	[ROLE_OPERATOR] =
		"public me preview.read exposure.group user.read user.change check hash report case.read case.work decide escalate exemption.read exemption.change bank.read "
		"bank.create bank.change bank.rename! bank.remove! "
		"entry.read entry.add! entry.change! entry.mute entry.withdraw! entry.erase! "
		"opinion.read opinion.give feed.read replica.read check.read uploader.read "
		"lookback.erase key.read key.create key.revoke webhook.read webhook.change "
		"delivery.read delivery.replay status.read metrics.read setting.change "
		"insight.read bank.effect",
	[ROLE_AUDITOR] =
		"public me user.read case.read exemption.read bank.read entry.read opinion.read feed.read "
		"check.read key.read "
		"webhook.read delivery.read status.read metrics.read insight.read bank.effect",
};

/* What concerns the node as a whole, and so nobody who is limited to banks. */
static const char whole[] =
	"exposure.group user.read user.change feed.read replica.read lookback.erase metrics.read setting.change "
	"insight.read";
/* What somebody limited to banks has over what is theirs alone. */
static const char held[] = "check.read uploader.read";

/* Whether the list has the word, and whether with a mark behind it. */
static bool has(const char *list, const char *word, bool *ret_marked)
{
	size_t size = strlen(word);
	for (const char *at = list; (at = strstr(at, word)); at += size) {
		char before = at == list ? ' ' : at[-1], after = at[size];
		if (before == ' ' && (after == ' ' || after == '!' || after == '\0')) {
			*ret_marked = after == '!';
			return true;
		}
	}
	return false;
}

static bool may_by_the_list(const struct actor *actor, enum verb verb, const struct object *object)
{
	const char *name = verb_name(verb);
	bool own_only, marked;
	if (!has(expected[actor->role], name, &own_only))
		return false;
	if (actor->banks && has(whole, name, &marked))
		return false;
	if (!object || object->kind == OBJECT_NONE)
		return true;
	if (actor->banks && has(held, name, &marked) && object->kind != OBJECT_CASE) {
		if (!object->holder || strcmp(object->holder, actor->id) != 0)
			return false;
	} else if (actor->banks && (!object->bank || strcmp(object->bank, "inside") != 0)) {
		return false;
	}
	bool of_bank = object->kind == OBJECT_BANK || object->kind == OBJECT_ENTRY;
	return !(own_only && of_bank && !object->own);
}

static void check_one(const struct actor *actor, enum verb verb, const struct object *object)
{
	struct hilf_err err = {0};
	int rc = may(actor, verb, object, &err);
	bool wanted = may_by_the_list(actor, verb, object);
	if ((rc == 0) != wanted)
		fail_msg("%s, %s, kind %d, bank %s, own %d, holder %s, scope %d: %d instead of %d",
			role_name(actor->role), verb_name(verb), object ? (int)object->kind : -1,
			object && object->bank ? object->bank : "-", object ? object->own : -1,
			object && object->holder ? object->holder : "-", actor->banks != NULL, rc,
			wanted);
	if (rc) {
		assert_int_equal(rc, HILF_E_DENIED);
		assert_int_equal(err.code, HILF_E_DENIED);
		assert_true(strlen(err.text) > 10);
	}
	/* What the end of the headers refuses, no object makes good. */
	if (!may_ever(actor, verb))
		assert_int_not_equal(rc, 0);
}

static void every_verb_for_every_role_is_as_written_down(void **state)
{
	static const char *const scope[] = {"inside", "another"};
	static const char *const banks[] = {NULL, "inside", "outside"};
	static const char *const holders[] = {NULL, "key:me", "key:other"};
	unsigned count = 0;
	(void)state;
	for (unsigned role = 0; role < ROLE_COUNT; role++) {
		for (unsigned scoped = 0; scoped < 2; scoped++) {
			const struct actor actor = {.role = (enum role)role,
				.id = "key:me",
				.banks = scoped ? scope : NULL,
				.bank_count = scoped ? 2 : 0};
			for (unsigned verb = 0; verb < VERB_COUNT; verb++) {
				check_one(&actor, (enum verb)verb, NULL);
				for (unsigned i = 0; i < 7 * 3 * 3 * 2; i++, count++) {
					const struct object object = {
						.kind = (enum object_kind)(i % 7),
						.bank = banks[i / 7 % 3],
						.holder = holders[i / 21 % 3],
						.own = i / 63};
					check_one(&actor, (enum verb)verb, &object);
				}
			}
		}
	}
	assert_int_equal(count, ROLE_COUNT * 2 * VERB_COUNT * 126);
}

static void every_verb_has_a_name_and_a_role(void **state)
{
	(void)state;
	for (unsigned verb = VERB_PUBLIC; verb < VERB_COUNT; verb++) {
		bool any = false;
		assert_non_null(verb_name((enum verb)verb));
		for (unsigned other = VERB_PUBLIC; other < verb; other++)
			assert_string_not_equal(
				verb_name((enum verb)verb), verb_name((enum verb)other));
		for (unsigned role = 0; role < ROLE_COUNT; role++) {
			const struct actor actor = {.role = (enum role)role};
			any = any || may_ever(&actor, (enum verb)verb);
		}
		assert_true(any);
	}
	assert_string_equal(verb_name(VERB_COUNT), "unknown");
}

static void what_is_no_verb_or_no_role_is_refused(void **state)
{
	const struct actor operator= {.role = ROLE_OPERATOR}, nobody = {.role = ROLE_NONE},
			   strange = {.role = (enum role)77};
	struct hilf_err err;
	enum role role = ROLE_NONE;
	(void)state;
	assert_int_equal(may(&operator, VERB_NONE, NULL, &err), HILF_E_DENIED);
	assert_int_equal(may(&operator, VERB_COUNT, NULL, &err), HILF_E_DENIED);
	assert_int_equal(may(&strange, VERB_CHECK, NULL, &err), HILF_E_DENIED);
	assert_int_equal(may(&nobody, VERB_CHECK, NULL, &err), HILF_E_DENIED);
	assert_string_equal(err.text,
		"'check' needs a key with the role checker or curator or reviewer or operator");
	assert_int_equal(role_parse("root", &role, &err), HILF_E_INVALID);
	assert_int_equal(role_parse("none", &role, &err), HILF_E_INVALID);
	for (unsigned i = ROLE_CHECKER; i < ROLE_COUNT; i++) {
		assert_int_equal(role_parse(role_name((enum role)i), &role, &err), 0);
		assert_int_equal(role, i);
	}
}

static void refusals_say_what_is_missing(void **state)
{
	static const char *const scope[] = {"inside"};
	const struct actor checker = {.role = ROLE_CHECKER, .id = "key:a"};
	const struct actor curator = {
		.role = ROLE_CURATOR, .id = "key:b", .banks = scope, .bank_count = 1};
	struct object object = {.kind = OBJECT_ENTRY, .bank = "other", .own = true};
	struct hilf_err err;
	(void)state;
	assert_int_equal(may(&checker, VERB_ENTRY_ADD, &object, &err), HILF_E_DENIED);
	assert_string_equal(
		err.text, "'entry.add' needs the role curator or operator, not checker");
	assert_int_equal(may(&curator, VERB_ENTRY_ADD, &object, &err), HILF_E_DENIED);
	assert_string_equal(err.text,
		"'entry.add': bank 'other' is outside the banks that this key is limited to");
	object = (struct object){.kind = OBJECT_ENTRY, .bank = "inside", .own = false};
	assert_int_equal(may(&curator, VERB_ENTRY_ADD, &object, &err), HILF_E_DENIED);
	assert_string_equal(err.text,
		"'entry.add': bank 'inside' belongs to another member, and only it can do that");
	assert_int_equal(may(&curator, VERB_ENTRY_MUTE, &object, &err), 0);
	assert_int_equal(may(&curator, VERB_FEED_READ, NULL, &err), HILF_E_DENIED);
	assert_string_equal(
		err.text, "'feed.read' concerns all banks, and this key is limited to some");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verb_for_every_role_is_as_written_down),
		cmocka_unit_test(every_verb_has_a_name_and_a_role),
		cmocka_unit_test(what_is_no_verb_or_no_role_is_refused),
		cmocka_unit_test(refusals_say_what_is_missing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
