/* What systemd wants to hear of a service (sd_notify(3)), and the sockets it hands over (sd_listen_fds(3)). */
#ifndef PROC_NOTIFY_H
#define PROC_NOTIFY_H

#include <stddef.h>
#include <stdint.h>

/* Sends "READY=1\nSTATUS=...", to nobody where nobody asked ($NOTIFY_SOCKET). Loss is no failure. */
void notify_send(const char *text);
/* A sentence for `systemctl status`. */
void notify_status(const char *sentence);
/* How often WATCHDOG=1 has to be sent, at least; 0: nobody waits for it. */
uint64_t notify_watchdog_us(void);

#define NOTIFY_SOCKETS_MAX 16
struct notify_socket {
	int fd;
	char name[64]; /* FileDescriptorName=, "" */
};
/* The sockets that were handed over, set close-on-exec; and forgets the variables, so that no helper takes them for its
 * own. */
size_t notify_sockets(struct notify_socket ret_sockets[NOTIFY_SOCKETS_MAX]);

#endif
