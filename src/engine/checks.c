/* Recording a check. What it rests on is settled before the write: of each entry the most that its matches bring. Within
 * the write it is compared with what the entries uphold by then, so that a withdrawal between the match and its record is
 * told like one after it. A content that comes again with the same entries gets the decision that it has. */
#include "engine/checks.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/cases_parts.h"
#include "engine/checks_parts.h"
#include "engine/hooks_parts.h"
#include "engine/local_parts.h"
#include "engine/statement.h"
#include "engine/vault.h"
#include "os/clock.h"
#include "wire/json.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS (24ll * 3600 * 1000)
#define APPEAL_DAYS                                                                                \
	185 /* six months, whichever they are (184 at most), and a day for what is on its way */
#define TOKEN_CHARS 32 /* of five random bits */
/* Matches that an event names; all are in the record. */
#define EVENT_MATCHES 20u

static const char *const surface_names[] = {"public", "limited", "private"};

const char *surface_name(enum surface surface)
{
	return (unsigned)surface < COUNT_OF(surface_names) ? surface_names[surface] : "unknown";
}

int surface_parse(const char *name, enum surface *ret_surface, struct hilf_err *err)
{
	for (unsigned i = 0; i < COUNT_OF(surface_names); i++) {
		if (strcmp(name, surface_names[i]) == 0) {
			*ret_surface = (enum surface)i;
			return 0;
		}
	}
	return err_set(
		err, HILF_E_INVALID, "surface '%.40s' is none of public, limited, private", name);
}

/* NULL where nothing was said. */
static const char *said(const char *text)
{
	return text && *text ? text : NULL;
}

/* ------------------------------------------------------------------------------------------ what it rests on */

static int by_entry(const void *left, const void *right)
{
	const struct store_rest *a = left, *b = right;
	return (a->entry > b->entry) - (a->entry < b->entry);
}

/* One for each entry that brings something, by entry. */
static int gather_rests(const struct hilf_check *check, struct arena *arena,
	struct store_check *row, struct hilf_err *err)
{
	struct store_rest *rests = arena_array(arena, check->match_count, sizeof *rests);
	size_t count = 0, to = 0;
	if (!rests)
		return err_no_memory(err);
	for (size_t i = 0; i < check->match_count && count < STORE_REST_MAX; i++)
		if (check->matches[i].verdict >= HILF_VERDICT_REVIEW)
			rests[count++] = (struct store_rest){
				check->matches[i].entry, (uint8_t)check->matches[i].verdict};
	if (count)
		qsort(rests, count, sizeof *rests, by_entry);
	for (size_t i = 0; i < count; i++) {
		if (to && rests[to - 1].entry == rests[i].entry) {
			if (rests[i].verdict > rests[to - 1].verdict)
				rests[to - 1].verdict = rests[i].verdict;
		} else {
			rests[to++] = rests[i];
		}
	}
	row->rests = rests;
	row->rest_count = to;
	return 0;
}

static int64_t basis_of(const struct store_check *row)
{
	crypto_generichash_state state;
	int64_t basis;
	uint8_t hash[crypto_generichash_BYTES_MIN];
	_Static_assert(sizeof basis <= sizeof hash, "a part of it is enough");
	crypto_generichash_init(&state, NULL, 0, sizeof hash);
	crypto_generichash_update(&state, (const uint8_t *)&row->verdict, sizeof row->verdict);
	for (size_t i = 0; i < row->rest_count; i++) {
		crypto_generichash_update(
			&state, (const uint8_t *)&row->rests[i].entry, sizeof row->rests[i].entry);
		crypto_generichash_update(&state, &row->rests[i].verdict, 1);
	}
	crypto_generichash_final(&state, hash, sizeof hash);
	memcpy(&basis, hash, sizeof basis);
	return basis;
}

/* ------------------------------------------------------------------------------------------ the decision */

struct said {
	const char *content_class, *ground, *territory;
	enum record_source source;
	uint8_t author[UUID_SIZE];
};

struct told {
	struct arena *arena;
	struct said *said;
	struct hilf_err *err;
};

static int take_said(const struct store_told *told, void *ctx)
{
	struct told *to = ctx;
	const struct store_meta *meta = told->meta;
	*to->said = (struct said){
		arena_text(to->arena, meta->content_class, strlen(meta->content_class)),
		arena_text(to->arena, meta->ground, strlen(meta->ground)),
		arena_text(to->arena, meta->territory, strlen(meta->territory)),
		meta->source,
	};
	memcpy(to->said->author, told->bank->author, UUID_SIZE);
	if (!to->said->content_class || !to->said->ground || !to->said->territory)
		return err_no_memory(to->err);
	return 0;
}

