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
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define NOTE_SIZE    160
#define POLL_WAIT_MS 10

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

int lock_take(
	int fd, const char *path, const char *activity, uint32_t wait_ms, struct hilf_err *err)
{
	char holder[NOTE_SIZE * 2];
	int64_t deadline = clock_monotonic_us() + (int64_t)wait_ms * 1000;
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return err_sys(err, HILF_E_IO, errno, "cannot lock '%s'", path);
		if (clock_monotonic_us() >= deadline) {
			read_note(fd, holder, sizeof holder);
			return err_set(err, HILF_E_BUSY,
				"%s holds '%s'; waited %u ms; try again when it has finished",
				holder, path, (unsigned)wait_ms);
		}
		const struct timespec pause = {.tv_nsec = POLL_WAIT_MS * 1000000L};
		nanosleep(&pause, NULL);
	}
	write_note(fd, activity);
	return 0;
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

bool lock_socket_answers(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address.sun_path || access(path, F_OK) != 0)
		return false;
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	/* EAGAIN: it listens, and many are waiting. */
	bool answers = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 ||
		       errno == EAGAIN || errno == EINPROGRESS;
	close(fd);
	return answers;
}
