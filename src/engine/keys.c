/* The keys in memory: an immutable hash table, replaced whole when keys change, under readers who take no lock. A reader
 * counts itself in and looks again whether that table still counts, as in current.c; a table that was replaced gives its
 * texts back when the last reader has left, and its shell is used again, never freed, because a reader may still be about
 * to count itself in. What changes with use (tokens, quota, last use) stands beside the tables and outlives them.
 *
 * Secrets have 160 random bits, so one SHA-256 is enough to keep (no guessing makes a slow hash worth its time). Even that
 * takes longer than all the rest, so a key that was seen once is known by a 128-bit SipHash of its text under a key of
 * this process. Rates follow the generic cell rate algorithm (ITU-T I.371): one number per key, when the next request
 * would be due if they came evenly. */
#include "engine/keys.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/exemptions.h"
#include "engine/hooks.h"
#include "engine/key_text.h"
#include "engine/keys_parts.h"
#include "engine/local_parts.h"
#include "engine/people.h"
#include "os/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS   (24ll * 3600 * 1000)
#define BURST_NS 1000000000ll /* a second's worth may come at once */
#define TAG_SIZE crypto_shorthash_siphashx24_BYTES

/* A day and how many checks it saw, in one word. */
#define COUNT_BITS 44
#define COUNT_MASK (((uint64_t)1 << COUNT_BITS) - 1)

enum tag_state { TAG_NONE, TAG_MAKING, TAG_MADE };

/* What changes with use; kept until the end. */
struct key_live {
	char id[KEY_ID_SIZE + 1];
	_Atomic int tag_state;
	uint8_t tag[TAG_SIZE]; /* of the text, once it was found right */
	_Atomic int64_t due_ns;
	_Atomic uint64_t quota; /* day and count */
	_Atomic int64_t used_ms;
	_Atomic int64_t expires_ms, revoked_ms;
	_Atomic uint64_t holding; /* what its holder lets it do, as of the newest table */
	int64_t saved_ms;         /* with the mutex: what the store has */
	uint64_t saved_quota;
	struct key_live *next;
};

struct key_item {
	struct key_live *live;
	struct key_set *set;
	uint8_t hash[32];
	struct key_info info;
	const char *const *banks; /* that both the key and its holder are limited to; NULL: all */
	size_t bank_count;
	uint64_t holding;
};

struct key_set {
	_Atomic uint32_t holders;
	struct arena texts;
	struct key_item *items;
	uint32_t *slots; /* 1 + position in items; 0: free */
	size_t count, mask;
	struct key_set *next;
};

struct keys {
	struct hilf *hilf;
	uint8_t tag_key[crypto_shorthash_siphashx24_KEYBYTES];
	_Atomic uint32_t default_rate;
	_Atomic(struct key_set *) set;
	pthread_mutex_t mutex;   /* for all below: who refreshes or saves */
	struct key_set *retired; /* replaced; some still held */
	struct key_set *spare;   /* empty */
	struct key_live *lives;
	char generation[24];
	struct keys *next; /* of the same handle */
};

/* ------------------------------------------------------------------------------------------ tables */

static size_t slot_of(const struct key_set *set, const char *id)
{
	uint64_t word;
	memcpy(&word, id, sizeof word);
	return (size_t)(word * 0x9e3779b97f4a7c15u >> 32) & set->mask;
}

static struct key_item *find(const struct key_set *set, const char *id)
{
	size_t at = slot_of(set, id);
	for (; set->slots[at]; at = (at + 1) & set->mask) {
		struct key_item *item = &set->items[set->slots[at] - 1];
		if (memcmp(item->info.id, id, KEY_ID_SIZE) == 0)
			return item;
	}
	return NULL;
}

static struct key_set *hold(struct keys *keys)
{
	struct key_set *set = atomic_load(&keys->set);
	for (;;) {
		atomic_fetch_add(&set->holders, 1);
		struct key_set *now = atomic_load(&keys->set);
		if (now == set)
			return set;
		atomic_fetch_sub(&set->holders, 1);
		set = now;
	}
}

static void release(struct key_set *set)
{
	atomic_fetch_sub(&set->holders, 1);
}

static void empty(struct key_set *set)
{
	arena_clear(&set->texts);
	free(set->items);
	free(set->slots);
	set->items = NULL;
	set->slots = NULL;
	set->count = set->mask = 0;
}

