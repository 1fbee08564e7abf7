/* Opinions: a member's word on an entry. */
#include "http/api/entry.h"

static int put_opinion(const struct hilf_opinion_row *row, void *ctx)
{
	struct buf *buf = ctx;
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_text(buf, "member", row->member);
	json_out_bool(buf, "own", row->own);
	json_out_text(buf, "opinion", hilf_opinion_name(row->opinion));
	json_out_time(buf, "given", row->time_ms);
	buf_char(buf, '}');
	return 0;
}

static void reply_opinions(struct http_request *request, int status, const char *entry)
{
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	buf_text(&buf, "{\"opinions\":[");
	if (hilf_opinion_each(api_hilf(request), entry, put_opinion, &buf, &err)) {
		buf_free(&buf);
		api_fail(request, &err);
		return;
	}
	buf_text(&buf, "]}");
	api_reply(request, status, &buf);
}

void api_opinion_list(struct http_request *request)
{
	struct entry_object entry;
	if (entry_param(request, VERB_OPINION_READ, &entry))
		reply_opinions(request, 200, entry.gid);
}

void api_opinion_give(struct http_request *request)
{
	enum hilf_opinion opinion = HILF_OPINION_NONE;
	struct entry_object entry;
	struct fields fields;
	struct hilf_err err;
	if (!entry_param(request, VERB_OPINION_GIVE, &entry) || !fields_body(&fields, request))
		return;
	const char *name = fields_text(&fields, "opinion", 16);
	fields_need(&fields, "opinion", name);
	if (name && hilf_opinion_parse(name, &opinion, &err))
		fields_wrong(&fields, "opinion", &err);
	if (!fields_end(&fields))
		return;
	if (hilf_opinion_give(api_hilf(request), entry.gid, opinion, &err))
		api_fail(request, &err);
	else
		reply_opinions(request, 200, entry.gid);
}
