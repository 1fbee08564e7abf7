/* Appeals: whoever is concerned by a decision contests it with the token that came with it. Tokens of people's decisions
 * are derived and not stored (ten thousand cost nothing); those of automated blocks are kept as hashes by checks. Both look
 * alike, and go the same way in.
 *
 *   token ──► decision and content ──► appeal ──► a case of kind appeal, for another person than decided
 *                                                    ├─► rejected    the decision stands
 *                                                    └─► upheld      the content is restored, and perhaps the entry falls */
#ifndef ENGINE_APPEALS_H
#define ENGINE_APPEALS_H

#include "engine/decide.h"

#define APPEAL_TEXT_MAX   5000u
#define APPEAL_TOKEN_MAX  64u
#define APPEAL_ANSWER_MAX 2000u

enum appeal_state { APPEAL_OPEN = 0, APPEAL_DECIDED = 1 };
enum appeal_outcome { APPEAL_NONE = 0, APPEAL_REJECTED = 1, APPEAL_UPHELD = 2 };
const char *appeal_state_name(enum appeal_state state);
const char *appeal_outcome_name(enum appeal_outcome outcome); /* NULL of APPEAL_NONE */

/* What becomes of the entry when an appeal is upheld. */
enum appeal_entry { APPEAL_KEEP = 0, APPEAL_WITHDRAW, APPEAL_MUTE, APPEAL_DISPUTE };
int appeal_entry_parse(const char *name, enum appeal_entry *ret_entry, struct hilf_err *err);

struct appeal_info {
	uint64_t number;
	char id[DECISION_TEXT], decision[DECISION_TEXT];
	uint64_t case_id; /* the appeal's own */
	bool automated;
	const char *content_id, *text, *language;
	int64_t made_ms, decided_ms;
	enum appeal_state state;
	enum appeal_outcome outcome;
	const char *answer; /* why, for who appealed */
	char by[DECIDE_ALIAS_TEXT];
	bool mine;
};

/* From the public. HILF_E_NOT_FOUND: no such token; HILF_E_EXISTS with refusal "token_used" (and *ret_info what it was used
 * for), HILF_E_WITHDRAWN with refusal "appeal_over": its time is over, or the decision fell already. */
int appeal_make(struct hilf *hilf, const char *token, const char *text, const char *language,
	struct arena *arena, struct appeal_info *ret_info, struct refusal *ret_refusal,
	struct hilf_err *err);
/* What became of it. HILF_E_NOT_FOUND: no such token. *ret_made false: nobody appealed with it; the id, decision and
 * content are empty then. */
int appeal_status(struct hilf *hilf, const char *token, struct arena *arena, bool *ret_made,
	struct appeal_info *ret_info, int64_t *ret_until_ms, struct hilf_err *err);

/* HILF_E_NOT_FOUND: that case is no appeal. */
int appeal_of_case(struct hilf *hilf, const struct actor *actor, uint64_t case_id,
	struct arena *arena, struct appeal_info *ret_info, struct hilf_err *err);
/* Whether somebody may work on this case: HILF_E_DENIED where it is an appeal against what this actor decided or agreed to.
 * 0 for cases that are no appeals. For leases and for /v1/cases/next. */
int appeal_may_take(struct hilf *hilf, bool in_write, uint64_t case_id, const char *actor,
	struct hilf_err *err);

struct appeal_decide {
	uint64_t case_id;
	bool uphold;
	bool all;         /* the whole decision falls, not for this content alone */
	const char *text; /* the reasons, for who appealed */
	enum appeal_entry entry;
};
/* Refusals: "same_person", "person_needed", "decided_meanwhile". */
int appeal_decide(struct hilf *hilf, const struct actor *actor, const struct appeal_decide *decide,
	struct arena *arena, struct appeal_info *ret_info, struct refusal *ret_refusal,
	struct hilf_err *err);

#endif
