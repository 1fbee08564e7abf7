/* HMAC-SHA-1 is what authenticator apps have in common; SHA-1's collisions do not matter to HMAC (RFC 6194). */
#include "engine/totp.h"

#include "base/check.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define SHA1_SIZE 20

void totp_code(
	const uint8_t secret[TOTP_SECRET_SIZE], uint64_t step, char ret_code[TOTP_DIGITS + 1])
{
	uint8_t counter[8], mac[EVP_MAX_MD_SIZE] = {0};
	unsigned size = 0;
	for (int i = 0; i < 8; i++)
		counter[i] = (uint8_t)(step >> 8 * (7 - i));
	HMAC(EVP_sha1(), secret, TOTP_SECRET_SIZE, counter, sizeof counter, mac, &size);
	/* RFC 4226, 5.3: four bytes from where the last nibble says, without the sign. */
	const uint8_t *at = mac + (mac[SHA1_SIZE - 1] & 15);
	uint32_t number = (uint32_t)(at[0] & 127) << 24 | (uint32_t)at[1] << 16 |
			  (uint32_t)at[2] << 8 | at[3];
	snprintf(ret_code, TOTP_DIGITS + 1, "%06u", number % 1000000);
	sodium_memzero(mac, sizeof mac);
}

/* People copy "123 456". False: it is none. */
static bool digits_of(const char *code, char ret_digits[TOTP_DIGITS])
{
	size_t count = 0;
	for (; *code; code++) {
		if (*code == ' ')
			continue;
		if (*code < '0' || *code > '9' || count == TOTP_DIGITS)
			return false;
		ret_digits[count++] = *code;
	}
	return count == TOTP_DIGITS;
}

uint64_t totp_find(
	const uint8_t secret[TOTP_SECRET_SIZE], const char *code, int64_t now_ms, uint64_t after)
{
	char digits[TOTP_DIGITS] = {0}, right[TOTP_DIGITS + 1];
	uint64_t now = (uint64_t)now_ms / TOTP_STEP_MS, found = 0;
	bool is_code = digits_of(code, digits);
	for (uint64_t step = now - 1; step <= now + 1; step++) {
		totp_code(secret, step, right);
		if (sodium_memcmp(digits, right, TOTP_DIGITS) == 0 && step > after && !found)
			found = step;
	}
	sodium_memzero(right, sizeof right);
	return is_code ? found : 0;
}

void totp_secret_text(const uint8_t secret[TOTP_SECRET_SIZE], char *ret_text)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	_Static_assert(TOTP_SECRET_SIZE % 5 == 0, "no padding");
	for (size_t i = 0; i < TOTP_SECRET_SIZE; i += 5) {
		uint64_t bits = 0;
		for (size_t k = 0; k < 5; k++)
			bits = bits << 8 | secret[i + k];
		for (int k = 7; k >= 0; k--)
			*ret_text++ = alphabet[bits >> 5 * k & 31];
	}
	*ret_text = '\0';
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void totp_uri(const char *secret_text, const char *name, char *ret_uri, size_t room)
{
	size_t size = (size_t)snprintf(ret_uri, room, "otpauth://totp/hilf:");
	for (; *name; name++) {
		ASSERT(size + 4 < room);
		size += (size_t)snprintf(ret_uri + size, room - size,
			is_unreserved(*name) ? "%c" : "%%%02X", (unsigned char)*name);
	}
	size += (size_t)snprintf(
		ret_uri + size, room - size, "?secret=%s&issuer=hilf", secret_text);
	ASSERT(size < room);
}
