/* Time from clock_gettime, chance from getrandom (which cannot fail once the kernel's pool is ready). */
#include "os/clock.h"

#include "base/check.h"

#include <errno.h>
#include <sched.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

int64_t clock_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_monotonic_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

unsigned clock_cores(void)
{
	cpu_set_t set;
	/* It fails on machines with more than 1,024 processors, for want of bits. */
	long count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
								 : sysconf(_SC_NPROCESSORS_ONLN);
	return count > 0 ? (unsigned)count : 1;
}

void random_bytes(void *ret_bytes, size_t size)
{
	unsigned char *to = ret_bytes;
	while (size) {
		ssize_t count = getrandom(to, size < 256 ? size : 256, 0);
		ASSERT(count > 0 || errno == EINTR);
		if (count > 0) {
			to += count;
			size -= (size_t)count;
		}
	}
}
