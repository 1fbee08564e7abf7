/* Snapshots of the live index: saved, loaded, damaged, broken off, cut short of memory, and used by many threads while they
 * are read (to be run under the thread sanitizer as well). The truth is the linear kind, given the same. */
#include "index/index.h"

#include "base/check.h"
#include "os/file.h"
#include "test/failing.h"
#include "test/folder.h"
#include "test/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define SIZE    32u
#define RADIUS  31u
#define KEEP    2000u
#define QUERIES 24u

static const struct index_ops *const ours = &index_hamming, *const truth = &index_linear;
static char folder[200], dir[230];
static struct hilf_err err;
static uint64_t seed;

static uint64_t chance(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed * 0x2545f4914f6cdd1du) >> 20;
}

static void disturb(uint8_t *value, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		uint64_t bit = chance() % (SIZE * 8);
		value[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* ---------------------------------------------------------------------------------- an index and its truth */

struct pair {
	struct index *ours, *truth;
	struct index_stamp stamp;
	uint8_t *values;
	size_t count, room;
};

static void pair_open(struct pair *pair, uint64_t seq, size_t room)
{
	*pair = (struct pair){.stamp = {{'s', 't', 'o', 'r', 'e'}, seq, {'r', 'e', 'c'}},
		.values = calloc(room, SIZE),
		.room = room};
	assert_non_null(pair->values);
	assert_int_equal(ours->open(&pair->ours, &err), HILF_OK);
	assert_int_equal(truth->open(&pair->truth, &err), HILF_OK);
}

static void pair_close(struct pair *pair)
{
	ours->close(pair->ours);
	truth->close(pair->truth);
	free(pair->values);
}

/* Adds values of all kinds, `step` at a time: strangers, near ones, exact copies. */
static void pair_add(struct pair *pair, size_t count, size_t step, uint32_t link)
{
	uint32_t links[5000];
	assert_true(step <= 5000 && pair->count + count <= pair->room);
	for (size_t i = 0; i < count; i++) {
		uint8_t *value = pair->values + (pair->count + i) * SIZE;
		if (pair->count + i > 0 && chance() % 3) {
			memcpy(value, pair->values + chance() % (pair->count + i) * SIZE, SIZE);
			disturb(value, (unsigned)(chance() % 30));
			continue;
		}
		for (size_t j = 0; j < SIZE; j++)
			value[j] = (uint8_t)chance();
	}
	for (size_t done = 0; done < count; done += step) {
		size_t now = count - done < step ? count - done : step;
		const uint8_t *from = pair->values + (pair->count + done) * SIZE;
		for (size_t i = 0; i < now; i++)
			links[i] = link ? link : (uint32_t)(pair->count + done + i + 1);
		assert_int_equal(ours->add(pair->ours, from, links, now, &err), HILF_OK);
		assert_int_equal(truth->add(pair->truth, from, links, now, &err), HILF_OK);
	}
	pair->count += count;
}

static void pair_remove(struct pair *pair, uint32_t link)
{
	assert_int_equal(ours->remove(pair->ours, link, &err), HILF_OK);
	assert_int_equal(truth->remove(pair->truth, link, &err), HILF_OK);
}

static void pair_save(struct pair *pair)
{
	int rc = ours->save(pair->ours, dir, &pair->stamp, &err);
	if (rc != HILF_OK)
		fail_msg("%d: %s", rc, err.text);
}

/* Asks both `count` questions. A failure must be damage, and then nothing is answered. */
static int compare_some(struct index *index, const struct pair *pair, unsigned count)
{
	static struct index_hit hits[QUERIES][KEEP], true_hits[KEEP];
	struct index_hits answers[QUERIES];
	uint8_t queries[QUERIES][SIZE];
	for (unsigned i = 0; i < count; i++) {
		answers[i] = (struct index_hits){hits[i], KEEP, 9, 9};
		memcpy(queries[i], pair->values + chance() % pair->count * SIZE, SIZE);
		disturb(queries[i], i % 4 ? i : 0);
	}
	int rc = ours->find_batch(index, queries[0], count, RADIUS, NULL, NULL, answers, &err);
	for (unsigned i = 0; i < count; i++) {
		struct index_hits wanted = {true_hits, KEEP, 0, 0};
		if (rc < 0) {
			assert_int_equal(rc, HILF_E_CORRUPT);
			assert_int_equal(answers[i].count, 0);
			assert_int_equal(answers[i].total, 0);
			continue;
		}
		assert_int_equal(
			truth->find(pair->truth, queries[i], RADIUS, NULL, NULL, &wanted, &err),
			HILF_OK);
		assert_int_equal(answers[i].total, wanted.total);
		for (size_t j = 0; j < wanted.count; j++) {
			assert_int_equal(hits[i][j].link, true_hits[j].link);
			assert_int_equal(hits[i][j].distance, true_hits[j].distance);
		}
	}
	return rc;
}

static int compare(struct index *index, const struct pair *pair)
{
	return compare_some(index, pair, QUERIES);
}

static struct index *load(const struct pair *pair)
{
	struct index *index = NULL;
	struct index_stamp stamp;
	int rc = ours->load(&index, dir, &pair->stamp, &stamp, &err);
	if (rc != HILF_OK)
		fail_msg("%d: %s", rc, err.text);
	assert_memory_equal(&stamp, &pair->stamp, sizeof stamp);
	return index;
}

static int warm_all(struct index *index)
{
	int rc = HILF_OK;
	for (bool more = true; more && rc == HILF_OK;)
		rc = ours->warm(index, 1 << 20, &more, &err);
	return rc;
}

/* --------------------------------------------------------------------------------------------- its files */

struct files {
	char names[40][300];
	uint64_t sizes[40];
	size_t count;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static struct files list_files(void)
{
	struct files files = {.count = 0};
	DIR *handle = opendir(dir);
	struct stat status;
	assert_non_null(handle);
	for (struct dirent *item; (item = readdir(handle));)
		if (item->d_name[0] != '.')
			snprintf(files.names[files.count++], sizeof files.names[0], "%s/%.60s", dir,
				item->d_name);
	closedir(handle);
	qsort(files.names, files.count, sizeof files.names[0], by_name);
	for (size_t i = 0; i < files.count; i++) {
		assert_int_equal(stat(files.names[i], &status), 0);
		files.sizes[i] = (uint64_t)status.st_size;
	}
	return files;
}

static void read_bytes(const char *path, uint64_t at, uint8_t *ret_bytes, size_t size)
{
	int fd = open(path, O_RDONLY);
	assert_int_equal(pread(fd, ret_bytes, size, (off_t)at), size);
	close(fd);
}

static void write_bytes(const char *path, uint64_t at, const uint8_t *bytes, size_t size)
{
	int fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, bytes, size, (off_t)at), size);
	close(fd);
}

static int set_up(void **state)
{
	(void)state;
	folder_make(folder, sizeof folder);
	snprintf(dir, sizeof dir, "%s/index", folder);
	seed = 20251121;
	return mkdir(dir, 0700);
}

static int tear_down(void **state)
{
	(void)state;
	fail_memory.after = fail_reads.after = fail_writes.after = 0;
	folder_remove(folder);
	return 0;
}

/* ------------------------------------------------------------------------------------------------- tests */

static void what_was_saved_is_loaded_and_goes_on(void **state)
{
	struct pair pair;
	(void)state;
	pair_open(&pair, 5, 40000);
	for (unsigned round = 0; round < 6; round++) {
		pair_add(&pair, round == 0 ? 1 : 3000, round % 2 ? 5000 : 7, 0);
		pair_add(&pair, round * 300, 100, 0);
		for (uint32_t link = round; link < pair.count && round % 3; link += 11)
			pair_remove(&pair, link);
		pair_remove(&pair, UINT32_MAX - round);
		pair.stamp.seq++;
		pair_save(&pair);
		struct index *index = load(&pair);
		assert_int_equal(compare(index, &pair), HILF_OK);
		struct index_usage usage, wanted;
		ours->usage(index, &usage);
		truth->usage(pair.truth, &wanted);
		assert_int_equal(usage.count, wanted.count);
		if (round % 2)
			assert_int_equal(warm_all(index), HILF_OK);
		ours->close(pair.ours);
		pair.ours = index; /* goes on from what was loaded */
	}
	pair_add(&pair, 4000, 5000, 0);
	pair_add(&pair, 3000, 1, 0);
	for (bool more = true; more;)
		assert_int_equal(ours->maintain(pair.ours, &more, &err), HILF_OK);
	assert_int_equal(compare(pair.ours, &pair), HILF_OK);
	pair_close(&pair);
}

static void levels_are_written_once_and_removed_when_nothing_names_them(void **state)
{
	struct pair pair;
	(void)state;
	pair_open(&pair, 1, 10000);
	pair_add(&pair, 2000, 5000, 0);
	pair_save(&pair);
	struct files before = list_files();
	struct stat old, now;
	assert_int_equal(before.count, 2);
	assert_int_equal(stat(before.names[0], &old), 0);
	pair_add(&pair, 10, 1, 0);
	pair_save(&pair);
	assert_int_equal(stat(before.names[0], &now), 0);
	assert_int_equal(old.st_ino, now.st_ino);
	struct index *index = load(&pair);
	assert_int_equal(ours->save(index, dir, &pair.stamp, &err), HILF_OK);
	assert_int_equal(stat(before.names[0], &now), 0);
	assert_int_equal(old.st_ino, now.st_ino);
	pair_add(&pair, 3000, 5000, 0);
	pair_save(&pair);
	struct files after = list_files();
	assert_int_equal(after.count, 2);
	assert_string_not_equal(before.names[0], after.names[0]);

	/* What was loaded can be saved elsewhere, though its files are gone here. */
	assert_int_equal(ours->drop(dir, &err), HILF_OK);
	assert_int_equal(list_files().count, 0);
	assert_int_equal(ours->drop(dir, &err), HILF_OK);
	assert_int_equal(ours->save(index, dir, &pair.stamp, &err), HILF_OK);
	assert_int_equal(list_files().count, 2);
	ours->close(index);
	pair_close(&pair);
}

static void refused(const struct pair *pair, int code, const char *format, ...)
{
	struct index *index = NULL;
	struct index_stamp stamp;
	char wanted[700];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(wanted, sizeof wanted, format, arguments);
	va_end(arguments);
	assert_int_equal(ours->load(&index, dir, &pair->stamp, &stamp, &err), code);
	assert_null(index);
	assert_int_equal(err.code, code);
	assert_string_equal(err.text, wanted);
}

static void what_is_no_snapshot_is_named(void **state)
{
	struct pair pair, other;
	char aside[300];
	(void)state;
	pair_open(&pair, 1, 3000);
	pair_open(&other, 1, 3000);
	refused(&pair, HILF_E_NOT_FOUND, "cannot open '%s/manifest': No such file or directory",
		dir);
	pair_add(&pair, 1000, 5000, 0);
	pair_add(&other, 1100, 5000, 0);
	pair_save(&pair);
	struct files files = list_files();
	const char *level = files.names[0], *manifest = files.names[1];
	snprintf(aside, sizeof aside, "%s/aside", folder);

	other.stamp.store[0] = 'S';
	refused(&other, HILF_E_INVALID,
		"'%s' is the index of another store (73746f72650000000000000000000000)", manifest);
	assert_int_equal(rename(level, aside), 0);
	refused(&pair, HILF_E_CORRUPT, "'%s' names '%s', which is not there", manifest,
		strrchr(level, '/') + 1);
	assert_int_equal(link(manifest, level), 0);
	refused(&pair, HILF_E_CORRUPT, "'%s' is damaged: it is no level of an index", level);
	assert_int_equal(unlink(manifest), 0);
	assert_int_equal(link(aside, manifest), 0);
	refused(&pair, HILF_E_CORRUPT, "'%s' is damaged: it is no manifest of an index", manifest);

	assert_int_equal(ours->drop(dir, &err), HILF_OK);
	other.stamp.store[0] = 's';
	pair_save(&other);
	struct files others = list_files();
	assert_int_equal(unlink(others.names[0]), 0);
	assert_int_equal(link(aside, others.names[0]), 0);
	refused(&other, HILF_E_CORRUPT, "'%s' is damaged: it is not what its name says",
		others.names[0]);
	assert_int_equal(truncate(aside, 9999), 0);
	refused(&other, HILF_E_CORRUPT, "'%s' is damaged: it has not the size that was written",
		others.names[0]);
	folder_remove(dir);
	assert_int_equal(ours->save(pair.ours, dir, &pair.stamp, &err), HILF_E_IO);
	assert_int_equal(ours->drop(dir, &err), HILF_OK);
	pair_close(&pair);
	pair_close(&other);
}

/* A level of a dozen values, because what is removed beforehand does not go into it; and some in the delta. */
static void make_small(struct pair *pair)
{
	pair_open(pair, 3, 1000);
	pair_remove(pair, 700);
	pair_add(pair, 12, 1, 0);
	pair_add(pair, 600, 5000, 700);
	pair->count = 12;
	pair_add(pair, 4, 1, 0);
}

static void each_flipped_bit_is_found_and_never_answered_from(void **state)
{
#ifdef HILF_SANITIZED
	enum { STEP = 11 };
#else
	enum { STEP = 1 };
#endif
	struct pair pair;
	struct index_stamp stamp;
	size_t answered = 0;
	(void)state;
	make_small(&pair);
	pair_save(&pair);
	struct files files = list_files();
	assert_int_equal(files.count, 2);
	for (size_t i = 0; i < files.count; i++)
		for (uint64_t bit = 0; bit < files.sizes[i] * 8; bit += STEP) {
			struct index *index = NULL;
			uint8_t byte, changed;
			read_bytes(files.names[i], bit / 8, &byte, 1);
			changed = byte ^ (uint8_t)(1u << bit % 8);
			write_bytes(files.names[i], bit / 8, &changed, 1);
			int rc = ours->load(&index, dir, &pair.stamp, &stamp, &err);
			if (rc == HILF_OK) {
				answered += compare_some(index, &pair, 2) == HILF_OK;
				rc = warm_all(index);
				ours->close(index);
			}
			if (rc != HILF_E_CORRUPT)
				fail_msg("bit %llu of '%s': %d", (unsigned long long)bit,
					files.names[i], rc);
			write_bytes(files.names[i], bit / 8, &byte, 1);
		}
	struct index *index = load(&pair);
	assert_int_equal(compare(index, &pair), HILF_OK);
	ours->close(index);
	print_message("%zu flipped bits were not needed for the answers\n", answered);
	pair_close(&pair);
}

/* Frames of films, so that buckets overflow; a few levels; removed links; a delta. */
static void make_large(struct pair *pair)
{
	pair_open(pair, 9, 40000);
	pair_add(pair, 1, 1, 0);
	for (unsigned i = 0; i < 5; i++)
		pair_add(pair, 4000 + 500 * i, 5000, 0);
	pair_add(pair, 1500, 3, 0);
	for (uint32_t i = 1; i < 20000; i += 40)
		pair_remove(pair, i);
}

static void damage_at_random_is_found_or_does_not_matter(void **state)
{
	unsigned rounds = getenv("HILF_LONG") ? 100000 : 250, harmless = 0;
	struct index_stamp stamp;
	struct pair pair;
	(void)state;
	make_large(&pair);
	pair_save(&pair);
	struct files files = list_files();
	for (unsigned round = 0; round < rounds; round++) {
		uint8_t before[300], after[300];
		size_t i = chance() % files.count, size = 1 + chance() % sizeof before;
		uint64_t at = chance() % (files.sizes[i] - size);
		struct index *index = NULL;
		read_bytes(files.names[i], at, before, size);
		for (size_t j = 0; j < size; j++)
			after[j] = round % 3 ? (uint8_t)chance() : 0;
		write_bytes(files.names[i], at, after, size);
		int rc = ours->load(&index, dir, &pair.stamp, &stamp, &err);
		if (rc == HILF_OK) {
			rc = compare(index, &pair);
			if (rc == HILF_OK && round % 8 == 0 && memcmp(before, after, size) != 0)
				assert_int_equal(warm_all(index), HILF_E_CORRUPT);
			ours->close(index);
		}
		harmless += rc == HILF_OK;
		assert_true(rc == HILF_OK || rc == HILF_E_CORRUPT);
		write_bytes(files.names[i], at, before, size);
	}
	assert_true(harmless < rounds);
	print_message("%u of %u damages were not needed for the answers\n", harmless, rounds);
	pair_close(&pair);
}

static void merging_ends_where_a_level_is_damaged(void **state)
{
	struct pair pair;
	uint8_t byte;
	(void)state;
	make_large(&pair);
	pair_save(&pair);
	struct files files = list_files();
	for (size_t i = 0; i + 1 < files.count; i++) {
		uint64_t near_end = files.sizes[i] - files.sizes[i] / 30; /* links */
		read_bytes(files.names[i], near_end, &byte, 1);
		byte ^= 1;
		write_bytes(files.names[i], near_end, &byte, 1);
	}
	struct index *index = load(&pair);
	int rc = HILF_OK;
	bool more = true;
	for (uint32_t link = 1; link < 30000 && rc == HILF_OK; link++)
		rc = ours->remove(index, link, &err);
	assert_int_equal(rc, HILF_OK);
	while (more && rc == HILF_OK)
		rc = ours->maintain(index, &more, &err);
	assert_int_equal(rc, HILF_E_CORRUPT);
	assert_non_null(strstr(err.text, "is not what was written"));
	assert_int_equal(warm_all(index), HILF_E_CORRUPT);
	assert_int_equal(ours->drop(dir, &err), HILF_OK);
	assert_int_equal(ours->save(index, dir, &pair.stamp, &err), HILF_E_CORRUPT);
	assert_int_equal(list_files().count, 0);
	ours->close(index);
	pair_close(&pair);
}

/* -------------------------------------------------------------------------------- saving that is broken off */

/* The snapshot in the folder is that of one of the two, whole. */
static const struct pair *whose(const struct pair *a, const struct pair *b)
{
	struct index *index = NULL;
	struct index_stamp stamp;
	int rc = ours->load(&index, dir, &a->stamp, &stamp, &err);
	if (rc != HILF_OK)
		fail_msg("%d: %s", rc, err.text);
	assert_true(stamp.seq == a->stamp.seq || stamp.seq == b->stamp.seq);
	const struct pair *pair = stamp.seq == a->stamp.seq ? a : b;
	assert_int_equal(compare(index, pair), HILF_OK);
	assert_int_equal(warm_all(index), HILF_OK);
	ours->close(index);
	return pair;
}

static void make_two(struct pair *old, struct pair *new)
{
	pair_open(old, 1, 8000);
	pair_open(new, 2, 8000);
	pair_add(old, 1000, 5000, 0);
	pair_add(new, 1500, 5000, 0);
	for (unsigned i = 0; i < 3; i++)
		pair_add(new, 400, 100, 0);
	pair_add(new, 40, 1, 0);
	pair_remove(new, 3);
}

static void a_save_that_is_killed_leaves_the_old_or_the_new(void **state)
{
	struct pair old, new;
	unsigned old_ones = 0, new_ones = 0;
	(void)state;
	make_two(&old, &new);
	pair_save(&new);
	size_t file_count = list_files().count;
	for (long nth = 1;; nth++) {
		int status;
		assert_int_equal(ours->drop(dir, &err), HILF_OK);
		pair_save(&old);
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			fail_writes = (struct failing){nth, 0};
			_exit(ours->save(new.ours, dir, &new.stamp, NULL) == HILF_OK ? 7 : 8);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		bool completed = WEXITSTATUS(status) == 7;
		assert_true(completed || WEXITSTATUS(status) == 0);
		const struct pair *found = whose(&old, &new);
		old_ones += found == &old;
		new_ones += found == &new;
		if (completed) {
			assert_ptr_equal(found, &new);
			break;
		}
		/* Nothing of it is in the way of the next one, or left after it. */
		pair_save(&new);
		assert_int_equal(list_files().count, file_count);
		assert_ptr_equal(whose(&old, &new), &new);
	}
	assert_true(old_ones > 10 && new_ones > 3);
	pair_close(&old);
	pair_close(&new);
}

static void a_disk_that_refuses_leaves_the_old_or_the_new(void **state)
{
	static const int codes[] = {ENOSPC, EIO};
	struct pair old, new;
	(void)state;
	make_two(&old, &new);
	pair_save(&new);
	size_t file_count = list_files().count;
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		long nth = 0;
		for (bool failed = true; failed;) {
			assert_int_equal(ours->drop(dir, &err), HILF_OK);
			pair_save(&old);
			fail_writes = (struct failing){++nth, codes[i]};
			int rc = ours->save(new.ours, dir, &new.stamp, &err);
			failed = fail_writes.after == 0;
			fail_writes.after = 0;
			const struct pair *found = whose(&old, &new);
			if (rc == HILF_OK) {
				assert_ptr_equal(found, &new);
			} else {
				assert_int_equal(rc, HILF_E_IO);
				assert_int_equal(err.sys, codes[i]);
			}
			pair_save(&new);
			assert_int_equal(list_files().count, file_count);
		}
		assert_true(nth > 15);
	}
	pair_close(&old);
	pair_close(&new);
}

