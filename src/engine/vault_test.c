/* What the vault keeps, shows and forgets: nothing while it is off; never without a recorded view; and of what is gone, not
 * a byte in any file of the folder, sealed or not. */
#include "engine/vault.h"

#include "base/check.h"
#include "base/hex.h"
#include "engine/checks.h"
#include "engine/desk_settings.h"
#include "engine/place_test.h"
#include "engine/vault_parts.h"
#include "os/clock.h"
#include "os/file.h"
#include "store/desk.h"

#include <ftw.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define JPEG_SIZE 3000u
#define ACTOR     "user:abcdefghij"

static uint64_t seed = 5;

/* Bytes that are nowhere else; of a JPEG they have the ends. */
static void fill(struct previews *previews, size_t count)
{
	previews->count = count;
	for (size_t i = 0; i < count; i++) {
		struct preview *preview = &previews->items[i];
		*preview = (struct preview){.kind = i ? PREVIEW_REGION : PREVIEW_PAGE,
			.width = 320,
			.height = 200,
			.size = JPEG_SIZE,
			.jpeg = malloc(JPEG_SIZE)};
		for (size_t j = 0; j < JPEG_SIZE; j++)
			preview->jpeg[j] = (uint8_t)next_random(&seed);
	}
}

static void make_bank(struct place *place)
{
	must(hilf_bank_create(place->hilf, "b", HILF_BLOCK, 31, NULL, &place->err));
}

static void turn_on(struct place *place)
{
	make_bank(place);
	must(desk_setting_set(place->hilf, DESK_VAULT, 1, &place->err));
}

static uint64_t add_entry(struct place *place)
{
	struct hilf_signal signal = random_pdq(&seed);
	return add_one(place, "b", &signal);
}

static size_t listed(struct place *place, enum vault_owner owner, uint64_t number,
	struct vault_preview ret_previews[VAULT_OWNER_MAX])
{
	size_t count = 0;
	must(vault_list(place->hilf, false, owner, number, ret_previews, &count, &place->err));
	return count;
}

static uint64_t add_shown(struct place *place, struct previews *previews)
{
	uint64_t entry = add_entry(place);
	fill(previews, 1);
	must(vault_keep_entry(place->hilf, entry, previews, &place->err));
	return entry;
}

struct keep {
	struct vault_of of;
	const struct previews *previews;
};

static int keep_job(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct keep *keep = ctx;
	return vault_keep(hilf, &keep->of, keep->previews, err);
}

static void keep_of_check(
	struct place *place, uint64_t entry, uint64_t check, const struct previews *previews)
{
	struct keep keep = {{VAULT_CHECK, entry, check}, previews};
	must(local_submit(place->hilf, keep_job, &keep, &place->err));
}

static int look(struct place *place, const char *id, uint64_t case_id, uint64_t entry,
	const struct previews *previews)
{
	const struct vault_look looking = {id, strlen(id), ACTOR, case_id, entry};
	struct vault_preview preview;
	const uint8_t *jpeg = NULL;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = vault_view(place->hilf, &looking, &arena, &preview, &jpeg, &place->err);
	if (!rc) {
		assert_string_equal(preview.id, id);
		assert_int_equal(preview.size, JPEG_SIZE);
		assert_memory_equal(jpeg, previews->items[0].jpeg, JPEG_SIZE);
	}
	arena_clear(&arena);
	return rc;
}

static struct vault_state state_of(struct place *place)
{
	struct vault_state state;
	must(vault_state(place->hilf, &state, &place->err));
	return state;
}

/* ------------------------------------------------------------------------------------------ searching */

static const void *needle;
static size_t needle_size, found;

static int search_file(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	struct buf buf = BUF_INIT;
	(void)where;
	if (kind != FTW_F || !status->st_size)
		return 0;
	assert_int_equal(file_read(path, 256u << 20, &buf, NULL), 0);
	found += memmem(buf.data, buf.size, needle, needle_size) != NULL;
	buf_free(&buf);
	return 0;
}

