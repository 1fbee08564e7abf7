/* The loader: HTTP and TLS, by libcurl and OpenSSL, on sockets that somebody else connected. libcurl is given the URL, the
 * address and the socket, and is left no decision: it follows nothing, resolves nothing, remembers nothing. Redirects are
 * followed here, each like a new request. */
#include "proc/fetch.h"

#include "base/check.h"
#include "base/err.h"
#include "os/clock.h"
#include "os/helper.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEADERS_SIZE_MAX                                                                           \
	(64u * 1024)  /* of all the answers to a request, interim ones and trailers too */
#define STATUS_WALL 4 /* nobody took the answer */
#define URL_ROOM    (WEB_URL_MAX + 32)

struct load {
	int client, dialler;
	X509_STORE *trusted;
	struct fetch_request_msg request; /* points into the packet */
	const char *body;
	int64_t deadline_us;

	struct web_url url; /* of now, without its target */
	char url_text[WEB_URL_ROOM];
	bool with_headers; /* of the caller: as long as the origin stays the same */
	int socket;        /* of now, until libcurl takes it; -1 */

	size_t header_size;
	char location[WEB_URL_MAX + 1];
	bool location_cut;
	bool redirects; /* the answer is a redirect that is followed */
	bool head_sent;
	uint64_t sent;
	struct hilf_err err; /* of a callback */
	bool client_gone;
};

static int64_t left_ms(const struct load *load)
{
	int64_t left = (load->deadline_us - clock_monotonic_us()) / 1000;
	return left > 0 ? left : 0;
}

static int too_late(const struct load *load, struct hilf_err *err)
{
	char origin[WEB_ORIGIN_MAX];
	web_url_origin(&load->url, origin);
	return err_set(err, HILF_E_IO, "%s did not answer whole within %u ms", origin,
		load->request.timeout_ms);
}

/* --------------------------------------------------------------------------------------- to hilf */

static bool send_msg(struct load *load, const struct fetch_msg *msg)
{
	static uint8_t bytes[FETCH_PACKET_MAX + 4];
	size_t size = fetch_msg_write(msg, bytes, sizeof bytes);
	ASSERT(size);
	if (helper_send(load->client, bytes, size, NULL, 0) != 0)
		load->client_gone = true;
	return !load->client_gone;
}

static bool send_head(struct load *load, CURL *curl)
{
	struct fetch_msg msg = {.kind = FETCH_HEAD};
	long status = 0;
	const char *type = NULL;
	if (load->head_sent)
		return true;
	load->head_sent = true;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	if (status < 200 || status > 999) {
		err_set(&load->err, HILF_E_IO, "%s answered with no status of HTTP",
			load->url.host);
		return false;
	}
	msg.head = (uint16_t)status;
	snprintf(msg.text, sizeof msg.text, "%.*s", (int)FETCH_TYPE_MAX, type ? type : "");
	return send_msg(load, &msg);
}

static size_t take_body(char *bytes, size_t one, size_t size, void *ctx)
{
	struct load *load = ((void **)ctx)[0];
	CURL *curl = ((void **)ctx)[1];
	curl_off_t announced = -1;
	size *= one;
	if (load->redirects)
		return 0; /* its own text is nobody's */
	if (!load->sent)
		curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
	if (size > load->request.size_max - load->sent ||
		(announced > 0 && (uint64_t)announced > load->request.size_max)) {
		err_set(&load->err, HILF_E_LIMIT, "what %s answered is larger than %llu bytes",
			load->url.host, (unsigned long long)load->request.size_max);
		return 0;
	}
	if (!send_head(load, curl))
		return 0;
	for (size_t at = 0; at < size;) {
		size_t part = size - at < FETCH_BODY_MAX ? size - at : FETCH_BODY_MAX;
		const struct fetch_msg msg = {.kind = FETCH_BODY, .body = {bytes + at, part}};
		if (!send_msg(load, &msg))
			return 0;
		at += part;
		load->sent += part;
	}
	return size;
}

/* ------------------------------------------------------------------------------------------ libcurl's calls */

