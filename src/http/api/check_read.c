/* A check's question: what is sent, and what the platform says of it, whichever way it says so. */
#include "base/err.h"
#include "engine/places.h"
#include "http/api/check.h"

#include <string.h>

/* All that the actor may ask of. */
static void scope_all(const struct http_request *request, struct hilf_query *query)
{
	const struct actor *actor = api_actor(request);
	query->banks = actor->banks;
	query->bank_count = actor->banks ? actor->bank_count : 0;
	/* A bank that was removed ends nobody's look-ups in the others. */
	query->lenient = true;
}

void check_plain_query(const struct http_request *request, struct hilf_query *ret_query)
{
	*ret_query = (struct hilf_query){.limit = CHECK_LIMIT};
	scope_all(request, ret_query);
}

/* A list limited to what the actor may ask of. */
static bool scope(struct http_request *request, struct hilf_query *query)
{
	const struct actor *actor = api_actor(request);
	if (!query->banks) {
		scope_all(request, query);
		return true;
	}
	for (size_t i = 0; actor->banks && i < query->bank_count; i++) {
		const struct object object = {.kind = OBJECT_BANK, .bank = query->banks[i]};
		if (!api_may(request, VERB_CHECK, &object))
			return false;
	}
	return true;
}

bool check_read_query(
	struct http_request *request, struct fields *fields, struct hilf_query *ret_query)
{
	size_t count;
	*ret_query = (struct hilf_query){0};
	ret_query->banks =
		fields_texts(fields, "banks", CHECK_BANKS_MAX, HILF_BANK_NAME_MAX, &count);
	ret_query->bank_count = count;
	ret_query->limit = (size_t)fields_integer(fields, "limit", 1, CHECK_LIMIT_MAX, CHECK_LIMIT);
	ret_query->seed = fields_text(fields, "seed", CHECK_SEED_MAX);
	return fields_end(fields) && scope(request, ret_query);
}

static double real_of(struct fields *fields, const char *name, double max)
{
	double number = fields_real(fields, name, 0, max, -1);
	fields_need(fields, name, number >= 0);
	return number < 0 ? 0 : number;
}

static uint32_t part_of(struct fields *fields, const char *name)
{
	return (uint32_t)(real_of(fields, name, 1) * PLACE_PARTS + 0.5);
}

static void read_place(struct fields *fields, struct content_place *place)
{
	const char *kind = fields_text(fields, "kind", 16);
	struct hilf_err err;
	fields_need(fields, "kind", kind);
	if (!kind)
		return;
	if (place_kind_parse(kind, &place->kind, &err)) {
		fields_wrong(fields, "kind", &err);
		return;
	}
	switch (place->kind) {
	case PLACE_REGION:
		place->x = part_of(fields, "x");
		place->y = part_of(fields, "y");
		place->w = part_of(fields, "w");
		place->h = part_of(fields, "h");
		break;
	case PLACE_TIME:
		place->from_ms =
			(int64_t)(real_of(fields, "from_s", PLACE_TIME_MAX / 1000.0) * 1000 + 0.5);
		place->to_ms =
			(int64_t)(real_of(fields, "to_s", PLACE_TIME_MAX / 1000.0) * 1000 + 0.5);
		break;
	case PLACE_PAGE:
		place->page = (uint32_t)fields_integer(fields, "page", 1, PLACE_PAGE_MAX, 0);
		break;
	case PLACE_TEXT:
		place->quote = fields_text(fields, "quote", PLACE_QUOTE_MAX);
		break;
	}
	if (fields_good(fields) && place_check(place, &err))
		fields_wrong(fields, "kind", &err);
}

/* NULL where none are given, or something is wrong. */
static const char *read_places(struct fields *fields)
{
	struct arena *arena = http_arena(fields->request);
	const json_t *list = fields_list(fields, "places", CHECK_PLACES_MAX);
	size_t count = json_array_size(list);
	struct content_place *places = list ? arena_array(arena, count, sizeof *places) : NULL;
	struct buf buf = BUF_INIT;
	char *text = NULL;
	if (!places)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct fields inner;
		fields_inner(&inner, fields, json_array_get(list, i), "places", i);
		read_place(&inner, &places[i]);
		fields_join(fields, &inner);
	}
	if (fields_good(fields)) {
		places_write(places, count, &buf);
		text = buf.failed ? NULL : arena_text(arena, buf.data, buf.size);
	}
	if (text && buf.size > CHECK_PLACES_SIZE)
		fields_refuse(fields, "invalid_field", "name fewer, or shorter passages",
			"'%splaces' is longer than %u bytes as it is kept", fields->where,
			CHECK_PLACES_SIZE);
	buf_free(&buf);
	return text;
}

