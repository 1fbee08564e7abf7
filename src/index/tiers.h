/* The writer's side: values come into a delta, and move down in levels that are each several times larger.
 *
 *   add --> delta --> full --+
 *           tier 0:          +--> merge --> settled --+  above 16 deltas
 *           tier 1:      incoming <-------------------+  --> merge with settled --> settled --+  above 256
 *           tier 2:      incoming <-----------------------------------------------------------+  ...
 *
 *           segments:    [ settled ] [ settled <-- incoming ] [ settled ] ...     a quarter of everything at most
 *
 * A merge builds a new level beside the old ones, a little with each add, and only when it is done does a new view show
 * the new level in the place of the old ones. So no add waits for a merge, and every value is found at every moment. On
 * its way down a value is copied about eight times per tier.
 *
 * What leaves the small tiers goes into the smallest segment that may hold it, or begins another. One segment at a time
 * is built anew, so that merging and purging hold at most a third more than what is there (above some five million
 * values: smaller indexes are one segment, which is quicker to ask). Segments are the tiers from TIERS_SMALL on. */
#ifndef INDEX_TIERS_H
#define INDEX_TIERS_H

#include "index/readers.h"
#include "index/view.h"

#define TIERS       16u
#define TIERS_SMALL 3u

struct tier {
	struct level *settled;
	struct level
		*incoming; /* to be merged with settled; in tier 0 the full delta takes its place */
	struct level_build *build; /* the merge under way, or NULL */
	bool takes_incoming;       /* it was there when the build began */
	bool purge; /* settled holds many removed values: build it anew without them */
};

struct tiers {
	struct readers readers;
	_Atomic(const void *) view; /* struct view */
	struct view *replaced;      /* views that readers may still hold */
	struct delta *delta;
	struct delta *full;
	struct tier tiers[TIERS];
	struct links removed;
	uint64_t removed_count;        /* since the last purge */
	size_t segment_min;            /* values that a segment may always hold */
	_Atomic(size_t) building_size; /* bytes of the merges under way, for any thread */
};

int tiers_open(struct tiers *ret_tiers, struct hilf_err *err);
void tiers_close(struct tiers *tiers);
/* All or nothing. What it adds is shown when it returns. */
int tiers_add(struct tiers *tiers, const uint8_t *values, const uint32_t *links, size_t count,
	struct hilf_err *err);
int tiers_remove(struct tiers *tiers, uint32_t link, struct hilf_err *err);
/* Does a little of the merging that is due. */
int tiers_maintain(struct tiers *tiers, bool *ret_more, struct hilf_err *err);

/* Shows readers what was put into the tiers and deltas of an index that was just opened (snapshot.c). */
int tiers_show(struct tiers *tiers, struct hilf_err *err);

/* What a delta holds, as the writer knows it; NULL is fine. */
static inline uint32_t tiers_delta_count(const struct delta *delta)
{
	return delta ? atomic_load_explicit(&delta->count, memory_order_relaxed) : 0;
}

static inline const struct view *tiers_enter(struct tiers *tiers, unsigned *ret_slot)
{
	return readers_enter(&tiers->readers, &tiers->view, ret_slot);
}

static inline void tiers_leave(struct tiers *tiers, unsigned slot)
{
	readers_leave(&tiers->readers, slot);
}

#endif
