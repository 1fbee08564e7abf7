/* Exemptions in the store and in memory. In memory they are an array by entry, made anew when the generation in the store
 * is another one; whoever checks takes a shared lock, and none at all where there is no exemption. An address is compared
 * in its one spelling, segment by segment; one that leaves its own folder by dots matches nothing. */
#include "engine/exemptions.h"

#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"
#include "engine/decide_parts.h"
#include "engine/local_parts.h"
#include "os/clock.h"
#include "wire/web_url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define GENERATION "exemptions.generation"
#define DAY_MS     (24ll * 3600 * 1000)

static const char *const purposes[PURPOSE_COUNT] = {"journalism", "research", "refutation", "art"};

const char *purpose_name(enum purpose purpose)
{
	return (unsigned)purpose < PURPOSE_COUNT ? purposes[purpose] : "unknown";
}

int purpose_parse(const char *name, enum purpose *ret_purpose, struct hilf_err *err)
{
	for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
		if (strcmp(name, purposes[i]) == 0) {
			*ret_purpose = (enum purpose)i;
			return 0;
		}
	}
	return err_set(err, HILF_E_INVALID,
		"purpose '%.40s' is none of journalism, research, refutation, art", name);
}

/* ------------------------------------------------------------------------------------------ in memory */

struct exempt {
	uint64_t entry;
	int64_t until_ms;
	const char *uploader_ref, *url; /* one of the two is "" */
	char id[DECISION_TEXT];
};

struct exempt_set {
	struct arena texts;
	struct exempt *items; /* by entry */
	size_t count, room;
};

static void free_set(struct exempt_set *set)
{
	if (!set)
		return;
	arena_clear(&set->texts);
	free(set->items);
	free(set);
}

void exemptions_forget(struct local *local)
{
	free_set(local->exempt);
	local->exempt = NULL;
}

struct loading {
	struct exempt_set *set;
	struct hilf_err *err;
};

static int load_one(const struct store_exemption *row, void *ctx)
{
	struct loading *loading = ctx;
	struct exempt_set *set = loading->set;
	if (set->count == set->room) {
		size_t room = set->room ? 2 * set->room : 16;
		struct exempt *items = realloc(set->items, room * sizeof *items);
		if (!items)
			return err_no_memory(loading->err);
		set->items = items;
		set->room = room;
	}
	struct exempt *item = &set->items[set->count];
	*item = (struct exempt){.entry = row->entry,
		.until_ms = row->until_ms,
		.uploader_ref =
			arena_text(&set->texts, row->uploader_ref, strlen(row->uploader_ref)),
		.url = arena_text(&set->texts, row->url, strlen(row->url))};
	if (!item->uploader_ref || !item->url)
		return err_no_memory(loading->err);
	uuid_format(row->id, item->id);
	set->count++;
	return 0;
}

static int by_entry(const void *left, const void *right)
{
	const struct exempt *a = left, *b = right;
	return (a->entry > b->entry) - (a->entry < b->entry);
}

static int load_set(struct hilf *hilf, struct exempt_set **ret_set, struct hilf_err *err)
{
	struct exempt_set *set = calloc(1, sizeof *set);
	struct loading loading = {set, err};
	if (!set)
		return err_no_memory(err);
	arena_init(&set->texts, 0);
	int rc = store_exemption_page(hilf->store, 0, 0, EXEMPTIONS_MAX, load_one, &loading, err);
	if (rc) {
		free_set(set);
		return rc;
	}
	if (set->count)
		qsort(set->items, set->count, sizeof *set->items, by_entry);
	*ret_set = set;
	return 0;
}

