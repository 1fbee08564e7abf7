/* Counts, as rows of local memory (local.h): never shared, in every backup, with an end. No content and no person is in them.
 *
 *   l_tally         (step, start, which) ──► a number; step: of an hour, of a day, or ever
 *   l_tally_bank    (bank, day) ──► of the contents that matched it, how near the nearest entry was, and what it brought
 *   l_tally_source  (member, day) ──► decisions on what its entries matched, the contents they were about, and for how many
 *                                     of these it was right
 *
 * Which number stands for what is the engine's (engine/tally.h). Hours and days are those of UTC, by their first
 * millisecond. Calls as local.h says: what changes something goes between store_begin and store_commit.
 * A row that is damaged is told to who reads it, until fsck has removed it; what is added to it meanwhile is lost. */
#ifndef STORE_TALLY_H
#define STORE_TALLY_H

#include "store/store.h"

enum store_tally_step { STORE_TALLY_EVER = 0, STORE_TALLY_HOUR = 1, STORE_TALLY_DAY = 2 };
#define STORE_HOUR_MS (3600ll * 1000)
#define STORE_DAY_MS  (24 * STORE_HOUR_MS)

/* Adds to the hour of that moment, and to what was ever counted. */
int store_tally_add(
	struct store *store, uint32_t which, int64_t time_ms, uint64_t count, struct hilf_err *err);
/* How it stood in that hour: the highest of what was told. */
int store_tally_sample(
	struct store *store, uint32_t which, int64_t time_ms, uint64_t value, struct hilf_err *err);
/* Those of a step that start within [from_ms, to_ms), in order of start. Ever: all, with start 0. */
struct store_tally {
	uint32_t which;
	int64_t start_ms;
	uint64_t value;
};
int store_tally_each(struct store *store, enum store_tally_step step, int64_t from_ms,
	int64_t to_ms, int (*fn)(const struct store_tally *tally, void *ctx), void *ctx,
	struct hilf_err *err);

/* Distances 0 to 48, and what matched as an equal digest, at no distance. */
#define STORE_TALLY_DIGEST (HILF_PDQ_RADIUS_MAX + 1)
#define STORE_TALLY_PLACES (HILF_PDQ_RADIUS_MAX + 2)

struct store_tally_bank {
	uint8_t bank[UUID_SIZE];
	int64_t day_ms;
	uint32_t radius; /* the narrowest that was in force; above the most: nobody said */
	uint64_t matched[STORE_TALLY_PLACES];  /* contents, by their nearest entry */
	uint64_t blocking[STORE_TALLY_PLACES]; /* by the nearest that could block */
	uint64_t brought[3];                   /* by enum hilf_mode: what the bank did with them */
};
/* Adds the counts; the radius is the lower of both. */
int store_tally_bank_add(
	struct store *store, const struct store_tally_bank *bank, struct hilf_err *err);
/* The days of a bank from from_ms on, in order. */
int store_tally_bank_each(struct store *store, const uint8_t bank[UUID_SIZE], int64_t from_ms,
	int (*fn)(const struct store_tally_bank *bank, void *ctx), void *ctx, struct hilf_err *err);

struct store_tally_source {
	uint8_t member[UUID_SIZE];
	uint64_t decisions;
	uint64_t decided, upheld; /* contents */
};
/* Adds to the member's day of that moment. */
int store_tally_source_add(struct store *store, const struct store_tally_source *source,
	int64_t time_ms, struct hilf_err *err);
/* So many of them are upheld no more; of a day that is forgotten: nothing. */
int store_tally_source_fell(struct store *store, const uint8_t member[UUID_SIZE], int64_t time_ms,
	uint64_t count, struct hilf_err *err);
/* Of each member all days together. */
int store_tally_source_each(struct store *store,
	int (*fn)(const struct store_tally_source *source, void *ctx), void *ctx,
	struct hilf_err *err);

/* Folds hours of days before hours_ms into these days, sums of all but the samples, of which it takes the highest, and
 * forgets days before days_ms, of banks before banks_ms. Rows that are damaged are left for fsck. */
struct store_tally_ages {
	int64_t hours_ms, days_ms, banks_ms;
	uint32_t sample_first, sample_end;
};
int store_tally_age(struct store *store, const struct store_tally_ages *ages, struct hilf_err *err);

#endif
