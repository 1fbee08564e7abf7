/* The node about itself: its figures, and whether its store is whole. */
#include "base/check.h"
#include "base/err.h"
#include "engine/checkpoint.h"
#include "engine/current.h"
#include "engine/engine.h"
#include "engine/vault.h"
#include "os/clock.h"
#include "simd/cpu.h"

#include <stdio.h>
#include <string.h>

/* For who writes a snapshot at the moment. */
#define SNAPSHOT_WAIT_MS 5000u

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
	current_release(known);
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
	_Static_assert(
		sizeof stats.signal_count >= sizeof counts.signal_count, "room for every type");
	memcpy(stats.signal_count, counts.signal_count, sizeof counts.signal_count);
	fill_index(hilf, &stats);
	*ret_stats = stats;
	return 0;
}

struct looking {
	hilf_finding_fn *fn;
	void *ctx;
	bool mended;
};

static int pass_on(const char *level, const char *what, const char *text, void *ctx)
{
	struct looking *looking = ctx;
	looking->mended |= strcmp(level, "mended") == 0;
	return looking->fn(level, what, text, looking->ctx);
}

/* The snapshot is a fold of the feed like the derived tables; but it is only a cache, so a bad one is removed, and one
 * that was made of tables which needed mending as well. */
static int check_snapshot(struct store *store, const char *dir, bool check_only,
	struct looking *looking, struct hilf_err *err)
{
	struct hilf_err why = {0};
	int lock = checkpoint_lock(dir, SNAPSHOT_WAIT_MS);
	int bad = looking->mended ? err_set(&why, HILF_E_CORRUPT,
					    "its snapshot was made of what needed mending")
				  : checkpoint_check(store, dir, &why);
	int rc = 0;
	bool removed = bad && bad != HILF_E_NOT_FOUND && bad != HILF_E_NO_MEMORY && !check_only &&
		       lock >= 0;
	if (removed)
		rc = checkpoint_drop_locked(&index_hamming, dir, err);
	checkpoint_unlock(lock);
	if (rc || bad == HILF_E_NOT_FOUND)
		return rc;
	if (bad == HILF_E_NO_MEMORY)
		return err_no_memory(err);
	if (!bad)
		return looking->fn(
			"ok", "index", "every block of its snapshot is whole", looking->ctx);
	return looking->fn(removed ? "mended" : "warning", "index", why.text, looking->ctx);
}

struct seals {
	struct looking *looking;
	uint64_t bad;
	bool mend;
};

static int take_bad_seal(const char *id, const char *why, void *ctx)
{
	struct seals *seals = ctx;
	char text[HILF_REASON_MAX];
	seals->bad++;
	snprintf(text, sizeof text, "%s: %s%s", id, why, seals->mend ? "; it is removed" : "");
	return seals->looking->fn(
		seals->mend ? "mended" : "problem", "preview", text, seals->looking->ctx);
}

/* Every seal of the vault is opened. Without the key nothing can be said of them, and that is said. */
static int check_vault(const struct hilf_options *options, bool check_only, struct looking *looking,
	uint64_t *problems, struct hilf_err *err)
{
	struct hilf_options own = *options;
	struct seals seals = {.looking = looking, .mend = !check_only && !options->read_only};
	struct vault_state state;
	struct hilf *hilf;
	char text[160];
	uint64_t count = 0;
	own.read_only = !seals.mend;
	own.create = false;
	own.no_index = true;
	own.helper_dir = NULL;
	int rc = hilf_open(&own, &hilf, err);
	if (rc)
		return rc;
	rc = vault_state(hilf, &state, err);
	if (!rc && state.count)
		rc = vault_check(hilf, seals.mend, take_bad_seal, &seals, &count, err);
	hilf_close(hilf);
	if (rc || !state.count)
		return rc;
	*problems += seals.mend ? 0 : seals.bad;
	snprintf(text, sizeof text, "%llu of %llu previews are sealed with a key that is not here",
		(unsigned long long)state.locked_count, (unsigned long long)state.count);
	if (state.locked_count)
		return looking->fn("note", "previews", text, looking->ctx);
	return seals.bad ? 0
			 : looking->fn("ok", "previews", "every seal opens", looking->ctx);
}

static int tell_upgrade(const struct store *store, struct looking *looking)
{
	char text[160];
	long long from = store_upgraded_from(store);
	if (!from)
		return 0;
	snprintf(text, sizeof text,
		"upgraded from version %lld; as it was, it is kept beside as hilf.db.v%lld until you "
		"remove that",
		from, from);
	return looking->fn("note", "database", text, looking->ctx);
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
		.read_only = check_only || options->read_only,
		.activity = "fsck"};
	rc = store_open(&conf, &store, err);
	if (rc)
		return rc;
	struct looking looking = {fn, ctx, false};
	rc = tell_upgrade(store, &looking);
	if (!rc)
		rc = store_fsck(store, check_only, pass_on, &looking, ret_problems, err);
	if (!rc && !*ret_problems)
		rc = check_snapshot(store, options->data_dir, check_only, &looking, err);
	store_close(store);
	if (!rc && !*ret_problems)
		rc = check_vault(options, check_only, &looking, ret_problems, err);
	return rc;
}
