/* Cases: the queue, one case with all that is in it, whose it is, what is said about it, and what users report. Lists follow
 * indexes and counts are kept, so that the first view costs the same with ten cases and with a hundred thousand. */
#include "http/api/case.h"
#include "http/api/desk.h"
#include "http/api/fields.h"

#include "base/check.h"
#include "engine/people.h"
#include "engine/vault.h"
#include "os/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLUSTERS_SHOWN 100u
#define UPLOADS_SHOWN  3u
#define REPORTS_SHOWN  20u

/* ------------------------------------------------------------------------------------------ a case in a path */

bool case_load(struct http_request *request, uint64_t case_id, enum verb verb,
	struct case_object *ret_case)
{
	struct hilf *hilf = api_hilf(request);
	struct store_bank bank;
	struct hilf_err err;
	*ret_case->bank = '\0';
	int rc = case_get(hilf, false, case_id, http_arena(request), &ret_case->row, &err);
	if (!rc && ret_case->row.bank) {
		rc = case_bank(hilf, ret_case->row.bank, &bank, &err);
		if (!rc)
			memcpy(ret_case->bank, bank.name, sizeof bank.name);
	}
	if (rc == HILF_E_NOT_FOUND) {
		api_error(request, 404, "not_found", "there is no such case",
			"GET /v1/cases lists them");
		return false;
	}
	if (rc) {
		api_fail(request, &err);
		return false;
	}
	ret_case->object = (struct object){
		.kind = OBJECT_CASE, .bank = *ret_case->bank ? ret_case->bank : NULL, .own = true};
	return api_may(request, verb, &ret_case->object);
}

bool case_param(struct http_request *request, enum verb verb, struct case_object *ret_case)
{
	const char *text = http_param(request, "case");
	size_t digits = strspn(text, "0123456789");
	uint64_t id = digits && digits <= 18 && !text[digits] ? strtoull(text, NULL, 10) : 0;
	return case_load(request, id, verb, ret_case); /* there is no case 0 */
}

/* ------------------------------------------------------------------------------------------ a case in brief */

/* Banks come again and again in a list. */
struct writer {
	struct http_request *request;
	struct buf buf;
	struct hilf_err err;
	uint32_t bank;
	char bank_name[HILF_BANK_NAME_MAX + 1];
	bool second_eyes;
	size_t count;
	uint64_t last;
};

static int see_bank(struct writer *writer, uint32_t id)
{
	struct hilf *hilf = api_hilf(writer->request);
	struct store_bank bank;
	if (id == writer->bank && (id || !*writer->bank_name))
		return 0;
	*writer->bank_name = '\0';
	writer->second_eyes = false;
	writer->bank = id;
	int rc = id ? case_bank(hilf, id, &bank, &writer->err) : 0;
	if (rc || !id)
		return rc;
	memcpy(writer->bank_name, bank.name, sizeof bank.name);
	if (bank.removed)
		return 0;
	return bank_second_eyes(hilf, false, bank.name, &writer->second_eyes, &writer->err);
}

static void put_surfaces(struct buf *buf, uint32_t surfaces)
{
	json_put_key(buf, "surfaces");
	buf_char(buf, '[');
	for (unsigned i = 0; i <= SURFACE_PRIVATE; i++) {
		if (!(surfaces >> i & 1))
			continue;
		json_put_item(buf);
		json_put_text(buf, surface_name((enum surface)i));
	}
	buf_char(buf, ']');
}

static void put_languages(struct buf *buf, const char *languages)
{
	json_put_key(buf, "languages");
	buf_char(buf, '[');
	for (const char *at = languages; at && *at;) {
		size_t size = strcspn(at, "\n");
		json_put_item(buf);
		json_put_string(buf, at, size);
		at += size + (at[size] == '\n');
	}
	buf_char(buf, ']');
}

static void put_number_or_null(struct buf *buf, const char *key, int64_t number, bool is_there)
{
	json_put_key(buf, key);
	if (is_there)
		json_put_integer(buf, number);
	else
		buf_text(buf, "null");
}

static void put_uuid_or_null(struct buf *buf, const char *key, bool has, const uint8_t *uuid)
{
	char text[UUID_TEXT_SIZE + 1];
	if (has)
		uuid_format(uuid, text);
	json_out_text(buf, key, has ? text : NULL);
}

