/* What is erased leaves no trace: every file of the data folder and of a fresh backup is searched, byte by byte, for the
 * signal, in binary and as text, for its labels and notes. And what is not erased stays as it was. */
#include "base/hex.h"
#include "engine/place_test.h"
#include "os/clock.h"
#include "os/file.h"

#include <signal.h>
#include <sodium.h>
#include <sys/wait.h>
#include <unistd.h>

#define TARGET    17u
#define ENTRIES   40u
#define LABEL     "erased-label-7421"
#define LATER     "erased-later-9913"
#define NOTE      "erased-note-5566"
#define KEPT_WORD "kept-label-3301"

static struct hilf_signal signal_of(uint32_t number)
{
	struct hilf_signal signal = {.type = HILF_PDQ, .size = 32, .quality = 90};
	crypto_generichash(
		signal.value, 32, (const unsigned char *)&number, sizeof number, NULL, 0);
	return signal;
}

/* ------------------------------------------------------------------------------------------ searching */

struct needle {
	char bytes[80];
	size_t size;
	const char *what;
};

struct search {
	const struct needle *needles;
	size_t count, found, files;
};

static struct search *searching; /* nftw (3) has no place for it */

static int search_file(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	struct buf buf = BUF_INIT;
	struct hilf_err err;
	(void)where;
	if (kind != FTW_F || !status->st_size)
		return 0;
	assert_int_equal(file_read(path, 256u << 20, &buf, &err), 0);
	searching->files++;
	for (size_t i = 0; i < searching->count; i++) {
		const struct needle *needle = &searching->needles[i];
		if (!memmem(buf.data, buf.size, needle->bytes, needle->size))
			continue;
		searching->found++;
		print_message("%s: %s is there\n", path, needle->what);
	}
	buf_free(&buf);
	return 0;
}

static size_t find_in(const char *dir, const struct needle *needles, size_t count)
{
	struct search search = {needles, count, 0, 0};
	searching = &search;
	assert_int_equal(nftw(dir, search_file, 16, FTW_PHYS), 0);
	assert_true(search.files > 0);
	return search.found;
}

static struct needle text_needle(const char *text)
{
	struct needle needle = {.size = strlen(text), .what = text};
	memcpy(needle.bytes, text, needle.size);
	return needle;
}

static size_t needles_of(uint32_t number, struct needle ret_needles[5])
{
	struct hilf_signal signal = signal_of(number);
	ret_needles[0] = (struct needle){.size = 32, .what = "the value"};
	memcpy(ret_needles[0].bytes, signal.value, 32);
	ret_needles[1] = (struct needle){.size = 64, .what = "the value as text"};
	hex_encode(signal.value, 32, ret_needles[1].bytes);
	ret_needles[2] = text_needle(LABEL);
	ret_needles[3] = text_needle(LATER);
	ret_needles[4] = text_needle(NOTE);
	return 5;
}

static void expect_no_trace(struct place *place)
{
	struct needle needles[5];
	size_t count = needles_of(TARGET, needles);
	assert_int_equal(find_in(place->dir, needles, count), 0);
}

/* ------------------------------------------------------------------------------------------ the scene */

static uint64_t ids[ENTRIES];

/* All in one record; the target has labels of its own. */
static void add_all(struct place *place)
{
	static const struct hilf_label kept = {"word", KEPT_WORD}, erased = {"word", LABEL};
	struct hilf_signal signals[ENTRIES];
	struct hilf_new_entry entries[ENTRIES];
	struct hilf_add_result results[ENTRIES];
	for (uint32_t i = 0; i < ENTRIES; i++) {
		signals[i] = signal_of(i);
		entries[i] = (struct hilf_new_entry){&signals[i], 1,
			i == TARGET ? &erased
			: i % 3     ? &kept
				    : NULL,
			i == TARGET || i % 3 ? 1 : 0};
	}
	must(hilf_add(place->hilf, "b", NULL, entries, ENTRIES, results, &place->err));
	for (uint32_t i = 0; i < ENTRIES; i++)
		ids[i] = results[i].entry;
}

static const char *text_of(uint64_t id)
{
	static char text[24];
	snprintf(text, sizeof text, "%llu", (unsigned long long)id);
	return text;
}

static void make_scene(struct place *place)
{
	static const struct hilf_label later = {"word", LATER};
	const struct hilf_entry_change change = {
		.set_labels = true, .labels = &later, .label_count = 1};
	must(hilf_bank_create(place->hilf, "b", HILF_BLOCK, 31, NULL, &place->err));
	add_all(place);
	must(hilf_entry_set(place->hilf, text_of(ids[TARGET]), &change, &place->err));
	must(hilf_opinion_give(place->hilf, text_of(ids[3]), HILF_DISPUTE, &place->err));
	must(hilf_entry_mute(place->hilf, text_of(ids[4]), clock_now_ms() + 3600000, &place->err));
	must(hilf_withdraw(place->hilf, text_of(ids[5]), "error: " NOTE, &place->err));
	must(hilf_checkpoint(place->hilf, &place->err));
}

