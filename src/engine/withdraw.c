/* Withdrawing an entry: final, signed, and visible to the next query. The reason's code goes into the record; its text
 * may name people, so it stays on this node. */
#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"
#include "engine/checks.h"
#include "engine/engine.h"
#include "engine/events.h"
#include "os/clock.h"

#include <string.h>

struct withdrawing {
	const char *entry_text;
	enum record_reason reason;
	const char *text; /* "" when the reason is a code alone */
};

static int find_bank_of(
	struct hilf *hilf, uint32_t id, struct store_bank *ret_bank, struct hilf_err *err)
{
	int rc = store_bank_by_id(hilf->store, true, id, ret_bank, err);
	return rc ? rc : bank_check_own(hilf, ret_bank, "only it can withdraw the entry", err);
}

static int withdraw_entry(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct withdrawing *withdrawing = ctx;
	struct record record = {.kind = RECORD_ENTRY_WITHDRAW};
	struct store_entry_row row;
	struct store_bank bank;
	int rc = entry_find(hilf, true, withdrawing->entry_text, &row, err);
	if (rc)
		return rc;
	if (row.withdrawn)
		return err_set(err, HILF_E_WITHDRAWN, "entry %.60s is withdrawn already",
			withdrawing->entry_text);
	rc = find_bank_of(hilf, row.bank, &bank, err);
	if (rc)
		return rc;
	write_stamp(hilf, &record);
	memcpy(record.of, bank.gid, UUID_SIZE);
	record.withdraw.reason = withdrawing->reason;
	record.withdraw.entries = &row.gid;
	record.withdraw.entry_count = 1;
	rc = write_records(hilf, &record, 1, err);
	if (!rc && withdrawing->text[0])
		rc = store_note_add(hilf->store, &row.gid, clock_now_ms(), withdrawing->text, err);
	const char *reason = record_reason_name(withdrawing->reason);
	if (!rc)
		rc = checks_reverse(hilf, &row.gid, reason, NULL, err);
	if (!rc)
		rc = event_entries(hilf, "entry.withdrawn", bank.name, &row.gid, 1, reason, err);
	return rc;
}

static void read_reason(const char *reason, struct withdrawing *withdrawing)
{
	size_t size = strcspn(reason, ":");
	withdrawing->text = reason;
	if (!record_reason_parse(reason, size, &withdrawing->reason)) {
		withdrawing->reason = REASON_OTHER;
		return;
	}
	withdrawing->text = reason + size + (reason[size] == ':');
	while (*withdrawing->text == ' ')
		withdrawing->text++;
}

int withdraw_within(
	struct hilf *hilf, const char *entry, const char *reason, struct hilf_err *err)
{
	struct withdrawing withdrawing = {.entry_text = entry};
	read_reason(reason, &withdrawing);
	return withdraw_entry(hilf, &withdrawing, err);
}

int hilf_withdraw(struct hilf *hilf, const char *entry, const char *reason, struct hilf_err *err)
{
	struct withdrawing withdrawing = {.entry_text = entry};
	struct write_job job = {withdraw_entry, &withdrawing};
	ASSERT(hilf && entry);
	if (!reason || !*reason)
		return err_set(
			err, HILF_E_INVALID, "a withdrawal needs a reason; people will ask for it");
	if (strlen(reason) > LIMIT_REASON_TEXT || !utf8_valid(reason, strlen(reason)))
		return err_set(err, HILF_E_INVALID,
			"the reason is not UTF-8, or longer than %u bytes", LIMIT_REASON_TEXT);
	read_reason(reason, &withdrawing);
	return write_submit(hilf, &job, err);
}
