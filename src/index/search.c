/* A query against every level, exhaustively, by the pigeonhole principle around a ring (Qin and Xiao, "Pigeonring: A
 * Principle for Faster Thresholded Similarity Search", VLDB 2018).
 *
 * Give part i a threshold t(i) >= -1 so that the t(i) + 1 sum to radius + 1. If a value is within the radius, its
 * differences d(i) sum to less, so a(i) = d(i) - t(i) - 1 sum to less than zero; and starting after the last highest
 * of their running sums, every running sum around the ring is less than zero. So there is a part i where
 *
 *         d(i) <= t(i)    and    d(i) + d(i+1) <= t(i) + t(i+1) + 1
 *
 * The first says which buckets of part i to look into: those of keys within t(i). The second is asked of the
 * signatures there, which are the next part's bits. Random values that pass both are few: 11 of 4,160 for a million and
 * radius 31. A value may pass in several parts; it counts in the first of them.
 *
 * Time goes to waiting for memory, so nothing is read that was not asked for a step before: one step of the loop asks
 * for the buckets of a part, looks into those asked for by the step before it, and moves candidates on by one of
 *
 *         bucket ──► starts ──► id ──► value ──► hit
 *
 * Steps run on from one query to the next, so a batch never waits for a query's last candidates. */
#include "index/search.h"

#include "base/check.h"
#include "index/nearest.h"

#define STEP_FLIPS     32u
#define FOUND_ROOM     8192u /* a bucket of the largest level has about 4,400 lanes */
#define CANDIDATES_MAX 512u  /* a power of two */
#define DELTA_BLOCK    256u

struct plan {
	int threshold[PARTS];  /* -1: the part is not looked at */
	unsigned limit[PARTS]; /* for part and next part together */
};

/* Buckets of one part of one level, for one query. */
struct step {
	const struct level *level;
	unsigned part;
	uint16_t key;
	uint16_t signature;
	uint16_t query;
	uint16_t flip;
	uint16_t flip_count;
};

struct candidate {
	const struct level *level;
	const void *at; /* what was asked for last: in starts, ids, values */
	uint32_t place; /* in its bucket, then the id */
	uint16_t query;
	uint16_t part;
};

/* Candidates wait in a ring. Those before `values` have been asked for their value, and so on:
 *
 *     first ──── have their value asked for ──── ids ──── id asked for ──── starts ──── just found ──── end */
struct ring {
	struct candidate candidates[CANDIDATES_MAX];
	uint32_t first, ids, starts, end; /* run on; taken modulo CANDIDATES_MAX */
};

struct state {
	const struct search *search;
	const uint8_t *queries;
	struct index_hits *hits;
	struct plan plan;
	struct ring ring;
	uint32_t found[FOUND_ROOM];
};

static void make_plan(struct plan *plan, unsigned radius)
{
	unsigned each = (radius + 1) / PARTS, more = (radius + 1) % PARTS;
	for (unsigned part = 0; part < PARTS; part++)
		plan->threshold[part] = (int)(each + (part < more)) - 1;
	for (unsigned part = 0; part < PARTS; part++)
		plan->limit[part] =
			(unsigned)(plan->threshold[part] + plan->threshold[(part + 1) % PARTS] + 1);
}

static const uint8_t *query_of(const struct state *state, uint16_t query)
{
	return state->queries + (size_t)query * HAMMING_SIZE;
}

/* Whether an earlier part has found this value as well. */
static bool found_before(
	const struct state *state, const struct candidate *candidate, const uint8_t *value)
{
	const uint8_t *query = query_of(state, candidate->query);
	unsigned key_bits = candidate->level->key_bits;
	for (unsigned part = 0; part < candidate->part; part++) {
		uint32_t window = level_window(value, part) ^ level_window(query, part);
		int key = __builtin_popcount(level_key(window, key_bits));
		int signature = __builtin_popcount(level_signature(window, key_bits));
		if (key <= state->plan.threshold[part] &&
			key + signature <= (int)state->plan.limit[part])
			return true;
	}
	return false;
}

static void offer(struct state *state, uint32_t link, unsigned distance, uint16_t query)
{
	const struct search *search = state->search;
	if (!links_hold(search->removed, link) &&
		(!search->filter || search->filter(link, distance, search->ctx)))
		nearest_offer(
			&state->hits[query], (struct index_hit){link, (uint16_t)distance, query});
}

static void check(struct state *state, const struct candidate *candidate)
{
	const uint8_t *value = candidate->at;
	unsigned distance = state->search->ops->distance(value, query_of(state, candidate->query));
	if (distance <= state->search->radius && !found_before(state, candidate, value))
		offer(state, candidate->level->links[candidate->place], distance, candidate->query);
}

/* Moves every candidate on by one. */
static void advance(struct state *state)
{
	struct ring *ring = &state->ring;
	for (; ring->first != ring->ids; ring->first++)
		check(state, &ring->candidates[ring->first % CANDIDATES_MAX]);
	for (; ring->ids != ring->starts; ring->ids++) {
		struct candidate *candidate = &ring->candidates[ring->ids % CANDIDATES_MAX];
		candidate->place = level_id(candidate->level, candidate->at);
		candidate->at = candidate->level->values + (size_t)candidate->place * HAMMING_SIZE;
		__builtin_prefetch(candidate->at);
	}
	for (; ring->starts != ring->end; ring->starts++) {
		struct candidate *candidate = &ring->candidates[ring->starts % CANDIDATES_MAX];
		uint32_t start = *(const uint32_t *)candidate->at;
		candidate->at =
			level_id_at(candidate->level, candidate->part, start + candidate->place);
		__builtin_prefetch(candidate->at);
	}
}

