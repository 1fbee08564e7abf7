/* Queries on many threads while everything else goes on: adds, withdrawals, merging, warming, snapshots written and read
 * by other handles, and a snapshot that turns out to be damaged under all of them. Each answer is compared with what was
 * acknowledged before the question and begun after it. Made for ThreadSanitizer. */
#include "engine/place_test.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#define VALUES  9000 /* more than two chunks of a table, and levels in the index */
#define READERS 3
#define ROUNDS  60
#define BATCH   40

static struct {
	struct place *place;
	_Atomic uint64_t entries[VALUES + ROUNDS * BATCH]; /* 0 until its add was acknowledged */
	_Atomic bool leaving[VALUES + ROUNDS * BATCH];     /* its withdrawal was begun */
	_Atomic bool gone[VALUES + ROUNDS * BATCH];        /* and acknowledged */
	_Atomic uint64_t begun;                            /* values that an add was begun for */
	_Atomic bool stop;
	_Atomic unsigned wrong, checks;
} all;

static struct hilf_signal value_of(uint64_t number)
{
	uint64_t seed = number * 0x9e3779b97f4a7c15u + 7;
	return random_pdq(&seed);
}

static void add_values(struct hilf *hilf, uint64_t first, size_t count)
{
	struct hilf_signal *signals = calloc(count, sizeof *signals);
	struct hilf_new_entry *entries = calloc(count, sizeof *entries);
	struct hilf_add_result *results = calloc(count, sizeof *results);
	struct hilf_err err;
	for (size_t i = 0; i < count; i++) {
		signals[i] = value_of(first + i);
		entries[i] = (struct hilf_new_entry){&signals[i], 1, NULL, 0};
	}
	atomic_store(&all.begun, first + count);
	if (hilf_add(hilf, "b", NULL, entries, count, results, &err) != 0) {
		fprintf(stderr, "add: %s\n", err.text);
		all.wrong++;
	} else {
		for (size_t i = 0; i < count; i++)
			atomic_store(&all.entries[first + i], results[i].entry);
	}
	free(signals);
	free(entries);
	free(results);
}

static void withdraw(struct hilf *hilf, uint64_t number)
{
	char text[32];
	struct hilf_err err;
	snprintf(text, sizeof text, "%llu", (unsigned long long)atomic_load(&all.entries[number]));
	atomic_store(&all.leaving[number], true);
	if (hilf_withdraw(hilf, text, "error", &err) != 0) {
		fprintf(stderr, "withdraw: %s\n", err.text);
		all.wrong++;
		return;
	}
	atomic_store(&all.gone[number], true);
}

/* One question, and whether its answer can be right. */
static bool ask(struct hilf *hilf, uint64_t number)
{
	struct hilf_signal signal = value_of(number);
	struct hilf_check check;
	struct hilf_err err;
	uint64_t entry = atomic_load(&all.entries[number]);
	bool gone = atomic_load(&all.gone[number]);
	if (hilf_match_signals(hilf, NULL, &signal, 1, &check, &err) != 0) {
		fprintf(stderr, "match: %s\n", err.text);
		return false;
	}
	bool leaving = atomic_load(&all.leaving[number]), begun = number < atomic_load(&all.begun);
	bool right = check.match_count <= 1 && !(check.match_count && (gone || !begun)) &&
		     !(!check.match_count && entry && !leaving) &&
		     !(check.match_count && entry && check.matches[0].entry != entry);
	hilf_check_free(&check);
	all.checks++;
	return right;
}

static void *read_values(void *ctx)
{
	uint64_t seed = (uintptr_t)ctx + 1;
	while (!atomic_load(&all.stop))
		if (!ask(all.place->hilf, next_random(&seed) % (VALUES + ROUNDS * BATCH)))
			all.wrong++;
	return NULL;
}

/* Warms, merges and saves, as a long-lived program would. */
static void *keep_house(void *ctx)
{
	struct hilf_err err;
	bool more;
	(void)ctx;
	while (!atomic_load(&all.stop)) {
		int rc = hilf_warm(all.place->hilf, 1u << 16, &more, &err);
		if (!rc)
			rc = hilf_maintain(all.place->hilf, &more, &err);
		if (!rc)
			rc = hilf_checkpoint(all.place->hilf, &err);
		/* Busy: the other handle has found files gone that we replaced, and looks again. */
		if (rc && rc != HILF_E_BUSY) {
			fprintf(stderr, "house: %s\n", err.text);
			all.wrong++;
			break;
		}
		usleep(5000);
	}
	return NULL;
}

