/* Whose request it is, where a proxy stands before this node: limits by address are of no use when everybody comes from the
 * proxy's.
 *
 *   X-Forwarded-For: 198.51.100.9, 203.0.113.7, 10.0.0.2        peer 127.0.0.1
 *                    anybody can     the client   trusted        trusted
 *                    have said it
 *
 * Each proxy adds at the end whom it was asked by. So it is read from the end, beginning with the peer of the connection:
 * as long as an address is a trusted proxy's, the one before it is believed; the first that is none is the client. What is
 * no address is nobody's word, and the last address that was believed stays. Who is not asked by a trusted proxy is the
 * peer, whatever it sends. `Forwarded` (RFC 7239) is not read: nginx and Caddy pass on what a client says in it.
 *
 * It is for limits, never for logs, and opens nothing: a request that a proxy passes on is never "of this machine". */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "http/server.h"
#include "wire/web_address.h"

#define CLIENT_PROXIES_MAX 32u
#define CLIENT_HOPS_MAX    16u /* proxies one behind another; what is before them is not looked at */

struct client_proxies {
	struct web_rule rules[CLIENT_PROXIES_MAX]; /* networks alone */
	size_t count;
	bool local; /* whoever comes by a unix socket is one */
};

/* "192.0.2.7", "2001:db8::", "10.0.0.0/8", "[2001:db8::]/32", or "unix". HILF_E_INVALID, HILF_E_LIMIT. */
int client_proxies_add(struct client_proxies *proxies, const char *text, struct hilf_err *err);

/* Of lines in the order in which they came; *client holds the peer, and becomes the client. */
void client_walk(const struct client_proxies *proxies, const char *const *lines, size_t count,
	struct web_address *client);

/* As http_peer, of who is asked for. */
void client_address(const struct http_request *request, const struct client_proxies *proxies,
	char ret_text[WEB_ADDRESS_TEXT_MAX]);
/* Whether the client speaks https: with us, or with a trusted proxy that says so in X-Forwarded-Proto. */
bool client_is_secure(const struct http_request *request, const struct client_proxies *proxies);

#endif
