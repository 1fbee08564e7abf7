/* Imminent threats to life: that somebody was told, who, when, and what was sent. hilf tells nobody by itself: a person
 * calls, and writes down here that they did; another person confirms it. The event goes out at once, because nobody is to
 * wait for paper, and again when the second person answered. */
#ifndef ENGINE_ESCALATIONS_H
#define ENGINE_ESCALATIONS_H

#include "engine/decide.h"

#define ESCALATION_AUTHORITY_MAX 200u
#define ESCALATION_CONTACT_MAX   400u
#define ESCALATION_SENT_MAX      5000u

enum escalation_state { ESCALATION_WAITING = 0, ESCALATION_DONE, ESCALATION_REFUSED };
const char *escalation_state_name(enum escalation_state state);

struct escalation_info {
	uint64_t number;
	char id[DECISION_TEXT];
	uint64_t case_id;
	const char *authority, *contact, *sent;
	int64_t told_ms, made_ms, second_ms;
	enum escalation_state state;
	char by[DECIDE_ALIAS_TEXT], second_by[DECIDE_ALIAS_TEXT];
	bool mine, second_mine;
};
/* Refusals: "person_needed". */
int escalation_add(struct hilf *hilf, const struct actor *actor, const struct escalation_info *info,
	struct arena *arena, struct escalation_info *ret_info, struct refusal *ret_refusal,
	struct hilf_err *err);
/* Refusals: "same_person", "person_needed", "not_waiting". */
int escalation_second(struct hilf *hilf, const struct actor *actor, const char *id, bool agree,
	struct arena *arena, struct escalation_info *ret_info, struct refusal *ret_refusal,
	struct hilf_err *err);
/* HILF_E_NOT_FOUND */
int escalation_get(struct hilf *hilf, const struct actor *actor, const char *id,
	struct arena *arena, struct escalation_info *ret_info, struct hilf_err *err);
/* Newest first; case_id 0: of all cases. */
int escalation_page(struct hilf *hilf, const struct actor *actor, uint64_t case_id, uint64_t before,
	size_t limit, int (*fn)(const struct escalation_info *info, void *ctx), void *ctx,
	struct hilf_err *err);

#endif
