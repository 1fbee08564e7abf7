/* The sandbox: a process states its promise in one table, then loses everything else.
 *
 *   static const struct sandbox_promise promise = {
 *           .name = "seal", .calls = SANDBOX_MESSAGES, .descriptors = 4, .memory_size = 64 << 20,
 * ...}; if (sandbox_enter(&promise, &walls, err) != 0) refuse;
 *
 * Mandatory walls, without which sandbox_enter fails: no_new_privs, the rlimits, and a seccomp
 * allow-list whose answer to any other call is the death of the process. Landlock (no file may be
 * opened), namespaces (no network, no users) and empty capabilities are built where the kernel has
 * them and are reported, never required.
 *
 * A process that forks many children for one promise each (the decoding helpers) prebuilds the
 * children's filter once, and each child enters with it: the walls of the parent are inherited, so
 * a child pays for its rlimits and one seccomp call alone.
 *
 * Sanitizer builds (HILF_SANITIZED) allow what their run-times need and set no limit on the address
 * space. */
#ifndef OS_SANDBOX_H
#define OS_SANDBOX_H

#include "hilf.h"

/* What a promise may contain. Memory (never executable), exit, signals' returns, clocks and waiting
 * for a lock are always there. Without THREADS and CHILDREN, RLIMIT_NPROC is 0 as well. */
enum sandbox_calls {
	SANDBOX_READ = 1 << 0,     /* read, pread, seek and fstat of open descriptors */
	SANDBOX_WRITE = 1 << 1,    /* write to open descriptors */
	SANDBOX_MESSAGES = 1 << 2, /* sendmsg, recvmsg, poll, close: packets with descriptors */
	SANDBOX_THREADS = 1 << 3,  /* clone with the flags of a thread and no others */
	SANDBOX_CHILDREN = 1 << 4, /* fork, wait, signals by pidfd, and what a child needs to enter
				      its own promise */
	SANDBOX_RANDOM = 1 << 5,   /* getrandom */
	SANDBOX_STREAMS = 1 << 6,  /* sockets that are connected already; no new ones */
	SANDBOX_DIAL = 1 << 7,     /* make sockets of IPv4 and IPv6, and connect them */
	SANDBOX_FILES = 1 << 8,    /* open files, for reading alone: see `readable` */
};

struct sandbox_promise {
	const char *name; /* for errors: "decode-image" */
	unsigned calls;   /* enum sandbox_calls, or-ed */
	unsigned
		descriptors; /* the first so many stay open (0, 1, 2, ...), all others are closed */
	unsigned open_files; /* RLIMIT_NOFILE: no descriptor of this number or above is ever made */
	unsigned cpu_seconds; /* RLIMIT_CPU, the whole life of the process; or SANDBOX_UNLIMITED */
	uint64_t memory_size; /* RLIMIT_AS beyond what is mapped when the promise is made; 0: no
				 limit */
	const char *const
		*readable; /* with SANDBOX_FILES: the files and folders, NULL-ended, outside of
					which nothing can be opened where there is Landlock */
};

#define SANDBOX_UNLIMITED (~0u)

/* Which walls stand, or-ed. */
enum sandbox_walls {
	SANDBOX_WALL_NO_NEW_PRIVS = 1 << 0, /* mandatory */
	SANDBOX_WALL_LIMITS = 1 << 1,       /* mandatory */
	SANDBOX_WALL_SECCOMP = 1 << 2,      /* mandatory */
	SANDBOX_WALL_LANDLOCK = 1 << 3,
	SANDBOX_WALL_NAMESPACES = 1 << 4,
	SANDBOX_WALL_CAPABILITIES = 1 << 5, /* none are left */
};
#define SANDBOX_WALLS_MANDATORY                                                                    \
	(SANDBOX_WALL_NO_NEW_PRIVS | SANDBOX_WALL_LIMITS | SANDBOX_WALL_SECCOMP)
#define SANDBOX_WALLS_ALL 0x3fu

/* Enters the promise, for the rest of the process's life. To be called with one thread. ret_walls
 * may be NULL. HILF_E_SANDBOX says which wall could not be built and what to do; the process may
 * then be half-walled and shall do nothing but say so and leave. */
int sandbox_enter(const struct sandbox_promise *promise, unsigned *ret_walls, struct hilf_err *err);

/* A promise whose filter is made ahead, for children to come. Read-only once made. */
struct sandbox_filter;
int sandbox_filter_new(const struct sandbox_promise *promise, struct sandbox_filter **ret_filter,
	struct hilf_err *err);
void sandbox_filter_free(struct sandbox_filter *filter);
/* In a fresh child of a process that has entered a promise with SANDBOX_CHILDREN: descriptors,
 * rlimits and filter. Allocates nothing. 0, or the errno of the wall that could not be built. */
int sandbox_enter_child(const struct sandbox_promise *promise, const struct sandbox_filter *filter);

/* For such a child, before it enters: of what its parent may open, it can open these alone from now on. False where
 * there is no Landlock. A file that is not there is passed over. */
bool sandbox_enter_files(const char *const *readable);

/* The walls' names, for people: "seccomp, rlimits, ..."; writes at most room bytes with the
 * terminator. */
size_t sandbox_walls_text(unsigned walls, char *ret_text, size_t room);
/* The walls this kernel knows, asked without building any. What really stands is what sandbox_enter
 * returned. */
unsigned sandbox_walls_known(void);

#endif
