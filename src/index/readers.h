/* Lets readers hold what a writer has replaced, without locks: hazard pointers (Michael, "Hazard Pointers: Safe Memory
 * Reclamation for Lock-Free Objects", 2004). A reader writes what it looks at into a slot of its own and then makes
 * sure that it is still current; the writer frees only what is in no slot. */
#ifndef INDEX_READERS_H
#define INDEX_READERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Reads at one time; those beyond wait for a slot, giving way to other threads. */
#define READERS_MAX 256u

struct readers {
	struct reader_slot {
		_Alignas(64) _Atomic(const void *) held;
	} slots[READERS_MAX];
};

/* What *current points at now; it stays until readers_leave with the slot given. */
const void *readers_enter(
	struct readers *readers, _Atomic(const void *) const *current, unsigned *ret_slot);
void readers_leave(struct readers *readers, unsigned slot);
/* Whether a reader may hold it. The writer asks after it has put something else in its place. */
bool readers_hold(struct readers *readers, const void *object);

#endif
