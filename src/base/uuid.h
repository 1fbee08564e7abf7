/* Record ids: UUID version 7 (RFC 9562), so that ids sort by the time they were made. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UUID_SIZE      16
#define UUID_TEXT_SIZE 36 /* without a terminator */

/* time_ms since 1970; random: ten random bytes. */
void uuid_make(int64_t time_ms, const uint8_t random[10], uint8_t ret_uuid[UUID_SIZE]);
/* Writes 36 characters and a terminator, in lower case. */
void uuid_format(const uint8_t uuid[UUID_SIZE], char ret_text[UUID_TEXT_SIZE + 1]);
/* Reads the lower-case text of a version 7 UUID, exactly; false for anything else. */
bool uuid_parse(const char *text, size_t text_size, uint8_t ret_uuid[UUID_SIZE]);

#endif
