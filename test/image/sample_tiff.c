#include "test/image/sample.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <tiffio.h>

struct kind {
	uint16_t photometric, bits, compression;
	bool tiled, separate, big;
	uint16_t alpha; /* EXTRASAMPLE_..., or 0 */
	uint16_t orientation;
};

#define TILE 64

struct writing {
	const struct picture *picture;
	const struct kind *kind;
	const uint8_t *indexes;
	unsigned samples;
};

static unsigned sample_at(const struct writing *writing, uint32_t x, uint32_t y, unsigned sample)
{
	const struct picture *picture = writing->picture;
	const uint8_t *pixel = picture_pixel(picture, x, y);
	uint8_t light = pixel[0] > pixel[1] ? pixel[0] : pixel[1];
	light = pixel[2] > light ? pixel[2] : light;
	switch (writing->kind->photometric) {
	case PHOTOMETRIC_MINISWHITE:
		return 255u - pixel[0];
	case PHOTOMETRIC_MINISBLACK:
		return sample ? pixel[3] : pixel[0];
	case PHOTOMETRIC_PALETTE:
		return writing->indexes[(size_t)y * picture->width + x];
	case PHOTOMETRIC_SEPARATED:
		return sample == 3 ? 255u - light : light ? 255u - pixel[sample] * 255u / light : 0;
	default:
		if (writing->kind->alpha == EXTRASAMPLE_ASSOCALPHA && sample < 3)
			return (pixel[sample] * pixel[3] + 127u) / 255;
		return pixel[sample];
	}
}

/* One sample of a plane of a region into its place; `beside` samples stand beside each other. */
static void fill(const struct writing *writing, uint32_t left, uint32_t top, uint32_t width,
	uint32_t height, unsigned first, unsigned beside, uint8_t *to, size_t stride)
{
	unsigned bits = writing->kind->bits;
	memset(to, 0, stride * height);
	for (uint32_t y = 0; y < height && top + y < writing->picture->height; y++)
		for (uint32_t x = 0; x < width && left + x < writing->picture->width; x++)
			for (unsigned i = 0; i < beside; i++) {
				unsigned value = sample_at(writing, left + x, top + y, first + i);
				size_t at = (size_t)x * beside + i;
				uint8_t *row = to + y * stride;
				if (bits == 16)
					((uint16_t *)(void *)row)[at] =
						(uint16_t)(value << 8 | (x & 255));
				else if (bits == 8)
					row[at] = (uint8_t)value;
				else
					row[at * bits / 8] |=
						(uint8_t)(value >>
							  (8 - bits) << (8 - bits - at * bits % 8));
			}
}

static bool write_pixels(TIFF *tiff, const struct writing *writing)
{
	const struct picture *picture = writing->picture;
	bool separate = writing->kind->separate, tiled = writing->kind->tiled;
	unsigned planes = separate ? writing->samples : 1, beside = separate ? 1 : writing->samples;
	size_t stride = (size_t)(tiled ? TIFFTileRowSize(tiff) : TIFFScanlineSize(tiff));
	uint32_t rows = tiled ? TILE : 7, step = tiled ? TILE : picture->width;
	uint8_t *part = malloc(stride * rows);
	bool good = part != NULL;
	for (unsigned plane = 0; good && plane < planes; plane++)
		for (uint32_t y = 0; good && y < picture->height; y += rows)
			for (uint32_t x = 0; good && x < picture->width; x += step) {
				uint32_t left = picture->height - y,
					 count = tiled || rows < left ? rows : left;
				fill(writing, x, y, step, count, plane, beside, part, stride);
				good = tiled ? TIFFWriteTile(
						       tiff, part, x, y, 0, (uint16_t)plane) >= 0
					     : TIFFWriteEncodedStrip(tiff,
						       TIFFComputeStrip(tiff, y, (uint16_t)plane),
						       part, (tmsize_t)(stride * count)) >= 0;
			}
	free(part);
	return good;
}

static void set_fields(TIFF *tiff, const struct writing *writing, uint8_t colours[256][3])
{
	const struct kind *kind = writing->kind;
	TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, writing->picture->width);
	TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, writing->picture->height);
	TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind->bits);
	TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, writing->samples);
	TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind->photometric);
	TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind->compression);
	TIFFSetField(tiff, TIFFTAG_PLANARCONFIG,
		kind->separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
	TIFFSetField(tiff, TIFFTAG_ORIENTATION, kind->orientation ? kind->orientation : 1);
	if (kind->compression == COMPRESSION_JPEG)
		TIFFSetField(tiff, TIFFTAG_JPEGQUALITY, 97);
	if (kind->alpha)
		TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind->alpha);
	if (kind->tiled) {
		TIFFSetField(tiff, TIFFTAG_TILEWIDTH, TILE);
		TIFFSetField(tiff, TIFFTAG_TILELENGTH, TILE);
	} else {
		TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 7);
	}
	if (kind->photometric == PHOTOMETRIC_PALETTE) {
		uint16_t map[3][256];
		for (int i = 0; i < 256; i++)
			for (int c = 0; c < 3; c++)
				map[c][i] = (uint16_t)(colours[i][c] * 257);
		TIFFSetField(tiff, TIFFTAG_COLORMAP, map[0], map[1], map[2]);
	}
}

