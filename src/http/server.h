/* The HTTP/1.1 server: connections, bodies, replies. What it serves is an app's route table; it knows nothing of banks.
 *
 *   connection ──► request line and headers ──► rewrite, route, admit, limit, deadline ──► body ──► handler ──► reply
 *                                                └─ all decided here, before a byte of the body is kept
 *
 * A few loop threads own the connections, each with an event loop of its own. A route is handled on the loop's thread
 * when it answers in microseconds (HTTP_INLINE) and on a worker's otherwise; a request belongs to one thread at a time,
 * and handlers are plain functions that return when they have replied. Bodies go to memory up to a bound, or to an
 * unlinked file, or are refused; so what strangers send does not make the process grow.
 *
 * Whatever is ambiguous about where a message ends is refused and the connection closed (RFC 9112, section 11.2). */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/arena.h"
#include "base/buf.h"
#include "hilf.h"

struct http_server;
struct http_request;
struct http_app;

/* ------------------------------------------------------------------------------------------- routes */

enum http_body {
	HTTP_BODY_NONE,   /* a body is refused */
	HTTP_BODY_MEMORY, /* http_body: all of it, body_max bytes at most */
	HTTP_BODY_FILE, /* http_file: raw, or the one file of multipart/form-data, whose fields are http_form; a body of
	                   * another Content-Type that the route lists in `memory_types` is kept as HTTP_BODY_MEMORY */
};

enum http_where { HTTP_WORKER, HTTP_INLINE };

typedef void http_handler(struct http_request *request);
/* The second half of a handler, for several requests at once: see http_gather. */
typedef void http_together(struct http_request *const *requests, size_t count);

struct http_route {
	const char *method; /* "GET"; HEAD is answered by GET's route */
	const char
		*path; /* "/v1/banks/{bank}/entries/{entry}": a segment in braces is a parameter */
	enum http_where where;
	enum http_body body;
	uint64_t body_max;        /* bytes; 0: the app's default for that kind of body */
	const char *memory_types; /* of HTTP_BODY_FILE: "application/json"; NULL: none */
	uint32_t
		deadline_ms; /* from the end of the headers to the last byte of the reply; 0: the app's default */
	http_handler *handle;
	const void *extra; /* the app's own: its rule and documentation */
};

/* What the server tells of a request that is over. Nothing in it is content or personal. */
struct http_done {
	int status;              /* 0: the client went away before a reply */
	uint64_t received, sent; /* bytes of body */
	uint64_t
		taken_us; /* from the end of the headers to the reply's last byte handed to the kernel */
	uint64_t worked_us;  /* of it in the handler */
	const char *refused; /* why the server itself refused it, a word such as "slow", or NULL */
};

struct http_app {
	const char *name;                /* "api": for logs and metrics */
	const struct http_route *routes; /* an array that ends with a NULL method */
	bool collapse_slashes;           /* "//c//banks" is "/c/banks" */
	uint64_t memory_max, file_max;   /* defaults of body_max */
	uint32_t deadline_ms;

	/* Called on the loop's thread at the end of the headers; they must not block. Any may be NULL.
	 * rewrite: may give another path (http_set_path) before routing. admit: decides whether this request may go on, and
	 * keeps what it learned with http_set_ctx; false: it has replied. */
	void (*rewrite)(struct http_request *request, void *ctx);
	bool (*admit)(struct http_request *request, void *ctx);
	/* Called before the handler when a body had to be awaited: whether what admit found still holds. false: it has
	 * replied. */
	bool (*still)(struct http_request *request, void *ctx);
	/* Shapes the errors that the server makes itself (400, 404, 405, 408, 411, 413, 414, 415, 417, 421, 429, 431, 500,
	 * 501, 503, 505): replies with the app's error body. Called on the loop's thread; where the request could not be
	 * read, method, path and route are NULL, and there may be no ctx. Retry-After, Allow and the like come by themselves. */
	void (*error)(struct http_request *request, int status, const char *code,
		const char *message, const char *hint, void *ctx);
	/* The request is over; on whichever thread. route is NULL where none was found. */
	void (*done)(const struct http_request *request, const struct http_done *done, void *ctx);
	void *ctx;
};

