/* A request's life on its connection:
 *
 *   head ──► body ──► work ──► reply ──► head of the next
 *     └────────┴────────┴────────► refused: a reply, and the connection's end where the rest is not to be read
 *
 * Each function of a state makes one step and says whether another may follow; nothing here calls itself, however many
 * requests have come in one piece. */
#include "base/check.h"
#include "http/inside.h"
#include "os/clock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define DEADLINE_MS 30000u /* of an app that names none */

#define FAULT(name_, status_, code_, message_, hint_, word_)                                       \
	static const struct fault name_ = {status_, code_, message_, hint_, word_}

FAULT(fault_bytes, 400, "bad_request",
	"this is not a request of HTTP/1.1, or its lines do not end with CR LF", NULL, "protocol");
FAULT(fault_head_large, 431, "headers_too_large", "the request's headers are larger than 16 kB",
	NULL, "protocol");
FAULT(fault_line_long, 414, "target_too_long", "the request's target is longer than 8 kB", NULL,
	"protocol");
FAULT(fault_head_slow, 408, "slow", "the request's headers did not come in time", NULL, "slow");
FAULT(fault_body_slow, 408, "slow", "the request's body came too slowly", NULL, "slow");
FAULT(fault_deadline, 503, "deadline", "the request could not be answered in its time",
	"try again, or later", "deadline");
FAULT(fault_missing, 404, "not_found", "there is nothing at this path", NULL, "route");
FAULT(fault_wrong, 405, "method_not_allowed", "this path does not have this method", NULL, "route");
FAULT(fault_busy, 503, "busy", "too many requests are waiting", "try again in a moment", "busy");
FAULT(fault_replies, 503, "busy", "too many large answers are on their way at once",
	"take answers as they come, or ask for less at once", "busy");
FAULT(fault_draining, 503, "draining", "the server is about to stop", "ask another, or try again",
	"draining");

static void handle(struct conn *conn);

/* ------------------------------------------------------------------------------- its end */

static void measure(const struct http_request *request, struct http_done *ret_done)
{
	*ret_done = (struct http_done){
		.status = request->replied ? request->reply.status : 0,
		.received = request->body.received,
		.sent = request->sent,
		.taken_us = (uint64_t)(clock_monotonic_us() - request->begun_us),
		.worked_us = (uint64_t)request->worked_us,
		.refused = request->refused,
	};
}

/* From wherever its loop keeps it for later. */
static void call_back(struct http_request *request)
{
	if (request->parked)
		loop_unpark(request);
	if (request->gathered)
		loop_ungather(request);
}

void serve_end(struct conn *conn, struct http_request *request)
{
	struct loop *loop = conn->loop;
	struct http_request *abandoned = conn->abandoned;
	ASSERT(!request->away);
	call_back(request);
	if (!request->begun) {
		/* It stood in for another: the app hears of that one alone, when its worker has let go of it. */
		measure(request, &abandoned->done);
		abandoned->measured = true;
		request_release(request);
		if (abandoned->away)
			return;
		conn->abandoned = NULL;
		request = abandoned;
	}
	if (!request->measured)
		measure(request, &request->done);
	if (request->app->done)
		request->app->done(request, &request->done, request->app->ctx);
	atomic_fetch_sub_explicit(&loop->active_count, 1, memory_order_relaxed);
	if (request->reply.source_open) {
		request->conn = NULL;
		workers_submit(&loop->server->workers, request, JOB_CLOSE, 0);
		return;
	}
	request_release(request);
}

/* ------------------------------------------------------------------------------- replies */

/* A body that nobody has read yet: passed over where it lies before us, or else the connection's last. */
static void settle_body(struct conn *conn, struct http_request *request)
{
	struct body *body = &request->body;
	if (body->is_complete)
		return;
	if (!body->is_chunked && body->left <= conn->in_size) {
		conn_take(conn, (size_t)body->left);
		body->is_complete = true;
		return;
	}
	conn->closing = true;
	conn->readable = true; /* what is still to come is for the lingering */
}

