/* The fold: what each record makes of the derived tables. It is a pure function of the feed, in the feed's order, and
 * authority is checked here: a record whose author had no right to say it changes nothing, today and whenever the feed
 * is folded again.
 *
 *   member.found     founds its author, who must be the member it speaks of; the first for an id counts
 *   bank.create      by a member; has no effect while its author has a standing bank of that name
 *   bank.remove      by the bank's author; withdraws every entry
 *   bank.rename      by the bank's author; has no effect while it has a standing bank of that name
 *   entry.add        by the author of a standing bank
 *   entry.withdraw   by the bank's author; each named entry for itself; final
 *   entry.change     by the bank's author; each named entry for itself that is not withdrawn; an end comes only closer
 *   opinion.give     by a member, whose one opinion on each named entry of the bank it is from now on */
#include "store/db.h"

#include "base/check.h"
#include "base/err.h"

#include <string.h>

#define PENDING_MAX ((size_t)1 << 20)

int fold_begin(struct fold *fold, struct hilf_err *err)
{
	pending_clear(&fold->pending);
	pending_clear(&fold->mark_pending);
	fold->marked = false;
	int rc = load_state(fold->store, fold->conn, &fold->state, err);
	fold->begun = fold->state;
	return rc;
}

int fold_end(struct fold *fold, struct hilf_err *err)
{
	int rc = pending_flush(fold, err);
	/* A write that was all local leaves it as it was. */
	if (rc || memcmp(&fold->state, &fold->begun, sizeof fold->state) == 0)
		return rc;
	return save_state(fold->store, fold->conn, &fold->state, err);
}

void fold_mark(struct fold *fold)
{
	ASSERT(!fold->marked);
	fold->marked = true;
	fold->mark_state = fold->state;
}

void fold_mark_keep(struct fold *fold)
{
	ASSERT(fold->marked);
	fold->marked = false;
	pending_clear(&fold->mark_pending);
}

/* Keys that were waiting at the mark wait again: those still there, and those that went into the table since. */
int fold_mark_back(struct fold *fold, struct hilf_err *err)
{
	ASSERT(fold->marked);
	int rc = pending_copy(&fold->mark_pending, &fold->pending, fold->mark_state.entries, err);
	struct pending now = fold->pending;
	if (rc)
		return rc;
	fold->pending = fold->mark_pending;
	fold->mark_pending = now;
	fold->state = fold->mark_state;
	fold_mark_keep(fold);
	return 0;
}

void fold_free(struct fold *fold)
{
	pending_free(&fold->pending);
	pending_free(&fold->mark_pending);
	buf_free(&fold->text);
	buf_free(&fold->rows);
	buf_free(&fold->packed);
}

/* ------------------------------------------------------------------------------------------ members */

/* 1: a member; 0: nobody founded it. */
static int known_member(struct fold *fold, const uint8_t gid[UUID_SIZE], struct hilf_err *err)
{
	struct member_row member;
	return load_member(fold->store, fold->conn, gid, &member, err);
}

static int found_member(struct fold *fold, const struct record *record, uint64_t seq, bool *effect,
	struct hilf_err *err)
{
	if (memcmp(record->author, record->of, UUID_SIZE) != 0)
		return 0;
	int rc = known_member(fold, record->author, err);
	if (rc)
		return rc < 0 ? rc : 0;
	uint64_t id = fold->state.members + 1;
	rc = save_member(fold->store, fold->conn, id, seq, record, err);
	if (rc)
		return rc;
	fold->state.members = id;
	*effect = true;
	return 0;
}

/* ------------------------------------------------------------------------------------------ banks */

/* 1: the record's author has a standing bank of the name that the record gives. */
static int is_taken(struct fold *fold, const struct record *record, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(fold->conn, SQL_BANK_TAKEN);
	sqlite3_bind_text(statement, 1, record->bank.name, -1, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 2, record->author, UUID_SIZE, SQLITE_STATIC);
	int rc = db_step(fold->store, fold->conn, statement, err);
	sqlite3_reset(statement);
	return rc;
}

