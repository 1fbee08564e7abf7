#include "http/api/rules.h"

/* clang-format off */
static const struct api_parameter check_parameters[] = {
	{"content_id", "query", TEXT_SCHEMA, "What the platform calls this content; reversals name it", false},
	{"surface", "query", SCHEMA("Surface"), "Where the content would appear", false},
	{"language", "query", TEXT_SCHEMA,
		"BCP 47; a decision's statement is in it where it is `fr` or `ar`, else in English",
		false},
	{"evidence_url", "query", TEXT_SCHEMA, "Where a reviewer can look at it for a short time; hilf keeps no media", false},
	{"uploader_ref", "query", TEXT_SCHEMA, "An opaque reference, which never leaves this node", false},
	{"caption", "query", TEXT_SCHEMA, "What stands beside it: uploads that differ in it are decided apart", false},
	{"reach", "query", "{\"type\":\"integer\",\"minimum\":0}", "About how many people see it", false},
	{"places", "query", TEXT_SCHEMA, "Where in it something is: a list of `Place` as JSON", false},
	PARAMETER_BANKS,
	{"limit", "query", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000,\"default\":100}",
		"Matches that are listed, the nearest", false},
	{"budget_ms", "query", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":60000}",
		"The time there is; what was not done by then is listed as undecided", false},
	PARAMETER_SEED,
	{0},
};
static const struct api_response check_responses[] = {
	JSON_ANSWER(200, "Check", "What is known of the content"),
	{0},
};

const struct api_rule rule_check = {
	.verb = VERB_CHECK,
	.checks = 1,
	.handle = api_check,
	.id = "checkContent",
	.tag = "Checks",
	.summary = "Compare content with what is known",
	.description =
		"Send a file, as the field `file` of a form or as the whole body, or JSON with one of `signals`, `url` and "
		"`text`. What the platform says of the content may be JSON members, form fields or query parameters.\n\n"
		"The verdict is the weightiest of `block`, `review`, `undecided` and `no_match`. `no_match` means that nothing "
		"known was found, and clears nothing. Whatever could not be looked at (a broken file, a decoder that failed, "
		"time that ran out, an address that is not fetched) is listed in `undecided` with a `code`, and never reads as "
		"`no_match`.\n\n"
		"A `block` is recorded before it is answered and carries its decision: a statement of reasons to show to the "
		"uploader, and a token with which to appeal. With a `content_id`, matches are remembered, and a webhook tells "
		"when the entry that they rest on is withdrawn.\n\n"
		"The surface `private` is refused unless an operator recorded a legal basis.",
	.parameters = check_parameters,
	.body_schema = SCHEMA("CheckRequest"),
	.body_types = FILE_TYPES,
	.example = "{\"signals\":[{\"type\":\"pdq\",\"value\":"
		"\"f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b22\"}],\"content_id\":\"post-4711\"}",
	.responses = check_responses,
};

static const struct api_parameter lookup_parameters[] = {
	PARAMETER_TYPE, PARAMETER_VALUE, PARAMETER_BANKS,
	{"limit", "query", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000,\"default\":100}",
		"Matches that are listed, the nearest", false},
	PARAMETER_SEED,
	{0},
};
static const struct api_response lookup_responses[] = {
	JSON_ANSWER(200, "Lookup", "What is known of the signal"),
	{0},
};

const struct api_rule rule_lookup = {
	.verb = VERB_CHECK,
	.checks = 1,
	.handle = api_lookup,
	.id = "lookUpSignal",
	.tag = "Checks",
	.summary = "Compare one signal with what is known",
	.description =
		"The quickest question. A look-up decides nothing and records nothing, so its verdict goes up to `review`; a "
		"match of a bank in mode `block` says so. To block, ask `POST /v1/check`.",
	.parameters = lookup_parameters,
	.responses = lookup_responses,
};

static const struct api_parameter batch_parameters[] = {
	PARAMETER_BANKS,
	{"limit", "query", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000,\"default\":10}",
		"Matches that are listed of each signal, the nearest", false},
	PARAMETER_SEED,
	{"all", "query", BOOL_SCHEMA, "List also the signals that match nothing", false},
	{0},
};
static const struct api_response batch_responses[] = {
	JSON_ANSWER(200, "Batch", "What is known of the signals, by their position"),
	{0},
};

