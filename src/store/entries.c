/* Entries as people, exports and the API see them: with what is said of them, their bank and what members think of them.
 * Each call sees one committed state. */
#include "store/db.h"

#include "base/check.h"
#include "base/err.h"

#include <stdlib.h>
#include <string.h>

/* The metas of entries come in runs, and so do their banks: the last one is kept. */
struct telling {
	struct store *store;
	struct conn *conn;
	struct arena arena;
	struct store_meta meta;
	struct store_bank bank;
	bool in_write, any_opinions, any_mutes;
	uint32_t counts[LIMIT_RECORD_ASSERTIONS][4]; /* of the span that is told */
	store_entry_fn *fn;
	void *ctx;
};

static int ask_mutes(struct telling *telling, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(telling->conn, SQL_MUTE_LIST);
	int rc = db_step(telling->store, telling->conn, statement, err);
	sqlite3_reset(statement);
	telling->any_mutes = rc == 1;
	return rc < 0 ? rc : 0;
}

static int begin(struct telling *telling, struct store *store, store_entry_fn *fn, void *ctx,
	struct hilf_err *err)
{
	struct state state;
	telling->store = store;
	telling->meta.id = 0;
	telling->bank.id = 0;
	telling->fn = fn;
	telling->ctx = ctx;
	int rc = read_begin(store, telling->in_write, &telling->conn, err);
	if (rc)
		return rc;
	arena_init(&telling->arena, 0);
	rc = load_state(store, telling->conn, &state, err);
	if (!rc)
		rc = ask_mutes(telling, err);
	if (rc)
		read_end(store, telling->in_write, telling->conn);
	else
		telling->any_opinions = telling->in_write || state.opinions > 0;
	return rc;
}

static void end(struct telling *telling)
{
	arena_clear(&telling->arena);
	read_end(telling->store, telling->in_write, telling->conn);
}

static int take_meta(struct telling *telling, uint32_t id, struct hilf_err *err)
{
	if (id && telling->meta.id == id)
		return 0;
	arena_clear(&telling->arena);
	/* Of what was erased nothing is said any more. */
	telling->meta = (struct store_meta){
		.content_class = "unclassified", .ground = "", .territory = "*"};
	if (!id)
		return 0;
	return load_meta(telling->store, telling->conn, id, &telling->arena, &telling->meta, err);
}

static int take_bank(struct telling *telling, uint32_t id, struct hilf_err *err)
{
	if (telling->bank.id == id)
		return 0;
	sqlite3_stmt *statement = db_use(telling->conn, SQL_BANK_BY_ID);
	sqlite3_bind_int64(statement, 1, id);
	int rc = db_step(telling->store, telling->conn, statement, err);
	if (rc == 1)
		rc = row_bank_here(telling->store, statement, &telling->bank, err);
	else if (rc == 0)
		rc = db_damaged(telling->store, "a bank, which is missing,", err);
	sqlite3_reset(statement);
	return rc;
}

/* counts: of this entry. */
static int tell(struct telling *telling, const struct span *span, const struct entry_row *row,
	const uint32_t counts[4], struct hilf_err *err)
{
	int64_t muted_until_ms = 0;
	int rc = take_meta(telling, row->head.meta, err);
	if (!rc && telling->any_mutes)
		rc = load_mute(telling->store, telling->conn, row->head.id, &muted_until_ms, err);
	if (!rc)
		rc = take_bank(telling, span->bank, err);
	if (rc)
		return rc;
	const struct store_told told = {
		.entry = entry_of(span, row),
		.meta = &telling->meta,
		.bank = &telling->bank,
		.withdrawn = row->head.withdrawn_seq != 0,
		.muted_until_ms = muted_until_ms,
		.confirm_count = counts[HILF_CONFIRM],
		.dispute_count = counts[HILF_DISPUTE],
		.seen_count = counts[HILF_SEEN],
	};
	return telling->fn(&told, telling->ctx);
}

/* ------------------------------------------------------------------------------------------ one after the other */

/* Which entries of a run are told. */
struct page {
	uint64_t after; /* those with greater numbers */
	size_t left;    /* as many at most */
	bool gone;      /* withdrawn and expired ones, too */
	int64_t now_ms; /* what expired by then is left out unless gone; INT64_MIN: it is not */
};

static bool is_on(const struct page *page, const struct span *span, const struct entry_row *row)
{
	return page->gone ||
	       (!row->head.withdrawn_seq && expiry_of(&row->head, span) > page->now_ms);
}

