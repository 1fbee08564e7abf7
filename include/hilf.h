/* SPDX-License-Identifier: Apache-2.0
 *
 * hilf: recognise known terrorist propaganda before it reaches people.
 *
 * This header is the stable interface of libhilf and its manual. Everything hangs from one handle,
 * `struct hilf`. The library never logs, never exits, starts no threads of its own and keeps no mutable
 * globals; every call may be made from any thread unless its comment says otherwise.
 *
 * Errors. A function returns HILF_OK (0) or a negative code of `enum hilf_code`, whose numbers are frozen.
 * It takes a `struct hilf_err *`, which may be NULL and otherwise lives with the caller; on failure it holds
 * the code, the errno where there was one, and a sentence for a person: what is wrong, where, what to do.
 * Outputs are named `ret_...` and are untouched on failure. Pointers are not NULL unless a comment allows it:
 * a NULL that is not allowed is a bug in the caller, and a bug aborts.
 *
 * Ownership. What a function returns through a `ret_...` pointer belongs to the caller and is released with
 * the function named in its comment, before the handle is closed. Strings inside results live as long as the
 * result.
 *
 * Units. Times are milliseconds since 1970 (UTC). Distances are bits. Sizes are bytes. Quality is 0 to 100.
 */
#ifndef HILF_H
#define HILF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HILF_API __attribute__((visibility("default")))
#define HILF_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

#define HILF_VERSION "0.1.0"
#define HILF_ABI     1u

/* --------------------------------------------------------------------------------------------- errors */

enum hilf_code {
	HILF_OK            = 0,
	HILF_E_INVALID     = -1,  /* an argument, a name or a value is not of its form */
	HILF_E_NOT_FOUND   = -2,  /* no such bank, entry, file */
	HILF_E_EXISTS      = -3,  /* there already */
	HILF_E_LIMIT       = -4,  /* larger or more than hilf accepts */
	HILF_E_NO_MEMORY   = -5,
	HILF_E_IO          = -6,  /* the system refused a read, a write, a sync */
	HILF_E_CORRUPT     = -7,  /* stored bytes are not what was written */
	HILF_E_BUSY        = -8,  /* another process writes to this data and did not finish in time */
	HILF_E_VERSION     = -9,  /* data of a newer hilf */
	HILF_E_DENIED      = -10, /* no right to do it: read-only folder or handle */
	HILF_E_SANDBOX     = -11, /* the walls that decoding needs cannot be built here */
	HILF_E_HELPER      = -12, /* a helper program is missing or failed */
	HILF_E_WITHDRAWN   = -13, /* the entry was withdrawn, which is final */
	HILF_E_UNSUPPORTED = -14, /* this build cannot do it */
	HILF_E_STOPPED     = -15, /* a callback asked to stop */
};

#define HILF_REASON_MAX 480

struct hilf_err {
	enum hilf_code code;
	int            sys;       /* errno, or 0 */
	char           text[HILF_REASON_MAX]; /* always terminated */
};

/* The short, stable name of a code, such as "not_found". Never NULL. */
HILF_API const char *hilf_code_name(enum hilf_code code);

/* The version of the library at run time. */
HILF_API const char *hilf_version(void);

/* --------------------------------------------------------------------------------------------- handle */

struct hilf;

struct hilf_options {
	uint32_t    abi;        /* HILF_ABI */
	const char *data_dir;   /* the data folder; NULL: no store, for hilf_hash_fd alone */
	const char *helper_dir; /* where hilf-seal and hilf-decode-image are; NULL: signals only */
	bool        read_only;  /* open without the right to write */
	bool        create;     /* make the folder and the store if they are not there */
	bool        no_index;   /* do not fold the feed into memory: matching is refused (cheap opening) */
	bool        insecure_decode; /* decode without the wall; for development only */
	uint32_t    decoder_max;     /* helper processes per family at most; 0: one per core */
	uint32_t    decode_timeout_ms; /* per file; 0: 10,000 */
	const char *activity;   /* what this process does, for whoever waits for it: "import"; or NULL */
	bool        follower;   /* the feed comes from another node alone (hilf_feed_apply): nothing else may write to it */
};

