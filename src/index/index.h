/* Similarity indexes: every value within a radius of a query, exhaustively, while values come and go.
 *
 * A value is bytes of one size; a link is the caller's 32-bit number for what the value belongs to (the entry's
 * node-local id). Several values may share a link, several links a value. An implementation is one const struct
 * index_ops and one line in index_kinds; test/conform/index_conform.c runs over all of them.
 *
 * Threads: find and find_batch from any number of threads, without locks, while one writer adds and removes. What add
 * and remove returned before a find began, the find sees. Merging (ops->maintain) is the writer's too, and happens
 * behind the readers. */
#ifndef INDEX_INDEX_H
#define INDEX_INDEX_H

#include "hilf.h"

struct index; /* each implementation's own, behind this pointer */

struct index_hit {
	uint32_t link;
	uint16_t distance;
	uint16_t query; /* which of find_batch's queries, from 0 */
};

/* The `keep` nearest hits, nearest first, and how many there were in all. The caller owns `hits` (room for keep). */
struct index_hits {
	struct index_hit *hits;
	size_t keep;
	size_t count;   /* filled, at most keep */
	uint64_t total; /* found, kept or not */
};

/* Which links count: called for a hit before it is counted; true counts it. NULL: all. Here the caller filters by bank,
 * by the bank's own radius, by expiry. Called once for a hit; it must not call the index. */
typedef bool index_filter_fn(uint32_t link, unsigned distance, void *ctx);

#define INDEX_ABI       1u
#define INDEX_BATCH_MAX 65536u

struct index_usage {
	uint64_t count; /* values in force: counted one by one, milliseconds for a million */
	uint64_t size;  /* bytes held, with what removal and merging have not given back yet */
};

struct index_ops {
	uint32_t abi;
	const char *name;
	uint16_t value_size;
	uint16_t radius_max;
	int (*open)(struct index **ret_index, struct hilf_err *err);
	void (*close)(struct index *index);
	/* count values of value_size bytes each, one after the other. All or nothing. Many at once are far cheaper than
	 * one by one (a million: a third of a second), and leave an index that is faster to ask. */
	int (*add)(struct index *index, const uint8_t *values, const uint32_t *links, size_t count,
		struct hilf_err *err);
	/* Forgets every value of the link, for good: a link that was removed is never found again, whatever is added
	 * under it later. Takes no time to speak of. Unknown links are none of its business: 0. */
	int (*remove)(struct index *index, uint32_t link, struct hilf_err *err);
	/* Allocates nothing; fails only with HILF_E_INVALID, for a radius above radius_max. */
	int (*find)(struct index *index, const uint8_t *query, unsigned radius,
		index_filter_fn *filter, void *ctx, struct index_hits *ret_hits,
		struct hilf_err *err);
	/* The same for at most INDEX_BATCH_MAX queries at once, interleaved so that memory latency hides;
	 * ret_hits[count]. */
	int (*find_batch)(struct index *index, const uint8_t *queries, size_t count,
		unsigned radius, index_filter_fn *filter, void *ctx, struct index_hits *ret_hits,
		struct hilf_err *err);
	/* Does at most a little (under a millisecond) of the merging that is due; *ret_more says whether there is more.
	 * Adds do what cannot wait by themselves. */
	int (*maintain)(struct index *index, bool *ret_more, struct hilf_err *err);
	/* From any thread. */
	void (*usage)(const struct index *index, struct index_usage *ret_usage);
};

extern const struct index_ops index_linear;  /* the truth that the others are tested against */
extern const struct index_ops index_hamming; /* 256 bits, multi-index hashing */

extern const struct index_ops *const index_kinds[]; /* all of them, ended by NULL */

#endif