static int create_bank(struct fold *fold, const struct record *record, uint64_t seq, bool *effect,
	struct hilf_err *err)
{
	struct store_bank bank = {.created_ms = record->time_ms};
	int rc = known_member(fold, record->author, err);
	if (rc != 1)
		return rc;
	rc = is_taken(fold, record, err);
	if (rc)
		return rc < 0 ? rc : 0;
	if (fold->state.banks == UINT32_MAX || strlen(record->bank.name) >= sizeof bank.name)
		return 0;
	bank.id = (uint32_t)fold->state.banks + 1;
	memcpy(bank.gid, record->id, UUID_SIZE);
	memcpy(bank.author, record->author, UUID_SIZE);
	strcpy(bank.name, record->bank.name);
	rc = save_bank(fold->store, fold->conn, &bank, seq, err);
	if (rc)
		return rc;
	fold->state.banks++;
	*effect = true;
	return 0;
}

/* 1: the bank that the record speaks of stands, and its author speaks. */
static int load_own_bank(struct fold *fold, const struct record *record, struct bank_row *ret_bank,
	struct hilf_err *err)
{
	int rc = load_bank(fold->store, fold->conn, record->of, ret_bank, err);
	if (rc != 1)
		return rc;
	return !ret_bank->removed_seq &&
	       memcmp(ret_bank->bank.author, record->author, UUID_SIZE) == 0;
}

static int rename_bank(struct fold *fold, const struct record *record, uint64_t seq, bool *effect,
	struct hilf_err *err)
{
	struct bank_row bank;
	int rc = load_own_bank(fold, record, &bank, err);
	if (rc != 1)
		return rc;
	rc = is_taken(fold, record, err);
	if (rc || strlen(record->bank.name) >= sizeof bank.bank.name)
		return rc < 0 ? rc : 0;
	strcpy(bank.bank.name, record->bank.name);
	bank.renamed_seq = seq;
	rc = save_bank_again(fold->store, fold->conn, &bank, err);
	*effect = !rc;
	return rc;
}

/* ------------------------------------------------------------------------------------------ entries */

static uint64_t *count_of_type(struct fold *fold, uint8_t type)
{
	return &fold->state.signals[type < COUNT_OF(fold->state.signals) ? type : 0];
}

/* One entry as a row of the batch, with its keys among those that wait. */
static int add_entry(struct fold *fold, const struct record_entry *entry, uint32_t meta,
	struct batch_row *ret_row, uint8_t *packed, struct hilf_err *err)
{
	const struct entry_head head = {.id = fold->state.entries + 1, .meta = meta};
	uint64_t id = head.id;
	size_t size = pack_signals(entry->signals, entry->signal_count, packed);
	int64_t mark = mark_of_entry(fold->store, &head, packed, size);
	*ret_row = (struct batch_row){{(int64_t)id, meta, mark}, packed, size};
	for (size_t i = 0; i < entry->signal_count; i++) {
		int rc = pending_add(
			&fold->pending, key_of_signal(fold->store, &entry->signals[i]), id, err);
		if (rc)
			return rc;
		++*count_of_type(fold, entry->signals[i].type);
	}
	fold->state.entries = id;
	return 0;
}

