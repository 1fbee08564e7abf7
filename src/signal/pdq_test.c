/* PDQ on small pictures drawn here: golden hashes, agreement with the plain form in bench/, and the promises of
 * pdq.h. That it agrees with the rest of the world is the business of pdq_reference_test.c. */
#include "signal/pdq.h"

#include "base/check.h"
#include "base/hex.h"
#include "bench/pdq_plain.h"
#include "simd/cpu.h"
#include "test/unit.h"

#include <math.h>
#include <string.h>

static uint32_t chance = 1;

static uint32_t roll(void)
{
	chance = chance * 1664525u + 1013904223u;
	return chance >> 8;
}

static unsigned distance(const uint8_t *a, const uint8_t *b)
{
	unsigned count = 0;
	for (unsigned i = 0; i < PDQ_SIZE; i++)
		count += (unsigned)__builtin_popcount((unsigned)(a[i] ^ b[i]));
	return count;
}

struct canvas {
	uint32_t width, height;
	enum pdq_format format;
	size_t stride;
	uint8_t *pixels;
};

/* A picture with something in every corner: bent waves, different in each colour and each place, and some grain. All
 * in whole numbers, so that it is the same everywhere. */
static struct canvas draw(uint32_t width, uint32_t height, enum pdq_format format, uint32_t seed)
{
	struct canvas canvas = {width, height, format, (size_t)width * format, NULL};
	canvas.pixels = malloc(canvas.stride * height);
	assert_non_null(canvas.pixels);
	chance = seed;
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++)
			for (unsigned c = 0; c < (unsigned)format; c++) {
				uint32_t u = x * 1000 / width, v = y * 1000 / height;
				uint32_t wave = (u * u / (700 + seed % 300) + v * (3 + c) +
							u * v / (200 + seed % 77)) %
						512;
				uint32_t level = wave < 256 ? wave : 511 - wave;
				level = (level * 7 + roll() % 256) / 8;
				canvas.pixels[y * canvas.stride + x * format + c] = (uint8_t)level;
			}
	return canvas;
}

static struct pdq_result hash(const struct canvas *canvas)
{
	struct pdq_result result;
	assert_int_equal(pdq_picture(canvas->pixels, canvas->width, canvas->height, canvas->stride,
				 canvas->format, &result, NULL),
		HILF_OK);
	return result;
}

static struct pdq_plain hash_plain(const struct canvas *canvas)
{
	struct pdq_plain result;
	size_t count = (size_t)canvas->width * canvas->height;
	float *luma = malloc(count * sizeof *luma);
	assert_non_null(luma);
	for (size_t i = 0; i < count; i++) {
		const uint8_t *pixel = canvas->pixels + i * canvas->format;
		luma[i] = canvas->format == PDQ_GRAY8
				  ? (float)pixel[0]
				  : 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
	}
	assert_true(pdq_plain(luma, canvas->height, canvas->width, &result));
	free(luma);
	return result;
}

/* Calls fn with the kernels of each level that this machine has. */
static void each_level(void (*fn)(void))
{
	enum simd_level best = simd_level();
	for (int level = SIMD_PORTABLE; level <= (int)best; level++) {
		setenv("HILF_SIMD", simd_level_name((enum simd_level)level), 1);
		fn();
	}
	setenv("HILF_SIMD", simd_level_name(best), 1);
}

