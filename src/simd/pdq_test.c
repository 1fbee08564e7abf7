/* Every form of PDQ's kernels against the portable one, on sizes that leave rests and values at the limits. */
#include "simd/pdq.h"

#include "base/check.h"
#include "test/unit.h"

#include <math.h>
#include <string.h>

static uint32_t chance = 1;

static uint32_t roll(void)
{
	chance = chance * 1664525u + 1013904223u;
	return chance >> 8;
}

static float roll_float(float from, float to)
{
	return from + (to - from) * (float)(roll() & 0xffff) / 65536.0f;
}

/* Exactly-sized memory, so that a sanitizer sees a step beyond. */
static void *take(size_t size)
{
	void *memory = malloc(size ? size : 1);
	assert_non_null(memory);
	return memory;
}

static void try_rows(
	const struct pdq_ops *ops, size_t size, unsigned count, const uint8_t *weights, bool white)
{
	size_t stride = size + roll() % 5, bytes = stride * (count - 1) + size;
	uint8_t *rows = take(bytes);
	float *here = take(size * sizeof *here), *there = take(size * sizeof *there);
	for (size_t i = 0; i < bytes; i++)
		rows[i] = white ? 255 : (uint8_t)roll();
	for (unsigned first = 0; first < 2; first++) {
		for (size_t i = 0; i < size; i++)
			here[i] = there[i] = first ? NAN : (float)(roll() % 100000);
		ops->rows(here, rows, stride, weights, count, size, 1, first);
		pdq_ops_portable.rows(there, rows, stride, weights, count, size, 1, first);
		assert_memory_equal(here, there, size * sizeof *here);
	}
	ops->rows(here, rows, stride, weights, count, size, 1.0f / 3, false);
	pdq_ops_portable.rows(there, rows, stride, weights, count, size, 1.0f / 3, false);
	for (size_t i = 0; i < size; i++)
		assert_true(fabsf(here[i] - there[i]) <= 1e-6f * there[i]);
	free(rows);
	free(here);
	free(there);
}

static void check_rows(const struct pdq_ops *ops)
{
	static const uint8_t highest[PDQ_BATCH] = {64, 64, 64, 64, 1, 0, 0, 0};
	static const uint8_t even[PDQ_BATCH] = {32, 32, 32, 32, 32, 32, 32, 33};
	for (size_t size = 1; size < 200; size++) {
		uint8_t weights[PDQ_BATCH];
		for (unsigned k = 0; k < PDQ_BATCH; k++)
			weights[k] = (uint8_t)(roll() % 33);
		try_rows(ops, size, 1 + roll() % PDQ_BATCH, weights, false);
	}
	try_rows(ops, 131, PDQ_BATCH, highest, true);
	try_rows(ops, 131, PDQ_BATCH, even, true);
	try_rows(ops, 6000, PDQ_BATCH, even, false);
}

static void check_columns(const struct pdq_ops *ops)
{
	for (size_t count = PDQ_RUN; count <= 6 * PDQ_RUN; count += PDQ_RUN) {
		size_t size = PDQ_GRID * 7 + count;
		float *sums = take(size * sizeof *sums), *weights = take(count * sizeof *weights);
		uint32_t start[PDQ_GRID];
		float here[PDQ_GRID], there[PDQ_GRID];
		for (size_t i = 0; i < size; i++)
			sums[i] = roll_float(0, 1000);
		for (size_t i = 0; i < count; i++)
			weights[i] = roll_float(0, 1);
		for (uint32_t j = 0; j < PDQ_GRID; j++)
			start[j] =
				j == PDQ_GRID - 1 ? (uint32_t)(size - count) : 7 * j + roll() % 7;
		ops->columns(here, sums, start, weights, count);
		pdq_ops_portable.columns(there, sums, start, weights, count);
		for (unsigned j = 0; j < PDQ_GRID; j++)
			assert_true(fabsf(here[j] - there[j]) <= 1e-5f * there[j]);
		free(sums);
		free(weights);
	}
}

static void fill_samples(float *samples, float contrast)
{
	for (unsigned i = 0; i < PDQ_SAMPLES; i++)
		samples[i] = 128 + roll_float(-contrast, contrast);
}

