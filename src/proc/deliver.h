/* Delivers webhooks: takes what is due from the outbox, posts it through hilf-fetch, signed, and tells the outbox what came
 * of it. Hooks are served side by side, the deliveries of one in their order. What is under way when the process dies is due
 * again after the next start, so a receiver may see it twice (webhook-id is the same). */
#ifndef PROC_DELIVER_H
#define PROC_DELIVER_H

#include "http/api.h"
#include "proc/log.h"

struct deliver;

int deliver_new(struct api *api, struct hilf *hilf, struct fetch_pool *fetch, struct log *log,
	struct deliver **ret_deliver, struct hilf_err *err);
/* Waits for what is under way (its time-out at most), and frees. NULL is fine. */
void deliver_stop(struct deliver *deliver);

#endif
