/* How much people looked at: a row per actor and day. Weeks are whole and do not overlap, so that what a lead sees of one
 * group can never be subtracted from what it sees of another. */
#include "engine/vault.h"

#include "base/check.h"
#include "engine/vault_parts.h"
#include "os/clock.h"

#include <string.h>

#define DAY_MS    (24ll * 3600 * 1000)
#define WEEK_DAYS 7

struct adding {
	const char *actor;
	int64_t day;
	uint32_t seconds;
};

static int add(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct adding *adding = ctx;
	return store_exposure_add(hilf->store, adding->actor, adding->day, 1, adding->seconds, err);
}

int exposure_add(struct hilf *hilf, const char *actor, uint32_t seconds, struct hilf_err *err)
{
	struct adding adding = {.actor = actor,
		.day = clock_now_ms() / DAY_MS,
		.seconds = seconds < EXPOSURE_REVEAL_MAX ? seconds : EXPOSURE_REVEAL_MAX};
	ASSERT(actor && *actor);
	return local_submit(hilf, add, &adding, err);
}

static int sum_own(struct hilf *hilf, const char *actor, int64_t from, int64_t to,
	struct exposure *ret_sum, struct hilf_err *err)
{
	struct store_exposure sum;
	int rc = store_exposure_own(hilf->store, actor, from, to, &sum, err);
	if (!rc)
		*ret_sum = (struct exposure){sum.reveals, sum.seconds};
	return rc;
}

int exposure_own(struct hilf *hilf, const char *actor, struct exposure *ret_today,
	struct exposure *ret_week, struct hilf_err *err)
{
	struct exposure today_sum, week_sum;
	int64_t today = clock_now_ms() / DAY_MS;
	ASSERT(actor);
	int rc = sum_own(hilf, actor, today, today, &today_sum, err);
	if (!rc)
		rc = sum_own(hilf, actor, today - WEEK_DAYS + 1, today, &week_sum, err);
	if (rc)
		return rc;
	*ret_today = today_sum;
	*ret_week = week_sum;
	return 0;
}

/* The first day since 1970 was a Thursday. */
static int64_t monday_of(int64_t day)
{
	return day - (day + 3) % WEEK_DAYS;
}

int exposure_group(struct hilf *hilf, struct exposure_group *ret_group, struct hilf_err *err)
{
	struct store_exposure sum;
	int64_t to = monday_of(clock_now_ms() / DAY_MS), from = to - WEEK_DAYS;
	struct exposure_group group = {.from_ms = from * DAY_MS, .to_ms = to * DAY_MS};
	int rc = store_exposure_all(hilf->store, from, to - 1, &sum, err);
	if (rc)
		return rc;
	if (sum.people >= EXPOSURE_GROUP_MIN) {
		group.people = sum.people;
		group.sum = (struct exposure){sum.reveals, sum.seconds};
	}
	*ret_group = group;
	return 0;
}
