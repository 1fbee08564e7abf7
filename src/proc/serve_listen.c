/* Listeners: those of the settings, those that systemd handed over, and DATA/hilf.sock. */
#include "base/check.h"
#include "base/err.h"
#include "os/file.h"
#include "proc/serve_inside.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static bool keep(struct serve *serve, char *text)
{
	if (!text || serve->text_count == SERVE_LISTENS_MAX) {
		free(text);
		return false;
	}
	serve->texts[serve->text_count++] = text;
	return true;
}

/* Of a request that is over: to the app's own first, and then to the log if it is worth a line there. */
static void request_done(struct serve *serve, size_t app, const struct http_request *request,
	const struct http_done *done)
{
	if (serve->app_done[app])
		serve->app_done[app](request, done, &serve->api);
	bool all = atomic_load_explicit(&serve->log_requests, memory_order_relaxed);
	uint64_t slow_us = atomic_load_explicit(&serve->log_slow_us, memory_order_relaxed);
	/* What the server itself refuses is the client's doing, and counted alone. */
	bool slow = slow_us && done->worked_us > slow_us,
	     failed = done->status >= 500 && !done->refused;
	bool loading = done->status == 503 && atomic_load(&serve->api.state) != API_READY;
	if (!all && !slow && (!failed || loading))
		return;
	const struct http_route *route = http_route_of(request);
	struct log_line line;
	if (!log_begin(&line, serve->log, !all && failed ? LEVEL_WARNING : LEVEL_INFO,
		    all      ? "request"
		    : failed ? "request.failed"
			     : "request.slow",
		    all))
		return;
	log_text(&line, "id", http_id(request));
	log_text(&line, "app", serve->apps[app].name);
	log_text(&line, "method", route ? route->method : "-");
	log_text(&line, "route", route ? route->path : "none");
	log_number(&line, "status", done->status);
	log_number(&line, "taken_us", (int64_t)done->taken_us);
	log_number(&line, "worked_us", (int64_t)done->worked_us);
	log_number(&line, "received", (int64_t)done->received);
	log_number(&line, "sent", (int64_t)done->sent);
	if (done->refused)
		log_text(&line, "refused", done->refused);
	log_end(&line);
}

static void api_done(const struct http_request *request, const struct http_done *done, void *ctx)
{
	request_done((struct serve *)((char *)ctx - offsetof(struct serve, api)), 0, request, done);
}

static void hma_done(const struct http_request *request, const struct http_done *done, void *ctx)
{
	request_done((struct serve *)((char *)ctx - offsetof(struct serve, api)), 1, request, done);
}

static void make_apps(struct serve *serve)
{
	api_app(&serve->api, &serve->apps[0]);
	hma_app(&serve->api, &serve->apps[1]);
	for (size_t i = 0; i < COUNT_OF(serve->apps); i++) {
		ASSERT(serve->apps[i].ctx == &serve->api);
		serve->app_done[i] = serve->apps[i].done;
	}
	serve->apps[0].done = api_done;
	serve->apps[1].done = hma_done;
}

/* ------------------------------------------------------------------------------------------- loopback */

static bool is_loopback_text(const char *address)
{
	char host[256];
	struct in_addr four;
	struct in6_addr six;
	if (!strncmp(address, "unix:", 5))
		return true;
	const char *colon = strrchr(address, ':');
	size_t size = colon ? (size_t)(colon - address) : strlen(address);
	if (size >= 2 && address[0] == '[' && address[size - 1] == ']') {
		address++;
		size -= 2;
	}
	if (size >= sizeof host)
		return false;
	memcpy(host, address, size);
	host[size] = '\0';
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &six) == 1)
		return IN6_IS_ADDR_LOOPBACK(&six);
	return !strcmp(host, "localhost");
}

static bool is_loopback_fd(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} address;
	socklen_t size = sizeof address;
	memset(&address, 0, sizeof address);
	if (getsockname(fd, &address.any, &size) != 0)
		return false;
	return address.any.sa_family == AF_UNIX ||
	       (address.any.sa_family == AF_INET &&
		       ntohl(address.four.sin_addr.s_addr) >> 24 == 127) ||
	       (address.any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&address.six.sin6_addr));
}

static int check_open(const struct serve *serve, struct hilf_err *err)
{
	for (size_t i = 0; i < serve->listen_count; i++) {
		const struct http_listen *listen = &serve->listens[i];
		if (listen->address ? is_loopback_text(listen->address)
				    : is_loopback_fd(listen->fd))
			continue;
		return err_set(err, HILF_E_DENIED,
			"--open answers whoever comes, so every address must be of the loopback, "
			"and '%s' is not; listen on 127.0.0.1, or go without --open and use keys",
			listen->address ? listen->address : "a socket that was handed over");
	}
	return 0;
}

/* ------------------------------------------------------------------------------------------- listeners */

static int add(struct serve *serve, const char *address, int fd, size_t app, bool tls,
	struct hilf_err *err)
{
	const struct config *config = serve->config;
	if (serve->listen_count == SERVE_LISTENS_MAX)
		return err_set(err, HILF_E_LIMIT, "more than %d addresses to listen on",
			SERVE_LISTENS_MAX);
	struct http_listen *listen = &serve->listens[serve->listen_count++];
	*listen = (struct http_listen){.address = address, .fd = fd, .app = &serve->apps[app]};
	if (tls && *config->tls_cert) {
		listen->tls_cert = config->tls_cert;
		listen->tls_key = config->tls_key;
		listen->tls_client_ca = *config->tls_client_ca ? config->tls_client_ca : NULL;
	}
	return 0;
}

