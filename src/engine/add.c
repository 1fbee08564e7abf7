/* Adding entries: what is there already is found, what stands for nothing is kept out, and the rest fills as few
 * records as it fits, because a signature costs the same for one entry as for seven hundred. For the same reason what many
 * threads add to one bank at once goes into one record where it may. */
#include "engine/add.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/engine.h"
#include "engine/events.h"
#include "os/clock.h"
#include "signal/signal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define MANY_ENTRIES 1000u /* a call with more fills records by itself */

struct adding {
	const char *bank_name;
	const struct hilf_entry_meta *meta;
	const struct hilf_new_entry *entries;
	size_t count;
	struct hilf_add_result *results; /* filled inside the job, given out when it is durable */
	int64_t now_ms;                  /* what has expired by then is not there any more */
	bool usual_expiry;

	struct arena *arena;
	struct store_bank bank;
	struct record record;       /* the common fields of every record of this call */
	struct record_entry *fresh; /* what is to be added, in order */
	uint32_t *fresh_of;         /* which entry of the call it is */
	size_t fresh_count;
	uint32_t *seen; /* hash set of the signals of `fresh`: position in `keys` + 1 */
	size_t seen_room;
	uint8_t hash_key[crypto_shorthash_KEYBYTES];
	struct {
		const struct hilf_signal *signal;
		uint32_t entry;
	} * keys;
	size_t key_count;
	bool *maybe_there; /* per entry of the call: some bank may have one of its signals */
	uint32_t *
		twin_of; /* per entry of the call: 1 + the earlier fresh one that is the same, or 0 */
};

/* Keyed by chance: lists come from others, and one made to collide would cost the square of its length. */
static uint64_t hash_of(const struct adding *adding, const struct hilf_signal *signal)
{
	uint64_t hash;
	crypto_shorthash((unsigned char *)&hash, signal->value, signal->size, adding->hash_key);
	return hash ^ signal->type;
}

static bool same_signal(const struct hilf_signal *a, const struct hilf_signal *b)
{
	return a->type == b->type && a->size == b->size && memcmp(a->value, b->value, a->size) == 0;
}

/* Where the signal is in the set of this call's own, or where it would go. */
static uint32_t *seen_at(struct adding *adding, const struct hilf_signal *signal)
{
	size_t at = hash_of(adding, signal) & (adding->seen_room - 1);
	while (adding->seen[at] && !same_signal(adding->keys[adding->seen[at] - 1].signal, signal))
		at = (at + 1) & (adding->seen_room - 1);
	return &adding->seen[at];
}

/* The signals of an entry that will be added: a later one of this call that has them is its twin. */
static void remember(struct adding *adding, const struct record_entry *entry, uint32_t position)
{
	for (size_t i = 0; i < entry->signal_count; i++) {
		uint32_t *slot = seen_at(adding, &entry->signals[i]);
		if (*slot)
			continue;
		adding->keys[adding->key_count].signal = &entry->signals[i];
		adding->keys[adding->key_count].entry = position;
		*slot = (uint32_t)++adding->key_count;
	}
}

static bool has_digest(const struct record_entry *entry)
{
	for (size_t i = 0; i < entry->signal_count; i++)
		if (!signal_is_similarity(entry->signals[i].type))
			return true;
	return false;
}

/* Looks for the entry in the bank and among those that this call adds before it: sets results[position] or
 * twin_of[position] where it is there already. */
static int look_up(struct hilf *hilf, struct adding *adding, const struct record_entry *entry,
	uint32_t position, struct hilf_err *err)
{
	bool by_digests = has_digest(entry);
	for (size_t i = 0; i < entry->signal_count; i++) {
		const struct hilf_signal *signal = &entry->signals[i];
		uint64_t there = 0;
		if (by_digests && signal_is_similarity(signal->type))
			continue;
		int rc = adding->maybe_there[position]
				 ? store_find_equal(hilf->store, true, adding->bank.id, signal,
					   adding->now_ms, &there, err)
				 : 0;
		if (rc)
			return rc;
		if (there) {
			adding->results[position] =
				(struct hilf_add_result){there, HILF_ADDED_ALREADY};
			adding->twin_of[position] = 0;
			return 0;
		}
		uint32_t key = *seen_at(adding, signal);
		if (key && !adding->twin_of[position])
			adding->twin_of[position] = adding->keys[key - 1].entry + 1;
	}
	return 0;
}

