/* URLs that hilf connects to, by one strict reader: what browsers and libraries read differently is refused, so that what
 * is checked is what is connected to.
 *
 *   https://files.example:8443/a/b?key=value#part
 *   scheme   host         port target         dropped
 *
 * A URL is printable ASCII without spaces, quotes, angle brackets and backslashes. The scheme is http or https. The host is
 * a name in LDH form (lower-cased here; international names in their xn-- form), an IPv4 address in four decimal parts
 * without leading zeros, or an IPv6 address in brackets without a zone. Refused are user names and passwords, empty and
 * odd ports, trailing dots, percent signs in hosts, and names that end in a number, which some take for addresses. */
#ifndef WIRE_WEB_URL_H
#define WIRE_WEB_URL_H

#include "hilf.h"
#include "wire/web_address.h"

#define WEB_URL_MAX  8192u
#define WEB_HOST_MAX 253u

struct web_url {
	bool secure; /* https */
	bool is_address;
	struct web_address address; /* where is_address */
	uint16_t port;
	char host[WEB_HOST_MAX + 1]; /* of an address its canonical text, without brackets */
	const char *
		target; /* points into the text: from the path to before the fragment; may be empty */
	size_t target_size;
};

/* HILF_E_INVALID: no such URL. HILF_E_DENIED: a scheme other than http and https. Texts never hold more of the URL than
 * its scheme and host. text needs no terminator. */
int web_url_read(const char *text, size_t size, struct web_url *ret_url, struct hilf_err *err);

/* The one spelling of it: scheme, host, port (always), target ("/" where there is none). Returns the size. */
#define WEB_URL_ROOM (WEB_URL_MAX + 40) /* for the longest, with its port and a terminator */
size_t web_url_write(const struct web_url *url, char ret_text[WEB_URL_ROOM]);
/* Where a reference leads, such as that of a Location, seen from base (as web_url_write writes it): RFC 3986, section 5.2.
 * What it leads to is read like every URL. */
int web_url_follow(const char *base, const char *reference, size_t size,
	char ret_text[WEB_URL_ROOM], struct hilf_err *err);
/* The same scheme, host and port. */
bool web_url_same_origin(const struct web_url *a, const struct web_url *b);
/* "https://host:port", for errors: without target and all that may be secret. */
#define WEB_ORIGIN_MAX (WEB_HOST_MAX + 24)
void web_url_origin(const struct web_url *url, char ret_text[WEB_ORIGIN_MAX]);

/* Whether text[size] is a host name as above. */
bool web_host_valid(const char *text, size_t size);

#endif
