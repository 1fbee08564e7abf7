/* Webhooks in the store: made, changed, removed, listed; and how their deliveries are signed. */
#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "engine/hooks_parts.h"
#include "engine/local_parts.h"
#include "os/clock.h"
#include "wire/record.h"
#include "wire/web_url.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define SECRET_PREFIX "whsec_"
#define SECRET_SIZE   32
#define SECRET_MAX    64 /* what the specification allows */

void hook_new_id(int64_t now_ms, char ret_id[HOOK_ID_TEXT])
{
	uint8_t random[10], uuid[UUID_SIZE];
	random_bytes(random, sizeof random);
	uuid_make(now_ms, random, uuid);
	_Static_assert(HOOK_ID_TEXT == UUID_TEXT_SIZE + 1, "an id is a UUID");
	uuid_format(uuid, ret_id);
}

static void make_secret(char ret_secret[HOOK_SECRET_MAX])
{
	uint8_t random[SECRET_SIZE];
	random_bytes(random, sizeof random);
	memcpy(ret_secret, SECRET_PREFIX, sizeof SECRET_PREFIX);
	sodium_bin2base64(ret_secret + sizeof SECRET_PREFIX - 1,
		HOOK_SECRET_MAX - sizeof SECRET_PREFIX + 1, random, sizeof random,
		sodium_base64_VARIANT_ORIGINAL);
	sodium_memzero(random, sizeof random);
}

/* ------------------------------------------------------------------------------------------ form */

static int check_url(const char *url, struct hilf_err *err)
{
	struct web_url read;
	if (!url || strlen(url) > HOOK_URL_MAX)
		return err_set(err, HILF_E_INVALID, "a webhook needs a URL of %u bytes at most",
			HOOK_URL_MAX);
	int rc = web_url_read(url, strlen(url), &read, err);
	if (rc == HILF_E_DENIED)
		return err_set(
			err, HILF_E_INVALID, "a webhook's URL begins with https:// or http://");
	return rc;
}

static int check_events(const char *const *events, size_t count, struct hilf_err *err)
{
	unsigned index;
	if (!count || count > HOOK_EVENTS_MAX)
		return err_set(err, HILF_E_INVALID,
			"a webhook subscribes to \"*\" or to 1 to %u events", HOOK_EVENTS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(events[i], "*") == 0 && count == 1)
			continue;
		if (!hook_event_parse(events[i], &index))
			return err_set(err, HILF_E_INVALID,
				"there is no event '%.40s'; there are check.matched, "
				"check.blocked, entry.added, entry.changed, entry.withdrawn, "
				"entry.reversed, content.recognised, bank.changed, case.opened, "
				"decision.made, decision.ended, decision.reversed, "
				"statement.released, appeal.made, appeal.decided, "
				"content.restored, threat.escalated and ping, or * for all",
				events[i]);
	}
	return 0;
}

static int check_banks(const char *const *banks, size_t count, struct hilf_err *err)
{
	int rc = 0;
	if (count > HOOK_BANKS_MAX)
		return err_set(err, HILF_E_LIMIT, "a webhook is limited to %u banks at most",
			HOOK_BANKS_MAX);
	for (size_t i = 0; i < count && !rc; i++)
		rc = record_check_bank_name(banks[i], err);
	return rc;
}

/* ------------------------------------------------------------------------------------------ finding */

struct finding {
	const char *id;
	uint64_t count;
	bool found;
	struct arena *arena; /* NULL: only whether it is there */
	struct store_hook row;
	struct hilf_err *err;
};

static bool keep(struct arena *arena, const char **text)
{
	if (*text)
		*text = arena_text(arena, *text, strlen(*text));
	return *text != NULL;
}

static int find_row(const struct store_hook *row, void *ctx)
{
	struct finding *finding = ctx;
	finding->count++;
	if (!finding->id || strcmp(row->id, finding->id) != 0)
		return 0;
	finding->found = true;
	finding->row = *row;
	if (!finding->arena)
		return 0;
	struct store_hook *own = &finding->row;
	if (!keep(finding->arena, &own->id) || !keep(finding->arena, &own->url) ||
		!keep(finding->arena, &own->events) || !keep(finding->arena, &own->secret) ||
		(own->banks && !keep(finding->arena, &own->banks)) ||
		(own->note && !keep(finding->arena, &own->note)))
		return err_no_memory(finding->err);
	return 0;
}

