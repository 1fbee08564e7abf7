/* Cases: rows, the queue's order, how many there are, and what goes with one that is old. */
#include "base/check.h"
#include "base/err.h"
#include "store/local_desk_db.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------ what all rows need */

bool copy_or_null(struct arena *arena, const char **text)
{
	return !*text || copy_text(arena, text);
}

void bind_uuid(sqlite3_stmt *statement, int at, bool has, const uint8_t uuid[UUID_SIZE])
{
	if (has)
		bind_bytes(statement, at, uuid, UUID_SIZE);
	else
		sqlite3_bind_null(statement, at);
}

bool column_uuid(sqlite3_stmt *statement, int at, bool *ret_has, uint8_t ret_uuid[UUID_SIZE])
{
	*ret_has = sqlite3_column_type(statement, at) != SQLITE_NULL;
	return !*ret_has || column_bytes(statement, at, ret_uuid, UUID_SIZE);
}

uint64_t store_why_pack(const struct store_why *why)
{
	return (uint64_t)why->signal | (uint64_t)why->orientation << 8 |
	       (uint64_t)why->distance << 16 | (uint64_t)why->threshold << 32 |
	       (uint64_t)(why->share_percent & 127) << 48;
}

struct store_why store_why_unpack(uint64_t packed)
{
	return (struct store_why){
		.signal = (uint8_t)packed,
		.orientation = (uint8_t)(packed >> 8),
		.distance = (uint16_t)(packed >> 16),
		.threshold = (uint16_t)(packed >> 32),
		.share_percent = (uint8_t)(packed >> 48),
	};
}

int64_t local_key_of(const struct store *store, const char *text)
{
	return mark_hash(store, text, strlen(text));
}

/* ------------------------------------------------------------------------------------------ writing */

/* The same as desk_rekey makes. */
static int key_of_subject(const struct store *store, bool is_entry, const char *subject,
	int64_t *ret_key, struct hilf_err *err)
{
	size_t size = strlen(subject);
	char *text = malloc(size + 2);
	if (!text)
		return err_no_memory(err);
	text[0] = is_entry ? 'e' : 'c';
	memcpy(text + 1, subject, size + 1);
	*ret_key = mark_hash(store, text, size + 1);
	free(text);
	return 0;
}

static int bind_case(struct store *store, sqlite3_stmt *statement, const struct store_case *row,
	struct hilf_err *err)
{
	int64_t key = 0;
	const char *subject = row->entry_gid ? row->entry_gid : row->content_id;
	int rc = key_of_subject(store, row->entry_gid, subject ? subject : "", &key, err);
	if (rc)
		return rc;
	bind_number(statement, 2, row->kind);
	bind_number(statement, 3, row->state);
	bind_number(statement, 4, row->priority);
	bind_number(statement, 5, row->bank);
	bind_number(statement, 6, row->entry);
	bind_text(statement, 7, row->entry_gid);
	bind_text(statement, 8, row->content_id);
	bind_text(statement, 9, row->content_class);
	bind_text(statement, 10, row->closed_why);
	bind_text(statement, 11, row->languages);
	bind_number(statement, 12, row->surfaces);
	bind_time(statement, 13, row->reach);
	bind_time(statement, 14, row->opened_ms);
	bind_time(statement, 15, row->last_ms);
	bind_time(statement, 16, row->changed_ms);
	bind_time(statement, 17, row->keep_until_ms);
	bind_time(statement, 18, row->sort_ms);
	bind_number(statement, 19, row->upload_count);
	bind_number(statement, 20, row->open_count);
	bind_number(statement, 21, row->report_count);
	bind_number(statement, 22, row->cluster_count);
	bind_number(statement, 23, row->open_clusters);
	bind_number(statement, 24, row->known_clusters);
	bind_number(statement, 25, row->second_count);
	bind_number(statement, 26, row->version);
	bind_number(statement, 27, store_why_pack(&row->why));
	bind_uuid(statement, 28, row->has_origin, row->origin);
	bind_time(statement, 29, key);
	return 0;
}

/* For what a case counts. */
struct load {
	uint32_t state, kind, priority, bank;
	bool waits; /* a decision of it waits for a second person */
};

static struct load load_of(const struct store_case *row)
{
	return (struct load){
		row->state, row->kind, row->priority, row->bank, row->second_count != 0};
}

static int count_one(
	struct store *store, uint32_t state, const struct load *load, int add, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_CASE_LOAD_ADD);
	bind_number(statement, 1, state);
	bind_number(statement, 2, load->kind);
	bind_number(statement, 3, load->priority);
	bind_number(statement, 4, load->bank);
	bind_time(statement, 5, add);
	return local_run(store, statement, err);
}

