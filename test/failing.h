/* Calls that fail when a test says so: memory, reads, and what changes the disk, one after the other. The program that
 * includes it is linked with -Wl,--wrap= for each name below (failing_wrap in src/os/meson.build). */
#ifndef TEST_FAILING_H
#define TEST_FAILING_H

#include "test/failing_memory.h"

static struct failing fail_reads, fail_writes;

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
