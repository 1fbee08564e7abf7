/* The route table as OpenAPI 3.1. It is put together as a tree, from the rules' fragments, and dumped once. */
#include "http/api/documents.h"

#include "http/api/inside.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Steals its values; a NULL among them spoils the tree, which is asked once. */
struct tree {
	json_t *root;
	bool failed;
};

static void set(struct tree *tree, json_t *object, const char *key, json_t *value)
{
	if (!object || !value || json_object_set_new(object, key, value))
		tree->failed = true;
}

static void append(struct tree *tree, json_t *array, json_t *value)
{
	if (!array || !value || json_array_append_new(array, value))
		tree->failed = true;
}

static json_t *parse(struct tree *tree, const char *text)
{
	json_t *value = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	if (!value)
		tree->failed = true;
	return value;
}

static json_t *schema_ref(const char *name)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/components/schemas/%s", name));
}

static json_t *parameters_of(
	struct tree *tree, const struct http_route *route, const struct api_rule *rule)
{
	json_t *list = json_array();
	for (const struct api_parameter *p = rule->parameters; p && p->name; p++) {
		json_t *one = json_object();
		set(tree, one, "name", json_string(p->name));
		set(tree, one, "in", json_string(p->in));
		set(tree, one, "description", json_string(p->description));
		set(tree, one, "required", json_boolean(p->required || !strcmp(p->in, "path")));
		set(tree, one, "schema", parse(tree, p->schema));
		append(tree, list, one);
	}
	if (strcmp(route->method, "GET") != 0 && rule->verb != VERB_PUBLIC)
		append(tree, list,
			json_pack("{s:s}", "$ref", "#/components/parameters/IdempotencyKey"));
	return list;
}

/* A file by itself is bytes; in a form it is the field "file" beside the texts of the query. */
static json_t *file_schema(struct tree *tree, const struct api_rule *rule, const char *type)
{
	if (strcmp(type, "multipart/form-data") != 0)
		return json_object();
	json_t *properties = json_object();
	set(tree, properties, "file",
		json_pack("{s:s}", "contentMediaType", "application/octet-stream"));
	for (const struct api_parameter *p = rule->parameters; p && p->name; p++)
		if (!strcmp(p->in, "query"))
			set(tree, properties, p->name, parse(tree, p->schema));
	return json_pack("{s:s, s:[s], s:o}", "type", "object", "required", "file", "properties",
		properties);
}

static json_t *body_of(struct tree *tree, const struct api_rule *rule)
{
	json_t *content = json_object();
	if (rule->body_schema) {
		json_t *media = json_object();
		set(tree, media, "schema", parse(tree, rule->body_schema));
		if (rule->example)
			set(tree, media, "example", parse(tree, rule->example));
		set(tree, content, "application/json", media);
	}
	for (const char *types = rule->body_types; types && *types;) {
		size_t size = strcspn(types, ",");
		char type[64];
		snprintf(type, sizeof type, "%.*s", (int)size, types);
		json_t *media = json_object();
		set(tree, media, "schema", file_schema(tree, rule, type));
		set(tree, content, type, media);
		types += size + (types[size] == ',');
	}
	return json_pack("{s:o, s:b}", "content", content, "required", !rule->body_optional);
}

static void add_error(struct tree *tree, json_t *responses, const char *status, const char *name)
{
	if (!json_object_get(responses, status))
		set(tree, responses, status,
			json_pack(
				"{s:o}", "$ref", json_sprintf("#/components/responses/%s", name)));
}

/* One answer in the types that it may have, with commas between them. */
static json_t *content_of(struct tree *tree, const struct api_response *response)
{
	json_t *content = json_object();
	for (const char *types = response->content_type; *types;) {
		size_t size = strcspn(types, ",");
		char type[64];
		snprintf(type, sizeof type, "%.*s", (int)size, types);
		json_t *media = json_object();
		set(tree, media, "schema",
			response->schema ? parse(tree, response->schema) : json_object());
		set(tree, content, type, media);
		types += size + (types[size] == ',');
	}
	return content;
}

