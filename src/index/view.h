/* A view: what readers look at, whole. The writer puts a new one in its place; deltas and levels live as long as a view
 * shows them. */
#ifndef INDEX_VIEW_H
#define INDEX_VIEW_H

#include "index/level.h"

#include <stdatomic.h>

/* Values that came last, in the order they came, compared one by one. `count` says how many are written. */
#define DELTA_VALUES 1024u

struct delta {
	uint8_t values[DELTA_VALUES][HAMMING_SIZE];
	uint32_t links[DELTA_VALUES];
	_Atomic(uint32_t) count;
	unsigned holders; /* views that show it; the writer's */
};

#define VIEW_DELTAS 2u /* the one that is filled, and a full one on its way into a level */
#define VIEW_LEVELS 32u

struct view {
	struct delta *deltas[VIEW_DELTAS];
	struct level *levels[VIEW_LEVELS];
	unsigned delta_count;
	unsigned level_count;
	struct view *next; /* in the writer's list of those that were replaced */
};

/* The writer's: has a view that nobody reads yet show one more. NULL is fine. */
void view_show_delta(struct view *view, struct delta *delta);
void view_show_level(struct view *view, struct level *level);
/* Frees a view, and what only it showed. */
void view_free(struct view *view);

#endif
