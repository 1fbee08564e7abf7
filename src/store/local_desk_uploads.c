/* Clusters of cases and their uploads. */
#include "base/check.h"
#include "base/err.h"
#include "store/local_desk_db.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------ clusters */

static int put_cluster(
	struct store *store, const struct store_cluster *cluster, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_CLUSTER_PUT);
	bind_number(statement, 1, cluster->case_id);
	bind_number(statement, 2, cluster->number);
	bind_time(statement, 3, cluster->key);
	bind_time(statement, 4, cluster->known_key);
	bind_number(statement, 5, cluster->surface);
	bind_number(statement, 6, cluster->share);
	bind_number(statement, 7, cluster->turned);
	bind_text(statement, 8, cluster->language);
	bind_text(statement, 9, cluster->caption);
	bind_number(statement, 10, cluster->upload_count);
	bind_number(statement, 11, cluster->open_count);
	bind_time(statement, 12, cluster->nearest);
	bind_time(statement, 13, cluster->first_ms);
	bind_time(statement, 14, cluster->last_ms);
	bind_number(statement, 15, cluster->stands);
	bind_uuid(statement, 16, cluster->has_decision, cluster->decision);
	bind_uuid(statement, 17, cluster->has_known, cluster->known);
	int rc = local_run(store, statement, err);
	local_clear(statement);
	return rc;
}

int store_cluster_add(
	struct store *store, const struct store_cluster *cluster, struct hilf_err *err)
{
	ASSERT(cluster->case_id && cluster->number);
	return put_cluster(store, cluster, err);
}

int store_cluster_save(
	struct store *store, const struct store_cluster *cluster, struct hilf_err *err)
{
	ASSERT(cluster->case_id && cluster->number);
	return put_cluster(store, cluster, err);
}

static int row_cluster(struct store *store, sqlite3_stmt *statement, struct arena *arena,
	struct store_cluster *ret_cluster, struct hilf_err *err)
{
	struct store_cluster cluster = {
		.case_id = column_u64(statement, 0),
		.number = (uint32_t)column_u64(statement, 1),
		.key = sqlite3_column_int64(statement, 2),
		.known_key = sqlite3_column_int64(statement, 3),
		.surface = (uint32_t)column_u64(statement, 4),
		.share = (uint32_t)column_u64(statement, 5),
		.turned = (uint32_t)column_u64(statement, 6),
		.language = row_text(statement, 7),
		.caption = row_text(statement, 8),
		.upload_count = column_u64(statement, 9),
		.open_count = column_u64(statement, 10),
		.nearest = (int32_t)sqlite3_column_int64(statement, 11),
		.first_ms = sqlite3_column_int64(statement, 12),
		.last_ms = sqlite3_column_int64(statement, 13),
		.stands = (uint32_t)column_u64(statement, 14),
	};
	int rc = local_check_mark(store, statement, 17, "a cluster of a case", err);
	if (rc)
		return rc;
	if (!column_uuid(statement, 15, &cluster.has_decision, cluster.decision) ||
		!column_uuid(statement, 16, &cluster.has_known, cluster.known))
		return db_damaged(store, "a cluster of a case", err);
	if (!copy_or_null(arena, &cluster.language) || !copy_or_null(arena, &cluster.caption))
		return err_no_memory(err);
	*ret_cluster = cluster;
	return 0;
}

/* The one row of a bound statement. */
static int one_cluster(struct rows *rows, struct arena *arena, struct store_cluster *ret_cluster)
{
	if (rows_one(rows, "cluster"))
		rows->rc = row_cluster(rows->store, rows->statement, arena, ret_cluster, rows->err);
	return rows_end(rows);
}

int store_cluster_get(struct store *store, bool in_write, uint64_t case_id, uint32_t number,
	struct arena *arena, struct store_cluster *ret_cluster, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_CLUSTER_GET, err);
	bind_number(rows.statement, 1, case_id);
	bind_number(rows.statement, 2, number);
	return one_cluster(&rows, arena, ret_cluster);
}

