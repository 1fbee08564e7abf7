/* What the two halves of keys, in the store and in memory, owe each other. */
#ifndef ENGINE_KEYS_PARTS_H
#define ENGINE_KEYS_PARTS_H

#include "engine/keys.h"
#include "store/local.h"

/* After a change that is durable: every struct keys of this handle reads it. */
void keys_changed(struct hilf *hilf);
int keys_read_info(const struct store_key *key, struct arena *arena, struct key_info *ret_info,
	struct hilf_err *err);

/* Within a job: by name or id, as key_create says. ret_holder's banks are left out. */
int keys_find_holder(struct hilf *hilf, const char *held_by, enum role role, struct arena *arena,
	struct key_holder *ret_holder, struct hilf_err *err);
/* Of one who is gone the id is left, and a role that may nothing. */
int keys_read_holder(const struct store_key *key, struct arena *arena,
	struct key_holder *ret_holder, struct hilf_err *err);
/* The banks that both the key and its holder are limited to, NULL: all. Where they have none in common the holder is told as
 * not able, so that an empty list never reads as all banks. */
int keys_limit(struct key_info *info, struct arena *arena, const char *const **ret_banks,
	size_t *ret_count, struct hilf_err *err);
/* Fills in whose it is. */
void keys_act_as(const struct key_holder *holder, struct actor *actor);
/* A number that is another one when what the holder lets the key do is; 0 for a machine's. */
uint64_t keys_holding(const struct key_holder *holder, const char *const *banks, size_t count);

#endif
