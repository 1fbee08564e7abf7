/* Counters for Prometheus. Counting takes a few nanoseconds on a loop's thread and no lock; a scrape adds up. */
#ifndef HTTP_METRICS_H
#define HTTP_METRICS_H

#include "base/buf.h"
#include "engine/hooks.h"
#include "engine/insight.h"
#include "hilf.h"
#include "http/server.h"

struct api;
struct metrics;

int metrics_new(struct metrics **ret_metrics, struct hilf_err *err);
void metrics_free(struct metrics *metrics);
/* A request is over: latency histogram by app and route template, status class, refusals by word. */
void metrics_request(
	struct metrics *metrics, const struct http_request *request, const struct http_done *done);
/* A check was answered; reason_code of an undecided one (from a fixed set, others count as "other") or "". */
void metrics_check(struct metrics *metrics, enum hilf_verdict verdict,
	enum hilf_verdict shadow_verdict, const char *reason_code, uint64_t signal_count);
/* A file was not decoded, whoever wanted it decoded; reason_code as above. */
void metrics_decode_failed(struct metrics *metrics, const char *reason_code);
enum metric_event {
	METRIC_DELIVERED,
	METRIC_DELIVERY_FAILED,
	METRIC_DELIVERY_DEAD,
	METRIC_FETCHED,
	METRIC_FETCH_REFUSED,
	METRIC_FETCH_FAILED,
	METRIC_SIGN_IN_GOOD,
	METRIC_SIGN_IN_WRONG,
	METRIC_SIGN_IN_LOCKED,
	METRIC_CHECKPOINT,
	METRIC_SEGMENTS_MENDED,
	METRIC_EVENT_COUNT
};
void metrics_event(struct metrics *metrics, enum metric_event event, uint64_t count);
/* The node as it is now, asked in one place for a scrape and for people who look at it. What could not be read is not there,
 * and all but the first few while it is loading. */
struct node_view {
	int64_t now_ms, started_ms, heard_ms; /* heard_ms: of a follower; 0: never */
	const char *state;                    /* "ready" */
	bool follower, has_stats, has_index, has_outbox, has_keys, has_room, has_totals, has_cases;
	struct hilf_stats stats;
	struct hilf_index index;
	uint64_t head, lag; /* records of the feed; of these, that the index has not yet */
	struct deliveries_count outbox;
	uint64_t keys, lookback_count;
	uint64_t room_free, room_size;   /* bytes, where the data are */
	uint64_t totals[TALLY_COUNT];    /* all that was ever counted */
	uint64_t cases[CASE_KIND_COUNT]; /* that are open */
};
void node_view_get(struct api *api, struct node_view *ret_view);
/* Each reason for which files were not decoded, since the start. */
void metrics_decode_failures(const struct metrics *metrics,
	void (*fn)(const char *reason, uint64_t count, void *ctx), void *ctx);
/* The text format 0.0.4, with gauges of server, index, store, outbox and look-back. */
int metrics_write(struct metrics *metrics, struct api *api, struct buf *buf, struct hilf_err *err);

#endif
