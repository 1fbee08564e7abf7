/* Who works on a case: aliases, leases, the next one, notes. A lease that is over needs nobody to end it: whoever comes sees
 * that it is. Everything that takes a case is one write, so two people never get the same. */
#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"
#include "engine/cases_parts.h"
#include "engine/desk_settings.h"
#include "os/clock.h"

#include <string.h>

#define ALIAS_CHARS 4u /* of 31: a million, of which a case needs a few */
#define ALIAS_TRIES 64u

static int check_case(struct hilf *hilf, uint64_t case_id, struct hilf_err *err)
{
	struct store_case row;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_case_get(hilf->store, true, case_id, &arena, &row, err);
	arena_clear(&arena);
	return rc;
}

/* ------------------------------------------------------------------------------------------ aliases */

/* Without letters and digits that look alike, or a vowel that makes words. */
static void make_alias(char ret_alias[STORE_ALIAS_TEXT])
{
	static const char letters[] = "bcdfghjkmnpqrstvwxyz23456789bcd";
	uint8_t random[ALIAS_CHARS];
	random_bytes(random, sizeof random);
	memcpy(ret_alias, "r-", 2);
	for (size_t i = 0; i < ALIAS_CHARS; i++)
		ret_alias[2 + i] = letters[random[i] % 28];
	ret_alias[2 + ALIAS_CHARS] = '\0';
}

int case_alias(struct hilf *hilf, uint64_t case_id, const char *actor,
	char ret_alias[STORE_ALIAS_TEXT], struct hilf_err *err)
{
	char alias[STORE_ALIAS_TEXT];
	ASSERT(hilf && case_id && actor);
	int rc = store_alias_get(hilf->store, true, case_id, actor, ret_alias, err);
	if (rc != HILF_E_NOT_FOUND)
		return rc;
	for (unsigned i = 0; i < ALIAS_TRIES; i++) {
		make_alias(alias);
		rc = store_alias_add(hilf->store, case_id, actor, alias, err);
		if (rc != HILF_E_EXISTS)
			break;
	}
	if (!rc)
		memcpy(ret_alias, alias, sizeof alias);
	return rc;
}

int case_alias_look(struct hilf *hilf, bool in_write, uint64_t case_id, const char *actor,
	char ret_alias[STORE_ALIAS_TEXT], struct hilf_err *err)
{
	return store_alias_get(hilf->store, in_write, case_id, actor, ret_alias, err);
}

int case_people(struct hilf *hilf, uint64_t case_id,
	int (*fn)(const char *alias, const char *actor, void *ctx), void *ctx, struct hilf_err *err)
{
	ASSERT(hilf && fn);
	return store_alias_each(hilf->store, case_id, fn, ctx, err);
}

/* ------------------------------------------------------------------------------------------ who may not */

int case_bar(struct hilf *hilf, uint64_t case_id, const char *actor, struct hilf_err *err)
{
	return store_bar_add(hilf->store, case_id, actor, BAR_ALWAYS, err);
}

int case_is_barred(struct hilf *hilf, bool in_write, uint64_t case_id, const char *actor,
	bool *ret_barred, struct hilf_err *err)
{
	return store_bar_has(hilf->store, in_write, case_id, actor, BAR_ALWAYS, ret_barred, err);
}

/* ------------------------------------------------------------------------------------------ leases */

static int64_t lease_ms(struct hilf *hilf)
{
	return desk_setting(hilf, DESK_LEASE_MINUTES) * 60 * 1000;
}

/* The lease in force; HILF_E_NOT_FOUND. */
static int lease_in_force(struct hilf *hilf, bool in_write, uint64_t case_id, struct arena *arena,
	struct store_lease *ret_lease, struct hilf_err *err)
{
	int rc = store_lease_get(hilf->store, in_write, case_id, arena, ret_lease, err);
	if (!rc && ret_lease->until_ms <= clock_now_ms())
		rc = err_set(
			err, HILF_E_NOT_FOUND, "nobody has case %llu", (unsigned long long)case_id);
	return rc;
}

