/* AVX-512: VPOPCNTW counts the bits of 32 signatures, one cache line, in one instruction, and VPOPCNTQ those of two
 * values. */
#include "simd/hamming.h"

#include <immintrin.h>

static inline unsigned difference(const uint8_t *a, __m256i b)
{
	__m256i counts = _mm256_popcnt_epi64(
		_mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(const void *)a), b));
	__m128i halves =
		_mm_add_epi64(_mm256_castsi256_si128(counts), _mm256_extracti128_si256(counts, 1));
	return (unsigned)(_mm_cvtsi128_si32(halves) + _mm_extract_epi32(halves, 2));
}

static unsigned distance(const uint8_t *a, const uint8_t *b)
{
	return difference(a, _mm256_loadu_si256((const __m256i *)(const void *)b));
}

static inline __m512i counts_of_two(const uint8_t *values, __m512i wanted)
{
	return _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(values), wanted));
}

/* Two values' four counts each become two each; the result's 128-bit quarters are a1 b1 | a1 b1 | a2 b2 | a2 b2, where
 * a is the first pair of values and b the second. */
static inline __m512i fold(__m512i a, __m512i b)
{
	return _mm512_add_epi64(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
}

/* The distances of eight values, in the order 0 2 1 3 4 6 5 7. */
static inline __m512i distances_of_eight(const uint8_t *values, __m512i wanted)
{
	__m512i low = fold(counts_of_two(values, wanted), counts_of_two(values + 64, wanted));
	__m512i high =
		fold(counts_of_two(values + 128, wanted), counts_of_two(values + 192, wanted));
	return _mm512_add_epi64(
		_mm512_shuffle_i64x2(low, high, 0x88), _mm512_shuffle_i64x2(low, high, 0xdd));
}

static size_t within(const uint8_t *values, size_t count, const uint8_t *query, unsigned radius,
	struct hamming_found *ret_found)
{
	static const uint8_t order[8] = {0, 2, 1, 3, 4, 6, 5, 7};
	size_t found = 0, i = 0;
	__m256i one = _mm256_loadu_si256((const __m256i *)(const void *)query);
	__m512i wanted = _mm512_broadcast_i64x4(one);
	__m512i most = _mm512_set1_epi64(radius);

	for (; i + 8 <= count; i += 8) {
		__m512i bits = distances_of_eight(values + i * HAMMING_SIZE, wanted);
		unsigned mask = _mm512_cmple_epu64_mask(bits, most);
		if (mask == 0)
			continue;
		uint64_t all[8];
		_mm512_storeu_si512(all, bits);
		/* By position, not by lane. */
		for (unsigned j = 0; j < 8; j++)
			if (mask >> order[j] & 1)
				ret_found[found++] = (struct hamming_found){
					(uint32_t)(i + j), (uint32_t)all[order[j]]};
	}
	for (; i < count; i++) {
		unsigned bits = difference(values + i * HAMMING_SIZE, one);
		ret_found[found] = (struct hamming_found){(uint32_t)i, bits};
		found += bits <= radius;
	}
	return found;
}

/* One bit for each of 32 lanes: at most `limit` away. */
static inline uint32_t near_mask(__m512i lanes, __m512i wanted, __m512i limit)
{
	return _mm512_cmple_epu16_mask(_mm512_popcnt_epi16(_mm512_xor_si512(lanes, wanted)), limit);
}

static inline size_t put(uint32_t mask, uint32_t base, uint32_t *ret_found)
{
	size_t found = 0;
	for (; __builtin_expect(mask != 0, 0); mask &= mask - 1)
		ret_found[found++] = base + (uint32_t)__builtin_ctz(mask);
	return found;
}

static size_t similar(const uint16_t *signatures, size_t count, uint16_t signature, unsigned limit,
	uint32_t *ret_found)
{
	size_t found = 0;
	__m512i wanted = _mm512_set1_epi16((short)signature);
	__m512i limits = _mm512_set1_epi16((short)limit);
	for (size_t i = 0; i < count; i += HAMMING_LANES) {
		uint32_t among = count - i >= HAMMING_LANES ? ~0u : (1u << (count - i)) - 1;
		__m512i lanes = _mm512_maskz_loadu_epi16(among, signatures + i);
		found += put(
			near_mask(lanes, wanted, limits) & among, (uint32_t)i, ret_found + found);
	}
	return found;
}

/* A bucket of several lines; its last one may be filled in part. */
static size_t look_lines(const uint16_t *bucket, unsigned used, __m512i wanted, __m512i limits,
	uint32_t base, uint32_t *ret_found)
{
	size_t found = 0;
	uint32_t among = ~1u; /* the first lane is the count */
	for (unsigned lane = 0; lane <= used; lane += HAMMING_LANES) {
		if (used - lane < HAMMING_LANES - 1)
			among &= (2u << (used - lane)) - 1;
		uint32_t mask = near_mask(_mm512_load_si512(bucket + lane), wanted, limits);
		found += put(mask & among, base + lane, ret_found + found);
		among = ~0u;
	}
	return found;
}

static size_t look(const struct hamming_look *looks, size_t count, size_t *io_next, size_t room,
	uint32_t *ret_found)
{
	size_t found = 0, next = *io_next;
	for (; next < count; next++) {
		const uint16_t *bucket = looks[next].bucket;
		uint32_t base = (uint32_t)next << 16;
		unsigned used = bucket[0];
		__m512i wanted = _mm512_set1_epi32((int)looks[next].signature);
		__m512i limits = _mm512_set1_epi32((int)looks[next].limit);
		if (__builtin_expect(used < HAMMING_LANES && room - found >= HAMMING_LANES, 1)) {
			uint32_t mask = near_mask(_mm512_load_si512(bucket), wanted, limits);
			found += put(mask & ((2u << used) - 2), base, ret_found + found);
			continue;
		}
		if (room - found < (used == HAMMING_OVERFLOW ? 1 : used))
			break;
		if (used == HAMMING_OVERFLOW)
			ret_found[found++] = base;
		else
			found += look_lines(bucket, used, wanted, limits, base, ret_found + found);
	}
	*io_next = next;
	return found;
}

const struct hamming_ops hamming_avx512 = {within, look, similar, distance};