static int put_lease(struct writer *writer, uint64_t case_id)
{
	struct case_lease lease;
	struct hilf *hilf = api_hilf(writer->request);
	const char *actor = api_actor(writer->request)->id;
	int rc = case_lease_look(hilf, case_id, actor, &lease, &writer->err);
	json_put_key(&writer->buf, "lease");
	if (rc) {
		buf_text(&writer->buf, "null");
		return rc == HILF_E_NOT_FOUND ? 0 : rc;
	}
	buf_char(&writer->buf, '{');
	json_out_text(&writer->buf, "by", lease.alias);
	json_out_bool(&writer->buf, "mine", lease.mine);
	json_out_integer(&writer->buf, "until_ms", lease.until_ms);
	buf_char(&writer->buf, '}');
	return 0;
}

/* The members of a case, within an object. */
static int put_members(struct writer *writer, const struct store_case *row)
{
	struct buf *buf = &writer->buf;
	int rc = see_bank(writer, row->bank);
	if (rc)
		return rc;
	json_out_integer(buf, "id", (int64_t)row->id);
	json_out_text(buf, "kind", case_kind_name(row->kind));
	json_out_text(buf, "state", case_state_name(row->state));
	json_out_text(buf, "bank", *writer->bank_name ? writer->bank_name : NULL);
	json_out_text(buf, "entry", row->entry_gid);
	json_out_text(buf, "content_class", row->content_class);
	json_out_text(buf, "severity", case_severity_name(case_severity(row->content_class)));
	json_out_text(buf, "priority", case_priority_name(row->priority));
	put_number_or_null(buf, "reach", row->reach, row->reach >= 0);
	json_out_integer(buf, "opened_ms", row->opened_ms);
	json_out_integer(buf, "last_ms", row->last_ms);
	json_out_integer(buf, "upload_count", (int64_t)row->upload_count);
	json_out_integer(buf, "open_count", (int64_t)row->open_count);
	json_out_integer(buf, "cluster_count", row->cluster_count);
	json_out_integer(buf, "report_count", (int64_t)row->report_count);
	put_surfaces(buf, row->surfaces);
	put_languages(buf, row->languages);
	json_out_bool(
		buf, "known_copy", row->open_clusters && row->known_clusters == row->open_clusters);
	json_out_bool(buf, "second_needed", writer->second_eyes);
	json_out_integer(buf, "second_count", row->second_count);
	rc = put_lease(writer, row->id);
	json_out_integer(buf, "version", (int64_t)row->version);
	return rc;
}

static int put_case(const struct store_case *row, void *ctx)
{
	struct writer *writer = ctx;
	json_put_item(&writer->buf);
	buf_char(&writer->buf, '{');
	int rc = put_members(writer, row);
	buf_char(&writer->buf, '}');
	return rc;
}

static void reply_or_fail(struct writer *writer, int rc, int status)
{
	if (!rc) {
		api_reply(writer->request, status, &writer->buf);
		return;
	}
	buf_free(&writer->buf);
	api_fail(writer->request, &writer->err);
}

/* ------------------------------------------------------------------------------------------ the queue */

static bool read_query(struct http_request *request, struct case_query *ret_query)
{
	const struct actor *actor = api_actor(request);
	const char *state = http_query(request, "state"), *kind = http_query(request, "kind");
	struct hilf_err err = {.text = ""};
	struct page page;
	uint32_t number = 0;
	if (!api_page(request, &page))
		return false;
	*ret_query = (struct case_query){
		.list = CASES_OPEN,
		.actor = actor->id,
		.kind = -1,
		.bank = http_query(request, "bank"),
		.content_class = http_query(request, "class"),
		.banks = actor->banks,
		.bank_count = actor->bank_count,
		.cursor = page.cursor,
		.limit = page.limit,
	};
	int rc = state ? case_list_parse(state, &ret_query->list, &err) : 0;
	if (!rc && kind) {
		rc = case_kind_parse(kind, &number, &err);
		ret_query->kind = (int32_t)number;
	}
	if (rc)
		api_error(
			request, 400, "invalid_parameter", err.text, "correct it, or leave it out");
	return !rc;
}

