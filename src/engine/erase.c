/* Erasing an entry. It is withdrawn, which everybody is told; then the record that added it is destroyed here, whose bytes
 * are one and signed, so they go as a whole. Other entries of that record are kept: in the same transaction they are added
 * anew, in a record of their own, with all that is said of them, this member's opinions, their mutes and what rests on
 * them; they get new numbers and ids, and the old ones are withdrawn as duplicates. */
#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"
#include "engine/cases.h"
#include "engine/checkpoint.h"
#include "engine/checks.h"
#include "engine/current.h"
#include "engine/decide.h"
#include "engine/engine.h"
#include "engine/vault.h"
#include "os/clock.h"
#include "store/local.h"

#include <stdlib.h>
#include <string.h>

#define SNAPSHOT_WAIT_MS 5000u

/* Another entry of the record, in force. */
struct kept {
	uint64_t id;
	struct record_entry_id gid, new_gid;
	uint32_t meta_id;
	struct store_meta meta;
	int64_t expires_ms, muted_until_ms;
	struct record_entry
		entry; /* as it is added anew: with those labels that the record does not hold */
	enum hilf_opinion opinion; /* this member's */
	const char *beside;        /* or NULL */
};

struct erasing {
	const char *text;
	enum record_reason reason;
	struct store_entry_row row;
	struct store_bank bank;
	struct arena arena;
	struct kept *kept;
	size_t kept_count, count;        /* count: entries of the record */
	struct record_entry_id *expired; /* others that have, and were not withdrawn */
	size_t expired_count;
	bool stands; /* it is not withdrawn yet */
	int64_t now_ms;
	struct hilf_err *err;
};

/* ------------------------------------------------------------------------------------------ who else is in it */

static bool copy_meta(
	struct arena *arena, const struct store_meta *from, struct store_meta *ret_meta)
{
	struct hilf_label *labels = arena_array(arena, from->label_count, sizeof *labels);
	*ret_meta = *from;
	ret_meta->content_class =
		arena_text(arena, from->content_class, strlen(from->content_class));
	ret_meta->ground = arena_text(arena, from->ground, strlen(from->ground));
	ret_meta->territory = arena_text(arena, from->territory, strlen(from->territory));
	ret_meta->labels = labels;
	bool good = labels && ret_meta->content_class && ret_meta->ground && ret_meta->territory;
	for (size_t i = 0; i < from->label_count && good; i++) {
		const struct hilf_label *label = &from->labels[i];
		labels[i].key = arena_text(arena, label->key, strlen(label->key));
		labels[i].value = arena_text(arena, label->value, strlen(label->value));
		good = labels[i].key && labels[i].value;
	}
	return good;
}

static int take_entry(const struct store_told *told, void *ctx)
{
	struct erasing *erasing = ctx;
	const struct store_entry *entry = &told->entry;
	erasing->count++;
	if (entry->id == erasing->row.id || told->withdrawn)
		return 0;
	if (entry->expires_ms <= erasing->now_ms) {
		erasing->expired[erasing->expired_count++] = entry->gid;
		return 0;
	}
	struct kept *kept = &erasing->kept[erasing->kept_count++];
	struct hilf_signal *signals =
		arena_array(&erasing->arena, entry->signal_count, sizeof *signals);
	*kept = (struct kept){.id = entry->id,
		.gid = entry->gid,
		.meta_id = entry->meta,
		.expires_ms = entry->expires_ms,
		.muted_until_ms = told->muted_until_ms};
	if (!signals || !copy_meta(&erasing->arena, told->meta, &kept->meta))
		return err_no_memory(erasing->err);
	memcpy(signals, entry->signals, entry->signal_count * sizeof *signals);
	kept->entry.signals = signals;
	kept->entry.signal_count = entry->signal_count;
	/* A record holds so many labels, and an entry of it as many of its own. */
	if (kept->meta.label_count > LIMIT_LABELS) {
		kept->entry.labels = kept->meta.labels + LIMIT_LABELS;
		kept->entry.label_count = kept->meta.label_count - LIMIT_LABELS;
		kept->meta.label_count = LIMIT_LABELS;
	}
	return 0;
}

struct own_opinion {
	const uint8_t *member;
	enum hilf_opinion opinion;
};

static int take_opinion(const struct store_opinion *opinion, void *ctx)
{
	struct own_opinion *own = ctx;
	if (memcmp(opinion->member, own->member, UUID_SIZE) == 0)
		own->opinion = opinion->opinion;
	return 0;
}

