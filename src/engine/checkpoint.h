/* The snapshot of what is known, so that a start need not read the whole store:
 *
 *   DATA/index/lock                    who writes it now
 *   DATA/index/known-SEQ               entries and groups after record SEQ of the feed (docs/formats/checkpoint.md)
 *   DATA/index/hamming/...             the index's own files; its manifest says which SEQ counts
 *
 * It is a cache: the store is the truth. It is bound to the store's id, the sequence and the id of the record there, so
 * that one of another store, of a copy that went another way, or of the future is known as such. */
#ifndef ENGINE_CHECKPOINT_H
#define ENGINE_CHECKPOINT_H

#include "engine/known.h"

/* Fills what known_open made, and nothing was applied to, with the snapshot of the folder. What the feed has since is
 * then known_apply's. HILF_E_NOT_FOUND: there is none. After any failure `known` is only to be closed; err says what is
 * wrong with the snapshot. */
int checkpoint_load(
	struct known *known, struct store *store, const char *data_dir, struct hilf_err *err);
/* Writes one, by who has known's mutex and has just applied the feed. Whatever fails, the one before stays. HILF_E_BUSY
 * where another process writes one; HILF_E_UNSUPPORTED where the index has none; HILF_E_DENIED; HILF_E_CORRUPT, and
 * noted, where what was loaded is damaged. err is not NULL. */
int checkpoint_save(
	struct known *known, struct store *store, const char *data_dir, struct hilf_err *err);
/* Whether something was erased since `known` was made: then no snapshot may be written of it, for its values, those that
 * were withdrawn included, may be in it. By who has its mutex. */
int checkpoint_is_outdated(
	struct known *known, struct store *store, bool *ret_outdated, struct hilf_err *err);
/* Removes it. None there: 0. HILF_E_BUSY. */
int checkpoint_drop(const struct index_ops *ops, const char *data_dir, struct hilf_err *err);

/* A lock that keeps others from writing a snapshot meanwhile; -1 where it cannot be had. */
int checkpoint_lock(const char *data_dir, uint32_t wait_ms);
void checkpoint_unlock(int lock);
/* checkpoint_drop, by who has the lock. */
int checkpoint_drop_locked(const struct index_ops *ops, const char *data_dir, struct hilf_err *err);

/* Reads and verifies all of it. HILF_E_NOT_FOUND: there is none; other failures say what is wrong with it. */
int checkpoint_check(struct store *store, const char *data_dir, struct hilf_err *err);

/* What a snapshot says of itself. */
struct checkpoint_info {
	uint64_t seq;
	uint64_t size; /* bytes of all its files */
};
/* HILF_E_NOT_FOUND. */
int checkpoint_look(const char *data_dir, struct checkpoint_info *ret_info, struct hilf_err *err);

#endif
