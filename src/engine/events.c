/* The bodies of events, in JSON with keys in ascending order. */
#include "engine/events.h"

#include "base/err.h"
#include "engine/hooks.h"
#include "engine/hooks_parts.h"
#include "wire/json.h"

struct told {
	const char *bank, *reason;
	const struct record_entry_id *ids;
	size_t count;
};

static void put_entries(struct buf *buf, const char *const *banks, size_t bank_count, void *ctx)
{
	const struct told *told = ctx;
	(void)banks;
	(void)bank_count;
	buf_char(buf, '{');
	json_put_key(buf, "bank");
	json_put_text(buf, told->bank);
	json_put_key(buf, "count");
	json_put_integer(buf, (int64_t)told->count);
	json_put_key(buf, "entries");
	buf_char(buf, '[');
	for (size_t i = 0; i < told->count && i < EVENT_ENTRIES_MAX; i++) {
		char gid[HILF_ID_TEXT_MAX];
		record_entry_id_format(&told->ids[i], gid);
		json_put_item(buf);
		json_put_text(buf, gid);
	}
	buf_char(buf, ']');
	if (told->reason) {
		json_put_key(buf, "reason");
		json_put_text(buf, told->reason);
	}
	buf_char(buf, '}');
}

/* Written only when somebody wants it: most of a write that adds is for nobody. */
int event_entries(struct hilf *hilf, const char *event, const char *bank,
	const struct record_entry_id *ids, size_t count, const char *reason, struct hilf_err *err)
{
	struct told told = {bank, reason, ids, count};
	return hooks_queue_each(hilf, event, &bank, 1, put_entries, &told, err);
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
