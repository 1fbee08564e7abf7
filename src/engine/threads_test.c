/* Many threads on one handle: writers that share commits, readers that must see what was acknowledged. Made for
 * ThreadSanitizer. */
#include "hilf.h"
#include "test/folder.h"
#include "test/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/file.h>

#define WRITERS 4
#define READERS 2
#define ENTRIES 60 /* by each writer */

static struct {
	char dir[256], helpers[512];
	struct hilf *hilf;
	_Atomic uint64_t entries[WRITERS][ENTRIES]; /* 0 until acknowledged */
	_Atomic bool withdrawn[WRITERS][ENTRIES];
	_Atomic bool stop;
	_Atomic unsigned failures, checks;
} all;

static struct hilf_signal value_of(unsigned writer, unsigned number)
{
	struct hilf_signal signal = {HILF_PDQ, 32, 100, {0}};
	uint64_t seed = (uint64_t)writer * 1000 + number + 1;
	for (int i = 0; i < 32; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		signal.value[i] = (uint8_t)(seed >> 56);
	}
	return signal;
}

static void fail_with(const char *what, const struct hilf_err *err)
{
	fprintf(stderr, "%s: %s\n", what, err->text);
	all.failures++;
}

static void *write_entries(void *ctx)
{
	unsigned writer = (unsigned)(uintptr_t)ctx;
	struct hilf_err err = {0};
	for (unsigned i = 0; i < ENTRIES; i++) {
		struct hilf_signal signal = value_of(writer, i);
		const struct hilf_new_entry entry = {&signal, 1};
		struct hilf_add_result result;
		if (hilf_add(all.hilf, "b", NULL, &entry, 1, &result, &err) != 0) {
			fail_with("add", &err);
			continue;
		}
		all.entries[writer][i] = result.entry;
		if (i % 3 == 0) {
			char number[32];
			snprintf(number, sizeof number, "%llu", (unsigned long long)result.entry);
			if (hilf_withdraw(all.hilf, number, "error", &err) != 0)
				fail_with("withdraw", &err);
			else
				all.withdrawn[writer][i] = true;
		}
	}
	return NULL;
}

/* What was acknowledged before the query began must be seen, what was withdrawn before must not. */
static void *read_entries(void *ctx)
{
	uint64_t at = (uintptr_t)ctx;
	while (!all.stop) {
		unsigned writer = (unsigned)(at / ENTRIES % WRITERS),
			 number = (unsigned)(at % ENTRIES);
		struct hilf_signal signal = value_of(writer, number);
		struct hilf_check check;
		struct hilf_err err = {0};
		uint64_t entry = all.entries[writer][number];
		bool gone = all.withdrawn[writer][number];
		if (hilf_match_signals(all.hilf, NULL, &signal, 1, &check, &err) != 0) {
			fail_with("match", &err);
			break;
		}
		if (entry && number % 3 != 0 &&
			(check.match_count != 1 || check.matches[0].entry != entry))
			all.failures++;
		if (gone && check.match_count)
			all.failures++;
		hilf_check_free(&check);
		all.checks++;
		at += 7;
	}
	return NULL;
}

static void writers_share_commits_and_readers_see_what_was_acknowledged(void **state)
{
	pthread_t writers[WRITERS], readers[READERS];
	struct hilf_err err = {0};
	struct hilf_stats stats;
	(void)state;
	all.stop = false;
	folder_make(all.dir, sizeof all.dir);
	folder_helpers(all.helpers, sizeof all.helpers);
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = all.dir, .helper_dir = all.helpers, .create = true};
	assert_int_equal(hilf_open(&options, &all.hilf, &err), 0);
	assert_int_equal(hilf_bank_create(all.hilf, "b", HILF_REVIEW, 31, NULL, &err), 0);
	for (uintptr_t i = 0; i < READERS; i++)
		pthread_create(&readers[i], NULL, read_entries, (void *)i);
	for (uintptr_t i = 0; i < WRITERS; i++)
		pthread_create(&writers[i], NULL, write_entries, (void *)i);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(writers[i], NULL);
	while (!all.checks && !all.failures)
		usleep(1000);
	all.stop = true;
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(all.failures, 0);
	assert_true(all.checks > 0);
	assert_int_equal(hilf_stats_get(all.hilf, &stats, &err), 0);
	assert_int_equal(stats.entry_count, WRITERS * ENTRIES * 2 / 3);
	hilf_close(all.hilf);
	folder_remove(all.dir);
}

/* ------------------------------------------------------------------------------- a helper that dies */

/* The process of ours that keeps the key. */
static pid_t find_seal(void)
{
	char path[300], text[256], name[64];
	struct dirent *item;
	pid_t found = 0;
	DIR *processes = opendir("/proc");
	assert_non_null(processes);
	while ((item = readdir(processes))) {
		int pid, parent;
		snprintf(path, sizeof path, "/proc/%s/stat", item->d_name);
		FILE *file = fopen(path, "r");
		if (!file)
			continue;
		if (fgets(text, sizeof text, file) &&
			sscanf(text, "%d (%63[^)]) %*c %d", &pid, name, &parent) == 3 &&
			parent == getpid() && strcmp(name, "hilf-seal") == 0)
			found = pid;
		fclose(file);
	}
	closedir(processes);
	return found;
}

struct attempt {
	unsigned number;
	int rc;
};

static void *attempt_write(void *ctx)
{
	struct attempt *attempt = ctx;
	struct hilf_signal signal = value_of(0, attempt->number);
	const struct hilf_new_entry entry = {&signal, 1};
	struct hilf_add_result result;
	struct hilf_err err;
	attempt->rc = attempt->number ? hilf_add(all.hilf, "b", NULL, &entry, 1, &result, &err)
				      : hilf_withdraw(all.hilf, "4711", "error", &err);
	return NULL;
}

