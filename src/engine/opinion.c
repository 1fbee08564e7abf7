/* Opinions: a member's signed word on an entry, whoever's entry it is. One word of each member stands, the last. */
#include "base/check.h"
#include "base/err.h"
#include "engine/cases.h"
#include "engine/checks.h"
#include "engine/engine.h"
#include "engine/tally.h"

#include <string.h>

struct giving {
	const char *entry;
	enum hilf_opinion opinion;
	/* found on the way: */
	const uint8_t *member;
	enum hilf_opinion before; /* this member's word so far */
	bool disputed;            /* by anyone */
	bool others_dispute;
};

static int look_at(const struct store_opinion *opinion, void *ctx)
{
	struct giving *giving = ctx;
	if (memcmp(opinion->member, giving->member, UUID_SIZE) == 0)
		giving->before = opinion->opinion;
	else if (opinion->opinion == HILF_DISPUTE)
		giving->others_dispute = true;
	giving->disputed = giving->disputed || opinion->opinion == HILF_DISPUTE;
	return 0;
}

static int give_opinion(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct giving *giving = ctx;
	struct record record = {.kind = RECORD_OPINION_GIVE};
	struct store_entry_row row;
	struct store_bank bank;
	giving->member = hilf->member;
	int rc = entry_find(hilf, true, giving->entry, &row, err);
	if (!rc && row.withdrawn)
		rc = err_set(err, HILF_E_WITHDRAWN,
			"entry %.60s is withdrawn, and no opinion changes that", giving->entry);
	if (!rc)
		rc = store_bank_by_id(hilf->store, true, row.bank, &bank, err);
	if (!rc)
		rc = store_each_opinion(hilf->store, true, row.id, look_at, giving, err);
	if (rc || giving->before == giving->opinion)
		return rc;
	write_stamp(hilf, &record);
	memcpy(record.of, bank.gid, UUID_SIZE);
	record.opinion.opinion = giving->opinion;
	record.opinion.entries = &row.gid;
	record.opinion.entry_count = 1;
	rc = write_records(hilf, &record, 1, err);
	if (!rc && giving->opinion == HILF_DISPUTE)
		rc = tally_write(hilf, TALLY_DISPUTES, 1, err);
	if (!rc && giving->opinion == HILF_DISPUTE && !giving->disputed)
		rc = checks_reverse(hilf, &row.gid, "disputed", NULL, err);
	if (!rc && giving->before == HILF_DISPUTE && !giving->others_dispute)
		rc = case_close_of_entry(hilf, row.id, "undisputed", err);
	return rc;
}

int opinion_within(
	struct hilf *hilf, const char *entry, enum hilf_opinion opinion, struct hilf_err *err)
{
	struct giving giving = {.entry = entry, .opinion = opinion};
	return give_opinion(hilf, &giving, err);
}

int hilf_opinion_give(
	struct hilf *hilf, const char *entry, enum hilf_opinion opinion, struct hilf_err *err)
{
	struct giving giving = {.entry = entry, .opinion = opinion};
	struct write_job job = {give_opinion, &giving};
	ASSERT(hilf && entry);
	if ((unsigned)opinion > HILF_SEEN)
		return err_set(err, HILF_E_INVALID,
			"opinion %d is none of confirm, dispute, seen, none", (int)opinion);
	return write_submit(hilf, &job, err);
}

struct listing {
	uint8_t member[UUID_SIZE];
	bool founded;
	hilf_opinion_fn *fn;
	void *ctx;
};

static int list_opinion(const struct store_opinion *opinion, void *ctx)
{
	const struct listing *listing = ctx;
	struct hilf_opinion_row row = {
		.own = listing->founded && memcmp(opinion->member, listing->member, UUID_SIZE) == 0,
		.opinion = opinion->opinion,
		.time_ms = opinion->time_ms,
	};
	uuid_format(opinion->member, row.member);
	return listing->fn(&row, listing->ctx);
}

int hilf_opinion_each(
	struct hilf *hilf, const char *entry, hilf_opinion_fn *fn, void *ctx, struct hilf_err *err)
{
	struct listing listing = {.fn = fn, .ctx = ctx};
	struct store_entry_row row;
	ASSERT(hilf && entry && fn);
	int rc = entry_find(hilf, false, entry, &row, err);
	if (!rc)
		rc = engine_member(hilf, listing.member, &listing.founded, err);
	return rc ? rc
		  : store_each_opinion(hilf->store, false, row.id, list_opinion, &listing, err);
}
