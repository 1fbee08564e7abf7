/* What people decide, and what becomes of it. A decision speaks of one cluster of a case, or of some of its uploads.
 *
 *   decide ──► waiting_second ──(another person agrees)──► pending ──(undo_seconds)──► standing ──┬─► expired    its duration is over
 *     │              │                                        │                          │        └─► reversed   after an appeal
 *     │              └─► refused  another one disagrees       └─► undone                 └─► webhooks, statements and the
 *     └──────────────────────────────► pending                                              opinion on the entry go out
 *
 * With refused and undone the case is open again. Nothing leaves the node before a decision stands; what follows then is
 * done by decide_sweep in pieces that each are one transaction, so a crash loses none of it and ten thousand uploads keep
 * nobody waiting. Rows are local: never shared, kept while an appeal may come. */
#ifndef ENGINE_DECIDE_H
#define ENGINE_DECIDE_H

#include "base/arena.h"
#include "engine/may.h"
#include "hilf.h"

#define DECISION_TEXT        37 /* a UUID and its terminator */
#define DECIDE_ALIAS_TEXT    16
#define DECIDE_ARTICLE_MAX   200u
#define DECIDE_TEXT_MAX      2000u
#define DECIDE_AUTHORITY_MAX 200u
#define DECIDE_UPLOADS_MAX   1000u /* named one by one */
#define DECIDE_DURATION_DAYS 3660u
#define DECIDE_WITHHOLD_DAYS 42u /* six weeks, and once as long again (2021/784, article 11(3)) */
#define DECIDE_APPEAL_DAYS                                                                         \
	185 /* six months, whichever they are (184 at most), and a day for what is on its way */

/* A set; 0 is "none": the content stays as it is. */
enum decide_action {
	ACTION_LABEL = 1 << 0,
	ACTION_RESTRICT = 1 << 1,
	ACTION_REMOVE = 1 << 2,
	ACTION_SUSPEND = 1 << 3, /* needs a second person, always */
	ACTION_REFER = 1 << 4,   /* the same */
	ACTION_PRESERVE = 1 << 5
};
#define ACTION_COUNT 6u
const char *action_name(unsigned index); /* "label" of 0; NULL past the end */
int action_parse(const char *name, unsigned *ret_bit, struct hilf_err *err); /* 0 for "none" */

enum decide_basis { BASIS_LAW = 0, BASIS_TERMS = 1 };
const char *basis_name(enum decide_basis basis);
int basis_parse(const char *name, enum decide_basis *ret_basis, struct hilf_err *err);

enum decision_state {
	DECISION_PENDING = 0,
	DECISION_WAITING,
	DECISION_STANDING,
	DECISION_UNDONE,
	DECISION_REFUSED,
	DECISION_REVERSED,
	DECISION_EXPIRED,
	DECISION_STATE_COUNT
};
const char *decision_state_name(enum decision_state state);
int decision_state_parse(const char *name, enum decision_state *ret_state, struct hilf_err *err);

/* Why something cannot be done now, by name, so that a console can say what to do: code NULL where that is not the reason.
 * "decided_meanwhile" (with the decision that stands), "changed_meanwhile", "case_closed", "no_copy", "not_viewed", "read_only_node", "person_needed",
 * "same_person", "too_late" (to undo), "not_waiting", "not_standing", "extended_already", "no_statement",
 * "token_used", "appeal_over". */
struct refusal {
	const char *code;
	char decision[DECISION_TEXT]; /* "" or the one that stands */
};

/* Telling the persons concerned is put off: the law says so. */
struct decide_withhold {
	int64_t until_ms;
	const char *authority, *ground;
};

struct decide_request {
	uint64_t case_id, version; /* version: of the case as the reviewer saw it; 0: whichever */
	uint32_t cluster;
	const uint64_t *uploads; /* NULL: all of the cluster that are open */
	size_t upload_count;
	unsigned actions;
	enum decide_basis basis;
	const char *article, *text;             /* article: or "" */
	const char *const *territory;           /* ISO 3166-1 alpha-2, ascending or not */
	size_t territory_count;                 /* 0: everywhere */
	uint32_t duration_days;                 /* 0: no end */
	int opinion;                            /* 0, HILF_CONFIRM or HILF_DISPUTE, on the entry */
	const struct decide_withhold *withhold; /* or NULL */
	const char *language;                   /* of the statement; NULL: the cluster's */
	bool preview; /* nothing is stored: what the person would be told is all there is */
};

struct decision_info {
	uint64_t number; /* on this node */
	char id[DECISION_TEXT];
	bool block; /* a check's: case_id and what concerns persons are 0 or "" */
	bool automated; /* a check's, or made with a key that nobody holds: no person is known to have decided */
	uint64_t case_id;
	uint32_t cluster;
	uint64_t upload_count;
	unsigned actions;
	enum decide_basis basis;
	const char *article, *text;
	const char *const *territory;
	size_t territory_count;
	int64_t until_ms; /* 0: no end */
	int opinion;
	enum decision_state state;
	char by[DECIDE_ALIAS_TEXT]; /* of this case alone */
	bool mine;
	bool second_needed, second_given, second_agreed, second_mine;
	char second_by[DECIDE_ALIAS_TEXT];
	const char *second_text;
	int64_t made_ms, undo_until_ms;
	const char *language, *statement;
	int64_t withheld_until_ms; /* 0: it is not */
	bool withheld_extended, released;
	const char *authority, *withheld_ground;
	int64_t appeal_until_ms;
	const char *bank, *entry; /* "" where the case has none */
	const char *content_id;   /* of an automated one */
};