static void add_candidate(
	struct state *state, const struct step *step, uint16_t key, uint32_t place)
{
	struct ring *ring = &state->ring;
	while (ring->end - ring->first == CANDIDATES_MAX)
		advance(state);
	const uint32_t *start = level_starts(step->level, step->part) + key;
	__builtin_prefetch(start);
	ring->candidates[ring->end++ % CANDIDATES_MAX] =
		(struct candidate){step->level, start, place, step->query, (uint16_t)step->part};
}

/* Reads the signatures of a bucket that are not in its slot. */
static void look_elsewhere(
	struct state *state, const struct step *step, uint16_t key, unsigned limit)
{
	const struct level *level = step->level;
	struct level_overflow overflow =
		level_overflow(level_slots(level, step->part) + key * level_lanes(level));
	const uint16_t *signatures = level->overflow + (size_t)overflow.line * HAMMING_LANES;
	uint32_t found[DELTA_BLOCK];
	for (uint32_t from = 0; from < overflow.count; from += DELTA_BLOCK) {
		uint32_t size = overflow.count - from;
		size_t more = state->search->ops->similar(signatures + from,
			size < DELTA_BLOCK ? size : DELTA_BLOCK, step->signature, limit, found);
		for (size_t i = 0; i < more; i++)
			add_candidate(state, step, key, from + found[i]);
	}
}

static void look(struct state *state, const struct step *step)
{
	const struct level *level = step->level;
	const struct hamming_flip *flips = level->flips + step->flip;
	unsigned limit = state->plan.limit[step->part];
	size_t found = state->search->ops->probe(level_slots(level, step->part), level->line_count,
		step->key, step->signature, flips, step->flip_count, limit, state->found);
	for (size_t i = 0; i < found; i++) {
		const struct hamming_flip *flip = &flips[state->found[i] >> 16];
		uint16_t key = step->key ^ flip->mask;
		uint32_t lane = state->found[i] & 0xffff;
		if (lane > 0)
			add_candidate(state, step, key, lane - 1);
		else
			look_elsewhere(state, step, key, limit - flip->weight);
	}
}

static void ask_for(const struct step *step)
{
	const uint16_t *slots = level_slots(step->level, step->part);
	size_t lanes = level_lanes(step->level);
	const struct hamming_flip *flips = step->level->flips + step->flip;
	for (unsigned i = 0; i < step->flip_count; i++) {
		const uint16_t *bucket = slots + (size_t)(step->key ^ flips[i].mask) * lanes;
		for (size_t lane = 0; lane < lanes; lane += HAMMING_LANES)
			__builtin_prefetch(bucket + lane);
	}
}

/* One step after the other: while the buckets of one are on their way, the last one's are looked into. */
static void search_part(struct state *state, struct step *last, const struct level *level,
	unsigned part, uint16_t query)
{
	uint32_t window = level_window(query_of(state, query), part);
	unsigned flips = level->flip_counts[state->plan.threshold[part]];
	unsigned most = FOUND_ROOM / (unsigned)level_lanes(level);
	if (most > STEP_FLIPS)
		most = STEP_FLIPS;
	for (unsigned flip = 0; flip < flips; flip += most) {
		struct step step = {level, part, level_key(window, level->key_bits),
			level_signature(window, level->key_bits), query, (uint16_t)flip,
			(uint16_t)(flips - flip < most ? flips - flip : most)};
		ask_for(&step);
		advance(state);
		if (last->level)
			look(state, last);
		*last = step;
	}
}

static void search_deltas(struct state *state, const uint32_t *counts, uint16_t query)
{
	const struct view *view = state->search->view;
	struct hamming_found found[DELTA_BLOCK];
	for (unsigned i = 0; i < view->delta_count; i++) {
		const struct delta *delta = view->deltas[i];
		for (uint32_t from = 0; from < counts[i]; from += DELTA_BLOCK) {
			uint32_t size = counts[i] - from;
			size_t more = state->search->ops->within(delta->values[from],
				size < DELTA_BLOCK ? size : DELTA_BLOCK, query_of(state, query),
				state->search->radius, found);
			for (size_t j = 0; j < more; j++)
				offer(state, delta->links[from + found[j].position],
					found[j].distance, query);
		}
	}
}

void search_run(const struct search *search, const uint8_t *queries, size_t count,
	struct index_hits *ret_hits)
{
	const struct view *view = search->view;
	struct state state; /* its arrays are filled as they are used */
	struct step last = {0};
	uint32_t counts[VIEW_DELTAS];

	ASSERT(search->radius <= SEARCH_RADIUS_MAX);
	ASSERT(count <= INDEX_BATCH_MAX);
	state.search = search;
	state.queries = queries;
	state.hits = ret_hits;
	state.ring.first = state.ring.ids = state.ring.starts = state.ring.end = 0;
	make_plan(&state.plan, search->radius);
	for (unsigned i = 0; i < view->delta_count; i++)
		counts[i] = atomic_load_explicit(&view->deltas[i]->count, memory_order_acquire);
	for (size_t query = 0; query < count; query++) {
		nearest_start(&ret_hits[query]);
		for (unsigned i = 0; i < view->level_count; i++)
			for (unsigned part = 0; part < PARTS; part++)
				if (state.plan.threshold[part] >= 0)
					search_part(&state, &last, view->levels[i], part,
						(uint16_t)query);
		search_deltas(&state, counts, (uint16_t)query);
	}
	if (last.level)
		look(&state, &last);
	while (state.ring.first != state.ring.end)
		advance(&state);
	for (size_t query = 0; query < count; query++)
		nearest_finish(&ret_hits[query]);
}
