/* The client of hilf-fetch, the only process of ours that connects to others: it loads a URL into a descriptor, or posts
 * a webhook, or follows a feed. It runs behind its own wall (no files but certificates and resolver configuration, no
 * exec), and each request in a child of its own.
 *
 * Schemes: https and http. Addresses are resolved there, every one that a name has is looked at, the connection goes to
 * one that was looked at and to no other, and each redirect (five at most) begins anew. Private, loopback, link-local,
 * multicast and other special addresses are refused (RFC 6890) unless `allow` names the host, the address or its network.
 * With `only_allowed`, public ones are refused as well unless named. */
#ifndef ENGINE_FETCH_H
#define ENGINE_FETCH_H

#include "hilf.h"

struct fetch_pool;

struct fetch_conf {
	const char *helper_dir;
	const char *const *
		allow; /* "host.example", "*.example", "192.0.2.0/24", "[2001:db8::]/32", "127.0.0.1:9000" */
	size_t allow_count;
	bool only_allowed;
	unsigned max; /* at once; 0: 32 */
	const char *
		ca_file; /* PEM: certificate authorities to trust beside the system's; NULL: none */
};
/* HILF_E_INVALID names the item of `allow` that is none. The helper starts at once, while this process is small. */
int fetch_pool_new(
	const struct fetch_conf *conf, struct fetch_pool **ret_pool, struct hilf_err *err);
/* No call may be under way. NULL is fine. */
void fetch_pool_free(struct fetch_pool *pool);
/* Has what is under way fail at once (HILF_E_STOPPED), and everything after it: for whoever ends. From any thread. */
void fetch_pool_abort(struct fetch_pool *pool);
/* The walls that stand around the helper: enum sandbox_walls, or-ed. */
unsigned fetch_pool_walls(struct fetch_pool *pool);
/* The certificate authorities that it trusts, those of ca_file included. */
unsigned fetch_pool_trusted(struct fetch_pool *pool);

struct fetch {
	const char *url;
	const char *method;         /* NULL: GET; or HEAD, POST */
	const char *const *headers; /* "Name: value", NULL-ended; or NULL */
	const void *body;
	size_t body_size;
	uint64_t size_max;   /* of the answer; 0: LIMIT_FETCH_SIZE */
	uint32_t timeout_ms; /* for all of it; 0: LIMIT_FETCH_TIME_MS */
	bool no_redirects;
	bool no_wait; /* HILF_E_BUSY at once where as many are under way as may be */
};
struct fetched {
	int fd; /* the body, at its beginning: a sealed memfd up to 16 MB, an unlinked file above; -1: none */
	uint64_t size;
	int status;
	char content_type[96];
};
/* Only GET and HEAD are redirected; for others, and with no_redirects, a redirect is the answer. Headers are not carried
 * to another origin. What comes back is not decompressed.
 *
 * An answer of whatever status is a success. Otherwise: HILF_E_DENIED (an address or scheme that is refused, with which),
 * HILF_E_LIMIT (too large), HILF_E_NOT_FOUND (no such host), HILF_E_IO (no connection, time over, TLS), HILF_E_INVALID
 * (no URL or header), HILF_E_BUSY (none of `max` became free in time), HILF_E_HELPER. Texts never hold the URL's query or credentials. The caller closes ret_fetched->fd. */
int fetch_url(struct fetch_pool *pool, const struct fetch *fetch, struct fetched *ret_fetched,
	struct hilf_err *err);

#endif
