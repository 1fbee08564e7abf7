/* The dialler: from a name to a connected socket. It reads what name servers answer and nothing else that strangers say,
 * so that the decision which addresses are reached is made where nobody can have talked it round. A name that has one
 * address which is refused is refused whole: who mixes public and private ones under a name is up to something, or is
 * to be allowed by name. */
#include "proc/fetch.h"

#include "base/check.h"
#include "base/err.h"
#include "os/clock.h"
#include "os/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESSES_MAX 64u /* of a name; more are nobody's way to be found */
#define TRIED_MAX     8u
/* Below it, ports belong to protocols that have their own idea of what an HTTP request means to them. */
#define PORTS_FREE_FROM 1024u

struct dial {
	const struct fetch_rules *rules;
	char host[WEB_HOST_MAX + 1];
	uint16_t port;
	int64_t deadline_us;
	struct web_address addresses[ADDRESSES_MAX];
	size_t count;
};

/* ------------------------------------------------------------------------------------------------ names */

static int take_address(struct dial *dial, const struct sockaddr *from, struct hilf_err *err)
{
	struct web_address address;
	if (from->sa_family == AF_INET) {
		web_address_from_v4(
			(const uint8_t *)&((const struct sockaddr_in *)(const void *)from)
				->sin_addr,
			&address);
	} else {
		const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)from;
		memcpy(address.bytes, &six->sin6_addr, sizeof address.bytes);
		if (web_address_is_v4(&address) || six->sin6_scope_id)
			return err_set(err, HILF_E_DENIED,
				"'%s' has an address that is refused: an IPv6 one that %s",
				dial->host,
				six->sin6_scope_id ? "belongs to an interface"
						   : "has an IPv4 one in it");
	}
	if (dial->count == ADDRESSES_MAX)
		return err_set(err, HILF_E_DENIED, "'%s' has more than %u addresses", dial->host,
			ADDRESSES_MAX);
	dial->addresses[dial->count++] = address;
	return 0;
}

static int resolve(struct dial *dial, struct hilf_err *err)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	int rc = 0;
	if (web_address_read(dial->host, strlen(dial->host), &dial->addresses[0])) {
		dial->count = 1;
		return 0;
	}
	int answer = getaddrinfo(dial->host, NULL, &hints, &list);
	if (answer == EAI_NONAME || answer == EAI_NODATA)
		return err_set(err, HILF_E_NOT_FOUND, "there is no host '%s'", dial->host);
	if (answer == EAI_MEMORY)
		return err_no_memory(err);
	if (answer)
		return err_set(err, HILF_E_IO, "the name '%s' cannot be resolved now: %s",
			dial->host, gai_strerror(answer));
	for (struct addrinfo *item = list; !rc && item; item = item->ai_next)
		if (item->ai_family == AF_INET || item->ai_family == AF_INET6)
			rc = take_address(dial, item->ai_addr, err);
	freeaddrinfo(list);
	if (!rc && !dial->count)
		rc = err_set(err, HILF_E_NOT_FOUND, "the host '%s' has no address", dial->host);
	return rc;
}

/* ------------------------------------------------------------------------------------------------ rules */

static int look_at(const struct dial *dial, const struct web_address *address, struct hilf_err *err)
{
	const struct fetch_rules *rules = dial->rules;
	char text[WEB_ADDRESS_TEXT_MAX];
	const char *special = web_address_special(address);
	if (web_rules_name(rules->rules, rules->count, dial->host, address, dial->port))
		return 0;
	web_address_write(address, text);
	if (special)
		return err_set(err, HILF_E_DENIED,
			"the address %s%s%s is refused (%s), for nothing allows it", text,
			strcmp(text, dial->host) ? " of " : "",
			strcmp(text, dial->host) ? dial->host : "", special);
	if (rules->only_allowed)
		return err_set(err, HILF_E_DENIED, "'%s' port %u is refused, for nothing allows it",
			dial->host, dial->port);
	if (dial->port < PORTS_FREE_FROM && dial->port != 80 && dial->port != 443)
		return err_set(err, HILF_E_DENIED,
			"port %u of '%s' is refused, for it is not one of HTTP and nothing allows "
			"it",
			dial->port, dial->host);
	return 0;
}

/* ------------------------------------------------------------------------------------------- connections */

