/* Addresses and listening sockets. A TCP address is bound once for each loop (SO_REUSEPORT), so that the kernel deals out
 * what comes without a lock; what was handed over, and a unix socket, has one listener on the first loop. Where the kernel's
 * dealing leaves one loop with more than its share, that loop hands on. */
#include "base/check.h"
#include "base/err.h"
#include "http/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 4096
/* Connections taken before the loop looks at others. */
#define ACCEPT_MAX 64u

/* ------------------------------------------------------------------------------- unix sockets */

static bool somebody_listens(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* EAGAIN: so many are waiting there. */
	bool answers =
		fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
				   errno == EAGAIN);
	if (fd >= 0)
		close(fd);
	return answers;
}

static int open_unix(struct listener *listener, const char *path, struct hilf_err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat status;
	if (strlen(path) >= sizeof address.sun_path)
		return err_set(err, HILF_E_INVALID,
			"the socket's path '%s' is longer than %zu bytes", path,
			sizeof address.sun_path - 1);
	strcpy(address.sun_path, path);
	if (lstat(path, &status) == 0) {
		if (!S_ISSOCK(status.st_mode))
			return err_set(err, HILF_E_IO,
				"cannot listen on '%s': there is something that is no socket",
				path);
		if (somebody_listens(&address))
			return err_set(err, HILF_E_IO,
				"cannot listen on '%s': another process does so", path);
		unlink(path); /* nobody's any more */
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Nobody can connect before listen, so nobody comes before the mode is set. */
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
		chmod(path, 0600) != 0 || listen(fd, BACKLOG) != 0) {
		int sys = errno;
		if (fd >= 0)
			close(fd);
		return err_sys(err, HILF_E_IO, sys, "cannot listen on '%s'", path);
	}
	listener->fds[0] = fd;
	listener->is_unix = true;
	listener->unix_path = strdup(path);
	if (lstat(path, &status) == 0)
		listener->unix_inode = status.st_ino;
	return listener->unix_path ? 0 : err_no_memory(err);
}

/* ------------------------------------------------------------------------------- TCP */

/* "127.0.0.1:5100", "[::1]:5100", "localhost:5100", ":5100" into host and port. */
static int address_split(
	const char *address, char ret_host[256], char ret_port[8], struct hilf_err *err)
{
	const char *colon = strrchr(address, ':');
	size_t host_size = colon ? (size_t)(colon - address) : 0;
	size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
	bool bracketed = host_size >= 2 && address[0] == '[' && colon[-1] == ']';
	if (!colon || !digits || digits > 5 || colon[1 + digits] || host_size > 255 ||
		strtoul(colon + 1, NULL, 10) > 65535 ||
		(!bracketed && memchr(address, ':', host_size)))
		return err_set(err, HILF_E_INVALID,
			"'%s' is no address to listen on: write HOST:PORT, [IPv6]:PORT or "
			"unix:PATH",
			address);
	snprintf(ret_host, 256, "%.*s", (int)(bracketed ? host_size - 2 : host_size),
		address + bracketed);
	snprintf(ret_port, 8, "%s", colon + 1);
	return 0;
}

static bool address_is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *four = (const void *)address;
		return ntohl(four->sin_addr.s_addr) >> 24 == 127;
	}
	const struct sockaddr_in6 *six = (const void *)address;
	return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static void port_set(struct sockaddr_storage *address, uint16_t port)
{
	if (address->ss_family == AF_INET)
		((struct sockaddr_in *)(void *)address)->sin_port = htons(port);
	else
		((struct sockaddr_in6 *)(void *)address)->sin6_port = htons(port);
}

static uint16_t port_of(int fd)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof address;
	if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		return 0;
	if (address.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)(void *)&address)->sin_port);
	return address.ss_family == AF_INET6
		       ? ntohs(((struct sockaddr_in6 *)(void *)&address)->sin6_port)
		       : 0;
}

