/* Webhooks: who is told of what, and what became of the telling. */
#include "base/uuid.h"
#include "engine/hooks.h"
#include "http/api/fields.h"
#include "http/api/scoped.h"

#include <stdio.h>
#include <string.h>

#define EVENT_NAME_MAX  32u
#define DELIVERIES_SIZE ((size_t)4 << 20) /* after which a page ends */

static void put_members(struct buf *buf, const struct hook_info *info)
{
	json_out_text(buf, "id", info->id);
	json_out_text(buf, "url", info->url);
	json_out_texts(buf, "events", info->events, info->event_count);
	json_out_texts(buf, "banks", info->bank_count ? info->banks : NULL, info->bank_count);
	json_out_bool(buf, "enabled", info->enabled);
	json_out_time(buf, "created", info->created_ms);
}

static struct scoped_item item_of(const struct hook_info *info)
{
	return (struct scoped_item){OBJECT_WEBHOOK, info->id, NULL, info->banks, info->bank_count};
}

static int list_one(const struct hook_info *info, void *ctx)
{
	const struct scoped_item item = item_of(info);
	struct scoped *scoped = ctx;
	int rc;
	if (!scoped_takes(scoped, &item, &rc))
		return rc;
	json_put_item(&scoped->buf);
	buf_char(&scoped->buf, '{');
	put_members(&scoped->buf, info);
	buf_char(&scoped->buf, '}');
	return 0;
}

/* Loads the path's webhook and asks whether the actor may; its id, or NULL when it was replied. */
static const char *hook_param(struct http_request *request, enum verb verb)
{
	struct scoped scoped = {
		.request = request, .id = http_param(request, "webhook"), .verb = verb};
	struct hilf_err err;
	int rc = hook_each(api_hilf(request), list_one, &scoped, &err);
	return scoped_end(&scoped, "webhook", rc, &err) ? scoped.id : NULL;
}

void api_webhook_list(struct http_request *request)
{
	struct scoped scoped = {.request = request, .verb = VERB_WEBHOOK_READ};
	struct hilf_err err;
	buf_text(&scoped.buf, "{\"webhooks\":[");
	int rc = hook_each(api_hilf(request), list_one, &scoped, &err);
	scoped_reply(&scoped, rc, &err);
}

/* secret NULL: without that member; "": it is there and null, for a repetition that is not told it again. */
static void put_hook(struct buf *buf, const struct hook_info *info, const char *secret)
{
	buf_char(buf, '{');
	put_members(buf, info);
	if (secret)
		json_out_text(buf, "secret", *secret ? secret : NULL);
	buf_char(buf, '}');
}

static void reply_hook(struct http_request *request, int status, const struct hook_info *info)
{
	struct buf buf = BUF_INIT, kept = BUF_INIT;
	put_hook(&buf, info, *info->secret ? info->secret : NULL);
	put_hook(&kept, info, *info->secret ? "" : NULL);
	api_reply_secret(request, status, &buf, &kept);
}

void api_webhook_create(struct http_request *request)
{
	static const char *const all[] = {"*"};
	struct hook_info info = {.enabled = true}, made;
	struct fields fields;
	struct hilf_err err;
	if (!fields_body(&fields, request))
		return;
	info.url = fields_text(&fields, "url", HOOK_URL_MAX);
	info.events =
		fields_texts(&fields, "events", HOOK_EVENTS_MAX, EVENT_NAME_MAX, &info.event_count);
	info.banks = fields_texts(
		&fields, "banks", HOOK_BANKS_MAX, HILF_BANK_NAME_MAX, &info.bank_count);
	info.enabled = fields_bool(&fields, "enabled", true);
	fields_need(&fields, "url", info.url);
	if (!fields_end(&fields))
		return;
	if (!info.events) {
		info.events = all;
		info.event_count = 1;
	}
	const struct scoped_item item = item_of(&info);
	int rc = scoped_may(api_actor(request), VERB_WEBHOOK_CHANGE, &item, &err);
	if (!rc)
		rc = hook_create(api_hilf(request), &info, &made, &err);
	if (rc) {
		api_fail(request, &err);
		return;
	}
	made.url = info.url;
	made.events = info.events;
	made.event_count = info.event_count;
	made.banks = info.banks;
	made.bank_count = info.bank_count;
	reply_hook(request, 201, &made);
}

struct showing {
	struct http_request *request;
	const char *id, *secret;
};

static int show_one(const struct hook_info *info, void *ctx)
{
	const struct showing *showing = ctx;
	struct hook_info shown = *info;
	if (strcmp(info->id, showing->id) != 0)
		return 0;
	snprintf(shown.secret, sizeof shown.secret, "%s", showing->secret);
	reply_hook(showing->request, 200, &shown);
	return HILF_E_STOPPED;
}

