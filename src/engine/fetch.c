/* The hand-over. A request gets a socket of its own, whose other end goes to hilf-fetch, which gives it to a fresh loader;
 * the request is in it already. What comes back is written by a process that reads what strangers send, and is believed
 * in nothing: each packet is checked by itself (wire/fetch_msg.h), their order and the sizes are checked here. */
#include "engine/fetch.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"
#include "os/clock.h"
#include "os/helper.h"
#include "os/sandbox.h"
#include "os/spool.h"
#include "wire/fetch_msg.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HELPER_NAME   "hilf-fetch"
#define HELLO_WAIT_MS 60000 /* it is a process that starts, on a machine that may be busy */
#define GRACE_MS      2000  /* beyond the request's own time, which hilf-fetch keeps */
#define AT_ONCE       32u
#define AT_ONCE_MAX   1024u

struct fetch_pool {
	char *helper_dir;
	struct buf conf; /* the packet that every new helper gets first */
	unsigned max;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t freed;
	unsigned busy;
	bool aborted;
	struct exchange *exchanges; /* whose socket is open */
	struct helper helper;
	uint64_t helper_number; /* grows with each start */
	unsigned walls, trusted_count;
};

/* ------------------------------------------------------------------------------------------- the helper */

static int greet(struct fetch_pool *pool, struct hilf_err *err)
{
	uint8_t bytes[FETCH_PACKET_HEAD + 32 + FETCH_TEXT_MAX];
	struct fetch_msg hello;
	int sys = helper_send(pool->helper.socket, pool->conf.data, pool->conf.size, NULL, 0);
	ssize_t size = sys ? -sys
			   : helper_receive(pool->helper.socket, bytes, sizeof bytes, NULL, NULL,
				     HELLO_WAIT_MS);
	if (size <= 0)
		return err_sys(err, HILF_E_HELPER, size ? (int)-size : EPIPE,
			"the helper '%s/%s' did not come up", pool->helper_dir, HELPER_NAME);
	if (!fetch_msg_read(bytes, (size_t)size, &hello) || hello.kind != FETCH_HELLO ||
		hello.hello.version != FETCH_VERSION)
		return err_set(err, HILF_E_HELPER,
			"the helper '%s/%s' is of another version of hilf; install hilf whole",
			pool->helper_dir, HELPER_NAME);
	if (hello.hello.failure)
		return err_set(err, (enum hilf_code)hello.hello.failure, "%s", hello.text);
	if ((hello.hello.walls & SANDBOX_WALLS_MANDATORY) != SANDBOX_WALLS_MANDATORY)
		return err_set(err, HILF_E_SANDBOX,
			"the helper '%s/%s' runs without its mandatory walls", pool->helper_dir,
			HELPER_NAME);
	pool->walls = hello.hello.walls;
	pool->trusted_count = hello.hello.trusted_count;
	return 0;
}

static int start_helper(struct fetch_pool *pool, struct hilf_err *err)
{
	if (pool->helper.pid)
		return 0;
	int rc = helper_start(&pool->helper, pool->helper_dir, HELPER_NAME, NULL, err);
	if (rc)
		return rc;
	pool->helper_number++;
	rc = greet(pool, err);
	if (rc)
		helper_stop(&pool->helper);
	return rc;
}

/* It says nothing but HELLO, so whatever can be read is its end. */
static bool has_ended(const struct fetch_pool *pool)
{
	struct pollfd end = {.fd = pool->helper.socket, .events = POLLIN};
	return !pool->helper.pid || poll(&end, 1, 0) > 0;
}

/* Whether the helper with that number is gone, or is to go because it is stuck; another one starts with the next request. */
static bool put_away(struct fetch_pool *pool, uint64_t number, bool stuck)
{
	pthread_mutex_lock(&pool->lock);
	bool gone = pool->helper_number != number || stuck || has_ended(pool);
	if (gone && pool->helper_number == number)
		helper_stop(&pool->helper);
	pthread_mutex_unlock(&pool->lock);
	return gone;
}

/* --------------------------------------------------------------------------------------------- the pool */

