/* What a browser gets: index.html at the path of every page, and the files it names. Those carry a digest of their content
 * in their names and may be kept for ever; the page itself is asked for anew each time (RFC 9111; RFC 9110, 13.1.2). They were
 * compressed when hilf was built, so that answering is choosing one of three constants.
 *
 * The policy lets the page load scripts and styles from here alone, run no text as script (Trusted Types), sit in no frame
 * and send no form; pictures and films come from here and from where the platform keeps evidence. */
#include "http/console/console.h"

#include "engine/may.h"
#include "engine/people.h"
#include "http/access.h"
#include "http/api.h"
#include "http/console/assets.h"
#include "http/cookie.h"
#include "os/clock.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define POLICY_MAX 3072u
#define FIRST_MAX  200u  /* of what a page asks for first */
#define LINK_MAX   2048u /* of a page's files and that */

/* ----------------------------------------------------------------------------------------- what is asked */

static bool fits(const char *pattern, const char *path)
{
	while (*pattern) {
		if (*pattern == '{') {
			size_t size = strcspn(path, "/");
			if (!size)
				return false;
			path += size;
			pattern += strcspn(pattern, "}") + 1;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return !*path || !strcmp(path, "/");
}

static const struct console_page *page_at(const char *path)
{
	/* Every request is asked this, and hardly any begins as a page does. */
	for (const struct console_page *page = console_pages; *path && page->path; page++)
		if (page->path[1] == path[1] && fits(page->path, path))
			return page;
	return NULL;
}

bool console_has(const char *path)
{
	return page_at(path) != NULL;
}

/* The weight of one element of a list: "br" and "br;q=0.5" are taken, "br;q=0" is not. */
static bool is_taken(const char *element, size_t size)
{
	const char *weight = memchr(element, '=', size);
	size_t left = weight ? size - (size_t)(weight + 1 - element) : 0;
	for (size_t i = 0; i < left; i++)
		if (weight[1 + i] >= '1' && weight[1 + i] <= '9')
			return true;
	return !weight;
}

bool console_accepts(const char *header, const char *coding)
{
	bool any = false;
	for (const char *at = header; at && *at;) {
		at += strspn(at, " \t,");
		size_t size = strcspn(at, ","), name = strcspn(at, " \t;,");
		if (name == strlen(coding) && !strncasecmp(at, coding, name))
			return is_taken(at, size);
		if (name == 1 && *at == '*')
			any = is_taken(at, size);
		at += size;
	}
	return any;
}

/* The place of a language, "fr" or "fr-CH;q=0.9", among those of the console; -1. */
static int language_at(const char *name, size_t size)
{
	for (int i = 0; console_languages[i]; i++)
		if (size >= 2 && !strncasecmp(name, console_languages[i], 2) &&
			(size == 2 || strchr("-; \t", name[2])))
			return i;
	return -1;
}

/* Which texts the page will want: it goes by what was chosen on this browser, then by what the person's account says, then
 * by the first language of the browser that it speaks. */
static int language_of(const struct http_request *request, const struct person *person)
{
	const char *cookies = http_header(request, "cookie"), *chosen;
	const char *at = http_header(request, "accept-language");
	size_t size;
	int found = -1;
	if (cookies && cookie_find(cookies, "hilf_language", &chosen, &size))
		found = language_at(chosen, size);
	if (found < 0 && person)
		found = language_at(person->language, strlen(person->language));
	for (; found < 0 && at && *at; at += size) {
		at += strspn(at, " \t,");
		size = strcspn(at, ",");
		found = language_at(at, size);
	}
	return found < 0 ? 0 : found;
}

/* "/v1/cases/{case}" of "/cases/12". False where what stands in the path is no plain name. */
static bool fill(const char *first, const char *pattern, const char *path, char *text, size_t size)
{
	const char *gap = strchr(first, '{'), *name = path + strcspn(pattern, "{");
	size_t name_size = gap ? strcspn(name, "/") : 0;
	if (!gap)
		return snprintf(text, size, "%s", first) < (int)size;
	if (strspn(name, "0123456789abcdefghijklmnopqrstuvwxyz-") < name_size)
		return false;
	return snprintf(text, size, "%.*s%.*s%s", (int)(gap - first), first, (int)name_size, name,
		       strchr(gap, '}') + 1) < (int)size;
}

/* What the page asks first is named to those alone who will be told: a person who is signed in and may see cases, or
 * whoever comes where access is open. A browser is not sent for a refusal. */
static void put_links(
	struct http_request *request, struct api *api, const struct console_page *page)
{
	static const char how[] = ">; rel=preload; as=fetch; crossorigin";
	struct hilf *hilf = atomic_load_explicit(&api->hilf, memory_order_acquire);
	const char *name, *value, *token = access_cookie(request);
	char first[FIRST_MAX], link[LINK_MAX];
	struct session_use use = {.state = SESSION_OVER};
	if (hilf && token)
		session_use(hilf, token, strnlen(token, SESSION_TOKEN_SIZE), clock_now_ms(), false,
			&use);
	const struct person *person = use.state == SESSION_GOOD ? use.person : NULL;
	const char *files = page->link[language_of(request, person)];
	bool asks =
		page->first && (person ? may_ever(&use.actor, VERB_CASE_READ)
				       : hilf && api_conf(api)->open && http_is_loopback(request));
	session_release(&use);
	/* With a query it is another question. */
	asks = asks && !http_query_at(request, 0, &name, &value) &&
	       fill(page->first, page->path, http_path(request), first, sizeof first);
	int size = snprintf(link, sizeof link, "%s, </v1/session%s%s%s%s", files, how,
		asks ? ", <" : "", asks ? first : "", asks ? how : "");
	http_reply_header(request, "Link", size < (int)sizeof link ? link : files);
}

void console_rewrite(struct http_request *request, void *ctx)
{
	const char *method = http_method(request);
	const struct console_page *page = page_at(http_path(request));
	if (!page || (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0))
		return;
	put_links(request, ctx, page);
	http_set_path(request, "/");
}

/* ----------------------------------------------------------------------------------------------- replies */

static const struct console_asset *find(const char *folder, const char *name)
{
	size_t size = strlen(folder);
	for (const struct console_asset *asset = console_assets; asset->name; asset++)
		if (!strncmp(asset->name, folder, size) && !strcmp(asset->name + size, name))
			return asset;
	return NULL;
}

/* The tag stands for all three forms, so it is a weak one. */
static bool is_known(const struct http_request *request, const char *tag)
{
	const char *header = http_header(request, "if-none-match");
	return header && (!strcmp(header, "*") || strstr(header, tag));
}

static void reply_asset(struct http_request *request, int status, const struct console_asset *asset)
{
	const char *accepts = http_header(request, "accept-encoding");
	const struct console_bytes *form = &asset->plain;
	char tag[64];
	snprintf(tag, sizeof tag, "W/\"%s\"", asset->etag);
	http_reply_header(request, "ETag", tag);
	http_reply_header(request, "Vary", "Accept-Encoding");
	http_reply_header(request, "Cross-Origin-Resource-Policy", "same-origin");
	if (status == 200 && is_known(request, tag + 2)) {
		http_reply(request, 304, NULL, NULL);
		return;
	}
	if (asset->br.bytes && console_accepts(accepts, "br")) {
		form = &asset->br;
		http_reply_header(request, "Content-Encoding", "br");
	} else if (asset->gzip.bytes && console_accepts(accepts, "gzip")) {
		form = &asset->gzip;
		http_reply_header(request, "Content-Encoding", "gzip");
	}
	http_reply_const(request, status, asset->type, form->bytes, form->size);
}

void console_asset(struct http_request *request)
{
	const struct console_asset *asset = find("assets/", http_param(request, "file"));
	if (!asset) {
		api_error(request, 404, "not_found", "the console has no such file",
			"load the page again: it may be of another version");
		return;
	}
	http_reply_header(request, "Cache-Control", "public, max-age=31536000, immutable");
	reply_asset(request, 200, asset);
}

static void put_policy(struct http_request *request)
{
	const char *evidence = api_conf(api_of(request))->evidence_from;
	char policy[POLICY_MAX];
	snprintf(policy, sizeof policy,
		"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
		"font-src 'none'; "
		"img-src 'self' blob: %s; media-src 'self' blob: %s; base-uri 'none'; form-action "
		"'none'; "
		"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
		evidence, evidence);
	http_reply_header(request, "Content-Security-Policy", policy);
	http_reply_header(request, "Referrer-Policy", "no-referrer");
	http_reply_header(request, "Cross-Origin-Opener-Policy", "same-origin");
	http_reply_header(request, "Permissions-Policy",
		"accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), "
		"gyroscope=(), "
		"magnetometer=(), microphone=(), midi=(), payment=(), usb=()");
}

void console_page(struct http_request *request)
{
	const struct console_asset *page = find("", "index.html");
	if (!page) {
		http_reply_header(request, "Location", "/docs");
		http_reply(request, 302, NULL, NULL);
		return;
	}
	put_policy(request);
	/* What Link names is for who asks. */
	http_reply_header(request, "Cache-Control", "private, no-cache");
	reply_asset(request, 200, page);
}

bool console_missing(struct http_request *request)
{
	const struct console_asset *page = find("", "index.html");
	const char *method = http_method(request);
	if (!page || !method || (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) ||
		!console_accepts(http_header(request, "accept"), "text/html"))
		return false;
	put_policy(request);
	http_reply_header(request, "Cache-Control", "no-store");
	http_reply_header(request, "Vary", "Accept");
	reply_asset(request, 404, page);
	return true;
}
