/* Files by the calls that tell the truth: every write is checked, what must last is synced, and so is its folder. */
#include "os/file.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *file_join(const char *dir, const char *name)
{
	char *path;
	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

int file_write_all(int fd, const void *bytes, size_t size)
{
	const char *from = bytes;
	while (size) {
		ssize_t count = write(fd, from, size);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count < 0 ? errno : EIO;
		from += count;
		size -= (size_t)count;
	}
	return 0;
}

ssize_t file_read_all(int fd, void *bytes, size_t size)
{
	char *to = bytes;
	size_t have = 0;
	while (have < size) {
		ssize_t count = read(fd, to + have, size - have);
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

static int read_into(
	int fd, const char *path, size_t size_max, struct buf *buf, struct hilf_err *err)
{
	char chunk[64 * 1024];
	size_t total = 0;
	for (;;) {
		ssize_t count = file_read_all(fd, chunk, sizeof chunk);
		if (count < 0)
			return err_sys(err, HILF_E_IO, (int)-count, "cannot read '%s'", path);
		if (count == 0)
			return 0;
		total += (size_t)count;
		if (total > size_max)
			return err_set(err, HILF_E_LIMIT, "'%s' is larger than the %zu bytes allowed here", path,
				size_max);
		buf_add(buf, chunk, (size_t)count);
		if (buf->failed)
			return err_no_memory(err);
	}
}

int file_read(const char *path, size_t size_max, struct buf *buf, struct hilf_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, errno == ENOENT ? HILF_E_NOT_FOUND : HILF_E_IO, errno,
			"cannot open '%s'", path);
	int rc = read_into(fd, path, size_max, buf, err);
	close(fd);
	return rc;
}

int file_sync_dir(const char *dir, struct hilf_err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;
	if (fd < 0 || fsync(fd) != 0)
		rc = err_sys(err, HILF_E_IO, errno, "cannot sync the folder '%s'", dir);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int sync_dir_of(const char *path, struct hilf_err *err)
{
	char *dir = strdup(path);
	if (!dir)
		return err_no_memory(err);
	char *slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0';
	int rc = file_sync_dir(slash ? dir : ".", err);
	free(dir);
	return rc;
}

static int write_aside(
	const char *aside, const void *bytes, size_t size, mode_t mode, struct hilf_err *err)
{
	int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return err_sys(err, HILF_E_IO, errno, "cannot create '%s'", aside);
	int sys = file_write_all(fd, bytes, size);
	if (!sys && fsync(fd) != 0)
		sys = errno;
	if (close(fd) != 0 && !sys)
		sys = errno;
	return sys ? err_sys(err, HILF_E_IO, sys, "cannot write '%s'", aside) : 0;
}

int file_write(const char *path, const void *bytes, size_t size, mode_t mode, struct hilf_err *err)
{
	char *aside;
	if (asprintf(&aside, "%s.new", path) < 0)
		return err_no_memory(err);
	int rc = write_aside(aside, bytes, size, mode, err);
	if (!rc && rename(aside, path) != 0)
		rc = err_sys(err, HILF_E_IO, errno, "cannot put '%s' in its place", path);
	if (rc)
		unlink(aside);
	else
		rc = sync_dir_of(path, err);
	free(aside);
	return rc;
}

int file_make_dir(const char *path, struct hilf_err *err)
{
	struct stat status;
	if (mkdir(path, 0700) == 0)
		return 0;
	if (errno == ENOENT) {
		char *above = strdup(path);
		if (!above)
			return err_no_memory(err);
		char *slash = strrchr(above, '/');
		int rc = HILF_E_NOT_FOUND;
		if (slash && slash != above) {
			*slash = '\0';
			rc = file_make_dir(above, err);
		}
		free(above);
		if (rc)
			return rc;
		if (mkdir(path, 0700) == 0)
			return 0;
	}
	int sys = errno;
	if (sys == EEXIST && stat(path, &status) == 0) {
		if (S_ISDIR(status.st_mode))
			return 0;
		sys = ENOTDIR;
	}
	return err_sys(err, HILF_E_IO, sys, "cannot make the folder '%s'", path);
}
