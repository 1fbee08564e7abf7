#include "http/api/rules.h"

/* clang-format off */
static const struct api_parameter list_parameters[] = {
	PARAMETER_BANK, PARAMETER_CURSOR, PARAMETER_LIMIT,
	{"gone", "query", BOOL_SCHEMA, "Withdrawn and expired ones, too", false},
	{0},
};
static const struct api_parameter entry_parameters[] = {PARAMETER_ENTRY, {0}};
static const struct api_response list_responses[] = {JSON_ANSWER(200, "EntryList", "By number"), {0}};
static const struct api_response entry_responses[] = {JSON_ANSWER(200, "Entry", "The entry as it stands now"), {0}};

const struct api_rule rule_entry_list = {
	.verb = VERB_ENTRY_READ,
	.handle = api_entry_list,
	.id = "listEntries",
	.tag = "Entries",
	.summary = "A bank's entries",
	.parameters = list_parameters,
	.responses = list_responses,
};

static const struct api_parameter add_parameters[] = {
	PARAMETER_BANK,
	{"class", "query", SCHEMA("ContentClass"), "Of a file: its class", false},
	{"ground", "query", TEXT_SCHEMA, "The rule it falls under: a citation, no free text", false},
	{"expires", "query", SCHEMA("When"), "24 months from now if it is left out, which is also the most", false},
	{"source", "query", SCHEMA("Source"), "Where it comes from", false},
	{"labels", "query", TEXT_SCHEMA, "An object of texts as JSON", false},
	{0},
};
static const struct api_response add_responses[] = {
	JSON_ANSWER(201, "Added", "Something was added; the next query sees it"),
	JSON_ANSWER(200, "Added", "All of it was there already, or stands for nothing"),
	JSON_ANSWER(422, "Error", "The file could not be read, so nothing was added"),
	{0},
};

const struct api_rule rule_entry_add = {
	.verb = VERB_ENTRY_ADD,
	.writes = true,
	.handle = api_entry_add,
	.id = "addEntries",
	.tag = "Entries",
	.summary = "Add a file or signals to a bank",
	.description = "A file becomes an entry of its picture's `pdq` and its digests; the file itself is not kept. JSON has "
		"`signals` of one entry or up to 1,000 `entries`. It is durable when it is answered. What the bank has already "
		"answers with the number it has and stays as it is. A value that stands for nothing (a plain picture has it, too) "
		"is left out and answered `degenerate`.",
	.parameters = add_parameters,
	.body_schema = SCHEMA("NewEntries"),
	.body_types = FILE_TYPES,
	.example = "{\"signals\":[{\"type\":\"pdq\",\"value\":"
		"\"f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b22\",\"quality\":100}],"
		"\"class\":\"incitement\",\"labels\":{\"event\":\"paris\"}}",
	.responses = add_responses,
};

static const struct api_parameter find_parameters[] = {
	{"type", "query", SCHEMA("SignalType"), "The signal's type, with `value` and alone", false},
	{"value", "query", TEXT_SCHEMA, "The signal's value in lower-case hexadecimal", false},
	{"bank", "query", SCHEMA("BankName"), "Only of this bank", false},
	{"class", "query", SCHEMA("ContentClass"), "Only of this class", false},
	{"label", "query", TEXT_SCHEMA, "Only with this label: `KEY=VALUE`, or one of both, whole", false},
	{"member", "query", TEXT_SCHEMA, "Only of banks that this member owns", false},
	{"state", "query", "{\"enum\":[\"any\",\"in_force\",\"expired\",\"withdrawn\",\"erased\",\"muted\",\"disputed\"],\"default\":\"any\"}",
		"muted: here, now; disputed: by some member", false},
	PARAMETER_CURSOR, PARAMETER_LIMIT,
	{0},
};
static const struct api_response find_responses[] = {JSON_ANSWER(200, "Found", "The entries"), {0}};

const struct api_rule rule_entry_find = {
	.verb = VERB_ENTRY_READ,
	.handle = api_entry_find,
	.id = "findEntries",
	.tag = "Entries",
	.summary = "Entries with one signal, or by what is said of them, in all banks",
	.description = "With `type` and `value`: entries with the very same signal, also those that were withdrawn or have expired, at "
		"most 1,000. Without: a search by what is said of entries, newest first. Classes, labels, banks and members have an "
		"index. A state has none: up to 50,000 entries are gone through for one answer, so an answer can have few or none and still have `next`: there is more to go through.",
	.parameters = find_parameters,
	.responses = find_responses,
};

const struct api_rule rule_entry_show = {
	.verb = VERB_ENTRY_READ,
	.handle = api_entry_show,
	.id = "showEntry",
	.tag = "Entries",
	.summary = "One entry",
	.parameters = entry_parameters,
	.responses = entry_responses,
};

