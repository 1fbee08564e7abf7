/* Keeping previews and looking at them. A view is a write of its own, in which it is made sure that the preview is still
 * there; only when that is durable are the bytes handed out. */
#include "engine/vault.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/desk_settings.h"
#include "engine/vault_parts.h"
#include "os/clock.h"
#include "store/desk.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS (24ll * 3600 * 1000)
/* Bits of 256 in which a copy's picture may differ: as a bank's threshold is at first. */
#define COPY_RADIUS 31u

const char *preview_kind_name(enum preview_kind kind)
{
	static const char *const names[] = {
		[PREVIEW_PAGE] = "page", [PREVIEW_FRAME] = "frame", [PREVIEW_REGION] = "region"};
	ASSERT(kind >= PREVIEW_PAGE && kind <= PREVIEW_REGION);
	return names[kind];
}

bool vault_is_on(struct hilf *hilf)
{
	return !hilf->read_only && desk_setting(hilf, DESK_VAULT) != 0;
}

/* ------------------------------------------------------------------------------------------ keeping */

static int keep_one(struct hilf *hilf, const struct vault_key *key, const struct vault_of *of,
	const struct preview *preview, struct hilf_err *err)
{
	int64_t now_ms = clock_now_ms();
	uint8_t random[10];
	struct store_preview row = {.entry = of->entry,
		.check = of->check,
		.kind = preview->kind,
		.width = preview->width,
		.height = preview->height,
		.size = preview->size,
		.made_ms = now_ms,
		.until_ms = now_ms + desk_setting(hilf, DESK_VAULT_DAYS) * DAY_MS};
	randombytes_buf(random, sizeof random);
	uuid_make(now_ms, random, row.id);
	int rc = vault_seal(key, &row, preview->jpeg, err);
	if (rc)
		return rc;
	rc = store_preview_add(hilf->store, &row, err);
	free((void *)row.sealed);
	return rc;
}

int vault_keep(struct hilf *hilf, const struct vault_of *of, const struct previews *previews,
	struct hilf_err *err)
{
	struct vault_key key;
	uint64_t replaced;
	ASSERT(of->owner == VAULT_ENTRY ? of->entry && !of->check : of->check != 0);
	if (!previews || !previews->count || !vault_is_on(hilf))
		return 0;
	/* Without the key there is nothing to be kept, and what it belongs to goes on; vault_state says why. */
	if (vault_key_load(hilf, true, &key, NULL))
		return 0;
	int rc = of->check ? 0 : store_preview_end(hilf->store, of->entry, false, &replaced, err);
	for (size_t i = 0; i < previews->count && i < VAULT_OWNER_MAX && !rc; i++)
		rc = keep_one(hilf, &key, of, &previews->items[i], err);
	vault_key_wipe(&key);
	return rc;
}

void vault_show(struct hilf *hilf, int fd, uint32_t timeout_ms, const uint8_t *sha256,
	struct previews *ret_previews)
{
	struct hilf_content content;
	ret_previews->count = 0;
	if (!hilf->decoders || !timeout_ms ||
		decode_file_showing(hilf->decoders, fd, timeout_ms, &content, ret_previews, NULL))
		return;
	if (sha256 && memcmp(sha256, content.sha256, sizeof content.sha256) != 0)
		previews_clear(ret_previews);
}

static unsigned distance(const uint8_t *a, const uint8_t *b)
{
	unsigned bits = 0;
	for (size_t i = 0; i < 32; i++)
		bits += (unsigned)__builtin_popcount(a[i] ^ b[i]);
	return bits;
}

static bool is_picture(const uint8_t pdq[32], const struct hilf_content *content)
{
	for (size_t i = 0; i < content->picture_count; i++)
		for (size_t j = 0; j < HILF_ORIENTATION_COUNT; j++)
			if (!content->pictures[i].degenerate &&
				distance(pdq, content->pictures[i].pdq[j]) <= COPY_RADIUS)
				return true;
	return false;
}

bool vault_is_copy(
	const struct hilf_signal *signals, size_t count, const struct hilf_content *content)
{
	for (size_t i = 0; i < count; i++) {
		const uint8_t *value = signals[i].value;
		if (signals[i].type == HILF_PDQ ? is_picture(value, content)
			: signals[i].type == HILF_SHA256
				? content->digests && !memcmp(value, content->sha256, 32)
			: signals[i].type == HILF_MD5
				? content->digests && !memcmp(value, content->md5, 16)
				: false)
			return true;
	}
	return false;
}

struct keeping {
	const struct vault_copy *copies;
	size_t count;
};

/* An entry may have ended since. */
static int keep_copies(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct keeping *keeping = ctx;
	int rc = 0;
	for (size_t i = 0; i < keeping->count && !rc; i++) {
		const struct vault_copy *copy = &keeping->copies[i];
		const struct vault_of of = {.owner = VAULT_ENTRY, .entry = copy->entry};
		struct store_entry_row row;
		if (!copy->entry || !copy->previews.count)
			continue;
		rc = store_entry_get(hilf->store, true, copy->entry, NULL, &row, err);
		if (!rc && !row.withdrawn)
			rc = vault_keep(hilf, &of, &copy->previews, err);
	}
	return rc;
}

