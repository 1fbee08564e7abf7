/* Appeals: from a token to what it stands for, from there to a case, and from its outcome back to the content, the decision
 * and perhaps the entry, all of it in one write. */
#include "engine/appeals.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/checks_parts.h"
#include "engine/decide_parts.h"
#include "engine/decide_tell.h"
#include "engine/hooks.h"
#include "engine/local_parts.h"
#include "engine/statement.h"
#include "engine/tally.h"
#include "os/clock.h"
#include "wire/json.h"

#include <sodium.h>
#include <string.h>

#define MUTE_DAYS 366 /* of the entry, where an appeal showed it wrong and its owner is another */
#define KEEP_DAYS 30  /* what was appealed against, once that is decided */

static const char *const state_names[] = {"open", "decided"};
static const char *const entry_names[] = {"keep", "withdraw", "mute", "dispute"};

const char *appeal_state_name(enum appeal_state state)
{
	return (unsigned)state < COUNT_OF(state_names) ? state_names[state] : "unknown";
}

const char *appeal_outcome_name(enum appeal_outcome outcome)
{
	return outcome == APPEAL_UPHELD ? "upheld" : outcome == APPEAL_REJECTED ? "rejected" : NULL;
}

int appeal_entry_parse(const char *name, enum appeal_entry *ret_entry, struct hilf_err *err)
{
	for (unsigned i = 0; i < COUNT_OF(entry_names); i++) {
		if (strcmp(name, entry_names[i]) == 0) {
			*ret_entry = (enum appeal_entry)i;
			return 0;
		}
	}
	return err_set(err, HILF_E_INVALID,
		"entry '%.40s' is none of keep, withdraw, mute, dispute", name);
}

/* ------------------------------------------------------------------------------------------ what a token is for */

struct ticket {
	bool automated;
	struct store_decision decision; /* of a person */
	struct store_upload upload;
	struct store_check check; /* of an automated one */
	uint8_t id[UUID_SIZE];    /* of the decision */
	uint64_t entry;
	const char *content_id;
	int64_t until_ms;
	bool over; /* the decision fell already, or does not concern this content any more */
};

static int no_token(struct hilf_err *err)
{
	return err_set(err, HILF_E_NOT_FOUND, "there is no such appeal code");
}

/* A code that nobody can have been given yet is none. */
static int read_person(struct hilf *hilf, bool in_write, uint64_t number, uint64_t upload,
	struct arena *arena, struct ticket *ticket, struct hilf_err *err)
{
	struct store_decision *row = &ticket->decision;
	int rc = number ? store_decision_get(hilf->store, in_write, number, NULL, arena, row, err)
			: HILF_E_NOT_FOUND;
	if (!rc)
		rc = upload_get(hilf, in_write, upload, arena, &ticket->upload, err);
	if (rc)
		return rc == HILF_E_NOT_FOUND ? no_token(err) : rc;
	if (!row->statement[0] || row->state == DECISION_PENDING ||
		row->state == DECISION_WAITING || row->state == DECISION_UNDONE ||
		row->state == DECISION_REFUSED || (row->withheld_ms && !row->released))
		return no_token(err);
	memcpy(ticket->id, row->id, UUID_SIZE);
	ticket->entry = row->entry;
	ticket->content_id = ticket->upload.content_id;
	ticket->until_ms = row->appeal_until_ms;
	ticket->over = row->state == DECISION_REVERSED || !ticket->upload.has_decision ||
		       ticket->upload.state != UPLOAD_DECIDED ||
		       memcmp(ticket->upload.decision, row->id, UUID_SIZE) != 0;
	return 0;
}

