/* Appeal tokens of people's decisions. Each content of a decision has one of its own, and none is stored: it is made of the
 * numbers of the decision and of the upload with the store's key, so that ten thousand cost nothing and all can be made
 * again. A synthetic-IV construction, so that whoever holds many learns nothing of how many there are:
 *
 *   numbers (11 bytes) ──HMAC──► tag (14 bytes) ──HMAC──► pad;  token = "appeal_" base32(tag ‖ numbers xor pad)     47 characters */
#include "base/check.h"
#include "base/err.h"
#include "base/hex.h"
#include "engine/decide_parts.h"
#include "engine/local_parts.h"
#include "os/clock.h"

#include <sodium.h>
#include <string.h>

#define SETTING      "appeal.key"
#define PREFIX       "appeal_"
#define TAG_SIZE     14u /* 112 bits: nobody guesses one over the network */
#define NUMBERS_SIZE 11u /* 5 of the decision, 6 of the upload */
#define RAW_SIZE     (TAG_SIZE + NUMBERS_SIZE)
#define CHARS        (RAW_SIZE * 8u / 5u)

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

_Static_assert(RAW_SIZE * 8u % 5u == 0, "no bit is left over");
_Static_assert(sizeof PREFIX - 1 + CHARS < APPEAL_TOKEN_TEXT, "a token fits");

int appeal_key(
	struct hilf *hilf, bool in_write, uint8_t ret_key[APPEAL_KEY_SIZE], struct hilf_err *err)
{
	char text[2 * APPEAL_KEY_SIZE + 1];
	int rc = store_setting_get(hilf->store, in_write, SETTING, text, sizeof text, err);
	if (rc == HILF_E_NOT_FOUND && in_write) {
		random_bytes(ret_key, APPEAL_KEY_SIZE);
		hex_encode(ret_key, APPEAL_KEY_SIZE, text);
		return store_setting_set(hilf->store, SETTING, text, err);
	}
	if (!rc && !hex_decode(text, strlen(text), ret_key, APPEAL_KEY_SIZE))
		rc = err_set(err, HILF_E_CORRUPT,
			"the key of appeal tokens is damaged; restore the setting '%s' from a "
			"backup",
			SETTING);
	return rc;
}

static void hash(const uint8_t key[APPEAL_KEY_SIZE], const char *what, const uint8_t *bytes,
	size_t size, uint8_t ret_hash[crypto_auth_hmacsha256_BYTES])
{
	crypto_auth_hmacsha256_state state;
	crypto_auth_hmacsha256_init(&state, key, APPEAL_KEY_SIZE);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)what, strlen(what));
	crypto_auth_hmacsha256_update(&state, bytes, size);
	crypto_auth_hmacsha256_final(&state, ret_hash);
}

void appeal_token(const uint8_t key[APPEAL_KEY_SIZE], uint64_t decision, uint64_t upload,
	char ret_token[APPEAL_TOKEN_TEXT])
{
	uint8_t numbers[NUMBERS_SIZE], tag[crypto_auth_hmacsha256_BYTES],
		pad[crypto_auth_hmacsha256_BYTES], raw[RAW_SIZE];
	ASSERT(decision >> 40 == 0 && upload >> 48 == 0);
	for (unsigned i = 0; i < 5; i++)
		numbers[i] = (uint8_t)(decision >> 8 * i);
	for (unsigned i = 0; i < 6; i++)
		numbers[5 + i] = (uint8_t)(upload >> 8 * i);
	hash(key, "tag", numbers, sizeof numbers, tag);
	hash(key, "pad", tag, TAG_SIZE, pad);
	memcpy(raw, tag, TAG_SIZE);
	for (unsigned i = 0; i < NUMBERS_SIZE; i++)
		raw[TAG_SIZE + i] = numbers[i] ^ pad[i];
	memcpy(ret_token, PREFIX, sizeof PREFIX - 1);
	char *to = ret_token + sizeof PREFIX - 1;
	for (unsigned bit = 0; bit < RAW_SIZE * 8; bit += 5) {
		unsigned at = bit / 8, pair = (unsigned)raw[at] << 8;
		pair |= at + 1 < RAW_SIZE ? raw[at + 1] : 0;
		*to++ = alphabet[pair >> (11 - bit % 8) & 31];
	}
	*to = '\0';
}

static bool read_base32(const char *text, uint8_t ret_raw[RAW_SIZE])
{
	memset(ret_raw, 0, RAW_SIZE);
	for (unsigned i = 0; i < CHARS; i++) {
		const char *found = text[i] ? strchr(alphabet, text[i]) : NULL;
		if (!found)
			return false;
		unsigned value = (unsigned)(found - alphabet), bit = 5 * i;
		unsigned pair = value << (11 - bit % 8);
		ret_raw[bit / 8] |= (uint8_t)(pair >> 8);
		if (bit / 8 + 1 < RAW_SIZE)
			ret_raw[bit / 8 + 1] |= (uint8_t)pair;
	}
	return text[CHARS] == '\0';
}

bool appeal_token_read(const uint8_t key[APPEAL_KEY_SIZE], const char *token,
	uint64_t *ret_decision, uint64_t *ret_upload)
{
	uint8_t raw[RAW_SIZE], numbers[NUMBERS_SIZE], tag[crypto_auth_hmacsha256_BYTES],
		pad[crypto_auth_hmacsha256_BYTES];
	uint64_t decision = 0, upload = 0;
	if (strncmp(token, PREFIX, sizeof PREFIX - 1) != 0 ||
		!read_base32(token + sizeof PREFIX - 1, raw))
		return false;
	hash(key, "pad", raw, TAG_SIZE, pad);
	for (unsigned i = 0; i < NUMBERS_SIZE; i++)
		numbers[i] = raw[TAG_SIZE + i] ^ pad[i];
	hash(key, "tag", numbers, sizeof numbers, tag);
	if (sodium_memcmp(tag, raw, TAG_SIZE) != 0)
		return false;
	for (unsigned i = 0; i < 5; i++)
		decision |= (uint64_t)numbers[i] << 8 * i;
	for (unsigned i = 0; i < 6; i++)
		upload |= (uint64_t)numbers[5 + i] << 8 * i;
	*ret_decision = decision;
	*ret_upload = upload;
	return true;
}
