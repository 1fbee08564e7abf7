/* Shared by the parsers of picture heads: bytes that are read within their bounds or not at all. */
#ifndef WIRE_IMAGE_HEAD_INSIDE_H
#define WIRE_IMAGE_HEAD_INSIDE_H

#include "wire/image_head.h"

struct bytes {
	const uint8_t *data;
	size_t size;
	bool little; /* for TIFF, whose file says so; all other formats are asked by name */
};

/* Whether count bytes at index are there. */
static inline bool has(const struct bytes *bytes, uint64_t index, uint64_t count)
{
	return index <= bytes->size && count <= bytes->size - index;
}

/* The bytes must be there. */
static inline uint32_t big16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t big32(const uint8_t *p)
{
	return big16(p) << 16 | big16(p + 2);
}

static inline uint64_t big64(const uint8_t *p)
{
	return (uint64_t)big32(p) << 32 | big32(p + 4);
}

static inline uint32_t little16(const uint8_t *p)
{
	return (uint32_t)p[1] << 8 | p[0];
}

static inline uint32_t little24(const uint8_t *p)
{
	return little16(p) | (uint32_t)p[2] << 16;
}

static inline uint32_t little32(const uint8_t *p)
{
	return little16(p + 2) << 16 | little16(p);
}

static inline uint64_t little64(const uint8_t *p)
{
	return (uint64_t)little32(p + 4) << 32 | little32(p);
}

/* Each fills size, bits and frames of its format, or fails with HILF_E_CORRUPT, UNSUPPORTED or LIMIT. */
typedef int image_head_fn(
	const struct bytes *bytes, struct image_head *ret_head, struct hilf_err *err);
image_head_fn head_jpeg, head_png, head_gif, head_bmp, head_pnm;
image_head_fn head_webp, head_tiff, head_heif;

bool brand_heif(const struct bytes *bytes, enum image_format *ret_format);
bool sniff_bmp(const struct bytes *bytes);
bool sniff_pnm(const struct bytes *bytes);

int head_short(struct hilf_err *err, const char *format);

#endif
