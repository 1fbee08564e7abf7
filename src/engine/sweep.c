/* What ends by itself: entries that expire, entries that a follower's leader ended, rows past their days. */
#include "base/check.h"
#include "base/err.h"
#include "engine/checks_parts.h"
#include "engine/hooks.h"
#include "engine/local_parts.h"
#include "os/clock.h"

#include <stdlib.h>

#define DAY_MS     (24ll * 3600 * 1000)
#define SWEEP_MOST 10000u /* in one call, whatever was asked for: the writer is held as long */

struct sweeping {
	uint64_t *entries;
	size_t count;
};

/* Each as it stands now: some may have ended otherwise, or last longer than their row says. */
static int sweep_entries(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct sweeping *sweeping = ctx;
	int rc = 0;
	for (size_t i = 0; i < sweeping->count && !rc; i++) {
		struct upholds upholds;
		uint64_t restored;
		uint32_t most;
		rc = store_rest_get(hilf->store, true, sweeping->entries[i], &most, err);
		if (rc == HILF_E_NOT_FOUND) {
			rc = 0;
			continue;
		}
		if (!rc)
			rc = entry_upholds(hilf, true, sweeping->entries[i], &upholds, err);
		if (!rc)
			rc = upholds.most < most
				     ? reverse_entry(hilf, &upholds, upholds.why, &restored, err)
				     : store_rest_set(hilf->store, sweeping->entries[i],
					       upholds.row.expires_ms, upholds.most, err);
	}
	return rc;
}

static size_t bounded(size_t limit)
{
	return limit && limit < SWEEP_MOST ? limit : SWEEP_MOST;
}

int checks_sweep_expired(struct hilf *hilf, size_t limit, bool *ret_more, struct hilf_err *err)
{
	struct sweeping sweeping = {0};
	size_t room = bounded(limit);
	ASSERT(hilf && ret_more);
	sweeping.entries = malloc(room * sizeof *sweeping.entries);
	if (!sweeping.entries)
		return err_no_memory(err);
	int rc = store_rest_expired(
		hilf->store, false, clock_now_ms(), sweeping.entries, room, &sweeping.count, err);
	if (!rc && sweeping.count)
		rc = local_submit(hilf, sweep_entries, &sweeping, err);
	free(sweeping.entries);
	if (!rc)
		*ret_more = sweeping.count == room;
	return rc;
}

/* ------------------------------------------------------------------------------------------ followers */

/* Those of entries[count] that are not what what rests on them takes them for. */
static int choose_ended(
	struct hilf *hilf, uint64_t *entries, size_t count, size_t *ret_count, struct hilf_err *err)
{
	size_t to = 0;
	for (size_t i = 0; i < count; i++) {
		struct upholds upholds;
		int64_t expires_ms;
		uint32_t most;
		int rc = store_rest_when(hilf->store, false, entries[i], &most, &expires_ms, err);
		if (rc == HILF_E_NOT_FOUND)
			continue;
		if (!rc)
			rc = entry_upholds(hilf, false, entries[i], &upholds, err);
		if (rc)
			return rc;
		if (upholds.most != (enum hilf_verdict)most || upholds.row.expires_ms != expires_ms)
			entries[to++] = entries[i];
	}
	*ret_count = to;
	return 0;
}

/* Looks at the next entries that something rests on. */
static int sweep_next(struct hilf *hilf, size_t room, bool *ret_more, struct hilf_err *err)
{
	struct local *local = hilf->local;
	struct sweeping sweeping = {.entries = malloc(room * sizeof *sweeping.entries)};
	size_t count;
	if (!sweeping.entries)
		return err_no_memory(err);
	int rc = store_rest_page(
		hilf->store, false, local->sweep_after, sweeping.entries, room, &count, err);
	uint64_t last = !rc && count ? sweeping.entries[count - 1] : local->sweep_after;
	if (!rc)
		rc = choose_ended(hilf, sweeping.entries, count, &sweeping.count, err);
	if (!rc && sweeping.count)
		rc = local_submit(hilf, sweep_entries, &sweeping, err);
	free(sweeping.entries);
	if (rc)
		return rc;
	local->sweep_after = last;
	*ret_more = count == room;
	return 0;
}

/* Once from the beginning after the feed brought something that ends entries, and once after opening, because nobody
 * remembers how far the last one came. */
int checks_sweep_withdrawn(struct hilf *hilf, size_t limit, bool *ret_more, struct hilf_err *err)
{
	struct local *local = hilf->local;
	uint64_t head;
	bool more = false, ends = true;
	ASSERT(hilf && ret_more);
	pthread_mutex_lock(&local->sweep_mutex);
	int rc = store_head(hilf->store, &head, NULL, err);
	if (!rc && !local->sweeping) {
		if (local->swept)
			rc = head == local->swept_seq
				     ? (ends = false, 0)
				     : store_feed_ends(hilf->store, local->swept_seq, &ends, err);
		if (!rc) {
			local->sweeping = ends;
			local->sweep_after = 0;
			local->sweep_seq = head;
			if (!ends)
				local->swept_seq = head;
		}
	}
	if (!rc && local->sweeping)
		rc = sweep_next(hilf, bounded(limit), &more, err);
	if (!rc && local->sweeping && !more) {
		local->sweeping = false;
		local->swept = true;
		local->swept_seq = local->sweep_seq;
	}
	pthread_mutex_unlock(&local->sweep_mutex);
	if (!rc)
		*ret_more = more;
	return rc;
}

/* ------------------------------------------------------------------------------------------ age */

struct ageing {
	size_t limit;
	bool more;
};

static int sweep_rows(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct ageing *ageing = ctx;
	const int64_t now_ms = clock_now_ms();
	const struct store_ages ages = {.now_ms = now_ms,
		.dead_before_ms = now_ms - HOOK_DEAD_DAYS * DAY_MS,
		.seen_before_ms = now_ms - LOOKBACK_DAYS_MAX * DAY_MS};
	return store_local_sweep(hilf->store, &ages, ageing->limit, &ageing->more, err);
}

int checks_sweep_old(struct hilf *hilf, size_t limit, bool *ret_more, struct hilf_err *err)
{
	struct ageing ageing = {bounded(limit), false};
	ASSERT(hilf && ret_more);
	int rc = local_submit(hilf, sweep_rows, &ageing, err);
	if (!rc)
		*ret_more = ageing.more;
	return rc;
}
