/* What was checked and what came of it, as far as somebody will ask: local rows, never shared, with an end.
 *
 *   check with a block ──► row, decision, statement of reasons, appeal token       kept CHECKS_DECISION_DAYS
 *   check with content_id that matched ──► row, and which entries it rests on      kept CHECKS_MATCH_DAYS
 *   withdrawal, expiry, mute, erasure, upheld appeal, dispute that ends a block
 *        └──► in the same transaction: entry.reversed into the outbox, with every content_id that rested on the entry
 *   look-back (where it is on): signals of recent checks, matched or not, searched when an entry arrives
 *        └──► content.recognised into the outbox
 */
#ifndef ENGINE_CHECKS_H
#define ENGINE_CHECKS_H

#include "base/arena.h"
#include "hilf.h"

struct previews;

#define CHECKS_DECISION_DAYS                                                                       \
	400 /* an appeal may come for at least six months, and then takes its time */
#define CHECKS_MATCH_DAYS    180
#define CHECK_CONTENT_ID_MAX 256
#define CHECK_UPLOADER_MAX   256
#define CHECK_URL_MAX        2048
/* Whether a browser may be given it: http or https, with a host; NULL and "" are none. HILF_E_INVALID. */
int check_evidence_form(const char *url, struct hilf_err *err);
#define CHECK_LANGUAGE_MAX   35 /* BCP 47 */
#define CHECK_CAPTION_MAX    2000
#define CHECK_REACH_MAX      100000000000ll
#define CHECK_PLACES_MAX     32
#define CHECK_PLACES_SIZE    8192 /* of their text */
#define CHECK_DECISION_TEXT  37 /* a UUID with its terminator */
#define CHECK_TOKEN_TEXT     48

enum surface { SURFACE_PUBLIC = 0, SURFACE_LIMITED = 1, SURFACE_PRIVATE = 2 };
const char *surface_name(enum surface surface);
int surface_parse(const char *name, enum surface *ret_surface, struct hilf_err *err);

/* What the platform said of the content. NULL or "": not said. All of it stays on this node. */
struct check_context {
	const char *content_id, *uploader_ref, *evidence_url, *language;
	enum surface surface;
	const char *actor; /* struct actor's id */
	const char *caption; /* what stands beside the content */
	int64_t reach;       /* about how many people see it; 0: not said */
	const char *places;  /* where in the content: JSON as engine/places.h writes it */
	const struct previews *previews; /* for the vault; NULL: none */
};

struct check_decision {
	char id[CHECK_DECISION_TEXT];        /* "" unless the verdict is block */
	char appeal_token[CHECK_TOKEN_TEXT]; /* kept as a hash alone */
	int64_t appeal_until_ms;
	char *statement; /* the statement of reasons, in plain words; in the arena */
	bool repeated; /* this content_id was recorded with these entries already: no token again */
};

/* Records, durably, what the rules above ask for, and nothing for a check that needs none: then it costs nothing. A
 * verdict of block is only ever answered after this succeeded. Queues check.matched (review) or check.blocked. What it
 * rests on are the matches in `check`, so match with a limit of 100 or more and answer with fewer where fewer are asked
 * for. An entry that ended since the match is reversed in the same breath. HILF_E_INVALID and HILF_E_LIMIT name a field
 * of the context; surface private without a legal basis is the caller's to refuse, before it looks at anything. */
int check_record(struct hilf *hilf, const struct check_context *context,
	const struct hilf_check *check, struct arena *arena, struct check_decision *ret_decision,
	struct hilf_err *err);
/* Whether it would go to the disk for it, so that who must not wait there can go elsewhere first. */
bool check_needs_record(
	struct hilf *hilf, const struct check_context *context, const struct hilf_check *check);

/* Recorded checks, newest first, before id `before` (0: from the newest), of one content_id where that is not NULL. */
struct check_row {
	uint64_t id;
	int64_t time_ms, reversed_ms; /* 0: it stands */
	enum hilf_verdict verdict;
	struct check_context context;
	const char *decision;       /* "" */
	const char *const *entries; /* global ids */
	size_t entry_count;
};
int check_page(struct hilf *hilf, const char *content_id, uint64_t before, size_t limit,
	int (*fn)(const struct check_row *row, void *ctx), void *ctx, struct hilf_err *err);
/* The same of those that rest on an entry (its node-local number) now: it has not ended, and they were not reversed. */
int check_page_of_entry(struct hilf *hilf, uint64_t entry, uint64_t before, size_t limit,
	int (*fn)(const struct check_row *row, void *ctx), void *ctx, struct hilf_err *err);

