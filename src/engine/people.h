/* The people who work on this node: who they are, how they enrol and sign in, and where they are signed in.
 *
 *   person_create ──► invitation ──► enrol_look: a new TOTP secret to scan ──► enrol: passphrase and a code ──► session
 *   sign_in: name, passphrase, code ──► session ──► session_use on each request ──► sign_out, or its time is over
 *
 * What proves a person is a passphrase (Argon2id, RFC 9106) and a one-time code (TOTP, RFC 6238), each of which is refused
 * without the other and never told apart. Of a session and an invitation the store has a SHA-256, as of keys, because
 * their texts have 160 random bits. Sessions are in memory, so that a look-up makes no query; one that was ended counts as
 * over from the moment that it is durable, and one ended by another process within 100 ms (people_refresh).
 *
 * An actor of these is "user:ID". All of it is this node's own: never shared, in every backup. All functions come from
 * many threads; those that take now_ms take it from their caller so that a test can. */
#ifndef ENGINE_PEOPLE_H
#define ENGINE_PEOPLE_H

#include "base/arena.h"
#include "engine/may.h"

#define PERSON_ID_SIZE        10 /* letters and digits, without terminator, as a key's */
#define PERSON_NAME_MAX       64
#define PERSON_BANKS_MAX      32
#define PERSON_DECLINED_MAX   32
#define PERSON_PASSPHRASE_MIN 12 /* characters */
#define PERSON_PASSPHRASE_MAX 1024
/* Of sessions and invitations: characters of five random bits, without terminator. */
#define SESSION_TOKEN_SIZE  32
#define SESSIONS_PER_PERSON 8 /* the oldest is over when there is one more */
#define CSRF_TOKEN_SIZE     32
#define TOTP_TEXT_SIZE      32 /* twenty bytes in base 32 */
#define INVITATION_HOURS    72

struct person {
	char id[PERSON_ID_SIZE + 1];
	char name[PERSON_NAME_MAX +
		  1];   /* with which they sign in; upper and lower case are the same */
	enum role role; /* reviewer, curator, operator or auditor */
	const char *const *banks;
	size_t bank_count; /* 0: all */
	char language[3];  /* "en", "fr", "ar"; "": not said */
	const char *const *
		declined; /* content classes whose cases they are not given; theirs to know alone */
	size_t declined_count;
	bool enabled, enrolled;
	int64_t created_ms;
	int64_t invited_until_ms; /* of the invitation that is open; 0: none is */
};

/* ------------------------------------------------------------------------------------------ who there is */

struct invitation {
	char code[SESSION_TOKEN_SIZE + 1];
	int64_t until_ms;
};
/* Of `person`: name, role, banks, language. ret_person (may be NULL) has its texts. HILF_E_EXISTS, HILF_E_INVALID. */
int person_create(struct hilf *hilf, const struct person *person, struct invitation *ret_invitation,
	struct person *ret_person, struct hilf_err *err);
/* By id or name; lists in the arena. HILF_E_NOT_FOUND. */
int person_get(struct hilf *hilf, const char *who, struct arena *arena, struct person *ret_person,
	struct hilf_err *err);
/* By name. A non-zero return stops and is returned. */
int person_each(struct hilf *hilf, int (*fn)(const struct person *person, void *ctx), void *ctx,
	struct hilf_err *err);

struct person_change {
	bool set_role, set_banks, set_language, set_declined, set_enabled;
	bool unlock; /* failures of signing in until now do not count */
	/* Passphrase and TOTP secret are void at once, and an invitation leads to new ones. */
	bool reset;
	enum role role;
	const char *const *banks;
	size_t bank_count;
	const char *language; /* "": not said */
	const char *const *declined;
	size_t declined_count;
	bool enabled;
};
/* Another role, other banks, disabling and a reset end all sessions of the person. ret_invitation (may be NULL) of a
 * reset; enabling somebody who never enrolled needs one as well. */
int person_change(struct hilf *hilf, const char *who, const struct person_change *change,
	struct invitation *ret_invitation, struct hilf_err *err);
