/* Canonical JSON: what the writer writes, what the reader refuses and with which words, and both against jansson,
 * which knows all of JSON and serves as the oracle. */
#include "wire/json.h"

#include "base/check.h"
#include "base/limits.h"
#include "test/unit.h"

#include <jansson.h>
#include <string.h>

#define SIZE_MAX_HERE 4096
#define DEPTH_HERE    4

static int parse(const char *text, size_t size, struct arena *arena, struct json **ret_value,
	struct hilf_err *err)
{
	return json_parse_canonical(text, size, SIZE_MAX_HERE, DEPTH_HERE, arena, ret_value, err);
}

static void put_value(struct buf *buf, const struct json *value)
{
	switch (value->is) {
	case JSON_IS_NULL:
		buf_text(buf, "null");
		break;
	case JSON_IS_BOOL:
		json_put_bool(buf, value->truth);
		break;
	case JSON_IS_INTEGER:
		json_put_integer(buf, value->integer);
		break;
	case JSON_IS_STRING:
		json_put_string(buf, value->text, value->size);
		break;
	case JSON_IS_ARRAY:
		buf_char(buf, '[');
		for (const struct json *item = value->first; item; item = item->next) {
			json_put_item(buf);
			put_value(buf, item);
		}
		buf_char(buf, ']');
		break;
	case JSON_IS_OBJECT:
		buf_char(buf, '{');
		for (const struct json *item = value->first; item; item = item->next) {
			json_put_item(buf);
			json_put_string(buf, item->key, item->key_size);
			buf_char(buf, ':');
			put_value(buf, item);
		}
		buf_char(buf, '}');
		break;
	}
}

static int by_key(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What jansson read, in the canonical spelling; false where there is none. */
static bool put_oracle(struct buf *buf, const json_t *value)
{
	bool good = true;
	if (json_is_object(value)) {
		const char *keys[SIZE_MAX_HERE], *key;
		size_t count = 0;
		json_t *member;
		json_object_foreach((json_t *)(uintptr_t)value, key, member) keys[count++] = key;
		qsort(keys, count, sizeof *keys, by_key);
		buf_char(buf, '{');
		for (size_t i = 0; i < count; i++) {
			for (const char *c = keys[i]; *c; c++)
				good &= !(*c & 0x80);
			json_put_item(buf);
			json_put_text(buf, keys[i]);
			buf_char(buf, ':');
			good &= put_oracle(buf, json_object_get(value, keys[i]));
		}
		buf_char(buf, '}');
	} else if (json_is_array(value)) {
		buf_char(buf, '[');
		for (size_t i = 0; i < json_array_size(value); i++) {
			json_put_item(buf);
			good &= put_oracle(buf, json_array_get(value, i));
		}
		buf_char(buf, ']');
	} else if (json_is_string(value)) {
		json_put_string(buf, json_string_value(value), json_string_length(value));
	} else if (json_is_integer(value)) {
		json_int_t integer = json_integer_value(value);
		if (integer > LIMIT_JSON_INTEGER || integer < -LIMIT_JSON_INTEGER)
			return false;
		json_put_integer(buf, integer);
	} else if (json_is_boolean(value)) {
		json_put_bool(buf, json_is_true(value));
	} else if (json_is_null(value)) {
		buf_text(buf, "null");
	} else {
		return false; /* a real */
	}
	return good;
}

static bool oracle_accepts(const char *text, size_t size)
{
	json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	struct buf again = BUF_INIT;
	bool good = value && put_oracle(&again, value) && again.size == size &&
		    !memcmp(again.data, text, size);
	json_decref(value);
	buf_free(&again);
	return good;
}

/* ----------------------------------------------------------------------------------------------- tests */

static void strings_are_escaped_as_the_rfc_says(void **state)
{
	struct buf buf = BUF_INIT;
	(void)state;
	json_put_text(&buf, "\x01\b\t\n\f\r\x1f \"\\/<\x7f\xd8\xad\xe2\x80\xa8");
	assert_string_equal(
		buf.data, "\"\\u0001\\b\\t\\n\\f\\r\\u001f \\\"\\\\/<\x7f\xd8\xad\xe2\x80\xa8\"");
	for (unsigned c = 1; c < 128; c++) {
		char one[1] = {(char)c};
		buf_clear(&buf);
		json_put_string(&buf, one, 1);
		assert_int_equal(buf.size, json_string_size(one, 1));
		assert_true(oracle_accepts(buf.data, buf.size));
	}
	buf_free(&buf);
}

static void commas_come_by_themselves(void **state)
{
	struct buf buf = BUF_INIT;
	(void)state;
	buf_char(&buf, '{');
	json_put_key(&buf, "a");
	buf_char(&buf, '[');
	json_put_item(&buf);
	json_put_integer(&buf, -LIMIT_JSON_INTEGER);
	json_put_item(&buf);
	json_put_integer(&buf, 0);
	buf_char(&buf, ']');
	json_put_key(&buf, "b");
	json_put_bool(&buf, true);
	buf_char(&buf, '}');
	assert_string_equal(buf.data, "{\"a\":[-9007199254740991,0],\"b\":true}");
	buf_free(&buf);
}

static void canonical_text_is_read_and_written_again_unchanged(void **state)
{
	static const char *const good[] = {
		"null",
		"true",
		"false",
		"0",
		"-1",
		"9007199254740991",
		"-9007199254740991",
		"\"\"",
		"\"\\u0001\\b\\t\\n\\f\\r\\u001f\\\"\\\\/\xd8\xad\xf0\x9f\x99\x82\"",
		"[]",
		"{}",
		"[1,\"a\",[],{},null]",
		"{\"\":1,\"A\":2,\"a\":{\"a\":[true]},\"aa\":3,\"ab\":\"\"}",
		"[[[[]]]]",
	};
	struct buf again = BUF_INIT;
	struct arena arena;
	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		struct json *value;
		struct hilf_err err;
		if (parse(good[i], strlen(good[i]), &arena, &value, &err))
			fail_msg("%s: %s", good[i], err.text);
		buf_clear(&again);
		put_value(&again, value);
		assert_string_equal(again.data, good[i]);
		assert_true(oracle_accepts(good[i], strlen(good[i])));
	}
	arena_clear(&arena);
	buf_free(&again);
}

