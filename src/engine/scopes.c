/* Following a bank by its name: in the store within the job that renames it, in memory after that. */
#include "engine/scopes.h"

#include "engine/hooks.h"
#include "engine/hooks_parts.h"
#include "engine/keys_parts.h"
#include "engine/people_parts.h"

int scopes_rename(struct hilf *hilf, const char *was, const char *name, struct hilf_err *err)
{
	struct store_scopes scopes;
	int rc = store_scopes_rename(hilf->store, was, name, &scopes, err);
	if (!rc && (scopes.keys || scopes.users)) /* a key has its holder's limits as well */
		rc = local_new_generation(hilf, LOCAL_KEYS_GENERATION, err);
	if (!rc && scopes.hooks)
		rc = hooks_changed(hilf, err);
	if (!rc && scopes.users)
		rc = local_new_generation(hilf, PEOPLE_GENERATION, err);
	return rc;
}

void scopes_renamed(struct hilf *hilf)
{
	keys_changed(hilf);
	people_changed(hilf);
	hooks_refresh(hilf, NULL);
}
