/* What comes in requests: percent-encoding, chunks, forms. The server's tests (test/http) send whole ones; here is what only
 * a parser's own test can say. */
#include "base/buf.h"
#include "base/check.h"
#include "test/unit.h"
#include "wire/chunked.h"
#include "wire/multipart.h"
#include "wire/percent.h"

#include <string.h>

static void paths_are_decoded_or_refused(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		enum percent_fault fault;
		const char *decoded;
	} cases[] = {
		{"/a", 2, PERCENT_OK, "/a"},
		{"", 0, PERCENT_OK, ""},
		{"/%41%c3%A9+", 11, PERCENT_OK, "/A\xc3\xa9+"},
		{"%25%32%66", 9, PERCENT_OK, "%2f"}, /* once, not twice */
		{"%", 1, PERCENT_ESCAPE, NULL},
		{"%4", 2, PERCENT_ESCAPE, NULL},
		{"%4g", 3, PERCENT_ESCAPE, NULL},
		{"%g4", 3, PERCENT_ESCAPE, NULL},
		{"%u0041", 6, PERCENT_ESCAPE, NULL},
		{"%00", 3, PERCENT_NUL, NULL},
		{"a\0b", 3, PERCENT_NUL, NULL},
		{"%2f", 3, PERCENT_SLASH, NULL},
		{"%2F", 3, PERCENT_SLASH, NULL},
		{"%ff", 3, PERCENT_UTF8, NULL},
		{"\xff", 1, PERCENT_UTF8, NULL},
		{"%c3", 3, PERCENT_UTF8, NULL},
		{"%c0%af", 6, PERCENT_UTF8, NULL},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[32];
		size_t size = 0;
		memcpy(text, cases[i].text, cases[i].size);
		assert_int_equal(percent_decode_path(text, cases[i].size, &size), cases[i].fault);
		if (cases[i].decoded) {
			assert_int_equal(size, strlen(cases[i].decoded));
			assert_memory_equal(text, cases[i].decoded, size);
		}
		assert_true(strlen(percent_fault_text(cases[i].fault)) > 0);
	}
}

static void queries_are_walked(void **state)
{
	static const char *const expected[][2] = {
		{"a", "1"}, {"b", "x y/"}, {"c", ""}, {"", "d"}, {"e", "f=g"}, {"\xc3\xa9", ""}};
	char text[] = "&a=1&b=x+y%2f&&c&=d&e=f=g&%c3%a9=&";
	size_t at = 0, count = 0;
	const char *name, *value;
	bool more = true;
	(void)state;
	while (percent_query_next(text, sizeof text - 1, &at, &more, &name, &value) == PERCENT_OK &&
		more) {
		assert_true(count < COUNT_OF(expected));
		assert_string_equal(name, expected[count][0]);
		assert_string_equal(value, expected[count][1]);
		count++;
	}
	assert_int_equal(count, COUNT_OF(expected));
	char bad[] = "a=1&b=%zz";
	at = 0;
	assert_int_equal(percent_query_next(bad, 9, &at, &more, &name, &value), PERCENT_OK);
	assert_int_equal(percent_query_next(bad, 9, &at, &more, &name, &value), PERCENT_ESCAPE);
}

/* The body, and the size of what was read; -1: refused; -2: it goes on. */
static int read_chunks(const char *text, size_t piece, struct buf *ret_body)
{
	struct chunked chunked = CHUNKED_INIT;
	size_t size = strlen(text);
	buf_clear(ret_body);
	for (size_t from = 0; from < size; from += piece) {
		size_t at = 0, here = size - from < piece ? size - from : piece, data_size;
		const char *data;
		for (;;) {
			enum chunked_step step =
				chunked_next(&chunked, text + from, here, &at, &data, &data_size);
			if (step == CHUNKED_DATA)
				buf_add(ret_body, data, data_size);
			else if (step == CHUNKED_MORE)
				break;
			else
				return step == CHUNKED_END ? (int)(from + at) : -1;
		}
	}
	return -2;
}

