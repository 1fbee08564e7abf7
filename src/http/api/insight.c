/* What was counted, as the dashboard and whoever draws charts asks for it: series over time, the precision of each member's
 * entries, what a bank would have done with another mode or threshold, and how the node is. */
#include "engine/insight.h"
#include "base/check.h"
#include "http/api/inside.h"
#include "http/metrics.h"
#include "os/clock.h"

#include <stdio.h>

#define DAY_MS  (24ll * 3600 * 1000)
#define HOUR_MS (3600ll * 1000)
/* What is shown where nobody said from when. */
#define SPAN_OF_DAYS  30
#define SPAN_OF_HOURS 48

static const struct {
	const char *name;
	enum tally tally;
} shown[] = {
	{"checks", TALLY_CHECKS},
	{"no_match", TALLY_NO_MATCH},
	{"review", TALLY_REVIEW},
	{"block", TALLY_BLOCK},
	{"undecided", TALLY_UNDECIDED},
	{"shadow", TALLY_SHADOW},
	{"lookups", TALLY_LOOKUPS},
	{"lookup_hits", TALLY_LOOKUP_HITS},
	{"decode_failed", TALLY_DECODE_FAILED},
	{"cases_match", TALLY_CASE_MATCH},
	{"cases_report", TALLY_CASE_REPORT},
	{"cases_dispute", TALLY_CASE_DISPUTE},
	{"cases_sample", TALLY_CASE_SAMPLE},
	{"cases_appeal", TALLY_CASE_APPEAL},
	{"reports", TALLY_REPORTS},
	{"decisions", TALLY_DECISIONS},
	{"decisions_reversed", TALLY_DECISIONS_REVERSED},
	{"disputes", TALLY_DISPUTES},
	{"reversals", TALLY_REVERSALS},
	{"appeals", TALLY_APPEALS},
	{"appeals_upheld", TALLY_APPEALS_UPHELD},
	{"escalations", TALLY_ESCALATIONS},
	{"lookback_hits", TALLY_LOOKBACK_HITS},
	{"delivered", TALLY_DELIVERED},
	{"deliveries_dead", TALLY_DELIVERY_DEAD},
	{"queue", TALLY_GAUGE_QUEUE},
	{"index_values", TALLY_GAUGE_INDEX},
	{"entries", TALLY_GAUGE_ENTRIES},
	{"outbox_waiting", TALLY_GAUGE_WAITING},
	{"outbox_dead", TALLY_GAUGE_DEAD},
};

/* ------------------------------------------------------------------------------------------ series */

static void put_values(struct buf *buf, const char *key, const uint64_t *values, size_t count)
{
	json_put_key(buf, key);
	buf_char(buf, '[');
	for (size_t i = 0; i < count; i++) {
		json_put_item(buf);
		if (values[i] == INSIGHT_UNKNOWN)
			buf_text(buf, "null");
		else
			json_put_integer(buf, (int64_t)values[i]);
	}
	buf_char(buf, ']');
}

static int put_cases(struct buf *buf, const struct insight_series *series, struct arena *arena)
{
	uint64_t *sums = arena_array(arena, series->count, sizeof *sums);
	if (!sums)
		return -1;
	for (size_t i = 0; i < series->count; i++) {
		sums[i] = 0;
		for (unsigned kind = TALLY_CASE_MATCH; kind <= TALLY_CASE_APPEAL; kind++)
			sums[i] += insight_of(series, (enum tally)kind)[i];
	}
	put_values(buf, "cases_opened", sums, series->count);
	return 0;
}

static void reply_series(struct http_request *request, const struct insight_series *series)
{
	struct buf buf = BUF_INIT;
	buf_char(&buf, '{');
	json_out_integer(&buf, "from_ms", series->from_ms);
	json_out_integer(&buf, "step_s", series->step_ms / 1000);
	json_out_integer(&buf, "points", (int64_t)series->count);
	json_put_key(&buf, "series");
	buf_char(&buf, '{');
	for (size_t i = 0; i < COUNT_OF(shown); i++)
		put_values(&buf, shown[i].name, insight_of(series, shown[i].tally), series->count);
	put_values(&buf, "decide_median_s", series->took_s, series->count);
	if (put_cases(&buf, series, http_arena(request)))
		buf.failed = true;
	buf_text(&buf, "}}");
	api_reply(request, 200, &buf);
}

