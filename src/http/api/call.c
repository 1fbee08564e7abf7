/* From the route to the handler and back: what is the same for all of them. */
#include "base/check.h"
#include "base/nearest.h"
#include "http/api/inside.h"
#include "os/clock.h"

#include <stdio.h>
#include <string.h>

struct call *call_of(const struct http_request *request)
{
	struct call *call = http_ctx(request);
	ASSERT(call);
	return call;
}

int64_t api_took_us(const struct http_request *request)
{
	return clock_monotonic_us() - call_of(request)->access.begun_us;
}

bool api_on_worker(struct http_request *request)
{
	if (http_on_worker(request))
		return true;
	http_to_worker(request);
	return false;
}

/* ---------------------------------------------------------------------------------------------- the reply */

void api_reply(struct http_request *request, int status, struct buf *buf)
{
	buf_char(buf, '\n');
	idempotency_end(call_of(request), status, buf);
	http_reply(request, status, "application/json", buf);
}

void api_reply_secret(struct http_request *request, int status, struct buf *buf, struct buf *kept)
{
	buf_char(buf, '\n');
	buf_char(kept, '\n');
	idempotency_end(call_of(request), status, kept);
	buf_free(kept);
	http_reply(request, status, "application/json", buf);
}

void api_reply_nothing(struct http_request *request)
{
	struct buf none = BUF_INIT;
	idempotency_end(call_of(request), 204, &none);
	http_reply(request, 204, NULL, NULL);
}

/* ------------------------------------------------------------------------------------------- the body's type */

/* Whether `type` is one of a list such as "image/" followed by '*', or a whole name. */
static bool is_among(const char *list, const char *type)
{
	size_t type_size = strlen(type);
	while (list && *list) {
		size_t size = strcspn(list, ",");
		bool any = size && list[size - 1] == '*';
		if (any ? type_size >= size - 1 && !memcmp(list, type, size - 1)
			: type_size == size && !memcmp(list, type, size))
			return true;
		list += size + (list[size] == ',');
	}
	return false;
}

/* Behind what stands in text, as people write lists: a comma and a space between them. */
static void list_types(const struct api_rule *rule, char *text, size_t room)
{
	size_t size = strlen(text);
	if (rule->body_schema)
		size += (size_t)snprintf(text + size, room - size, "application/json%s",
			rule->body_types ? ", " : "");
	for (const char *type = rule->body_types; type && *type && size + 3 < room; type++) {
		text[size++] = *type;
		if (*type == ',')
			text[size++] = ' ';
		text[size] = '\0';
	}
}

bool api_check_type(struct http_request *request, const struct api_rule *rule)
{
	const char *type = http_content_type(request);
	const char *length = http_header(request, "content-length");
	char message[256];
	if (http_route_of(request)->body == HTTP_BODY_NONE)
		return true;
	/* Nothing is of no type. */
	if (!*type && !http_header(request, "transfer-encoding") &&
		(!length || !strcmp(length, "0")))
		return true;
	if ((rule->body_schema && !strcmp(type, "application/json")) ||
		is_among(rule->body_types, type))
		return true;
	snprintf(message, sizeof message, "a body of Content-Type '%.64s' is not read here",
		*type ? type : "(none)");
	char hint[256] = "send one of: ";
	list_types(rule, hint, sizeof hint);
	api_error(request, 415, "content_type", message, hint);
	return false;
}

/* ---------------------------------------------------------------------------------------- query parameters */

static bool is_parameter(const struct api_rule *rule, const char *name)
{
	for (const struct api_parameter *p = rule->parameters; p && p->name; p++)
		if (*p->name == *name && !strcmp(p->name, name) && !strcmp(p->in, "query"))
			return true;
	return false;
}

static void refuse_parameter(
	struct http_request *request, const struct api_rule *rule, const char *name)
{
	char message[160], hint[400] = "this route takes none";
	struct nearest nearest;
	size_t size = 0;
	nearest_init(&nearest, name);
	for (const struct api_parameter *p = rule->parameters; p && p->name; p++) {
		if (strcmp(p->in, "query") != 0)
			continue;
		nearest_try(&nearest, p->name);
		if (size < sizeof hint)
			size += (size_t)snprintf(hint + size, sizeof hint - size, "%s%s",
				size ? ", " : "there are: ", p->name);
	}
	if (nearest.best)
		snprintf(hint, sizeof hint, "did you mean '%s'?", nearest.best);
	snprintf(message, sizeof message, "there is no query parameter '%.64s' here", name);
	api_error(request, 400, "unknown_parameter", message, hint);
}

