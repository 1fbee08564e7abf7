/* Memory, text and errors. */
#include "base/arena.h"
#include "base/bits.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "test/unit.h"

#include <errno.h>
#include <string.h>

static void arena_gives_zeroed_memory_within_its_budget(void **state)
{
	struct arena arena;
	(void)state;
	arena_init(&arena, 64 * 1024);
	for (int i = 0; i < 1000; i++) {
		unsigned char *bytes = arena_alloc(&arena, 33);
		assert_non_null(bytes);
		assert_int_equal(bytes[0], 0);
		assert_int_equal((uintptr_t)bytes % sizeof(void *), 0);
		memset(bytes, 0xff, 33);
	}
	assert_null(arena_alloc(&arena, 64 * 1024));
	assert_null(arena_array(&arena, SIZE_MAX / 2, 3));
	arena_clear(&arena);
	arena_init(&arena, 0);
	for (size_t less = 0; less < 100; less++)
		assert_null(arena_alloc(&arena, SIZE_MAX - less));
	assert_null(arena_text(&arena, "x", SIZE_MAX - 1));
	assert_non_null(arena_alloc(&arena, 0));
	arena_clear(&arena);
	arena_init(&arena, 64 * 1024);
	assert_non_null(arena_alloc(&arena, 60 * 1024));
	assert_string_equal(arena_text(&arena, "pact!", 4), "pact");
	arena_clear(&arena);
}

static void buf_grows_and_stays_terminated(void **state)
{
	struct buf buf = BUF_INIT;
	volatile size_t huge = SIZE_MAX / 2; /* or the compiler warns of it */
	(void)state;
	for (int i = 0; i < 10000; i++)
		buf_format(&buf, "%d,", i % 10);
	assert_int_equal(buf.size, 20000);
	assert_int_equal(strlen(buf.data), 20000);
	buf_clear(&buf);
	buf_hex(&buf, "\x00\xff\x1a", 3);
	buf_char(&buf, '!');
	assert_string_equal(buf.data, "00ff1a!");
	buf_add(&buf, "x", huge);
	assert_true(buf.failed);
	/* Where there is room, too: what was left out must not be followed by anything. */
	buf_char(&buf, '?');
	assert_string_equal(buf.data, "00ff1a!");
	buf_free(&buf);
}

static void bytes_of_a_word_are_told_apart(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		/* Among others in every place; what a borrow could reach is above it. */
		for (unsigned place = 0; place < 64; place += 8) {
			uint64_t word = (bits_each('~') & ~(0xffull << place)) | (uint64_t)byte
											 << place;
			assert_int_equal(!!bits_any_below(word, ' '), byte < ' ');
			assert_int_equal(!!bits_any_below(word, 1), byte == 0);
			assert_int_equal(!!bits_any_equal(word, '%'), byte == '%');
			assert_int_equal(!!bits_any_equal(word, 0x7f), byte == 0x7f);
		}
	}
}

static void hex_has_one_spelling(void **state)
{
	unsigned char bytes[2];
	(void)state;
	assert_true(hex_decode("00af", 4, bytes, 2));
	assert_int_equal(bytes[1], 0xaf);
	assert_false(hex_decode("00aF", 4, bytes, 2));
	assert_false(hex_decode("00a", 3, bytes, 2));
	assert_false(hex_decode("00ag", 4, bytes, 2));
	assert_false(hex_decode("00af00", 6, bytes, 2));
}

static void uuid_goes_there_and_back(void **state)
{
	const uint8_t random[10] = {0xff, 0xff, 0xff, 3, 4, 5, 6, 7, 8, 9};
	uint8_t uuid[UUID_SIZE], again[UUID_SIZE];
	char text[UUID_TEXT_SIZE + 1];
	(void)state;
	uuid_make(1763750000000, random, uuid);
	uuid_format(uuid, text);
	assert_string_equal(text, "019aa7b1-3580-7fff-bf03-040506070809");
	assert_true(uuid_parse(text, 36, again));
	assert_memory_equal(uuid, again, UUID_SIZE);
	assert_false(uuid_parse("019aa7b1-3580-4fff-bf03-040506070809", 36, again));
	assert_false(uuid_parse("019AA7B1-3580-7fff-bf03-040506070809", 36, again));
	assert_false(uuid_parse("019aa7b13-580-7fff-bf03-040506070809", 36, again));
	assert_false(uuid_parse(text, 35, again));
}

