/* A log-structured merge (O'Neil et al., "The Log-Structured Merge-Tree", 1996) whose merges run in small steps. What
 * can fail (memory) comes first in every operation; what changes the state comes last and cannot. */
#include "index/tiers.h"

#include "base/check.h"
#include "base/err.h"
#include "os/pages.h"

#include <stdlib.h>

#define TIER_RATIO 16u
/* A segment is at most one part in so many of the whole: a merge holds no second copy of more. */
#define SEGMENT_SHARE 4u
/* What comes into a segment is at least one part in so many of what it may hold. */
#define SEGMENT_RATIO 8u
/* Below a million and a quarter a level's buckets are one line each, and one level is quickest. */
#define SEGMENT_MIN ((size_t)1250000)
/* More segments than this are merged, two by two: the two smallest then fit into one. */
#define SEGMENTS_KEPT 7u
/* Above this many values at once, a level is built of them straight away. */
#define BULK_FROM (DELTA_VALUES / 2)
/* An add of one value works this much (some 0.5 ms) when a merge is due, ... */
#define EFFORT_STEP ((size_t)65536)
/* ... and one of many this much more for each: about what each value causes on its way down. */
#define EFFORT_PER_VALUE ((size_t)512)

static size_t held_count(const struct tiers *tiers)
{
	size_t count = tiers_delta_count(tiers->delta) + tiers_delta_count(tiers->full);
	for (unsigned i = 0; i < TIERS; i++) {
		const struct tier *tier = &tiers->tiers[i];
		count += tier->settled ? tier->settled->count : 0;
		count += tier->incoming ? tier->incoming->count : 0;
	}
	return count;
}

/* What a segment may hold, when so many values are held in all. */
static size_t segment_room(const struct tiers *tiers, size_t held)
{
	size_t quarter = (held + SEGMENT_SHARE - 1) / SEGMENT_SHARE;
	return quarter > tiers->segment_min ? quarter : tiers->segment_min;
}

/* What a tier of its number (not a segment) holds before it hands it down. */
static size_t tier_room(const struct tiers *tiers, unsigned tier)
{
	size_t room = DELTA_VALUES, most = segment_room(tiers, held_count(tiers)) / SEGMENT_RATIO;
	for (unsigned i = 0; i <= tier; i++)
		room *= TIER_RATIO;
	return room < most && tier + 1 < TIERS_SMALL ? room : most;
}

/* ---------------------------------------------------------------------------------------------- views */

/* Frees replaced views that no reader holds any more, and what only they showed. */
static void reclaim(struct tiers *tiers)
{
	for (struct view **at = &tiers->replaced; *at;) {
		struct view *view = *at;
		if (readers_hold(&tiers->readers, view)) {
			at = &view->next;
			continue;
		}
		*at = view->next;
		view_free(view);
	}
}

/* Lets readers see the state as it is now, through a new empty view. */
static void publish(struct tiers *tiers, struct view *view)
{
	struct view *old = (struct view *)atomic_load_explicit(&tiers->view, memory_order_relaxed);
	for (unsigned i = TIERS; i-- > 0;) {
		view_show_level(view, tiers->tiers[i].settled);
		view_show_level(view, tiers->tiers[i].incoming);
	}
	view_show_delta(view, tiers->full);
	view_show_delta(view, tiers->delta);
	atomic_store(&tiers->view, view);
	if (old) {
		old->next = tiers->replaced;
		tiers->replaced = old;
	}
	reclaim(tiers);
}

/* --------------------------------------------------------------------------------------------- merges */

static bool is_due(const struct tiers *tiers, unsigned number)
{
	const struct tier *tier = &tiers->tiers[number];
	return tier->build || tier->incoming || (number == 0 && tiers->full) ||
	       (tier->purge && tier->settled);
}

static void add_source(struct level_source *sources, size_t *count, const struct level *level)
{
	if (level)
		sources[(*count)++] = (struct level_source){
			level->values, level->links, level->count, level->blocks};
}

static void add_delta(struct level_source *sources, size_t *count, const struct delta *delta)
{
	if (delta)
		sources[(*count)++] = (struct level_source){
			delta->values[0], delta->links, tiers_delta_count(delta), NULL};
}

