/* The packets of fetching: what is written reads back, and anything else is refused. */
#include "wire/fetch_msg.h"

#include "base/check.h"
#include "test/unit.h"

#include <string.h>

#define TEXT(text)                                                                                 \
	{                                                                                          \
		text, sizeof text - 1                                                              \
	}

static const struct fetch_msg all[] = {
	{.kind = FETCH_HELLO, .hello = {FETCH_VERSION, 0x3f, 140, 0}},
	{.kind = FETCH_HELLO, .hello = {FETCH_VERSION, 0, 0, HILF_E_SANDBOX}, .text = "no wall"},
	{.kind = FETCH_CONF,
		.conf = {32, 1, TEXT("/etc/ca.pem"), 2, TEXT("a.example\n10.0.0.0/8\n")}},
	{.kind = FETCH_CONF, .conf = {1, 0, {NULL, 0}, 0, {NULL, 0}}},
	{.kind = FETCH_START, .start = 30000},
	{.kind = FETCH_REQUEST,
		.request = {1000, 7, 30000, 1, 1, TEXT("POST"), TEXT("https://a.example/?b"),
			TEXT("X-A: b\nAuthorization: c\n")}},
	{.kind = FETCH_DIAL, .dial = {500, 443, TEXT("a.example")}},
	{.kind = FETCH_DIALLED, .dialled = {{1, 2, 3}}},
	{.kind = FETCH_HEAD, .head = 404, .text = "text/plain"},
	{.kind = FETCH_BODY, .body = TEXT("\0\xff bytes")},
	{.kind = FETCH_END, .end = 12345678901ull},
	{.kind = FETCH_FAILURE, .failure = HILF_E_DENIED, .text = "no"},
	{.kind = FETCH_REPORT, .report = {1, 0, 31}},
};

static void every_kind_reads_back(void **state)
{
	static uint8_t bytes[FETCH_PACKET_MAX], again[FETCH_PACKET_MAX];
	struct fetch_msg msg;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		size_t size = fetch_msg_write(&all[i], bytes, sizeof bytes);
		assert_true(size > 0);
		assert_true(fetch_msg_read(bytes, size, &msg));
		assert_int_equal(msg.kind, all[i].kind);
		assert_string_equal(msg.text, all[i].text);
		assert_int_equal(fetch_msg_write(&msg, again, sizeof again), size);
		assert_memory_equal(bytes, again, size);
	}
}

static void a_packet_that_is_cut_or_longer_is_refused(void **state)
{
	static uint8_t bytes[FETCH_PACKET_MAX];
	struct fetch_msg msg;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		size_t size = fetch_msg_write(&all[i], bytes, sizeof bytes);
		for (size_t cut = 0; cut < size; cut++) {
			assert_false(fetch_msg_read(bytes, cut, &msg));
			assert_int_equal(fetch_msg_write(&all[i], bytes, cut), 0);
		}
		assert_int_equal(fetch_msg_write(&all[i], bytes, size), size);
		bytes[size] = 0;
		assert_false(fetch_msg_read(bytes, size + 1, &msg));
	}
}

static void refuse(const struct fetch_msg *bad)
{
	static uint8_t bytes[200 * 1024];
	struct fetch_msg msg;
	size_t size = fetch_msg_write(bad, bytes, sizeof bytes);
	assert_true(size > 0);
	assert_false(fetch_msg_read(bytes, size, &msg));
}

