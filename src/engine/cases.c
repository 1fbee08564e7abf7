/* Cases as they are read: names, the place in the queue, lists, counts. */
#include "engine/cases.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/cases_parts.h"
#include "os/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_MS (3600ll * 1000)

/* ------------------------------------------------------------------------------------------ names */

static const char *const kinds[] = {"match", "report", "dispute", "sample", "appeal"};
static const char *const states[] = {"open", "second", "decided", "closed"};
static const char *const priorities[] = {"low", "normal", "high", "urgent"};
static const char *const severities[] = {"low", "medium", "high", "critical"};
static const char *const shares[] = {"whole", "most", "part"};
static const char *const turns[] = {"straight", "mirrored", "turned"};
static const char *const upload_states[] = {"open", "decided", "restored"};
static const char *const lists[] = {"open", "mine", "second", "decided", "closed", "all"};

#define NAME(names, index) ((index) < COUNT_OF(names) ? (names)[index] : "unknown")

_Static_assert(COUNT_OF(kinds) == CASE_KIND_COUNT && COUNT_OF(states) == CASE_STATE_COUNT &&
		       COUNT_OF(priorities) == CASE_PRIORITY_COUNT,
	"each has a name");

const char *case_kind_name(uint32_t kind)
{
	return NAME(kinds, kind);
}

const char *case_state_name(uint32_t state)
{
	return NAME(states, state);
}

const char *case_priority_name(uint32_t priority)
{
	return NAME(priorities, priority);
}

const char *case_severity_name(uint32_t severity)
{
	return NAME(severities, severity);
}

const char *case_share_name(uint32_t share)
{
	return NAME(shares, share);
}

const char *case_turned_name(uint32_t turned)
{
	return NAME(turns, turned);
}

const char *case_upload_state_name(uint32_t state)
{
	return NAME(upload_states, state);
}

int case_kind_parse(const char *name, uint32_t *ret_kind, struct hilf_err *err)
{
	for (uint32_t i = 0; i < COUNT_OF(kinds); i++) {
		if (strcmp(name, kinds[i]) == 0) {
			*ret_kind = i;
			return 0;
		}
	}
	return err_set(err, HILF_E_INVALID,
		"kind '%.40s' is none of match, report, dispute, sample, appeal", name);
}

int case_list_parse(const char *name, enum case_list *ret_list, struct hilf_err *err)
{
	for (unsigned i = 0; i < COUNT_OF(lists); i++) {
		if (strcmp(name, lists[i]) == 0) {
			*ret_list = (enum case_list)i;
			return 0;
		}
	}
	return err_set(err, HILF_E_INVALID,
		"state '%.40s' is none of open, mine, second, decided, closed, all", name);
}

/* ------------------------------------------------------------------------------------------ the queue's order */

enum severity { SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };

/* A threat may be carried out, and what those who attack publish goes round while the attack goes on. */
uint32_t case_severity(const char *content_class)
{
	static const struct {
		const char *content_class;
		enum severity severity;
	} table[] = {
		{"threat", SEVERITY_CRITICAL},
		{"perpetrator", SEVERITY_CRITICAL},
		{"instruction", SEVERITY_HIGH},
		{"incitement", SEVERITY_HIGH},
		{"solicit-offence", SEVERITY_HIGH},
		{"solicit-participation", SEVERITY_MEDIUM},
		{"publication", SEVERITY_MEDIUM},
	};
	for (size_t i = 0; content_class && i < COUNT_OF(table); i++)
		if (strcmp(content_class, table[i].content_class) == 0)
			return table[i].severity;
	return SEVERITY_LOW;
}

static int64_t boost_of_reach(int64_t reach)
{
	static const struct {
		int64_t from, hours;
	} table[] = {{1000000, 48}, {100000, 24}, {10000, 12}, {1000, 4}};
	for (size_t i = 0; i < COUNT_OF(table); i++)
		if (reach >= table[i].from)
			return table[i].hours * HOUR_MS;
	return 0;
}

