/* hilf-fetch: the only process of ours that connects to others.
 *
 *   promise: fork, wait, and packets on descriptor 3. It never sees a request.
 *   promise of its diallers: resolve and connect; read what the resolver is configured with.
 *   promise of its loaders: send and receive on sockets that are connected already; no files, no new sockets.
 *
 * For each request it makes a fresh pair: a loader, which is given the request's socket and reads what strangers answer,
 * and a dialler, which alone can connect and connects to nothing that the rules refuse. It keeps the time, kills who is
 * late or whose client has left, and reports how the loader ended. */
#include "proc/fetch.h"

#include "base/check.h"
#include "base/err.h"
#include "os/clock.h"
#include "os/helper.h"
#include "os/sandbox.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <nss.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef HILF_SANITIZED
#define HILF_SANITIZED 0
#endif

#define REQUESTS_MAX 2048u
#define TIMEOUT_MAX  (3600u * 1000)
#define GRACE_MS     500 /* beyond the request's own time, which its loader keeps */
#define CPU_SECONDS  60u
#define LOADER_MEMORY                                                                              \
	(128ull << 20) /* libcurl and OpenSSL with one connection need 5; a body to send is at most 64 */
/* It needs 12; but the kernel lets nobody pass on a descriptor while more than that are under way between the processes
 * of this user. */
#define DIAL_FILES  1024
#define DIAL_MEMORY (32ull << 20)
#define FIRST_FD    HELPER_FD       /* of both children: where the helper has its control socket */
#define DIALLER_FD  (HELPER_FD + 1) /* of a loader */
#define EXIT_WALL   3               /* of a child: no wall, so nothing was read */

/* What the resolver of the C library reads. Names come from the hosts file and DNS, whatever nsswitch.conf has besides:
 * its plug-ins cannot be loaded behind the wall. */
static const char *const resolver_files[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/gai.conf",
	"/etc/host.conf", "/etc/nsswitch.conf", "/etc/localtime", NULL};
/* The authorities that the system trusts: Debian and its like, Red Hat's, SUSE's, what OpenSSL was built with. */
static const char *const bundles[] = {"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem", NULL};

static const struct sandbox_promise dial_promise = {.name = "fetch dialler",
	.calls = SANDBOX_MESSAGES | SANDBOX_DIAL | SANDBOX_FILES,
	.descriptors = FIRST_FD + 1,
	.open_files = DIAL_FILES,
	.cpu_seconds = CPU_SECONDS,
	.memory_size = DIAL_MEMORY};

static const struct sandbox_promise load_promise = {.name = "fetch loader",
	.calls = SANDBOX_READ | SANDBOX_WRITE | SANDBOX_MESSAGES | SANDBOX_STREAMS | SANDBOX_RANDOM,
	.descriptors = DIALLER_FD + 1,
	.open_files = 12,
	.cpu_seconds = CPU_SECONDS,
	.memory_size = LOADER_MEMORY};

/* A request that is under way. */
struct job {
	pid_t loader, dialler;
	int loader_fd, dialler_fd; /* pidfds */
	int client;                /* its socket, to report on */
	int64_t deadline_us;
};

struct zygote {
	struct fetch_rules rules;
	X509_STORE *trusted;
	unsigned trusted_count;
	unsigned job_max;
	struct sandbox_filter *dial_filter, *load_filter;
	size_t job_count;
	struct job jobs[REQUESTS_MAX];
};

/* ------------------------------------------------------------------------------------------- children */

static void enter_child(const struct sandbox_promise *promise, const struct sandbox_filter *filter)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (sandbox_enter_child(promise, filter) != 0)
		_exit(EXIT_WALL);
}

/* The descriptors may stand in each other's place: they are lifted first. */
static void place(const int *fds, int count)
{
	int high[2];
	for (int i = 0; i < count; i++)
		if ((high[i] = fcntl(fds[i], F_DUPFD, DIALLER_FD + 1)) < 0)
			_exit(EXIT_WALL);
	for (int i = 0; i < count; i++)
		if (dup2(high[i], FIRST_FD + i) < 0)
			_exit(EXIT_WALL);
}

