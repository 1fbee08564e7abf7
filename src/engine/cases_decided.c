/* What decisions do to cases. A decision is made on what was there at a version of the case: what came to the same cluster
 * since goes to a cluster of its own, which names the decision, so that nothing is decided unseen and nothing is lost. */
#include "base/check.h"
#include "base/err.h"
#include "engine/cases_parts.h"
#include "os/clock.h"

#include <string.h>

struct deciding {
	struct hilf *hilf;
	const struct case_decide *decide;
	struct arena arena;
	struct store_case row;
	struct store_cluster cluster, before;
	uint64_t count;
	struct case_decided *decided;
};

/* ------------------------------------------------------------------------------------------ refusals */

static int refuse(
	struct deciding *deciding, bool has_other, const uint8_t *other, struct hilf_err *err)
{
	deciding->decided->has_other = has_other;
	if (has_other)
		memcpy(deciding->decided->other, other, UUID_SIZE);
	return err_set(err, HILF_E_EXISTS,
		"somebody else decided this meanwhile; look at case %llu again",
		(unsigned long long)deciding->row.id);
}

static int load(struct deciding *deciding, struct hilf_err *err)
{
	const struct case_decide *decide = deciding->decide;
	int rc = case_get(
		deciding->hilf, true, decide->case_id, &deciding->arena, &deciding->row, err);
	if (!rc && deciding->row.state == CASE_CLOSED)
		rc = err_set(err, HILF_E_WITHDRAWN, "case %llu is closed: %s",
			(unsigned long long)decide->case_id,
			deciding->row.closed_why ? deciding->row.closed_why : "");
	if (!rc)
		rc = cluster_get(deciding->hilf, true, decide->case_id, decide->cluster,
			&deciding->arena, &deciding->cluster, err);
	if (rc)
		return rc;
	deciding->before = deciding->cluster;
	if (!deciding->cluster.open_count)
		return refuse(
			deciding, deciding->cluster.has_decision, deciding->cluster.decision, err);
	return 0;
}

/* ------------------------------------------------------------------------------------------ the uploads */

static int decide_one(struct deciding *deciding, uint64_t id, struct hilf_err *err)
{
	const struct case_decide *decide = deciding->decide;
	struct store_upload upload;
	int rc = upload_get(deciding->hilf, true, id, &deciding->arena, &upload, err);
	if (!rc && (upload.case_id != decide->case_id || upload.cluster != decide->cluster))
		rc = err_set(err, HILF_E_NOT_FOUND,
			"upload %llu is none of cluster %u of case %llu", (unsigned long long)id,
			decide->cluster, (unsigned long long)decide->case_id);
	if (rc)
		return rc;
	if (upload.state != UPLOAD_OPEN) {
		/* Named twice, it is decided by this very decision. */
		if (upload.has_decision && !memcmp(upload.decision, decide->decision, UUID_SIZE))
			return 0;
		return refuse(deciding, upload.has_decision, upload.decision, err);
	}
	upload.state = UPLOAD_DECIDED;
	upload.has_decision = true;
	memcpy(upload.decision, decide->decision, UUID_SIZE);
	deciding->count++;
	return store_upload_save(deciding->hilf->store, &upload, err);
}

static int decide_uploads(struct deciding *deciding, struct hilf_err *err)
{
	const struct case_decide *decide = deciding->decide;
	int rc = 0;
	for (size_t i = 0; decide->uploads && i < decide->upload_count && !rc; i++)
		rc = decide_one(deciding, decide->uploads[i], err);
	if (!decide->uploads)
		rc = store_uploads_decide(deciding->hilf->store, decide->case_id, decide->cluster,
			decide->version ? decide->version : INT64_MAX, decide->decision,
			&deciding->count, err);
	if (!rc && !deciding->count)
		rc = refuse(deciding, deciding->cluster.has_known || deciding->cluster.has_decision,
			deciding->cluster.has_known ? deciding->cluster.known
						    : deciding->cluster.decision,
			err);
	return rc;
}