static int find(struct hilf *hilf, bool in_write, struct finding *finding, struct hilf_err *err)
{
	finding->err = err;
	int rc = store_hook_each(hilf->store, in_write, find_row, finding, err);
	if (!rc && !finding->found)
		rc = err_set(err, HILF_E_NOT_FOUND,
			"there is no webhook '%.40s'; 'hilf webhook list' shows those there are",
			finding->id);
	return rc;
}

int hook_number(struct hilf *hilf, bool in_write, const char *id, uint64_t *ret_number,
	struct hilf_err *err)
{
	struct finding finding = {.id = id};
	int rc = find(hilf, in_write, &finding, err);
	if (!rc)
		*ret_number = finding.row.number;
	return rc;
}

/* ------------------------------------------------------------------------------------------ changing */

static int create_hook(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct store_hook *row = ctx;
	struct finding finding = {.err = err};
	int rc = store_hook_each(hilf->store, true, find_row, &finding, err);
	if (!rc && finding.count >= LIMIT_HOOKS)
		rc = err_set(
			err, HILF_E_LIMIT, "there are %u webhooks, which is the most", LIMIT_HOOKS);
	if (rc)
		return rc;
	rc = store_hook_put(hilf->store, row, err);
	return rc ? rc : hooks_changed(hilf, err);
}

int hook_create(struct hilf *hilf, const struct hook_info *info, struct hook_info *ret_info,
	struct hilf_err *err)
{
	struct hook_info made = *info;
	struct arena arena;
	ASSERT(hilf);
	int rc = check_url(info->url, err);
	if (!rc)
		rc = check_events(info->events, info->event_count, err);
	if (!rc)
		rc = check_banks(info->banks, info->bank_count, err);
	if (rc)
		return rc;
	made.created_ms = clock_now_ms();
	made.note = "";
	made.outbox_count = made.outbox_size = 0;
	hook_new_id(made.created_ms, made.id);
	make_secret(made.secret);
	arena_init(&arena, 0);
	struct store_hook row = {
		.id = made.id,
		.url = info->url,
		.events = local_join(&arena, info->events, info->event_count),
		.banks =
			info->bank_count ? local_join(&arena, info->banks, info->bank_count) : NULL,
		.secret = made.secret,
		.enabled = info->enabled,
		.created_ms = made.created_ms,
	};
	if (!row.events || (info->bank_count && !row.banks))
		rc = err_no_memory(err);
	if (!rc)
		rc = local_submit(hilf, create_hook, &row, err);
	arena_clear(&arena);
	if (rc)
		return rc;
	hooks_refresh(
		hilf, NULL); /* the change is durable: what memory lacks, the next write reads */
	if (ret_info)
		*ret_info = made;
	return 0;
}

struct setting {
	const char *id;
	const struct hook_change *change;
	struct hook_info info;
};

static int set_hook(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct setting *setting = ctx;
	const struct hook_change *change = setting->change;
	struct hook_info *info = &setting->info;
	struct arena arena;
	arena_init(&arena, 0);
	struct finding finding = {.id = setting->id, .arena = &arena};
	int rc = find(hilf, true, &finding, err);
	struct store_hook row = finding.row;
	if (!rc && change->url)
		row.url = change->url;
	if (!rc && change->events) {
		row.events = local_join(&arena, change->events, change->event_count);
		rc = row.events ? 0 : err_no_memory(err);
	}
	if (!rc && change->set_enabled) {
		row.enabled = change->enabled;
		row.note = NULL;
	}
	if (!rc && change->new_secret)
		row.secret = info->secret;
	if (!rc) {
		rc = store_hook_put(hilf->store, &row, err);
	}
	if (!rc)
		rc = hooks_changed(hilf, err);
	info->enabled = row.enabled;
	info->created_ms = row.created_ms;
	arena_clear(&arena);
	return rc;
}

