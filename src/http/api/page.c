/* The API page: the OpenAPI description as HTML that needs no script and nothing from elsewhere. */
#include "http/api/documents.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define EXAMPLE_LINE 60u /* a longer one is broken into several */

/* ------------------------------------------------------------------------------------------------ text */

static void put_escaped(struct buf *buf, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		switch (text[i]) {
		case '&':
			buf_text(buf, "&amp;");
			break;
		case '<':
			buf_text(buf, "&lt;");
			break;
		case '>':
			buf_text(buf, "&gt;");
			break;
		case '"':
			buf_text(buf, "&quot;");
			break;
		default:
			buf_char(buf, text[i]);
		}
	}
}

static void put(struct buf *buf, const char *text)
{
	put_escaped(buf, text, strlen(text));
}

/* Text with `code` in it. */
static void put_inline(struct buf *buf, const char *text, size_t size)
{
	bool code = false;
	size_t from = 0;
	for (size_t i = 0; i <= size; i++) {
		if (i < size && text[i] != '`')
			continue;
		put_escaped(buf, text + from, i - from);
		from = i + 1;
		if (i < size) {
			code = !code;
			buf_text(buf, code ? "<code>" : "</code>");
		}
	}
}

/* Paragraphs, as the rules write them. */
static void put_paragraphs(struct buf *buf, const char *text)
{
	while (text && *text) {
		const char *end = strstr(text, "\n\n");
		size_t size = end ? (size_t)(end - text) : strlen(text);
		buf_text(buf, "<p>");
		put_inline(buf, text, size);
		buf_text(buf, "</p>\n");
		text += size + (end ? 2 : 0);
	}
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

/* ---------------------------------------------------------------------------------------------- schemas */

static const char *name_of_ref(const json_t *schema)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref"));
	const char *slash = ref ? strrchr(ref, '/') : NULL;
	return slash ? slash + 1 : NULL;
}

static void put_type(struct buf *buf, const json_t *schema);

static void put_values(struct buf *buf, const json_t *values)
{
	size_t i;
	const json_t *value;
	json_array_foreach(values, i, value)
	{
		buf_text(buf, i ? " · <code>" : "<code>");
		put(buf, json_is_string(value) ? json_string_value(value) : "null");
		buf_text(buf, "</code>");
	}
}

static void put_type_name(struct buf *buf, const json_t *type)
{
	size_t i;
	const json_t *one;
	if (json_is_string(type))
		put(buf, json_string_value(type));
	json_array_foreach(type, i, one)
	{
		buf_text(buf, i ? " or " : "");
		put(buf, json_string_value(one));
	}
}

static void put_bounds(struct buf *buf, const json_t *schema)
{
	const json_t *min = json_object_get(schema, "minimum"),
		     *max = json_object_get(schema, "maximum"),
		     *size = json_object_get(schema, "maxLength");
	if (min && max)
		buf_format(buf, ", %lld to %lld", (long long)json_integer_value(min),
			(long long)json_integer_value(max));
	else if (min)
		buf_format(buf, ", from %lld", (long long)json_integer_value(min));
	if (size)
		buf_format(buf, ", up to %lld bytes", (long long)json_integer_value(size));
}

static void put_either(struct buf *buf, const json_t *any)
{
	size_t i;
	const json_t *one;
	json_array_foreach(any, i, one)
	{
		buf_text(buf, i ? " or " : "");
		put_type(buf, one);
	}
}

static void put_type(struct buf *buf, const json_t *schema)
{
	const char *name = name_of_ref(schema);
	const json_t *type = json_object_get(schema, "type");
	const json_t *any = json_object_get(schema, "anyOf");
	if (name) {
		buf_format(buf, "<a href=\"#schema-%s\">%s</a>", name, name);
	} else if (json_object_get(schema, "enum")) {
		put_values(buf, json_object_get(schema, "enum"));
	} else if (json_object_get(schema, "const")) {
		buf_text(buf, "true");
	} else if (any) {
		put_either(buf, any);
	} else if (json_is_string(type) && !strcmp(json_string_value(type), "array")) {
		buf_text(buf, "list of ");
		put_type(buf, json_object_get(schema, "items"));
	} else if (type) {
		put_type_name(buf, type);
		put_bounds(buf, schema);
	} else {
		buf_text(buf, "bytes");
	}
}

static bool is_required(const json_t *schema, const char *name)
{
	size_t i;
	const json_t *one;
	json_array_foreach(json_object_get(schema, "required"), i, one)
	{
		if (!strcmp(json_string_value(one), name))
			return true;
	}
	return false;
}

