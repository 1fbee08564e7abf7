/* jansson reads the text; a glance over it first bounds what it can cost: a body nests no deeper and holds no more values
 * than its route wants. */
#include "http/api/fields.h"

#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "base/when.h"
#include "http/api/inside.h"
#include "http/api/scan.h"
#include "os/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NODES_MAX 2000u

bool fields_good(const struct fields *fields)
{
	return !*fields->code;
}

void fields_refuse(
	struct fields *fields, const char *code, const char *hint, const char *format, ...)
{
	va_list arguments;
	if (!fields_good(fields))
		return;
	va_start(arguments, format);
	vsnprintf(fields->message, sizeof fields->message, format, arguments);
	va_end(arguments);
	snprintf(fields->code, sizeof fields->code, "%s", code);
	snprintf(fields->hint, sizeof fields->hint, "%s", hint);
}

static void refuse_value(
	struct fields *fields, const char *name, const char *wanted, const char *got)
{
	char shown[64] = "";
	if (got)
		utf8_printable(got, strlen(got), shown, sizeof shown);
	fields_refuse(fields, "invalid_field", "correct it, or leave it out if it is not needed",
		"'%s%s' is %s%s%s%s", fields->where, name, wanted, got ? ", not '" : "", shown,
		got ? "'" : "");
}

/* ----------------------------------------------------------------------------------------------- the body */

static bool refuse_body(
	struct http_request *request, int status, const char *code, const char *message)
{
	api_error(request, status, code, message,
		"send one JSON object as GET /docs describes it for this route");
	return false;
}

bool fields_body_of(struct fields *ret_fields, struct http_request *request, size_t nodes_max)
{
	struct call *call = call_of(request);
	char message[400];
	const char *what, *body;
	json_error_t error;
	size_t size;
	*ret_fields = (struct fields){.request = request};
	body = http_body(request, &size);
	if (!call->json && size) {
		if (!scan_json(body, size, FIELDS_DEPTH_MAX, nodes_max, &what)) {
			snprintf(message, sizeof message,
				"the JSON is %s than is read here (%u levels, %zu values)", what,
				FIELDS_DEPTH_MAX, nodes_max);
			return refuse_body(request, 413, "json_too_large", message);
		}
		call->json = json_loadb(body, size, JSON_REJECT_DUPLICATES, &error);
		if (!call->json) {
			char shown[160];
			utf8_printable(error.text, strlen(error.text), shown, sizeof shown);
			snprintf(message, sizeof message,
				"the body is no JSON: line %d, column %d: %s", error.line,
				error.column, shown);
			return refuse_body(request, 400, "invalid_json", message);
		}
	}
	if (!call->json)
		call->json = json_object();
	if (!json_is_object(call->json))
		return refuse_body(request, 400, "invalid_json", "the body is JSON, but no object");
	ret_fields->object = call->json;
	return true;
}

bool fields_body(struct fields *ret_fields, struct http_request *request)
{
	return fields_body_of(ret_fields, request, NODES_MAX);
}

void fields_form(struct fields *ret_fields, struct http_request *request)
{
	*ret_fields = (struct fields){.request = request, .form = true, .query = true};
}

void fields_inner(struct fields *ret_fields, const struct fields *outer, const json_t *object,
	const char *name, size_t index)
{
	*ret_fields = (struct fields){.request = outer->request, .object = object};
	char position[24] = "";
	if (index != FIELDS_ALONE)
		snprintf(position, sizeof position, "[%zu]", index);
	snprintf(ret_fields->where, sizeof ret_fields->where, "%.20s%s.", name, position);
	if (!json_is_object(object)) {
		fields_refuse(ret_fields, "invalid_field", "send an object there",
			"'%s%s' is no object", name, position);
		ret_fields->object = NULL;
	}
}

/* ------------------------------------------------------------------------------------------- looking up */

static void note_asked(struct fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->asked_count; i++)
		if (fields->asked[i] == name || !strcmp(fields->asked[i], name))
			return;
	ASSERT(fields->asked_count < FIELDS_MAX);
	fields->asked[fields->asked_count++] = name;
}

/* A member, NULL where it is not there, null, or something is wrong already. */
static const json_t *member(struct fields *fields, const char *name)
{
	note_asked(fields, name);
	const json_t *value = fields->object ? json_object_get(fields->object, name) : NULL;
	return json_is_null(value) || !fields_good(fields) ? NULL : value;
}

