/* What the node says of itself, its settings, recorded checks, look-back, and the pages. */
#include "engine/checks.h"
#include "engine/desk_settings.h"
#include "http/api/documents.h"
#include "http/api/fields.h"
#include "http/api/inside.h"
#include "os/clock.h"

#include <stdio.h>
#include <string.h>

#define BASIS_MAX 400u

/* ------------------------------------------------------------------------------------------- about the node */

void api_whoami(struct http_request *request)
{
	const struct actor *actor = api_actor(request);
	struct buf buf = BUF_INIT;
	buf_char(&buf, '{');
	json_out_text(&buf, "actor", actor->id);
	json_out_text(&buf, "role", role_name(actor->role));
	json_out_texts(&buf, "banks", actor->banks, actor->bank_count);
	json_put_key(&buf, "may");
	buf_char(&buf, '[');
	for (unsigned verb = VERB_PUBLIC + 1; verb < VERB_COUNT; verb++) {
		if (!may_ever(actor, (enum verb)verb))
			continue;
		json_put_item(&buf);
		json_put_text(&buf, verb_name((enum verb)verb));
	}
	buf_text(&buf, "]}");
	api_reply(request, 200, &buf);
}

static void put_signals(struct buf *buf, const struct hilf_stats *stats)
{
	json_put_key(buf, "signals");
	buf_char(buf, '{');
	for (uint8_t type = 1; type < sizeof stats->signal_count / sizeof *stats->signal_count;
		type++)
		if (hilf_signal_type_name(type))
			json_out_integer(buf, hilf_signal_type_name(type),
				(int64_t)stats->signal_count[type]);
	buf_char(buf, '}');
}

void api_stats(struct http_request *request)
{
	struct api *api = api_of(request);
	struct hilf_stats stats;
	struct hilf_index index;
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	int rc = hilf_stats_get(api_hilf(request), &stats, &err);
	if (!rc)
		rc = hilf_index_get(api_hilf(request), &index, &err);
	if (rc) {
		api_fail(request, &err);
		return;
	}
	buf_char(&buf, '{');
	json_out_text(&buf, "version", hilf_version());
	json_out_text(&buf, "member", *stats.member ? stats.member : NULL);
	json_out_bool(&buf, "follower", api->follower);
	json_out_time(&buf, "started", api->started_ms);
	json_out_integer(&buf, "feed", (int64_t)stats.feed_count);
	json_out_integer(&buf, "feed_size", (int64_t)stats.feed_size);
	json_out_integer(&buf, "banks", (int64_t)stats.bank_count);
	json_out_integer(&buf, "entries", (int64_t)stats.entry_count);
	json_out_integer(&buf, "withdrawn", (int64_t)stats.withdrawn_count);
	json_out_integer(&buf, "expired", (int64_t)stats.expired_count);
	put_signals(&buf, &stats);
	json_put_key(&buf, "index");
	buf_char(&buf, '{');
	json_out_integer(&buf, "values", (int64_t)stats.index_count);
	json_out_integer(&buf, "size", (int64_t)stats.index_size);
	json_out_integer(&buf, "seq", (int64_t)index.seq);
	json_out_integer(&buf, "degenerate", (int64_t)stats.degenerate_count);
	json_out_integer(&buf, "snapshot_seq", (int64_t)index.snapshot_seq);
	json_out_integer(&buf, "snapshot_size", (int64_t)index.snapshot_size);
	json_out_integer(&buf, "mended", (int64_t)index.mended_count);
	json_out_text(&buf, "simd", stats.simd);
	buf_char(&buf, '}');
	json_out_integer(
		&buf, "lookback", api->lookback ? (int64_t)lookback_count(api->lookback) : 0);
	buf_char(&buf, '}');
	api_reply(request, 200, &buf);
}

