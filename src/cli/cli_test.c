/* The parts of the command line that need no data: options, nearest names, dates, tables, the pool, and that the table of
 * commands is whole. */
#include "base/nearest.h"
#include "cli/help.h"
#include "cli/meta.h"
#include "cli/options.h"
#include "cli/out.h"
#include "cli/pool.h"
#include "cli/progress.h"
#include "base/when.h"
#include "os/file.h"
#include "test/unit.h"
#include "wire/import_own.h"

#include <string.h>

static const char *const modes[] = {"shadow", "review", "block", NULL};
static const struct option_spec own[] = {
	{.name = "limit", .letter = 'n', .value = "N"},
	{.name = "label", .letter = 'l', .value = "KEY=VALUE", .repeats = true},
	{.name = "mode", .value = "MODE", .completes = COMPLETES_CHOICE, .choices = modes},
	{.name = "null", .letter = '0'},
	{0},
};
static const struct option_spec common[] = {
	{.name = "quiet", .letter = 'q'},
	{.name = "data", .value = "DIR"},
	{0},
};

/* Reads the words of a line; arguments are freed by the caller. */
static int read_line(struct arguments *arguments, bool stop, const char *const *words,
	int *ret_used, struct hilf_err *err)
{
	int count = 0;
	while (words[count])
		count++;
	*arguments = (struct arguments){.own = own, .common = common};
	return arguments_read(arguments, count, (char **)words, stop, ret_used, err);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void options_come_in_every_gnu_form(void **state)
{
	struct arguments arguments;
	int used;
	(void)state;
	assert_int_equal(read_line(&arguments, false,
				 WORDS("a", "--limit=3", "-q", "--label", "x=1", "b", "-l", "y=2",
					 "-n7", "-0q"),
				 &used, NULL),
		0);
	assert_int_equal(used, 10);
	assert_int_equal(arguments.operand_count, 2);
	assert_string_equal(arguments.operands[1], "b");
	assert_string_equal(arguments_value(&arguments, "limit"), "7");
	assert_int_equal(arguments_count(&arguments, "label"), 2);
	assert_string_equal(arguments_nth(&arguments, "label", 1), "y=2");
	assert_null(arguments_nth(&arguments, "label", 2));
	assert_true(arguments_flag(&arguments, "null"));
	assert_int_equal(arguments_count(&arguments, "quiet"), 2);
	assert_null(arguments_value(&arguments, "data"));
	arguments_free(&arguments);
}

static void a_double_dash_ends_options_and_a_dash_is_an_operand(void **state)
{
	struct arguments arguments;
	int used;
	(void)state;
	assert_int_equal(
		read_line(&arguments, false, WORDS("-", "--", "--limit", "-q", "--"), &used, NULL),
		0);
	assert_int_equal(arguments.operand_count, 4);
	assert_string_equal(arguments.operands[0], "-");
	assert_string_equal(arguments.operands[1], "--limit");
	assert_string_equal(arguments.operands[3], "--");
	assert_int_equal(arguments.given_count, 0);
	arguments_free(&arguments);
}

static void reading_stops_before_a_command(void **state)
{
	struct arguments arguments;
	int used;
	(void)state;
	assert_int_equal(
		read_line(&arguments, true, WORDS("--data", "d", "match", "--data=e"), &used, NULL),
		0);
	assert_int_equal(used, 2);
	assert_int_equal(arguments.operand_count, 0);
	assert_string_equal(arguments_value(&arguments, "data"), "d");
	arguments_free(&arguments);
}

static void wrong_lines_are_refused_with_what_to_do(void **state)
{
	static const struct {
		const char *words[3];
		const char *text;
	} lines[] = {
		{{"--limt", "3"}, "there is no option '--limt'; did you mean '--limit'?"},
		{{"--lim=3"}, "there is no option '--lim'; did you mean '--limit'?"},
		{{"--frobnicate"}, "there is no option '--frobnicate'"},
		{{"--limit"}, "--limit wants a value: --limit N"},
		{{"-n"}, "-n wants a value: -n N"},
		{{"--null=1"}, "--null takes no value"},
		{{"--mode", "blck"},
			"--mode is shadow, review or block, not 'blck'; did you mean 'block'?"},
		{{"--mode="}, "--mode is shadow, review or block, not ''"},
		{{"-x.jpg"}, "there is no option '-x'; if '-x.jpg' is a file, write './-x.jpg', or "
			     "put '--' before it"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct arguments arguments;
		struct hilf_err err = {0};
		int used;
		assert_int_equal(
			read_line(&arguments, false, lines[i].words, &used, &err), HILF_E_INVALID);
		assert_string_equal(err.text, lines[i].text);
		arguments_free(&arguments);
	}
}

static void operands_are_counted_by_the_table(void **state)
{
	static const struct operand_spec bank_and_files[] = {
		{.name = "BANK"}, {.name = "FILE", .optional = true, .repeats = true}, {0}};
	static const struct operand_spec one[] = {{.name = "NAME"}, {0}};
	struct arguments arguments;
	struct hilf_err err;
	int used;
	(void)state;
	assert_int_equal(read_line(&arguments, false, WORDS("a", "b", "c"), &used, NULL), 0);
	assert_int_equal(arguments_check_operands(&arguments, bank_and_files, &err), 0);
	assert_int_equal(arguments_check_operands(&arguments, one, &err), HILF_E_INVALID);
	assert_string_equal(err.text, "'b' is one word too many");
	assert_int_equal(arguments_check_operands(&arguments, NULL, &err), HILF_E_INVALID);
	arguments_free(&arguments);
	assert_int_equal(read_line(&arguments, false, WORDS("-q"), &used, NULL), 0);
	assert_int_equal(
		arguments_check_operands(&arguments, bank_and_files, &err), HILF_E_INVALID);
	assert_string_equal(err.text, "BANK is missing");
	arguments_free(&arguments);
}

static void numbers_are_whole_and_within_bounds(void **state)
{
	uint64_t number = 7;
	(void)state;
	assert_int_equal(number_parse("--limit", "48", 0, 48, &number, NULL), 0);
	assert_int_equal(number, 48);
	static const char *const bad[] = {
		"", "49", "-1", "+1", "1.5", "0x10", "99999999999999999999999", " 1"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(
			number_parse("--limit", bad[i], 0, 48, &number, NULL), HILF_E_INVALID);
	assert_int_equal(number, 48);
}

static const char *nearest_of(const char *word)
{
	static const char *const names[] = {
		"bank", "add", "import", "export", "withdraw", "match", "hash", "stats"};
	struct nearest nearest;
	nearest_init(&nearest, word);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		nearest_try(&nearest, names[i]);
	return nearest.best;
}

static void the_nearest_name_is_found_and_no_far_one(void **state)
{
	(void)state;
	assert_string_equal(nearest_of("mtach"), "match");
	assert_string_equal(nearest_of("macth"), "match");
	assert_string_equal(nearest_of("withdarw"), "withdraw");
	assert_string_equal(nearest_of("exprot"), "export");
	assert_string_equal(nearest_of("imp"), "import");
	assert_string_equal(nearest_of("ad"), "add");
	assert_null(nearest_of("frobnicate"));
	assert_null(nearest_of(""));
	assert_null(nearest_of("x"));
	char many[5000];
	memset(many, 'm', sizeof many - 1);
	many[sizeof many - 1] = '\0';
	assert_null(nearest_of(many));
}

static void expiries_are_days_or_durations(void **state)
{
	const int64_t now = 1763750000000; /* 2025-11-21 18:33:20 */
	int64_t ms = 0;
	char text[WHEN_TEXT_SIZE];
	struct hilf_err err;
	(void)state;
	assert_int_equal(when_parse_expiry("--expires", "90d", now, &ms, NULL), 0);
	assert_int_equal(ms, now + 90ll * 24 * 3600 * 1000);
	assert_int_equal(when_parse_expiry("--expires", "2026-02-28", now, &ms, NULL), 0);
	when_format_day(ms, text);
	assert_string_equal(text, "2026-02-28");
	assert_int_equal(when_parse_expiry("--expires", "2026-02-28T13:05:09Z", now, &ms, NULL), 0);
	when_format_exact(ms, text);
	assert_string_equal(text, "2026-02-28T13:05:09Z");
	static const char *const bad[] = {"", "d", "0d", "90", "90y", "2026-02-29", "2026-13-01",
		"2026-1-1", "26-01-01", "2026-02-28 ", "2026-02-28T24:00:00Z", "-3d", "9999999d",
		"2025-11-21", "2020-01-01", "2028-01-01", "1000d"};
	ms = 5;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(
			when_parse_expiry("--expires", bad[i], now, &ms, &err), HILF_E_INVALID);
	assert_int_equal(ms, 5);
	assert_string_equal(err.text, "--expires 1000d is too far away: an entry lives 24 months "
				      "at most, and can be added again");
}

static void a_ground_survives_its_way_through_labels(void **state)
{
	char first[IMPORT_GROUND_SIZE], second[IMPORT_GROUND_SIZE], back[LIMIT_GROUND + 1];
	static const char *const grounds[] = {"TCO Art. 2(7)(a)",
		"Regulation (EU) 2021/784, Article 2(7), points (a) to (d), and our terms of use, "
		"section 4.2",
		"Gesetz \xc3\xbc"
		"ber die Bek\xc3\xa4mpfung, \xc2\xa7 12, und weiter bis "
		"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"};
	(void)state;
	for (size_t i = 0; i < sizeof grounds / sizeof *grounds; i++) {
		import_ground_split(grounds[i], first, second);
		assert_null(strchr(first, ' '));
		assert_true(import_ground_join(first, *second ? second : NULL, back));
		assert_string_equal(back, grounds[i]);
	}
	char longest[LIMIT_LABEL_VALUE + 1];
	memset(longest, 'x', LIMIT_LABEL_VALUE);
	longest[LIMIT_LABEL_VALUE] = '\0';
	assert_false(import_ground_join(longest, longest, back));
}

static void tables_are_aligned_for_people_and_tabbed_for_programs(void **state)
{
	static const char *const headings[] = {"path", ">bits", "note"};
	struct out out = {.fd = -1};
	struct table table;
	(void)state;
	for (int aligned = 0; aligned < 2; aligned++) {
		table_init(&table, &out, aligned, headings, 3);
		table_text(&table, "a\nb\tc\x1b[2J.jpg");
		table_number(&table, 7);
		table_text(&table, "");
		table_text(&table, "\xd8\xad\xd9\x84\xd9\x81");
		table_number(&table, UINT64_MAX);
		table_plain(&table, "x");
		table_end(&table);
		buf_text(&out.buf, "|");
	}
	assert_string_equal(out.buf.data,
		"a\\x0ab\\x09c\\x1b[2J.jpg\t7\t-\n"
		"\xd8\xad\xd9\x84\xd9\x81\t18446744073709551615\tx\n|"
		"path                                    bits  note\n"
		"a\\x0ab\\x09c\\x1b[2J.jpg                     7\n"
		"\xd8\xad\xd9\x84\xd9\x81                     18446744073709551615  x\n|");
	buf_free(&out.buf);
}

struct counting {
	int next, last, done, stop_at;
	int finished[5000];
	int dropped;
};

static int next_number(void *ctx, void **ret_item)
{
	struct counting *counting = ctx;
	if (counting->next == counting->last)
		return 0;
	int *item = malloc(sizeof *item);
	assert_non_null(item);
	*item = counting->next++;
	*ret_item = item;
	return 1;
}

static void work_number(void *ctx, void *item)
{
	struct counting *counting = ctx;
	int number = *(int *)item;
	/* Uneven work, so that workers overtake each other. */
	for (volatile int i = 0; i < number % 7 * 3000; i++)
		;
	counting->finished[number]++;
}

static int done_number(void *ctx, void *item)
{
	struct counting *counting = ctx;
	assert_int_equal(*(int *)item, counting->done);
	counting->done++;
	free(item);
	return counting->done == counting->stop_at ? 42 : 0;
}

static void drop_number(void *ctx, void *item)
{
	((struct counting *)ctx)->dropped++;
	free(item);
}

static void idle_numbers(void *ctx)
{
	(void)ctx;
}

static void a_pool_works_at_once_and_answers_in_order(void **state)
{
	struct pool pool = {.next = next_number,
		.work = work_number,
		.done = done_number,
		.drop = drop_number,
		.idle = idle_numbers};
	(void)state;
	for (unsigned threads = 1; threads <= 8; threads *= 2) {
		struct counting counting = {.last = 5000};
		pool.threads = threads;
		assert_int_equal(pool_run(&pool, &counting), 0);
		assert_int_equal(counting.done, 5000);
		for (int i = 0; i < 5000; i++)
			assert_int_equal(counting.finished[i], 1);
	}
	struct counting none = {0};
	assert_int_equal(pool_run(&pool, &none), 0);
}

static void a_pool_that_is_ended_drops_what_is_in_flight(void **state)
{
	const struct pool pool = {.next = next_number,
		.work = work_number,
		.done = done_number,
		.drop = drop_number,
		.idle = idle_numbers,
		.threads = 4};
	struct counting counting = {.last = 5000, .stop_at = 100};
	(void)state;
	assert_int_equal(pool_run(&pool, &counting), 42);
	assert_int_equal(counting.done, 100);
	assert_int_equal(counting.done + counting.dropped, counting.next);
	assert_true(counting.next < 5000);
}

static void the_progress_bar_fits_its_line(void **state)
{
	struct progress progress = {.unit = "files", .done = 250, .total = 1000};
	char text[200];
	(void)state;
	progress_text(&progress, 5000000, 200, text, sizeof text);
	assert_string_equal(text, "[######..................] 250 of 1000 files, 50/s, 15 s left");
	progress_text(&progress, 5000000, 40, text, sizeof text);
	assert_int_equal(strlen(text), 39);
	progress.total = 0;
	progress_text(&progress, 5000000, 80, text, sizeof text);
	assert_string_equal(text, "250 files, 50/s");
	progress.done = 3;
	progress.total = 2; /* files that came while they were counted */
	progress_text(&progress, 1000000, 80, text, sizeof text);
	assert_string_equal(text, "3 files, 3.0/s");
}

static void check_command(const struct command *command)
{
	char path[COMMAND_PATH_MAX];
	struct buf buf = BUF_INIT;
	command_path(command, path, sizeof path);
	assert_non_null(command->summary);
	assert_non_null(command->usage);
	assert_non_null(command->description);
	assert_true(command == &cli_root || !command->children == !!command->run);
	for (const struct option_spec *option = command_options(command); option && option->name;
		option++) {
		assert_non_null(option->summary);
		assert_int_equal(option->completes == COMPLETES_CHOICE ||
					 option->completes == COMPLETES_SUCH_AS,
			option->choices != NULL);
		assert_true(option->value || !option->completes);
		for (const struct option_spec *other = option + 1; other->name; other++) {
			assert_string_not_equal(option->name, other->name);
			assert_true(!option->letter || option->letter != other->letter);
		}
		for (const struct option_spec *shared = cli_root.options;
			command != &cli_root && shared->name; shared++) {
			assert_string_not_equal(option->name, shared->name);
			assert_true(!option->letter || option->letter != shared->letter);
		}
	}
	help_command(&buf, command);
	assert_false(buf.failed);
	size_t width = 0;
	for (const char *c = buf.data; *c; c++) {
		width = *c == '\n' ? 0 : width + 1;
		if (width > 90)
			fail_msg("help of '%s' has a line that is too long", path);
	}
	buf_clear(&buf);
	man_command(&buf, command);
	assert_false(buf.failed);
	buf_free(&buf);
	for (const struct command *const *child = command->children; child && *child; child++) {
		assert_ptr_equal(command_child(command, (*child)->name), *child);
		check_command(*child);
	}
}

/* The build lists the man pages by name; none may be missing there. */
static void check_man_page(const struct command *command, const char *list)
{
	char path[COMMAND_PATH_MAX], page[COMMAND_PATH_MAX + 16];
	command_path(command, path, sizeof path);
	for (char *c = path; *c; c++)
		if (*c == ' ')
			*c = '-';
	snprintf(page, sizeof page, "'hilf%s%s':", *path ? "-" : "", path);
	if (!strstr(list, page))
		fail_msg("docs/man/meson.build does not have %s", page);
	for (const struct command *const *child = command->children; child && *child; child++)
		check_man_page(*child, list);
}

static void every_command_has_a_man_page(void **state)
{
	struct buf list = BUF_INIT;
	char path[4096];
	(void)state;
	const char *source = getenv("HILF_SOURCE");
	if (!source)
		skip_aloud("HILF_SOURCE is not set; run it by meson test");
	snprintf(path, sizeof path, "%s/docs/man/meson.build", source);
	assert_int_equal(file_read(path, 100000, &list, NULL), 0);
	check_man_page(&cli_root, list.data);
	buf_free(&list);
}

static void the_table_of_commands_is_whole(void **state)
{
	(void)state;
	check_command(&cli_root);
	char path[COMMAND_PATH_MAX];
	command_path(command_child(command_child(&cli_root, "bank"), "create"), path, sizeof path);
	assert_string_equal(path, "bank create");
	assert_null(command_child(&cli_root, "create"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_come_in_every_gnu_form),
		cmocka_unit_test(a_double_dash_ends_options_and_a_dash_is_an_operand),
		cmocka_unit_test(reading_stops_before_a_command),
		cmocka_unit_test(wrong_lines_are_refused_with_what_to_do),
		cmocka_unit_test(operands_are_counted_by_the_table),
		cmocka_unit_test(numbers_are_whole_and_within_bounds),
		cmocka_unit_test(the_nearest_name_is_found_and_no_far_one),
		cmocka_unit_test(expiries_are_days_or_durations),
		cmocka_unit_test(a_ground_survives_its_way_through_labels),
		cmocka_unit_test(tables_are_aligned_for_people_and_tabbed_for_programs),
		cmocka_unit_test(a_pool_works_at_once_and_answers_in_order),
		cmocka_unit_test(a_pool_that_is_ended_drops_what_is_in_flight),
		cmocka_unit_test(the_progress_bar_fits_its_line),
		cmocka_unit_test(the_table_of_commands_is_whole),
		cmocka_unit_test(every_command_has_a_man_page),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
