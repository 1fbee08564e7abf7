/* Applies the feed's changes to memory: what store_replay tells becomes rows of tables and values of the index. The
 * values of one replay are gathered and added at once, so that a start builds the index straight. */
#include "engine/known.h"

#include "base/check.h"
#include "base/err.h"
#include "signal/signal.h"

#include <stdlib.h>
#include <string.h>

#define VALUE_SIZE 32u /* of what the index holds: PDQ */

/* What one replay gathers. */
struct applying {
	struct known *known;
	struct store *store;
	uint8_t last_record[UUID_SIZE];
	int64_t last_expires_ms;
	uint32_t last_group;
	struct known_mutes *mutes; /* of store_replay_local */
	uint64_t refolds;
	bool anew; /* metas are told from the first, under other numbers */
	struct mark_at {
		int64_t mark;
		uint32_t position;
	} * marks; /* of the metas that are known, sorted */
	size_t mark_count;
	uint64_t entry_next; /* ids below were told in this replay, or before known->entry_next */
	struct hilf_err *err;
};

static int open_tables(struct known *known)
{
	struct {
		struct table *table;
		size_t item_size;
	} const tables[] = {
		{&known->banks, sizeof(struct known_bank)},
		{&known->metas, sizeof(struct known_meta)},
		{&known->groups, sizeof(struct known_group)},
		{&known->entries, sizeof(struct known_entry)},
	};
	for (size_t i = 0; i < COUNT_OF(tables); i++) {
		if (table_open(tables[i].table, tables[i].item_size) != 0 ||
			!table_next(tables[i].table))
			return HILF_E_NO_MEMORY;
		table_publish(tables[i].table); /* position 0 is nobody */
	}
	return 0;
}

int known_open(struct known **ret_known, struct hilf_err *err)
{
	struct known *known = calloc(1, sizeof *known);
	if (!known)
		return err_no_memory(err);
	pthread_mutex_init(&known->mutex, NULL);
	arena_init(&known->texts, 0);
	damage_init(&known->damage);
	known->index_ops = &index_hamming;
	known->entry_next = 1;
	atomic_store(&known->local, UINT64_MAX);
	if (open_tables(known) != 0) {
		known_close(known);
		return err_no_memory(err);
	}
	int rc = known->index_ops->open(&known->index, err);
	if (rc) {
		known_close(known);
		return rc;
	}
	*ret_known = known;
	return 0;
}

void known_empty(struct known *known)
{
	if (known->index)
		known->index_ops->close(known->index);
	known->index = NULL;
	table_close(&known->banks);
	table_close(&known->metas);
	table_close(&known->groups);
	table_close(&known->entries);
	blocks_close(known->saved);
	known->saved = NULL;
	buf_free(&known->pending_values);
	buf_free(&known->pending_links);
	free(known->meta_of);
	known->meta_of = NULL;
	known->meta_of_count = 0;
}

static void free_mutes(struct known_mutes *mutes)
{
	for (struct known_mutes *next; mutes; mutes = next) {
		next = mutes->next_old;
		free(mutes);
	}
}

void known_close(struct known *known)
{
	if (!known)
		return;
	known_empty(known);
	free((void *)atomic_load(&known->mutes));
	free_mutes(known->old_mutes);
	arena_clear(&known->texts);
	damage_free(&known->damage);
	pthread_mutex_destroy(&known->mutex);
	free(known);
}

int known_index_failed(struct known *known, int rc, const struct hilf_err *err)
{
	if (rc == HILF_E_CORRUPT)
		damage_note(&known->damage, err);
	return rc;
}

/* Fills positions up to id with nobody, so that the row for id comes next. */
static int skip_to(struct table *table, uint64_t id)
{
	while (table_count(table) < id) {
		if (!table_next(table))
			return HILF_E_NO_MEMORY;
		table_publish(table);
	}
	return 0;
}

