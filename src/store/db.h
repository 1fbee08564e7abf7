/* What the files of the store share. Only they include it.
 *
 * A connection belongs to one thread at a time: the writer's to whoever is between store_begin and store_commit, a
 * reader's to the call that took it from the pool. Its statements are prepared at their first use and kept.
 *
 * Derived tables live in a schema of their own choosing: "main", or "temp" when fsck folds afresh beside them. The
 * texts in sql.c name them "@d_entry", and the connection knows what "@" is.
 *
 * Every derived row carries a mark: a keyed hash of its other columns. SQLite has no checksums on its pages, and what
 * a flipped bit made of a row shall be found, not served. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "store/local_sql.h"
#include "store/store.h"

#include <pthread.h>
#include <sodium/crypto_shorthash.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/types.h>

#define STORE_APPLICATION_ID 0x68696c66 /* "hilf" */

/* The name of each statement; the texts are in sql.c. */
enum sql {
	SQL_BEGIN_READ, SQL_BEGIN_WRITE, SQL_COMMIT, SQL_ROLLBACK,
	SQL_MARK, SQL_MARK_KEEP, SQL_MARK_BACK,
	SQL_STATE_GET, SQL_STATE_SET, SQL_HEAD, SQL_LOCAL_CHANGED, SQL_REFOLDED, SQL_SETTING_END,
	SQL_FEED_GET, SQL_FEED_ERASE, SQL_FEED_ERASED, SQL_FEED_CHANGES, SQL_FEED_GONE, SQL_FEED_AT,
	SQL_NOTE_END, SQL_BESIDE_END, SQL_ANSWERS_END, SQL_FEED_SEQ, SQL_FEED_ADD, SQL_FEED_AFTER, SQL_FEED_MARK,
	SQL_MEMBER_ADD, SQL_MEMBER_GET, SQL_MEMBER_BY_ID,
	SQL_BANK_ADD, SQL_BANK_GET, SQL_BANK_BY_ID, SQL_BANK_NAMED, SQL_BANK_TAKEN, SQL_BANK_LIST, SQL_BANK_STANDING, SQL_BANK_SET,
	SQL_BANK_CHANGED, SQL_BANK_COUNTS,
	SQL_META_ADD, SQL_META_HASHED, SQL_META_GET, SQL_META_AFTER, SQL_SAID_ADD, SQL_SAID_FIND,
	SQL_SPAN_ADD, SQL_SPAN_OF_RECORD, SQL_SPAN_OF_ENTRY, SQL_SPAN_AFTER, SQL_SPAN_OF_BANK,
	SQL_SPAN_FROM, SQL_SPAN_SET, SQL_SPAN_EXPIRED,
	SQL_ENTRY_ADD, SQL_ENTRY_OF_META, SQL_ENTRY_GET, SQL_ENTRY_RANGE, SQL_ENTRY_SET, SQL_ENTRY_WITHDRAWN, SQL_ENTRY_CHANGED,
	SQL_KEY_ADD, SQL_KEY_FIND, SQL_KEY_EVER, SQL_KEY_PRESENT, SQL_KEY_GONE,
	SQL_OPINION_SET, SQL_OPINION_GET, SQL_OPINION_RANGE, SQL_OPINION_DISPUTES, SQL_OPINION_CHANGED,
	SQL_SETTING_GET, SQL_SETTING_SET, SQL_POLICY_SET, SQL_NOTE_ADD,
	SQL_POLICY_CLEAR, SQL_MUTE_SET, SQL_MUTE_END, SQL_MUTE_GET, SQL_MUTE_LIST,
	SQL_COUNT
};
extern const char *const sql_texts[SQL_COUNT];

struct conn {
	sqlite3 *db;
	const char *schema; /* of the derived tables: "main" or "temp" */
	struct conn *next;  /* in the pool */
	const struct batch_row *batch; /* what the table "batch" shows: see batch.c */
	size_t batch_count;
	sqlite3_stmt *statements[SQL_COUNT];
	sqlite3_stmt *local[LOCAL_COUNT]; /* local_sql.h */
};

