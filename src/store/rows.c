/* Rows of the derived tables into structs and back, each checked against its mark. */
#include "store/db.h"

#include "base/err.h"
#include "wire/record_header.h"

#include <string.h>

static int64_t mark_of_state(const struct store *store, const struct state *state)
{
	struct mark mark = {.size = 0};
	mark_number(&mark, state->seq);
	mark_number(&mark, state->feed_size);
	mark_number(&mark, state->members);
	mark_number(&mark, state->banks);
	mark_number(&mark, state->banks_removed);
	mark_number(&mark, state->metas);
	mark_number(&mark, state->spans);
	mark_number(&mark, state->entries);
	mark_number(&mark, state->withdrawn);
	for (int i = 1; i < 4; i++)
		mark_number(&mark, state->signals[i]);
	mark_number(&mark, state->opinions);
	mark_number(&mark, state->disputes);
	return mark_end(store, &mark);
}

int row_state(
	struct store *store, sqlite3_stmt *statement, struct state *ret_state, struct hilf_err *err)
{
	struct state state = {
		.seq = column_u64(statement, 0),
		.feed_size = column_u64(statement, 1),
		.members = column_u64(statement, 2),
		.banks = column_u64(statement, 3),
		.banks_removed = column_u64(statement, 4),
		.metas = column_u64(statement, 5),
		.spans = column_u64(statement, 6),
		.entries = column_u64(statement, 7),
		.withdrawn = column_u64(statement, 8),
		.opinions = column_u64(statement, 12),
		.disputes = column_u64(statement, 13),
	};
	for (int i = 1; i < 4; i++)
		state.signals[i] = column_u64(statement, 8 + i);
	if (sqlite3_column_int64(statement, 14) != mark_of_state(store, &state))
		return db_damaged(store, "the row that says where the tables stand", err);
	*ret_state = state;
	return 0;
}

int load_state(
	struct store *store, struct conn *conn, struct state *ret_state, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_STATE_GET);
	int rc = db_step(store, conn, statement, err);
	if (rc == 1)
		rc = row_state(store, statement, ret_state, err);
	else if (rc == 0)
		rc = db_damaged(
			store, "the row that says where the tables stand, which is missing,", err);
	sqlite3_reset(statement);
	return rc;
}

int save_state(
	struct store *store, struct conn *conn, const struct state *state, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_STATE_SET);
	const uint64_t numbers[] = {state->seq, state->feed_size, state->members, state->banks,
		state->banks_removed, state->metas, state->spans, state->entries, state->withdrawn,
		state->signals[1], state->signals[2], state->signals[3], state->opinions,
		state->disputes, (uint64_t)mark_of_state(store, state)};
	for (int i = 0; i < 15; i++)
		sqlite3_bind_int64(statement, i + 1, (int64_t)numbers[i]);
	return db_run(store, conn, statement, err);
}

static int64_t mark_of_member(const struct store *store, uint64_t id, uint64_t seq,
	const uint8_t gid[UUID_SIZE], const uint8_t key[32], const char *name)
{
	struct mark mark = {.size = 0};
	mark_number(&mark, id);
	mark_number(&mark, seq);
	mark_bytes(&mark, gid, UUID_SIZE);
	mark_bytes(&mark, key, 32);
	mark_number(&mark, (uint64_t)mark_hash(store, name, strlen(name)));
	return mark_end(store, &mark);
}

int save_member(struct store *store, struct conn *conn, uint64_t id, uint64_t seq,
	const struct record *record, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_MEMBER_ADD);
	sqlite3_bind_int64(statement, 1, (int64_t)id);
	sqlite3_bind_int64(statement, 2, (int64_t)seq);
	sqlite3_bind_blob(statement, 3, record->author, UUID_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 4, record->member.key, 32, SQLITE_STATIC);
	sqlite3_bind_text(statement, 5, record->member.name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 6,
		mark_of_member(
			store, id, seq, record->author, record->member.key, record->member.name));
	return db_run(store, conn, statement, err);
}

