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

const char *hilf_entry_state_name(enum hilf_entry_state state)
{
	static const char *const names[] = {"in_force", "expired", "withdrawn", "erased"};
	return (unsigned)state < COUNT_OF(names) ? names[state] : "unknown";
}

struct telling {
	const struct hilf *hilf;
	int64_t now_ms;
	hilf_entry_fn *fn;
	void *ctx;
};

enum hilf_entry_state entry_state(const struct store_told *told, int64_t now_ms)
{
	if (!told->entry.signal_count)
		return HILF_ERASED;
	if (told->withdrawn)
		return HILF_WITHDRAWN;
	return told->entry.expires_ms <= now_ms ? HILF_EXPIRED : HILF_IN_FORCE;
}

static int tell_entry(const struct store_told *told, void *ctx)
{
	const struct telling *telling = ctx;
	const struct store_entry *from = &told->entry;
	const struct store_meta *meta = told->meta;
	bool mute = told->muted_until_ms > telling->now_ms;
	char gid[HILF_ID_TEXT_MAX], member[UUID_TEXT_SIZE + 1];
	record_entry_id_format(&from->gid, gid);
	uuid_format(told->bank->author, member);
	const struct hilf_entry entry = {
		.id = from->id,
		.gid = gid,
		.bank = told->bank->name,
		.content_class = meta->content_class,
		.ground = meta->ground,
		.added_ms = from->added_ms,
		.expires_ms = from->expires_ms,
		.labels = meta->labels,
		.label_count = meta->label_count,
		.signals = from->signals,
		.signal_count = from->signal_count,
		.state = entry_state(told, telling->now_ms),
		.source = meta->source == SOURCE_UNSAID ? "" : record_source_name(meta->source),
		.territory = meta->territory,
		.muted_until_ms = mute ? told->muted_until_ms : 0,
		.confirm_count = told->confirm_count,
		.dispute_count = told->dispute_count,
		.seen_count = told->seen_count,
		.member = member,
		.own = !memcmp(told->bank->author, telling->hilf->member, UUID_SIZE),
	};
	return telling->fn(&entry, telling->ctx);
}

int hilf_entry_page(struct hilf *hilf, const char *bank, uint64_t after_id, size_t limit, bool gone,
	hilf_entry_fn *fn, void *ctx, struct hilf_err *err)
{
	struct telling telling = {hilf, clock_now_ms(), fn, ctx};
	struct store_bank row = {.id = 0};
	ASSERT(hilf && fn);
	int rc = bank ? bank_find(hilf, false, bank, &row, err) : 0;
	if (rc)
		return rc;
	if (limit > LIMIT_ENTRY_PAGE)
		limit = LIMIT_ENTRY_PAGE;
	return store_entry_page(hilf->store, row.id, after_id, limit, gone, telling.now_ms,
		tell_entry, &telling, err);
}

int hilf_entry_each(
	struct hilf *hilf, const char *bank, hilf_entry_fn *fn, void *ctx, struct hilf_err *err)
{
	struct telling telling = {hilf, clock_now_ms(), fn, ctx};
	struct store_bank row;
	ASSERT(hilf && bank && fn);
	int rc = bank_find(hilf, false, bank, &row, err);
	return rc ? rc
		  : store_entry_page(hilf->store, row.id, 0, SIZE_MAX, false, telling.now_ms,
			    tell_entry, &telling, err);
}

int hilf_entry_get(
	struct hilf *hilf, const char *entry, hilf_entry_fn *fn, void *ctx, struct hilf_err *err)
{
	struct telling telling = {hilf, clock_now_ms(), fn, ctx};
	struct record_entry_id gid;
	uint64_t id = 0;
	ASSERT(hilf && entry && fn);
	int rc = entry_parse(entry, &id, &gid, err);
	if (rc)
		return rc;
	rc = store_entry_tell(hilf->store, id, id ? NULL : &gid, tell_entry, &telling, err);
	if (rc == HILF_E_NOT_FOUND)
		return err_set(err, rc, "there is no entry %.60s", entry);
	return rc;
}

int hilf_entry_find(struct hilf *hilf, const struct hilf_signal *signal, hilf_entry_fn *fn,
	void *ctx, struct hilf_err *err)
{
	struct telling telling = {hilf, clock_now_ms(), fn, ctx};
	ASSERT(hilf && signal && fn);
	int rc = record_check_signal(signal, err);
	return rc ? rc : store_entry_having(hilf->store, signal, tell_entry, &telling, err);
}
