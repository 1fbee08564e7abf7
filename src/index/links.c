/* A bitmap of two steps, because links are node-local numbers that grow from one: few pages, and dense ones. */
#include "index/links.h"

#include <stdlib.h>

#define LINKS_PAGES      ((size_t)1 << (32 - LINKS_PAGE_BITS))
#define LINKS_PAGE_WORDS (((size_t)1 << LINKS_PAGE_BITS) / 64)

bool links_open(struct links *ret_links)
{
	struct links links = {calloc(LINKS_PAGES, sizeof *links.pages)};
	if (!links.pages)
		return false;
	*ret_links = links;
	return true;
}

void links_close(struct links *links)
{
	if (!links->pages)
		return;
	for (size_t i = 0; i < LINKS_PAGES; i++)
		free(atomic_load_explicit(&links->pages[i], memory_order_relaxed));
	free(links->pages);
	links->pages = NULL;
}

bool links_add(struct links *links, uint32_t link)
{
	size_t number = link >> LINKS_PAGE_BITS;
	uint32_t bit = link & ((1u << LINKS_PAGE_BITS) - 1);
	_Atomic(uint64_t) *page = atomic_load_explicit(&links->pages[number], memory_order_relaxed);
	if (!page) {
		page = calloc(LINKS_PAGE_WORDS, sizeof *page);
		if (!page)
			return false;
		atomic_store_explicit(&links->pages[number], page, memory_order_release);
	}
	atomic_fetch_or_explicit(&page[bit / 64], (uint64_t)1 << bit % 64, memory_order_release);
	return true;
}

bool links_next(const struct links *links, uint32_t *io_link)
{
	uint64_t link = *io_link, page_size = (uint64_t)1 << LINKS_PAGE_BITS;
	while (link < LINKS_PAGES * page_size) {
		_Atomic(uint64_t) *page = atomic_load_explicit(
			&links->pages[link >> LINKS_PAGE_BITS], memory_order_acquire);
		if (!page) {
			link = (link | (page_size - 1)) + 1;
			continue;
		}
		uint64_t word =
			atomic_load_explicit(&page[link % page_size / 64], memory_order_acquire) >>
			link % 64;
		if (word) {
			*io_link = (uint32_t)(link + (unsigned)__builtin_ctzll(word));
			return true;
		}
		link = (link | 63) + 1;
	}
	return false;
}

uint64_t links_size(const struct links *links)
{
	uint64_t size = 0;
	for (size_t i = 0; i < LINKS_PAGES; i++)
		if (atomic_load_explicit(&links->pages[i], memory_order_acquire))
			size += LINKS_PAGE_WORDS * sizeof(uint64_t);
	return size;
}
