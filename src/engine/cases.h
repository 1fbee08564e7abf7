/* Cases: things for a person to decide. Local rows (store/desk.h), never shared, never folded.
 *
 *   check: review ──┐                         ┌─ cluster 1 (public, "caption", whole, straight, fr): uploads
 *   report ─────────┤                         │
 *   dispute ────────┼──► case of one kind ────┼─ cluster 2 (limited, "", most, mirrored, ""): uploads
 *   sample ─────────┤    and subject          └─ ...
 *   appeal ─────────┘
 *
 * The subject is the entry that was matched best or, of a report on something not known, the content; each appeal is a case
 * of its own. An upload goes to the open case of its kind and subject, and there to the cluster that it resembles in all
 * that could change a person's mind. What comes after a cluster was decided opens a new one, which names that decision.
 *
 *   state    open ──► decided      no upload is undecided
 *            open ──► second       as decided, but a decision waits for a second person
 *            any  ──► open         a decision was taken back, or something new came
 *            open, second ──► closed   the question fell away: the entry ended
 *
 * The order of the queue is `opened - boost`, where severity and reach give the boost: age raises all alike, so the order
 * never changes by itself and is an index. How many reported a thing counts for nothing.
 *
 * A case's version grows by one with whatever changes in it, and each upload carries the version with which it came: so a
 * decision made at version N concerns what its maker can have seen, and nothing that came since.
 *
 * Nobody's name is told outside of the node's own command line: each person has a random alias in each case. */
#ifndef ENGINE_CASES_H
#define ENGINE_CASES_H

#include "engine/checks.h"
#include "engine/may.h"
#include "store/desk.h"

#define CASE_REPORT_TEXT_MAX 2000u
#define CASE_NOTE_MAX        4000u
#define CASE_WHY_MAX         40u
/* Uploads of one dispute: the newest. */
#define CASE_DISPUTE_MAX 1000u

const char *case_kind_name(uint32_t kind); /* "match" */
int case_kind_parse(const char *name, uint32_t *ret_kind, struct hilf_err *err);
const char *case_state_name(uint32_t state);       /* "open" */
const char *case_priority_name(uint32_t priority); /* "urgent" */
const char *case_severity_name(uint32_t severity); /* "critical" */
const char *case_share_name(uint32_t share);       /* "whole" */
const char *case_turned_name(uint32_t turned);     /* "straight" */
const char *case_upload_state_name(uint32_t state);
/* Of a content class, NULL included. */
uint32_t case_severity(const char *content_class);

/* ------------------------------------------------------------------------------------------- gathering */

struct case_upload {
	enum case_kind kind;
	uint64_t entry; /* node-local; 0: none, and then the content is the subject */
	const struct check_context *context; /* with a content_id */
	int64_t time_ms;
	uint64_t check;          /* the recorded check; 0: none */
	struct store_why why;    /* why.signal 0: nothing was compared */
	const uint8_t *decision; /* of a sample or an appeal: the one in question; else NULL */
	/* of a report: */
	const char *category, *text;   /* text may be NULL */
	const struct store_case *into; /* the open case that has the content already; or NULL */
	/* of an appeal: who cannot take it; actors */
	const char *const *barred;
	size_t barred_count;
};
/* Within a write job: opens or adds, and queues case.opened for what is opened. A content counts once in a case; a repetition
 * is noted (last_ms, a newer evidence_url, a report). *ret_case 0: it opens nothing, because the content has no id or the
 * entry ended. ret_upload may be NULL. HILF_E_INVALID, HILF_E_LIMIT for a context that is not of its form. */
int case_gather(struct hilf *hilf, const struct case_upload *upload, uint64_t *ret_case,
	uint64_t *ret_upload, struct hilf_err *err);

/* A user's report, in a job of its own. The entry is looked up by `signals` (equal or similar, of banks not in shadow), and
 * there may be none. An open case that has the content already takes it, whatever its kind. */
int case_report(struct hilf *hilf, const struct check_context *context,
	const struct hilf_signal *signals, size_t signal_count, const char *category,
	const char *text, uint64_t *ret_case, struct hilf_err *err);

/* Whether the actor may report once more in this minute, by the node's setting: takes one token. Else when to come again. */
bool case_report_may(struct hilf *hilf, const char *actor, int64_t now_ms, uint32_t *ret_retry_ms);
/* A content that was checked again without anything new to record: where it is in open cases it gets the newer evidence_url. */
int case_refresh(struct hilf *hilf, const struct check_context *context, struct hilf_err *err);

/* Within a job, after an opinion `dispute` on the entry was written: a case with what rests on it, where its bank is not in
 * shadow here. */
