/* What the counts of tally.h say: over time, of each member, and of what a bank would do otherwise. All of it is up to
 * TALLY_FLUSH_MS behind. */
#ifndef ENGINE_INSIGHT_H
#define ENGINE_INSIGHT_H

#include "base/arena.h"
#include "base/buf.h"
#include "engine/tally.h"
#include "store/desk.h"

/* Points of one series at most. */
#define INSIGHT_POINTS_MAX 10000u
/* Nobody knows: a gauge that was not looked at, a median of nothing. */
#define INSIGHT_UNKNOWN UINT64_MAX

enum insight_step { INSIGHT_HOUR, INSIGHT_DAY };
int insight_step_parse(const char *name, enum insight_step *ret_step, struct hilf_err *err);

struct insight_series {
	int64_t from_ms, step_ms; /* of UTC; the first one begins at or before what was asked for */
	size_t count;             /* points */
	const uint64_t *values;   /* of tally t: values[t * count] and on */
	const uint64_t *
		took_s; /* the median of what is in the buckets; INSIGHT_UNKNOWN where nothing was decided */
};
/* From from_ms to before to_ms, in the arena. HILF_E_INVALID: nothing lies between them, or hours are asked for that were
 * folded into days; HILF_E_LIMIT: more than INSIGHT_POINTS_MAX. */
int insight_series(struct hilf *hilf, int64_t from_ms, int64_t to_ms, enum insight_step step,
	int64_t now_ms, struct arena *arena, struct insight_series *ret_series,
	struct hilf_err *err);
static inline const uint64_t *insight_of(const struct insight_series *series, enum tally tally)
{
	return series->values + (size_t)tally * series->count;
}

/* Of whose entries decided cases rested on, by member: of TALLY_DAYS. An appeal against an automated block is a decision as
 * well. A content is upheld where something was done about it and nobody found that wrong since: an appeal that is upheld
 * takes its one content, one that ends the entry takes every content that rested on it. */
struct insight_source {
	char member[UUID_TEXT_SIZE + 1];
	bool own;
	uint64_t decisions;
	uint64_t decided, upheld; /* contents */
	int64_t precision_ppm; /* upheld of a million decided; -1: fewer decisions than INSIGHT_DECIDED_MIN */
};
/* Of fewer decisions, however many contents they were about, a share says more about chance than about the member. */
#define INSIGHT_DECIDED_MIN 10u
int insight_sources(struct hilf *hilf, int (*fn)(const struct insight_source *source, void *ctx),
	void *ctx, struct hilf_err *err);

/* What a bank would have done in the last days with another mode or threshold, of what it matched. A content counts once, by
 * its nearest entry of the bank. */
#define INSIGHT_EFFECT_DAYS 7
struct insight_ask {
	bool set_mode, set_radius; /* else as it is */
	enum hilf_mode mode;
	uint32_t pdq_radius;
};
struct insight_did {
	enum hilf_mode mode;
	uint32_t pdq_radius;
	uint64_t shadow, review, block; /* contents that the bank brought this, by itself */
};
struct insight_effect {
	char bank[HILF_BANK_NAME_MAX + 1];
	int64_t from_ms, to_ms;
	uint64_t checks, lookups; /* of the node in that time */
	uint64_t matches;         /* contents that matched the bank */
	uint64_t by_distance[HILF_PDQ_RADIUS_MAX +
			     1]; /* of these, by the nearest; the rest were equal digests */
	uint64_t digests;
	struct insight_did now; /* how the bank is set, and what it did, however it was set then */
	struct insight_did would; /* counts every match, also those that sampling left out */
	/* The narrowest threshold of that time: what is further away was not compared, so of a wider one would's counts are the
	 * least that there would have been. */
	uint32_t known_radius;
	uint32_t sample_ppm;
};
int insight_effect(struct hilf *hilf, const char *bank, const struct insight_ask *ask,
	int64_t now_ms, struct insight_effect *ret_effect, struct hilf_err *err);

/* It as a JSON object, as the API and the command line show it. */
void insight_effect_write(const struct insight_effect *effect, struct buf *buf);

/* Cases that are open or wait for a second person, now, by enum case_kind. */
int insight_cases(struct hilf *hilf, uint64_t ret_open[CASE_KIND_COUNT], struct hilf_err *err);

/* All that was ever counted, by tally. What was sampled is 0. It never shrinks, also not by a restart. */
int insight_totals(struct hilf *hilf, uint64_t ret_totals[TALLY_COUNT], struct hilf_err *err);

/* Bytes that are free where the data are, and how large that file system is. */
int insight_room(struct hilf *hilf, uint64_t *ret_free, uint64_t *ret_size, struct hilf_err *err);

#endif
