/* What look-back finds, and what it tells: entries that arrive against contents that are kept, and contents whose checks may
 * just have missed an entry against the entries of the last minute. */
#include "base/check.h"
#include "base/err.h"
#include "engine/hooks.h"
#include "engine/lookback_parts.h"
#include "engine/policy.h"
#include "engine/tally.h"
#include "wire/json.h"

#include <stdlib.h>
#include <string.h>

#define MARK_MS       1000
#define RECENT_MS     60000
#define PAGE          256u /* entries in one turn */
#define PART_CONTENTS 1000u
#define OWN_CHECKS    20u /* of a content, to see whether they found the entry */

/* ------------------------------------------------------------------------------------------ comparing */

static int add_found(struct lookback *lookback, const struct found *found, struct hilf_err *err)
{
	if (lookback->found_count == lookback->found_room) {
		size_t room = lookback->found_room ? 2 * lookback->found_room : 64;
		struct found *more = realloc(lookback->found, room * sizeof *more);
		if (!more)
			return err_no_memory(err);
		lookback->found = more;
		lookback->found_room = room;
	}
	lookback->found[lookback->found_count++] = *found;
	return 0;
}

struct own_check {
	uint64_t entry;
	bool found;
};

static int see_own_check(const struct store_check *check, void *ctx)
{
	struct own_check *own = ctx;
	for (size_t i = 0; i < check->rest_count; i++)
		own->found = own->found || check->rests[i].entry == own->entry;
	return 0;
}

/* Whether the content's own check found the entry: then it was answered with it. */
static int was_found(struct lookback *lookback, const char *content_id, uint64_t entry,
	bool *ret_found, struct hilf_err *err)
{
	struct own_check own = {entry, false};
	int rc = store_check_page(
		lookback->hilf->store, content_id, 0, OWN_CHECKS, see_own_check, &own, err);
	if (!rc)
		*ret_found = own.found;
	return rc;
}

struct comparing {
	struct lookback *lookback;
	uint8_t member[UUID_SIZE];
	bool has_member;
	int64_t now_ms;
	uint64_t last;
	size_t count;
	struct hilf_err *err;
};

static int take_hits(struct comparing *comparing, struct found *found, unsigned radius,
	const struct store_told *told)
{
	struct lookback *lookback = comparing->lookback;
	struct kept_hits hits = {0};
	uint64_t tell = ++lookback->tells;
	int rc = kept_match(lookback->kept, told->entry.signals, told->entry.signal_count, radius,
		&hits, comparing->err);
	for (size_t i = 0; i < hits.count && !rc; i++) {
		struct kept_item *item = hits.hits[i].item;
		bool known = false;
		if (item->told == tell)
			continue;
		item->told = tell;
		rc = was_found(lookback, item->content_id, found->entry, &known, comparing->err);
		found->item = item;
		found->distance = hits.hits[i].distance;
		if (!rc && !known)
			rc = add_found(lookback, found, comparing->err);
	}
	free(hits.hits);
	return rc;
}

/* An entry that arrived, against all that is kept. */
static int compare_entry(const struct store_told *told, void *ctx)
{
	struct comparing *comparing = ctx;
	const struct store_bank *bank = told->bank;
	bool own = comparing->has_member && memcmp(bank->author, comparing->member, UUID_SIZE) == 0;
	enum hilf_mode mode = bank->has_policy ? bank->policy.mode
			      : own            ? HILF_REVIEW
					       : HILF_SHADOW;
	unsigned radius = bank->has_policy ? bank->policy.pdq_radius : HILF_PDQ_RADIUS;
	struct found found = {.entry = told->entry.id,
		.gid = told->entry.gid,
		.verdict = policy_verdict(mode, own, false, told->dispute_count != 0)};
	comparing->last = told->entry.id;
	comparing->count++;
	if (found.verdict < HILF_VERDICT_REVIEW || told->withdrawn || bank->removed ||
		told->entry.expires_ms <= comparing->now_ms ||
		told->muted_until_ms > comparing->now_ms)
		return 0;
	memcpy(found.bank, bank->name, sizeof found.bank);
	return take_hits(comparing, &found, radius, told);
}

int lookback_compare_new(struct lookback *lookback, int64_t now_ms, uint64_t *ret_done,
	bool *ret_more, struct hilf_err *err)
{
	struct comparing comparing = {
		.lookback = lookback, .now_ms = now_ms, .last = lookback->done, .err = err};
	int rc = engine_member(lookback->hilf, comparing.member, &comparing.has_member, err);
	if (!rc)
		rc = store_entry_page(lookback->hilf->store, 0, lookback->done, PAGE, true, now_ms,
			compare_entry, &comparing, err);
	if (rc)
		return rc;
	*ret_done = comparing.last;
	*ret_more = comparing.count == PAGE;
	return 0;
}

/* Entries up to here are older than a minute. */
static uint64_t floor_of(const struct lookback *lookback, int64_t now_ms)
{
	uint64_t floor = lookback->mark_count ? lookback->marks[0].done : lookback->done;
	for (unsigned i = 0; i < lookback->mark_count; i++)
		if (lookback->marks[i].time_ms <= now_ms - RECENT_MS)
			floor = lookback->marks[i].done;
	return floor;
}

void lookback_mark(struct lookback *lookback, int64_t now_ms)
{
	unsigned from = 0, last = lookback->mark_count;
	if (last && lookback->marks[last - 1].time_ms > now_ms - MARK_MS &&
		lookback->marks[last - 1].time_ms <= now_ms)
		return;
	while (from + 1 < lookback->mark_count &&
		(lookback->marks[from + 1].time_ms <= now_ms - RECENT_MS ||
			lookback->mark_count - from == MARKS))
		from++;
	lookback->mark_count -= from;
	memmove(lookback->marks, lookback->marks + from,
		lookback->mark_count * sizeof *lookback->marks);
	lookback->marks[lookback->mark_count].time_ms = now_ms;
	lookback->marks[lookback->mark_count++].done = lookback->done;
}

