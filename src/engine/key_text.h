/* The text of an API key: "hilf_", ten characters of id, "_", 32 of secret, 6 of checksum, all of base 32 in lower case
 * (RFC 4648). The prefix and the checksum let a scanner for leaked secrets know one without asking. */
#ifndef ENGINE_KEY_TEXT_H
#define ENGINE_KEY_TEXT_H

#include "engine/keys.h"

#define KEY_SECRET_SIZE 32 /* characters, of five random bits each */
#define KEY_CHECK_SIZE  6
#define KEY_PREFIX      "hilf_"
#define KEY_TEXT_SIZE   (sizeof KEY_PREFIX - 1 + KEY_ID_SIZE + 1 + KEY_SECRET_SIZE + KEY_CHECK_SIZE)

/* count characters of five random bits, with a terminator. */
void key_text_random(char *ret_text, size_t count);
bool key_text_is_id(const char *text, size_t size);
void key_text_format(const char id[KEY_ID_SIZE], const char secret[KEY_SECRET_SIZE],
	char ret_text[KEY_TEXT_MAX]);
/* Whether the text has the form, checksum included. */
bool key_text_check(const char *text, size_t size);

static inline const char *key_text_id(const char *text)
{
	return text + sizeof KEY_PREFIX - 1;
}
static inline const char *key_text_secret(const char *text)
{
	return text + sizeof KEY_PREFIX - 1 + KEY_ID_SIZE + 1;
}

#endif
