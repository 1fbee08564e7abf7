/* When memory or the disk refuses, at every place in turn: a call on local memory says so and leaves all of it or nothing,
 * and what comes after finds everything as it was. This program stands before the allocator, and before the calls with
 * which SQLite writes. */
#include "engine/checks.h"
#include "engine/hooks.h"
#include "engine/insight.h"
#include "engine/keys.h"
#include "engine/place_test.h"
#include "os/clock.h"
#include "test/failing_disk.h"
#include "test/failing_memory.h"

#define FAULTS_MAX 500

/* ------------------------------------------------------------------------------------------ what is tried */

struct trial {
	struct place *place;
	struct keys *keys;
	struct lookback *lookback;
	struct hilf_check check; /* a block */
	struct hilf_signal signal;
	unsigned round;
	char number[24], hook[HOOK_ID_TEXT], key[KEY_ID_SIZE + 1];
};

static int count_key(const struct key_info *info, void *ctx)
{
	(void)info;
	++*(unsigned *)ctx;
	return 0;
}

static int count_hook(const struct hook_info *info, void *ctx)
{
	(void)info;
	++*(unsigned *)ctx;
	return 0;
}

static int count_check(const struct check_row *row, void *ctx)
{
	(void)row;
	++*(unsigned *)ctx;
	return 0;
}

static int count_delivery(const struct delivery *delivery, void *ctx)
{
	(void)delivery;
	++*(unsigned *)ctx;
	return 0;
}

/* Everything that is there, in numbers. */
struct census {
	unsigned keys, hooks, checks, deliveries;
};

static struct census take_census(struct trial *trial)
{
	struct place *place = trial->place;
	struct census census = {0};
	must(key_each(place->hilf, count_key, &census.keys, &place->err));
	must(hook_each(place->hilf, count_hook, &census.hooks, &place->err));
	must(check_page(place->hilf, NULL, 0, 100000, count_check, &census.checks, &place->err));
	must(deliveries_page(place->hilf, NULL, false, 0, 100000, count_delivery,
		&census.deliveries, &place->err));
	return census;
}

static int try_key_create(struct trial *trial, struct hilf_err *err)
{
	static const char *const banks[] = {"a", "b"};
	const struct key_info info = {
		.name = "k", .role = ROLE_CHECKER, .banks = banks, .bank_count = 2};
	char text[KEY_TEXT_MAX];
	return key_create(trial->place->hilf, &info, NULL, text, NULL, err);
}

static int try_key_revoke(struct trial *trial, struct hilf_err *err)
{
	return key_revoke(trial->place->hilf, trial->key, err);
}

static int try_keys_open(struct trial *trial, struct hilf_err *err)
{
	struct keys *keys;
	int rc = keys_open(trial->place->hilf, &keys, err);
	if (!rc)
		keys_close(keys);
	return rc;
}

static int try_hook_create(struct trial *trial, struct hilf_err *err)
{
	static const char *const events[] = {"ping"};
	const struct hook_info info = {
		.url = "https://a.example/", .events = events, .event_count = 1, .enabled = true};
	return hook_create(trial->place->hilf, &info, NULL, err);
}

static int try_hook_set(struct trial *trial, struct hilf_err *err)
{
	static const char *const events[] = {"*"};
	const struct hook_change change = {.events = events, .event_count = 1, .new_secret = true};
	return hook_set(trial->place->hilf, trial->hook, &change, NULL, err);
}

static int try_send(struct trial *trial, struct hilf_err *err)
{
	return hooks_send(trial->place->hilf, "entry.added", NULL, "{}", 2, err);
}

static int try_due(struct trial *trial, struct hilf_err *err)
{
	unsigned count = 0;
	return deliveries_due(trial->place->hilf, clock_now_ms(), 10, count_delivery, &count, err);
}

static int record(struct trial *trial, const char *content_id, struct hilf_err *err)
{
	const struct check_context context = {.content_id = content_id, .language = "fr"};
	struct check_decision decision;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = check_record(trial->place->hilf, &context, &trial->check, &arena, &decision, err);
	arena_clear(&arena);
	return rc;
}

static int try_record(struct trial *trial, struct hilf_err *err)
{
	char id[32];
	snprintf(id, sizeof id, "content %u", trial->round++);
	return record(trial, id, err);
}

static int try_withdraw(struct trial *trial, struct hilf_err *err)
{
	return hilf_withdraw(trial->place->hilf, trial->number, "error", err);
}

static int try_answer(struct trial *trial, struct hilf_err *err)
{
	char key[32];
	enum idempotent_state state;
	const char *body;
	size_t size;
	int status;
	struct arena arena;
	snprintf(key, sizeof key, "key %u", trial->round++);
	struct idempotent request = {.actor = "key:a", .key = key};
	arena_init(&arena, 0);
	int rc = idempotent_begin(
		trial->place->hilf, &request, &arena, &state, &status, &body, &size, err);
	if (!rc) {
		assert_int_equal(state, IDEMPOTENT_NEW);
		rc = idempotent_end(trial->place->hilf, &request, 200, "x", 1, err);
	}
	arena_clear(&arena);
	return rc;
}

