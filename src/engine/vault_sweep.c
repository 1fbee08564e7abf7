/* What ends previews: their time, and their entry. Whoever ends an entry on this node removes them in the same write; of what
 * a leader or another process ended, and of what expires, the sweep takes care. */
#include "engine/vault.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/desk_settings.h"
#include "engine/vault_parts.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS       (24ll * 3600 * 1000)
#define PAGE         256u
#define SWEEP_MOST   10000u
#define LOOK_EACH_MS (3600ll * 1000) /* at entries that may have expired */

/* ------------------------------------------------------------------------------------------ one entry */

int vault_entry_ended(struct hilf *hilf, uint64_t entry, bool erased, struct hilf_err *err)
{
	uint64_t count = 0;
	int rc = store_preview_end(hilf->store, entry, erased, &count, err);
	return rc || !count ? rc : store_vault_purge(hilf->store, err);
}

/* The seal names the entry, so what is the entry's own is sealed anew; what does not open is left to the erasure. */
static int move_own(struct hilf *hilf, const struct vault_key *key, const struct store_preview *own,
	uint64_t to, struct hilf_err *err)
{
	struct store_preview row;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_preview_get(hilf->store, true, own->id, &arena, &row, err);
	uint8_t *jpeg = rc ? NULL : arena_array(&arena, row.size ? row.size : 1, 1);
	if (!rc && !jpeg)
		rc = err_no_memory(err);
	bool opens = !rc && memcmp(row.key, key->name, sizeof row.key) == 0 &&
		     vault_open(key, &row, jpeg, NULL) == 0;
	if (opens) {
		row.entry = to;
		row.sealed = NULL;
		rc = store_preview_remove(hilf->store, row.id, err);
		if (!rc)
			rc = vault_seal(key, &row, jpeg, err);
		if (!rc)
			rc = store_preview_add(hilf->store, &row, err);
		free((void *)row.sealed);
	}
	arena_clear(&arena);
	return rc;
}

int vault_entry_moved(struct hilf *hilf, uint64_t from, uint64_t to, struct hilf_err *err)
{
	struct store_preview rows[VAULT_OWNER_MAX];
	struct vault_key key;
	size_t count = 0;
	int rc = store_preview_list(hilf->store, true, from, 0, rows, VAULT_OWNER_MAX, &count, err);
	if (!rc && count && vault_key_load(hilf, false, &key, NULL) == 0) {
		for (size_t i = 0; i < count && !rc; i++)
			rc = move_own(hilf, &key, &rows[i], to, err);
		vault_key_wipe(&key);
	}
	return rc ? rc : store_preview_move(hilf->store, from, to, err);
}

int vault_bank_ended(struct hilf *hilf, uint32_t bank, struct hilf_err *err)
{
	uint64_t entries[PAGE], after = 0;
	size_t count = PAGE;
	int rc = 0;
	while (!rc && count == PAGE) {
		rc = store_preview_entries(hilf->store, true, after, entries, PAGE, &count, err);
		for (size_t i = 0; i < count && !rc; i++) {
			struct store_entry_row row;
			after = entries[i];
			rc = store_entry_get(hilf->store, true, after, NULL, &row, err);
			if (!rc && row.bank == bank)
				rc = vault_entry_ended(hilf, after, false, err);
		}
	}
	return rc;
}

/* ------------------------------------------------------------------------------------------ the sweep */

struct sweeping {
	const struct store_vault_ages *ages;
	size_t limit;
	bool more;
	uint64_t ended[PAGE];
	size_t ended_count;
};

static int sweep_job(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct sweeping *sweeping = ctx;
	int rc = 0;
	for (size_t i = 0; i < sweeping->ended_count && !rc; i++)
		rc = vault_entry_ended(hilf, sweeping->ended[i], false, err);
	if (!rc && sweeping->ages)
		rc = store_vault_sweep(
			hilf->store, sweeping->ages, sweeping->limit, &sweeping->more, err);
	return rc;
}

