#include "test/image/sample.h"

#include <stdlib.h>
#include <string.h>

#include <png.h>

static void write_bytes(png_structp png, png_bytep bytes, size_t count)
{
	buf_add(png_get_io_ptr(png), bytes, count);
}

struct kind {
	int type, depth;
	bool interlaced, key; /* key: a colour that is transparent */
};

/* The samples of a row, in the kind's own width. */
static void pack_row(const struct picture *picture, uint32_t y, const struct kind *kind,
	const uint8_t *indexes, uint8_t *row)
{
	static const size_t offsets[4][5] = {{1, 0}, {3, 0, 1, 2}, {2, 0, 3}, {4, 0, 1, 2, 3}};
	const size_t *parts = offsets[kind->type == PNG_COLOR_TYPE_RGB          ? 1
				      : kind->type == PNG_COLOR_TYPE_GRAY_ALPHA ? 2
				      : kind->type == PNG_COLOR_TYPE_RGBA       ? 3
										: 0];
	size_t bit = 0;
	memset(row, 0, (size_t)picture->width * 8);
	for (uint32_t x = 0; x < picture->width; x++) {
		for (size_t i = 1; i <= parts[0]; i++) {
			unsigned value = indexes ? indexes[(size_t)y * picture->width + x]
						 : picture_pixel(picture, x, y)[parts[i]];
			if (kind->depth < 8 && !indexes)
				value >>= 8 - kind->depth;
			if (kind->depth <= 8)
				row[bit / 8] |=
					(uint8_t)(value << (8 - kind->depth - (int)(bit % 8)));
			else
				row[bit / 8] = (uint8_t)value, row[bit / 8 + 1] = (uint8_t)(x * 7);
			bit += (size_t)kind->depth;
		}
	}
}

static bool write_png(const struct picture *picture, const struct kind *kind,
	const uint8_t *indexes, uint8_t colours[256][3], struct buf *file)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	uint8_t *row = malloc((size_t)picture->width * 8);
	png_color palette[256];
	png_set_write_fn(png, file, write_bytes, NULL);
	png_set_IHDR(png, info, picture->width, picture->height, kind->depth, kind->type,
		kind->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
		PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	for (int i = 0; indexes && i < 256; i++)
		palette[i] = (png_color){colours[i][0], colours[i][1], colours[i][2]};
	if (indexes)
		png_set_PLTE(png, info, palette, 1 << kind->depth);
	if (kind->key) {
		png_byte alpha[256];
		memset(alpha, 255, sizeof alpha);
		memset(alpha, 40, 100);
		png_set_tRNS(png, info, alpha, 256, NULL);
	}
	/* What must not change the picture. */
	png_set_gAMA(png, info, 1.0);
	png_set_pHYs(png, info, 1, 2, PNG_RESOLUTION_METER);
	png_write_info(png, info);
	int passes = kind->interlaced ? png_set_interlace_handling(png) : 1;
	for (int pass = 0; pass < passes; pass++)
		for (uint32_t y = 0; y < picture->height; y++) {
			pack_row(picture, y, kind, indexes, row);
			png_write_row(png, row);
		}
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	free(row);
	return !file->failed;
}

static bool rgb(struct picture *picture, struct buf *file)
{
	return write_png(
		picture, &(struct kind){PNG_COLOR_TYPE_RGB, 8, false, false}, NULL, NULL, file);
}

static bool rgb_interlaced(struct picture *picture, struct buf *file)
{
	return write_png(
		picture, &(struct kind){PNG_COLOR_TYPE_RGB, 8, true, false}, NULL, NULL, file);
}

static bool rgb16(struct picture *picture, struct buf *file)
{
	return write_png(
		picture, &(struct kind){PNG_COLOR_TYPE_RGB, 16, false, false}, NULL, NULL, file);
}

static bool rgba(struct picture *picture, struct buf *file)
{
	picture_fade(picture);
	return write_png(
		picture, &(struct kind){PNG_COLOR_TYPE_RGBA, 8, false, false}, NULL, NULL, file);
}

