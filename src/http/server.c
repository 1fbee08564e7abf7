/* The server as a whole: made, started, drained, stopped. */
#include "base/check.h"
#include "base/err.h"
#include "http/inside.h"
#include "os/clock.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define WORKERS           32u
#define QUEUE_MAX         1024u
#define CONNECTIONS       20000u
#define PER_ADDRESS       256u
#define HEADER_TIMEOUT_MS 10000u
#define IDLE_TIMEOUT_MS   60000u
#define BODY_RATE_MIN     1024u
#define BODY_MEMORY       ((uint64_t)256 << 20)
/* Descriptors that are not connections: listeners, events, stores, bodies' files. */
#define DESCRIPTORS_BESIDE 256u

static void fill_in(struct http_conf *conf)
{
	conf->listens = NULL;
	conf->listen_count = 0;
	conf->loop_count = conf->loop_count ? conf->loop_count : clock_cores();
	conf->worker_count = conf->worker_count ? conf->worker_count : WORKERS;
	conf->queue_max = conf->queue_max ? conf->queue_max : QUEUE_MAX;
	conf->connection_max = conf->connection_max ? conf->connection_max : CONNECTIONS;
	conf->header_timeout_ms =
		conf->header_timeout_ms ? conf->header_timeout_ms : HEADER_TIMEOUT_MS;
	conf->idle_timeout_ms = conf->idle_timeout_ms ? conf->idle_timeout_ms : IDLE_TIMEOUT_MS;
	conf->body_rate_min = conf->body_rate_min ? conf->body_rate_min : BODY_RATE_MIN;
	conf->memory_max = conf->memory_max ? conf->memory_max : BODY_MEMORY;
}

/* As many descriptors as the system allows, and no more connections than there are descriptors for. */
static void descriptors_raise(struct http_server *server, bool is_wished)
{
	struct rlimit limit;
	unsigned *max = &server->conf.connection_max;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
			return;
	}
	rlim_t room = limit.rlim_cur > 2 * DESCRIPTORS_BESIDE ? limit.rlim_cur - DESCRIPTORS_BESIDE
							      : limit.rlim_cur / 2;
	if (limit.rlim_cur != RLIM_INFINITY && *max > room) {
		*max = (unsigned)room;
		if (is_wished)
			server_log(server, "warning", "descriptors",
				"fewer connections are taken than configured, for want of "
				"descriptors");
	}
}

void server_log(struct http_server *server, const char *level, const char *event, const char *text)
{
	if (server->conf.log)
		server->conf.log(level, event, text, server->conf.log_ctx);
}

struct loop *server_loop(struct http_server *server, struct loop *own)
{
	struct loop *least = own;
	uint64_t own_count = atomic_load_explicit(&own->conn_count, memory_order_relaxed);
	uint64_t least_count = own_count;
	for (unsigned i = 0; i < server->loop_count; i++) {
		uint64_t count =
			atomic_load_explicit(&server->loops[i].conn_count, memory_order_relaxed);
		if (count < least_count) {
			least = &server->loops[i];
			least_count = count;
		}
	}
	return own_count > least_count + 1 ? least : own;
}

int server_new(const struct http_conf *conf, struct http_server **ret_server, struct hilf_err *err)
{
	int rc;
	ASSERT(conf->listen_count && conf->listens);
	struct http_server *server = calloc(1, sizeof *server);
	if (!server)
		return err_no_memory(err);
	server->conf = *conf;
	fill_in(&server->conf);
	server->per_address_max =
		conf->connection_max_per_address ? conf->connection_max_per_address : PER_ADDRESS;
	server->loopback_max =
		conf->connection_max_per_address ? conf->connection_max_per_address : UINT32_MAX;
	descriptors_raise(server, conf->connection_max > 0);
	server->spool_dir = conf->spool_dir ? strdup(conf->spool_dir) : NULL;
	server->limits = limits_new();
	server->listeners = calloc(conf->listen_count, sizeof *server->listeners);
	server->loops = calloc(server->conf.loop_count, sizeof *server->loops);
	if ((conf->spool_dir && !server->spool_dir) || !server->limits || !server->listeners ||
		!server->loops || workers_open(&server->workers) != 0) {
		rc = err_no_memory(err);
		goto fail;
	}
	server->loop_count = server->conf.loop_count;
	for (unsigned i = 0; i < server->loop_count; i++)
		server->loops[i].mail_fd = -1;
	for (size_t i = 0; i < conf->listen_count; i++) {
		server->listener_count++;
		rc = listener_open(&server->listeners[i], server, &conf->listens[i], err);
		if (rc)
			goto fail;
	}
	for (unsigned i = 0; i < server->loop_count; i++)
		if ((rc = loop_open(&server->loops[i], server, err)))
			goto fail;
	*ret_server = server;
	return 0;
fail:
	server_free(server);
	return rc;
}