static int count_load(struct store *store, const struct load *load, int add, struct hilf_err *err)
{
	int rc = count_one(store, load->state, load, add, err);
	return rc || !load->waits ? rc : count_one(store, CASE_STATE_COUNT, load, add, err);
}

/* As it is in the table. */
static int read_load(struct store *store, uint64_t id, struct load *ret_load, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_CASE_LOAD_OF);
	bind_number(statement, 1, id);
	int rc = db_step(store, store->writer, statement, err);
	if (rc == 1)
		*ret_load = (struct load){
			(uint32_t)column_u64(statement, 0),
			(uint32_t)column_u64(statement, 1),
			(uint32_t)column_u64(statement, 2),
			(uint32_t)column_u64(statement, 3),
			column_u64(statement, 4) != 0,
		};
	else if (rc == 0)
		rc = err_set(
			err, HILF_E_NOT_FOUND, "there is no case %llu", (unsigned long long)id);
	sqlite3_reset(statement);
	return rc < 0 ? rc : 0;
}

static int move_load(
	struct store *store, const struct load *from, const struct load *to, struct hilf_err *err)
{
	if (from->state == to->state && from->kind == to->kind && from->priority == to->priority &&
		from->bank == to->bank && from->waits == to->waits)
		return 0;
	int rc = count_load(store, from, -1, err);
	return rc ? rc : count_load(store, to, 1, err);
}

int store_case_add(
	struct store *store, const struct store_case *row, uint64_t *ret_id, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_CASE_ADD);
	const struct load load = load_of(row);
	int rc = bind_case(store, statement, row, err);
	if (!rc)
		rc = local_run(store, statement, err);
	local_clear(statement);
	uint64_t id = (uint64_t)sqlite3_last_insert_rowid(store->writer->db);
	if (!rc)
		rc = count_load(store, &load, 1, err);
	if (!rc)
		*ret_id = id;
	return rc;
}

int store_case_save(struct store *store, const struct store_case *row, struct hilf_err *err)
{
	const struct load to = load_of(row);
	struct load from = {0};
	int rc = read_load(store, row->id, &from, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = local_write(store, LOCAL_CASE_SAVE);
	bind_number(statement, 1, row->id);
	rc = bind_case(store, statement, row, err);
	if (!rc)
		rc = local_run(store, statement, err);
	local_clear(statement);
	return rc ? rc : move_load(store, &from, &to, err);
}

/* ------------------------------------------------------------------------------------------ reading */

static int row_case(struct store *store, sqlite3_stmt *statement, struct arena *arena,
	struct store_case *ret_case, struct hilf_err *err)
{
	struct store_case row = {
		.id = column_u64(statement, 0),
		.kind = (uint32_t)column_u64(statement, 1),
		.state = (uint32_t)column_u64(statement, 2),
		.priority = (uint32_t)column_u64(statement, 3),
		.bank = (uint32_t)column_u64(statement, 4),
		.entry = column_u64(statement, 5),
		.entry_gid = row_text(statement, 6),
		.content_id = row_text(statement, 7),
		.content_class = row_text(statement, 8),
		.closed_why = row_text(statement, 9),
		.languages = row_text(statement, 10),
		.surfaces = (uint32_t)column_u64(statement, 11),
		.reach = sqlite3_column_int64(statement, 12),
		.opened_ms = sqlite3_column_int64(statement, 13),
		.last_ms = sqlite3_column_int64(statement, 14),
		.changed_ms = sqlite3_column_int64(statement, 15),
		.keep_until_ms = sqlite3_column_int64(statement, 16),
		.sort_ms = sqlite3_column_int64(statement, 17),
		.upload_count = column_u64(statement, 18),
		.open_count = column_u64(statement, 19),
		.report_count = column_u64(statement, 20),
		.cluster_count = (uint32_t)column_u64(statement, 21),
		.open_clusters = (uint32_t)column_u64(statement, 22),
		.known_clusters = (uint32_t)column_u64(statement, 23),
		.second_count = (uint32_t)column_u64(statement, 24),
		.version = column_u64(statement, 25),
		.why = store_why_unpack(column_u64(statement, 26)),
	};
	int rc = local_check_mark(store, statement, 29, "a case", err);
	if (rc)
		return rc;
	if (!column_uuid(statement, 27, &row.has_origin, row.origin))
		return db_damaged(store, "a case", err);
	if (!copy_or_null(arena, &row.entry_gid) || !copy_or_null(arena, &row.content_id) ||
		!copy_or_null(arena, &row.content_class) || !copy_or_null(arena, &row.closed_why) ||
		!copy_or_null(arena, &row.languages))
		return err_no_memory(err);
	*ret_case = row;
	return 0;
}

int store_case_get(struct store *store, bool in_write, uint64_t id, struct arena *arena,
	struct store_case *ret_case, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_CASE_GET, err);
	bind_number(rows.statement, 1, id);
	if (rows_next(&rows))
		rows.rc = row_case(store, rows.statement, arena, ret_case, err);
	else if (!rows.rc)
		rows.rc = err_set(
			err, HILF_E_NOT_FOUND, "there is no case %llu", (unsigned long long)id);
	return rows_end(&rows);
}

