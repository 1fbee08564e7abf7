/* Heads that must be sought: WebP's chunks, TIFF's directories, HEIF's boxes. */
#include "wire/image_head_inside.h"

#include "base/err.h"

#include <string.h>

#define CHUNKS_MAX      4000u
#define TIFF_FIELDS_MAX 4096u
#define BOXES_MAX       4096u

/* ------------------------------------------------------------------------------------------------- WebP */

static bool webp_lossy(const struct bytes *bytes, uint64_t index, struct image_head *head)
{
	const uint8_t *frame = bytes->data + index;
	if (!has(bytes, index, 10) || (frame[0] & 1) || memcmp(frame + 3, "\x9d\x01\x2a", 3) != 0)
		return false;
	head->width = little16(frame + 6) & 0x3fff;
	head->height = little16(frame + 8) & 0x3fff;
	head->bits = 12;
	return true;
}

static bool webp_lossless(const struct bytes *bytes, uint64_t index, struct image_head *head)
{
	const uint8_t *frame = bytes->data + index;
	if (!has(bytes, index, 5) || frame[0] != 0x2f)
		return false;
	uint32_t bits = little32(frame + 1);
	head->width = (bits & 0x3fff) + 1;
	head->height = (bits >> 14 & 0x3fff) + 1;
	return true;
}

int head_webp(const struct bytes *bytes, struct image_head *ret_head, struct hilf_err *err)
{
	uint64_t index = 12;
	uint32_t frame_count = 0;
	bool found = false;
	for (unsigned i = 0; i < CHUNKS_MAX && has(bytes, index, 8); i++) {
		const uint8_t *chunk = bytes->data + index;
		uint64_t size = little32(chunk + 4), body = index + 8;
		if (memcmp(chunk, "VP8X", 4) == 0 && !found) {
			if (!has(bytes, body, 10))
				break;
			ret_head->width = little24(chunk + 12) + 1;
			ret_head->height = little24(chunk + 15) + 1;
			ret_head->bits = 12;
			found = true;
			if (!(chunk[8] & 2))
				break;
		} else if (memcmp(chunk, "ANMF", 4) == 0) {
			if (++frame_count == IMAGE_FRAMES_COUNTED)
				break;
		} else if (memcmp(chunk, "VP8 ", 4) == 0 && !found) {
			found = webp_lossy(bytes, body, ret_head);
			break;
		} else if (memcmp(chunk, "VP8L", 4) == 0 && !found) {
			found = webp_lossless(bytes, body, ret_head);
			break;
		}
		index = body + size + (size & 1);
	}
	ret_head->frame_count = frame_count ? frame_count : 1;
	return found ? 0 : head_short(err, "WebP");
}

/* ------------------------------------------------------------------------------------------------- TIFF */

struct tiff {
	struct bytes bytes;
	bool large; /* BigTIFF: counts and places of 64 bits */
};

static uint64_t tiff_number(const struct tiff *tiff, uint64_t index, unsigned size)
{
	const uint8_t *p = tiff->bytes.data + index;
	bool little = tiff->bytes.little;
	switch (size) {
	case 1:
		return *p;
	case 2:
		return little ? little16(p) : big16(p);
	case 4:
		return little ? little32(p) : big32(p);
	default:
		return little ? little64(p) : big64(p);
	}
}

/* The first value of a field, which may be of any integer type; 0 where it is none. */
static uint64_t tiff_value(const struct tiff *tiff, uint64_t field)
{
	static const uint8_t sizes[] = {0, 1, 0, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8};
	uint64_t type = tiff_number(tiff, field + 2, 2);
	uint64_t count = tiff_number(tiff, field + 4, tiff->large ? 8 : 4);
	uint64_t value = field + (tiff->large ? 12 : 8);
	unsigned room = tiff->large ? 8 : 4, size = type < sizeof sizes ? sizes[type] : 0;
	if (!size || !count)
		return 0;
	if (count > room / size)
		value = tiff_number(tiff, value, room);
	return has(&tiff->bytes, value, size) ? tiff_number(tiff, value, size) : 0;
}

