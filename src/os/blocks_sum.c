/* The checksum of blocks: eight lanes, each of which takes a word, turns it and multiplies it by an odd number. For a
 * given word that is a one-to-one step, so what differs in one lane stays different to the end (the idea of FNV, by
 * Fowler, Noll and Vo, with a rotation so that high bits come down). The lanes keep a multiplier busy in every cycle. */
#include "os/blocks.h"

#include "base/check.h"

#include <string.h>

#define LANES 8u
#define ODD   0x9e3779b97f4a7c15u /* 2^64 divided by the golden ratio */

static inline uint64_t step(uint64_t lane, uint64_t word)
{
	lane ^= word;
	return (lane << 29 | lane >> 35) * ODD;
}

uint64_t blocks_sum(const void *bytes, size_t size, uint64_t seed)
{
	const uint8_t *at = bytes;
	uint64_t lanes[LANES], sum = seed ^ size;
	ASSERT(size % (LANES * sizeof(uint64_t)) == 0);
	for (unsigned i = 0; i < LANES; i++)
		lanes[i] = (seed + i + 1) * ODD;
	for (const uint8_t *end = at + size; at < end; at += LANES * sizeof(uint64_t)) {
		uint64_t words[LANES];
		memcpy(words, at, sizeof words);
		for (unsigned i = 0; i < LANES; i++)
			lanes[i] = step(lanes[i], words[i]);
	}
	for (unsigned i = 0; i < LANES; i++) {
		sum = step(sum, lanes[i]);
		sum ^= sum >> 32;
	}
	return sum;
}