const struct api_rule rule_entry_change = {
	.verb = VERB_ENTRY_CHANGE,
	.writes = true,
	.handle = api_entry_change,
	.id = "changeEntry",
	.tag = "Entries",
	.summary = "Change what is said of an entry",
	.description = "What is not sent stays; labels that are sent replace all; the expiry can only come nearer.",
	.parameters = entry_parameters,
	.body_schema = SCHEMA("EntryChange"),
	.example = "{\"class\":\"incitement\",\"labels\":{\"event\":\"paris\"}}",
	.responses = entry_responses,
};

static const struct api_parameter remove_parameters[] = {
	PARAMETER_ENTRY,
	{"reason", "query", SCHEMA("Reason"), "Why", false},
	{"note", "query", TEXT_SCHEMA, "In words, which stay on this node", false},
	{0},
};

const struct api_rule rule_entry_remove = {
	.verb = VERB_ENTRY_WITHDRAW,
	.writes = true,
	.handle = api_entry_withdraw,
	.id = "removeEntry",
	.tag = "Entries",
	.summary = "Withdraw an entry",
	.description = "The same as `POST /v1/entries/{entry}/withdraw`.",
	.parameters = remove_parameters,
	.responses = entry_responses,
};

const struct api_rule rule_entry_withdraw = {
	.verb = VERB_ENTRY_WITHDRAW,
	.writes = true,
	.handle = api_entry_withdraw,
	.id = "withdrawEntry",
	.tag = "Entries",
	.summary = "Withdraw an entry, for good",
	.description = "The next query does not find it. Every content that was recorded with a match of it is named in the "
		"webhook event `entry.reversed`.",
	.parameters = entry_parameters,
	.body_schema = SCHEMA("Withdrawal"),
	.body_optional = true,
	.example = "{\"reason\":\"error\",\"note\":\"a news report\"}",
	.responses = entry_responses,
};

const struct api_rule rule_entry_expire = {
	.verb = VERB_ENTRY_CHANGE,
	.writes = true,
	.handle = api_entry_expire,
	.id = "expireEntry",
	.tag = "Entries",
	.summary = "Let an entry expire now, or sooner than it would",
	.parameters = entry_parameters,
	.body_schema = SCHEMA("Expiry"),
	.body_optional = true,
	.example = "{\"at\":\"30d\"}",
	.responses = entry_responses,
};

const struct api_rule rule_entry_mute = {
	.verb = VERB_ENTRY_MUTE,
	.writes = true,
	.handle = api_entry_mute,
	.id = "muteEntry",
	.tag = "Entries",
	.summary = "Let an entry match nothing on this node for a time",
	.parameters = entry_parameters,
	.body_schema = SCHEMA("Mute"),
	.example = "{\"until\":\"7d\"}",
	.responses = entry_responses,
};

static const struct api_response erase_responses[] = {
	JSON_ANSWER(200, "Erased", "How many entries went with it: those of one record, where they cannot be told apart"), {0}};

const struct api_rule rule_entry_erase = {
	.verb = VERB_ENTRY_ERASE,
	.writes = true,
	.handle = api_entry_erase,
	.id = "eraseEntry",
	.tag = "Entries",
	.summary = "Erase an entry without a trace",
	.description = "Withdraws it and destroys its signals, labels and notes in database, log and snapshot. Its signature and "
		"public header stay, so that the feed can still be proved.",
	.parameters = entry_parameters,
	.body_schema = SCHEMA("Withdrawal"),
	.body_optional = true,
	.example = "{\"reason\":\"court\"}",
	.responses = erase_responses,
};

static const struct api_response opinion_responses[] = {JSON_ANSWER(200, "OpinionList", "What members say of the entry"), {0}};

const struct api_rule rule_opinion_list = {
	.verb = VERB_OPINION_READ,
	.handle = api_opinion_list,
	.id = "listOpinions",
	.tag = "Entries",
	.summary = "What members say of an entry",
	.parameters = entry_parameters,
	.responses = opinion_responses,
};

const struct api_rule rule_opinion_give = {
	.verb = VERB_OPINION_GIVE,
	.writes = true,
	.handle = api_opinion_give,
	.id = "giveOpinion",
	.tag = "Entries",
	.summary = "Give this member's opinion on an entry",
	.description = "One standing opinion per member and entry; the last one counts, and `none` takes it back. An entry that "
		"somebody disputes never blocks: its matches go to review.",
	.parameters = entry_parameters,
	.body_schema = SCHEMA("Opinion"),
	.example = "{\"opinion\":\"dispute\"}",
	.responses = opinion_responses,
};
/* clang-format on */
