/* Files of blocks: written and read, damaged in every bit, cut off, changed underneath, on a disk that fails, without
 * memory, and by many threads at once (to be run under the thread sanitizer as well). */
#include "os/blocks.h"

#include "base/buf.h"
#include "base/check.h"
#include "os/blocks_file.h"
#include "os/file.h"
#include "test/failing.h"
#include "test/folder.h"
#include "test/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KIND BLOCKS_KIND('t', 'e', 's', 't')

/* ---------------------------------------------------------------------------------------------- a file */

static char folder[256], path[300], aside[300];
static uint8_t stamp[BLOCKS_STAMP_SIZE];
static struct hilf_err err;

static uint8_t byte_at(unsigned part, uint64_t at)
{
	return (uint8_t)((at * 0x9e3779b97f4a7c15u + part) >> 33);
}

/* Puts bytes of a pattern, `step` at a time (0: all at once). */
static int put_part(struct blocks_writer *writer, unsigned part, size_t size, size_t step)
{
	uint8_t *bytes = malloc(size ? size : 1);
	int rc = bytes ? HILF_OK : HILF_E_NO_MEMORY;
	for (size_t i = 0; bytes && i < size; i++)
		bytes[i] = byte_at(part, i);
	if (step == 0)
		step = size;
	for (size_t at = 0; rc == HILF_OK && at < size; at += step)
		rc = blocks_put(
			writer, part, bytes + at, size - at < step ? size - at : step, &err);
	free(bytes);
	return rc;
}

static int try_write(const size_t *sizes, unsigned count, size_t step, uint64_t *ret_sum)
{
	struct blocks_writer *writer = NULL;
	int rc = blocks_create(&writer, aside, KIND, stamp, &err);
	for (unsigned i = 0; i < count && rc == HILF_OK; i++)
		rc = put_part(writer, i, sizes[i], step);
	if (rc == HILF_OK)
		rc = blocks_seal(writer, ret_sum, &err);
	if (rc == HILF_OK)
		rc = blocks_place(writer, path, &err);
	blocks_finish(writer);
	return rc;
}

static void write_file(const size_t *sizes, unsigned count)
{
	uint64_t sum;
	assert_int_equal(try_write(sizes, count, 0, &sum), HILF_OK);
}

static struct blocks *open_blocks(void)
{
	struct blocks *blocks = NULL;
	int rc = blocks_open(&blocks, path, KIND, &err);
	if (rc != HILF_OK)
		fail_msg("%d: %s", rc, err.text);
	return blocks;
}

static void refused(int code, const char *text)
{
	struct blocks *blocks = NULL;
	char wanted[600];
	snprintf(wanted, sizeof wanted, text, path);
	assert_int_equal(blocks_open(&blocks, path, KIND, &err), code);
	assert_null(blocks);
	assert_int_equal(err.code, code);
	assert_string_equal(err.text, wanted);
}

static bool is_right(const struct blocks *blocks, unsigned part, uint64_t from, uint64_t size)
{
	for (uint64_t i = from; i < from + size; i++)
		if (blocks->parts[part].bytes[i] != byte_at(part, i))
			return false;
	return true;
}

static void change_byte(uint64_t at, uint8_t mask)
{
	uint8_t byte;
	int fd = open(path, O_RDWR);
	assert_int_equal(__real_pread64(fd, &byte, 1, (off_t)at), 1);
	byte ^= mask;
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
	__real_close(fd);
}

static uint64_t file_size(void)
{
	struct stat status;
	assert_int_equal(stat(path, &status), 0);
	return (uint64_t)status.st_size;
}

static bool is_there(const char *name)
{
	return access(name, F_OK) == 0;
}

