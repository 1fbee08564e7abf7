/* Files that are cut, flipped, lying or bombs. None may be a failure of the machine, crash, or be decided where it is
 * not whole; each is undecided for its reason, and the next file is none the worse. */
#include "os/file.h"
#include "test/image/sample.h"
#include "test/image/through.h"
#include "test/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <zlib.h>

static struct decode_pool *pool;
static struct buf good; /* a PNG that is whole */
static struct hilf_content good_content;

static const struct sample *const all[] = {samples_png, samples_jpeg, samples_webp, samples_gif,
	samples_tiff, samples_heif, samples_plain};

static void assert_good_still_decodes(void)
{
	struct hilf_content content;
	through_decode(pool, good.data, good.size, &content);
	assert_true(content.decided);
	assert_memory_equal(content.pictures, good_content.pictures, sizeof content.pictures);
}

static void assert_undecided(const void *bytes, size_t size, const char *code)
{
	struct hilf_content content;
	through_decode(pool, bytes, size, &content);
	assert_false(content.decided);
	if (strcmp(content.reason_code, code) != 0)
		fail_msg("undecided because \"%s\" (%s), not \"%s\"", content.reason_code,
			content.reason, code);
	assert_true(*content.reason && content.digests && content.size == size);
}

/* Calls fn with a file of each kind that can be written here. */
static void each_sample(void (*fn)(const struct sample *sample, const struct buf *file))
{
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (const struct sample *sample = all[i]; sample->name; sample++) {
			struct picture picture;
			struct buf file = BUF_INIT;
			picture_draw(&picture, 99, 75, 2);
			if (sample->make(&picture, &file))
				fn(sample, &file);
			buf_free(&file);
			picture_free(&picture);
		}
}

static void cut(const struct sample *sample, const struct buf *file)
{
	for (int part = 0; part < 20; part++) {
		struct hilf_content content;
		through_decode(pool, file->data, file->size * (size_t)part / 20, &content);
		/* A GIF and a TIFF may have things behind their first picture; a packed BMP may do without its last rows. */
		bool spare = strstr(sample->name, "animated") || strstr(sample->name, "packed") ||
			     strcmp(sample->format, "tiff") == 0;
		if (content.decided && !spare)
			fail_msg("%s: decided with %d/20 of its bytes", sample->name, part);
		if (!content.decided && strcmp(content.reason_code, "corrupt") != 0 &&
			strcmp(content.reason_code, "unsupported") != 0)
			fail_msg("%s: %d/20: %s: %s", sample->name, part, content.reason_code,
				content.reason);
		assert_true(content.digests);
	}
}

static void a_file_that_is_cut_short_is_undecided(void **state)
{
	(void)state;
	each_sample(cut);
	assert_good_still_decodes();
}

/* Samples by their names, as files. */
static void make_named(const struct sample *samples, const char *name, struct buf *file)
{
	struct picture picture;
	picture_draw(&picture, 240, 180, 2);
	while (strcmp(samples->name, name) != 0)
		samples++;
	assert_true(samples->make(&picture, file));
	picture_free(&picture);
}

static void what_was_read_of_a_cut_file_is_kept(void **state)
{
	(void)state;
	static const struct {
		const struct sample *samples;
		const char *name;
	} streamed[] = {{samples_png, "png rgb"}, {samples_jpeg, "jpeg"}, {samples_gif, "gif"},
		{samples_tiff, "tiff rgb"}, {samples_webp, "webp lossless"}, {samples_plain, "ppm"},
		{samples_plain, "bmp 24 bits top down"}};
	for (size_t i = 0; i < sizeof streamed / sizeof *streamed; i++) {
		struct hilf_content content;
		struct buf file = BUF_INIT;
		make_named(streamed[i].samples, streamed[i].name, &file);
		/* Three quarters of the rows are a picture, if not the picture; a quarter is none. A TIFF cannot do without
		 * its end, which tells what it is, so nothing is promised of it. */
		through_decode(pool, file.data, file.size * 3 / 4, &content);
		assert_false(content.decided);
		if (strcmp(content.format, "tiff") != 0 && *content.format)
			assert_int_equal(content.picture_count, 1);
		through_decode(pool, file.data, file.size / 4, &content);
		assert_false(content.decided);
		assert_int_equal(content.picture_count, 0);
		buf_free(&file);
	}
}

static uint32_t seed = 7;

static uint32_t chance(void)
{
	return (seed = seed * 1664525u + 1013904223u) >> 8;
}