static int tell_span(
	struct telling *telling, const struct span *span, struct page *page, struct hilf_err *err)
{
	uint64_t from = page->after >= span->first ? page->after + 1 : span->first;
	uint64_t last = span->first + span->count - 1;
	struct entry_row row;
	int rc = 0;
	if (from > last || (!page->gone && span->withdrawn == span->count))
		return 0;
	if (!page->gone && span->expires_ms <= page->now_ms)
		return 0; /* its entries expire with it or before */
	ASSERT(span->count <= COUNT_OF(telling->counts));
	if (telling->any_opinions)
		rc = count_opinions(telling->store, telling->conn, span->first, span->count,
			telling->counts, err);
	if (rc)
		return rc;
	sqlite3_stmt *entries = db_use(telling->conn, SQL_ENTRY_RANGE);
	sqlite3_bind_int64(entries, 1, (int64_t)from);
	sqlite3_bind_int64(entries, 2, (int64_t)last);
	for (uint64_t id = from; id <= last && !rc && page->left; id++) {
		rc = next_entry(telling->store, telling->conn, entries, id, &row, err);
		if (rc || !is_on(page, span, &row))
			continue;
		rc = tell(telling, span, &row, telling->counts[id - span->first], err);
		page->left--;
	}
	sqlite3_reset(entries);
	return rc;
}

/* The first span that has an entry after the page's beginning: those from there on are asked for. */
static int find_start(struct telling *telling, const struct page *page, uint64_t *ret_before,
	struct hilf_err *err)
{
	struct span span;
	*ret_before = page->after;
	if (!page->after || page->after >= INT64_MAX)
		return 0;
	int rc = load_span_of_entry(telling->store, telling->conn, page->after + 1, &span, err);
	if (rc == 1)
		*ret_before = span.first - 1;
	return rc < 0 ? rc : 0;
}

/* bank 0: of all. */
static int tell_page(
	struct telling *telling, uint32_t bank, struct page *page, struct hilf_err *err)
{
	struct span span;
	uint64_t before;
	int rc = find_start(telling, page, &before, err);
	if (rc)
		return rc;
	sqlite3_stmt *spans = db_use(telling->conn, bank ? SQL_SPAN_OF_BANK : SQL_SPAN_FROM);
	if (bank)
		sqlite3_bind_int64(spans, 1, bank);
	sqlite3_bind_int64(spans, 2, before < INT64_MAX ? (int64_t)before : INT64_MAX);
	while (page->left && (rc = db_step(telling->store, telling->conn, spans, err)) == 1) {
		rc = row_span(telling->store, spans, &span, err);
		if (!rc)
			rc = tell_span(telling, &span, page, err);
		if (rc)
			break;
	}
	sqlite3_reset(spans);
	return rc;
}

int store_entry_page(struct store *store, uint32_t bank, uint64_t after_id, size_t limit, bool gone,
	int64_t now_ms, store_entry_fn *fn, void *ctx, struct hilf_err *err)
{
	struct telling telling = {0};
	struct page page = {after_id, limit, gone, now_ms};
	ASSERT(fn);
	int rc = begin(&telling, store, fn, ctx, err);
	if (rc)
		return rc;
	rc = tell_page(&telling, bank, &page, err);
	end(&telling);
	return rc;
}

int store_each_entry(
	struct store *store, uint32_t bank, store_entry_fn *fn, void *ctx, struct hilf_err *err)
{
	ASSERT(bank);
	return store_entry_page(store, bank, 0, SIZE_MAX, false, INT64_MIN, fn, ctx, err);
}

/* ------------------------------------------------------------------------------------------ of some metas */

/* The newest so far, newest first, and room for what one meta adds, and for both together. */
struct newest {
	uint64_t *entries, *more, *both;
	size_t count, room;
};

static void merge(struct newest *newest, size_t more_count)
{
	size_t at = 0, of_more = 0, count = 0;
	while (count < newest->room && (at < newest->count || of_more < more_count)) {
		bool is_more =
			at == newest->count ||
			(of_more < more_count && newest->more[of_more] > newest->entries[at]);
		newest->both[count++] = is_more ? newest->more[of_more++] : newest->entries[at++];
	}
	uint64_t *was = newest->entries;
	newest->entries = newest->both;
	newest->both = was;
	newest->count = count;
}

/* Those of one meta, as far as they belong among the newest: mostly that is one look, for of a thousand metas few have any. */
static int gather(struct store *store, struct conn *conn, uint32_t meta, uint64_t before,
	struct newest *newest, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(conn, SQL_ENTRY_OF_META);
	bool full = newest->count == newest->room;
	uint64_t least = full ? newest->entries[newest->count - 1] : 0;
	size_t count = 0;
	int rc = 1;
	sqlite3_bind_int64(statement, 1, meta);
	sqlite3_bind_int64(statement, 2, (int64_t)before);
	while (count < newest->room && (rc = db_step(store, conn, statement, err)) == 1) {
		newest->more[count] = column_u64(statement, 0);
		if (newest->more[count] <= least)
			break;
		count++;
	}
	sqlite3_reset(statement);
	if (rc < 0)
		return rc;
	if (count)
		merge(newest, count);
	return 0;
}

