/* What rested on an entry when it ends. An entry brings each check a verdict; when it can bring less, the check stands as
 * its heaviest other entry says, and everybody who subscribed learns which contents that concerns, in the same
 * transaction as the end itself: no content is told twice, and none is forgotten. */
#include "base/check.h"
#include "base/err.h"
#include "engine/cases.h"
#include "engine/checks_parts.h"
#include "engine/hooks_parts.h"
#include "engine/local_parts.h"
#include "engine/vault.h"
#include "engine/tally.h"
#include "os/clock.h"
#include "wire/json.h"

#include <stdlib.h>
#include <string.h>

#define PART_CONTENTS 1000u /* in one event */
#define PAGE          1000u

/* ------------------------------------------------------------------------------------------ what an entry upholds */

static int see_dispute(const struct store_opinion *opinion, void *ctx)
{
	bool *disputed = ctx;
	*disputed = *disputed || opinion->opinion == HILF_DISPUTE;
	return 0;
}

int entry_upholds(struct hilf *hilf, bool in_write, uint64_t entry, struct upholds *ret_upholds,
	struct hilf_err *err)
{
	struct upholds upholds = {.most = HILF_NO_MATCH};
	int64_t now_ms = clock_now_ms(), muted_until_ms = 0;
	bool disputed = false;
	int rc = store_entry_get(hilf->store, in_write, entry, NULL, &upholds.row, err);
	if (!rc)
		rc = store_mute_get(hilf->store, in_write, entry, &muted_until_ms, err);
	if (!rc)
		rc = store_each_opinion(hilf->store, in_write, entry, see_dispute, &disputed, err);
	if (rc)
		return rc;
	if (upholds.row.withdrawn) {
		upholds.why = "other";
	} else if (upholds.row.expires_ms <= now_ms) {
		upholds.why = "expired";
	} else if (muted_until_ms > now_ms) {
		upholds.why = "muted";
	} else if (disputed) {
		upholds.most = HILF_VERDICT_REVIEW;
		upholds.why = "disputed";
	} else {
		upholds.most = HILF_VERDICT_BLOCK;
		upholds.why = "";
	}
	*ret_upholds = upholds;
	return 0;
}

/* ------------------------------------------------------------------------------------------ one entry */

/* A content to tell, in memory until all are known, because each part says how many there are. */
struct content {
	const char *content_id; /* or NULL */
	uint8_t decision[UUID_SIZE];
	bool has_decision;
	uint8_t was, now;
};

struct reversing {
	struct hilf *hilf;
	uint64_t entry;
	enum hilf_verdict most;
	int64_t now_ms;
	struct arena texts;
	struct content *contents;
	size_t count, room;
	uint64_t restored;
};

static int add_content(struct reversing *reversing, const struct store_check *check, uint32_t was,
	struct hilf_err *err)
{
	if (reversing->count == reversing->room) {
		size_t room = reversing->room ? 2 * reversing->room : 64;
		struct content *contents = realloc(reversing->contents, room * sizeof *contents);
		if (!contents)
			return err_no_memory(err);
		reversing->contents = contents;
		reversing->room = room;
	}
	struct content *content = &reversing->contents[reversing->count];
	*content = (struct content){.has_decision = check->has_decision,
		.was = (uint8_t)was,
		.now = (uint8_t)check->standing};
	memcpy(content->decision, check->decision, sizeof content->decision);
	if (check->content_id) {
		content->content_id =
			arena_text(&reversing->texts, check->content_id, strlen(check->content_id));
		if (!content->content_id)
			return err_no_memory(err);
	}
	reversing->count++;
	return 0;
}

/* What another entry of a check still brings. Its own row may be behind the truth: it may have expired since the last
 * sweep. */
static int other_brings(struct reversing *reversing, const struct store_rest *rest,
	enum hilf_verdict *now, struct hilf_err *err)
{
	struct upholds upholds;
	enum hilf_verdict brings = (enum hilf_verdict)rest->verdict;
	if (brings <= *now)
		return 0;
	int rc = entry_upholds(reversing->hilf, true, rest->entry, &upholds, err);
	if (rc)
		return rc;
	brings = upholds.most < brings ? upholds.most : brings;
	*now = brings > *now ? brings : *now;
	return 0;
}