/* What is wrong with it as a passphrase of that person; HILF_E_INVALID. */
int passphrase_check(const char *passphrase, const char *name, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------ signing in */

enum sign_in_state {
	SIGN_IN_GOOD = 0,
	SIGN_IN_WRONG,  /* name, passphrase or code: which of them, nobody is told */
	SIGN_IN_LOCKED, /* too often wrong: retry_ms */
	SIGN_IN_BUSY, /* as many passphrases are being looked at as may be: again in a moment, from the same request */
	SIGN_IN_VOID, /* of an enrolment: the invitation is unknown, used or too old */
};
struct signed_in {
	enum sign_in_state state;
	uint32_t retry_ms;
	char token[SESSION_TOKEN_SIZE + 1];
	char id[PERSON_ID_SIZE + 1];
};
/* `address` is who asks, for limits alone: "192.0.2.7"; those of this machine have none. Takes a tenth of a second, so it
 * is for a worker. Non-zero: it failed; whatever a stranger may have wrong is a state. */
int sign_in(struct hilf *hilf, const char *name, const char *passphrase, const char *code,
	const char *address, int64_t now_ms, struct signed_in *ret_signed_in, struct hilf_err *err);
int sign_out(struct hilf *hilf, const char *token, struct hilf_err *err);

struct enrolment {
	char name[PERSON_NAME_MAX + 1];
	char secret[TOTP_TEXT_SIZE + 1]; /* the same for each look at one invitation */
	char uri[512];                   /* otpauth://totp/... */
};
/* HILF_E_NOT_FOUND for an invitation that is unknown, used or too old. */
int enrol_look(struct hilf *hilf, const char *invitation, int64_t now_ms,
	struct enrolment *ret_enrolment, struct hilf_err *err);
/* HILF_E_INVALID for a passphrase that breaks the rules; a wrong code is SIGN_IN_WRONG, and the invitation stays. */
int enrol(struct hilf *hilf, const char *invitation, const char *passphrase, const char *code,
	int64_t now_ms, struct signed_in *ret_signed_in, struct hilf_err *err);
/* All sessions of the person end, and a new one begins. States as of sign_in. */
int passphrase_change(struct hilf *hilf, const char *id, const char *old_passphrase,
	const char *new_passphrase, int64_t now_ms, struct signed_in *ret_signed_in,
	struct hilf_err *err);

/* ------------------------------------------------------------------------------------------ sessions */

enum session_state { SESSION_GOOD, SESSION_OVER };
/* A reference that is counted, so that texts live as long as the request: session_release. */
struct session_use {
	enum session_state state;
	struct actor actor;          /* "user:ID" */
	const struct person *person; /* invited_until_ms is not in it */
	int64_t until_ms;            /* at the latest */
	uint8_t hash[32];
	void *reference; /* NULL unless it is good */
};
/* No query, no allocation; what was never one and what is over are the same. touch: this is the person's doing, which
 * puts off the end of an idle session; what a page asks by itself is not. */
void session_use(struct hilf *hilf, const char *token, size_t size, int64_t now_ms, bool touch,
	struct session_use *ret_use);
/* The same session still in force? */
enum session_state session_again(struct hilf *hilf, const struct session_use *use, int64_t now_ms);
void session_release(struct session_use *use);
/* What must come with whatever changes something: derived from the token, so it is kept nowhere. */
void session_csrf(const char *token, char ret_csrf[CSRF_TOKEN_SIZE + 1]);
/* In constant time; csrf may be NULL. */
bool session_csrf_check(const char *token, const char *csrf);

/* Reads people and sessions anew where they changed; cheap otherwise. keys_refresh does it. */
int people_refresh(struct hilf *hilf, struct hilf_err *err);
/* Saves when sessions were used and removes what is over; for a background thread, about each minute. */
int people_save(struct hilf *hilf, int64_t now_ms, struct hilf_err *err);
/* How many people are enrolled and enabled. */
int people_count(struct hilf *hilf, uint64_t *ret_count, struct hilf_err *err);

#endif
