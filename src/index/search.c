/* A query against every level, exhaustively, by the pigeonhole principle around a ring (Qin and Xiao, "Pigeonring: A
 * Principle for Faster Thresholded Similarity Search", VLDB 2018).
 *
 * Give part i a threshold t(i) >= -1 so that the t(i) + 1 sum to radius + 1. If a value is within the radius, its
 * differences d(i) sum to less, so d(i) - t(i) - 1 sum to less than zero; and starting after the last highest of their
 * running sums, every running sum around the ring is less than zero. So there is a part i where
 *
 *         d(i) <= t(i),    d(i) + d(i+1) <= t(i) + t(i+1) + 1,    d(i) + d(i+1) + d(i+2) <= ... + 2,    ...
 *
 * The first says which buckets of part i to look into: those of keys within t(i). The second (or, where parts have 8
 * bits, the third) is asked of the signatures there, which are the bits after the key. Random values that pass both are
 * few: 11 of 4,160 for a million and radius 31. A value may pass in several parts; it counts in the first of them.
 *
 * Time goes to waiting for memory, so nothing is read that was not asked for well before. Questions to buckets ("looks")
 * are gathered in groups; while the lines of one group are on their way, the group before it is answered, and candidates
 * move on by one of
 *
 *         bucket --> starts --> id --> value --> hit
 *
 * Groups run on over parts, levels and queries, so a batch never waits for a query's last candidates.
 *
 * A level that was loaded may be on disk still ("cold"). Then the disk is asked for all buckets of a query at once, and
 * candidates move on only when the ring is full or all looks are done, so that they wait for the disk together. Every
 * piece of a table is touched before it is read, and when one is damaged the search fails. */
#include "index/search.h"

#include "base/bits.h"
#include "base/check.h"
#include "base/err.h"
#include "index/level_file.h"
#include "index/nearest.h"

#define GROUP_LOOKS    96u
#define FOUND_ROOM     (LINES_MAX * HAMMING_LANES + 512u)
#define CANDIDATES_MAX 64u /* a power of two */
#define BLOCK          256u
#define TOGETHER       64u /* queries that go from part to part together */

struct plan {
	int threshold[PARTS_MAX];  /* -1: the part is not looked at */
	unsigned limit[PARTS_MAX]; /* for all parts that key and signature reach into, together */
};

/* Where a look comes from. */
struct origin {
	uint16_t query;
	uint8_t part;
	uint8_t level; /* its number in the view */
};

struct group {
	size_t count;
	struct hamming_look looks[GROUP_LOOKS];
	struct origin origins[GROUP_LOOKS];
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
	struct plan plans[2];  /* for 16 and for 32 parts */
	struct group *asked;   /* is being filled; its lines have been asked for */
	struct group *arrived; /* is to be answered when `asked` is full */
	struct group groups[2];
	struct ring ring;
	bool cold; /* a level may be on disk still */
	int rc;    /* why the search has failed, or 0 */
	struct hilf_err *err;
	uint32_t found[FOUND_ROOM];
};

static void make_plan(struct plan *plan, unsigned parts, unsigned radius)
{
	unsigned each = (radius + 1) / parts, more = (radius + 1) % parts;
	unsigned reach = parts == 16 ? 2 : 3;
	for (unsigned part = 0; part < parts; part++)
		plan->threshold[part] = (int)(each + (part < more)) - 1;
	for (unsigned part = 0; part < parts; part++) {
		int limit = -1;
		for (unsigned i = 0; i < reach; i++)
			limit += plan->threshold[(part + i) % parts] + 1;
		plan->limit[part] = limit < 0 ? 0 : (unsigned)limit;
	}
}

static const struct plan *plan_of(const struct state *state, const struct level *level)
{
	return &state->plans[level->parts == 32];
}

static const uint8_t *query_of(const struct state *state, uint16_t query)
{
	return state->queries + (size_t)query * HAMMING_SIZE;
}

/* --------------------------------------------------------------------------------- what is on disk still */

static bool is_cold(const struct level *level)
{
	return level->blocks && !blocks_ready(level->blocks);
}

/* What happens seldom is kept out of the way of what happens often. */
#define SELDOM __attribute__((cold, noinline))

static SELDOM bool touch_cold(struct state *state, const struct level *level, enum level_part part,
	const void *at, size_t size)
{
	if (!is_cold(level))
		return true;
	int rc = level_file_touch(
		(struct level *)level, part, at, size, state->rc < 0 ? NULL : state->err);
	if (rc < 0)
		state->rc = rc;
	return rc == HILF_OK;
}

