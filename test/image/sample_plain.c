/* BMP and PNM, by hand as the readers are. */
#include "test/image/sample.h"

#include <stdlib.h>
#include <string.h>

static void little(struct buf *file, uint32_t value, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		buf_char(file, (char)(value >> (8 * i)));
}

/* --------------------------------------------------------------------------------------------------- BMP */

struct bmp {
	unsigned bits, packing;
	bool top_down, core, alpha;
};

static void write_head(const struct picture *picture, const struct bmp *bmp, struct buf *file)
{
	unsigned palette = bmp->bits > 8 ? 0 : 1u << bmp->bits;
	unsigned head = bmp->core ? 12 : bmp->alpha ? 108 : 40;
	unsigned masks = bmp->packing == 3 && !bmp->alpha ? 12 : 0;
	buf_text(file, "BM");
	little(file, 0, 4);
	little(file, 0, 4);
	little(file, 14 + head + masks + palette * (bmp->core ? 3 : 4), 4);
	little(file, head, 4);
	little(file, picture->width, bmp->core ? 2 : 4);
	little(file, bmp->top_down ? (uint32_t) - (int32_t)picture->height : picture->height,
		bmp->core ? 2 : 4);
	little(file, 1, 2);
	little(file, bmp->bits, 2);
	if (bmp->core)
		return;
	little(file, bmp->packing, 4);
	for (int i = 0; i < 5; i++)
		little(file, 0, 4);
	if (bmp->packing == 3) {
		bool narrow = bmp->bits == 16;
		little(file, narrow ? 0xf800 : 0x000000ff, 4);
		little(file, narrow ? 0x07e0 : 0x0000ff00, 4);
		little(file, narrow ? 0x001f : 0x00ff0000, 4);
	}
	if (bmp->alpha) {
		little(file, 0xff000000, 4);
		for (unsigned i = 0; i < 108 - 56; i++)
			buf_char(file, 0);
	}
}

static void write_colours(const struct bmp *bmp, uint8_t colours[256][3], struct buf *file)
{
	for (unsigned i = 0; i < 1u << bmp->bits; i++) {
		const char entry[4] = {
			(char)colours[i][2], (char)colours[i][1], (char)colours[i][0], 0};
		buf_add(file, entry, bmp->core ? 3 : 4);
	}
}

static void pack_pixel(const uint8_t *pixel, const struct bmp *bmp, struct buf *file)
{
	uint32_t r = pixel[0], g = pixel[1], b = pixel[2];
	if (bmp->bits == 24 || (bmp->bits == 32 && bmp->packing == 0))
		little(file, r << 16 | g << 8 | b | 0x55000000, bmp->bits / 8);
	else if (bmp->bits == 32)
		little(file, r | g << 8 | b << 16 | (uint32_t)pixel[3] << 24, 4);
	else if (bmp->packing == 3)
		little(file, r >> 3 << 11 | g >> 2 << 5 | b >> 3, 2);
	else
		little(file, r >> 3 << 10 | g >> 3 << 5 | b >> 3, 2);
}

static bool write_plain(const struct picture *picture, const struct bmp *bmp,
	const uint8_t *indexes, struct buf *file)
{
	for (uint32_t i = 0; i < picture->height; i++) {
		uint32_t y = bmp->top_down ? i : picture->height - 1 - i;
		size_t begin = file->size;
		unsigned held = 0, bits = 0;
		for (uint32_t x = 0; x < picture->width; x++) {
			if (!indexes) {
				pack_pixel(picture_pixel(picture, x, y), bmp, file);
				continue;
			}
			held = held << bmp->bits | indexes[(size_t)y * picture->width + x];
			bits += bmp->bits;
			if (bits == 8 || x + 1 == picture->width) {
				buf_char(file, (char)(held << (8 - bits)));
				held = bits = 0;
			}
		}
		while ((file->size - begin) % 4)
			buf_char(file, 0);
	}
	return !file->failed;
}

