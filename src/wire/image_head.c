/* One table from a format to its parser, and the limits that hold for all of them. The parsers are grouped by the
 * shape of their formats: image_head_plain.c for heads at the front, image_head_tree.c for those that must be sought
 * in chunks, directories or boxes. */
#include "wire/image_head_inside.h"

#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"

#include <string.h>

static const struct {
	const char *name;
	image_head_fn *read;
} formats[IMAGE_FORMAT_COUNT] = {
	[IMAGE_JPEG] = {"jpeg", head_jpeg},
	[IMAGE_PNG] = {"png", head_png},
	[IMAGE_WEBP] = {"webp", head_webp},
	[IMAGE_GIF] = {"gif", head_gif},
	[IMAGE_TIFF] = {"tiff", head_tiff},
	[IMAGE_HEIC] = {"heic", head_heif},
	[IMAGE_AVIF] = {"avif", head_heif},
	[IMAGE_BMP] = {"bmp", head_bmp},
	[IMAGE_PNM] = {"pnm", head_pnm},
};

const char *image_format_name(enum image_format format)
{
	return format > IMAGE_UNKNOWN && format < IMAGE_FORMAT_COUNT ? formats[format].name : "";
}

int head_short(struct hilf_err *err, const char *format)
{
	return err_set(err, HILF_E_CORRUPT,
		"the %s file is cut short or broken before its size is known", format);
}

static bool begins(const struct bytes *bytes, const char *magic, size_t size)
{
	return bytes->size >= size && memcmp(bytes->data, magic, size) == 0;
}

enum image_format image_sniff(const uint8_t *data, size_t size)
{
	struct bytes bytes = {data, size, false};
	enum image_format heif;
	if (begins(&bytes, "\xff\xd8\xff", 3))
		return IMAGE_JPEG;
	if (begins(&bytes, "\x89PNG\r\n\x1a\n", 8))
		return IMAGE_PNG;
	if (begins(&bytes, "RIFF", 4) && size >= 12 && memcmp(data + 8, "WEBP", 4) == 0)
		return IMAGE_WEBP;
	if (begins(&bytes, "GIF87a", 6) || begins(&bytes, "GIF89a", 6))
		return IMAGE_GIF;
	if (begins(&bytes, "II*\0", 4) || begins(&bytes, "MM\0*", 4) ||
		begins(&bytes, "II+\0", 4) || begins(&bytes, "MM\0+", 4))
		return IMAGE_TIFF;
	if (brand_heif(&bytes, &heif))
		return heif;
	if (sniff_bmp(&bytes))
		return IMAGE_BMP;
	return sniff_pnm(&bytes) ? IMAGE_PNM : IMAGE_UNKNOWN;
}

int image_head_check(const struct image_head *head, uint64_t file_size, struct hilf_err *err)
{
	const char *name = image_format_name(head->format);
	uint64_t pixels = (uint64_t)head->width * head->height;
	uint64_t most = head->format == IMAGE_JPEG ? LIMIT_JPEG_PIXELS : LIMIT_IMAGE_PIXELS;
	if (!head->width || !head->height)
		return err_set(err, HILF_E_CORRUPT, "the %s picture has no pixels", name);
	if (head->width > LIMIT_IMAGE_SIDE || head->height > LIMIT_IMAGE_SIDE)
		return err_set(err, HILF_E_LIMIT,
			"the %s picture is %u x %u; a side may have %u pixels", name, head->width,
			head->height, LIMIT_IMAGE_SIDE);
	if (pixels > most)
		return err_set(err, HILF_E_LIMIT,
			"the %s picture is %u x %u; it may have %u megapixels", name, head->width,
			head->height, (unsigned)(most / 1000000));
	/* 50 MP of 128 bits stay far below 2^64. */
	if (pixels > LIMIT_IMAGE_RATIO_FROM &&
		pixels * head->bits / 8 / LIMIT_IMAGE_RATIO > file_size)
		return err_set(err, HILF_E_LIMIT,
			"the %s picture is %u x %u in %llu bytes: packed more than %u times, as a "
			"bomb is",
			name, head->width, head->height, (unsigned long long)file_size,
			LIMIT_IMAGE_RATIO);
	return 0;
}

int image_head_read(
	const uint8_t *data, size_t size, struct image_head *ret_head, struct hilf_err *err)
{
	struct bytes bytes = {data, size, false};
	struct image_head head = {.format = image_sniff(data, size), .bits = 24, .frame_count = 1};
	if (head.format == IMAGE_UNKNOWN)
		return err_set(err, HILF_E_UNSUPPORTED, "not a picture that hilf knows");
	int rc = formats[head.format].read(&bytes, &head, err);
	if (!rc)
		rc = image_head_check(&head, size, err);
	if (rc)
		return rc;
	ASSERT(head.frame_count >= 1);
	*ret_head = head;
	return 0;
}