/* Whether a piece of a table may be read; if not, the search has failed. */
static inline bool touch(struct state *state, const struct level *level, enum level_part part,
	const void *at, size_t size)
{
	return __builtin_expect(!state->cold, 1) || touch_cold(state, level, part, at, size);
}

static SELDOM void expect_cold(
	const struct level *level, enum level_part part, const void *at, size_t size)
{
	if (is_cold(level))
		level_file_expect((struct level *)level, part, at, size);
}

static inline void expect(struct state *state, const struct level *level, enum level_part part,
	const void *at, size_t size)
{
	__builtin_prefetch(at);
	if (__builtin_expect(state->cold, 0))
		expect_cold(level, part, at, size);
}

static SELDOM void fail(struct state *state, const struct level *level)
{
	state->rc = level_file_impossible(level, state->rc < 0 ? NULL : state->err);
}

/* The buckets of a group; one that is damaged ends all questions, as no answer would be whole. */
static SELDOM void touch_group(struct state *state, struct group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct level *level = state->search->view->levels[group->origins[i].level];
		if (!touch(state, level, LEVEL_SLOTS, group->looks[i].bucket,
			    level_lanes(level) * sizeof(uint16_t)))
			group->count = 0;
	}
}

/* ------------------------------------------------------------------------------------------- candidates */

