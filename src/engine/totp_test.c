/* One-time codes against the vectors of RFC 6238 (appendix B; the last six of its eight digits) and RFC 4648. */
#include "engine/totp.h"

#include "base/check.h"
#include "test/unit.h"

#include <string.h>

static const uint8_t secret[TOTP_SECRET_SIZE] = "12345678901234567890";

static const struct {
	int64_t time_s;
	const char *code;
} vectors[] = {{59, "287082"}, {1111111109, "081804"}, {1111111111, "050471"},
	{1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};

static void codes_are_those_of_the_standard(void **state)
{
	char code[TOTP_DIGITS + 1];
	(void)state;
	for (size_t i = 0; i < COUNT_OF(vectors); i++) {
		uint64_t step = (uint64_t)vectors[i].time_s / 30;
		totp_code(secret, step, code);
		assert_string_equal(code, vectors[i].code);
		assert_int_equal(totp_find(secret, code, vectors[i].time_s * 1000, 0), step);
	}
}

static void a_code_is_good_half_a_minute_before_and_after(void **state)
{
	const int64_t now_ms = 1111111109000;
	const uint64_t now = (uint64_t)now_ms / TOTP_STEP_MS;
	char code[TOTP_DIGITS + 1];
	(void)state;
	for (int away = -3; away <= 3; away++) {
		uint64_t step = now + (uint64_t)(int64_t)away;
		totp_code(secret, step, code);
		assert_int_equal(
			totp_find(secret, code, now_ms, 0), away >= -1 && away <= 1 ? step : 0);
	}
}

static void a_code_counts_once_and_none_before_it_does(void **state)
{
	const int64_t now_ms = 1111111109000;
	const uint64_t now = (uint64_t)now_ms / TOTP_STEP_MS;
	char code[TOTP_DIGITS + 1];
	(void)state;
	totp_code(secret, now, code);
	assert_int_equal(totp_find(secret, code, now_ms, now - 1), now);
	assert_int_equal(totp_find(secret, code, now_ms, now), 0);
	assert_int_equal(totp_find(secret, code, now_ms, now + 1), 0);
}

static void what_is_no_code_is_none(void **state)
{
	static const char *const bad[] = {"", "0", "08180", "0818044", "08180a", "081-804",
		"\xd9\xa0\xd9\xa8", "+81804", "081804x", "0818040818040818040818040818040818"};
	(void)state;
	assert_int_not_equal(totp_find(secret, "081 804", 1111111109000, 0), 0);
	assert_int_not_equal(totp_find(secret, " 081804 ", 1111111109000, 0), 0);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(totp_find(secret, bad[i], 1111111109000, 0), 0);
}

static void a_secret_is_text_and_an_address(void **state)
{
	char text[33], uri[512];
	char name[65];
	(void)state;
	totp_secret_text(secret, text);
	assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
	totp_uri(text, "a/b?c&d \xd8\xa3", uri, sizeof uri);
	assert_string_equal(uri, "otpauth://totp/hilf:a%2Fb%3Fc%26d%20%D8%A3?secret="
				 "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=hilf");
	memset(name, '%', 64);
	name[64] = '\0';
	totp_uri(text, name, uri, sizeof uri); /* the longest there is */
	assert_string_equal(uri + strlen(uri) - 5, "=hilf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_the_standard),
		cmocka_unit_test(a_code_is_good_half_a_minute_before_and_after),
		cmocka_unit_test(a_code_counts_once_and_none_before_it_does),
		cmocka_unit_test(what_is_no_code_is_none),
		cmocka_unit_test(a_secret_is_text_and_an_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
