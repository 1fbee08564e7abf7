/* Answers to requests that come again with the same Idempotency-Key. Those that were given are in the store for a day;
 * those that are being given are known to this handle alone, so that a crash forgets them and the request can be made
 * again. Keys of different actors have nothing to do with each other. */
#include "base/check.h"
#include "base/err.h"
#include "engine/checks.h"
#include "engine/local_parts.h"
#include "os/clock.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_MS (24ll * 3600 * 1000)

/* At most as many as there are requests under way, which the server bounds: a list is enough. */
struct running {
	uint8_t key[32], request[32];
	struct running *next;
};

void idempotent_forget(struct local *local)
{
	while (local->running) {
		struct running *running = local->running;
		local->running = running->next;
		free(running);
	}
}

/* Sizes go in as well, so that no two pairs read the same. */
static void hash_key(const struct idempotent *request, uint8_t ret_key[32])
{
	crypto_hash_sha256_state state;
	uint64_t size = strlen(request->actor);
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t *)&size, sizeof size);
	crypto_hash_sha256_update(&state, (const uint8_t *)request->actor, size);
	crypto_hash_sha256_update(&state, (const uint8_t *)request->key, strlen(request->key));
	crypto_hash_sha256_final(&state, ret_key);
}

/* With run_mutex. */
static struct running **find(struct local *local, const uint8_t key[32])
{
	struct running **at = &local->running;
	while (*at && memcmp((*at)->key, key, 32) != 0)
		at = &(*at)->next;
	return at;
}

static void stop_running(struct local *local, const uint8_t key[32])
{
	pthread_mutex_lock(&local->run_mutex);
	struct running **at = find(local, key), *running = *at;
	if (running)
		*at = running->next;
	pthread_mutex_unlock(&local->run_mutex);
	free(running);
}

/* NEW when it is this request's from now on. */
static int start_running(struct local *local, const struct idempotent *request,
	const uint8_t key[32], enum idempotent_state *ret_state, struct hilf_err *err)
{
	struct running *fresh = malloc(sizeof *fresh);
	if (!fresh)
		return err_no_memory(err);
	pthread_mutex_lock(&local->run_mutex);
	struct running *there = *find(local, key);
	if (there) {
		*ret_state = memcmp(there->request, request->request, 32) == 0 ? IDEMPOTENT_RUNNING
									       : IDEMPOTENT_OTHER;
	} else {
		memcpy(fresh->key, key, 32);
		memcpy(fresh->request, request->request, 32);
		fresh->next = local->running;
		local->running = fresh;
		*ret_state = IDEMPOTENT_NEW;
	}
	pthread_mutex_unlock(&local->run_mutex);
	if (there)
		free(fresh);
	return 0;
}

int idempotent_begin(struct hilf *hilf, const struct idempotent *request, struct arena *arena,
	enum idempotent_state *ret_state, int *ret_status, const char **ret_body, size_t *ret_size,
	struct hilf_err *err)
{
	enum idempotent_state state = IDEMPOTENT_NEW;
	struct store_answer answer;
	uint8_t key[32];
	ASSERT(hilf && request->actor && request->key);
	hash_key(request, key);
	int rc = start_running(hilf->local, request, key, &state, err);
	if (rc)
		return rc;
	if (state != IDEMPOTENT_NEW) {
		*ret_state = state;
		return 0;
	}
	/* After it was marked: one that ended just before has stored its answer by then. */
	rc = store_answer_get(hilf->store, key, clock_now_ms(), arena, &answer, err);
	if (rc == HILF_E_NOT_FOUND) {
		*ret_state = IDEMPOTENT_NEW;
		return 0;
	}
	stop_running(hilf->local, key);
	if (rc)
		return rc;
	if (memcmp(answer.request, request->request, sizeof answer.request) != 0) {
		*ret_state = IDEMPOTENT_OTHER;
		return 0;
	}
	*ret_state = IDEMPOTENT_DONE;
	*ret_status = answer.status;
	*ret_body = answer.body;
	*ret_size = answer.size;
	return 0;
}

static int keep_answer(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	return store_answer_put(hilf->store, ctx, err);
}

int idempotent_end(struct hilf *hilf, const struct idempotent *request, int status,
	const char *body, size_t size, struct hilf_err *err)
{
	struct store_answer answer = {
		.status = status, .body = body, .size = size, .until_ms = clock_now_ms() + KEPT_MS};
	int rc = 0;
	ASSERT(hilf && request->actor && request->key && (body || !size));
	hash_key(request, answer.key);
	memcpy(answer.request, request->request, sizeof answer.request);
	if (status && size > IDEMPOTENT_BODY_MAX)
		rc = err_set(err, HILF_E_LIMIT,
			"an answer of %zu bytes is not kept for its Idempotency-Key; %u are the "
			"most",
			size, IDEMPOTENT_BODY_MAX);
	else if (status)
		rc = local_submit(hilf, keep_answer, &answer, err);
	stop_running(hilf->local, answer.key);
	return rc;
}
