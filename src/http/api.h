/* What the apps (the native API, the HMA drop-in, the health endpoints) share: the node they serve, its settings, and the
 * way from a request to an actor. */
#ifndef HTTP_API_H
#define HTTP_API_H

#include "engine/checks.h"
#include "engine/fetch.h"
#include "engine/hooks.h"
#include "engine/keys.h"
#include "engine/may.h"
#include "engine/people.h"
#include "http/client.h"
#include "http/server.h"

#include <stdatomic.h>

struct metrics;

/* Settings that a reload may change: replaced as a whole, read through api_conf. */
struct api_conf {
	bool open; /* requests on loopback without a key are an operator's; Host and Origin must be local */
	bool fetch_urls;           /* whether urls are fetched at all */
	bool hma_open;             /* the drop-in's listener is protected by its address alone */
	bool hma_all_orientations; /* its look-ups by file compare turned and mirrored copies, too */
	bool cert_actors;          /* a verified client certificate is an actor with cert_role */
	enum role cert_role,
		hma_role; /* hma_role: of who comes to the drop-in without a key where that is allowed */
	uint32_t rate_per_s;      /* of a key that has none of its own; 0: no limit */
	uint32_t check_budget_ms; /* of a check that names none: 5,000 */
	uint64_t file_max;        /* of an upload: LIMIT_IMAGE_FILE_SIZE as a rule */
	uint32_t batch_max;       /* signals of a batch: 10,000 */
	uint32_t
		lag_max_ms; /* a follower that has not heard from its leader for so long is not ready: 60,000 */
	char public_url[256]; /* for appeal links; "" */
	struct client_proxies proxies; /* believed in whom they ask for */
	/* Where the console's pages may load evidence from, as a policy lists sources: "https:" */
	char evidence_from[1024];
};

enum api_state { API_LOADING = 0, API_READY, API_BEHIND, API_DRAINING, API_FAILED };

struct api {
	_Atomic(struct hilf *) hilf; /* NULL while it is opened */
	_Atomic int state;           /* enum api_state */
	bool follower;               /* writes are refused and point to leader_url */
	char leader_url[256];        /* without credentials */
	_Atomic int64_t heard_ms;    /* when a follower last had all of its leader's feed */
	struct keys *keys;
	struct fetch_pool *fetch;  /* NULL: off */
	struct lookback *lookback; /* NULL: off */
	struct metrics *metrics;
	_Atomic(struct http_server *) server; /* set once it runs */
	const struct api_conf *_Atomic conf;  /* old ones are kept until the end */
	int64_t started_ms;
	/* What went wrong inside, with paths and all that a client is not told ("error", "warning"), and who may sign in
	 * ("info"); may be NULL. */
	void (*log)(const char *level, const char *event, const char *text, void *ctx);
	void *log_ctx;
	struct documents
		*documents; /* OpenAPI and the API page: made by api_app, freed by api_end */
};

static inline const struct api_conf *api_conf(const struct api *api)
{
	return atomic_load_explicit(&((struct api *)api)->conf, memory_order_acquire);
}

/* A route's rule and documentation, from which OpenAPI and the API page are made: http_route.extra of every native route.
 * Schemas are JSON texts in JSON Schema 2020-12 (OpenAPI 3.1), and may refer to "#/components/schemas/NAME". */
struct api_parameter {
	const char *name;
	const char *in;     /* "path", "query", "header" */
	const char *schema; /* "{\"type\":\"integer\",\"minimum\":0}" */
	const char *description;
	bool required;
};
struct api_response {
	int status;
	const char *content_type; /* with commas where it may be of several; NULL: no body */
	const char *schema;       /* NULL: binary or none */
	const char *description;
};
struct api_rule {
	enum verb verb;    /* VERB_NONE is refused by the build's test */
	bool when_loading; /* answered also while there is no hilf yet */
	bool writes;       /* refused by a follower */
	bool any_query; /* its parameters are not the server's: a page reads them */
	bool harmless; /* a POST that may be repeated as it is: its Idempotency-Key is not kept */
	http_handler
		*handle;     /* what answers, once all of this was seen to (http_route.handle is the
	                       * same for all native routes) */
	uint32_t checks;     /* what a request costs of a daily quota */
	const char *id;      /* operationId: "checkContent" */
	const char *tag;     /* "Checks" */
	const char *summary; /* a sentence without a full stop */
	const char *description;                /* Markdown paragraphs; or NULL */
	const struct api_parameter *parameters; /* ends with a NULL name; or NULL */
	const char *body_schema;                /* JSON body; or NULL */
	const char *
		body_types; /* further types of body, comma-separated: "multipart/form-data,image/jpeg" */
	bool body_optional;
	const char *example; /* of the body; or NULL */
	const struct api_response
		*responses; /* ends with status 0; errors are added by themselves */
};

/* GET /v1/feed?after=N&wait=S answers with the lines of wire/feed_line.h, at most so many records as `limit` says, and ends
 * with the head. With replica=1 (VERB_REPLICA_READ) a line with replica_export's text comes before the head unless the
 * query's local=L is what hilf_feed_head says; then a long poll ends, too, when that changes. */

/* The native API with health, metrics and pages, and the drop-in. `api` outlives the server. */
extern const struct http_route api_routes[];
extern const struct http_route hma_routes[];
void api_app(struct api *api, struct http_app *ret_app);
void hma_app(struct api *api, struct http_app *ret_app);
/* Reads the drop-in's exchanges that have something new: for a background thread, about once a minute. */
int hma_turn(struct api *api, struct hilf_err *err);
/* Frees what api_app made, after the server has stopped. */
void api_end(struct api *api);

/* ------------------------------------------------------------------- for handlers (api.c), of both apps */

struct api *api_of(const struct http_request *request);
/* Whether this node follows another and may know less than it should: also while it opens or drains. */
bool api_is_behind(const struct api *api);
/* Not NULL in a handler whose rule is not when_loading. */
struct hilf *api_hilf(const struct http_request *request);
/* Who asks; never NULL after admit. */
const struct actor *api_actor(const struct http_request *request);
/* Who stands behind it, as rows of the desk keep it: actor_person. */
const char *api_who(const struct http_request *request);
/* The person who is signed in; NULL where the actor is no person. Texts live as long as the request. */
const struct person *api_person(const struct http_request *request);
/* Whether who comes with nothing is let in, as an operator, by --open. */
bool api_is_open(const struct http_request *request);
/* Whether what is new must be taken in before anything can be compared, which may wait for whoever writes a snapshot: then
 * the request is on its way to a worker (true), for a loop's thread must not wait. */
bool api_must_catch_up(struct http_request *request);
/* fetch_url, for left_ms at most. Where as many are under way as may be, it fails with *ret_parked: the request will be
 * handled again in a moment, and keeps no worker waiting meanwhile. */
int api_fetch(struct http_request *request, const char *url, uint32_t left_ms,
	struct fetched *ret_fetched, bool *ret_parked, struct hilf_err *err);
/* Counts the file's content where it could not be decoded. */
void api_count_decoded(const struct http_request *request, const struct hilf_content *content);
/* may(), and on refusal the app's error has been replied: false. */
bool api_may(struct http_request *request, enum verb verb, const struct object *object);
/* Replies with the app's error body; api_fail takes status and code from err: invalid 400, denied 403, not_found 404,
 * exists 409, withdrawn 409, limit 413 or 422, busy 503 with Retry-After, unsupported 501, the rest 500. */
void api_error(struct http_request *request, int status, const char *code, const char *message,
	const char *hint);
void api_fail(struct http_request *request, const struct hilf_err *err);

#endif
