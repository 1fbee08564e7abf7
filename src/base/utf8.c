/* UTF-8 by RFC 3629, section 4. */
#include "base/utf8.h"

#include "base/check.h"

#include <string.h>

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t utf8_next(const char *text, size_t size, uint32_t *ret_code_point)
{
	const unsigned char *s = (const unsigned char *)text;
	ASSERT(size > 0);
	if (s[0] < 0x80) {
		*ret_code_point = s[0];
		return 1;
	}
	size_t want = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || size < want)
		return 0;
	uint32_t code = s[0] & (0x7fu >> want);
	for (size_t i = 1; i < want; i++) {
		if (!is_tail(s[i]))
			return 0;
		code = code << 6 | (s[i] & 0x3fu);
	}
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	if (code < least[want] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code_point = code;
	return want;
}

bool utf8_valid(const char *text, size_t size)
{
	for (size_t at = 0; at < size;) {
		uint32_t code;
		size_t step = utf8_next(text + at, size - at, &code);
		if (!step)
			return false;
		at += step;
	}
	return true;
}

/* Control characters, and the invisible ones that reorder or break a line. */
static bool steers(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200e && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
	       code == 0x61c || code == 0xfeff;
}

size_t utf8_printable(const char *text, size_t size, char *ret_text, size_t room)
{
	static const char digits[] = "0123456789abcdef";
	size_t to = 0;
	ASSERT(room > 0);
	for (size_t at = 0; at < size;) {
		uint32_t code = 0;
		size_t step = utf8_next(text + at, size - at, &code);
		bool plain = step && !steers(code);
		if (!step)
			step = 1;
		if (to + (plain ? step : 4 * step) >= room)
			break;
		for (size_t i = 0; i < step; i++) {
			unsigned char byte = (unsigned char)text[at + i];
			if (plain) {
				ret_text[to++] = (char)byte;
				continue;
			}
			ret_text[to++] = '\\';
			ret_text[to++] = 'x';
			ret_text[to++] = digits[byte >> 4];
			ret_text[to++] = digits[byte & 15];
		}
		at += step;
	}
	ret_text[to] = '\0';
	return to;
}
