/* A connection's life but for its requests (serve.c). One edge-triggered event is registered once; what it tells is kept as
 * two flags, and a step that would block leaves them for the next event to set. So waiting, reading no more because there is
 * enough, and reading again cost no system call. */
#include "base/check.h"
#include "http/inside.h"
#include "os/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Steps of one connection before the others of its loop have their turn. */
#define TURNS_MAX 64u

/* ------------------------------------------------------------------------------- its beginning */

static void peer_set(struct conn *conn, const struct sockaddr *peer)
{
	conn->peer_kind = AF_UNIX;
	conn->peer_uid = -1;
	if (peer && peer->sa_family == AF_INET) {
		conn->peer_kind = AF_INET;
		conn->peer.s6_addr[10] = conn->peer.s6_addr[11] = 0xff;
		memcpy(&conn->peer.s6_addr[12],
			&((const struct sockaddr_in *)(const void *)peer)->sin_addr, 4);
	} else if (peer && peer->sa_family == AF_INET6) {
		conn->peer = ((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr;
		conn->peer_kind = IN6_IS_ADDR_V4MAPPED(&conn->peer) ? AF_INET : AF_INET6;
	} else {
		struct ucred user;
		socklen_t size = sizeof user;
		if (getsockopt(conn->fd, SOL_SOCKET, SO_PEERCRED, &user, &size) == 0)
			conn->peer_uid = user.uid;
	}
}

static unsigned address_max(const struct http_server *server, const struct conn *conn)
{
	bool loopback = conn->peer_kind == AF_INET    ? conn->peer.s6_addr[12] == 127
			: conn->peer_kind == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&conn->peer)
						      : false;
	return loopback ? server->loopback_max : server->per_address_max;
}

struct conn *conn_new(
	struct http_server *server, struct listener *listener, int fd, const struct sockaddr *peer)
{
	uint64_t count = atomic_fetch_add_explicit(&server->conn_count, 1, memory_order_relaxed);
	struct conn *conn = count < server->conf.connection_max ? calloc(1, sizeof *conn) : NULL;
	if (!conn)
		goto refuse;
	conn->fd = fd;
	conn->listener = listener;
	peer_set(conn, peer);
	if (conn->peer_kind != AF_UNIX &&
		!limits_enter(server->limits, &conn->peer, address_max(server, conn)))
		goto refuse;
	return conn;
refuse:
	/* Said where it can be said without waiting. */
	if (!listener->has_tls) {
		static const char full[] =
			"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
			"Retry-After: 1\r\nConnection: close\r\n\r\n";
		(void)!send(fd, full, sizeof full - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	close(fd);
	free(conn);
	atomic_fetch_sub_explicit(&server->conn_count, 1, memory_order_relaxed);
	return NULL;
}

static void event_came(evutil_socket_t fd, short what, void *ctx)
{
	struct conn *conn = ctx;
	(void)fd;
	conn->hung |= (what & EV_CLOSED) != 0;
	conn->spent = false;
	/* TLS may have to write before it can read, and the other way round. */
	conn->readable |= (what & (EV_READ | EV_CLOSED)) || conn->ssl;
	conn->writable |= (what & EV_WRITE) || conn->ssl;
	conn_run(conn);
}

void conn_start(struct conn *conn, struct loop *loop)
{
	conn->loop = loop;
	conn->since_us = loop->now_us;
	conn->writable = true;
	/* One that was on its way between loops when the server began to drain: what it has sent by now is answered. */
	conn->draining = conn->readable = atomic_load(&loop->is_drained);
	conn->state = CONN_HEAD;
	if (conn->listener->has_tls) {
		conn->state = CONN_TLS;
		conn->ssl = tls_new(conn->listener, conn->fd);
	}
	if ((conn->listener->has_tls && !conn->ssl) ||
		event_assign(&conn->event, loop->base, conn->fd,
			EV_READ | EV_WRITE | EV_CLOSED | EV_ET | EV_PERSIST, event_came,
			conn) != 0 ||
		event_add(&conn->event, NULL) != 0)
		conn_cut(conn);
	loop_tick_on(loop);
	conn_run(conn);
}

/* ------------------------------------------------------------------------------- its end */

static void release(struct conn *conn)
{
	struct loop *loop = conn->loop;
	if (conn->request || conn->abandoned || conn->queued)
		return; /* who has it comes back */
	free(conn->client_name);
	free(conn);
	if (atomic_fetch_sub_explicit(&loop->conn_count, 1, memory_order_relaxed) == 1 &&
		atomic_load_explicit(&loop->server->stopping, memory_order_relaxed))
		loop_poke(loop);
}

void conn_end(struct conn *conn)
{
	struct http_server *server = conn->loop->server;
	if (conn->state == CONN_CLOSED)
		return;
	conn->state = CONN_CLOSED;
	if (event_initialized(&conn->event))
		event_del(&conn->event);
	wheel_remove(&conn->timer);
	if (conn->ssl) {
		tls_shutdown(conn->ssl);
		tls_free(conn->ssl);
		conn->ssl = NULL;
	}
	close(conn->fd);
	conn->fd = -1;
	if (conn->peer_kind != AF_UNIX)
		limits_leave(server->limits, &conn->peer);
	atomic_fetch_sub_explicit(&server->conn_count, 1, memory_order_relaxed);
	conn->in_size = 0;
	struct http_request *request = conn->request;
	if (!request)
		return;
	atomic_store_explicit(&request->dropped, true, memory_order_release);
	if (!request->away) {
		conn->request = NULL;
		serve_end(conn, request);
	}
}

void conn_cut(struct conn *conn)
{
	const struct linger now = {.l_onoff = 1, .l_linger = 0};
	if (conn->state == CONN_CLOSED)
		return;
	setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now); /* a reset, not an end */
	if (conn->ssl)
		tls_free(conn->ssl); /* and no alert that would make it one */
	conn->ssl = NULL;
	conn_end(conn);
}

void conn_finish(struct conn *conn)
{
	/* Closed with input unread, the kernel resets the connection, and the reply may be lost with it. */
	if (!conn->in_size && !conn->readable) {
		conn_end(conn);
		return;
	}
	if (conn->ssl)
		tls_shutdown(conn->ssl);
	shutdown(conn->fd, SHUT_WR);
	conn->in_size = 0;
	conn->lingered = 0;
	conn->since_us = conn->progress_us = conn->loop->now_us;
	conn->state = CONN_LINGER;
}

/* ------------------------------------------------------------------------------- input */

/* Within a run, input lies in the loop's scratch; between runs the connection keeps what is left of it. */
static void input_open(struct conn *conn)
{
	conn->in = conn->loop->scratch;
	conn->in_size = conn->kept_size;
	if (!conn->kept)
		return;
	memcpy(conn->in, conn->kept, conn->kept_size);
	free(conn->kept);
	conn->kept = NULL;
	conn->kept_size = 0;
}

static void input_close(struct conn *conn)
{
	if (conn->state == CONN_CLOSED || !conn->in_size)
		return;
	if (!(conn->kept = malloc(conn->in_size))) {
		conn_cut(conn);
		return;
	}
	memcpy(conn->kept, conn->in, conn->in_size);
	conn->kept_size = conn->in_size;
}

void conn_take(struct conn *conn, size_t size)
{
	ASSERT(size <= conn->in_size);
	conn->in += size;
	conn->in_size -= (uint32_t)size;
}

bool conn_fill(struct conn *conn, size_t max)
{
	char *scratch = conn->loop->scratch;
	if (!conn->readable || conn->ended)
		return false;
	if (conn->spent && conn->state == CONN_HEAD && !conn->in_size) {
		/* A whole request was all that came; a connection that was reset behind it shows at the reply. What waits
		 * for more in the middle of something asks again, as no event tells of a reset that came with the data. */
		conn->readable = conn->spent = false;
		return false;
	}
	if (conn->in != scratch) {
		memmove(scratch, conn->in, conn->in_size);
		conn->in = scratch;
	}
	ASSERT(max && conn->in_size + max <= READ_SIZE + HEAD_SIZE_MAX);
	ssize_t count = io_read(conn, conn->in + conn->in_size, max);
	if (count > 0) {
		conn->in_size += (uint32_t)count;
		/* Less than was asked for: the socket is empty, unless its end is what comes next. */
		conn->spent = !conn->ssl && (size_t)count < max && !conn->hung;
		return true;
	}
	conn->readable = false;
	if (count == 0)
		conn->ended = true;
	else if (count != -EAGAIN)
		conn_cut(conn);
	return count == 0;
}

/* ------------------------------------------------------------------------------- steps */

static bool shake_hands(struct conn *conn)
{
	int rc = conn->readable || conn->writable ? tls_handshake(conn->ssl, &conn->client_name)
						  : -EAGAIN;
	if (rc == -EAGAIN) {
		conn->readable = conn->writable = false;
		return false;
	}
	if (rc != 0) {
		conn_end(conn); /* the alert that OpenSSL has sent says why */
		return false;
	}
	conn->state = CONN_HEAD;
	conn->since_us = conn->loop->now_us;
	conn->readable = conn->writable = true;
	return true;
}

static bool linger(struct conn *conn)
{
	ssize_t count = conn->readable ? recv(conn->fd, conn->loop->scratch, READ_SIZE, 0) : -1;
	if (conn->readable && (count > 0 || (count < 0 && errno == EINTR))) {
		conn->lingered += count > 0 ? (uint32_t)count : 0;
		conn->progress_us = conn->loop->now_us;
		if (conn->lingered <= LINGER_SIZE)
			return true;
		conn_end(conn);
		return false;
	}
	if (conn->readable && (count == 0 || errno != EAGAIN))
		conn_end(conn);
	conn->readable = false;
	return false;
}

static bool step(struct conn *conn)
{
	switch (conn->state) {
	case CONN_TLS:
		return shake_hands(conn);
	case CONN_HEAD:
		return serve_head(conn);
	case CONN_BODY:
		return serve_body(conn);
	case CONN_WORK:
		return serve_work(conn);
	case CONN_REPLY:
		return serve_reply(conn);
	case CONN_LINGER:
		return linger(conn);
	default:
		return false;
	}
}

/* ------------------------------------------------------------------------------- time */

static int64_t earlier(int64_t one, int64_t other)
{
	return one < other ? one : other;
}

/* When something must have happened. */
static int64_t due_us(const struct conn *conn)
{
	const struct http_conf *conf = &conn->loop->server->conf;
	const struct http_request *request = conn->request;
	int64_t now = conn->loop->now_us, since = conn->since_us;
	int64_t deadline =
		request ? atomic_load_explicit(&request->deadline_us, memory_order_relaxed) : 0;
	switch (conn->state) {
	case CONN_TLS:
		return since + conf->header_timeout_ms * 1000ll;
	case CONN_HEAD:
		return since +
		       (conn->kept_size ? conf->header_timeout_ms : conf->idle_timeout_ms) * 1000ll;
	case CONN_BODY:
		/* Not a second from now: whoever sends a byte now and then would put it off for ever. */
		return earlier(deadline, conn->checked_us + 1000000);
	case CONN_WORK:
		/* A worker may have shortened it meanwhile. */
		return earlier(deadline,
			!request->away && request->parked ? request->park_due_us : now + 1000000);
	case CONN_REPLY:
		return earlier(deadline, conn->progress_us + WRITE_STALL_MS * 1000ll);
	default:
		if (conn->draining)
			return since + LINGER_DRAIN_MS * 1000ll;
		return earlier(
			since + LINGER_MAX_MS * 1000ll, conn->progress_us + LINGER_MS * 1000ll);
	}
}

/* When the loop knows the time. */
static void run_now(struct conn *conn, void (*first)(struct conn *conn))
{
	struct loop *loop = conn->loop;
	unsigned turns = 0;
	input_open(conn);
	if (first)
		first(conn);
	while (step(conn))
		if (++turns == TURNS_MAX) {
			loop_rerun(loop, conn);
			break;
		}
	input_close(conn);
	if (conn->state == CONN_CLOSED)
		release(conn);
	else
		wheel_set(&loop->wheel, &conn->timer, due_us(conn) / 1000);
}

static void run(struct conn *conn, void (*first)(struct conn *conn))
{
	loop_time(conn->loop);
	run_now(conn, first);
}

void conn_run(struct conn *conn)
{
	run(conn, NULL);
}

static void expire(struct conn *conn)
{
	struct loop *loop = conn->loop;
	if (conn->state == CONN_TLS) {
		atomic_fetch_add_explicit(&loop->timeout_count, 1, memory_order_relaxed);
		conn_cut(conn);
	} else if (conn->state == CONN_LINGER) {
		conn_end(conn);
	} else {
		serve_expire(conn);
	}
}

void conn_expire(struct timer *timer)
{
	run((struct conn *)timer, expire);
}

static void drain(struct conn *conn)
{
	/* The last chance for a request that is on its way already. */
	conn->draining = true;
	if (conn->state == CONN_HEAD)
		conn->readable = true;
	conn->spent = false;
	if (conn->state == CONN_WORK && conn->request->parked && !conn->request->away) {
		conn->request->last_call = true;
		serve_again(conn);
	}
}

void conn_drain(struct timer *timer)
{
	run((struct conn *)timer, drain);
}

void conn_cut_all(struct timer *timer)
{
	run((struct conn *)timer, conn_cut);
}

void conn_unpark(struct http_request *request)
{
	run(request->conn, serve_again);
}

void conn_gathered(struct http_request *request)
{
	run_now(request->conn, serve_gathered);
}

void conn_returned(struct http_request *request)
{
	struct conn *conn = request->conn;
	if (!conn) { /* its source had to be closed, and no more */
		request_release(request);
		return;
	}
	if (request == conn->request && conn->state != CONN_CLOSED) {
		run(conn, serve_returned);
		return;
	}
	/* Nobody waits for it any more, or somebody else answers: then it stays until that is done. */
	if (request == conn->request) {
		conn->request = NULL;
	} else {
		ASSERT(request == conn->abandoned);
		if (conn->request)
			return;
		conn->abandoned = NULL;
	}
	serve_end(conn, request);
	if (conn->state == CONN_CLOSED)
		release(conn);
}
