/* Webhooks: subscriptions, and an outbox that outlives restarts. Deliveries follow the Standard Webhooks specification:
 * headers webhook-id, webhook-timestamp (seconds) and webhook-signature "v1,<base64 of HMAC-SHA256>" over
 * "<id>.<timestamp>.<body>", with a secret "whsec_<base64>". The body is {"type":..,"timestamp":..,"data":{..}}.
 *
 *   event ──► one row per subscription that wants it ──► due ──► delivered: gone
 *                                                         └─ retried after 5 s, 30 s, 2 min, 10 min, 1 h, 4 h, 12 h, 24 h
 *                                                              └─ then, or after "410 Gone": dead, kept 30 days to read and replay
 */
#ifndef ENGINE_HOOKS_H
#define ENGINE_HOOKS_H

#include "base/buf.h"
#include "hilf.h"

#define HOOK_ID_TEXT    37
#define HOOK_URL_MAX    2048
#define HOOK_SECRET_MAX 80
#define HOOK_EVENTS_MAX 32
#define HOOK_BANKS_MAX  32

/* The closed list of events by number, from 0; NULL past the end: "check.matched", "check.blocked", "entry.added",
 * "entry.changed", "entry.withdrawn", "entry.reversed", "content.recognised", "bank.changed", "case.opened", "decision.made",
 * "decision.ended", "decision.reversed", "statement.released", "appeal.made", "appeal.decided", "content.restored",
 * "threat.escalated", "ping". */
const char *hook_event_name(unsigned index);

struct hook_info {
	char id[HOOK_ID_TEXT];
	const char *url;
	const char *const *events; /* "*" or names */
	size_t event_count;
	const char *const *banks; /* names */
	size_t bank_count;        /* 0: all */
	bool enabled;
	int64_t created_ms;
	char secret
		[HOOK_SECRET_MAX]; /* filled by hook_create, and hook_set with new_secret; "" otherwise */
	const char *note;          /* why hilf switched it off by itself; "" */
	uint64_t outbox_count, outbox_size; /* what waits or is dead, and its bytes */
};
/* What a hook may leave in the outbox, dead ones included. One that goes over it is switched off, with a note: never
 * silently, and never without bound. */
#define HOOK_OUTBOX_COUNT 1000000u
#define HOOK_OUTBOX_SIZE  (1ull << 30)
#define HOOK_EVENT_MAX    (2u << 20) /* bytes of one event */
#define HOOK_DEAD_DAYS    30
#define HOOK_ATTEMPTS     9 /* the first and eight more */

/* Checks url's form (http or https, no credentials), events and banks. Texts in ret_info (may be NULL) are those of `info`. */
int hook_create(struct hilf *hilf, const struct hook_info *info, struct hook_info *ret_info,
	struct hilf_err *err);
struct hook_change {
	const char *url;
	const char *const *events;
	size_t event_count;
	bool set_enabled, enabled, new_secret;
};
/* Of ret_info (may be NULL) id, enabled, created_ms and secret are set, and url where it was given. Switched on again it goes on with
 * what waited. */
int hook_set(struct hilf *hilf, const char *id, const struct hook_change *change,
	struct hook_info *ret_info, struct hilf_err *err);
int hook_remove(struct hilf *hilf, const char *id, struct hilf_err *err);
int hook_each(struct hilf *hilf, int (*fn)(const struct hook_info *info, void *ctx), void *ctx,
	struct hilf_err *err);

/* Reads subscriptions anew where another process changed them. keys_refresh does it, too. */
int hooks_refresh(struct hilf *hilf, struct hilf_err *err);
/* Sends "ping" to one, whatever it subscribed to and also when it is off. */
int hook_test(struct hilf *hilf, const char *id, struct hilf_err *err);

/* Within a write job: queues an event for whoever subscribed to it. data: a JSON object. bank NULL: of none, so that who
 * subscribed to some banks does not get it. Where nobody wants it, it costs no query. */
int hooks_queue(struct hilf *hilf, const char *event, const char *bank, const char *data,
	size_t size, struct hilf_err *err);
/* The same in a job of its own. */
int hooks_send(struct hilf *hilf, const char *event, const char *bank, const char *data,
	size_t size, struct hilf_err *err);

struct delivery {
	uint64_t id;
	char hook[HOOK_ID_TEXT], event_id[HOOK_ID_TEXT];
	const char *event, *url, *secret;
	const char *body;
	size_t size;
	unsigned attempts;
	int64_t created_ms, next_ms, failed_ms;
	int last_status;
	const char *last_error;
	bool dead;
};
/* Deliveries due at now_ms, oldest first, one per hook at a time so that events of a hook keep their order: the same one
 * again until delivery_result. Of hooks that are switched off, none. */
int deliveries_due(struct hilf *hilf, int64_t now_ms, size_t limit,
	int (*fn)(const struct delivery *delivery, void *ctx), void *ctx, struct hilf_err *err);
/* When the next is due; INT64_MAX: none is waiting. */
int deliveries_next(struct hilf *hilf, int64_t *ret_ms, struct hilf_err *err);
/* status: of the answer, 0 where none came; error: why, for a person. 2xx: delivered, and gone. 410: dead at once, and the
 * hook is switched off. HILF_E_NOT_FOUND: it is gone, with its hook. */
int delivery_result(
	struct hilf *hilf, uint64_t id, int status, const char *error, struct hilf_err *err);
/* Newest first, before id `before` (0: from the newest); hook NULL: of all. Their secrets are "". */
int deliveries_page(struct hilf *hilf, const char *hook, bool dead, uint64_t before, size_t limit,
	int (*fn)(const struct delivery *delivery, void *ctx), void *ctx, struct hilf_err *err);
/* A dead one (0: all of the hook) is due again at once. */
int deliveries_replay(struct hilf *hilf, const char *hook, uint64_t id, uint64_t *ret_count,
	struct hilf_err *err);
struct deliveries_count {
	uint64_t waiting, dead;
	int64_t oldest_ms;
};
int deliveries_count(struct hilf *hilf, struct deliveries_count *ret_count, struct hilf_err *err);
/* The headers' values for one delivery at now_ms. ret_signature: room for 64 bytes. */
int hook_sign(const char *secret, const char *event_id, int64_t now_ms, const void *body,
	size_t size, char ret_signature[64], struct hilf_err *err);

#endif
