/* What the files of the native API share: what is kept of a call, how it is answered, and the handlers by name. */
#ifndef HTTP_API_INSIDE_H
#define HTTP_API_INSIDE_H

#include "base/limits.h"
#include "http/access.h"
#include "http/api.h"
#include "http/api/rules.h"
#include "http/json_out.h"

#include <jansson.h>

/* Of a JSON body, but for lists of signals and entries. */
#define API_BODY_MAX (256u * 1024)
/* Of those: 10,000 signals of 130 bytes, and blanks. */
#define API_LIST_MAX (4u * 1024 * 1024)
/* Of an appeal, which strangers send: its text, escaped as forms do. */
#define API_APPEAL_MAX (64u * 1024)
/* Of an import: some ten million lines. */
#define API_IMPORT_MAX (2048ull * 1024 * 1024)
#define API_IMPORT_MS  (30u * 60 * 1000)
/* Of a check: its longest budget, and time for the body to come and the answer to go. */
#define API_CHECK_MS (90u * 1000)
/* Of the feed: to wait for records and to send them. */
#define API_FEED_MS  (180u * 1000)
#define API_PAGE     100u
#define API_PAGE_MAX 1000u
/* A page ends after this, however few items it has: one may be large. */
#define API_PAGE_SIZE (4u * 1024 * 1024)
#define API_NAME_MAX 64u
/* The longest Idempotency-Key: more than a UUID, which is what it should be. */
#define API_IDEMPOTENCY_MAX 128u

/* http_ctx of every native request. */
struct call {
	struct access access; /* first: api_actor and api_hilf look here */
	const struct api_rule *rule;
	json_t *json; /* the body's, until the request is done */
	void *half;   /* what a handler keeps for its second half, in the arena */
	bool looked;  /* its query parameters are known ones */
	bool running; /* it has an Idempotency-Key, and idempotent_end is owed */
	struct idempotent once;
};
struct call *call_of(const struct http_request *request);

/* A handler's last word: JSON of the buffer, which is taken over. */
void api_reply(struct http_request *request, int status, struct buf *buf);
/* The same where the answer holds a secret: a repetition with the same Idempotency-Key gets `kept` instead. Both are
 * taken over. */
void api_reply_secret(struct http_request *request, int status, struct buf *buf, struct buf *kept);
/* 204, or 200 and {} to those who sent an Idempotency-Key before. */
void api_reply_nothing(struct http_request *request);
/* Whether this request runs on a worker; where it does not, it was sent there and the handler returns at once. */
bool api_on_worker(struct http_request *request);
/* Microseconds since the headers had come. */
int64_t api_took_us(const struct http_request *request);

/* What a handler loads before it asks api_may. false: replied. */
bool api_bank(
	struct http_request *request, const char *name, enum verb verb, struct hilf_bank *ret_bank);
bool api_bank_param(struct http_request *request, enum verb verb, struct hilf_bank *ret_bank);

/* `cursor` and `limit` of a list. */
struct page {
	const char *cursor; /* NULL: from the beginning */
	size_t limit;
};
bool api_page(struct http_request *request, struct page *ret_page);
/* The cursor as a number; 0 without one. */
bool api_page_number(struct http_request *request, const struct page *page, uint64_t *ret_number);

/* A query parameter's number between min and max; `other` where it is not there. */
bool api_query_number(struct http_request *request, const char *name, uint64_t min, uint64_t max,
	uint64_t other, uint64_t *ret_number);
bool api_query_bool(struct http_request *request, const char *name, bool *ret_value);

/* The handler of every native route: query, idempotency, then the rule's own. */
http_handler api_handle;

/* The body of a request of the types that a rule lists, and of application/json where it has a schema. */
bool api_check_type(struct http_request *request, const struct api_rule *rule);

/* Idempotency (idempotency.c): begin is false where it has replied. */
bool idempotency_begin(struct http_request *request, struct call *call);
/* status 0, or any that is no success: it may be tried again as if it had never come. */
void idempotency_end(struct call *call, int status, const struct buf *body);

#endif
