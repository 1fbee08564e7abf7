/* What is to be decoded, made safe to hand out: a descriptor of its own that can only be read, over bytes that do not
 * change, or that are seen to have changed. */
#ifndef ENGINE_DECODE_INPUT_H
#define ENGINE_DECODE_INPUT_H

#include "hilf.h"
#include "signal/digest.h"

#include <sys/stat.h>

struct decode_input {
	int fd;            /* read-only, with a position of its own; -1: nothing to decode */
	uint64_t size;     /* bytes, all of them, also of what is too large */
	bool digested;     /* the digests are done */
	bool changed;      /* fewer or more bytes came than the file had */
	struct stat state; /* as it was at first */
	uint8_t sha256[DIGEST_SHA256_SIZE], md5[DIGEST_MD5_SIZE];
};

/* A regular file is opened anew for reading; anything else is read to its end, digested on the way, and copied into a
 * sealed memfd up to 16 MB, into an unlinked temporary file above, as long as it is of a size that is decoded at all.
 * HILF_E_INVALID for a folder. Release with decode_input_close. */
int decode_input_open(
	int fd, struct digest *digest, struct decode_input *ret_input, struct hilf_err *err);
void decode_input_close(struct decode_input *input);

/* Reads and digests the input, if that is not done. */
int decode_input_digest(struct decode_input *input, struct digest *digest, struct hilf_err *err);
/* Whether the file is no more what it was when it was opened. */
bool decode_input_changed(const struct decode_input *input);

#endif
