/* Reading what proxies say from its end, as client.h draws it. There is no standard of X-Forwarded-For; this reads what nginx,
 * Caddy, HAProxy and the clouds' balancers write: addresses with commas between, some with a port, IPv6 with or without
 * brackets. Several lines are one list (RFC 9110, section 5.3). */
#include "http/client.h"

#include "base/check.h"
#include "base/err.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LINES_MAX 100u /* as many as a head may have */
/* "[", an address, "]:65535" */
#define HOP_SIZE_MAX (WEB_ADDRESS_TEXT_MAX + 8)

int client_proxies_add(struct client_proxies *proxies, const char *text, struct hilf_err *err)
{
	struct web_rule rule;
	ASSERT(proxies && text);
	if (strcmp(text, "unix") == 0) {
		proxies->local = true;
		return 0;
	}
	if (proxies->count == CLIENT_PROXIES_MAX)
		return err_set(
			err, HILF_E_LIMIT, "%u proxies can be trusted at most", CLIENT_PROXIES_MAX);
	/* An IPv6 address may come without brackets: no port can follow it here. */
	char bracketed[HOP_SIZE_MAX + 8];
	struct web_address address;
	size_t size = strcspn(text, "/");
	if (memchr(text, ':', size) && web_address_read(text, size, &address))
		snprintf(bracketed, sizeof bracketed, "[%.*s]%s", (int)size, text, text + size);
	else
		snprintf(bracketed, sizeof bracketed, "%s", text);
	if (strlen(text) >= HOP_SIZE_MAX ||
		web_rule_read(bracketed, strlen(bracketed), &rule, NULL) || !rule.is_network ||
		rule.port)
		return err_set(err, HILF_E_INVALID,
			"'%.64s' is no address (192.0.2.7), network (10.0.0.0/8) or 'unix'", text);
	proxies->rules[proxies->count++] = rule;
	return 0;
}

static bool is_trusted(const struct client_proxies *proxies, const struct web_address *address)
{
	return web_rules_name(proxies->rules, proxies->count, "", address, 0);
}

static bool is_port(const char *text, size_t size)
{
	if (size < 2 || size > 6 || text[0] != ':')
		return false;
	for (size_t i = 1; i < size; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

static bool read_hop(const char *text, size_t size, struct web_address *ret_address)
{
	while (size && (text[0] == ' ' || text[0] == '\t'))
		text++, size--;
	while (size && (text[size - 1] == ' ' || text[size - 1] == '\t'))
		size--;
	if (!size || size > HOP_SIZE_MAX)
		return false;
	if (text[0] == '[') {
		const char *end = memchr(text, ']', size);
		size_t inner = end ? (size_t)(end - text) - 1 : 0, rest = size - inner - 2;
		return end && memchr(text + 1, ':', inner) && (!rest || is_port(end + 1, rest)) &&
		       web_address_read(text + 1, inner, ret_address);
	}
	if (web_address_read(text, size, ret_address))
		return true;
	const char *colon = memchr(text, ':', size);
	size_t host = colon ? (size_t)(colon - text) : 0;
	return colon && is_port(colon, size - host) && web_address_read(text, host, ret_address);
}

void client_walk(const struct client_proxies *proxies, const char *const *lines, size_t count,
	struct web_address *client)
{
	unsigned hops = 0;
	ASSERT(proxies && client && (lines || !count));
	while (count--) {
		const char *line = lines[count];
		size_t end = strlen(line);
		for (;;) {
			size_t begin = end;
			struct web_address hop;
			while (begin && line[begin - 1] != ',')
				begin--;
			if (hops++ == CLIENT_HOPS_MAX || !is_trusted(proxies, client) ||
				!read_hop(line + begin, end - begin, &hop))
				return;
			*client = hop;
			if (!begin)
				break;
			end = begin - 1;
		}
	}
}

static bool read_peer(const struct http_request *request, struct web_address *ret_address)
{
	const char *peer = http_peer(request);
	return web_address_read(peer, strlen(peer), ret_address);
}

void client_address(const struct http_request *request, const struct client_proxies *proxies,
	char ret_text[WEB_ADDRESS_TEXT_MAX])
{
	const char *lines[LINES_MAX];
	struct web_address client;
	bool known = read_peer(request, &client);
	snprintf(ret_text, WEB_ADDRESS_TEXT_MAX, "%s", http_peer(request));
	if (known ? !is_trusted(proxies, &client) : !proxies->local)
		return;
	size_t count = http_headers(request, "x-forwarded-for", lines, LINES_MAX);
	/* Who comes by a socket has no address: the last that it names is whom it was asked by. */
	if (!known) {
		const char *comma = count ? strrchr(lines[count - 1], ',') : NULL;
		const char *last = !count ? "" : comma ? comma + 1 : lines[count - 1];
		if (!read_hop(last, strlen(last), &client))
			return;
		/* It stands at the end of the list as well, and is passed by if it is a proxy's. */
	}
	client_walk(proxies, lines, count, &client);
	web_address_write(&client, ret_text);
}

bool client_is_secure(const struct http_request *request, const struct client_proxies *proxies)
{
	const char *protocols[LINES_MAX];
	struct web_address peer;
	if (http_is_tls(request))
		return true;
	if (read_peer(request, &peer) ? !is_trusted(proxies, &peer) : !proxies->local)
		return false;
	size_t count = http_headers(request, "x-forwarded-proto", protocols, LINES_MAX);
	if (!count)
		return false;
	const char *last = protocols[count - 1], *comma = strrchr(last, ',');
	last = comma ? comma + 1 : last;
	last += strspn(last, " \t");
	return strncasecmp(last, "https", 5) == 0 && !last[5 + strspn(last + 5, " \t")];
}