/* rests: the check's own, to be changed. */
static int lower(struct reversing *reversing, struct store_check *check, struct store_rest *rests,
	struct hilf_err *err)
{
	enum hilf_verdict now = HILF_NO_MATCH, brought = HILF_NO_MATCH;
	uint32_t was = check->standing;
	int rc = 0;
	for (size_t i = 0; i < check->rest_count && !rc; i++) {
		if (rests[i].entry == reversing->entry) {
			brought = (enum hilf_verdict)rests[i].verdict;
			if (rests[i].verdict > reversing->most)
				rests[i].verdict = (uint8_t)reversing->most;
			now = rests[i].verdict > now ? (enum hilf_verdict)rests[i].verdict : now;
		}
	}
	if (brought <= reversing->most)
		return 0;
	for (size_t i = 0; i < check->rest_count && !rc; i++)
		if (rests[i].entry != reversing->entry)
			rc = other_brings(reversing, &rests[i], &now, err);
	if (rc)
		return rc;
	if (now < was) {
		check->standing = now;
		check->reversed_ms = check->reversed_ms ? check->reversed_ms : reversing->now_ms;
		reversing->restored++;
	}
	check->rests = rests;
	rc = store_check_save(reversing->hilf->store, check, err);
	if (!rc && brought >= was)
		rc = add_content(reversing, check, was, err);
	return rc;
}

static int lower_check(struct reversing *reversing, uint64_t id, struct hilf_err *err)
{
	struct store_check check;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_check_get(reversing->hilf->store, true, id, &arena, &check, err);
	if (!rc)
		rc = lower(reversing, &check, (struct store_rest *)check.rests, err);
	arena_clear(&arena);
	return rc;
}

static int lower_all(struct reversing *reversing, struct hilf_err *err)
{
	uint64_t *ids = malloc(PAGE * sizeof *ids), after = 0;
	size_t count = PAGE;
	int rc = ids ? 0 : err_no_memory(err);
	while (!rc && count == PAGE) {
		rc = store_check_resting(
			reversing->hilf->store, reversing->entry, after, ids, PAGE, &count, err);
		for (size_t i = 0; i < count && !rc; i++) {
			rc = lower_check(reversing, ids[i], err);
			after = ids[i];
		}
	}
	free(ids);
	return rc;
}

/* ------------------------------------------------------------------------------------------ telling */

struct telling {
	const char *gid, *bank, *reason;
	size_t part, parts;
};

static void put_content(struct buf *buf, const struct content *content)
{
	char decision[UUID_TEXT_SIZE + 1];
	json_put_item(buf);
	buf_char(buf, '{');
	json_put_key(buf, "content_id");
	if (content->content_id)
		json_put_text(buf, content->content_id);
	else
		buf_text(buf, "null");
	if (content->has_decision) {
		uuid_format(content->decision, decision);
		json_put_key(buf, "decision");
		json_put_text(buf, decision);
	}
	json_put_key(buf, "now");
	json_put_text(buf, hilf_verdict_name((enum hilf_verdict)content->now));
	json_put_key(buf, "was");
	json_put_text(buf, hilf_verdict_name((enum hilf_verdict)content->was));
	buf_char(buf, '}');
}

static void put_part(
	struct buf *buf, const struct reversing *reversing, const struct telling *telling)
{
	size_t from = telling->part * PART_CONTENTS, to = from + PART_CONTENTS;
	to = to < reversing->count ? to : reversing->count;
	buf_clear(buf);
	buf_char(buf, '{');
	json_put_key(buf, "bank");
	json_put_text(buf, telling->bank);
	json_put_key(buf, "contents");
	buf_char(buf, '[');
	for (size_t i = from; i < to; i++)
		put_content(buf, &reversing->contents[i]);
	buf_char(buf, ']');
	json_put_key(buf, "entry");
	json_put_text(buf, telling->gid);
	json_put_key(buf, "part");
	json_put_integer(buf, (int64_t)telling->part + 1);
	json_put_key(buf, "parts");
	json_put_integer(buf, (int64_t)telling->parts);
	json_put_key(buf, "reason");
	json_put_text(buf, telling->reason);
	json_put_key(buf, "restored");
	json_put_integer(buf, (int64_t)reversing->restored);
	buf_char(buf, '}');
}

static int tell(struct reversing *reversing, const struct upholds *upholds, const char *reason,
	struct hilf_err *err)
{
	struct store_bank bank;
	struct buf buf = BUF_INIT;
	char gid[HILF_ID_TEXT_MAX];
	struct telling telling = {.gid = gid, .reason = reason};
	if (!reversing->count)
		return 0;
	int rc = store_bank_by_id(reversing->hilf->store, true, upholds->row.bank, &bank, err);
	record_entry_id_format(&upholds->row.gid, gid);
	telling.bank = bank.name;
	telling.parts = (reversing->count + PART_CONTENTS - 1) / PART_CONTENTS;
	for (; telling.part < telling.parts && !rc; telling.part++) {
		put_part(&buf, reversing, &telling);
		rc = buf.failed ? err_no_memory(err)
				: hooks_queue(reversing->hilf, "entry.reversed", bank.name,
					  buf.data, buf.size, err);
	}
	buf_free(&buf);
	return rc;
}

