/* What counting and writing share. A counter is one atomic word in a shard; threads of different cores touch different
 * shards, and a scrape adds them up.
 *
 *   metrics ──► shards[core] ──► routes[slot]   slot = the app's first slot + position in its table of routes
 *                            └─► words, events, verdicts
 */
#ifndef HTTP_METRICS_INSIDE_H
#define HTTP_METRICS_INSIDE_H

#include "http/metrics.h"

#include <pthread.h>
#include <stdatomic.h>

#define METRICS_APPS_MAX  4
#define METRICS_SLOTS_MAX 384 /* routes of all apps, and one each for what found none */
#define METRICS_WORDS_MAX 40
#define METRICS_BUCKETS   18 /* the last one is what took longer than all bounds */

typedef _Atomic uint64_t counter;

/* Upper bounds in microseconds of all buckets but the last. */
extern const uint32_t metrics_bounds_us[METRICS_BUCKETS - 1];

struct metrics_route {
	counter buckets[METRICS_BUCKETS];
	counter classes[6]; /* by status / 100; 0: the client went away */
	counter taken_us, worked_us, received, sent;
};

/* Words that are met as we go, all of them constants of ours. Past the last, "other". */
struct metrics_words {
	_Atomic(char *) names[METRICS_WORDS_MAX];
};

struct metrics_shard {
	_Alignas(128) counter verdicts[4];
	counter shadow_verdicts[4], signals, events[METRIC_EVENT_COUNT];
	counter undecided[METRICS_WORDS_MAX], refused[METRICS_WORDS_MAX];
	counter decode_failures[METRICS_WORDS_MAX];
	struct metrics_route routes[METRICS_SLOTS_MAX];
};

struct metrics_app {
	_Atomic(const struct http_route *) routes; /* NULL: free */
	const char *name;
	unsigned first, count; /* slots; the last one is of requests without a route */
};

struct metrics {
	struct metrics_app apps[METRICS_APPS_MAX];
	unsigned slot_count;
	struct metrics_words undecided, refused, decode_failures;
	pthread_mutex_t mutex; /* for whoever is the first to bring an app or a word */
	unsigned shard_count;  /* a power of two */
	struct metrics_shard *shards;
};

/* By enum api_state. */
#define NODE_STATES 5u
extern const char *const node_states[NODE_STATES];

#endif
