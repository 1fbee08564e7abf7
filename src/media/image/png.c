/* PNG by libpng, row by row; an interlaced one is gathered whole first. Of an animated one the first picture counts.
 * Chunks that change nothing here (profiles, texts, times) are passed over unread. */
#include "media/image/codecs.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#define BATCH_ROWS 16u

struct decoder {
	struct image_job *job;
	size_t index; /* into the file */
	png_structp png;
	png_infop info;
	int rc;
	uint8_t *pixels;
};

static void read_bytes(png_structp png, png_bytep bytes, size_t count)
{
	struct decoder *decoder = png_get_io_ptr(png);
	if (count > decoder->job->size - decoder->index)
		png_error(png, "the file is cut short");
	memcpy(bytes, decoder->job->data + decoder->index, count);
	decoder->index += count;
}

static void leave(png_structp png, png_const_charp text)
{
	struct decoder *decoder = png_get_error_ptr(png);
	bool memory = strstr(text, "memory") != NULL;
	decoder->rc = memory ? image_no_memory(decoder->job)
			     : image_fail(decoder->job, HILF_E_CORRUPT, "PNG: %s", text);
	longjmp(png_jmpbuf(png), 1);
}

static void say_nothing(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

/* Everything but the chunks that make the picture. */
static void pass_over(png_structp png)
{
	static const png_byte unread[] =
		"bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0"
		"sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0tIME\0zTXt";
	png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
	png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unread, (int)(sizeof unread / 5));
}

/* Everything into 8 bits: grey, RGB, or RGBA. */
static enum image_pixels set_transforms(struct decoder *decoder)
{
	png_structp png = decoder->png;
	png_byte type = png_get_color_type(png, decoder->info);
	bool alpha =
		(type & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, decoder->info, PNG_INFO_tRNS);
	png_set_strip_16(png);
	png_set_expand(png);
	if (alpha)
		png_set_gray_to_rgb(png);
	return alpha ? IMAGE_RGBA8 : type == PNG_COLOR_TYPE_GRAY ? IMAGE_GRAY8 : IMAGE_RGB8;
}

static void read_in_batches(struct decoder *decoder, size_t stride)
{
	uint32_t missing;
	while ((missing = image_missing(decoder->job)) > 0) {
		uint32_t count = missing < BATCH_ROWS ? missing : BATCH_ROWS;
		for (uint32_t i = 0; i < count; i++)
			png_read_row(decoder->png, decoder->pixels + i * stride, NULL);
		image_rows(decoder->job, decoder->pixels, stride, count);
	}
}

static void read_interlaced(struct decoder *decoder, size_t stride, uint32_t height, int pass_count)
{
	for (int pass = 0; pass < pass_count; pass++)
		for (uint32_t y = 0; y < height; y++)
			png_read_row(decoder->png, decoder->pixels + y * stride, NULL);
	image_rows(decoder->job, decoder->pixels, stride, height);
}

static void read_picture(struct decoder *decoder)
{
	png_structp png = decoder->png;
	png_set_user_limits(png, decoder->job->head.width, decoder->job->head.height);
	png_set_benign_errors(png, 1);
	pass_over(png);
	png_set_read_fn(png, decoder, read_bytes);
	png_read_info(png, decoder->info);
	enum image_pixels pixels = set_transforms(decoder);
	int pass_count = png_set_interlace_handling(png);
	png_read_update_info(png, decoder->info);
	uint32_t width = png_get_image_width(png, decoder->info),
		 height = png_get_image_height(png, decoder->info);
	size_t stride = png_get_rowbytes(png, decoder->info);
	decoder->rc = image_begin(decoder->job, width, height, pixels);
	if (decoder->rc)
		return;
	decoder->pixels = calloc(pass_count > 1 ? height : BATCH_ROWS, stride);
	if (!decoder->pixels) {
		decoder->rc = image_no_memory(decoder->job);
		return;
	}
	if (pass_count > 1)
		read_interlaced(decoder, stride, height, pass_count);
	else
		read_in_batches(decoder, stride);
	/* Checksums stand behind what they are of: only the end tells that all rows were right. */
	png_read_end(png, NULL);
}

static int decode(struct image_job *job)
{
	struct decoder *decoder = calloc(1, sizeof *decoder);
	if (!decoder)
		return image_no_memory(job);
	decoder->job = job;
	decoder->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, decoder, leave, say_nothing);
	decoder->info = decoder->png ? png_create_info_struct(decoder->png) : NULL;
	if (!decoder->info)
		decoder->rc = image_no_memory(job);
	else if (setjmp(png_jmpbuf(decoder->png)) == 0)
		read_picture(decoder);
	int rc = decoder->rc;
	png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
	free(decoder->pixels);
	free(decoder);
	return rc;
}

const struct image_codec image_png = {"libpng", 1u << IMAGE_PNG, NULL, NULL, decode};
