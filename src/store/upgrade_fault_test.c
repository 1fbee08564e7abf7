/* Who upgrades a data folder and dies at whichever write or sync, or is refused it, leaves it as it was or done. */
#include "store/store.h"

#include "os/clock.h"
#include "store/store_fixture.h"
#include "test/unit.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Calls until one fails or kills (0: none does). */
static int fail_after, kill_after, fail_with;

int fdatasync(int fd) __attribute__((visibility("default")));
int fsync(int fd) __attribute__((visibility("default")));
ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
	__attribute__((visibility("default")));

static bool now(void)
{
	if (kill_after && --kill_after == 0)
		kill(getpid(), SIGKILL);
	if (!fail_after)
		return false;
	if (fail_after > 1) {
		fail_after--;
		return false;
	}
	errno = fail_with;
	return true;
}

int fdatasync(int fd)
{
	return now() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	return now() ? -1 : (int)syscall(SYS_fsync, fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
	return now() ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, bytes, size, at);
}

static int say_problem(const char *level, const char *what, const char *text, void *ctx)
{
	(void)ctx;
	if (strcmp(level, "problem") == 0)
		print_error("%s: %s\n", what, text);
	return 0;
}

static void expect_whole(struct fixture *fixture)
{
	struct store_counts counts;
	uint64_t problems = 9;
	fixture_reopen(fixture);
	assert_int_equal(store_counts(fixture->store, 0, &counts, &fixture->err), 0);
	assert_int_equal(counts.feed_count, 11);
	assert_int_equal(counts.entry_count, 44);
	assert_int_equal(
		store_fsck(fixture->store, true, say_problem, NULL, &problems, &fixture->err), 0);
	assert_int_equal(problems, 0);
}

static int open_for_writing(struct fixture *fixture)
{
	const struct store_conf conf = {.dir = fixture->dir};
	struct store *store;
	int rc = store_open(&conf, &store, &fixture->err);
	if (!rc)
		store_close(store);
	return rc;
}

/* True when the child was killed; false when it came to its end. */
static bool is_killed_at(struct fixture *fixture, int call)
{
	int status;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		kill_after = call;
		_exit(open_for_writing(fixture) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status);
}

/* Every call in a long run, else some of them. */
static int step_of_calls(void)
{
	return getenv("HILF_LONG") ? 1 : 7;
}

static void whoever_is_killed_in_it_loses_nothing(void **state)
{
	int call = 1, step = step_of_calls();
	bool killed = true;
	(void)state;
	for (; killed; call += step) {
		struct fixture fixture;
		fixture_golden(&fixture, "v1");
		killed = is_killed_at(&fixture, call);
		expect_whole(&fixture);
		fixture_remove(&fixture);
	}
	assert_true(call > 50);
}

static void whoever_is_refused_a_write_loses_nothing(void **state)
{
	int rc = HILF_E_IO, call = 2, step = step_of_calls();
	(void)state;
	for (; rc; call += step) {
		struct fixture fixture;
		fixture_golden(&fixture, "v1");
		fail_after = call;
		fail_with = call / 7 % 2 ? EIO : ENOSPC;
		rc = open_for_writing(&fixture);
		fail_after = 0;
		assert_true(rc == 0 || rc == HILF_E_IO);
		expect_whole(&fixture);
		fixture_remove(&fixture);
	}
	assert_true(call > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_is_killed_in_it_loses_nothing),
		cmocka_unit_test(whoever_is_refused_a_write_loses_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
