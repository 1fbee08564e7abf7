/* PDQ's kernels for AVX2 with FMA. Rows are added in pairs: their bytes interleaved, one instruction multiplies and
 * adds both, and the sums leave the registers once a batch. */
#include "simd/pdq.h"

#include <immintrin.h>
#include <string.h>

#define LANES 8
#define BLOCK 32

/* Eight columns of 16-bit sums go to their place as floats. */
static inline void put(float *sums, __m128i add, __m256 scale, bool first)
{
	__m256 value = _mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(add));
	__m256 old = first ? _mm256_setzero_ps() : _mm256_loadu_ps(sums);
	_mm256_storeu_ps(sums, _mm256_fmadd_ps(scale, value, old));
}

static inline void add_block(float *sums, const uint8_t *rows, size_t stride, const __m256i *pairs,
	unsigned count, __m256 scale, bool first)
{
	__m256i low = _mm256_setzero_si256(), high = low;
	for (unsigned k = 0; k < count; k += 2) {
		__m256i a = _mm256_loadu_si256((const __m256i *)(rows + k * stride));
		__m256i b = k + 1 < count
				    ? _mm256_loadu_si256((const __m256i *)(rows + (k + 1) * stride))
				    : _mm256_setzero_si256();
		low = _mm256_add_epi16(
			low, _mm256_maddubs_epi16(_mm256_unpacklo_epi8(a, b), pairs[k / 2]));
		high = _mm256_add_epi16(
			high, _mm256_maddubs_epi16(_mm256_unpackhi_epi8(a, b), pairs[k / 2]));
	}
	put(sums, _mm256_castsi256_si128(low), scale, first);
	put(sums + 8, _mm256_castsi256_si128(high), scale, first);
	put(sums + 16, _mm256_extracti128_si256(low, 1), scale, first);
	put(sums + 24, _mm256_extracti128_si256(high, 1), scale, first);
}

static void add_rows(float *sums, const uint8_t *rows, size_t stride, const uint8_t *weights,
	unsigned count, size_t size, float scale, bool first)
{
	__m256i pairs[PDQ_BATCH / 2];
	for (unsigned k = 0; k < count; k += 2) {
		unsigned next = k + 1 < count ? weights[k + 1] : 0;
		pairs[k / 2] = _mm256_set1_epi16((short)(weights[k] | next << 8));
	}
	__m256 by = _mm256_set1_ps(scale);
	size_t at = 0;
	for (; at + BLOCK <= size; at += BLOCK)
		add_block(sums + at, rows + at, stride, pairs, count, by, first);
	if (at == size)
		return;
	uint8_t bytes[PDQ_BATCH][BLOCK] = {0};
	float rest[BLOCK] = {0};
	for (unsigned k = 0; k < count; k++)
		memcpy(bytes[k], rows + k * stride + at, size - at);
	if (!first)
		memcpy(rest, sums + at, (size - at) * sizeof *rest);
	add_block(rest, bytes[0], BLOCK, pairs, count, by, first);
	memcpy(sums + at, rest, (size - at) * sizeof *rest);
}