static void start_reply(struct conn *conn)
{
	struct http_request *request = conn->request;
	/* What a client does not take is held as long as what it sends slowly. */
	if (request->content.size > REPLY_COPY_MAX && !body_charge(request, request->content.room))
		reply_fault(request, &fault_replies);
	settle_body(conn, request);
	conn->closing |= conn->draining;
	conn->state = CONN_REPLY;
	conn->progress_us = conn->loop->now_us;
	request->replied = true;
	if (!reply_compose(request, conn->closing))
		conn_cut(conn);
}

void serve_refuse(struct conn *conn, const struct fault *fault)
{
	struct http_request *request = conn->request;
	call_back(request);
	/* Whoever reads the refusal finds room again: nothing sent is held beyond it. */
	buf_free(&request->bytes);
	body_release(request);
	reply_fault(request, fault);
	start_reply(conn);
}

static void pieces_skip(struct http_request *request, size_t size)
{
	struct iovec *piece = request->out;
	unsigned gone = 0;
	while (gone < request->out_count && size >= piece[gone].iov_len)
		size -= piece[gone++].iov_len;
	if (gone < request->out_count && size) {
		piece[gone].iov_base = (char *)piece[gone].iov_base + size;
		piece[gone].iov_len -= size;
	}
	request->out_count -= gone;
	memmove(piece, piece + gone, request->out_count * sizeof *piece);
}

bool serve_reply(struct conn *conn)
{
	struct http_request *request = conn->request;
	const struct reply *reply = &request->reply;
	if (request->away)
		return false; /* a source is being asked */
	if (request->out_count) {
		ssize_t count =
			conn->writable ? io_write(conn, request->out, request->out_count) : -EAGAIN;
		if (count > 0) {
			conn->progress_us = conn->loop->now_us;
			pieces_skip(request, (size_t)count);
			return true;
		}
		conn->writable = false;
		if (count != -EAGAIN)
			conn_cut(conn);
		return false;
	}
	if (reply->has_source && !reply->source_ended && !request->is_head) {
		workers_submit(&conn->loop->server->workers, request, JOB_NEXT, 0);
		return false;
	}
	conn->request = NULL;
	serve_end(conn, request);
	if (conn->closing) {
		conn_finish(conn);
		return conn->state == CONN_LINGER;
	}
	conn->state = CONN_HEAD;
	conn->since_us = conn->loop->now_us;
	conn->scanned = 0;
	return true;
}

/* ------------------------------------------------------------------------------- work */

static void to_worker(struct conn *conn, enum job job)
{
	struct http_server *server = conn->loop->server;
	conn->state = CONN_WORK;
	if (!workers_submit(&server->workers, conn->request, job, server->conf.queue_max))
		serve_refuse(conn, &fault_busy);
}

/* What a handler has decided. */
static void follow(struct conn *conn)
{
	struct http_request *request = conn->request;
	switch (request->outcome) {
	case OUTCOME_TO_WORKER:
		to_worker(conn, JOB_HANDLE);
		return;
	case OUTCOME_GATHER_ON_WORKER:
		to_worker(conn, JOB_TOGETHER);
		return;
	case OUTCOME_PARK:
		if (request->last_call) {
			serve_refuse(conn, &fault_draining);
		} else if (conn->draining) {
			request->last_call = true;
			handle(conn);
		} else {
			request->park_due_us = conn->loop->now_us + request->park_due_us * 1000;
			loop_park(request);
		}
		return;
	case OUTCOME_GATHER:
		loop_gather(request);
		return;
	default:
		start_reply(conn);
	}
}

static void handle(struct conn *conn)
{
	struct http_request *request = conn->request;
	conn->state = CONN_WORK;
	if (request->route->where == HTTP_WORKER) {
		to_worker(conn, JOB_HANDLE);
		return;
	}
	request_handle(request);
	follow(conn);
}