/* In how many files of the folder the bytes are. */
static size_t find_in(const char *dir, const void *bytes, size_t size)
{
	needle = bytes;
	needle_size = size;
	found = 0;
	assert_int_equal(nftw(dir, search_file, 16, FTW_PHYS), 0);
	return found;
}

/* A run of the sealed bytes of a preview, short enough to be on one page of the database. */
static void sealed_run(struct place *place, const char *id, uint8_t ret_run[200])
{
	struct store_preview row;
	struct arena arena;
	uint8_t uuid[UUID_SIZE];
	arena_init(&arena, 0);
	assert_true(uuid_parse(id, strlen(id), uuid));
	must(store_preview_get(place->hilf->store, false, uuid, &arena, &row, &place->err));
	memcpy(ret_run, row.sealed + 100, 200);
	arena_clear(&arena);
	assert_true(find_in(place->dir, ret_run, 200) > 0);
}

/* ------------------------------------------------------------------------------------------ keeping and looking */

static void nothing_is_kept_unless_somebody_turns_it_on(void **state)
{
	struct place *place = *state;
	struct previews previews;
	struct vault_preview list[VAULT_OWNER_MAX];
	char path[300];
	make_bank(place);
	uint64_t entry = add_shown(place, &previews);
	assert_false(vault_is_on(place->hilf));
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 0);
	snprintf(path, sizeof path, "%s/vault.key", place->dir);
	assert_int_not_equal(access(path, F_OK), 0);
	struct vault_state now = state_of(place);
	assert_false(now.on || now.has_key || now.count || *now.why);
	previews_clear(&previews);
}

static int take_view(const struct vault_looked *looked, void *ctx)
{
	assert_string_equal(looked->actor, ACTOR);
	assert_true(looked->entry && !looked->check && looked->time_ms);
	*(uint64_t *)ctx = *(uint64_t *)ctx * 10 + looked->case_id;
	return 0;
}

static void what_is_kept_can_be_looked_at_and_each_view_is_recorded(void **state)
{
	struct place *place = *state;
	struct previews previews, again;
	struct vault_preview list[VAULT_OWNER_MAX];
	bool viewed = true, has = false;
	turn_on(place);
	uint64_t entry = add_shown(place, &previews);
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 1);
	assert_int_equal(list[0].width, 320);
	assert_string_equal(preview_kind_name(list[0].kind), "page");
	assert_int_equal(list[0].until_ms - list[0].made_ms, 30ll * 24 * 3600 * 1000);
	must(vault_has_entry(place->hilf, false, entry, &has, &place->err));
	must(vault_viewed(place->hilf, false, entry, ACTOR, &viewed, &place->err));
	assert_true(has && !viewed);
	assert_int_equal(look(place, list[0].id, 7, entry, &previews), 0);
	must(vault_viewed(place->hilf, false, entry, ACTOR, &viewed, &place->err));
	assert_true(viewed);
	must(vault_viewed(place->hilf, false, entry, "user:other", &viewed, &place->err));
	assert_false(viewed);
	assert_int_equal(look(place, list[0].id, 8, entry, &previews), 0);
	uint64_t cases = 0;
	must(vault_views(place->hilf, 0, 0, 10, take_view, &cases, &place->err));
	assert_int_equal(cases, 87); /* the newest first */
	cases = 0;
	must(vault_views(place->hilf, 7, 0, 10, take_view, &cases, &place->err));
	assert_int_equal(cases, 7);
	/* It survives a restart, and keeping anew replaces. */
	reopen(place);
	assert_int_equal(look(place, list[0].id, 7, entry, &previews), 0);
	char old[VAULT_ID_TEXT];
	strcpy(old, list[0].id);
	fill(&again, 1);
	must(vault_keep_entry(place->hilf, entry, &again, &place->err));
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 1);
	assert_string_not_equal(list[0].id, old);
	assert_int_equal(look(place, old, 7, entry, &previews), HILF_E_NOT_FOUND);
	assert_int_equal(look(place, list[0].id, 7, entry, &again), 0);
	previews_clear(&previews);
	previews_clear(&again);
}

