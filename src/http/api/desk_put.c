/* Decisions, escalations and appeals as JSON, and what is refused at the desk. */
#include "http/api/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NULL for a text that is empty. */
static const char *said(const char *text)
{
	return text && *text ? text : NULL;
}

/* ------------------------------------------------------------------------------------------ decisions */

static void put_actions(struct buf *buf, unsigned actions)
{
	json_put_key(buf, "actions");
	buf_char(buf, '[');
	if (!actions)
		json_put_text(buf, "none");
	for (unsigned i = 0; action_name(i); i++) {
		if (!(actions >> i & 1))
			continue;
		json_put_item(buf);
		json_put_text(buf, action_name(i));
	}
	buf_char(buf, ']');
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
	json_out_text(buf, "by", info->second_given ? said(info->second_by) : NULL);
	json_out_bool(buf, "mine", info->second_given && info->second_mine);
	json_put_key(buf, "agreed");
	buf_text(buf, !info->second_given ? "null" : info->second_agreed ? "true" : "false");
	json_out_text(buf, "text", info->second_given ? said(info->second_text) : NULL);
	buf_char(buf, '}');
}

static void put_told(struct buf *buf, const struct decision_info *info)
{
	json_put_key(buf, "statement");
	if (said(info->statement)) {
		buf_char(buf, '{');
		json_out_text(buf, "language", info->language);
		json_out_text(buf, "text", info->statement);
		buf_char(buf, '}');
	} else {
		buf_text(buf, "null");
	}
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

void desk_put_decision(struct buf *buf, const struct decision_info *info)
{
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_text(buf, "id", info->id);
	json_put_key(buf, "case");
	if (info->case_id)
		json_put_integer(buf, (int64_t)info->case_id);
	else
		buf_text(buf, "null");
	json_out_integer(buf, "cluster", info->cluster);
	json_out_integer(buf, "upload_count", (int64_t)info->upload_count);
	put_actions(buf, info->actions);
	json_put_key(buf, "ground");
	buf_char(buf, '{');
	json_out_text(buf, "basis", basis_name(info->basis));
	json_out_text(buf, "article", info->article ? info->article : "");
	json_out_text(buf, "text", info->text ? info->text : "");
	buf_char(buf, '}');
	json_out_texts(buf, "territory",
		info->territory ? info->territory : (const char *const[]){NULL},
		info->territory ? info->territory_count : 0);
	json_out_integer(buf, "until_ms", info->until_ms);
	json_out_bool(buf, "automated", info->automated);
	json_out_text(buf, "by", said(info->by));
	json_out_bool(buf, "mine", info->mine);
	json_out_text(buf, "state", decision_state_name(info->state));
	put_second(buf, info);
	json_out_integer(buf, "made_ms", info->made_ms);
	json_out_integer(buf, "undo_until_ms", info->undo_until_ms);
	put_told(buf, info);
	json_out_integer(buf, "appeal_until_ms", info->appeal_until_ms);
	json_out_text(buf, "entry_opinion",
		info->opinion ? hilf_opinion_name((enum hilf_opinion)info->opinion) : NULL);
	json_out_text(buf, "bank", said(info->bank));
	json_out_text(buf, "entry", said(info->entry));
	if (info->automated)
		json_out_text(buf, "content_id", said(info->content_id));
	buf_char(buf, '}');
}

/* ------------------------------------------------------------------------------------------ the others */

void desk_put_escalation(struct buf *buf, const struct escalation_info *info)
{
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_text(buf, "id", info->id);
	json_out_integer(buf, "case", (int64_t)info->case_id);
	json_out_text(buf, "authority", info->authority);
	json_out_text(buf, "contact", info->contact);
	json_out_integer(buf, "told_ms", info->told_ms);
	json_out_text(buf, "sent", info->sent);
	json_out_text(buf, "by", said(info->by));
	json_out_bool(buf, "mine", info->mine);
	json_out_integer(buf, "made_ms", info->made_ms);
	json_out_text(buf, "state", escalation_state_name(info->state));
	json_put_key(buf, "second");
	buf_char(buf, '{');
	json_out_bool(buf, "needed", true);
	json_out_text(buf, "by", said(info->second_by));
	json_out_bool(buf, "mine", info->second_mine);
	json_put_key(buf, "agreed");
	buf_text(buf, info->state == ESCALATION_DONE      ? "true"
		      : info->state == ESCALATION_REFUSED ? "false"
							  : "null");
	buf_text(buf, "}}");
}

void desk_put_appeal(
	struct buf *buf, const struct appeal_info *info, const struct decision_info *of)
{
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_text(buf, "id", info->id);
	json_out_text(buf, "text", info->text);
	json_out_text(buf, "language", said(info->language));
	json_out_text(buf, "content_id", said(info->content_id));
	json_out_integer(buf, "made_ms", info->made_ms);
	json_out_text(buf, "state", appeal_state_name(info->state));
	json_out_text(buf, "outcome", appeal_outcome_name(info->outcome));
	json_out_text(buf, "answer", said(info->answer));
	json_out_text(buf, "by", said(info->by));
	json_out_bool(buf, "mine", info->mine);
	json_put_key(buf, "decision");
	if (of)
		desk_put_decision(buf, of);
	else
		buf_text(buf, "null");
	buf_char(buf, '}');
}

/* ------------------------------------------------------------------------------------------ refusals */

void desk_fail(
	struct http_request *request, const struct refusal *refusal, const struct hilf_err *err)
{
	char hint[160] = "load the case again";
	if (refusal && refusal->code) {
		if (*refusal->decision)
			snprintf(hint, sizeof hint, "GET /v1/decisions/%s has the one that stands",
				refusal->decision);
		bool denied = !strcmp(refusal->code, "same_person");
		api_error(request, denied ? 403 : 409, refusal->code, err->text,
			denied ? "another person has to do it" : hint);
		return;
	}
	if (err->code == HILF_E_BUSY) {
		api_error(
			request, 409, "leased", err->text, "POST /v1/cases/next gives another one");
		return;
	}
	api_fail(request, err);
}

bool desk_number(struct http_request *request, const char *name, uint64_t *ret_number)
{
	const char *text = http_param(request, name);
	size_t digits = strspn(text, "0123456789");
	char message[80];
	if (digits && digits <= 18 && !text[digits]) {
		*ret_number = strtoull(text, NULL, 10);
		return true;
	}
	snprintf(message, sizeof message, "there is no %.20s '%.40s'", name, text);
	api_error(request, 404, "not_found", message, "it is a number");
	return false;
}

bool desk_case(
	struct http_request *request, uint64_t case_id, enum verb verb, struct desk_case *ret_case)
{
	struct hilf *hilf = api_hilf(request);
	struct store_bank bank;
	struct hilf_err err;
	char message[64];
	*ret_case->bank = '\0';
	int rc = case_get(hilf, false, case_id, http_arena(request), &ret_case->row, &err);
	if (!rc && ret_case->row.bank) {
		rc = case_bank(hilf, ret_case->row.bank, &bank, &err);
		if (!rc)
			memcpy(ret_case->bank, bank.name, sizeof bank.name);
	}
	ret_case->object = (struct object){
		.kind = OBJECT_CASE, .bank = *ret_case->bank ? ret_case->bank : NULL, .own = true};
	/* What is none of the actor's business is not there. */
	bool hidden = !rc && may_ever(api_actor(request), VERB_CASE_READ) &&
		      may(api_actor(request), VERB_CASE_READ, &ret_case->object, NULL);
	if (rc == HILF_E_NOT_FOUND || hidden) {
		snprintf(message, sizeof message, "there is no case %llu",
			(unsigned long long)case_id);
		api_error(request, 404, "not_found", message, "GET /v1/cases lists them");
		return false;
	}
	if (rc) {
		api_fail(request, &err);
		return false;
	}
	return api_may(request, verb, &ret_case->object);
}

bool desk_case_param(struct http_request *request, enum verb verb, struct desk_case *ret_case)
{
	uint64_t case_id;
	return desk_number(request, "case", &case_id) &&
	       desk_case(request, case_id, verb, ret_case);
}
