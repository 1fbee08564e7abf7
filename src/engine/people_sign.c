/* Enrolling and signing in. Everything a stranger may have wrong takes the same time and is answered with the same word:
 * a name that is nobody's, one that never enrolled, one that is disabled, a wrong passphrase, a wrong code and one that was
 * used before. What is found right outside of a write is compared once more within it, so that of two who send the same
 * code at once one is let in, and nobody is who was disabled meanwhile. */
#include "base/check.h"
#include "base/err.h"
#include "engine/key_text.h"
#include "engine/keys_parts.h"
#include "engine/people_parts.h"
#include "os/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define HOUR_MS (3600 * 1000ll)

/* ------------------------------------------------------------------------------------------ the write */

/* Somebody who was found right, and what is to become of them. */
struct entering {
	const char *id;
	const void *known;         /* the secret that was looked at: it must still be theirs */
	const uint8_t *new_secret; /* in its place; NULL: it stays */
	const uint8_t *invitation; /* the hash of one, which ends by it; NULL */
	uint64_t step;             /* of the code; 0: none was asked for */
	struct store_session session;
	bool entered;
};

static bool is_still(const struct store_user *row, const struct entering *entering)
{
	if (!row->enabled || (entering->step && row->step >= entering->step))
		return false;
	if (!entering->known)
		return true;
	return row->secret && row->secret_size == PASSPHRASE_SECRET_SIZE &&
	       memcmp(row->secret, entering->known, PASSPHRASE_SECRET_SIZE) == 0;
}

static int use_invitation(struct hilf *hilf, const struct entering *entering, struct arena *arena,
	struct hilf_err *err)
{
	struct store_invitation invitation;
	if (!entering->invitation)
		return 0;
	int rc = store_invitation_get(
		hilf->store, true, entering->invitation, arena, &invitation, err);
	return rc ? rc : store_invitation_remove(hilf->store, invitation.user, err);
}

static int enter_row(
	struct hilf *hilf, struct entering *entering, struct arena *arena, struct hilf_err *err)
{
	struct store_user row;
	entering->entered = false;
	int rc = store_user_get(hilf->store, true, entering->id, NULL, arena, &row, err);
	if (!rc && !is_still(&row, entering))
		return 0;
	if (!rc)
		rc = use_invitation(hilf, entering, arena, err);
	if (rc)
		return rc == HILF_E_NOT_FOUND ? 0 : rc;
	if (entering->step)
		row.step = entering->step;
	if (entering->new_secret) {
		row.secret = entering->new_secret;
		row.secret_size = PASSPHRASE_SECRET_SIZE;
	}
	rc = store_user_put(hilf->store, &row, err);
	/* What others may hold is worth nothing once the passphrase is another. */
	if (!rc)
		rc = store_session_remove_of(hilf->store, row.id,
			entering->new_secret ? 0 : SESSIONS_PER_PERSON - 1, err);
	if (!rc)
		rc = store_session_add(hilf->store, &entering->session, err);
	if (!rc)
		rc = local_new_generation(hilf, PEOPLE_GENERATION, err);
	/* Who enrols can use the keys that they hold from now on. */
	if (!rc && entering->new_secret)
		rc = local_new_generation(hilf, LOCAL_KEYS_GENERATION, err);
	entering->entered = !rc;
	return rc;
}

static int enter_job(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct arena arena;
	arena_init(&arena, 0);
	int rc = enter_row(hilf, ctx, &arena, err);
	arena_clear(&arena);
	return rc;
}

