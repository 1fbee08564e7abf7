/* The walls around a process, after seccomp(2), landlock(7), user_namespaces(7) and
 * capabilities(7). The order is: what needs rights (namespaces), what takes rights away
 * (capabilities, Landlock, rlimits), and seccomp last, because after it none of the others can be
 * built. Filters are written by libseccomp once, exported, and installed by the bare system call,
 * which costs a forked child some 30 us where libseccomp itself would take 200. */
#include "os/sandbox.h"

#include "base/check.h"
#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef HILF_SANITIZED
#define HILF_SANITIZED 0
#endif
/* The thread sanitizer has a thread of its own in every process. */
#ifdef __SANITIZE_THREAD__
#define SANITIZER_THREADS SANDBOX_THREADS
#else
#define SANITIZER_THREADS 0
#endif

struct sandbox_filter {
	uint64_t memory_base; /* mapped when the filter was made */
	struct sock_fprog program;
	struct sock_filter code[];
};

/* ----------------------------------------------------------------------------------------- the
 * allow-list */

static const int always[] = {SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(restart_syscall), SCMP_SYS(brk),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(sched_yield)};
static const int for_read[] = {
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(fstat)};
static const int for_write[] = {SCMP_SYS(write), SCMP_SYS(writev)};
static const int for_messages[] = {
	SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(close)};
static const int for_threads[] = {
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_getaffinity)};
static const int for_children[] = {SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(wait4),
	SCMP_SYS(waitid), SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_send_signal), SCMP_SYS(seccomp),
	SCMP_SYS(prctl), SCMP_SYS(prlimit64), SCMP_SYS(close_range), SCMP_SYS(close),
	SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(landlock_create_ruleset), SCMP_SYS(landlock_add_rule),
	SCMP_SYS(landlock_restrict_self)};
static const int for_random[] = {SCMP_SYS(getrandom)};
static const int for_streams[] = {SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(getsockname),
	SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(shutdown),
	SCMP_SYS(fcntl), SCMP_SYS(socketpair)};
static const int for_dial[] = {SCMP_SYS(connect), SCMP_SYS(recvfrom), SCMP_SYS(sendto),
	SCMP_SYS(sendmmsg), SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt), SCMP_SYS(fcntl), SCMP_SYS(uname)};
static const int for_files[] = {
	SCMP_SYS(newfstatat), SCMP_SYS(fstat), SCMP_SYS(read), SCMP_SYS(lseek), SCMP_SYS(close)};

#if HILF_SANITIZED
/* What a sanitizer's run-time does behind the program's back. Opening is for reading alone, see
 * add_special. */
static const int for_sanitizers[] = {SCMP_SYS(getppid), SCMP_SYS(sigaltstack), SCMP_SYS(tgkill),
	SCMP_SYS(prctl), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(newfstatat),
	SCMP_SYS(close), SCMP_SYS(write), SCMP_SYS(read), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(getrlimit), SCMP_SYS(prlimit64),
	SCMP_SYS(mincore), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(sysinfo), SCMP_SYS(lseek),
	SCMP_SYS(fstat), SCMP_SYS(ioctl), SCMP_SYS(pipe2), SCMP_SYS(process_vm_readv),
	SCMP_SYS(msync), SCMP_SYS(uname), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(getdents64),
	SCMP_SYS(getrandom), SCMP_SYS(fcntl), SCMP_SYS(nanosleep)};
#endif

/* Calls that are refused with an error, because libraries make them on their way and live without.
 * abort() falls back to a trap when it may not signal itself, so that no signal can be sent to
 * anyone. */
static const struct {
	int call, answer;
} refused[] = {{SCMP_SYS(clone3), ENOSYS}, {SCMP_SYS(tgkill), EPERM},
	{SCMP_SYS(sched_getaffinity), EPERM}, {SCMP_SYS(ioctl), ENOTTY},
	{SCMP_SYS(newfstatat), EACCES}, {SCMP_SYS(getrandom), ENOSYS},
	{SCMP_SYS(sigaltstack), EPERM}, {SCMP_SYS(fadvise64), ENOSYS},
	{SCMP_SYS(sysinfo), ENOSYS}}; /* asked for by qsort() of glibc */

