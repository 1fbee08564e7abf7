/* The threads that may block. Work lies in one queue, first come first served; a thread that finds it empty waits. */
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

static void run(struct http_request *request)
{
	bool dropped = atomic_load_explicit(&request->dropped, memory_order_acquire);
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

/* The first of the queue, whose mutex is held; NULL: it is empty. */
static struct http_request *queue_take(struct workers *workers)
{
	struct http_request *request = workers->first;
	if (!request)
		return NULL;
	workers->first = request->next;
	if (!workers->first)
		workers->last = NULL;
	atomic_fetch_sub_explicit(&workers->depth, 1, memory_order_relaxed);
	return request;
}

static void *worker_main(void *ctx)
{
	struct workers *workers = ctx;
	pthread_mutex_lock(&workers->mutex);
	for (;;) {
		struct http_request *request = queue_take(workers);
		if (request) {
			pthread_mutex_unlock(&workers->mutex);
			run(request);
			pthread_mutex_lock(&workers->mutex);
			continue;
		}
		if (workers->ends)
			break;
		workers->waiting++;
		pthread_cond_wait(&workers->cond, &workers->mutex);
		workers->waiting--;
	}
	pthread_mutex_unlock(&workers->mutex);
	return NULL;
}

int workers_open(struct workers *workers)
{
	if (pthread_mutex_init(&workers->mutex, NULL) != 0)
		return HILF_E_NO_MEMORY;
	if (pthread_cond_init(&workers->cond, NULL) != 0) {
		pthread_mutex_destroy(&workers->mutex);
		return HILF_E_NO_MEMORY;
	}
	workers->is_ready = true;
	return 0;
}

int workers_start(struct workers *workers, unsigned count, struct hilf_err *err)
{
	if (!(workers->threads = calloc(count, sizeof *workers->threads)))
		return err_no_memory(err);
	for (; workers->thread_count < count; workers->thread_count++) {
		int rc = thread_start(
			&workers->threads[workers->thread_count], worker_main, workers);
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
	pthread_cond_broadcast(&workers->cond);
	pthread_mutex_unlock(&workers->mutex);
	for (unsigned i = 0; i < workers->thread_count; i++)
		pthread_join(workers->threads[i], NULL);
	free(workers->threads);
	pthread_cond_destroy(&workers->cond);
	pthread_mutex_destroy(&workers->mutex);
	workers->is_ready = false;
}

bool workers_submit(
	struct workers *workers, struct http_request *request, enum job job, unsigned max)
{
	ASSERT(!request->away);
	request->job = job;
	request->next = NULL;
	pthread_mutex_lock(&workers->mutex);
	if (max && atomic_load_explicit(&workers->depth, memory_order_relaxed) >= max) {
		pthread_mutex_unlock(&workers->mutex);
		return false;
	}
	request->away = true;
	atomic_fetch_add_explicit(&request->loop->away_count, 1, memory_order_relaxed);
	if (workers->last)
		workers->last->next = request;
	else
		workers->first = request;
	workers->last = request;
	atomic_fetch_add_explicit(&workers->depth, 1, memory_order_relaxed);
	bool someone_waits = workers->waiting > 0;
	pthread_mutex_unlock(&workers->mutex);
	if (someone_waits)
		pthread_cond_signal(&workers->cond);
	return true;
}

bool workers_step(struct workers *workers)
{
	pthread_mutex_lock(&workers->mutex);
	struct http_request *request = queue_take(workers);
	pthread_mutex_unlock(&workers->mutex);
	if (request)
		run(request);
	return request != NULL;
}
