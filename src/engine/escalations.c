/* Escalations: a row when somebody told an authority, changed once, when another person confirmed it or did not. */
#include "engine/escalations.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/decide_parts.h"
#include "engine/hooks.h"
#include "engine/local_parts.h"
#include "engine/tally.h"
#include "os/clock.h"
#include "wire/json.h"

#include <string.h>

#define KEEP_DAYS  400
#define AHEAD_MS   (5ll * 60 * 1000) /* clocks differ */
#define BEFORE_MAX (30 * DESK_DAY_MS)

static const char *const state_names[] = {"waiting_second", "done", "refused"};

const char *escalation_state_name(enum escalation_state state)
{
	return (unsigned)state < COUNT_OF(state_names) ? state_names[state] : "unknown";
}

static int queue_event(struct hilf *hilf, const struct store_escalation *row, struct arena *arena,
	struct hilf_err *err)
{
	char id[DECISION_TEXT];
	struct store_case about;
	const char *gid, *bank;
	struct buf buf = BUF_INIT;
	int rc = case_get(hilf, true, row->case_id, arena, &about, err);
	if (!rc)
		rc = desk_name_entry(hilf, true, about.entry, arena, &gid, &bank, err);
	if (rc)
		return rc;
	uuid_format(row->id, id);
	buf_char(&buf, '{');
	json_put_key(&buf, "authority");
	json_put_text(&buf, row->authority);
	json_put_key(&buf, "case");
	json_put_integer(&buf, (int64_t)row->case_id);
	json_put_key(&buf, "escalation");
	json_put_text(&buf, id);
	json_put_key(&buf, "state");
	json_put_text(&buf, escalation_state_name((enum escalation_state)row->state));
	json_put_key(&buf, "told_ms");
	json_put_integer(&buf, row->told_ms);
	buf_char(&buf, '}');
	rc = buf.failed ? err_no_memory(err)
			: hooks_queue(hilf, "threat.escalated", bank[0] ? bank : NULL, buf.data,
				  buf.size, err);
	buf_free(&buf);
	return rc;
}

/* ------------------------------------------------------------------------------------------ writing */

struct changing {
	const struct actor *actor;
	const char *id;
	bool agree;
	int64_t now_ms;
	struct arena *arena;
	struct refusal *refusal;
	struct store_escalation row;
};

static int run_add(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct changing *changing = ctx;
	struct store_escalation *row = &changing->row;
	struct store_case about;
	char alias[STORE_ALIAS_TEXT];
	int rc = case_get(hilf, true, row->case_id, changing->arena, &about, err);
	if (!rc)
		rc = case_alias(hilf, row->case_id, actor_person(changing->actor), alias, err);
	if (!rc)
		rc = case_keep(hilf, row->case_id, changing->now_ms + KEEP_DAYS * DESK_DAY_MS, err);
	if (!rc)
		rc = store_escalation_put(hilf->store, row, &row->number, err);
	if (!rc)
		rc = queue_event(hilf, row, changing->arena, err);
	return rc;
}

static int check_form(const struct escalation_info *info, int64_t now_ms, struct hilf_err *err)
{
	int rc =
		desk_check_text("authority", info->authority, ESCALATION_AUTHORITY_MAX, false, err);
	if (!rc)
		rc = desk_check_text("contact", info->contact, ESCALATION_CONTACT_MAX, false, err);
	if (!rc)
		rc = desk_check_text("sent", info->sent, ESCALATION_SENT_MAX, false, err);
	if (!rc && (info->told_ms > now_ms + AHEAD_MS || info->told_ms < now_ms - BEFORE_MAX))
		rc = err_set(err, HILF_E_INVALID,
			"told_ms is when the authority was told: in the last 30 days, and not in "
			"the future");
	return rc;
}

static int tell(struct hilf *hilf, bool in_write, const struct actor *actor,
	const struct store_escalation *row, struct escalation_info *ret_info, struct hilf_err *err)
{
	char alias[STORE_ALIAS_TEXT] = "", second[STORE_ALIAS_TEXT] = "";
	struct escalation_info info = {.number = row->number,
		.case_id = row->case_id,
		.authority = row->authority,
		.contact = row->contact,
		.sent = row->sent,
		.told_ms = row->told_ms,
		.made_ms = row->made_ms,
		.second_ms = row->second_ms,
		.state = (enum escalation_state)row->state,
		.mine = actor_is(actor, row->actor),
		.second_mine = actor_is(actor, row->second_actor)};
	uuid_format(row->id, info.id);
	int rc = case_alias_look(hilf, in_write, row->case_id, row->actor, alias, err);
	if ((!rc || rc == HILF_E_NOT_FOUND) && row->second_actor[0])
		rc = case_alias_look(hilf, in_write, row->case_id, row->second_actor, second, err);
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	memcpy(info.by, alias, sizeof alias);
	memcpy(info.second_by, second, sizeof second);
	*ret_info = info;
	return 0;
}

