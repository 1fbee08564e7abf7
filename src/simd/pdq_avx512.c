/* PDQ's kernels for AVX-512 (F, BW, VL, DQ). Rows are added in pairs: their bytes interleaved, one instruction
 * multiplies and adds both, and the sums leave the registers once a batch. */
#include "simd/pdq.h"

#include <immintrin.h>
#include <string.h>

#define LANES 16

/* 16 columns of 16-bit sums go to their place as floats. */
static inline void put(float *sums, __m256i add, __m512 scale, bool first, __mmask16 mask)
{
	__m512 value = _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(add));
	__m512 old = first ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(mask, sums);
	_mm512_mask_storeu_ps(sums, mask, _mm512_fmadd_ps(scale, value, old));
}

/* 64 columns, or those of mask, of up to eight rows. pairs: two weights in each 16-bit lane. */
static inline __attribute__((always_inline)) void add_block(float *sums, const uint8_t *rows,
	size_t stride, const __m512i *pairs, unsigned count, __mmask64 mask, __m512 scale,
	bool first)
{
	__m512i low = _mm512_setzero_si512(), high = low;
	for (unsigned k = 0; k < count; k += 2) {
		__m512i a = _mm512_maskz_loadu_epi8(mask, rows + k * stride);
		__m512i b = k + 1 < count ? _mm512_maskz_loadu_epi8(mask, rows + (k + 1) * stride)
					  : _mm512_setzero_si512();
		low = _mm512_add_epi16(
			low, _mm512_maddubs_epi16(_mm512_unpacklo_epi8(a, b), pairs[k / 2]));
		high = _mm512_add_epi16(
			high, _mm512_maddubs_epi16(_mm512_unpackhi_epi8(a, b), pairs[k / 2]));
	}
	/* Each holds four runs of eight columns, taken in turns. */
	const __m512i near = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
	const __m512i far = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
	__m512i left = _mm512_permutex2var_epi64(low, near, high);
	__m512i right = _mm512_permutex2var_epi64(low, far, high);
	put(sums, _mm512_castsi512_si256(left), scale, first, (__mmask16)mask);
	put(sums + 16, _mm512_extracti64x4_epi64(left, 1), scale, first, (__mmask16)(mask >> 16));
	put(sums + 32, _mm512_castsi512_si256(right), scale, first, (__mmask16)(mask >> 32));
	put(sums + 48, _mm512_extracti64x4_epi64(right, 1), scale, first, (__mmask16)(mask >> 48));
}

static void add_rows(float *sums, const uint8_t *rows, size_t stride, const uint8_t *weights,
	unsigned count, size_t size, float scale, bool first)
{
	__m512i pairs[PDQ_BATCH / 2];
	for (unsigned k = 0; k < count; k += 2) {
		unsigned next = k + 1 < count ? weights[k + 1] : 0;
		pairs[k / 2] = _mm512_set1_epi16((short)(weights[k] | next << 8));
	}
	__m512 by = _mm512_set1_ps(scale);
	size_t at = 0;
	for (; at + 64 <= size; at += 64)
		add_block(sums + at, rows + at, stride, pairs, count, ~0ull, by, first);
	if (at < size)
		add_block(sums + at, rows + at, stride, pairs, count, ~0ull >> (64 - (size - at)),
			by, first);
}

/* In each 128-bit lane, the sums of that lane of a, b, c and d. */
static inline __m512 fold4(__m512 a, __m512 b, __m512 c, __m512 d)
{
	__m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
	__m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
	__m512d x = _mm512_castps_pd(ab), y = _mm512_castps_pd(cd);
	return _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(x, y)),
		_mm512_castpd_ps(_mm512_unpackhi_pd(x, y)));
}

static inline __m512 fold_lanes(__m512 a, __m512 b)
{
	return _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xdd));
}

static inline __m512 dot(const float *sums, const float *weights, size_t count)
{
	__m512 sum = _mm512_mul_ps(_mm512_loadu_ps(sums), _mm512_loadu_ps(weights));
	for (size_t at = LANES; at < count; at += LANES)
		sum = _mm512_fmadd_ps(
			_mm512_loadu_ps(sums + at), _mm512_loadu_ps(weights + at), sum);
	return sum;
}

static void reduce_columns(float *ret_samples, const float *sums, const uint32_t *start,
	const float *weights, size_t count)
{
	for (size_t j = 0; j < PDQ_GRID; j += 16) {
		__m512 quads[4];
		for (size_t q = 0; q < 4; q++) {
			const uint32_t *from = start + j + 4 * q;
			quads[q] = fold4(dot(sums + from[0], weights, count),
				dot(sums + from[1], weights, count),
				dot(sums + from[2], weights, count),
				dot(sums + from[3], weights, count));
		}
		_mm512_storeu_ps(ret_samples + j,
			fold_lanes(fold_lanes(quads[0], quads[1]), fold_lanes(quads[2], quads[3])));
	}
}

static inline __m512i per_cent(__m512 a, __m512 b)
{
	__m512 apart = _mm512_abs_ps(_mm512_sub_ps(a, b));
	return _mm512_cvttps_epi32(_mm512_mul_ps(apart, _mm512_set1_ps(PDQ_PER_CENT)));
}