int case_dispute(struct hilf *hilf, uint64_t entry, struct hilf_err *err);
/* Within a job: open cases of kind match, sample and dispute on the entry are closed. why: "withdrawn", "expired", ... */
int case_close_of_entry(struct hilf *hilf, uint64_t entry, const char *why, struct hilf_err *err);
/* Within a job: what was said of one entry is said of the other (see store_rest_move). */
int case_move_entry(struct hilf *hilf, uint64_t from, uint64_t to, struct hilf_err *err);
/* Within a job: one that has nothing to decide any more, such as an appeal that was taken back. */
int case_close(struct hilf *hilf, uint64_t case_id, const char *why, struct hilf_err *err);

/* Once a day, however often and by whomever it is called: some of the last day's automatic blocks become cases of kind
 * sample. */
int cases_sample(struct hilf *hilf, struct hilf_err *err);
/* Removes cases that are past their days, with their decisions and previews. */
int cases_sweep(struct hilf *hilf, size_t limit, bool *ret_more, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------- decisions (for decide*.c) */

/* All within a job. */

struct case_decide {
	uint64_t case_id;
	uint32_t cluster;
	const uint64_t *
		uploads; /* some of the cluster's; NULL: all that are open and came up to `version` */
	size_t upload_count;
	uint64_t version;        /* of the case as its maker saw it */
	const uint8_t *decision; /* UUID_SIZE */
	const char *actor;
	bool waits; /* for a second person */
};
struct case_decided {
	uint64_t upload_count;        /* that it concerns: 1 or more */
	char alias[STORE_ALIAS_TEXT]; /* of the actor */
	uint64_t version;             /* of the case now */
	bool has_other;
	uint8_t other[UUID_SIZE]; /* where it failed with HILF_E_EXISTS: the decision that stands */
};
/* Marks uploads as decided. HILF_E_NOT_FOUND: no such case, cluster or upload of it; HILF_E_EXISTS: nothing of it is open any
 * more (*ret_decided->has_other and other are filled then, in spite of the failure); HILF_E_BUSY: leased by somebody else;
 * HILF_E_WITHDRAWN: the case is closed. Renews or takes the actor's lease. */
int case_decided(struct hilf *hilf, const struct case_decide *decide,
	struct case_decided *ret_decided, struct hilf_err *err);
/* The second person agreed: it waits no more. */
int case_seconded(
	struct hilf *hilf, uint64_t case_id, const uint8_t *decision, struct hilf_err *err);
/* Undone, refused by the second person, or reversed as a whole: its uploads are open again. One that is closed stays so.
 * waited: until now it waited for a second person. */
int case_undecided(struct hilf *hilf, uint64_t case_id, const uint8_t *decision, bool waited,
	struct hilf_err *err);
/* It is nothing that later copies can be decided by any more: its duration is over, or an appeal was upheld. */
int case_known_end(struct hilf *hilf, const uint8_t *decision, struct hilf_err *err);
/* One upload's content is there again (an appeal was upheld). */
int case_restored(struct hilf *hilf, uint64_t upload, struct hilf_err *err);
/* The case and what belongs to it stays at least until then: as long as an appeal may come or is open. Never shortens. */
int case_keep(struct hilf *hilf, uint64_t case_id, int64_t until_ms, struct hilf_err *err);
/* Who must not take the case, because it judges what they did. */
int case_bar(struct hilf *hilf, uint64_t case_id, const char *actor, struct hilf_err *err);
/* Outside of a job, too. */
int case_is_barred(struct hilf *hilf, bool in_write, uint64_t case_id, const char *actor,
	bool *ret_barred, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------- people */

/* The actor's alias, "r-7k2m": within a job it is made where there is none. */
int case_alias(struct hilf *hilf, uint64_t case_id, const char *actor,
	char ret_alias[STORE_ALIAS_TEXT], struct hilf_err *err);
/* The one there is; HILF_E_NOT_FOUND. */
int case_alias_look(struct hilf *hilf, bool in_write, uint64_t case_id, const char *actor,
	char ret_alias[STORE_ALIAS_TEXT], struct hilf_err *err);
/* For the node's own command line alone: who is behind the aliases of a case. */
int case_people(struct hilf *hilf, uint64_t case_id,
	int (*fn)(const char *alias, const char *actor, void *ctx), void *ctx,
	struct hilf_err *err);

struct case_lease {
	char alias[STORE_ALIAS_TEXT];
	bool mine;
	int64_t until_ms;
};
/* Takes or renews it, in a job of its own. HILF_E_BUSY: somebody else's; HILF_E_DENIED: the actor is barred; HILF_E_NOT_FOUND.
 * What is decided or closed can be leased, too: to look at it again, or for the second word. */
int case_lease(struct hilf *hilf, uint64_t case_id, const char *actor, struct case_lease *ret_lease,
	struct hilf_err *err);
/* Gives it back; without one, nothing happens. */
int case_release(struct hilf *hilf, uint64_t case_id, const char *actor, struct hilf_err *err);
/* Within a job: the actor works on it. HILF_E_BUSY as case_lease. */
int case_work(struct hilf *hilf, uint64_t case_id, const char *actor, struct hilf_err *err);
/* Whether the lease in force is this actor's. */
bool case_leased_by(struct hilf *hilf, bool in_write, uint64_t case_id, const char *actor);

struct case_next {
	const char *actor;
	const char *bank;         /* NULL: whichever the actor has */
	const char *const *banks; /* it is limited to; NULL: none */
	size_t bank_count;
	int32_t kind; /* -1: whichever */
	uint64_t
		after; /* the case that the actor goes on from: given back, and those behind it come first; 0: none */
	const char *const *declined; /* content classes to pass over */
	size_t declined_count;
};
/* The first of the queue that nobody has, leased to the actor in one step: never the same to two. *ret_case 0: there is none. */
int case_next(
	struct hilf *hilf, const struct case_next *next, uint64_t *ret_case, struct hilf_err *err);

int case_note(struct hilf *hilf, uint64_t case_id, const char *actor, const char *text,
	struct store_note *ret_note, struct hilf_err *err); /* texts of ret_note are the caller's */

/* ------------------------------------------------------------------------------------------- reading */

struct case_counts {
	uint64_t open, mine, second, appeals, urgent;
};
/* banks NULL: all. */
int case_counts(struct hilf *hilf, const char *actor, const char *const *banks, size_t bank_count,
	struct case_counts *ret_counts, struct hilf_err *err);

enum case_list { CASES_OPEN = 0, CASES_MINE, CASES_SECOND, CASES_DECIDED, CASES_CLOSED, CASES_ALL };
int case_list_parse(const char *name, enum case_list *ret_list, struct hilf_err *err);
struct case_query {
	enum case_list list;
	const char *actor;         /* of CASES_MINE */
	int32_t kind;              /* -1: all */
	const char *bank;          /* NULL: all; one that is not there has none */
	const char *content_class; /* NULL: all */
	const char *const *banks;  /* the actor is limited to; NULL: not */
	size_t bank_count;
	const char *cursor; /* NULL: from the beginning */
	size_t limit;
};
#define CASE_CURSOR_TEXT 48
typedef int case_fn(const struct store_case *row, void *ctx);
/* The open by priority, the decided and closed newest first. *ret_cursor "": that was all. HILF_E_INVALID: no cursor of ours. */
int case_page(struct hilf *hilf, const struct case_query *query, case_fn *fn, void *ctx,
	char ret_cursor[CASE_CURSOR_TEXT], struct hilf_err *err);
/* HILF_E_NOT_FOUND; texts in the arena. */
int case_get(struct hilf *hilf, bool in_write, uint64_t case_id, struct arena *arena,
	struct store_case *ret_case, struct hilf_err *err);
int cluster_get(struct hilf *hilf, bool in_write, uint64_t case_id, uint32_t number,
	struct arena *arena, struct store_cluster *ret_cluster, struct hilf_err *err);
int upload_get(struct hilf *hilf, bool in_write, uint64_t upload, struct arena *arena,
	struct store_upload *ret_upload, struct hilf_err *err);
/* Clusters with something open, or those without; by number, after `after`. */
int case_cluster_page(struct hilf *hilf, uint64_t case_id, bool open, uint32_t after, size_t limit,
	int (*fn)(const struct store_cluster *cluster, void *ctx), void *ctx, struct hilf_err *err);
/* Uploads of a cluster (0: of the whole case), by id after `after`. */
int case_upload_page(struct hilf *hilf, uint64_t case_id, uint32_t cluster, uint64_t after,
	size_t limit, int (*fn)(const struct store_upload *upload, void *ctx), void *ctx,
	struct hilf_err *err);
int case_report_page(struct hilf *hilf, uint64_t upload, size_t limit,
	int (*fn)(const struct store_report *report, void *ctx), void *ctx, struct hilf_err *err);
int case_note_page(struct hilf *hilf, uint64_t case_id,
	int (*fn)(const struct store_note *note, void *ctx), void *ctx, struct hilf_err *err);
/* The bank of a case, by its node-local number, removed or not. */
int case_bank(struct hilf *hilf, uint32_t bank, struct store_bank *ret_bank, struct hilf_err *err);
/* The lease in force, seen by the actor; HILF_E_NOT_FOUND: nobody has it. */
int case_lease_look(struct hilf *hilf, uint64_t case_id, const char *actor,
	struct case_lease *ret_lease, struct hilf_err *err);

#endif
