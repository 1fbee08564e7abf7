/* One thread looks into the outbox a few times a second and hands what is due to a few posters, each of which waits for its
 * receiver. A hook whose delivery is under way is passed over, so a slow receiver holds back its own events alone, and at
 * most one poster. */
#include "proc/deliver.h"

#include "base/check.h"
#include "base/err.h"
#include "http/metrics.h"
#include "os/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define POSTERS     8
#define LOOK_MS     200
#define DUE_MAX     64
#define TIMEOUT_MS  15000       /* of the Standard Webhooks specification: 15 to 30 s */
#define ANSWER_MAX  (64 * 1024) /* nobody reads it */
#define GONE_STATUS 410

/* A copy of a delivery, from outbox to poster. */
struct post {
	uint64_t id;
	char hook[HOOK_ID_TEXT], event_id[HOOK_ID_TEXT];
	char *url, *secret, *body;
	size_t size;
	unsigned attempts;
	struct post *next;
};

struct deliver {
	struct api *api;
	struct hilf *hilf;
	struct fetch_pool *fetch;
	struct log *log;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool stop, again; /* again: a poster is free, and its hook may have more */
	pthread_t looker, posters[POSTERS];
	bool looking;
	unsigned started;
	unsigned poster_count;
	struct post *waiting, **waiting_end;
	char busy[POSTERS][HOOK_ID_TEXT]; /* the hook that each poster is at, "" */
};

static void free_post(struct post *post)
{
	if (!post)
		return;
	free(post->url);
	free(post->secret);
	free(post->body);
	free(post);
}

/* ----------------------------------------------------------------------------------------------- looker */

/* Under the mutex. */
static bool is_taken(const struct deliver *deliver, const char *hook)
{
	for (unsigned i = 0; i < deliver->poster_count; i++)
		if (!strcmp(deliver->busy[i], hook))
			return true;
	for (const struct post *post = deliver->waiting; post; post = post->next)
		if (!strcmp(post->hook, hook))
			return true;
	return false;
}

static struct post *copy(const struct delivery *delivery)
{
	struct post *post = calloc(1, sizeof *post);
	if (!post)
		return NULL;
	post->id = delivery->id;
	memcpy(post->hook, delivery->hook, sizeof post->hook);
	memcpy(post->event_id, delivery->event_id, sizeof post->event_id);
	post->attempts = delivery->attempts;
	post->size = delivery->size;
	post->url = strdup(delivery->url);
	post->secret = strdup(delivery->secret);
	post->body = malloc(delivery->size + 1);
	if (!post->url || !post->secret || !post->body) {
		free_post(post);
		return NULL;
	}
	memcpy(post->body, delivery->body, delivery->size);
	return post;
}

static int take_due(const struct delivery *delivery, void *ctx)
{
	struct deliver *deliver = ctx;
	int rc = 0;
	pthread_mutex_lock(&deliver->mutex);
	if (!is_taken(deliver, delivery->hook)) {
		struct post *post = copy(delivery);
		rc = post ? 0 : HILF_E_NO_MEMORY;
		if (post) {
			*deliver->waiting_end = post;
			deliver->waiting_end = &post->next;
			pthread_cond_broadcast(&deliver->changed);
		}
	}
	pthread_mutex_unlock(&deliver->mutex);
	return rc;
}