static int put_counts(struct writer *writer)
{
	const struct actor *actor = api_actor(writer->request);
	struct case_counts counts;
	struct buf *buf = &writer->buf;
	int rc = case_counts(api_hilf(writer->request), actor->id, actor->banks, actor->bank_count,
		&counts, &writer->err);
	if (rc)
		return rc;
	json_put_key(buf, "counts");
	buf_char(buf, '{');
	json_out_integer(buf, "open", (int64_t)counts.open);
	json_out_integer(buf, "mine", (int64_t)counts.mine);
	json_out_integer(buf, "second", (int64_t)counts.second);
	json_out_integer(buf, "appeals", (int64_t)counts.appeals);
	json_out_integer(buf, "urgent", (int64_t)counts.urgent);
	buf_char(buf, '}');
	return 0;
}

void api_case_list(struct http_request *request)
{
	struct writer writer = {.request = request};
	char cursor[CASE_CURSOR_TEXT];
	struct case_query query;
	if (!read_query(request, &query))
		return;
	buf_text(&writer.buf, "{\"cases\":[");
	int rc = case_page(api_hilf(request), &query, put_case, &writer, cursor, &writer.err);
	if (rc == HILF_E_INVALID) {
		buf_free(&writer.buf);
		api_error(request, 400, "invalid_parameter", writer.err.text,
			"begin without a cursor");
		return;
	}
	buf_char(&writer.buf, ']');
	if (!rc)
		rc = put_counts(&writer);
	json_out_text(&writer.buf, "cursor", !rc && *cursor ? cursor : NULL);
	buf_char(&writer.buf, '}');
	reply_or_fail(&writer, rc, 200);
}

/* ------------------------------------------------------------------------------------------ uploads */

struct showing {
	struct writer *writer;
	bool uploader; /* may be shown */
	size_t count, limit;
	uint64_t last;
	bool more;
};

static int put_report(const struct store_report *report, void *ctx)
{
	struct buf *buf = ctx;
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_text(buf, "category", report->category);
	json_out_text(buf, "text", report->text);
	json_out_integer(buf, "time_ms", report->time_ms);
	buf_char(buf, '}');
	return 0;
}

static void put_previews(struct buf *buf, const struct vault_preview *previews, size_t count)
{
	json_put_key(buf, "previews");
	buf_char(buf, '[');
	for (size_t i = 0; i < count; i++) {
		json_put_item(buf);
		buf_char(buf, '{');
		json_out_text(buf, "id", previews[i].id);
		json_out_text(buf, "kind", preview_kind_name(previews[i].kind));
		json_out_integer(buf, "width", previews[i].width);
		json_out_integer(buf, "height", previews[i].height);
		json_out_integer(buf, "size", previews[i].size);
		buf_char(buf, '}');
	}
	buf_char(buf, ']');
}

static int put_beside(struct writer *writer, const struct store_upload *upload)
{
	struct vault_preview previews[VAULT_OWNER_MAX];
	struct hilf *hilf = api_hilf(writer->request);
	struct buf *buf = &writer->buf;
	size_t count = 0;
	int rc = 0;
	json_put_key(buf, "reports");
	buf_char(buf, '[');
	if (upload->report_count)
		rc = case_report_page(
			hilf, upload->id, REPORTS_SHOWN, put_report, buf, &writer->err);
	buf_char(buf, ']');
	json_out_integer(buf, "report_count", upload->report_count);
	if (!rc)
		rc = vault_list(
			hilf, false, VAULT_CHECK, upload->check, previews, &count, &writer->err);
	put_previews(buf, previews, rc ? 0 : count);
	return rc;
}

static void put_how(struct buf *buf, const struct store_why *why)
{
	bool similar = why->signal == HILF_PDQ;
	put_number_or_null(buf, "distance", why->distance, why->signal);
	json_out_text(buf, "orientation", similar ? hilf_orientation_name(why->orientation) : NULL);
	put_number_or_null(buf, "share_percent", why->share_percent, why->signal);
}

static int put_upload(const struct store_upload *upload, void *ctx)
{
	struct showing *showing = ctx;
	struct writer *writer = showing->writer;
	struct buf *buf = &writer->buf;
	if (showing->count++ == showing->limit || buf->size > API_PAGE_SIZE) {
		showing->more = true;
		return HILF_E_STOPPED;
	}
	showing->last = upload->id;
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_integer(buf, "id", (int64_t)upload->id);
	json_out_integer(buf, "cluster", upload->cluster);
	json_out_text(buf, "content_id", upload->content_id);
	if (showing->uploader) {
		json_out_text(buf, "uploader_ref", upload->uploader_ref);
		json_out_text(buf, "evidence_url", upload->evidence_url);
	}
	json_out_integer(buf, "time_ms", upload->time_ms);
	json_out_integer(buf, "last_ms", upload->last_ms);
	json_out_text(buf, "surface", surface_name((enum surface)upload->surface));
	json_out_text(buf, "language", upload->language);
	json_out_text(buf, "caption", upload->caption);
	put_number_or_null(buf, "reach", upload->reach, upload->reach >= 0);
	put_how(buf, &upload->why);
	json_put_key(buf, "places");
	buf_text(buf, upload->places ? upload->places : "[]");
	json_out_text(buf, "state", case_upload_state_name(upload->state));
	put_uuid_or_null(buf, "decision", upload->has_decision, upload->decision);
	json_put_key(buf, "exempt");
	buf_text(buf, "null");
	int rc = put_beside(writer, upload);
	buf_char(buf, '}');
	return rc;
}

