/* Heads that stand at the front, or behind a short run of segments: JPEG, PNG, GIF, BMP, PNM. */
#include "wire/image_head_inside.h"

#include "base/err.h"

#include <string.h>

/* Segments before a JPEG's frame: EXIF, ICC (255 at most), XMP, comments. */
#define JPEG_SEGMENTS_MAX 2000
#define PNG_CHUNKS_MAX    2000
#define PNM_WORDS_MAX     64

/* ------------------------------------------------------------------------------------------------- JPEG */

static bool frame_marker(uint8_t marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
	       marker != 0xcc;
}

/* The next marker at or after *index, as libjpeg finds it: whatever stands before the 0xff is skipped. */
static bool next_marker(const struct bytes *bytes, uint64_t *index, uint8_t *ret_marker)
{
	while (has(bytes, *index, 2)) {
		const uint8_t *found = memchr(bytes->data + *index, 0xff, bytes->size - *index - 1);
		if (!found)
			return false;
		*index = (uint64_t)(found - bytes->data) + 1;
		uint8_t marker = found[1];
		if (marker == 0xff)
			continue;
		*index += 1;
		if (marker != 0) {
			*ret_marker = marker;
			return true;
		}
	}
	return false;
}

int head_jpeg(const struct bytes *bytes, struct image_head *ret_head, struct hilf_err *err)
{
	uint64_t index = 2;
	uint8_t marker;
	for (int i = 0; i < JPEG_SEGMENTS_MAX && next_marker(bytes, &index, &marker); i++) {
		const uint8_t *segment = bytes->data + index;
		if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8))
			continue;
		if (marker == 0xd9 || marker == 0xda || !has(bytes, index, 2))
			break;
		uint32_t size = big16(segment);
		if (frame_marker(marker)) {
			if (size < 8 || !has(bytes, index, 8))
				break;
			ret_head->height = big16(segment + 3);
			ret_head->width = big16(segment + 5);
			ret_head->bits = 8u * segment[7];
			if (!ret_head->height)
				return err_set(err, HILF_E_UNSUPPORTED,
					"the JPEG names its height only after its pixels (DNL)");
			return 0;
		}
		if (size < 2)
			break;
		index += size;
	}
	return head_short(err, "JPEG");
}

/* -------------------------------------------------------------------------------------------------- PNG */

int head_png(const struct bytes *bytes, struct image_head *ret_head, struct hilf_err *err)
{
	static const uint8_t samples[] = {1, 0, 3, 1, 2, 0, 4};
	const uint8_t *head = bytes->data + 8;
	if (!has(bytes, 8, 25) || big32(head) != 13 || memcmp(head + 4, "IHDR", 4) != 0)
		return head_short(err, "PNG");
	uint8_t depth = head[16], type = head[17];
	if (type >= sizeof samples || !samples[type] || depth > 16)
		return err_set(err, HILF_E_CORRUPT,
			"the PNG's head names a colour type that there is not");
	ret_head->width = big32(head + 8);
	ret_head->height = big32(head + 12);
	ret_head->bits = depth * samples[type];
	/* An animated one says so before its first IDAT. */
	uint64_t index = 33;
	for (int i = 0; i < PNG_CHUNKS_MAX && has(bytes, index, 12); i++) {
		const uint8_t *chunk = bytes->data + index;
		if (memcmp(chunk + 4, "IDAT", 4) == 0)
			break;
		if (memcmp(chunk + 4, "acTL", 4) == 0 && big32(chunk) == 8) {
			uint32_t count = big32(chunk + 8);
			ret_head->frame_count = count < 1 ? 1
						: count > IMAGE_FRAMES_COUNTED
							? IMAGE_FRAMES_COUNTED
							: count;
			break;
		}
		index += 12 + (uint64_t)big32(chunk);
	}
	return 0;
}

/* -------------------------------------------------------------------------------------------------- GIF */

/* Over sub-blocks to behind the empty one that ends them. */
static bool skip_blocks(const struct bytes *bytes, uint64_t *index)
{
	while (has(bytes, *index, 1)) {
		uint8_t size = bytes->data[*index];
		*index += 1 + (uint64_t)size;
		if (!size)
			return true;
	}
	return false;
}