int escalation_add(struct hilf *hilf, const struct actor *actor, const struct escalation_info *info,
	struct arena *arena, struct escalation_info *ret_info, struct refusal *ret_refusal,
	struct hilf_err *err)
{
	struct changing changing = {.actor = actor, .now_ms = clock_now_ms(), .arena = arena};
	ASSERT(hilf && actor && info && arena && ret_info && ret_refusal);
	*ret_refusal = (struct refusal){0};
	int rc = check_form(info, changing.now_ms, err);
	if (!rc)
		rc = desk_need_person(actor, ret_refusal, NULL, err);
	if (rc)
		return rc;
	changing.row = (struct store_escalation){.case_id = info->case_id,
		.authority = info->authority,
		.contact = info->contact,
		.sent = info->sent,
		.told_ms = info->told_ms,
		.made_ms = changing.now_ms,
		.state = ESCALATION_WAITING,
		.actor = actor_person(actor),
		.second_actor = ""};
	desk_new_id(changing.now_ms, changing.row.id);
	rc = local_submit(hilf, run_add, &changing, err);
	return rc ? rc : tell(hilf, false, actor, &changing.row, ret_info, err);
}

static int run_second(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct changing *changing = ctx;
	struct store_escalation *row = &changing->row;
	char alias[STORE_ALIAS_TEXT];
	uint8_t id[UUID_SIZE];
	int rc = desk_read_id("escalation", changing->id, id, err);
	if (!rc)
		rc = store_escalation_get(hilf->store, true, id, changing->arena, row, err);
	if (rc)
		return rc;
	if (row->state != ESCALATION_WAITING)
		return refuse(changing->refusal, "not_waiting", NULL, err, HILF_E_EXISTS,
			"this escalation waits for nobody");
	if (actor_is(changing->actor, row->actor))
		return refuse(changing->refusal, "same_person", NULL, err, HILF_E_DENIED,
			"the second person is another one than the first");
	rc = desk_need_person(changing->actor, changing->refusal, NULL, err);
	if (!rc)
		rc = case_alias(hilf, row->case_id, actor_person(changing->actor), alias, err);
	if (rc)
		return rc;
	row->state = changing->agree ? ESCALATION_DONE : ESCALATION_REFUSED;
	row->second_actor = actor_person(changing->actor);
	row->second_ms = changing->now_ms;
	rc = store_escalation_put(hilf->store, row, NULL, err);
	if (!rc)
		rc = queue_event(hilf, row, changing->arena, err);
	if (!rc && changing->agree)
		tally_add(hilf, TALLY_ESCALATIONS, 1);
	return rc;
}

int escalation_second(struct hilf *hilf, const struct actor *actor, const char *id, bool agree,
	struct arena *arena, struct escalation_info *ret_info, struct refusal *ret_refusal,
	struct hilf_err *err)
{
	struct changing changing = {.actor = actor,
		.id = id,
		.agree = agree,
		.now_ms = clock_now_ms(),
		.arena = arena,
		.refusal = ret_refusal};
	ASSERT(hilf && actor && id && arena && ret_info && ret_refusal);
	*ret_refusal = (struct refusal){0};
	int rc = local_submit(hilf, run_second, &changing, err);
	return rc ? rc : tell(hilf, false, actor, &changing.row, ret_info, err);
}

/* ------------------------------------------------------------------------------------------ reading */

int escalation_get(struct hilf *hilf, const struct actor *actor, const char *id,
	struct arena *arena, struct escalation_info *ret_info, struct hilf_err *err)
{
	struct store_escalation row;
	uint8_t uuid[UUID_SIZE];
	ASSERT(hilf && id && arena && ret_info);
	int rc = desk_read_id("escalation", id, uuid, err);
	if (!rc)
		rc = store_escalation_get(hilf->store, false, uuid, arena, &row, err);
	return rc ? rc : tell(hilf, false, actor, &row, ret_info, err);
}

struct paging {
	struct hilf *hilf;
	const struct actor *actor;
	int (*fn)(const struct escalation_info *info, void *ctx);
	void *ctx;
	struct hilf_err *err;
};

static int tell_row(const struct store_escalation *row, void *ctx)
{
	const struct paging *paging = ctx;
	struct escalation_info info;
	int rc = tell(paging->hilf, false, paging->actor, row, &info, paging->err);
	return rc ? rc : paging->fn(&info, paging->ctx);
}

int escalation_page(struct hilf *hilf, const struct actor *actor, uint64_t case_id, uint64_t before,
	size_t limit, int (*fn)(const struct escalation_info *info, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct paging paging = {hilf, actor, fn, ctx, err};
	ASSERT(hilf && fn);
	return store_escalation_page(hilf->store, case_id, before, limit, tell_row, &paging, err);
}