static int try_turn(struct trial *trial, struct hilf_err *err)
{
	bool more;
	return lookback_turn(trial->lookback, &more, err);
}

static int try_sweep(struct trial *trial, struct hilf_err *err)
{
	bool more;
	int rc = checks_sweep_expired(trial->place->hilf, 10, &more, err);
	if (!rc)
		rc = checks_sweep_old(trial->place->hilf, 10, &more, err);
	return rc;
}

/* ------------------------------------------------------------------------------------------ how */

static struct trial *open_trial; /* to be ended, however its test does */

static void begin(struct trial *trial, struct place *place)
{
	static const char *const events[] = {"*"};
	const struct hook_info hook = {
		.url = "https://all.example/", .events = events, .event_count = 1, .enabled = true};
	const struct key_info key = {.name = "k", .role = ROLE_CHECKER};
	struct hook_info made_hook;
	struct key_info made_key;
	char text[KEY_TEXT_MAX];
	uint64_t seed = 5;
	*trial = (struct trial){.place = place};
	open_trial = trial;
	must(keys_open(place->hilf, &trial->keys, &place->err));
	must(key_create(place->hilf, &key, NULL, text, &made_key, &place->err));
	memcpy(trial->key, made_key.id, sizeof trial->key);
	must(hook_create(place->hilf, &hook, &made_hook, &place->err));
	memcpy(trial->hook, made_hook.id, sizeof trial->hook);
	must(hilf_bank_create(place->hilf, "b", HILF_BLOCK, 31, NULL, &place->err));
	trial->signal = random_pdq(&seed);
	snprintf(trial->number, sizeof trial->number, "%llu",
		(unsigned long long)add_one(place, "b", &trial->signal));
	trial->check = match_one(place, NULL, &trial->signal);
	must(lookback_open(place->hilf, 7, 100, &trial->lookback, &place->err));
}

static void end(struct trial *trial)
{
	hilf_check_free(&trial->check);
	lookback_close(trial->lookback);
	keys_close(trial->keys);
	open_trial = NULL;
}

static int end_and_tear_down(void **state)
{
	(void)after_fault();
	after_disk_fault();
	if (open_trial)
		end(open_trial);
	return tear_down(state);
}

typedef int try_fn(struct trial *trial, struct hilf_err *err);

/* Each allocation of a call fails once. What failed left nothing; the last call, in which none did, succeeds. */
static void fail_each_allocation(struct place *place, try_fn *fn, bool changes)
{
	static struct trial trial;
	begin(&trial, place);
	bool done = false;
	unsigned durable = 0;
	for (long nth = 0; !done; nth++) {
		struct hilf_err err = {0};
		struct census before = take_census(&trial);
		assert_true(nth < FAULTS_MAX);
		before_fault(nth, false);
		int rc = fn(&trial, &err);
		bool hit = after_fault();
		done = !hit;
		must(keys_refresh(trial.keys, &place->err));
		if (done && rc)
			fail_msg("without a fault: %s", err.text);
		if (rc) {
			struct census after = take_census(&trial);
			assert_int_equal(rc, HILF_E_NO_MEMORY);
			assert_memory_equal(&before, &after, sizeof before);
		} else if (hit && changes) {
			/* It was durable before memory was short. Each adds to what is read then, so there is no end. */
			done = ++durable == 20;
			struct census after = take_census(&trial);
			assert_memory_not_equal(&before, &after, sizeof before);
		}
	}
	end(&trial);
}

/* With a full disk it says so, and goes on once there is room. */
static void fail_the_disk(struct place *place, try_fn *fn)
{
	static struct trial trial;
	struct hilf_err err = {0};
	begin(&trial, place);
	struct census before = take_census(&trial);
	before_full_disk();
	int rc = fn(&trial, &err);
	after_disk_fault();
	assert_int_equal(rc, HILF_E_IO);
	assert_non_null(strstr(err.text, "full"));
	struct census after = take_census(&trial);
	assert_memory_equal(&before, &after, sizeof before);
	if (fn(&trial, &err) != 0)
		fail_msg("with room again: %s", err.text);
	end(&trial);
}

