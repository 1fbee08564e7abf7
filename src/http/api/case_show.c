/* One case: why it came, what it is about, what is in it, what one can do, and what was said and done. */
#include "http/api/case.h"

#include "engine/exemptions.h"
#include "engine/vault.h"
#include "http/api/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLUSTERS_SHOWN 100u
#define UPLOADS_SHOWN  3u
#define REPORTS_SHOWN  20u

/* ------------------------------------------------------------------------------------------ uploads */

struct showing {
	struct case_writer *writer;
	uint64_t entry; /* of the case; 0: none */
	bool uploader;  /* may be shown */
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

static int put_beside(struct case_writer *writer, const struct store_upload *upload)
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
	case_put_previews(buf, previews, rc ? 0 : count);
	return rc;
}

static void put_how(struct buf *buf, const struct store_why *why)
{
	bool similar = why->signal == HILF_PDQ;
	case_put_number(buf, "distance", why->distance, why->signal);
	json_out_text(buf, "orientation", similar ? hilf_orientation_name(why->orientation) : NULL);
	case_put_number(buf, "share_percent", why->share_percent, why->signal);
}

/* Now, not when it came: one that was given since, or ended, counts as it is. */
static void put_exempt(struct showing *showing, const struct store_upload *upload)
{
	const struct check_context context = {
		.uploader_ref = upload->uploader_ref, .evidence_url = upload->evidence_url};
	char id[DECISION_TEXT];
	bool exempt =
		exemption_of(api_hilf(showing->writer->request), showing->entry, &context, id);
	json_out_text(&showing->writer->buf, "exempt", exempt ? id : NULL);
}

static int put_upload(const struct store_upload *upload, void *ctx)
{
	struct showing *showing = ctx;
	struct case_writer *writer = showing->writer;
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
	case_put_number(buf, "reach", upload->reach, upload->reach >= 0);
	put_how(buf, &upload->why);
	json_put_key(buf, "places");
	buf_text(buf, upload->places ? upload->places : "[]");
	json_out_text(buf, "state", case_upload_state_name(upload->state));
	case_put_uuid(buf, "decision", upload->has_decision, upload->decision);
	put_exempt(showing, upload);
	int rc = put_beside(writer, upload);
	buf_char(buf, '}');
	return rc;
}

/* Up to limit of a cluster (0: of all). */
static int put_uploads(struct case_writer *writer, const struct case_object *of, uint32_t cluster,
	uint64_t after, size_t limit, struct showing *showing)
{
	const struct actor *actor = api_actor(writer->request);
	*showing = (struct showing){.writer = writer,
		.entry = of->row.entry,
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
	struct case_writer writer = {.request = request};
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
	case_reply(&writer, rc, 200);
}

/* ------------------------------------------------------------------------------------------ clusters */

struct clusters {
	struct case_writer *writer;
	const struct case_object *of;
	size_t count, limit;
	uint32_t last;
	bool more;
};

static int put_cluster(const struct store_cluster *cluster, void *ctx)
{
	struct clusters *clusters = ctx;
	struct case_writer *writer = clusters->writer;
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
	case_put_number(buf, "nearest", cluster->nearest, cluster->nearest >= 0);
	json_out_integer(buf, "first_ms", cluster->first_ms);
	json_out_integer(buf, "last_ms", cluster->last_ms);
	case_put_uuid(buf, "decision", cluster->has_decision, cluster->decision);
	case_put_uuid(buf, "known", cluster->has_known, cluster->known);
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
static int put_clusters(struct case_writer *writer, const struct case_object *of, bool open,
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
	struct case_writer writer = {.request = request};
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
	case_reply(&writer, rc, 200);
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
	case_put_number(buf, "threshold", row->why.threshold, row->why.signal == HILF_PDQ);
	put_how(buf, &row->why);
	buf_char(buf, '}');
	json_out_text(buf, "closed_why", row->closed_why);
	case_put_uuid(buf, "origin", row->has_origin, row->origin);
}

struct telling {
	struct case_writer *writer;
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

static int put_bank_of(struct case_writer *writer, const struct hilf_entry *entry, uint32_t id)
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
	struct case_writer *writer = telling->writer;
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
	case_put_number(buf, "muted_until_ms", entry->muted_until_ms, entry->muted_until_ms);
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
static int put_entry_info(struct case_writer *writer, const struct case_object *of)
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

static const char *why_not_decide(struct case_writer *writer, const struct case_object *of)
{
	const struct actor *actor = api_actor(writer->request);
	struct hilf *hilf = api_hilf(writer->request);
	const char *who = actor_person(actor);
	struct case_lease lease;
	bool barred = false;
	if (may(actor, VERB_DECIDE, &of->object, NULL))
		return "denied";
	if (of->row.state == CASE_CLOSED)
		return "case_closed";
	if (!case_is_barred(hilf, false, of->row.id, who, &barred, NULL) && barred)
		return "same_person";
	if (of->row.kind == CASE_APPEAL && !person_is_named(who))
		return "person_needed";
	if (!case_lease_look(hilf, of->row.id, who, &lease, NULL) && !lease.mine)
		return "leased";
	return of->row.open_count ? NULL : "nothing_open";
}

static int put_can(struct case_writer *writer, const struct case_object *of)
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
			hilf, false, entry, api_who(writer->request), &viewed, &writer->err);
	if (rc)
		return rc;
	confirm_why = !entry ? "no_entry" : !kept ? "no_copy" : !viewed ? "not_viewed" : NULL;
	if (!confirm_why && !person_is_named(api_who(writer->request)))
		confirm_why = "person_needed";
	if (entry && api_of(writer->request)->follower)
		confirm_why = "read_only_node";
	json_put_key(buf, "copy");
	buf_char(buf, '{');
	json_out_bool(buf, "kept", kept);
	case_put_previews(buf, previews, count);
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

static int put_one_note(const struct store_note *note, void *ctx)
{
	struct case_writer *writer = ctx;
	char alias[STORE_ALIAS_TEXT];
	int rc = case_alias_look(
		api_hilf(writer->request), false, note->case_id, note->actor, alias, &writer->err);
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	case_put_note(&writer->buf, note, rc ? "r-?" : alias,
		actor_is(api_actor(writer->request), note->actor));
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

static int put_appeal(struct case_writer *writer, const struct case_object *of)
{
	struct hilf *hilf = api_hilf(writer->request);
	const struct actor *actor = api_actor(writer->request);
	struct arena *arena = http_arena(writer->request);
	struct decision_info decision;
	struct appeal_info info;
	json_put_key(&writer->buf, "appeal");
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
	return 0;
}

static int put_history(struct case_writer *writer, const struct case_object *of)
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
	struct case_writer writer = {.request = request};
	struct case_object of;
	char cursor[16];
	if (!case_param(request, VERB_CASE_READ, &of))
		return;
	buf_char(&writer.buf, '{');
	int rc = case_put_members(&writer, &of.row);
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
	case_reply(&writer, rc, 200);
}
