/* Passphrases by Argon2id (RFC 9106), and what hangs from them. One run gives 64 bytes: by half of them the passphrase is
 * known again, and the other half is the key under which the TOTP secret is kept. So whoever steals a backup has neither
 * factor before they have guessed the first.
 *
 *   secret   1 | passes, 4 bytes | kB, 4 | salt, 16 | check, 32 | nonce, 24 | box of the TOTP secret, 36 */
#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"
#include "engine/people_parts.h"
#include "os/clock.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#define VERSION    1
#define CHECK_SIZE 32
#define BOX_SIZE   (TOTP_SECRET_SIZE + crypto_secretbox_MACBYTES)
/* What is damaged or of a later version must not make us take more. */
#define PASSES_MAX    16u
#define MEMORY_KB_MAX (256u * 1024)
/* Different characters: "aaaaaaaaaaaa" is long. */
#define DIFFERENT_MIN 5

struct secret {
	uint32_t passes, memory_kb;
	uint8_t salt[crypto_pwhash_SALTBYTES];
	uint8_t check[CHECK_SIZE];
	uint8_t nonce[crypto_secretbox_NONCEBYTES];
	uint8_t box[BOX_SIZE];
};

struct keys_of {
	uint8_t check[CHECK_SIZE];
	uint8_t key[crypto_secretbox_KEYBYTES];
};

static void put_number(uint8_t *to, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(number >> 8 * i);
}

