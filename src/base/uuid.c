/* UUID version 7: 48 bits of milliseconds, version, 12 random bits, variant, 62 random bits (RFC 9562, 5.7). */
#include "base/uuid.h"

#include "base/hex.h"

#include <string.h>

void uuid_make(int64_t time_ms, const uint8_t random[10], uint8_t ret_uuid[UUID_SIZE])
{
	for (int i = 0; i < 6; i++)
		ret_uuid[i] = (uint8_t)((uint64_t)time_ms >> (40 - 8 * i));
	memcpy(ret_uuid + 6, random, 10);
	ret_uuid[6] = (uint8_t)((ret_uuid[6] & 0x0f) | 0x70);
	ret_uuid[8] = (uint8_t)((ret_uuid[8] & 0x3f) | 0x80);
}

void uuid_format(const uint8_t uuid[UUID_SIZE], char ret_text[UUID_TEXT_SIZE + 1])
{
	char digits[2 * UUID_SIZE + 1];
	hex_encode(uuid, UUID_SIZE, digits);
	size_t from = 0, to = 0;
	while (from < 2 * UUID_SIZE) {
		if (to == 8 || to == 13 || to == 18 || to == 23)
			ret_text[to++] = '-';
		ret_text[to++] = digits[from++];
	}
	ret_text[to] = '\0';
}

bool uuid_parse(const char *text, size_t text_size, uint8_t ret_uuid[UUID_SIZE])
{
	char digits[2 * UUID_SIZE];
	uint8_t uuid[UUID_SIZE];
	size_t to = 0;
	if (text_size != UUID_TEXT_SIZE)
		return false;
	for (size_t i = 0; i < UUID_TEXT_SIZE; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash != (text[i] == '-'))
			return false;
		if (!dash)
			digits[to++] = text[i];
	}
	if (!hex_decode(digits, sizeof digits, uuid, UUID_SIZE))
		return false;
	if (uuid[6] >> 4 != 7 || uuid[8] >> 6 != 2)
		return false;
	memcpy(ret_uuid, uuid, UUID_SIZE);
	return true;
}
