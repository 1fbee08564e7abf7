/* fork, exec, and packets with descriptors (unix(7), SCM_RIGHTS). Between fork and exec only calls that are safe in
 * the child of a threaded process are made. */
#include "os/helper.h"

#include "base/check.h"
#include "base/err.h"
#include "os/clock.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define STOP_WAIT_MS 200
/* A helper that reads nothing for so long is stuck. */
#define SEND_WAIT_S 30
#define FDS_MAX     65536u

/* What a helper's environment may have, filled from ours where it is set. */
static const char *const passed_on[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
	"LSAN_OPTIONS", "LLVM_PROFILE_FILE", "HILF_SIMD"};

/* What every helper gets. Decoders ask for large memory once and touch all of it: on huge pages that costs half. */
static const char *const fixed[] = {
	"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "GLIBC_TUNABLES=glibc.malloc.hugetlb=1"};

#define ENVIRONMENT_MAX (COUNT_OF(fixed) + COUNT_OF(passed_on) + 1)

static void free_environment(char **environment)
{
	for (size_t i = 0; i < ENVIRONMENT_MAX; i++)
		free(environment[i]);
}

static bool make_environment(char **environment)
{
	size_t count = 0;
	memset(environment, 0, ENVIRONMENT_MAX * sizeof *environment);
	for (size_t i = 0; i < COUNT_OF(fixed); i++) {
		environment[count] = strdup(fixed[i]);
		if (!environment[count++])
			return false;
	}
	for (size_t i = 0; i < COUNT_OF(passed_on); i++) {
		const char *value = getenv(passed_on[i]);
		if (!value)
			continue;
		if (asprintf(&environment[count], "%s=%s", passed_on[i], value) < 0) {
			environment[count] = NULL;
			return false;
		}
		count++;
	}
	return true;
}

/* The standard three, from /dev/null where the program that uses us has closed one: else the helper's first files would
 * take their numbers. */
static bool keep_standard(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		int flags = fcntl(fd, F_GETFD);
		if (flags >= 0 && !(flags & FD_CLOEXEC))
			continue;
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (null == fd ? fcntl(fd, F_SETFD, 0) != 0 : dup2(null, fd) != fd)
			return false;
		if (null != fd)
			close(null);
	}
	return true;
}

/* Where the kernel or a sandbox around us has no close_range, one by one. */
static void close_from(unsigned first)
{
	struct rlimit limit;
	if (syscall(SYS_close_range, first, ~0u, 0) == 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	for (unsigned fd = first; fd < limit.rlim_cur && fd < FDS_MAX; fd++)
		close((int)fd);
}

/* In the child: descriptor 3 and the standard three, signals as they are wanted, and the program. No signal is handled before its
 * handler is gone, for a handler is the parent's and would act on the parent's things. */
static _Noreturn void become(
	const char *path, char *const *arguments, char *const *environment, int socket, int report)
{
	sigset_t none;
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	/* Ctrl-C goes to everybody at the terminal, and systemd's SIGTERM to everybody in the service. When the work ends
	 * is for the one who gave it to say: it closes the socket. Ignored signals stay so through exec. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Both may stand where they shall not: lift them above first. */
	int high = fcntl(socket, F_DUPFD_CLOEXEC, 10),
	    high_report = fcntl(report, F_DUPFD_CLOEXEC, 11);
	if (high >= 0 && high_report >= 0 && dup2(high, HELPER_FD) == HELPER_FD &&
		dup2(high_report, HELPER_FD + 1) == HELPER_FD + 1 &&
		fcntl(HELPER_FD + 1, F_SETFD, FD_CLOEXEC) == 0 && keep_standard()) {
		report = HELPER_FD + 1;
		close_from(HELPER_FD + 2);
		execve(path, arguments, environment);
	}
	int sys = errno;
	ssize_t written = write(report, &sys, sizeof sys);
	_exit(written == sizeof sys ? 127 : 126);
}

static pid_t fork_quietly(void)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	int sys = errno;
	if (pid != 0)
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = sys;
	return pid;
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* The errno of a failed exec, read from the pipe that a good exec closes; 0 when it went well. */
static int wait_for_exec(int report)
{
	int sys = 0;
	ssize_t count = file_read_all(report, &sys, sizeof sys);
	return count == sizeof sys ? sys : 0;
}

static int start_path(
	struct helper *ret_helper, const char *path, char *const *arguments, struct hilf_err *err)
{
	char *environment[ENVIRONMENT_MAX];
	int pair[2] = {-1, -1}, report[2] = {-1, -1}, rc = 0;
	if (!make_environment(environment)) {
		free_environment(environment);
		return err_no_memory(err);
	}
	pid_t pid = -1;
	int size = HELPER_MESSAGE_MAX * 2;
	const struct timeval send_wait = {.tv_sec = SEND_WAIT_S};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0 ||
		pipe2(report, O_CLOEXEC) != 0)
		rc = err_sys(err, HILF_E_HELPER, errno, "cannot make a channel to '%s'", path);
	else if (setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) != 0 ||
		 setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) != 0 ||
		 setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &send_wait, sizeof send_wait) != 0)
		rc = err_sys(err, HILF_E_HELPER, errno, "cannot set up the channel to '%s'", path);
	else if ((pid = fork_quietly()) < 0)
		rc = err_sys(err, HILF_E_HELPER, errno, "cannot start '%s'", path);
	if (pid == 0)
		become(path, arguments, environment, pair[1], report[1]);
	free_environment(environment);
	if (pair[1] >= 0)
		close(pair[1]);
	if (report[1] >= 0)
		close(report[1]);
	int sys = rc ? 0 : wait_for_exec(report[0]);
	if (report[0] >= 0)
		close(report[0]);
	if (sys) {
		reap(pid);
		rc = err_set(err, HILF_E_HELPER,
			"cannot run the helper '%s': %s; is hilf installed whole?", path,
			strerror(sys));
	}
	if (rc) {
		if (pair[0] >= 0)
			close(pair[0]);
		return rc;
	}
	*ret_helper = (struct helper){pid, pair[0], (int)syscall(SYS_pidfd_open, pid, 0)};
	return 0;
}

