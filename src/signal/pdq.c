/* PDQ, after its published description (pdq.h), turned inside out for speed.
 *
 * As described: luma, then twice a box filter along rows and along columns, then every so-manieth pixel of that, so
 * that 64 x 64 are left. Box, box and picking are linear and separable: each sample is a weighted mean, and along one
 * side of n pixels the weights are those of a triangle,
 *
 *     1 2 3 .. f .. 3 2 1   over f * f,    f = ceil(n / 128) the box's width,
 *
 * 2f - 1 pixels at positions that the picking fixes. Next triangles share one pixel at most (they are n / 64 apart,
 * more than 2f - 2), so while rows come in, only one row of samples is ever in the making: `sums`, as wide as the
 * picture. When it is complete it shrinks to 64 samples and is forgotten. Each pixel is touched about once.
 *
 * Edges: the box at the far end is cut where f is even, by one pixel, and takes the mean of what is left. That is the
 * same as one more pixel beyond the edge which holds the mean of the last f - 1, so we do that. No other box that a
 * sample depends on leaves the picture. */
#include "signal/pdq.h"

#include "base/bits.h"
#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"
#include "simd/pdq.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Along one side of the picture. */
struct axis {
	uint32_t size;            /* pixels */
	uint32_t box;             /* f: the width of the box */
	uint32_t count;           /* 2f - 1: pixels of a triangle */
	uint32_t start[PDQ_GRID]; /* its first pixel, for each sample */
};

struct pdq {
	const struct pdq_ops *ops;
	struct axis across, down;
	unsigned channels;
	uint32_t row;  /* rows taken */
	unsigned band; /* the row of samples in the making */
	bool begun;    /* sums holds something of it */
	size_t weight_count;
	uint32_t start[PDQ_GRID]; /* as across.start, in sums */
	float cosines[PDQ_GRID * PDQ_FREQUENCIES];
	float samples[PDQ_SAMPLES];
	float *weights; /* of a triangle across, times those of the colours; [weight_count] */
	float *sums;    /* [width * channels], one pixel more for the edge, and some zeros */
};

static void axis_init(struct axis *axis, uint32_t size)
{
	axis->size = size;
	axis->box = (size + 127) / 128;
	axis->count = 2 * axis->box - 1;
	/* The published filter leans ahead: of an even box's pixels one more is ahead than behind. */
	uint32_t behind = 2 * (axis->box - (axis->box + 2) / 2);
	for (uint32_t i = 0; i < PDQ_GRID; i++) {
		uint32_t picked = (uint32_t)((uint64_t)(2 * i + 1) * size / (2 * PDQ_GRID));
		ASSERT(picked >= behind);
		axis->start[i] = picked - behind;
	}
}

static uint32_t axis_weight(const struct axis *axis, uint32_t index)
{
	return index < axis->box ? index + 1 : axis->count - index;
}

/* T[i][j] = sqrt(2 / 64) * cos(pi / 128 * (i + 1) * (2j + 1)): whole multiples of one angle. */
static void fill_cosines(float *cosines)
{
	double turn[4 * PDQ_GRID]; /* cos(pi / 128 * m) */
	double step = cos(M_PI / (2 * PDQ_GRID));
	turn[0] = 1;
	turn[1] = step;
	for (unsigned m = 2; m <= PDQ_GRID; m++)
		turn[m] = 2 * step * turn[m - 1] - turn[m - 2];
	for (unsigned m = PDQ_GRID + 1; m < 4 * PDQ_GRID; m++)
		turn[m] = m <= 2 * PDQ_GRID ? -turn[2 * PDQ_GRID - m] : turn[4 * PDQ_GRID - m];
	double scale = sqrt(2.0 / PDQ_GRID);
	for (unsigned m = 0; m < 4 * PDQ_GRID; m++)
		turn[m] *= scale;
	for (unsigned j = 0; j < PDQ_GRID; j++)
		for (unsigned i = 0; i < PDQ_FREQUENCIES; i++)
			cosines[j * PDQ_FREQUENCIES + i] =
				(float)turn[(i + 1) * (2 * j + 1) % (4 * PDQ_GRID)];
}

static void fill_weights(struct pdq *pdq)
{
	static const float luma[] = {0.299f, 0.587f, 0.114f, 0};
	double whole = (double)pdq->across.box * pdq->across.box;
	whole *= (double)pdq->down.box * pdq->down.box;
	for (uint32_t k = 0; k < pdq->across.count; k++) {
		float weight = (float)(axis_weight(&pdq->across, k) / whole);
		for (unsigned c = 0; c < pdq->channels; c++)
			pdq->weights[k * pdq->channels + c] =
				pdq->channels == 1 ? weight : weight * luma[c];
	}
	for (unsigned j = 0; j < PDQ_GRID; j++)
		pdq->start[j] = pdq->across.start[j] * pdq->channels;
}

