/* Bytes as lower-case hexadecimal, the one spelling that hilf writes and reads. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes 2 * size digits and a terminator. */
void hex_encode(const void *bytes, size_t size, char *ret_text);
/* Reads exactly 2 * size lower-case digits; false, with ret_bytes unspecified, for anything else. */
bool hex_decode(const char *text, size_t text_size, void *ret_bytes, size_t size);

#endif