/* Tables that nobody reads any more become shells. */
static void reclaim(struct keys *keys)
{
	struct key_set **at = &keys->retired;
	while (*at) {
		struct key_set *set = *at;
		if (atomic_load(&set->holders)) {
			at = &set->next;
			continue;
		}
		*at = set->next;
		empty(set);
		set->next = keys->spare;
		keys->spare = set;
	}
}

static struct key_set *new_shell(struct keys *keys)
{
	struct key_set *set = keys->spare;
	if (set) {
		keys->spare = set->next;
		set->next = NULL;
		return set;
	}
	set = calloc(1, sizeof *set);
	if (set)
		arena_init(&set->texts, 0);
	return set;
}

/* ------------------------------------------------------------------------------------------ reading */

struct loading {
	struct keys *keys;
	struct key_set *set;
	size_t room;
	struct hilf_err *err;
};

static int new_live(struct keys *keys, const struct store_key *key, struct key_live **ret_live,
	struct hilf_err *err)
{
	struct key_live *live = calloc(1, sizeof *live);
	if (!live)
		return err_no_memory(err);
	snprintf(live->id, sizeof live->id, "%s", key->id);
	live->saved_ms = key->used_ms;
	live->saved_quota = (uint64_t)key->used_day << COUNT_BITS | (key->used_count & COUNT_MASK);
	atomic_store(&live->used_ms, live->saved_ms);
	atomic_store(&live->quota, live->saved_quota);
	live->next = keys->lives;
	keys->lives = live;
	*ret_live = live;
	return 0;
}

/* Those that came before `until` in the list: no table has them. */
static void free_lives(struct keys *keys, const struct key_live *until)
{
	while (keys->lives != until) {
		struct key_live *live = keys->lives;
		keys->lives = live->next;
		free(live);
	}
}

static int load_key(const struct store_key *key, void *ctx)
{
	struct loading *loading = ctx;
	struct key_set *set = loading->set;
	const struct key_set *old = atomic_load(&loading->keys->set);
	if (set->count == loading->room) {
		size_t room = loading->room ? 2 * loading->room : 16;
		struct key_item *items = realloc(set->items, room * sizeof *items);
		if (!items)
			return err_no_memory(loading->err);
		set->items = items;
		loading->room = room;
	}
	struct key_item *item = &set->items[set->count];
	*item = (struct key_item){.set = set};
	memcpy(item->hash, key->hash, sizeof item->hash);
	if (!key_text_is_id(key->id, strlen(key->id)))
		return err_set(loading->err, HILF_E_CORRUPT,
			"an API key has the id '%.20s', which is none; restore a backup", key->id);
	int rc = keys_read_info(key, &set->texts, &item->info, loading->err);
	if (!rc)
		rc = keys_limit(
			&item->info, &set->texts, &item->banks, &item->bank_count, loading->err);
	if (rc)
		return rc;
	item->holding = keys_holding(&item->info.holder, item->banks, item->bank_count);
	const struct key_item *known = old && old->count ? find(old, key->id) : NULL;
	item->live = known ? known->live : NULL;
	if (!known)
		rc = new_live(loading->keys, key, &item->live, loading->err);
	if (!rc)
		set->count++;
	return rc;
}

static int build_slots(struct key_set *set, struct hilf_err *err)
{
	size_t room = 16;
	while (room < 2 * set->count)
		room *= 2;
	set->slots = calloc(room, sizeof *set->slots);
	if (!set->slots)
		return err_no_memory(err);
	set->mask = room - 1;
	for (size_t i = 0; i < set->count; i++) {
		size_t at = slot_of(set, set->items[i].info.id);
		while (set->slots[at])
			at = (at + 1) & set->mask;
		set->slots[at] = (uint32_t)i + 1;
	}
	return 0;
}

