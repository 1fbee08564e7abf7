/* The scrape: adds the shards up, asks everybody for his gauges, and writes the text format that Prometheus reads
 * (version 0.0.4): "# HELP", "# TYPE", then the samples of one family together. */
#include "base/check.h"
#include "base/err.h"
#include "engine/cases.h"
#include "http/api.h"
#include "http/metrics/inside.h"
#include "os/clock.h"
#include "os/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static uint64_t sum(const struct metrics *metrics, size_t at)
{
	uint64_t total = 0;
	for (unsigned i = 0; i < metrics->shard_count; i++)
		total += atomic_load_explicit(
			(counter *)((char *)&metrics->shards[i] + at), memory_order_relaxed);
	return total;
}

#define SUM(metrics, field) sum(metrics, offsetof(struct metrics_shard, field))

static void family(struct buf *buf, const char *name, const char *type, const char *help)
{
	buf_format(buf, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void sample(struct buf *buf, const char *name, uint64_t value)
{
	buf_format(buf, "%s %llu\n", name, (unsigned long long)value);
}

static void gauge(struct buf *buf, const char *name, const char *help, uint64_t value)
{
	family(buf, name, "gauge", help);
	sample(buf, name, value);
}

static void total(struct buf *buf, const char *name, const char *help, uint64_t value)
{
	family(buf, name, "counter", help);
	sample(buf, name, value);
}

static void seconds(
	struct buf *buf, const char *name, const char *type, const char *help, double value)
{
	family(buf, name, type, help);
	buf_format(buf, "%s %.6f\n", name, value < 0 ? 0 : value);
}

static void labelled(
	struct buf *buf, const char *name, const char *label, const char *value, uint64_t number)
{
	buf_format(buf, "%s{%s=\"%s\"} %llu\n", name, label, value, (unsigned long long)number);
}

/* -------------------------------------------------------------------------------------------- requests */

struct route_sums {
	const char *app, *method, *path;
	uint64_t count, buckets[METRICS_BUCKETS], classes[6], taken_us, worked_us, received, sent;
};

static size_t route_at(unsigned slot, size_t field)
{
	return offsetof(struct metrics_shard, routes) + slot * sizeof(struct metrics_route) + field;
}

#define ROUTE_SUM(slot, field) sum(metrics, route_at(slot, offsetof(struct metrics_route, field)))

static void add_up(const struct metrics *metrics, unsigned slot, struct route_sums *sums)
{
	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		sums->buckets[i] =
			sum(metrics, route_at(slot, offsetof(struct metrics_route, buckets) +
							    i * sizeof(counter)));
		sums->count += sums->buckets[i];
	}
	for (size_t i = 0; i < COUNT_OF(sums->classes); i++)
		sums->classes[i] =
			sum(metrics, route_at(slot, offsetof(struct metrics_route, classes) +
							    i * sizeof(counter)));
	sums->taken_us = ROUTE_SUM(slot, taken_us);
	sums->worked_us = ROUTE_SUM(slot, worked_us);
	sums->received = ROUTE_SUM(slot, received);
	sums->sent = ROUTE_SUM(slot, sent);
}

/* Routes that were asked at least once. */
static size_t collect(const struct metrics *metrics, struct route_sums *sums)
{
	size_t count = 0;
	for (size_t i = 0; i < METRICS_APPS_MAX; i++) {
		const struct metrics_app *app = &metrics->apps[i];
		const struct http_route *routes =
			atomic_load_explicit(&app->routes, memory_order_acquire);
		for (unsigned at = 0; routes && at < app->count; at++) {
			bool none = at == app->count - 1;
			sums[count] = (struct route_sums){.app = app->name,
				.method = none ? "" : routes[at].method,
				.path = none ? "none" : routes[at].path};
			add_up(metrics, app->first + at, &sums[count]);
			count += sums[count].count > 0;
		}
	}
	return count;
}

static void route_labels(struct buf *buf, const char *name, const struct route_sums *sums)
{
	buf_format(buf, "%s{app=\"%s\",method=\"%s\",route=\"%s\"", name, sums->app, sums->method,
		sums->path);
}

static void write_histogram(struct buf *buf, const struct route_sums *sums)
{
	static const char name[] = "hilf_http_request_duration_seconds";
	char part[64];
	uint64_t below = 0;
	snprintf(part, sizeof part, "%s_bucket", name);
	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		below += sums->buckets[i];
		route_labels(buf, part, sums);
		if (i < METRICS_BUCKETS - 1)
			buf_format(buf, ",le=\"%g\"} %llu\n", metrics_bounds_us[i] / 1e6,
				(unsigned long long)below);
		else
			buf_format(buf, ",le=\"+Inf\"} %llu\n", (unsigned long long)below);
	}
	snprintf(part, sizeof part, "%s_sum", name);
	route_labels(buf, part, sums);
	buf_format(buf, "} %.6f\n", (double)sums->taken_us / 1e6);
	snprintf(part, sizeof part, "%s_count", name);
	route_labels(buf, part, sums);
	buf_format(buf, "} %llu\n", (unsigned long long)below);
}

