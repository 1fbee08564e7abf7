/* Asks the processor (through the compiler's run-time library) what it can do. */
#include "simd/cpu.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"portable", "avx2", "avx512"};

const char *simd_level_name(enum simd_level level)
{
	return names[level];
}

static enum simd_level machine_level(void)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
		__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bitalg") &&
		__builtin_cpu_supports("avx512vpopcntdq"))
		return SIMD_AVX512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
		__builtin_cpu_supports("popcnt"))
		return SIMD_AVX2;
#endif
	return SIMD_PORTABLE;
}

enum simd_level simd_level(void)
{
	enum simd_level level = machine_level();
	const char *asked = getenv("HILF_SIMD");
	for (int i = 0; asked && i < (int)level; i++)
		if (strcmp(asked, names[i]) == 0)
			return (enum simd_level)i;
	return level;
}
