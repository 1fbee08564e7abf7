/* Kernels for 256-bit values under the Hamming distance. The portable ones (hamming.c) are the truth.
 *
 * A bucket holds 16-bit signatures of values in cache lines of 32 lanes. Its first lane says how many there are:
 *
 *   lane  0       1   2   3  ...  31   32  33 ...
 *        [count | s0 | s1 | s2 ... s30 | s31 ......]        line_count * 32 lanes
 *
 * and HAMMING_OVERFLOW there means that the signatures are elsewhere, which is the caller's affair. */
#ifndef SIMD_HAMMING_H
#define SIMD_HAMMING_H

#include "simd/cpu.h"

#include <stddef.h>
#include <stdint.h>

#define HAMMING_SIZE     32 /* bytes of a value */
#define HAMMING_LANES    32 /* lanes of 16 bits in a cache line */
#define HAMMING_OVERFLOW 0xffffu

/* A question to a bucket: which of its signatures are at most `limit` bits from this one? Both stand twice in their
 * 32 bits (HAMMING_TWICE), the form in which one instruction spreads them over a line. */
struct hamming_look {
	const uint16_t *bucket; /* begins a line */
	uint32_t signature;
	uint32_t limit;
};

#define HAMMING_TWICE(x) ((uint32_t)(x)*0x10001u)

struct hamming_found {
	uint32_t position;
	uint32_t distance;
};

struct hamming_ops {
	/* The values within radius of the query, in order. ret_found has room for count. */
	size_t (*within)(const uint8_t *values, size_t count, const uint8_t *query, unsigned radius,
		struct hamming_found *ret_found);
	/* Goes through looks from number *io_next on, until all are done or the next one's finds might not fit into
	 * room, and moves *io_next on to there. Returns how many it found: each is the look's number << 16 | lane; a
	 * bucket that overflows is found with lane 0. A room for all the lanes of a bucket is always enough for one. */
	size_t (*look)(const struct hamming_look *looks, size_t count, size_t *io_next, size_t room,
		uint32_t *ret_found);
	/* Positions of signatures in one array that are at most `limit` away. ret_found has room for count. */
	size_t (*similar)(const uint16_t *signatures, size_t count, uint16_t signature,
		unsigned limit, uint32_t *ret_found);
	unsigned (*distance)(const uint8_t *a, const uint8_t *b);
};

/* Never NULL. A level that the processor does not have must not be asked for. */
const struct hamming_ops *hamming_ops(enum simd_level level);

extern const struct hamming_ops hamming_portable;
#if defined(__x86_64__)
extern const struct hamming_ops hamming_avx2;
extern const struct hamming_ops hamming_avx512;
#endif

#endif
