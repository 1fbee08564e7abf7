/* What a handle remembers of its local memory (store/local.h): made by hilf_open, gone with hilf_close. */
#ifndef ENGINE_LOCAL_H
#define ENGINE_LOCAL_H

#include "engine/desk_settings.h"
#include "engine/engine.h"
#include "store/local.h"

#include <sys/stat.h>

#define LOCAL_APPEAL_URL 320

struct exempt_set;
struct hook_set;
struct keys;
struct people;
struct vault_key;

#define LOCAL_REPORT_SLOTS 1024u

struct local {
	/* Subscriptions, as of `hook_generation`: hooks.c. */
	pthread_mutex_t hook_mutex;
	struct hook_set *hooks; /* NULL: not read yet */
	char hook_generation[24];
	uint64_t hook_write;   /* the write within which they were last compared; 0: none */
	uint64_t hook_changed; /* that within which they last changed: it may still be taken back */
	_Atomic uint32_t
		hook_wanted; /* events that somebody enabled wants, a bit each; all before they were read */

	pthread_mutex_t run_mutex;
	struct running *running; /* requests being answered: idempotent.c */

	/* Looking for what a leader ended: sweep.c. */
	pthread_mutex_t sweep_mutex;
	bool swept, sweeping;
	uint64_t swept_seq, sweep_seq, sweep_after;

	pthread_mutex_t keys_mutex;
	struct keys *keys; /* those open on this handle: keys.c */

	/* The desk's settings: desk_settings.c. */
	pthread_mutex_t desk_mutex; /* of who reads them anew */
	_Atomic bool desk_read;
	_Atomic int64_t desk[DESK_COUNT];
	char desk_generation[24];

	/* The vault's key, as of vault_status, and what kept it from being made: vault_key.c. */
	pthread_mutex_t vault_mutex;
	struct vault_key *vault_key; /* NULL: not read yet, or not there */
	struct stat vault_status;
	char vault_why[HILF_REASON_MAX];
	/* How far entries with previews were looked at: vault_sweep.c. */
	pthread_mutex_t vault_sweep_mutex;
	uint64_t vault_looked_seq;
	int64_t vault_looked_ms; /* 0: never */

	struct people *people; /* who may sign in and who has: people.c */

	/* Reports of this minute, by a hash of who sends them: cases_sources.c. */
	_Atomic uint64_t reports[LOCAL_REPORT_SLOTS];

	/* Exemptions in force: exemptions.c; and where people appeal, "" where nobody said: decide_form.c. */
	pthread_rwlock_t exempt_lock;
	char appeal_url[LOCAL_APPEAL_URL];
	struct exempt_set *exempt; /* NULL: not read yet */
	_Atomic bool exempt_any;   /* also before they were read */
	char exempt_generation[24];
};

int local_open(struct hilf *hilf, struct hilf_err *err);
void local_close(struct hilf *hilf);

/* A job that appends no record. */
int local_submit(struct hilf *hilf, int (*run)(struct hilf *hilf, void *ctx, struct hilf_err *err),
	void *ctx, struct hilf_err *err);

/* Settings that change whenever keys or webhooks do, by chance and not by counting, so that a change that was taken back
 * is never mistaken for a later one. */
#define LOCAL_KEYS_GENERATION  "keys.generation"
#define LOCAL_HOOKS_GENERATION "hooks.generation"
int local_new_generation(struct hilf *hilf, const char *setting, struct hilf_err *err);
/* "" before the first change. */
int local_generation(struct hilf *hilf, bool in_write, const char *setting, char ret_text[24],
	struct hilf_err *err);

/* A list in a text, a line for each item. */
char *local_join(struct arena *arena, const char *const *items, size_t count); /* NULL: no memory */
int local_split(struct arena *arena, const char *text, const char *const **ret_items,
	size_t *ret_count, struct hilf_err *err);

#endif
