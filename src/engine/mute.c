/* Muting: on this node alone, and for a time, an entry matches nothing. The way to stop a wrong entry at once where only
 * its owner can withdraw it, or while somebody finds out. */
#include "base/check.h"
#include "base/err.h"
#include "engine/checks.h"
#include "engine/engine.h"
#include "os/clock.h"

#define MUTE_MAX_MS (5ll * 366 * 24 * 3600 * 1000)

struct muting {
	const char *entry;
	int64_t until_ms, now_ms;
};

bool known_is_mute(const struct known *known, uint32_t entry, int64_t now_ms)
{
	const struct known_mutes *mutes = atomic_load(&known->mutes);
	size_t from = 0, to = mutes ? mutes->count : 0;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (mutes->items[middle].entry < entry)
			from = middle + 1;
		else
			to = middle;
	}
	return mutes && from < mutes->count && mutes->items[from].entry == entry &&
	       mutes->items[from].until_ms > now_ms;
}

int mute_set(
	struct hilf *hilf, uint64_t entry, int64_t until_ms, int64_t now_ms, struct hilf_err *err)
{
	struct store_entry_row row;
	int64_t before_ms = 0;
	int rc = store_mute_get(hilf->store, true, entry, &before_ms, err);
	if (!rc)
		rc = store_mute_set(hilf->store, entry, until_ms, err);
	if (rc || until_ms <= now_ms || before_ms > now_ms)
		return rc;
	rc = store_entry_get(hilf->store, true, entry, NULL, &row, err);
	if (rc == HILF_E_NOT_FOUND)
		return 0;
	return rc ? rc : checks_reverse(hilf, &row.gid, "muted", NULL, err);
}

static int mute(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct muting *muting = ctx;
	struct store_entry_row row;
	int rc = entry_find(hilf, true, muting->entry, &row, err);
	if (rc)
		return rc;
	return mute_set(hilf, row.id, muting->until_ms, muting->now_ms, err);
}

int hilf_entry_mute(struct hilf *hilf, const char *entry, int64_t until_ms, struct hilf_err *err)
{
	struct muting muting = {entry, until_ms, clock_now_ms()};
	struct write_job job = {mute, &muting, .local = true};
	ASSERT(hilf && entry);
	if (until_ms && until_ms <= muting.now_ms)
		return err_set(err, HILF_E_INVALID,
			"an entry can only be muted until a time to come; 0 ends it");
	if (until_ms > muting.now_ms + MUTE_MAX_MS)
		return err_set(err, HILF_E_LIMIT,
			"an entry can be muted for five years at most; withdraw it if it is wrong");
	return write_submit(hilf, &job, err);
}
