/* SHA-256 (FIPS 180-4) and MD5 (RFC 1321) by OpenSSL's EVP. Both take each block while it is in the cache, so a stream
 * is read from memory once. */
#include "signal/digest.h"

#include "base/err.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* Small enough to stay in the second-level cache of any machine, large enough for the calls not to count. */
#define BLOCK_SIZE (64 * 1024)

enum { SHA256, MD5, COUNT };

struct digest {
	EVP_MD *algorithms[COUNT];
	EVP_MD_CTX *contexts[COUNT];
};

static const char *const names[COUNT] = {"SHA256", "MD5"};

static int refuse(const char *what, struct hilf_err *err)
{
	char reason[160];
	unsigned long code = ERR_get_error();
	ERR_error_string_n(code, reason, sizeof reason);
	ERR_clear_error();
	if (code == 0 || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
		return err_no_memory(err);
	return err_set(err, HILF_E_UNSUPPORTED, "OpenSSL cannot %s: %s", what, reason);
}

int digest_restart(struct digest *digest, struct hilf_err *err)
{
	for (unsigned i = 0; i < COUNT; i++)
		if (EVP_DigestInit_ex2(digest->contexts[i], digest->algorithms[i], NULL) != 1)
			return refuse("begin a digest", err);
	return HILF_OK;
}

int digest_new(struct digest **ret_digest, struct hilf_err *err)
{
	struct digest *digest = calloc(1, sizeof *digest);
	if (!digest)
		return err_no_memory(err);
	int code = HILF_OK;
	for (unsigned i = 0; i < COUNT && code == HILF_OK; i++) {
		digest->algorithms[i] = EVP_MD_fetch(NULL, names[i], NULL);
		if (!digest->algorithms[i]) {
			char what[24] = "compute ";
			code = refuse(strcat(what, names[i]), err);
			break;
		}
		digest->contexts[i] = EVP_MD_CTX_new();
		if (!digest->contexts[i])
			code = err_no_memory(err);
	}
	if (code == HILF_OK)
		code = digest_restart(digest, err);
	if (code != HILF_OK) {
		digest_free(digest);
		return code;
	}
	*ret_digest = digest;
	return HILF_OK;
}

void digest_free(struct digest *digest)
{
	if (!digest)
		return;
	for (unsigned i = 0; i < COUNT; i++) {
		EVP_MD_CTX_free(digest->contexts[i]);
		EVP_MD_free(digest->algorithms[i]);
	}
	free(digest);
}

int digest_update(struct digest *digest, const void *bytes, size_t size, struct hilf_err *err)
{
	const uint8_t *from = bytes;
	while (size > 0) {
		size_t block = size < BLOCK_SIZE ? size : BLOCK_SIZE;
		for (unsigned i = 0; i < COUNT; i++)
			if (EVP_DigestUpdate(digest->contexts[i], from, block) != 1)
				return refuse("digest more bytes", err);
		from += block;
		size -= block;
	}
	return HILF_OK;
}

int digest_finish(struct digest *digest, uint8_t ret_sha256[DIGEST_SHA256_SIZE],
	uint8_t ret_md5[DIGEST_MD5_SIZE], struct hilf_err *err)
{
	uint8_t sha256[EVP_MAX_MD_SIZE], md5[EVP_MAX_MD_SIZE];
	if (EVP_DigestFinal_ex(digest->contexts[SHA256], sha256, NULL) != 1 ||
		EVP_DigestFinal_ex(digest->contexts[MD5], md5, NULL) != 1)
		return refuse("end a digest", err);
	int code = digest_restart(digest, err);
	if (code != HILF_OK)
		return code;
	memcpy(ret_sha256, sha256, DIGEST_SHA256_SIZE);
	memcpy(ret_md5, md5, DIGEST_MD5_SIZE);
	return HILF_OK;
}
