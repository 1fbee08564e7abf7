/* The bodies of events of decisions, in JSON with keys in ascending order. */
#include "engine/decide_tell.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/hooks.h"
#include "engine/local_parts.h"
#include "engine/statement.h"
#include "wire/json.h"

#include <string.h>

struct reading {
	struct arena *arena;
	struct decide_part *part;
	bool restored_too; /* also contents that are there again already */
	size_t seen;
	struct hilf_err *err;
};

static int read_upload(const struct store_upload *upload, void *ctx)
{
	struct reading *reading = ctx;
	struct decide_part *part = reading->part;
	reading->seen++;
	part->last = upload->id;
	if (upload->state == UPLOAD_RESTORED && !reading->restored_too)
		return 0;
	const char *content_id =
		arena_text(reading->arena, upload->content_id, strlen(upload->content_id));
	if (!content_id)
		return err_no_memory(reading->err);
	part->uploads[part->count] = upload->id;
	part->checks[part->count] = upload->check;
	part->content_ids[part->count++] = content_id;
	return 0;
}

int decide_part_read(struct hilf *hilf, const struct store_decision *row, struct arena *arena,
	struct decide_part *ret_part, struct hilf_err *err)
{
	struct decide_part part = {.first = row->part == 0,
		.last = row->after,
		.uploads = arena_array(arena, DECIDE_PART, sizeof *part.uploads),
		.checks = arena_array(arena, DECIDE_PART, sizeof *part.checks),
		.content_ids = arena_array(arena, DECIDE_PART, sizeof *part.content_ids)};
	struct reading reading = {arena, &part, row->step == STEP_TELL, 0, err};
	if (!part.uploads || !part.checks || !part.content_ids)
		return err_no_memory(err);
	int rc = store_upload_of_decision(
		hilf->store, true, row->id, row->after, DECIDE_PART, read_upload, &reading, err);
	part.ended = reading.seen < DECIDE_PART;
	if (!rc)
		*ret_part = part;
	return rc;
}

/* ------------------------------------------------------------------------------------------ the body */

struct telling {
	const struct store_decision *row;
	const struct decide_part *part;
	const char *entry, *bank;
	const char *appeal_url;
	bool about_persons; /* what they are told, too */
	bool withheld;      /* but not yet */
	const uint8_t *key; /* of tokens; NULL: none are given */
};

static void put_text_or_null(struct buf *buf, const char *key, const char *text)
{
	json_put_key(buf, key);
	if (text && *text)
		json_put_text(buf, text);
	else
		buf_text(buf, "null");
}

static void put_number(struct buf *buf, const char *key, int64_t number)
{
	json_put_key(buf, key);
	json_put_integer(buf, number);
}

static void put_actions(struct buf *buf, unsigned actions)
{
	json_put_key(buf, "actions");
	buf_char(buf, '[');
	for (unsigned i = 0; i < ACTION_COUNT; i++) {
		if (!(actions >> i & 1))
			continue;
		json_put_item(buf);
		json_put_text(buf, action_name(i));
	}
	if (!actions) {
		json_put_item(buf);
		json_put_text(buf, "none");
	}
	buf_char(buf, ']');
}

static void put_contents(struct buf *buf, const struct telling *telling)
{
	char token[APPEAL_TOKEN_TEXT];
	json_put_key(buf, "contents");
	buf_char(buf, '[');
	for (size_t i = 0; i < telling->part->count; i++) {
		json_put_item(buf);
		buf_char(buf, '{');
		if (telling->about_persons) {
			if (telling->key)
				appeal_token(telling->key, telling->row->number,
					telling->part->uploads[i], token);
			put_text_or_null(buf, "appeal_token", telling->key ? token : NULL);
		}
		json_put_key(buf, "content_id");
		json_put_text(buf, telling->part->content_ids[i]);
		buf_char(buf, '}');
	}
	buf_char(buf, ']');
}

static void put_territory(struct buf *buf, const char *lines)
{
	json_put_key(buf, "territory");
	buf_char(buf, '[');
	while (*lines) {
		size_t size = strcspn(lines, "\n");
		json_put_item(buf);
		json_put_string(buf, lines, size);
		lines += size + (lines[size] == '\n');
	}
	buf_char(buf, ']');
}

static void put_ground(struct buf *buf, const struct store_decision *row)
{
	json_put_key(buf, "ground");
	buf_char(buf, '{');
	put_text_or_null(buf, "article", row->article);
	json_put_key(buf, "basis");
	json_put_text(buf, basis_name((enum decide_basis)row->basis));
	put_text_or_null(buf, "text", row->text);
	buf_char(buf, '}');
}

static void put_statement(struct buf *buf, const struct telling *telling)
{
	json_put_key(buf, "statement");
	if (telling->withheld || !telling->row->statement[0]) {
		buf_text(buf, "null");
		return;
	}
	buf_char(buf, '{');
	json_put_key(buf, "language");
	json_put_text(buf, telling->row->language);
	json_put_key(buf, "text");
	json_put_text(buf, telling->row->statement);
	buf_char(buf, '}');
}

