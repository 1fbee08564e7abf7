/* Large tables: zeroed memory that asks for huge pages, because a table read at random would otherwise miss the
 * address cache at nearly every read. */
#ifndef OS_PAGES_H
#define OS_PAGES_H

#include <stddef.h>

/* size bytes (not 0), zeroed, at an address that is a multiple of 64; NULL without memory. */
void *pages_alloc(size_t size);
/* size: the one that it was asked with. NULL is fine. */
void pages_free(void *pages, size_t size);

#endif
