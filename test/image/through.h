/* Bytes through the wall and back: the real helper of this build, as the engine uses it. */
#ifndef TEST_IMAGE_THROUGH_H
#define TEST_IMAGE_THROUGH_H

#include "base/buf.h"
#include "engine/decode.h"

/* A pool of one over the helper of $HILF_BUILD/dir ("src/proc"). timeout_ms 0: the default. */
struct decode_pool *through_open(const char *dir, uint32_t timeout_ms);
struct decode_pool *through_open_with(
	const char *dir, unsigned max, uint32_t timeout_ms, bool insecure);
/* Decodes the bytes; a failure of the machine fails the test. */
void through_decode(
	struct decode_pool *pool, const void *bytes, size_t size, struct hilf_content *ret_content);
/* The same with previews. */
void through_show(struct decode_pool *pool, const void *bytes, size_t size,
	struct hilf_content *ret_content, struct previews *ret_previews);
/* Makes a PNG that is whole and decodes it: what has to come out again after whatever else was tried. False where it is
 * undecided. */
bool through_good(struct decode_pool *pool, struct buf *ret_png, struct hilf_content *ret_content);

#endif