/* Up to limit of a cluster (0: of all). */
static int put_uploads(struct writer *writer, const struct case_object *of, uint32_t cluster,
	uint64_t after, size_t limit, struct showing *showing)
{
	const struct actor *actor = api_actor(writer->request);
	*showing = (struct showing){.writer = writer,
		.uploader = !may(actor, VERB_UPLOADER_READ, &of->object, NULL),
		.limit = limit};
	json_put_key(&writer->buf, "uploads");
	buf_char(&writer->buf, '[');
	int rc = case_upload_page(api_hilf(writer->request), of->row.id, cluster, after, limit + 1,
		put_upload, showing, &writer->err);
	buf_char(&writer->buf, ']');
	return rc == HILF_E_STOPPED ? 0 : rc;
}

void api_case_uploads(struct http_request *request)
{
	struct writer writer = {.request = request};
	struct showing showing;
	struct case_object of;
	struct page page;
	uint64_t cluster, after;
	char cursor[24];
	if (!case_param(request, VERB_CASE_READ, &of) || !api_page(request, &page) ||
		!api_page_number(request, &page, &after) ||
		!api_query_number(request, "cluster", 1, UINT32_MAX, 0, &cluster))
		return;
	buf_char(&writer.buf, '{');
	int rc = put_uploads(&writer, &of, (uint32_t)cluster, after, page.limit, &showing);
	snprintf(cursor, sizeof cursor, "%llu", (unsigned long long)showing.last);
	json_out_text(&writer.buf, "cursor", showing.more ? cursor : NULL);
	buf_char(&writer.buf, '}');
	reply_or_fail(&writer, rc, 200);
}

/* ------------------------------------------------------------------------------------------ clusters */

struct clusters {
	struct writer *writer;
	const struct case_object *of;
	size_t count, limit;
	uint32_t last;
	bool more;
};

static int put_cluster(const struct store_cluster *cluster, void *ctx)
{
	struct clusters *clusters = ctx;
	struct writer *writer = clusters->writer;
	struct buf *buf = &writer->buf;
	struct showing showing;
	if (clusters->count == clusters->limit || buf->size > API_PAGE_SIZE) {
		clusters->more = true;
		return HILF_E_STOPPED;
	}
	clusters->count++;
	clusters->last = cluster->number;
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_integer(buf, "id", cluster->number);
	json_out_text(buf, "surface", surface_name((enum surface)cluster->surface));
	json_out_text(buf, "language", cluster->language);
	json_out_text(buf, "caption", cluster->caption);
	json_out_text(buf, "share", case_share_name(cluster->share));
	json_out_text(buf, "orientation", case_turned_name(cluster->turned));
	json_out_integer(buf, "upload_count", (int64_t)cluster->upload_count);
	json_out_integer(buf, "open_count", (int64_t)cluster->open_count);
	put_number_or_null(buf, "nearest", cluster->nearest, cluster->nearest >= 0);
	json_out_integer(buf, "first_ms", cluster->first_ms);
	json_out_integer(buf, "last_ms", cluster->last_ms);
	put_uuid_or_null(buf, "decision", cluster->has_decision, cluster->decision);
	put_uuid_or_null(buf, "known", cluster->has_known, cluster->known);
	int rc = put_uploads(writer, clusters->of, cluster->number, 0, UPLOADS_SHOWN, &showing);
	buf_char(buf, '}');
	return rc;
}

