/* PDQ as published ("The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", Facebook, 2019): two
 * passes of a box filter along rows and along columns over the whole plane, every so-manieth pixel of that, a
 * cosine transform, its median; and the other seven orientations from the transform by turning and negating it. */
#include "bench/pdq_plain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GRID  64
#define FREQS 16

/* The mean over a window that slides along `count` values, `step` apart; short at both ends. */
static void box(const float *from, float *to, size_t count, size_t step, size_t window)
{
	size_t ahead = (window + 2) / 2 - 1;
	size_t in = 0, gone = 0, out = 0;
	float sum = 0;
	for (; in < ahead; in++)
		sum += from[in * step];
	for (; in < window; in++, out++) {
		sum += from[in * step];
		to[out * step] = sum / (float)(in + 1);
	}
	for (; in < count; in++, out++, gone++) {
		sum += from[in * step] - from[gone * step];
		to[out * step] = sum / (float)window;
	}
	for (; out < count; out++, gone++) {
		sum -= from[gone * step];
		to[out * step] = sum / (float)(count - gone - 1);
	}
}

static void filter(float *plane, float *spare, size_t height, size_t width)
{
	size_t across = (width + 127) / 128, down = (height + 127) / 128;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t row = 0; row < height; row++)
			box(plane + row * width, spare + row * width, width, 1, across);
		for (size_t column = 0; column < width; column++)
			box(spare + column, plane + column, height, width, down);
	}
}

static int quality_of(const float *grid)
{
	int sum = 0;
	for (size_t i = 0; i < GRID - 1; i++)
		for (size_t j = 0; j < GRID; j++)
			sum += abs(
				(int)((grid[i * GRID + j] - grid[(i + 1) * GRID + j]) * 100 / 255));
	for (size_t i = 0; i < GRID; i++)
		for (size_t j = 0; j < GRID - 1; j++)
			sum += abs(
				(int)((grid[i * GRID + j] - grid[i * GRID + j + 1]) * 100 / 255));
	return sum / 90 < 100 ? sum / 90 : 100;
}

static void transform(const float *grid, float (*ret_coefs)[FREQS])
{
	float cosine[FREQS][GRID], half[FREQS][GRID];
	for (int i = 0; i < FREQS; i++)
		for (int j = 0; j < GRID; j++)
			cosine[i][j] = (float)(sqrt(2.0 / GRID) *
					       cos(M_PI / 2 / GRID * (i + 1) * (2 * j + 1)));
	for (size_t i = 0; i < FREQS; i++)
		for (size_t j = 0; j < GRID; j++) {
			float sum = 0;
			for (size_t k = 0; k < GRID; k++)
				sum += cosine[i][k] * grid[k * GRID + j];
			half[i][j] = sum;
		}
	for (size_t i = 0; i < FREQS; i++)
		for (size_t j = 0; j < FREQS; j++) {
			float sum = 0;
			for (size_t k = 0; k < GRID; k++)
				sum += half[i][k] * cosine[j][k];
			ret_coefs[i][j] = sum;
		}
}

static int compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

static float median_of(float (*coefs)[FREQS])
{
	float sorted[FREQS * FREQS];
	memcpy(sorted, coefs, sizeof sorted);
	qsort(sorted, FREQS * FREQS, sizeof *sorted, compare);
	return sorted[FREQS * FREQS / 2 - 1];
}

static void hash_of(float (*coefs)[FREQS], uint8_t *ret_hash)
{
	float median = median_of(coefs);
	memset(ret_hash, 0, 32);
	for (size_t k = 0; k < FREQS * FREQS; k++)
		if (coefs[k / FREQS][k % FREQS] > median)
			ret_hash[31 - k / 8] |= (uint8_t)(1u << k % 8);
}

/* Mirrors across the diagonal, upside down, left to right, as asked. */
static void turn(
	float (*coefs)[FREQS], bool diagonal, bool upside, bool leftside, float (*ret_coefs)[FREQS])
{
	for (size_t i = 0; i < FREQS; i++)
		for (size_t j = 0; j < FREQS; j++) {
			float value = diagonal ? coefs[j][i] : coefs[i][j];
			bool negate = (upside && i % 2 == 0) != (leftside && j % 2 == 0);
			ret_coefs[i][j] = negate ? -value : value;
		}
}

bool pdq_plain(const float *luma, size_t height, size_t width, struct pdq_plain *ret_result)
{
	static const bool how[8][3] = {/* diagonal, upside, leftside */
		{0, 0, 0}, {1, 1, 0}, {0, 1, 1}, {1, 0, 1}, {0, 1, 0}, {0, 0, 1}, {1, 0, 0},
		{1, 1, 1}};
	float *plane = malloc(height * width * sizeof *plane);
	float *spare = malloc(height * width * sizeof *spare);
	if (!plane || !spare) {
		free(plane);
		free(spare);
		return false;
	}
	memcpy(plane, luma, height * width * sizeof *plane);
	filter(plane, spare, height, width);
	float grid[GRID * GRID], coefs[FREQS][FREQS], turned[FREQS][FREQS];
	for (size_t i = 0; i < GRID; i++)
		for (size_t j = 0; j < GRID; j++) {
			size_t row = (size_t)(((double)i + 0.5) * (double)height / GRID);
			size_t column = (size_t)(((double)j + 0.5) * (double)width / GRID);
			grid[i * GRID + j] = plane[row * width + column];
		}
	free(plane);
	free(spare);
	ret_result->quality = quality_of(grid);
	transform(grid, coefs);
	ret_result->ties = 0;
	float median = median_of(coefs);
	for (size_t k = 0; k < FREQS * FREQS; k++)
		ret_result->ties += fabsf(coefs[k / FREQS][k % FREQS] - median) <= 1e-3f;
	for (size_t o = 0; o < 8; o++) {
		turn(coefs, how[o][0], how[o][1], how[o][2], turned);
		hash_of(turned, ret_result->hash[o]);
	}
	return true;
}
