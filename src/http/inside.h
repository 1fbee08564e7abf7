/* What the files of the server share; nobody else includes it.
 *
 *   server ──► loop, one per core ──► connections ──► the request under way
 *          ──► workers ◄── queue ◄────────────────────── handle it, or pull its next bytes
 *                 └──────► the loop's mailbox ─────────► and back
 *
 * Who may touch what. A connection is its loop's alone. A request is its loop's, but for the time it is `away`: then it is
 * a worker's, and the loop touches nothing of it but `dropped`. Its connection stays in memory for so long, closed or not,
 * so a worker may read what never changes there (peer, listener, client's name).
 *
 * A connection holds next to nothing while it is idle: requests, with their arena and buffers, come from a pool of the
 * loop, and bytes are read into a scratch of the loop; what is left over for later, alone, is kept with the connection. */
#ifndef HTTP_INSIDE_H
#define HTTP_INSIDE_H

#include "base/arena.h"
#include "base/buf.h"
#include "http/server.h"
#include "wire/chunked.h"
#include "wire/multipart.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/uio.h>

struct ssl_st;
struct ssl_ctx_st;

/* Limits of a request's head; RFC 9112 leaves them to us, and these are what nginx and others take by default or more. */
#define HEAD_SIZE_MAX   16384u
#define HEAD_TARGET_MAX 8192u
#define HEAD_COUNT_MAX  100u
#define QUERY_COUNT_MAX 128u
#define PARAM_COUNT_MAX 8u
/* Of a form: fields that are not files. */
#define FORM_COUNT_MAX 64u
#define FORM_FIELD_MAX (256u * 1024)
#define FORM_SIZE_MAX  (1024u * 1024)
/* What is read at once. A head is read in smaller pieces, so that little is left over of what follows it. */
#define READ_SIZE 65536u
/* A reply's body up to this is copied behind its head: one send of one piece. */
#define REPLY_COPY_MAX 4096u
/* A client that takes nothing of a reply for so long is cut. */
#define WRITE_STALL_MS 20000u
/* What is read and thrown away behind a reply, so that the client gets to see it: many send all of a body before they look
 * at what came. As much as a file may have and a form around it, so long as it comes. */
#define LINGER_SIZE     (65u << 20)
#define LINGER_MS       5000u  /* with nothing coming */
#define LINGER_MAX_MS   30000u /* altogether */
#define LINGER_DRAIN_MS 1000u  /* altogether, when the server is about to stop */
/* How long a body has before its rate counts. */
#define BODY_GRACE_MS    10000u
#define REQUEST_ARENA    ((size_t)64 << 20)
#define REQUEST_POOL_MAX 256u

#define HTTP_ID_SIZE 26u

struct conn;
struct loop;
struct listener;

struct text_pair {
	const char *name, *value;
};

/* ------------------------------------------------------------------------------------------- routes */

struct route_tree;
/* NULL without memory. The routes outlive it. */
struct route_tree *route_tree_new(const struct http_route *routes);
void route_tree_free(struct route_tree *tree);
/* Matches a decoded path; ret_values: what stands where the braces are, PARAM_COUNT_MAX at most, pointing into path with
 * sizes. NULL: no such path, or not with this method. */
struct route_value {
	const char *text;
	size_t size;
};
const struct http_route *route_find(const struct route_tree *tree, const char *method,
	const char *path, struct route_value ret_values[PARAM_COUNT_MAX]);
/* The methods that path has: "GET, HEAD, POST"; appended. Nothing: there is no such path. */
void route_allow(const struct route_tree *tree, const char *path, struct buf *buf);
/* The position of {name} in a route's path; -1. */
int route_param(const struct http_route *route, const char *name);

/* ------------------------------------------------------------------------------------------- requests */

/* Why the server refuses: what goes to app.error, and the word for http_done. */
struct fault {
	int status;
	const char *code, *message, *hint, *word;
};

enum outcome {
	OUTCOME_NONE,
	OUTCOME_REPLY,
	OUTCOME_SOURCE,
	OUTCOME_PARK,
	OUTCOME_TO_WORKER,
	OUTCOME_GATHER,
	OUTCOME_GATHER_ON_WORKER,
};