static int read_automated(struct hilf *hilf, bool in_write, const char *token, struct arena *arena,
	struct ticket *ticket, struct hilf_err *err)
{
	struct store_check *check = &ticket->check;
	uint8_t hash[32];
	crypto_hash_sha256(hash, (const uint8_t *)token, strlen(token));
	int rc = store_check_by_token(hilf->store, in_write, hash, arena, check, err);
	if (rc)
		return rc == HILF_E_NOT_FOUND ? no_token(err) : rc;
	ticket->automated = true;
	memcpy(ticket->id, check->decision, UUID_SIZE);
	for (size_t i = 0; i < check->rest_count && !ticket->entry; i++)
		if (check->rests[i].verdict == HILF_VERDICT_BLOCK)
			ticket->entry = check->rests[i].entry;
	/* The platform knows a block without an id by its decision. */
	ticket->content_id = check->content_id;
	if (!ticket->content_id) {
		char *id = arena_alloc(arena, DECISION_TEXT);
		if (!id)
			return err_no_memory(err);
		uuid_format(check->decision, id);
		ticket->content_id = id;
	}
	ticket->until_ms = check->appeal_until_ms;
	ticket->over = check->reversed_ms != 0;
	return 0;
}

static int read_ticket(struct hilf *hilf, bool in_write, const char *token, struct arena *arena,
	struct ticket *ret_ticket, struct hilf_err *err)
{
	uint8_t key[APPEAL_KEY_SIZE];
	uint64_t number = 0, upload = 0;
	memset(ret_ticket, 0, sizeof *ret_ticket);
	if (strnlen(token, APPEAL_TOKEN_MAX + 1) > APPEAL_TOKEN_MAX)
		return no_token(err);
	int rc = appeal_key(hilf, in_write, key, err);
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	if (!rc && appeal_token_read(key, token, &number, &upload))
		return read_person(hilf, in_write, number, upload, arena, ret_ticket, err);
	return read_automated(hilf, in_write, token, arena, ret_ticket, err);
}

/* ------------------------------------------------------------------------------------------ telling */

static int tell_info(struct hilf *hilf, bool in_write, const struct actor *actor,
	const struct store_appeal *row, struct appeal_info *ret_info, struct hilf_err *err)
{
	char alias[STORE_ALIAS_TEXT] = "";
	struct appeal_info info = {.number = row->number,
		.case_id = row->case_id,
		.automated = row->check_id != 0,
		.content_id = row->content_id,
		.text = row->text,
		.language = row->language,
		.made_ms = row->made_ms,
		.decided_ms = row->decided_ms,
		.state = (enum appeal_state)row->state,
		.outcome = (enum appeal_outcome)row->outcome,
		.answer = row->answer,
		.mine = actor_is(actor, row->actor)};
	uuid_format(row->id, info.id);
	uuid_format(row->decision, info.decision);
	int rc = row->actor[0]
			 ? case_alias_look(hilf, in_write, row->case_id, row->actor, alias, err)
			 : 0;
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	memcpy(info.by, alias, sizeof alias);
	*ret_info = info;
	return 0;
}

static void put_or_null(struct buf *buf, const char *key, const char *text)
{
	json_put_key(buf, key);
	if (text && *text)
		json_put_text(buf, text);
	else
		buf_text(buf, "null");
}

/* decided: with what came of it. */
static int queue_appeal(struct hilf *hilf, const char *event, const struct store_appeal *row,
	uint64_t entry, struct arena *arena, struct hilf_err *err)
{
	char id[DECISION_TEXT], decision[DECISION_TEXT];
	const char *gid, *bank;
	struct buf buf = BUF_INIT;
	bool decided = row->state == APPEAL_DECIDED;
	int rc = desk_name_entry(hilf, true, entry, arena, &gid, &bank, err);
	if (rc)
		return rc;
	uuid_format(row->id, id);
	uuid_format(row->decision, decision);
	buf_char(&buf, '{');
	if (decided)
		put_or_null(&buf, "answer", row->answer);
	put_or_null(&buf, "appeal", id);
	json_put_key(&buf, "automated");
	json_put_bool(&buf, row->check_id != 0);
	json_put_key(&buf, "case");
	json_put_integer(&buf, (int64_t)row->case_id);
	put_or_null(&buf, "content_id", row->content_id);
	put_or_null(&buf, "decision", decision);
	if (decided) {
		put_or_null(&buf, "language", row->language);
		put_or_null(
			&buf, "outcome", appeal_outcome_name((enum appeal_outcome)row->outcome));
	}
	buf_char(&buf, '}');
	rc = buf.failed ? err_no_memory(err)
			: hooks_queue(hilf, event, bank[0] ? bank : NULL, buf.data, buf.size, err);
	buf_free(&buf);
	return rc;
}

