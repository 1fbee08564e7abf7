/* The table of who may do what. A line is a verb, its rules and the roles that have it; everything else here asks the
 * table. Whoever is limited to banks has what those banks are concerned with and nothing of the node as a whole, and
 * nobody has more over a bank that another member owns than this node's own view of it. */
#include "engine/may.h"

#include "base/check.h"
#include "base/err.h"

#include <string.h>

#define CHECKER  (1u << ROLE_CHECKER)
#define CURATOR  (1u << ROLE_CURATOR)
#define REVIEWER (1u << ROLE_REVIEWER)
#define OPERATOR (1u << ROLE_OPERATOR)
#define AUDITOR  (1u << ROLE_AUDITOR)
#define EVERYONE (CHECKER | CURATOR | REVIEWER | OPERATOR | AUDITOR)
#define ANYBODY  (EVERYONE | 1u << ROLE_NONE)

/* What a verb asks of its object. */
enum rule {
	OWN = 1 << 0,    /* a bank, or an entry of one, of this node's member */
	WHOLE = 1 << 1,  /* it concerns every bank at once, so nobody limited to some has it */
	HOLDER = 1 << 2, /* who is limited to banks has it over what is theirs alone */
};

struct line {
	const char *name;
	unsigned rules, roles;
};

/* clang-format off */

static const struct line lines[VERB_COUNT] = {
	[VERB_NONE]            = {"none",            0,      0},
	[VERB_PUBLIC]          = {"public",          0,      ANYBODY},
	/* To send content and learn what it is: a platform's upload path needs this and no more. A reviewer compares
	 * what is on the desk with what is known, a curator what is to be added. */
	[VERB_CHECK]           = {"check",           0,      CHECKER | CURATOR | REVIEWER | OPERATOR},
	[VERB_HASH]            = {"hash",            0,      CHECKER | CURATOR | REVIEWER | OPERATOR},
	/* That a bank is there, with its mode and how many entries it has, is in every answer of a check anyway. */
	[VERB_BANK_READ]       = {"bank.read",       0,      EVERYONE},
	[VERB_BANK_CREATE]     = {"bank.create",     0,      CURATOR | OPERATOR},
	[VERB_BANK_CHANGE]     = {"bank.change",     0,      CURATOR | OPERATOR},
	[VERB_BANK_RENAME]     = {"bank.rename",     OWN,    CURATOR | OPERATOR},
	/* It withdraws every entry at once, for good. */
	[VERB_BANK_REMOVE]     = {"bank.remove",     OWN,    OPERATOR},
	/* Signals are what somebody would test a forgery against, so who only checks does not see them. */
	[VERB_ENTRY_READ]      = {"entry.read",      0,      CURATOR | REVIEWER | OPERATOR | AUDITOR},
	[VERB_ENTRY_ADD]       = {"entry.add",       OWN,    CURATOR | OPERATOR},
	[VERB_ENTRY_CHANGE]    = {"entry.change",    OWN,    CURATOR | OPERATOR},
	[VERB_ENTRY_MUTE]      = {"entry.mute",      0,      CURATOR | REVIEWER | OPERATOR},
	/* A reviewer who finds a mistake can end it at once; adding waits for a curator. */
	[VERB_ENTRY_WITHDRAW]  = {"entry.withdraw",  OWN,    CURATOR | REVIEWER | OPERATOR},
	[VERB_ENTRY_ERASE]     = {"entry.erase",     OWN,    OPERATOR},
	[VERB_OPINION_READ]    = {"opinion.read",    0,      CURATOR | REVIEWER | OPERATOR | AUDITOR},
	/* A member's word on an entry of whatever bank: that is what opinions are for. */
	[VERB_OPINION_GIVE]    = {"opinion.give",    0,      CURATOR | REVIEWER | OPERATOR},
	/* All banks' records, as signed. */
	[VERB_FEED_READ]       = {"feed.read",       WHOLE,  CURATOR | OPERATOR | AUDITOR},
	/* What a second node needs to be the same: salts and this node's own settings are in it. */
	[VERB_REPLICA_READ]    = {"replica.read",    WHOLE,  OPERATOR},
	[VERB_CHECK_READ]      = {"check.read",      HOLDER, REVIEWER | OPERATOR | AUDITOR},
	/* Who uploaded: an auditor judges decisions without knowing whom they met. */
	[VERB_UPLOADER_READ]   = {"uploader.read",   HOLDER, REVIEWER | OPERATOR},
	[VERB_LOOKBACK_ERASE]  = {"lookback.erase",  WHOLE,  OPERATOR},
	/* Only operators handle keys, so that no role can make one that can do more than itself. */
	[VERB_KEY_READ]        = {"key.read",        0,      OPERATOR | AUDITOR},
	[VERB_KEY_CREATE]      = {"key.create",      0,      OPERATOR},
	[VERB_KEY_REVOKE]      = {"key.revoke",      0,      OPERATOR},
	/* A webhook carries what happens to an address of somebody's choosing. */
	[VERB_WEBHOOK_READ]    = {"webhook.read",    0,      OPERATOR | AUDITOR},
	[VERB_WEBHOOK_CHANGE]  = {"webhook.change",  0,      OPERATOR},
	[VERB_DELIVERY_READ]   = {"delivery.read",   0,      OPERATOR | AUDITOR},
	[VERB_DELIVERY_REPLAY] = {"delivery.replay", 0,      OPERATOR},
	/* Whether the node is well: numbers, no names. */
	[VERB_STATUS_READ]     = {"status.read",     0,      EVERYONE},
	[VERB_METRICS_READ]    = {"metrics.read",    WHOLE,  OPERATOR | AUDITOR},
	/* Curators answer for what is known, not for what is decided of somebody's upload. */
	[VERB_CASE_READ]       = {"case.read",       0,      REVIEWER | OPERATOR | AUDITOR},
	[VERB_CASE_WORK]       = {"case.work",       0,      REVIEWER | OPERATOR},
	/* The platform passes on what its users say, with the key with which it checks. */
	[VERB_REPORT]          = {"report",          0,      CHECKER | CURATOR | REVIEWER | OPERATOR},
	[VERB_DECIDE]          = {"decide",          0,      REVIEWER | OPERATOR},
	[VERB_ESCALATE]        = {"escalate",        0,      REVIEWER | OPERATOR},
	[VERB_EXEMPTION_READ]  = {"exemption.read",  0,      REVIEWER | OPERATOR | AUDITOR},
	[VERB_EXEMPTION_CHANGE] = {"exemption.change", 0,    REVIEWER | OPERATOR},
	[VERB_SETTING_CHANGE]  = {"setting.change",  WHOLE,  OPERATOR},
	[VERB_ME]              = {"me",              0,      EVERYONE},
	/* Who works here is the whole node's business, as is who may. */
	[VERB_USER_READ]       = {"user.read",       WHOLE,  OPERATOR | AUDITOR},
	[VERB_USER_CHANGE]     = {"user.change",     WHOLE,  OPERATOR},
	/* Counts, and never of a person; a checker asks about content, and nothing else. */
	[VERB_INSIGHT_READ]    = {"insight.read",    WHOLE,  CURATOR | REVIEWER | OPERATOR | AUDITOR},
	[VERB_BANK_EFFECT]     = {"bank.effect",     0,      CURATOR | REVIEWER | OPERATOR | AUDITOR},
	/* Who decides has to look; nobody else has. */
	[VERB_PREVIEW_READ]    = {"preview.read",    0,      REVIEWER | OPERATOR},
	[VERB_EXPOSURE_GROUP]  = {"exposure.group",  WHOLE,  OPERATOR},
};

