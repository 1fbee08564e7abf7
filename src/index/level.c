/* Building a level, a little at a time, so that nobody waits for it: copy the values that count, count the keys of
 * each part, make the tables in the sizes that follow, and lay every value into all of them (a counting sort). */
#include "index/level.h"

#include "base/check.h"
#include "base/err.h"
#include "os/pages.h"

#include <stdlib.h>

#define ID_SLACK 3u /* an id is read with four bytes */
/* So many values ahead, the places that a value goes to are asked for. */
#define PLACE_AHEAD 16u
/* Fresh memory is dear: a line of it counts as much as so many values. */
#define MARK_EFFORT 4u

enum stage { COPYING, COUNTING, MARKING, PLACING, DONE };

struct level_build {
	enum stage stage;
	struct level_source sources[LEVEL_SOURCES_MAX];
	size_t source_count;
	const struct links *removed;
	struct level *level;
	size_t source; /* where the stage has come to: in the sources, ... */
	size_t value;
	unsigned part;         /* ... or in the parts */
	size_t overflow_lines; /* that are needed, or given out so far */
};

size_t level_slots_size(const struct level *level)
{
	return level->parts * level_keys(level) * level_lanes(level) * sizeof(uint16_t);
}

size_t level_starts_size(const struct level *level)
{
	return level->parts * (level_keys(level) + 1) * sizeof(uint32_t);
}

size_t level_ids_size(const struct level *level)
{
	return (size_t)level->parts * level->count * level->id_size + ID_SLACK;
}

void level_free(struct level *level)
{
	if (!level)
		return;
	if (level->blocks) {
		blocks_close(level->blocks);
		free(level);
		return;
	}
	pages_free(level->values, (size_t)level->values_room * HAMMING_SIZE);
	pages_free(level->links, level->values_room * sizeof *level->links);
	pages_free(level->slots, level_slots_size(level));
	pages_free(level->starts, level_starts_size(level));
	pages_free(level->ids, level_ids_size(level));
	pages_free(level->overflow, level->overflow_size);
	free(level);
}

size_t level_size(const struct level *level)
{
	return sizeof *level + (size_t)level->values_room * (HAMMING_SIZE + sizeof *level->links) +
	       level_slots_size(level) + level_starts_size(level) + level_ids_size(level) +
	       level->overflow_size;
}

size_t level_build_size(const struct level_build *build)
{
	return sizeof *build + (build->level ? level_size(build->level) : 0);
}

void level_build_close(struct level_build *build)
{
	if (!build)
		return;
	level_free(build->level);
	free(build);
}

int level_build_open(struct level_build **ret_build, const struct level_source *sources,
	size_t source_count, const struct links *removed, struct hilf_err *err)
{
	size_t room = 0;
	ASSERT(source_count <= LEVEL_SOURCES_MAX);
	for (size_t i = 0; i < source_count; i++)
		room += sources[i].count;
	if (room > LEVEL_MAX)
		return err_set(err, HILF_E_LIMIT, "A level of %zu values is too large.", room);
	struct level_build *build = calloc(1, sizeof *build);
	if (!build)
		return err_no_memory(err);
	build->removed = removed;
	build->source_count = source_count;
	memcpy(build->sources, sources, source_count * sizeof *sources);
	struct level *level = build->level = calloc(1, sizeof *level);
	if (level && room > 0) {
		level->values_room = (uint32_t)room;
		level->values = pages_alloc(room * HAMMING_SIZE);
		level->links = pages_alloc(room * sizeof *level->links);
	}
	if (!level || (room > 0 && (!level->values || !level->links))) {
		level_build_close(build);
		return err_no_memory(err);
	}
	*ret_build = build;
	return HILF_OK;
}

/* The values of a run of work: as many as effort allows, which it takes from it. */
static size_t portion(size_t from, size_t count, size_t *effort)
{
	size_t size = count - from < *effort ? count - from : *effort;
	*effort -= size;
	return from + size;
}

/* Makes values of a source readable, which may be on disk still. */
static int touch(const struct level_source *source, size_t from, size_t end, struct hilf_err *err)
{
	if (!source->blocks || from == end)
		return HILF_OK;
	int rc = blocks_touch(source->blocks, LEVEL_VALUES, from * HAMMING_SIZE,
		(end - from) * HAMMING_SIZE, err);
	if (rc < 0)
		return rc;
	return blocks_touch(source->blocks, LEVEL_LINKS, from * sizeof *source->links,
		(end - from) * sizeof *source->links, err);
}

static void copy_range(struct level_build *build, const struct level_source *source, size_t end)
{
	struct level *level = build->level;
	for (; build->value < end; build->value++) {
		uint32_t link = source->links[build->value];
		if (links_hold(build->removed, link))
			continue;
		memcpy(level->values + (size_t)level->count * HAMMING_SIZE,
			source->values + build->value * HAMMING_SIZE, HAMMING_SIZE);
		level->links[level->count++] = link;
	}
}