/* What came since the version goes on by itself. */
static int split_late(struct deciding *deciding, struct hilf_err *err)
{
	struct store_cluster *cluster = &deciding->cluster, late = *cluster;
	uint64_t count = 0;
	if (deciding->decide->uploads || !cluster->open_count)
		return 0;
	late.number = deciding->row.cluster_count + 1;
	int rc = store_uploads_move(
		deciding->hilf->store, cluster->case_id, cluster->number, late.number, &count, err);
	if (rc)
		return rc;
	late.upload_count = late.open_count = count;
	late.has_decision = false;
	late.stands = STANDS_NOT;
	late.has_known = !deciding->decide->waits;
	memcpy(late.known, deciding->decide->decision, UUID_SIZE);
	cluster->upload_count -= count;
	cluster->open_count -= count;
	case_recount(&deciding->row, NULL, &late);
	return store_cluster_add(deciding->hilf->store, &late, err);
}

static int settle_cluster(struct deciding *deciding, struct hilf_err *err)
{
	const struct case_decide *decide = deciding->decide;
	struct store_cluster *cluster = &deciding->cluster;
	cluster->open_count -= deciding->count;
	int rc = split_late(deciding, err);
	if (rc)
		return rc;
	bool whole = deciding->count == cluster->upload_count;
	cluster->stands = !whole ? STANDS_NOT : decide->waits ? STANDS_LATER : STANDS;
	cluster->has_decision = true;
	memcpy(cluster->decision, decide->decision, UUID_SIZE);
	case_recount(&deciding->row, &deciding->before, cluster);
	return store_cluster_save(deciding->hilf->store, cluster, err);
}

static int run(struct deciding *deciding, struct hilf_err *err)
{
	const struct case_decide *decide = deciding->decide;
	struct hilf *hilf = deciding->hilf;
	int rc = load(deciding, err);
	if (!rc)
		rc = case_work(hilf, decide->case_id, decide->actor, err);
	if (!rc)
		rc = decide_uploads(deciding, err);
	if (!rc)
		rc = settle_cluster(deciding, err);
	if (!rc && decide->waits) {
		deciding->row.second_count++;
		rc = store_bar_add(hilf->store, decide->case_id, decide->actor, BAR_SECOND, err);
	}
	if (!rc)
		rc = case_alias(
			hilf, decide->case_id, decide->actor, deciding->decided->alias, err);
	return rc ? rc : case_save(hilf, &deciding->row, err);
}

int case_decided(struct hilf *hilf, const struct case_decide *decide,
	struct case_decided *ret_decided, struct hilf_err *err)
{
	struct case_decided decided = {0};
	struct deciding deciding = {.hilf = hilf, .decide = decide, .decided = &decided};
	ASSERT(hilf && decide && decide->decision && decide->actor && ret_decided);
	arena_init(&deciding.arena, 0);
	int rc = run(&deciding, err);
	decided.upload_count = deciding.count;
	decided.version = deciding.row.version;
	if (!rc || rc == HILF_E_EXISTS)
		*ret_decided = decided;
	arena_clear(&deciding.arena);
	return rc;
}

/* ------------------------------------------------------------------------------------------ the second person */

static void end_waiting(struct store_case *row)
{
	if (row->second_count)
		row->second_count--;
}

static int end_bars(struct hilf *hilf, const struct store_case *row, struct hilf_err *err)
{
	return row->second_count ? 0 : store_bar_end(hilf->store, row->id, BAR_SECOND, err);
}

int case_seconded(
	struct hilf *hilf, uint64_t case_id, const uint8_t *decision, struct hilf_err *err)
{
	struct store_cluster cluster;
	struct store_case row;
	struct arena arena;
	uint32_t number;
	ASSERT(hilf && decision);
	arena_init(&arena, 0);
	int rc = case_get(hilf, true, case_id, &arena, &row, err);
	if (!rc)
		rc = store_upload_cluster(hilf->store, case_id, decision, &number, err);
	if (!rc)
		rc = cluster_get(hilf, true, case_id, number, &arena, &cluster, err);
	if (!rc && cluster.stands == STANDS_LATER &&
		!memcmp(cluster.decision, decision, UUID_SIZE)) {
		cluster.stands = STANDS;
		rc = store_cluster_save(hilf->store, &cluster, err);
	}
	if (!rc) {
		end_waiting(&row);
		rc = end_bars(hilf, &row, err);
	}
	if (!rc)
		rc = case_save(hilf, &row, err);
	arena_clear(&arena);
	return rc;
}

/* ------------------------------------------------------------------------------------------ taking back */