/* The generation is read before the keys: what changes in between is read once more, not missed. */
static int load(struct keys *keys, const char *generation, struct hilf_err *err)
{
	struct key_set *set = new_shell(keys);
	struct key_live *lives = keys->lives;
	if (!set)
		return err_no_memory(err);
	struct loading loading = {keys, set, 0, err};
	int rc = store_key_each(keys->hilf->store, false, load_key, &loading, err);
	if (!rc)
		rc = build_slots(set, err);
	if (rc) {
		free_lives(keys, lives);
		empty(set);
		set->next = keys->spare;
		keys->spare = set;
		return rc;
	}
	for (size_t i = 0; i < set->count; i++) {
		const struct key_item *item = &set->items[i];
		atomic_store(&item->live->expires_ms, item->info.expires_ms);
		atomic_store(&item->live->revoked_ms, item->info.revoked_ms);
		atomic_store(&item->live->holding, item->holding);
	}
	struct key_set *old = atomic_exchange(&keys->set, set);
	if (old) {
		old->next = keys->retired;
		keys->retired = old;
	}
	memcpy(keys->generation, generation, sizeof keys->generation);
	return 0;
}

int keys_refresh(struct keys *keys, struct hilf_err *err)
{
	char generation[24];
	ASSERT(keys);
	int rc = hooks_refresh(keys->hilf, err);
	if (!rc)
		rc = desk_settings_refresh(keys->hilf, err);
	if (!rc)
		rc = people_refresh(keys->hilf, err);
	if (!rc)
		rc = exemptions_refresh(keys->hilf, err);
	if (rc)
		return rc;
	pthread_mutex_lock(&keys->mutex);
	rc = local_generation(keys->hilf, false, LOCAL_KEYS_GENERATION, generation, err);
	if (!rc && (strcmp(generation, keys->generation) != 0 || !atomic_load(&keys->set)))
		rc = load(keys, generation, err);
	reclaim(keys);
	pthread_mutex_unlock(&keys->mutex);
	return rc;
}

/* That memory could not follow is the next refresh's to say: the change is durable. */
void keys_changed(struct hilf *hilf)
{
	struct local *local = hilf->local;
	pthread_mutex_lock(&local->keys_mutex);
	for (struct keys *keys = local->keys; keys; keys = keys->next)
		keys_refresh(keys, NULL);
	pthread_mutex_unlock(&local->keys_mutex);
}

int keys_open(struct hilf *hilf, struct keys **ret_keys, struct hilf_err *err)
{
	ASSERT(hilf && ret_keys);
	struct keys *keys = calloc(1, sizeof *keys);
	if (!keys)
		return err_no_memory(err);
	keys->hilf = hilf;
	pthread_mutex_init(&keys->mutex, NULL);
	random_bytes(keys->tag_key, sizeof keys->tag_key);
	pthread_mutex_lock(&hilf->local->keys_mutex);
	keys->next = hilf->local->keys;
	hilf->local->keys = keys;
	pthread_mutex_unlock(&hilf->local->keys_mutex);
	int rc = keys_refresh(keys, err);
	if (rc) {
		keys_close(keys);
		return rc;
	}
	*ret_keys = keys;
	return 0;
}

static void unlist(struct keys *keys)
{
	struct local *local = keys->hilf->local;
	pthread_mutex_lock(&local->keys_mutex);
	struct keys **at = &local->keys;
	while (*at != keys)
		at = &(*at)->next;
	*at = keys->next;
	pthread_mutex_unlock(&local->keys_mutex);
}

static void free_sets(struct key_set *set)
{
	while (set) {
		struct key_set *next = set->next;
		ASSERT(atomic_load(&set->holders) == 0);
		empty(set);
		free(set);
		set = next;
	}
}

void keys_close(struct keys *keys)
{
	if (!keys)
		return;
	unlist(keys);
	struct key_set *set = atomic_load(&keys->set);
	if (set && !keys->hilf->read_only)
		keys_save(keys, NULL);
	free_sets(set);
	free_sets(keys->retired);
	free_sets(keys->spare);
	free_lives(keys, NULL);
	pthread_mutex_destroy(&keys->mutex);
	sodium_memzero(keys->tag_key, sizeof keys->tag_key);
	free(keys);
}

void keys_default_rate(struct keys *keys, uint32_t rate_per_s)
{
	atomic_store(&keys->default_rate, rate_per_s > KEY_RATE_MAX ? KEY_RATE_MAX : rate_per_s);
}

/* ------------------------------------------------------------------------------------------ use */

