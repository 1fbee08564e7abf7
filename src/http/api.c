/* The native API's four hooks, and what handlers of both apps need.
 *
 *   headers ──► admit: is there a node? may it write? who is it? may that role ever? a type of body that is wanted?
 *   body ────► still: is the key still in force?
 *   handler ─► api_handle: known parameters, idempotency, then the rule's own
 *   reply ───► done: metrics, and everything of the call is let go */
#include "http/api.h"

#include "base/check.h"
#include "engine/current.h"
#include "http/api/documents.h"
#include "http/api/inside.h"
#include "http/console/console.h"
#include "http/metrics.h"
#include "os/clock.h"

#include <stdio.h>
#include <string.h>

#define DEADLINE_MS    30000u
#define FETCH_PAUSE_MS 50u

/* ------------------------------------------------------------------------------------------ for both apps */

struct api *api_of(const struct http_request *request)
{
	return http_app_of(request)->ctx;
}

bool api_is_behind(const struct api *api)
{
	int state = atomic_load_explicit(&api->state, memory_order_acquire);
	if (!api->follower || state == API_READY)
		return false;
	int64_t heard_ms = atomic_load(&api->heard_ms);
	return state == API_BEHIND || !heard_ms ||
	       clock_now_ms() - heard_ms > api_conf(api)->lag_max_ms;
}

struct hilf *api_hilf(const struct http_request *request)
{
	const struct access *access = http_ctx(request);
	return access->hilf;
}

const char *api_who(const struct http_request *request)
{
	return actor_person(api_actor(request));
}

const struct actor *api_actor(const struct http_request *request)
{
	const struct access *access = http_ctx(request);
	return &access->actor;
}

const struct person *api_person(const struct http_request *request)
{
	const struct access *access = http_ctx(request);
	return access->session.person;
}

bool api_is_open(const struct http_request *request)
{
	const char *what;
	return api_conf(api_of(request))->open && http_is_loopback(request) &&
	       !access_is_forwarded(request) && access_is_local(request, &what);
}

void api_error(struct http_request *request, int status, const char *code, const char *message,
	const char *hint)
{
	const struct http_app *app = http_app_of(request);
	app->error(request, status, code, message, hint, app->ctx);
}

bool api_may(struct http_request *request, enum verb verb, const struct object *object)
{
	struct hilf_err err;
	if (may(api_actor(request), verb, object, &err) == 0)
		return true;
	api_error(request, 403, "denied", err.text,
		"use a key with the role and the banks that this needs");
	return false;
}

bool api_must_catch_up(struct http_request *request)
{
	if (http_on_worker(request) || current_has_all(api_hilf(request)))
		return false;
	http_to_worker(request);
	return true;
}

int api_fetch(struct http_request *request, const char *url, uint32_t left_ms,
	struct fetched *ret_fetched, bool *ret_parked, struct hilf_err *err)
{
	struct api *api = api_of(request);
	const struct fetch fetch = {.url = url,
		.size_max = api_conf(api)->file_max,
		.timeout_ms = left_ms ? left_ms : 1,
		.no_wait = left_ms > FETCH_PAUSE_MS};
	int rc = fetch_url(api->fetch, &fetch, ret_fetched, err);
	*ret_parked = rc == HILF_E_BUSY && fetch.no_wait;
	if (*ret_parked)
		http_park(request, FETCH_PAUSE_MS);
	return rc;
}

void api_count_decoded(const struct http_request *request, const struct hilf_content *content)
{
	struct metrics *metrics = api_of(request)->metrics;
	if (content->decided)
		return;
	tally_add(api_hilf(request), TALLY_DECODE_FAILED, 1);
	if (metrics)
		metrics_decode_failed(metrics, content->reason_code);
}

struct failure {
	enum hilf_code code;
	int status;
	const char *hint;
};

static const struct failure failures[] = {
	{HILF_E_INVALID, 400, "correct the value that the message names"},
	{HILF_E_DENIED, 403, "this node does not allow it, whoever asks"},
	{HILF_E_NOT_FOUND, 404, "look at the list that it should be in"},
	{HILF_E_EXISTS, 409, "use what is there, or take another name"},
	{HILF_E_WITHDRAWN, 409, "a withdrawal is final; add a new entry instead"},
	{HILF_E_LIMIT, 422, "send less at once"},
	{HILF_E_BUSY, 503, "try again in a second"},
	{HILF_E_UNSUPPORTED, 501, "this build or this node cannot do it"},
};

void api_fail(struct http_request *request, const struct hilf_err *err)
{
	const struct api *api = api_of(request);
	for (size_t i = 0; i < COUNT_OF(failures); i++) {
		if (failures[i].code != err->code)
			continue;
		if (failures[i].status == 503)
			http_reply_header(request, "Retry-After", "1");
		api_error(request, failures[i].status, hilf_code_name(err->code), err->text,
			failures[i].hint);
		return;
	}
	/* The text may name places of this machine, which is nobody's business but its operators'. */
	if (api->log)
		api->log("error", hilf_code_name(err->code), err->text, api->log_ctx);
	bool told = http_ctx(request) && api_actor(request)->role == ROLE_OPERATOR;
	api_error(request, 500, hilf_code_name(err->code),
		told ? err->text : "the node failed inside; its log says how",
		"nothing was answered from half of it; try again, and tell the node's operator the "
		"request id");
}

