/* PDQ's kernels in plain C, written so that a compiler can use whatever vectors it has; and the choice among the
 * forms. The median comes from a bisection over the coefficients' bits taken as whole numbers: 32 counts of "how many
 * are not above this", without a branch that depends on the data. */
#include "simd/pdq.h"

#include <math.h>
#include <string.h>

#define BLOCK 64

static void add_rows(float *sums, const uint8_t *rows, size_t stride, const uint8_t *weights,
	unsigned count, size_t size, float scale, bool first)
{
	for (size_t at = 0; at < size; at += BLOCK) {
		uint16_t block[BLOCK] = {0};
		size_t room = size - at < BLOCK ? size - at : BLOCK;
		for (unsigned k = 0; k < count; k++) {
			const uint8_t *row = rows + k * stride + at;
			for (size_t i = 0; i < room; i++)
				block[i] = (uint16_t)(block[i] + weights[k] * row[i]);
		}
		for (size_t i = 0; i < room; i++)
			sums[at + i] = (first ? 0.0f : sums[at + i]) + scale * (float)block[i];
	}
}

static void reduce_columns(float *ret_samples, const float *sums, const uint32_t *start,
	const float *weights, size_t count)
{
	for (size_t j = 0; j < PDQ_GRID; j++) {
		const float *from = sums + start[j];
		float part[PDQ_RUN] = {0};
		for (size_t at = 0; at < count; at += PDQ_RUN)
			for (size_t i = 0; i < PDQ_RUN; i++)
				part[i] += weights[at + i] * from[at + i];
		float sum = 0;
		for (size_t i = 0; i < PDQ_RUN; i++)
			sum += part[i];
		ret_samples[j] = sum;
	}
}

static unsigned add_gradient(const float *samples)
{
	int sum = 0;
	for (size_t i = 0; i < PDQ_SAMPLES - PDQ_GRID; i++)
		sum += (int)(fabsf(samples[i] - samples[i + PDQ_GRID]) * PDQ_PER_CENT);
	for (size_t i = 0; i < PDQ_GRID; i++)
		for (size_t j = 0; j < PDQ_GRID - 1; j++) {
			const float *at = samples + i * PDQ_GRID + j;
			sum += (int)(fabsf(at[0] - at[1]) * PDQ_PER_CENT);
		}
	return (unsigned)sum;
}

static void transform(float *ret_coefs, const float *samples, const float *cosines)
{
	float half[PDQ_FREQUENCIES * PDQ_GRID] = {0};
	for (size_t j = 0; j < PDQ_GRID; j++)
		for (size_t i = 0; i < PDQ_FREQUENCIES; i++) {
			float cosine = cosines[j * PDQ_FREQUENCIES + i];
			for (size_t c = 0; c < PDQ_GRID; c++)
				half[i * PDQ_GRID + c] += cosine * samples[j * PDQ_GRID + c];
		}
	for (size_t i = 0; i < PDQ_FREQUENCIES; i++) {
		float sum[PDQ_FREQUENCIES] = {0};
		for (size_t c = 0; c < PDQ_GRID; c++)
			for (size_t k = 0; k < PDQ_FREQUENCIES; k++)
				sum[k] += half[i * PDQ_GRID + c] * cosines[c * PDQ_FREQUENCIES + k];
		memcpy(ret_coefs + i * PDQ_FREQUENCIES, sum, sizeof sum);
	}
}

/* A float as a whole number of the same order; both zeros are 0. */
static int32_t key_of(float value)
{
	int32_t bits;
	value += 0.0f;
	memcpy(&bits, &value, sizeof bits);
	return bits < 0 ? (int32_t)(bits ^ INT32_MAX) : bits;
}

static float value_of(int32_t key)
{
	int32_t bits = key < 0 ? (int32_t)(key ^ INT32_MAX) : key;
	float value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

static int32_t median_key(const int32_t *keys)
{
	/* The smallest key that half of all are not above, found from its highest bit down. */
	int64_t low = INT32_MIN, high = INT32_MAX;
	while (low < high) {
		int32_t middle = (int32_t)((low + high) >> 1);
		int count = 0;
		for (size_t i = 0; i < PDQ_COEFS; i++)
			count += keys[i] <= middle;
		if (count >= PDQ_COEFS / 2)
			high = middle;
		else
			low = (int64_t)middle + 1;
	}
	return (int32_t)low;
}

static void set_bits(uint16_t (*ret_bits)[PDQ_FREQUENCIES], float *ret_median, const float *coefs)
{
	for (unsigned s = 0; s < PDQ_SIGNS; s++) {
		int32_t keys[PDQ_COEFS];
		for (unsigned i = 0; i < PDQ_FREQUENCIES; i++)
			for (unsigned j = 0; j < PDQ_FREQUENCIES; j++) {
				bool negate = ((s & 1) && j % 2 == 0) != ((s & 2) && i % 2 == 0);
				float coef = coefs[i * PDQ_FREQUENCIES + j];
				keys[i * PDQ_FREQUENCIES + j] = key_of(negate ? -coef : coef);
			}
		int32_t median = median_key(keys);
		for (unsigned i = 0; i < PDQ_FREQUENCIES; i++) {
			unsigned row = 0;
			for (unsigned j = 0; j < PDQ_FREQUENCIES; j++)
				row |= (unsigned)(keys[i * PDQ_FREQUENCIES + j] > median) << j;
			ret_bits[s][i] = (uint16_t)row;
		}
		if (s == 0)
			*ret_median = value_of(median);
	}
}

const struct pdq_ops pdq_ops_portable = {
	add_rows, reduce_columns, add_gradient, transform, set_bits};

const struct pdq_ops *pdq_ops_for(enum simd_level level)
{
#if defined(__x86_64__)
	if (level == SIMD_AVX512)
		return &pdq_ops_avx512;
	if (level == SIMD_AVX2)
		return &pdq_ops_avx2;
#endif
	(void)level;
	return &pdq_ops_portable;
}