/* What systemd hands over as "hma" is the drop-in's, everything else the API's. */
static int add_sockets(struct serve *serve, struct hilf_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < serve->socket_count && !rc; i++) {
		const struct notify_socket *socket = &serve->sockets[i];
		bool hma = !strncmp(socket->name, "hma", 3);
		rc = add(serve, NULL, socket->fd, hma, hma ? serve->config->hma_tls : true, err);
	}
	return rc;
}

static int add_own_socket(struct serve *serve, struct hilf_err *err)
{
	char *path = file_join(serve->options->data_dir, "hilf.sock");
	struct sockaddr_un address;
	char *text = NULL;
	if (!path)
		return err_no_memory(err);
	bool fits = strlen(path) < sizeof address.sun_path;
	if (fits && asprintf(&text, "unix:%s", path) < 0)
		text = NULL;
	free(path);
	if (!fits) {
		log_say(serve->log, LEVEL_WARNING, "socket.none",
			"the path of the data folder is too long for a socket in it, so there is "
			"no "
			"hilf.sock");
		return 0;
	}
	if (!keep(serve, text))
		return err_no_memory(err);
	return add(serve, text, -1, 0, false, err);
}

static int add_list(struct serve *serve, const struct config_list *list, size_t app, bool tls,
	struct hilf_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < list->count && !rc; i++)
		rc = add(serve, list->items[i], -1, app,
			tls && strncmp(list->items[i], "unix:", 5) != 0, err);
	return rc;
}

/* A certificate needs its key; both may be credentials. */
static int find_tls(struct config *config, struct hilf_err *err)
{
	struct {
		char **path;
		const char *name;
	} files[] = {{&config->tls_cert, "tls-cert"}, {&config->tls_key, "tls-key"},
		{&config->tls_client_ca, "tls-client-ca"}};
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		char *path = **files[i].path ? NULL : config_credential(files[i].name);
		if (path) {
			free(*files[i].path);
			*files[i].path = path;
		}
	}
	if (!*config->tls_cert != !*config->tls_key)
		return err_set(err, HILF_E_INVALID, "%s is set and %s is not; TLS needs both",
			*config->tls_cert ? "tls-cert" : "tls-key",
			*config->tls_cert ? "tls-key" : "tls-cert");
	if (*config->tls_client_ca && !*config->tls_cert)
		return err_set(err, HILF_E_INVALID,
			"tls-client-ca is set and tls-cert is not; client certificates need TLS");
	return 0;
}

int serve_listens(struct serve *serve, struct hilf_err *err)
{
	static char *standard[] = {(char *)"127.0.0.1:5100"};
	static const struct config_list standard_list = {standard, 1};
	const struct config *config = serve->config;
	int rc = find_tls(serve->config, err);
	if (rc)
		return rc;
	make_apps(serve);
	rc = add_own_socket(serve, err);
	if (!rc)
		rc = add_sockets(serve, err);
	if (!rc)
		rc = add_list(serve,
			config->listen.count || serve->socket_count ? &config->listen
								    : &standard_list,
			0, true, err);
	if (!rc)
		rc = add_list(serve, &config->hma, 1, config->hma_tls, err);
	if (!rc && config->open)
		rc = check_open(serve, err);
	return rc;
}

const char *serve_own_socket(const struct serve *serve)
{
	const char *address = serve->listen_count ? serve->listens[0].address : NULL;
	return address && serve->text_count && address == serve->texts[0] ? address + 5 : NULL;
}

void serve_url(const struct serve *serve, char *ret_url, size_t room)
{
	*ret_url = '\0';
	for (size_t i = 0; i < serve->listen_count; i++) {
		const struct http_listen *listen = &serve->listens[i];
		if (listen->app != &serve->apps[0] ||
			(listen->address && !strncmp(listen->address, "unix:", 5)) ||
			!http_port(serve->api.server, i))
			continue;
		const char *address = listen->address ? listen->address : "localhost:";
		int host_size = (int)(strrchr(address, ':') - address);
		snprintf(ret_url, room, "http%s://%.*s:%u", listen->tls_cert ? "s" : "",
			host_size ? host_size : (int)strlen("localhost"),
			host_size ? address : "localhost",
			(unsigned)http_port(serve->api.server, i));
		return;
	}
}

void serve_say_listens(struct serve *serve)
{
	for (size_t i = 0; i < serve->listen_count; i++) {
		const struct http_listen *listen = &serve->listens[i];
		struct log_line line;
		if (!log_begin(&line, serve->log, LEVEL_INFO, "listens", true))
			continue;
		log_text(&line, "app", listen->app->name);
		log_text(&line, "address", listen->address ? listen->address : "handed over");
		if (!listen->address || strncmp(listen->address, "unix:", 5) != 0)
			log_number(&line, "port", http_port(serve->api.server, i));
		log_text(&line, "tls", listen->tls_cert ? "yes" : "no");
		log_end(&line);
	}
}
