/* PDQ against the figures of the reference code ($HILF_TEST_DATA/pdq/expected.tsv): quality and eight hashes a row, of
 * pictures decoded at full size. Here are JPEG and PNM; the other formats are the decoding helper's to test. */
#include "base/check.h"
#include "base/hex.h"
#include "signal/pdq.h"
#include "test/unit.h"

#include <jpeglib.h>
#include <string.h>

struct picture {
	uint32_t width, height;
	enum pdq_format format;
	uint8_t *pixels;
};

static void take(struct picture *picture)
{
	picture->pixels = malloc((size_t)picture->width * picture->height * picture->format);
	assert_non_null(picture->pixels);
}

static bool read_pnm(FILE *file, struct picture *ret_picture)
{
	char kind;
	unsigned highest;
	if (fscanf(file, "P%c %u %u %u", &kind, &ret_picture->width, &ret_picture->height,
		    &highest) != 4)
		return false;
	fgetc(file);
	ret_picture->format = kind == '6' ? PDQ_RGB8 : PDQ_GRAY8;
	take(ret_picture);
	size_t row = (size_t)ret_picture->width * ret_picture->format;
	return fread(ret_picture->pixels, row, ret_picture->height, file) == ret_picture->height;
}

static bool read_jpeg(FILE *file, struct picture *ret_picture)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&jpeg);
	jpeg_stdio_src(&jpeg, file);
	jpeg_read_header(&jpeg, TRUE);
	bool plain = jpeg.num_components != 4;
	if (plain) {
		jpeg.out_color_space = JCS_RGB;
		jpeg_start_decompress(&jpeg);
		*ret_picture =
			(struct picture){jpeg.output_width, jpeg.output_height, PDQ_RGB8, NULL};
		take(ret_picture);
		while (jpeg.output_scanline < jpeg.output_height) {
			JSAMPROW row = ret_picture->pixels +
				       (size_t)jpeg.output_scanline * jpeg.output_width * PDQ_RGB8;
			jpeg_read_scanlines(&jpeg, &row, 1);
		}
	}
	jpeg_destroy_decompress(&jpeg);
	return plain;
}

static bool has_end(const char *name, const char *end)
{
	size_t size = strlen(name), end_size = strlen(end);
	return size >= end_size && strcmp(name + size - end_size, end) == 0;
}

/* false for a picture that this test cannot read. */
static bool read_picture(const char *name, struct picture *ret_picture)
{
	char path[1024];
	snprintf(path, sizeof path, "%s/pdq/%s", test_data(), name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	*ret_picture = (struct picture){0};
	bool read = false;
	if (has_end(name, ".jpg"))
		read = read_jpeg(file, ret_picture);
	else if (has_end(name, ".pgm") || has_end(name, ".ppm"))
		assert_true(read = read_pnm(file, ret_picture));
	fclose(file);
	return read;
}

static unsigned distance(const uint8_t *a, const uint8_t *b)
{
	unsigned count = 0;
	for (unsigned i = 0; i < PDQ_SIZE; i++)
		count += (unsigned)__builtin_popcount((unsigned)(a[i] ^ b[i]));
	return count;
}

/* A row: file, width, height, mode, quality, eight hashes. */
static bool check_row(char *line)
{
	char *fields[5 + HILF_ORIENTATION_COUNT];
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		fields[i] = strtok(i ? NULL : line, "\t\n");
		assert_non_null(fields[i]);
	}
	struct picture picture;
	if (!read_picture(fields[0], &picture))
		return false;
	struct pdq_result result;
	assert_int_equal(picture.width, atoi(fields[1]));
	assert_int_equal(picture.height, atoi(fields[2]));
	assert_int_equal(
		pdq_picture(picture.pixels, picture.width, picture.height,
			(size_t)picture.width * picture.format, picture.format, &result, NULL),
		HILF_OK);
	int quality = atoi(fields[4]);
	assert_in_range(result.quality + 1, quality, quality + 2);
	bool nothing = quality < PDQ_QUALITY_MIN || strstr(fields[0], "checker");
	assert_int_equal(result.degenerate, nothing);
	for (unsigned o = 0; o < HILF_ORIENTATION_COUNT && !nothing; o++) {
		uint8_t expected[PDQ_SIZE];
		const char *text = fields[5 + o];
		assert_true(hex_decode(text, strlen(text), expected, PDQ_SIZE));
		unsigned apart = distance(result.hash[o], expected);
		if (apart > 2)
			fail_msg("%s, %s: %u bits apart", fields[0],
				hilf_orientation_name((uint8_t)o), apart);
	}
	free(picture.pixels);
	return true;
}

static void pictures_hash_as_the_reference_code_has_them(void **state)
{
	(void)state;
	char path[1024], line[4096];
	snprintf(path, sizeof path, "%s/pdq/expected.tsv", test_data() ? test_data() : "");
	FILE *file = test_data() ? fopen(path, "r") : NULL;
	if (!file)
		skip_aloud("no pdq/expected.tsv in $HILF_TEST_DATA");
	unsigned checked = 0, left = 0;
	assert_non_null(fgets(line, sizeof line, file)); /* the heading */
	while (fgets(line, sizeof line, file)) {
		if (check_row(line))
			checked++;
		else
			left++;
	}
	fclose(file);
	fprintf(stderr, "%u pictures checked, %u left to the decoding helper's tests\n", checked,
		left);
	assert_true(checked > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_hash_as_the_reference_code_has_them),
	};
	return cmocka_run_group_tests_name("pdq_reference", tests, NULL, NULL);
}
