/* The portable kernels: bits are counted in parallel inside a 64-bit word (Warren, "Hacker's Delight", 5-1), where a
 * word is four lanes of 16 bits. They are the truth that the other kernels are tested against. */
#include "simd/hamming.h"

#include "base/check.h"

#include <string.h>

#define EACH_LANE 0x0001000100010001u

/* The number of bits set in each of the four lanes. */
static uint64_t lane_counts(uint64_t x)
{
	x -= (x >> 1) & 0x5555555555555555u;
	x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (x + (x >> 8)) & 0x001f001f001f001fu;
}

static uint64_t word_at(const void *bytes)
{
	uint64_t word;
	memcpy(&word, bytes, sizeof word);
	return word;
}

static unsigned distance(const uint8_t *a, const uint8_t *b)
{
	uint64_t counts = 0; /* at most 4 * 16 a lane */
	for (int i = 0; i < HAMMING_SIZE; i += 8)
		counts += lane_counts(word_at(a + i) ^ word_at(b + i));
	return (unsigned)((counts * EACH_LANE) >> 48);
}

static size_t within(const uint8_t *values, size_t count, const uint8_t *query, unsigned radius,
	struct hamming_found *ret_found)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++) {
		unsigned bits = distance(values + i * HAMMING_SIZE, query);
		ret_found[found] = (struct hamming_found){(uint32_t)i, bits};
		found += bits <= radius;
	}
	return found;
}

static size_t similar(const uint16_t *signatures, size_t count, uint16_t signature, unsigned limit,
	uint32_t *ret_found)
{
	size_t found = 0, i = 0;
	uint64_t wanted = signature * EACH_LANE;
	/* A lane's highest bit comes up where its count is above the limit. */
	uint64_t bias = (0x7fffu - limit) * EACH_LANE;

	for (; i + 4 <= count; i += 4) {
		uint64_t over = lane_counts(word_at(signatures + i) ^ wanted) + bias;
		if ((over & 0x8000800080008000u) == 0x8000800080008000u)
			continue;
		for (size_t j = i; j < i + 4; j++)
			if (lane_counts(signatures[j] ^ signature) <= limit)
				ret_found[found++] = (uint32_t)j;
	}
	for (; i < count; i++)
		if (lane_counts(signatures[i] ^ signature) <= limit)
			ret_found[found++] = (uint32_t)i;
	return found;
}

static size_t look(const struct hamming_look *looks, size_t count, size_t *io_next, size_t room,
	uint32_t *ret_found)
{
	size_t found = 0, next = *io_next;
	for (; next < count; next++) {
		const uint16_t *bucket = looks[next].bucket;
		size_t lanes = bucket[0] == HAMMING_OVERFLOW ? 1 : bucket[0];
		uint32_t base = (uint32_t)next << 16;
		if (room - found < lanes)
			break;
		if (bucket[0] == HAMMING_OVERFLOW) {
			ret_found[found++] = base;
			continue;
		}
		size_t end = found + similar(bucket + 1, lanes, (uint16_t)looks[next].signature,
					     looks[next].limit & 0xffff, ret_found + found);
		for (; found < end; found++)
			ret_found[found] = base | (ret_found[found] + 1);
	}
	*io_next = next;
	return found;
}

const struct hamming_ops hamming_portable = {within, look, similar, distance};

const struct hamming_ops *hamming_ops(enum simd_level level)
{
#if defined(__x86_64__)
	static const struct hamming_ops *const ops[] = {
		&hamming_portable, &hamming_avx2, &hamming_avx512};
	ASSERT(level <= SIMD_AVX512);
	return ops[level];
#else
	ASSERT(level == SIMD_PORTABLE);
	return &hamming_portable;
#endif
}