static void put_row(struct buf *buf, const char *name, const json_t *schema,
	const char *description, const char *note)
{
	const json_t *other = json_object_get(schema, "default");
	buf_text(buf, "<tr><th scope=\"row\"><code>");
	put(buf, name);
	buf_text(buf, "</code>");
	if (*note)
		buf_format(buf, " <em>%s</em>", note);
	buf_text(buf, "</th><td>");
	put_type(buf, schema);
	buf_text(buf, "</td><td>");
	put_inline(buf, description, strlen(description));
	if (other) {
		char *text = json_dumps(other, JSON_ENCODE_ANY);
		buf_text(buf, *description ? ". Default <code>" : "Default <code>");
		put(buf, text ? text : "");
		buf_text(buf, "</code>");
		free(text);
	}
	buf_text(buf, "</td></tr>\n");
}

/* `optional` marks members that may be left out, in what is sent; in answers, those that may not be there. */
static void put_properties(struct buf *buf, const json_t *schema)
{
	const char *name;
	json_t *one;
	const json_t *properties = json_object_get(schema, "properties");
	if (!json_object_size(properties))
		return;
	buf_text(buf, "<div class=\"wide\"><table>\n");
	json_object_foreach((json_t *)properties, name, one)
	{
		put_row(buf, name, one, text_of(one, "description"),
			is_required(schema, name) ? "" : "optional");
	}
	buf_text(buf, "</table></div>\n");
}

static void put_json(struct buf *buf, const char *class, const json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
	buf_format(buf, "<pre class=\"%s\"><code>", class);
	put(buf, text ? text : "");
	buf_text(buf, "</code></pre>\n");
	free(text);
}

static void put_schema(struct buf *buf, const char *name, const json_t *schema)
{
	const json_t *example = json_array_get(json_object_get(schema, "examples"), 0);
	size_t i;
	const json_t *one;
	buf_format(buf, "<section class=\"schema\" id=\"schema-%s\">\n<h3>%s</h3>\n", name, name);
	put_paragraphs(buf, text_of(schema, "description"));
	if (!json_object_get(schema, "properties") && !json_object_get(schema, "oneOf") &&
		!json_object_get(schema, "allOf")) {
		buf_text(buf, "<p>");
		put_type(buf, schema);
		buf_text(buf, "</p>\n");
	}
	put_properties(buf, schema);
	json_array_foreach(json_object_get(schema, "allOf"), i, one)
	{
		if (name_of_ref(one)) {
			buf_text(buf, "<p>All of ");
			put_type(buf, one);
			buf_text(buf, ", and:</p>\n");
		}
		put_properties(buf, one);
	}
	json_array_foreach(json_object_get(schema, "oneOf"), i, one)
	{
		buf_text(buf, i ? "<p>or</p>\n" : "");
		put_properties(buf, one);
	}
	if (example && json_is_object(example))
		put_json(buf, "example", example);
	buf_text(buf, "</section>\n");
}

/* ---------------------------------------------------------------------------------------------- routes */

static void put_parameters(struct buf *buf, const json_t *operation)
{
	const json_t *list = json_object_get(operation, "parameters"), *one;
	size_t i, count = 0;
	json_array_foreach(list, i, one)
	{
		if (!*text_of(one, "name"))
			continue;
		if (!count++)
			buf_text(buf, "<h4>Parameters</h4>\n<div class=\"wide\"><table>\n");
		bool path = !strcmp(text_of(one, "in"), "path");
		put_row(buf, text_of(one, "name"), json_object_get(one, "schema"),
			text_of(one, "description"),
			path                                             ? "in the path"
			: json_is_true(json_object_get(one, "required")) ? ""
									 : "optional");
	}
	if (count)
		buf_text(buf, "</table></div>\n");
}

/* The shell's word for a path: parameters in capitals. */
static void put_path(struct buf *buf, const char *path)
{
	for (bool inside = false; *path; path++) {
		if (*path == '{' || *path == '}')
			inside = *path == '{';
		else
			buf_char(buf, inside && *path >= 'a' && *path <= 'z' ? (char)(*path - 32)
									     : *path);
	}
}

static void put_upper(struct buf *buf, const char *text)
{
	for (; *text; text++)
		buf_char(buf, *text >= 'a' && *text <= 'z' ? (char)(*text - 32) : *text);
}

/* The address, with the query parameters that must be there. */
static void put_address(struct buf *buf, const char *path, const json_t *operation)
{
	const json_t *one;
	bool first = true;
	size_t i;
	buf_text(buf, " \\\n  \"$HILF");
	put_path(buf, path);
	json_array_foreach(json_object_get(operation, "parameters"), i, one)
	{
		if (strcmp(text_of(one, "in"), "query") != 0 ||
			!json_is_true(json_object_get(one, "required")))
			continue;
		buf_text(buf, first ? "?" : "&amp;");
		first = false;
		put(buf, text_of(one, "name"));
		buf_text(buf, !strcmp(text_of(one, "name"), "type")
				      ? "=md5"
				      : "=9e107d9d372bb6826bd81d3542a419d6");
	}
	buf_text(buf, "\"</code></pre>\n");
}

