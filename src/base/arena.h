/* Memory freed by lifetime, not by pointer: one arena per request, job or page.
 *
 *   arena ──► block ──► block ──► NULL        each block: [next | used | size | bytes ......]
 *
 * An arena has a budget in bytes; past it an allocation fails like any other. Built with -DHILF_ARENA_MALLOC
 * (the sanitizer builds) every allocation is a malloc of its own, so that overflows show. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
	struct arena_block *blocks;
	size_t budget; /* bytes that may still be given */
};

/* budget: bytes at most; 0 means no budget. Nothing is allocated yet. */
void arena_init(struct arena *arena, size_t budget);
/* Frees everything that was given; the arena can be used again, with what is left of its budget restored. */
void arena_clear(struct arena *arena);
/* The same, but keeps a first small block, so that what is used again and again (a request's) asks for no memory. */
void arena_reset(struct arena *arena);
/* size bytes, zeroed, aligned for any type; NULL when memory or budget is exhausted. size may be 0. */
void *arena_alloc(struct arena *arena, size_t size);
/* count items of size bytes, checked against overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* A terminated copy of size bytes. */
char *arena_text(struct arena *arena, const char *text, size_t size);

#endif