static void write_requests(struct buf *buf, const struct route_sums *sums, size_t count)
{
	static const char *const classes[] = {"gone", "1xx", "2xx", "3xx", "4xx", "5xx"};
	family(buf, "hilf_http_requests_total", "counter",
		"Requests that are over, by class of status; gone: the client went away first.");
	for (size_t i = 0; i < count; i++)
		for (size_t class = 0; class < COUNT_OF(classes); class ++) {
			if (!sums[i].classes[class])
				continue;
			route_labels(buf, "hilf_http_requests_total", &sums[i]);
			buf_format(buf, ",status=\"%s\"} %llu\n", classes[class],
				(unsigned long long)sums[i].classes[class]);
		}
	family(buf, "hilf_http_request_duration_seconds", "histogram",
		"From the end of a request's head to the last byte of the reply handed over.");
	for (size_t i = 0; i < count; i++)
		write_histogram(buf, &sums[i]);
	family(buf, "hilf_http_handler_seconds_total", "counter", "Time spent in handlers.");
	for (size_t i = 0; i < count; i++) {
		route_labels(buf, "hilf_http_handler_seconds_total", &sums[i]);
		buf_format(buf, "} %.6f\n", (double)sums[i].worked_us / 1e6);
	}
	family(buf, "hilf_http_received_bytes_total", "counter", "Bytes of bodies received.");
	for (size_t i = 0; i < count; i++) {
		route_labels(buf, "hilf_http_received_bytes_total", &sums[i]);
		buf_format(buf, "} %llu\n", (unsigned long long)sums[i].received);
	}
	family(buf, "hilf_http_sent_bytes_total", "counter", "Bytes of bodies sent.");
	for (size_t i = 0; i < count; i++) {
		route_labels(buf, "hilf_http_sent_bytes_total", &sums[i]);
		buf_format(buf, "} %llu\n", (unsigned long long)sums[i].sent);
	}
}

static void write_words(struct buf *buf, const struct metrics *metrics, const char *name,
	const char *help, const struct metrics_words *words, size_t at)
{
	family(buf, name, "counter", help);
	for (size_t i = 0; i < METRICS_WORDS_MAX; i++) {
		const char *word = atomic_load_explicit(
			&((struct metrics_words *)words)->names[i], memory_order_acquire);
		if (word)
			labelled(buf, name, "reason", word, sum(metrics, at + i * sizeof(counter)));
	}
}

static void write_server(struct buf *buf, const struct http_server *server)
{
	struct http_gauges gauges;
	http_gauges_get(server, &gauges);
	gauge(buf, "hilf_http_connections", "Open connections.", gauges.connections);
	gauge(buf, "hilf_http_requests_active", "Requests under way.", gauges.requests_active);
	gauge(buf, "hilf_http_requests_parked",
		"Requests that wait for something new (long polls).", gauges.requests_parked);
	gauge(buf, "hilf_http_queue_depth", "Requests that wait for a worker.", gauges.queue_depth);
	gauge(buf, "hilf_http_body_memory_bytes", "Bodies held in memory.", gauges.body_memory);
	total(buf, "hilf_http_connections_accepted_total", "Connections taken.", gauges.accepted);
	total(buf, "hilf_http_connections_refused_total",
		"Connections refused because there were too many.", gauges.connections_refused);
	total(buf, "hilf_http_protocol_errors_total", "Requests that were no HTTP.",
		gauges.protocol_errors);
	total(buf, "hilf_http_timeouts_total", "Connections closed for being slow.",
		gauges.timeouts);
}

