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

enum stage { COPYING, COUNTING, PLACING, DONE };

struct level_build {
	enum stage stage;
	struct level_source sources[LEVEL_SOURCES_MAX];
	size_t source_count;
	const struct links *removed;
	struct level *level;
	size_t source; /* where the stage has come to: in the sources, ... */
	size_t value;
	unsigned part; /* ... or in the parts */
};

static size_t slots_size(const struct level *level)
{
	return level->parts * level_keys(level) * level_lanes(level) * sizeof(uint16_t);
}

static size_t starts_size(const struct level *level)
{
	return level->parts * (level_keys(level) + 1) * sizeof(uint32_t);
}

static size_t ids_size(const struct level *level)
{
	return (size_t)level->parts * level->count * level->id_size + ID_SLACK;
}

void level_free(struct level *level)
{
	if (!level)
		return;
	pages_free(level->values, (size_t)level->values_room * HAMMING_SIZE);
	pages_free(level->links, level->values_room * sizeof *level->links);
	pages_free(level->slots, slots_size(level));
	pages_free(level->starts, starts_size(level));
	pages_free(level->ids, ids_size(level));
	pages_free(level->overflow, level->overflow_size);
	free(level);
}

size_t level_size(const struct level *level)
{
	return sizeof *level + (size_t)level->values_room * (HAMMING_SIZE + sizeof *level->links) +
	       slots_size(level) + starts_size(level) + ids_size(level) + level->overflow_size;
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

/* Returns the effort that is left. */
static size_t copy(struct level_build *build, size_t effort)
{
	struct level *level = build->level;
	for (; build->source < build->source_count; build->source++, build->value = 0) {
		const struct level_source *source = &build->sources[build->source];
		for (; build->value < source->count; build->value++, effort--) {
			if (effort == 0)
				return 0;
			uint32_t link = source->links[build->value];
			if (links_hold(build->removed, link))
				continue;
			memcpy(level->values + (size_t)level->count * HAMMING_SIZE,
				source->values + build->value * HAMMING_SIZE, HAMMING_SIZE);
			level->links[level->count++] = link;
		}
	}
	return effort;
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
	size_t count = 0;
	for (int bits = 0; bits <= (int)THRESHOLD_MAX; bits++) {
		for (uint32_t flip = 0; flip < level_keys(level); flip++)
			if (__builtin_popcount(flip) == bits)
				level->flips[count++] = (uint16_t)flip;
		level->flip_counts[bits] = (uint16_t)count;
	}
}

static bool make_starts(struct level *level)
{
	if (level->key_bits == 0)
		choose_form(level);
	if (!level->starts)
		level->starts = pages_alloc(starts_size(level));
	return level->starts;
}

/* Sums up the counts of a part into starts. */
static void sum(struct level *level, unsigned part)
{
	uint32_t *starts = level->starts + part * (level_keys(level) + 1);
	for (size_t key = 0; key < level_keys(level); key++)
		starts[key + 1] += starts[key];
	ASSERT(starts[level_keys(level)] == level->count);
}

static size_t count_keys(struct level_build *build, size_t effort)
{
	struct level *level = build->level;
	for (; build->part < level->parts; sum(level, build->part++), build->value = 0) {
		uint32_t *starts = level->starts + build->part * (level_keys(level) + 1);
		for (; build->value < level->count; build->value++, effort--) {
			if (effort == 0)
				return 0;
			uint32_t window = level_window(level->values + build->value * HAMMING_SIZE,
				build->part, level->parts);
			starts[level_key(window, level->key_bits) + 1]++;
		}
	}
	return effort;
}

/* Calls each bucket that does not fit its slot; tells how many lines they need together. With `mark`, writes into
 * their slots where they are. */
static size_t overflow_lines(struct level *level, bool mark)
{
	size_t lines = 0;
	for (unsigned part = 0; part < level->parts; part++) {
		const uint32_t *starts = level_starts(level, part);
		for (size_t key = 0; key < level_keys(level); key++) {
			uint32_t count = starts[key + 1] - starts[key];
			if (count < level_lanes(level))
				continue;
			if (mark) {
				size_t slot = part * level_keys(level) + key;
				uint16_t *bucket = level->slots + slot * level_lanes(level);
				struct level_overflow overflow = {(uint32_t)lines, 0};
				bucket[0] = HAMMING_OVERFLOW;
				memcpy(bucket + 2, &overflow, sizeof overflow);
			}
			lines += (count + HAMMING_LANES - 1) / HAMMING_LANES;
		}
	}
	return lines;
}

static bool make_tables(struct level *level)
{
	if (!level->slots)
		level->slots = pages_alloc(slots_size(level));
	if (!level->ids)
		level->ids = pages_alloc(ids_size(level));
	if (!level->slots || !level->ids)
		return false;
	size_t lines = overflow_lines(level, false);
	if (lines > 0) {
		size_t size = lines * HAMMING_LANES * sizeof *level->overflow;
		level->overflow = pages_alloc(size);
		if (!level->overflow)
			return false;
		level->overflow_size = size;
	}
	overflow_lines(level, true);
	return true;
}

/* Lays one value into its bucket; returns its place among the bucket's. */
static uint32_t put(const struct level *level, uint16_t *bucket, uint16_t signature)
{
	if (bucket[0] != HAMMING_OVERFLOW) {
		bucket[++bucket[0]] = signature;
		return bucket[0] - 1u;
	}
	struct level_overflow overflow = level_overflow(bucket);
	uint32_t place = overflow.count++;
	level->overflow[(size_t)overflow.line * HAMMING_LANES + place] = signature;
	memcpy(bucket + 2, &overflow, sizeof overflow);
	return place;
}

/* Where a part's values go. */
struct target {
	const struct level *level;
	const uint32_t *starts;
	uint16_t *slots;
	uint8_t *ids;
	unsigned part;
};

static uint32_t window_of(const struct target *target, size_t value)
{
	const struct level *level = target->level;
	return level_window(level->values + value * HAMMING_SIZE, target->part, level->parts);
}

static uint16_t *bucket_of(const struct target *target, uint16_t key)
{
	return target->slots + key * level_lanes(target->level);
}

/* Inline, because gcc takes a function that only prefetches for one that does nothing. */
static inline __attribute__((always_inline)) void ask_for(const struct target *target, size_t value)
{
	uint16_t key = level_key(window_of(target, value), target->level->key_bits);
	__builtin_prefetch(bucket_of(target, key), 1);
	__builtin_prefetch(target->ids + (size_t)target->starts[key] * target->level->id_size, 1);
}

static void place_value(const struct target *target, uint32_t value)
{
	const struct level *level = target->level;
	uint32_t window = window_of(target, value);
	uint16_t key = level_key(window, level->key_bits);
	uint32_t at = target->starts[key] +
		      put(level, bucket_of(target, key), level_signature(window, level->key_bits));
	/* Little end first, as level_id reads it. */
	uint8_t *id = target->ids + (size_t)at * level->id_size;
	for (unsigned i = 0; i < level->id_size; i++)
		id[i] = (uint8_t)(value >> 8 * i);
}

static size_t place(struct level_build *build, size_t effort)
{
	struct level *level = build->level;
	for (; build->part < level->parts; build->part++, build->value = 0) {
		struct target target = {level, level_starts(level, build->part),
			(uint16_t *)level_slots(level, build->part),
			(uint8_t *)level_id_at(level, build->part, 0), build->part};
		for (; build->value < level->count; build->value++, effort--) {
			if (effort == 0)
				return 0;
			if (build->value + PLACE_AHEAD < level->count)
				ask_for(&target, build->value + PLACE_AHEAD);
			place_value(&target, (uint32_t)build->value);
		}
	}
	return effort;
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
	if (build->stage == COPYING && (*effort = copy(build, *effort)) > 0) {
		if (build->level->count > 0 && !make_starts(build->level))
			return err_no_memory(err);
		next_stage(build, build->level->count > 0 ? COUNTING : DONE);
	}
	if (build->stage == COUNTING && (*effort = count_keys(build, *effort)) > 0) {
		if (!make_tables(build->level))
			return err_no_memory(err);
		next_stage(build, PLACING);
	}
	if (build->stage == PLACING && (*effort = place(build, *effort)) > 0)
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
