/* Many look, keep, sweep and count at once, while the key's file is taken away and put back: whatever is shown is whole, and
 * each view of it is recorded. */
#include "base/check.h"
#include "engine/desk_settings.h"
#include "engine/place_test.h"
#include "engine/vault.h"
#include "engine/vault_parts.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define ROUNDS  60
#define ENTRIES 4
#define SIZE    2000u

struct scene {
	struct place *place;
	uint64_t entries[ENTRIES];
	uint8_t bytes[ENTRIES][SIZE];
	_Atomic unsigned views, failures;
	_Atomic bool done;
};

static void keep(struct scene *scene, unsigned which)
{
	struct previews previews = {
		.items = {{PREVIEW_PAGE, 20, 20, SIZE, scene->bytes[which]}}, .count = 1};
	struct hilf_err err;
	if (vault_keep_entry(scene->place->hilf, scene->entries[which], &previews, &err))
		scene->failures++;
}

static void *keep_all(void *argument)
{
	struct scene *scene = argument;
	for (unsigned i = 0; i < ROUNDS; i++)
		keep(scene, i % ENTRIES);
	return NULL;
}

/* One that was replaced meanwhile, or whose key is away, is refused; what is given is right. */
static void look(struct scene *scene, unsigned which)
{
	struct vault_preview list[VAULT_OWNER_MAX], seen;
	const uint8_t *jpeg = NULL;
	struct hilf_err err;
	struct arena arena;
	size_t count = 0;
	uint64_t entry = scene->entries[which];
	if (vault_list(scene->place->hilf, false, VAULT_ENTRY, entry, list, &count, &err))
		scene->failures++;
	if (!count)
		return;
	const struct vault_look looking = {list[0].id, strlen(list[0].id), "user:a", 1, entry};
	arena_init(&arena, 0);
	int rc = vault_view(scene->place->hilf, &looking, &arena, &seen, &jpeg, &err);
	if (!rc)
		scene->views++;
	if (rc ? rc != HILF_E_NOT_FOUND && rc != HILF_E_UNSUPPORTED
	       : memcmp(jpeg, scene->bytes[which], SIZE) != 0)
		scene->failures++;
	arena_clear(&arena);
}

static void *look_all(void *argument)
{
	struct scene *scene = argument;
	for (unsigned i = 0; i < ROUNDS; i++)
		look(scene, i % ENTRIES);
	return NULL;
}

static void *sweep_all(void *argument)
{
	struct scene *scene = argument;
	struct exposure today, week;
	struct vault_state state;
	struct hilf_err err;
	bool more;
	while (!scene->done)
		if (vault_sweep(scene->place->hilf, 10, &more, &err) ||
			vault_state(scene->place->hilf, &state, &err) ||
			exposure_add(scene->place->hilf, "user:a", 1, &err) ||
			exposure_own(scene->place->hilf, "user:a", &today, &week, &err))
			scene->failures++;
	return NULL;
}

/* Never for long, and always the same key again: nothing is kept while it is away, and another is made then. */
static void *take_the_key_away(void *argument)
{
	struct scene *scene = argument;
	char path[300], aside[300];
	snprintf(path, sizeof path, "%s/vault.key", scene->place->dir);
	snprintf(aside, sizeof aside, "%s/aside.key", scene->place->dir);
	while (!scene->done) {
		if (rename(path, aside) == 0)
			rename(aside, path);
		usleep(1000);
	}
	return NULL;
}

static void whatever_is_shown_is_whole_and_recorded(void **state)
{
	static struct scene scene;
	struct place *place = *state;
	void *(*const runs[])(void *) = {
		look_all, look_all, keep_all, sweep_all, take_the_key_away};
	pthread_t threads[COUNT_OF(runs)];
	struct vault_state now;
	uint64_t seed = 9;
	scene.place = place;
	must(hilf_bank_create(place->hilf, "b", HILF_REVIEW, 31, NULL, &place->err));
	must(desk_setting_set(place->hilf, DESK_VAULT, 1, &place->err));
	for (unsigned i = 0; i < ENTRIES; i++) {
		struct hilf_signal signal = random_pdq(&seed);
		scene.entries[i] = add_one(place, "b", &signal);
		memset(scene.bytes[i], 'a' + (int)i, SIZE);
		keep(&scene, i);
	}
	for (size_t i = 0; i < COUNT_OF(runs); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, runs[i], &scene), 0);
	for (size_t i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	scene.done = true;
	for (size_t i = 3; i < COUNT_OF(runs); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(scene.failures, 0);
	must(vault_state(place->hilf, &now, &place->err));
	assert_int_equal(now.view_count, scene.views);
	assert_true(now.count <= ENTRIES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			whatever_is_shown_is_whole_and_recorded, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
