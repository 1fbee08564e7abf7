#include "http/api/rules.h"

/* clang-format off */
static const struct api_parameter preview_parameters[] = {
	{"preview", "path", TEXT_SCHEMA, "The preview's id, as the case has it", true},
	{"case", "query", "{\"type\":\"integer\",\"minimum\":1}", "On account of which case it is looked at", false},
	{"entry", "query", "{\"type\":\"integer\",\"minimum\":1}", "Or of which entry, by its number, whose copy it is", false},
	{0},
};
static const struct api_response preview_responses[] = {
	{200, "image/jpeg", NULL, "A JPEG of at most 320 pixels a side and 32 kB"},
	{0},
};

const struct api_rule rule_preview = {
	.verb = VERB_PREVIEW_READ,
	.handle = api_preview,
	.id = "viewPreview",
	.tag = "Cases",
	.summary = "Look at a preview from the vault",
	.description = "Who looked, when and on account of which case is recorded durably before the bytes are sent, each time. The "
		"preview must be of that case: of one of its uploads, or of the entry that it is about; without a case, of that entry. With the vault off (setting "
		"`vault`, as at first) there are none. 409 `preview_locked`: it was sealed with a key that is not on this node, after a restore "
		"perhaps.",
	.parameters = preview_parameters,
	.responses = preview_responses,
};

static const struct api_parameter copy_parameters[] = {PARAMETER_ENTRY, {0}};
static const struct api_response copy_list_responses[] = {JSON_ANSWER(200, "EntryCopy", "What there is to look at"), {0}};

const struct api_rule rule_entry_copy_show = {
	.verb = VERB_PREVIEW_READ,
	.handle = api_entry_copy_show,
	.id = "showCopy",
	.tag = "Entries",
	.summary = "Whether a copy of an entry is kept here, and its previews",
	.description = "`GET /v1/previews/{preview}?entry=N` shows one.",
	.parameters = copy_parameters,
	.responses = copy_list_responses,
};

static const struct api_response copy_responses[] = {JSON_ANSWER(200, "Copied", "Whether there is a copy to look at now"), {0}};

const struct api_rule rule_entry_copy = {
	.verb = VERB_OPINION_GIVE,
	.writes = true, /* a follower gives no opinions, so it has no use for what they rest on */
	.harmless = true,
	.handle = api_entry_copy,
	.id = "keepCopy",
	.tag = "Entries",
	.summary = "Keep one's own copy of an entry to compare with",
	.description = "Of an entry of whatever bank: a member confirms one when its own people have looked at its own copy. The file is "
		"compared with the entry's signals (422 `another_content`), a small preview of it is kept in the vault in place of the one "
		"before, and the file itself is not. What is added by its file has a copy already. 409 `vault_off` where the vault is off.",
	.parameters = copy_parameters,
	.body_types = FILE_TYPES,
	.responses = copy_responses,
};

static const struct api_parameter case_parameters[] = {
	{"case", "path", "{\"type\":\"integer\",\"minimum\":1}", "The case's number", true},
	{0},
};
static const struct api_response done_responses[] = {{204, NULL, NULL, "Counted"}, {0}};

const struct api_rule rule_exposure_add = {
	.verb = VERB_PREVIEW_READ,
	.handle = api_exposure_add,
	.id = "countExposure",
	.tag = "Cases",
	.summary = "Say that something of a case was revealed, and for how long",
	.description = "It counts for nobody but the one who says it: `GET /v1/me` shows it to them alone, and a lead sees the sum of a "
		"group. Of one reveal an hour counts at most.",
	.parameters = case_parameters,
	.body_schema = SCHEMA("ExposureAdd"),
	.example = "{\"seconds\":12}",
	.responses = done_responses,
};

const struct api_rule rule_entry_exposure_add = {
	.verb = VERB_PREVIEW_READ,
	.handle = api_entry_exposure_add,
	.id = "countExposureOfEntry",
	.tag = "Entries",
	.summary = "Say that the copy of an entry was revealed, and for how long",
	.description = "The same as `POST /v1/cases/{case}/exposure`, where there is no case.",
	.parameters = copy_parameters,
	.body_schema = SCHEMA("ExposureAdd"),
	.example = "{\"seconds\":12}",
	.responses = done_responses,
};

static const struct api_response group_responses[] = {JSON_ANSWER(200, "ExposureGroup", "The week's sum, or why there is none"), {0}};

const struct api_rule rule_exposure_group = {
	.verb = VERB_EXPOSURE_GROUP,
	.handle = api_exposure_group,
	.id = "readExposureGroup",
	.tag = "Cases",
	.summary = "What reviewers looked at last week, together",
	.description = "The sum of the last whole week, Monday to Sunday in UTC, where five people or more looked at something in it; else "
		"`group` is null and `why` says so. There is no figure of one person anywhere but their own in `GET /v1/me`.",
	.responses = group_responses,
};
/* clang-format on */