/* *ret_until_ms: how long the case is the actor's now. */
static int work(struct hilf *hilf, uint64_t case_id, const char *actor, int64_t *ret_until_ms,
	struct hilf_err *err)
{
	struct store_lease lease = {.actor = ""};
	bool barred = false;
	struct arena arena;
	ASSERT(hilf && actor);
	arena_init(&arena, 0);
	int rc = lease_in_force(hilf, true, case_id, &arena, &lease, err);
	bool others = !rc && strcmp(lease.actor, actor) != 0;
	arena_clear(&arena);
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	if (others)
		return err_set(err, HILF_E_BUSY,
			"somebody else works on case %llu; take another, or wait until they give "
			"it back",
			(unsigned long long)case_id);
	rc = case_is_barred(hilf, true, case_id, actor, &barred, err);
	if (rc)
		return rc;
	if (barred)
		return err_set(err, HILF_E_DENIED,
			"case %llu asks about a decision of yours, so somebody else must take it",
			(unsigned long long)case_id);
	lease = (struct store_lease){case_id, actor, clock_now_ms() + lease_ms(hilf)};
	*ret_until_ms = lease.until_ms;
	return store_lease_put(hilf->store, &lease, err);
}

int case_work(struct hilf *hilf, uint64_t case_id, const char *actor, struct hilf_err *err)
{
	int64_t until_ms;
	return work(hilf, case_id, actor, &until_ms, err);
}

bool case_leased_by(struct hilf *hilf, bool in_write, uint64_t case_id, const char *actor)
{
	struct store_lease lease;
	struct hilf_err err;
	struct arena arena;
	arena_init(&arena, 0);
	bool has = !lease_in_force(hilf, in_write, case_id, &arena, &lease, &err) &&
		   strcmp(lease.actor, actor) == 0;
	arena_clear(&arena);
	return has;
}

int case_lease_look(struct hilf *hilf, uint64_t case_id, const char *actor,
	struct case_lease *ret_lease, struct hilf_err *err)
{
	struct store_lease lease;
	struct arena arena;
	ASSERT(hilf && actor && ret_lease);
	arena_init(&arena, 0);
	int rc = lease_in_force(hilf, false, case_id, &arena, &lease, err);
	if (!rc)
		rc = store_alias_get(
			hilf->store, false, case_id, lease.actor, ret_lease->alias, err);
	if (!rc) {
		ret_lease->mine = strcmp(lease.actor, actor) == 0;
		ret_lease->until_ms = lease.until_ms;
	}
	arena_clear(&arena);
	return rc;
}

struct leasing {
	uint64_t case_id;
	const char *actor;
	struct case_lease lease;
};

static int lease_it(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct leasing *leasing = ctx;
	int rc = check_case(hilf, leasing->case_id, err);
	if (!rc)
		rc = work(hilf, leasing->case_id, leasing->actor, &leasing->lease.until_ms, err);
	if (!rc)
		rc = case_alias(hilf, leasing->case_id, leasing->actor, leasing->lease.alias, err);
	leasing->lease.mine = true;
	return rc;
}

int case_lease(struct hilf *hilf, uint64_t case_id, const char *actor, struct case_lease *ret_lease,
	struct hilf_err *err)
{
	struct leasing leasing = {.case_id = case_id, .actor = actor};
	ASSERT(hilf && actor && ret_lease);
	int rc = local_submit(hilf, lease_it, &leasing, err);
	if (!rc)
		*ret_lease = leasing.lease;
	return rc;
}

static int release_it(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct leasing *leasing = ctx;
	const struct store_lease none = {.case_id = leasing->case_id};
	int rc = check_case(hilf, leasing->case_id, err);
	if (rc || !case_leased_by(hilf, true, leasing->case_id, leasing->actor))
		return rc;
	return store_lease_put(hilf->store, &none, err);
}

int case_release(struct hilf *hilf, uint64_t case_id, const char *actor, struct hilf_err *err)
{
	struct leasing leasing = {.case_id = case_id, .actor = actor};
	ASSERT(hilf && actor);
	return local_submit(hilf, release_it, &leasing, err);
}

/* ------------------------------------------------------------------------------------------ the next one */

struct finding {
	const struct case_next *next;
	uint64_t case_id; /* 0: none yet */
	int64_t sort_ms;
};

static int consider(const struct store_case *row, void *ctx)
{
	struct finding *finding = ctx;
	const char *name = row->content_class ? row->content_class : "";
	if (row->id == finding->next->after)
		return 0;
	/* An appeal, and a decision that waits for another, are for people who can be told apart. */
	if ((row->kind == CASE_APPEAL || row->state == CASE_SECOND) &&
		!person_is_named(finding->next->actor))
		return 0;
	for (size_t i = 0; i < finding->next->declined_count; i++)
		if (strcmp(finding->next->declined[i], name) == 0)
			return 0;
	if (!finding->case_id || row->sort_ms < finding->sort_ms) {
		finding->case_id = row->id;
		finding->sort_ms = row->sort_ms;
	}
	return HILF_E_STOPPED;
}

