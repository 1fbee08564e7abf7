/* What look-back keeps in memory: contents with their signals, the oldest first, found by their id, by an equal digest or
 * by a PDQ hash nearby.
 *
 *   slots    [ - | item 5 | item 6 | - | item 8 | ...      in order of time; "-" is gone
 *   index    PDQ hash ──► slot                             a similarity index of its own
 *   names    hash of a content's id or of a digest ──► slot
 *
 * Slots are not given again, because the index never finds a link that was removed; when half of them are gone, all is
 * built anew. One thread at a time. */
#ifndef ENGINE_KEPT_H
#define ENGINE_KEPT_H

#include "hilf.h"

struct kept;

struct kept_item {
	uint64_t id; /* ascending */
	int64_t time_ms;
	uint64_t told;          /* the caller's */
	struct kept_item *next; /* the caller's, as long as it is not kept */
	size_t signal_count;
	char *content_id;
	struct hilf_signal signals[];
};

/* In one piece, to be freed with free(). NULL without memory. Degenerate signals are left out. */
struct kept_item *kept_item_new(
	const char *content_id, int64_t time_ms, const struct hilf_signal *signals, size_t count);

int kept_open(struct kept **ret_kept, struct hilf_err *err);
void kept_close(struct kept *kept);
/* Takes over items[count], whose ids ascend above all that are kept; on failure it keeps none of them. */
int kept_add(struct kept *kept, struct kept_item *const *items, size_t count, struct hilf_err *err);
size_t kept_count(const struct kept *kept);
/* NULL: there is none. */
struct kept_item *kept_find(const struct kept *kept, const char *content_id);
struct kept_item *kept_oldest(struct kept *kept);
/* Forgets and frees it. That the index may not shrink for it is no failure. */
void kept_remove(struct kept *kept, struct kept_item *item);
/* Calls fn for those with ids above `after`, in order; a return other than 0 stops and is returned. */
int kept_each(
	struct kept *kept, uint64_t after, int (*fn)(struct kept_item *item, void *ctx), void *ctx);

/* A little of the merging that is due in the index. */
void kept_maintain(struct kept *kept);

/* Every content near to one of the signals: PDQ within the radius, others equal. Each as often as it is near. */
struct kept_hit {
	struct kept_item *item;
	uint16_t distance;
};
struct kept_hits {
	struct kept_hit *hits; /* free() */
	size_t count, room;
	bool failed;
};
int kept_match(struct kept *kept, const struct hilf_signal *signals, size_t count, unsigned radius,
	struct kept_hits *hits, struct hilf_err *err);

#endif