/* Of a form or the query. */
static const char *plain(struct fields *fields, const char *name)
{
	note_asked(fields, name);
	const char *form = fields->form ? http_form(fields->request, name) : NULL;
	const char *query = fields->query ? http_query(fields->request, name) : NULL;
	if (form && query)
		fields_refuse(fields, "repeated_field", "send it in one place",
			"'%s' is there twice: in the form and in the query", name);
	if (query && fields->object && json_object_get(fields->object, name))
		fields_refuse(fields, "repeated_field", "send it in one place",
			"'%s' is there twice: in the body and in the query", name);
	if (!fields_good(fields))
		return NULL;
	return form ? form : query;
}

bool fields_has(struct fields *fields, const char *name)
{
	return member(fields, name) || plain(fields, name);
}

const char *fields_text(struct fields *fields, const char *name, size_t size_max)
{
	const json_t *value = member(fields, name);
	const char *text = plain(fields, name);
	char wanted[48];
	if (value && !json_is_string(value))
		refuse_value(fields, name, "a text", NULL);
	if (value)
		text = json_string_value(value);
	if (text && strlen(text) > size_max) {
		snprintf(wanted, sizeof wanted, "at most %zu bytes long", size_max);
		refuse_value(fields, name, wanted, NULL);
	}
	return fields_good(fields) ? text : NULL;
}

static bool read_integer(const char *text, int64_t *ret_number)
{
	bool minus = *text == '-';
	size_t digits = strspn(text + minus, "0123456789");
	int64_t number = 0;
	if (!digits || digits > 18 || text[minus + digits])
		return false;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (text[minus + i] - '0');
	*ret_number = minus ? -number : number;
	return true;
}

int64_t fields_integer(
	struct fields *fields, const char *name, int64_t min, int64_t max, int64_t other)
{
	const json_t *value = member(fields, name);
	const char *text = plain(fields, name);
	int64_t number = other;
	char wanted[80];
	if (!value && !text)
		return other;
	bool good = value ? json_is_integer(value) : read_integer(text, &number);
	if (good && value)
		number = json_integer_value(value);
	if (good && number >= min && number <= max)
		return number;
	snprintf(wanted, sizeof wanted, "a whole number from %lld to %lld", (long long)min,
		(long long)max);
	refuse_value(fields, name, wanted, value ? json_string_value(value) : text);
	return other;
}

double fields_real(struct fields *fields, const char *name, double min, double max, double other)
{
	const json_t *value = member(fields, name);
	char wanted[80];
	if (!value)
		return other;
	double number = json_number_value(value);
	if (json_is_number(value) && number >= min && number <= max)
		return number;
	snprintf(wanted, sizeof wanted, "a number from %g to %g", min, max);
	refuse_value(fields, name, wanted, json_string_value(value));
	return other;
}

bool fields_bool(struct fields *fields, const char *name, bool other)
{
	const json_t *value = member(fields, name);
	const char *text = plain(fields, name);
	if (!value && !text)
		return other;
	if (json_is_boolean(value))
		return json_is_true(value);
	if (!value && (!strcmp(text, "true") || !strcmp(text, "1")))
		return true;
	if (!value && (!strcmp(text, "false") || !strcmp(text, "0")))
		return false;
	refuse_value(fields, name, "true or false", value ? json_string_value(value) : text);
	return other;
}

int64_t fields_time(struct fields *fields, const char *name, bool past)
{
	const char *text = fields_text(fields, name, 32);
	int64_t now_ms = clock_now_ms(), ms = 0;
	if (!text)
		return 0;
	if (!when_parse(text, now_ms, &ms))
		refuse_value(fields, name,
			"a day such as 2027-05-31, a time such as 2027-05-31T13:05:09Z or a "
			"duration such "
			"as 90d, 12w or 36h",
			text);
	else if (!past && ms <= now_ms)
		refuse_value(fields, name, "a time to come", text);
	return fields_good(fields) ? ms : 0;
}

/* ---------------------------------------------------------------------------------------------- lists */

