/* GIF by giflib: the first frame on its canvas, which grows where the frame does not fit, as the peers have it. What
 * the frame leaves free has the colour of the transparent index, or of index 0, and no opacity. */
#include "media/image/codecs.h"

#include <stdlib.h>
#include <string.h>

#include <gif_lib.h>

struct decoder {
	struct image_job *job;
	size_t index; /* into the file */
	GifFileType *gif;
	int transparent; /* colour index, or NO_TRANSPARENT_COLOR */
	uint32_t width, height;
	uint8_t colours[256][4];
	uint8_t *indexes; /* a row of the frame, or all of it when interlaced */
	uint8_t *rows;    /* a row of the canvas */
};

static int read_bytes(GifFileType *gif, GifByteType *bytes, int count)
{
	struct decoder *decoder = gif->UserData;
	size_t left = decoder->job->size - decoder->index;
	size_t size = (size_t)count < left ? (size_t)count : left;
	memcpy(bytes, decoder->job->data + decoder->index, size);
	decoder->index += size;
	return (int)size;
}

static int fail(struct decoder *decoder)
{
	int error = decoder->gif->Error;
	const char *text = GifErrorString(error);
	if (error == D_GIF_ERR_NOT_ENOUGH_MEM)
		return image_no_memory(decoder->job);
	return image_fail(
		decoder->job, HILF_E_CORRUPT, "GIF: %s", text ? text : "the file is cut short");
}

static int read_extension(struct decoder *decoder)
{
	GifByteType *block;
	GraphicsControlBlock control;
	int code;
	if (DGifGetExtension(decoder->gif, &code, &block) == GIF_ERROR)
		return fail(decoder);
	if (block && code == GRAPHICS_EXT_FUNC_CODE &&
		DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
		decoder->transparent = control.TransparentColor;
	while (block)
		if (DGifGetExtensionNext(decoder->gif, &block) == GIF_ERROR)
			return fail(decoder);
	return 0;
}

/* To the first picture. */
static int find_frame(struct decoder *decoder)
{
	for (;;) {
		GifRecordType type;
		int rc = 0;
		if (DGifGetRecordType(decoder->gif, &type) == GIF_ERROR)
			return fail(decoder);
		if (type == IMAGE_DESC_RECORD_TYPE)
			return DGifGetImageDesc(decoder->gif) == GIF_ERROR ? fail(decoder) : 0;
		if (type == EXTENSION_RECORD_TYPE)
			rc = read_extension(decoder);
		else
			rc = image_fail(
				decoder->job, HILF_E_CORRUPT, "GIF: there is no picture in it");
		if (rc)
			return rc;
	}
}

/* Without a palette indexes are shades of grey. */
static void set_colours(struct decoder *decoder)
{
	const ColorMapObject *map = decoder->gif->Image.ColorMap;
	if (!map)
		map = decoder->gif->SColorMap;
	for (int i = 0; i < 256; i++) {
		uint8_t *colour = decoder->colours[i];
		memset(colour, map ? 0 : i, 3);
		colour[3] = i == decoder->transparent ? 0 : 255;
		if (map && i < map->ColorCount) {
			colour[0] = map->Colors[i].Red;
			colour[1] = map->Colors[i].Green;
			colour[2] = map->Colors[i].Blue;
		}
	}
}

/* One row of the canvas; indexes: the frame's part of it, or NULL above and below. */
static void put_row(struct decoder *decoder, const uint8_t *indexes)
{
	const GifImageDesc *frame = &decoder->gif->Image;
	uint8_t outside[4], *row = decoder->rows;
	memcpy(outside, decoder->colours[decoder->transparent >= 0 ? decoder->transparent : 0], 4);
	outside[3] = 0;
	for (uint32_t x = 0; x < decoder->width; x++, row += 4) {
		uint32_t inside = x - (uint32_t)frame->Left;
		bool in = indexes && x >= (uint32_t)frame->Left && inside < (uint32_t)frame->Width;
		memcpy(row, in ? decoder->colours[indexes[inside]] : outside, 4);
	}
	image_rows(decoder->job, decoder->rows, (size_t)decoder->width * 4, 1);
}

static int read_interlaced(struct decoder *decoder)
{
	static const uint8_t first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
	const GifImageDesc *frame = &decoder->gif->Image;
	for (int pass = 0; pass < 4; pass++)
		for (int y = first[pass]; y < frame->Height; y += step[pass])
			if (DGifGetLine(decoder->gif,
				    decoder->indexes + (size_t)y * (size_t)frame->Width,
				    frame->Width) == GIF_ERROR)
				return fail(decoder);
	return 0;
}

static int read_frame(struct decoder *decoder)
{
	const GifImageDesc *frame = &decoder->gif->Image;
	size_t frame_width = (size_t)frame->Width;
	decoder->indexes = calloc(frame->Interlace ? (size_t)frame->Height : 1, frame_width);
	decoder->rows = malloc((size_t)decoder->width * 4);
	if (!decoder->indexes || !decoder->rows)
		return image_no_memory(decoder->job);
	int rc = frame->Interlace ? read_interlaced(decoder) : 0;
	for (int y = 0; !rc && y < frame->Top; y++)
		put_row(decoder, NULL);
	for (int y = 0; !rc && y < frame->Height; y++) {
		if (!frame->Interlace &&
			DGifGetLine(decoder->gif, decoder->indexes, frame->Width) == GIF_ERROR)
			rc = fail(decoder);
		else
			put_row(decoder, decoder->indexes +
						 (frame->Interlace ? (size_t)y * frame_width : 0));
	}
	while (!rc && image_missing(decoder->job))
		put_row(decoder, NULL);
	return rc;
}

static int decode_gif(struct decoder *decoder)
{
	const GifFileType *gif = decoder->gif;
	int rc = find_frame(decoder);
	if (rc)
		return rc;
	if (gif->Image.Width <= 0 || gif->Image.Height <= 0 || gif->Image.Left < 0 ||
		gif->Image.Top < 0)
		return image_fail(
			decoder->job, HILF_E_CORRUPT, "GIF: the first frame has no pixels");
	uint32_t right = (uint32_t)gif->Image.Left + (uint32_t)gif->Image.Width;
	uint32_t bottom = (uint32_t)gif->Image.Top + (uint32_t)gif->Image.Height;
	decoder->width = right > (uint32_t)gif->SWidth ? right : (uint32_t)gif->SWidth;
	decoder->height = bottom > (uint32_t)gif->SHeight ? bottom : (uint32_t)gif->SHeight;
	bool whole = (uint32_t)gif->Image.Width == decoder->width &&
		     (uint32_t)gif->Image.Height == decoder->height;
	set_colours(decoder);
	rc = image_begin(decoder->job, decoder->width, decoder->height,
		whole && decoder->transparent < 0 ? IMAGE_RGBX8 : IMAGE_RGBA8);
	return rc ? rc : read_frame(decoder);
}

static int decode(struct image_job *job)
{
	struct decoder decoder = {.job = job, .transparent = NO_TRANSPARENT_COLOR};
	int error = 0;
	decoder.gif = DGifOpen(&decoder, read_bytes, &error);
	if (!decoder.gif)
		return error == D_GIF_ERR_NOT_ENOUGH_MEM
			       ? image_no_memory(job)
			       : image_fail(job, HILF_E_CORRUPT, "GIF: the head is broken");
	int rc = decode_gif(&decoder);
	DGifCloseFile(decoder.gif, &error);
	free(decoder.indexes);
	free(decoder.rows);
	return rc;
}

const struct image_codec image_gif = {"giflib", 1u << IMAGE_GIF, NULL, NULL, decode};
