/* One pass that copies downwards, then one look for UTF-8; see percent.h. */
#include "wire/percent.h"

#include "base/bits.h"
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

const char *percent_fault_text(enum percent_fault fault)
{
	switch (fault) {
	case PERCENT_ESCAPE:
		return "a '%' that two hexadecimal digits do not follow";
	case PERCENT_NUL:
		return "a zero byte";
	case PERCENT_SLASH:
		return "an escaped '/'";
	case PERCENT_UTF8:
		return "bytes that are not UTF-8";
	default:
		return "no fault";
	}
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Whether all are characters that stand for themselves, eight at a time. */
static bool is_plain(const char *text, size_t size)
{
	uint64_t other = 0, bytes;
	size_t at = 0;
	for (; size - at >= sizeof bytes; at += sizeof bytes) {
		memcpy(&bytes, text + at, sizeof bytes);
		other |= (bytes & bits_each(0x80)) | bits_any_equal(bytes, '\0') |
			 bits_any_equal(bytes, '%') | bits_any_equal(bytes, '+');
	}
	for (; at < size; at++)
		other |=
			(unsigned char)(text[at] - 1) >= 0x7f || text[at] == '%' || text[at] == '+';
	return !other;
}

static enum percent_fault decode(char *text, size_t size, bool form, size_t *ret_size)
{
	size_t to = 0;
	bool ascii = true;
	if (is_plain(text, size)) {
		*ret_size = size;
		return PERCENT_OK;
	}
	for (size_t at = 0; at < size; at++) {
		char c = text[at];
		if (c == '%') {
			if (size - at < 3 || digit_of(text[at + 1]) < 0 ||
				digit_of(text[at + 2]) < 0)
				return PERCENT_ESCAPE;
			c = (char)(digit_of(text[at + 1]) << 4 | digit_of(text[at + 2]));
			at += 2;
			if (c == '/' && !form)
				return PERCENT_SLASH;
		} else if (c == '+' && form) {
			c = ' ';
		}
		if (c == '\0')
			return PERCENT_NUL;
		ascii = ascii && (unsigned char)c < 0x80;
		text[to++] = c;
	}
	if (!ascii && !utf8_valid(text, to))
		return PERCENT_UTF8;
	*ret_size = to;
	return PERCENT_OK;
}

enum percent_fault percent_decode_path(char *text, size_t size, size_t *ret_size)
{
	return decode(text, size, false, ret_size);
}

enum percent_fault percent_decode_form(char *text, size_t size, size_t *ret_size)
{
	return decode(text, size, true, ret_size);
}

enum percent_fault percent_query_next(char *text, size_t size, size_t *io_at, bool *ret_more,
	const char **ret_name, const char **ret_value)
{
	size_t at = *io_at;
	while (at < size && text[at] == '&')
		at++;
	*ret_more = at < size;
	if (at == size)
		return PERCENT_OK;
	char *name = text + at;
	char *end = memchr(name, '&', size - at);
	end = end ? end : text + size;
	char *equals = memchr(name, '=', (size_t)(end - name));
	char *value = equals ? equals + 1 : end;
	size_t name_size = (size_t)((equals ? equals : end) - name);
	size_t value_size = (size_t)(end - value);
	*io_at = (size_t)(end - text) + (end < text + size);
	enum percent_fault fault = decode(name, name_size, true, &name_size);
	if (fault == PERCENT_OK)
		fault = decode(value, value_size, true, &value_size);
	if (fault != PERCENT_OK)
		return fault;
	/* The terminators fall on what has been read: '=', '&' or the byte behind the text. */
	name[name_size] = '\0';
	value[value_size] = '\0';
	*ret_name = name;
	*ret_value = value;
	return PERCENT_OK;
}
