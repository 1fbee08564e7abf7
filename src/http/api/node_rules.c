#include "http/api/rules.h"
#include "http/console/console.h"

/* clang-format off */
static const struct api_response gone_responses[] = {{204, NULL, NULL, "Done"}, {0}};
static const struct api_response state_responses[] = {
	JSON_ANSWER(200, "State", "It is"),
	JSON_ANSWER(503, "State", "It is not; the reason says why"),
	{0},
};

const struct api_rule rule_healthz = {
	.verb = VERB_PUBLIC, .when_loading = true, .handle = api_healthz, .id = "isAlive", .tag = "Health",
	.summary = "Whether the process lives", .responses = state_responses,
};

const struct api_rule rule_readyz = {
	.verb = VERB_PUBLIC, .when_loading = true, .handle = api_readyz, .id = "isReady", .tag = "Health",
	.summary = "Whether it can be asked",
	.description = "503 while the node is loading, has not heard of its leader for too long, or is stopping: for balancers.",
	.responses = state_responses,
};

static const struct api_response metrics_responses[] = {{200, "text/plain", TEXT_SCHEMA, "Counters and gauges"}, {0}};

const struct api_rule rule_metrics = {
	.verb = VERB_METRICS_READ, .when_loading = true, .handle = api_metrics, .id = "readMetrics", .tag = "Health",
	.summary = "Counters for Prometheus", .responses = metrics_responses,
};

static const struct api_parameter feed_parameters[] = {
	{"after", "query", "{\"type\":\"integer\",\"minimum\":0,\"default\":0}", "The number of the last record that you have", false},
	{"wait", "query", "{\"type\":\"integer\",\"minimum\":0,\"maximum\":60,\"default\":0}",
		"Seconds to wait for one where there is none", false},
	{"limit", "query", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":10000,\"default\":1000}", "Records at most", false},
	{"replica", "query", BOOL_SCHEMA, "Also what the node does with its banks, for a follower (operators)", false},
	{"local", "query", "{\"type\":\"integer\",\"minimum\":0}", "The `local` of the last head that you have", false},
	{0},
};
static const struct api_response feed_responses[] = {
	{200, "application/jsonl", SCHEMA("FeedLine"), "A line for each record; nothing where there are none"}, {0}};

const struct api_rule rule_feed = {
	.verb = VERB_FEED_READ, .handle = api_feed, .id = "readFeed", .tag = "Feed",
	.summary = "The signed records, in order",
	.description = "Everything that was ever asserted: read after the last number that you have, apply, wait for more. "
		"`record` is a text that holds the record's canonical JSON, byte for byte as it was signed. The last line is the head; "
		"an answer without it was cut off.",
	.parameters = feed_parameters, .responses = feed_responses,
};

static const struct api_response key_list_responses[] = {JSON_ANSWER(200, "KeyList", "By time of making; without their texts, "
	"which nobody has"), {0}};
static const struct api_response key_responses[] = {JSON_ANSWER(201, "NewKeyMade", "The key; its text is told only now"), {0}};
static const struct api_parameter key_parameters[] = {{"key", "path", TEXT_SCHEMA, "The key's id, not its text", true}, {0}};

const struct api_rule rule_key_list = {
	.verb = VERB_KEY_READ, .handle = api_key_list, .id = "listKeys", .tag = "Keys", .summary = "The API keys there are",
	.responses = key_list_responses,
};

const struct api_rule rule_key_create = {
	.verb = VERB_KEY_CREATE, .handle = api_key_create, .id = "createKey", .tag = "Keys", .summary = "Make an API key",
	.description = "A platform's upload path needs the role `checker` and no more. A key may be limited to banks, expire, and "
		"have a rate and a daily quota of checks. `held_by` says whose key it is: it then acts as that person wherever two "
		"people are asked for, never does more than they may, and is refused while they are disabled. Over the API a key is "
		"made in one's own name alone (403 `held_by_another`). A key that nobody holds is a machine's: what it decides is "
		"automated, and it is nobody's second (403 `person_needed`).",
	.body_schema = SCHEMA("NewKey"), .example = "{\"name\":\"upload path\",\"role\":\"checker\",\"expires\":\"365d\"}",
	.responses = key_responses,
};