/* Without its texts. */
static int take_upload(const struct store_upload *upload, void *ctx)
{
	*(struct store_upload *)ctx = *upload;
	return 0;
}

/* A check of that signal under a content_id: the check's number is that of the upload in the case. */
static struct store_upload check_content(struct place *place, const struct hilf_signal *signal,
	const char *content_id, const struct previews *previews)
{
	struct check_context context = {
		.content_id = content_id, .actor = "key:test", .previews = previews};
	struct check_decision decision;
	struct store_upload upload = {.id = 0};
	struct arena arena;
	arena_init(&arena, 0);
	struct hilf_check check = match_one(place, NULL, signal);
	must(check_record(place->hilf, &context, &check, &arena, &decision, &place->err));
	hilf_check_free(&check);
	must(store_upload_of_content(
		place->hilf->store, false, content_id, 1, take_upload, &upload, &place->err));
	arena_clear(&arena);
	return upload;
}

static void a_preview_is_shown_for_its_own_case_alone(void **state)
{
	struct place *place = *state;
	struct previews own, one, two;
	struct vault_preview list[VAULT_OWNER_MAX];
	struct hilf_signal signals[2] = {random_pdq(&seed), random_pdq(&seed)};
	bool viewed = true;
	turn_on(place);
	must(hilf_bank_set(place->hilf, "b",
		&(struct hilf_bank_change){.set_mode = true, .mode = HILF_REVIEW}, NULL,
		&place->err));
	uint64_t entry = add_one(place, "b", &signals[0]), other = add_one(place, "b", &signals[1]);
	fill(&own, 1);
	fill(&one, 1);
	fill(&two, 1);
	must(vault_keep_entry(place->hilf, entry, &own, &place->err));
	struct store_upload first = check_content(place, &signals[0], "post-1", &one);
	struct store_upload second = check_content(place, &signals[1], "post-2", &two);
	assert_true(first.check && second.check && first.case_id != second.case_id);
	/* The entry's copy, in cases about the entry. */
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 1);
	assert_int_equal(look(place, list[0].id, first.case_id, entry, &own), 0);
	assert_int_equal(look(place, list[0].id, second.case_id, other, &own), HILF_E_DENIED);
	assert_int_equal(look(place, list[0].id, second.case_id, 0, &own), HILF_E_DENIED);
	/* What came in, in the case of its upload. */
	assert_int_equal(listed(place, VAULT_CHECK, first.check, list), 1);
	assert_int_equal(look(place, list[0].id, second.case_id, entry, &one), HILF_E_DENIED);
	assert_int_equal(look(place, list[0].id, 999, entry, &one), HILF_E_DENIED);
	assert_int_equal(look(place, list[0].id, first.case_id, 0, &one), 0);
	assert_int_equal(listed(place, VAULT_CHECK, 0, list), 0);
	assert_int_equal(state_of(place).view_count, 2);
	/* A view of what came in is none of the entry. */
	must(vault_viewed(place->hilf, false, other, ACTOR, &viewed, &place->err));
	assert_false(viewed);
	static const char *const bad[] = {"", "x", "0190a000-0000-7000-8000-00000000000g",
		"0190a000-0000-7000-8000-000000000000"};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(look(place, bad[i], first.case_id, entry, &one), HILF_E_NOT_FOUND);
	previews_clear(&own);
	previews_clear(&one);
	previews_clear(&two);
}

