/* A case in a path, and what is asked about it. */
#ifndef HTTP_API_CASE_H
#define HTTP_API_CASE_H

#include "engine/cases.h"
#include "engine/vault.h"
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

/* Writes cases, and remembers what comes again and again in a list. */
struct case_writer {
	struct http_request *request;
	struct buf buf;
	struct hilf_err err;
	uint32_t bank;
	char bank_name[HILF_BANK_NAME_MAX + 1];
	bool second_eyes;
	size_t count;
	uint64_t last;
};
/* The members of a case in brief, within an object. */
int case_put_members(struct case_writer *writer, const struct store_case *row);
void case_put_note(struct buf *buf, const struct store_note *note, const char *alias, bool mine);
void case_put_number(struct buf *buf, const char *key, int64_t number, bool is_there);
void case_put_uuid(struct buf *buf, const char *key, bool has, const uint8_t *uuid);
/* "previews":[..] */
void case_put_previews(struct buf *buf, const struct vault_preview *previews, size_t count);
/* With the buffer, or with what went wrong. */
void case_reply(struct case_writer *writer, int rc, int status);

#endif
