/* The node about itself: its figures, and whether its store is whole. */
#include "base/check.h"
#include "base/err.h"
#include "engine/current.h"
#include "engine/engine.h"
#include "engine/checkpoint.h"
#include "os/clock.h"
#include "simd/cpu.h"

#include <string.h>

static void fill_index(struct hilf *hilf, struct hilf_stats *stats)
{
	struct index_usage usage;
	struct known *known = current_hold(hilf);
	if (!known)
		return;
	known->index_ops->usage(known->index, &usage);
	stats->index_count = usage.count;
	stats->index_size = usage.size;
	stats->degenerate_count = atomic_load(&known->degenerate_count);
	stats->index_seq = atomic_load(&known->seq);
	stats->index_told = atomic_load(&known->told_count);
	stats->snapshot_seq = atomic_load(&known->saved_seq);
	current_release(known);
	pthread_mutex_lock(&hilf->note_mutex);
	stats->index_mended = hilf->mended_count;
	memcpy(stats->index_mended_why, hilf->mended_why, sizeof stats->index_mended_why);
	pthread_mutex_unlock(&hilf->note_mutex);
}

int hilf_stats_get(struct hilf *hilf, struct hilf_stats *ret_stats, struct hilf_err *err)
{
	struct hilf_stats stats = {.simd = simd_level_name(simd_level())};
	struct store_counts counts;
	uint8_t member[UUID_SIZE];
	bool found;
	ASSERT(hilf && ret_stats);
	int rc = store_counts(hilf->store, clock_now_ms(), &counts, err);
	if (!rc)
		rc = engine_member(hilf, member, &found, err);
	if (rc)
		return rc;
	if (found)
		uuid_format(member, stats.member);
	stats.feed_count = counts.feed_count;
	stats.feed_size = counts.feed_size;
	stats.bank_count = counts.bank_count;
	stats.entry_count = counts.entry_count;
	stats.expired_count = counts.expired_count;
	stats.withdrawn_count = counts.withdrawn_count;
	_Static_assert(sizeof stats.signal_count >= sizeof counts.signal_count, "room for every type");
	memcpy(stats.signal_count, counts.signal_count, sizeof counts.signal_count);
	fill_index(hilf, &stats);
	*ret_stats = stats;
	return 0;
}

int hilf_fsck(const struct hilf_options *options, bool check_only, hilf_finding_fn *fn, void *ctx,
	uint64_t *ret_problems, struct hilf_err *err)
{
	struct store *store;
	ASSERT(options && fn && ret_problems);
	int rc = engine_check_options(options, err);
	if (rc)
		return rc;
	const struct store_conf conf = {.dir = options->data_dir,
		.read_only = check_only || options->read_only, .activity = "fsck"};
	rc = store_open(&conf, &store, err);
	if (rc)
		return rc;
	rc = store_fsck(store, check_only, fn, ctx, ret_problems, err);
	store_close(store);
	return rc;
}
