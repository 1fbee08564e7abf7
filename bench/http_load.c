/* A load for HTTP servers, from one thread over keep-alive connections:
 *
 *   http_load [-c CONNECTIONS] [-s SECONDS] [-r RATE] [-H "Name: value"] ADDRESS:PORT REQUESTS
 *
 * REQUESTS is a file with a line per request, sent in turn and again: "GET /path", or "POST /path TYPE BODY", where a
 * BODY that begins with @ names a file. Without a rate each connection sends its next request when it has its answer
 * (closed loop), which finds what the server can do. With one, requests are due at fixed times whether or not the server
 * keeps up (open loop), and latencies count from when they were due, so that a stall is seen by all who would have come
 * meanwhile (Tene's "coordinated omission"). Prints one line of name=value pairs. */
#include "base/buf.h"
#include "base/check.h"
#include "bench/bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SAMPLES_MAX    40000000u
#define CONNECTION_MAX 4096
#define WARM_S         0.5 /* the first half second counts for nothing */

struct request {
	char *bytes;
	size_t size;
};

struct connection {
	int fd;
	bool busy;
	double due; /* of the request under way */
	const struct request *request;
	size_t sent;
	struct buf in;
	size_t body_left; /* of the answer, once its head is read */
	bool in_body, wanted_write;
};

struct load {
	struct sockaddr_in address;
	int epoll;
	struct request *requests;
	size_t request_count, next;
	struct connection connections[CONNECTION_MAX];
	unsigned connection_count;
	double rate, seconds, began;
	uint64_t issued, done, errors, counted;
	uint64_t statuses[6];
	float *samples_us;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "http_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ------------------------------------------------------------------------------------------ requests */

static void read_body(const char *text, struct buf *body)
{
	char block[65536];
	size_t size;
	if (*text != '@') {
		buf_text(body, text);
		return;
	}
	FILE *file = fopen(text + 1, "rb");
	if (!file)
		die(text + 1);
	while ((size = fread(block, 1, sizeof block, file)) > 0)
		buf_add(body, block, size);
	fclose(file);
}

static void add_request(struct load *load, char *line, const char *host, const char *headers)
{
	struct buf out = BUF_INIT, body = BUF_INIT;
	char *rest = line;
	const char *method = strsep(&rest, " "), *path = strsep(&rest, " "),
		   *type = strsep(&rest, " ");
	if (!path)
		return;
	buf_format(&out, "%s %s HTTP/1.1\r\nHost: %s\r\n%s", method, path, host, headers);
	if (type) {
		read_body(rest ? rest : "", &body);
		buf_format(&out, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, body.size);
	}
	buf_text(&out, "\r\n");
	buf_add(&out, body.data ? body.data : "", body.size);
	buf_free(&body);
	if (load->request_count % 4096 == 0)
		load->requests = realloc(
			load->requests, (load->request_count + 4096) * sizeof *load->requests);
	ASSERT(load->requests && !out.failed);
	load->requests[load->request_count++] = (struct request){out.data, out.size};
}

static void read_requests(
	struct load *load, const char *path, const char *host, const char *headers)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t size;
	FILE *file = fopen(path, "r");
	if (!file)
		die(path);
	while ((size = getline(&line, &room, file)) > 0) {
		if (line[size - 1] == '\n')
			line[size - 1] = 0;
		add_request(load, line, host, headers);
	}
	free(line);
	fclose(file);
	if (!load->request_count)
		die("no requests");
}

/* ------------------------------------------------------------------------------------------ connections */

static void connect_one(struct load *load, struct connection *connection)
{
	int one = 1;
	connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection->fd < 0 || connect(connection->fd, (struct sockaddr *)&load->address,
					  sizeof load->address) != 0)
		die("connect");
	setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	fcntl(connection->fd, F_SETFL, O_NONBLOCK);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
	epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event);
	connection->busy = connection->in_body = connection->wanted_write = false;
	buf_clear(&connection->in);
}

static void want_write(struct load *load, struct connection *connection, bool want)
{
	if (connection->wanted_write == want)
		return;
	struct epoll_event event = {
		.events = EPOLLIN | (want ? EPOLLOUT : 0u), .data.ptr = connection};
	epoll_ctl(load->epoll, EPOLL_CTL_MOD, connection->fd, &event);
	connection->wanted_write = want;
}

static void broken(struct load *load, struct connection *connection)
{
	load->errors++;
	close(connection->fd);
	connect_one(load, connection);
}

static void go_on_sending(struct load *load, struct connection *connection)
{
	const struct request *request = connection->request;
	while (connection->sent < request->size) {
		ssize_t size = send(connection->fd, request->bytes + connection->sent,
			request->size - connection->sent, MSG_NOSIGNAL);
		if (size < 0 && errno == EAGAIN)
			break;
		if (size < 0) {
			broken(load, connection);
			return;
		}
		connection->sent += (size_t)size;
	}
	want_write(load, connection, connection->sent < request->size);
}

static void issue(struct load *load, struct connection *connection, double due)
{
	connection->request = &load->requests[load->next++ % load->request_count];
	connection->busy = true;
	connection->due = due;
	connection->sent = 0;
	load->issued++;
	go_on_sending(load, connection);
}

static void finished(struct load *load, struct connection *connection)
{
	double now = bench_now();
	connection->busy = false;
	if (now - load->began < WARM_S)
		return;
	load->done++;
	if (load->counted < SAMPLES_MAX)
		load->samples_us[load->counted++] = (float)((now - connection->due) * 1e6);
}