static void a_seal_is_bound_to_what_is_said_of_the_preview(void **state)
{
	(void)state;
	struct vault_key key = {.name = {1}}, wrong = {.name = {1}};
	uint8_t jpeg[64] = {0xff, 0xd8}, back[64];
	randombytes_buf(key.key, sizeof key.key);
	struct store_preview row = {
		.id = {1}, .entry = 2, .kind = 1, .width = 3, .height = 4, .size = sizeof jpeg};
	assert_int_equal(vault_seal(&key, &row, jpeg, NULL), 0);
	struct store_preview twin = row, bad;
	assert_int_equal(vault_seal(&key, &twin, jpeg, NULL), 0);
	assert_memory_not_equal(row.nonce, twin.nonce, sizeof row.nonce);
	assert_int_equal(vault_open(&key, &row, back, NULL), 0);
	assert_memory_equal(back, jpeg, sizeof jpeg);
	assert_int_equal(vault_open(&wrong, &row, back, NULL), HILF_E_CORRUPT);
#define CHANGED(change)                                                                            \
	bad = row;                                                                                 \
	bad.change;                                                                                \
	assert_int_equal(vault_open(&key, &bad, back, NULL), HILF_E_CORRUPT)
	CHANGED(id[15]++);
	CHANGED(entry++);
	CHANGED(check++);
	CHANGED(kind++);
	CHANGED(width++);
	CHANGED(height++);
	CHANGED(size--);
	CHANGED(nonce[0]++);
	CHANGED(sealed = twin.sealed);
	CHANGED(sealed_size--);
#undef CHANGED
	free((void *)row.sealed);
	free((void *)twin.sealed);
}

static void the_folder_holds_no_picture_and_a_backup_no_key(void **state)
{
	struct place *place = *state;
	struct previews previews;
	struct vault_key key;
	struct stat status;
	char path[300], backup[300], hex[2 * VAULT_KEY_SIZE + 1];
	turn_on(place);
	add_shown(place, &previews);
	snprintf(path, sizeof path, "%s/vault.key", place->dir);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	must(vault_key_load(place->hilf, false, &key, &place->err));
	hex_encode(key.key, sizeof key.key, hex);
	assert_int_equal(find_in(place->dir, previews.items[0].jpeg + 50, 64), 0);
	assert_int_equal(find_in(place->dir, hex, 64), 1); /* its own file */
	assert_int_equal(find_in(place->dir, key.key, sizeof key.key), 0);
	snprintf(backup, sizeof backup, "%s-backup", place->dir);
	must(hilf_backup(place->hilf, backup, &place->err));
	assert_int_equal(find_in(backup, hex, 64), 0);
	assert_int_equal(find_in(backup, key.key, sizeof key.key), 0);
	assert_int_equal(find_in(backup, previews.items[0].jpeg + 50, 64), 0);
	folder_remove(backup);
	previews_clear(&previews);
}

static void without_its_key_a_preview_is_locked_and_told(void **state)
{
	struct place *place = *state;
	struct previews previews, later;
	struct vault_preview list[VAULT_OWNER_MAX];
	char path[300], aside[300], id[VAULT_ID_TEXT];
	turn_on(place);
	uint64_t entry = add_shown(place, &previews);
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 1);
	strcpy(id, list[0].id);
	snprintf(path, sizeof path, "%s/vault.key", place->dir);
	snprintf(aside, sizeof aside, "%s/aside.key", place->dir);
	assert_int_equal(rename(path, aside), 0);
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 0);
	assert_int_equal(look(place, id, 7, entry, &previews), HILF_E_UNSUPPORTED);
	struct vault_state now = state_of(place);
	assert_false(now.has_key);
	assert_int_equal(now.locked_count, 1);
	assert_non_null(strstr(now.why, "vault.key"));
	/* A new key is made for what comes; the old previews stay locked. */
	uint64_t second = add_shown(place, &later);
	assert_int_equal(listed(place, VAULT_ENTRY, second, list), 1);
	assert_int_equal(look(place, id, 7, entry, &previews), HILF_E_UNSUPPORTED);
	now = state_of(place);
	assert_true(now.has_key);
	assert_int_equal(now.count, 2);
	assert_int_equal(now.locked_count, 1);
	/* With the right key back they open again, without a restart. */
	assert_int_equal(rename(aside, path), 0);
	assert_int_equal(look(place, id, 7, entry, &previews), 0);
	previews_clear(&previews);
	previews_clear(&later);
}

