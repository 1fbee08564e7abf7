/* All of the feed folded anew, in the place of what was folded before: after an upgrade, whose tables have another shape, and
 * after an erasure, so that nothing is left in them of what is gone. It is one pass over the feed in its order. */
#include "store/db.h"

#include "base/check.h"
#include "base/err.h"

#include <stdio.h>
#include <string.h>

static int damaged(struct fold *fold, uint64_t seq, struct hilf_err *err)
{
	return err_set(err, HILF_E_CORRUPT,
		"'%s' cannot be folded anew, because record %llu is damaged; nothing was changed; "
		"restore a "
		"backup",
		fold->store->path, (unsigned long long)seq);
}

static int fold_row(
	struct fold *fold, sqlite3_stmt *statement, struct arena *arena, struct hilf_err *err)
{
	struct feed_row row;
	struct record record;
	uint64_t seq = fold->state.seq + 1;
	arena_clear(arena);
	if (row_feed(fold->store, statement, &row, NULL) != 0 || row.seq != seq ||
		row.mark != mark_of_feed(fold->store, &row))
		return damaged(fold, seq, err);
	int rc = row_record(&row, arena, &record, NULL);
	if (rc == HILF_E_NO_MEMORY)
		return err_no_memory(err);
	if (rc || memcmp(record.id, row.id, UUID_SIZE) != 0 || (int64_t)record.kind != row.kind)
		return damaged(fold, seq, err);
	return fold_apply(fold, &record, row.erased ? 0 : row.size, NULL, err);
}

static int fold_all(struct fold *fold, struct hilf_err *err)
{
	sqlite3_stmt *statement = db_use(fold->conn, SQL_FEED_AFTER);
	struct arena arena;
	int rc;
	arena_init(&arena, 0);
	sqlite3_bind_int64(statement, 1, 0);
	sqlite3_bind_int64(statement, 2, INT64_MAX);
	while ((rc = db_step(fold->store, fold->conn, statement, err)) == 1) {
		rc = fold_row(fold, statement, &arena, err);
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	arena_clear(&arena);
	return rc;
}

static int empty_tables(struct fold *fold, struct hilf_err *err)
{
	char text[64];
	int rc = 0;
	for (const struct schema_table *table = schema_derived; table->name && !rc; table++) {
		snprintf(text, sizeof text, "DELETE FROM @%s", table->name);
		rc = db_script(fold->store, fold->conn, text, err);
	}
	return rc;
}

/* Keys that wait are of records in the feed, and will be again. */
static int forget_pending(struct fold *fold, struct hilf_err *err)
{
	int rc = fold->marked ? pending_copy(&fold->mark_pending, &fold->pending,
					fold->mark_state.entries, err)
			      : 0;
	if (!rc)
		pending_clear(&fold->pending);
	return rc;
}

int refold(struct fold *fold, struct hilf_err *err)
{
	int rc = forget_pending(fold, err);
	bool marked = fold->marked;
	fold->marked = false; /* keys of old entries that are flushed here waited at no mark */
	if (!rc)
		rc = empty_tables(fold, err);
	fold->state = (struct state){0};
	if (!rc)
		rc = save_state(fold->store, fold->conn, &fold->state, err);
	if (!rc)
		rc = fold_all(fold, err);
	if (!rc)
		rc = pending_flush(fold, err);
	if (!rc)
		rc = save_state(fold->store, fold->conn, &fold->state, err);
	fold->marked = marked;
	fold->begun.seq = UINT64_MAX; /* whatever comes now, the row is to be written */
	return rc;
}
