/* Decisions: making, taking back, a second word, withholding, reading. */
#include "engine/cases.h"
#include "http/api/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REASON_TIME_MAX 4102444800000ll /* 2100: times beyond are slips of a finger */

/* ------------------------------------------------------------------------------------------ making */

/* Numbers, or texts of digits: JSON of some languages has no whole numbers of this size. */
static const uint64_t *read_uploads(struct fields *fields, size_t *ret_count)
{
	const json_t *list = fields_array(fields, "uploads", DECIDE_UPLOADS_MAX);
	size_t count = json_array_size(list);
	uint64_t *uploads =
		list ? arena_array(http_arena(fields->request), count, sizeof *uploads) : NULL;
	*ret_count = uploads ? count : 0;
	for (size_t i = 0; i < count && uploads; i++) {
		const json_t *item = json_array_get(list, i);
		const char *text = json_string_value(item);
		bool digits = text && *text && strlen(text) <= 18 &&
			      strspn(text, "0123456789") == strlen(text);
		if (json_is_integer(item) && json_integer_value(item) > 0)
			uploads[i] = (uint64_t)json_integer_value(item);
		else if (digits)
			uploads[i] = strtoull(text, NULL, 10);
		else
			fields_refuse(fields, "invalid_field", "send the ids of the case's uploads",
				"'uploads[%zu]' is no upload's id", i);
	}
	return uploads;
}

static void read_actions(struct fields *fields, struct decide_request *decide)
{
	size_t count;
	const char *const *names = fields_texts(fields, "actions", ACTION_COUNT, 16, &count);
	struct hilf_err err;
	bool none = false;
	fields_need(fields, "actions", count != 0);
	for (size_t i = 0; i < count && fields_good(fields); i++) {
		unsigned bit = 0;
		if (action_parse(names[i], &bit, &err))
			fields_wrong(fields, "actions", &err);
		none = none || !bit;
		decide->actions |= bit;
	}
	if (none && decide->actions)
		fields_refuse(fields, "invalid_field", "send none alone, or leave it out",
			"'actions' has none beside others");
}

static void read_territory(struct fields *fields, struct decide_request *decide)
{
	const json_t *list = fields_items(fields, "territory", LIMIT_TERRITORIES);
	size_t count = json_array_size(list);
	const char **codes =
		list ? arena_array(http_arena(fields->request), count, sizeof *codes) : NULL;
	for (size_t i = 0; i < count && codes; i++) {
		codes[i] = json_string_value(json_array_get(list, i));
		if (!codes[i])
			fields_refuse(fields, "invalid_field", "send countries as FR",
				"'territory[%zu]' is no text", i);
	}
	decide->territory = codes;
	decide->territory_count = codes ? count : 0;
}

static void read_ground(struct fields *fields, struct decide_request *decide)
{
	const json_t *object = fields_object(fields, "ground");
	struct hilf_err err;
	struct fields inner;
	fields_need(fields, "ground", object != NULL);
	if (!object)
		return;
	fields_inner(&inner, fields, object, "ground", FIELDS_ALONE);
	const char *basis = fields_text(&inner, "basis", 8);
	fields_need(&inner, "basis", basis);
	if (basis && basis_parse(basis, &decide->basis, &err))
		fields_wrong(&inner, "basis", &err);
	decide->article = fields_text(&inner, "article", DECIDE_ARTICLE_MAX);
	decide->text = fields_text(&inner, "text", DECIDE_TEXT_MAX);
	fields_join(fields, &inner);
}

static void read_withhold_of(struct fields *fields, struct decide_withhold *withhold)
{
	withhold->until_ms = fields_integer(fields, "until_ms", 0, REASON_TIME_MAX, 0);
	withhold->authority = fields_text(fields, "authority", DECIDE_AUTHORITY_MAX);
	withhold->ground = fields_text(fields, "ground", DECIDE_TEXT_MAX);
	fields_need(fields, "until_ms", withhold->until_ms);
	fields_need(fields, "authority", withhold->authority);
	fields_need(fields, "ground", withhold->ground);
}

static void read_withhold(
	struct fields *fields, struct decide_withhold *withhold, struct decide_request *decide)
{
	const json_t *object = fields_object(fields, "withhold");
	struct fields inner;
	if (!object)
		return;
	fields_inner(&inner, fields, object, "withhold", FIELDS_ALONE);
	read_withhold_of(&inner, withhold);
	fields_join(fields, &inner);
	decide->withhold = withhold;
}

static void read_opinion(struct fields *fields, struct decide_request *decide)
{
	const char *name = fields_text(fields, "entry_opinion", 16);
	if (!name)
		return;
	if (strcmp(name, "confirm") == 0)
		decide->opinion = HILF_CONFIRM;
	else if (strcmp(name, "dispute") == 0)
		decide->opinion = HILF_DISPUTE;
	else
		fields_refuse(fields, "invalid_field", "leave it out if it is not needed",
			"'entry_opinion' is confirm or dispute");
}

