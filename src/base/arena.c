/* A chain of blocks that doubles up to 256 kB; see arena.h. */
#include "base/arena.h"

#include "base/check.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_FIRST ((size_t)4096)
#define BLOCK_MAX   ((size_t)256 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	size_t given; /* what counts against the budget */
	alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *arena, size_t budget)
{
	ASSERT(arena);
	arena->blocks = NULL;
	arena->budget = budget ? budget : SIZE_MAX;
}

void arena_clear(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *block = arena->blocks;
		arena->blocks = block->next;
		if (arena->budget != SIZE_MAX)
			arena->budget += block->given;
		free(block);
	}
}

void arena_reset(struct arena *arena)
{
	struct arena_block *first = arena->blocks;
	while (first && first->next)
		first = first->next;
	if (!first || first->size != BLOCK_FIRST) {
		arena_clear(arena);
		return;
	}
	while (arena->blocks != first) {
		struct arena_block *block = arena->blocks;
		arena->blocks = block->next;
		if (arena->budget != SIZE_MAX)
			arena->budget += block->given;
		free(block);
	}
	if (arena->budget != SIZE_MAX)
		arena->budget += first->given;
	memset(first->bytes, 0, first->used); /* what is given is zeroed */
	first->used = first->given = 0;
}

static struct arena_block *block_add(struct arena *arena, size_t size)
{
	struct arena_block *block;
	if (size > SIZE_MAX - sizeof *block || !(block = calloc(1, sizeof *block + size)))
		return NULL;
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	if (size > SIZE_MAX - align)
		return NULL;
	size = size ? (size + align - 1) / align * align : align;
	if (size > arena->budget)
		return NULL;
	struct arena_block *block = arena->blocks;
#ifdef HILF_ARENA_MALLOC
	block = block_add(arena, size);
#else
	if (!block || block->size - block->used < size) {
		size_t want = block ? block->size * 2 : BLOCK_FIRST;
		want = want > BLOCK_MAX ? BLOCK_MAX : want;
		block = block_add(arena, size > want ? size : want);
	}
#endif
	if (!block)
		return NULL;
	void *bytes = block->bytes + block->used;
	block->used += size;
	if (arena->budget != SIZE_MAX) {
		block->given += size;
		arena->budget -= size;
	}
	return bytes;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return NULL;
	return arena_alloc(arena, count * size);
}

char *arena_text(struct arena *arena, const char *text, size_t size)
{
	if (size == SIZE_MAX)
		return NULL;
	char *copy = arena_alloc(arena, size + 1);
	if (copy && size)
		memcpy(copy, text, size);
	return copy;
}