int pdq_new(uint32_t width, uint32_t height, enum pdq_format format, struct pdq **ret_pdq,
	struct hilf_err *err)
{
	ASSERT(format == PDQ_GRAY8 || format == PDQ_RGB8 || format == PDQ_RGBX8);
	if (width < 1 || height < 1 || width > LIMIT_IMAGE_SIDE || height > LIMIT_IMAGE_SIDE)
		return err_set(err, HILF_E_INVALID,
			"a picture of %u x %u pixels cannot be hashed: sides are 1 to %u", width,
			height, LIMIT_IMAGE_SIDE);
	size_t used = (size_t)(2 * ((width + 127) / 128) - 1) * format;
	size_t weight_count = (used + PDQ_RUN - 1) / PDQ_RUN * PDQ_RUN;
	size_t sum_count = ((size_t)width + 1) * format + PDQ_RUN;
	struct pdq *pdq = calloc(1, sizeof *pdq + (weight_count + sum_count) * sizeof(float));
	if (!pdq)
		return err_no_memory(err);
	pdq->ops = pdq_ops_for(simd_level());
	pdq->channels = format;
	pdq->weights = (float *)(pdq + 1);
	pdq->weight_count = weight_count;
	pdq->sums = pdq->weights + weight_count;
	axis_init(&pdq->across, width);
	axis_init(&pdq->down, height);
	fill_weights(pdq);
	fill_cosines(pdq->cosines);
	*ret_pdq = pdq;
	return HILF_OK;
}

void pdq_free(struct pdq *pdq)
{
	free(pdq);
}

static bool too_small(const struct pdq *pdq)
{
	return pdq->across.size < PDQ_SIDE_MIN || pdq->down.size < PDQ_SIDE_MIN;
}

static size_t row_size(const struct pdq *pdq)
{
	return (size_t)pdq->across.size * pdq->channels;
}

static void add_batch(struct pdq *pdq, const uint8_t *rows, size_t stride, const uint8_t *weights,
	unsigned count, float scale)
{
	pdq->ops->rows(pdq->sums, rows, stride, weights, count, row_size(pdq), scale, !pdq->begun);
	pdq->begun = true;
}

/* Adds rows `from` to `to` of the picture to the band's sums; `rows` points to row `from`. */
static void add_triangle(
	struct pdq *pdq, const uint8_t *rows, size_t stride, uint32_t from, uint32_t to)
{
	uint32_t start = pdq->down.start[pdq->band];
	for (uint32_t row = from; row < to;) {
		uint8_t weights[PDQ_BATCH];
		unsigned count = 0, sum = 0;
		while (count < PDQ_BATCH && row + count < to) {
			uint32_t weight = axis_weight(&pdq->down, row + count - start);
			if (weight > PDQ_WEIGHT_MAX || sum + weight > PDQ_WEIGHTS_MAX)
				break;
			weights[count++] = (uint8_t)weight;
			sum += weight;
		}
		float scale = 1;
		if (count == 0) { /* a very high picture */
			scale = (float)axis_weight(&pdq->down, row - start);
			weights[count++] = 1;
		}
		add_batch(pdq, rows + (size_t)(row - from) * stride, stride, weights, count, scale);
		row += count;
	}
}

/* Adds what rows `from` to `to` give to the row beyond the lower edge, which holds the mean of the last f - 1. */
static void add_beyond(
	struct pdq *pdq, const uint8_t *rows, size_t stride, uint32_t from, uint32_t to)
{
	static const uint8_t ones[PDQ_BATCH] = {1, 1, 1, 1, 1, 1, 1, 1};
	uint32_t first = pdq->down.size - (pdq->down.box - 1);
	float scale = 1.0f / (float)(pdq->down.box - 1);
	for (uint32_t row = first > from ? first : from; row < to;) {
		unsigned count = to - row < PDQ_BATCH ? to - row : PDQ_BATCH;
		add_batch(pdq, rows + (size_t)(row - from) * stride, stride, ones, count, scale);
		row += count;
	}
}

/* The band is complete: its sums become 64 samples. */
static void close_band(struct pdq *pdq)
{
	unsigned channels = pdq->channels;
	float *beyond = pdq->sums + row_size(pdq);
	if (pdq->across.box % 2 == 0) {
		uint32_t last = pdq->across.box - 1;
		for (unsigned c = 0; c < channels; c++) {
			float sum = 0;
			for (uint32_t k = 1; k <= last; k++)
				sum += *(beyond + c - (size_t)k * channels);
			beyond[c] = sum / (float)last;
		}
	}
	pdq->ops->columns(pdq->samples + (size_t)pdq->band * PDQ_GRID, pdq->sums, pdq->start,
		pdq->weights, pdq->weight_count);
	pdq->begun = false;
}

