/* Writes a file of blocks as the bytes come: blocks go out as they fill, their checksums are gathered and follow at the
 * end, and the header, which covers them, comes last. */
#include "os/blocks.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/err.h"
#include "os/blocks_file.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whole blocks go straight from the caller's memory, so many bytes at once. */
#define WRITE_SIZE (64 * BLOCKS_SIZE)

struct blocks_writer {
	int fd;        /* -1 when sealed */
	char *aside;   /* NULL when placed */
	unsigned part; /* that is being written */
	uint64_t block_count;
	struct buf sums;
	size_t filled; /* of block */
	struct blocks_header header;
	uint8_t block[BLOCKS_SIZE];
};

static int cannot_write(const struct blocks_writer *writer, int sys, struct hilf_err *err)
{
	return err_sys(err, HILF_E_IO, sys, "cannot write '%s'", writer->aside);
}

static int write_out(
	struct blocks_writer *writer, const void *bytes, size_t size, struct hilf_err *err)
{
	int sys = file_write_all(writer->fd, bytes, size);
	return sys ? cannot_write(writer, sys, err) : HILF_OK;
}

void blocks_finish(struct blocks_writer *writer)
{
	if (!writer)
		return;
	if (writer->fd >= 0)
		close(writer->fd);
	if (writer->aside)
		unlink(writer->aside);
	free(writer->aside);
	buf_free(&writer->sums);
	free(writer);
}

int blocks_create(struct blocks_writer **ret_writer, const char *aside, uint32_t kind,
	const uint8_t *stamp, struct hilf_err *err)
{
	struct blocks_writer *writer = calloc(1, sizeof *writer);
	if (!writer)
		return err_no_memory(err);
	struct blocks_header *header = &writer->header;
	memcpy(header->magic, BLOCKS_MAGIC, sizeof header->magic);
	header->version = BLOCKS_VERSION;
	header->kind = kind;
	memcpy(header->stamp, stamp, sizeof header->stamp);
	writer->fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (writer->fd < 0) {
		int rc = err_sys(err, HILF_E_IO, errno, "cannot create '%s'", aside);
		blocks_finish(writer);
		return rc;
	}
	writer->aside = strdup(aside);
	int rc =
		writer->aside ? write_out(writer, header, sizeof *header, err) : err_no_memory(err);
	if (rc < 0) {
		if (!writer->aside)
			unlink(aside);
		blocks_finish(writer);
		return rc;
	}
	*ret_writer = writer;
	return HILF_OK;
}

static int put_blocks(
	struct blocks_writer *writer, const uint8_t *bytes, size_t size, struct hilf_err *err)
{
	for (size_t at = 0; at < size; at += BLOCKS_SIZE) {
		size_t block_size = size - at < BLOCKS_SIZE ? size - at : BLOCKS_SIZE;
		uint64_t sum = blocks_sum(
			bytes + at, block_size, BLOCKS_SEED_BLOCK + writer->block_count++);
		buf_add(&writer->sums, &sum, sizeof sum);
	}
	if (writer->sums.failed)
		return err_no_memory(err);
	return write_out(writer, bytes, size, err);
}

/* Writes what is left of a part, with the zeros behind it. */
static int end_part(struct blocks_writer *writer, struct hilf_err *err)
{
	uint64_t size = writer->header.part_sizes[writer->part];
	size_t filled = writer->filled + (size_t)(blocks_padded(size) - size);
	ASSERT(filled <= BLOCKS_SIZE);
	if (filled == 0)
		return HILF_OK;
	memset(writer->block + writer->filled, 0, filled - writer->filled);
	writer->filled = 0;
	return put_blocks(writer, writer->block, filled, err);
}

int blocks_put(struct blocks_writer *writer, unsigned part, const void *bytes, uint64_t size,
	struct hilf_err *err)
{
	const uint8_t *from = bytes;
	int rc = HILF_OK;
	ASSERT(part >= writer->part && part < BLOCKS_PARTS_MAX);
	if (part > writer->part) {
		rc = end_part(writer, err);
		writer->part = part;
	}
	writer->header.part_sizes[part] += size;
	while (rc == HILF_OK && size > 0) {
		size_t taken = BLOCKS_SIZE - writer->filled;
		if (writer->filled == 0 && size >= BLOCKS_SIZE) {
			taken = size < WRITE_SIZE ? (size_t)size / BLOCKS_SIZE * BLOCKS_SIZE
						  : WRITE_SIZE;
			rc = put_blocks(writer, from, taken, err);
		} else {
			taken = size < taken ? (size_t)size : taken;
			memcpy(writer->block + writer->filled, from, taken);
			writer->filled += taken;
			if (writer->filled == BLOCKS_SIZE) {
				writer->filled = 0;
				rc = put_blocks(writer, writer->block, BLOCKS_SIZE, err);
			}
		}
		from += taken;
		size -= taken;
	}
	return rc;
}

static int write_sums(struct blocks_writer *writer, struct hilf_err *err)
{
	static const uint8_t zeros[BLOCKS_PAGE];
	size_t size = (size_t)blocks_sums_size(writer->block_count);
	if (size == 0)
		return HILF_OK;
	buf_add(&writer->sums, zeros, size - writer->sums.size);
	if (writer->sums.failed)
		return err_no_memory(err);
	writer->header.sums_sum = blocks_sum(writer->sums.data, size, BLOCKS_SEED_SUMS);
	return write_out(writer, writer->sums.data, size, err);
}

static int write_header(struct blocks_writer *writer, struct hilf_err *err)
{
	struct blocks_header *header = &writer->header;
	header->part_count = writer->part + 1;
	header->sum = blocks_sum(header, sizeof *header, BLOCKS_SEED_HEADER);
	if (lseek(writer->fd, 0, SEEK_SET) != 0)
		return cannot_write(writer, errno, err);
	return write_out(writer, header, sizeof *header, err);
}

int blocks_seal(struct blocks_writer *writer, uint64_t *ret_sum, struct hilf_err *err)
{
	int rc = end_part(writer, err);
	if (rc == HILF_OK)
		rc = write_sums(writer, err);
	if (rc == HILF_OK)
		rc = write_header(writer, err);
	if (rc < 0)
		return rc;
	int sys = fsync(writer->fd) != 0 ? errno : 0;
	if (close(writer->fd) != 0 && !sys)
		sys = errno;
	writer->fd = -1;
	if (sys)
		return cannot_write(writer, sys, err);
	if (ret_sum)
		*ret_sum = writer->header.sum;
	return HILF_OK;
}

int blocks_place(struct blocks_writer *writer, const char *path, struct hilf_err *err)
{
	ASSERT(writer->fd < 0 && writer->aside);
	if (rename(writer->aside, path) != 0)
		return err_sys(err, HILF_E_IO, errno, "cannot put '%s' in its place", path);
	free(writer->aside);
	writer->aside = NULL;
	return HILF_OK;
}