/* One that names the decision as known does so no more. */
static int forget_known(struct hilf *hilf, const struct store_cluster_id *id, struct hilf_err *err)
{
	struct store_cluster cluster, before;
	struct store_case row;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = cluster_get(hilf, true, id->case_id, id->number, &arena, &cluster, err);
	if (!rc)
		rc = case_get(hilf, true, id->case_id, &arena, &row, err);
	if (!rc) {
		before = cluster;
		cluster.has_known = false;
		case_recount(&row, &before, &cluster);
		rc = store_cluster_save(hilf->store, &cluster, err);
	}
	if (!rc)
		rc = case_save(hilf, &row, err);
	arena_clear(&arena);
	return rc;
}

static int stand_no_more(struct hilf *hilf, const struct store_cluster_id *id,
	const uint8_t *decision, struct hilf_err *err)
{
	struct store_cluster cluster;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = cluster_get(hilf, true, id->case_id, id->number, &arena, &cluster, err);
	if (!rc && !memcmp(cluster.decision, decision, UUID_SIZE)) {
		cluster.stands = STANDS_NOT;
		rc = store_cluster_save(hilf->store, &cluster, err);
	}
	arena_clear(&arena);
	return rc;
}

int case_known_end(struct hilf *hilf, const uint8_t *decision, struct hilf_err *err)
{
	struct store_cluster_id ids[64];
	size_t count = 0;
	ASSERT(hilf && decision);
	/* A decision speaks of one cluster. */
	int rc = store_cluster_of_decision(
		hilf->store, decision, false, ids, COUNT_OF(ids), &count, err);
	for (size_t i = 0; i < count && !rc; i++)
		rc = stand_no_more(hilf, &ids[i], decision, err);
	do {
		if (!rc)
			rc = store_cluster_of_decision(
				hilf->store, decision, true, ids, COUNT_OF(ids), &count, err);
		for (size_t i = 0; i < count && !rc; i++)
			rc = forget_known(hilf, &ids[i], err);
	} while (!rc && count == COUNT_OF(ids));
	return rc;
}

static int reopen_cluster(struct hilf *hilf, struct store_case *row, uint32_t number,
	const uint8_t *decision, struct hilf_err *err)
{
	struct store_cluster cluster, before;
	struct arena arena;
	uint64_t count = 0;
	arena_init(&arena, 0);
	int rc = cluster_get(hilf, true, row->id, number, &arena, &cluster, err);
	if (!rc)
		rc = store_uploads_undecide(hilf->store, row->id, number, decision, &count, err);
	if (!rc) {
		before = cluster;
		cluster.open_count += count;
		cluster.stands = STANDS_NOT;
		if (!memcmp(cluster.decision, decision, UUID_SIZE))
			cluster.has_decision = false;
		case_recount(row, &before, &cluster);
		rc = store_cluster_save(hilf->store, &cluster, err);
	}
	arena_clear(&arena);
	return rc;
}

int case_undecided(struct hilf *hilf, uint64_t case_id, const uint8_t *decision, bool waited,
	struct hilf_err *err)
{
	struct store_case row;
	struct arena arena;
	uint32_t number;
	ASSERT(hilf && decision);
	int rc = case_known_end(hilf, decision, err);
	if (rc)
		return rc;
	arena_init(&arena, 0);
	rc = case_get(hilf, true, case_id, &arena, &row, err);
	if (!rc)
		rc = store_upload_cluster(hilf->store, case_id, decision, &number, err);
	if (!rc)
		rc = reopen_cluster(hilf, &row, number, decision, err);
	if (!rc && waited) {
		end_waiting(&row);
		rc = end_bars(hilf, &row, err);
	}
	if (!rc)
		rc = case_save(hilf, &row, err);
	arena_clear(&arena);
	return rc;
}

int case_restored(struct hilf *hilf, uint64_t upload_id, struct hilf_err *err)
{
	struct store_upload upload;
	struct arena arena;
	ASSERT(hilf && upload_id);
	arena_init(&arena, 0);
	int rc = upload_get(hilf, true, upload_id, &arena, &upload, err);
	if (!rc && upload.state == UPLOAD_DECIDED) {
		upload.state = UPLOAD_RESTORED;
		rc = store_upload_save(hilf->store, &upload, err);
	}
	arena_clear(&arena);
	return rc;
}

int case_keep(struct hilf *hilf, uint64_t case_id, int64_t until_ms, struct hilf_err *err)
{
	struct store_case row;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = case_get(hilf, true, case_id, &arena, &row, err);
	if (!rc && row.keep_until_ms < until_ms) {
		row.keep_until_ms = until_ms;
		rc = store_case_save(hilf->store, &row, err);
	}
	arena_clear(&arena);
	return rc;
}
