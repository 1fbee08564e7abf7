/* Deciding: one write that marks the uploads, keeps the decision and says when it is due. Everything that follows from it
 * is decide_sweep's. Whoever comes second is refused with the decision that stands, and nothing of theirs is written. */
#include "engine/decide.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/decide_parts.h"
#include "engine/desk_settings.h"
#include "engine/local_parts.h"
#include "engine/statement.h"
#include "engine/vault.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------ form */

static int check_withhold(
	const struct decide_withhold *withhold, int64_t from_ms, struct hilf_err *err)
{
	int rc = desk_check_text(
		"withhold.authority", withhold->authority, DECIDE_AUTHORITY_MAX, false, err);
	if (!rc)
		rc = desk_check_text(
			"withhold.ground", withhold->ground, DECIDE_TEXT_MAX, false, err);
	if (!rc && withhold->until_ms <= from_ms)
		rc = err_set(err, HILF_E_INVALID, "withhold.until_ms is not in the future");
	if (!rc && withhold->until_ms > from_ms + DECIDE_WITHHOLD_DAYS * DESK_DAY_MS)
		rc = err_set(err, HILF_E_INVALID,
			"a statement is withheld for %u days at most, and once as long again",
			DECIDE_WITHHOLD_DAYS);
	return rc;
}

static int check_actions(const struct decide_request *request, struct hilf_err *err)
{
	if (request->actions >= 1u << ACTION_COUNT)
		return err_set(err, HILF_E_INVALID, "unknown action");
	if (!request->actions && request->duration_days)
		return err_set(err, HILF_E_INVALID, "what does nothing has no duration");
	if (request->duration_days > DECIDE_DURATION_DAYS)
		return err_set(
			err, HILF_E_INVALID, "duration_days is %u at most", DECIDE_DURATION_DAYS);
	if (request->upload_count > DECIDE_UPLOADS_MAX)
		return err_set(err, HILF_E_LIMIT,
			"%u uploads at most are named one by one; leave `uploads` out for all",
			DECIDE_UPLOADS_MAX);
	if (request->opinion && request->opinion != HILF_CONFIRM &&
		request->opinion != HILF_DISPUTE)
		return err_set(err, HILF_E_INVALID, "entry_opinion is confirm or dispute");
	if (request->withhold && !statement_is_due(request->actions))
		return err_set(err, HILF_E_INVALID,
			"there is no statement to withhold: nobody is told of these actions");
	return 0;
}

static int check_request(const struct decide_request *request, int64_t now_ms, struct hilf_err *err)
{
	bool due = statement_is_due(request->actions);
	int rc = check_actions(request, err);
	if (!rc)
		rc = desk_check_text(
			"ground.article", request->article, DECIDE_ARTICLE_MAX, true, err);
	/* A person is owed a reason: the article alone is one. */
	if (!rc)
		rc = desk_check_text("ground.text", request->text, DECIDE_TEXT_MAX,
			!due || (request->article && *request->article), err);
	if (!rc && request->withhold)
		rc = check_withhold(request->withhold, now_ms, err);
	if (!rc && request->language)
		rc = desk_check_language(request->language, err);
	return rc;
}

