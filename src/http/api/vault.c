/* Previews from the vault, each view recorded before its bytes go out; and what looking costs people: told by their screens,
 * shown to themselves, and to a lead as the sum of a group. */
#include "engine/vault.h"

#include "engine/cases.h"
#include "http/api/fields.h"
#include "http/api/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bank_name {
	char text[HILF_BANK_NAME_MAX + 1];
};

static int note_bank(const struct hilf_entry *entry, void *ctx)
{
	struct bank_name *name = ctx;
	snprintf(name->text, sizeof name->text, "%s", entry->bank);
	return 0;
}

/* The case, whose bank the actor must have. false: replied. */
static bool load_case(struct http_request *request, uint64_t id, struct store_case *ret_case)
{
	struct hilf *hilf = api_hilf(request);
	struct object object = {.kind = OBJECT_BANK};
	struct bank_name bank = {.text = ""};
	struct hilf_err err;
	int rc = case_get(hilf, false, id, http_arena(request), ret_case, &err);
	if (!rc && ret_case->entry_gid)
		rc = hilf_entry_get(hilf, ret_case->entry_gid, note_bank, &bank, &err);
	if (rc == HILF_E_NOT_FOUND) {
		api_error(request, 404, "not_found", "there is no such case",
			"GET /v1/cases lists them");
		return false;
	}
	if (rc) {
		api_fail(request, &err);
		return false;
	}
	object.bank = *bank.text ? bank.text : NULL;
	return api_may(request, VERB_PREVIEW_READ, &object);
}

/* ------------------------------------------------------------------------------------------ a preview */

static void refuse_locked(struct http_request *request, const struct hilf_err *err)
{
	api_error(request, 409, "preview_locked", err->text,
		"DATA/vault.key has to be put back as it was when the preview was kept; until then "
		"it cannot be seen");
}

static void reply_jpeg(
	struct http_request *request, const struct vault_preview *preview, const uint8_t *jpeg)
{
	struct buf buf = BUF_INIT;
	buf_add(&buf, jpeg, preview->size);
	/* What is within was made from a hostile file: nothing of it may run, whatever a browser takes it for. Replies have
	 * "no-store" and "nosniff" anyway. */
	http_reply_header(request, "Content-Security-Policy", "default-src 'none'; sandbox");
	http_reply_header(request, "Cross-Origin-Resource-Policy", "same-origin");
	http_reply_header(request, "Content-Disposition", "inline; filename=\"preview.jpg\"");
	http_reply(request, 200, "image/jpeg", &buf);
}

void api_preview(struct http_request *request)
{
	const char *id = http_param(request, "preview");
	struct vault_preview preview;
	struct store_case row;
	struct hilf_err err;
	const uint8_t *jpeg;
	uint64_t case_id;
	if (!api_query_number(request, "case", 1, INT64_MAX, 0, &case_id))
		return;
	if (!case_id) {
		api_error(request, 400, "missing_field", "say for which case you look at it",
			"add ?case=N; a view is recorded with its case");
		return;
	}
	if (!load_case(request, case_id, &row))
		return;
	const struct vault_look look = {id, strlen(id), api_actor(request)->id, case_id, row.entry};
	int rc = vault_view(api_hilf(request), &look, http_arena(request), &preview, &jpeg, &err);
	if (rc == HILF_E_UNSUPPORTED)
		refuse_locked(request, &err);
	else if (rc == HILF_E_NOT_FOUND || rc == HILF_E_DENIED)
		/* Of another case: for this one there is none such. */
		api_error(request, 404, "not_found",
			"there is no such preview of this case, or not any more",
			"GET /v1/cases/{case} lists those there are");
	else if (rc)
		api_fail(request, &err);
	else
		reply_jpeg(request, &preview, jpeg);
}

/* ------------------------------------------------------------------------------------------ exposure */

void api_exposure_add(struct http_request *request)
{
	const char *text = http_param(request, "case");
	struct store_case row;
	struct fields fields;
	struct hilf_err err;
	if (!fields_body(&fields, request))
		return;
	int64_t seconds = fields_integer(&fields, "seconds", 0, 24 * 3600, -1);
	fields_need(&fields, "seconds", seconds >= 0);
	if (!fields_end(&fields))
		return;
	size_t digits = strspn(text, "0123456789");
	uint64_t id = digits && digits <= 18 && !text[digits] ? strtoull(text, NULL, 10) : 0;
	if (!load_case(request, id, &row))
		return;
	if (exposure_add(api_hilf(request), api_actor(request)->id, (uint32_t)seconds, &err))
		api_fail(request, &err);
	else
		api_reply_nothing(request);
}

void api_exposure_group(struct http_request *request)
{
	struct exposure_group group;
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	if (exposure_group(api_hilf(request), &group, &err)) {
		api_fail(request, &err);
		return;
	}
	buf_char(&buf, '{');
	json_out_integer(&buf, "from_ms", group.from_ms);
	json_out_integer(&buf, "to_ms", group.to_ms);
	json_put_key(&buf, "group");
	if (group.people) {
		buf_char(&buf, '{');
		json_out_integer(&buf, "people", (int64_t)group.people);
		json_put_key(&buf, "week");
		buf_char(&buf, '{');
		json_out_integer(&buf, "reveals", (int64_t)group.sum.reveals);
		json_out_integer(&buf, "seconds", (int64_t)group.sum.seconds);
		buf_text(&buf, "}}");
	} else {
		buf_text(&buf, "null");
	}
	json_out_text(&buf, "why",
		group.people ? NULL
			     : "fewer than five people looked at something that week, and "
			       "figures of so few would be figures of each");
	buf_char(&buf, '}');
	api_reply(request, 200, &buf);
}
