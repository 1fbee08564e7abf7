/* The rules of the route table: who may, and what the API says of each route. One file per group of routes. */
#ifndef HTTP_API_RULES_H
#define HTTP_API_RULES_H

#include "http/api.h"

#define SCHEMA(name) "{\"$ref\":\"#/components/schemas/" name "\"}"
#define JSON_ANSWER(status, name, text)                                                            \
	{                                                                                          \
		status, "application/json", SCHEMA(name), text                                     \
	}
#define TEXT_SCHEMA "{\"type\":\"string\"}"
#define BOOL_SCHEMA "{\"type\":\"boolean\"}"
#define FILE_TYPES  "multipart/form-data,image/*,application/octet-stream"

/* clang-format off */
#define PARAMETER_BANK  {"bank", "path", SCHEMA("BankName"), "The bank's name", true}
#define PARAMETER_ENTRY {"entry", "path", TEXT_SCHEMA, "The entry's number on this node, or its global id", true}
#define PARAMETER_CURSOR {"cursor", "query", TEXT_SCHEMA, "`next` of the page before", false}
#define PARAMETER_LIMIT {"limit", "query", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000,\"default\":100}", \
	"How many at most", false}
#define PARAMETER_BANKS {"banks", "query", TEXT_SCHEMA, "Names with commas between them; all that the key may ask if left out", false}
#define PARAMETER_SEED  {"seed", "query", TEXT_SCHEMA, "Of the banks' sampling: the same seed, the same choice", false}
#define PARAMETER_TYPE  {"type", "query", SCHEMA("SignalType"), "The signal's type", true}
#define PARAMETER_VALUE {"value", "query", TEXT_SCHEMA, "The signal's value in lower-case hexadecimal", true}
/* clang-format on */

/* The handlers by what they do, and the rule of each. */
http_handler api_healthz, api_readyz, api_metrics, api_check, api_lookup, api_batch, api_hash,
	api_find, api_bank_list, api_bank_create, api_bank_show, api_bank_change, api_bank_remove,
	api_bank_import, api_bank_export, api_entry_list, api_entry_add, api_entry_find,
	api_entry_show, api_entry_change, api_entry_withdraw, api_entry_expire, api_entry_mute,
	api_entry_erase, api_opinion_list, api_opinion_give, api_feed, api_check_list, api_key_list,
	api_key_create, api_key_revoke, api_webhook_list, api_webhook_create, api_webhook_change,
	api_webhook_remove, api_webhook_deliveries, api_webhook_replay, api_webhook_test, api_stats,
	api_settings, api_private_basis, api_lookback_erase, api_whoami, api_openapi, api_docs;
extern http_handler api_session, api_session_begin, api_session_end, api_session_enrol, api_me,
	api_me_change, api_user_list, api_user_create, api_user_change, api_desk_setting;
extern const struct api_rule rule_session, rule_session_begin, rule_session_end, rule_session_enrol,
	rule_me, rule_me_change, rule_user_list, rule_user_create, rule_user_change,
	rule_desk_setting;
extern const struct api_rule rule_healthz, rule_readyz, rule_metrics, rule_check, rule_lookup,
	rule_batch, rule_hash, rule_find, rule_bank_list, rule_bank_create, rule_bank_show,
	rule_bank_change, rule_bank_remove, rule_bank_import, rule_bank_export, rule_entry_list,
	rule_entry_add, rule_entry_find, rule_entry_show, rule_entry_change, rule_entry_remove,
	rule_entry_withdraw, rule_entry_expire, rule_entry_mute, rule_entry_erase,
	rule_opinion_list, rule_opinion_give, rule_feed, rule_check_list, rule_key_list,
	rule_key_create, rule_key_revoke, rule_webhook_list, rule_webhook_create,
	rule_webhook_change, rule_webhook_remove, rule_webhook_deliveries, rule_webhook_replay,
	rule_webhook_test, rule_stats, rule_settings, rule_private_basis, rule_lookback_erase,
	rule_lookback_erase_one, rule_whoami, rule_openapi, rule_docs, rule_root, rule_asset;

http_handler api_insight_series, api_insight_sources, api_insight_health, api_bank_effect;
http_handler api_preview, api_entry_copy, api_entry_copy_show, api_entry_exposure_add,
	api_exposure_add, api_exposure_group;
extern const struct api_rule rule_preview, rule_entry_copy, rule_entry_copy_show,
	rule_entry_exposure_add, rule_exposure_add, rule_exposure_group;
extern const struct api_rule rule_insight_series, rule_insight_sources, rule_insight_health,
	rule_bank_effect;

http_handler api_case_list, api_case_next, api_case_show, api_case_lease, api_case_release,
	api_case_clusters, api_case_uploads, api_case_note, api_report;
extern const struct api_rule rule_case_list, rule_case_next, rule_case_show, rule_case_lease,
	rule_case_release, rule_case_clusters, rule_case_uploads, rule_case_note, rule_report;

http_handler api_decide, api_decision_list, api_decision, api_decision_contents, api_decision_undo,
	api_decision_second, api_decision_withhold, api_appeal_make, api_appeal_status,
	api_appeal_decide, api_appeal_page, api_appeal_send, api_exemption_list, api_exemption_add,
	api_exemption_remove, api_escalation_add, api_escalation_list, api_escalation_second;
extern const struct api_rule rule_decide, rule_decision_list, rule_decision, rule_decision_contents,
	rule_decision_undo, rule_decision_second, rule_decision_withhold, rule_appeal_make,
	rule_appeal_status, rule_appeal_decide, rule_appeal_page, rule_appeal_send,
	rule_exemption_list, rule_exemption_add, rule_exemption_remove, rule_escalation_add,
	rule_escalation_list, rule_escalation_second;

#endif
