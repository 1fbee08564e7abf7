/* TIFF by libtiff, its first directory. Grey, RGB, palettes and CMYK of 1 to 16 bits in strips or tiles are read here,
 * as samples, so that opacity is dropped and 16 bits lose their low byte as everywhere; for all other kinds of colour
 * (YCbCr that is not JPEG's, CIE L*a*b*, LogLuv) libtiff's own conversion to RGBA does.
 *
 *   a band = the rows of a strip, or of a row of tiles, by plane:
 *   [plane 0: row 0, row 1, ...] [plane 1 ...]        one plane of interleaved samples, or one plane a sample */
#include "media/image/codecs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tiffio.h>

#define SAMPLES_MAX 8

struct decoder {
	struct image_job *job;
	uint64_t index; /* into the file */
	TIFF *tiff;
	char error[200]; /* the first that libtiff told */
	uint32_t width, height;
	uint32_t band_rows, tile_width; /* tile_width 0: strips */
	uint16_t bits, samples, photometric, planar, compression;
	uint16_t used; /* samples that make the colour: 1, 3 or 4 */
	bool alpha, premultiplied;
	size_t stride; /* of a plane's row within a band */
	uint8_t *band; /* planes after one another */
	uint8_t *tile;
	uint8_t *row;    /* one row of 8-bit samples, all of them */
	uint8_t *pixels; /* one row as it is hashed */
	uint8_t colours[256][3];
};

/* ---------------------------------------------------------------------------------------- the file in memory */

static tmsize_t read_bytes(thandle_t handle, void *bytes, tmsize_t count)
{
	struct decoder *decoder = handle;
	uint64_t size = decoder->job->size;
	if (count < 0 || decoder->index > size)
		return 0;
	uint64_t left = size - decoder->index;
	if ((uint64_t)count > left)
		count = (tmsize_t)left;
	memcpy(bytes, decoder->job->data + decoder->index, (size_t)count);
	decoder->index += (uint64_t)count;
	return count;
}

static tmsize_t write_nothing(thandle_t handle, void *bytes, tmsize_t count)
{
	(void)handle;
	(void)bytes;
	(void)count;
	return 0;
}

static toff_t seek(thandle_t handle, toff_t offset, int whence)
{
	struct decoder *decoder = handle;
	decoder->index = offset + (whence == SEEK_CUR          ? decoder->index
					  : whence == SEEK_END ? decoder->job->size
							       : 0);
	return decoder->index;
}

static int close_nothing(thandle_t handle)
{
	(void)handle;
	return 0;
}

static toff_t file_size(thandle_t handle)
{
	return ((struct decoder *)handle)->job->size;
}

static int map_file(thandle_t handle, void **ret_base, toff_t *ret_size)
{
	struct decoder *decoder = handle;
	/* libtiff only reads from it. */
	*ret_base = (void *)(uintptr_t)decoder->job->data;
	*ret_size = decoder->job->size;
	return 1;
}

static void unmap_nothing(thandle_t handle, void *base, toff_t size)
{
	(void)handle;
	(void)base;
	(void)size;
}

static void take_error(thandle_t handle, const char *module, const char *format, va_list arguments)
{
	struct decoder *decoder = handle;
	(void)module;
	if (decoder && !decoder->error[0])
		vsnprintf(decoder->error, sizeof decoder->error, format, arguments);
}

static int fail(struct decoder *decoder, enum hilf_code code)
{
	const char *text = decoder->error[0] ? decoder->error : "the file is broken or cut short";
	if (strstr(text, "memory") || strstr(text, "allocate"))
		return image_no_memory(decoder->job);
	if (strstr(text, "not configured") || strstr(text, "not supported") ||
		strstr(text, "not implemented"))
		code = HILF_E_UNSUPPORTED;
	return image_fail(decoder->job, code, "TIFF: %s", text);
}

/* ------------------------------------------------------------------------------------------------ the head */

static void read_alpha(struct decoder *decoder)
{
	uint16_t count = 0, *kinds = NULL;
	if (decoder->samples <= decoder->used || decoder->used == 4 ||
		decoder->photometric == PHOTOMETRIC_PALETTE ||
		!TIFFGetFieldDefaulted(decoder->tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) ||
		!count)
		return;
	decoder->premultiplied = kinds[0] == EXTRASAMPLE_ASSOCALPHA;
	decoder->alpha = decoder->premultiplied || kinds[0] == EXTRASAMPLE_UNASSALPHA;
}

