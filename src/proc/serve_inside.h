/* What the files of serve share. */
#ifndef PROC_SERVE_INSIDE_H
#define PROC_SERVE_INSIDE_H

#include "http/api.h"
#include "http/metrics.h"
#include "proc/log.h"
#include "proc/notify.h"
#include "proc/serve.h"

#include <pthread.h>

struct deliver;
struct follow;
struct keeper;

#define SERVE_LISTENS_MAX 64

/* An api_conf that was in force; they are kept, for a handler may still read one. */
struct serve_conf {
	struct api_conf conf;
	struct serve_conf *before;
};

struct serve {
	struct api api; /* the ctx of both apps */
	const struct serve_options *options;
	struct config *config; /* of the start */
	struct config *live;   /* of the last reload; the same as config before */
	struct serve_conf *conf;
	struct log *log;
	_Atomic bool log_requests;
	_Atomic uint64_t log_slow_us;

	struct notify_socket sockets[NOTIFY_SOCKETS_MAX];
	size_t socket_count;
	struct http_app apps[2]; /* the native API, the drop-in */
	void (*app_done[2])(
		const struct http_request *request, const struct http_done *done, void *ctx);
	struct http_listen listens[SERVE_LISTENS_MAX];
	size_t listen_count;
	char *texts[SERVE_LISTENS_MAX]; /* made for listens */
	size_t text_count;

	int lock_fd, signal_fd, event_fd; /* event_fd: the opener has something to say */
	struct fetch_pool *fetch, *fetch_hooks, *fetch_leader;
	pthread_t opener;
	bool opening;
	_Atomic int opened; /* 0: not yet; 1: ready; -1: failed, see open_err */
	struct hilf_err open_err;
	struct keeper *keeper;
	struct deliver *deliver;
	struct follow *follow;
};

/* serve_listen.c: fills listens, apps and texts from config and handed-over sockets; HILF_E_DENIED where --open is asked
 * for beyond the loopback. */
int serve_listens(struct serve *serve, struct hilf_err *err);
/* The sockets' addresses as they were bound, for the log. */
void serve_say_listens(struct serve *serve);
/* Where a browser of this machine finds the API, such as "http://127.0.0.1:5100"; "" where it listens on no TCP port. */
void serve_url(const struct serve *serve, char *ret_url, size_t room);
/* DATA/hilf.sock as it is put into listens[0]; NULL where the path is too long for a socket. */
const char *serve_own_socket(const struct serve *serve);

/* serve_settings.c: what a reload changes too. */
int serve_apply(struct serve *serve, const struct config *config, struct hilf_err *err);
void serve_reload(struct serve *serve);
/* The same for what the opener made; nothing before it has. */
void serve_apply_opened(struct serve *serve, const struct config *config);
/* Where statements of reasons say that people can appeal. */
void serve_tell_appeals(struct hilf *hilf, const struct config *config);

/* serve_open.c: the data folder, in a thread of its own. */
int serve_open_begin(struct serve *serve, struct hilf_err *err);
/* Ends what it began; what requests use stays. */
void serve_open_end(struct serve *serve);

/* serve_alive.c: whether /healthz answers on DATA/hilf.sock within two seconds, for the watchdog. */
bool serve_alive(const struct serve *serve);

#endif