/* ---------------------------------------------------------------------------------------------- checks */

static void write_checks(struct buf *buf, const struct metrics *metrics)
{
	family(buf, "hilf_checks_total", "counter", "Checks answered, by verdict.");
	for (int i = 0; i < 4; i++)
		labelled(buf, "hilf_checks_total", "verdict",
			hilf_verdict_name((enum hilf_verdict)i),
			sum(metrics, offsetof(struct metrics_shard, verdicts) +
					     (size_t)i * sizeof(counter)));
	family(buf, "hilf_shadow_checks_total", "counter",
		"The same checks, by the verdict with every shadow bank in review.");
	for (int i = 0; i < 4; i++)
		labelled(buf, "hilf_shadow_checks_total", "verdict",
			hilf_verdict_name((enum hilf_verdict)i),
			sum(metrics, offsetof(struct metrics_shard, shadow_verdicts) +
					     (size_t)i * sizeof(counter)));
	total(buf, "hilf_signals_checked_total", "Signals compared.", SUM(metrics, signals));
	write_words(buf, metrics, "hilf_undecided_total", "Content that was undecided, by reason.",
		&metrics->undecided, offsetof(struct metrics_shard, undecided));
	write_words(buf, metrics, "hilf_decode_failures_total",
		"Files that were not decoded, by reason; for whatever purpose they came.",
		&metrics->decode_failures, offsetof(struct metrics_shard, decode_failures));
}

static void write_events(struct buf *buf, const struct metrics *metrics)
{
	static const struct {
		const char *name, *help, *label;
		const char *values[3];
		enum metric_event first;
	} rows[] = {
		{"hilf_webhook_deliveries_total", "Attempts to deliver webhooks.", "result",
			{"delivered", "failed", "dead"}, METRIC_DELIVERED},
		{"hilf_fetches_total", "Content fetched by URL.", "result",
			{"fetched", "refused", "failed"}, METRIC_FETCHED},
		{"hilf_sign_ins_total", "Tries to sign in to the console.", "result",
			{"good", "wrong", "locked"}, METRIC_SIGN_IN_GOOD},
		{"hilf_checkpoints_total", "Snapshots of the index written.", NULL, {""},
			METRIC_CHECKPOINT},
		{"hilf_snapshots_mended_total", "Damaged snapshots found and made up for.", NULL,
			{""}, METRIC_SEGMENTS_MENDED},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		family(buf, rows[i].name, "counter", rows[i].help);
		for (size_t at = 0; at < COUNT_OF(rows[i].values) && rows[i].values[at]; at++) {
			uint64_t count =
				sum(metrics, offsetof(struct metrics_shard, events) +
						     (rows[i].first + at) * sizeof(counter));
			if (rows[i].label)
				labelled(buf, rows[i].name, rows[i].label, rows[i].values[at],
					count);
			else
				sample(buf, rows[i].name, count);
		}
	}
}

/* ------------------------------------------------------------------------------------------------ node */

static void write_stats(struct buf *buf, const struct hilf_stats *stats)
{
	family(buf, "hilf_build_info", "gauge", "Which hilf this is.");
	buf_format(
		buf, "hilf_build_info{version=\"%s\",simd=\"%s\"} 1\n", HILF_VERSION, stats->simd);
	family(buf, "hilf_entries", "gauge", "Entries, by state.");
	labelled(buf, "hilf_entries", "state", "in_force", stats->entry_count);
	labelled(buf, "hilf_entries", "state", "expired", stats->expired_count);
	labelled(buf, "hilf_entries", "state", "withdrawn", stats->withdrawn_count);
	family(buf, "hilf_signals", "gauge",
		"Signals of entries that were not withdrawn, by type.");
	for (uint8_t type = 0; type < COUNT_OF(stats->signal_count); type++)
		if (hilf_signal_type_name(type))
			labelled(buf, "hilf_signals", "type", hilf_signal_type_name(type),
				stats->signal_count[type]);
	gauge(buf, "hilf_banks", "Banks.", stats->bank_count);
	gauge(buf, "hilf_index_values", "Values in the similarity index.", stats->index_count);
	gauge(buf, "hilf_index_bytes", "Memory that the index takes.", stats->index_size);
	gauge(buf, "hilf_degenerate_values", "Values kept out because they stand for nothing.",
		stats->degenerate_count);
	gauge(buf, "hilf_feed_bytes", "Bytes of the feed's records.", stats->feed_size);
}