/* For those who ask from other threads. */
static void note_building(struct tiers *tiers)
{
	size_t size = 0;
	for (unsigned i = 0; i < TIERS; i++)
		if (tiers->tiers[i].build)
			size += level_build_size(tiers->tiers[i].build);
	atomic_store_explicit(&tiers->building_size, size, memory_order_relaxed);
}

static int start_merge(struct tiers *tiers, unsigned number, struct hilf_err *err)
{
	struct tier *tier = &tiers->tiers[number];
	struct level_source sources[3];
	size_t count = 0;
	add_source(sources, &count, tier->settled);
	add_source(sources, &count, tier->incoming);
	if (number == 0)
		add_delta(sources, &count, tiers->full);
	int rc = level_build_open(&tier->build, sources, count, &tiers->removed, err);
	if (rc < 0)
		return rc;
	tier->takes_incoming = tier->incoming || (number == 0 && tiers->full);
	tier->purge = false;
	return HILF_OK;
}

/* The smallest segment that nothing is done to and that may hold `count` more; where there is none, a free place; or
 * NULL. */
static struct tier *find_segment(struct tiers *tiers, size_t count, size_t room)
{
	struct tier *best = NULL, *empty = NULL;
	for (unsigned i = TIERS_SMALL; i < TIERS; i++) {
		struct tier *tier = &tiers->tiers[i];
		if (tier->build || tier->incoming)
			continue;
		if (!tier->settled)
			empty = empty ? empty : tier;
		else if (tier->settled->count + count <= room &&
			 (!best || tier->settled->count < best->settled->count))
			best = tier;
	}
	return best ? best : empty;
}

/* A settled level that outgrew its tier goes to the next one, or into a segment, as soon as there is room. Views show
 * the same before and after. */
static void hand_down(struct tiers *tiers, unsigned number)
{
	struct tier *tier = &tiers->tiers[number];
	if (number >= TIERS_SMALL || tier->build || !tier->settled ||
		tier->settled->count <= tier_room(tiers, number))
		return;
	struct tier *next = &tiers->tiers[number + 1];
	if (number + 1 == TIERS_SMALL)
		next = find_segment(
			tiers, tier->settled->count, segment_room(tiers, held_count(tiers)));
	if (!next)
		return;
	if (!next->settled && !next->incoming && !next->build)
		next->settled = tier->settled;
	else if (!next->incoming)
		next->incoming = tier->settled;
	else
		return;
	tier->settled = NULL;
}

static int finish_merge(struct tiers *tiers, unsigned number, struct hilf_err *err)
{
	struct tier *tier = &tiers->tiers[number];
	struct view *view = calloc(1, sizeof *view);
	if (!view)
		return err_no_memory(err);
	tier->settled = level_build_take(tier->build);
	level_build_close(tier->build);
	tier->build = NULL;
	note_building(tiers);
	if (tier->takes_incoming && number == 0)
		tiers->full = NULL;
	if (tier->takes_incoming)
		tier->incoming = NULL;
	publish(tiers, view);
	hand_down(tiers, number);
	return HILF_OK;
}

/* Works on what is due in one tier, and lowers effort by what it took. */
static int merge(struct tiers *tiers, unsigned number, size_t *effort, struct hilf_err *err)
{
	struct tier *tier = &tiers->tiers[number];
	bool done = false;
	int rc = HILF_OK;
	hand_down(tiers, number);
	if (!is_due(tiers, number))
		return HILF_OK;
	if (!tier->build)
		rc = start_merge(tiers, number, err);
	if (rc == HILF_OK)
		rc = level_build_step(tier->build, effort, &done, err);
	note_building(tiers);
	if (rc == HILF_OK && done)
		rc = finish_merge(tiers, number, err);
	return rc;
}

/* Segments that stand still, and the two smallest of them. */
static size_t count_segments(struct tiers *tiers, struct tier *ret_smallest[2])
{
	size_t count = 0;
	ret_smallest[0] = ret_smallest[1] = NULL;
	for (unsigned i = TIERS_SMALL; i < TIERS; i++) {
		struct tier *tier = &tiers->tiers[i];
		if (tier->build || tier->incoming || !tier->settled)
			continue;
		count++;
		if (!ret_smallest[0] || tier->settled->count < ret_smallest[0]->settled->count) {
			ret_smallest[1] = ret_smallest[0];
			ret_smallest[0] = tier;
		} else if (!ret_smallest[1] ||
			   tier->settled->count < ret_smallest[1]->settled->count) {
			ret_smallest[1] = tier;
		}
	}
	return count;
}

