/* A buffer over read(2) with poll(2) before it, so that Ctrl-C is heard while a pipe is silent, whichever thread the
 * signal went to. */
#include "cli/reader.h"

#include "base/err.h"
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM    (256 * 1024)
#define WAIT_MS 100

int reader_open(struct reader *ret_reader, const char *path, struct hilf_err *err)
{
	struct reader reader = {.fd = STDIN_FILENO, .name = "standard input", .room = ROOM};
	struct stat status;
	if (strcmp(path, "-") != 0) {
		reader.name = path;
		reader.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (reader.fd < 0)
			return err_sys(err, errno == ENOENT ? HILF_E_NOT_FOUND : HILF_E_IO, errno,
				"cannot open '%s'", path);
	}
	if (fstat(reader.fd, &status) == 0 && S_ISDIR(status.st_mode)) {
		reader_close(&reader);
		return err_set(err, HILF_E_INVALID,
			"'%s' is a folder; a file with lines is wanted here", path);
	}
	reader.data = malloc(reader.room + 1);
	if (!reader.data) {
		reader_close(&reader);
		return err_no_memory(err);
	}
	*ret_reader = reader;
	return 0;
}

void reader_close(struct reader *reader)
{
	if (reader->fd > STDIN_FILENO)
		close(reader->fd);
	reader->fd = -1;
	free(reader->data);
	reader->data = NULL;
}

/* Waits for bytes and reads once. ended is set at the end, and when hilf was asked to stop. */
static int read_some(
	struct reader *reader, void *bytes, size_t size, size_t *ret_count, struct hilf_err *err)
{
	struct pollfd poll_fd = {.fd = reader->fd, .events = POLLIN};
	*ret_count = 0;
	while (!cli_stopped()) {
		int ready = poll(&poll_fd, 1, WAIT_MS);
		if (ready == 0 || (ready < 0 && errno == EINTR))
			continue;
		ssize_t count = read(reader->fd, bytes, size);
		if (count < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (count < 0)
			return err_sys(err, HILF_E_IO, errno, "cannot read %s", reader->name);
		*ret_count = (size_t)count;
		reader->ended = count == 0;
		return 0;
	}
	reader->ended = true;
	return 0;
}

/* Makes room behind `to` and reads once. */
static int fill(struct reader *reader, size_t size_max, struct hilf_err *err)
{
	size_t count, held = reader->to - reader->from;
	if (held > size_max)
		return err_set(err, HILF_E_LIMIT,
			"%s: a line of more than %zu bytes; is this the right file?", reader->name,
			size_max);
	if (reader->from) {
		memmove(reader->data, reader->data + reader->from, held);
		reader->searched -= reader->from;
		reader->from = 0;
		reader->to = held;
	}
	if (reader->to == reader->room) {
		char *more = realloc(reader->data, reader->room * 2 + 1);
		if (!more)
			return err_no_memory(err);
		reader->data = more;
		reader->room *= 2;
	}
	int rc = read_some(
		reader, reader->data + reader->to, reader->room - reader->to, &count, err);
	reader->to += count;
	return rc;
}

static char *find(struct reader *reader, char delimiter)
{
	char *end =
		memchr(reader->data + reader->searched, delimiter, reader->to - reader->searched);
	if (!end)
		reader->searched = reader->to;
	return end;
}

bool reader_ready(struct reader *reader, char delimiter)
{
	return find(reader, delimiter) != NULL;
}

int reader_line(struct reader *reader, char delimiter, size_t size_max, char **ret_text,
	size_t *ret_size, struct hilf_err *err)
{
	char *end;
	while (!(end = find(reader, delimiter)) && !reader->ended) {
		int rc = fill(reader, size_max, err);
		if (rc)
			return rc;
	}
	if (cli_stopped() || reader->from == reader->to)
		return 0;
	if (!end)
		end = reader->data + reader->to;
	size_t size = (size_t)(end - reader->data) - reader->from;
	if (size > size_max)
		return err_set(err, HILF_E_LIMIT,
			"%s: a line of more than %zu bytes; is this the right file?", reader->name,
			size_max);
	*ret_text = reader->data + reader->from;
	*ret_size = size;
	reader->from = (size_t)(end - reader->data) + (end < reader->data + reader->to);
	reader->searched = reader->from;
	*end = '\0';
	return 1;
}

int reader_bytes(struct reader *reader, void *ret_bytes, size_t size, size_t *ret_count,
	struct hilf_err *err)
{
	size_t held = reader->to - reader->from;
	if (!held) {
		*ret_count = 0;
		return reader->ended ? 0 : read_some(reader, ret_bytes, size, ret_count, err);
	}
	if (held > size)
		held = size;
	memcpy(ret_bytes, reader->data + reader->from, held);
	reader->from += held;
	reader->searched = reader->from;
	*ret_count = held;
	return 0;
}

bool reader_wait(struct reader *reader, int timeout_ms)
{
	struct pollfd poll_fd = {.fd = reader->fd, .events = POLLIN};
	return reader->ended || reader->from < reader->to || poll(&poll_fd, 1, timeout_ms) > 0;
}

int reader_rewind(struct reader *reader, struct hilf_err *err)
{
	if (lseek(reader->fd, 0, SEEK_SET) < 0)
		return err_sys(err, HILF_E_IO, errno, "cannot read %s twice", reader->name);
	reader->from = reader->to = reader->searched = 0;
	reader->ended = false;
	return 0;
}