static void chunks_are_read_in_any_pieces(void **state)
{
	static const struct {
		const char *text;
		int result;
		const char *body;
	} cases[] = {
		{"5\r\nhello\r\n0\r\n\r\n", 15, "hello"},
		{"5\r\nhello\r\n0\r\n\r\nGET", 15, "hello"},
		{"A;x=\"y\"\r\n0123456789\r\n1\r\n!\r\n000\r\nX: y\r\nZ: a\r\n\r\n", 46,
			"0123456789!"},
		{"0\r\n\r\n", 5, ""},
		{"5\r\nhel", -2, "hel"},
		{"5\r\nhello\r\n", -2, "hello"},
		{"5\r\nhello\r\n0\r\n", -2, "hello"},
		{"\r\n0\r\n\r\n", -1, ""},
		{";x\r\n", -1, ""},
		{"5\nhello", -1, ""},
		{"5\r\nhelloo", -1, "hello"},
		{"5\r\nhello\r\n0\r\n\n", -1, "hello"},
		{"5\r\nhello\r\n0\r\nX: y\rz", -1, "hello"},
		{"-5\r\nhello", -1, ""},
		{"5x\r\nhello", -1, ""},
		{"0000000000000005\r\nhello", -1, ""},
	};
	struct buf body = BUF_INIT;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t piece = 1; piece < 60; piece++) {
			assert_int_equal(read_chunks(cases[i].text, piece, &body), cases[i].result);
			assert_int_equal(body.size, strlen(cases[i].body));
			if (body.size)
				assert_memory_equal(body.data, cases[i].body, body.size);
		}
	buf_free(&body);
}

static int stop_part(const struct multipart_part *part, void *ctx, struct hilf_err *err)
{
	(void)part;
	(void)ctx;
	(void)err;
	return HILF_E_STOPPED;
}

static int add_part(const struct multipart_part *part, void *ctx, struct hilf_err *err)
{
	(void)err;
	buf_format(ctx, "[%s|%s|%d]", part->name, part->content_type, part->is_file);
	return 0;
}

static int add_bytes(const char *bytes, size_t size, void *ctx, struct hilf_err *err)
{
	(void)err;
	buf_add(ctx, bytes, size);
	return 0;
}

static int add_end(void *ctx, struct hilf_err *err)
{
	(void)err;
	buf_char(ctx, '.');
	return 0;
}

static void forms_are_read_in_any_pieces(void **state)
{
	static const char form[] = "--b\r\nContent-Disposition: form-data; "
				   "name=\"x\"\r\n\r\n\r\n--\r\n--\r\r\n-\r\n--b\r\n"
				   "Content-Disposition: form-data; filename=\"C:\\a\"; "
				   "name=f\r\nContent-Type: A/B;c\r\n\r\n"
				   "\r\n\r\n--b--end";
	struct buf buf = BUF_INIT;
	const struct multipart_sink sink = {add_part, add_bytes, add_end, &buf};
	struct multipart multipart;
	struct hilf_err err;
	(void)state;
	for (size_t piece = 1; piece < sizeof form; piece++) {
		buf_clear(&buf);
		assert_int_equal(
			multipart_init(&multipart, "multipart/form-data;boundary=b", &sink, &err),
			0);
		for (size_t at = 0; at < sizeof form - 1; at += piece) {
			size_t left = sizeof form - 1 - at;
			assert_int_equal(multipart_feed(&multipart, form + at,
						 left < piece ? left : piece, &err),
				0);
		}
		assert_int_equal(multipart_finish(&multipart, &err), 0);
		assert_string_equal(buf.data, "[x||0]\r\n--\r\n--\r\r\n-.[f|a/b|1]\r\n.");
	}
	/* Every cut is noticed. */
	for (size_t size = 0; size < sizeof form - 1 - 3; size++) {
		assert_int_equal(
			multipart_init(&multipart, "multipart/form-data;boundary=b", &sink, &err),
			0);
		assert_int_equal(multipart_feed(&multipart, form, size, &err), 0);
		int rc = multipart_finish(&multipart, &err);
		assert_int_equal(rc, HILF_E_INVALID);
	}
	/* The sink has the last word. */
	const struct multipart_sink stops = {stop_part, add_bytes, add_end, &buf};
	assert_int_equal(
		multipart_init(&multipart, "multipart/form-data;boundary=b", &stops, &err), 0);
	assert_int_equal(multipart_feed(&multipart, form, sizeof form - 1, &err), HILF_E_STOPPED);
	buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_decoded_or_refused),
		cmocka_unit_test(queries_are_walked),
		cmocka_unit_test(chunks_are_read_in_any_pieces),
		cmocka_unit_test(forms_are_read_in_any_pieces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
