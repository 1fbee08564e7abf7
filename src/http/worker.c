/* The threads that may block. Work lies in one queue, first come first served; a thread that finds it empty waits. What is
 * done for many at once (http_gather_on_worker) has one place in it for all of them:
 *
 *   queue:  handle │ add ... ─► a worker takes it with all that wait in the group, and gives the next one a place when it is done
 *   group:            add │ add │ add │ ... */
#include "base/check.h"
#include "base/err.h"
#include "http/inside.h"
#include "os/clock.h"

#include <signal.h>
#include <stdlib.h>

int thread_start(pthread_t *ret_thread, void *(*main)(void *ctx), void *ctx)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(ret_thread, NULL, main, ctx);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

void request_handle(struct http_request *request)
{
	int64_t from_us = clock_monotonic_us();
	request->outcome = OUTCOME_NONE;
	request->epoch = atomic_load(&request->loop->server->epoch);
	request->route->handle(request);
	ASSERT(request->outcome != OUTCOME_NONE); /* a handler ends with a reply */
	request->worked_us += clock_monotonic_us() - from_us;
}

static void source_close(struct http_request *request)
{
	struct reply *reply = &request->reply;
	if (reply->source_open && reply->source.close)
		reply->source.close(reply->source.ctx);
	reply->source_open = false;
}

static void source_next(struct http_request *request)
{
	struct reply *reply = &request->reply;
	bool end = false;
	buf_clear(&request->content);
	if (reply->source.next(reply->source.ctx, &request->content, &end) != 0 ||
		request->content.failed)
		reply->source_failed = true;
	reply->source_ended = end;
	if (end || reply->source_failed)
		source_close(request);
}

static bool is_dropped(const struct http_request *request)
{
	return atomic_load_explicit(&request->dropped, memory_order_acquire);
}

static void run_together(struct http_request *list)
{
	struct http_request *requests[HTTP_GATHER_MAX];
	unsigned count = 0;
	for (struct http_request *request = list; request; request = request->next) {
		request->on_worker = true;
		if (!is_dropped(request))
			requests[count++] = request;
	}
	for (unsigned at = 0; at < count;)
		at += gather_answer(requests + at, count - at);
	for (struct http_request *request = list; request; request = request->next)
		request->on_worker = false;
	loop_return(list);
}

static void run(struct http_request *request)
{
	if (request->job == JOB_TOGETHER) {
		run_together(request);
		return;
	}
	bool dropped = is_dropped(request);
	request->on_worker = true;
	if (request->job == JOB_HANDLE && !dropped)
		request_handle(request);
	else if (request->job == JOB_NEXT && !dropped)
		source_next(request);
	else
		source_close(request);
	request->on_worker = false;
	loop_return(request);
}

/* ------------------------------------------------------------------------------- the queue */

/* What follows is called with the mutex held. */

static void append(struct request_list *list, struct http_request *request)
{
	request->next = NULL;
	if (list->last)
		list->last->next = request;
	else
		list->first = request;
	list->last = request;
}

static struct http_request *take(struct request_list *list)
{
	struct http_request *request = list->first;
	if (!request)
		return NULL;
	list->first = request->next;
	if (!list->first)
		list->last = NULL;
	request->next = NULL;
	return request;
}

static struct group *group_of(struct workers *workers, http_together *together)
{
	struct group *group = workers->groups;
	while (group->together && group->together != together)
		group++;
	ASSERT(group < workers->groups + GROUP_MAX); /* they are the app's few */
	group->together = together;
	return group;
}

/* The first of the queue; with those of its group behind it, where it has one. NULL: the queue is empty. */
static struct http_request *queue_take(struct workers *workers)
{
	struct request_list taken = {NULL, NULL};
	struct http_request *request = take(&workers->queue);
	uint64_t count = 0;
	if (!request)
		return NULL;
	bool is_group = request->job == JOB_TOGETHER;
	struct group *group = is_group ? group_of(workers, request->together) : NULL;
	for (; request;
		request = is_group && count < HTTP_GATHER_MAX ? take(&group->waiting) : NULL) {
		append(&taken, request);
		count++;
	}
	atomic_fetch_sub_explicit(&workers->depth, count, memory_order_relaxed);
	return taken.first;
}

