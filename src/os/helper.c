/* clone, exec, and packets with descriptors (unix(7), SCM_RIGHTS). A process with an index of ten gigabytes takes long to
 * fork, for its page tables alone; so a helper begins in its parent's memory, as vfork(2) has it, and leaves it at exec. */
#include "os/helper.h"

#include "base/check.h"
#include "base/err.h"
#include "os/clock.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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
/* clone needs little of it; a signal cannot come in between. */
#define STACK_SIZE (64u * 1024)
/* What the kernel calls a set of signals: 64 of them on all machines but MIPS, which has 128. */
#define KERNEL_SIGSET_SIZE (NSIG / 8)

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

/* ------------------------------------------------------------------------------------------- the child */

/* What it shares with us, in the memory that is ours. */
struct start {
	const char *path;
	char *const *arguments;
	char *const *environment;
	int socket;
	int sys; /* of what failed before or at exec */
};

/* What runs between clone and exec runs in our memory, on a stack of its own, while the calling thread waits and the
 * others go on: so it touches nothing but its stack and struct start, and calls the kernel directly, past the wrappers
 * that sanitizers put around the C library to keep their books. */
#define IN_OUR_MEMORY __attribute__((no_sanitize("address", "thread", "undefined")))

/* The standard three, from /dev/null where the program that uses us has closed one: else the helper's first files would
 * take their numbers. */
IN_OUR_MEMORY static bool keep_standard(void)
{
	for (long fd = 0; fd <= 2; fd++) {
		long flags = syscall(SYS_fcntl, fd, F_GETFD);
		if (flags >= 0 && !(flags & FD_CLOEXEC))
			continue;
		long null = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC);
		if (null == fd ? syscall(SYS_fcntl, fd, F_SETFD, 0) != 0
			       : syscall(SYS_dup3, null, fd, 0) != fd)
			return false;
		if (null != fd)
			syscall(SYS_close, null);
	}
	return true;
}

/* Where the kernel or a sandbox around us has no close_range, one by one. */
IN_OUR_MEMORY static void close_from(unsigned first)
{
	struct rlimit limit = {0};
	if (syscall(SYS_close_range, first, ~0u, 0) == 0 ||
		syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit) != 0)
		return;
	for (unsigned fd = first; fd < limit.rlim_cur && fd < FDS_MAX; fd++)
		syscall(SYS_close, fd);
}

/* Signals as a helper wants them: handled as ever, but for those that go to all of a group. Ctrl-C goes to everybody at
 * the terminal, and systemd's SIGTERM to everybody in the service; when the work ends is for the one who gave it to say:
 * it closes the socket. None is blocked, once no handler of ours is left that would act on our things. */
IN_OUR_MEMORY static void reset_signals(void)
{
	/* The kernel's own struct sigaction, whose handler comes first on every machine. */
	struct {
		void (*handler)(int);
		unsigned long rest[8];
	} action = {SIG_DFL, {0}};
	const unsigned long none[KERNEL_SIGSET_SIZE / sizeof(unsigned long)] = {0};
	for (int i = 1; i < NSIG; i++) {
		action.handler = i == SIGINT || i == SIGTERM ? SIG_IGN : SIG_DFL;
		syscall(SYS_rt_sigaction, i, &action, NULL, KERNEL_SIGSET_SIZE);
	}
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, none, NULL, KERNEL_SIGSET_SIZE);
}

IN_OUR_MEMORY static int become(void *ctx)
{
	struct start *start = ctx;
	reset_signals();
	/* It may stand where one of the standard three shall be: lift it above first. */
	long high = syscall(SYS_fcntl, start->socket, F_DUPFD_CLOEXEC, 10);
	if (high >= 0 && syscall(SYS_dup3, high, HELPER_FD, 0) == HELPER_FD && keep_standard()) {
		close_from(HELPER_FD + 1);
		syscall(SYS_execve, start->path, start->arguments, start->environment);
	}
	start->sys = errno;
	syscall(SYS_exit_group, 127);
	return 127;
}

/* The thread sanitizer takes clone() for a fork and leaves its books half closed; it does not know it by this name. */
#ifdef __SANITIZE_THREAD__
int __clone(int (*run)(void *), void *stack, int flags, void *ctx, ...);
#define clone __clone
#endif

/* Like vfork(2): no page table is copied, so that it costs the same however large we are, and we go on when it has become
 * another program or failed. -1 with errno where there is no process to be had. */
static pid_t clone_quietly(struct start *start)
{
	sigset_t all, before;
	void *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED)
		return -1;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t pid =
		clone(become, (char *)stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | SIGCHLD, start);
	int sys = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	munmap(stack, STACK_SIZE);
	errno = sys;
	return pid;
}

/* ------------------------------------------------------------------------------------------------ start */

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int make_channel(int pair[2], const char *path, struct hilf_err *err)
{
	const int size = HELPER_MESSAGE_MAX * 2;
	const struct timeval send_wait = {.tv_sec = SEND_WAIT_S};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return err_sys(err, HILF_E_HELPER, errno, "cannot make a channel to '%s'", path);
	if (setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) == 0 &&
		setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) == 0 &&
		setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &send_wait, sizeof send_wait) == 0)
		return 0;
	int rc = err_sys(err, HILF_E_HELPER, errno, "cannot set up the channel to '%s'", path);
	close(pair[0]);
	close(pair[1]);
	return rc;
}

static int start_path(
	struct helper *ret_helper, const char *path, char *const *arguments, struct hilf_err *err)
{
	char *environment[ENVIRONMENT_MAX];
	struct start start = {.path = path, .arguments = arguments, .environment = environment};
	int pair[2], rc;
	if (!make_environment(environment)) {
		free_environment(environment);
		return err_no_memory(err);
	}
	rc = make_channel(pair, path, err);
	if (rc) {
		free_environment(environment);
		return rc;
	}
	start.socket = pair[1];
	pid_t pid = clone_quietly(&start);
	if (pid < 0)
		rc = err_sys(err, HILF_E_HELPER, errno, "cannot start '%s'", path);
	free_environment(environment);
	close(pair[1]);
	if (!rc && start.sys) {
		reap(pid);
		rc = err_set(err, HILF_E_HELPER,
			"cannot run the helper '%s': %s; is hilf installed whole?", path,
			strerror(start.sys));
	}
	if (rc)
		close(pair[0]);
	else
		*ret_helper = (struct helper){pid, pair[0], (int)syscall(SYS_pidfd_open, pid, 0)};
	return rc;
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