/* The entries of a record under consecutive ids. */
static int add_entries(
	struct fold *fold, const struct record *record, uint64_t seq, struct hilf_err *err)
{
	size_t count = record->add.entry_count, packed_size = 0;
	for (size_t i = 0; i < count; i++)
		packed_size += pack_size(
			record->add.entries[i].signals, record->add.entries[i].signal_count);
	buf_clear(&fold->rows);
	buf_clear(&fold->packed);
	if (!buf_reserve(&fold->rows, count * sizeof(struct batch_row)) ||
		!buf_reserve(
			&fold->packed, packed_size + 1)) /* not NULL: a blob, if an empty one */
		return err_no_memory(err);
	struct batch_row *rows = (struct batch_row *)(void *)fold->rows.data;
	uint8_t *packed = (uint8_t *)fold->packed.data;
	uint32_t shared_meta = 0;
	for (size_t i = 0; i < count; i++) {
		const struct record_entry *entry = &record->add.entries[i];
		uint32_t meta = entry->label_count ? 0 : shared_meta;
		bool erased = !entry->signal_count; /* nothing is said of it */
		int rc = meta || erased ? 0 : meta_intern(fold, record, entry, seq, &meta, err);
		if (rc)
			return rc;
		if (!entry->label_count)
			shared_meta = meta;
		rc = add_entry(fold, entry, meta, &rows[i], packed, err);
		if (rc)
			return rc;
		packed += rows[i].size;
	}
	return batch_run(fold->store, fold->conn, SQL_ENTRY_ADD, rows, count, err);
}

static int add_span(struct fold *fold, const struct record *record, uint64_t seq, bool *effect,
	struct hilf_err *err)
{
	struct bank_row bank;
	int rc = load_own_bank(fold, record, &bank, err);
	if (rc != 1)
		return rc;
	struct span span = {
		.first = fold->state.entries + 1,
		.seq = seq,
		.count = (uint32_t)record->add.entry_count,
		.bank = bank.bank.id,
		.added_ms = record->time_ms,
		.expires_ms = record->add.expires_ms,
	};
	memcpy(span.record, record->id, UUID_SIZE);
	rc = save_span(fold->store, fold->conn, &span, err);
	if (!rc)
		rc = add_entries(fold, record, seq, err);
	if (!rc && fold->pending.count >= PENDING_MAX)
		rc = pending_flush(fold, err);
	if (rc)
		return rc;
	fold->state.spans++;
	*effect = true;
	return 0;
}

static int retire_keys(struct fold *fold, const struct entry_row *entry, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(fold->conn, SQL_KEY_GONE);
	int rc = 0;
	for (size_t i = 0; i < entry->signal_count && !rc; i++) {
		sqlite3_bind_int64(statement, 1, key_of_signal(fold->store, &entry->signals[i]));
		sqlite3_bind_int64(statement, 2, (int64_t)entry->head.id);
		rc = db_run(fold->store, fold->conn, statement, err);
		--*count_of_type(fold, entry->signals[i].type);
	}
	return rc;
}

/* 1: the entry with this number, which is of the span, stands; 0: it was withdrawn. */
static int load_standing(
	struct fold *fold, uint64_t id, struct entry_row *ret_entry, struct hilf_err *err)
{
	int rc = load_entry(fold->store, fold->conn, id, ret_entry, err);
	if (rc == 0)
		rc = db_damaged(fold->store, "an entry, which is missing,", err);
	return rc < 0 ? rc : !ret_entry->head.withdrawn_seq;
}

/* Withdraws one entry of the span, which counts it unless it was withdrawn before. Keys must be in their table. */
static int withdraw_entry(
	struct fold *fold, uint64_t id, uint64_t seq, struct span *span, struct hilf_err *err)
{
	struct entry_row entry;
	int rc = load_standing(fold, id, &entry, err);
	if (rc != 1)
		return rc;
	rc = retire_keys(fold, &entry, err);
	if (rc)
		return rc;
	entry.head.withdrawn_seq = seq;
	rc = save_entry(fold->store, fold->conn, &entry, err);
	if (rc)
		return rc;
	fold->state.withdrawn++;
	span->withdrawn++;
	span->early -= entry.head.expires_ms != 0;
	return 0;
}

/* 1: the span of a named entry that is of the bank. */
static int load_span_of_name(struct fold *fold, const struct record_entry_id *name, uint32_t bank,
	struct span *ret_span, struct hilf_err *err)
{
	int rc = load_span_of_record(fold->store, fold->conn, name->record, ret_span, err);
	return rc == 1 ? ret_span->bank == bank && name->ordinal < ret_span->count : rc;
}

