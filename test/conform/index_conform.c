/* One suite over every kind of similarity index: what index.h promises, against an oracle that does nothing clever. */
#include "base/check.h"
#include "index/index.h"
#include "test/folder.h"
#include "test/unit.h"

#include <string.h>

#define SIZE     32
#define KEEP_ALL 60000

static const struct index_ops *ops; /* the kind under test */
static uint64_t seed;

static uint64_t chance(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed * 0x2545f4914f6cdd1du) >> 20;
}

static void random_value(uint8_t *value)
{
	for (size_t i = 0; i < SIZE; i++)
		value[i] = (uint8_t)chance();
}

/* Turns over exactly `bits` different bits. */
static void disturb(uint8_t *value, unsigned bits)
{
	uint8_t done[SIZE] = {0};
	while (bits > 0) {
		unsigned bit = (unsigned)(chance() % (SIZE * 8));
		if (done[bit / 8] >> bit % 8 & 1)
			continue;
		done[bit / 8] |= (uint8_t)(1u << bit % 8);
		value[bit / 8] ^= (uint8_t)(1u << bit % 8);
		bits--;
	}
}

/* -------------------------------------------------------------------------------------------- the oracle */

struct oracle {
	uint8_t (*values)[SIZE];
	uint32_t *links;
	bool *removed; /* by link */
	size_t count, room;
	uint32_t link_room;
};

static void oracle_open(struct oracle *oracle, size_t room, uint32_t link_room)
{
	*oracle = (struct oracle){calloc(room, SIZE), calloc(room, sizeof(uint32_t)),
		calloc(link_room, sizeof(bool)), 0, room, link_room};
	assert_non_null(oracle->values);
	assert_non_null(oracle->links);
	assert_non_null(oracle->removed);
}

static void oracle_close(struct oracle *oracle)
{
	free(oracle->values);
	free(oracle->links);
	free(oracle->removed);
}

static unsigned distance(const uint8_t *a, const uint8_t *b)
{
	unsigned bits = 0;
	for (size_t i = 0; i < SIZE; i += 8) {
		uint64_t x, y;
		memcpy(&x, a + i, 8);
		memcpy(&y, b + i, 8);
		bits += (unsigned)__builtin_popcountll(x ^ y);
	}
	return bits;
}

static int by_distance(const void *a, const void *b)
{
	const struct index_hit *x = a, *y = b;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return x->link < y->link ? -1 : x->link > y->link;
}

static bool odd_links_nearby(uint32_t link, unsigned bits, void *ctx)
{
	assert_ptr_equal(ctx, ops);
	return link % 2 == 1 && bits < 30;
}

static uint64_t oracle_find(const struct oracle *oracle, const uint8_t *query, unsigned radius,
	index_filter_fn *filter, struct index_hit *ret_hits)
{
	uint64_t total = 0;
	for (size_t i = 0; i < oracle->count; i++) {
		uint32_t link = oracle->links[i];
		unsigned bits = distance(oracle->values[i], query);
		if (bits > radius || oracle->removed[link] ||
			(filter && !filter(link, bits, (void *)ops)))
			continue;
		ret_hits[total++] = (struct index_hit){link, (uint16_t)bits, 0};
	}
	qsort(ret_hits, total, sizeof *ret_hits, by_distance);
	return total;
}

/* Adds count values to both; the links are theirs in order. */
static void add_both(struct index *index, struct oracle *oracle, const uint8_t *values,
	const uint32_t *links, size_t count)
{
	assert_true(oracle->count + count <= oracle->room);
	memcpy(oracle->values[oracle->count], values, count * SIZE);
	memcpy(oracle->links + oracle->count, links, count * sizeof *links);
	oracle->count += count;
	assert_int_equal(ops->add(index, values, links, count, NULL), HILF_OK);
}

static void remove_both(struct index *index, struct oracle *oracle, uint32_t link)
{
	assert_true(link < oracle->link_room);
	oracle->removed[link] = true;
	assert_int_equal(ops->remove(index, link, NULL), HILF_OK);
}

