/* What this node does, knows and says for itself: the policies of banks, mutes, notes, settings. None of it is a record; what
 * queries depend on raises a count, so that every process on this data looks anew (head.c). */
#include "store/db.h"

#include "base/check.h"
#include "base/err.h"

#include <string.h>

/* Runs a local write; one that failed takes the whole transaction with it. */
static int run_local(struct store *store, sqlite3_stmt *statement, struct hilf_err *err)
{
	int rc = db_run(store, store->writer, statement, err);
	store->failed = store->failed || rc;
	return rc;
}

int store_local_changed(struct store *store, struct hilf_err *err)
{
	ASSERT(store->in_write);
	return run_local(store, db_use(store->writer, SQL_LOCAL_CHANGED), err);
}

int store_bank_policy_set(struct store *store, const uint8_t bank[UUID_SIZE],
	const struct store_policy *policy, struct hilf_err *err)
{
	ASSERT(store->in_write && policy->mode <= HILF_BLOCK &&
		policy->pdq_radius <= HILF_PDQ_RADIUS_MAX &&
		policy->sample_ppm <= STORE_SAMPLE_ALL);
	sqlite3_stmt *statement = db_use(store->writer, SQL_POLICY_SET);
	sqlite3_bind_blob(statement, 1, bank, UUID_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, policy->mode);
	sqlite3_bind_int64(statement, 3, policy->pdq_radius);
	sqlite3_bind_int64(statement, 4, policy->sample_ppm);
	sqlite3_bind_int64(statement, 5,
		mark_of_policy(store, bank, policy->mode, policy->pdq_radius, policy->sample_ppm));
	int rc = run_local(store, statement, err);
	return rc ? rc : store_local_changed(store, err);
}

int store_policies_clear(struct store *store, struct hilf_err *err)
{
	ASSERT(store->in_write);
	int rc = run_local(store, db_use(store->writer, SQL_POLICY_CLEAR), err);
	return rc ? rc : store_local_changed(store, err);
}

int store_mute_set(struct store *store, uint64_t entry, int64_t until_ms, struct hilf_err *err)
{
	ASSERT(store->in_write && entry && until_ms >= 0);
	sqlite3_stmt *statement = db_use(store->writer, until_ms ? SQL_MUTE_SET : SQL_MUTE_END);
	sqlite3_bind_int64(statement, 1, (int64_t)entry);
	if (until_ms) {
		sqlite3_bind_int64(statement, 2, until_ms);
		sqlite3_bind_int64(statement, 3, mark_of_mute(store, entry, until_ms));
	}
	int rc = run_local(store, statement, err);
	return rc ? rc : store_local_changed(store, err);
}

int store_note_add(struct store *store, const struct record_entry_id *entry, int64_t time_ms,
	const char *text, struct hilf_err *err)
{
	ASSERT(store->in_write);
	sqlite3_stmt *statement = db_use(store->writer, SQL_NOTE_ADD);
	sqlite3_bind_blob(statement, 1, entry->record, UUID_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, entry->ordinal);
	sqlite3_bind_int64(statement, 3, time_ms);
	sqlite3_bind_text(statement, 4, text, -1, SQLITE_STATIC);
	return run_local(store, statement, err);
}

int store_setting_set(struct store *store, const char *key, const char *value, struct hilf_err *err)
{
	ASSERT(store->in_write && strcmp(key, SETTING_MARK_KEY) != 0);
	sqlite3_stmt *statement = db_use(store->writer, SQL_SETTING_SET);
	sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
	return run_local(store, statement, err);
}

int store_setting_get(struct store *store, bool in_write, const char *key, char *ret_value,
	size_t room, struct hilf_err *err)
{
	struct conn *conn;
	int rc = read_begin(store, in_write, &conn, err);
	if (rc)
		return rc;
	sqlite3_stmt *statement = db_use(conn, SQL_SETTING_GET);
	sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
	rc = db_step(store, conn, statement, err);
	if (rc == 0)
		rc = err_set(err, HILF_E_NOT_FOUND, "'%s' has no setting '%s'", store->path, key);
	else if (rc == 1)
		rc = column_text(statement, 0, ret_value, room)
			     ? 0
			     : err_set(err, HILF_E_LIMIT,
				       "the setting '%s' of '%s' is longer than expected", key,
				       store->path);
	sqlite3_reset(statement);
	read_end(store, in_write, conn);
	return rc;
}