/* Opens a data folder. Release with hilf_close, when no other call is under way; NULL is fine there. A handle does not
 * survive fork: the child may only exit or exec. */
HILF_API int hilf_open(
	const struct hilf_options *options, struct hilf **ret_hilf, struct hilf_err *err);
HILF_API void hilf_close(struct hilf *hilf);

/* Applies what other processes have appended to the feed since. Cheap when there is nothing. */
HILF_API int hilf_refresh(struct hilf *hilf, struct hilf_err *err);

/* The index in memory is a fold of the feed, and opening makes it: for ten million entries that takes many seconds. A
 * snapshot beside the data (DATA/index) makes it there at once. It is a cache: removing it loses nothing, and one that
 * is damaged, of another store or of the future is found as such, at the latest when a query touches it, named by
 * hilf_index_get, removed and made up for from the store; no answer comes from it.
 *
 * hilf_checkpoint writes the snapshot of now; a handle opened for reading may, too, where the folder can be written to.
 * What is written already is not written again. Queries go on meanwhile, until something new is in the feed: that, and
 * the queries that must see it, wait (a second for ten million entries, if all is new). HILF_E_BUSY: another process is
 * at it. Nothing writes one by itself. */
HILF_API int hilf_checkpoint(struct hilf *hilf, struct hilf_err *err);
/* Where the index in memory comes from. Cheap, unlike hilf_stats_get. HILF_E_UNSUPPORTED for a handle without one. */
struct hilf_index {
	uint64_t seq;            /* records of the feed that it has */
	uint64_t told_count;     /* entries that the feed told since opening, so no snapshot did */
	uint64_t snapshot_seq;   /* records that the snapshot has which this handle read or wrote last; 0: none */
	uint64_t snapshot_size;  /* bytes of the snapshot's files that are there now; 0: none */
	uint64_t mended_count;   /* how often since opening a snapshot was found unusable, and all was folded anew */
	char     mended_why[HILF_REASON_MAX]; /* the last time: file, place, reason; "" when never */
};
HILF_API int hilf_index_get(struct hilf *hilf, struct hilf_index *ret_index, struct hilf_err *err);
/* Removes the snapshot. It is no failure when there is none; handles that have read it go on. */
HILF_API int hilf_checkpoint_drop(struct hilf *hilf, struct hilf_err *err);
/* Reads about budget bytes of what the snapshot has and no query has needed yet, so that it is there when one does. For a
 * background thread: call it until *ret_more is false, after which queries are as fast as they get. */
HILF_API int hilf_warm(struct hilf *hilf, size_t budget, bool *ret_more, struct hilf_err *err);
/* Does a little (under a millisecond) of the merging that is due in the index, which makes queries faster; adds do by
 * themselves what cannot wait. */
HILF_API int hilf_maintain(struct hilf *hilf, bool *ret_more, struct hilf_err *err);

/* -------------------------------------------------------------------------------------------- signals */

enum hilf_signal_type {
	HILF_PDQ    = 1, /* 32 bytes, compared by Hamming distance */
	HILF_SHA256 = 2, /* 32 bytes, equal or not */
	HILF_MD5    = 3, /* 16 bytes, equal or not */
};

#define HILF_SIGNAL_SIZE_MAX 32
#define HILF_SIGNAL_TEXT_MAX 80 /* the longest formatted value with its terminator */
#define HILF_QUALITY_UNKNOWN (-1)

struct hilf_signal {
	uint8_t type; /* enum hilf_signal_type */
	uint8_t size; /* bytes used of value */
	int16_t quality; /* 0 to 100, or HILF_QUALITY_UNKNOWN */
	uint8_t value[HILF_SIGNAL_SIZE_MAX];
};

/* Reads a signal from its type's name and its value's canonical text (lower-case hexadecimal for the types of
 * today). Anything else is HILF_E_INVALID with the reason. */
HILF_API int hilf_signal_parse(
	const char *type, const char *value, struct hilf_signal *ret_signal, struct hilf_err *err);
