/* POST /v1/check/batch: thousands of signals, which go to the index all at once, where they hide each other's memory
 * latency. What matched nothing is not listed, so the answer to a scan of clean content is a few bytes. */
#include "http/api/check.h"
#include "http/api/scan.h"
#include "http/metrics.h"
#include "wire/signal_text.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_LIMIT       10u
#define BATCH_MATCHES_MAX 100000u /* listed in one answer: some 50 MB of JSON */
#define NODES_PER_SIGNAL  4u
#define SIGNAL_SIZE_MIN   32u /* of a body: an md5 */

struct batch {
	struct http_request *request;
	struct fields *fields;
	struct hilf_signal *signals;
	size_t count, room, max;
};

static struct hilf_signal *take(struct batch *batch)
{
	if (batch->count >= batch->room) {
		fields_refuse(batch->fields, "too_many", "send them in several requests",
			"a batch has %zu signals at most", batch->max);
		return NULL;
	}
	return &batch->signals[batch->count++];
}

static bool take_text(struct batch *batch, uint8_t type, const char *text, size_t size,
	const char *where, size_t position)
{
	struct hilf_signal *signal = take(batch);
	struct hilf_err err;
	if (!signal)
		return false;
	if (signal_text_parse_value(type, text, size, signal, &err) == 0)
		return true;
	fields_refuse(batch->fields, "invalid_field", "correct it; nothing was compared",
		"'%s[%zu]': %s", where, position, err.text);
	return false;
}

/* {"pdq":["f8f8...", ...], "md5":[...]} */
static void read_compact(struct batch *batch)
{
	for (uint8_t type = HILF_PDQ; type <= HILF_MD5; type++) {
		const char *name = hilf_signal_type_name(type);
		const json_t *list = fields_array(batch->fields, name, batch->max), *value;
		size_t i;
		json_array_foreach(list, i, value)
		{
			if (!json_is_string(value)) {
				fields_refuse(batch->fields, "invalid_field",
					"send its value as a text", "'%s[%zu]' is no text", name,
					i);
				return;
			}
			if (!take_text(batch, type, json_string_value(value),
				    json_string_length(value), name, i))
				return;
		}
	}
}