struct batch_row {
	int64_t numbers[3];
	const void *bytes;
	size_t size;
};

/* Where the fold stands; one row of a derived table, so that totals need no counting and a lost row shows. */
struct state {
	uint64_t seq, feed_size;
	uint64_t members, banks, banks_removed, metas, spans;
	uint64_t entries, withdrawn; /* ever added; of these withdrawn */
	uint64_t signals[4];         /* of entries that are not withdrawn, by type; [0] is not used */
	uint64_t opinions, disputes; /* rows of opinions, those taken back included; of these disputes */
};

/* Key hashes on their way into the table: gathered while a transaction runs, so that they go in sorted. */
struct pending {
	struct pending_key {
		int64_t key;
		uint64_t entry; /* 0: free */
	} *slots;
	size_t room, count; /* room: a power of two, or 0 */
};

/* A fold in progress: on the writer's connection, or fsck's. */
struct fold {
	struct store *store;
	struct conn *conn;
	struct state state;
	struct state begun; /* as the write found it */
	struct pending pending;
	bool marked; /* from here on it may have to go back to: */
	struct state mark_state;
	struct pending mark_pending; /* keys from before the mark that went into the table since */
	struct buf text;         /* scratch */
	struct buf rows, packed; /* of the entries of one record */
};

/* Where the store stood when somebody last looked: head.c. */
#define HEAD_WORDS 4
struct head {
	pthread_mutex_t mutex; /* who looks */
	struct conn *conn;     /* keeps what `shared` points to */
	const _Atomic uint32_t *_Atomic shared; /* the head of the log's index; NULL: ask the database */
	const _Atomic uint32_t *found; /* the same before the first look */
	bool tried;
	_Atomic uint32_t seen[HEAD_WORDS]; /* of it, when these were read: */
	_Atomic uint64_t seq, local;
};

struct store {
	char *dir, *path, *lock_path, *turn_path, *activity;
	uint32_t wait_ms;
	bool read_only;
	int64_t upgraded_from; /* by this handle; 0: it was of this version */
	bool immutable;      /* read-only medium without a write-ahead log: see db.c */
	dev_t device;        /* of the database's file, to notice that another was put in its place */
	ino_t inode;
	int lock_fd, turn_fd; /* -1: not opened yet */
	uint8_t mark_key[crypto_shorthash_KEYBYTES]; /* random, of this store: see SETTING_MARK_KEY */
	bool lost_key;       /* the setting was damaged: no mark is right */
	bool early;          /* of this version, before it was released: upgrade.c */
	bool unsaid;         /* the same, and without the index of what is said of entries */
	atomic_bool broken;  /* a sync failed */

	struct conn *writer; /* opened at the first store_begin */
	uint64_t write_number; /* store_begins so far */
	struct hilf_err purge_err; /* of the last attempt */
	bool wants_purge; /* what was erased is to be driven out of the log: erase.c */
	bool in_write, failed; /* failed: the transaction can only be rolled back */
	_Atomic(pthread_t) durable_by; /* between store_make_durable and store_leave: who may read with the writer's connection; 0 */
	size_t log_pages;    /* of the write-ahead log after the last commit */
	struct fold fold;

	struct head head;
	pthread_mutex_t pool_mutex;
	struct conn *pool;
	unsigned pool_count;
};

#define SETTING_MARK_KEY    "store.mark_key"
#define SETTING_LOCAL_COUNT "store.local_count"
#define SETTING_REFOLDS     "store.refolds" /* how often metas may have got other numbers */
#define SETTING_PURGE       "store.purge"   /* erased bytes may still be in the log */

/* ------------------------------------------------------------------------------------------ db.c */

