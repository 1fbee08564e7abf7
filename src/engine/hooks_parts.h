/* What the files of webhooks owe each other, and checks. */
#ifndef ENGINE_HOOKS_PARTS_H
#define ENGINE_HOOKS_PARTS_H

#include "engine/hooks.h"
#include "engine/local.h"

bool hook_event_parse(const char *name, unsigned *ret_index);
/* A fresh UUID. */
void hook_new_id(int64_t now_ms, char ret_id[HOOK_ID_TEXT]);
/* The store's number of a hook; HILF_E_NOT_FOUND. */
int hook_number(struct hilf *hilf, bool in_write, const char *id, uint64_t *ret_number,
	struct hilf_err *err);

/* Within a job, after subscriptions changed. */
int hooks_changed(struct hilf *hilf, struct hilf_err *err);
int hooks_switch_off(struct hilf *hilf, uint64_t number, const char *why, struct hilf_err *err);
int hooks_add_event(struct hilf *hilf, uint64_t number, const char *event, const char *event_id,
	const struct buf *body, int64_t now_ms, struct hilf_err *err);
/* As hooks_queue, for an event of several banks. */
int hooks_queue_banks(struct hilf *hilf, const char *event, const char *const *banks,
	size_t bank_count, const char *data, size_t size, struct hilf_err *err);
/* The same where who is limited to some banks is not told of others: `fn` appends the JSON object for a hook of these banks,
 * and for all that are of none (banks NULL) once. It runs with a lock held, and only writes. */
typedef void hook_data_fn(struct buf *buf, const char *const *banks, size_t bank_count, void *ctx);
int hooks_queue_each(struct hilf *hilf, const char *event, const char *const *banks,
	size_t bank_count, hook_data_fn *fn, void *ctx, struct hilf_err *err);

#endif
