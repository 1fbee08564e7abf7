/* Recorded checks, and the way back from an entry to those that rest on it. What a check rests on is a blob in its own
 * row, nine bytes for each entry; l_check_entry only leads there, and only as long as the entry upholds something. */
#include "store/local_db.h"
#include "store/local_desk_db.h"

#include "base/check.h"
#include "base/err.h"
#include "store/decisions.h"

#include <stdlib.h>
#include <string.h>

#define REST_SIZE 9u /* entry u64, little endian; verdict u8 */

static int64_t key_of_content(const struct store *store, const char *content_id)
{
	return mark_hash(store, content_id, strlen(content_id));
}

static uint8_t *pack_rests(const struct store_rest *rests, size_t count)
{
	uint8_t *bytes = malloc(count ? count * REST_SIZE : 1), *to = bytes;
	for (size_t i = 0; i < count && bytes; i++) {
		for (int j = 0; j < 8; j++)
			*to++ = (uint8_t)(rests[i].entry >> 8 * j);
		*to++ = rests[i].verdict;
	}
	return bytes;
}

static bool unpack_rests(
	const uint8_t *bytes, size_t size, struct arena *arena, struct store_check *check)
{
	size_t count = size / REST_SIZE;
	struct store_rest *rests = arena_array(arena, count, sizeof *rests);
	if (!rests)
		return false;
	for (size_t i = 0; i < count; i++, bytes += REST_SIZE) {
		for (int j = 0; j < 8; j++)
			rests[i].entry |= (uint64_t)bytes[j] << 8 * j;
		rests[i].verdict = bytes[8];
	}
	check->rests = rests;
	check->rest_count = count;
	return true;
}

/* ------------------------------------------------------------------------------------------ writing */

static int add_row(struct store *store, const struct store_check *check, const uint8_t *rests,
	struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_CHECK_ADD);
	sqlite3_clear_bindings(statement);
	bind_time(statement, 1, check->time_ms);
	bind_time(statement, 2, check->until_ms);
	bind_time(statement, 3, check->appeal_until_ms);
	bind_number(statement, 4, check->verdict);
	bind_number(statement, 5, check->surface);
	bind_time(statement, 6, check->basis);
	if (check->content_id)
		bind_time(statement, 7, key_of_content(store, check->content_id));
	bind_text(statement, 8, check->content_id);
	bind_text(statement, 9, check->uploader_ref);
	bind_text(statement, 10, check->evidence_url);
	bind_text(statement, 11, check->language);
	bind_text(statement, 12, check->actor);
	bind_text(statement, 13, check->statement);
	if (check->has_decision) {
		bind_bytes(statement, 14, check->decision, sizeof check->decision);
		bind_bytes(statement, 15, check->token, sizeof check->token);
	}
	bind_bytes(statement, 16, rests, check->rest_count * REST_SIZE);
	bind_text(statement, 17, check->caption);
	bind_text(statement, 18, check->places);
	bind_time(statement, 19, check->reach);
	bind_number(statement, 20, check->why);
	return local_run(store, statement, err);
}

static int add_link(struct store *store, uint64_t check, uint64_t entry, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_LINK_ADD);
	bind_number(statement, 1, entry);
	bind_number(statement, 2, check);
	return local_run(store, statement, err);
}

int store_check_add(struct store *store, const struct store_check *check, uint64_t *ret_id,
	struct hilf_err *err)
{
	ASSERT(store->in_write && check->rest_count <= STORE_REST_MAX);
	uint8_t *rests = pack_rests(check->rests, check->rest_count);
	if (!rests)
		return err_no_memory(err);
	int rc = add_row(store, check, rests, err);
	free(rests);
	if (rc)
		return rc;
	uint64_t id = (uint64_t)sqlite3_last_insert_rowid(store->writer->db);
	for (size_t i = 0; i < check->rest_count && !rc; i++)
		if (check->rests[i].verdict)
			rc = add_link(store, id, check->rests[i].entry, err);
	if (!rc)
		*ret_id = id;
	return rc;
}

