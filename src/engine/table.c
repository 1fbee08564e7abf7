/* Chunks under a fixed directory; see table.h. */
#include "engine/table.h"

#include "base/check.h"
#include "hilf.h"

#include <stdlib.h>

int table_open(struct table *table, size_t item_size)
{
	ASSERT(item_size > 0);
	table->item_size = item_size;
	atomic_init(&table->count, 0);
	table->chunks = calloc(TABLE_CHUNK_MAX, sizeof *table->chunks);
	return table->chunks ? 0 : HILF_E_NO_MEMORY;
}

void table_close(struct table *table)
{
	for (size_t i = 0; table->chunks && i < TABLE_CHUNK_MAX; i++)
		free(atomic_load_explicit(&table->chunks[i], memory_order_relaxed));
	free(table->chunks);
	table->chunks = NULL;
}

void *table_next(struct table *table)
{
	uint32_t position = atomic_load_explicit(&table->count, memory_order_relaxed);
	if (position / TABLE_CHUNK >= TABLE_CHUNK_MAX)
		return NULL;
	_Atomic(char *) *slot = &table->chunks[position / TABLE_CHUNK];
	char *chunk = atomic_load_explicit(slot, memory_order_relaxed);
	if (!chunk) {
		chunk = calloc(TABLE_CHUNK, table->item_size);
		if (!chunk)
			return NULL;
		atomic_store_explicit(slot, chunk, memory_order_release);
	}
	return chunk + (size_t)(position % TABLE_CHUNK) * table->item_size;
}

void table_publish(struct table *table)
{
	uint32_t position = atomic_load_explicit(&table->count, memory_order_relaxed);
	atomic_store_explicit(&table->count, position + 1, memory_order_release);
}
