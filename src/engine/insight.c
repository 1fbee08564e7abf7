/* Reading counts. Of the last days there are hours, of those before that days: a series by day adds the hours up, one by
 * hour ends where they do. Of the time to a decision there are buckets alone, so its median is interpolated within one. */
#include "engine/insight.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/engine.h"
#include "os/file.h"
#include "store/tally.h"
#include "wire/json.h"

#include <string.h>

int insight_step_parse(const char *name, enum insight_step *ret_step, struct hilf_err *err)
{
	if (strcmp(name, "hour") != 0 && strcmp(name, "day") != 0)
		return err_set(err, HILF_E_INVALID, "step '%.20s' is none of hour, day", name);
	*ret_step = *name == 'h' ? INSIGHT_HOUR : INSIGHT_DAY;
	return 0;
}

static bool is_gauge(uint32_t which)
{
	return which >= TALLY_GAUGE_QUEUE && which < TALLY_GAUGE_END;
}

/* ------------------------------------------------------------------------------------------ series */

struct reading {
	int64_t from_ms, step_ms;
	size_t count;
	uint64_t *values;
};

static int take(const struct store_tally *tally, void *ctx)
{
	struct reading *reading = ctx;
	int64_t since_ms = tally->start_ms - reading->from_ms;
	if (tally->which >= TALLY_COUNT || since_ms < 0)
		return 0; /* of a later hilf */
	size_t at = (size_t)(since_ms / reading->step_ms);
	if (at >= reading->count)
		return 0;
	uint64_t *value = &reading->values[tally->which * reading->count + at];
	if (!is_gauge(tally->which))
		*value += tally->value;
	else if (*value == INSIGHT_UNKNOWN || *value < tally->value)
		*value = tally->value;
	return 0;
}

/* In seconds, of one point. */
static uint64_t median(const struct reading *reading, size_t at)
{
	uint64_t total = 0, before = 0;
	for (size_t i = 0; i < TALLY_TOOK_COUNT; i++)
		total += reading->values[(TALLY_TOOK + i) * reading->count + at];
	if (!total)
		return INSIGHT_UNKNOWN;
	for (size_t i = 0; i < TALLY_TOOK_COUNT - 1; i++) {
		uint64_t in = reading->values[(TALLY_TOOK + i) * reading->count + at];
		if (2 * (before + in) >= total) {
			int64_t low = i ? tally_took_bounds_s[i - 1] : 0;
			double part = ((double)total / 2 - (double)before) / (double)in;
			return (uint64_t)((double)low +
					  part * (double)(tally_took_bounds_s[i] - low) + 0.5);
		}
		before += in;
	}
	/* More than half took longer than any bound. */
	return (uint64_t)tally_took_bounds_s[TALLY_TOOK_COUNT - 2];
}

static int check_span(int64_t from_ms, int64_t to_ms, enum insight_step step, int64_t now_ms,
	struct reading *ret_reading, struct hilf_err *err)
{
	int64_t step_ms = step == INSIGHT_HOUR ? STORE_HOUR_MS : STORE_DAY_MS;
	if (from_ms < 0 || to_ms <= from_ms)
		return err_set(err, HILF_E_INVALID,
			"the time asked for ends before it begins; 'from_ms' must be before "
			"'to_ms'");
	from_ms -= from_ms % step_ms;
	int64_t count = (to_ms - from_ms - 1) / step_ms + 1;
	if (count > INSIGHT_POINTS_MAX)
		return err_set(err, HILF_E_LIMIT,
			"that would be %lld points, and %u are the most: ask for a shorter time",
			(long long)count, INSIGHT_POINTS_MAX);
	int64_t kept_ms = now_ms - TALLY_HOUR_DAYS * STORE_DAY_MS;
	if (step == INSIGHT_HOUR && from_ms < kept_ms - kept_ms % STORE_DAY_MS)
		return err_set(err, HILF_E_INVALID,
			"hours are kept for %d days, and days before that: ask with step=day",
			TALLY_HOUR_DAYS);
	*ret_reading = (struct reading){from_ms, step_ms, (size_t)count, NULL};
	return 0;
}

int insight_series(struct hilf *hilf, int64_t from_ms, int64_t to_ms, enum insight_step step,
	int64_t now_ms, struct arena *arena, struct insight_series *ret_series,
	struct hilf_err *err)
{
	struct reading reading;
	ASSERT(hilf && arena && ret_series);
	int rc = check_span(from_ms, to_ms, step, now_ms, &reading, err);
	if (rc)
		return rc;
	int64_t end_ms = reading.from_ms + (int64_t)reading.count * reading.step_ms;
	size_t count = TALLY_COUNT * reading.count;
	reading.values = arena_array(arena, count, sizeof *reading.values);
	uint64_t *took_s = arena_array(arena, reading.count, sizeof *took_s);
	if (!reading.values || !took_s)
		return err_no_memory(err);
	for (size_t i = 0; i < count; i++)
		reading.values[i] = is_gauge((uint32_t)(i / reading.count)) ? INSIGHT_UNKNOWN : 0;
	rc = store_tally_each(
		hilf->store, STORE_TALLY_HOUR, reading.from_ms, end_ms, take, &reading, err);
	if (!rc && step == INSIGHT_DAY)
		rc = store_tally_each(
			hilf->store, STORE_TALLY_DAY, reading.from_ms, end_ms, take, &reading, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < reading.count; i++)
		took_s[i] = median(&reading, i);
	*ret_series = (struct insight_series){
		reading.from_ms, reading.step_ms, reading.count, reading.values, took_s};
	return 0;
}