static int set_up(void **state)
{
	(void)state;
	folder_make(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/file", folder);
	snprintf(aside, sizeof aside, "%s/file.new", folder);
	for (size_t i = 0; i < sizeof stamp; i++)
		stamp[i] = (uint8_t)(i + 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fail_memory.after = fail_reads.after = fail_writes.after = 0;
	folder_remove(folder);
	return 0;
}

/* ----------------------------------------------------------------------------------------------- tests */

static const size_t many_sizes[] = {5 << 20, 0, 1, 63, 64, 65, BLOCKS_SIZE - 1, BLOCKS_SIZE,
	BLOCKS_SIZE + 1, 3 * BLOCKS_SIZE, 0, (1 << 20) + 7, 100};

static void what_is_written_is_read(void **state)
{
	static const size_t steps[] = {0, 1000003, 16384, 777};
	uint64_t first_sum = 0;
	(void)state;
	for (size_t s = 0; s < COUNT_OF(steps); s++) {
		uint64_t sum;
		assert_int_equal(
			try_write(many_sizes, COUNT_OF(many_sizes), steps[s], &sum), HILF_OK);
		assert_false(is_there(aside));
		if (s == 0)
			first_sum = sum;
		assert_int_equal(sum, first_sum);
		struct blocks *blocks = open_blocks();
		assert_int_equal(blocks->sum, sum);
		assert_int_equal(blocks->part_count, COUNT_OF(many_sizes));
		assert_memory_equal(blocks->stamp, stamp, sizeof stamp);
		for (unsigned i = COUNT_OF(many_sizes); i-- > 0;) {
			assert_int_equal(blocks->parts[i].size, many_sizes[i]);
			assert_int_equal(blocks_touch(blocks, i, 0, many_sizes[i], &err), HILF_OK);
			assert_true(is_right(blocks, i, 0, many_sizes[i]));
			assert_int_equal(blocks_ready(blocks), i == 0);
		}
		blocks_close(blocks);
	}
}

static void a_file_without_bytes_is_ready(void **state)
{
	static const size_t none[] = {0};
	size_t budget = 1;
	bool more = true;
	(void)state;
	write_file(none, 1);
	struct blocks *blocks = open_blocks();
	assert_true(blocks_ready(blocks));
	assert_int_equal(blocks->part_count, 1);
	assert_int_equal(blocks_touch(blocks, 0, 0, 0, &err), HILF_OK);
	assert_int_equal(blocks_load(blocks, 0, 0, 0, &err), HILF_OK);
	assert_int_equal(blocks_warm(blocks, &budget, &more, &err), HILF_OK);
	assert_false(more);
	blocks_close(blocks);
	blocks_close(NULL);
	blocks_finish(NULL);
}

static void only_what_is_touched_is_read(void **state)
{
	static const size_t sizes[] = {10 * BLOCKS_SIZE};
	(void)state;
	write_file(sizes, 1);
	struct blocks *blocks = open_blocks();
	assert_int_equal(blocks->missing, 10);
	blocks_expect(blocks, 0, 0, sizes[0]);
	assert_int_equal(blocks->missing, 10);
	assert_int_equal(blocks_touch(blocks, 0, 3 * BLOCKS_SIZE - 1, 2, &err), HILF_OK);
	assert_true(is_right(blocks, 0, 2 * BLOCKS_SIZE, 2 * BLOCKS_SIZE));
	assert_int_equal(blocks->missing, 8);
	assert_int_equal(blocks_touch(blocks, 0, 3 * BLOCKS_SIZE, 0, &err), HILF_OK);
	assert_int_equal(blocks_touch(blocks, 0, 3 * BLOCKS_SIZE, 1, &err), HILF_OK);
	assert_int_equal(blocks->missing, 8);
	assert_int_equal(blocks->states[0], BLOCKS_ABSENT);
	assert_int_equal(blocks->parts[0].bytes[0], 0);
	blocks_close(blocks);
}

static void warming_reads_the_rest_in_pieces(void **state)
{
	bool more = true;
	unsigned calls = 0;
	(void)state;
	write_file(many_sizes, COUNT_OF(many_sizes));
	struct blocks *blocks = open_blocks();
	assert_int_equal(blocks_touch(blocks, 0, 3 << 20, 1, &err), HILF_OK);
	for (; more; calls++) {
		size_t budget = 1;
		assert_int_equal(blocks_warm(blocks, &budget, &more, &err), HILF_OK);
		assert_int_equal(budget, 0);
	}
	assert_int_equal(calls, 3 + 10);
	assert_true(blocks_ready(blocks));
	for (unsigned i = 0; i < COUNT_OF(many_sizes); i++)
		assert_true(is_right(blocks, i, 0, many_sizes[i]));
	blocks_close(blocks);

	size_t all = SIZE_MAX;
	blocks = open_blocks();
	more = true;
	assert_int_equal(blocks_warm(blocks, &all, &more, &err), HILF_OK);
	assert_false(more);
	assert_true(blocks_ready(blocks));
	blocks_close(blocks);
}

/* Every part is either as it was or refused. Returns whether anything was refused. */
static bool reads_right_or_not_at_all(const size_t *sizes, unsigned count)
{
	struct blocks *blocks = NULL;
	bool refusal = false;
	if (blocks_open(&blocks, path, KIND, &err) < 0)
		return true;
	assert_int_equal(blocks->part_count, count);
	for (unsigned i = 0; i < count; i++)
		for (size_t at = 0; at < sizes[i]; at += BLOCKS_SIZE) {
			size_t size = sizes[i] - at < BLOCKS_SIZE ? sizes[i] - at : BLOCKS_SIZE;
			int rc = blocks_touch(blocks, i, at, size, &err);
			if (rc == HILF_OK)
				assert_true(is_right(blocks, i, at, size));
			else
				assert_int_equal(rc, HILF_E_CORRUPT);
			refusal = refusal || rc < 0;
		}
	blocks_close(blocks);
	return refusal;
}

static void each_flipped_bit_is_found(void **state)
{
	static const size_t sizes[] = {100, 1, 700};
	(void)state;
	write_file(sizes, COUNT_OF(sizes));
	for (uint64_t at = 0, size = file_size(); at < size; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			change_byte(at, (uint8_t)(1u << bit));
			if (!reads_right_or_not_at_all(sizes, COUNT_OF(sizes)))
				fail_msg("bit %u of byte %llu", bit, (unsigned long long)at);
			change_byte(at, (uint8_t)(1u << bit));
		}
	assert_false(reads_right_or_not_at_all(sizes, COUNT_OF(sizes)));
}

static void any_other_size_is_found(void **state)
{
	static const size_t sizes[] = {100, BLOCKS_SIZE + 9};
	(void)state;
	write_file(sizes, COUNT_OF(sizes));
	uint64_t size = file_size();
	assert_int_equal(truncate(path, (off_t)size + 1), 0);
	refused(HILF_E_CORRUPT, "'%s' is damaged: it has not the size that was written");
	assert_int_equal(truncate(path, (off_t)size), 0);
	assert_false(reads_right_or_not_at_all(sizes, COUNT_OF(sizes)));
	while (size > 0) {
		size -= size > 4096 ? 512 : size > 100 ? 100 : 1;
		assert_int_equal(truncate(path, (off_t)size), 0);
		refused(HILF_E_CORRUPT,
			size < 4096 ? "'%s' is damaged: it is shorter than its header"
				    : "'%s' is damaged: it has not the size that was written");
	}
}

/* Overwrites bytes of the header and has its checksum follow. */
static void forge_header(size_t at, const void *bytes, size_t size)
{
	struct blocks_header header;
	int fd = open(path, O_RDWR);
	assert_int_equal(__real_pread64(fd, &header, sizeof header, 0), sizeof header);
	memcpy((uint8_t *)&header + at, bytes, size);
	header.sum = 0;
	header.sum = blocks_sum(&header, sizeof header, BLOCKS_SEED_HEADER);
	assert_int_equal(pwrite(fd, &header, sizeof header, 0), sizeof header);
	__real_close(fd);
}

static void headers_say_what_is_wrong(void **state)
{
	static const size_t sizes[] = {100};
	const uint32_t newer = 2, other = BLOCKS_KIND('m', 'o', 'r', 'e'), parts = 33;
	const uint64_t huge = UINT64_MAX - 10;
	struct blocks *blocks = NULL;
	(void)state;
	refused(HILF_E_NOT_FOUND, "cannot open '%s': No such file or directory");
	assert_int_equal(mkdir(path, 0700), 0);
	refused(HILF_E_CORRUPT, "'%s' is damaged: it is not a file");
	assert_int_equal(rmdir(path), 0);
	write_file(sizes, 1);
	change_byte(0, 1);
	refused(HILF_E_CORRUPT, "'%s' is damaged: it does not begin as a file of blocks does");
	change_byte(0, 1);
	change_byte(20, 1);
	refused(HILF_E_CORRUPT, "'%s' is damaged: its header is not what was written");
	change_byte(20, 1);
	change_byte(4096 + 128, 1);
	refused(HILF_E_CORRUPT, "'%s' is damaged: its checksums are not what was written");
	change_byte(4096 + 128, 1);
	forge_header(offsetof(struct blocks_header, version), &newer, sizeof newer);
	refused(HILF_E_VERSION, "'%s' is of version 2, and this hilf knows 1");
	write_file(sizes, 1);
	forge_header(offsetof(struct blocks_header, kind), &other, sizeof other);
	refused(HILF_E_INVALID,
		"'%s' holds something else (kind 65726f6d, and 74736574 is wanted)");
	write_file(sizes, 1);
	forge_header(offsetof(struct blocks_header, part_count), &parts, sizeof parts);
	refused(HILF_E_CORRUPT, "'%s' is damaged: its header holds what cannot be");
	write_file(sizes, 1);
	forge_header(offsetof(struct blocks_header, part_sizes), &huge, sizeof huge);
	refused(HILF_E_CORRUPT, "'%s' is damaged: it has not the size that was written");
	write_file(sizes, 1);
	fail_reads = (struct failing){1, EIO};
	refused(HILF_E_IO, "cannot read '%s': Input/output error");
	fail_reads = (struct failing){2, EIO};
	refused(HILF_E_IO, "cannot read '%s': Input/output error");
	assert_int_equal(blocks_open(&blocks, path, KIND, NULL), HILF_OK);
	blocks_close(blocks);
}

static void touch_fails(struct blocks *blocks, uint64_t at, const char *text)
{
	char wanted[600];
	snprintf(wanted, sizeof wanted, text, path);
	assert_int_equal(blocks_touch(blocks, 0, at, 1, &err), HILF_E_CORRUPT);
	assert_int_equal(err.code, HILF_E_CORRUPT);
	assert_string_equal(err.text, wanted);
	assert_int_equal(blocks_touch(blocks, 0, at, 1, NULL), HILF_E_CORRUPT);
}

static bool no_sevens(unsigned part, uint64_t at, const uint8_t *bytes, size_t size, void *ctx)
{
	(void)part, (void)bytes, (void)size;
	++*(unsigned *)ctx;
	return at != 7 * BLOCKS_SIZE;
}

static void bad_blocks_say_so_and_stay_bad(void **state)
{
	static const size_t sizes[] = {10 * BLOCKS_SIZE};
	unsigned checked = 0;
	bool more = true;
	size_t budget = SIZE_MAX;
	(void)state;
	write_file(sizes, 1);
	change_byte(4096 + 2 * BLOCKS_SIZE + 5, 0x10);
	struct blocks *blocks = open_blocks();
	blocks_check_with(blocks, no_sevens, &checked);
	touch_fails(
		blocks, 2 * BLOCKS_SIZE, "'%s' is damaged: block 3 of 10 is not what was written");
	change_byte(4096 + 2 * BLOCKS_SIZE + 5, 0x10); /* mended too late */
	touch_fails(blocks, 3 * BLOCKS_SIZE - 1,
		"'%s' is damaged: block 3 of 10 is not what was written");
	fail_reads = (struct failing){1, EIO};
	touch_fails(blocks, 4 * BLOCKS_SIZE,
		"'%s' is damaged: block 5 of 10 cannot be read: Input/output error");
	assert_int_equal(fail_reads.after, 0);
	touch_fails(blocks, 7 * BLOCKS_SIZE, "'%s' is damaged: block 8 of 10 holds what cannot be");
	assert_int_equal(truncate(path, 4096 + 9 * BLOCKS_SIZE + 1), 0);
	touch_fails(blocks, 9 * BLOCKS_SIZE, "'%s' is damaged: block 10 of 10 is cut off");
	assert_int_equal(blocks_touch(blocks, 0, 3 * BLOCKS_SIZE, BLOCKS_SIZE, &err), HILF_OK);
	assert_int_equal(blocks_touch(blocks, 0, 0, sizes[0], &err), HILF_E_CORRUPT);
	assert_int_equal(blocks_warm(blocks, &budget, &more, &err), HILF_E_CORRUPT);
	assert_int_equal(blocks_warm(blocks, &budget, &more, &err), HILF_OK);
	assert_false(more);
	assert_false(blocks_ready(blocks));
	assert_int_equal(blocks->missing, 4);
	assert_int_equal(checked, 7);
	assert_int_equal(blocks_touch(blocks, 0, 8 * BLOCKS_SIZE, BLOCKS_SIZE, &err), HILF_OK);
	assert_true(is_right(blocks, 0, 8 * BLOCKS_SIZE, BLOCKS_SIZE));
	blocks_close(blocks);
}

/* The old file stays, nothing is left aside, and the error is the disk's. */
static void each_write_that_fails_leaves_the_old_file(void **state)
{
	static const size_t before[] = {333}, after[] = {3 << 20, 17};
	static const int codes[] = {ENOSPC, EIO};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		write_file(before, 1);
		long nth = 0;
		for (bool failed = true; failed;) {
			fail_writes = (struct failing){++nth, codes[i]};
			int rc = try_write(after, 2, 0, NULL);
			failed = fail_writes.after == 0;
			fail_writes.after = 0;
			assert_false(is_there(aside));
			assert_int_equal(rc, failed ? HILF_E_IO : HILF_OK);
			if (failed)
				assert_int_equal(err.sys, codes[i]);
			assert_false(
				reads_right_or_not_at_all(failed ? before : after, failed ? 1 : 2));
		}
		assert_true(nth > 8);
	}
	fail_writes = (struct failing){3, ENOSPC};
	assert_int_equal(try_write(after, 2, 0, NULL), HILF_E_IO);
	char wanted[600];
	snprintf(wanted, sizeof wanted, "cannot write '%s': No space left on device", aside);
	assert_string_equal(err.text, wanted);
}

static void without_memory_nothing_is_left_behind(void **state)
{
	static const size_t sizes[] = {2 << 20, 100};
	long nth = 0;
	(void)state;
	for (bool failed = true; failed;) {
		fail_memory = (struct failing){++nth, ENOMEM};
		int rc = try_write(sizes, 2, 0, NULL);
		failed = fail_memory.after == 0;
		fail_memory.after = 0;
		assert_int_equal(rc, failed ? HILF_E_NO_MEMORY : HILF_OK);
		assert_int_equal(is_there(path), !failed);
		assert_false(is_there(aside));
	}
	assert_true(nth > 4);
	nth = 0;
	for (bool failed = true; failed;) {
		struct blocks *blocks = NULL;
		fail_memory = (struct failing){++nth, ENOMEM};
		int rc = blocks_open(&blocks, path, KIND, &err);
		failed = fail_memory.after == 0;
		fail_memory.after = 0;
		assert_int_equal(rc, failed ? HILF_E_NO_MEMORY : HILF_OK);
		blocks_close(blocks);
	}
	assert_true(nth > 5);
}

static void checksums_are_the_same_everywhere(void **state)
{
	uint8_t bytes[256];
	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)i;
	assert_int_equal(blocks_sum(bytes, 0, 0), 0x1c3aadbb0b086a5eu);
	assert_int_equal(blocks_sum(bytes, 64, 0), 0xd3244fe741a09794u);
	assert_int_equal(blocks_sum(bytes, 256, 7), 0x0d996624837c95e5u);
	uint64_t sum = blocks_sum(bytes, sizeof bytes, 7);
	for (size_t i = 0; i + 8 <= sizeof bytes; i += 8)
		for (unsigned trial = 0; trial < 1000; trial++) {
			uint64_t word, changed = (trial + 1) * 0xd1342543de82ef95u;
			if (trial < 64)
				changed = (uint64_t)1 << trial;
			memcpy(&word, bytes + i, 8);
			word ^= changed;
			memcpy(bytes + i, &word, 8);
			assert_true(blocks_sum(bytes, sizeof bytes, 7) != sum);
			word ^= changed;
			memcpy(bytes + i, &word, 8);
		}
}