/* The generation is read before the rows: what changes in between is read once more, not missed. */
int exemptions_refresh(struct hilf *hilf, struct hilf_err *err)
{
	struct local *local = hilf->local;
	struct exempt_set *set = NULL;
	char generation[24];
	ASSERT(hilf);
	int rc = local_generation(hilf, false, GENERATION, generation, err);
	if (rc)
		return rc;
	pthread_rwlock_rdlock(&local->exempt_lock);
	bool same = local->exempt && strcmp(generation, local->exempt_generation) == 0;
	pthread_rwlock_unlock(&local->exempt_lock);
	if (same)
		return 0;
	rc = load_set(hilf, &set, err);
	if (rc)
		return rc;
	pthread_rwlock_wrlock(&local->exempt_lock);
	struct exempt_set *old = local->exempt;
	local->exempt = set;
	memcpy(local->exempt_generation, generation, sizeof local->exempt_generation);
	atomic_store(&local->exempt_any, set->count != 0);
	pthread_rwlock_unlock(&local->exempt_lock);
	free_set(old);
	return 0;
}

bool exemptions_any(struct hilf *hilf)
{
	struct local *local = hilf->local;
	if (!atomic_load_explicit(&local->exempt_any, memory_order_acquire))
		return false;
	pthread_rwlock_rdlock(&local->exempt_lock);
	bool known = local->exempt != NULL;
	pthread_rwlock_unlock(&local->exempt_lock);
	/* Nobody read them yet. One that cannot be read exempts nobody, which is the careful side. */
	if (!known)
		exemptions_refresh(hilf, NULL);
	return atomic_load_explicit(&local->exempt_any, memory_order_acquire);
}

/* ------------------------------------------------------------------------------------------ addresses */

/* A path that says where it leads as it stands: nothing that a server may take for another folder. */
static bool is_plain(const char *path)
{
	for (const char *at = path; *at && *at != '?'; at++) {
		if (at[0] == '%' && at[1] &&
			(strncasecmp(at, "%2e", 3) == 0 || strncasecmp(at, "%2f", 3) == 0 ||
				strncasecmp(at, "%5c", 3) == 0))
			return false;
		if (at[0] != '/' || at[1] != '.')
			continue;
		size_t dots = strspn(at + 1, ".");
		char end = at[1 + dots];
		if (dots <= 2 && (end == '/' || end == '\0' || end == '?'))
			return false;
	}
	return true;
}

/* The one spelling, without what stands behind the path. */
static bool spell(const char *url, char ret_text[WEB_URL_ROOM])
{
	struct web_url read;
	if (!url || !*url || web_url_read(url, strlen(url), &read, NULL))
		return false;
	web_url_write(&read, ret_text);
	ret_text[strcspn(ret_text, "?#")] = '\0';
	return is_plain(ret_text + strlen("https://"));
}

static bool is_below(const char *prefix, const char *url)
{
	size_t size = strlen(prefix);
	while (size && prefix[size - 1] == '/')
		size--;
	return strncmp(prefix, url, size) == 0 && (url[size] == '/' || url[size] == '\0');
}

/* ------------------------------------------------------------------------------------------ applying */

struct asking {
	const char *uploader_ref;
	const char *urls[2];
	size_t url_count;
	int64_t now_ms;
};

static bool concerns(const struct exempt *exempt, const struct asking *asking)
{
	if (exempt->until_ms <= asking->now_ms)
		return false;
	if (exempt->uploader_ref[0])
		return asking->uploader_ref &&
		       strcmp(asking->uploader_ref, exempt->uploader_ref) == 0;
	for (size_t i = 0; i < asking->url_count; i++)
		if (is_below(exempt->url, asking->urls[i]))
			return true;
	return false;
}

static const struct exempt *find_exempt(
	const struct exempt_set *set, uint64_t entry, const struct asking *asking)
{
	size_t from = 0, to = set->count;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (set->items[middle].entry < entry)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < set->count && set->items[from].entry == entry; from++)
		if (concerns(&set->items[from], asking))
			return &set->items[from];
	return NULL;
}

