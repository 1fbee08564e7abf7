/* Files and streams, on their way to a decoder. A file gets a fresh open description through /proc/self/fd, so that
 * neither its position nor its flags are shared with whoever decodes it; where that is not allowed it is copied like a
 * stream, from its beginning. */
#include "engine/decode_input.h"

#include "base/err.h"
#include "base/limits.h"
#include "os/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_SIZE (256u * 1024)

static int no_read(int sys, struct hilf_err *err)
{
	return err_sys(err, HILF_E_IO, sys, "cannot read the file that is to be decoded");
}

static int reopen(int fd)
{
	char path[48];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

/* -------------------------------------------------------------------------------------------- of a stream */

struct copy {
	struct spool spool;
	bool too_large; /* for what is decoded: only digested from here on */
	bool seekable;  /* the input, which is then read without moving its position */
	uint64_t size;
	uint8_t *block;
};

static int keep(struct copy *copy, size_t count, struct hilf_err *err)
{
	if (copy->size + count > LIMIT_IMAGE_FILE_SIZE) {
		copy->too_large = true;
		spool_close(&copy->spool);
	}
	int sys = copy->too_large ? 0 : spool_add(&copy->spool, copy->block, count);
	return sys ? err_sys(err, HILF_E_IO, sys, "cannot keep a copy of the input for the decoder")
		   : 0;
}

static int copy_stream(int fd, struct copy *copy, struct digest *digest, struct hilf_err *err)
{
	for (;;) {
		ssize_t count = copy->seekable
					? pread(fd, copy->block, BLOCK_SIZE, (off_t)copy->size)
					: read(fd, copy->block, BLOCK_SIZE);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return no_read(errno, err);
		if (count == 0)
			return 0;
		int rc = digest_update(digest, copy->block, (size_t)count, err);
		if (!rc)
			rc = keep(copy, (size_t)count, err);
		if (rc)
			return rc;
		copy->size += (size_t)count;
	}
}

static int open_stream(
	int fd, struct digest *digest, struct decode_input *input, struct hilf_err *err)
{
	struct copy copy = {.spool = SPOOL_NONE,
		.seekable = S_ISREG(input->state.st_mode),
		.block = malloc(BLOCK_SIZE)};
	int file = -1;
	int rc = copy.block ? digest_restart(digest, err) : err_no_memory(err);
	if (!rc)
		rc = copy_stream(fd, &copy, digest, err);
	if (!rc)
		rc = digest_finish(digest, input->sha256, input->md5, err);
	if (!rc && !copy.too_large) {
		int sys = spool_finish(&copy.spool, &file);
		input->fd = sys ? -1 : reopen(file);
		if (input->fd < 0 || fstat(input->fd, &input->state) != 0)
			rc = no_read(sys ? sys : errno, err);
	}
	input->size = copy.size;
	input->digested = true;
	if (file >= 0)
		close(file);
	spool_close(&copy.spool);
	free(copy.block);
	return rc;
}

/* ------------------------------------------------------------------------------------------------ of both */

int decode_input_open(
	int fd, struct digest *digest, struct decode_input *ret_input, struct hilf_err *err)
{
	struct decode_input input = {.fd = -1};
	if (fstat(fd, &input.state) != 0)
		return no_read(errno, err);
	if (S_ISDIR(input.state.st_mode))
		return err_set(
			err, HILF_E_INVALID, "a folder cannot be decoded; name the files in it");
	input.size = (uint64_t)input.state.st_size;
	/* Some file systems do not know a size before all is read. */
	if (S_ISREG(input.state.st_mode) && input.size)
		input.fd = reopen(fd);
	int rc = input.fd < 0 ? open_stream(fd, digest, &input, err) : 0;
	if (rc)
		decode_input_close(&input);
	else
		*ret_input = input;
	return rc;
}

void decode_input_close(struct decode_input *input)
{
	if (input->fd >= 0)
		close(input->fd);
	input->fd = -1;
}

int decode_input_digest(struct decode_input *input, struct digest *digest, struct hilf_err *err)
{
	uint64_t size = 0;
	if (input->digested)
		return 0;
	/* One byte more than there should be shows that there is more. */
	size_t room = input->size < BLOCK_SIZE ? (size_t)input->size + 1 : BLOCK_SIZE;
	uint8_t *block = malloc(room);
	int rc = block ? digest_restart(digest, err) : err_no_memory(err);
	while (!rc) {
		ssize_t count = pread(input->fd, block, room, (off_t)size);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			rc = no_read(errno, err);
		if (count <= 0 || (size += (uint64_t)count) > input->size)
			break;
		rc = digest_update(digest, block, (size_t)count, err);
	}
	free(block);
	if (!rc)
		rc = digest_finish(digest, input->sha256, input->md5, err);
	input->digested = !rc;
	input->changed = size != input->size;
	return rc;
}

bool decode_input_changed(const struct decode_input *input)
{
	struct stat now;
	const struct stat *then = &input->state;
	if (input->changed || input->fd < 0)
		return input->changed;
	return fstat(input->fd, &now) != 0 || now.st_size != then->st_size ||
	       now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != then->st_mtim.tv_nsec;
}
