/* A heap with the farthest hit on top, in place: what is farther than the top of a full one is only counted. */
#include "index/nearest.h"

static bool before(const struct index_hit *a, const struct index_hit *b)
{
	return a->distance != b->distance ? a->distance < b->distance : a->link < b->link;
}

/* Lets a hit sink from position `at` to where no hit below it is farther. */
static void sink(struct index_hit *hits, size_t count, size_t at, struct index_hit hit)
{
	for (size_t below; (below = 2 * at + 1) < count; at = below) {
		if (below + 1 < count && before(&hits[below], &hits[below + 1]))
			below++;
		if (!before(&hit, &hits[below]))
			break;
		hits[at] = hits[below];
	}
	hits[at] = hit;
}

static void rise(struct index_hit *hits, size_t at, struct index_hit hit)
{
	for (size_t above; at > 0; at = above) {
		above = (at - 1) / 2;
		if (!before(&hits[above], &hit))
			break;
		hits[at] = hits[above];
	}
	hits[at] = hit;
}

void nearest_start(struct index_hits *hits)
{
	hits->count = 0;
	hits->total = 0;
}

void nearest_offer(struct index_hits *hits, struct index_hit hit)
{
	hits->total++;
	if (hits->count < hits->keep) {
		rise(hits->hits, hits->count++, hit);
		return;
	}
	if (hits->keep > 0 && before(&hit, &hits->hits[0]))
		sink(hits->hits, hits->count, 0, hit);
}

void nearest_finish(struct index_hits *hits)
{
	for (size_t count = hits->count; count > 1; count--) {
		struct index_hit last = hits->hits[count - 1];
		hits->hits[count - 1] = hits->hits[0];
		sink(hits->hits, count - 1, 0, last);
	}
}