static uint64_t colour_table(uint8_t flags)
{
	return flags & 0x80 ? 3ull << ((flags & 7) + 1) : 0;
}

int head_gif(const struct bytes *bytes, struct image_head *ret_head, struct hilf_err *err)
{
	if (!has(bytes, 0, 13))
		return head_short(err, "GIF");
	uint32_t count = 0;
	uint64_t index = 13 + colour_table(bytes->data[10]);
	ret_head->width = little16(bytes->data + 6);
	ret_head->height = little16(bytes->data + 8);
	ret_head->bits = 8;
	while (has(bytes, index, 1) && count < IMAGE_FRAMES_COUNTED) {
		const uint8_t *block = bytes->data + index;
		if (block[0] == 0x21) {
			index += 2;
		} else if (block[0] == 0x2c && has(bytes, index, 11)) {
			struct image_head frame = {
				IMAGE_GIF, little16(block + 5), little16(block + 7), 8, 1};
			/* Only the first one is decoded; it may be larger than the screen. */
			if (!count && frame.width && frame.height &&
				image_head_check(&frame, bytes->size, err))
				return HILF_E_LIMIT;
			count++;
			index += 11 + colour_table(block[9]);
		} else {
			break;
		}
		if (!skip_blocks(bytes, &index))
			break;
	}
	ret_head->frame_count = count ? count : 1;
	return 0;
}

/* -------------------------------------------------------------------------------------------------- BMP */

#define BMP_FILE_HEAD 14u

bool sniff_bmp(const struct bytes *bytes)
{
	if (bytes->size < BMP_FILE_HEAD + 4 || bytes->data[0] != 'B' || bytes->data[1] != 'M')
		return false;
	switch (little32(bytes->data + BMP_FILE_HEAD)) {
	case 12:
	case 16:
	case 40:
	case 52:
	case 56:
	case 64:
	case 108:
	case 124:
		return true;
	default:
		return false;
	}
}

static bool bmp_fits(const struct image_bmp *bmp)
{
	switch (bmp->bits) {
	case 1:
	case 2:
	case 24:
		return bmp->packing == BMP_RAW;
	case 4:
		return bmp->packing == BMP_RAW || (bmp->packing == BMP_RLE4 && !bmp->top_down);
	case 8:
		return bmp->packing == BMP_RAW || (bmp->packing == BMP_RLE8 && !bmp->top_down);
	case 16:
	case 32:
		return bmp->packing == BMP_RAW || bmp->packing == BMP_FIELDS ||
		       bmp->packing == BMP_FIELDS_ALPHA;
	default:
		return false;
	}
}

/* Where the channels of 16 and 32 bits lie: said by the head, behind it, or by custom. */
static bool bmp_masks(const struct bytes *bytes, uint32_t head_size, struct image_bmp *bmp)
{
	static const uint32_t usual16[4] = {0x7c00, 0x03e0, 0x001f, 0};
	static const uint32_t usual32[4] = {0xff0000, 0x00ff00, 0x0000ff, 0};
	if (bmp->packing == BMP_RAW) {
		memcpy(bmp->mask, bmp->bits == 16 ? usual16 : usual32, sizeof bmp->mask);
		return true;
	}
	unsigned count = bmp->packing == BMP_FIELDS_ALPHA || head_size >= 56 ? 4 : 3;
	if (!has(bytes, BMP_FILE_HEAD + 40, count * 4))
		return false;
	for (unsigned i = 0; i < count; i++)
		bmp->mask[i] = little32(bytes->data + BMP_FILE_HEAD + 40 + 4 * i);
	return true;
}