static json_t *responses_of(
	struct tree *tree, const struct http_route *route, const struct api_rule *rule)
{
	json_t *responses = json_object();
	for (const struct api_response *r = rule->responses; r && r->status; r++) {
		char status[8];
		json_t *response = json_pack("{s:s}", "description", r->description);
		snprintf(status, sizeof status, "%d", r->status);
		if (r->content_type)
			set(tree, response, "content", content_of(tree, r));
		set(tree, responses, status, response);
	}
	add_error(tree, responses, "400", "BadRequest");
	if (rule->verb != VERB_PUBLIC) {
		add_error(tree, responses, "401", "Unauthorized");
		add_error(tree, responses, "403", "Forbidden");
		add_error(tree, responses, "429", "TooMany");
	}
	if (strchr(route->path, '{'))
		add_error(tree, responses, "404", "NotFound");
	if (route->body != HTTP_BODY_NONE) {
		add_error(tree, responses, "413", "TooLarge");
		add_error(tree, responses, "415", "WrongType");
	}
	if (strcmp(route->method, "GET") != 0)
		add_error(tree, responses, "409", "Conflict");
	if (!rule->when_loading)
		add_error(tree, responses, "503", "Unavailable");
	add_error(tree, responses, "default", "Failure");
	return responses;
}

static void add_route(struct tree *tree, json_t *paths, const struct http_route *route)
{
	const struct api_rule *rule = route->extra;
	json_t *path = json_object_get(paths, route->path), *operation = json_object();
	char method[8];
	if (!path) {
		path = json_object();
		set(tree, paths, route->path, path);
	}
	snprintf(method, sizeof method, "%s", route->method);
	for (char *c = method; *c; c++)
		*c = (char)(*c | 0x20);
	set(tree, operation, "operationId", json_string(rule->id));
	set(tree, operation, "tags", json_pack("[s]", rule->tag));
	set(tree, operation, "summary", json_string(rule->summary));
	if (rule->description)
		set(tree, operation, "description", json_string(rule->description));
	set(tree, operation, "parameters", parameters_of(tree, route, rule));
	if (route->body != HTTP_BODY_NONE)
		set(tree, operation, "requestBody", body_of(tree, rule));
	set(tree, operation, "responses", responses_of(tree, route, rule));
	if (rule->verb == VERB_PUBLIC)
		set(tree, operation, "security", json_array());
	set(tree, operation, "x-hilf-verb", json_string(verb_name(rule->verb)));
	set(tree, path, method, operation);
}

static json_t *error_response(struct tree *tree, const char *description)
{
	json_t *media = json_object();
	set(tree, media, "schema", schema_ref("Error"));
	return json_pack(
		"{s:s, s:{s:o}}", "description", description, "content", "application/json", media);
}

static json_t *components_of(struct tree *tree)
{
	static const char *const errors[][2] = {
		{"BadRequest",
			"Something in the request is not of its form; the message names it."},
		{"Unauthorized", "A key is missing, unknown, expired or revoked."},
		{"Forbidden", "The role or the banks of this key do not allow it."},
		{"NotFound", "There is no such bank, entry, key or webhook."},
		{"Conflict",
			"It is there already, was withdrawn, or this node only follows another."},
		{"TooLarge", "The body is larger than this route reads."},
		{"WrongType", "The Content-Type is none that this route reads."},
		{"TooMany", "Too many requests a second (Retry-After says when), or the day's "
			    "quota is used "
			    "up."},
		{"Unavailable", "The node is loading, busy or draining; try again."},
		{"Failure", "Whatever else went wrong."},
	};
	json_t *components = json_object(), *responses = json_object();
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		set(tree, responses, errors[i][0], error_response(tree, errors[i][1]));
	set(tree, components, "schemas", parse(tree, documents_schemas));
	set(tree, components, "responses", responses);
	set(tree, components, "parameters",
		parse(tree, "{\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":\"header\","
			    "\"required\":false,"
			    "\"description\":\"A random text, such as a UUID. The same request "
			    "with the same key is done "
			    "once; for a day, a repetition gets the first answer, without secrets "
			    "that are told "
			    "once.\",\"schema\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":"
			    "128}}}"));
	set(tree, components, "securitySchemes",
		parse(tree, "{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":"
			    "\"An API key, "
			    "hilf_...\"},\"header\":{\"type\":\"apiKey\",\"in\":\"header\","
			    "\"name\":\"X-API-Key\"}}"));
	return components;
}