/* What it would be with every shadow bank in review. */
static enum hilf_verdict shadow_of(const struct hilf_match *match)
{
	bool shadow = match->mode == HILF_SHADOW || match->sampled_out;
	return shadow ? HILF_VERDICT_REVIEW : match->verdict;
}

/* A verdict that matches beyond the list may have brought stays as it is. */
static void lower_verdict(struct hilf_check *check)
{
	enum hilf_verdict verdict = HILF_NO_MATCH, shadow = HILF_NO_MATCH;
	for (size_t i = 0; i < check->match_count; i++) {
		const struct hilf_match *match = &check->matches[i];
		if (match->exempt[0])
			continue;
		verdict = match->verdict > verdict ? match->verdict : verdict;
		shadow = shadow_of(match) > shadow ? shadow_of(match) : shadow;
	}
	if (check->match_more)
		return;
	if (verdict < check->verdict)
		check->verdict = verdict;
	if (shadow < check->shadow_verdict)
		check->shadow_verdict = shadow;
}

void exemptions_apply(struct hilf *hilf, const struct check_context *context, const char *url,
	struct hilf_check *check)
{
	struct local *local = hilf->local;
	char spelt[2][WEB_URL_ROOM];
	struct asking asking = {.uploader_ref = context->uploader_ref, .now_ms = clock_now_ms()};
	bool found = false;
	if (!check->match_count || !exemptions_any(hilf))
		return;
	if (spell(url, spelt[0]))
		asking.urls[asking.url_count++] = spelt[0];
	if (spell(context->evidence_url, spelt[1]))
		asking.urls[asking.url_count++] = spelt[1];
	pthread_rwlock_rdlock(&local->exempt_lock);
	for (size_t i = 0; i < check->match_count; i++) {
		struct hilf_match *match = &check->matches[i];
		const struct exempt *exempt = find_exempt(local->exempt, match->entry, &asking);
		if (!exempt)
			continue;
		memcpy(match->exempt, exempt->id, sizeof match->exempt);
		match->verdict = HILF_NO_MATCH;
		found = true;
	}
	pthread_rwlock_unlock(&local->exempt_lock);
	if (found)
		lower_verdict(check);
}

bool exemption_of(struct hilf *hilf, uint64_t entry, const struct check_context *context,
	char ret_id[DECISION_TEXT])
{
	struct local *local = hilf->local;
	char spelt[WEB_URL_ROOM];
	struct asking asking = {.uploader_ref = context->uploader_ref, .now_ms = clock_now_ms()};
	ASSERT(hilf && context && ret_id);
	if (!entry || !exemptions_any(hilf))
		return false;
	if (spell(context->evidence_url, spelt))
		asking.urls[asking.url_count++] = spelt;
	pthread_rwlock_rdlock(&local->exempt_lock);
	const struct exempt *exempt = find_exempt(local->exempt, entry, &asking);
	if (exempt)
		memcpy(ret_id, exempt->id, DECISION_TEXT);
	pthread_rwlock_unlock(&local->exempt_lock);
	return exempt != NULL;
}

/* ------------------------------------------------------------------------------------------ rows */

struct changing {
	struct store_exemption row;
	const char *entry;
	int64_t now_ms;
	size_t limit;
	bool more;
};

static int add_row(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct changing *changing = ctx;
	struct store_entry_row entry;
	uint64_t count = 0;
	int rc = entry_find(hilf, true, changing->entry, &entry, err);
	if (!rc && entry.withdrawn)
		rc = err_set(err, HILF_E_WITHDRAWN,
			"entry %.60s is withdrawn and matches nothing, so nobody needs an "
			"exemption",
			changing->entry);
	if (!rc)
		rc = store_exemption_count(hilf->store, true, &count, err);
	if (!rc && count >= EXEMPTIONS_MAX)
		rc = err_set(err, HILF_E_LIMIT, "there are %u exemptions already; remove some",
			EXEMPTIONS_MAX);
	changing->row.entry = entry.id;
	if (!rc)
		rc = store_exemption_add(hilf->store, &changing->row, &changing->row.number, err);
	return rc ? rc : local_new_generation(hilf, GENERATION, err);
}