static int apply_bank(const struct store_bank *bank, void *ctx)
{
	struct applying *applying = ctx;
	struct known *known = applying->known;
	struct known_bank *row = table_at(&known->banks, bank->id);
	bool fresh = !row;
	/* Asked here, not before the replay: who made the bank was founded in a state that can be seen by now. */
	int rc = known->has_member ? 0
				   : known_read_member(applying->store, false, known->member,
					     &known->has_member, applying->err);
	if (rc)
		return rc;
	if (fresh) {
		if (skip_to(&known->banks, bank->id) != 0 || !(row = table_next(&known->banks)))
			return err_no_memory(applying->err);
		memcpy(row->gid, bank->gid, UUID_SIZE);
		row->created_ms = bank->created_ms;
	}
	const char *name = atomic_load(&row->name);
	if (!name || strcmp(name, bank->name) != 0) {
		name = arena_text(&known->texts, bank->name, strlen(bank->name));
		if (!name)
			return err_no_memory(applying->err);
		atomic_store(&row->name, name);
	}
	/* A received bank starts in shadow; one's own in review. */
	bool own = known->has_member && memcmp(bank->author, known->member, UUID_SIZE) == 0;
	enum hilf_mode mode = own ? HILF_REVIEW : HILF_SHADOW;
	atomic_store(&row->own, own);
	atomic_store(&row->mode, bank->has_policy ? (int)bank->policy.mode : (int)mode);
	atomic_store(&row->pdq_radius, bank->policy.pdq_radius);
	atomic_store(&row->sample_ppm, bank->policy.sample_ppm);
	atomic_store(&row->removed, bank->removed);
	if (fresh)
		table_publish(&known->banks);
	return 0;
}

static int copy_labels(struct known *known, const struct store_meta *meta, struct known_meta *row)
{
	struct hilf_label *labels = arena_array(&known->texts, meta->label_count, sizeof *labels);
	if (!labels)
		return HILF_E_NO_MEMORY;
	for (size_t i = 0; i < meta->label_count; i++) {
		const struct hilf_label *from = &meta->labels[i];
		labels[i].key = arena_text(&known->texts, from->key, strlen(from->key));
		labels[i].value = arena_text(&known->texts, from->value, strlen(from->value));
		if (!labels[i].key || !labels[i].value)
			return HILF_E_NO_MEMORY;
	}
	row->labels = labels;
	row->label_count = meta->label_count;
	return 0;
}

static uint32_t meta_of(const struct known *known, uint32_t id)
{
	return id < known->meta_of_count ? known->meta_of[id] : 0;
}

static int set_meta_of(struct applying *applying, uint32_t id, uint32_t position)
{
	struct known *known = applying->known;
	if (id >= known->meta_of_count) {
		size_t count = known->meta_of_count ? known->meta_of_count : 256;
		while (count <= id)
			count *= 2;
		uint32_t *larger = realloc(known->meta_of, count * sizeof *larger);
		if (!larger)
			return err_no_memory(applying->err);
		memset(larger + known->meta_of_count, 0,
			(count - known->meta_of_count) * sizeof *larger);
		known->meta_of = larger;
		known->meta_of_count = count;
	}
	known->meta_of[id] = position;
	return 0;
}

/* After an erasure the same metas come under other numbers, perhaps. The mark is a hash of all that a meta says. */
static bool apply_refolded(uint64_t refolds, void *ctx)
{
	struct applying *applying = ctx;
	struct known *known = applying->known;
	bool fresh = table_count(&known->metas) <= 1;
	applying->refolds = refolds;
	applying->anew = refolds != known->refolds && !fresh;
	if (applying->anew) {
		atomic_store(&known->outdated, true);
		memset(known->meta_of, 0, known->meta_of_count * sizeof *known->meta_of);
	}
	return applying->anew;
}

static int compare_marks(const void *left, const void *right)
{
	const struct mark_at *a = left, *b = right;
	return a->mark < b->mark ? -1 : a->mark > b->mark;
}

/* Where a meta is that says the same; 0: nowhere. */
static int find_meta(struct applying *applying, int64_t mark, uint32_t *ret_position)
{
	struct known *known = applying->known;
	uint32_t count = table_count(&known->metas);
	const struct mark_at wanted = {mark, 0};
	if (!applying->marks) {
		applying->marks = malloc(count * sizeof *applying->marks);
		if (!applying->marks)
			return err_no_memory(applying->err);
		for (uint32_t i = 0; i < count; i++) {
			const struct known_meta *row = table_at(&known->metas, i);
			applying->marks[i] = (struct mark_at){row->mark, i};
		}
		applying->mark_count = count;
		qsort(applying->marks, count, sizeof *applying->marks, compare_marks);
	}
	const struct mark_at *found = bsearch(&wanted, applying->marks, applying->mark_count,
		sizeof *applying->marks, compare_marks);
	*ret_position = found ? found->position : 0;
	return 0;
}

