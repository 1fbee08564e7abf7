/* URLs that are read, and the many that are not; references, as RFC 3986 has them. */
#include "wire/web_url.h"

#include "base/check.h"
#include "test/unit.h"

#include <string.h>

static struct hilf_err err;

static void expect_url(const char *text, const char *written)
{
	struct web_url url;
	char again[WEB_URL_ROOM];
	if (web_url_read(text, strlen(text), &url, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	assert_int_equal(web_url_write(&url, again), strlen(written));
	assert_string_equal(again, written);
}

static void urls_have_one_spelling(void **state)
{
	(void)state;
	expect_url("https://files.example/a/b?c=d#e", "https://files.example:443/a/b?c=d");
	expect_url("HTTP://Files.EXAMPLE", "http://files.example:80/");
	expect_url("http://files.example?q", "http://files.example:80/?q");
	expect_url("http://files.example#", "http://files.example:80/");
	expect_url("http://files.example:8080/%2e%2e/|x", "http://files.example:8080/%2e%2e/|x");
	expect_url("https://192.0.2.1/", "https://192.0.2.1:443/");
	expect_url("https://[2001:DB8:0:0::1]:8443", "https://[2001:db8::1]:8443/");
	expect_url("http://xn--bcher-kva.example/", "http://xn--bcher-kva.example:80/");
	expect_url("http://a_b.example/", "http://a_b.example:80/");
	expect_url("http://localhost/", "http://localhost:80/");
	expect_url("http://1.example/", "http://1.example:80/");
	expect_url("http://h:1/", "http://h:1/");
	expect_url("http://h:65535/@:%00", "http://h:65535/@:%00");
}

static void what_is_odd_is_no_url(void **state)
{
	static const char *const cases[] = {"", ":", "http", "http:", "http:/", "http://",
		"http:///a", "://a", "//a", "a", "/a", "http:a", "http//a", "ht tp://a",
		"http://a b", "http://a\t", " http://a", "http://a\n", "http://a/\x80",
		"http://\xc3\xa9.example/", "http://a\\b", "http://a\"", "http://a/<", "http://a@b",
		"http://@b", "http://a:b@c", "http://a%2eb", "http://.", "http://a.", "http://.a",
		"http://a..b", "http://-a", "http://a-", "http://a.-b", "http://a,b",
		"http://a:", "http://a:0", "http://a:01", "http://a:65536", "http://a:999999",
		"http://a:b", "http://a:1:2", "http://a: 1", "http://1", "http://1.2",
		"http://1.2.3", "http://1.2.3.4.5", "http://256.1.1.1", "http://1.2.3.04",
		"http://0x1", "http://0x1.2.3.4", "http://a.0x", "http://a.0xff", "http://a.1",
		"http://[", "http://[]", "http://[::1", "http://::1", "http://[::1]a",
		"http://[::1]:", "http://[:::1]", "http://[1.2.3.4]", "http://[::ffff:1.2.3.4]",
		"http://[::1%25lo]", "http://[v1.a]", "http://a[::1]", "http://]",
		"http://a/b\x7f"};
	static const char *const in_brackets[] = {
		"http://[1.2.3.4]", "http://[::ffff:1.2.3.4]", "http://[::ffff:102:304]:80/"};
	char long_label[80] = "http://", long_host[300] = "http://";
	struct web_url url;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (web_url_read(cases[i], strlen(cases[i]), &url, &err) != HILF_E_INVALID)
			fail_msg("'%s' was read", cases[i]);
	for (size_t i = 0; i < COUNT_OF(in_brackets); i++) {
		assert_int_equal(web_url_read(in_brackets[i], strlen(in_brackets[i]), &url, &err),
			HILF_E_INVALID);
		assert_non_null(strstr(err.text, "has an IPv4 address in brackets"));
	}
	memset(long_label + 7, 'a', 64);
	assert_int_equal(web_url_read(long_label, 71, &url, &err), HILF_E_INVALID);
	assert_int_equal(web_url_read(long_label, 70, &url, &err), 0);
	for (size_t i = 7; i < 7 + 254; i++)
		long_host[i] = (i - 7) % 4 == 3 ? '.' : 'a';
	assert_int_equal(web_url_read(long_host, 7 + 254, &url, &err), HILF_E_INVALID);
	assert_int_equal(web_url_read(long_host, 7 + 253, &url, &err), 0);
	assert_int_equal(web_url_read("http://a\0b", 10, &url, &err), HILF_E_INVALID);
	char *large = calloc(1, WEB_URL_MAX + 2);
	memset(large, 'a', WEB_URL_MAX + 1);
	memcpy(large, "http://a/", 9);
	assert_int_equal(web_url_read(large, WEB_URL_MAX + 1, &url, &err), HILF_E_INVALID);
	assert_int_equal(web_url_read(large, WEB_URL_MAX, &url, &err), 0);
	free(large);
}

static void other_schemes_are_refused_by_name(void **state)
{
	struct web_url url;
	(void)state;
	assert_int_equal(web_url_read("ftp://SECRET@a/", 15, &url, &err), HILF_E_DENIED);
	assert_string_equal(
		err.text, "the scheme 'ftp' is refused: hilf fetches from https and http alone");
	assert_int_equal(web_url_read("data:,SECRET", 12, &url, &err), HILF_E_DENIED);
	assert_null(strstr(err.text, "SECRET"));
}

static void origins_are_compared_whole(void **state)
{
	static const char *const same[] = {"http://a", "http://A:80/x?y"}, *const other[] = {
										   "https://a",
										   "http://a:81",
										   "http://b"};
	struct web_url first, second;
	(void)state;
	assert_int_equal(web_url_read(same[0], strlen(same[0]), &first, NULL), 0);
	assert_int_equal(web_url_read(same[1], strlen(same[1]), &second, NULL), 0);
	assert_true(web_url_same_origin(&first, &second));
	for (size_t i = 0; i < COUNT_OF(other); i++) {
		assert_int_equal(web_url_read(other[i], strlen(other[i]), &second, NULL), 0);
		assert_false(web_url_same_origin(&first, &second));
	}
}

/* RFC 3986, 5.4, with the references that lead to a URL of ours. */
static void references_lead_where_the_rfc_says(void **state)
{
	static const struct {
		const char *reference, *to;
	} cases[] = {
		{"g", "/b/c/g"},
		{"./g", "/b/c/g"},
		{"g/", "/b/c/g/"},
		{"/g", "/g"},
		{"?y", "/b/c/d;p?y"},
		{"g?y", "/b/c/g?y"},
		{"#s", "/b/c/d;p?q"},
		{"g#s", "/b/c/g"},
		{"g?y#s", "/b/c/g?y"},
		{";x", "/b/c/;x"},
		{"g;x", "/b/c/g;x"},
		{"", "/b/c/d;p?q"},
		{".", "/b/c/"},
		{"./", "/b/c/"},
		{"..", "/b/"},
		{"../", "/b/"},
		{"../g", "/b/g"},
		{"../..", "/"},
		{"../../", "/"},
		{"../../g", "/g"},
		{"../../../g", "/g"},
		{"../../../../g", "/g"},
		{"/./g", "/g"},
		{"/../g", "/g"},
		{"g.", "/b/c/g."},
		{".g", "/b/c/.g"},
		{"g..", "/b/c/g.."},
		{"..g", "/b/c/..g"},
		{"./../g", "/b/g"},
		{"./g/.", "/b/c/g/"},
		{"g/./h", "/b/c/g/h"},
		{"g/../h", "/b/c/h"},
		{"g;x=1/./y", "/b/c/g;x=1/y"},
		{"g;x=1/../y", "/b/c/y"},
		{"g?y/./x", "/b/c/g?y/./x"},
		{"g?y/../x", "/b/c/g?y/../x"},
		{"g#s/../x", "/b/c/g"},
		{"/a//b", "/a//b"},
		{"/a//../b", "/a/b"},
	};
	char text[WEB_URL_ROOM], expected[200];
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *reference = cases[i].reference;
		snprintf(expected, sizeof expected, "http://a:80%s", cases[i].to);
		if (web_url_follow(
			    "http://a:80/b/c/d;p?q", reference, strlen(reference), text, &err) != 0)
			fail_msg("'%s': %s", reference, err.text);
		if (strcmp(text, expected) != 0)
			fail_msg("'%s' leads to %s", reference, text);
	}
	assert_int_equal(web_url_follow("https://a:443/x", "//b:8/y", 7, text, &err), 0);
	assert_string_equal(text, "https://b:8/y");
	assert_int_equal(web_url_follow("https://a:443/x", "HTTP://c", 8, text, &err), 0);
	assert_string_equal(text, "http://c:80/");
	assert_int_equal(
		web_url_follow("https://a:443/x", "http:g", 6, text, &err), HILF_E_INVALID);
	assert_int_equal(web_url_follow("https://a:443/x", "g:h", 3, text, &err), HILF_E_DENIED);
	assert_int_equal(
		web_url_follow("https://a:443/x", "//u@b/", 6, text, &err), HILF_E_INVALID);
	assert_int_equal(web_url_follow("https://a:443/x", "a b", 3, text, &err), HILF_E_INVALID);
	assert_int_equal(web_url_follow("https://a:443/x", "a\0b", 3, text, &err), HILF_E_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_have_one_spelling),
		cmocka_unit_test(what_is_odd_is_no_url),
		cmocka_unit_test(other_schemes_are_refused_by_name),
		cmocka_unit_test(origins_are_compared_whole),
		cmocka_unit_test(references_lead_where_the_rfc_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