/* clang-format on */

static const char *const role_names[ROLE_COUNT] = {
	"none", "checker", "curator", "reviewer", "operator", "auditor"};

const char *role_name(enum role role)
{
	return (unsigned)role < ROLE_COUNT ? role_names[role] : "unknown";
}

int role_parse(const char *name, enum role *ret_role, struct hilf_err *err)
{
	for (unsigned i = ROLE_NONE + 1; i < ROLE_COUNT; i++) {
		if (strcmp(name, role_names[i]) == 0) {
			*ret_role = (enum role)i;
			return 0;
		}
	}
	return err_set(err, HILF_E_INVALID,
		"role '%.40s' is none of checker, curator, reviewer, operator, auditor", name);
}

const char *verb_name(enum verb verb)
{
	return (unsigned)verb < VERB_COUNT ? lines[verb].name : "unknown";
}

bool may_ever(const struct actor *actor, enum verb verb)
{
	ASSERT(actor);
	if ((unsigned)verb >= VERB_COUNT || (unsigned)actor->role >= ROLE_COUNT)
		return false;
	if (actor->banks && (lines[verb].rules & WHOLE))
		return false;
	if (actor->held_as && !(lines[verb].roles >> actor->held_as & 1))
		return false;
	return lines[verb].roles >> actor->role & 1;
}

/* ------------------------------------------------------------------------------------------ persons */