static int take_load(const struct store_case_load *load, void *ctx)
{
	uint64_t *open = ctx;
	if ((load->state == CASE_OPEN || load->state == CASE_SECOND) &&
		load->kind < CASE_KIND_COUNT)
		open[load->kind] += load->count;
	return 0;
}

int insight_cases(struct hilf *hilf, uint64_t ret_open[CASE_KIND_COUNT], struct hilf_err *err)
{
	uint64_t open[CASE_KIND_COUNT] = {0};
	ASSERT(hilf && ret_open);
	int rc = store_case_loads(hilf->store, take_load, open, err);
	if (!rc)
		memcpy(ret_open, open, sizeof open);
	return rc;
}

static int take_total(const struct store_tally *tally, void *ctx)
{
	uint64_t *totals = ctx;
	if (tally->which < TALLY_COUNT)
		totals[tally->which] = tally->value;
	return 0;
}

int insight_totals(struct hilf *hilf, uint64_t ret_totals[TALLY_COUNT], struct hilf_err *err)
{
	uint64_t totals[TALLY_COUNT] = {0};
	ASSERT(hilf && ret_totals);
	int rc = store_tally_each(hilf->store, STORE_TALLY_EVER, 0, 0, take_total, totals, err);
	if (!rc)
		memcpy(ret_totals, totals, sizeof totals);
	return rc;
}

/* ------------------------------------------------------------------------------------------ sources */

struct sources {
	uint8_t member[UUID_SIZE];
	bool founded;
	int (*fn)(const struct insight_source *source, void *ctx);
	void *ctx;
};

static int tell_source(const struct store_tally_source *from, void *ctx)
{
	const struct sources *sources = ctx;
	struct insight_source source = {
		.own = sources->founded && memcmp(from->member, sources->member, UUID_SIZE) == 0,
		.decisions = from->decisions,
		.decided = from->decided,
		.upheld = from->upheld,
		.precision_ppm = -1,
	};
	uuid_format(from->member, source.member);
	if (from->decided && from->decisions >= INSIGHT_DECIDED_MIN)
		source.precision_ppm =
			(int64_t)((double)from->upheld / (double)from->decided * 1e6 + 0.5);
	return sources->fn(&source, sources->ctx);
}

int insight_sources(struct hilf *hilf, int (*fn)(const struct insight_source *source, void *ctx),
	void *ctx, struct hilf_err *err)
{
	struct sources sources = {.fn = fn, .ctx = ctx};
	ASSERT(hilf && fn);
	int rc = engine_member(hilf, sources.member, &sources.founded, err);
	return rc ? rc : store_tally_source_each(hilf->store, tell_source, &sources, err);
}

/* ------------------------------------------------------------------------------------------ effect */

struct effect {
	struct insight_effect effect;
	uint64_t blocking[STORE_TALLY_PLACES];
};

static int add_day(const struct store_tally_bank *day, void *ctx)
{
	struct effect *sum = ctx;
	struct insight_effect *effect = &sum->effect;
	for (size_t i = 0; i < STORE_TALLY_PLACES; i++) {
		sum->blocking[i] += day->blocking[i];
		effect->matches += day->matched[i];
		if (i == STORE_TALLY_DIGEST)
			effect->digests += day->matched[i];
		else
			effect->by_distance[i] += day->matched[i];
	}
	effect->now.shadow += day->brought[HILF_SHADOW];
	effect->now.review += day->brought[HILF_REVIEW];
	effect->now.block += day->brought[HILF_BLOCK];
	if (day->radius < effect->known_radius)
		effect->known_radius = day->radius;
	return 0;
}

static void work_out(const struct effect *sum, struct insight_did *would)
{
	uint64_t matched = sum->effect.digests, blocking = sum->blocking[STORE_TALLY_DIGEST];
	for (size_t i = 0; i <= would->pdq_radius; i++) {
		matched += sum->effect.by_distance[i];
		blocking += sum->blocking[i];
	}
	if (would->mode == HILF_BLOCK)
		would->block = blocking;
	if (would->mode == HILF_SHADOW)
		would->shadow = matched;
	else
		would->review = matched > would->block ? matched - would->block : 0;
}

static int count_traffic(struct hilf *hilf, struct insight_effect *effect, struct hilf_err *err)
{
	struct insight_series series;
	struct arena arena;
	arena_init(&arena, 0);
	int rc = insight_series(hilf, effect->from_ms, effect->to_ms, INSIGHT_DAY, effect->to_ms,
		&arena, &series, err);
	for (size_t i = 0; !rc && i < series.count; i++) {
		effect->checks += insight_of(&series, TALLY_CHECKS)[i];
		effect->lookups += insight_of(&series, TALLY_LOOKUPS)[i];
	}
	arena_clear(&arena);
	return rc;
}