static int copy(struct level_build *build, size_t *effort, bool *ret_done, struct hilf_err *err)
{
	for (; build->source < build->source_count; build->source++, build->value = 0) {
		const struct level_source *source = &build->sources[build->source];
		size_t end = portion(build->value, source->count, effort);
		int rc = touch(source, build->value, end, err);
		if (rc < 0)
			return rc;
		copy_range(build, source, end);
		if (build->value < source->count) {
			*ret_done = false;
			return HILF_OK;
		}
	}
	*ret_done = true;
	return HILF_OK;
}

/* A bucket should hold what falls into it by chance: its mean, and two and a half standard deviations above. */
static bool bucket_fits(size_t mean, size_t lanes)
{
	size_t above = lanes > mean + 1 ? lanes - mean - 1 : 0;
	return 4 * above * above >= 25 * mean;
}

/* As few keys as fill their lines; the widest keys there are and more lines in a large level. */
static void choose_keys(struct level *level, unsigned parts)
{
	unsigned key_bits_max = HAMMING_SIZE * 8 / parts;
	level->parts = parts;
	level->key_bits = 1;
	while (level->key_bits < key_bits_max &&
		!bucket_fits(level->count >> level->key_bits, HAMMING_LANES))
		level->key_bits++;
	level->line_count = 1;
	while (!bucket_fits(level->count >> level->key_bits, level_lanes(level)))
		level->line_count++;
}

void level_make_flips(struct level *level)
{
	size_t count = 0;
	for (int bits = 0; bits <= (int)THRESHOLD_MAX; bits++) {
		for (uint32_t flip = 0; flip < level_keys(level); flip++)
			if (__builtin_popcount(flip) == bits)
				level->flips[count++] = (uint16_t)flip;
		level->flip_counts[bits] = (uint16_t)count;
	}
}

/* The cost of a query in lines to be read, at the radius that matters most (31): sixteen parts look at a key and those
 * one bit beside it, thirty-two at the key alone. */
static void choose_form(struct level *level)
{
	choose_keys(level, 32);
	unsigned cost = 32 * level->line_count;
	choose_keys(level, 16);
	if (cost < 16 * (1 + level->key_bits) * level->line_count)
		choose_keys(level, 32);
	if (level->line_count > LINES_MAX)
		level->line_count = 1;
	level->id_size = level->count <= 0x10000 ? 2 : level->count <= 0x1000000 ? 3 : 4;
	level_make_flips(level);
}

static bool make_starts(struct level *level)
{
	if (level->key_bits == 0)
		choose_form(level);
	if (!level->starts)
		level->starts = pages_alloc(level_starts_size(level));
	return level->starts;
}

/* The lines that a bucket needs outside its slot. */
static size_t lines_elsewhere(const struct level *level, uint32_t count)
{
	return count < level_lanes(level) ? 0 : (count + HAMMING_LANES - 1) / HAMMING_LANES;
}

/* Sums up the counts of a part into starts. */
static void sum(struct level_build *build, unsigned part)
{
	struct level *level = build->level;
	uint32_t *starts = level->starts + part * (level_keys(level) + 1);
	for (size_t key = 0; key < level_keys(level); key++) {
		build->overflow_lines += lines_elsewhere(level, starts[key + 1]);
		starts[key + 1] += starts[key];
	}
	ASSERT(starts[level_keys(level)] == level->count);
}

static void count_range(struct level *level, unsigned part, size_t from, size_t end)
{
	const uint8_t *values = level->values;
	uint32_t *counts = level->starts + part * (level_keys(level) + 1) + 1;
	unsigned parts = level->parts, key_bits = level->key_bits;
	for (size_t i = from; i < end; i++)
		counts[level_key(level_window(values + i * HAMMING_SIZE, part, parts), key_bits)]++;
}

static bool count_keys(struct level_build *build, size_t *effort)
{
	struct level *level = build->level;
	for (; build->part < level->parts; build->part++, build->value = 0) {
		size_t end = portion(build->value, level->count, effort);
		count_range(level, build->part, build->value, end);
		build->value = end;
		if (end < level->count)
			return false;
		sum(build, build->part);
	}
	return true;
}

static bool make_tables(struct level_build *build)
{
	struct level *level = build->level;
	if (!level->slots)
		level->slots = pages_alloc(level_slots_size(level));
	if (!level->ids)
		level->ids = pages_alloc(level_ids_size(level));
	if (!level->slots || !level->ids)
		return false;
	if (build->overflow_lines > 0) {
		size_t size = build->overflow_lines * HAMMING_LANES * sizeof *level->overflow;
		level->overflow = pages_alloc(size);
		if (!level->overflow)
			return false;
		level->overflow_size = size;
	}
	build->overflow_lines = 0;
	return true;
}

/* Writes into the slots of large buckets where their signatures will be. It goes through all the fresh memory in order,
 * so that the kernel hands it out a page at a time; placing would ask for most of it at once. */
static void mark_key(struct level_build *build, unsigned part, size_t key)
{
	struct level *level = build->level;
	const uint32_t *starts = level_starts(level, part);
	uint16_t *bucket = (uint16_t *)level_slots(level, part) + key * level_lanes(level);
	size_t lines = lines_elsewhere(level, starts[key + 1] - starts[key]);
	struct level_overflow overflow = {(uint32_t)build->overflow_lines, 0};
	bucket[0] = lines > 0 ? HAMMING_OVERFLOW : 0;
	if (lines > 0)
		memcpy(bucket + 2, &overflow, sizeof overflow);
	build->overflow_lines += lines;
	*(uint8_t *)level_id_at(level, part, starts[key]) = 0;
}

