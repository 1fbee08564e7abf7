/* The order in access.h, step by step. A key that was sent is never passed over for something that would let the request
 * in without it: whoever sends a revoked key must hear of it. */
#include "http/access.h"

#include "base/check.h"
#include "base/hex.h"
#include "http/cookie.h"
#include "os/clock.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define BEARER "bearer "

bool access_key(struct http_request *request, const char **ret_key, size_t *ret_size)
{
	const char *header = http_header(request, "authorization");
	const char *other = http_header(request, "x-api-key");
	*ret_key = NULL;
	if (header) {
		if (strncasecmp(header, BEARER, strlen(BEARER)) != 0) {
			http_reply_header(request, "WWW-Authenticate", "Bearer realm=\"hilf\"");
			api_error(request, 401, "unauthorized",
				"the Authorization header is of another scheme than Bearer",
				"send 'Authorization: Bearer KEY'");
			return false;
		}
		header += strlen(BEARER);
		header += strspn(header, " ");
	}
	if (header && other && strcmp(header, other) != 0) {
		api_error(request, 400, "two_keys",
			"Authorization and X-API-Key hold two different keys", "send one of them");
		return false;
	}
	*ret_key = header ? header : other;
	*ret_size = *ret_key ? strlen(*ret_key) : 0;
	return true;
}

/* "localhost", "127.0.0.1", "[::1]", each with or without a port. */
static bool is_local_host(const char *host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		size_t size = strlen(names[i]);
		if (strncasecmp(host, names[i], size) != 0)
			continue;
		const char *port = host + size;
		if (!*port)
			return true;
		if (*port == ':' && port[1] && strspn(port + 1, "0123456789") == strlen(port + 1))
			return true;
	}
	return false;
}

bool access_is_local(const struct http_request *request, const char **ret_what)
{
	const char *host = http_header(request, "host"), *origin = http_header(request, "origin");
	const char *site = http_header(request, "sec-fetch-site");
	*ret_what = "Host";
	if (!host || !is_local_host(host))
		return false;
	/* Another port of this machine is another site: only a page that came from here may ask. */
	*ret_what = "Origin";
	if (origin) {
		const char *at = strstr(origin, "://");
		if (!at || strcasecmp(at + 3, host) != 0)
			return false;
	}
	*ret_what = "Sec-Fetch-Site";
	return !site || !strcmp(site, "same-origin") || !strcmp(site, "none");
}

bool access_is_forwarded(const struct http_request *request)
{
	static const char *const names[] = {"forwarded", "x-forwarded-for", "x-forwarded-host",
		"x-forwarded-proto", "x-forwarded-port", "x-forwarded-server", "x-real-ip", "via"};
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (http_header(request, names[i]))
			return true;
	return false;
}

static bool refuse(struct http_request *request, const char *code, const char *message)
{
	http_reply_header(request, "WWW-Authenticate", "Bearer realm=\"hilf\"");
	api_error(request, 401, code, message,
		"send 'Authorization: Bearer KEY'; an operator makes keys with 'hilf key create' "
		"or POST "
		"/v1/keys");
	return false;
}

static bool refuse_state(struct http_request *request, enum key_state state)
{
	if (state == KEY_EXPIRED)
		return refuse(request, "key_expired", "this key has expired");
	if (state == KEY_REVOKED)
		return refuse(request, "key_revoked", "this key was revoked");
	if (state == KEY_HOLDER)
		return refuse(request, "key_holder",
			"who holds this key is disabled, has not enrolled, or may other things "
			"than a moment ago");
	return refuse(request, "unauthorized", "this key is not known here");
}

static void say_when(struct http_request *request, uint32_t wait_ms)
{
	char seconds[16];
	snprintf(seconds, sizeof seconds, "%u", wait_ms / 1000 + (wait_ms % 1000 != 0));
	http_reply_header(request, "Retry-After", seconds);
}

static bool refuse_quota(struct http_request *request, const struct access *access)
{
	say_when(request, access->use.retry_ms);
	api_error(request, 429, "quota", "this key has used up its checks of today",
		"it has new ones after midnight UTC; an operator can give it more");
	return false;
}