static void without_memory_nothing_is_lost(void **state)
{
	struct pair old, new;
	long nth = 0;
	(void)state;
	make_two(&old, &new);
	pair_save(&old);
	for (bool failed = true; failed;) {
		fail_memory = (struct failing){++nth, ENOMEM};
		int rc = ours->save(new.ours, dir, &new.stamp, &err);
		failed = fail_memory.after == 0;
		fail_memory.after = 0;
		assert_true(rc == HILF_OK || (failed && rc == HILF_E_NO_MEMORY));
		assert_ptr_equal(whose(&old, &new), rc == HILF_OK ? &new : &old);
		if (rc == HILF_OK)
			pair_save(&old);
	}
	assert_true(nth > 10);
	pair_save(&new);
	nth = 0;
	for (bool failed = true; failed;) {
		struct index *index = NULL;
		struct index_stamp stamp;
		fail_memory = (struct failing){++nth, ENOMEM};
		int rc = ours->load(&index, dir, &new.stamp, &stamp, &err);
		failed = fail_memory.after == 0;
		fail_memory.after = 0;
		assert_int_equal(rc, failed ? HILF_E_NO_MEMORY : HILF_OK);
		if (rc == HILF_OK)
			assert_int_equal(compare(index, &new), HILF_OK);
		ours->close(index);
	}
	assert_true(nth > 10);
	pair_close(&old);
	pair_close(&new);
}