/* ------------------------------------------------------------------------------------------- the server */

struct http_listen {
	const char *
		address; /* "127.0.0.1:5100", "[::1]:5100", "unix:/path" (mode 0600, replaced when stale) */
	int fd; /* a listening socket that was handed over (systemd), where address is NULL; it stays the caller's, too */
	const struct http_app *app;
	const char *tls_cert, *tls_key; /* PEM files; NULL: plain */
	const char *
		tls_client_ca; /* PEM; clients must show a certificate of it; NULL: none asked for */
};

struct http_conf {
	const struct http_listen *listens;
	size_t listen_count;
	unsigned loop_count;   /* 0: one per core */
	unsigned worker_count; /* 0: 32 */
	unsigned
		queue_max; /* requests that may wait for a worker; more are answered 503; 0: 1,024 */
	unsigned connection_max; /* 0: 20,000 */
	unsigned
		connection_max_per_address; /* 0: 256, but none for loopback; unix sockets have none ever */
	uint32_t header_timeout_ms; /* a request's headers from their first byte; 0: 10,000 */
	uint32_t idle_timeout_ms;   /* between requests; 0: 60,000 */
	uint32_t
		body_rate_min; /* bytes a second that a body must make on average after 10 s; 0: 1,024 */
	uint64_t
		memory_max; /* of all bodies in memory together, and of answers over 4 kB; more are answered 503; 0: 256 MB */
	const char *spool_dir; /* where bodies go that are files; unlinked at once */
	void (*log)(const char *level, const char *event, const char *text,
		void *ctx); /* "error", "warning"; may be NULL */
	void *log_ctx;
};

/* Binds and starts; *ret_server (NULL or a server before) is set before the first handler runs. HILF_E_IO names the address that could not be bound; HILF_E_INVALID a certificate that is none. */
int http_start(const struct http_conf *conf, struct http_server **ret_server, struct hilf_err *err);
/* The port that was bound for listens[index] (for ":0"). */
uint16_t http_port(const struct http_server *server, size_t index);
/* Takes no new connections, lets what is under way finish for up to wait_ms, ends parked requests, closes idle
 * connections. From any thread. */
void http_drain(struct http_server *server, uint32_t wait_ms);
/* Drains at once, cuts what is left, waits for the handlers that run, and frees everything. NULL is fine. */
void http_stop(struct http_server *server);
/* Loads certificates and keys anew; on failure the old ones stay. */
int http_reload_tls(struct http_server *server, struct hilf_err *err);
/* Has every parked request handled again. Cheap; from any thread. */
void http_wake(struct http_server *server);

struct http_gauges {
	uint64_t connections, requests_active, requests_parked, queue_depth, body_memory;
	uint64_t connections_refused, accepted, protocol_errors, timeouts;
};
void http_gauges_get(const struct http_server *server, struct http_gauges *ret_gauges);

/* ------------------------------------------------------------------------------------------- a request */

/* Texts live as long as the request and are valid UTF-8 without NUL (what is not is refused with 400 first), except
 * header values, which are bytes without control characters. NULL where there is none. */
const struct http_route *http_route_of(const struct http_request *request);
const struct http_app *http_app_of(const struct http_request *request);
const char *http_method(const struct http_request *request);
const char *http_path(const struct http_request *request); /* percent-decoded, without the query */
void http_set_path(struct http_request *request,
	const char *path); /* in rewrite; copied; begins with '/', or there is no route */
const char *http_param(const struct http_request *request, const char *name);
const char *http_query(
	const struct http_request *request, const char *name); /* the first of that name, decoded */
/* The position-th name and value of the query; false past the end. */
bool http_query_at(const struct http_request *request, size_t position, const char **ret_name,
	const char **ret_value);
const char *http_header(const struct http_request *request, const char *lower_case_name);
/* All of the name, in the order in which they came; the last `room` of them where there are more. Returns how many. */
size_t http_headers(const struct http_request *request, const char *lower_case_name,
	const char **ret_values, size_t room);
