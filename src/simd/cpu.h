/* Which instruction set the kernels use: picked once when a handle opens, handed down, dispatched per block. Every
 * kernel has a portable form that is the truth; every other form is tested against it. No ifunc: it runs before
 * sanitizers start. */
#ifndef SIMD_CPU_H
#define SIMD_CPU_H

enum simd_level { SIMD_PORTABLE = 0, SIMD_AVX2 = 1, SIMD_AVX512 = 2 };

/* The best level of this machine; $HILF_SIMD ("portable", "avx2", "avx512") can lower it, never raise it.
 * SIMD_AVX512 means F, BW, VL, DQ, VBMI, BITALG and VPOPCNTDQ. */
enum simd_level simd_level(void);
const char *simd_level_name(enum simd_level level);

#endif
