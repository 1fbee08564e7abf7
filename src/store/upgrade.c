/* A database of an earlier version, made one of this. The feed stays as it is; tables that are new are made, those that
 * changed are changed, and the derived ones are folded anew. It is one transaction, so whoever is killed in it leaves the
 * database as it was; and before it begins a copy is put beside, "hilf.db.v1", which stays until somebody removes it.
 *
 *   1 ──► 2   banks have a sample, entries can be mute and erased; local memory; changes of entries, opinions */
#include "store/db.h"

#include "base/check.h"
#include "base/err.h"
#include "os/file.h"
#include "os/lock.h"
#include "store/local_sql.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(STORE_VERSION == 2, "a step from the version before");

/* A mode that is damaged keeps a wrong mark, so that fsck finds it still. */
static const char from_1[] =
	"ALTER TABLE main.feed ADD COLUMN header BLOB;"
	"ALTER TABLE main.l_bank_policy ADD COLUMN sample_ppm INTEGER NOT NULL DEFAULT 1000000;"
	"UPDATE main.l_bank_policy SET mark = hilf_mark(bank, mode, pdq_radius, sample_ppm) "
	"WHERE mark = hilf_mark(bank, mode, pdq_radius);";

struct upgrade {
	struct store *store;
	struct conn *conn;
	struct fold fold;
	struct arena arena;
	struct hilf_err *err;
};

/* ------------------------------------------------------------------------------------------ the copy */

/* Made anew by who comes after one that died: until the upgrade is done, an older hilf may have written meanwhile. */
static int keep_copy(struct store *store, int64_t version, struct hilf_err *err)
{
	char name[32], aside_name[40];
	snprintf(name, sizeof name, "hilf.db.v%lld", (long long)version);
	snprintf(aside_name, sizeof aside_name, "%s.new", name);
	char *path = file_join(store->dir, name), *aside = file_join(store->dir, aside_name);
	int rc = path && aside ? file_remove(aside, err) : err_no_memory(err);
	if (!rc)
		rc = store_copy(store, aside, err);
	if (!rc && rename(aside, path) != 0)
		rc = err_sys(err, HILF_E_IO, errno, "cannot put '%s' in its place", path);
	if (!rc)
		rc = file_sync_dir(store->dir, err);
	free(path);
	free(aside);
	return rc;
}

/* ------------------------------------------------------------------------------------------ folding */

static int damaged(struct upgrade *upgrade, uint64_t seq)
{
	return err_set(upgrade->err, HILF_E_CORRUPT,
		"'%s' is of an earlier version and cannot be upgraded, because record %llu is "
		"damaged; "
		"nothing was changed; restore a backup",
		upgrade->store->path, (unsigned long long)seq);
}

static int fold_row(struct upgrade *upgrade, sqlite3_stmt *statement)
{
	struct feed_row row;
	struct record record;
	uint64_t seq = upgrade->fold.state.seq + 1;
	arena_clear(&upgrade->arena);
	if (row_feed(upgrade->store, statement, &row, NULL) != 0 || row.seq != seq ||
		row.mark != mark_of_feed(upgrade->store, &row))
		return damaged(upgrade, seq);
	int rc = record_decode(row.bytes, row.size, &upgrade->arena, &record, NULL);
	if (rc == HILF_E_NO_MEMORY)
		return err_no_memory(upgrade->err);
	if (rc || memcmp(record.id, row.id, UUID_SIZE) != 0)
		return damaged(upgrade, seq);
	return fold_apply(&upgrade->fold, &record, row.size, NULL, upgrade->err);
}

static int fold_all(struct upgrade *upgrade)
{
	sqlite3_stmt *statement = db_use(upgrade->conn, SQL_FEED_AFTER);
	int rc;
	sqlite3_bind_int64(statement, 1, 0);
	sqlite3_bind_int64(statement, 2, INT64_MAX);
	while ((rc = db_step(upgrade->store, upgrade->conn, statement, upgrade->err)) == 1) {
		rc = fold_row(upgrade, statement);
		if (rc)
			break;
	}
	sqlite3_reset(statement);
	return rc;
}

static int make_derived_anew(struct upgrade *upgrade)
{
	const struct state state = {0};
	char text[64];
	int rc = 0;
	for (const struct schema_table *table = schema_derived; table->name && !rc; table++) {
		snprintf(text, sizeof text, "DROP TABLE IF EXISTS main.%s", table->name);
		rc = db_script(upgrade->store, upgrade->conn, text, upgrade->err);
	}
	if (!rc)
		rc = schema_make_derived(upgrade->store, upgrade->conn, upgrade->err);
	if (!rc)
		rc = save_state(upgrade->store, upgrade->conn, &state, upgrade->err);
	if (!rc)
		rc = fold_begin(&upgrade->fold, upgrade->err);
	if (!rc)
		rc = fold_all(upgrade);
	return rc ? rc : fold_end(&upgrade->fold, upgrade->err);
}

/* ------------------------------------------------------------------------------------------ all of it */

static int change_tables(struct upgrade *upgrade)
{
	int rc = db_script(upgrade->store, upgrade->conn, from_1, upgrade->err);
	if (!rc)
		rc = schema_make_kept(upgrade->store, upgrade->conn, upgrade->err);
	if (!rc)
		rc = make_derived_anew(upgrade);
	return rc ? rc
		  : db_script(upgrade->store, upgrade->conn, "PRAGMA main.user_version = 2",
			    upgrade->err);
}

static int run(struct upgrade *upgrade, int64_t *ret_from)
{
	struct store *store = upgrade->store;
	int64_t version = 0;
	int rc = conn_open(store, CONN_WRITE, &upgrade->conn, upgrade->err);
	if (rc)
		return rc;
	upgrade->fold.conn = upgrade->conn;
	/* Somebody else may have done it while this one waited. */
	rc = schema_check(store, upgrade->conn, &version, upgrade->err);
	if (!rc && version == STORE_VERSION)
		return 0;
	if (!rc && store->lost_key)
		rc = err_set(upgrade->err, HILF_E_CORRUPT,
			"'%s' is of an earlier version and the key of its marks is damaged; mend "
			"it "
			"with the 'hilf fsck' of that version first",
			store->path);
	if (!rc)
		rc = keep_copy(store, version, upgrade->err);
	if (!rc && mark_register(store, upgrade->conn) != SQLITE_OK)
		rc = err_no_memory(upgrade->err);
	if (!rc)
		rc = db_run(
			store, upgrade->conn, db_use(upgrade->conn, SQL_BEGIN_WRITE), upgrade->err);
	if (!rc)
		rc = change_tables(upgrade);
	if (!rc)
		rc = db_run(store, upgrade->conn, db_use(upgrade->conn, SQL_COMMIT), upgrade->err);
	if (!rc)
		*ret_from = version;
	return rc;
}

int store_upgrade(struct store *store, int64_t *ret_from, struct hilf_err *err)
{
	struct upgrade upgrade = {.store = store, .fold.store = store, .err = err};
	int rc = store_lock(store, err);
	if (rc)
		return rc;
	arena_init(&upgrade.arena, 0);
	rc = run(&upgrade, ret_from);
	conn_close(upgrade.conn); /* rolls back what was not committed */
	arena_clear(&upgrade.arena);
	fold_free(&upgrade.fold);
	lock_release(store->lock_fd);
	return rc;
}
