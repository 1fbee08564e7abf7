/* A library to be preloaded into a shipped program: fails the k-th call of a kind, once or from then on.
 *
 *   HILF_FAULT=KIND:K      the K-th call fails;  KIND:K+  it and every later one
 *   HILF_FAULT_REPORT=FILE at the end "calls N", and before it "fired" when a call was failed
 *
 *   malloc   malloc, calloc, realloc, aligned_alloc, posix_memalign            no memory
 *   read     read, pread of files                                              EIO
 *   write    write, pwrite, writev, ftruncate, fallocate of files              EIO
 *   enospc   the same calls                                                    ENOSPC
 *   short    write, pwrite of files: half of it is written, the rest fails     ENOSPC
 *   fsync    fsync, fdatasync, sync_file_range                                 EIO
 *   open     open, openat of files in the data folder ($HILF_DATA) and above   EMFILE
 *   mmap     mmap of more than nothing                                         ENOMEM
 *
 * Calls go to the kernel directly, and memory to glibc's own names, so that nothing has to be looked up at start.
 * Descriptors 0 to 2, pipes and sockets are left alone. Helper programs do not inherit it: hilf clears their
 * environment. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

enum kind { NONE, MALLOC, READ, WRITE, ENOSPC_WRITE, SHORT, FSYNC, OPEN, MMAP };

static enum kind kind;
static unsigned long failing;
static bool from_then_on;
static const char *report, *data;
static atomic_ulong calls;
static atomic_bool fired;

static const struct {
	const char *name;
	enum kind kind;
} names[] = {{"malloc", MALLOC}, {"read", READ}, {"write", WRITE}, {"enospc", ENOSPC_WRITE},
	{"short", SHORT}, {"fsync", FSYNC}, {"open", OPEN}, {"mmap", MMAP}};

__attribute__((constructor)) static void start(void)
{
	const char *what = getenv("HILF_FAULT");
	const char *colon = what ? strchr(what, ':') : NULL;
	char *end;
	report = getenv("HILF_FAULT_REPORT");
	data = getenv("HILF_DATA");
	if (!colon)
		return;
	failing = strtoul(colon + 1, &end, 10);
	from_then_on = *end == '+';
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i].name) == (size_t)(colon - what) &&
			strncmp(names[i].name, what, (size_t)(colon - what)) == 0)
			kind = names[i].kind;
}

__attribute__((destructor)) static void finish(void)
{
	char text[64];
	if (!report)
		return;
	kind = NONE;
	int size = snprintf(
		text, sizeof text, "%scalls %lu\n", fired ? "fired\n" : "", (unsigned long)calls);
	long fd = syscall(SYS_openat, AT_FDCWD, report, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd >= 0 && syscall(SYS_write, fd, text, (size_t)size) == size)
		syscall(SYS_close, fd);
}

/* Counts a call; true when it is the one. */
static bool fails(void)
{
	unsigned long number = atomic_fetch_add(&calls, 1) + 1;
	bool is = number == failing || (from_then_on && number > failing);
	if (is)
		atomic_store(&fired, true);
	return is;
}

static bool is_file(int fd)
{
	struct stat status;
	return fd > STDERR_FILENO && syscall(SYS_fstat, fd, &status) == 0 &&
	       S_ISREG(status.st_mode);
}

/* ---------------------------------------------------------------------------------------- memory */

EXPORT void *malloc(size_t size)
{
	if (kind == MALLOC && fails()) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size)
{
	if (kind == MALLOC && fails()) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_calloc(count, size);
}

EXPORT void *realloc(void *old, size_t size)
{
	if (kind == MALLOC && size && fails()) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_realloc(old, size);
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
	if (kind == MALLOC && fails()) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_memalign(alignment, size);
}

EXPORT int posix_memalign(void **ret, size_t alignment, size_t size)
{
	void *memory = aligned_alloc(alignment, size);
	if (!memory)
		return ENOMEM;
	*ret = memory;
	return 0;
}