static void flip(const struct sample *sample, const struct buf *file)
{
	char *copy = malloc(file->size);
	assert_non_null(copy);
	for (int i = 0; i < 12; i++) {
		struct hilf_content content;
		memcpy(copy, file->data, file->size);
		/* One in the head, one anywhere. */
		copy[chance() % (file->size < 64 ? file->size : 64)] ^= (char)(1u << chance() % 8);
		copy[chance() % file->size] ^= (char)(1 + chance() % 255);
		through_decode(pool, copy, file->size, &content);
		/* A crash would be the library's, and is what the wall is for; these would be ours. */
		if (strcmp(content.reason_code, "forbidden") == 0 ||
			strcmp(content.reason_code, "garbage") == 0)
			fail_msg("%s: %s: %s", sample->name, content.reason_code, content.reason);
	}
	free(copy);
}

static void a_file_with_flipped_bytes_harms_nobody(void **state)
{
	(void)state;
	each_sample(flip);
	assert_good_still_decodes();
}

/* ------------------------------------------------------------------------------------------------- bombs */

static void add_chunk(struct buf *file, const char *type, const void *bytes, uint32_t size)
{
	uint32_t check = (uint32_t)crc32(crc32(0, (const Bytef *)type, 4), bytes, size);
	const uint32_t head = __builtin_bswap32(size), tail = __builtin_bswap32(check);
	buf_add(file, &head, 4);
	buf_add(file, type, 4);
	buf_add(file, bytes, size);
	buf_add(file, &tail, 4);
}

/* Black, width x height of one grey byte each. */
static void make_black(uint32_t width, uint32_t height, struct buf *file)
{
	uint8_t head[13] = {0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0};
	for (int i = 0; i < 4; i++) {
		head[i] = (uint8_t)(width >> (24 - 8 * i));
		head[4 + i] = (uint8_t)(height >> (24 - 8 * i));
	}
	z_stream stream = {0};
	uint8_t *row = calloc(1, width + 1u), *packed = malloc(1 << 20);
	assert_true(row && packed && deflateInit2(&stream, 9, Z_DEFLATED, 15, 9, Z_RLE) == Z_OK);
	stream.next_out = packed;
	stream.avail_out = 1 << 20;
	for (uint32_t y = 0; y < height; y++) {
		stream.next_in = row;
		stream.avail_in = width + 1;
		assert_int_equal(deflate(&stream, y + 1 == height ? Z_FINISH : Z_NO_FLUSH),
			y + 1 == height ? Z_STREAM_END : Z_OK);
	}
	buf_add(file, "\x89PNG\r\n\x1a\n", 8);
	add_chunk(file, "IHDR", head, sizeof head);
	add_chunk(file, "IDAT", packed, (uint32_t)stream.total_out);
	add_chunk(file, "IEND", "", 0);
	deflateEnd(&stream);
	free(row);
	free(packed);
}

static void a_png_of_twenty_thousand_squared_is_over_the_limit(void **state)
{
	(void)state;
	struct buf file = BUF_INIT;
	make_black(20000, 20000, &file);
	assert_true(file.size < 500 * 1000);
	assert_undecided(file.data, file.size, "limit");
	buf_free(&file);
	assert_good_still_decodes();
}

static void a_png_packed_a_thousand_times_is_over_the_limit(void **state)
{
	(void)state;
	struct buf file = BUF_INIT;
	make_black(5000, 5000, &file);
	assert_true(file.size < 50 * 1000);
	assert_undecided(file.data, file.size, "limit");
	buf_free(&file);
}

static void what_is_empty_or_no_picture_is_unsupported(void **state)
{
	(void)state;
	static const char text[] = "This is a text that somebody renamed to .jpg\n";
	assert_undecided("", 0, "unsupported");
	assert_undecided("\0", 1, "unsupported");
	assert_undecided(text, sizeof text - 1, "unsupported");
	assert_undecided("GIF89a", 6, "corrupt");
	assert_good_still_decodes();
}

static void a_file_beyond_the_size_is_digested_and_undecided(void **state)
{
	(void)state;
	struct hilf_content content;
	struct hilf_err err;
	int fd = memfd_create("large", MFD_CLOEXEC);
	assert_true(fd >= 0 && ftruncate(fd, (64 << 20) + 1) == 0);
	assert_int_equal(decode_file(pool, fd, 0, &content, &err), 0);
	assert_false(content.decided);
	assert_string_equal(content.reason_code, "limit");
	assert_true(content.digests);
	close(fd);
}

/* ------------------------------------------------------------------------------------------------- input */

static int good_file(void)
{
	int fd = memfd_create("good", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, good.data, good.size), 0);
	return fd;
}

static void the_position_of_a_file_is_left_alone(void **state)
{
	(void)state;
	struct hilf_content content;
	int fd = good_file();
	assert_int_equal(lseek(fd, 11, SEEK_SET), 11);
	assert_int_equal(decode_file(pool, fd, 0, &content, NULL), 0);
	assert_true(content.decided);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 11);
	close(fd);
}

struct feed {
	int fd;
	size_t size;
};

