/* Local memory: what this node keeps for itself. Keys, webhooks with their outbox, recorded checks, answers to repeated
 * requests, look-back. Never shared, never folded, in every backup; rows go when their own time is over.
 *
 *   l_key, l_key_use          API keys; when they were used, about
 *   l_webhook, l_webhook_load subscriptions; how much waits for each
 *   l_outbox                  events on their way, a row per subscription
 *   l_check                   what was checked and matched
 *   l_check_entry             entry ──► the checks that still rest on it
 *   l_rest                    the entries of those, with their expiry and the most they may bring
 *   l_idempotent              answers, by a hash of who asked with which key
 *   l_lookback                signals of recent checks
 *   l_beside                  what a client keeps beside an entry
 *   l_tally...                counts: store/tally.h
 *
 * Rows carry a mark like all others; here SQLite computes it, by the function local_mark (local_sql.c). Lists in a text
 * have a line for each item. Texts that are NULL in a struct are NULL in the row.
 *
 * What changes something goes between store_begin and store_commit, and a failure there fails the whole write; what
 * reads takes in_write like the rest of the store. Callbacks may read, but not with in_write. */
#ifndef STORE_LOCAL_H
#define STORE_LOCAL_H

#include "base/arena.h"
#include "store/store.h"

/* Which write this is, counted since the store was opened: what was read within one is true until the next. */
uint64_t store_write_number(const struct store *store);

/* ------------------------------------------------------------------------------------------------- keys */

/* Who holds a key, as they are now. */
struct store_holder {
	const char *name, *banks; /* name NULL: there is nobody of that id */
	uint32_t role;
	bool enabled, enrolled;
};
struct store_key {
	const char *id, *name, *banks; /* banks NULL: all */
	const char *held_by;           /* a person's id; NULL: nobody's, a machine's */
	uint8_t hash[32];
	uint32_t role, rate_per_s;
	int64_t created_ms, expires_ms, revoked_ms;
	uint64_t quota_per_day;
	int64_t used_ms, used_day; /* of l_key_use; used_day: days since 1970 */
	uint64_t used_count;       /* checks on that day */
	struct store_holder holder; /* read, never written */
};
/* All of it but what l_key_use has; HILF_E_EXISTS for an id that is there. */
int store_key_add(struct store *store, const struct store_key *key, struct hilf_err *err);
/* HILF_E_NOT_FOUND. One that was revoked stays as it was. */
int store_key_revoke(struct store *store, const char *id, int64_t now_ms, struct hilf_err *err);
/* used_ms, used_day and used_count alone. */
int store_key_used(struct store *store, const struct store_key *key, struct hilf_err *err);
int store_key_each(struct store *store, bool in_write,
	int (*fn)(const struct store_key *key, void *ctx), void *ctx, struct hilf_err *err);

