/* What somebody keeps on this node alone: a text beside an entry, and named settings that several processes may change.
 * Never shared, never folded, in every backup. A text beside an entry goes when that is erased. */
#ifndef ENGINE_BESIDE_H
#define ENGINE_BESIDE_H

#include "base/arena.h"
#include "base/buf.h"
#include "hilf.h"

#define BESIDE_SETTING_MAX (256u * 1024) /* bytes of a setting */

/* entry: its local number. text NULL removes what there is. */
int beside_put(struct hilf *hilf, uint64_t entry, const char *text, struct hilf_err *err);
/* HILF_E_NOT_FOUND; the text in the arena. */
int beside_get(struct hilf *hilf, uint64_t entry, struct arena *arena, const char **ret_text,
	struct hilf_err *err);

/* The text of a setting in the arena, "" where there is none. key: of its owner's own making, "hma.exchanges". */
int beside_setting(struct hilf *hilf, const char *key, struct arena *arena, const char **ret_text,
	struct hilf_err *err);
/* Changes a setting: `change` gets what it is and appends what it shall be to `text`, with nobody else changing it
 * meanwhile. A return other than 0 leaves it as it is and is returned. */
typedef int beside_change(const char *old, struct buf *text, void *ctx, struct hilf_err *err);
int beside_setting_change(
	struct hilf *hilf, const char *key, beside_change *change, void *ctx, struct hilf_err *err);

#endif