static int by_code(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Sorted, each once, a line for each. */
static int read_territory(const struct decide_request *request, struct arena *arena,
	const char **ret_text, struct hilf_err *err)
{
	const char **codes = arena_array(arena, request->territory_count, sizeof *codes);
	size_t count = 0;
	if (!codes)
		return err_no_memory(err);
	if (request->territory_count > LIMIT_TERRITORIES)
		return err_set(
			err, HILF_E_LIMIT, "there are %u countries at most", LIMIT_TERRITORIES);
	for (size_t i = 0; i < request->territory_count; i++) {
		const char *code = request->territory[i];
		if (strlen(code) != 2 || record_check_territory(code, NULL))
			return err_set(err, HILF_E_INVALID,
				"territory '%.10s' is no country of ISO 3166 in two capitals, such "
				"as FR",
				code);
		codes[i] = code;
	}
	if (request->territory_count)
		qsort(codes, request->territory_count, sizeof *codes, by_code);
	for (size_t i = 0; i < request->territory_count; i++)
		if (!count || strcmp(codes[count - 1], codes[i]) != 0)
			codes[count++] = codes[i];
	*ret_text = local_join(arena, codes, count);
	return *ret_text ? 0 : err_no_memory(err);
}

/* ------------------------------------------------------------------------------------------ the statement */

struct said {
	struct arena *arena;
	struct statement *statement;
	uint8_t author[UUID_SIZE];
	bool found;
	struct hilf_err *err;
};

static int take_said(const struct store_told *told, void *ctx)
{
	struct said *said = ctx;
	const struct store_meta *meta = told->meta;
	struct statement *to = said->statement;
	to->content_class =
		arena_text(said->arena, meta->content_class, strlen(meta->content_class));
	to->entry_ground = arena_text(said->arena, meta->ground, strlen(meta->ground));
	to->source = meta->source;
	memcpy(said->author, told->bank->author, UUID_SIZE);
	said->found = true;
	return to->content_class && to->entry_ground ? 0 : err_no_memory(said->err);
}

static int say_entry(struct hilf *hilf, uint64_t entry, struct arena *arena,
	struct statement *statement, struct hilf_err *err)
{
	struct said said = {.arena = arena, .statement = statement, .err = err};
	int rc = store_entry_tell(hilf->store, entry, NULL, take_said, &said, err);
	if (rc == HILF_E_NOT_FOUND)
		return 0;
	statement->on_entry = !rc && said.found;
	statement->shared = statement->on_entry && hilf->founded &&
			    memcmp(said.author, hilf->member, UUID_SIZE) != 0;
	return rc;
}

/* Within a job: of the row as it is. */
static int compose(struct hilf *hilf, struct store_decision *row, bool reported,
	struct arena *arena, struct hilf_err *err)
{
	char id[DECISION_TEXT], appeal_url[DECIDE_URL_TEXT];
	struct buf buf = BUF_INIT;
	struct statement statement = {.language = row->language,
		.decision = id,
		.appeal_until_ms = row->appeal_until_ms,
		.appeal_url = appeal_url,
		.actions = row->actions,
		.basis = (enum decide_basis)row->basis,
		.article = row->article,
		.text = row->text,
		.reported = reported,
		.by_machine = person_is_machine(row->actor),
		.territory = desk_territory_text(row->territory, arena),
		.until_ms = row->until_ms};
	int rc = statement.territory ? 0 : err_no_memory(err);
	decide_appeal_url(hilf, appeal_url);
	uuid_format(row->id, id);
	if (!rc && row->entry)
		rc = say_entry(hilf, row->entry, arena, &statement, err);
	if (rc)
		return rc;
	statement_write(&statement, &buf);
	row->statement = buf.failed ? NULL : arena_text(arena, buf.data, buf.size);
	buf_free(&buf);
	return row->statement ? 0 : err_no_memory(err);
}

/* Six months from when somebody can learn of it: not before a second person agreed, nor while it is withheld. */
static void set_appeal_end(struct store_decision *row)
{
	int64_t told_ms = row->made_ms;
	if (told_ms < row->second_ms)
		told_ms = row->second_ms;
	if (told_ms < row->withheld_ms)
		told_ms = row->withheld_ms;
	row->appeal_until_ms =
		statement_is_due(row->actions) ? told_ms + DECIDE_APPEAL_DAYS * DESK_DAY_MS : 0;
}

/* ------------------------------------------------------------------------------------------ deciding */

struct deciding {
	const struct actor *actor;
	const struct decide_request *request;
	struct arena *arena;
	struct refusal *refusal;
	struct store_decision row;
	struct store_case about;
};

static int check_confirm(struct hilf *hilf, struct deciding *deciding, struct hilf_err *err)
{
	uint64_t entry = deciding->about.entry;
	bool has = false, viewed = false;
	if (!deciding->request->opinion)
		return 0;
	if (!entry)
		return err_set(err, HILF_E_INVALID,
			"this case is about no entry, so there is nothing to confirm or dispute");
	if (hilf->follower)
		return refuse(deciding->refusal, "read_only_node", NULL, err, HILF_E_EXISTS,
			"this node follows another one, where entries are confirmed and disputed");
	if (deciding->request->opinion != HILF_CONFIRM)
		return 0;
	int rc = desk_need_person(deciding->actor, deciding->refusal, NULL, err);
	if (!rc)
		rc = vault_has_entry(hilf, true, entry, &has, err);
	if (!rc && has)
		rc = vault_viewed(hilf, true, entry, actor_person(deciding->actor), &viewed, err);
	if (rc || viewed)
		return rc;
	return has ? refuse(deciding->refusal, "not_viewed", NULL, err, HILF_E_EXISTS,
			     "look at the copy of the entry before you confirm it")
		   : refuse(deciding->refusal, "no_copy", NULL, err, HILF_E_EXISTS,
			     "there is no copy of the entry to compare with, so it cannot be "
			     "confirmed");
}

/* Bank and second eyes. */
static int look_at_bank(struct hilf *hilf, struct deciding *deciding, struct hilf_err *err)
{
	struct store_bank bank;
	bool eyes = (deciding->row.actions & (ACTION_SUSPEND | ACTION_REFER)) != 0,
	     bank_eyes = false;
	deciding->row.bank = "";
	int rc = deciding->about.bank
			 ? store_bank_by_id(hilf->store, true, deciding->about.bank, &bank, err)
			 : HILF_E_NOT_FOUND;
	if (!rc && !bank.removed) {
		deciding->row.bank = arena_text(deciding->arena, bank.name, strlen(bank.name));
		if (!deciding->row.bank)
			return err_no_memory(err);
		rc = bank_second_eyes(hilf, true, bank.name, &bank_eyes, err);
	}
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	deciding->row.second = eyes || bank_eyes ? SECOND_NEEDED : SECOND_NONE;
	return 0;
}

static int look_at_case(struct hilf *hilf, struct deciding *deciding, struct hilf_err *err)
{
	const struct decide_request *request = deciding->request;
	struct store_decision *row = &deciding->row;
	struct store_cluster cluster;
	int rc = case_get(hilf, true, request->case_id, deciding->arena, &deciding->about, err);
	if (rc)
		return rc;
	if (deciding->about.kind == CASE_APPEAL)
		return err_set(err, HILF_E_INVALID,
			"this case is an appeal: it is upheld or rejected, not decided");
	rc = cluster_get(
		hilf, true, request->case_id, request->cluster, deciding->arena, &cluster, err);
	if (rc)
		return rc;
	/* Said before whose case it is: who comes second learns what stands, not that somebody is at it. */
	if (!cluster.open_count && cluster.has_decision)
		return refuse(deciding->refusal, "decided_meanwhile", cluster.decision, err,
			HILF_E_EXISTS,
			"somebody else decided this meanwhile; nothing of yours was stored");
	row->entry = deciding->about.entry;
	row->language =
		statement_language(request->language ? request->language : cluster.language);
	return look_at_bank(hilf, deciding, err);
}

static int mark_uploads(struct hilf *hilf, struct deciding *deciding, struct hilf_err *err)
{
	const struct decide_request *request = deciding->request;
	struct case_decided decided = {0};
	const struct case_decide decide = {.case_id = request->case_id,
		.cluster = request->cluster,
		.uploads = request->uploads,
		.upload_count = request->upload_count,
		.version = request->version ? request->version : deciding->about.version,
		.decision = deciding->row.id,
		.actor = actor_person(deciding->actor),
		.waits = deciding->row.second == SECOND_NEEDED};
	int rc = case_decided(hilf, &decide, &decided, err);
	if (rc == HILF_E_EXISTS)
		return refuse(deciding->refusal, "decided_meanwhile",
			decided.has_other ? decided.other : NULL, err, rc,
			"somebody else decided this meanwhile; nothing of yours was stored");
	if (rc == HILF_E_WITHDRAWN)
		return refuse(deciding->refusal, "case_closed", NULL, err, rc,
			"the case is closed: its question fell away");
	if (rc == HILF_E_BUSY)
		return refuse(
			deciding->refusal, "leased", NULL, err, rc, "somebody else has this case");
	deciding->row.upload_count = decided.upload_count;
	return rc;
}

static int run_decide(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct deciding *deciding = ctx;
	struct store_decision *row = &deciding->row;
	int rc = look_at_case(hilf, deciding, err);
	if (!rc && deciding->request->preview)
		return statement_is_due(row->actions)
			       ? compose(hilf, row, deciding->about.report_count != 0,
					 deciding->arena, err)
			       : 0;
	/* One pair of eyes and a program are not two. */
	if (!rc && row->second == SECOND_NEEDED)
		rc = desk_need_person(deciding->actor, deciding->refusal, NULL, err);
	if (!rc)
		rc = check_confirm(hilf, deciding, err);
	if (!rc)
		rc = mark_uploads(hilf, deciding, err);
	if (rc)
		return rc;
	row->state = row->second == SECOND_NEEDED ? DECISION_WAITING : DECISION_PENDING;
	row->undo_ms = row->made_ms + desk_setting(hilf, DESK_UNDO_SECONDS) * 1000;
	row->step = row->second == SECOND_NEEDED ? STEP_NONE : STEP_STAND;
	row->due_ms = row->second == SECOND_NEEDED ? 0 : row->undo_ms;
	if (statement_is_due(row->actions))
		rc = compose(hilf, row, deciding->about.report_count != 0, deciding->arena, err);
	if (!rc)
		rc = store_decision_put(hilf->store, row, &row->number, err);
	/* As long as somebody may appeal, and then some time to answer. */
	if (!rc && row->appeal_until_ms)
		rc = case_keep(hilf, row->case_id, row->appeal_until_ms + 30 * DESK_DAY_MS, err);
	return rc;
}

static void fill_row(const struct actor *actor, const struct decide_request *request,
	int64_t now_ms, struct store_decision *row)
{
	const struct decide_withhold *withhold = request->withhold;
	*row = (struct store_decision){.case_id = request->case_id,
		.cluster = request->cluster,
		.actions = request->actions,
		.basis = request->basis,
		.article = request->article ? request->article : "",
		.text = request->text ? request->text : "",
		.days = request->duration_days,
		.until_ms = request->duration_days
				    ? now_ms + (int64_t)request->duration_days * DESK_DAY_MS
				    : 0,
		.bank = "",
		.opinion = (uint32_t)request->opinion,
		.made_ms = now_ms,
		.actor = actor_person(actor),
		.second_actor = "",
		.second_text = "",
		.withheld_ms = withhold ? withhold->until_ms : 0,
		.withheld_from_ms = withhold ? now_ms : 0,
		.authority = withhold ? withhold->authority : "",
		.withheld_ground = withhold ? withhold->ground : "",
		.language = "en",
		.statement = ""};
	desk_new_id(now_ms, row->id);
	set_appeal_end(row);
}

int decide(struct hilf *hilf, const struct actor *actor, const struct decide_request *request,
	struct arena *arena, struct decision_info *ret_info, struct refusal *ret_refusal,
	struct hilf_err *err)
{
	struct deciding deciding = {
		.actor = actor, .request = request, .arena = arena, .refusal = ret_refusal};
	int64_t now_ms = clock_now_ms();
	ASSERT(hilf && actor && request && arena && ret_info && ret_refusal);
	*ret_refusal = (struct refusal){0};
	int rc = check_request(request, now_ms, err);
	if (rc)
		return rc;
	fill_row(actor, request, now_ms, &deciding.row);
	rc = read_territory(request, arena, &deciding.row.territory, err);
	if (!rc)
		rc = local_submit(hilf, run_decide, &deciding, err);
	return rc ? rc : decision_tell(hilf, false, actor, &deciding.row, arena, ret_info, err);
}

/* ------------------------------------------------------------------------------------------ a second word */

struct changing {
	const struct actor *actor;
	const char *id;
	const char *text;
	bool agree;
	const struct decide_withhold *withhold;
	int64_t now_ms;
	struct refusal *refusal;
	struct arena arena;
};

static int run_change(struct hilf *hilf, struct changing *changing,
	int (*run)(struct hilf *hilf, void *ctx, struct hilf_err *err), struct hilf_err *err)
{
	*changing->refusal = (struct refusal){0};
	changing->now_ms = clock_now_ms();
	arena_init(&changing->arena, 0);
	int rc = local_submit(hilf, run, changing, err);
	arena_clear(&changing->arena);
	return rc;
}

static int take_back(struct hilf *hilf, struct store_decision *row, enum decision_state state,
	struct hilf_err *err)
{
	bool waited = row->state == DECISION_WAITING;
	row->state = state;
	row->step = STEP_NONE;
	row->due_ms = 0;
	int rc = case_undecided(hilf, row->case_id, row->id, waited, err);
	return rc ? rc : store_decision_put(hilf->store, row, NULL, err);
}

static int run_undo(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct changing *changing = ctx;
	struct store_decision row;
	int rc = decision_row(hilf, true, changing->id, &changing->arena, &row, err);
	if (rc)
		return rc;
	bool first = actor_is(changing->actor, row.actor);
	bool second = row.second == SECOND_AGREED && actor_is(changing->actor, row.second_actor);
	if (!first && !second)
		return err_set(err, HILF_E_DENIED, "only who made a decision can take it back");
	if (row.state == DECISION_UNDONE)
		return 0;
	bool pending = row.state == DECISION_PENDING && changing->now_ms < row.undo_ms;
	if (!pending && row.state != DECISION_WAITING)
		return refuse(changing->refusal, "too_late", row.id, err, HILF_E_EXISTS,
			"the decision stands and others were told; it cannot be undone any more");
	return take_back(hilf, &row, DECISION_UNDONE, err);
}

int decide_undo(struct hilf *hilf, const struct actor *actor, const char *decision,
	struct refusal *ret_refusal, struct hilf_err *err)
{
	struct changing changing = {.actor = actor, .id = decision, .refusal = ret_refusal};
	ASSERT(hilf && actor && decision && ret_refusal);
	return run_change(hilf, &changing, run_undo, err);
}

/* Until now nothing was done and nobody told, so what is counted in days begins now, and the statement says so. */
static int begin_anew(
	struct hilf *hilf, struct store_decision *row, struct arena *arena, struct hilf_err *err)
{
	struct store_case about;
	if (row->days)
		row->until_ms = row->second_ms + (int64_t)row->days * DESK_DAY_MS;
	set_appeal_end(row);
	if (!statement_is_due(row->actions))
		return 0;
	int rc = case_get(hilf, true, row->case_id, arena, &about, err);
	if (!rc)
		rc = compose(hilf, row, about.report_count != 0, arena, err);
	return rc ? rc
		  : case_keep(hilf, row->case_id, row->appeal_until_ms + 30 * DESK_DAY_MS, err);
}

static int run_second(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct changing *changing = ctx;
	struct store_decision row;
	struct store_case about;
	char alias[STORE_ALIAS_TEXT];
	int rc = decision_row(hilf, true, changing->id, &changing->arena, &row, err);
	if (rc)
		return rc;
	if (row.state != DECISION_WAITING)
		return refuse(changing->refusal, "not_waiting", row.id, err, HILF_E_EXISTS,
			"this decision waits for nobody");
	if (actor_is(changing->actor, row.actor))
		return refuse(changing->refusal, "same_person", row.id, err, HILF_E_DENIED,
			"the second person is another one than the first");
	rc = desk_need_person(changing->actor, changing->refusal, row.id, err);
	if (!rc && changing->agree)
		rc = case_get(hilf, true, row.case_id, &changing->arena, &about, err);
	if (rc)
		return rc;
	/* The entry was withdrawn, say: what it was decided on is not there any more. */
	if (changing->agree && about.state == CASE_CLOSED)
		return refuse(changing->refusal, "case_closed", row.id, err, HILF_E_EXISTS,
			"the case is closed: its question fell away, so nobody can agree any more");
	rc = case_alias(hilf, row.case_id, actor_person(changing->actor), alias, err);
	if (rc)
		return rc;
	row.second = changing->agree ? SECOND_AGREED : SECOND_REFUSED;
	row.second_actor = actor_person(changing->actor);
	row.second_text = changing->text ? changing->text : "";
	row.second_ms = changing->now_ms;
	if (!changing->agree)
		return take_back(hilf, &row, DECISION_REFUSED, err);
	row.state = DECISION_PENDING;
	row.undo_ms = changing->now_ms + desk_setting(hilf, DESK_UNDO_SECONDS) * 1000;
	row.due_ms = row.undo_ms;
	row.step = STEP_STAND;
	rc = begin_anew(hilf, &row, &changing->arena, err);
	if (!rc)
		rc = case_seconded(hilf, row.case_id, row.id, err);
	return rc ? rc : store_decision_put(hilf->store, &row, NULL, err);
}

int decide_second(struct hilf *hilf, const struct actor *actor, const char *decision, bool agree,
	const char *text, struct refusal *ret_refusal, struct hilf_err *err)
{
	struct changing changing = {.actor = actor,
		.id = decision,
		.agree = agree,
		.text = text,
		.refusal = ret_refusal};
	ASSERT(hilf && actor && decision && ret_refusal);
	int rc = desk_check_text("text", text, DECIDE_TEXT_MAX, true, err);
	return rc ? rc : run_change(hilf, &changing, run_second, err);
}

/* ------------------------------------------------------------------------------------------ withholding */

/* Whether the statement may have gone out. */
static bool is_told(const struct store_decision *row)
{
	return row->state != DECISION_PENDING && row->state != DECISION_WAITING &&
	       (!row->withheld_ms || row->released || row->step == STEP_RELEASE);
}

static int extend(struct changing *changing, const struct store_decision *row, struct hilf_err *err)
{
	if (!row->withheld_ms)
		return check_withhold(changing->withhold, changing->now_ms, err);
	if (row->extended)
		return refuse(changing->refusal, "extended_already", row->id, err, HILF_E_EXISTS,
			"it was extended once already; the law knows no second time");
	if (changing->withhold->until_ms <= row->withheld_ms)
		return err_set(err, HILF_E_INVALID,
			"withholding is extended, not cut short: until_ms is not after what there "
			"is");
	return check_withhold(changing->withhold, row->withheld_ms, err);
}

static int run_withhold(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct changing *changing = ctx;
	struct store_decision row;
	struct store_case about;
	int rc = decision_row(hilf, true, changing->id, &changing->arena, &row, err);
	if (rc)
		return rc;
	if (!statement_is_due(row.actions))
		return refuse(changing->refusal, "no_statement", row.id, err, HILF_E_EXISTS,
			"nobody is told of this decision, so there is nothing to withhold");
	if (row.state == DECISION_UNDONE || row.state == DECISION_REFUSED ||
		row.state == DECISION_REVERSED)
		return refuse(changing->refusal, "not_standing", row.id, err, HILF_E_EXISTS,
			"this decision does not stand");
	if (is_told(&row))
		return refuse(changing->refusal, "too_late", row.id, err, HILF_E_EXISTS,
			"the statement has gone out already");
	rc = extend(changing, &row, err);
	if (!rc)
		rc = case_get(hilf, true, row.case_id, &changing->arena, &about, err);
	if (rc)
		return rc;
	row.extended = row.withheld_ms != 0;
	row.withheld_from_ms = row.withheld_ms ? row.withheld_from_ms : changing->now_ms;
	row.withheld_ms = changing->withhold->until_ms;
	row.authority = changing->withhold->authority;
	row.withheld_ground = changing->withhold->ground;
	set_appeal_end(&row);
	if (row.step == STEP_WAIT)
		decision_plan(&row);
	rc = compose(hilf, &row, about.report_count != 0, &changing->arena, err);
	if (!rc)
		rc = store_decision_put(hilf->store, &row, NULL, err);
	return rc ? rc : case_keep(hilf, row.case_id, row.appeal_until_ms + 30 * DESK_DAY_MS, err);
}

int decide_withhold(struct hilf *hilf, const struct actor *actor, const char *decision,
	const struct decide_withhold *withhold, struct refusal *ret_refusal, struct hilf_err *err)
{
	struct changing changing = {
		.actor = actor, .id = decision, .withhold = withhold, .refusal = ret_refusal};
	ASSERT(hilf && actor && decision && withhold && ret_refusal);
	return run_change(hilf, &changing, run_withhold, err);
}