void serve_again(struct conn *conn)
{
	struct http_request *request = conn->request;
	if (conn->state != CONN_WORK || !request->parked)
		return;
	loop_unpark(request);
	handle(conn);
}

void serve_gathered(struct conn *conn)
{
	follow(conn);
}

void serve_returned(struct conn *conn)
{
	struct http_request *request = conn->request;
	if (conn->state == CONN_WORK)
		follow(conn);
	else if (request->reply.source_failed)
		conn_cut(conn); /* half must not pass for whole */
	else
		reply_chunk(request);
}

/* Whether the client is still there. Its end alone says little of one that may merely have no more to say, unless it would
 * be waited for in vain. */
bool serve_work(struct conn *conn)
{
	char byte;
	if (!conn->readable || (conn->spent && !conn->request->parked))
		return false;
	ssize_t count = recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	if (count < 0 && errno == EAGAIN) /* TLS may still hold what follows this request */
		conn->readable = conn->ssl;
	else if ((count < 0 && errno != EINTR) || (count == 0 && conn->request->parked))
		conn_end(conn);
	return false;
}

/* Body and all are there. */
static void dispatch(struct conn *conn)
{
	struct http_request *request = conn->request;
	const struct http_app *app = request->app;
	if (request->body.was_awaited && app->still && !app->still(request, app->ctx)) {
		ASSERT(request->outcome == OUTCOME_REPLY);
		start_reply(conn);
		return;
	}
	handle(conn);
}

/* ------------------------------------------------------------------------------- bodies */

bool serve_body(struct conn *conn)
{
	struct http_request *request = conn->request;
	if (conn->in_size) {
		size_t taken;
		const struct fault *bad = body_feed(request, conn->in, conn->in_size, &taken);
		conn_take(conn, taken);
		if (bad)
			serve_refuse(conn, bad);
		else if (request->body.is_complete)
			dispatch(conn);
		return true;
	}
	if (conn->ended) {
		conn_end(conn);
		return false;
	}
	/* Of a body in chunks nobody knows where it ends, so little is read beyond it. */
	uint64_t max = request->body.is_chunked ? HEAD_SIZE_MAX : request->body.left;
	return conn_fill(conn, max < READ_SIZE ? (size_t)max : READ_SIZE);
}

/* The headers were accepted; now the body may come. */
static void await_body(struct conn *conn)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct http_request *request = conn->request;
	if (request->body.is_complete) {
		dispatch(conn);
		return;
	}
	conn->state = CONN_BODY;
	conn->since_us = conn->loop->now_us;
	conn->checked_us = conn->since_us + (BODY_GRACE_MS - 1000) * 1000ll;
	request->body.was_awaited = request->body.is_chunked || request->body.left > conn->in_size;
	const struct iovec piece = {(void *)(uintptr_t)go_on, sizeof go_on - 1};
	if (request->expects && !conn->in_size &&
		io_write(conn, &piece, 1) != (ssize_t)piece.iov_len)
		conn_cut(conn); /* nothing else is on its way, so there was room, or nobody there */
}

/* ------------------------------------------------------------------------------- heads */

static struct http_request *begin(struct conn *conn)
{
	struct loop *loop = conn->loop;
	struct http_request *request = request_take(loop);
	if (!request) {
		conn_cut(conn);
		return NULL;
	}
	uint32_t deadline_ms = conn->listener->conf.app->deadline_ms;
	conn->request = request;
	request->conn = conn;
	request->app = conn->listener->conf.app;
	request->begun = true;
	request->begun_us = loop->now_us;
	request->deadline_us = loop->now_us + (deadline_ms ? deadline_ms : DEADLINE_MS) * 1000ll;
	loop_id(loop, request->id);
	atomic_fetch_add_explicit(&loop->active_count, 1, memory_order_relaxed);
	return request;
}