static void same_hits(const struct index_hits *ours, const struct index_hit *truth, uint64_t total,
	uint16_t query)
{
	assert_int_equal(ours->total, total);
	assert_int_equal(ours->count, total < ours->keep ? total : ours->keep);
	for (size_t i = 0; i < ours->count; i++) {
		assert_int_equal(ours->hits[i].link, truth[i].link);
		assert_int_equal(ours->hits[i].distance, truth[i].distance);
		assert_int_equal(ours->hits[i].query, query);
	}
}

/* Asks both for the queries: one by one with everything kept, then all at once with few kept. */
static void same_answers(struct index *index, const struct oracle *oracle, const uint8_t *queries,
	size_t count, unsigned radius, index_filter_fn *filter)
{
	static struct index_hit hits[KEEP_ALL], truth[KEEP_ALL], few[64][4];
	struct index_hits batch[64];
	assert_true(count <= 64 && oracle->count <= KEEP_ALL);
	for (size_t i = 0; i < count; i++)
		batch[i] = (struct index_hits){few[i], i % 5, 99, 99};
	assert_int_equal(
		ops->find_batch(index, queries, count, radius, filter, (void *)ops, batch, NULL),
		HILF_OK);
	for (size_t i = 0; i < count; i++) {
		struct index_hits one = {hits, KEEP_ALL, 99, 99};
		uint64_t total = oracle_find(oracle, queries + i * SIZE, radius, filter, truth);
		assert_int_equal(ops->find(index, queries + i * SIZE, radius, filter, (void *)ops,
					 &one, NULL),
			HILF_OK);
		same_hits(&one, truth, total, 0);
		same_hits(&batch[i], truth, total, (uint16_t)i);
	}
}

static struct index *open_index(void)
{
	struct index *index = NULL;
	assert_int_equal(ops->open(&index, NULL), HILF_OK);
	assert_non_null(index);
	return index;
}

/* --------------------------------------------------------------------------------------------- the suite */

static void empty_finds_nothing(void **state)
{
	struct index *index = open_index();
	struct index_hit hit;
	struct index_hits hits = {&hit, 1, 7, 7};
	struct index_usage usage;
	uint8_t query[SIZE] = {0};
	bool more = true;
	(void)state;
	assert_int_equal(ops->find(index, query, 48, NULL, NULL, &hits, NULL), HILF_OK);
	assert_int_equal(hits.count, 0);
	assert_int_equal(hits.total, 0);
	assert_int_equal(ops->find_batch(index, query, 0, 31, NULL, NULL, NULL, NULL), HILF_OK);
	assert_int_equal(ops->add(index, NULL, NULL, 0, NULL), HILF_OK);
	assert_int_equal(ops->remove(index, 12345, NULL), HILF_OK);
	assert_int_equal(ops->maintain(index, &more, NULL), HILF_OK);
	assert_false(more);
	ops->usage(index, &usage);
	assert_int_equal(usage.count, 0);
	ops->close(index);
	ops->close(NULL);
}

static void wrong_radius_is_refused(void **state)
{
	struct index *index = open_index();
	struct index_hits hits = {NULL, 0, 7, 8};
	struct hilf_err err;
	uint8_t query[SIZE] = {0};
	(void)state;
	assert_int_equal(ops->find(index, query, ops->radius_max + 1u, NULL, NULL, &hits, &err),
		HILF_E_INVALID);
	assert_int_equal(err.code, HILF_E_INVALID);
	assert_int_equal(hits.count, 7);
	assert_int_equal(hits.total, 8);
	ops->close(index);
}

/* Every distance from 0 to 48, from every radius that must and must not reach it, at several sizes. */
static void planted_values_are_found_at_every_distance(void **state)
{
	static const size_t sizes[] = {1, 300, 2000, 20000};
	static uint8_t values[20000][SIZE];
	static uint32_t links[20000];
	(void)state;
	for (size_t s = 0; s < COUNT_OF(sizes); s++) {
		struct index *index = open_index();
		for (size_t i = 0; i < sizes[s]; i++) {
			random_value(values[i]);
			links[i] = (uint32_t)i;
		}
		assert_int_equal(ops->add(index, values[0], links, sizes[s], NULL), HILF_OK);
		for (unsigned bits = 0; bits <= 48; bits++) {
			struct index_hit hit;
			struct index_hits hits = {&hit, 1, 0, 0};
			uint8_t query[SIZE];
			uint32_t wanted = (uint32_t)(chance() % sizes[s]);
			memcpy(query, values[wanted], SIZE);
			disturb(query, bits);
			for (unsigned radius = 0; radius <= 48; radius++) {
				assert_int_equal(
					ops->find(index, query, radius, NULL, NULL, &hits, NULL),
					HILF_OK);
				assert_int_equal(hits.total, radius >= bits);
				if (hits.total) {
					assert_int_equal(hit.link, wanted);
					assert_int_equal(hit.distance, bits);
				}
			}
		}
		ops->close(index);
	}
}