/* The palette stands between the head (with its masks) and the pixels. */
static void bmp_palette(
	const struct bytes *bytes, uint32_t head_size, uint32_t used, struct image_bmp *bmp)
{
	size_t behind_masks = bmp->packing == BMP_FIELDS         ? 12
			      : bmp->packing == BMP_FIELDS_ALPHA ? 16
								 : 0;
	bmp->palette_index = BMP_FILE_HEAD + head_size + (head_size == 40 ? behind_masks : 0);
	bmp->palette_step = head_size == 12 ? 3 : 4;
	if (bmp->bits > 8)
		return;
	uint32_t most = 1u << bmp->bits;
	bmp->palette_count = used && used < most ? used : most;
	size_t end = bmp->data_index < bytes->size ? bmp->data_index : bytes->size;
	size_t room = end > bmp->palette_index ? (end - bmp->palette_index) / bmp->palette_step : 0;
	if (bmp->palette_count > room)
		bmp->palette_count = (uint32_t)room;
}

int image_bmp_read(
	const uint8_t *data, size_t size, struct image_bmp *ret_bmp, struct hilf_err *err)
{
	struct bytes bytes = {data, size, false};
	struct image_bmp bmp = {0};
	uint32_t used = 0, packing = 0,
		 head_size = sniff_bmp(&bytes) ? little32(data + BMP_FILE_HEAD) : 0;
	const uint8_t *head = data + BMP_FILE_HEAD;
	if (!head_size || !has(&bytes, BMP_FILE_HEAD, head_size))
		return head_short(err, "BMP");
	bmp.data_index = little32(data + 10);
	if (head_size == 12) {
		bmp.width = little16(head + 4);
		bmp.height = little16(head + 6);
		bmp.bits = (uint8_t)little16(head + 10);
	} else {
		int32_t width = (int32_t)little32(head + 4), height = (int32_t)little32(head + 8);
		if (width <= 0 || height == 0 || height == INT32_MIN)
			return err_set(
				err, HILF_E_CORRUPT, "the BMP's head names an impossible size");
		bmp.width = (uint32_t)width;
		bmp.top_down = height < 0;
		bmp.height = (uint32_t)(height < 0 ? -height : height);
		bmp.bits = little16(head + 14) > 32 ? 0 : (uint8_t)little16(head + 14);
		packing = head_size >= 40 ? little32(head + 16) : 0;
		used = head_size >= 40 ? little32(head + 32) : 0;
	}
	bmp.packing =
		packing <= BMP_FIELDS_ALPHA ? (enum image_bmp_packing)packing : BMP_FIELDS_ALPHA;
	if (!bmp.width || !bmp.height)
		return err_set(err, HILF_E_CORRUPT, "the BMP picture has no pixels");
	if (packing > BMP_FIELDS_ALPHA || !bmp_fits(&bmp))
		return err_set(err, HILF_E_UNSUPPORTED,
			"a BMP of %u bits a pixel packed in way %u, which hilf does not read",
			little16(head + (head_size == 12 ? 10 : 14)), packing);
	if (bmp.bits >= 16 && bmp.bits != 24 && !bmp_masks(&bytes, head_size, &bmp))
		return head_short(err, "BMP");
	bmp_palette(&bytes, head_size, used, &bmp);
	*ret_bmp = bmp;
	return 0;
}

int head_bmp(const struct bytes *bytes, struct image_head *ret_head, struct hilf_err *err)
{
	struct image_bmp bmp;
	int rc = image_bmp_read(bytes->data, bytes->size, &bmp, err);
	if (rc)
		return rc;
	ret_head->width = bmp.width;
	ret_head->height = bmp.height;
	ret_head->bits = bmp.bits;
	return 0;
}

/* -------------------------------------------------------------------------------------------------- PNM */

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

bool sniff_pnm(const struct bytes *bytes)
{
	return bytes->size >= 3 && bytes->data[0] == 'P' && bytes->data[1] >= '1' &&
	       bytes->data[1] <= '7' && (blank(bytes->data[2]) || bytes->data[2] == '#');
}

/* The next word; a comment runs from '#' to the end of its line. Words are short. */
static bool next_word(const struct bytes *bytes, size_t *index, char *ret_word, size_t room)
{
	size_t size = 0, at = *index;
	while (at < bytes->size && (blank(bytes->data[at]) || bytes->data[at] == '#')) {
		if (bytes->data[at++] != '#')
			continue;
		while (at < bytes->size && bytes->data[at] != '\n')
			at++;
	}
	while (at < bytes->size && !blank(bytes->data[at]) && bytes->data[at] != '#') {
		if (size + 1 == room)
			return false;
		ret_word[size++] = (char)bytes->data[at++];
	}
	ret_word[size] = 0;
	*index = at;
	return size > 0;
}