/* "o12": after number 12 of those with something open; "d12": of the others. */
static bool read_place(
	struct http_request *request, const char *text, bool *ret_open, uint32_t *ret_after)
{
	char *end;
	*ret_open = true;
	*ret_after = 0;
	if (!text)
		return true;
	unsigned long number = strtoul(text + (*text != '\0'), &end, 10);
	if ((*text == 'o' || *text == 'd') && text[1] >= '0' && text[1] <= '9' && !*end &&
		number < UINT32_MAX) {
		*ret_open = *text == 'o';
		*ret_after = (uint32_t)number;
		return true;
	}
	api_error(request, 400, "invalid_parameter", "that is no cursor of a list of clusters",
		"begin without a cursor");
	return false;
}

/* Those with something open first. *ret_cursor "": that was all. */
static int put_clusters(struct writer *writer, const struct case_object *of, bool open,
	uint32_t after, size_t limit, char ret_cursor[16])
{
	struct hilf *hilf = api_hilf(writer->request);
	struct clusters clusters = {.writer = writer, .of = of, .limit = limit};
	int rc = 0;
	*ret_cursor = '\0';
	json_put_key(&writer->buf, "clusters");
	buf_char(&writer->buf, '[');
	for (bool first = true; !rc && !clusters.more; first = false) {
		clusters.last = first ? after : 0;
		rc = case_cluster_page(hilf, of->row.id, open, clusters.last,
			limit - clusters.count + 1, put_cluster, &clusters, &writer->err);
		rc = rc == HILF_E_STOPPED ? 0 : rc;
		if (!open || clusters.more)
			break;
		open = false;
	}
	buf_char(&writer->buf, ']');
	if (clusters.more)
		snprintf(ret_cursor, 16, "%c%u", open ? 'o' : 'd', clusters.last);
	return rc;
}

void api_case_clusters(struct http_request *request)
{
	struct writer writer = {.request = request};
	struct case_object of;
	struct page page;
	char cursor[16];
	uint32_t after;
	bool open;
	if (!case_param(request, VERB_CASE_READ, &of) || !api_page(request, &page) ||
		!read_place(request, page.cursor, &open, &after))
		return;
	buf_char(&writer.buf, '{');
	int rc = put_clusters(&writer, &of, open, after, page.limit, cursor);
	json_out_text(&writer.buf, "cursor", *cursor ? cursor : NULL);
	buf_char(&writer.buf, '}');
	reply_or_fail(&writer, rc, 200);
}

/* ------------------------------------------------------------------------------------------ why and what */

static const char *reason_of(const struct store_case *row)
{
	switch ((enum case_kind)row->kind) {
	case CASE_MATCH:
		return row->why.signal == HILF_PDQ ? "similar" : "equal";
	case CASE_REPORT:
		return "reported";
	case CASE_DISPUTE:
		return "disputed";
	case CASE_SAMPLE:
		return "sampled";
	default:
		return "appealed";
	}
}

static void put_why(struct buf *buf, const struct store_case *row)
{
	json_put_key(buf, "why");
	buf_char(buf, '{');
	json_out_text(buf, "reason", reason_of(row));
	json_out_text(
		buf, "signal", row->why.signal ? hilf_signal_type_name(row->why.signal) : NULL);
	put_number_or_null(buf, "threshold", row->why.threshold, row->why.signal == HILF_PDQ);
	put_how(buf, &row->why);
	buf_char(buf, '}');
	json_out_text(buf, "closed_why", row->closed_why);
	put_uuid_or_null(buf, "origin", row->has_origin, row->origin);
}

struct telling {
	struct writer *writer;
	const struct case_object *of;
};

static int put_opinion(const struct hilf_opinion_row *row, void *ctx)
{
	struct buf *buf = ctx;
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_text(buf, "member", row->member);
	json_out_bool(buf, "own", row->own);
	json_out_text(buf, "opinion", hilf_opinion_name(row->opinion));
	json_out_integer(buf, "time_ms", row->time_ms);
	buf_char(buf, '}');
	return 0;
}

static int put_bank_of(struct writer *writer, const struct hilf_entry *entry, uint32_t id)
{
	struct hilf *hilf = api_hilf(writer->request);
	char member[UUID_TEXT_SIZE + 1];
	struct hilf_bank look = {.own = false};
	struct store_bank bank;
	int rc = case_bank(hilf, id, &bank, &writer->err);
	if (rc)
		return rc;
	rc = bank.removed ? HILF_E_NOT_FOUND
			  : hilf_bank_look(hilf, entry->bank, &look, &writer->err);
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	uuid_format(bank.author, member);
	json_out_text(&writer->buf, "bank", entry->bank);
	json_out_text(&writer->buf, "mode", rc ? NULL : hilf_mode_name(look.mode));
	json_out_bool(&writer->buf, "own", look.own);
	json_out_text(&writer->buf, "member", member);
	return 0;
}

