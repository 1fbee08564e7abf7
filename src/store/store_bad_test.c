/* What goes wrong around a store: data of others, of the future and of nobody, folders without the right to write, two
 * writers. Each with the code and the words a person needs. */
#include "store/store.h"

#include "base/check.h"
#include "os/clock.h"
#include "os/file.h"
#include "store/alpha_test.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static int give_back(void **state)
{
	const struct fixture *fixture = *state;
	chmod(fixture->dir, 0700);
	return tear_down(state);
}

static int open_again(struct fixture *fixture, bool create, bool read_only)
{
	const struct store_conf conf = {
		.dir = fixture->dir, .create = create, .read_only = read_only, .wait_ms = 300};
	return store_open(&conf, &fixture->store, &fixture->err);
}

static void run_sql(struct fixture *fixture, const char *sql)
{
	sqlite3 *db;
	char path[128];
	fixture_path(fixture, "hilf.db", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void remove_file(struct fixture *fixture, const char *name)
{
	char path[128];
	fixture_path(fixture, name, path);
	assert_true(unlink(path) == 0 || errno == ENOENT);
}

static void write_file(struct fixture *fixture, const char *name, const void *bytes, size_t size)
{
	char path[128];
	fixture_path(fixture, name, path);
	assert_int_equal(file_write(path, bytes, size, 0600, &fixture->err), 0);
}

/* ------------------------------------------------------------------------------------ other data */

static void data_of_a_newer_hilf_is_refused_and_untouched(void **state)
{
	struct fixture *fixture = *state;
	fixture_close(fixture);
	run_sql(fixture, "PRAGMA user_version = 3");
	assert_int_equal(open_again(fixture, true, false), HILF_E_VERSION);
	assert_non_null(strstr(fixture->err.text, "upgrade this hilf"));
	run_sql(fixture, "PRAGMA user_version = 2");
	assert_int_equal(open_again(fixture, true, false), 0);
}

static void a_database_of_others_is_refused(void **state)
{
	struct fixture *fixture = *state;
	fixture_close(fixture);
	remove_file(fixture, "hilf.db");
	remove_file(fixture, "hilf.db-wal");
	remove_file(fixture, "hilf.db-shm");
	run_sql(fixture, "CREATE TABLE theirs (a)");
	assert_int_equal(open_again(fixture, true, false), HILF_E_CORRUPT);
	assert_non_null(strstr(fixture->err.text, "not one of hilf's"));
	run_sql(fixture, "INSERT INTO theirs VALUES (1)"); /* it is still there */
}

static void what_is_no_database_is_refused(void **state)
{
	static const char text[] = "this is a letter, and not a database at all. "
				   "It is a little longer than the head that SQLite wants to see, "
				   "which is a hundred bytes.";
	struct fixture *fixture = *state;
	fixture_close(fixture);
	remove_file(fixture, "hilf.db-wal");
	remove_file(fixture, "hilf.db-shm");
	write_file(fixture, "hilf.db", text, sizeof text);
	assert_int_equal(open_again(fixture, true, false), HILF_E_CORRUPT);
	assert_non_null(strstr(fixture->err.text, "no database"));
}

static void a_database_cut_short_is_damaged(void **state)
{
	struct fixture *fixture = *state;
	char path[128];
	fixture_close(fixture);
	fixture_path(fixture, "hilf.db", path);
	assert_int_equal(truncate(path, 5000), 0);
	int rc = open_again(fixture, true, false);
	uint64_t seq, seen = 0;
	const struct store_sink sink = {0};
	if (!rc)
		rc = store_replay(fixture->store, 0, &sink, &seen, &seq, &fixture->err);
	assert_int_equal(rc, HILF_E_CORRUPT);
	assert_non_null(strstr(fixture->err.text, "damaged"));
}

static void an_empty_file_in_its_place_is_named_and_kept(void **state)
{
	struct fixture *fixture = *state;
	fixture_close(fixture);
	remove_file(fixture, "hilf.db-wal");
	remove_file(fixture, "hilf.db-shm");
	write_file(fixture, "hilf.db", "", 0);
	assert_int_equal(open_again(fixture, false, false), HILF_E_CORRUPT);
	assert_int_equal(open_again(fixture, true, true), HILF_E_CORRUPT);
	assert_int_equal(open_again(fixture, true, false), HILF_E_CORRUPT);
	assert_non_null(strstr(fixture->err.text, "nothing of hilf's is in it"));
	remove_file(fixture, "hilf.db");
	assert_int_equal(open_again(fixture, true, false), 0);
	assert_true(fixture_found(fixture, &fixture->me));
}

static void a_database_replaced_under_a_writer_is_noticed(void **state)
{
	struct fixture *fixture = *state;
	char path[128], copy[128], command[540];
	fixture_path(fixture, "hilf.db", path);
	fixture_path(fixture, "copy", copy);
	snprintf(command, sizeof command, "cp '%s' '%s' && mv '%s' '%s'", path, copy, copy, path);
	assert_int_equal(system(command), 0);
	assert_int_equal(store_begin(fixture->store, &fixture->err), HILF_E_CORRUPT);
	assert_non_null(strstr(fixture->err.text, "was replaced"));
}

static void any_name_of_a_folder_will_do(void **state)
{
	struct fixture *fixture = *state;
	static const char *const names[] = {"with blanks", "50% of #1?", "file:x", "\xff\n"};
	char dir[200];
	fixture_close(fixture);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(dir, sizeof dir, "/%s/%s", fixture->dir, names[i]); /* two slashes first */
		const struct store_conf conf = {.dir = dir, .create = true};
		assert_int_equal(store_open(&conf, &fixture->store, &fixture->err), 0);
		assert_int_equal(store_begin(fixture->store, &fixture->err), 0);
		assert_int_equal(store_commit(fixture->store, &fixture->err), 0);
		fixture_close(fixture);
		strcat(dir, "/hilf.db");
		assert_int_equal(access(dir, F_OK), 0);
	}
}

static void a_log_without_its_database_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	fixture_close(fixture);
	remove_file(fixture, "hilf.db");
	write_file(fixture, "hilf.db-wal", "some frames", 11);
	assert_int_equal(open_again(fixture, true, false), HILF_E_CORRUPT);
	assert_non_null(strstr(fixture->err.text, "put it back beside the log"));
}

