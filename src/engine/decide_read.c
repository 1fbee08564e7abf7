/* Decisions as they are told: people's from their rows, with aliases instead of actors, and automated ones from the checks
 * that made them. */
#include "base/check.h"
#include "base/err.h"
#include "engine/checks_parts.h"
#include "engine/decide_parts.h"

#include <string.h>

int decision_row(struct hilf *hilf, bool in_write, const char *id, struct arena *arena,
	struct store_decision *ret_row, struct hilf_err *err)
{
	uint8_t uuid[UUID_SIZE];
	int rc = desk_read_id("decision", id, uuid, err);
	return rc ? rc : store_decision_get(hilf->store, in_write, 0, uuid, arena, ret_row, err);
}

/* An alias that is not there, after a mended store say, is nobody's. */
static int tell_alias(struct hilf *hilf, bool in_write, uint64_t case_id, const char *actor,
	char ret_alias[DECIDE_ALIAS_TEXT], struct hilf_err *err)
{
	char alias[STORE_ALIAS_TEXT] = "";
	_Static_assert(STORE_ALIAS_TEXT <= DECIDE_ALIAS_TEXT, "an alias fits");
	int rc = case_alias_look(hilf, in_write, case_id, actor, alias, err);
	memcpy(ret_alias, alias, sizeof alias);
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

int decision_tell(struct hilf *hilf, bool in_write, const struct actor *actor,
	const struct store_decision *row, struct arena *arena, struct decision_info *ret_info,
	struct hilf_err *err)
{
	struct decision_info info = {.number = row->number,
		.automated = person_is_machine(row->actor),
		.case_id = row->case_id,
		.cluster = row->cluster,
		.upload_count = row->upload_count,
		.actions = row->actions,
		.basis = (enum decide_basis)row->basis,
		.article = row->article,
		.text = row->text,
		.until_ms = row->until_ms,
		.opinion = (int)row->opinion,
		.state = (enum decision_state)row->state,
		.mine = actor_is(actor, row->actor),
		.second_needed = row->second != SECOND_NONE,
		.second_given = row->second >= SECOND_AGREED,
		.second_agreed = row->second == SECOND_AGREED,
		.second_mine = row->second >= SECOND_AGREED && actor_is(actor, row->second_actor),
		.second_text = row->second_text,
		.made_ms = row->made_ms,
		.undo_until_ms = row->undo_ms,
		.language = row->language,
		.statement = row->statement,
		.withheld_until_ms = row->withheld_ms,
		.withheld_extended = row->extended,
		.released = row->released,
		.authority = row->authority,
		.withheld_ground = row->withheld_ground,
		.appeal_until_ms = row->appeal_until_ms,
		.content_id = ""};
	uuid_format(row->id, info.id);
	int rc = local_split(arena, row->territory, &info.territory, &info.territory_count, err);
	if (!rc)
		rc = tell_alias(hilf, in_write, row->case_id, row->actor, info.by, err);
	if (!rc && info.second_given)
		rc = tell_alias(
			hilf, in_write, row->case_id, row->second_actor, info.second_by, err);
	if (!rc)
		rc = desk_name_entry(
			hilf, in_write, row->entry, arena, &info.entry, &info.bank, err);
	if (!rc && !info.bank[0])
		info.bank = row->bank;
	if (!rc)
		*ret_info = info;
	return rc;
}

/* ------------------------------------------------------------------------------------------ automated ones */

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* The entry that it rests on first, as far as it is known. */
static uint64_t entry_of(const struct store_check *check)
{
	for (size_t i = 0; i < check->rest_count; i++)
		if (check->rests[i].verdict == HILF_VERDICT_BLOCK)
			return check->rests[i].entry;
	return check->rest_count ? check->rests[0].entry : 0;
}

struct grounds {
	struct arena *arena;
	struct decision_info *info;
	struct hilf_err *err;
};

/* What the entry says is the ground: what was known then may have been changed since, so the statement has the last word. */
static int take_ground(const struct store_told *told, void *ctx)
{
	struct grounds *grounds = ctx;
	const char *territory = told->meta->territory;
	grounds->info->article =
		arena_text(grounds->arena, told->meta->ground, strlen(told->meta->ground));
	if (!grounds->info->article)
		return err_no_memory(grounds->err);
	if (strcmp(territory, "*") == 0)
		return 0;
	char *lines = arena_text(grounds->arena, territory, strlen(territory));
	for (char *at = lines; at && *at; at++)
		*at = *at == ',' ? '\n' : *at;
	return lines ? local_split(grounds->arena, lines, &grounds->info->territory,
			       &grounds->info->territory_count, grounds->err)
		     : err_no_memory(grounds->err);
}

static int tell_automated(struct hilf *hilf, const struct store_check *check, struct arena *arena,
	struct decision_info *ret_info, struct hilf_err *err)
{
	uint64_t entry = entry_of(check);
	struct decision_info info = {.number = check->id,
		.block = true,
		.automated = true,
		.upload_count = 1,
		.actions = ACTION_REMOVE,
		.basis = BASIS_LAW,
		.article = "",
		.text = "",
		.state = check->reversed_ms ? DECISION_REVERSED : DECISION_STANDING,
		.second_text = "",
		.made_ms = check->time_ms,
		.undo_until_ms = check->time_ms,
		.language = or_empty(check->language),
		.statement = or_empty(check->statement),
		.authority = "",
		.withheld_ground = "",
		.appeal_until_ms = check->appeal_until_ms,
		.content_id = or_empty(check->content_id)};
	struct grounds grounds = {arena, &info, err};
	uuid_format(check->decision, info.id);
	int rc = desk_name_entry(hilf, false, entry, arena, &info.entry, &info.bank, err);
	if (!rc && info.entry[0])
		rc = store_entry_tell(hilf->store, entry, NULL, take_ground, &grounds, err);
	if (!rc)
		*ret_info = info;
	return rc;
}

/* ------------------------------------------------------------------------------------------ lists */

int decision_get(struct hilf *hilf, const struct actor *actor, const char *decision,
	struct arena *arena, struct decision_info *ret_info, struct hilf_err *err)
{
	struct store_decision row;
	struct store_check check;
	uint8_t id[UUID_SIZE];
	ASSERT(hilf && decision && arena);
	int rc = desk_read_id("decision", decision, id, err);
	if (rc)
		return rc;
	rc = store_decision_get(hilf->store, false, 0, id, arena, &row, err);
	if (!rc)
		return decision_tell(hilf, false, actor, &row, arena, ret_info, err);
	if (rc == HILF_E_NOT_FOUND)
		rc = store_check_by_decision(hilf->store, false, id, arena, &check, err);
	if (rc == HILF_E_NOT_FOUND)
		return err_set(err, rc, "there is no decision '%.40s'", decision);
	return rc ? rc : tell_automated(hilf, &check, arena, ret_info, err);
}

struct listing {
	struct hilf *hilf;
	const struct actor *actor;
	int (*fn)(const struct decision_info *info, void *ctx);
	void *ctx;
	struct hilf_err *err;
};

static int tell_row(const struct store_decision *row, void *ctx)
{
	const struct listing *listing = ctx;
	struct decision_info info;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = decision_tell(
		listing->hilf, false, listing->actor, row, &arena, &info, listing->err);
	if (!rc)
		rc = listing->fn(&info, listing->ctx);
	arena_clear(&arena);
	return rc;
}

int decision_each_of_case(struct hilf *hilf, const struct actor *actor, uint64_t case_id,
	int (*fn)(const struct decision_info *info, void *ctx), void *ctx, struct hilf_err *err)
{
	struct listing listing = {hilf, actor, fn, ctx, err};
	ASSERT(hilf && fn);
	return store_decision_of_case(hilf->store, false, case_id, tell_row, &listing, err);
}

int decision_page(struct hilf *hilf, const struct actor *actor, int state, uint64_t before,
	size_t limit, int (*fn)(const struct decision_info *info, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct listing listing = {hilf, actor, fn, ctx, err};
	ASSERT(hilf && fn);
	return store_decision_page(hilf->store, state, before, limit, tell_row, &listing, err);
}

struct concerning {
	struct listing listing;
	uint8_t last[UUID_SIZE]; /* told already: uploads of one case come together */
	bool has_last;
};

static int tell_of_upload(const struct store_upload *upload, void *ctx)
{
	struct concerning *concerning = ctx;
	struct store_decision row;
	struct arena arena;
	if (!upload->has_decision ||
		(concerning->has_last &&
			memcmp(concerning->last, upload->decision, UUID_SIZE) == 0))
		return 0;
	memcpy(concerning->last, upload->decision, UUID_SIZE);
	concerning->has_last = true;
	arena_init(&arena, 0);
	int rc = store_decision_get(concerning->listing.hilf->store, false, 0, upload->decision,
		&arena, &row, concerning->listing.err);
	if (!rc)
		rc = tell_row(&row, &concerning->listing);
	arena_clear(&arena);
	return rc == HILF_E_NOT_FOUND ? 0 : rc; /* of an appeal's case: its own outcome */
}

static int tell_of_check(const struct store_check *check, void *ctx)
{
	struct concerning *concerning = ctx;
	struct decision_info info;
	struct arena arena;
	if (!check->has_decision)
		return 0;
	arena_init(&arena, 0);
	int rc = tell_automated(
		concerning->listing.hilf, check, &arena, &info, concerning->listing.err);
	if (!rc)
		rc = concerning->listing.fn(&info, concerning->listing.ctx);
	arena_clear(&arena);
	return rc;
}

int decision_of_content(struct hilf *hilf, const struct actor *actor, const char *content_id,
	size_t limit, int (*fn)(const struct decision_info *info, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct concerning concerning = {.listing = {hilf, actor, fn, ctx, err}};
	ASSERT(hilf && content_id && fn);
	int rc = store_upload_of_content(
		hilf->store, false, content_id, limit, tell_of_upload, &concerning, err);
	return rc ? rc
		  : store_check_page(
			    hilf->store, content_id, 0, limit, tell_of_check, &concerning, err);
}

struct contents {
	int (*fn)(const struct decision_content *content, void *ctx);
	void *ctx;
};

static int tell_content(const struct store_upload *upload, void *ctx)
{
	const struct contents *contents = ctx;
	const struct decision_content content = {
		upload->id, upload->content_id, upload->state == UPLOAD_RESTORED};
	return contents->fn(&content, contents->ctx);
}

int decision_contents(struct hilf *hilf, const char *decision, uint64_t after, size_t limit,
	int (*fn)(const struct decision_content *content, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct contents contents = {fn, ctx};
	struct decision_info info;
	struct arena arena;
	uint8_t id[UUID_SIZE];
	ASSERT(hilf && decision && fn);
	arena_init(&arena, 0);
	int rc = desk_read_id("decision", decision, id, err);
	if (!rc)
		rc = decision_get(hilf, NULL, decision, &arena, &info, err);
	if (!rc && info.automated) {
		const struct decision_content content = {
			0, info.content_id, info.state == DECISION_REVERSED};
		rc = after ? 0 : fn(&content, ctx);
	} else if (!rc) {
		rc = store_upload_of_decision(
			hilf->store, false, id, after, limit, tell_content, &contents, err);
	}
	arena_clear(&arena);
	return rc;
}

/* ------------------------------------------------------------------------------------------ keeping */

struct holding {
	int64_t now_ms;
	bool holds;
};

/* One that waits for a second person holds nothing by that: its case is open, and so not old, or closed, and then nobody
 * can agree any more. */
static int see_hold(const struct store_decision *row, void *ctx)
{
	struct holding *holding = ctx;
	holding->holds = holding->holds || row->due_ms || row->appeal_until_ms > holding->now_ms;
	return 0;
}

int decide_holds_case(struct hilf *hilf, bool in_write, uint64_t case_id, int64_t now_ms,
	bool *ret_holds, struct hilf_err *err)
{
	struct holding holding = {now_ms, false};
	struct store_appeal appeal;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_decision_of_case(hilf->store, in_write, case_id, see_hold, &holding, err);
	if (!rc) {
		rc = store_appeal_of_case(hilf->store, in_write, case_id, &arena, &appeal, err);
		if (!rc)
			holding.holds =
				holding.holds || appeal.state == 0 || appeal.until_ms > now_ms;
		rc = rc == HILF_E_NOT_FOUND ? 0 : rc;
	}
	arena_clear(&arena);
	if (!rc)
		*ret_holds = holding.holds;
	return rc;
}

int decide_forget_case(struct hilf *hilf, uint64_t case_id, struct hilf_err *err)
{
	return store_desk_forget(hilf->store, case_id, err);
}
