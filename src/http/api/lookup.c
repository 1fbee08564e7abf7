/* GET /v1/lookup, in two halves: each request is read as it comes, and all that came in a turn of the loop are compared in
 * one go, where they hide each other's memory latency. */
#include "http/api/check.h"
#include "http/metrics.h"

#include <string.h>

struct lookup {
	struct hilf_signal signal;
	struct hilf_query query;
};

static const struct lookup *lookup_of(const struct http_request *request)
{
	return call_of(request)->half;
}

/* A type and a value, and nothing else: nearly all that come. False: it is for the thorough way to read, or to refuse. */
static bool read_plain(const struct http_request *request, struct lookup *ret_lookup)
{
	const char *name, *value, *texts[2] = {NULL, NULL};
	for (size_t i = 0; http_query_at(request, i, &name, &value); i++) {
		bool is_value = strcmp(name, "value") == 0;
		if (!is_value && strcmp(name, "type") != 0)
			return false;
		texts[is_value] = value;
	}
	if (!texts[0] || !texts[1] ||
		hilf_signal_parse(texts[0], texts[1], &ret_lookup->signal, NULL) != 0)
		return false;
	check_plain_query(request, &ret_lookup->query);
	return true;
}

static bool read_lookup(struct http_request *request, struct lookup *ret_lookup)
{
	struct fields fields;
	if (read_plain(request, ret_lookup))
		return true;
	fields_form(&fields, request);
	fields.form = false;
	const char *type = fields_text(&fields, "type", 32);
	const char *value = fields_text(&fields, "value", 256);
	fields_parse_signal(&fields, type, value, &ret_lookup->signal);
	return check_read_query(request, &fields, &ret_lookup->query);
}

static void answer(struct http_request *request, struct hilf_check *check)
{
	struct check_outcome outcome = {.check = *check};
	struct metrics *metrics = api_of(request)->metrics;
	undecided_when_behind(request, &outcome);
	tally_lookups(api_hilf(request), check, 1);
	if (metrics)
		metrics_check(metrics, outcome.check.verdict, outcome.check.shadow_verdict,
			outcome.undecided_count ? outcome.undecided[0].code : "", 1);
	struct buf buf = http_reply_room(request);
	buf_reserve(&buf, CHECK_REPLY_SIZE);
	buf_char(&buf, '{');
	answer_check(&buf, &outcome.check, false);
	answer_undecided(&buf, &outcome);
	json_out_took(&buf, "took_ms", api_took_us(request));
	buf_char(&buf, '}');
	api_reply(request, 200, &buf);
}

/* Those of one question. What fails for several fails for each by itself, if it does. */
static void look_up(struct http_request *const *requests, size_t count)
{
	struct hilf_signal signals[HTTP_GATHER_MAX];
	struct hilf_check checks[HTTP_GATHER_MAX];
	struct hilf_err err;
	for (size_t i = 0; i < count; i++)
		signals[i] = lookup_of(requests[i])->signal;
	int rc = hilf_match_signals(api_hilf(requests[0]), &lookup_of(requests[0])->query, signals,
		count, checks, &err);
	for (size_t i = 0; i < count; i++) {
		if (!rc) {
			answer(requests[i], &checks[i]);
			hilf_check_free(&checks[i]);
		} else if (count > 1) {
			look_up(requests + i, 1);
		} else {
			api_fail(requests[i], &err);
		}
	}
}

/* Whether both ask the same of their signals. Banks that were named are each request's own. */
static bool is_alike(const struct http_request *request, const struct http_request *other)
{
	const struct hilf_query *x = &lookup_of(request)->query, *y = &lookup_of(other)->query;
	return x->banks == y->banks && x->bank_count == y->bank_count && x->limit == y->limit &&
	       !x->seed && !y->seed && x->lenient == y->lenient;
}

static void look_up_all(struct http_request *const *requests, size_t count)
{
	struct http_request *left[HTTP_GATHER_MAX], *alike[HTTP_GATHER_MAX];
	size_t left_count = 0;
	for (size_t i = 0; i < count; i++)
		if (!api_must_catch_up(requests[i]))
			left[left_count++] = requests[i];
	while (left_count) {
		size_t alike_count = 0, others = 0;
		alike[alike_count++] = left[0];
		for (size_t i = 1; i < left_count; i++)
			if (is_alike(alike[0], left[i]))
				alike[alike_count++] = left[i];
			else
				left[others++] = left[i];
		look_up(alike, alike_count);
		left_count = others;
	}
}

void api_lookup(struct http_request *request)
{
	struct lookup *lookup = arena_alloc(http_arena(request), sizeof *lookup);
	if (!lookup) {
		api_error(request, 503, "no_memory", "the node is out of memory",
			"try again in a second");
		return;
	}
	if (!read_lookup(request, lookup))
		return;
	/* Digests are looked up in the store. */
	if (lookup->signal.type != HILF_PDQ && !api_on_worker(request))
		return;
	call_of(request)->half = lookup;
	http_gather(request, look_up_all);
}