/* CONN_CHECK reads, and makes temporary tables. CONN_MAKE writes a database that is not in its place yet. */
enum conn_kind { CONN_READ, CONN_WRITE, CONN_CHECK, CONN_MAKE };
int conn_open(struct store *store, enum conn_kind kind, struct conn **ret_conn, struct hilf_err *err);
/* The same for another file than the store's. */
int conn_open_at(struct store *store, const char *path, enum conn_kind kind, struct conn **ret_conn,
	struct hilf_err *err);
void conn_close(struct conn *conn);

/* Says what SQLite's code means for a person. doing: "read the feed". A failed sync breaks the store. */
int db_error(struct store *store, struct conn *conn, int code, const char *doing, struct hilf_err *err);
/* What fsck is for. */
int db_damaged(struct store *store, const char *what, struct hilf_err *err);

/* The prepared statement, reset; NULL where SQLite could not prepare it: db_step then says why. */
sqlite3_stmt *db_use(struct conn *conn, enum sql which);
/* 1: there is a row; 0: there is none (left); negative: failed. */
int db_step(struct store *store, struct conn *conn, sqlite3_stmt *statement, struct hilf_err *err);
/* A statement without rows; resets it. */
int db_run(struct store *store, struct conn *conn, sqlite3_stmt *statement, struct hilf_err *err);
/* Runs a text that may hold many statements, "@" replaced. */
int db_script(struct store *store, struct conn *conn, const char *text, struct hilf_err *err);

/* A connection that sees one committed state, or with in_write the writer's. Given back with read_end. */
int read_begin(struct store *store, bool in_write, struct conn **ret_conn, struct hilf_err *err);
void read_end(struct store *store, bool in_write, struct conn *conn);

/* What a statement's row has in a column. */
static inline uint64_t column_u64(sqlite3_stmt *statement, int column)
{
	return (uint64_t)sqlite3_column_int64(statement, column);
}
/* Copies a blob of exactly size bytes; false for any other. */
bool column_bytes(sqlite3_stmt *statement, int column, void *ret_bytes, size_t size);
/* Copies a text that fits; false for any other. */
bool column_text(sqlite3_stmt *statement, int column, char *ret_text, size_t room);

/* ------------------------------------------------------------------------------------------ head.c */

