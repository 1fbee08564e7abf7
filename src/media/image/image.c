/* The way of a picture: its head, its codec, its rows into up to three hashers. Rows are hashed while they are in the
 * cache; no picture is held for the hash's sake. */
#include "media/image/image.h"
#include "media/image/preview.h"

#include "base/check.h"
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIANTS   HILF_PICTURE_MAX
#define BATCH_ROWS 8u

struct image_hashers {
	uint32_t width, height, row_count;
	enum image_pixels pixels;
	bool transparent; /* something was not opaque */
	struct pdq
		*pdq[VARIANTS]; /* by enum hilf_variant; the last two only where there is opacity */
	uint8_t *blended;       /* BATCH_ROWS rows on black or white */
};

/* ------------------------------------------------------------------------------------------- for codecs */

int image_fail(struct image_job *job, enum hilf_code code, const char *format, ...)
{
	char text[sizeof job->err->text];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return err_set(job->err, code, "%s", text);
}

int image_no_memory(struct image_job *job)
{
	return image_fail(
		job, HILF_E_NO_MEMORY, "decoding it needs more memory than a decoder gets");
}

static void free_hashers(struct image_hashers *hashers)
{
	if (!hashers)
		return;
	for (size_t i = 0; i < VARIANTS; i++)
		if (hashers->pdq[i])
			pdq_free(hashers->pdq[i]);
	free(hashers->blended);
	free(hashers);
}

int image_begin(struct image_job *job, uint32_t width, uint32_t height, enum image_pixels pixels)
{
	static const enum pdq_format formats[] = {[IMAGE_GRAY8] = PDQ_GRAY8,
		[IMAGE_RGB8] = PDQ_RGB8,
		[IMAGE_RGBX8] = PDQ_RGBX8,
		[IMAGE_RGBA8] = PDQ_RGBX8};
	struct image_head head = job->head;
	ASSERT(!job->hashers);
	head.width = width;
	head.height = height;
	int rc = image_head_check(&head, job->size, job->err);
	if (rc)
		return rc;
	struct image_hashers *hashers = calloc(1, sizeof *hashers);
	if (!hashers)
		return image_no_memory(job);
	size_t count = pixels == IMAGE_RGBA8 ? VARIANTS : 1;
	*hashers = (struct image_hashers){.width = width, .height = height, .pixels = pixels};
	for (size_t i = 0; !rc && i < count; i++)
		rc = pdq_new(width, height, formats[pixels], &hashers->pdq[i], job->err);
	if (!rc && count > 1 && !(hashers->blended = malloc((size_t)width * 4 * BATCH_ROWS)))
		rc = image_no_memory(job);
	if (rc) {
		free_hashers(hashers);
		return rc;
	}
	job->hashers = hashers;
	if (job->preview)
		preview_begin(job->preview, width, height, pixels);
	return 0;
}

static bool opaque(const uint8_t *row, size_t width)
{
	uint8_t all = 255;
	for (size_t x = 0; x < width; x++)
		all &= row[4 * x + 3];
	return all == 255;
}

static void blend(const uint8_t *row, uint8_t *ret_row, size_t width, unsigned ground)
{
	for (size_t x = 0; x < width; x++, row += 4, ret_row += 4) {
		unsigned alpha = row[3], rest = (255 - alpha) * ground + 127;
		ret_row[0] = (uint8_t)((row[0] * alpha + rest) / 255);
		ret_row[1] = (uint8_t)((row[1] * alpha + rest) / 255);
		ret_row[2] = (uint8_t)((row[2] * alpha + rest) / 255);
	}
}

static void blended_rows(
	struct image_hashers *hashers, const uint8_t *rows, size_t stride, uint32_t count)
{
	size_t width = hashers->width;
	for (uint32_t done = 0; done < count;) {
		uint32_t batch = count - done < BATCH_ROWS ? count - done : BATCH_ROWS;
		const uint8_t *from = rows + done * stride;
		bool plain = true;
		for (uint32_t i = 0; i < batch; i++)
			plain &= opaque(from + i * stride, width);
		hashers->transparent |= !plain;
		for (unsigned variant = HILF_ON_BLACK; variant <= HILF_ON_WHITE; variant++) {
			for (uint32_t i = 0; !plain && i < batch; i++)
				blend(from + i * stride, hashers->blended + i * width * 4, width,
					variant == HILF_ON_WHITE ? 255 : 0);
			pdq_rows(hashers->pdq[variant], plain ? from : hashers->blended,
				plain ? stride : width * 4, batch);
		}
		done += batch;
	}
}

