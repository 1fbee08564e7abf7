/* Netpbm's formats by hand: bitmaps, grey and colour, as text and as bytes, and PAM, with up to 16 bits a sample. */
#include "media/image/codecs.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_ROWS 16u

struct decoder {
	struct image_job *job;
	struct image_pnm pnm;
	size_t index;     /* into the file */
	uint8_t *levels;  /* maxval + 1: what a sample is in 8 bits */
	uint8_t *samples; /* a batch of rows, `depth` samples a pixel */
	uint8_t *pixels;  /* the same with grey and opacity spread to RGBA, where needed */
};

/* The full range of 16 bits loses its low byte; all others are scaled and rounded, as the peers do. */
static bool make_levels(struct decoder *decoder)
{
	uint32_t maxval = decoder->pnm.maxval;
	decoder->levels = malloc(maxval + 1);
	for (uint32_t i = 0; decoder->levels && i <= maxval; i++)
		decoder->levels[i] =
			(uint8_t)(maxval == UINT16_MAX ? i >> 8 : (i * 255 + maxval / 2) / maxval);
	return decoder->levels != NULL;
}

static int cut_short(struct decoder *decoder)
{
	return image_fail(decoder->job, HILF_E_CORRUPT, "PNM: the file is cut short");
}

static int impossible(struct decoder *decoder)
{
	return image_fail(
		decoder->job, HILF_E_CORRUPT, "PNM: a sample is larger than the head allows");
}

/* A sample written as digits; in bitmaps each digit is one. Comments may stand between. */
static int read_digits(struct decoder *decoder, bool bitmap, uint32_t *ret_sample)
{
	const uint8_t *data = decoder->job->data;
	size_t at = decoder->index, size = decoder->job->size;
	while (at < size && (data[at] < '0' || data[at] > '9')) {
		if (data[at] == '#')
			while (at < size && data[at] != '\n')
				at++;
		else if (data[at] != ' ' && (data[at] < '\t' || data[at] > '\r'))
			return image_fail(decoder->job, HILF_E_CORRUPT,
				"PNM: there is something else than numbers");
		at += at < size;
	}
	if (at == size)
		return cut_short(decoder);
	uint32_t sample = 0;
	for (size_t digits = 0; at < size && data[at] >= '0' && data[at] <= '9'; at++, digits++) {
		if (digits && bitmap)
			break;
		if (digits == 6)
			return impossible(decoder);
		sample = sample * 10 + (uint32_t)(data[at] - '0');
	}
	decoder->index = at;
	*ret_sample = sample;
	return sample > decoder->pnm.maxval ? impossible(decoder) : 0;
}

static int text_row(struct decoder *decoder, uint8_t *row, size_t count)
{
	bool bitmap = decoder->pnm.kind == 1;
	for (size_t i = 0; i < count; i++) {
		uint32_t sample = 0;
		int rc = read_digits(decoder, bitmap, &sample);
		if (rc)
			return rc;
		row[i] = bitmap ? (sample ? 0 : 255) : decoder->levels[sample];
	}
	return 0;
}

static int bit_row(struct decoder *decoder, uint8_t *row, size_t count)
{
	size_t size = (count + 7) / 8;
	if (size > decoder->job->size - decoder->index)
		return cut_short(decoder);
	const uint8_t *data = decoder->job->data + decoder->index;
	for (size_t i = 0; i < count; i++)
		row[i] = data[i / 8] >> (7 - i % 8) & 1 ? 0 : 255;
	decoder->index += size;
	return 0;
}

static int byte_row(struct decoder *decoder, uint8_t *row, size_t count)
{
	uint32_t maxval = decoder->pnm.maxval;
	size_t step = maxval > 255 ? 2 : 1;
	if (count * step > decoder->job->size - decoder->index)
		return cut_short(decoder);
	const uint8_t *data = decoder->job->data + decoder->index;
	decoder->index += count * step;
	if (maxval == 255) {
		memcpy(row, data, count);
		return 0;
	}
	for (size_t i = 0; i < count; i++, data += step) {
		uint32_t sample = step == 1 ? data[0] : (uint32_t)data[0] << 8 | data[1];
		if (sample > maxval)
			return impossible(decoder);
		row[i] = decoder->levels[sample];
	}
	return 0;
}

static int read_row(struct decoder *decoder, uint8_t *row)
{
	size_t count = (size_t)decoder->pnm.width * decoder->pnm.depth;
	if (decoder->pnm.kind <= 3)
		return text_row(decoder, row, count);
	return decoder->pnm.kind == 4 ? bit_row(decoder, row, count)
				      : byte_row(decoder, row, count);
}

/* Grey with opacity, spread. */
static void spread(const uint8_t *samples, uint8_t *pixels, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		memset(pixels + 4 * i, samples[2 * i], 3);
		pixels[4 * i + 3] = samples[2 * i + 1];
	}
}

static int read_rows(struct decoder *decoder)
{
	static const enum image_pixels kinds[] = {
		0, IMAGE_GRAY8, IMAGE_RGBA8, IMAGE_RGB8, IMAGE_RGBA8};
	const struct image_pnm *pnm = &decoder->pnm;
	size_t width = pnm->width, stride = width * pnm->depth;
	int rc = image_begin(decoder->job, pnm->width, pnm->height, kinds[pnm->depth]);
	if (rc)
		return rc;
	decoder->samples = malloc(stride * BATCH_ROWS);
	decoder->pixels = pnm->depth == 2 ? malloc(width * 4 * BATCH_ROWS) : NULL;
	if (!decoder->samples || (pnm->depth == 2 && !decoder->pixels) || !make_levels(decoder))
		return image_no_memory(decoder->job);
	uint32_t missing;
	while (!rc && (missing = image_missing(decoder->job)) > 0) {
		uint32_t count = 0;
		while (!rc && count < BATCH_ROWS && count < missing)
			if ((rc = read_row(decoder, decoder->samples + count * stride)) == 0)
				count++;
		if (decoder->pixels) {
			spread(decoder->samples, decoder->pixels, count * width);
			image_rows(decoder->job, decoder->pixels, width * 4, count);
		} else {
			image_rows(decoder->job, decoder->samples, stride, count);
		}
	}
	return rc;
}

static int decode(struct image_job *job)
{
	struct decoder decoder = {.job = job};
	int rc = image_pnm_read(job->data, job->size, &decoder.pnm, job->err);
	if (rc)
		return rc;
	decoder.index = decoder.pnm.data_index;
	rc = read_rows(&decoder);
	free(decoder.levels);
	free(decoder.samples);
	free(decoder.pixels);
	return rc;
}

const struct image_codec image_pnm_codec = {"pnm", 1u << IMAGE_PNM, NULL, NULL, decode};