static int look_around(struct hilf *hilf, struct erasing *erasing)
{
	erasing->kept =
		arena_array(&erasing->arena, LIMIT_RECORD_ASSERTIONS, sizeof *erasing->kept);
	erasing->expired =
		arena_array(&erasing->arena, LIMIT_RECORD_ASSERTIONS, sizeof *erasing->expired);
	if (!erasing->kept || !erasing->expired)
		return err_no_memory(erasing->err);
	int rc = store_record_tell(
		hilf->store, true, erasing->row.gid.record, take_entry, erasing, erasing->err);
	for (size_t i = 0; i < erasing->kept_count && !rc; i++) {
		struct kept *kept = &erasing->kept[i];
		struct own_opinion own = {hilf->member, HILF_OPINION_NONE};
		rc = store_each_opinion(
			hilf->store, true, kept->id, take_opinion, &own, erasing->err);
		kept->opinion = own.opinion;
		if (!rc)
			rc = store_beside_get(hilf->store, true, kept->id, &erasing->arena,
				&kept->beside, erasing->err);
		rc = rc == HILF_E_NOT_FOUND ? 0 : rc;
	}
	return rc;
}

/* ------------------------------------------------------------------------------------------ the records */

static int withdraw(struct hilf *hilf, struct erasing *erasing, enum record_reason reason,
	const struct record_entry_id *entries, size_t count)
{
	struct record record = {.kind = RECORD_ENTRY_WITHDRAW};
	if (!count)
		return 0;
	write_stamp(hilf, &record);
	memcpy(record.of, erasing->bank.gid, UUID_SIZE);
	record.withdraw.reason = reason;
	record.withdraw.entries = entries;
	record.withdraw.entry_count = count;
	return write_records(hilf, &record, 1, erasing->err);
}

static int withdraw_kept(struct hilf *hilf, struct erasing *erasing)
{
	struct record_entry_id *ids =
		arena_array(&erasing->arena, erasing->kept_count, sizeof *ids);
	if (!ids)
		return err_no_memory(erasing->err);
	for (size_t i = 0; i < erasing->kept_count; i++)
		ids[i] = erasing->kept[i].gid;
	return withdraw(hilf, erasing, REASON_DUPLICATE, ids, erasing->kept_count);
}

static int by_meta(const void *left, const void *right)
{
	const struct kept *a = left, *b = right;
	if (a->meta_id != b->meta_id)
		return a->meta_id < b->meta_id ? -1 : 1;
	if (a->expires_ms != b->expires_ms)
		return a->expires_ms < b->expires_ms ? -1 : 1;
	return a->id < b->id ? -1 : 1;
}

/* Those of which the same is said, from `from` on, in one record as long as they fit; how many these are. */
static int add_run(struct hilf *hilf, struct erasing *erasing, size_t from, size_t *ret_count)
{
	struct kept *first = &erasing->kept[from];
	struct record_entry *entries =
		arena_array(&erasing->arena, erasing->kept_count - from, sizeof *entries);
	struct record record = {.kind = RECORD_ENTRY_ADD,
		.add = {.content_class = first->meta.content_class,
			.ground = first->meta.ground,
			.territory = first->meta.territory,
			.source = first->meta.source,
			.onward = first->meta.onward,
			.expires_ms = first->expires_ms,
			.labels = first->meta.labels,
			.label_count = first->meta.label_count}};
	if (!entries)
		return err_no_memory(erasing->err);
	write_stamp(hilf, &record);
	memcpy(record.of, erasing->bank.gid, UUID_SIZE);
	size_t size = record_add_size(&record), count = 0;
	for (; from + count < erasing->kept_count; count++) {
		struct kept *kept = &first[count];
		size += record_entry_size(&kept->entry);
		if (kept->meta_id != first->meta_id || kept->expires_ms != first->expires_ms ||
			(count && size > LIMIT_RECORD_SIZE))
			break;
		entries[count] = kept->entry;
		memcpy(kept->new_gid.record, record.id, UUID_SIZE);
		kept->new_gid.ordinal = (uint32_t)count;
	}
	record.add.entries = entries;
	record.add.entry_count = count;
	*ret_count = count;
	return write_records(hilf, &record, 1, erasing->err);
}

static int add_kept(struct hilf *hilf, struct erasing *erasing)
{
	size_t count = 0;
	int rc = 0;
	qsort(erasing->kept, erasing->kept_count, sizeof *erasing->kept, by_meta);
	for (size_t at = 0; at < erasing->kept_count && !rc; at += count)
		rc = add_run(hilf, erasing, at, &count);
	return rc;
}

/* ------------------------------------------------------------------------------------------ what hangs on them */

static int give_opinion(struct hilf *hilf, struct erasing *erasing, const struct kept *kept)
{
	struct record record = {.kind = RECORD_OPINION_GIVE};
	if (kept->opinion == HILF_OPINION_NONE)
		return 0;
	write_stamp(hilf, &record);
	memcpy(record.of, erasing->bank.gid, UUID_SIZE);
	record.opinion.opinion = kept->opinion;
	record.opinion.entries = &kept->new_gid;
	record.opinion.entry_count = 1;
	return write_records(hilf, &record, 1, erasing->err);
}

