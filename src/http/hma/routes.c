/* The drop-in's routes and hooks. Its clients send no credentials, so a key may stand in the base URL: the rewrite hook
 * takes /k/KEY off before anything else sees the path. */
#include "http/hma/hma.h"

#include "base/check.h"
#include "http/metrics.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DEADLINE_MS 60000u /* HMA gives a URL 30 s to load */
#define BODY_MAX    (256u * 1024)
#define KEY_PREFIX  "k/"

/* ------------------------------------------------------------------------------------------- routes */

/* clang-format off */

#define RULE(its_verb, its_id, its_tag, its_summary, ...) \
	&(const struct api_rule) { \
		.verb = its_verb, .id = its_id, .tag = its_tag, .summary = its_summary, __VA_ARGS__ \
	}
#define PUBLIC(its_id, its_summary) \
	RULE(VERB_PUBLIC, its_id, "Core", its_summary, .when_loading = true)
#define READ(its_verb, its_id, its_tag, its_summary)  RULE(its_verb, its_id, its_tag, its_summary, .checks = 0)
#define CHECKS(its_id, its_tag, its_summary)          RULE(VERB_CHECK, its_id, its_tag, its_summary, .checks = 1)
#define WRITES(its_verb, its_id, its_tag, its_summary) RULE(its_verb, its_id, its_tag, its_summary, .writes = true)

#define GET(path, where, handle, rule)          {"GET", path, where, HTTP_BODY_NONE, 0, NULL, 0, handle, rule}
#define DELETE(path, handle, rule)              {"DELETE", path, HTTP_WORKER, HTTP_BODY_NONE, 0, NULL, 0, handle, rule}
#define POST(path, handle, rule)                {"POST", path, HTTP_WORKER, HTTP_BODY_MEMORY, 0, NULL, 0, handle, rule}
#define PUT(path, handle, rule)                 {"PUT", path, HTTP_WORKER, HTTP_BODY_MEMORY, 0, NULL, 0, handle, rule}
#define UPLOAD(path, types, handle, rule)       {"POST", path, HTTP_WORKER, HTTP_BODY_FILE, 0, types, 0, handle, rule}

