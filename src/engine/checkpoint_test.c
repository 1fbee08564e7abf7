/* Snapshots as hilf.h promises them: a start from one knows the same as a fold of the store, and whatever happened to it
 * on disk is found, named and made up for, never answered from. */
#include "engine/place_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define VALUES       5000 /* more than a chunk of a table */
#define FILES_MAX    16
#define DAMAGES      45
#define DAMAGES_LONG 100000
#define TOLD_SIZE    2000

static struct hilf_signal value_of(uint64_t number)
{
	uint64_t seed = number * 0x9e3779b97f4a7c15u + 20251107;
	return random_pdq(&seed);
}

static void add_values(struct place *place, uint64_t first, size_t count)
{
	struct hilf_signal *signals = calloc(count, sizeof *signals);
	struct hilf_new_entry *entries = calloc(count, sizeof *entries);
	struct hilf_add_result *results = calloc(count, sizeof *results);
	assert_non_null(signals);
	assert_non_null(entries);
	assert_non_null(results);
	for (size_t i = 0; i < count; i++) {
		signals[i] = value_of(first + i);
		entries[i] = (struct hilf_new_entry){&signals[i], 1, NULL, 0};
	}
	must(hilf_add(place->hilf, "b", NULL, entries, count, results, &place->err));
	free(signals);
	free(entries);
	free(results);
}

static void withdraw(struct place *place, uint64_t entry)
{
	char number[32];
	snprintf(number, sizeof number, "%llu", (unsigned long long)entry);
	must(hilf_withdraw(place->hilf, number, "error", &place->err));
}

static void open_reader(struct place *place)
{
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = place->dir, .read_only = true};
	hilf_close(place->hilf);
	place->hilf = NULL;
	must(hilf_open(&options, &place->hilf, &place->err));
}

static struct hilf_index index_of(struct place *place)
{
	struct hilf_index index;
	must(hilf_index_get(place->hilf, &index, &place->err));
	return index;
}

static struct hilf_stats stats_of(struct place *place)
{
	struct hilf_stats stats;
	must(hilf_stats_get(place->hilf, &stats, &place->err));
	return stats;
}

static bool knows(struct place *place, uint64_t number)
{
	struct hilf_signal signal = value_of(number);
	struct hilf_check check = match_one(place, NULL, &signal);
	bool found = check.match_count == 1 && check.matches[0].distance == 0;
	assert_true(check.match_count <= 1);
	hilf_check_free(&check);
	return found;
}

/* Entry ids are dense and begin at 1, so value number n is entry n + 1 here, until it is withdrawn. */
static void check_known(struct place *place, uint64_t number, bool known)
{
	struct hilf_signal signal = value_of(number);
	struct hilf_check check = match_one(place, NULL, &signal);
	assert_int_equal(check.match_count, known);
	assert_int_equal(check.match_more, 0);
	if (known) {
		assert_int_equal(check.matches[0].entry, number + 1);
		assert_string_equal(check.matches[0].bank, "b");
	}
	hilf_check_free(&check);
}

/* A bank with count values and a snapshot of them; every hundredth, from 0 on, withdrawn. */
static void make_base(struct place *place, size_t count)
{
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	add_values(place, 0, count);
	for (uint64_t i = 0; i < count; i += 100)
		withdraw(place, i + 1);
	must(hilf_checkpoint(place->hilf, &place->err));
}

static void check_base(struct place *place, size_t count, size_t step)
{
	for (uint64_t i = 0; i < count; i += step)
		check_known(place, i, i % 100 != 0);
	check_known(place, count + 1000000, false);
}

static void warm_all(struct place *place)
{
	bool more = true;
	while (more)
		must(hilf_warm(place->hilf, 1u << 20, &more, &place->err));
}

/* ------------------------------------------------------------------------------------------ good ones */

