/* The drop-in for Hasher-Matcher-Actioner 1.1.7: what its files share.
 *
 * Its clients look at the status first, so a status here means one thing and no other:
 *
 *   200, 201, 204  as HMA says them; no match is an answer, and so is a picture that stands for nothing
 *   400            the request is wrong. Clients of HMA know it from pictures too plain to hash, so no failure of ours
 *                  ever is a 400
 *   401            a key is missing, or it is none
 *   403            the role may not; a name that is taken; fetching is off
 *   404            it does not exist, and nothing else: one client then deletes its own copy
 *   413, 422       a file that is too large; one that could not be read, which is not "no match"
 *   429            too fast
 *   502            a URL's own server failed
 *   503            loading, behind its leader, no time, or a helper is missing: try again
 *
 * Errors are {"message": "..."}, with a line end after it as HMA's; but see hma_error. */
#ifndef HTTP_HMA_HMA_H
#define HTTP_HMA_HMA_H

#include "http/access.h"
#include "http/api.h"
#include "http/json_out.h"

#include <jansson.h>

/* http_ctx of every request here. */
struct hma_call {
	struct access access; /* first: api_actor and api_hilf look here */
	const char *key;      /* of the base URL, /k/KEY/; NULL: none */
	size_t key_size;
	bool asked;   /* the key was looked at, although nothing is at that path */
	json_t *json; /* the body's, until the request is done */
	void *half;   /* what a handler keeps for its second half, in the arena */
};
static inline struct hma_call *hma_call_of(const struct http_request *request)
{
	return http_ctx(request);
}

/* ------------------------------------------------------------------------------------------- replies (reply.c) */

/* {"message": ...} with the format's text, 400 bytes at most. Bare text where a look-up by GET failed for a reason that is
 * not in the request. */
void hma_error(struct http_request *request, int status, const char *format, ...) HILF_PRINTF(3, 4);
/* A failure of the library. HILF_E_NOT_FOUND is 500: who means 404 says so itself, with what there is not. */
void hma_fail(struct http_request *request, const struct hilf_err *err);
/* JSON with a line end; buf is taken over. */
void hma_reply(struct http_request *request, int status, struct buf *buf);
void hma_message(struct http_request *request, int status, const char *message);
/* A float as Python spells it: 1.0, 0.25. */
void hma_put_ratio(struct buf *buf, uint32_t ppm);
/* The same request again on a worker; false where it runs on one already. */
bool hma_to_worker(struct http_request *request);

/* ------------------------------------------------------------------------------------------- reading (read.c) */

/* The JSON body; NULL: replied. It lives as long as the request. Unknown members are passed over, as HMA does. */
json_t *hma_json(struct http_request *request);
/* The same where none is fine: *ret_json NULL. A body of another type is none. */
bool hma_json_maybe(struct http_request *request, json_t **ret_json);

/* Values as pydantic takes them: 0.5 and "0.5", true and "yes". *ret_found false for a member that is absent or null.
 * false: replied. */
bool hma_read_ratio(struct http_request *request, const json_t *object, const char *name,
	bool *ret_found, uint32_t *ret_ppm);
bool hma_read_bool(struct http_request *request, const json_t *object, const char *name,
	bool *ret_found, bool *ret_value);
bool hma_read_integer(struct http_request *request, const json_t *object, const char *name,
	bool *ret_found, int64_t *ret_value);
/* NULL where it is absent or null. */
bool hma_read_text(struct http_request *request, const json_t *object, const char *name,
	const char **ret_text);
/* A query parameter; absent: `other`. */
bool hma_query_bool(struct http_request *request, const char *name, bool other, bool *ret_value);

/* A list with commas, blanks around its items dropped; empty ones are none. NULL text: NULL. In the arena. */
struct hma_names {
	const char **names;
	size_t count;
};
bool hma_split(struct http_request *request, const char *text, struct hma_names *ret_names);
bool hma_named(const struct hma_names *names, const char *name);

/* Signal types by HMA's names: "pdq" and "video_md5", and those of hilf that HMA does not know. 0: none. */
uint8_t hma_type(const char *name);
const char *hma_type_name(uint8_t type);
/* A signal of a type that HMA names; false: replied 400. */
bool hma_signal(struct http_request *request, const char *type, const char *value,
	struct hilf_signal *ret_signal);

/* ------------------------------------------------------------------------------------------- banks (banks.c) */

/* The bank that {bank} names, which this actor may do `verb` to; false: replied (404 where there is none; 503 on a
 * follower, which cannot know). */
bool hma_bank(struct http_request *request, enum verb verb, struct hilf_bank *ret_bank);
#define HMA_RATIO_ALL 1000000u /* of ratios in millionths */
/* A bank in shadow counts for nobody, so its ratio is 0. */
uint32_t hma_bank_ratio(const struct hilf_bank *bank);
void hma_put_bank(struct buf *buf, const struct hilf_bank *bank);
/* [A-Z_][A-Z0-9_]*, 64 at most; false: replied 400. */
bool hma_check_name(struct http_request *request, const char *name);
/* Makes it and sets its ratio; its state is one that matches too little while it is half made. */
int hma_bank_make(struct hilf *hilf, const char *name, uint32_t ratio_ppm,
	struct hilf_bank *ret_bank, struct hilf_err *err);
/* The ratio of a bank that is there: 0 is shadow; above it a bank in shadow goes to review, and one that blocks goes on
 * blocking. */
void hma_bank_ratio_change(
	const struct hilf_bank *bank, uint32_t ratio_ppm, struct hilf_bank_change *ret_change);

/* ------------------------------------------------------------------------------------------- content (hash.c) */

enum hma_content { HMA_PHOTO, HMA_VIDEO };

/* The media of a request: what came by `url`, or as a file whose form field names the content type. */
struct hma_media {
	enum hma_content kind;
	uint8_t type; /* the one signal type that HMA has for that kind: HILF_PDQ, HILF_MD5 */
	struct hilf_content content;
};
/* Reads, and where need be fetches it; on a worker. false: replied. What could not be decoded is no failure here: see
 * media.content.decided. */
bool hma_media_url(struct http_request *request, const char *url, struct hma_media *ret_media);
bool hma_media_file(struct http_request *request, struct hma_media *ret_media);
/* 422, or 503 for what took too long: it is not known whether that is a match. */
void hma_undecided(struct http_request *request, const struct hma_media *media);
/* Whether it has that one signal: a picture too plain has none. */
bool hma_media_signal(const struct hma_media *media, struct hilf_signal *ret_signal);
/* {"pdq":"<hex>"}, {} where there is none. */
void hma_put_media(struct buf *buf, const struct hma_media *media);

/* ------------------------------------------------------------------------------------------- handlers */

http_handler hma_home, hma_status, hma_live, hma_livez, hma_readyz, hma_site_map, hma_openapi;
http_handler hma_hash_get, hma_hash_post;
http_handler hma_lookup_get, hma_lookup_post, hma_raw_lookup, hma_compare, hma_index_status;
http_handler hma_banks_list, hma_bank_create, hma_bank_show, hma_bank_update, hma_bank_delete;
http_handler hma_content_add, hma_content_show, hma_content_update, hma_content_delete,
	hma_signal_add;
http_handler hma_apis_list, hma_api_show, hma_api_update, hma_api_schema;
http_handler hma_exchanges_list, hma_exchange_create, hma_exchange_show, hma_exchange_update,
	hma_exchange_delete, hma_exchange_status;
http_handler hma_signal_types, hma_signal_type_update, hma_signal_type_index, hma_content_types;

#endif
