/* Bytes through the wall and back: the real helper of this build, as the engine uses it. */
#ifndef TEST_IMAGE_THROUGH_H
#define TEST_IMAGE_THROUGH_H

#include "engine/decode.h"

/* The helper of $HILF_BUILD/dir ("src/proc"), and its only one. timeout_ms 0: the default. */
struct decode_pool *through_open(const char *dir, uint32_t timeout_ms);
/* Decodes the bytes; a failure of the machine fails the test. */
void through_decode(
	struct decode_pool *pool, const void *bytes, size_t size, struct hilf_content *ret_content);

#endif