/* Whoever appeals waits for an answer, and so does whoever disputes what goes on blocking elsewhere. */
static int64_t boost_of(const struct store_case *row)
{
	static const int64_t hours[] = {[SEVERITY_LOW] = 0,
		[SEVERITY_MEDIUM] = 6,
		[SEVERITY_HIGH] = 24,
		[SEVERITY_CRITICAL] = 72};
	int64_t boost = hours[case_severity(row->content_class)] * HOUR_MS;
	boost += boost_of_reach(row->reach);
	if (row->kind == CASE_APPEAL)
		boost += 24 * HOUR_MS;
	else if (row->kind == CASE_DISPUTE)
		boost += 12 * HOUR_MS;
	return boost;
}

void case_place(struct store_case *row)
{
	int64_t boost = boost_of(row);
	row->priority = boost >= 72 * HOUR_MS   ? CASE_URGENT
			: boost >= 24 * HOUR_MS ? CASE_HIGH
			: boost >= 6 * HOUR_MS  ? CASE_NORMAL
						: CASE_LOW;
	row->sort_ms = row->state < CASE_DECIDED ? row->opened_ms - boost : -row->changed_ms;
}

void case_settle(struct store_case *row, int64_t now_ms)
{
	uint32_t state = row->state;
	if (state != CASE_CLOSED)
		state = row->open_count     ? CASE_OPEN
			: row->second_count ? CASE_SECOND
					    : CASE_DECIDED;
	if (state != row->state) {
		row->state = state;
		row->changed_ms = now_ms;
	}
	case_place(row);
}

void case_recount(struct store_case *row, const struct store_cluster *before,
	const struct store_cluster *after)
{
	bool was_open = before && before->open_count, is_open = after->open_count;
	bool was_known = was_open && before->has_known, is_known = is_open && after->has_known;
	row->open_clusters += (uint32_t)is_open - (uint32_t)was_open;
	row->known_clusters += (uint32_t)is_known - (uint32_t)was_known;
	row->open_count += after->open_count - (before ? before->open_count : 0);
	row->cluster_count += !before;
}

int case_save(struct hilf *hilf, struct store_case *row, struct hilf_err *err)
{
	row->version++;
	case_settle(row, clock_now_ms());
	return store_case_save(hilf->store, row, err);
}

/* ------------------------------------------------------------------------------------------ reading */

int case_get(struct hilf *hilf, bool in_write, uint64_t case_id, struct arena *arena,
	struct store_case *ret_case, struct hilf_err *err)
{
	ASSERT(hilf && arena && ret_case);
	return store_case_get(hilf->store, in_write, case_id, arena, ret_case, err);
}

int cluster_get(struct hilf *hilf, bool in_write, uint64_t case_id, uint32_t number,
	struct arena *arena, struct store_cluster *ret_cluster, struct hilf_err *err)
{
	ASSERT(hilf && arena && ret_cluster);
	int rc = store_cluster_get(hilf->store, in_write, case_id, number, arena, ret_cluster, err);
	if (rc == HILF_E_NOT_FOUND)
		return err_set(err, rc, "case %llu has no cluster %u", (unsigned long long)case_id,
			number);
	return rc;
}

int upload_get(struct hilf *hilf, bool in_write, uint64_t upload, struct arena *arena,
	struct store_upload *ret_upload, struct hilf_err *err)
{
	ASSERT(hilf && arena && ret_upload);
	return store_upload_get(hilf->store, in_write, upload, arena, ret_upload, err);
}

int case_cluster_page(struct hilf *hilf, uint64_t case_id, bool open, uint32_t after, size_t limit,
	int (*fn)(const struct store_cluster *cluster, void *ctx), void *ctx, struct hilf_err *err)
{
	return store_cluster_page(hilf->store, false, case_id, open, after, limit, fn, ctx, err);
}

int case_upload_page(struct hilf *hilf, uint64_t case_id, uint32_t cluster, uint64_t after,
	size_t limit, int (*fn)(const struct store_upload *upload, void *ctx), void *ctx,
	struct hilf_err *err)
{
	return store_upload_page(hilf->store, false, case_id, cluster, after, limit, fn, ctx, err);
}