int store_check_save(struct store *store, const struct store_check *check, struct hilf_err *err)
{
	uint8_t *rests = pack_rests(check->rests, check->rest_count);
	if (!rests)
		return err_no_memory(err);
	sqlite3_stmt *statement = local_write(store, LOCAL_CHECK_SAVE);
	bind_number(statement, 1, check->id);
	bind_number(statement, 2, check->standing);
	bind_time(statement, 3, check->reversed_ms);
	bind_bytes(statement, 4, rests, check->rest_count * REST_SIZE);
	int rc = local_run(store, statement, err);
	sqlite3_clear_bindings(statement);
	free(rests);
	return rc;
}

/* ------------------------------------------------------------------------------------------ reading */

/* Everything into the arena. */
static int row_check(struct store *store, sqlite3_stmt *statement, struct arena *arena,
	struct store_check *ret_check, struct hilf_err *err)
{
	struct store_check check = {
		.id = column_u64(statement, 0),
		.time_ms = sqlite3_column_int64(statement, 1),
		.until_ms = sqlite3_column_int64(statement, 2),
		.reversed_ms = sqlite3_column_int64(statement, 3),
		.appeal_until_ms = sqlite3_column_int64(statement, 4),
		.verdict = (uint32_t)column_u64(statement, 5),
		.standing = (uint32_t)column_u64(statement, 6),
		.surface = (uint32_t)column_u64(statement, 7),
		.basis = sqlite3_column_int64(statement, 8),
		.content_id = row_text(statement, 10),
		.uploader_ref = row_text(statement, 11),
		.evidence_url = row_text(statement, 12),
		.language = row_text(statement, 13),
		.actor = row_text(statement, 14),
		.statement = row_text(statement, 15),
		.has_decision = sqlite3_column_type(statement, 16) != SQLITE_NULL,
		.caption = row_text(statement, 19),
		.places = row_text(statement, 20),
		.reach = sqlite3_column_int64(statement, 21),
		.why = column_u64(statement, 22),
	};
	const uint8_t *rests = sqlite3_column_blob(statement, 18);
	size_t size = (size_t)sqlite3_column_bytes(statement, 18);
	int rc = local_check_mark(store, statement, 23, "a recorded check", err);
	if (rc)
		return rc;
	if (size % REST_SIZE ||
		(check.has_decision &&
			(!column_bytes(statement, 16, check.decision, sizeof check.decision) ||
				!column_bytes(statement, 17, check.token, sizeof check.token))))
		return db_damaged(store, "a recorded check", err);
	if (!unpack_rests(rests, size, arena, &check) || !copy_or_null(arena, &check.content_id) ||
		!copy_or_null(arena, &check.uploader_ref) ||
		!copy_or_null(arena, &check.evidence_url) ||
		!copy_or_null(arena, &check.language) || !copy_or_null(arena, &check.actor) ||
		!copy_or_null(arena, &check.statement) || !copy_or_null(arena, &check.caption) ||
		!copy_or_null(arena, &check.places))
		return err_no_memory(err);
	*ret_check = check;
	return 0;
}

/* The one row of a bound statement. */
static int one_check(struct rows *rows, struct arena *arena, struct store_check *ret_check)
{
	if (rows_one(rows, "check"))
		rows->rc = row_check(rows->store, rows->statement, arena, ret_check, rows->err);
	return rows_end(rows);
}

int store_check_get(struct store *store, bool in_write, uint64_t id, struct arena *arena,
	struct store_check *ret_check, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_CHECK_GET, err);
	bind_number(rows.statement, 1, id);
	return one_check(&rows, arena, ret_check);
}

int store_check_find(struct store *store, bool in_write, const char *content_id, int64_t basis,
	struct arena *arena, struct store_check *ret_check, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_CHECK_FIND, err);
	bind_time(rows.statement, 1, key_of_content(store, content_id));
	bind_time(rows.statement, 2, basis);
	bind_text(rows.statement, 3, content_id);
	return one_check(&rows, arena, ret_check);
}

static int check_by(struct store *store, bool in_write, enum local_sql which, const uint8_t *bytes,
	size_t size, struct arena *arena, struct store_check *ret_check, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, which, err);
	bind_bytes(rows.statement, 1, bytes, size);
	return one_check(&rows, arena, ret_check);
}

int store_check_by_token(struct store *store, bool in_write, const uint8_t token[32],
	struct arena *arena, struct store_check *ret_check, struct hilf_err *err)
{
	return check_by(store, in_write, LOCAL_CHECK_BY_TOKEN, token, 32, arena, ret_check, err);
}

