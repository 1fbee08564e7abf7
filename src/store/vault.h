/* The vault's tables, and what people looked at. Local memory like store/local.h, with its rules. What is sealed, and how,
 * is the engine's (engine/vault.h); here it is bytes.
 *
 *   l_preview         a sealed preview of an entry, or of what came in with a check
 *   l_preview_view    who looked at which, when, on account of which case
 *   l_exposure        how much an actor looked at on a day */
#ifndef STORE_VAULT_H
#define STORE_VAULT_H

#include "base/arena.h"
#include "store/store.h"

#define STORE_VAULT_KEY   8u /* bytes that say which key sealed it */
#define STORE_VAULT_NONCE 24u

struct store_preview {
	uint8_t id[UUID_SIZE];
	uint64_t entry; /* of which it is; of a check: that it matched, 0: none */
	uint64_t check; /* 0: it is of an entry */
	uint32_t kind, width, height, size;
	int64_t made_ms, until_ms;
	uint8_t key[STORE_VAULT_KEY], nonce[STORE_VAULT_NONCE];
	const uint8_t *sealed; /* NULL where only the rest was asked for */
	size_t sealed_size;
};
int store_preview_add(
	struct store *store, const struct store_preview *preview, struct hilf_err *err);
/* HILF_E_NOT_FOUND; the sealed bytes in the arena. */
int store_preview_get(struct store *store, bool in_write, const uint8_t id[UUID_SIZE],
	struct arena *arena, struct store_preview *ret_preview, struct hilf_err *err);
/* Of a check, or (check 0) of an entry itself: by id, without the sealed bytes, at most room. */
int store_preview_list(struct store *store, bool in_write, uint64_t entry, uint64_t check,
	struct store_preview *ret_previews, size_t room, size_t *ret_count, struct hilf_err *err);
/* All, by id after `after` (NULL: from the first), without the sealed bytes, at most room. */
int store_preview_page(struct store *store, const uint8_t *after,
	struct store_preview *ret_previews, size_t room, size_t *ret_count, struct hilf_err *err);
int store_preview_remove(struct store *store, const uint8_t id[UUID_SIZE], struct hilf_err *err);
int store_preview_until(
	struct store *store, const uint8_t id[UUID_SIZE], int64_t until_ms, struct hilf_err *err);
/* What becomes of an entry. ended: its own go; erased: those of checks that matched it, too. *ret_count: how many went. */
int store_preview_end(struct store *store, uint64_t entry, bool erased, uint64_t *ret_count,
	struct hilf_err *err);
/* Entries with previews of their own, ascending after `after`, at most room. */
int store_preview_entries(struct store *store, bool in_write, uint64_t after, uint64_t *ret_entries,
	size_t room, size_t *ret_count, struct hilf_err *err);
/* Checks that matched an entry, and views of it, name the other one from now on; what is of the entry itself is the caller's
 * to seal anew. */
int store_preview_move(struct store *store, uint64_t from, uint64_t to, struct hilf_err *err);
/* key: of which those count that were sealed with another one; views count, too. */
struct store_vault_counts {
	uint64_t count, locked, size, views;
	int64_t last_until_ms;
};
int store_vault_count(struct store *store, bool in_write, const uint8_t key[STORE_VAULT_KEY],
	struct store_vault_counts *ret_counts, struct hilf_err *err);
/* What this write removed is driven out of the log after its commit (store_purged). */
int store_vault_purge(struct store *store, struct hilf_err *err);

struct store_view {
	uint64_t id;
	uint8_t preview[UUID_SIZE];
	uint64_t entry, check, case_id;
	const char *actor;
	int64_t time_ms;
};
int store_view_add(struct store *store, const struct store_view *view, struct hilf_err *err);
/* Whether the actor looked at a preview of the entry itself. */
int store_view_has(struct store *store, bool in_write, uint64_t entry, const char *actor,
	bool *ret_has, struct hilf_err *err);
/* Newest first before id `before` (0: from the newest), of a case (0: of all). */
int store_view_page(struct store *store, uint64_t case_id, uint64_t before, size_t limit,
	int (*fn)(const struct store_view *view, void *ctx), void *ctx, struct hilf_err *err);

/* Adds to the actor's day (days since 1970). */
int store_exposure_add(struct store *store, const char *actor, int64_t day, uint64_t reveals,
	uint64_t seconds, struct hilf_err *err);
/* The sum of an actor's days from .. to. */
struct store_exposure {
	uint64_t people, reveals, seconds;
};
int store_exposure_own(struct store *store, const char *actor, int64_t from, int64_t to,
	struct store_exposure *ret_sum, struct hilf_err *err);
/* Of all actors. */
int store_exposure_all(struct store *store, int64_t from, int64_t to,
	struct store_exposure *ret_sum, struct hilf_err *err);

/* Previews that are past their time, views from before views_before_ms, exposure from before the day. */
struct store_vault_ages {
	int64_t now_ms, views_before_ms, exposure_before_day;
};
/* Whether there are any. */
int store_vault_due(struct store *store, const struct store_vault_ages *ages, bool *ret_due,
	struct hilf_err *err);
/* Removes them, `limit` of a kind at most. */
int store_vault_sweep(struct store *store, const struct store_vault_ages *ages, size_t limit,
	bool *ret_more, struct hilf_err *err);

#endif
