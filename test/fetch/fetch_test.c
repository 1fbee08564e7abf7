/* Fetching with the real helper from real servers, most of which are up to no good. */
#include "base/check.h"
#include "os/file.h"
#include "test/fetch/ask.h"
#include "test/fetch/servers.h"

#include <fcntl.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------ what works */

static void an_answer_comes_with_its_status_and_type(void **state)
{
	struct fetched fetched;
	(void)state;
	assert_int_equal(get(url("http", "/hello"), &fetched), 0);
	assert_int_equal(fetched.status, 200);
	assert_string_equal(fetched.content_type, "text/plain; charset=utf-8");
	assert_int_equal(fetched.size, 5);
	assert_string_equal(text_of(&fetched), "hello");
	expect_text(url("http", "/status/404"), 404, "told");
	expect_text(url("http", "/status/500"), 500, "told");
	expect_text(url("http", "/chunks"), 200, "hello world");
	expect_text(url("http", "/some-interim"), 200, "hello");
	expect_text(url("http", "/hello#part"), 200, "hello");
	expect_text(url("http", "/no-location"), 302, "nowhere");
	/* Asked for as it is, it comes as it comes. */
	assert_int_equal(get(url("http", "/gzip"), &fetched), 0);
	assert_memory_equal(text_of(&fetched), "\x1f\x8b not really", 13);
}

static void an_answer_without_a_body_has_no_descriptor(void **state)
{
	struct fetched fetched;
	const struct fetch head = {.url = url("http", "/hello"), .method = "HEAD"};
	(void)state;
	assert_int_equal(get(url("http", "/size/0"), &fetched), 0);
	assert_int_equal(fetched.fd, -1);
	assert_int_equal(fetch_url(pool, &head, &fetched, &err), 0);
	assert_int_equal(fetched.status, 200);
	assert_int_equal(fetched.fd, -1);
}

static void expect_size(uint64_t size, bool sealed)
{
	char path[32];
	static uint8_t block[251 * 1024];
	struct fetched fetched;
	snprintf(path, sizeof path, "/size/%llu", (unsigned long long)size);
	assert_int_equal(get(url("http", path), &fetched), 0);
	assert_int_equal(fetched.size, size);
	int seals = fcntl(fetched.fd, F_GET_SEALS);
	assert_int_equal(sealed, seals > 0 && (seals & F_SEAL_WRITE));
	for (uint64_t at = 0; at < size;) {
		ssize_t count = file_read_all(fetched.fd, block, sizeof block);
		assert_true(count > 0);
		for (ssize_t i = 0; i < count; i++)
			if (block[i] != (uint8_t)((at + (uint64_t)i) % 251 * 7 % 251))
				fail_msg(
					"byte %llu is wrong", (unsigned long long)at + (uint64_t)i);
		at += (uint64_t)count;
	}
	assert_int_equal(read(fetched.fd, block, 1), 0);
	close(fetched.fd);
}

static void large_bodies_come_whole(void **state)
{
	(void)state;
	expect_size(1, true);
	expect_size(65537, true);
	expect_size(16 << 20, true);
	expect_size((16 << 20) + 1, false);
	expect_size(40000000, false);
}