static void utf8_refuses_what_the_rfc_refuses(void **state)
{
	(void)state;
	assert_true(utf8_valid("\xd8\xad\xd9\x84\xd9\x81 \xf0\x9f\x99\x82", 11));
	assert_false(utf8_valid("\xc0\x80", 2));         /* overlong */
	assert_false(utf8_valid("\xed\xa0\x80", 3));     /* a surrogate */
	assert_false(utf8_valid("\xf4\x90\x80\x80", 4)); /* past the end */
	assert_false(utf8_valid("\xe2\x82", 2));         /* cut short */
	assert_false(utf8_valid("\x80", 1));
}

static void printable_text_cannot_steer_a_terminal(void **state)
{
	char text[32], small[6];
	(void)state;
	utf8_printable("a\nb\x1b[2J\xff", 8, text, sizeof text);
	assert_string_equal(text, "a\\x0ab\\x1b[2J\\xff");
	utf8_printable("\xe2\x80\xae", 3, text, sizeof text); /* right-to-left override */
	assert_string_equal(text, "\\xe2\\x80\\xae");
	for (size_t room = 1; room <= sizeof text; room++) {
		memset(text, '?', sizeof text);
		size_t size = utf8_printable("\xc3\xa9\x1b\xc3\xa9\xff\xc3\xa9", 8, text, room);
		assert_true(size < room);
		assert_int_equal(text[size], '\0');
		assert_true(utf8_valid(text, size));
	}
	assert_int_equal(utf8_printable("abc\n", 4, small, sizeof small), 3);
	assert_string_equal(small, "abc");
}

static void errors_keep_the_code_that_says_more(void **state)
{
	struct hilf_err err;
	(void)state;
	assert_int_equal(err_sys(&err, HILF_E_IO, EACCES, "cannot write '%s'", "x"), HILF_E_DENIED);
	assert_string_equal(err.text, "cannot write 'x': Permission denied");
	assert_int_equal(err.sys, EACCES);
	assert_int_equal(err_set(NULL, HILF_E_LIMIT, "no one listens"), HILF_E_LIMIT);
	char path[2000];
	for (size_t i = 0; i + 1 < sizeof path; i++)
		path[i] = i % 2 ? '\xa9' : '\xc3'; /* two bytes a letter */
	for (size_t shift = 0; shift < 2; shift++) {
		path[sizeof path - 1] = '\0';
		err_sys(&err, HILF_E_IO, ENOTEMPTY, "%s%s", "x" + shift, path);
		assert_non_null(strstr(err.text, "...: Directory not empty"));
		assert_true(utf8_valid(err.text, strlen(err.text)));
		err_set(&err, HILF_E_IO, "%s%s", "x" + shift, path);
		assert_true(strlen(err.text) > sizeof err.text - 8);
		assert_true(utf8_valid(err.text, strlen(err.text)));
	}
	assert_string_equal(hilf_code_name(HILF_E_CORRUPT), "corrupt");
	assert_string_equal(hilf_code_name((enum hilf_code) - 99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_gives_zeroed_memory_within_its_budget),
		cmocka_unit_test(buf_grows_and_stays_terminated),
		cmocka_unit_test(bytes_of_a_word_are_told_apart),
		cmocka_unit_test(hex_has_one_spelling),
		cmocka_unit_test(uuid_goes_there_and_back),
		cmocka_unit_test(utf8_refuses_what_the_rfc_refuses),
		cmocka_unit_test(printable_text_cannot_steer_a_terminal),
		cmocka_unit_test(errors_keep_the_code_that_says_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
