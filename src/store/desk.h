/* The desk's tables: what waits for a person. Local memory like store/local.h, with its rules: never shared, never folded, in
 * every backup, marks on all rows; what changes something goes between store_begin and store_commit, what reads takes
 * in_write; callbacks may read, but not with in_write. engine/cases.h says what it is for.
 *
 *   l_case            a thing to decide, with the counters of all below
 *   l_cluster         uploads of a case that are alike in all that matters
 *   l_upload          a content of a case, once
 *   l_report          what users said of an upload
 *   l_case_note       what reviewers said to each other
 *   l_case_alias      who is "r-7k2m" in a case
 *   l_case_bar        who must not take a case
 *   l_lease           whose a case is for now
 *   l_case_load       how many cases there are of each state, kind, priority and bank; without marks */
#ifndef STORE_DESK_H
#define STORE_DESK_H

#include "base/arena.h"
#include "store/store.h"

enum case_kind {
	CASE_MATCH = 0,
	CASE_REPORT,
	CASE_DISPUTE,
	CASE_SAMPLE,
	CASE_APPEAL,
	CASE_KIND_COUNT
};
enum case_state { CASE_OPEN = 0, CASE_SECOND, CASE_DECIDED, CASE_CLOSED, CASE_STATE_COUNT };
enum case_priority { CASE_LOW = 0, CASE_NORMAL, CASE_HIGH, CASE_URGENT, CASE_PRIORITY_COUNT };
enum upload_state { UPLOAD_OPEN = 0, UPLOAD_DECIDED, UPLOAD_RESTORED };
enum share_band { SHARE_WHOLE = 0, SHARE_MOST, SHARE_PART };
/* Of a cluster that one decision concerns as a whole; LATER: once a second person has agreed. */
enum cluster_stands { STANDS_NOT = 0, STANDS, STANDS_LATER };
enum turned { TURNED_STRAIGHT = 0, TURNED_MIRRORED, TURNED_TURNED };

#define STORE_ALIAS_TEXT    12 /* "r-7k2m" */
#define STORE_LANGUAGES_MAX 8u /* that a case lists */

/* Why an upload was matched, in numbers. signal 0: it was compared with nothing. */
struct store_why {
	uint8_t signal;      /* enum hilf_signal_type */
	uint8_t orientation; /* enum hilf_orientation */
	uint16_t distance, threshold;
	uint8_t share_percent; /* of the upload that is the entry */
};

uint64_t store_why_pack(const struct store_why *why);
struct store_why store_why_unpack(uint64_t packed);

struct store_case {
	uint64_t id;
	uint32_t kind, state, priority;
	uint32_t bank;             /* node-local; 0: none */
	uint64_t entry;            /* node-local; 0: none */
	const char *entry_gid;     /* NULL: none */
	const char *content_id;    /* of a subject that is no entry, and of an appeal; else NULL */
	const char *content_class; /* the entry's, or what a report says; or NULL */
	const char *closed_why;    /* or NULL */
	const char *languages;     /* a line for each, STORE_LANGUAGES_MAX at most; or NULL */
	uint32_t surfaces;         /* a bit for each */
	int64_t reach;             /* the largest of an upload; -1: nobody said */
	int64_t opened_ms, last_ms,
		changed_ms;    /* last_ms: of an upload; changed_ms: of the state */
	int64_t keep_until_ms; /* 0: as long as others */
	int64_t sort_ms; /* the order of the queue; of what is decided or closed: -changed_ms */
	uint64_t upload_count, open_count, report_count;
	uint32_t cluster_count, open_clusters, known_clusters; /* known: of the open ones */
	uint32_t second_count; /* decisions that wait for a second person */
	uint64_t version;
	struct store_why why; /* of the nearest */
	bool has_origin;
	uint8_t origin[UUID_SIZE]; /* of a sample or an appeal: the decision in question */
};