/* Whoever ends an entry calls this inside its write job, before or after its record is appended: queues entry.reversed
 * (in parts of 1,000 contents) and marks the checks. reason: record_reason_name's, or "muted", "erased", "changed",
 * "bank_removed", or "disputed", with which it does not end, but blocks no more. *ret_restored (may be NULL): contents
 * whose verdict no other entry in force upholds. Costs two look-ups where nothing rests on the entry. */
struct record_entry_id;
int checks_reverse(struct hilf *hilf, const struct record_entry_id *entry, const char *reason,
	uint64_t *ret_restored, struct hilf_err *err);
/* The same for every entry of a bank (its node-local id) that goes. */
int checks_reverse_bank(struct hilf *hilf, uint32_t bank, const char *reason,
	uint64_t *ret_restored, struct hilf_err *err);
/* Queues the reversals of entries that expired since the last sweep; up to limit of them. For a background thread. */
int checks_sweep_expired(struct hilf *hilf, size_t limit, bool *ret_more, struct hilf_err *err);
/* Of a follower, after it applied records: those of entries that they withdrew. */
int checks_sweep_withdrawn(struct hilf *hilf, size_t limit, bool *ret_more, struct hilf_err *err);
/* Removes rows that are past their days: checks, kept answers, dead deliveries. */
int checks_sweep_old(struct hilf *hilf, size_t limit, bool *ret_more, struct hilf_err *err);

/* The legal basis for checking private surfaces, recorded by an operator: a citation with who and when; "" when there is
 * none, and then surface private is refused. */
int checks_private_basis_set(
	struct hilf *hilf, const char *basis, const char *actor, struct hilf_err *err);
int checks_private_basis(struct hilf *hilf, char *ret_basis, size_t room, struct hilf_err *err);

/* Answers kept for a repeated request with the same Idempotency-Key, for a day. */
struct idempotent {
	const char *actor, *key;
	uint8_t request[32]; /* SHA-256 over method, path, query and body */
};
enum idempotent_state {
	IDEMPOTENT_NEW,
	IDEMPOTENT_DONE,
	IDEMPOTENT_RUNNING,
	IDEMPOTENT_OTHER /* same key, another request */
};
/* NEW: it is marked as running until idempotent_end. DONE: status and body (in the arena) are those of the first time. */
int idempotent_begin(struct hilf *hilf, const struct idempotent *request, struct arena *arena,
	enum idempotent_state *ret_state, int *ret_status, const char **ret_body, size_t *ret_size,
	struct hilf_err *err);
/* status 0: it failed in a way that may be tried again, so it is forgotten. HILF_E_LIMIT: the body is too large to keep;
 * like every failure here it ends the request all the same. */
#define IDEMPOTENT_BODY_MAX (2u << 20)
int idempotent_end(struct hilf *hilf, const struct idempotent *request, int status,
	const char *body, size_t size, struct hilf_err *err);

/* Look-back: off by default, where nobody opens it; what was kept before is gone after LOOKBACK_DAYS_MAX then. days: 1 to
 * LOOKBACK_DAYS_MAX. max_count bounds memory and rows (about a kilobyte for a picture in eight orientations); the oldest go
 * first. One to a handle, closed before it. */
#define LOOKBACK_DAYS_MAX    30
#define LOOKBACK_SIGNALS_MAX 32u /* three pictures, turned and mirrored, and digests */
struct lookback;
int lookback_open(struct hilf *hilf, unsigned days, uint64_t max_count,
	struct lookback **ret_lookback, struct hilf_err *err);
void lookback_close(struct lookback *lookback);
/* Keeps the signals of a check with a content_id; in memory at once, durable with the next lookback_turn. Never blocks on
 * the disk. Private surfaces are never kept, and what was said of the content otherwise is not, either. A content that
 * comes again is kept once. lookback NULL: nothing. */
void lookback_note(struct lookback *lookback, const struct check_context *context,
	const struct hilf_signal *signals, size_t count);
/* For a background thread, about once a second: stores what was noted, forgets what is old, compares entries that arrived
 * since with what is kept and queues content.recognised for those of banks that are not in shadow here. A content whose
 * own check found the entry is not told. */
int lookback_turn(struct lookback *lookback, bool *ret_more, struct hilf_err *err);
/* Forgets one content, or all of it (NULL), with no trace. HILF_E_BUSY: it is forgotten, but a long reader keeps its bytes
 * in the store's log; the next write that can drives them out. */
int lookback_erase(struct lookback *lookback, const char *content_id, uint64_t *ret_count,
	struct hilf_err *err);
uint64_t lookback_count(const struct lookback *lookback);

#endif