static int check_ask(const struct insight_ask *ask, struct hilf_err *err)
{
	if (ask->set_mode && (unsigned)ask->mode > HILF_BLOCK)
		return err_set(err, HILF_E_INVALID, "mode %d is none of shadow, review, block",
			(int)ask->mode);
	if (ask->set_radius && ask->pdq_radius > HILF_PDQ_RADIUS_MAX)
		return err_set(err, HILF_E_INVALID,
			"threshold pdq=%u is out of bounds: 0 to %d bits are allowed",
			ask->pdq_radius, HILF_PDQ_RADIUS_MAX);
	return 0;
}

int insight_effect(struct hilf *hilf, const char *bank, const struct insight_ask *ask,
	int64_t now_ms, struct insight_effect *ret_effect, struct hilf_err *err)
{
	struct effect sum = {0};
	struct insight_effect *effect = &sum.effect;
	struct store_bank row;
	struct hilf_bank is;
	ASSERT(hilf && bank && ask && ret_effect);
	int rc = check_ask(ask, err);
	if (!rc)
		rc = bank_find(hilf, false, bank, &row, err);
	if (!rc)
		rc = hilf_bank_get(hilf, bank, &is, err);
	if (rc)
		return rc;
	memcpy(effect->bank, is.name, sizeof effect->bank);
	effect->from_ms = now_ms - now_ms % STORE_DAY_MS - (INSIGHT_EFFECT_DAYS - 1) * STORE_DAY_MS;
	effect->from_ms = effect->from_ms > 0 ? effect->from_ms : 0;
	effect->to_ms = now_ms;
	effect->sample_ppm = is.sample_ppm;
	effect->known_radius = is.pdq_radius;
	effect->now.mode = is.mode;
	effect->now.pdq_radius = is.pdq_radius;
	effect->would.mode = ask->set_mode ? ask->mode : is.mode;
	effect->would.pdq_radius = ask->set_radius ? ask->pdq_radius : is.pdq_radius;
	rc = store_tally_bank_each(hilf->store, row.gid, effect->from_ms, add_day, &sum, err);
	if (!rc)
		rc = count_traffic(hilf, effect, err);
	if (rc)
		return rc;
	work_out(&sum, &effect->would);
	*ret_effect = *effect;
	return 0;
}

static void put_integer(struct buf *buf, const char *key, uint64_t value)
{
	json_put_key(buf, key);
	json_put_integer(buf, (int64_t)value);
}

static void put_did(struct buf *buf, const char *key, const struct insight_did *did)
{
	json_put_key(buf, key);
	buf_char(buf, '{');
	json_put_key(buf, "mode");
	json_put_text(buf, hilf_mode_name(did->mode));
	put_integer(buf, "pdq_radius", did->pdq_radius);
	put_integer(buf, "shadow", did->shadow);
	put_integer(buf, "review", did->review);
	put_integer(buf, "block", did->block);
	buf_char(buf, '}');
}

void insight_effect_write(const struct insight_effect *effect, struct buf *buf)
{
	buf_char(buf, '{');
	json_put_key(buf, "bank");
	json_put_text(buf, effect->bank);
	put_integer(buf, "days", INSIGHT_EFFECT_DAYS);
	put_integer(buf, "from_ms", (uint64_t)effect->from_ms);
	put_integer(buf, "to_ms", (uint64_t)effect->to_ms);
	put_integer(buf, "checks", effect->checks);
	put_integer(buf, "lookups", effect->lookups);
	put_integer(buf, "matches", effect->matches);
	put_integer(buf, "digests", effect->digests);
	json_put_key(buf, "by_distance");
	buf_char(buf, '[');
	for (size_t i = 0; i < COUNT_OF(effect->by_distance); i++) {
		json_put_item(buf);
		json_put_integer(buf, (int64_t)effect->by_distance[i]);
	}
	buf_char(buf, ']');
	put_did(buf, "now", &effect->now);
	put_did(buf, "would", &effect->would);
	json_put_key(buf, "unknown_above");
	if (effect->known_radius < HILF_PDQ_RADIUS_MAX)
		json_put_integer(buf, effect->known_radius);
	else
		buf_text(buf, "null");
	json_put_key(buf, "at_least");
	buf_text(buf, effect->would.pdq_radius > effect->known_radius ? "true" : "false");
	put_integer(buf, "sample_ppm", effect->sample_ppm);
	buf_char(buf, '}');
}

/* ------------------------------------------------------------------------------------------ the node */

int insight_room(struct hilf *hilf, uint64_t *ret_free, uint64_t *ret_size, struct hilf_err *err)
{
	ASSERT(hilf && hilf->data_dir && ret_free && ret_size);
	return file_room(hilf->data_dir, ret_free, ret_size, err);
}