/* Values of several kinds: strangers, copies of others at a small distance, exact copies under other links. */
static void invent(const struct oracle *oracle, uint8_t *value)
{
	unsigned kind = (unsigned)(chance() % 10);
	if (oracle->count == 0 || kind < 4) {
		random_value(value);
		return;
	}
	memcpy(value, oracle->values[chance() % oracle->count], SIZE);
	if (kind < 9)
		disturb(value, (unsigned)(chance() % 50));
}

static void ask_at_random(struct index *index, const struct oracle *oracle, size_t count)
{
	uint8_t queries[64][SIZE];
	for (size_t i = 0; i < count; i++)
		invent(oracle, queries[i]);
	unsigned radius = chance() % 2 ? 31 : (unsigned)(chance() % 49);
	same_answers(
		index, oracle, queries[0], count, radius, chance() % 2 ? odd_links_nearby : NULL);
}

/* Adds of one and of many, removals, maintenance and questions in any order; sizes that go over the bounds of
 * whatever an implementation keeps apart. */
static void random_use_answers_as_the_oracle(void **state)
{
	enum { ROOM = 30000 };
	static uint8_t values[5000][SIZE];
	static uint32_t links[5000];
	(void)state;
	for (int round = 0; round < 4; round++) {
		struct index *index = open_index();
		struct oracle oracle;
		oracle_open(&oracle, ROOM, ROOM);
		while (oracle.count < ROOM - 5000) {
			unsigned what = (unsigned)(chance() % 100);
			size_t count = what < 60 ? 1 : what < 95 ? chance() % 300 : chance() % 5000;
			for (size_t i = 0; i < count; i++) {
				invent(&oracle, values[i]);
				links[i] = (uint32_t)(chance() % ROOM);
			}
			add_both(index, &oracle, values[0], links, count);
			if (what % 4 == 0)
				for (uint64_t i = chance() % (round == 3 ? 300 : 20); i; i--)
					remove_both(index, &oracle, (uint32_t)(chance() % ROOM));
			bool more;
			if (what % 8 == 1)
				assert_int_equal(ops->maintain(index, &more, NULL), HILF_OK);
			if (what % 8 == 2)
				ask_at_random(index, &oracle, 2);
		}
		for (bool more = true; more;)
			assert_int_equal(ops->maintain(index, &more, NULL), HILF_OK);
		ask_at_random(index, &oracle, 32);
		struct index_usage usage;
		uint64_t in_force = 0;
		for (size_t i = 0; i < oracle.count; i++)
			in_force += !oracle.removed[oracle.links[i]];
		ops->usage(index, &usage);
		assert_int_equal(usage.count, in_force);
		assert_true(usage.size > in_force * SIZE);
		oracle_close(&oracle);
		ops->close(index);
	}
}

/* One value at a time, each found by the next question; the same for its removal. */
static void each_add_is_found_at_once_and_each_removal_too(void **state)
{
	enum { COUNT = 9500 };
	static uint8_t values[COUNT][SIZE];
	struct index *index = open_index();
	struct index_hit hit;
	struct index_hits hits = {&hit, 1, 0, 0};
	(void)state;
	for (uint32_t i = 0; i < COUNT; i++) {
		random_value(values[i]);
		assert_int_equal(ops->add(index, values[i], &i, 1, NULL), HILF_OK);
		for (uint32_t back = 0; back < 2; back++) {
			uint32_t wanted = back ? (uint32_t)(chance() % (i + 1)) : i;
			uint8_t query[SIZE];
			memcpy(query, values[wanted], SIZE);
			disturb(query, 31);
			assert_int_equal(
				ops->find(index, query, 31, NULL, NULL, &hits, NULL), HILF_OK);
			assert_int_equal(hits.total, wanted % 7 != 0 || wanted == i);
		}
		if (i % 7 == 0)
			assert_int_equal(ops->remove(index, i, NULL), HILF_OK);
		assert_int_equal(ops->find(index, values[i], 31, NULL, NULL, &hits, NULL), HILF_OK);
		assert_int_equal(hits.total, i % 7 != 0);
	}
	ops->close(index);
}

