/* The live index over 256-bit values: tiers.c is its writing side, search.c its reading side, and between them stands
 * one pointer to what can be seen (view.h). */
#include "base/err.h"
#include "index/index.h"
#include "index/search.h"
#include "index/snapshot.h"
#include "index/tiers.h"
#include "os/pages.h"

struct index {
	struct tiers tiers;
	const struct hamming_ops *ops;
};

static int hamming_open(struct index **ret_index, struct hilf_err *err)
{
	struct index *index = pages_alloc(sizeof *index);
	if (!index)
		return err_no_memory(err);
	int rc = tiers_open(&index->tiers, err);
	if (rc < 0) {
		pages_free(index, sizeof *index);
		return rc;
	}
	index->ops = hamming_ops(simd_level());
	*ret_index = index;
	return HILF_OK;
}

static void hamming_close(struct index *index)
{
	if (!index)
		return;
	tiers_close(&index->tiers);
	pages_free(index, sizeof *index);
}

static int hamming_add(struct index *index, const uint8_t *values, const uint32_t *links,
	size_t count, struct hilf_err *err)
{
	return tiers_add(&index->tiers, values, links, count, err);
}

static int hamming_remove(struct index *index, uint32_t link, struct hilf_err *err)
{
	return tiers_remove(&index->tiers, link, err);
}

static int hamming_find_batch(struct index *index, const uint8_t *queries, size_t count,
	unsigned radius, index_filter_fn *filter, void *ctx, struct index_hits *ret_hits,
	struct hilf_err *err)
{
	unsigned slot;
	if (radius > SEARCH_RADIUS_MAX)
		return err_set(err, HILF_E_INVALID, "A radius of %u bits is above the largest, %u.",
			radius, SEARCH_RADIUS_MAX);
	if (count > INDEX_BATCH_MAX)
		return err_set(err, HILF_E_INVALID, "%zu queries at once are above the most, %u.",
			count, INDEX_BATCH_MAX);
	struct search search = {index->ops, tiers_enter(&index->tiers, &slot),
		&index->tiers.removed, filter, ctx, radius};
	int rc = search_run(&search, queries, count, ret_hits, err);
	tiers_leave(&index->tiers, slot);
	return rc;
}

static int hamming_find(struct index *index, const uint8_t *query, unsigned radius,
	index_filter_fn *filter, void *ctx, struct index_hits *ret_hits, struct hilf_err *err)
{
	return hamming_find_batch(index, query, 1, radius, filter, ctx, ret_hits, err);
}

static int hamming_maintain(struct index *index, bool *ret_more, struct hilf_err *err)
{
	return tiers_maintain(&index->tiers, ret_more, err);
}

static uint64_t count_held(const struct links *removed, const uint32_t *links, size_t count)
{
	uint64_t held = 0;
	for (size_t i = 0; i < count; i++)
		held += !links_hold(removed, links[i]);
	return held;
}

static void hamming_usage(const struct index *index, struct index_usage *ret_usage)
{
	struct tiers *tiers = (struct tiers *)&index->tiers; /* a reader's slot is taken in it */
	struct index_usage usage = {0, sizeof *index + links_size(&tiers->removed)};
	unsigned slot;
	usage.size += atomic_load_explicit(&tiers->building_size, memory_order_relaxed);
	const struct view *view = tiers_enter(tiers, &slot);
	for (unsigned i = 0; i < view->delta_count; i++) {
		const struct delta *delta = view->deltas[i];
		uint32_t count = atomic_load_explicit(&delta->count, memory_order_acquire);
		usage.count += count_held(&tiers->removed, delta->links, count);
		usage.size += sizeof *delta;
	}
	for (unsigned i = 0; i < view->level_count; i++) {
		const struct level *level = view->levels[i];
		usage.size += level_size(level);
		if (!level->blocks || blocks_touch(level->blocks, LEVEL_LINKS, 0,
					      level->count * sizeof *level->links, NULL) == HILF_OK)
			usage.count += count_held(&tiers->removed, level->links, level->count);
	}
	tiers_leave(tiers, slot);
	*ret_usage = usage;
}

/* --------------------------------------------------------------------------------------- snapshots */

static int hamming_save(
	struct index *index, const char *dir, const struct index_stamp *stamp, struct hilf_err *err)
{
	return snapshot_save(&index->tiers, dir, stamp, err);
}

static int hamming_load(struct index **ret_index, const char *dir,
	const struct index_stamp *expected, struct index_stamp *ret_stamp, struct hilf_err *err)
{
	struct index *index = NULL;
	int rc = hamming_open(&index, err);
	if (rc < 0)
		return rc;
	rc = snapshot_load(&index->tiers, dir, expected, ret_stamp, err);
	if (rc < 0) {
		hamming_close(index);
		return rc;
	}
	*ret_index = index;
	return HILF_OK;
}

static int hamming_warm(struct index *index, size_t budget, bool *ret_more, struct hilf_err *err)
{
	unsigned slot;
	const struct view *view = tiers_enter(&index->tiers, &slot);
	bool more = false;
	int rc = HILF_OK;
	for (unsigned i = 0; i < view->level_count && rc == HILF_OK && !more; i++) {
		struct blocks *blocks = view->levels[i]->blocks;
		if (!blocks || blocks_ready(blocks))
			continue;
		more = budget == 0;
		if (!more)
			rc = blocks_warm(blocks, &budget, &more, err);
	}
	tiers_leave(&index->tiers, slot);
	if (rc == HILF_OK)
		*ret_more = more;
	return rc;
}

const struct index_ops index_hamming = {
	.abi = INDEX_ABI,
	.name = "hamming",
	.value_size = HAMMING_SIZE,
	.radius_max = SEARCH_RADIUS_MAX,
	.open = hamming_open,
	.close = hamming_close,
	.add = hamming_add,
	.remove = hamming_remove,
	.find = hamming_find,
	.find_batch = hamming_find_batch,
	.maintain = hamming_maintain,
	.usage = hamming_usage,
	.save = hamming_save,
	.load = hamming_load,
	.warm = hamming_warm,
	.drop = snapshot_drop,
};