/* Writes the value's text and terminator into text[HILF_SIGNAL_TEXT_MAX]; returns its size without it. */
HILF_API size_t hilf_signal_format(const struct hilf_signal *signal, char *ret_text);
/* "pdq", "sha256", "md5"; NULL for a type that is not known. */
HILF_API const char *hilf_signal_type_name(uint8_t type);

/* ---------------------------------------------------------------------------------------------- banks */

enum hilf_mode { HILF_SHADOW = 0, HILF_REVIEW = 1, HILF_BLOCK = 2 };
HILF_API const char *hilf_mode_name(enum hilf_mode mode);
HILF_API int hilf_mode_parse(const char *name, enum hilf_mode *ret_mode, struct hilf_err *err);

#define HILF_BANK_NAME_MAX    64
#define HILF_ID_TEXT_MAX      48 /* a global id as text with its terminator */
#define HILF_PDQ_RADIUS       31
#define HILF_PDQ_RADIUS_MAX   48

struct hilf_bank {
	uint32_t       id; /* node-local */
	char           gid[HILF_ID_TEXT_MAX];
	char           name[HILF_BANK_NAME_MAX + 1];
	enum hilf_mode mode;
	uint32_t       pdq_radius;
	uint64_t       entry_count;   /* in force now, without withdrawn and expired ones */
	uint64_t       withdrawn_count;
	bool           own;           /* this node's member owns it */
	int64_t        created_ms;
	uint32_t       sample_ppm;    /* of a million matches, how many this node counts; the rest are as in shadow. 1,000,000 */
	char           member[HILF_ID_TEXT_MAX]; /* who owns it */
};

/* Creates a bank of this node's member. name: [A-Za-z_][A-Za-z0-9_.-]{0,63}. ret_bank may be NULL. */
HILF_API int hilf_bank_create(struct hilf *hilf, const char *name, enum hilf_mode mode,
	uint32_t pdq_radius, struct hilf_bank *ret_bank, struct hilf_err *err);
HILF_API int hilf_bank_get(
	struct hilf *hilf, const char *name, struct hilf_bank *ret_bank, struct hilf_err *err);
/* The same without its counts, which take long where entries came one by one: 0 in their place. */
HILF_API int hilf_bank_look(
	struct hilf *hilf, const char *name, struct hilf_bank *ret_bank, struct hilf_err *err);
/* Calls fn for each bank, by name; a return other than 0 stops and is returned, with err untouched. fn sees the banks
 * of one moment and may make other calls. */
typedef int hilf_bank_fn(const struct hilf_bank *bank, void *ctx);
HILF_API int hilf_bank_each(struct hilf *hilf, hilf_bank_fn *fn, void *ctx, struct hilf_err *err);
/* What to change; what is not set stays. Mode, threshold and sampling are this node's own and may be set for any bank; a
 * name is the owner's to give. */
struct hilf_bank_change {
	bool           set_mode, set_pdq_radius, set_sample;
	enum hilf_mode mode;
	uint32_t       pdq_radius;
	uint32_t       sample_ppm;
	const char    *name; /* NULL: stays */
};
/* Durable, and true for the next query of every process on this data. ret_bank may be NULL. */
HILF_API int hilf_bank_set(struct hilf *hilf, const char *name, const struct hilf_bank_change *change,
	struct hilf_bank *ret_bank, struct hilf_err *err);
/* Removes the bank and withdraws all its entries. */
HILF_API int hilf_bank_remove(struct hilf *hilf, const char *name, struct hilf_err *err);

/* -------------------------------------------------------------------------------------------- entries */

struct hilf_label {
	const char *key;   /* [a-z][a-z0-9_.-]{0,31}, but not "quality" */
	const char *value; /* 1 to 64 bytes of UTF-8 without blanks, control characters or '@' */
};

/* What is said of an entry when it is added. Zero means the default of each field. */
struct hilf_entry_meta {
	const char              *content_class; /* closed list, see hilf_class_name; NULL: "unclassified" */
	const char              *ground;        /* a citation (law, article, terms), no free text; or NULL */
	int64_t                  expires_ms;    /* 0: 24 months from now, which is also the most */
	const char              *source;        /* "human", "import", "automated"; NULL: not said */
	const struct hilf_label *labels;      /* of all entries of the call; each key once */
	size_t                   label_count; /* 32 at most */
};