static bool rgba16_interlaced(struct picture *picture, struct buf *file)
{
	picture_fade(picture);
	return write_png(
		picture, &(struct kind){PNG_COLOR_TYPE_RGBA, 16, true, false}, NULL, NULL, file);
}

static bool rgba_opaque(struct picture *picture, struct buf *file)
{
	return write_png(
		picture, &(struct kind){PNG_COLOR_TYPE_RGBA, 8, false, false}, NULL, NULL, file);
}

static bool grey(struct picture *picture, struct buf *file)
{
	picture_grey(picture);
	return write_png(
		picture, &(struct kind){PNG_COLOR_TYPE_GRAY, 8, false, false}, NULL, NULL, file);
}

static bool grey16(struct picture *picture, struct buf *file)
{
	picture_grey(picture);
	return write_png(
		picture, &(struct kind){PNG_COLOR_TYPE_GRAY, 16, false, false}, NULL, NULL, file);
}

static bool grey_alpha(struct picture *picture, struct buf *file)
{
	picture_grey(picture);
	picture_fade(picture);
	return write_png(picture, &(struct kind){PNG_COLOR_TYPE_GRAY_ALPHA, 8, false, false}, NULL,
		NULL, file);
}

static bool bits(struct picture *picture, struct buf *file)
{
	picture_threshold(picture);
	return write_png(
		picture, &(struct kind){PNG_COLOR_TYPE_GRAY, 1, false, false}, NULL, NULL, file);
}

static bool palette(struct picture *picture, struct buf *file)
{
	uint8_t colours[256][3], *indexes = picture_cube(picture, colours);
	bool made = write_png(picture, &(struct kind){PNG_COLOR_TYPE_PALETTE, 8, false, false},
		indexes, colours, file);
	free(indexes);
	return made;
}

static bool palette_alpha(struct picture *picture, struct buf *file)
{
	uint8_t colours[256][3], *indexes = picture_cube(picture, colours);
	bool made = write_png(picture, &(struct kind){PNG_COLOR_TYPE_PALETTE, 8, false, true},
		indexes, colours, file);
	for (size_t i = 0; i < (size_t)picture->width * picture->height; i++)
		picture->rgba[4 * i + 3] = indexes[i] < 100 ? 40 : 255;
	free(indexes);
	return made;
}

static bool palette1_interlaced(struct picture *picture, struct buf *file)
{
	uint8_t colours[256][3] = {{0, 0, 0}, {255, 255, 255}};
	size_t count = (size_t)picture->width * picture->height;
	uint8_t *indexes = malloc(count);
	picture_threshold(picture);
	for (size_t i = 0; i < count; i++)
		indexes[i] = picture->rgba[4 * i] / 255;
	bool made = write_png(picture, &(struct kind){PNG_COLOR_TYPE_PALETTE, 1, true, false},
		indexes, colours, file);
	free(indexes);
	return made;
}

const struct sample samples_png[] = {
	{"png rgb", "png", rgb, 0, false},
	{"png rgb interlaced", "png", rgb_interlaced, 0, false},
	{"png rgb 16 bits", "png", rgb16, 0, false},
	{"png rgba", "png", rgba, 0, false},
	{"png rgba 16 bits interlaced", "png", rgba16_interlaced, 0, false},
	{"png rgba opaque", "png", rgba_opaque, 0, false},
	{"png grey", "png", grey, 0, false},
	{"png grey 16 bits", "png", grey16, 0, false},
	{"png grey alpha", "png", grey_alpha, 0, false},
	{"png 1 bit", "png", bits, 0, false},
	{"png palette", "png", palette, 0, false},
	{"png palette alpha", "png", palette_alpha, 0, false},
	{"png palette 1 bit interlaced", "png", palette1_interlaced, 0, false},
	{NULL, NULL, NULL, 0, false},
};