int hook_set(struct hilf *hilf, const char *id, const struct hook_change *change,
	struct hook_info *ret_info, struct hilf_err *err)
{
	struct setting setting = {.id = id, .change = change, .info = {.url = "", .note = ""}};
	ASSERT(hilf && id && change);
	int rc = change->url ? check_url(change->url, err) : 0;
	if (!rc && change->events)
		rc = check_events(change->events, change->event_count, err);
	if (rc)
		return rc;
	if (change->new_secret)
		make_secret(setting.info.secret);
	rc = local_submit(hilf, set_hook, &setting, err);
	if (rc)
		return rc;
	hooks_refresh(hilf, NULL);
	if (ret_info) {
		snprintf(setting.info.id, sizeof setting.info.id, "%s", id);
		setting.info.url = change->url ? change->url : "";
		*ret_info = setting.info;
	}
	return 0;
}

static int remove_hook(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	uint64_t number;
	int rc = hook_number(hilf, true, ctx, &number, err);
	if (rc)
		return rc;
	rc = store_hook_remove(hilf->store, number, err);
	return rc ? rc : hooks_changed(hilf, err);
}

int hook_remove(struct hilf *hilf, const char *id, struct hilf_err *err)
{
	ASSERT(hilf && id);
	int rc = local_submit(hilf, remove_hook, (void *)id, err);
	if (!rc)
		hooks_refresh(hilf, NULL);
	return rc;
}

/* ------------------------------------------------------------------------------------------ listing */

struct listing {
	int (*fn)(const struct hook_info *info, void *ctx);
	void *ctx;
	struct hilf_err *err;
};

static int list_hook(const struct store_hook *row, void *ctx)
{
	struct listing *listing = ctx;
	struct hook_info info = {
		.url = row->url,
		.enabled = row->enabled,
		.created_ms = row->created_ms,
		.note = row->note ? row->note : "",
		.outbox_count = row->load_count,
		.outbox_size = row->load_size,
	};
	struct arena arena;
	arena_init(&arena, 0);
	snprintf(info.id, sizeof info.id, "%s", row->id);
	int rc = local_split(&arena, row->events, &info.events, &info.event_count, listing->err);
	if (!rc)
		rc = local_split(&arena, row->banks, &info.banks, &info.bank_count, listing->err);
	if (!rc)
		rc = listing->fn(&info, listing->ctx);
	arena_clear(&arena);
	return rc;
}

int hook_each(struct hilf *hilf, int (*fn)(const struct hook_info *info, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct listing listing = {fn, ctx, err};
	ASSERT(hilf && fn);
	return store_hook_each(hilf->store, false, list_hook, &listing, err);
}

/* ------------------------------------------------------------------------------------------ signing */

int hook_sign(const char *secret, const char *event_id, int64_t now_ms, const void *body,
	size_t size, char ret_signature[64], struct hilf_err *err)
{
	uint8_t key[SECRET_MAX], mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;
	char head[HOOK_ID_TEXT + 32];
	size_t key_size = 0;
	const char *text = secret + sizeof SECRET_PREFIX - 1;
	if (strncmp(secret, SECRET_PREFIX, sizeof SECRET_PREFIX - 1) != 0 ||
		sodium_base642bin(key, sizeof key, text, strlen(text), NULL, &key_size, NULL,
			sodium_base64_VARIANT_ORIGINAL) != 0 ||
		!key_size || strlen(event_id) >= HOOK_ID_TEXT)
		return err_set(err, HILF_E_INVALID,
			"a webhook's secret is 'whsec_' and base64 of 1 to %d bytes", SECRET_MAX);
	int head_size =
		snprintf(head, sizeof head, "%s.%lld.", event_id, (long long)(now_ms / 1000));
	crypto_auth_hmacsha256_init(&state, key, key_size);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)head, (size_t)head_size);
	crypto_auth_hmacsha256_update(&state, body, size);
	crypto_auth_hmacsha256_final(&state, mac);
	memcpy(ret_signature, "v1,", 3);
	sodium_bin2base64(ret_signature + 3, 61, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
	sodium_memzero(key, sizeof key);
	return 0;
}