static const struct {
	unsigned need;
	const int *calls;
	size_t count;
} groups[] = {
	{0, always, COUNT_OF(always)},
	{SANDBOX_READ, for_read, COUNT_OF(for_read)},
	{SANDBOX_WRITE, for_write, COUNT_OF(for_write)},
	{SANDBOX_MESSAGES, for_messages, COUNT_OF(for_messages)},
	{SANDBOX_THREADS, for_threads, COUNT_OF(for_threads)},
	{SANDBOX_CHILDREN, for_children, COUNT_OF(for_children)},
	{SANDBOX_RANDOM, for_random, COUNT_OF(for_random)},
	{SANDBOX_STREAMS, for_streams, COUNT_OF(for_streams)},
	{SANDBOX_DIAL, for_dial, COUNT_OF(for_dial)},
	{SANDBOX_FILES, for_files, COUNT_OF(for_files)},
#if HILF_SANITIZED
	{0, for_sanitizers, COUNT_OF(for_sanitizers)},
#endif
};

static bool promised(const struct sandbox_promise *promise, int call)
{
	for (size_t i = 0; i < COUNT_OF(groups); i++) {
		if ((promise->calls & groups[i].need) != groups[i].need)
			continue;
		for (size_t j = 0; j < groups[i].count; j++)
			if (groups[i].calls[j] == call)
				return true;
	}
	return false;
}

#define NEW_NAMESPACES                                                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
		CLONE_NEWPID | CLONE_NEWNET)
#define THREAD_FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)
#define FORK_IGNORED (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)

/* Sockets of the Internet. Libraries that look for something else (a name service's socket, routes, whether there is
 * IPv6) are refused with an error and live without. */
static int add_sockets(scmp_filter_ctx ctx, const struct sandbox_promise *promise)
{
	int rc = 0;
	if (!(promise->calls & SANDBOX_DIAL)) {
		if (!(promise->calls & SANDBOX_STREAMS))
			return 0;
		/* libcurl 7.88 connects what it is told is connected already, and is told that it is. */
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(0), SCMP_SYS(connect), 0);
		return rc ? rc : seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 0);
	}
	for (int family = AF_UNSPEC; !rc && family < AF_MAX; family++)
		rc = seccomp_rule_add(ctx,
			family == AF_INET || family == AF_INET6 ? SCMP_ACT_ALLOW
								: SCMP_ACT_ERRNO(EACCES),
			SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family));
	return rc;
}

/* Calls that are allowed by their arguments. */
static int add_special(scmp_filter_ctx ctx, const struct sandbox_promise *promise)
{
	int rc = seccomp_rule_add(
		ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!rc)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!rc && ((promise->calls | SANITIZER_THREADS) & SANDBOX_THREADS))
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ,
				THREAD_FLAGS | NEW_NAMESPACES | CLONE_PTRACE | 0xff, THREAD_FLAGS));
	if (!rc && (promise->calls & SANDBOX_CHILDREN))
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffffu & ~(uint32_t)FORK_IGNORED,
				SIGCHLD));
	if (!rc && (HILF_SANITIZED || (promise->calls & SANDBOX_FILES)))
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
	if (!rc && HILF_SANITIZED)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
	return rc ? rc : add_sockets(ctx, promise);
}

static int add_rules(scmp_filter_ctx ctx, const struct sandbox_promise *promise)
{
	int rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	for (size_t i = 0; !rc && i < COUNT_OF(groups); i++) {
		if ((promise->calls & groups[i].need) != groups[i].need)
			continue;
		for (size_t j = 0; !rc && j < groups[i].count; j++)
			rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, groups[i].calls[j], 0);
	}
	for (size_t i = 0; !rc && i < COUNT_OF(refused); i++)
		if (!promised(promise, refused[i].call))
			rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO((unsigned)refused[i].answer),
				refused[i].call, 0);
	return rc ? rc : add_special(ctx, promise);
}

/* ----------------------------------------------------------------------------------------------
 * filters */

static int refuse(const struct sandbox_promise *promise, int sys, struct hilf_err *err)
{
	return err_set(err, HILF_E_SANDBOX,
		"the sandbox of '%s' cannot be built (%s): hilf needs a Linux kernel with seccomp "
		"filters "
		"(CONFIG_SECCOMP_FILTER) and, in a container, a profile that allows seccomp() and "
		"prctl(); "
		"`hilf doctor` shows which walls stand",
		promise->name, strerror(sys));
}