static int put_entry(const struct hilf_entry *entry, void *ctx)
{
	const struct telling *telling = ctx;
	struct writer *writer = telling->writer;
	struct buf *buf = &writer->buf;
	buf_char(buf, '{');
	json_out_text(buf, "entry", entry->gid);
	json_out_text(buf, "state", hilf_entry_state_name(entry->state));
	int rc = put_bank_of(writer, entry, telling->of->row.bank);
	json_out_text(buf, "source", *entry->source ? entry->source : NULL);
	json_out_text(buf, "content_class", entry->content_class);
	json_out_text(buf, "ground", *entry->ground ? entry->ground : NULL);
	json_out_text(buf, "territory", entry->territory);
	json_out_labels(buf, "labels", entry->labels, entry->label_count);
	json_out_integer(buf, "added_ms", entry->added_ms);
	json_out_integer(buf, "expires_ms", entry->expires_ms);
	put_number_or_null(buf, "muted_until_ms", entry->muted_until_ms, entry->muted_until_ms);
	json_out_integer(buf, "confirm_count", entry->confirm_count);
	json_out_integer(buf, "dispute_count", entry->dispute_count);
	json_out_integer(buf, "seen_count", entry->seen_count);
	json_put_key(buf, "opinions");
	buf_char(buf, '[');
	if (!rc)
		rc = hilf_opinion_each(
			api_hilf(writer->request), entry->gid, put_opinion, buf, &writer->err);
	buf_text(buf, "]}");
	return rc;
}

/* The entry as it is now, also one that ended; null where it is gone without a trace, or there is none. */
static int put_entry_info(struct writer *writer, const struct case_object *of)
{
	struct telling telling = {writer, of};
	struct buf *buf = &writer->buf;
	json_put_key(buf, "entry_info");
	size_t begin = buf->size;
	int rc = of->row.entry_gid ? hilf_entry_get(api_hilf(writer->request), of->row.entry_gid,
					     put_entry, &telling, &writer->err)
				   : HILF_E_NOT_FOUND;
	if (rc != HILF_E_NOT_FOUND)
		return rc;
	buf->size = begin;
	buf_text(buf, "null");
	return 0;
}

/* ------------------------------------------------------------------------------------------ what one can do */

static const char *why_not_decide(struct writer *writer, const struct case_object *of)
{
	const struct actor *actor = api_actor(writer->request);
	struct hilf *hilf = api_hilf(writer->request);
	struct case_lease lease;
	bool barred = false;
	if (may(actor, VERB_DECIDE, &of->object, NULL))
		return "denied";
	if (of->row.state == CASE_CLOSED)
		return "case_closed";
	if (!case_is_barred(hilf, false, of->row.id, actor->id, &barred, NULL) && barred)
		return "same_person";
	if (!case_lease_look(hilf, of->row.id, actor->id, &lease, NULL) && !lease.mine)
		return "leased";
	return of->row.open_count ? NULL : "nothing_open";
}

static int put_can(struct writer *writer, const struct case_object *of)
{
	struct vault_preview previews[VAULT_OWNER_MAX];
	struct hilf *hilf = api_hilf(writer->request);
	const char *decide_why = why_not_decide(writer, of), *confirm_why = NULL;
	struct buf *buf = &writer->buf;
	bool viewed = false, kept = false;
	size_t count = 0;
	uint64_t entry = of->row.entry;
	int rc = entry ? vault_list(hilf, false, VAULT_ENTRY, entry, previews, &count, &writer->err)
		       : 0;
	if (!rc && entry)
		rc = vault_has_entry(hilf, false, entry, &kept, &writer->err);
	if (!rc && kept)
		rc = vault_viewed(
			hilf, false, entry, api_actor(writer->request)->id, &viewed, &writer->err);
	if (rc)
		return rc;
	confirm_why = !entry ? "no_entry" : !kept ? "no_copy" : !viewed ? "not_viewed" : NULL;
	json_put_key(buf, "copy");
	buf_char(buf, '{');
	json_out_bool(buf, "kept", kept);
	put_previews(buf, previews, count);
	buf_char(buf, '}');
	json_put_key(buf, "can");
	buf_char(buf, '{');
	json_out_bool(buf, "decide", !decide_why);
	json_out_text(buf, "decide_why", decide_why);
	json_out_bool(buf, "confirm", !confirm_why);
	json_out_text(buf, "confirm_why", confirm_why);
	buf_char(buf, '}');
	return 0;
}

