/* What HMA's clients send, taken as its own reader takes it: numbers as texts, "yes" for true, members it does not know
 * passed over. */
#include "http/hma/hma.h"

#include "base/check.h"
#include "base/limits.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ------------------------------------------------------------------------------------------- bodies */

bool hma_json_maybe(struct http_request *request, json_t **ret_json)
{
	struct hma_call *call = hma_call_of(request);
	json_error_t problem;
	size_t size;
	*ret_json = NULL;
	if (strcmp(http_content_type(request), "application/json") != 0)
		return true;
	const char *body = http_body(request, &size);
	if (!size)
		return true;
	/* A request that waited for a fetch is handled again, with what it has read. */
	if (!call->json)
		call->json = json_loadb(body, size, JSON_REJECT_DUPLICATES, &problem);
	if (!call->json) {
		hma_error(request, 400, "the body is no JSON: line %d, column %d: %s", problem.line,
			problem.column, problem.text);
		return false;
	}
	*ret_json = call->json;
	return true;
}

json_t *hma_json(struct http_request *request)
{
	json_t *json;
	if (!hma_json_maybe(request, &json))
		return NULL;
	if (json && json_is_object(json))
		return json;
	hma_error(request, 400,
		json ? "the body must be a JSON object"
		     : "this wants a JSON object, sent with Content-Type: application/json");
	return NULL;
}

/* ------------------------------------------------------------------------------------------- values */

static const json_t *find(const json_t *object, const char *name)
{
	const json_t *value = object ? json_object_get(object, name) : NULL;
	return value && !json_is_null(value) ? value : NULL;
}

/* Blanks around it are fine, as in Python. */
static bool parse_real(const char *text, double *ret_number)
{
	char *end;
	if (!*text || strspn(text, "0123456789.eE+- \t\n\r") != strlen(text))
		return false;
	*ret_number = strtod(text, &end);
	end += strspn(end, " \t\n\r");
	return end != text && !*end;
}

bool hma_read_ratio(struct http_request *request, const json_t *object, const char *name,
	bool *ret_found, uint32_t *ret_ppm)
{
	const json_t *value = find(object, name);
	double number = 0;
	*ret_found = value != NULL;
	if (!value)
		return true;
	bool good = json_is_number(value) || json_is_boolean(value) || json_is_string(value);
	if (json_is_number(value))
		number = json_number_value(value);
	else if (json_is_boolean(value))
		number = json_is_true(value);
	else if (json_is_string(value))
		good = parse_real(json_string_value(value), &number);
	if (!good || !(number >= 0.0 && number <= 1.0)) {
		hma_error(request, 400, "%s must be a number from 0.0 to 1.0", name);
		return false;
	}
	/* A ratio above 0 is never rounded to "disabled". */
	*ret_ppm = (uint32_t)lround(number * 1e6);
	if (number > 0.0 && !*ret_ppm)
		*ret_ppm = 1;
	return true;
}

static bool parse_bool(const char *text, bool *ret_value)
{
	static const char *const truths[] = {"true", "1", "yes", "on", "t", "y"};
	static const char *const lies[] = {"false", "0", "no", "off", "f", "n"};
	for (size_t i = 0; i < COUNT_OF(truths); i++) {
		if (strcasecmp(text, truths[i]) && strcasecmp(text, lies[i]))
			continue;
		*ret_value = strcasecmp(text, truths[i]) == 0;
		return true;
	}
	return false;
}

bool hma_read_bool(struct http_request *request, const json_t *object, const char *name,
	bool *ret_found, bool *ret_value)
{
	const json_t *value = find(object, name);
	bool good = true;
	*ret_found = value != NULL;
	if (!value)
		return true;
	if (json_is_boolean(value))
		*ret_value = json_is_true(value);
	else if (json_is_string(value))
		good = parse_bool(json_string_value(value), ret_value);
	else if (json_is_number(value) &&
		 (json_number_value(value) == 0.0 || json_number_value(value) == 1.0))
		*ret_value = json_number_value(value) > 0.5;
	else
		good = false;
	if (!good)
		hma_error(request, 400, "%s must be true or false", name);
	return good;
}

