/* Large photographs are decoded at reduced size and by their luma alone. Against the hash of the full-size picture in
 * colour, which is the one that peers exchange, that may cost 2 bits at the median and 8 at most. */
#include "base/buf.h"
#include "os/file.h"
#include "test/image/sample.h"
#include "test/image/through.h"
#include "test/unit.h"

#include <ftw.h>
#include <string.h>

#include <jpeglib.h>

#define PHOTOS_MAX 16 /* of those that are installed, evenly chosen */
#define FOUND_MAX  2000
#define SIDE_MIN   1024 /* smaller ones are decoded whole and in colour */

static struct decode_pool *pool;
static char *found[FOUND_MAX];
static size_t found_count;

static int note(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	const char *dot = strrchr(path, '.');
	(void)where;
	if (kind == FTW_F && dot && (strcmp(dot, ".jpg") == 0 || strcmp(dot, ".jpeg") == 0) &&
		status->st_size > 200 * 1000 && status->st_size < 4 * 1000 * 1000 &&
		found_count < FOUND_MAX)
		found[found_count++] = strdup(path);
	return 0;
}

/* The hash of all pixels in colour; false for pictures that are small, or not of three components. */
static bool hash_whole(const struct buf *file, struct pdq_result *ret_result)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct pdq *pdq = NULL;
	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, (const unsigned char *)file->data, file->size);
	jpeg_read_header(&jpeg, TRUE);
	bool large = jpeg.num_components == 3 && jpeg.image_width >= SIDE_MIN &&
		     jpeg.image_height >= SIDE_MIN;
	if (large) {
		uint8_t *row = malloc((size_t)jpeg.image_width * 3);
		jpeg.out_color_space = JCS_RGB;
		jpeg_start_decompress(&jpeg);
		assert_int_equal(
			pdq_new(jpeg.output_width, jpeg.output_height, PDQ_RGB8, &pdq, NULL), 0);
		while (jpeg.output_scanline < jpeg.output_height) {
			jpeg_read_scanlines(&jpeg, &row, 1);
			pdq_rows(pdq, row, (size_t)jpeg.output_width * 3, 1);
		}
		jpeg_finish_decompress(&jpeg);
		pdq_finish(pdq, ret_result);
		pdq_free(pdq);
		free(row);
	}
	jpeg_destroy_decompress(&jpeg);
	return large;
}

/* Distances of our hashes from the whole picture's, one for each orientation. */
struct distances {
	int bits[PHOTOS_MAX * HILF_ORIENTATION_COUNT];
	size_t count;
};

static void compare(const struct buf *file, const char *name, struct distances *distances)
{
	struct pdq_result whole;
	struct hilf_content content;
	if (!hash_whole(file, &whole) || whole.degenerate)
		return;
	through_decode(pool, file->data, file->size, &content);
	assert_true(content.decided);
	for (int i = 0; i < HILF_ORIENTATION_COUNT; i++) {
		int distance = hash_distance(whole.hash[i], content.pictures[0].pdq[i]);
		if (distance > 8)
			print_error("%s: orientation %d differs in %d bits\n", name, i, distance);
		distances->bits[distances->count++] = distance;
	}
}

static int by_number(const void *one, const void *other)
{
	return *(const int *)one - *(const int *)other;
}

static void check(struct distances *distances)
{
	int *bits = distances->bits;
	size_t count = distances->count;
	assert_true(count > 0);
	qsort(bits, count, sizeof *bits, by_number);
	printf("%zu pictures in 8 orientations: median %d bits, most %d\n",
		count / HILF_ORIENTATION_COUNT, bits[count / 2], bits[count - 1]);
	assert_true(bits[count / 2] <= 2);
	assert_true(bits[count - 1] <= 8);
}

static void installed_photographs_keep_their_hashes(void **state)
{
	(void)state;
	struct distances distances = {.count = 0};
	struct hilf_err err;
	nftw("/usr/share/wallpapers", note, 16, FTW_PHYS);
	nftw("/usr/share/backgrounds", note, 16, FTW_PHYS);
	if (!found_count)
		skip_aloud("no wallpapers are installed (plasma-workspace-wallpapers, "
			   "mate-backgrounds, ...)");
	for (size_t i = 0; i < PHOTOS_MAX && i < found_count; i++) {
		struct buf file = BUF_INIT;
		size_t which = found_count > PHOTOS_MAX ? i * found_count / PHOTOS_MAX : i;
		assert_int_equal(file_read(found[which], 8 << 20, &file, &err), 0);
		compare(&file, found[which], &distances);
		buf_free(&file);
	}
	if (!distances.count)
		skip_aloud("no installed wallpaper is large enough");
	check(&distances);
}

static void large_pictures_made_here_keep_their_hashes(void **state)
{
	(void)state;
	static const uint32_t sizes[][2] = {{2400, 1100}, {1300, 2100}, {3100, 2080}};
	struct distances distances = {.count = 0};
	for (uint32_t i = 0; i < 6; i++) {
		struct picture picture;
		struct buf file = BUF_INIT;
		picture_draw(&picture, sizes[i / 2][0], sizes[i / 2][1], i);
		/* Baseline and progressive, by the samples' own names. */
		for (const struct sample *sample = samples_jpeg; sample->name; sample++)
			if (strcmp(sample->name, i % 2 ? "jpeg progressive" : "jpeg") == 0)
				assert_true(sample->make(&picture, &file));
		compare(&file, "a picture made here", &distances);
		buf_free(&file);
		picture_free(&picture);
	}
	check(&distances);
}

static int open_pool(void **state)
{
	(void)state;
	pool = through_open("src/proc", 120000);
	return 0;
}

static int close_pool(void **state)
{
	(void)state;
	decode_pool_free(pool);
	while (found_count)
		free(found[--found_count]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(installed_photographs_keep_their_hashes),
		cmocka_unit_test(large_pictures_made_here_keep_their_hashes),
	};
	return cmocka_run_group_tests(tests, open_pool, close_pool);
}
