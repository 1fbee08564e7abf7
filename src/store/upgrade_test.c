/* A data folder of version 1, made by the hilf of that time (test/golden/store/v1), becomes one of this version, with all
 * that was in it and a copy beside. */
#include "store/store.h"

#include "base/hex.h"
#include "os/clock.h"
#include "os/file.h"
#include "store/db.h"
#include "store/local.h"
#include "store/sound_test.h"

#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	fixture_golden(fixture, "v1");
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	fixture_remove(*state);
	free(*state);
	return 0;
}

static int64_t version_of(const struct fixture *fixture, const char *name)
{
	char path[128];
	fixture_path(fixture, name, path);
	return fixture_pragma(path, "PRAGMA user_version");
}

static void reading_says_what_to_do_and_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	const struct store_conf conf = {.dir = fixture->dir, .read_only = true};
	assert_int_equal(store_open(&conf, &fixture->store, &fixture->err), HILF_E_VERSION);
	assert_non_null(strstr(fixture->err.text, "hilf fsck"));
	assert_int_equal(version_of(fixture, "hilf.db"), 1);
}

/* The lines of known.txt, as the hilf of that time exported them, are all there is in force in the bank. */
struct lines {
	struct buf text;
	size_t found;
};

static int find_line(const struct store_told *told, void *ctx)
{
	const struct store_entry *entry = &told->entry;
	const struct store_meta *meta = told->meta;
	struct lines *lines = ctx;
	char value[65], start[80];
	assert_int_equal(entry->signal_count, 1);
	hex_encode(entry->signals[0].value, entry->signals[0].size, value);
	static const char *const names[] = {
		[HILF_PDQ] = "pdq", [HILF_SHA256] = "sha256", [HILF_MD5] = "md5"};
	snprintf(start, sizeof start, "%s %s ", names[entry->signals[0].type], value);
	const char *line = strstr(lines->text.data, start);
	assert_non_null(line);
	const char *end = strchr(line, '\n');
	assert_true(meta->label_count == 1);
	char label[120];
	snprintf(label, sizeof label, "%s=%s", meta->labels[0].key, meta->labels[0].value);
	const char *at = strstr(line, label);
	assert_true(at && at < end);
	assert_string_equal(meta->content_class,
		entry->signals[0].type == HILF_PDQ ? "incitement" : "unclassified");
	lines->found++;
	return 0;
}

static void all_that_was_in_it_is_there(void **state)
{
	struct fixture *fixture = *state;
	const char *source = getenv("HILF_SOURCE");
	struct lines lines = {BUF_INIT, 0};
	struct store_bank bank;
	struct store_counts counts;
	char path[512];
	size_t line_count = 0;
	fixture_reopen(fixture);
	assert_int_equal(store_upgraded_from(fixture->store), 1);
	snprintf(path, sizeof path, "%s/test/golden/store/v1/known.txt", source ? source : ".");
	assert_int_equal(file_read(path, 1 << 20, &lines.text, &fixture->err), 0);
	for (const char *at = lines.text.data; (at = strchr(at, '\n')); at++)
		line_count++;
	assert_int_equal(store_bank_get(fixture->store, false, "known", &bank, &fixture->err), 0);
	assert_int_equal(bank.policy.mode, HILF_BLOCK);
	assert_int_equal(bank.policy.sample_ppm, STORE_SAMPLE_ALL);
	assert_int_equal(
		store_each_entry(fixture->store, bank.id, find_line, &lines, &fixture->err), 0);
	assert_int_equal(lines.found, line_count);
	assert_int_equal(store_bank_get(fixture->store, false, "trial", &bank, &fixture->err), 0);
	assert_int_equal(bank.policy.mode, HILF_SHADOW);
	assert_int_equal(bank.policy.pdq_radius, 20);
	assert_int_equal(store_bank_get(fixture->store, false, "gone", &bank, &fixture->err),
		HILF_E_NOT_FOUND);
	assert_int_equal(store_counts(fixture->store, 0, &counts, &fixture->err), 0);
	assert_int_equal(counts.feed_count, 11);
	assert_int_equal(counts.withdrawn_count, 8);
	assert_int_equal(counts.entry_count, 44);
	expect_sound(fixture);
	buf_free(&lines.text);
}

static void a_copy_stays_beside_and_the_second_time_nothing_is_done(void **state)
{
	struct fixture *fixture = *state;
	struct stat first, second;
	char path[128];
	fixture_reopen(fixture);
	fixture_path(fixture, "hilf.db.v1", path);
	assert_int_equal(stat(path, &first), 0);
	assert_int_equal(first.st_mode & 0777, 0600);
	assert_int_equal(version_of(fixture, "hilf.db.v1"), 1);
	assert_int_equal(version_of(fixture, "hilf.db"), STORE_VERSION);
	fixture_close(fixture);
	fixture_reopen(fixture);
	assert_int_equal(store_upgraded_from(fixture->store), 0);
	assert_int_equal(stat(path, &second), 0);
	assert_int_equal(first.st_ino, second.st_ino);
}

