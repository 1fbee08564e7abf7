/* Chunks under a fixed directory; see table.h. */
#include "engine/table.h"

#include "base/check.h"
#include "base/err.h"

#include <stdlib.h>
#include <string.h>

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
	for (size_t i = table->saved_count / TABLE_CHUNK; table->chunks && i < TABLE_CHUNK_MAX; i++)
		free(atomic_load_explicit(&table->chunks[i], memory_order_relaxed));
	free(table->chunks);
	table->chunks = NULL;
	table->saved_count = 0;
	atomic_store_explicit(&table->count, 0, memory_order_relaxed);
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

/* The last chunk is not whole, and the writer goes on in it: it is copied. */
static int load_rest(struct table *table, uint32_t count, struct hilf_err *err)
{
	uint32_t whole = table->saved_count;
	size_t at = (size_t)whole * table->item_size,
	       size = (size_t)(count - whole) * table->item_size;
	if (!size)
		return 0;
	int rc = blocks_touch(table->saved, table->part, at, size, err);
	if (rc)
		return rc;
	char *chunk = calloc(TABLE_CHUNK, table->item_size);
	if (!chunk)
		return err_no_memory(err);
	memcpy(chunk, table->saved->parts[table->part].bytes + at, size);
	atomic_store_explicit(&table->chunks[whole / TABLE_CHUNK], chunk, memory_order_release);
	return 0;
}

int table_load(struct table *table, uint32_t count, struct blocks *saved, unsigned part,
	struct damage *damage, struct hilf_err *err)
{
	ASSERT(table_count(table) == 0 && part < BLOCKS_PARTS_MAX);
	if (count >= TABLE_MAX)
		return err_set(err, HILF_E_LIMIT,
			"a snapshot of %u items; this version of hilf holds %u", count, TABLE_MAX);
	if (part >= saved->part_count ||
		saved->parts[part].size != (uint64_t)count * table->item_size)
		return err_set(err, HILF_E_CORRUPT,
			"part %u of a snapshot should hold %u items, and is of another size", part,
			count);
	table->saved = saved;
	table->part = part;
	table->damage = damage;
	table->saved_count = count / TABLE_CHUNK * TABLE_CHUNK;
	for (uint32_t at = 0; at < table->saved_count; at += TABLE_CHUNK)
		atomic_store_explicit(&table->chunks[at / TABLE_CHUNK],
			(char *)saved->parts[part].bytes + (size_t)at * table->item_size,
			memory_order_release);
	int rc = load_rest(table, count, err);
	if (!rc)
		atomic_store_explicit(&table->count, count, memory_order_release);
	return rc;
}

int table_save(const struct table *table, struct blocks_writer *writer, unsigned part,
	struct hilf_err *err)
{
	uint32_t count = table_count(table);
	int rc = 0;
	for (uint32_t at = 0; at < count && !rc; at += TABLE_CHUNK) {
		size_t size =
			(count - at < TABLE_CHUNK ? count - at : TABLE_CHUNK) * table->item_size;
		if (at < table->saved_count)
			rc = blocks_touch(table->saved, table->part,
				(uint64_t)at * table->item_size, size, err);
		if (!rc)
			rc = blocks_put(writer, part,
				atomic_load_explicit(
					&table->chunks[at / TABLE_CHUNK], memory_order_relaxed),
				size, err);
	}
	return rc;
}

bool table_touch(const struct table *table, uint32_t position)
{
	struct hilf_err err;
	int rc = blocks_touch(table->saved, table->part, (uint64_t)position * table->item_size,
		table->item_size, &err);
	if (rc)
		damage_note(table->damage, &err);
	return rc == 0;
}