int case_report_page(struct hilf *hilf, uint64_t upload, size_t limit,
	int (*fn)(const struct store_report *report, void *ctx), void *ctx, struct hilf_err *err)
{
	return store_report_page(hilf->store, upload, limit, fn, ctx, err);
}

int case_note_page(struct hilf *hilf, uint64_t case_id,
	int (*fn)(const struct store_note *note, void *ctx), void *ctx, struct hilf_err *err)
{
	return store_note_page(hilf->store, case_id, fn, ctx, err);
}

int case_bank(struct hilf *hilf, uint32_t bank, struct store_bank *ret_bank, struct hilf_err *err)
{
	ASSERT(hilf && ret_bank);
	return store_bank_by_id(hilf->store, false, bank, ret_bank, err);
}

/* ------------------------------------------------------------------------------------------ banks by name */

int case_bank_list(struct hilf *hilf, bool in_write, const char *const *banks, size_t count,
	struct arena *arena, const char **ret_list, struct hilf_err *err)
{
	struct buf buf = BUF_INIT;
	int rc = 0;
	if (!banks) {
		*ret_list = NULL;
		return 0;
	}
	buf_char(&buf, '[');
	for (size_t i = 0; i < count && !rc; i++) {
		struct store_bank bank;
		rc = store_bank_get(hilf->store, in_write, banks[i], &bank, err);
		if (!rc)
			buf_format(&buf, "%s%u", buf.size > 1 ? "," : "", bank.id);
		else if (rc == HILF_E_NOT_FOUND)
			rc = 0;
	}
	buf_char(&buf, ']');
	const char *list = rc || buf.failed ? NULL : arena_text(arena, buf.data, buf.size);
	buf_free(&buf);
	if (rc)
		return rc;
	if (!list)
		return err_no_memory(err);
	*ret_list = list;
	return 0;
}

/* -1: all; 0 is no bank's number. */
static int bank_number(struct hilf *hilf, bool in_write, const char *name, int64_t *ret_number,
	struct hilf_err *err)
{
	struct store_bank bank;
	int64_t number = -1;
	int rc = name ? store_bank_get(hilf->store, in_write, name, &bank, err) : 0;
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	if (name)
		number = rc ? INT64_MAX : bank.id;
	*ret_number = number;
	return 0;
}

/* ------------------------------------------------------------------------------------------ lists */

struct paging {
	case_fn *fn;
	void *ctx;
	size_t count, limit;
	bool by_id; /* of CASES_ALL */
	int64_t last_sort_ms;
	uint64_t last_id;
	bool more;
};

static int page_one(const struct store_case *row, void *ctx)
{
	struct paging *paging = ctx;
	if (paging->count++ == paging->limit) {
		paging->more = true;
		return HILF_E_STOPPED;
	}
	paging->last_sort_ms = row->sort_ms;
	paging->last_id = row->id;
	return paging->fn(row, paging->ctx);
}

/* "SORT.ID" */
static int parse_cursor(const char *text, struct store_case_query *query, struct hilf_err *err)
{
	char *end;
	long long sort_ms = strtoll(text, &end, 10);
	const char *id = end + 1;
	if (end != text && *end == '.' && *id >= '0' && *id <= '9') {
		query->after_id = strtoull(id, &end, 10);
		query->after_sort_ms = sort_ms;
		query->has_after = true;
		if (!*end && query->after_id <= INT64_MAX)
			return 0;
	}
	return err_set(err, HILF_E_INVALID,
		"'%.40s' is no cursor of a list of cases; take the one that a page gave", text);
}

