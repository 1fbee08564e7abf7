/* What the wall costs: processor time of everybody and wall clock for a picture so small that decoding it is nothing.
 * A fresh child is forked, walled in, decodes, answers and is reaped for each.
 *
 *   wall_bench HELPER_DIR [COUNT] */
#include "engine/decode.h"
#include "os/clock.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define SIDE 64

static int make_picture(void)
{
	static uint8_t pixels[SIDE * SIDE * 3], bytes[64 * 1024];
	png_image image = {.version = PNG_IMAGE_VERSION,
		.width = SIDE,
		.height = SIDE,
		.format = PNG_FORMAT_RGB};
	png_alloc_size_t size = sizeof bytes;
	uint32_t seed = 1;
	for (size_t i = 0; i < sizeof pixels; i++)
		pixels[i] = (uint8_t)((seed = seed * 1664525u + 1013904223u) >> 24);
	int fd = memfd_create("picture", MFD_CLOEXEC);
	if (!png_image_write_to_memory(&image, bytes, &size, 0, pixels, 0, NULL) || fd < 0 ||
		write(fd, bytes, size) != (ssize_t)size)
		return -1;
	return fd;
}

static double processor_ms(int who)
{
	struct rusage usage;
	getrusage(who, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static int fail(const struct hilf_err *err)
{
	fprintf(stderr, "wall_bench: %s\n", err->text);
	return 1;
}

int main(int argc, char **argv)
{
	struct hilf_err err = {0};
	struct decode_pool *pool;
	struct hilf_content content;
	unsigned count = argc > 2 ? (unsigned)atoi(argv[2]) : 2000, walls = 0;
	char formats[128];
	int fd = make_picture();
	if (argc < 2 || fd < 0 || !count)
		return fprintf(stderr, "usage: wall_bench HELPER_DIR [COUNT]\n"), 2;
	if (decode_pool_new(argv[1], 1, 0, false, &pool, &err) != 0)
		return fail(&err);
	int64_t begin = clock_monotonic_us();
	if (decode_pool_walls(pool, &walls, formats, sizeof formats, &err) != 0)
		return fail(&err);
	double start_ms = (double)(clock_monotonic_us() - begin) / 1e3;
	double own = processor_ms(RUSAGE_SELF), others = processor_ms(RUSAGE_CHILDREN);
	begin = clock_monotonic_us();
	for (unsigned i = 0; i < count; i++)
		if (decode_file(pool, fd, 0, &content, &err) != 0 || !content.decided)
			return err.code ? fail(&err)
					: (fprintf(stderr, "wall_bench: %s\n", content.reason), 1);
	double clock_ms = (double)(clock_monotonic_us() - begin) / 1e3;
	/* The helper and its children are accounted for once they are reaped; its start is a small part of them. */
	decode_pool_free(pool);
	own = processor_ms(RUSAGE_SELF) - own;
	others = processor_ms(RUSAGE_CHILDREN) - others;
	printf("the wall, %d x %d PNG, %u files: processor %.3f ms a file (hilf %.3f, helper and "
	       "child %.3f), "
	       "clock %.3f ms; floor 2 ms, goal 1 ms; the helper starts in %.1f ms\n",
		SIDE, SIDE, count, (own + others) / count, own / count, others / count,
		clock_ms / count, start_ms);
	return 0;
}
