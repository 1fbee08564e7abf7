/* Entries as people and exports see them. */
#include "base/check.h"
#include "base/err.h"
#include "engine/engine.h"
#include "os/clock.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int entry_parse(
	const char *text, uint64_t *ret_id, struct record_entry_id *ret_gid, struct hilf_err *err)
{
	char *end = NULL;
	if (record_entry_id_parse(text, strlen(text), ret_gid)) {
		*ret_id = 0;
		return 0;
	}
	unsigned long long id = isdigit((unsigned char)text[0]) ? strtoull(text, &end, 10) : 0;
	if (!id || *end || id > INT64_MAX)
		return err_set(err, HILF_E_INVALID,
			"'%.60s' names no entry; give its number, or its id as 'hilf match "
			"--json' prints it",
			text);
	*ret_id = id;
	return 0;
}

int entry_find(struct hilf *hilf, bool in_write, const char *text, struct store_entry_row *ret_row,
	struct hilf_err *err)
{
	struct record_entry_id gid;
	uint64_t id = 0;
	int rc = entry_parse(text, &id, &gid, err);
	if (rc)
		return rc;
	rc = store_entry_get(hilf->store, in_write, id, id ? NULL : &gid, ret_row, err);
	if (rc == HILF_E_NOT_FOUND)
		return err_set(err, rc, "there is no entry %.60s", text);
	return rc;
}

struct telling {
	const char *bank;
	int64_t now_ms;
	hilf_entry_fn *fn;
	void *ctx;
};

static int tell_entry(const struct store_entry *from, const struct store_meta *meta, void *ctx)
{
	const struct telling *telling = ctx;
	char gid[HILF_ID_TEXT_MAX];
	if (from->expires_ms <= telling->now_ms)
		return 0;
	record_entry_id_format(&from->gid, gid);
	const struct hilf_entry entry = {
		.id = from->id,
		.gid = gid,
		.bank = telling->bank,
		.content_class = meta->content_class,
		.ground = meta->ground,
		.added_ms = from->added_ms,
		.expires_ms = from->expires_ms,
		.labels = meta->labels,
		.label_count = meta->label_count,
		.signals = from->signals,
		.signal_count = from->signal_count,
	};
	return telling->fn(&entry, telling->ctx);
}

int hilf_entry_each(
	struct hilf *hilf, const char *bank, hilf_entry_fn *fn, void *ctx, struct hilf_err *err)
{
	struct telling telling = {bank, clock_now_ms(), fn, ctx};
	struct store_bank row;
	ASSERT(hilf && bank && fn);
	int rc = bank_find(hilf, false, bank, &row, err);
	return rc ? rc : store_each_entry(hilf->store, row.id, tell_entry, &telling, err);
}