static bool take_key(
	struct http_request *request, const struct access_offer *offer, struct access *access)
{
	const struct api *api = api_of(request);
	/* They are there before hilf is, which alone is read in an order that another thread's writes keep. */
	if (!access->hilf || !api->keys) {
		api_error(request, 503, "loading", "the node is starting and cannot check keys yet",
			"try again in a second");
		return false;
	}
	key_use(api->keys, offer->key, offer->key_size, clock_now_ms(), offer->checks,
		&access->use);
	if (access->use.state != KEY_GOOD)
		return refuse_state(request, access->use.state);
	access->actor = access->use.actor;
	if (access->use.over_quota)
		return refuse_quota(request, access);
	if (access->use.over_rate) {
		say_when(request, access->use.retry_ms);
		api_error(request, 429, "rate", "this key sends more requests a second than it may",
			"wait as long as Retry-After says");
		return false;
	}
	return true;
}

/* "cert:NAME", or "cert#" and a digest of a name that is longer: two names that begin alike are not the same actor. */
static void name_cert(struct actor *actor, const char *name)
{
	static const char prefix[] = "cert#";
	enum { DIGEST_SIZE = (sizeof actor->id - sizeof prefix) / 2 };
	uint8_t digest[EVP_MAX_MD_SIZE] = {0};
	if (strlen(name) <= sizeof actor->id - sizeof prefix) {
		snprintf(actor->id, sizeof actor->id, "cert:%s", name);
		return;
	}
	EVP_Digest(name, strlen(name), digest, NULL, EVP_sha256(), NULL);
	memcpy(actor->id, prefix, sizeof prefix - 1);
	hex_encode(digest, DIGEST_SIZE, actor->id + sizeof prefix - 1);
}

/* ------------------------------------------------------------------------------------------ sessions */

const char *access_cookie(const struct http_request *request)
{
	const char *header = http_header(request, "cookie"), *value;
	size_t size;
	if (!header || !cookie_find(header, SESSION_COOKIE, &value, &size))
		return NULL;
	return size == SESSION_TOKEN_SIZE ? value : "";
}

/* Whether an origin, "https://host:port", is of this host, or of the address that people know this node by. */
static bool is_own_origin(const struct http_request *request, const char *origin)
{
	const char *host = http_header(request, "host");
	const char *own = api_conf(api_of(request))->public_url;
	size_t size = strlen(origin);
	const char *at = strstr(origin, "://");
	if (at && host && strcasecmp(at + 3, host) == 0)
		return true;
	return size && strncasecmp(own, origin, size) == 0 && (!own[size] || own[size] == '/');
}

bool access_is_same_site(const struct http_request *request)
{
	const char *site = http_header(request, "sec-fetch-site");
	const char *origin = http_header(request, "origin");
	/* Browsers since 2023 say it, whatever a proxy made of Host. */
	if (site)
		return !strcmp(site, "same-origin") || !strcmp(site, "none");
	return !origin || is_own_origin(request, origin);
}

static bool refuse_site(struct http_request *request)
{
	api_error(request, 403, "foreign_site",
		"this was asked by a page of another site, as Sec-Fetch-Site or Origin say",
		"use the console that this node serves, or a key");
	return false;
}

static bool refuse_session(struct http_request *request)
{
	http_reply_header(request, "WWW-Authenticate", "Bearer realm=\"hilf\"");
	api_error(request, 401, "session_ended", "this session is over", "sign in again");
	return false;
}

static bool is_safe(const char *method)
{
	return !strcmp(method, "GET") || !strcmp(method, "HEAD") || !strcmp(method, "OPTIONS");
}

/* What is asked with a session must be meant by the person: a page elsewhere, such as one of another port of the same
 * machine, can have the cookie sent, but cannot read the token that goes with whatever changes something. */
