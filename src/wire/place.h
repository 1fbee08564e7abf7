/* The numbers of a packet between our own processes: little-endian, of a size in bytes, with the place where the reader or
 * the writer is. The first thing that does not fit makes it `bad`, which is asked once at the end. */
#ifndef WIRE_PLACE_H
#define WIRE_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place {
	uint8_t *bytes; /* NULL when reading */
	const uint8_t *read;
	size_t index, size;
	bool bad;
};

static inline void place_put(struct place *place, uint64_t value, unsigned size)
{
	if (size > place->size - place->index) {
		place->bad = true;
		return;
	}
	for (unsigned i = 0; i < size; i++)
		place->bytes[place->index++] = (uint8_t)(value >> (8 * i));
}

static inline uint64_t place_take(struct place *place, unsigned size)
{
	uint64_t value = 0;
	if (size > place->size - place->index) {
		place->bad = true;
		return 0;
	}
	for (unsigned i = 0; i < size; i++)
		value |= (uint64_t)place->read[place->index++] << (8 * i);
	return value;
}

/* A number that must be within bounds. */
static inline uint64_t place_take_within(
	struct place *place, unsigned size, uint64_t least, uint64_t most)
{
	uint64_t value = place_take(place, size);
	if (value < least || value > most)
		place->bad = true;
	return value;
}

#endif