enum job { JOB_HANDLE, JOB_TOGETHER, JOB_NEXT, JOB_CLOSE };

enum body_sink { SINK_NONE, SINK_MEMORY, SINK_FILE, SINK_FORM };

struct form_field {
	struct form_field *next;
	const char *name, *value;
};

struct body {
	enum body_sink sink;
	bool is_chunked, is_complete, was_awaited;
	uint64_t left;     /* of a body of known length */
	uint64_t received; /* bytes of body, without framing */
	uint64_t max;
	uint64_t charged; /* of the server's memory_max */
	struct chunked chunked;
	/* of files and forms */
	struct multipart *multipart;
	struct form_field *fields;
	const char *field_name; /* under way; NULL: it is the file */
	uint32_t field_count;
	uint64_t form_size;
	bool has_file;
	struct http_file file;
};

struct reply {
	int status;
	const char *type;
	const void *bytes; /* points into body, or to what outlives the server */
	size_t size;
	bool has_source, source_open, source_ended, source_failed;
	bool has_cache, failed;
	struct http_source source;
};

struct http_request {
	struct conn *conn;
	struct loop *loop;
	struct http_request *next; /* in the pool, the queue or the mailbox */
	struct http_request *park_prev, *park_next;
	const struct http_app *app;
	const struct http_route *route;
	void *ctx;
	http_together *together; /* what it was put off for */
	_Atomic(bool) dropped; /* nobody waits for it any more */
	_Atomic(int64_t) deadline_us;
	enum job job;
	enum outcome outcome;
	bool away, parked, gathered, last_call;
	bool begun;    /* counted; not so one that stands in for another */
	bool replied;  /* a reply has begun */
	bool measured; /* done is filled in */
	bool is_head, is_http10, keep_alive, expects, has_length, is_encoded, on_worker;
	const char *refused;
	int64_t begun_us, worked_us, park_due_us;
	uint64_t epoch;        /* of http_wake, when it was handled last */
	uint64_t content_size; /* what Content-Length says */
	uint64_t sent;
	struct http_done done; /* of one that was answered in its stead */

	const char *method, *path;
	char *query; /* as sent; decoded by now */
	size_t query_size;
	const char *media_type, *authority;
	struct route_value params[PARAM_COUNT_MAX];
	const char *param_texts[PARAM_COUNT_MAX];
	struct text_pair *queries;
	uint32_t query_count, header_count;
	struct body body;
	struct reply reply;
	struct iovec out[3];
	unsigned out_count;
	char chunk_head[20];
	char peer[48];
	char id[HTTP_ID_SIZE + 1];

	/* From here on: kept when the request is used again. */
	struct arena arena;
	struct buf bytes;   /* the body in memory; a form's field */
	struct buf head;    /* of the reply */
	struct buf headers; /* that the app adds */
	struct buf content; /* the reply's body; a source's chunk */
	struct text_pair list[HEAD_COUNT_MAX];
};

/* From the loop's pool or new; NULL without memory. */
struct http_request *request_take(struct loop *loop);
void request_release(struct http_request *request);
void request_free(struct http_request *request); /* of the pool */
/* request->head.. from the bytes of a whole head, which it keeps a copy of. NULL, or why it is refused. */
const struct fault *head_parse(struct http_request *request, const char *bytes, size_t size);
/* Looks for the end of a head from *io_scanned on. 1: ret_size; 0: not yet; -1: there never will be one. */
int head_end(const char *bytes, size_t size, size_t *io_scanned, size_t *ret_size);
/* Splits and decodes path and query. */
const struct fault *head_target(struct http_request *request, char *target, size_t size);
void path_collapse(char *path);

extern const struct fault fault_memory;

/* Decides what becomes of the body, at the end of the headers. */
const struct fault *body_begin(struct http_request *request);
/* Takes bytes; *ret_taken of them. is_complete tells whether that was all. */
const struct fault *body_feed(
	struct http_request *request, const char *bytes, size_t size, size_t *ret_taken);
void body_release(struct http_request *request);
/* Counts bytes that a request holds against the server's memory_max, until it is over. False: there is no room. */
bool body_charge(struct http_request *request, uint64_t size);