static void a_start_takes_the_snapshot_and_what_the_feed_has_since(void **state)
{
	struct place *place = *state;
	struct hilf_index index;
	make_base(place, VALUES);
	reopen(place);
	index = index_of(place);
	assert_int_equal(index.told_count, 0);
	assert_int_equal(index.mended_count, 0);
	assert_int_equal(index.snapshot_seq, stats_of(place).feed_count);
	assert_int_equal(stats_of(place).index_count, VALUES - VALUES / 100);
	check_base(place, VALUES, 7);
	add_values(place, VALUES, 10);
	withdraw(place, 2);
	check_known(place, 1, false);
	check_known(place, VALUES + 3, true);
	reopen(place);
	index = index_of(place);
	assert_int_equal(index.told_count, 10);
	assert_true(index.snapshot_seq < index.seq);
	check_known(place, 1, false);
	check_known(place, 100, false);
	check_known(place, 101, true);
	for (uint64_t i = 0; i < 10; i++)
		check_known(place, VALUES + i, true);
	must(hilf_checkpoint(place->hilf, &place->err));
	warm_all(place);
	reopen(place);
	index = index_of(place);
	assert_int_equal(index.told_count, 0);
	assert_int_equal(index.mended_count, 0);
	check_known(place, 1, false);
	check_known(place, VALUES + 9, true);
}

static void a_reader_may_write_a_snapshot_and_remove_it(void **state)
{
	struct place *place = *state;
	make_base(place, 300);
	must(hilf_checkpoint_drop(place->hilf, &place->err));
	must(hilf_checkpoint_drop(place->hilf, &place->err));
	open_reader(place);
	assert_int_equal(index_of(place).told_count, 297);
	assert_int_equal(index_of(place).snapshot_seq, 0);
	must(hilf_checkpoint(place->hilf, &place->err));
	open_reader(place);
	assert_int_equal(index_of(place).told_count, 0);
	check_base(place, 300, 1);
}

static void degenerate_values_are_counted_from_a_snapshot(void **state)
{
	struct place *place = *state;
	struct hilf_signal signals[2] = {value_of(1), {HILF_SHA256, 32, HILF_QUALITY_UNKNOWN, {7}}};
	const struct hilf_new_entry entry = {signals, 2, NULL, 0};
	struct hilf_add_result result;
	signals[0].quality = 3;
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	must(hilf_add(place->hilf, "b", NULL, &entry, 1, &result, &place->err));
	uint64_t before = stats_of(place).degenerate_count;
	must(hilf_checkpoint(place->hilf, &place->err));
	reopen(place);
	assert_int_equal(stats_of(place).degenerate_count, before);
}

static void one_process_writes_at_a_time(void **state)
{
	struct place *place = *state;
	char path[400];
	make_base(place, 10);
	snprintf(path, sizeof path, "%s/index/lock", place->dir);
	int held[2];
	char byte;
	assert_int_equal(pipe(held), 0);
	pid_t child = fork();
	if (child == 0) {
		int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (lock < 0 || flock(lock, LOCK_EX) != 0 || write(held[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(held[0], &byte, 1), 1);
	int rc = hilf_checkpoint(place->hilf, &place->err);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(held[0]);
	close(held[1]);
	assert_int_equal(rc, HILF_E_BUSY);
	assert_non_null(strstr(place->err.text, "lock"));
	check_base(place, 10, 1);
}

/* ------------------------------------------------------------------------------------------ bad ones */

/* The files of a snapshot, kept in memory. */
struct files {
	size_t count;
	struct file {
		char path[500];
		uint8_t *bytes;
		size_t size;
	} items[FILES_MAX];
};

static struct files *keeping;

static int keep_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)where;
	if (kind != FTW_F || strstr(path, "/lock"))
		return 0;
	assert_true(keeping->count < FILES_MAX);
	struct file *file = &keeping->items[keeping->count++];
	snprintf(file->path, sizeof file->path, "%s", path);
	file->size = (size_t)status->st_size;
	file->bytes = malloc(file->size + 1);
	FILE *stream = fopen(path, "r");
	assert_non_null(stream);
	assert_non_null(file->bytes);
	assert_int_equal(fread(file->bytes, 1, file->size, stream), file->size);
	fclose(stream);
	return 0;
}

static void keep(struct place *place, struct files *files)
{
	char dir[400];
	snprintf(dir, sizeof dir, "%s/index", place->dir);
	*files = (struct files){0};
	keeping = files;
	assert_int_equal(nftw(dir, keep_one, 8, FTW_PHYS), 0);
	assert_true(files->count >= 2);
}

static void put_file(const char *path, const uint8_t *bytes, size_t size)
{
	/* A new file: the old one may be open. */
	unlink(path);
	FILE *stream = fopen(path, "w");
	assert_non_null(stream);
	assert_int_equal(fwrite(bytes, 1, size, stream), size);
	fclose(stream);
}

static void put_back(const struct files *files)
{
	for (size_t i = 0; i < files->count; i++)
		put_file(files->items[i].path, files->items[i].bytes, files->items[i].size);
}

static void let_go(struct files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->items[i].bytes);
}