static int make_conf(
	const struct fetch_conf *conf, unsigned max, struct buf *packet, struct hilf_err *err)
{
	struct buf rules = BUF_INIT;
	int rc = 0;
	if (conf->allow_count > FETCH_RULES_MAX)
		return err_set(err, HILF_E_LIMIT,
			"the list of what may be fetched from has more than %u items",
			FETCH_RULES_MAX);
	for (size_t i = 0; !rc && i < conf->allow_count; i++) {
		struct web_rule rule;
		rc = web_rule_read(conf->allow[i], strlen(conf->allow[i]), &rule, err);
		buf_text(&rules, conf->allow[i]);
		buf_char(&rules, '\n');
	}
	const char *ca_file = conf->ca_file ? conf->ca_file : "";
	const struct fetch_msg msg = {.kind = FETCH_CONF,
		.conf = {max, conf->only_allowed, {ca_file, strlen(ca_file)},
			(uint32_t)conf->allow_count, {rules.data, rules.size}}};
	if (!rc && (rules.failed || !buf_reserve(packet, HELPER_MESSAGE_MAX)))
		rc = err_no_memory(err);
	if (!rc)
		packet->size = fetch_msg_write(&msg, (uint8_t *)packet->data, HELPER_MESSAGE_MAX);
	if (!rc && !packet->size)
		rc = err_set(err, HILF_E_LIMIT,
			"the list of what may be fetched from is longer than %u bytes",
			HELPER_MESSAGE_MAX);
	buf_free(&rules);
	return rc;
}

static void make_lock(struct fetch_pool *pool)
{
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->freed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_init(&pool->lock, NULL);
}

int fetch_pool_new(
	const struct fetch_conf *conf, struct fetch_pool **ret_pool, struct hilf_err *err)
{
	struct fetch_pool *pool = calloc(1, sizeof *pool);
	ASSERT(conf->helper_dir);
	if (!pool)
		return err_no_memory(err);
	make_lock(pool);
	pool->helper = (struct helper)HELPER_NONE;
	pool->max = conf->max ? conf->max : AT_ONCE;
	if (pool->max > AT_ONCE_MAX)
		pool->max = AT_ONCE_MAX;
	pool->helper_dir = strdup(conf->helper_dir);
	int rc = pool->helper_dir ? make_conf(conf, pool->max, &pool->conf, err)
				  : err_no_memory(err);
	if (!rc)
		rc = start_helper(pool, err);
	if (rc)
		fetch_pool_free(pool);
	else
		*ret_pool = pool;
	return rc;
}

void fetch_pool_free(struct fetch_pool *pool)
{
	if (!pool)
		return;
	ASSERT(!pool->busy);
	helper_stop(&pool->helper);
	pthread_cond_destroy(&pool->freed);
	pthread_mutex_destroy(&pool->lock);
	buf_free(&pool->conf);
	free(pool->helper_dir);
	free(pool);
}

unsigned fetch_pool_walls(struct fetch_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	unsigned walls = pool->walls;
	pthread_mutex_unlock(&pool->lock);
	return walls;
}

unsigned fetch_pool_trusted(struct fetch_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	unsigned count = pool->trusted_count;
	pthread_mutex_unlock(&pool->lock);
	return count;
}

/* -------------------------------------------------------------------------------------------- a request */

/* A request on its way, and what came back. */
struct exchange {
	const struct fetch *fetch;
	struct fetch_request_msg request;
	int64_t deadline_us;
	int body_fd;           /* to send; -1 */
	int socket;            /* its own */
	struct exchange *next; /* in the pool's list, while the socket is open */
	uint64_t helper_number;

	bool headed, ended;
	uint64_t size;
	struct spool spool;
	struct fetched fetched;
	uint8_t packet[FETCH_PACKET_MAX];
};

static int late(const struct exchange *exchange, struct hilf_err *err)
{
	return err_set(
		err, HILF_E_IO, "it was not fetched within %u ms", exchange->request.timeout_ms);
}

static int check_headers(const char *const *headers, struct buf *text, struct hilf_err *err)
{
	size_t count = 0;
	for (; headers && headers[count]; count++) {
		if (!fetch_header_valid(headers[count], strlen(headers[count])))
			return err_set(err, HILF_E_INVALID,
				"header %zu of the request is no 'Name: value' that may be sent",
				count + 1);
		buf_text(text, headers[count]);
		buf_char(text, '\n');
	}
	if (text->failed)
		return err_no_memory(err);
	if (count > FETCH_HEADERS_MAX || text->size > FETCH_HEADERS_SIZE)
		return err_set(err, HILF_E_LIMIT,
			"a request may have %u headers of %u bytes together", FETCH_HEADERS_MAX,
			FETCH_HEADERS_SIZE);
	return 0;
}