/* ------------------------------------------------------------------------------------------ what was said and done */

static void put_note(struct buf *buf, const struct store_note *note, const char *alias, bool mine)
{
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_integer(buf, "id", (int64_t)note->id);
	json_out_text(buf, "by", alias);
	json_out_bool(buf, "mine", mine);
	json_out_integer(buf, "time_ms", note->time_ms);
	json_out_text(buf, "text", note->text);
	buf_char(buf, '}');
}

static int put_one_note(const struct store_note *note, void *ctx)
{
	struct writer *writer = ctx;
	char alias[STORE_ALIAS_TEXT];
	int rc = case_alias_look(
		api_hilf(writer->request), false, note->case_id, note->actor, alias, &writer->err);
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	put_note(&writer->buf, note, rc ? "r-?" : alias,
		!strcmp(note->actor, api_actor(writer->request)->id));
	return 0;
}

static int put_one_decision(const struct decision_info *info, void *ctx)
{
	decision_put(ctx, info);
	return 0;
}

static int put_one_escalation(const struct escalation_info *info, void *ctx)
{
	escalation_put(ctx, info);
	return 0;
}

static int put_appeal(struct writer *writer, const struct case_object *of)
{
	struct hilf *hilf = api_hilf(writer->request);
	const struct actor *actor = api_actor(writer->request);
	struct arena *arena = http_arena(writer->request);
	struct decision_info decision;
	struct appeal_info info;
	json_put_key(&writer->buf, "appeal");
	size_t begin = writer->buf.size;
	int rc = of->row.kind == CASE_APPEAL
			 ? appeal_of_case(hilf, actor, of->row.id, arena, &info, &writer->err)
			 : HILF_E_NOT_FOUND;
	if (rc == HILF_E_NOT_FOUND) {
		buf_text(&writer->buf, "null");
		return 0;
	}
	if (!rc)
		rc = decision_get(hilf, actor, info.decision, arena, &decision, &writer->err);
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	appeal_put(&writer->buf, &info, rc ? NULL : &decision);
	/* It is a member's value and no item. */
	ASSERT(writer->buf.failed || writer->buf.size > begin);
	return 0;
}

static int put_history(struct writer *writer, const struct case_object *of)
{
	struct hilf *hilf = api_hilf(writer->request);
	const struct actor *actor = api_actor(writer->request);
	struct buf *buf = &writer->buf;
	json_put_key(buf, "notes");
	buf_char(buf, '[');
	int rc = case_note_page(hilf, of->row.id, put_one_note, writer, &writer->err);
	buf_char(buf, ']');
	json_put_key(buf, "decisions");
	buf_char(buf, '[');
	if (!rc)
		rc = decision_each_of_case(
			hilf, actor, of->row.id, put_one_decision, buf, &writer->err);
	buf_char(buf, ']');
	json_put_key(buf, "escalations");
	buf_char(buf, '[');
	if (!rc)
		rc = escalation_page(hilf, actor, of->row.id, 0, API_PAGE, put_one_escalation, buf,
			&writer->err);
	buf_char(buf, ']');
	return rc ? rc : put_appeal(writer, of);
}

void api_case_show(struct http_request *request)
{
	struct writer writer = {.request = request};
	struct case_object of;
	char cursor[16];
	if (!case_param(request, VERB_CASE_READ, &of))
		return;
	buf_char(&writer.buf, '{');
	int rc = put_members(&writer, &of.row);
	put_why(&writer.buf, &of.row);
	if (!rc)
		rc = put_entry_info(&writer, &of);
	if (!rc)
		rc = put_can(&writer, &of);
	if (!rc)
		rc = put_clusters(&writer, &of, true, 0, CLUSTERS_SHOWN, cursor);
	if (!rc)
		json_out_text(&writer.buf, "clusters_cursor", *cursor ? cursor : NULL);
	if (!rc)
		rc = put_history(&writer, &of);
	buf_char(&writer.buf, '}');
	reply_or_fail(&writer, rc, 200);
}

/* ------------------------------------------------------------------------------------------ whose it is */

