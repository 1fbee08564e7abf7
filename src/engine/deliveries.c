/* What is on its way: the first of each hook's queue is due or not, and everything behind it waits, so that whoever
 * receives events gets them in their order. */
#include "base/check.h"
#include "base/err.h"
#include "engine/hooks_parts.h"
#include "engine/local_parts.h"
#include "engine/tally.h"
#include "os/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Until the next attempt, after the first has failed, the second, ... */
static const uint32_t waits_s[HOOK_ATTEMPTS - 1] = {
	5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600, 24 * 3600};

#define STATUS_GONE 410
#define ERROR_MAX   400

/* ------------------------------------------------------------------------------------------ due */

struct queue {
	uint64_t number;
	int64_t due_ms;
	const char *id, *url, *secret;
};

struct queues {
	struct hilf *hilf;
	struct arena arena;
	struct queue *items;
	size_t count, room;
	bool all; /* also of those that are switched off */
	struct hilf_err *err;
};

static int add_queue(const struct store_hook *row, void *ctx)
{
	struct queues *queues = ctx;
	if (!row->load_count || (!row->enabled && !queues->all))
		return 0;
	if (queues->count == queues->room) {
		size_t room = queues->room ? 2 * queues->room : 16;
		struct queue *items = realloc(queues->items, room * sizeof *items);
		if (!items)
			return err_no_memory(queues->err);
		queues->items = items;
		queues->room = room;
	}
	struct queue *queue = &queues->items[queues->count++];
	*queue = (struct queue){
		.number = row->number,
		.id = arena_text(&queues->arena, row->id, strlen(row->id)),
		.url = arena_text(&queues->arena, row->url, strlen(row->url)),
		.secret = arena_text(&queues->arena, row->secret, strlen(row->secret)),
	};
	return queue->id && queue->url && queue->secret ? 0 : err_no_memory(queues->err);
}

static void queues_free(struct queues *queues)
{
	arena_clear(&queues->arena);
	free(queues->items);
}

/* The hooks that have something in the outbox. Ended with queues_free, always. */
static int queues_read(struct queues *queues, struct hilf *hilf, bool all, struct hilf_err *err)
{
	*queues = (struct queues){.hilf = hilf, .all = all, .err = err};
	arena_init(&queues->arena, 0);
	return store_hook_each(hilf->store, false, add_queue, queues, err);
}

static int read_due(struct queues *queues, struct hilf_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < queues->count && !rc; i++)
		rc = store_event_due(queues->hilf->store, false, queues->items[i].number,
			&queues->items[i].due_ms, err);
	return rc;
}

static int by_due(const void *left, const void *right)
{
	const struct queue *a = left, *b = right;
	return (a->due_ms > b->due_ms) - (a->due_ms < b->due_ms);
}

static void fill(
	const struct store_event *event, const struct queue *queue, struct delivery *ret_delivery)
{
	*ret_delivery = (struct delivery){
		.id = event->id,
		.event = event->event,
		.url = queue->url,
		.secret = queue->secret,
		.body = event->body,
		.size = event->size,
		.attempts = event->attempts,
		.created_ms = event->created_ms,
		.next_ms = event->next_ms,
		.failed_ms = event->failed_ms,
		.last_status = event->status,
		.last_error = event->error ? event->error : "",
		.dead = event->dead,
	};
	snprintf(ret_delivery->hook, sizeof ret_delivery->hook, "%s", queue->id);
	snprintf(ret_delivery->event_id, sizeof ret_delivery->event_id, "%s", event->event_id);
}

static int tell_first(struct hilf *hilf, const struct queue *queue, int64_t now_ms,
	int (*fn)(const struct delivery *delivery, void *ctx), void *ctx, struct hilf_err *err)
{
	struct store_event event;
	struct delivery delivery;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_event_first(hilf->store, false, queue->number, &arena, &event, err);
	if (rc == HILF_E_NOT_FOUND) {
		rc = 0;
	} else if (!rc && event.next_ms <= now_ms) {
		fill(&event, queue, &delivery);
		rc = fn(&delivery, ctx);
	}
	arena_clear(&arena);
	return rc;
}

int deliveries_due(struct hilf *hilf, int64_t now_ms, size_t limit,
	int (*fn)(const struct delivery *delivery, void *ctx), void *ctx, struct hilf_err *err)
{
	struct queues queues;
	ASSERT(hilf && fn);
	int rc = queues_read(&queues, hilf, false, err);
	if (!rc)
		rc = read_due(&queues, err);
	if (!rc && queues.count)
		qsort(queues.items, queues.count, sizeof *queues.items, by_due);
	for (size_t i = 0; i < queues.count && i < limit && !rc; i++) {
		if (queues.items[i].due_ms > now_ms)
			break;
		rc = tell_first(hilf, &queues.items[i], now_ms, fn, ctx, err);
	}
	queues_free(&queues);
	return rc;
}