static int check(const struct fetch *fetch, struct buf *headers, struct hilf_err *err)
{
	const char *method = fetch->method ? fetch->method : "GET";
	struct web_url url;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 &&
		strcmp(method, "POST") != 0)
		return err_set(err, HILF_E_INVALID, "hilf sends GET, HEAD and POST alone");
	if (fetch->body_size && *method != 'P')
		return err_set(err, HILF_E_INVALID, "a %s has no body", method);
	if (fetch->body_size > LIMIT_FETCH_BODY)
		return err_set(
			err, HILF_E_LIMIT, "a body to send may have %u bytes", LIMIT_FETCH_BODY);
	int rc = web_url_read(fetch->url, strlen(fetch->url), &url, err);
	return rc ? rc : check_headers(fetch->headers, headers, err);
}

static int keep_body(struct exchange *exchange, struct hilf_err *err)
{
	struct spool spool = SPOOL_NONE;
	if (!exchange->fetch->body_size)
		return 0;
	int sys = spool_add(&spool, exchange->fetch->body, exchange->fetch->body_size);
	if (!sys)
		sys = spool_finish(&spool, &exchange->body_fd);
	spool_close(&spool);
	return sys ? err_sys(err, HILF_E_IO, sys, "cannot keep the body to send") : 0;
}

static int stopped(struct hilf_err *err)
{
	return err_set(err, HILF_E_STOPPED, "nothing is fetched any more, for hilf ends");
}

static bool enlist(struct fetch_pool *pool, struct exchange *exchange, int socket)
{
	pthread_mutex_lock(&pool->lock);
	bool good = !pool->aborted;
	if (good) {
		exchange->socket = socket;
		exchange->next = pool->exchanges;
		pool->exchanges = exchange;
	}
	pthread_mutex_unlock(&pool->lock);
	return good;
}

/* Takes it out of the list and closes the socket. */
static void delist(struct fetch_pool *pool, struct exchange *exchange)
{
	pthread_mutex_lock(&pool->lock);
	struct exchange **at = &pool->exchanges;
	while (*at && *at != exchange)
		at = &(*at)->next;
	if (*at)
		*at = exchange->next;
	if (exchange->socket >= 0)
		close(exchange->socket);
	exchange->socket = -1;
	pthread_mutex_unlock(&pool->lock);
}

static bool is_aborted(struct fetch_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	bool aborted = pool->aborted;
	pthread_mutex_unlock(&pool->lock);
	return aborted;
}

void fetch_pool_abort(struct fetch_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->aborted = true;
	for (struct exchange *exchange = pool->exchanges; exchange; exchange = exchange->next)
		shutdown(exchange->socket, SHUT_RDWR);
	pthread_cond_broadcast(&pool->freed);
	pthread_mutex_unlock(&pool->lock);
}

/* Starts a helper if there is none, and hands it the other end of the request's socket, with the request in it. */
static int hand_over(struct fetch_pool *pool, struct exchange *exchange, struct hilf_err *err)
{
	uint8_t start[FETCH_PACKET_HEAD + 8];
	struct fetch_msg msg = {.kind = FETCH_REQUEST, .request = exchange->request};
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return err_sys(err, HILF_E_IO, errno, "cannot make a channel to '%s'", HELPER_NAME);
	if (!enlist(pool, exchange, pair[0])) {
		close(pair[0]);
		close(pair[1]);
		return stopped(err);
	}
	size_t size = fetch_msg_write(&msg, exchange->packet, sizeof exchange->packet);
	ASSERT(size);
	int sys = helper_send(
		pair[0], exchange->packet, size, &exchange->body_fd, exchange->body_fd >= 0);
	explicit_bzero(exchange->packet, size);
	msg = (struct fetch_msg){.kind = FETCH_START, .start = exchange->request.timeout_ms};
	size = fetch_msg_write(&msg, start, sizeof start);
	pthread_mutex_lock(&pool->lock);
	int rc = 0;
	/* One that has died since is replaced here, for no request was in its hands. */
	for (int attempt = 0; !sys && attempt < 2; attempt++) {
		if (pool->helper.pid && has_ended(pool))
			helper_stop(&pool->helper);
		rc = start_helper(pool, err);
		exchange->helper_number = pool->helper_number;
		if (rc || !(sys = helper_send(pool->helper.socket, start, size, &pair[1], 1)))
			break;
		if (attempt == 0 && sys == EPIPE)
			sys = 0;
	}
	pthread_mutex_unlock(&pool->lock);
	close(pair[1]);
	if (!rc && sys)
		rc = err_sys(err, HILF_E_HELPER, sys, "cannot speak with '%s'", HELPER_NAME);
	return rc;
}