/* ------------------------------------------------------------------------------------------ making */

struct making {
	const char *token, *text, *language;
	int64_t now_ms;
	struct arena *arena;
	struct refusal *refusal;
	struct store_appeal row;
};

#define LOOKED_MAX 16u /* decisions of people on one content */

struct looked {
	uint64_t check;
	uint8_t decisions[LOOKED_MAX][UUID_SIZE];
	size_t count;
};

static int note_looked(const struct store_upload *upload, void *ctx)
{
	struct looked *looked = ctx;
	if (upload->check == looked->check && upload->has_decision)
		memcpy(looked->decisions[looked->count++], upload->decision, UUID_SIZE);
	return 0;
}

/* Who looked at a block already, as a sample or because it was disputed, and left it as it was, has a part in it. */
static int bar_who_looked(struct hilf *hilf, const struct ticket *ticket, struct arena *arena,
	const char *barred[2 * LOOKED_MAX], size_t *count, struct hilf_err *err)
{
	struct looked looked = {.check = ticket->check.id};
	struct store_decision row;
	int rc = store_upload_of_content(
		hilf->store, true, ticket->content_id, LOOKED_MAX, note_looked, &looked, err);
	for (size_t i = 0; i < looked.count && !rc; i++) {
		rc = store_decision_get(
			hilf->store, true, 0, looked.decisions[i], arena, &row, err);
		if (!rc)
			barred[(*count)++] = row.actor;
		if (!rc && row.second_actor[0])
			barred[(*count)++] = row.second_actor;
		rc = rc == HILF_E_NOT_FOUND ? 0 : rc; /* an appeal's outcome is none */
	}
	return rc;
}

/* The case keeps what is appealed against, so that whoever takes it can see it. */
static int open_case(
	struct hilf *hilf, struct making *making, const struct ticket *ticket, struct hilf_err *err)
{
	const char *barred[2 * LOOKED_MAX];
	const struct store_upload *upload = &ticket->upload;
	const struct store_check *check = &ticket->check;
	bool machine = ticket->automated;
	struct check_context context = {.content_id = ticket->content_id,
		.uploader_ref = machine ? check->uploader_ref : upload->uploader_ref,
		.evidence_url = machine ? check->evidence_url : upload->evidence_url,
		.language = machine ? check->language : upload->language,
		.surface = (enum surface)(machine ? check->surface : upload->surface)};
	struct case_upload of = {.kind = CASE_APPEAL,
		.entry = ticket->entry,
		.context = &context,
		.time_ms = making->now_ms,
		.check = machine ? check->id : upload->check,
		.decision = ticket->id,
		.barred = barred};
	if (!machine) {
		of.why = upload->why;
		context.caption = upload->caption;
		barred[of.barred_count++] = ticket->decision.actor;
		if (ticket->decision.second_actor[0])
			barred[of.barred_count++] = ticket->decision.second_actor;
	}
	int rc =
		machine ? bar_who_looked(hilf, ticket, making->arena, barred, &of.barred_count, err)
			: 0;
	if (!rc)
		rc = case_gather(hilf, &of, &making->row.case_id, NULL, err);
	if (!rc && !making->row.case_id)
		rc = err_set(err, HILF_E_INVALID,
			"no case could be opened for this appeal; tell the node's operator");
	if (!rc && !machine)
		rc = case_keep(hilf, ticket->decision.case_id,
			making->now_ms + CHECKS_DECISION_DAYS * DESK_DAY_MS, err);
	return rc ? rc
		  : case_keep(hilf, making->row.case_id, ticket->until_ms + KEEP_DAYS * DESK_DAY_MS,
			    err);
}

