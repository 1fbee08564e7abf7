/* API keys: hilf_<id>_<secret><check> (docs/formats/keys.md), of which the store keeps the id and a SHA-256 (the secret has 160 random bits, so
 * no slow hash is needed). All of them are in memory, so that a look-up takes no lock and no query, and a revocation
 * counts from the moment that it is durable; one made or revoked by another process counts within 100 ms (keys_refresh). */
#ifndef ENGINE_KEYS_H
#define ENGINE_KEYS_H

#include "engine/people.h"

#define KEY_ID_SIZE   10 /* letters and digits, without terminator */
#define KEY_TEXT_MAX  64 /* the whole key with its terminator */
#define KEY_BANKS_MAX 32
#define KEY_NAME_MAX  64
#define KEY_RATE_MAX  1000000u         /* a second */
#define KEY_QUOTA_MAX 1000000000000ull /* a day */

/* Whose key it is. A key acts as its holder wherever it matters who somebody is (may.h), never does more than they may,
 * in no more banks, and nothing while they are disabled or have not enrolled. Who holds it is said when it is made and never
 * changes: a key that goes to somebody else is revoked and another made. */
struct key_holder {
	char id[PERSON_ID_SIZE + 1]; /* "": nobody, it is a machine's */
	char name[PERSON_NAME_MAX + 1];
	enum role role;
	const char *const *banks;
	size_t bank_count; /* 0: all */
	bool able;         /* enabled and enrolled */
};

struct key_info {
	char id[KEY_ID_SIZE + 1];
	char name[KEY_NAME_MAX + 1]; /* what people call it */
	enum role role;
	const char *const *banks;
	size_t bank_count;                          /* 0: all */
	int64_t created_ms, expires_ms, revoked_ms; /* 0: never */
	int64_t used_ms;                            /* about; 0: never */
	uint32_t rate_per_s;                        /* requests; 0: the node's default */
	uint64_t quota_per_day;                     /* checks; 0: none */
	struct key_holder holder;
};

/* Makes one and gives its text, which is kept nowhere. id "" in `info`: made here. Texts in ret_info (may be NULL) are
 * those of `info`. held_by: a person's name or id, NULL for a machine's; HILF_E_NOT_FOUND, or HILF_E_INVALID where they are
 * disabled or the role could do more than theirs. */
int key_create(struct hilf *hilf, const struct key_info *info, const char *held_by,
	char ret_key[KEY_TEXT_MAX], struct key_info *ret_info, struct hilf_err *err);
/* The same with a key that another node has made, so that both know it; its id is that of its text, and `info` has none.
 * HILF_E_INVALID: no key, or mistyped. HILF_E_EXISTS: it is known here, or was. */
int key_adopt(struct hilf *hilf, const struct key_info *info, const char *held_by, const char *text,
	size_t size, struct key_info *ret_info, struct hilf_err *err);
int key_revoke(struct hilf *hilf, const char *id, struct hilf_err *err);
/* By time of making, also revoked and expired ones. A non-zero return stops and is returned. */
int key_each(struct hilf *hilf, int (*fn)(const struct key_info *info, void *ctx), void *ctx,
	struct hilf_err *err);
/* How many are in force. */
int key_count(struct hilf *hilf, uint64_t *ret_count, struct hilf_err *err);

/* The keys in force, for many threads. Refers to `hilf`, which outlives it. */
struct keys;
int keys_open(struct hilf *hilf, struct keys **ret_keys, struct hilf_err *err);
/* Saves how they were used, as keys_save. No key_use may be held any more. */
void keys_close(struct keys *keys);
/* Reads them anew where they changed since, and the webhooks' subscriptions as well; cheap otherwise (a look at two
 * settings). For a background thread, each 100 ms. */
int keys_refresh(struct keys *keys, struct hilf_err *err);
/* Saves when they were used and what is left of quotas. For a background thread, about each minute: a crash forgives what
 * was checked since. */
int keys_save(struct keys *keys, struct hilf_err *err);
/* The rate of keys that have none of their own; 0, as at first: no limit. */
void keys_default_rate(struct keys *keys, uint32_t rate_per_s);

enum key_state {
	KEY_GOOD,
	KEY_UNKNOWN,
	KEY_EXPIRED,
	KEY_REVOKED,
	KEY_HOLDER, /* its holder is disabled or not enrolled, or what they may has changed since the request began */
};
/* A reference that is counted, so that scope texts live as long as the request: key_release. No allocation, no query;
 * compares in constant time. Limits: over_rate (with the milliseconds until it may come again) and over_quota are decided
 * by taking one token here. `checks`: what this request costs of the daily quota. */
struct key_use {
	enum key_state state;
	struct actor actor;
	bool over_rate, over_quota;
	uint32_t retry_ms;
	void *reference;
};
void key_use(struct keys *keys, const char *text, size_t size, int64_t now_ms, uint64_t checks,
	struct key_use *ret_use);
/* The same key still in force? Takes no token. */
enum key_state key_again(struct keys *keys, const struct key_use *use, int64_t now_ms);
/* What a request turned out to cost beyond `checks`, once its body was read: as many are taken from the quota, or none and
 * use->over_quota is set. */
void key_charge(struct keys *keys, struct key_use *use, int64_t now_ms, uint64_t checks);
void key_release(struct keys *keys, struct key_use *use);

#endif
