/* A library to be preloaded into a shipped program: writes down what it does to the files of a folder, so that a script
 * can make of it what a power cut would have left (powercut.py).
 *
 *   HILF_RECORD=FILE   the log, appended to        HILF_DATA=DIR   the folder, an absolute path
 *
 * An entry of the log: kind u8, path size u16, offset u64, data size u32 (little endian), path, data. Kinds: 'W' write,
 * 'T' truncate to offset, 'S' sync of a file or folder, 'C' create, 'N' rename (data: the new path), 'U' unlink. Calls go
 * to the kernel directly. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT    __attribute__((visibility("default")))
#define PATH_SIZE 4096

static const char *folder;
static int log_fd = -1;

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("HILF_RECORD");
	folder = getenv("HILF_DATA");
	if (path && folder)
		log_fd = (int)syscall(SYS_openat, AT_FDCWD, path,
			O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static bool is_inside(const char *path)
{
	size_t size = folder ? strlen(folder) : 0;
	return log_fd >= 0 && size && strncmp(path, folder, size) == 0 &&
	       (path[size] == '/' || path[size] == '\0');
}

static void record(char kind, const char *path, uint64_t offset, const void *data, uint32_t size)
{
	uint16_t path_size = (uint16_t)strlen(path);
	struct iovec parts[] = {{&kind, 1}, {&path_size, 2}, {&offset, 8}, {&size, 4},
		{(void *)(uintptr_t)path, path_size}, {(void *)(uintptr_t)data, size}};
	size_t whole = 15u + path_size + size;
	if (syscall(SYS_writev, log_fd, parts, 6) != (long)whole)
		abort();
}

/* The name of what is open, or "" where it is none of the folder's. */
static void name_of(int fd, char ret_path[PATH_SIZE])
{
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	long size = syscall(SYS_readlink, link, ret_path, PATH_SIZE - 1);
	ret_path[size > 0 ? size : 0] = '\0';
	if (!is_inside(ret_path))
		ret_path[0] = '\0';
}

static void record_fd(char kind, int fd, uint64_t offset, const void *data, uint32_t size)
{
	char path[PATH_SIZE];
	int sys = errno;
	if (log_fd < 0 || fd == log_fd)
		return;
	name_of(fd, path);
	if (path[0])
		record(kind, path, offset, data, size);
	errno = sys;
}

EXPORT ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
	ssize_t done = syscall(SYS_pwrite64, fd, bytes, size, at);
	if (done > 0)
		record_fd('W', fd, (uint64_t)at, bytes, (uint32_t)done);
	return done;
}

EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
	return pwrite(fd, bytes, size, at);
}

EXPORT ssize_t write(int fd, const void *bytes, size_t size)
{
	off_t at = syscall(SYS_lseek, fd, 0, SEEK_CUR);
	ssize_t done = syscall(SYS_write, fd, bytes, size);
	if (done > 0 && at >= 0)
		record_fd('W', fd, (uint64_t)at, bytes, (uint32_t)done);
	return done;
}

EXPORT int ftruncate(int fd, off_t size)
{
	int rc = (int)syscall(SYS_ftruncate, fd, size);
	if (rc == 0)
		record_fd('T', fd, (uint64_t)size, NULL, 0);
	return rc;
}

EXPORT int ftruncate64(int fd, off_t size)
{
	return ftruncate(fd, size);
}

EXPORT int fsync(int fd)
{
	int rc = (int)syscall(SYS_fsync, fd);
	if (rc == 0)
		record_fd('S', fd, 0, NULL, 0);
	return rc;
}

EXPORT int fdatasync(int fd)
{
	int rc = (int)syscall(SYS_fdatasync, fd);
	if (rc == 0)
		record_fd('S', fd, 0, NULL, 0);
	return rc;
}

EXPORT int rename(const char *from, const char *to)
{
	int rc = (int)syscall(SYS_rename, from, to);
	if (rc == 0 && is_inside(from))
		record('N', from, 0, to, (uint32_t)strlen(to));
	return rc;
}

EXPORT int unlink(const char *path)
{
	int rc = (int)syscall(SYS_unlink, path);
	if (rc == 0 && is_inside(path))
		record('U', path, 0, NULL, 0);
	return rc;
}

static int open_file(int dir, const char *path, int flags, mode_t mode)
{
	struct stat status;
	bool is_new = is_inside(path) && (flags & O_CREAT) && syscall(SYS_stat, path, &status) != 0;
	int fd = (int)syscall(SYS_openat, dir, path, flags, mode);
	if (fd >= 0 && is_new)
		record('C', path, 0, NULL, 0);
	else if (fd >= 0 && is_inside(path) && (flags & O_TRUNC))
		record('T', path, 0, NULL, 0);
	return fd;
}

static mode_t mode_of(int flags, va_list arguments)
{
	return flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

EXPORT int open(const char *path, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	mode_t mode = mode_of(flags, arguments);
	va_end(arguments);
	return open_file(AT_FDCWD, path, flags, mode);
}

EXPORT int open64(const char *path, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	mode_t mode = mode_of(flags, arguments);
	va_end(arguments);
	return open_file(AT_FDCWD, path, flags, mode);
}
