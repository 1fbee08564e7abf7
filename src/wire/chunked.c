/* A machine with a state for each kind of byte that may come; see chunked.h. */
#include "wire/chunked.h"

enum {
	AT_SIZE = 0,  /* a digit, or what ends them */
	AT_EXTENSION, /* behind ';' */
	AT_SIZE_LF,
	AT_DATA,
	AT_DATA_CR,
	AT_DATA_LF,
	AT_TRAILER_LINE, /* the first byte of a trailer's line */
	AT_TRAILER,
	AT_TRAILER_LF,
	AT_END_LF,
	AT_END,
};

/* 60 bits: no sum of them with anything here overflows. Leading zeros count as digits. */
#define DIGITS_MAX 15

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte that is not data; the state that follows, or -1. */
static int step(struct chunked *chunked, char c)
{
	int digit;
	switch (chunked->state) {
	case AT_SIZE:
		if ((digit = digit_of(c)) >= 0) {
			if (chunked->digits++ == DIGITS_MAX)
				return -1;
			chunked->left = chunked->left << 4 | (unsigned)digit;
			return AT_SIZE;
		}
		if (!chunked->digits || (c != ';' && c != '\r'))
			return -1;
		return c == ';' ? AT_EXTENSION : AT_SIZE_LF;
	case AT_EXTENSION:
		if (c == '\r')
			return AT_SIZE_LF;
		if (((unsigned char)c < 0x20 && c != '\t') || c == 0x7f ||
			++chunked->extra > CHUNKED_EXTENSION_MAX)
			return -1;
		return AT_EXTENSION;
	case AT_SIZE_LF:
		chunked->digits = 0;
		chunked->extra = 0;
		return c != '\n' ? -1 : chunked->left ? AT_DATA : AT_TRAILER_LINE;
	case AT_DATA_CR:
		return c == '\r' ? AT_DATA_LF : -1;
	case AT_DATA_LF:
		return c == '\n' ? AT_SIZE : -1;
	case AT_TRAILER_LINE:
		if (c == '\r')
			return AT_END_LF;
		/* fall through */
	case AT_TRAILER:
		if (c == '\r')
			return AT_TRAILER_LF;
		if (((unsigned char)c < 0x20 && c != '\t') || c == 0x7f ||
			++chunked->extra > CHUNKED_TRAILERS_MAX)
			return -1;
		return AT_TRAILER;
	case AT_TRAILER_LF:
		chunked->extra += 2;
		return c == '\n' ? AT_TRAILER_LINE : -1;
	case AT_END_LF:
		return c == '\n' ? AT_END : -1;
	default:
		return -1;
	}
}

enum chunked_step chunked_next(struct chunked *chunked, const char *bytes, size_t size,
	size_t *io_at, const char **ret_data, size_t *ret_data_size)
{
	while (*io_at < size) {
		if (chunked->state == AT_DATA) {
			size_t have = size - *io_at;
			size_t take = chunked->left < have ? (size_t)chunked->left : have;
			*ret_data = bytes + *io_at;
			*ret_data_size = take;
			*io_at += take;
			chunked->left -= take;
			if (!chunked->left)
				chunked->state = AT_DATA_CR;
			return CHUNKED_DATA;
		}
		int state = step(chunked, bytes[*io_at]);
		if (state < 0)
			return CHUNKED_BAD;
		++*io_at;
		chunked->state = (uint8_t)state;
		if (state == AT_END)
			return CHUNKED_END;
	}
	return CHUNKED_MORE;
}