/* Writes it; state GOOD with a token, or otherwise `instead`. */
static int enter(struct hilf *hilf, struct entering *entering, int64_t now_ms,
	enum sign_in_state instead, struct signed_in *ret_signed_in, struct hilf_err *err)
{
	struct signed_in signed_in = {.state = instead};
	key_text_random(signed_in.token, SESSION_TOKEN_SIZE);
	snprintf(signed_in.id, sizeof signed_in.id, "%s", entering->id);
	entering->session.user = entering->id;
	entering->session.made_ms = now_ms;
	entering->session.until_ms = now_ms + desk_setting_info(DESK_SESSION_HOURS)->max * HOUR_MS;
	crypto_hash_sha256(
		entering->session.hash, (const uint8_t *)signed_in.token, SESSION_TOKEN_SIZE);
	int rc = local_submit(hilf, enter_job, entering, err);
	if (!rc && entering->entered) {
		people_changed(hilf);
		if (entering->new_secret)
			keys_changed(hilf);
		signed_in.state = SIGN_IN_GOOD;
		*ret_signed_in = signed_in;
	} else if (!rc) {
		*ret_signed_in = (struct signed_in){.state = instead};
	}
	sodium_memzero(&signed_in, sizeof signed_in);
	return rc;
}

/* ------------------------------------------------------------------------------------------ signing in */

/* With a place among those who look at passphrases. */
static int look(struct hilf *hilf, const struct store_user *row, const char *login,
	const char *address, const char *passphrase, int64_t now_ms,
	struct signed_in *ret_signed_in, uint8_t ret_totp[TOTP_SECRET_SIZE], struct hilf_err *err)
{
	bool right = false;
	*ret_signed_in = (struct signed_in){.state = SIGN_IN_WRONG};
	uint32_t retry_ms =
		guard_try(people_guard(hilf), login, address, now_ms, row ? row->unlocked_ms : 0);
	if (retry_ms) {
		*ret_signed_in = (struct signed_in){.state = SIGN_IN_LOCKED, .retry_ms = retry_ms};
		return 0;
	}
	int rc = passphrase_open(passphrase, people_cost(hilf), row ? row->secret : NULL,
		row ? row->secret_size : 0, &right, ret_totp, err);
	if (!rc && right && row->enabled)
		ret_signed_in->state = SIGN_IN_GOOD;
	return rc;
}

static int sign_in_as(struct hilf *hilf, const struct store_user *row, const char *login,
	const char *passphrase, const char *code, const char *address, int64_t now_ms,
	struct signed_in *ret_signed_in, struct hilf_err *err)
{
	uint8_t totp[TOTP_SECRET_SIZE] = {0};
	if (!people_enter(hilf)) {
		*ret_signed_in = (struct signed_in){.state = SIGN_IN_BUSY};
		return 0;
	}
	int rc = look(hilf, row, login, address, passphrase, now_ms, ret_signed_in, totp, err);
	people_leave(hilf);
	if (rc || ret_signed_in->state == SIGN_IN_LOCKED)
		return rc;
	uint64_t step = totp_find(totp, code, now_ms, row ? row->step : 0);
	sodium_memzero(totp, sizeof totp);
	if (ret_signed_in->state == SIGN_IN_GOOD && step) {
		struct entering entering = {.id = row->id, .known = row->secret, .step = step};
		rc = enter(hilf, &entering, now_ms, SIGN_IN_WRONG, ret_signed_in, err);
	} else {
		ret_signed_in->state = SIGN_IN_WRONG;
	}
	if (!rc && ret_signed_in->state == SIGN_IN_GOOD)
		guard_good(people_guard(hilf), login, address);
	return rc;
}

int sign_in(struct hilf *hilf, const char *name, const char *passphrase, const char *code,
	const char *address, int64_t now_ms, struct signed_in *ret_signed_in, struct hilf_err *err)
{
	char login[PERSON_NAME_MAX + 1] = "";
	struct store_user row;
	struct arena arena;
	ASSERT(hilf && name && passphrase && code && address && ret_signed_in);
	arena_init(&arena, 0);
	int rc = HILF_E_NOT_FOUND;
	if (person_login(name, login))
		rc = store_user_get(hilf->store, false, NULL, login, &arena, &row, err);
	if (!rc || rc == HILF_E_NOT_FOUND)
		rc = sign_in_as(hilf, rc ? NULL : &row, *login ? login : name, passphrase, code,
			address, now_ms, ret_signed_in, err);
	arena_clear(&arena);
	return rc;
}