void api_insight_series(struct http_request *request)
{
	const char *step_name = http_query(request, "step");
	enum insight_step step = INSIGHT_DAY;
	struct insight_series series;
	int64_t now_ms = clock_now_ms();
	uint64_t from_ms, to_ms;
	struct hilf_err err;
	if (step_name && insight_step_parse(step_name, &step, &err)) {
		api_error(request, 400, "invalid_parameter", err.text, "ask for hour or day");
		return;
	}
	int64_t span_ms = step == INSIGHT_DAY ? SPAN_OF_DAYS * DAY_MS : SPAN_OF_HOURS * HOUR_MS;
	if (!api_query_number(request, "to_ms", 1, INT64_MAX, (uint64_t)now_ms, &to_ms))
		return;
	uint64_t before_ms = to_ms > (uint64_t)span_ms ? to_ms - (uint64_t)span_ms : 0;
	if (!api_query_number(request, "from_ms", 0, INT64_MAX, before_ms, &from_ms))
		return;
	if (insight_series(api_hilf(request), (int64_t)from_ms, (int64_t)to_ms, step, now_ms,
		    http_arena(request), &series, &err))
		api_fail(request, &err);
	else
		reply_series(request, &series);
}

/* ------------------------------------------------------------------------------------------ sources */

static void put_share(struct buf *buf, const char *key, int64_t ppm)
{
	json_put_key(buf, key);
	if (ppm < 0)
		buf_text(buf, "null");
	else
		buf_format(buf, "%lld.%06lld", (long long)ppm / 1000000, (long long)ppm % 1000000);
}

static int put_source(const struct insight_source *source, void *ctx)
{
	struct buf *buf = ctx;
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_text(buf, "member", source->member);
	json_out_bool(buf, "own", source->own);
	json_out_integer(buf, "decisions", (int64_t)source->decisions);
	json_out_integer(buf, "decided", (int64_t)source->decided);
	json_out_integer(buf, "upheld", (int64_t)source->upheld);
	put_share(buf, "precision", source->precision_ppm);
	buf_char(buf, '}');
	return 0;
}

void api_insight_sources(struct http_request *request)
{
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	buf_text(&buf, "{\"sources\":[");
	if (insight_sources(api_hilf(request), put_source, &buf, &err)) {
		buf_free(&buf);
		api_fail(request, &err);
		return;
	}
	buf_char(&buf, ']');
	json_out_integer(&buf, "days", TALLY_DAYS);
	json_out_integer(&buf, "decided_min", INSIGHT_DECIDED_MIN);
	buf_char(&buf, '}');
	api_reply(request, 200, &buf);
}

/* ------------------------------------------------------------------------------------------ effect */

void api_bank_effect(struct http_request *request)
{
	const char *mode = http_query(request, "mode");
	struct insight_ask ask = {
		.set_mode = mode, .set_radius = http_query(request, "pdq_radius")};
	struct insight_effect effect;
	struct buf buf = BUF_INIT;
	struct hilf_bank bank;
	struct hilf_err err;
	uint64_t radius;
	if (mode && hilf_mode_parse(mode, &ask.mode, &err)) {
		api_error(request, 400, "invalid_parameter", err.text,
			"ask for shadow, review or block");
		return;
	}
	if (!api_query_number(request, "pdq_radius", 0, HILF_PDQ_RADIUS_MAX, 0, &radius) ||
		!api_bank_param(request, VERB_BANK_EFFECT, &bank))
		return;
	ask.pdq_radius = (uint32_t)radius;
	if (insight_effect(api_hilf(request), bank.name, &ask, clock_now_ms(), &effect, &err)) {
		api_fail(request, &err);
		return;
	}
	insight_effect_write(&effect, &buf);
	api_reply(request, 200, &buf);
}