static void a_post_brings_its_body_and_headers(void **state)
{
	static const char *const headers[] = {
		"X-Hilf-Signature: abc", "Content-Type: application/json", NULL};
	struct fetched fetched;
	struct fetch fetch = {.url = url("http", "/echo?a=b"),
		.method = "POST",
		.headers = headers,
		.body = "{\"a\":1}",
		.body_size = 7};
	(void)state;
	assert_int_equal(fetch_url(pool, &fetch, &fetched, &err), 0);
	const char *said = text_of(&fetched);
	assert_ptr_equal(strstr(said, "POST\nPOST /echo?a=b HTTP/1.1\r\n"), said);
	assert_non_null(strstr(said, "\r\nX-Hilf-Signature: abc\r\n"));
	assert_non_null(strstr(said, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(said, "\r\nContent-Length: 7"));
	assert_non_null(strstr(said, "\r\nAccept-Encoding: identity\r\n"));
	assert_non_null(strstr(said, "\n\n{\"a\":1}"));
	/* Without a body, and one that libcurl would ask about first. */
	fetch = (struct fetch){.url = url("http", "/echo"), .method = "POST"};
	assert_int_equal(fetch_url(pool, &fetch, &fetched, &err), 0);
	said = text_of(&fetched);
	assert_non_null(strstr(said, "\r\nContent-Length: 0"));
	assert_null(strstr(said, "Content-Type"));
	fetch.body_size = 5 << 20;
	fetch.body = calloc(1, fetch.body_size);
	fetch.size_max = 6 << 20;
	assert_int_equal(fetch_url(pool, &fetch, &fetched, &err), 0);
	assert_true(fetched.size > fetch.body_size);
	close(fetched.fd);
	free((void *)fetch.body);
}

static void another_family_of_addresses_works(void **state)
{
	char text[64];
	(void)state;
	if (!servers_port("six"))
		skip_aloud("this machine has no IPv6");
	snprintf(text, sizeof text, "http://[::1]:%u/hello", servers_port("six"));
	expect_text(text, 200, "hello");
}

static void a_name_of_the_hosts_file_is_found(void **state)
{
	static const char *const allow[] = {"localhost", NULL};
	char text[64];
	struct fetched fetched;
	struct fetch_pool *named = pool_with(allow, true);
	(void)state;
	snprintf(text, sizeof text, "https://LocalHost:%u/hello", servers_port("good"));
	if (get_from(named, text, &fetched) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(text_of(&fetched), "hello");
	/* Allowed by that name, not by its address. */
	expect_failure(get_from(named, url("http", "/hello"), &fetched), HILF_E_DENIED,
		"the address 127.0.0.1 is refused (loopback)");
	fetch_pool_free(named);
}

/* ---------------------------------------------------------------------------------------- addresses */

static void special_addresses_are_refused(void **state)
{
	static const char *const allow[] = {NULL};
	struct fetch_pool *none = pool_with(allow, false);
	static const struct {
		const char *url, *text;
	} cases[] = {
		{"http://127.0.0.1:PORT/", "127.0.0.1 is refused (loopback)"},
		{"http://127.1.2.3:PORT/", "(loopback)"},
		{"http://localhost:PORT/", " of localhost is refused (loopback)"},
		{"http://0.0.0.0:PORT/", "(this network)"},
		{"http://10.0.0.1/", "(private use)"},
		{"http://172.31.255.255/", "(private use)"},
		{"http://192.168.1.1/", "(private use)"},
		{"http://100.64.0.1/", "(shared address space)"},
		{"http://169.254.169.254/latest/meta-data/?SECRET", "(link-local)"},
		{"http://192.0.0.8/", "(protocol assignments)"},
		{"http://224.0.0.1/", "(multicast)"},
		{"http://255.255.255.255/", "(reserved)"},
		{"http://[::1]:PORT/", "(loopback)"},
		{"http://[::]:PORT/", "(unspecified)"},
		{"http://[::127.0.0.1]:PORT/", "(IPv4-compatible)"},
		{"http://[64:ff9b::7f00:1]/", "(NAT64)"},
		{"http://[2002:7f00:1::]/", "(6to4)"},
		{"http://[2001::1]/", "(Teredo)"},
		{"http://[fc00::1]/", "(private use)"},
		{"http://[fe80::1]/", "(link-local)"},
		{"http://[ff02::1]/", "(multicast)"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[128];
		const char *port = strstr(cases[i].url, "PORT");
		struct fetched fetched;
		if (port)
			snprintf(text, sizeof text, "%.*s%u%s", (int)(port - cases[i].url),
				cases[i].url, servers_port("http"), port + 4);
		int rc = get_from(none, port ? text : cases[i].url, &fetched);
		expect_failure(rc, HILF_E_DENIED, cases[i].text);
	}
	fetch_pool_free(none);
}

static void odd_spellings_of_addresses_are_no_urls(void **state)
{
	static const char *const hosts[] = {"2130706433", "0x7f000001", "017700000001", "127.1",
		"0177.0.0.1", "127.0.0.01", "0x7f.0.0.1", "127.0.0.1.", "[::ffff:127.0.0.1]",
		"[::ffff:7f00:1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[127.0.0.1]", "::1",
		"user@127.0.0.1", "SECRET:SECRET@127.0.0.1", "example.com.", "exa mple.com",
		"%31%32%37.0.0.1",
		"127\xe3\x80\x82"
		"0.0.1",
		"\xe2\x91\xa0.0.0.1", "example.com\\@127.0.0.1", "", ".", "a..b", "-a.example",
		"b\xc3\xbc"
		"cher.example"};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(hosts); i++) {
		char text[128];
		snprintf(text, sizeof text, "http://%s/", hosts[i]);
		refuse(text, HILF_E_INVALID, "the URL ");
	}
	refuse("file:///etc/passwd", HILF_E_DENIED, "the scheme 'file' is refused");
	refuse("gopher://127.0.0.1/SECRET", HILF_E_DENIED, "the scheme 'gopher' is refused");
	refuse("//127.0.0.1/", HILF_E_INVALID, "has no scheme");
}

static void only_what_is_allowed_is_reached(void **state)
{
	char with_port[32], other[64];
	struct fetched fetched;
	snprintf(with_port, sizeof with_port, "127.0.0.1:%u", servers_port("http"));
	const char *const allow[] = {with_port, "198.51.100.0/24", NULL};
	struct fetch_pool *only = pool_with(allow, true);
	(void)state;
	assert_int_equal(get_from(only, url("http", "/hello"), &fetched), 0);
	assert_string_equal(text_of(&fetched), "hello");
	expect_failure(get_from(only, url("second", "/hello"), &fetched), HILF_E_DENIED,
		"127.0.0.1 is refused (loopback)");
	expect_failure(get_from(only, "http://93.184.216.34/", &fetched), HILF_E_DENIED,
		"'93.184.216.34' port 80 is refused, for nothing allows it");
	/* Redirects are looked at like requests. */
	snprintf(other, sizeof other, "/to/%s", url("second", "/hello"));
	expect_failure(get_from(only, url("http", other), &fetched), HILF_E_DENIED,
		"is refused (loopback)");
	fetch_pool_free(only);
}

static void ports_of_other_protocols_are_refused(void **state)
{
	static const char *const allow[] = {NULL};
	struct fetched fetched;
	struct fetch_pool *none = pool_with(allow, false);
	(void)state;
	expect_failure(get_from(none, "http://93.184.216.34:25/", &fetched), HILF_E_DENIED,
		"port 25 of '93.184.216.34' is refused");
	fetch_pool_free(none);
}

static void a_list_with_a_fault_is_no_pool(void **state)
{
	static const char *const bad[] = {"", "http://a.example", "10.0.0.0/33", "10.0.0.0/", "*.",
		"*", "a.*.example", "[::1", "::1", "[::ffff:1.2.3.4]", "host:0", "host:99999",
		"host:x", "10.0.0.1:"};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		const char *const allow[] = {bad[i]};
		const struct fetch_conf conf = {
			.helper_dir = helpers, .allow = allow, .allow_count = 1};
		struct fetch_pool *made = NULL;
		assert_int_equal(fetch_pool_new(&conf, &made, &err), HILF_E_INVALID);
		assert_null(made);
		if (!strstr(err.text, bad[i]))
			fail_msg("%s", err.text);
	}
}

/* ---------------------------------------------------------------------------------------- redirects */

static void redirects_are_followed_five_times(void **state)
{
	(void)state;
	expect_text(url("http", "/hops/5"), 200, "arrived");
	expect_text(url("http", "/to-status/301//hello"), 200, "hello");
	expect_text(url("http", "/to-status/303//hello"), 200, "hello");
	expect_text(url("http", "/to-status/307//hello"), 200, "hello");
	expect_text(url("http", "/to-status/308//hello"), 200, "hello");
	expect_text(url("http", "/to/..//../hello"), 200, "hello");
	expect_text(url("http", "/endless-redirect"), 200, "hello");
	expect_text(url("http", "/to-tls/hello"), 200, "hello");
	refuse(url("http", "/hops/6?SECRET"), HILF_E_LIMIT, "more than 5 redirects");
	refuse(url("http", "/loop"), HILF_E_LIMIT, "more than 5 redirects");
	refuse(url("http", "/long-location"), HILF_E_LIMIT, "redirects to a URL longer than");
}

static void a_redirect_leads_nowhere_that_a_url_may_not(void **state)
{
	static const struct {
		const char *to;
		int code;
		const char *text;
	} cases[] = {
		{"http://169.254.169.254/SECRET", HILF_E_DENIED, "169.254.169.254 is refused"},
		{"http://10.0.0.1/", HILF_E_DENIED, "10.0.0.1 is refused"},
		{"//10.0.0.1/", HILF_E_DENIED, "10.0.0.1 is refused"},
		{"http://[::ffff:127.0.0.1]/SECRET", HILF_E_IO, "redirects to what is refused"},
		{"http://2130706433/", HILF_E_IO, "redirects to what is refused"},
		{"http://0x7f.1/", HILF_E_IO, "redirects to what is refused"},
		{"http://user:SECRET@127.0.0.1/", HILF_E_IO, "redirects to what is refused"},
		{"file:///etc/passwd", HILF_E_DENIED, "redirects to what is refused"},
		{"ftp://127.0.0.1/", HILF_E_DENIED, "redirects to what is refused"},
		{"javascript:alert(1)", HILF_E_DENIED, "redirects to what is refused"},
		{"http://", HILF_E_IO, "redirects to what is refused"},
		{"http://a|b/", HILF_E_IO, "redirects to what is refused"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char path[128];
		snprintf(path, sizeof path, "/to/%s", cases[i].to);
		refuse(url("http", path), cases[i].code, cases[i].text);
	}
	refuse(url("good", "/to-plain"), HILF_E_DENIED, "redirects from https to http");
}

static void headers_stay_with_their_origin(void **state)
{
	static const char *const headers[] = {"Authorization: Bearer SECRET", NULL};
	struct fetched fetched;
	struct fetch fetch = {.url = url("http", "/to-here/echo"), .headers = headers};
	(void)state;
	assert_int_equal(fetch_url(pool, &fetch, &fetched, &err), 0);
	assert_non_null(strstr(text_of(&fetched), "Authorization: Bearer SECRET"));
	fetch.url = url("http", "/to-echo-elsewhere");
	assert_int_equal(fetch_url(pool, &fetch, &fetched, &err), 0);
	assert_null(strstr(text_of(&fetched), "Authorization"));
}

static void a_post_is_never_redirected(void **state)
{
	struct fetched fetched;
	struct fetch fetch = {.url = url("http", "/to-status/307//echo"),
		.method = "POST",
		.body = "x",
		.body_size = 1};
	(void)state;
	assert_int_equal(fetch_url(pool, &fetch, &fetched, &err), 0);
	assert_int_equal(fetched.status, 307);
	close(fetched.fd);
	fetch = (struct fetch){.url = url("http", "/to//hello"), .no_redirects = true};
	assert_int_equal(fetch_url(pool, &fetch, &fetched, &err), 0);
	assert_int_equal(fetched.status, 302);
	assert_string_equal(text_of(&fetched), "not what was asked for");
}

/* -------------------------------------------------------------------------------- what strangers try */

static void nothing_is_larger_or_longer_than_it_may(void **state)
{
	static const struct {
		const char *path;
		int code;
		const char *text;
	} cases[] = {
		{"/endless?SECRET", HILF_E_LIMIT, "is larger than 100000 bytes"},
		{"/endless-chunks", HILF_E_LIMIT, "is larger than 100000 bytes"},
		{"/size/100001", HILF_E_LIMIT, "is larger than 100000 bytes"},
		{"/headers", HILF_E_LIMIT, "headers"},
		{"/one-header", HILF_E_LIMIT, "headers"},
		{"/interim", HILF_E_LIMIT, "headers"},
		{"/drip?SECRET", HILF_E_IO, "within "},
		{"/drip-head", HILF_E_IO, "within "},
		{"/silent", HILF_E_IO, "within "},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool slow = cases[i].code == HILF_E_IO;
		const struct fetch fetch = {.url = url("http", cases[i].path),
			.size_max = 100000,
			.timeout_ms = slow ? 700 : 20000};
		struct fetched fetched;
		expect_failure(
			fetch_url(pool, &fetch, &fetched, &err), cases[i].code, cases[i].text);
	}
}

static void answers_that_are_none_are_errors(void **state)
{
	static const char *const paths[] = {"/chunk-lie", "/chunk-word", "/cut?SECRET", "/close",
		"/nonsense", "/old", "/status/99"};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(paths); i++)
		refuse(url("http", paths[i]), HILF_E_IO, "http://127.0.0.1:");
	refuse(url("http", "/packed"), HILF_E_IO, "packs what it sends");
	refuse(url("http", "/packed-chunks"), HILF_E_IO, "packs what it sends");
	refuse(url("closed", "/SECRET"), HILF_E_IO, "Connection refused");
	/* TLS spoken to a plain server, and the other way round. */
	char wrong[64];
	snprintf(wrong, sizeof wrong, "https://127.0.0.1:%u/", servers_port("http"));
	refuse(wrong, HILF_E_IO, "did not answer as it should");
	snprintf(wrong, sizeof wrong, "http://127.0.0.1:%u/", servers_port("good"));
	refuse(wrong, HILF_E_IO, "did not answer as it should");
}

static void a_content_type_is_printable(void **state)
{
	struct fetched fetched;
	(void)state;
	assert_int_equal(get(url("http", "/type"), &fetched), 0);
	assert_string_equal(text_of(&fetched), "x");
	assert_true(strlen(fetched.content_type) < sizeof fetched.content_type);
	for (const char *c = fetched.content_type; *c; c++)
		assert_true(*c >= 0x20 && *c < 0x7f);
}

static void certificates_are_verified(void **state)
{
	static const char *const allow[] = {"127.0.0.1", NULL};
	const struct fetch_conf conf = {.helper_dir = helpers, .allow = allow, .allow_count = 1};
	struct fetch_pool *strict;
	struct fetched fetched;
	(void)state;
	expect_text(url("good", "/hello"), 200, "hello");
	refuse(url("other", "/SECRET"), HILF_E_IO, "is refused: it is for another name");
	refuse(url("expired", "/SECRET"), HILF_E_IO, "is refused: certificate has expired");
	refuse(url("self", "/SECRET"), HILF_E_IO, "is refused: self-signed certificate");
	/* The system alone does not know our authority. */
	assert_int_equal(fetch_pool_new(&conf, &strict, &err), 0);
	expect_failure(get_from(strict, url("good", "/"), &fetched), HILF_E_IO,
		"is refused: unable to get local issuer certificate");
	fetch_pool_free(strict);
}

static void what_no_request_is_is_refused_before_anybody_hears_of_it(void **state)
{
	static const char *const headers[][2] = {{"Host: elsewhere"}, {"content-length: 5"},
		{"X: a\r\nY: b"}, {"X"}, {"X: "}, {": x"}, {"X y: z"},
		{"Transfer-Encoding: chunked"}, {"X: \x01"}};
	struct fetched fetched;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		const struct fetch fetch = {
			.url = url("http", "/SECRET-header"), .headers = headers[i]};
		expect_failure(
			fetch_url(pool, &fetch, &fetched, &err), HILF_E_INVALID, "header 1 ");
	}
	struct fetch fetch = {.url = url("http", "/SECRET-method"), .method = "DELETE"};
	expect_failure(
		fetch_url(pool, &fetch, &fetched, &err), HILF_E_INVALID, "GET, HEAD and POST");
	fetch = (struct fetch){.url = url("http", "/SECRET-body"), .body = "x", .body_size = 1};
	expect_failure(
		fetch_url(pool, &fetch, &fetched, &err), HILF_E_INVALID, "a GET has no body");
	assert_int_equal(get(url("http", "/seen"), &fetched), 0);
	assert_null(strstr(text_of(&fetched), "SECRET-"));
}