/* The reply's head, and the body behind it, into request->out. False: no memory. */
bool reply_compose(struct http_request *request, bool closes);
/* What a source has appended to request->content becomes request->out. */
void reply_chunk(struct http_request *request);
/* Replies with the app's error body. */
void reply_fault(struct http_request *request, const struct fault *fault);

/* ------------------------------------------------------------------------------------------- timers */

struct timer {
	struct timer *prev, *next;
	int64_t due_ms, visit_ms;
};

#define WHEEL_SLOTS 512u
#define WHEEL_MS    100

/* A wheel of coarse time: slot (due / 100 ms) mod 512. A due that moves later costs nothing: it is looked at when its slot
 * comes by, and put further. */
struct wheel {
	struct timer slots[WHEEL_SLOTS];
	int64_t turned_ms;
};
void wheel_init(struct wheel *wheel, int64_t now_ms);
void wheel_set(struct wheel *wheel, struct timer *timer, int64_t due_ms);
void wheel_remove(struct timer *timer);
/* Calls each for what is due; it may set or remove that timer and no other. */
void wheel_turn(struct wheel *wheel, int64_t now_ms, void (*each)(struct timer *timer));
/* Calls each for all of them; it may remove that one. */
void wheel_all(struct wheel *wheel, void (*each)(struct timer *timer));

/* ------------------------------------------------------------------------------------------- connections */

enum conn_state {
	CONN_TLS,    /* shaking hands */
	CONN_HEAD,   /* between requests, or within a head */
	CONN_BODY,   /* a body comes */
	CONN_WORK,   /* with a worker, or parked */
	CONN_REPLY,  /* a reply goes */
	CONN_LINGER, /* what still comes is thrown away */
	CONN_CLOSED,
};

struct conn {
	struct timer timer; /* first: a timer is its connection */
	struct event event; /* edge-triggered, added once */
	struct loop *loop;
	struct listener *listener;
	struct ssl_st *ssl;
	struct http_request *request; /* under way */
	struct http_request
		*abandoned; /* at a worker, while its deadline has passed and request answers */
	struct conn *next;  /* on the way to its loop; to be run again */
	char *client_name;
	char *kept; /* input left over */
	/* Input within conn_run, in the loop's scratch. */
	char *in;
	uint32_t in_size, kept_size, scanned;
	int64_t since_us;    /* this state, or the head's first byte */
	int64_t progress_us; /* the client last took something of a reply, or sent something behind it */
	int64_t checked_us;  /* the rate of a body was last looked at */
	uint32_t lingered;
	int fd;
	uint8_t state;
	bool readable, writable;
	bool spent; /* the last read took all there was, it seems */
	bool hung;  /* the other side has no more to say; what it said may be unread */
	bool ended; /* and it is read */
	bool closing /* behind this reply */, draining, queued /* to be run again */;
	uint8_t peer_kind; /* AF_INET, AF_INET6, AF_UNIX */
	struct in6_addr peer;
	int64_t peer_uid;
};

/* Takes over fd; NULL: no memory or over a limit, and fd is closed. peer may be NULL for a unix socket. */
struct conn *conn_new(
	struct http_server *server, struct listener *listener, int fd, const struct sockaddr *peer);
/* On its loop's thread, whose conn_count has it already: from now on events reach it. */
void conn_start(struct conn *conn, struct loop *loop);
void conn_run(struct conn *conn);
void conn_expire(struct timer *timer);
void conn_drain(struct timer *timer);
void conn_cut_all(struct timer *timer);
/* A worker gave it back. */
void conn_returned(struct http_request *request);
/* Handles a parked request again. */
void conn_unpark(struct http_request *request);
/* Goes on with one that was answered together with others. */
void conn_gathered(struct http_request *request);

/* For the files of a connection (conn.c, serve.c) alone. */
bool conn_fill(
	struct conn *conn, size_t max); /* reads; false: nothing came, and it has not ended */