static bool check_meant(struct http_request *request, const struct access *access)
{
	if (!access_is_same_site(request))
		return refuse_site(request);
	if (is_safe(http_method(request)) ||
		session_csrf_check(access->token, http_header(request, "x-csrf-token")))
		return true;
	api_error(request, 403, "csrf",
		"the header X-CSRF-Token is missing or is not this session's",
		"send the 'csrf' of GET /v1/session in X-CSRF-Token");
	return false;
}

/* *ret_taken: there was a session, and it decides. */
static bool take_session(struct http_request *request, const struct access_offer *offer,
	struct access *access, bool *ret_taken)
{
	const char *token = offer->cookie ? access_cookie(request) : NULL;
	*ret_taken = false;
	if (!token)
		return true;
	if (!access->hilf && offer->open)
		return true;
	if (!access->hilf) {
		api_error(request, 503, "loading",
			"the node is starting and cannot check sessions yet",
			"try again in a second");
		return false;
	}
	session_use(access->hilf, token, strnlen(token, SESSION_TOKEN_SIZE), clock_now_ms(),
		!http_header(request, "x-background"), &access->session);
	if (access->session.state != SESSION_GOOD)
		return offer->open || refuse_session(request);
	*ret_taken = true;
	access->token = token;
	access->actor = access->session.actor;
	return check_meant(request, access);
}

/* Who comes without a key, but with something else; false: nobody. */
static bool take_other(
	struct http_request *request, const struct access_offer *offer, struct access *access)
{
	const struct api_conf *conf = api_conf(api_of(request));
	const char *name = http_client_name(request);
	int64_t uid = http_peer_uid(request);
	if (conf->cert_actors && name) {
		access->actor.role = conf->cert_role;
		name_cert(&access->actor, name);
	} else if ((uid == 0 || (uid > 0 && uid == (int64_t)geteuid())) &&
		   !access_is_forwarded(request)) {
		access->actor.role = ROLE_OPERATOR;
		memcpy(access->actor.id, "local", sizeof "local");
	} else if (offer->open) {
		access->actor.role = offer->open_role;
		memcpy(access->actor.id, "open", sizeof "open");
	} else {
		return false;
	}
	return true;
}

bool access_begin(
	struct http_request *request, const struct access_offer *offer, struct access *ret_access)
{
	struct api *api = api_of(request);
	bool taken = false;
	ASSERT(offer->verb != VERB_NONE);
	ret_access->begun_us = clock_monotonic_us();
	ret_access->hilf = atomic_load_explicit(&api->hilf, memory_order_acquire);
	if (offer->verb == VERB_PUBLIC)
		return true;
	if (offer->key) {
		if (!take_key(request, offer, ret_access))
			return false;
	} else if (!take_session(request, offer, ret_access, &taken)) {
		return false;
	} else if (!taken && !take_other(request, offer, ret_access)) {
		return refuse(request, "unauthorized", "this needs a key, and none was sent");
	}
	if (may_ever(&ret_access->actor, offer->verb))
		return true;
	struct hilf_err err = {.text = "this role may not do it"};
	may(&ret_access->actor, offer->verb, NULL, &err);
	api_error(request, 403, "denied", err.text, "use a key whose role may do it");
	return false;
}

bool access_charge(struct http_request *request, struct access *access, uint64_t checks)
{
	if (access->use.reference)
		key_charge(api_of(request)->keys, &access->use, clock_now_ms(), checks);
	return !access->use.over_quota || refuse_quota(request, access);
}

bool access_still(struct http_request *request, const struct access *access)
{
	if (access->session.reference &&
		session_again(access->hilf, &access->session, clock_now_ms()) != SESSION_GOOD)
		return refuse_session(request);
	if (!access->use.reference)
		return true;
	enum key_state state = key_again(api_of(request)->keys, &access->use, clock_now_ms());
	return state == KEY_GOOD || refuse_state(request, state);
}

void access_end(const struct http_request *request, struct access *access)
{
	if (access->use.reference)
		key_release(api_of(request)->keys, &access->use);
	access->use.reference = NULL;
	session_release(&access->session);
}
