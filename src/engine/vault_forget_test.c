/* What the vault forgets, and of what is gone not a byte is in any file of the folder, sealed or not; and what damage does to it. */
#include "engine/vault_test.h"

#include "os/clock.h"

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

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		IN_PLACE(a_withdrawn_entry_leaves_no_preview),
		IN_PLACE(an_erased_entry_takes_all_previews_with_it),
		IN_PLACE(what_is_not_erased_keeps_its_copy),
		IN_PLACE(a_bank_that_goes_takes_its_previews),
		IN_PLACE(what_is_past_its_time_goes_and_what_is_preserved_stays),
		IN_PLACE(the_sweep_finds_what_ended_elsewhere),
		IN_PLACE(a_seal_that_does_not_open_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