/* The first of what is open or waits for a second person, from a place on. */
static int find_from(struct hilf *hilf, struct store_case_query *query, struct finding *finding,
	struct hilf_err *err)
{
	static const uint32_t in[] = {CASE_OPEN, CASE_SECOND};
	int rc = 0;
	for (size_t i = 0; i < COUNT_OF(in) && !rc; i++) {
		query->state = in[i];
		rc = store_case_page(hilf->store, true, query, consider, finding, err);
		rc = rc == HILF_E_STOPPED ? 0 : rc;
	}
	return rc;
}

/* Whoever goes on from a case gives it back, and begins behind it. */
static int go_on_from(struct hilf *hilf, const struct case_next *next,
	struct store_case_query *query, struct arena *arena, struct hilf_err *err)
{
	const struct store_lease none = {.case_id = next->after};
	struct store_case row;
	int rc = store_case_get(hilf->store, true, next->after, arena, &row, err);
	if (rc == HILF_E_NOT_FOUND)
		return 0;
	if (rc)
		return rc;
	query->has_after = row.state < CASE_DECIDED;
	query->after_sort_ms = row.sort_ms;
	query->after_id = row.id;
	return case_leased_by(hilf, true, next->after, next->actor)
		       ? store_lease_put(hilf->store, &none, err)
		       : 0;
}

static int find_next(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct finding *finding = ctx;
	const struct case_next *next = finding->next;
	struct store_case_query query = {.which = STORE_CASES_STATE,
		.actor = next->actor,
		.now_ms = clock_now_ms(),
		.kind = next->kind,
		.bank = -1,
		.free = true};
	char alias[STORE_ALIAS_TEXT];
	struct arena arena;
	arena_init(&arena, 0);
	int rc = next->bank ? case_bank_list(hilf, true, &next->bank, 1, &arena, &query.banks, err)
			    : case_bank_list(hilf, true, next->banks, next->bank_count, &arena,
				      &query.banks, err);
	if (!rc && next->after)
		rc = go_on_from(hilf, next, &query, &arena, err);
	if (!rc)
		rc = find_from(hilf, &query, finding, err);
	if (!rc && !finding->case_id && query.has_after) {
		query.has_after = false;
		rc = find_from(hilf, &query, finding, err);
	}
	arena_clear(&arena);
	if (rc || !finding->case_id)
		return rc;
	rc = case_work(hilf, finding->case_id, next->actor, err);
	return rc ? rc : case_alias(hilf, finding->case_id, next->actor, alias, err);
}

int case_next(
	struct hilf *hilf, const struct case_next *next, uint64_t *ret_case, struct hilf_err *err)
{
	struct finding finding = {.next = next};
	ASSERT(hilf && next && next->actor && ret_case);
	int rc = local_submit(hilf, find_next, &finding, err);
	if (!rc)
		*ret_case = finding.case_id;
	return rc;
}

/* ------------------------------------------------------------------------------------------ notes */

struct noting {
	struct store_note note;
	char alias[STORE_ALIAS_TEXT];
};

/* A note needs no lease: a colleague may know something. Whose the case is keeps it longer by writing. */
static int note_it(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	struct noting *noting = ctx;
	struct store_note *note = &noting->note;
	struct store_case row;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = store_case_get(hilf->store, true, note->case_id, &arena, &row, err);
	if (!rc)
		rc = case_alias(hilf, note->case_id, note->actor, noting->alias, err);
	if (!rc && case_leased_by(hilf, true, note->case_id, note->actor))
		rc = case_work(hilf, note->case_id, note->actor, err);
	if (!rc)
		rc = store_note_put(hilf->store, note, &note->id, err);
	arena_clear(&arena);
	return rc;
}

int case_note(struct hilf *hilf, uint64_t case_id, const char *actor, const char *text,
	struct store_note *ret_note, struct hilf_err *err)
{
	struct noting noting = {.note = {.case_id = case_id,
					.actor = actor,
					.text = text,
					.time_ms = clock_now_ms()}};
	ASSERT(hilf && actor && text && ret_note);
	size_t size = strlen(text);
	if (!size)
		return err_set(err, HILF_E_INVALID, "the note has no text");
	if (size > CASE_NOTE_MAX || !utf8_valid(text, size))
		return err_set(
			err, HILF_E_INVALID, "a note is UTF-8 of %u bytes at most", CASE_NOTE_MAX);
	int rc = local_submit(hilf, note_it, &noting, err);
	if (!rc)
		*ret_note = noting.note;
	return rc;
}