static void removed_links_never_come_back(void **state)
{
	struct index *index = open_index();
	struct index_hits hits = {NULL, 0, 0, 0};
	uint8_t values[3][SIZE];
	const uint32_t links[3] = {4000000000u, 7, 4000000000u};
	(void)state;
	random_value(values[0]);
	memcpy(values[1], values[0], SIZE);
	memcpy(values[2], values[0], SIZE);
	assert_int_equal(ops->add(index, values[0], links, 3, NULL), HILF_OK);
	assert_int_equal(ops->find(index, values[0], 0, NULL, NULL, &hits, NULL), HILF_OK);
	assert_int_equal(hits.total, 3);
	assert_int_equal(ops->remove(index, links[0], NULL), HILF_OK);
	assert_int_equal(ops->find(index, values[0], 0, NULL, NULL, &hits, NULL), HILF_OK);
	assert_int_equal(hits.total, 1);
	assert_int_equal(ops->add(index, values[0], links, 1, NULL), HILF_OK);
	assert_int_equal(ops->find(index, values[0], 0, NULL, NULL, &hits, NULL), HILF_OK);
	assert_int_equal(hits.total, 1);
	ops->close(index);
}

/* Ten thousand identical values, and a cluster around them: all counted, the nearest kept, whatever the limit. */
static void crowds_are_counted_and_the_nearest_kept(void **state)
{
	enum { SAME = 10000, CLUSTER = 10000 };
	static uint8_t values[SAME + CLUSTER][SIZE];
	static uint32_t links[SAME + CLUSTER];
	struct index *index = open_index();
	struct oracle oracle;
	uint8_t queries[6][SIZE];
	(void)state;
	oracle_open(&oracle, SAME + CLUSTER, SAME + CLUSTER);
	random_value(values[0]);
	for (size_t i = 0; i < SAME + CLUSTER; i++) {
		memcpy(values[i], values[0], SIZE);
		if (i >= SAME)
			disturb(values[i], (unsigned)(chance() % 24));
		links[i] = (uint32_t)((i * 7919) % (SAME + CLUSTER));
	}
	add_both(index, &oracle, values[0], links, SAME);
	for (size_t i = SAME; i < SAME + 3000; i++)
		add_both(index, &oracle, values[i], links + i, 1);
	add_both(index, &oracle, values[SAME + 3000], links + SAME + 3000, CLUSTER - 3000);
	for (unsigned i = 0; i < 6; i++) {
		memcpy(queries[i], values[0], SIZE);
		disturb(queries[i], 8 * i);
	}
	same_answers(index, &oracle, queries[0], 6, 31, NULL);
	same_answers(index, &oracle, queries[0], 6, 0, NULL);
	same_answers(index, &oracle, queries[0], 6, 48, odd_links_nearby);
	for (uint32_t link = 0; link < SAME + CLUSTER; link += 1 + link % 3)
		remove_both(index, &oracle, link);
	same_answers(index, &oracle, queries[0], 6, 40, NULL);
	for (bool more = true; more;)
		assert_int_equal(ops->maintain(index, &more, NULL), HILF_OK);
	same_answers(index, &oracle, queries[0], 6, 40, NULL);
	oracle_close(&oracle);
	ops->close(index);
}