/* The entry without signals that stand for nothing; none left: signal_count is 0. */
static int without_degenerate(struct adding *adding, const struct hilf_new_entry *from,
	struct record_entry *ret_entry, struct hilf_err *err)
{
	struct hilf_signal *kept = arena_array(adding->arena, from->signal_count, sizeof *kept);
	size_t count = 0;
	if (!kept)
		return err_no_memory(err);
	for (size_t i = 0; i < from->signal_count; i++) {
		int rc = record_check_signal(&from->signals[i], err);
		if (rc)
			return rc;
		if (!signal_degenerate(&from->signals[i]))
			kept[count++] = from->signals[i];
	}
	*ret_entry = (struct record_entry){kept, count, from->labels, from->label_count};
	return 0;
}

/* Whether any bank may have one of an entry's signals, asked for all entries at once: of a large import most are new,
 * and need not be looked up one by one. */
static int look_ahead(struct hilf *hilf, struct adding *adding, const struct record_entry *entries,
	struct hilf_err *err)
{
	size_t count = 0, at = 0;
	for (size_t i = 0; i < adding->count; i++)
		count += entries[i].signal_count;
	const struct hilf_signal **signals = arena_array(adding->arena, count, sizeof *signals);
	bool *absent = arena_array(adding->arena, count, sizeof *absent);
	if (!signals || !absent)
		return err_no_memory(err);
	for (size_t i = 0; i < adding->count; i++)
		for (size_t j = 0; j < entries[i].signal_count; j++)
			signals[at++] = &entries[i].signals[j];
	int rc = store_find_absent(hilf->store, signals, count, absent, err);
	at = 0;
	for (size_t i = 0; i < adding->count && !rc; i++)
		for (size_t j = 0; j < entries[i].signal_count; j++)
			adding->maybe_there[i] |= !absent[at++];
	return rc;
}

static int sort_out(struct hilf *hilf, struct adding *adding, struct hilf_err *err)
{
	struct record_entry *entries = arena_array(adding->arena, adding->count, sizeof *entries);
	adding->maybe_there =
		arena_array(adding->arena, adding->count, sizeof *adding->maybe_there);
	int rc = entries && adding->maybe_there ? 0 : err_no_memory(err);
	for (uint32_t i = 0; i < adding->count && !rc; i++)
		rc = without_degenerate(adding, &adding->entries[i], &entries[i], err);
	if (!rc)
		rc = look_ahead(hilf, adding, entries, err);
	for (uint32_t i = 0; i < adding->count && !rc; i++) {
		adding->results[i] = (struct hilf_add_result){0, HILF_ADDED_DEGENERATE};
		if (!entries[i].signal_count)
			continue;
		adding->results[i].what = HILF_ADDED;
		rc = look_up(hilf, adding, &entries[i], i, err);
		if (rc || adding->results[i].what != HILF_ADDED || adding->twin_of[i])
			continue;
		remember(adding, &entries[i], i);
		adding->fresh[adding->fresh_count] = entries[i];
		adding->fresh_of[adding->fresh_count++] = i;
	}
	return rc;
}

/* Cuts the fresh entries into records. ret_records: an array of the arena. */
static int fill_records(struct hilf *hilf, struct adding *adding, struct record **ret_records,
	size_t *ret_count, struct hilf_err *err)
{
	size_t base = record_add_size(&adding->record), count = 0;
	struct record *records = arena_array(adding->arena, adding->fresh_count, sizeof *records);
	if (!records)
		return err_no_memory(err);
	for (size_t at = 0; at < adding->fresh_count;) {
		struct record *record = &records[count++];
		size_t size = base;
		*record = adding->record;
		write_stamp(hilf, record);
		memcpy(record->of, adding->bank.gid, UUID_SIZE);
		record->add.entries = &adding->fresh[at];
		record->add.entry_count = 0;
		while (at < adding->fresh_count &&
			record->add.entry_count < LIMIT_RECORD_ASSERTIONS) {
			size += record_entry_size(&adding->fresh[at]);
			if (size > LIMIT_RECORD_SIZE && record->add.entry_count)
				break;
			record->add.entry_count++;
			at++;
		}
	}
	*ret_records = records;
	*ret_count = count;
	return 0;
}

