/* Every value compared with every query. Nothing is cleverer and nothing could be simpler: this is the truth that the
 * other kinds are tested against, and what a handful of values needs.
 *
 *   chunks ──► [ • | • | 0 | ... ]       chunk ──► 4,096 values, 4,096 links
 *
 * Chunks are only ever added; `count` says, once they are written, how many values readers may look at. */
#include "base/err.h"
#include "index/index.h"
#include "index/links.h"
#include "index/nearest.h"
#include "simd/hamming.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_VALUES  4096u
#define CHUNKS_MAX    ((size_t)1 << 20) /* 2^32 values: more than there are links */
#define LINEAR_RADIUS 256u              /* any there is */

struct chunk {
	uint8_t values[CHUNK_VALUES][HAMMING_SIZE];
	uint32_t links[CHUNK_VALUES];
};

struct index {
	const struct hamming_ops *ops;
	_Atomic(struct chunk *) *chunks;
	_Atomic(uint64_t) count;
	struct links removed;
};

static void linear_close(struct index *index)
{
	if (!index)
		return;
	for (size_t i = 0; index->chunks && i < CHUNKS_MAX && index->chunks[i]; i++)
		free(index->chunks[i]);
	free(index->chunks);
	links_close(&index->removed);
	free(index);
}

static int linear_open(struct index **ret_index, struct hilf_err *err)
{
	struct index *index = calloc(1, sizeof *index);
	if (!index)
		return err_no_memory(err);
	index->ops = hamming_ops(simd_level());
	index->chunks = calloc(CHUNKS_MAX, sizeof *index->chunks);
	if (!index->chunks || !links_open(&index->removed)) {
		linear_close(index);
		return err_no_memory(err);
	}
	*ret_index = index;
	return HILF_OK;
}

static struct chunk *chunk_of(const struct index *index, uint64_t position)
{
	return atomic_load_explicit(&index->chunks[position / CHUNK_VALUES], memory_order_acquire);
}

static int linear_add(struct index *index, const uint8_t *values, const uint32_t *links,
	size_t count, struct hilf_err *err)
{
	uint64_t from = atomic_load_explicit(&index->count, memory_order_relaxed);
	if (count > CHUNKS_MAX * CHUNK_VALUES - from)
		return err_set(err, HILF_E_LIMIT, "The index is full: it holds %llu values.",
			(unsigned long long)from);
	for (uint64_t i = from / CHUNK_VALUES; i * CHUNK_VALUES < from + count; i++) {
		if (index->chunks[i])
			continue;
		struct chunk *chunk = malloc(sizeof *chunk);
		if (!chunk)
			return err_no_memory(err);
		atomic_store_explicit(&index->chunks[i], chunk, memory_order_release);
	}
	for (size_t i = 0; i < count; i++) {
		struct chunk *chunk = chunk_of(index, from + i);
		memcpy(chunk->values[(from + i) % CHUNK_VALUES], values + i * HAMMING_SIZE,
			HAMMING_SIZE);
		chunk->links[(from + i) % CHUNK_VALUES] = links[i];
	}
	atomic_store_explicit(&index->count, from + count, memory_order_release);
	return HILF_OK;
}

static int linear_remove(struct index *index, uint32_t link, struct hilf_err *err)
{
	return links_add(&index->removed, link) ? HILF_OK : err_no_memory(err);
}

static void find_one(struct index *index, uint64_t count, const uint8_t *query, uint16_t number,
	unsigned radius, index_filter_fn *filter, void *ctx, struct index_hits *hits)
{
	enum { BLOCK = 256 };
	struct hamming_found found[BLOCK];
	nearest_start(hits);
	for (uint64_t from = 0; from < count; from += BLOCK) {
		const struct chunk *chunk = chunk_of(index, from);
		size_t first = from % CHUNK_VALUES;
		size_t size = count - from < BLOCK ? count - from : BLOCK;
		size_t more = index->ops->within(chunk->values[first], size, query, radius, found);
		for (size_t i = 0; i < more; i++) {
			uint32_t link = chunk->links[first + found[i].position];
			unsigned distance = found[i].distance;
			if (!links_hold(&index->removed, link) &&
				(!filter || filter(link, distance, ctx)))
				nearest_offer(
					hits, (struct index_hit){link, (uint16_t)distance, number});
		}
	}
	nearest_finish(hits);
}

static int linear_find_batch(struct index *index, const uint8_t *queries, size_t count,
	unsigned radius, index_filter_fn *filter, void *ctx, struct index_hits *ret_hits,
	struct hilf_err *err)
{
	if (radius > LINEAR_RADIUS || count > INDEX_BATCH_MAX)
		return err_set(err, HILF_E_INVALID, "A radius of %u for %zu queries is too much.",
			radius, count);
	uint64_t held = atomic_load_explicit(&index->count, memory_order_acquire);
	for (size_t i = 0; i < count; i++)
		find_one(index, held, queries + i * HAMMING_SIZE, (uint16_t)i, radius, filter, ctx,
			&ret_hits[i]);
	return HILF_OK;
}

static int linear_find(struct index *index, const uint8_t *query, unsigned radius,
	index_filter_fn *filter, void *ctx, struct index_hits *ret_hits, struct hilf_err *err)
{
	return linear_find_batch(index, query, 1, radius, filter, ctx, ret_hits, err);
}

static int linear_maintain(struct index *index, bool *ret_more, struct hilf_err *err)
{
	(void)index, (void)err;
	*ret_more = false;
	return HILF_OK;
}

static void linear_usage(const struct index *index, struct index_usage *ret_usage)
{
	uint64_t count = atomic_load_explicit(&index->count, memory_order_acquire);
	struct index_usage usage = {0, sizeof *index + links_size(&index->removed)};
	for (uint64_t i = 0; i < count; i++)
		usage.count +=
			!links_hold(&index->removed, chunk_of(index, i)->links[i % CHUNK_VALUES]);
	usage.size += (count + CHUNK_VALUES - 1) / CHUNK_VALUES * sizeof(struct chunk);
	*ret_usage = usage;
}

const struct index_ops index_linear = {
	.abi = INDEX_ABI,
	.name = "linear",
	.value_size = HAMMING_SIZE,
	.radius_max = LINEAR_RADIUS,
	.open = linear_open,
	.close = linear_close,
	.add = linear_add,
	.remove = linear_remove,
	.find = linear_find,
	.find_batch = linear_find_batch,
	.maintain = linear_maintain,
	.usage = linear_usage,
};