static int query_of(struct hilf *hilf, const struct case_query *from, struct arena *arena,
	struct store_case_query *ret_query, struct hilf_err *err)
{
	*ret_query = (struct store_case_query){
		.which = from->list == CASES_MINE     ? STORE_CASES_MINE
			 : from->list == CASES_SECOND ? STORE_CASES_SECOND
			 : from->list == CASES_ALL    ? STORE_CASES_ALL
						      : STORE_CASES_STATE,
		.state = from->list == CASES_DECIDED  ? CASE_DECIDED
			 : from->list == CASES_CLOSED ? CASE_CLOSED
						      : CASE_OPEN,
		.actor = from->actor,
		.now_ms = clock_now_ms(),
		.kind = from->kind,
		.content_class = from->content_class,
	};
	int rc = from->cursor ? parse_cursor(from->cursor, ret_query, err) : 0;
	if (!rc)
		rc = bank_number(hilf, false, from->bank, &ret_query->bank, err);
	/* Who is limited to one bank asks for that one, which an index answers. */
	if (!rc && !from->bank && from->banks && from->bank_count == 1)
		rc = bank_number(hilf, false, from->banks[0], &ret_query->bank, err);
	return rc ? rc
		  : case_bank_list(hilf, false, from->banks, from->bank_count, arena,
			    &ret_query->banks, err);
}

int case_page(struct hilf *hilf, const struct case_query *query, case_fn *fn, void *ctx,
	char ret_cursor[CASE_CURSOR_TEXT], struct hilf_err *err)
{
	struct paging paging = {fn, ctx, .limit = query->limit, .by_id = query->list == CASES_ALL};
	struct store_case_query store_query;
	struct arena arena;
	ASSERT(hilf && fn && query->limit);
	arena_init(&arena, 0);
	int rc = query_of(hilf, query, &arena, &store_query, err);
	if (!rc)
		rc = store_case_page(hilf->store, false, &store_query, page_one, &paging, err);
	arena_clear(&arena);
	if (rc && !(rc == HILF_E_STOPPED && paging.more))
		return rc;
	if (paging.more)
		snprintf(ret_cursor, CASE_CURSOR_TEXT, "%" PRId64 ".%" PRIu64,
			paging.by_id ? 0 : paging.last_sort_ms, paging.last_id);
	else
		*ret_cursor = '\0';
	return 0;
}

/* ------------------------------------------------------------------------------------------ counts */

struct counting {
	const uint32_t *banks; /* NULL: all */
	size_t bank_count;
	struct case_counts counts;
};

static int count_load(const struct store_case_load *load, void *ctx)
{
	struct counting *counting = ctx;
	struct case_counts *counts = &counting->counts;
	bool ours = !counting->banks;
	for (size_t i = 0; i < counting->bank_count && !ours; i++)
		ours = counting->banks[i] == load->bank;
	if (!ours)
		return 0;
	if (load->state == CASE_STATE_COUNT)
		counts->second += load->count;
	if (load->state != CASE_OPEN)
		return 0;
	counts->open += load->count;
	if (load->kind == CASE_APPEAL)
		counts->appeals += load->count;
	if (load->priority == CASE_URGENT)
		counts->urgent += load->count;
	return 0;
}

int case_counts(struct hilf *hilf, const char *actor, const char *const *banks, size_t bank_count,
	struct case_counts *ret_counts, struct hilf_err *err)
{
	struct counting counting = {0};
	const char *list = NULL;
	struct arena arena;
	arena_init(&arena, 0);
	uint32_t *ids = banks ? arena_array(&arena, bank_count, sizeof *ids) : NULL;
	int rc = banks && !ids ? err_no_memory(err) : 0;
	for (size_t i = 0; i < bank_count && banks && !rc; i++) {
		struct store_bank bank;
		rc = store_bank_get(hilf->store, false, banks[i], &bank, err);
		if (!rc)
			ids[counting.bank_count++] = bank.id;
		else if (rc == HILF_E_NOT_FOUND)
			rc = 0;
	}
	counting.banks = ids;
	if (!rc)
		rc = store_case_loads(hilf->store, count_load, &counting, err);
	if (!rc)
		rc = case_bank_list(hilf, false, banks, bank_count, &arena, &list, err);
	if (!rc)
		rc = store_lease_count(
			hilf->store, actor, list, clock_now_ms(), &counting.counts.mine, err);
	arena_clear(&arena);
	if (!rc)
		*ret_counts = counting.counts;
	return rc;
}