/* The media type alone, lower case: "application/json". "" where none was sent. */
const char *http_content_type(const struct http_request *request);
const char *http_body(
	const struct http_request *request, size_t *ret_size); /* "" when empty; not NUL-free */
/* Of multipart/form-data: a field that is not a file. */
const char *http_form(const struct http_request *request, const char *name);
/* The position-th of them, in no order that matters; false past the end. */
bool http_form_at(const struct http_request *request, size_t position, const char **ret_name,
	const char **ret_value);

struct http_file {
	int fd; /* read-write, at its beginning; the request's */
	uint64_t size;
	const char *field;        /* of the form; "" for a raw body */
	const char *content_type; /* the part's own; "" */
};
/* NULL where no file came (a form without one, or a body kept in memory). */
const struct http_file *http_file(const struct http_request *request);

const char *http_id(const struct http_request
		*request); /* 26 characters, made here, in the reply as X-Request-Id */
const char *http_peer(const struct http_request
		*request); /* "192.0.2.7", "::1", "unix": for limits, never for logs */
bool http_is_loopback(
	const struct http_request *request); /* of the address bound and the peer's, both */
/* Of a unix socket: the peer's user; -1. */
int64_t http_peer_uid(const struct http_request *request);
bool http_is_tls(const struct http_request *request);
/* The common name of a client certificate that was verified; NULL. */
const char *http_client_name(const struct http_request *request);
struct arena *http_arena(struct http_request *request); /* freed with the request; budget 64 MB */
void http_set_ctx(struct http_request *request, void *ctx); /* the app's; in the arena as a rule */
void *http_ctx(const struct http_request *request);
/* Milliseconds to the deadline, 0 when it is past; and when a parked request is handled for the last time because the
 * server drains: then it should reply with what there is. A handler may shorten it. */
uint32_t http_left_ms(const struct http_request *request);
void http_shorten(struct http_request *request, uint32_t left_ms);

/* ------------------------------------------------------------------------------------------- the reply */

/* A handler ends with exactly one of these. Headers first. */
void http_reply_header(
	struct http_request *request, const char *name, const char *value); /* copied */
/* body is taken over and left empty; NULL: none. A buf that failed becomes 500. */
void http_reply(
	struct http_request *request, int status, const char *content_type, struct buf *body);
/* An empty buffer for it, with the memory of an earlier reply where there is some. The caller's. */
struct buf http_reply_room(struct http_request *request);
/* Bytes that outlive the server; not copied. */
void http_reply_const(struct http_request *request, int status, const char *content_type,
	const void *bytes, size_t size);

/* A reply of unknown length, pulled on a worker whenever the client has taken what there was: append some 64 kB to
 * `chunk`; *ret_end after the last. Non-zero: the connection is cut, so that nobody takes half for whole. close is called
 * once, whatever happened. */
struct http_source {
	int (*next)(void *ctx, struct buf *chunk, bool *ret_end);
	void (*close)(void *ctx);
	void *ctx;
};
void http_reply_source(struct http_request *request, int status, const char *content_type,
	const struct http_source *source);

/* Instead of a reply: handle this request again after http_wake, or in wait_ms at the latest. */
void http_park(struct http_request *request, uint32_t wait_ms);
/* Instead of a reply, for a route that is HTTP_INLINE: handle it again, on a worker. */
void http_to_worker(struct http_request *request);
bool http_on_worker(const struct http_request *request);

/* Instead of a reply: `together` ends this request, as a handler would but for http_gather, with all that were put off for
 * the same in this turn of the loop; HTTP_GATHER_MAX at most, in no order that matters. Nobody waits for more to come: it
 * runs when what the kernel has told is seen to, and at once on a worker. What the second half needs is kept in http_ctx. */
#define HTTP_GATHER_MAX 64u
void http_gather(struct http_request *request, http_together *together);
/* The same where `together` blocks, so that it is for a worker: one at a time for each `together`, and those who come while
 * it is busy, of whichever loop, are its next ones. So what costs the same for one as for many is paid once, and who waits
 * holds no thread. */
void http_gather_on_worker(struct http_request *request, http_together *together);

#endif
