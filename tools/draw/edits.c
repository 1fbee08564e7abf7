/* Edits as common tools make them: shrinking by area mean, blurring by a box thrice, the rest pixel by pixel. */
#include "tools/draw/edits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint8_t *pixel(const struct canvas *canvas, int x, int y)
{
	return canvas->pixels + ((size_t)y * (size_t)canvas->width + (size_t)x) * 3;
}

static struct canvas copy(const struct canvas *canvas)
{
	struct canvas to = canvas_new(canvas->width, canvas->height);
	memcpy(to.pixels, canvas->pixels, (size_t)canvas->width * (size_t)canvas->height * 3);
	return to;
}

/* The share of the old pixel `at` in new pixel `index`, when `scale` old ones make a new one. */
static float share(int at, int index, float scale)
{
	float from = fmaxf((float)at, (float)index * scale);
	float to = fminf((float)at + 1, (float)(index + 1) * scale);
	return fmaxf(0, to - from) / scale;
}

static struct canvas resize(const struct canvas *canvas, int width, int height)
{
	struct canvas to = canvas_new(width, height);
	float across = (float)canvas->width / (float)width,
	      down = (float)canvas->height / (float)height;
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			struct colour sum = {0, 0, 0};
			int right =
				(int)fminf((float)canvas->width, ceilf((float)(x + 1) * across));
			int bottom =
				(int)fminf((float)canvas->height, ceilf((float)(y + 1) * down));
			for (int v = (int)((float)y * down); v < bottom; v++)
				for (int u = (int)((float)x * across); u < right; u++) {
					const uint8_t *from = pixel(canvas, u, v);
					float part = share(u, x, across) * share(v, y, down);
					sum.r += part * from[0];
					sum.g += part * from[1];
					sum.b += part * from[2];
				}
			put(&to, x, y, sum, 1);
		}
	return to;
}

static struct canvas halve(const struct canvas *canvas)
{
	return resize(canvas, canvas->width / 2, canvas->height / 2);
}

static struct canvas to_96_wide(const struct canvas *canvas)
{
	return resize(canvas, 96, canvas->height * 96 / canvas->width);
}

static struct canvas squeeze(const struct canvas *canvas)
{
	return resize(canvas, canvas->width * 3 / 4, canvas->height);
}

static struct canvas mirror(const struct canvas *canvas)
{
	struct canvas to = canvas_new(canvas->width, canvas->height);
	for (int y = 0; y < to.height; y++)
		for (int x = 0; x < to.width; x++)
			memcpy(pixel(&to, x, y), pixel(canvas, canvas->width - 1 - x, y), 3);
	return to;
}

static struct canvas rotate(const struct canvas *canvas)
{
	struct canvas to = canvas_new(canvas->height, canvas->width);
	for (int y = 0; y < to.height; y++)
		for (int x = 0; x < to.width; x++)
			memcpy(pixel(&to, x, y), pixel(canvas, y, canvas->height - 1 - x), 3);
	return to;
}

static struct canvas grey(const struct canvas *canvas)
{
	struct canvas to = copy(canvas);
	for (int y = 0; y < to.height; y++)
		for (int x = 0; x < to.width; x++) {
			const uint8_t *from = pixel(canvas, x, y);
			float luma = 0.299f * from[0] + 0.587f * from[1] + 0.114f * from[2];
			put(&to, x, y, (struct colour){luma, luma, luma}, 1);
		}
	return to;
}

static struct canvas brighten(const struct canvas *canvas)
{
	struct canvas to = copy(canvas);
	for (int y = 0; y < to.height; y++)
		for (int x = 0; x < to.width; x++) {
			const uint8_t *from = pixel(canvas, x, y);
			struct colour colour = {from[0], from[1], from[2]};
			put(&to, x, y, shade(colour, 1.25f), 1);
		}
	return to;
}

static struct canvas bar_below(const struct canvas *canvas)
{
	struct canvas to = copy(canvas);
	int high = canvas->height / 10;
	uint64_t chance = 5;
	slab(&to, 0, to.height - high, to.width, high, (struct colour){190, 40, 60});
	text_block(&to, &chance, 20, to.height - high + high / 4, to.width / 2, high / 2, high / 2,
		(struct colour){255, 255, 255});
	return to;
}

/* One pass of a box of 2 * reach + 1 along rows, turned by what the caller swaps. */
static void blur_line(const uint8_t *from, uint8_t *to, int count, size_t step, int reach)
{
	for (int c = 0; c < 3; c++) {
		int sum = 0, items = 0;
		for (int i = -reach; i < count; i++) {
			if (i + reach < count) {
				sum += from[(size_t)(i + reach) * step + (size_t)c];
				items++;
			}
			if (i - reach > 0) {
				sum -= from[(size_t)(i - reach - 1) * step + (size_t)c];
				items--;
			}
			if (i >= 0)
				to[(size_t)i * step + (size_t)c] =
					(uint8_t)((sum + items / 2) / items);
		}
	}
}

static struct canvas blur(const struct canvas *canvas)
{
	struct canvas to = copy(canvas), spare = copy(canvas);
	size_t row = (size_t)to.width * 3;
	for (int pass = 0; pass < 3; pass++) {
		for (int y = 0; y < to.height; y++)
			blur_line(pixel(&to, 0, y), pixel(&spare, 0, y), to.width, 3, 3);
		for (int x = 0; x < to.width; x++)
			blur_line(pixel(&spare, x, 0), pixel(&to, x, 0), to.height, row, 3);
	}
	canvas_free(&spare);
	return to;
}

const struct edit edits[EDIT_COUNT] = {
	{"jpeg-q20", "jpg", 20, copy},
	{"half-size", "jpg", 90, halve},
	{"96-wide", "png", 0, to_96_wide},
	{"mirrored", "jpg", 90, mirror},
	{"rotated-90", "jpg", 90, rotate},
	{"grey", "jpg", 90, grey},
	{"brighter", "jpg", 90, brighten},
	{"bar-below", "jpg", 90, bar_below},
	{"blurred", "jpg", 90, blur},
	{"stretched", "png", 0, squeeze},
};