/* A question about an entry that ended is none any more, and one that is disputed is a question. */
static int see_cases(struct hilf *hilf, const struct upholds *upholds, const char *reason,
	struct hilf_err *err)
{
	if (upholds->most == HILF_NO_MATCH)
		return case_close_of_entry(hilf, upholds->row.id, reason, err);
	return strcmp(reason, "disputed") == 0 ? case_dispute(hilf, upholds->row.id, err) : 0;
}

int reverse_entry(struct hilf *hilf, const struct upholds *upholds, const char *reason,
	uint64_t *ret_restored, struct hilf_err *err)
{
	struct reversing reversing = {.hilf = hilf,
		.entry = upholds->row.id,
		.most = upholds->most,
		.now_ms = clock_now_ms()};
	arena_init(&reversing.texts, 0);
	int rc = lower_all(&reversing, err);
	if (!rc)
		rc = upholds->most == HILF_NO_MATCH
			     ? store_rest_end(hilf->store, upholds->row.id, err)
			     : store_rest_set(hilf->store, upholds->row.id, upholds->row.expires_ms,
				       upholds->most, err);
	if (!rc)
		rc = tell(&reversing, upholds, reason, err);
	if (!rc)
		rc = see_cases(hilf, upholds, reason, err);
	if (!rc)
		rc = tally_write(hilf, TALLY_REVERSALS, reversing.restored, err);
	if (!rc)
		*ret_restored = reversing.restored;
	arena_clear(&reversing.texts);
	free(reversing.contents);
	return rc;
}

/* The record, or what else ends the entry, may be written before this or after it, so what the store says of the entry
 * now is not asked: whoever calls says that it ends. */
/* What is disputed or mute is there still, and so is the copy of it that people compare with. */
static int end_previews(
	struct hilf *hilf, uint64_t entry, const char *reason, struct hilf_err *err)
{
	if (strcmp(reason, "disputed") == 0 || strcmp(reason, "muted") == 0)
		return 0;
	return vault_entry_ended(hilf, entry, strcmp(reason, "erased") == 0, err);
}

int checks_reverse(struct hilf *hilf, const struct record_entry_id *entry, const char *reason,
	uint64_t *ret_restored, struct hilf_err *err)
{
	struct upholds upholds = {.most = HILF_NO_MATCH};
	uint64_t restored = 0;
	uint32_t most;
	ASSERT(hilf && entry && reason);
	int rc = store_entry_get(hilf->store, true, 0, entry, &upholds.row, err);
	if (!rc)
		rc = end_previews(hilf, upholds.row.id, reason, err);
	if (!rc)
		rc = store_rest_get(hilf->store, true, upholds.row.id, &most, NULL);
	if (rc == HILF_E_NOT_FOUND) { /* nothing rests on it */
		rc = upholds.row.id && strcmp(reason, "disputed") != 0
			     ? case_close_of_entry(hilf, upholds.row.id, reason, err)
			     : 0;
	} else if (!rc) {
		if (strcmp(reason, "disputed") == 0)
			upholds.most = HILF_VERDICT_REVIEW;
		rc = reverse_entry(hilf, &upholds, reason, &restored, err);
	}
	if (!rc && ret_restored)
		*ret_restored = restored;
	return rc;
}

int checks_reverse_bank(struct hilf *hilf, uint32_t bank, const char *reason,
	uint64_t *ret_restored, struct hilf_err *err)
{
	uint64_t *entries = malloc(PAGE * sizeof *entries), after = 0, restored = 0;
	size_t count = PAGE;
	int rc = entries ? 0 : err_no_memory(err);
	while (!rc && count == PAGE) {
		rc = store_rest_page(hilf->store, true, after, entries, PAGE, &count, err);
		for (size_t i = 0; i < count && !rc; i++) {
			struct upholds upholds = {.most = HILF_NO_MATCH};
			uint64_t one = 0;
			after = entries[i];
			rc = store_entry_get(hilf->store, true, after, NULL, &upholds.row, err);
			if (!rc && upholds.row.bank == bank)
				rc = reverse_entry(hilf, &upholds, reason, &one, err);
			restored += one;
		}
	}
	free(entries);
	if (!rc)
		rc = vault_bank_ended(hilf, bank, err);
	if (!rc && ret_restored)
		*ret_restored = restored;
	return rc;
}
