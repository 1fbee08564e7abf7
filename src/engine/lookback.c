/* Looking back: what was checked lately is compared with entries that arrive. A check leaves a note in memory and goes on;
 * a turn takes the notes over, looks at the entries that the feed brought since, and writes rows, events and how far it came
 * in one transaction, so that a crash between two turns tells nothing twice and forgets nothing that was durable.
 *
 * A check that began before an entry arrived may leave its note after the turn that compared the entry. So notes are also
 * compared with the entries of the last minute, which is longer than a check may take.
 *
 *   entries    ... floor ........ done ......... head          compared with
 *                    └── notes of this turn ──┘ └── all that is kept */
#include "base/check.h"
#include "base/err.h"
#include "engine/lookback_parts.h"
#include "os/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS       (24ll * 3600 * 1000)
#define NOTES_MAX    100000u /* between two turns */
#define LOAD_BATCH   4096u
#define SETTING_DONE "lookback.entry"

/* ------------------------------------------------------------------------------------------ memory */

static int note_gone(struct lookback *lookback, uint64_t id, struct hilf_err *err)
{
	if (id > lookback->saved_id)
		return 0; /* it was never stored */
	if (lookback->gone_count == lookback->gone_room) {
		size_t room = lookback->gone_room ? 2 * lookback->gone_room : 64;
		uint64_t *gone = realloc(lookback->gone, room * sizeof *gone);
		if (!gone)
			return err_no_memory(err);
		lookback->gone = gone;
		lookback->gone_room = room;
	}
	lookback->gone[lookback->gone_count++] = id;
	return 0;
}

static int forget(struct lookback *lookback, struct kept_item *item, struct hilf_err *err)
{
	int rc = note_gone(lookback, item->id, err);
	if (!rc)
		kept_remove(lookback->kept, item);
	return rc;
}

/* The oldest go when there are too many, or when they are too old. */
static int evict(struct lookback *lookback, int64_t now_ms, struct hilf_err *err)
{
	struct kept_item *item;
	int rc = 0;
	while (!rc && (item = kept_oldest(lookback->kept)) &&
		(kept_count(lookback->kept) > lookback->max_count ||
			item->time_ms < now_ms - lookback->keep_ms))
		rc = forget(lookback, item, err);
	return rc;
}

/* ------------------------------------------------------------------------------------------ opening */

struct loading {
	struct lookback *lookback;
	struct kept_item *items[LOAD_BATCH];
	size_t count;
	int64_t now_ms;
	struct hilf_err *err;
};

static int load_batch(struct loading *loading)
{
	struct lookback *lookback = loading->lookback;
	int rc = kept_add(lookback->kept, loading->items, loading->count, loading->err);
	if (!rc)
		loading->count = 0;
	return rc ? rc : evict(lookback, loading->now_ms, loading->err);
}

static int load_row(const struct store_seen *seen, void *ctx)
{
	struct loading *loading = ctx;
	struct lookback *lookback = loading->lookback;
	lookback->next_id = seen->id + 1;
	lookback->saved_id = seen->id;
	struct kept_item *item =
		kept_item_new(seen->content_id, seen->time_ms, seen->signals, seen->signal_count);
	if (!item)
		return err_no_memory(loading->err);
	item->id = seen->id;
	loading->items[loading->count++] = item;
	return loading->count == LOAD_BATCH ? load_batch(loading) : 0;
}

static int load(struct lookback *lookback, struct hilf_err *err)
{
	struct loading *loading = calloc(1, sizeof *loading);
	if (!loading)
		return err_no_memory(err);
	*loading = (struct loading){.lookback = lookback, .now_ms = clock_now_ms(), .err = err};
	int rc = store_seen_each(lookback->hilf->store, load_row, loading, err);
	if (!rc)
		rc = load_batch(loading);
	for (size_t i = 0; i < loading->count; i++)
		free(loading->items[i]);
	free(loading);
	return rc;
}

