/* Rows of what people decided: decisions, appeals, exemptions, escalations. Local: never shared, never folded. The rules
 * are the engine's (engine/decide.h and its neighbours); here is what is kept, by number on this node. Texts are "" and
 * not NULL where nothing was said. Writes are for within a write; each takes the whole row, so that its mark is right. */
#ifndef STORE_DECISIONS_H
#define STORE_DECISIONS_H

#include "base/arena.h"
#include "base/uuid.h"
#include "store/store.h"

struct store_decision {
	uint64_t number; /* 0 in store_decision_put: a new one */
	uint8_t id[UUID_SIZE];
	uint64_t case_id;
	uint32_t cluster;
	uint64_t upload_count;
	uint32_t actions, basis;
	const char *article, *text, *territory; /* territory: a line for each */
	uint32_t days;                          /* of its duration; 0: no end */
	int64_t until_ms;
	uint64_t entry; /* local number; 0: none */
	const char *bank;
	uint32_t opinion, state;
	int64_t made_ms, undo_ms;
	/* What the sweep does next, when, and how far it came with telling. */
	int64_t due_ms; /* 0: nothing */
	uint32_t step, part;
	uint64_t after;
	const char *actor;
	uint32_t second; /* 0 not needed, 1 needed, 2 agreed, 3 did not */
	const char *second_actor, *second_text;
	int64_t second_ms;
	int64_t withheld_ms, withheld_from_ms;
	const char *authority, *withheld_ground;
	bool extended, released;
	int64_t appeal_until_ms;
	const char *language, *statement;
	uint64_t upheld; /* contents for which it counts as right of whoever brought the entry */
};

/* *ret_number (may be NULL) is the new one's. */
int store_decision_put(struct store *store, const struct store_decision *decision,
	uint64_t *ret_number, struct hilf_err *err);
/* By number, or by id where number is 0. HILF_E_NOT_FOUND; texts in the arena. */
int store_decision_get(struct store *store, bool in_write, uint64_t number,
	const uint8_t id[UUID_SIZE], struct arena *arena, struct store_decision *ret_decision,
	struct hilf_err *err);
/* The one whose due_ms is first and not after now_ms: HILF_E_NOT_FOUND. */
int store_decision_due(struct store *store, bool in_write, int64_t now_ms, struct arena *arena,
	struct store_decision *ret_decision, struct hilf_err *err);
/* Those of a case, oldest first. fn's row lives as long as its call. */
int store_decision_of_case(struct store *store, bool in_write, uint64_t case_id,
	int (*fn)(const struct store_decision *decision, void *ctx), void *ctx,
	struct hilf_err *err);
/* Within a write: of those that rest on an entry and count as right for some content, the first `limit` after `after`. */
int store_decision_upheld_of(struct store *store, uint64_t entry, uint64_t after, size_t limit,
	int (*fn)(const struct store_decision *decision, void *ctx), void *ctx,
	struct hilf_err *err);
/* Newest first, those before `before` (0: from the newest), of one state, or of all (-1). */
int store_decision_page(struct store *store, int state, uint64_t before, size_t limit,
	int (*fn)(const struct store_decision *decision, void *ctx), void *ctx,
	struct hilf_err *err);

struct store_appeal {
	uint64_t number;
	uint8_t id[UUID_SIZE], decision[UUID_SIZE];
	uint64_t upload; /* 0: of an automated block, and then check_id */
	uint64_t check_id;
	uint64_t case_id; /* the appeal's own */
	const char *content_id, *text, *language;
	int64_t made_ms, until_ms, decided_ms; /* until_ms: of the token */
	uint32_t state, outcome;
	const char *answer, *actor;
};
int store_appeal_put(struct store *store, const struct store_appeal *appeal, uint64_t *ret_number,
	struct hilf_err *err);
/* That against this decision and upload: HILF_E_NOT_FOUND. */
int store_appeal_find(struct store *store, bool in_write, const uint8_t decision[UUID_SIZE],
	uint64_t upload, struct arena *arena, struct store_appeal *ret_appeal,
	struct hilf_err *err);
int store_appeal_of_case(struct store *store, bool in_write, uint64_t case_id, struct arena *arena,
	struct store_appeal *ret_appeal, struct hilf_err *err);

struct store_exemption {
	uint64_t number;
	uint8_t id[UUID_SIZE];
	const char *uploader_ref, *url;
	uint64_t entry;
	uint32_t purpose;
	int64_t created_ms, until_ms;
	const char *note, *actor;
};
int store_exemption_add(struct store *store, const struct store_exemption *exemption,
	uint64_t *ret_number, struct hilf_err *err);
int store_exemption_get(struct store *store, bool in_write, const uint8_t id[UUID_SIZE],
	struct arena *arena, struct store_exemption *ret_exemption, struct hilf_err *err);
/* HILF_E_NOT_FOUND */
int store_exemption_remove(struct store *store, const uint8_t id[UUID_SIZE], struct hilf_err *err);
/* Newest first, of those that have not ended by now_ms. */
int store_exemption_page(struct store *store, int64_t now_ms, uint64_t before, size_t limit,
	int (*fn)(const struct store_exemption *exemption, void *ctx), void *ctx,
	struct hilf_err *err);
int store_exemption_count(
	struct store *store, bool in_write, uint64_t *ret_count, struct hilf_err *err);
/* Those that ended by now_ms, `limit` at most. */
int store_exemption_sweep(struct store *store, int64_t now_ms, size_t limit, uint64_t *ret_count,
	struct hilf_err *err);

struct store_escalation {
	uint64_t number;
	uint8_t id[UUID_SIZE];
	uint64_t case_id;
	const char *authority, *contact, *sent;
	int64_t told_ms, made_ms, second_ms;
	uint32_t state;
	const char *actor, *second_actor;
};
int store_escalation_put(struct store *store, const struct store_escalation *escalation,
	uint64_t *ret_number, struct hilf_err *err);
int store_escalation_get(struct store *store, bool in_write, const uint8_t id[UUID_SIZE],
	struct arena *arena, struct store_escalation *ret_escalation, struct hilf_err *err);
/* Newest first; case_id 0: of all. */
int store_escalation_page(struct store *store, uint64_t case_id, uint64_t before, size_t limit,
	int (*fn)(const struct store_escalation *escalation, void *ctx), void *ctx,
	struct hilf_err *err);

/* The check that a token's hash belongs to, or that made this decision: HILF_E_NOT_FOUND. */
struct store_check;
int store_check_by_token(struct store *store, bool in_write, const uint8_t token[32],
	struct arena *arena, struct store_check *ret_check, struct hilf_err *err);
int store_check_by_decision(struct store *store, bool in_write, const uint8_t decision[UUID_SIZE],
	struct arena *arena, struct store_check *ret_check, struct hilf_err *err);

/* Decisions, appeals and escalations of a case that goes. */
int store_desk_forget(struct store *store, uint64_t case_id, struct hilf_err *err);
/* What speaks of one entry speaks of the other from now on: store_rest_move for decisions and exemptions. */
int store_desk_move(struct store *store, uint64_t from, uint64_t to, struct hilf_err *err);

#endif