struct store_cluster {
	uint64_t case_id;
	uint32_t number; /* from 1 */
	int64_t key;     /* of what its uploads have in common */
	int64_t known_key; /* the same with the subject: under which what was decided is found again */
	uint32_t surface, share, turned;
	const char *language, *caption; /* of its first upload; or NULL */
	uint64_t upload_count, open_count;
	int32_t nearest; /* distance; -1: nothing was compared */
	int64_t first_ms, last_ms;
	uint32_t
		stands; /* enum cluster_stands: whether later copies can be decided by the decision */
	bool has_decision, has_known;
	uint8_t decision[UUID_SIZE]; /* the last that was made on all of it or some */
	uint8_t known[UUID_SIZE];    /* the standing one that concerns such uploads */
};

struct store_upload {
	uint64_t id, case_id;
	uint32_t cluster;
	const char *content_id;
	const char *uploader_ref, *evidence_url, *language, *caption,
		*places; /* or NULL; places: JSON */
	uint32_t surface, state;
	int64_t time_ms, last_ms;
	int64_t reach;    /* -1: nobody said */
	uint64_t check;   /* 0: none */
	uint64_t version; /* the case's with which it came */
	uint32_t report_count;
	struct store_why why;
	bool has_decision;
	uint8_t decision[UUID_SIZE];
};

struct store_report {
	uint64_t id, upload, case_id;
	const char *category, *text; /* text: or NULL */
	int64_t time_ms;
};

struct store_note {
	uint64_t id, case_id;
	const char *actor, *text;
	int64_t time_ms;
};

struct store_lease {
	uint64_t case_id;
	const char *actor;
	int64_t until_ms;
};

/* ------------------------------------------------------------------------------------------------- cases */

/* id is given here, greater than any before. */
int store_case_add(
	struct store *store, const struct store_case *row, uint64_t *ret_id, struct hilf_err *err);
/* All of it. */
int store_case_save(struct store *store, const struct store_case *row, struct hilf_err *err);
/* HILF_E_NOT_FOUND; texts in the arena. */
int store_case_get(struct store *store, bool in_write, uint64_t id, struct arena *arena,
	struct store_case *ret_case, struct hilf_err *err);
/* The open one (or one that waits for a second person) of this kind and subject: an entry's global id, or a content_id.
 * HILF_E_NOT_FOUND. */
int store_case_find(struct store *store, bool in_write, uint32_t kind, bool is_entry,
	const char *subject, struct arena *arena, struct store_case *ret_case,
	struct hilf_err *err);
/* Open ones of an entry, of whatever kind: their ids after `after`, ascending. */
int store_case_of_entry(struct store *store, uint64_t entry, uint64_t after, uint64_t *ret_ids,
	size_t room, size_t *ret_count, struct hilf_err *err);
int store_case_move_entry(
	struct store *store, uint64_t from, uint64_t to, const char *gid, struct hilf_err *err);

enum store_cases { STORE_CASES_STATE = 0, STORE_CASES_SECOND, STORE_CASES_MINE, STORE_CASES_ALL };
struct store_case_query {
	enum store_cases which;
	uint32_t state;    /* of STORE_CASES_STATE */
	const char *actor; /* of STORE_CASES_MINE, and whose leases count for nothing in `free` */
	int64_t now_ms;
	int32_t kind;              /* -1: all */
	int64_t bank;              /* -1: all */
	const char *content_class; /* NULL: all */
	const char *banks;         /* "[1,2]", of these alone; NULL: all */
	bool free;      /* of STORE_CASES_STATE: not leased by others, nor is the actor barred */
	bool has_after; /* after this place: */
	int64_t after_sort_ms;
	uint64_t after_id;
};
/* By sort_ms and id; STORE_CASES_ALL by id, newest first. fn gets each in memory of its own call. */
int store_case_page(struct store *store, bool in_write, const struct store_case_query *query,
	int (*fn)(const struct store_case *row, void *ctx), void *ctx, struct hilf_err *err);