/* The closed list of content classes by number, from 0; NULL past the end. */
HILF_API const char *hilf_class_name(unsigned index);

struct hilf_new_entry {
	const struct hilf_signal *signals;
	size_t                    signal_count; /* 1 to 16 */
	const struct hilf_label  *labels;       /* of this entry alone, beside those of the meta, which they override */
	size_t                    label_count;  /* 32 at most */
};

enum hilf_added { HILF_ADDED = 0, HILF_ADDED_ALREADY = 1, HILF_ADDED_DEGENERATE = 2 };

struct hilf_add_result {
	uint64_t        entry;  /* node-local id; 0 where nothing was added */
	enum hilf_added what;   /* DEGENERATE: no signal was left that stands for something */
};

/* Adds entries to a bank, durably, in as few records as they fit. What is in the bank already, neither withdrawn nor
 * expired, answers with the id it has: an entry with digests when one of them is there, one without when one of its
 * signals is. An entry of the same call counts as there already. Signals that stand for nothing are left out. On success
 * ret_results[count] is filled; on failure nothing was added. At most 65,536 entries a call. meta may be NULL. */
HILF_API int hilf_add(struct hilf *hilf, const char *bank, const struct hilf_entry_meta *meta,
	const struct hilf_new_entry *entries, size_t count, struct hilf_add_result *ret_results,
	struct hilf_err *err);

/* Withdraws an entry, which is final. entry: its local number or global id as text. reason: "CODE" or
 * "CODE: TEXT" with CODE of error, duplicate, appeal, dispute, court, expired, other; anything else is taken
 * for text with the code `other`. The text stays on this node. */
HILF_API int hilf_withdraw(
	struct hilf *hilf, const char *entry, const char *reason, struct hilf_err *err);

enum hilf_entry_state { HILF_IN_FORCE = 0, HILF_EXPIRED = 1, HILF_WITHDRAWN = 2, HILF_ERASED = 3 };
HILF_API const char *hilf_entry_state_name(enum hilf_entry_state state); /* "in_force", ... */

/* An entry with all its signals. Strings live as long as the call to fn. */
struct hilf_entry {
	uint64_t                  id;
	const char               *gid;
	const char               *bank;
	const char               *content_class;
	const char               *ground; /* "" when there is none */
	int64_t                   added_ms;
	int64_t                   expires_ms;
	const struct hilf_label  *labels;
	size_t                    label_count;
	const struct hilf_signal *signals; /* none of an erased one */
	size_t                    signal_count;
	enum hilf_entry_state     state;
	const char               *source;    /* "human", "import", "automated", or "" */
	const char               *territory; /* "*" or countries */
	int64_t                   muted_until_ms; /* on this node it matches nothing until then; 0: it does */
	uint32_t                  confirm_count, dispute_count, seen_count; /* members who said so */
	const char               *member; /* who owns its bank */
	bool                      own;    /* that is this node's member */
};
typedef int hilf_entry_fn(const struct hilf_entry *entry, void *ctx);
/* Calls fn for each entry of the bank that is in force, by id; a return other than 0 stops and is returned, with err
 * untouched. fn sees the entries of one moment and may make other calls. */
HILF_API int hilf_entry_each(
	struct hilf *hilf, const char *bank, hilf_entry_fn *fn, void *ctx, struct hilf_err *err);

/* One entry, by local number or global id, whatever its state. HILF_E_NOT_FOUND. */
HILF_API int hilf_entry_get(
	struct hilf *hilf, const char *entry, hilf_entry_fn *fn, void *ctx, struct hilf_err *err);
/* A page of a bank's entries (bank NULL: of all), by id, after after_id, limit at most (10,000). gone: withdrawn and
 * expired ones, too. */
HILF_API int hilf_entry_page(struct hilf *hilf, const char *bank, uint64_t after_id, size_t limit,
	bool gone, hilf_entry_fn *fn, void *ctx, struct hilf_err *err);
/* Every entry with an equal signal in whatever bank, in force or not, by id: "what do we know of this file?" */
HILF_API int hilf_entry_find(struct hilf *hilf, const struct hilf_signal *signal, hilf_entry_fn *fn,
	void *ctx, struct hilf_err *err);