static bool read_decide(struct http_request *request, struct decide_withhold *withhold,
	struct decide_request *decide)
{
	struct fields fields;
	if (!fields_body(&fields, request))
		return false;
	decide->cluster = (uint32_t)fields_integer(&fields, "cluster", 1, INT32_MAX, 0);
	fields_need(&fields, "cluster", decide->cluster);
	decide->version = (uint64_t)fields_integer(&fields, "version", 0, INT64_MAX, 0);
	decide->uploads = read_uploads(&fields, &decide->upload_count);
	read_actions(&fields, decide);
	read_ground(&fields, decide);
	read_territory(&fields, decide);
	decide->duration_days =
		(uint32_t)fields_integer(&fields, "duration_days", 0, DECIDE_DURATION_DAYS, 0);
	decide->language = fields_text(&fields, "language", CHECK_LANGUAGE_MAX);
	decide->preview = fields_bool(&fields, "preview", false);
	read_opinion(&fields, decide);
	read_withhold(&fields, withhold, decide);
	return fields_end(&fields);
}

static void reply_preview(struct http_request *request, const struct decision_info *info)
{
	struct buf buf = BUF_INIT;
	buf_text(&buf, "{\"preview\":{");
	json_out_bool(&buf, "second_needed", info->second_needed);
	json_put_key(&buf, "statement");
	if (info->statement && *info->statement) {
		buf_char(&buf, '{');
		json_out_text(&buf, "language", info->language);
		json_out_text(&buf, "text", info->statement);
		buf_char(&buf, '}');
	} else {
		buf_text(&buf, "null");
	}
	buf_text(&buf, "}}");
	api_reply(request, 200, &buf);
}

void api_decide(struct http_request *request)
{
	struct decide_withhold withhold = {0};
	struct decide_request asked = {0};
	struct decision_info info;
	struct refusal refusal;
	struct hilf_err err;
	if (!desk_case(request, VERB_DECIDE, &asked.case_id) ||
		!read_decide(request, &withhold, &asked))
		return;
	/* A word on an entry is a right of its own. */
	if (asked.opinion && !desk_may_case(request, VERB_OPINION_GIVE, asked.case_id))
		return;
	if (decide(api_hilf(request), api_actor(request), &asked, http_arena(request), &info,
		    &refusal, &err))
		desk_fail(request, &refusal, &err);
	else if (asked.preview)
		reply_preview(request, &info);
	else
		desk_reply_decision(request, 201, &info);
}

/* ------------------------------------------------------------------------------------------ one decision */

/* Loads the path's {decision} and asks whether the actor may. false: replied. */
static bool load_decision(
	struct http_request *request, enum verb verb, struct decision_info *ret_info)
{
	const char *id = http_param(request, "decision");
	struct hilf_err err;
	int rc = decision_get(
		api_hilf(request), api_actor(request), id, http_arena(request), ret_info, &err);
	if (rc == HILF_E_NOT_FOUND)
		api_error(request, 404, "not_found", err.text, "GET /v1/decisions lists them");
	else if (rc)
		api_fail(request, &err);
	return !rc && desk_may_bank(request, verb, ret_info->bank);
}

static bool load_person(
	struct http_request *request, enum verb verb, struct decision_info *ret_info)
{
	if (!load_decision(request, verb, ret_info))
		return false;
	if (ret_info->block)
		api_error(request, 409, "automated", "no person made this decision",
			"it falls by an appeal, or with the entry that it rests on");
	return !ret_info->block;
}

void api_decision(struct http_request *request)
{
	struct decision_info info;
	if (load_decision(request, VERB_CASE_READ, &info))
		desk_reply_decision(request, 200, &info);
}

static void reply_again(struct http_request *request)
{
	struct decision_info info;
	if (load_decision(request, VERB_CASE_READ, &info))
		desk_reply_decision(request, 200, &info);
}

void api_decision_undo(struct http_request *request)
{
	struct decision_info info;
	struct refusal refusal;
	struct fields fields;
	struct hilf_err err;
	if (!load_person(request, VERB_DECIDE, &info) || !fields_body(&fields, request) ||
		!fields_end(&fields))
		return;
	if (decide_undo(api_hilf(request), api_actor(request), info.id, &refusal, &err))
		desk_fail(request, &refusal, &err);
	else
		reply_again(request);
}

void api_decision_second(struct http_request *request)
{
	struct decision_info info;
	struct refusal refusal;
	struct fields fields;
	struct hilf_err err;
	if (!load_person(request, VERB_DECIDE, &info) || !fields_body(&fields, request))
		return;
	bool said = fields_has(&fields, "agree");
	bool agree = fields_bool(&fields, "agree", false);
	const char *text = fields_text(&fields, "text", DECIDE_TEXT_MAX);
	fields_need(&fields, "agree", said);
	if (!fields_end(&fields))
		return;
	if (decide_second(
		    api_hilf(request), api_actor(request), info.id, agree, text, &refusal, &err))
		desk_fail(request, &refusal, &err);
	else
		reply_again(request);
}

