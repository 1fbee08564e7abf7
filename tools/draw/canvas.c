/* Shapes by their signed distance: a pixel is covered by how far inside it lies, cut to one pixel's softness. Clouds are
 * value noise: random numbers on ever finer grids, joined smoothly and added up. */
#include "tools/draw/canvas.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *draw_alloc(size_t count, size_t size)
{
	void *memory = calloc(count, size);
	if (!memory) {
		fputs("hilf-draw: out of memory\n", stderr);
		exit(2);
	}
	return memory;
}

struct canvas canvas_new(int width, int height)
{
	return (struct canvas){width, height, draw_alloc((size_t)width * (size_t)height, 3)};
}

void canvas_free(struct canvas *canvas)
{
	free(canvas->pixels);
	*canvas = (struct canvas){0};
}

/* SplitMix64 (Steele, Lea, Flood, 2014). */
uint32_t roll(uint64_t *chance)
{
	uint64_t z = *chance += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)(z >> 32);
}

float roll_float(uint64_t *chance, float from, float to)
{
	return from + (to - from) * (float)(roll(chance) >> 8) / 16777216.0f;
}

int roll_int(uint64_t *chance, int from, int to)
{
	return from + (int)(roll(chance) % (unsigned)(to - from + 1));
}

struct colour roll_colour(uint64_t *chance)
{
	float hue = roll_float(chance, 0, 6.2832f), light = roll_float(chance, 60, 190);
	float strength = roll_float(chance, 40, 110);
	return (struct colour){light + strength * cosf(hue), light + strength * cosf(hue - 2.094f),
		light + strength * cosf(hue + 2.094f)};
}

struct colour mix(struct colour a, struct colour b, float share_of_b)
{
	return (struct colour){a.r + (b.r - a.r) * share_of_b, a.g + (b.g - a.g) * share_of_b,
		a.b + (b.b - a.b) * share_of_b};
}

struct colour shade(struct colour colour, float factor)
{
	return (struct colour){colour.r * factor, colour.g * factor, colour.b * factor};
}

static uint8_t level(float value)
{
	return value <= 0 ? 0 : value >= 255 ? 255 : (uint8_t)(value + 0.5f);
}

void put(struct canvas *canvas, int x, int y, struct colour colour, float alpha)
{
	if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height || alpha <= 0)
		return;
	uint8_t *pixel = canvas->pixels + ((size_t)y * (size_t)canvas->width + (size_t)x) * 3;
	if (alpha > 1)
		alpha = 1;
	pixel[0] = level(pixel[0] + (colour.r - pixel[0]) * alpha);
	pixel[1] = level(pixel[1] + (colour.g - pixel[1]) * alpha);
	pixel[2] = level(pixel[2] + (colour.b - pixel[2]) * alpha);
}

/* What all shapes share: distance() is negative inside, for a point relative to the middle. */
struct shape {
	float x, y, reach; /* nothing is drawn further than reach from the middle */
	float a, b, c;     /* the shape's own measures */
	float cosine, sine;
};

typedef float distance_fn(const struct shape *shape, float x, float y);

static void fill(struct canvas *canvas, const struct shape *shape, distance_fn *distance,
	struct colour colour)
{
	float far = shape->reach + 1;
	int left = (int)fmaxf(0, floorf(shape->x - far)),
	    top = (int)fmaxf(0, floorf(shape->y - far));
	int right = (int)fminf((float)canvas->width, ceilf(shape->x + far));
	int bottom = (int)fminf((float)canvas->height, ceilf(shape->y + far));
	for (int y = top; y < bottom; y++)
		for (int x = left; x < right; x++) {
			float dx = (float)x + 0.5f - shape->x, dy = (float)y + 0.5f - shape->y;
			float u = dx * shape->cosine + dy * shape->sine;
			float v = dy * shape->cosine - dx * shape->sine;
			put(canvas, x, y, colour, 0.5f - distance(shape, u, v));
		}
}

static float disc_distance(const struct shape *shape, float x, float y)
{
	return hypotf(x, y) - shape->a;
}

static float ring_distance(const struct shape *shape, float x, float y)
{
	return fabsf(hypotf(x, y) - shape->a) - shape->b / 2;
}

static float box_distance(const struct shape *shape, float x, float y)
{
	return fmaxf(fabsf(x) - shape->a / 2, fabsf(y) - shape->b / 2);
}

