/* The exhaustive index of 256-bit values beside FAISS's exact one, IndexBinaryMultiHash of 16 tables of 16 bits with one
 * flip, at radius 31: random values, one thread, half of the queries strangers and half planted at 0 to 31 bits. Both
 * must find the same, or nothing is printed.
 *
 *     index_bench [COUNT] [--alone]      1,000,000 values; without the peer (it needs 430 bytes a value) */
extern "C" {
#include "bench/bench.h"
#include "index/index.h"
}

#include "bench/asking.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/IndexBinaryHash.h>
#include <memory>
#include <omp.h>
#include <vector>

namespace
{

const size_t SIZE = 32;
const size_t QUERIES = 20000;
/* What a run takes of them, going round: some milliseconds for both, so that some runs of each are not disturbed, and
 * as many strangers as planted ones. */
const size_t OUR_RUN = 2000;
const size_t PEER_RUN = 4;

uint64_t seed = 20251107;

uint64_t chance()
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545f4914f6cdd1du;
}

struct world {
	std::vector<uint8_t> values;
	std::vector<uint32_t> links;
	std::vector<uint8_t> queries;
	struct index *index = nullptr;
	std::unique_ptr<faiss::IndexBinaryMultiHash> peer;
	size_t next = 0, peer_next = 0;
	uint64_t found = 0;

	const uint8_t *query(size_t i) const
	{
		return queries.data() + i * SIZE;
	}
	size_t count() const
	{
		return links.size();
	}
};

void make_world(world &world, size_t count)
{
	world.values.resize(count * SIZE);
	world.links.resize(count);
	world.queries.resize(QUERIES * SIZE);
	for (size_t i = 0; i < count * SIZE; i++)
		world.values[i] = (uint8_t)(chance() >> 40);
	for (size_t i = 0; i < count; i++)
		world.links[i] = (uint32_t)i;
	for (size_t i = 0; i < QUERIES; i++) {
		uint8_t *query = &world.queries[i * SIZE];
		for (size_t j = 0; j < SIZE; j++)
			query[j] = (uint8_t)(chance() >> 40);
		if (i % 2 == 0)
			continue;
		std::memcpy(query, &world.values[(chance() >> 20) % count * SIZE], SIZE);
		bool turned[SIZE * 8] = {};
		for (size_t bits = (chance() >> 20) % (RADIUS + 1); bits > 0;) {
			size_t bit = (chance() >> 20) % (SIZE * 8);
			if (turned[bit])
				continue;
			turned[bit] = true;
			query[bit / 8] ^= (uint8_t)(1u << bit % 8);
			bits--;
		}
	}
}

void run_ours(void *ctx)
{
	world &world = *(struct world *)ctx;
	for (size_t i = 0; i < OUR_RUN; i++, world.next = (world.next + 1) % QUERIES)
		world.found += find(world.index, world.query(world.next));
}

void run_batch(void *ctx)
{
	world &world = *(struct world *)ctx;
	world.next = world.next / OUR_RUN * OUR_RUN;
	world.found += find_batch<OUR_RUN>(world.index, world.query(world.next));
	world.next = (world.next + OUR_RUN) % QUERIES;
}

void run_peer(void *ctx)
{
	world &world = *(struct world *)ctx;
	for (size_t i = 0; i < PEER_RUN; i++, world.peer_next = (world.peer_next + 1) % QUERIES)
		world.found += peer_find(*world.peer, world.query(world.peer_next));
}

void check_same(world &world)
{
	uint64_t total = 0;
	for (size_t i = 0; i < 1000; i++) {
		uint64_t ours = find(world.index, world.query(i));
		total += ours;
		if (ours != peer_find(*world.peer, world.query(i)))
			die("ours and FAISS do not find the same");
	}
	std::printf(
		"# both found the same %llu values for 1,000 queries\n", (unsigned long long)total);
}