/* Changes what is said of an entry: a signed record of its bank's owner. Labels that are given replace all; expires_ms
 * may only come closer; NULL and 0 stay as they are, an empty ground takes it away. An expires_ms that is past expires it at
 * once. HILF_E_INVALID for a later one, HILF_E_WITHDRAWN, HILF_E_DENIED for another member's bank. */
struct hilf_entry_change {
	const char              *content_class, *ground;
	int64_t                  expires_ms;
	bool                     set_labels;
	const struct hilf_label *labels;
	size_t                   label_count;
};
HILF_API int hilf_entry_set(struct hilf *hilf, const char *entry, const struct hilf_entry_change *change,
	struct hilf_err *err);
/* On this node alone the entry matches nothing until then (0: from now on it does again; five years at most). */
HILF_API int hilf_entry_mute(
	struct hilf *hilf, const char *entry, int64_t until_ms, struct hilf_err *err);
/* Withdraws what is not withdrawn yet and destroys its record's bytes here: afterwards neither the database, its log, a
 * snapshot nor a new backup holds its signals, labels or notes; the signature and the public header stay, so that the
 * feed can be proved. All entries of its record go with it where they share one (ret_count tells how many), unless the
 * others can be kept: see docs/formats/store.md. */
HILF_API int hilf_entry_erase(struct hilf *hilf, const char *entry, const char *reason,
	uint64_t *ret_count, struct hilf_err *err);

/* A member's word on an entry, signed, one standing opinion per member and entry, the last one counts. A disputed entry
 * never blocks: its matches go to review. HILF_OPINION_NONE takes one's word back. */
enum hilf_opinion { HILF_OPINION_NONE = 0, HILF_CONFIRM = 1, HILF_DISPUTE = 2, HILF_SEEN = 3 };
HILF_API const char *hilf_opinion_name(enum hilf_opinion opinion); /* "none", "confirm", "dispute", "seen" */
HILF_API int hilf_opinion_parse(const char *name, enum hilf_opinion *ret_opinion, struct hilf_err *err);
HILF_API int hilf_opinion_give(
	struct hilf *hilf, const char *entry, enum hilf_opinion opinion, struct hilf_err *err);
struct hilf_opinion_row {
	char              member[HILF_ID_TEXT_MAX];
	bool              own;
	enum hilf_opinion opinion;
	int64_t           time_ms;
};
typedef int hilf_opinion_fn(const struct hilf_opinion_row *row, void *ctx);
HILF_API int hilf_opinion_each(
	struct hilf *hilf, const char *entry, hilf_opinion_fn *fn, void *ctx, struct hilf_err *err);

/* -------------------------------------------------------------------------------------------- the feed */

/* A record as it stands in the feed. size 0: it was erased. */
struct hilf_record {
	uint64_t       seq;
	const char    *bytes;     /* canonical JSON, as signed */
	size_t         size;
	uint8_t        signature[64], salt[32]; /* of an erased one the salt is gone: zeros */
	int64_t        received_ms;
	const char    *header;    /* of an erased one: what stays of it, canonical JSON (docs/formats/record.md); else NULL */
	size_t         header_size;
};
typedef int hilf_record_fn(const struct hilf_record *record, void *ctx);
/* Records after `after_seq`, in order, limit at most. fn may make other calls. */
HILF_API int hilf_feed_read(struct hilf *hilf, uint64_t after_seq, size_t limit, hilf_record_fn *fn,
	void *ctx, struct hilf_err *err);
/* The last record's number, and a number that grows whenever something local that queries depend on changes (modes,
 * thresholds, mutes). Costs an atomic load. */
HILF_API void hilf_feed_head(struct hilf *hilf, uint64_t *ret_seq, uint64_t *ret_local);
/* Of a follower: takes over records that continue its own feed, after verifying each signature; all or none. An erased
 * one comes with its signature alone and folds as withdrawn. HILF_E_CORRUPT: not a continuation of this feed. */
