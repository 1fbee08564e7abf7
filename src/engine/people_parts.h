/* What the files of people owe each other, and local.c. */
#ifndef ENGINE_PEOPLE_PARTS_H
#define ENGINE_PEOPLE_PARTS_H

#include "engine/local.h"
#include "engine/people.h"
#include "engine/totp.h"
#include "store/people.h"

/* ------------------------------------------------------------------------------ in memory (people.c) */

struct guard;
struct people;
int people_new(struct people **ret_people, struct hilf_err *err);
void people_free(struct people *people); /* NULL is fine */
struct guard *people_guard(struct hilf *hilf);
/* What a passphrase costs from now on; tests make it cheap, before they use it. */
struct passphrase_cost {
	uint32_t passes, memory_kb;
};
struct passphrase_cost *people_cost(struct hilf *hilf);
/* After a change that is durable. */
void people_changed(struct hilf *hilf);

/* Whoever looks at a passphrase holds one of few places meanwhile, for each takes PASSPHRASE_MEMORY_KB. False: none is free. */
bool people_enter(struct hilf *hilf);
void people_leave(struct hilf *hilf);

/* Changes with people, invitations and sessions. */
#define PEOPLE_GENERATION "people.generation"

/* ------------------------------------------------------------------------------ rows (people_rows.c) */

/* The name as it is compared: false for what can be nobody's. */
bool person_login(const char *name, char ret_login[PERSON_NAME_MAX + 1]);
/* Lists in the arena; invited_until_ms is left 0. */
int person_read(const struct store_user *row, struct arena *arena, struct person *ret_person,
	struct hilf_err *err);
/* By id or name. */
int person_row(struct hilf *hilf, bool in_write, const char *who, struct arena *arena,
	struct store_user *ret_row, struct hilf_err *err);

/* ------------------------------------------------------------------------------ passphrases (passphrase.c) */

#define PASSPHRASE_SECRET_SIZE 117

#define PASSPHRASE_PASSES    3u
#define PASSPHRASE_MEMORY_KB (64u * 1024)

/* What the store keeps of a passphrase and the TOTP secret, which only the passphrase opens. */
int passphrase_seal(const char *passphrase, const struct passphrase_cost *cost,
	const uint8_t totp[TOTP_SECRET_SIZE], uint8_t ret_secret[PASSPHRASE_SECRET_SIZE],
	struct hilf_err *err);
/* *ret_right: it was the passphrase, and ret_totp is filled. With a NULL secret it takes as long and is wrong. */
int passphrase_open(const char *passphrase, const struct passphrase_cost *cost, const void *secret,
	size_t size, bool *ret_right, uint8_t ret_totp[TOTP_SECRET_SIZE], struct hilf_err *err);

/* ------------------------------------------------------------------------------ lock-out (guard.c) */

int guard_new(struct guard **ret_guard, struct hilf_err *err);
void guard_free(struct guard *guard);
/* Counts a try as a failure before it is made, so that many at once are no way around. 0: go on; otherwise the
 * milliseconds until it may come again. Failures of the name from before since_ms do not count. */
uint32_t guard_try(struct guard *guard, const char *login, const char *address, int64_t now_ms,
	int64_t since_ms);
/* That one was right. */
void guard_good(struct guard *guard, const char *login, const char *address);

#endif
