/* The node's key: an Ed25519 pair, made at first use and kept in DATA/key/node.key, which only its owner may read:
 *
 *   hilf-key-1 <64 hex: seed> <64 hex: public key>\n
 *
 * The public key is there to notice a damaged seed, which would otherwise just be another key. */
#ifndef PROC_NODE_KEY_H
#define PROC_NODE_KEY_H

#include "hilf.h"

struct node_key {
	uint8_t public_key[32];
	uint8_t secret_key[64]; /* libsodium's form: seed and public key */
};

/* Reads the key, or makes it where there is none and `create` says so; of two processes that make one at once, both
 * get the same. HILF_E_NOT_FOUND: none there, and not asked to make one. HILF_E_CORRUPT: damaged. HILF_E_DENIED:
 * others may read the file, or this user may not. */
int node_key_load(
	const char *data_dir, bool create, struct node_key *ret_key, struct hilf_err *err);

#endif