int main(int count, char **arguments)
{
	if (count > 1)
		cmocka_set_test_filter(arguments[1]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_comes_with_its_status_and_type),
		cmocka_unit_test(an_answer_without_a_body_has_no_descriptor),
		cmocka_unit_test(large_bodies_come_whole),
		cmocka_unit_test(a_post_brings_its_body_and_headers),
		cmocka_unit_test(another_family_of_addresses_works),
		cmocka_unit_test(a_name_of_the_hosts_file_is_found),
		cmocka_unit_test(special_addresses_are_refused),
		cmocka_unit_test(odd_spellings_of_addresses_are_no_urls),
		cmocka_unit_test(only_what_is_allowed_is_reached),
		cmocka_unit_test(ports_of_other_protocols_are_refused),
		cmocka_unit_test(a_list_with_a_fault_is_no_pool),
		cmocka_unit_test(redirects_are_followed_five_times),
		cmocka_unit_test(a_redirect_leads_nowhere_that_a_url_may_not),
		cmocka_unit_test(headers_stay_with_their_origin),
		cmocka_unit_test(a_post_is_never_redirected),
		cmocka_unit_test(nothing_is_larger_or_longer_than_it_may),
		cmocka_unit_test(answers_that_are_none_are_errors),
		cmocka_unit_test(a_content_type_is_printable),
		cmocka_unit_test(certificates_are_verified),
		cmocka_unit_test(what_no_request_is_is_refused_before_anybody_hears_of_it),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