uint32_t image_missing(const struct image_job *job)
{
	ASSERT(job->hashers);
	return job->hashers->height - job->hashers->row_count;
}

void image_rows(struct image_job *job, const uint8_t *rows, size_t stride, uint32_t count)
{
	struct image_hashers *hashers = job->hashers;
	uint32_t missing = image_missing(job);
	if (count > missing)
		count = missing;
	if (!count)
		return;
	pdq_rows(hashers->pdq[HILF_AS_IS], rows, stride, count);
	if (hashers->pixels == IMAGE_RGBA8)
		blended_rows(hashers, rows, stride, count);
	if (job->preview)
		preview_rows(job->preview, rows, stride, count);
	hashers->row_count += count;
}

/* 255 - round(ink * light / 255), by the shift that is exact for eight bits. */
static uint8_t without(unsigned ink, unsigned light)
{
	unsigned product = ink * light + 128;
	return (uint8_t)(light - ((product + (product >> 8)) >> 8));
}

void image_cmyk_rows(const uint8_t *cmyk, uint8_t *ret_rgb, size_t count)
{
	for (size_t i = 0; i < count; i++, cmyk += 4, ret_rgb += 3) {
		unsigned light = 255u - cmyk[3];
		ret_rgb[0] = without(cmyk[0], light);
		ret_rgb[1] = without(cmyk[1], light);
		ret_rgb[2] = without(cmyk[2], light);
	}
}

/* ------------------------------------------------------------------------------------------ for the helper */

static const struct image_codec *find_codec(const uint8_t *data, size_t size)
{
	enum image_format format = image_sniff(data, size);
	for (size_t i = 0; image_codecs[i]; i++) {
		const struct image_codec *codec = image_codecs[i];
		if (codec->formats ? format != IMAGE_UNKNOWN && (codec->formats >> format & 1)
				   : codec->sniff(data, size))
			return codec;
	}
	return NULL;
}

/* Hands on what the hashers hold, even after a failure; 0, or HILF_E_STOPPED. */
static int finish(struct image_job *job, bool failed, const struct image_out *out)
{
	struct image_hashers *hashers = job->hashers;
	if (!hashers || hashers->row_count < hashers->height - hashers->height / 2)
		return 0;
	size_t count = hashers->transparent ? VARIANTS : 1;
	for (size_t i = 0; i < count; i++) {
		struct pdq_result result;
		pdq_finish(hashers->pdq[i], &result);
		if (out->picture(out->ctx, (uint8_t)i, failed, &result) != 0)
			return HILF_E_STOPPED;
	}
	struct image_shown shown;
	if (!job->preview || !preview_finish(job->preview, &shown))
		return 0;
	bool moves = job->head.frame_count > 1 && job->head.format != IMAGE_TIFF;
	shown.kind = moves ? PREVIEW_FRAME : PREVIEW_PAGE;
	return out->preview(out->ctx, &shown) == 0 ? 0 : HILF_E_STOPPED;
}

int image_decode(
	const uint8_t *data, size_t size, const struct image_out *out, struct hilf_err *err)
{
	struct hilf_err own;
	struct image_job job = {.data = data, .size = size, .err = err ? err : &own};
	const struct image_codec *codec = find_codec(data, size);
	int rc = 0;
	if (!codec && image_sniff(data, size) != IMAGE_UNKNOWN)
		return err_set(err, HILF_E_UNSUPPORTED, "this build of hilf does not read %s",
			image_format_name(image_sniff(data, size)));
	if (!codec || codec->formats)
		rc = image_head_read(data, size, &job.head, err);
	if (rc)
		return rc;
	if (job.head.format != IMAGE_UNKNOWN && out->head(out->ctx, &job.head) != 0)
		return HILF_E_STOPPED;
	if (out->preview)
		job.preview = preview_new();
	rc = codec->decode(&job);
	if (!rc && (!job.hashers || image_missing(&job)))
		rc = image_fail(&job, HILF_E_CORRUPT, "the file holds fewer rows than it claims");
	int stopped = finish(&job, rc != 0, out);
	free_hashers(job.hashers);
	preview_free(job.preview);
	return stopped ? stopped : rc;
}

unsigned image_prepare(void)
{
	unsigned formats = 0;
	for (size_t i = 0; image_codecs[i]; i++) {
		if (image_codecs[i]->prepare)
			image_codecs[i]->prepare();
		formats |= image_codecs[i]->formats;
	}
	return formats;
}
