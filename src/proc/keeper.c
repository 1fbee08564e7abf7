/* A table of jobs and three threads that run what is due of their lane. A job that says there is more is due again after a
 * breath; one that fails is said once and tried again after a while. */
#include "proc/keeper.h"

#include "base/check.h"
#include "base/err.h"
#include "engine/cases.h"
#include "engine/decide.h"
#include "engine/exemptions.h"
#include "engine/tally.h"
#include "engine/vault.h"
#include "http/metrics.h"
#include "os/clock.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define AGAIN_US       1000ll           /* between pieces of one job */
#define AFTER_ERROR_US (10 * 1000000ll) /* before a job that failed is tried again */
#define WARM_PIECE     ((size_t)4 << 20)
#define SWEEP_COUNT    500
#define DECISION_COUNT 50 /* pieces, of a thousand contents each at most */
#define NICE           10
/* Counting what the vault holds reads all of its rows: about each ten minutes is often enough. */
#define VAULT_LOOK_TURNS 10
/* Between two times that free memory is given back, so many times as long as the last one took. */
#define GIVE_BACK_REST 5000

enum lane { LANE_QUICK, LANE_CHORES, LANE_HEAVY, LANE_COUNT };

struct worker {
	struct keeper *keeper;
	enum lane lane;
	pthread_t thread;
	bool running;
};

struct keeper {
	struct keeper_conf conf;
	_Atomic uint64_t checkpoint_ms, checkpoint_after;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool stop;
	struct worker workers[LANE_COUNT];
	/* of single jobs, each of one thread */
	uint64_t head_seq, head_local;
	bool warmed;
	uint64_t checkpoint_told, mended_count;
	int64_t checkpoint_us;
	int64_t give_back_us; /* not before */
	unsigned vault_turns;
	uint64_t vault_locked;
	char vault_why[HILF_REASON_MAX];
};

/* ------------------------------------------------------------------------------------------------ jobs */

typedef int job_fn(struct keeper *keeper, bool *ret_more, struct hilf_err *err);

/* What other processes wrote is applied here, so that a query finds it applied. */
static int wake(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	uint64_t seq, local;
	(void)ret_more;
	int rc = hilf_refresh(keeper->conf.hilf, err);
	hilf_feed_head(keeper->conf.hilf, &seq, &local);
	if (seq != keeper->head_seq || local != keeper->head_local) {
		keeper->head_seq = seq;
		keeper->head_local = local;
		struct http_server *server = atomic_load(&keeper->conf.api->server);
		if (server)
			http_wake(server);
	}
	return rc;
}

static int refresh_keys(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	(void)ret_more;
	return keys_refresh(keeper->conf.api->keys, err);
}

/* A follower is ready while it heard of its leader lately. */
static int see_leader(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	struct api *api = keeper->conf.api;
	int64_t heard_ms = atomic_load(&api->heard_ms);
	(void)ret_more;
	(void)err;
	if (!api->follower)
		return 0;
	bool lately = heard_ms && clock_now_ms() - heard_ms <= api_conf(api)->lag_max_ms;
	int from = lately ? API_BEHIND : API_READY;
	if (atomic_compare_exchange_strong(&api->state, &from, lately ? API_READY : API_BEHIND))
		log_say(keeper->conf.log, lately ? LEVEL_INFO : LEVEL_WARNING,
			lately ? "follow.ready" : "follow.behind",
			lately ? "ready: it has what its leader has"
			       : "not ready: it has not heard of its leader for too long");
	return 0;
}

static int save_keys(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	(void)ret_more;
	return keys_save(keeper->conf.api->keys, err);
}

static int save_people(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	(void)ret_more;
	return people_save(keeper->conf.hilf, clock_now_ms(), err);
}

static int read_exchanges(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	(void)ret_more;
	return hma_turn(keeper->conf.api, err);
}

static int look_back(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	struct lookback *lookback = keeper->conf.api->lookback;
	return lookback ? lookback_turn(lookback, ret_more, err) : 0;
}

static int sweep_expired(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	return checks_sweep_expired(keeper->conf.hilf, SWEEP_COUNT, ret_more, err);
}

static int sweep_withdrawn(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	if (!keeper->conf.api->follower)
		return 0;
	return checks_sweep_withdrawn(keeper->conf.hilf, SWEEP_COUNT, ret_more, err);
}

static int sweep_old(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	return checks_sweep_old(keeper->conf.hilf, SWEEP_COUNT, ret_more, err);
}

static int store_tallies(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	(void)ret_more;
	return tally_turn(keeper->conf.hilf, clock_now_ms(), err);
}

static int follow_decisions(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	return decide_sweep(keeper->conf.hilf, DECISION_COUNT, ret_more, err);
}

static int sweep_exemptions(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	return exemptions_sweep(keeper->conf.hilf, SWEEP_COUNT, ret_more, err);
}

static int sample_cases(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	(void)ret_more;
	return cases_sample(keeper->conf.hilf, err);
}

