/* The reference hashes of expected.tsv, from the reference implementation on full-size pictures, against files that went
 * through the wall: at most 2 bits apart in each of the eight orientations, quality within 1. Where the reference says
 * that a hash stands for nothing, it must be recognised as such instead. */
#include "base/buf.h"
#include "base/hex.h"
#include "os/file.h"
#include "test/image/sample.h"
#include "test/image/through.h"
#include "test/unit.h"

#include <string.h>

#define COLUMNS 13 /* file, width, height, mode, quality, eight hashes */

static struct decode_pool *pool;

static void check_row(const char *dir, char *const *columns)
{
	struct buf file = BUF_INIT;
	struct hilf_content content;
	struct hilf_err err;
	char *path = file_join(dir, columns[0]);
	int quality = atoi(columns[4]);
	if (file_read(path, 64 << 20, &file, &err) != 0)
		fail_msg("%s", err.text);
	through_decode(pool, file.data, file.size, &content);
	if (!content.decided)
		fail_msg("%s: %s", path, content.reason);
	assert_int_equal(content.width, atoi(columns[1]));
	assert_int_equal(content.height, atoi(columns[2]));
	const struct hilf_picture *picture = &content.pictures[0];
	if (abs(picture->quality - quality) > 1)
		fail_msg("%s: quality %d, not %d", path, picture->quality, quality);
	if (quality < 50)
		assert_true(picture->degenerate);
	for (int i = 0; !picture->degenerate && i < HILF_ORIENTATION_COUNT; i++) {
		uint8_t expected[PDQ_SIZE];
		assert_true(hex_decode(
			columns[5 + i], strlen(columns[5 + i]), expected, sizeof expected));
		int distance = hash_distance(expected, picture->pdq[i]);
		if (distance > 2)
			fail_msg("%s: orientation %d differs in %d bits", path, i, distance);
	}
	free(path);
	buf_free(&file);
}

static void the_reference_hashes_are_met_in_all_orientations(void **state)
{
	(void)state;
	struct buf table = BUF_INIT;
	struct hilf_err err;
	int row_count = 0;
	if (!test_data())
		skip_aloud("there is no folder of test data");
	char *dir = file_join(test_data(), "pdq"), *path = file_join(dir, "expected.tsv");
	if (file_read(path, 1 << 20, &table, &err) != 0)
		skip_aloud(err.text);
	char *rest = table.data, *line = strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n")) && *line) {
		char *columns[COLUMNS];
		for (int i = 0; i < COLUMNS; i++)
			columns[i] = strsep(&line, "\t");
		assert_non_null(columns[COLUMNS - 1]);
		check_row(dir, columns);
		row_count++;
	}
	assert_true(row_count > 30);
	free(path);
	free(dir);
	buf_free(&table);
}

static void a_checkerboard_stands_for_nothing(void **state)
{
	(void)state;
	struct hilf_content content;
	struct buf file = BUF_INIT;
	buf_text(&file, "P5 127 129 255\n");
	for (int y = 0; y < 129; y++)
		for (int x = 0; x < 127; x++)
			buf_char(&file, (char)((x + y) % 2 ? 255 : 0));
	through_decode(pool, file.data, file.size, &content);
	assert_true(content.decided && content.pictures[0].degenerate);
	buf_free(&file);
}

static int open_pool(void **state)
{
	(void)state;
	pool = through_open("src/proc", 60000);
	return 0;
}

static int close_pool(void **state)
{
	(void)state;
	decode_pool_free(pool);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reference_hashes_are_met_in_all_orientations),
		cmocka_unit_test(a_checkerboard_stands_for_nothing),
	};
	return cmocka_run_group_tests(tests, open_pool, close_pool);
}
