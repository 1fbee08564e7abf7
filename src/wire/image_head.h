/* The head of a picture file: which format it is, how large, how many frames, read before any codec sees a byte, so
 * that limits come first. Every read is bounded by the bytes there are and every walk by a count; nothing is
 * allocated. What a head says is a claim: a codec may find otherwise and must keep to it or fail.
 *
 * Formats after: ITU T.81 (JPEG), RFC 2083 and APNG, RFC 9649 (WebP), GIF89a, TIFF 6.0 and BigTIFF, ISO 14496-12 and
 * 23008-12 (HEIF), Microsoft's DIB headers (BMP), and Netpbm's pbm(5) to pam(5). */
#ifndef WIRE_IMAGE_HEAD_H
#define WIRE_IMAGE_HEAD_H

#include "hilf.h"

/* The numbers travel in messages: do not renumber. */
enum image_format {
	IMAGE_UNKNOWN = 0,
	IMAGE_JPEG = 1,
	IMAGE_PNG = 2,
	IMAGE_WEBP = 3,
	IMAGE_GIF = 4,
	IMAGE_TIFF = 5,
	IMAGE_HEIC = 6,
	IMAGE_AVIF = 7,
	IMAGE_BMP = 8,
	IMAGE_PNM = 9,
	IMAGE_FORMAT_COUNT
};

struct image_head {
	enum image_format format;
	uint32_t width,
		height; /* pixels as stored, 1 or more; of a GIF its screen, of HEIF the largest picture */
	uint32_t bits;        /* a pixel in its uncompressed form, about: for the ratio rule */
	uint32_t frame_count; /* 1 or more; counting stops at IMAGE_FRAMES_COUNTED */
};

#define IMAGE_FRAMES_COUNTED 1000u

/* "jpeg", "png", ...; "" for IMAGE_UNKNOWN and anything that is no format. */
const char *image_format_name(enum image_format format);

/* The format by its first bytes; IMAGE_UNKNOWN where none fits. */
enum image_format image_sniff(const uint8_t *data, size_t size);

/* HILF_E_UNSUPPORTED: no picture that hilf knows. HILF_E_CORRUPT: the head is broken or cut short. HILF_E_LIMIT: more
 * than hilf decodes (sides, pixels, and how far it claims to be packed: base/limits.h). The error's text is about the
 * file and short, without its name. */
int image_head_read(
	const uint8_t *data, size_t size, struct image_head *ret_head, struct hilf_err *err);

/* Only the limits, for a codec that finds other sizes than the head claimed. */
int image_head_check(const struct image_head *head, uint64_t file_size, struct hilf_err *err);

/* PNM and BMP are decoded by hand: their whole heads. */
struct image_pnm {
	uint8_t kind;           /* 1 to 7, as in "P6" */
	uint8_t depth;          /* samples a pixel: 1 to 4 */
	uint16_t maxval;        /* 1 to 65,535 */
	uint32_t width, height; /* 1 or more */
	size_t data_index;      /* where the pixels begin */
	bool alpha;             /* the last sample is opacity */
};
int image_pnm_read(
	const uint8_t *data, size_t size, struct image_pnm *ret_pnm, struct hilf_err *err);

enum image_bmp_packing {
	BMP_RAW = 0,
	BMP_RLE8 = 1,
	BMP_RLE4 = 2,
	BMP_FIELDS = 3,
	BMP_FIELDS_ALPHA = 6
};
struct image_bmp {
	uint32_t width, height; /* 1 or more */
	bool top_down;
	uint8_t bits; /* 1, 2, 4, 8, 16, 24, 32 */
	enum image_bmp_packing packing;
	uint32_t mask[4];     /* red, green, blue, alpha; 16 and 32 bits alone; alpha 0: none */
	size_t palette_index; /* 8 bits and below */
	uint32_t palette_count;
	uint8_t palette_step; /* bytes an entry: 3 or 4, blue first */
	size_t data_index;
};
int image_bmp_read(
	const uint8_t *data, size_t size, struct image_bmp *ret_bmp, struct hilf_err *err);

#endif
