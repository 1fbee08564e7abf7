/* Addresses by their bits. The special ones are those of the IANA registries for IPv4 and IPv6 that RFC 6890 set up, with
 * multicast and what is reserved for ever; a public address is one that no row names. */
#include "wire/web_address.h"

#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"
#include "wire/web_url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool web_address_is_v4(const struct web_address *address)
{
	return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

void web_address_from_v4(const uint8_t bytes[4], struct web_address *ret_address)
{
	memcpy(ret_address->bytes, mapped, sizeof mapped);
	memcpy(ret_address->bytes + sizeof mapped, bytes, 4);
}

/* inet_pton of today reads neither octal nor hexadecimal nor fewer parts; that leading zeros are refused is said by no
 * standard, so it is seen to here. */
static bool read_v4(const char *text, uint8_t ret_bytes[4])
{
	for (const char *c = text; *c; c++)
		if (*c == '0' && (c == text || c[-1] == '.') && c[1] && c[1] != '.')
			return false;
	return inet_pton(AF_INET, text, ret_bytes) == 1;
}

bool web_address_read(const char *text, size_t size, struct web_address *ret_address)
{
	char copy[WEB_ADDRESS_TEXT_MAX];
	uint8_t v4[4];
	struct web_address address;
	if (size == 0 || size >= sizeof copy || memchr(text, '\0', size))
		return false;
	memcpy(copy, text, size);
	copy[size] = '\0';
	if (read_v4(copy, v4)) {
		web_address_from_v4(v4, ret_address);
		return true;
	}
	if (!strchr(copy, ':') || inet_pton(AF_INET6, copy, address.bytes) != 1)
		return false;
	*ret_address = address;
	return true;
}

void web_address_write(const struct web_address *address, char ret_text[WEB_ADDRESS_TEXT_MAX])
{
	bool v4 = web_address_is_v4(address);
	const char *done = inet_ntop(v4 ? AF_INET : AF_INET6, address->bytes + (v4 ? 12 : 0),
		ret_text, WEB_ADDRESS_TEXT_MAX);
	ASSERT(done);
}

/* ------------------------------------------------------------------------------------------- special ones */

struct special {
	const char *network;
	uint8_t prefix;
	const char *what;
};

static const struct special special_v4[] = {
	{"0.0.0.0", 8, "this network"},
	{"10.0.0.0", 8, "private use"},
	{"100.64.0.0", 10, "shared address space"},
	{"127.0.0.0", 8, "loopback"},
	{"169.254.0.0", 16, "link-local"},
	{"172.16.0.0", 12, "private use"},
	{"192.0.0.0", 24, "protocol assignments"},
	{"192.0.2.0", 24, "documentation"},
	{"192.31.196.0", 24, "AS112"},
	{"192.52.193.0", 24, "AMT"},
	{"192.88.99.0", 24, "6to4 relay"},
	{"192.168.0.0", 16, "private use"},
	{"192.175.48.0", 24, "AS112"},
	{"198.18.0.0", 15, "benchmarking"},
	{"198.51.100.0", 24, "documentation"},
	{"203.0.113.0", 24, "documentation"},
	{"224.0.0.0", 4, "multicast"},
	{"240.0.0.0", 4, "reserved"},
};

/* What is outside 2000::/3 is no public unicast at all; its rows are there to be named. */
static const struct special special_v6[] = {
	{"::", 128, "unspecified"},
	{"::1", 128, "loopback"},
	{"::", 96, "IPv4-compatible"},
	{"64:ff9b::", 96, "NAT64"},
	{"64:ff9b:1::", 48, "NAT64"},
	{"100::", 64, "discard"},
	{"2001::", 32, "Teredo"},
	{"2001::", 23, "protocol assignments"},
	{"2001:db8::", 32, "documentation"},
	{"2002::", 16, "6to4"},
	{"2620:4f:8000::", 48, "AS112"},
	{"3fff::", 20, "documentation"},
	{"5f00::", 16, "segment routing"},
	{"fc00::", 7, "private use"},
	{"fe80::", 10, "link-local"},
	{"fec0::", 10, "site-local"},
	{"ff00::", 8, "multicast"},
};

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

const char *web_address_special(const struct web_address *address)
{
	uint8_t network[16];
	if (web_address_is_v4(address)) {
		for (size_t i = 0; i < COUNT_OF(special_v4); i++)
			if (inet_pton(AF_INET, special_v4[i].network, network) == 1 &&
				same_bits(address->bytes + 12, network, special_v4[i].prefix))
				return special_v4[i].what;
		return NULL;
	}
	for (size_t i = 0; i < COUNT_OF(special_v6); i++)
		if (inet_pton(AF_INET6, special_v6[i].network, network) == 1 &&
			same_bits(address->bytes, network, special_v6[i].prefix))
			return special_v6[i].what;
	return (address->bytes[0] & 0xe0) == 0x20 ? NULL : "reserved";
}

/* ------------------------------------------------------------------------------------------------- rules */

static int no_rule(const char *text, size_t size, const char *why, struct hilf_err *err)
{
	char printable[128];
	utf8_printable(text, size, printable, sizeof printable);
	return err_set(err, HILF_E_INVALID,
		"'%s' names nothing that may be fetched from: %s; write host.example, *.example, "
		"192.0.2.0/24 or [2001:db8::]/32, each with :PORT if only that one is meant",
		printable, why);
}

/* A decimal number without leading zeros, most at most; false for anything else. */
static bool read_number(const char *text, size_t size, unsigned most, unsigned *ret_number)
{
	unsigned number = 0;
	if (size == 0 || size > 5 || (text[0] == '0' && size > 1))
		return false;
	for (size_t i = 0; i < size; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (unsigned)(text[i] - '0');
	}
	*ret_number = number;
	return number <= most;
}

static void clear_host_bits(struct web_rule *rule)
{
	for (unsigned bit = rule->prefix; bit < 128; bit++)
		rule->network.bytes[bit / 8] &= (uint8_t) ~(0x80u >> (bit % 8));
}

/* The network at the beginning of text; returns what it takes of it, or 0. */
static size_t read_network(const char *text, size_t size, struct web_rule *rule)
{
	bool bracketed = size && text[0] == '[';
	const char *close = bracketed ? memchr(text, ']', size) : NULL;
	size_t end, at = bracketed;
	unsigned bits = 0, all;
	if (bracketed && !close)
		return 0;
	for (end = at; end < size && text[end] != ']' && text[end] != '/' &&
		       (bracketed || text[end] != ':');)
		end++;
	if (!web_address_read(text + at, end - at, &rule->network) ||
		web_address_is_v4(&rule->network) == bracketed ||
		(bracketed && (end == size || text[end] != ']')))
		return 0;
	end += bracketed;
	all = bracketed ? 128 : 32;
	bits = all;
	if (end < size && text[end] == '/') {
		size_t from = ++end;
		while (end < size && text[end] != ':')
			end++;
		if (!read_number(text + from, end - from, all, &bits))
			return 0;
	}
	rule->prefix = (uint8_t)(bits + 128 - all);
	rule->is_network = true;
	clear_host_bits(rule);
	return end;
}

/* The host name, which may begin with a star; returns what it takes, or 0. */
static size_t read_host(const char *text, size_t size, struct web_rule *rule)
{
	size_t end = 0, star = size > 2 && text[0] == '*' && text[1] == '.' ? 2 : 0;
	while (end < size && text[end] != ':')
		end++;
	if (end >= sizeof rule->host || !web_host_valid(text + star, end - star))
		return 0;
	for (size_t i = 0; i < end; i++)
		rule->host[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
	rule->host[end] = '\0';
	return end;
}

int web_rule_read(const char *text, size_t size, struct web_rule *ret_rule, struct hilf_err *err)
{
	struct web_rule rule = {0};
	unsigned port = 0;
	size_t end = read_network(text, size, &rule);
	if (!end)
		end = read_host(text, size, &rule);
	if (!end)
		return no_rule(
			text, size, "it is neither a host nor an address nor a network", err);
	if (end < size &&
		(text[end] != ':' || !read_number(text + end + 1, size - end - 1, 65535, &port) ||
			!port))
		return no_rule(text, size, "what follows the host is no port", err);
	rule.port = (uint16_t)port;
	*ret_rule = rule;
	return 0;
}

static bool names_host(const char *rule, const char *host)
{
	size_t rule_size = strlen(rule), host_size = strlen(host);
	if (rule[0] != '*')
		return strcmp(rule, host) == 0;
	return host_size >= rule_size && strcmp(host + host_size - (rule_size - 1), rule + 1) == 0;
}

/* An IPv6 network is none of IPv4 addresses, however short its prefix. */
static bool in_network(const struct web_rule *rule, const struct web_address *address)
{
	return web_address_is_v4(&rule->network) == web_address_is_v4(address) &&
	       same_bits(rule->network.bytes, address->bytes, rule->prefix);
}

bool web_rules_name(const struct web_rule *rules, size_t count, const char *host,
	const struct web_address *address, uint16_t port)
{
	for (size_t i = 0; i < count; i++) {
		const struct web_rule *rule = &rules[i];
		if (rule->port && rule->port != port)
			continue;
		if (rule->is_network ? in_network(rule, address) : names_host(rule->host, host))
			return true;
	}
	return false;
}
