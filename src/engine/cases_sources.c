/* Where cases come from beside matches, and where they go: users' reports, disputes, the daily sample; entries that end, and
 * age. */
#include "base/check.h"
#include "base/err.h"
#include "engine/cases_parts.h"
#include "engine/checks_parts.h"
#include "engine/decide.h"
#include "engine/desk_settings.h"
#include "engine/tally.h"
#include "os/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS    (24ll * 3600 * 1000)
#define MINUTE_MS 60000
#define PAGE      256u
/* Of one content in cases: the newest are looked at. */
#define CONTENT_CASES 16u

/* ------------------------------------------------------------------------------------------ why it matched */

const struct hilf_match *case_best_match(const struct hilf_check *check)
{
	const struct hilf_match *best = NULL;
	for (size_t i = 0; i < check->match_count; i++) {
		const struct hilf_match *match = &check->matches[i];
		if (match->verdict >= HILF_VERDICT_REVIEW &&
			(!best || match->verdict > best->verdict))
			best = match; /* nearest first */
	}
	return best;
}

/* What is compared today is a whole picture or a whole file. */
struct store_why case_why_of(const struct hilf_match *match)
{
	return (struct store_why){
		.signal = match->signal_type,
		.orientation = match->orientation,
		.distance = match->distance,
		.threshold = match->threshold,
		.share_percent = 100,
	};
}

/* ------------------------------------------------------------------------------------------ reports */

struct reporting {
	const struct check_context *context;
	const char *category, *text;
	uint64_t entry;
	struct store_why why;
	uint64_t case_id;
};

/* An open case that has the content already takes the report, of whatever kind it is. */
struct finding_content {
	uint64_t ids[CONTENT_CASES];
	size_t count;
};

static int note_case_of_content(const struct store_upload *upload, void *ctx)
{
	struct finding_content *finding = ctx;
	if (upload->state == UPLOAD_OPEN)
		finding->ids[finding->count++] = upload->case_id;
	return 0;
}

static int find_open_case(struct hilf *hilf, const char *content_id, struct arena *arena,
	struct store_case *ret_case, bool *ret_found, struct hilf_err *err)
{
	struct finding_content finding = {.count = 0};
	bool found = false;
	int rc = store_upload_of_content(
		hilf->store, true, content_id, CONTENT_CASES, note_case_of_content, &finding, err);
	for (size_t i = 0; i < finding.count && !rc && !found; i++) {
		rc = store_case_get(hilf->store, true, finding.ids[i], arena, ret_case, err);
		found = !rc && ret_case->state < CASE_DECIDED && ret_case->kind != CASE_APPEAL &&
			ret_case->kind != CASE_SAMPLE;
	}
	*ret_found = found;
	return rc;
}

/* As gathering a repetition does, in a case of another kind. */
static int gather_report(struct hilf *hilf, struct reporting *reporting, struct hilf_err *err)
{
	struct case_upload upload = {
		.kind = CASE_REPORT,
		.entry = reporting->entry,
		.context = reporting->context,
		.time_ms = clock_now_ms(),
		.why = reporting->why,
		.category = reporting->category,
		.text = reporting->text,
	};
	struct store_case row;
	struct arena arena;
	bool found = false;
	arena_init(&arena, 0);
	int rc = find_open_case(hilf, reporting->context->content_id, &arena, &row, &found, err);
	if (!rc && found)
		upload.into = &row;
	if (!rc)
		rc = case_gather(hilf, &upload, &reporting->case_id, NULL, err);
	arena_clear(&arena);
	return rc;
}

static int report_it(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct reporting *reporting = ctx;
	int rc = gather_report(hilf, reporting, err);
	/* The entry ended between the look-up and now: what is reported is still there. */
	if (!rc && !reporting->case_id) {
		reporting->entry = 0;
		reporting->why = (struct store_why){0};
		rc = gather_report(hilf, reporting, err);
	}
	return rc;
}

static int match_report(struct hilf *hilf, const struct hilf_signal *signals, size_t count,
	struct reporting *reporting, struct hilf_err *err)
{
	const struct hilf_query query = {.no_shadow = true, .unsampled = true, .limit = 10};
	enum hilf_verdict best = HILF_NO_MATCH;
	for (size_t i = 0; i < count; i++) {
		struct hilf_check check;
		int rc = hilf_match_signals(hilf, &query, &signals[i], 1, &check, err);
		if (rc)
			return rc;
		const struct hilf_match *match = case_best_match(&check);
		bool better = match && (match->verdict > best ||
					       (match->verdict == best &&
						       match->distance < reporting->why.distance));
		if (better) {
			best = match->verdict;
			reporting->entry = match->entry;
			reporting->why = case_why_of(match);
		}
		hilf_check_free(&check);
	}
	return 0;
}

