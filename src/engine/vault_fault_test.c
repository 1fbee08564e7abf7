/* When memory or the disk refuses, at every place in turn: a preview is kept whole or not at all, and none is ever shown whose
 * view was not recorded. What the preview belongs to goes on without it where the key alone is in the way. This program stands
 * before the allocator and before the calls with which SQLite and the key's file are written. */
#include "engine/desk_settings.h"
#include "engine/place_test.h"
#include "engine/vault.h"
#include "engine/vault_parts.h"

#define ACTOR "user:abcdefghij"

struct trial {
	struct place *place;
	uint64_t entry;
	char number[32];
	struct previews previews;
	uint8_t bytes[2][500];
	unsigned count, shown; /* that must be there; that were seen */
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
	*trial = (struct trial){.place = place, .count = 2};
	fill(trial);
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	must(desk_setting_set(place->hilf, DESK_VAULT, 1, &place->err));
	trial->entry = add_one(place, "b", &signal);
	snprintf(trial->number, sizeof trial->number, "%llu", (unsigned long long)trial->entry);
	must(vault_keep_entry(place->hilf, trial->entry, &trial->previews, &place->err));
}

/* Previews are replaced as a whole, or are as they were; none was seen whose view was not recorded. */
struct census {
	uint64_t size, reveals;
	char first[VAULT_ID_TEXT];
};

static struct census take_census(struct trial *trial)
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
	assert_int_equal(state.count, trial->count);
	assert_int_equal(state.view_count, trial->shown);
	census.size = state.size;
	census.reveals = today.reveals;
	if (count)
		strcpy(census.first, list[0].id);
	return census;
}

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
	int rc =
		vault_list(trial->place->hilf, false, VAULT_ENTRY, trial->entry, list, &count, err);
	if (rc)
		return rc;
	if (!count) /* the key could not be read */
		return HILF_E_NO_MEMORY;
	const struct vault_look look = {list[0].id, strlen(list[0].id), ACTOR, 7, trial->entry};
	arena_init(&arena, 0);
	rc = vault_view(trial->place->hilf, &look, &arena, &seen, &jpeg, err);
	trial->shown += jpeg != NULL;
	assert_true((jpeg != NULL) == !rc);
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
	int rc = hilf_withdraw(trial->place->hilf, trial->number, "error", err);
	if (!rc)
		trial->count = 0;
	return rc;
}

#include "engine/faults_test.h"

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
		if (!rc)
			break;
		assert_int_equal(rc, HILF_E_NO_MEMORY);
		assert_memory_equal(&before, &after, sizeof before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAULT_TEST(memory_keep),
		FAULT_TEST(memory_view),
		FAULT_TEST(memory_expose),
		FAULT_TEST(memory_state),
		FAULT_TEST(memory_sweep),
		FAULT_TEST(memory_withdraw),
		FAULT_TEST(disk_keep),
		FAULT_TEST(disk_view),
		FAULT_TEST(disk_expose),
		FAULT_TEST(disk_withdraw),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
