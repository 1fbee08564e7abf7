/* The one route table of the native API. What each route asks for and says of itself is its rule, in the *_rules.c files. */
#include "http/api/inside.h"

#define ONCE_JSON "application/json"

/* A row: answered by api_handle, which sees to what is the same for all and then calls the rule's own. */
#define GET(path_, where_, rule_)                                                                  \
	{                                                                                          \
		.method = "GET", .path = path_, .where = where_, .handle = api_handle,             \
		.extra = &rule_                                                                    \
	}
#define SEND(method_, path_, rule_)                                                                \
	{                                                                                          \
		.method = method_, .path = path_, .body = HTTP_BODY_MEMORY,                        \
		.body_max = API_BODY_MAX, .handle = api_handle, .extra = &rule_                    \
	}
#define REMOVE(path_, rule_)                                                                       \
	{                                                                                          \
		.method = "DELETE", .path = path_, .handle = api_handle, .extra = &rule_           \
	}

/* clang-format off */
const struct http_route api_routes[] = {
	{.method = "POST", .path = "/v1/check", .where = HTTP_INLINE, .body = HTTP_BODY_FILE, .memory_types = ONCE_JSON,
		.deadline_ms = API_CHECK_MS, .handle = api_handle, .extra = &rule_check},
	GET("/v1/lookup", HTTP_INLINE, rule_lookup),
	{.method = "POST", .path = "/v1/check/batch", .body = HTTP_BODY_MEMORY, .handle = api_handle, .extra = &rule_batch},
	{.method = "POST", .path = "/v1/hash", .body = HTTP_BODY_FILE, .handle = api_handle, .extra = &rule_hash},
	{.method = "POST", .path = "/v1/find", .body = HTTP_BODY_FILE, .memory_types = ONCE_JSON,
		.handle = api_handle, .extra = &rule_find},
	GET("/v1/checks", HTTP_WORKER, rule_check_list),
	REMOVE("/v1/lookback", rule_lookback_erase),
	REMOVE("/v1/lookback/{content_id}", rule_lookback_erase_one),

	GET("/v1/banks", HTTP_WORKER, rule_bank_list),
	SEND("POST", "/v1/banks", rule_bank_create),
	GET("/v1/banks/{bank}", HTTP_WORKER, rule_bank_show),
	SEND("PATCH", "/v1/banks/{bank}", rule_bank_change),
	REMOVE("/v1/banks/{bank}", rule_bank_remove),
	GET("/v1/banks/{bank}/effect", HTTP_WORKER, rule_bank_effect),
	GET("/v1/banks/{bank}/entries", HTTP_WORKER, rule_entry_list),
	{.method = "POST", .path = "/v1/banks/{bank}/entries", .where = HTTP_INLINE, .body = HTTP_BODY_FILE,
		.memory_types = ONCE_JSON, .handle = api_handle, .extra = &rule_entry_add},
	{.method = "POST", .path = "/v1/banks/{bank}/import", .body = HTTP_BODY_FILE, .body_max = API_IMPORT_MAX,
		.deadline_ms = API_IMPORT_MS, .handle = api_handle, .extra = &rule_bank_import},
	{.method = "GET", .path = "/v1/banks/{bank}/export", .deadline_ms = API_IMPORT_MS,
		.handle = api_handle, .extra = &rule_bank_export},

	GET("/v1/entries", HTTP_WORKER, rule_entry_find),
	GET("/v1/entries/{entry}", HTTP_WORKER, rule_entry_show),
	SEND("PATCH", "/v1/entries/{entry}", rule_entry_change),
	REMOVE("/v1/entries/{entry}", rule_entry_remove),
	SEND("POST", "/v1/entries/{entry}/withdraw", rule_entry_withdraw),
	SEND("POST", "/v1/entries/{entry}/expire", rule_entry_expire),
	SEND("POST", "/v1/entries/{entry}/mute", rule_entry_mute),
	SEND("POST", "/v1/entries/{entry}/erase", rule_entry_erase),
	GET("/v1/entries/{entry}/opinions", HTTP_WORKER, rule_opinion_list),
	SEND("POST", "/v1/entries/{entry}/opinions", rule_opinion_give),

	/* Its deadline is what a client may wait for records, and then some to send them. */
	{.method = "GET", .path = "/v1/feed", .where = HTTP_INLINE, .deadline_ms = API_FEED_MS,
		.handle = api_handle, .extra = &rule_feed},

	GET("/v1/keys", HTTP_WORKER, rule_key_list),
	SEND("POST", "/v1/keys", rule_key_create),
	REMOVE("/v1/keys/{key}", rule_key_revoke),

	GET("/v1/webhooks", HTTP_WORKER, rule_webhook_list),
	SEND("POST", "/v1/webhooks", rule_webhook_create),
	SEND("PATCH", "/v1/webhooks/{webhook}", rule_webhook_change),
	REMOVE("/v1/webhooks/{webhook}", rule_webhook_remove),
	GET("/v1/webhooks/{webhook}/deliveries", HTTP_WORKER, rule_webhook_deliveries),
	SEND("POST", "/v1/webhooks/{webhook}/replay", rule_webhook_replay),
	SEND("POST", "/v1/webhooks/{webhook}/test", rule_webhook_test),

	GET("/v1/insight/series", HTTP_WORKER, rule_insight_series),
	GET("/v1/insight/sources", HTTP_WORKER, rule_insight_sources),
	GET("/v1/insight/health", HTTP_WORKER, rule_insight_health),

	GET("/v1/session", HTTP_WORKER, rule_session),
	SEND("POST", "/v1/session", rule_session_begin),
	REMOVE("/v1/session", rule_session_end),
	SEND("POST", "/v1/session/enrol", rule_session_enrol),
	GET("/v1/me", HTTP_WORKER, rule_me),
	SEND("PATCH", "/v1/me", rule_me_change),
	GET("/v1/users", HTTP_WORKER, rule_user_list),
	SEND("POST", "/v1/users", rule_user_create),
	SEND("PATCH", "/v1/users/{user}", rule_user_change),

	GET("/v1/cases", HTTP_WORKER, rule_case_list),
	SEND("POST", "/v1/cases/next", rule_case_next),
	GET("/v1/cases/{case}", HTTP_WORKER, rule_case_show),
	SEND("POST", "/v1/cases/{case}/lease", rule_case_lease),
	REMOVE("/v1/cases/{case}/lease", rule_case_release),
	GET("/v1/cases/{case}/clusters", HTTP_WORKER, rule_case_clusters),
	GET("/v1/cases/{case}/uploads", HTTP_WORKER, rule_case_uploads),
	SEND("POST", "/v1/cases/{case}/notes", rule_case_note),
	SEND("POST", "/v1/reports", rule_report),

	GET("/v1/previews/{preview}", HTTP_WORKER, rule_preview),
	GET("/v1/entries/{entry}/copy", HTTP_WORKER, rule_entry_copy_show),
	{.method = "PUT", .path = "/v1/entries/{entry}/copy", .body = HTTP_BODY_FILE, .handle = api_handle, .extra = &rule_entry_copy},
	SEND("POST", "/v1/cases/{case}/exposure", rule_exposure_add),
	SEND("POST", "/v1/entries/{entry}/exposure", rule_entry_exposure_add),
	GET("/v1/exposure", HTTP_WORKER, rule_exposure_group),

	SEND("POST", "/v1/cases/{case}/decisions", rule_decide),
	SEND("POST", "/v1/cases/{case}/appeal", rule_appeal_decide),
	SEND("POST", "/v1/cases/{case}/escalations", rule_escalation_add),
	GET("/v1/decisions", HTTP_WORKER, rule_decision_list),
	GET("/v1/decisions/{decision}", HTTP_WORKER, rule_decision),
	GET("/v1/decisions/{decision}/contents", HTTP_WORKER, rule_decision_contents),
	SEND("POST", "/v1/decisions/{decision}/undo", rule_decision_undo),
	SEND("POST", "/v1/decisions/{decision}/second", rule_decision_second),
	SEND("POST", "/v1/decisions/{decision}/withhold", rule_decision_withhold),
	{.method = "POST", .path = "/v1/appeals", .body = HTTP_BODY_MEMORY, .body_max = API_APPEAL_MAX,
		.handle = api_handle, .extra = &rule_appeal_make},
	{.method = "POST", .path = "/v1/appeals/status", .body = HTTP_BODY_MEMORY, .body_max = API_APPEAL_MAX,
		.handle = api_handle, .extra = &rule_appeal_status},
	GET("/v1/exemptions", HTTP_WORKER, rule_exemption_list),
	SEND("POST", "/v1/exemptions", rule_exemption_add),
	REMOVE("/v1/exemptions/{exemption}", rule_exemption_remove),
	GET("/v1/escalations", HTTP_WORKER, rule_escalation_list),
	SEND("POST", "/v1/escalations/{escalation}/second", rule_escalation_second),

	GET("/v1/stats", HTTP_WORKER, rule_stats),
	GET("/v1/settings", HTTP_WORKER, rule_settings),
	SEND("PUT", "/v1/settings/private_basis", rule_private_basis),
	SEND("PUT", "/v1/settings/desk/{name}", rule_desk_setting),
	GET("/v1/whoami", HTTP_INLINE, rule_whoami),
	GET("/v1/openapi.json", HTTP_INLINE, rule_openapi),

	GET("/healthz", HTTP_INLINE, rule_healthz),
	GET("/readyz",  HTTP_INLINE, rule_readyz),
	GET("/metrics", HTTP_WORKER, rule_metrics),
	GET("/",        HTTP_INLINE, rule_root),
	GET("/assets/{file}", HTTP_INLINE, rule_asset),
	GET("/docs",    HTTP_INLINE, rule_docs),
	GET("/appeal",  HTTP_INLINE, rule_appeal_page),
	{.method = "POST", .path = "/appeal", .body = HTTP_BODY_MEMORY, .body_max = API_APPEAL_MAX,
		.handle = api_handle, .extra = &rule_appeal_send},
	{0},
};
/* clang-format on */
