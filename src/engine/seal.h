/* The client of hilf-seal: signatures without the key. A seal belongs to one thread at a time. */
#ifndef ENGINE_SEAL_H
#define ENGINE_SEAL_H

#include "hilf.h"

struct seal;

struct seal_item {
	const void *bytes;
	size_t size; /* LIMIT_RECORD_SIZE at most */
};

/* Starts the helper on the data folder's key, which is made where there is none and `create` says so: that is, as long
 * as the store has no member, for whom a new key could not speak. HILF_E_HELPER, HILF_E_NOT_FOUND (the key is missing),
 * HILF_E_CORRUPT (it is damaged), HILF_E_DENIED (others may read it), HILF_E_SANDBOX. Released with seal_close. */
int seal_open(const char *helper_dir, const char *data_dir, bool create, struct seal **ret_seal,
	struct hilf_err *err);
void seal_close(struct seal *seal);

/* 32 bytes, which live as long as the seal. */
const uint8_t *seal_public_key(const struct seal *seal);
/* False once anything failed: close it and open another. */
bool seal_works(const struct seal *seal);
/* The walls the helper stands behind: enum sandbox_walls. */
unsigned seal_walls(const struct seal *seal);

/* Signs each item. After a failure the seal works no more. */
int seal_sign(struct seal *seal, const struct seal_item *items, size_t count,
	uint8_t (*ret_signatures)[64], struct hilf_err *err);

#endif