/* The fold numbers a record's entries one after the other, so one look tells them all. */
static int read_ids(struct hilf *hilf, struct adding *adding, const struct record *records,
	size_t record_count, struct hilf_err *err)
{
	size_t at = 0;
	for (size_t i = 0; i < record_count; i++) {
		struct record_entry_id first = {.ordinal = 0};
		struct store_entry_row row;
		memcpy(first.record, records[i].id, UUID_SIZE);
		int rc = store_entry_get(hilf->store, true, 0, &first, &row, err);
		if (rc)
			return rc;
		for (size_t j = 0; j < records[i].add.entry_count; j++)
			adding->results[adding->fresh_of[at++]].entry = row.id + j;
	}
	ASSERT(at == adding->fresh_count);
	for (size_t i = 0; i < adding->count; i++)
		if (adding->twin_of[i])
			adding->results[i] = (struct hilf_add_result){
				adding->results[adding->twin_of[i] - 1].entry, HILF_ADDED_ALREADY};
	return 0;
}

static int tell(struct hilf *hilf, const struct adding *adding, const struct record *records,
	size_t record_count, struct hilf_err *err)
{
	struct record_entry_id ids[EVENT_ENTRIES_MAX];
	size_t count = 0;
	for (size_t i = 0; i < record_count && count < EVENT_ENTRIES_MAX; i++) {
		for (size_t j = 0; j < records[i].add.entry_count && count < EVENT_ENTRIES_MAX;
			j++) {
			memcpy(ids[count].record, records[i].id, UUID_SIZE);
			ids[count++].ordinal = (uint32_t)j;
		}
	}
	return event_entries(
		hilf, "entry.added", adding->bank.name, ids, adding->fresh_count, NULL, err);
}

/* Memory for the whole call. */
static int make_room(struct adding *adding, struct hilf_err *err)
{
	struct arena *arena = adding->arena;
	size_t signal_count = 0;
	for (size_t i = 0; i < adding->count; i++)
		signal_count += adding->entries[i].signal_count;
	for (adding->seen_room = 16; adding->seen_room < 2 * signal_count;)
		adding->seen_room *= 2;
	random_bytes(adding->hash_key, sizeof adding->hash_key);
	adding->fresh = arena_array(arena, adding->count, sizeof *adding->fresh);
	adding->fresh_of = arena_array(arena, adding->count, sizeof *adding->fresh_of);
	adding->twin_of = arena_array(arena, adding->count, sizeof *adding->twin_of);
	adding->seen = arena_array(arena, adding->seen_room, sizeof *adding->seen);
	adding->keys = arena_array(arena, signal_count, sizeof *adding->keys);
	if (!adding->fresh || !adding->fresh_of || !adding->twin_of || !adding->seen ||
		!adding->keys)
		return err_no_memory(err);
	return 0;
}

static int add_entries(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct adding *adding = ctx;
	struct record *records = NULL;
	size_t record_count = 0;
	int rc = make_room(adding, err);
	if (!rc)
		rc = bank_find(hilf, true, adding->bank_name, &adding->bank, err);
	if (!rc)
		rc = bank_check_own(
			hilf, &adding->bank, "make one of your own with 'hilf bank create'", err);
	if (rc)
		return rc;
	rc = sort_out(hilf, adding, err);
	if (!rc && adding->fresh_count)
		rc = fill_records(hilf, adding, &records, &record_count, err);
	if (!rc && adding->fresh_count)
		rc = write_records(hilf, records, record_count, err);
	if (!rc && adding->fresh_count)
		rc = read_ids(hilf, adding, records, record_count, err);
	if (!rc && adding->fresh_count)
		rc = tell(hilf, adding, records, record_count, err);
	return rc;
}

/* ------------------------------------------------------------------------------------------ many at once */

static bool equal_labels(const struct record *a, const struct record *b)
{
	if (a->add.label_count != b->add.label_count)
		return false;
	for (size_t i = 0; i < a->add.label_count; i++)
		if (strcmp(a->add.labels[i].key, b->add.labels[i].key) != 0 ||
			strcmp(a->add.labels[i].value, b->add.labels[i].value) != 0)
			return false;
	return true;
}

/* Whether the labels of the call can be given to its entries, each by itself. */
static bool labels_fit(const struct adding *adding)
{
	for (size_t i = 0; i < adding->count; i++)
		if (adding->entries[i].label_count + adding->record.add.label_count > LIMIT_LABELS)
			return false;
	return true;
}

