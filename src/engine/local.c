/* The handle's side of local memory: opened and closed with it, and what keys, webhooks and checks share. */
#include "engine/local.h"

#include "base/check.h"
#include "base/err.h"
#include "base/hex.h"
#include "engine/local_parts.h"
#include "engine/people_parts.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

int local_open(struct hilf *hilf, struct hilf_err *err)
{
	struct local *local = calloc(1, sizeof *local);
	if (!local)
		return err_no_memory(err);
	pthread_mutex_init(&local->hook_mutex, NULL);
	pthread_mutex_init(&local->run_mutex, NULL);
	pthread_mutex_init(&local->keys_mutex, NULL);
	pthread_mutex_init(&local->sweep_mutex, NULL);
	pthread_mutex_init(&local->desk_mutex, NULL);
	pthread_mutex_init(&local->vault_mutex, NULL);
	pthread_mutex_init(&local->vault_sweep_mutex, NULL);
	pthread_rwlock_init(&local->exempt_lock, NULL);
	atomic_store(&local->hook_wanted, UINT32_MAX);
	atomic_store(&local->exempt_any, true);
	hilf->local = local;
	return people_new(&local->people, err);
}

void local_close(struct hilf *hilf)
{
	struct local *local = hilf->local;
	if (!local)
		return;
	ASSERT(!local->keys); /* keys_close comes before hilf_close */
	hooks_forget(local);
	exemptions_forget(local);
	idempotent_forget(local);
	vault_forget_key(local);
	people_free(local->people);
	pthread_rwlock_destroy(&local->exempt_lock);
	pthread_mutex_destroy(&local->hook_mutex);
	pthread_mutex_destroy(&local->run_mutex);
	pthread_mutex_destroy(&local->keys_mutex);
	pthread_mutex_destroy(&local->sweep_mutex);
	pthread_mutex_destroy(&local->desk_mutex);
	pthread_mutex_destroy(&local->vault_mutex);
	pthread_mutex_destroy(&local->vault_sweep_mutex);
	free(local);
	hilf->local = NULL;
}

int local_submit(struct hilf *hilf, int (*run)(struct hilf *hilf, void *ctx, struct hilf_err *err),
	void *ctx, struct hilf_err *err)
{
	struct write_job job = {.run = run, .ctx = ctx, .local = true};
	return write_submit(hilf, &job, err);
}

int local_new_generation(struct hilf *hilf, const char *setting, struct hilf_err *err)
{
	uint8_t random[8];
	char text[2 * sizeof random + 1];
	random_bytes(random, sizeof random);
	hex_encode(random, sizeof random, text);
	return store_setting_set(hilf->store, setting, text, err);
}

int local_generation(struct hilf *hilf, bool in_write, const char *setting, char ret_text[24],
	struct hilf_err *err)
{
	int rc = store_setting_get(hilf->store, in_write, setting, ret_text, 24, err);
	if (rc != HILF_E_NOT_FOUND)
		return rc;
	ret_text[0] = '\0';
	return 0;
}

char *local_join(struct arena *arena, const char *const *items, size_t count)
{
	size_t size = 1;
	for (size_t i = 0; i < count; i++)
		size += strlen(items[i]) + 1;
	char *text = arena_alloc(arena, size), *to = text;
	for (size_t i = 0; i < count && text; i++) {
		size_t item = strlen(items[i]);
		if (i)
			*to++ = '\n';
		memcpy(to, items[i], item);
		to += item;
	}
	return text;
}

int local_split(struct arena *arena, const char *text, const char *const **ret_items,
	size_t *ret_count, struct hilf_err *err)
{
	size_t count = 0;
	const char **items;
	if (text && *text)
		count = 1;
	for (const char *at = text; at && (at = strchr(at, '\n')); at++)
		count++;
	items = arena_array(arena, count, sizeof *items);
	if (!items)
		return err_no_memory(err);
	for (size_t i = 0; i < count; i++) {
		size_t size = strcspn(text, "\n");
		items[i] = arena_text(arena, text, size);
		if (!items[i])
			return err_no_memory(err);
		text += size + 1;
	}
	*ret_items = items;
	*ret_count = count;
	return 0;
}
