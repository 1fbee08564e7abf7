/* A level: values that never change any more, in the form that answers quickest. Multi-index hashing: a value is cut
 * into parts, 16 of 16 bits (or, in small levels, 32 of 8), and a table for each part leads from a part's bits to the
 * values that have them.
 *
 *      256 bits   | part 0 | part 1 | part 2 | ...                              | part 15 |
 *                 |  key ->|signature|                        key: the part's first key_bits bits
 *                          |  key ->|signature|               signature: the 16 bits after them, around the end
 *
 *   one table of the sixteen:
 *
 *   slots, by key    [n|s s s s s s . .] [n|s s s . . . . .] [n|...]    line_count lines each, see simd/hamming.h
 *   starts, by key   [0][6][9]...                                       where a key's ids begin
 *   ids              [i i i i i i|i i i|...]                            id_size bytes each, beside the signatures
 *
 *   values, by id    [32 bytes][32 bytes]...        links, by id   [4 bytes]...
 *
 * A bucket with more than its slot can hold says so in its first lane; its lanes 2 to 5 hold where (in lines) its
 * signatures begin in `overflow`, and how many they are. Real hashes cluster, and then some buckets are large.
 *
 * The slot of a key is found without looking anything up, one cache line answers whether any of its values deserves a
 * closer look, and only for one in four hundred is the id, and then the value, fetched. */
#ifndef INDEX_LEVEL_H
#define INDEX_LEVEL_H

#include "hilf.h"
#include "index/links.h"
#include "os/blocks.h"
#include "simd/hamming.h"

#include <endian.h>
#include <stddef.h>
#include <string.h>

#define PARTS_MAX     32u
#define KEY_BITS_MAX  16u
#define THRESHOLD_MAX 3u   /* bits of a key that may differ: radius 48 and sixteen parts */
#define FLIPS_MAX     697u /* ways to turn over at most three of sixteen bits */
#define LINES_MAX     16u  /* of a slot; where buckets are larger still, all of them overflow */
#define LEVEL_MAX     ((size_t)1 << 28) /* values */

/* The parts of a level's file: its tables, those that every query reads first. */
enum level_part {
	LEVEL_SLOTS,
	LEVEL_OVERFLOW,
	LEVEL_STARTS,
	LEVEL_IDS,
	LEVEL_VALUES,
	LEVEL_LINKS,
	LEVEL_FORM,
	LEVEL_PARTS,
};

struct level {
	uint32_t count; /* values */
	unsigned parts; /* 16 or 32 */
	unsigned key_bits;
	unsigned line_count; /* of a slot */
	unsigned id_size;    /* 2, 3 or 4 */
	uint8_t *values;
	uint32_t *links;
	uint16_t *slots;
	uint32_t *starts; /* (1 << key_bits) + 1 for each part */
	uint8_t *ids;
	uint16_t *overflow;
	uint32_t values_room;      /* what values and links were made for */
	size_t overflow_size;      /* bytes */
	uint16_t flips[FLIPS_MAX]; /* which bits of a key to turn over: none, then one, ... */
	uint16_t flip_counts[THRESHOLD_MAX + 1]; /* those of at most so many bits */
	unsigned holders;                        /* views that show it; the writer's */
	struct blocks *
		blocks; /* it was loaded: its tables are there, and to be touched before they are read */
	uint64_t file_sum; /* it was saved or loaded: which file it is; or 0. The writer's */
};

struct level_source {
	const uint8_t *values;
	const uint32_t *links;
	size_t count;
	struct blocks *blocks; /* of a level that was loaded, or NULL */
};

#define LEVEL_SOURCES_MAX 36

/* Builds a level from sources, leaving out what is removed. The sources must stay as they are until it is closed. */
struct level_build;
int level_build_open(struct level_build **ret_build, const struct level_source *sources,
	size_t source_count, const struct links *removed, struct hilf_err *err);
/* Works for at most about `effort` (one is one value in one part: some nanoseconds), which it lowers to what is left,
 * and tells whether the level is done. After a failure it may be called again, and goes on from where memory ran out.
 * HILF_E_CORRUPT: a source was loaded and is damaged. */
int level_build_step(
	struct level_build *build, size_t *effort, bool *ret_done, struct hilf_err *err);
/* The level of a build that is done; NULL when every value was removed. It is the caller's. */
struct level *level_build_take(struct level_build *build);
/* Bytes held by what is built so far. */
size_t level_build_size(const struct level_build *build);
void level_build_close(struct level_build *build);

void level_free(struct level *level);
/* Bytes held. */
size_t level_size(const struct level *level);

/* Fills in `flips`, which follow from key_bits. */
void level_make_flips(struct level *level);
/* How large the tables of a level of this form are, in bytes. */
size_t level_slots_size(const struct level *level);
size_t level_starts_size(const struct level *level);
size_t level_ids_size(const struct level *level);

/* The 32 bits from where a part begins on, around the end. */
static inline uint32_t level_window(const uint8_t *value, unsigned part, unsigned parts)
{
	size_t at = part * (HAMMING_SIZE / parts);
	uint32_t window;
	if (at + sizeof window <= HAMMING_SIZE) {
		memcpy(&window, value + at, sizeof window);
		return le32toh(window);
	}
	window = 0;
	for (size_t i = 0; i < sizeof window; i++)
		window |= (uint32_t)value[(at + i) % HAMMING_SIZE] << 8 * i;
	return window;
}

static inline uint16_t level_key(uint32_t window, unsigned key_bits)
{
	return (uint16_t)(window & ((1u << key_bits) - 1));
}

static inline uint16_t level_signature(uint32_t window, unsigned key_bits)
{
	return (uint16_t)(window >> key_bits);
}

static inline size_t level_keys(const struct level *level)
{
	return (size_t)1 << level->key_bits;
}

static inline size_t level_lanes(const struct level *level)
{
	return (size_t)level->line_count * HAMMING_LANES;
}

static inline const uint16_t *level_slots(const struct level *level, unsigned part)
{
	return level->slots + part * level_keys(level) * level_lanes(level);
}

static inline const uint32_t *level_starts(const struct level *level, unsigned part)
{
	return level->starts + part * (level_keys(level) + 1);
}

/* Where the id of a value is, by its place in a part's table. */
static inline const uint8_t *level_id_at(const struct level *level, unsigned part, uint32_t place)
{
	return level->ids + ((size_t)part * level->count + place) * level->id_size;
}

static inline uint32_t level_id(const struct level *level, const uint8_t *at)
{
	uint32_t id; /* its little end first; the array has three bytes to spare */
	memcpy(&id, at, sizeof id);
	return le32toh(id) & (0xffffffffu >> (32 - 8 * level->id_size));
}

/* Lanes 2 to 5 of a bucket that overflows. */
struct level_overflow {
	uint32_t line;
	uint32_t count;
};

static inline struct level_overflow level_overflow(const uint16_t *bucket)
{
	struct level_overflow overflow;
	memcpy(&overflow, bucket + 2, sizeof overflow);
	return overflow;
}

#endif