static bool is_redirect(const struct load *load, CURL *curl)
{
	long status = 0;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	bool moved =
		status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
	bool safe = load->request.method.text[0] != 'P';
	return moved && safe && !load->request.no_redirects &&
	       (*load->location || load->location_cut);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The value of the header of that name, without what is blank around it; false for another one. */
static bool header_value(
	const char *line, size_t size, const char *name, struct fetch_text *ret_value)
{
	size_t from = strlen(name);
	if (size <= from || strncasecmp(line, name, from) != 0 || line[from] != ':')
		return false;
	for (from++; from < size && is_blank(line[from]);)
		from++;
	while (size > from && is_blank(line[size - 1]))
		size--;
	*ret_value = (struct fetch_text){line + from, size - from};
	return true;
}

static void take_location(struct load *load, struct fetch_text value)
{
	load->location_cut =
		value.size >= sizeof load->location || memchr(value.text, '\0', value.size);
	if (load->location_cut || *load->location)
		return;
	memcpy(load->location, value.text, value.size);
	load->location[value.size] = '\0';
}

/* Unpacking is for nobody here, least of all for libcurl by itself. */
static bool take_coding(struct load *load, struct fetch_text coding)
{
	if (coding.size == 7 && strncasecmp(coding.text, "chunked", 7) == 0)
		return true;
	err_set(&load->err, HILF_E_IO, "%s packs what it sends, which nobody asked for",
		load->url.host);
	return false;
}

static int headers_too_large(const struct load *load, struct hilf_err *err)
{
	return err_set(err, HILF_E_LIMIT, "the headers of %s are larger than %u bytes",
		load->url.host, HEADERS_SIZE_MAX);
}

static size_t take_header(char *line, size_t one, size_t size, void *ctx)
{
	struct load *load = ((void **)ctx)[0];
	struct fetch_text value;
	size *= one;
	load->header_size += size;
	if (load->header_size > HEADERS_SIZE_MAX) {
		headers_too_large(load, &load->err);
		return 0;
	}
	if (load->head_sent)
		return size; /* a trailer */
	if (size > 5 && memcmp(line, "HTTP/", 5) == 0) {
		load->location[0] = '\0';
		load->location_cut = false;
	} else if (header_value(line, size, "Location", &value)) {
		take_location(load, value);
	} else if (header_value(line, size, "Transfer-Encoding", &value)) {
		if (!take_coding(load, value))
			return 0;
	} else if (size <= 2) {
		load->redirects = is_redirect(load, ((void **)ctx)[1]);
	}
	return size;
}

static curl_socket_t give_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct load *load = ctx;
	int socket = load->socket;
	(void)address; /* the dialler has connected it, and knows where to */
	load->socket = -1;
	return purpose == CURLSOCKTYPE_IPCXN && socket >= 0 ? socket : CURL_SOCKET_BAD;
}