static int check_url(const char *url, char ret_text[WEB_URL_ROOM], struct hilf_err *err)
{
	struct web_url read;
	if (strlen(url) > CHECK_URL_MAX)
		return err_set(err, HILF_E_LIMIT, "url is longer than %u bytes", CHECK_URL_MAX);
	int rc = web_url_read(url, strlen(url), &read, err);
	if (rc)
		return err ? err_set(err, HILF_E_INVALID, "%s", err->text) : rc;
	if (strpbrk(url, "?#"))
		return err_set(err, HILF_E_INVALID,
			"an exemption's url ends with its path: what stands behind '?' or '#' "
			"means nothing here");
	if (!spell(url, ret_text))
		return err_set(err, HILF_E_INVALID,
			"an exemption's url has no '.' and '..' in its path, nor escaped dots and "
			"slashes");
	return 0;
}

static int check_form(const struct exemption_info *info, int64_t now_ms, struct hilf_err *err)
{
	bool uploader = info->uploader_ref && *info->uploader_ref;
	bool url = info->url && *info->url;
	if (uploader == url)
		return err_set(err, HILF_E_INVALID,
			"an exemption is for an uploader_ref or for a url: say one of the two");
	int rc = uploader ? desk_check_text("uploader_ref", info->uploader_ref, CHECK_UPLOADER_MAX,
				    false, err)
			  : 0;
	if (!rc && (unsigned)info->purpose >= PURPOSE_COUNT)
		rc = err_set(err, HILF_E_INVALID, "an exemption needs a purpose");
	if (!rc && info->until_ms <= now_ms)
		rc = err_set(err, HILF_E_INVALID, "until_ms is in the past");
	if (!rc && info->until_ms > now_ms + EXEMPTION_DAYS_MAX * DAY_MS)
		rc = err_set(err, HILF_E_LIMIT,
			"an exemption lasts %u days at most; it can be given again",
			EXEMPTION_DAYS_MAX);
	return rc ? rc
		  : desk_check_text(
			    "note", info->note ? info->note : "", EXEMPTION_NOTE_MAX, true, err);
}

int exemption_add(struct hilf *hilf, const struct actor *actor, const struct exemption_info *info,
	struct arena *arena, struct exemption_info *ret_info, struct hilf_err *err)
{
	char url[WEB_URL_ROOM] = "", id[DECISION_TEXT];
	int64_t now_ms = clock_now_ms();
	ASSERT(hilf && actor && info && info->entry);
	int rc = check_form(info, now_ms, err);
	if (!rc && info->url && *info->url)
		rc = check_url(info->url, url, err);
	if (rc)
		return rc;
	struct changing changing = {.entry = info->entry,
		.row = {.uploader_ref = info->uploader_ref ? info->uploader_ref : "",
			.url = url,
			.purpose = info->purpose,
			.created_ms = now_ms,
			.until_ms = info->until_ms,
			.note = info->note ? info->note : "",
			.actor = actor_person(actor)}};
	desk_new_id(now_ms, changing.row.id);
	rc = local_submit(hilf, add_row, &changing, err);
	if (rc)
		return rc;
	exemptions_refresh(
		hilf, NULL); /* the change is durable; a failure is the next one's to say */
	uuid_format(changing.row.id, id);
	return exemption_get(hilf, id, arena, ret_info, err);
}

static int remove_row(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct changing *changing = ctx;
	int rc = store_exemption_remove(hilf->store, changing->row.id, err);
	return rc ? rc : local_new_generation(hilf, GENERATION, err);
}

