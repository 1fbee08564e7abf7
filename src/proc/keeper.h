/* What has to be done again and again beside the requests, each in its own time:
 *
 *   quick   wakes long polls when the feed moved (50 ms), takes over keys that others made or revoked (100 ms)
 *   chores  looks back, sweeps what expired, was withdrawn or is old
 *   heavy   reads the snapshot ahead, merges the index, writes snapshots; at a lower priority
 *
 * A lane is a thread; the jobs of one lane wait for each other, and for nobody else. */
#ifndef PROC_KEEPER_H
#define PROC_KEEPER_H

#include "http/api.h"
#include "proc/log.h"

struct keeper;
struct keeper_conf {
	struct api *api;
	struct hilf *hilf;
	struct log *log;
	uint64_t checkpoint_ms, checkpoint_after; /* see config_rows */
};

int keeper_new(const struct keeper_conf *conf, struct keeper **ret_keeper, struct hilf_err *err);
/* From any thread. */
void keeper_set(struct keeper *keeper, uint64_t checkpoint_ms, uint64_t checkpoint_after);
/* Waits for what is under way, and frees. NULL is fine. */
void keeper_stop(struct keeper *keeper);

#endif