int helper_start(struct helper *ret_helper, const char *dir, const char *name,
	const char *const *arguments, struct hilf_err *err)
{
	char *argv[16] = {(char *)name};
	for (size_t i = 0; arguments && arguments[i]; i++) {
		ASSERT(i + 2 < COUNT_OF(argv));
		argv[i + 1] = (char *)arguments[i];
	}
	char *path = file_join(dir, name);
	if (!path)
		return err_no_memory(err);
	int rc = start_path(ret_helper, path, argv, err);
	free(path);
	return rc;
}

/* 0, ETIMEDOUT or another errno. timeout_ms < 0 waits for ever. */
static int wait_readable(int fd, int timeout_ms)
{
	int64_t deadline = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
	for (;;) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		int64_t left_us = deadline - clock_monotonic_us();
		int wait_ms = timeout_ms < 0 ? -1 : left_us > 0 ? (int)((left_us + 999) / 1000) : 0;
		int count = poll(&ready, 1, wait_ms);
		if (count > 0)
			return 0;
		if (count < 0 && errno != EINTR)
			return errno;
		if (count == 0)
			return ETIMEDOUT;
	}
}

void helper_stop(struct helper *helper)
{
	if (helper->socket >= 0)
		close(helper->socket);
	helper->socket = -1;
	if (!helper->pid)
		return;
	/* A program that ignores SIGCHLD has its children reaped by the kernel, and their numbers given to others. */
	if (helper->pidfd < 0)
		kill(helper->pid, SIGKILL);
	else if (wait_readable(helper->pidfd, STOP_WAIT_MS) != 0)
		syscall(SYS_pidfd_send_signal, helper->pidfd, SIGKILL, NULL, 0);
	if (helper->pidfd >= 0)
		close(helper->pidfd);
	helper->pidfd = -1;
	reap(helper->pid);
	helper->pid = 0;
}

int helper_send(int socket, const void *bytes, size_t size, const int *fds, size_t fd_count)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(HELPER_FDS_MAX * sizeof(int))];
	} control = {0};
	struct iovec part = {.iov_base = (void *)bytes, .iov_len = size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ASSERT(fd_count <= HELPER_FDS_MAX);
	if (fd_count) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(head), fds, fd_count * sizeof(int));
	}
	for (;;) {
		if (sendmsg(socket, &message, MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno == EAGAIN)
			return ETIMEDOUT; /* SEND_WAIT_S */
		if (errno != EINTR)
			return errno;
	}
}

static size_t take_fds(struct msghdr *message, int *ret_fds)
{
	size_t count = 0;
	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head;
		head = CMSG_NXTHDR(message, head)) {
		if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
			continue;
		size_t here = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < here && count < HELPER_FDS_MAX; i++)
			memcpy(&ret_fds[count++], CMSG_DATA(head) + i * sizeof(int), sizeof(int));
	}
	return count;
}

ssize_t helper_receive(int socket, void *ret_bytes, size_t room, int *ret_fds, size_t *ret_fd_count,
	int timeout_ms)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(HELPER_FDS_MAX * sizeof(int))];
	} control;
	struct iovec part = {.iov_base = ret_bytes, .iov_len = room};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	int fds[HELPER_FDS_MAX];
	ssize_t size;
	int sys = timeout_ms < 0 ? 0 : wait_readable(socket, timeout_ms);
	if (sys)
		return -sys;
	do {
		message.msg_control = &control;
		message.msg_controllen = sizeof control;
		size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	} while (size < 0 && errno == EINTR);
	if (size < 0)
		return -errno;
	size_t count = take_fds(&message, fds);
	bool cut = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
	/* An empty packet with descriptors would look like the end. */
	if (cut || (count && (!ret_fds || size == 0))) {
		for (size_t i = 0; i < count; i++)
			close(fds[i]);
		return -EMSGSIZE;
	}
	if (ret_fds)
		memcpy(ret_fds, fds, count * sizeof(int));
	if (ret_fd_count)
		*ret_fd_count = count;
	return size;
}

bool helper_silence(bool errors_too)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return false;
	bool done = dup2(null, 0) == 0 && dup2(null, 1) == 1 && (!errors_too || dup2(null, 2) == 2);
	if (null > 2)
		close(null);
	return done;
}
