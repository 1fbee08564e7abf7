/* A database of an earlier version, made one of this. The feed stays as it is; tables that are new are made, those that
 * changed are changed, and the derived ones are folded anew. It is one transaction, so whoever is killed in it leaves the
 * database as it was; and before it begins a copy is put beside, "hilf.db.v1", which stays until somebody removes it.
 *
 *   1 ──► 2   banks have a sample, entries can be mute and erased; local memory; changes of entries, opinions
 *   early 2   what was written before version 2 was released: since then keys say who holds them, decisions how much of
 *             them was upheld, sources are counted by decision, too, and what is said of entries has an index */
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

/* clang-format off */

#define KEY_WAS "id, hash, name, role, banks, created_ms, expires_ms, revoked_ms, rate, quota"
#define DECISION_WAS \
	"number, id, case_id, cluster, upload_count, actions, basis, article, text, territory, days, until_ms, entry, bank, " \
	"opinion, state, made_ms, undo_ms, due_ms, step, part, after, actor, second, second_actor, second_text, second_ms, " \
	"withheld_ms, withheld_from_ms, authority, withheld_ground, extended, released, appeal_until_ms, language, statement"

static const char from_early_2[] =
	"ALTER TABLE main.l_key ADD COLUMN held_by TEXT;"
	"UPDATE main.l_key SET mark = local_mark(" KEY_WAS ", held_by) WHERE mark = local_mark(" KEY_WAS ");"
	"ALTER TABLE main.l_decision ADD COLUMN upheld INTEGER NOT NULL DEFAULT 0;"
	"UPDATE main.l_decision SET mark = local_mark(" DECISION_WAS ", upheld) WHERE mark = local_mark(" DECISION_WAS ");"
	"ALTER TABLE main.l_tally_source ADD COLUMN decisions INTEGER NOT NULL DEFAULT 0;"
	"UPDATE main.l_tally_source SET decisions = decided, mark = local_mark(member, day_ms, decided, decided, upheld) "
	"WHERE mark = local_mark(member, day_ms, decided, upheld);";

/* clang-format on */

struct upgrade {
	struct store *store;
	struct conn *conn;
	struct fold fold;
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

/* ------------------------------------------------------------------------------------------ all of it */

static int drop_derived(struct upgrade *upgrade)
{
	char text[64];
	int rc = 0;
	for (const struct schema_table *table = schema_derived; table->name && !rc; table++) {
		snprintf(text, sizeof text, "DROP TABLE IF EXISTS main.%s", table->name);
		rc = db_script(upgrade->store, upgrade->conn, text, upgrade->err);
	}
	return rc;
}

static int change_tables(struct upgrade *upgrade)
{
	bool early = upgrade->store->early, unsaid = upgrade->store->unsaid;
	int rc = early ? db_script(upgrade->store, upgrade->conn, from_early_2, upgrade->err) : 0;
	if (!rc && early && !unsaid)
		return 0;
	if (!rc && !early && !unsaid)
		rc = db_script(upgrade->store, upgrade->conn, from_1, upgrade->err);
	if (!rc && !early && !unsaid)
		rc = schema_make_kept(upgrade->store, upgrade->conn, upgrade->err);
	if (!rc)
		rc = drop_derived(upgrade);
	if (!rc)
		rc = schema_make_derived(upgrade->store, upgrade->conn, upgrade->err);
	if (!rc)
		rc = refold(&upgrade->fold, upgrade->err);
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
	if (!rc && version == STORE_VERSION && !store->early && !store->unsaid)
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
	if (!rc && version != STORE_VERSION)
		*ret_from = version;
	return rc;
}

int store_upgrade(struct store *store, int64_t *ret_from, struct hilf_err *err)
{
	struct upgrade upgrade = {.store = store, .fold.store = store, .err = err};
	int rc = store_lock(store, err);
	if (rc)
		return rc;
	rc = run(&upgrade, ret_from);
	conn_close(upgrade.conn); /* rolls back what was not committed */
	fold_free(&upgrade.fold);
	lock_release(store->lock_fd);
	return rc;
}