static int sweep_cases(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	return cases_sweep(keeper->conf.hilf, SWEEP_COUNT, ret_more, err);
}

/* What cannot be shown, and what keeps previews from being kept, said once and again when it is another. */
static void see_vault(struct keeper *keeper)
{
	struct vault_state state;
	struct hilf_err err;
	if (vault_state(keeper->conf.hilf, &state, &err))
		return;
	if (state.locked_count && state.locked_count != keeper->vault_locked)
		log_say(keeper->conf.log, LEVEL_WARNING, "vault.locked",
			"%llu of %llu previews are sealed with a key that is not in vault.key, and "
			"cannot be seen until the right one is put back",
			(unsigned long long)state.locked_count, (unsigned long long)state.count);
	if (*state.why && strcmp(state.why, keeper->vault_why) != 0)
		log_say(keeper->conf.log, LEVEL_WARNING, "vault.key", "%s", state.why);
	keeper->vault_locked = state.locked_count;
	memcpy(keeper->vault_why, state.why, sizeof keeper->vault_why);
}

static int sweep_vault(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	int rc = vault_sweep(keeper->conf.hilf, SWEEP_COUNT, ret_more, err);
	if (!rc && !*ret_more && keeper->vault_turns++ % VAULT_LOOK_TURNS == 0)
		see_vault(keeper);
	return rc;
}

static int warm(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	if (keeper->warmed)
		return 0;
	int rc = hilf_warm(keeper->conf.hilf, WARM_PIECE, ret_more, err);
	keeper->warmed = !rc && !*ret_more;
	if (keeper->warmed)
		log_say(keeper->conf.log, LEVEL_DEBUG, "warm", "all of the snapshot is read");
	return rc;
}

static int maintain(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	return hilf_maintain(keeper->conf.hilf, ret_more, err);
}

static void see_mended(struct keeper *keeper, const struct hilf_index *index)
{
	if (index->mended_count == keeper->mended_count)
		return;
	metrics_event(keeper->conf.api->metrics, METRIC_SEGMENTS_MENDED,
		index->mended_count - keeper->mended_count);
	keeper->mended_count = index->mended_count;
	log_say(keeper->conf.log, LEVEL_WARNING, "index.mended",
		"the snapshot of the index could not be used, and all was read from the store: %s",
		index->mended_why);
}

/* When enough is new, and the last one is long enough ago. */
static int checkpoint(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	struct hilf_index index;
	int64_t began_us = clock_monotonic_us();
	(void)ret_more;
	int rc = hilf_index_get(keeper->conf.hilf, &index, err);
	if (rc)
		return rc;
	see_mended(keeper, &index);
	/* Everything is told anew after a damage. */
	if (index.told_count < keeper->checkpoint_told)
		keeper->checkpoint_told = 0;
	if (index.told_count - keeper->checkpoint_told < atomic_load(&keeper->checkpoint_after) ||
		(keeper->checkpoint_us &&
			began_us - keeper->checkpoint_us <
				(int64_t)atomic_load(&keeper->checkpoint_ms) * 1000))
		return 0;
	rc = hilf_checkpoint(keeper->conf.hilf, err);
	keeper->checkpoint_us = began_us;
	if (rc)
		return rc == HILF_E_BUSY ? 0 : rc;
	keeper->checkpoint_told = index.told_count;
	metrics_event(keeper->conf.api->metrics, METRIC_CHECKPOINT, 1);
	log_say(keeper->conf.log, LEVEL_INFO, "checkpoint",
		"a snapshot of the index was written in %lld ms",
		(long long)((clock_monotonic_us() - began_us) / 1000));
	return 0;
}