bool hma_read_integer(struct http_request *request, const json_t *object, const char *name,
	bool *ret_found, int64_t *ret_value)
{
	const json_t *value = find(object, name);
	*ret_found = value != NULL;
	if (!value)
		return true;
	if (json_is_integer(value)) {
		*ret_value = json_integer_value(value);
		return true;
	}
	if (json_is_real(value) && fabs(json_real_value(value)) < 1e15) {
		*ret_value = (int64_t)json_real_value(value);
		return true;
	}
	if (json_is_string(value)) {
		const char *text = json_string_value(value);
		char *end;
		errno = 0;
		long long number = strtoll(text, &end, 10);
		end += strspn(end, " \t\n\r");
		if (end != text && !*end && !errno) {
			*ret_value = number;
			return true;
		}
	}
	hma_error(request, 400, "%s must be an integer", name);
	return false;
}

bool hma_read_text(
	struct http_request *request, const json_t *object, const char *name, const char **ret_text)
{
	const json_t *value = find(object, name);
	*ret_text = value ? json_string_value(value) : NULL;
	if (value && !*ret_text)
		hma_error(request, 400, "%s must be a string", name);
	return !value || *ret_text;
}

bool hma_query_bool(struct http_request *request, const char *name, bool other, bool *ret_value)
{
	const char *text = http_query(request, name);
	*ret_value = other;
	if (!text || parse_bool(text, ret_value))
		return true;
	hma_error(request, 400, "%s must be true or false", name);
	return false;
}

/* ------------------------------------------------------------------------------------------- lists */

bool hma_split(struct http_request *request, const char *text, struct hma_names *ret_names)
{
	struct arena *arena = http_arena(request);
	struct hma_names names = {0};
	size_t room = 1;
	*ret_names = names;
	if (!text)
		return true;
	for (const char *at = text; *at; at++)
		room += *at == ',';
	names.names = arena_array(arena, room, sizeof *names.names);
	while (names.names) {
		text += strspn(text, " \t");
		size_t size = strcspn(text, ","), kept = size;
		while (kept && (text[kept - 1] == ' ' || text[kept - 1] == '\t'))
			kept--;
		if (kept)
			names.names[names.count++] = arena_text(arena, text, kept);
		if (kept && !names.names[names.count - 1])
			break;
		if (!text[size]) {
			*ret_names = names;
			return true;
		}
		text += size + 1;
	}
	hma_error(request, 503, "this node is out of memory; try again");
	return false;
}

bool hma_named(const struct hma_names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->names[i], name) == 0)
			return true;
	return false;
}

/* ------------------------------------------------------------------------------------------- signals */

static const struct {
	const char *name;
	uint8_t type;
} types[] = {
	{"pdq", HILF_PDQ},
	{"video_md5", HILF_MD5},
	{"md5", HILF_MD5},
	{"sha256", HILF_SHA256},
	{"video_sha256", HILF_SHA256},
};

uint8_t hma_type(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return types[i].type;
	return 0;
}

const char *hma_type_name(uint8_t type)
{
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (types[i].type == type)
			return types[i].name;
	return NULL;
}

bool hma_signal(struct http_request *request, const char *type, const char *value,
	struct hilf_signal *ret_signal)
{
	char text[HILF_SIGNAL_TEXT_MAX];
	struct hilf_err err;
	uint8_t number = hma_type(type);
	if (!number) {
		hma_error(request, 400, "there is no signal type '%.40s'; pdq and video_md5 are",
			type);
		return false;
	}
	/* HMA takes digests in capitals and with blanks around, but pdq as it is. */
	if (number != HILF_PDQ && strlen(value) < 2 * sizeof text) {
		size_t from = strspn(value, " \t\r\n"), size = strlen(value + from);
		while (size && strchr(" \t\r\n", value[from + size - 1]))
			size--;
		if (size < sizeof text) {
			for (size_t i = 0; i < size; i++) {
				char c = value[from + i];
				text[i] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
			}
			text[size] = '\0';
			value = text;
		}
	}
	if (hilf_signal_parse(hilf_signal_type_name(number), value, ret_signal, &err)) {
		hma_error(request, 400, "invalid %s signal: %s", type, err.text);
		return false;
	}
	return true;
}