static int run_make(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct making *making = ctx;
	struct store_appeal *row = &making->row, before;
	struct ticket ticket;
	int rc = read_ticket(hilf, true, making->token, making->arena, &ticket, err);
	if (rc)
		return rc;
	rc = store_appeal_find(
		hilf->store, true, ticket.id, ticket.upload.id, making->arena, &before, err);
	if (!rc) {
		*row = before;
		return refuse(making->refusal, "token_used", ticket.id, err, HILF_E_EXISTS,
			"somebody appealed with this code already");
	}
	if (rc != HILF_E_NOT_FOUND)
		return rc;
	if (ticket.over)
		return refuse(making->refusal, "appeal_over", ticket.id, err, HILF_E_WITHDRAWN,
			"this decision fell already, so there is nothing to contest");
	if (making->now_ms > ticket.until_ms)
		return refuse(making->refusal, "appeal_over", ticket.id, err, HILF_E_WITHDRAWN,
			"the time in which this decision could be contested is over");
	rc = open_case(hilf, making, &ticket, err);
	if (rc)
		return rc;
	memcpy(row->decision, ticket.id, UUID_SIZE);
	row->upload = ticket.upload.id;
	row->check_id = ticket.check.id;
	row->content_id = ticket.content_id;
	row->until_ms = ticket.until_ms;
	rc = store_appeal_put(hilf->store, row, &row->number, err);
	if (!rc)
		rc = queue_appeal(hilf, "appeal.made", row, ticket.entry, making->arena, err);
	if (!rc)
		tally_add(hilf, TALLY_APPEALS, 1);
	return rc;
}

int appeal_make(struct hilf *hilf, const char *token, const char *text, const char *language,
	struct arena *arena, struct appeal_info *ret_info, struct refusal *ret_refusal,
	struct hilf_err *err)
{
	struct making making = {.token = token,
		.text = text,
		.now_ms = clock_now_ms(),
		.arena = arena,
		.refusal = ret_refusal};
	struct hilf_err ignored;
	ASSERT(hilf && token && arena && ret_info && ret_refusal);
	*ret_refusal = (struct refusal){0};
	int rc = desk_check_text("text", text, APPEAL_TEXT_MAX, false, err);
	if (!rc && language && *language)
		rc = desk_check_language(language, err);
	if (rc)
		return rc;
	making.row = (struct store_appeal){.text = text,
		.language = language && *language ? language : "",
		.made_ms = making.now_ms,
		.answer = "",
		.actor = ""};
	desk_new_id(making.now_ms, making.row.id);
	/* Most of what strangers send is no token at all, and takes nobody's turn to write. */
	struct ticket ticket;
	rc = read_ticket(hilf, false, token, arena, &ticket, err);
	if (!rc)
		rc = local_submit(hilf, run_make, &making, err);
	if (rc == HILF_E_EXISTS && ret_refusal->code)
		tell_info(hilf, false, NULL, &making.row, ret_info, &ignored);
	return rc ? rc : tell_info(hilf, false, NULL, &making.row, ret_info, err);
}

