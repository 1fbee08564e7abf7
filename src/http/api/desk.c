/* How the desk's things are written as JSON, who may see them, and how a refusal says what stands instead. */
#include "http/api/desk.h"

#include "base/check.h"
#include "engine/cases.h"

#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------ writing */

/* An item of a list, or a member's value. */
static void begin(struct buf *buf)
{
	if (!buf->size || buf->data[buf->size - 1] != ':')
		json_put_item(buf);
	buf_char(buf, '{');
}

static void put_or_null(struct buf *buf, const char *key, const char *text)
{
	json_out_text(buf, key, text && *text ? text : NULL);
}

static void put_integer_or_null(struct buf *buf, const char *key, int64_t value)
{
	if (value)
		json_out_integer(buf, key, value);
	else
		json_out_text(buf, key, NULL);
}

static void put_actions(struct buf *buf, unsigned actions)
{
	const char *names[ACTION_COUNT] = {"none"};
	size_t count = 0;
	for (unsigned i = 0; i < ACTION_COUNT; i++)
		if (actions >> i & 1)
			names[count++] = action_name(i);
	json_out_texts(buf, "actions", names, count ? count : 1);
}

static void put_second(struct buf *buf, const struct decision_info *info)
{
	json_put_key(buf, "second");
	if (!info->second_needed) {
		buf_text(buf, "null");
		return;
	}
	buf_char(buf, '{');
	json_out_bool(buf, "needed", true);
	put_or_null(buf, "by", info->second_by);
	json_out_bool(buf, "mine", info->second_mine);
	if (info->second_given)
		json_out_bool(buf, "agreed", info->second_agreed);
	else
		json_out_text(buf, "agreed", NULL);
	put_or_null(buf, "text", info->second_text);
	buf_char(buf, '}');
}

static void put_statement(struct buf *buf, const struct decision_info *info)
{
	json_put_key(buf, "statement");
	if (!info->statement[0]) {
		buf_text(buf, "null");
		return;
	}
	buf_char(buf, '{');
	json_out_text(buf, "language", info->language[0] ? info->language : "en");
	json_out_text(buf, "text", info->statement);
	buf_char(buf, '}');
}

static void put_withheld(struct buf *buf, const struct decision_info *info)
{
	json_put_key(buf, "withheld");
	if (!info->withheld_until_ms) {
		buf_text(buf, "null");
		return;
	}
	buf_char(buf, '{');
	json_out_integer(buf, "until_ms", info->withheld_until_ms);
	json_out_text(buf, "authority", info->authority);
	json_out_text(buf, "ground", info->withheld_ground);
	json_out_bool(buf, "extended", info->withheld_extended);
	json_out_bool(buf, "released", info->released);
	buf_char(buf, '}');
}

static void put_ground(struct buf *buf, const struct decision_info *info)
{
	json_put_key(buf, "ground");
	buf_char(buf, '{');
	json_out_text(buf, "basis", basis_name(info->basis));
	json_out_text(buf, "article", info->article);
	json_out_text(buf, "text", info->text);
	buf_char(buf, '}');
}

void decision_put(struct buf *buf, const struct decision_info *info)
{
	begin(buf);
	json_out_text(buf, "id", info->id);
	json_out_bool(buf, "automated", info->automated);
	put_integer_or_null(buf, "case", (int64_t)info->case_id);
	put_integer_or_null(buf, "cluster", info->cluster);
	json_out_integer(buf, "upload_count", (int64_t)info->upload_count);
	put_or_null(buf, "bank", info->bank);
	put_or_null(buf, "entry", info->entry);
	if (info->block)
		put_or_null(buf, "content_id", info->content_id);
	put_actions(buf, info->actions);
	put_ground(buf, info);
	static const char *const nowhere[] = {NULL};
	json_out_texts(buf, "territory", info->territory ? info->territory : nowhere,
		info->territory_count);
	json_out_integer(buf, "until_ms", info->until_ms);
	put_or_null(buf, "by", info->by);
	json_out_bool(buf, "mine", info->mine);
	json_out_text(buf, "state", decision_state_name(info->state));
	put_second(buf, info);
	json_out_integer(buf, "made_ms", info->made_ms);
	json_out_integer(buf, "undo_until_ms", info->undo_until_ms);
	put_statement(buf, info);
	put_withheld(buf, info);
	json_out_integer(buf, "appeal_until_ms", info->appeal_until_ms);
	json_out_text(buf, "entry_opinion",
		info->opinion ? hilf_opinion_name((enum hilf_opinion)info->opinion) : NULL);
	buf_char(buf, '}');
}