HILF_API int hilf_feed_apply(
	struct hilf *hilf, const struct hilf_record *records, size_t count, struct hilf_err *err);

/* ---------------------------------------------------------------------------------- backup and restore */

/* Writes a consistent copy of store and node key (0600) into the folder `to`, which must not be there; readers and
 * writers go on meanwhile. The copy is verified before it gets its name. */
HILF_API int hilf_backup(struct hilf *hilf, const char *to, struct hilf_err *err);
/* Makes the data folder `to`, which must hold no data, from a backup, after verifying every record of it. */
HILF_API int hilf_restore(const char *from, const char *to, struct hilf_err *err);

/* -------------------------------------------------------------------------------------------- content */

enum hilf_variant { HILF_AS_IS = 0, HILF_ON_BLACK = 1, HILF_ON_WHITE = 2 };
HILF_API const char *hilf_variant_name(uint8_t variant);

/* The eight orientations, in the order of hilf_picture.pdq: hash number i is that of the picture turned or
 * mirrored so. Rotations are counter-clockwise; FLIPX turns upside down, FLIPY mirrors left and right, FLIP_PLUS1
 * swaps x and y, FLIP_MINUS1 is the mirror along the other diagonal. The names are the reference code's. */
enum hilf_orientation {
	HILF_ORIGINAL = 0, HILF_ROTATE90, HILF_ROTATE180, HILF_ROTATE270,
	HILF_FLIPX, HILF_FLIPY, HILF_FLIP_PLUS1, HILF_FLIP_MINUS1,
	HILF_ORIENTATION_COUNT
};
HILF_API const char *hilf_orientation_name(uint8_t orientation);

struct hilf_picture {
	uint8_t variant; /* enum hilf_variant */
	uint8_t quality; /* 0 to 100 */
	bool    degenerate; /* the hash stands for nothing: quality below 50, or many coefficients at the median */
	uint8_t pdq[HILF_ORIENTATION_COUNT][32];
};

#define HILF_PICTURE_MAX 3

struct hilf_content {
	bool     digests;        /* sha256 and md5 are set (they are also when the file was undecided) */
	uint8_t  sha256[32];
	uint8_t  md5[16];
	uint64_t size;           /* of the file */
	bool     decided;        /* false: see reason; what was read before is kept */
	char     reason_code[24]; /* "crash", "timeout", "limit", "corrupt", "unsupported", ...; "" when decided */
	char     reason[240];    /* for a person */
	char     format[12];     /* "jpeg", "png", ... or "" */
	uint32_t width, height;  /* of the picture as stored; 0 when not known */
	size_t   picture_count;
	struct hilf_picture pictures[HILF_PICTURE_MAX]; /* pictures[0] is the picture as it is */
};

/* Digests the file behind fd (from its beginning, position untouched) and has a helper decode it. A file that
 * cannot be decoded is no failure: content.decided is false. Failures are of the machine: no memory, no helper,
 * no wall. The file must not change meanwhile; when it does, it is undecided. */
HILF_API int hilf_hash_fd(
	struct hilf *hilf, int fd, struct hilf_content *ret_content, struct hilf_err *err);
/* The same within timeout_ms, the wait for a free helper included, where that is less than the handle's own: what takes
 * longer is undecided ("timeout"). 0: the handle's own. */
HILF_API int hilf_hash_fd_within(struct hilf *hilf, int fd, uint32_t timeout_ms,
	struct hilf_content *ret_content, struct hilf_err *err);

/* -------------------------------------------------------------------------------------------- matching */

/* In the order of their weight. There is no "clear": hilf clears nothing. */
enum hilf_verdict { HILF_NO_MATCH = 0, HILF_UNDECIDED = 1, HILF_VERDICT_REVIEW = 2, HILF_VERDICT_BLOCK = 3 };
HILF_API const char *hilf_verdict_name(enum hilf_verdict verdict);