int vault_keep_copies(
	struct hilf *hilf, const struct vault_copy *copies, size_t count, struct hilf_err *err)
{
	struct keeping keeping = {copies, count};
	bool any = false;
	for (size_t i = 0; i < count && !any; i++)
		any = copies[i].entry && copies[i].previews.count;
	return any && vault_is_on(hilf) ? local_submit(hilf, keep_copies, &keeping, err) : 0;
}

int vault_keep_entry(
	struct hilf *hilf, uint64_t entry, const struct previews *previews, struct hilf_err *err)
{
	const struct vault_copy copy = {entry, *previews};
	return vault_keep_copies(hilf, &copy, 1, err);
}

/* ------------------------------------------------------------------------------------------ what there is */

static void tell(const struct store_preview *row, struct vault_preview *ret_preview)
{
	*ret_preview = (struct vault_preview){.kind = (enum preview_kind)row->kind,
		.width = row->width,
		.height = row->height,
		.size = row->size,
		.made_ms = row->made_ms,
		.until_ms = row->until_ms};
	uuid_format(row->id, ret_preview->id);
}

static int list(struct hilf *hilf, bool in_write, uint64_t entry, uint64_t check,
	struct vault_preview ret_previews[VAULT_OWNER_MAX], size_t *ret_count, struct hilf_err *err)
{
	struct store_preview rows[VAULT_OWNER_MAX];
	struct vault_key key;
	size_t count = 0, kept = 0;
	int64_t now_ms = clock_now_ms();
	int rc = store_preview_list(
		hilf->store, in_write, entry, check, rows, VAULT_OWNER_MAX, &count, err);
	if (!rc && count && vault_key_load(hilf, false, &key, NULL))
		count = 0; /* all of them are locked */
	for (size_t i = 0; !rc && i < count; i++)
		if (rows[i].until_ms > now_ms &&
			memcmp(rows[i].key, key.name, sizeof key.name) == 0)
			tell(&rows[i], &ret_previews[kept++]);
	if (!rc && count)
		vault_key_wipe(&key);
	if (!rc)
		*ret_count = kept;
	return rc;
}

int vault_list(struct hilf *hilf, bool in_write, enum vault_owner owner, uint64_t number,
	struct vault_preview ret_previews[VAULT_OWNER_MAX], size_t *ret_count, struct hilf_err *err)
{
	bool is_entry = owner == VAULT_ENTRY;
	if (!number) {
		*ret_count = 0;
		return 0;
	}
	return list(hilf, in_write, is_entry ? number : 0, is_entry ? 0 : number, ret_previews,
		ret_count, err);
}

int vault_has_entry(
	struct hilf *hilf, bool in_write, uint64_t entry, bool *ret_has, struct hilf_err *err)
{
	struct vault_preview previews[VAULT_OWNER_MAX];
	size_t count;
	int rc = list(hilf, in_write, entry, 0, previews, &count, err);
	if (!rc)
		*ret_has = count > 0;
	return rc;
}

int vault_viewed(struct hilf *hilf, bool in_write, uint64_t entry, const char *actor,
	bool *ret_viewed, struct hilf_err *err)
{
	return store_view_has(hilf->store, in_write, entry, actor, ret_viewed, err);
}

struct missing {
	const struct vault_of *of;
	const struct previews *previews;
};

static int is_missing(struct hilf *hilf, bool in_write, const struct vault_of *of,
	bool *ret_missing, struct hilf_err *err)
{
	struct vault_preview kept[VAULT_OWNER_MAX];
	size_t count = 0;
	int rc = list(hilf, in_write, of->entry, of->check, kept, &count, err);
	*ret_missing = !rc && !count;
	return rc;
}

static int keep_missing(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct missing *missing = ctx;
	bool still;
	int rc = is_missing(hilf, true, missing->of, &still, err);
	return rc || !still ? rc : vault_keep(hilf, missing->of, missing->previews, err);
}

int vault_keep_missing(struct hilf *hilf, const struct vault_of *of,
	const struct previews *previews, struct hilf_err *err)
{
	struct missing missing = {of, previews};
	bool now;
	if (!previews || !previews->count || !vault_is_on(hilf))
		return 0;
	int rc = is_missing(hilf, false, of, &now, err);
	return rc || !now ? rc : local_submit(hilf, keep_missing, &missing, err);
}

/* ------------------------------------------------------------------------------------------ looking */

static int no_such(struct hilf_err *err)
{
	return err_set(err, HILF_E_NOT_FOUND, "there is no such preview, or not any more");
}

