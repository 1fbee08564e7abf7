/* The main thread comes up in order, waits for signals, and goes down in the reverse order. Everything else is done by the
 * threads of others: the server's, the opener, the keeper, the deliverers, the follower. */
#include "proc/serve.h"

#include "base/check.h"
#include "base/err.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/lock.h"
#include "proc/confine.h"
#include "proc/follow.h"
#include "proc/serve_inside.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define ARENA_MAX 4

/* A lock that another serve leaves at its end is waited for: systemd may start the next one that quickly. */
#define LOCK_WAIT_MS 1000
/* What comes so soon after the first signal is the same one, sent to us and to our group (timeout(1) does so). */
#define SAME_SIGNAL_US 500000

static int take_lock(struct serve *serve, struct hilf_err *err)
{
	char *path = file_join(serve->options->data_dir, "serve.lock");
	int rc = path ? file_make_dir(serve->options->data_dir, err) : err_no_memory(err);
	if (!rc)
		rc = lock_open(path, &serve->lock_fd, err);
	if (!rc)
		rc = lock_take(serve->lock_fd, path, "hilf serve", LOCK_WAIT_MS, err);
	if (rc == HILF_E_BUSY)
		rc = err_set(err, HILF_E_BUSY,
			"another 'hilf serve' runs on '%s' already; stop it first, or name other "
			"data with --data",
			serve->options->data_dir);
	free(path);
	return rc;
}

/* Signals come through a descriptor, to the main thread alone. */
static int catch_signals(struct serve *serve, struct hilf_err *err)
{
	sigset_t caught;
	sigemptyset(&caught);
	sigaddset(&caught, SIGHUP);
	sigaddset(&caught, SIGTERM);
	sigaddset(&caught, SIGINT);
	sigprocmask(SIG_BLOCK, &caught, NULL);
	serve->signal_fd = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
	serve->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (serve->signal_fd < 0 || serve->event_fd < 0)
		return err_sys(err, HILF_E_IO, errno, "cannot make descriptors for signals");
	return 0;
}

/* Helpers are started while we are small. */
static int start_fetchers(struct serve *serve, struct hilf_err *err)
{
	const struct config *config = serve->config;
	const struct config_list *allow = &config->fetch_allow, *hooks = &config->webhook_allow;
	struct fetch_conf conf = {.helper_dir = serve->options->helper_dir,
		.ca_file = *config->fetch_ca ? config->fetch_ca : NULL};
	char leader[300];
	const char *leaders[] = {leader};
	int rc = 0;
	if (allow->count || config->fetch_public) {
		conf.allow = (const char *const *)allow->items;
		conf.allow_count = allow->count;
		conf.only_allowed = !config->fetch_public;
		/* Each keeps a worker waiting; however slow a stranger's server is, some are left for others. */
		uint64_t some = config->workers - config->workers / 4;
		conf.max = (unsigned)(config->fetch_max < some ? config->fetch_max : some);
		rc = fetch_pool_new(&conf, &serve->fetch, err);
		serve->api.fetch = serve->fetch;
	}
	conf.allow = (const char *const *)hooks->items;
	conf.allow_count = hooks->count;
	conf.only_allowed = false;
	conf.max = 0;
	if (!rc)
		rc = fetch_pool_new(&conf, &serve->fetch_hooks, err);
	if (!rc && *config->follow) {
		rc = follow_host(config->follow, leader, sizeof leader, err);
		conf.allow = leaders;
		conf.allow_count = 1;
		conf.only_allowed = true;
		conf.max = 2;
		if (!rc)
			rc = fetch_pool_new(&conf, &serve->fetch_leader, err);
	}
	return rc;
}

static int promise(struct serve *serve, const char *spool, struct hilf_err *err)
{
	const char *temporary = getenv("TMPDIR");
	const char *const writable[] = {serve->options->data_dir, spool, "/tmp", "/var/tmp", "/dev",
		temporary && *temporary ? temporary : "/tmp"};
	bool limited = false;
	int rc = confine_writes(writable, COUNT_OF(writable), &limited, err);
	if (!rc)
		log_say(serve->log, LEVEL_INFO, "promise",
			limited ? "no new privileges; nothing is written outside the data folder "
				  "and the spool"
				: "no new privileges; this kernel has no Landlock to limit writes "
				  "with");
	return rc;
}

static void log_http(const char *level, const char *event, const char *text, void *ctx)
{
	struct serve *serve = ctx;
	struct log_line line;
	if (strcmp(level, "info") != 0) {
		log_say(serve->log, !strcmp(level, "error") ? LEVEL_ERROR : LEVEL_WARNING, event,
			"%s", text);
		return;
	}
	/* Who may sign in: however many there are, none is held back. */
	if (log_begin(&line, serve->log, LEVEL_INFO, event, true)) {
		log_text(&line, "text", text);
		log_end(&line);
	}
}