static void a_disk_that_does_not_read_is_no_answer(void **state)
{
	struct pair pair;
	struct index_stamp stamp;
	unsigned refusals = 0;
	long nth = 0;
	(void)state;
	pair_open(&pair, 1, 2000);
	pair_add(&pair, 1000, 5000, 0);
	pair_save(&pair);
	for (bool failed = true; failed;) {
		struct index *index = NULL;
		fail_reads = (struct failing){++nth, EIO};
		int rc = ours->load(&index, dir, &pair.stamp, &stamp, &err);
		if (rc == HILF_OK) {
			rc = compare(index, &pair);
			if (rc < 0)
				assert_non_null(
					strstr(err.text, "cannot be read: Input/output error"));
			ours->close(index);
		}
		failed = fail_reads.after == 0;
		fail_reads.after = 0;
		assert_int_equal(rc < 0, failed);
		refusals += failed;
	}
	assert_true(refusals > 8);
	pair_close(&pair);
}

/* ------------------------------------------------------------------------------------------ many threads */

struct user {
	pthread_t thread;
	struct index *index;
	const struct pair *pair;
	const struct pair *other;
	uint64_t seed;
	_Atomic(bool) *done;
	unsigned wrong, times;
};

static void *ask_again_and_again(void *ctx)
{
	struct user *user = ctx;
	while (!atomic_load(user->done)) {
		struct index_hit hits[8];
		struct index_hits answer = {hits, 8, 0, 0};
		user->seed = user->seed * 6364136223846793005u + 1442695040888963407u;
		size_t wanted = (user->seed >> 33) % user->pair->count;
		int rc = ours->find(user->index, user->pair->values + wanted * SIZE, 0, NULL, NULL,
			&answer, NULL);
		user->wrong += rc < 0 || answer.total == 0;
		user->times++;
	}
	return NULL;
}