static void what_a_dead_maker_left_aside_does_not_matter(void **state)
{
	struct fixture *fixture = *state;
	fixture_close(fixture);
	remove_file(fixture, "hilf.db");
	remove_file(fixture, "hilf.db-wal");
	remove_file(fixture, "hilf.db-shm");
	write_file(fixture, "hilf.db.new", "half a database", 15);
	write_file(fixture, "hilf.db.new-journal", "half a journal", 14);
	assert_int_equal(open_again(fixture, true, false), 0);
	assert_true(fixture_found(fixture, &fixture->me));
}

/* ------------------------------------------------------------------------------------ no right */

static int count_entry(const struct store_entry *entry, void *ctx)
{
	uint64_t *count = ctx;
	*count += entry->signal_count;
	return 0;
}

/* As a user with no rights: the data can be read, all 20 entries of it, and a write is denied with the words that it
 * needs. The number of the step that went wrong, or 0. */
static int read_as_nobody(struct fixture *fixture)
{
	static const struct store_sink sink = {.entry = count_entry};
	uint64_t count = 0, seq;
	if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
		setresuid(NOBODY, NOBODY, NOBODY) != 0)
		return 1;
	if (open_again(fixture, true, false) != 0)
		return 2;
	if (store_replay(fixture->store, 0, &sink, &count, &seq, &fixture->err) != 0)
		return 3;
	if (count != 20)
		return 4;
	if (store_begin(fixture->store, &fixture->err) != HILF_E_DENIED)
		return 5;
	if (!strstr(fixture->err.text, "no right to write"))
		return 6;
	store_close(fixture->store);
	return 0;
}

static void expect_readable(struct fixture *fixture)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		int step = read_as_nobody(fixture);
		if (step)
			fprintf(stderr, "step %d: %s\n", step, fixture->err.text);
		_exit(step);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void make_readable_only(struct fixture *fixture)
{
	char command[200];
	snprintf(command, sizeof command, "chmod -R a-w,a+rX '%s'", fixture->dir);
	assert_int_equal(system(command), 0);
}

