/* Counting in memory: find the words of this core and add. The core may change in between, which costs a cache miss and
 * nothing else, for the words are atomic. Matches are rarer than checks: a bank's words are one set for all cores, found in
 * a hash table whose lists only ever grow at their heads. */
#include "base/check.h"
#include "base/err.h"
#include "engine/current.h"
#include "engine/policy.h"
#include "engine/tally_parts.h"
#include "os/clock.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define SHARDS_MAX 64u
/* Banks that one check is counted for. */
#define CHECK_BANKS 64u

static void add(tally_word *to, uint64_t count)
{
	atomic_fetch_add_explicit(to, count, memory_order_relaxed);
}

int tally_open(struct hilf *hilf, struct hilf_err *err)
{
	unsigned count = 1, cores = clock_cores();
	while (count < cores && count < SHARDS_MAX)
		count *= 2;
	struct tally_book *book = calloc(1, sizeof *book);
	struct tally_shard *shards =
		aligned_alloc(_Alignof(struct tally_shard), count * sizeof *shards);
	if (!book || !shards) {
		free(book);
		free(shards);
		return err_no_memory(err);
	}
	memset(shards, 0, count * sizeof *shards);
	book->shards = shards;
	book->shard_count = count;
	hilf->tally = book;
	return 0;
}

void tally_close(struct hilf *hilf)
{
	struct tally_book *book = hilf->tally;
	struct hilf_err err;
	if (!book)
		return;
	/* Whoever closes has nobody to tell; what could not be stored is lost. */
	if (hilf->store && !hilf->read_only)
		(void)tally_flush(hilf, clock_now_ms(), &err);
	for (size_t i = 0; i < TALLY_BUCKETS; i++) {
		struct tally_bank *bank = atomic_load(&book->banks[i]);
		while (bank) {
			struct tally_bank *next = bank->next;
			free(bank);
			bank = next;
		}
	}
	free(book->shards);
	free(book);
	hilf->tally = NULL;
}

void tally_add(struct hilf *hilf, enum tally tally, uint64_t count)
{
	struct tally_book *book = hilf->tally;
	ASSERT((unsigned)tally < TALLY_COUNT && hilf->tally);
	int core = sched_getcpu();
	add(&book->shards[(core > 0 ? (unsigned)core : 0) & (book->shard_count - 1)].counts[tally],
		count);
}

/* ------------------------------------------------------------------------------------------ matches */

static struct tally_bank *find_bank(struct tally_bank *bank, const uint8_t gid[UUID_SIZE])
{
	while (bank && memcmp(bank->gid, gid, UUID_SIZE) != 0)
		bank = bank->next;
	return bank;
}

struct tally_bank *tally_bank_of(struct tally_book *book, const uint8_t gid[UUID_SIZE])
{
	/* The last bytes of an id are by chance. */
	_Atomic(struct tally_bank *) *head = &book->banks[gid[UUID_SIZE - 1] & (TALLY_BUCKETS - 1)];
	struct tally_bank *first = atomic_load_explicit(head, memory_order_acquire);
	struct tally_bank *found = find_bank(first, gid);
	if (found)
		return found;
	struct tally_bank *bank = calloc(1, sizeof *bank);
	if (!bank)
		return NULL;
	memcpy(bank->gid, gid, UUID_SIZE);
	atomic_store(&bank->radius, HILF_PDQ_RADIUS_MAX + 1);
	do {
		bank->next = first;
		if (atomic_compare_exchange_weak(head, &first, bank))
			return bank;
		found = find_bank(first, gid);
	} while (!found);
	free(bank);
	return found;
}

void tally_bank_lower(struct tally_bank *bank, uint32_t radius)
{
	uint32_t was = atomic_load(&bank->radius);
	while (radius < was && !atomic_compare_exchange_weak(&bank->radius, &was, radius))
		;
}

/* What one check found in one bank: matches come nearest first. */
struct in_bank {
	const struct known_bank *bank;
	struct tally_bank *tally;
	bool blocks; /* a match that could block was seen */
	enum hilf_verdict brought;
};