static uint32_t take_number(const uint8_t *from)
{
	return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static void write_secret(const struct secret *secret, uint8_t ret_bytes[PASSPHRASE_SECRET_SIZE])
{
	_Static_assert(PASSPHRASE_SECRET_SIZE == 9 + sizeof secret->salt + sizeof secret->check +
							 sizeof secret->nonce + sizeof secret->box,
		"all of it");
	uint8_t *to = ret_bytes;
	*to++ = VERSION;
	put_number(to, secret->passes);
	put_number(to + 4, secret->memory_kb);
	to += 8;
	memcpy(to, secret->salt, sizeof secret->salt);
	to += sizeof secret->salt;
	memcpy(to, secret->check, sizeof secret->check);
	to += sizeof secret->check;
	memcpy(to, secret->nonce, sizeof secret->nonce);
	to += sizeof secret->nonce;
	memcpy(to, secret->box, sizeof secret->box);
}

static bool read_secret(const uint8_t *bytes, size_t size, struct secret *ret_secret)
{
	if (size != PASSPHRASE_SECRET_SIZE || bytes[0] != VERSION)
		return false;
	ret_secret->passes = take_number(bytes + 1);
	ret_secret->memory_kb = take_number(bytes + 5);
	bytes += 9;
	memcpy(ret_secret->salt, bytes, sizeof ret_secret->salt);
	bytes += sizeof ret_secret->salt;
	memcpy(ret_secret->check, bytes, sizeof ret_secret->check);
	bytes += sizeof ret_secret->check;
	memcpy(ret_secret->nonce, bytes, sizeof ret_secret->nonce);
	bytes += sizeof ret_secret->nonce;
	memcpy(ret_secret->box, bytes, sizeof ret_secret->box);
	return ret_secret->passes && ret_secret->passes <= PASSES_MAX &&
	       ret_secret->memory_kb >= 8 && ret_secret->memory_kb <= MEMORY_KB_MAX;
}

/* Keyboards write é as one character or as two, and blanks of many kinds: as RFC 8265, section 4.2, has it (OpaqueString),
 * both are the same passphrase. free_prepared frees it; NULL: there is no memory. What is not UTF-8 stays as it is, and is
 * nobody's. */
static char *prepare(const char *passphrase)
{
	size_t size = strnlen(passphrase, PERSON_PASSPHRASE_MAX);
	utf8proc_uint8_t *composed = NULL;
	char *spaced = malloc(size + 1), *to = spaced;
	if (!spaced)
		return NULL;
	for (size_t at = 0, step; at < size; at += step) {
		uint32_t point = 0;
		step = utf8_next(passphrase + at, size - at, &point);
		if (step > 1 && utf8proc_category((int32_t)point) == UTF8PROC_CATEGORY_ZS) {
			*to++ = ' ';
			continue;
		}
		step = step ? step : 1;
		memcpy(to, passphrase + at, step);
		to += step;
	}
	*to = '\0';
	utf8proc_ssize_t rc = utf8proc_map((const utf8proc_uint8_t *)spaced, to - spaced, &composed,
		UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (rc == UTF8PROC_ERROR_INVALIDUTF8)
		return spaced;
	sodium_memzero(spaced, size);
	free(spaced);
	return rc < 0 ? NULL : (char *)composed;
}

static void free_prepared(char *passphrase)
{
	sodium_memzero(passphrase, strlen(passphrase));
	free(passphrase);
}

static int stretch(const char *passphrase, const struct secret *secret, struct keys_of *ret_keys,
	struct hilf_err *err)
{
	uint8_t bytes[CHECK_SIZE + crypto_secretbox_KEYBYTES];
	/* Until then libsodium has its slowest code alone. */
	if (sodium_init() < 0)
		return err_set(err, HILF_E_HELPER, "libsodium cannot start");
	char *prepared = prepare(passphrase);
	if (!prepared)
		return err_no_memory(err);
	int failed = crypto_pwhash(bytes, sizeof bytes, prepared, strlen(prepared), secret->salt,
		secret->passes, (size_t)secret->memory_kb * 1024, crypto_pwhash_ALG_ARGON2ID13);
	free_prepared(prepared);
	if (failed)
		return err_no_memory(err);
	memcpy(ret_keys->check, bytes, CHECK_SIZE);
	memcpy(ret_keys->key, bytes + CHECK_SIZE, sizeof ret_keys->key);
	sodium_memzero(bytes, sizeof bytes);
	return 0;
}

int passphrase_seal(const char *passphrase, const struct passphrase_cost *cost,
	const uint8_t totp[TOTP_SECRET_SIZE], uint8_t ret_secret[PASSPHRASE_SECRET_SIZE],
	struct hilf_err *err)
{
	struct secret secret = {.passes = cost->passes, .memory_kb = cost->memory_kb};
	struct keys_of keys;
	random_bytes(secret.salt, sizeof secret.salt);
	random_bytes(secret.nonce, sizeof secret.nonce);
	int rc = stretch(passphrase, &secret, &keys, err);
	if (rc)
		return rc;
	memcpy(secret.check, keys.check, sizeof secret.check);
	crypto_secretbox_easy(secret.box, totp, TOTP_SECRET_SIZE, secret.nonce, keys.key);
	write_secret(&secret, ret_secret);
	sodium_memzero(&keys, sizeof keys);
	return 0;
}

int passphrase_open(const char *passphrase, const struct passphrase_cost *cost, const void *bytes,
	size_t size, bool *ret_right, uint8_t ret_totp[TOTP_SECRET_SIZE], struct hilf_err *err)
{
	/* Nobody's: what it is compared with is of no run. */
	struct secret secret = {.passes = cost->passes, .memory_kb = cost->memory_kb};
	struct keys_of keys;
	uint8_t totp[TOTP_SECRET_SIZE];
	if (bytes && !read_secret(bytes, size, &secret))
		return err_set(err, HILF_E_CORRUPT,
			"what is kept of a passphrase is damaged; reset the account with 'hilf "
			"user "
			"reset'");
	int rc = stretch(passphrase, &secret, &keys, err);
	if (rc)
		return rc;
	bool right = sodium_memcmp(keys.check, secret.check, CHECK_SIZE) == 0;
	right = crypto_secretbox_open_easy(totp, secret.box, BOX_SIZE, secret.nonce, keys.key) ==
			0 &&
		right && bytes;
	if (right)
		memcpy(ret_totp, totp, sizeof totp);
	*ret_right = right;
	sodium_memzero(&keys, sizeof keys);
	sodium_memzero(totp, sizeof totp);
	return 0;
}

/* ------------------------------------------------------------------------------------------ the rules */

/* Different characters among the first 64: there is no need to count further. */
static unsigned count_different(const char *text, size_t size, unsigned *ret_count)
{
	uint32_t seen[64];
	unsigned different = 0, count = 0;
	while (size) {
		uint32_t point = 0;
		size_t step = utf8_next(text, size, &point);
		ASSERT(step); /* it is UTF-8 */
		unsigned at = 0;
		while (at < different && seen[at] != point)
			at++;
		if (at == different && different < COUNT_OF(seen))
			seen[different++] = point;
		count++;
		text += step;
		size -= step;
	}
	*ret_count = count;
	return different;
}

int passphrase_check(const char *passphrase, const char *name, struct hilf_err *err)
{
	size_t size = strnlen(passphrase, PERSON_PASSPHRASE_MAX + 1);
	unsigned count;
	if (size > PERSON_PASSPHRASE_MAX)
		return err_set(err, HILF_E_INVALID, "a passphrase has %d bytes at most",
			PERSON_PASSPHRASE_MAX);
	if (!utf8_valid(passphrase, size))
		return err_set(err, HILF_E_INVALID, "the passphrase is not UTF-8");
	char *prepared = prepare(passphrase);
	if (!prepared)
		return err_no_memory(err);
	unsigned different = count_different(prepared, strlen(prepared), &count);
	free_prepared(prepared);
	if (count < PERSON_PASSPHRASE_MIN)
		return err_set(err, HILF_E_INVALID,
			"a passphrase has at least %d characters; a few words make a good one",
			PERSON_PASSPHRASE_MIN);
	if (different < DIFFERENT_MIN)
		return err_set(err, HILF_E_INVALID,
			"a passphrase has at least %d different characters", DIFFERENT_MIN);
	if (strcasecmp(passphrase, name) == 0)
		return err_set(err, HILF_E_INVALID, "the name is no passphrase");
	return 0;
}
