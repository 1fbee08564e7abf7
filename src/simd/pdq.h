/* The kernels of PDQ (signal/pdq.h says what it is and how they fit together). Each has a portable form that is the
 * truth, and one per instruction set. Integers come out equal; float sums differ by their order only. */
#ifndef SIMD_PDQ_H
#define SIMD_PDQ_H

#include "simd/cpu.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PDQ_GRID        64 /* samples a side */
#define PDQ_FREQUENCIES 16 /* of the cosine transform, a side */
#define PDQ_SAMPLES     (PDQ_GRID * PDQ_GRID)
#define PDQ_COEFS       (PDQ_FREQUENCIES * PDQ_FREQUENCIES)
#define PDQ_SIGNS       4 /* as it is, odd columns negated, odd rows negated, both */

/* What pdq_ops.rows takes in one call: its sums are held in 16 bits, and made of pairs in 15. */
#define PDQ_BATCH       8
#define PDQ_WEIGHT_MAX  64
#define PDQ_WEIGHTS_MAX 257
/* 100 / 255, rounded up so that whole per cents stay whole. */
#define PDQ_PER_CENT 0.39215689f
/* pdq_ops.columns reads its sums and weights in runs of this many. */
#define PDQ_RUN 16

struct pdq_ops {
	/* sums[i] (+)= scale * (weights[0] * rows[i] + weights[1] * rows[stride + i] + ...), for i < size.
	 * count: 1 to PDQ_BATCH rows, weights as the limits above say. `first`: sums held nothing before. */
	void (*rows)(float *sums, const uint8_t *rows, size_t stride, const uint8_t *weights,
		unsigned count, size_t size, float scale, bool first);
	/* ret_samples[j] = weights[0] * sums[start[j]] + weights[1] * sums[start[j] + 1] + ..., for each j <
	 * PDQ_GRID. count: a multiple of PDQ_RUN; surplus weights are 0, surplus sums are finite. */
	void (*columns)(float *ret_samples, const float *sums, const uint32_t *start,
		const float *weights, size_t count);
	/* The differences between neighbours, each as a whole per cent of 255, added up. */
	unsigned (*gradient)(const float *samples);
	/* ret_coefs = T * samples * transposed T, where T[i][j] is cosines[j * PDQ_FREQUENCIES + i] and, as
	 * cosines are, T[i][PDQ_GRID - 1 - j] is T[i][j], negated for even i. */
	void (*transform)(float *ret_coefs, const float *samples, const float *cosines);
	/* Where the coefficients are above their median (the lower one: the 128th of 256), for each of the
	 * four sign patterns: bit j of ret_bits[s][i] stands for row i, column j. Frequencies count from 1,
	 * so it is the even i and j that are negated. ret_median: of the pattern without negation. */
	void (*bits)(uint16_t (*ret_bits)[PDQ_FREQUENCIES], float *ret_median, const float *coefs);
};

/* The kernels for a level, which must not be above the machine's. */
const struct pdq_ops *pdq_ops_for(enum simd_level level);

extern const struct pdq_ops pdq_ops_portable;
#if defined(__x86_64__)
extern const struct pdq_ops pdq_ops_avx2;
extern const struct pdq_ops pdq_ops_avx512;
#endif

#endif