static const struct known_bank *bank_of_match(
	const struct known *known, const struct hilf_match *match)
{
	struct known_entry *entry = match->entry <= UINT32_MAX
					    ? table_at(&known->entries, (uint32_t)match->entry)
					    : NULL;
	uint32_t at = entry ? atomic_load_explicit(&entry->group, memory_order_acquire) : 0;
	const struct known_group *group = at ? table_at(&known->groups, at) : NULL;
	return group ? known_bank(known, group->bank) : NULL;
}

static struct in_bank *seen_in(struct tally_book *book, struct in_bank *banks, size_t *count,
	const struct known_bank *bank, unsigned place)
{
	for (size_t i = 0; i < *count; i++)
		if (banks[i].bank == bank)
			return &banks[i];
	struct tally_bank *tally = *count < CHECK_BANKS ? tally_bank_of(book, bank->gid) : NULL;
	if (!tally)
		return NULL;
	add(&tally->matched[place], 1);
	banks[*count] = (struct in_bank){.bank = bank, .tally = tally};
	return &banks[(*count)++];
}

static void count_matches(struct hilf *hilf, const struct hilf_check *check, bool partial)
{
	struct in_bank banks[CHECK_BANKS];
	size_t count = 0;
	struct known *known = check->match_count ? current_hold(hilf) : NULL;
	for (size_t i = 0; known && i < check->match_count; i++) {
		const struct hilf_match *match = &check->matches[i];
		bool similar = match->signal_type == HILF_PDQ;
		unsigned place = similar ? match->distance : STORE_TALLY_DIGEST;
		const struct known_bank *bank = bank_of_match(known, match);
		struct in_bank *in = bank && place < STORE_TALLY_PLACES
					     ? seen_in(hilf->tally, banks, &count, bank, place)
					     : NULL;
		if (!in)
			continue;
		if (similar)
			tally_bank_lower(in->tally, match->threshold);
		if (!in->blocks &&
			policy_verdict(HILF_BLOCK, atomic_load(&bank->own), partial && similar,
				match->disputed) == HILF_VERDICT_BLOCK) {
			in->blocks = true;
			add(&in->tally->blocking[place], 1);
		}
		in->brought = policy_worst(in->brought, match->verdict);
	}
	for (size_t i = 0; i < count; i++)
		add(&banks[i].tally
				->brought[banks[i].brought == HILF_VERDICT_BLOCK    ? HILF_BLOCK
					  : banks[i].brought == HILF_VERDICT_REVIEW ? HILF_REVIEW
										    : HILF_SHADOW],
			1);
	current_release(known);
}

void tally_check(struct hilf *hilf, const struct hilf_check *check, bool partial)
{
	static const enum tally of_verdict[] = {[HILF_NO_MATCH] = TALLY_NO_MATCH,
		[HILF_UNDECIDED] = TALLY_UNDECIDED,
		[HILF_VERDICT_REVIEW] = TALLY_REVIEW,
		[HILF_VERDICT_BLOCK] = TALLY_BLOCK};
	ASSERT((unsigned)check->verdict < COUNT_OF(of_verdict));
	tally_add(hilf, TALLY_CHECKS, 1);
	tally_add(hilf, of_verdict[check->verdict], 1);
	if (check->shadow_verdict > check->verdict)
		tally_add(hilf, TALLY_SHADOW, 1);
	count_matches(hilf, check, partial);
}

void tally_lookups(struct hilf *hilf, const struct hilf_check *checks, size_t count)
{
	uint64_t hits = 0;
	for (size_t i = 0; i < count; i++) {
		if (!checks[i].match_count && !checks[i].match_more)
			continue;
		hits++;
		count_matches(hilf, &checks[i], false);
	}
	tally_add(hilf, TALLY_LOOKUPS, count);
	if (hits)
		tally_add(hilf, TALLY_LOOKUP_HITS, hits);
}
