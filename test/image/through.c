#include "test/image/through.h"

#include "os/file.h"
#include "test/image/sample.h"
#include "test/unit.h"

#include <sys/mman.h>
#include <unistd.h>

struct decode_pool *through_open_with(
	const char *dir, unsigned max, uint32_t timeout_ms, bool insecure)
{
	struct decode_pool *pool = NULL;
	struct hilf_err err = {.text = ""};
	const char *build = getenv("HILF_BUILD");
	char *path = file_join(build ? build : ".", dir);
	assert_non_null(path);
	if (decode_pool_new(path, max, timeout_ms, insecure, &pool, &err) != 0)
		fail_msg("%s", err.text);
	free(path);
	return pool;
}

struct decode_pool *through_open(const char *dir, uint32_t timeout_ms)
{
	return through_open_with(dir, 1, timeout_ms, false);
}

static int file_of(const void *bytes, size_t size)
{
	int fd = memfd_create("sample", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, bytes, size), 0);
	return fd;
}

void through_show(struct decode_pool *pool, const void *bytes, size_t size,
	struct hilf_content *ret_content, struct previews *ret_previews)
{
	struct hilf_err err = {.text = ""};
	int fd = file_of(bytes, size);
	if (decode_file_showing(pool, fd, 0, ret_content, ret_previews, &err) != 0)
		fail_msg("%s", err.text);
	close(fd);
}

void through_decode(
	struct decode_pool *pool, const void *bytes, size_t size, struct hilf_content *ret_content)
{
	struct hilf_err err = {.text = ""};
	int fd = file_of(bytes, size);
	if (decode_file(pool, fd, 0, ret_content, &err) != 0)
		fail_msg("%s", err.text);
	close(fd);
}

bool through_good(struct decode_pool *pool, struct buf *ret_png, struct hilf_content *ret_content)
{
	struct picture picture;
	picture_draw(&picture, 120, 90, 5);
	assert_true(samples_png[0].make(&picture, ret_png));
	picture_free(&picture);
	through_decode(pool, ret_png->data, ret_png->size, ret_content);
	return ret_content->decided;
}