/* Whether to look again. */
static bool rest(struct deliver *deliver)
{
	int64_t until_us = clock_monotonic_us() + LOOK_MS * 1000;
	struct timespec until = {
		.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
	pthread_mutex_lock(&deliver->mutex);
	while (!deliver->stop && !deliver->again && clock_monotonic_us() < until_us)
		pthread_cond_timedwait(&deliver->changed, &deliver->mutex, &until);
	bool stop = deliver->stop;
	deliver->again = false;
	pthread_mutex_unlock(&deliver->mutex);
	return !stop;
}

static void *look(void *argument)
{
	struct deliver *deliver = argument;
	do {
		struct hilf_err err = {0};
		int64_t now_ms = clock_now_ms(), next_ms = INT64_MAX;
		int rc = deliveries_next(deliver->hilf, &next_ms, &err);
		if (!rc && next_ms <= now_ms)
			rc = deliveries_due(
				deliver->hilf, now_ms, DUE_MAX, take_due, deliver, &err);
		if (rc)
			log_say(deliver->log, LEVEL_ERROR, "outbox.failed",
				"the outbox cannot be read: %s", err.text);
	} while (rest(deliver));
	return NULL;
}

/* ---------------------------------------------------------------------------------------------- posters */

static int post_it(
	struct deliver *deliver, const struct post *post, int *ret_status, struct hilf_err *err)
{
	char id[HOOK_ID_TEXT + 32], time[64], signature[64], signed_with[128];
	const char *const headers[] = {"Content-Type: application/json",
		"User-Agent: hilf/" HILF_VERSION, id, time, signed_with, NULL};
	const struct fetch fetch = {.url = post->url,
		.method = "POST",
		.headers = headers,
		.body = post->body,
		.body_size = post->size,
		.size_max = ANSWER_MAX,
		.timeout_ms = TIMEOUT_MS,
		.no_redirects = true};
	struct fetched fetched = {.fd = -1};
	int64_t now_ms = clock_now_ms();
	int rc = hook_sign(
		post->secret, post->event_id, now_ms, post->body, post->size, signature, err);
	if (rc)
		return rc;
	snprintf(id, sizeof id, "webhook-id: %s", post->event_id);
	snprintf(time, sizeof time, "webhook-timestamp: %lld", (long long)(now_ms / 1000));
	snprintf(signed_with, sizeof signed_with, "webhook-signature: %s", signature);
	rc = fetch_url(deliver->fetch, &fetch, &fetched, err);
	if (rc)
		return rc;
	if (fetched.fd >= 0)
		close(fetched.fd);
	*ret_status = fetched.status;
	return 0;
}

static void deliver_one(struct deliver *deliver, const struct post *post)
{
	struct hilf_err err = {0}, outbox = {0};
	char answer[64] = "";
	int status = 0;
	int rc = post_it(deliver, post, &status, &err);
	if (rc == HILF_E_STOPPED)
		return; /* we end; the next start makes it again */
	bool good = !rc && status >= 200 && status < 300;
	if (!rc && !good)
		snprintf(answer, sizeof answer, "the receiver answered %d", status);
	rc = delivery_result(deliver->hilf, post->id, status,
		good      ? ""
		: *answer ? answer
			  : err.text,
		&outbox);
	metrics_event(deliver->api->metrics, good ? METRIC_DELIVERED : METRIC_DELIVERY_FAILED, 1);
	bool dead = !good && (status == GONE_STATUS || post->attempts + 1 >= HOOK_ATTEMPTS);
	if (dead)
		metrics_event(deliver->api->metrics, METRIC_DELIVERY_DEAD, 1);
	if (rc && rc != HILF_E_NOT_FOUND)
		log_say(deliver->log, LEVEL_ERROR, "outbox.failed",
			"what came of a delivery cannot be written, so it will be made again: %s",
			outbox.text);
	if (good)
		return;
	struct log_line line;
	if (!log_begin(&line, deliver->log, LEVEL_WARNING, "webhook.failed", false))
		return;
	log_text(&line, "hook", post->hook);
	log_text(&line, "event_id", post->event_id);
	log_number(&line, "attempt", post->attempts + 1);
	log_number(&line, "status", status);
	log_text(&line, "then", dead ? "given up" : "again later");
	log_text(&line, "text", *answer ? answer : err.text);
	log_end(&line);
}

static void *post_all(void *argument)
{
	struct deliver *deliver = argument;
	pthread_mutex_lock(&deliver->mutex);
	unsigned mine = deliver->poster_count++;
	while (!deliver->stop) {
		struct post *post = deliver->waiting;
		if (!post) {
			pthread_cond_wait(&deliver->changed, &deliver->mutex);
			continue;
		}
		deliver->waiting = post->next;
		if (!deliver->waiting)
			deliver->waiting_end = &deliver->waiting;
		memcpy(deliver->busy[mine], post->hook, sizeof deliver->busy[mine]);
		pthread_mutex_unlock(&deliver->mutex);
		deliver_one(deliver, post);
		free_post(post);
		pthread_mutex_lock(&deliver->mutex);
		deliver->busy[mine][0] = '\0';
		deliver->again = true;
		pthread_cond_broadcast(&deliver->changed);
	}
	pthread_mutex_unlock(&deliver->mutex);
	return NULL;
}

int deliver_new(struct api *api, struct hilf *hilf, struct fetch_pool *fetch, struct log *log,
	struct deliver **ret_deliver, struct hilf_err *err)
{
	pthread_condattr_t monotonic;
	struct deliver *deliver = calloc(1, sizeof *deliver);
	int sys = 0;
	if (!deliver)
		return err_no_memory(err);
	*deliver = (struct deliver){.api = api, .hilf = hilf, .fetch = fetch, .log = log};
	deliver->waiting_end = &deliver->waiting;
	pthread_mutex_init(&deliver->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&deliver->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	unsigned started = 0;
	while (started < POSTERS && !sys) {
		sys = pthread_create(&deliver->posters[started], NULL, post_all, deliver);
		started += !sys;
	}
	if (!sys)
		sys = pthread_create(&deliver->looker, NULL, look, deliver);
	deliver->looking = !sys;
	deliver->started = started;
	if (sys) {
		deliver_stop(deliver);
		return err_sys(err, HILF_E_NO_MEMORY, sys, "cannot start a thread");
	}
	*ret_deliver = deliver;
	return 0;
}

void deliver_stop(struct deliver *deliver)
{
	if (!deliver)
		return;
	pthread_mutex_lock(&deliver->mutex);
	deliver->stop = true;
	pthread_cond_broadcast(&deliver->changed);
	pthread_mutex_unlock(&deliver->mutex);
	if (deliver->looking)
		pthread_join(deliver->looker, NULL);
	for (unsigned i = 0; i < deliver->started; i++)
		pthread_join(deliver->posters[i], NULL);
	while (deliver->waiting) {
		struct post *next = deliver->waiting->next;
		free_post(deliver->waiting);
		deliver->waiting = next;
	}
	pthread_cond_destroy(&deliver->changed);
	pthread_mutex_destroy(&deliver->mutex);
	free(deliver);
}
