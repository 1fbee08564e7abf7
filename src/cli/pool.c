/* A ring of slots. An item has the number of its turn; slot number % slots holds it until all before it are done.
 *
 *        given                 next
 *          ▼                    ▼
 *   . . . [r][w][w][r][w][r] . . .        r: ready, w: with a worker; done takes the one at `given` once it is ready
 */
#include "cli/pool.h"

#include "cli/cli.h"
#include "os/clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

#define THREADS_MAX 64
#define SLOTS       256
#define IDLE_NS     (100l * 1000 * 1000)

struct run {
	const struct pool *pool;
	void *ctx;
	unsigned slots;       /* in use: a few per thread */
	pthread_mutex_t turn; /* held around pool->next */
	pthread_mutex_t lock; /* for all below */
	pthread_cond_t changed;
	unsigned long next, given;
	unsigned working; /* threads */
	bool ended;
	struct {
		void *item;
		bool ready;
	} slot[SLOTS];
};

/* Takes the next item and its number; false when the work is over. */
static bool take(struct run *run, void **ret_item, unsigned long *ret_number)
{
	bool taken = false;
	pthread_mutex_lock(&run->turn);
	pthread_mutex_lock(&run->lock);
	while (!run->ended && run->next - run->given >= run->slots)
		pthread_cond_wait(&run->changed, &run->lock);
	bool ended = run->ended;
	pthread_mutex_unlock(&run->lock);
	if (!ended) {
		taken = !cli_stopped() && run->pool->next(run->ctx, ret_item) > 0;
		pthread_mutex_lock(&run->lock);
		if (taken) {
			*ret_number = run->next++;
			run->slot[*ret_number % run->slots].item = *ret_item;
			run->slot[*ret_number % run->slots].ready = false;
		} else {
			run->ended = true;
			pthread_cond_broadcast(&run->changed);
		}
		pthread_mutex_unlock(&run->lock);
	}
	pthread_mutex_unlock(&run->turn);
	return taken;
}

static void *worker(void *argument)
{
	struct run *run = argument;
	void *item;
	unsigned long number;
	while (take(run, &item, &number)) {
		run->pool->work(run->ctx, item);
		pthread_mutex_lock(&run->lock);
		run->slot[number % run->slots].ready = true;
		if (number == run->given)
			pthread_cond_broadcast(&run->changed);
		pthread_mutex_unlock(&run->lock);
	}
	pthread_mutex_lock(&run->lock);
	run->working--;
	pthread_cond_broadcast(&run->changed);
	pthread_mutex_unlock(&run->lock);
	return NULL;
}

static void wait_a_little(struct run *run)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += IDLE_NS;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&run->changed, &run->lock, &until);
}

/* Hands results over in order until the last worker has left. */
static int collect(struct run *run)
{
	int rc = 0;
	pthread_mutex_lock(&run->lock);
	for (;;) {
		bool any = run->given < run->next;
		if (any && run->slot[run->given % run->slots].ready) {
			void *item = run->slot[run->given % run->slots].item;
			run->given++;
			pthread_cond_broadcast(&run->changed);
			pthread_mutex_unlock(&run->lock);
			if (rc)
				run->pool->drop(run->ctx, item);
			else
				rc = run->pool->done(run->ctx, item);
			pthread_mutex_lock(&run->lock);
			run->ended |= rc != 0;
			continue;
		}
		if (!any && !run->working)
			break;
		pthread_mutex_unlock(&run->lock);
		run->pool->idle(run->ctx);
		pthread_mutex_lock(&run->lock);
		if (run->given == run->next || !run->slot[run->given % run->slots].ready)
			wait_a_little(run);
	}
	pthread_mutex_unlock(&run->lock);
	return rc;
}

/* Without a single thread more the caller does it all. */
static int run_alone(const struct pool *pool, void *ctx)
{
	void *item;
	int rc = 0;
	while (!rc && !cli_stopped() && pool->next(ctx, &item) > 0) {
		pool->work(ctx, item);
		rc = pool->done(ctx, item);
		pool->idle(ctx);
	}
	return rc;
}

int pool_run(const struct pool *pool, void *ctx)
{
	struct run run = {.pool = pool, .ctx = ctx};
	pthread_t threads[THREADS_MAX];
	pthread_condattr_t clock;
	sigset_t all, before;
	unsigned wanted = pool->threads ? pool->threads : clock_cores(), count = 0;
	if (wanted > THREADS_MAX)
		wanted = THREADS_MAX;
	run.slots = wanted * 4;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&run.changed, &clock);
	pthread_condattr_destroy(&clock);
	pthread_mutex_init(&run.lock, NULL);
	pthread_mutex_init(&run.turn, NULL);
	/* Signals go to the caller's thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_mutex_lock(&run.lock);
	while (count < wanted && pthread_create(&threads[count], NULL, worker, &run) == 0)
		count++;
	run.working = count;
	pthread_mutex_unlock(&run.lock);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	int rc = count ? collect(&run) : run_alone(pool, ctx);
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	pthread_cond_destroy(&run.changed);
	pthread_mutex_destroy(&run.lock);
	pthread_mutex_destroy(&run.turn);
	return rc;
}
