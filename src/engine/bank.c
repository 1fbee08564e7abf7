/* Banks: named sets of entries, each with what this node does with its matches. */
#include "base/check.h"
#include "base/err.h"
#include "engine/checks.h"
#include "engine/current.h"
#include "engine/engine.h"
#include "engine/events.h"
#include "engine/scopes.h"
#include "engine/tally.h"
#include "os/clock.h"

#include <string.h>

#define BANK_SAMPLE_ALL 1000000u /* of a million */

int bank_find(struct hilf *hilf, bool in_write, const char *name, struct store_bank *ret_bank,
	struct hilf_err *err)
{
	int rc = record_check_bank_name(name, err);
	if (rc)
		return rc;
	rc = store_bank_get(hilf->store, in_write, name, ret_bank, err);
	if (rc == HILF_E_NOT_FOUND)
		return err_set(err, rc,
			"there is no bank '%s'; 'hilf bank list' shows those there are, "
			"'hilf bank create %s' makes it",
			name, name);
	return rc;
}

int bank_check_own(
	struct hilf *hilf, const struct store_bank *bank, const char *instead, struct hilf_err *err)
{
	if (memcmp(bank->author, hilf->member, UUID_SIZE) == 0)
		return 0;
	return err_set(
		err, HILF_E_DENIED, "bank '%s' belongs to another member; %s", bank->name, instead);
}

struct create {
	const char *name;
	enum hilf_mode mode;
	uint32_t pdq_radius;
	struct hilf_bank bank; /* as it was made */
};

static void fill(const struct store_bank *from, bool own, const struct store_bank_counts *counts,
	struct hilf_bank *ret_bank)
{
	*ret_bank = (struct hilf_bank){
		.id = from->id,
		.mode = from->has_policy ? from->policy.mode
			: own            ? HILF_REVIEW
					 : HILF_SHADOW,
		.pdq_radius = from->policy.pdq_radius,
		.sample_ppm = from->policy.sample_ppm,
		.entry_count = counts->entry_count,
		.withdrawn_count = counts->withdrawn_count,
		.own = own,
		.created_ms = from->created_ms,
	};
	uuid_format(from->gid, ret_bank->gid);
	uuid_format(from->author, ret_bank->member);
	memcpy(ret_bank->name, from->name, sizeof ret_bank->name);
}