static void put_desk(struct buf *buf, struct hilf *hilf)
{
	json_put_key(buf, "desk");
	buf_char(buf, '[');
	for (unsigned i = 0; i < DESK_COUNT; i++) {
		const struct desk_setting_info *info = desk_setting_info((enum desk_setting)i);
		json_put_item(buf);
		buf_char(buf, '{');
		json_out_text(buf, "name", info->name);
		json_out_integer(buf, "value", desk_setting(hilf, (enum desk_setting)i));
		json_out_integer(buf, "default", info->value);
		json_out_integer(buf, "min", info->min);
		json_out_integer(buf, "max", info->max);
		json_out_text(buf, "unit", info->unit);
		json_out_text(buf, "help", info->help);
		buf_char(buf, '}');
	}
	buf_char(buf, ']');
}

static void reply_settings(struct http_request *request)
{
	const struct api *api = api_of(request);
	const struct api_conf *conf = api_conf(api);
	char basis[BASIS_MAX + 200];
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	if (checks_private_basis(api_hilf(request), basis, sizeof basis, &err)) {
		api_fail(request, &err);
		return;
	}
	buf_char(&buf, '{');
	json_out_text(&buf, "private_basis", *basis ? basis : NULL);
	json_out_bool(&buf, "open", conf->open);
	json_out_bool(&buf, "fetch", api->fetch && conf->fetch_urls);
	json_out_bool(&buf, "lookback", api->lookback);
	json_out_integer(&buf, "check_budget_ms", conf->check_budget_ms);
	json_out_integer(&buf, "file_max", (int64_t)conf->file_max);
	json_out_integer(&buf, "batch_max", conf->batch_max);
	json_out_integer(&buf, "rate_per_s", conf->rate_per_s);
	json_out_text(&buf, "leader", api->follower ? api->leader_url : NULL);
	put_desk(&buf, api_hilf(request));
	buf_char(&buf, '}');
	api_reply(request, 200, &buf);
}

void api_settings(struct http_request *request)
{
	reply_settings(request);
}

void api_desk_setting(struct http_request *request)
{
	const char *name = http_param(request, "name");
	enum desk_setting which;
	struct fields fields;
	struct hilf_err err;
	if (desk_setting_parse(name, &which, &err)) {
		api_fail(request, &err);
		return;
	}
	const struct desk_setting_info *info = desk_setting_info(which);
	if (!fields_body(&fields, request))
		return;
	int64_t value = fields_integer(&fields, "value", info->min, info->max, INT64_MIN);
	fields_need(&fields, "value", value != INT64_MIN);
	if (!fields_end(&fields) || !api_may(request, VERB_SETTING_CHANGE, NULL))
		return;
	if (desk_setting_set(api_hilf(request), which, value, &err))
		api_fail(request, &err);
	else
		reply_settings(request);
}

void api_private_basis(struct http_request *request)
{
	struct fields fields;
	struct hilf_err err;
	if (!fields_body(&fields, request))
		return;
	const char *basis = fields_text(&fields, "basis", BASIS_MAX);
	fields_need(&fields, "basis", basis);
	if (!fields_end(&fields) || !api_may(request, VERB_SETTING_CHANGE, NULL))
		return;
	if (checks_private_basis_set(api_hilf(request), basis, api_actor(request)->id, &err))
		api_fail(request, &err);
	else
		reply_settings(request);
}

/* ---------------------------------------------------------------------------------------- recorded checks */

struct listing {
	struct http_request *request;
	struct buf buf;
	size_t count, limit;
	uint64_t last;
	bool more;
};

/* NULL for a text that is empty. */
static const char *said(const char *text)
{
	return text && *text ? text : NULL;
}

