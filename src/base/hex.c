/* Hexadecimal by table: import reads millions of lines of it. */
#include "base/hex.h"

static const char digits[16] = "0123456789abcdef";

/* The value of a digit plus one; 0 for what is none. */
static const uint8_t values[256] = {
	['0'] = 1,
	['1'] = 2,
	['2'] = 3,
	['3'] = 4,
	['4'] = 5,
	['5'] = 6,
	['6'] = 7,
	['7'] = 8,
	['8'] = 9,
	['9'] = 10,
	['a'] = 11,
	['b'] = 12,
	['c'] = 13,
	['d'] = 14,
	['e'] = 15,
	['f'] = 16,
};

void hex_encode(const void *bytes, size_t size, char *ret_text)
{
	const uint8_t *from = bytes;
	for (size_t i = 0; i < size; i++) {
		*ret_text++ = digits[from[i] >> 4];
		*ret_text++ = digits[from[i] & 15];
	}
	*ret_text = '\0';
}

bool hex_decode(const char *text, size_t text_size, void *ret_bytes, size_t size)
{
	uint8_t *to = ret_bytes;
	unsigned all = 0;
	if (text_size % 2 || text_size / 2 != size)
		return false;
	/* To the end whatever comes: one question in place of two for each byte. */
	for (size_t i = 0; i < size; i++) {
		unsigned high = values[(uint8_t)text[2 * i]] - 1u;
		unsigned low = values[(uint8_t)text[2 * i + 1]] - 1u;
		all |= high | low;
		to[i] = (uint8_t)(high << 4 | low);
	}
	return all < 16;
}
