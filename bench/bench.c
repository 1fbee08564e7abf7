/* Timing and printing for the benchmarks (bench.h). */
#include "bench/bench.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TURNS_MIN 5
/* A turn repeats what is shorter than this, so that the first run of it may fetch its data anew. */
#define TURN_S 2e-3

double bench_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The least time of a run in one turn. */
static double take_turn(bench_fn *fn, void *ctx)
{
	double least = 0, begin = bench_now(), before = begin, now;
	do {
		fn(ctx);
		now = bench_now();
		if (before == begin || now - before < least)
			least = now - before;
		before = now;
	} while (now - begin < TURN_S);
	return least;
}

void bench_pair(bench_fn *ours, void *ours_ctx, bench_fn *peer, void *peer_ctx, double at_least_s,
	double *ret_ours, double *ret_peer)
{
	double least_ours = 0, least_peer = 0, begin = bench_now();
	for (unsigned turn = 0; turn < TURNS_MIN || bench_now() - begin < at_least_s; turn++) {
		double time = take_turn(ours, ours_ctx);
		if (turn == 0 || time < least_ours)
			least_ours = time;
		time = peer ? take_turn(peer, peer_ctx) : 0;
		if (turn == 0 || time < least_peer)
			least_peer = time;
	}
	*ret_ours = least_ours;
	*ret_peer = least_peer;
}

double bench_time(bench_fn *fn, void *ctx, double at_least_s)
{
	double time, none;
	bench_pair(fn, ctx, NULL, NULL, at_least_s, &time, &none);
	return time;
}

void bench_row(const char *name, double ours, double peer, const char *unit)
{
	size_t size = strlen(unit);
	bool rate = size > 2 && strcmp(unit + size - 2, "/s") == 0;
	char text[3][40] = {"", "-", "-"};
	snprintf(text[0], sizeof text[0], "%.4g %s", ours, unit);
	if (peer > 0 && ours > 0) {
		double ratio = rate ? ours / peer : peer / ours;
		snprintf(text[1], sizeof text[1], "%.4g %s", peer, unit);
		snprintf(text[2], sizeof text[2], ratio < 10 ? "%.2f" : "%.0f", ratio);
	}
	printf("%-44s | %14s | %14s | %6s\n", name, text[0], text[1], text[2]);
	fflush(stdout);
}

void bench_use(const void *result)
{
	__asm__ volatile("" : : "r"(result) : "memory");
}