static int64_t own_time_us(void)
{
	struct timespec time;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* glibc keeps what each thread has freed for its next use. What is in use at once differs from minute to minute, so what is
 * kept grows for hours; what lies free is the system's meanwhile. Meanwhile whoever wants memory of the same heap waits: a
 * fifth of a millisecond for a thousand free pieces, tens of them where hundreds of megabytes are free, so that is done the
 * less often the longer it takes. */
static int give_back(struct keeper *keeper, bool *ret_more, struct hilf_err *err)
{
	int64_t now_us = clock_monotonic_us(), from_us = own_time_us();
	(void)ret_more;
	(void)err;
	if (now_us < keeper->give_back_us)
		return 0;
#ifdef __GLIBC__
	malloc_trim(0);
#endif
	keeper->give_back_us = now_us + (own_time_us() - from_us) * GIVE_BACK_REST;
	return 0;
}

static const struct {
	const char *event; /* of its failure */
	enum lane lane;
	unsigned every_ms;
	job_fn *run;
} jobs[] = {
	{"feed.failed", LANE_QUICK, 50, wake},
	{"keys.failed", LANE_QUICK, 100, refresh_keys},
	{"follow.behind", LANE_QUICK, 50, see_leader},
	{"look-back.failed", LANE_CHORES, 1000, look_back},
	{"keys.save.failed", LANE_CHORES, 60000, save_keys},
	{"people.save.failed", LANE_CHORES, 60000, save_people},
	{"exchange.failed", LANE_CHORES, 60000, read_exchanges},
	{"sweep.expired.failed", LANE_CHORES, 1000, sweep_expired},
	{"sweep.withdrawn.failed", LANE_CHORES, 1000, sweep_withdrawn},
	{"sweep.old.failed", LANE_CHORES, 60000, sweep_old},
	{"tally.failed", LANE_CHORES, TALLY_FLUSH_MS, store_tallies},
	{"decisions.failed", LANE_CHORES, 1000, follow_decisions},
	{"sweep.exemptions.failed", LANE_CHORES, 60000, sweep_exemptions},
	{"cases.sample.failed", LANE_CHORES, 60000, sample_cases},
	{"cases.sweep.failed", LANE_CHORES, 60000, sweep_cases},
	{"sweep.vault.failed", LANE_CHORES, 60000, sweep_vault},
	{"memory.failed", LANE_CHORES, 10000, give_back},
	{"warm.failed", LANE_HEAVY, 1000, warm},
	{"maintain.failed", LANE_HEAVY, 250, maintain},
	{"checkpoint.failed", LANE_HEAVY, 1000, checkpoint},
};

/* ------------------------------------------------------------------------------------------------- lanes */

/* Waits until then, or until it is to end: false. */
static bool go_on(struct keeper *keeper, int64_t until_us)
{
	struct timespec until = {
		.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
	pthread_mutex_lock(&keeper->mutex);
	while (!keeper->stop && clock_monotonic_us() < until_us)
		pthread_cond_timedwait(&keeper->changed, &keeper->mutex, &until);
	bool stop = keeper->stop;
	pthread_mutex_unlock(&keeper->mutex);
	return !stop;
}

/* When it is due again. */
static int64_t run_job(struct keeper *keeper, size_t i)
{
	struct hilf_err err = {0};
	bool more = false;
	int rc = jobs[i].run(keeper, &more, &err);
	int64_t now_us = clock_monotonic_us();
	if (rc) {
		log_say(keeper->conf.log, LEVEL_ERROR, jobs[i].event, "%s", err.text);
		return now_us + AFTER_ERROR_US;
	}
	return now_us + (more ? AGAIN_US : (int64_t)jobs[i].every_ms * 1000);
}

static void *run_lane(void *argument)
{
	struct worker *worker = argument;
	struct keeper *keeper = worker->keeper;
	int64_t due_us[COUNT_OF(jobs)] = {0}, next_us;
	if (worker->lane == LANE_HEAVY)
		setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
	do {
		next_us = INT64_MAX;
		for (size_t i = 0; i < COUNT_OF(jobs); i++) {
			if (jobs[i].lane != worker->lane)
				continue;
			if (clock_monotonic_us() >= due_us[i])
				due_us[i] = run_job(keeper, i);
			if (due_us[i] < next_us)
				next_us = due_us[i];
		}
	} while (go_on(keeper, next_us));
	return NULL;
}

void keeper_set(struct keeper *keeper, uint64_t checkpoint_ms, uint64_t checkpoint_after)
{
	atomic_store(&keeper->checkpoint_ms, checkpoint_ms);
	atomic_store(&keeper->checkpoint_after, checkpoint_after);
}

int keeper_new(const struct keeper_conf *conf, struct keeper **ret_keeper, struct hilf_err *err)
{
	pthread_condattr_t monotonic;
	struct keeper *keeper = calloc(1, sizeof *keeper);
	if (!keeper)
		return err_no_memory(err);
	keeper->conf = *conf;
	keeper_set(keeper, conf->checkpoint_ms, conf->checkpoint_after);
	pthread_mutex_init(&keeper->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&keeper->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	for (int lane = 0; lane < LANE_COUNT; lane++) {
		struct worker *worker = &keeper->workers[lane];
		worker->keeper = keeper;
		worker->lane = (enum lane)lane;
		int sys = pthread_create(&worker->thread, NULL, run_lane, worker);
		if (sys) {
			keeper_stop(keeper);
			return err_sys(err, HILF_E_NO_MEMORY, sys, "cannot start a thread");
		}
		worker->running = true;
	}
	*ret_keeper = keeper;
	return 0;
}

void keeper_stop(struct keeper *keeper)
{
	if (!keeper)
		return;
	pthread_mutex_lock(&keeper->mutex);
	keeper->stop = true;
	pthread_cond_broadcast(&keeper->changed);
	pthread_mutex_unlock(&keeper->mutex);
	for (int lane = 0; lane < LANE_COUNT; lane++)
		if (keeper->workers[lane].running)
			pthread_join(keeper->workers[lane].thread, NULL);
	pthread_cond_destroy(&keeper->changed);
	pthread_mutex_destroy(&keeper->mutex);
	free(keeper);
}