static void write_index(struct buf *buf, const struct node_view *view)
{
	gauge(buf, "hilf_feed_seq", "Records of the feed.", view->head);
	if (!view->has_index)
		return;
	gauge(buf, "hilf_index_seq", "Records that the index has.", view->index.seq);
	gauge(buf, "hilf_index_lag_records", "Records that the index has not yet.", view->lag);
	gauge(buf, "hilf_snapshot_seq", "Records that the snapshot has; 0: there is none.",
		view->index.snapshot_seq);
	gauge(buf, "hilf_snapshot_bytes", "Size of the snapshot.", view->index.snapshot_size);
	total(buf, "hilf_snapshots_unusable_total", "Snapshots found unusable since the start.",
		view->index.mended_count);
}

static void write_outbox(struct buf *buf, const struct node_view *view)
{
	const struct deliveries_count *count = &view->outbox;
	if (!view->has_outbox)
		return;
	gauge(buf, "hilf_outbox_waiting", "Webhooks to be delivered.", count->waiting);
	gauge(buf, "hilf_outbox_dead", "Webhooks given up, to be read and replayed.", count->dead);
	seconds(buf, "hilf_outbox_oldest_seconds", "gauge", "Age of the oldest that waits.",
		count->waiting && count->oldest_ms ? (double)(view->now_ms - count->oldest_ms) / 1e3
						   : 0);
}

/* These are of the folder, whichever process counted them, and of all times: a restart does not set them back. */
static void write_desk(struct buf *buf, const struct node_view *view)
{
	static const struct {
		enum tally tally;
		const char *name, *help, *label, *value;
	} rows[] = {
		{TALLY_CASE_MATCH, "hilf_cases_opened_total", "Cases opened, by kind.", "kind",
			"match"},
		{TALLY_CASE_REPORT, NULL, NULL, "kind", "report"},
		{TALLY_CASE_DISPUTE, NULL, NULL, "kind", "dispute"},
		{TALLY_CASE_SAMPLE, NULL, NULL, "kind", "sample"},
		{TALLY_CASE_APPEAL, NULL, NULL, "kind", "appeal"},
		{TALLY_REPORTS, "hilf_reports_total", "Reports that people made.", NULL, NULL},
		{TALLY_DECISIONS, "hilf_decisions_total", "Decisions of people, that stood.", NULL,
			NULL},
		{TALLY_DECISIONS_REVERSED, "hilf_decisions_reversed_total",
			"Of these, that fell again.", NULL, NULL},
		{TALLY_APPEALS, "hilf_appeals_total", "Appeals.", NULL, NULL},
		{TALLY_APPEALS_UPHELD, "hilf_appeals_upheld_total", "Of these, that were upheld.",
			NULL, NULL},
		{TALLY_ESCALATIONS, "hilf_escalations_total", "Threats to life that were told.",
			NULL, NULL},
		{TALLY_DISPUTES, "hilf_disputes_total", "Entries that this member disputed.", NULL,
			NULL},
		{TALLY_REVERSALS, "hilf_reversals_total",
			"Contents whose verdict fell because an entry ended.", NULL, NULL},
		{TALLY_LOOKBACK_HITS, "hilf_lookback_hits_total",
			"Contents recognised by an entry that came later.", NULL, NULL},
	};
	if (view->has_cases)
		family(buf, "hilf_cases_open", "gauge", "Cases that wait for a person, by kind.");
	for (uint32_t kind = 0; view->has_cases && kind < CASE_KIND_COUNT; kind++)
		labelled(buf, "hilf_cases_open", "kind", case_kind_name(kind), view->cases[kind]);
	for (size_t i = 0; view->has_totals && i < COUNT_OF(rows); i++) {
		const char *name = "hilf_cases_opened_total";
		if (rows[i].name)
			family(buf, name = rows[i].name, "counter", rows[i].help);
		if (rows[i].label)
			labelled(buf, name, rows[i].label, rows[i].value,
				view->totals[rows[i].tally]);
		else
			sample(buf, name, view->totals[rows[i].tally]);
	}
}

