/* A real server with a few routes, for the tests beside it: prints its ports, then does what standard input says, a line at a
 * time, and ends with it.
 *
 *     served [--loops N] [--workers N] [--queue N] [--connections N] [--per-address N] [--header-ms N] [--idle-ms N]
 *            [--deadline-ms N] [--rate N] [--memory N] [--spool DIR] [--listen ADDRESS] [--fd N] [--tls CERT KEY [CA]] [--port N]
 *
 *     drain MS · reload · wake · gauges · rss · stop */
#include "base/check.h"
#include "http/server.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct served {
	struct http_server *server;
	struct http_app app;
	_Atomic(unsigned) version, working;
	_Atomic(uint64_t) done[600], gone, refused_count;
	_Atomic(bool) ends;
};

static struct served *served_of(const struct http_request *request)
{
	return http_app_of(request)->ctx;
}

static uint64_t number(const struct http_request *request, const char *name, uint64_t otherwise)
{
	const char *text = http_query(request, name);
	return text ? strtoull(text, NULL, 10) : otherwise;
}

static void pause_ms(uint64_t ms)
{
	const struct timespec pause = {
		.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
	nanosleep(&pause, NULL);
}

static void put_named(struct buf *buf, const char *name, const char *value)
{
	buf_format(buf, "%s=%s\n", name, value ? value : "(none)");
}

/* What the server has understood. */
static void handle_show(struct http_request *request)
{
	struct buf buf = BUF_INIT;
	const char *name, *value;
	size_t size;
	put_named(&buf, "method", http_method(request));
	put_named(&buf, "path", http_path(request));
	put_named(&buf, "a", http_param(request, "a"));
	put_named(&buf, "b", http_param(request, "b"));
	for (size_t i = 0; http_query_at(request, i, &name, &value); i++)
		buf_format(&buf, "query %s=%s\n", name, value);
	put_named(&buf, "host", http_header(request, "host"));
	put_named(&buf, "x-test", http_header(request, "x-test"));
	put_named(&buf, "type", http_content_type(request));
	put_named(&buf, "peer", http_peer(request));
	put_named(&buf, "client", http_client_name(request));
	buf_format(&buf, "loopback=%d\nuid=%" PRId64 "\n", http_is_loopback(request),
		http_peer_uid(request) == (int64_t)getuid() ? 1 : http_peer_uid(request));
	const char *body = http_body(request, &size);
	buf_format(&buf, "body=%zu:", size);
	buf_add(&buf, body, size < 1000 ? size : 1000);
	buf_char(&buf, '\n');
	http_reply(request, 200, "text/plain", &buf);
}

static void handle_bare(struct http_request *request)
{
	http_reply_const(request, 200, "application/json", "{\"matches\":[]}", 14);
}

static void handle_file(struct http_request *request)
{
	struct buf buf = BUF_INIT;
	const struct http_file *file = http_file(request);
	if (!file) {
		size_t size;
		http_body(request, &size);
		buf_format(&buf, "no file, %zu in memory\n", size);
	} else {
		unsigned char piece[65536];
		uint64_t size = 0, sum = 0;
		for (ssize_t count; (count = read(file->fd, piece, sizeof piece)) > 0;) {
			size += (uint64_t)count;
			for (ssize_t i = 0; i < count; i++)
				sum = sum * 31 + piece[i];
		}
		buf_format(&buf, "size=%" PRIu64 " read=%" PRIu64 " sum=%016" PRIx64 "\n",
			file->size, size, sum);
		put_named(&buf, "field", file->field);
		put_named(&buf, "type", file->content_type);
	}
	put_named(&buf, "x", http_form(request, "x"));
	put_named(&buf, "y", http_form(request, "y"));
	http_reply(request, 200, "text/plain", &buf);
}

/* Works for some time, or until there is a file of this name: then the test says how long. */
static void handle_slow(struct http_request *request)
{
	struct buf buf = BUF_INIT;
	const char *until = http_query(request, "until");
	atomic_fetch_add(&served_of(request)->working, 1);
	if (http_query(request, "shorten"))
		http_shorten(request, (uint32_t)number(request, "shorten", 0));
	if (!until)
		pause_ms(number(request, "ms", 100));
	while (until && access(until, F_OK) != 0 && !atomic_load(&served_of(request)->ends))
		pause_ms(2);
	atomic_fetch_sub(&served_of(request)->working, 1);
	/* It may have gone by now; what it has said must be readable all the same. */
	buf_format(&buf, "slow %s %s, left %d, on worker %d\n", http_path(request),
		http_peer(request), http_left_ms(request) > 0, http_on_worker(request));
	http_reply(request, 200, "text/plain", &buf);
}

static void handle_over(struct http_request *request)
{
	if (!http_on_worker(request))
		http_to_worker(request);
	else
		handle_slow(request);
}

static void handle_big(struct http_request *request)
{
	struct buf buf = BUF_INIT;
	uint64_t size = number(request, "size", 1000000);
	if (buf_reserve(&buf, size)) {
		memset(buf.data, 'b', size);
		buf.size = size;
	}
	http_reply_header(request, "X-Size", "some");
	http_reply(request, 200, "application/octet-stream", &buf);
}

struct lines {
	struct served *served;
	uint64_t left, size, fail_at, at;
};

static int lines_next(void *ctx, struct buf *chunk, bool *ret_end)
{
	struct lines *lines = ctx;
	if (lines->fail_at && ++lines->at == lines->fail_at)
		return -1;
	for (uint64_t i = 0; i < lines->size; i++)
		buf_char(chunk, 's');
	buf_char(chunk, '\n');
	*ret_end = --lines->left == 0;
	return 0;
}

static void lines_close(void *ctx)
{
	struct lines *lines = ctx;
	atomic_fetch_sub(&lines->served->working, 1);
	free(lines);
}

static void handle_source(struct http_request *request)
{
	struct lines *lines = calloc(1, sizeof *lines);
	ASSERT(lines);
	*lines = (struct lines){served_of(request), number(request, "count", 3),
		number(request, "size", 10), number(request, "fail", 0), 0};
	atomic_fetch_add(&lines->served->working, 1);
	const struct http_source source = {lines_next, lines_close, lines};
	http_reply_source(request, 200, "application/x-ndjson", &source);
}

/* Waits for the version to pass `after`. */
static void handle_wait(struct http_request *request)
{
	struct buf buf = BUF_INIT;
	unsigned version = atomic_load(&served_of(request)->version);
	uint64_t after = number(request, "after", 0), wait = number(request, "ms", 10000);
	int *turns = http_ctx(request);
	++*turns;
	if (version <= after && *turns < 50 && http_left_ms(request) > 0 && wait &&
		!(number(request, "once", 0) && *turns > 1)) {
		http_park(request, (uint32_t)wait);
		return;
	}
	buf_format(&buf, "version=%u\n", version);
	http_reply(request, 200, "text/plain", &buf);
}

/* Never answers by itself. */
static void handle_stubborn(struct http_request *request)
{
	http_park(request, 60000);
}

static void handle_wake(struct http_request *request)
{
	struct served *served = served_of(request);
	atomic_fetch_add(&served->version, 1);
	http_wake(served->server);
	http_reply(request, 204, NULL, NULL);
}

static void handle_bad_header(struct http_request *request)
{
	const char *value = http_query(request, "value");
	http_reply_header(request, "X-Value", value ? value : "");
	http_reply_header(request, "Cache-Control", "max-age=60");
	http_reply_const(request, 200, "text/plain", "fine", 4);
}

static const struct http_route routes[] = {
	{"GET", "/bare", HTTP_INLINE, HTTP_BODY_NONE, .handle = handle_bare},
	{"GET", "/bare-worker", HTTP_WORKER, HTTP_BODY_NONE, .handle = handle_bare},
	{"GET", "/show", HTTP_INLINE, HTTP_BODY_NONE, .handle = handle_show},
	{"GET", "/show/{a}", HTTP_INLINE, HTTP_BODY_NONE, .handle = handle_show},
	{"GET", "/show/{a}/of/{b}", HTTP_INLINE, HTTP_BODY_NONE, .handle = handle_show},
	{"GET", "/show/plain", HTTP_WORKER, HTTP_BODY_NONE, .handle = handle_show},
	{"POST", "/show", HTTP_INLINE, HTTP_BODY_MEMORY, .body_max = 100000, .handle = handle_show},
	{"POST", "/show-worker", HTTP_WORKER, HTTP_BODY_MEMORY, .body_max = 64 << 20,
		.handle = handle_show},
	{"PUT", "/file", HTTP_WORKER, HTTP_BODY_FILE, .body_max = 8 << 20, .handle = handle_file},
	{"POST", "/file", HTTP_WORKER, HTTP_BODY_FILE, .body_max = 8 << 20,
		.memory_types = "application/json", .handle = handle_file},
	{"GET", "/slow", HTTP_WORKER, HTTP_BODY_NONE, .handle = handle_slow},
	{"GET", "/slow-short", HTTP_WORKER, HTTP_BODY_NONE, .deadline_ms = 300,
		.handle = handle_slow},
	{"GET", "/over", HTTP_INLINE, HTTP_BODY_NONE, .handle = handle_over},
	{"GET", "/big", HTTP_INLINE, HTTP_BODY_NONE, .handle = handle_big},
	{"GET", "/source", HTTP_INLINE, HTTP_BODY_NONE, .handle = handle_source},
	{"GET", "/wait", HTTP_INLINE, HTTP_BODY_NONE, .handle = handle_wait},
	{"GET", "/wait-worker", HTTP_WORKER, HTTP_BODY_NONE, .handle = handle_wait},
	{"GET", "/stubborn", HTTP_INLINE, HTTP_BODY_NONE, .deadline_ms = 400,
		.handle = handle_stubborn},
	{"GET", "/stubborn-long", HTTP_INLINE, HTTP_BODY_NONE, .handle = handle_stubborn},
	{"POST", "/wake", HTTP_INLINE, HTTP_BODY_NONE, .handle = handle_wake},
	{"GET", "/header", HTTP_INLINE, HTTP_BODY_NONE, .handle = handle_bad_header},
	{NULL},
};

static void rewrite(struct http_request *request, void *ctx)
{
	const char *path = http_path(request);
	(void)ctx;
	if (strncmp(path, "/k/secret/", 10) == 0)
		http_set_path(request, path + 9);
}

static bool admit(struct http_request *request, void *ctx)
{
	const char *key = http_header(request, "authorization");
	(void)ctx;
	http_set_ctx(request, arena_alloc(http_arena(request), sizeof(int)));
	if (key && strcmp(key, "Bearer wrong") == 0) {
		http_reply_header(request, "WWW-Authenticate", "Bearer");
		http_reply_const(request, 401, "text/plain", "who are you?\n", 13);
		return false;
	}
	return http_ctx(request) != NULL;
}

static bool still(struct http_request *request, void *ctx)
{
	const char *key = http_header(request, "authorization");
	(void)ctx;
	if (key && strcmp(key, "Bearer fades") == 0) {
		http_reply_const(request, 401, "text/plain", "no longer\n", 10);
		return false;
	}
	return true;
}

static void done(const struct http_request *request, const struct http_done *what, void *ctx)
{
	struct served *served = ctx;
	(void)request;
	ASSERT(what->status >= 0 && what->status < 600);
	atomic_fetch_add(what->status ? &served->done[what->status] : &served->gone, 1);
	if (what->refused)
		atomic_fetch_add(&served->refused_count, 1);
}

static void say(const char *level, const char *event, const char *text, void *ctx)
{
	(void)ctx;
	fprintf(stderr, "%s %s: %s\n", level, event, text);
}

static void tell_gauges(struct served *served)
{
	struct http_gauges gauges;
	http_gauges_get(served->server, &gauges);
	printf("connections=%" PRIu64 " active=%" PRIu64 " parked=%" PRIu64 " queue=%" PRIu64
	       " memory=%" PRIu64 " refused=%" PRIu64 " accepted=%" PRIu64 " protocol=%" PRIu64
	       " timeouts=%" PRIu64 " working=%u gone=%" PRIu64 " words=%" PRIu64,
		gauges.connections, gauges.requests_active, gauges.requests_parked,
		gauges.queue_depth, gauges.body_memory, gauges.connections_refused, gauges.accepted,
		gauges.protocol_errors, gauges.timeouts, atomic_load(&served->working),
		atomic_load(&served->gone), atomic_load(&served->refused_count));
	for (unsigned i = 0; i < 600; i++)
		if (atomic_load(&served->done[i]))
			printf(" s%u=%" PRIu64, i, atomic_load(&served->done[i]));
	printf("\n");
}

static void tell_rss(void)
{
	long total = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	ASSERT(file && fscanf(file, "%ld %ld", &total, &resident) == 2);
	fclose(file);
	printf("%ld\n", resident * sysconf(_SC_PAGESIZE) / 1024);
}

static void obey(struct served *served)
{
	char line[200];
	while (fgets(line, sizeof line, stdin)) {
		struct hilf_err err = {.text = ""};
		if (strncmp(line, "drain ", 6) == 0) {
			http_drain(served->server, (uint32_t)strtoul(line + 6, NULL, 10));
			printf("drained\n");
		} else if (strcmp(line, "reload\n") == 0) {
			int rc = http_reload_tls(served->server, &err);
			printf("%s\n", rc ? err.text : "reloaded");
		} else if (strcmp(line, "wake\n") == 0) {
			atomic_fetch_add(&served->version, 1);
			http_wake(served->server);
			printf("woken\n");
		} else if (strcmp(line, "gauges\n") == 0) {
			tell_gauges(served);
		} else if (strcmp(line, "rss\n") == 0) {
			tell_rss();
		} else {
			return;
		}
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	struct served served = {.version = 1};
	struct http_listen listens[3] = {{.address = "127.0.0.1:0", .fd = -1, .app = &served.app}};
	struct http_conf conf = {.listens = listens, .listen_count = 1, .log = say};
	struct hilf_err err;
	char address[64];
	served.app = (struct http_app){.name = "test",
		.routes = routes,
		.collapse_slashes = true,
		.rewrite = rewrite,
		.admit = admit,
		.still = still,
		.done = done,
		.ctx = &served};
	for (int i = 1; i + 1 < argc; i += 2) {
		unsigned value = (unsigned)strtoul(argv[i + 1], NULL, 10);
		const struct {
			const char *name;
			unsigned *at;
		} numbers[] = {{"--loops", &conf.loop_count}, {"--workers", &conf.worker_count},
			{"--queue", &conf.queue_max}, {"--connections", &conf.connection_max},
			{"--per-address", &conf.connection_max_per_address},
			{"--header-ms", &conf.header_timeout_ms},
			{"--idle-ms", &conf.idle_timeout_ms}, {"--rate", &conf.body_rate_min},
			{"--deadline-ms", &served.app.deadline_ms}};
		for (size_t k = 0; k < COUNT_OF(numbers); k++)
			if (strcmp(argv[i], numbers[k].name) == 0)
				*numbers[k].at = value;
		if (strcmp(argv[i], "--memory") == 0) {
			conf.memory_max = value;
		} else if (strcmp(argv[i], "--spool") == 0) {
			conf.spool_dir = argv[i + 1];
		} else if (strcmp(argv[i], "--port") == 0) {
			snprintf(address, sizeof address, "127.0.0.1:%u", value);
			listens[0].address = address;
		} else if (strcmp(argv[i], "--listen") == 0) {
			listens[conf.listen_count++] = (struct http_listen){
				.address = argv[i + 1], .fd = -1, .app = &served.app};
		} else if (strcmp(argv[i], "--fd") == 0) {
			listens[conf.listen_count++] =
				(struct http_listen){.fd = (int)value, .app = &served.app};
		} else if (strcmp(argv[i], "--tls") == 0 && i + 2 < argc) {
			listens[conf.listen_count++] = (struct http_listen){
				.address = "127.0.0.1:0",
				.fd = -1,
				.app = &served.app,
				.tls_cert = argv[i + 1],
				.tls_key = argv[i + 2],
				.tls_client_ca =
					i + 3 < argc && argv[i + 3][0] == '/' ? argv[i + 3] : NULL};
			i += 1 + (listens[conf.listen_count - 1].tls_client_ca != NULL);
		}
	}
	if (http_start(&conf, &served.server, &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	for (size_t i = 0; i < conf.listen_count; i++)
		printf("%u ", http_port(served.server, i));
	printf("\n");
	fflush(stdout);
	obey(&served);
	atomic_store(&served.ends, true);
	http_stop(served.server);
	return 0;
}