EXPORT void *mmap(void *where, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (kind == MMAP && fails()) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mmap, where, size, protection, flags, fd, offset);
}

EXPORT void *mmap64(void *where, size_t size, int protection, int flags, int fd, off_t offset)
{
	return mmap(where, size, protection, flags, fd, offset);
}

/* ---------------------------------------------------------------------------------------- reading */

static bool fails_to_read(int fd)
{
	if (kind != READ || !is_file(fd) || !fails())
		return false;
	errno = EIO;
	return true;
}

EXPORT ssize_t read(int fd, void *bytes, size_t size)
{
	return fails_to_read(fd) ? -1 : syscall(SYS_read, fd, bytes, size);
}

EXPORT ssize_t pread(int fd, void *bytes, size_t size, off_t at)
{
	return fails_to_read(fd) ? -1 : syscall(SYS_pread64, fd, bytes, size, at);
}

EXPORT ssize_t pread64(int fd, void *bytes, size_t size, off_t at)
{
	return pread(fd, bytes, size, at);
}

/* ---------------------------------------------------------------------------------------- writing */

static bool fails_to_write(int fd)
{
	if ((kind != WRITE && kind != ENOSPC_WRITE) || !is_file(fd) || !fails())
		return false;
	errno = kind == WRITE ? EIO : ENOSPC;
	return true;
}

/* The size that gets through: all, or half once; 0 when the disk is full from then on. */
static size_t cut(int fd, size_t size)
{
	static atomic_bool half_done;
	if (kind != SHORT || !is_file(fd) || !fails())
		return size;
	return atomic_exchange(&half_done, true) ? 0 : size / 2;
}

EXPORT ssize_t write(int fd, const void *bytes, size_t size)
{
	if (fails_to_write(fd))
		return -1;
	size_t some = cut(fd, size);
	if (size && !some) {
		errno = ENOSPC;
		return -1;
	}
	return syscall(SYS_write, fd, bytes, some);
}

EXPORT ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
	if (fails_to_write(fd))
		return -1;
	size_t some = cut(fd, size);
	if (size && !some) {
		errno = ENOSPC;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, bytes, some, at);
}

EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
	return pwrite(fd, bytes, size, at);
}

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count)
{
	return fails_to_write(fd) ? -1 : syscall(SYS_writev, fd, parts, count);
}

EXPORT int ftruncate(int fd, off_t size)
{
	return fails_to_write(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

EXPORT int ftruncate64(int fd, off_t size)
{
	return ftruncate(fd, size);
}

EXPORT int fallocate(int fd, int mode, off_t at, off_t size)
{
	return fails_to_write(fd) ? -1 : (int)syscall(SYS_fallocate, fd, mode, at, size);
}

EXPORT int fallocate64(int fd, int mode, off_t at, off_t size)
{
	return fallocate(fd, mode, at, size);
}

EXPORT int posix_fallocate(int fd, off_t at, off_t size)
{
	return fallocate(fd, 0, at, size) == 0 ? 0 : errno;
}

EXPORT int posix_fallocate64(int fd, off_t at, off_t size)
{
	return posix_fallocate(fd, at, size);
}

EXPORT int fsync(int fd)
{
	if (kind == FSYNC && fails()) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

EXPORT int fdatasync(int fd)
{
	if (kind == FSYNC && fails()) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

/* ---------------------------------------------------------------------------------------- opening */

/* Only the data: the loader's and the locale's files are not what is tried. */
static bool fails_to_open(const char *path)
{
	if (kind != OPEN || !data || strncmp(path, data, strlen(data)) != 0 || !fails())
		return false;
	errno = EMFILE;
	return true;
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
	return fails_to_open(path) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

EXPORT int open64(const char *path, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	mode_t mode = mode_of(flags, arguments);
	va_end(arguments);
	return open(path, flags, mode);
}

EXPORT int openat(int dir, const char *path, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	mode_t mode = mode_of(flags, arguments);
	va_end(arguments);
	return fails_to_open(path) ? -1 : (int)syscall(SYS_openat, dir, path, flags, mode);
}
