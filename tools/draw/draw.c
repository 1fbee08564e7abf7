/* hilf-draw DIR: draws sample pictures, so that `make run` and the tests have something to recognise that anybody may
 * have. DIR/known gets ten pictures, DIR/uploads ten edited copies of each and a dozen strangers: pictures of the same
 * kinds from other seeds. hilf-draw --one FILE draws a single JPEG of a megapixel. The same every time. */
#include "tools/draw/canvas.h"
#include "tools/draw/edits.h"
#include "tools/draw/scenes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jpeglib.h>
#include <png.h>

#define STRANGER_COUNT 12
#define JPEG_QUALITY   90

static _Noreturn void stop(const char *what, const char *path)
{
	fprintf(stderr, "hilf-draw: cannot %s %s: %s\n", what, path, strerror(errno));
	exit(2);
}

static void write_jpeg(FILE *file, const struct canvas *canvas, int quality)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&jpeg);
	jpeg_stdio_dest(&jpeg, file);
	jpeg.image_width = (JDIMENSION)canvas->width;
	jpeg.image_height = (JDIMENSION)canvas->height;
	jpeg.input_components = 3;
	jpeg.in_color_space = JCS_RGB;
	jpeg_set_defaults(&jpeg);
	jpeg_set_quality(&jpeg, quality, TRUE);
	jpeg_start_compress(&jpeg, TRUE);
	while (jpeg.next_scanline < jpeg.image_height) {
		JSAMPROW row = canvas->pixels + (size_t)jpeg.next_scanline * jpeg.image_width * 3;
		jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
}

static bool write_png(FILE *file, const struct canvas *canvas)
{
	png_image image = {.version = PNG_IMAGE_VERSION,
		.width = (png_uint_32)canvas->width,
		.height = (png_uint_32)canvas->height,
		.format = PNG_FORMAT_RGB,
		.flags = PNG_IMAGE_FLAG_FAST};
	return png_image_write_to_stdio(&image, file, 0, canvas->pixels, 0, NULL);
}

static void save(const struct canvas *canvas, const char *path, bool png, int quality)
{
	FILE *file = fopen(path, "wb");
	if (!file)
		stop("write", path);
	if (png && !write_png(file, canvas))
		stop("write", path);
	if (!png)
		write_jpeg(file, canvas, quality);
	if (fclose(file) != 0)
		stop("write", path);
}

static struct canvas paint(const struct scene *scene, uint64_t seed)
{
	struct canvas canvas = canvas_new(scene->width, scene->height);
	scene->paint(&canvas, &seed);
	return canvas;
}

static void make_dir(const char *path)
{
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		stop("make the folder", path);
}

static void draw_known(const char *dir, unsigned index)
{
	const struct scene *scene = &scenes[index];
	bool png = index % 3 == 2;
	char path[4096];
	struct canvas canvas = paint(scene, index + 1);
	snprintf(path, sizeof path, "%s/known/%s.%s", dir, scene->name, png ? "png" : "jpg");
	save(&canvas, path, png, JPEG_QUALITY);
	for (unsigned i = 0; i < EDIT_COUNT; i++) {
		const struct edit *edit = &edits[i];
		struct canvas edited = edit->apply(&canvas);
		snprintf(path, sizeof path, "%s/uploads/%s--%s.%s", dir, scene->name, edit->name,
			edit->ending);
		save(&edited, path, strcmp(edit->ending, "png") == 0, edit->quality);
		canvas_free(&edited);
	}
	canvas_free(&canvas);
}

/* Of the size that platforms make of most uploads. */
static void draw_one(const char *path)
{
	struct scene scene = scenes[0];
	scene.width = 1152;
	scene.height = 896;
	struct canvas canvas = paint(&scene, 1);
	save(&canvas, path, false, JPEG_QUALITY);
	canvas_free(&canvas);
}

int main(int argc, char **argv)
{
	char path[4096];
	if (argc == 3 && strcmp(argv[1], "--one") == 0) {
		draw_one(argv[2]);
		return 0;
	}
	if (argc != 2 || argv[1][0] == '-' || strlen(argv[1]) > 3900) {
		fputs("usage: hilf-draw DIR | --one FILE\nDraws sample pictures: DIR/known, and "
		      "edited copies "
		      "of them and "
		      "strangers in DIR/uploads.\n",
			stderr);
		return 2;
	}
	const char *dir = argv[1];
	make_dir(dir);
	snprintf(path, sizeof path, "%s/known", dir);
	make_dir(path);
	snprintf(path, sizeof path, "%s/uploads", dir);
	make_dir(path);
	for (unsigned i = 0; i < SCENE_COUNT; i++)
		draw_known(dir, i);
	for (unsigned i = 0; i < STRANGER_COUNT; i++) {
		struct canvas canvas = paint(&scenes[i % SCENE_COUNT], 1000 + i);
		snprintf(path, sizeof path, "%s/uploads/stranger-%u.jpg", dir, i + 1);
		save(&canvas, path, false, JPEG_QUALITY);
		canvas_free(&canvas);
	}
	return 0;
}