static int withdraw_named(struct fold *fold, const struct record_entry_id *name, uint32_t bank,
	uint64_t seq, bool *effect, struct hilf_err *err)
{
	struct span span;
	int rc = load_span_of_name(fold, name, bank, &span, err);
	if (rc != 1)
		return rc;
	uint32_t before = span.withdrawn;
	rc = withdraw_entry(fold, span.first + name->ordinal, seq, &span, err);
	if (rc || span.withdrawn == before)
		return rc;
	*effect = true;
	return save_span_again(fold->store, fold->conn, &span, err);
}

static int withdraw(struct fold *fold, const struct record *record, uint64_t seq, bool *effect,
	struct hilf_err *err)
{
	struct bank_row bank;
	int rc = load_own_bank(fold, record, &bank, err);
	if (rc != 1)
		return rc;
	rc = pending_flush(fold, err);
	for (size_t i = 0; i < record->withdraw.entry_count && !rc; i++)
		rc = withdraw_named(
			fold, &record->withdraw.entries[i], bank.bank.id, seq, effect, err);
	return rc;
}

static int withdraw_span(struct fold *fold, struct span *span, uint64_t seq, struct hilf_err *err)
{
	int rc = 0;
	for (uint32_t i = 0; i < span->count && !rc; i++)
		rc = withdraw_entry(fold, span->first + i, seq, span, err);
	return rc ? rc : save_span_again(fold->store, fold->conn, span, err);
}

static int remove_bank(struct fold *fold, const struct record *record, uint64_t seq, bool *effect,
	struct hilf_err *err)
{
	struct bank_row bank;
	struct span span;
	uint64_t after = 0;
	int rc = load_own_bank(fold, record, &bank, err);
	if (rc != 1)
		return rc;
	rc = pending_flush(fold, err);
	bank.removed_seq = seq;
	if (!rc)
		rc = save_bank_again(fold->store, fold->conn, &bank, err);
	/* One span at a time: the table is changed under the statement that walks it. */
	while (!rc) {
		sqlite3_stmt *statement = db_use(fold->conn, SQL_SPAN_OF_BANK);
		sqlite3_bind_int64(statement, 1, bank.bank.id);
		sqlite3_bind_int64(statement, 2, (int64_t)after);
		rc = db_step(fold->store, fold->conn, statement, err);
		if (rc == 1 && (rc = row_span(fold->store, statement, &span, err)) == 0)
			rc = 1;
		sqlite3_reset(statement);
		if (rc != 1)
			break;
		after = span.first;
		rc = withdraw_span(fold, &span, seq, err);
	}
	if (rc)
		return rc;
	fold->state.banks_removed++;
	*effect = true;
	return 0;
}

/* ------------------------------------------------------------------------------------------ changes, opinions */

/* A change in progress. Entries of one record often share their meta, and then what becomes of it. */
struct changing {
	const struct record *record;
	uint64_t seq;
	uint32_t bank;
	uint32_t meta_from, meta_to;
};

static int change_meta(
	struct fold *fold, struct changing *changing, uint32_t *io_meta, struct hilf_err *err)
{
	const struct record *record = changing->record;
	if (!record->change.content_class && !record->change.ground && !record->change.set_labels)
		return 0;
	if (*io_meta != changing->meta_from) {
		int rc =
			meta_change(fold, *io_meta, record, changing->seq, &changing->meta_to, err);
		if (rc)
			return rc;
		changing->meta_from = *io_meta;
	}
	*io_meta = changing->meta_to;
	return 0;
}

