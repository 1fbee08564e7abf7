/* From the bytes of a picture file to its perceptual hashes, one way for all formats:
 *
 *   bytes ──► head (wire/image_head.h, limits) ──► codec ──► rows ──► signal/pdq.h, up to three times
 *
 * Pictures become pixels as those whose hashes peers exchange did: colour profiles and orientation tags are not looked
 * at, CMYK becomes RGB by plain multiplication, of 16 bits the low 8 are dropped, palettes are looked up, opacity is
 * dropped, and of many frames the first counts. Where a picture is not all opaque, two further hashes are made, of it
 * on black and on white, because that is how people see it.
 *
 * A codec is a `const` struct and a line in registry.c. It runs in a sealed child and may be as wrong as it likes about
 * its file; it must not leave rows out of account, read past its input, or decide what a failure means. */
#ifndef MEDIA_IMAGE_IMAGE_H
#define MEDIA_IMAGE_IMAGE_H

#include "hilf.h"
#include "signal/pdq.h"
#include "wire/image_head.h"
#include "wire/preview.h"

enum image_pixels { IMAGE_GRAY8, IMAGE_RGB8, IMAGE_RGBX8, IMAGE_RGBA8 };

/* A preview: a baseline JPEG of at most PREVIEW_SIDE_MAX a side and PREVIEW_SIZE_MAX bytes. */
struct image_shown {
	enum preview_kind kind;
	uint32_t width, height;
	const uint8_t *jpeg;
	uint32_t size;
};

/* What is found, handed on at once; a return other than 0 stops the decoding with HILF_E_STOPPED. */
struct image_out {
	void *ctx;
	int (*head)(void *ctx, const struct image_head *head);
	int (*picture)(void *ctx, uint8_t variant, bool partial, const struct pdq_result *result);
	/* After the pictures; NULL: none is wanted, and none is made. One that cannot be made is no failure. */
	int (*preview)(void *ctx, const struct image_shown *shown);
};

struct image_hashers;
struct image_preview;

struct image_job {
	const uint8_t *data;
	size_t size;
	struct image_head head;
	struct hilf_err *err;
	struct image_hashers *hashers; /* see image_begin */
	struct image_preview *preview; /* NULL: none is wanted */
};

struct image_codec {
	const char *name;
	unsigned
		formats; /* 1 << enum image_format, or-ed: whose heads are read and checked before; 0: none */
	bool (*sniff)(const uint8_t *data,
		size_t size); /* where formats is 0: whether the file is the codec's */
	/* Loads what the libraries load late (tables, plug-ins), before the walls stand; may be NULL. */
	void (*prepare)(void);
	/* 0, or what image_fail returned. */
	int (*decode)(struct image_job *job);
};

extern const struct image_codec *const image_codecs[]; /* ends with NULL */

/* Decodes a file. 0, or HILF_E_UNSUPPORTED, HILF_E_CORRUPT, HILF_E_LIMIT, HILF_E_NO_MEMORY, HILF_E_STOPPED with a
 * text about the file. Pictures may have been handed on before a failure: what could be read of them, marked partial,
 * where that was half of the rows or more. */
int image_decode(
	const uint8_t *data, size_t size, const struct image_out *out, struct hilf_err *err);

/* Calls every codec's prepare; returns the formats that can be read, 1 << enum image_format, or-ed. */
unsigned image_prepare(void);

/* ---- for codecs ---- */

/* Announces a picture of width x height in these pixels; once, before the first rows. The size is that of the pixels
 * to come, which a codec may have reduced. */
int image_begin(struct image_job *job, uint32_t width, uint32_t height, enum image_pixels pixels);
/* The next rows from the top, `stride` bytes apart. Rows past the height are ignored. */
void image_rows(struct image_job *job, const uint8_t *rows, size_t stride, uint32_t count);
/* Rows that are still missing. */
uint32_t image_missing(const struct image_job *job);
/* Remembers why and returns code. The text is short, about the file, and may quote a library. */
int image_fail(struct image_job *job, enum hilf_code code, const char *format, ...)
	HILF_PRINTF(3, 4);
int image_no_memory(struct image_job *job);
/* CMYK with 255 for full ink into RGB, as the peers do it. */
void image_cmyk_rows(const uint8_t *cmyk, uint8_t *ret_rgb, size_t count);

#endif
