#include "test/image/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

struct kind {
	J_COLOR_SPACE in, stored;
	int samples;
	bool progressive, subsampled, arithmetic;
	int orientation; /* of an EXIF tag, or 0 */
};

/* A tag that turns the picture, for readers that look at it. */
static void write_exif(struct jpeg_compress_struct *jpeg, int orientation)
{
	uint8_t exif[] = "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0";
	exif[24] = (uint8_t)orientation;
	jpeg_write_marker(jpeg, JPEG_APP0 + 1, exif, sizeof exif - 1);
}

static void set_pixel(const uint8_t *pixel, const struct kind *kind, uint8_t *to)
{
	/* All colour as ink, some of it black; Adobe's files hold it inverted. */
	if (kind->samples == 4) {
		uint8_t light = pixel[0] > pixel[1] ? pixel[0] : pixel[1];
		light = pixel[2] > light ? pixel[2] : light;
		for (int i = 0; i < 3; i++)
			to[i] = light ? (uint8_t)(pixel[i] * 255 / light) : 0;
		to[3] = light;
	} else {
		memcpy(to, pixel, (size_t)kind->samples);
	}
}

static bool write_jpeg(const struct picture *picture, const struct kind *kind, struct buf *file)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	unsigned char *bytes = NULL;
	unsigned long size = 0;
	uint8_t *row = malloc((size_t)picture->width * 4);
	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &bytes, &size);
	jpeg.image_width = picture->width;
	jpeg.image_height = picture->height;
	jpeg.input_components = kind->samples;
	jpeg.in_color_space = kind->in;
	jpeg_set_defaults(&jpeg);
	jpeg_set_colorspace(&jpeg, kind->stored);
	jpeg_set_quality(&jpeg, 97, TRUE);
	jpeg.arith_code = kind->arithmetic;
	if (kind->samples > 1 && !kind->subsampled)
		jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = 1;
	if (kind->progressive)
		jpeg_simple_progression(&jpeg);
	jpeg_start_compress(&jpeg, TRUE);
	if (kind->orientation)
		write_exif(&jpeg, kind->orientation);
	for (uint32_t y = 0; y < picture->height; y++) {
		for (uint32_t x = 0; x < picture->width; x++)
			set_pixel(picture_pixel(picture, x, y), kind,
				row + (size_t)x * (size_t)kind->samples);
		jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	buf_add(file, bytes, size);
	free(bytes);
	free(row);
	return !file->failed;
}

static bool baseline(struct picture *picture, struct buf *file)
{
	return write_jpeg(
		picture, &(struct kind){JCS_RGB, JCS_YCbCr, 3, false, true, false, 0}, file);
}

static bool turned_by_a_tag(struct picture *picture, struct buf *file)
{
	return write_jpeg(
		picture, &(struct kind){JCS_RGB, JCS_YCbCr, 3, false, false, false, 6}, file);
}

static bool progressive(struct picture *picture, struct buf *file)
{
	return write_jpeg(
		picture, &(struct kind){JCS_RGB, JCS_YCbCr, 3, true, true, false, 0}, file);
}

static bool arithmetic(struct picture *picture, struct buf *file)
{
	return write_jpeg(
		picture, &(struct kind){JCS_RGB, JCS_YCbCr, 3, false, true, true, 0}, file);
}

static bool rgb(struct picture *picture, struct buf *file)
{
	return write_jpeg(
		picture, &(struct kind){JCS_RGB, JCS_RGB, 3, false, false, false, 0}, file);
}

static bool grey(struct picture *picture, struct buf *file)
{
	picture_grey(picture);
	return write_jpeg(picture,
		&(struct kind){JCS_GRAYSCALE, JCS_GRAYSCALE, 1, false, false, false, 0}, file);
}

static bool grey_progressive(struct picture *picture, struct buf *file)
{
	picture_grey(picture);
	return write_jpeg(picture,
		&(struct kind){JCS_GRAYSCALE, JCS_GRAYSCALE, 1, true, false, false, 0}, file);
}

static bool cmyk(struct picture *picture, struct buf *file)
{
	return write_jpeg(
		picture, &(struct kind){JCS_CMYK, JCS_CMYK, 4, false, false, false, 0}, file);
}

static bool ycck(struct picture *picture, struct buf *file)
{
	return write_jpeg(
		picture, &(struct kind){JCS_CMYK, JCS_YCCK, 4, true, true, false, 0}, file);
}

const struct sample samples_jpeg[] = {
	{"jpeg", "jpeg", baseline, 8, false},
	{"jpeg turned by a tag", "jpeg", turned_by_a_tag, 8, false},
	{"jpeg progressive", "jpeg", progressive, 8, false},
	{"jpeg arithmetic", "jpeg", arithmetic, 8, false},
	{"jpeg rgb", "jpeg", rgb, 8, false},
	{"jpeg grey", "jpeg", grey, 8, false},
	{"jpeg grey progressive", "jpeg", grey_progressive, 8, false},
	{"jpeg cmyk", "jpeg", cmyk, 8, false},
	{"jpeg ycck", "jpeg", ycck, 8, false},
	{NULL, NULL, NULL, 0, false},
};