void conn_take(struct conn *conn, size_t size); /* size bytes of input have been used */
void conn_end(struct conn *conn);               /* in good order */
void conn_cut(struct conn *conn);    /* so that the client sees that something is missing */
void conn_finish(struct conn *conn); /* behind a last reply */
/* A step of its state; false: it waits for something. */
bool serve_head(struct conn *conn);
bool serve_body(struct conn *conn);
bool serve_work(struct conn *conn);
bool serve_reply(struct conn *conn);
/* Replies in the place of whoever has the request. */
void serve_refuse(struct conn *conn, const struct fault *fault);
/* Its time is up, as conn_due has said. */
void serve_expire(struct conn *conn);
void serve_again(struct conn *conn);    /* a parked request */
void serve_gathered(struct conn *conn); /* its handler's second half has decided */
void serve_returned(struct conn *conn); /* conn->request has come back from a worker */
/* The request is over, for whatever reason; it may not be away. */
void serve_end(struct conn *conn, struct http_request *request);

/* Bytes moved; 0: the end (reading alone); -EAGAIN: later; another negative errno: the connection is lost. */
ssize_t io_read(struct conn *conn, void *bytes, size_t size);
ssize_t io_write(struct conn *conn, const struct iovec *pieces, unsigned count);

/* ------------------------------------------------------------------------------------------- tls */

struct ssl_ctx_st *tls_context(const struct http_listen *listen, struct hilf_err *err);
void tls_context_free(struct ssl_ctx_st *context);
/* A server's side for fd; NULL without memory. */
struct ssl_st *tls_new(struct listener *listener, int fd);
void tls_free(struct ssl_st *ssl);
/* 0: done, and *ret_name is the client's name (malloc) or NULL; -EAGAIN; -EPROTO. */
int tls_handshake(struct ssl_st *ssl, char **ret_name);
ssize_t tls_read(struct ssl_st *ssl, void *bytes, size_t size);
ssize_t tls_write(struct ssl_st *ssl, const void *bytes, size_t size);
void tls_shutdown(struct ssl_st *ssl);

/* ------------------------------------------------------------------------------------------- listeners */

struct listener {
	struct http_listen conf; /* its texts are ours */
	struct http_server *server;
	struct route_tree *tree;
	bool is_unix, is_loopback;
	uint16_t port;
	int *fds; /* one for each loop, or one and -1s */
	char *unix_path;
	uint64_t unix_inode;
	pthread_mutex_t tls_mutex;
	bool has_mutex, has_tls;
	struct ssl_ctx_st *tls;
};

int listener_open(struct listener *listener, struct http_server *server,
	const struct http_listen *conf, struct hilf_err *err);
void listener_close(struct listener *listener);

struct acceptor {
	struct event event;
	struct loop *loop;
	struct listener *listener;
	int fd;
	bool is_on;
};
void acceptor_start(struct acceptor *acceptor, struct loop *loop, struct listener *listener);
/* Takes what is waiting, then listens no more. */
void acceptor_stop(struct acceptor *acceptor);
void acceptor_resume(struct acceptor *acceptor);

/* ------------------------------------------------------------------------------------------- limits */

/* Connections by address; IPv6 by /64, which is what a customer gets. */
struct limits;
struct limits *limits_new(void);
void limits_free(struct limits *limits);
/* Whether one more is within max, and counts it. */
bool limits_enter(struct limits *limits, const struct in6_addr *address, unsigned max);
void limits_leave(struct limits *limits, const struct in6_addr *address);

/* ------------------------------------------------------------------------------------------- loops */

struct loop {
	struct http_server *server;
	struct event_base *base;
	pthread_t thread;
	bool has_base, has_thread, is_ticking, is_cut;
	int mail_fd;
	struct event mail, tick, again, gather;
	struct acceptor *acceptors;
	_Atomic(struct http_request *) returned;
	_Atomic(struct conn *) handed;
	_Atomic(bool) woken;
	struct http_request *parked; /* a ring's head by park_next; NULL: none */
	struct http_request *gathered[HTTP_GATHER_MAX]; /* of this turn */
	unsigned gathered_count;
	bool is_gathering;
	struct conn *rerun;
	struct http_request *pool;
	unsigned pool_count;
	struct wheel wheel;
	int64_t now_us;
	int64_t date_s;
	char date[32]; /* "Sun, 06 Nov 1994 08:49:37 GMT" */
	int64_t wall_ms;
	uint64_t random[2];
	char *scratch; /* READ_SIZE and a head */
	_Atomic(bool) is_drained;
	_Atomic(uint64_t) conn_count, away_count, parked_count, active_count;
	_Atomic(uint64_t) refused_count, accepted_count, protocol_error_count, timeout_count;
};

