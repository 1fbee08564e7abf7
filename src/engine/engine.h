/* What the files of the engine share: the handle, and how a write is made. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "engine/decode.h"
#include "engine/known.h"
#include "engine/seal.h"
#include "hilf.h"
#include "store/store.h"

#include <pthread.h>
#include <semaphore.h>

struct match_room;
struct write_job;
struct write_turn;

struct hilf {
	char *data_dir, *helper_dir; /* helper_dir NULL: signals only */
	bool read_only, follower;
	struct store *store;
	_Atomic(struct known *) known; /* NULL when opened without an index; only through current.h */
	struct decode_pool *decoders; /* NULL without helpers */
	_Atomic(struct match_room *) match_rooms[8]; /* that nobody uses now */

	/* Writers queue up; one of them commits for all (writer.c). */
	pthread_mutex_t write_mutex;
	pthread_cond_t write_arrived; /* for who leads next and waits for the others */
	struct write_job *write_first, **write_last;
	size_t write_waiting; /* threads, in the queue */
	size_t write_wanted;  /* who leads next would like to see so many; 0: it does not wait */
	size_t write_group;   /* how many the last commit was for */
	int64_t write_us;     /* and how long it took */
	bool writing;         /* somebody leads, or was told to */
	struct seal *seal; /* opened at the first write; the writing thread's */
	/* This node's member: the writing thread's (`founded`) until it is durable (`has_member`), then anybody's to read and
	 * nobody's to change. */
	uint8_t member[UUID_SIZE];
	bool founded;
	_Atomic bool has_member;

	/* What a damaged snapshot does: current.h. */
	pthread_mutex_t mend_mutex;
	struct known *retired;
	pthread_mutex_t note_mutex; /* for the two below */
	uint64_t mended_count;
	char mended_why[HILF_REASON_MAX];

	_Atomic uint64_t last_seq, last_local; /* what hilf_feed_head said last */
	struct local *local;                   /* keys, webhooks and what else is this node's own: local.h */
	struct tally_book *tally;              /* what is counted: tally.h */
};

/* A write: `run` is called with the writer's lock held and a transaction begun. It looks up what it needs (in_write),
 * makes records and appends them with write_records. When it fails, what it did is taken back, and only that; when the
 * commit fails, every job in it fails with the same error.
 *
 * Jobs of one kind may run as one: where `alike` says so of two of them, `run_many` does what they would do one after the
 * other. When it fails nothing of it stays, and each is run by itself, so it may fail for whatever reason. */
struct write_job {
	int (*run)(struct hilf *hilf, void *ctx, struct hilf_err *err);
	void *ctx;
	bool local; /* it makes no record: so it needs neither the seal nor a member, and a follower may do it */
	bool (*alike)(const void *ctx, const void *other_ctx); /* NULL: it runs by itself */
	int (*run_many)(struct hilf *hilf, void *const *ctxs, size_t count, struct hilf_err *err);
	/* the queue's: */
	struct write_job *next;
	struct write_turn *turn; /* of the thread that waits for it, and for those behind it that have the same */
	bool ran;
	/* what came of it: */
	int rc;
	struct hilf_err err;
};

/* Runs the job and comes back when it is durable and known, or failed. */
int write_submit(struct hilf *hilf, struct write_job *job, struct hilf_err *err);
/* The same for several that one thread waits for, each with its own rc and err, a hundred or so at most. */
void write_submit_all(struct hilf *hilf, struct write_job *jobs, size_t count);

/* Within a job: fills id, author, time (and `of` where it is the record itself), for a record about to be written. */
void write_stamp(struct hilf *hilf, struct record *record);
/* Within a job: encodes, signs and appends count records. HILF_E_DENIED where one has no effect. */
int write_records(
	struct hilf *hilf, const struct record *records, size_t count, struct hilf_err *err);

/* The store's setting that says that this folder follows another node's feed: nothing else is ever written to it. */
#define SETTING_REPLICA "replica"

/* This node's member, for whoever is not writing; *ret_found false where none was founded yet. Another process may have
 * done so since the handle was opened. */
int engine_member(struct hilf *hilf, uint8_t ret_member[UUID_SIZE], bool *ret_found, struct hilf_err *err);
/* HILF_E_DENIED where the seal keeps another key than the member's. */
int engine_check_key(
	const struct seal *seal, const uint8_t key[32], const char *data_dir, struct hilf_err *err);
/* HILF_E_UNSUPPORTED for options of another interface, HILF_E_INVALID without a data folder. */
int engine_check_options(const struct hilf_options *options, struct hilf_err *err);

/* What a text names: an entry's local number, or (*ret_id is 0 then) its global id. */
int entry_parse(
	const char *text, uint64_t *ret_id, struct record_entry_id *ret_gid, struct hilf_err *err);
struct store_told;
enum hilf_entry_state entry_state(const struct store_told *told, int64_t now_ms);
/* The entry that a text names, in whatever state. HILF_E_NOT_FOUND. */
int entry_find(struct hilf *hilf, bool in_write, const char *text, struct store_entry_row *ret_row,
	struct hilf_err *err);

/* Within a job: the entry matches nothing here until then (0: it does). What rested on it is reversed when it falls silent,
 * not when that is prolonged. An entry that is not here yet is mute when it comes. */
int mute_set(struct hilf *hilf, uint64_t entry, int64_t until_ms, int64_t now_ms, struct hilf_err *err);

/* Within a job that may append records: what hilf_withdraw and hilf_opinion_give do. reason: in its form, not asked again. */
int withdraw_within(struct hilf *hilf, const char *entry, const char *reason, struct hilf_err *err);
int opinion_within(struct hilf *hilf, const char *entry, enum hilf_opinion opinion, struct hilf_err *err);

/* After a job that erased: removes what could still hold the bytes, the snapshot of the index and the log. HILF_E_BUSY says
 * who has to finish first. */
int erase_traces(struct hilf *hilf, struct hilf_err *err);

/* The bank by name, not removed; the message for one that is not there says what to do. */
int bank_find(struct hilf *hilf, bool in_write, const char *name, struct store_bank *ret_bank,
	struct hilf_err *err);
/* Within a job: HILF_E_DENIED where the bank is not this node's member's, with what can be done instead. */
int bank_check_own(struct hilf *hilf, const struct store_bank *bank, const char *instead, struct hilf_err *err);

#endif