void bench_queries(world &world)
{
	double ours, peer;
	bench_fn *peer_fn = world.peer ? run_peer : nullptr;
	bench_pair(run_ours, &world, peer_fn, &world, 2, &ours, &peer);
	peer = world.peer ? PEER_RUN / peer : 0;
	bench_row("exact queries, one by one", OUR_RUN / ours, peer, "queries/s");
	bench_pair(run_batch, &world, peer_fn, &world, 1, &ours, &peer);
	peer = world.peer ? PEER_RUN / peer : 0;
	bench_row("exact queries, in batches", OUR_RUN / ours, peer, "queries/s");
}

/* The time that this thread had a processor: what runs once has no second turn to be undisturbed in. */
double processor_now()
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double add_all(world &world)
{
	double begin = processor_now();
	if (index_hamming.add(world.index, world.values.data(), world.links.data(), world.count(),
		    nullptr) < 0)
		die("add failed");
	return processor_now() - begin;
}

/* One by one from nothing; a question after every thousandth shows that it was seen. */
void bench_adds(world &world, double peer_s)
{
	double worst = 0, begin = processor_now(), before = begin, late = 0;
	size_t count = world.count(), last = count - count / 10;
	for (size_t i = 0; i < count; i++) {
		if (i == last)
			late = before;
		if (index_hamming.add(
			    world.index, &world.values[i * SIZE], &world.links[i], 1, nullptr) < 0)
			die("add failed");
		double now = processor_now();
		worst = std::max(worst, now - before);
		if (i % 1000 == 0 && find(world.index, &world.values[i * SIZE]) == 0)
			die("an add was not seen");
		before = i % 1000 == 0 ? processor_now() : now;
	}
	bench_row("add one, from empty on", (before - begin) / (double)count * 1e6,
		peer_s / (double)count * 1e6, "us");
	bench_row(
		"add one, the last tenth", (before - late) / (double)(count - last) * 1e6, 0, "us");
	bench_row("the slowest add", worst * 1e3, 0, "ms");
}

} // namespace

int main(int argc, char **argv)
{
	size_t count = 1000000;
	bool alone = false;
	for (int i = 1; i < argc; i++)
		if (std::strcmp(argv[i], "--alone") == 0)
			alone = true;
		else
			count = std::strtoull(argv[i], nullptr, 10);
	if (count < 1000)
		die("usage: index_bench [COUNT] [--alone], at least 1,000");
	omp_set_num_threads(1);

	world world;
	make_world(world, count);
	world.index = open_index();
	double ours_s = add_all(world), peer_s = 0;
	if (!alone) {
		world.peer = std::make_unique<faiss::IndexBinaryMultiHash>(256, 16, 16);
		world.peer->nflip = 1;
		double begin = processor_now();
		world.peer->add((faiss::IndexBinary::idx_t)count, world.values.data());
		peer_s = processor_now() - begin;
		check_same(world);
	}
	std::printf("# %zu values, radius %u, one thread\n", count, RADIUS);
	bench_queries(world);
	bench_row("add all at once", ours_s, peer_s, "s");
	struct index_usage usage;
	index_hamming.usage(world.index, &usage);
	bench_row("memory per value", (double)usage.size / (double)count, 0, "bytes");
	index_hamming.close(world.index);

	world.index = open_index();
	bench_adds(world, peer_s);
	std::unique_ptr<faiss::IndexBinaryMultiHash> peer = std::move(world.peer);
	double ours = bench_time(run_ours, &world, 1);
	bench_row("exact queries, one by one, after those adds", OUR_RUN / ours, 0, "queries/s");
	bool more = true;
	while (more)
		if (index_hamming.maintain(world.index, &more, nullptr) < 0)
			die("maintain failed");
	ours = bench_time(run_ours, &world, 1);
	bench_row("the same with no merge waiting", OUR_RUN / ours, 0, "queries/s");
	index_hamming.close(world.index);
	return 0;
}