static void write_node(struct buf *buf, struct api *api)
{
	struct node_view view;
	node_view_get(api, &view);
	family(buf, "hilf_state", "gauge", "1 for the state that the node is in.");
	for (size_t i = 0; i < NODE_STATES; i++)
		labelled(buf, "hilf_state", "state", node_states[i], node_states[i] == view.state);
	gauge(buf, "hilf_follower", "1 where the feed comes from another node.", view.follower);
	if (view.follower)
		seconds(buf, "hilf_follower_heard_seconds", "gauge",
			"Since when the follower has not had all of its leader's feed.",
			(double)(view.now_ms - (view.heard_ms ? view.heard_ms : view.started_ms)) /
				1e3);
	if (!atomic_load(&api->hilf))
		return;
	if (view.has_stats)
		write_stats(buf, &view.stats);
	write_index(buf, &view);
	write_outbox(buf, &view);
	write_desk(buf, &view);
	if (view.has_keys)
		gauge(buf, "hilf_keys", "API keys in force.", view.keys);
	gauge(buf, "hilf_look_back_contents", "Contents kept to look back at.",
		view.lookback_count);
	if (view.has_room)
		gauge(buf, "hilf_disk_free_bytes", "Room that is left where the data are.",
			view.room_free);
}

void metrics_decode_failures(const struct metrics *metrics,
	void (*fn)(const char *reason, uint64_t count, void *ctx), void *ctx)
{
	for (size_t i = 0; i < METRICS_WORDS_MAX; i++) {
		const char *word =
			atomic_load_explicit(&((struct metrics *)metrics)->decode_failures.names[i],
				memory_order_acquire);
		uint64_t count =
			word ? sum(metrics, offsetof(struct metrics_shard, decode_failures) +
						    i * sizeof(counter))
			     : 0;
		if (count)
			fn(word, count, ctx);
	}
}

/* --------------------------------------------------------------------------------------------- process */

static int count_one(const char *name, void *ctx, struct hilf_err *err)
{
	(void)name;
	(void)err;
	++*(uint64_t *)ctx;
	return 0;
}

static void write_process(struct buf *buf, const struct api *api)
{
	struct buf text = BUF_INIT;
	struct rusage usage;
	struct rlimit limit;
	unsigned long long pages = 0, resident = 0;
	uint64_t fds = 0;
	long page = sysconf(_SC_PAGESIZE);
	if (file_read("/proc/self/statm", 4096, &text, NULL) == 0 && text.data &&
		sscanf(text.data, "%llu %llu", &pages, &resident) == 2) {
		gauge(buf, "process_virtual_memory_bytes", "Address space.",
			pages * (uint64_t)page);
		gauge(buf, "process_resident_memory_bytes", "Resident memory.",
			resident * (uint64_t)page);
	}
	buf_free(&text);
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		seconds(buf, "process_cpu_seconds_total", "counter", "Processor time.",
			(double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
				(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
	if (file_each("/proc/self/fd", count_one, &fds, NULL) == 0)
		gauge(buf, "process_open_fds", "Open descriptors.", fds);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		gauge(buf, "process_max_fds", "Descriptors that may be open.", limit.rlim_cur);
	seconds(buf, "process_start_time_seconds", "gauge", "When it started, since 1970.",
		(double)api->started_ms / 1e3);
}

int metrics_write(struct metrics *metrics, struct api *api, struct buf *buf, struct hilf_err *err)
{
	struct route_sums *sums = calloc(METRICS_SLOTS_MAX, sizeof *sums);
	if (!sums)
		return err_no_memory(err);
	size_t count = collect(metrics, sums);
	write_node(buf, api);
	write_checks(buf, metrics);
	write_events(buf, metrics);
	write_requests(buf, sums, count);
	write_words(buf, metrics, "hilf_http_refused_total",
		"Requests that the server itself refused, by reason.", &metrics->refused,
		offsetof(struct metrics_shard, refused));
	struct http_server *server = atomic_load(&api->server);
	if (server)
		write_server(buf, server);
	write_process(buf, api);
	free(sums);
	return buf->failed ? err_no_memory(err) : 0;
}