static bool take_file(int fd, struct buf *file)
{
	off_t size = lseek(fd, 0, SEEK_END);
	void *bytes =
		size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
	if (bytes == MAP_FAILED)
		return false;
	buf_add(file, bytes, (size_t)size);
	munmap(bytes, (size_t)size);
	return !file->failed;
}

static bool make(struct picture *picture, const struct kind *kind, struct buf *file)
{
	uint8_t colours[256][3], *indexes = NULL;
	struct writing writing = {picture, kind, NULL, 3};
	if (kind->photometric <= PHOTOMETRIC_MINISBLACK) {
		if (kind->bits == 1)
			picture_threshold(picture);
		else
			picture_grey(picture);
		writing.samples = 1;
	} else if (kind->photometric == PHOTOMETRIC_PALETTE) {
		writing.indexes = indexes = picture_cube(picture, colours);
		writing.samples = 1;
	} else if (kind->photometric == PHOTOMETRIC_SEPARATED) {
		writing.samples = 4;
	}
	if (kind->alpha) {
		picture_fade(picture);
		writing.samples++;
	}
	int fd = memfd_create("tiff", 0), copy = dup(fd);
	TIFFSetWarningHandler(NULL);
	TIFF *tiff = TIFFFdOpen(fd, "memory", kind->big ? "w8" : "w");
	if (!tiff)
		return false;
	set_fields(tiff, &writing, colours);
	bool made = write_pixels(tiff, &writing);
	TIFFClose(tiff);
	made = made && take_file(copy, file);
	close(copy);
	free(indexes);
	return made;
}

#define MAKER(name, ...)                                                                           \
	static bool name(struct picture *picture, struct buf *file)                                \
	{                                                                                          \
		return make(picture, &(struct kind){__VA_ARGS__}, file);                           \
	}

MAKER(rgb, PHOTOMETRIC_RGB, 8, COMPRESSION_NONE)
MAKER(rgb_lzw, PHOTOMETRIC_RGB, 8, COMPRESSION_LZW)
MAKER(rgb_deflate_tiled, PHOTOMETRIC_RGB, 8, COMPRESSION_ADOBE_DEFLATE, .tiled = true)
MAKER(rgb_separate, PHOTOMETRIC_RGB, 8, COMPRESSION_LZW, .separate = true)
MAKER(rgb_separate_tiled, PHOTOMETRIC_RGB, 8, COMPRESSION_NONE, .tiled = true, .separate = true)
MAKER(rgb16, PHOTOMETRIC_RGB, 16, COMPRESSION_NONE)
MAKER(rgb16_big, PHOTOMETRIC_RGB, 16, COMPRESSION_ADOBE_DEFLATE, .big = true, .separate = true)
MAKER(rgb_turned, PHOTOMETRIC_RGB, 8, COMPRESSION_NONE, .orientation = ORIENTATION_RIGHTTOP)
MAKER(rgba, PHOTOMETRIC_RGB, 8, COMPRESSION_LZW, .alpha = EXTRASAMPLE_UNASSALPHA)
MAKER(rgba_premultiplied, PHOTOMETRIC_RGB, 8, COMPRESSION_NONE, .alpha = EXTRASAMPLE_ASSOCALPHA)
MAKER(rgb_zstd, PHOTOMETRIC_RGB, 8, COMPRESSION_ZSTD)
MAKER(grey, PHOTOMETRIC_MINISBLACK, 8, COMPRESSION_PACKBITS)
MAKER(grey16, PHOTOMETRIC_MINISBLACK, 16, COMPRESSION_NONE)
MAKER(grey_alpha, PHOTOMETRIC_MINISBLACK, 8, COMPRESSION_NONE, .alpha = EXTRASAMPLE_UNASSALPHA)
MAKER(grey_inverted, PHOTOMETRIC_MINISWHITE, 8, COMPRESSION_NONE)
MAKER(bits, PHOTOMETRIC_MINISBLACK, 1, COMPRESSION_NONE)
MAKER(fax, PHOTOMETRIC_MINISWHITE, 1, COMPRESSION_CCITTFAX4)
MAKER(palette, PHOTOMETRIC_PALETTE, 8, COMPRESSION_LZW)
MAKER(cmyk, PHOTOMETRIC_SEPARATED, 8, COMPRESSION_NONE)
MAKER(cmyk16, PHOTOMETRIC_SEPARATED, 16, COMPRESSION_LZW)

