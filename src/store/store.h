/* The store: an ordered feed of signed records, and what it folds into, in one SQLite database.
 *
 *   DATA/hilf.db          three kinds of table: feed; derived (d_...: a pure fold of the feed, droppable); local (l_...)
 *   DATA/hilf.lock        who writes now; flock, with the holder's name and process in it
 *   DATA/hilf.turn        who writes next: a turnstile before the lock, so that processes take turns
 *
 * Every row carries a keyed mark of its columns, numbers have no gaps and totals are kept, because SQLite has no
 * checksums: what damage made of a row is an error (HILF_E_CORRUPT, "run hilf fsck"), never an answer.
 * docs/formats/store.md describes all of it.
 *
 * One writer at a time, across processes; any number of readers, each seeing one committed state. WAL,
 * synchronous=FULL: when store_commit returns 0, a power cut loses nothing. A sync that fails is fatal for the
 * handle: every later write is refused (the pages may be gone; see the PostgreSQL "fsyncgate" of 2018).
 *
 * Threads: reads from any thread. The writer's calls (begin .. commit) from one thread at a time; whoever shares a
 * store among writers serialises them (engine/writer.c gathers them into one commit). */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/buf.h"
#include "hilf.h"
#include "wire/record.h"

struct store;

#define STORE_VERSION 2

struct store_conf {
	const char *dir;
	bool read_only;
	bool create;          /* make folder and database where they are not there */
	const char *activity; /* for the lock file: "import" */
	uint32_t wait_ms;     /* for another writer; 0: LIMIT_WRITER_WAIT_MS */
};

/* HILF_E_NOT_FOUND: no folder or no database, and not asked to create. HILF_E_VERSION: the database is of a newer
 * hilf. HILF_E_CORRUPT: it is no hilf database, or SQLite finds it damaged. */
int store_open(const struct store_conf *conf, struct store **ret_store, struct hilf_err *err);
void store_close(struct store *store);

/* The version of which the database was before store_open upgraded it (a copy of that is kept beside, as hilf.db.vN); 0
 * where there was nothing to upgrade. One that is opened for reading is never upgraded: HILF_E_VERSION. */
int64_t store_upgraded_from(const struct store *store);

