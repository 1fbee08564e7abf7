/* The best linear scan we know how to write, as a peer for the index: 64 queries a block go past the values together,
 * so that memory is read once for all of them, and AVX-512 counts the bits (VPOPCNTQ) of eight queries at once. */
#ifndef BENCH_SCAN_H
#define BENCH_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SCAN_BLOCK 64

/* Whether this processor can. */
bool scan_possible(void);
/* Counts for each of SCAN_BLOCK queries (32 bytes each, one after the other) the values within the radius. */
void scan_block(const uint8_t *values, size_t count, const uint8_t *queries, unsigned radius,
	uint64_t ret_counts[SCAN_BLOCK]);
/* The same, but it looks first at half of the bits, and at the rest where that half does not say no. */
void scan_block_early(const uint8_t *values, size_t count, const uint8_t *queries, unsigned radius,
	uint64_t ret_counts[SCAN_BLOCK]);

#ifdef __cplusplus
}
#endif

#endif
