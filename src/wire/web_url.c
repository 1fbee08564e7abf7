/* After RFC 3986, with everything optional about it left out. The reader never guesses: two programs that read the same
 * bytes differently are how addresses that must not be reached are reached. */
#include "wire/web_url.h"

#include "base/check.h"
#include "base/err.h"

#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static bool is_label_char(char c)
{
	c = lower(c);
	return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/* "1", "0x7f", "017": a last label that some programs read as an address's part. */
static bool looks_like_number(const char *label, size_t size)
{
	size_t at = 0;
	if (size >= 2 && label[0] == '0' && lower(label[1]) == 'x') {
		for (at = 2; at < size; at++)
			if (!is_digit(label[at]) &&
				(lower(label[at]) < 'a' || lower(label[at]) > 'f'))
				return false;
		return true;
	}
	while (at < size && is_digit(label[at]))
		at++;
	return at == size;
}

bool web_host_valid(const char *text, size_t size)
{
	size_t label = 0; /* where it begins */
	if (size == 0 || size > WEB_HOST_MAX)
		return false;
	for (size_t i = 0; i <= size; i++) {
		if (i < size && text[i] != '.') {
			if (!is_label_char(text[i]))
				return false;
			continue;
		}
		if (i == label || i - label > 63 || text[label] == '-' || text[i - 1] == '-')
			return false;
		if (i == size && looks_like_number(text + label, i - label))
			return false;
		label = i + 1;
	}
	return true;
}

static int no_url(const char *why, struct hilf_err *err)
{
	return err_set(err, HILF_E_INVALID, "the URL %s", why);
}

/* Bytes that no URL has, or that programs disagree about. */
static bool odd_byte(char c)
{
	return c <= 0x20 || c >= 0x7f || strchr("\"<>\\", c);
}

static int read_scheme(
	const char *text, size_t size, bool *ret_secure, size_t *ret_end, struct hilf_err *err)
{
	char scheme[12] = "";
	size_t end = 0;
	while (end < size && end < sizeof scheme - 1 && text[end] != ':') {
		scheme[end] = lower(text[end]);
		end++;
	}
	bool letters = end > 0 && scheme[0] >= 'a' && scheme[0] <= 'z';
	for (size_t i = 0; i < end; i++)
		letters &= is_digit(scheme[i]) || (scheme[i] >= 'a' && scheme[i] <= 'z') ||
			   strchr("+-.", scheme[i]) != NULL;
	if (end == size || text[end] != ':' || !letters)
		return no_url("has no scheme; it begins with https:// or http://", err);
	if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
		return err_set(err, HILF_E_DENIED,
			"the scheme '%s' is refused: hilf fetches from https and http alone",
			scheme);
	if (size - end < 3 || text[end + 1] != '/' || text[end + 2] != '/')
		return no_url("has no host after its scheme", err);
	*ret_secure = scheme[4] == 's';
	*ret_end = end + 3;
	return 0;
}

static int read_port(const char *text, size_t size, uint16_t *ret_port, struct hilf_err *err)
{
	unsigned port = 0;
	bool good = size >= 1 && size <= 5 && text[0] != '0';
	for (size_t i = 0; good && i < size; i++) {
		good = is_digit(text[i]);
		port = port * 10 + (unsigned)(text[i] - '0');
	}
	if (!good || port > 65535)
		return no_url("has a port that is none", err);
	*ret_port = (uint16_t)port;
	return 0;
}

static int read_host(const char *text, size_t size, struct web_url *url, struct hilf_err *err)
{
	bool bracketed = size >= 2 && text[0] == '[' && text[size - 1] == ']';
	if (bracketed) {
		text++;
		size -= 2;
	}
	url->is_address = web_address_read(text, size, &url->address);
	if (bracketed && !url->is_address)
		return no_url("has brackets around what is no IPv6 address", err);
	if (bracketed && web_address_is_v4(&url->address))
		return no_url("has an IPv4 address in brackets; write it without them", err);
	if (!bracketed && url->is_address && !web_address_is_v4(&url->address))
		return no_url("has an IPv6 address without its brackets", err);
	if (url->is_address) {
		web_address_write(&url->address, url->host);
		return 0;
	}
	if (!web_host_valid(text, size))
		return no_url("has a host that is neither a name (international ones as xn--...) "
			      "nor an address in its usual form",
			err);
	for (size_t i = 0; i < size; i++)
		url->host[i] = lower(text[i]);
	url->host[size] = '\0';
	return 0;
}

static int read_authority(const char *text, size_t size, struct web_url *url, struct hilf_err *err)
{
	size_t host_size = size;
	if (memchr(text, '@', size))
		return no_url("has a user name or password in it, which hilf does not send", err);
	if (memchr(text, '%', size))
		return no_url("has a percent sign in its host", err);
	const char *colon = memrchr(text, ':', size), *bracket = memrchr(text, ']', size);
	url->port = url->secure ? 443 : 80;
	if (colon && (!bracket || colon > bracket)) {
		host_size = (size_t)(colon - text);
		int rc = read_port(colon + 1, size - host_size - 1, &url->port, err);
		if (rc)
			return rc;
	}
	return read_host(text, host_size, url, err);
}

int web_url_read(const char *text, size_t size, struct web_url *ret_url, struct hilf_err *err)
{
	struct web_url url = {0};
	size_t at = 0, end;
	if (size == 0)
		return no_url("is empty", err);
	if (size > WEB_URL_MAX)
		return err_set(err, HILF_E_INVALID, "the URL is longer than %u bytes", WEB_URL_MAX);
	for (size_t i = 0; i < size; i++)
		if (odd_byte(text[i]))
			return no_url(
				"has a byte in it that must be percent-encoded (a space, a quote, "
				"a backslash, or no ASCII)",
				err);
	int rc = read_scheme(text, size, &url.secure, &at, err);
	if (rc)
		return rc;
	for (end = at; end < size && !strchr("/?#", text[end]);)
		end++;
	rc = read_authority(text + at, end - at, &url, err);
	if (rc)
		return rc;
	const char *fragment = memchr(text + end, '#', size - end);
	url.target = text + end;
	url.target_size = fragment ? (size_t)(fragment - url.target) : size - end;
	*ret_url = url;
	return 0;
}

void web_url_origin(const struct web_url *url, char ret_text[WEB_ORIGIN_MAX])
{
	bool brackets = strchr(url->host, ':') != NULL;
	int size =
		snprintf(ret_text, WEB_ORIGIN_MAX, "%s://%s%s%s:%u", url->secure ? "https" : "http",
			brackets ? "[" : "", url->host, brackets ? "]" : "", url->port);
	ASSERT(size > 0 && (size_t)size < WEB_ORIGIN_MAX);
}

size_t web_url_write(const struct web_url *url, char ret_text[WEB_URL_ROOM])
{
	char origin[WEB_ORIGIN_MAX];
	web_url_origin(url, origin);
	int size = snprintf(ret_text, WEB_URL_ROOM, "%s%s%.*s", origin,
		url->target_size && url->target[0] == '/' ? "" : "/", (int)url->target_size,
		url->target_size ? url->target : "");
	ASSERT(size > 0 && (size_t)size < WEB_URL_ROOM);
	return (size_t)size;
}

/* -------------------------------------------------------------------------------------------- references */

static bool has_scheme(const char *text, size_t size)
{
	size_t at = 0;
	while (at < size && !strchr(":/?#", text[at]))
		at++;
	return at > 0 && at < size && text[at] == ':';
}

/* The size of the path at the beginning of text: up to a query or fragment. */
static size_t path_size(const char *text, size_t size)
{
	size_t at = 0;
	while (at < size && text[at] != '?' && text[at] != '#')
		at++;
	return at;
}

/* Resolves "." and ".." in an absolute path, in place; returns what is left of size. */
static size_t remove_dots(char *path, size_t size)
{
	size_t to = 0, at = 0;
	while (at < size) {
		size_t end = at + 1; /* of the segment that begins with the slash at `at` */
		while (end < size && path[end] != '/')
			end++;
		size_t name = end - at - 1;
		bool up = name == 2 && path[at + 1] == '.' && path[at + 2] == '.';
		if (up)
			while (to > 0 && path[--to] != '/')
				;
		if (up || (name == 1 && path[at + 1] == '.')) {
			if (end == size)
				path[to++] = '/';
		} else {
			memmove(path + to, path + at, end - at);
			to += end - at;
		}
		at = end;
	}
	return to;
}

struct joined {
	char text[3 * WEB_URL_ROOM];
	size_t size;
};

static void join(struct joined *joined, const char *text, size_t size)
{
	ASSERT(size <= sizeof joined->text - joined->size);
	memcpy(joined->text + joined->size, text, size);
	joined->size += size;
}

/* The reference behind the base's origin: with its path, or under its folder. */
static void join_path(struct joined *joined, const char *path, const char *reference, size_t size)
{
	size_t from = joined->size, base_size = path_size(path, strlen(path)),
	       own_size = path_size(reference, size);
	if (own_size == 0 || reference[0] != '/') {
		while (own_size && base_size && path[base_size - 1] != '/')
			base_size--;
		join(joined, path, base_size);
	}
	join(joined, reference, own_size);
	joined->size = from + remove_dots(joined->text + from, joined->size - from);
	if (own_size == 0 && (size == 0 || reference[0] == '#'))
		join(joined, path + base_size, strlen(path) - base_size);
	join(joined, reference + own_size, size - own_size);
}

int web_url_follow(const char *base, const char *reference, size_t size,
	char ret_text[WEB_URL_ROOM], struct hilf_err *err)
{
	struct joined joined = {.size = 0};
	struct web_url from, to;
	char origin[WEB_ORIGIN_MAX];
	if (size > WEB_URL_MAX)
		return err_set(err, HILF_E_INVALID, "the URL is longer than %u bytes", WEB_URL_MAX);
	int rc = web_url_read(base, strlen(base), &from, err);
	if (rc)
		return rc;
	web_url_origin(&from, origin);
	if (has_scheme(reference, size)) {
		join(&joined, reference, size);
	} else if (size >= 2 && reference[0] == '/' && reference[1] == '/') {
		join(&joined, origin, from.secure ? 6 : 5); /* "https:" */
		join(&joined, reference, size);
	} else {
		join(&joined, origin, strlen(origin));
		join_path(&joined, from.target_size ? from.target : "/", reference, size);
	}
	rc = web_url_read(joined.text, joined.size, &to, err);
	if (!rc)
		web_url_write(&to, ret_text);
	return rc;
}

bool web_url_same_origin(const struct web_url *a, const struct web_url *b)
{
	return a->secure == b->secure && a->port == b->port && strcmp(a->host, b->host) == 0;
}