static void check_golden(void)
{
	static const struct {
		uint32_t width, height;
		enum pdq_format format;
		const char *hash;
	} cases[] = {
		{64, 64, PDQ_GRAY8,
			"7838c0f807f0ffe0c0000020fdb15da1fdb1a5b0dfb2b533f7b19523f5b17531"},
		{100, 300, PDQ_RGB8,
			"f00081f00ff0ff6080001d23f5632d63ad63b56375337563fd637563f5637523"},
		{512, 384, PDQ_RGB8,
			"e02081f11fe0ff200000fd638523fd638523fd63e563f5638563f5639563fd63"},
		{640, 33, PDQ_RGBX8,
			"fc30c03807f0ffb0f00011b0ffb055b0ffb055b0f5b055b0f7b077b0f5b075b0"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct canvas canvas = draw(cases[i].width, cases[i].height, cases[i].format, 7);
		struct pdq_result result = hash(&canvas);
		char text[2 * PDQ_SIZE + 1];
		hex_encode(result.hash[HILF_ORIGINAL], PDQ_SIZE, text);
		assert_string_equal(text, cases[i].hash);
		assert_int_equal(result.quality, 100);
		assert_false(result.degenerate);
		free(canvas.pixels);
	}
}

static void pictures_hash_to_what_is_written_here(void **state)
{
	(void)state;
	each_level(check_golden);
}

static void check_against_plain(void)
{
	static const enum pdq_format formats[] = {PDQ_GRAY8, PDQ_RGB8, PDQ_RGBX8};
	uint32_t seed = 1;
	for (unsigned round = 0; round < 40; round++) {
		chance = ++seed * 77;
		uint32_t width = 5 + roll() % (round < 20 ? 300 : 696);
		uint32_t height = 5 + roll() % (round < 20 ? 300 : 696);
		struct canvas canvas = draw(width, height, formats[round % 3], seed);
		struct pdq_result result = hash(&canvas);
		struct pdq_plain plain = hash_plain(&canvas);
		assert_in_range(result.quality + 1, plain.quality, plain.quality + 2);
		assert_int_equal(result.degenerate, plain.quality < 50 || plain.ties > 8);
		for (unsigned o = 0; o < HILF_ORIENTATION_COUNT && !result.degenerate; o++)
			assert_in_range(distance(result.hash[o], plain.hash[o]), 0, 1);
		free(canvas.pixels);
	}
}

static void random_sizes_agree_with_the_plain_form(void **state)
{
	(void)state;
	each_level(check_against_plain);
}

/* Sides where the box grows by one, where it is cut at the edge, and where weights need more than one batch. */
static void sides_at_the_edges_agree_with_the_plain_form(void **state)
{
	(void)state;
	static const uint32_t sides[] = {5, 6, 63, 64, 65, 127, 128, 129, 255, 256, 257, 383, 384,
		385, 511, 512, 513, 1023, 1024, 1025, 1408, 1409, 4096, 4097, 8192, 8193, 20000};
	for (size_t i = 0; i < COUNT_OF(sides); i++)
		for (unsigned turned = 0; turned < 2; turned++) {
			struct canvas canvas = turned ? draw(sides[i], 97, PDQ_GRAY8, 3)
						      : draw(97, sides[i], PDQ_GRAY8, 3);
			struct pdq_result result = hash(&canvas);
			struct pdq_plain plain = hash_plain(&canvas);
			assert_in_range(result.quality + 1, plain.quality, plain.quality + 2);
			for (unsigned o = 0; o < HILF_ORIENTATION_COUNT; o++)
				assert_in_range(distance(result.hash[o], plain.hash[o]), 0, 1);
			free(canvas.pixels);
		}
}

static void rows_in_odd_portions_hash_as_the_whole(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 30; round++) {
		chance = round + 5;
		uint32_t width = 5 + roll() % 400, height = 5 + roll() % 400;
		struct canvas canvas = draw(width, height, PDQ_RGB8, round + 1);
		struct pdq_result whole = hash(&canvas), parts;
		struct pdq *pdq;
		assert_int_equal(pdq_new(width, height, PDQ_RGB8, &pdq, NULL), HILF_OK);
		for (uint32_t row = 0; row < height;) {
			uint32_t count = round % 2 ? 1 : roll() % 40;
			if (count > height - row)
				count = height - row;
			pdq_rows(pdq, canvas.pixels + row * canvas.stride, canvas.stride, count);
			row += count;
		}
		pdq_finish(pdq, &parts);
		pdq_free(pdq);
		assert_int_equal(parts.quality, whole.quality);
		for (unsigned o = 0; o < HILF_ORIENTATION_COUNT; o++)
			assert_in_range(distance(parts.hash[o], whole.hash[o]), 0, 1);
		free(canvas.pixels);
	}
}

/* At 64 x 64 nothing is filtered, so that a picture turned by hand hashes exactly as the orientation's. */
static void orientations_are_those_of_the_picture_turned(void **state)
{
	(void)state;
	struct canvas canvas = draw(64, 64, PDQ_GRAY8, 9), turned = draw(64, 64, PDQ_GRAY8, 9);
	struct pdq_result expected = hash(&canvas);
	for (unsigned o = 0; o < HILF_ORIENTATION_COUNT; o++) {
		for (unsigned y = 0; y < 64; y++)
			for (unsigned x = 0; x < 64; x++) {
				/* Where the pixel at x, y of the turned picture comes from. */
				const unsigned from[HILF_ORIENTATION_COUNT][2] = {
					[HILF_ORIGINAL] = {x, y},
					[HILF_ROTATE90] = {63 - y, x},
					[HILF_ROTATE180] = {63 - x, 63 - y},
					[HILF_ROTATE270] = {y, 63 - x},
					[HILF_FLIPX] = {x, 63 - y},
					[HILF_FLIPY] = {63 - x, y},
					[HILF_FLIP_PLUS1] = {y, x},
					[HILF_FLIP_MINUS1] = {63 - y, 63 - x},
				};
				turned.pixels[y * 64 + x] =
					canvas.pixels[from[o][1] * 64 + from[o][0]];
			}
		struct pdq_result result = hash(&turned);
		assert_int_equal(distance(result.hash[HILF_ORIGINAL], expected.hash[o]), 0);
	}
	free(canvas.pixels);
	free(turned.pixels);
}