int store_check_by_decision(struct store *store, bool in_write, const uint8_t decision[UUID_SIZE],
	struct arena *arena, struct store_check *ret_check, struct hilf_err *err)
{
	return check_by(store, in_write, LOCAL_CHECK_BY_DECISION, decision, UUID_SIZE, arena,
		ret_check, err);
}

/* The rows of a bound statement. */
static int each_check(
	struct rows *rows, int (*fn)(const struct store_check *check, void *ctx), void *ctx)
{
	struct store_check check;
	while (rows_next(rows)) {
		rows->rc = row_check(rows->store, rows->statement, &rows->arena, &check, rows->err);
		if (!rows->rc)
			rows->rc = fn(&check, ctx);
	}
	return rows_end(rows);
}

/* Newest first. */
static struct rows page_begin(struct store *store, enum local_sql which, uint64_t before,
	size_t limit, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, false, which, err);
	bind_number(rows.statement, 1, before ? before : INT64_MAX);
	bind_number(rows.statement, 2, limit);
	return rows;
}

int store_check_page(struct store *store, const char *content_id, uint64_t before, size_t limit,
	int (*fn)(const struct store_check *check, void *ctx), void *ctx, struct hilf_err *err)
{
	struct rows rows = page_begin(store,
		content_id ? LOCAL_CHECK_PAGE_CONTENT : LOCAL_CHECK_PAGE, before, limit, err);
	if (content_id) {
		bind_time(rows.statement, 3, key_of_content(store, content_id));
		bind_text(rows.statement, 4, content_id);
	}
	return each_check(&rows, fn, ctx);
}

int store_check_page_of_entry(struct store *store, uint64_t entry, uint64_t before, size_t limit,
	int (*fn)(const struct store_check *check, void *ctx), void *ctx, struct hilf_err *err)
{
	struct rows rows = page_begin(store, LOCAL_CHECK_PAGE_ENTRY, before, limit, err);
	bind_number(rows.statement, 3, entry);
	return each_check(&rows, fn, ctx);
}

/* ------------------------------------------------------------------------------------------ resting */

int store_check_resting(struct store *store, uint64_t entry, uint64_t after, uint64_t *ret_ids,
	size_t room, size_t *ret_count, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_LINK_OF_ENTRY);
	bind_number(statement, 1, entry);
	bind_number(statement, 2, after);
	bind_number(statement, 3, room);
	return local_numbers(store, store->writer, statement, ret_ids, room, ret_count, err);
}

static int run_on_entry(
	struct store *store, enum local_sql which, uint64_t entry, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, which);
	bind_number(statement, 1, entry);
	return local_run(store, statement, err);
}

/* In the check's own row. */
static int move_rest(
	struct store *store, uint64_t check_id, uint64_t from, uint64_t to, struct hilf_err *err)
{
	struct store_check check;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_check_get(store, true, check_id, &arena, &check, err);
	struct store_rest *rests = (struct store_rest *)check.rests;
	for (size_t i = 0; !rc && i < check.rest_count; i++)
		if (rests[i].entry == from)
			rests[i].entry = to;
	if (!rc)
		rc = store_check_save(store, &check, err);
	arena_clear(&arena);
	return rc;
}

static int run_move(
	struct store *store, enum local_sql which, uint64_t from, uint64_t to, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, which);
	bind_number(statement, 1, from);
	bind_number(statement, 2, to);
	return local_run(store, statement, err);
}

int store_rest_move(struct store *store, uint64_t from, uint64_t to, struct hilf_err *err)
{
	uint64_t ids[256], after = 0;
	size_t count = COUNT_OF(ids);
	int rc = 0;
	while (!rc && count == COUNT_OF(ids)) {
		rc = store_check_resting(store, from, after, ids, COUNT_OF(ids), &count, err);
		for (size_t i = 0; !rc && i < count; i++) {
			rc = move_rest(store, ids[i], from, to, err);
			after = ids[i];
		}
	}
	if (!rc)
		rc = run_move(store, LOCAL_LINK_MOVE, from, to, err);
	return rc ? rc : run_move(store, LOCAL_REST_MOVE, from, to, err);
}

int store_rest_end(struct store *store, uint64_t entry, struct hilf_err *err)
{
	int rc = run_on_entry(store, LOCAL_LINK_END, entry, err);
	return rc ? rc : run_on_entry(store, LOCAL_REST_END, entry, err);
}

