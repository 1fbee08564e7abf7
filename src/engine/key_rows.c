/* API keys in the store: made, revoked, listed. */
#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "engine/key_text.h"
#include "engine/keys_parts.h"
#include "engine/local_parts.h"
#include "os/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

struct creating {
	struct store_key row;
	const char *held_by; /* as it was said */
	struct key_holder *holder;
	struct arena *arena;
	uint64_t count;
};

static int count_key(const struct store_key *key, void *ctx)
{
	(void)key;
	++*(uint64_t *)ctx;
	return 0;
}

static int create_key(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct creating *creating = ctx;
	creating->count = 0;
	int rc = 0;
	if (creating->held_by)
		rc = keys_find_holder(hilf, creating->held_by, (enum role)creating->row.role,
			creating->arena, creating->holder, err);
	creating->row.held_by = creating->held_by ? creating->holder->id : NULL;
	if (!rc)
		rc = store_key_each(hilf->store, true, count_key, &creating->count, err);
	if (!rc && creating->count >= LIMIT_KEYS)
		rc = err_set(
			err, HILF_E_LIMIT, "there are %u API keys, which is the most", LIMIT_KEYS);
	if (rc)
		return rc;
	rc = store_key_add(hilf->store, &creating->row, err);
	return rc ? rc : local_new_generation(hilf, LOCAL_KEYS_GENERATION, err);
}

static int check_name(const char *name, struct hilf_err *err)
{
	size_t size = strnlen(name, KEY_NAME_MAX + 1);
	if (size > KEY_NAME_MAX || !utf8_valid(name, size))
		return err_set(err, HILF_E_INVALID, "a key's name is UTF-8 of %u bytes at most",
			KEY_NAME_MAX);
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return err_set(err, HILF_E_INVALID,
				"a key's name is one line, without control characters");
	return size ? 0 : err_set(err, HILF_E_INVALID, "a key needs a name: who uses it?");
}

static int check_info(const struct key_info *info, int64_t now_ms, struct hilf_err *err)
{
	int rc = check_name(info->name, err);
	if (rc)
		return rc;
	if (info->role <= ROLE_NONE || info->role >= ROLE_COUNT)
		return err_set(err, HILF_E_INVALID, "a key needs a role");
	if (info->bank_count > KEY_BANKS_MAX)
		return err_set(
			err, HILF_E_LIMIT, "a key is limited to %u banks at most", KEY_BANKS_MAX);
	for (size_t i = 0; i < info->bank_count && !rc; i++)
		rc = record_check_bank_name(info->banks[i], err);
	if (!rc && info->expires_ms && info->expires_ms <= now_ms)
		rc = err_set(err, HILF_E_INVALID, "the key would have expired already");
	if (!rc && info->rate_per_s > KEY_RATE_MAX)
		rc = err_set(err, HILF_E_INVALID, "a key's rate is %u requests a second at most",
			KEY_RATE_MAX);
	if (!rc && info->quota_per_day > KEY_QUOTA_MAX)
		rc = err_set(err, HILF_E_INVALID, "a key's quota is %llu checks a day at most",
			(unsigned long long)KEY_QUOTA_MAX);
	return rc;
}

static int write_key(struct hilf *hilf, struct key_info *info, const char *held_by,
	const char *secret, struct hilf_err *err)
{
	struct arena arena;
	struct creating creating = {.held_by = held_by,
		.holder = &info->holder,
		.arena = &arena,
		.row = {.id = info->id,
			.name = info->name,
			.role = info->role,
			.rate_per_s = info->rate_per_s,
			.created_ms = info->created_ms,
			.expires_ms = info->expires_ms,
			.quota_per_day = info->quota_per_day}};
	arena_init(&arena, 0);
	if (info->bank_count)
		creating.row.banks = local_join(&arena, info->banks, info->bank_count);
	int rc = info->bank_count && !creating.row.banks ? err_no_memory(err) : 0;
	crypto_hash_sha256(creating.row.hash, (const uint8_t *)secret, KEY_SECRET_SIZE);
	if (!rc)
		rc = local_submit(hilf, create_key, &creating, err);
	arena_clear(&arena);
	return rc;
}

/* Of an id that is there already; ret_info may be NULL. */
static int make_key(struct hilf *hilf, struct key_info *made, const char *held_by,
	const char *secret, struct key_info *ret_info, struct hilf_err *err)
{
	made->created_ms = clock_now_ms();
	made->revoked_ms = made->used_ms = 0;
	made->holder = (struct key_holder){.id = ""};
	int rc = check_info(made, made->created_ms, err);
	if (rc)
		return rc;
	if (!key_text_is_id(made->id, strnlen(made->id, sizeof made->id)))
		return err_set(err, HILF_E_INVALID, "a key's id is %d characters of a-z and 2-7",
			KEY_ID_SIZE);
	rc = write_key(hilf, made, held_by, secret, err);
	if (rc)
		return rc;
	if (ret_info)
		*ret_info = *made;
	keys_changed(hilf);
	return 0;
}