static uint32_t clamp32(uint64_t value)
{
	return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

/* Reads the directory at *index and moves on to the next; false where it is broken. */
static bool tiff_directory(const struct tiff *tiff, uint64_t *index, struct image_head *head)
{
	unsigned count_size = tiff->large ? 8 : 2, field_size = tiff->large ? 20 : 12;
	unsigned place_size = tiff->large ? 8 : 4;
	uint64_t bits = 1, samples = 1;
	if (!has(&tiff->bytes, *index, count_size))
		return false;
	uint64_t count = tiff_number(tiff, *index, count_size), field = *index + count_size;
	if (count > TIFF_FIELDS_MAX || !has(&tiff->bytes, field, count * field_size))
		return false;
	for (uint64_t i = 0; i < count; i++, field += field_size) {
		switch (tiff_number(tiff, field, 2)) {
		case 256:
			head->width = clamp32(tiff_value(tiff, field));
			break;
		case 257:
			head->height = clamp32(tiff_value(tiff, field));
			break;
		case 258:
			bits = tiff_value(tiff, field);
			break;
		case 277:
			samples = tiff_value(tiff, field);
			break;
		}
	}
	head->bits = bits <= 64 && samples <= 16 ? (uint32_t)(bits * samples) : 64;
	*index = has(&tiff->bytes, field, place_size) ? tiff_number(tiff, field, place_size) : 0;
	return true;
}

int head_tiff(const struct bytes *bytes, struct image_head *ret_head, struct hilf_err *err)
{
	struct tiff tiff = {*bytes, bytes->data[2] == '+' || bytes->data[3] == '+'};
	struct image_head other = {0};
	uint32_t count = 0;
	tiff.bytes.little = bytes->data[0] == 'I';
	if (!has(bytes, 0, tiff.large ? 16 : 8))
		return head_short(err, "TIFF");
	uint64_t index = tiff_number(&tiff, tiff.large ? 8 : 4, tiff.large ? 8 : 4);
	if (!tiff_directory(&tiff, &index, ret_head))
		return head_short(err, "TIFF");
	/* A ring of directories ends at the count. */
	for (count = 1; index && count < IMAGE_FRAMES_COUNTED; count++)
		if (!tiff_directory(&tiff, &index, &other))
			break;
	ret_head->frame_count = count;
	return 0;
}

/* ------------------------------------------------------------------------------------------------- HEIF */

struct box {
	char type[5];
	uint64_t body, end;
};

/* The box at index within end; false where there is none. */
static bool box_at(const struct bytes *bytes, uint64_t index, uint64_t end, struct box *ret_box)
{
	if (end > bytes->size || index > end || end - index < 8)
		return false;
	const uint8_t *head = bytes->data + index;
	uint64_t size = big32(head), head_size = 8;
	memcpy(ret_box->type, head + 4, 4);
	ret_box->type[4] = 0;
	if (size == 1) {
		if (end - index < 16)
			return false;
		size = big64(head + 8);
		head_size = 16;
	} else if (size == 0) {
		size = end - index;
	}
	if (size < head_size)
		return false;
	ret_box->body = index + head_size;
	/* A last box that is cut short ends with the file. */
	ret_box->end = size > end - index ? end : index + size;
	return true;
}

/* The first box of that type within [index, end). */
static bool find_box(const struct bytes *bytes, uint64_t index, uint64_t end, const char *type,
	struct box *ret_box)
{
	struct box box;
	for (unsigned i = 0; i < BOXES_MAX && box_at(bytes, index, end, &box); i++) {
		if (strcmp(box.type, type) == 0) {
			*ret_box = box;
			return true;
		}
		index = box.end;
	}
	return false;
}

static enum image_format brand_format(const uint8_t *brand)
{
	static const char heic[][5] = {
		"heic", "heix", "hevc", "hevx", "heim", "heis", "hevm", "hevs"};
	if (memcmp(brand, "avif", 4) == 0 || memcmp(brand, "avis", 4) == 0)
		return IMAGE_AVIF;
	for (size_t i = 0; i < sizeof heic / sizeof *heic; i++)
		if (memcmp(brand, heic[i], 4) == 0)
			return IMAGE_HEIC;
	return IMAGE_UNKNOWN;
}

/* By the brands of the ftyp box that opens the file: a codec's own name decides, "mif1" alone is taken for HEIC. */
bool brand_heif(const struct bytes *bytes, enum image_format *ret_format)
{
	struct box box;
	bool general = false;
	if (!box_at(bytes, 0, bytes->size, &box) || strcmp(box.type, "ftyp") != 0)
		return false;
	for (uint64_t at = box.body; at + 4 <= box.end && at < box.body + 256;
		at += at == box.body ? 8 : 4) {
		enum image_format format = brand_format(bytes->data + at);
		if (format != IMAGE_UNKNOWN) {
			*ret_format = format;
			return true;
		}
		general |= memcmp(bytes->data + at, "mif1", 4) == 0 ||
			   memcmp(bytes->data + at, "msf1", 4) == 0;
	}
	*ret_format = IMAGE_HEIC;
	return general;
}

int head_heif(const struct bytes *bytes, struct image_head *ret_head, struct hilf_err *err)
{
	struct box meta, properties, container, size;
	uint64_t pixels = 0;
	if (!find_box(bytes, 0, bytes->size, "meta", &meta) || meta.end - meta.body < 4 ||
		!find_box(bytes, meta.body + 4, meta.end, "iprp", &properties) ||
		!find_box(bytes, properties.body, properties.end, "ipco", &container))
		return head_short(err, "HEIF");
	uint64_t index = container.body;
	for (unsigned i = 0; i < BOXES_MAX && find_box(bytes, index, container.end, "ispe", &size);
		i++) {
		index = size.end;
		if (size.end - size.body < 12)
			continue;
		uint32_t width = big32(bytes->data + size.body + 4),
			 height = big32(bytes->data + size.body + 8);
		if ((uint64_t)width * height > pixels) {
			pixels = (uint64_t)width * height;
			ret_head->width = width;
			ret_head->height = height;
		}
	}
	ret_head->bits = 12;
	return pixels ? 0 : head_short(err, "HEIF");
}
