/* Every operation is sequentially consistent where the argument needs it: a reader's slot is written before it looks
 * at `current` again, a writer's `current` before it looks at the slots, so one of them sees the other. */
#include "index/readers.h"

#include "base/check.h"

#include <sched.h>
#include <stdint.h>

/* Threads have stacks of their own, so the address of a local tells them apart well enough to start looking. */
static unsigned first_slot(void)
{
	char local;
	return (unsigned)(((uintptr_t)&local >> 12) * 0x9e3779b97f4a7c15u >> 56) % READERS_MAX;
}

static unsigned take_slot(struct readers *readers, const void *object)
{
	unsigned slot = first_slot();
	for (unsigned tried = 0;; tried++, slot = (slot + 1) % READERS_MAX) {
		const void *nothing = NULL;
		if (atomic_compare_exchange_strong(&readers->slots[slot].held, &nothing, object))
			return slot;
		if (tried % READERS_MAX == READERS_MAX - 1)
			sched_yield();
	}
}

const void *readers_enter(
	struct readers *readers, _Atomic(const void *) const *current, unsigned *ret_slot)
{
	const void *object = atomic_load(current);
	unsigned slot = take_slot(readers, object);
	for (const void *now; (now = atomic_load(current)) != object; object = now)
		atomic_store(&readers->slots[slot].held, now);
	*ret_slot = slot;
	return object;
}

void readers_leave(struct readers *readers, unsigned slot)
{
	ASSERT(slot < READERS_MAX);
	atomic_store_explicit(&readers->slots[slot].held, NULL, memory_order_release);
}

bool readers_hold(struct readers *readers, const void *object)
{
	for (unsigned i = 0; i < READERS_MAX; i++)
		if (atomic_load(&readers->slots[i].held) == object)
			return true;
	return false;
}