struct hilf_match {
	uint64_t       entry;
	char           gid[HILF_ID_TEXT_MAX];
	char           bank[HILF_BANK_NAME_MAX + 1];
	enum hilf_mode mode;
	uint8_t        signal_type;
	uint8_t        orientation; /* of the query that matched; 0 for digests */
	uint8_t        variant;
	uint16_t       distance;    /* bits; 0 for digests */
	uint16_t       threshold;   /* the bank's */
	const char    *content_class;
	const struct hilf_label *labels;
	size_t         label_count;
	bool           disputed;    /* so it does not block */
	bool           sampled_out; /* of its bank's sampling: treated as shadow */
	enum hilf_verdict verdict;  /* that it brings by itself */
	char           exempt[37];  /* the exemption that keeps it from raising the verdict of a check; "" */
};

struct hilf_check {
	enum hilf_verdict  verdict;        /* of all matches, also those beyond the limit */
	enum hilf_verdict  shadow_verdict; /* what it would have been with every shadow bank in review */
	struct hilf_match *matches;        /* nearest first, one per entry and signal type */
	size_t             match_count;
	uint64_t           match_more;     /* matches beyond the limit, at most: past sixteen times the limit an entry may
	                                    * count for each of its values and orientations that is near */
};

struct hilf_query {
	const char *const *banks; /* names; NULL: all */
	size_t             bank_count;
	size_t             limit; /* matches kept, the nearest; 0: 100; 10,000 at most */
	const char        *seed;  /* of the sampling: the same seed, the same choice; NULL: at random */
	bool               unsampled; /* every match counts, whatever its bank's sampling */
	bool               as_is;     /* content is compared as it is, not turned or mirrored */
	bool               lenient;   /* banks that are not there are passed over */
	bool               no_shadow; /* banks in shadow are passed over: what is left is what counts */
};

/* Compares content, in all orientations and variants, with what is known, what other processes added and withdrew
 * included. query may be NULL. A bank that is not there is HILF_E_NOT_FOUND. Release with hilf_check_free. */
HILF_API int hilf_match_content(struct hilf *hilf, const struct hilf_query *query,
	const struct hilf_content *content, struct hilf_check *ret_check, struct hilf_err *err);
/* Compares bare signals, as they are; one that stands for nothing matches nothing. ret_checks[count]; release each with
 * hilf_check_free. On failure there is nothing to release. */
HILF_API int hilf_match_signals(struct hilf *hilf, const struct hilf_query *query,
	const struct hilf_signal *signals, size_t count, struct hilf_check *ret_checks,
	struct hilf_err *err);
/* NULL is fine. */
HILF_API void hilf_check_free(struct hilf_check *check);

/* ------------------------------------------------------------------------------------------- the node */

struct hilf_stats {
	char     member[HILF_ID_TEXT_MAX]; /* this node's member id, "" before the first write */
	uint64_t feed_count;       /* records */
	uint64_t feed_size;        /* bytes of records */
	uint64_t bank_count;
	uint64_t entry_count;      /* in force */
	uint64_t withdrawn_count;
	uint64_t expired_count;
	uint64_t signal_count[16]; /* of entries in force or expired, by enum hilf_signal_type */
	uint64_t index_count;      /* values in the similarity index */
	uint64_t index_size;       /* bytes it takes */
	uint64_t degenerate_count; /* values kept out of the index because they stand for nothing */
	const char *simd;          /* the kernels in use: "portable", "avx2", "avx512" */
};
HILF_API int hilf_stats_get(struct hilf *hilf, struct hilf_stats *ret_stats, struct hilf_err *err);

/* One finding of doctor or fsck. level: "ok", "note", "warning", "problem", "mended". A return other than 0 stops and is
 * returned. */
typedef int hilf_finding_fn(const char *level, const char *what, const char *text, void *ctx);

/* Tries what hilf needs on this machine: helpers, walls, fetching, folder, clock. */
HILF_API int hilf_doctor(
	const struct hilf_options *options, hilf_finding_fn *fn, void *ctx, struct hilf_err *err);

/* Verifies every record's form and signature, folds the feed anew and replaces the derived tables where they
 * differ. Needs the right to write, unless check_only. ret_problems counts what could not be mended. */
HILF_API int hilf_fsck(const struct hilf_options *options, bool check_only, hilf_finding_fn *fn,
	void *ctx, uint64_t *ret_problems, struct hilf_err *err);

#ifdef __cplusplus
}
#endif
#endif