int case_report(struct hilf *hilf, const struct check_context *context,
	const struct hilf_signal *signals, size_t signal_count, const char *category,
	const char *text, uint64_t *ret_case, struct hilf_err *err)
{
	struct reporting reporting = {.context = context, .category = category, .text = text};
	ASSERT(hilf && context && category && ret_case);
	int rc = check_context_form(context, err);
	if (!rc)
		rc = check_evidence_form(context->evidence_url, err);
	if (!rc)
		rc = check_text_form("text", text, CASE_REPORT_TEXT_MAX, err);
	if (!rc && !case_said(context->content_id))
		rc = err_set(err, HILF_E_INVALID, "a report needs a content_id");
	if (!rc && signal_count)
		rc = match_report(hilf, signals, signal_count, &reporting, err);
	if (!rc)
		rc = local_submit(hilf, report_it, &reporting, err);
	if (rc)
		return rc;
	tally_add(hilf, TALLY_REPORTS, 1);
	*ret_case = reporting.case_id;
	return 0;
}

/* A slot holds the minute and how many came in it. Two actors that share one share what they may: there are many slots and
 * few actors. */
bool case_report_may(struct hilf *hilf, const char *actor, int64_t now_ms, uint32_t *ret_retry_ms)
{
	int64_t limit = desk_setting(hilf, DESK_REPORTS_PER_MINUTE);
	uint64_t minute = (uint64_t)(now_ms / MINUTE_MS) & UINT32_MAX, hash = 14695981039346656037u;
	for (const char *c = actor; *c; c++)
		hash = (hash ^ (uint8_t)*c) * 1099511628211u; /* FNV-1a */
	_Atomic uint64_t *slot = &hilf->local->reports[hash % LOCAL_REPORT_SLOTS];
	uint64_t was = atomic_load(slot), now;
	do {
		uint64_t count = was >> 32 == minute ? was & UINT32_MAX : 0;
		if (limit && count >= (uint64_t)limit) {
			*ret_retry_ms = (uint32_t)(MINUTE_MS - now_ms % MINUTE_MS);
			return false;
		}
		now = minute << 32 | (count + 1);
	} while (!atomic_compare_exchange_weak(slot, &was, now));
	return true;
}

/* ------------------------------------------------------------------------------------------ evidence anew */

struct refreshing {
	const char *content_id, *evidence_url;
	uint64_t ids[CONTENT_CASES];
	size_t count;
};

static int note_old_evidence(const struct store_upload *upload, void *ctx)
{
	struct refreshing *refreshing = ctx;
	if (upload->state == UPLOAD_OPEN &&
		(!upload->evidence_url ||
			strcmp(upload->evidence_url, refreshing->evidence_url) != 0))
		refreshing->ids[refreshing->count++] = upload->id;
	return 0;
}

static int refresh_them(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct refreshing *refreshing = ctx;
	struct store_upload upload;
	struct arena arena;
	int rc = 0;
	arena_init(&arena, 0);
	for (size_t i = 0; i < refreshing->count && !rc; i++) {
		rc = store_upload_get(hilf->store, true, refreshing->ids[i], &arena, &upload, err);
		if (rc == HILF_E_NOT_FOUND) {
			rc = 0;
			continue;
		}
		upload.evidence_url = refreshing->evidence_url;
		upload.last_ms = clock_now_ms();
		if (!rc)
			rc = store_upload_save(hilf->store, &upload, err);
	}
	arena_clear(&arena);
	return rc;
}

int case_refresh(struct hilf *hilf, const struct check_context *context, struct hilf_err *err)
{
	struct refreshing refreshing = {
		.content_id = context->content_id, .evidence_url = context->evidence_url};
	if (!case_said(context->content_id) || !case_said(context->evidence_url))
		return 0;
	int rc = store_upload_of_content(hilf->store, false, context->content_id, CONTENT_CASES,
		note_old_evidence, &refreshing, err);
	return rc || !refreshing.count ? rc : local_submit(hilf, refresh_them, &refreshing, err);
}

/* ------------------------------------------------------------------------------------------ of recorded checks */

/* The entry that a check rests on most. */
static uint64_t entry_of(const struct store_check *check)
{
	const struct store_rest *best = NULL;
	for (size_t i = 0; i < check->rest_count; i++)
		if (!best || check->rests[i].verdict > best->verdict)
			best = &check->rests[i];
	return best && best->verdict > HILF_NO_MATCH ? best->entry : 0;
}