/* All answers are right, and what is wrong with the snapshot is known by the end. */
static void check_mended(struct place *place, size_t count, const char *what)
{
	open_reader(place);
	check_base(place, count, count / 50);
	warm_all(place);
	check_base(place, count, count / 10);
	struct hilf_index index = index_of(place);
	if (index.mended_count != 1 || !index.mended_why[0])
		fail_msg("%s was not noticed", what);
	assert_int_equal(stats_of(place).index_count, count - count / 100);
	open_reader(place);
	assert_int_equal(index_of(place).mended_count, 0);
}

static void every_kind_of_damage_is_found_named_and_mended(void **state)
{
	struct place *place = *state;
	struct files files;
	uint64_t seed = 20251107;
	bool is_long = getenv("HILF_LONG") != NULL;
	make_base(place, VALUES);
	keep(place, &files);
	for (size_t i = 0; i < (is_long ? DAMAGES_LONG : DAMAGES); i++) {
		const struct file *file = &files.items[i % files.count];
		size_t at = next_random(&seed) % file->size;
		/* The heads of files are small beside their bodies, and more depends on them. */
		if (i / files.count % 2)
			at %= 4096 < file->size ? 4096 : file->size;
		unsigned bit = (unsigned)(next_random(&seed) % 8);
		char what[700];
		put_back(&files);
		file->bytes[at] ^= (uint8_t)(1u << bit);
		put_file(file->path, file->bytes, file->size);
		file->bytes[at] ^= (uint8_t)(1u << bit);
		snprintf(what, sizeof what, "bit %u of byte %zu of %s", bit, at, file->path);
		check_mended(place, VALUES, what);
	}
	let_go(&files);
}

static void what_is_missing_or_cut_short_is_found(void **state)
{
	struct place *place = *state;
	struct files files;
	make_base(place, VALUES);
	keep(place, &files);
	for (size_t i = 0; i < files.count; i++) {
		const struct file *file = &files.items[i];
		const size_t sizes[] = {0, 100, 4096, file->size - 1};
		for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
			put_back(&files);
			put_file(file->path, file->bytes, sizes[j]);
			check_mended(place, VALUES, file->path);
		}
		put_back(&files);
		unlink(file->path);
		if (strstr(file->path, "manifest")) {
			open_reader(place); /* no snapshot at all, which is nothing to speak of */
			assert_int_equal(index_of(place).mended_count, 0);
			check_base(place, VALUES, 50);
		} else {
			check_mended(place, VALUES, file->path);
		}
	}
	let_go(&files);
}

/* Puts a snapshot into another place. */
static void give(const struct files *files, struct place *from, struct place *to)
{
	for (size_t i = 0; i < files->count; i++) {
		char path[900];
		snprintf(path, sizeof path, "%s%s", to->dir,
			files->items[i].path + strlen(from->dir));
		put_file(path, files->items[i].bytes, files->items[i].size);
	}
}

static void a_snapshot_of_another_store_is_refused(void **state)
{
	struct place *place = *state, other = {.hilf = NULL};
	struct files files, own;
	make_base(place, 300);
	keep(place, &files);
	folder_make(other.dir, sizeof other.dir);
	memcpy(other.helpers, place->helpers, sizeof other.helpers);
	reopen(&other);
	assert_int_equal(hilf_bank_create(other.hilf, "c", HILF_REVIEW, 31, NULL, &other.err), 0);
	assert_int_equal(hilf_checkpoint(other.hilf, &other.err), 0);
	keep(&other, &own);
	must(hilf_checkpoint_drop(other.hilf, &other.err));
	give(&files, place, &other);
	reopen(&other);
	struct hilf_index index = index_of(&other);
	assert_int_equal(index.mended_count, 1);
	assert_int_equal(stats_of(&other).index_count, 0);
	assert_false(knows(&other, 1));
	hilf_close(other.hilf);
	folder_remove(other.dir);
	let_go(&files);
	let_go(&own);
}