int store_rest_set(struct store *store, uint64_t entry, int64_t expires_ms, uint32_t most,
	struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_REST_SET);
	bind_number(statement, 1, entry);
	bind_time(statement, 2, expires_ms);
	bind_number(statement, 3, most);
	return local_run(store, statement, err);
}

int store_rest_get(struct store *store, bool in_write, uint64_t entry, uint32_t *ret_most,
	struct hilf_err *err)
{
	int64_t expires_ms;
	return store_rest_when(store, in_write, entry, ret_most, &expires_ms, err);
}

int store_rest_when(struct store *store, bool in_write, uint64_t entry, uint32_t *ret_most,
	int64_t *ret_expires_ms, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_REST_GET, err);
	bind_number(rows.statement, 1, entry);
	if (rows_next(&rows)) {
		*ret_most = (uint32_t)column_u64(rows.statement, 0);
		*ret_expires_ms = sqlite3_column_int64(rows.statement, 1);
	} else if (!rows.rc)
		rows.rc = err_set(err, HILF_E_NOT_FOUND, "nothing rests on entry %llu",
			(unsigned long long)entry);
	return rows_end(&rows);
}

static int read_rests(struct store *store, bool in_write, enum local_sql which, int64_t from,
	uint64_t *ret_entries, size_t room, size_t *ret_count, struct hilf_err *err)
{
	struct conn *conn;
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = local_use(conn, which);
	bind_time(statement, 1, from);
	bind_number(statement, 2, room);
	rc = local_numbers(store, conn, statement, ret_entries, room, ret_count, err);
	read_end(store, in_write, conn);
	return rc;
}

int store_rest_expired(struct store *store, bool in_write, int64_t now_ms, uint64_t *ret_entries,
	size_t room, size_t *ret_count, struct hilf_err *err)
{
	return read_rests(
		store, in_write, LOCAL_REST_EXPIRED, now_ms, ret_entries, room, ret_count, err);
}

int store_rest_page(struct store *store, bool in_write, uint64_t after, uint64_t *ret_entries,
	size_t room, size_t *ret_count, struct hilf_err *err)
{
	return read_rests(store, in_write, LOCAL_REST_PAGE, (int64_t)after, ret_entries, room,
		ret_count, err);
}

int store_feed_ends(struct store *store, uint64_t after_seq, bool *ret_ends, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, false, LOCAL_FEED_ENDS, err);
	bind_number(rows.statement, 1, after_seq);
	bool ends = rows_next(&rows);
	if (!rows.rc)
		*ret_ends = ends;
	return rows_end(&rows);
}

/* ------------------------------------------------------------------------------------------ age */

static int remove_check(struct store *store, const struct store_check *check, struct hilf_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < check->rest_count && !rc; i++) {
		sqlite3_stmt *statement = local_write(store, LOCAL_LINK_REMOVE);
		bind_number(statement, 1, check->rests[i].entry);
		bind_number(statement, 2, check->id);
		rc = local_run(store, statement, err);
	}
	return rc ? rc : run_on_entry(store, LOCAL_CHECK_REMOVE, check->id, err);
}

int local_sweep_checks(
	struct store *store, int64_t now_ms, size_t limit, bool *more, struct hilf_err *err)
{
	struct arena arena;
	size_t count = 0;
	int rc = 0;
	arena_init(&arena, 0);
	for (; count < limit; count++) {
		struct store_check check;
		sqlite3_stmt *statement = local_write(store, LOCAL_CHECK_OLD);
		bind_time(statement, 1, now_ms);
		rc = db_step(store, store->writer, statement, err);
		if (rc == 1) {
			rc = row_check(store, statement, &arena, &check, err);
			rc = rc ? rc : 1;
		}
		sqlite3_reset(statement);
		if (rc == 1)
			rc = remove_check(store, &check, err);
		else if (rc == 0)
			break;
		if (rc)
			break;
		arena_clear(&arena);
	}
	arena_clear(&arena);
	*more = *more || count == limit;
	return rc;
}

_Static_assert(RECORD_MEMBER_FOUND == 1 && RECORD_BANK_CREATE == 2 && RECORD_ENTRY_ADD == 4,
	"as LOCAL_FEED_ENDS has them");
