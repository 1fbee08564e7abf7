/* Work on many items with several threads, results in the order of the items.
 *
 *   next (any thread, one at a time) ──► work (any thread, at once) ──► done (the caller's thread, in order)
 *
 * Items in flight are bounded, so neither an endless list nor a slow reader of the results costs memory. `next` runs in
 * the workers: a wait for more input holds back nothing that is ready. */
#ifndef CLI_POOL_H
#define CLI_POOL_H

struct pool {
	/* Gives the next item and returns 1; 0 when there are no more. */
	int (*next)(void *ctx, void **ret_item);
	void (*work)(void *ctx, void *item);
	/* Takes the item over. A return other than 0 ends the work: what is in flight is finished and goes to drop. */
	int (*done)(void *ctx, void *item);
	void (*drop)(void *ctx, void *item);
	/* On the caller's thread, before it waits and at least ten times a second while it does. */
	void (*idle)(void *ctx);
	unsigned threads; /* 0: one per core */
};

/* Returns 0, or what done returned. Once cli_stopped, nothing more is begun. */
int pool_run(const struct pool *pool, void *ctx);

#endif