static void *warm_up(void *ctx)
{
	struct user *user = ctx;
	for (bool more = true; more && !atomic_load(user->done); user->times++)
		user->wrong += ours->warm(user->index, 1, &more, NULL) < 0;
	return NULL;
}

static void a_cold_index_is_asked_while_it_is_changed_and_saved(void **state)
{
	struct user users[5];
	_Atomic(bool) done = false;
	struct pair pair;
	(void)state;
	pair_open(&pair, 9, 60000);
	pair_add(&pair, 20000, 5000, 0);
	pair_save(&pair);
	struct index *index = load(&pair);
	struct pair asked = pair; /* what it holds from the beginning */
	ours->close(pair.ours);
	pair.ours = index;
	for (unsigned i = 0; i < COUNT_OF(users); i++) {
		users[i] =
			(struct user){.index = index, .pair = &asked, .seed = i + 1, .done = &done};
		assert_int_equal(pthread_create(&users[i].thread, NULL,
					 i == 0 ? warm_up : ask_again_and_again, &users[i]),
			0);
	}
	for (unsigned round = 0; round < 40; round++) {
		bool more;
		uint32_t link = (uint32_t)pair.count + 1;
		pair_add(&pair, 100 + 20 * round, round % 7 ? 9 : 5000, 0);
		pair_remove(&pair, link);
		assert_int_equal(ours->maintain(index, &more, &err), HILF_OK);
		if (round % 10 == 3)
			pair_save(&pair);
	}
	atomic_store(&done, true);
	for (unsigned i = 0; i < COUNT_OF(users); i++) {
		pthread_join(users[i].thread, NULL);
		assert_int_equal(users[i].wrong, 0);
		assert_true(users[i].times > 0);
	}
	assert_int_equal(compare(index, &pair), HILF_OK);
	pair_close(&pair);
}

