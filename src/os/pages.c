/* Below a megabyte the heap serves; above it a mapping of its own whose start is aligned to a huge page, so that the
 * kernel can back all of it with them (MADV_HUGEPAGE is a wish: where it is refused, small pages do). */
#include "os/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGES_LINE      ((size_t)64)
#define PAGES_HUGE      ((size_t)2 << 20)
#define PAGES_FROM_HEAP ((size_t)1 << 20)

static size_t round_up(size_t size, size_t unit)
{
	return (size + unit - 1) / unit * unit;
}

void *pages_alloc(size_t size)
{
	if (size > SIZE_MAX - 2 * PAGES_HUGE)
		return NULL;
	if (size < PAGES_FROM_HEAP) {
		void *heap = aligned_alloc(PAGES_LINE, round_up(size, PAGES_LINE));
		if (heap)
			memset(heap, 0, size);
		return heap;
	}
	size_t mapped = round_up(size, PAGES_HUGE);
	char *map = mmap(NULL, mapped + PAGES_HUGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return NULL;
	size_t before = round_up((uintptr_t)map, PAGES_HUGE) - (uintptr_t)map;
	if (before)
		munmap(map, before);
	munmap(map + before + mapped, PAGES_HUGE - before);
	madvise(map + before, mapped, MADV_HUGEPAGE);
	return map + before;
}

void pages_free(void *pages, size_t size)
{
	if (size < PAGES_FROM_HEAP)
		free(pages);
	else if (pages)
		munmap(pages, round_up(size, PAGES_HUGE));
}
