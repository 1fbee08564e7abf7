/* The desk as the API shows it: what cases.c, decisions.c and their neighbours share. Times are in milliseconds. People are
 * their aliases in the case and nothing else. */
#ifndef HTTP_API_DESK_H
#define HTTP_API_DESK_H

#include "engine/appeals.h"
#include "engine/cases.h"
#include "engine/decide.h"
#include "engine/escalations.h"
#include "http/api/fields.h"
#include "http/api/inside.h"

/* A case, with what it is asked about. */
struct desk_case {
	struct store_case row;             /* texts in the request's arena */
	char bank[HILF_BANK_NAME_MAX + 1]; /* "": none */
	struct object object;              /* refers to bank above: not to be copied */
};
/* Loads the path's {case} and asks whether the actor may; false: replied. Whoever may not read it hears that there is none. */
bool desk_case_param(struct http_request *request, enum verb verb, struct desk_case *ret_case);
/* The same of a case by its number. */
bool desk_case(
	struct http_request *request, uint64_t case_id, enum verb verb, struct desk_case *ret_case);
/* A path's parameter as a number; false: replied with 404. */
bool desk_number(struct http_request *request, const char *name, uint64_t *ret_number);

/* Replies for a refusal of the engine's, 409 or 403, with the decision that stands where there is one; for others as
 * api_fail. HILF_E_BUSY is 409 "leased". */
void desk_fail(
	struct http_request *request, const struct refusal *refusal, const struct hilf_err *err);

/* Each as an object, with the item's comma where it is in a list. */
void desk_put_decision(struct buf *buf, const struct decision_info *info);
void desk_put_escalation(struct buf *buf, const struct escalation_info *info);
/* With the decision in question; `of` NULL: null. */
void desk_put_appeal(
	struct buf *buf, const struct appeal_info *info, const struct decision_info *of);

/* Members of an object for what platforms say of a content: content_id to places. */
void desk_read_context(struct fields *fields, struct check_context *ret_context);

#endif