/* In each 128-bit lane, the sums of that lane of a, b, c and d. */
static inline __m256 fold4(__m256 a, __m256 b, __m256 c, __m256 d)
{
	__m256 ab = _mm256_add_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
	__m256 cd = _mm256_add_ps(_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
	__m256d x = _mm256_castps_pd(ab), y = _mm256_castps_pd(cd);
	return _mm256_add_ps(_mm256_castpd_ps(_mm256_unpacklo_pd(x, y)),
		_mm256_castpd_ps(_mm256_unpackhi_pd(x, y)));
}

static inline __m256 dot(const float *sums, const float *weights, size_t count)
{
	__m256 sum = _mm256_mul_ps(_mm256_loadu_ps(sums), _mm256_loadu_ps(weights));
	for (size_t at = LANES; at < count; at += LANES)
		sum = _mm256_fmadd_ps(
			_mm256_loadu_ps(sums + at), _mm256_loadu_ps(weights + at), sum);
	return sum;
}

static void reduce_columns(float *ret_samples, const float *sums, const uint32_t *start,
	const float *weights, size_t count)
{
	for (size_t j = 0; j < PDQ_GRID; j += 4) {
		const uint32_t *from = start + j;
		__m256 quad = fold4(dot(sums + from[0], weights, count),
			dot(sums + from[1], weights, count), dot(sums + from[2], weights, count),
			dot(sums + from[3], weights, count));
		_mm_storeu_ps(ret_samples + j,
			_mm_add_ps(_mm256_castps256_ps128(quad), _mm256_extractf128_ps(quad, 1)));
	}
}

static inline __m256i per_cent(__m256 a, __m256 b)
{
	__m256 apart = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_sub_ps(a, b));
	return _mm256_cvttps_epi32(_mm256_mul_ps(apart, _mm256_set1_ps(PDQ_PER_CENT)));
}

static unsigned sum_of(__m256i values)
{
	unsigned each[LANES], sum = 0;
	_mm256_storeu_si256((__m256i *)each, values);
	for (unsigned i = 0; i < LANES; i++)
		sum += each[i];
	return sum;
}

static unsigned add_gradient(const float *samples)
{
	__m256i sum = _mm256_setzero_si256();
	for (size_t i = 0; i < PDQ_SAMPLES - PDQ_GRID; i += LANES)
		sum = _mm256_add_epi32(sum, per_cent(_mm256_loadu_ps(samples + i),
						    _mm256_loadu_ps(samples + i + PDQ_GRID)));
	/* The last column has no neighbour. */
	const __m256i last = _mm256_setr_epi32(-1, -1, -1, -1, -1, -1, -1, 0);
	for (size_t i = 0; i < PDQ_SAMPLES; i += LANES) {
		const float *at = samples + i;
		__m256i add;
		if (i % PDQ_GRID == PDQ_GRID - LANES)
			add = per_cent(
				_mm256_maskload_ps(at, last), _mm256_maskload_ps(at + 1, last));
		else
			add = per_cent(_mm256_loadu_ps(at), _mm256_loadu_ps(at + 1));
		sum = _mm256_add_epi32(sum, add);
	}
	return sum_of(sum);
}

/* The frequencies of one parity, for eight columns of samples. */
static inline void transform_half(
	float (*ret_half)[PDQ_GRID], const float *samples, const float *cosines, size_t parity)
{
	__m256 sum[PDQ_FREQUENCIES / 2];
	for (size_t i = 0; i < PDQ_FREQUENCIES / 2; i++)
		sum[i] = _mm256_setzero_ps();
	for (size_t j = 0; j < PDQ_GRID / 2; j++) {
		__m256 a = _mm256_loadu_ps(samples + j * PDQ_GRID);
		__m256 z = _mm256_loadu_ps(samples + (PDQ_GRID - 1 - j) * PDQ_GRID);
		__m256 folded = parity ? _mm256_add_ps(a, z) : _mm256_sub_ps(a, z);
		const float *cosine = cosines + j * PDQ_FREQUENCIES + parity;
#pragma GCC unroll 8
		for (size_t i = 0; i < PDQ_FREQUENCIES / 2; i++)
			sum[i] = _mm256_fmadd_ps(folded, _mm256_set1_ps(cosine[2 * i]), sum[i]);
	}
	for (size_t i = 0; i < PDQ_FREQUENCIES / 2; i++)
		_mm256_storeu_ps(ret_half[2 * i + parity], sum[i]);
}