const struct http_route hma_routes[] = {
	GET("/", HTTP_INLINE, hma_home, PUBLIC("home", "Redirect to the status")),
	GET("/status", HTTP_INLINE, hma_status, PUBLIC("status", "Whether look-ups are answered")),
	GET("/status/live", HTTP_INLINE, hma_live, PUBLIC("statusLive", "Whether the process answers")),
	GET("/livez", HTTP_INLINE, hma_livez, PUBLIC("livez", "Whether the process answers")),
	GET("/readyz", HTTP_INLINE, hma_readyz, PUBLIC("readyz", "Whether look-ups are answered")),
	GET("/site-map", HTTP_INLINE, hma_site_map, PUBLIC("siteMap", "All routes")),
	GET("/openapi/openapi.json", HTTP_INLINE, hma_openapi, PUBLIC("openapi", "This description")),

	GET("/h/hash", HTTP_WORKER, hma_hash_get, READ(VERB_HASH, "hashUrl", "Hashing", "Hash what a URL holds")),
	UPLOAD("/h/hash", NULL, hma_hash_post, READ(VERB_HASH, "hashFile", "Hashing", "Hash a file")),

	GET("/m/lookup", HTTP_INLINE, hma_lookup_get, CHECKS("lookup", "Matching", "Look up a signal, or what a URL holds")),
	UPLOAD("/m/lookup", NULL, hma_lookup_post, CHECKS("lookupFile", "Matching", "Look up a file")),
	GET("/m/raw_lookup", HTTP_INLINE, hma_raw_lookup, CHECKS("rawLookup", "Matching", "Look up a signal, without banks")),
	POST("/m/compare", hma_compare, READ(VERB_CHECK, "compare", "Matching", "Compare two signals")),
	GET("/m/index/status", HTTP_WORKER, hma_index_status, READ(VERB_STATUS_READ, "indexStatus", "Matching", "What the index holds")),

	GET("/c/banks", HTTP_WORKER, hma_banks_list, READ(VERB_BANK_READ, "listBanks", "Banks", "All banks")),
	POST("/c/banks", hma_bank_create, WRITES(VERB_BANK_CREATE, "createBank", "Banks", "Make a bank")),
	GET("/c/bank/{bank}", HTTP_WORKER, hma_bank_show, READ(VERB_BANK_READ, "showBank", "Banks", "One bank")),
	PUT("/c/bank/{bank}", hma_bank_update, WRITES(VERB_BANK_CHANGE, "updateBank", "Banks", "Change a bank's name or ratio")),
	DELETE("/c/bank/{bank}", hma_bank_delete, WRITES(VERB_BANK_REMOVE, "deleteBank", "Banks", "Remove a bank with all its content")),
	UPLOAD("/c/bank/{bank}/content", "application/json", hma_content_add, WRITES(VERB_ENTRY_ADD, "addContent", "Bank Content", "Add a file, or what a URL holds")),
	GET("/c/bank/{bank}/content/{content}", HTTP_WORKER, hma_content_show, READ(VERB_ENTRY_READ, "showContent", "Bank Content", "One item")),
	PUT("/c/bank/{bank}/content/{content}", hma_content_update, WRITES(VERB_ENTRY_MUTE, "updateContent", "Bank Content", "Disable an item for a while, or note something")),
	DELETE("/c/bank/{bank}/content/{content}", hma_content_delete, WRITES(VERB_ENTRY_WITHDRAW, "deleteContent", "Bank Content", "Withdraw an item")),
	POST("/c/bank/{bank}/signal", hma_signal_add, WRITES(VERB_ENTRY_ADD, "addSignal", "Bank Content", "Add signals as one item")),

	GET("/c/exchanges/apis", HTTP_INLINE, hma_apis_list, READ(VERB_BANK_READ, "listApis", "Exchanges", "The kinds of exchange")),
	GET("/c/exchanges/api/{api}", HTTP_INLINE, hma_api_show, READ(VERB_BANK_READ, "showApi", "Exchanges", "Whether a kind takes credentials")),
	POST("/c/exchanges/api/{api}", hma_api_update, WRITES(VERB_SETTING_CHANGE, "updateApi", "Exchanges", "Credentials of a kind, of which none takes any")),
	GET("/c/exchanges/api/{api}/schema", HTTP_INLINE, hma_api_schema, READ(VERB_BANK_READ, "showApiSchema", "Exchanges", "The fields of api_json")),
	GET("/c/exchanges", HTTP_WORKER, hma_exchanges_list, READ(VERB_BANK_READ, "listExchanges", "Exchanges", "All exchanges")),
	POST("/c/exchanges", hma_exchange_create, WRITES(VERB_BANK_CREATE, "createExchange", "Exchanges", "Make an exchange and its bank")),
	GET("/c/exchange/{exchange}", HTTP_WORKER, hma_exchange_show, READ(VERB_BANK_READ, "showExchange", "Exchanges", "One exchange")),
	PUT("/c/exchange/{exchange}", hma_exchange_update, WRITES(VERB_BANK_CHANGE, "updateExchange", "Exchanges", "Turn an exchange on or off")),
	DELETE("/c/exchange/{exchange}", hma_exchange_delete, WRITES(VERB_BANK_REMOVE, "deleteExchange", "Exchanges", "Remove an exchange and its bank")),
	GET("/c/exchange/{exchange}/status", HTTP_WORKER, hma_exchange_status, READ(VERB_BANK_READ, "showExchangeStatus", "Exchanges", "When it was read last, and how much came")),

	GET("/c/signal_type", HTTP_WORKER, hma_signal_types, READ(VERB_BANK_READ, "listSignalTypes", "Configuration", "The signal types")),
	GET("/c/signal_type/index", HTTP_WORKER, hma_signal_type_index, READ(VERB_STATUS_READ, "signalTypeIndex", "Configuration", "How far the index is")),
	PUT("/c/signal_type/{type}", hma_signal_type_update, WRITES(VERB_SETTING_CHANGE, "updateSignalType", "Configuration", "The ratio of a signal type")),
	GET("/c/content_type", HTTP_INLINE, hma_content_types, READ(VERB_BANK_READ, "listContentTypes", "Configuration", "The content types")),
	{0},
};

/* clang-format on */

/* ------------------------------------------------------------------------------------------- hooks */

/* Takes /k/KEY off the path. What it was called with is gone after that: logs and errors see the rest alone. */
static void rewrite(struct http_request *request, void *ctx)
{
	struct hma_call *call = arena_alloc(http_arena(request), sizeof *call);
	const char *path = http_path(request);
	(void)ctx;
	if (!call)
		return; /* admit replies */
	http_set_ctx(request, call);
	path += strspn(path, "/");
	if (strncmp(path, KEY_PREFIX, strlen(KEY_PREFIX)) != 0)
		return;
	path += strlen(KEY_PREFIX);
	size_t size = strcspn(path, "/");
	call->key = arena_text(http_arena(request), path, size);
	call->key_size = size;
	/* Without memory for the key it must not stay where it would be logged, nor be taken for none. */
	if (!call->key) {
		call->key = "";
		call->key_size = 0;
	}
	http_set_path(request, path[size] ? path + size : "/");
}

/* The key of the URL, else of a header. One client sends "Bearer" with nothing behind it when it has none, and HMA never
 * looked at other schemes. */
static void find_key(const struct http_request *request, struct access_offer *offer)
{
	static const char bearer[] = "bearer";
	const struct hma_call *call = hma_call_of(request);
	const char *header = http_header(request, "authorization");
	if (call->key) {
		offer->key = call->key;
		offer->key_size = call->key_size;
		return;
	}
	if (header && strncasecmp(header, bearer, strlen(bearer)) == 0) {
		header += strlen(bearer);
		header += strspn(header, " \t");
	} else {
		header = http_header(request, "x-api-key");
	}
	if (header && *header) {
		offer->key = header;
		offer->key_size = strlen(header);
	}
}

