/* For tests of snapshots: an index beside the linear kind that was given the same, both from one seed, and the files that a
 * snapshot is made of. */
#ifndef INDEX_SNAPSHOT_TEST_H
#define INDEX_SNAPSHOT_TEST_H

#include "index/index.h"

#include "base/check.h"
#include "os/file.h"
#include "test/failing.h"
#include "test/folder.h"
#include "test/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define SIZE    32u
#define RADIUS  31u
#define KEEP    2000u
#define QUERIES 24u

static const struct index_ops *const ours = &index_hamming, *const truth = &index_linear;
static char folder[200], dir[230];
static struct hilf_err err;
static uint64_t seed;

static inline uint64_t chance(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed * 0x2545f4914f6cdd1du) >> 20;
}

static inline void disturb(uint8_t *value, unsigned times)
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

static inline void pair_open(struct pair *pair, uint64_t seq, size_t room)
{
	*pair = (struct pair){.stamp = {{'s', 't', 'o', 'r', 'e'}, seq, {'r', 'e', 'c'}},
		.values = calloc(room, SIZE),
		.room = room};
	assert_non_null(pair->values);
	assert_int_equal(ours->open(&pair->ours, &err), HILF_OK);
	assert_int_equal(truth->open(&pair->truth, &err), HILF_OK);
}

static inline void pair_close(struct pair *pair)
{
	ours->close(pair->ours);
	truth->close(pair->truth);
	free(pair->values);
}

/* Adds values of all kinds, `step` at a time: strangers, near ones, exact copies. */
static inline void pair_add(struct pair *pair, size_t count, size_t step, uint32_t link)
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

static inline void pair_remove(struct pair *pair, uint32_t link)
{
	assert_int_equal(ours->remove(pair->ours, link, &err), HILF_OK);
	assert_int_equal(truth->remove(pair->truth, link, &err), HILF_OK);
}

static inline void pair_save(struct pair *pair)
{
	int rc = ours->save(pair->ours, dir, &pair->stamp, &err);
	if (rc != HILF_OK)
		fail_msg("%d: %s", rc, err.text);
}

/* Asks both `count` questions. A failure must be damage, and then nothing is answered. */
static inline int compare_some(struct index *index, const struct pair *pair, unsigned count)
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

static inline int compare(struct index *index, const struct pair *pair)
{
	return compare_some(index, pair, QUERIES);
}

static inline struct index *load(const struct pair *pair)
{
	struct index *index = NULL;
	struct index_stamp stamp;
	int rc = ours->load(&index, dir, &pair->stamp, &stamp, &err);
	if (rc != HILF_OK)
		fail_msg("%d: %s", rc, err.text);
	assert_memory_equal(&stamp, &pair->stamp, sizeof stamp);
	return index;
}

static inline int warm_all(struct index *index)
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

static inline int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static inline struct files list_files(void)
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

static inline void read_bytes(const char *path, uint64_t at, uint8_t *ret_bytes, size_t size)
{
	int fd = open(path, O_RDONLY);
	assert_int_equal(pread(fd, ret_bytes, size, (off_t)at), size);
	close(fd);
}

static inline void write_bytes(const char *path, uint64_t at, const uint8_t *bytes, size_t size)
{
	int fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, bytes, size, (off_t)at), size);
	close(fd);
}

static inline int set_up(void **state)
{
	(void)state;
	folder_make(folder, sizeof folder);
	snprintf(dir, sizeof dir, "%s/index", folder);
	seed = 20251121;
	return mkdir(dir, 0700);
}

static inline int tear_down(void **state)
{
	(void)state;
	fail_memory.after = fail_reads.after = fail_writes.after = 0;
	folder_remove(folder);
	return 0;
}

#endif