const struct api_rule rule_batch = {
	.verb = VERB_CHECK,
	.harmless = true,
	.checks = 1,
	.handle = api_batch,
	.id = "checkBatch",
	.tag = "Checks",
	.summary = "Compare thousands of signals at once",
	.description =
		"Up to 10,000 signals (the node's operator can set another number) as JSON, either `signals` or lists of values "
		"by type, or as text with a line `TYPE VALUE` for each. The answer has those that matched, each with its `index`: "
		"positions count from 0, in JSON lists by type first those of `pdq`, then `sha256`, then `md5`.\n\n"
		"Like a look-up, a batch decides nothing: verdicts go up to `review`.",
	.parameters = batch_parameters,
	.body_schema = SCHEMA("BatchRequest"),
	.body_types = "text/plain",
	.example = "{\"pdq\":[\"f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b22\"],"
		"\"md5\":[\"9e107d9d372bb6826bd81d3542a419d6\"]}",
	.responses = batch_responses,
};

static const struct api_parameter hash_parameters[] = {
	{"orientations", "query", BOOL_SCHEMA, "All eight orientations of each picture", false},
	{0},
};
static const struct api_response hash_responses[] = {
	JSON_ANSWER(200, "Hash", "The file's signals"),
	{0},
};

const struct api_rule rule_hash = {
	.verb = VERB_HASH,
	.harmless = true,
	.handle = api_hash,
	.id = "hashFile",
	.tag = "Checks",
	.summary = "Compute a file's signals",
	.description = "Nothing is compared and nothing is kept. A file that cannot be read has its digests and a line in `undecided`.",
	.parameters = hash_parameters,
	.body_types = FILE_TYPES,
	.responses = hash_responses,
};

static const struct api_response find_responses[] = {
	JSON_ANSWER(200, "Found", "Entries with the very same signals"),
	{0},
};

const struct api_rule rule_find = {
	.verb = VERB_ENTRY_READ,
	.harmless = true,
	.handle = api_find,
	.id = "findByContent",
	.tag = "Entries",
	.summary = "What do we know of this file?",
	.description = "Entries of all banks that hold one of its signals exactly, also those that were withdrawn or have expired. "
		"For a comparison that finds edited copies, use `POST /v1/check`.",
	.body_schema = SCHEMA("SignalList"),
	.body_types = FILE_TYPES,
	.example = "{\"signals\":[{\"type\":\"md5\",\"value\":\"9e107d9d372bb6826bd81d3542a419d6\"}]}",
	.responses = find_responses,
};

static const struct api_parameter check_list_parameters[] = {
	{"content_id", "query", TEXT_SCHEMA, "Only of this content", false},
	{"entry", "query", "{\"type\":\"integer\",\"minimum\":1}", "Only what rests on this entry now, by its number on this node", false},
	PARAMETER_CURSOR, PARAMETER_LIMIT,
	{0},
};
static const struct api_response check_list_responses[] = {
	JSON_ANSWER(200, "CheckList", "Newest first"),
	{0},
};

const struct api_rule rule_check_list = {
	.verb = VERB_CHECK_READ,
	.handle = api_check_list,
	.id = "listChecks",
	.tag = "Checks",
	.summary = "Recorded checks and decisions",
	.description = "Checks that blocked, and those with a `content_id` that matched. Other checks leave no trace. "
		"`reversed` is when nothing upheld the verdict any more.",
	.parameters = check_list_parameters,
	.responses = check_list_responses,
};

static const struct api_response erased_responses[] = {
	JSON_ANSWER(200, "Erased", "How many contents were forgotten"),
	{0},
};
static const struct api_parameter content_parameters[] = {
	{"content_id", "path", TEXT_SCHEMA, "What the platform calls the content", true},
	{0},
};

const struct api_rule rule_lookback_erase = {
	.verb = VERB_LOOKBACK_ERASE,
	.handle = api_lookback_erase,
	.id = "eraseLookback",
	.tag = "Checks",
	.summary = "Forget all signals kept for look-back",
	.responses = erased_responses,
};

const struct api_rule rule_lookback_erase_one = {
	.verb = VERB_LOOKBACK_ERASE,
	.handle = api_lookback_erase,
	.id = "eraseLookbackOf",
	.tag = "Checks",
	.summary = "Forget the signals kept of one content",
	.parameters = content_parameters,
	.responses = erased_responses,
};
/* clang-format on */
