/* What is written of a case wherever it is shown: its own members, whose it is, notes. */
#include "http/api/case.h"

#include "engine/checks.h"
#include "engine/decide.h"
#include "http/json_out.h"

#include <string.h>

static int see_bank(struct case_writer *writer, uint32_t id)
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

void case_put_number(struct buf *buf, const char *key, int64_t number, bool is_there)
{
	json_put_key(buf, key);
	if (is_there)
		json_put_integer(buf, number);
	else
		buf_text(buf, "null");
}

void case_put_uuid(struct buf *buf, const char *key, bool has, const uint8_t *uuid)
{
	char text[UUID_TEXT_SIZE + 1];
	if (has)
		uuid_format(uuid, text);
	json_out_text(buf, key, has ? text : NULL);
}

static int put_lease(struct case_writer *writer, uint64_t case_id)
{
	struct case_lease lease;
	struct hilf *hilf = api_hilf(writer->request);
	const char *actor = api_who(writer->request);
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
int case_put_members(struct case_writer *writer, const struct store_case *row)
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
	case_put_number(buf, "reach", row->reach, row->reach >= 0);
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

void case_reply(struct case_writer *writer, int rc, int status)
{
	if (!rc) {
		api_reply(writer->request, status, &writer->buf);
		return;
	}
	buf_free(&writer->buf);
	api_fail(writer->request, &writer->err);
}

void case_put_note(struct buf *buf, const struct store_note *note, const char *alias, bool mine)
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

void case_put_previews(struct buf *buf, const struct vault_preview *previews, size_t count)
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
