/* JPEG by libjpeg-turbo. A perceptual hash looks at 64 x 64 samples, so a large photograph is decoded at a half, a
 * quarter or an eighth, which the inverse DCT gives almost for free, as long as its short side keeps 1,024 pixels: on
 * photographs the hash then differs from the full-size one by a few bits at most (test/image/photo_test.c). Such a
 * decode asks for the luma alone: the hash uses nothing else, and the chroma planes are then neither transformed nor
 * upsampled nor mixed, and where they stand in scans of their own not even read (jpeg_luma.h).
 *
 * A preview is for people, who see colours, so where one is wanted the file is decoded a second time, far smaller.
 *
 * libjpeg fills in grey where data is missing and only warns; here the warnings that mean lost pixels are failures. */
#include "media/image/codecs.h"
#include "media/image/jpeg_luma.h"
#include "media/image/preview.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

#define SHORT_SIDE_MIN 1024u
#define BATCH_ROWS     16u

struct decoder {
	struct jpeg_error_mgr errors; /* first: libjpeg hands it back */
	struct jpeg_decompress_struct jpeg;
	struct jpeg_luma luma;
	struct image_job *job;
	jmp_buf escape;
	bool showing; /* the rows are for the preview alone */
	bool damaged; /* a warning that means lost pixels */
	char damage[JMSG_LENGTH_MAX];
};

static struct decoder *decoder_of(j_common_ptr common)
{
	return (struct decoder *)common->err;
}

static void leave(j_common_ptr common)
{
	struct decoder *decoder = decoder_of(common);
	char text[JMSG_LENGTH_MAX];
	enum hilf_code code = HILF_E_CORRUPT;
	common->err->format_message(common, text);
	switch (common->err->msg_code) {
	case JERR_OUT_OF_MEMORY:
		code = HILF_E_NO_MEMORY;
		break;
	case JERR_BAD_PRECISION:
	case JERR_SOF_UNSUPPORTED:
	case JERR_ARITH_NOTIMPL:
	case JERR_NOT_COMPILED:
	case JERR_CONVERSION_NOTIMPL:
	case JERR_CCIR601_NOTIMPL:
		code = HILF_E_UNSUPPORTED;
		break;
	}
	image_fail(decoder->job, code, "JPEG: %s", text);
	longjmp(decoder->escape, code == HILF_E_CORRUPT ? 1 : code == HILF_E_UNSUPPORTED ? 2 : 3);
}

static void warn(j_common_ptr common, int level)
{
	struct decoder *decoder = decoder_of(common);
	if (level >= 0 || decoder->damaged)
		return;
	switch (common->err->msg_code) {
	case JWRN_EXTRANEOUS_DATA:
	case JWRN_ADOBE_XFORM:
	case JWRN_JFIF_MAJOR:
	case JWRN_TOO_MUCH_DATA:
	case JWRN_BOGUS_PROGRESSION:
		return;
	}
	decoder->damaged = true;
	common->err->format_message(common, decoder->damage);
}

static void say_nothing(j_common_ptr common)
{
	(void)common;
}

/* The whole picture's short side stays at SHORT_SIDE_MIN or above; the scales are those libjpeg-turbo is fast at. */
static unsigned choose_eighths(uint32_t width, uint32_t height)
{
	uint32_t side = width < height ? width : height;
	for (unsigned eighths = 1; eighths < 8; eighths *= 2)
		if ((uint64_t)side * eighths >= SHORT_SIDE_MIN * 8)
			return eighths;
	return 8;
}

/* As few pixels as a preview can be made of. */
static int start_showing(struct decoder *decoder)
{
	struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
	uint32_t side =
		jpeg->image_width > jpeg->image_height ? jpeg->image_width : jpeg->image_height;
	unsigned eighths = 1;
	while (eighths < 8 && (uint64_t)side * eighths < PREVIEW_SIDE_MAX * 8)
		eighths *= 2;
	jpeg->scale_num = eighths;
	jpeg->scale_denom = 8;
	jpeg->out_color_space = JCS_EXT_RGBX;
	jpeg_start_decompress(jpeg);
	preview_begin(decoder->job->preview, jpeg->output_width, jpeg->output_height, IMAGE_RGBX8);
	return 0;
}

