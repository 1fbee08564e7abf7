/* A case in a path, and what is asked about it. */
#ifndef HTTP_API_CASE_H
#define HTTP_API_CASE_H

#include "engine/cases.h"
#include "http/api/inside.h"

struct case_object {
	struct store_case row;             /* texts in the request's arena */
	char bank[HILF_BANK_NAME_MAX + 1]; /* "": none */
	struct object object;              /* refers to bank above: not to be copied */
};
/* Loads a case and asks whether the actor may, by the case's bank; false: replied. */
bool case_load(struct http_request *request, uint64_t case_id, enum verb verb,
	struct case_object *ret_case);
/* The path's {case}. */
bool case_param(struct http_request *request, enum verb verb, struct case_object *ret_case);

#endif
