/* Readers on many threads while one writes: each sees whole commits and nothing else. */
#include "store/store.h"

#include "base/check.h"
#include "os/clock.h"
#include "store/store_fixture.h"
#include "test/unit.h"

#include <pthread.h>
#include <stdatomic.h>

#define READERS 4
#define WRITES  60
#define EACH    7 /* entries of a write */

struct shared {
	struct fixture *fixture;
	atomic_bool done;
	atomic_uint troubles;
	atomic_uint reads;
};

static int count_entry(const struct store_entry *entry, void *ctx)
{
	uint64_t *count = ctx;
	*count += entry->signal_count;
	return 0;
}

static void *read_all(void *ctx)
{
	static const struct store_sink sink = {.entry = count_entry};
	struct shared *shared = ctx;
	struct store *store = shared->fixture->store;
	uint64_t last = 0, total = 0;
	struct hilf_err err;
	while (!atomic_load(&shared->done)) {
		uint64_t head, seq = last, count = 0, entry;
		struct hilf_signal signal = fixture_signal((uint32_t)(total ? total - 1 : 0));
		bool good = store_head(store, &head, NULL, &err) == 0 && head >= last &&
			    store_replay(store, last, &sink, &count, &seq, &err) == 0 &&
			    seq >= head && count % EACH == 0;
		total += count;
		if (good && total)
			good = store_find_equal(store, false, 1, &signal, 0, &entry, &err) == 0;
		if (!good)
			atomic_fetch_add(&shared->troubles, 1);
		last = seq;
		atomic_fetch_add(&shared->reads, 1);
	}
	return NULL;
}

static void readers_see_whole_commits_while_one_writes(void **state)
{
	struct fixture fixture;
	struct shared shared = {.fixture = &fixture};
	pthread_t readers[READERS];
	uint8_t bank[UUID_SIZE];
	struct store_counts counts;
	(void)state;
	fixture_open(&fixture);
	assert_true(fixture_found(&fixture, &fixture.me));
	assert_true(fixture_bank(&fixture, &fixture.me, "alpha", bank));
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_all, &shared), 0);
	for (uint32_t i = 0; i < WRITES; i++)
		assert_true(fixture_add(&fixture, &fixture.me, bank, i * EACH, EACH, NULL));
	while (!atomic_load(&shared.reads))
		usleep(1000);
	atomic_store(&shared.done, true);
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(atomic_load(&shared.troubles), 0);
	assert_true(atomic_load(&shared.reads) > 0);
	assert_int_equal(store_counts(fixture.store, clock_now_ms(), &counts, &fixture.err), 0);
	assert_int_equal(counts.entry_count, WRITES * EACH);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_see_whole_commits_while_one_writes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