static void a_key_that_cannot_be_used_keeps_nothing_and_says_so(void **state)
{
	struct place *place = *state;
	struct previews previews;
	struct vault_preview list[VAULT_OWNER_MAX];
	char path[300];
	turn_on(place);
	snprintf(path, sizeof path, "%s/vault.key", place->dir);
	must(file_write(path, "hilf-vault-1 nonsense\n", 22, 0600, &place->err));
	uint64_t entry = add_shown(place, &previews);
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 0);
	assert_non_null(strstr(state_of(place).why, "damaged"));
	previews_clear(&previews);
	assert_int_equal(unlink(path), 0);
	entry = add_shown(place, &previews);
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 1);
	assert_string_equal(state_of(place).why, "");
	previews_clear(&previews);
	assert_int_equal(chmod(path, 0644), 0);
	entry = add_shown(place, &previews);
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 0);
	assert_non_null(strstr(state_of(place).why, "0644"));
	previews_clear(&previews);
}

/* ------------------------------------------------------------------------------------------ forgetting */

static void a_withdrawn_entry_leaves_no_preview(void **state)
{
	struct place *place = *state;
	struct previews previews, other;
	struct vault_preview list[VAULT_OWNER_MAX];
	uint8_t run[200];
	char name[32];
	turn_on(place);
	uint64_t entry = add_shown(place, &previews);
	fill(&other, 1);
	keep_of_check(place, entry, 11, &other);
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 1);
	sealed_run(place, list[0].id, run);
	snprintf(name, sizeof name, "%llu", (unsigned long long)entry);
	must(hilf_withdraw(place->hilf, name, "error", &place->err));
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 0);
	assert_int_equal(find_in(place->dir, run, sizeof run), 0);
	/* What came in is evidence of its own. */
	assert_int_equal(listed(place, VAULT_CHECK, 11, list), 1);
	/* Nothing is kept of it any more. */
	must(vault_keep_entry(place->hilf, entry, &previews, &place->err));
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 0);
	previews_clear(&previews);
	previews_clear(&other);
}

static void an_erased_entry_takes_all_previews_with_it(void **state)
{
	struct place *place = *state;
	struct previews previews, other;
	struct vault_preview list[VAULT_OWNER_MAX];
	uint8_t own[200], upload[200];
	uint64_t count;
	char name[32];
	turn_on(place);
	uint64_t entry = add_shown(place, &previews);
	fill(&other, 1);
	keep_of_check(place, entry, 11, &other);
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 1);
	sealed_run(place, list[0].id, own);
	assert_int_equal(listed(place, VAULT_CHECK, 11, list), 1);
	sealed_run(place, list[0].id, upload);
	snprintf(name, sizeof name, "%llu", (unsigned long long)entry);
	must(hilf_entry_erase(place->hilf, name, "error", &count, &place->err));
	assert_int_equal(listed(place, VAULT_CHECK, 11, list), 0);
	assert_int_equal(find_in(place->dir, own, sizeof own), 0);
	assert_int_equal(find_in(place->dir, upload, sizeof upload), 0);
	previews_clear(&previews);
	previews_clear(&other);
}

