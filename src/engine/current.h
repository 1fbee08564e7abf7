/* Which `known` counts, and another one when a snapshot turns out to be damaged.
 *
 * A handle begins with what checkpoint_load and the feed give. When anything touches damage, it is thrown away and folded
 * from the store anew, and whoever asked asks again: nobody gets an answer that damage had a part in. A folded one has
 * no snapshot in it, so this happens once to a handle at most. */
#ifndef ENGINE_CURRENT_H
#define ENGINE_CURRENT_H

#include "engine/engine.h"

/* Opens hilf->known, from the snapshot where there is a good one. A bad one is noted and removed. */
int current_begin(struct hilf *hilf, struct hilf_err *err);

/* The one that counts now, held until current_release; NULL for a handle without an index. No locks. */
struct known *current_hold(struct hilf *hilf);
void current_release(struct known *known);

/* Runs fn with one that is held and has all of the feed, again where damage made it fail with HILF_E_CORRUPT: it looks at
 * damage_found before it fills its outputs, and its err is never NULL. HILF_E_UNSUPPORTED for a handle without an index. */
typedef int current_fn(struct hilf *hilf, struct known *known, void *ctx, struct hilf_err *err);
int current_use(struct hilf *hilf, current_fn *fn, void *ctx, struct hilf_err *err);
/* Whether current_use would begin at once. Otherwise it takes in first what is new, and waits meanwhile for whoever writes a
 * snapshot: not on a thread that others wait for. */
bool current_has_all(struct hilf *hilf);
/* Has all of the feed applied. */
int current_refresh(struct hilf *hilf, struct hilf_err *err);
/* Between store_make_durable and store_leave: takes in what was just written, where nobody else is at it. */
void current_follow(struct hilf *hilf);
/* Closes it, and those before it. */
void current_end(struct hilf *hilf);

#endif
