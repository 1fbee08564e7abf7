/* Reads a file of blocks. Each block has a state in one byte; whoever turns ABSENT into LOADING reads the block, and
 * nobody else does. The region of a large part takes small pages at first, because touches come at random and a huge
 * page would have to be cleared for each; blocks_warm asks for huge ones as it goes along. */
#include "os/blocks.h"

#include "base/check.h"
#include "base/err.h"
#include "os/blocks_file.h"
#include "os/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STRETCH_SIZE   PAGES_HUGE
#define STRETCH_BLOCKS (STRETCH_SIZE / BLOCKS_SIZE)
/* So many stretches ahead the disk is asked for. */
#define STRETCHES_AHEAD 4u

/* Size bytes from `at` on; the count read, which is less at the end of the file, or a negative errno. */
static ssize_t read_at(int fd, uint8_t *ret_bytes, size_t size, uint64_t at)
{
	size_t have = 0;
	while (have < size) {
		ssize_t count = pread(fd, ret_bytes + have, size - have, (off_t)(at + have));
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0)
			break;
		have += (size_t)count;
	}
	return (ssize_t)have;
}

/* -------------------------------------------------------------------------------------------- opening */

static int damaged(const char *path, const char *how, struct hilf_err *err)
{
	return err_set(err, HILF_E_CORRUPT, "'%s' is damaged: %s", path, how);
}

static int read_header(int fd, const char *path, uint32_t kind, struct blocks_header *ret_header,
	struct hilf_err *err)
{
	struct blocks_header *header = ret_header;
	ssize_t count = read_at(fd, (uint8_t *)header, sizeof *header, 0);
	if (count < 0)
		return err_sys(err, HILF_E_IO, (int)-count, "cannot read '%s'", path);
	if ((size_t)count < sizeof *header)
		return damaged(path, "it is shorter than its header", err);
	if (memcmp(header->magic, BLOCKS_MAGIC, sizeof header->magic) != 0)
		return damaged(path, "it does not begin as a file of blocks does", err);
	uint64_t sum = header->sum;
	header->sum = 0;
	if (blocks_sum(header, sizeof *header, BLOCKS_SEED_HEADER) != sum)
		return damaged(path, "its header is not what was written", err);
	header->sum = sum;
	if (header->version != BLOCKS_VERSION)
		return err_set(err, HILF_E_VERSION, "'%s' is of version %u, and this hilf knows %u",
			path, header->version, BLOCKS_VERSION);
	if (header->kind != kind)
		return err_set(err, HILF_E_INVALID,
			"'%s' holds something else (kind %08x, and %08x is wanted)", path,
			header->kind, kind);
	if (header->part_count > BLOCKS_PARTS_MAX)
		return damaged(path, "its header holds what cannot be", err);
	return HILF_OK;
}

/* Says where the parts are, and how many blocks there are; the size of the file must be what follows from that. */
static int lay_out(struct blocks *blocks, const struct blocks_header *header, uint64_t file_size,
	struct hilf_err *err)
{
	uint64_t at = sizeof *header;
	for (unsigned i = 0; i < header->part_count; i++) {
		struct blocks_part *part = &blocks->parts[i];
		part->size = header->part_sizes[i];
		if (part->size > file_size)
			break;
		part->file_at = at;
		part->file_size = blocks_padded(part->size);
		at += part->file_size;
		blocks->block_count += blocks_count(part->file_size);
		blocks->part_count++;
	}
	uint64_t size = at + blocks_sums_size(blocks->block_count);
	if (blocks->part_count < header->part_count || size != file_size)
		return damaged(blocks->path, "it has not the size that was written", err);
	return HILF_OK;
}

static int read_sums(
	struct blocks *blocks, uint64_t sums_sum, uint64_t file_size, struct hilf_err *err)
{
	size_t size = (size_t)blocks_sums_size(blocks->block_count);
	if (size == 0)
		return HILF_OK;
	blocks->sums = malloc(size);
	blocks->states = calloc(blocks->block_count, sizeof *blocks->states);
	if (!blocks->sums || !blocks->states)
		return err_no_memory(err);
	ssize_t count = read_at(blocks->fd, (uint8_t *)blocks->sums, size, file_size - size);
	if (count < 0)
		return err_sys(err, HILF_E_IO, (int)-count, "cannot read '%s'", blocks->path);
	if ((size_t)count < size || blocks_sum(blocks->sums, size, BLOCKS_SEED_SUMS) != sums_sum)
		return damaged(blocks->path, "its checksums are not what was written", err);
	return HILF_OK;
}