/* ----------------------------------------------------------------------------------------------- hooks */

static bool admit_node(struct http_request *request, const struct api_rule *rule)
{
	const struct api *api = api_of(request);
	int state = atomic_load_explicit(&api->state, memory_order_acquire);
	if (rule->when_loading)
		return true;
	if (state == API_FAILED || !atomic_load_explicit(&api->hilf, memory_order_acquire)) {
		http_reply_header(request, "Retry-After", "1");
		api_error(request, 503, state == API_FAILED ? "failed" : "loading",
			state == API_FAILED ? "the node could not open its data"
					    : "the node is reading its data and cannot answer yet",
			state == API_FAILED ? "its log says why" : "try again in a second");
		return false;
	}
	if (rule->writes && api->follower) {
		char hint[320];
		snprintf(hint, sizeof hint, "send it to the leader: %s", api->leader_url);
		api_error(request, 409, "read_only_node",
			"this node follows another one and takes no writes", hint);
		return false;
	}
	return true;
}

/* Open access is for programs of this machine, and a page in its browser is none of them. */
static bool admit_open(struct http_request *request, const struct api_rule *rule, bool *ret_open)
{
	const char *what;
	*ret_open = api_conf(api_of(request))->open && http_is_loopback(request);
	if (!*ret_open || rule->verb == VERB_PUBLIC)
		return true;
	if (access_is_forwarded(request)) {
		api_error(request, 403, "forwarded",
			"open access is for this machine alone, and a proxy asks for somebody else",
			"start the node without --open and use keys");
		return false;
	}
	if (access_is_local(request, &what))
		return true;
	api_error(request, 403, "foreign_site",
		"open access is for this machine alone, and Host, "
		"Origin or Sec-Fetch-Site name another site",
		"ask for http://127.0.0.1:PORT or http://localhost:PORT; for anything else start "
		"the "
		"node without --open and use keys");
	return false;
}

static bool admit(struct http_request *request, void *ctx)
{
	const struct api_rule *rule = http_route_of(request)->extra;
	struct access_offer offer = {.open_role = ROLE_OPERATOR,
		.checks = rule->checks,
		.verb = rule->verb,
		.cookie = true};
	struct call *call = arena_alloc(http_arena(request), sizeof *call);
	(void)ctx;
	if (!call) {
		api_error(request, 503, "no_memory", "the node is out of memory",
			"try again in a second");
		return false;
	}
	call->rule = rule;
	http_set_ctx(request, call);
	return admit_open(request, rule, &offer.open) &&
	       (rule->verb == VERB_PUBLIC || access_key(request, &offer.key, &offer.key_size)) &&
	       access_begin(request, &offer, &call->access) && admit_node(request, rule) &&
	       api_check_type(request, rule);
}

static bool still(struct http_request *request, void *ctx)
{
	(void)ctx;
	return access_still(request, &call_of(request)->access);
}

/* What to do about it, where the server's own word for it does not say. */
static const char *hint_of(int status)
{
	switch (status) {
	case 404:
	case 405:
		return "GET /v1/openapi.json lists every route";
	case 408:
		return "send it without pauses; 'header-time' and 'body-rate' of the node's "
		       "settings say how fast";
	case 500:
		return "the node's log says more, by the request_id";
	case 503:
		return "try again when Retry-After says, or ask another node";
	default:
		return "GET /docs says what is wanted";
	}
}

static void error(struct http_request *request, int status, const char *code, const char *message,
	const char *hint, void *ctx)
{
	struct call *call = http_ctx(request);
	struct buf buf = BUF_INIT;
	(void)ctx;
	if (status == 404 && !http_route_of(request) && console_missing(request))
		return;
	if (!hint || !*hint)
		hint = hint_of(status);
	buf_text(&buf, "{\"error\":{");
	json_out_text(&buf, "code", code);
	json_out_text(&buf, "message", message);
	json_out_text(&buf, "hint", hint);
	buf_char(&buf, '}');
	json_out_text(&buf, "request_id", http_id(request));
	buf_text(&buf, "}\n");
	if (call)
		idempotency_end(call, status, &buf);
	http_reply(request, status, "application/json", &buf);
}

static void done(const struct http_request *request, const struct http_done *done, void *ctx)
{
	struct api *api = ctx;
	struct call *call = http_ctx(request);
	if (api->metrics)
		metrics_request(api->metrics, request, done);
	if (!call)
		return;
	if (call->running)
		idempotency_end(call, 0, NULL);
	json_decref(call->json);
	access_end(request, &call->access);
}

void api_app(struct api *api, struct http_app *ret_app)
{
	/* Once, before there are threads: jansson's hash tables want a seed. */
	json_object_seed(0);
	if (!api->documents)
		api->documents = documents_new(api_routes);
	*ret_app = (struct http_app){
		.name = "api",
		.routes = api_routes,
		.memory_max = API_LIST_MAX,
		.file_max = api_conf(api)->file_max,
		.deadline_ms = DEADLINE_MS,
		.rewrite = console_rewrite,
		.admit = admit,
		.still = still,
		.error = error,
		.done = done,
		.ctx = api,
	};
}

void api_end(struct api *api)
{
	documents_free(api->documents);
	api->documents = NULL;
}