/* Where segments are more than `kept`, has the smallest go into the next one. */
static void join_segments(struct tiers *tiers, size_t kept)
{
	struct tier *smallest[2];
	if (count_segments(tiers, smallest) <= kept || !smallest[1])
		return;
	smallest[1]->incoming = smallest[0]->settled;
	smallest[0]->settled = NULL;
	smallest[0]->purge = false;
}

/* The one segment that is worked on, so that there is only one copy under way; TIERS if there is none. */
static unsigned next_segment(struct tiers *tiers)
{
	unsigned due = TIERS;
	for (unsigned i = TIERS; i-- > TIERS_SMALL;) {
		if (tiers->tiers[i].build)
			return i;
		if (is_due(tiers, i))
			due = i;
	}
	return due;
}

/* Small tiers first: they are soon done, and values come in above them. */
static int work(struct tiers *tiers, size_t effort, struct hilf_err *err)
{
	int rc = HILF_OK;
	unsigned number;
	for (unsigned i = 0; i < TIERS_SMALL && rc == HILF_OK && effort > 0; i++)
		rc = merge(tiers, i, &effort, err);
	if (next_segment(tiers) == TIERS)
		join_segments(tiers, SEGMENTS_KEPT);
	while (rc == HILF_OK && effort > 0 && (number = next_segment(tiers)) < TIERS)
		rc = merge(tiers, number, &effort, err);
	return rc;
}

/* Merges what is due in one tier, to its end. */
static int settle(struct tiers *tiers, unsigned number, struct hilf_err *err)
{
	size_t effort = SIZE_MAX;
	return merge(tiers, number, &effort, err);
}

int tiers_maintain(struct tiers *tiers, bool *ret_more, struct hilf_err *err)
{
	int rc = work(tiers, EFFORT_STEP, err);
	if (rc < 0)
		return rc;
	reclaim(tiers);
	bool more = false;
	for (unsigned i = 0; i < TIERS_SMALL; i++)
		hand_down(tiers, i);
	for (unsigned i = 0; i < TIERS; i++)
		more = more || is_due(tiers, i);
	*ret_more = more;
	return HILF_OK;
}

/* ----------------------------------------------------------------------------------------------- adds */

static int replace_delta(struct tiers *tiers, struct hilf_err *err)
{
	/* Only where adds come faster than the small merges that each of them pays for. */
	if (tiers->full) {
		int rc = settle(tiers, 0, err);
		if (rc == HILF_OK && tiers->full)
			rc = settle(tiers, 0, err);
		if (rc < 0)
			return rc;
	}
	struct delta *delta = pages_alloc(sizeof *delta);
	struct view *view = calloc(1, sizeof *view);
	if (!delta || !view) {
		pages_free(delta, sizeof *delta);
		free(view);
		return err_no_memory(err);
	}
	tiers->full = tiers->delta;
	tiers->delta = delta;
	publish(tiers, view);
	return HILF_OK;
}

static int add_few(struct tiers *tiers, const uint8_t *values, const uint32_t *links, size_t count,
	struct hilf_err *err)
{
	if (count > DELTA_VALUES - tiers_delta_count(tiers->delta)) {
		int rc = replace_delta(tiers, err);
		if (rc < 0)
			return rc;
	}
	struct delta *delta = tiers->delta;
	uint32_t from = tiers_delta_count(delta);
	memcpy(delta->values[from], values, count * HAMMING_SIZE);
	memcpy(&delta->links[from], links, count * sizeof *links);
	atomic_store_explicit(&delta->count, from + (uint32_t)count, memory_order_release);
	return HILF_OK;
}

/* What levels of many new values take into themselves: everything smaller that no merge is using. */
struct taken {
	struct level_source sources[LEVEL_SOURCES_MAX];
	size_t source_count;
	size_t value_count;
	struct level *levels[2 * TIERS];
	size_t level_count;
	bool full;
};

/* The levels that come of many new values: one, or segments. */
struct made {
	struct level *levels[TIERS];
	size_t count;
};