const struct api_rule rule_key_revoke = {
	.verb = VERB_KEY_REVOKE, .handle = api_key_revoke, .id = "revokeKey", .tag = "Keys", .summary = "Revoke an API key at once",
	.parameters = key_parameters, .responses = gone_responses,
};

static const struct api_response hook_list_responses[] = {JSON_ANSWER(200, "WebhookList", "Without their secrets"), {0}};
static const struct api_response hook_made_responses[] = {
	JSON_ANSWER(201, "Webhook", "The webhook; its secret is told only now"), {0}};
static const struct api_response hook_responses[] = {
	JSON_ANSWER(200, "Webhook", "As it is now; with a secret only if a new one was asked for"), {0}};
static const struct api_parameter hook_parameters[] = {{"webhook", "path", TEXT_SCHEMA, "The webhook's id", true}, {0}};

const struct api_rule rule_webhook_list = {
	.verb = VERB_WEBHOOK_READ, .handle = api_webhook_list, .id = "listWebhooks", .tag = "Webhooks",
	.summary = "The webhooks there are", .responses = hook_list_responses,
};

const struct api_rule rule_webhook_create = {
	.verb = VERB_WEBHOOK_CHANGE, .handle = api_webhook_create, .id = "createWebhook", .tag = "Webhooks",
	.summary = "Have events sent to an address",
	.description = "Deliveries are signed as the Standard Webhooks specification has it: `webhook-signature` is `v1,` and the "
		"base64 of HMAC-SHA256 over `webhook-id.webhook-timestamp.body`, with the bytes behind `whsec_` as key. One that is "
		"not answered with 2xx is tried again after 5 s, 30 s, 2 min, 10 min, 1 h, 4 h, 12 h and 24 h; then it is kept for "
		"30 days to be read and replayed.",
	.body_schema = SCHEMA("NewWebhook"),
	.example = "{\"url\":\"https://platform.example/hilf\",\"events\":[\"entry.reversed\"]}",
	.responses = hook_made_responses,
};

const struct api_rule rule_webhook_change = {
	.verb = VERB_WEBHOOK_CHANGE, .handle = api_webhook_change, .id = "changeWebhook", .tag = "Webhooks",
	.summary = "Change address or events, turn it on or off, make a new secret",
	.parameters = hook_parameters, .body_schema = SCHEMA("WebhookChange"), .example = "{\"enabled\":false}",
	.responses = hook_responses,
};

const struct api_rule rule_webhook_remove = {
	.verb = VERB_WEBHOOK_CHANGE, .handle = api_webhook_remove, .id = "removeWebhook", .tag = "Webhooks",
	.summary = "Remove a webhook and what waits for it", .parameters = hook_parameters, .responses = gone_responses,
};

static const struct api_parameter delivery_parameters[] = {
	{"webhook", "path", TEXT_SCHEMA, "The webhook's id", true},
	{"state", "query", "{\"enum\":[\"dead\",\"waiting\"],\"default\":\"dead\"}", "Which", false},
	PARAMETER_CURSOR, PARAMETER_LIMIT,
	{0},
};
static const struct api_response delivery_responses[] = {JSON_ANSWER(200, "DeliveryList", "Newest first"), {0}};
static const struct api_response replay_responses[] = {JSON_ANSWER(200, "Replayed", "How many are due again"), {0}};

const struct api_rule rule_webhook_deliveries = {
	.verb = VERB_DELIVERY_READ, .handle = api_webhook_deliveries, .id = "listDeliveries", .tag = "Webhooks",
	.summary = "What waits, and what was given up", .parameters = delivery_parameters, .responses = delivery_responses,
};

const struct api_rule rule_webhook_replay = {
	.verb = VERB_DELIVERY_REPLAY, .handle = api_webhook_replay, .id = "replayDeliveries", .tag = "Webhooks",
	.summary = "Send again what was given up", .parameters = hook_parameters, .body_schema = SCHEMA("Replay"),
	.body_optional = true, .example = "{\"delivery\":17}", .responses = replay_responses,
};

static const struct api_response test_responses[] = {JSON_ANSWER(202, "Queued", "The event is on its way"), {0}};