/* Without a mark of an earlier time it begins with what comes from now on. */
static int read_done(struct lookback *lookback, struct hilf_err *err)
{
	struct store_counts counts;
	char text[24];
	int rc = store_setting_get(
		lookback->hilf->store, false, SETTING_DONE, text, sizeof text, err);
	if (!rc) {
		lookback->done = strtoull(text, NULL, 10);
		lookback->marked = true;
		return 0;
	}
	if (rc != HILF_E_NOT_FOUND)
		return rc;
	rc = store_counts(lookback->hilf->store, clock_now_ms(), &counts, err);
	if (!rc)
		lookback->done = counts.entry_count + counts.expired_count + counts.withdrawn_count;
	return rc;
}

int lookback_open(struct hilf *hilf, unsigned days, uint64_t max_count,
	struct lookback **ret_lookback, struct hilf_err *err)
{
	ASSERT(hilf && ret_lookback);
	if (!days || days > LOOKBACK_DAYS_MAX || !max_count)
		return err_set(err, HILF_E_INVALID,
			"look-back keeps 1 to %u days and one content or more; to keep nothing, "
			"leave "
			"it off",
			LOOKBACK_DAYS_MAX);
	struct lookback *lookback = calloc(1, sizeof *lookback);
	if (!lookback)
		return err_no_memory(err);
	lookback->hilf = hilf;
	lookback->keep_ms = days * DAY_MS;
	lookback->max_count = max_count;
	lookback->last_note = &lookback->notes;
	lookback->next_id = 1;
	lookback->seq = UINT64_MAX;
	pthread_mutex_init(&lookback->note_mutex, NULL);
	pthread_mutex_init(&lookback->turn_mutex, NULL);
	int rc = kept_open(&lookback->kept, err);
	if (!rc)
		rc = load(lookback, err);
	if (!rc)
		rc = read_done(lookback, err);
	if (rc) {
		lookback_close(lookback);
		return rc;
	}
	atomic_store(&lookback->count, kept_count(lookback->kept));
	*ret_lookback = lookback;
	return 0;
}

static void free_notes(struct kept_item *notes)
{
	while (notes) {
		struct kept_item *next = notes->next;
		free(notes);
		notes = next;
	}
}

void lookback_close(struct lookback *lookback)
{
	if (!lookback)
		return;
	free_notes(lookback->notes);
	kept_close(lookback->kept);
	free(lookback->gone);
	free(lookback->found);
	pthread_mutex_destroy(&lookback->note_mutex);
	pthread_mutex_destroy(&lookback->turn_mutex);
	free(lookback);
}

uint64_t lookback_count(const struct lookback *lookback)
{
	return lookback ? atomic_load(&((struct lookback *)lookback)->count) : 0;
}

/* ------------------------------------------------------------------------------------------ notes */

void lookback_note(struct lookback *lookback, const struct check_context *context,
	const struct hilf_signal *signals, size_t count)
{
	if (!lookback || !context->content_id || !*context->content_id ||
		context->surface == SURFACE_PRIVATE ||
		strlen(context->content_id) > CHECK_CONTENT_ID_MAX)
		return;
	if (count > LOOKBACK_SIGNALS_MAX)
		count = LOOKBACK_SIGNALS_MAX;
	struct kept_item *item = kept_item_new(context->content_id, clock_now_ms(), signals, count);
	if (!item || !item->signal_count) {
		free(item);
		return;
	}
	pthread_mutex_lock(&lookback->note_mutex);
	bool room = lookback->note_count < NOTES_MAX;
	if (room) {
		*lookback->last_note = item;
		lookback->last_note = &item->next;
		lookback->note_count++;
		atomic_fetch_add(&lookback->count, 1);
	}
	pthread_mutex_unlock(&lookback->note_mutex);
	if (!room)
		free(item);
}

static struct kept_item *take_notes(struct lookback *lookback, size_t *ret_count)
{
	pthread_mutex_lock(&lookback->note_mutex);
	struct kept_item *notes = lookback->notes;
	*ret_count = lookback->note_count;
	lookback->notes = NULL;
	lookback->last_note = &lookback->notes;
	lookback->note_count = 0;
	pthread_mutex_unlock(&lookback->note_mutex);
	return notes;
}

