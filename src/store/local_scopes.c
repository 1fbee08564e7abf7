/* The banks that keys, webhooks and people are limited to, by name: a bank that gets another name is followed in all of them.
 * A row that is damaged is left for fsck. */
#include "store/local_db.h"

#include "base/check.h"
#include "base/err.h"

static int rename_in(struct store *store, enum local_sql which, const char *was, const char *name,
	bool *ret_any, struct hilf_err *err)
{
	sqlite3_stmt *statement = local_write(store, which);
	bind_text(statement, 1, was);
	bind_text(statement, 2, name);
	int rc = local_run(store, statement, err);
	if (!rc)
		*ret_any = local_changes(store) > 0;
	return rc;
}

int store_scopes_rename(struct store *store, const char *was, const char *name,
	struct store_scopes *ret_scopes, struct hilf_err *err)
{
	struct store_scopes scopes = {false, false, false};
	ASSERT(was && name);
	int rc = rename_in(store, LOCAL_KEY_BANK, was, name, &scopes.keys, err);
	if (!rc)
		rc = rename_in(store, LOCAL_HOOK_BANK, was, name, &scopes.hooks, err);
	if (!rc)
		rc = rename_in(store, LOCAL_USER_BANK, was, name, &scopes.users, err);
	if (!rc)
		*ret_scopes = scopes;
	return rc;
}