/* ----------------------------------------------------------------------------------------- the answer */

static int garbage(struct hilf_err *err)
{
	return err_set(err, HILF_E_HELPER, "'%s' answered nonsense", HELPER_NAME);
}

static int take_body(struct exchange *exchange, const struct fetch_text *body, struct hilf_err *err)
{
	if (!exchange->headed || body->size > exchange->request.size_max - exchange->size)
		return garbage(err);
	int sys = spool_add(&exchange->spool, body->text, body->size);
	exchange->size += body->size;
	return sys ? err_sys(err, HILF_E_IO, sys, "cannot keep what was fetched") : 0;
}

static int report(
	const struct exchange *exchange, const struct fetch_report *report, struct hilf_err *err)
{
	if (report->late)
		return late(exchange, err);
	if (report->killed && report->number == SIGSYS)
		return err_set(err, HILF_E_HELPER,
			"what fetches made a system call that it has no business to make: the "
			"answer is "
			"likely an attack");
	return err_set(err, HILF_E_HELPER, "what fetches ended with %s %u",
		report->killed ? "signal" : "status", report->number);
}

static int take(struct exchange *exchange, const struct fetch_msg *msg, struct hilf_err *err)
{
	switch (msg->kind) {
	case FETCH_HEAD:
		if (exchange->headed)
			return garbage(err);
		exchange->headed = true;
		exchange->fetched.status = msg->head;
		memcpy(exchange->fetched.content_type, msg->text,
			sizeof exchange->fetched.content_type);
		exchange->fetched.content_type[FETCH_TYPE_MAX] = '\0';
		return 0;
	case FETCH_BODY:
		return take_body(exchange, &msg->body, err);
	case FETCH_END:
		exchange->ended = true;
		return exchange->headed && msg->end == exchange->size ? 0 : garbage(err);
	case FETCH_FAILURE:
		return err_set(err, (enum hilf_code)msg->failure, "%s", msg->text);
	case FETCH_REPORT:
		return report(exchange, &msg->report, err);
	default:
		return garbage(err);
	}
}

/* *ret_again: the helper itself is gone and said nothing of this request, which changes nothing at the other side, or
 * which nobody has read: then the kernel says ECONNRESET instead of the end. */
static int receive(
	struct fetch_pool *pool, struct exchange *exchange, bool *ret_again, struct hilf_err *err)
{
	const bool changes_nothing = exchange->request.method.text[0] != 'P';
	int rc = 0;
	while (!rc && !exchange->ended) {
		struct fetch_msg msg;
		int64_t left_us = exchange->deadline_us + GRACE_MS * 1000 - clock_monotonic_us();
		ssize_t size =
			helper_receive(exchange->socket, exchange->packet, sizeof exchange->packet,
				NULL, NULL, left_us > 0 ? (int)(left_us / 1000) : 0);
		if (size <= 0) {
			bool gone = put_away(pool, exchange->helper_number, size == -ETIMEDOUT);
			*ret_again = gone && (changes_nothing || size == -ECONNRESET);
			return err_set(err, HILF_E_HELPER,
				size == -ETIMEDOUT ? "'%s' hangs" : "'%s' ended while it fetched",
				HELPER_NAME);
		}
		rc = fetch_msg_read(exchange->packet, (size_t)size, &msg)
			     ? take(exchange, &msg, err)
			     : garbage(err);
	}
	return rc;
}

static void reset(struct fetch_pool *pool, struct exchange *exchange)
{
	delist(pool, exchange);
	spool_close(&exchange->spool);
	exchange->spool = (struct spool)SPOOL_NONE;
	exchange->headed = exchange->ended = false;
	exchange->size = 0;
	exchange->fetched = (struct fetched){.fd = -1};
}

