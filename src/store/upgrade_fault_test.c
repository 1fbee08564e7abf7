/* Who upgrades a data folder and dies at whichever write or sync, or is refused it, leaves it as it was or done. */
#include "store/store.h"

#include "os/clock.h"
#include "store/sound_test.h"
#include "test/failing_disk.h"

#include <string.h>
#include <sys/wait.h>

static void expect_whole(struct fixture *fixture)
{
	struct store_counts counts;
	fixture_reopen(fixture);
	assert_int_equal(store_counts(fixture->store, 0, &counts, &fixture->err), 0);
	assert_int_equal(counts.feed_count, 11);
	assert_int_equal(counts.entry_count, 44);
	expect_sound(fixture);
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

/* True when the child died at that call; false when it came to its end. */
static bool dies_at(struct fixture *fixture, long call)
{
	int status;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		before_disk_fault(true, true, call, 0);
		_exit(open_for_writing(fixture) == 0 ? 1 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 0;
}

/* Every call in a long run, else some of them. */
static int step_of_calls(void)
{
	return getenv("HILF_LONG") ? 1 : 7;
}

static void whoever_is_killed_in_it_loses_nothing(void **state)
{
	long call = 0;
	int step = step_of_calls();
	bool dies = true;
	(void)state;
	for (; dies; call += step) {
		struct fixture fixture;
		fixture_golden(&fixture, "v1");
		dies = dies_at(&fixture, call);
		expect_whole(&fixture);
		fixture_remove(&fixture);
	}
	assert_true(call > 50);
}

static void whoever_is_refused_a_write_loses_nothing(void **state)
{
	long call = 1;
	int rc = HILF_E_IO, step = step_of_calls();
	(void)state;
	for (; rc; call += step) {
		struct fixture fixture;
		fixture_golden(&fixture, "v1");
		before_disk_fault(true, true, call, call / 7 % 2 ? EIO : ENOSPC);
		rc = open_for_writing(&fixture);
		after_disk_fault();
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
