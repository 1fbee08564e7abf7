/* Below a megabyte the heap serves; above it a mapping of its own whose start is aligned to a huge page, so that the
 * kernel can back all of it with them (MADV_HUGEPAGE is a wish: where it is refused, small pages do). */
#include "os/pages.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGES_LINE      ((size_t)64)
#define PAGES_FROM_HEAP ((size_t)1 << 20)

static size_t round_up(size_t size, size_t unit)
{
	return (size + unit - 1) / unit * unit;
}

/* A mapping whose start is a multiple of PAGES_HUGE, as its size is. */
static void *map_aligned(size_t size, int flags)
{
	char *map = mmap(NULL, size + PAGES_HUGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
	if (map == MAP_FAILED)
		return NULL;
	size_t before = round_up((uintptr_t)map, PAGES_HUGE) - (uintptr_t)map;
	if (before)
		munmap(map, before);
	munmap(map + before + size, PAGES_HUGE - before);
	return map + before;
}

static void *from_heap(size_t size)
{
	void *heap = aligned_alloc(PAGES_LINE, round_up(size, PAGES_LINE));
	if (heap)
		memset(heap, 0, size);
	return heap;
}

void *pages_alloc(size_t size)
{
	if (size > SIZE_MAX - 2 * PAGES_HUGE)
		return NULL;
	if (size < PAGES_FROM_HEAP)
		return from_heap(size);
	size_t mapped = round_up(size, PAGES_HUGE);
	void *pages = map_aligned(mapped, 0);
	if (pages)
		madvise(pages, mapped, MADV_HUGEPAGE);
	return pages;
}

void *pages_reserve(size_t size)
{
	if (size > SIZE_MAX - 2 * PAGES_HUGE)
		return NULL;
	if (size < PAGES_FROM_HEAP)
		return from_heap(size);
	return map_aligned(round_up(size, PAGES_HUGE), MAP_NORESERVE);
}

void pages_free(void *pages, size_t size)
{
	if (size < PAGES_FROM_HEAP)
		free(pages);
	else if (pages)
		munmap(pages, round_up(size, PAGES_HUGE));
}

/* The wishes of a table from the heap are void: the pages there are not its alone. */
static bool is_mapped(const void *at, size_t size)
{
	return (uintptr_t)at % PAGES_HUGE == 0 && size >= PAGES_FROM_HEAP;
}

void pages_wish_huge(void *at, size_t size)
{
	if (is_mapped(at, size))
		madvise(at, round_up(size, PAGES_HUGE), MADV_HUGEPAGE);
}

void pages_make_huge(void *at, size_t size)
{
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif
	if (is_mapped(at, size))
		madvise(at, round_up(size, PAGES_HUGE), MADV_COLLAPSE);
}
