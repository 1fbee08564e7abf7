/* A file of checksummed blocks, read when first touched: what every snapshot is kept in.
 *
 *   file     | header |   part 0: block, block, ..., block   | part 1: ... |  ...  | a checksum for each block |
 *   memory              [ READY | absent | absent | READY ]    [ ... ]               read when the file is opened
 *
 * The file is written once and whole (aside, synced, renamed) and never changed. A part is a run of bytes; in memory it
 * is a region of its own, which begins empty. The first touch of a block reads it into its place, verifies it and only
 * then shows it, so nothing unverified is ever seen, and a disk that fails is an error and not a signal, as it would be
 * in a mapped file. Damage is HILF_E_CORRUPT with file, block and reason; a bad block stays bad for as long as the
 * file is open.
 *
 * The checksums are against damage and mix-ups, not against somebody who writes into the folder: whoever can do that
 * can write the store as well. Numbers are in the machine's byte order; the file is a cache and does not travel.
 *
 * Threads: everything that takes a `struct blocks` may be called from any number of them, but for blocks_close and
 * blocks_check_with. docs/formats/index.md has the bytes. */
#ifndef OS_BLOCKS_H
#define OS_BLOCKS_H

#include "hilf.h"

#include <pthread.h>
#include <stdatomic.h>

#define BLOCKS_SIZE       ((size_t)16 * 1024)
#define BLOCKS_PARTS_MAX  32u
#define BLOCKS_STAMP_SIZE 64u
/* What a kind is made of: four letters. */
#define BLOCKS_KIND(a, b, c, d)                                                                    \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

/* ------------------------------------------------------------------------------------------- reading */

enum blocks_state {
	BLOCKS_ABSENT,
	BLOCKS_LOADING, /* one thread reads it; others wait */
	BLOCKS_READY,
	BLOCKS_BAD_SUM, /* from here on: bad, and why */
	BLOCKS_BAD_SHORT,
	BLOCKS_BAD_READ,
	BLOCKS_BAD_CONTENT,
};

struct blocks_part {
	uint8_t *bytes; /* at a multiple of 64, or NULL where size is 0; not to be read untouched */
	uint64_t size;
	uint64_t file_at;         /* where it begins in the file */
	uint64_t file_size;       /* with the zeros behind it; bytes has as many */
	_Atomic(uint8_t) *states; /* of each block */
	const uint64_t *sums;
};

/* Whether a block that has passed its checksum can be used: `at` is its place in the part. Called once for each block,
 * from any thread. */
typedef bool blocks_check_fn(
	unsigned part, uint64_t at, const uint8_t *bytes, size_t size, void *ctx);

/* Look at parts, part_count, stamp and sum; the rest is private. */
struct blocks {
	struct blocks_part parts[BLOCKS_PARTS_MAX];
	unsigned part_count;
	uint8_t stamp[BLOCKS_STAMP_SIZE]; /* the caller's, given when it was written */
	uint64_t sum;                     /* stands for all the bytes of the file */
	_Atomic(bool) ready;              /* all blocks are */
	_Atomic(uint64_t) missing;        /* blocks that are not ready */
	_Atomic(uint64_t) warmed;         /* stretches that blocks_warm has seen to */
	_Atomic(int) read_errno;          /* of the last read that failed */
	uint64_t block_count;
	blocks_check_fn *check;
	void *check_ctx;
	pthread_mutex_t mutex; /* for those who wait for a block */
	pthread_cond_t loaded;
	_Atomic(uint8_t) *states;
	uint64_t *sums;
	int fd;
	char *path;
};

/* Opens a file and verifies everything but its blocks. HILF_E_NOT_FOUND; HILF_E_CORRUPT; HILF_E_VERSION for a file of a
 * newer hilf; HILF_E_INVALID for one of another kind; HILF_E_IO. */
int blocks_open(struct blocks **ret_blocks, const char *path, uint32_t kind, struct hilf_err *err);
void blocks_close(struct blocks *blocks);
/* Has blocks checked by more than their checksum. Before the first touch. */
void blocks_check_with(struct blocks *blocks, blocks_check_fn *check, void *ctx);

int blocks_load(
	struct blocks *blocks, unsigned part, uint64_t at, uint64_t size, struct hilf_err *err);

/* Whether touches are needed no more. */
static inline bool blocks_ready(const struct blocks *blocks)
{
	return atomic_load_explicit(&blocks->ready, memory_order_acquire);
}

/* Makes size bytes from `at` on in a part readable; they must lie in it. HILF_E_CORRUPT. */
static inline int blocks_touch(
	struct blocks *blocks, unsigned part, uint64_t at, uint64_t size, struct hilf_err *err)
{
	if (blocks_ready(blocks))
		return HILF_OK;
	return blocks_load(blocks, part, at, size, err);
}

/* Says that a touch will follow: the disk may begin to read. For many touches to come, so that they wait together. */
void blocks_expect(struct blocks *blocks, unsigned part, uint64_t at, uint64_t size);

/* Reads on, part after part, in pieces of 2 MB, which become huge pages, until *io_budget bytes are spent (at least one
 * piece), and lowers it by what it read. *ret_more says whether there is more to read. Reading on to the end verifies
 * the file whole. HILF_E_CORRUPT: the rest can be read on with further calls. */
int blocks_warm(struct blocks *blocks, size_t *io_budget, bool *ret_more, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------- writing */

struct blocks_writer;

/* Creates the file `aside` (0600), over whatever is there. stamp: BLOCKS_STAMP_SIZE bytes. */
int blocks_create(struct blocks_writer **ret_writer, const char *aside, uint32_t kind,
	const uint8_t *stamp, struct hilf_err *err);
/* Appends to a part; part numbers ascend, and those left out are empty. */
int blocks_put(struct blocks_writer *writer, unsigned part, const void *bytes, uint64_t size,
	struct hilf_err *err);
/* Ends the file and makes it last. ret_sum: what blocks->sum will be; may be NULL. */
int blocks_seal(struct blocks_writer *writer, uint64_t *ret_sum, struct hilf_err *err);
/* Renames the sealed file to its place, in one step. The folder is the caller's to sync (file_sync_dir). */
int blocks_place(struct blocks_writer *writer, const char *path, struct hilf_err *err);
/* Ends writing, always: a file that was not placed is removed. */
void blocks_finish(struct blocks_writer *writer);

/* The checksum: 64 bits that change for certain when the damage lies within eight bytes, and otherwise but once in 2^64.
 * size: a multiple of 64. */
uint64_t blocks_sum(const void *bytes, size_t size, uint64_t seed);

#endif
