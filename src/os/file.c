/* Files by the calls that tell the truth: every write is checked, what must last is synced, and so is its folder. */
#include "os/file.h"

#include "base/err.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
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
			return err_set(err, HILF_E_LIMIT,
				"'%s' is larger than the %zu bytes allowed here", path, size_max);
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
	/* EINVAL: a file system that has no such thing. */
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		rc = err_sys(err, HILF_E_IO, errno, "cannot sync the folder '%s'", dir);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* The folder that the path is in: "/a" of "/a/b", "/a/b/" and "/a//b"; "/" of "/a"; "." of "a". NULL without memory. */
static char *dir_of(const char *path)
{
	size_t size = strlen(path);
	while (size > 1 && path[size - 1] == '/')
		size--;
	while (size > 0 && path[size - 1] != '/')
		size--;
	while (size > 1 && path[size - 1] == '/')
		size--;
	return size ? strndup(path, size) : strdup(".");
}

static int sync_dir_of(const char *path, struct hilf_err *err)
{
	char *dir = dir_of(path);
	if (!dir)
		return err_no_memory(err);
	int rc = file_sync_dir(dir, err);
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

/* Makes one folder; without its entry in the one above, what is written into it is lost as well. */
static int make_one(const char *path, int *ret_sys, struct hilf_err *err)
{
	struct stat status;
	*ret_sys = mkdir(path, 0700) == 0 ? 0 : errno;
	if (!*ret_sys) {
		/* One that may be written but not read cannot be synced by us. */
		int rc = sync_dir_of(path, err);
		return rc == HILF_E_DENIED ? 0 : rc;
	}
	if (*ret_sys == ENOENT)
		return HILF_E_NOT_FOUND;
	if (*ret_sys == EEXIST && stat(path, &status) == 0) {
		if (S_ISDIR(status.st_mode))
			return 0;
		*ret_sys = ENOTDIR;
	}
	return err_sys(err, HILF_E_IO, *ret_sys, "cannot make the folder '%s'", path);
}

int file_make_dir(const char *path, struct hilf_err *err)
{
	int sys;
	int rc = make_one(path, &sys, err);
	if (sys != ENOENT)
		return rc;
	char *above = dir_of(path);
	if (!above)
		return err_no_memory(err);
	bool is_root = strcmp(above, ".") == 0 || strcmp(above, path) == 0;
	rc = is_root ? 0 : file_make_dir(above, err);
	free(above);
	if (rc)
		return rc;
	rc = make_one(path, &sys, err);
	return sys == ENOENT ? err_sys(err, HILF_E_IO, sys, "cannot make the folder '%s'", path)
			     : rc;
}

int file_remove(const char *path, struct hilf_err *err)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return 0;
	return err_sys(err, HILF_E_IO, errno, "cannot remove '%s'", path);
}

int file_each(const char *dir, int (*each)(const char *name, void *ctx, struct hilf_err *err),
	void *ctx, struct hilf_err *err)
{
	DIR *folder = opendir(dir);
	struct dirent *item;
	int rc = 0;
	if (!folder)
		return errno == ENOENT
			       ? 0
			       : err_sys(err, HILF_E_IO, errno, "cannot read the folder '%s'", dir);
	while (!rc && (errno = 0, item = readdir(folder)))
		if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
			rc = each(item->d_name, ctx, err);
	if (!rc && errno)
		rc = err_sys(err, HILF_E_IO, errno, "cannot read the folder '%s'", dir);
	closedir(folder);
	return rc;
}

int file_room(const char *path, uint64_t *ret_free, uint64_t *ret_size, struct hilf_err *err)
{
	struct statvfs room;
	if (statvfs(path, &room) != 0)
		return err_sys(err, HILF_E_IO, errno, "cannot ask how much room '%s' has", path);
	*ret_free = (uint64_t)room.f_bavail * room.f_frsize;
	*ret_size = (uint64_t)room.f_blocks * room.f_frsize;
	return 0;
}