/* Bytes mapped by this process now; 0 where it cannot be known. */
static uint64_t mapped_size(void)
{
	char text[64];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t size = read(fd, text, sizeof text - 1);
	close(fd);
	if (size <= 0)
		return 0;
	text[size] = 0;
	return strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int read_code(int fd, struct sandbox_filter **ret_filter, struct hilf_err *err)
{
	off_t size = lseek(fd, 0, SEEK_END);
	if (size <= 0 || size % (off_t)sizeof(struct sock_filter) || size > BPF_MAXINSNS * 8)
		return err_set(err, HILF_E_SANDBOX, "libseccomp wrote a filter of %lld bytes",
			(long long)size);
	struct sandbox_filter *filter = calloc(1, sizeof *filter + (size_t)size);
	if (!filter)
		return err_no_memory(err);
	if (pread(fd, filter->code, (size_t)size, 0) != size) {
		free(filter);
		return err_set(
			err, HILF_E_SANDBOX, "cannot read back the filter that libseccomp wrote");
	}
	filter->program.len = (unsigned short)((size_t)size / sizeof(struct sock_filter));
	filter->program.filter = filter->code;
	filter->memory_base = mapped_size();
	*ret_filter = filter;
	return 0;
}

int sandbox_filter_new(const struct sandbox_promise *promise, struct sandbox_filter **ret_filter,
	struct hilf_err *err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int fd = memfd_create("filter", MFD_CLOEXEC), rc = 0;
	if (!ctx || fd < 0) {
		rc = refuse(promise, ctx ? errno : ENOSYS, err);
	} else {
		int refusal = add_rules(ctx, promise);
		if (!refusal)
			refusal = seccomp_export_bpf(ctx, fd);
		rc = refusal ? err_sys(err, HILF_E_SANDBOX, -refusal,
				       "libseccomp cannot write the system call filter of '%s'",
				       promise->name)
			     : read_code(fd, ret_filter, err);
	}
	if (fd >= 0)
		close(fd);
	if (ctx)
		seccomp_release(ctx);
	return rc;
}

void sandbox_filter_free(struct sandbox_filter *filter)
{
	free(filter);
}

/* ------------------------------------------------------------------------------------ the
 * mandatory walls */

static int limit(__rlimit_resource_t resource, rlim_t soft, rlim_t hard)
{
	struct rlimit both = {soft, hard}, now;
	if (setrlimit(resource, &both) == 0)
		return 0;
	int sys = errno;
	/* Above a hard limit that is lower already: that one will do. */
	if (getrlimit(resource, &now) != 0 || now.rlim_max == RLIM_INFINITY || now.rlim_max > hard)
		return sys;
	return 0;
}

static int enter_limits(const struct sandbox_promise *promise, const struct sandbox_filter *filter)
{
	int sys = limit(RLIMIT_CORE, 0, 0);
	if (!sys)
		sys = limit(RLIMIT_FSIZE, 0, 0);
	rlim_t open_files = promise->open_files + (HILF_SANITIZED ? 16 : 0);
	if (!sys)
		sys = limit(RLIMIT_NOFILE, open_files, open_files);
	if (!sys && !((promise->calls | SANITIZER_THREADS) & (SANDBOX_THREADS | SANDBOX_CHILDREN)))
		sys = limit(RLIMIT_NPROC, 0, 0);
	/* A hard limit above the soft one, so that the process dies of SIGXCPU, which says why. */
	if (!sys && promise->cpu_seconds != SANDBOX_UNLIMITED)
		sys = limit(RLIMIT_CPU, promise->cpu_seconds, (rlim_t)promise->cpu_seconds + 1);
	if (!sys && promise->memory_size && !HILF_SANITIZED)
		sys = limit(RLIMIT_AS, filter->memory_base + promise->memory_size,
			filter->memory_base + promise->memory_size);
	return sys;
}

int sandbox_enter_child(const struct sandbox_promise *promise, const struct sandbox_filter *filter)
{
	if (syscall(SYS_close_range, promise->descriptors, ~0u, 0) != 0)
		return errno;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return errno;
	int sys = enter_limits(promise, filter);
	if (!sys && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter->program) != 0)
		sys = errno;
	return sys;
}

/* ------------------------------------------------------------------------- walls where the kernel
 * has them */

/* landlock(7); the kernel's own numbers, because Debian's headers may know fewer than the running
 * kernel. */
struct landlock_rules {
	uint64_t files, network, scope;
};

static int landlock_version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1u);
}

struct landlock_path {
	uint64_t files;
	int32_t parent;
} __attribute__((packed));

#define LANDLOCK_READ_FILE (1u << 2)
#define LANDLOCK_PATH      1 /* the type of a rule */

