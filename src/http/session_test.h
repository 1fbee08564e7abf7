/* A server without threads, in the test's hands: bytes go in at one end of a socket pair, the loop and the workers take a
 * step when they are told to, and what comes out is kept. For conn_test.c and the fuzzer. */
#ifndef HTTP_SESSION_TEST_H
#define HTTP_SESSION_TEST_H

#include "base/check.h"
#include "http/inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct session {
	struct http_server *server;
	int fd; /* the client's end; -1 */
	struct buf seen;
};

static inline void session_echo(struct http_request *request)
{
	struct buf buf = BUF_INIT;
	size_t size;
	const char *body = http_body(request, &size), *name, *value;
	buf_text(&buf, http_path(request));
	buf_char(&buf, ' ');
	buf_text(&buf, http_content_type(request));
	for (size_t i = 0; http_query_at(request, i, &name, &value); i++)
		buf_format(&buf, " %s=%s", name, value);
	buf_char(&buf, ' ');
	buf_add(&buf, body, size);
	http_reply_header(
		request, "X-Param", http_param(request, "a") ? http_param(request, "a") : "");
	http_reply(request, 200, "text/plain", &buf);
}

static inline void session_file(struct http_request *request)
{
	struct buf buf = BUF_INIT;
	char byte;
	const struct http_file *file = http_file(request);
	uint64_t size = 0;
	while (file && read(file->fd, &byte, 1) == 1)
		size++;
	ASSERT(!file || size == file->size);
	buf_format(&buf, "%llu %s", (unsigned long long)size, file ? file->field : "none");
	buf_text(&buf, http_form(request, "x") ? http_form(request, "x") : "");
	http_reply(request, 200, "text/plain", &buf);
}

static inline int session_next(void *ctx, struct buf *chunk, bool *ret_end)
{
	int *left = ctx;
	buf_text(chunk, "some of it");
	*ret_end = --*left == 0;
	return 0;
}

static inline void session_close_source(void *ctx)
{
	free(ctx);
}

static inline void session_source(struct http_request *request)
{
	int *left = malloc(sizeof *left);
	if (!left) {
		http_reply_const(request, 500, NULL, "", 0);
		return;
	}
	*left = 3;
	const struct http_source source = {session_next, session_close_source, left};
	http_reply_source(request, 200, "text/plain", &source);
}

/* Parks a few times, then answers. */
static inline void session_wait(struct http_request *request)
{
	const char *after = http_query(request, "after");
	uintptr_t turns = (uintptr_t)http_ctx(request);
	http_set_ctx(request, (void *)(turns + 1));
	if (turns < 3 && !after)
		http_park(request, 10000);
	else
		http_reply_const(request, 200, "text/plain", "now", 3);
}

static inline void session_over(struct http_request *request)
{
	if (http_on_worker(request))
		http_reply_const(request, 200, "text/plain", "over", 4);
	else
		http_to_worker(request);
}

static inline void session_all(struct http_request *const *requests, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf buf = http_reply_room(requests[i]);
		buf_format(&buf, "together %zu", count);
		http_reply(requests[i], 200, "text/plain", &buf);
	}
}

static inline void session_gather(struct http_request *request)
{
	http_gather(request, session_all);
}

static inline void session_gather_on_worker(struct http_request *request)
{
	http_gather_on_worker(request, session_all);
}

static inline bool session_admit(struct http_request *request, void *ctx)
{
	const char *key = http_header(request, "authorization");
	(void)ctx;
	if (key && strcmp(key, "no") == 0)
		http_reply_const(request, 401, "text/plain", "no", 2);
	return !key || strcmp(key, "no") != 0;
}