static int apply_meta(const struct store_meta *meta, void *ctx)
{
	struct applying *applying = ctx;
	struct known *known = applying->known;
	struct known_meta *row;
	uint32_t position = 0;
	if (meta_of(known, meta->id))
		return 0;
	int rc = applying->anew ? find_meta(applying, meta->mark, &position) : 0;
	if (rc || position)
		return rc ? rc : set_meta_of(applying, meta->id, position);
	position = table_count(&known->metas);
	row = table_next(&known->metas);
	if (!row || copy_labels(known, meta, row) != 0)
		return err_no_memory(applying->err);
	row->mark = meta->mark;
	row->content_class =
		arena_text(&known->texts, meta->content_class, strlen(meta->content_class));
	if (!row->content_class)
		return err_no_memory(applying->err);
	rc = set_meta_of(applying, meta->id, position);
	if (!rc)
		table_publish(&known->metas);
	return rc;
}

static int group_of(struct applying *applying, const struct store_entry *entry, uint32_t *ret_group)
{
	struct known *known = applying->known;
	if (!applying->last_group || applying->last_expires_ms != entry->expires_ms ||
		memcmp(applying->last_record, entry->gid.record, UUID_SIZE) != 0) {
		struct known_group *row = table_next(&known->groups);
		if (!row)
			return err_no_memory(applying->err);
		memcpy(row->record, entry->gid.record, UUID_SIZE);
		row->bank = entry->bank;
		row->expires_ms = entry->expires_ms;
		applying->last_group = table_count(&known->groups);
		applying->last_expires_ms = entry->expires_ms;
		memcpy(applying->last_record, entry->gid.record, UUID_SIZE);
		table_publish(&known->groups);
	}
	*ret_group = applying->last_group;
	return 0;
}

/* All of the entry's values or none. */
static int gather_values(struct applying *applying, const struct store_entry *entry)
{
	struct buf *values = &applying->known->pending_values,
		   *links = &applying->known->pending_links;
	const uint32_t link = (uint32_t)entry->id;
	size_t count = 0, degenerate = 0;
	for (size_t i = 0; i < entry->signal_count; i++)
		count += entry->signals[i].type == HILF_PDQ;
	values->failed = links->failed = false;
	if (count && (!buf_reserve(values, count * VALUE_SIZE) ||
			     !buf_reserve(links, count * sizeof link)))
		return err_no_memory(applying->err);
	for (size_t i = 0; i < entry->signal_count; i++) {
		const struct hilf_signal *signal = &entry->signals[i];
		if (signal->type != HILF_PDQ)
			continue;
		if (signal_degenerate(signal)) {
			degenerate++;
			continue;
		}
		buf_add(values, signal->value, VALUE_SIZE);
		buf_add(links, &link, sizeof link);
	}
	atomic_fetch_add(&applying->known->degenerate_count, degenerate);
	return 0;
}

/* Takes away the entries below `end` that this replay did not tell, although an earlier one did before it failed: they
 * have been withdrawn since. The others were never known; to forget them costs nothing. */
static int forget_untold(struct applying *applying, uint64_t end)
{
	struct known *known = applying->known;
	int rc = 0;
	for (; applying->entry_next < end && !rc; applying->entry_next++)
		rc = known->index_ops->remove(
			known->index, (uint32_t)applying->entry_next, applying->err);
	return known_index_failed(known, rc, applying->err);
}

/* Why a row that must be there is not: the snapshot, or the store. */
static int say_missing(struct applying *applying, uint64_t entry)
{
	if (damage_found(&applying->known->damage))
		return damage_tell(&applying->known->damage, applying->err);
	return err_set(applying->err, HILF_E_CORRUPT,
		"what is said of entry %llu is not there; 'hilf fsck' mends it",
		(unsigned long long)entry);
}

/* What is told of an entry that is known: its meta or expiry may be another now. */
static int apply_changed(const struct store_entry *entry, void *ctx)
{
	struct applying *applying = ctx;
	struct known *known = applying->known;
	uint32_t group;
	struct known_entry *row = entry->id < table_count(&known->entries)
					  ? table_at(&known->entries, (uint32_t)entry->id)
					  : NULL;
	if (!row || !meta_of(known, entry->meta))
		return say_missing(applying, entry->id);
	group = atomic_load_explicit(&row->group, memory_order_relaxed);
	if (!group)
		return 0;
	atomic_store_explicit(&row->meta, meta_of(known, entry->meta), memory_order_release);
	const struct known_group *now = table_at(&known->groups, group);
	if (!now)
		return say_missing(applying, entry->id);
	if (now->expires_ms == entry->expires_ms)
		return 0;
	int rc = group_of(applying, entry, &group);
	if (!rc)
		atomic_store_explicit(&row->group, group, memory_order_release);
	return rc;
}

