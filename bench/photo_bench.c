/* What hilf adds to the decoding of a large photograph: from the file to its content (through the wall, with digests and
 * hashes in eight orientations) against libjpeg-turbo's bare decoding at the scale hilf uses, of the luma alone (what
 * hilf asks of it) and in colour (what it does by itself). One photograph of 12 to 18 megapixels, as baseline and as
 * progressive JPEG: an installed one where there is any, else one made here.
 *
 *   photo_bench HELPER_DIR [FILE] */
#include "base/buf.h"
#include "bench/bench.h"
#include "engine/decode.h"
#include "os/file.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <jpeglib.h>

#define PIXELS_MIN 12000000u
#define PIXELS_MAX 18500000u
#define SHORT_SIDE 1024u /* as in media/image/jpeg.c */

struct photo {
	unsigned char *bytes;
	unsigned long size;
	unsigned width, height, eighths;
	int fd;
	bool luma; /* what the peer is asked for */
	struct decode_pool *pool;
};

static void begin(struct jpeg_decompress_struct *jpeg, struct jpeg_error_mgr *errors,
	const void *bytes, size_t size)
{
	jpeg->err = jpeg_std_error(errors);
	jpeg_create_decompress(jpeg);
	jpeg_mem_src(jpeg, bytes, size);
	jpeg_read_header(jpeg, TRUE);
}

/* ------------------------------------------------------------------------------------------ a photograph */

static char *found;
static off_t found_size;

static int consider(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	const char *dot = strrchr(path, '.');
	struct buf file = BUF_INIT;
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	(void)where;
	/* The middle of what cameras write. */
	if (kind != FTW_F || !dot || strncmp(dot, ".jp", 3) != 0 || status->st_size < 2000000 ||
		status->st_size > 8000000 || status->st_size < found_size ||
		file_read(path, 8 << 20, &file, NULL) != 0)
		return 0;
	begin(&jpeg, &errors, file.data, file.size);
	size_t pixels = (size_t)jpeg.image_width * jpeg.image_height;
	if (pixels >= PIXELS_MIN && pixels <= PIXELS_MAX && jpeg.num_components == 3) {
		free(found);
		found = strdup(path);
		found_size = status->st_size;
	}
	jpeg_destroy_decompress(&jpeg);
	buf_free(&file);
	return 0;
}

/* Slopes, edges at many sizes and the grain of a sensor. */
static void draw_row(uint8_t *row, unsigned width, unsigned y, uint32_t *seed)
{
	for (unsigned x = 0; x < width; x++) {
		unsigned value = (x * 40 / width) + (y * 60 / 3000);
		for (unsigned cell = 16; cell <= 1024; cell *= 4) {
			uint32_t mix = (x / cell) * 2654435761u ^ (y / cell) * 2246822519u ^ cell;
			value += (mix ^ mix >> 15) % 40;
		}
		*seed = *seed * 1664525u + 1013904223u;
		for (unsigned c = 0; c < 3; c++)
			row[3 * x + c] = (uint8_t)(value + (*seed >> (8 + 4 * c)) % 10 + 10 * c);
	}
}

static void make_photo(struct buf *file)
{
	enum { WIDTH = 4608, HEIGHT = 3456 };
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	unsigned char *bytes = NULL;
	unsigned long size = 0;
	uint8_t *row = malloc(WIDTH * 3);
	uint32_t seed = 1;
	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &bytes, &size);
	jpeg.image_width = WIDTH;
	jpeg.image_height = HEIGHT;
	jpeg.input_components = 3;
	jpeg.in_color_space = JCS_RGB;
	jpeg_set_defaults(&jpeg);
	jpeg_set_quality(&jpeg, 90, TRUE);
	jpeg_start_compress(&jpeg, TRUE);
	for (unsigned y = 0; y < HEIGHT; y++) {
		draw_row(row, WIDTH, y, &seed);
		jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	buf_add(file, bytes, size);
	free(bytes);
	free(row);
}

/* The same coefficients, baseline or progressive. */
static bool transcode(const struct buf *file, bool progressive, struct photo *photo)
{
	struct jpeg_decompress_struct in;
	struct jpeg_compress_struct out;
	struct jpeg_error_mgr errors;
	begin(&in, &errors, file->data, file->size);
	jvirt_barray_ptr *coefficients = jpeg_read_coefficients(&in);
	out.err = &errors;
	jpeg_create_compress(&out);
	jpeg_mem_dest(&out, &photo->bytes, &photo->size);
	jpeg_copy_critical_parameters(&in, &out);
	if (progressive)
		jpeg_simple_progression(&out);
	jpeg_write_coefficients(&out, coefficients);
	jpeg_finish_compress(&out);
	jpeg_destroy_compress(&out);
	photo->width = in.image_width;
	photo->height = in.image_height;
	jpeg_finish_decompress(&in);
	jpeg_destroy_decompress(&in);
	unsigned side = photo->width < photo->height ? photo->width : photo->height;
	for (photo->eighths = 1; photo->eighths < 8 && side * photo->eighths < SHORT_SIDE * 8;)
		photo->eighths *= 2;
	photo->fd = memfd_create("photo", MFD_CLOEXEC);
	return photo->fd >= 0 && file_write_all(photo->fd, photo->bytes, photo->size) == 0;
}