/* A bound socket, or the negative errno. */
static int bind_one(const struct sockaddr_storage *address, socklen_t size, bool shared)
{
	const int yes = 1, no = 0;
	int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (shared)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
	if (address->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* connections inherit it */
	if (bind(fd, (const struct sockaddr *)address, size) == 0)
		return fd;
	int sys = errno;
	close(fd);
	return -sys;
}

static int open_tcp(struct listener *listener, const char *text, struct hilf_err *err)
{
	char host[256], port[8];
	struct sockaddr_storage address;
	struct addrinfo *found = NULL;
	const struct addrinfo hints = {
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
	int rc = address_split(text, host, port, err);
	if (rc)
		return rc;
	if ((rc = getaddrinfo(*host ? host : NULL, port, &hints, &found)) != 0)
		return err_set(err, HILF_E_IO, "cannot listen on '%s': %s", text, gai_strerror(rc));
	socklen_t size = found->ai_addrlen;
	memcpy(&address, found->ai_addr, size);
	freeaddrinfo(found);
	listener->is_loopback = address_is_loopback((const struct sockaddr *)&address);
	/* Sockets that share a port would share it with another process of ours, too, and each would have half of what
	 * comes; so one that does not share sees first whether the place is free. */
	int fd = bind_one(&address, size, false);
	if (fd >= 0) {
		if (listen(fd, 1) != 0) {
			int sys = errno;
			close(fd);
			fd = -sys;
		}
	}
	if (fd < 0)
		return err_sys(err, HILF_E_IO, -fd, "cannot listen on '%s'", text);
	port_set(&address, port_of(fd));
	close(fd);
	for (unsigned i = 0; i < listener->server->loop_count; i++) {
		fd = bind_one(&address, size, true);
		if (fd < 0 || listen(fd, BACKLOG) != 0) {
			int sys = fd < 0 ? -fd : errno;
			if (fd >= 0)
				close(fd);
			return err_sys(err, HILF_E_IO, sys, "cannot listen on '%s'", text);
		}
		listener->fds[i] = fd;
	}
	listener->port = port_of(listener->fds[0]);
	return 0;
}

/* A socket that somebody has handed to us keeps being theirs, too: a service manager listens on while we restart. */
static int open_handed(struct listener *listener, int handed, struct hilf_err *err)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof address;
	int listens = 0, fd = fcntl(handed, F_DUPFD_CLOEXEC, 0);
	socklen_t listens_size = sizeof listens;
	if (fd >= 0)
		listener->fds[0] = fd;
	if (fd < 0 || getsockname(fd, (struct sockaddr *)&address, &size) != 0 ||
		getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) != 0)
		return err_sys(
			err, HILF_E_IO, errno, "the socket that was handed over cannot be used");
	if (!listens)
		return err_set(
			err, HILF_E_INVALID, "the socket that was handed over does not listen");
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	listener->is_unix = address.ss_family == AF_UNIX;
	listener->is_loopback = address_is_loopback((const struct sockaddr *)&address);
	listener->port = port_of(fd);
	return 0;
}

/* ------------------------------------------------------------------------------- listeners */

static bool copy_text(const char **io_text)
{
	return !*io_text || (*io_text = strdup(*io_text));
}

int listener_open(struct listener *listener, struct http_server *server,
	const struct http_listen *conf, struct hilf_err *err)
{
	listener->server = server;
	listener->conf = *conf;
	if (!copy_text(&listener->conf.address) || !copy_text(&listener->conf.tls_cert) ||
		!copy_text(&listener->conf.tls_key) || !copy_text(&listener->conf.tls_client_ca) ||
		!(listener->tree = route_tree_new(conf->app->routes)) ||
		!(listener->fds = malloc(server->loop_count * sizeof(int))))
		return err_no_memory(err);
	for (unsigned i = 0; i < server->loop_count; i++)
		listener->fds[i] = -1;
	if (pthread_mutex_init(&listener->tls_mutex, NULL) != 0)
		return err_no_memory(err);
	listener->has_mutex = true;
	if (conf->tls_cert) {
		if (!conf->tls_key)
			return err_set(err, HILF_E_INVALID,
				"the certificate '%s' has no key beside it", conf->tls_cert);
		struct hilf_err why = {.code = HILF_E_NO_MEMORY};
		if (!(listener->tls = tls_context(&listener->conf, &why))) {
			if (err)
				*err = why;
			return why.code;
		}
		listener->has_tls = true;
	}
	if (!conf->address)
		return open_handed(listener, conf->fd, err);
	if (strncmp(conf->address, "unix:", 5) == 0)
		return open_unix(listener, conf->address + 5, err);
	return open_tcp(listener, conf->address, err);
}