static const struct http_route session_routes[] = {
	{"GET", "/e", HTTP_INLINE, HTTP_BODY_NONE, .handle = session_echo},
	{"GET", "/e/{a}", HTTP_WORKER, HTTP_BODY_NONE, .handle = session_echo},
	{"POST", "/e", HTTP_INLINE, HTTP_BODY_MEMORY, .body_max = 5000, .handle = session_echo},
	{"POST", "/w", HTTP_WORKER, HTTP_BODY_MEMORY, .body_max = 200000, .handle = session_echo},
	{"POST", "/f", HTTP_WORKER, HTTP_BODY_FILE, .body_max = 5000,
		.memory_types = "application/json", .handle = session_file},
	{"GET", "/s", HTTP_INLINE, HTTP_BODY_NONE, .handle = session_source},
	{"GET", "/p", HTTP_INLINE, HTTP_BODY_NONE, .handle = session_wait},
	{"GET", "/p/w", HTTP_WORKER, HTTP_BODY_NONE, .handle = session_wait},
	{"GET", "/o", HTTP_INLINE, HTTP_BODY_NONE, .handle = session_over},
	{"GET", "/g", HTTP_INLINE, HTTP_BODY_NONE, .handle = session_gather},
	{"GET", "/g/w", HTTP_WORKER, HTTP_BODY_NONE, .handle = session_gather},
	{"GET", "/t", HTTP_INLINE, HTTP_BODY_NONE, .handle = session_gather_on_worker},
	{"GET", "/t/w", HTTP_WORKER, HTTP_BODY_NONE, .handle = session_gather_on_worker},
	{NULL},
};

static const struct http_app session_app = {.name = "session",
	.routes = session_routes,
	.collapse_slashes = true,
	.memory_max = 10000,
	.file_max = 10000,
	.admit = session_admit};

/* A listening socket that nobody connects to: each connection is one end of a pair. 0 or what server_new says. */
static inline int session_open(struct session *session)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT(fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
		listen(fd, 1) == 0);
	const struct http_listen listen_on = {.fd = fd, .app = &session_app};
	const struct http_conf conf = {
		.listens = &listen_on, .listen_count = 1, .loop_count = 1, .worker_count = 1};
	*session = (struct session){.fd = -1};
	int rc = server_new(&conf, &session->server, NULL);
	close(fd);
	return rc;
}

static inline void session_connect(struct session *session)
{
	int pair[2];
	ASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
	session->fd = pair[0];
	struct loop *loop = &session->server->loops[0];
	struct conn *conn =
		conn_new(session->server, &session->server->listeners[0], pair[1], NULL);
	loop_time(loop);
	if (!conn)
		return;
	atomic_fetch_add(&loop->conn_count, 1);
	conn_start(conn, loop);
}

/* One step of everybody; what has come is kept. */
static inline void session_step(struct session *session)
{
	char bytes[4096];
	loop_step(&session->server->loops[0]);
	while (workers_step(&session->server->workers))
		;
	http_wake(session->server);
	loop_step(&session->server->loops[0]);
	for (ssize_t count;
		session->fd >= 0 && (count = recv(session->fd, bytes, sizeof bytes, 0)) > 0;)
		buf_add(&session->seen, bytes, (size_t)count);
}

/* Sends all of it in pieces, with steps between. What the server does not want any more is not sent. */
static inline void session_send(
	struct session *session, const void *bytes, size_t size, size_t piece)
{
	const char *at = bytes;
	for (unsigned stuck = 0; size && stuck < 100;) {
		ssize_t count = send(session->fd, at, size < piece ? size : piece, MSG_NOSIGNAL);
		if (count < 0 && errno != EAGAIN)
			break;
		stuck = count > 0 ? 0 : stuck + 1;
		at += count > 0 ? count : 0;
		size -= count > 0 ? (size_t)count : 0;
		session_step(session);
	}
	for (unsigned i = 0; i < 40; i++)
		session_step(session);
}

/* The client goes; the server must let go of all that was its. */
static inline void session_leave(struct session *session)
{
	struct loop *loop = &session->server->loops[0];
	close(session->fd);
	session->fd = -1;
	for (unsigned i = 0;
		i < 200 && (atomic_load(&loop->conn_count) || atomic_load(&loop->away_count)); i++)
		session_step(session);
	ASSERT(atomic_load(&loop->conn_count) == 0);
	ASSERT(atomic_load(&loop->away_count) == 0);
	ASSERT(atomic_load(&loop->parked_count) == 0);
	ASSERT(atomic_load(&loop->active_count) == 0);
	ASSERT(atomic_load(&session->server->body_memory) == 0);
	ASSERT(atomic_load(&session->server->conn_count) == 0);
}

static inline void session_free(struct session *session)
{
	buf_free(&session->seen);
	if (session->server)
		server_free(session->server);
}

#endif