/* Entries of one record: when one is erased, the others get other numbers, and keep their copies. */
static void what_is_not_erased_keeps_its_copy(void **state)
{
	struct place *place = *state;
	struct hilf_signal signals[2] = {random_pdq(&seed), random_pdq(&seed)};
	const struct hilf_new_entry entries[2] = {
		{&signals[0], 1, NULL, 0}, {&signals[1], 1, NULL, 0}};
	struct hilf_add_result results[2];
	struct previews previews;
	struct vault_preview list[VAULT_OWNER_MAX];
	uint64_t count;
	char name[32];
	turn_on(place);
	must(hilf_add(place->hilf, "b", NULL, entries, 2, results, &place->err));
	fill(&previews, 1);
	must(vault_keep_entry(place->hilf, results[1].entry, &previews, &place->err));
	assert_int_equal(listed(place, VAULT_ENTRY, results[1].entry, list), 1);
	assert_int_equal(look(place, list[0].id, 7, results[1].entry, &previews), 0);
	snprintf(name, sizeof name, "%llu", (unsigned long long)results[0].entry);
	must(hilf_entry_erase(place->hilf, name, "error", &count, &place->err));
	assert_int_equal(listed(place, VAULT_ENTRY, results[1].entry, list), 0);
	uint64_t moved = 0;
	struct hilf_check check = match_one(place, NULL, &signals[1]);
	assert_int_equal(check.match_count, 1);
	moved = check.matches[0].entry;
	hilf_check_free(&check);
	assert_int_not_equal(moved, results[1].entry);
	assert_int_equal(listed(place, VAULT_ENTRY, moved, list), 1);
	bool viewed = false;
	must(vault_viewed(place->hilf, false, moved, ACTOR, &viewed, &place->err));
	assert_true(viewed);
	assert_int_equal(look(place, list[0].id, 7, moved, &previews), 0);
	previews_clear(&previews);
}

static void a_bank_that_goes_takes_its_previews(void **state)
{
	struct place *place = *state;
	struct previews previews;
	struct vault_preview list[VAULT_OWNER_MAX];
	turn_on(place);
	uint64_t entry = add_shown(place, &previews);
	must(hilf_bank_remove(place->hilf, "b", &place->err));
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 0);
	assert_int_equal(state_of(place).count, 0);
	previews_clear(&previews);
}

struct until {
	uint8_t id[UUID_SIZE];
	int64_t ms;
};

static int until_job(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct until *until = ctx;
	return store_preview_until(hilf->store, until->id, until->ms, err);
}

static void set_until(struct place *place, const char *id, int64_t ms)
{
	struct until until = {.ms = ms};
	assert_true(uuid_parse(id, strlen(id), until.id));
	must(local_submit(place->hilf, until_job, &until, &place->err));
}

static int preserve_job(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const uint64_t *upload = ctx, uploads[] = {*upload, 999};
	return vault_preserve(hilf, uploads, 2, 0, err);
}

static void what_is_past_its_time_goes_and_what_is_preserved_stays(void **state)
{
	struct place *place = *state;
	struct previews previews, other;
	struct vault_preview list[VAULT_OWNER_MAX];
	struct hilf_signal signal = random_pdq(&seed);
	bool more = true;
	turn_on(place);
	must(hilf_bank_set(place->hilf, "b",
		&(struct hilf_bank_change){.set_mode = true, .mode = HILF_REVIEW}, NULL,
		&place->err));
	uint64_t entry = add_one(place, "b", &signal);
	fill(&previews, 1);
	must(vault_keep_entry(place->hilf, entry, &previews, &place->err));
	fill(&other, 2);
	struct store_upload upload = check_content(place, &signal, "post-1", &other);
	must(local_submit(place->hilf, preserve_job, &upload.id, &place->err));
	assert_int_equal(listed(place, VAULT_CHECK, upload.check, list), 2);
	assert_true(list[0].until_ms - list[0].made_ms >= 183ll * 24 * 3600 * 1000);
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 1);
	set_until(place, list[0].id, clock_now_ms() - 1);
	/* It is over at once, also before somebody sweeps. */
	assert_int_equal(look(place, list[0].id, 7, entry, &previews), HILF_E_NOT_FOUND);
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 0);
	assert_int_equal(state_of(place).count, 3);
	must(vault_sweep(place->hilf, 100, &more, &place->err));
	assert_false(more);
	assert_int_equal(state_of(place).count, 2);
	previews_clear(&previews);
	previews_clear(&other);
}

