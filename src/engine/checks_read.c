/* Recorded checks as they are listed, and the legal basis for checking private surfaces: who recorded it, and when. */
#include "engine/checks.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/checks_parts.h"
#include "os/clock.h"

#include <stdio.h>
#include <string.h>

struct paging {
	struct hilf *hilf;
	int (*fn)(const struct check_row *row, void *ctx);
	void *ctx;
	struct hilf_err *err;
};

static int name_entries(struct hilf *hilf, const struct store_check *from, struct arena *arena,
	const char *const **ret_names, struct hilf_err *err)
{
	const char **names = arena_array(arena, from->rest_count, sizeof *names);
	if (!names)
		return err_no_memory(err);
	for (size_t i = 0; i < from->rest_count; i++) {
		struct store_entry_row entry;
		char *name = arena_alloc(arena, HILF_ID_TEXT_MAX);
		int rc = store_entry_get(
			hilf->store, false, from->rests[i].entry, NULL, &entry, err);
		if (rc)
			return rc;
		if (!name)
			return err_no_memory(err);
		record_entry_id_format(&entry.gid, name);
		names[i] = name;
	}
	*ret_names = names;
	return 0;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static int tell_check(const struct store_check *from, void *ctx)
{
	const struct paging *paging = ctx;
	char decision[CHECK_DECISION_TEXT] = "";
	struct arena arena;
	arena_init(&arena, 0);
	if (from->has_decision)
		uuid_format(from->decision, decision);
	struct check_row row = {
		.id = from->id,
		.time_ms = from->time_ms,
		.reversed_ms = from->reversed_ms,
		.verdict = (enum hilf_verdict)from->verdict,
		.context = {.content_id = or_empty(from->content_id),
			.uploader_ref = or_empty(from->uploader_ref),
			.evidence_url = or_empty(from->evidence_url),
			.language = or_empty(from->language),
			.surface = (enum surface)from->surface,
			.actor = or_empty(from->actor)},
		.decision = decision,
		.entry_count = from->rest_count,
	};
	int rc = name_entries(paging->hilf, from, &arena, &row.entries, paging->err);
	if (!rc)
		rc = paging->fn(&row, paging->ctx);
	arena_clear(&arena);
	return rc;
}

int check_page(struct hilf *hilf, const char *content_id, uint64_t before, size_t limit,
	int (*fn)(const struct check_row *row, void *ctx), void *ctx, struct hilf_err *err)
{
	struct paging paging = {hilf, fn, ctx, err};
	ASSERT(hilf && fn);
	return store_check_page(hilf->store, content_id, before, limit, tell_check, &paging, err);
}

int check_page_of_entry(struct hilf *hilf, uint64_t entry, uint64_t before, size_t limit,
	int (*fn)(const struct check_row *row, void *ctx), void *ctx, struct hilf_err *err)
{
	struct paging paging = {hilf, fn, ctx, err};
	ASSERT(hilf && entry && fn);
	return store_check_page_of_entry(
		hilf->store, entry, before, limit, tell_check, &paging, err);
}

/* ------------------------------------------------------------------------------------------ private surfaces */

#define SETTING_BASIS      "private.basis"
#define SETTING_BASIS_WHO  "private.basis.actor"
#define SETTING_BASIS_WHEN "private.basis.time"
#define BASIS_MAX          400

struct basis {
	const char *basis, *actor;
};

static int set_basis(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct basis *basis = ctx;
	char time[24];
	snprintf(time, sizeof time, "%lld", (long long)clock_now_ms());
	int rc = store_setting_set(hilf->store, SETTING_BASIS, basis->basis, err);
	if (!rc)
		rc = store_setting_set(hilf->store, SETTING_BASIS_WHO, basis->actor, err);
	return rc ? rc : store_setting_set(hilf->store, SETTING_BASIS_WHEN, time, err);
}

int checks_private_basis_set(
	struct hilf *hilf, const char *basis, const char *actor, struct hilf_err *err)
{
	struct basis set = {basis ? basis : "", actor ? actor : ""};
	ASSERT(hilf);
	int rc = check_text_form("the legal basis", set.basis, BASIS_MAX, err);
	return rc ? rc : local_submit(hilf, set_basis, &set, err);
}

int checks_private_basis(struct hilf *hilf, char *ret_basis, size_t room, struct hilf_err *err)
{
	ASSERT(hilf && ret_basis && room);
	int rc = store_setting_get(hilf->store, false, SETTING_BASIS, ret_basis, room, err);
	if (rc != HILF_E_NOT_FOUND)
		return rc;
	ret_basis[0] = '\0';
	return 0;
}