/* Once more by the slow way, and remembered. Whoever comes meanwhile takes the slow way, too. */
static bool verify(struct key_live *live, const struct key_item *item, const char *text,
	const uint8_t tag[TAG_SIZE])
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	int none = TAG_NONE;
	if (!key_text_check(text, KEY_TEXT_SIZE))
		return false;
	crypto_hash_sha256(hash, (const uint8_t *)key_text_secret(text), KEY_SECRET_SIZE);
	if (sodium_memcmp(hash, item->hash, sizeof hash) != 0)
		return false;
	if (atomic_compare_exchange_strong(&live->tag_state, &none, TAG_MAKING)) {
		memcpy(live->tag, tag, TAG_SIZE);
		atomic_store_explicit(&live->tag_state, TAG_MADE, memory_order_release);
	}
	return true;
}

static bool is_right(struct keys *keys, const struct key_item *item, const char *text)
{
	struct key_live *live = item->live;
	uint8_t tag[TAG_SIZE];
	crypto_shorthash_siphashx24(tag, (const uint8_t *)text, KEY_TEXT_SIZE, keys->tag_key);
	if (atomic_load_explicit(&live->tag_state, memory_order_acquire) == TAG_MADE)
		return sodium_memcmp(tag, live->tag, TAG_SIZE) == 0;
	return verify(live, item, text, tag);
}

static enum key_state state_of(const struct key_item *item, int64_t now_ms)
{
	const struct key_live *live = item->live;
	int64_t expires_ms = atomic_load_explicit(&live->expires_ms, memory_order_relaxed);
	if (atomic_load(&live->revoked_ms))
		return KEY_REVOKED;
	if (expires_ms && expires_ms <= now_ms)
		return KEY_EXPIRED;
	if (!item->info.holder.id[0])
		return KEY_GOOD;
	bool able = item->info.holder.able && atomic_load(&live->holding) == item->holding;
	return able ? KEY_GOOD : KEY_HOLDER;
}

/* A clock that was set back must not stop a key for as long. */
static void take_token(
	struct key_live *live, uint32_t rate_per_s, int64_t now_ms, struct key_use *use)
{
	int64_t now_ns = now_ms * 1000000, step_ns = 1000000000 / rate_per_s, next_ns;
	int64_t due_ns = atomic_load_explicit(&live->due_ns, memory_order_relaxed);
	do {
		int64_t from_ns = due_ns;
		if (from_ns < now_ns || from_ns > now_ns + 2 * BURST_NS)
			from_ns = now_ns;
		next_ns = from_ns + step_ns;
		if (next_ns > now_ns + BURST_NS && from_ns > now_ns) {
			use->over_rate = true;
			use->retry_ms =
				(uint32_t)((next_ns - now_ns - BURST_NS + 999999) / 1000000);
			return;
		}
	} while (!atomic_compare_exchange_weak_explicit(
		&live->due_ns, &due_ns, next_ns, memory_order_relaxed, memory_order_relaxed));
}

static void take_quota(struct key_live *live, uint64_t quota_per_day, int64_t now_ms,
	uint64_t checks, struct key_use *use)
{
	uint64_t day = (uint64_t)(now_ms / DAY_MS), next;
	uint64_t word = atomic_load_explicit(&live->quota, memory_order_relaxed);
	do {
		uint64_t count = word >> COUNT_BITS == day ? word & COUNT_MASK : 0;
		if (checks > quota_per_day || count > quota_per_day - checks) {
			use->over_quota = true;
			use->retry_ms = (uint32_t)(DAY_MS - now_ms % DAY_MS);
			return;
		}
		next = day << COUNT_BITS | (count + checks);
	} while (!atomic_compare_exchange_weak_explicit(
		&live->quota, &word, next, memory_order_relaxed, memory_order_relaxed));
}

static void use_key(struct keys *keys, struct key_item *item, int64_t now_ms, uint64_t checks,
	struct key_use *ret_use)
{
	const struct key_info *info = &item->info;
	struct key_live *live = item->live;
	uint32_t rate_per_s = info->rate_per_s;
	ret_use->reference = item;
	ret_use->actor.role = info->role;
	memcpy(ret_use->actor.id, "key:", 4);
	memcpy(ret_use->actor.id + 4, info->id, sizeof info->id);
	keys_act_as(&info->holder, &ret_use->actor);
	ret_use->actor.banks = item->banks;
	ret_use->actor.bank_count = item->bank_count;
	/* Not each time: what many threads write at once is slow. */
	if (atomic_load_explicit(&live->used_ms, memory_order_relaxed) / 1000 != now_ms / 1000)
		atomic_store_explicit(&live->used_ms, now_ms, memory_order_relaxed);
	if (!rate_per_s)
		rate_per_s = atomic_load_explicit(&keys->default_rate, memory_order_relaxed);
	if (rate_per_s)
		take_token(live, rate_per_s, now_ms, ret_use);
	if (info->quota_per_day && checks && !ret_use->over_rate)
		take_quota(live, info->quota_per_day, now_ms, checks, ret_use);
}