/* Runs, literals of odd size, and rows ended early where the rest is colour 0. */
static bool write_packed(const struct picture *picture, const struct bmp *bmp,
	const uint8_t *indexes, struct buf *file)
{
	bool halves = bmp->packing == 2;
	for (uint32_t i = 0; i < picture->height; i++) {
		const uint8_t *row = indexes + (size_t)(picture->height - 1 - i) * picture->width;
		uint32_t end = picture->width;
		while (end && !row[end - 1])
			end--;
		for (uint32_t x = 0; x < end;) {
			uint32_t run = 1, most = end - x < 255 ? end - x : 255;
			while (run < most && row[x + run] == row[x])
				run++;
			if (run >= 3 || end - x < 5) {
				buf_char(file, (char)run);
				buf_char(file, (char)(halves ? row[x] << 4 | row[x] : row[x]));
				x += run;
				continue;
			}
			size_t begin = file->size;
			buf_char(file, 0);
			buf_char(file, 5);
			for (uint32_t j = 0; j < 5; j += halves ? 2 : 1)
				buf_char(file, (char)(halves ? row[x + j] << 4 |
								       (j < 4 ? row[x + j + 1] : 0)
							     : row[x + j]));
			if ((file->size - begin) % 2)
				buf_char(file, 0);
			x += 5;
		}
		buf_char(file, 0);
		buf_char(file, i + 1 == picture->height ? 1 : 0);
	}
	return !file->failed;
}

/* What 16 bits leave of a picture. */
static void narrow(struct picture *picture, unsigned green_bits)
{
	for (size_t i = 0; i < (size_t)picture->width * picture->height; i++) {
		uint8_t *pixel = picture->rgba + 4 * i;
		unsigned most = (1u << green_bits) - 1;
		pixel[0] = (uint8_t)((pixel[0] >> 3) * 255 / 31);
		pixel[1] = (uint8_t)((pixel[1] >> (8 - green_bits)) * 255 / most);
		pixel[2] = (uint8_t)((pixel[2] >> 3) * 255 / 31);
	}
}

static bool make(struct picture *picture, const struct bmp *bmp, struct buf *file)
{
	uint8_t colours[256][3] = {{0}}, *indexes = NULL;
	if (bmp->bits == 8) {
		indexes = picture_cube(picture, colours);
	} else if (bmp->bits < 8) {
		/* Shades of grey, as many as there are. */
		size_t count = (size_t)picture->width * picture->height;
		unsigned most = (1u << bmp->bits) - 1;
		picture_grey(picture);
		indexes = malloc(count);
		for (unsigned i = 0; i <= most; i++)
			memset(colours[i], (int)(i * 255 / most), 3);
		for (size_t i = 0; i < count; i++) {
			indexes[i] = picture->rgba[4 * i] >> (8 - bmp->bits);
			memcpy(picture->rgba + 4 * i, colours[indexes[i]], 3);
		}
	}
	if (bmp->alpha)
		picture_fade(picture);
	write_head(picture, bmp, file);
	if (indexes)
		write_colours(bmp, colours, file);
	bool made = bmp->packing == 1 || bmp->packing == 2
			    ? write_packed(picture, bmp, indexes, file)
			    : write_plain(picture, bmp, indexes, file);
	if (bmp->bits == 16)
		narrow(picture, bmp->packing == 3 ? 6 : 5);
	free(indexes);
	return made;
}

#define BMP(name, ...)                                                                             \
	static bool name(struct picture *picture, struct buf *file)                                \
	{                                                                                          \
		return make(picture, &(struct bmp){__VA_ARGS__}, file);                            \
	}

BMP(bmp1, 1, 0)
BMP(bmp4, 4, 0)
BMP(bmp8, 8, 0)
BMP(bmp8_core, 8, 0, .core = true)
BMP(bmp8_rle, 8, 1)
BMP(bmp4_rle, 4, 2)
BMP(bmp16, 16, 0)
BMP(bmp16_fields, 16, 3)
BMP(bmp24, 24, 0)
BMP(bmp24_top_down, 24, 0, .top_down = true)
BMP(bmp32, 32, 0)
BMP(bmp32_fields, 32, 3)
BMP(bmp32_alpha, 32, 3, .alpha = true)

/* --------------------------------------------------------------------------------------------------- PNM */

static bool write_pnm(
	struct picture *picture, int kind, unsigned maxval, unsigned samples, struct buf *file)
{
	bool wide = maxval > 255, text = kind <= 3;
	if (kind == 7)
		buf_format(file,
			"P7\nWIDTH %u\nHEIGHT %u\nDEPTH %u\nMAXVAL %u\nTUPLTYPE X\nENDHDR\n",
			picture->width, picture->height, samples, maxval);
	else
		buf_format(file, "P%d\n# a comment\n%u %u %u\n", kind, picture->width,
			picture->height, maxval);
	for (size_t i = 0; i < (size_t)picture->width * picture->height; i++) {
		for (unsigned c = 0; c < samples; c++) {
			uint8_t *sample = picture->rgba + 4 * i + (samples == 2 && c ? 3 : c);
			unsigned value = maxval == 65535 ? *sample * 256u + i % 256
							 : (*sample * maxval + 127) / 255;
			if (maxval < 255)
				*sample = (uint8_t)((value * 255 + maxval / 2) / maxval);
			if (text)
				buf_format(file, "%u%c", value, i % 7 ? ' ' : '\n');
			else
				buf_add(file,
					(const uint8_t[]){(uint8_t)(wide ? value >> 8 : value),
						(uint8_t)value},
					wide ? 2 : 1);
		}
	}
	return !file->failed;
}

