/* One writer at a time, across processes: a file with an flock (2) on it and, inside, who holds it. The kernel drops
 * the lock with its holder, however that dies, so there is nothing to clean up after a crash. */
#ifndef OS_LOCK_H
#define OS_LOCK_H

#include "hilf.h"

/* Opens the lock file, made 0600 when it is not there. The caller closes ret_fd. */
int lock_open(const char *path, int *ret_fd, struct hilf_err *err);
/* Waits for the lock and writes process, activity and time into the file. HILF_E_BUSY, after wait_ms, names the
 * holder and what it does. */
int lock_take(int fd, const char *path, const char *activity, uint32_t wait_ms, struct hilf_err *err);
void lock_release(int fd);
/* Holds the lock together with other readers, so that no writer gets it; true when that was possible at once. */
bool lock_share(int fd);
/* Whether somebody listens on the stream socket at path. */
bool lock_socket_answers(const char *path);

#endif