void check_read_context(struct fields *fields, struct check_context *ret_context)
{
	struct hilf_err err;
	const char *surface;
	ret_context->content_id = fields_text(fields, "content_id", CHECK_CONTENT_ID_MAX);
	ret_context->uploader_ref = fields_text(fields, "uploader_ref", CHECK_UPLOADER_MAX);
	ret_context->evidence_url = fields_text(fields, "evidence_url", CHECK_URL_MAX);
	if (check_evidence_form(ret_context->evidence_url, &err))
		fields_wrong(fields, "evidence_url", &err);
	ret_context->language = fields_text(fields, "language", CHECK_LANGUAGE_MAX);
	ret_context->caption = fields_text(fields, "caption", CHECK_CAPTION_MAX);
	ret_context->reach = fields_integer(fields, "reach", 0, CHECK_REACH_MAX, 0);
	ret_context->places = read_places(fields);
	surface = fields_text(fields, "surface", 16);
	if (surface && surface_parse(surface, &ret_context->surface, &err))
		fields_wrong(fields, "surface", &err);
}

void check_read_signals(
	struct fields *fields, const struct hilf_signal **ret_signals, size_t *ret_count)
{
	const json_t *list = fields_array(fields, "signals", CHECK_SIGNALS_MAX);
	size_t count = json_array_size(list);
	*ret_signals = NULL;
	*ret_count = 0;
	if (!list)
		return;
	struct hilf_signal *signals =
		arena_array(http_arena(fields->request), count, sizeof *signals);
	for (size_t i = 0; i < count && signals; i++) {
		struct fields inner;
		fields_inner(&inner, fields, json_array_get(list, i), "signals", i);
		fields_signal(&inner, &signals[i]);
		fields_join(fields, &inner);
	}
	*ret_signals = signals;
	*ret_count = signals ? count : 0;
}

/* The file of a form is called "file"; a raw body has no name. */
static bool read_file(struct http_request *request, struct check_input *input)
{
	const struct http_file *file = http_file(request);
	bool form = !strcmp(http_content_type(request), "multipart/form-data");
	input->file = file;
	if (file && form && strcmp(file->field, "file") != 0) {
		api_error(request, 400, "file_field", "the form's file is not in the field 'file'",
			"curl -F file=@picture.jpg");
		return false;
	}
	if (file && (file->size || form))
		return true;
	api_error(request, 400, "no_file",
		form ? "the form has no file" : "the request has no body",
		"send the file as the form's field 'file' or as the whole body, or JSON with "
		"'url', "
		"'text' or 'signals'");
	return false;
}

static void read_json(struct fields *fields, struct check_input *input)
{
	input->url = fields_text(fields, "url", CHECK_URL_MAX);
	input->text = fields_text(fields, "text", CHECK_TEXT_MAX);
	check_read_signals(fields, &input->signals, &input->signal_count);
	int count = !!input->url + !!input->text + !!input->signals;
	if (count != 1)
		fields_refuse(fields, count ? "ambiguous" : "missing_field",
			"send exactly one of 'url', 'text' and 'signals', or a file",
			count ? "there is more than one thing to check"
			      : "there is nothing to check");
}

bool check_read(struct http_request *request, struct check_input *ret_input)
{
	struct fields fields;
	bool json = !strcmp(http_content_type(request), "application/json");
	*ret_input = (struct check_input){0};
	if (json) {
		if (!fields_body(&fields, request))
			return false;
		fields.query = http_query_at(request, 0, &(const char *){0}, &(const char *){0});
		read_json(&fields, ret_input);
	} else {
		if (!read_file(request, ret_input))
			return false;
		fields_form(&fields, request);
	}
	check_read_context(&fields, &ret_input->context);
	ret_input->context.actor = api_actor(request)->id;
	ret_input->budget_ms = (uint32_t)fields_integer(&fields, "budget_ms", 1, CHECK_BUDGET_MAX,
		api_conf(api_of(request))->check_budget_ms);
	return check_read_query(request, &fields, &ret_input->query);
}

bool check_read_thing(struct http_request *request, struct check_input *ret_input)
{
	struct fields fields;
	*ret_input = (struct check_input){0};
	if (strcmp(http_content_type(request), "application/json") != 0)
		return read_file(request, ret_input);
	if (!fields_body(&fields, request))
		return false;
	check_read_signals(&fields, &ret_input->signals, &ret_input->signal_count);
	fields_need(&fields, "signals", ret_input->signals);
	return fields_end(&fields);
}

size_t check_signals_of(const struct hilf_content *content, struct hilf_signal ret_signals[3])
{
	size_t count = 0;
	if (content->picture_count && !content->pictures[0].degenerate) {
		struct hilf_signal pdq = {.type = HILF_PDQ,
			.size = 32,
			.quality = (int16_t)content->pictures[0].quality};
		memcpy(pdq.value, content->pictures[0].pdq[HILF_ORIGINAL], 32);
		ret_signals[count++] = pdq;
	}
	if (content->digests) {
		struct hilf_signal sha256 = {
			.type = HILF_SHA256, .size = 32, .quality = HILF_QUALITY_UNKNOWN};
		struct hilf_signal md5 = {
			.type = HILF_MD5, .size = 16, .quality = HILF_QUALITY_UNKNOWN};
		memcpy(sha256.value, content->sha256, 32);
		memcpy(md5.value, content->md5, 16);
		ret_signals[count++] = sha256;
		ret_signals[count++] = md5;
	}
	return count;
}