int store_cluster_find(struct store *store, uint64_t case_id, int64_t key, struct arena *arena,
	struct store_cluster *ret_cluster, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, true, LOCAL_CLUSTER_FIND, err);
	bind_number(rows.statement, 1, case_id);
	bind_time(rows.statement, 2, key);
	return one_cluster(&rows, arena, ret_cluster);
}

int store_cluster_known(struct store *store, int64_t known_key, struct arena *arena,
	struct store_cluster *ret_cluster, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, true, LOCAL_CLUSTER_KNOWN, err);
	bind_time(rows.statement, 1, known_key);
	return one_cluster(&rows, arena, ret_cluster);
}

int store_cluster_page(struct store *store, bool in_write, uint64_t case_id, bool open,
	uint32_t after, size_t limit, int (*fn)(const struct store_cluster *cluster, void *ctx),
	void *ctx, struct hilf_err *err)
{
	struct store_cluster cluster;
	struct rows rows = rows_begin(
		store, in_write, open ? LOCAL_CLUSTER_PAGE_OPEN : LOCAL_CLUSTER_PAGE_DONE, err);
	bind_number(rows.statement, 1, case_id);
	bind_number(rows.statement, 2, after);
	bind_number(rows.statement, 3, limit);
	while (rows_next(&rows)) {
		rows.rc = row_cluster(store, rows.statement, &rows.arena, &cluster, err);
		if (!rows.rc)
			rows.rc = fn(&cluster, ctx);
	}
	return rows_end(&rows);
}

int store_cluster_of_decision(struct store *store, const uint8_t decision[UUID_SIZE], bool known,
	struct store_cluster_id *ret_ids, size_t room, size_t *ret_count, struct hilf_err *err)
{
	sqlite3_stmt *statement =
		local_write(store, known ? LOCAL_CLUSTER_OF_KNOWN : LOCAL_CLUSTER_OF_DECISION);
	size_t count = 0;
	int rc = 0;
	bind_bytes(statement, 1, decision, UUID_SIZE);
	bind_number(statement, 2, room);
	while (count < room && (rc = db_step(store, store->writer, statement, err)) == 1)
		ret_ids[count++] = (struct store_cluster_id){
			column_u64(statement, 0), (uint32_t)column_u64(statement, 1)};
	sqlite3_reset(statement);
	if (rc >= 0)
		*ret_count = count;
	return rc < 0 ? rc : 0;
}

/* ------------------------------------------------------------------------------------------ uploads */

static void bind_upload(
	struct store *store, sqlite3_stmt *statement, const struct store_upload *upload)
{
	bind_number(statement, 2, upload->case_id);
	bind_number(statement, 3, upload->cluster);
	bind_text(statement, 4, upload->content_id);
	bind_text(statement, 5, upload->uploader_ref);
	bind_text(statement, 6, upload->evidence_url);
	bind_text(statement, 7, upload->language);
	bind_text(statement, 8, upload->caption);
	bind_text(statement, 9, upload->places);
	bind_number(statement, 10, upload->surface);
	bind_number(statement, 11, upload->state);
	bind_time(statement, 12, upload->time_ms);
	bind_time(statement, 13, upload->last_ms);
	bind_time(statement, 14, upload->reach);
	bind_number(statement, 15, upload->check);
	bind_number(statement, 16, upload->version);
	bind_number(statement, 17, upload->report_count);
	bind_number(statement, 18, store_why_pack(&upload->why));
	bind_uuid(statement, 19, upload->has_decision, upload->decision);
	bind_time(statement, 20, local_key_of(store, upload->content_id));
}