/* What has come is no head, or will not be one. */
static void refuse_head(struct conn *conn, const struct fault *fault)
{
	atomic_fetch_add_explicit(&conn->loop->protocol_error_count, 1, memory_order_relaxed);
	if (!begin(conn))
		return;
	conn->closing = true;
	conn->request->body.is_complete = true; /* there is none to pass over */
	serve_refuse(conn, fault);
}

/* No route: nothing there, or not with this method. */
static void refuse_path(struct conn *conn)
{
	struct http_request *request = conn->request;
	struct buf allow = BUF_INIT;
	route_allow(conn->listener->tree, request->path, &allow);
	reply_fault(request, allow.size ? &fault_wrong : &fault_missing);
	if (allow.size)
		http_reply_header(request, "Allow", allow.data);
	buf_free(&allow);
	start_reply(conn);
}

static const struct fault *params_keep(
	struct http_request *request, const struct route_value values[PARAM_COUNT_MAX])
{
	unsigned position = 0;
	for (const char *at = strchr(request->route->path, '{'); at; at = strchr(at + 1, '{')) {
		const struct route_value *value = &values[position];
		char *text = arena_text(&request->arena, value->text, value->size);
		if (!text)
			return &fault_memory;
		request->param_texts[position++] = text;
	}
	return NULL;
}

/* All that is decided at the end of the headers. */
static void decide(struct conn *conn)
{
	struct http_request *request = conn->request;
	const struct http_app *app = request->app;
	struct route_value values[PARAM_COUNT_MAX];
	const struct fault *bad;
	if (app->collapse_slashes && request->path[0] == '/' && request->path[1])
		path_collapse((char *)(uintptr_t)request->path); /* in the copy of the head */
	if (app->rewrite)
		app->rewrite(request, app->ctx);
	const struct http_route *route =
		route_find(conn->listener->tree, request->method, request->path, values);
	if (!route) {
		refuse_path(conn);
		return;
	}
	request->route = route;
	if (route->deadline_ms)
		request->deadline_us = request->begun_us + route->deadline_ms * 1000ll;
	if ((bad = params_keep(request, values))) {
		serve_refuse(conn, bad);
		return;
	}
	if (app->admit && !app->admit(request, app->ctx)) {
		ASSERT(request->outcome == OUTCOME_REPLY); /* it has replied */
		start_reply(conn);
		return;
	}
	if ((bad = body_begin(request)))
		serve_refuse(conn, bad);
	else
		await_body(conn);
}

static void take_head(struct conn *conn, size_t size)
{
	struct http_request *request = begin(conn);
	if (!request)
		return;
	const struct fault *bad = head_parse(request, conn->in, size);
	conn_take(conn, size);
	conn->scanned = 0;
	if (bad) {
		atomic_fetch_add_explicit(
			&conn->loop->protocol_error_count, 1, memory_order_relaxed);
		conn->closing = true;
		request->body.is_complete = true;
		serve_refuse(conn, bad);
		return;
	}
	request->body.left = request->content_size;
	conn->closing = !request->keep_alive;
	decide(conn);
}

bool serve_head(struct conn *conn)
{
	if (conn->in_size >= 2 && memcmp(conn->in, "\r\n", 2) == 0) {
		conn_take(conn, 2); /* RFC 9112, 2.2: some send an empty line too many */
		return true;
	}
	if (conn->in_size && !(conn->in_size == 1 && conn->in[0] == '\r')) {
		size_t scanned = conn->scanned, size = 0;
		int found = head_end(conn->in, conn->in_size, &scanned, &size);
		conn->scanned = (uint32_t)scanned;
		if (found < 0)
			refuse_head(conn, &fault_bytes);
		else if (found > 0 && size <= HEAD_SIZE_MAX)
			take_head(conn, size);
		else if (found > 0 || conn->in_size > HEAD_SIZE_MAX)
			refuse_head(conn, &fault_head_large);
		else if (conn->in_size > HEAD_TARGET_MAX + 64 &&
			 !memchr(conn->in, '\n', conn->in_size))
			refuse_head(conn, &fault_line_long);
		else
			found = 2;
		if (found != 2)
			return true;
	}
	if (conn->ended || (conn->draining && !conn->in_size && !conn->readable)) {
		conn_end(conn);
		return false;
	}
	bool first = conn->in_size == 0;
	bool came = conn_fill(conn, HEAD_SIZE_MAX);
	if (first && conn->in_size)
		conn->since_us = conn->loop->now_us;
	return came || (conn->draining && conn->state == CONN_HEAD && !conn->in_size);
}