/* Begins anew all the time, with whatever snapshot is there at that moment. */
static void *begin_anew(void *ctx)
{
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = all.place->dir, .read_only = true};
	uint64_t seed = 99;
	(void)ctx;
	while (!atomic_load(&all.stop)) {
		struct hilf *hilf;
		struct hilf_index index;
		struct hilf_err err;
		if (hilf_open(&options, &hilf, &err) != 0) {
			fprintf(stderr, "open: %s\n", err.text);
			all.wrong++;
			break;
		}
		for (int i = 0; i < 20; i++)
			all.wrong += !ask(hilf, next_random(&seed) % (VALUES + ROUNDS * BATCH));
		if (hilf_index_get(hilf, &index, &err) != 0 || index.mended_count) {
			fprintf(stderr, "a snapshot was not good: %s\n", index.mended_why);
			all.wrong++;
		}
		hilf_close(hilf);
	}
	return NULL;
}

static void make_world(struct place *place)
{
	memset(&all, 0, sizeof all);
	all.place = place;
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	add_values(place->hilf, 0, VALUES);
	must(hilf_checkpoint(place->hilf, &place->err));
}

static void answers_are_right_while_everything_goes_on(void **state)
{
	struct place *place = *state;
	pthread_t threads[READERS + 2];
	make_world(place);
	reopen(place);
	for (uintptr_t i = 0; i < READERS; i++)
		pthread_create(&threads[i], NULL, read_values, (void *)i);
	pthread_create(&threads[READERS], NULL, keep_house, NULL);
	pthread_create(&threads[READERS + 1], NULL, begin_anew, NULL);
	for (uint64_t i = 0; i < ROUNDS; i++) {
		add_values(place->hilf, VALUES + i * BATCH, BATCH);
		withdraw(place->hilf, i * 131);
		withdraw(place->hilf, VALUES + i * BATCH);
	}
	while (!all.checks && !all.wrong)
		usleep(1000);
	atomic_store(&all.stop, true);
	for (size_t i = 0; i < READERS + 2; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(all.wrong, 0);
	assert_true(all.checks > 0);
}

/* Turns over a bit in the body of each file of the snapshot, where no start looks. */
static unsigned spoil(const char *dir)
{
	unsigned spoiled = 0;
	DIR *folder = opendir(dir);
	struct dirent *entry;
	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		char path[700];
		struct stat status;
		snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < 40000)
			continue;
		FILE *file = fopen(path, "r+");
		assert_non_null(file);
		assert_int_equal(fseek(file, 20000, SEEK_SET), 0);
		int byte = fgetc(file);
		assert_int_equal(fseek(file, 20000, SEEK_SET), 0);
		fputc(byte ^ 4, file);
		fclose(file);
		spoiled++;
	}
	closedir(folder);
	return spoiled;
}

static void damage_under_many_threads_is_mended_once(void **state)
{
	struct place *place = *state;
	pthread_t threads[READERS];
	struct hilf_stats stats;
	struct hilf_index index;
	char dir[400];
	make_world(place);
	hilf_close(place->hilf);
	place->hilf = NULL;
	snprintf(dir, sizeof dir, "%s/index", place->dir);
	unsigned spoiled = spoil(dir);
	snprintf(dir, sizeof dir, "%s/index/hamming", place->dir);
	spoiled += spoil(dir);
	assert_true(spoiled > 0);
	reopen(place);
	must(hilf_index_get(place->hilf, &index, &place->err));
	assert_int_equal(index.told_count, 0); /* it looked good */
	for (uintptr_t i = 0; i < READERS; i++)
		pthread_create(&threads[i], NULL, read_values, (void *)i);
	for (uint64_t i = 0; i < ROUNDS / 2; i++) {
		add_values(place->hilf, VALUES + i * BATCH, BATCH);
		withdraw(place->hilf, i * 131);
	}
	/* Until somebody has met what is spoiled, and for a while. */
	for (index.mended_count = 0; all.checks < 2000 || !index.mended_count; usleep(5000))
		must(hilf_index_get(place->hilf, &index, &place->err));
	atomic_store(&all.stop, true);
	for (size_t i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(all.wrong, 0);
	must(hilf_stats_get(place->hilf, &stats, &place->err));
	must(hilf_index_get(place->hilf, &index, &place->err));
	assert_int_equal(index.mended_count, 1);
	assert_true(index.mended_why[0] != 0);
	assert_int_equal(stats.index_count, VALUES + ROUNDS / 2 * BATCH - ROUNDS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			answers_are_right_while_everything_goes_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			damage_under_many_threads_is_mended_once, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