static const struct hilf_match *first_that_blocks(const struct hilf_check *check)
{
	for (size_t i = 0; i < check->match_count; i++)
		if (check->matches[i].verdict == HILF_VERDICT_BLOCK)
			return &check->matches[i];
	return NULL;
}

static int write_statement(struct hilf *hilf, const struct check_context *context,
	const struct hilf_check *check, struct arena *arena, struct check_decision *decision,
	struct hilf_err *err)
{
	struct said said_of = {"unclassified", "", "*", SOURCE_UNSAID};
	uint8_t member[UUID_SIZE];
	char appeal_url[DECIDE_URL_TEXT];
	bool founded;
	struct statement statement = {.automated = true,
		.on_entry = true,
		.appeal_url = appeal_url,
		.language = context->language,
		.match = first_that_blocks(check),
		.decision = decision->id,
		.appeal_until_ms = decision->appeal_until_ms};
	struct told told = {arena, &said_of, err};
	struct buf buf = BUF_INIT;
	int rc = 0;
	decide_appeal_url(hilf, appeal_url);
	if (statement.match)
		rc = store_entry_tell(
			hilf->store, statement.match->entry, NULL, take_said, &told, err);
	if (!rc)
		rc = engine_member(hilf, member, &founded, err);
	if (rc)
		return rc;
	statement.content_class = said_of.content_class;
	statement.entry_ground = said_of.ground;
	statement.source = said_of.source;
	statement.shared =
		statement.match && founded && memcmp(member, said_of.author, UUID_SIZE) != 0;
	statement.territory = said_of.territory;
	statement_write(&statement, &buf);
	decision->statement = buf.failed ? NULL : arena_text(arena, buf.data, buf.size);
	buf_free(&buf);
	return decision->statement ? 0 : err_no_memory(err);
}

/* "appeal_" and 160 random bits. */
static void make_token(struct check_decision *decision, uint8_t ret_hash[32])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	static const char prefix[] = "appeal_";
	uint8_t random[TOKEN_CHARS];
	char *to = decision->appeal_token + sizeof prefix - 1;
	_Static_assert(sizeof prefix + TOKEN_CHARS <= CHECK_TOKEN_TEXT, "it fits");
	random_bytes(random, sizeof random);
	memcpy(decision->appeal_token, prefix, sizeof prefix - 1);
	for (size_t i = 0; i < TOKEN_CHARS; i++)
		to[i] = alphabet[random[i] & 31];
	to[TOKEN_CHARS] = '\0';
	crypto_hash_sha256(
		ret_hash, (const uint8_t *)decision->appeal_token, strlen(decision->appeal_token));
}

static int make_decision(struct hilf *hilf, const struct check_context *context,
	const struct hilf_check *check, struct arena *arena, struct store_check *row,
	struct check_decision *decision, struct hilf_err *err)
{
	uint8_t random[10];
	random_bytes(random, sizeof random);
	uuid_make(row->time_ms, random, row->decision);
	uuid_format(row->decision, decision->id);
	decision->appeal_until_ms = row->time_ms + APPEAL_DAYS * DAY_MS;
	make_token(decision, row->token);
	int rc = write_statement(hilf, context, check, arena, decision, err);
	row->has_decision = true;
	row->appeal_until_ms = decision->appeal_until_ms;
	row->statement = decision->statement;
	return rc;
}

static void repeat_decision(const struct store_check *row, struct check_decision *ret_decision)
{
	*ret_decision = (struct check_decision){.repeated = true};
	if (!row->has_decision)
		return;
	uuid_format(row->decision, ret_decision->id);
	ret_decision->appeal_until_ms = row->appeal_until_ms;
	ret_decision->statement = (char *)row->statement; /* in the arena of the call */
}

/* ------------------------------------------------------------------------------------------ the event */

static void put_text_or_null(struct buf *buf, const char *key, const char *text)
{
	json_put_key(buf, key);
	if (text)
		json_put_text(buf, text);
	else
		buf_text(buf, "null");
}

struct check_event {
	const struct store_check *row;
	uint64_t id;
	const struct hilf_check *check;
	const struct check_decision *decision;
};

static bool is_among(const char *const *banks, size_t count, const char *bank)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(banks[i], bank) == 0)
			return true;
	return count == 0;
}

static void put_matches(struct buf *buf, const struct hilf_check *check, const char *const *banks,
	size_t bank_count)
{
	size_t count = 0;
	json_put_key(buf, "matches");
	buf_char(buf, '[');
	for (size_t i = 0; i < check->match_count && count < EVENT_MATCHES; i++) {
		const struct hilf_match *match = &check->matches[i];
		if (match->verdict < HILF_VERDICT_REVIEW ||
			!is_among(banks, bank_count, match->bank))
			continue;
		json_put_item(buf);
		buf_char(buf, '{');
		json_put_key(buf, "bank");
		json_put_text(buf, match->bank);
		json_put_key(buf, "entry");
		json_put_text(buf, match->gid);
		json_put_key(buf, "verdict");
		json_put_text(buf, hilf_verdict_name(match->verdict));
		buf_char(buf, '}');
		count++;
	}
	buf_char(buf, ']');
}