/* Frames of films: each like the one before. Buckets are far from even then. */
static void films_answer_as_the_oracle(void **state)
{
	enum { FILMS = 60, FRAMES = 400 };
	static uint8_t values[FILMS * FRAMES][SIZE];
	static uint32_t links[FILMS * FRAMES];
	struct index *index = open_index();
	struct oracle oracle;
	uint8_t queries[48][SIZE];
	(void)state;
	oracle_open(&oracle, FILMS * FRAMES, FILMS * FRAMES);
	for (size_t i = 0; i < FILMS * FRAMES; i++) {
		links[i] = (uint32_t)i;
		if (i % 30 == 0) {
			random_value(values[i]);
			continue;
		}
		memcpy(values[i], values[i - 1], SIZE);
		disturb(values[i], (unsigned)(chance() % 12));
	}
	add_both(index, &oracle, values[0], links, FILMS * FRAMES);
	for (unsigned i = 0; i < 48; i++) {
		memcpy(queries[i], values[chance() % (FILMS * FRAMES)], SIZE);
		disturb(queries[i], i);
	}
	for (unsigned radius = 0; radius <= 48; radius += 3)
		same_answers(index, &oracle, queries[0], 48, radius, NULL);
	oracle_close(&oracle);
	ops->close(index);
}

/* Saved at any moment, loaded, asked, and gone on with from there. */
static void a_loaded_index_answers_and_goes_on_as_the_saved_one(void **state)
{
	enum { ROOM = 12000 };
	static uint8_t values[3000][SIZE];
	static uint32_t links[3000];
	struct index_stamp stamp = {{1, 2, 3}, 0, {4, 5, 6}}, loaded;
	char folder[256];
	(void)state;
	if (!ops->save) {
		assert_null(ops->load);
		assert_null(ops->warm);
		assert_null(ops->drop);
		return;
	}
	folder_make(folder, sizeof folder);
	struct index *index = open_index(), *none = NULL;
	struct oracle oracle;
	oracle_open(&oracle, ROOM, ROOM);
	assert_int_equal(ops->load(&none, folder, &stamp, &loaded, NULL), HILF_E_NOT_FOUND);
	for (size_t count = 0; oracle.count + count <= ROOM; count = chance() % 3000) {
		for (size_t i = 0; i < count; i++) {
			invent(&oracle, values[i]);
			links[i] = (uint32_t)(chance() % ROOM);
		}
		add_both(index, &oracle, values[0], links, count);
		for (unsigned i = 0; i < 20; i++)
			remove_both(index, &oracle, (uint32_t)(chance() % ROOM));
		stamp.seq += count;
		assert_int_equal(ops->save(index, folder, &stamp, NULL), HILF_OK);
		ops->close(index);
		assert_int_equal(ops->load(&index, folder, &stamp, &loaded, NULL), HILF_OK);
		assert_memory_equal(&loaded, &stamp, sizeof stamp);
		if (oracle.count > 0)
			ask_at_random(index, &oracle, 20);
		bool more = count % 2;
		while (more)
			assert_int_equal(ops->warm(index, 1, &more, NULL), HILF_OK);
	}
	ask_at_random(index, &oracle, 20);
	stamp.store[0]++;
	assert_int_equal(ops->load(&none, folder, &stamp, &loaded, NULL), HILF_E_INVALID);
	assert_int_equal(ops->drop(folder, NULL), HILF_OK);
	assert_int_equal(ops->load(&none, folder, &stamp, &loaded, NULL), HILF_E_NOT_FOUND);
	assert_null(none);
	ops->close(index);
	oracle_close(&oracle);
	folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_finds_nothing),
		cmocka_unit_test(wrong_radius_is_refused),
		cmocka_unit_test(planted_values_are_found_at_every_distance),
		cmocka_unit_test(random_use_answers_as_the_oracle),
		cmocka_unit_test(each_add_is_found_at_once_and_each_removal_too),
		cmocka_unit_test(removed_links_never_come_back),
		cmocka_unit_test(crowds_are_counted_and_the_nearest_kept),
		cmocka_unit_test(films_answer_as_the_oracle),
		cmocka_unit_test(a_loaded_index_answers_and_goes_on_as_the_saved_one),
	};
	int failed = 0;
	for (size_t i = 0; index_kinds[i]; i++) {
		ops = index_kinds[i];
		seed = 20251107;
		printf("# %s\n", ops->name);
		failed += cmocka_run_group_tests_name(ops->name, tests, NULL, NULL);
	}
	return failed;
}