static bool write_bits(struct picture *picture, bool text, struct buf *file)
{
	picture_threshold(picture);
	buf_format(file, "P%d %u %u\n", text ? 1 : 4, picture->width, picture->height);
	for (uint32_t y = 0; y < picture->height; y++) {
		unsigned held = 0;
		for (uint32_t x = 0; x < picture->width; x++) {
			unsigned black = picture_pixel(picture, x, y)[0] == 0;
			held = held << 1 | black;
			if (text)
				buf_char(file, black ? '1' : '0');
			else if (x % 8 == 7 || x + 1 == picture->width)
				buf_char(file, (char)(held << (7 - x % 8)));
		}
	}
	return !file->failed;
}

static bool pbm_text(struct picture *picture, struct buf *file)
{
	return write_bits(picture, true, file);
}

static bool pbm(struct picture *picture, struct buf *file)
{
	return write_bits(picture, false, file);
}

static bool pgm_text(struct picture *picture, struct buf *file)
{
	picture_grey(picture);
	return write_pnm(picture, 2, 255, 1, file);
}

static bool ppm_text16(struct picture *picture, struct buf *file)
{
	return write_pnm(picture, 3, 65535, 3, file);
}

static bool pgm(struct picture *picture, struct buf *file)
{
	picture_grey(picture);
	return write_pnm(picture, 5, 255, 1, file);
}

static bool pgm16(struct picture *picture, struct buf *file)
{
	picture_grey(picture);
	return write_pnm(picture, 5, 65535, 1, file);
}

static bool ppm(struct picture *picture, struct buf *file)
{
	return write_pnm(picture, 6, 255, 3, file);
}

static bool ppm_few(struct picture *picture, struct buf *file)
{
	return write_pnm(picture, 6, 9, 3, file);
}

static bool pam_rgba(struct picture *picture, struct buf *file)
{
	picture_fade(picture);
	return write_pnm(picture, 7, 255, 4, file);
}

static bool pam_grey_alpha(struct picture *picture, struct buf *file)
{
	picture_grey(picture);
	picture_fade(picture);
	return write_pnm(picture, 7, 65535, 2, file);
}

const struct sample samples_plain[] = {
	{"bmp 1 bit", "bmp", bmp1, 0, false},
	{"bmp 4 bits", "bmp", bmp4, 0, false},
	{"bmp 8 bits", "bmp", bmp8, 0, false},
	{"bmp 8 bits, old head", "bmp", bmp8_core, 0, false},
	{"bmp 8 bits packed", "bmp", bmp8_rle, 0, false},
	{"bmp 4 bits packed", "bmp", bmp4_rle, 0, false},
	{"bmp 16 bits", "bmp", bmp16, 0, false},
	{"bmp 16 bits in fields", "bmp", bmp16_fields, 0, false},
	{"bmp 24 bits", "bmp", bmp24, 0, false},
	{"bmp 24 bits top down", "bmp", bmp24_top_down, 0, false},
	{"bmp 32 bits", "bmp", bmp32, 0, false},
	{"bmp 32 bits in fields", "bmp", bmp32_fields, 0, false},
	{"bmp 32 bits alpha", "bmp", bmp32_alpha, 0, false},
	{"pbm as text", "pnm", pbm_text, 0, false},
	{"pbm", "pnm", pbm, 0, false},
	{"pgm as text", "pnm", pgm_text, 0, false},
	{"ppm as text, 16 bits", "pnm", ppm_text16, 0, false},
	{"pgm", "pnm", pgm, 0, false},
	{"pgm 16 bits", "pnm", pgm16, 0, false},
	{"ppm", "pnm", ppm, 0, false},
	{"ppm of ten shades", "pnm", ppm_few, 0, false},
	{"pam rgba", "pnm", pam_rgba, 0, false},
	{"pam grey alpha 16 bits", "pnm", pam_grey_alpha, 0, false},
	{NULL, NULL, NULL, 0, false},
};
