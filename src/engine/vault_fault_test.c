/* When memory or the disk refuses, at every place in turn: a preview is kept whole or not at all, and none is ever shown whose
 * view was not recorded. What the preview belongs to goes on without it where the key alone is in the way. This program stands
 * before the allocator and before the calls with which SQLite and the key's file are written. */
#include "engine/desk_settings.h"
#include "engine/place_test.h"
#include "engine/vault.h"
#include "engine/vault_parts.h"
#include "test/failing_memory.h"

#include <sys/syscall.h>

#define FAULTS_MAX 600
#define ACTOR      "user:abcdefghij"

static bool disk_fails; /* every write of the database */

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
	__attribute__((visibility("default")));

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
	if (disk_fails) {
		errno = ENOSPC;
		return -1;
	}
	return (ssize_t)syscall(SYS_pwrite64, fd, bytes, size, at);
}

struct trial {
	struct place *place;
	uint64_t entry;
	char number[32];
	struct previews previews;
	uint8_t bytes[2][500];
	bool shown; /* by the last try */
};

static void fill(struct trial *trial)
{
	memset(trial->bytes, 0x5a, sizeof trial->bytes);
	trial->previews.count = 2;
	for (size_t i = 0; i < 2; i++)
		trial->previews.items[i] =
			(struct preview){PREVIEW_PAGE, 10, 10, 500, trial->bytes[i]};
}

static void begin(struct trial *trial, struct place *place)
{
	uint64_t seed = 3;
	struct hilf_signal signal = random_pdq(&seed);
	*trial = (struct trial){.place = place};
	fill(trial);
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	must(desk_setting_set(place->hilf, DESK_VAULT, 1, &place->err));
	trial->entry = add_one(place, "b", &signal);
	snprintf(trial->number, sizeof trial->number, "%llu", (unsigned long long)trial->entry);
	must(vault_keep_entry(place->hilf, trial->entry, &trial->previews, &place->err));
}

struct census {
	uint64_t count, size, views, reveals;
	char first[VAULT_ID_TEXT];
};

static struct census take_census(const struct trial *trial)
{
	struct place *place = trial->place;
	struct vault_preview list[VAULT_OWNER_MAX];
	struct exposure today, week;
	struct vault_state state;
	struct census census;
	size_t count;
	memset(&census, 0, sizeof census);
	must(vault_state(place->hilf, &state, &place->err));
	must(exposure_own(place->hilf, ACTOR, &today, &week, &place->err));
	must(vault_list(place->hilf, false, VAULT_ENTRY, trial->entry, list, &count, &place->err));
	census.count = state.count;
	census.size = state.size;
	census.views = state.view_count;
	census.reveals = today.reveals;
	if (count)
		strcpy(census.first, list[0].id);
	return census;
}

/* ------------------------------------------------------------------------------------------ what is tried */

static int try_keep(struct trial *trial, struct hilf_err *err)
{
	return vault_keep_entry(trial->place->hilf, trial->entry, &trial->previews, err);
}

static int try_view(struct trial *trial, struct hilf_err *err)
{
	struct vault_preview list[VAULT_OWNER_MAX], seen;
	const uint8_t *jpeg = NULL;
	struct arena arena;
	size_t count = 0;
	trial->shown = false;
	int rc =
		vault_list(trial->place->hilf, false, VAULT_ENTRY, trial->entry, list, &count, err);
	if (rc)
		return rc;
	if (!count) /* the key could not be read */
		return HILF_E_NO_MEMORY;
	const struct vault_look look = {list[0].id, strlen(list[0].id), ACTOR, 7, trial->entry};
	arena_init(&arena, 0);
	rc = vault_view(trial->place->hilf, &look, &arena, &seen, &jpeg, err);
	trial->shown = jpeg != NULL;
	assert_true(trial->shown == !rc);
	arena_clear(&arena);
	return rc;
}

static int try_expose(struct trial *trial, struct hilf_err *err)
{
	return exposure_add(trial->place->hilf, ACTOR, 3, err);
}

