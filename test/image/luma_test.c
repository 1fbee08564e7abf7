/* Leaving out the scans of chroma changes no bit of the luma, whatever the order of the scans. */
#include "media/image/jpeg_luma.h"

#include "test/image/sample.h"
#include "test/unit.h"

#include <string.h>

static void say_nothing(j_common_ptr common)
{
	(void)common;
}

/* Reads the luma, by the whole file or by what jpeg_luma gives of it; *ret_warnings: libjpeg's. */
static uint8_t *read_luma(
	const uint8_t *bytes, size_t size, bool leave_out, size_t *ret_size, long *ret_warnings)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_luma luma;
	jpeg.err = jpeg_std_error(&errors);
	errors.output_message = say_nothing;
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, bytes, size);
	jpeg_read_header(&jpeg, TRUE);
	jpeg.out_color_space = JCS_GRAYSCALE;
	if (leave_out)
		jpeg_luma_begin(&luma, &jpeg, bytes, size);
	jpeg_start_decompress(&jpeg);
	uint8_t *pixels = malloc((size_t)jpeg.output_width * jpeg.output_height);
	assert_non_null(pixels);
	while (jpeg.output_scanline < jpeg.output_height) {
		JSAMPROW row = pixels + (size_t)jpeg.output_scanline * jpeg.output_width;
		jpeg_read_scanlines(&jpeg, &row, 1);
	}
	*ret_size = (size_t)jpeg.output_width * jpeg.output_height;
	jpeg_finish_decompress(&jpeg);
	*ret_warnings = errors.num_warnings;
	jpeg_destroy_decompress(&jpeg);
	return pixels;
}

/* Scans of one component each, as a baseline file may have them. */
static const jpeg_scan_info apart[] = {
	{1, {0}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}};
static const jpeg_scan_info chroma_first[] = {{1, {1}, 0, 0, 0, 0}, {1, {2}, 0, 0, 0, 0},
	{1, {0}, 0, 0, 0, 0}, {1, {1}, 1, 63, 0, 0}, {1, {0}, 1, 63, 0, 1}, {1, {2}, 1, 63, 0, 0},
	{1, {0}, 1, 63, 1, 0}};

static void write_jpeg(
	const jpeg_scan_info *scans, int scan_count, unsigned restart, struct buf *file)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct picture picture;
	unsigned char *bytes = NULL;
	unsigned long size = 0;
	picture_draw(&picture, 333, 221, 3);
	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &bytes, &size);
	jpeg.image_width = picture.width;
	jpeg.image_height = picture.height;
	jpeg.input_components = 4;
	jpeg.in_color_space = JCS_EXT_RGBX;
	jpeg_set_defaults(&jpeg);
	jpeg.restart_interval = restart;
	if (scans) {
		jpeg.scan_info = scans;
		jpeg.num_scans = scan_count;
	} else {
		jpeg_simple_progression(&jpeg);
	}
	jpeg_start_compress(&jpeg, TRUE);
	while (jpeg.next_scanline < jpeg.image_height) {
		JSAMPROW row = picture_pixel(&picture, 0, jpeg.next_scanline);
		jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	buf_add(file, bytes, size);
	free(bytes);
	picture_free(&picture);
}

static const struct {
	const jpeg_scan_info *scans;
	int count;
	unsigned restart;
} kinds[] = {{NULL, 0, 0}, {NULL, 0, 5}, {apart, 3, 0}, {apart, 3, 7}, {chroma_first, 7, 0}};

static void no_bit_of_the_luma_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct buf file = BUF_INIT;
		size_t size, other_size;
		long warnings, other_warnings;
		write_jpeg(kinds[i].scans, kinds[i].count, kinds[i].restart, &file);
		uint8_t *whole =
			read_luma((const uint8_t *)file.data, file.size, false, &size, &warnings);
		uint8_t *alone = read_luma(
			(const uint8_t *)file.data, file.size, true, &other_size, &other_warnings);
		assert_int_equal(warnings, 0);
		assert_int_equal(other_warnings, 0);
		assert_int_equal(size, other_size);
		assert_memory_equal(whole, alone, size);
		free(whole);
		free(alone);
		buf_free(&file);
	}
}

static void a_file_cut_anywhere_is_noticed(void **state)
{
	(void)state;
	struct buf file = BUF_INIT;
	write_jpeg(NULL, 0, 0, &file);
	for (size_t cut = 2; cut < file.size / 2; cut = cut * 5 / 4 + 1) {
		size_t size;
		long warnings;
		/* In memory of just this size. */
		uint8_t *copy = malloc(file.size - cut);
		assert_non_null(copy);
		memcpy(copy, file.data, file.size - cut);
		free(read_luma(copy, file.size - cut, true, &size, &warnings));
		assert_true(warnings > 0);
		free(copy);
	}
	buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_bit_of_the_luma_changes),
		cmocka_unit_test(a_file_cut_anywhere_is_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