/* A decimal number from 1 to most. */
static bool next_number(
	const struct bytes *bytes, size_t *index, uint32_t most, uint32_t *ret_number)
{
	char word[16];
	uint64_t number = 0;
	if (!next_word(bytes, index, word, sizeof word))
		return false;
	for (const char *c = word; *c; c++) {
		if (*c < '0' || *c > '9')
			return false;
		number = number * 10 + (uint64_t)(*c - '0');
	}
	if (number < 1 || number > most)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

static int read_pam(const struct bytes *bytes, struct image_pnm *pnm, struct hilf_err *err)
{
	size_t index = 2;
	uint32_t width = 0, height = 0, depth = 0, maxval = 0;
	char word[32], type[32] = "";
	for (int i = 0; i < PNM_WORDS_MAX && next_word(bytes, &index, word, sizeof word); i++) {
		bool good = true;
		if (strcmp(word, "WIDTH") == 0)
			good = next_number(bytes, &index, UINT32_MAX, &width);
		else if (strcmp(word, "HEIGHT") == 0)
			good = next_number(bytes, &index, UINT32_MAX, &height);
		else if (strcmp(word, "DEPTH") == 0)
			good = next_number(bytes, &index, 4, &depth);
		else if (strcmp(word, "MAXVAL") == 0)
			good = next_number(bytes, &index, UINT16_MAX, &maxval);
		else if (strcmp(word, "TUPLTYPE") == 0)
			good = next_word(bytes, &index, type, sizeof type);
		else if (strcmp(word, "ENDHDR") != 0)
			break;
		if (!good)
			break;
		if (word[0] == 'E' && width && height && depth && maxval && has(bytes, index, 1)) {
			pnm->width = width;
			pnm->height = height;
			pnm->depth = (uint8_t)depth;
			pnm->maxval = (uint16_t)maxval;
			pnm->alpha = depth % 2 == 0;
			pnm->data_index = index + 1;
			return 0;
		}
	}
	return head_short(err, "PAM");
}

int image_pnm_read(
	const uint8_t *data, size_t size, struct image_pnm *ret_pnm, struct hilf_err *err)
{
	struct bytes bytes = {data, size, false};
	if (!sniff_pnm(&bytes))
		return head_short(err, "PNM");
	struct image_pnm pnm = {.kind = (uint8_t)(data[1] - '0'), .depth = 1, .maxval = 1};
	size_t index = 2;
	uint32_t maxval = 1;
	if (pnm.kind == 7) {
		int rc = read_pam(&bytes, &pnm, err);
		if (!rc)
			*ret_pnm = pnm;
		return rc;
	}
	if (!next_number(&bytes, &index, UINT32_MAX, &pnm.width) ||
		!next_number(&bytes, &index, UINT32_MAX, &pnm.height) ||
		(pnm.kind != 1 && pnm.kind != 4 &&
			!next_number(&bytes, &index, UINT16_MAX, &maxval)) ||
		!has(&bytes, index, 1))
		return head_short(err, "PNM");
	if (pnm.kind == 3 || pnm.kind == 6)
		pnm.depth = 3;
	pnm.maxval = (uint16_t)maxval;
	/* One blank, and binary pixels begin; it may be a comment's line end in ASCII ones, where more may follow. */
	pnm.data_index = index + 1;
	*ret_pnm = pnm;
	return 0;
}

int head_pnm(const struct bytes *bytes, struct image_head *ret_head, struct hilf_err *err)
{
	struct image_pnm pnm;
	int rc = image_pnm_read(bytes->data, bytes->size, &pnm, err);
	if (rc)
		return rc;
	ret_head->width = pnm.width;
	ret_head->height = pnm.height;
	ret_head->bits = pnm.kind == 4 ? 1u : 8u * pnm.depth;
	return 0;
}