static int try_state(struct trial *trial, struct hilf_err *err)
{
	struct vault_state state;
	return vault_state(trial->place->hilf, &state, err);
}

static int try_sweep(struct trial *trial, struct hilf_err *err)
{
	bool more;
	return vault_sweep(trial->place->hilf, 10, &more, err);
}

static int try_withdraw(struct trial *trial, struct hilf_err *err)
{
	return hilf_withdraw(trial->place->hilf, trial->number, "error", err);
}

/* ------------------------------------------------------------------------------------------ how */

typedef int try_fn(struct trial *trial, struct hilf_err *err);

static void fail_each_allocation(struct trial *trial, try_fn *fn)
{
	unsigned durable = 0;
	for (long nth = 0;; nth++) {
		struct hilf_err err = {0};
		struct census before = take_census(trial);
		assert_true(nth < FAULTS_MAX);
		before_fault(nth, false);
		int rc = fn(trial, &err);
		bool hit = after_fault();
		struct census after = take_census(trial);
		if (!hit && rc)
			fail_msg("without a fault: %s", err.text);
		assert_int_equal(after.views, before.views + trial->shown);
		assert_int_equal(after.count, 2); /* replaced as a whole, or as it was */
		if (!hit || (!rc && ++durable == 40))
			break;
		if (rc) {
			assert_int_equal(rc, HILF_E_NO_MEMORY);
			assert_memory_equal(&before, &after, sizeof before);
		}
	}
}

static void fail_the_disk(struct trial *trial, try_fn *fn)
{
	struct hilf_err err = {0};
	struct census before = take_census(trial);
	disk_fails = true;
	int rc = fn(trial, &err);
	disk_fails = false;
	assert_int_equal(rc, HILF_E_IO);
	assert_non_null(strstr(err.text, "full"));
	struct census after = take_census(trial);
	assert_memory_equal(&before, &after, sizeof before);
	if (fn(trial, &err))
		fail_msg("with room again: %s", err.text);
}

#define FAULTS(name)                                                                               \
	static void memory_##name(void **state)                                                    \
	{                                                                                          \
		struct trial trial;                                                                \
		begin(&trial, *state);                                                             \
		fail_each_allocation(&trial, try_##name);                                          \
	}
#define DISK(name)                                                                                 \
	static void disk_##name(void **state)                                                      \
	{                                                                                          \
		struct trial trial;                                                                \
		begin(&trial, *state);                                                             \
		fail_the_disk(&trial, try_##name);                                                 \
	}

FAULTS(keep)
FAULTS(view)
FAULTS(expose)
FAULTS(state)
FAULTS(sweep)
DISK(keep)
DISK(view)
DISK(expose)
DISK(withdraw)

/* Withdrawn and gone together, or neither. */
static void memory_withdraw(void **state)
{
	struct trial trial;
	begin(&trial, *state);
	for (long nth = 0;; nth++) {
		struct hilf_err err = {0};
		struct census before = take_census(&trial);
		assert_true(nth < FAULTS_MAX);
		before_fault(nth, false);
		int rc = try_withdraw(&trial, &err);
		after_fault();
		struct census after = take_census(&trial);
		if (!rc) {
			assert_int_equal(after.count, 0);
			break;
		}
		assert_int_equal(rc, HILF_E_NO_MEMORY);
		assert_memory_equal(&before, &after, sizeof before);
	}
}

static int set_up_faults(void **state)
{
	return set_up(state);
}

static int tear_down_faults(void **state)
{
	(void)after_fault();
	disk_fails = false;
	return tear_down(state);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_faults, tear_down_faults)
	const struct CMUnitTest tests[] = {
		TEST(memory_keep),
		TEST(memory_view),
		TEST(memory_expose),
		TEST(memory_state),
		TEST(memory_sweep),
		TEST(memory_withdraw),
		TEST(disk_keep),
		TEST(disk_view),
		TEST(disk_expose),
		TEST(disk_withdraw),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