/* Who is limited to some banks learns of matches in these alone. */
static void put_event(struct buf *buf, const char *const *banks, size_t bank_count, void *ctx)
{
	const struct check_event *event = ctx;
	buf_char(buf, '{');
	json_put_key(buf, "check");
	if (event->id)
		json_put_integer(buf, (int64_t)event->id);
	else
		buf_text(buf, "null");
	put_text_or_null(buf, "content_id", event->row->content_id);
	put_text_or_null(buf, "decision", said(event->decision->id));
	put_matches(buf, event->check, banks, bank_count);
	json_put_key(buf, "surface");
	json_put_text(buf, surface_name(event->row->surface));
	json_put_key(buf, "verdict");
	json_put_text(buf, hilf_verdict_name(event->row->verdict));
	buf_char(buf, '}');
}

/* Each bank once, of all matches, also of those that the event does not name: who subscribed to it is told. */
static int gather_banks(const struct hilf_check *check, struct arena *arena,
	const char *const **ret_banks, size_t *ret_count, struct hilf_err *err)
{
	const char **banks = arena_array(arena, check->match_count, sizeof *banks);
	size_t count = 0;
	if (!banks)
		return err_no_memory(err);
	for (size_t i = 0; i < check->match_count; i++) {
		bool there = check->matches[i].verdict < HILF_VERDICT_REVIEW;
		for (size_t j = 0; j < count && !there; j++)
			there = strcmp(banks[j], check->matches[i].bank) == 0;
		if (!there)
			banks[count++] = check->matches[i].bank;
	}
	*ret_banks = banks;
	*ret_count = count;
	return 0;
}

static int queue_event(
	struct hilf *hilf, struct check_event *event, struct arena *arena, struct hilf_err *err)
{
	const char *const *banks = NULL;
	size_t count = 0;
	int rc = gather_banks(event->check, arena, &banks, &count, err);
	if (rc)
		return rc;
	return hooks_queue_each(hilf,
		event->row->verdict == HILF_VERDICT_BLOCK ? "check.blocked" : "check.matched",
		banks, count, put_event, event, err);
}

/* ------------------------------------------------------------------------------------------ the record */

struct recording {
	const struct check_context *context;
	const struct hilf_check *check;
	struct store_check row;
	struct check_decision decision;
	struct arena *arena;
	bool keeps; /* a row, and not an event alone */
};

static int settle_rest(struct hilf *hilf, const struct store_rest *rest, struct hilf_err *err)
{
	struct upholds upholds;
	uint64_t restored;
	int64_t expires_ms;
	uint32_t most;
	int rc = entry_upholds(hilf, true, rest->entry, &upholds, err);
	if (rc)
		return rc;
	/* Mostly it is there already, and reading costs a third of writing. */
	rc = store_rest_when(hilf->store, true, rest->entry, &most, &expires_ms, err);
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	if (rc || most != (uint32_t)upholds.most || expires_ms != upholds.row.expires_ms)
		rc = store_rest_set(
			hilf->store, rest->entry, upholds.row.expires_ms, upholds.most, err);
	if (!rc && upholds.most < rest->verdict)
		rc = reverse_entry(hilf, &upholds, upholds.why, &restored, err);
	return rc;
}

/* Its entries as they stand now. One that ended since the match is reversed at once. */
static int settle_rests(struct hilf *hilf, const struct store_check *row, struct hilf_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < row->rest_count && !rc; i++)
		rc = settle_rest(hilf, &row->rests[i], err);
	return rc;
}

/* What a person has to decide. Where its entry ends in the same breath, so does the case. */
static int open_case(
	struct hilf *hilf, const struct recording *recording, uint64_t id, struct hilf_err *err)
{
	const struct hilf_match *best = case_best_match(recording->check);
	uint64_t case_id;
	if (!best)
		return 0;
	const struct case_upload upload = {
		.kind = CASE_MATCH,
		.entry = best->entry,
		.context = recording->context,
		.time_ms = recording->row.time_ms,
		.check = id,
		.why = case_why_of(best),
	};
	return case_gather(hilf, &upload, &case_id, NULL, err);
}

/* What came in, for people to see: of a block, too, which a sample or an appeal may bring before them later. */
static struct vault_of of_check(const struct recording *recording, uint64_t id)
{
	const struct hilf_match *best = case_best_match(recording->check);
	return (struct vault_of){
		.owner = VAULT_CHECK, .entry = best ? best->entry : 0, .check = id};
}

