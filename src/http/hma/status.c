/* Whether the node answers look-ups, and what it serves. None of it needs a key. */
#include "http/hma/hma.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#define TEXT "text/html; charset=utf-8" /* as HMA's framework says of any text */

static void say(struct http_request *request, int status, const char *text)
{
	http_reply_const(request, status, TEXT, text, strlen(text));
}

void hma_home(struct http_request *request)
{
	http_reply_header(request, "Location", "/status"); /* which needs no key */
	http_reply_const(request, 302, TEXT, "", 0);
}

static const char *not_ready(const struct http_request *request)
{
	const struct api *api = api_of(request);
	int state = atomic_load_explicit(&api->state, memory_order_acquire);
	if (state == API_BEHIND)
		return "INDEX-STALE";
	if (state == API_LOADING || state == API_FAILED ||
		!atomic_load_explicit(&api->hilf, memory_order_acquire))
		return "INDEX-NOT-LOADED";
	return NULL;
}

void hma_status(struct http_request *request)
{
	const char *why = not_ready(request);
	say(request, why ? 503 : 200, why ? why : "I-AM-ALIVE");
}

void hma_live(struct http_request *request)
{
	say(request, 200, "I-AM-ALIVE");
}

void hma_livez(struct http_request *request)
{
	say(request, 200, "OK");
}

void hma_readyz(struct http_request *request)
{
	const char *why = not_ready(request);
	say(request, why ? 503 : 200, why ? why : "READY");
}

/* ------------------------------------------------------------------------------------------- what is served */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each path once, sorted. */
static const char **list_paths(struct http_request *request, size_t *ret_count)
{
	size_t room = 0, count = 0;
	while (hma_routes[room].method)
		room++;
	const char **paths = arena_array(http_arena(request), room, sizeof *paths);
	if (!paths)
		return NULL;
	for (size_t i = 0; i < room; i++)
		paths[i] = hma_routes[i].path;
	qsort(paths, room, sizeof *paths, by_text);
	for (size_t i = 0; i < room; i++)
		if (!count || strcmp(paths[count - 1], paths[i]) != 0)
			paths[count++] = paths[i];
	*ret_count = count;
	return paths;
}

void hma_site_map(struct http_request *request)
{
	size_t count;
	const char **paths = list_paths(request, &count);
	struct buf buf = BUF_INIT;
	if (!paths) {
		hma_error(request, 503, "this node is out of memory; try again");
		return;
	}
	buf_char(&buf, '[');
	for (size_t i = 0; i < count; i++) {
		json_put_item(&buf);
		buf_char(&buf, '"');
		for (const char *at = paths[i]; *at; at++)
			buf_char(&buf, *at == '{' ? '<' : *at == '}' ? '>' : *at);
		buf_char(&buf, '"');
	}
	buf_char(&buf, ']');
	hma_reply(request, 200, &buf);
}

static void put_parameters(struct buf *buf, const char *path)
{
	json_put_key(buf, "parameters");
	buf_char(buf, '[');
	for (const char *at = strchr(path, '{'); at; at = strchr(at, '{')) {
		const char *end = strchr(++at, '}');
		ASSERT(end);
		json_put_item(buf);
		buf_text(buf, "{\"in\":\"path\",\"name\":");
		json_put_string(buf, at, (size_t)(end - at));
		buf_text(buf, ",\"required\":true,\"schema\":{\"type\":\"string\"}}");
		at = end;
	}
	buf_char(buf, ']');
}

static void put_operation(struct buf *buf, const struct http_route *route)
{
	const struct api_rule *rule = route->extra;
	char method[8] = "";
	for (size_t i = 0; route->method[i] && i < sizeof method - 1; i++)
		method[i] = (char)(route->method[i] | 0x20);
	json_put_key(buf, method);
	buf_char(buf, '{');
	json_out_text(buf, "operationId", rule->id);
	json_out_text(buf, "summary", rule->summary);
	json_put_key(buf, "tags");
	buf_char(buf, '[');
	json_put_text(buf, rule->tag);
	buf_char(buf, ']');
	if (strchr(route->path, '{'))
		put_parameters(buf, route->path);
	if (route->body != HTTP_BODY_NONE) {
		json_put_key(buf, "requestBody");
		buf_text(buf, route->body == HTTP_BODY_FILE
				      ? "{\"content\":{\"multipart/form-data\":{}}}"
				      : "{\"content\":{\"application/json\":{\"schema\":{\"type\":"
					"\"object\"}}}}");
	}
	json_put_key(buf, "responses");
	buf_text(buf, "{\"default\":{\"description\":\"an answer as HMA's; errors are "
		      "{\\\"message\\\": ...}\"}}");
	buf_char(buf, '}');
}

void hma_openapi(struct http_request *request)
{
	size_t count;
	const char **paths = list_paths(request, &count);
	struct buf buf = BUF_INIT;
	if (!paths) {
		hma_error(request, 503, "this node is out of memory; try again");
		return;
	}
	buf_text(&buf, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"hilf as a "
		       "Hasher-Matcher-Actioner\",\"version\":\"1.1.7\"},\"paths\":{");
	for (size_t i = 0; i < count; i++) {
		json_put_key(&buf, paths[i]);
		buf_char(&buf, '{');
		for (const struct http_route *route = hma_routes; route->method; route++)
			if (strcmp(route->path, paths[i]) == 0)
				put_operation(&buf, route);
		buf_char(&buf, '}');
	}
	buf_text(&buf, "}}");
	hma_reply(request, 200, &buf);
}
