#include "http/api/rules.h"

/* clang-format off */
static const struct api_parameter page_parameters[] = {PARAMETER_CURSOR, PARAMETER_LIMIT, {0}};
static const struct api_parameter bank_parameters[] = {PARAMETER_BANK, {0}};
static const struct api_response bank_list_responses[] = {JSON_ANSWER(200, "BankList", "By name"), {0}};
static const struct api_response bank_responses[] = {JSON_ANSWER(200, "Bank", "The bank"), {0}};
static const struct api_response created_responses[] = {JSON_ANSWER(201, "Bank", "It was made"), {0}};
static const struct api_response gone_responses[] = {{204, NULL, NULL, "Done"}, {0}};

const struct api_rule rule_bank_list = {
	.verb = VERB_BANK_READ,
	.handle = api_bank_list,
	.id = "listBanks",
	.tag = "Banks",
	.summary = "The banks there are",
	.parameters = page_parameters,
	.responses = bank_list_responses,
};

const struct api_rule rule_bank_create = {
	.verb = VERB_BANK_CREATE,
	.writes = true,
	.handle = api_bank_create,
	.id = "createBank",
	.tag = "Banks",
	.summary = "Make a bank",
	.description = "Its mode says what a match does: `shadow` counts only, `review` asks for a person, `block` blocks. "
		"A bank begins in `review` unless said otherwise; begin in `shadow` when you do not know yet what it will find.",
	.body_schema = SCHEMA("NewBank"),
	.example = "{\"name\":\"propaganda\",\"mode\":\"shadow\"}",
	.responses = created_responses,
};

const struct api_rule rule_bank_show = {
	.verb = VERB_BANK_READ,
	.handle = api_bank_show,
	.id = "showBank",
	.tag = "Banks",
	.summary = "One bank",
	.parameters = bank_parameters,
	.responses = bank_responses,
};

const struct api_rule rule_bank_change = {
	.verb = VERB_BANK_CHANGE,
	.writes = true,
	.handle = api_bank_change,
	.id = "changeBank",
	.tag = "Banks",
	.summary = "Change mode, threshold, sampling or name",
	.description = "What is not sent stays. Mode, threshold and sampling are this node's own; the name is the owner's. "
		"The next query sees it. Keys, webhooks and people that are limited to a bank go on being so when it is renamed.",
	.parameters = bank_parameters,
	.body_schema = SCHEMA("BankChange"),
	.example = "{\"mode\":\"review\",\"threshold\":31}",
	.responses = bank_responses,
};

const struct api_rule rule_bank_remove = {
	.verb = VERB_BANK_REMOVE,
	.writes = true,
	.handle = api_bank_remove,
	.id = "removeBank",
	.tag = "Banks",
	.summary = "Remove a bank and withdraw all of its entries",
	.description = "This is final.",
	.parameters = bank_parameters,
	.responses = gone_responses,
};

static const struct api_parameter import_parameters[] = {
	PARAMETER_BANK,
	{"strict", "query", BOOL_SCHEMA, "Add nothing at all unless every line is good", false},
	{"class", "query", SCHEMA("ContentClass"), "Of all entries whose line says nothing else", false},
	{"ground", "query", TEXT_SCHEMA, "The rule they fall under: a citation, no free text", false},
	{"expires", "query", SCHEMA("When"), "24 months from now if it is left out, which is also the most", false},
	{"labels", "query", TEXT_SCHEMA, "An object of texts as JSON, for all entries", false},
	{0},
};
static const struct api_response import_responses[] = {JSON_ANSWER(200, "Imported", "What came of the lines"), {0}};

const struct api_rule rule_bank_import = {
	.verb = VERB_ENTRY_ADD,
	.writes = true,
	.handle = api_bank_import,
	.id = "importEntries",
	.tag = "Banks",
	.summary = "Add a list of signals",
	.description = "Lines `TYPE VALUE [quality=N] [KEY=VALUE ...]`, CSV with a header, or a JSON object a line, as `hilf import` reads "
		"them and `hilf export` and the export below write them; the first line tells which. Every 65,536 entries are added "
		"durably, all or none of them. What is there already is not added again, so an import that broke off is simply "
		"sent again. Bad lines are counted, and the first twenty are named.",
	.parameters = import_parameters,
	.body_types = "text/plain,text/csv,application/jsonl,application/x-ndjson,application/octet-stream,multipart/form-data",
	.responses = import_responses,
};

static const struct api_parameter export_parameters[] = {
	PARAMETER_BANK,
	{"format", "query", "{\"enum\":[\"jsonl\",\"csv\",\"lines\"],\"default\":\"jsonl\"}", "How it is written", false},
	{0},
};
static const struct api_response export_responses[] = {
	{200, "application/jsonl,text/csv,text/plain", NULL, "A row for each signal, in the format that was asked for"}, {0}};

const struct api_rule rule_bank_export = {
	.verb = VERB_ENTRY_READ,
	.handle = api_bank_export,
	.id = "exportEntries",
	.tag = "Banks",
	.summary = "A bank's entries in force, as a stream",
	.description = "A stream that breaks off ends without its last chunk, so half of it is never taken for the whole.",
	.parameters = export_parameters,
	.responses = export_responses,
};
/* clang-format on */