/* False: it waits for a group that is busy, so there is nothing new for anybody to do. */
static bool queue_add(struct workers *workers, struct http_request *request)
{
	struct group *group = NULL;
	if (request->job == JOB_TOGETHER)
		group = group_of(workers, request->together);
	if (group && group->is_busy) {
		append(&group->waiting, request);
		return false;
	}
	if (group)
		group->is_busy = true;
	append(&workers->queue, request);
	return true;
}

/* A group's worker has come back: whoever came meanwhile has a turn behind what else there is. */
static void group_next(struct workers *workers, http_together *together)
{
	struct group *group = group_of(workers, together);
	struct http_request *next = take(&group->waiting);
	group->is_busy = next != NULL;
	if (next)
		append(&workers->queue, next);
}

/* Runs what was taken from the queue; the mutex is let go of meanwhile. */
static void run_unlocked(struct workers *workers, struct http_request *request)
{
	http_together *together = request->job == JOB_TOGETHER ? request->together : NULL;
	pthread_mutex_unlock(&workers->mutex);
	run(request);
	pthread_mutex_lock(&workers->mutex);
	if (together)
		group_next(workers, together);
}

static void wait_for_call(struct workers *workers, struct worker *worker)
{
	worker->is_idle = true;
	worker->next_idle = workers->idle;
	workers->idle = worker;
	while (worker->is_idle)
		pthread_cond_wait(&worker->called, &workers->mutex);
}

static void call(struct workers *workers)
{
	struct worker *worker = workers->idle;
	if (!worker)
		return; /* whoever is done next looks into the queue */
	workers->idle = worker->next_idle;
	worker->is_idle = false;
	pthread_cond_signal(&worker->called);
}

static void *worker_main(void *ctx)
{
	struct worker *worker = ctx;
	struct workers *workers = worker->workers;
	pthread_mutex_lock(&workers->mutex);
	for (;;) {
		struct http_request *request = queue_take(workers);
		if (request)
			run_unlocked(workers, request);
		else if (workers->ends)
			break;
		else
			wait_for_call(workers, worker);
	}
	pthread_mutex_unlock(&workers->mutex);
	return NULL;
}

/* ------------------------------------------------------------------------------- its life */

int workers_open(struct workers *workers)
{
	if (pthread_mutex_init(&workers->mutex, NULL) != 0)
		return HILF_E_NO_MEMORY;
	workers->is_ready = true;
	return 0;
}

int workers_start(struct workers *workers, unsigned count, struct hilf_err *err)
{
	if (!(workers->threads = calloc(count, sizeof *workers->threads)))
		return err_no_memory(err);
	for (; workers->thread_count < count; workers->thread_count++) {
		struct worker *worker = &workers->threads[workers->thread_count];
		worker->workers = workers;
		int rc = pthread_cond_init(&worker->called, NULL);
		if (rc == 0 && (rc = thread_start(&worker->thread, worker_main, worker)) != 0)
			pthread_cond_destroy(&worker->called);
		if (rc != 0)
			return err_sys(err, HILF_E_IO, rc, "cannot start thread %u of %u",
				workers->thread_count + 1, count);
	}
	return 0;
}

void workers_stop(struct workers *workers)
{
	if (!workers->is_ready)
		return;
	pthread_mutex_lock(&workers->mutex);
	workers->ends = true;
	while (workers->idle)
		call(workers);
	pthread_mutex_unlock(&workers->mutex);
	for (unsigned i = 0; i < workers->thread_count; i++) {
		pthread_join(workers->threads[i].thread, NULL);
		pthread_cond_destroy(&workers->threads[i].called);
	}
	free(workers->threads);
	pthread_mutex_destroy(&workers->mutex);
	workers->is_ready = false;
}

bool workers_submit(
	struct workers *workers, struct http_request *request, enum job job, unsigned max)
{
	ASSERT(!request->away);
	request->job = job;
	pthread_mutex_lock(&workers->mutex);
	if (max && atomic_load_explicit(&workers->depth, memory_order_relaxed) >= max) {
		pthread_mutex_unlock(&workers->mutex);
		return false;
	}
	request->away = true;
	atomic_fetch_add_explicit(&request->loop->away_count, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&workers->depth, 1, memory_order_relaxed);
	if (queue_add(workers, request))
		call(workers);
	pthread_mutex_unlock(&workers->mutex);
	return true;
}

bool workers_step(struct workers *workers)
{
	pthread_mutex_lock(&workers->mutex);
	struct http_request *request = queue_take(workers);
	if (request)
		run_unlocked(workers, request);
	pthread_mutex_unlock(&workers->mutex);
	return request != NULL;
}
