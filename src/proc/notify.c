/* The protocol is a datagram of VARIABLE=value lines to the socket that $NOTIFY_SOCKET names; sockets begin at descriptor
 * 3, $LISTEN_FDS of them, for the process $LISTEN_PID. */
#include "proc/notify.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_SOCKET 3

void notify_send(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t size = path ? strlen(path) : 0;
	if (!size || size >= sizeof address.sun_path || (*path != '/' && *path != '@'))
		return;
	memcpy(address.sun_path, path, size);
	if (*path == '@')
		address.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	socklen_t address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
	if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address,
		    address_size) < 0) {
		close(fd); /* a service goes on without */
		return;
	}
	close(fd);
}

void notify_status(const char *sentence)
{
	char text[256];
	snprintf(text, sizeof text, "STATUS=%s", sentence);
	notify_send(text);
}

static uint64_t number_of(const char *name)
{
	const char *text = getenv(name);
	return text ? strtoull(text, NULL, 10) : 0;
}

uint64_t notify_watchdog_us(void)
{
	uint64_t pid = number_of("WATCHDOG_PID");
	return pid && pid != (uint64_t)getpid() ? 0 : number_of("WATCHDOG_USEC");
}

size_t notify_sockets(struct notify_socket ret_sockets[NOTIFY_SOCKETS_MAX])
{
	size_t count = 0;
	if (number_of("LISTEN_PID") == (uint64_t)getpid()) {
		uint64_t given = number_of("LISTEN_FDS");
		const char *names = getenv("LISTEN_FDNAMES");
		for (; count < given && count < NOTIFY_SOCKETS_MAX; count++) {
			struct notify_socket *socket = &ret_sockets[count];
			size_t size = names ? strcspn(names, ":") : 0;
			*socket = (struct notify_socket){.fd = FIRST_SOCKET + (int)count};
			snprintf(socket->name, sizeof socket->name, "%.*s", (int)size,
				names ? names : "");
			names = names && names[size] ? names + size + 1 : NULL;
			fcntl(socket->fd, F_SETFD, FD_CLOEXEC);
		}
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return count;
}
