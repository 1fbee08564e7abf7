/* Waits a moment, then works in small pieces until all is done or the command is over. */
#include "cli/warmer.h"

#include <signal.h>
#include <time.h>

/* A command that ends before this needs nobody to warm for it. */
#define WAIT_MS 200
/* Read at once: some hundredths of a second on a usual disk. */
#define PIECE ((size_t)16 << 20)
/* Entries that take about a quarter of a second to fold; below, a snapshot is not worth its room. */
#define FOLDED_MANY 200000

/* Whether to go on after at most wait_ms. */
static bool go_on(struct warmer *warmer, long wait_ms)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += wait_ms * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&warmer->mutex);
	while (wait_ms && !warmer->stop &&
		pthread_cond_timedwait(&warmer->changed, &warmer->mutex, &until) == 0)
		continue;
	bool stop = warmer->stop;
	pthread_mutex_unlock(&warmer->mutex);
	return !stop;
}

/* Failures are left to the queries, which meet them as well and say them. */
static void *work(void *argument)
{
	struct warmer *warmer = argument;
	bool more = go_on(warmer, WAIT_MS);
	while (more && go_on(warmer, 0))
		if (hilf_warm(warmer->hilf, PIECE, &more, NULL) != 0)
			return NULL;
	for (more = true; more && go_on(warmer, 0);)
		if (hilf_maintain(warmer->hilf, &more, NULL) != 0)
			return NULL;
	return NULL;
}

void warmer_begin(struct warmer *warmer, struct cli *cli)
{
	sigset_t all, before;
	*warmer = (struct warmer){.hilf = cli->hilf};
	pthread_mutex_init(&warmer->mutex, NULL);
	pthread_cond_init(&warmer->changed, NULL);
	/* Signals go to the caller's thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	warmer->running = pthread_create(&warmer->thread, NULL, work, warmer) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void warmer_end(struct warmer *warmer)
{
	pthread_mutex_lock(&warmer->mutex);
	warmer->stop = true;
	pthread_cond_signal(&warmer->changed);
	pthread_mutex_unlock(&warmer->mutex);
	if (warmer->running)
		pthread_join(warmer->thread, NULL);
	pthread_cond_destroy(&warmer->changed);
	pthread_mutex_destroy(&warmer->mutex);
}

void warmer_settle(struct cli *cli)
{
	struct hilf_index index;
	struct hilf_err err;
	if (hilf_index_get(cli->hilf, &index, NULL) != 0)
		return;
	if (index.mended_count)
		cli_say(cli,
			"the snapshot of the index could not be used, and all was read from the "
			"store: %s",
			index.mended_why);
	if (index.told_count < FOLDED_MANY || cli_stopped())
		return;
	out_flush(&cli->out); /* nobody waits for an answer because of this */
	if (hilf_checkpoint(cli->hilf, &err) == 0)
		cli_note(cli,
			"%llu entries had to be read from the store; a snapshot of the index was "
			"written, so "
			"that the next start is quick",
			(unsigned long long)index.told_count);
	else if (err.code != HILF_E_BUSY && err.code != HILF_E_DENIED)
		cli_note(cli, "no snapshot of the index was written, so starts stay slow: %s",
			err.text);
}
