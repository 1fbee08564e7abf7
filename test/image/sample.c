#include "test/image/sample.h"

#include "test/unit.h"

#include <math.h>
#include <string.h>

uint8_t *picture_pixel(const struct picture *picture, uint32_t x, uint32_t y)
{
	return picture->rgba + 4 * ((size_t)y * picture->width + x);
}

static uint8_t wave(double x, double y, double a, double b, double c)
{
	double value = sin(a * x + 3 * y) + sin(b * y - 5 * x * y) + sin(c * (x + y) * (x + y));
	return (uint8_t)(127.5 + 42 * value);
}

void picture_draw(struct picture *picture, uint32_t width, uint32_t height, uint32_t seed)
{
	*picture = (struct picture){width, height, malloc((size_t)width * height * 4)};
	assert_non_null(picture->rgba);
	for (uint32_t y = 0; y < height; y++) {
		for (uint32_t x = 0; x < width; x++) {
			uint8_t *pixel = picture_pixel(picture, x, y);
			double u = (double)x / width, v = (double)y / height;
			pixel[0] = wave(u, v, 9 + seed, 17, 11);
			pixel[1] = wave(v, u, 23, 7 + seed, 5);
			pixel[2] = wave(u, 1 - v, 13, 19, 3 + seed);
			pixel[3] = 255;
		}
	}
}

void picture_free(struct picture *picture)
{
	free(picture->rgba);
	picture->rgba = NULL;
}

static uint8_t luma(const uint8_t *pixel)
{
	return (uint8_t)((pixel[0] * 299 + pixel[1] * 587 + pixel[2] * 114 + 500) / 1000);
}

void picture_grey(struct picture *picture)
{
	for (size_t i = 0; i < (size_t)picture->width * picture->height; i++)
		memset(picture->rgba + 4 * i, luma(picture->rgba + 4 * i), 3);
}

void picture_threshold(struct picture *picture)
{
	for (size_t i = 0; i < (size_t)picture->width * picture->height; i++)
		memset(picture->rgba + 4 * i, luma(picture->rgba + 4 * i) > 127 ? 255 : 0, 3);
}

uint8_t *picture_cube(struct picture *picture, uint8_t colours[256][3])
{
	size_t count = (size_t)picture->width * picture->height;
	uint8_t *indexes = malloc(count);
	assert_non_null(indexes);
	memset(colours, 0, 256 * 3);
	for (unsigned i = 0; i < 216; i++) {
		colours[i][0] = (uint8_t)(i / 36 * 51);
		colours[i][1] = (uint8_t)(i / 6 % 6 * 51);
		colours[i][2] = (uint8_t)(i % 6 * 51);
	}
	for (size_t i = 0; i < count; i++) {
		uint8_t *pixel = picture->rgba + 4 * i;
		indexes[i] = (uint8_t)((pixel[0] + 25) / 51 * 36 + (pixel[1] + 25) / 51 * 6 +
				       (pixel[2] + 25) / 51);
		memcpy(pixel, colours[indexes[i]], 3);
	}
	return indexes;
}

void picture_fade(struct picture *picture)
{
	for (uint32_t y = 0; y < picture->height; y++)
		for (uint32_t x = 0; x < picture->width; x++)
			picture_pixel(picture, x, y)[3] = (uint8_t)(255 - x * 200 / picture->width);
}

bool picture_opaque(const struct picture *picture)
{
	for (size_t i = 0; i < (size_t)picture->width * picture->height; i++)
		if (picture->rgba[4 * i + 3] != 255)
			return false;
	return true;
}

void picture_hash(const struct picture *picture, unsigned variant, struct pdq_result *ret_result)
{
	size_t count = (size_t)picture->width * picture->height;
	uint8_t *flat = malloc(count * 4);
	assert_non_null(flat);
	memcpy(flat, picture->rgba, count * 4);
	for (size_t i = 0; variant && i < count; i++)
		for (size_t c = 0; c < 3; c++) {
			double alpha = flat[4 * i + 3] / 255.0;
			flat[4 * i + c] = (uint8_t)(flat[4 * i + c] * alpha +
						    (variant == 2 ? 255 * (1 - alpha) : 0) + 0.5);
		}
	assert_int_equal(pdq_picture(flat, picture->width, picture->height,
				 (size_t)picture->width * 4, PDQ_RGBX8, ret_result, NULL),
		0);
	free(flat);
}

int hash_distance(const uint8_t one[PDQ_SIZE], const uint8_t other[PDQ_SIZE])
{
	int distance = 0;
	for (size_t i = 0; i < PDQ_SIZE; i++)
		distance += __builtin_popcount((unsigned)(one[i] ^ other[i]));
	return distance;
}
