/* A loop: a thread, its events, and the mailbox through which others reach it. Senders push onto a stack without a lock, and
 * write to the eventfd only when the stack was empty: however much comes back at once, one wake-up does. */
#include "base/check.h"
#include "base/err.h"
#include "http/inside.h"
#include "os/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------- time and chance */

void loop_time(struct loop *loop)
{
	struct timespec wall;
	loop->now_us = clock_monotonic_us();
	clock_gettime(CLOCK_REALTIME_COARSE, &wall);
	loop->wall_ms = (int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000;
	if (wall.tv_sec == loop->date_s)
		return;
	/* RFC 9110, 5.6.7; strftime would ask for the locale. */
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm;
	time_t now = wall.tv_sec;
	gmtime_r(&now, &tm);
	snprintf(loop->date, sizeof loop->date, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
		days + 3 * tm.tm_wday, (unsigned)tm.tm_mday % 100, months + 3 * tm.tm_mon,
		(unsigned)(tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100,
		(unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
	loop->date_s = wall.tv_sec;
}

/* xorshift128+ (Vigna): ids shall differ, not be secret. */
static uint64_t random_next(struct loop *loop)
{
	uint64_t one = loop->random[0], other = loop->random[1];
	loop->random[0] = other;
	one ^= one << 23;
	loop->random[1] = one ^ other ^ one >> 17 ^ other >> 26;
	return loop->random[1] + other;
}

/* A ULID: 48 bits of milliseconds and 80 of chance, in Crockford's digits, so that ids sort by time. */
void loop_id(struct loop *loop, char ret_id[HTTP_ID_SIZE + 1])
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t time = (uint64_t)loop->wall_ms, one = random_next(loop), other = random_next(loop);
	for (unsigned i = 0; i < 10; i++)
		ret_id[i] = digits[time >> (45 - 5 * i) & 31];
	for (unsigned i = 0; i < 8; i++) {
		ret_id[10 + i] = digits[one >> (5 * i) & 31];
		ret_id[18 + i] = digits[other >> (5 * i) & 31];
	}
	ret_id[HTTP_ID_SIZE] = '\0';
}

/* ------------------------------------------------------------------------------- the mailbox */

void loop_poke(struct loop *loop)
{
	const uint64_t one = 1;
	/* It fails only when it is full of pokes already. */
	(void)!write(loop->mail_fd, &one, sizeof one);
}

/* Takes those of the first one's loop out of the list: turned round, as the mailbox is a stack. */
static struct http_request *take_own(struct http_request **io_list, struct http_request **ret_last)
{
	struct loop *loop = (*io_list)->loop;
	struct http_request *stack = NULL;
	*ret_last = *io_list;
	for (struct http_request **at = io_list, *request; (request = *at);) {
		if (request->loop != loop) {
			at = &request->next;
			continue;
		}
		*at = request->next;
		request->next = stack;
		stack = request;
	}
	return stack;
}

void loop_return(struct http_request *requests)
{
	while (requests) {
		struct http_request *last, *stack = take_own(&requests, &last);
		struct loop *loop = last->loop;
		struct http_request *first =
			atomic_load_explicit(&loop->returned, memory_order_relaxed);
		do
			last->next = first;
		while (!atomic_compare_exchange_weak_explicit(&loop->returned, &first, stack,
			memory_order_release, memory_order_relaxed));
		if (!first)
			loop_poke(loop);
	}
}

void loop_hand(struct loop *loop, struct conn *conn)
{
	struct conn *first = atomic_load_explicit(&loop->handed, memory_order_relaxed);
	do
		conn->next = first;
	while (!atomic_compare_exchange_weak_explicit(
		&loop->handed, &first, conn, memory_order_release, memory_order_relaxed));
	if (!first)
		loop_poke(loop);
}

static void take_returned(struct loop *loop)
{
	struct http_request *stack =
		atomic_exchange_explicit(&loop->returned, NULL, memory_order_acquire);
	struct http_request *queue = NULL, *next;
	for (; stack; stack = next) { /* the stack has the last one first */
		next = stack->next;
		stack->next = queue;
		queue = stack;
	}
	for (; queue; queue = next) {
		next = queue->next;
		queue->away = false;
		atomic_fetch_sub_explicit(&loop->away_count, 1, memory_order_relaxed);
		conn_returned(queue);
	}
}

static void take_handed(struct loop *loop)
{
	struct conn *next;
	for (struct conn *conn =
			atomic_exchange_explicit(&loop->handed, NULL, memory_order_acquire);
		conn; conn = next) {
		next = conn->next;
		conn_start(conn, loop);
	}
}

/* ------------------------------------------------------------------------------- parked requests */

void loop_park(struct http_request *request)
{
	struct loop *loop = request->loop;
	struct http_request *head = loop->parked;
	if (head) {
		request->park_prev = head->park_prev;
		request->park_next = head;
		head->park_prev->park_next = request;
		head->park_prev = request;
	} else {
		request->park_prev = request->park_next = request;
		loop->parked = request;
	}
	request->parked = true;
	/* Who wakes counts the epoch on and then looks whether anybody is parked; so here the other way round. */
	atomic_fetch_add(&loop->parked_count, 1);
	if (atomic_load(&loop->server->epoch) != request->epoch &&
		!atomic_exchange(&loop->woken, true))
		loop_poke(loop);
}

void loop_unpark(struct http_request *request)
{
	struct loop *loop = request->loop;
	ASSERT(request->parked);
	if (request->park_next == request) {
		loop->parked = NULL;
	} else {
		request->park_prev->park_next = request->park_next;
		request->park_next->park_prev = request->park_prev;
		if (loop->parked == request)
			loop->parked = request->park_next;
	}
	request->parked = false;
	atomic_fetch_sub(&loop->parked_count, 1);
}

/* Those that are parked now; who parks again meanwhile comes behind the last of them. */
static void wake_parked(struct loop *loop)
{
	for (uint64_t count = atomic_load(&loop->parked_count); count && loop->parked; count--)
		conn_unpark(loop->parked);
}

/* ------------------------------------------------------------------------------- turns */

static void drain(struct loop *loop)
{
	for (size_t i = 0; i < loop->server->listener_count; i++)
		acceptor_stop(&loop->acceptors[i]);
	take_handed(loop);
	wheel_all(&loop->wheel, conn_drain);
	atomic_store(&loop->is_drained, true);
}

static void end_if_done(struct loop *loop)
{
	if (atomic_load_explicit(&loop->conn_count, memory_order_relaxed) == 0 &&
		atomic_load_explicit(&loop->away_count, memory_order_relaxed) == 0)
		event_base_loopbreak(loop->base);
}

static void mail_came(evutil_socket_t fd, short what, void *ctx)
{
	struct loop *loop = ctx;
	struct http_server *server = loop->server;
	uint64_t pokes;
	(void)what;
	(void)!read(fd, &pokes, sizeof pokes);
	bool woken = atomic_exchange(&loop->woken, false);
	loop_time(loop);
	take_returned(loop);
	take_handed(loop);
	if (woken)
		wake_parked(loop);
	if (atomic_load(&server->draining) && !atomic_load(&loop->is_drained))
		drain(loop);
	if (atomic_load(&server->stopping)) {
		if (!loop->is_cut)
			wheel_all(&loop->wheel, conn_cut_all);
		loop->is_cut = true;
		end_if_done(loop);
	}
}

static void rerun_came(evutil_socket_t fd, short what, void *ctx)
{
	struct loop *loop = ctx;
	struct conn *next, *conn = loop->rerun;
	(void)fd;
	(void)what;
	loop->rerun = NULL;
	for (; conn; conn = next) {
		next = conn->next;
		conn->queued = false;
		conn_run(conn);
	}
}

void loop_rerun(struct loop *loop, struct conn *conn)
{
	const struct timeval now = {0, 0};
	if (conn->queued)
		return;
	conn->queued = true;
	conn->next = loop->rerun;
	loop->rerun = conn;
	event_add(&loop->again, &now);
}

static void tick_came(evutil_socket_t fd, short what, void *ctx)
{
	struct loop *loop = ctx;
	(void)fd;
	(void)what;
	loop_time(loop);
	wheel_turn(&loop->wheel, loop->now_us / 1000, conn_expire);
	for (size_t i = 0; i < loop->server->listener_count; i++)
		acceptor_resume(&loop->acceptors[i]);
	if (atomic_load_explicit(&loop->conn_count, memory_order_relaxed) == 0 &&
		loop->is_ticking) {
		event_del(&loop->tick);
		loop->is_ticking = false;
	}
}

void loop_tick_on(struct loop *loop)
{
	const struct timeval every = {0, WHEEL_MS * 1000};
	if (loop->is_ticking)
		return;
	/* While nobody was there, no time passed that mattered. */
	loop->wheel.turned_ms = loop->now_us / 1000 / WHEEL_MS * WHEEL_MS;
	loop->is_ticking = event_add(&loop->tick, &every) == 0;
}

/* ------------------------------------------------------------------------------- its life */

int loop_open(struct loop *loop, struct http_server *server, struct hilf_err *err)
{
	struct event_config *config = event_config_new();
	loop->server = server;
	loop->mail_fd = -1;
	loop->date_s = -1;
	random_bytes(loop->random, sizeof loop->random);
	loop_time(loop);
	wheel_init(&loop->wheel, loop->now_us / 1000);
	if (!config)
		return err_no_memory(err);
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	event_config_require_features(config, EV_FEATURE_ET | EV_FEATURE_EARLY_CLOSE);
	loop->base = event_base_new_with_config(config);
	event_config_free(config);
	loop->scratch = malloc(READ_SIZE + HEAD_SIZE_MAX);
	loop->acceptors = calloc(server->listener_count, sizeof *loop->acceptors);
	if (!loop->base || !loop->scratch || !loop->acceptors)
		return err_no_memory(err);
	if ((loop->mail_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
		return err_sys(err, HILF_E_IO, errno, "cannot make an eventfd");
	if (event_assign(&loop->mail, loop->base, loop->mail_fd, EV_READ | EV_PERSIST, mail_came,
		    loop) != 0 ||
		event_assign(&loop->tick, loop->base, -1, EV_PERSIST, tick_came, loop) != 0 ||
		evtimer_assign(&loop->again, loop->base, rerun_came, loop) != 0 ||
		evtimer_assign(&loop->gather, loop->base, gather_came, loop) != 0 ||
		event_add(&loop->mail, NULL) != 0)
		return err_no_memory(err);
	for (size_t i = 0; i < server->listener_count; i++)
		acceptor_start(&loop->acceptors[i], loop, &server->listeners[i]);
	return 0;
}

void loop_close(struct loop *loop)
{
	if (loop->base) {
		if (loop->mail_fd >= 0) {
			event_del(&loop->mail);
			event_del(&loop->tick);
			event_del(&loop->again);
			event_del(&loop->gather);
		}
		for (size_t i = 0; loop->acceptors && i < loop->server->listener_count; i++)
			acceptor_stop(&loop->acceptors[i]);
		event_base_free(loop->base);
	}
	if (loop->mail_fd >= 0)
		close(loop->mail_fd);
	for (struct http_request *request = loop->pool, *next; request; request = next) {
		next = request->next;
		request_free(request);
	}
	free(loop->acceptors);
	free(loop->scratch);
}

void *loop_main(void *ctx)
{
	struct loop *loop = ctx;
	event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
	return NULL;
}

void loop_step(struct loop *loop)
{
	event_base_loop(loop->base, EVLOOP_NONBLOCK);
}
