/* Decisions, appeals, exemptions and escalations as the API shows them, and what their routes share. */
#ifndef HTTP_API_DESK_H
#define HTTP_API_DESK_H

#include "engine/appeals.h"
#include "engine/escalations.h"
#include "engine/exemptions.h"
#include "http/api/fields.h"
#include "http/api/inside.h"

/* Each as an object: an item of a list, with its comma, or the value behind a key. */
void decision_put(struct buf *buf, const struct decision_info *info);
/* decision: what it is against; NULL: left out. */
void appeal_put(
	struct buf *buf, const struct appeal_info *info, const struct decision_info *decision);
/* uploader: whom it is for may be shown. */
void exemption_put(struct buf *buf, const struct exemption_info *info, bool uploader);
void escalation_put(struct buf *buf, const struct escalation_info *info);

/* The number in the path's {case}, and whether the actor may, by the case's bank. false: replied. */
bool desk_case(struct http_request *request, enum verb verb, uint64_t *ret_case);
bool desk_may_case(struct http_request *request, enum verb verb, uint64_t case_id);
/* By the bank's name; "" or NULL: none. */
bool desk_may_bank(struct http_request *request, enum verb verb, const char *bank);
/* A refusal with its own code (409, 403 for same_person, 410 for appeal_over) and the decision that it names, or what
 * api_fail makes of the failure. */
void desk_fail(
	struct http_request *request, const struct refusal *refusal, const struct hilf_err *err);

/* {"decision":{..}}, and the like. */
void desk_reply_decision(
	struct http_request *request, int status, const struct decision_info *info);

#endif
