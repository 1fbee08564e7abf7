/* What the two halves of keys, in the store and in memory, owe each other. */
#ifndef ENGINE_KEYS_PARTS_H
#define ENGINE_KEYS_PARTS_H

#include "engine/keys.h"
#include "store/local.h"

/* After a change that is durable: every struct keys of this handle reads it. */
void keys_changed(struct hilf *hilf);
int keys_read_info(const struct store_key *key, struct arena *arena, struct key_info *ret_info,
	struct hilf_err *err);

#endif
