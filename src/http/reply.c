/* Replies: what handlers say, and the bytes that are made of it. Head and a short body are one piece, so that one call hands
 * both to the kernel. */
#include "base/check.h"
#include "http/inside.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *reason_of(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"},
		{206, "Partial Content"}, {301, "Moved Permanently"}, {302, "Found"},
		{303, "See Other"}, {304, "Not Modified"}, {307, "Temporary Redirect"},
		{308, "Permanent Redirect"}, {400, "Bad Request"}, {401, "Unauthorized"},
		{403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"},
		{406, "Not Acceptable"}, {408, "Request Timeout"}, {409, "Conflict"}, {410, "Gone"},
		{411, "Length Required"}, {412, "Precondition Failed"}, {413, "Content Too Large"},
		{414, "URI Too Long"}, {415, "Unsupported Media Type"},
		{416, "Range Not Satisfiable"}, {417, "Expectation Failed"},
		{421, "Misdirected Request"}, {422, "Unprocessable Content"}, {425, "Too Early"},
		{428, "Precondition Required"}, {429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"}, {451, "Unavailable For Legal Reasons"},
		{500, "Internal Server Error"}, {501, "Not Implemented"}, {502, "Bad Gateway"},
		{503, "Service Unavailable"}, {504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"}, {507, "Insufficient Storage"}};
	for (size_t i = 0; i < COUNT_OF(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

/* ------------------------------------------------------------------------------- what handlers say */

static bool is_clean(const char *text)
{
	for (const char *c = text; *c; c++)
		if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
			return false;
	return true;
}

void http_reply_header(struct http_request *request, const char *name, const char *value)
{
	/* A value may hold what came from outside; a line end in it would begin a header of somebody's own. */
	if (!is_clean(value) || !is_clean(name)) {
		request->reply.failed = true;
		return;
	}
	request->reply.has_cache |= strcasecmp(name, "cache-control") == 0;
	buf_text(&request->headers, name);
	buf_add(&request->headers, ": ", 2);
	buf_text(&request->headers, value);
	buf_add(&request->headers, "\r\n", 2);
}

static void reply_set(
	struct http_request *request, enum outcome outcome, int status, const char *type)
{
	ASSERT(request->outcome == OUTCOME_NONE); /* a handler replies once */
	ASSERT(status >= 200 && status <= 599);
	request->outcome = outcome;
	request->reply.status = status;
	request->reply.type = type ? arena_text(&request->arena, type, strlen(type)) : NULL;
	request->reply.failed |= (type && !request->reply.type) || request->headers.failed;
}

void http_reply(
	struct http_request *request, int status, const char *content_type, struct buf *body)
{
	reply_set(request, OUTCOME_REPLY, status, content_type);
	if (!body)
		return;
	request->reply.failed |= body->failed;
	buf_free(&request->content);
	request->content = *body;
	*body = (struct buf)BUF_INIT;
	request->reply.bytes = request->content.data;
	request->reply.size = request->content.size;
}

struct buf http_reply_room(struct http_request *request)
{
	struct buf room = request->content;
	buf_clear(&room);
	request->content = (struct buf)BUF_INIT;
	return room;
}

void http_reply_const(struct http_request *request, int status, const char *content_type,
	const void *bytes, size_t size)
{
	reply_set(request, OUTCOME_REPLY, status, content_type);
	request->reply.bytes = bytes;
	request->reply.size = size;
}

void http_reply_source(struct http_request *request, int status, const char *content_type,
	const struct http_source *source)
{
	reply_set(request, OUTCOME_SOURCE, status, content_type);
	request->reply.has_source = request->reply.source_open = true;
	request->reply.source = *source;
}

void http_park(struct http_request *request, uint32_t wait_ms)
{
	ASSERT(request->outcome == OUTCOME_NONE);
	request->outcome = OUTCOME_PARK;
	request->park_due_us = wait_ms; /* milliseconds, until its loop adds its own clock */
}

void http_to_worker(struct http_request *request)
{
	ASSERT(request->outcome == OUTCOME_NONE && !request->on_worker);
	request->outcome = OUTCOME_TO_WORKER;
}

static void reply_plain(struct http_request *request, const struct fault *fault)
{
	struct buf body = BUF_INIT;
	buf_text(&body, "{\"error\":{");
	body.data ? json_put_key(&body, "code") : (void)0;
	json_put_text(&body, fault->code);
	json_put_key(&body, "message");
	json_put_text(&body, fault->message);
	if (fault->hint) {
		json_put_key(&body, "hint");
		json_put_text(&body, fault->hint);
	}
	buf_text(&body, "}}");
	http_reply(request, fault->status, "application/json", &body);
	buf_free(&body);
}

void reply_fault(struct http_request *request, const struct fault *fault)
{
	request->outcome = OUTCOME_NONE;
	memset(&request->reply, 0, sizeof request->reply);
	buf_clear(&request->headers);
	request->refused = fault->word;
	if (fault->status == 503 || fault->status == 429)
		http_reply_header(request, "Retry-After", "1");
	if (request->app->error)
		request->app->error(request, fault->status, fault->code, fault->message,
			fault->hint, request->app->ctx);
	else
		reply_plain(request, fault);
	ASSERT(request->outcome == OUTCOME_REPLY);
}

/* ------------------------------------------------------------------------------- bytes */

#define PUT(buf, text) buf_add(buf, text, sizeof(text) - 1)

static void put_number(struct buf *buf, uint64_t number)
{
	char digits[24];
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	buf_add(buf, digits + at, sizeof digits - at);
}

static void put_head(struct http_request *request, bool closes)
{
	const struct reply *reply = &request->reply;
	struct buf *head = &request->head;
	bool bodiless = reply->status == 204 || reply->status == 304;
	buf_clear(head);
	buf_reserve(head, 512);
	PUT(head, "HTTP/1.1 ");
	put_number(head, (uint64_t)reply->status);
	buf_char(head, ' ');
	buf_text(head, reason_of(reply->status));
	PUT(head, "\r\nDate: ");
	buf_text(head, request->loop->date);
	if (reply->type) {
		PUT(head, "\r\nContent-Type: ");
		buf_text(head, reply->type);
	}
	if (reply->has_source && !bodiless) {
		/* To HTTP/1.0 the connection's end is the body's. */
		if (!request->is_http10)
			PUT(head, "\r\nTransfer-Encoding: chunked");
	} else if (!bodiless) {
		PUT(head, "\r\nContent-Length: ");
		put_number(head, reply->size);
	}
	PUT(head, "\r\nX-Request-Id: ");
	buf_add(head, request->id, HTTP_ID_SIZE);
	if (!reply->has_cache)
		PUT(head, "\r\nCache-Control: no-store");
	PUT(head, "\r\nX-Content-Type-Options: nosniff\r\n");
	if (request->headers.size)
		buf_add(head, request->headers.data, request->headers.size);
	if (closes)
		PUT(head, "Connection: close\r\n");
	PUT(head, "\r\n");
}

/* Without memory for an error's own body: its status alone. */
static bool compose_failed(struct http_request *request)
{
	memset(&request->reply, 0, sizeof request->reply);
	buf_clear(&request->headers);
	request->reply.status = 500;
	request->refused = "memory";
	return true;
}

static const struct fault fault_internal = {
	500, "internal", "the reply could not be made", NULL, "internal"};

bool reply_compose(struct http_request *request, bool closes)
{
	struct reply *reply = &request->reply;
	if (reply->failed || request->headers.failed) {
		bool open = reply->source_open;
		struct http_source source = reply->source;
		reply_fault(request, &fault_internal);
		if (reply->failed || request->headers.failed)
			compose_failed(request);
		reply->source_open = open; /* it is closed with the request */
		reply->source = source;
	}
	put_head(request, closes);
	bool has_body = reply->size && !request->is_head && reply->status != 204 &&
			reply->status != 304 && !reply->has_source;
	if (has_body && reply->size <= REPLY_COPY_MAX)
		buf_add(&request->head, reply->bytes, reply->size);
	if (request->head.failed)
		return false;
	request->out[0] = (struct iovec){request->head.data, request->head.size};
	request->out_count = 1;
	if (has_body) {
		request->sent = reply->size;
		if (reply->size > REPLY_COPY_MAX)
			request->out[request->out_count++] =
				(struct iovec){(void *)(uintptr_t)reply->bytes, reply->size};
	}
	return true;
}

void reply_chunk(struct http_request *request)
{
	const struct buf *chunk = &request->content;
	bool chunked = !request->is_http10, ended = request->reply.source_ended;
	unsigned count = 0;
	request->sent += chunk->size;
	if (chunk->size && chunked) {
		int size = snprintf(
			request->chunk_head, sizeof request->chunk_head, "%zx\r\n", chunk->size);
		request->out[count++] = (struct iovec){request->chunk_head, (size_t)size};
	}
	if (chunk->size)
		request->out[count++] = (struct iovec){chunk->data, chunk->size};
	if (chunked && (ended || chunk->size)) {
		const char *tail = !ended ? "\r\n" : chunk->size ? "\r\n0\r\n\r\n" : "0\r\n\r\n";
		request->out[count++] = (struct iovec){(void *)(uintptr_t)tail, strlen(tail)};
	}
	request->out_count = count;
}
