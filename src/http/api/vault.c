/* Previews from the vault, each view recorded before its bytes go out; and what looking costs people: told by their screens,
 * shown to themselves, and to a lead as the sum of a group. */
#include "engine/vault.h"

#include "engine/cases.h"
#include "http/api/case.h"
#include "http/api/check.h"
#include "http/api/desk.h"
#include "http/api/entry.h"
#include "http/api/fields.h"
#include "http/api/inside.h"

#include <string.h>

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

/* On whose account it is looked at; false: replied. */
static bool read_account(struct http_request *request, struct vault_look *look)
{
	struct entry_object entry;
	struct store_case row;
	struct hilf_err err;
	if (!api_query_number(request, "case", 1, INT64_MAX, 0, &look->case_id) ||
		!api_query_number(request, "entry", 1, INT64_MAX, 0, &look->entry))
		return false;
	if (!look->case_id == !look->entry) {
		api_error(request, 400, look->entry ? "ambiguous" : "missing_field",
			"say for which case you look at it, or for which entry",
			"add ?case=N or ?entry=N; a view is recorded with its case");
		return false;
	}
	if (look->entry)
		return entry_named(
			request, http_query(request, "entry"), VERB_PREVIEW_READ, &entry);
	if (!desk_may_case(request, VERB_PREVIEW_READ, look->case_id))
		return false;
	if (case_get(api_hilf(request), false, look->case_id, http_arena(request), &row, &err)) {
		api_fail(request, &err);
		return false;
	}
	look->entry = row.entry;
	return true;
}

void api_preview(struct http_request *request)
{
	const char *id = http_param(request, "preview");
	struct vault_look look = {id, strlen(id), api_who(request), 0, 0};
	struct vault_preview preview;
	struct hilf_err err;
	const uint8_t *jpeg;
	if (!read_account(request, &look))
		return;
	int rc = vault_view(api_hilf(request), &look, http_arena(request), &preview, &jpeg, &err);
	if (rc == HILF_E_UNSUPPORTED)
		refuse_locked(request, &err);
	else if (rc == HILF_E_NOT_FOUND || rc == HILF_E_DENIED)
		/* Of another case: for this one there is none such. */
		api_error(request, 404, "not_found",
			"there is no such preview here, or not any more",
			"GET /v1/cases/{case} and GET /v1/entries/{entry}/copy list those there "
			"are");
	else if (rc)
		api_fail(request, &err);
	else
		reply_jpeg(request, &preview, jpeg);
}

/* ------------------------------------------------------------------------------------------ a copy of an entry */

struct copying {
	const struct hilf_content *content;
	uint64_t entry; /* 0: the content is another */
};

static int compare(const struct hilf_entry *entry, void *ctx)
{
	struct copying *copying = ctx;
	if (vault_is_copy(entry->signals, entry->signal_count, copying->content))
		copying->entry = entry->id;
	return 0;
}

static void reply_copy(struct http_request *request, const struct copying *copying, int fd)
{
	struct hilf *hilf = api_hilf(request);
	struct vault_preview kept[VAULT_OWNER_MAX];
	struct previews previews;
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	size_t count = 0;
	vault_show(hilf, fd, http_left_ms(request), copying->content->sha256, &previews);
	int rc = vault_keep_entry(hilf, copying->entry, &previews, &err);
	previews_clear(&previews);
	if (!rc)
		rc = vault_list(hilf, false, VAULT_ENTRY, copying->entry, kept, &count, &err);
	if (rc) {
		api_fail(request, &err);
		return;
	}
	buf_char(&buf, '{');
	json_out_bool(&buf, "kept", count > 0);
	json_out_integer(&buf, "previews", (int64_t)count);
	buf_char(&buf, '}');
	api_reply(request, 200, &buf);
}

void api_entry_copy_show(struct http_request *request)
{
	struct vault_preview previews[VAULT_OWNER_MAX];
	struct entry_object entry;
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	size_t count = 0;
	if (!entry_param(request, VERB_PREVIEW_READ, &entry))
		return;
	if (vault_list(api_hilf(request), false, VAULT_ENTRY, entry.id, previews, &count, &err)) {
		api_fail(request, &err);
		return;
	}
	buf_char(&buf, '{');
	json_out_bool(&buf, "kept", count > 0);
	json_out_bool(&buf, "vault", vault_is_on(api_hilf(request)));
	case_put_previews(&buf, previews, count);
	buf_char(&buf, '}');
	api_reply(request, 200, &buf);
}

void api_entry_copy(struct http_request *request)
{
	struct hilf *hilf = api_hilf(request);
	struct hilf_content content;
	struct copying copying = {.content = &content};
	struct entry_object entry;
	struct check_input input;
	struct fields fields;
	struct hilf_err err;
	if (!entry_param(request, VERB_OPINION_GIVE, &entry) || !check_read_thing(request, &input))
		return;
	fields_form(&fields, request);
	if (!fields_end(&fields))
		return;
	if (!vault_is_on(hilf)) {
		api_error(request, 409, "vault_off", "this node keeps no previews",
			"an operator turns the vault on: setting 'vault'");
		return;
	}
	int rc = hilf_hash_fd_within(hilf, input.file->fd, http_left_ms(request), &content, &err);
	if (!rc)
		rc = hilf_entry_get(hilf, entry.gid, compare, &copying, &err);
	if (rc)
		api_fail(request, &err);
	else if (!copying.entry)
		api_error(request, 422, "another_content",
			"the file is not what the entry stands for",
			"send the copy that you have of it; POST /v1/find says what a file is");
	else
		reply_copy(request, &copying, input.file->fd);
}

/* ------------------------------------------------------------------------------------------ exposure */

static bool read_seconds(struct http_request *request, int64_t *ret_seconds)
{
	struct fields fields;
	if (!fields_body(&fields, request))
		return false;
	*ret_seconds = fields_integer(&fields, "seconds", 0, 24 * 3600, -1);
	fields_need(&fields, "seconds", *ret_seconds >= 0);
	return fields_end(&fields);
}

static void count_exposure(struct http_request *request, int64_t seconds)
{
	struct hilf_err err;
	if (exposure_add(api_hilf(request), api_who(request), (uint32_t)seconds, &err))
		api_fail(request, &err);
	else
		api_reply_nothing(request);
}

void api_exposure_add(struct http_request *request)
{
	uint64_t case_id;
	int64_t seconds;
	if (read_seconds(request, &seconds) && desk_case(request, VERB_PREVIEW_READ, &case_id))
		count_exposure(request, seconds);
}

void api_entry_exposure_add(struct http_request *request)
{
	struct entry_object entry;
	int64_t seconds;
	if (read_seconds(request, &seconds) && entry_param(request, VERB_PREVIEW_READ, &entry))
		count_exposure(request, seconds);
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