void head_init(struct head *head);
void head_free(struct head *head);
/* The state with the counts of local changes and of foldings anew. */
int load_head(struct store *store, struct conn *conn, struct state *ret_state, uint64_t *ret_local,
	uint64_t *ret_refolds, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------ batch.c */

/* Makes the table "batch" known to a connection; an SQLite code. */
int batch_register(struct conn *conn);
/* A statement that takes rows from "batch", ready to be stepped, and its end. */
sqlite3_stmt *batch_use(
	struct conn *conn, enum sql which, const struct batch_row *rows, size_t count);
void batch_done(struct conn *conn, sqlite3_stmt *statement);
/* By the first number, then the second. */
void batch_sort(struct batch_row *rows, size_t count);
/* Runs a statement without rows of its own; none in the batch: nothing. */
int batch_run(struct store *store, struct conn *conn, enum sql which, const struct batch_row *rows,
	size_t count, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------ store.c */

/* The writer's lock, once it is sure that this handle may write; given back with lock_release(store->lock_fd). */
int store_lock(struct store *store, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------ schema.c */

/* Fills the empty file at path: tables, identity, the key of marks. */
int schema_create(struct store *store, const char *path, struct hilf_err *err);
/* Whose database is it, of which version (this or an earlier one)? Reads the key of marks. 1: nothing is in it. */
int schema_check(
	struct store *store, struct conn *conn, int64_t *ret_version, struct hilf_err *err);
/* The kept tables that version 1 did not have. */
int schema_make_kept(struct store *store, struct conn *conn, struct hilf_err *err);
/* A fresh key of marks, put among the settings. */
int schema_new_key(struct store *store, struct conn *conn, struct hilf_err *err);
/* The derived tables: made in conn->schema; and their names, NULL-ended, each with its order for comparing. */
int schema_make_derived(struct store *store, struct conn *conn, struct hilf_err *err);
struct schema_table {
	const char *name, *order;
};
extern const struct schema_table schema_derived[];

/* ------------------------------------------------------------------------------------------ refold.c */

/* Empties the derived tables and folds the feed into them anew, within a transaction of the fold's connection. What a mark
 * needs to go back is kept. HILF_E_CORRUPT names a record that is damaged: the transaction must be rolled back then. */
int refold(struct fold *fold, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------ erase.c */

/* With the lock and no transaction, where store->wants_purge: drives what was erased out of the log and removes copies of
 * the database. Whatever is in its way is tried again after the next commit. */
void purge(struct store *store);
/* Within a write that erases: asks for it after the commit. */
int purge_want(struct store *store, struct hilf_err *err);
/* The same for what no copy of the database can hold. */
int purge_log_want(struct store *store, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------ upgrade.c */

/* Makes the database one of this version, with the copy beside. *ret_from, untouched where nothing was to be done: of which
 * it was. */
int store_upgrade(struct store *store, int64_t *ret_from, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------ mark.c */

/* hilf_mark(...) for SQL: the mark of its arguments, numbers and short blobs; an SQLite code. */
int mark_register(struct store *store, struct conn *conn);

/* A row's columns in one run of bytes, for its mark. Rows with long texts bring their own buffer: mark_hash. */
struct mark {
	uint8_t bytes[512];
	size_t size;
};
void mark_number(struct mark *mark, uint64_t number);
void mark_bytes(struct mark *mark, const void *bytes, size_t size);
int64_t mark_end(const struct store *store, const struct mark *mark);
int64_t mark_hash(const struct store *store, const void *bytes, size_t size);

/* The key under which a signal is found. */
int64_t key_of_signal(const struct store *store, const struct hilf_signal *signal);

/* Signals as one blob: [type u8 | size u8 | quality i16 LE | value] each. */
#define PACK_SIZE_MAX (LIMIT_ENTRY_SIGNALS * (4 + HILF_SIGNAL_SIZE_MAX))
size_t pack_size(const struct hilf_signal *signals, size_t count);
size_t pack_signals(const struct hilf_signal *signals, size_t count, uint8_t *ret_bytes);
/* false where the blob is not of that form. ret_signals has room for LIMIT_ENTRY_SIGNALS. */
bool unpack_signals(
	const uint8_t *bytes, size_t size, struct hilf_signal *ret_signals, size_t *ret_count);
/* An entry without its signals. */
struct entry_head {
	uint64_t id;
	uint32_t meta;
	uint64_t withdrawn_seq, changed_seq; /* 0: never */
	int64_t expires_ms;                  /* 0: with its span */
};
int64_t mark_of_entry(
	const struct store *store, const struct entry_head *head, const uint8_t *packed, size_t size);

/* ------------------------------------------------------------------------------------------ rows.c */

/* Each reads the current row of a statement that selects the columns of its table, checks the mark, and says
 * HILF_E_CORRUPT where that is wrong. */

int row_state(struct store *store, sqlite3_stmt *statement, struct state *ret_state, struct hilf_err *err);

struct bank_row {
	struct store_bank bank;
	uint64_t seq, removed_seq; /* removed_seq 0: it stands */
	uint64_t renamed_seq;      /* the last time; 0: never */
};
int row_bank(struct store *store, sqlite3_stmt *statement, struct bank_row *ret_bank,
	struct hilf_err *err);

struct span {
	uint64_t first, seq;  /* id of its first entry; the record's sequence */
	uint32_t count, bank;
	uint32_t withdrawn;   /* of its entries */
	uint32_t early;       /* of its entries that are not withdrawn: they expire before expires_ms */
	int64_t added_ms, expires_ms;
	uint8_t record[UUID_SIZE];
};
struct feed_row {
	uint64_t seq;
	int64_t received_ms, mark;
	uint8_t id[UUID_SIZE], author[UUID_SIZE], salt[32], signature[64];
	int64_t kind;
	const char *bytes; /* of the statement's row: the record; of an erased one its header (wire/record_header.h) */
	size_t size;
	bool erased; /* salt and record are gone */
};
/* The mark covers what neither record nor signature vouch for. */
int64_t mark_of_feed(const struct store *store, const struct feed_row *row);
int save_feed(struct store *store, struct conn *conn, const struct feed_row *row, struct hilf_err *err);
/* The mark is left for the caller to check. */
int row_feed(struct store *store, sqlite3_stmt *statement, struct feed_row *ret_row,
	struct hilf_err *err);
/* What the row says: the record, or of an erased one what its header says of it. */
int row_record(const struct feed_row *row, struct arena *arena, struct record *ret_record,
	struct hilf_err *err);
int64_t mark_of_policy(const struct store *store, const uint8_t bank[UUID_SIZE], int64_t mode,
	int64_t radius, int64_t sample_ppm);
int64_t mark_of_mute(const struct store *store, uint64_t entry, int64_t until_ms);
int64_t mark_of_span(const struct store *store, const struct span *span);
int row_span(struct store *store, sqlite3_stmt *statement, struct span *ret_span, struct hilf_err *err);

struct entry_row {
	struct entry_head head;
	struct hilf_signal signals[LIMIT_ENTRY_SIGNALS];
	size_t signal_count;
};
int row_entry(struct store *store, sqlite3_stmt *statement, struct entry_row *ret_entry,
	struct hilf_err *err);
/* Everything but the signals, which the mark covers and nothing changes. */
int save_entry(
	struct store *store, struct conn *conn, const struct entry_row *entry, struct hilf_err *err);
static inline int64_t expiry_of(const struct entry_head *head, const struct span *span)
{
	return head->expires_ms ? head->expires_ms : span->expires_ms;
}
/* 1 found, 0 not, negative failed. */
int load_entry(struct store *store, struct conn *conn, uint64_t id, struct entry_row *ret_entry,
	struct hilf_err *err);
int load_span_of_entry(struct store *store, struct conn *conn, uint64_t id, struct span *ret_span,
	struct hilf_err *err);
/* The span of a record by its id, through the feed. */
int load_span_of_record(struct store *store, struct conn *conn, const uint8_t record[UUID_SIZE],
	struct span *ret_span, struct hilf_err *err);
/* The same with what this node does with the bank, for statements that select that as well. */
int row_bank_here(
	struct store *store, sqlite3_stmt *statement, struct store_bank *ret_bank, struct hilf_err *err);
int load_bank(struct store *store, struct conn *conn, const uint8_t gid[UUID_SIZE],
	struct bank_row *ret_bank, struct hilf_err *err);

int save_member(struct store *store, struct conn *conn, uint64_t id, uint64_t seq,
	const struct record *record, struct hilf_err *err);
struct member_row {
	uint32_t id;
	uint8_t gid[UUID_SIZE], key[32];
};
int row_member(struct store *store, sqlite3_stmt *statement, struct member_row *ret_member,
	struct hilf_err *err);
/* 1 found, 0 not, negative failed. */
int load_member(struct store *store, struct conn *conn, const uint8_t gid[UUID_SIZE],
	struct member_row *ret_member, struct hilf_err *err);
int save_span(struct store *store, struct conn *conn, const struct span *span, struct hilf_err *err);
/* What changes of a span: withdrawn and early. */
int save_span_again(
	struct store *store, struct conn *conn, const struct span *span, struct hilf_err *err);
int save_bank(struct store *store, struct conn *conn, const struct store_bank *bank, uint64_t seq,
	struct hilf_err *err);
/* What changes of a bank: its name, and whether it stands. */
int save_bank_again(
	struct store *store, struct conn *conn, const struct bank_row *bank, struct hilf_err *err);

int load_state(struct store *store, struct conn *conn, struct state *ret_state, struct hilf_err *err);
int save_state(struct store *store, struct conn *conn, const struct state *state, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------ replay.c */

struct store_entry entry_of(const struct span *span, const struct entry_row *row);
/* Steps to the entry with the id that must come next. */
int next_entry(struct store *store, struct conn *conn, sqlite3_stmt *entries, uint64_t id,
	struct entry_row *ret_row, struct hilf_err *err);

/* Until when the entry is mute; 0: it is not. */
int load_mute(struct store *store, struct conn *conn, uint64_t entry, int64_t *ret_until_ms,
	struct hilf_err *err);

/* ------------------------------------------------------------------------------------------ meta.c */

/* The id of the meta of an entry, interned. */
int meta_intern(struct fold *fold, const struct record *record, const struct record_entry *entry,
	uint64_t seq, uint32_t *ret_meta, struct hilf_err *err);
/* The same for what a change makes of a meta. */
int meta_change(struct fold *fold, uint32_t meta, const struct record *record, uint64_t seq,
	uint32_t *ret_meta, struct hilf_err *err);
/* Reads a meta by its id, with texts in the arena. */
int load_meta(struct store *store, struct conn *conn, uint32_t id, struct arena *arena,
	struct store_meta *ret_meta, struct hilf_err *err);
/* The row of a statement that selects d_meta's columns, with texts in the arena. */
int row_meta(struct store *store, sqlite3_stmt *statement, struct arena *arena,
	struct store_meta *ret_meta, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------ opinions.c */

struct opinion_row {
	uint64_t entry, seq;
	uint32_t member;
	enum hilf_opinion opinion; /* HILF_OPINION_NONE: it was taken back */
	int64_t time_ms;
};
int row_opinion(struct store *store, sqlite3_stmt *statement, struct opinion_row *ret_opinion,
	struct hilf_err *err);
/* How many members think what of each of count entries from first on; ret_counts[count] by enum hilf_opinion. */
int count_opinions(struct store *store, struct conn *conn, uint64_t first, size_t count,
	uint32_t (*ret_counts)[4], struct hilf_err *err);
/* One member's opinion on an entry; counts it in the fold's state. *effect is set unless nothing was there to take back. */
int fold_opinion(struct fold *fold, const struct opinion_row *opinion, bool *effect, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------ keys.c */

int pending_add(struct pending *pending, int64_t key, uint64_t entry, struct hilf_err *err);
/* Walks the entries under a key: start with *cursor 0; 0 when there are no more. */
uint64_t pending_next(const struct pending *pending, int64_t key, size_t *cursor);
/* Everything into the table, in order, and forgets it. */
int pending_flush(struct fold *fold, struct hilf_err *err);
void pending_clear(struct pending *pending);
/* Adds those of entries up to last to `to`. */
int pending_copy(struct pending *to, const struct pending *from, uint64_t last, struct hilf_err *err);
void pending_free(struct pending *pending);

/* ------------------------------------------------------------------------------------------ fold.c */

/* Reads where the derived tables stand. */
int fold_begin(struct fold *fold, struct hilf_err *err);
/* Applies one record, seq being that of the state plus one. size: of its bytes. */
int fold_apply(struct fold *fold, const struct record *record, size_t size, bool *ret_effect,
	struct hilf_err *err);
/* Writes what was held back: keys and state. */
int fold_end(struct fold *fold, struct hilf_err *err);
void fold_free(struct fold *fold);
/* A place to go back to, what is in the database apart. */
void fold_mark(struct fold *fold);
void fold_mark_keep(struct fold *fold);
int fold_mark_back(struct fold *fold, struct hilf_err *err);

#endif