/* Back to where they were: the next turn tries again. */
static void return_notes(struct lookback *lookback, struct kept_item *notes, size_t count)
{
	struct kept_item **last = &notes;
	while (*last)
		last = &(*last)->next;
	pthread_mutex_lock(&lookback->note_mutex);
	*last = lookback->notes;
	if (!lookback->notes)
		lookback->last_note = last;
	lookback->notes = notes;
	lookback->note_count += count;
	pthread_mutex_unlock(&lookback->note_mutex);
}

/* Of a content that comes again the last note stays. */
static int drop_older(
	struct lookback *lookback, struct kept_item **items, size_t count, struct hilf_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < count && !rc; i++) {
		if (kept_find(lookback->kept, items[i]->content_id) != items[i])
			rc = forget(lookback, items[i], err);
	}
	return rc;
}

/* In the order of their notes. */
static int keep_notes(struct lookback *lookback, struct hilf_err *err)
{
	size_t count, to = 0;
	struct kept_item *notes = take_notes(lookback, &count), *before;
	if (!count)
		return 0;
	struct kept_item **items = malloc(count * sizeof(struct kept_item *));
	int rc = items ? 0 : err_no_memory(err);
	for (struct kept_item *note = notes; note && !rc; note = note->next) {
		before = kept_find(lookback->kept, note->content_id);
		if (before)
			rc = forget(lookback, before, err);
		note->id = lookback->next_id + to;
		items[to++] = note;
	}
	if (!rc)
		rc = kept_add(lookback->kept, items, count, err);
	if (rc) {
		if (count)
			return_notes(lookback, notes, count);
	} else {
		lookback->next_id += count;
		rc = drop_older(lookback, items, count, err);
	}
	free(items);
	return rc;
}

/* ------------------------------------------------------------------------------------------ a turn */

struct writing {
	struct lookback *lookback;
	uint64_t done;
	int64_t erased_ms;
	struct hilf_err *err;
};

static int save_item(struct kept_item *item, void *ctx)
{
	const struct writing *writing = ctx;
	if (item->time_ms <= writing->erased_ms)
		return 0;
	const struct store_seen seen = {
		item->id, item->time_ms, item->content_id, item->signals, item->signal_count};
	return store_seen_add(writing->lookback->hilf->store, &seen, writing->err);
}

/* A record that is erased takes with it the rows that hold a signal of it; what was noted before and has no row yet could
 * bring one back, and nobody knows any more which, so none of it gets one. Memory keeps it until the end of the process. */