static int listen_all(struct serve *serve, const char *spool, struct hilf_err *err)
{
	const struct config *config = serve->config;
	const struct http_conf conf = {
		.listens = serve->listens,
		.listen_count = serve->listen_count,
		.loop_count = (unsigned)config->loops,
		.worker_count = (unsigned)config->workers,
		.queue_max = (unsigned)config->queue_max,
		.connection_max = (unsigned)config->connections,
		.connection_max_per_address = (unsigned)config->connections_per_address,
		.header_timeout_ms = (uint32_t)config->header_time,
		.idle_timeout_ms = (uint32_t)config->idle_time,
		.body_rate_min = (uint32_t)config->body_rate,
		.memory_max = config->body_memory,
		.spool_dir = spool,
		.log = log_http,
		.log_ctx = serve,
	};
	struct http_server *server;
	int rc = http_start(&conf, &server, err);
	if (rc)
		return rc;
	atomic_store(&serve->api.server, server);
	serve_say_listens(serve);
	return 0;
}

static int come_up(struct serve *serve, struct hilf_err *err)
{
	const struct config *config = serve->config;
	char *spool = *config->spool ? strdup(config->spool)
				     : file_join(serve->options->data_dir, "spool");
	int rc = spool ? metrics_new(&serve->api.metrics, err) : err_no_memory(err);
	/* What is wrong with the settings shows in these three; nothing was made on the disk until then. */
	if (!rc)
		rc = start_fetchers(serve, err);
	if (!rc)
		rc = serve_apply(serve, config, err);
	if (!rc)
		rc = serve_listens(serve, err);
	if (!rc)
		rc = take_lock(serve, err);
	if (!rc)
		rc = file_make_dir(spool, err);
	if (!rc)
		rc = catch_signals(serve, err);
	if (!rc)
		rc = promise(serve, spool, err);
	if (!rc)
		rc = listen_all(serve, spool, err);
	if (!rc)
		rc = serve_open_begin(serve, err);
	free(spool);
	return rc;
}

/* ------------------------------------------------------------------------------------------------- run */

