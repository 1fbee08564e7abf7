/* Who may do what: one function, in one place, for the API, the drop-in and the console.
 *
 * An actor is an API key, a client certificate, a user of the machine on the unix socket, or "open" access on loopback;
 * it has a role, and perhaps a scope of banks. A key that a person holds may do what both its role and theirs may. A verb is what a route does. The object is what it does it to, already
 * loaded, so that nothing is decided on a name somebody sent. */
#ifndef ENGINE_MAY_H
#define ENGINE_MAY_H

#include "hilf.h"

enum role {
	ROLE_NONE = 0,
	ROLE_CHECKER,
	ROLE_CURATOR,
	ROLE_REVIEWER,
	ROLE_OPERATOR,
	ROLE_AUDITOR,
	ROLE_COUNT
};
const char *role_name(enum role role); /* "checker" */
int role_parse(const char *name, enum role *ret_role, struct hilf_err *err);

/* Each line of the table in may.c gives a verb the roles that have it. */
enum verb {
	VERB_NONE = 0,
	VERB_PUBLIC, /* nobody needs to be anybody: health, the API page */
	VERB_CHECK,
	VERB_HASH,
	VERB_BANK_READ,
	VERB_BANK_CREATE,
	VERB_BANK_CHANGE, /* mode, threshold, sampling: this node's own, of whatever bank */
	VERB_BANK_RENAME,
	VERB_BANK_REMOVE,
	VERB_ENTRY_READ,
	VERB_ENTRY_ADD,
	VERB_ENTRY_CHANGE,
	VERB_ENTRY_MUTE, /* on this node alone, of whatever bank */
	VERB_ENTRY_WITHDRAW,
	VERB_ENTRY_ERASE,
	VERB_OPINION_READ,
	VERB_OPINION_GIVE,
	VERB_FEED_READ,
	VERB_REPLICA_READ,
	VERB_CHECK_READ, /* recorded checks and decisions */
	VERB_UPLOADER_READ, /* uploader_ref and evidence_url in them: leave both out for whoever may not */
	VERB_LOOKBACK_ERASE,
	VERB_KEY_READ,
	VERB_KEY_CREATE,
	VERB_KEY_REVOKE,
	VERB_WEBHOOK_READ,
	VERB_WEBHOOK_CHANGE,
	VERB_DELIVERY_READ,
	VERB_DELIVERY_REPLAY,
	VERB_STATUS_READ,
	VERB_METRICS_READ,
	VERB_SETTING_CHANGE,
	VERB_ME, /* one's own session, language, passphrase */
	VERB_USER_READ,
	VERB_USER_CHANGE,
	VERB_INSIGHT_READ, /* counts over time, of the node as a whole */
	VERB_BANK_EFFECT,  /* what another mode or threshold would have done */
	VERB_CASE_READ,
	VERB_CASE_WORK, /* take it, write notes */
	VERB_REPORT,    /* what a user reported */
	VERB_DECIDE,    /* what people find, appeals among it */
	VERB_ESCALATE,
	VERB_EXEMPTION_READ,
	VERB_EXEMPTION_CHANGE,
	VERB_PREVIEW_READ, /* to look at content of a case, and to say for how long */
	VERB_EXPOSURE_GROUP,
	VERB_COUNT
};
const char *verb_name(enum verb verb); /* "entry.withdraw" */

struct actor {
	enum role role;
	enum role
		held_as; /* of a key that somebody holds: their role, beyond which it goes nowhere; else ROLE_NONE */
	char id[24]; /* "key:7f3k...", "user:7f3k...", "open", "local", "cert:NAME": opaque, never leaves the node */
	char person[24];          /* of a key that somebody holds: "user:7f3k..."; else "" */
	const char *const *banks; /* the names it is limited to; NULL: all */
	size_t bank_count;
};

/* ------------------------------------------------------------------------------------------ persons
 *
 *   a session of Amal ──┐
 *   a key of Amal's ────┴──► "user:7f3k..."     a named person: may be the other one where two are asked for
 *   open, local ───────────► "open", "local"    somebody at this machine: decides, and is nobody's second
 *   a key that nobody holds,
 *   a certificate ─────────► "key:...", "cert:" a machine: what it decides is automated
 *
 * Whatever a row of the desk says of who did it (decisions, leases, notes, aliases, bars, views, exposure) is this text,
 * so that it is the person who is compared, whichever way they came. Who holds a key never changes, so a row never does. */
const char *actor_person(const struct actor *actor);
/* Whether this is the actor's person: the one place that says who is the same. person "" or NULL: nobody's. */
bool actor_is(const struct actor *actor, const char *person);
/* Whether it is a user of this node, so that they can be told from another. */
bool person_is_named(const char *person);
/* Whether no person stands behind it. */
bool person_is_machine(const char *person);
/* Whether whoever has `role` may do all that a key of `key` could. */
bool role_covers(enum role role, enum role key);

enum object_kind {
	OBJECT_NONE = 0,
	OBJECT_BANK,
	OBJECT_ENTRY,
	OBJECT_KEY,
	OBJECT_WEBHOOK,
	OBJECT_CHECK,
	OBJECT_CASE
};

struct object {
	enum object_kind kind;
	const char *
		bank; /* of a bank, an entry or a case; of a webhook or key limited to one; NULL: of all banks */
	bool own;           /* this node's member owns it */
	const char *holder; /* of a check: the actor who made it; of a key: its id; or NULL */
};

/* Whether a role ever has the verb: for the end of the headers, before a body is read. */
bool may_ever(const struct actor *actor, enum verb verb);
/* 0, or HILF_E_DENIED with a sentence that says which role or scope is missing. object NULL: nothing in particular (a
 * list, which then is filtered by asking again for each item). */
int may(const struct actor *actor, enum verb verb, const struct object *object,
	struct hilf_err *err);

#endif