void api_webhook_change(struct http_request *request)
{
	struct hook_change change = {0};
	struct hook_info changed = {0};
	struct fields fields;
	struct hilf_err err;
	const char *id = hook_param(request, VERB_WEBHOOK_CHANGE);
	if (!id || !fields_body(&fields, request))
		return;
	change.url = fields_text(&fields, "url", HOOK_URL_MAX);
	change.events = fields_texts(
		&fields, "events", HOOK_EVENTS_MAX, EVENT_NAME_MAX, &change.event_count);
	change.set_enabled = fields_has(&fields, "enabled");
	change.enabled = fields_bool(&fields, "enabled", true);
	change.new_secret = fields_bool(&fields, "new_secret", false);
	if (!fields_end(&fields))
		return;
	if (hook_set(api_hilf(request), id, &change, &changed, &err)) {
		api_fail(request, &err);
		return;
	}
	struct showing showing = {request, id, changed.secret};
	int rc = hook_each(api_hilf(request), show_one, &showing, &err);
	if (rc == 0)
		api_error(request, 404, "not_found", "the webhook was removed meanwhile", NULL);
	else if (rc != HILF_E_STOPPED)
		api_fail(request, &err);
}

void api_webhook_remove(struct http_request *request)
{
	const char *id = hook_param(request, VERB_WEBHOOK_CHANGE);
	struct hilf_err err;
	if (!id)
		return;
	if (hook_remove(api_hilf(request), id, &err))
		api_fail(request, &err);
	else
		api_reply_nothing(request);
}

/* -------------------------------------------------------------------------------------------- deliveries */

struct deliveries {
	struct buf buf;
	size_t count, limit;
	uint64_t last;
	bool more;
};

static int put_delivery(const struct delivery *delivery, void *ctx)
{
	struct deliveries *list = ctx;
	/* A page of the largest would be two gigabytes. */
	if (list->count && list->count < list->limit && list->buf.size >= DELIVERIES_SIZE)
		list->limit = list->count;
	if (list->count++ == list->limit || list->buf.size > API_PAGE_SIZE) {
		list->more = true;
		return HILF_E_STOPPED;
	}
	list->last = delivery->id;
	json_put_item(&list->buf);
	buf_char(&list->buf, '{');
	json_out_integer(&list->buf, "delivery", (int64_t)delivery->id);
	json_out_text(&list->buf, "event_id", delivery->event_id);
	json_out_text(&list->buf, "event", delivery->event);
	json_out_text(&list->buf, "state", delivery->dead ? "dead" : "waiting");
	json_out_integer(&list->buf, "attempts", delivery->attempts);
	json_out_time(&list->buf, "created", delivery->created_ms);
	json_out_time(&list->buf, "next", delivery->dead ? 0 : delivery->next_ms);
	json_out_time(&list->buf, "failed", delivery->failed_ms);
	json_out_integer(&list->buf, "last_status", delivery->last_status);
	json_out_text(&list->buf, "last_error",
		delivery->last_error && *delivery->last_error ? delivery->last_error : NULL);
	/* As it is sent: JSON already. */
	json_put_key(&list->buf, "body");
	buf_add(&list->buf, delivery->body, delivery->size);
	buf_char(&list->buf, '}');
	return 0;
}

void api_webhook_deliveries(struct http_request *request)
{
	const char *id = hook_param(request, VERB_DELIVERY_READ);
	const char *state = http_query(request, "state");
	struct deliveries list = {0};
	struct page page;
	struct hilf_err err;
	uint64_t before;
	char next[24];
	if (!id || !api_page(request, &page) || !api_page_number(request, &page, &before))
		return;
	if (state && strcmp(state, "dead") != 0 && strcmp(state, "waiting") != 0) {
		api_error(request, 400, "invalid_parameter",
			"the query parameter 'state' is dead or waiting",
			"leave it out for dead ones");
		return;
	}
	list.limit = page.limit;
	buf_text(&list.buf, "{\"deliveries\":[");
	int rc = deliveries_page(api_hilf(request), id, !state || !strcmp(state, "dead"), before,
		page.limit + 1, put_delivery, &list, &err);
	if (rc && rc != HILF_E_STOPPED) {
		buf_free(&list.buf);
		api_fail(request, &err);
		return;
	}
	snprintf(next, sizeof next, "%llu", (unsigned long long)list.last);
	buf_char(&list.buf, ']');
	json_out_text(&list.buf, "next", list.more ? next : NULL);
	buf_char(&list.buf, '}');
	api_reply(request, 200, &list.buf);
}

void api_webhook_replay(struct http_request *request)
{
	const char *id = hook_param(request, VERB_DELIVERY_REPLAY);
	struct buf buf = BUF_INIT;
	struct fields fields;
	struct hilf_err err;
	uint64_t count;
	if (!id || !fields_body(&fields, request))
		return;
	int64_t delivery = fields_integer(&fields, "delivery", 1, INT64_MAX, 0);
	if (!fields_end(&fields))
		return;
	if (deliveries_replay(api_hilf(request), id, (uint64_t)delivery, &count, &err)) {
		api_fail(request, &err);
		return;
	}
	buf_char(&buf, '{');
	json_out_integer(&buf, "replayed", (int64_t)count);
	buf_char(&buf, '}');
	api_reply(request, 200, &buf);
}

void api_webhook_test(struct http_request *request)
{
	const char *id = hook_param(request, VERB_WEBHOOK_CHANGE);
	struct buf buf = BUF_INIT;
	struct fields fields;
	struct hilf_err err;
	if (!id || !fields_body(&fields, request) || !fields_end(&fields))
		return;
	if (hook_test(api_hilf(request), id, &err)) {
		api_fail(request, &err);
		return;
	}
	buf_char(&buf, '{');
	json_out_text(&buf, "queued", "ping");
	buf_char(&buf, '}');
	api_reply(request, 202, &buf);
}
