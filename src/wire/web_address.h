/* Internet addresses: their text, what is special about them, and the list of what is allowed.
 *
 * An address is sixteen bytes, IPv4 ones mapped (::ffff:a.b.c.d), so that there is one form to compare. Who has an IPv6
 * address that is mapped refuses it before it comes here. */
#ifndef WIRE_WEB_ADDRESS_H
#define WIRE_WEB_ADDRESS_H

#include "hilf.h"

struct web_address {
	uint8_t bytes[16];
};

#define WEB_ADDRESS_TEXT_MAX 46

/* Four decimal parts without leading zeros, or IPv6 as RFC 4291 writes it, without brackets or a zone. */
bool web_address_read(const char *text, size_t size, struct web_address *ret_address);
void web_address_write(const struct web_address *address, char ret_text[WEB_ADDRESS_TEXT_MAX]);
bool web_address_is_v4(const struct web_address *address);
void web_address_from_v4(const uint8_t bytes[4], struct web_address *ret_address);

/* What an address is reserved for, after RFC 6890 and the registries it made ("loopback", "private use", ...), and NULL
 * for one of the public Internet. Addresses that carry an IPv4 address in them (mapped, compatible, NAT64, 6to4, Teredo)
 * are special whatever they carry. */
const char *web_address_special(const struct web_address *address);

/* One item of the list of what may be connected to:
 *
 *   host.example    *.example (what ends in .example, not itself)    192.0.2.0/24    [2001:db8::]/32    each with :PORT */
struct web_rule {
	bool is_network;
	struct web_address network;
	uint8_t prefix; /* bits, of the sixteen bytes */
	uint16_t port;  /* 0: every one */
	char host[254]; /* where it is no network; "*.example" with its star */
};
/* HILF_E_INVALID names the item. */
int web_rule_read(const char *text, size_t size, struct web_rule *ret_rule, struct hilf_err *err);
/* Whether one of the rules names the host (lower-case), or the address or its network, with that port. */
bool web_rules_name(const struct web_rule *rules, size_t count, const char *host,
	const struct web_address *address, uint16_t port);

#endif
