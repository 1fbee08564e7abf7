/* Swapping what is known under readers who take no lock. A reader counts itself in and looks again whether that one
 * still counts; who swaps waits until the old one's count is zero. The old shell, and the texts that answers point to,
 * stay until the handle is closed. */
#include "engine/current.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/checkpoint.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* For who writes a snapshot while we find the one before damaged. */
#define LOCK_WAIT_MS 5000u
#define POLL_NS      200000

struct known *current_hold(struct hilf *hilf)
{
	struct known *known = atomic_load(&hilf->known);
	while (known) {
		atomic_fetch_add(&known->holders, 1);
		struct known *now = atomic_load(&hilf->known);
		if (now == known)
			break;
		current_release(known);
		known = now;
	}
	return known;
}

void current_release(struct known *known)
{
	if (known)
		atomic_fetch_sub(&known->holders, 1);
}

static void note_mended(struct hilf *hilf, const char *why)
{
	pthread_mutex_lock(&hilf->note_mutex);
	hilf->mended_count++;
	snprintf(hilf->mended_why, sizeof hilf->mended_why, "%s", why);
	pthread_mutex_unlock(&hilf->note_mutex);
}

static int load(struct hilf *hilf, struct known **ret_known, struct hilf_err *err)
{
	struct known *known;
	int rc = known_open(&known, err);
	if (rc)
		return rc;
	rc = checkpoint_load(known, hilf->store, hilf->data_dir, err);
	if (rc)
		known_close(known);
	else
		*ret_known = known;
	return rc;
}

/* A snapshot that seems damaged may be one that another process replaces right now, so it is looked at once more with
 * that one kept out. What is bad then is removed where that is possible. */
static int load_or_drop(struct hilf *hilf, struct known **ret_known, struct hilf_err *err)
{
	int rc = load(hilf, ret_known, err);
	if (!rc || rc == HILF_E_NOT_FOUND || rc == HILF_E_NO_MEMORY)
		return rc;
	int lock = checkpoint_lock(hilf->data_dir, LOCK_WAIT_MS);
	rc = load(hilf, ret_known, err);
	if (rc && rc != HILF_E_NOT_FOUND && rc != HILF_E_NO_MEMORY) {
		note_mended(hilf, err->text);
		if (lock >= 0)
			checkpoint_drop_locked(&index_hamming, hilf->data_dir, NULL);
	}
	checkpoint_unlock(lock);
	return rc;
}

/* Folded from the store, with nothing of a snapshot. */
static int fold(struct hilf *hilf, struct known **ret_known, struct hilf_err *err)
{
	struct known *known;
	int rc = known_open(&known, err);
	if (rc)
		return rc;
	rc = known_apply(known, hilf->store, err);
	if (rc)
		known_close(known);
	else
		*ret_known = known;
	return rc;
}

/* Waits for those who still read it; they are in the middle of a query at most. */
static void retire(struct hilf *hilf, struct known *bad)
{
	const struct timespec pause = {0, POLL_NS};
	while (atomic_load(&bad->holders))
		nanosleep(&pause, NULL);
	known_empty(bad);
	bad->next_retired = hilf->retired;
	hilf->retired = bad;
}

static int mend(struct hilf *hilf, struct known *bad, struct hilf_err *err)
{
	struct hilf_err why = {0};
	struct known *fresh;
	int rc = 0;
	pthread_mutex_lock(&hilf->mend_mutex);
	if (atomic_load(&hilf->known) == bad) {
		damage_tell(&bad->damage, &why);
		checkpoint_drop(bad->index_ops, hilf->data_dir, NULL);
		rc = fold(hilf, &fresh, err);
		if (!rc) {
			note_mended(hilf, why.text);
			atomic_store(&hilf->known, fresh);
			retire(hilf, bad);
		}
	}
	pthread_mutex_unlock(&hilf->mend_mutex);
	return rc;
}

/* *ret_again: it failed because of damage that was mended since. */
static int use_once(
	struct hilf *hilf, current_fn *fn, void *ctx, bool *ret_again, struct hilf_err *err)
{
	struct known *known = current_hold(hilf);
	*ret_again = false;
	if (!known)
		return err_set(err, HILF_E_UNSUPPORTED,
			"this handle was opened without an index; open it with no_index false to "
			"match");
	int rc = known_apply(known, hilf->store, err);
	if (!rc)
		rc = fn(hilf, known, ctx, err);
	bool damaged = damage_found(&known->damage);
	current_release(known);
	if (rc != HILF_E_CORRUPT || !damaged)
		return rc;
	rc = mend(hilf, known, err);
	*ret_again = !rc;
	return rc;
}

int current_use(struct hilf *hilf, current_fn *fn, void *ctx, struct hilf_err *err)
{
	struct hilf_err own = {0};
	bool again = true;
	int rc = 0;
	while (again)
		rc = use_once(hilf, fn, ctx, &again, &own);
	if (rc && err)
		*err = own;
	return rc;
}

bool current_has_all(struct hilf *hilf)
{
	struct known *known = current_hold(hilf);
	uint64_t seq, local;
	bool has_all = known && store_head(hilf->store, &seq, &local, NULL) == 0 &&
		       seq == atomic_load(&known->seq) && local == atomic_load(&known->local);
	current_release(known);
	return has_all;
}

static int do_nothing(struct hilf *hilf, struct known *known, void *ctx, struct hilf_err *err)
{
	(void)hilf;
	(void)known;
	(void)ctx;
	(void)err;
	return 0;
}

int current_refresh(struct hilf *hilf, struct hilf_err *err)
{
	return current_use(hilf, do_nothing, NULL, err);
}