static int keep_previews(
	struct hilf *hilf, const struct recording *recording, uint64_t id, struct hilf_err *err)
{
	const struct vault_of of = of_check(recording, id);
	return vault_keep(hilf, &of, recording->context->previews, err);
}

static int record_check(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct recording *recording = ctx;
	struct store_check *row = &recording->row, found;
	uint64_t id = 0;
	int rc = HILF_E_NOT_FOUND;
	if (recording->keeps && row->content_id)
		rc = store_check_find(hilf->store, true, row->content_id, row->basis,
			recording->arena, &found, err);
	if (!rc)
		repeat_decision(&found, &recording->decision);
	if (rc != HILF_E_NOT_FOUND)
		return rc;
	rc = recording->keeps ? store_check_add(hilf->store, row, &id, err) : 0;
	if (!rc)
		rc = queue_event(hilf,
			&(struct check_event){row, id, recording->check, &recording->decision},
			recording->arena, err);
	if (!rc && recording->keeps && row->verdict == HILF_VERDICT_REVIEW)
		rc = open_case(hilf, recording, id, err);
	if (!rc && recording->keeps && row->content_id)
		rc = keep_previews(hilf, recording, id, err);
	if (!rc && recording->keeps)
		rc = settle_rests(hilf, row, err);
	return rc;
}

static void fill_row(const struct check_context *context, const struct hilf_check *check,
	struct store_check *row)
{
	bool blocks = check->verdict == HILF_VERDICT_BLOCK;
	*row = (struct store_check){
		.time_ms = clock_now_ms(),
		.verdict = check->verdict,
		.surface = context->surface,
		.content_id = said(context->content_id),
		.uploader_ref = said(context->uploader_ref),
		.evidence_url = said(context->evidence_url),
		.language = said(context->language),
		.actor = said(context->actor),
		.caption = said(context->caption),
		.places = said(context->places),
		.reach = context->reach,
	};
	const struct hilf_match *best = case_best_match(check);
	if (best) {
		const struct store_why why = case_why_of(best);
		row->why = store_why_pack(&why);
	}
	row->until_ms = row->time_ms + (blocks ? CHECKS_DECISION_DAYS : CHECKS_MATCH_DAYS) * DAY_MS;
}

bool check_needs_record(
	struct hilf *hilf, const struct check_context *context, const struct hilf_check *check)
{
	ASSERT(hilf && context && check);
	if (check->verdict < HILF_VERDICT_REVIEW)
		return false;
	return check->verdict == HILF_VERDICT_BLOCK || said(context->content_id) ||
	       hooks_wanted(hilf, "check.matched");
}

/* Without a write, as most that come again do. */
static int find_again(struct hilf *hilf, const struct recording *recording,
	struct check_decision *ret_decision, struct hilf_err *err)
{
	const struct store_check *row = &recording->row;
	struct store_check found;
	int rc = store_check_find(
		hilf->store, false, row->content_id, row->basis, recording->arena, &found, err);
	if (rc)
		return rc;
	repeat_decision(&found, ret_decision);
	const struct vault_of of = of_check(recording, found.id);
	return vault_keep_missing(hilf, &of, recording->context->previews, err);
}

int check_record(struct hilf *hilf, const struct check_context *context,
	const struct hilf_check *check, struct arena *arena, struct check_decision *ret_decision,
	struct hilf_err *err)
{
	ASSERT(hilf && context && check && ret_decision);
	if (check->verdict < HILF_VERDICT_REVIEW) {
		*ret_decision = (struct check_decision){.id = ""};
		return 0;
	}
	struct recording recording = {.context = context, .check = check, .arena = arena};
	bool blocks = check->verdict == HILF_VERDICT_BLOCK;
	int rc = check_context_form(context, err);
	if (!rc)
		rc = check_evidence_form(context->evidence_url, err);
	if (rc)
		return rc;
	if (!check_needs_record(hilf, context, check)) {
		*ret_decision = (struct check_decision){.id = ""};
		return 0;
	}
	fill_row(context, check, &recording.row);
	recording.keeps = blocks || recording.row.content_id;
	rc = gather_rests(check, arena, &recording.row, err);
	if (rc)
		return rc;
	recording.row.basis = basis_of(&recording.row);
	rc = HILF_E_NOT_FOUND;
	if (recording.row.content_id)
		rc = find_again(hilf, &recording, ret_decision, err);
	if (!rc)
		rc = case_refresh(hilf, context, err);
	if (rc != HILF_E_NOT_FOUND)
		return rc;
	rc = blocks ? make_decision(
			      hilf, context, check, arena, &recording.row, &recording.decision, err)
		    : 0;
	if (!rc)
		rc = local_submit(hilf, record_check, &recording, err);
	if (!rc)
		*ret_decision = recording.decision;
	return rc;
}