int loop_open(struct loop *loop, struct http_server *server, struct hilf_err *err);
void loop_close(struct loop *loop);
void *loop_main(void *ctx);
/* One turn without waiting; for tests. */
void loop_step(struct loop *loop);
void loop_poke(struct loop *loop);
void loop_time(struct loop *loop);
/* From a worker; a list by `next`, of whichever loops. */
void loop_return(struct http_request *requests);
/* From another loop. */
void loop_hand(struct loop *loop, struct conn *conn);
void loop_rerun(struct loop *loop, struct conn *conn);
void loop_park(struct http_request *request);
void loop_unpark(struct http_request *request);
/* Until this turn's end (gather.c). */
void loop_gather(struct http_request *request);
void loop_ungather(struct http_request *request);
void gather_came(evutil_socket_t fd, short what, void *ctx);
/* Those who want the same as the first, in one go: they come first of `requests` then, and are counted. */
unsigned gather_answer(struct http_request **requests, unsigned count);
void loop_tick_on(struct loop *loop);
void loop_id(struct loop *loop, char ret_id[HTTP_ID_SIZE + 1]);

/* ------------------------------------------------------------------------------------------- workers */

struct request_list {
	struct http_request *first, *last;
};

/* Those who wait for the same `together`. While it is busy, one of them is in the queue for all, or with a worker. */
struct group {
	http_together *together; /* NULL: of nobody yet */
	struct request_list waiting;
	bool is_busy;
};
#define GROUP_MAX 4u

/* A thread. The one that fell idle last is woken first: its stack and its memory are still at hand, and what is not needed is
 * not touched. */
struct worker {
	struct workers *workers;
	pthread_t thread;
	pthread_cond_t called;
	struct worker *next_idle;
	bool is_idle;
};

struct workers {
	pthread_mutex_t mutex;
	struct request_list queue;
	struct group groups[GROUP_MAX + 1]; /* the last is nobody's */
	struct worker *threads, *idle;
	unsigned thread_count;
	bool is_ready, ends;
	_Atomic(uint64_t) depth;
};

int workers_open(struct workers *workers);
int workers_start(struct workers *workers, unsigned count, struct hilf_err *err);
/* Lets them finish the queue. */
void workers_stop(struct workers *workers);
/* Queues a job; the request is away from now on. False: there are max jobs already (0: no bound). */
bool workers_submit(
	struct workers *workers, struct http_request *request, enum job job, unsigned max);
/* Runs one job on this thread, for tests; false: there was none. */
bool workers_step(struct workers *workers);
/* Runs the handler and measures it. */
void request_handle(struct http_request *request);

/* ------------------------------------------------------------------------------------------- the server */

struct http_server {
	struct http_conf conf; /* with the defaults filled in; listens is NULL */
	char *spool_dir;
	struct listener *listeners;
	size_t listener_count;
	struct loop *loops;
	unsigned loop_count;
	unsigned per_address_max, loopback_max;
	struct limits *limits;
	struct workers workers;
	_Atomic(uint64_t) conn_count;
	_Atomic(uint64_t) body_memory;
	_Atomic(uint64_t) epoch;
	_Atomic(bool) draining, stopping;
};

/* All of it, but for the threads. */
int server_new(const struct http_conf *conf, struct http_server **ret_server, struct hilf_err *err);
void server_free(struct http_server *server);
/* The loop with the fewest connections, or `own` if that has about as few. */
struct loop *server_loop(struct http_server *server, struct loop *own);
void server_log(struct http_server *server, const char *level, const char *event, const char *text);
/* Starts a thread with all signals blocked. */
int thread_start(pthread_t *ret_thread, void *(*main)(void *ctx), void *ctx);

#endif
