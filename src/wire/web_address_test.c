/* What is special about an address, at the first and last of each range; and what a rule names. */
#include "wire/web_address.h"

#include "base/check.h"
#include "test/unit.h"

#include <string.h>

static struct web_address address_of(const char *text)
{
	struct web_address address;
	if (!web_address_read(text, strlen(text), &address))
		fail_msg("'%s' was not read", text);
	return address;
}

static void addresses_are_read_in_their_usual_form_alone(void **state)
{
	static const struct {
		const char *text, *written;
	} good[] = {{"1.2.3.4", "1.2.3.4"}, {"0.0.0.0", "0.0.0.0"},
		{"255.255.255.255", "255.255.255.255"}, {"::", "::"},
		{"2001:DB8::0:1", "2001:db8::1"}, {"::ffff:1.2.3.4", "1.2.3.4"},
		{"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
		{"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"}};
	static const char *const bad[] = {"", "1", "1.2.3", "1.2.3.4.", "01.2.3.4", "1.2.3.00",
		"256.1.1.1", "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4/8", ":",
		":::", "1::2::3", "::g", "[::1]", "::1%lo", "1:2:3:4:5:6:7:8:9", "::1.2.3",
		"12345::", "-1.2.3.4", "1.2.3.4:80",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa"};
	char text[WEB_ADDRESS_TEXT_MAX];
	struct web_address address;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		address = address_of(good[i].text);
		web_address_write(&address, text);
		assert_string_equal(text, good[i].written);
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (web_address_read(bad[i], strlen(bad[i]), &address))
			fail_msg("'%s' was read", bad[i]);
	assert_false(web_address_read("1.2.3.4\0", 8, &address));
}

static void special_ranges_begin_and_end_where_they_do(void **state)
{
	/* first and last of a range, and their neighbours outside of it; NULL: the neighbour is special, too */
	static const struct {
		const char *before, *first, *last, *after;
	} cases[] = {
		{NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0"},
		{"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
		{"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
		{"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
		{"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
		{"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
		{"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
		{"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
		{"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
		{"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
		{"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
		{"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
		{"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
		{"223.255.255.255", "224.0.0.0", "255.255.255.255", NULL},
		{NULL, "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"},
		{"2000:ffff::", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"},
		{"2001:db7::", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
			"2001:db9::"},
		{"2001:ffff::", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"},
		{"3ffe:ffff::", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
		{"3fff:ffff::", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *const texts[] = {
			cases[i].before, cases[i].first, cases[i].last, cases[i].after};
		for (size_t j = 0; j < COUNT_OF(texts); j++) {
			if (!texts[j])
				continue;
			struct web_address address = address_of(texts[j]);
			if ((web_address_special(&address) != NULL) != (j == 1 || j == 2))
				fail_msg("%s is wrong", texts[j]);
		}
	}
}

static void special_addresses_are_called_by_their_name(void **state)
{
	static const struct {
		const char *text, *name;
	} cases[] = {{"169.254.169.254", "link-local"}, {"::1", "loopback"}, {"::", "unspecified"},
		{"::7f00:1", "IPv4-compatible"}, {"64:ff9b::a00:1", "NAT64"},
		{"64:ff9b:1::1", "NAT64"}, {"2002:a00:1::", "6to4"}, {"2001:0:1::", "Teredo"},
		{"fd12::1", "private use"}, {"febf::1", "link-local"}, {"ff02::1", "multicast"},
		{"e000::", "reserved"}};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct web_address address = address_of(cases[i].text);
		assert_string_equal(web_address_special(&address), cases[i].name);
	}
}

/* Whether the rule names what is at host (an address names itself) and port. */
static bool names(const char *rule_text, const char *host, uint16_t port)
{
	struct web_rule rule;
	struct hilf_err err;
	struct web_address address = {{0x20, 0x01, 0x48, 0x60}};
	if (web_rule_read(rule_text, strlen(rule_text), &rule, &err) != 0)
		fail_msg("%s", err.text);
	web_address_read(host, strlen(host), &address);
	return web_rules_name(&rule, 1, host, &address, port);
}

static void a_rule_names_hosts_addresses_networks_and_ports(void **state)
{
	(void)state;
	assert_true(names("Host.Example", "host.example", 80));
	assert_false(names("host.example", "a.host.example", 80));
	assert_false(names("host.example", "nothost.example", 80));
	assert_true(names("*.example", "a.example", 80));
	assert_true(names("*.example", "b.a.example", 80));
	assert_false(names("*.example", "example", 80));
	assert_false(names("*.example", "aexample", 80));
	assert_true(names("host.example:81", "host.example", 81));
	assert_false(names("host.example:81", "host.example", 80));
	assert_true(names("192.0.2.7", "192.0.2.7", 1));
	assert_false(names("192.0.2.7", "192.0.2.8", 1));
	assert_true(names("192.0.2.0/24", "192.0.2.255", 1));
	assert_true(names("192.0.2.99/24", "192.0.2.1", 1));
	assert_false(names("192.0.2.0/24", "192.0.3.0", 1));
	assert_true(names("192.0.2.0/25:8080", "192.0.2.127", 8080));
	assert_false(names("192.0.2.0/25:8080", "192.0.2.128", 8080));
	assert_false(names("192.0.2.0/25:8080", "192.0.2.1", 80));
	assert_true(names("0.0.0.0/0", "1.2.3.4", 1));
	assert_false(names("0.0.0.0/0", "2001:db8::1", 1));
	assert_true(names("[2001:db8::]/32", "2001:db8:1::1", 1));
	assert_false(names("[2001:db8::]/32", "2001:db9::", 1));
	assert_true(names("[2001:db8::1]:443", "2001:db8::1", 443));
	assert_false(names("[2001:db8::1]:443", "2001:db8::1", 80));
	assert_true(names("[::]/0", "2001:db8::1", 1));
	assert_false(names("[::]/0", "1.2.3.4", 1));
}

static void a_rule_that_is_none_is_named(void **state)
{
	static const char *const bad[] = {"", "*", "*.", "a*.example", "http://a", "a/24",
		"1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/08", "1.2.3.4/", "[::1]/129", "[::1", "::1",
		"[1.2.3.4]", "[::ffff:1.2.3.4]", "a:", "a:0", "a:65536", "a:1x", "a b", "a.",
		"1.2.3", "[::1]x", "[::1]:", "1.2.3.4/24/8"};
	struct web_rule rule;
	struct hilf_err err;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		char start[64];
		if (web_rule_read(bad[i], strlen(bad[i]), &rule, &err) != HILF_E_INVALID)
			fail_msg("'%s' was read", bad[i]);
		snprintf(
			start, sizeof start, "'%s' names nothing that may be fetched from", bad[i]);
		assert_int_equal(strncmp(err.text, start, strlen(start)), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_in_their_usual_form_alone),
		cmocka_unit_test(special_ranges_begin_and_end_where_they_do),
		cmocka_unit_test(special_addresses_are_called_by_their_name),
		cmocka_unit_test(a_rule_names_hosts_addresses_networks_and_ports),
		cmocka_unit_test(a_rule_that_is_none_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
