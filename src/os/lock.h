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
/* The same for who takes it again and again beside others that do: `turn` is a second file, held from before the wait
 * until the lock is had. Whoever has just released the lock finds the next one standing there, so nobody is passed over
 * however busy another is. Released with lock_release(lock->fd). */
struct lock {
	int fd, turn;
	const char *path; /* of fd */
};
int lock_take_turn(const struct lock *lock, const char *activity, uint32_t wait_ms, struct hilf_err *err);
/* Holds the lock together with other readers, so that no writer gets it; true when that was possible at once. */
bool lock_share(int fd);

#endif