/* Those of a page of entries that ended; *after is where the next page begins. */
static int find_ended(struct hilf *hilf, struct sweeping *sweeping, uint64_t *after, bool *ret_more,
	struct hilf_err *err)
{
	uint64_t entries[PAGE];
	int64_t now_ms = clock_now_ms();
	size_t count;
	int rc = store_preview_entries(hilf->store, false, *after, entries, PAGE, &count, err);
	sweeping->ended_count = 0;
	for (size_t i = 0; !rc && i < count; i++) {
		struct store_entry_row row;
		*after = entries[i];
		rc = store_entry_get(hilf->store, false, entries[i], NULL, &row, err);
		if (rc == HILF_E_NOT_FOUND ||
			(!rc && (row.withdrawn || row.expires_ms <= now_ms))) {
			sweeping->ended[sweeping->ended_count++] = entries[i];
			rc = 0;
		}
	}
	if (!rc)
		*ret_more = count == PAGE;
	return rc;
}

static int sweep_entries(struct hilf *hilf, struct hilf_err *err)
{
	struct sweeping sweeping = {.ages = NULL};
	uint64_t after = 0;
	bool more = true;
	int rc = 0;
	while (more && !rc) {
		rc = find_ended(hilf, &sweeping, &after, &more, err);
		if (!rc && sweeping.ended_count)
			rc = local_submit(hilf, sweep_job, &sweeping, err);
	}
	return rc;
}

/* Whether entries are to be looked at: something may have ended some, or an hour is over. One thread at a time sweeps. */
static int must_look(
	struct hilf *hilf, int64_t now_ms, uint64_t *ret_head, bool *ret_look, struct hilf_err *err)
{
	struct local *local = hilf->local;
	bool ends = true;
	int rc = store_head(hilf->store, ret_head, NULL, err);
	bool late =
		now_ms - local->vault_looked_ms >= LOOK_EACH_MS || now_ms < local->vault_looked_ms;
	if (!rc && !late)
		rc = *ret_head == local->vault_looked_seq
			     ? (ends = false, 0)
			     : store_feed_ends(hilf->store, local->vault_looked_seq, &ends, err);
	if (!rc)
		*ret_look = late || ends;
	return rc;
}

int vault_sweep(struct hilf *hilf, size_t limit, bool *ret_more, struct hilf_err *err)
{
	struct local *local = hilf->local;
	int64_t now_ms = clock_now_ms();
	const struct store_vault_ages ages = {.now_ms = now_ms,
		.views_before_ms = now_ms - VAULT_VIEW_DAYS * DAY_MS,
		.exposure_before_day = now_ms / DAY_MS - EXPOSURE_DAYS};
	struct sweeping sweeping = {
		.ages = &ages, .limit = limit && limit < SWEEP_MOST ? limit : SWEEP_MOST};
	uint64_t head = 0;
	bool look = false, due = false;
	pthread_mutex_lock(&local->vault_sweep_mutex);
	int rc = must_look(hilf, now_ms, &head, &look, err);
	if (!rc && look)
		rc = sweep_entries(hilf, err);
	if (!rc) {
		local->vault_looked_seq = head;
		local->vault_looked_ms = look ? now_ms : local->vault_looked_ms;
		rc = store_vault_due(hilf->store, &ages, &due, err);
	}
	if (!rc && due)
		rc = local_submit(hilf, sweep_job, &sweeping, err);
	pthread_mutex_unlock(&local->vault_sweep_mutex);
	if (!rc)
		*ret_more = sweeping.more;
	return rc;
}

/* ------------------------------------------------------------------------------------------ how it stands */

