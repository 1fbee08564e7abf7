/* Folding captions by ranges of code points: the simple lower case of Unicode's alphabets in which people write to each
 * other, and for Arabic what search engines fold (Larkey, Ballesteros and Connell, "Light stemming for Arabic information
 * retrieval", 2007, section 3) without its stemming. */
#include "engine/caption.h"

#include "base/check.h"
#include "base/utf8.h"

#include <string.h>

/* From first to last, each `step` apart (1: every one, 2: capital and small take turns), moved by `add`. */
struct range {
	uint32_t first, last;
	uint32_t step;
	int32_t add;
};

/* clang-format off */
static const struct range lower[] = {
	{'A', 'Z', 1, 32}, {0xC0, 0xD6, 1, 32}, {0xD8, 0xDE, 1, 32},
	{0x100, 0x12E, 2, 1}, {0x132, 0x136, 2, 1}, {0x139, 0x147, 2, 1}, {0x14A, 0x176, 2, 1}, {0x178, 0x178, 1, -121},
	{0x179, 0x17D, 2, 1}, {0x1A0, 0x1A4, 2, 1}, {0x1AF, 0x1AF, 1, 1}, {0x218, 0x21A, 2, 1},
	{0x386, 0x386, 1, 38}, {0x388, 0x38A, 1, 37}, {0x38C, 0x38C, 1, 64}, {0x38E, 0x38F, 1, 63},
	{0x391, 0x3A1, 1, 32}, {0x3A3, 0x3AB, 1, 32}, {0x3C2, 0x3C2, 1, 1}, /* final sigma */
	{0x400, 0x40F, 1, 80}, {0x410, 0x42F, 1, 32}, {0x460, 0x480, 2, 1}, {0x48A, 0x4BE, 2, 1}, {0x4D0, 0x52E, 2, 1},
	{0x531, 0x556, 1, 48}, {0x1E00, 0x1E94, 2, 1}, {0x1EA0, 0x1EFE, 2, 1},
	{0xFF21, 0xFF3A, 1, -0xFEC0},
};
/* To one value each. */
static const struct { uint32_t from, to; } same[] = {
	{0x622, 0x627}, {0x623, 0x627}, {0x625, 0x627}, {0x671, 0x627}, /* alef with madda, hamza, wasla */
	{0x649, 0x64A}, {0x6CC, 0x64A}, {0x6A9, 0x643}, {0x1E9E, 0xDF}, {0x130, 'i'},
	{0x2018, '\''}, {0x2019, '\''}, {0x201C, '"'}, {0x201D, '"'},
};
/* Not seen, or seen by those alone who know how to write them. */
static const struct { uint32_t first, last; } unseen[] = {
	{0xAD, 0xAD}, {0x61C, 0x61C}, {0x640, 0x640}, {0x64B, 0x65F}, {0x670, 0x670}, {0x6D6, 0x6DC}, {0x6DF, 0x6E4},
	{0x6E7, 0x6E8}, {0x6EA, 0x6ED}, {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2064}, {0x2066, 0x2069},
	{0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xE0000, 0xE007F}, {0xE0100, 0xE01EF},
};
/* clang-format on */

static bool is_blank(uint32_t c)
{
	return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
	       c == 0x205F || c == 0x3000;
}

static bool is_unseen(uint32_t c)
{
	for (size_t i = 0; i < COUNT_OF(unseen); i++)
		if (c >= unseen[i].first && c <= unseen[i].last)
			return true;
	return false;
}

static uint32_t fold(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	for (size_t i = 0; i < COUNT_OF(same); i++)
		if (c == same[i].from)
			return same[i].to;
	for (size_t i = 0; i < COUNT_OF(lower); i++)
		if (c >= lower[i].first && c <= lower[i].last &&
			(c - lower[i].first) % lower[i].step == 0)
			return (uint32_t)((int32_t)c + lower[i].add);
	if (c >= 0x660 && c <= 0x669)
		return '0' + (c - 0x660);
	if (c >= 0x6F0 && c <= 0x6F9)
		return '0' + (c - 0x6F0);
	if (c >= 0xFF01 && c <= 0xFF5E)
		return c - 0xFEE0;
	return c;
}

static void put(struct buf *buf, uint32_t c)
{
	if (c < 0x80) {
		buf_char(buf, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_char(buf, (char)(0xC0 | c >> 6));
	} else if (c < 0x10000) {
		buf_char(buf, (char)(0xE0 | c >> 12));
		buf_char(buf, (char)(0x80 | (c >> 6 & 63)));
	} else {
		buf_char(buf, (char)(0xF0 | c >> 18));
		buf_char(buf, (char)(0x80 | (c >> 12 & 63)));
		buf_char(buf, (char)(0x80 | (c >> 6 & 63)));
	}
	buf_char(buf, (char)(0x80 | (c & 63)));
}

void caption_fold(const char *text, struct buf *buf)
{
	size_t left = text ? strlen(text) : 0, begin = buf->size;
	bool blank = false;
	while (left) {
		uint32_t c;
		size_t size = utf8_next(text, left, &c);
		if (!size) { /* not UTF-8: as it is */
			c = 0xFFFD;
			size = 1;
		}
		text += size;
		left -= size;
		if (is_unseen(c))
			continue;
		if (is_blank(c)) {
			blank = true;
			continue;
		}
		if (blank && buf->size > begin)
			buf_char(buf, ' ');
		blank = false;
		put(buf, fold(c));
	}
}