void appeal_put(
	struct buf *buf, const struct appeal_info *info, const struct decision_info *decision)
{
	begin(buf);
	json_out_text(buf, "id", info->id);
	json_out_integer(buf, "case", (int64_t)info->case_id);
	json_out_text(buf, "content_id", info->content_id);
	json_out_text(buf, "text", info->text);
	put_or_null(buf, "language", info->language);
	json_out_integer(buf, "made_ms", info->made_ms);
	json_out_text(buf, "state", appeal_state_name(info->state));
	json_out_text(buf, "outcome", appeal_outcome_name(info->outcome));
	put_or_null(buf, "answer", info->answer);
	put_integer_or_null(buf, "decided_ms", info->decided_ms);
	put_or_null(buf, "by", info->by);
	json_out_bool(buf, "mine", info->mine);
	json_out_bool(buf, "automated", info->automated);
	if (decision) {
		json_put_key(buf, "decision");
		decision_put(buf, decision);
	}
	buf_char(buf, '}');
}

void exemption_put(struct buf *buf, const struct exemption_info *info, bool uploader)
{
	begin(buf);
	json_out_text(buf, "id", info->id);
	json_out_text(buf, "for", info->uploader_ref[0] ? "uploader" : "url");
	put_or_null(buf, "uploader_ref", uploader ? info->uploader_ref : NULL);
	put_or_null(buf, "url", uploader ? info->url : NULL);
	put_or_null(buf, "entry", info->entry);
	put_or_null(buf, "bank", info->bank);
	json_out_text(buf, "purpose", purpose_name(info->purpose));
	json_out_integer(buf, "made_ms", info->created_ms);
	json_out_integer(buf, "until_ms", info->until_ms);
	put_or_null(buf, "note", info->note);
	buf_char(buf, '}');
}

void escalation_put(struct buf *buf, const struct escalation_info *info)
{
	bool given = info->state != ESCALATION_WAITING;
	begin(buf);
	json_out_text(buf, "id", info->id);
	json_out_integer(buf, "case", (int64_t)info->case_id);
	json_out_text(buf, "authority", info->authority);
	json_out_text(buf, "contact", info->contact);
	json_out_text(buf, "sent", info->sent);
	json_out_integer(buf, "told_ms", info->told_ms);
	json_out_integer(buf, "made_ms", info->made_ms);
	json_out_text(buf, "state", escalation_state_name(info->state));
	put_or_null(buf, "by", info->by);
	json_out_bool(buf, "mine", info->mine);
	json_put_key(buf, "second");
	buf_char(buf, '{');
	json_out_bool(buf, "needed", true);
	put_or_null(buf, "by", info->second_by);
	json_out_bool(buf, "mine", info->second_mine);
	if (given)
		json_out_bool(buf, "agreed", info->state == ESCALATION_DONE);
	else
		json_out_text(buf, "agreed", NULL);
	put_integer_or_null(buf, "time_ms", info->second_ms);
	buf_char(buf, '}');
	buf_char(buf, '}');
}

void desk_reply_decision(struct http_request *request, int status, const struct decision_info *info)
{
	struct buf buf = BUF_INIT;
	buf_char(&buf, '{');
	json_put_key(&buf, "decision");
	decision_put(&buf, info);
	buf_char(&buf, '}');
	api_reply(request, status, &buf);
}

/* ------------------------------------------------------------------------------------------ who may */