int row_member(struct store *store, sqlite3_stmt *statement, struct member_row *ret_member,
	struct hilf_err *err)
{
	struct member_row row = {.id = (uint32_t)column_u64(statement, 0)};
	const char *name = (const char *)sqlite3_column_text(statement, 4);
	if (!name || !column_bytes(statement, 2, row.gid, sizeof row.gid) ||
		!column_bytes(statement, 3, row.key, sizeof row.key) ||
		sqlite3_column_int64(statement, 5) !=
			mark_of_member(store, column_u64(statement, 0), column_u64(statement, 1),
				row.gid, row.key, name))
		return db_damaged(store, "a member", err);
	*ret_member = row;
	return 0;
}

int load_member(struct store *store, struct conn *conn, const uint8_t gid[UUID_SIZE],
	struct member_row *ret_member, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_MEMBER_GET);
	sqlite3_bind_blob(statement, 1, gid, UUID_SIZE, SQLITE_STATIC);
	int rc = db_step(store, conn, statement, err);
	if (rc == 1 && row_member(store, statement, ret_member, err) != 0)
		rc = HILF_E_CORRUPT;
	sqlite3_reset(statement);
	return rc;
}

static int64_t mark_of_bank(const struct store *store, const struct bank_row *row)
{
	const struct store_bank *bank = &row->bank;
	struct mark mark = {.size = 0};
	mark_number(&mark, bank->id);
	mark_number(&mark, row->seq);
	mark_bytes(&mark, bank->gid, sizeof bank->gid);
	mark_bytes(&mark, bank->author, sizeof bank->author);
	mark_bytes(&mark, bank->name, strlen(bank->name));
	mark_number(&mark, row->removed_seq);
	mark_number(&mark, row->renamed_seq);
	mark_number(&mark, (uint64_t)bank->created_ms);
	return mark_end(store, &mark);
}

/* NULL stands for never. */
static void bind_seq(sqlite3_stmt *statement, int column, uint64_t seq)
{
	if (seq)
		sqlite3_bind_int64(statement, column, (int64_t)seq);
	else
		sqlite3_bind_null(statement, column);
}

int save_bank(struct store *store, struct conn *conn, const struct store_bank *bank, uint64_t seq,
	struct hilf_err *err)
{
	const struct bank_row row = {.bank = *bank, .seq = seq};
	sqlite3_stmt *statement = db_use(conn, SQL_BANK_ADD);
	sqlite3_bind_int64(statement, 1, bank->id);
	sqlite3_bind_int64(statement, 2, (int64_t)seq);
	sqlite3_bind_blob(statement, 3, bank->gid, UUID_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 4, bank->author, UUID_SIZE, SQLITE_STATIC);
	sqlite3_bind_text(statement, 5, bank->name, -1, SQLITE_STATIC);
	sqlite3_bind_null(statement, 6);
	sqlite3_bind_null(statement, 7);
	sqlite3_bind_int64(statement, 8, bank->created_ms);
	sqlite3_bind_int64(statement, 9, mark_of_bank(store, &row));
	return db_run(store, conn, statement, err);
}

int save_bank_again(
	struct store *store, struct conn *conn, const struct bank_row *bank, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_BANK_SET);
	sqlite3_bind_int64(statement, 1, bank->bank.id);
	sqlite3_bind_text(statement, 2, bank->bank.name, -1, SQLITE_STATIC);
	bind_seq(statement, 3, bank->removed_seq);
	bind_seq(statement, 4, bank->renamed_seq);
	sqlite3_bind_int64(statement, 5, mark_of_bank(store, bank));
	return db_run(store, conn, statement, err);
}