void pdq_rows(struct pdq *pdq, const uint8_t *rows, size_t stride, uint32_t count)
{
	ASSERT(count <= pdq->down.size - pdq->row);
	const struct axis *down = &pdq->down;
	uint32_t row = pdq->row, row_end = row + count;
	pdq->row = row_end;
	if (too_small(pdq))
		return;
	for (; pdq->band < PDQ_GRID; pdq->band++) {
		uint32_t start = down->start[pdq->band], end = start + down->count;
		bool cut = end > down->size;
		if (cut)
			end = down->size;
		uint32_t from = start > row ? start : row, to = end < row_end ? end : row_end;
		if (from < to) {
			const uint8_t *at = rows + (size_t)(from - row) * stride;
			add_triangle(pdq, at, stride, from, to);
			if (cut)
				add_beyond(pdq, at, stride, from, to);
		}
		if (end > row_end)
			return;
		close_band(pdq);
	}
}

/* Row i, bit j becomes row j, bit i: quarters change places, then quarters of these, and so on. */
static void transpose(uint16_t *ret_bits, const uint16_t *bits)
{
	memcpy(ret_bits, bits, PDQ_FREQUENCIES * sizeof *bits);
	unsigned mask = 0x00ff;
	for (unsigned step = 8; step; step /= 2, mask ^= mask << step)
		for (unsigned i = 0; i < PDQ_FREQUENCIES; i = (i + step + 1) & ~step) {
			unsigned swap = (ret_bits[i] >> step ^ ret_bits[i + step]) & mask;
			ret_bits[i + step] = (uint16_t)(ret_bits[i + step] ^ swap);
			ret_bits[i] = (uint16_t)(ret_bits[i] ^ swap << step);
		}
}

/* Turning and mirroring a picture transposes its transform and negates every other row or column of it. */
static void fill_hashes(uint8_t (*ret_hash)[PDQ_SIZE], uint16_t (*bits)[PDQ_FREQUENCIES])
{
	static const struct {
		unsigned sign;
		bool transposed;
	} how[HILF_ORIENTATION_COUNT] = {
		[HILF_ORIGINAL] = {0, false},
		[HILF_ROTATE90] = {1, true},
		[HILF_ROTATE180] = {3, false},
		[HILF_ROTATE270] = {2, true},
		[HILF_FLIPX] = {2, false},
		[HILF_FLIPY] = {1, false},
		[HILF_FLIP_PLUS1] = {0, true},
		[HILF_FLIP_MINUS1] = {3, true},
	};
	for (unsigned o = 0; o < HILF_ORIENTATION_COUNT; o++) {
		uint16_t words[PDQ_FREQUENCIES];
		if (how[o].transposed)
			transpose(words, bits[how[o].sign]);
		else
			memcpy(words, bits[how[o].sign], sizeof words);
		/* The text begins with the last word. */
		for (unsigned i = 0; i < PDQ_FREQUENCIES; i++) {
			uint16_t word = words[PDQ_FREQUENCIES - 1 - i];
			ret_hash[o][2 * i] = (uint8_t)(word >> 8);
			ret_hash[o][2 * i + 1] = (uint8_t)word;
		}
	}
}

void pdq_finish(struct pdq *pdq, struct pdq_result *ret_result)
{
	if (pdq->begun) {
		close_band(pdq);
		pdq->band++;
	}
	struct pdq_result result = {.degenerate = true, .ties = PDQ_COEFS};
	if (!too_small(pdq)) {
		float coefs[PDQ_COEFS], median;
		uint16_t bits[PDQ_SIGNS][PDQ_FREQUENCIES];
		pdq->ops->transform(coefs, pdq->samples, pdq->cosines);
		pdq->ops->bits(bits, &median, coefs);
		unsigned quality = pdq->ops->gradient(pdq->samples) / 90, ties = 0;
		for (unsigned i = 0; i < PDQ_COEFS; i++)
			ties += fabsf(coefs[i] - median) <= PDQ_TIE_DISTANCE;
		result.quality = quality < 100 ? (uint8_t)quality : 100;
		result.ties = (uint16_t)ties;
		result.degenerate = quality < PDQ_QUALITY_MIN || ties > PDQ_TIES_MAX;
		fill_hashes(result.hash, bits);
	}
	*ret_result = result;
}

int pdq_picture(const uint8_t *pixels, uint32_t width, uint32_t height, size_t stride,
	enum pdq_format format, struct pdq_result *ret_result, struct hilf_err *err)
{
	struct pdq *pdq;
	int code = pdq_new(width, height, format, &pdq, err);
	if (code < 0)
		return code;
	pdq_rows(pdq, pixels, stride, height);
	pdq_finish(pdq, ret_result);
	pdq_free(pdq);
	return HILF_OK;
}

bool pdq_value_degenerate(const uint8_t value[PDQ_SIZE])
{
	/* 128 of 256 bits, give or take; six standard deviations of fair coins are 48. */
	uint64_t words[PDQ_SIZE / sizeof(uint64_t)];
	unsigned count = 0;
	memcpy(words, value, sizeof words);
	for (unsigned i = 0; i < PDQ_SIZE / sizeof *words; i++)
		count += bits_count(words[i]);
	return count < 80 || count > 176;
}
