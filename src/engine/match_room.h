/* The memory that a question is worked out in, kept for the next one: asking the allocator for some kilobytes takes about
 * a tenth as long as the whole look-up. A handle keeps a few of them; who finds none makes one. */
#ifndef ENGINE_MATCH_ROOM_H
#define ENGINE_MATCH_ROOM_H

#include "index/index.h"

#include <stdbool.h>
#include <stdint.h>

struct hilf;

/* A hit before it becomes a match. */
struct found {
	uint32_t link;
	uint16_t distance;
	uint8_t signal_type, orientation, variant;
};

struct match_room {
	struct index_hit *hits;
	bool *selected; /* by bank id */
	struct found *items;
	size_t hit_room, selected_room, item_room; /* how many each has room for */
};

/* Leaves one of each entry and signal type, the nearest, and puts the nearest first. How many they are. */
size_t found_settle(struct found *items, size_t count);

/* With room for so many hits and banks; none is selected. The caller's until match_room_give; NULL without memory. */
struct match_room *match_room_take(struct hilf *hilf, size_t hit_count, size_t bank_count);
/* Room for more items than there are, which stay. False: no memory. */
bool match_room_grow(struct match_room *room);
/* NULL is fine. */
void match_room_give(struct hilf *hilf, struct match_room *room);
/* Frees what the handle keeps; nobody may be asking any more. */
void match_rooms_free(struct hilf *hilf);

#endif
