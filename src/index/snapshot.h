/* The live index on disk: a folder with a file for each level, and a manifest that names them and holds the rest.
 *
 *   manifest ──► level-0123456789abcdef     level-...      each written once, called by what is in it
 *      │
 *      └ stamp, deltas, removed links
 *
 * The manifest is renamed over the old one when everything it names is there and synced; what it no longer names is
 * removed after that. So at every moment there is one whole snapshot, the old one or the new one, or none. */
#ifndef INDEX_SNAPSHOT_H
#define INDEX_SNAPSHOT_H

#include "index/index.h"
#include "index/tiers.h"

/* What index.h says of save, load and drop. */
int snapshot_save(const struct tiers *tiers, const char *dir, const struct index_stamp *stamp,
	struct hilf_err *err);
/* Into tiers that were just opened; after a failure they are to be closed. */
int snapshot_load(struct tiers *tiers, const char *dir, const struct index_stamp *expected,
	struct index_stamp *ret_stamp, struct hilf_err *err);
int snapshot_drop(const char *dir, struct hilf_err *err);

#endif
