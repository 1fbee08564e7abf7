/* Banks: named sets of entries, each with what this node does with its matches. */
#include "base/err.h"
#include "engine/engine.h"
#include "os/clock.h"

#include <string.h>

int bank_find(struct hilf *hilf, bool in_write, const char *name, struct store_bank *ret_bank,
	struct hilf_err *err)
{
	int rc = record_check_bank_name(name, err);
	if (rc)
		return rc;
	rc = store_bank_get(hilf->store, in_write, name, ret_bank, err);
	if (rc == HILF_E_NOT_FOUND)
		return err_set(err, rc, "there is no bank '%s'; 'hilf bank list' shows those there are, "
			"'hilf bank create %s' makes it", name, name);
	return rc;
}

struct create {
	const char *name;
	enum hilf_mode mode;
	uint32_t pdq_radius;
};

static int create_bank(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct create *create = ctx;
	struct record record = {.kind = RECORD_BANK_CREATE, .bank.name = create->name};
	struct store_bank bank;
	int rc = store_bank_get(hilf->store, true, create->name, &bank, err);
	if (!rc)
		return err_set(err, HILF_E_EXISTS,
			"there is a bank '%s' already; 'hilf bank show %s' shows it", create->name, create->name);
	if (rc != HILF_E_NOT_FOUND)
		return rc;
	write_stamp(hilf, &record);
	rc = write_records(hilf, &record, 1, err);
	if (!rc)
		rc = store_bank_policy_set(
			hilf->store, record.id, create->mode, create->pdq_radius, err);
	return rc;
}

int hilf_bank_create(struct hilf *hilf, const char *name, enum hilf_mode mode, uint32_t pdq_radius,
	struct hilf_bank *ret_bank, struct hilf_err *err)
{
	struct create create = {name, mode, pdq_radius};
	struct write_job job = {create_bank, &create};
	int rc = record_check_bank_name(name, err);
	if (rc)
		return rc;
	if (mode > HILF_BLOCK)
		return err_set(err, HILF_E_INVALID, "mode %d is none of shadow, review, block", (int)mode);
	if (pdq_radius > HILF_PDQ_RADIUS_MAX)
		return err_set(err, HILF_E_INVALID,
			"threshold pdq=%u is out of bounds: 0 to %d bits are allowed, %d is usual", pdq_radius,
			HILF_PDQ_RADIUS_MAX, HILF_PDQ_RADIUS);
	rc = write_submit(hilf, &job, err);
	if (!rc && ret_bank)
		rc = hilf_bank_get(hilf, name, ret_bank, err);
	return rc;
}

static int describe(struct hilf *hilf, const struct store_bank *from, struct hilf_bank *ret_bank,
	struct hilf_err *err)
{
	struct hilf_bank bank = {.id = from->id, .created_ms = from->created_ms};
	struct store_bank_counts counts;
	int rc = store_bank_counts(hilf->store, from->id, clock_now_ms(), &counts, err);
	if (rc)
		return rc;
	uuid_format(from->gid, bank.gid);
	memcpy(bank.name, from->name, sizeof bank.name);
	bank.own = hilf->has_member && memcmp(from->author, hilf->member, UUID_SIZE) == 0;
	bank.mode = from->has_policy ? from->mode : bank.own ? HILF_REVIEW : HILF_SHADOW;
	bank.pdq_radius = from->has_policy ? from->pdq_radius : HILF_PDQ_RADIUS;
	bank.entry_count = counts.entry_count;
	bank.withdrawn_count = counts.withdrawn_count;
	*ret_bank = bank;
	return 0;
}

int hilf_bank_get(
	struct hilf *hilf, const char *name, struct hilf_bank *ret_bank, struct hilf_err *err)
{
	struct store_bank bank;
	int rc = bank_find(hilf, false, name, &bank, err);
	return rc ? rc : describe(hilf, &bank, ret_bank, err);
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
	int rc = describe(listing->hilf, from, &bank, listing->err);
	return rc ? rc : listing->fn(&bank, listing->ctx);
}

int hilf_bank_each(struct hilf *hilf, hilf_bank_fn *fn, void *ctx, struct hilf_err *err)
{
	struct listing listing = {hilf, fn, ctx, err};
	return store_each_bank(hilf->store, list_bank, &listing, err);
}

static int remove_bank(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct record record = {.kind = RECORD_BANK_REMOVE};
	struct store_bank bank;
	int rc = bank_find(hilf, true, ctx, &bank, err);
	if (rc)
		return rc;
	write_stamp(hilf, &record);
	memcpy(record.of, bank.gid, UUID_SIZE);
	return write_records(hilf, &record, 1, err);
}

int hilf_bank_remove(struct hilf *hilf, const char *name, struct hilf_err *err)
{
	struct write_job job = {remove_bank, (void *)name};
	return write_submit(hilf, &job, err);
}
