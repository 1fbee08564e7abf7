/* A log-structured merge (O'Neil et al., "The Log-Structured Merge-Tree", 1996) whose merges run in small steps. What
 * can fail (memory) comes first in every operation; what changes the state comes last and cannot. */
#include "index/tiers.h"

#include "base/check.h"
#include "base/err.h"
#include "os/pages.h"

#include <stdlib.h>

#define TIER_RATIO 16u
/* Above this many values at once, a level is built of them straight away. */
#define BULK_FROM (DELTA_VALUES / 2)
/* An add of one value works this much (some 0.5 ms) when a merge is due, ... */
#define EFFORT_STEP ((size_t)65536)
/* ... and one of many this much more for each: about what each value causes on its way down. */
#define EFFORT_PER_VALUE ((size_t)512)

static size_t tier_room(unsigned tier)
{
	size_t room = DELTA_VALUES;
	for (unsigned i = 0; i <= tier; i++)
		room *= TIER_RATIO;
	return room;
}

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

/* ---------------------------------------------------------------------------------------------- views */

static void free_view(struct view *view)
{
	for (unsigned i = 0; i < view->delta_count; i++)
		if (--view->deltas[i]->holders == 0)
			pages_free(view->deltas[i], sizeof *view->deltas[i]);
	for (unsigned i = 0; i < view->level_count; i++)
		if (--view->levels[i]->holders == 0)
			level_free(view->levels[i]);
	free(view);
}

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
		free_view(view);
	}
}

static void show_delta(struct view *view, struct delta *delta)
{
	if (!delta)
		return;
	delta->holders++;
	view->deltas[view->delta_count++] = delta;
}

static void show_level(struct view *view, struct level *level)
{
	if (!level)
		return;
	ASSERT(view->level_count < VIEW_LEVELS);
	level->holders++;
	view->levels[view->level_count++] = level;
}

/* Lets readers see the state as it is now, through a new empty view. */
static void publish(struct tiers *tiers, struct view *view)
{
	struct view *old = (struct view *)atomic_load_explicit(&tiers->view, memory_order_relaxed);
	for (unsigned i = TIERS; i-- > 0;) {
		show_level(view, tiers->tiers[i].settled);
		show_level(view, tiers->tiers[i].incoming);
	}
	show_delta(view, tiers->full);
	show_delta(view, tiers->delta);
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

/* A settled level that outgrew its tier goes to the next one, as soon as there is room. Views show the same before and
 * after. */
static void hand_down(struct tiers *tiers, unsigned number)
{
	struct tier *tier = &tiers->tiers[number];
	if (number + 1 == TIERS || tier->build || !tier->settled ||
		tier->settled->count <= tier_room(number))
		return;
	struct tier *next = &tiers->tiers[number + 1];
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
	if (rc == HILF_OK && done)
		rc = finish_merge(tiers, number, err);
	return rc;
}

/* Small tiers first: they are soon done, and values come in above them. */
static int work(struct tiers *tiers, size_t effort, struct hilf_err *err)
{
	int rc = HILF_OK;
	for (unsigned i = 0; i < TIERS && rc == HILF_OK && effort > 0; i++)
		rc = merge(tiers, i, &effort, err);
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

/* What a level of many new values takes into itself: everything smaller that no merge is using. */
struct taken {
	struct level_source sources[LEVEL_SOURCES_MAX];
	size_t source_count;
	struct level *levels[2 * TIERS];
	size_t level_count;
	bool full;
};

static void take_level(struct taken *taken, struct level *level, size_t count)
{
	if (!level || level->count > count)
		return;
	add_source(taken->sources, &taken->source_count, level);
	taken->levels[taken->level_count++] = level;
}

static void take_smaller(struct tiers *tiers, struct taken *taken, size_t count)
{
	for (unsigned i = TIERS; i-- > 0;) {
		const struct tier *tier = &tiers->tiers[i];
		if (tier->build)
			continue;
		take_level(taken, tier->settled, count);
		take_level(taken, tier->incoming, count);
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
	while (number + 1 < TIERS && tier_room(number) < count)
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

/* *ret_level is NULL when everything was removed. */
static int build_level(struct tiers *tiers, const struct taken *taken, struct level **ret_level,
	struct hilf_err *err)
{
	struct level_build *build;
	size_t effort = SIZE_MAX;
	bool done = false;
	int rc =
		level_build_open(&build, taken->sources, taken->source_count, &tiers->removed, err);
	if (rc < 0)
		return rc;
	rc = level_build_step(build, &effort, &done, err);
	if (rc == HILF_OK)
		*ret_level = level_build_take(build);
	level_build_close(build);
	return rc;
}

static int add_many(struct tiers *tiers, const uint8_t *values, const uint32_t *links, size_t count,
	struct hilf_err *err)
{
	struct taken taken = {.source_count = 0};
	struct level *level = NULL;
	struct tier *tier;
	int rc = make_place(tiers, count, &tier, err);
	if (rc < 0)
		return rc;
	take_smaller(tiers, &taken, count);
	taken.sources[taken.source_count++] = (struct level_source){values, links, count, NULL};
	rc = build_level(tiers, &taken, &level, err);
	struct delta *delta = pages_alloc(sizeof *delta);
	struct view *view = calloc(1, sizeof *view);
	if (rc == HILF_OK && (!delta || !view))
		rc = err_no_memory(err);
	if (rc < 0) {
		level_free(level);
		pages_free(delta, sizeof *delta);
		free(view);
		return rc;
	}
	forget_taken(tiers, &taken);
	if (!tier->settled) {
		tier->settled = level;
	} else {
		ASSERT(!tier->incoming);
		tier->incoming = level;
	}
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
	int rc = count >= BULK_FROM ? add_many(tiers, values, links, count, err)
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