/* Stores the decision, and says so only when it is durable. HILF_E_EXISTS with *ret_refusal where somebody else was first
 * or the case changed since; HILF_E_INVALID names the field. ret_info's texts are in the arena. */
int decide(struct hilf *hilf, const struct actor *actor, const struct decide_request *request,
	struct arena *arena, struct decision_info *ret_info, struct refusal *ret_refusal,
	struct hilf_err *err);
/* Whoever made it, or gave the second word, before undo_until_ms; and whoever made one that still waits for a second. */
int decide_undo(struct hilf *hilf, const struct actor *actor, const char *decision,
	struct refusal *ret_refusal, struct hilf_err *err);
/* The second person's word. text: why not, for the first; or NULL. */
int decide_second(struct hilf *hilf, const struct actor *actor, const char *decision, bool agree,
	const char *text, struct refusal *ret_refusal, struct hilf_err *err);
/* Withholds a statement that has not gone out, or extends that once. */
int decide_withhold(struct hilf *hilf, const struct actor *actor, const char *decision,
	const struct decide_withhold *withhold, struct refusal *ret_refusal, struct hilf_err *err);

/* Of people and automated ones alike; actor: for whom `mine` is told, NULL for nobody. Texts in the arena. */
int decision_get(struct hilf *hilf, const struct actor *actor, const char *decision,
	struct arena *arena, struct decision_info *ret_info, struct hilf_err *err);
/* Those of a case, oldest first. */
int decision_each_of_case(struct hilf *hilf, const struct actor *actor, uint64_t case_id,
	int (*fn)(const struct decision_info *info, void *ctx), void *ctx, struct hilf_err *err);
/* Newest first, before number `before` (0: from the newest). state: or -1 for all. */
int decision_page(struct hilf *hilf, const struct actor *actor, int state, uint64_t before,
	size_t limit, int (*fn)(const struct decision_info *info, void *ctx), void *ctx,
	struct hilf_err *err);

/* Those that concern a content, of people and automated, newest first of each kind; `limit` uploads and checks are looked
 * at. */
int decision_of_content(struct hilf *hilf, const struct actor *actor, const char *content_id,
	size_t limit, int (*fn)(const struct decision_info *info, void *ctx), void *ctx,
	struct hilf_err *err);
/* The contents that a decision concerns, in order of their uploads' numbers after `after`. */
struct decision_content {
	uint64_t upload; /* 0: an automated one */
	const char *content_id;
	bool restored;
};
int decision_contents(struct hilf *hilf, const char *decision, uint64_t after, size_t limit,
	int (*fn)(const struct decision_content *content, void *ctx), void *ctx,
	struct hilf_err *err);

/* The name of a case's bank (its node-local number); "" where there is none. */
int desk_bank_name(struct hilf *hilf, uint32_t bank, char ret_name[HILF_BANK_NAME_MAX + 1],
	struct hilf_err *err);

/* ------------------------------------------------------------------------------------------ for cases, in a job or not */

/* Whether the case must be kept: an appeal may come, or something of it is still to be told. */
int decide_holds_case(struct hilf *hilf, bool in_write, uint64_t case_id, int64_t now_ms,
	bool *ret_holds, struct hilf_err *err);
/* Within a job: the case is removed, and its decisions with it. */
int decide_forget_case(struct hilf *hilf, uint64_t case_id, struct hilf_err *err);

/* Within a job: what was said of one entry is said of the other (see store_rest_move); exemptions as well. */
int decide_move_entry(struct hilf *hilf, uint64_t from, uint64_t to, struct hilf_err *err);

/* ------------------------------------------------------------------------------------------ for the background */

/* What is due: pending ones stand, webhooks go out in parts, withheld statements are released, durations end. `limit`
 * pieces at most, each a transaction of its own. */
int decide_sweep(struct hilf *hilf, size_t limit, bool *ret_more, struct hilf_err *err);

/* Where statements and events say that people can appeal: an address, or "". From any thread. */
#define DECIDE_URL_TEXT 320
void decide_set_appeal_url(struct hilf *hilf, const char *url);
void decide_appeal_url(struct hilf *hilf, char ret_url[DECIDE_URL_TEXT]);

/* Whether decisions on this bank's items wait for a second person, whatever they say. */
int bank_second_eyes(
	struct hilf *hilf, bool in_write, const char *bank, bool *ret_on, struct hilf_err *err);
int bank_second_eyes_set(struct hilf *hilf, const char *bank, bool on, struct hilf_err *err);

#endif
