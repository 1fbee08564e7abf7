/* Scaling down by the mean of the pixels that fall into each box, which neither blurs nor flickers and needs one row of
 * sums, and a baseline JPEG by libjpeg-turbo. A picture of noise at 320 x 320 still fits at the lowest quality. */
#include "media/image/preview.h"

#include "base/check.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#define GROUND 128u /* behind what is transparent, and where rows are missing */

struct image_preview {
	uint32_t width, height; /* of the picture */
	uint32_t small_width, small_height;
	enum image_pixels pixels;
	uint32_t row_count; /* of the picture, so far */
	uint32_t small_row; /* the one being summed */
	uint32_t summed;    /* rows in the sums */
	uint32_t sums[PREVIEW_SIDE_MAX][3];
	uint8_t small[PREVIEW_SIDE_MAX * PREVIEW_SIDE_MAX * 3];
	uint8_t jpeg[PREVIEW_SIZE_MAX];
	size_t jpeg_size;
};

struct image_preview *preview_new(void)
{
	return calloc(1, sizeof(struct image_preview));
}

void preview_free(struct image_preview *preview)
{
	free(preview);
}

/* The side as small as it is to be, in proportion to the other one, and never nothing. */
static uint32_t smaller(uint32_t side, uint32_t long_side)
{
	if (long_side <= PREVIEW_SIDE_MAX)
		return side;
	uint32_t small =
		(uint32_t)(((uint64_t)side * PREVIEW_SIDE_MAX + long_side / 2) / long_side);
	return small ? small : 1;
}

void preview_begin(
	struct image_preview *preview, uint32_t width, uint32_t height, enum image_pixels pixels)
{
	uint32_t long_side = width > height ? width : height;
	ASSERT(width && height);
	*preview = (struct image_preview){.width = width,
		.height = height,
		.small_width = smaller(width, long_side),
		.small_height = smaller(height, long_side),
		.pixels = pixels};
	memset(preview->small, (int)GROUND, sizeof preview->small);
}

/* Where box `index` of `count` begins on a side. */
static uint32_t edge(uint32_t index, uint32_t count, uint32_t side)
{
	return (uint32_t)((uint64_t)index * side / count);
}

static void end_row(struct image_preview *preview)
{
	uint8_t *to = preview->small + (size_t)preview->small_row * preview->small_width * 3;
	for (uint32_t i = 0; i < preview->small_width; i++) {
		uint32_t from = edge(i, preview->small_width, preview->width);
		uint32_t count = edge(i + 1, preview->small_width, preview->width) - from;
		uint64_t area = (uint64_t)count * preview->summed;
		for (int j = 0; j < 3; j++)
			*to++ = (uint8_t)((preview->sums[i][j] + area / 2) / area);
	}
	memset(preview->sums, 0, sizeof preview->sums);
	preview->summed = 0;
	preview->small_row++;
}

static void sum_grey(uint32_t sum[3], const uint8_t *pixels, uint32_t count)
{
	uint32_t total = 0;
	for (uint32_t i = 0; i < count; i++)
		total += pixels[i];
	for (int j = 0; j < 3; j++)
		sum[j] += total;
}

static void sum_colour(uint32_t sum[3], const uint8_t *pixels, uint32_t count, size_t step)
{
	uint32_t totals[3] = {0};
	for (uint32_t i = 0; i < count; i++, pixels += step)
		for (int j = 0; j < 3; j++)
			totals[j] += pixels[j];
	for (int j = 0; j < 3; j++)
		sum[j] += totals[j];
}

static void sum_on_ground(uint32_t sum[3], const uint8_t *pixels, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++, pixels += 4) {
		unsigned opacity = pixels[3];
		for (int j = 0; j < 3; j++)
			sum[j] += (pixels[j] * opacity + GROUND * (255 - opacity) + 127) / 255;
	}
}