static float star_distance(const struct shape *shape, float x, float y)
{
	float wedge = 6.2832f / shape->b;
	float angle = atan2f(y, x);
	angle = fabsf(angle - wedge * roundf(angle / wedge));
	/* The edge runs from a tip to a valley, half a wedge further. */
	float radius = hypotf(x, y), px = radius * cosf(angle), py = radius * sinf(angle);
	float vx = shape->a * shape->c * cosf(wedge / 2) * cosf(wedge / 2);
	float vy = shape->a * shape->c * cosf(wedge / 2) * sinf(wedge / 2);
	float ex = vx - shape->a, size = hypotf(ex, vy);
	return ((px - shape->a) * vy - py * ex) / size;
}

void disc(struct canvas *canvas, float x, float y, float radius, struct colour colour)
{
	struct shape shape = {x, y, radius, radius, 0, 0, 1, 0};
	fill(canvas, &shape, disc_distance, colour);
}

void ring(struct canvas *canvas, float x, float y, float radius, float thick, struct colour colour)
{
	struct shape shape = {x, y, radius + thick, radius, thick, 0, 1, 0};
	fill(canvas, &shape, ring_distance, colour);
}

void box(struct canvas *canvas, float x, float y, float width, float height, float angle,
	struct colour colour)
{
	struct shape shape = {
		x, y, hypotf(width, height) / 2, width, height, 0, cosf(angle), sinf(angle)};
	fill(canvas, &shape, box_distance, colour);
}

void star(struct canvas *canvas, float x, float y, float radius, int points, float depth,
	float angle, struct colour colour)
{
	struct shape shape = {x, y, radius, radius, (float)points, depth, cosf(angle), sinf(angle)};
	fill(canvas, &shape, star_distance, colour);
}

void stroke(struct canvas *canvas, float x1, float y1, float x2, float y2, float thick,
	struct colour colour)
{
	box(canvas, (x1 + x2) / 2, (y1 + y2) / 2, hypotf(x2 - x1, y2 - y1), thick,
		atan2f(y2 - y1, x2 - x1), colour);
}

void slab(struct canvas *canvas, int left, int top, int width, int height, struct colour colour)
{
	for (int y = top; y < top + height; y++)
		for (int x = left; x < left + width; x++)
			put(canvas, x, y, colour, 1);
}

void text_block(struct canvas *canvas, uint64_t *chance, int left, int top, int width, int height,
	int line, struct colour ink)
{
	int letter = line / 2;
	for (int y = top; y + line <= top + height; y += line + line / 2) {
		bool last = y + 2 * line + line / 2 > top + height;
		int end = left + (last ? width * roll_int(chance, 3, 9) / 10 : width);
		for (int x = left; x < end;) {
			int word = roll_int(chance, 2, 9) * letter;
			for (int at = x; at < x + word && at < end; at += letter) {
				int high = roll_int(chance, line / 2, line);
				slab(canvas, at, y + line - high, letter - letter / 4, high, ink);
			}
			x += word + letter;
		}
	}
}

static float smooth(float t)
{
	return t * t * (3 - 2 * t);
}

static void add_octave(
	uint64_t *chance, float *plane, int width, int height, float scale, float strength)
{
	size_t columns = (size_t)((float)width / scale) + 3,
	       rows = (size_t)((float)height / scale) + 3;
	float *grid = draw_alloc(columns * rows, sizeof *grid);
	float *line = draw_alloc(columns, sizeof *line);
	for (size_t i = 0; i < columns * rows; i++)
		grid[i] = roll_float(chance, 0, strength);
	for (int y = 0; y < height; y++) {
		float v = (float)y / scale;
		const float *upper = grid + (size_t)v * columns, *lower = upper + columns;
		float share = smooth(v - floorf(v));
		for (size_t i = 0; i < columns; i++)
			line[i] = upper[i] + (lower[i] - upper[i]) * share;
		for (int x = 0; x < width; x++) {
			float u = (float)x / scale;
			size_t at = (size_t)u;
			float between = smooth(u - (float)at);
			plane[(size_t)y * (size_t)width + (size_t)x] +=
				line[at] + (line[at + 1] - line[at]) * between;
		}
	}
	free(grid);
	free(line);
}

float *clouds(uint64_t *chance, int width, int height, float scale, int octaves)
{
	float *plane = draw_alloc((size_t)width * (size_t)height, sizeof *plane);
	float whole = 2 - powf(0.5f, (float)octaves - 1);
	for (int i = 0; i < octaves; i++)
		add_octave(chance, plane, width, height, scale * powf(0.5f, (float)i),
			powf(0.5f, (float)i) / whole);
	return plane;
}
