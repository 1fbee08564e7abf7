/* The set of links that were removed, for good: one bit each, in pages made when first needed.
 *
 *   pages ──► [ 0 | • | 0 | • | ... ]  8,192 pointers      page ──► 524,288 bits, one per link
 *                   └──► page
 *
 * One writer adds; any number of readers ask, without locks. Pages live until links_close. */
#ifndef INDEX_LINKS_H
#define INDEX_LINKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define LINKS_PAGE_BITS 19

struct links {
	_Atomic(_Atomic(uint64_t) *) *pages;
};

/* False without memory. */
bool links_open(struct links *ret_links);
void links_close(struct links *links);
/* False without memory, with nothing changed. */
bool links_add(struct links *links, uint32_t link);
/* The first link in the set that is *io_link or above it; false when there is none. */
bool links_next(const struct links *links, uint32_t *io_link);
/* Bytes held. */
uint64_t links_size(const struct links *links);

static inline bool links_hold(const struct links *links, uint32_t link)
{
	_Atomic(uint64_t) *page =
		atomic_load_explicit(&links->pages[link >> LINKS_PAGE_BITS], memory_order_acquire);
	uint32_t bit = link & ((1u << LINKS_PAGE_BITS) - 1);
	return page && atomic_load_explicit(&page[bit / 64], memory_order_acquire) >> bit % 64 & 1;
}

#endif