int vault_state(struct hilf *hilf, struct vault_state *ret_state, struct hilf_err *err)
{
	static const uint8_t none[STORE_VAULT_KEY];
	struct vault_state state = {.on = desk_setting(hilf, DESK_VAULT) != 0};
	struct store_vault_counts counts;
	struct vault_key key;
	struct hilf_err why = {.text = ""};
	int found = vault_key_load(hilf, false, &key, &why);
	int rc = store_vault_count(hilf->store, false, found ? none : key.name, &counts, err);
	if (!found)
		vault_key_wipe(&key);
	if (rc)
		return rc;
	state.has_key = !found;
	/* A key that is not there yet is no trouble where nothing was kept. */
	if (found && (found != HILF_E_NOT_FOUND || counts.count))
		memcpy(state.why, why.text, sizeof state.why);
	if (!*state.why)
		vault_key_trouble(hilf, state.why);
	state.count = counts.count;
	state.locked_count = counts.locked;
	state.size = counts.size;
	state.view_count = counts.views;
	state.last_until_ms = counts.last_until_ms;
	*ret_state = state;
	return 0;
}

static int remove_job(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	return store_preview_remove(hilf->store, ctx, err);
}

struct checking {
	const struct vault_key *key;
	bool mend;
	int (*fn)(const char *id, const char *why, void *ctx);
	void *ctx;
};

/* One that went since its page was read is none to tell of. */
static int check_one(struct hilf *hilf, const struct checking *checking, uint8_t id[UUID_SIZE],
	struct hilf_err *err)
{
	struct hilf_err why = {.text = ""};
	struct store_preview row;
	struct arena arena;
	char text[VAULT_ID_TEXT];
	arena_init(&arena, 0);
	int rc = store_preview_get(hilf->store, false, id, &arena, &row, err);
	uint8_t *jpeg = rc ? NULL : arena_array(&arena, row.size ? row.size : 1, 1);
	if (!rc && !jpeg)
		rc = err_no_memory(err);
	if (!rc && memcmp(row.key, checking->key->name, sizeof row.key) == 0 &&
		vault_open(checking->key, &row, jpeg, &why)) {
		uuid_format(id, text);
		if (checking->mend)
			rc = local_submit(hilf, remove_job, id, err);
		if (!rc)
			rc = checking->fn(text, why.text, checking->ctx);
	}
	arena_clear(&arena);
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

int vault_check(struct hilf *hilf, bool mend, int (*fn)(const char *id, const char *why, void *ctx),
	void *ctx, uint64_t *ret_count, struct hilf_err *err)
{
	struct store_preview rows[64];
	uint8_t after[UUID_SIZE] = {0};
	struct vault_key key;
	const struct checking checking = {&key, mend, fn, ctx};
	uint64_t total = 0;
	size_t count = COUNT_OF(rows);
	int rc = vault_key_load(hilf, false, &key, err);
	if (rc == HILF_E_NOT_FOUND) {
		*ret_count = 0;
		return 0;
	}
	while (!rc && count == COUNT_OF(rows)) {
		rc = store_preview_page(hilf->store, after, rows, COUNT_OF(rows), &count, err);
		for (size_t i = 0; i < count && !rc; i++) {
			rc = check_one(hilf, &checking, rows[i].id, err);
			memcpy(after, rows[i].id, sizeof after);
		}
		total += rc ? 0 : count;
	}
	vault_key_wipe(&key);
	if (!rc)
		*ret_count = total;
	return rc;
}

struct telling {
	int (*fn)(const struct vault_looked *looked, void *ctx);
	void *ctx;
};

static int tell_view(const struct store_view *view, void *ctx)
{
	const struct telling *telling = ctx;
	struct vault_looked looked = {.id = view->id,
		.entry = view->entry,
		.check = view->check,
		.case_id = view->case_id,
		.actor = view->actor,
		.time_ms = view->time_ms};
	uuid_format(view->preview, looked.preview);
	return telling->fn(&looked, telling->ctx);
}

int vault_views(struct hilf *hilf, uint64_t case_id, uint64_t before, size_t limit,
	int (*fn)(const struct vault_looked *looked, void *ctx), void *ctx, struct hilf_err *err)
{
	struct telling telling = {fn, ctx};
	return store_view_page(hilf->store, case_id, before, limit, tell_view, &telling, err);
}
