/* BMP by hand: palettes of 1 to 8 bits, packed or not, 16 and 32 bits by masks, 24 bits; from the bottom up or from the
 * top down. What a packed picture skips has colour 0. */
#include "media/image/codecs.h"

#include <stdlib.h>
#include <string.h>

struct decoder {
	struct image_job *job;
	struct image_bmp bmp;
	uint8_t colours[256][4]; /* red, green, blue, unused */
	uint8_t *indexes;        /* an unpacked picture */
	uint8_t *row;            /* a row of pixels */
};

static void set_colours(struct decoder *decoder)
{
	const struct image_bmp *bmp = &decoder->bmp;
	for (uint32_t i = 0; i < bmp->palette_count; i++) {
		const uint8_t *entry =
			decoder->job->data + bmp->palette_index + (size_t)i * bmp->palette_step;
		decoder->colours[i][0] = entry[2];
		decoder->colours[i][1] = entry[1];
		decoder->colours[i][2] = entry[0];
	}
}

/* ------------------------------------------------------------------------------------------- run lengths */

struct unpacking {
	const uint8_t *data;
	size_t index, size;
	uint32_t x, y; /* y from the bottom */
};

static void put_index(struct decoder *decoder, struct unpacking *at, uint8_t index)
{
	const struct image_bmp *bmp = &decoder->bmp;
	if (at->x < bmp->width && at->y < bmp->height)
		decoder->indexes[(size_t)(bmp->height - 1 - at->y) * bmp->width + at->x++] = index;
}

static uint8_t half(uint8_t byte, uint32_t i)
{
	return i % 2 ? byte & 15 : byte >> 4;
}

/* Pixels as they are, padded to 16 bits; false at the end of the data. */
static bool literal(struct decoder *decoder, struct unpacking *at, uint32_t count)
{
	bool halves = decoder->bmp.packing == BMP_RLE4;
	size_t size = halves ? (count + 1) / 2 : count;
	if (size > at->size - at->index)
		return false;
	const uint8_t *data = at->data + at->index;
	for (uint32_t i = 0; i < count; i++)
		put_index(decoder, at, halves ? half(data[i / 2], i) : data[i]);
	at->index += size + size % 2;
	if (at->index > at->size)
		at->index = at->size;
	return true;
}

/* 1: go on, 0: the end of the picture, -1: the end of the data. */
static int unpack_step(struct decoder *decoder, struct unpacking *at)
{
	if (at->size - at->index < 2)
		return -1;
	uint8_t count = at->data[at->index], value = at->data[at->index + 1];
	at->index += 2;
	for (uint32_t i = 0; i < count; i++)
		put_index(decoder, at, decoder->bmp.packing == BMP_RLE4 ? half(value, i) : value);
	if (count)
		return 1;
	switch (value) {
	case 0:
		at->x = 0;
		at->y++;
		return 1;
	case 1:
		return 0;
	case 2:
		if (at->size - at->index < 2)
			return -1;
		at->x += at->data[at->index];
		at->y += at->data[at->index + 1];
		at->index += 2;
		return 1;
	default:
		return literal(decoder, at, value) ? 1 : -1;
	}
}

static int decode_packed(struct decoder *decoder)
{
	const struct image_bmp *bmp = &decoder->bmp;
	struct unpacking at = {
		.data = decoder->job->data, .index = bmp->data_index, .size = decoder->job->size};
	decoder->indexes = calloc(bmp->height, bmp->width);
	if (!decoder->indexes)
		return image_no_memory(decoder->job);
	int step = at.index <= at.size ? 1 : -1;
	while (step > 0 && at.y < bmp->height)
		step = unpack_step(decoder, &at);
	/* Many writers leave out the mark at the end; a picture is whole once its last row has begun. */
	bool cut = step < 0 && at.y + 1 < bmp->height;
	if (cut && at.y < bmp->height / 2)
		return image_fail(decoder->job, HILF_E_CORRUPT, "BMP: the file is cut short");
	for (uint32_t y = 0; y < bmp->height; y++) {
		for (uint32_t x = 0; x < bmp->width; x++)
			memcpy(decoder->row + 4 * (size_t)x,
				decoder->colours[decoder->indexes[(size_t)y * bmp->width + x]], 4);
		image_rows(decoder->job, decoder->row, 4 * (size_t)bmp->width, 1);
	}
	return cut ? image_fail(decoder->job, HILF_E_CORRUPT, "BMP: the file is cut short") : 0;
}