static void take_level(struct taken *taken, struct level *level, size_t count, size_t room)
{
	if (!level || level->count > count || level->count > room - taken->value_count)
		return;
	add_source(taken->sources, &taken->source_count, level);
	taken->value_count += level->count;
	taken->levels[taken->level_count++] = level;
}

/* Takes what is at most `count`, and `room` in all. */
static void take_smaller(struct tiers *tiers, struct taken *taken, size_t count, size_t room)
{
	for (unsigned i = 0; i < TIERS; i++) {
		const struct tier *tier = &tiers->tiers[i];
		if (tier->build)
			continue;
		take_level(taken, tier->settled, count, room);
		take_level(taken, tier->incoming, count, room);
	}
	if (!tiers->tiers[0].build) {
		taken->full = tiers->full;
		add_delta(taken->sources, &taken->source_count, tiers->full);
	}
	add_delta(taken->sources, &taken->source_count, tiers->delta);
}

static void forget_taken(struct tiers *tiers, const struct taken *taken)
{
	for (size_t i = 0; i < taken->level_count; i++)
		for (unsigned j = 0; j < TIERS; j++) {
			struct tier *tier = &tiers->tiers[j];
			if (tier->settled == taken->levels[i])
				tier->settled = NULL;
			if (tier->incoming == taken->levels[i])
				tier->incoming = NULL;
		}
	if (taken->full)
		tiers->full = NULL;
}

/* Sees to it that a level of `count` new values, and what it takes in, has a place in the tier of its size: no merge is
 * under way there, and not both of its levels are larger. Finishes merges where need be; they are not much larger than
 * what is added. */
static int make_place(
	struct tiers *tiers, size_t count, struct tier **ret_tier, struct hilf_err *err)
{
	unsigned number = 0;
	while (tier_room(tiers, number) < count)
		number++;
	struct tier *tier = &tiers->tiers[number];
	while (tier->build || (tier->settled && tier->settled->count > count && tier->incoming &&
				      tier->incoming->count > count)) {
		int rc = settle(tiers, number, err);
		if (rc < 0)
			return rc;
	}
	*ret_tier = tier;
	return HILF_OK;
}

/* Sees to it that so many segments more have places. */
static int make_segments(struct tiers *tiers, size_t wanted, struct hilf_err *err)
{
	for (;;) {
		size_t empty = 0;
		for (unsigned i = TIERS_SMALL; i < TIERS; i++)
			empty += !tiers->tiers[i].settled && !tiers->tiers[i].incoming &&
				 !tiers->tiers[i].build;
		if (empty >= wanted)
			return HILF_OK;
		unsigned number = next_segment(tiers);
		if (number == TIERS) {
			join_segments(tiers, 1);
			continue;
		}
		int rc = settle(tiers, number, err);
		if (rc < 0)
			return rc;
	}
}

/* A level of nothing but removed values is none. */
static int build_level(struct tiers *tiers, const struct level_source *sources, size_t source_count,
	struct made *made, struct hilf_err *err)
{
	struct level_build *build;
	size_t effort = SIZE_MAX;
	bool done = false;
	int rc = level_build_open(&build, sources, source_count, &tiers->removed, err);
	if (rc < 0)
		return rc;
	rc = level_build_step(build, &effort, &done, err);
	struct level *level = rc == HILF_OK ? level_build_take(build) : NULL;
	if (level)
		made->levels[made->count++] = level;
	level_build_close(build);
	return rc;
}

/* Builds `pieces` levels, one after the other, of what is new, and of what was taken with the first. */
static int build_levels(struct tiers *tiers, struct taken *taken, const struct level_source *new,
	size_t pieces, struct made *made, struct hilf_err *err)
{
	int rc = HILF_OK;
	for (size_t i = 0; i < pieces && rc == HILF_OK; i++) {
		size_t from = new->count / pieces *i;
		size_t end = i + 1 < pieces ? new->count / pieces *(i + 1) : new->count;
		struct level_source piece = {
			new->values + from *HAMMING_SIZE, new->links + from, end - from, NULL};
		if (i == 0) {
			taken->sources[taken->source_count] = piece;
			rc = build_level(tiers, taken->sources, taken->source_count + 1, made, err);
		} else {
			rc = build_level(tiers, &piece, 1, made, err);
		}
	}
	return rc;
}