int key_create(struct hilf *hilf, const struct key_info *info, const char *held_by,
	char ret_key[KEY_TEXT_MAX], struct key_info *ret_info, struct hilf_err *err)
{
	struct key_info made = *info;
	char secret[KEY_SECRET_SIZE + 1];
	ASSERT(hilf && ret_key);
	if (!made.id[0])
		key_text_random(made.id, KEY_ID_SIZE);
	key_text_random(secret, KEY_SECRET_SIZE);
	int rc = make_key(hilf, &made, held_by, secret, ret_info, err);
	if (!rc)
		key_text_format(made.id, secret, ret_key);
	sodium_memzero(secret, sizeof secret);
	return rc;
}

int key_adopt(struct hilf *hilf, const struct key_info *info, const char *held_by, const char *text,
	size_t size, struct key_info *ret_info, struct hilf_err *err)
{
	struct key_info made = *info;
	ASSERT(hilf && text && !info->id[0]);
	if (!key_text_check(text, size))
		return err_set(err, HILF_E_INVALID,
			"that is no key of hilf's, or it is not whole: one begins with hilf_ and "
			"ends with a checksum");
	memcpy(made.id, key_text_id(text), KEY_ID_SIZE);
	made.id[KEY_ID_SIZE] = '\0';
	return make_key(hilf, &made, held_by, key_text_secret(text), ret_info, err);
}

struct revoking {
	const char *id;
	int64_t now_ms;
};

static int revoke_key(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct revoking *revoking = ctx;
	int rc = store_key_revoke(hilf->store, revoking->id, revoking->now_ms, err);
	if (rc)
		return rc;
	return local_new_generation(hilf, LOCAL_KEYS_GENERATION, err);
}

int key_revoke(struct hilf *hilf, const char *id, struct hilf_err *err)
{
	struct revoking revoking = {id, clock_now_ms()};
	ASSERT(hilf && id);
	int rc = local_submit(hilf, revoke_key, &revoking, err);
	if (!rc)
		keys_changed(hilf);
	return rc;
}

/* ------------------------------------------------------------------------------------------ listing */

int keys_read_info(const struct store_key *key, struct arena *arena, struct key_info *ret_info,
	struct hilf_err *err)
{
	struct key_info info = {
		.role = key->role < ROLE_COUNT ? (enum role)key->role : ROLE_NONE,
		.created_ms = key->created_ms,
		.expires_ms = key->expires_ms,
		.revoked_ms = key->revoked_ms,
		.used_ms = key->used_ms,
		.rate_per_s = key->rate_per_s,
		.quota_per_day = key->quota_per_day,
	};
	int rc = local_split(arena, key->banks, &info.banks, &info.bank_count, err);
	if (!rc && key->held_by)
		rc = keys_read_holder(key, arena, &info.holder, err);
	if (rc)
		return rc;
	snprintf(info.id, sizeof info.id, "%s", key->id);
	snprintf(info.name, sizeof info.name, "%s", key->name);
	*ret_info = info;
	return 0;
}

struct listing {
	int (*fn)(const struct key_info *info, void *ctx);
	void *ctx;
	struct hilf_err *err;
};

static int list_key(const struct store_key *key, void *ctx)
{
	struct listing *listing = ctx;
	struct key_info info;
	struct arena arena;
	arena_init(&arena, 0);
	const char *const *banks;
	size_t bank_count;
	int rc = keys_read_info(key, &arena, &info, listing->err);
	if (!rc) /* which says as well whether its holder is able */
		rc = keys_limit(&info, &arena, &banks, &bank_count, listing->err);
	if (!rc)
		rc = listing->fn(&info, listing->ctx);
	arena_clear(&arena);
	return rc;
}

int key_each(struct hilf *hilf, int (*fn)(const struct key_info *info, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct listing listing = {fn, ctx, err};
	ASSERT(hilf && fn);
	return store_key_each(hilf->store, false, list_key, &listing, err);
}

struct counting {
	int64_t now_ms;
	uint64_t count;
};

static int count_good(const struct store_key *key, void *ctx)
{
	struct counting *counting = ctx;
	counting->count +=
		!key->revoked_ms && (!key->expires_ms || key->expires_ms > counting->now_ms);
	return 0;
}

int key_count(struct hilf *hilf, uint64_t *ret_count, struct hilf_err *err)
{
	struct counting counting = {clock_now_ms(), 0};
	ASSERT(hilf && ret_count);
	int rc = store_key_each(hilf->store, false, count_good, &counting, err);
	if (!rc)
		*ret_count = counting.count;
	return rc;
}