int store_upload_add(struct store *store, const struct store_upload *upload, uint64_t *ret_id,
	struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_UPLOAD_ADD);
	ASSERT(upload->case_id && upload->content_id);
	bind_upload(store, statement, upload);
	int rc = local_run(store, statement, err);
	local_clear(statement);
	if (!rc)
		*ret_id = (uint64_t)sqlite3_last_insert_rowid(store->writer->db);
	return rc;
}

int store_upload_save(struct store *store, const struct store_upload *upload, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_UPLOAD_SAVE);
	ASSERT(upload->id && upload->content_id);
	bind_number(statement, 1, upload->id);
	bind_upload(store, statement, upload);
	int rc = local_run(store, statement, err);
	local_clear(statement);
	return rc;
}

static int row_upload(struct store *store, sqlite3_stmt *statement, struct arena *arena,
	struct store_upload *ret_upload, struct hilf_err *err)
{
	struct store_upload upload = {
		.id = column_u64(statement, 0),
		.case_id = column_u64(statement, 1),
		.cluster = (uint32_t)column_u64(statement, 2),
		.content_id = row_text(statement, 3),
		.uploader_ref = row_text(statement, 4),
		.evidence_url = row_text(statement, 5),
		.language = row_text(statement, 6),
		.caption = row_text(statement, 7),
		.places = row_text(statement, 8),
		.surface = (uint32_t)column_u64(statement, 9),
		.state = (uint32_t)column_u64(statement, 10),
		.time_ms = sqlite3_column_int64(statement, 11),
		.last_ms = sqlite3_column_int64(statement, 12),
		.reach = sqlite3_column_int64(statement, 13),
		.check = column_u64(statement, 14),
		.version = column_u64(statement, 15),
		.report_count = (uint32_t)column_u64(statement, 16),
		.why = store_why_unpack(column_u64(statement, 17)),
	};
	int rc = local_check_mark(store, statement, 20, "an upload of a case", err);
	if (rc)
		return rc;
	if (!upload.content_id ||
		!column_uuid(statement, 18, &upload.has_decision, upload.decision))
		return db_damaged(store, "an upload of a case", err);
	if (!copy_text(arena, &upload.content_id) || !copy_or_null(arena, &upload.uploader_ref) ||
		!copy_or_null(arena, &upload.evidence_url) ||
		!copy_or_null(arena, &upload.language) || !copy_or_null(arena, &upload.caption) ||
		!copy_or_null(arena, &upload.places))
		return err_no_memory(err);
	*ret_upload = upload;
	return 0;
}

/* The one row of a bound statement. */
static int one_upload(struct rows *rows, struct arena *arena, struct store_upload *ret_upload)
{
	if (rows_one(rows, "upload"))
		rows->rc = row_upload(rows->store, rows->statement, arena, ret_upload, rows->err);
	return rows_end(rows);
}

int store_upload_get(struct store *store, bool in_write, uint64_t id, struct arena *arena,
	struct store_upload *ret_upload, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_UPLOAD_GET, err);
	bind_number(rows.statement, 1, id);
	return one_upload(&rows, arena, ret_upload);
}

int store_upload_find(struct store *store, bool in_write, uint64_t case_id, const char *content_id,
	struct arena *arena, struct store_upload *ret_upload, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_UPLOAD_FIND, err);
	bind_time(rows.statement, 1, local_key_of(store, content_id));
	bind_number(rows.statement, 2, case_id);
	bind_text(rows.statement, 3, content_id);
	return one_upload(&rows, arena, ret_upload);
}

/* ------------------------------------------------------------------------------------------ their lists */

typedef int upload_fn(const struct store_upload *upload, void *ctx);

/* The rows of a bound statement. */
static int each_upload(struct rows *rows, upload_fn *fn, void *ctx)
{
	struct store_upload upload;
	while (rows_next(rows)) {
		rows->rc =
			row_upload(rows->store, rows->statement, &rows->arena, &upload, rows->err);
		if (!rows->rc)
			rows->rc = fn(&upload, ctx);
	}
	return rows_end(rows);
}