void listener_close(struct listener *listener)
{
	struct stat status;
	if (listener->unix_path && lstat(listener->unix_path, &status) == 0 &&
		status.st_ino == listener->unix_inode)
		unlink(listener->unix_path);
	for (unsigned i = 0; listener->fds && i < listener->server->loop_count; i++)
		if (listener->fds[i] >= 0)
			close(listener->fds[i]);
	tls_context_free(listener->tls);
	if (listener->has_mutex)
		pthread_mutex_destroy(&listener->tls_mutex);
	route_tree_free(listener->tree);
	free(listener->fds);
	free(listener->unix_path);
	free((char *)(uintptr_t)listener->conf.address);
	free((char *)(uintptr_t)listener->conf.tls_cert);
	free((char *)(uintptr_t)listener->conf.tls_key);
	free((char *)(uintptr_t)listener->conf.tls_client_ca);
}

/* ------------------------------------------------------------------------------- accepting */

static void welcome(struct acceptor *acceptor, int fd, const struct sockaddr_storage *peer)
{
	struct loop *own = acceptor->loop;
	struct http_server *server = own->server;
	const int yes = 1;
	const struct sockaddr *address = peer->ss_family == AF_INET || peer->ss_family == AF_INET6
						 ? (const void *)peer
						 : NULL;
	/* A socket that was handed over may not have it to inherit. */
	if (address && acceptor->listener->conf.fd >= 0 && !acceptor->listener->conf.address)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	struct conn *conn = conn_new(server, acceptor->listener, fd, address);
	if (!conn) {
		atomic_fetch_add_explicit(&own->refused_count, 1, memory_order_relaxed);
		return;
	}
	atomic_fetch_add_explicit(&own->accepted_count, 1, memory_order_relaxed);
	struct loop *loop = server_loop(server, own);
	/* Here, not when it starts: in a burst the others' counts would stand still meanwhile. */
	atomic_fetch_add_explicit(&loop->conn_count, 1, memory_order_relaxed);
	if (loop == own)
		conn_start(conn, own);
	else
		loop_hand(loop, conn);
}

/* Takes up to max of what waits; false: there was an end to it. */
static bool accept_some(struct acceptor *acceptor, unsigned max)
{
	for (unsigned i = 0; i < max; i++) {
		struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
		socklen_t size = sizeof peer;
		int fd = accept4(acceptor->fd, (struct sockaddr *)&peer, &size,
			SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			welcome(acceptor, fd, &peer);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			/* Asked again at once, it would fail again: wait for the next tick. */
			server_log(acceptor->loop->server, "error", "accept",
				"no connection can be taken for want of descriptors or memory");
			event_del(&acceptor->event);
			acceptor->is_on = false;
			loop_tick_on(acceptor->loop);
			return false;
		}
		if (errno == EAGAIN)
			return false;
	}
	return true;
}

static void accept_came(evutil_socket_t fd, short what, void *ctx)
{
	struct acceptor *acceptor = ctx;
	(void)fd;
	(void)what;
	loop_time(acceptor->loop);
	accept_some(acceptor, ACCEPT_MAX);
}

void acceptor_start(struct acceptor *acceptor, struct loop *loop, struct listener *listener)
{
	acceptor->loop = loop;
	acceptor->listener = listener;
	acceptor->fd = listener->fds[loop - loop->server->loops];
	if (acceptor->fd < 0)
		return;
	acceptor->is_on = event_assign(&acceptor->event, loop->base, acceptor->fd,
				  EV_READ | EV_PERSIST, accept_came, acceptor) == 0 &&
			  event_add(&acceptor->event, NULL) == 0;
}

void acceptor_resume(struct acceptor *acceptor)
{
	if (acceptor->fd >= 0 && !acceptor->is_on && event_add(&acceptor->event, NULL) == 0)
		acceptor->is_on = true;
}

void acceptor_stop(struct acceptor *acceptor)
{
	if (!acceptor->listener || acceptor->fd < 0)
		return;
	if (acceptor->is_on)
		event_del(&acceptor->event);
	acceptor->is_on = false;
	/* Those whom the kernel has connected already shall not be reset; with a socket that was handed over, they are
	 * the next process's. */
	if (acceptor->listener->conf.address &&
		!atomic_load_explicit(&acceptor->loop->server->stopping, memory_order_relaxed))
		accept_some(acceptor, BACKLOG);
	int *fd = &acceptor->listener->fds[acceptor->loop - acceptor->loop->server->loops];
	close(*fd);
	*fd = -1;
	acceptor->fd = -1;
}
