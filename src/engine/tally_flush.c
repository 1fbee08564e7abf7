/* Storing what was counted. Words are taken out of memory (exchanged for 0), written in one job, and put back where that
 * fails, so that nothing is counted twice and nothing is lost but by a crash. */
#include "base/check.h"
#include "base/err.h"
#include "engine/hooks.h"
#include "engine/insight.h"
#include "engine/local.h"
#include "engine/tally_parts.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

/* What a bank's threshold would have done is asked of the last week. */
#define BANK_DAYS 31

/* What was taken out. */
struct taken {
	int64_t now_ms;
	uint64_t counts[TALLY_COUNT];
	struct store_tally_bank *banks;
	size_t bank_count, bank_room;
	bool any;
};

/* ------------------------------------------------------------------------------------------ taking */

static void take_counts(struct tally_book *book, struct taken *taken)
{
	for (size_t i = 0; i < TALLY_COUNT; i++) {
		for (unsigned core = 0; core < book->shard_count; core++) {
			tally_word *word = &book->shards[core].counts[i];
			if (atomic_load_explicit(word, memory_order_relaxed))
				taken->counts[i] +=
					atomic_exchange_explicit(word, 0, memory_order_relaxed);
		}
		taken->any = taken->any || taken->counts[i];
	}
}

static uint64_t take_words(tally_word *words, size_t count, uint64_t *ret_values)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < count; i++) {
		ret_values[i] =
			atomic_load_explicit(&words[i], memory_order_relaxed)
				? atomic_exchange_explicit(&words[i], 0, memory_order_relaxed)
				: 0;
		sum += ret_values[i];
	}
	return sum;
}

static void take_bank(struct tally_bank *bank, struct taken *taken)
{
	struct store_tally_bank *to = &taken->banks[taken->bank_count];
	memcpy(to->bank, bank->gid, UUID_SIZE);
	to->day_ms = taken->now_ms;
	to->radius = atomic_exchange(&bank->radius, HILF_PDQ_RADIUS_MAX + 1);
	uint64_t sum = take_words(bank->matched, STORE_TALLY_PLACES, to->matched);
	sum += take_words(bank->blocking, STORE_TALLY_PLACES, to->blocking);
	sum += take_words(bank->brought, 3, to->brought);
	taken->bank_count += sum || to->radius <= HILF_PDQ_RADIUS_MAX;
}

static int take_banks(struct tally_book *book, struct taken *taken, struct hilf_err *err)
{
	struct tally_bank *bank;
	size_t room = 0;
	for (size_t i = 0; i < TALLY_BUCKETS; i++)
		for (bank = atomic_load(&book->banks[i]); bank; bank = bank->next)
			room++;
	taken->banks = room ? calloc(room, sizeof *taken->banks) : NULL;
	if (room && !taken->banks)
		return err_no_memory(err);
	/* Those that came since are for the next time. */
	for (size_t i = 0; i < TALLY_BUCKETS; i++)
		for (bank = atomic_load(&book->banks[i]); bank && taken->bank_count < room;
			bank = bank->next)
			take_bank(bank, taken);
	taken->any = taken->any || taken->bank_count;
	return 0;
}

static void put_words(tally_word *words, size_t count, const uint64_t *values)
{
	for (size_t i = 0; i < count; i++)
		if (values[i])
			atomic_fetch_add_explicit(&words[i], values[i], memory_order_relaxed);
}

static void put_back(struct tally_book *book, const struct taken *taken)
{
	put_words(book->shards[0].counts, TALLY_COUNT, taken->counts);
	for (size_t i = 0; i < taken->bank_count; i++) {
		const struct store_tally_bank *from = &taken->banks[i];
		struct tally_bank *bank = tally_bank_of(book, from->bank);
		ASSERT(bank); /* it was there, and none is ever removed */
		tally_bank_lower(bank, from->radius);
		put_words(bank->matched, STORE_TALLY_PLACES, from->matched);
		put_words(bank->blocking, STORE_TALLY_PLACES, from->blocking);
		put_words(bank->brought, 3, from->brought);
	}
}

/* ------------------------------------------------------------------------------------------ storing */

static int store_taken(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct taken *taken = ctx;
	int rc = 0;
	for (uint32_t i = 0; i < TALLY_COUNT && !rc; i++)
		if (taken->counts[i])
			rc = store_tally_add(hilf->store, i, taken->now_ms, taken->counts[i], err);
	for (size_t i = 0; i < taken->bank_count && !rc; i++)
		rc = store_tally_bank_add(hilf->store, &taken->banks[i], err);
	return rc;
}

int tally_flush(struct hilf *hilf, int64_t now_ms, struct hilf_err *err)
{
	struct taken taken = {.now_ms = now_ms > 0 ? now_ms : 0};
	ASSERT(hilf->tally);
	if (!hilf->store || hilf->read_only)
		return 0;
	int rc = take_banks(hilf->tally, &taken, err);
	if (rc)
		return rc;
	take_counts(hilf->tally, &taken);
	if (taken.any)
		rc = local_submit(hilf, store_taken, &taken, err);
	if (rc)
		put_back(hilf->tally, &taken);
	free(taken.banks);
	return rc;
}

/* ------------------------------------------------------------------------------------------ once an hour */

struct hour {
	int64_t now_ms;
	uint64_t gauges[TALLY_GAUGE_END - TALLY_GAUGE_QUEUE];
};

