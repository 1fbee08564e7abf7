/* Memory that runs out: the k-th allocation of hilf's own code fails, for all k, until the work is done. In a decoder
 * that must come out as what it is; in the client it must be a failure, or none, and leave nothing behind. */
#include "media/image/image.h"

#include "test/image/sample.h"
#include "test/image/through.h"
#include "test/unit.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Linked with --wrap, so that these stand before the allocator for all static code. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static long left = -1; /* allocations until one fails; below 0: none does */
static bool failed;

static bool fail_now(void)
{
	if (left < 0 || left-- > 0)
		return false;
	failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fail_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fail_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fail_now() ? NULL : __real_realloc(old, size);
}

static int take_head(void *ctx, const struct image_head *head)
{
	(void)ctx;
	(void)head;
	return 0;
}

static int take_picture(void *ctx, uint8_t variant, bool partial, const struct pdq_result *result)
{
	(void)ctx;
	(void)variant;
	(void)partial;
	(void)result;
	return 0;
}

static int take_preview(void *ctx, const struct image_shown *shown)
{
	bool *shown_any = ctx;
	*shown_any = shown->size > 0;
	return 0;
}

/* Without memory for a preview there is none, and the picture is read all the same. */
static void check_with_preview(const struct sample *sample, const struct buf *file)
{
	bool shown_any = false;
	const struct image_out out = {&shown_any, take_head, take_picture, take_preview};
	for (long k = 0; !shown_any || failed; k++) {
		struct hilf_err err = {.text = ""};
		left = k;
		failed = shown_any = false;
		int rc = image_decode((const uint8_t *)file->data, file->size, &out, &err);
		left = -1;
		if (rc && rc != HILF_E_NO_MEMORY)
			fail_msg("%s: allocation %ld: %d %s", sample->name, k, rc, err.text);
		assert_true(k < 10000);
	}
}

static void check(const struct sample *sample, const struct buf *file)
{
	const struct image_out out = {NULL, take_head, take_picture, NULL};
	for (long k = 0;; k++) {
		struct hilf_err err = {.text = ""};
		left = k;
		failed = false;
		int rc = image_decode((const uint8_t *)file->data, file->size, &out, &err);
		left = -1;
		if (!failed) {
			assert_int_equal(rc, 0);
			assert_true(k > 0);
			return;
		}
		if (rc != HILF_E_NO_MEMORY)
			fail_msg("%s: allocation %ld: %d %s", sample->name, k, rc, err.text);
		assert_true(err.code == HILF_E_NO_MEMORY && *err.text);
	}
}

static void every_codec_says_that_memory_ran_out(void **state)
{
	(void)state;
	static const struct sample *const all[] = {samples_png, samples_jpeg, samples_webp,
		samples_gif, samples_tiff, samples_heif, samples_plain};
	image_prepare();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (const struct sample *sample = all[i]; sample->name; sample++) {
			struct picture picture;
			struct buf file = BUF_INIT;
			picture_draw(&picture, 70, 50, 2);
			if (sample->make(&picture, &file)) {
				check(sample, &file);
				check_with_preview(sample, &file);
			}
			buf_free(&file);
			picture_free(&picture);
		}
}

static void the_client_fails_whole_or_not_at_all(void **state)
{
	(void)state;
	struct picture picture;
	struct buf file = BUF_INIT;
	picture_draw(&picture, 70, 50, 2);
	assert_true(samples_png[0].make(&picture, &file));
	int fd = memfd_create("fault", MFD_CLOEXEC);
	assert_int_equal(write(fd, file.data, file.size), (ssize_t)file.size);
	for (long k = 0, done = 0; !done; k++) {
		struct hilf_content content = {.size = 77};
		struct hilf_err err = {.text = ""};
		left = -1;
		struct decode_pool *pool = through_open("src/proc", 60000);
		left = k;
		failed = false;
		int rc = decode_file(pool, fd, 0, &content, &err);
		left = -1;
		done = !failed;
		if (rc) {
			assert_int_equal(rc, HILF_E_NO_MEMORY);
			assert_int_equal(err.code, HILF_E_NO_MEMORY);
			assert_int_equal(content.size, 77);
		} else {
			assert_true(content.decided);
		}
		/* And works again. */
		assert_int_equal(decode_file(pool, fd, 0, &content, &err), 0);
		assert_true(content.decided && content.size == file.size);
		decode_pool_free(pool);
	}
	close(fd);
	buf_free(&file);
	picture_free(&picture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_codec_says_that_memory_ran_out),
		cmocka_unit_test(the_client_fails_whole_or_not_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