static void rows_that_never_came_count_as_black(void **state)
{
	(void)state;
	static const uint32_t given[] = {0, 1, 100, 199};
	for (size_t i = 0; i < COUNT_OF(given); i++) {
		struct canvas canvas = draw(150, 200, PDQ_RGB8, 4);
		struct pdq_result cut, black;
		struct pdq *pdq;
		assert_int_equal(pdq_new(150, 200, PDQ_RGB8, &pdq, NULL), HILF_OK);
		pdq_rows(pdq, canvas.pixels, canvas.stride, given[i]);
		pdq_finish(pdq, &cut);
		pdq_free(pdq);
		memset(canvas.pixels + given[i] * canvas.stride, 0,
			(200 - given[i]) * canvas.stride);
		black = hash(&canvas);
		assert_memory_equal(&cut, &black, sizeof cut);
		free(canvas.pixels);
	}
}

static void the_fourth_byte_of_a_pixel_is_not_looked_at(void **state)
{
	(void)state;
	struct canvas canvas = draw(333, 222, PDQ_RGBX8, 6);
	struct pdq_result before = hash(&canvas);
	for (size_t i = 3; i < canvas.stride * canvas.height; i += 4)
		canvas.pixels[i] = (uint8_t)roll();
	struct pdq_result after = hash(&canvas);
	assert_memory_equal(&before, &after, sizeof before);
	free(canvas.pixels);
}

static void flat_symmetric_and_tiny_pictures_stand_for_nothing(void **state)
{
	(void)state;
	struct canvas canvas = draw(200, 100, PDQ_GRAY8, 5);
	memset(canvas.pixels, 200, canvas.stride * canvas.height);
	struct pdq_result flat = hash(&canvas);
	assert_int_equal(flat.quality, 0);
	assert_true(flat.degenerate);
	/* A checkerboard has edges enough, but half of its coefficients are nothing. */
	for (uint32_t y = 0; y < 100; y++)
		for (uint32_t x = 0; x < 200; x++)
			canvas.pixels[y * canvas.stride + x] = (x / 25 + y / 25) % 2 ? 255 : 0;
	struct pdq_result board = hash(&canvas);
	assert_int_equal(board.quality, 100);
	assert_true(board.ties > PDQ_TIES_MAX);
	assert_true(board.degenerate);
	free(canvas.pixels);

	canvas = draw(4, 300, PDQ_GRAY8, 5);
	struct pdq_result tiny = hash(&canvas);
	static const uint8_t zero[PDQ_SIZE];
	assert_int_equal(tiny.quality, 0);
	assert_true(tiny.degenerate);
	assert_memory_equal(tiny.hash[HILF_FLIPX], zero, PDQ_SIZE);
	free(canvas.pixels);
}

static void impossible_sizes_are_refused_by_name(void **state)
{
	(void)state;
	struct hilf_err err;
	struct pdq *pdq = NULL;
	assert_int_equal(pdq_new(0, 7, PDQ_RGB8, &pdq, &err), HILF_E_INVALID);
	assert_string_equal(
		err.text, "a picture of 0 x 7 pixels cannot be hashed: sides are 1 to 65535");
	assert_int_equal(pdq_new(7, 65536, PDQ_RGB8, &pdq, &err), HILF_E_INVALID);
	assert_string_equal(
		err.text, "a picture of 7 x 65536 pixels cannot be hashed: sides are 1 to 65535");
	assert_null(pdq);
	assert_int_equal(pdq_new(65535, 65535, PDQ_RGBX8, &pdq, &err), HILF_OK);
	pdq_free(pdq);
	pdq_free(NULL);
}

static void values_with_far_too_few_or_many_bits_are_degenerate(void **state)
{
	(void)state;
	uint8_t value[PDQ_SIZE] = {0};
	for (unsigned set = 0; set <= 256; set++) {
		assert_int_equal(pdq_value_degenerate(value), set < 80 || set > 176);
		if (set < 256)
			value[set / 8] |= (uint8_t)(1u << set % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_hash_to_what_is_written_here),
		cmocka_unit_test(random_sizes_agree_with_the_plain_form),
		cmocka_unit_test(sides_at_the_edges_agree_with_the_plain_form),
		cmocka_unit_test(rows_in_odd_portions_hash_as_the_whole),
		cmocka_unit_test(orientations_are_those_of_the_picture_turned),
		cmocka_unit_test(rows_that_never_came_count_as_black),
		cmocka_unit_test(the_fourth_byte_of_a_pixel_is_not_looked_at),
		cmocka_unit_test(flat_symmetric_and_tiny_pictures_stand_for_nothing),
		cmocka_unit_test(impossible_sizes_are_refused_by_name),
		cmocka_unit_test(values_with_far_too_few_or_many_bits_are_degenerate),
	};
	return cmocka_run_group_tests_name("pdq", tests, NULL, NULL);
}
