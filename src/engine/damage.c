/* A flag that readers look at, and the first reason behind a mutex. */
#include "engine/damage.h"

#include "base/check.h"

void damage_init(struct damage *damage)
{
	atomic_init(&damage->found, false);
	pthread_mutex_init(&damage->mutex, NULL);
	damage->err = (struct hilf_err){0};
}

void damage_free(struct damage *damage)
{
	pthread_mutex_destroy(&damage->mutex);
}

void damage_note(struct damage *damage, const struct hilf_err *err)
{
	ASSERT(err && err->code);
	pthread_mutex_lock(&damage->mutex);
	if (!damage_found(damage)) {
		damage->err = *err;
		damage->err.code = HILF_E_CORRUPT;
		atomic_store_explicit(&damage->found, true, memory_order_release);
	}
	pthread_mutex_unlock(&damage->mutex);
}

int damage_tell(struct damage *damage, struct hilf_err *err)
{
	ASSERT(damage_found(damage));
	if (err)
		*err = damage->err; /* it was written before `found` was */
	return HILF_E_CORRUPT;
}