bool desk_may_bank(struct http_request *request, enum verb verb, const char *bank)
{
	const struct object object = {.kind = OBJECT_CASE, .bank = bank && *bank ? bank : NULL};
	return api_may(request, verb, &object);
}

bool desk_may_case(struct http_request *request, enum verb verb, uint64_t case_id)
{
	struct hilf *hilf = api_hilf(request);
	char bank[HILF_BANK_NAME_MAX + 1];
	struct store_case row;
	struct hilf_err err;
	int rc = case_get(hilf, false, case_id, http_arena(request), &row, &err);
	if (!rc)
		rc = desk_bank_name(hilf, row.bank, bank, &err);
	if (rc == HILF_E_NOT_FOUND) {
		api_error(request, 404, "not_found", "there is no such case",
			"GET /v1/cases lists them");
		return false;
	}
	if (rc) {
		api_fail(request, &err);
		return false;
	}
	return desk_may_bank(request, verb, bank);
}

bool desk_case(struct http_request *request, enum verb verb, uint64_t *ret_case)
{
	const char *text = http_param(request, "case");
	uint64_t id = 0;
	size_t digits = strspn(text, "0123456789");
	bool good = digits && digits <= 18 && !text[digits];
	for (size_t i = 0; i < digits && good; i++)
		id = id * 10 + (uint64_t)(text[i] - '0');
	if (!good || !id) {
		api_error(request, 404, "not_found", "there is no such case",
			"GET /v1/cases lists them");
		return false;
	}
	*ret_case = id;
	return desk_may_case(request, verb, id);
}

/* ------------------------------------------------------------------------------------------ refusing */

static const struct {
	const char *code, *hint;
	int status;
} refusals[] = {
	{"decided_meanwhile", "look at the decision that stands; it can be undone by who made it",
		409},
	{"case_closed", "nothing is left to decide; take the next case", 409},
	{"leased", "wait until they are done, or take the next case", 409},
	{"read_only_node", "decide without entry_opinion, and send that to the leader", 409},
	{"no_copy", "decide without confirming, or ask whoever shared the entry", 409},
	{"not_viewed", "look at the entry's preview first", 409},
	{"same_person", "ask a colleague", 403},
	{"person_needed", "sign in at the console, or use a key that you hold (held_by)", 403},
	{"too_late", "whoever is concerned can appeal; a second decision can be made", 409},
	{"not_waiting", "look at the decision as it stands now", 409},
	{"not_standing", "look at the decision as it stands now", 409},
	{"extended_already", "it will be released at the time that was set", 409},
	{"no_statement", "leave withholding out", 409},
	{"token_used", "POST /v1/appeals/status says what became of it", 409},
	{"appeal_over", "a body for settling disputes out of court, or a court, may still help",
		410},
};

static void put_standing(
	struct http_request *request, struct buf *buf, const struct refusal *refusal)
{
	struct decision_info info;
	struct hilf_err err;
	if (!refusal->decision[0] || api_actor(request)->role == ROLE_NONE)
		return;
	if (decision_get(api_hilf(request), api_actor(request), refusal->decision,
		    http_arena(request), &info, &err))
		return;
	json_put_key(buf, "decision");
	decision_put(buf, &info);
}

void desk_fail(
	struct http_request *request, const struct refusal *refusal, const struct hilf_err *err)
{
	struct buf buf = BUF_INIT;
	int status = 409;
	const char *hint = "";
	if (!refusal->code) {
		api_fail(request, err);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(refusals); i++) {
		if (strcmp(refusals[i].code, refusal->code) == 0) {
			status = refusals[i].status;
			hint = refusals[i].hint;
		}
	}
	buf_text(&buf, "{\"error\":{");
	json_out_text(&buf, "code", refusal->code);
	json_out_text(&buf, "message", err->text);
	json_out_text(&buf, "hint", hint);
	buf_char(&buf, '}');
	put_standing(request, &buf, refusal);
	json_out_text(&buf, "request_id", http_id(request));
	buf_char(&buf, '}');
	api_reply(request, status, &buf);
}