int exemption_remove(struct hilf *hilf, const char *id, struct hilf_err *err)
{
	struct changing changing = {0};
	ASSERT(hilf && id);
	int rc = desk_read_id("exemption", id, changing.row.id, err);
	if (!rc)
		rc = local_submit(hilf, remove_row, &changing, err);
	if (!rc)
		exemptions_refresh(hilf, NULL);
	return rc;
}

static int sweep_rows(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct changing *changing = ctx;
	uint64_t count = 0;
	int rc = store_exemption_sweep(hilf->store, changing->now_ms, changing->limit, &count, err);
	changing->more = count == changing->limit;
	return rc || !count ? rc : local_new_generation(hilf, GENERATION, err);
}

/* Only where memory knows one that is over, so that a quiet node writes nothing. */
int exemptions_sweep(struct hilf *hilf, size_t limit, bool *ret_more, struct hilf_err *err)
{
	struct local *local = hilf->local;
	struct changing changing = {.now_ms = clock_now_ms(), .limit = limit};
	bool over = false;
	ASSERT(hilf && limit && ret_more);
	if (!exemptions_any(hilf))
		return 0;
	pthread_rwlock_rdlock(&local->exempt_lock);
	for (size_t i = 0; local->exempt && i < local->exempt->count && !over; i++)
		over = local->exempt->items[i].until_ms <= changing.now_ms;
	pthread_rwlock_unlock(&local->exempt_lock);
	if (!over)
		return 0;
	int rc = local_submit(hilf, sweep_rows, &changing, err);
	if (!rc)
		rc = exemptions_refresh(hilf, err);
	if (!rc)
		*ret_more = changing.more;
	return rc;
}

/* ------------------------------------------------------------------------------------------ reading */

static int tell(struct hilf *hilf, const struct store_exemption *row, struct arena *arena,
	struct exemption_info *ret_info, struct hilf_err *err)
{
	struct exemption_info info = {.uploader_ref = row->uploader_ref,
		.url = row->url,
		.purpose = (enum purpose)row->purpose,
		.created_ms = row->created_ms,
		.until_ms = row->until_ms,
		.note = row->note};
	uuid_format(row->id, info.id);
	int rc = desk_name_entry(hilf, false, row->entry, arena, &info.entry, &info.bank, err);
	if (!rc)
		*ret_info = info;
	return rc;
}

int exemption_get(struct hilf *hilf, const char *id, struct arena *arena,
	struct exemption_info *ret_info, struct hilf_err *err)
{
	struct store_exemption row;
	uint8_t uuid[UUID_SIZE];
	ASSERT(hilf && id && arena);
	int rc = desk_read_id("exemption", id, uuid, err);
	if (!rc)
		rc = store_exemption_get(hilf->store, false, uuid, arena, &row, err);
	return rc ? rc : tell(hilf, &row, arena, ret_info, err);
}

struct paging {
	struct hilf *hilf;
	int (*fn)(const struct exemption_info *info, uint64_t number, void *ctx);
	void *ctx;
	struct hilf_err *err;
};

static int tell_row(const struct store_exemption *row, void *ctx)
{
	struct paging *paging = ctx;
	struct exemption_info info;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = tell(paging->hilf, row, &arena, &info, paging->err);
	if (!rc)
		rc = paging->fn(&info, row->number, paging->ctx);
	arena_clear(&arena);
	return rc;
}

int exemption_page(struct hilf *hilf, uint64_t before, size_t limit,
	int (*fn)(const struct exemption_info *info, uint64_t number, void *ctx), void *ctx,
	struct hilf_err *err)
{
	struct paging paging = {hilf, fn, ctx, err};
	ASSERT(hilf && fn);
	return store_exemption_page(
		hilf->store, clock_now_ms(), before, limit, tell_row, &paging, err);
}

int decide_move_entry(struct hilf *hilf, uint64_t from, uint64_t to, struct hilf_err *err)
{
	int rc = store_desk_move(hilf->store, from, to, err);
	return rc ? rc : local_new_generation(hilf, GENERATION, err);
}
