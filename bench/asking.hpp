/* What the benchmarks of the index share: one question to ours, the same question to FAISS, both counting what is at most
 * RADIUS bits away. */
#ifndef BENCH_ASKING_HPP
#define BENCH_ASKING_HPP

extern "C" {
#include "index/index.h"
}

#include <cstdio>
#include <cstdlib>
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/IndexBinaryHash.h>

const unsigned RADIUS = 31;

[[noreturn]] inline void die(const char *what)
{
	std::fprintf(stderr, "bench: %s\n", what);
	std::exit(1);
}

inline struct index *open_index()
{
	struct index *index = nullptr;
	if (index_hamming.open(&index, nullptr) < 0)
		die("no memory");
	return index;
}

inline uint64_t find(struct index *index, const uint8_t *query)
{
	struct index_hit hits[16];
	struct index_hits found = {hits, 16, 0, 0};
	struct hilf_err err;
	if (index_hamming.find(index, query, RADIUS, nullptr, nullptr, &found, &err) < 0)
		die(err.text);
	return found.total;
}

/* COUNT queries at once. */
template <size_t COUNT> uint64_t find_batch(struct index *index, const uint8_t *queries)
{
	static struct index_hit hits[COUNT][16];
	static struct index_hits found[COUNT];
	uint64_t total = 0;
	for (size_t i = 0; i < COUNT; i++)
		found[i] = {hits[i], 16, 0, 0};
	if (index_hamming.find_batch(
		    index, queries, COUNT, RADIUS, nullptr, nullptr, found, nullptr) < 0)
		die("find_batch failed");
	for (size_t i = 0; i < COUNT; i++)
		total += found[i].total;
	return total;
}

/* FAISS counts what is nearer than its radius, we what is at most as far. */
inline uint64_t peer_find(const faiss::IndexBinaryMultiHash &peer, const uint8_t *query)
{
	faiss::RangeSearchResult result(1);
	peer.range_search(1, query, (int)RADIUS + 1, &result);
	return result.lims[1];
}

#endif
