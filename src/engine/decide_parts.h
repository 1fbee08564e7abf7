/* What decide*.c, appeals.c, exemptions.c and escalations.c owe each other. */
#ifndef ENGINE_DECIDE_PARTS_H
#define ENGINE_DECIDE_PARTS_H

#include "base/buf.h"
#include "engine/cases.h"
#include "engine/decide.h"
#include "engine/local.h"
#include "store/decisions.h"

#define DESK_DAY_MS (24ll * 3600 * 1000)

/* What a decision needs next (store_decision.step). */
enum decide_step {
	STEP_NONE = 0,
	STEP_STAND,   /* pending: it stands from then on */
	STEP_TELL,    /* decision.made, in parts */
	STEP_OPINION, /* the word on the entry */
	STEP_WAIT, /* until a statement is released or the duration is over, whichever is first */
	STEP_RELEASE, /* statement.released, in parts */
	STEP_END,     /* decision.ended, in parts */
	STEP_REVERSE  /* decision.reversed and content.restored, in parts */
};

enum decide_second { SECOND_NONE = 0, SECOND_NEEDED, SECOND_AGREED, SECOND_REFUSED };

/* Whether text is there (unless it may be empty), UTF-8, without control characters but line ends and tabs, and not longer. */
int desk_check_text(
	const char *name, const char *text, size_t max, bool may_be_empty, struct hilf_err *err);
/* "en", "fr-CA": letters, digits and hyphens. */
int desk_check_language(const char *language, struct hilf_err *err);
void desk_new_id(int64_t now_ms, uint8_t ret_id[UUID_SIZE]);
/* HILF_E_NOT_FOUND: it is no id, so nothing has it. what: "decision". */
int desk_read_id(
	const char *what, const char *text, uint8_t ret_id[UUID_SIZE], struct hilf_err *err);
/* The global id and the bank's name of an entry, "" where it is gone or 0. */
int desk_name_entry(struct hilf *hilf, bool in_write, uint64_t entry, struct arena *arena,
	const char **ret_entry, const char **ret_bank, struct hilf_err *err);
/* "FR, DE" of lines, or "*" of none; NULL without memory. */
const char *desk_territory_text(const char *lines, struct arena *arena);
/* Where two people are asked for, or a person's own judgement: each has to be one by name (person_is_named), so that they
 * are told from one another. 0, or "person_needed" with HILF_E_DENIED. decision: or NULL. */
int desk_need_person(const struct actor *actor, struct refusal *ret_refusal,
	const uint8_t decision[UUID_SIZE], struct hilf_err *err);
int refuse(struct refusal *ret_refusal, const char *code, const uint8_t decision[UUID_SIZE],
	struct hilf_err *err, enum hilf_code rc, const char *text);

/* By its id's text. */
int decision_row(struct hilf *hilf, bool in_write, const char *id, struct arena *arena,
	struct store_decision *ret_row, struct hilf_err *err);
int decision_tell(struct hilf *hilf, bool in_write, const struct actor *actor,
	const struct store_decision *row, struct arena *arena, struct decision_info *ret_info,
	struct hilf_err *err);
/* When it is to be looked at next, once what is under way is done. */
void decision_plan(struct store_decision *row);

/* Within a job: one piece of a decision that is due. */
int decision_turn(struct hilf *hilf, struct store_decision *row, int64_t now_ms,
	struct arena *arena, struct hilf_err *err);

/* The token of one upload's content, and the way back; 25 bytes in base32 behind "appeal_". */
#define APPEAL_TOKEN_TEXT 48
/* Within a job: the key, made where there is none. */
#define APPEAL_KEY_SIZE 32
int appeal_key(
	struct hilf *hilf, bool in_write, uint8_t ret_key[APPEAL_KEY_SIZE], struct hilf_err *err);
void appeal_token(const uint8_t key[APPEAL_KEY_SIZE], uint64_t decision, uint64_t upload,
	char ret_token[APPEAL_TOKEN_TEXT]);
/* false: it is none of ours. */
bool appeal_token_read(const uint8_t key[APPEAL_KEY_SIZE], const char *token,
	uint64_t *ret_decision, uint64_t *ret_upload);

#endif
