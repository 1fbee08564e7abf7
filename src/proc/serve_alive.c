/* The watchdog's question, asked the way a client does: one GET on our own socket. A process whose loops hang does not
 * answer, and systemd starts another. */
#include "proc/serve_inside.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_S 2

bool serve_alive(const struct serve *serve)
{
	static const char request[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
				      "Connection: close\r\n\r\n";
	const char *path = serve_own_socket(serve);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct timeval wait = {.tv_sec = WAIT_S};
	char answer[64] = "";
	if (!path)
		return true; /* nothing to ask */
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
	bool good = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
		    send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0 &&
		    recv(fd, answer, sizeof answer - 1, 0) > 0 &&
		    !strncmp(answer, "HTTP/1.1 200", 12);
	close(fd);
	return good;
}