/* ------------------------------------------------------------------------------- time */

/* Another request takes the place of one that a worker still has. */
static bool stand_in(struct conn *conn)
{
	struct http_request *away = conn->request, *request = request_take(conn->loop);
	if (!request)
		return false;
	atomic_store_explicit(&away->dropped, true, memory_order_release);
	conn->abandoned = away;
	conn->request = request;
	conn->closing = true;
	request->conn = conn;
	request->app = away->app;
	request->route = away->route;
	request->begun_us = away->begun_us;
	request->is_head = away->is_head;
	request->is_http10 = away->is_http10;
	request->body.is_complete = true;
	request->method = arena_text(&request->arena, away->method, strlen(away->method));
	request->path = arena_text(&request->arena, away->path, strlen(away->path));
	request->media_type = "";
	memcpy(request->id, away->id, sizeof request->id);
	return request->method && request->path;
}

/* The refusal itself may take as long as any reply. */
static void refuse_late(struct conn *conn)
{
	conn->request->deadline_us = conn->loop->now_us + WRITE_STALL_MS * 1000ll;
	serve_refuse(conn, &fault_deadline);
}

static void expire_work(struct conn *conn, int64_t deadline)
{
	struct http_request *request = conn->request;
	int64_t now = conn->loop->now_us;
	if (now < deadline) {
		if (!request->away && request->parked && now >= request->park_due_us)
			serve_again(conn);
		return;
	}
	atomic_fetch_add_explicit(&conn->loop->timeout_count, 1, memory_order_relaxed);
	if (request->away && !stand_in(conn))
		conn_cut(conn);
	else
		refuse_late(conn);
}

static bool is_slow(const struct conn *conn)
{
	int64_t passed_us = conn->loop->now_us - conn->since_us;
	return passed_us >= BODY_GRACE_MS * 1000ll &&
	       conn->request->body.received <
		       conn->loop->server->conf.body_rate_min * (uint64_t)passed_us / 1000000;
}

void serve_expire(struct conn *conn)
{
	struct loop *loop = conn->loop;
	int64_t now = loop->now_us, deadline = 0;
	const struct fault *fault = NULL;
	if (conn->request)
		deadline = atomic_load_explicit(&conn->request->deadline_us, memory_order_relaxed);
	switch (conn->state) {
	case CONN_HEAD:
		if (!conn->in_size)
			conn_end(conn);
		else
			refuse_head(conn, fault = &fault_head_slow);
		break;
	case CONN_BODY:
		conn->checked_us = now;
		fault = now >= deadline ? &fault_deadline : is_slow(conn) ? &fault_body_slow : NULL;
		if (fault == &fault_deadline)
			refuse_late(conn);
		else if (fault)
			serve_refuse(conn, fault);
		break;
	case CONN_WORK:
		expire_work(conn, deadline);
		break;
	case CONN_REPLY:
		if (now >= deadline || now - conn->progress_us >= WRITE_STALL_MS * 1000ll) {
			conn_cut(conn);
			atomic_fetch_add_explicit(&loop->timeout_count, 1, memory_order_relaxed);
		}
		break;
	default:
		break;
	}
	if (fault)
		atomic_fetch_add_explicit(&loop->timeout_count, 1, memory_order_relaxed);
}