static int move_all(struct hilf *hilf, struct erasing *erasing)
{
	int rc = 0;
	for (size_t i = 0; i < erasing->kept_count && !rc; i++) {
		struct kept *kept = &erasing->kept[i];
		struct store_entry_row row;
		rc = store_entry_get(hilf->store, true, 0, &kept->new_gid, &row, erasing->err);
		if (!rc)
			rc = give_opinion(hilf, erasing, kept);
		if (!rc && kept->muted_until_ms)
			rc = store_mute_set(
				hilf->store, row.id, kept->muted_until_ms, erasing->err);
		if (!rc && kept->beside)
			rc = store_beside_put(hilf->store, row.id, kept->beside, erasing->err);
		if (!rc)
			rc = store_rest_move(hilf->store, kept->id, row.id, erasing->err);
		if (!rc)
			rc = case_move_entry(hilf, kept->id, row.id, erasing->err);
		if (!rc)
			rc = vault_entry_moved(hilf, kept->id, row.id, erasing->err);
		if (!rc)
			rc = decide_move_entry(hilf, kept->id, row.id, erasing->err);
	}
	return rc;
}

/* ------------------------------------------------------------------------------------------ the job */

static int prepare(struct hilf *hilf, struct erasing *erasing, bool *ret_erased)
{
	struct hilf_err *err = erasing->err;
	int rc = entry_find(hilf, true, erasing->text, &erasing->row, err);
	if (!rc)
		rc = store_bank_by_id(hilf->store, true, erasing->row.bank, &erasing->bank, err);
	if (!rc)
		rc = bank_check_own(hilf, &erasing->bank,
			"only it can erase the entry; on this node it can be muted", err);
	if (!rc)
		rc = store_is_erased(hilf->store, erasing->row.gid.record, ret_erased, err);
	erasing->stands = !rc && !erasing->row.withdrawn;
	return rc;
}

static int erase_entry(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct erasing *erasing = ctx;
	bool erased = false, done;
	erasing->err = err;
	erasing->kept_count = erasing->expired_count = erasing->count = 0;
	int rc = prepare(hilf, erasing, &erased);
	if (!rc && !erased) {
		rc = look_around(hilf, erasing);
		if (!rc)
			rc = checks_reverse(hilf, &erasing->row.gid, "erased", NULL, err);
		if (!rc && erasing->stands)
			rc = withdraw(hilf, erasing, erasing->reason, &erasing->row.gid, 1);
		if (!rc)
			rc = withdraw_kept(hilf, erasing);
		if (!rc)
			rc = withdraw(hilf, erasing, REASON_EXPIRED, erasing->expired,
				erasing->expired_count);
		if (!rc)
			rc = add_kept(hilf, erasing);
		if (!rc)
			rc = move_all(hilf, erasing);
	}
	return rc ? rc : store_erase(hilf->store, erasing->row.gid.record, NULL, 0, &done, err);
}

/* No snapshot of the index may hold what is gone; one that somebody is writing now is waited for. */
static int drop_snapshot(struct hilf *hilf, struct hilf_err *err)
{
	struct checkpoint_info info;
	if (checkpoint_look(hilf->data_dir, &info, NULL) == HILF_E_NOT_FOUND)
		return 0;
	int lock = checkpoint_lock(hilf->data_dir, SNAPSHOT_WAIT_MS);
	if (lock < 0)
		return err_set(err, HILF_E_BUSY,
			"it is erased, but another process writes a snapshot of the index, which "
			"may still "
			"hold it; erase it once more when that has finished");
	int rc = checkpoint_drop_locked(&index_hamming, hilf->data_dir, err);
	checkpoint_unlock(lock);
	return rc;
}

int erase_traces(struct hilf *hilf, struct hilf_err *err)
{
	int rc = drop_snapshot(hilf, err);
	return rc ? rc : store_purged(hilf->store, err);
}

static enum record_reason reason_of(const char *reason)
{
	enum record_reason code;
	return record_reason_parse(reason, strcspn(reason, ":"), &code) ? code : REASON_OTHER;
}

int hilf_entry_erase(struct hilf *hilf, const char *entry, const char *reason, uint64_t *ret_count,
	struct hilf_err *err)
{
	struct erasing erasing = {.text = entry, .now_ms = clock_now_ms()};
	struct write_job job = {erase_entry, &erasing};
	ASSERT(hilf && entry);
	if (!reason || !*reason)
		return err_set(
			err, HILF_E_INVALID, "an erasure needs a reason; people will ask for it");
	erasing.reason = reason_of(reason);
	arena_init(&erasing.arena, 0);
	int rc = write_submit(hilf, &job, err);
	arena_clear(&erasing.arena);
	if (!rc)
		rc = erase_traces(hilf, err);
	if (!rc && ret_count)
		*ret_count = erasing.count - erasing.kept_count;
	return rc;
}