static bool allow_files(int rules, const char *const *readable)
{
	for (; readable && *readable; readable++) {
		struct landlock_path path = {
			.files = LANDLOCK_READ_FILE, .parent = open(*readable, O_PATH | O_CLOEXEC)};
		if (path.parent < 0)
			continue;
		long rc = syscall(SYS_landlock_add_rule, rules, LANDLOCK_PATH, &path, 0u);
		close(path.parent);
		if (rc != 0)
			return false;
	}
	return true;
}

/* Nothing may be opened but what is readable, nothing made or removed, signalled that is not ours, and without
 * `network` bound or connected. */
static bool enter_landlock(const char *const *readable, bool network)
{
	int version = landlock_version();
	if (version < 1)
		return false;
	unsigned bits = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
	struct landlock_rules rules = {.files = (1ull << bits) - 1,
		.network = version >= 4 ? (network ? 1 : 3) : 0, /* bind, connect */
		.scope = version >= 6 ? 3 : 0};
	size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
	int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0u);
	if (fd < 0)
		return false;
	bool done = allow_files(fd, readable) && syscall(SYS_landlock_restrict_self, fd, 0u) == 0;
	close(fd);
	return done;
}

bool sandbox_enter_files(const char *const *readable)
{
	return !HILF_SANITIZED && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       enter_landlock(readable, true);
}

static bool enter_namespaces(bool network)
{
	return unshare(CLONE_NEWUSER | (network ? 0 : CLONE_NEWNET) | CLONE_NEWIPC) == 0;
}

static bool drop_capabilities(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &head, none) == 0;
}

/* ----------------------------------------------------------------------------------------------
 * entering */

int sandbox_enter(const struct sandbox_promise *promise, unsigned *ret_walls, struct hilf_err *err)
{
	struct sandbox_filter *filter;
	unsigned walls = SANDBOX_WALLS_MANDATORY;
	const bool network = promise->calls & SANDBOX_DIAL;
	ASSERT(promise->name);
	int rc = sandbox_filter_new(promise, &filter, err);
	if (rc)
		return rc;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		sandbox_filter_free(filter);
		return refuse(promise, errno, err);
	}
	/* The run-times of the sanitizers look at /proc and trace their own process. */
	if (!HILF_SANITIZED) {
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		if (enter_namespaces(network))
			walls |= SANDBOX_WALL_NAMESPACES;
		if (drop_capabilities())
			walls |= SANDBOX_WALL_CAPABILITIES;
		if (enter_landlock(promise->readable, network))
			walls |= SANDBOX_WALL_LANDLOCK;
	}
	int sys = sandbox_enter_child(promise, filter);
	sandbox_filter_free(filter);
	if (sys)
		return refuse(promise, sys, err);
	if (ret_walls)
		*ret_walls = walls;
	return 0;
}

/* ----------------------------------------------------------------------------------------------
 * speaking */

static const struct {
	unsigned wall;
	const char *name;
} names[] = {{SANDBOX_WALL_SECCOMP, "seccomp"}, {SANDBOX_WALL_LIMITS, "rlimits"},
	{SANDBOX_WALL_NO_NEW_PRIVS, "no_new_privs"}, {SANDBOX_WALL_LANDLOCK, "Landlock"},
	{SANDBOX_WALL_NAMESPACES, "namespaces"}, {SANDBOX_WALL_CAPABILITIES, "no capabilities"}};

size_t sandbox_walls_text(unsigned walls, char *ret_text, size_t room)
{
	size_t size = 0;
	ASSERT(room > 0);
	ret_text[0] = 0;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (!(walls & names[i].wall))
			continue;
		int count = snprintf(
			ret_text + size, room - size, "%s%s", size ? ", " : "", names[i].name);
		if (count < 0 || (size_t)count >= room - size)
			return room - 1;
		size += (size_t)count;
	}
	return size;
}

unsigned sandbox_walls_known(void)
{
	uint32_t action = SECCOMP_RET_KILL_PROCESS;
	unsigned walls =
		SANDBOX_WALL_NO_NEW_PRIVS | SANDBOX_WALL_LIMITS | SANDBOX_WALL_CAPABILITIES;
	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
		walls |= SANDBOX_WALL_SECCOMP;
	if (landlock_version() >= 1)
		walls |= SANDBOX_WALL_LANDLOCK;
	if (access("/proc/self/ns/user", F_OK) == 0)
		walls |= SANDBOX_WALL_NAMESPACES;
	return walls;
}