static bool is_about(const struct store_case *row, bool is_entry, const char *subject)
{
	const char *own = is_entry ? row->entry_gid : row->content_id;
	return own && (is_entry || !row->entry_gid) && strcmp(own, subject) == 0;
}

int store_case_find(struct store *store, bool in_write, uint32_t kind, bool is_entry,
	const char *subject, struct arena *arena, struct store_case *ret_case, struct hilf_err *err)
{
	struct store_case row;
	int64_t key = 0;
	bool found = false;
	int rc = key_of_subject(store, is_entry, subject, &key, err);
	if (rc)
		return rc;
	struct rows rows = rows_begin(store, in_write, LOCAL_CASE_FIND, err);
	bind_time(rows.statement, 1, key);
	bind_number(rows.statement, 2, kind);
	while (!found && rows_next(&rows)) {
		rows.rc = row_case(store, rows.statement, arena, &row, err);
		found = !rows.rc && is_about(&row, is_entry, subject);
	}
	if (found)
		*ret_case = row;
	else if (!rows.rc)
		rows.rc = err_set(
			err, HILF_E_NOT_FOUND, "there is no open case about %.60s", subject);
	return rows_end(&rows);
}

/* ------------------------------------------------------------------------------------------ lists */

static struct rows page_begin(struct store *store, bool in_write,
	const struct store_case_query *query, struct hilf_err *err)
{
	static const enum local_sql which[] = {
		[STORE_CASES_STATE] = LOCAL_CASE_PAGE,
		[STORE_CASES_SECOND] = LOCAL_CASE_PAGE_SECOND,
		[STORE_CASES_MINE] = LOCAL_CASE_PAGE_MINE,
		[STORE_CASES_ALL] = LOCAL_CASE_PAGE_ALL,
	};
	bool free = query->free && query->which == STORE_CASES_STATE;
	bool of_bank = query->which == STORE_CASES_STATE && query->bank >= 0;
	enum local_sql sql = free      ? LOCAL_CASE_FREE
			     : of_bank ? LOCAL_CASE_PAGE_BANK
				       : which[query->which];
	struct rows rows = rows_begin(store, in_write, sql, err);
	int64_t from = query->which == STORE_CASES_ALL ? INT64_MAX : 0;
	if (query->which == STORE_CASES_STATE)
		bind_number(rows.statement, 1, query->state);
	bind_time(rows.statement, 2, query->has_after ? query->after_sort_ms : INT64_MIN);
	bind_time(rows.statement, 3, query->has_after ? (int64_t)query->after_id : from);
	bind_time(rows.statement, 4, query->kind);
	bind_time(rows.statement, 5, query->bank);
	bind_text(rows.statement, 6, query->content_class);
	bind_text(rows.statement, 7, query->banks);
	if (free || query->which == STORE_CASES_MINE) {
		bind_text(rows.statement, 8, query->actor ? query->actor : "");
		bind_time(rows.statement, 9, query->now_ms);
	}
	if (free)
		bind_number(
			rows.statement, 10, query->state == CASE_SECOND ? BAR_SECOND : BAR_ALWAYS);
	return rows;
}

int store_case_page(struct store *store, bool in_write, const struct store_case_query *query,
	int (*fn)(const struct store_case *row, void *ctx), void *ctx, struct hilf_err *err)
{
	struct store_case row;
	struct rows rows = page_begin(store, in_write, query, err);
	while (rows_next(&rows)) {
		rows.rc = row_case(store, rows.statement, &rows.arena, &row, err);
		if (!rows.rc)
			rows.rc = fn(&row, ctx);
	}
	return rows_end(&rows);
}