/* The labels of the call beside those of the entry, which override them. */
static int give_labels(struct arena *arena, const struct record *record,
	struct hilf_new_entry *entry, struct hilf_err *err)
{
	size_t count = entry->label_count;
	struct hilf_label *labels =
		arena_array(arena, count + record->add.label_count, sizeof *labels);
	if (!labels)
		return err_no_memory(err);
	for (size_t i = 0; i < count; i++)
		labels[i] = entry->labels[i];
	for (size_t i = 0; i < record->add.label_count; i++) {
		size_t own = 0;
		while (own < entry->label_count &&
			strcmp(labels[own].key, record->add.labels[i].key) != 0)
			own++;
		if (own == entry->label_count)
			labels[count++] = record->add.labels[i];
	}
	entry->labels = labels;
	entry->label_count = count;
	return 0;
}

/* Whether two calls may share a record: what it says of all its entries is true of both. */
static bool are_alike(const void *ctx, const void *other_ctx)
{
	const struct adding *a = ctx, *b = other_ctx;
	const struct record *x = &a->record, *y = &b->record;
	return a->count <= MANY_ENTRIES && b->count <= MANY_ENTRIES &&
	       strcmp(a->bank_name, b->bank_name) == 0 &&
	       strcmp(x->add.content_class, y->add.content_class) == 0 &&
	       strcmp(x->add.ground, y->add.ground) == 0 && x->add.source == y->add.source &&
	       a->usual_expiry == b->usual_expiry &&
	       (a->usual_expiry || x->add.expires_ms == y->add.expires_ms) &&
	       (equal_labels(x, y) || (labels_fit(a) && labels_fit(b)));
}

/* All calls as one: their entries one after the other, so that what two of them have in common is added by the first. */
static int gather(struct adding *all, void *const *ctxs, size_t count, struct hilf_err *err)
{
	const struct adding *first = ctxs[0];
	bool equal = true;
	size_t at = 0;
	all->count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct adding *one = ctxs[i];
		all->count += one->count;
		equal = equal && equal_labels(&first->record, &one->record);
		/* The earliest, which is in bounds for all. */
		if (one->record.add.expires_ms < all->record.add.expires_ms)
			all->record.add.expires_ms = one->record.add.expires_ms;
	}
	struct hilf_new_entry *entries = arena_array(all->arena, all->count, sizeof *entries);
	int rc = entries ? 0 : err_no_memory(err);
	for (size_t i = 0; i < count && !rc; i++) {
		const struct adding *one = ctxs[i];
		for (size_t j = 0; j < one->count && !rc; j++, at++) {
			entries[at] = one->entries[j];
			if (!equal)
				rc = give_labels(all->arena, &one->record, &entries[at], err);
		}
	}
	if (!equal)
		all->record.add.label_count = 0;
	all->entries = entries;
	return rc;
}

static int add_many(struct hilf *hilf, void *const *ctxs, size_t count, struct hilf_err *err)
{
	struct adding all = *(const struct adding *)ctxs[0];
	struct arena arena;
	size_t at = 0;
	arena_init(&arena, 0);
	all.arena = &arena;
	int rc = gather(&all, ctxs, count, err);
	if (!rc && all.count > LIMIT_ADD_BATCH)
		rc = err_set(err, HILF_E_LIMIT, "too many entries at once");
	if (!rc) {
		all.results = arena_array(&arena, all.count, sizeof *all.results);
		rc = all.results ? add_entries(hilf, &all, err) : err_no_memory(err);
	}
	for (size_t i = 0; i < count && !rc; i++) {
		struct adding *one = ctxs[i];
		memcpy(one->results, &all.results[at], one->count * sizeof *one->results);
		at += one->count;
	}
	arena_clear(&arena);
	return rc;
}

/* ------------------------------------------------------------------------------------------ a call */

static int check_label_count(size_t count, struct hilf_err *err)
{
	if (count <= LIMIT_LABELS)
		return 0;
	return err_set(
		err, HILF_E_LIMIT, "%zu labels; an entry has %u at most", count, LIMIT_LABELS);
}

/* What no entry can have is found here and not by the record, which many calls share: there it would fail for all. */
static int check_entries(const struct adding *adding, struct hilf_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < adding->count && !rc; i++) {
		size_t count = adding->entries[i].signal_count;
		if (count < 1 || count > LIMIT_ENTRY_SIGNALS)
			return err_set(err, HILF_E_INVALID, "an entry has 1 to %u signals, not %zu",
				LIMIT_ENTRY_SIGNALS, count);
		rc = check_label_count(adding->entries[i].label_count, err);
		for (size_t j = 0; j < adding->entries[i].label_count && !rc; j++)
			rc = record_check_label(&adding->entries[i].labels[j], err);
	}
	return rc;
}

