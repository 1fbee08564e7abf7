/* Large tables: zeroed memory that asks for huge pages, because a table read at random would otherwise miss the
 * address cache at nearly every read. */
#ifndef OS_PAGES_H
#define OS_PAGES_H

#include <stddef.h>

#define PAGES_HUGE ((size_t)2 << 20)

/* size bytes (not 0), zeroed, at an address that is a multiple of 64; NULL without memory. */
void *pages_alloc(size_t size);
/* The same for a table that fills slowly: it takes memory page by page, small ones, and above a megabyte begins at a
 * multiple of PAGES_HUGE. */
void *pages_reserve(size_t size);
/* size: the one that it was asked with. NULL is fine. */
void pages_free(void *pages, size_t size);

/* For size bytes from a multiple of PAGES_HUGE on in a reserved table of a megabyte or more: touches from now on take
 * huge pages; and, what was taken in small ones becomes huge (others may read and write it meanwhile). Wishes, both. */
void pages_wish_huge(void *at, size_t size);
void pages_make_huge(void *at, size_t size);

#endif
