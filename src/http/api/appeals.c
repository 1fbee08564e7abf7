/* Appeals, exemptions, escalations. The first two routes are for whoever holds a token, and for nobody in particular. */
#include "http/api/desk.h"

#include "engine/cases.h"

#include <stdio.h>
#include <string.h>

#define TIME_MAX 4102444800000ll /* 2100 */

/* ------------------------------------------------------------------------------------------ by whoever holds a token */

static void reply_made(struct http_request *request, int status, const struct appeal_info *info)
{
	struct buf buf = BUF_INIT;
	buf_text(&buf, "{\"appeal\":{");
	json_out_text(&buf, "id", info->id);
	json_out_text(&buf, "state", appeal_state_name(info->state));
	json_out_integer(&buf, "made_ms", info->made_ms);
	json_out_text(&buf, "outcome", appeal_outcome_name(info->outcome));
	json_out_text(&buf, "answer", *info->answer ? info->answer : NULL);
	if (info->decided_ms)
		json_out_integer(&buf, "decided_ms", info->decided_ms);
	else
		json_out_text(&buf, "decided_ms", NULL);
	buf_text(&buf, "}}");
	api_reply(request, status, &buf);
}

static void refuse_token(struct http_request *request)
{
	api_error(request, 404, "token_unknown", "there is no such appeal code",
		"copy the whole code from the statement of reasons, 'appeal_' and what follows");
}

void api_appeal_make(struct http_request *request)
{
	struct appeal_info info;
	struct refusal refusal;
	struct fields fields;
	struct hilf_err err;
	if (!fields_body(&fields, request))
		return;
	const char *token = fields_text(&fields, "token", 256);
	const char *text = fields_text(&fields, "text", APPEAL_TEXT_MAX);
	const char *language = fields_text(&fields, "language", CHECK_LANGUAGE_MAX);
	fields_need(&fields, "token", token);
	fields_need(&fields, "text", text);
	if (!fields_end(&fields))
		return;
	int rc = appeal_make(api_hilf(request), token, text, language, http_arena(request), &info,
		&refusal, &err);
	if (rc == HILF_E_NOT_FOUND)
		refuse_token(request);
	else if (rc)
		desk_fail(request, &refusal, &err);
	else
		reply_made(request, 201, &info);
}

void api_appeal_status(struct http_request *request)
{
	struct appeal_info info;
	struct fields fields;
	struct hilf_err err;
	int64_t until_ms;
	bool made;
	if (!fields_body(&fields, request))
		return;
	const char *token = fields_text(&fields, "token", 256);
	fields_need(&fields, "token", token);
	if (!fields_end(&fields))
		return;
	int rc = appeal_status(
		api_hilf(request), token, http_arena(request), &made, &info, &until_ms, &err);
	if (rc == HILF_E_NOT_FOUND) {
		refuse_token(request);
	} else if (rc) {
		api_fail(request, &err);
	} else if (made) {
		reply_made(request, 200, &info);
	} else {
		struct buf buf = BUF_INIT;
		buf_text(&buf, "{\"appeal\":null");
		json_out_integer(&buf, "until_ms", until_ms);
		buf_char(&buf, '}');
		api_reply(request, 200, &buf);
	}
}

/* ------------------------------------------------------------------------------------------ by who decides on it */

static void read_judgement(struct fields *fields, struct appeal_decide *decide)
{
	struct hilf_err err;
	bool said = fields_has(fields, "uphold");
	const char *entry = fields_text(fields, "entry", 16);
	decide->uphold = fields_bool(fields, "uphold", false);
	decide->all = fields_bool(fields, "all", false);
	decide->text = fields_text(fields, "text", APPEAL_ANSWER_MAX);
	fields_need(fields, "uphold", said);
	fields_need(fields, "text", decide->text);
	if (entry && appeal_entry_parse(entry, &decide->entry, &err))
		fields_wrong(fields, "entry", &err);
}

/* What is done to the entry needs the right to that, over its bank as it is. */
static bool may_end(struct http_request *request, const struct appeal_decide *decide)
{
	static const enum verb verbs[] = {[APPEAL_WITHDRAW] = VERB_ENTRY_WITHDRAW,
		[APPEAL_MUTE] = VERB_ENTRY_MUTE,
		[APPEAL_DISPUTE] = VERB_OPINION_GIVE};
	char bank[HILF_BANK_NAME_MAX + 1];
	struct hilf_bank ignored;
	struct store_case row;
	struct hilf_err err;
	if (decide->entry == APPEAL_KEEP)
		return true;
	int rc = case_get(
		api_hilf(request), false, decide->case_id, http_arena(request), &row, &err);
	if (!rc)
		rc = desk_bank_name(api_hilf(request), row.bank, bank, &err);
	if (rc) {
		api_fail(request, &err);
		return false;
	}
	if (!bank[0]) {
		api_error(request, 409, "no_entry", "this appeal is about no entry",
			"send entry as keep");
		return false;
	}
	return api_bank(request, bank, verbs[decide->entry], &ignored);
}