static int source_of(const char *name, enum record_source *ret_source, struct hilf_err *err)
{
	for (int i = SOURCE_UNSAID; i <= SOURCE_AUTOMATED; i++) {
		if (name && strcmp(name, record_source_name((enum record_source)i)) != 0)
			continue;
		*ret_source = (enum record_source)i;
		return 0;
	}
	return err_set(
		err, HILF_E_INVALID, "source '%s' is none of human, import, automated", name);
}

static int read_meta(struct adding *adding, struct hilf_err *err)
{
	static const struct hilf_entry_meta nothing = {0};
	const struct hilf_entry_meta *meta = adding->meta ? adding->meta : &nothing;
	struct record *record = &adding->record;
	int64_t now = adding->now_ms;
	record->kind = RECORD_ENTRY_ADD;
	record->add.content_class = meta->content_class ? meta->content_class : hilf_class_name(0);
	record->add.ground = meta->ground ? meta->ground : "";
	record->add.territory = "*";
	record->add.expires_ms = meta->expires_ms ? meta->expires_ms : now + LIMIT_EXPIRY_MS;
	adding->usual_expiry = !meta->expires_ms;
	record->add.labels = meta->labels;
	record->add.label_count = meta->label_count;
	if (meta->expires_ms && meta->expires_ms <= now)
		return err_set(err, HILF_E_INVALID, "the expiry is in the past; give a later date");
	if (record->add.expires_ms > now + LIMIT_EXPIRY_MS)
		return err_set(err, HILF_E_LIMIT,
			"the expiry is more than 24 months away, the longest an entry stands "
			"without being "
			"looked at again; give an earlier date");
	int rc = check_label_count(meta->label_count, err);
	if (!rc)
		rc = record_check_class(record->add.content_class, err);
	if (!rc && record->add.ground[0])
		rc = record_check_ground(record->add.ground, err);
	for (size_t i = 0; i < meta->label_count && !rc; i++)
		rc = record_check_label(&meta->labels[i], err);
	return rc ? rc : source_of(meta->source, &record->add.source, err);
}

/* What can be said of the call before anything is locked. */
static int begin(struct adding *adding, const struct add_call *call, struct arena *arena,
	struct hilf_err *err)
{
	*adding = (struct adding){.bank_name = call->bank,
		.meta = call->meta,
		.entries = call->entries,
		.count = call->count,
		.now_ms = clock_now_ms(),
		.arena = arena};
	if (call->count > LIMIT_ADD_BATCH)
		return err_set(err, HILF_E_LIMIT, "%zu entries in one call; %u are allowed",
			call->count, LIMIT_ADD_BATCH);
	int rc = read_meta(adding, err);
	if (!rc)
		rc = check_entries(adding, err);
	if (rc)
		return rc;
	adding->results = arena_array(arena, adding->count, sizeof *adding->results);
	return adding->results ? 0 : err_no_memory(err);
}

void add_calls(struct hilf *hilf, struct add_call *calls, size_t count)
{
	struct arena arena;
	size_t good = 0;
	arena_init(&arena, 0);
	struct adding *addings = arena_array(&arena, count, sizeof *addings);
	struct write_job *jobs = arena_array(&arena, count, sizeof *jobs);
	for (size_t i = 0; i < count; i++) {
		struct add_call *call = &calls[i];
		call->rc = addings && jobs ? begin(&addings[good], call, &arena, &call->err)
					   : err_no_memory(&call->err);
		if (!call->rc)
			jobs[good] = (struct write_job){add_entries, &addings[good],
				.alike = are_alike, .run_many = add_many};
		good += !call->rc;
	}
	if (good)
		write_submit_all(hilf, jobs, good);
	for (size_t i = 0, at = 0; i < count; i++) {
		struct add_call *call = &calls[i];
		if (call->rc)
			continue;
		call->rc = jobs[at].rc;
		if (call->rc)
			call->err = jobs[at].err;
		else if (call->count)
			memcpy(call->ret_results, addings[at].results,
				call->count * sizeof *call->ret_results);
		at++;
	}
	arena_clear(&arena);
}

int hilf_add(struct hilf *hilf, const char *bank, const struct hilf_entry_meta *meta,
	const struct hilf_new_entry *entries, size_t count, struct hilf_add_result *ret_results,
	struct hilf_err *err)
{
	struct add_call call = {bank, meta, entries, count, ret_results, .rc = 0};
	ASSERT(hilf && bank && ((entries && ret_results) || !count));
	add_calls(hilf, &call, 1);
	if (call.rc && err)
		*err = call.err;
	return call.rc;
}