static void every_other_spelling_is_refused_with_its_place(void **state)
{
#define AT(at) "not canonical JSON at byte " #at ": "
	static const struct {
		const char *text, *error;
	} bad[] = {
		{"", AT(0) "a value was expected, but the text ends"},
		{" 1", AT(0) "a blank or line end, which the canonical form does not have"},
		{"{\"a\": 1}", AT(5) "a blank or line end, which the canonical form does not have"},
		{"1\n", AT(1) "bytes after the end"},
		{"[1]]", AT(3) "bytes after the end"},
		{"\xef\xbb\xbf[]", AT(0) "a value was expected, not '\\xef\\xbb\\xbf'"},
		{"[1,]", AT(3) "a value was expected, not ']'"},
		{"[,1]", AT(1) "a value was expected, not ','"},
		{"[1 ,2]", AT(2) "a blank or line end, which the canonical form does not have"},
		{"[1;2]", AT(2) "',' or ']' was expected, not ';'"},
		{"[1", AT(2) "',' or ']' was expected, but the text ends"},
		{"{\"a\":1;}", AT(6) "',' or '}' was expected, not ';'"},
		{"{\"a\":1,}", AT(7) "a key was expected, not '}'"},
		{"{a:1}", AT(1) "a key was expected, not 'a'"},
		{"{\"a\"}", AT(4) "':' was expected, not '}'"},
		{"{\"a\":1,\"a\":1}", AT(7) "a key that is there twice"},
		{"{\"b\":1,\"a\":1}", AT(7) "a key out of order; they are in ascending order"},
		{"{\"aa\":1,\"a\":1}", AT(8) "a key out of order; they are in ascending order"},
		{"{\"\xc3\xa9\":1}", AT(1) "a key that is not ASCII"},
		{"tru", AT(0) "a value was expected, not 't'"},
		{"None", AT(0) "a value was expected, not 'N'"},
		{"1.5", AT(0) "a number that is no integer"},
		{"1.0", AT(0) "a number that is no integer"},
		{"1e3", AT(0) "a number that is no integer"},
		{"[-0]", AT(1) "a number with a needless zero or sign"},
		{"007", AT(0) "a number with a needless zero or sign"},
		{"+1", AT(0) "a value was expected, not '+'"},
		{"-", AT(1) "a digit was expected, but the text ends"},
		{"9007199254740992", AT(0) "a number beyond 2^53 - 1"},
		{"-9007199254740992", AT(0) "a number beyond 2^53 - 1"},
		{"99999999999999999999999999", AT(0) "a number beyond 2^53 - 1"},
		{"\"abc", AT(0) "a string without an end"},
		{"\"abc\\\"", AT(0) "a string without an end"},
		{"\"a\tb\"", AT(2) "a control character, which must be escaped"},
		{"\"\\u0041\"", AT(1) "an escape that the canonical form does not use"},
		{"\"\\u000a\"", AT(1) "an escape that the canonical form does not use"},
		{"\"\\u001F\"", AT(1) "an escape that the canonical form does not use"},
		{"\"\\u0000\"", AT(1) "an escape that the canonical form does not use"},
		{"\"\\ud83d\\ude00\"", AT(1) "an escape that the canonical form does not use"},
		{"\"\\/\"", AT(1) "an escape that the canonical form does not use"},
		{"\"\\ \"", AT(1) "an escape that the canonical form does not use"},
		{"\"\\u00\"", AT(1) "an escape that the canonical form does not use"},
		{"\"\xc0\x80\"", AT(1) "bytes that are not UTF-8"},
		{"\"\xed\xa0\x80\"", AT(1) "bytes that are not UTF-8"},
		{"\"\xe2\x82\"", AT(1) "bytes that are not UTF-8"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct arena arena;
		struct hilf_err err = {0};
		struct json untouched, *value = &untouched;
		arena_init(&arena, 0);
		assert_int_equal(parse(bad[i].text, strlen(bad[i].text), &arena, &value, &err),
			HILF_E_INVALID);
		assert_string_equal(err.text, bad[i].error);
		assert_ptr_equal(value, &untouched);
		assert_false(oracle_accepts(bad[i].text, strlen(bad[i].text)));
		arena_clear(&arena);
	}
}

static void zero_bytes_are_refused_wherever_they_are(void **state)
{
	static const char *const good = "{\"a\":[\"b\",1]}";
	(void)state;
	for (size_t at = 0; at <= strlen(good); at++) {
		char text[32];
		struct arena arena;
		struct json *value;
		struct hilf_err err;
		memcpy(text, good, at);
		text[at] = '\0';
		memcpy(text + at + 1, good + at, strlen(good) - at);
		arena_init(&arena, 0);
		assert_int_equal(
			parse(text, strlen(good) + 1, &arena, &value, &err), HILF_E_INVALID);
		arena_clear(&arena);
	}
}

static void size_and_depth_are_bounded(void **state)
{
	char text[SIZE_MAX_HERE + 1];
	struct arena arena;
	struct json *value;
	struct hilf_err err;
	(void)state;
	arena_init(&arena, 0);
	memset(text, '[', sizeof text);
	assert_int_equal(parse(text, sizeof text, &arena, &value, &err), HILF_E_LIMIT);
	assert_string_equal(err.text, "4097 bytes of JSON, of which 4096 are allowed");
	assert_int_equal(parse(text, SIZE_MAX_HERE, &arena, &value, &err), HILF_E_LIMIT);
	assert_string_equal(err.text, "JSON nested deeper than 4 levels at byte 4");
	arena_clear(&arena);
}

static void a_lack_of_memory_is_never_taken_for_bad_text(void **state)
{
	static const char *const text = "{\"a\":[1,\"\\n\",{\"b\":null}],\"c\":true}";
	(void)state;
	for (size_t budget = 1;; budget += 8) {
		struct arena arena;
		struct json *value;
		struct hilf_err err;
		arena_init(&arena, budget);
		int rc = parse(text, strlen(text), &arena, &value, &err);
		arena_clear(&arena);
		if (!rc)
			break;
		assert_int_equal(rc, HILF_E_NO_MEMORY);
		assert_true(budget < 4096);
	}
}

static void reader_and_jansson_agree_on_damaged_text(void **state)
{
	static const char *const seeds[] = {
		"{\"author\":\"x\",\"body\":{\"a\":[[\"pdq\",\"00\",100],[]],\"b\":-12},\"v\":1}",
		"[\"\\u0001\\b\\t\\n\\f\\r\\u001f\\\"\\\\/"
		"\xd8\xad\xf0\x9f\x99\x82\",0,10,true,null]",
		"{\"a\":{\"a\":1,\"b\":2},\"aa\":9007199254740991,\"b\":[false,[],{}]}",
	};
	static const char alphabet[] =
		"{}[],:\"\\ubtnfr/0123456789-+.eE truefalsn\n\t\x01\x7f\x80\xc3\xa9\xff";
	uint64_t random = 88172645463325252u;
	unsigned accepted = 0;
	(void)state;
	for (int round = 0; round < 60000; round++) {
		char text[128];
		const char *seed = seeds[round % (int)COUNT_OF(seeds)];
		size_t size = strlen(seed);
		memcpy(text, seed, size);
		unsigned edits = 1 + round % 3;
		for (unsigned i = 0; i < edits; i++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			size_t at = random % size;
			char c = alphabet[(random >> 20) % (sizeof alphabet - 1)];
			if ((random >> 40) % 3 == 0) {
				text[at] = c;
			} else if ((random >> 40) % 3 == 1) {
				memmove(text + at, text + at + 1, --size - at);
			} else {
				memmove(text + at + 1, text + at, size++ - at);
				text[at] = c;
			}
		}
		struct arena arena;
		struct json *value;
		struct hilf_err err;
		arena_init(&arena, 0);
		bool ours = !json_parse_canonical(
			text, size, sizeof text, LIMIT_JSON_DEPTH, &arena, &value, &err);
		if (!ours && err.code != HILF_E_INVALID)
			fail_msg("%.*s: %s", (int)size, text, err.text);
		if (ours != oracle_accepts(text, size))
			fail_msg("%.*s: %s", (int)size, text, ours ? "taken" : err.text);
		accepted += ours;
		arena_clear(&arena);
	}
	assert_true(accepted > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_escaped_as_the_rfc_says),
		cmocka_unit_test(commas_come_by_themselves),
		cmocka_unit_test(canonical_text_is_read_and_written_again_unchanged),
		cmocka_unit_test(every_other_spelling_is_refused_with_its_place),
		cmocka_unit_test(zero_bytes_are_refused_wherever_they_are),
		cmocka_unit_test(size_and_depth_are_bounded),
		cmocka_unit_test(a_lack_of_memory_is_never_taken_for_bad_text),
		cmocka_unit_test(reader_and_jansson_agree_on_damaged_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