/* Colours of 16 bits; some writers filled in 8. */
static bool read_colours(struct decoder *decoder)
{
	uint16_t *part[3];
	unsigned count = 1u << decoder->bits, shift = 0;
	if (!TIFFGetField(decoder->tiff, TIFFTAG_COLORMAP, &part[0], &part[1], &part[2]))
		return false;
	for (unsigned i = 0; i < count; i++)
		for (int c = 0; c < 3; c++)
			if (part[c][i] > 255)
				shift = 8;
	for (unsigned i = 0; i < count; i++)
		for (int c = 0; c < 3; c++)
			decoder->colours[i][c] = (uint8_t)(part[c][i] >> shift);
	return true;
}

/* Whether the samples can be read here; else libtiff converts. */
static bool read_kind(struct decoder *decoder)
{
	uint16_t format = SAMPLEFORMAT_UINT;
	TIFF *tiff = decoder->tiff;
	TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &decoder->bits);
	TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &decoder->samples);
	TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &decoder->planar);
	TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
	TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &decoder->compression);
	if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &decoder->photometric))
		decoder->photometric =
			decoder->samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISWHITE;
	if (decoder->photometric == PHOTOMETRIC_YCBCR && decoder->compression == COMPRESSION_JPEG &&
		decoder->planar == PLANARCONFIG_CONTIG) {
		TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
		decoder->photometric = PHOTOMETRIC_RGB;
	}
	switch (decoder->photometric) {
	case PHOTOMETRIC_MINISBLACK:
	case PHOTOMETRIC_MINISWHITE:
	case PHOTOMETRIC_PALETTE:
		decoder->used = 1;
		break;
	case PHOTOMETRIC_RGB:
		decoder->used = 3;
		break;
	case PHOTOMETRIC_SEPARATED:
		decoder->used = 4;
		break;
	default:
		return false;
	}
	bool small = decoder->bits == 1 || decoder->bits == 2 || decoder->bits == 4 ||
		     decoder->bits == 8;
	bool good =
		decoder->photometric == PHOTOMETRIC_PALETTE ? small : small || decoder->bits == 16;
	if (!good || format != SAMPLEFORMAT_UINT || decoder->samples < decoder->used ||
		decoder->samples > SAMPLES_MAX)
		return false;
	read_alpha(decoder);
	return decoder->photometric != PHOTOMETRIC_PALETTE || read_colours(decoder);
}

static enum image_pixels pixels_of(const struct decoder *decoder)
{
	if (decoder->alpha)
		return IMAGE_RGBA8;
	return decoder->used == 1 && decoder->photometric != PHOTOMETRIC_PALETTE ? IMAGE_GRAY8
										 : IMAGE_RGB8;
}

/* ------------------------------------------------------------------------------------------------- pixels */

/* `count` samples of a plane's row into every step-th byte: the high 8 bits of 16, all the shades of fewer. */
static void unpack(
	const struct decoder *decoder, const uint8_t *from, uint8_t *to, size_t count, size_t step)
{
	bool indexes = decoder->photometric == PHOTOMETRIC_PALETTE;
	unsigned bits = decoder->bits, most = (1u << (bits & 15)) - 1;
	if (bits == 16) {
		const uint16_t *wide = (const uint16_t *)(const void *)from;
		for (size_t i = 0; i < count; i++, to += step)
			*to = (uint8_t)(wide[i] >> 8);
	} else if (bits == 8) {
		for (size_t i = 0; i < count; i++, to += step)
			*to = from[i];
	} else {
		for (size_t i = 0; i < count; i++, to += step) {
			unsigned sample = from[i * bits / 8] >> (8 - bits - i * bits % 8) & most;
			*to = (uint8_t)(indexes ? sample : sample * 255 / most);
		}
	}
}

static uint8_t divide(uint8_t colour, uint8_t alpha)
{
	unsigned whole = alpha ? colour * 255u / alpha : 0;
	return (uint8_t)(whole > 255 ? 255 : whole);
}

static void put_pixel(const struct decoder *decoder, const uint8_t *sample, uint8_t *pixel)
{
	unsigned grey = decoder->used == 1;
	for (unsigned c = 0; c < 3; c++)
		pixel[c] = sample[grey ? 0 : c];
	if (!decoder->alpha)
		return;
	pixel[3] = sample[decoder->used];
	for (unsigned c = 0; decoder->premultiplied && c < 3; c++)
		pixel[c] = divide(pixel[c], pixel[3]);
}

