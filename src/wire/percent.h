/* Percent-encoding (RFC 3986) and query strings as forms send them (WHATWG URL, application/x-www-form-urlencoded): decoded
 * in place, and whatever is not text is refused. An escape is '%' and two digits, nothing looser; the result is valid UTF-8
 * without U+0000. */
#ifndef WIRE_PERCENT_H
#define WIRE_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

enum percent_fault {
	PERCENT_OK = 0,
	PERCENT_ESCAPE, /* a '%' without two hexadecimal digits */
	PERCENT_NUL,    /* U+0000, escaped or not */
	PERCENT_SLASH, /* an escaped '/' in a path: whether it divides segments is anybody's guess */
	PERCENT_UTF8,  /* not UTF-8 */
};
/* What is wrong, in words that fit behind "the path has ". */
const char *percent_fault_text(enum percent_fault fault);

/* Decodes text[size] where it is and writes the smaller size; text is not terminated. After a fault it is neither one nor
 * the other. */
enum percent_fault percent_decode_path(char *text, size_t size, size_t *ret_size);
enum percent_fault percent_decode_form(
	char *text, size_t size, size_t *ret_size); /* '+' is a blank */

/* Walks through "a=1&b=2&c" where it is: text[size] must be writable, too, as each name and value is terminated. *io_at is 0
 * at first. *ret_more: whether there was a pair; a name without '=' has the value "". */
enum percent_fault percent_query_next(char *text, size_t size, size_t *io_at, bool *ret_more,
	const char **ret_name, const char **ret_value);

#endif