int deliveries_next(struct hilf *hilf, int64_t *ret_ms, struct hilf_err *err)
{
	struct queues queues;
	int64_t next_ms = INT64_MAX;
	ASSERT(hilf && ret_ms);
	int rc = queues_read(&queues, hilf, false, err);
	if (!rc)
		rc = read_due(&queues, err);
	for (size_t i = 0; i < queues.count && !rc; i++)
		if (queues.items[i].due_ms < next_ms)
			next_ms = queues.items[i].due_ms;
	queues_free(&queues);
	if (!rc)
		*ret_ms = next_ms;
	return rc;
}

/* ------------------------------------------------------------------------------------------ results */

struct result {
	uint64_t id;
	int status;
	const char *error;
	bool dead; /* now */
};

static int note_failure(
	struct hilf *hilf, struct result *result, struct store_event *event, struct hilf_err *err)
{
	char error[ERROR_MAX + 1];
	snprintf(error, sizeof error, "%s", result->error ? result->error : "");
	event->attempts++;
	event->status = result->status;
	event->error = error[0] ? error : NULL;
	event->failed_ms = clock_now_ms();
	event->dead = event->attempts >= HOOK_ATTEMPTS || result->status == STATUS_GONE;
	result->dead = event->dead;
	if (!event->dead)
		event->next_ms = event->failed_ms + waits_s[event->attempts - 1] * 1000ll;
	int rc = store_event_save(hilf->store, event, err);
	if (!rc && result->status == STATUS_GONE)
		rc = hooks_switch_off(hilf, event->hook,
			"it answered 410: what received it is gone for good", err);
	return rc;
}

static int take_result(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct result *result = ctx;
	struct store_event event;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_event_get(hilf->store, true, result->id, &arena, &event, err);
	if (!rc) {
		if (result->status >= 200 && result->status <= 299)
			rc = store_event_remove(hilf->store, &event, err);
		else
			rc = note_failure(hilf, result, &event, err);
	}
	arena_clear(&arena);
	return rc;
}

int delivery_result(
	struct hilf *hilf, uint64_t id, int status, const char *error, struct hilf_err *err)
{
	struct result result = {.id = id, .status = status, .error = error};
	ASSERT(hilf);
	int rc = local_submit(hilf, take_result, &result, err);
	if (rc)
		return rc;
	if (status >= 200 && status <= 299)
		tally_add(hilf, TALLY_DELIVERED, 1);
	else if (result.dead)
		tally_add(hilf, TALLY_DELIVERY_DEAD, 1);
	return 0;
}

/* ------------------------------------------------------------------------------------------ reading */

struct paging {
	const struct queues *queues;
	int (*fn)(const struct delivery *delivery, void *ctx);
	void *ctx;
};

static int tell_event(const struct store_event *event, void *ctx)
{
	const struct paging *paging = ctx;
	const struct queue *queue = NULL;
	struct delivery delivery;
	for (size_t i = 0; i < paging->queues->count; i++)
		if (paging->queues->items[i].number == event->hook)
			queue = &paging->queues->items[i];
	if (!queue)
		return 0; /* its hook came after they were read, or is being removed */
	fill(event, queue, &delivery);
	delivery.secret = "";
	return paging->fn(&delivery, paging->ctx);
}

int deliveries_page(struct hilf *hilf, const char *hook, bool dead, uint64_t before, size_t limit,
	int (*fn)(const struct delivery *delivery, void *ctx), void *ctx, struct hilf_err *err)
{
	struct queues queues;
	uint64_t number = 0;
	ASSERT(hilf && fn);
	int rc = hook ? hook_number(hilf, false, hook, &number, err) : 0;
	if (rc)
		return rc;
	rc = queues_read(&queues, hilf, true, err);
	struct paging paging = {&queues, fn, ctx};
	if (!rc)
		rc = store_event_page(
			hilf->store, number, dead, before, limit, tell_event, &paging, err);
	queues_free(&queues);
	return rc;
}

struct replaying {
	const char *hook;
	uint64_t id, count;
};

static int replay(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct replaying *replaying = ctx;
	uint64_t number;
	int rc = hook_number(hilf, true, replaying->hook, &number, err);
	if (!rc)
		rc = store_event_replay(
			hilf->store, number, replaying->id, clock_now_ms(), &replaying->count, err);
	if (!rc && replaying->id && !replaying->count)
		rc = err_set(err, HILF_E_NOT_FOUND,
			"there is no dead delivery %llu of that webhook",
			(unsigned long long)replaying->id);
	return rc;
}

int deliveries_replay(
	struct hilf *hilf, const char *hook, uint64_t id, uint64_t *ret_count, struct hilf_err *err)
{
	struct replaying replaying = {.hook = hook, .id = id};
	ASSERT(hilf && hook && ret_count);
	int rc = local_submit(hilf, replay, &replaying, err);
	if (!rc)
		*ret_count = replaying.count;
	return rc;
}

int deliveries_count(struct hilf *hilf, struct deliveries_count *ret_count, struct hilf_err *err)
{
	struct store_event_counts counts;
	ASSERT(hilf && ret_count);
	int rc = store_event_counts(hilf->store, &counts, err);
	if (!rc)
		*ret_count =
			(struct deliveries_count){counts.waiting, counts.dead, counts.oldest_ms};
	return rc;
}