/* -------------------------------------------------------------------------------------- many threads */

struct reader {
	pthread_t thread;
	struct blocks *blocks;
	uint64_t seed;
	bool warms;
	unsigned wrong, refused;
};

#define BAD_BLOCK 37u

static void *read_at_random(void *ctx)
{
	struct reader *reader = ctx;
	struct blocks *blocks = reader->blocks;
	bool more = reader->warms;
	for (unsigned i = 0; i < 3000; i++) {
		reader->seed = reader->seed * 6364136223846793005u + 1442695040888963407u;
		uint64_t at = (reader->seed >> 33) % (blocks->parts[0].size - 100);
		size_t budget = 1;
		if (more && i % 64 == 0 && blocks_warm(blocks, &budget, &more, NULL) < 0)
			reader->refused++;
		if (blocks_touch(blocks, 0, at, 100, NULL) == HILF_OK)
			reader->wrong += !is_right(blocks, 0, at, 100);
		else if (at / BLOCKS_SIZE != BAD_BLOCK && (at + 99) / BLOCKS_SIZE != BAD_BLOCK)
			reader->wrong++;
		else
			reader->refused++;
	}
	return NULL;
}

static void many_threads_see_what_was_written(void **state)
{
	static const size_t sizes[] = {20 << 20};
	struct reader readers[6];
	(void)state;
	write_file(sizes, 1);
	change_byte(4096 + BAD_BLOCK * BLOCKS_SIZE, 1);
	for (unsigned round = 0; round < 4; round++) {
		struct blocks *blocks = open_blocks();
		for (unsigned i = 0; i < COUNT_OF(readers); i++) {
			readers[i] = (struct reader){.blocks = blocks,
				.seed = i + 10 * round,
				.warms = i < 2 && round > 0};
			assert_int_equal(pthread_create(&readers[i].thread, NULL, read_at_random,
						 &readers[i]),
				0);
		}
		unsigned refused_count = 0;
		for (unsigned i = 0; i < COUNT_OF(readers); i++) {
			pthread_join(readers[i].thread, NULL);
			assert_int_equal(readers[i].wrong, 0);
			refused_count += readers[i].refused;
		}
		assert_true(refused_count > 0);
		assert_true(blocks->missing >= 1);
		if (round > 0)
			assert_int_equal(blocks->missing, 1);
		blocks_close(blocks);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_written_is_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_without_bytes_is_ready, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_what_is_touched_is_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			warming_reads_the_rest_in_pieces, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_flipped_bit_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(any_other_size_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(headers_say_what_is_wrong, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_blocks_say_so_and_stay_bad, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			each_write_that_fails_leaves_the_old_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			without_memory_nothing_is_left_behind, set_up, tear_down),
		cmocka_unit_test(checksums_are_the_same_everywhere),
		cmocka_unit_test_setup_teardown(
			many_threads_see_what_was_written, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