/* Writes a copy of one committed state to a new file, while others read and write. Durable. */
int store_copy(struct store *store, const char *path, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------- writing */

/* Takes the writer's lock and begins a transaction. HILF_E_BUSY names the holder after wait_ms. */
int store_begin(struct store *store, struct hilf_err *err);
/* Appends a record: the bytes as signed, untouched, with their decoded form, a fresh salt, and folds it. A record id
 * applies once: HILF_E_EXISTS for one that is there. What a record's author had no right to say is kept in the feed
 * and has no effect; ret_effect (may be NULL) says whether it had one. */
struct store_append {
	const char *bytes;
	size_t size;
	const uint8_t *signature; /* 64 bytes, Ed25519 over the bytes */
	const struct record *record;
	const uint8_t *salt;      /* 32 random bytes */
	int64_t received_ms;
	bool erased; /* bytes: the header of an erased record (wire/record_header.h), of which `record` was read; no salt */
};
int store_append(struct store *store, const struct store_append *append, uint64_t *ret_seq,
	bool *ret_effect, struct hilf_err *err);
/* A point within a write to which it can go back, when many share it: what came before stays. One at a time; store_commit
 * keeps it, store_rollback takes it back with the rest. */
int store_mark(struct store *store, struct hilf_err *err);
int store_mark_keep(struct store *store, struct hilf_err *err);
/* Takes back what came since. Where that fails the whole write can only be rolled back. */
int store_mark_back(struct store *store, struct hilf_err *err);
/* The sequence of the last record, what was appended since store_begin included. */
uint64_t store_written_seq(const struct store *store);
/* Makes it durable. On failure everything since store_begin is taken back, and the write is over. */
int store_commit(struct store *store, struct hilf_err *err);
/* The same in two: what is durable is still in the writer's memory, so between the two this thread reads the last committed
 * state for less, and nobody changes it meanwhile. */
int store_make_durable(struct store *store, struct hilf_err *err);
void store_leave(struct store *store);
/* Takes back everything since store_begin. Without a write, as after a commit that failed, it does nothing. */
void store_rollback(struct store *store);

/* Local, never shared, never folded: what this node does with a bank's matches, the entries that are mute here, a note on
 * an entry (the reason's text), settings of the node such as "member" (its id as text). Between store_begin and
 * store_commit. */
struct store_policy {
	enum hilf_mode mode;
	uint32_t pdq_radius;
	uint32_t sample_ppm; /* of a million matches, how many count */
};
#define STORE_SAMPLE_ALL 1000000u
int store_bank_policy_set(struct store *store, const uint8_t bank[UUID_SIZE],
	const struct store_policy *policy, struct hilf_err *err);
/* until_ms 0: it matches again. */
int store_mute_set(struct store *store, uint64_t entry, int64_t until_ms, struct hilf_err *err);
/* Forgets every policy, for who sets them all anew. */
int store_policies_clear(struct store *store, struct hilf_err *err);
/* Erases a record that adds entries, all of which must be withdrawn, and the changes that speak of such entries alone: of
 * each stays its public header. What is local and of its entries goes as well: notes, texts beside them, mutes, answers to
 * repeated requests, rows of the look-back with one of its signals. All is folded anew, so nothing is left of it in a table.
 * *ret_done false: it was erased before. After the commit its bytes are driven out of the log (store_purged).
 *
 * expected (or NULL): the header as the node that is followed has it; HILF_E_CORRUPT where it would be another here. */
int store_erase(struct store *store, const uint8_t record[UUID_SIZE], const char *expected,
	size_t expected_size, bool *ret_done, struct hilf_err *err);
/* Whether the record was erased. HILF_E_NOT_FOUND. */
int store_is_erased(
	struct store *store, const uint8_t record[UUID_SIZE], bool *ret_erased, struct hilf_err *err);
/* Outside of a write: 0 when nothing of what this handle erased is left in the log. Else HILF_E_BUSY, or what stands in the
 * way; every later commit tries again. */
int store_purged(struct store *store, struct hilf_err *err);
/* Calls fn for each erased record: its number and header. */
int store_each_erased(struct store *store, bool in_write,
	int (*fn)(uint64_t seq, const char *header, size_t size, void *ctx), void *ctx,
	struct hilf_err *err);
/* The id of the record with that number, and whether it was erased. HILF_E_NOT_FOUND. */
int store_record_at(struct store *store, bool in_write, uint64_t seq, uint8_t ret_record[UUID_SIZE],
	bool *ret_erased, struct hilf_err *err);
/* Whoever changes something else that queries depend on, and that is no record, says so: every process looks anew. */
int store_local_changed(struct store *store, struct hilf_err *err);
int store_note_add(struct store *store, const struct record_entry_id *entry, int64_t time_ms,
	const char *text, struct hilf_err *err);
int store_setting_set(
	struct store *store, const char *key, const char *value, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------- reading */

/* These see the last committed state, or, on the writer's thread between begin and commit with `in_write`, what is
 * being written. */

/* Copies a setting into ret_value[room]; HILF_E_NOT_FOUND. */
/* When a record was last erased, in milliseconds: what was noted in memory before then may hold signals of it, and must not be
 * stored any more. */
#define STORE_SETTING_ERASED "store.erased"
int store_setting_get(struct store *store, bool in_write, const char *key, char *ret_value, size_t room,
	struct hilf_err *err);

/* Where the store stands: the sequence of the last record, and a number that grows with every local change that queries
 * depend on (policies, mutes; ret_local may be NULL). As long as nobody committed anything this takes a few nanoseconds,
 * so it can be asked before every query (head.c). */
int store_head(struct store *store, uint64_t *ret_seq, uint64_t *ret_local, struct hilf_err *err);

struct store_bank {
	uint32_t id;             /* node-local, from 1 */
	uint8_t gid[UUID_SIZE];
	uint8_t author[UUID_SIZE];
	char name[HILF_BANK_NAME_MAX + 1];
	bool removed;
	int64_t created_ms;
	bool has_policy;         /* it was set on this node */
	struct store_policy policy;
};

/* What is said of entries, interned: many entries share one. */
struct store_meta {
	uint32_t id;             /* node-local, from 1 */
	int64_t mark;            /* a hash of all that follows */
	const char *content_class, *ground, *territory;
	enum record_source source;
	bool onward;
	const struct hilf_label *labels; /* the record's and the entry's own, merged, sorted by key */
	size_t label_count;
};

struct store_entry {
	uint64_t id;             /* node-local, from 1, dense, the same after every fold of the same feed */
	struct record_entry_id gid;
	uint32_t bank, meta;
	int64_t added_ms, expires_ms;
	const struct hilf_signal *signals;
	size_t signal_count;
};

/* Replays what the feed has changed after sequence `after_seq` (0: everything): first banks (every bank, whenever one
 * changed), then metas, then entries in order of id, then withdrawals, then entries told before that have changed, then
 * whether entries on which somebody gave an opinion are disputed (perhaps some that are withdrawn); all of one committed
 * state, whose sequence is ret_seq. Entries that were added and withdrawn within the span are left out, but every other withdrawn entry with
 * after_seq 0 as well: a reader from 0 sees only entries in force (expired ones included). Pointers live as long as
 * the call. A callback's non-zero return stops the replay and is returned. NULL callbacks are passed over. */
struct store_sink {
	int (*bank)(const struct store_bank *bank, void *ctx);
	int (*meta)(const struct store_meta *meta, void *ctx);
	int (*entry)(const struct store_entry *entry, void *ctx);
	int (*withdrawn)(uint64_t entry, void *ctx);
	int (*changed)(const struct store_entry *entry, void *ctx); /* its meta or expiry is another now */
	int (*disputed)(uint64_t entry, bool disputed, void *ctx);
	int (*mute)(uint64_t entry, int64_t until_ms, void *ctx); /* of store_replay_local, by entry */
	/* Before all others: how often the feed was folded anew after an erasure, by which metas may get other numbers. true:
	 * all of them are told, from the first, not the new ones alone. */
	bool (*refolded)(uint64_t refolds, void *ctx);
};
int store_replay(struct store *store, uint64_t after_seq, const struct store_sink *sink, void *ctx,
	uint64_t *ret_seq, struct hilf_err *err);
/* Replays from 0, but banks and metas alone: for a reader that has the entries up to some sequence from a snapshot, and
 * takes what came after with store_replay. */
int store_replay_names(
	struct store *store, const struct store_sink *sink, void *ctx, struct hilf_err *err);

/* Tells every bank and every mute, of the moment at which the local count was *ret_local. */
int store_replay_local(struct store *store, bool in_write, const struct store_sink *sink, void *ctx,
	uint64_t *ret_local, struct hilf_err *err);
/* The number that store_sink's refolded is told. */
int store_refolds(struct store *store, uint64_t *ret_refolds, struct hilf_err *err);
/* Until when the entry is mute here; 0: it is not. What has passed may still be told. */
int store_mute_get(struct store *store, bool in_write, uint64_t entry, int64_t *ret_until_ms,
	struct hilf_err *err);

/* What a snapshot is bound to: which store this is (a copy of it is the same one), and the id of the record at seq
 * (zeros at 0). HILF_E_NOT_FOUND where the feed does not go so far, or the store's id is lost until fsck has made
 * another. */
int store_stamp(struct store *store, uint64_t seq, uint8_t ret_store[UUID_SIZE],
	uint8_t ret_record[UUID_SIZE], struct hilf_err *err);

/* An entry of the bank in force at now_ms (neither withdrawn nor expired) that has an equal signal; ret_entry 0 when
 * there is none. */
int store_find_equal(struct store *store, bool in_write, uint32_t bank, const struct hilf_signal *signal,
	int64_t now_ms, uint64_t *ret_entry, struct hilf_err *err);
/* Of many signals, those that no entry has that was not withdrawn, in whatever bank: for these store_find_equal need
 * not be asked, which for a large import is most of them at a third of the time. Between store_begin and store_commit;
 * ret_absent[count] is unspecified on failure. */
int store_find_absent(struct store *store, const struct hilf_signal *const *signals, size_t count,
	bool *ret_absent, struct hilf_err *err);
/* Every entry with an equal signal that was not withdrawn, expired ones included, in whatever bank. */
int store_each_equal(struct store *store, const struct hilf_signal *signal,
	int (*fn)(uint64_t entry, uint32_t bank, void *ctx), void *ctx, struct hilf_err *err);

/* One entry, by local id or global id (the other one 0 or NULL). HILF_E_NOT_FOUND; a withdrawn one is found and says
 * so. Texts of meta are not read: see bank and ids. */
struct store_entry_row {
	uint64_t id;
	struct record_entry_id gid;
	uint32_t bank;
	bool withdrawn;
	int64_t added_ms, expires_ms;
};
int store_entry_get(struct store *store, bool in_write, uint64_t id, const struct record_entry_id *gid,
	struct store_entry_row *ret_row, struct hilf_err *err);
int store_bank_get(struct store *store, bool in_write, const char *name, struct store_bank *ret_bank,
	struct hilf_err *err);
/* By node-local id, removed or not. */
int store_bank_by_id(struct store *store, bool in_write, uint32_t id, struct store_bank *ret_bank,
	struct hilf_err *err);
/* Every bank that is not removed, by name. fn may call other reading functions. */
int store_each_bank(struct store *store, int (*fn)(const struct store_bank *bank, void *ctx), void *ctx,
	struct hilf_err *err);
/* A bank's entries in force at now_ms (neither withdrawn nor expired), expired and withdrawn ones. */
struct store_bank_counts {
	uint64_t entry_count, expired_count, withdrawn_count;
};
int store_bank_counts(struct store *store, uint32_t bank, int64_t now_ms,
	struct store_bank_counts *ret_counts, struct hilf_err *err);

/* The public key with which a member was founded. HILF_E_NOT_FOUND. */
int store_member_key(struct store *store, bool in_write, const uint8_t member[UUID_SIZE],
	uint8_t ret_key[32], struct hilf_err *err);

/* An entry with all there is to say of it. Pointers live as long as the call, which may make other reading calls; a
 * return other than 0 stops and is returned. */
struct store_told {
	struct store_entry entry; /* without signals: it was erased */
	const struct store_meta *meta;
	const struct store_bank *bank;
	bool withdrawn;
	int64_t muted_until_ms; /* here; 0: it is not; it may have passed */
	uint32_t confirm_count, dispute_count, seen_count; /* members with that opinion */
};
typedef int store_entry_fn(const struct store_told *told, void *ctx);

/* The entries of one bank that are not withdrawn, in order of id. */
int store_each_entry(
	struct store *store, uint32_t bank, store_entry_fn *fn, void *ctx, struct hilf_err *err);
/* Up to limit entries of a bank (0: of all) with greater ids than after_id, in order: those in force at now_ms, or with
 * `gone` all. */
int store_entry_page(struct store *store, uint32_t bank, uint64_t after_id, size_t limit, bool gone,
	int64_t now_ms, store_entry_fn *fn, void *ctx, struct hilf_err *err);
/* What can be searched for of what is said of entries. */
enum store_said { STORE_SAID_CLASS, STORE_SAID_LABEL, STORE_SAID_KEY, STORE_SAID_VALUE };
/* The metas that say this (a class, "key=value", a key, a value), the newest first, room at most; *ret_count is room + 1 where
 * there are more. It goes by hashes: look whether they really do. */
int store_metas_saying(struct store *store, enum store_said what, const char *text,
	uint32_t *ret_metas, size_t room, size_t *ret_count, struct hilf_err *err);
/* The entries of these metas with numbers below `before`, whatever became of them, the newest first, room at most. It takes
 * a look at each meta. */
int store_entries_of_metas(struct store *store, const uint32_t *metas, size_t meta_count,
	uint64_t before, uint64_t *ret_entries, size_t room, size_t *ret_count,
	struct hilf_err *err);
/* One, by local id or global id (the other one 0 or NULL), whatever became of it. HILF_E_NOT_FOUND. */
int store_entry_tell(struct store *store, uint64_t id, const struct record_entry_id *gid,
	store_entry_fn *fn, void *ctx, struct hilf_err *err);
/* Every entry of a record, whatever became of it, in order. fn makes no other calls with in_write. */
int store_record_tell(struct store *store, bool in_write, const uint8_t record[UUID_SIZE],
	store_entry_fn *fn, void *ctx, struct hilf_err *err);
/* Every entry that has or had an equal signal, in whatever bank, whatever became of it, in order of id. */
int store_entry_having(struct store *store, const struct hilf_signal *signal, store_entry_fn *fn,
	void *ctx, struct hilf_err *err);

/* What a member thinks of an entry, by the order in which members were founded. Words that were taken back are none. */
struct store_opinion {
	uint8_t member[UUID_SIZE];
	enum hilf_opinion opinion;
	int64_t time_ms;
};
int store_each_opinion(struct store *store, bool in_write, uint64_t entry,
	int (*fn)(const struct store_opinion *opinion, void *ctx), void *ctx, struct hilf_err *err);

struct store_counts {
	uint64_t feed_count, feed_size, bank_count;
	uint64_t entry_count, expired_count, withdrawn_count; /* in force at now_ms; expired; withdrawn */
	uint64_t signal_count[4]; /* of entries in force or expired, by enum hilf_signal_type */
};
int store_counts(
	struct store *store, int64_t now_ms, struct store_counts *ret_counts, struct hilf_err *err);

/* Records in order after `after_seq`, `limit` at most; what a follower or the ledger reads. */
struct store_feed_row {
	uint64_t seq;
	const char *bytes;
	size_t size;
	const uint8_t *signature; /* 64 bytes */
	const uint8_t *salt;      /* 32 bytes; zeros of an erased one */
	int64_t received_ms;
	bool erased;              /* bytes are what stays of it: wire/record_header.h */
};
int store_feed(struct store *store, uint64_t after_seq, uint64_t limit,
	int (*fn)(const struct store_feed_row *row, void *ctx), void *ctx, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------- checking */

/* SQLite's own integrity check; then every record: its form, its id, its signature by its author's key; then a fresh
 * fold beside the derived tables, compared with them and, where they differ and !check_only, put in their place. */
int store_fsck(struct store *store, bool check_only, hilf_finding_fn *fn, void *ctx,
	uint64_t *ret_problems, struct hilf_err *err);

#endif
