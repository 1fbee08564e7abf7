/* POST /v1/reports: what users of a platform say of a content. */
#include "engine/cases.h"
#include "http/api/check.h"
#include "os/clock.h"

#include <stdio.h>
#include <string.h>

static void need_category(struct fields *fields, const char *category)
{
	bool known = category && !strcmp(category, "other");
	char hint[300] = "there are: other";
	for (unsigned i = 0; category && hilf_class_name(i); i++) {
		size_t size = strlen(hint);
		known = known || !strcmp(category, hilf_class_name(i));
		snprintf(hint + size, sizeof hint - size, ", %s", hilf_class_name(i));
	}
	fields_need(fields, "category", category);
	if (category && !known)
		fields_refuse(fields, "invalid_field", hint, "'category' is none of the classes");
}

static bool may_report(struct http_request *request)
{
	uint32_t retry_ms = 0;
	char seconds[16];
	if (case_report_may(api_hilf(request), api_actor(request)->id, clock_now_ms(), &retry_ms))
		return true;
	snprintf(seconds, sizeof seconds, "%u", (retry_ms + 999) / 1000);
	http_reply_header(request, "Retry-After", seconds);
	api_error(request, 429, "rate",
		"more reports came in this minute than the node takes from one sender",
		"wait as long as Retry-After says; an operator can set reports_per_minute");
	return false;
}

void api_report(struct http_request *request)
{
	struct check_context context = {.actor = api_actor(request)->id};
	const struct hilf_signal *signals;
	struct buf buf = BUF_INIT;
	struct fields fields;
	struct hilf_err err;
	uint64_t case_id;
	size_t count;
	if (!fields_body(&fields, request))
		return;
	const char *category = fields_text(&fields, "category", 32);
	const char *text = fields_text(&fields, "text", CASE_REPORT_TEXT_MAX);
	check_read_context(&fields, &context);
	check_read_signals(&fields, &signals, &count);
	fields_need(&fields, "content_id", context.content_id && *context.content_id);
	need_category(&fields, category);
	if (!fields_end(&fields) || !check_may_surface(request, context.surface) ||
		!may_report(request) || api_must_catch_up(request))
		return;
	if (case_report(
		    api_hilf(request), &context, signals, count, category, text, &case_id, &err)) {
		api_fail(request, &err);
		return;
	}
	buf_char(&buf, '{');
	json_out_integer(&buf, "case", (int64_t)case_id);
	buf_char(&buf, '}');
	api_reply(request, 202, &buf);
}