void api_decision_withhold(struct http_request *request)
{
	struct decide_withhold withhold = {0};
	struct decision_info info;
	struct refusal refusal;
	struct fields fields;
	struct hilf_err err;
	if (!load_person(request, VERB_DECIDE, &info) || !fields_body(&fields, request))
		return;
	read_withhold_of(&fields, &withhold);
	if (!fields_end(&fields))
		return;
	if (decide_withhold(
		    api_hilf(request), api_actor(request), info.id, &withhold, &refusal, &err))
		desk_fail(request, &refusal, &err);
	else
		reply_again(request);
}

/* ------------------------------------------------------------------------------------------ lists */

struct listing {
	struct http_request *request;
	struct buf buf;
	size_t count, seen, limit;
	uint64_t last;
	int state; /* -1: whichever */
};

static bool may_see(const struct listing *listing, const char *bank)
{
	const struct object object = {.kind = OBJECT_CASE, .bank = bank && *bank ? bank : NULL};
	struct hilf_err err;
	return may(api_actor(listing->request), VERB_CASE_READ, &object, &err) == 0;
}

static int put_one(const struct decision_info *info, void *ctx)
{
	struct listing *listing = ctx;
	listing->seen++;
	listing->last = info->number;
	if (!may_see(listing, info->bank) ||
		(listing->state >= 0 && listing->state != (int)info->state))
		return 0;
	decision_put(&listing->buf, info);
	return listing->buf.size > API_PAGE_SIZE ? HILF_E_STOPPED : 0;
}

static void put_cursor(struct buf *buf, bool more, uint64_t last)
{
	char text[24];
	snprintf(text, sizeof text, "%llu", (unsigned long long)last);
	json_out_text(buf, "cursor", more ? text : NULL);
}

static void reply_list(struct listing *listing, int rc, bool pages, const struct hilf_err *err)
{
	bool more = rc == HILF_E_STOPPED || (pages && listing->seen == listing->limit);
	if (rc && rc != HILF_E_STOPPED) {
		buf_free(&listing->buf);
		api_fail(listing->request, err);
		return;
	}
	buf_char(&listing->buf, ']');
	put_cursor(&listing->buf, more && pages, listing->last);
	buf_char(&listing->buf, '}');
	api_reply(listing->request, 200, &listing->buf);
}

void api_decision_list(struct http_request *request)
{
	struct listing listing = {.request = request, .state = -1};
	const char *state = http_query(request, "state");
	const char *content_id = http_query(request, "content_id");
	enum decision_state which;
	struct page page;
	struct hilf_err err;
	uint64_t before;
	if (!api_page(request, &page) || !api_page_number(request, &page, &before))
		return;
	if (state && *state && strcmp(state, "all") != 0) {
		if (decision_state_parse(state, &which, &err)) {
			api_error(request, 400, "invalid_parameter", err.text,
				"correct it, or leave it out");
			return;
		}
		listing.state = (int)which;
	}
	listing.limit = page.limit;
	buf_text(&listing.buf, "{\"decisions\":[");
	bool of_content = content_id && *content_id;
	int rc = of_content ? decision_of_content(api_hilf(request), api_actor(request), content_id,
				      page.limit, put_one, &listing, &err)
			    : decision_page(api_hilf(request), api_actor(request), listing.state,
				      before, page.limit, put_one, &listing, &err);
	reply_list(&listing, rc, !of_content, &err);
}

static int put_content(const struct decision_content *content, void *ctx)
{
	struct listing *listing = ctx;
	listing->seen++;
	listing->last = content->upload;
	json_put_item(&listing->buf);
	buf_char(&listing->buf, '{');
	json_out_text(
		&listing->buf, "content_id", *content->content_id ? content->content_id : NULL);
	if (content->upload)
		json_out_integer(&listing->buf, "upload", (int64_t)content->upload);
	json_out_text(&listing->buf, "state", content->restored ? "restored" : "decided");
	buf_char(&listing->buf, '}');
	return 0;
}

void api_decision_contents(struct http_request *request)
{
	struct listing listing = {.request = request, .state = -1};
	struct decision_info info;
	struct page page;
	struct hilf_err err;
	uint64_t after;
	if (!load_decision(request, VERB_CASE_READ, &info) || !api_page(request, &page) ||
		!api_page_number(request, &page, &after))
		return;
	listing.limit = page.limit;
	buf_text(&listing.buf, "{\"contents\":[");
	int rc = decision_contents(
		api_hilf(request), info.id, after, page.limit, put_content, &listing, &err);
	reply_list(&listing, rc, !info.block, &err);
}
