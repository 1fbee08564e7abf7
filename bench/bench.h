/* What every benchmark shares: the clock, the best of several runs, and one line of output per claim,
 *
 *     name | ours | peer | ratio
 *
 * A machine that others use too is noisy, so the least of several runs counts, ours and the peer's taken in turns,
 * and what is published is the ratio. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One run of the thing measured. */
typedef void bench_fn(void *ctx);

/* Seconds of a clock that never goes back. */
double bench_now(void);
/* Runs fn until at_least_s seconds and five turns of at least 2 ms have passed; the least time of a run in seconds. */
double bench_time(bench_fn *fn, void *ctx, double at_least_s);
/* The same for two in turns. peer may be NULL: then *ret_peer is 0. */
void bench_pair(bench_fn *ours, void *ours_ctx, bench_fn *peer, void *peer_ctx, double at_least_s,
	double *ret_ours, double *ret_peer);
/* Prints a row; the ratio is how many times less ours is. A peer of 0 prints no ratio. For a unit that ends in
 * "/s" more is better and the ratio turns round. */
void bench_row(const char *name, double ours, double peer, const char *unit);
/* Stops a compiler from leaving out work whose result nobody reads. */
void bench_use(const void *result);

#ifdef __cplusplus
}
#endif

#endif