static int gather_check(struct hilf *hilf, const struct store_check *check, enum case_kind kind,
	uint64_t entry, struct hilf_err *err)
{
	const struct check_context context = {
		.content_id = check->content_id,
		.uploader_ref = check->uploader_ref,
		.evidence_url = check->evidence_url,
		.language = check->language,
		.surface = (enum surface)check->surface,
		.caption = check->caption,
		.reach = check->reach,
		.places = check->places,
	};
	const struct case_upload upload = {
		.kind = kind,
		.entry = entry,
		.context = &context,
		.time_ms = check->time_ms,
		.check = check->id,
		.why = store_why_unpack(check->why),
		.decision = kind == CASE_SAMPLE && check->has_decision ? check->decision : NULL,
	};
	uint64_t case_id;
	return case_gather(hilf, &upload, &case_id, NULL, err);
}

static int load_and_gather(
	struct hilf *hilf, uint64_t id, enum case_kind kind, uint64_t entry, struct hilf_err *err)
{
	struct store_check check;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_check_get(hilf->store, true, id, &arena, &check, err);
	if (rc == HILF_E_NOT_FOUND)
		rc = 0;
	else if (!rc && (entry || entry_of(&check)))
		rc = gather_check(hilf, &check, kind, entry ? entry : entry_of(&check), err);
	arena_clear(&arena);
	return rc;
}

/* ------------------------------------------------------------------------------------------ disputes */

static int is_shadow(struct hilf *hilf, uint64_t entry, bool *ret_shadow, struct hilf_err *err)
{
	struct store_entry_row row;
	struct store_bank bank;
	int rc = store_entry_get(hilf->store, true, entry, NULL, &row, err);
	if (!rc)
		rc = store_bank_by_id(hilf->store, true, row.bank, &bank, err);
	if (rc)
		return rc;
	bool own = hilf->founded && memcmp(bank.author, hilf->member, UUID_SIZE) == 0;
	*ret_shadow = bank.has_policy ? bank.policy.mode == HILF_SHADOW : !own;
	return 0;
}

int case_dispute(struct hilf *hilf, uint64_t entry, struct hilf_err *err)
{
	size_t count = 0;
	bool shadow = false;
	ASSERT(hilf && entry);
	int rc = is_shadow(hilf, entry, &shadow, err);
	if (rc || shadow)
		return rc;
	uint64_t *ids = malloc(CASE_DISPUTE_MAX * sizeof *ids);
	if (!ids)
		return err_no_memory(err);
	rc = store_check_newest(hilf->store, entry, ids, CASE_DISPUTE_MAX, &count, err);
	/* Oldest first, as they came. */
	for (size_t i = count; i-- && !rc;)
		rc = load_and_gather(hilf, ids[i], CASE_DISPUTE, entry, err);
	free(ids);
	return rc;
}

/* ------------------------------------------------------------------------------------------ what falls away */

static int close_row(
	struct hilf *hilf, struct store_case *row, const char *why, struct hilf_err *err)
{
	if (row->state >= CASE_DECIDED)
		return 0;
	row->state = CASE_CLOSED;
	row->changed_ms = clock_now_ms();
	row->closed_why = why;
	row->second_count = 0;
	return case_save(hilf, row, err);
}

int case_close(struct hilf *hilf, uint64_t case_id, const char *why, struct hilf_err *err)
{
	struct store_case row;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = case_get(hilf, true, case_id, &arena, &row, err);
	if (!rc)
		rc = close_row(hilf, &row, why, err);
	arena_clear(&arena);
	return rc;
}

/* What users report, and what is appealed against, is to be answered whatever became of the entry. One that is mute for a
 * time is disputed still. */
static bool falls_away(const struct store_case *row, const char *why)
{
	if (strcmp(why, "undisputed") == 0)
		return row->kind == CASE_DISPUTE;
	return row->kind == CASE_MATCH || row->kind == CASE_SAMPLE ||
	       (row->kind == CASE_DISPUTE && strcmp(why, "muted") != 0);
}

int case_close_of_entry(struct hilf *hilf, uint64_t entry, const char *why, struct hilf_err *err)
{
	uint64_t ids[PAGE], after = 0;
	size_t count = PAGE;
	int rc = 0;
	ASSERT(hilf && entry && why);
	while (!rc && count == PAGE) {
		rc = store_case_of_entry(hilf->store, entry, after, ids, PAGE, &count, err);
		for (size_t i = 0; i < count && !rc; i++) {
			struct store_case row;
			struct arena arena;
			arena_init(&arena, 0);
			after = ids[i];
			rc = case_get(hilf, true, ids[i], &arena, &row, err);
			if (!rc && falls_away(&row, why))
				rc = close_row(hilf, &row, why, err);
			arena_clear(&arena);
		}
	}
	return rc;
}

int case_move_entry(struct hilf *hilf, uint64_t from, uint64_t to, struct hilf_err *err)
{
	struct store_entry_row row;
	char gid[HILF_ID_TEXT_MAX];
	int rc = store_entry_get(hilf->store, true, to, NULL, &row, err);
	if (rc)
		return rc;
	record_entry_id_format(&row.gid, gid);
	return store_case_move_entry(hilf->store, from, to, gid, err);
}

