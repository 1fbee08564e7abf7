/* Who asks: the way from a request to an actor, which both apps go.
 *
 *   a key that was sent ──► it alone decides, good or bad
 *   none ──► a session's cookie (the native API's alone) ──► it decides
 *   none ──► a client certificate ──► the machine's user behind the unix socket ──► whoever comes, where that is allowed
 *
 * An app begins this in its admit hook, asks again in its still hook, and ends it in its done hook. The struct is the
 * first member of what the app keeps with http_set_ctx, where api_actor and api_hilf look for it. */
#ifndef HTTP_ACCESS_H
#define HTTP_ACCESS_H

#include "engine/people.h"
#include "http/api.h"

#define SESSION_COOKIE "hilf_session"

struct access {
	struct actor actor;
	struct key_use use;         /* reference NULL: no key */
	struct session_use session; /* reference NULL: nobody's session */
	const char *token; /* of the session; not terminated behind its SESSION_TOKEN_SIZE */
	struct hilf *hilf; /* NULL while it is opened */
	int64_t begun_us;  /* of the monotonic clock: when the headers had come */
};

struct access_offer {
	const char *key; /* NULL: none was sent */
	size_t key_size;
	bool cookie;         /* a session's cookie is looked at */
	bool open;           /* who comes with nothing is let in */
	enum role open_role; /* as this */
	uint32_t checks;     /* what the request costs of a daily quota */
	enum verb verb;      /* what it is about to do; VERB_PUBLIC asks for nobody */
};

/* Fills ret_access, which is in the request's arena. false: the app's error was replied (400, 401, 403, 429). */
bool access_begin(
	struct http_request *request, const struct access_offer *offer, struct access *ret_access);
/* Takes what the body turned out to cost from the key's quota; false: 429 was replied. */
bool access_charge(struct http_request *request, struct access *access, uint64_t checks);
/* Whether the key or the session is still in force; false: 401 was replied. */
bool access_still(struct http_request *request, const struct access *access);
/* Lets the key and the session go. */
void access_end(const struct http_request *request, struct access *access);

/* The key in Authorization or X-API-Key; *ret_key NULL where none was sent. false: replied. */
bool access_key(struct http_request *request, const char **ret_key, size_t *ret_size);
/* Whether Host and Origin are of this machine: what keeps a web page elsewhere from using access that needs no key. */
bool access_is_local(const struct http_request *request, const char **ret_what);
/* The session's cookie, NULL where there is none, or several of which nobody knows which is whose. */
const char *access_cookie(const struct http_request *request);
/* What a browser says of where the request came from: false where it was a page of another site. What no browser sent
 * passes. */
bool access_is_same_site(const struct http_request *request);
/* Whether a proxy says that it asks for somebody else: its own address, and its own user, are then nobody's. */
bool access_is_forwarded(const struct http_request *request);

#endif
