/* Every kind of picture that hilf reads, written here, read through the wall, and compared with what it must show. */
#include "test/image/sample.h"
#include "test/image/through.h"
#include "test/unit.h"

#include <string.h>

static struct decode_pool *pool;

static void check_variants(const struct sample *sample, const struct picture *picture,
	const struct hilf_content *content)
{
	size_t count = picture_opaque(picture) ? 1 : HILF_PICTURE_MAX;
	if (content->picture_count != count)
		fail_msg("%s: %zu pictures, not %zu", sample->name, content->picture_count, count);
	for (unsigned i = 0; i < count; i++) {
		struct pdq_result expected;
		const struct hilf_picture *got = &content->pictures[i];
		picture_hash(picture, i, &expected);
		/* On black and on white rounding differs by one at most. */
		int most = sample->distance_max + (i ? 2 : 0);
		for (int turn = 0; turn < HILF_ORIENTATION_COUNT; turn++) {
			int distance = hash_distance(expected.hash[turn], got->pdq[turn]);
			if (distance > most)
				fail_msg("%s: variant %u, orientation %d differs in %d bits",
					sample->name, i, turn, distance);
		}
		assert_int_equal(got->variant, i);
		assert_true(abs(got->quality - expected.quality) <= 1);
	}
}

static void check_sample(const struct sample *sample, uint32_t width, uint32_t height)
{
	struct picture picture;
	struct hilf_content content;
	struct buf file = BUF_INIT;
	picture_draw(&picture, width, height, 1);
	if (!sample->make(&picture, &file)) {
		fprintf(stderr, "SKIPPED: %s: the library here cannot write it\n", sample->name);
	} else {
		through_decode(pool, file.data, file.size, &content);
		if (!content.decided)
			fail_msg("%s: %s: %s", sample->name, content.reason_code, content.reason);
		assert_string_equal(content.format, sample->format);
		/* HEIF's writers store even sides and crop them again. */
		assert_in_range(
			content.width, picture.width, picture.width + (sample->even_sides ? 1 : 0));
		assert_in_range(content.height, picture.height,
			picture.height + (sample->even_sides ? 1 : 0));
		assert_true(content.digests);
		assert_int_equal(content.size, file.size);
		check_variants(sample, &picture, &content);
	}
	buf_free(&file);
	picture_free(&picture);
}

static void check_all(const struct sample *samples)
{
	/* Odd sizes, so that padding shows; and one large enough for several batches and strips. */
	for (; samples->name; samples++) {
		check_sample(samples, 211, 157);
		check_sample(samples, 64, 97);
	}
}

#define MATRIX(name)                                                                               \
	static void every_kind_of_##name##_is_read(void **state)                                   \
	{                                                                                          \
		(void)state;                                                                       \
		check_all(samples_##name);                                                         \
	}

MATRIX(png)
MATRIX(jpeg)
MATRIX(webp)
MATRIX(gif)
MATRIX(tiff)
MATRIX(heif)
MATRIX(plain)

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
		cmocka_unit_test(every_kind_of_png_is_read),
		cmocka_unit_test(every_kind_of_jpeg_is_read),
		cmocka_unit_test(every_kind_of_webp_is_read),
		cmocka_unit_test(every_kind_of_gif_is_read),
		cmocka_unit_test(every_kind_of_tiff_is_read),
		cmocka_unit_test(every_kind_of_heif_is_read),
		cmocka_unit_test(every_kind_of_plain_is_read),
	};
	return cmocka_run_group_tests(tests, open_pool, close_pool);
}
