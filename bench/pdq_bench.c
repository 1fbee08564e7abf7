/* PDQ from a plane of luma to the finished hashes in all eight orientations, ours beside the plain peer; and how fast
 * the rows of a photograph stream through it. */
#include "bench/bench.h"
#include "bench/pdq_plain.h"
#include "signal/pdq.h"
#include "simd/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE         512
#define PHOTO_WIDTH  2000
#define PHOTO_HEIGHT 1500

struct job {
	uint32_t width, height;
	enum pdq_format format;
	uint8_t *pixels;
	float *luma; /* the same for the peer, which wants floats */
	struct pdq_result result;
	struct pdq_plain plain;
};

static void hash_ours(void *ctx)
{
	struct job *job = ctx;
	size_t stride = (size_t)job->width * job->format;
	if (pdq_picture(job->pixels, job->width, job->height, stride, job->format, &job->result,
		    NULL) < 0)
		abort();
	bench_use(&job->result);
}

static void hash_plain(void *ctx)
{
	struct job *job = ctx;
	if (!pdq_plain(job->luma, job->height, job->width, &job->plain))
		abort();
	bench_use(&job->plain);
}

static void copy_rows(void *ctx)
{
	struct job *job = ctx;
	size_t stride = (size_t)job->width * job->format;
	uint8_t row[PHOTO_WIDTH * 4];
	for (uint32_t i = 0; i < job->height; i++) {
		memcpy(row, job->pixels + i * stride, stride);
		bench_use(row);
	}
}

static void job_init(struct job *job, uint32_t width, uint32_t height, enum pdq_format format)
{
	*job = (struct job){.width = width, .height = height, .format = format};
	size_t count = (size_t)width * height;
	job->pixels = malloc(count * format);
	job->luma = malloc(count * sizeof *job->luma);
	if (!job->pixels || !job->luma)
		abort();
	/* Soft shapes with some noise, as a photograph has. */
	uint32_t chance = 1;
	for (size_t i = 0; i < count; i++)
		for (unsigned c = 0; c < (unsigned)format; c++) {
			chance = chance * 1664525u + 1013904223u;
			uint32_t x = (uint32_t)(i % width), y = (uint32_t)(i / width);
			uint32_t wave = x * x / 640 + y * (3 + c) + x * y / 300;
			wave = wave % 512 < 256 ? wave % 256 : 255 - wave % 256;
			job->pixels[i * format + c] = (uint8_t)((wave * 7 + (chance >> 24)) / 8);
		}
	for (size_t i = 0; i < count; i++)
		job->luma[i] = job->pixels[i * format];
}

static void job_free(struct job *job)
{
	free(job->pixels);
	free(job->luma);
}

int main(void)
{
	struct job job;
	double ours, peer;
	fprintf(stderr, "kernels: %s\n", simd_level_name(simd_level()));
	job_init(&job, SIDE, SIDE, PDQ_GRAY8);
	bench_pair(hash_ours, &job, hash_plain, &job, 1, &ours, &peer);
	if (memcmp(job.result.hash, job.plain.hash, sizeof job.result.hash) != 0)
		fprintf(stderr, "note: ours and the peer's hashes differ in rounding\n");
	bench_row("pdq 512x512 luma, 8 orientations", ours * 1e6, peer * 1e6, "us");
	job_free(&job);

	job_init(&job, PHOTO_WIDTH, PHOTO_HEIGHT, PDQ_RGB8);
	bench_pair(hash_ours, &job, copy_rows, &job, 1, &ours, &peer);
	double size = (double)PHOTO_WIDTH * PHOTO_HEIGHT * PDQ_RGB8;
	bench_row("pdq 2000x1500 RGB rows (peer: reading them)", size / ours / 1e9,
		size / peer / 1e9, "GB/s");
	job_free(&job);
	return 0;
}
