/* GET /v1/entries: by a signal, or by what is said of entries. The one is a look into an index; the other goes through the
 * entries, so that an answer may have few or none and still say where to go on. */
#include "engine/search.h"
#include "http/api/entry.h"

#include <stdio.h>

static bool may_read(const char *bank, void *ctx)
{
	return entry_may_read(ctx, bank);
}

struct answer {
	struct buf buf;
	size_t count;
};

static int put_found(const struct hilf_entry *entry, void *ctx)
{
	struct answer *answer = ctx;
	entry_put(&answer->buf, entry);
	answer->count++;
	return 0;
}

/* Those that are in the way of API_PAGE_SIZE come with the next page. */
static int put_all(struct http_request *request, const uint64_t *entries, size_t count,
	struct answer *answer, uint64_t *next, struct hilf_err *err)
{
	for (size_t i = 0; i < count; i++) {
		char number[24];
		snprintf(number, sizeof number, "%llu", (unsigned long long)entries[i]);
		int rc = hilf_entry_get(api_hilf(request), number, put_found, answer, err);
		if (rc)
			return rc;
		if (answer->buf.size > API_PAGE_SIZE && i + 1 < count) {
			*next = entries[i];
			break;
		}
	}
	return 0;
}

static bool read_search(
	struct http_request *request, struct entry_reader *reader, struct search *ret_search)
{
	struct hilf_err err;
	const char *state = http_query(request, "state");
	*ret_search = (struct search){
		.bank = http_query(request, "bank"),
		.content_class = http_query(request, "class"),
		.label = http_query(request, "label"),
		.member = http_query(request, "member"),
		.may = may_read,
		.ctx = reader,
	};
	if (!state || !search_state_parse(state, &ret_search->state, &err))
		return true;
	api_error(request, 400, "invalid_parameter", err.text, "leave it out for any");
	return false;
}

void api_entry_search(struct http_request *request)
{
	struct entry_reader reader = {.request = request};
	struct answer answer = {BUF_INIT, 0};
	struct search search;
	struct page page;
	uint64_t before, next = 0;
	size_t count = 0;
	char text[24];
	struct hilf_err err;
	if (!api_page(request, &page) || !api_page_number(request, &page, &before) ||
		!read_search(request, &reader, &search))
		return;
	uint64_t *entries = arena_array(http_arena(request), page.limit, sizeof *entries);
	if (!entries) {
		api_error(request, 503, "no_memory", "the node is out of memory", NULL);
		return;
	}
	buf_text(&answer.buf, "{\"entries\":[");
	int rc = search_entries(
		api_hilf(request), &search, before, entries, page.limit, &count, &next, &err);
	if (!rc)
		rc = put_all(request, entries, count, &answer, &next, &err);
	if (rc) {
		buf_free(&answer.buf);
		api_fail(request, &err);
		return;
	}
	snprintf(text, sizeof text, "%llu", (unsigned long long)next);
	buf_char(&answer.buf, ']');
	json_out_bool(&answer.buf, "more", next);
	json_out_text(&answer.buf, "next", next ? text : NULL);
	buf_char(&answer.buf, '}');
	api_reply(request, 200, &answer.buf);
}
