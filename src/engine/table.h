/* A table that only grows, read without locks while one writer appends.
 *
 *   chunks ──► [ptr|ptr|ptr|NULL ...]        an item never moves; what count covers is whole
 *               │   │   └► 4,096 items
 *               └───┴────► in a snapshot's blocks, read and verified when first touched
 *
 * The writer fills the item at position count, then publishes count + 1 with release; readers load count with acquire.
 * A table may begin with items of a snapshot: then whole chunks of them lie where os/blocks.h reads them to. */
#ifndef ENGINE_TABLE_H
#define ENGINE_TABLE_H

#include "engine/damage.h"
#include "os/blocks.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_CHUNK     4096u
#define TABLE_CHUNK_MAX 131072u
#define TABLE_MAX       (TABLE_CHUNK * TABLE_CHUNK_MAX) /* half a thousand million items */

struct table {
	size_t item_size;
	_Atomic uint32_t count;
	_Atomic(char *) *chunks;
	/* Of a table that was loaded: */
	uint32_t saved_count; /* items that lie in blocks: whole chunks of them */
	struct blocks *saved;
	unsigned part;
	struct damage *damage;
};

/* 0 or HILF_E_NO_MEMORY. */
int table_open(struct table *table, size_t item_size);
/* Gives the chunks back. What was loaded is the blocks' owner's, who closes them afterwards. */
void table_close(struct table *table);
/* Room for the item at position count, zeroed, not yet visible; NULL without memory or past the limit. */
void *table_next(struct table *table);
/* Makes the item that table_next gave visible. */
void table_publish(struct table *table);

/* Lets an opened, empty table begin with count items, which are a part of `saved`. Damage that a later table_at meets
 * is noted in `damage`. HILF_E_CORRUPT where the part is not of that size or its end is damaged; HILF_E_LIMIT. */
int table_load(struct table *table, uint32_t count, struct blocks *saved, unsigned part,
	struct damage *damage, struct hilf_err *err);
/* Appends all items to a part of a file that is written. The table's writer's. */
int table_save(const struct table *table, struct blocks_writer *writer, unsigned part,
	struct hilf_err *err);
/* For table_at: whether the loaded item can be read. */
bool table_touch(const struct table *table, uint32_t position);

static inline uint32_t table_count(const struct table *table)
{
	return atomic_load_explicit(&table->count, memory_order_acquire);
}

/* The item at a position below table_count; NULL past it, and where a snapshot is damaged. */
static inline void *table_at(const struct table *table, uint32_t position)
{
	if (position >= table_count(table))
		return NULL;
	if (position < table->saved_count && !blocks_ready(table->saved) &&
		!table_touch(table, position))
		return NULL;
	char *chunk =
		atomic_load_explicit(&table->chunks[position / TABLE_CHUNK], memory_order_acquire);
	return chunk + (size_t)(position % TABLE_CHUNK) * table->item_size;
}

#endif
