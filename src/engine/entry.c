/* Entries as people and exports see them. */
#include "base/check.h"
#include "base/err.h"
#include "engine/engine.h"
#include "os/clock.h"

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