int store_entries_of_metas(struct store *store, const uint32_t *metas, size_t meta_count,
	uint64_t before, uint64_t *ret_entries, size_t room, size_t *ret_count,
	struct hilf_err *err)
{
	struct newest newest = {.room = room};
	struct conn *conn;
	ASSERT(room);
	uint64_t *memory = calloc(3 * room, sizeof *memory);
	if (!memory)
		return err_no_memory(err);
	newest.entries = memory;
	newest.more = memory + room;
	newest.both = memory + 2 * room;
	before = before && before <= INT64_MAX ? before : INT64_MAX;
	int rc = read_begin(store, false, &conn, err);
	if (!rc) {
		for (size_t i = 0; i < meta_count && !rc; i++)
			rc = gather(store, conn, metas[i], before, &newest, err);
		read_end(store, false, conn);
	}
	if (!rc) {
		memcpy(ret_entries, newest.entries, newest.count * sizeof *ret_entries);
		*ret_count = newest.count;
	}
	free(memory);
	return rc;
}

/* ------------------------------------------------------------------------------------------ one entry */

static bool has_signal(const struct entry_row *row, const struct hilf_signal *signal)
{
	for (size_t i = 0; i < row->signal_count; i++)
		if (row->signals[i].type == signal->type && row->signals[i].size == signal->size &&
			memcmp(row->signals[i].value, signal->value, signal->size) == 0)
			return true;
	return false;
}

/* One by its number, unless it lacks the signal (NULL: any). 1: told; 0: not. */
static int tell_one(struct telling *telling, uint64_t id, const struct hilf_signal *signal,
	struct hilf_err *err)
{
	uint32_t counts[1][4] = {{0}};
	struct entry_row row;
	struct span span;
	int rc = load_entry(telling->store, telling->conn, id, &row, err);
	if (rc == 1 && signal && !has_signal(&row, signal))
		return 0;
	if (rc == 1)
		rc = load_span_of_entry(telling->store, telling->conn, id, &span, err);
	if (rc != 1)
		return rc;
	if (telling->any_opinions)
		rc = count_opinions(telling->store, telling->conn, id, 1, counts, err);
	else
		rc = 0;
	if (!rc)
		rc = tell(telling, &span, &row, counts[0], err);
	return rc ? rc : 1;
}

int store_entry_tell(struct store *store, uint64_t id, const struct record_entry_id *gid,
	store_entry_fn *fn, void *ctx, struct hilf_err *err)
{
	struct telling telling = {0};
	struct span span;
	ASSERT((id == 0) == (gid != NULL) && fn);
	int rc = begin(&telling, store, fn, ctx, err);
	if (rc)
		return rc;
	rc = 1;
	if (gid) {
		rc = load_span_of_record(store, telling.conn, gid->record, &span, err);
		if (rc == 1)
			rc = gid->ordinal < span.count;
		if (rc == 1)
			id = span.first + gid->ordinal;
	}
	if (rc == 1)
		rc = tell_one(&telling, id, NULL, err);
	end(&telling);
	if (rc == 0)
		return err_set(
			err, HILF_E_NOT_FOUND, "there is no such entry in '%s'", store->path);
	return rc == 1 ? 0 : rc;
}

int store_entry_having(struct store *store, const struct hilf_signal *signal, store_entry_fn *fn,
	void *ctx, struct hilf_err *err)
{
	struct telling telling = {0};
	int rc = begin(&telling, store, fn, ctx, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = db_use(telling.conn, SQL_KEY_EVER);
	sqlite3_bind_int64(statement, 1, key_of_signal(store, signal));
	while ((rc = db_step(store, telling.conn, statement, err)) == 1) {
		rc = tell_one(&telling, column_u64(statement, 0), signal, err);
		if (rc < 0)
			break;
	}
	sqlite3_reset(statement);
	end(&telling);
	return rc;
}

int store_record_tell(struct store *store, bool in_write, const uint8_t record[UUID_SIZE],
	store_entry_fn *fn, void *ctx, struct hilf_err *err)
{
	struct telling telling = {.in_write = in_write};
	struct span span;
	ASSERT(fn);
	int rc = begin(&telling, store, fn, ctx, err);
	if (rc)
		return rc;
	rc = load_span_of_record(store, telling.conn, record, &span, err);
	for (uint32_t i = 0; rc == 1 && i < span.count; i++)
		rc = tell_one(&telling, span.first + i, NULL, err);
	end(&telling);
	return rc == 1 ? 0 : rc;
}
