/* A table that only grows, read without locks while one writer appends.
 *
 *   chunks ──► [ptr|ptr|ptr|NULL ...]        an item never moves; what count covers is whole
 *               │   │   └► 65,536 items
 *
 * The writer fills the item at position count, then publishes count + 1 with release; readers load count with acquire. */
#ifndef ENGINE_TABLE_H
#define ENGINE_TABLE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_CHUNK     65536u
#define TABLE_CHUNK_MAX 8192u
#define TABLE_MAX       (TABLE_CHUNK * TABLE_CHUNK_MAX) /* half a thousand million items */

struct table {
	size_t item_size;
	_Atomic uint32_t count;
	_Atomic(char *) *chunks;
};

/* 0 or HILF_E_NO_MEMORY. */
int table_open(struct table *table, size_t item_size);
void table_close(struct table *table);
/* Room for the item at position count, zeroed, not yet visible; NULL without memory or past the limit. */
void *table_next(struct table *table);
/* Makes the item that table_next gave visible. */
void table_publish(struct table *table);

static inline uint32_t table_count(const struct table *table)
{
	return atomic_load_explicit(&table->count, memory_order_acquire);
}

/* The item at a position below table_count, NULL past it. */
static inline void *table_at(const struct table *table, uint32_t position)
{
	if (position >= table_count(table))
		return NULL;
	char *chunk = atomic_load_explicit(&table->chunks[position / TABLE_CHUNK], memory_order_acquire);
	return chunk + (size_t)(position % TABLE_CHUNK) * table->item_size;
}

#endif
