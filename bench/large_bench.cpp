/* The exhaustive index at ten million: every figure that `make bench-large` prints, one build, one configuration, radius
 * 31, half of the queries strangers, one thread unless said otherwise.
 *
 *     large_bench [--count N] [PART]...      random, adds, start, skew; all of them if not said
 *
 * `random` is beside a blocked AVX-512 linear scan, `skew` beside FAISS's exact index. Each part checks first that both
 * sides find the same, and prints nothing if they do not. Adds beside queries are measured by the time that each thread
 * had a processor, which on a machine with two free cores is the time that passed. */
extern "C" {
#include "bench/bench.h"
#include "bench/scan.h"
#include "index/index.h"
}

#include "bench/asking.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/IndexBinaryHash.h>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <omp.h>
#include <random>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace
{

const size_t SIZE = 32;
const size_t QUERIES = 20000;
const size_t OUR_RUN = 1000; /* of them in one run; short, so that some runs are not disturbed */
const size_t PEER_RUN = 50;
const size_t ADDS_AT_ONCE = 1000; /* what a record holds */
const uint64_t SEED = 20251107;

/* The skewed base: video as it is shared. */
const size_t CLIPS = 2000, FRAMES = 500, FRAMES_OF_A_SHOT = 30;
const double FLIPS_MEAN = 6, REPEATS = 0.01;

typedef std::mt19937_64 chance;

void fill(chance &chance, uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i += 8) {
		uint64_t word = chance();
		std::memcpy(bytes + i, &word, 8);
	}
}