/* A row of samples, all of a pixel beside each other, into a row to hash. */
static void put_row(struct decoder *decoder)
{
	size_t width = decoder->width, step = decoder->samples;
	const uint8_t *from = decoder->row;
	enum image_pixels kind = pixels_of(decoder);
	if (decoder->photometric == PHOTOMETRIC_MINISWHITE)
		for (size_t x = 0; x < width; x++)
			decoder->row[x * step] = (uint8_t)~decoder->row[x * step];
	for (size_t x = 0; x < width; x++, from += step) {
		if (decoder->photometric == PHOTOMETRIC_PALETTE)
			memcpy(decoder->pixels + 3 * x, decoder->colours[from[0]], 3);
		else if (decoder->used == 4)
			image_cmyk_rows(from, decoder->pixels + 3 * x, 1);
		else if (kind == IMAGE_GRAY8)
			decoder->pixels[x] = from[0];
		else
			put_pixel(
				decoder, from, decoder->pixels + (kind == IMAGE_RGBA8 ? 4 : 3) * x);
	}
	image_rows(decoder->job, decoder->pixels,
		width * (kind == IMAGE_GRAY8          ? 1
				: kind == IMAGE_RGBA8 ? 4
						      : 3),
		1);
}

static void put_band(struct decoder *decoder, uint32_t row_count)
{
	bool separate = decoder->planar == PLANARCONFIG_SEPARATE;
	size_t planes = separate ? decoder->samples : 1, width = decoder->width;
	for (uint32_t y = 0; y < row_count; y++) {
		for (size_t plane = 0; plane < planes; plane++) {
			const uint8_t *from =
				decoder->band + (plane * decoder->band_rows + y) * decoder->stride;
			unpack(decoder, from, decoder->row + plane,
				separate ? width : width * decoder->samples,
				separate ? decoder->samples : 1);
		}
		put_row(decoder);
	}
}

/* ------------------------------------------------------------------------------------------- strips, tiles */

static int read_strip(struct decoder *decoder, uint32_t y, uint16_t plane, uint32_t row_count)
{
	uint8_t *to = decoder->band + (size_t)plane * decoder->band_rows * decoder->stride;
	uint32_t strip = TIFFComputeStrip(decoder->tiff, y, plane);
	tmsize_t size = (tmsize_t)(row_count * decoder->stride);
	return TIFFReadEncodedStrip(decoder->tiff, strip, to, size) == size
		       ? 0
		       : fail(decoder, HILF_E_CORRUPT);
}

static int read_tiles(struct decoder *decoder, uint32_t y, uint16_t plane)
{
	uint8_t *to = decoder->band + (size_t)plane * decoder->band_rows * decoder->stride;
	size_t tile_stride = (size_t)TIFFTileRowSize(decoder->tiff);
	for (uint32_t x = 0; x < decoder->width; x += decoder->tile_width) {
		if (TIFFReadTile(decoder->tiff, decoder->tile, x, y, 0, plane) < 0)
			return fail(decoder, HILF_E_CORRUPT);
		size_t at = x / decoder->tile_width * tile_stride;
		for (uint32_t row = 0; row < decoder->band_rows; row++)
			memcpy(to + row * decoder->stride + at, decoder->tile + row * tile_stride,
				tile_stride);
	}
	return 0;
}

/* Rows in one piece are read one by one, which needs a strip's memory at most inside libtiff. */
static int read_lines(struct decoder *decoder)
{
	for (uint32_t y = 0; y < decoder->height; y++) {
		if (TIFFReadScanline(decoder->tiff, decoder->band, y, 0) < 0)
			return fail(decoder, HILF_E_CORRUPT);
		put_band(decoder, 1);
	}
	return 0;
}

static int read_bands(struct decoder *decoder)
{
	uint16_t planes = decoder->planar == PLANARCONFIG_SEPARATE ? decoder->samples : 1;
	for (uint32_t y = 0; y < decoder->height; y += decoder->band_rows) {
		uint32_t left = decoder->height - y,
			 row_count = left < decoder->band_rows ? left : decoder->band_rows;
		for (uint16_t plane = 0; plane < planes; plane++) {
			int rc = decoder->tile_width ? read_tiles(decoder, y, plane)
						     : read_strip(decoder, y, plane, row_count);
			if (rc)
				return rc;
		}
		put_band(decoder, row_count);
	}
	return 0;
}