/* ----------------------------------------------------------------------------------------------- measuring */

static void ours(void *ctx)
{
	struct photo *photo = ctx;
	struct hilf_content content;
	struct hilf_err err = {.text = ""};
	if (decode_file(photo->pool, photo->fd, 0, &content, &err) != 0 || !content.decided) {
		fprintf(stderr, "photo_bench: %s\n", *err.text ? err.text : content.reason);
		exit(1);
	}
	bench_use(&content);
}

static void theirs(void *ctx)
{
	struct photo *photo = ctx;
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	begin(&jpeg, &errors, photo->bytes, photo->size);
	jpeg.scale_num = photo->eighths;
	jpeg.scale_denom = 8;
	jpeg.out_color_space = photo->luma ? JCS_GRAYSCALE : JCS_RGB;
	jpeg_start_decompress(&jpeg);
	uint8_t *row = malloc((size_t)jpeg.output_width * 3);
	while (jpeg.output_scanline < jpeg.output_height)
		jpeg_read_scanlines(&jpeg, &row, 1);
	bench_use(row);
	jpeg_finish_decompress(&jpeg);
	jpeg_destroy_decompress(&jpeg);
	free(row);
}

static double processor_s(int who)
{
	struct rusage usage;
	getrusage(who, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

#define RUNS 10

/* What a busy machine cannot blur as much: the processor time of the helper and its children for a file, without that of
 * starting a helper (children are accounted for once the helper is reaped), and libjpeg-turbo's. */
static void measure_processor(struct photo *photo, const char *helper_dir, const char *kind)
{
	double start[2], helper[2];
	for (int runs = 0; runs < 2; runs++) {
		start[runs] = processor_s(RUSAGE_CHILDREN);
		if (decode_pool_new(helper_dir, 1, 60000, false, &photo->pool, NULL) != 0)
			exit(1);
		for (int i = 0; i < 1 + runs * RUNS; i++)
			ours(photo);
		decode_pool_free(photo->pool);
		helper[runs] = processor_s(RUSAGE_CHILDREN) - start[runs];
	}
	photo->luma = true;
	double before = processor_s(RUSAGE_SELF);
	for (int i = 0; i < RUNS; i++)
		theirs(photo);
	double peer = (processor_s(RUSAGE_SELF) - before) / RUNS,
	       hilf = (helper[1] - helper[0]) / RUNS;
	printf("%s, processor time of the decoder: hilf %.1f ms | libjpeg-turbo %.1f ms luma | on "
	       "top %.1f ms\n",
		kind, hilf * 1e3, peer * 1e3, (hilf - peer) * 1e3);
}

static void measure(struct photo *photo, const char *kind)
{
	double hilf, luma, colour, again;
	photo->luma = true;
	bench_pair(ours, photo, theirs, photo, 2, &hilf, &luma);
	photo->luma = false;
	bench_pair(ours, photo, theirs, photo, 2, &again, &colour);
	hilf = again < hilf ? again : hilf;
	printf("%s, %u x %u, %lu kB, at %u/8: hilf %.1f ms | libjpeg-turbo %.1f ms luma, %.1f ms "
	       "colour | "
	       "on top %.1f ms, %.1f ms (floor 8, goal 3)\n",
		kind, photo->width, photo->height, photo->size / 1000, photo->eighths, hilf * 1e3,
		luma * 1e3, colour * 1e3, (hilf - luma) * 1e3, (hilf - colour) * 1e3);
}

int main(int argc, char **argv)
{
	struct hilf_err err = {.text = ""};
	struct buf file = BUF_INIT;
	struct photo photo = {.fd = -1};
	if (argc < 2)
		return fprintf(stderr, "usage: photo_bench HELPER_DIR [FILE]\n"), 2;
	if (argc < 3)
		nftw("/usr/share", consider, 16, FTW_PHYS);
	const char *path = argc > 2 ? argv[2] : found;
	if (!path)
		make_photo(&file);
	else if (file_read(path, 64 << 20, &file, &err) != 0)
		return fprintf(stderr, "photo_bench: %s\n", err.text), 1;
	printf("%s\n", path ? path : "a photograph made here");
	for (int progressive = 0; progressive < 2; progressive++) {
		if (decode_pool_new(argv[1], 1, 60000, false, &photo.pool, &err) != 0 ||
			!transcode(&file, progressive, &photo))
			return fprintf(stderr, "photo_bench: cannot begin\n"), 1;
		measure(&photo, progressive ? "progressive" : "baseline");
		decode_pool_free(photo.pool);
		measure_processor(&photo, argv[1], progressive ? "progressive" : "baseline");
		close(photo.fd);
		free(photo.bytes);
		photo = (struct photo){.fd = -1};
	}
	free(found);
	buf_free(&file);
	return 0;
}
