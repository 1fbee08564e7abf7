/* What handlers ask a request, and the pool that requests come from. */
#include "base/check.h"
#include "base/utf8.h"
#include "http/inside.h"
#include "os/clock.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_ROOM ((size_t)16 * 1024) /* of a buffer, in the pool */

struct http_request *request_take(struct loop *loop)
{
	struct http_request *request = loop->pool;
	if (request) {
		loop->pool = request->next;
		loop->pool_count--;
		memset(request, 0, offsetof(struct http_request, arena));
	} else {
		if (!(request = calloc(1, sizeof *request)))
			return NULL;
		arena_init(&request->arena, REQUEST_ARENA);
	}
	request->loop = loop;
	request->body.file.fd = -1;
	return request;
}

static void buf_keep(struct buf *buf)
{
	if (buf->room > KEEP_ROOM)
		buf_free(buf);
	else
		buf_clear(buf);
}

void request_free(struct http_request *request)
{
	arena_clear(&request->arena);
	buf_free(&request->bytes);
	buf_free(&request->head);
	buf_free(&request->headers);
	buf_free(&request->content);
	free(request);
}

void request_release(struct http_request *request)
{
	struct loop *loop = request->loop;
	body_release(request);
	if (loop->pool_count == REQUEST_POOL_MAX) {
		request_free(request);
		return;
	}
	arena_reset(&request->arena);
	buf_keep(&request->bytes);
	buf_keep(&request->head);
	buf_keep(&request->headers);
	buf_keep(&request->content);
	request->next = loop->pool;
	loop->pool = request;
	loop->pool_count++;
}

/* ------------------------------------------------------------------------------- what was sent */

const struct http_route *http_route_of(const struct http_request *request)
{
	return request->route;
}

const struct http_app *http_app_of(const struct http_request *request)
{
	return request->app;
}

const char *http_method(const struct http_request *request)
{
	return request->method;
}

const char *http_path(const struct http_request *request)
{
	return request->path;
}

void http_set_path(struct http_request *request, const char *path)
{
	ASSERT(!request->route); /* in rewrite alone */
	char *copy = arena_text(&request->arena, path, strlen(path));
	if (copy && request->app->collapse_slashes)
		path_collapse(copy);
	/* Without memory there is no path, and none is no route. */
	request->path = copy ? copy : "";
}

const char *http_param(const struct http_request *request, const char *name)
{
	int position = request->route ? route_param(request->route, name) : -1;
	return position < 0 ? NULL : request->param_texts[position];
}

const char *http_query(const struct http_request *request, const char *name)
{
	for (uint32_t i = 0; i < request->query_count; i++)
		if (strcmp(request->queries[i].name, name) == 0)
			return request->queries[i].value;
	return NULL;
}

bool http_query_at(const struct http_request *request, size_t position, const char **ret_name,
	const char **ret_value)
{
	if (position >= request->query_count)
		return false;
	*ret_name = request->queries[position].name;
	*ret_value = request->queries[position].value;
	return true;
}

size_t http_headers(const struct http_request *request, const char *lower_case_name,
	const char **ret_values, size_t room)
{
	size_t count = 0;
	for (uint32_t i = request->header_count; i-- && count < room;)
		if (strcmp(request->list[i].name, lower_case_name) == 0)
			ret_values[count++] = request->list[i].value;
	for (size_t i = 0; i < count / 2; i++) {
		const char *value = ret_values[i];
		ret_values[i] = ret_values[count - 1 - i];
		ret_values[count - 1 - i] = value;
	}
	return count;
}

const char *http_header(const struct http_request *request, const char *lower_case_name)
{
	/* RFC 9112, 3.2.2: a target with a host of its own has the last word. */
	if (request->authority && strcmp(lower_case_name, "host") == 0)
		return request->authority;
	for (uint32_t i = 0; i < request->header_count; i++)
		if (request->list[i].name[0] == lower_case_name[0] &&
			strcmp(request->list[i].name, lower_case_name) == 0)
			return request->list[i].value;
	return NULL;
}

const char *http_content_type(const struct http_request *request)
{
	return request->media_type ? request->media_type : "";
}

const char *http_body(const struct http_request *request, size_t *ret_size)
{
	bool in_memory = request->body.sink == SINK_MEMORY && request->bytes.data;
	*ret_size = in_memory ? request->bytes.size : 0;
	return in_memory ? request->bytes.data : "";
}

const char *http_form(const struct http_request *request, const char *name)
{
	for (const struct form_field *field = request->body.fields; field; field = field->next)
		if (strcmp(field->name, name) == 0)
			return field->value;
	return NULL;
}

bool http_form_at(const struct http_request *request, size_t position, const char **ret_name,
	const char **ret_value)
{
	const struct form_field *field = request->body.fields;
	while (field && position--)
		field = field->next;
	if (!field)
		return false;
	*ret_name = field->name;
	*ret_value = field->value;
	return true;
}

const struct http_file *http_file(const struct http_request *request)
{
	return request->body.has_file ? &request->body.file : NULL;
}

/* ------------------------------------------------------------------------------- who asks */

const char *http_id(const struct http_request *request)
{
	return request->id;
}

const char *http_peer(const struct http_request *request)
{
	/* The room is the request's, and the request is one thread's. */
	char *text = ((struct http_request *)request)->peer;
	const struct conn *conn = request->conn;
	if (*text)
		return text;
	if (conn->peer_kind == AF_UNIX)
		return "unix";
	const void *address = conn->peer_kind == AF_INET ? (const void *)&conn->peer.s6_addr[12]
							 : (const void *)&conn->peer;
	if (!inet_ntop(conn->peer_kind, address, text, sizeof request->peer))
		return "unknown";
	return text;
}

static bool is_loopback(const struct conn *conn)
{
	static const uint8_t one[16] = {[15] = 1};
	if (conn->peer_kind == AF_INET)
		return conn->peer.s6_addr[12] == 127;
	return conn->peer_kind == AF_INET6 && memcmp(conn->peer.s6_addr, one, sizeof one) == 0;
}

bool http_is_loopback(const struct http_request *request)
{
	return request->conn->listener->is_loopback && is_loopback(request->conn);
}

int64_t http_peer_uid(const struct http_request *request)
{
	return request->conn->peer_uid;
}

bool http_is_tls(const struct http_request *request)
{
	return request->conn->listener->has_tls;
}

const char *http_client_name(const struct http_request *request)
{
	return request->conn->client_name;
}

/* ------------------------------------------------------------------------------- the request's own */

struct arena *http_arena(struct http_request *request)
{
	return &request->arena;
}

void http_set_ctx(struct http_request *request, void *ctx)
{
	request->ctx = ctx;
}

void *http_ctx(const struct http_request *request)
{
	return request->ctx;
}

uint32_t http_left_ms(const struct http_request *request)
{
	if (request->last_call)
		return 0;
	int64_t left = atomic_load_explicit(&request->deadline_us, memory_order_relaxed) -
		       clock_monotonic_us();
	left = left > 0 ? left / 1000 : 0;
	return left > UINT32_MAX ? UINT32_MAX : (uint32_t)left;
}

void http_shorten(struct http_request *request, uint32_t left_ms)
{
	int64_t sooner = clock_monotonic_us() + (int64_t)left_ms * 1000;
	if (sooner < atomic_load_explicit(&request->deadline_us, memory_order_relaxed))
		atomic_store_explicit(&request->deadline_us, sooner, memory_order_relaxed);
}

bool http_on_worker(const struct http_request *request)
{
	return request->on_worker;
}