void current_follow(struct hilf *hilf)
{
	struct known *known = current_hold(hilf);
	struct hilf_err err;
	/* Who saves a snapshot has the mutex for longer than a write may take; and what fails here, fails again when it is
	 * asked for, and is dealt with there. */
	if (known && pthread_mutex_trylock(&known->mutex) == 0) {
		known_apply_news(known, hilf->store, &err);
		pthread_mutex_unlock(&known->mutex);
	}
	current_release(known);
}

void current_end(struct hilf *hilf)
{
	known_close(atomic_load(&hilf->known));
	for (struct known *known = hilf->retired, *next; known; known = next) {
		next = known->next_retired;
		known_close(known);
	}
}

int current_begin(struct hilf *hilf, struct hilf_err *err)
{
	struct hilf_err own = {0};
	struct known *known = NULL;
	int rc = load_or_drop(hilf, &known, &own);
	if (rc == HILF_E_NO_MEMORY) {
		if (err)
			*err = own;
		return rc;
	}
	if (rc)
		rc = fold(hilf, &known, err);
	if (rc)
		return rc;
	atomic_store(&hilf->known, known);
	return current_refresh(hilf, err);
}

/* ------------------------------------------------------------------------------------------ in public */

struct warming {
	size_t budget;
	bool more;
};

static int warm(struct hilf *hilf, struct known *known, void *ctx, struct hilf_err *err)
{
	struct warming *warming = ctx;
	bool more = false;
	int rc = 0;
	(void)hilf;
	if (known->saved && !blocks_ready(known->saved))
		rc = blocks_warm(known->saved, &warming->budget, &more, err);
	if (!rc && !more && known->index_ops->warm)
		rc = known->index_ops->warm(known->index, warming->budget, &more, err);
	warming->more = more;
	return known_index_failed(known, rc, err);
}

int hilf_warm(struct hilf *hilf, size_t budget, bool *ret_more, struct hilf_err *err)
{
	struct warming warming = {budget, false};
	ASSERT(hilf && ret_more);
	int rc = current_use(hilf, warm, &warming, err);
	if (!rc)
		*ret_more = warming.more;
	return rc;
}

static int maintain(struct hilf *hilf, struct known *known, void *ctx, struct hilf_err *err)
{
	(void)hilf;
	pthread_mutex_lock(&known->mutex);
	int rc = known_index_failed(known, known->index_ops->maintain(known->index, ctx, err), err);
	pthread_mutex_unlock(&known->mutex);
	return rc;
}

int hilf_maintain(struct hilf *hilf, bool *ret_more, struct hilf_err *err)
{
	ASSERT(hilf && ret_more);
	return current_use(hilf, maintain, ret_more, err);
}

struct saving {
	struct known *outdated; /* is to be made anew first */
};

static int checkpoint(struct hilf *hilf, struct known *known, void *ctx, struct hilf_err *err)
{
	struct saving *saving = ctx;
	bool outdated = false;
	pthread_mutex_lock(&known->mutex);
	int rc = known_apply_locked(known, hilf->store, err);
	if (!rc)
		rc = checkpoint_is_outdated(known, hilf->store, &outdated, err);
	saving->outdated = outdated ? known : NULL;
	if (!rc && !outdated)
		rc = checkpoint_save(known, hilf->store, hilf->data_dir, err);
	pthread_mutex_unlock(&known->mutex);
	return rc;
}

/* Another one in its place, folded beside it while queries go on. */
static int renew(struct hilf *hilf, struct known *old, struct hilf_err *err)
{
	struct known *fresh;
	int rc = 0;
	pthread_mutex_lock(&hilf->mend_mutex);
	if (atomic_load(&hilf->known) == old) {
		rc = fold(hilf, &fresh, err);
		if (!rc) {
			atomic_store(&hilf->known, fresh);
			retire(hilf, old);
		}
	}
	pthread_mutex_unlock(&hilf->mend_mutex);
	return rc;
}

int hilf_checkpoint(struct hilf *hilf, struct hilf_err *err)
{
	struct saving saving = {NULL};
	ASSERT(hilf);
	int rc = current_use(hilf, checkpoint, &saving, err);
	if (!rc && saving.outdated)
		rc = renew(hilf, saving.outdated, err);
	if (!rc && saving.outdated)
		rc = current_use(hilf, checkpoint, &saving, err);
	return rc;
}

int hilf_index_get(struct hilf *hilf, struct hilf_index *ret_index, struct hilf_err *err)
{
	struct hilf_index index = {0};
	struct checkpoint_info info;
	ASSERT(hilf && ret_index);
	struct known *known = current_hold(hilf);
	if (!known)
		return err_set(err, HILF_E_UNSUPPORTED,
			"this handle was opened without an index; open it with no_index false");
	index.seq = atomic_load(&known->seq);
	index.told_count = atomic_load(&known->told_count);
	index.snapshot_seq = atomic_load(&known->saved_seq);
	current_release(known);
	if (checkpoint_look(hilf->data_dir, &info, NULL) == 0)
		index.snapshot_size = info.size;
	pthread_mutex_lock(&hilf->note_mutex);
	index.mended_count = hilf->mended_count;
	memcpy(index.mended_why, hilf->mended_why, sizeof index.mended_why);
	pthread_mutex_unlock(&hilf->note_mutex);
	*ret_index = index;
	return 0;
}

int hilf_checkpoint_drop(struct hilf *hilf, struct hilf_err *err)
{
	ASSERT(hilf);
	return checkpoint_drop(&index_hamming, hilf->data_dir, err);
}
