/* The settings: defaults, the file, the line over it, and every way to get them wrong, with the words that say so. */
#include "base/check.h"
#include "engine/may.h"
#include "proc/config.h"
#include "proc/log.h"
#include "test/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct config_row *row_of(const char *name)
{
	const struct config_row *row = config_rows;
	while (row->name && strcmp(row->name, name) != 0)
		row++;
	assert_non_null(row->name);
	return row;
}

static int load(const char *text, struct config **ret_config, struct hilf_err *err)
{
	char dir[] = "/tmp/hilf-config-XXXXXX", path[64];
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/f", dir);
	FILE *file = fopen(path, "w");
	fwrite(text, 1, strlen(text), file);
	fclose(file);
	int rc = config_load(path, NULL, 0, ret_config, err);
	remove(path);
	remove(dir);
	return rc;
}

static void defaults_are_what_the_table_says(void **state)
{
	struct config *config;
	(void)state;
	assert_int_equal(config_load(NULL, NULL, 0, &config, NULL), 0);
	assert_false(config->open);
	assert_int_equal(config->listen.count, 0);
	assert_int_equal(config->check_time, 5000);
	assert_int_equal(config->file_max, 64u << 20);
	assert_int_equal(config->hma_role, ROLE_CURATOR);
	assert_int_equal(config->log_level, LEVEL_INFO);
	assert_int_equal(config->checkpoint_time, 5 * 60 * 1000);
	assert_string_equal(config->follow, "");
	config_free(config);
}

static void the_printed_file_changes_nothing(void **state)
{
	struct buf text = BUF_INIT, bare = BUF_INIT, differ = BUF_INIT;
	struct config *standard, *printed;
	(void)state;
	config_print(&text);
	assert_int_equal(config_load(NULL, NULL, 0, &standard, NULL), 0);
	assert_int_equal(load(text.data, &printed, NULL), 0);
	config_unchangeable(standard, printed, &differ);
	assert_string_equal(differ.data, "");
	config_free(printed);
	/* Also when everything in it that has a value is taken. */
	for (const char *at = text.data; *at; at++)
		if (*at != '#' || at[1] == ' ' || strncmp(strchr(at, '\n') - 2, " =", 2) == 0)
			buf_char(&bare, *at);
	struct hilf_err err = {0};
	if (load(bare.data, &printed, &err))
		fail_msg("%s", err.text);
	assert_int_equal(printed->listen.count, 1);
	assert_int_equal(printed->workers, standard->workers);
	config_free(printed);
	config_free(standard);
	buf_free(&text);
	buf_free(&bare);
	buf_free(&differ);
}

static void the_line_wins_over_the_file(void **state)
{
	const struct config_given given[] = {{row_of("workers"), "7"}, {row_of("open"), NULL},
		{row_of("listen"), "127.0.0.1:1"}, {row_of("listen"), "127.0.0.1:2"}};
	char path[] = "/tmp/hilf-config-XXXXXX";
	static const char text[] = "[listen]\nlisten = 10.0.0.1:5100\nlisten = [::1]:5100 ; both\n"
				   "open = no\n[server]\nworkers = 3\nqueue-max=5\n";
	struct config *config;
	(void)state;
	int fd = mkstemp(path);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(config_load(path, NULL, 0, &config, NULL), 0);
	assert_int_equal(config->listen.count, 2);
	assert_string_equal(config->listen.items[1], "[::1]:5100");
	assert_int_equal(config->workers, 3);
	config_free(config);
	assert_int_equal(config_load(path, given, COUNT_OF(given), &config, NULL), 0);
	assert_int_equal(config->listen.count, 2);
	assert_string_equal(config->listen.items[0], "127.0.0.1:1");
	assert_int_equal(config->workers, 7);
	assert_int_equal(config->queue_max, 5);
	assert_true(config->open);
	config_free(config);
	remove(path);
}

