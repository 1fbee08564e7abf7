/* What a client says, field by field: members of a JSON object, or the fields of a form and the query. Each is asked for
 * by name; the first thing that is wrong is remembered, and everything after it reads as not there, so that a handler
 * reads all it wants and asks once:
 *
 *   struct fields fields;
 *   if (!fields_body(&fields, request))                         400 for what is no JSON object: replied
 *           return;
 *   const char *name = fields_text(&fields, "name", 64);
 *   bool on = fields_bool(&fields, "on", true);
 *   fields_need(&fields, "name", name);
 *   if (!fields_end(&fields))                                   400 with what was wrong, or a field nobody asked for
 *           return;
 *
 * Texts live as long as the request. */
#ifndef HTTP_API_FIELDS_H
#define HTTP_API_FIELDS_H

#include "http/api.h"

#include <jansson.h>

#define FIELDS_MAX       40u
#define FIELDS_DEPTH_MAX 16u

struct fields {
	struct http_request *request;
	const json_t *object; /* NULL: form and query */
	bool form, query;     /* look there, too */
	char where[48];       /* before a name in messages: "entries[3]." */
	const char *asked[FIELDS_MAX];
	size_t asked_count;
	char code[24], message[320], hint[320]; /* of the first thing wrong; code "": nothing is */
};

/* Of the JSON body, which is kept in the call; no body at all is an empty object. nodes_max: values in it at most. */
bool fields_body(struct fields *ret_fields, struct http_request *request);
bool fields_body_of(struct fields *ret_fields, struct http_request *request, size_t nodes_max);
/* Of form and query. */
void fields_form(struct fields *ret_fields, struct http_request *request);
/* Of an object within another, "entries[3]", or "ground" with FIELDS_ALONE: what is wrong with it is told by fields_join. */
#define FIELDS_ALONE SIZE_MAX
void fields_inner(struct fields *ret_fields, const struct fields *outer, const json_t *object,
	const char *name, size_t index);
/* Takes over what an inner object said was wrong, after looking for fields that nobody asked for. */
void fields_join(struct fields *outer, struct fields *inner);

bool fields_has(struct fields *fields, const char *name);
/* 0 to size_max bytes without NUL; NULL where it is not there or null. */
const char *fields_text(struct fields *fields, const char *name, size_t size_max);
int64_t fields_integer(
	struct fields *fields, const char *name, int64_t min, int64_t max, int64_t other);
/* With decimals; of JSON alone. */
double fields_real(struct fields *fields, const char *name, double min, double max, double other);
bool fields_bool(struct fields *fields, const char *name, bool other);
/* "2027-05-31", "2027-05-31T13:05:09Z", "90d", "12w", "36h" from now. 0 where it is not there. past: also before now. */
int64_t fields_time(struct fields *fields, const char *name, bool past);
/* A list of texts, or one text with commas; *ret_count 0 and NULL where it is not there. In the request's arena. */
const char *const *fields_texts(struct fields *fields, const char *name, size_t count_max,
	size_t size_max, size_t *ret_count);
/* The same where a list may be empty, which with fields_has is told from one that is not there. */
const char *const *fields_some(struct fields *fields, const char *name, size_t count_max,
	size_t size_max, size_t *ret_count);
/* An array or an object as it is; NULL where it is not there. Of JSON bodies alone. */
const json_t *fields_array(struct fields *fields, const char *name, size_t count_max);
/* The same, but an array without items is as if it were not there. */
const json_t *fields_items(struct fields *fields, const char *name, size_t count_max);
const json_t *fields_object(struct fields *fields, const char *name);
/* The same as fields_array, or its JSON in a form's or the query's field; one of these in a request. */
const json_t *fields_list(struct fields *fields, const char *name, size_t count_max);
/* An object of texts, or its JSON in a form's field. */
const struct hilf_label *fields_labels(struct fields *fields, const char *name, size_t *ret_count);
/* "type", "value" and "quality" of these fields. */
void fields_signal(struct fields *fields, struct hilf_signal *ret_signal);
/* The same of texts that were taken; either may be NULL. False: what is missing or wrong is told by its name. */
bool fields_parse_signal(
	struct fields *fields, const char *type, const char *value, struct hilf_signal *ret_signal);

/* Says that it must be there. */
void fields_need(struct fields *fields, const char *name, bool is_there);
/* Something is wrong with the value of `name`: err's text. */
void fields_wrong(struct fields *fields, const char *name, const struct hilf_err *err);
void fields_refuse(struct fields *fields, const char *code, const char *hint, const char *format,
	...) HILF_PRINTF(4, 5);
bool fields_good(const struct fields *fields);
/* Whether all is well; otherwise the error was replied. */
bool fields_end(struct fields *fields);

#endif