void api_appeal_decide(struct http_request *request)
{
	struct appeal_decide asked = {0};
	struct appeal_info info;
	struct decision_info decision;
	struct refusal refusal;
	struct fields fields;
	struct hilf_err err;
	struct buf buf = BUF_INIT;
	if (!desk_case(request, VERB_DECIDE, &asked.case_id) || !fields_body(&fields, request))
		return;
	read_judgement(&fields, &asked);
	if (!fields_end(&fields) || !may_end(request, &asked))
		return;
	struct hilf *hilf = api_hilf(request);
	if (appeal_decide(
		    hilf, api_actor(request), &asked, http_arena(request), &info, &refusal, &err)) {
		desk_fail(request, &refusal, &err);
		return;
	}
	bool has = decision_get(hilf, api_actor(request), info.decision, http_arena(request),
			   &decision, &err) == 0;
	buf_text(&buf, "{\"appeal\":");
	appeal_put(&buf, &info, has ? &decision : NULL);
	buf_char(&buf, '}');
	api_reply(request, 200, &buf);
}

/* ------------------------------------------------------------------------------------------ exemptions */

struct listing {
	struct http_request *request;
	struct buf buf;
	enum verb verb;
	size_t seen;
	uint64_t last;
};

static bool may_see(const struct listing *listing, const char *bank)
{
	const struct object object = {.kind = OBJECT_CASE, .bank = bank && *bank ? bank : NULL};
	struct hilf_err err;
	return may(api_actor(listing->request), listing->verb, &object, &err) == 0;
}

static void reply_list(
	struct listing *listing, int rc, const struct page *page, const struct hilf_err *err)
{
	char cursor[24];
	if (rc) {
		buf_free(&listing->buf);
		api_fail(listing->request, err);
		return;
	}
	snprintf(cursor, sizeof cursor, "%llu", (unsigned long long)listing->last);
	buf_char(&listing->buf, ']');
	json_out_text(&listing->buf, "cursor", listing->seen == page->limit ? cursor : NULL);
	buf_char(&listing->buf, '}');
	api_reply(listing->request, 200, &listing->buf);
}

/* Whose content is exempt, or what stands under which address, which is somebody's page as often as not, is for those alone
 * who may know who uploaded. */
static int put_exemption(const struct exemption_info *info, uint64_t number, void *ctx)
{
	struct listing *listing = ctx;
	bool uploader = may_ever(api_actor(listing->request), VERB_UPLOADER_READ);
	listing->seen++;
	listing->last = number;
	if (!may_see(listing, info->bank))
		return 0;
	exemption_put(&listing->buf, info, uploader);
	return 0;
}

void api_exemption_list(struct http_request *request)
{
	struct listing listing = {.request = request, .verb = VERB_EXEMPTION_READ};
	struct page page;
	struct hilf_err err;
	uint64_t before;
	if (!api_page(request, &page) || !api_page_number(request, &page, &before))
		return;
	buf_text(&listing.buf, "{\"exemptions\":[");
	int rc = exemption_page(
		api_hilf(request), before, page.limit, put_exemption, &listing, &err);
	reply_list(&listing, rc, &page, &err);
}

static int note_bank(const struct hilf_entry *entry, void *ctx)
{
	snprintf(ctx, HILF_BANK_NAME_MAX + 1, "%s", entry->bank);
	return 0;
}

void api_exemption_add(struct http_request *request)
{
	struct exemption_info info = {0}, made;
	char bank[HILF_BANK_NAME_MAX + 1] = "";
	struct fields fields;
	struct hilf_err err;
	struct buf buf = BUF_INIT;
	if (!fields_body(&fields, request))
		return;
	info.uploader_ref = fields_text(&fields, "uploader_ref", CHECK_UPLOADER_MAX);
	info.url = fields_text(&fields, "url", CHECK_URL_MAX);
	info.entry = fields_text(&fields, "entry", HILF_ID_TEXT_MAX);
	const char *purpose = fields_text(&fields, "purpose", 16);
	info.until_ms = fields_integer(&fields, "until_ms", 1, TIME_MAX, 0);
	info.note = fields_text(&fields, "note", EXEMPTION_NOTE_MAX);
	fields_need(&fields, "entry", info.entry);
	fields_need(&fields, "purpose", purpose);
	fields_need(&fields, "until_ms", info.until_ms);
	if (purpose && purpose_parse(purpose, &info.purpose, &err))
		fields_wrong(&fields, "purpose", &err);
	if (!fields_end(&fields))
		return;
	if (hilf_entry_get(api_hilf(request), info.entry, note_bank, bank, &err)) {
		api_fail(request, &err);
		return;
	}
	if (!desk_may_bank(request, VERB_EXEMPTION_CHANGE, bank))
		return;
	if (exemption_add(api_hilf(request), api_actor(request), &info, http_arena(request), &made,
		    &err)) {
		api_fail(request, &err);
		return;
	}
	buf_text(&buf, "{\"exemption\":");
	exemption_put(&buf, &made, true);
	buf_char(&buf, '}');
	api_reply(request, 201, &buf);
}

