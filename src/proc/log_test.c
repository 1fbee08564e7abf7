/* Lines in their three dresses, what is escaped in them, and what is held back. */
#include "base/check.h"
#include "proc/log.h"
#include "test/unit.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int before, to;

/* Standard error goes into a file until said() reads it. */
static void begin(void)
{
	char path[] = "/tmp/hilf-log-XXXXXX";
	fflush(stderr);
	before = dup(STDERR_FILENO);
	to = mkstemp(path);
	assert_true(to >= 0);
	unlink(path);
	dup2(to, STDERR_FILENO);
}

static size_t said(char *ret_text, size_t room)
{
	ssize_t size = pread(to, ret_text, room - 1, 0);
	dup2(before, STDERR_FILENO);
	close(before);
	close(to);
	assert_true(size >= 0);
	ret_text[size] = '\0';
	return (size_t)size;
}

static void lines_come_in_three_dresses(void **state)
{
	static const struct {
		enum log_format format;
		const char *begins, *ends;
	} rows[] = {
		{LOG_LOGFMT, "time=20", "Z level=warning event=some.event text=\"two words\"\n"},
		{LOG_JOURNAL, "<4>event=some.event text=\"two words\"\n", "words\"\n"},
		{LOG_JSON, "{\"time\":\"20",
			"\"level\":\"warning\",\"event\":\"some.event\",\"text\":\"two words\"}\n"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct log *log;
		char text[400];
		begin();
		assert_int_equal(log_new(LEVEL_INFO, rows[i].format, &log, NULL), 0);
		log_say(log, LEVEL_WARNING, "some.event", "two %s", "words");
		log_say(log, LEVEL_DEBUG, "quiet", "nobody wants it");
		log_free(log);
		size_t size = said(text, sizeof text);
		assert_memory_equal(text, rows[i].begins, strlen(rows[i].begins));
		assert_string_equal(text + size - strlen(rows[i].ends), rows[i].ends);
	}
}

static void no_text_breaks_a_line_or_its_quotes(void **state)
{
	struct log *log;
	struct log_line line;
	char text[400];
	(void)state;
	begin();
	assert_int_equal(log_new(LEVEL_INFO, LOG_LOGFMT, &log, NULL), 0);
	assert_true(log_begin(&line, log, LEVEL_INFO, "e", false));
	log_text(&line, "a", "one\ntwo\" x=\x1b[2J\xff");
	log_text(&line, "b", "");
	log_text(&line, "c", "plain-1.2/x");
	log_number(&line, "d", -7);
	log_end(&line);
	log_free(log);
	said(text, sizeof text);
	assert_string_equal(strstr(text, " a="),
		" a=\"one\\\\x0atwo\\\" x=\\\\x1b[2J\\\\xff\" b=\"\" c=plain-1.2/x d=-7\n");
}

static void an_event_that_comes_often_is_held_back(void **state)
{
	struct log *log;
	char text[64 * 1024];
	unsigned lines = 0;
	(void)state;
	begin();
	assert_int_equal(log_new(LEVEL_INFO, LOG_JOURNAL, &log, NULL), 0);
	for (int i = 0; i < 500; i++)
		log_say(log, LEVEL_INFO, "flood", "%d", i);
	log_say(log, LEVEL_INFO, "other", "x");
	log_free(log);
	said(text, sizeof text);
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 21);
	assert_non_null(strstr(text, "event=other"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_in_three_dresses),
		cmocka_unit_test(no_text_breaks_a_line_or_its_quotes),
		cmocka_unit_test(an_event_that_comes_often_is_held_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
