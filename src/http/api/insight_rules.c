#include "http/api/rules.h"

/* clang-format off */
#define MS_SCHEMA "{\"type\":\"integer\",\"minimum\":0}"

static const struct api_parameter series_parameters[] = {
	{"from_ms", "query", MS_SCHEMA, "From when, in milliseconds since 1970; 30 days or 48 hours before the end if left out", false},
	{"to_ms", "query", MS_SCHEMA, "Until when; now if left out", false},
	{"step", "query", "{\"enum\":[\"hour\",\"day\"],\"default\":\"day\"}", "How long a point is, in UTC", false},
	{0},
};
static const struct api_response series_responses[] = {JSON_ANSWER(200, "InsightSeries", "The counts"), {0}};

const struct api_rule rule_insight_series = {
	.verb = VERB_INSIGHT_READ,
	.handle = api_insight_series,
	.id = "readSeries",
	.tag = "Insight",
	.summary = "What happened here, over time",
	.description = "Counts by hour, kept for 14 days, or by day, kept for 400; with no content and no person in them. Points begin "
		"on the hour or at midnight UTC, so the first may begin before `from_ms`; where nothing happened there is a 0. What "
		"is sampled once an hour (`queue`, `index_values`, `entries`, `outbox_waiting`, `outbox_dead`; of a day the highest) is "
		"null where nobody looked, and `decide_median_s`, the median time from a case's opening to its decision, where "
		"nothing was decided; it is worked out from buckets, and never of one person. The newest counts are up to ten "
		"seconds behind. 10,000 points at most.",
	.parameters = series_parameters,
	.responses = series_responses,
};

static const struct api_response source_responses[] = {JSON_ANSWER(200, "SourceList", "The members"), {0}};

const struct api_rule rule_insight_sources = {
	.verb = VERB_INSIGHT_READ,
	.handle = api_insight_sources,
	.id = "readSources",
	.tag = "Insight",
	.summary = "How far the entries of each member can be relied on",
	.description = "Of the cases decided here in the last 400 days that rested on a member's entries, the share whose decision did "
		"something about the content and was not reversed. Below ten decided cases `precision` is null, for it would say "
		"more about chance than about the member.",
	.responses = source_responses,
};

static const struct api_parameter effect_parameters[] = {
	PARAMETER_BANK,
	{"mode", "query", SCHEMA("Mode"), "As it is if left out", false},
	{"pdq_radius", "query", "{\"type\":\"integer\",\"minimum\":0,\"maximum\":48}", "As it is if left out", false},
	{0},
};
static const struct api_response effect_responses[] = {JSON_ANSWER(200, "Effect", "What it would have done"), {0}};

const struct api_rule rule_bank_effect = {
	.verb = VERB_BANK_EFFECT,
	.handle = api_bank_effect,
	.id = "bankEffect",
	.tag = "Insight",
	.summary = "What a bank would have done last week with another mode or threshold",
	.description = "Of today and the six days before, by what was counted. A content counts once, by its nearest entry of the bank; "
		"look-ups count like checks. `now` is what the bank did, however it was set then; `would` counts every match, also those "
		"that sampling left out, and is what this bank alone would have brought, whatever others did.\n\n"
		"What lies beyond the threshold that was in force was not compared. `unknown_above` is the narrowest threshold of "
		"that time: of a wider one (`at_least` is true then) nobody knows, and `would` says the least it would have been. To "
		"know more, widen the bank while it is in shadow, and wait.",
	.parameters = effect_parameters,
	.responses = effect_responses,
};

static const struct api_response health_responses[] = {JSON_ANSWER(200, "NodeHealth", "How it is"), {0}};

const struct api_rule rule_insight_health = {
	.verb = VERB_INSIGHT_READ,
	.handle = api_insight_health,
	.id = "readNodeHealth",
	.tag = "Insight",
	.summary = "How the node is",
	.description = "For people who look at it; programs read `/metrics`. A part that could not be read is null. Reasons why files were not "
		"decoded are counted since the start.",
	.responses = health_responses,
};
/* clang-format on */