/* Takes the head of an answer; false while it is not whole. */
static bool read_head(struct load *load, struct connection *connection)
{
	char *end = connection->in.size ? strstr(connection->in.data, "\r\n\r\n") : NULL;
	if (!end)
		return false;
	unsigned status = connection->in.size > 12 ? (unsigned)connection->in.data[9] - '0' : 0;
	load->statuses[status < 6 ? status : 0]++;
	*end = 0;
	const char *length = strcasestr(connection->in.data, "\r\ncontent-length:");
	size_t head = (size_t)(end + 4 - connection->in.data);
	connection->body_left = length ? strtoul(length + 17, NULL, 10) : 0;
	memmove(connection->in.data, end + 4, connection->in.size - head + 1);
	connection->in.size -= head;
	connection->in_body = true;
	return true;
}

static void readable(struct load *load, struct connection *connection)
{
	char block[65536];
	ssize_t size = recv(connection->fd, block, sizeof block, 0);
	if (size < 0 && errno == EAGAIN)
		return;
	if (size <= 0 || !connection->busy) {
		broken(load, connection);
		return;
	}
	if (connection->in_body) {
		connection->body_left -=
			(size_t)size < connection->body_left ? (size_t)size : connection->body_left;
	} else {
		buf_add(&connection->in, block, (size_t)size);
		if (!read_head(load, connection))
			return;
		size_t here = connection->in.size;
		connection->body_left -=
			here < connection->body_left ? here : connection->body_left;
		buf_clear(&connection->in);
	}
	if (connection->body_left)
		return;
	connection->in_body = false;
	finished(load, connection);
}

/* ------------------------------------------------------------------------------------------ the run */

static void run(struct load *load)
{
	struct epoll_event events[256];
	struct connection *idle[CONNECTION_MAX];
	unsigned idle_count = 0;
	for (unsigned i = 0; i < load->connection_count; i++) {
		connect_one(load, &load->connections[i]);
		idle[idle_count++] = &load->connections[i];
	}
	load->began = bench_now();
	for (;;) {
		double now = bench_now();
		if (now - load->began >= load->seconds + WARM_S)
			return;
		while (idle_count) {
			double due =
				load->rate ? load->began + (double)load->issued / load->rate : now;
			if (due > now)
				break;
			issue(load, idle[idle_count - 1], due);
			if (idle[idle_count - 1]->busy)
				idle_count--;
		}
		int count = epoll_wait(load->epoll, events, 256, load->rate ? 0 : 100);
		for (int i = 0; i < count; i++) {
			struct connection *connection = events[i].data.ptr;
			bool was_busy = connection->busy;
			if (events[i].events & EPOLLOUT)
				go_on_sending(load, connection);
			if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
				readable(load, connection);
			if (was_busy && !connection->busy)
				idle[idle_count++] = connection;
		}
	}
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

static double quantile(const struct load *load, double part)
{
	size_t at = (size_t)((double)load->counted * part);
	return load->counted ? (double)load->samples_us[at < load->counted ? at : load->counted - 1]
			     : 0;
}

static void report(struct load *load)
{
	qsort(load->samples_us, load->counted, sizeof *load->samples_us, by_size);
	printf("rate=%.0f done=%llu errors=%llu s2xx=%llu s4xx=%llu s5xx=%llu p50_us=%.0f "
	       "p99_us=%.0f p999_us=%.0f "
	       "max_us=%.0f\n",
		(double)load->done / load->seconds, (unsigned long long)load->done,
		(unsigned long long)load->errors, (unsigned long long)load->statuses[2],
		(unsigned long long)load->statuses[4], (unsigned long long)load->statuses[5],
		quantile(load, .5), quantile(load, .99), quantile(load, .999), quantile(load, 1));
}

int main(int argc, char **argv)
{
	static struct load load = {.connection_count = 32, .seconds = 5};
	struct buf headers = BUF_INIT;
	int option;
	while ((option = getopt(argc, argv, "c:s:r:H:")) != -1) {
		if (option == 'c')
			load.connection_count = (unsigned)atoi(optarg);
		else if (option == 's')
			load.seconds = atof(optarg);
		else if (option == 'r')
			load.rate = atof(optarg);
		else if (option == 'H')
			buf_format(&headers, "%s\r\n", optarg);
		else
			return 2;
	}
	char *colon = argc - optind == 2 ? strrchr(argv[optind], ':') : NULL;
	if (!colon || load.connection_count < 1 || load.connection_count > CONNECTION_MAX) {
		fprintf(stderr,
			"usage: http_load [-c CONNECTIONS] [-s SECONDS] [-r RATE] [-H HEADER] "
			"ADDRESS:PORT REQUESTS\n");
		return 2;
	}
	read_requests(&load, argv[optind + 1], argv[optind], headers.data ? headers.data : "");
	*colon = 0;
	load.address.sin_family = AF_INET;
	load.address.sin_port = htons((uint16_t)atoi(colon + 1));
	if (inet_pton(AF_INET, argv[optind], &load.address.sin_addr) != 1)
		die(argv[optind]);
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	load.samples_us = malloc(SAMPLES_MAX * sizeof *load.samples_us);
	ASSERT(load.epoll >= 0 && load.samples_us);
	run(&load);
	report(&load);
	buf_free(&headers);
	return 0;
}
