/* The client of the decoding helpers: hands a file through the wall and believes nothing that comes
 * back.
 *
 *   decode_file ──► a helper of the pool ──► a fresh sealed child
 *        │   the digests are computed here meanwhile       │
 *        └◄── HEAD, PICTURE, PREVIEW, ... END (hostile) ◄──┘     and from the helper: how the child
 * ended
 *
 * A pool may be used from many threads; a helper serves one file at a time, starts when it is first
 * needed and is replaced when it breaks. */
#ifndef ENGINE_DECODE_H
#define ENGINE_DECODE_H

#include "hilf.h"
#include "wire/preview.h"

struct decode_pool;

/* What the child showed of the content, where it was asked to. A JPEG begins, ends and is sized as it should be; what is
 * within is hostile. */
struct preview {
	enum preview_kind kind;
	uint32_t width, height, size; /* pixels; bytes */
	uint8_t *jpeg;
};
struct previews {
	struct preview items[PREVIEW_MAX];
	size_t count;
};
/* Releases them, and there are none then. */
void previews_clear(struct previews *previews);

/* helper_dir: where hilf-decode-image is (copied). max: helpers at most, 0 for one per core.
 * timeout_ms: per file, 0 for LIMIT_DECODE_TIME_MS. insecure: decode without the wall, for
 * development; the helper says so on standard error. Nothing is started yet. HILF_E_NO_MEMORY. */
int decode_pool_new(const char *helper_dir, unsigned max, uint32_t timeout_ms, bool insecure,
	struct decode_pool **ret_pool, struct hilf_err *err);
/* Stops the helpers. No call may be under way. NULL is fine. */
void decode_pool_free(struct decode_pool *pool);

/* Digests the file behind fd from its beginning and has it decoded, within timeout_ms where that is
 * less than the pool's (0: no less), waiting for a free helper included; the position of a seekable
 * fd is untouched, other input is read to its end. What cannot be decoded is no failure:
 * ret_content->decided is false with a reason, and the digests are there all the same. Failures are
 * of the machine: HILF_E_HELPER, HILF_E_SANDBOX, HILF_E_IO, HILF_E_NO_MEMORY. */
int decode_file(struct decode_pool *pool, int fd, uint32_t timeout_ms,
	struct hilf_content *ret_content, struct hilf_err *err);

/* The same, with previews of what was decoded, as far as there was time and memory for them; release with previews_clear.
 * What is undecided may have some, too. None on failure. */
int decode_file_showing(struct decode_pool *pool, int fd, uint32_t timeout_ms,
	struct hilf_content *ret_content, struct previews *ret_previews, struct hilf_err *err);

/* Starts a helper if none runs and says which walls stand around its children (enum sandbox_walls,
 * or-ed) and which formats it reads ("jpeg png ..."), for `hilf doctor`. Formats: room bytes with
 * the terminator. */
int decode_pool_walls(struct decode_pool *pool, unsigned *ret_walls, char *ret_formats, size_t room,
	struct hilf_err *err);

#endif
