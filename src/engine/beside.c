/* A thin way from the rooms above to the store's local tables, each change in a write job of its own. */
#include "engine/beside.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/engine.h"
#include "store/local.h"

#include <stdlib.h>
#include <string.h>

struct put {
	uint64_t entry;
	const char *text;
};

static int put(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct put *asked = ctx;
	return store_beside_put(hilf->store, asked->entry, asked->text, err);
}

int beside_put(struct hilf *hilf, uint64_t entry, const char *text, struct hilf_err *err)
{
	struct put asked = {entry, text};
	struct write_job job = {put, &asked};
	ASSERT(hilf && entry);
	return write_submit(hilf, &job, err);
}

int beside_get(struct hilf *hilf, uint64_t entry, struct arena *arena, const char **ret_text,
	struct hilf_err *err)
{
	ASSERT(hilf && entry && arena && ret_text);
	return store_beside_get(hilf->store, false, entry, arena, ret_text, err);
}

/* ------------------------------------------------------------------------------------------- settings */

/* In memory that the caller frees. */
static int read_setting(
	struct hilf *hilf, bool in_write, const char *key, char **ret_text, struct hilf_err *err)
{
	char *text = malloc(BESIDE_SETTING_MAX);
	if (!text)
		return err_no_memory(err);
	int rc = store_setting_get(hilf->store, in_write, key, text, BESIDE_SETTING_MAX, err);
	if (rc == HILF_E_NOT_FOUND) {
		text[0] = '\0';
		rc = 0;
	}
	if (rc)
		free(text);
	else
		*ret_text = text;
	return rc;
}

int beside_setting(struct hilf *hilf, const char *key, struct arena *arena, const char **ret_text,
	struct hilf_err *err)
{
	char *text = NULL;
	ASSERT(hilf && key && arena && ret_text);
	int rc = read_setting(hilf, false, key, &text, err);
	if (rc)
		return rc;
	const char *copy = arena_text(arena, text, strlen(text));
	free(text);
	if (!copy)
		return err_no_memory(err);
	*ret_text = copy;
	return 0;
}

struct changing {
	const char *key;
	beside_change *change;
	void *ctx;
};

static int change_setting(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct changing *changing = ctx;
	struct buf text = BUF_INIT;
	char *old = NULL;
	int rc = read_setting(hilf, true, changing->key, &old, err);
	if (rc)
		return rc;
	rc = changing->change(old, &text, changing->ctx, err);
	free(old);
	if (!rc && text.failed)
		rc = err_no_memory(err);
	if (!rc && text.size >= BESIDE_SETTING_MAX)
		rc = err_set(err, HILF_E_LIMIT,
			"there is no room for that: a setting has %u bytes at most",
			BESIDE_SETTING_MAX);
	if (!rc)
		rc = store_setting_set(hilf->store, changing->key, text.data ? text.data : "", err);
	buf_free(&text);
	return rc;
}

int beside_setting_change(
	struct hilf *hilf, const char *key, beside_change *change, void *ctx, struct hilf_err *err)
{
	struct changing changing = {key, change, ctx};
	struct write_job job = {change_setting, &changing};
	ASSERT(hilf && key && change);
	return write_submit(hilf, &job, err);
}