/* ------------------------------------------------------------------------------------------- plain pixels */

struct field {
	unsigned shift;
	uint32_t most;
};

static struct field field_of(uint32_t mask)
{
	struct field field = {0, 0};
	if (mask) {
		field.shift = (unsigned)__builtin_ctz(mask);
		field.most = mask >> field.shift;
	}
	return field;
}

static uint8_t take_field(uint32_t pixel, uint32_t mask, struct field field)
{
	return field.most ? (uint8_t)((uint64_t)((pixel & mask) >> field.shift) * 255 / field.most)
			  : 0;
}

static void masked_row(const struct decoder *decoder, const uint8_t *data)
{
	const struct image_bmp *bmp = &decoder->bmp;
	struct field fields[4];
	size_t step = bmp->bits / 8;
	for (int i = 0; i < 4; i++)
		fields[i] = field_of(bmp->mask[i]);
	for (uint32_t x = 0; x < bmp->width; x++, data += step) {
		uint32_t pixel = (uint32_t)data[0] | (uint32_t)data[1] << 8;
		if (step == 4)
			pixel |= (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
		for (int i = 0; i < 4; i++)
			decoder->row[4 * (size_t)x + (size_t)i] =
				take_field(pixel, bmp->mask[i], fields[i]);
	}
}

static void plain_row(const struct decoder *decoder, const uint8_t *data)
{
	const struct image_bmp *bmp = &decoder->bmp;
	if (bmp->bits == 16 || bmp->bits == 32) {
		masked_row(decoder, data);
		return;
	}
	for (uint32_t x = 0; x < bmp->width; x++) {
		uint8_t *pixel = decoder->row + 4 * (size_t)x;
		if (bmp->bits == 24) {
			pixel[0] = data[3 * (size_t)x + 2];
			pixel[1] = data[3 * (size_t)x + 1];
			pixel[2] = data[3 * (size_t)x];
		} else {
			size_t bit = (size_t)x * bmp->bits;
			unsigned index = data[bit / 8] >> (8 - bmp->bits - bit % 8) &
					 ((1u << bmp->bits) - 1);
			memcpy(pixel, decoder->colours[index], 4);
		}
	}
}

static int decode_plain(struct decoder *decoder)
{
	const struct image_bmp *bmp = &decoder->bmp;
	size_t stride = ((size_t)bmp->width * bmp->bits + 31) / 32 * 4;
	/* Some writers leave out the last row's padding. */
	size_t last = ((size_t)bmp->width * bmp->bits + 7) / 8;
	size_t size =
		bmp->data_index < decoder->job->size ? decoder->job->size - bmp->data_index : 0;
	size_t row_count = size < last ? 0 : (size - last) / stride + 1;
	bool cut = row_count < bmp->height;
	if (cut && row_count < bmp->height / 2 + 1)
		return image_fail(decoder->job, HILF_E_CORRUPT, "BMP: the file is cut short");
	for (uint32_t y = 0; y < bmp->height; y++) {
		size_t from = bmp->top_down ? y : bmp->height - 1 - y;
		if (from < row_count)
			plain_row(decoder, decoder->job->data + bmp->data_index + from * stride);
		else
			memset(decoder->row, 0, 4 * (size_t)bmp->width);
		image_rows(decoder->job, decoder->row, 4 * (size_t)bmp->width, 1);
	}
	return cut ? image_fail(decoder->job, HILF_E_CORRUPT, "BMP: the file is cut short") : 0;
}

static int decode(struct image_job *job)
{
	struct decoder *decoder = calloc(1, sizeof *decoder);
	if (!decoder)
		return image_no_memory(job);
	decoder->job = job;
	int rc = image_bmp_read(job->data, job->size, &decoder->bmp, job->err);
	const struct image_bmp *bmp = &decoder->bmp;
	if (!rc)
		rc = image_begin(
			job, bmp->width, bmp->height, bmp->mask[3] ? IMAGE_RGBA8 : IMAGE_RGBX8);
	if (!rc && !(decoder->row = calloc(bmp->width, 4)))
		rc = image_no_memory(job);
	if (!rc) {
		set_colours(decoder);
		rc = bmp->packing == BMP_RLE8 || bmp->packing == BMP_RLE4 ? decode_packed(decoder)
									  : decode_plain(decoder);
	}
	free(decoder->indexes);
	free(decoder->row);
	free(decoder);
	return rc;
}

const struct image_codec image_bmp_codec = {"bmp", 1u << IMAGE_BMP, NULL, NULL, decode};
