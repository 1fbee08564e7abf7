/* Counting: find the shard of this core, find the slot, add. The core may change in between, which costs a cache miss and
 * nothing else, for the words are atomic. */
#include "base/check.h"
#include "base/err.h"
#include "http/metrics/inside.h"
#include "os/clock.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define SHARDS_MAX 64

const uint32_t metrics_bounds_us[METRICS_BUCKETS - 1] = {50, 100, 250, 500, 1000, 2500, 5000, 10000,
	25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000};

static void add(counter *to, uint64_t count)
{
	atomic_fetch_add_explicit(to, count, memory_order_relaxed);
}

static struct metrics_shard *my_shard(struct metrics *metrics)
{
	int core = sched_getcpu();
	return &metrics->shards[(core > 0 ? (unsigned)core : 0) & (metrics->shard_count - 1)];
}

int metrics_new(struct metrics **ret_metrics, struct hilf_err *err)
{
	unsigned count = 1, cores = clock_cores();
	while (count < cores && count < SHARDS_MAX)
		count *= 2;
	struct metrics *metrics = calloc(1, sizeof *metrics);
	struct metrics_shard *shards =
		aligned_alloc(_Alignof(struct metrics_shard), count * sizeof *shards);
	if (!metrics || !shards) {
		free(metrics);
		free(shards);
		return err_no_memory(err);
	}
	memset(shards, 0, count * sizeof *shards);
	pthread_mutex_init(&metrics->mutex, NULL);
	metrics->shards = shards;
	metrics->shard_count = count;
	*ret_metrics = metrics;
	return 0;
}

void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	for (size_t i = 0; i < METRICS_WORDS_MAX; i++) {
		free(metrics->undecided.names[i]);
		free(metrics->refused.names[i]);
		free(metrics->decode_failures.names[i]);
	}
	pthread_mutex_destroy(&metrics->mutex);
	free(metrics->shards);
	free(metrics);
}

/* --------------------------------------------------------------------------------------- words, routes */

static bool find_word(struct metrics_words *words, const char *word, unsigned *ret_position)
{
	for (unsigned i = 0; i < METRICS_WORDS_MAX; i++) {
		const char *name = atomic_load_explicit(&words->names[i], memory_order_acquire);
		if (!name)
			return false;
		if (!strcmp(name, word)) {
			*ret_position = i;
			return true;
		}
	}
	return false;
}

/* The first one is "other", for whatever there is no room or no memory for. */
static unsigned word_position(
	struct metrics *metrics, struct metrics_words *words, const char *word)
{
	unsigned position = 0;
	if (find_word(words, word, &position))
		return position;
	pthread_mutex_lock(&metrics->mutex);
	if (!find_word(words, word, &position)) {
		unsigned next = 0;
		while (next < METRICS_WORDS_MAX && words->names[next])
			next++;
		if (next == 0) {
			atomic_store(&words->names[0], strdup("other"));
			next = words->names[0] ? 1 : METRICS_WORDS_MAX;
		}
		char *copy = next < METRICS_WORDS_MAX ? strdup(word) : NULL;
		if (copy) {
			atomic_store_explicit(&words->names[next], copy, memory_order_release);
			position = next;
		}
	}
	pthread_mutex_unlock(&metrics->mutex);
	return position;
}

static struct metrics_app *find_app(struct metrics *metrics, const struct http_route *routes)
{
	for (size_t i = 0; i < METRICS_APPS_MAX; i++)
		if (atomic_load_explicit(&metrics->apps[i].routes, memory_order_acquire) == routes)
			return &metrics->apps[i];
	return NULL;
}

static struct metrics_app *app_of(struct metrics *metrics, const struct http_app *app)
{
	struct metrics_app *found = find_app(metrics, app->routes);
	if (found)
		return found;
	unsigned count = 1;
	for (const struct http_route *route = app->routes; route->method; route++)
		count++;
	pthread_mutex_lock(&metrics->mutex);
	found = find_app(metrics, app->routes);
	struct metrics_app *place = find_app(metrics, NULL);
	if (!found && place && metrics->slot_count + count <= METRICS_SLOTS_MAX) {
		place->name = app->name;
		place->first = metrics->slot_count;
		place->count = count;
		metrics->slot_count += count;
		atomic_store_explicit(&place->routes, app->routes, memory_order_release);
		found = place;
	}
	pthread_mutex_unlock(&metrics->mutex);
	return found;
}

/* -------------------------------------------------------------------------------------------- counting */

void metrics_request(
	struct metrics *metrics, const struct http_request *request, const struct http_done *done)
{
	const struct http_app *http_app = http_app_of(request);
	const struct http_route *route = http_route_of(request);
	struct metrics_shard *shard = my_shard(metrics);
	if (done->refused)
		add(&shard->refused[word_position(metrics, &metrics->refused, done->refused)], 1);
	const struct metrics_app *app = http_app ? app_of(metrics, http_app) : NULL;
	if (!app)
		return;
	unsigned position = route ? (unsigned)(route - http_app->routes) : app->count - 1;
	ASSERT(position < app->count);
	struct metrics_route *count = &shard->routes[app->first + position];
	unsigned bucket = 0;
	while (bucket < METRICS_BUCKETS - 1 && done->taken_us > metrics_bounds_us[bucket])
		bucket++;
	add(&count->buckets[bucket], 1);
	add(&count->classes[done->status >= 100 && done->status < 600 ? done->status / 100 : 0], 1);
	add(&count->taken_us, done->taken_us);
	add(&count->worked_us, done->worked_us);
	add(&count->received, done->received);
	add(&count->sent, done->sent);
}

void metrics_check(struct metrics *metrics, enum hilf_verdict verdict,
	enum hilf_verdict shadow_verdict, const char *reason_code, uint64_t signal_count)
{
	struct metrics_shard *shard = my_shard(metrics);
	ASSERT((unsigned)verdict < COUNT_OF(shard->verdicts) &&
		(unsigned)shadow_verdict < COUNT_OF(shard->shadow_verdicts));
	add(&shard->verdicts[verdict], 1);
	add(&shard->shadow_verdicts[shadow_verdict], 1);
	add(&shard->signals, signal_count);
	if (*reason_code)
		add(&shard->undecided[word_position(metrics, &metrics->undecided, reason_code)], 1);
}

void metrics_decode_failed(struct metrics *metrics, const char *reason_code)
{
	unsigned position = word_position(metrics, &metrics->decode_failures, reason_code);
	add(&my_shard(metrics)->decode_failures[position], 1);
}

void metrics_event(struct metrics *metrics, enum metric_event event, uint64_t count)
{
	ASSERT(event < METRIC_EVENT_COUNT);
	add(&my_shard(metrics)->events[event], count);
}
