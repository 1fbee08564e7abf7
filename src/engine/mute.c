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

static int mute(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct muting *muting = ctx;
	struct store_entry_row row;
	int64_t before_ms = 0;
	int rc = entry_find(hilf, true, muting->entry, &row, err);
	if (!rc)
		rc = store_mute_get(hilf->store, true, row.id, &before_ms, err);
	if (rc)
		return rc;
	hilf->write_count++;
	rc = store_mute_set(hilf->store, row.id, muting->until_ms, err);
	return rc;
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