static void put_call(struct buf *buf, const char *path, const char *method, const json_t *operation,
	const char *body)
{
	buf_text(buf, "<pre class=\"curl\"><code>curl");
	if (strcmp(method, *body ? "post" : "get") != 0) {
		buf_text(buf, " -X ");
		put_upper(buf, method);
	}
	if (!json_object_get(operation, "security"))
		buf_text(buf, " -H \"Authorization: Bearer $HILF_KEY\"");
	put(buf, body);
	put_address(buf, path, operation);
}

/* A call to be copied for each way to send a body. */
static void put_curl(struct buf *buf, const char *path, const char *method, const json_t *operation)
{
	const json_t *content =
		json_object_get(json_object_get(operation, "requestBody"), "content");
	const json_t *example =
		json_object_get(json_object_get(content, "application/json"), "example");
	bool lines = json_object_get(content, "text/csv"),
	     form = json_object_get(content, "multipart/form-data") && !lines;
	if (form)
		put_call(buf, path, method, operation, " \\\n  -F file=@picture.jpg");
	if (example) {
		struct buf body = BUF_INIT;
		char *text = json_dumps(example, JSON_COMPACT);
		if (text && strlen(text) > EXAMPLE_LINE) {
			free(text);
			text = json_dumps(example, JSON_INDENT(2));
		}
		buf_text(&body, " \\\n  -H \"Content-Type: application/json\" -d '");
		buf_text(&body, text ? text : "");
		buf_char(&body, '\'');
		put_call(buf, path, method, operation, body.failed ? "" : body.data);
		free(text);
		buf_free(&body);
	}
	if (lines)
		put_call(buf, path, method, operation,
			" \\\n  -H \"Content-Type: text/csv\" --data-binary @known.csv");
	if (!form && !example && !lines)
		put_call(buf, path, method, operation, "");
}

static void put_body(struct buf *buf, const json_t *operation)
{
	const json_t *content =
		json_object_get(json_object_get(operation, "requestBody"), "content");
	const char *type;
	json_t *media;
	bool first = true;
	if (!content)
		return;
	buf_text(buf, "<h4>Body</h4>\n<p>");
	json_object_foreach((json_t *)content, type, media)
	{
		const json_t *schema = json_object_get(media, "schema");
		buf_format(buf, "%s<code>%s</code>", first ? "" : " · ", type);
		if (name_of_ref(schema)) {
			buf_text(buf, " ");
			put_type(buf, schema);
		}
		first = false;
	}
	buf_text(buf, "</p>\n");
}

static void put_answers(struct buf *buf, const json_t *operation)
{
	const char *status, *type;
	json_t *response, *media;
	buf_text(buf, "<h4>Answers</h4>\n<ul class=\"answers\">\n");
	json_object_foreach(json_object_get(operation, "responses"), status, response)
	{
		if (name_of_ref(response))
			continue;
		buf_format(buf, "<li><b>%s</b> ", status);
		put(buf, text_of(response, "description"));
		json_object_foreach(json_object_get(response, "content"), type, media)
		{
			const json_t *schema = json_object_get(media, "schema");
			buf_text(buf, ": ");
			if (name_of_ref(schema))
				put_type(buf, schema);
			else
				buf_format(buf, "<code>%s</code>", type);
		}
		buf_text(buf, "</li>\n");
	}
	buf_text(buf, "</ul>\n");
}

static void put_operation(
	struct buf *buf, const char *path, const char *method, const json_t *operation)
{
	const char *id = text_of(operation, "operationId");
	buf_format(buf, "<section class=\"route\" id=\"%s\">\n<h3><span class=\"method %s\">", id,
		method);
	for (const char *c = method; *c; c++)
		buf_char(buf, (char)(*c - 32));
	buf_text(buf, "</span> <code>");
	put(buf, path);
	buf_format(buf,
		"</code> <a class=\"here\" href=\"#%s\" aria-label=\"link to this "
		"route\">#</a></h3>\n",
		id);
	const char *summary = text_of(operation, "summary");
	buf_text(buf, "<p class=\"summary\">");
	put_inline(buf, summary, strlen(summary));
	buf_text(buf, "</p>\n");
	put_paragraphs(buf, text_of(operation, "description"));
	put_curl(buf, path, method, operation);
	put_parameters(buf, operation);
	put_body(buf, operation);
	put_answers(buf, operation);
	buf_text(buf, "</section>\n");
}

/* ------------------------------------------------------------------------------------------------ page */

