/* Changing what is said of an entry: a record of the bank's owner. Its end can only come closer, because others have
 * built on the day that they were told; what should stand longer is added anew. */
#include "base/check.h"
#include "base/err.h"
#include "engine/checks.h"
#include "engine/engine.h"
#include "engine/events.h"
#include "store/local.h"

#include <string.h>

struct changing {
	const char *entry;
	const struct hilf_entry_change *change;
};

/* What to write for the expiry that is asked for: 0 where the entry has it, or has expired, already. */
static int choose_expiry(
	int64_t asked_ms, int64_t stands_ms, int64_t now_ms, int64_t *ret_ms, struct hilf_err *err)
{
	if (asked_ms > stands_ms)
		return err_set(err, HILF_E_INVALID,
			"the entry expires earlier than that already, and its expiry may only come "
			"closer; to have it longer, add it again when it has expired");
	/* What is past ends now: it was in force until somebody said so. */
	if (asked_ms && asked_ms < now_ms)
		asked_ms = now_ms;
	*ret_ms = asked_ms < stands_ms ? asked_ms : 0;
	return 0;
}

/* What rests on the entry rests on it no longer than it lasts. */
static int bring_closer(struct hilf *hilf, const struct store_entry_row *row,
	const struct record *record, struct hilf_err *err)
{
	int64_t expires_ms = record->change.expires_ms;
	uint32_t most;
	if (!expires_ms)
		return 0;
	if (expires_ms <= record->time_ms)
		return checks_reverse(hilf, &row->gid, "expired", NULL, err);
	int rc = store_rest_get(hilf->store, true, row->id, &most, err);
	if (rc)
		return rc == HILF_E_NOT_FOUND ? 0 : rc;
	return store_rest_set(hilf->store, row->id, expires_ms, most, err);
}

static int change_entry(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct changing *changing = ctx;
	const struct hilf_entry_change *change = changing->change;
	struct record record = {.kind = RECORD_ENTRY_CHANGE};
	struct store_entry_row row;
	struct store_bank bank;
	int rc = entry_find(hilf, true, changing->entry, &row, err);
	if (!rc && row.withdrawn)
		rc = err_set(err, HILF_E_WITHDRAWN, "entry %.60s is withdrawn, which is final",
			changing->entry);
	if (!rc)
		rc = store_bank_by_id(hilf->store, true, row.bank, &bank, err);
	if (!rc)
		rc = bank_check_own(hilf, &bank, "only it can change the entry", err);
	if (rc)
		return rc;
	write_stamp(hilf, &record);
	rc = choose_expiry(
		change->expires_ms, row.expires_ms, record.time_ms, &record.change.expires_ms, err);
	if (rc)
		return rc;
	memcpy(record.of, bank.gid, UUID_SIZE);
	record.change.content_class = change->content_class;
	record.change.ground = change->ground;
	record.change.set_labels = change->set_labels;
	record.change.labels = change->labels;
	record.change.label_count = change->set_labels ? change->label_count : 0;
	record.change.entries = &row.gid;
	record.change.entry_count = 1;
	bool empty = !change->content_class && !change->ground && !change->set_labels &&
		     !record.change.expires_ms;
	if (empty)
		return 0;
	rc = write_records(hilf, &record, 1, err);
	if (!rc)
		rc = bring_closer(hilf, &row, &record, err);
	if (!rc)
		rc = event_entries(hilf, "entry.changed", bank.name, &row.gid, 1, NULL, err);
	return rc;
}

int hilf_entry_set(struct hilf *hilf, const char *entry, const struct hilf_entry_change *change,
	struct hilf_err *err)
{
	struct changing changing = {entry, change};
	struct write_job job = {change_entry, &changing};
	ASSERT(hilf && entry && change && (change->labels || !change->label_count));
	if (!change->content_class && !change->ground && !change->set_labels && !change->expires_ms)
		return err_set(err, HILF_E_INVALID,
			"nothing to change: give a class, a ground, labels or an expiry");
	if (change->expires_ms < 0)
		return err_set(err, HILF_E_INVALID, "the expiry is no time after 1970");
	return write_submit(hilf, &job, err);
}
