#include "wire/image_head.h"

#include "base/limits.h"
#include "test/unit.h"

#include <string.h>

/* A file in the making. */
static uint8_t file[4096];
static size_t size;

static void add(const void *bytes, size_t count)
{
	assert_true(size + count <= sizeof file);
	memcpy(file + size, bytes, count);
	size += count;
}

#define ADD(text) add(text, sizeof(text) - 1)

static void big(uint64_t value, unsigned count)
{
	while (count--) {
		uint8_t byte = (uint8_t)(value >> (8 * count));
		add(&byte, 1);
	}
}

static void little(uint64_t value, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		uint8_t byte = (uint8_t)(value >> (8 * i));
		add(&byte, 1);
	}
}

static void fill(size_t count)
{
	while (count--)
		little(0, 1);
}

/* Each makes a head of that size at the front of an empty file. */
static void make_jpeg(uint32_t width, uint32_t height)
{
	size = 0;
	ADD("\xff\xd8\xff\xe1\0\x06"
	    "Exif"
	    "\xff\xff\xdb\0\x04"
	    "ab"
	    "\xff\xc2\0\x11\x08");
	big(height, 2);
	big(width, 2);
	ADD("\x03\x01\x22\0\x02\x11\x01\x03\x11\x01");
}

static void make_png(uint32_t width, uint32_t height)
{
	size = 0;
	ADD("\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
	big(width, 4);
	big(height, 4);
	ADD("\x08\x02\0\0\0crc.");
}

static void make_webp(uint32_t width, uint32_t height)
{
	size = 0;
	ADD("RIFF....WEBPVP8X\x0a\0\0\0\0\0\0\0");
	little(width - 1, 3);
	little(height - 1, 3);
}

static void make_gif(uint32_t width, uint32_t height)
{
	size = 0;
	ADD("GIF89a");
	little(width, 2);
	little(height, 2);
	ADD("\x80\0\0......\x21\xf9\x04....\0");
	for (int i = 0; i < 2; i++)
		ADD("\x2c\0\0\0\0\x01\0\x01\0\0\x02\x01x\0");
}

static void make_tiff(uint32_t width, uint32_t height)
{
	size = 0;
	ADD("MM\0*\0\0\0\x08\0\x04\x01\0\0\x04\0\0\0\x01");
	big(width, 4);
	ADD("\x01\x01\0\x04\0\0\0\x01");
	big(height, 4);
	ADD("\x01\x02\0\x03\0\0\0\x01\0\x08\0\0\x01\x15\0\x03\0\0\0\x01\0\x03\0\0\0\0\0\0");
}

static void make_heif(uint32_t width, uint32_t height)
{
	size = 0;
	ADD("\0\0\0\x18"
	    "ftypmif1\0\0\0\0mif1avif");
	ADD("\0\0\0\x3c"
	    "meta\0\0\0\0");
	ADD("\0\0\0\x30iprp\0\0\0\x28ipco");
	ADD("\0\0\0\x0cpixi....\0\0\0\x14ispe\0\0\0\0");
	big(width, 4);
	big(height, 4);
}

static void make_bmp(uint32_t width, uint32_t height)
{
	size = 0;
	ADD("BM........\x36\0\0\0\x28\0\0\0");
	little(width, 4);
	little(-(uint64_t)height, 4);
	ADD("\x01\0\x18\0");
	fill(24);
}

static void make_pnm(uint32_t width, uint32_t height)
{
	size = (size_t)snprintf(
		(char *)file, sizeof file, "P6 # a comment\n%u\n# and\n%u 255\n", width, height);
}

static const struct {
	enum image_format format;
	const char *name;
	void (*make)(uint32_t width, uint32_t height);
	uint32_t bits, frame_count;
	uint32_t side_most; /* that the head can say */
} formats[] = {
	{IMAGE_JPEG, "jpeg", make_jpeg, 24, 1, 65535},
	{IMAGE_PNG, "png", make_png, 24, 1, UINT32_MAX},
	{IMAGE_WEBP, "webp", make_webp, 12, 1, 1u << 24},
	{IMAGE_GIF, "gif", make_gif, 8, 2, 65535},
	{IMAGE_TIFF, "tiff", make_tiff, 24, 1, UINT32_MAX},
	{IMAGE_AVIF, "avif", make_heif, 12, 1, UINT32_MAX},
	{IMAGE_BMP, "bmp", make_bmp, 24, 1, INT32_MAX},
	{IMAGE_PNM, "pnm", make_pnm, 24, 1, UINT32_MAX},
};

#define FORMATS (sizeof formats / sizeof *formats)

static int read_head(struct image_head *ret_head)
{
	/* In memory of just this size, so that a sanitizer sees every byte too many. */
	struct hilf_err err = {.text = ""};
	uint8_t *copy = malloc(size ? size : 1);
	assert_non_null(copy);
	memcpy(copy, file, size);
	int rc = image_head_read(copy, size, ret_head, &err);
	free(copy);
	if (rc)
		assert_true(err.code == (enum hilf_code)rc && *err.text);
	return rc;
}

static void every_format_tells_its_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMATS; i++) {
		struct image_head head;
		formats[i].make(1234, 567);
		assert_int_equal(read_head(&head), 0);
		assert_int_equal(head.format, formats[i].format);
		assert_string_equal(image_format_name(head.format), formats[i].name);
		assert_int_equal(head.width, 1234);
		assert_int_equal(head.height, 567);
		assert_int_equal(head.bits, formats[i].bits);
		assert_int_equal(head.frame_count, formats[i].frame_count);
	}
}