static const char about[] = "hilf recognises known terrorist propaganda at upload. It knows what "
			    "its banks hold and nothing "
			    "else: `no_match` means that nothing known was found, not that the "
			    "content is fine.\n\nBodies are "
			    "JSON in UTF-8. Unknown fields and parameters are refused by name. "
			    "Lists come in pages: send a "
			    "page's `next` as `cursor` for the page after it. Every answer has an "
			    "`X-Request-Id`, and every "
			    "error a stable `code`, a `message` that says what is wrong and a "
			    "`hint` that says what to do.";

static json_t *errors_of(struct tree *tree)
{
	json_t *list = json_array();
	for (const struct error_code *error = error_codes; error->status; error++)
		append(tree, list,
			json_pack("{s:i, s:s, s:s}", "status", error->status, "code", error->code,
				"meaning", error->meaning));
	return list;
}

static json_t *build(const struct http_route *routes, struct tree *tree)
{
	json_t *root = json_object(), *paths = json_object();
	tree->root = root;
	set(tree, root, "openapi", json_string("3.1.0"));
	set(tree, root, "info",
		json_pack("{s:s, s:s, s:s, s:{s:s, s:s}}", "title", "hilf", "version", HILF_VERSION,
			"description", about, "license", "name", "Apache-2.0", "identifier",
			"Apache-2.0"));
	set(tree, root, "servers",
		json_pack("[{s:s, s:s}]", "url", "/", "description", "this node"));
	set(tree, root, "security", json_pack("[{s:[]}, {s:[]}]", "bearer", "header"));
	for (const struct http_route *route = routes; route->method; route++)
		add_route(tree, paths, route);
	set(tree, root, "paths", paths);
	set(tree, root, "components", components_of(tree));
	set(tree, root, "x-hilf-errors", errors_of(tree));
	return root;
}

/* A style in the page itself is allowed by its digest. */
static void write_policy(struct documents *documents)
{
	uint8_t digest[32];
	char text[48];
	EVP_Digest(documents_style, strlen(documents_style), digest, NULL, EVP_sha256(), NULL);
	EVP_EncodeBlock((unsigned char *)text, digest, sizeof digest);
	snprintf(documents->policy, sizeof documents->policy,
		"default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; "
		"frame-ancestors 'none'",
		text);
}

struct documents *documents_new(const struct http_route *routes)
{
	struct documents *documents = calloc(1, sizeof *documents);
	struct tree tree = {0};
	json_t *root = documents ? build(routes, &tree) : NULL;
	char *text = root && !tree.failed ? json_dumps(root, JSON_COMPACT) : NULL;
	bool good = text && page_write(root, &documents->page);
	if (good) {
		buf_text(&documents->openapi, text);
		buf_char(&documents->openapi, '\n');
		good = !documents->openapi.failed && !documents->page.failed;
		write_policy(documents);
	}
	free(text);
	json_decref(root);
	if (good)
		return documents;
	documents_free(documents);
	return NULL;
}

void documents_free(struct documents *documents)
{
	if (!documents)
		return;
	buf_free(&documents->openapi);
	buf_free(&documents->page);
	free(documents);
}
