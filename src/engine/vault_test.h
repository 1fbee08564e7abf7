/* A vault with something in it, for the tests of the vault: bytes to keep, and the calls that every one of them makes. */
#ifndef ENGINE_VAULT_TEST_H
#define ENGINE_VAULT_TEST_H

#include "base/check.h"
#include "engine/checks.h"
#include "engine/desk_settings.h"
#include "engine/place_test.h"
#include "engine/vault.h"
#include "engine/vault_parts.h"
#include "os/file.h"
#include "store/desk.h"

#include <ftw.h>

#define JPEG_SIZE 3000u
#define ACTOR     "user:abcdefghij"

static uint64_t seed = 5; /* each program's own */

/* Bytes that are nowhere else; of a JPEG they have the ends. */
static inline void fill(struct previews *previews, size_t count)
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

static inline void make_bank(struct place *place)
{
	must(hilf_bank_create(place->hilf, "b", HILF_BLOCK, 31, NULL, &place->err));
}

static inline void turn_on(struct place *place)
{
	make_bank(place);
	must(desk_setting_set(place->hilf, DESK_VAULT, 1, &place->err));
}

static inline uint64_t add_entry(struct place *place)
{
	struct hilf_signal signal = random_pdq(&seed);
	return add_one(place, "b", &signal);
}

static inline size_t listed(struct place *place, enum vault_owner owner, uint64_t number,
	struct vault_preview ret_previews[VAULT_OWNER_MAX])
{
	size_t count = 0;
	must(vault_list(place->hilf, false, owner, number, ret_previews, &count, &place->err));
	return count;
}

static inline uint64_t add_shown(struct place *place, struct previews *previews)
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

static inline int keep_job(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct keep *keep = ctx;
	return vault_keep(hilf, &keep->of, keep->previews, err);
}

static inline void keep_of_check(
	struct place *place, uint64_t entry, uint64_t check, const struct previews *previews)
{
	struct keep keep = {{VAULT_CHECK, entry, check}, previews};
	must(local_submit(place->hilf, keep_job, &keep, &place->err));
}

static inline int look(struct place *place, const char *id, uint64_t case_id, uint64_t entry,
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

static inline struct vault_state state_of(struct place *place)
{
	struct vault_state state;
	must(vault_state(place->hilf, &state, &place->err));
	return state;
}

/* ------------------------------------------------------------------------------------------ searching */

static const void *needle;
static size_t needle_size, found;

static inline int search_file(
	const char *path, const struct stat *status, int kind, struct FTW *where)
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
static inline size_t find_in(const char *dir, const void *bytes, size_t size)
{
	needle = bytes;
	needle_size = size;
	found = 0;
	assert_int_equal(nftw(dir, search_file, 16, FTW_PHYS), 0);
	return found;
}

/* A run of the sealed bytes of a preview, short enough to be on one page of the database. */
static inline void sealed_run(struct place *place, const char *id, uint8_t ret_run[200])
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

/* Without its texts. */
static inline int take_upload(const struct store_upload *upload, void *ctx)
{
	*(struct store_upload *)ctx = *upload;
	return 0;
}

/* A check of that signal under a content_id: the check's number is that of the upload in the case. */
static inline struct store_upload check_content(struct place *place,
	const struct hilf_signal *signal, const char *content_id, const struct previews *previews)
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

#endif
