/* The people of the review desk in local memory (store/local.h): who may sign in, by which invitation they enrol, and
 * where they are signed in.
 *
 *   l_user          a row per person; its `login` is what the name is compared by
 *   l_invitation    one per person at most, by the hash of its code
 *   l_session       by the hash of its token
 *   l_session_use   when a session was last used, about
 *
 * Rows and callbacks are as everywhere in local memory. */
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H

#include "base/arena.h"
#include "store/store.h"

struct store_user {
	const char *id, *login, *name;
	const char *banks, *language,
		*declined; /* lists, a line each; NULL: all banks, none said, none */
	uint32_t role;
	bool enabled;
	int64_t created_ms, unlocked_ms; /* unlocked_ms: failures from before do not count; 0 */
	uint64_t step;                   /* of the last one-time code that was taken */
	const void *secret; /* what proves that it is them; NULL before they enrolled */
	size_t secret_size;
};
/* Makes it, or changes the one of this id. HILF_E_EXISTS where another has the login. */
int store_user_put(struct store *store, const struct store_user *user, struct hilf_err *err);
/* By id, or by login where id is NULL. HILF_E_NOT_FOUND; texts in the arena. */
int store_user_get(struct store *store, bool in_write, const char *id, const char *login,
	struct arena *arena, struct store_user *ret_user, struct hilf_err *err);
/* By login. */
int store_user_each(struct store *store, bool in_write,
	int (*fn)(const struct store_user *user, void *ctx), void *ctx, struct hilf_err *err);

struct store_invitation {
	uint8_t hash[32], seed[32];
	const char *user;
	int64_t created_ms, until_ms;
};
/* In place of the one that the person has. */
int store_invitation_put(
	struct store *store, const struct store_invitation *invitation, struct hilf_err *err);
/* HILF_E_NOT_FOUND; texts in the arena. */
int store_invitation_get(struct store *store, bool in_write, const uint8_t hash[32],
	struct arena *arena, struct store_invitation *ret_invitation, struct hilf_err *err);
int store_invitation_each(struct store *store, bool in_write,
	int (*fn)(const struct store_invitation *invitation, void *ctx), void *ctx,
	struct hilf_err *err);
/* No failure where there is none. */
int store_invitation_remove(struct store *store, const char *user, struct hilf_err *err);

struct store_session {
	uint8_t hash[32];
	const char *user;
	int64_t made_ms, until_ms;
	int64_t used_ms; /* of l_session_use; made_ms where there is none */
};
/* With its first use. */
int store_session_add(
	struct store *store, const struct store_session *session, struct hilf_err *err);
int store_session_used(
	struct store *store, const uint8_t hash[32], int64_t used_ms, struct hilf_err *err);
/* By time of making. */
int store_session_each(struct store *store, bool in_write,
	int (*fn)(const struct store_session *session, void *ctx), void *ctx, struct hilf_err *err);
int store_session_remove(struct store *store, const uint8_t hash[32], struct hilf_err *err);
/* All of a person's but the newest `keep`. */
int store_session_remove_of(
	struct store *store, const char *user, size_t keep, struct hilf_err *err);

/* Removes sessions and invitations that ended by now_ms. */
int store_people_sweep(struct store *store, int64_t now_ms, struct hilf_err *err);

#endif