int store_case_loads(struct store *store, int (*fn)(const struct store_case_load *load, void *ctx),
	void *ctx, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, false, LOCAL_CASE_LOADS, err);
	while (rows_next(&rows)) {
		const struct store_case_load load = {
			.state = (uint32_t)column_u64(rows.statement, 0),
			.kind = (uint32_t)column_u64(rows.statement, 1),
			.priority = (uint32_t)column_u64(rows.statement, 2),
			.bank = (uint32_t)column_u64(rows.statement, 3),
			.count = column_u64(rows.statement, 4),
		};
		rows.rc = fn(&load, ctx);
	}
	return rows_end(&rows);
}

/* ------------------------------------------------------------------------------------------ of an entry */

static int ids_of(struct store *store, enum local_sql which, uint64_t entry, uint64_t after,
	uint64_t *ret_ids, size_t room, size_t *ret_count, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, which);
	bind_number(statement, 1, entry);
	bind_number(statement, 2, after);
	bind_number(statement, 3, room);
	return local_numbers(store, store->writer, statement, ret_ids, room, ret_count, err);
}

int store_case_of_entry(struct store *store, uint64_t entry, uint64_t after, uint64_t *ret_ids,
	size_t room, size_t *ret_count, struct hilf_err *err)
{
	return ids_of(store, LOCAL_CASE_OF_ENTRY, entry, after, ret_ids, room, ret_count, err);
}

static int move_case(
	struct store *store, uint64_t id, uint64_t to, const char *gid, struct hilf_err *err)
{
	struct store_case row;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_case_get(store, true, id, &arena, &row, err);
	if (!rc) {
		row.entry = to;
		row.entry_gid = gid;
		rc = store_case_save(store, &row, err);
	}
	arena_clear(&arena);
	return rc;
}

int store_case_move_entry(
	struct store *store, uint64_t from, uint64_t to, const char *gid, struct hilf_err *err)
{
	uint64_t ids[256], after = 0;
	size_t count = COUNT_OF(ids);
	int rc = 0;
	while (!rc && count == COUNT_OF(ids)) {
		rc = ids_of(
			store, LOCAL_CASE_OF_ENTRY, from, after, ids, COUNT_OF(ids), &count, err);
		for (size_t i = 0; !rc && i < count; i++) {
			after = ids[i];
			rc = move_case(store, ids[i], to, gid, err);
		}
	}
	return rc;
}

/* ------------------------------------------------------------------------------------------ age */

int store_case_old(struct store *store, bool in_write, int64_t before_ms, int64_t now_ms,
	uint64_t *ret_ids, size_t room, size_t *ret_count, struct hilf_err *err)
{
	struct conn *conn;
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = local_use(conn, LOCAL_CASE_OLD);
	bind_time(statement, 1, before_ms);
	bind_time(statement, 2, now_ms);
	bind_number(statement, 3, room);
	rc = local_numbers(store, conn, statement, ret_ids, room, ret_count, err);
	read_end(store, in_write, conn);
	return rc;
}

static int remove_of(
	struct store *store, enum local_sql which, uint64_t number, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, which);
	bind_number(statement, 1, number);
	return local_run(store, statement, err);
}

static int uncount(struct store *store, uint64_t id, struct hilf_err *err)
{
	struct load load = {0};
	int rc = read_load(store, id, &load, err);
	return rc ? rc : count_load(store, &load, -1, err);
}

int store_case_remove(struct store *store, uint64_t id, uint64_t *ret_uploads, size_t room,
	size_t *ret_count, bool *ret_gone, struct hilf_err *err)
{
	static const enum local_sql own[] = {LOCAL_CLUSTER_REMOVE, LOCAL_CASE_NOTE_REMOVE,
		LOCAL_ALIAS_REMOVE, LOCAL_LEASE_REMOVE, LOCAL_CASE_REMOVE};
	size_t count = 0;
	sqlite3_stmt *statement = local_write(store, LOCAL_UPLOAD_IDS);
	bind_number(statement, 1, id);
	bind_number(statement, 2, room);
	int rc = local_numbers(store, store->writer, statement, ret_uploads, room, &count, err);
	for (size_t i = 0; i < count && !rc; i++) {
		rc = remove_of(store, LOCAL_REPORT_REMOVE, ret_uploads[i], err);
		if (!rc)
			rc = remove_of(store, LOCAL_UPLOADS_REMOVE, ret_uploads[i], err);
	}
	if (!rc && count < room)
		rc = uncount(store, id, err);
	if (!rc && count < room)
		rc = store_bar_end(store, id, BAR_ALWAYS, err);
	for (size_t i = 0; i < COUNT_OF(own) && !rc && count < room; i++)
		rc = remove_of(store, own[i], id, err);
	if (!rc) {
		*ret_count = count;
		*ret_gone = count < room;
	}
	return rc;
}
