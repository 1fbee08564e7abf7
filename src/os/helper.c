/* fork, exec, and packets with descriptors (unix(7), SCM_RIGHTS). Between fork and exec only calls that are safe in
 * the child of a threaded process are made. */
#include "os/helper.h"

#include "base/check.h"
#include "base/err.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STOP_WAIT_MS 200

/* What a helper's environment may have, filled from ours where it is set. */
static const char *const passed_on[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS",
	"LLVM_PROFILE_FILE", "HILF_SIMD"};

#define ENVIRONMENT_MAX (2 + COUNT_OF(passed_on) + 1)

static void free_environment(char **environment)
{
	for (size_t i = 0; i < ENVIRONMENT_MAX; i++)
		free(environment[i]);
}

static bool make_environment(char **environment)
{
	size_t count = 0;
	memset(environment, 0, ENVIRONMENT_MAX * sizeof *environment);
	environment[count] = strdup("PATH=/usr/bin:/bin");
	if (!environment[count++])
		return false;
	environment[count] = strdup("LANG=C.UTF-8");
	if (!environment[count++])
		return false;
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

/* In the child: descriptor 3 and the standard three, default signals but SIGINT, and the program. */
static _Noreturn void become(
	const char *path, char *const *arguments, char *const *environment, int socket, int report)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 1; i < 32; i++)
		signal(i, SIG_DFL);
	/* Ctrl-C goes to everybody at the terminal. When the work ends is for the one who gave it to say: it closes the
	 * socket. Ignored signals stay so through exec. */
	signal(SIGINT, SIG_IGN);
	/* Both may stand where they shall not: lift them above first. */
	int high = fcntl(socket, F_DUPFD, 10), high_report = fcntl(report, F_DUPFD_CLOEXEC, 11);
	if (high >= 0 && high_report >= 0 && dup2(high, HELPER_FD) == HELPER_FD &&
		dup2(high_report, HELPER_FD + 1) == HELPER_FD + 1 &&
		fcntl(HELPER_FD + 1, F_SETFD, FD_CLOEXEC) == 0) {
		report = HELPER_FD + 1;
		syscall(SYS_close_range, HELPER_FD + 2, ~0u, 0);
		execve(path, arguments, environment);
	}
	int sys = errno;
	ssize_t written = write(report, &sys, sizeof sys);
	_exit(written == sizeof sys ? 127 : 126);
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
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0 || pipe2(report, O_CLOEXEC) != 0)
		rc = err_sys(err, HILF_E_HELPER, errno, "cannot make a channel to '%s'", path);
	else if (setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) != 0 ||
		setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) != 0)
		rc = err_sys(err, HILF_E_HELPER, errno, "cannot widen the channel to '%s'", path);
	else if ((pid = fork()) < 0)
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
		waitpid(pid, NULL, 0);
		rc = err_set(err, HILF_E_HELPER, "cannot run the helper '%s': %s; is hilf installed whole?", path,
			strerror(sys));
	}
	if (rc) {
		if (pair[0] >= 0)
			close(pair[0]);
		return rc;
	}
	*ret_helper = (struct helper){pid, pair[0]};
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

void helper_stop(struct helper *helper)
{
	if (helper->socket >= 0)
		close(helper->socket);
	helper->socket = -1;
	if (!helper->pid)
		return;
	int pidfd = (int)syscall(SYS_pidfd_open, helper->pid, 0);
	struct pollfd left = {.fd = pidfd, .events = POLLIN};
	if (pidfd < 0 || poll(&left, 1, STOP_WAIT_MS) != 1)
		kill(helper->pid, SIGKILL);
	if (pidfd >= 0)
		close(pidfd);
	while (waitpid(helper->pid, NULL, 0) < 0 && errno == EINTR)
		;
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
		if (errno != EINTR)
			return errno;
	}
}

static size_t take_fds(struct msghdr *message, int *ret_fds)
{
	size_t count = 0;
	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
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
	if (timeout_ms >= 0) {
		struct pollfd ready = {.fd = socket, .events = POLLIN};
		int count = poll(&ready, 1, timeout_ms);
		if (count <= 0)
			return count == 0 ? -ETIMEDOUT : -errno;
	}
	do {
		message.msg_control = &control;
		message.msg_controllen = sizeof control;
		size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	} while (size < 0 && errno == EINTR);
	if (size < 0)
		return -errno;
	size_t count = take_fds(&message, fds);
	bool cut = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
	if (cut || (count && !ret_fds)) {
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
