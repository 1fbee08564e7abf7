/* Files, folders and locks: the system calls, with errors a person can act on. */
#ifndef OS_FILE_H
#define OS_FILE_H

#include "base/buf.h"
#include "hilf.h"

#include <sys/types.h>

/* Reads a whole file of at most size_max bytes into buf (appended). HILF_E_NOT_FOUND, HILF_E_LIMIT, HILF_E_IO. */
int file_read(const char *path, size_t size_max, struct buf *buf, struct hilf_err *err);
/* Writes a new file whole: aside, synced, renamed over path, the folder synced. Nobody sees half of it. */
int file_write(const char *path, const void *bytes, size_t size, mode_t mode, struct hilf_err *err);
/* Makes the folder and those above it (0700); a folder that is there is fine. */
int file_make_dir(const char *path, struct hilf_err *err);
/* Makes what was created, renamed or removed in the folder last. */
int file_sync_dir(const char *dir, struct hilf_err *err);
/* Removes a file; one that is not there is fine. */
int file_remove(const char *path, struct hilf_err *err);
/* Calls each with the name of everything in the folder, and stops where it fails, with its code. No folder: 0. */
int file_each(const char *dir, int (*each)(const char *name, void *ctx, struct hilf_err *err),
	void *ctx, struct hilf_err *err);
/* Writes all bytes to fd, through interruptions and short writes; 0 or the errno. */
int file_write_all(int fd, const void *bytes, size_t size);
/* Reads until size bytes or the end; the count read, or the negative errno. */
ssize_t file_read_all(int fd, void *bytes, size_t size);
/* Bytes that may still be written to the file system of `path`, and how large that is. */
int file_room(const char *path, uint64_t *ret_free, uint64_t *ret_size, struct hilf_err *err);
/* dir/name in a new string, or NULL without memory. The caller frees it. */
char *file_join(const char *dir, const char *name);

#endif
