/* GET /v1/feed: the records after a number, a line each (wire/feed_line.h), as they were signed. Whoever has all of them
 * waits here for more; a waiting request holds no thread, and costs an atomic load each time that something happens. */
#include "engine/replica.h"
#include "http/api/inside.h"
#include "wire/feed_line.h"

#include <stdlib.h>
#include <string.h>

#define FEED_LIMIT     1000u
#define FEED_LIMIT_MAX 10000u
#define FEED_WAIT_MAX  60u /* seconds */
#define CHUNK_SIZE     (64u * 1024)
#define CHUNK_RECORDS  256u

struct feed {
	struct hilf *hilf;
	uint64_t after, left;
	uint64_t seq, local; /* the head, before anything was read */
	bool replica;        /* its text is wanted */
	struct buf *chunk;
};

static int put_record(const struct hilf_record *record, void *ctx)
{
	struct feed *feed = ctx;
	if (feed->chunk->size >= CHUNK_SIZE)
		return HILF_E_STOPPED;
	feed_line_record(feed->chunk, record);
	feed->after = record->seq;
	feed->left--;
	return 0;
}

static int put_end(struct feed *feed)
{
	struct buf text = BUF_INIT;
	int rc = 0;
	if (feed->replica)
		rc = replica_export(feed->hilf, &text, NULL);
	if (!rc && feed->replica)
		feed_line_replica(feed->chunk, text.data, text.size);
	if (text.failed)
		rc = HILF_E_NO_MEMORY;
	buf_free(&text);
	feed_line_head(feed->chunk, feed->seq, feed->local);
	return rc;
}

static int next(void *ctx, struct buf *chunk, bool *ret_end)
{
	struct feed *feed = ctx;
	uint64_t before = feed->after;
	size_t limit = feed->left < CHUNK_RECORDS ? (size_t)feed->left : CHUNK_RECORDS;
	feed->chunk = chunk;
	int rc = limit ? hilf_feed_read(feed->hilf, feed->after, limit, put_record, feed, NULL) : 0;
	if (rc && rc != HILF_E_STOPPED)
		return rc;
	*ret_end = !feed->left || feed->after == before;
	return *ret_end ? put_end(feed) : 0;
}

static void close_feed(void *ctx)
{
	free(ctx);
}

static void reply_feed(struct http_request *request, const struct feed *asked)
{
	struct feed *feed = malloc(sizeof *feed);
	if (!feed) {
		api_error(request, 503, "no_memory", "the node is out of memory", NULL);
		return;
	}
	*feed = *asked;
	const struct http_source source = {.next = next, .close = close_feed, .ctx = feed};
	http_reply_source(request, 200, "application/jsonl", &source);
}

void api_feed(struct http_request *request)
{
	struct feed feed = {.hilf = api_hilf(request)};
	uint64_t wait_s, local;
	if (!api_query_number(request, "after", 0, INT64_MAX, 0, &feed.after) ||
		!api_query_number(request, "limit", 1, FEED_LIMIT_MAX, FEED_LIMIT, &feed.left) ||
		!api_query_number(request, "wait", 0, FEED_WAIT_MAX, 0, &wait_s) ||
		!api_query_number(request, "local", 0, INT64_MAX, INT64_MAX, &local) ||
		!api_query_bool(request, "replica", &feed.replica))
		return;
	/* It may have been parked since its key was looked at. */
	if (!access_still(request, &call_of(request)->access))
		return;
	if (feed.replica && !api_may(request, VERB_REPLICA_READ, NULL))
		return;
	hilf_feed_head(feed.hilf, &feed.seq, &feed.local);
	feed.replica = feed.replica && feed.local != local;
	int64_t left_ms = (int64_t)wait_s * 1000 - api_took_us(request) / 1000;
	bool draining = atomic_load(&api_of(request)->state) == API_DRAINING;
	if (feed.seq <= feed.after && !feed.replica && left_ms > 0 && !draining)
		http_park(request, (uint32_t)left_ms);
	else /* here, not on a worker: thousands who wait are woken at once, and its queue is short */
		reply_feed(request, &feed);
}
