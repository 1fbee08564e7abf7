/* What the conformance suite cannot show: readers beside a writer (to be run under the thread sanitizer as well), memory
 * that runs out at any moment, and the parts below. */
#include "base/check.h"
#include "index/index.h"
#include "index/links.h"
#include "index/nearest.h"
#include "index/readers.h"
#include "test/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#define SIZE 32

/* A sanitizer's run-time is slow, and needs fewer turns to see what is wrong. */
#ifdef HILF_SANITIZED
#define WRITTEN   8000u
#define FAIL_STEP 13
#else
#define WRITTEN   60000u
#define FAIL_STEP 1
#endif

/* ------------------------------------------------------------------------------------ memory that runs out */

/* Allocations until the first that fails, and how many fail then; below zero none does. */
static long fail_after = -1, fail_count;

static bool fails(void)
{
	if (fail_after < 0 || fail_after-- > 0)
		return false;
	fail_after = --fail_count > 0 ? 0 : -1;
	return true;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__real_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	return fails() ? MAP_FAILED : __real_mmap64(at, size, protection, flags, fd, offset);
}

/* ---------------------------------------------------------------------------------------------- values */

/* The value of a link, always the same. */
static void value_of(uint32_t link, uint8_t *ret_value)
{
	uint64_t x = link * 0x9e3779b97f4a7c15u + 1;
	for (size_t i = 0; i < SIZE; i += 8) {
		x ^= x >> 31;
		x *= 0xbf58476d1ce4e5b9u;
		x ^= x >> 29;
		memcpy(ret_value + i, &x, 8);
	}
}

/* A query 31 bits from the value of a link. */
static void query_of(uint32_t link, uint8_t *ret_query)
{
	value_of(link, ret_query);
	for (unsigned i = 0; i < 31; i++)
		ret_query[i] ^= (uint8_t)(1u << (link + i) % 8);
}

static uint64_t find_link(const struct index_ops *ops, struct index *index, uint32_t link)
{
	uint8_t query[SIZE];
	struct index_hits hits = {NULL, 0, 0, 0};
	query_of(link, query);
	ASSERT(ops->find(index, query, 31, NULL, NULL, &hits, NULL) == HILF_OK);
	return hits.total;
}

static int add_links(
	const struct index_ops *ops, struct index *index, uint32_t first, uint32_t count)
{
	static uint8_t values[12000][SIZE];
	static uint32_t links[12000];
	ASSERT(count <= COUNT_OF(links));
	for (uint32_t i = 0; i < count; i++) {
		value_of(first + i, values[i]);
		links[i] = first + i;
	}
	struct hilf_err err = {0};
	int rc = ops->add(index, values[0], links, count, &err);
	ASSERT(rc == (int)err.code);
	return rc;
}

/* One step of a scenario: adds so many at once, or removes one. After a failure nothing has changed and the same step
 * works. */
static bool step(const struct index_ops *ops, struct index *index, uint32_t *end, uint32_t count)
{
	bool failed = false;
	int rc = add_links(ops, index, *end, count);
	if (rc < 0) {
		assert_int_equal(rc, HILF_E_NO_MEMORY);
		fail_after = -1;
		failed = true;
		assert_int_equal(find_link(ops, index, *end), 0);
		assert_int_equal(find_link(ops, index, *end + count - 1), 0);
		if (*end > 0)
			assert_int_equal(find_link(ops, index, *end - 1), 1);
		assert_int_equal(add_links(ops, index, *end, count), HILF_OK);
	}
	assert_int_equal(find_link(ops, index, *end), 1);
	*end += count;
	return failed;
}