static int is_connected(void *ctx, curl_socket_t socket, curlsocktype purpose)
{
	(void)ctx;
	(void)socket;
	(void)purpose;
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static CURLcode trust(CURL *curl, void *ssl, void *ctx)
{
	(void)curl;
	SSL_CTX_set1_cert_store(ssl, ((struct load *)ctx)->trusted);
	return CURLE_OK;
}

/* ----------------------------------------------------------------------------------------------- one hop */

/* Has the dialler connect to the URL of now. */
static int dial(struct load *load, struct web_address *ret_address, struct hilf_err *err)
{
	uint8_t bytes[FETCH_PACKET_HEAD + 8 + FETCH_TEXT_MAX];
	struct fetch_msg msg = {.kind = FETCH_DIAL,
		.dial = {(uint32_t)left_ms(load), load->url.port,
			{load->url.host, strlen(load->url.host)}}};
	int fds[HELPER_FDS_MAX];
	size_t fd_count = 0, size = fetch_msg_write(&msg, bytes, sizeof bytes);
	ASSERT(size);
	int sys = helper_send(load->dialler, bytes, size, NULL, 0);
	ssize_t count = sys ? -sys
			    : helper_receive(load->dialler, bytes, sizeof bytes, fds, &fd_count,
				      (int)left_ms(load));
	if (count == -ETIMEDOUT)
		return too_late(load, err);
	if (count <= 0 || !fetch_msg_read(bytes, (size_t)count, &msg))
		return err_set(
			err, HILF_E_HELPER, "the part of hilf-fetch that connects has ended");
	if (msg.kind == FETCH_FAILURE)
		return err_set(err, (enum hilf_code)msg.failure, "%s", msg.text);
	if (msg.kind != FETCH_DIALLED || fd_count != 1)
		return err_set(
			err, HILF_E_HELPER, "the part of hilf-fetch that connects is broken");
	load->socket = fds[0];
	*ret_address = msg.dialled;
	return 0;
}

/* name:port:address, so that libcurl has nothing to look up. An address looks itself up. */
static struct curl_slist *resolved(const struct load *load, const struct web_address *address)
{
	char text[WEB_ADDRESS_TEXT_MAX], line[WEB_HOST_MAX + WEB_ADDRESS_TEXT_MAX + 16];
	web_address_write(address, text);
	bool six = strchr(text, ':') != NULL;
	snprintf(line, sizeof line, "%s:%u:%s%s%s", load->url.host, load->url.port, six ? "[" : "",
		text, six ? "]" : "");
	return curl_slist_append(NULL, line);
}

static struct curl_slist *headers_of(const struct load *load)
{
	/* Without a colon's worth of a value a header of libcurl's own is left out. */
	static const char *const fixed[] = {"Accept-Encoding: identity", "Expect:"};
	struct curl_slist *list = NULL;
	struct fetch_text rest = load->request.headers, line;
	bool typed = false;
	for (size_t i = 0; i < COUNT_OF(fixed); i++)
		list = curl_slist_append(list, fixed[i]);
	while (load->with_headers && fetch_next_line(&rest, &line)) {
		char text[FETCH_HEADERS_SIZE + 1];
		memcpy(text, line.text, line.size);
		text[line.size] = '\0';
		typed |= strncasecmp(text, "Content-Type:", 13) == 0;
		list = curl_slist_append(list, text);
	}
	return typed ? list : curl_slist_append(list, "Content-Type:");
}

static void set_limits(CURL *curl, const struct load *load)
{
	int64_t left = left_ms(load);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(left ? left : 1));
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)(left ? left : 1));
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(curl, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "hilf/" HILF_VERSION);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
}

static void set_request(CURL *curl, struct load *load, void **ctx)
{
	curl_easy_setopt(curl, CURLOPT_URL, load->url_text);
	if (load->request.method.text[0] == 'H')
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	if (load->request.method.text[0] == 'P') {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, load->body ? load->body : "");
		curl_easy_setopt(
			curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)load->request.body_size);
	}
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, give_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, load);
	curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, is_connected);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, trust);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, load);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, ctx);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, ctx);
}

/* What libcurl says of it, without a byte of the URL's that may be secret or of the server's that may be odd. */
static int explain(const struct load *load, CURL *curl, CURLcode result, struct hilf_err *err)
{
	char origin[WEB_ORIGIN_MAX];
	long verified = 0;
	web_url_origin(&load->url, origin);
	if (load->err.code) {
		*err = load->err;
		return err->code;
	}
	/* What it says of a single header that is too large as well. */
	if (result == CURLE_OUT_OF_MEMORY && load->header_size && !load->head_sent)
		return headers_too_large(load, err);
	switch (result) {
	case CURLE_OUT_OF_MEMORY:
		return err_no_memory(err);
	case CURLE_OPERATION_TIMEDOUT:
		return too_late(load, err);
	case CURLE_PEER_FAILED_VERIFICATION:
		curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &verified);
		return err_set(err, HILF_E_IO, "the certificate of %s is refused: %s", origin,
			verified > X509_V_ERR_UNSPECIFIED ? X509_verify_cert_error_string(verified)
							  : "it is for another name");
	default:
		return err_set(err, HILF_E_IO, "%s did not answer as it should: %s", origin,
			curl_easy_strerror(result));
	}
}

static int load_once(struct load *load, struct hilf_err *err)
{
	struct web_address address;
	load->redirects = false;
	load->location[0] = '\0';
	int rc = dial(load, &address, err);
	if (rc)
		return rc;
	CURL *curl = curl_easy_init();
	void *ctx[] = {load, curl};
	struct curl_slist *names = resolved(load, &address), *headers = headers_of(load);
	if (!curl || !names || !headers) {
		rc = err_no_memory(err);
	} else {
		set_limits(curl, load);
		set_request(curl, load, ctx);
		if (!load->url.is_address)
			curl_easy_setopt(curl, CURLOPT_RESOLVE, names);
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		CURLcode result = curl_easy_perform(curl);
		if (result != CURLE_OK && !load->redirects)
			rc = explain(load, curl, result, err);
		else if (!load->redirects && !send_head(load, curl))
			rc = explain(load, curl, CURLE_WRITE_ERROR, err);
	}
	curl_slist_free_all(names);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	if (load->socket >= 0)
		close(load->socket);
	load->socket = -1;
	return rc;
}

