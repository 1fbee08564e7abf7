/* Local memory from many threads: keys that are used while they are made and revoked, checks that are recorded while what
 * they rest on is withdrawn, requests that come twice at once. Made for ThreadSanitizer. */
#include "engine/checks.h"
#include "engine/hooks.h"
#include "engine/keys.h"
#include "engine/place_test.h"
#include "os/clock.h"

#include <pthread.h>
#include <stdatomic.h>

#define USERS  8
#define ROUNDS 20
#define KEYS   4

struct slot {
	char text[KEY_TEXT_MAX], id[KEY_ID_SIZE + 1];
	_Atomic int round; /* 0: good; 1000: being revoked; 1001: revoked */
};

static struct {
	struct place *place;
	struct keys *keys;
	struct slot slots[ROUNDS * KEYS];
	_Atomic unsigned made, failures;
	_Atomic uint64_t uses;
	_Atomic bool stop;
} all;

static void failed(const char *what, const struct hilf_err *err)
{
	fprintf(stderr, "%s: %s\n", what, err ? err->text : "");
	all.failures++;
}

/* What was made before must be good, what was revoked before must not. */
static void *use_keys(void *ctx)
{
	uint64_t at = (uintptr_t)ctx;
	while (!all.stop) {
		unsigned made = all.made;
		if (!made)
			continue;
		struct slot *slot = &all.slots[at % made];
		struct key_use use;
		int before = atomic_load(&slot->round);
		key_use(all.keys, slot->text, strlen(slot->text), clock_now_ms(), 1, &use);
		int after = atomic_load(&slot->round);
		if (before % 2 && use.state != KEY_REVOKED)
			failed("a revoked key was used", NULL);
		if (after == 0 && use.state != KEY_GOOD)
			failed("a good key was refused", NULL);
		if (use.state == KEY_GOOD && strcmp(use.actor.banks[0], "bank_of_all") != 0)
			failed("a scope went while it was held", NULL);
		if (use.state == KEY_GOOD && strcmp(use.actor.id + 4, slot->id) != 0)
			failed("another key's name", NULL);
		key_again(all.keys, &use, clock_now_ms());
		key_release(all.keys, &use);
		all.uses++;
		at += 7;
	}
	return NULL;
}

static void *make_and_revoke(void *ctx)
{
	static const char *const banks[] = {"bank_of_all"};
	const struct key_info info = {.name = "k",
		.role = ROLE_CHECKER,
		.banks = banks,
		.bank_count = 1,
		.quota_per_day = 1000000000,
		.rate_per_s = 1000000};
	struct place *place = all.place;
	struct hilf_err err;
	(void)ctx;
	for (unsigned i = 0; i < ROUNDS * KEYS; i++) {
		struct key_info made;
		struct slot *slot = &all.slots[i];
		if (key_create(place->hilf, &info, NULL, slot->text, &made, &err) != 0)
			failed("create", &err);
		memcpy(slot->id, made.id, sizeof slot->id);
		all.made = i + 1;
		if (i % 3 == 0) {
			/* While it goes on nothing is promised: this slot is not looked at until it is done. */
			struct slot *old = &all.slots[i / 2];
			if (atomic_load(&old->round) == 0) {
				atomic_store(&old->round, 1000); /* even: may still be good */
				if (key_revoke(place->hilf, old->id, &err) != 0)
					failed("revoke", &err);
				atomic_store(&old->round, 1001);
			}
		}
		if (i % 16 == 0 && keys_save(all.keys, &err) != 0)
			failed("save", &err);
	}
	return NULL;
}

static void *refresh(void *ctx)
{
	struct hilf_err err;
	(void)ctx;
	while (!all.stop) {
		if (keys_refresh(all.keys, &err) != 0)
			failed("refresh", &err);
		usleep(500);
	}
	return NULL;
}

static void keys_are_used_while_they_are_made_and_revoked(void **state)
{
	struct place *place = *state;
	pthread_t users[USERS], maker, refresher;
	all.place = place;
	all.stop = false;
	must(keys_open(place->hilf, &all.keys, &place->err));
	for (uintptr_t i = 0; i < USERS; i++)
		pthread_create(&users[i], NULL, use_keys, (void *)i);
	pthread_create(&refresher, NULL, refresh, NULL);
	pthread_create(&maker, NULL, make_and_revoke, NULL);
	pthread_join(maker, NULL);
	while (!all.uses)
		usleep(1000);
	all.stop = true;
	for (int i = 0; i < USERS; i++)
		pthread_join(users[i], NULL);
	pthread_join(refresher, NULL);
	keys_close(all.keys);
	assert_int_equal(all.failures, 0);
	assert_true(all.uses > 0);
}

/* ------------------------------------------------------------------------------------------ checks */

#define WRITERS  6
#define CONTENTS 60
#define ENTRIES  20

static struct {
	struct hilf_signal signals[ENTRIES];
	uint64_t entries[ENTRIES];
} scene;