void server_free(struct http_server *server)
{
	atomic_store(&server->stopping, true);
	workers_stop(&server->workers);
	for (unsigned i = 0; server->loops && i < server->loop_count; i++)
		if (server->loops[i].server)
			loop_close(&server->loops[i]);
	for (size_t i = 0; server->listeners && i < server->listener_count; i++)
		listener_close(&server->listeners[i]);
	limits_free(server->limits);
	free(server->loops);
	free(server->listeners);
	free(server->spool_dir);
	free(server);
}

int http_start(const struct http_conf *conf, struct http_server **ret_server, struct hilf_err *err)
{
	struct http_server *server;
	int rc = server_new(conf, &server, err);
	if (rc)
		return rc;
	/* Handlers may run before this returns, and look for the server. */
	struct http_server *before = *ret_server;
	*ret_server = server;
	rc = workers_start(&server->workers, server->conf.worker_count, err);
	for (unsigned i = 0; rc == 0 && i < server->loop_count; i++) {
		struct loop *loop = &server->loops[i];
		int sys = thread_start(&loop->thread, loop_main, loop);
		if (sys != 0)
			rc = err_sys(err, HILF_E_IO, sys, "cannot start a thread");
		else
			loop->has_thread = true;
	}
	if (rc) {
		http_stop(server);
		*ret_server = before;
	}
	return rc;
}

uint16_t http_port(const struct http_server *server, size_t index)
{
	ASSERT(index < server->listener_count);
	return server->listeners[index].port;
}

static void poke_all(struct http_server *server)
{
	for (unsigned i = 0; i < server->loop_count; i++)
		loop_poke(&server->loops[i]);
}

static bool is_drained(const struct http_server *server, bool to_the_last)
{
	for (unsigned i = 0; i < server->loop_count; i++) {
		struct loop *loop = &server->loops[i];
		if (loop->has_thread && !atomic_load(&loop->is_drained))
			return false;
	}
	return !to_the_last || atomic_load(&server->conn_count) == 0;
}

void http_drain(struct http_server *server, uint32_t wait_ms)
{
	const struct timespec moment = {.tv_nsec = 2000000};
	int64_t until_us = clock_monotonic_us() + (int64_t)wait_ms * 1000;
	atomic_store(&server->draining, true);
	poke_all(server);
	while (!is_drained(server, clock_monotonic_us() < until_us))
		nanosleep(&moment, NULL);
}

void http_stop(struct http_server *server)
{
	if (!server)
		return;
	http_drain(server, 0);
	atomic_store(&server->stopping, true);
	poke_all(server);
	/* Each loop ends when its last connection has; those that workers hold come back, for the workers go on. */
	for (unsigned i = 0; i < server->loop_count; i++)
		if (server->loops[i].has_thread)
			pthread_join(server->loops[i].thread, NULL);
	server_free(server);
}

int http_reload_tls(struct http_server *server, struct hilf_err *err)
{
	struct ssl_ctx_st **fresh = calloc(server->listener_count, sizeof(struct ssl_ctx_st *));
	struct hilf_err why = {.code = HILF_E_NO_MEMORY};
	int rc = fresh ? 0 : err_no_memory(err);
	for (size_t i = 0; rc == 0 && i < server->listener_count; i++)
		if (server->listeners[i].has_tls &&
			!(fresh[i] = tls_context(&server->listeners[i].conf, &why))) {
			rc = why.code;
			if (err)
				*err = why;
		}
	/* All or none. */
	for (size_t i = 0; fresh && i < server->listener_count; i++) {
		struct listener *listener = &server->listeners[i];
		struct ssl_ctx_st *old = fresh[i];
		if (rc == 0 && fresh[i]) {
			pthread_mutex_lock(&listener->tls_mutex);
			old = listener->tls;
			listener->tls = fresh[i];
			pthread_mutex_unlock(&listener->tls_mutex);
		}
		tls_context_free(old);
	}
	free(fresh);
	return rc;
}

void http_wake(struct http_server *server)
{
	atomic_fetch_add(&server->epoch, 1);
	for (unsigned i = 0; i < server->loop_count; i++) {
		struct loop *loop = &server->loops[i];
		if (atomic_load(&loop->parked_count) && !atomic_exchange(&loop->woken, true))
			loop_poke(loop);
	}
}

void http_gauges_get(const struct http_server *server, struct http_gauges *ret_gauges)
{
	struct http_gauges gauges = {
		.connections = atomic_load_explicit(&server->conn_count, memory_order_relaxed),
		.queue_depth = atomic_load_explicit(&server->workers.depth, memory_order_relaxed),
		.body_memory = atomic_load_explicit(&server->body_memory, memory_order_relaxed),
	};
	for (unsigned i = 0; i < server->loop_count; i++) {
		const struct loop *loop = &server->loops[i];
#define SUM(gauge, count) gauges.gauge += atomic_load_explicit(&loop->count, memory_order_relaxed)
		SUM(requests_active, active_count);
		SUM(requests_parked, parked_count);
		SUM(connections_refused, refused_count);
		SUM(accepted, accepted_count);
		SUM(protocol_errors, protocol_error_count);
		SUM(timeouts, timeout_count);
#undef SUM
	}
	*ret_gauges = gauges;
}
