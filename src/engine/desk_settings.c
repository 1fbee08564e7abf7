/* The table of the desk's settings, and their values in memory. What the store has is text; whatever stands there outside
 * the bounds of this version counts as the bound that is nearer, so that a table may become stricter. As with keys, a
 * generation that changes by chance says when to read again. */
#include "engine/desk_settings.h"

#include "base/check.h"
#include "base/err.h"
#include "base/nearest.h"
#include "engine/local.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GENERATION "desk.generation"
#define NAME_ROOM  48

/* clang-format off */
static const struct desk_setting_info settings[DESK_COUNT] = {
	[DESK_SAMPLE_DAILY] = {"sample_daily", "1/d", 0, 10, 1000,
		"Automatic blocks of the last day, picked at random, that become cases so that a person looks at them again."},
	[DESK_UNDO_SECONDS] = {"undo_seconds", "s", 0, 8, 60,
		"How long a decision can be taken back before anybody is told of it."},
	[DESK_LEASE_MINUTES] = {"lease_minutes", "min", 1, 15, 240,
		"How long a case stays with the reviewer who took it, counted from the last thing done in it."},
	[DESK_CASE_DAYS] = {"case_days", "d", 30, 180, 400,
		"How long decided and closed cases are kept. One that may still be appealed stays."},
	[DESK_SESSION_HOURS] = {"session_hours", "h", 1, 12, 24,
		"After so long a person signs in again, whatever they are doing."},
	[DESK_SESSION_IDLE_MINUTES] = {"session_idle_minutes", "min", 5, 30, 480,
		"After so long without doing anything a person signs in again."},
	[DESK_VAULT] = {"vault", "bool", 0, 0, 1,
		"Whether small previews of what was checked are kept, encrypted, for reviewers to compare."},
	[DESK_VAULT_DAYS] = {"vault_days", "d", 1, 30, 30,
		"How long previews are kept."},
	[DESK_VAULT_PRESERVE_DAYS] = {"vault_preserve_days", "d", 184, 184, 366,
		"How long previews are kept where a decision says that evidence is to be preserved."},
	[DESK_REPORTS_PER_MINUTE] = {"reports_per_minute", "1/min", 0, 600, 100000,
		"Reports of users that are taken from one API key or person; 0 is without limit."},
};
/* clang-format on */

const struct desk_setting_info *desk_setting_info(enum desk_setting which)
{
	ASSERT((unsigned)which < DESK_COUNT);
	return &settings[which];
}

int desk_setting_parse(const char *name, enum desk_setting *ret_which, struct hilf_err *err)
{
	struct nearest nearest;
	nearest_init(&nearest, name);
	for (unsigned i = 0; i < DESK_COUNT; i++) {
		if (strcmp(name, settings[i].name) == 0) {
			*ret_which = (enum desk_setting)i;
			return 0;
		}
		nearest_try(&nearest, settings[i].name);
	}
	if (nearest.best)
		return err_set(err, HILF_E_NOT_FOUND,
			"there is no setting '%.40s' of the desk; did you mean '%s'?", name,
			nearest.best);
	return err_set(err, HILF_E_NOT_FOUND, "there is no setting '%.40s' of the desk", name);
}

static void name_row(enum desk_setting which, char ret_name[NAME_ROOM])
{
	snprintf(ret_name, NAME_ROOM, "desk.%s", settings[which].name);
}

static int64_t within(const struct desk_setting_info *info, int64_t value)
{
	if (value < info->min)
		return info->min;
	return value > info->max ? info->max : value;
}

static int read_one(
	struct hilf *hilf, enum desk_setting which, int64_t *ret_value, struct hilf_err *err)
{
	char name[NAME_ROOM], text[24];
	name_row(which, name);
	int rc = store_setting_get(hilf->store, false, name, text, sizeof text, err);
	*ret_value = settings[which].value;
	if (rc)
		return rc == HILF_E_NOT_FOUND ? 0 : rc;
	*ret_value = within(&settings[which], strtoll(text, NULL, 10));
	return 0;
}

/* The generation is read before the values: what changes in between is read once more, not missed. */
static int load(struct hilf *hilf, struct hilf_err *err)
{
	struct local *local = hilf->local;
	int64_t values[DESK_COUNT];
	char generation[24];
	int rc = local_generation(hilf, false, GENERATION, generation, err);
	if (rc)
		return rc;
	if (atomic_load(&local->desk_read) && strcmp(generation, local->desk_generation) == 0)
		return 0;
	for (unsigned i = 0; i < DESK_COUNT && !rc; i++)
		rc = read_one(hilf, (enum desk_setting)i, &values[i], err);
	if (rc)
		return rc;
	for (unsigned i = 0; i < DESK_COUNT; i++)
		atomic_store_explicit(&local->desk[i], values[i], memory_order_relaxed);
	memcpy(local->desk_generation, generation, sizeof local->desk_generation);
	atomic_store_explicit(&local->desk_read, true, memory_order_release);
	return 0;
}

int desk_settings_refresh(struct hilf *hilf, struct hilf_err *err)
{
	ASSERT(hilf);
	if (!hilf->store)
		return 0;
	pthread_mutex_lock(&hilf->local->desk_mutex);
	int rc = load(hilf, err);
	pthread_mutex_unlock(&hilf->local->desk_mutex);
	return rc;
}

int64_t desk_setting(struct hilf *hilf, enum desk_setting which)
{
	ASSERT(hilf && (unsigned)which < DESK_COUNT);
	struct local *local = hilf->local;
	if (!hilf->store)
		return settings[which].value;
	if (!atomic_load_explicit(&local->desk_read, memory_order_acquire) &&
		desk_settings_refresh(hilf, NULL))
		return settings[which].value;
	return atomic_load_explicit(&local->desk[which], memory_order_relaxed);
}

struct setting {
	enum desk_setting which;
	int64_t value;
};

static int write_one(struct hilf *hilf, void *ctx, struct hilf_err *err)
{
	const struct setting *setting = ctx;
	char name[NAME_ROOM], text[24];
	name_row(setting->which, name);
	snprintf(text, sizeof text, "%lld", (long long)setting->value);
	int rc = store_setting_set(hilf->store, name, text, err);
	return rc ? rc : local_new_generation(hilf, GENERATION, err);
}

int desk_setting_set(
	struct hilf *hilf, enum desk_setting which, int64_t value, struct hilf_err *err)
{
	const struct desk_setting_info *info = desk_setting_info(which);
	struct setting setting = {which, value};
	ASSERT(hilf);
	if (value < info->min || value > info->max)
		return err_set(err, HILF_E_INVALID, "'%s' is a number from %lld to %lld",
			info->name, (long long)info->min, (long long)info->max);
	int rc = local_submit(hilf, write_one, &setting, err);
	/* That memory could not follow is the next refresh's to say: the change is durable. */
	if (!rc)
		desk_settings_refresh(hilf, NULL);
	return rc;
}