static void check_gradient(const struct pdq_ops *ops)
{
	float *samples = take(PDQ_SAMPLES * sizeof *samples);
	for (float contrast = 0; contrast < 128; contrast += 9) {
		fill_samples(samples, contrast);
		assert_int_equal(ops->gradient(samples), pdq_ops_portable.gradient(samples));
	}
	/* Steps of 51 are 20 per cent each, exactly; 5.1 is 2. */
	for (unsigned i = 0; i < PDQ_SAMPLES; i++)
		samples[i] = (float)(i % PDQ_GRID % 6 * 51);
	assert_int_equal(ops->gradient(samples), PDQ_GRID * (53 * 20 + 10 * 100));
	free(samples);
}

static void check_transform(const struct pdq_ops *ops)
{
	float *samples = take(PDQ_SAMPLES * sizeof *samples);
	float cosines[PDQ_GRID * PDQ_FREQUENCIES];
	float here[PDQ_COEFS], there[PDQ_COEFS];
	for (unsigned j = 0; j < PDQ_GRID; j++)
		for (unsigned i = 0; i < PDQ_FREQUENCIES; i++)
			cosines[j * PDQ_FREQUENCIES + i] =
				(float)(sqrt(2.0 / PDQ_GRID) *
					cos(M_PI / 2 / PDQ_GRID * (i + 1) * (2 * j + 1)));
	for (unsigned round = 0; round < 20; round++) {
		fill_samples(samples, 127);
		ops->transform(here, samples, cosines);
		pdq_ops_portable.transform(there, samples, cosines);
		for (unsigned i = 0; i < PDQ_COEFS; i++)
			assert_true(fabsf(here[i] - there[i]) <= 2e-3f);
	}
	free(samples);
}

static int compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

/* By sorting, which no kernel does. */
static void check_bits_of(const struct pdq_ops *ops, const float *coefs)
{
	uint16_t bits[PDQ_SIGNS][PDQ_FREQUENCIES];
	float median = NAN;
	ops->bits(bits, &median, coefs);
	for (unsigned s = 0; s < PDQ_SIGNS; s++) {
		float values[PDQ_COEFS], sorted[PDQ_COEFS];
		for (unsigned k = 0; k < PDQ_COEFS; k++) {
			bool negate = ((s & 1) && k % 2 == 0) != ((s & 2) && k / 16 % 2 == 0);
			values[k] = negate ? -coefs[k] : coefs[k];
		}
		memcpy(sorted, values, sizeof sorted);
		qsort(sorted, PDQ_COEFS, sizeof *sorted, compare);
		float middle = sorted[PDQ_COEFS / 2 - 1];
		if (s == 0)
			assert_true(median == middle);
		for (unsigned k = 0; k < PDQ_COEFS; k++)
			assert_int_equal(bits[s][k / 16] >> k % 16 & 1, values[k] > middle);
	}
}

static void check_bits(const struct pdq_ops *ops)
{
	float coefs[PDQ_COEFS];
	for (unsigned round = 0; round < 50; round++) {
		for (unsigned k = 0; k < PDQ_COEFS; k++)
			coefs[k] = roll_float(-3000, 3000) / (float)(1 + k % 16 * (k / 16));
		check_bits_of(ops, coefs);
		/* Many equal ones, zeros of both signs among them. */
		for (unsigned k = 0; k < PDQ_COEFS; k++)
			coefs[k] = roll() % 2 ? 0.0f : (float)(roll() % 5) - 2.0f;
		check_bits_of(ops, coefs);
	}
	memset(coefs, 0, sizeof coefs);
	check_bits_of(ops, coefs);
}

static void each_level(void (*check)(const struct pdq_ops *ops))
{
	for (int level = SIMD_PORTABLE; level <= (int)simd_level(); level++)
		check(pdq_ops_for((enum simd_level)level));
}

static void rows_are_added_alike_at_every_level(void **state)
{
	(void)state;
	each_level(check_rows);
}

static void columns_shrink_alike_at_every_level(void **state)
{
	(void)state;
	each_level(check_columns);
}

static void gradients_are_equal_at_every_level(void **state)
{
	(void)state;
	each_level(check_gradient);
}

static void transforms_agree_at_every_level(void **state)
{
	(void)state;
	each_level(check_transform);
}

static void bits_are_those_above_the_sorted_median_at_every_level(void **state)
{
	(void)state;
	each_level(check_bits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_added_alike_at_every_level),
		cmocka_unit_test(columns_shrink_alike_at_every_level),
		cmocka_unit_test(gradients_are_equal_at_every_level),
		cmocka_unit_test(transforms_agree_at_every_level),
		cmocka_unit_test(bits_are_those_above_the_sorted_median_at_every_level),
	};
	return cmocka_run_group_tests_name("simd_pdq", tests, NULL, NULL);
}