/* As a follower learns of a withdrawal: without the job that ends previews. */
static void the_sweep_finds_what_ended_elsewhere(void **state)
{
	struct place *place = *state;
	struct previews previews;
	bool more;
	char name[32];
	turn_on(place);
	uint64_t entry = add_shown(place, &previews);
	must(vault_sweep(place->hilf, 100, &more, &place->err));
	assert_int_equal(state_of(place).count, 1);
	snprintf(name, sizeof name, "%llu", (unsigned long long)entry);
	must(hilf_withdraw(place->hilf, name, "error", &place->err));
	struct keep keep = {{.owner = VAULT_ENTRY, .entry = entry}, &previews};
	must(local_submit(place->hilf, keep_job, &keep, &place->err));
	assert_int_equal(state_of(place).count, 1);
	must(vault_sweep(place->hilf, 100, &more, &place->err));
	assert_int_equal(state_of(place).count, 0);
	previews_clear(&previews);
}

/* ------------------------------------------------------------------------------------------ damage */

static size_t told;

static int take_told(const char *id, const char *why, void *ctx)
{
	(void)ctx;
	assert_int_equal(strlen(id), 36);
	assert_non_null(strstr(why, "damaged"));
	told++;
	return 0;
}

static int take_finding(const char *level, const char *what, const char *text, void *ctx)
{
	(void)ctx;
	if (strcmp(level, "problem") != 0 && strcmp(level, "mended") != 0)
		return 0;
	assert_string_equal(what, "preview");
	assert_non_null(strstr(text, "seal"));
	found++;
	return 0;
}

static int swap_job(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct store_preview row;
	const struct until *which = ctx;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_preview_get(hilf->store, true, which->id, &arena, &row, err);
	if (!rc)
		rc = store_preview_remove(hilf->store, which->id, err);
	row.width--;
	if (!rc)
		rc = store_preview_add(hilf->store, &row, err);
	arena_clear(&arena);
	return rc;
}

static void a_seal_that_does_not_open_is_told(void **state)
{
	struct place *place = *state;
	struct previews previews;
	struct vault_preview list[VAULT_OWNER_MAX];
	struct until which;
	uint64_t count = 0;
	turn_on(place);
	uint64_t entry = add_shown(place, &previews);
	assert_int_equal(listed(place, VAULT_ENTRY, entry, list), 1);
	told = 0;
	must(vault_check(place->hilf, false, take_told, NULL, &count, &place->err));
	assert_true(count == 1 && !told);
	assert_true(uuid_parse(list[0].id, 36, which.id));
	must(local_submit(place->hilf, swap_job, &which, &place->err));
	assert_int_equal(look(place, list[0].id, 7, entry, &previews), HILF_E_CORRUPT);
	must(vault_check(place->hilf, false, take_told, NULL, &count, &place->err));
	assert_int_equal(told, 1);
	assert_int_equal(state_of(place).view_count, 0);
	previews_clear(&previews);
	/* As fsck has it: found, then removed, then all is well. */
	const struct hilf_options options = {.abi = HILF_ABI, .data_dir = place->dir};
	uint64_t problems = 0;
	found = 0;
	must(hilf_fsck(&options, true, take_finding, NULL, &problems, &place->err));
	assert_true(problems == 1 && found == 1);
	must(hilf_fsck(&options, false, take_finding, NULL, &problems, &place->err));
	assert_true(!problems && found == 2);
	must(hilf_fsck(&options, true, take_finding, NULL, &problems, &place->err));
	assert_true(!problems && found == 2);
	assert_int_equal(state_of(place).count, 0);
}

/* ------------------------------------------------------------------------------------------ exposure */

struct days {
	int64_t day;
	unsigned people;
};