static void copy_store(struct place *place, const char *from, const char *to)
{
	static const char *const names[] = {"hilf.db", "hilf.db-wal", "hilf.db-shm"};
	hilf_close(place->hilf);
	place->hilf = NULL;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char command[1500];
		snprintf(command, sizeof command,
			"cd '%s' && rm -f '%s%s' && if [ -e '%s%s' ]; then cp '%s%s' '%s%s'; fi",
			place->dir, names[i], to, names[i], from, names[i], from, names[i], to);
		assert_int_equal(system(command), 0);
	}
}

static void a_snapshot_of_the_future_or_of_another_past_is_refused(void **state)
{
	struct place *place = *state;
	make_base(place, 300);
	copy_store(place, "", ".backup");
	reopen(place);
	add_values(place, 300, 5);
	must(hilf_checkpoint(place->hilf, &place->err));
	copy_store(place, ".backup", "");
	reopen(place);
	struct hilf_index index = index_of(place);
	assert_int_equal(index.mended_count, 1);
	assert_non_null(strstr(index.mended_why, "future"));
	check_known(place, 302, false);
	check_base(place, 300, 1);
	/* The same length, and another way. */
	add_values(place, 300, 5);
	must(hilf_checkpoint(place->hilf, &place->err));
	copy_store(place, ".backup", "");
	struct files files;
	keep(place, &files);
	reopen(place);
	add_values(place, 400, 6);
	hilf_close(place->hilf);
	place->hilf = NULL;
	put_back(&files);
	reopen(place);
	index = index_of(place);
	assert_int_equal(index.mended_count, 1);
	assert_non_null(strstr(index.mended_why, "another way"));
	assert_false(knows(place, 301));
	assert_true(knows(place, 405));
	let_go(&files);
}

static int take(const char *level, const char *what, const char *text, void *ctx)
{
	char *told = ctx;
	size_t size = strlen(told);
	snprintf(told + size, TOLD_SIZE - size, "%s %s: %s\n", level, what, text);
	return 0;
}

static void fsck_finds_a_bad_snapshot_and_removes_it(void **state)
{
	struct place *place = *state;
	const struct hilf_options options = {.abi = HILF_ABI, .data_dir = place->dir};
	uint64_t problems = 0;
	struct files files;
	make_base(place, VALUES);
	keep(place, &files);
	struct file *file = &files.items[0];
	for (size_t i = 1; i < files.count; i++)
		file = files.items[i].size > file->size ? &files.items[i] : file;
	file->bytes[file->size / 2] ^= 1;
	put_file(file->path, file->bytes, file->size);
	hilf_close(place->hilf);
	place->hilf = NULL;
	char told[TOLD_SIZE] = "";
	must(hilf_fsck(&options, false, take, told, &problems, &place->err));
	assert_int_equal(problems, 0);
	assert_non_null(strstr(told, "mended index"));
	reopen(place);
	assert_int_equal(index_of(place).mended_count, 0);
	assert_int_equal(index_of(place).snapshot_seq, 0);
	let_go(&files);
}

/* ------------------------------------------------------------------------------------------ broken off */

/* In a process of its own, which may be killed: adds and saves for ever. */
static _Noreturn void write_for_ever(struct place *place)
{
	const struct hilf_options options = {.abi = HILF_ABI,
		.data_dir = place->dir,
		.helper_dir = place->helpers,
		.activity = "test"};
	struct hilf_err err;
	struct hilf *hilf;
	if (hilf_open(&options, &hilf, &err) != 0)
		_exit(1);
	for (uint64_t number = (uint64_t)getpid() << 32;; number++) {
		struct hilf_signal signal = value_of(number);
		const struct hilf_new_entry entry = {&signal, 1, NULL, 0};
		struct hilf_add_result result;
		if (hilf_add(hilf, "b", NULL, &entry, 1, &result, &err) != 0 ||
			hilf_checkpoint(hilf, &err) != 0)
			_exit(2);
	}
}

struct oracle {
	struct place *place;
	uint64_t count;
};