static void transform(float *ret_coefs, const float *samples, const float *cosines)
{
	float half[PDQ_FREQUENCIES][PDQ_GRID];
	for (size_t c = 0; c < PDQ_GRID; c += LANES) {
		float(*to)[PDQ_GRID] = (float(*)[PDQ_GRID])(&half[0][c]);
		transform_half(to, samples + c, cosines, 0);
		transform_half(to, samples + c, cosines, 1);
	}
	for (size_t part = 0; part < 4; part++) {
		size_t row = part / 2 * 8, column = part % 2 * LANES;
		__m256 sum[8];
		for (size_t i = 0; i < 8; i++)
			sum[i] = _mm256_setzero_ps();
		for (size_t c = 0; c < PDQ_GRID; c++) {
			__m256 cosine = _mm256_loadu_ps(cosines + c * PDQ_FREQUENCIES + column);
#pragma GCC unroll 8
			for (size_t i = 0; i < 8; i++)
				sum[i] = _mm256_fmadd_ps(
					_mm256_set1_ps(half[row + i][c]), cosine, sum[i]);
		}
		for (size_t i = 0; i < 8; i++)
			_mm256_storeu_ps(ret_coefs + (row + i) * PDQ_FREQUENCIES + column, sum[i]);
	}
}

/* Floats as whole numbers of the same order; both zeros are 0. */
static inline __m256i keys_of(__m256 values)
{
	__m256i bits = _mm256_castps_si256(_mm256_add_ps(values, _mm256_setzero_ps()));
	__m256i flip = _mm256_srli_epi32(_mm256_srai_epi32(bits, 31), 1);
	return _mm256_xor_si256(bits, flip);
}

static int32_t median_key(const __m256i *keys)
{
	int64_t low = INT32_MIN, high = INT32_MAX;
	while (low < high) {
		int32_t middle = (int32_t)((low + high) >> 1);
		__m256i bound = _mm256_set1_epi32(middle);
		__m256i above = _mm256_setzero_si256(); /* counted down */
#pragma GCC unroll 32
		for (size_t i = 0; i < PDQ_COEFS / LANES; i++)
			above = _mm256_add_epi32(above, _mm256_cmpgt_epi32(keys[i], bound));
		int count = PDQ_COEFS + (int)sum_of(above);
		if (count >= PDQ_COEFS / 2)
			high = middle;
		else
			low = (int64_t)middle + 1;
	}
	return (int32_t)low;
}

static void set_bits(uint16_t (*ret_bits)[PDQ_FREQUENCIES], float *ret_median, const float *coefs)
{
	const __m256 every_other = _mm256_setr_ps(-0.0f, 0, -0.0f, 0, -0.0f, 0, -0.0f, 0);
	const __m256 all = _mm256_set1_ps(-0.0f);
	for (unsigned s = 0; s < PDQ_SIGNS; s++) {
		__m256i keys[PDQ_COEFS / LANES];
		for (unsigned i = 0; i < PDQ_COEFS / LANES; i++) {
			__m256 row = _mm256_loadu_ps(coefs + i * LANES);
			if (s & 1)
				row = _mm256_xor_ps(row, every_other);
			if (s & 2 && i / 2 % 2 == 0)
				row = _mm256_xor_ps(row, all);
			keys[i] = keys_of(row);
		}
		int32_t key = median_key(keys);
		__m256i median = _mm256_set1_epi32(key);
		for (unsigned i = 0; i < PDQ_FREQUENCIES; i++) {
			__m256i left = _mm256_cmpgt_epi32(keys[2 * i], median);
			__m256i right = _mm256_cmpgt_epi32(keys[2 * i + 1], median);
			int row = _mm256_movemask_ps(_mm256_castsi256_ps(left)) |
				  _mm256_movemask_ps(_mm256_castsi256_ps(right)) << LANES;
			ret_bits[s][i] = (uint16_t)row;
		}
		if (s == 0) {
			int32_t bits = key < 0 ? key ^ INT32_MAX : key;
			memcpy(ret_median, &bits, sizeof bits);
		}
	}
}

const struct pdq_ops pdq_ops_avx2 = {add_rows, reduce_columns, add_gradient, transform, set_bits};