static int expose_job(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct days *days = ctx;
	int rc = 0;
	for (unsigned i = 0; i < days->people && !rc; i++) {
		char actor[24];
		snprintf(actor, sizeof actor, "user:%u", i);
		rc = store_exposure_add(hilf->store, actor, days->day, 2, 30, err);
	}
	return rc;
}

static void exposure_is_ones_own(void **state)
{
	struct place *place = *state;
	struct exposure today, week;
	must(exposure_own(place->hilf, ACTOR, &today, &week, &place->err));
	assert_true(!today.reveals && !week.seconds);
	must(exposure_add(place->hilf, ACTOR, 12, &place->err));
	must(exposure_add(place->hilf, ACTOR, 100000, &place->err));
	must(exposure_add(place->hilf, "user:other", 5, &place->err));
	struct days before = {clock_now_ms() / 86400000 - 6, 1};
	must(local_submit(place->hilf, expose_job, &before, &place->err));
	must(exposure_own(place->hilf, ACTOR, &today, &week, &place->err));
	assert_int_equal(today.reveals, 2);
	assert_int_equal(today.seconds, 12 + EXPOSURE_REVEAL_MAX);
	assert_int_equal(week.reveals, 2);
	must(exposure_own(place->hilf, "user:0", &today, &week, &place->err));
	assert_int_equal(today.reveals, 0);
	assert_int_equal(week.reveals, 2);
}

static void a_group_is_five_people_or_more(void **state)
{
	struct place *place = *state;
	struct exposure_group group;
	must(exposure_group(place->hilf, &group, &place->err));
	assert_int_equal(group.people, 0);
	assert_int_equal(group.to_ms - group.from_ms, 7ll * 86400 * 1000);
	assert_int_equal((group.from_ms / 86400000 + 3) % 7, 0); /* a Monday */
	assert_true(group.to_ms <= clock_now_ms());
	struct days first = {group.from_ms / 86400000, 4}, last = {group.to_ms / 86400000 - 1, 4},
		    after = {group.to_ms / 86400000, 9};
	must(local_submit(place->hilf, expose_job, &first, &place->err));
	must(local_submit(place->hilf, expose_job, &last, &place->err));
	must(local_submit(place->hilf, expose_job, &after, &place->err));
	must(exposure_group(place->hilf, &group, &place->err));
	assert_true(!group.people && !group.sum.reveals && !group.sum.seconds);
	last.people = 5;
	must(local_submit(place->hilf, expose_job, &last, &place->err));
	must(exposure_group(place->hilf, &group, &place->err));
	assert_int_equal(group.people, 5);
	assert_int_equal(group.sum.reveals, 2 * 4 + 2 * 4 + 2 * 5);
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		IN_PLACE(nothing_is_kept_unless_somebody_turns_it_on),
		IN_PLACE(what_is_kept_can_be_looked_at_and_each_view_is_recorded),
		IN_PLACE(a_preview_is_shown_for_its_own_case_alone),
		cmocka_unit_test(a_seal_is_bound_to_what_is_said_of_the_preview),
		IN_PLACE(the_folder_holds_no_picture_and_a_backup_no_key),
		IN_PLACE(without_its_key_a_preview_is_locked_and_told),
		IN_PLACE(a_key_that_cannot_be_used_keeps_nothing_and_says_so),
		IN_PLACE(a_withdrawn_entry_leaves_no_preview),
		IN_PLACE(an_erased_entry_takes_all_previews_with_it),
		IN_PLACE(what_is_not_erased_keeps_its_copy),
		IN_PLACE(a_bank_that_goes_takes_its_previews),
		IN_PLACE(what_is_past_its_time_goes_and_what_is_preserved_stays),
		IN_PLACE(the_sweep_finds_what_ended_elsewhere),
		IN_PLACE(a_seal_that_does_not_open_is_told),
		IN_PLACE(exposure_is_ones_own),
		IN_PLACE(a_group_is_five_people_or_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