static int read_erased(struct hilf *hilf, int64_t *ret_erased_ms, struct hilf_err *err)
{
	char text[24];
	int rc = store_setting_get(hilf->store, true, STORE_SETTING_ERASED, text, sizeof text, err);
	if (!rc)
		*ret_erased_ms = strtoll(text, NULL, 10);
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

static int write_turn(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct writing *writing = ctx;
	struct lookback *lookback = writing->lookback;
	char text[24];
	int rc = 0;
	writing->err = err;
	for (size_t i = 0; i < lookback->gone_count && !rc; i++)
		rc = store_seen_remove(hilf->store, lookback->gone[i], err);
	if (!rc)
		rc = read_erased(hilf, &writing->erased_ms, err);
	if (!rc)
		rc = kept_each(lookback->kept, lookback->saved_id, save_item, writing);
	if (!rc)
		rc = lookback_tell(lookback, err);
	snprintf(text, sizeof text, "%llu", (unsigned long long)writing->done);
	return rc ? rc : store_setting_set(hilf->store, SETTING_DONE, text, err);
}

static int save_turn(struct lookback *lookback, uint64_t done, struct hilf_err *err)
{
	struct writing writing = {.lookback = lookback, .done = done, .err = err};
	bool anything = lookback->gone_count || lookback->found_count ||
			lookback->next_id > lookback->saved_id + 1 || done != lookback->done ||
			!lookback->marked;
	int rc = anything ? local_submit(lookback->hilf, write_turn, &writing, err) : 0;
	lookback->found_count = 0; /* if it failed, the next turn finds them again */
	if (rc)
		return rc;
	lookback->marked = true;
	lookback->gone_count = 0;
	lookback->saved_id = lookback->next_id - 1;
	lookback->done = done;
	return 0;
}

static int turn(struct lookback *lookback, bool *ret_more, struct hilf_err *err)
{
	int64_t now_ms = clock_now_ms();
	uint64_t done = lookback->done, seq;
	bool more = false;
	int rc = keep_notes(lookback, err);
	if (!rc)
		rc = evict(lookback, now_ms, err);
	if (!rc)
		rc = store_head(lookback->hilf->store, &seq, NULL, err);
	if (!rc && seq != lookback->seq)
		rc = lookback_compare_new(lookback, now_ms, &done, &more, err);
	if (!rc)
		rc = lookback_compare_late(lookback, now_ms, err);
	if (!rc)
		rc = save_turn(lookback, done, err);
	lookback->found_count = 0;
	if (rc)
		return rc;
	if (!more)
		lookback->seq = seq;
	lookback_mark(lookback, now_ms);
	kept_maintain(lookback->kept);
	*ret_more = more;
	return 0;
}

static void count_all(struct lookback *lookback)
{
	pthread_mutex_lock(&lookback->note_mutex);
	atomic_store(&lookback->count, kept_count(lookback->kept) + lookback->note_count);
	pthread_mutex_unlock(&lookback->note_mutex);
}

int lookback_turn(struct lookback *lookback, bool *ret_more, struct hilf_err *err)
{
	ASSERT(lookback && ret_more);
	pthread_mutex_lock(&lookback->turn_mutex);
	int rc = turn(lookback, ret_more, err);
	count_all(lookback);
	pthread_mutex_unlock(&lookback->turn_mutex);
	return rc;
}

/* ------------------------------------------------------------------------------------------ erasing */

struct erasing {
	const char *content_id;
	uint64_t count;
};

static int erase_rows(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct erasing *erasing = ctx;
	return store_seen_erase(hilf->store, erasing->content_id, &erasing->count, err);
}

static size_t drop_notes(struct lookback *lookback, const char *content_id)
{
	size_t count = 0;
	pthread_mutex_lock(&lookback->note_mutex);
	struct kept_item **at = &lookback->notes, *note;
	while ((note = *at)) {
		if (content_id && strcmp(note->content_id, content_id) != 0) {
			at = &note->next;
			continue;
		}
		*at = note->next;
		free(note);
		count++;
	}
	lookback->last_note = at;
	lookback->note_count -= count;
	pthread_mutex_unlock(&lookback->note_mutex);
	return count;
}

/* Rows first: where that fails nothing is forgotten, and the caller knows. */
static int erase(struct lookback *lookback, const char *content_id, uint64_t *ret_count,
	struct hilf_err *err)
{
	struct erasing erasing = {content_id, 0};
	struct kept_item *item;
	size_t noted, kept = 0;
	int rc = local_submit(lookback->hilf, erase_rows, &erasing, err);
	if (rc)
		return rc;
	noted = drop_notes(lookback, content_id);
	if (!content_id)
		lookback->gone_count = 0;
	while ((item = content_id ? kept_find(lookback->kept, content_id)
				  : kept_oldest(lookback->kept))) {
		kept_remove(lookback->kept, item);
		kept++;
	}
	*ret_count = kept ? kept : noted;
	return store_purged(lookback->hilf->store, err);
}

int lookback_erase(struct lookback *lookback, const char *content_id, uint64_t *ret_count,
	struct hilf_err *err)
{
	uint64_t count = 0;
	ASSERT(lookback);
	pthread_mutex_lock(&lookback->turn_mutex);
	int rc = erase(lookback, content_id, &count, err);
	count_all(lookback);
	pthread_mutex_unlock(&lookback->turn_mutex);
	if (ret_count && (!rc || rc == HILF_E_BUSY))
		*ret_count = count;
	return rc;
}