static int change_named(struct fold *fold, struct changing *changing,
	const struct record_entry_id *name, bool *effect, struct hilf_err *err)
{
	int64_t expires_ms = changing->record->change.expires_ms;
	struct span span;
	struct entry_row entry;
	int rc = load_span_of_name(fold, name, changing->bank, &span, err);
	if (rc == 1)
		rc = load_standing(fold, span.first + name->ordinal, &entry, err);
	if (rc != 1)
		return rc;
	*effect = true;
	if (!entry.head.meta)
		return 0; /* erased: it is withdrawn in what follows */
	const struct entry_head before = entry.head;
	rc = change_meta(fold, changing, &entry.head.meta, err);
	if (rc)
		return rc;
	if (expires_ms && expires_ms < expiry_of(&before, &span))
		entry.head.expires_ms = expires_ms;
	if (entry.head.meta == before.meta && entry.head.expires_ms == before.expires_ms)
		return 0;
	entry.head.changed_seq = changing->seq;
	rc = save_entry(fold->store, fold->conn, &entry, err);
	if (rc || before.expires_ms || !entry.head.expires_ms)
		return rc;
	span.early++;
	return save_span_again(fold->store, fold->conn, &span, err);
}

static int change(struct fold *fold, const struct record *record, uint64_t seq, bool *effect,
	struct hilf_err *err)
{
	struct bank_row bank;
	int rc = load_own_bank(fold, record, &bank, err);
	if (rc != 1)
		return rc;
	struct changing changing = {.record = record, .seq = seq, .bank = bank.bank.id};
	rc = 0;
	for (size_t i = 0; i < record->change.entry_count && !rc; i++)
		rc = change_named(fold, &changing, &record->change.entries[i], effect, err);
	return rc;
}

/* A withdrawn entry may have opinions: what is known of it stays known. */
static int give_opinion(struct fold *fold, const struct record *record, uint64_t seq, bool *effect,
	struct hilf_err *err)
{
	struct member_row member;
	struct bank_row bank;
	int rc = load_member(fold->store, fold->conn, record->author, &member, err);
	if (rc == 1)
		rc = load_bank(fold->store, fold->conn, record->of, &bank, err);
	if (rc != 1)
		return rc;
	rc = 0;
	for (size_t i = 0; i < record->opinion.entry_count && !rc; i++) {
		const struct record_entry_id *name = &record->opinion.entries[i];
		struct span span;
		rc = load_span_of_name(fold, name, bank.bank.id, &span, err);
		if (rc != 1)
			continue;
		const struct opinion_row row = {
			.entry = span.first + name->ordinal,
			.seq = seq,
			.member = member.id,
			.opinion = record->opinion.opinion,
			.time_ms = record->time_ms,
		};
		rc = fold_opinion(fold, &row, effect, err);
	}
	return rc;
}

/* ------------------------------------------------------------------------------------------ records */

int fold_apply(struct fold *fold, const struct record *record, size_t size, bool *ret_effect,
	struct hilf_err *err)
{
	uint64_t seq = fold->state.seq + 1;
	bool effect = false;
	int rc = 0;
	switch (record->kind) {
	case RECORD_MEMBER_FOUND:
		rc = found_member(fold, record, seq, &effect, err);
		break;
	case RECORD_BANK_CREATE:
		rc = create_bank(fold, record, seq, &effect, err);
		break;
	case RECORD_BANK_REMOVE:
		rc = remove_bank(fold, record, seq, &effect, err);
		break;
	case RECORD_ENTRY_ADD:
		rc = add_span(fold, record, seq, &effect, err);
		break;
	case RECORD_ENTRY_WITHDRAW:
		rc = withdraw(fold, record, seq, &effect, err);
		break;
	case RECORD_BANK_RENAME:
		rc = rename_bank(fold, record, seq, &effect, err);
		break;
	case RECORD_ENTRY_CHANGE:
		rc = change(fold, record, seq, &effect, err);
		break;
	case RECORD_OPINION_GIVE:
		rc = give_opinion(fold, record, seq, &effect, err);
		break;
	}
	if (rc)
		return rc;
	fold->state.seq = seq;
	fold->state.feed_size += size;
	if (ret_effect)
		*ret_effect = effect;
	return 0;
}