/* The next signal: its number, 0 when there is none. */
static int next_signal(struct serve *serve)
{
	struct signalfd_siginfo info;
	return read(serve->signal_fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

/* The opener has ended; false when in vain. */
static bool see_opened(struct serve *serve)
{
	char url[300];
	eventfd_t count;
	if (eventfd_read(serve->event_fd, &count) != 0)
		return true;
	pthread_join(serve->opener, NULL);
	serve->opening = false;
	if (atomic_load(&serve->opened) < 0) {
		atomic_store(&serve->api.state, API_FAILED);
		return false;
	}
	serve_apply_opened(serve, serve->live);
	serve_url(serve, url, sizeof url);
	/* For whoever started it by hand; standard error has the log. A follower has to hear of its leader first. */
	if (*url)
		printf("hilf %s at %s; the API is described at %s/docs\n",
			serve->api.follower ? "answers" : "is ready", url, url);
	fflush(stdout);
	notify_send("READY=1\nSTATUS=answers");
	return true;
}

/* Until a signal asks to stop, or the data could not be opened. */
static void stand_by(struct serve *serve)
{
	uint64_t watchdog_us = notify_watchdog_us();
	int64_t fed_us = 0;
	int wait_ms = watchdog_us ? (int)(watchdog_us / 4000) + 1 : -1;
	for (;;) {
		struct pollfd ready[] = {{.fd = serve->signal_fd, .events = POLLIN},
			{.fd = serve->event_fd, .events = POLLIN}};
		if (watchdog_us && clock_monotonic_us() - fed_us >= (int64_t)watchdog_us / 4 &&
			serve_alive(serve)) {
			notify_send("WATCHDOG=1");
			fed_us = clock_monotonic_us();
		}
		if (poll(ready, COUNT_OF(ready), wait_ms) < 0 && errno != EINTR)
			return;
		if (!see_opened(serve))
			return;
		for (int number; (number = next_signal(serve)) != 0;) {
			if (number != SIGHUP)
				return;
			serve_reload(serve);
		}
	}
}

static int64_t stopping_us;

static void end_at_once(int number)
{
	if (clock_monotonic_us() - stopping_us > SAME_SIGNAL_US)
		_exit(128 + number);
}

/* A second signal is not asked: we end at once, and the store is safe against that. */
static void let_signals_end(void)
{
	struct sigaction end = {.sa_handler = end_at_once, .sa_flags = SA_RESTART};
	sigset_t open;
	sigemptyset(&end.sa_mask);
	sigemptyset(&open);
	sigaddset(&open, SIGTERM);
	sigaddset(&open, SIGINT);
	stopping_us = clock_monotonic_us();
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGINT, &end, NULL);
	sigprocmask(SIG_UNBLOCK, &open, NULL);
}

static void checkpoint(struct serve *serve, struct hilf *hilf)
{
	struct hilf_index index;
	struct hilf_err err = {0};
	if (hilf_index_get(hilf, &index, NULL) != 0 || index.seq == index.snapshot_seq)
		return;
	if (hilf_checkpoint(hilf, &err) != 0)
		log_say(serve->log, LEVEL_WARNING, "checkpoint.failed",
			"no snapshot was written, so the next start takes longer: %s", err.text);
}

static void drain(struct serve *serve)
{
	struct http_server *server = atomic_load(&serve->api.server);
	if (!server)
		return;
	if (atomic_load(&serve->api.state) != API_FAILED)
		atomic_store(&serve->api.state, API_DRAINING);
	notify_send("STOPPING=1\nSTATUS=ends what is under way");
	log_say(serve->log, LEVEL_INFO, "stops",
		"takes no more connections; what is under way has %llu ms",
		(unsigned long long)serve->live->drain_time);
	http_wake(server);
	http_drain(server, (uint32_t)serve->live->drain_time);
}

static void go_down(struct serve *serve)
{
	struct hilf *hilf;
	drain(serve);
	/* The keeper wakes the server, so it ends first; handlers use keys and the look-back, so these end last. */
	serve_open_end(serve);
	http_stop(atomic_exchange(&serve->api.server, NULL));
	api_end(&serve->api);
	hilf = atomic_load(&serve->api.hilf);
	if (hilf && atomic_load(&serve->opened) > 0) {
		people_save(hilf, clock_now_ms(), NULL);
		checkpoint(serve, hilf);
	}
	lookback_close(serve->api.lookback);
	keys_close(serve->api.keys);
	hilf_close(hilf);
	fetch_pool_free(serve->fetch);
	fetch_pool_free(serve->fetch_hooks);
	fetch_pool_free(serve->fetch_leader);
	metrics_free(serve->api.metrics);
	for (size_t i = 0; i < serve->text_count; i++)
		free(serve->texts[i]);
	while (serve->conf) {
		struct serve_conf *before = serve->conf->before;
		free(serve->conf);
		serve->conf = before;
	}
	if (serve->live != serve->config)
		config_free(serve->live);
	config_free(serve->config);
	if (serve->signal_fd >= 0)
		close(serve->signal_fd);
	if (serve->event_fd >= 0)
		close(serve->event_fd);
	if (serve->lock_fd >= 0)
		close(serve->lock_fd);
	/* What never came up wrote nothing, and the error that is printed then is all there is to say. */
	if (atomic_load(&serve->opened) > 0)
		log_say(serve->log, LEVEL_INFO, "ends", "all is written");
	log_free(serve->log);
}

/* Without the slash at its end that people like to write. */
static void take_leader(struct serve *serve)
{
	const char *url = serve->config->follow;
	size_t size = strlen(url);
	while (size && url[size - 1] == '/')
		size--;
	snprintf(serve->api.leader_url, sizeof serve->api.leader_url, "%.*s", (int)size, url);
	serve->api.follower = size > 0;
}

int serve_run(const struct serve_options *options, struct hilf_err *err)
{
	/* Dozens of threads take turns at the same work; with an arena for each the process would grow by what none gives
	 * back. */
	mallopt(M_ARENA_MAX, ARENA_MAX);
	struct serve *serve = calloc(1, sizeof *serve);
	if (!serve)
		return err_no_memory(err);
	serve->options = options;
	serve->lock_fd = serve->signal_fd = serve->event_fd = -1;
	serve->api.started_ms = clock_now_ms();
	serve->api.log = log_http;
	serve->api.log_ctx = serve;
	serve->socket_count = notify_sockets(serve->sockets);
	int rc = config_load(
		options->config_file, options->given, options->given_count, &serve->config, err);
	if (rc) {
		free(serve);
		return rc;
	}
	serve->live = serve->config;
	take_leader(serve);
	rc = log_new((enum log_level)serve->config->log_level,
		(enum log_format)serve->config->log_format, &serve->log, err);
	if (rc) {
		config_free(serve->config);
		free(serve);
		return rc;
	}
	rc = come_up(serve, err);
	if (!rc) {
		stand_by(serve);
		let_signals_end();
	}
	go_down(serve);
	if (!rc && atomic_load(&serve->opened) < 0) {
		*err = serve->open_err;
		rc = err->code;
	}
	free(serve);
	return rc;
}
