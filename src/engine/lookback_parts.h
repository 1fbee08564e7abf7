/* What the files of look-back share. Only they include it. */
#ifndef ENGINE_LOOKBACK_PARTS_H
#define ENGINE_LOOKBACK_PARTS_H

#include "engine/checks.h"
#include "engine/kept.h"
#include "engine/local.h"

#define MARKS 64u /* of a second each: more than the minute that they are for */

/* Contents that an entry recognises. */
struct found {
	uint64_t entry;
	struct record_entry_id gid;
	char bank[HILF_BANK_NAME_MAX + 1];
	enum hilf_verdict verdict;
	struct kept_item *item;
	uint16_t distance;
};

struct lookback {
	struct hilf *hilf;
	int64_t keep_ms;
	uint64_t max_count;

	pthread_mutex_t note_mutex;
	struct kept_item *notes, **last_note;
	size_t note_count;

	pthread_mutex_t turn_mutex; /* for all below */
	struct kept *kept;
	uint64_t next_id, saved_id; /* rows up to saved_id are in the store */
	uint64_t *gone;             /* rows to be removed from it */
	size_t gone_count, gone_room;
	uint64_t done, seq; /* entries compared with everything; the feed when there were no more */
	struct {
		int64_t time_ms;
		uint64_t done;
	} marks[MARKS];
	unsigned mark_count;
	struct found *found;
	size_t found_count, found_room;
	uint64_t tells; /* numbers entries, so that a content is found once by each */
	bool marked;    /* the store knows how far it came */
	_Atomic uint64_t count;
};

/* lookback_find.c, within a turn. Entries that came since lookback->done, a page of them, against all that is kept;
 * *ret_done: how far it came. */
int lookback_compare_new(struct lookback *lookback, int64_t now_ms, uint64_t *ret_done,
	bool *ret_more, struct hilf_err *err);
/* What no turn has stored yet, against the entries of the last minute. */
int lookback_compare_late(struct lookback *lookback, int64_t now_ms, struct hilf_err *err);
/* Remembers how far this turn came. */
void lookback_mark(struct lookback *lookback, int64_t now_ms);
/* Within a job: queues what was found. */
int lookback_tell(struct lookback *lookback, struct hilf_err *err);

#endif