int row_bank(struct store *store, sqlite3_stmt *statement, struct bank_row *ret_bank,
	struct hilf_err *err)
{
	struct bank_row row = {.seq = column_u64(statement, 1),
		.removed_seq = column_u64(statement, 5),
		.renamed_seq = column_u64(statement, 6)};
	struct store_bank *bank = &row.bank;
	bank->id = (uint32_t)column_u64(statement, 0);
	bank->removed = row.removed_seq != 0;
	bank->created_ms = sqlite3_column_int64(statement, 7);
	bool whole = column_bytes(statement, 2, bank->gid, sizeof bank->gid) &&
		     column_bytes(statement, 3, bank->author, sizeof bank->author) &&
		     column_text(statement, 4, bank->name, sizeof bank->name);
	if (!whole || sqlite3_column_int64(statement, 8) != mark_of_bank(store, &row))
		return db_damaged(store, "a bank", err);
	*ret_bank = row;
	return 0;
}

int row_bank_here(struct store *store, sqlite3_stmt *statement, struct store_bank *ret_bank,
	struct hilf_err *err)
{
	struct bank_row row;
	int rc = row_bank(store, statement, &row, err);
	if (rc)
		return rc;
	struct store_bank *bank = &row.bank;
	bank->has_policy = sqlite3_column_type(statement, 9) != SQLITE_NULL;
	bank->policy = (struct store_policy){HILF_SHADOW, HILF_PDQ_RADIUS, STORE_SAMPLE_ALL};
	if (bank->has_policy) {
		int64_t mode = sqlite3_column_int64(statement, 9);
		int64_t radius = sqlite3_column_int64(statement, 10);
		int64_t sample_ppm = sqlite3_column_int64(statement, 11);
		if (mode < HILF_SHADOW || mode > HILF_BLOCK || radius < 0 ||
			radius > HILF_PDQ_RADIUS_MAX || sample_ppm < 0 ||
			sample_ppm > STORE_SAMPLE_ALL ||
			sqlite3_column_int64(statement, 12) !=
				mark_of_policy(store, bank->gid, mode, radius, sample_ppm))
			return db_damaged(store, "the mode of a bank", err);
		bank->policy = (struct store_policy){
			(enum hilf_mode)mode, (uint32_t)radius, (uint32_t)sample_ppm};
	}
	*ret_bank = row.bank;
	return 0;
}

int load_bank(struct store *store, struct conn *conn, const uint8_t gid[UUID_SIZE],
	struct bank_row *ret_bank, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_BANK_GET);
	sqlite3_bind_blob(statement, 1, gid, UUID_SIZE, SQLITE_STATIC);
	int rc = db_step(store, conn, statement, err);
	if (rc == 1 && row_bank(store, statement, ret_bank, err) != 0)
		rc = HILF_E_CORRUPT;
	sqlite3_reset(statement);
	return rc;
}

int64_t mark_of_policy(const struct store *store, const uint8_t bank[UUID_SIZE], int64_t mode,
	int64_t radius, int64_t sample_ppm)
{
	struct mark mark = {.size = 0};
	mark_bytes(&mark, bank, UUID_SIZE);
	mark_number(&mark, (uint64_t)mode);
	mark_number(&mark, (uint64_t)radius);
	mark_number(&mark, (uint64_t)sample_ppm);
	return mark_end(store, &mark);
}

int64_t mark_of_mute(const struct store *store, uint64_t entry, int64_t until_ms)
{
	struct mark mark = {.size = 0};
	mark_number(&mark, entry);
	mark_number(&mark, (uint64_t)until_ms);
	return mark_end(store, &mark);
}

int64_t mark_of_feed(const struct store *store, const struct feed_row *row)
{
	struct mark mark = {.size = 0};
	mark_number(&mark, row->seq);
	mark_number(&mark, (uint64_t)row->kind);
	mark_number(&mark, (uint64_t)row->received_ms);
	mark_bytes(&mark, row->id, sizeof row->id);
	mark_bytes(&mark, row->author, sizeof row->author);
	if (row->erased)
		mark_number(&mark, (uint64_t)mark_hash(store, row->bytes, row->size));
	else
		mark_bytes(&mark, row->salt, sizeof row->salt);
	return mark_end(store, &mark);
}