#define FAULTS(name, changes)                                                                      \
	static void memory_##name(void **state)                                                    \
	{                                                                                          \
		fail_each_allocation(*state, try_##name, changes);                                 \
	}
#define DISK(name)                                                                                 \
	static void disk_##name(void **state)                                                      \
	{                                                                                          \
		fail_the_disk(*state, try_##name);                                                 \
	}

FAULTS(key_create, true)
FAULTS(key_revoke, false)
FAULTS(keys_open, false)
FAULTS(hook_create, true)
FAULTS(hook_set, false)
FAULTS(send, true)
FAULTS(due, false)
FAULTS(record, true)
FAULTS(answer, false)
FAULTS(sweep, false)
DISK(key_create)
DISK(key_revoke)
DISK(hook_create)
DISK(hook_set)
DISK(send)
DISK(record)
DISK(answer)
DISK(withdraw)

/* A withdrawal that fails has told nothing; one that succeeds has told all. */
static void memory_withdraw(void **state)
{
	static struct trial trial;
	struct hilf_err err = {0};
	struct place *place = *state;
	begin(&trial, place);
	must(record(&trial, "c", &place->err));
	for (long nth = 0;; nth++) {
		struct census before = take_census(&trial);
		assert_true(nth < FAULTS_MAX);
		before_fault(nth, false);
		int rc = try_withdraw(&trial, &err);
		(void)after_fault();
		struct census after = take_census(&trial);
		if (!rc) {
			assert_int_equal(
				after.deliveries, before.deliveries + 2); /* and entry.withdrawn */
			break;
		}
		assert_int_equal(rc, HILF_E_NO_MEMORY);
		assert_int_equal(after.deliveries, before.deliveries);
	}
	end(&trial);
}

/* Notes and entries that a turn could not work on are there for the next. */
static void memory_turn(void **state)
{
	static struct trial trial;
	struct hilf_err err = {0};
	struct place *place = *state;
	uint64_t seed = 77;
	bool done = false;
	begin(&trial, place);
	must(try_turn(&trial, &place->err));
	for (long nth = 0; !done; nth++) {
		struct hilf_signal signal = random_pdq(&seed);
		char id[32];
		snprintf(id, sizeof id, "seen %ld", nth);
		const struct check_context context = {.content_id = id};
		lookback_note(trial.lookback, &context, &signal, 1);
		add_one(place, "b", &signal);
		unsigned before = take_census(&trial).deliveries;
		assert_true(nth < FAULTS_MAX);
		before_fault(nth, false);
		int rc = try_turn(&trial, &err);
		bool hit = after_fault();
		done = !hit;
		if (rc) {
			assert_int_equal(rc, HILF_E_NO_MEMORY);
			must(try_turn(&trial, &place->err));
		}
		must(try_turn(&trial, &place->err));
		assert_int_equal(take_census(&trial).deliveries, before + 1);
	}
	end(&trial);
}

/* What could not be stored is stored the next time, once. */
static uint64_t counted(struct trial *trial)
{
	struct place *place = trial->place;
	const struct insight_ask ask = {0};
	struct insight_effect effect;
	uint64_t totals[TALLY_COUNT];
	must(tally_flush(place->hilf, clock_now_ms(), &place->err));
	must(insight_totals(place->hilf, totals, &place->err));
	must(insight_effect(place->hilf, "b", &ask, clock_now_ms(), &effect, &place->err));
	assert_int_equal(effect.matches, totals[TALLY_CHECKS]);
	assert_int_equal(effect.known_radius, 31);
	return totals[TALLY_CHECKS];
}

static void memory_flush(void **state)
{
	static struct trial trial;
	struct place *place = *state;
	bool done = false;
	uint64_t count = 0;
	begin(&trial, place);
	for (long nth = 0; !done; nth++) {
		struct hilf_err err = {0};
		assert_true(nth < FAULTS_MAX);
		tally_check(place->hilf, &trial.check, false);
		count++;
		before_fault(nth, false);
		int rc = tally_flush(place->hilf, clock_now_ms(), &err);
		done = !after_fault();
		if (rc)
			assert_int_equal(rc, HILF_E_NO_MEMORY);
		assert_false(done && rc);
		assert_int_equal(counted(&trial), count);
	}
	end(&trial);
}

/* What there is no memory for is not counted, and nothing else comes of it. */
static void memory_count(void **state)
{
	static struct trial trial;
	struct place *place = *state;
	begin(&trial, place);
	before_fault(0, true);
	tally_check(place->hilf, &trial.check, false);
	assert_true(after_fault());
	must(tally_flush(place->hilf, clock_now_ms(), &place->err));
	tally_check(place->hilf, &trial.check, false);
	end(&trial);
}

static void disk_flush(void **state)
{
	static struct trial trial;
	struct place *place = *state;
	struct hilf_err err = {0};
	begin(&trial, place);
	tally_check(place->hilf, &trial.check, false);
	before_full_disk();
	assert_int_equal(tally_flush(place->hilf, clock_now_ms(), &err), HILF_E_IO);
	after_disk_fault();
	tally_check(place->hilf, &trial.check, false);
	assert_int_equal(counted(&trial), 2);
	end(&trial);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, end_and_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(memory_key_create),
		TEST(memory_key_revoke),
		TEST(memory_keys_open),
		TEST(memory_hook_create),
		TEST(memory_hook_set),
		TEST(memory_send),
		TEST(memory_due),
		TEST(memory_record),
		TEST(memory_answer),
		TEST(memory_sweep),
		TEST(memory_withdraw),
		TEST(memory_turn),
		TEST(memory_flush),
		TEST(memory_count),
		TEST(disk_key_create),
		TEST(disk_key_revoke),
		TEST(disk_hook_create),
		TEST(disk_hook_set),
		TEST(disk_send),
		TEST(disk_record),
		TEST(disk_answer),
		TEST(disk_withdraw),
		TEST(disk_flush),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