static void a_folder_without_the_right_to_write_can_be_read(void **state)
{
	struct fixture *fixture = *state;
	if (geteuid() != 0)
		skip_aloud("only root can become another user");
	fixture_close(fixture);
	make_readable_only(fixture);
	expect_readable(fixture);
}

static void a_folder_read_while_its_owner_has_it_open(void **state)
{
	struct fixture *fixture = *state, reader = *fixture;
	if (geteuid() != 0)
		skip_aloud("only root can become another user");
	make_readable_only(fixture);
	expect_readable(&reader); /* the last records are in the log only */
}

static void a_copy_of_the_database_alone_can_be_read(void **state)
{
	struct fixture *fixture = *state;
	if (geteuid() != 0)
		skip_aloud("only root can become another user");
	fixture_close(fixture);
	remove_file(fixture, "hilf.db-wal");
	remove_file(fixture, "hilf.db-shm");
	remove_file(fixture, "hilf.lock");
	make_readable_only(fixture);
	expect_readable(fixture);
}

/* ------------------------------------------------------------------------------------ two writers */

static void write_some(struct fixture *fixture, const struct fixture_member *me, uint32_t first)
{
	fixture_reopen(fixture);
	for (uint32_t i = 0; i < 40; i++)
		if (!fixture_add(fixture, me, bank, first + i * 3, 3, NULL))
			_exit(1);
	fixture_close(fixture);
	_exit(0);
}

static int ignore(const char *level, const char *what, const char *text, void *ctx)
{
	(void)what, (void)text, (void)ctx;
	return strcmp(level, "problem") == 0 ? HILF_E_CORRUPT : 0;
}

static void two_processes_write_in_turn(void **state)
{
	struct fixture *fixture = *state;
	struct fixture_member me = fixture->me;
	struct store_counts counts;
	uint64_t problems = 9;
	fixture_close(fixture);
	for (uint32_t i = 0; i < 2; i++)
		if (fork() == 0)
			write_some(fixture, &me, 1000 + 1000 * i);
	for (int i = 0; i < 2; i++) {
		int status;
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	fixture_reopen(fixture);
	assert_int_equal(store_counts(fixture->store, clock_now_ms(), &counts, &fixture->err), 0);
	assert_int_equal(counts.entry_count, 20 + 2 * 40 * 3);
	assert_int_equal(
		store_fsck(fixture->store, true, ignore, NULL, &problems, &fixture->err), 0);
	assert_int_equal(problems, 0);
}

static void a_reader_sees_what_another_handle_wrote(void **state)
{
	struct fixture *fixture = *state, other = *fixture;
	uint64_t before, after;
	fixture_reopen(&other);
	assert_int_equal(store_head(fixture->store, &before, NULL, &fixture->err), 0);
	assert_true(fixture_add(&other, &fixture->me, bank, 100, 1, NULL));
	assert_int_equal(store_head(fixture->store, &after, NULL, &fixture->err), 0);
	assert_int_equal(after, before + 1);
	assert_true(fixture_add(fixture, &fixture->me, bank, 101, 1, NULL));
	fixture_close(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, give_back)
		TEST(data_of_a_newer_hilf_is_refused_and_untouched),
		TEST(a_database_of_others_is_refused),
		TEST(what_is_no_database_is_refused),
		TEST(a_database_cut_short_is_damaged),
		TEST(an_empty_file_in_its_place_is_named_and_kept),
		TEST(a_database_replaced_under_a_writer_is_noticed),
		TEST(any_name_of_a_folder_will_do),
		TEST(a_log_without_its_database_is_left_alone),
		TEST(what_a_dead_maker_left_aside_does_not_matter),
		TEST(a_folder_without_the_right_to_write_can_be_read),
		TEST(a_folder_read_while_its_owner_has_it_open),
		TEST(a_copy_of_the_database_alone_can_be_read),
		TEST(two_processes_write_in_turn),
		TEST(a_reader_sees_what_another_handle_wrote),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