/* A bank gets another name: followed in whatever is limited to it. What was changed: */
struct store_scopes {
	bool keys, hooks, users;
};
int store_scopes_rename(struct store *store, const char *was, const char *name,
	struct store_scopes *ret_scopes, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------------- webhooks */

struct store_hook {
	uint64_t number;                                       /* 0 in store_hook_put: a new one */
	const char *id, *url, *events, *banks, *secret, *note; /* banks, note: or NULL */
	bool enabled;
	int64_t created_ms;
	uint64_t load_count,
		load_size; /* of its outbox, dead ones included; not of store_hook_put */
};
int store_hook_put(struct store *store, const struct store_hook *hook, struct hilf_err *err);
/* With all of its outbox. */
int store_hook_remove(struct store *store, uint64_t number, struct hilf_err *err);
int store_hook_each(struct store *store, bool in_write,
	int (*fn)(const struct store_hook *hook, void *ctx), void *ctx, struct hilf_err *err);

struct store_event {
	uint64_t id, hook;
	const char *event_id, *event, *error; /* error: or NULL */
	const char *body;
	size_t size;
	uint32_t attempts;
	int status; /* of the last answer; 0: none */
	int64_t created_ms, next_ms, failed_ms;
	bool dead;
};
/* id is given here. *ret_count and *ret_size (may be NULL): what the hook's outbox holds then. */
int store_event_add(struct store *store, const struct store_event *event, uint64_t *ret_count,
	uint64_t *ret_size, struct hilf_err *err);
/* Attempts, status, error, times, dead. HILF_E_NOT_FOUND where it is gone. */
int store_event_save(struct store *store, const struct store_event *event, struct hilf_err *err);
int store_event_remove(struct store *store, const struct store_event *event, struct hilf_err *err);
/* HILF_E_NOT_FOUND; texts and body in the arena. */
int store_event_get(struct store *store, bool in_write, uint64_t id, struct arena *arena,
	struct store_event *ret_event, struct hilf_err *err);
/* The oldest of the hook that is not dead: HILF_E_NOT_FOUND. */
int store_event_first(struct store *store, bool in_write, uint64_t hook, struct arena *arena,
	struct store_event *ret_event, struct hilf_err *err);
/* When that is due; INT64_MAX where there is none. */
int store_event_due(
	struct store *store, bool in_write, uint64_t hook, int64_t *ret_ms, struct hilf_err *err);
/* Newest first, those before id `before` (0: from the newest); hook 0: of all. */
int store_event_page(struct store *store, uint64_t hook, bool dead, uint64_t before, size_t limit,
	int (*fn)(const struct store_event *event, void *ctx), void *ctx, struct hilf_err *err);
/* Dead ones of the hook (id 0: all) wait again, due at now_ms. */
int store_event_replay(struct store *store, uint64_t hook, uint64_t id, int64_t now_ms,
	uint64_t *ret_count, struct hilf_err *err);
struct store_event_counts {
	uint64_t waiting, dead;
	int64_t oldest_ms; /* of those that wait; 0: none does */
};
int store_event_counts(
	struct store *store, struct store_event_counts *ret_counts, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------------- checks */

/* An entry that a check matched, and the verdict that it still brings: HILF_NO_MATCH once it ended. */
struct store_rest {
	uint64_t entry;
	uint8_t verdict;
};
#define STORE_REST_MAX 10000u

struct store_check {
	uint64_t id;
	int64_t time_ms, until_ms, reversed_ms, appeal_until_ms; /* 0: not */
	uint32_t verdict, standing; /* as answered; as upheld now. enum hilf_verdict */
	uint32_t surface;
	int64_t basis; /* a hash of what it rested on at first */
	const char *content_id, *uploader_ref, *evidence_url, *language, *actor,
		*statement; /* or NULL */
	const char *caption, *places; /* or NULL */
	int64_t reach; /* 0: not said */
	uint64_t why;  /* of the match that it answers with, packed as a case's: store_why_pack; 0: nothing is known of it */
	bool has_decision;
	uint8_t decision[UUID_SIZE], token[32]; /* token: its hash */
	const struct store_rest *rests;
	size_t rest_count;
};
/* Leads from its rests that bring something to it; their own rows are the caller's to set. */
int store_check_add(struct store *store, const struct store_check *check, uint64_t *ret_id,
	struct hilf_err *err);
int store_check_get(struct store *store, bool in_write, uint64_t id, struct arena *arena,
	struct store_check *ret_check, struct hilf_err *err);
/* The newest of this content that stands as it was answered, with this basis. HILF_E_NOT_FOUND. */
int store_check_find(struct store *store, bool in_write, const char *content_id, int64_t basis,
	struct arena *arena, struct store_check *ret_check, struct hilf_err *err);
/* standing, reversed_ms, rests. */
int store_check_save(struct store *store, const struct store_check *check, struct hilf_err *err);
/* content_id NULL: of whatever content. fn gets each in memory of its own call. */
int store_check_page(struct store *store, const char *content_id, uint64_t before, size_t limit,
	int (*fn)(const struct store_check *check, void *ctx), void *ctx, struct hilf_err *err);
/* The same of those that rest on the entry. */
int store_check_page_of_entry(struct store *store, uint64_t entry, uint64_t before, size_t limit,
	int (*fn)(const struct store_check *check, void *ctx), void *ctx, struct hilf_err *err);
/* The ids of those that rest on the entry, ascending after `after`, at most room. */
int store_check_resting(struct store *store, uint64_t entry, uint64_t after, uint64_t *ret_ids,
	size_t room, size_t *ret_count, struct hilf_err *err);
/* What rests on one entry rests on the other from now on, which says the same: entries get other numbers when a record is
 * erased and the rest of it is added anew. */
int store_rest_move(struct store *store, uint64_t from, uint64_t to, struct hilf_err *err);
/* Nothing rests on the entry any more. */
int store_rest_end(struct store *store, uint64_t entry, struct hilf_err *err);
/* Something rests on the entry, which expires then and brings `most` (enum hilf_verdict) at most. */
int store_rest_set(struct store *store, uint64_t entry, int64_t expires_ms, uint32_t most,
	struct hilf_err *err);
/* HILF_E_NOT_FOUND: nothing rests on it. */
int store_rest_get(struct store *store, bool in_write, uint64_t entry, uint32_t *ret_most,
	struct hilf_err *err);
int store_rest_when(struct store *store, bool in_write, uint64_t entry, uint32_t *ret_most,
	int64_t *ret_expires_ms, struct hilf_err *err);
/* Entries that something rests on: those that expired by now_ms; all after `after`. */
int store_rest_expired(struct store *store, bool in_write, int64_t now_ms, uint64_t *ret_entries,
	size_t room, size_t *ret_count, struct hilf_err *err);
int store_rest_page(struct store *store, bool in_write, uint64_t after, uint64_t *ret_entries,
	size_t room, size_t *ret_count, struct hilf_err *err);
/* Whether the feed has, after that record, one that may have ended entries: anything but foundings, banks and additions. */
int store_feed_ends(struct store *store, uint64_t after_seq, bool *ret_ends, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------------- answers */

struct store_answer {
	uint8_t key[32], request[32];
	int status;
	const char *body;
	size_t size;
	int64_t until_ms;
};
int store_answer_put(struct store *store, const struct store_answer *answer, struct hilf_err *err);
/* HILF_E_NOT_FOUND, also for one that is past its time; body in the arena. */
int store_answer_get(struct store *store, const uint8_t key[32], int64_t now_ms,
	struct arena *arena, struct store_answer *ret_answer, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------------- look-back */

/* Signals of a content: all orientations of three pictures, and digests. */
#define STORE_SEEN_SIGNALS 32u

struct store_seen {
	uint64_t id;
	int64_t time_ms;
	const char *content_id;
	const struct hilf_signal *signals;
	size_t signal_count; /* STORE_SEEN_SIGNALS at most */
};
int store_seen_add(struct store *store, const struct store_seen *seen, struct hilf_err *err);
/* In order of id, which is that of time. */
int store_seen_each(struct store *store, int (*fn)(const struct store_seen *seen, void *ctx),
	void *ctx, struct hilf_err *err);
int store_seen_remove(struct store *store, uint64_t id, struct hilf_err *err);
/* Those of a content; NULL: all. After the commit their bytes are driven out of the log (store_purged). */
int store_seen_erase(
	struct store *store, const char *content_id, uint64_t *ret_count, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------------- beside */

/* A text that somebody keeps beside an entry; NULL removes it. It is to be removed with an entry that is erased. */
int store_beside_put(struct store *store, uint64_t entry, const char *text, struct hilf_err *err);
/* HILF_E_NOT_FOUND; the text in the arena. */
int store_beside_get(struct store *store, bool in_write, uint64_t entry, struct arena *arena,
	const char **ret_text, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------------- age */

/* Removes rows that are past their time, `limit` of a kind at most: checks and answers that ended by now_ms, events that
 * have been dead since before dead_before_ms, look-back from before seen_before_ms. *ret_more: there may be more. */
struct store_ages {
	int64_t now_ms, dead_before_ms, seen_before_ms;
};
int store_local_sweep(struct store *store, const struct store_ages *ages, size_t limit,
	bool *ret_more, struct hilf_err *err);

#endif