int save_feed(
	struct store *store, struct conn *conn, const struct feed_row *row, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_FEED_ADD);
	sqlite3_bind_int64(statement, 1, (int64_t)row->seq);
	sqlite3_bind_blob(statement, 2, row->id, sizeof row->id, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, row->kind);
	sqlite3_bind_blob(statement, 4, row->author, sizeof row->author, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 5, row->received_ms);
	sqlite3_bind_blob(
		statement, 6, row->erased ? NULL : row->salt, sizeof row->salt, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 7, row->signature, sizeof row->signature, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 8, mark_of_feed(store, row));
	sqlite3_bind_blob(
		statement, 9, row->erased ? NULL : row->bytes, (int)row->size, SQLITE_STATIC);
	sqlite3_bind_blob(
		statement, 10, row->erased ? row->bytes : NULL, (int)row->size, SQLITE_STATIC);
	return db_run(store, conn, statement, err);
}

int row_feed(struct store *store, sqlite3_stmt *statement, struct feed_row *ret_row,
	struct hilf_err *err)
{
	struct feed_row row = {
		.seq = column_u64(statement, 0),
		.kind = sqlite3_column_int64(statement, 2),
		.received_ms = sqlite3_column_int64(statement, 4),
		.mark = sqlite3_column_int64(statement, 7),
		.bytes = sqlite3_column_blob(statement, 8),
		.size = (size_t)sqlite3_column_bytes(statement, 8),
	};
	/* Only then is it looked at: it is behind the record. */
	row.erased = !row.bytes;
	if (row.erased) {
		row.bytes = sqlite3_column_blob(statement, 9);
		row.size = (size_t)sqlite3_column_bytes(statement, 9);
	}
	if (!row.bytes || !column_bytes(statement, 1, row.id, sizeof row.id) ||
		!column_bytes(statement, 3, row.author, sizeof row.author) ||
		(!row.erased && !column_bytes(statement, 5, row.salt, sizeof row.salt)) ||
		!column_bytes(statement, 6, row.signature, sizeof row.signature))
		return db_damaged(store, "a record", err);
	*ret_row = row;
	return 0;
}

int row_record(const struct feed_row *row, struct arena *arena, struct record *ret_record,
	struct hilf_err *err)
{
	uint8_t hash[RECORD_HASH_SIZE];
	if (row->erased)
		return record_header_decode(row->bytes, row->size, arena, ret_record, hash, err);
	return record_decode(row->bytes, row->size, arena, ret_record, err);
}

int row_span(
	struct store *store, sqlite3_stmt *statement, struct span *ret_span, struct hilf_err *err)
{
	struct span span = {
		.first = column_u64(statement, 0),
		.seq = column_u64(statement, 1),
		.count = (uint32_t)column_u64(statement, 2),
		.bank = (uint32_t)column_u64(statement, 3),
		.withdrawn = (uint32_t)column_u64(statement, 4),
		.early = (uint32_t)column_u64(statement, 5),
		.added_ms = sqlite3_column_int64(statement, 6),
		.expires_ms = sqlite3_column_int64(statement, 7),
	};
	if (!column_bytes(statement, 8, span.record, sizeof span.record) ||
		sqlite3_column_int64(statement, 9) != mark_of_span(store, &span))
		return db_damaged(store, "a run of entries", err);
	*ret_span = span;
	return 0;
}

int save_span(struct store *store, struct conn *conn, const struct span *span, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_SPAN_ADD);
	sqlite3_bind_int64(statement, 1, (int64_t)span->first);
	sqlite3_bind_int64(statement, 2, (int64_t)span->seq);
	sqlite3_bind_int64(statement, 3, span->count);
	sqlite3_bind_int64(statement, 4, span->bank);
	sqlite3_bind_int64(statement, 5, span->withdrawn);
	sqlite3_bind_int64(statement, 6, span->early);
	sqlite3_bind_int64(statement, 7, span->added_ms);
	sqlite3_bind_int64(statement, 8, span->expires_ms);
	sqlite3_bind_blob(statement, 9, span->record, UUID_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 10, mark_of_span(store, span));
	return db_run(store, conn, statement, err);
}