static void reply_case(struct http_request *request, const struct case_object *of)
{
	struct writer writer = {.request = request};
	buf_text(&writer.buf, "{\"case\":{");
	int rc = put_members(&writer, &of->row);
	buf_text(&writer.buf, "}}");
	reply_or_fail(&writer, rc, 200);
}

/* What the person at the console would rather not see; keys have no such thing. */
static int read_declined(struct http_request *request, struct case_next *next, struct hilf_err *err)
{
	static const char prefix[] = "user:";
	const char *id = api_actor(request)->id;
	struct person person;
	if (strncmp(id, prefix, sizeof prefix - 1) != 0)
		return 0;
	int rc = person_get(
		api_hilf(request), id + sizeof prefix - 1, http_arena(request), &person, err);
	if (!rc) {
		next->declined = person.declined;
		next->declined_count = person.declined_count;
	}
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

static bool read_next(struct http_request *request, struct case_next *next)
{
	struct fields fields;
	struct hilf_err err;
	uint32_t number;
	if (!fields_body(&fields, request))
		return false;
	const char *kind = fields_text(&fields, "kind", 16);
	next->bank = fields_text(&fields, "bank", HILF_BANK_NAME_MAX);
	if (kind && case_kind_parse(kind, &number, &err))
		fields_wrong(&fields, "kind", &err);
	else if (kind)
		next->kind = (int32_t)number;
	if (!fields_end(&fields))
		return false;
	const struct object object = {.kind = OBJECT_CASE, .bank = next->bank, .own = true};
	return !next->bank || api_may(request, VERB_CASE_WORK, &object);
}

void api_case_next(struct http_request *request)
{
	const struct actor *actor = api_actor(request);
	struct case_next next = {.actor = actor->id,
		.banks = actor->banks,
		.bank_count = actor->bank_count,
		.kind = -1};
	struct case_object of;
	struct hilf_err err;
	uint64_t case_id;
	if (!read_next(request, &next))
		return;
	int rc = read_declined(request, &next, &err);
	if (!rc)
		rc = case_next(api_hilf(request), &next, &case_id, &err);
	if (rc)
		api_fail(request, &err);
	else if (!case_id)
		api_reply_nothing(request);
	else if (case_load(request, case_id, VERB_CASE_WORK, &of))
		reply_case(request, &of);
}

void api_case_lease(struct http_request *request)
{
	struct case_lease lease;
	struct buf buf = BUF_INIT;
	struct case_object of;
	struct hilf_err err;
	if (!case_param(request, VERB_CASE_WORK, &of))
		return;
	int rc = case_lease(api_hilf(request), of.row.id, api_actor(request)->id, &lease, &err);
	if (rc == HILF_E_DENIED) {
		api_error(request, 403, "same_person", err.text,
			"POST /v1/cases/next gives another one");
		return;
	}
	if (rc) {
		const struct refusal refusal = {.code = rc == HILF_E_BUSY ? "leased" : NULL};
		desk_fail(request, &refusal, &err);
		return;
	}
	buf_text(&buf, "{\"lease\":{");
	json_out_text(&buf, "by", lease.alias);
	json_out_bool(&buf, "mine", lease.mine);
	json_out_integer(&buf, "until_ms", lease.until_ms);
	buf_text(&buf, "}}");
	api_reply(request, 200, &buf);
}

void api_case_release(struct http_request *request)
{
	struct case_object of;
	struct hilf_err err;
	if (!case_param(request, VERB_CASE_WORK, &of))
		return;
	if (case_release(api_hilf(request), of.row.id, api_actor(request)->id, &err))
		api_fail(request, &err);
	else
		api_reply_nothing(request);
}

void api_case_note(struct http_request *request)
{
	const char *actor = api_actor(request)->id;
	char alias[STORE_ALIAS_TEXT];
	struct buf buf = BUF_INIT;
	struct store_note note;
	struct case_object of;
	struct fields fields;
	struct hilf_err err;
	if (!case_param(request, VERB_CASE_WORK, &of) || !fields_body(&fields, request))
		return;
	const char *text = fields_text(&fields, "text", CASE_NOTE_MAX);
	fields_need(&fields, "text", text && *text);
	if (!fields_end(&fields))
		return;
	int rc = case_note(api_hilf(request), of.row.id, actor, text, &note, &err);
	if (!rc)
		rc = case_alias_look(api_hilf(request), false, of.row.id, actor, alias, &err);
	if (rc) {
		api_fail(request, &err);
		return;
	}
	put_note(&buf, &note, alias, true);
	api_reply(request, 201, &buf);
}