static void a_head_that_is_cut_short_is_corrupt(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMATS; i++) {
		formats[i].make(100, 100);
		for (size_t whole = size; size > 0; size--) {
			struct image_head head;
			int rc = read_head(&head);
			/* What stands behind the size may be missing. */
			if (rc == 0 && whole - size < 60)
				continue;
			assert_true(rc == HILF_E_CORRUPT || rc == HILF_E_UNSUPPORTED);
		}
	}
}

static void sizes_beyond_the_limits_are_refused(void **state)
{
	(void)state;
	static const uint32_t sizes[][2] = {{65536, 1}, {1, 65536}, {10001, 10000},
		{UINT32_MAX, UINT32_MAX}, {INT32_MAX, 2}, {1u << 24, 1u << 24}};
	for (size_t i = 0; i < FORMATS; i++) {
		for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
			struct image_head head = {0};
			if (sizes[j][0] > formats[i].side_most ||
				sizes[j][1] > formats[i].side_most)
				continue;
			formats[i].make(sizes[j][0], sizes[j][1]);
			assert_int_equal(read_head(&head), HILF_E_LIMIT);
			assert_int_equal(head.width, 0);
		}
	}
}

static void a_jpeg_may_be_larger_than_the_others(void **state)
{
	(void)state;
	struct image_head head = {
		.format = IMAGE_JPEG, .width = 10000, .height = 10000, .bits = 24};
	assert_int_equal(image_head_check(&head, 20 << 20, NULL), 0);
	head.format = IMAGE_PNG;
	assert_int_equal(image_head_check(&head, 20 << 20, NULL), HILF_E_LIMIT);
}

static void what_is_packed_too_well_is_a_bomb(void **state)
{
	(void)state;
	struct image_head head = {.format = IMAGE_PNG, .width = 5000, .height = 5000, .bits = 24};
	assert_int_equal(image_head_check(&head, 150 * 1000, NULL), 0);
	assert_int_equal(image_head_check(&head, 149 * 1000, NULL), HILF_E_LIMIT);
	/* A fax of a page packs well and is none. */
	head.bits = 1;
	assert_int_equal(image_head_check(&head, 7 * 1000, NULL), 0);
	/* Small pictures may pack as they like. */
	head = (struct image_head){.format = IMAGE_PNG, .width = 2000, .height = 2000, .bits = 24};
	assert_int_equal(image_head_check(&head, 100, NULL), 0);
}

static void no_pixels_is_corrupt(void **state)
{
	(void)state;
	struct image_head head;
	for (size_t i = 0; i < FORMATS; i++) {
		if (formats[i].format == IMAGE_WEBP || formats[i].format == IMAGE_JPEG)
			continue; /* its numbers begin at one; and a JPEG without a height names it later */
		formats[i].make(0, 10);
		assert_int_equal(read_head(&head), HILF_E_CORRUPT);
		formats[i].make(10, 0);
		assert_int_equal(read_head(&head), HILF_E_CORRUPT);
	}
	make_jpeg(10, 0);
	assert_int_equal(read_head(&head), HILF_E_UNSUPPORTED);
}