static const char *const *split(struct fields *fields, const char *name, const char *text,
	size_t count_max, size_t size_max, size_t *ret_count)
{
	struct arena *arena = http_arena(fields->request);
	size_t count = 1;
	for (const char *c = text; *c; c++)
		count += *c == ',';
	const char **texts = arena_array(arena, count <= count_max ? count : 1, sizeof *texts);
	for (size_t i = 0; i < count && count <= count_max && texts; i++) {
		size_t size = strcspn(text, ",");
		texts[i] = size && size <= size_max ? arena_text(arena, text, size) : NULL;
		if (!texts[i]) {
			refuse_value(
				fields, name, "a list of names with commas between them", NULL);
			return NULL;
		}
		text += size + (text[size] == ',');
	}
	if (count > count_max || !texts) {
		refuse_value(fields, name, "a shorter list", NULL);
		return NULL;
	}
	*ret_count = count;
	return texts;
}

const char *const *fields_texts(struct fields *fields, const char *name, size_t count_max,
	size_t size_max, size_t *ret_count)
{
	const json_t *value = member(fields, name);
	const char *text = plain(fields, name);
	char wanted[80];
	*ret_count = 0;
	if (text)
		return *text ? split(fields, name, text, count_max, size_max, ret_count) : NULL;
	if (!value)
		return NULL;
	snprintf(wanted, sizeof wanted, "a list of 1 to %zu texts of 1 to %zu bytes", count_max,
		size_max);
	size_t count = json_array_size(value);
	const char **texts =
		arena_array(http_arena(fields->request), count ? count : 1, sizeof *texts);
	bool good = json_is_array(value) && count && count <= count_max && texts;
	for (size_t i = 0; i < count && good; i++) {
		texts[i] = json_string_value(json_array_get(value, i));
		good = texts[i] && *texts[i] && strlen(texts[i]) <= size_max;
	}
	if (!good) {
		refuse_value(fields, name, wanted, NULL);
		return NULL;
	}
	*ret_count = count;
	return texts;
}

const char *const *fields_some(struct fields *fields, const char *name, size_t count_max,
	size_t size_max, size_t *ret_count)
{
	const json_t *value = member(fields, name);
	*ret_count = 0;
	if (json_is_array(value) && !json_array_size(value))
		return NULL;
	return fields_texts(fields, name, count_max, size_max, ret_count);
}

const json_t *fields_array(struct fields *fields, const char *name, size_t count_max)
{
	const json_t *value = member(fields, name);
	char wanted[48];
	if (!value)
		return NULL;
	snprintf(wanted, sizeof wanted, "a list of 1 to %zu", count_max);
	if (!json_array_size(value))
		refuse_value(fields, name, wanted, NULL);
	if (json_array_size(value) > count_max)
		fields_refuse(fields, "too_many", "send them in several requests",
			"'%s%s' has %zu items; %zu at most are read at once", fields->where, name,
			json_array_size(value), count_max);
	return fields_good(fields) ? value : NULL;
}

const json_t *fields_items(struct fields *fields, const char *name, size_t count_max)
{
	const json_t *value = member(fields, name);
	if (json_is_array(value) && !json_array_size(value))
		return NULL;
	return fields_array(fields, name, count_max);
}

const json_t *fields_object(struct fields *fields, const char *name)
{
	const json_t *value = member(fields, name);
	if (value && !json_is_object(value))
		refuse_value(fields, name, "an object", NULL);
	return fields_good(fields) ? value : NULL;
}

static const struct hilf_label *labels_of(
	struct fields *fields, const char *name, const json_t *object, size_t *ret_count)
{
	size_t count = json_object_size(object), i = 0;
	const char *key;
	json_t *value;
	if (!json_is_object(object) || count > LIMIT_LABELS) {
		refuse_value(fields, name, "an object of at most 32 texts", NULL);
		return NULL;
	}
	struct hilf_label *labels =
		arena_array(http_arena(fields->request), count ? count : 1, sizeof *labels);
	json_object_foreach((json_t *)object, key, value)
	{
		if (!labels || !json_is_string(value)) {
			refuse_value(fields, name, "an object of texts", NULL);
			return NULL;
		}
		labels[i++] = (struct hilf_label){key, json_string_value(value)};
	}
	*ret_count = count;
	return labels;
}

/* There is no JSON body where there is a form, so the call keeps this one. */
static const json_t *text_as_json(struct fields *fields, const char *text)
{
	struct call *call = call_of(fields->request);
	const char *what;
	size_t size = strlen(text);
	if (!call->json && scan_json(text, size, FIELDS_DEPTH_MAX, NODES_MAX, &what))
		call->json = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	return call->json;
}

