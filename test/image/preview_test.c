/* Previews through the wall: small enough, of the right shape and colours, for every format, and none that nobody asked
 * for. The hashes are the same with them and without. */
#include "base/buf.h"
#include "test/image/sample.h"
#include "test/image/through.h"
#include "test/unit.h"

#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

static struct decode_pool *pool;

/* Decodes the preview itself; libjpeg exits on nonsense, and the test fails then. */
static void read_preview(const struct preview *preview, struct picture *ret_picture)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, preview->jpeg, preview->size);
	jpeg_read_header(&jpeg, TRUE);
	assert_false(jpeg.progressive_mode);
	jpeg.out_color_space = JCS_EXT_RGBA;
	jpeg_start_decompress(&jpeg);
	assert_int_equal(jpeg.output_width, preview->width);
	assert_int_equal(jpeg.output_height, preview->height);
	*ret_picture = (struct picture){jpeg.output_width, jpeg.output_height,
		malloc((size_t)jpeg.output_width * jpeg.output_height * 4)};
	while (jpeg.output_scanline < jpeg.output_height) {
		JSAMPROW row = picture_pixel(ret_picture, 0, jpeg.output_scanline);
		jpeg_read_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_decompress(&jpeg);
	jpeg_destroy_decompress(&jpeg);
	assert_int_equal(errors.num_warnings, 0);
}

static void check_bounds(const struct preview *preview, uint32_t width, uint32_t height)
{
	uint32_t long_side = width > height ? width : height;
	assert_true(preview->size <= PREVIEW_SIZE_MAX);
	if (long_side <= PREVIEW_SIDE_MAX) {
		assert_int_equal(preview->width, width);
		assert_int_equal(preview->height, height);
	} else {
		assert_true(preview->width <= PREVIEW_SIDE_MAX);
		assert_true(preview->height <= PREVIEW_SIDE_MAX);
		assert_true(
			preview->width == PREVIEW_SIDE_MAX || preview->height == PREVIEW_SIDE_MAX);
	}
}

static void show(const struct sample *sample, uint32_t width, uint32_t height)
{
	struct picture picture, small;
	struct previews previews;
	struct hilf_content plain, content;
	struct pdq_result shown;
	struct buf file = BUF_INIT;
	picture_draw(&picture, width, height, 3);
	if (sample->make(&picture, &file)) {
		through_decode(pool, file.data, file.size, &plain);
		through_show(pool, file.data, file.size, &content, &previews);
		assert_memory_equal(content.pictures, plain.pictures, sizeof plain.pictures);
		assert_true(content.decided);
		if (previews.count != 1)
			fail_msg("%s: %zu previews", sample->name, previews.count);
		check_bounds(&previews.items[0], picture.width, picture.height);
		read_preview(&previews.items[0], &small);
		picture_hash(&small, 0, &shown);
		int distance = hash_distance(shown.hash[0], content.pictures[0].pdq[0]);
		if (picture_opaque(&picture) && distance > 24)
			fail_msg("%s: the preview is %d bits away", sample->name, distance);
		picture_free(&small);
		previews_clear(&previews);
	}
	buf_free(&file);
	picture_free(&picture);
}

static void every_format_is_shown(void **state)
{
	(void)state;
	static const struct sample *const all[] = {samples_png, samples_jpeg, samples_webp,
		samples_gif, samples_tiff, samples_heif, samples_plain};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (const struct sample *sample = all[i]; sample->name; sample++)
			show(sample, 640, 480);
}

static void sides_stay_in_proportion(void **state)
{
	(void)state;
	static const uint32_t sizes[][2] = {
		{319, 320}, {321, 320}, {1, 1}, {5000, 3}, {3, 5000}, {2200, 1100}, {641, 1283}};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct picture picture;
		struct previews previews;
		struct hilf_content content;
		struct buf file = BUF_INIT;
		picture_draw(&picture, sizes[i][0], sizes[i][1], 4);
		assert_true(samples_jpeg[0].make(&picture, &file));
		through_show(pool, file.data, file.size, &content, &previews);
		assert_int_equal(previews.count, 1);
		check_bounds(&previews.items[0], sizes[i][0], sizes[i][1]);
		previews_clear(&previews);
		buf_free(&file);
		picture_free(&picture);
	}
}

static void colours(const uint8_t *pixel, int red, int green, int blue)
{
	if (abs(pixel[0] - red) > 12 || abs(pixel[1] - green) > 12 || abs(pixel[2] - blue) > 12)
		fail_msg(
			"%d %d %d is not %d %d %d", pixel[0], pixel[1], pixel[2], red, green, blue);
}