static void sizes_and_times_have_units(void **state)
{
	struct config *config;
	(void)state;
	assert_int_equal(load("[checks]\ncheck-time = 250ms\nfile-max = 2 MB\n[data]\n"
			      "checkpoint-time = 2h\n",
				 &config, NULL),
		0);
	assert_int_equal(config->check_time, 250);
	assert_int_equal(config->file_max, 2u << 20);
	assert_int_equal(config->checkpoint_time, 2 * 3600 * 1000);
	config_free(config);
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"[server]\n\nworker = 3\n", ":3: there is no setting 'worker'; did you mean "
					     "'workers', in section [server]?"},
		{"[server]\nzzzzzzzzzz = 3\n", ":2: there is no setting 'zzzzzzzzzz'; 'hilf serve "
					       "--print-config' shows all"},
		{"[sever]\nqqqqqqqqqqqqq = 3\n",
			":2: there is no section [sever]; did you mean [server]?"},
		{"[listen]\nworkers = 3\n", ":2: workers belongs into section [server]"},
		{"workers = 3\n", ":1: workers belongs into section [server]"},
		{"[server]\nworkers = 0\n",
			":2: workers is a whole number from 1 to 1024, not '0'"},
		{"[server]\nworkers = 5s\n",
			":2: workers is a whole number from 1 to 1024, not '5s'"},
		{"[server]\nworkers = 99999999999999999999\n",
			":2: workers is a whole number from 1 to 1024, not '99999999999999999999'"},
		{"[server]\nworkers =\n", ":2: workers wants a value"},
		{"[server]\nworkers = 2\nworkers = 3\n", ":3: workers stands already in line 2"},
		{"[server]\nidle-time = 60\n", ":2: idle-time is a time such as 30s (ms, s, min, "
					       "h, d) from 100ms to 1h, not "
					       "'60'"},
		{"[server]\nbody-memory = 1kB\n",
			":2: body-memory is a size such as 16MB (kB, MB, GB) from 1MB to 64GB, not "
			"'1kB'"},
		{"[listen]\nopen = maybe\n", ":2: open is 'yes' or 'no', not 'maybe'"},
		{"[access]\ncert-role = reviwer\n", ":2: cert-role is none, checker, curator, "
						    "reviewer, operator or auditor, not "
						    "'reviwer'; did you mean 'reviewer'?"},
		{"[server]\nwhat is this\nworkers = 0\n",
			":2: this is neither 'name = value' nor '[section]' nor a comment ('#')"},
		{"[server]\nworkers = 0\nwhat is this\n",
			":2: workers is a whole number from 1 to 1024, not '0'"},
		{"[follow]\nfollow = a\001b\n", ":2: follow holds a control character"},
		{"[follow]\nfollow = a\377b\n", ":2: follow is not UTF-8"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct config *config = NULL;
		struct hilf_err err = {0};
		assert_int_equal(load(bad[i].text, &config, &err), HILF_E_INVALID);
		assert_null(config);
		const char *says = strstr(err.text, "/f:");
		assert_non_null(says);
		assert_string_equal(says + 2, bad[i].says);
	}
}

static void a_line_that_is_too_long_is_named(void **state)
{
	char text[600] = "[fetch]\nfetch-allow = ";
	struct config *config;
	struct hilf_err err = {0};
	(void)state;
	memset(text + strlen(text), 'a', 300);
	assert_int_equal(load(text, &config, &err), HILF_E_INVALID);
	assert_non_null(strstr(err.text, ":2: a line has 198 bytes at most"));
}

static void the_line_is_named_by_its_option(void **state)
{
	const struct config_given given[] = {{row_of("log-level"), "inf"}};
	struct config *config;
	struct hilf_err err = {0};
	(void)state;
	assert_int_equal(config_load(NULL, given, 1, &config, &err), HILF_E_INVALID);
	assert_string_equal(err.text,
		"--log-level is error, warning, info or debug, not 'inf'; did you mean 'info'?");
}

static void a_file_that_is_not_there_is_no_empty_one(void **state)
{
	struct config *config;
	(void)state;
	assert_int_equal(
		config_load("/nonexistent/hilf.conf", NULL, 0, &config, NULL), HILF_E_NOT_FOUND);
}

static void what_needs_a_start_is_named(void **state)
{
	const struct config_given given[] = {{row_of("workers"), "7"}, {row_of("rate-limit"), "5"},
		{row_of("listen"), "127.0.0.1:1"}};
	struct config *from, *to;
	struct buf names = BUF_INIT;
	(void)state;
	assert_int_equal(config_load(NULL, NULL, 0, &from, NULL), 0);
	assert_int_equal(config_load(NULL, given, COUNT_OF(given), &to, NULL), 0);
	config_unchangeable(from, to, &names);
	assert_string_equal(names.data, "listen, workers");
	config_free(from);
	config_free(to);
	buf_free(&names);
}

static void names_are_there_once_and_sections_together(void **state)
{
	(void)state;
	for (const struct config_row *row = config_rows; row->name; row++) {
		bool left = false;
		for (const struct config_row *other = row + 1; other->name; other++) {
			assert_string_not_equal(row->name, other->name);
			left |= strcmp(row->section, other->section) != 0;
			assert_false(left && !strcmp(row->section, other->section));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_what_the_table_says),
		cmocka_unit_test(the_printed_file_changes_nothing),
		cmocka_unit_test(the_line_wins_over_the_file),
		cmocka_unit_test(sizes_and_times_have_units),
		cmocka_unit_test(what_is_wrong_is_named_with_its_line),
		cmocka_unit_test(a_line_that_is_too_long_is_named),
		cmocka_unit_test(the_line_is_named_by_its_option),
		cmocka_unit_test(a_file_that_is_not_there_is_no_empty_one),
		cmocka_unit_test(what_needs_a_start_is_named),
		cmocka_unit_test(names_are_there_once_and_sections_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