static void it_can_be_written_to(void **state)
{
	struct fixture *fixture = *state;
	struct fixture_member me;
	uint8_t bank[UUID_SIZE];
	fixture_reopen(fixture);
	assert_true(fixture_found(fixture, &me));
	assert_true(fixture_bank(fixture, &me, "new", bank));
	assert_true(fixture_add(fixture, &me, bank, 0, 5, NULL));
	expect_sound(fixture);
}

static void run_sql(struct fixture *fixture, const char *text)
{
	char path[128];
	sqlite3 *db;
	fixture_path(fixture, "hilf.db", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void a_damaged_record_stops_it_and_a_damaged_mode_stays_one(void **state)
{
	struct fixture *fixture = *state;
	const struct store_conf conf = {.dir = fixture->dir};
	struct store_bank bank;
	run_sql(fixture, "UPDATE feed SET received_ms = received_ms + 1 WHERE seq = 5");
	assert_int_equal(store_open(&conf, &fixture->store, &fixture->err), HILF_E_CORRUPT);
	assert_non_null(strstr(fixture->err.text, "record 5"));
	assert_int_equal(version_of(fixture, "hilf.db"), 1);
	run_sql(fixture, "UPDATE feed SET received_ms = received_ms - 1 WHERE seq = 5;"
			 "UPDATE l_bank_policy SET mode = 1 WHERE mode = 2");
	assert_int_equal(store_open(&conf, &fixture->store, &fixture->err), 0);
	assert_int_equal(store_bank_get(fixture->store, false, "known", &bank, &fixture->err),
		HILF_E_CORRUPT);
}

/* Without what was added to version 2 before it was released. */
/* clang-format off */
static const char early[] =
	"UPDATE main.l_key SET mark = local_mark(id, hash, name, role, banks, created_ms, expires_ms, revoked_ms, rate, "
	"quota) + (id = 'damagedkey');"
	"ALTER TABLE main.l_key DROP COLUMN held_by;"
	"ALTER TABLE main.l_decision DROP COLUMN upheld;"
	"ALTER TABLE main.l_tally_source DROP COLUMN decisions;"
	"DROP TABLE main.d_said; DROP INDEX main.d_entry_meta;";
/* clang-format on */

static int count_key(const struct store_key *key, void *ctx)
{
	assert_null(key->held_by);
	++*(unsigned *)ctx;
	return 0;
}

static void what_was_written_before_the_release_is_caught_up_with(void **state)
{
	struct fixture *fixture = *state;
	const struct store_conf reading = {.dir = fixture->dir, .read_only = true},
				writing = {.dir = fixture->dir};
	const struct store_key key = {.id = "abcdefghij", .name = "a", .role = 1, .created_ms = 1};
	const struct store_key damaged = {
		.id = "damagedkey", .name = "b", .role = 1, .created_ms = 2};
	struct hilf_err *err = &fixture->err;
	uint32_t metas[4];
	size_t count_metas = 0;
	unsigned count = 0;
	fixture_reopen(fixture);
	assert_int_equal(store_begin(fixture->store, err), 0);
	assert_int_equal(store_key_add(fixture->store, &key, err), 0);
	assert_int_equal(store_key_add(fixture->store, &damaged, err), 0);
	assert_int_equal(store_commit(fixture->store, err), 0);
	assert_int_equal(db_script(fixture->store, fixture->store->writer, early, err), 0);
	fixture_close(fixture);
	assert_int_equal(store_open(&reading, &fixture->store, err), HILF_E_VERSION);
	assert_non_null(strstr(err->text, "hilf fsck"));
	assert_int_equal(store_open(&writing, &fixture->store, err), 0);
	assert_int_equal(store_upgraded_from(fixture->store), 0);
	assert_int_equal(store_metas_saying(fixture->store, STORE_SAID_CLASS, "unclassified", metas,
				 4, &count_metas, err),
		0);
	assert_true(count_metas > 0);
	/* What was damaged stays so. */
	assert_int_equal(
		store_key_each(fixture->store, false, count_key, &count, err), HILF_E_CORRUPT);
	assert_int_equal(count, 1);
	fixture_close(fixture);
	assert_int_equal(store_open(&reading, &fixture->store, err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(reading_says_what_to_do_and_changes_nothing),
		TEST(all_that_was_in_it_is_there),
		TEST(a_copy_stays_beside_and_the_second_time_nothing_is_done),
		TEST(it_can_be_written_to),
		TEST(what_was_written_before_the_release_is_caught_up_with),
		TEST(a_damaged_record_stops_it_and_a_damaged_mode_stays_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
