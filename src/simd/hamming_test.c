/* Every kernel answers as the portable one does, and the portable one as counting bit by bit. */
#include "simd/hamming.h"
#include "test/unit.h"

#include <string.h>

#define VALUES  203
#define BUCKETS 40

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

/* Buckets of every filling, some overflowing, looked at in one go and, for want of room, in several. */
static void check_look(const struct hamming_ops *ops, unsigned line_count)
{
	size_t lanes = (size_t)line_count * HAMMING_LANES;
	uint16_t *slots = aligned_alloc(64, BUCKETS * lanes * sizeof *slots);
	uint32_t *found = calloc(BUCKETS * lanes, sizeof *found);
	struct hamming_look looks[BUCKETS];
	assert_non_null(slots);
	assert_non_null(found);
	for (int round = 0; round < 200; round++) {
		size_t room = round % 2 ? BUCKETS * lanes : lanes + chance() % lanes;
		for (size_t i = 0; i < BUCKETS; i++) {
			uint16_t wanted = (uint16_t)chance(), *bucket = slots + i * lanes;
			uint32_t limit = (uint32_t)(chance() % (round % 3 ? 4 : 17));
			looks[i] = (struct hamming_look){
				bucket, HAMMING_TWICE(wanted), HAMMING_TWICE(limit)};
			for (size_t lane = 1; lane < lanes; lane++)
				bucket[lane] =
					(uint16_t)(chance() % 3 ? chance()
								: wanted ^ 1u << chance() % 16);
			bucket[0] = i % 7 == 3 ? HAMMING_OVERFLOW : (uint16_t)(chance() % lanes);
			if (i % 7 == 4)
				bucket[0] = (uint16_t)(lanes - 1);
		}
		size_t count = 0, at = 0;
		for (size_t next = 0, before = 0; next < BUCKETS; before = next) {
			size_t more = ops->look(looks, BUCKETS, &next, room, found + count);
			assert_true(more <= room);
			assert_true(next > before);
			count += more;
		}
		for (size_t i = 0; i < BUCKETS; i++) {
			if (looks[i].bucket[0] == HAMMING_OVERFLOW) {
				assert_int_equal(found[at++], i << 16);
				continue;
			}
			for (size_t lane = 1; lane <= looks[i].bucket[0]; lane++)
				if ((unsigned)__builtin_popcount(looks[i].bucket[lane] ^
								 (looks[i].signature & 0xffff)) <=
					(looks[i].limit & 0xffff))
					assert_int_equal(found[at++], i << 16 | lane);
		}
		assert_int_equal(at, count);
	}
	free(slots);
	free(found);
}

static void every_kernel_answers_as_counting_bit_by_bit(void **state)
{
	(void)state;
	for (int level = 0; level <= (int)simd_level(); level++) {
		const struct hamming_ops *ops = hamming_ops((enum simd_level)level);
		check_values(ops);
		check_similar(ops);
		check_look(ops, 1);
		check_look(ops, 2);
		check_look(ops, 6);
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