/* ------------------------------------------------------------------------------------------ the sample */

#define SETTING_SAMPLED "desk.sampled_day"

struct sampling {
	int64_t day;
	uint64_t *ids;
	size_t count;
};

static int sampled_day(struct hilf *hilf, bool in_write, int64_t *ret_day, struct hilf_err *err)
{
	char text[24];
	int rc = store_setting_get(hilf->store, in_write, SETTING_SAMPLED, text, sizeof text, err);
	if (rc == HILF_E_NOT_FOUND)
		*ret_day = 0;
	else if (!rc)
		*ret_day = strtoll(text, NULL, 10);
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

static int sample_them(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct sampling *sampling = ctx;
	char text[24];
	int64_t day = 0;
	/* Another process may have done it meanwhile. */
	int rc = sampled_day(hilf, true, &day, err);
	if (rc || day == sampling->day)
		return rc;
	for (size_t i = 0; i < sampling->count && !rc; i++)
		rc = load_and_gather(hilf, sampling->ids[i], CASE_SAMPLE, 0, err);
	snprintf(text, sizeof text, "%" PRId64, sampling->day);
	return rc ? rc : store_setting_set(hilf->store, SETTING_SAMPLED, text, err);
}

int cases_sample(struct hilf *hilf, struct hilf_err *err)
{
	int64_t now_ms = clock_now_ms(), day = 0;
	struct sampling sampling = {.day = now_ms / DAY_MS};
	size_t room = (size_t)desk_setting(hilf, DESK_SAMPLE_DAILY);
	ASSERT(hilf);
	int rc = sampled_day(hilf, false, &day, err);
	if (rc || day == sampling.day)
		return rc;
	sampling.ids = calloc(room ? room : 1, sizeof *sampling.ids);
	if (!sampling.ids)
		return err_no_memory(err);
	rc = store_check_sample(
		hilf->store, now_ms - DAY_MS, sampling.ids, room, &sampling.count, err);
	if (!rc)
		rc = local_submit(hilf, sample_them, &sampling, err);
	free(sampling.ids);
	return rc;
}

/* ------------------------------------------------------------------------------------------ age */

struct sweeping {
	int64_t now_ms, before_ms;
	size_t limit;
	bool more;
};

/* In parts. What the vault keeps of its uploads goes by its own time, which is less, or longer where it is preserved. */
static int remove_case(
	struct hilf *hilf, uint64_t id, struct sweeping *sweeping, struct hilf_err *err)
{
	uint64_t uploads[PAGE];
	bool gone = false;
	int rc = 0;
	while (!rc && !gone && sweeping->limit) {
		size_t room = sweeping->limit < PAGE ? sweeping->limit : PAGE, count = 0;
		rc = store_case_remove(hilf->store, id, uploads, room, &count, &gone, err);
		sweeping->limit -= count < sweeping->limit ? count : sweeping->limit;
	}
	return rc || !gone ? rc : decide_forget_case(hilf, id, err);
}

static int sweep_them(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct sweeping *sweeping = ctx;
	uint64_t ids[PAGE];
	size_t count = 0;
	int rc = store_case_old(
		hilf->store, true, sweeping->before_ms, sweeping->now_ms, ids, PAGE, &count, err);
	for (size_t i = 0; i < count && !rc && sweeping->limit; i++) {
		bool holds = false;
		rc = decide_holds_case(hilf, true, ids[i], sweeping->now_ms, &holds, err);
		/* It is asked about again tomorrow, and does not stand in the way of others. */
		if (!rc && holds)
			rc = case_keep(hilf, ids[i], sweeping->now_ms + DAY_MS, err);
		else if (!rc)
			rc = remove_case(hilf, ids[i], sweeping, err);
		sweeping->limit -= sweeping->limit > 0;
	}
	sweeping->more = count == PAGE || !sweeping->limit;
	return rc ? rc : store_leases_end(hilf->store, sweeping->now_ms, err);
}

int cases_sweep(struct hilf *hilf, size_t limit, bool *ret_more, struct hilf_err *err)
{
	struct sweeping sweeping = {.now_ms = clock_now_ms(), .limit = limit ? limit : PAGE};
	uint64_t first;
	size_t count = 0;
	ASSERT(hilf && ret_more);
	sweeping.before_ms = sweeping.now_ms - desk_setting(hilf, DESK_CASE_DAYS) * DAY_MS;
	int rc = store_case_old(
		hilf->store, false, sweeping.before_ms, sweeping.now_ms, &first, 1, &count, err);
	if (!rc && count)
		rc = local_submit(hilf, sweep_them, &sweeping, err);
	if (!rc)
		*ret_more = sweeping.more;
	return rc;
}