/* ------------------------------------------------------------------------------------------ health */

static void put_reason(const char *reason, uint64_t count, void *ctx)
{
	struct buf *buf = ctx;
	json_put_item(buf);
	buf_char(buf, '{');
	json_out_text(buf, "reason", reason);
	json_out_integer(buf, "count", (int64_t)count);
	buf_char(buf, '}');
}

/* null where it could not be read. */
static void open_part(struct buf *buf, const char *key, bool is_there)
{
	json_put_key(buf, key);
	buf_text(buf, is_there ? "{" : "null");
}

static void put_ms(struct buf *buf, const char *key, int64_t ms)
{
	json_put_key(buf, key);
	if (ms)
		json_put_integer(buf, ms);
	else
		buf_text(buf, "null");
}

static void put_index(struct buf *buf, const struct node_view *view)
{
	bool is_there = view->has_index && view->has_stats;
	open_part(buf, "index", is_there);
	if (!is_there)
		return;
	json_out_integer(buf, "values", (int64_t)view->stats.index_count);
	json_out_integer(buf, "size", (int64_t)view->stats.index_size);
	json_out_integer(buf, "degenerate", (int64_t)view->stats.degenerate_count);
	json_out_integer(buf, "seq", (int64_t)view->index.seq);
	json_out_integer(buf, "lag", (int64_t)view->lag);
	json_out_integer(buf, "snapshot_seq", (int64_t)view->index.snapshot_seq);
	json_out_integer(buf, "mended", (int64_t)view->index.mended_count);
	buf_char(buf, '}');
}

static void put_outbox(struct buf *buf, const struct node_view *view)
{
	open_part(buf, "outbox", view->has_outbox);
	if (!view->has_outbox)
		return;
	json_out_integer(buf, "waiting", (int64_t)view->outbox.waiting);
	json_out_integer(buf, "dead", (int64_t)view->outbox.dead);
	put_ms(buf, "oldest_ms", view->outbox.waiting ? view->outbox.oldest_ms : 0);
	buf_char(buf, '}');
}

void api_insight_health(struct http_request *request)
{
	struct api *api = api_of(request);
	struct node_view view;
	struct buf buf = BUF_INIT;
	node_view_get(api, &view);
	buf_char(&buf, '{');
	json_out_text(&buf, "state", view.state);
	json_out_text(&buf, "version", hilf_version());
	json_out_integer(&buf, "now_ms", view.now_ms);
	json_out_integer(&buf, "started_ms", view.started_ms);
	json_out_bool(&buf, "follower", view.follower);
	put_ms(&buf, "heard_ms", view.follower ? view.heard_ms : 0);
	json_out_integer(&buf, "feed_seq", (int64_t)view.head);
	put_index(&buf, &view);
	open_part(&buf, "entries", view.has_stats);
	if (view.has_stats) {
		json_out_integer(&buf, "in_force", (int64_t)view.stats.entry_count);
		json_out_integer(&buf, "expired", (int64_t)view.stats.expired_count);
		json_out_integer(&buf, "withdrawn", (int64_t)view.stats.withdrawn_count);
		buf_char(&buf, '}');
	}
	put_outbox(&buf, &view);
	open_part(&buf, "disk", view.has_room);
	if (view.has_room) {
		json_out_integer(&buf, "free", (int64_t)view.room_free);
		json_out_integer(&buf, "size", (int64_t)view.room_size);
		buf_char(&buf, '}');
	}
	json_put_key(&buf, "decode_failures");
	buf_char(&buf, '[');
	if (api->metrics)
		metrics_decode_failures(api->metrics, put_reason, &buf);
	buf_char(&buf, ']');
	json_out_integer(&buf, "lookback", (int64_t)view.lookback_count);
	buf_char(&buf, '}');
	api_reply(request, 200, &buf);
}