static void *load_again_and_again(void *ctx)
{
	struct user *user = ctx;
	while (!atomic_load(user->done)) {
		struct index *index = NULL;
		struct index_stamp stamp;
		int rc = ours->load(&index, dir, &user->pair->stamp, &stamp, NULL);
		user->times++;
		if (rc < 0) {
			user->wrong++;
			continue;
		}
		const struct pair *pair =
			stamp.seq == user->pair->stamp.seq ? user->pair : user->other;
		for (size_t i = 0; i < pair->count; i += 37) {
			struct index_hits answer = {NULL, 0, 0, 0};
			rc = ours->find(
				index, pair->values + i * SIZE, 0, NULL, NULL, &answer, NULL);
			user->wrong += rc < 0 || (answer.total == 0 && i != 2);
		}
		ours->close(index);
	}
	return NULL;
}

/* Its levels may go between the reading of a manifest and their opening. */
static void a_snapshot_may_be_replaced_while_it_is_loaded(void **state)
{
	_Atomic(bool) done = false;
	struct pair old, new;
	(void)state;
	make_two(&old, &new);
	pair_save(&old);
	struct user user = {.pair = &old, .other = &new, .done = &done};
	assert_int_equal(pthread_create(&user.thread, NULL, load_again_and_again, &user), 0);
	for (unsigned i = 0; i < 60; i++)
		pair_save(i % 2 ? &old : &new);
	atomic_store(&done, true);
	pthread_join(user.thread, NULL);
	assert_int_equal(user.wrong, 0);
	assert_true(user.times > 0);
	pair_close(&old);
	pair_close(&new);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_saved_is_loaded_and_goes_on),
		TEST(levels_are_written_once_and_removed_when_nothing_names_them),
		TEST(what_is_no_snapshot_is_named),
		TEST(each_flipped_bit_is_found_and_never_answered_from),
		TEST(damage_at_random_is_found_or_does_not_matter),
		TEST(merging_ends_where_a_level_is_damaged),
		TEST(a_save_that_is_killed_leaves_the_old_or_the_new),
		TEST(a_disk_that_refuses_leaves_the_old_or_the_new),
		TEST(without_memory_nothing_is_lost),
		TEST(a_disk_that_does_not_read_is_no_answer),
		TEST(a_cold_index_is_asked_while_it_is_changed_and_saved),
		TEST(a_snapshot_may_be_replaced_while_it_is_loaded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