static const char *const tags[] = {"Checks", "Banks", "Entries", "Cases", "Decisions", "Appeals",
	"Exemptions", "Escalations", "Insight", "Feed", "Webhooks", "Keys", "People", "Node",
	"Health"};

typedef void route_fn(
	struct buf *buf, const char *path, const char *method, const json_t *operation);

static void each_of(struct buf *buf, const json_t *openapi, const char *tag, route_fn *fn)
{
	const char *path, *method;
	json_t *methods, *operation;
	json_object_foreach(json_object_get(openapi, "paths"), path, methods)
	{
		json_object_foreach(methods, method, operation)
		{
			const json_t *own = json_array_get(json_object_get(operation, "tags"), 0);
			if (!strcmp(json_string_value(own), tag))
				fn(buf, path, method, operation);
		}
	}
}

static void put_link(struct buf *buf, const char *path, const char *method, const json_t *operation)
{
	(void)path;
	(void)method;
	const char *summary = text_of(operation, "summary");
	buf_format(buf, "<li><a href=\"#%s\">", text_of(operation, "operationId"));
	put_inline(buf, summary, strlen(summary));
	buf_text(buf, "</a></li>\n");
}

static void put_contents(struct buf *buf, const json_t *openapi)
{
	buf_text(buf, "<nav aria-label=\"Contents\">\n<p class=\"name\">hilf</p>\n");
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		buf_format(buf,
			"<details open><summary><a href=\"#tag-%s\">%s</a></summary>\n<ul>\n",
			tags[i], tags[i]);
		each_of(buf, openapi, tags[i], put_link);
		buf_text(buf, "</ul></details>\n");
	}
	buf_text(buf, "<p><a href=\"#errors\">Errors</a></p>\n<p><a "
		      "href=\"#schemas\">Schemas</a></p>\n<p><a "
		      "href=\"/v1/openapi.json\">openapi.json</a></p>\n</nav>\n");
}

static void put_errors(struct buf *buf)
{
	buf_text(buf,
		"<h2 id=\"errors\">Errors</h2>\n<p>Act on <code>code</code>; it is stable. What "
		"has a status of 408, 429, 500 or 503 may be tried again as it is.</p>\n"
		"<div class=\"wide\"><table>\n");
	for (const struct error_code *error = error_codes; error->status; error++) {
		buf_format(buf, "<tr><th scope=\"row\"><code>%s</code></th><td>%d</td><td>",
			error->code, error->status);
		put(buf, error->meaning);
		buf_text(buf, "</td></tr>\n");
	}
	buf_text(buf, "</table></div>\n");
}

static const char begin[] =
	"<h2>Begin</h2>\n<pre class=\"curl\"><code>export HILF=http://127.0.0.1:5100\n"
	"export HILF_KEY=hilf_...      <span class=\"note\"># not needed where the node was "
	"started with "
	"--open</span>\n"
	"curl -H \"Authorization: Bearer $HILF_KEY\" -F file=@picture.jpg "
	"\"$HILF/v1/check\"</code></pre>\n"
	"<p>An operator makes keys with <code>hilf key create</code> or <code>POST "
	"/v1/keys</code>. A key "
	"goes into <code>Authorization: Bearer</code> or <code>X-API-Key</code>, never into an "
	"address.</p>\n"
	"<p>Decide what your upload path does when an answer is <code>undecided</code>, late, or "
	"not there at "
	"all: let through and check again, or hold back. Begin with banks in <code>shadow</code>, "
	"look at what "
	"they would have found, then go to <code>review</code>.</p>\n";

bool page_write(const struct json_t *openapi, struct buf *buf)
{
	const char *name;
	json_t *schema;
	buf_text(buf,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
		"name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
		"name=\"color-scheme\" content=\"light dark\">\n<title>hilf API</title>\n<style>");
	buf_text(buf, documents_style);
	buf_text(buf, "</style>\n</head>\n<body>\n");
	put_contents(buf, openapi);
	buf_text(buf, "<main>\n<h1>The hilf API</h1>\n");
	put_paragraphs(buf, text_of(json_object_get(openapi, "info"), "description"));
	buf_text(buf, begin);
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		buf_format(buf, "<h2 id=\"tag-%s\">%s</h2>\n", tags[i], tags[i]);
		each_of(buf, openapi, tags[i], put_operation);
	}
	put_errors(buf);
	buf_text(buf, "<h2 id=\"schemas\">Schemas</h2>\n");
	json_object_foreach(
		json_object_get(json_object_get(openapi, "components"), "schemas"), name, schema)
	{
		put_schema(buf, name, schema);
	}
	buf_format(buf, "<footer>hilf %s</footer>\n</main>\n</body>\n</html>\n", HILF_VERSION);
	return !buf->failed;
}