/* The first write waits for the lock, so that the others share the transaction after it; meanwhile the seal dies, which
 * the first does not notice, because it has nothing to sign. */
static bool kill_seal(void)
{
	struct attempt attempts[4] = {{0, 1}, {1, 1}, {2, 1}, {3, 1}};
	pthread_t threads[4];
	struct hilf_err err;
	char path[300];
	folder_make(all.dir, sizeof all.dir);
	folder_helpers(all.helpers, sizeof all.helpers);
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = all.dir, .helper_dir = all.helpers, .create = true};
	assert_int_equal(hilf_open(&options, &all.hilf, &err), 0);
	assert_int_equal(hilf_bank_create(all.hilf, "b", HILF_REVIEW, 31, NULL, &err), 0);
	snprintf(path, sizeof path, "%s/hilf.lock", all.dir);
	int lock = open(path, O_RDWR | O_CLOEXEC);
	assert_true(lock >= 0);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	for (int i = 0; i < 4; i++) {
		pthread_create(&threads[i], NULL, attempt_write, &attempts[i]);
		usleep(100000);
	}
	pid_t seal = find_seal();
	assert_true(seal > 0);
	assert_int_equal(kill(seal, SIGKILL), 0);
	close(lock);
	unsigned failures = 0;
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		failures += i && attempts[i].rc == HILF_E_HELPER;
		assert_true(!i || !attempts[i].rc || attempts[i].rc == HILF_E_HELPER ||
			    attempts[i].rc == HILF_E_BUSY);
	}
	hilf_close(all.hilf);
	folder_remove(all.dir);
	/* The machine stood still, and they waited no longer. */
	for (int i = 0; i < 4; i++)
		if (attempts[i].rc == HILF_E_BUSY)
			return false;
	assert_int_equal(attempts[0].rc, HILF_E_NOT_FOUND);
	assert_true(failures <= 1);
	return true;
}

static void a_seal_that_dies_fails_one_write_at_most(void **state)
{
	int tries = 1;
	(void)state;
	while (!kill_seal())
		assert_true(++tries < 20);
}

/* ------------------------------------------------------------------------------- who founds the member */

struct founding {
	struct hilf *hilf;
	unsigned number;
	int rc;
	struct hilf_err err;
};

static void *found(void *ctx)
{
	struct founding *founding = ctx;
	char name[16];
	snprintf(name, sizeof name, "b%u", founding->number);
	founding->rc = hilf_bank_create(founding->hilf, name, HILF_BLOCK, 31, NULL, &founding->err);
	return NULL;
}

static int check_own(const struct hilf_bank *bank, void *ctx)
{
	unsigned *count = ctx;
	++*count;
	return bank->own && bank->mode == HILF_BLOCK ? 0 : HILF_E_CORRUPT;
}

/* Asks all the time who this node is; a bank that can be seen is always its own. */
static void *watch(void *ctx)
{
	struct founding *founding = ctx;
	while (!all.stop && !founding->rc) {
		struct hilf_stats stats;
		unsigned count = 0;
		founding->rc = hilf_stats_get(founding->hilf, &stats, &founding->err);
		if (!founding->rc)
			founding->rc = hilf_refresh(founding->hilf, &founding->err);
		if (!founding->rc)
			founding->rc =
				hilf_bank_each(founding->hilf, check_own, &count, &founding->err);
	}
	return NULL;
}

static void many_threads_and_two_handles_found_one_member(void **state)
{
	struct founding writers[6] = {0}, watchers[2] = {0};
	pthread_t threads[8];
	struct hilf *handles[2];
	struct hilf_stats stats[2];
	struct hilf_err err = {0};
	unsigned count = 0;
	(void)state;
	all.stop = false;
	folder_make(all.dir, sizeof all.dir);
	folder_helpers(all.helpers, sizeof all.helpers);
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = all.dir, .helper_dir = all.helpers, .create = true};
	for (int i = 0; i < 2; i++) {
		assert_int_equal(hilf_open(&options, &handles[i], &err), 0);
		watchers[i].hilf = handles[i];
		pthread_create(&threads[6 + i], NULL, watch, &watchers[i]);
	}
	for (unsigned i = 0; i < 6; i++) {
		writers[i] = (struct founding){.hilf = handles[i % 2], .number = i};
		pthread_create(&threads[i], NULL, found, &writers[i]);
	}
	for (int i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	all.stop = true;
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[6 + i], NULL);
		if (watchers[i].rc)
			fail_msg("a watcher: %d %s", watchers[i].rc, watchers[i].err.text);
		assert_int_equal(hilf_stats_get(handles[i], &stats[i], &err), 0);
	}
	for (int i = 0; i < 6; i++)
		if (writers[i].rc)
			fail_msg("writer %d: %s", i, writers[i].err.text);
	assert_string_equal(stats[0].member, stats[1].member);
	assert_int_equal(stats[0].feed_count, 7); /* one member, six banks */
	assert_int_equal(hilf_bank_each(handles[0], check_own, &count, &err), 0);
	assert_int_equal(count, 6);
	hilf_close(handles[0]);
	hilf_close(handles[1]);
	folder_remove(all.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_seal_that_dies_fails_one_write_at_most),
		cmocka_unit_test(many_threads_and_two_handles_found_one_member),
		cmocka_unit_test(writers_share_commits_and_readers_see_what_was_acknowledged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
