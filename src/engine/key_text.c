/* The checksum is the lower 30 bits of CRC-32 (ISO-HDLC, as in zip) over everything before it. */
#include "engine/key_text.h"

#include "base/check.h"
#include "os/clock.h"

#include <stdio.h>
#include <string.h>

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

static uint32_t crc32_of(const char *text, size_t size)
{
	uint32_t crc = 0xffffffffu;
	for (size_t i = 0; i < size; i++) {
		crc ^= (uint8_t)text[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static void format_check(const char *text, size_t size, char ret_check[KEY_CHECK_SIZE])
{
	uint32_t crc = crc32_of(text, size);
	for (int i = 0; i < KEY_CHECK_SIZE; i++)
		ret_check[i] = alphabet[crc >> 5 * (KEY_CHECK_SIZE - 1 - i) & 31];
}

static bool all_of_alphabet(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!(text[i] >= 'a' && text[i] <= 'z') && !(text[i] >= '2' && text[i] <= '7'))
			return false;
	return true;
}

void key_text_random(char *ret_text, size_t count)
{
	uint8_t random[64];
	ASSERT(count <= sizeof random);
	random_bytes(random, count);
	for (size_t i = 0; i < count; i++)
		ret_text[i] = alphabet[random[i] & 31];
	ret_text[count] = '\0';
}

bool key_text_is_id(const char *text, size_t size)
{
	return size == KEY_ID_SIZE && all_of_alphabet(text, size);
}

void key_text_format(
	const char id[KEY_ID_SIZE], const char secret[KEY_SECRET_SIZE], char ret_text[KEY_TEXT_MAX])
{
	_Static_assert(KEY_TEXT_SIZE < KEY_TEXT_MAX, "with its terminator");
	int size = snprintf(ret_text, KEY_TEXT_MAX, KEY_PREFIX "%.*s_%.*s", KEY_ID_SIZE, id,
		KEY_SECRET_SIZE, secret);
	ASSERT(size == (int)(KEY_TEXT_SIZE - KEY_CHECK_SIZE));
	format_check(ret_text, (size_t)size, ret_text + size);
	ret_text[KEY_TEXT_SIZE] = '\0';
}

bool key_text_check(const char *text, size_t size)
{
	char check[KEY_CHECK_SIZE];
	if (size != KEY_TEXT_SIZE || memcmp(text, KEY_PREFIX, sizeof KEY_PREFIX - 1) != 0 ||
		key_text_id(text)[KEY_ID_SIZE] != '_' ||
		!all_of_alphabet(key_text_id(text), KEY_ID_SIZE) ||
		!all_of_alphabet(key_text_secret(text), KEY_SECRET_SIZE))
		return false;
	format_check(text, KEY_TEXT_SIZE - KEY_CHECK_SIZE, check);
	return memcmp(text + KEY_TEXT_SIZE - KEY_CHECK_SIZE, check, sizeof check) == 0;
}
