/* flock with a note. The note is for people: it may be stale for the moment between taking the lock and writing it,
 * and a note that cannot be written (a full disk) takes nothing away from the lock. */
#include "os/lock.h"

#include "base/err.h"
#include "base/utf8.h"
#include "os/clock.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define NOTE_SIZE 160

/* flock (2) knows no end to its waiting, so it is asked again and again: often at first, for a turn is short. */
#define PAUSE_BRISK_US 100
#define PAUSE_US       1000
#define PAUSE_CALM_US  10000
#define BRISK_US       20000
#define CALM_US        500000

int lock_open(const char *path, int *ret_fd, struct hilf_err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(err, HILF_E_IO, errno, "cannot open the lock '%s'", path);
	*ret_fd = fd;
	return 0;
}

static void write_note(int fd, const char *activity)
{
	char note[NOTE_SIZE], when[32];
	struct tm parts;
	time_t now = (time_t)(clock_now_ms() / 1000);
	gmtime_r(&now, &parts);
	strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", &parts);
	int size = snprintf(note, sizeof note, "process %ld (%.60s, since %s)\n", (long)getpid(),
		activity ? activity : "writing", when);
	if (size < 0 || pwrite(fd, note, (size_t)size, 0) != size || ftruncate(fd, size) != 0)
		return; /* see the top of the file */
}

static void read_note(int fd, char *ret_text, size_t room)
{
	char note[NOTE_SIZE];
	ssize_t size = pread(fd, note, sizeof note, 0);
	char *end = size > 0 ? memchr(note, '\n', (size_t)size) : NULL;
	if (!end || end == note)
		snprintf(ret_text, room, "another process");
	else
		utf8_printable(note, (size_t)(end - note), ret_text, room);
}

/* How long to sleep before trying again: a commit takes less than a millisecond, an import's seconds. */
static int64_t pause_us(int64_t waited_us)
{
	if (waited_us < BRISK_US)
		return PAUSE_BRISK_US;
	return waited_us < CALM_US ? PAUSE_US : PAUSE_CALM_US;
}

static int take(
	int fd, const struct lock *lock, int64_t start_us, uint32_t wait_ms, struct hilf_err *err)
{
	char holder[NOTE_SIZE * 2];
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return err_sys(err, HILF_E_IO, errno, "cannot lock '%s'", lock->path);
		int64_t waited_us = clock_monotonic_us() - start_us;
		if (waited_us >= (int64_t)wait_ms * 1000) {
			read_note(lock->fd, holder, sizeof holder);
			return err_set(err, HILF_E_BUSY,
				"%s holds '%s'; waited %u ms; try again when it has finished",
				holder, lock->path, (unsigned)wait_ms);
		}
		const struct timespec pause = {.tv_nsec = (long)pause_us(waited_us) * 1000};
		nanosleep(&pause, NULL);
	}
	return 0;
}

int lock_take(
	int fd, const char *path, const char *activity, uint32_t wait_ms, struct hilf_err *err)
{
	const struct lock lock = {fd, -1, path};
	int rc = take(fd, &lock, clock_monotonic_us(), wait_ms, err);
	if (!rc)
		write_note(fd, activity);
	return rc;
}

int lock_take_turn(
	const struct lock *lock, const char *activity, uint32_t wait_ms, struct hilf_err *err)
{
	int64_t start_us = clock_monotonic_us();
	int rc = take(lock->turn, lock, start_us, wait_ms, err);
	if (rc)
		return rc;
	rc = take(lock->fd, lock, start_us, wait_ms, err);
	lock_release(lock->turn);
	if (!rc)
		write_note(lock->fd, activity);
	return rc;
}

void lock_release(int fd)
{
	while (flock(fd, LOCK_UN) != 0 && errno == EINTR)
		;
}

bool lock_share(int fd)
{
	return flock(fd, LOCK_SH | LOCK_NB) == 0;
}
