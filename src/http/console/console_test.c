/* Which form of a file is sent, and which paths are pages. The tests in test/api ask the real server. */
#include "http/console/console.h"
#include "test/unit.h"

static void a_coding_is_taken_as_the_header_says(void **state)
{
	static const struct {
		const char *header, *coding;
		bool taken;
	} cases[] = {
		{NULL, "br", false},
		{"", "br", false},
		{"gzip, deflate, br", "br", true},
		{"gzip,deflate,BR", "br", true},
		{"gzip;q=1.0, br;q=0.2", "br", true},
		{"gzip;q=1.0, br;q=0", "br", false},
		{"br;q=0.000, *", "br", false},
		{"*;q=0.1", "gzip", true},
		{"*;q=0", "gzip", false},
		{"brotli", "br", false},
		{"x-gzip", "gzip", false},
		{",,, ,gzip ;q=1", "gzip", true},
		{"application/json, text/html;q=0.9, */*", "text/html", true},
		{"*/*", "text/html", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(console_accepts(cases[i].header, cases[i].coding), cases[i].taken);
}

static void only_whole_paths_are_pages(void **state)
{
	(void)state;
	if (!console_has("/")) {
		print_message("[  SKIPPED ] this build has no console\n");
		skip();
	}
	assert_true(console_has("/queue"));
	assert_true(console_has("/queue/"));
	assert_true(console_has("/cases/12"));
	assert_false(console_has("/cases/"));
	assert_false(console_has("/cases/12/notes"));
	assert_false(console_has("/queue2"));
	assert_false(console_has("/v1/banks"));
	assert_false(console_has("/docs"));
	assert_false(console_has(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_coding_is_taken_as_the_header_says),
		cmocka_unit_test(only_whole_paths_are_pages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