void key_use(struct keys *keys, const char *text, size_t size, int64_t now_ms, uint64_t checks,
	struct key_use *ret_use)
{
	ASSERT(keys && text && ret_use);
	*ret_use = (struct key_use){.state = KEY_UNKNOWN};
	if (size != KEY_TEXT_SIZE || memcmp(text, KEY_PREFIX, sizeof KEY_PREFIX - 1) != 0)
		return;
	struct key_set *set = hold(keys);
	struct key_item *item = find(set, key_text_id(text));
	if (!item || !is_right(keys, item, text)) {
		release(set);
		return;
	}
	ret_use->state = state_of(item, now_ms);
	if (ret_use->state != KEY_GOOD) {
		release(set);
		return;
	}
	use_key(keys, item, now_ms, checks, ret_use);
}

enum key_state key_again(struct keys *keys, const struct key_use *use, int64_t now_ms)
{
	const struct key_item *item = use->reference;
	(void)keys;
	return item ? state_of(item, now_ms) : KEY_UNKNOWN;
}

void key_charge(struct keys *keys, struct key_use *use, int64_t now_ms, uint64_t checks)
{
	const struct key_item *item = use->reference;
	(void)keys;
	if (item && item->info.quota_per_day && checks)
		take_quota(item->live, item->info.quota_per_day, now_ms, checks, use);
}

void key_release(struct keys *keys, struct key_use *use)
{
	struct key_item *item = use->reference;
	(void)keys;
	if (item)
		release(item->set);
	*use = (struct key_use){.state = KEY_UNKNOWN};
}

/* ------------------------------------------------------------------------------------------ saving */

/* What is on its way to the store. Keys are not locked meanwhile: another process may hold the writer's lock for seconds,
 * and a revocation must not wait for that. */
struct saving {
	struct saved {
		struct key_live *live;
		int64_t used_ms;
		uint64_t quota;
	} * items;
	size_t count;
};

/* With the mutex. */
static int gather(struct keys *keys, struct saving *saving, struct hilf_err *err)
{
	size_t count = 0;
	for (const struct key_live *live = keys->lives; live; live = live->next)
		count++;
	saving->items = malloc((count ? count : 1) * sizeof *saving->items);
	if (!saving->items)
		return err_no_memory(err);
	for (struct key_live *live = keys->lives; live; live = live->next) {
		const struct saved now = {
			live, atomic_load(&live->used_ms), atomic_load(&live->quota)};
		if (now.used_ms != live->saved_ms || now.quota != live->saved_quota)
			saving->items[saving->count++] = now;
	}
	return 0;
}

static int save_keys(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct saving *saving = ctx;
	int rc = 0;
	for (size_t i = 0; i < saving->count && !rc; i++) {
		const struct saved *item = &saving->items[i];
		const struct store_key row = {
			.id = item->live->id,
			.used_ms = item->used_ms,
			.used_day = (int64_t)(item->quota >> COUNT_BITS),
			.used_count = item->quota & COUNT_MASK,
		};
		rc = store_key_used(hilf->store, &row, err);
	}
	return rc;
}

int keys_save(struct keys *keys, struct hilf_err *err)
{
	struct saving saving = {0};
	ASSERT(keys);
	pthread_mutex_lock(&keys->mutex);
	int rc = gather(keys, &saving, err);
	pthread_mutex_unlock(&keys->mutex);
	if (!rc && saving.count)
		rc = local_submit(keys->hilf, save_keys, &saving, err);
	pthread_mutex_lock(&keys->mutex);
	for (size_t i = 0; i < saving.count && !rc; i++) {
		saving.items[i].live->saved_ms = saving.items[i].used_ms;
		saving.items[i].live->saved_quota = saving.items[i].quota;
	}
	pthread_mutex_unlock(&keys->mutex);
	free(saving.items);
	return rc;
}