/* How many there are. state CASE_STATE_COUNT: those with a decision that waits for a second person. */
struct store_case_load {
	uint32_t state, kind, priority, bank;
	uint64_t count;
};
int store_case_loads(struct store *store, int (*fn)(const struct store_case_load *load, void *ctx),
	void *ctx, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------------- clusters */

int store_cluster_add(
	struct store *store, const struct store_cluster *cluster, struct hilf_err *err);
int store_cluster_save(
	struct store *store, const struct store_cluster *cluster, struct hilf_err *err);
int store_cluster_get(struct store *store, bool in_write, uint64_t case_id, uint32_t number,
	struct arena *arena, struct store_cluster *ret_cluster, struct hilf_err *err);
/* The newest of the case with that key that has something open. HILF_E_NOT_FOUND. */
int store_cluster_find(struct store *store, uint64_t case_id, int64_t key, struct arena *arena,
	struct store_cluster *ret_cluster, struct hilf_err *err);
/* The newest of whatever case that was decided as a whole, by what stands. HILF_E_NOT_FOUND. */
int store_cluster_known(struct store *store, int64_t known_key, struct arena *arena,
	struct store_cluster *ret_cluster, struct hilf_err *err);
/* Those with something open first, each part by number. after: the place of the last one told, 0 from the beginning. */
int store_cluster_page(struct store *store, bool in_write, uint64_t case_id, bool open,
	uint32_t after, size_t limit, int (*fn)(const struct store_cluster *cluster, void *ctx),
	void *ctx, struct hilf_err *err);
/* Clusters by a decision: their own (known false), or the one that they name as known. In pairs of case and number. */
struct store_cluster_id {
	uint64_t case_id;
	uint32_t number;
};
int store_cluster_of_decision(struct store *store, const uint8_t decision[UUID_SIZE], bool known,
	struct store_cluster_id *ret_ids, size_t room, size_t *ret_count, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------------- uploads */

int store_upload_add(struct store *store, const struct store_upload *upload, uint64_t *ret_id,
	struct hilf_err *err);
int store_upload_save(struct store *store, const struct store_upload *upload, struct hilf_err *err);
int store_upload_get(struct store *store, bool in_write, uint64_t id, struct arena *arena,
	struct store_upload *ret_upload, struct hilf_err *err);
/* Of a case, by content. HILF_E_NOT_FOUND. */
int store_upload_find(struct store *store, bool in_write, uint64_t case_id, const char *content_id,
	struct arena *arena, struct store_upload *ret_upload, struct hilf_err *err);
/* cluster 0: of all of the case. By id after `after`. */
int store_upload_page(struct store *store, bool in_write, uint64_t case_id, uint32_t cluster,
	uint64_t after, size_t limit, int (*fn)(const struct store_upload *upload, void *ctx),
	void *ctx, struct hilf_err *err);
/* Those that a decision concerns, by id after `after`. */
int store_upload_of_decision(struct store *store, bool in_write, const uint8_t decision[UUID_SIZE],
	uint64_t after, size_t limit, int (*fn)(const struct store_upload *upload, void *ctx),
	void *ctx, struct hilf_err *err);
/* Of a content in whatever case, newest first. */
int store_upload_of_content(struct store *store, bool in_write, const char *content_id,
	size_t limit, int (*fn)(const struct store_upload *upload, void *ctx), void *ctx,
	struct hilf_err *err);
/* Every open one of a cluster that came up to `version` is decided, in one statement. */
int store_uploads_decide(struct store *store, uint64_t case_id, uint32_t cluster, uint64_t version,
	const uint8_t decision[UUID_SIZE], uint64_t *ret_count, struct hilf_err *err);
/* What is still open in the cluster goes to another one. */
int store_uploads_move(struct store *store, uint64_t case_id, uint32_t from, uint32_t to,
	uint64_t *ret_count, struct hilf_err *err);
/* The cluster of the case that a decision speaks of: HILF_E_NOT_FOUND. */
int store_upload_cluster(struct store *store, uint64_t case_id, const uint8_t decision[UUID_SIZE],
	uint32_t *ret_cluster, struct hilf_err *err);
/* Those of a cluster that the decision concerns are open again. */
int store_uploads_undecide(struct store *store, uint64_t case_id, uint32_t cluster,
	const uint8_t decision[UUID_SIZE], uint64_t *ret_count, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------------- words */

int store_report_add(struct store *store, const struct store_report *report, struct hilf_err *err);
int store_report_page(struct store *store, uint64_t upload, size_t limit,
	int (*fn)(const struct store_report *report, void *ctx), void *ctx, struct hilf_err *err);
int store_note_put(
	struct store *store, const struct store_note *note, uint64_t *ret_id, struct hilf_err *err);
int store_note_page(struct store *store, uint64_t case_id,
	int (*fn)(const struct store_note *note, void *ctx), void *ctx, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------------- people */

/* HILF_E_EXISTS: the alias is somebody else's in this case. */
int store_alias_add(struct store *store, uint64_t case_id, const char *actor, const char *alias,
	struct hilf_err *err);
int store_alias_get(struct store *store, bool in_write, uint64_t case_id, const char *actor,
	char ret_alias[STORE_ALIAS_TEXT], struct hilf_err *err);
int store_alias_each(struct store *store, uint64_t case_id,
	int (*fn)(const char *alias, const char *actor, void *ctx), void *ctx,
	struct hilf_err *err);
/* ALWAYS: whoever judges must be another; SECOND: the case is not offered, as long as a decision of theirs waits for another
 * person. */
enum case_bar { BAR_ALWAYS = 0, BAR_SECOND = 1 };
int store_bar_add(struct store *store, uint64_t case_id, const char *actor, enum case_bar why,
	struct hilf_err *err);
int store_bar_end(struct store *store, uint64_t case_id, enum case_bar from, struct hilf_err *err);
int store_bar_has(struct store *store, bool in_write, uint64_t case_id, const char *actor,
	enum case_bar why, bool *ret_has, struct hilf_err *err);
/* Whoever had it before. until_ms 0: nobody has it. */
int store_lease_put(struct store *store, const struct store_lease *lease, struct hilf_err *err);
/* Also one that is over. HILF_E_NOT_FOUND. */
int store_lease_get(struct store *store, bool in_write, uint64_t case_id, struct arena *arena,
	struct store_lease *ret_lease, struct hilf_err *err);
/* How many cases the actor has, of whatever state; banks as in store_case_query. */
int store_lease_count(struct store *store, const char *actor, const char *banks, int64_t now_ms,
	uint64_t *ret_count, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------------- age */

/* The checks that blocked after a time, with a content: their ids by chance, room at most. */
int store_check_sample(struct store *store, int64_t after_ms, uint64_t *ret_ids, size_t room,
	size_t *ret_count, struct hilf_err *err);
/* The checks that rest on an entry, newest first. */
int store_check_newest(struct store *store, uint64_t entry, uint64_t *ret_ids, size_t room,
	size_t *ret_count, struct hilf_err *err);

/* Decided and closed cases that changed before before_ms and need not be kept until now_ms any more: their ids. */
int store_case_old(struct store *store, bool in_write, int64_t before_ms, int64_t now_ms,
	uint64_t *ret_ids, size_t room, size_t *ret_count, struct hilf_err *err);
/* Removes uploads of a case with what is said of them, and once there are none, the case with all that is its own
 * (*ret_gone). ret_uploads[room]: those that went. */
int store_case_remove(struct store *store, uint64_t id, uint64_t *ret_uploads, size_t room,
	size_t *ret_count, bool *ret_gone, struct hilf_err *err);
/* Removes leases that ended before then. */
int store_leases_end(struct store *store, int64_t before_ms, struct hilf_err *err);

#endif