int save_span_again(
	struct store *store, struct conn *conn, const struct span *span, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_SPAN_SET);
	sqlite3_bind_int64(statement, 1, (int64_t)span->first);
	sqlite3_bind_int64(statement, 2, span->withdrawn);
	sqlite3_bind_int64(statement, 3, span->early);
	sqlite3_bind_int64(statement, 4, mark_of_span(store, span));
	return db_run(store, conn, statement, err);
}

/* The one row of a bound statement over d_span. */
static int one_span(struct store *store, struct conn *conn, sqlite3_stmt *statement,
	struct span *ret_span, struct hilf_err *err)
{
	int rc = db_step(store, conn, statement, err);
	if (rc == 1 && row_span(store, statement, ret_span, err) != 0)
		rc = HILF_E_CORRUPT;
	sqlite3_reset(statement);
	return rc;
}

int load_span_of_entry(struct store *store, struct conn *conn, uint64_t id, struct span *ret_span,
	struct hilf_err *err)
{
	struct span span;
	sqlite3_stmt *statement = db_use(conn, SQL_SPAN_OF_ENTRY);
	sqlite3_bind_int64(statement, 1, (int64_t)id);
	int rc = one_span(store, conn, statement, &span, err);
	if (rc == 1 && id - span.first >= span.count)
		rc = 0;
	if (rc == 1)
		*ret_span = span;
	return rc;
}

int load_span_of_record(struct store *store, struct conn *conn, const uint8_t record[UUID_SIZE],
	struct span *ret_span, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_SPAN_OF_RECORD);
	sqlite3_bind_blob(statement, 1, record, UUID_SIZE, SQLITE_STATIC);
	return one_span(store, conn, statement, ret_span, err);
}

int row_entry(struct store *store, sqlite3_stmt *statement, struct entry_row *ret_entry,
	struct hilf_err *err)
{
	static const uint8_t none[1] = {0};
	const uint8_t *packed = sqlite3_column_blob(statement, 6);
	size_t size = (size_t)sqlite3_column_bytes(statement, 6);
	struct entry_head *head = &ret_entry->head;
	head->id = column_u64(statement, 0);
	head->meta = (uint32_t)column_u64(statement, 1);
	head->withdrawn_seq = column_u64(statement, 2);
	head->changed_seq = column_u64(statement, 3);
	head->expires_ms = sqlite3_column_int64(statement, 4);
	if (!packed && sqlite3_column_type(statement, 6) == SQLITE_BLOB)
		packed = none; /* of an erased entry */
	if (!packed || size > PACK_SIZE_MAX ||
		sqlite3_column_int64(statement, 5) != mark_of_entry(store, head, packed, size) ||
		!unpack_signals(packed, size, ret_entry->signals, &ret_entry->signal_count))
		return db_damaged(store, "an entry", err);
	return 0;
}

int save_entry(
	struct store *store, struct conn *conn, const struct entry_row *entry, struct hilf_err *err)
{
	const struct entry_head *head = &entry->head;
	uint8_t packed[PACK_SIZE_MAX];
	size_t size = pack_signals(entry->signals, entry->signal_count, packed);
	sqlite3_stmt *statement = db_use(conn, SQL_ENTRY_SET);
	sqlite3_bind_int64(statement, 1, (int64_t)head->id);
	sqlite3_bind_int64(statement, 2, head->meta);
	bind_seq(statement, 3, head->withdrawn_seq);
	bind_seq(statement, 4, head->changed_seq);
	bind_seq(statement, 5, (uint64_t)head->expires_ms);
	sqlite3_bind_int64(statement, 6, mark_of_entry(store, head, packed, size));
	return db_run(store, conn, statement, err);
}

int load_entry(struct store *store, struct conn *conn, uint64_t id, struct entry_row *ret_entry,
	struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_ENTRY_GET);
	sqlite3_bind_int64(statement, 1, (int64_t)id);
	int rc = db_step(store, conn, statement, err);
	if (rc == 1 && row_entry(store, statement, ret_entry, err) != 0)
		rc = HILF_E_CORRUPT;
	sqlite3_reset(statement);
	return rc;
}
