/* What the parts of local memory owe local.c and each other, and nobody else. */
#ifndef ENGINE_LOCAL_PARTS_H
#define ENGINE_LOCAL_PARTS_H

#include "engine/local.h"

void hooks_forget(struct local *local);
void idempotent_forget(struct local *local);
void vault_forget_key(struct local *local);
void exemptions_forget(struct local *local);

/* Whether somebody may want the event, as far as this handle knows: no query, at most 100 ms old where hooks_refresh is
 * called so often. */
bool hooks_wanted(struct hilf *hilf, const char *event);

#endif
