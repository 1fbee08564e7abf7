/* What the files of the vault share, and nobody else needs. */
#ifndef ENGINE_VAULT_PARTS_H
#define ENGINE_VAULT_PARTS_H

#include "engine/local.h"
#include "engine/vault.h"
#include "store/vault.h"

#define VAULT_KEY_SIZE 32u

/* The key of DATA/vault.key, read when it is first needed and again when the file is another. Its name is a hash of it, which
 * rows carry: so what another key sealed is known for that, and damage to the file is found. */
struct vault_key {
	uint8_t key[VAULT_KEY_SIZE];
	uint8_t name[STORE_VAULT_KEY];
};
/* HILF_E_NOT_FOUND: there is none, and not asked to make one; HILF_E_CORRUPT, HILF_E_DENIED (others may read it), HILF_E_IO.
 * `create` within a job alone, where no other process can make one at the same time. The caller wipes it. */
int vault_key_load(struct hilf *hilf, bool create, struct vault_key *ret_key, struct hilf_err *err);
void vault_key_wipe(struct vault_key *key);
/* What keeps previews from being kept; "" where nothing does. */
void vault_key_trouble(struct hilf *hilf, char ret_why[HILF_REASON_MAX]);

/* Seals the JPEG into preview->sealed, with a fresh nonce: everything else of preview but key and nonce is set before, and
 * bound to it. The bytes are malloc'ed. */
int vault_seal(const struct vault_key *key, struct store_preview *preview, const uint8_t *jpeg,
	struct hilf_err *err);
/* Opens it into ret_jpeg[preview->size]. HILF_E_CORRUPT. */
int vault_open(const struct vault_key *key, const struct store_preview *preview, uint8_t *ret_jpeg,
	struct hilf_err *err);

#endif
