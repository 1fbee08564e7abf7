/* Time and chance. */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds since 1970, by the wall clock. */
int64_t clock_now_ms(void);
/* Microseconds of a clock that never goes back, for durations. */
int64_t clock_monotonic_us(void);
/* Cores this process may run on, at least 1. */
unsigned clock_cores(void);
/* Random bytes of the kernel; it waits at boot until there are some, and never fails. */
void random_bytes(void *ret_bytes, size_t size);

#endif