/* Entries that were withdrawn before they were told have no row. */
static int apply_disputed(uint64_t entry, bool disputed, void *ctx)
{
	struct applying *applying = ctx;
	struct known *known = applying->known;
	if (entry >= table_count(&known->entries))
		return 0;
	struct known_entry *row = table_at(&known->entries, (uint32_t)entry);
	if (!row)
		return say_missing(applying, entry);
	if (disputed)
		atomic_fetch_or(&row->place, KNOWN_DISPUTED);
	else
		atomic_fetch_and(&row->place, ~KNOWN_DISPUTED);
	return 0;
}

static int apply_entry(const struct store_entry *entry, void *ctx)
{
	struct applying *applying = ctx;
	struct known *known = applying->known;
	uint32_t group = 0, count = table_count(&known->entries);
	if (entry->id >= TABLE_MAX)
		return err_set(applying->err, HILF_E_LIMIT,
			"more than %u entries; this version of hilf numbers no more on one node",
			TABLE_MAX);
	if (!known_bank(known, entry->bank) || !meta_of(known, entry->meta))
		return err_set(applying->err, HILF_E_CORRUPT,
			"entry %llu is in a bank, or says something, that is not there; 'hilf "
			"fsck' mends it",
			(unsigned long long)entry->id);
	int rc = forget_untold(applying, entry->id < count ? entry->id : count);
	applying->entry_next = entry->id + 1;
	if (rc)
		return rc;
	if (entry->id < count) /* applied before an earlier replay failed half-way */
		return apply_changed(entry, applying);
	rc = group_of(applying, entry, &group);
	if (rc)
		return rc;
	struct known_entry *row;
	if (skip_to(&known->entries, entry->id) != 0 || !(row = table_next(&known->entries)))
		return err_no_memory(applying->err);
	rc = gather_values(applying, entry);
	if (rc)
		return rc;
	atomic_init(&row->group, group);
	atomic_init(&row->place, entry->gid.ordinal);
	atomic_init(&row->meta, meta_of(known, entry->meta));
	table_publish(&known->entries);
	atomic_fetch_add(&known->told_count, 1);
	return 0;
}

static int apply_withdrawn(uint64_t entry, void *ctx)
{
	struct applying *applying = ctx;
	struct known *known = applying->known;
	return known_index_failed(known,
		known->index_ops->remove(known->index, (uint32_t)entry, applying->err),
		applying->err);
}

/* What is pending goes into the index at once, also after a replay that failed half-way: entries that have a row are
 * passed over by the next one. */
static int add_pending(struct known *known, struct hilf_err *err)
{
	size_t count = known->pending_links.size / sizeof(uint32_t);
	if (!count)
		return 0;
	int rc = known->index_ops->add(known->index, (const uint8_t *)known->pending_values.data,
		(const uint32_t *)(const void *)known->pending_links.data, count, err);
	if (rc)
		return known_index_failed(known, rc, err);
	buf_free(&known->pending_values);
	buf_free(&known->pending_links);
	return 0;
}

int known_read_member(struct store *store, bool in_write, uint8_t ret_member[UUID_SIZE],
	bool *ret_found, struct hilf_err *err)
{
	char text[UUID_TEXT_SIZE + 1];
	int rc = store_setting_get(store, in_write, KNOWN_SETTING_MEMBER, text, sizeof text, err);
	if (rc == HILF_E_NOT_FOUND) {
		*ret_found = false;
		return 0;
	}
	if (rc)
		return rc;
	if (!uuid_parse(text, strlen(text), ret_member))
		return err_set(err, HILF_E_CORRUPT,
			"the setting 'member' of the data folder is damaged; restore a backup");
	*ret_found = true;
	return 0;
}

/* ------------------------------------------------------------------------------------------ local */