/* Within a job: no bank has the name, whoever made it. */
static int check_free(struct hilf *hilf, const char *name, struct hilf_err *err)
{
	struct store_bank bank;
	int rc = store_bank_get(hilf->store, true, name, &bank, err);
	if (!rc)
		return err_set(err, HILF_E_EXISTS,
			"there is a bank '%s' already; 'hilf bank show %s' shows it", name, name);
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

static int create_bank(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	static const struct store_bank_counts empty = {0};
	struct create *create = ctx;
	struct record record = {.kind = RECORD_BANK_CREATE, .bank.name = create->name};
	struct store_bank bank;
	int rc = check_free(hilf, create->name, err);
	if (rc)
		return rc;
	write_stamp(hilf, &record);
	rc = write_records(hilf, &record, 1, err);
	if (!rc)
		rc = store_bank_policy_set(hilf->store, record.id,
			&(struct store_policy){create->mode, create->pdq_radius, STORE_SAMPLE_ALL},
			err);
	if (!rc)
		rc = store_bank_get(hilf->store, true, create->name, &bank, err);
	if (!rc)
		rc = event_bank(hilf, &bank, "created", NULL, err);
	if (!rc)
		fill(&bank, true, &empty, &create->bank);
	return rc;
}

static int check_mode(enum hilf_mode mode, struct hilf_err *err)
{
	if ((unsigned)mode <= HILF_BLOCK)
		return 0;
	return err_set(err, HILF_E_INVALID, "mode %d is none of shadow, review, block", (int)mode);
}

static int check_radius(uint32_t radius, struct hilf_err *err)
{
	if (radius <= HILF_PDQ_RADIUS_MAX)
		return 0;
	return err_set(err, HILF_E_INVALID,
		"threshold pdq=%u is out of bounds: 0 to %d bits are allowed, %d is usual", radius,
		HILF_PDQ_RADIUS_MAX, HILF_PDQ_RADIUS);
}

int hilf_bank_create(struct hilf *hilf, const char *name, enum hilf_mode mode, uint32_t pdq_radius,
	struct hilf_bank *ret_bank, struct hilf_err *err)
{
	struct create create = {.name = name, .mode = mode, .pdq_radius = pdq_radius};
	struct write_job job = {create_bank, &create};
	ASSERT(hilf && name);
	int rc = record_check_bank_name(name, err);
	if (!rc)
		rc = check_mode(mode, err);
	if (!rc)
		rc = check_radius(pdq_radius, err);
	if (rc)
		return rc;
	/* Not to the bank: two that come at once may both be let in. */
	struct store_counts counts;
	rc = store_counts(hilf->store, clock_now_ms(), &counts, err);
	if (!rc && counts.bank_count >= LIMIT_BANKS)
		rc = err_set(err, HILF_E_LIMIT, "there are %llu banks; a node has %u at most",
			(unsigned long long)counts.bank_count, LIMIT_BANKS);
	if (!rc)
		rc = write_submit(hilf, &job, err);
	if (!rc && ret_bank)
		*ret_bank = create.bank;
	return rc;
}

static int describe(struct hilf *hilf, const struct store_bank *from, bool count,
	struct hilf_bank *ret_bank, struct hilf_err *err)
{
	struct store_bank_counts counts = {0};
	uint8_t member[UUID_SIZE];
	bool founded;
	int rc = count ? store_bank_counts(hilf->store, from->id, clock_now_ms(), &counts, err) : 0;
	if (!rc)
		rc = engine_member(hilf, member, &founded, err);
	if (!rc)
		fill(from, founded && memcmp(from->author, member, UUID_SIZE) == 0, &counts,
			ret_bank);
	return rc;
}

int hilf_bank_get(
	struct hilf *hilf, const char *name, struct hilf_bank *ret_bank, struct hilf_err *err)
{
	struct store_bank bank;
	ASSERT(hilf && name && ret_bank);
	int rc = bank_find(hilf, false, name, &bank, err);
	return rc ? rc : describe(hilf, &bank, true, ret_bank, err);
}

static const struct known_bank *find_known(
	const struct known *known, const char *name, uint32_t *ret_id)
{
	uint32_t count = table_count(&known->banks);
	for (uint32_t id = 1; id < count; id++) {
		const struct known_bank *bank = known_bank(known, id);
		const char *its = bank ? atomic_load(&bank->name) : NULL;
		if (!its || atomic_load(&bank->removed) || strcmp(its, name) != 0)
			continue;
		*ret_id = id;
		return bank;
	}
	return NULL;
}

/* From memory, where that has all there is; false: the store is to be asked. */
static bool look_at_known(struct hilf *hilf, const char *name, struct hilf_bank *ret_bank)
{
	uint32_t id;
	if (!current_has_all(hilf))
		return false;
	struct known *known = current_hold(hilf);
	const struct known_bank *bank = find_known(known, name, &id);
	if (bank) {
		*ret_bank = (struct hilf_bank){
			.id = id,
			.mode = (enum hilf_mode)atomic_load(&bank->mode),
			.pdq_radius = atomic_load(&bank->pdq_radius),
			.sample_ppm = atomic_load(&bank->sample_ppm),
			.own = atomic_load(&bank->own),
			.created_ms = bank->created_ms,
		};
		uuid_format(bank->gid, ret_bank->gid);
		memcpy(ret_bank->name, name, strlen(name) + 1);
	}
	current_release(known);
	return bank;
}

int hilf_bank_look(
	struct hilf *hilf, const char *name, struct hilf_bank *ret_bank, struct hilf_err *err)
{
	struct store_bank bank;
	ASSERT(hilf && name && ret_bank);
	if (look_at_known(hilf, name, ret_bank))
		return 0;
	int rc = bank_find(hilf, false, name, &bank, err);
	return rc ? rc : describe(hilf, &bank, false, ret_bank, err);
}

struct listing {
	struct hilf *hilf;
	hilf_bank_fn *fn;
	void *ctx;
	struct hilf_err *err;
};

static int list_bank(const struct store_bank *from, void *ctx)
{
	struct listing *listing = ctx;
	struct hilf_bank bank;
	int rc = describe(listing->hilf, from, true, &bank, listing->err);
	return rc ? rc : listing->fn(&bank, listing->ctx);
}

int hilf_bank_each(struct hilf *hilf, hilf_bank_fn *fn, void *ctx, struct hilf_err *err)
{
	struct listing listing = {hilf, fn, ctx, err};
	ASSERT(hilf && fn);
	return store_each_bank(hilf->store, list_bank, &listing, err);
}

static int remove_bank(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct record record = {.kind = RECORD_BANK_REMOVE};
	struct store_bank bank;
	int rc = bank_find(hilf, true, ctx, &bank, err);
	if (!rc)
		rc = bank_check_own(hilf, &bank, "only it can remove the bank", err);
	if (rc)
		return rc;
	write_stamp(hilf, &record);
	memcpy(record.of, bank.gid, UUID_SIZE);
	rc = write_records(hilf, &record, 1, err);
	if (!rc)
		rc = checks_reverse_bank(hilf, bank.id, "bank_removed", NULL, err);
	if (!rc)
		rc = event_bank(hilf, &bank, "removed", NULL, err);
	return rc;
}

int hilf_bank_remove(struct hilf *hilf, const char *name, struct hilf_err *err)
{
	struct write_job job = {remove_bank, (void *)name};
	ASSERT(hilf && name);
	return write_submit(hilf, &job, err);
}

/* ------------------------------------------------------------------------------------------ changing */

struct setting {
	const char *name;
	const struct hilf_bank_change *change;
	struct store_bank bank; /* as it is after the change */
};

static int rename_bank(
	struct hilf *hilf, const struct store_bank *bank, const char *name, struct hilf_err *err)
{
	struct record record = {.kind = RECORD_BANK_RENAME, .bank.name = name};
	int rc = bank_check_own(hilf, bank, "only it can rename the bank", err);
	if (!rc)
		rc = check_free(hilf, name, err);
	if (rc)
		return rc;
	write_stamp(hilf, &record);
	memcpy(record.of, bank->gid, UUID_SIZE);
	rc = write_records(hilf, &record, 1, err);
	return rc ? rc : scopes_rename(hilf, bank->name, name, err);
}

/* What this node does with the bank, with what is changed of it. */
static int set_policy(struct hilf *hilf, const struct store_bank *bank,
	const struct hilf_bank_change *change, struct hilf_err *err)
{
	static const struct store_bank_counts no_counts = {0};
	bool own = memcmp(bank->author, hilf->member, UUID_SIZE) == 0;
	struct hilf_bank now;
	fill(bank, own, &no_counts, &now);
	const struct store_policy policy = {
		.mode = change->set_mode ? change->mode : now.mode,
		.pdq_radius = change->set_pdq_radius ? change->pdq_radius : now.pdq_radius,
		.sample_ppm = change->set_sample ? change->sample_ppm : now.sample_ppm,
	};
	int rc = tally_radius_changed(hilf, bank->gid, now.pdq_radius, policy.pdq_radius, err);
	return rc ? rc : store_bank_policy_set(hilf->store, bank->gid, &policy, err);
}

static int set_bank(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct setting *setting = ctx;
	const struct hilf_bank_change *change = setting->change;
	struct store_bank bank;
	int rc = bank_find(hilf, true, setting->name, &bank, err);
	if (rc)
		return rc;
	bool renames = change->name && strcmp(change->name, bank.name) != 0;
	bool sets = change->set_mode || change->set_pdq_radius || change->set_sample;
	if (renames)
		rc = rename_bank(hilf, &bank, change->name, err);
	if (!rc && sets)
		rc = set_policy(hilf, &bank, change, err);
	if (!rc)
		rc = store_bank_by_id(hilf->store, true, bank.id, &setting->bank, err);
	if (!rc && renames)
		rc = event_bank(hilf, &setting->bank, "renamed", bank.name, err);
	if (!rc && sets)
		rc = event_bank(hilf, &setting->bank, "set", NULL, err);
	return rc;
}

static int check_change(const struct hilf_bank_change *change, struct hilf_err *err)
{
	int rc = change->name ? record_check_bank_name(change->name, err) : 0;
	if (!rc && change->set_mode)
		rc = check_mode(change->mode, err);
	if (!rc && change->set_pdq_radius)
		rc = check_radius(change->pdq_radius, err);
	if (!rc && change->set_sample && change->sample_ppm > BANK_SAMPLE_ALL)
		rc = err_set(err, HILF_E_INVALID,
			"a sample of %u in a million is more than there is; %u is all of it",
			change->sample_ppm, BANK_SAMPLE_ALL);
	return rc;
}

int hilf_bank_set(struct hilf *hilf, const char *name, const struct hilf_bank_change *change,
	struct hilf_bank *ret_bank, struct hilf_err *err)
{
	struct setting setting = {.name = name, .change = change};
	struct write_job job = {set_bank, &setting};
	ASSERT(hilf && name && change);
	int rc = check_change(change, err);
	if (!rc)
		rc = write_submit(hilf, &job, err);
	if (!rc && change->name)
		scopes_renamed(hilf);
	if (!rc && ret_bank)
		rc = describe(hilf, &setting.bank, true, ret_bank, err);
	return rc;
}