int appeal_status(struct hilf *hilf, const char *token, struct arena *arena, bool *ret_made,
	struct appeal_info *ret_info, int64_t *ret_until_ms, struct hilf_err *err)
{
	struct store_appeal row;
	struct ticket ticket;
	ASSERT(hilf && token && arena && ret_made && ret_info && ret_until_ms);
	int rc = read_ticket(hilf, false, token, arena, &ticket, err);
	if (rc)
		return rc;
	*ret_until_ms = ticket.until_ms;
	rc = store_appeal_find(hilf->store, false, ticket.id, ticket.upload.id, arena, &row, err);
	*ret_made = !rc;
	if (!rc)
		return tell_info(hilf, false, NULL, &row, ret_info, err);
	*ret_info =
		(struct appeal_info){.content_id = "", .text = "", .language = "", .answer = ""};
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

int appeal_of_case(struct hilf *hilf, const struct actor *actor, uint64_t case_id,
	struct arena *arena, struct appeal_info *ret_info, struct hilf_err *err)
{
	struct store_appeal row;
	ASSERT(hilf && arena && ret_info);
	int rc = store_appeal_of_case(hilf->store, false, case_id, arena, &row, err);
	return rc ? rc : tell_info(hilf, false, actor, &row, ret_info, err);
}

/* ------------------------------------------------------------------------------------------ deciding */

struct judging {
	const struct actor *actor;
	const struct appeal_decide *decide;
	int64_t now_ms;
	struct arena *arena;
	struct refusal *refusal;
	struct store_appeal row;
	uint64_t entry; /* that the case is about */
};

/* Its one content is told as there again, at once. */
static int tell_restored(struct hilf *hilf, const struct store_decision *row, uint64_t upload,
	const char *content_id, struct arena *arena, struct hilf_err *err)
{
	struct decide_part part = {
		.uploads = &upload, .content_ids = &content_id, .count = 1, .first = true};
	struct store_decision one = *row;
	one.part = 0;
	one.upload_count = 1;
	return decide_tell(hilf, &one, &part, "content.restored", arena, err);
}

static int uphold_person(
	struct hilf *hilf, struct judging *judging, uint64_t *ret_entry, struct hilf_err *err)
{
	struct store_decision row;
	bool all;
	int rc = store_decision_get(
		hilf->store, true, 0, judging->row.decision, judging->arena, &row, err);
	if (rc)
		return rc;
	*ret_entry = row.entry;
	if (!judging->decide->uphold)
		return 0;
	all = judging->decide->all || row.upload_count == 1;
	rc = case_known_end(hilf, row.id, err);
	if (!rc && !all)
		rc = case_restored(hilf, judging->row.upload, err);
	if (!rc && !all)
		rc = tell_restored(hilf, &row, judging->row.upload, judging->row.content_id,
			judging->arena, err);
	if (!rc)
		rc = decide_fell(hilf, &row, all ? UINT64_MAX : 1, err);
	if (!rc && !all)
		rc = store_decision_put(hilf->store, &row, NULL, err);
	if (rc || !all)
		return rc;
	row.state = DECISION_REVERSED;
	row.step = STEP_REVERSE;
	row.due_ms = judging->now_ms;
	row.part = 0;
	row.after = 0;
	rc = tally_write(hilf, TALLY_DECISIONS_REVERSED, 1, err);
	if (!rc) /* the first part at once: mostly it is all there is */
		rc = decision_turn(hilf, &row, judging->now_ms, judging->arena, err);
	return rc ? rc : store_decision_put(hilf->store, &row, NULL, err);
}

/* A block may rest on entries of several banks. What ends is the one that the case showed, for its bank is the one that
 * was asked about who may. */
static int uphold_automated(
	struct hilf *hilf, struct judging *judging, uint64_t *ret_entry, struct hilf_err *err)
{
	const struct store_appeal *row = &judging->row;
	*ret_entry = judging->entry;
	return judging->decide->uphold ? decide_unblock(hilf, row->check_id, row->content_id,
						 judging->now_ms, judging->arena, err)
				       : 0;
}

/* What becomes of the entry; entry.reversed comes with it. */
static int end_entry(
	struct hilf *hilf, const struct judging *judging, uint64_t entry, struct hilf_err *err)
{
	const char *gid, *bank;
	enum appeal_entry what = judging->decide->entry;
	if (!judging->decide->uphold || what == APPEAL_KEEP)
		return 0;
	int rc = desk_name_entry(hilf, true, entry, judging->arena, &gid, &bank, err);
	if (!rc && !gid[0])
		rc = err_set(err, HILF_E_INVALID, "this appeal is about no entry: entry is keep");
	if (!rc)
		rc = decide_fell_entry(hilf, entry, err);
	if (rc)
		return rc;
	if (what == APPEAL_MUTE)
		return mute_set(hilf, entry, judging->now_ms + MUTE_DAYS * DESK_DAY_MS,
			judging->now_ms, err);
	rc = what == APPEAL_WITHDRAW ? withdraw_within(hilf, gid, "appeal", err)
				     : opinion_within(hilf, gid, HILF_DISPUTE, err);
	return rc == HILF_E_WITHDRAWN ? 0 : rc; /* it ended meanwhile, which is what was wanted */
}

static int take_case(struct hilf *hilf, struct judging *judging, struct hilf_err *err)
{
	struct case_decided decided = {0};
	struct store_case about;
	bool barred = false;
	int rc = case_is_barred(
		hilf, true, judging->row.case_id, actor_person(judging->actor), &barred, err);
	if (!rc && barred)
		return refuse(judging->refusal, "same_person", judging->row.decision, err,
			HILF_E_DENIED, "an appeal is for another person than decided");
	/* Whoever judges is another one than decided, so it must be known who they are. */
	if (!rc)
		rc = desk_need_person(judging->actor, judging->refusal, judging->row.decision, err);
	if (!rc)
		rc = case_get(hilf, true, judging->row.case_id, judging->arena, &about, err);
	if (rc)
		return rc;
	judging->entry = about.entry;
	const struct case_decide decide = {.case_id = judging->row.case_id,
		.cluster = 1,
		.version = about.version,
		.decision = judging->row.id,
		.actor = actor_person(judging->actor)};
	rc = case_decided(hilf, &decide, &decided, err);
	if (rc == HILF_E_BUSY)
		return refuse(
			judging->refusal, "leased", NULL, err, rc, "somebody else has this case");
	if (rc == HILF_E_EXISTS || rc == HILF_E_WITHDRAWN)
		return refuse(judging->refusal, "decided_meanwhile", judging->row.decision, err,
			HILF_E_EXISTS, "somebody else decided this appeal meanwhile");
	return rc;
}

static int run_judge(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct judging *judging = ctx;
	struct store_appeal *row = &judging->row;
	uint64_t entry = 0;
	int rc = store_appeal_of_case(
		hilf->store, true, judging->decide->case_id, judging->arena, row, err);
	if (!rc && row->state == APPEAL_DECIDED)
		return refuse(judging->refusal, "decided_meanwhile", row->decision, err,
			HILF_E_EXISTS, "somebody else decided this appeal meanwhile");
	if (!rc)
		rc = take_case(hilf, judging, err);
	if (!rc)
		rc = row->check_id ? uphold_automated(hilf, judging, &entry, err)
				   : uphold_person(hilf, judging, &entry, err);
	if (!rc && row->check_id)
		rc = tally_judged(hilf, entry, !judging->decide->uphold, err);
	if (!rc)
		rc = end_entry(hilf, judging, entry, err);
	if (rc)
		return rc;
	row->state = APPEAL_DECIDED;
	row->outcome = judging->decide->uphold ? APPEAL_UPHELD : APPEAL_REJECTED;
	row->answer = judging->decide->text;
	row->actor = actor_person(judging->actor);
	row->decided_ms = judging->now_ms;
	rc = store_appeal_put(hilf->store, row, NULL, err);
	if (!rc)
		rc = queue_appeal(hilf, "appeal.decided", row, entry, judging->arena, err);
	if (!rc && judging->decide->uphold)
		tally_add(hilf, TALLY_APPEALS_UPHELD, 1);
	return rc;
}

int appeal_decide(struct hilf *hilf, const struct actor *actor, const struct appeal_decide *decide,
	struct arena *arena, struct appeal_info *ret_info, struct refusal *ret_refusal,
	struct hilf_err *err)
{
	struct judging judging = {.actor = actor,
		.decide = decide,
		.now_ms = clock_now_ms(),
		.arena = arena,
		.refusal = ret_refusal};
	struct write_job job = {.run = run_judge, .ctx = &judging};
	ASSERT(hilf && actor && decide && arena && ret_info && ret_refusal);
	*ret_refusal = (struct refusal){0};
	int rc = desk_check_text("text", decide->text, APPEAL_ANSWER_MAX, false, err);
	if (!rc && !decide->uphold && (decide->all || decide->entry != APPEAL_KEEP))
		rc = err_set(err, HILF_E_INVALID,
			"an appeal that is rejected changes neither other contents nor the entry");
	if (rc)
		return rc;
	/* Only a withdrawal and a dispute are records. */
	job.local = decide->entry != APPEAL_WITHDRAW && decide->entry != APPEAL_DISPUTE;
	rc = write_submit(hilf, &job, err);
	return rc ? rc : tell_info(hilf, false, actor, &judging.row, ret_info, err);
}

int appeal_may_take(
	struct hilf *hilf, bool in_write, uint64_t case_id, const char *actor, struct hilf_err *err)
{
	bool barred = false;
	int rc = case_is_barred(hilf, in_write, case_id, actor, &barred, err);
	return rc || !barred ? rc
			     : err_set(err, HILF_E_DENIED,
				       "an appeal is for another person than decided");
}