struct late {
	struct lookback *lookback;
	uint64_t floor;
	struct hilf_err *err;
};

static int take_late(struct late *late, struct kept_item *item, const struct hilf_match *match)
{
	struct lookback *lookback = late->lookback;
	struct found found = {.entry = match->entry,
		.verdict = match->verdict,
		.item = item,
		.distance = match->distance};
	bool known = false;
	if (match->entry <= late->floor || match->entry > lookback->done ||
		match->verdict < HILF_VERDICT_REVIEW)
		return 0;
	/* Nearby by two of its signals: those of one content are together. */
	for (size_t i = lookback->found_count; i && lookback->found[i - 1].item == item; i--)
		if (lookback->found[i - 1].entry == match->entry)
			return 0;
	int rc = was_found(lookback, item->content_id, match->entry, &known, late->err);
	if (rc || known || !record_entry_id_parse(match->gid, strlen(match->gid), &found.gid))
		return rc;
	memcpy(found.bank, match->bank, sizeof found.bank);
	return add_found(lookback, &found, late->err);
}

/* A note that no turn has stored yet, against the entries of the last minute. */
static int compare_note(struct kept_item *item, void *ctx)
{
	struct late *late = ctx;
	struct hilf_check *checks = calloc(item->signal_count, sizeof *checks);
	const struct hilf_query query = {.limit = 1000};
	if (!checks)
		return err_no_memory(late->err);
	int rc = hilf_match_signals(
		late->lookback->hilf, &query, item->signals, item->signal_count, checks, late->err);
	for (size_t i = 0; i < item->signal_count && !rc; i++)
		for (size_t j = 0; j < checks[i].match_count && !rc; j++)
			rc = take_late(late, item, &checks[i].matches[j]);
	for (size_t i = 0; i < item->signal_count; i++)
		hilf_check_free(&checks[i]);
	free(checks);
	return rc;
}

int lookback_compare_late(struct lookback *lookback, int64_t now_ms, struct hilf_err *err)
{
	struct late late = {lookback, floor_of(lookback, now_ms), err};
	if (late.floor == lookback->done || !atomic_load(&lookback->hilf->known))
		return 0;
	return kept_each(lookback->kept, lookback->saved_id, compare_note, &late);
}

/* ------------------------------------------------------------------------------------------ telling */

static void put_found(struct buf *buf, const struct found *found)
{
	json_put_item(buf);
	buf_char(buf, '{');
	json_put_key(buf, "checked_ms");
	json_put_integer(buf, found->item->time_ms);
	json_put_key(buf, "content_id");
	json_put_text(buf, found->item->content_id);
	json_put_key(buf, "distance");
	json_put_integer(buf, found->distance);
	buf_char(buf, '}');
}

/* found[count] are of one entry. */
static void put_event(
	struct buf *buf, const struct found *found, size_t count, size_t part, size_t parts)
{
	char gid[HILF_ID_TEXT_MAX];
	record_entry_id_format(&found->gid, gid);
	buf_clear(buf);
	buf_char(buf, '{');
	json_put_key(buf, "bank");
	json_put_text(buf, found->bank);
	json_put_key(buf, "contents");
	buf_char(buf, '[');
	for (size_t i = 0; i < count; i++)
		put_found(buf, &found[i]);
	buf_char(buf, ']');
	json_put_key(buf, "entry");
	json_put_text(buf, gid);
	json_put_key(buf, "part");
	json_put_integer(buf, (int64_t)part);
	json_put_key(buf, "parts");
	json_put_integer(buf, (int64_t)parts);
	json_put_key(buf, "verdict");
	json_put_text(buf, hilf_verdict_name(found->verdict));
	buf_char(buf, '}');
}

static int tell_entry(
	struct hilf *hilf, const struct found *found, size_t count, struct hilf_err *err)
{
	size_t parts = (count + PART_CONTENTS - 1) / PART_CONTENTS;
	struct buf buf = BUF_INIT;
	int rc = 0;
	for (size_t part = 0; part < parts && !rc; part++) {
		size_t from = part * PART_CONTENTS;
		size_t some = count - from < PART_CONTENTS ? count - from : PART_CONTENTS;
		put_event(&buf, found + from, some, part + 1, parts);
		rc = buf.failed ? err_no_memory(err)
				: hooks_queue(hilf, "content.recognised", found->bank, buf.data,
					  buf.size, err);
	}
	buf_free(&buf);
	return rc;
}

static int by_entry(const void *left, const void *right)
{
	const struct found *a = left, *b = right;
	if (a->entry != b->entry)
		return a->entry < b->entry ? -1 : 1;
	return (a->item->id > b->item->id) - (a->item->id < b->item->id);
}

int lookback_tell(struct lookback *lookback, struct hilf_err *err)
{
	size_t end;
	int rc = 0;
	if (lookback->found_count)
		qsort(lookback->found, lookback->found_count, sizeof *lookback->found, by_entry);
	for (size_t at = 0; at < lookback->found_count && !rc; at = end) {
		for (end = at + 1; end < lookback->found_count &&
				   lookback->found[end].entry == lookback->found[at].entry;
			end++)
			;
		rc = tell_entry(lookback->hilf, &lookback->found[at], end - at, err);
	}
	return rc ? rc
		  : tally_write(lookback->hilf, TALLY_LOOKBACK_HITS, lookback->found_count, err);
}