/* tier: where the one level goes; NULL: each becomes a segment. */
static void put_levels(struct tiers *tiers, struct tier *tier, const struct made *made)
{
	for (size_t i = 0; i < made->count; i++) {
		struct tier *place = tier ? tier : find_segment(tiers, 0, 0);
		ASSERT(place && !(place->settled && place->incoming));
		if (!place->settled)
			place->settled = made->levels[i];
		else
			place->incoming = made->levels[i];
	}
}

static int add_many(struct tiers *tiers, const struct level_source *new, struct hilf_err *err)
{
	struct taken taken = {.source_count = 0};
	struct made made = {.count = 0};
	struct tier *tier = NULL;
	size_t room = segment_room(tiers, held_count(tiers) + new->count);
	size_t pieces = (new->count + room - 1) / room;
	int rc = new->count <= tier_room(tiers, TIERS_SMALL - 1)
			 ? make_place(tiers, new->count, &tier, err)
			 : make_segments(tiers, pieces, err);
	if (rc < 0)
		return rc;
	take_smaller(tiers, &taken, new->count, room - new->count / pieces);
	rc = build_levels(tiers, &taken, new, pieces, &made, err);
	struct delta *delta = pages_alloc(sizeof *delta);
	struct view *view = calloc(1, sizeof *view);
	if (rc == HILF_OK && (!delta || !view))
		rc = err_no_memory(err);
	if (rc < 0) {
		while (made.count > 0)
			level_free(made.levels[--made.count]);
		pages_free(delta, sizeof *delta);
		free(view);
		return rc;
	}
	forget_taken(tiers, &taken);
	put_levels(tiers, tier, &made);
	tiers->delta = delta;
	publish(tiers, view);
	return HILF_OK;
}

int tiers_add(struct tiers *tiers, const uint8_t *values, const uint32_t *links, size_t count,
	struct hilf_err *err)
{
	if (count == 0)
		return HILF_OK;
	size_t held = held_count(tiers);
	if (count > LEVEL_MAX - held)
		return err_set(err, HILF_E_LIMIT,
			"The index is full: it holds %zu values, and %zu more are too many.", held,
			count);
	const struct level_source new = {values, links, count, NULL};
	int rc = count >= BULK_FROM ? add_many(tiers, &new, err)
				    : add_few(tiers, values, links, count, err);
	if (rc < 0)
		return rc;
	/* The values are in. Where there is no memory to merge, merging waits. */
	work(tiers, EFFORT_STEP + count * EFFORT_PER_VALUE, NULL);
	return HILF_OK;
}

int tiers_remove(struct tiers *tiers, uint32_t link, struct hilf_err *err)
{
	if (!links_add(&tiers->removed, link))
		return err_no_memory(err);
	/* A quarter of removed values costs more in queries than merging them away. */
	if (++tiers->removed_count >= DELTA_VALUES + held_count(tiers) / 4) {
		tiers->removed_count = 0;
		for (unsigned i = 0; i < TIERS; i++)
			tiers->tiers[i].purge = tiers->tiers[i].settled != NULL;
	}
	return HILF_OK;
}

/* ------------------------------------------------------------------------------------- opening, closing */

int tiers_open(struct tiers *ret_tiers, struct hilf_err *err)
{
	struct delta *delta = pages_alloc(sizeof *delta);
	struct view *view = calloc(1, sizeof *view);
	if (!delta || !view || !links_open(&ret_tiers->removed)) {
		pages_free(delta, sizeof *delta);
		free(view);
		return err_no_memory(err);
	}
	ret_tiers->delta = delta;
	ret_tiers->segment_min = SEGMENT_MIN;
	publish(ret_tiers, view);
	return HILF_OK;
}

int tiers_show(struct tiers *tiers, struct hilf_err *err)
{
	struct view *view = calloc(1, sizeof *view);
	if (!view)
		return err_no_memory(err);
	publish(tiers, view);
	return HILF_OK;
}

void tiers_close(struct tiers *tiers)
{
	struct view *view = (struct view *)atomic_load(&tiers->view);
	for (unsigned i = 0; i < TIERS; i++)
		level_build_close(tiers->tiers[i].build);
	view->next = tiers->replaced;
	tiers->replaced = view;
	reclaim(tiers);
	ASSERT(!tiers->replaced); /* nobody may be reading any more */
	links_close(&tiers->removed);
}
