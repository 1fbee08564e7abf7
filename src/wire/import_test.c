/* Import: golden inputs with every row and every refusal they lead to, however the input is cut into pieces. */
#include "wire/import.h"

#include "base/check.h"
#include "wire/golden_test.h"
#include "wire/lines.h"
#include "wire/signal_text.h"

#define PDQ_TEXT "f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b22"

static int on_row(const struct import_row *row, const struct hilf_err *problem, void *ctx)
{
	struct buf *seen = ctx;
	if (problem) {
		assert_non_null(strstr(problem->text, "line "));
		buf_format(seen, "%s: %s\n", hilf_code_name(problem->code), problem->text);
		return 0;
	}
	buf_format(seen, "%lu: ", row->line);
	lines_write_entry(seen, &row->signal, row->labels, row->label_count);
	return 0;
}

static int read_all(
	const char *text, size_t size, size_t piece, struct buf *ret_seen, struct hilf_err *err)
{
	struct import_reader *reader;
	int rc = import_open(&reader, err);
	for (size_t at = 0; !rc && at < size; at += piece) {
		size_t part = size - at < piece ? size - at : piece;
		rc = import_feed(reader, text + at, part, false, on_row, ret_seen, err);
	}
	if (!rc)
		rc = import_feed(reader, NULL, 0, true, on_row, ret_seen, err);
	import_close(reader);
	assert_false(ret_seen->failed);
	return rc;
}

static void inputs_lead_to_their_golden_rows(void **state)
{
	static const char *const names[] = {"lines.txt", "lines-bad.txt", "plain.csv",
		"exchange.csv", "rows-bad.csv", "signals.jsonl", "signals-bad.jsonl"};
	struct buf text = BUF_INIT, whole = BUF_INIT, parts = BUF_INIT;
	struct hilf_err err;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char expected[64];
		golden_read(names[i], &text);
		buf_clear(&whole);
		if (read_all(text.data, text.size, text.size, &whole, &err))
			fail_msg("%s: %s", names[i], err.text);
		snprintf(expected, sizeof expected, "%s.expected", names[i]);
		golden_check(expected, &whole);
		for (size_t piece = 1; piece < 40; piece++) {
			buf_clear(&parts);
			assert_int_equal(read_all(text.data, text.size, piece, &parts, &err), 0);
			assert_string_equal(parts.data, whole.data);
		}
	}
	buf_free(&text);
	buf_free(&whole);
	buf_free(&parts);
}

static void what_makes_no_sense_as_a_whole_is_refused(void **state)
{
	static const struct {
		const char *text, *error;
	} bad[] = {
		{"value,event\n",
			"line 1: the header has no column for the type; name one 'type' (or "
			"signal_type, algorithm)"},
		{"\n# x\ntype,event\n",
			"line 3: the header has no column for the value; name one 'value' "
			"(or signal, hash, hash_digest)"},
		{"type,value,hash\n", "line 1: the header has 'value' and 'hash', which mean the "
				      "same; leave one out"},
		{"type,value,Event,event\n", "line 1: the header has 'event' and 'event', which "
					     "mean the same; leave one out"},
		{"type,value,Event name\n",
			"line 1: column 3 of the header: the label key 'event name' must be a "
			"letter a-z, "
			"then letters, digits, '_', '.' or '-'; rename it or leave the column out"},
		{"type,value,\n",
			"line 1: column 3 of the header, '', must have a name of 1 to 32 bytes; "
			"rename it or leave the column out"},
		{"type,value,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
			"line 1: column 3 of the header, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', must "
			"have a "
			"name of 1 to 32 bytes; rename it or leave the column out"},
		{"type,\"value\n", "line 1: column 2: a quoted cell without its closing quote"},
		{"type,value,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,a1,a2,a3,a4,a5,a6,"
		 "a7,a8,a9,b1,b2,b3,b4\n",
			"line 1: the header has more than 40 columns"},
		{"pdq," PDQ_TEXT "\n", "line 1: this is no header; CSV begins with one that names "
				       "its columns, such as "
				       "type,value"},
		{"\xff\xfep\0d\0q\0", "line 1: the text is UTF-16; save it as UTF-8"},
	};
	struct buf seen = BUF_INIT;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct hilf_err err = {0};
		int rc = read_all(bad[i].text, strlen(bad[i].text), 1000, &seen, &err);
		if (rc >= 0 || strcmp(err.text, bad[i].error) != 0)
			fail_msg("%s: %d %s\nwanted %s", bad[i].text, rc, err.text, bad[i].error);
		assert_int_equal(rc, err.code);
	}
	assert_int_equal(seen.size, 0);
	buf_free(&seen);
}

static void nothing_gives_no_rows(void **state)
{
	static const char *const nothing[] = {
		"", "\n", "\r\n\r\n", "# only this", "\xef\xbb\xbf", "type,value\n"};
	struct buf seen = BUF_INIT;
	struct hilf_err err;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(nothing); i++)
		assert_int_equal(read_all(nothing[i], strlen(nothing[i]), 2, &seen, &err), 0);
	assert_int_equal(seen.size, 0);
	buf_free(&seen);
}