/* Whether an earlier part has found this value as well. */
static bool found_before(
	const struct state *state, const struct candidate *candidate, const uint8_t *value)
{
	const struct level *level = candidate->level;
	const struct plan *plan = plan_of(state, level);
	const uint8_t *query = query_of(state, candidate->query);
	for (unsigned part = 0; part < candidate->part; part++) {
		uint32_t window = level_window(value, part, level->parts) ^
				  level_window(query, part, level->parts);
		int key = (int)bits_count(level_key(window, level->key_bits));
		int signature = (int)bits_count(level_signature(window, level->key_bits));
		if (key <= plan->threshold[part] && key + signature <= (int)plan->limit[part])
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
	const struct level *level = candidate->level;
	const uint8_t *value = candidate->at;
	const uint32_t *link = level->links + candidate->place;
	if (!touch(state, level, LEVEL_VALUES, value, HAMMING_SIZE))
		return;
	unsigned distance = state->search->ops->distance(value, query_of(state, candidate->query));
	if (distance > state->search->radius || found_before(state, candidate, value))
		return;
	if (touch(state, level, LEVEL_LINKS, link, sizeof *link))
		offer(state, *link, distance, candidate->query);
}

/* From the id to the value. */
static void find_value(struct state *state, struct candidate *candidate)
{
	const struct level *level = candidate->level;
	candidate->place = level_id(level, candidate->at);
	candidate->at = level->values + (size_t)candidate->place * HAMMING_SIZE;
	if (__builtin_expect(candidate->place >= level->count, 0))
		fail(state, level);
	else
		expect(state, level, LEVEL_VALUES, candidate->at, HAMMING_SIZE);
}

/* From the start to the id. */
static void find_id(struct state *state, struct candidate *candidate)
{
	const struct level *level = candidate->level;
	uint32_t start = *(const uint32_t *)candidate->at;
	candidate->at = level_id_at(level, candidate->part, start + candidate->place);
	if (__builtin_expect((uint64_t)start + candidate->place >= level->count, 0))
		fail(state, level);
	else
		expect(state, level, LEVEL_IDS, candidate->at, sizeof(uint32_t));
}

/* Moves every candidate on by one. After a failure they go nowhere: what they point at may not be readable. */
static void advance(struct state *state)
{
	struct ring *ring = &state->ring;
	for (; ring->first != ring->ids && state->rc == HILF_OK; ring->first++)
		check(state, &ring->candidates[ring->first % CANDIDATES_MAX]);
	for (; ring->ids != ring->starts && state->rc == HILF_OK; ring->ids++) {
		struct candidate *candidate = &ring->candidates[ring->ids % CANDIDATES_MAX];
		if (!state->cold ||
			touch(state, candidate->level, LEVEL_IDS, candidate->at, sizeof(uint32_t)))
			find_value(state, candidate);
	}
	for (; ring->starts != ring->end && state->rc == HILF_OK; ring->starts++) {
		struct candidate *candidate = &ring->candidates[ring->starts % CANDIDATES_MAX];
		if (touch(state, candidate->level, LEVEL_STARTS, candidate->at, sizeof(uint32_t)))
			find_id(state, candidate);
	}
	if (state->rc < 0)
		ring->first = ring->ids = ring->starts = ring->end;
}

static void add_candidate(struct state *state, const struct level *level, struct origin origin,
	uint32_t key, uint32_t place)
{
	struct ring *ring = &state->ring;
	while (ring->end - ring->first == CANDIDATES_MAX)
		advance(state);
	const uint32_t *start = level_starts(level, origin.part) + key;
	expect(state, level, LEVEL_STARTS, start, sizeof *start);
	ring->candidates[ring->end++ % CANDIDATES_MAX] =
		(struct candidate){level, start, place, origin.query, origin.part};
}

/* Reads the signatures of a bucket that are not in its slot. */
static void look_elsewhere(struct state *state, const struct level *level, struct origin origin,
	const struct hamming_look *look, uint32_t key)
{
	struct level_overflow overflow = level_overflow(look->bucket);
	const uint16_t *signatures = level->overflow + (size_t)overflow.line * HAMMING_LANES;
	uint32_t found[BLOCK];
	if (!touch(state, level, LEVEL_OVERFLOW, signatures, overflow.count * sizeof *signatures))
		return;
	for (uint32_t from = 0; from < overflow.count; from += BLOCK) {
		uint32_t size = overflow.count - from;
		size_t more =
			state->search->ops->similar(signatures + from, size < BLOCK ? size : BLOCK,
				(uint16_t)look->signature, look->limit & 0xffff, found);
		for (size_t i = 0; i < more; i++)
			add_candidate(state, level, origin, key, from + found[i]);
	}
}

static void follow(struct state *state, const struct group *group, uint32_t found)
{
	const struct hamming_look *look = &group->looks[found >> 16];
	struct origin origin = group->origins[found >> 16];
	const struct level *level = state->search->view->levels[origin.level];
	size_t lane = (size_t)(look->bucket - level_slots(level, origin.part));
	uint32_t key = (uint32_t)(lane / level_lanes(level));
	if (found & 0xffff)
		add_candidate(state, level, origin, key, (found & 0xffff) - 1);
	else
		look_elsewhere(state, level, origin, look, key);
}

/* Answers the group that has arrived; the one that was asked for takes its place. */
static void turn(struct state *state)
{
	struct group *group = state->arrived;
	if (__builtin_expect(!state->cold, 1))
		advance(state);
	else
		touch_group(state, group);
	for (size_t next = 0; next < group->count;) {
		size_t found = state->search->ops->look(
			group->looks, group->count, &next, FOUND_ROOM, state->found);
		for (size_t i = 0; i < found; i++)
			follow(state, group, state->found[i]);
	}
	group->count = 0;
	state->arrived = state->asked;
	state->asked = group;
}

static inline void ask(struct state *state, const uint16_t *bucket, unsigned line_count,
	uint32_t signature, uint32_t limit, struct origin origin)
{
	struct group *group = state->asked;
	/* Into the second cache (2): it can wait for more lines at once than the first. */
	for (unsigned line = 0; line < line_count; line++)
		__builtin_prefetch(bucket + (size_t)line * HAMMING_LANES, 0, 2);
	group->looks[group->count] = (struct hamming_look){bucket, signature, limit};
	group->origins[group->count] = origin;
	if (++group->count == GROUP_LOOKS)
		turn(state);
}

/* The disk may begin with all the buckets of a query. */
static SELDOM void expect_buckets(struct state *state, const struct level *level, uint16_t query)
{
	const struct plan *plan = plan_of(state, level);
	size_t size = level_lanes(level) * sizeof(uint16_t);
	for (unsigned part = 0; part < level->parts; part++) {
		const uint16_t *slots = level_slots(level, part);
		uint32_t window = level_window(query_of(state, query), part, level->parts);
		uint32_t key = level_key(window, level->key_bits);
		unsigned count =
			plan->threshold[part] < 0 ? 0 : level->flip_counts[plan->threshold[part]];
		for (unsigned flip = 0; flip < count; flip++)
			expect(state, level, LEVEL_SLOTS,
				slots + (key ^ level->flips[flip]) * level_lanes(level), size);
	}
}

static void search_part(struct state *state, unsigned number, const struct level *level,
	unsigned part, uint16_t query)
{
	const struct plan *plan = plan_of(state, level);
	const uint16_t *slots = level_slots(level, part);
	struct origin origin = {query, (uint8_t)part, (uint8_t)number};
	uint32_t window = level_window(query_of(state, query), part, level->parts);
	uint32_t key = level_key(window, level->key_bits);
	uint32_t signature = HAMMING_TWICE(level_signature(window, level->key_bits));
	unsigned flip = 0;
	for (int bits = 0; bits <= plan->threshold[part]; bits++) {
		uint32_t limit = HAMMING_TWICE(plan->limit[part] - (unsigned)bits);
		for (; flip < level->flip_counts[bits]; flip++)
			ask(state, slots + (key ^ level->flips[flip]) * level_lanes(level),
				level->line_count, signature, limit, origin);
	}
}

/* Part by part, not query by query: a part's buckets are few megabytes, whose places in memory the processor has at hand
 * after the first queries, also where it looks pages of 4 kB up (as under many a hypervisor). */
static void search_level(struct state *state, unsigned number, size_t first, size_t end)
{
	const struct level *level = state->search->view->levels[number];
	if (state->cold && is_cold(level))
		for (size_t query = first; query < end; query++)
			expect_buckets(state, level, (uint16_t)query);
	for (unsigned part = 0; part < level->parts && state->rc == HILF_OK; part++)
		for (size_t query = first; query < end; query++)
			search_part(state, number, level, part, (uint16_t)query);
}

static void search_deltas(struct state *state, const uint32_t *counts, uint16_t query)
{
	const struct view *view = state->search->view;
	struct hamming_found found[BLOCK];
	for (unsigned i = 0; i < view->delta_count; i++) {
		const struct delta *delta = view->deltas[i];
		for (uint32_t from = 0; from < counts[i]; from += BLOCK) {
			uint32_t size = counts[i] - from;
			size_t more = state->search->ops->within(delta->values[from],
				size < BLOCK ? size : BLOCK, query_of(state, query),
				state->search->radius, found);
			for (size_t j = 0; j < more; j++)
				offer(state, delta->links[from + found[j].position],
					found[j].distance, query);
		}
	}
}

/* Asks everything that is to be asked about some queries. */
static void search_some(struct state *state, const uint32_t *delta_counts, size_t first, size_t end)
{
	for (unsigned i = 0; i < state->search->view->level_count && state->rc == HILF_OK; i++)
		search_level(state, i, first, end);
	for (size_t query = first; query < end; query++)
		search_deltas(state, delta_counts, (uint16_t)query);
}

/* No answer is better than half of one. */
static void forget(struct index_hits *hits, size_t count)
{
	for (size_t i = 0; i < count; i++)
		hits[i].count = hits[i].total = 0;
}

int search_run(const struct search *search, const uint8_t *queries, size_t count,
	struct index_hits *ret_hits, struct hilf_err *err)
{
	const struct view *view = search->view;
	struct state state; /* its arrays are filled as they are used */
	uint32_t counts[VIEW_DELTAS];

	ASSERT(search->radius <= SEARCH_RADIUS_MAX);
	ASSERT(count <= INDEX_BATCH_MAX);
	state.search = search;
	state.queries = queries;
	state.hits = ret_hits;
	state.asked = &state.groups[0];
	state.arrived = &state.groups[1];
	state.asked->count = state.arrived->count = 0;
	state.rc = HILF_OK;
	state.err = err;
	state.cold = false;
	for (unsigned i = 0; i < view->level_count; i++)
		state.cold = state.cold || is_cold(view->levels[i]);
	state.ring.first = state.ring.ids = state.ring.starts = state.ring.end = 0;
	make_plan(&state.plans[0], 16, search->radius);
	make_plan(&state.plans[1], 32, search->radius);
	for (unsigned i = 0; i < view->delta_count; i++)
		counts[i] = atomic_load_explicit(&view->deltas[i]->count, memory_order_acquire);
	for (size_t query = 0; query < count; query++)
		nearest_start(&ret_hits[query]);
	for (size_t first = 0; first < count && state.rc == HILF_OK; first += TOGETHER)
		search_some(
			&state, counts, first, count - first < TOGETHER ? count : first + TOGETHER);
	turn(&state);
	turn(&state);
	while (state.ring.first != state.ring.end)
		advance(&state);
	if (state.rc < 0) {
		forget(ret_hits, count);
		return state.rc;
	}
	for (size_t query = 0; query < count; query++)
		nearest_finish(&ret_hits[query]);
	return HILF_OK;
}