/* ---------------------------------------------------------------------------------------- all of it */

static int set_url(struct load *load, const char *text, size_t size, struct hilf_err *err)
{
	struct web_url url;
	int rc = web_url_read(text, size, &url, err);
	if (rc)
		return rc;
	web_url_write(&url, load->url_text);
	url.target = NULL;
	load->url = url;
	return 0;
}

/* Where the Location leads, seen from the URL of now, and whether it may. */
static int follow(struct load *load, struct hilf_err *err)
{
	struct web_url before = load->url;
	char origin[WEB_ORIGIN_MAX], text[WEB_URL_ROOM];
	struct hilf_err why;
	web_url_origin(&before, origin);
	if (load->location_cut)
		return err_set(err, HILF_E_LIMIT, "%s redirects to a URL longer than %u bytes",
			origin, WEB_URL_MAX);
	int rc = web_url_follow(load->url_text, load->location, strlen(load->location), text, &why);
	if (!rc)
		rc = set_url(load, text, strlen(text), &why);
	if (rc)
		return err_set(err, rc == HILF_E_INVALID ? HILF_E_IO : (enum hilf_code)rc,
			"%s redirects to what is refused: %s", origin, why.text);
	if (before.secure && !load->url.secure)
		return err_set(err, HILF_E_DENIED,
			"%s redirects from https to http, which is refused", origin);
	load->with_headers &= web_url_same_origin(&before, &load->url);
	return 0;
}

static int load_all(struct load *load, struct hilf_err *err)
{
	int rc = set_url(load, load->request.url.text, load->request.url.size, err);
	for (unsigned hop = 0; !rc; hop++) {
		rc = load_once(load, err);
		if (rc || !load->redirects)
			break;
		if (hop == FETCH_REDIRECTS_MAX)
			return err_set(err, HILF_E_LIMIT, "more than %u redirects, the last by %s",
				FETCH_REDIRECTS_MAX, load->url.host);
		rc = follow(load, err);
	}
	return rc;
}

static bool receive_request(struct load *load, uint8_t *packet, size_t room)
{
	struct fetch_msg msg;
	int fds[HELPER_FDS_MAX];
	size_t fd_count = 0;
	ssize_t size = helper_receive(load->client, packet, room, fds, &fd_count, -1);
	if (size <= 0 || !fetch_msg_read(packet, (size_t)size, &msg) || msg.kind != FETCH_REQUEST ||
		fd_count != msg.request.has_body)
		return false;
	load->request = msg.request;
	load->deadline_us = clock_monotonic_us() + (int64_t)msg.request.timeout_ms * 1000;
	if (msg.request.body_size) {
		void *body = mmap(
			NULL, (size_t)msg.request.body_size, PROT_READ, MAP_PRIVATE, fds[0], 0);
		if (body == MAP_FAILED)
			return false;
		load->body = body;
	}
	return true;
}

int fetch_load_serve(int client, int dialler, X509_STORE *trusted)
{
	static uint8_t packet[FETCH_PACKET_MAX];
	static struct load load;
	struct hilf_err err = {0};
	struct fetch_msg msg = {.kind = FETCH_END};
	load = (struct load){.client = client,
		.dialler = dialler,
		.trusted = trusted,
		.with_headers = true,
		.socket = -1};
	if (!receive_request(&load, packet, sizeof packet))
		return STATUS_WALL;
	int rc = load_all(&load, &err);
	msg.end = load.sent;
	if (rc) {
		msg.kind = FETCH_FAILURE;
		msg.failure = rc;
		snprintf(msg.text, sizeof msg.text, "%.*s", (int)FETCH_TEXT_MAX, err.text);
	}
	return !load.client_gone && send_msg(&load, &msg) ? 0 : STATUS_WALL;
}
