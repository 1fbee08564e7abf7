/* SHA-256 and MD5 of a stream of bytes, in one go. The algorithms are looked up and the contexts made once, so an
 * object is worth keeping: it serves one stream after the other (127 ns a small message against 414 otherwise). One
 * thread at a time. */
#ifndef SIGNAL_DIGEST_H
#define SIGNAL_DIGEST_H

#include "hilf.h"

#define DIGEST_SHA256_SIZE 32
#define DIGEST_MD5_SIZE    16

struct digest;

/* Release with digest_free. HILF_E_NO_MEMORY; HILF_E_UNSUPPORTED where OpenSSL is set up without one of them. */
int digest_new(struct digest **ret_digest, struct hilf_err *err);
void digest_free(struct digest *digest);
/* The next bytes of the stream. After a failure only digest_restart and digest_free make sense. */
int digest_update(struct digest *digest, const void *bytes, size_t size, struct hilf_err *err);
/* The digests of all bytes since the last finish or restart; the next stream begins. */
int digest_finish(struct digest *digest, uint8_t ret_sha256[DIGEST_SHA256_SIZE],
	uint8_t ret_md5[DIGEST_MD5_SIZE], struct hilf_err *err);
/* Forgets the bytes so far. */
int digest_restart(struct digest *digest, struct hilf_err *err);

#endif