static int exchange_all(struct fetch_pool *pool, struct exchange *exchange, struct hilf_err *err)
{
	int rc = 0;
	/* The helper may have died of something else: a second one gets a chance. */
	for (int attempt = 0; attempt < 2; attempt++) {
		bool again = false;
		int64_t left_us = exchange->deadline_us - clock_monotonic_us();
		reset(pool, exchange);
		if (left_us <= 0)
			return late(exchange, err);
		exchange->request.timeout_ms = (uint32_t)((left_us + 999) / 1000);
		rc = hand_over(pool, exchange, err);
		if (!rc)
			rc = receive(pool, exchange, &again, err);
		if (rc && is_aborted(pool))
			return stopped(err);
		if (!again)
			break;
	}
	return rc;
}

static int finish(struct exchange *exchange, struct fetched *ret_fetched, struct hilf_err *err)
{
	exchange->fetched.size = exchange->size;
	if (exchange->size) {
		int sys = spool_finish(&exchange->spool, &exchange->fetched.fd);
		if (sys)
			return err_sys(err, HILF_E_IO, sys, "cannot keep what was fetched");
	}
	*ret_fetched = exchange->fetched;
	return 0;
}

/* ------------------------------------------------------------------------------------------------- the call */

/* A place among those at once; false where there is none before the deadline. */
static bool take_place(struct fetch_pool *pool, int64_t deadline_us, bool no_wait)
{
	const struct timespec until = {
		.tv_sec = deadline_us / 1000000, .tv_nsec = deadline_us % 1000000 * 1000};
	int sys = 0;
	pthread_mutex_lock(&pool->lock);
	while (pool->busy == pool->max && !sys && !no_wait && !pool->aborted)
		sys = pthread_cond_timedwait(&pool->freed, &pool->lock, &until);
	bool taken = pool->busy < pool->max;
	pool->busy += taken;
	pthread_mutex_unlock(&pool->lock);
	return taken;
}

static void give_back(struct fetch_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->busy--;
	pthread_cond_signal(&pool->freed);
	pthread_mutex_unlock(&pool->lock);
}

static int fetch_checked(struct fetch_pool *pool, struct exchange *exchange,
	struct fetched *ret_fetched, struct hilf_err *err)
{
	int rc = keep_body(exchange, err);
	if (!rc)
		rc = exchange_all(pool, exchange, err);
	if (!rc)
		rc = finish(exchange, ret_fetched, err);
	reset(pool, exchange);
	if (exchange->body_fd >= 0)
		close(exchange->body_fd);
	return rc;
}

int fetch_url(struct fetch_pool *pool, const struct fetch *fetch, struct fetched *ret_fetched,
	struct hilf_err *err)
{
	const char *method = fetch->method ? fetch->method : "GET";
	uint32_t timeout_ms = fetch->timeout_ms ? fetch->timeout_ms : LIMIT_FETCH_TIME_MS;
	struct buf headers = BUF_INIT;
	struct exchange *exchange = NULL;
	if (timeout_ms > LIMIT_FETCH_TIME_MAX_MS)
		timeout_ms = LIMIT_FETCH_TIME_MAX_MS;
	int64_t deadline_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
	int rc = check(fetch, &headers, err);
	if (!rc && !(exchange = malloc(sizeof *exchange)))
		rc = err_no_memory(err);
	if (!rc) {
		*exchange = (struct exchange){.fetch = fetch,
			.request = {.size_max =
					    fetch->size_max ? fetch->size_max : LIMIT_FETCH_SIZE,
				.body_size = fetch->body_size,
				.timeout_ms = timeout_ms,
				.no_redirects = fetch->no_redirects,
				.has_body = fetch->body_size != 0,
				.method = {method, strlen(method)},
				.url = {fetch->url, strlen(fetch->url)},
				.headers = {headers.data, headers.size}},
			.deadline_us = deadline_us,
			.body_fd = -1,
			.socket = -1,
			.spool = SPOOL_NONE};
		if (!take_place(pool, deadline_us, fetch->no_wait)) {
			rc = err_set(err, HILF_E_BUSY,
				"too many fetches are under way; none ended within %u ms",
				timeout_ms);
		} else {
			rc = fetch_checked(pool, exchange, ret_fetched, err);
			give_back(pool);
		}
	}
	free(exchange);
	buf_free(&headers);
	return rc;
}
