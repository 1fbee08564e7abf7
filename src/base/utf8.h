/* UTF-8 as RFC 3629 allows it: no surrogates, nothing overlong, nothing above U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads one code point; its size in bytes, or 0 where the bytes are not UTF-8. size must not be 0. */
size_t utf8_next(const char *text, size_t size, uint32_t *ret_code_point);
bool utf8_valid(const char *text, size_t size);
/* Copies text for a person's eyes: control characters, line ends and broken bytes come out as \xHH, so that a
 * file's name can neither break a line nor steer a terminal. Terminates; cuts at the room there is. Returns the
 * size written without the terminator. */
size_t utf8_printable(const char *text, size_t size, char *ret_text, size_t room);

#endif
