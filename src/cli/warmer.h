/* A thread beside a command that asks the index much: it reads on what the snapshot has, so that queries get fast, and
 * does the merging that is due. A command that is over at once never hears of it. */
#ifndef CLI_WARMER_H
#define CLI_WARMER_H

#include "cli/cli.h"

#include <pthread.h>

struct warmer {
	struct hilf *hilf;
	pthread_t thread;
	bool running;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool stop;
};

/* cli->hilf was opened with CLI_INDEX and stays open until warmer_end. Without a thread more all goes on without. */
void warmer_begin(struct warmer *warmer, struct cli *cli);
void warmer_end(struct warmer *warmer);

/* After the answers: says what was wrong with the snapshot, if something was; and where opening had to read much of the
 * store, writes a snapshot for the next time. Nothing of it is trouble. */
void warmer_settle(struct cli *cli);

#endif