static int match_entry(const struct hilf_entry *entry, void *ctx)
{
	struct oracle *oracle = ctx;
	struct place *place = oracle->place;
	struct hilf_check check = match_one(place, NULL, &entry->signals[0]);
	if (oracle->count++ % 5 == 0 || entry->id > VALUES / 5) {
		assert_int_equal(check.match_count, 1);
		assert_int_equal(check.matches[0].entry, entry->id);
		assert_string_equal(check.matches[0].gid, entry->gid);
	}
	hilf_check_free(&check);
	return 0;
}

static void check_against_store(struct place *place)
{
	struct oracle oracle = {place, 0};
	must(hilf_entry_each(place->hilf, "b", match_entry, &oracle, &place->err));
	assert_int_equal(stats_of(place).index_count, oracle.count);
}

static void a_writer_that_is_killed_leaves_a_snapshot_or_none(void **state)
{
	struct place *place = *state;
	uint64_t seed = 7;
	unsigned rounds = getenv("HILF_LONG") ? 1000 : 8, from_snapshot = 0;
	make_base(place, VALUES / 5);
	hilf_close(place->hilf);
	place->hilf = NULL;
	/* On a slow machine until one of them got as far. */
	for (unsigned i = 0; i < rounds || (!from_snapshot && i < 10 * rounds); i++) {
		int status;
		pid_t child = fork();
		if (child == 0)
			write_for_ever(place);
		usleep((useconds_t)((20000 + next_random(&seed) % 120000) * (1 + i / 8)));
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		if (!WIFSIGNALED(status))
			fail_msg("the writer ended by itself: %d", WEXITSTATUS(status));
		reopen(place);
		struct hilf_index index = index_of(place);
		assert_int_equal(index.mended_count, 0);
		from_snapshot += index.told_count < VALUES / 5 - 10;
		check_against_store(place);
		hilf_close(place->hilf);
		place->hilf = NULL;
	}
	assert_true(from_snapshot > 0);
}

/* Tries to save where a file may be `most` bytes long, as on a disk that is full; true when that was enough. */
static bool save_within(struct place *place, rlim_t most)
{
	int status;
	pid_t child = fork();
	if (child == 0) {
		const struct hilf_options options = {
			.abi = HILF_ABI, .data_dir = place->dir, .read_only = true};
		const struct rlimit limit = {most, most};
		struct hilf_err err = {0};
		struct hilf *hilf;
		signal(SIGXFSZ, SIG_IGN);
		if (hilf_open(&options, &hilf, &err) != 0 || setrlimit(RLIMIT_FSIZE, &limit) != 0)
			_exit(3);
		int rc = hilf_checkpoint(hilf, &err);
		_exit(rc == 0 ? 0 : rc == HILF_E_IO && err.sys == EFBIG ? 1 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) <= 1);
	return WEXITSTATUS(status) == 0;
}

static void no_room_leaves_the_snapshot_before(void **state)
{
	struct place *place = *state;
	bool done = false;
	make_base(place, VALUES / 5);
	add_values(place, VALUES / 5, 2000);
	hilf_close(place->hilf);
	place->hilf = NULL;
	for (rlim_t most = 100; !done; most = most * 3 / 2) {
		assert_true(most < 1u << 30);
		done = save_within(place, most);
		open_reader(place);
		struct hilf_index index = index_of(place);
		assert_int_equal(index.mended_count, 0);
		assert_int_equal(index.told_count, done ? 0 : 2000);
		check_base(place, VALUES / 5, 50);
		check_known(place, VALUES / 5 + 1999, true);
		hilf_close(place->hilf);
		place->hilf = NULL;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(a_start_takes_the_snapshot_and_what_the_feed_has_since),
		TEST(a_reader_may_write_a_snapshot_and_remove_it),
		TEST(degenerate_values_are_counted_from_a_snapshot),
		TEST(one_process_writes_at_a_time),
		TEST(every_kind_of_damage_is_found_named_and_mended),
		TEST(what_is_missing_or_cut_short_is_found),
		TEST(a_snapshot_of_another_store_is_refused),
		TEST(a_snapshot_of_the_future_or_of_another_past_is_refused),
		TEST(fsck_finds_a_bad_snapshot_and_removes_it),
		TEST(a_writer_that_is_killed_leaves_a_snapshot_or_none),
		TEST(no_room_leaves_the_snapshot_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