struct leaving {
	uint8_t hash[32];
};

static int leave(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct leaving *leaving = ctx;
	int rc = store_session_remove(hilf->store, leaving->hash, err);
	return rc ? rc : local_new_generation(hilf, PEOPLE_GENERATION, err);
}

int sign_out(struct hilf *hilf, const char *token, struct hilf_err *err)
{
	struct leaving leaving;
	ASSERT(hilf && token);
	crypto_hash_sha256(
		leaving.hash, (const uint8_t *)token, strnlen(token, SESSION_TOKEN_SIZE));
	int rc = local_submit(hilf, leave, &leaving, err);
	if (!rc)
		people_changed(hilf);
	return rc;
}

/* ------------------------------------------------------------------------------------------ enrolling */

/* The TOTP secret of an invitation comes from its code, which the store does not have, and from a seed, which whoever finds
 * the code in an old message does not have. */
static void derive_totp(
	const char *code, const uint8_t seed[32], uint8_t ret_secret[TOTP_SECRET_SIZE])
{
	crypto_generichash(
		ret_secret, TOTP_SECRET_SIZE, (const uint8_t *)code, SESSION_TOKEN_SIZE, seed, 32);
}

struct invited {
	uint8_t hash[32];
	uint8_t totp[TOTP_SECRET_SIZE];
	struct store_user row;
};

static int find_invited(struct hilf *hilf, const char *code, int64_t now_ms, struct arena *arena,
	struct invited *ret_invited, struct hilf_err *err)
{
	struct store_invitation invitation;
	struct invited invited = {0};
	int rc = HILF_E_NOT_FOUND;
	if (strlen(code) == SESSION_TOKEN_SIZE) {
		crypto_hash_sha256(invited.hash, (const uint8_t *)code, SESSION_TOKEN_SIZE);
		rc = store_invitation_get(
			hilf->store, false, invited.hash, arena, &invitation, err);
	}
	if (!rc && invitation.until_ms <= now_ms)
		rc = HILF_E_NOT_FOUND;
	if (!rc)
		rc = store_user_get(
			hilf->store, false, invitation.user, NULL, arena, &invited.row, err);
	if (!rc && !invited.row.enabled)
		rc = HILF_E_NOT_FOUND;
	if (rc == HILF_E_NOT_FOUND)
		return err_set(err, rc,
			"this invitation is unknown, was used already, or is older than %d hours; "
			"ask "
			"an operator for another",
			INVITATION_HOURS);
	if (rc)
		return rc;
	derive_totp(code, invitation.seed, invited.totp);
	*ret_invited = invited;
	return 0;
}

int enrol_look(struct hilf *hilf, const char *invitation, int64_t now_ms,
	struct enrolment *ret_enrolment, struct hilf_err *err)
{
	struct invited invited = {0};
	struct arena arena;
	ASSERT(hilf && invitation && ret_enrolment);
	arena_init(&arena, 0);
	int rc = find_invited(hilf, invitation, now_ms, &arena, &invited, err);
	if (!rc) {
		snprintf(ret_enrolment->name, sizeof ret_enrolment->name, "%s", invited.row.name);
		totp_secret_text(invited.totp, ret_enrolment->secret);
		totp_uri(ret_enrolment->secret, ret_enrolment->name, ret_enrolment->uri,
			sizeof ret_enrolment->uri);
		sodium_memzero(invited.totp, sizeof invited.totp);
	}
	arena_clear(&arena);
	return rc;
}

