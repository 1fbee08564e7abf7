/* What the vault keeps and shows: nothing while it is off; never without a recorded view; sealed, with a key that is in no copy. */
#include "engine/vault_test.h"

#include "base/hex.h"

#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
