/* What counting (tally.c) and storing (tally_flush.c) share. */
#ifndef ENGINE_TALLY_PARTS_H
#define ENGINE_TALLY_PARTS_H

#include "engine/engine.h"
#include "engine/tally.h"
#include "store/tally.h"

typedef _Atomic uint64_t tally_word;

/* A core's own, so that threads of different cores do not share a line. */
struct tally_shard {
	_Alignas(128) tally_word counts[TALLY_COUNT];
};

/* What was matched in one bank since the last flush. */
struct tally_bank {
	struct tally_bank *next; /* never changes: the bank is put before it */
	uint8_t gid[UUID_SIZE];
	_Atomic uint32_t
		radius; /* the narrowest under which something was matched; above the most: nothing was */
	tally_word matched[STORE_TALLY_PLACES], blocking[STORE_TALLY_PLACES], brought[3];
};

#define TALLY_BUCKETS 256u /* a power of two; banks beyond share them */

struct tally_book {
	struct tally_shard *shards;
	unsigned shard_count; /* a power of two */
	_Atomic(struct tally_bank *) banks[TALLY_BUCKETS];
	_Atomic int64_t sampled_hour; /* since 1970 */
};

/* A bank's words, made where there are none; NULL: no memory. */
struct tally_bank *tally_bank_of(struct tally_book *book, const uint8_t gid[UUID_SIZE]);
/* Something was matched under this radius. */
void tally_bank_lower(struct tally_bank *bank, uint32_t radius);

int tally_open(struct hilf *hilf, struct hilf_err *err);
/* Stores what is left where it can, and frees. */
void tally_close(struct hilf *hilf);

#endif
