/* A disk that refuses when a test says so. The program that includes it stands before the calls with which SQLite, a library
 * of its own, writes and syncs; no link option is needed. For what hilf itself calls there is test/failing.h. */
#ifndef TEST_FAILING_DISK_H
#define TEST_FAILING_DISK_H

#include "test/failing_call.h"

#include <sys/syscall.h>
#include <sys/types.h>

static struct failing fail_disk;
static bool fail_disk_writes, fail_disk_syncs; /* which calls count, and fail */

/* Between the two, the nth call of those that count fails, counted from 0, and all after it; with errno 0 the process dies
 * there. */
static inline void before_disk_fault(bool writes, bool syncs, long nth, int with)
{
	fail_disk_writes = writes;
	fail_disk_syncs = syncs;
	fail_disk.with = with;
	fail_disk.for_good = true;
	atomic_store(&fail_disk.after, nth + 1);
}

static inline void after_disk_fault(void)
{
	atomic_store(&fail_disk.after, 0);
}

/* Every write finds the disk full. */
static inline void before_full_disk(void)
{
	before_disk_fault(true, false, 0, ENOSPC);
}

/* Syncs by both names, because SQLite is built with either. */
ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
	__attribute__((visibility("default")));
int fsync(int fd) __attribute__((visibility("default")));
int fdatasync(int fd) __attribute__((visibility("default")));

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
	if (fail_disk_writes && fails(&fail_disk))
		return -1;
	return (ssize_t)syscall(SYS_pwrite64, fd, bytes, size, at);
}

int fsync(int fd)
{
	return fail_disk_syncs && fails(&fail_disk) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fail_disk_syncs && fails(&fail_disk) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

#endif
