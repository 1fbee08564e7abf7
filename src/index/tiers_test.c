/* The writing side from within: what it holds while it merges, in how many levels, and that nothing gets lost. */
#include "index/tiers.h"

#include "index/search.h"
#include "os/pages.h"
#include "test/unit.h"

#include <stdlib.h>

/* Small enough for a test to have segments. */
#define SEGMENT_MIN_HERE 4096u
#define START            300000u
#define STEP             20000u
#define STEPS            5u
/* A merge holds a quarter more, and a little for the small tiers. */
#define MEMORY_LIMIT(settled) ((settled) / 10 * 13)

struct lived {
	struct tiers *tiers;
	uint64_t seed;
	uint32_t count; /* links given out: 0, 1, ... */
	size_t most;    /* bytes held at any moment that could be seen */
};

static uint64_t next_random(uint64_t *seed)
{
	uint64_t x = (*seed += 0x9e3779b97f4a7c15u);
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static void value_of(uint32_t link, uint8_t *ret_value)
{
	uint64_t seed = link;
	for (size_t i = 0; i < HAMMING_SIZE; i += 8) {
		uint64_t word = next_random(&seed);
		memcpy(ret_value + i, &word, sizeof word);
	}
}

static const struct view *view_of(const struct lived *lived)
{
	return (const struct view *)atomic_load(&lived->tiers->view);
}

/* Levels that are shown and those that are being built. */
static size_t size_of(const struct lived *lived)
{
	const struct view *view = view_of(lived);
	size_t size = atomic_load(&lived->tiers->building_size);
	for (unsigned i = 0; i < view->level_count; i++)
		size += level_size(view->levels[i]);
	for (unsigned i = 0; i < view->delta_count; i++)
		size += sizeof *view->deltas[i];
	return size;
}

static void note(struct lived *lived)
{
	size_t size = size_of(lived);
	lived->most = size > lived->most ? size : lived->most;
}

static void add(struct lived *lived, uint32_t count)
{
	uint8_t *values = malloc((size_t)count * HAMMING_SIZE);
	uint32_t *links = malloc(count * sizeof *links);
	assert_non_null(values);
	assert_non_null(links);
	for (uint32_t i = 0; i < count; i++) {
		links[i] = lived->count++;
		value_of(links[i], values + (size_t)i * HAMMING_SIZE);
	}
	assert_int_equal(tiers_add(lived->tiers, values, links, count, NULL), HILF_OK);
	free(values);
	free(links);
	note(lived);
}

static void settle(struct lived *lived)
{
	bool more = true;
	while (more) {
		assert_int_equal(tiers_maintain(lived->tiers, &more, NULL), HILF_OK);
		note(lived);
	}
}

static void live(struct lived *ret_lived)
{
	struct lived lived = {.tiers = pages_alloc(sizeof *lived.tiers)};
	assert_non_null(lived.tiers);
	assert_int_equal(tiers_open(lived.tiers, NULL), HILF_OK);
	lived.tiers->segment_min = SEGMENT_MIN_HERE;
	*ret_lived = lived;
}

static void die(struct lived *lived)
{
	tiers_close(lived->tiers);
	pages_free(lived->tiers, sizeof *lived->tiers);
}

static size_t largest(const struct lived *lived)
{
	const struct view *view = view_of(lived);
	size_t most = 0;
	for (unsigned i = 0; i < view->level_count; i++)
		most = view->levels[i]->count > most ? view->levels[i]->count : most;
	return most;
}

/* Every `each`th link is there exactly once, but for those below `removed`. */
static void all_is_there(const struct lived *lived, uint32_t each, uint32_t removed)
{
	struct search search = {
		hamming_ops(simd_level()), view_of(lived), &lived->tiers->removed, NULL, NULL, 31};
	for (uint32_t link = 0; link < lived->count; link += each) {
		uint8_t value[HAMMING_SIZE];
		struct index_hit hit = {0};
		struct index_hits hits = {&hit, 1, 0, 0};
		value_of(link, value);
		value[link % HAMMING_SIZE] ^= 0x5a;
		assert_int_equal(search_run(&search, value, 1, &hits, NULL), HILF_OK);
		assert_int_equal(hits.total, link >= removed);
		if (link >= removed)
			assert_int_equal(hit.link, link);
	}
}

static void merging_holds_at_most_a_third_more(void **state)
{
	struct lived lived;
	(void)state;
	live(&lived);
	add(&lived, START);
	for (unsigned step = 0; step < STEPS; step++) {
		settle(&lived);
		size_t before = size_of(&lived);
		lived.most = 0;
		/* As they come: one by one, a few, a record. */
		for (uint32_t end = lived.count + STEP; lived.count < end;)
			add(&lived, lived.count % 7 == 0 ? 700 : lived.count % 3 == 0 ? 40 : 1);
		settle(&lived);
		size_t settled = size_of(&lived);
		assert_true(lived.most <= MEMORY_LIMIT(settled > before ? settled : before));
		assert_true(view_of(&lived)->level_count <= 12);
		assert_true(largest(&lived) <= lived.count / 4 + STEP);
	}
	all_is_there(&lived, 97, 0);
	die(&lived);
}

static void removed_values_leave_one_segment_after_the_other(void **state)
{
	struct lived lived;
	const uint32_t count = 200000, removed = 120000;
	(void)state;
	live(&lived);
	add(&lived, count);
	settle(&lived);
	size_t before = size_of(&lived);
	lived.most = 0;
	for (uint32_t link = 0; link < removed; link++)
		assert_int_equal(tiers_remove(lived.tiers, link, NULL), HILF_OK);
	settle(&lived);
	assert_true(lived.most <= MEMORY_LIMIT(before));
	assert_true(size_of(&lived) < before / 4 * 3);
	all_is_there(&lived, 97, removed);
	die(&lived);
}

static void many_at_once_become_segments(void **state)
{
	struct lived lived;
	(void)state;
	live(&lived);
	add(&lived, 100001);
	assert_int_equal(view_of(&lived)->level_count, 4);
	assert_true(largest(&lived) <= 25003);
	/* Again and again: there are only so many places. */
	for (unsigned i = 0; i < 12; i++)
		add(&lived, 100001 - 7000 * i);
	all_is_there(&lived, 997, 0);
	settle(&lived);
	assert_true(view_of(&lived)->level_count <= 12);
	all_is_there(&lived, 997, 0);
	die(&lived);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_at_once_become_segments),
		cmocka_unit_test(removed_values_leave_one_segment_after_the_other),
		cmocka_unit_test(merging_holds_at_most_a_third_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
