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

/* What a snapshot stands for: the state of a store after a record of its feed. Kept beside the values, to be compared by
 * the caller. */
struct index_stamp {
	uint8_t store[16];  /* which store */
	uint64_t seq;       /* what the feed had come to */
	uint8_t record[16]; /* the id of the record at seq; zeros at 0 */
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
	/* From any thread. Of an index that was loaded it reads all links, and leaves out what turns out to be damaged. */
	void (*usage)(const struct index *index, struct index_usage *ret_usage);

	/* Snapshots: NULL where a kind has none. A snapshot is a folder of files that are written once, and a manifest
	 * that names them (docs/formats/index.md).
	 *
	 * Writes into the folder, which is there, what is not there yet, then the manifest, then removes what no
	 * manifest names. Whatever fails, and wherever it is broken off, what was there before stays whole. The writer's;
	 * readers go on meanwhile. One process at a time: the caller sees to that. */
	int (*save)(struct index *index, const char *dir, const struct index_stamp *stamp,
		struct hilf_err *err);
	/* Opens the index as it was saved, without reading it: each block is read and verified when first needed.
	 * HILF_E_NOT_FOUND: there is none. HILF_E_INVALID: it is another store's than expected->store (only that is
	 * compared). HILF_E_CORRUPT, HILF_E_VERSION. From then on find, find_batch, add, maintain, save and warm can fail
	 * with HILF_E_CORRUPT, which names file, block and reason: the index is to be closed then, the snapshot removed,
	 * and another index made from the store. A find that fails so gives no hits at all (count and total are 0),
	 * though its filter may have been called. */
	int (*load)(struct index **ret_index, const char *dir, const struct index_stamp *expected,
		struct index_stamp *ret_stamp, struct hilf_err *err);
	/* Reads about budget bytes (at least a piece of 2 MB) of what has not been needed yet, so that it is there
	 * when it is. From any thread, also beside the writer. To the end, it verifies the snapshot whole. */
	int (*warm)(struct index *index, size_t budget, bool *ret_more, struct hilf_err *err);
	/* Removes the files of a snapshot from the folder, the manifest first. None there: 0. */
	int (*drop)(const char *dir, struct hilf_err *err);
};

extern const struct index_ops index_linear;  /* the truth that the others are tested against */
extern const struct index_ops index_hamming; /* 256 bits, multi-index hashing */

extern const struct index_ops *const index_kinds[]; /* all of them, ended by NULL */

#endif