static int start(struct decoder *decoder)
{
	struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
	unsigned eighths = choose_eighths(jpeg->image_width, jpeg->image_height);
	enum image_pixels pixels = IMAGE_RGB8;
	jpeg->scale_num = eighths;
	jpeg->scale_denom = 8;
	if (jpeg->num_components == 4) {
		jpeg->out_color_space = JCS_CMYK;
	} else if (jpeg->jpeg_color_space == JCS_GRAYSCALE ||
		   (jpeg->jpeg_color_space == JCS_YCbCr && eighths < 8)) {
		jpeg->out_color_space = JCS_GRAYSCALE;
		pixels = IMAGE_GRAY8;
	} else if (jpeg->num_components == 3) {
		jpeg->out_color_space = JCS_EXT_RGBX;
		pixels = IMAGE_RGBX8;
	} else {
		return image_fail(decoder->job, HILF_E_UNSUPPORTED, "JPEG of %d components",
			jpeg->num_components);
	}
	if (pixels == IMAGE_GRAY8 && jpeg->num_components == 3 && jpeg_has_multiple_scans(jpeg))
		jpeg_luma_begin(&decoder->luma, jpeg, decoder->job->data, decoder->job->size);
	jpeg_start_decompress(jpeg);
	return image_begin(decoder->job, jpeg->output_width, jpeg->output_height, pixels);
}

static void give_rows(struct decoder *decoder, const uint8_t *rows, size_t stride, JDIMENSION count)
{
	if (decoder->showing)
		preview_rows(decoder->job->preview, rows, stride, count);
	else
		image_rows(decoder->job, rows, stride, count);
}

/* Rows into the hash, until the end or the first damage. A progressive file was read whole before its first row: its
 * damage is known, but all rows have something in them. */
static int read_rows(struct decoder *decoder, uint8_t *buffer)
{
	struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
	size_t stride = (size_t)jpeg->output_width * (size_t)jpeg->output_components;
	bool damaged_before = decoder->damaged, cmyk = jpeg->out_color_space == JCS_CMYK;
	uint8_t *rgb = buffer + BATCH_ROWS * stride;
	JSAMPROW rows[BATCH_ROWS];
	for (size_t i = 0; i < BATCH_ROWS; i++)
		rows[i] = buffer + i * stride;
	while (jpeg->output_scanline < jpeg->output_height && decoder->damaged == damaged_before) {
		JDIMENSION count = 0;
		while (count < BATCH_ROWS && jpeg->output_scanline < jpeg->output_height)
			count += jpeg_read_scanlines(jpeg, rows + count, BATCH_ROWS - count);
		if (cmyk) {
			/* Adobe's files hold inverted inks, and peers take every file for Adobe's. */
			for (size_t i = 0; i < count * stride; i++)
				buffer[i] = (uint8_t)~buffer[i];
			image_cmyk_rows(buffer, rgb, (size_t)count * jpeg->output_width);
			image_rows(decoder->job, rgb, (size_t)jpeg->output_width * 3, count);
		} else {
			give_rows(decoder, buffer, stride, count);
		}
	}
	if (!decoder->damaged)
		jpeg_finish_decompress(jpeg);
	return decoder->damaged
		       ? image_fail(decoder->job, HILF_E_CORRUPT, "JPEG: %s", decoder->damage)
		       : 0;
}

/* *grey: it has colours, and they were left out. */
static int read_file(struct image_job *job, bool showing, bool *grey)
{
	static const int codes[] = {0, HILF_E_CORRUPT, HILF_E_UNSUPPORTED, HILF_E_NO_MEMORY};
	struct decoder decoder = {.job = job, .showing = showing};
	uint8_t *volatile buffer = NULL;
	volatile int rc = 0;
	decoder.jpeg.err = jpeg_std_error(&decoder.errors);
	decoder.errors.error_exit = leave;
	decoder.errors.emit_message = warn;
	decoder.errors.output_message = say_nothing;
	int escaped = setjmp(decoder.escape);
	if (escaped) {
		rc = codes[escaped];
	} else {
		jpeg_create_decompress(&decoder.jpeg);
		jpeg_mem_src(&decoder.jpeg, job->data, job->size);
		jpeg_read_header(&decoder.jpeg, TRUE);
		rc = showing ? start_showing(&decoder) : start(&decoder);
		*grey = decoder.jpeg.out_color_space == JCS_GRAYSCALE &&
			decoder.jpeg.num_components == 3;
		if (!rc) {
			buffer = malloc((size_t)decoder.jpeg.output_width * 8 * BATCH_ROWS);
			rc = buffer ? read_rows(&decoder, buffer) : image_no_memory(job);
		}
	}
	jpeg_destroy_decompress(&decoder.jpeg);
	free(buffer);
	return rc;
}

/* Whatever goes wrong the second time was told the first time, or is of the preview alone. */
static void show_colours(const struct image_job *job)
{
	struct hilf_err err;
	struct image_job again = *job;
	bool grey;
	again.err = &err;
	read_file(&again, true, &grey);
}

static int decode(struct image_job *job)
{
	bool grey = false;
	int rc = read_file(job, false, &grey);
	if (job->preview && job->hashers && grey)
		show_colours(job);
	return rc;
}

const struct image_codec image_jpeg = {"libjpeg-turbo", 1u << IMAGE_JPEG, NULL, NULL, decode};