/* A large JPEG is hashed by its luma alone; people are shown its colours all the same. */
static void a_large_jpeg_is_shown_in_colour(void **state)
{
	(void)state;
	for (const struct sample *sample = samples_jpeg; sample->name; sample++) {
		struct picture picture, small;
		struct previews previews;
		struct hilf_content content;
		struct buf file = BUF_INIT;
		if (strcmp(sample->name, "jpeg") != 0 &&
			strcmp(sample->name, "jpeg progressive") != 0)
			continue;
		picture_draw(&picture, 2400, 2100, 4);
		for (uint32_t y = 0; y < 2100; y++)
			for (uint32_t x = 0; x < 1200; x++)
				memcpy(picture_pixel(&picture, x, y), "\xf0\x20\x20\xff", 4);
		assert_true(sample->make(&picture, &file));
		through_show(pool, file.data, file.size, &content, &previews);
		assert_int_equal(previews.count, 1);
		read_preview(&previews.items[0], &small);
		colours(picture_pixel(&small, 40, 140), 0xf0, 0x20, 0x20);
		picture_free(&small);
		previews_clear(&previews);
		buf_free(&file);
		picture_free(&picture);
	}
}

static void what_is_transparent_lies_on_grey(void **state)
{
	(void)state;
	struct picture picture, small;
	struct previews previews;
	struct hilf_content content;
	struct buf file = BUF_INIT;
	picture_draw(&picture, 700, 700, 4);
	for (uint32_t y = 0; y < 700; y++)
		for (uint32_t x = 0; x < 350; x++)
			memcpy(picture_pixel(&picture, x, y), "\xff\xff\xff\x00", 4);
	const struct sample *sample = samples_png;
	while (sample->name && !strstr(sample->name, "rgba") && !strstr(sample->name, "opac"))
		sample++;
	if (!sample->name)
		skip_aloud("no sample has opacity");
	assert_true(sample->make(&picture, &file));
	through_show(pool, file.data, file.size, &content, &previews);
	assert_int_equal(previews.count, 1);
	read_preview(&previews.items[0], &small);
	if (picture_pixel(&picture, 0, 0)[3] == 0)
		colours(picture_pixel(&small, 40, 140), 128, 128, 128);
	picture_free(&small);
	previews_clear(&previews);
	buf_free(&file);
	picture_free(&picture);
}

/* Noise packs worst of all. */
static void noise_still_fits(void **state)
{
	(void)state;
	struct picture picture = {320, 320, malloc(320 * 320 * 4)};
	struct previews previews;
	struct hilf_content content;
	struct buf file = BUF_INIT;
	uint32_t seed = 1;
	for (size_t i = 0; i < 320 * 320 * 4; i++) {
		seed = seed * 1664525 + 1013904223;
		picture.rgba[i] = i % 4 == 3 ? 255 : (seed >> 24 & 1 ? 255 : 0);
	}
	assert_true(samples_png[0].make(&picture, &file));
	through_show(pool, file.data, file.size, &content, &previews);
	assert_int_equal(previews.count, 1);
	assert_true(previews.items[0].size <= PREVIEW_SIZE_MAX);
	previews_clear(&previews);
	buf_free(&file);
	picture_free(&picture);
}

/* What could be read of it is there, in its place; the rest is grey. */
static void a_file_cut_short_shows_what_there_is(void **state)
{
	(void)state;
	struct picture picture;
	struct previews previews;
	struct hilf_content content;
	struct buf file = BUF_INIT;
	picture_draw(&picture, 700, 700, 4);
	assert_true(samples_png[0].make(&picture, &file));
	through_show(pool, file.data, file.size * 3 / 4, &content, &previews);
	assert_false(content.decided);
	assert_int_equal(content.picture_count, 1);
	assert_int_equal(previews.count, 1);
	check_bounds(&previews.items[0], 700, 700);
	previews_clear(&previews);
	through_show(pool, file.data, file.size / 4, &content, &previews);
	assert_int_equal(content.picture_count, 0);
	assert_int_equal(previews.count, 0);
	through_show(pool, "no picture", 10, &content, &previews);
	assert_int_equal(previews.count, 0);
	buf_free(&file);
	picture_free(&picture);
}

static int open_pool(void **state)
{
	(void)state;
	pool = through_open("src/proc", 60000);
	return 0;
}

static int close_pool(void **state)
{
	(void)state;
	decode_pool_free(pool);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_is_shown),
		cmocka_unit_test(sides_stay_in_proportion),
		cmocka_unit_test(a_large_jpeg_is_shown_in_colour),
		cmocka_unit_test(what_is_transparent_lies_on_grey),
		cmocka_unit_test(noise_still_fits),
		cmocka_unit_test(a_file_cut_short_shows_what_there_is),
	};
	return cmocka_run_group_tests(tests, open_pool, close_pool);
}