/* Every parameter is one of the rule's, and there once. */
static bool look_at_query(struct http_request *request, const struct api_rule *rule)
{
	const char *name, *value;
	char message[160];
	for (size_t i = 0; !rule->any_query && http_query_at(request, i, &name, &value); i++) {
		if (!is_parameter(rule, name)) {
			refuse_parameter(request, rule, name);
			return false;
		}
		if (http_query(request, name) == value)
			continue;
		snprintf(message, sizeof message, "the query parameter '%.64s' is there twice",
			name);
		api_error(request, 400, "repeated_parameter", message,
			"send it once; several banks are one value with commas");
		return false;
	}
	return true;
}

bool api_query_number(struct http_request *request, const char *name, uint64_t min, uint64_t max,
	uint64_t other, uint64_t *ret_number)
{
	const char *text = http_query(request, name);
	uint64_t number = 0;
	char message[200];
	*ret_number = other;
	if (!text)
		return true;
	size_t digits = strspn(text, "0123456789");
	bool good = digits && digits <= 18 && !text[digits];
	for (size_t i = 0; i < digits && good; i++)
		number = number * 10 + (uint64_t)(text[i] - '0');
	if (good && number >= min && number <= max) {
		*ret_number = number;
		return true;
	}
	snprintf(message, sizeof message,
		"the query parameter '%s' is a number from %llu to %llu, not '%.40s'", name,
		(unsigned long long)min, (unsigned long long)max, text);
	api_error(request, 400, "invalid_parameter", message, "correct it, or leave it out");
	return false;
}

bool api_query_bool(struct http_request *request, const char *name, bool *ret_value)
{
	const char *text = http_query(request, name);
	char message[160];
	*ret_value = text && (!strcmp(text, "true") || !strcmp(text, "1"));
	if (!text || *ret_value || !strcmp(text, "false") || !strcmp(text, "0"))
		return true;
	snprintf(message, sizeof message, "the query parameter '%s' is true or false, not '%.40s'",
		name, text);
	api_error(request, 400, "invalid_parameter", message, "correct it, or leave it out");
	return false;
}

bool api_page(struct http_request *request, struct page *ret_page)
{
	uint64_t limit;
	const char *cursor = http_query(request, "cursor");
	if (!api_query_number(request, "limit", 1, API_PAGE_MAX, API_PAGE, &limit))
		return false;
	ret_page->limit = (size_t)limit;
	ret_page->cursor = cursor && *cursor ? cursor : NULL;
	return true;
}

bool api_page_number(struct http_request *request, const struct page *page, uint64_t *ret_number)
{
	*ret_number = 0;
	return !page->cursor || api_query_number(request, "cursor", 0, INT64_MAX, 0, ret_number);
}

/* -------------------------------------------------------------------------------------------- the objects */

bool api_bank(
	struct http_request *request, const char *name, enum verb verb, struct hilf_bank *ret_bank)
{
	struct hilf_err err;
	char message[HILF_BANK_NAME_MAX + 32];
	int rc = hilf_bank_look(api_hilf(request), name, ret_bank, &err);
	snprintf(message, sizeof message, "there is no bank '%.64s'", name);
	if (rc == HILF_E_NOT_FOUND)
		api_error(
			request, 404, "not_found", message, "GET /v1/banks lists those there are");
	else if (rc)
		api_fail(request, &err);
	if (rc)
		return false;
	struct object object = {.kind = OBJECT_BANK, .bank = ret_bank->name, .own = ret_bank->own};
	return api_may(request, verb, &object);
}

bool api_bank_param(struct http_request *request, enum verb verb, struct hilf_bank *ret_bank)
{
	return api_bank(request, http_param(request, "bank"), verb, ret_bank);
}

/* -------------------------------------------------------------------------------------------- the handler */

void api_handle(struct http_request *request)
{
	struct call *call = call_of(request);
	if (!call->looked) {
		if (!look_at_query(request, call->rule))
			return;
		call->looked = true;
	}
	if (!call->running && !idempotency_begin(request, call))
		return;
	call->rule->handle(request);
}
