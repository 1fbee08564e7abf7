/* A few places that hold one room each or none, exchanged by whoever comes: no lock, no list, and no room is ever two
 * threads'. */
#include "engine/match_room.h"

#include "base/check.h"
#include "engine/engine.h"
#include "signal/signal.h"

#include <stdlib.h>
#include <string.h>

/* What is larger serves a question that hardly anybody asks, and is given back. */
#define KEPT_HITS  (128u * 1024)
#define KEPT_ITEMS 16384u

static void room_free(struct match_room *room)
{
	if (!room)
		return;
	free(room->hits);
	free(room->selected);
	free(room->items);
	free(room);
}

static struct match_room *take_any(struct hilf *hilf)
{
	for (size_t i = 0; i < COUNT_OF(hilf->match_rooms); i++) {
		if (!atomic_load_explicit(&hilf->match_rooms[i], memory_order_relaxed))
			continue;
		struct match_room *room = atomic_exchange(&hilf->match_rooms[i], NULL);
		if (room)
			return room;
	}
	return calloc(1, sizeof(struct match_room));
}

struct match_room *match_room_take(struct hilf *hilf, size_t hit_count, size_t bank_count)
{
	struct match_room *room = take_any(hilf);
	if (!room)
		return NULL;
	if (room->hit_room < hit_count) {
		free(room->hits);
		room->hits = malloc(hit_count * sizeof *room->hits);
		room->hit_room = room->hits ? hit_count : 0;
	}
	if (room->selected_room < bank_count) {
		free(room->selected);
		room->selected = malloc(bank_count * sizeof *room->selected);
		room->selected_room = room->selected ? bank_count : 0;
	}
	if (room->hit_room < hit_count || room->selected_room < bank_count) {
		room_free(room);
		return NULL;
	}
	if (bank_count)
		memset(room->selected, 0, bank_count * sizeof *room->selected);
	return room;
}

bool match_room_grow(struct match_room *room)
{
	size_t count = room->item_room ? 2 * room->item_room : 64;
	struct found *items = realloc(room->items, count * sizeof *items);
	if (!items)
		return false;
	room->items = items;
	room->item_room = count;
	return true;
}

void match_room_give(struct hilf *hilf, struct match_room *room)
{
	bool keeps = room && room->hit_room <= KEPT_HITS && room->item_room <= KEPT_ITEMS;
	for (size_t i = 0; keeps && i < COUNT_OF(hilf->match_rooms); i++) {
		struct match_room *none = NULL;
		if (atomic_compare_exchange_strong(&hilf->match_rooms[i], &none, room))
			return;
	}
	room_free(room);
}

void match_rooms_free(struct hilf *hilf)
{
	for (size_t i = 0; i < COUNT_OF(hilf->match_rooms); i++)
		room_free(atomic_exchange(&hilf->match_rooms[i], NULL));
}

static int by_entry(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	if (x->link != y->link)
		return x->link < y->link ? -1 : 1;
	if (x->signal_type != y->signal_type)
		return x->signal_type < y->signal_type ? -1 : 1;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	if (x->variant != y->variant)
		return x->variant < y->variant ? -1 : 1;
	return (x->orientation > y->orientation) - (x->orientation < y->orientation);
}

/* Nearest first; an equal file says more than an equal picture. */
static int by_distance(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	bool x_similar = signal_is_similarity(x->signal_type),
	     y_similar = signal_is_similarity(y->signal_type);
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	if (x_similar != y_similar)
		return x_similar ? 1 : -1;
	return by_entry(a, b);
}

size_t found_settle(struct found *items, size_t count)
{
	size_t to = 0;
	if (count < 2)
		return count;
	qsort(items, count, sizeof *items, by_entry);
	for (size_t i = 1; i < count; i++)
		if (items[i].link != items[to].link ||
			items[i].signal_type != items[to].signal_type)
			items[++to] = items[i];
	qsort(items, to + 1, sizeof *items, by_distance);
	return to + 1;
}
