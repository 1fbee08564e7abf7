/* How often what happened here: counts alone, of no content and of no person, for charts, for what another mode or
 * threshold would have done, and for how far each member's entries can be relied on.
 *
 *   tally_add, tally_check ──► words in memory, one set to a core ──► tally_flush, each 10 s and when the handle closes
 *                                                                        └──► rows of an hour, kept TALLY_HOUR_DAYS,
 *                                                                             then of a day, kept TALLY_DAYS
 *   tally_decided ───────────► the same rows, and the member's, within the job that decides
 *
 * Counting never fails, never waits and takes no lock: what there is no memory for is not counted. What was counted less than
 * ten seconds before a crash is lost. Several processes on the same folder add to the same rows. */
#ifndef ENGINE_TALLY_H
#define ENGINE_TALLY_H

#include "base/arena.h"
#include "base/uuid.h"
#include "hilf.h"

/* The closed list. Their numbers are in the store: what is new goes where there is room, and none is given twice. */
enum tally {
	/* Checks that were answered, each by its verdict, so that the four add up to them. */
	TALLY_CHECKS = 0,
	TALLY_NO_MATCH,
	TALLY_REVIEW,
	TALLY_BLOCK,
	TALLY_UNDECIDED,
	TALLY_SHADOW, /* checks that would have got a heavier verdict with every shadow bank in review */
	TALLY_LOOKUPS,     /* signals of look-ups and batches, which are no checks */
	TALLY_LOOKUP_HITS, /* of these, with some match */
	TALLY_DECODE_FAILED,
	/* Cases opened: TALLY_CASE_MATCH + enum case_kind. */
	TALLY_CASE_MATCH,
	TALLY_CASE_REPORT,
	TALLY_CASE_DISPUTE,
	TALLY_CASE_SAMPLE,
	TALLY_CASE_APPEAL,
	TALLY_REPORTS,   /* that people made */
	TALLY_DECISIONS, /* of people, that stand: tally_decided counts them */
	TALLY_DECISIONS_REVERSED,
	TALLY_DISPUTES,  /* opinions "dispute", whoever gave them */
	TALLY_REVERSALS, /* entry.reversed: contents whose verdict an entry upholds no more */
	TALLY_APPEALS,
	TALLY_APPEALS_UPHELD,
	TALLY_ESCALATIONS,
	TALLY_LOOKBACK_HITS, /* contents recognised afterwards */
	TALLY_DELIVERED,
	TALLY_DELIVERY_DEAD,
	TALLY_ADD_END,
	/* How it stood when it was looked at, once an hour; of a day the highest. Nobody adds to these. */
	TALLY_GAUGE_QUEUE = 48, /* open cases */
	TALLY_GAUGE_INDEX,      /* values in the similarity index */
	TALLY_GAUGE_ENTRIES,
	TALLY_GAUGE_WAITING, /* deliveries that wait */
	TALLY_GAUGE_DEAD,
	TALLY_GAUGE_END,
	/* From a case's opening to its decision, by tally_took_bounds_s. */
	TALLY_TOOK = 64,
	TALLY_COUNT = TALLY_TOOK + 24
};
#define TALLY_TOOK_COUNT (TALLY_COUNT - TALLY_TOOK)
/* The upper bounds of all buckets but the last, which has what took longer. */
extern const int64_t tally_took_bounds_s[TALLY_TOOK_COUNT - 1];

/* From any thread. */
void tally_add(struct hilf *hilf, enum tally tally, uint64_t count);

/* Within a write job, which may still be taken back: counted with it, or not at all. It stores, so for what is rare. */
int tally_write(struct hilf *hilf, enum tally tally, uint64_t count, struct hilf_err *err);

/* A check that was answered: its verdict, and of each bank that it matched the nearest match. partial: not all of it could
 * be read. In time for the answer, for it looks at what `check` holds. */
void tally_check(struct hilf *hilf, const struct hilf_check *check, bool partial);
/* Signals that were looked up; the same of their matches. */
void tally_lookups(struct hilf *hilf, const struct hilf_check *checks, size_t count);

/* Within a write job: a person's decision stands (neither while it may be undone, nor while a second person is awaited).
 * member: whose entry it rested on; NULL: no entry's. decided: the contents it is about; upheld: for how many of them the
 * match was right, which is all where something was done about them, for whatever ground, and none where the action is
 * "none". decided_ms: when it was made; took_ms: since the case was opened. */
int tally_decided(struct hilf *hilf, const uint8_t member[UUID_SIZE], uint64_t decided,
	uint64_t upheld, int64_t decided_ms, int64_t took_ms, struct hilf_err *err);
/* Within a write job: a person judged what hilf did by itself on this entry (node-local; 0: on none), by an appeal against it
 * or otherwise: right, or not. It counts for the member alone, for the decision was no person's. */
int tally_judged(struct hilf *hilf, uint64_t entry, bool right, struct hilf_err *err);
/* Within a write job: of a decision of tally_decided `count` contents are upheld no more; decided_ms as it was told then. */
int tally_fell(struct hilf *hilf, const uint8_t member[UUID_SIZE], uint64_t count,
	int64_t decided_ms, struct hilf_err *err);

/* Within a write job: a bank's threshold changes. What lies beyond the narrower of both is not known of that day. */
int tally_radius_changed(struct hilf *hilf, const uint8_t bank[UUID_SIZE], uint32_t from,
	uint32_t to, struct hilf_err *err);

#define TALLY_FLUSH_MS  10000
#define TALLY_HOUR_DAYS 14
#define TALLY_DAYS      400

/* Stores what was counted since the last time; nothing counted: nothing is written. On failure it is kept for the next
 * time. The handle's closing does it, too. */
int tally_flush(struct hilf *hilf, int64_t now_ms, struct hilf_err *err);
/* The same, and once an hour samples the gauges, folds hours into days and forgets what is old. For a background thread, each
 * TALLY_FLUSH_MS. */
int tally_turn(struct hilf *hilf, int64_t now_ms, struct hilf_err *err);

#endif
