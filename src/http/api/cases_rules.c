#include "http/api/rules.h"

/* clang-format off */
#define PARAMETER_CASE {"case", "path", "{\"type\":\"integer\",\"minimum\":1}", "The case's number", true}

static const struct api_parameter list_parameters[] = {
	{"state", "query", "{\"enum\":[\"open\",\"mine\",\"second\",\"decided\",\"closed\",\"all\"],\"default\":\"open\"}",
		"`mine`: those you have taken; `second`: those with a decision that waits for a second person", false},
	{"kind", "query", SCHEMA("CaseKind"), "Only of this kind", false},
	{"bank", "query", TEXT_SCHEMA, "Only of this bank", false},
	{"class", "query", SCHEMA("ContentClass"), "Only of this class", false},
	{"cursor", "query", TEXT_SCHEMA, "`cursor` of the page before", false},
	PARAMETER_LIMIT,
	{0},
};
static const struct api_parameter case_parameters[] = {PARAMETER_CASE, {0}};
static const struct api_parameter part_parameters[] = {
	PARAMETER_CASE, {"cursor", "query", TEXT_SCHEMA, "`cursor` of the page before", false}, PARAMETER_LIMIT, {0}};
static const struct api_parameter upload_parameters[] = {
	PARAMETER_CASE,
	{"cluster", "query", "{\"type\":\"integer\",\"minimum\":1}", "Only of this cluster", false},
	{"cursor", "query", TEXT_SCHEMA, "`cursor` of the page before", false},
	PARAMETER_LIMIT,
	{0},
};
static const struct api_response list_responses[] = {JSON_ANSWER(200, "CaseList", "By priority, or newest first"), {0}};
static const struct api_response next_responses[] = {
	JSON_ANSWER(200, "CaseTaken", "It is yours for a while"),
	{204, NULL, NULL, "There is none"},
	{0},
};
static const struct api_response show_responses[] = {JSON_ANSWER(200, "CaseFull", "The case"), {0}};
static const struct api_response lease_responses[] = {JSON_ANSWER(200, "LeaseTaken", "It is yours until then"), {0}};
static const struct api_response nothing_responses[] = {{204, NULL, NULL, "Nobody has it any more"}, {0}};
static const struct api_response cluster_responses[] = {JSON_ANSWER(200, "ClusterList", "Those with something open first"), {0}};
static const struct api_response upload_responses[] = {JSON_ANSWER(200, "UploadList", "As they came"), {0}};
static const struct api_response note_responses[] = {JSON_ANSWER(201, "Note", "As it is kept"), {0}};
static const struct api_response report_responses[] = {JSON_ANSWER(202, "Reported", "The case that it is part of"), {0}};

const struct api_rule rule_case_list = {
	.verb = VERB_CASE_READ, .handle = api_case_list, .id = "listCases", .tag = "Cases", .summary = "The queue",
	.description = "What waits for a person: matches in review, users' reports, disputed entries, appeals, and a daily sample of "
		"automatic blocks. Open ones are in order of priority, which comes from severity, reach and age, and never from how "
		"many reported something; decided and closed ones are newest first. `counts` are of all that you may see, whatever "
		"the list is limited to. Who is limited to banks sees the cases of these.",
	.parameters = list_parameters, .responses = list_responses,
};

const struct api_rule rule_case_next = {
	.verb = VERB_CASE_WORK, .handle = api_case_next, .id = "takeNextCase", .tag = "Cases",
	.summary = "Take the next case of the queue",
	.description = "The first that nobody has, and that does not ask about a decision of yours, is yours in the same moment: never "
		"two people's. Classes that a person declined (`PATCH /v1/me`) are passed over.",
	.body_schema = SCHEMA("CaseNext"), .body_optional = true, .example = "{\"kind\":\"match\"}", .responses = next_responses,
};

const struct api_rule rule_case_show = {
	.verb = VERB_CASE_READ, .handle = api_case_show, .id = "readCase", .tag = "Cases", .summary = "One case",
	.description = "With what it is about, why it matched, what else people said of the entry, and its clusters: uploads that are alike "
		"in surface, caption, language, share and orientation, each with the first three. A decision is about one cluster. Those "
		"past a hundred are at `/v1/cases/{case}/clusters`. `uploader_ref` and `evidence_url` are for reviewers and operators "
		"alone. People are random names, the same within a case and no other.",
	.parameters = case_parameters, .responses = show_responses,
};

const struct api_rule rule_case_lease = {
	.verb = VERB_CASE_WORK, .handle = api_case_lease, .id = "takeCase", .tag = "Cases", .summary = "Take a case, or keep it longer",
	.description = "Whatever you do in it keeps it, too; after the time that the setting `lease_minutes` says it is free again. 409 "
		"`leased`: somebody else has it.",
	.parameters = case_parameters, .body_schema = "{\"type\":\"object\",\"maxProperties\":0}", .body_optional = true,
	.responses = lease_responses,
};

const struct api_rule rule_case_release = {
	.verb = VERB_CASE_WORK, .handle = api_case_release, .id = "giveCaseBack", .tag = "Cases", .summary = "Give a case back",
	.parameters = case_parameters, .responses = nothing_responses,
};

const struct api_rule rule_case_clusters = {
	.verb = VERB_CASE_READ, .handle = api_case_clusters, .id = "listClusters", .tag = "Cases", .summary = "A case's clusters",
	.parameters = part_parameters, .responses = cluster_responses,
};

const struct api_rule rule_case_uploads = {
	.verb = VERB_CASE_READ, .handle = api_case_uploads, .id = "listUploads", .tag = "Cases", .summary = "A case's uploads",
	.parameters = upload_parameters, .responses = upload_responses,
};

const struct api_rule rule_case_note = {
	.verb = VERB_CASE_WORK, .handle = api_case_note, .id = "writeNote", .tag = "Cases", .summary = "Write a note on a case",
	.description = "For colleagues; it never leaves this node.",
	.parameters = case_parameters, .body_schema = SCHEMA("NewNote"), .example = "{\"text\":\"The flag is that of a football club.\"}",
	.responses = note_responses,
};

const struct api_rule rule_report = {
	.verb = VERB_REPORT, .handle = api_report, .id = "reportContent", .tag = "Cases",
	.summary = "Pass on what a user reported",
	.description = "It becomes part of the open case that has this content, or of the one about the entry that `signals` match, or a "
		"case of its own. Reports of one content are one upload, however many there are, and how many there are moves nothing "
		"in the queue. 429 `rate`: one sender's are limited by the setting `reports_per_minute`.",
	.body_schema = SCHEMA("Report"),
	.example = "{\"content_id\":\"post-4711\",\"category\":\"incitement\",\"text\":\"Calls for an attack\",\"language\":\"fr\"}",
	.responses = report_responses,
};
/* clang-format on */