static void a_line_that_is_too_long_is_one_problem(void **state)
{
	struct buf text = BUF_INIT, seen = BUF_INIT;
	struct hilf_err err;
	(void)state;
	buf_text(&text, "pdq " PDQ_TEXT "\npdq " PDQ_TEXT);
	while (text.size < 3 * LIMIT_LINE_SIZE)
		buf_text(&text, " ");
	buf_text(&text, "\npdq " PDQ_TEXT "\n");
	for (size_t piece = 100; piece < 2 * text.size; piece *= 7) {
		buf_clear(&seen);
		assert_int_equal(read_all(text.data, text.size, piece, &seen, &err), 0);
		assert_string_equal(seen.data, "1: pdq " PDQ_TEXT "\n"
					       "limit: line 2: longer than 16384 bytes\n"
					       "3: pdq " PDQ_TEXT "\n");
	}

	/* A line of exactly the limit is read. */
	buf_clear(&text);
	buf_text(&text, "pdq " PDQ_TEXT);
	while (text.size < LIMIT_LINE_SIZE)
		buf_char(&text, ' ');
	buf_char(&text, '\n');
	for (size_t piece = 1000; piece < 3 * text.size; piece *= 3) {
		buf_clear(&seen);
		assert_int_equal(read_all(text.data, text.size, piece, &seen, &err), 0);
		assert_string_equal(seen.data, "1: pdq " PDQ_TEXT "\n");
	}

	/* A quote that is never closed does not eat the file. */
	buf_clear(&text);
	buf_text(&text, "type,value,event\npdq," PDQ_TEXT ",\"paris\n");
	while (text.size < 2 * LIMIT_LINE_SIZE)
		buf_text(&text, "pdq," PDQ_TEXT ",paris\n");
	buf_clear(&seen);
	assert_int_equal(read_all(text.data, text.size, 777, &seen, &err), 0);
	assert_memory_equal(
		seen.data, "limit: line 2: longer than 16384 bytes; is a quote missing?\n", 60);
	assert_non_null(strstr(seen.data, ": pdq " PDQ_TEXT " event=paris\n"));
	buf_free(&text);
	buf_free(&seen);
}

struct stop {
	unsigned rows, problems;
};

static int stop_at_second(const struct import_row *row, const struct hilf_err *problem, void *ctx)
{
	struct stop *stop = ctx;
	(void)row;
	stop->rows += !problem;
	stop->problems += problem != NULL;
	return stop->rows + stop->problems == 2 ? 77 : 0;
}

static void the_callback_can_stop(void **state)
{
	static const char text[] = "pdq " PDQ_TEXT "\npdq 00\npdq " PDQ_TEXT "\n";
	struct import_reader *reader;
	struct stop stop = {0};
	struct hilf_err err = {.text = "untouched"};
	(void)state;
	assert_int_equal(import_open(&reader, &err), 0);
	assert_int_equal(
		import_feed(reader, text, sizeof text - 1, true, stop_at_second, &stop, &err), 77);
	assert_int_equal(stop.rows, 1);
	assert_int_equal(stop.problems, 1);
	assert_string_equal(err.text, "untouched");
	assert_false(import_is_csv(reader));
	import_close(reader);
	import_close(NULL);
}

static void signals_have_one_spelling(void **state)
{
	struct hilf_signal signal;
	struct hilf_err err;
	char text[HILF_SIGNAL_TEXT_MAX];
	(void)state;
	assert_int_equal(signal_text_parse("pdq", 3, PDQ_TEXT, 64, &signal, &err), 0);
	assert_int_equal(signal.type, HILF_PDQ);
	assert_int_equal(signal.size, 32);
	assert_int_equal(signal.quality, HILF_QUALITY_UNKNOWN);
	assert_int_equal(signal_text_format(&signal, text), 64);
	assert_string_equal(text, PDQ_TEXT);
	assert_int_equal(signal_text_parse("", 0, PDQ_TEXT, 64, &signal, &err), HILF_E_INVALID);
	assert_string_equal(
		err.text, "the signal type is missing; known types are pdq, sha256 and md5");
	assert_int_equal(signal_text_parse("pdq", 3, "", 0, &signal, &err), HILF_E_INVALID);
	assert_string_equal(err.text, "a pdq value has 64 hexadecimal digits, this one has 0");
	assert_null(signal_text_type_name(0));
	assert_null(signal_text_type_name(4));
	assert_int_equal(signal_text_value_size(HILF_MD5), 16);
	assert_int_equal(signal_text_value_size(200), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inputs_lead_to_their_golden_rows),
		cmocka_unit_test(what_makes_no_sense_as_a_whole_is_refused),
		cmocka_unit_test(nothing_gives_no_rows),
		cmocka_unit_test(a_line_that_is_too_long_is_one_problem),
		cmocka_unit_test(the_callback_can_stop),
		cmocka_unit_test(signals_have_one_spelling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