const json_t *fields_list(struct fields *fields, const char *name, size_t count_max)
{
	const char *text = plain(fields, name);
	if (!text || !*text)
		return fields_array(fields, name, count_max);
	const json_t *value = text_as_json(fields, text);
	if (!json_is_array(value) || !json_array_size(value) ||
		json_array_size(value) > count_max) {
		char wanted[64];
		snprintf(wanted, sizeof wanted, "a list of 1 to %zu as JSON", count_max);
		refuse_value(fields, name, wanted, text);
	}
	return fields_good(fields) ? value : NULL;
}

const struct hilf_label *fields_labels(struct fields *fields, const char *name, size_t *ret_count)
{
	const json_t *value = member(fields, name);
	const char *text = plain(fields, name);
	*ret_count = 0;
	if (value)
		return labels_of(fields, name, value, ret_count);
	if (!text || !*text)
		return NULL;
	value = text_as_json(fields, text);
	if (!value) {
		refuse_value(fields, name, "JSON such as {\"event\":\"paris\"}", text);
		return NULL;
	}
	return labels_of(fields, name, value, ret_count);
}

static bool is_type(const char *name)
{
	for (unsigned type = 0; type <= UINT8_MAX; type++) {
		const char *known = hilf_signal_type_name((uint8_t)type);
		if (known && !strcmp(known, name))
			return true;
	}
	return false;
}

bool fields_parse_signal(
	struct fields *fields, const char *type, const char *value, struct hilf_signal *ret_signal)
{
	struct hilf_err err;
	fields_need(fields, "type", type);
	fields_need(fields, "value", value);
	if (!type || !value)
		return false;
	if (!hilf_signal_parse(type, value, ret_signal, &err))
		return true;
	fields_wrong(fields, is_type(type) ? "value" : "type", &err);
	return false;
}

void fields_signal(struct fields *fields, struct hilf_signal *ret_signal)
{
	const char *type = fields_text(fields, "type", 32);
	const char *value = fields_text(fields, "value", 256);
	int64_t quality = fields_integer(fields, "quality", 0, 100, HILF_QUALITY_UNKNOWN);
	if (fields_parse_signal(fields, type, value, ret_signal))
		ret_signal->quality = (int16_t)quality;
}

/* ---------------------------------------------------------------------------------------------- the end */

void fields_need(struct fields *fields, const char *name, bool is_there)
{
	if (!is_there)
		fields_refuse(fields, "missing_field", "GET /docs shows what this route wants",
			"'%s%s' is missing", fields->where, name);
}

void fields_wrong(struct fields *fields, const char *name, const struct hilf_err *err)
{
	fields_refuse(fields, "invalid_field", "correct it, or leave it out if it is not needed",
		"'%s%s': %s", fields->where, name, err->text);
}

static void refuse_other(struct fields *fields, const char *name)
{
	struct nearest nearest;
	char shown[64], hint[320] = "there are: ";
	nearest_init(&nearest, name);
	for (size_t i = 0; i < fields->asked_count; i++) {
		nearest_try(&nearest, fields->asked[i]);
		size_t size = strlen(hint);
		snprintf(hint + size, sizeof hint - size, "%s%s", i ? ", " : "", fields->asked[i]);
	}
	if (nearest.best)
		snprintf(hint, sizeof hint, "did you mean '%s'?", nearest.best);
	utf8_printable(name, strlen(name), shown, sizeof shown);
	fields_refuse(fields, "unknown_field", hint, "there is no field '%s%s' here", fields->where,
		shown);
}

static bool was_asked(const struct fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->asked_count; i++)
		if (!strcmp(name, fields->asked[i]))
			return true;
	return false;
}

/* The first member, or field of a form, that nobody asked for. */
static void look_for_others(struct fields *fields)
{
	const char *name, *text;
	json_t *value;
	json_object_foreach((json_t *)fields->object, name, value)
	{
		if (!was_asked(fields, name))
			refuse_other(fields, name);
	}
	for (size_t i = 0; fields->form && http_form_at(fields->request, i, &name, &text); i++)
		if (!was_asked(fields, name))
			refuse_other(fields, name);
}

void fields_join(struct fields *outer, struct fields *inner)
{
	look_for_others(inner);
	if (!fields_good(inner))
		fields_refuse(outer, inner->code, inner->hint, "%s", inner->message);
}

bool fields_end(struct fields *fields)
{
	look_for_others(fields);
	if (fields_good(fields))
		return true;
	api_error(fields->request, 400, fields->code, fields->message, fields->hint);
	return false;
}
