/* The peer that PDQ's speed is measured against: the published description written down step by step, in plain
 * portable C, filtering down the columns with a stride as the reference code does. It does no step twice, and knows
 * no trick. */
#ifndef BENCH_PDQ_PLAIN_H
#define BENCH_PDQ_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pdq_plain {
	int quality;         /* 0 to 100 */
	int ties;            /* coefficients of the first transform within 1e-3 of its median */
	uint8_t hash[8][32]; /* in the order of enum hilf_orientation */
};

/* luma: height * width floats, 0 to 255. false without memory. */
bool pdq_plain(const float *luma, size_t height, size_t width, struct pdq_plain *ret_result);

#endif