/* {"signals":[{"type":..,"value":..}, ...]} */
static void read_objects(struct batch *batch, const json_t *list)
{
	const json_t *value;
	size_t i;
	json_array_foreach(list, i, value)
	{
		struct fields inner;
		struct hilf_signal *signal = take(batch);
		if (!signal)
			return;
		fields_inner(&inner, batch->fields, value, "signals", i);
		fields_signal(&inner, signal);
		fields_join(batch->fields, &inner);
		if (!fields_good(batch->fields))
			return;
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* "TYPE VALUE" and whatever follows, which is passed over. */
static void read_line(struct batch *batch, const char *text, size_t size, size_t number)
{
	size_t at = 0, from[2], to[2];
	struct hilf_signal *signal;
	struct hilf_err err;
	for (int word = 0; word < 2; word++) {
		while (at < size && is_blank(text[at]))
			at++;
		from[word] = at;
		while (at < size && !is_blank(text[at]))
			at++;
		to[word] = at;
	}
	if (from[0] == size || text[from[0]] == '#')
		return;
	signal = take(batch);
	if (signal && signal_text_parse(text + from[0], to[0] - from[0], text + from[1],
			      to[1] - from[1], signal, &err) != 0)
		fields_refuse(batch->fields, "invalid_line", "correct it; nothing was compared",
			"line %zu: %s", number, err.text);
}

static void read_lines(struct batch *batch)
{
	size_t size, number = 1;
	const char *text = http_body(batch->request, &size), *end = text + size;
	while (text < end && fields_good(batch->fields)) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		stop = stop ? stop : end;
		read_line(batch, text, (size_t)(stop - text), number++);
		text = stop + 1;
	}
}

static bool read_batch(struct batch *batch, struct fields *fields, struct hilf_query *ret_query)
{
	struct http_request *request = batch->request;
	bool lines = !strcmp(http_content_type(request), "text/plain");
	size_t size;
	const char *text = http_body(request, &size);
	batch->fields = fields;
	/* Room for what a body of this size may hold at most. */
	batch->max = api_conf(api_of(request))->batch_max;
	batch->room = size / SIGNAL_SIZE_MIN + 1;
	if (batch->room > batch->max)
		batch->room = batch->max;
	batch->signals = arena_array(http_arena(request), batch->room, sizeof *batch->signals);
	bool quick = batch->signals && !lines &&
		     scan_lists(text, size, batch->signals, batch->room, &batch->count);
	if (lines || quick)
		fields_form(fields, request);
	else if (!fields_body_of(fields, request, batch->max * NODES_PER_SIGNAL + 100))
		return false;
	fields->query = true;
	fields->form = false;
	if (!batch->signals) {
		fields_refuse(fields, "no_memory", "send fewer at once", "out of memory");
	} else if (lines) {
		read_lines(batch);
	} else if (!quick) {
		const json_t *list = fields_array(fields, "signals", batch->max);
		read_compact(batch);
		if (list && batch->count)
			fields_refuse(fields, "ambiguous", "send one of them",
				"there are both 'signals' and lists by type");
		if (list)
			read_objects(batch, list);
	}
	fields_need(fields, "signals", batch->count > 0);
	size_t limit = (size_t)fields_integer(fields, "limit", 1, CHECK_LIMIT_MAX, BATCH_LIMIT);
	if (limit * batch->count > BATCH_MATCHES_MAX)
		fields_refuse(fields, "too_many",
			"send a smaller 'limit', or fewer signals at once",
			"%zu signals with %zu matches each are more than one answer lists (%u)",
			batch->count, limit, BATCH_MATCHES_MAX);
	if (!check_read_query(request, fields, ret_query))
		return false;
	ret_query->limit = limit;
	return true;
}

static void put_results(
	struct buf *buf, const struct batch *batch, const struct hilf_check *checks, bool all)
{
	uint64_t matched = 0;
	json_put_key(buf, "results");
	buf_char(buf, '[');
	for (size_t i = 0; i < batch->count; i++) {
		bool found = checks[i].match_count || checks[i].match_more;
		matched += found;
		if (!found && !all)
			continue;
		json_put_item(buf);
		buf_char(buf, '{');
		json_out_integer(buf, "index", (int64_t)i);
		answer_check(buf, &checks[i], false);
		buf_char(buf, '}');
	}
	buf_char(buf, ']');
	json_out_integer(buf, "signals", (int64_t)batch->count);
	json_out_integer(buf, "matched", (int64_t)matched);
}

static void count_batch(struct http_request *request, const struct batch *batch,
	const struct hilf_check *checks, const struct check_outcome *outcome)
{
	struct metrics *metrics = api_of(request)->metrics;
	enum hilf_verdict verdict = HILF_NO_MATCH, shadow = HILF_NO_MATCH;
	for (size_t i = 0; i < batch->count; i++) {
		verdict = checks[i].verdict > verdict ? checks[i].verdict : verdict;
		shadow = checks[i].shadow_verdict > shadow ? checks[i].shadow_verdict : shadow;
	}
	tally_lookups(api_hilf(request), checks, batch->count);
	if (metrics)
		metrics_check(metrics, verdict, shadow,
			outcome->undecided_count ? outcome->undecided[0].code : "", batch->count);
}

static void answer(struct http_request *request, const struct batch *batch,
	const struct hilf_query *query, struct hilf_check *checks, bool all)
{
	struct check_outcome outcome = {0};
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	if (hilf_match_signals(
		    api_hilf(request), query, batch->signals, batch->count, checks, &err)) {
		api_fail(request, &err);
		return;
	}
	undecided_when_behind(request, &outcome);
	count_batch(request, batch, checks, &outcome);
	buf_char(&buf, '{');
	put_results(&buf, batch, checks, all);
	answer_undecided(&buf, &outcome);
	json_out_took(&buf, "took_ms", api_took_us(request));
	buf_char(&buf, '}');
	for (size_t i = 0; i < batch->count; i++)
		hilf_check_free(&checks[i]);
	api_reply(request, 200, &buf);
}

void api_batch(struct http_request *request)
{
	struct batch batch = {.request = request};
	struct fields fields;
	struct hilf_query query;
	bool all;
	if (!api_query_bool(request, "all", &all) || !read_batch(&batch, &fields, &query))
		return;
	struct hilf_check *checks = arena_array(http_arena(request), batch.count, sizeof *checks);
	/* One was taken when the headers came. */
	if (checks && !access_charge(request, &call_of(request)->access, batch.count - 1))
		return;
	if (checks)
		answer(request, &batch, &query, checks, all);
	else
		api_error(request, 503, "no_memory", "the node is out of memory",
			"send fewer at once");
}