void api_exemption_remove(struct http_request *request)
{
	const char *id = http_param(request, "exemption");
	struct exemption_info info;
	struct hilf_err err;
	int rc = exemption_get(api_hilf(request), id, http_arena(request), &info, &err);
	if (rc) {
		api_fail(request, &err);
		return;
	}
	if (!desk_may_bank(request, VERB_EXEMPTION_CHANGE, info.bank))
		return;
	if (exemption_remove(api_hilf(request), id, &err))
		api_fail(request, &err);
	else
		api_reply_nothing(request);
}

/* ------------------------------------------------------------------------------------------ escalations */

static void reply_escalation(
	struct http_request *request, int status, const struct escalation_info *info)
{
	struct buf buf = BUF_INIT;
	buf_text(&buf, "{\"escalation\":");
	escalation_put(&buf, info);
	buf_char(&buf, '}');
	api_reply(request, status, &buf);
}

void api_escalation_add(struct http_request *request)
{
	struct escalation_info info = {0}, made;
	struct refusal refusal;
	struct fields fields;
	struct hilf_err err;
	if (!desk_case(request, VERB_ESCALATE, &info.case_id) || !fields_body(&fields, request))
		return;
	info.authority = fields_text(&fields, "authority", ESCALATION_AUTHORITY_MAX);
	info.contact = fields_text(&fields, "contact", ESCALATION_CONTACT_MAX);
	info.sent = fields_text(&fields, "sent", ESCALATION_SENT_MAX);
	info.told_ms = fields_integer(&fields, "told_ms", 1, TIME_MAX, 0);
	fields_need(&fields, "authority", info.authority);
	fields_need(&fields, "contact", info.contact);
	fields_need(&fields, "sent", info.sent);
	fields_need(&fields, "told_ms", info.told_ms);
	if (!fields_end(&fields))
		return;
	if (escalation_add(api_hilf(request), api_actor(request), &info, http_arena(request), &made,
		    &refusal, &err))
		desk_fail(request, &refusal, &err);
	else
		reply_escalation(request, 201, &made);
}

static int put_escalation(const struct escalation_info *info, void *ctx)
{
	struct listing *listing = ctx;
	char bank[HILF_BANK_NAME_MAX + 1] = "";
	struct hilf *hilf = api_hilf(listing->request);
	struct store_case row;
	struct arena arena;
	struct hilf_err err;
	listing->seen++;
	listing->last = info->number;
	arena_init(&arena, 0);
	if (api_actor(listing->request)->banks &&
		case_get(hilf, false, info->case_id, &arena, &row, &err) == 0)
		desk_bank_name(hilf, row.bank, bank, &err);
	arena_clear(&arena);
	if (may_see(listing, bank))
		escalation_put(&listing->buf, info);
	return 0;
}

void api_escalation_list(struct http_request *request)
{
	struct listing listing = {.request = request, .verb = VERB_CASE_READ};
	struct page page;
	struct hilf_err err;
	uint64_t before, of_case;
	if (!api_page(request, &page) || !api_page_number(request, &page, &before) ||
		!api_query_number(request, "case", 1, INT64_MAX, 0, &of_case))
		return;
	buf_text(&listing.buf, "{\"escalations\":[");
	int rc = escalation_page(api_hilf(request), api_actor(request), of_case, before, page.limit,
		put_escalation, &listing, &err);
	reply_list(&listing, rc, &page, &err);
}

void api_escalation_second(struct http_request *request)
{
	const char *id = http_param(request, "escalation");
	struct escalation_info info;
	struct refusal refusal;
	struct fields fields;
	struct hilf_err err;
	if (escalation_get(
		    api_hilf(request), api_actor(request), id, http_arena(request), &info, &err)) {
		api_fail(request, &err);
		return;
	}
	if (!desk_may_case(request, VERB_ESCALATE, info.case_id) || !fields_body(&fields, request))
		return;
	bool said = fields_has(&fields, "agree");
	bool agree = fields_bool(&fields, "agree", false);
	fields_need(&fields, "agree", said);
	if (!fields_end(&fields))
		return;
	if (escalation_second(api_hilf(request), api_actor(request), id, agree, http_arena(request),
		    &info, &refusal, &err))
		desk_fail(request, &refusal, &err);
	else
		reply_escalation(request, 200, &info);
}