static int enrol_as(struct hilf *hilf, const struct invited *invited, const char *passphrase,
	const char *code, int64_t now_ms, struct signed_in *ret_signed_in, struct hilf_err *err)
{
	uint8_t secret[PASSPHRASE_SECRET_SIZE];
	int rc = passphrase_check(passphrase, invited->row.name, err);
	if (rc)
		return rc;
	/* Whoever holds the invitation sees the secret, so there is nothing to guess here. */
	uint64_t step = totp_find(invited->totp, code, now_ms, 0);
	if (!step || !people_enter(hilf)) {
		*ret_signed_in = (struct signed_in){.state = step ? SIGN_IN_BUSY : SIGN_IN_WRONG};
		return 0;
	}
	rc = passphrase_seal(passphrase, people_cost(hilf), invited->totp, secret, err);
	people_leave(hilf);
	if (rc)
		return rc;
	/* The step of a secret that was another's says nothing of this one's: a reset made it 0. */
	struct entering entering = {.id = invited->row.id,
		.new_secret = secret,
		.invitation = invited->hash,
		.step = step};
	return enter(hilf, &entering, now_ms, SIGN_IN_VOID, ret_signed_in, err);
}

int enrol(struct hilf *hilf, const char *invitation, const char *passphrase, const char *code,
	int64_t now_ms, struct signed_in *ret_signed_in, struct hilf_err *err)
{
	struct invited invited = {0};
	struct arena arena;
	ASSERT(hilf && invitation && passphrase && code && ret_signed_in);
	arena_init(&arena, 0);
	int rc = find_invited(hilf, invitation, now_ms, &arena, &invited, err);
	if (!rc)
		rc = enrol_as(hilf, &invited, passphrase, code, now_ms, ret_signed_in, err);
	else if (rc == HILF_E_NOT_FOUND)
		*ret_signed_in = (struct signed_in){.state = SIGN_IN_VOID};
	sodium_memzero(invited.totp, sizeof invited.totp);
	arena_clear(&arena);
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

/* ------------------------------------------------------------------------------------------ another passphrase */

static int change_as(struct hilf *hilf, const struct store_user *row, const char *old_passphrase,
	const char *new_passphrase, int64_t now_ms, struct signed_in *ret_signed_in,
	struct hilf_err *err)
{
	uint8_t totp[TOTP_SECRET_SIZE] = {0}, secret[PASSPHRASE_SECRET_SIZE];
	int rc = passphrase_check(new_passphrase, row->name, err);
	if (!rc && strcmp(old_passphrase, new_passphrase) == 0)
		rc = err_set(err, HILF_E_INVALID, "the new passphrase is the old one");
	if (rc)
		return rc;
	if (!people_enter(hilf)) {
		*ret_signed_in = (struct signed_in){.state = SIGN_IN_BUSY};
		return 0;
	}
	rc = look(hilf, row, row->login, "", old_passphrase, now_ms, ret_signed_in, totp, err);
	bool right = !rc && ret_signed_in->state == SIGN_IN_GOOD;
	if (right)
		rc = passphrase_seal(new_passphrase, people_cost(hilf), totp, secret, err);
	people_leave(hilf);
	sodium_memzero(totp, sizeof totp);
	if (rc || !right)
		return rc;
	guard_good(people_guard(hilf), row->login, "");
	struct entering entering = {.id = row->id, .known = row->secret, .new_secret = secret};
	return enter(hilf, &entering, now_ms, SIGN_IN_WRONG, ret_signed_in, err);
}

int passphrase_change(struct hilf *hilf, const char *id, const char *old_passphrase,
	const char *new_passphrase, int64_t now_ms, struct signed_in *ret_signed_in,
	struct hilf_err *err)
{
	struct store_user row;
	struct arena arena;
	ASSERT(hilf && id && old_passphrase && new_passphrase && ret_signed_in);
	arena_init(&arena, 0);
	int rc = store_user_get(hilf->store, false, id, NULL, &arena, &row, err);
	if (!rc)
		rc = change_as(
			hilf, &row, old_passphrase, new_passphrase, now_ms, ret_signed_in, err);
	arena_clear(&arena);
	return rc;
}
