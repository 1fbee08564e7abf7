/* A blocked linear scan. The queries lie by word: a vector holds the same 64 bits of eight queries, so a value's word is
 * spread over eight lanes, and no sum across lanes is ever needed. */
#include "bench/scan.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define WORDS  4
#define LANES  8
#define GROUPS (SCAN_BLOCK / LANES)

struct block {
	uint64_t words[GROUPS][WORDS][LANES] __attribute__((aligned(64)));
};

static void turn(const uint8_t *queries, struct block *ret_block)
{
	for (size_t i = 0; i < SCAN_BLOCK; i++)
		for (size_t word = 0; word < WORDS; word++)
			memcpy(&ret_block->words[i / LANES][word][i % LANES],
				queries + (i * WORDS + word) * sizeof(uint64_t), sizeof(uint64_t));
}

__attribute__((target("avx512f,avx512vpopcntdq"))) static inline __m512i bits(
	const struct block *block, size_t group, size_t word, const __m512i *value)
{
	__m512i query = _mm512_load_si512(block->words[group][word]);
	return _mm512_popcnt_epi64(_mm512_xor_si512(query, value[word]));
}

static void note(unsigned mask, size_t group, uint64_t *counts)
{
	for (; mask; mask &= mask - 1)
		counts[group * LANES + (size_t)__builtin_ctz(mask)]++;
}

__attribute__((target("avx512f,avx512vpopcntdq"))) static inline void spread(
	const uint8_t *bytes, __m512i *ret_value)
{
	for (size_t word = 0; word < WORDS; word++) {
		uint64_t part;
		memcpy(&part, bytes + word * sizeof part, sizeof part);
		ret_value[word] = _mm512_set1_epi64((long long)part);
	}
}

__attribute__((target("avx512f,avx512vpopcntdq"))) void scan_block(const uint8_t *values,
	size_t count, const uint8_t *queries, unsigned radius, uint64_t ret_counts[SCAN_BLOCK])
{
	struct block block;
	__m512i most = _mm512_set1_epi64(radius);
	turn(queries, &block);
	memset(ret_counts, 0, SCAN_BLOCK * sizeof *ret_counts);
	for (size_t i = 0; i < count; i++) {
		__m512i value[WORDS];
		spread(values + i * 32, value);
#pragma GCC unroll 8
		for (size_t group = 0; group < GROUPS; group++) {
			__m512i low = _mm512_add_epi64(
				bits(&block, group, 0, value), bits(&block, group, 1, value));
			__m512i high = _mm512_add_epi64(
				bits(&block, group, 2, value), bits(&block, group, 3, value));
			unsigned mask = _mm512_cmple_epu64_mask(_mm512_add_epi64(low, high), most);
			if (__builtin_expect(mask != 0, 0))
				note(mask, group, ret_counts);
		}
	}
}

/* How many of the second half's bits, where the first half leaves it open. */
__attribute__((target("avx512f,avx512vpopcntdq"), noinline)) static void look_on(
	const struct block *block, size_t group, const __m512i *value, __m512i most,
	uint64_t *counts)
{
	__m512i low = _mm512_add_epi64(bits(block, group, 0, value), bits(block, group, 1, value));
	__m512i high = _mm512_add_epi64(bits(block, group, 2, value), bits(block, group, 3, value));
	note(_mm512_cmple_epu64_mask(_mm512_add_epi64(low, high), most), group, counts);
}

__attribute__((target("avx512f,avx512vpopcntdq"))) void scan_block_early(const uint8_t *values,
	size_t count, const uint8_t *queries, unsigned radius, uint64_t ret_counts[SCAN_BLOCK])
{
	struct block block;
	__m512i most = _mm512_set1_epi64(radius);
	turn(queries, &block);
	memset(ret_counts, 0, SCAN_BLOCK * sizeof *ret_counts);
	for (size_t i = 0; i < count; i++) {
		__m512i value[WORDS];
		spread(values + i * 32, value);
#pragma GCC unroll 8
		for (size_t group = 0; group < GROUPS; group++) {
			__m512i low = _mm512_add_epi64(
				bits(&block, group, 0, value), bits(&block, group, 1, value));
			if (__builtin_expect(_mm512_cmple_epu64_mask(low, most) != 0, 0))
				look_on(&block, group, value, most, ret_counts);
		}
	}
}

bool scan_possible(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq");
}

#else

bool scan_possible(void)
{
	return false;
}

static void give_none(uint64_t *counts)
{
	memset(counts, 0, SCAN_BLOCK * sizeof *counts);
}

void scan_block(const uint8_t *values, size_t count, const uint8_t *queries, unsigned radius,
	uint64_t ret_counts[SCAN_BLOCK])
{
	(void)values, (void)count, (void)queries, (void)radius;
	give_none(ret_counts);
}

void scan_block_early(const uint8_t *values, size_t count, const uint8_t *queries, unsigned radius,
	uint64_t ret_counts[SCAN_BLOCK])
{
	scan_block(values, count, queries, radius, ret_counts);
}

#endif
