/* A data folder with an open handle on it, signals from a seed, and the two calls that every test of the engine makes. */
#ifndef ENGINE_PLACE_TEST_H
#define ENGINE_PLACE_TEST_H

#include "hilf.h"
#include "test/folder.h"
#include "test/unit.h"

#include <string.h>

struct place {
	char dir[256], helpers[512];
	struct hilf *hilf;
	struct hilf_err err;
};

#define must(call) \
	do { \
		int must_rc = (call); \
		if (must_rc) \
			fail_msg("%s: %d: %s", #call, must_rc, place->err.text); \
	} while (0)

static inline void reopen(struct place *place)
{
	const struct hilf_options options = {
		.abi = HILF_ABI, .data_dir = place->dir, .helper_dir = place->helpers, .create = true,
		.activity = "test"};
	hilf_close(place->hilf);
	place->hilf = NULL;
	must(hilf_open(&options, &place->hilf, &place->err));
}

static inline int set_up(void **state)
{
	struct place *place = calloc(1, sizeof *place);
	folder_make(place->dir, sizeof place->dir);
	folder_helpers(place->helpers, sizeof place->helpers);
	reopen(place);
	*state = place;
	return 0;
}

static inline int tear_down(void **state)
{
	struct place *place = *state;
	hilf_close(place->hilf);
	folder_remove(place->dir);
	free(place);
	return 0;
}

/* A generator of one's own, so that a failure can be played again. */
static inline uint64_t next_random(uint64_t *seed)
{
	*seed += 0x9e3779b97f4a7c15u;
	uint64_t z = *seed;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static inline struct hilf_signal random_pdq(uint64_t *seed)
{
	struct hilf_signal signal = {HILF_PDQ, 32, 100, {0}};
	for (int i = 0; i < 4; i++) {
		uint64_t word = next_random(seed);
		memcpy(signal.value + 8 * i, &word, 8);
	}
	return signal;
}

static inline void flip(struct hilf_signal *signal, unsigned count, uint64_t *seed)
{
	bool flipped[256] = {false};
	while (count) {
		unsigned bit = (unsigned)(next_random(seed) % 256);
		if (flipped[bit])
			continue;
		flipped[bit] = true;
		signal->value[bit / 8] ^= (uint8_t)(1 << bit % 8);
		count--;
	}
}

static inline uint64_t add_one(struct place *place, const char *bank, const struct hilf_signal *signal)
{
	const struct hilf_new_entry entry = {signal, 1, NULL, 0};
	struct hilf_add_result result;
	must(hilf_add(place->hilf, bank, NULL, &entry, 1, &result, &place->err));
	return result.entry;
}

static inline struct hilf_check match_one(
	struct place *place, const struct hilf_query *query, const struct hilf_signal *signal)
{
	struct hilf_check check;
	must(hilf_match_signals(place->hilf, query, signal, 1, &check, &place->err));
	return check;
}

#endif