static _Noreturn void run_dialler(const struct zygote *zygote, int loader)
{
	place(&loader, 1);
	sandbox_enter_files(resolver_files);
	enter_child(&dial_promise, zygote->dial_filter);
	_exit(fetch_dial_serve(FIRST_FD, &zygote->rules));
}

static _Noreturn void run_loader(const struct zygote *zygote, int client, int dialler)
{
	const int fds[] = {client, dialler};
	place(fds, 2);
	enter_child(&load_promise, zygote->load_filter);
	_exit(fetch_load_serve(FIRST_FD, DIALLER_FD, zygote->trusted));
}

static void end_child(pid_t pid, int pidfd, int *ret_status)
{
	if (pid <= 0)
		return;
	if (pidfd >= 0)
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
		;
	if (pidfd >= 0)
		close(pidfd);
}

/* Ends both children, reports on the loader, forgets the job. */
static void finish(struct zygote *zygote, size_t index, bool late)
{
	struct job *job = &zygote->jobs[index];
	struct fetch_msg msg = {
		.kind = FETCH_REPORT, .report = {.late = late, .number = EXIT_WALL}};
	uint8_t bytes[FETCH_PACKET_HEAD + 8];
	int status = 0;
	end_child(job->dialler, job->dialler_fd, &status);
	if (job->loader > 0) {
		end_child(job->loader, job->loader_fd, &status);
		msg.report.killed = WIFSIGNALED(status);
		msg.report.number =
			(uint8_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	}
	size_t size = fetch_msg_write(&msg, bytes, sizeof bytes);
	/* A client that reads nothing must not stop the others. */
	send(job->client, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(job->client);
	*job = zygote->jobs[--zygote->job_count];
}

static void start(struct zygote *zygote, int client, uint32_t timeout_ms)
{
	struct job *job = &zygote->jobs[zygote->job_count++];
	int pair[2] = {-1, -1};
	*job = (struct job){.loader_fd = -1,
		.dialler_fd = -1,
		.client = client,
		.deadline_us = clock_monotonic_us() + ((int64_t)timeout_ms + GRACE_MS) * 1000};
	if (zygote->job_count <= zygote->job_max &&
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0) {
		job->dialler = fork();
		if (job->dialler == 0)
			run_dialler(zygote, pair[1]);
		job->loader = job->dialler > 0 ? fork() : -1;
		if (job->loader == 0)
			run_loader(zygote, client, pair[0]);
		close(pair[0]);
		close(pair[1]);
	}
	if (job->dialler > 0)
		job->dialler_fd = (int)syscall(SYS_pidfd_open, job->dialler, 0);
	if (job->loader > 0)
		job->loader_fd = (int)syscall(SYS_pidfd_open, job->loader, 0);
	/* Without a handle on a child it could not be stopped. With us it ends. */
	if ((job->dialler > 0 && job->dialler_fd < 0) || (job->loader > 0 && job->loader_fd < 0))
		_exit(1);
	if (job->loader <= 0)
		finish(zygote, zygote->job_count - 1, false);
}

/* ------------------------------------------------------------------------------------------- the loop */

/* false when the client is gone. */
static bool take_start(struct zygote *zygote)
{
	uint8_t bytes[64];
	struct fetch_msg msg;
	int fds[HELPER_FDS_MAX];
	size_t fd_count = 0;
	ssize_t size = helper_receive(HELPER_FD, bytes, sizeof bytes, fds, &fd_count, -1);
	if (size <= 0)
		return size == -EMSGSIZE;
	if (fd_count == 1 && fetch_msg_read(bytes, (size_t)size, &msg) && msg.kind == FETCH_START &&
		msg.start <= TIMEOUT_MAX && zygote->job_count < REQUESTS_MAX) {
		start(zygote, fds[0], msg.start);
		return true;
	}
	for (size_t i = 0; i < fd_count; i++)
		close(fds[i]);
	return true;
}

static int wait_ms(const struct zygote *zygote)
{
	int64_t first = INT64_MAX, now = clock_monotonic_us();
	for (size_t i = 0; i < zygote->job_count; i++)
		if (zygote->jobs[i].deadline_us < first)
			first = zygote->jobs[i].deadline_us;
	if (first == INT64_MAX)
		return -1;
	return first > now ? (int)((first - now + 999) / 1000) : 0;
}

static void serve(struct zygote *zygote)
{
	static struct pollfd wait[1 + 2 * REQUESTS_MAX];
	for (;;) {
		size_t count = zygote->job_count;
		wait[0] = (struct pollfd){.fd = HELPER_FD, .events = POLLIN};
		for (size_t i = 0; i < count; i++) {
			wait[1 + 2 * i] =
				(struct pollfd){.fd = zygote->jobs[i].loader_fd, .events = POLLIN};
			/* Its end alone: what is in it is for the loader. */
			wait[2 + 2 * i] = (struct pollfd){.fd = zygote->jobs[i].client};
		}
		if (poll(wait, 1 + 2 * count, wait_ms(zygote)) < 0 && errno != EINTR)
			return;
		int64_t now = clock_monotonic_us();
		/* From the last one down: the one that takes the place of a finished one was looked at. */
		for (size_t i = count; i-- > 0;)
			if (wait[1 + 2 * i].revents || wait[2 + 2 * i].revents)
				finish(zygote, i, false);
			else if (zygote->jobs[i].deadline_us <= now)
				finish(zygote, i, true);
		if (wait[0].revents && !take_start(zygote))
			return;
	}
}

/* --------------------------------------------------------------------------------------------- the start */

static int trust_file(struct zygote *zygote, const char *path)
{
	BIO *file = BIO_new_file(path, "r");
	X509 *certificate;
	unsigned count = 0;
	if (!file)
		return -1;
	while ((certificate = PEM_read_bio_X509(file, NULL, NULL, NULL))) {
		count += X509_STORE_add_cert(zygote->trusted, certificate) == 1;
		X509_free(certificate);
	}
	BIO_free(file);
	ERR_clear_error();
	zygote->trusted_count += count;
	return count ? 0 : -1;
}

static int load_trusted(struct zygote *zygote, const char *ca_file, struct hilf_err *err)
{
	zygote->trusted = X509_STORE_new();
	if (!zygote->trusted)
		return err_no_memory(err);
	X509_STORE_set_flags(
		zygote->trusted, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
	for (size_t i = 0; bundles[i]; i++)
		if (trust_file(zygote, bundles[i]) == 0)
			break;
	if (*ca_file && trust_file(zygote, ca_file) != 0)
		return err_set(err, HILF_E_INVALID,
			"'%s' cannot be read as certificates of authorities (PEM)", ca_file);
	return 0;
}

static int take_conf(struct zygote *zygote, const struct fetch_conf_msg *conf, struct hilf_err *err)
{
	char ca_file[FETCH_PATH_MAX + 1];
	struct fetch_text rest = conf->rules, line;
	zygote->rules.only_allowed = conf->only_allowed;
	zygote->rules.rules = calloc(conf->rule_count + 1, sizeof *zygote->rules.rules);
	if (!zygote->rules.rules)
		return err_no_memory(err);
	while (fetch_next_line(&rest, &line)) {
		int rc = web_rule_read(
			line.text, line.size, &zygote->rules.rules[zygote->rules.count++], err);
		if (rc)
			return rc;
	}
	/* A client that has its answer may be back before its children have ended. */
	zygote->job_max =
		conf->request_max < REQUESTS_MAX / 2 ? conf->request_max * 2 : REQUESTS_MAX;
	memcpy(ca_file, conf->ca_file.text, conf->ca_file.size);
	ca_file[conf->ca_file.size] = '\0';
	return load_trusted(zygote, ca_file, err);
}

/* What the libraries do once, while files can still be opened. */
static int warm_up(struct hilf_err *err)
{
	tzset();
	if (curl_global_init(CURL_GLOBAL_ALL) != 0)
		return err_set(err, HILF_E_HELPER, "libcurl cannot be started");
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = ctx ? SSL_new(ctx) : NULL;
	if (!ssl)
		return err_set(err, HILF_E_HELPER, "OpenSSL cannot be started");
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	if (__nss_configure_lookup("hosts", "files dns") != 0)
		return err_set(err, HILF_E_HELPER, "the resolver cannot be told what to ask");
	return 0;
}

/* The folder that /etc/resolv.conf really is in, wherever this system keeps it; "/etc" where there is none. */
static const char *resolver_home(char room[PATH_MAX])
{
	if (!realpath("/etc/resolv.conf", room))
		return "/etc";
	char *slash = strrchr(room, '/');
	if (slash == room)
		return "/etc"; /* the root itself is no folder to open up */
	*slash = '\0';
	return room;
}

static int enter(struct zygote *zygote, const struct fetch_conf_msg *conf, uint32_t *ret_walls,
	struct hilf_err *err)
{
	int rc = take_conf(zygote, conf, err);
	char home[PATH_MAX];
	/* Also where it may be after it was replaced. */
	const char *const resolver_places[] = {"/etc", "/usr/share/zoneinfo",
		"/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager",
		resolver_home(home), NULL};
	const struct sandbox_promise promise = {.name = "fetch",
		.calls = SANDBOX_READ | SANDBOX_WRITE | SANDBOX_MESSAGES | SANDBOX_CHILDREN |
			 SANDBOX_DIAL | SANDBOX_STREAMS | SANDBOX_FILES | SANDBOX_RANDOM,
		.descriptors = HELPER_FD + 1,
		.open_files = 16 + 4 * zygote->job_max,
		.cpu_seconds = SANDBOX_UNLIMITED,
		.readable = resolver_places};
	if (!rc && !helper_silence(!HILF_SANITIZED))
		rc = err_sys(err, HILF_E_HELPER, errno, "cannot open /dev/null");
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (!rc && pidfd < 0)
		rc = err_sys(err, HILF_E_SANDBOX, errno,
			"fetches cannot be watched: hilf needs Linux 5.3 or newer (pidfd_open)");
	if (pidfd >= 0)
		close(pidfd);
	if (!rc)
		rc = warm_up(err);
	if (!rc)
		rc = sandbox_filter_new(&dial_promise, &zygote->dial_filter, err);
	if (!rc)
		rc = sandbox_filter_new(&load_promise, &zygote->load_filter, err);
	return rc ? rc : sandbox_enter(&promise, ret_walls, err);
}

int main(int argc, char **argv)
{
	static uint8_t packet[HELPER_MESSAGE_MAX];
	static struct zygote zygote;
	struct fetch_msg conf, hello = {.kind = FETCH_HELLO, .hello = {.version = FETCH_VERSION}};
	struct hilf_err err = {0};
	if (argc != 1 || fcntl(HELPER_FD, F_GETFD) < 0) {
		fprintf(stderr, "%s is a part of hilf and is started by it\n", argv[0]);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	mallopt(M_ARENA_MAX, 1);
	ssize_t size = helper_receive(HELPER_FD, packet, sizeof packet, NULL, NULL, -1);
	if (size <= 0)
		return 0;
	if (!fetch_msg_read(packet, (size_t)size, &conf) || conf.kind != FETCH_CONF)
		return 1;
	int rc = enter(&zygote, &conf.conf, &hello.hello.walls, &err);
	hello.hello.failure = rc;
	hello.hello.trusted_count = zygote.trusted_count;
	snprintf(hello.text, sizeof hello.text, "%.*s", (int)FETCH_TEXT_MAX, err.text);
	size_t hello_size = fetch_msg_write(&hello, packet, sizeof packet);
	if (helper_send(HELPER_FD, packet, hello_size, NULL, 0) == 0 && !rc)
		serve(&zygote);
	return 0;
}