int store_upload_page(struct store *store, bool in_write, uint64_t case_id, uint32_t cluster,
	uint64_t after, size_t limit, upload_fn *fn, void *ctx, struct hilf_err *err)
{
	struct rows rows = rows_begin(
		store, in_write, cluster ? LOCAL_UPLOAD_PAGE : LOCAL_UPLOAD_PAGE_CASE, err);
	bind_number(rows.statement, 1, case_id);
	if (cluster)
		bind_number(rows.statement, 2, cluster);
	bind_number(rows.statement, 3, after);
	bind_number(rows.statement, 4, limit);
	return each_upload(&rows, fn, ctx);
}

int store_upload_of_decision(struct store *store, bool in_write, const uint8_t decision[UUID_SIZE],
	uint64_t after, size_t limit, upload_fn *fn, void *ctx, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_UPLOAD_OF_DECISION, err);
	bind_bytes(rows.statement, 1, decision, UUID_SIZE);
	bind_number(rows.statement, 2, after);
	bind_number(rows.statement, 3, limit);
	return each_upload(&rows, fn, ctx);
}

int store_upload_of_content(struct store *store, bool in_write, const char *content_id,
	size_t limit, upload_fn *fn, void *ctx, struct hilf_err *err)
{
	struct rows rows = rows_begin(store, in_write, LOCAL_UPLOAD_OF_CONTENT, err);
	bind_time(rows.statement, 1, local_key_of(store, content_id));
	bind_text(rows.statement, 2, content_id);
	bind_number(rows.statement, 3, limit);
	return each_upload(&rows, fn, ctx);
}

/* ------------------------------------------------------------------------------------------ many at once */

int store_uploads_decide(struct store *store, uint64_t case_id, uint32_t cluster, uint64_t version,
	const uint8_t decision[UUID_SIZE], uint64_t *ret_count, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_UPLOADS_DECIDE);
	bind_number(statement, 1, case_id);
	bind_number(statement, 2, cluster);
	bind_number(statement, 3, version);
	bind_bytes(statement, 4, decision, UUID_SIZE);
	int rc = local_run(store, statement, err);
	if (!rc)
		*ret_count = local_changes(store);
	local_clear(statement);
	return rc;
}

int store_uploads_move(struct store *store, uint64_t case_id, uint32_t from, uint32_t to,
	uint64_t *ret_count, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_UPLOADS_MOVE);
	bind_number(statement, 1, case_id);
	bind_number(statement, 2, from);
	bind_number(statement, 3, to);
	int rc = local_run(store, statement, err);
	if (!rc)
		*ret_count = local_changes(store);
	return rc;
}

int store_uploads_undecide(struct store *store, uint64_t case_id, uint32_t cluster,
	const uint8_t decision[UUID_SIZE], uint64_t *ret_count, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_UPLOADS_UNDECIDE);
	bind_number(statement, 1, case_id);
	bind_number(statement, 2, cluster);
	bind_bytes(statement, 3, decision, UUID_SIZE);
	int rc = local_run(store, statement, err);
	if (!rc)
		*ret_count = local_changes(store);
	local_clear(statement);
	return rc;
}

int store_upload_cluster(struct store *store, uint64_t case_id, const uint8_t decision[UUID_SIZE],
	uint32_t *ret_cluster, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_UPLOAD_CLUSTER);
	bind_bytes(statement, 1, decision, UUID_SIZE);
	bind_number(statement, 2, case_id);
	int rc = db_step(store, store->writer, statement, err);
	if (rc == 1)
		*ret_cluster = (uint32_t)column_u64(statement, 0);
	else if (rc == 0)
		rc = err_set(err, HILF_E_NOT_FOUND, "the decision concerns nothing of case %llu",
			(unsigned long long)case_id);
	sqlite3_reset(statement);
	local_clear(statement);
	return rc < 0 ? rc : 0;
}