static void *feed_pipe(void *argument)
{
	const struct feed *feed = argument;
	file_write_all(feed->fd, good.data, good.size);
	/* Behind the picture's end anything may stand. */
	static const char zeros[65536];
	for (size_t done = good.size; done < feed->size; done += sizeof zeros)
		file_write_all(feed->fd, zeros, sizeof zeros);
	close(feed->fd);
	return NULL;
}

static void decode_pipe(size_t size, struct hilf_content *ret_content)
{
	int fds[2];
	pthread_t thread;
	assert_int_equal(pipe(fds), 0);
	struct feed feed = {fds[1], size};
	assert_int_equal(pthread_create(&thread, NULL, feed_pipe, &feed), 0);
	assert_int_equal(decode_file(pool, fds[0], 0, ret_content, NULL), 0);
	pthread_join(thread, NULL);
	close(fds[0]);
}

static void a_pipe_is_copied_and_decoded(void **state)
{
	(void)state;
	struct hilf_content content;
	decode_pipe(0, &content);
	assert_true(content.decided && content.digests);
	assert_memory_equal(content.sha256, good_content.sha256, sizeof content.sha256);
	assert_memory_equal(content.md5, good_content.md5, sizeof content.md5);
	assert_memory_equal(content.pictures, good_content.pictures, sizeof content.pictures);
	/* Past the memory it goes to a file, past the limit nowhere. */
	decode_pipe(20 << 20, &content);
	assert_true(content.decided);
	assert_true(content.size >= 20 << 20);
	decode_pipe(70 << 20, &content);
	assert_false(content.decided);
	assert_string_equal(content.reason_code, "limit");
	assert_true(content.digests && content.size >= 70 << 20);
}

static void a_folder_is_refused(void **state)
{
	(void)state;
	struct hilf_content content = {.size = 77};
	struct hilf_err err;
	int fd = open("/", O_RDONLY | O_DIRECTORY);
	assert_int_equal(decode_file(pool, fd, 0, &content, &err), HILF_E_INVALID);
	assert_int_equal(content.size, 77);
	close(fd);
}

static void a_file_that_cannot_be_read_is_a_failure_of_the_machine(void **state)
{
	(void)state;
	struct hilf_content content = {.size = 77};
	struct hilf_err err = {.text = ""};
	int fd = open("/proc/self/mem", O_RDONLY);
	assert_int_equal(decode_file(pool, fd, 0, &content, &err), HILF_E_IO);
	assert_true(err.sys && *err.text && content.size == 77);
	close(fd);
	assert_int_equal(decode_file(pool, -1, 0, &content, &err), HILF_E_IO);
}

static void a_missing_helper_is_a_failure_of_the_machine(void **state)
{
	(void)state;
	struct decode_pool *none = through_open("no/such/folder", 0);
	struct hilf_content content = {.size = 77};
	struct hilf_err err = {.text = ""};
	int fd = good_file();
	assert_int_equal(decode_file(none, fd, 0, &content, &err), HILF_E_HELPER);
	assert_non_null(strstr(err.text, "no/such/folder/hilf-decode-image"));
	assert_int_equal(content.size, 77);
	close(fd);
	decode_pool_free(none);
}

static void the_helper_tells_its_walls_and_formats(void **state)
{
	(void)state;
	unsigned walls = 0;
	char formats[128];
	assert_int_equal(decode_pool_walls(pool, &walls, formats, sizeof formats, NULL), 0);
	assert_int_equal(walls & 7, 7);
	assert_string_equal(formats, "jpeg png webp gif tiff heic avif bmp pnm");
}

static int open_pool(void **state)
{
	(void)state;
	pool = through_open("src/proc", 60000);
	return through_good(pool, &good, &good_content) ? 0 : -1;
}

static int close_pool(void **state)
{
	(void)state;
	decode_pool_free(pool);
	buf_free(&good);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_is_cut_short_is_undecided),
		cmocka_unit_test(what_was_read_of_a_cut_file_is_kept),
		cmocka_unit_test(a_file_with_flipped_bytes_harms_nobody),
		cmocka_unit_test(a_png_of_twenty_thousand_squared_is_over_the_limit),
		cmocka_unit_test(a_png_packed_a_thousand_times_is_over_the_limit),
		cmocka_unit_test(what_is_empty_or_no_picture_is_unsupported),
		cmocka_unit_test(a_file_beyond_the_size_is_digested_and_undecided),
		cmocka_unit_test(the_position_of_a_file_is_left_alone),
		cmocka_unit_test(a_pipe_is_copied_and_decoded),
		cmocka_unit_test(a_folder_is_refused),
		cmocka_unit_test(a_file_that_cannot_be_read_is_a_failure_of_the_machine),
		cmocka_unit_test(a_missing_helper_is_a_failure_of_the_machine),
		cmocka_unit_test(the_helper_tells_its_walls_and_formats),
	};
	return cmocka_run_group_tests(tests, open_pool, close_pool);
}