static void put_parts(struct buf *buf, const struct store_decision *row)
{
	uint64_t parts = (row->upload_count + DECIDE_PART - 1) / DECIDE_PART;
	uint64_t part = row->part + 1u;
	put_number(buf, "part", (int64_t)part);
	put_number(buf, "parts", (int64_t)(parts > part ? parts : part));
}

static void put_decision(struct buf *buf, const struct telling *telling)
{
	const struct store_decision *row = telling->row;
	bool persons = telling->about_persons;
	buf_char(buf, '{');
	put_actions(buf, row->actions);
	if (persons)
		put_number(buf, "appeal_until_ms", row->appeal_until_ms);
	if (persons && telling->appeal_url[0]) {
		json_put_key(buf, "appeal_url");
		json_put_text(buf, telling->appeal_url);
	}
	json_put_key(buf, "automated");
	json_put_bool(buf, !row->case_id || person_is_machine(row->actor));
	put_text_or_null(buf, "bank", telling->bank);
	if (row->case_id) {
		put_number(buf, "case", (int64_t)row->case_id);
		put_number(buf, "cluster", row->cluster);
	}
	put_contents(buf, telling);
	char id[DECISION_TEXT];
	uuid_format(row->id, id);
	json_put_key(buf, "decision");
	json_put_text(buf, id);
	put_text_or_null(buf, "entry", telling->entry);
	if (persons)
		put_ground(buf, row);
	put_parts(buf, row);
	if (persons)
		put_statement(buf, telling);
	put_territory(buf, row->territory);
	put_number(buf, "until_ms", row->until_ms);
	if (persons) {
		json_put_key(buf, "withheld_until_ms");
		if (telling->withheld)
			json_put_integer(buf, row->withheld_ms);
		else
			buf_text(buf, "null");
	}
	buf_char(buf, '}');
}

static void put_restored(struct buf *buf, const struct telling *telling)
{
	const struct store_decision *row = telling->row;
	char id[DECISION_TEXT];
	buf_char(buf, '{');
	json_put_key(buf, "case");
	if (row->case_id)
		json_put_integer(buf, (int64_t)row->case_id);
	else
		buf_text(buf, "null");
	put_contents(buf, telling);
	uuid_format(row->id, id);
	json_put_key(buf, "decision");
	json_put_text(buf, id);
	put_parts(buf, row);
	buf_char(buf, '}');
}

int decide_tell(struct hilf *hilf, const struct store_decision *row, const struct decide_part *part,
	const char *event, struct arena *arena, struct hilf_err *err)
{
	uint8_t key[APPEAL_KEY_SIZE];
	char appeal_url[DECIDE_URL_TEXT];
	struct buf buf = BUF_INIT;
	struct telling telling = {.row = row,
		.part = part,
		.appeal_url = appeal_url,
		.about_persons = strcmp(event, "decision.made") == 0 ||
				 strcmp(event, "statement.released") == 0,
		.withheld = row->withheld_ms && !row->released && row->step == STEP_TELL};
	decide_appeal_url(hilf, appeal_url);
	int rc = desk_name_entry(hilf, true, row->entry, arena, &telling.entry, &telling.bank, err);
	if (!rc && telling.about_persons && !telling.withheld && row->statement[0]) {
		rc = appeal_key(hilf, true, key, err);
		telling.key = key;
	}
	if (rc)
		return rc;
	if (!telling.bank[0])
		telling.bank = row->bank;
	if (strcmp(event, "content.restored") == 0)
		put_restored(&buf, &telling);
	else
		put_decision(&buf, &telling);
	rc = buf.failed ? err_no_memory(err)
			: hooks_queue(hilf, event, telling.bank[0] ? telling.bank : NULL, buf.data,
				  buf.size, err);
	buf_free(&buf);
	return rc;
}

int decide_unblock(struct hilf *hilf, uint64_t check_id, const char *content_id, int64_t now_ms,
	struct arena *arena, struct hilf_err *err)
{
	uint64_t none = 0;
	struct store_check check;
	int rc = store_check_get(hilf->store, true, check_id, arena, &check, err);
	if (rc || !check.has_decision || check.reversed_ms)
		return rc == HILF_E_NOT_FOUND ? 0 : rc;
	struct store_rest *rests = (struct store_rest *)check.rests; /* in the arena */
	struct store_decision row = {.actions = ACTION_REMOVE,
		.bank = "",
		.territory = "",
		.statement = "",
		.upload_count = 1};
	const struct decide_part part = {
		.uploads = &none, .content_ids = &content_id, .count = 1, .first = true};
	memcpy(row.id, check.decision, UUID_SIZE);
	bool blocked =
		false; /* by the one before: the first that blocked is the one that was told */
	for (size_t i = 0; i < check.rest_count; i++) {
		bool blocks = rests[i].verdict == HILF_VERDICT_BLOCK;
		if (!row.entry || (blocks && !blocked))
			row.entry = rests[i].entry;
		blocked = blocked || blocks;
		rests[i].verdict = HILF_NO_MATCH;
	}
	check.standing = HILF_NO_MATCH;
	check.reversed_ms = now_ms;
	rc = store_check_save(hilf->store, &check, err);
	if (!rc)
		rc = decide_tell(hilf, &row, &part, "decision.reversed", arena, err);
	return rc ? rc : decide_tell(hilf, &row, &part, "content.restored", arena, err);
}