static void what_may_not_be_is_refused(void **state)
{
	static const struct fetch_msg bad[] = {
		{.kind = FETCH_HELLO, .hello = {1, 0, 0, 1}},
		{.kind = FETCH_HELLO, .hello = {1, 0, 0, -99}},
		{.kind = FETCH_CONF, .conf = {1, 2, {NULL, 0}, 0, {NULL, 0}}},
		{.kind = FETCH_CONF, .conf = {1, 0, {NULL, 0}, 1, {NULL, 0}}},
		{.kind = FETCH_CONF, .conf = {1, 0, {NULL, 0}, 1, TEXT("a")}},
		{.kind = FETCH_CONF, .conf = {1, 0, {NULL, 0}, 1, TEXT("a\nb\n")}},
		{.kind = FETCH_CONF, .conf = {1, 0, TEXT("/a\nb"), 0, {NULL, 0}}},
		{.kind = FETCH_REQUEST,
			.request = {1, 1, 1, 0, 0, TEXT("POST"), TEXT("u"), {NULL, 0}}},
		{.kind = FETCH_REQUEST,
			.request = {1, 0, 1, 0, 0, TEXT("post"), TEXT("u"), {NULL, 0}}},
		{.kind = FETCH_REQUEST, .request = {1, 0, 1, 0, 0, TEXT(""), TEXT("u"), {NULL, 0}}},
		{.kind = FETCH_REQUEST,
			.request = {1, 0, 1, 0, 0, TEXT("GET"), TEXT(""), {NULL, 0}}},
		{.kind = FETCH_REQUEST,
			.request = {1, 0, 1, 0, 0, TEXT("GET"), TEXT("u\n"), {NULL, 0}}},
		{.kind = FETCH_REQUEST,
			.request = {1, 0, 1, 0, 0, TEXT("GET"), TEXT("u"), TEXT("Host: a\n")}},
		{.kind = FETCH_REQUEST,
			.request = {1, 0, 1, 0, 0, TEXT("GET"), TEXT("u"), TEXT("A: b\r\n")}},
		{.kind = FETCH_REQUEST,
			.request = {1, 0, 1, 0, 0, TEXT("GET"), TEXT("u"), TEXT("A: b")}},
		{.kind = FETCH_REQUEST,
			.request = {1, 0, 1, 0, 0, TEXT("GET"), TEXT("u"), TEXT("\n")}},
		{.kind = FETCH_DIAL, .dial = {1, 0, TEXT("a")}},
		{.kind = FETCH_DIAL, .dial = {1, 1, TEXT("")}},
		{.kind = FETCH_DIAL, .dial = {1, 1, TEXT("a\0b")}},
		{.kind = FETCH_HEAD, .head = 199},
		{.kind = FETCH_HEAD, .head = 1000},
		{.kind = FETCH_BODY, .body = TEXT("")},
		{.kind = FETCH_FAILURE, .failure = 0},
		{.kind = FETCH_FAILURE, .failure = 5},
		{.kind = FETCH_REPORT, .report = {2, 0, 0}},
	};
	static char large[FETCH_BODY_MAX + 1];
	static char host[WEB_HOST_MAX + 1], many[FETCH_HEADERS_MAX * 5 + 6];
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		refuse(&bad[i]);
	refuse(&(struct fetch_msg){.kind = FETCH_BODY, .body = {large, sizeof large}});
	memset(host, 'a', sizeof host);
	refuse(&(struct fetch_msg){.kind = FETCH_DIAL, .dial = {1, 1, {host, sizeof host}}});
	for (size_t i = 0; i <= FETCH_HEADERS_MAX; i++)
		memcpy(many + 5 * i, "A: b\n", 6);
	refuse(&(struct fetch_msg){.kind = FETCH_REQUEST,
		.request = {1, 0, 1, 0, 0, TEXT("GET"), TEXT("u"), {many, strlen(many)}}});
}

static void texts_are_made_printable_and_cut(void **state)
{
	uint8_t bytes[1000];
	struct fetch_msg msg = {.kind = FETCH_HEAD, .head = 200, .text = "a\nb\x80"};
	(void)state;
	assert_true(fetch_msg_read(bytes, fetch_msg_write(&msg, bytes, sizeof bytes), &msg));
	assert_string_equal(msg.text, "a?b?");
	memset(msg.text, 'x', FETCH_TEXT_MAX);
	assert_true(fetch_msg_read(bytes, fetch_msg_write(&msg, bytes, sizeof bytes), &msg));
	assert_int_equal(strlen(msg.text), FETCH_TYPE_MAX);
}

static void headers_are_a_callers_or_ours(void **state)
{
	static const char *const good[] = {
		"A: b", "Authorization: Bearer x y", "X-1_!#$: :", "Hosts: a"};
	static const char *const bad[] = {"", "A", "A:", "A: ", "A:b", ": b", "A : b", "A\tb: c",
		"A: b\n", "A: b\tc", "A: \x80", "host: a", "HOST: a", "Content-Length: 1",
		"transfer-encoding: chunked", "TE: a", "Connection: x", "Expect: x", "Upgrade: x",
		"Accept-Encoding: gzip", "Proxy-Authorization: x"};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_true(fetch_header_valid(good[i], strlen(good[i])));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (fetch_header_valid(bad[i], strlen(bad[i])))
			fail_msg("'%s' is taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_reads_back),
		cmocka_unit_test(a_packet_that_is_cut_or_longer_is_refused),
		cmocka_unit_test(what_may_not_be_is_refused),
		cmocka_unit_test(texts_are_made_printable_and_cut),
		cmocka_unit_test(headers_are_a_callers_or_ours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