const char *actor_person(const struct actor *actor)
{
	return actor->person[0] ? actor->person : actor->id;
}

bool actor_is(const struct actor *actor, const char *person)
{
	return actor && person && *person && strcmp(actor_person(actor), person) == 0;
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

bool person_is_named(const char *person)
{
	return begins(person, "user:");
}

bool person_is_machine(const char *person)
{
	return begins(person, "key:") || begins(person, "cert:") || begins(person, "cert#");
}

bool role_covers(enum role role, enum role key)
{
	if ((unsigned)role >= ROLE_COUNT || (unsigned)key >= ROLE_COUNT)
		return false;
	for (unsigned verb = VERB_NONE + 1; verb < VERB_COUNT; verb++)
		if ((lines[verb].roles >> key & 1) && !(lines[verb].roles >> role & 1))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------ may */

static bool in_scope(const struct actor *actor, const char *bank)
{
	for (size_t i = 0; i < actor->bank_count; i++)
		if (strcmp(actor->banks[i], bank) == 0)
			return true;
	return false;
}

/* The roles that have the verb, as "curator, operator"; the longest list has all five. */
static void list_roles(enum verb verb, char *ret_text, size_t room)
{
	ret_text[0] = '\0';
	for (unsigned i = ROLE_NONE + 1; i < ROLE_COUNT; i++) {
		if (!(lines[verb].roles >> i & 1))
			continue;
		if (ret_text[0])
			strncat(ret_text, " or ", room - strlen(ret_text) - 1);
		strncat(ret_text, role_names[i], room - strlen(ret_text) - 1);
	}
}

static int deny_role(const struct actor *actor, enum verb verb, struct hilf_err *err)
{
	char roles[80];
	if ((unsigned)verb >= VERB_COUNT || !lines[verb].roles)
		return err_set(err, HILF_E_DENIED, "nobody may do that");
	list_roles(verb, roles, sizeof roles);
	if (actor->role == ROLE_NONE)
		return err_set(err, HILF_E_DENIED, "'%s' needs a key with the role %s",
			lines[verb].name, roles);
	if (actor->held_as && !(lines[verb].roles >> actor->held_as & 1))
		return err_set(err, HILF_E_DENIED,
			"'%s' needs the role %s, and who holds this key has the role %s",
			lines[verb].name, roles, role_name(actor->held_as));
	if ((unsigned)actor->role < ROLE_COUNT && (lines[verb].roles >> actor->role & 1))
		return err_set(err, HILF_E_DENIED,
			"'%s' concerns all banks, and this key is limited to some",
			lines[verb].name);
	return err_set(err, HILF_E_DENIED, "'%s' needs the role %s, not %s", lines[verb].name,
		roles, role_name(actor->role));
}

/* Of what belongs to no bank by its nature: a check rests on entries of many. */
static int check_holder(const struct actor *actor, enum verb verb, const struct object *object,
	struct hilf_err *err)
{
	if (object->holder && strcmp(object->holder, actor->id) == 0)
		return 0;
	return err_set(err, HILF_E_DENIED,
		"'%s': this key is limited to some banks, and so to the checks that it made",
		lines[verb].name);
}

static int check_scope(const struct actor *actor, enum verb verb, const struct object *object,
	struct hilf_err *err)
{
	if (!actor->banks)
		return 0;
	if ((lines[verb].rules & HOLDER) && object->kind != OBJECT_CASE)
		return check_holder(actor, verb, object, err);
	if (!object->bank)
		return err_set(err, HILF_E_DENIED,
			"'%s': it concerns all banks, and this key is limited to some",
			lines[verb].name);
	if (!in_scope(actor, object->bank))
		return err_set(err, HILF_E_DENIED,
			"'%s': bank '%.64s' is outside the banks that this key is limited to",
			lines[verb].name, object->bank);
	return 0;
}

int may(const struct actor *actor, enum verb verb, const struct object *object,
	struct hilf_err *err)
{
	ASSERT(actor);
	if (!may_ever(actor, verb))
		return deny_role(actor, verb, err);
	if (!object || object->kind == OBJECT_NONE)
		return 0;
	int rc = check_scope(actor, verb, object, err);
	if (rc)
		return rc;
	bool of_bank = object->kind == OBJECT_BANK || object->kind == OBJECT_ENTRY;
	if ((lines[verb].rules & OWN) && of_bank && !object->own)
		return err_set(err, HILF_E_DENIED,
			"'%s': bank '%.64s' belongs to another member, and only it can do that",
			lines[verb].name, object->bank ? object->bank : "");
	return 0;
}