const struct api_rule rule_webhook_test = {
	.verb = VERB_WEBHOOK_CHANGE, .handle = api_webhook_test, .id = "testWebhook", .tag = "Webhooks",
	.summary = "Send the event `ping`", .parameters = hook_parameters,
	.body_schema = "{\"type\":\"object\",\"maxProperties\":0}", .body_optional = true, .responses = test_responses,
};

static const struct api_response stats_responses[] = {JSON_ANSWER(200, "Stats", "Numbers, no names"), {0}};
static const struct api_response settings_responses[] = {JSON_ANSWER(200, "Settings", "As they are now"), {0}};
static const struct api_response whoami_responses[] = {JSON_ANSWER(200, "Actor", "Who you are here"), {0}};

const struct api_rule rule_stats = {
	.verb = VERB_STATUS_READ, .handle = api_stats, .id = "readStats", .tag = "Node", .summary = "What the node holds",
	.responses = stats_responses,
};

const struct api_rule rule_settings = {
	.verb = VERB_STATUS_READ, .handle = api_settings, .id = "readSettings", .tag = "Node", .summary = "What the node allows",
	.responses = settings_responses,
};

const struct api_rule rule_private_basis = {
	.verb = VERB_SETTING_CHANGE, .handle = api_private_basis, .id = "setPrivateBasis", .tag = "Node",
	.summary = "Record the legal basis for checking private surfaces",
	.description = "A citation, kept with who recorded it and when. An empty one takes it back, and private surfaces are "
		"refused again.",
	.body_schema = SCHEMA("PrivateBasis"), .example = "{\"basis\":\"Regulation (EU) 2021/784, Art. 5\"}",
	.responses = settings_responses,
};

static const struct api_parameter desk_parameters[] = {{"name", "path", TEXT_SCHEMA, "As GET /v1/settings lists it", true}, {0}};

const struct api_rule rule_desk_setting = {
	.verb = VERB_SETTING_CHANGE, .handle = api_desk_setting, .id = "setDeskSetting", .tag = "Node",
	.summary = "Change a setting of the review desk", .parameters = desk_parameters,
	.body_schema = SCHEMA("DeskValue"), .example = "{\"value\":12}", .responses = settings_responses,
};

const struct api_rule rule_whoami = {
	.verb = VERB_STATUS_READ, .handle = api_whoami, .id = "whoAmI", .tag = "Node", .summary = "Whose key this is and what it may",
	.responses = whoami_responses,
};

static const struct api_response openapi_responses[] = {{200, "application/json", "{\"type\":\"object\"}", "OpenAPI 3.1"}, {0}};
static const struct api_response page_responses[] = {{200, "text/html", NULL, "A page"}, {0}};
static const struct api_response root_responses[] = {{200, "text/html", NULL, "The console"},
	{302, NULL, NULL, "To /docs, where the build has no console"}, {304, NULL, NULL, "Not changed"}, {0}};
static const struct api_parameter asset_parameters[] = {
	{"file", "path", TEXT_SCHEMA, "As the page names it: it changes with what is in the file", true}, {0}};
static const struct api_response asset_responses[] = {{200, "text/javascript,text/css,image/svg+xml,text/plain", NULL, "The file"},
	{304, NULL, NULL, "Not changed"}, {0}};

const struct api_rule rule_openapi = {
	.verb = VERB_PUBLIC, .when_loading = true, .handle = api_openapi, .id = "readOpenApi", .tag = "Node",
	.summary = "This description", .responses = openapi_responses,
};

const struct api_rule rule_docs = {
	.verb = VERB_PUBLIC, .when_loading = true, .handle = api_docs, .id = "readDocs", .tag = "Node",
	.summary = "This description for people", .responses = page_responses,
};

const struct api_rule rule_root = {
	.verb = VERB_PUBLIC, .when_loading = true, .any_query = true, .handle = console_page, .id = "readConsole", .tag = "Node",
	.summary = "The console", .description = "The same page answers the paths of the console's views, such as `/queue`.",
	.responses = root_responses,
};

const struct api_rule rule_asset = {
	.verb = VERB_PUBLIC, .when_loading = true, .handle = console_asset, .id = "readConsoleFile", .tag = "Node",
	.summary = "A file of the console", .parameters = asset_parameters, .responses = asset_responses,
};
/* clang-format on */