static int store_hour(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct hour *hour = ctx;
	const struct store_tally_ages ages = {
		.hours_ms = hour->now_ms - TALLY_HOUR_DAYS * STORE_DAY_MS,
		.days_ms = hour->now_ms - TALLY_DAYS * STORE_DAY_MS,
		.banks_ms = hour->now_ms - BANK_DAYS * STORE_DAY_MS,
		.sample_first = TALLY_GAUGE_QUEUE,
		.sample_end = TALLY_GAUGE_END,
	};
	int rc = 0;
	for (uint32_t i = 0; i < COUNT_OF(hour->gauges) && !rc; i++)
		rc = store_tally_sample(
			hilf->store, TALLY_GAUGE_QUEUE + i, hour->now_ms, hour->gauges[i], err);
	return rc ? rc : store_tally_age(hilf->store, &ages, err);
}

static int look(struct hilf *hilf, struct hour *hour, struct hilf_err *err)
{
	struct deliveries_count deliveries;
	uint64_t open[CASE_KIND_COUNT];
	struct hilf_stats stats;
	int rc = hilf_stats_get(hilf, &stats, err);
	if (!rc)
		rc = deliveries_count(hilf, &deliveries, err);
	if (!rc)
		rc = insight_cases(hilf, open, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < CASE_KIND_COUNT; i++)
		hour->gauges[0] += open[i];
	hour->gauges[TALLY_GAUGE_INDEX - TALLY_GAUGE_QUEUE] = stats.index_count;
	hour->gauges[TALLY_GAUGE_ENTRIES - TALLY_GAUGE_QUEUE] = stats.entry_count;
	hour->gauges[TALLY_GAUGE_WAITING - TALLY_GAUGE_QUEUE] = deliveries.waiting;
	hour->gauges[TALLY_GAUGE_DEAD - TALLY_GAUGE_QUEUE] = deliveries.dead;
	return 0;
}

int tally_turn(struct hilf *hilf, int64_t now_ms, struct hilf_err *err)
{
	struct hour hour = {.now_ms = now_ms};
	int rc = tally_flush(hilf, now_ms, err);
	if (rc || !hilf->store || hilf->read_only || now_ms < TALLY_DAYS * STORE_DAY_MS ||
		now_ms / STORE_HOUR_MS == atomic_load(&hilf->tally->sampled_hour))
		return rc;
	rc = look(hilf, &hour, err);
	if (!rc)
		rc = local_submit(hilf, store_hour, &hour, err);
	if (!rc)
		atomic_store(&hilf->tally->sampled_hour, now_ms / STORE_HOUR_MS);
	return rc;
}

/* ------------------------------------------------------------------------------------------ within a job */

int tally_write(struct hilf *hilf, enum tally tally, uint64_t count, struct hilf_err *err)
{
	ASSERT((unsigned)tally < TALLY_COUNT);
	return count ? store_tally_add(hilf->store, tally, clock_now_ms(), count, err) : 0;
}

const int64_t tally_took_bounds_s[TALLY_TOOK_COUNT - 1] = {15, 30, 60, 120, 180, 300, 600, 900,
	1800, 2700, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 12 * 3600, 18 * 3600, 86400, 2 * 86400,
	3 * 86400, 5 * 86400, 7 * 86400, 14 * 86400, 30 * 86400};

static enum tally took_bucket(int64_t took_ms)
{
	unsigned bucket = 0;
	while (bucket < TALLY_TOOK_COUNT - 1 && took_ms > tally_took_bounds_s[bucket] * 1000)
		bucket++;
	return TALLY_TOOK + bucket;
}

int tally_decided(struct hilf *hilf, const uint8_t member[UUID_SIZE], uint64_t decided,
	uint64_t upheld, int64_t decided_ms, int64_t took_ms, struct hilf_err *err)
{
	struct store_tally_source source = {.decisions = 1, .decided = decided, .upheld = upheld};
	int rc = tally_write(hilf, TALLY_DECISIONS, 1, err);
	if (!rc)
		rc = tally_write(hilf, took_bucket(took_ms), 1, err);
	if (rc || !member)
		return rc;
	memcpy(source.member, member, UUID_SIZE);
	return store_tally_source_add(hilf->store, &source, decided_ms, err);
}

int tally_judged(struct hilf *hilf, uint64_t entry, bool right, struct hilf_err *err)
{
	struct store_tally_source source = {.decisions = 1, .decided = 1, .upheld = right};
	struct store_entry_row row;
	struct store_bank bank;
	if (!entry)
		return 0;
	int rc = store_entry_get(hilf->store, true, entry, NULL, &row, err);
	if (!rc)
		rc = store_bank_by_id(hilf->store, true, row.bank, &bank, err);
	if (rc)
		return rc;
	memcpy(source.member, bank.author, UUID_SIZE);
	return store_tally_source_add(hilf->store, &source, clock_now_ms(), err);
}

int tally_fell(struct hilf *hilf, const uint8_t member[UUID_SIZE], uint64_t count,
	int64_t decided_ms, struct hilf_err *err)
{
	return count ? store_tally_source_fell(hilf->store, member, decided_ms, count, err) : 0;
}

int tally_radius_changed(struct hilf *hilf, const uint8_t bank[UUID_SIZE], uint32_t from,
	uint32_t to, struct hilf_err *err)
{
	struct store_tally_bank row = {.day_ms = clock_now_ms(), .radius = from < to ? from : to};
	if (from == to)
		return 0;
	memcpy(row.bank, bank, UUID_SIZE);
	return store_tally_bank_add(hilf->store, &row, err);
}