/* Whether the case has an upload that came in with the check. */
static int is_of_case(
	struct hilf *hilf, uint64_t check, uint64_t case_id, bool *ret_is, struct hilf_err *err)
{
	struct store_check recorded;
	struct store_upload upload;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_check_get(hilf->store, false, check, &arena, &recorded, err);
	if (!rc && !recorded.content_id)
		rc = HILF_E_NOT_FOUND;
	if (!rc)
		rc = store_upload_find(
			hilf->store, false, case_id, recorded.content_id, &arena, &upload, err);
	*ret_is = !rc && upload.check == check;
	arena_clear(&arena);
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

static int check_case(struct hilf *hilf, const struct store_preview *row,
	const struct vault_look *look, struct hilf_err *err)
{
	bool belongs = look->entry && row->entry == look->entry;
	int rc = row->check ? is_of_case(hilf, row->check, look->case_id, &belongs, err) : 0;
	if (rc || belongs)
		return rc;
	return err_set(err, HILF_E_DENIED, "the preview does not belong to case %llu",
		(unsigned long long)look->case_id);
}

static int open_row(
	struct hilf *hilf, const struct store_preview *row, uint8_t *ret_jpeg, struct hilf_err *err)
{
	struct vault_key key;
	int rc = vault_key_load(hilf, false, &key, err);
	if (rc)
		return rc == HILF_E_NO_MEMORY
			       ? rc
			       : err_set(err, HILF_E_UNSUPPORTED,
					 "the preview is sealed with a key that is not on this "
					 "node; see 'hilf doctor'");
	if (memcmp(key.name, row->key, sizeof key.name) != 0)
		rc = err_set(err, HILF_E_UNSUPPORTED,
			"the preview is sealed with another key than DATA/vault.key, an earlier "
			"one perhaps; see 'hilf doctor'");
	else
		rc = vault_open(&key, row, ret_jpeg, err);
	vault_key_wipe(&key);
	return rc;
}

static int note_view(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct store_view *view = ctx;
	struct store_preview row;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_preview_get(hilf->store, true, view->preview, &arena, &row, err);
	arena_clear(&arena);
	return rc ? rc : store_view_add(hilf->store, view, err);
}

int vault_view(struct hilf *hilf, const struct vault_look *look, struct arena *arena,
	struct vault_preview *ret_preview, const uint8_t **ret_jpeg, struct hilf_err *err)
{
	struct store_view view = {
		.case_id = look->case_id, .actor = look->actor, .time_ms = clock_now_ms()};
	struct store_preview row;
	if (!uuid_parse(look->id, look->id_size, view.preview))
		return no_such(err);
	int rc = store_preview_get(hilf->store, false, view.preview, arena, &row, err);
	if (!rc && row.until_ms <= view.time_ms)
		rc = no_such(err);
	if (!rc)
		rc = check_case(hilf, &row, look, err);
	uint8_t *jpeg = rc ? NULL : arena_array(arena, row.size ? row.size : 1, 1);
	if (!rc && !jpeg)
		rc = err_no_memory(err);
	if (!rc)
		rc = open_row(hilf, &row, jpeg, err);
	if (rc)
		return rc;
	view.entry = row.entry;
	view.check = row.check;
	rc = local_submit(hilf, note_view, &view, err);
	if (rc)
		return rc;
	tell(&row, ret_preview);
	*ret_jpeg = jpeg;
	return 0;
}

/* ------------------------------------------------------------------------------------------ longer and shorter */

static int preserve(
	struct hilf *hilf, uint64_t entry, uint64_t check, int64_t until_ms, struct hilf_err *err)
{
	struct store_preview rows[VAULT_OWNER_MAX];
	size_t count = 0;
	int rc = store_preview_list(
		hilf->store, true, entry, check, rows, VAULT_OWNER_MAX, &count, err);
	for (size_t i = 0; i < count && !rc; i++)
		if (rows[i].until_ms < until_ms)
			rc = store_preview_until(hilf->store, rows[i].id, until_ms, err);
	return rc;
}

/* With which check the upload came in; 0: with none, or it is gone. */
static int check_of(struct hilf *hilf, uint64_t upload, uint64_t *ret_check, struct hilf_err *err)
{
	struct store_upload row;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_upload_get(hilf->store, true, upload, &arena, &row, err);
	*ret_check = rc ? 0 : row.check;
	arena_clear(&arena);
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

int vault_preserve(struct hilf *hilf, const uint64_t *uploads, size_t count, uint64_t entry,
	struct hilf_err *err)
{
	int64_t until_ms = clock_now_ms() + desk_setting(hilf, DESK_VAULT_PRESERVE_DAYS) * DAY_MS;
	int rc = entry ? preserve(hilf, entry, 0, until_ms, err) : 0;
	for (size_t i = 0; i < count && !rc; i++) {
		uint64_t check;
		rc = check_of(hilf, uploads[i], &check, err);
		if (!rc && check)
			rc = preserve(hilf, 0, check, until_ms, err);
	}
	return rc;
}
