/* API keys. A key's own row is written when it is made and when it is revoked; how it is used is beside it. */
#include "store/local_db.h"

#include "base/check.h"
#include "base/err.h"

#include <string.h>

/* A damaged one is not to be written over: its mark would be right again. */
static int has_row(struct store *store, const char *id, bool *ret_has, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_KEY_HAS);
	ASSERT(store->in_write);
	bind_text(statement, 1, id);
	int rc = db_step(store, store->writer, statement, err);
	bool has = rc == 1;
	if (has)
		rc = local_check_mark(store, statement, 11, "an API key", err);
	sqlite3_reset(statement);
	if (!rc)
		*ret_has = has;
	return rc;
}

int store_key_add(struct store *store, const struct store_key *key, struct hilf_err *err)
{
	bool there;
	int rc = has_row(store, key->id, &there, err);
	if (rc)
		return rc;
	if (there)
		return err_set(err, HILF_E_EXISTS, "there is a key '%.40s' already", key->id);
	sqlite3_stmt *statement = local_write(store, LOCAL_KEY_ADD);
	bind_text(statement, 1, key->id);
	bind_bytes(statement, 2, key->hash, sizeof key->hash);
	bind_text(statement, 3, key->name);
	bind_number(statement, 4, key->role);
	bind_text(statement, 5, key->banks);
	bind_time(statement, 6, key->created_ms);
	bind_time(statement, 7, key->expires_ms);
	bind_time(statement, 8, key->revoked_ms);
	bind_number(statement, 9, key->rate_per_s);
	bind_number(statement, 10, key->quota_per_day);
	bind_text(statement, 11, key->held_by);
	return local_run(store, statement, err);
}

int store_key_revoke(struct store *store, const char *id, int64_t now_ms, struct hilf_err *err)
{
	bool there;
	int rc = has_row(store, id, &there, err);
	if (rc)
		return rc;
	if (!there)
		return err_set(err, HILF_E_NOT_FOUND,
			"there is no key '%.40s'; 'hilf key list' shows those there are", id);
	sqlite3_stmt *statement = local_write(store, LOCAL_KEY_REVOKE);
	bind_text(statement, 1, id);
	bind_time(statement, 2, now_ms);
	return local_run(store, statement, err);
}

int store_key_used(struct store *store, const struct store_key *key, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, LOCAL_KEY_USED);
	bind_text(statement, 1, key->id);
	bind_time(statement, 2, key->used_ms);
	bind_time(statement, 3, key->used_day);
	bind_number(statement, 4, key->used_count);
	return local_run(store, statement, err);
}

/* One who is gone has no name. */
static int row_holder(struct store *store, sqlite3_stmt *statement, struct store_holder *ret_holder,
	struct hilf_err *err)
{
	struct store_holder holder = {.name = row_text(statement, 15)};
	if (holder.name) {
		int rc = local_check_mark(store, statement, 20, "a person's account", err);
		if (rc)
			return rc;
		holder.role = (uint32_t)column_u64(statement, 16);
		holder.banks = row_text(statement, 17);
		holder.enabled = sqlite3_column_int(statement, 18) != 0;
		holder.enrolled = sqlite3_column_int(statement, 19) != 0;
	}
	*ret_holder = holder;
	return 0;
}

static int row_key(struct store *store, sqlite3_stmt *statement, struct store_key *ret_key,
	struct hilf_err *err)
{
	struct store_key key = {
		.id = row_text(statement, 0),
		.name = row_text(statement, 2),
		.role = (uint32_t)column_u64(statement, 3),
		.banks = row_text(statement, 4),
		.created_ms = sqlite3_column_int64(statement, 5),
		.expires_ms = sqlite3_column_int64(statement, 6),
		.revoked_ms = sqlite3_column_int64(statement, 7),
		.rate_per_s = (uint32_t)column_u64(statement, 8),
		.quota_per_day = column_u64(statement, 9),
		.held_by = row_text(statement, 10),
		.used_ms = sqlite3_column_int64(statement, 12),
		.used_day = sqlite3_column_int64(statement, 13),
		.used_count = column_u64(statement, 14),
	};
	int rc = local_check_mark(store, statement, 11, "an API key", err);
	if (!rc && (!key.id || !key.name || !column_bytes(statement, 1, key.hash, sizeof key.hash)))
		rc = db_damaged(store, "an API key", err);
	if (!rc && key.held_by)
		rc = row_holder(store, statement, &key.holder, err);
	if (!rc)
		*ret_key = key;
	return rc;
}

int store_key_each(struct store *store, bool in_write,
	int (*fn)(const struct store_key *key, void *ctx), void *ctx, struct hilf_err *err)
{
	struct store_key key;
	struct rows rows = rows_begin(store, in_write, LOCAL_KEY_EACH, err);
	while (rows_next(&rows)) {
		rows.rc = row_key(store, rows.statement, &key, err);
		if (!rows.rc)
			rows.rc = fn(&key, ctx);
	}
	return rows_end(&rows);
}