static int put_check(const struct check_row *row, void *ctx)
{
	struct listing *listing = ctx;
	struct buf *buf = &listing->buf;
	const struct object object = {
		.kind = OBJECT_CHECK, .own = true, .holder = row->context.actor};
	const struct actor *actor = api_actor(listing->request);
	if (listing->count++ == listing->limit || buf->size > API_PAGE_SIZE) {
		listing->more = true;
		return HILF_E_STOPPED;
	}
	listing->last = row->id;
	if (may(actor, VERB_CHECK_READ, &object, NULL))
		return 0;
	bool uploader = may(actor, VERB_UPLOADER_READ, &object, NULL) == 0;
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_integer(buf, "check", (int64_t)row->id);
	json_out_time(buf, "time", row->time_ms);
	json_out_text(buf, "verdict", hilf_verdict_name(row->verdict));
	json_out_text(buf, "content_id", said(row->context.content_id));
	json_out_text(buf, "surface", surface_name(row->context.surface));
	json_out_text(buf, "language", said(row->context.language));
	if (uploader) {
		json_out_text(buf, "uploader_ref", said(row->context.uploader_ref));
		json_out_text(buf, "evidence_url", said(row->context.evidence_url));
	}
	/* What a machine asked is everybody's who may read this; what a person asked would be a figure of that person. */
	bool shown = strncmp(row->context.actor, "user:", 5) != 0 ||
		     strcmp(row->context.actor, actor->id) == 0;
	json_out_text(buf, "actor", shown ? row->context.actor : NULL);
	json_out_text(buf, "decision", *row->decision ? row->decision : NULL);
	json_out_texts(buf, "entries", row->entries ? row->entries : (const char *const[]){NULL},
		row->entry_count);
	json_out_time(buf, "reversed", row->reversed_ms);
	buf_char(buf, '}');
	return 0;
}

void api_check_list(struct http_request *request)
{
	struct listing listing = {.request = request};
	struct page page;
	struct hilf_err err;
	uint64_t before, entry;
	char next[24];
	const char *content_id = http_query(request, "content_id");
	if (!api_page(request, &page) || !api_page_number(request, &page, &before) ||
		!api_query_number(request, "entry", 1, INT64_MAX, 0, &entry))
		return;
	if (entry && content_id) {
		api_error(request, 400, "ambiguous", "'entry' and 'content_id' are two questions",
			"send one of them");
		return;
	}
	listing.limit = page.limit;
	buf_text(&listing.buf, "{\"checks\":[");
	int rc = entry ? check_page_of_entry(api_hilf(request), entry, before, page.limit + 1,
				 put_check, &listing, &err)
		       : check_page(api_hilf(request), content_id, before, page.limit + 1,
				 put_check, &listing, &err);
	if (rc && rc != HILF_E_STOPPED) {
		buf_free(&listing.buf);
		api_fail(request, &err);
		return;
	}
	snprintf(next, sizeof next, "%llu", (unsigned long long)listing.last);
	buf_char(&listing.buf, ']');
	json_out_text(&listing.buf, "next", listing.more ? next : NULL);
	buf_char(&listing.buf, '}');
	api_reply(request, 200, &listing.buf);
}

void api_lookback_erase(struct http_request *request)
{
	struct lookback *lookback = api_of(request)->lookback;
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	uint64_t count = 0;
	if (!api_may(request, VERB_LOOKBACK_ERASE, NULL))
		return;
	if (lookback && lookback_erase(lookback, http_param(request, "content_id"), &count, &err)) {
		api_fail(request, &err);
		return;
	}
	buf_char(&buf, '{');
	json_out_integer(&buf, "erased", (int64_t)count);
	buf_char(&buf, '}');
	api_reply(request, 200, &buf);
}

/* -------------------------------------------------------------------------------------------------- pages */

static void reply_document(
	struct http_request *request, const char *type, const struct buf *document)
{
	http_reply_header(request, "Cache-Control", "max-age=60");
	http_reply_const(request, 200, type, document->data, document->size);
}

static const struct documents *documents_of(struct http_request *request)
{
	const struct documents *documents = api_of(request)->documents;
	if (!documents)
		api_error(request, 503, "no_memory", "there was no memory for this page", NULL);
	return documents;
}

void api_openapi(struct http_request *request)
{
	const struct documents *documents = documents_of(request);
	if (documents)
		reply_document(request, "application/json", &documents->openapi);
}

void api_docs(struct http_request *request)
{
	const struct documents *documents = documents_of(request);
	if (!documents)
		return;
	http_reply_header(request, "Content-Security-Policy", documents->policy);
	http_reply_header(request, "Referrer-Policy", "no-referrer");
	reply_document(request, "text/html; charset=utf-8", &documents->page);
}