/* Access without a key is for programs. A browser is made to send requests by any page, but says so. */
static bool admit_open(struct http_request *request, const struct api_conf *conf, bool *ret_open)
{
	const char *what, *site = http_header(request, "sec-fetch-site");
	bool loopback = http_is_loopback(request), good;
	*ret_open = conf->hma_open || (conf->open && loopback);
	if (!*ret_open)
		return true;
	if (!conf->hma_open && access_is_forwarded(request)) {
		hma_error(request, 403,
			"open access is for this machine alone, and a proxy asks for somebody else; "
			"use a key in the base URL: http://HOST:PORT/k/KEY/");
		return false;
	}
	if (loopback)
		good = access_is_local(request, &what);
	else
		good = !http_header(request, "origin") &&
		       (!site || !strcmp(site, "none") || !strcmp(site, "same-origin"));
	if (!good)
		hma_error(request, 403,
			"access without a key is for programs, and this request comes from a web "
			"page of another site; use a key in the base URL: http://HOST:PORT/k/KEY/");
	return good;
}

static bool admit_node(struct http_request *request, const struct api_rule *rule)
{
	const struct api *api = api_of(request);
	int state = atomic_load_explicit(&api->state, memory_order_acquire);
	const char *why = NULL;
	if (rule->when_loading)
		return true;
	if (state == API_FAILED)
		why = "this node could not open its data; its log says why";
	else if (!hma_call_of(request)->access.hilf || state == API_LOADING)
		why = "index not yet ready: this node is reading its data; try again";
	else if (api_is_behind(api))
		why = "index not up to date: this node has not heard from its leader; try again";
	if (why) {
		http_reply_header(request, "Retry-After", "1");
		hma_error(request, 503, "%s", why);
		return false;
	}
	if (rule->writes && api->follower) {
		hma_error(request, 403, "this node follows another one and only reads; write to %s",
			api->leader_url);
		return false;
	}
	return true;
}

static bool admit(struct http_request *request, void *ctx)
{
	const struct api_rule *rule = http_route_of(request)->extra;
	const struct api_conf *conf = api_conf(ctx);
	struct access_offer offer = {
		.open_role = conf->hma_role, .checks = rule->checks, .verb = rule->verb};
	if (!hma_call_of(request)) {
		hma_error(request, 503, "this node is out of memory; try again");
		return false;
	}
	if (rule->verb != VERB_PUBLIC)
		find_key(request, &offer);
	if (!offer.key && rule->verb != VERB_PUBLIC && !admit_open(request, conf, &offer.open))
		return false;
	return access_begin(request, &offer, &hma_call_of(request)->access) &&
	       admit_node(request, rule);
}

static bool still(struct http_request *request, void *ctx)
{
	(void)ctx;
	return access_still(request, &hma_call_of(request)->access);
}

/* A path that nothing is at, but that looks like a bank's, is a wrong base URL: a client that reads 404 there deletes its
 * own copy of a bank that is perfectly well. */
static bool looks_like_bank(const struct http_request *request)
{
	const char *path = http_path(request);
	return path && (strstr(path, "/bank") || strstr(path, "/exchange"));
}

/* Nothing is there. With a key in the URL that is none it may be that a piece of the path was taken for the key. */
static void error_unknown(struct http_request *request)
{
	struct hma_call *call = hma_call_of(request);
	struct access_offer offer = {.verb = VERB_STATUS_READ};
	if (call && call->key && !call->asked) {
		call->asked = true;
		offer.key = call->key;
		offer.key_size = call->key_size;
		if (!access_begin(request, &offer, &call->access))
			return;
	}
	if (looks_like_bank(request))
		hma_error(request, 400,
			"nothing is served here: is the base URL right? GET /site-map lists what "
			"there is");
	else
		hma_error(request, 404,
			"nothing is served here; GET /site-map lists what there is, and pages of "
			"HMA's "
			"(/ui, /dev) are none of it");
}

static void error(struct http_request *request, int status, const char *code, const char *message,
	const char *hint, void *ctx)
{
	(void)code;
	(void)ctx;
	if (status == 404 && !http_route_of(request)) {
		error_unknown(request);
		return;
	}
	if (status == 401)
		hint = "a key goes into the base URL: http://HOST:PORT/k/KEY/";
	if (hint && *hint)
		hma_error(request, status, "%s; %s", message, hint);
	else
		hma_error(request, status, "%s", message);
}

static void done(const struct http_request *request, const struct http_done *done, void *ctx)
{
	struct api *api = ctx;
	struct hma_call *call = http_ctx(request);
	if (api->metrics)
		metrics_request(api->metrics, request, done);
	if (!call)
		return;
	json_decref(call->json);
	access_end(request, &call->access);
}

void hma_app(struct api *api, struct http_app *ret_app)
{
	json_object_seed(0); /* once, before there are threads */
	*ret_app = (struct http_app){
		.name = "hma",
		.routes = hma_routes,
		.collapse_slashes = true,
		.memory_max = BODY_MAX,
		.file_max = api_conf(api)->file_max,
		.deadline_ms = DEADLINE_MS,
		.rewrite = rewrite,
		.admit = admit,
		.still = still,
		.error = error,
		.done = done,
		.ctx = api,
	};
}
