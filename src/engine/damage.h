/* Damage in what came from a snapshot: found by whichever thread touches it first, told to all. What was worked out
 * meanwhile is not to be trusted. */
#ifndef ENGINE_DAMAGE_H
#define ENGINE_DAMAGE_H

#include "hilf.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct damage {
	_Atomic bool found;
	pthread_mutex_t mutex;
	struct hilf_err err; /* the first one */
};

void damage_init(struct damage *damage);
void damage_free(struct damage *damage);
/* Keeps the first error; err holds it (the file, the place, the reason). */
void damage_note(struct damage *damage, const struct hilf_err *err);
/* Copies what was kept into err and returns its code, HILF_E_CORRUPT. Something must have been found. */
int damage_tell(struct damage *damage, struct hilf_err *err);

static inline bool damage_found(const struct damage *damage)
{
	return atomic_load_explicit(&damage->found, memory_order_acquire);
}

#endif