static int apply_mute(uint64_t entry, int64_t until_ms, void *ctx)
{
	struct applying *applying = ctx;
	struct known_mutes *mutes = applying->mutes;
	if (entry >= TABLE_MAX)
		return 0;
	if (!mutes || mutes->count == mutes->room) {
		size_t room = mutes ? 2 * mutes->room : 16;
		mutes = realloc(mutes, sizeof *mutes + room * sizeof *mutes->items);
		if (!mutes)
			return err_no_memory(applying->err);
		if (!applying->mutes)
			*mutes = (struct known_mutes){.count = 0};
		mutes->room = room;
		applying->mutes = mutes;
	}
	mutes->items[mutes->count++] = (struct known_mute){(uint32_t)entry, until_ms};
	return 0;
}

/* Puts the new ones in the place of the old. Who reads them holds `known`, so when nobody but the caller does, nobody can
 * have an old one: who comes later counts itself in before it looks which are there. */
static void swap_mutes(struct known *known, struct known_mutes *mutes)
{
	struct known_mutes *old = (struct known_mutes *)atomic_load(&known->mutes);
	atomic_store(&known->mutes, mutes);
	if (old) {
		old->next_old = known->old_mutes;
		known->old_mutes = old;
	}
	if (atomic_load(&known->holders) <= 1) {
		free_mutes(known->old_mutes);
		known->old_mutes = NULL;
	}
}

static const struct store_sink sink = {
	.bank = apply_bank,
	.meta = apply_meta,
	.refolded = apply_refolded,
	.entry = apply_entry,
	.withdrawn = apply_withdrawn,
	.changed = apply_changed,
	.disputed = apply_disputed,
	.mute = apply_mute,
};

static int apply_local(struct known *known, struct store *store, struct hilf_err *err)
{
	struct applying applying = {.known = known, .store = store, .err = err};
	uint64_t local = 0;
	int rc = store_replay_local(store, false, &sink, &applying, &local, err);
	if (rc) {
		free(applying.mutes);
		return rc;
	}
	swap_mutes(known, applying.mutes);
	atomic_store(&known->local, local);
	return 0;
}

int known_apply_names(struct known *known, struct store *store, struct hilf_err *err)
{
	struct applying applying = {.known = known, .store = store, .err = err};
	int rc = store_replay_names(store, &sink, &applying, err);
	free(applying.marks);
	if (!rc)
		known->refolds = applying.refolds;
	return rc;
}

int known_apply_locked(struct known *known, struct store *store, struct hilf_err *err)
{
	struct hilf_err replay_err = {0}, add_err = {0};
	struct applying applying = {.known = known,
		.store = store,
		.entry_next = known->entry_next,
		.refolds = known->refolds,
		.err = &replay_err};
	uint64_t seq = atomic_load(&known->seq);
	int rc = store_replay(store, seq, &sink, &applying, &seq, &replay_err);
	if (!rc)
		rc = forget_untold(&applying, table_count(&known->entries));
	int added = add_pending(known, &add_err);
	if (err && (rc || added))
		*err = rc ? replay_err : add_err;
	rc = rc ? rc : added;
	free(applying.marks);
	if (!rc) {
		known->refolds = applying.refolds;
		known->entry_next = table_count(&known->entries);
		atomic_store(&known->seq, seq);
	}
	return rc;
}

#define NEWS_FED   1
#define NEWS_LOCAL 2

/* What the store has that is not known yet, a bit each; or negative. */
static int look(const struct known *known, struct store *store, struct hilf_err *err)
{
	uint64_t seq, local;
	int rc = store_head(store, &seq, &local, err);
	return rc ? rc
		  : (seq != atomic_load(&known->seq) ? NEWS_FED : 0) |
			       (local != atomic_load(&known->local) ? NEWS_LOCAL : 0);
}

int known_apply_news(struct known *known, struct store *store, struct hilf_err *err)
{
	int news = look(known, store, err), rc = news < 0 ? news : 0;
	if (!rc && (news & NEWS_FED))
		rc = known_apply_locked(known, store, err);
	/* A policy may be of a bank that the feed tells of, so it comes after it. */
	if (!rc && (news & NEWS_LOCAL))
		rc = apply_local(known, store, err);
	return rc;
}

int known_apply(struct known *known, struct store *store, struct hilf_err *err)
{
	int rc = look(known, store, err);
	if (rc <= 0)
		return rc;
	pthread_mutex_lock(&known->mutex);
	rc = known_apply_news(known, store, err);
	pthread_mutex_unlock(&known->mutex);
	return rc;
}