static bool ycbcr_jpeg(struct picture *picture, struct buf *file)
{
	/* libtiff's JPEG codec wants to be told to take RGB. */
	const struct kind kind = {PHOTOMETRIC_YCBCR, 8, COMPRESSION_JPEG};
	struct writing writing = {picture, &kind, NULL, 3};
	int fd = memfd_create("tiff", 0), copy = dup(fd);
	TIFF *tiff = TIFFFdOpen(fd, "memory", "w");
	if (!tiff)
		return false;
	set_fields(tiff, &writing, NULL);
	TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 16);
	TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
	bool made = true;
	uint8_t *row = malloc((size_t)picture->width * 3);
	for (uint32_t y = 0; made && y < picture->height; y++) {
		fill(&writing, 0, y, picture->width, 1, 0, 3, row, (size_t)picture->width * 3);
		made = TIFFWriteScanline(tiff, row, y, 0) >= 0;
	}
	free(row);
	TIFFClose(tiff);
	made = made && take_file(copy, file);
	close(copy);
	return made;
}

/* Not JPEG's: read by libtiff's own conversion. */
static bool ycbcr(struct picture *picture, struct buf *file)
{
	const struct kind kind = {PHOTOMETRIC_YCBCR, 8, COMPRESSION_LZW};
	struct writing writing = {picture, &kind, NULL, 3};
	struct picture mixed = {picture->width, picture->height, NULL};
	size_t count = (size_t)picture->width * picture->height;
	int fd = memfd_create("tiff", 0), copy = dup(fd);
	TIFF *tiff = TIFFFdOpen(fd, "memory", "w");
	mixed.rgba = malloc(count * 4);
	if (!tiff || !mixed.rgba)
		return false;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *pixel = picture->rgba + 4 * i;
		double r = pixel[0], g = pixel[1], b = pixel[2];
		mixed.rgba[4 * i] = (uint8_t)(.299 * r + .587 * g + .114 * b + .5);
		mixed.rgba[4 * i + 1] = (uint8_t)(128.5 - .168736 * r - .331264 * g + .5 * b);
		mixed.rgba[4 * i + 2] = (uint8_t)(128.5 + .5 * r - .418688 * g - .081312 * b);
		mixed.rgba[4 * i + 3] = 255;
	}
	writing.picture = &mixed;
	set_fields(tiff, &writing, NULL);
	TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, 1, 1);
	bool made = write_pixels(tiff, &writing);
	TIFFClose(tiff);
	made = made && take_file(copy, file);
	close(copy);
	picture_free(&mixed);
	return made;
}

const struct sample samples_tiff[] = {
	{"tiff rgb", "tiff", rgb, 0, false},
	{"tiff rgb lzw", "tiff", rgb_lzw, 0, false},
	{"tiff rgb deflate in tiles", "tiff", rgb_deflate_tiled, 0, false},
	{"tiff rgb in planes", "tiff", rgb_separate, 0, false},
	{"tiff rgb in planes and tiles", "tiff", rgb_separate_tiled, 0, false},
	{"tiff rgb 16 bits", "tiff", rgb16, 0, false},
	{"tiff rgb 16 bits BigTIFF in planes", "tiff", rgb16_big, 0, false},
	{"tiff turned by a tag", "tiff", rgb_turned, 0, false},
	{"tiff rgba", "tiff", rgba, 0, false},
	{"tiff rgba premultiplied", "tiff", rgba_premultiplied, 8, false},
	{"tiff rgb zstd", "tiff", rgb_zstd, 0, false},
	{"tiff grey packbits", "tiff", grey, 0, false},
	{"tiff grey 16 bits", "tiff", grey16, 0, false},
	{"tiff grey alpha", "tiff", grey_alpha, 0, false},
	{"tiff grey inverted", "tiff", grey_inverted, 0, false},
	{"tiff 1 bit", "tiff", bits, 0, false},
	{"tiff fax", "tiff", fax, 0, false},
	{"tiff palette", "tiff", palette, 0, false},
	{"tiff cmyk", "tiff", cmyk, 8, false},
	{"tiff cmyk 16 bits", "tiff", cmyk16, 8, false},
	{"tiff ycbcr jpeg", "tiff", ycbcr_jpeg, 8, false},
	{"tiff ycbcr lzw", "tiff", ycbcr, 8, false},
	{NULL, NULL, NULL, 0, false},
};
