/* The bodies of events, in JSON with keys in ascending order. */
#include "engine/events.h"

#include "base/err.h"
#include "engine/hooks.h"
#include "engine/hooks_parts.h"
#include "wire/json.h"

int event_entries(struct hilf *hilf, const char *event, const char *bank,
	const struct record_entry_id *ids, size_t count, const char *reason, struct hilf_err *err)
{
	struct buf buf = BUF_INIT;
	buf_char(&buf, '{');
	json_put_key(&buf, "bank");
	json_put_text(&buf, bank);
	json_put_key(&buf, "count");
	json_put_integer(&buf, (int64_t)count);
	json_put_key(&buf, "entries");
	buf_char(&buf, '[');
	for (size_t i = 0; i < count && i < EVENT_ENTRIES_MAX; i++) {
		char gid[HILF_ID_TEXT_MAX];
		record_entry_id_format(&ids[i], gid);
		json_put_item(&buf);
		json_put_text(&buf, gid);
	}
	buf_char(&buf, ']');
	if (reason) {
		json_put_key(&buf, "reason");
		json_put_text(&buf, reason);
	}
	buf_char(&buf, '}');
	int rc = buf.failed ? err_no_memory(err)
			    : hooks_queue(hilf, event, bank, buf.data, buf.size, err);
	buf_free(&buf);
	return rc;
}

int event_bank(struct hilf *hilf, const struct store_bank *bank, const char *change,
	const char *was, struct hilf_err *err)
{
	const char *const names[] = {bank->name, was};
	char gid[UUID_TEXT_SIZE + 1];
	struct buf buf = BUF_INIT;
	uuid_format(bank->gid, gid);
	buf_char(&buf, '{');
	json_put_key(&buf, "bank");
	json_put_text(&buf, bank->name);
	json_put_key(&buf, "change");
	json_put_text(&buf, change);
	json_put_key(&buf, "gid");
	json_put_text(&buf, gid);
	if (was) {
		json_put_key(&buf, "was");
		json_put_text(&buf, was);
	}
	buf_char(&buf, '}');
	/* Who asked for the bank by its old name learns of the new one. */
	int rc = buf.failed ? err_no_memory(err)
			    : hooks_queue_banks(hilf, "bank.changed", names, was ? 2 : 1, buf.data,
				      buf.size, err);
	buf_free(&buf);
	return rc;
}