/* Returns whether any step failed; *ret_reached whether the failure was reached at all. */
static bool scenario(const struct index_ops *ops, long after, long count, bool *ret_reached)
{
	static const uint16_t sizes[] = {
		3, 500, 300, 400, 100, 2000, 511, 511, 511, 511, 9000, 600};
	struct index *index = NULL;
	uint32_t end = 0;
	bool failed = false;
	fail_after = after;
	fail_count = count;
	int rc = ops->open(&index, NULL);
	if (rc < 0) {
		assert_int_equal(rc, HILF_E_NO_MEMORY);
		assert_null(index);
		fail_after = -1;
		*ret_reached = true;
		return true;
	}
	for (size_t i = 0; i < COUNT_OF(sizes); i++)
		failed = step(ops, index, &end, sizes[i]) || failed;
	for (int i = 0; i < 1500; i++)
		failed = step(ops, index, &end, 1) || failed;
	if (ops->remove(index, 5, NULL) < 0) {
		failed = true;
		assert_int_equal(find_link(ops, index, 5), 1);
		fail_after = -1;
		assert_int_equal(ops->remove(index, 5, NULL), HILF_OK);
	}
	for (bool more = true; more;)
		failed = ops->maintain(index, &more, NULL) < 0 || failed;
	*ret_reached = fail_after < 0;
	fail_after = -1;
	for (uint32_t link = 0; link < end; link += 97)
		assert_int_equal(find_link(ops, index, link), 1);
	assert_int_equal(find_link(ops, index, 5), 0);
	struct index_usage usage;
	ops->usage(index, &usage);
	assert_int_equal(usage.count, end - 1);
	ops->close(index);
	return failed;
}

static void no_memory_at_any_moment_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; index_kinds[i]; i++)
		for (long count = 1; count <= 3; count += 2) {
			bool reached = true, failed = false;
			for (long after = 0; reached; after += FAIL_STEP)
				failed = scenario(index_kinds[i], after, count, &reached) || failed;
			assert_true(failed);
		}
}

/* ------------------------------------------------------------------------------------------------ threads */

#define READERS 3

struct shared {
	const struct index_ops *ops;
	struct index *index;
	_Atomic(uint32_t) added;   /* links below it were added before */
	_Atomic(uint32_t) removed; /* multiples of 5 below it were removed before */
	_Atomic(bool) stop;
	_Atomic(uint64_t) wrong;
	_Atomic(uint64_t) asked;
};

static void ask_some(struct shared *shared, uint32_t number)
{
	enum { BATCH = 4 };
	uint8_t queries[BATCH][SIZE];
	struct index_hit hits[BATCH];
	struct index_hits found[BATCH];
	uint32_t links[BATCH];
	uint32_t removed = atomic_load_explicit(&shared->removed, memory_order_acquire);
	uint32_t added = atomic_load_explicit(&shared->added, memory_order_acquire);
	if (added == 0)
		return;
	for (uint32_t i = 0; i < BATCH; i++) {
		/* Every second one among the last, where the index is changing. */
		uint32_t back = (number * 2654435761u + i * 977) % (i % 2 ? added : 40);
		links[i] = back < added ? added - 1 - back : 0;
		query_of(links[i], queries[i]);
		found[i] = (struct index_hits){&hits[i], 1, 0, 0};
	}
	ASSERT(shared->ops->find_batch(
		       shared->index, queries[0], BATCH, 31, NULL, NULL, found, NULL) == HILF_OK);
	uint64_t wrong = 0;
	for (uint32_t i = 0; i < BATCH; i++) {
		bool fifth = links[i] % 5 == 0;
		if (!fifth && (found[i].total != 1 || hits[i].link != links[i]))
			wrong++;
		if (fifth && links[i] < removed && found[i].total != 0)
			wrong++;
	}
	atomic_fetch_add(&shared->wrong, wrong);
	atomic_fetch_add(&shared->asked, BATCH);
}

static void *read_on(void *argument)
{
	struct shared *shared = argument;
	for (uint32_t number = 0; !atomic_load(&shared->stop); number++)
		ask_some(shared, number);
	return NULL;
}

static void write_all(struct shared *shared)
{
	static const uint16_t sizes[] = {1, 1, 1, 7, 1, 1, 60, 1, 700, 1, 1, 1, 30, 1, 1, 2500};
	uint32_t end = 0, removed = 0;
	for (unsigned round = 0; end < WRITTEN; round++) {
		uint32_t count = sizes[round % COUNT_OF(sizes)];
		ASSERT(add_links(shared->ops, shared->index, end, count) == HILF_OK);
		end += count;
		atomic_store_explicit(&shared->added, end, memory_order_release);
		for (; removed + 200 < end; removed += 5)
			ASSERT(shared->ops->remove(shared->index, removed, NULL) == HILF_OK);
		atomic_store_explicit(&shared->removed, removed, memory_order_release);
		bool more;
		ASSERT(shared->ops->maintain(shared->index, &more, NULL) == HILF_OK);
		struct index_usage usage;
		if (round % 64 == 0)
			shared->ops->usage(shared->index, &usage);
	}
}