static socklen_t fill(
	const struct web_address *address, uint16_t port, struct sockaddr_storage *ret)
{
	memset(ret, 0, sizeof *ret);
	if (web_address_is_v4(address)) {
		struct sockaddr_in *four = (struct sockaddr_in *)(void *)ret;
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		memcpy(&four->sin_addr, address->bytes + 12, 4);
		return sizeof *four;
	}
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)ret;
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(port);
	memcpy(&six->sin6_addr, address->bytes, 16);
	return sizeof *six;
}

static int wait_connected(int fd, int64_t until_us)
{
	int sys = 0;
	socklen_t size = sizeof sys;
	for (;;) {
		struct pollfd ready = {.fd = fd, .events = POLLOUT};
		int64_t left_us = until_us - clock_monotonic_us();
		int count = poll(&ready, 1, left_us > 0 ? (int)((left_us + 999) / 1000) : 0);
		if (count > 0)
			return getsockopt(fd, SOL_SOCKET, SO_ERROR, &sys, &size) == 0 ? sys : errno;
		if (count == 0)
			return ETIMEDOUT;
		if (errno != EINTR)
			return errno;
	}
}

/* A socket that is connected to the address, or -1 with *ret_sys. */
static int connect_to(
	const struct web_address *address, uint16_t port, int64_t until_us, int *ret_sys)
{
	struct sockaddr_storage to;
	socklen_t size = fill(address, port, &to);
	int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), sys = 0;
	if (fd < 0)
		sys = errno;
	else if (connect(fd, (struct sockaddr *)&to, size) != 0)
		sys = errno == EINPROGRESS ? wait_connected(fd, until_us) : errno;
	if (sys && fd >= 0) {
		close(fd);
		fd = -1;
	}
	*ret_sys = sys;
	return fd;
}

/* One after the other, each with its share of the time that is left. */
static int connect_any(
	const struct dial *dial, struct web_address *ret_address, struct hilf_err *err)
{
	int sys = 0;
	size_t count = dial->count < TRIED_MAX ? dial->count : TRIED_MAX;
	for (size_t i = 0; i < count; i++) {
		int64_t now = clock_monotonic_us();
		int64_t share = (dial->deadline_us - now) / (int64_t)(count - i);
		int fd = connect_to(&dial->addresses[i], dial->port, now + share, &sys);
		if (fd >= 0) {
			*ret_address = dial->addresses[i];
			return fd;
		}
	}
	err_set(err, HILF_E_IO, "no connection to '%s' port %u: %s", dial->host, dial->port,
		strerror(sys));
	return -1;
}

/* --------------------------------------------------------------------------------------------- the process */

static int dial_one(struct dial *dial, struct web_address *ret_address, struct hilf_err *err)
{
	int rc = resolve(dial, err);
	for (size_t i = 0; !rc && i < dial->count; i++)
		rc = look_at(dial, &dial->addresses[i], err);
	return rc ? -1 : connect_any(dial, ret_address, err);
}

static bool answer(int loader, const struct fetch_dial *ask, const struct fetch_rules *rules)
{
	struct dial dial = {.rules = rules, .port = ask->port};
	struct hilf_err err = {0};
	struct fetch_msg msg = {.kind = FETCH_DIALLED};
	uint8_t bytes[FETCH_PACKET_HEAD + 8 + FETCH_TEXT_MAX];
	dial.deadline_us = clock_monotonic_us() + (int64_t)ask->timeout_ms * 1000;
	memcpy(dial.host, ask->host.text, ask->host.size);
	int fd = dial_one(&dial, &msg.dialled, &err);
	if (fd < 0) {
		msg.kind = FETCH_FAILURE;
		msg.failure = err.code;
		snprintf(msg.text, sizeof msg.text, "%.*s", (int)FETCH_TEXT_MAX, err.text);
	}
	size_t size = fetch_msg_write(&msg, bytes, sizeof bytes);
	ASSERT(size);
	int sys = helper_send(loader, bytes, size, &fd, fd >= 0);
	if (fd >= 0)
		close(fd);
	return !sys;
}

int fetch_dial_serve(int loader, const struct fetch_rules *rules)
{
	/* The loader needs one for each redirect, and one more. */
	for (unsigned i = 0; i <= FETCH_REDIRECTS_MAX; i++) {
		uint8_t bytes[FETCH_PACKET_HEAD + 16 + WEB_HOST_MAX];
		struct fetch_msg msg;
		ssize_t size = helper_receive(loader, bytes, sizeof bytes, NULL, NULL, -1);
		if (size <= 0 || !fetch_msg_read(bytes, (size_t)size, &msg) ||
			msg.kind != FETCH_DIAL || !answer(loader, &msg.dial, rules))
			return 0;
	}
	return 0;
}
