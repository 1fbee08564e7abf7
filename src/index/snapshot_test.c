/* Snapshots of the live index: saved, loaded and damaged. The truth is the linear kind, given the same. */
#include "index/snapshot_test.h"

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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