static unsigned add_gradient(const float *samples)
{
	__m512i sum = _mm512_setzero_si512();
	for (size_t i = 0; i < PDQ_SAMPLES - PDQ_GRID; i += LANES)
		sum = _mm512_add_epi32(sum, per_cent(_mm512_loadu_ps(samples + i),
						    _mm512_loadu_ps(samples + i + PDQ_GRID)));
	for (size_t i = 0; i < PDQ_SAMPLES; i += LANES) {
		/* The last column has no neighbour. */
		__mmask16 mask = i % PDQ_GRID == PDQ_GRID - LANES ? 0x7fff : 0xffff;
		__m512 here = _mm512_maskz_loadu_ps(mask, samples + i);
		__m512 next = _mm512_maskz_loadu_ps(mask, samples + i + 1);
		sum = _mm512_add_epi32(sum, per_cent(here, next));
	}
	return (unsigned)_mm512_reduce_add_epi32(sum);
}

static void transform(float *ret_coefs, const float *samples, const float *cosines)
{
	float half[PDQ_FREQUENCIES][PDQ_GRID];
	for (size_t c = 0; c < PDQ_GRID; c += LANES) {
		__m512 sum[PDQ_FREQUENCIES];
		for (size_t i = 0; i < PDQ_FREQUENCIES; i++)
			sum[i] = _mm512_setzero_ps();
		for (size_t j = 0; j < PDQ_GRID / 2; j++) {
			__m512 a = _mm512_loadu_ps(samples + j * PDQ_GRID + c);
			__m512 z = _mm512_loadu_ps(samples + (PDQ_GRID - 1 - j) * PDQ_GRID + c);
			__m512 even = _mm512_sub_ps(a, z), odd = _mm512_add_ps(a, z);
			const float *cosine = cosines + j * PDQ_FREQUENCIES;
#pragma GCC unroll 8
			for (size_t i = 0; i < PDQ_FREQUENCIES; i += 2) {
				sum[i] = _mm512_fmadd_ps(even, _mm512_set1_ps(cosine[i]), sum[i]);
				sum[i + 1] = _mm512_fmadd_ps(
					odd, _mm512_set1_ps(cosine[i + 1]), sum[i + 1]);
			}
		}
		for (size_t i = 0; i < PDQ_FREQUENCIES; i++)
			_mm512_storeu_ps(&half[i][c], sum[i]);
	}
	__m512 sum[PDQ_FREQUENCIES];
	for (size_t i = 0; i < PDQ_FREQUENCIES; i++)
		sum[i] = _mm512_setzero_ps();
	for (size_t c = 0; c < PDQ_GRID; c++) {
		__m512 cosine = _mm512_loadu_ps(cosines + c * PDQ_FREQUENCIES);
#pragma GCC unroll 16
		for (size_t i = 0; i < PDQ_FREQUENCIES; i++)
			sum[i] = _mm512_fmadd_ps(_mm512_set1_ps(half[i][c]), cosine, sum[i]);
	}
	for (size_t i = 0; i < PDQ_FREQUENCIES; i++)
		_mm512_storeu_ps(ret_coefs + i * PDQ_FREQUENCIES, sum[i]);
}

/* Floats as whole numbers of the same order; both zeros are 0. */
static inline __m512i keys_of(__m512 values)
{
	__m512i bits = _mm512_castps_si512(_mm512_add_ps(values, _mm512_setzero_ps()));
	__m512i flip = _mm512_srli_epi32(_mm512_srai_epi32(bits, 31), 1);
	return _mm512_xor_si512(bits, flip);
}

static int32_t median_key(const __m512i *keys)
{
	int64_t low = INT32_MIN, high = INT32_MAX;
	while (low < high) {
		int32_t middle = (int32_t)((low + high) >> 1);
		__m512i bound = _mm512_set1_epi32(middle);
		int count = 0;
#pragma GCC unroll 16
		for (size_t i = 0; i < PDQ_FREQUENCIES; i += 4) {
			uint64_t a = _mm512_cmple_epi32_mask(keys[i], bound);
			uint64_t b = _mm512_cmple_epi32_mask(keys[i + 1], bound);
			uint64_t c = _mm512_cmple_epi32_mask(keys[i + 2], bound);
			uint64_t d = _mm512_cmple_epi32_mask(keys[i + 3], bound);
			count += __builtin_popcountll(a | b << 16 | c << 32 | d << 48);
		}
		if (count >= PDQ_COEFS / 2)
			high = middle;
		else
			low = (int64_t)middle + 1;
	}
	return (int32_t)low;
}

static void set_bits(uint16_t (*ret_bits)[PDQ_FREQUENCIES], float *ret_median, const float *coefs)
{
	const __m512 sign = _mm512_set1_ps(-0.0f);
	for (unsigned s = 0; s < PDQ_SIGNS; s++) {
		__m512i keys[PDQ_FREQUENCIES];
		for (unsigned i = 0; i < PDQ_FREQUENCIES; i++) {
			__mmask16 negate = (__mmask16)((s & 1 ? 0x5555 : 0) ^
						       (s & 2 && i % 2 == 0 ? 0xffff : 0));
			__m512 row = _mm512_loadu_ps(coefs + i * PDQ_FREQUENCIES);
			keys[i] = keys_of(_mm512_mask_xor_ps(row, negate, row, sign));
		}
		__m512i median = _mm512_set1_epi32(median_key(keys));
		for (unsigned i = 0; i < PDQ_FREQUENCIES; i++)
			ret_bits[s][i] = _mm512_cmpgt_epi32_mask(keys[i], median);
		if (s == 0) {
			__m512i flip = _mm512_srli_epi32(_mm512_srai_epi32(median, 31), 1);
			*ret_median = _mm512_cvtss_f32(
				_mm512_castsi512_ps(_mm512_xor_si512(median, flip)));
		}
	}
}

const struct pdq_ops pdq_ops_avx512 = {add_rows, reduce_columns, add_gradient, transform, set_bits};
