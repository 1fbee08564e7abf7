/* Cases: the queue, whose a case is, and notes. Lists follow indexes and counts are kept, so that the first view costs the
 * same with ten cases and with a hundred thousand. */
#include "http/api/case.h"

#include "engine/people.h"
#include "http/api/desk.h"
#include "http/api/fields.h"

#include <stdlib.h>
#include <string.h>

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

/* ------------------------------------------------------------------------------------------ the queue */

static int put_case(const struct store_case *row, void *ctx)
{
	struct case_writer *writer = ctx;
	json_put_item(&writer->buf);
	buf_char(&writer->buf, '{');
	int rc = case_put_members(writer, row);
	buf_char(&writer->buf, '}');
	return rc;
}

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
		.actor = actor_person(actor),
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

static int put_counts(struct case_writer *writer)
{
	const struct actor *actor = api_actor(writer->request);
	struct case_counts counts;
	struct buf *buf = &writer->buf;
	int rc = case_counts(api_hilf(writer->request), actor_person(actor), actor->banks,
		actor->bank_count, &counts, &writer->err);
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
	struct case_writer writer = {.request = request};
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
	case_reply(&writer, rc, 200);
}

/* ------------------------------------------------------------------------------------------ whose it is */

static void reply_case(struct http_request *request, const struct case_object *of)
{
	struct case_writer writer = {.request = request};
	buf_text(&writer.buf, "{\"case\":{");
	int rc = case_put_members(&writer, &of->row);
	buf_text(&writer.buf, "}}");
	case_reply(&writer, rc, 200);
}

/* What the person at the console would rather not see; keys have no such thing. */
static int read_declined(struct http_request *request, struct case_next *next, struct hilf_err *err)
{
	static const char prefix[] = "user:";
	const char *id = api_who(request);
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
	next->after = (uint64_t)fields_integer(&fields, "after", 1, LIMIT_JSON_INTEGER, 0);
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
	struct case_next next = {.actor = actor_person(actor),
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
	int rc = case_lease(api_hilf(request), of.row.id, api_who(request), &lease, &err);
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
	if (case_release(api_hilf(request), of.row.id, api_who(request), &err))
		api_fail(request, &err);
	else
		api_reply_nothing(request);
}

void api_case_note(struct http_request *request)
{
	const char *actor = api_who(request);
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
	case_put_note(&buf, &note, alias, true);
	api_reply(request, 201, &buf);
}
