/* Every kernel answers as the portable one does, and the portable one as counting bit by bit. */
#include "simd/hamming.h"
#include "test/unit.h"

#include <string.h>

#define VALUES 203
#define KEYS   64

static uint64_t seed = 1;

static uint64_t chance(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed * 0x2545f4914f6cdd1du) >> 24;
}

static unsigned count_bits(const uint8_t *a, const uint8_t *b, size_t size)
{
	unsigned bits = 0;
	for (size_t i = 0; i < size * 8; i++)
		bits += (unsigned)((a[i / 8] ^ b[i / 8]) >> i % 8 & 1);
	return bits;
}

static void check_values(const struct hamming_ops *ops)
{
	uint8_t values[VALUES][HAMMING_SIZE], query[HAMMING_SIZE];
	struct hamming_found found[VALUES];
	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < sizeof query; i++)
			query[i] = (uint8_t)chance();
		for (size_t i = 0; i < VALUES; i++) {
			memcpy(values[i], query, sizeof query);
			for (uint64_t flips = chance() % 90; flips; flips--)
				values[i][chance() % HAMMING_SIZE] ^= (uint8_t)(1u << chance() % 8);
		}
		memset(values[17], 0xff, sizeof query);
		size_t count = chance() % (VALUES + 1);
		unsigned radius = (unsigned)(chance() % 64);
		size_t more = ops->within(values[0], count, query, radius, found), next = 0;
		for (size_t i = 0; i < count; i++) {
			unsigned bits = count_bits(values[i], query, sizeof query);
			assert_int_equal(ops->distance(values[i], query), bits);
			if (bits > radius)
				continue;
			assert_true(next < more);
			assert_int_equal(found[next].position, i);
			assert_int_equal(found[next++].distance, bits);
		}
		assert_int_equal(next, more);
	}
}

static void check_similar(const struct hamming_ops *ops)
{
	uint16_t signatures[VALUES];
	uint32_t found[VALUES];
	for (int round = 0; round < 200; round++) {
		uint16_t wanted = (uint16_t)chance();
		size_t count = chance() % (VALUES + 1), next = 0;
		unsigned limit = (unsigned)(chance() % 17);
		for (size_t i = 0; i < VALUES; i++)
			signatures[i] =
				(uint16_t)(chance() % 2 ? chance() : wanted ^ 1u << chance() % 16);
		size_t more = ops->similar(signatures, count, wanted, limit, found);
		for (size_t i = 0; i < count; i++)
			if ((unsigned)__builtin_popcount(signatures[i] ^ wanted) <= limit)
				assert_int_equal(found[next++], i);
		assert_int_equal(next, more);
	}
}

static void check_probe(const struct hamming_ops *ops, unsigned line_count)
{
	static const struct hamming_flip flips[] = {
		{0, 0}, {1, 1}, {8, 1}, {33, 2}, {32, 1}, {7, 3}};
	enum { FLIPS = sizeof flips / sizeof *flips };
	size_t lanes = (size_t)line_count * HAMMING_LANES;
	uint16_t *slots = aligned_alloc(64, KEYS * lanes * sizeof *slots);
	uint32_t *ours = calloc(FLIPS * lanes, sizeof *ours);
	uint32_t *truth = calloc(FLIPS * lanes, sizeof *truth);
	assert_non_null(slots);
	assert_non_null(ours);
	assert_non_null(truth);
	for (int round = 0; round < 300; round++) {
		uint16_t wanted = (uint16_t)chance(), key = (uint16_t)(chance() % KEYS);
		for (size_t i = 0; i < KEYS * lanes; i++)
			slots[i] =
				(uint16_t)(chance() % 3 ? chance() : wanted ^ 1u << chance() % 16);
		for (size_t i = 0; i < KEYS; i++)
			slots[i * lanes] = (uint16_t)(chance() % lanes);
		slots[(size_t)(key ^ 8u) * lanes] = (uint16_t)(lanes - 1);
		slots[(size_t)(key ^ 1u) * lanes] = round % 2 ? HAMMING_OVERFLOW : 0;
		unsigned limit = 3 + (unsigned)(chance() % 5);
		size_t count =
			ops->probe(slots, line_count, key, wanted, flips, FLIPS, limit, ours);
		size_t all = hamming_portable.probe(
			slots, line_count, key, wanted, flips, FLIPS, limit, truth);
		assert_int_equal(count, all);
		assert_memory_equal(ours, truth, count * sizeof *ours);
		size_t next = 0;
		for (size_t i = 0; i < FLIPS; i++) {
			const uint16_t *bucket = slots + (size_t)(key ^ flips[i].mask) * lanes;
			if (bucket[0] == HAMMING_OVERFLOW) {
				assert_int_equal(truth[next++], i << 16);
				continue;
			}
			for (size_t lane = 1; lane <= bucket[0]; lane++)
				if ((unsigned)__builtin_popcount(bucket[lane] ^ wanted) +
						flips[i].weight <=
					limit)
					assert_int_equal(truth[next++], i << 16 | lane);
		}
		assert_int_equal(next, all);
	}
	free(slots);
	free(ours);
	free(truth);
}

static void every_kernel_answers_as_counting_bit_by_bit(void **state)
{
	(void)state;
	for (int level = 0; level <= (int)simd_level(); level++) {
		const struct hamming_ops *ops = hamming_ops((enum simd_level)level);
		check_values(ops);
		check_similar(ops);
		check_probe(ops, 1);
		check_probe(ops, 2);
		check_probe(ops, 6);
	}
	if (simd_level() < SIMD_AVX512)
		fprintf(stderr, "SKIPPED: %s: kernels above %s do not run here\n", __func__,
			simd_level_name(simd_level()));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kernel_answers_as_counting_bit_by_bit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
