/* AVX2: the bits of a byte are counted by looking its two halves up in a table of sixteen (Mula, Kurz and Lemire,
 * "Faster Population Counts Using AVX2 Instructions", 2018). */
#include "simd/hamming.h"

#include <immintrin.h>

static inline __m256i byte_counts(__m256i x)
{
	const __m256i table = _mm256_broadcastsi128_si256(
		_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
	const __m256i low = _mm256_set1_epi8(0x0f);
	return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(x, low)),
		_mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), low)));
}

static inline __m256i lane_counts(__m256i x)
{
	return _mm256_maddubs_epi16(byte_counts(x), _mm256_set1_epi8(1));
}

static inline __m256i load(const void *bytes)
{
	return _mm256_loadu_si256((const __m256i *)bytes);
}

static inline unsigned difference(const uint8_t *a, __m256i b)
{
	__m256i sums =
		_mm256_sad_epu8(byte_counts(_mm256_xor_si256(load(a), b)), _mm256_setzero_si256());
	__m128i halves =
		_mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
	return (unsigned)(_mm_cvtsi128_si32(halves) + _mm_extract_epi32(halves, 2));
}

static unsigned distance(const uint8_t *a, const uint8_t *b)
{
	return difference(a, load(b));
}

static size_t within(const uint8_t *values, size_t count, const uint8_t *query, unsigned radius,
	struct hamming_found *ret_found)
{
	size_t found = 0;
	__m256i wanted = load(query);
	for (size_t i = 0; i < count; i++) {
		unsigned bits = difference(values + i * HAMMING_SIZE, wanted);
		ret_found[found] = (struct hamming_found){(uint32_t)i, bits};
		found += bits <= radius;
	}
	return found;
}

/* One bit for each of 32 signatures: at most `limit` (given in every lane) away. */
static inline uint32_t near_mask(const uint16_t *lanes, __m256i wanted, __m256i limit)
{
	__m256i over_low =
		_mm256_cmpgt_epi16(lane_counts(_mm256_xor_si256(load(lanes), wanted)), limit);
	__m256i over_high =
		_mm256_cmpgt_epi16(lane_counts(_mm256_xor_si256(load(lanes + 16), wanted)), limit);
	/* Packing works within halves of 128 bits: put the four quarters in order again. */
	__m256i over = _mm256_permute4x64_epi64(
		_mm256_packs_epi16(over_low, over_high), _MM_SHUFFLE(3, 1, 2, 0));
	return ~(uint32_t)_mm256_movemask_epi8(over);
}

static inline size_t put(uint32_t mask, uint32_t base, uint32_t *ret_found)
{
	size_t found = 0;
	for (; mask; mask &= mask - 1)
		ret_found[found++] = base + (uint32_t)__builtin_ctz(mask);
	return found;
}

static size_t similar(const uint16_t *signatures, size_t count, uint16_t signature, unsigned limit,
	uint32_t *ret_found)
{
	size_t found = 0, i = 0;
	__m256i wanted = _mm256_set1_epi16((short)signature);
	__m256i limits = _mm256_set1_epi16((short)limit);
	for (; i + HAMMING_LANES <= count; i += HAMMING_LANES)
		found += put(
			near_mask(signatures + i, wanted, limits), (uint32_t)i, ret_found + found);
	for (; i < count; i++)
		if ((unsigned)__builtin_popcount(signatures[i] ^ signature) <= limit)
			ret_found[found++] = (uint32_t)i;
	return found;
}

static size_t look(const struct hamming_look *looks, size_t count, size_t *io_next, size_t room,
	uint32_t *ret_found)
{
	size_t found = 0, next = *io_next;
	for (; next < count; next++) {
		const uint16_t *bucket = looks[next].bucket;
		uint32_t base = (uint32_t)next << 16;
		unsigned used = bucket[0] == HAMMING_OVERFLOW ? 1 : bucket[0];
		if (room - found < used)
			break;
		if (bucket[0] == HAMMING_OVERFLOW) {
			ret_found[found++] = base;
			continue;
		}
		__m256i wanted = _mm256_set1_epi32((int)looks[next].signature);
		__m256i limits = _mm256_set1_epi32((int)looks[next].limit);
		uint32_t among = ~1u; /* the first lane is the count */
		for (unsigned lane = 0; lane <= used; lane += HAMMING_LANES) {
			uint32_t mask = near_mask(bucket + lane, wanted, limits) & among;
			if (used - lane < HAMMING_LANES - 1)
				mask &= (2u << (used - lane)) - 1;
			found += put(mask, base + lane, ret_found + found);
			among = ~0u;
		}
	}
	*io_next = next;
	return found;
}

const struct hamming_ops hamming_avx2 = {within, look, similar, distance};