/* Sums stay below 2^32: a box has (65,535 / 320)^2 pixels at most, where the picture is not longer than limits allow. */
static void sum_row(struct image_preview *preview, const uint8_t *row)
{
	for (uint32_t i = 0; i < preview->small_width; i++) {
		uint32_t from = edge(i, preview->small_width, preview->width);
		uint32_t count = edge(i + 1, preview->small_width, preview->width) - from;
		uint32_t *sum = preview->sums[i];
		switch (preview->pixels) {
		case IMAGE_GRAY8:
			sum_grey(sum, row + from, count);
			break;
		case IMAGE_RGB8:
			sum_colour(sum, row + (size_t)from * 3, count, 3);
			break;
		case IMAGE_RGBX8:
			sum_colour(sum, row + (size_t)from * 4, count, 4);
			break;
		case IMAGE_RGBA8:
			sum_on_ground(sum, row + (size_t)from * 4, count);
			break;
		}
	}
}

void preview_rows(struct image_preview *preview, const uint8_t *rows, size_t stride, uint32_t count)
{
	ASSERT(count <= preview->height - preview->row_count);
	for (; count; count--, rows += stride) {
		sum_row(preview, rows);
		preview->summed++;
		preview->row_count++;
		if (preview->row_count ==
			edge(preview->small_row + 1, preview->small_height, preview->height))
			end_row(preview);
	}
}

/* ------------------------------------------------------------------------------------------- the JPEG */

struct encoder {
	struct jpeg_error_mgr errors; /* first: libjpeg hands it back */
	struct jpeg_compress_struct jpeg;
	struct jpeg_destination_mgr destination;
	jmp_buf escape;
};

enum { FAILED = 1, TOO_LARGE = 2 }; /* why it left */

static void leave(j_common_ptr common)
{
	longjmp(((struct encoder *)common->err)->escape, FAILED);
}

static void say_nothing(j_common_ptr common)
{
	(void)common;
}

static void begin_or_end(j_compress_ptr jpeg)
{
	(void)jpeg;
}

static boolean full(j_compress_ptr jpeg)
{
	longjmp(((struct encoder *)jpeg->err)->escape, TOO_LARGE);
}

static void encode_rows(struct encoder *encoder, struct image_preview *preview, int quality)
{
	struct jpeg_compress_struct *jpeg = &encoder->jpeg;
	size_t stride = (size_t)preview->small_width * 3;
	jpeg->image_width = preview->small_width;
	jpeg->image_height = preview->small_height;
	jpeg->input_components = 3;
	jpeg->in_color_space = JCS_RGB;
	jpeg_set_defaults(jpeg);
	jpeg_set_quality(jpeg, quality, TRUE);
	jpeg->optimize_coding = TRUE;
	jpeg_start_compress(jpeg, TRUE);
	while (jpeg->next_scanline < jpeg->image_height) {
		JSAMPROW row = preview->small + jpeg->next_scanline * stride;
		jpeg_write_scanlines(jpeg, &row, 1);
	}
	jpeg_finish_compress(jpeg);
}

/* Into preview->jpeg: 0, or why not. */
static int encode(struct image_preview *preview, int quality)
{
	struct encoder encoder = {.destination = {.next_output_byte = preview->jpeg,
					  .free_in_buffer = sizeof preview->jpeg,
					  .init_destination = begin_or_end,
					  .empty_output_buffer = full,
					  .term_destination = begin_or_end}};
	encoder.jpeg.err = jpeg_std_error(&encoder.errors);
	encoder.errors.error_exit = leave;
	encoder.errors.output_message = say_nothing;
	int left = setjmp(encoder.escape);
	if (!left) {
		jpeg_create_compress(&encoder.jpeg);
		encoder.jpeg.dest = &encoder.destination;
		encode_rows(&encoder, preview, quality);
		preview->jpeg_size = sizeof preview->jpeg - encoder.destination.free_in_buffer;
	}
	jpeg_destroy_compress(&encoder.jpeg);
	return left;
}

bool preview_finish(struct image_preview *preview, struct image_shown *ret_shown)
{
	static const int qualities[] = {82, 70, 55, 40, 25, 12, 5, 1};
	int left = TOO_LARGE;
	if (!preview->row_count)
		return false;
	if (preview->summed)
		end_row(preview);
	for (size_t i = 0; left == TOO_LARGE && i < COUNT_OF(qualities); i++)
		left = encode(preview, qualities[i]);
	if (left)
		return false;
	*ret_shown = (struct image_shown){.width = preview->small_width,
		.height = preview->small_height,
		.jpeg = preview->jpeg,
		.size = (uint32_t)preview->jpeg_size};
	return true;
}