static void what_is_no_picture_is_unsupported(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "B", "BMW is a car maker, and this is a text", "P",
		"P8 1 1", "Plain text", "GIF88a......", "%PDF-1.7", "RIFF....AVI ",
		"\x89PNG\r\n\x1a", "\xff\xd8", "<svg/>"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct image_head head;
		size = 0;
		add(texts[i], strlen(texts[i]));
		assert_int_equal(read_head(&head), HILF_E_UNSUPPORTED);
	}
}

static void frames_are_counted_to_a_limit(void **state)
{
	(void)state;
	struct image_head head;
	make_png(10, 10);
	ADD("\0\0\0\x08"
	    "acTL\0\0\0\x07\0\0\0\0crc.");
	assert_int_equal(read_head(&head), 0);
	assert_int_equal(head.frame_count, 7);
	file[size - 12] = 0x7f;
	assert_int_equal(read_head(&head), 0);
	assert_int_equal(head.frame_count, IMAGE_FRAMES_COUNTED);
	/* A TIFF whose directory follows itself. */
	make_tiff(10, 10);
	file[size - 1] = 8;
	assert_int_equal(read_head(&head), 0);
	assert_int_equal(head.frame_count, IMAGE_FRAMES_COUNTED);
}

static void a_gif_whose_frame_is_larger_than_its_screen_is_limited_by_the_frame(void **state)
{
	(void)state;
	struct image_head head;
	make_gif(10, 10);
	uint8_t *frame = memchr(file + 13, 0x2c, size - 13);
	assert_non_null(frame);
	memcpy(frame + 5, "\xff\xff\xff\xff", 4);
	assert_int_equal(read_head(&head), HILF_E_LIMIT);
}

static void a_heif_is_as_large_as_its_largest_picture(void **state)
{
	(void)state;
	struct image_head head;
	make_heif(64, 64);
	/* A second size in the same container. */
	file[0x18 + 3] += 20, file[0x18 + 12 + 3] += 20, file[0x18 + 20 + 3] += 20;
	ADD("\0\0\0\x14ispe\0\0\0\0\0\0\x08\0\0\0\x04\0");
	assert_int_equal(read_head(&head), 0);
	assert_int_equal(head.width, 2048);
	assert_int_equal(head.height, 1024);
}

static void a_pam_says_what_its_samples_are(void **state)
{
	(void)state;
	struct image_pnm pnm;
	size = 0;
	ADD("P7\n# made by hand\nWIDTH 3\nHEIGHT 2\nDEPTH 4\nMAXVAL 1023\nTUPLTYPE "
	    "RGB_ALPHA\nENDHDR\n................");
	assert_int_equal(image_pnm_read(file, size, &pnm, NULL), 0);
	assert_int_equal(pnm.width, 3);
	assert_int_equal(pnm.depth, 4);
	assert_int_equal(pnm.maxval, 1023);
	assert_true(pnm.alpha);
	assert_int_equal(pnm.data_index, size - 16);
	size = 0;
	ADD("P7\nWIDTH 3\nHEIGHT 2\nDEPTH 5\nMAXVAL 255\nENDHDR\n................");
	assert_int_equal(image_pnm_read(file, size, &pnm, NULL), HILF_E_CORRUPT);
}

static void a_bmp_of_an_unknown_kind_is_unsupported(void **state)
{
	(void)state;
	struct image_head head;
	make_bmp(10, 10);
	file[28] = 7;
	assert_int_equal(read_head(&head), HILF_E_UNSUPPORTED);
	make_bmp(10, 10);
	file[30] = 4; /* a JPEG inside */
	assert_int_equal(read_head(&head), HILF_E_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_tells_its_size),
		cmocka_unit_test(a_head_that_is_cut_short_is_corrupt),
		cmocka_unit_test(sizes_beyond_the_limits_are_refused),
		cmocka_unit_test(a_jpeg_may_be_larger_than_the_others),
		cmocka_unit_test(what_is_packed_too_well_is_a_bomb),
		cmocka_unit_test(no_pixels_is_corrupt),
		cmocka_unit_test(what_is_no_picture_is_unsupported),
		cmocka_unit_test(frames_are_counted_to_a_limit),
		cmocka_unit_test(
			a_gif_whose_frame_is_larger_than_its_screen_is_limited_by_the_frame),
		cmocka_unit_test(a_heif_is_as_large_as_its_largest_picture),
		cmocka_unit_test(a_pam_says_what_its_samples_are),
		cmocka_unit_test(a_bmp_of_an_unknown_kind_is_unsupported),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
