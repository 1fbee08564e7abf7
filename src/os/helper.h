/* Helper programs: started with one end of a socket pair as descriptor 3 and nothing else but the standard three, so
 * that no secret is inherited. Messages are packets: one send, one receive, with descriptors beside them. */
#ifndef OS_HELPER_H
#define OS_HELPER_H

#include "hilf.h"

#include <stdint.h>
#include <sys/types.h>

#define HELPER_FD           3
#define HELPER_MESSAGE_MAX  (200 * 1024) /* a record with its frame, and more than a page of results */
#define HELPER_FDS_MAX      4

struct helper {
	pid_t pid;  /* 0: not running */
	int socket; /* SOCK_SEQPACKET; -1: not running */
	int pidfd;  /* the process itself, whoever has its number by now; -1 where the kernel has none to give */
};

#define HELPER_NONE {0, -1, -1}

/* Starts dir/name with arguments (NULL-ended, without argv[0]). The environment is empty but for PATH, LANG=C.UTF-8,
 * malloc's use of huge pages and, in sanitizer builds, their options. It ignores SIGINT and SIGTERM, which a terminal or a service manager sends to
 * all of a group: it ends when its socket is closed. HILF_E_HELPER names the path where there is no such program. */
int helper_start(struct helper *ret_helper, const char *dir, const char *name,
	const char *const *arguments, struct hilf_err *err);
/* Closes the socket, gives the process 200 ms to leave, kills it, reaps it. */
void helper_stop(struct helper *helper);

/* One packet with descriptors (fd_count may be 0); 0 or an errno. EPIPE where the other side is gone, ETIMEDOUT where a
 * helper has read nothing for 30 s. */
int helper_send(int socket, const void *bytes, size_t size, const int *fds, size_t fd_count);
/* One packet into bytes[room], its descriptors into ret_fds (room for HELPER_FDS_MAX; close-on-exec). timeout_ms < 0
 * waits for ever. Returns the size, 0 where the other side closed, or a negative errno: -ETIMEDOUT, -EMSGSIZE for a
 * packet or descriptors that do not fit (the descriptors are closed). */
ssize_t helper_receive(int socket, void *ret_bytes, size_t room, int *ret_fds, size_t *ret_fd_count,
	int timeout_ms);

/* For a helper itself: standard input, output and, once nothing is to be said any more, error lead nowhere. False with
 * errno where /dev/null cannot be opened. */
bool helper_silence(bool errors_too);

#endif