static void readers_see_every_add_and_no_removed_link(void **state)
{
	(void)state;
	for (size_t kind = 0; index_kinds[kind]; kind++) {
		struct shared shared = {.ops = index_kinds[kind]};
		pthread_t threads[READERS];
		assert_int_equal(shared.ops->open(&shared.index, NULL), HILF_OK);
		for (int i = 0; i < READERS; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, read_on, &shared), 0);
		write_all(&shared);
		while (atomic_load(&shared.asked) < 1000)
			;
		atomic_store(&shared.stop, true);
		for (int i = 0; i < READERS; i++)
			assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(atomic_load(&shared.wrong), 0);
		shared.ops->close(shared.index);
	}
}

/* -------------------------------------------------------------------------------------------- parts below */

static void readers_hold_what_they_entered(void **state)
{
	static struct readers readers;
	int one = 1, two = 2;
	_Atomic(const void *) current = &one;
	unsigned first, second;
	(void)state;
	assert_ptr_equal(readers_enter(&readers, &current, &first), &one);
	atomic_store(&current, &two);
	assert_ptr_equal(readers_enter(&readers, &current, &second), &two);
	assert_int_not_equal(first, second);
	assert_true(readers_hold(&readers, &one));
	assert_true(readers_hold(&readers, &two));
	readers_leave(&readers, first);
	assert_false(readers_hold(&readers, &one));
	assert_true(readers_hold(&readers, &two));
	readers_leave(&readers, second);
	assert_false(readers_hold(&readers, &two));
}

static void links_hold_what_was_added(void **state)
{
	const uint32_t page = 1u << LINKS_PAGE_BITS;
	const uint32_t some[] = {0, 1, 63, 64, page - 1, page, 1u << 31, UINT32_MAX};
	struct links links;
	uint32_t next = 0;
	(void)state;
	assert_true(links_open(&links));
	assert_false(links_next(&links, &next));
	for (size_t i = 0; i < COUNT_OF(some); i++) {
		assert_false(links_hold(&links, some[i]));
		assert_true(links_add(&links, some[i]));
		assert_true(links_hold(&links, some[i]));
	}
	assert_false(links_hold(&links, 2));
	assert_false(links_hold(&links, UINT32_MAX - 1));
	assert_int_equal(links_size(&links), 4 * (page / 8));
	for (size_t i = 0; i < COUNT_OF(some); i++, next++) {
		assert_true(links_next(&links, &next));
		assert_int_equal(next, some[i]);
	}
	next = UINT32_MAX - 1;
	assert_true(links_next(&links, &next));
	assert_int_equal(next, UINT32_MAX);
	links_close(&links);
}

static void nearest_keeps_the_nearest_in_order(void **state)
{
	struct index_hit hits[50];
	(void)state;
	for (size_t keep = 0; keep <= 50; keep++) {
		struct index_hits nearest = {hits, keep, 9, 9};
		nearest_start(&nearest);
		for (uint32_t i = 0; i < 40; i++) /* 7 and 40 have no common divisor */
			nearest_offer(&nearest,
				(struct index_hit){i * 7 % 40, (uint16_t)(i * 7 % 40 / 2), 3});
		nearest_finish(&nearest);
		assert_int_equal(nearest.total, 40);
		assert_int_equal(nearest.count, keep < 40 ? keep : 40);
		for (uint32_t i = 0; i < nearest.count; i++) {
			assert_int_equal(hits[i].link, i);
			assert_int_equal(hits[i].distance, i / 2);
			assert_int_equal(hits[i].query, 3);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nearest_keeps_the_nearest_in_order),
		cmocka_unit_test(links_hold_what_was_added),
		cmocka_unit_test(readers_hold_what_they_entered),
		cmocka_unit_test(no_memory_at_any_moment_changes_nothing),
		cmocka_unit_test(readers_see_every_add_and_no_removed_link),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