/* Sizes, each within what the file claims of itself, which the head's check has bounded. */
static int make_room(struct decoder *decoder)
{
	size_t planes = decoder->planar == PLANARCONFIG_SEPARATE ? decoder->samples : 1;
	size_t beside = planes > 1 ? 1 : decoder->samples;
	uint32_t columns = decoder->width;
	if (TIFFIsTiled(decoder->tiff)) {
		uint32_t tile_height = 0;
		TIFFGetField(decoder->tiff, TIFFTAG_TILEWIDTH, &decoder->tile_width);
		TIFFGetField(decoder->tiff, TIFFTAG_TILELENGTH, &tile_height);
		decoder->band_rows = tile_height;
		if (!decoder->tile_width || !tile_height || decoder->tile_width > 65536 ||
			tile_height > 65536)
			return image_fail(decoder->job, HILF_E_CORRUPT,
				"TIFF: its tiles have an impossible size");
		decoder->stride = (size_t)TIFFTileRowSize(decoder->tiff) *
				  ((columns + decoder->tile_width - 1) / decoder->tile_width);
		decoder->tile = malloc((size_t)TIFFTileSize(decoder->tiff));
	} else {
		uint32_t rows = 0;
		TIFFGetFieldDefaulted(decoder->tiff, TIFFTAG_ROWSPERSTRIP, &rows);
		decoder->band_rows = planes == 1                      ? 1
				     : rows && rows < decoder->height ? rows
								      : decoder->height;
		decoder->stride = (size_t)TIFFScanlineSize(decoder->tiff);
	}
	if (decoder->stride < ((uint64_t)columns * decoder->bits * beside + 7) / 8)
		return image_fail(
			decoder->job, HILF_E_CORRUPT, "TIFF: its rows are shorter than its width");
	decoder->band = calloc(planes * decoder->band_rows, decoder->stride);
	decoder->row = malloc((size_t)columns * decoder->samples);
	decoder->pixels = malloc((size_t)columns * 4);
	bool got = decoder->band && decoder->row && decoder->pixels &&
		   (!decoder->tile_width || decoder->tile);
	return got ? 0 : image_no_memory(decoder->job);
}

/* -------------------------------------------------------------------------------------- other kinds of colour */

static int decode_converted(struct decoder *decoder)
{
	char text[1024];
	if (!TIFFRGBAImageOK(decoder->tiff, text))
		return image_fail(decoder->job, HILF_E_UNSUPPORTED, "TIFF: %.200s", text);
	int rc = image_begin(decoder->job, decoder->width, decoder->height, IMAGE_RGBX8);
	if (rc)
		return rc;
	uint32_t *pixels = calloc(decoder->height, (size_t)decoder->width * 4);
	if (!pixels)
		return image_no_memory(decoder->job);
	/* Turned by no tag: asked for as it is stored. */
	uint16_t orientation = ORIENTATION_TOPLEFT;
	TIFFGetFieldDefaulted(decoder->tiff, TIFFTAG_ORIENTATION, &orientation);
	if (TIFFReadRGBAImageOriented(
		    decoder->tiff, decoder->width, decoder->height, pixels, orientation, 1))
		image_rows(decoder->job, (const uint8_t *)pixels, (size_t)decoder->width * 4,
			decoder->height);
	else
		rc = fail(decoder, HILF_E_CORRUPT);
	free(pixels);
	return rc;
}

static int decode_samples(struct decoder *decoder)
{
	int rc = image_begin(decoder->job, decoder->width, decoder->height, pixels_of(decoder));
	if (!rc)
		rc = make_room(decoder);
	if (!rc)
		rc = decoder->tile_width || decoder->planar == PLANARCONFIG_SEPARATE
			     ? read_bands(decoder)
			     : read_lines(decoder);
	return rc;
}

static int decode(struct image_job *job)
{
	struct decoder *decoder = calloc(1, sizeof *decoder);
	if (!decoder)
		return image_no_memory(job);
	int rc;
	decoder->job = job;
	decoder->planar = PLANARCONFIG_CONTIG;
	decoder->tiff = TIFFClientOpen("file", "r", decoder, read_bytes, write_nothing, seek,
		close_nothing, file_size, map_file, unmap_nothing);
	if (!decoder->tiff || !TIFFGetField(decoder->tiff, TIFFTAG_IMAGEWIDTH, &decoder->width) ||
		!TIFFGetField(decoder->tiff, TIFFTAG_IMAGELENGTH, &decoder->height) ||
		!decoder->width || !decoder->height)
		rc = fail(decoder, HILF_E_CORRUPT);
	else
		rc = read_kind(decoder) ? decode_samples(decoder) : decode_converted(decoder);
	if (decoder->tiff)
		TIFFClose(decoder->tiff);
	free(decoder->band);
	free(decoder->tile);
	free(decoder->row);
	free(decoder->pixels);
	free(decoder);
	return rc;
}

static void prepare(void)
{
	TIFFSetErrorHandler(NULL);
	TIFFSetWarningHandler(NULL);
	TIFFSetErrorHandlerExt(take_error);
}

const struct image_codec image_tiff = {"libtiff", 1u << IMAGE_TIFF, NULL, prepare, decode};