static void *record_checks(void *ctx)
{
	unsigned writer = (unsigned)(uintptr_t)ctx;
	struct hilf_err err;
	for (unsigned i = 0; i < CONTENTS; i++) {
		struct hilf_check check;
		struct check_decision decision;
		struct arena arena;
		char id[32];
		arena_init(&arena, 0);
		if (hilf_match_signals(all.place->hilf, NULL, &scene.signals[i % ENTRIES], 1,
			    &check, &err) != 0) {
			failed("match", &err);
			break;
		}
		/* Only what matched is expected below: the id says so. */
		snprintf(id, sizeof id, "%c%u-%u", check.verdict == HILF_VERDICT_BLOCK ? 'm' : 'n',
			writer, i);
		const struct check_context context = {.content_id = id};
		if (check_record(all.place->hilf, &context, &check, &arena, &decision, &err) != 0)
			failed("record", &err);
		if (check.verdict == HILF_VERDICT_BLOCK)
			all.uses++;
		hilf_check_free(&check);
		arena_clear(&arena);
	}
	return NULL;
}

static void *withdraw_all(void *ctx)
{
	struct hilf_err err;
	char number[24];
	(void)ctx;
	for (unsigned i = 0; i < ENTRIES; i++) {
		usleep(3000);
		snprintf(number, sizeof number, "%llu", (unsigned long long)scene.entries[i]);
		if (hilf_withdraw(all.place->hilf, number, "error", &err) != 0)
			failed("withdraw", &err);
	}
	return NULL;
}

struct told {
	bool seen[WRITERS][CONTENTS];
	unsigned count, twice;
};

static int take_event(const struct delivery *delivery, void *ctx)
{
	struct told *told = ctx;
	unsigned writer, content;
	if (strcmp(delivery->event, "entry.reversed") != 0)
		return 0;
	for (const char *at = delivery->body; (at = strstr(at, "\"content_id\":\"m"));) {
		at += 15;
		if (sscanf(at, "%u-%u", &writer, &content) != 2 || writer >= WRITERS ||
			content >= CONTENTS)
			return HILF_E_INVALID;
		told->twice += told->seen[writer][content];
		told->seen[writer][content] = true;
		told->count++;
	}
	return 0;
}

/* Whatever was recorded before, at or after its entry's withdrawal: each is told once, none is not. */
static void every_content_is_told_once_however_it_races(void **state)
{
	static const char *const events[] = {"entry.reversed"};
	const struct hook_info info = {.url = "https://hooks.example/",
		.events = events,
		.event_count = 1,
		.enabled = true};
	struct place *place = *state;
	pthread_t writers[WRITERS], ender;
	struct told told = {.count = 0};
	uint64_t seed = 9;
	bool more;
	all.place = place;
	all.uses = 0;
	must(hook_create(place->hilf, &info, NULL, &place->err));
	must(hilf_bank_create(place->hilf, "b", HILF_BLOCK, 31, NULL, &place->err));
	for (int i = 0; i < ENTRIES; i++) {
		scene.signals[i] = random_pdq(&seed);
		scene.entries[i] = add_one(place, "b", &scene.signals[i]);
	}
	for (uintptr_t i = 0; i < WRITERS; i++)
		pthread_create(&writers[i], NULL, record_checks, (void *)i);
	pthread_create(&ender, NULL, withdraw_all, NULL);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(writers[i], NULL);
	pthread_join(ender, NULL);
	must(checks_sweep_withdrawn(place->hilf, 100, &more, &place->err));
	must(deliveries_page(place->hilf, NULL, false, 0, 100000, take_event, &told, &place->err));
	assert_int_equal(all.failures, 0);
	assert_int_equal(told.twice, 0);
	assert_int_equal(told.count, all.uses);
}

/* ------------------------------------------------------------------------------------------ requests */

static _Atomic unsigned news, dones;

static void *request_once(void *ctx)
{
	struct idempotent request = {.actor = "key:a", .key = ctx};
	enum idempotent_state got;
	struct hilf_err err;
	struct arena arena;
	const char *body;
	size_t size;
	int status;
	for (;;) {
		arena_init(&arena, 0);
		if (idempotent_begin(all.place->hilf, &request, &arena, &got, &status, &body, &size,
			    &err) != 0)
			failed("begin", &err);
		arena_clear(&arena);
		if (got != IDEMPOTENT_RUNNING)
			break;
		usleep(200);
	}
	if (got == IDEMPOTENT_NEW) {
		news++;
		if (idempotent_end(all.place->hilf, &request, 200, "done", 4, &err) != 0)
			failed("end", &err);
	} else if (got == IDEMPOTENT_DONE) {
		dones++;
	} else {
		failed("another request", NULL);
	}
	return NULL;
}

static void a_request_that_comes_many_times_at_once_runs_once(void **state)
{
	struct place *place = *state;
	pthread_t threads[USERS];
	all.place = place;
	for (int round = 0; round < 10; round++) {
		char key[16];
		snprintf(key, sizeof key, "key %d", round);
		news = dones = 0;
		for (int i = 0; i < USERS; i++)
			pthread_create(&threads[i], NULL, request_once, key);
		for (int i = 0; i < USERS; i++)
			pthread_join(threads[i], NULL);
		assert_int_equal(news, 1);
		assert_int_equal(dones, USERS - 1);
	}
	assert_int_equal(all.failures, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_are_used_while_they_are_made_and_revoked),
		TEST(every_content_is_told_once_however_it_races),
		TEST(a_request_that_comes_many_times_at_once_runs_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