static bool mark(struct level_build *build, size_t *effort)
{
	struct level *level = build->level;
	size_t each = MARK_EFFORT * (level->line_count + 1);
	for (; build->part < level->parts; build->part++, build->value = 0)
		for (; build->value < level_keys(level); build->value++) {
			if (*effort < each) {
				*effort = 0;
				return false;
			}
			*effort -= each;
			mark_key(build, build->part, build->value);
		}
	return true;
}

/* Lays a signature into its bucket; returns its place among the bucket's. */
static inline uint32_t put(const struct level *level, uint16_t *bucket, uint16_t signature)
{
	uint16_t count = bucket[0];
	if (__builtin_expect(count != HAMMING_OVERFLOW, 1)) {
		bucket[count + 1] = signature;
		bucket[0] = count + 1;
		return count;
	}
	struct level_overflow overflow = level_overflow(bucket);
	uint32_t place = overflow.count++;
	level->overflow[(size_t)overflow.line * HAMMING_LANES + place] = signature;
	memcpy(bucket + 2, &overflow, sizeof overflow);
	return place;
}

/* Lays values into a part's table. Where they go is asked for PLACE_AHEAD values before. Always inlined, so that the
 * compiler makes a loop for each of the few kinds of part. */
static inline __attribute__((always_inline)) void place_range(const struct level *level,
	unsigned part, unsigned parts, unsigned id_size, size_t from, size_t end)
{
	const uint8_t *values = level->values;
	const uint32_t *starts = level_starts(level, part);
	uint16_t *slots = (uint16_t *)level_slots(level, part);
	uint8_t *ids = (uint8_t *)level_id_at(level, part, 0);
	unsigned key_bits = level->key_bits;
	size_t lanes = level_lanes(level), count = level->count;
	for (size_t i = from; i < end; i++) {
		size_t ahead = i + PLACE_AHEAD < count ? i + PLACE_AHEAD : i;
		uint32_t window = level_window(values + ahead * HAMMING_SIZE, part, parts);
		uint16_t key = level_key(window, key_bits);
		__builtin_prefetch(slots + key * lanes, 1);
		__builtin_prefetch(ids + (size_t)starts[key] * id_size, 1);

		window = level_window(values + i * HAMMING_SIZE, part, parts);
		key = level_key(window, key_bits);
		uint32_t place = starts[key] +
				 put(level, slots + key * lanes, level_signature(window, key_bits));
		/* Little end first, as level_id reads it. */
		uint8_t *id = ids + (size_t)place * id_size;
		for (unsigned byte = 0; byte < id_size; byte++)
			id[byte] = (uint8_t)(i >> 8 * byte);
	}
}

static void place_part(const struct level *level, unsigned part, size_t from, size_t end)
{
	unsigned parts = level->parts, id_size = level->id_size;
	if (parts == 32 && id_size == 2)
		place_range(level, part, 32, 2, from, end);
	else if (parts == 16 && id_size == 2)
		place_range(level, part, 16, 2, from, end);
	else if (parts == 16 && id_size == 3)
		place_range(level, part, 16, 3, from, end);
	else
		place_range(level, part, parts, id_size, from, end);
}

static bool place(struct level_build *build, size_t *effort)
{
	struct level *level = build->level;
	for (; build->part < level->parts; build->part++, build->value = 0) {
		size_t end = portion(build->value, level->count, effort);
		place_part(level, build->part, build->value, end);
		build->value = end;
		if (end < level->count)
			return false;
	}
	return true;
}

static void next_stage(struct level_build *build, enum stage stage)
{
	build->stage = stage;
	build->part = 0;
	build->value = 0;
}

int level_build_step(
	struct level_build *build, size_t *effort, bool *ret_done, struct hilf_err *err)
{
	if (build->stage == COPYING) {
		bool copied;
		int rc = copy(build, effort, &copied, err);
		if (rc < 0)
			return rc;
		if (!copied) {
			*ret_done = false;
			return HILF_OK;
		}
		if (build->level->count > 0 && !make_starts(build->level))
			return err_no_memory(err);
		next_stage(build, build->level->count > 0 ? COUNTING : DONE);
	}
	if (build->stage == COUNTING && count_keys(build, effort)) {
		if (!make_tables(build))
			return err_no_memory(err);
		next_stage(build, MARKING);
	}
	if (build->stage == MARKING && mark(build, effort))
		next_stage(build, PLACING);
	if (build->stage == PLACING && place(build, effort))
		next_stage(build, DONE);
	*ret_done = build->stage == DONE;
	return HILF_OK;
}

struct level *level_build_take(struct level_build *build)
{
	struct level *level = build->level;
	ASSERT(build->stage == DONE);
	if (level->count == 0)
		return NULL;
	build->level = NULL;
	return level;
}
