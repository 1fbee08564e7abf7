/* Calls that fail when a test says so: memory, reads, and what changes the disk, one after the other. The program that
 * includes it is linked with -Wl,--wrap= for each name below (failing_wrap in src/os/meson.build). */
#ifndef TEST_FAILING_H
#define TEST_FAILING_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

/* The call that fails, counted from 1 over those of a kind; 0: none does. */
static struct failing {
	_Atomic(long) after;
	int with; /* the errno; 0: the process dies there */
} fail_memory, fail_reads, fail_writes;

static bool fails(struct failing *failing)
{
	long after = atomic_load(&failing->after);
	if (after == 0 || !atomic_compare_exchange_strong(&failing->after, &after, after - 1) ||
		after != 1)
		return false;
	if (failing->with == 0)
		_exit(0);
	errno = failing->with;
	return true;
}

#define FAILING_WRAP(result, name, parameters, arguments, kind, failure)                           \
	result __real_##name parameters;                                                           \
	result __wrap_##name parameters;                                                           \
	result __wrap_##name parameters                                                            \
	{                                                                                          \
		return fails(&kind) ? failure : __real_##name arguments;                           \
	}

FAILING_WRAP(void *, malloc, (size_t size), (size), fail_memory, NULL)
FAILING_WRAP(void *, calloc, (size_t count, size_t size), (count, size), fail_memory, NULL)
FAILING_WRAP(void *, realloc, (void *old, size_t size), (old, size), fail_memory, NULL)
FAILING_WRAP(char *, strdup, (const char *text), (text), fail_memory, NULL)
FAILING_WRAP(void *, aligned_alloc, (size_t unit, size_t size), (unit, size), fail_memory, NULL)
FAILING_WRAP(void *, mmap64, (void *at, size_t size, int protection, int flags, int fd, off_t from),
	(at, size, protection, flags, fd, from), fail_memory, MAP_FAILED)
FAILING_WRAP(ssize_t, pread64, (int fd, void *bytes, size_t size, off_t at), (fd, bytes, size, at),
	fail_reads, -1)
FAILING_WRAP(ssize_t, write, (int fd, const void *bytes, size_t size), (fd, bytes, size),
	fail_writes, -1)
FAILING_WRAP(int, fsync, (int fd), (fd), fail_writes, -1)
FAILING_WRAP(int, rename, (const char *from, const char *to), (from, to), fail_writes, -1)
FAILING_WRAP(int, unlink, (const char *path), (path), fail_writes, -1)
FAILING_WRAP(off_t, lseek64, (int fd, off_t at, int whence), (fd, at, whence), fail_writes, -1)

/* A close that fails has closed all the same, as in the kernel. */
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
	bool failed = fails(&fail_writes);
	int sys = errno, rc = __real_close(fd);
	errno = sys;
	return failed ? -1 : rc;
}

#endif
