/* Who is asked for, where proxies stand before: what they wrote is believed from its end, and nothing else. */
#include "http/client.h"

#include "base/check.h"
#include "test/unit.h"

#include <string.h>

static void trust(struct client_proxies *proxies)
{
	static const char *const trusted[] = {
		"127.0.0.1", "10.0.0.0/8", "2001:db8:a::/48", "[2001:db8:b::1]", "unix"};
	*proxies = (struct client_proxies){.count = 0};
	for (size_t i = 0; i < COUNT_OF(trusted); i++)
		assert_int_equal(client_proxies_add(proxies, trusted[i], NULL), 0);
	assert_int_equal(proxies->count, 4);
	assert_true(proxies->local);
}

static void expect(const char *peer, const char *const *lines, size_t count, const char *wanted)
{
	struct client_proxies proxies;
	struct web_address client;
	char text[WEB_ADDRESS_TEXT_MAX];
	trust(&proxies);
	assert_true(web_address_read(peer, strlen(peer), &client));
	client_walk(&proxies, lines, count, &client);
	web_address_write(&client, text);
	assert_string_equal(text, wanted);
}

static void the_client_is_the_last_that_is_no_trusted_proxy(void **state)
{
	static const struct {
		const char *peer, *line, *wanted;
	} cases[] = {
		/* as nginx, Caddy and HAProxy send it */
		{"127.0.0.1", "203.0.113.7", "203.0.113.7"},
		{"127.0.0.1", "198.51.100.9, 203.0.113.7", "203.0.113.7"},
		{"127.0.0.1", "198.51.100.9, 203.0.113.7, 10.1.2.3", "203.0.113.7"},
		{"127.0.0.1", "198.51.100.9,203.0.113.7,10.1.2.3", "203.0.113.7"},
		{"127.0.0.1", "2001:db8:ffff::7", "2001:db8:ffff::7"},
		{"127.0.0.1", "203.0.113.7, 2001:db8:a:1::5", "203.0.113.7"},
		{"127.0.0.1", "203.0.113.7, 2001:db8:b::1", "203.0.113.7"},
		{"2001:db8:b::1", "203.0.113.7", "203.0.113.7"},
		/* with ports, brackets, blanks */
		{"127.0.0.1", "203.0.113.7:51000", "203.0.113.7"},
		{"127.0.0.1", "[2001:db8:ffff::7]:51000", "2001:db8:ffff::7"},
		{"127.0.0.1", "[2001:db8:ffff::7]", "2001:db8:ffff::7"},
		{"127.0.0.1", "  \t203.0.113.7\t ", "203.0.113.7"},
		{"127.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"},
		/* all are proxies: the farthest */
		{"127.0.0.1", "10.0.0.9, 10.0.0.8", "10.0.0.9"},
		/* who is no proxy says what it likes */
		{"192.0.2.1", "203.0.113.7", "192.0.2.1"},
		{"2001:db8:b::2", "203.0.113.7", "2001:db8:b::2"},
		/* what is no address stops it where it was */
		{"127.0.0.1", "", "127.0.0.1"},
		{"127.0.0.1", ",", "127.0.0.1"},
		{"127.0.0.1", "unknown", "127.0.0.1"},
		{"127.0.0.1", "_hidden, 10.0.0.8", "10.0.0.8"},
		{"127.0.0.1", "203.0.113.7, , 10.0.0.8", "10.0.0.8"},
		{"127.0.0.1", "203.0.113.7,", "127.0.0.1"},
		{"127.0.0.1", "203.0.113.007", "127.0.0.1"},
		{"127.0.0.1", "203.0.113.7.", "127.0.0.1"},
		{"127.0.0.1", "203.0.113.7:", "127.0.0.1"},
		{"127.0.0.1", "203.0.113.7:123456", "127.0.0.1"},
		{"127.0.0.1", "203.0.113.7:80:80", "127.0.0.1"},
		{"127.0.0.1", "[203.0.113.7]", "127.0.0.1"},
		{"127.0.0.1", "[2001:db8::1", "127.0.0.1"},
		{"127.0.0.1", "[]", "127.0.0.1"},
		{"127.0.0.1", "[2001:db8::1]80", "127.0.0.1"},
		{"127.0.0.1", "\"203.0.113.7\"", "127.0.0.1"},
		{"127.0.0.1", "fe80::1%eth0", "127.0.0.1"},
		{"127.0.0.1", "for=203.0.113.7", "127.0.0.1"},
		{"127.0.0.1", "203.0.113.7; DROP", "127.0.0.1"},
		{"127.0.0.1", "0x7f.1", "127.0.0.1"},
		{"127.0.0.1", "\x01\x02\xff", "127.0.0.1"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		expect(cases[i].peer, &cases[i].line, 1, cases[i].wanted);
}

static void many_lines_are_one_list(void **state)
{
	static const char *const lines[] = {"192.0.2.66", "198.51.100.9, 203.0.113.7", "10.0.0.8"};
	(void)state;
	expect("127.0.0.1", lines, 3, "203.0.113.7");
	expect("127.0.0.1", lines, 2, "203.0.113.7");
	expect("127.0.0.1", lines, 1, "192.0.2.66");
	expect("127.0.0.1", NULL, 0, "127.0.0.1");
}

/* However much is sent, a few hops are looked at. */
static void what_is_very_long_is_not_read_to_its_beginning(void **state)
{
	enum { COUNT = 1500 };
	static const char hop[] = "10.0.0.8, ";
	static char line[COUNT * (sizeof hop - 1) + 32] = "203.0.113.7, ";
	const char *lines[] = {line};
	(void)state;
	for (unsigned i = 0; i < COUNT; i++)
		strcat(line + i * (sizeof hop - 1), hop);
	strcat(line, "10.0.0.9");
	expect("127.0.0.1", lines, 1, "10.0.0.8");
	memset(line, '1', sizeof line - 1);
	expect("127.0.0.1", lines, 1, "127.0.0.1");
}

static void what_is_trusted_is_an_address_or_a_network(void **state)
{
	static const char *const wrong[] = {"", "proxy.example", "*.example", "10.0.0.1:80",
		"10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "[2001:db8::1]:80", "2001:db8::1/129",
		"2001:db8::zz", "localhost", "unix:", "10.0.0.1, 10.0.0.2",
		"1111111111111111111111111111111111111111111111111111111111111111"};
	static const char *const right[] = {"10.0.0.1", "10.0.0.0/8", "::1", "2001:db8::/32",
		"[2001:db8::]/32", "[::1]", "0.0.0.0/0", "unix"};
	struct client_proxies proxies = {.count = 0};
	struct hilf_err err;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		assert_int_equal(client_proxies_add(&proxies, wrong[i], &err), HILF_E_INVALID);
		assert_non_null(strstr(err.text, "is no address (192.0.2.7), network"));
	}
	assert_int_equal(proxies.count, 0);
	for (size_t i = 0; i < COUNT_OF(right); i++)
		assert_int_equal(client_proxies_add(&proxies, right[i], &err), 0);
	while (proxies.count < CLIENT_PROXIES_MAX)
		assert_int_equal(client_proxies_add(&proxies, "10.0.0.1", &err), 0);
	assert_int_equal(client_proxies_add(&proxies, "10.0.0.1", &err), HILF_E_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_client_is_the_last_that_is_no_trusted_proxy),
		cmocka_unit_test(many_lines_are_one_list),
		cmocka_unit_test(what_is_very_long_is_not_read_to_its_beginning),
		cmocka_unit_test(what_is_trusted_is_an_address_or_a_network),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