/* Turns over that many different bits. */
void flip(chance &chance, uint8_t *value, unsigned bits)
{
	bool turned[SIZE * 8] = {};
	for (; bits > 0; bits--) {
		size_t bit;
		do
			bit = chance() % (SIZE * 8);
		while (turned[bit]);
		turned[bit] = true;
		value[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

struct world {
	std::vector<uint8_t> values, queries;
	std::vector<uint32_t> links;
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

/* Half strangers, half values with 0 to 31 bits turned over. */
void make_queries(world &world, chance &chance)
{
	world.links.resize(world.values.size() / SIZE);
	for (size_t i = 0; i < world.count(); i++)
		world.links[i] = (uint32_t)i;
	world.queries.resize(QUERIES * SIZE);
	for (size_t i = 0; i < QUERIES; i++) {
		uint8_t *query = &world.queries[i * SIZE];
		fill(chance, query, SIZE);
		if (i % 2 == 0)
			continue;
		std::memcpy(query, &world.values[chance() % world.count() * SIZE], SIZE);
		flip(chance, query, (unsigned)(chance() % (RADIUS + 1)));
	}
}

void make_random(world &world, size_t count)
{
	chance chance(SEED);
	world.values.resize(count * SIZE);
	fill(chance, world.values.data(), world.values.size());
	make_queries(world, chance);
}

void make_skewed(world &world)
{
	chance chance(SEED);
	std::poisson_distribution<unsigned> flips(FLIPS_MEAN);
	std::bernoulli_distribution repeats(REPEATS);
	world.values.resize(CLIPS * FRAMES * SIZE);
	for (size_t i = 0; i < CLIPS * FRAMES; i++) {
		uint8_t *value = &world.values[i * SIZE];
		if (i > 0 && repeats(chance))
			std::memcpy(value, &world.values[chance() % i * SIZE], SIZE);
		else if (i % FRAMES % FRAMES_OF_A_SHOT == 0)
			fill(chance, value, SIZE);
		else {
			std::memcpy(value, value - SIZE, SIZE);
			flip(chance, value, std::min(flips(chance), 256u));
		}
	}
	make_queries(world, chance);
}

void add(struct index *index, const uint8_t *values, const uint32_t *links, size_t count)
{
	if (index_hamming.add(index, values, links, count, nullptr) < 0)
		die("add failed");
}

void build(world &world)
{
	world.index = open_index();
	double begin = bench_now();
	add(world.index, world.values.data(), world.links.data(), world.count());
	bench_row("add all at once", bench_now() - begin, 0, "s");
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

double our_rate(world &world, double seconds)
{
	return OUR_RUN / bench_time(run_ours, &world, seconds);
}

double bytes_per_value(struct index *index)
{
	struct index_usage usage;
	index_hamming.usage(index, &usage);
	return (double)usage.size / (double)usage.count;
}

/* ------------------------------------------------------------------------------------------ random */

typedef void scan_fn(const uint8_t *, size_t, const uint8_t *, unsigned, uint64_t *);

/* The least of several runs over all values; checks what it finds. */
double scan_rate(world &world, scan_fn *scan)
{
	double least = 0;
	for (size_t run = 0; run < 4; run++) {
		const uint8_t *queries = world.query(run * SCAN_BLOCK);
		uint64_t counts[SCAN_BLOCK];
		double begin = bench_now();
		scan(world.values.data(), world.count(), queries, RADIUS, counts);
		double time = bench_now() - begin;
		least = run == 0 || time < least ? time : least;
		for (size_t i = 0; i < SCAN_BLOCK; i++)
			if (counts[i] != find(world.index, queries + i * SIZE))
				die("the index and the linear scan do not find the same");
	}
	return SCAN_BLOCK / least;
}

void bench_random(world &world)
{
	double ours = our_rate(world, 2), scan = 0, early = 0;
	if (scan_possible()) {
		scan = scan_rate(world, scan_block);
		ours = std::max(ours, our_rate(world, 1));
		early = scan_rate(world, scan_block_early);
		ours = std::max(ours, our_rate(world, 1));
	}
	bench_row("one by one, beside a blocked linear scan", ours, scan, "queries/s");
	bench_row("the same, beside one that gives up early", ours, early, "queries/s");
	ours = OUR_RUN / bench_time(run_batch, &world, 2);
	bench_row("in batches, beside a blocked linear scan", ours, scan, "queries/s");
	bench_row("memory per value", bytes_per_value(world.index), 0, "bytes");
}

/* ------------------------------------------------------------------------------------------ adds */

double processor_now()
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Adds at a rate (0: as fast as it can) until told to stop; how many a second of processor and of time. */
struct adder {
	struct world *world;
	double rate;
	std::atomic<bool> stop{false};
	size_t count = 0;
	double processor_s = 0, time_s = 0;
	uint64_t seed = 0;
};

void keep_adding(adder *adder)
{
	chance chance(adder->seed);
	std::vector<uint8_t> values(ADDS_AT_ONCE * SIZE);
	std::vector<uint32_t> links(ADDS_AT_ONCE);
	double begin = bench_now(), spent = 0;
	uint32_t link = 1u << 30;
	while (!adder->stop) {
		fill(chance, values.data(), values.size());
		for (uint32_t &one : links)
			one = link++;
		double before = processor_now();
		add(adder->world->index, values.data(), links.data(), ADDS_AT_ONCE);
		spent += processor_now() - before;
		adder->count += ADDS_AT_ONCE;
		double due = adder->rate > 0 ? begin + (double)adder->count / adder->rate : 0;
		for (double now = bench_now(); now < due && !adder->stop; now = bench_now())
			usleep((useconds_t)std::max(1.0, (due - now) * 1e6));
	}
	adder->processor_s = spent;
	adder->time_s = bench_now() - begin;
}

/* Queries a second of this thread's processor, over some seconds. */
double rate_now(world &world, double seconds)
{
	double begin = bench_now(), before = processor_now();
	size_t count = 0;
	for (; bench_now() - begin < seconds; count += OUR_RUN)
		run_ours(&world);
	return (double)count / (processor_now() - before);
}

void bench_adds(world &world)
{
	const double rates[] = {50000, 200000, 0};
	for (double rate : rates) {
		bool more = true;
		while (more)
			if (index_hamming.maintain(world.index, &more, nullptr) < 0)
				die("maintain failed");
		double alone = rate_now(world, 1.5);
		adder adder;
		adder.world = &world;
		adder.rate = rate;
		adder.seed = SEED + (uint64_t)rate;
		std::thread thread(keep_adding, &adder);
		double beside = rate_now(world, 3);
		adder.stop = true;
		thread.join();
		char name[80];
		std::snprintf(name, sizeof name,
			rate > 0 ? "adds beside queries, %.0f wanted"
				 : "adds beside queries, all it can",
			rate);
		bench_row(name,
			rate > 0 ? (double)adder.count / adder.time_s
				 : (double)adder.count / adder.processor_s,
			0, "adds/s");
		bench_row("  loss of query speed", 100 * (1 - beside / alone), 0, "%");
	}
}

/* ------------------------------------------------------------------------------------------ start */

void drop_cache(const std::string &dir)
{
	sync();
	for (const auto &entry : std::filesystem::directory_iterator(dir)) {
		int fd = open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
			close(fd);
		}
	}
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) { /* as root: the folder's own blocks as well */
		if (write(fd, "1", 1) != 1)
			std::fprintf(stderr, "large_bench: the page cache could not be dropped "
					     "whole\n");
		close(fd);
	}
}

void bench_start(world &world)
{
	struct index_stamp stamp = {{1}, 1, {2}}, loaded;
	struct hilf_err err;
	const char *parent = std::getenv("TMPDIR");
	std::string dir = std::string(parent ? parent : "/tmp") + "/hilf-large-XXXXXX";
	if (!index_hamming.save) {
		std::printf("# start: this build has no snapshots\n");
		return;
	}
	if (!mkdtemp(dir.data()))
		die("no folder for the snapshot");
	std::vector<uint64_t> expected;
	for (size_t i = 0; i < 200; i++)
		expected.push_back(find(world.index, world.query(i)));
	double full = our_rate(world, 1), begin = bench_now();
	if (index_hamming.save(world.index, dir.c_str(), &stamp, &err) < 0)
		die(err.text);
	bench_row("save", bench_now() - begin, 0, "s");
	uintmax_t size = 0;
	for (const auto &entry : std::filesystem::directory_iterator(dir))
		size += entry.file_size();
	bench_row("  size on disk per value", (double)size / (double)world.count(), 0, "bytes");
	index_hamming.close(world.index);
	world.index = nullptr;
	drop_cache(dir);
	begin = bench_now();
	if (index_hamming.load(&world.index, dir.c_str(), &stamp, &loaded, &err) < 0)
		die(err.text);
	bool same = find(world.index, world.query(0)) == expected[0];
	bench_row("start, cold page cache: first answer", bench_now() - begin, 0, "s");
	std::atomic<bool> more{true};
	std::thread warmer([&] {
		bool left = true;
		struct hilf_err warm_err;
		while (left)
			if (index_hamming.warm(world.index, (size_t)64 << 20, &left, &warm_err) < 0)
				die(warm_err.text);
		more = false;
	});
	double fast = 0;
	while (fast == 0 || more) {
		double before = processor_now();
		for (size_t i = 0; i < 200; i++)
			same = same && find(world.index, world.query(i)) == expected[i];
		double rate = 200 / (processor_now() - before);
		if (fast == 0 && rate > 0.8 * full)
			fast = bench_now() - begin;
		if (bench_now() - begin > 60)
			break;
	}
	warmer.join();
	bench_row("start, cold page cache: full speed", fast > 0 ? fast : 60, 0, "s");
	bench_row("start, cold page cache: all read", bench_now() - begin, 0, "s");
	if (!same)
		die("the index that was loaded does not find the same");
	std::filesystem::remove_all(dir);
}

/* ------------------------------------------------------------------------------------------ skew */

void bench_skew()
{
	world world;
	make_skewed(world);
	std::printf("# skewed: %zu clips of %zu frames\n", CLIPS, FRAMES);
	build(world);
	world.peer = std::make_unique<faiss::IndexBinaryMultiHash>(256, 16, 16);
	world.peer->nflip = 1;
	world.peer->add((faiss::IndexBinary::idx_t)world.count(), world.values.data());
	uint64_t total = 0;
	for (size_t i = 0; i < 500; i++) {
		uint64_t ours = find(world.index, world.query(i));
		total += ours;
		if (ours != peer_find(*world.peer, world.query(i)))
			die("ours and FAISS do not find the same");
	}
	std::printf(
		"# both found the same %llu values for 500 queries\n", (unsigned long long)total);
	double ours, peer;
	bench_pair(run_ours, &world, run_peer, &world, 3, &ours, &peer);
	bench_row("skewed, one by one, beside FAISS exact", OUR_RUN / ours, PEER_RUN / peer,
		"queries/s");
	bench_row("skewed, memory per value", bytes_per_value(world.index), 0, "bytes");
	index_hamming.close(world.index);
}

} // namespace

int main(int argc, char **argv)
{
	size_t count = 10000000;
	std::vector<std::string> parts;
	for (int i = 1; i < argc; i++)
		if (std::strcmp(argv[i], "--count") == 0 && i + 1 < argc)
			count = std::strtoull(argv[++i], nullptr, 10);
		else
			parts.emplace_back(argv[i]);
	auto wanted = [&](const char *part) {
		return parts.empty() || std::find(parts.begin(), parts.end(), part) != parts.end();
	};
	if (count < 1000)
		die("--count: at least 1,000");
	omp_set_num_threads(1);
	std::setvbuf(stdout, nullptr, _IOLBF, 0);
	if (wanted("random") || wanted("start") || wanted("adds")) {
		world world;
		make_random(world, count);
		std::printf("# %zu random values, radius %u, one thread\n", count, RADIUS);
		build(world);
		if (wanted("random"))
			bench_random(world);
		if (wanted("start"))
			bench_start(world);
		if (wanted("adds"))
			bench_adds(world);
		index_hamming.close(world.index);
	}
	if (wanted("skew"))
		bench_skew();
	return 0;
}