static struct hilf_check ask(struct place *place, uint32_t number)
{
	struct hilf_signal signal = signal_of(number);
	struct hilf_check check;
	must(hilf_match_signals(place->hilf, NULL, &signal, 1, &check, &place->err));
	return check;
}

static enum hilf_verdict verdict_of(struct place *place, uint32_t number)
{
	struct hilf_check check = ask(place, number);
	hilf_check_free(&check);
	return check.verdict;
}

/* Everything but the target and what was withdrawn before is as it was. */
static void expect_others(struct place *place)
{
	for (uint32_t i = 0; i < ENTRIES; i++) {
		struct hilf_check check = ask(place, i);
		enum hilf_verdict expected = i == TARGET || i == 4 || i == 5 ? HILF_NO_MATCH
					     : i == 3                        ? HILF_VERDICT_REVIEW
									     : HILF_VERDICT_BLOCK;
		assert_int_equal(check.verdict, expected);
		if (check.match_count) {
			assert_int_equal(check.match_count, 1);
			assert_int_equal(check.matches[0].label_count, i % 3 ? 1 : 0);
			if (i % 3)
				assert_string_equal(check.matches[0].labels[0].value, KEPT_WORD);
		}
		hilf_check_free(&check);
	}
}

static int say_problem(const char *level, const char *what, const char *text, void *ctx)
{
	(void)ctx;
	if (strcmp(level, "problem") == 0 || strcmp(level, "mended") == 0)
		print_message("%s: %s: %s\n", level, what, text);
	return 0;
}

static void expect_sound(struct place *place)
{
	const struct hilf_options options = {.abi = HILF_ABI, .data_dir = place->dir};
	uint64_t problems = 9;
	must(hilf_fsck(&options, true, say_problem, NULL, &problems, &place->err));
	assert_int_equal(problems, 0);
}

static void erase(struct place *place, uint64_t id, uint64_t expected)
{
	uint64_t count = 0;
	must(hilf_entry_erase(place->hilf, text_of(id), "court", &count, &place->err));
	assert_int_equal(count, expected);
}

static void nothing_is_left_of_it_anywhere(void **state)
{
	struct place *place = *state;
	struct needle needles[5];
	char backup[300];
	make_scene(place);
	size_t count = needles_of(TARGET, needles);
	assert_true(find_in(place->dir, needles, count) >= 4); /* the search finds what is there */
	/* With it goes the one that was withdrawn before. */
	erase(place, ids[TARGET], 2);
	expect_no_trace(place);
	expect_others(place);
	/* A snapshot of the same handle, which had it in memory, and a backup. */
	must(hilf_checkpoint(place->hilf, &place->err));
	expect_no_trace(place);
	snprintf(backup, sizeof backup, "%s/backup", place->dir);
	must(hilf_backup(place->hilf, backup, &place->err));
	expect_no_trace(place);
	reopen(place);
	expect_others(place);
	expect_sound(place);
	expect_no_trace(place);
}

static int take_state(const struct hilf_entry *entry, void *ctx)
{
	struct hilf_entry *found = ctx;
	*found = *entry;
	return 0;
}

static int take_record(const struct hilf_record *record, void *ctx)
{
	size_t *erased = ctx;
	if (record->size)
		return 0;
	assert_non_null(record->header);
	assert_non_null(memmem(record->header, record->header_size, "\"hash\":\"", 8));
	++*erased;
	return 0;
}

static void it_is_known_as_erased_and_the_feed_says_so(void **state)
{
	struct place *place = *state;
	struct hilf_entry entry;
	size_t erased = 0;
	make_scene(place);
	erase(place, ids[TARGET], 2);
	must(hilf_entry_get(place->hilf, text_of(ids[TARGET]), take_state, &entry, &place->err));
	assert_int_equal(entry.state, HILF_ERASED);
	assert_int_equal(entry.signal_count, 0);
	assert_int_equal(entry.label_count, 0);
	must(hilf_feed_read(place->hilf, 0, SIZE_MAX, take_record, &erased, &place->err));
	assert_int_equal(erased, 2); /* the record, and the change that spoke of it alone */
	/* Once more does no harm, and what is the same can be added. */
	uint64_t count;
	must(hilf_entry_erase(place->hilf, text_of(ids[TARGET]), "court", &count, &place->err));
	struct hilf_signal signal = signal_of(TARGET);
	const struct hilf_new_entry again = {&signal, 1, NULL, 0};
	struct hilf_add_result result;
	must(hilf_add(place->hilf, "b", NULL, &again, 1, &result, &place->err));
	assert_int_equal(result.what, HILF_ADDED);
	assert_int_equal(verdict_of(place, TARGET), HILF_VERDICT_BLOCK);
	expect_sound(place);
}