static int make_room(struct blocks *blocks, struct hilf_err *err)
{
	uint64_t block = 0;
	for (unsigned i = 0; i < blocks->part_count; i++) {
		struct blocks_part *part = &blocks->parts[i];
		if (part->size == 0)
			continue;
		part->states = blocks->states + block;
		part->sums = blocks->sums + block;
		block += blocks_count(part->file_size);
		part->bytes = pages_reserve((size_t)part->file_size);
		if (!part->bytes)
			return err_no_memory(err);
	}
	return HILF_OK;
}

static int open_file(struct blocks *blocks, uint32_t kind, struct hilf_err *err)
{
	struct blocks_header header;
	struct stat status;
	blocks->fd = open(blocks->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (blocks->fd < 0)
		return err_sys(err, errno == ENOENT ? HILF_E_NOT_FOUND : HILF_E_IO, errno,
			"cannot open '%s'", blocks->path);
	if (fstat(blocks->fd, &status) != 0)
		return err_sys(err, HILF_E_IO, errno, "cannot read '%s'", blocks->path);
	if (!S_ISREG(status.st_mode))
		return damaged(blocks->path, "it is not a file", err);
	int rc = read_header(blocks->fd, blocks->path, kind, &header, err);
	if (rc == HILF_OK)
		rc = lay_out(blocks, &header, (uint64_t)status.st_size, err);
	if (rc == HILF_OK)
		rc = read_sums(blocks, header.sums_sum, (uint64_t)status.st_size, err);
	if (rc == HILF_OK)
		rc = make_room(blocks, err);
	if (rc < 0)
		return rc;
	memcpy(blocks->stamp, header.stamp, sizeof blocks->stamp);
	blocks->sum = header.sum;
	atomic_init(&blocks->missing, blocks->block_count);
	atomic_init(&blocks->ready, blocks->block_count == 0);
	return HILF_OK;
}

int blocks_open(struct blocks **ret_blocks, const char *path, uint32_t kind, struct hilf_err *err)
{
	struct blocks *blocks = calloc(1, sizeof *blocks);
	if (!blocks)
		return err_no_memory(err);
	blocks->fd = -1;
	pthread_mutex_init(&blocks->mutex, NULL);
	pthread_cond_init(&blocks->loaded, NULL);
	blocks->path = strdup(path);
	int rc = blocks->path ? open_file(blocks, kind, err) : err_no_memory(err);
	if (rc < 0) {
		blocks_close(blocks);
		return rc;
	}
	*ret_blocks = blocks;
	return HILF_OK;
}

void blocks_close(struct blocks *blocks)
{
	if (!blocks)
		return;
	for (unsigned i = 0; i < blocks->part_count; i++)
		pages_free(blocks->parts[i].bytes, (size_t)blocks->parts[i].file_size);
	if (blocks->fd >= 0)
		close(blocks->fd);
	pthread_cond_destroy(&blocks->loaded);
	pthread_mutex_destroy(&blocks->mutex);
	free(blocks->states);
	free(blocks->sums);
	free(blocks->path);
	free(blocks);
}

void blocks_check_with(struct blocks *blocks, blocks_check_fn *check, void *ctx)
{
	blocks->check = check;
	blocks->check_ctx = ctx;
}

/* -------------------------------------------------------------------------------------------- loading */

static uint64_t number_of(
	const struct blocks *blocks, const struct blocks_part *part, uint64_t block)
{
	return (uint64_t)(part->states - blocks->states) + block;
}

static size_t size_of(const struct blocks_part *part, uint64_t block)
{
	uint64_t left = part->file_size - block * BLOCKS_SIZE;
	return left < BLOCKS_SIZE ? (size_t)left : BLOCKS_SIZE;
}

static enum blocks_state state_of(const struct blocks_part *part, uint64_t block)
{
	return atomic_load_explicit(&part->states[block], memory_order_acquire);
}

static bool claim(const struct blocks_part *part, uint64_t block)
{
	uint8_t absent = BLOCKS_ABSENT;
	return atomic_compare_exchange_strong(&part->states[block], &absent, BLOCKS_LOADING);
}

/* What a block turns out to be, of which `have` bytes were read. */
static enum blocks_state verify(
	const struct blocks *blocks, unsigned number, uint64_t block, size_t have)
{
	const struct blocks_part *part = &blocks->parts[number];
	const uint8_t *bytes = part->bytes + block * BLOCKS_SIZE;
	size_t size = size_of(part, block);
	if (have < size)
		return BLOCKS_BAD_SHORT;
	uint64_t seed = BLOCKS_SEED_BLOCK + number_of(blocks, part, block);
	if (blocks_sum(bytes, size, seed) != part->sums[block])
		return BLOCKS_BAD_SUM;
	if (blocks->check &&
		!blocks->check(number, block * BLOCKS_SIZE, bytes, size, blocks->check_ctx))
		return BLOCKS_BAD_CONTENT;
	return BLOCKS_READY;
}

/* Reads blocks that the caller has claimed, and shows them. */
static void read_run(struct blocks *blocks, unsigned number, uint64_t first, uint64_t count)
{
	struct blocks_part *part = &blocks->parts[number];
	uint64_t at = first * BLOCKS_SIZE, good = 0;
	uint64_t size = part->file_size - at;
	if (size > count * BLOCKS_SIZE)
		size = count * BLOCKS_SIZE;
	ssize_t have = read_at(blocks->fd, part->bytes + at, (size_t)size, part->file_at + at);
	if (have < 0)
		atomic_store(&blocks->read_errno, (int)-have);
	for (uint64_t i = 0; i < count; i++) {
		size_t from = (size_t)i * BLOCKS_SIZE;
		enum blocks_state state = BLOCKS_BAD_READ;
		if (have >= 0)
			state = verify(blocks, number, first + i,
				(size_t)have > from ? (size_t)have - from : 0);
		good += state == BLOCKS_READY;
		atomic_store_explicit(
			&part->states[first + i], (uint8_t)state, memory_order_release);
	}
	if (good > 0 && atomic_fetch_sub(&blocks->missing, good) == good)
		atomic_store_explicit(&blocks->ready, true, memory_order_release);
	pthread_mutex_lock(&blocks->mutex);
	pthread_cond_broadcast(&blocks->loaded);
	pthread_mutex_unlock(&blocks->mutex);
}

static void wait_for(struct blocks *blocks, const struct blocks_part *part, uint64_t block)
{
	pthread_mutex_lock(&blocks->mutex);
	while (state_of(part, block) == BLOCKS_LOADING)
		pthread_cond_wait(&blocks->loaded, &blocks->mutex);
	pthread_mutex_unlock(&blocks->mutex);
}

static int say_bad(
	struct blocks *blocks, const struct blocks_part *part, uint64_t block, struct hilf_err *err)
{
	static const char *const how[] = {
		[BLOCKS_BAD_SUM] = "is not what was written",
		[BLOCKS_BAD_SHORT] = "is cut off",
		[BLOCKS_BAD_READ] = "cannot be read",
		[BLOCKS_BAD_CONTENT] = "holds what cannot be",
	};
	enum blocks_state state = state_of(part, block);
	unsigned long long number = number_of(blocks, part, block) + 1;
	ASSERT(state >= BLOCKS_BAD_SUM && state <= BLOCKS_BAD_CONTENT);
	int sys = state == BLOCKS_BAD_READ ? atomic_load(&blocks->read_errno) : 0;
	int rc = err_set(err, HILF_E_CORRUPT, "'%s' is damaged: block %llu of %llu %s%s%s",
		blocks->path, number, (unsigned long long)blocks->block_count, how[state],
		sys ? ": " : "", sys ? strerror(sys) : "");
	if (err)
		err->sys = sys;
	return rc;
}

int blocks_load(
	struct blocks *blocks, unsigned number, uint64_t at, uint64_t size, struct hilf_err *err)
{
	const struct blocks_part *part = &blocks->parts[number];
	ASSERT(number < blocks->part_count && at <= part->size && size <= part->size - at);
	if (size == 0)
		return HILF_OK;
	for (uint64_t i = at / BLOCKS_SIZE; i <= (at + size - 1) / BLOCKS_SIZE; i++) {
		enum blocks_state state = state_of(part, i);
		if (state == BLOCKS_ABSENT && claim(part, i))
			read_run(blocks, number, i, 1);
		else if (state == BLOCKS_ABSENT || state == BLOCKS_LOADING)
			wait_for(blocks, part, i);
		if (state_of(part, i) != BLOCKS_READY)
			return say_bad(blocks, part, i, err);
	}
	return HILF_OK;
}

void blocks_expect(struct blocks *blocks, unsigned number, uint64_t at, uint64_t size)
{
	const struct blocks_part *part = &blocks->parts[number];
	ASSERT(number < blocks->part_count && at <= part->size && size <= part->size - at);
	if (size == 0)
		return;
	for (uint64_t i = at / BLOCKS_SIZE; i <= (at + size - 1) / BLOCKS_SIZE; i++)
		if (state_of(part, i) == BLOCKS_ABSENT)
			posix_fadvise(blocks->fd, (off_t)(part->file_at + i * BLOCKS_SIZE),
				(off_t)size_of(part, i), POSIX_FADV_WILLNEED);
}

/* ------------------------------------------------------------------------------------------- warming */

static uint64_t stretches_of(const struct blocks_part *part)
{
	return (part->file_size + STRETCH_SIZE - 1) / STRETCH_SIZE;
}

static uint64_t stretch_count(const struct blocks *blocks)
{
	uint64_t count = 0;
	for (unsigned i = 0; i < blocks->part_count; i++)
		count += stretches_of(&blocks->parts[i]);
	return count;
}

/* Reads what is absent of a stretch; returns the bytes read. *ret_bad gets the number (in the part) of a bad block, if
 * there is one. */
static size_t warm_stretch(
	struct blocks *blocks, unsigned number, uint64_t stretch, uint64_t *ret_bad)
{
	struct blocks_part *part = &blocks->parts[number];
	uint64_t first = stretch * STRETCH_BLOCKS, end = blocks_count(part->file_size);
	size_t size = 0;
	if (end > first + STRETCH_BLOCKS)
		end = first + STRETCH_BLOCKS;
	uint8_t *bytes = part->bytes + first * BLOCKS_SIZE;
	size_t bytes_size = (size_t)(end - first) * BLOCKS_SIZE;
	pages_wish_huge(bytes, bytes_size);
	posix_fadvise(blocks->fd,
		(off_t)(part->file_at + (stretch + STRETCHES_AHEAD) * STRETCH_SIZE),
		(off_t)STRETCH_SIZE, POSIX_FADV_WILLNEED);
	for (uint64_t at = first; at < end;) {
		uint64_t from = at;
		while (at < end && claim(part, at))
			at++;
		if (at > from) {
			read_run(blocks, number, from, at - from);
			size += (size_t)(at - from) * BLOCKS_SIZE;
		} else {
			at++;
		}
	}
	if (size < bytes_size)
		pages_make_huge(
			bytes, bytes_size); /* some of it was touched before, in small pages */
	for (uint64_t at = first; at < end; at++)
		if (state_of(part, at) > BLOCKS_READY)
			*ret_bad = at;
	return size;
}

/* The part that a stretch is in; *io_stretch becomes its number there. */
static unsigned find_part(const struct blocks *blocks, uint64_t *io_stretch)
{
	unsigned number = 0;
	while (*io_stretch >= stretches_of(&blocks->parts[number]))
		*io_stretch -= stretches_of(&blocks->parts[number++]);
	return number;
}

int blocks_warm(struct blocks *blocks, size_t *io_budget, bool *ret_more, struct hilf_err *err)
{
	uint64_t count = stretch_count(blocks), stretch;
	do {
		stretch = atomic_fetch_add(&blocks->warmed, 1);
		if (stretch >= count) {
			atomic_store(&blocks->warmed, count);
			break;
		}
		uint64_t bad = UINT64_MAX, inside = stretch;
		unsigned number = find_part(blocks, &inside);
		size_t size = warm_stretch(blocks, number, inside, &bad);
		*io_budget -= size < *io_budget ? size : *io_budget;
		if (bad != UINT64_MAX)
			return say_bad(blocks, &blocks->parts[number], bad, err);
	} while (*io_budget > 0);
	*ret_more = stretch + 1 < count;
	return HILF_OK;
}