/* Metas get other numbers; a handle that goes on must not mix them up. */
static void whoever_goes_on_says_the_right_things(void **state)
{
	struct place *place = *state;
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = place->dir, .read_only = true};
	struct hilf *reader, *writer = place->hilf;
	make_scene(place);
	must(hilf_open(&options, &reader, &place->err));
	for (uint32_t round = 0; round < 6; round++) {
		char value[24];
		struct hilf_signal signals[2] = {signal_of(1000 + round), signal_of(2000 + round)};
		snprintf(value, sizeof value, "round-%u", round);
		const struct hilf_label label = {"word", value};
		const struct hilf_new_entry entries[2] = {
			{&signals[0], 1, &label, 1}, {&signals[1], 1, NULL, 0}};
		struct hilf_add_result results[2];
		must(hilf_add(writer, "b", NULL, entries, 2, results, &place->err));
		if (round % 2)
			erase(place, results[0].entry, 1);
		place->hilf = reader;
		for (uint32_t i = 0; i <= round; i++) {
			struct hilf_check check = ask(place, 1000 + i);
			snprintf(value, sizeof value, "round-%u", i);
			assert_int_equal(check.match_count, i % 2 ? 0 : 1);
			if (!(i % 2))
				assert_string_equal(check.matches[0].labels[0].value, value);
			hilf_check_free(&check);
			assert_int_equal(verdict_of(place, 2000 + i), HILF_VERDICT_BLOCK);
		}
		place->hilf = writer;
	}
	hilf_close(reader);
	erase(place, ids[TARGET], 2);
	expect_others(place);
	reopen(place);
	expect_others(place);
	expect_sound(place);
	expect_no_trace(place);
}

static void one_by_one_all_can_go(void **state)
{
	struct place *place = *state;
	make_scene(place);
	for (uint32_t i = 0; i < ENTRIES; i += 7) {
		struct hilf_check check = ask(place, i);
		if (check.match_count)
			erase(place, check.matches[0].entry, i ? 1 : 2);
		hilf_check_free(&check);
		assert_int_equal(verdict_of(place, i), HILF_NO_MATCH);
		struct needle needles[5];
		needles_of(i, needles);
		assert_int_equal(find_in(place->dir, needles, 2), 0);
	}
	expect_sound(place);
}

/* Kills whoever erases after a while; whether it came to its end. */
static bool erase_and_be_killed(struct place *place, useconds_t delay_us)
{
	int status, ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	hilf_close(place->hilf);
	place->hilf = NULL;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		reopen(place);
		if (write(ready[1], "x", 1) != 1)
			_exit(2);
		_exit(hilf_entry_erase(
			      place->hilf, text_of(ids[TARGET]), "court", NULL, &place->err) == 0
				? 0
				: 1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	usleep(delay_us);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(ready[0]);
	close(ready[1]);
	return WIFEXITED(status);
}

static void who_is_killed_while_erasing_leaves_all_or_nothing(void **state)
{
	struct place *place = *state;
	unsigned erased = 0;
	make_scene(place);
	for (useconds_t delay_us = 0; delay_us < 40000 && !erased; delay_us += 1500) {
		struct hilf_entry entry;
		bool done = erase_and_be_killed(place, delay_us);
		reopen(place);
		must(hilf_entry_get(
			place->hilf, text_of(ids[TARGET]), take_state, &entry, &place->err));
		erased += entry.state == HILF_ERASED;
		assert_true(entry.state == HILF_ERASED || (!done && entry.state == HILF_IN_FORCE));
		expect_sound(place);
	}
	if (!erased)
		erase(place, ids[TARGET], 2);
	expect_others(place);
	/* What was left to be driven out goes with the next write, whatever that is. */
	must(hilf_entry_mute(place->hilf, text_of(ids[0]), 0, &place->err));
	expect_no_trace(place);
}

static void what_cannot_be_erased_is_said(void **state)
{
	struct place *place = *state;
	uint64_t count = 77;
	make_scene(place);
	assert_int_equal(hilf_entry_erase(place->hilf, "4711", "court", &count, &place->err),
		HILF_E_NOT_FOUND);
	assert_int_equal(hilf_entry_erase(place->hilf, text_of(ids[1]), "", &count, &place->err),
		HILF_E_INVALID);
	assert_int_equal(count, 77);
	expect_sound(place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(nothing_is_left_of_it_anywhere),
		TEST(it_is_known_as_erased_and_the_feed_says_so),
		TEST(whoever_goes_on_says_the_right_things),
		TEST(one_by_one_all_can_go),
		TEST(who_is_killed_while_erasing_leaves_all_or_nothing),
		TEST(what_cannot_be_erased_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
