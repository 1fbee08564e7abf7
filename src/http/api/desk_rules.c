#include "http/api/rules.h"

/* clang-format off */
#define PARAMETER_CASE     {"case", "path", "{\"type\":\"integer\",\"minimum\":1}", "The case's number", true}
#define PARAMETER_DECISION {"decision", "path", TEXT_SCHEMA, "The decision's id", true}

static const struct api_parameter case_parameters[] = {PARAMETER_CASE, {0}};
static const struct api_parameter decision_parameters[] = {PARAMETER_DECISION, {0}};
static const struct api_parameter page_parameters[] = {PARAMETER_CURSOR, PARAMETER_LIMIT, {0}};
static const struct api_response decision_responses[] = {JSON_ANSWER(200, "DecisionAnswer", "The decision as it is now"), {0}};
static const struct api_response decided_responses[] = {JSON_ANSWER(201, "DecisionAnswer", "It is stored"),
	JSON_ANSWER(200, "DecisionPreview", "Nothing is stored: asked with `preview`"), {0}};

const struct api_rule rule_decide = {
	.verb = VERB_DECIDE,
	.handle = api_decide,
	.id = "decideCase",
	.tag = "Decisions",
	.summary = "Decide a cluster of a case",
	.description = "Of exactly one cluster, or some of its uploads: a decision never crosses clusters. It is `pending` until `undo_seconds` "
		"have passed; only when it stands do webhooks tell the platform, with a statement of reasons and an appeal code for each "
		"content. `suspend`, `refer`, and what a bank with `second_eyes` is about wait for a second person first "
		"(`waiting_second`).\n\n"
		"`version` is the case's as you saw it: uploads that came since stay open. Where somebody else was first, the answer is "
		"409 `decided_meanwhile` with their decision, and nothing of yours is stored.\n\n"
		"`entry_opinion` `confirm` needs a copy of the entry that you looked at (409 `no_copy`, `not_viewed`). `withhold` puts off the "
		"statement where the law forbids telling.\n\n"
		"With `preview` nothing is stored: the answer is the statement as it would be, but for its number.",
	.parameters = case_parameters,
	.body_schema = SCHEMA("NewDecision"),
	.example = "{\"cluster\":1,\"actions\":[\"remove\"],\"ground\":{\"basis\":\"law\",\"article\":\"Regulation (EU) 2021/784, article 5\","
		"\"text\":\"\"},\"territory\":[],\"duration_days\":0,\"version\":7}",
	.responses = decided_responses,
};

static const struct api_parameter list_parameters[] = {
	{"state", "query", SCHEMA("DecisionState"), "Only those; all if left out", false},
	{"content_id", "query", TEXT_SCHEMA, "Only those that concern this content, automated ones among them", false},
	PARAMETER_CURSOR, PARAMETER_LIMIT, {0},
};
static const struct api_response list_responses[] = {JSON_ANSWER(200, "CaseDecisionList", "Newest first"), {0}};

const struct api_rule rule_decision_list = {
	.verb = VERB_CASE_READ,
	.handle = api_decision_list,
	.id = "listDecisions",
	.tag = "Decisions",
	.summary = "What was decided",
	.description = "Of people; with `content_id` also the automated blocks of that content. Who decided is an alias that means something in "
		"its case alone.",
	.parameters = list_parameters,
	.responses = list_responses,
};

const struct api_rule rule_decision = {
	.verb = VERB_CASE_READ,
	.handle = api_decision,
	.id = "showDecision",
	.tag = "Decisions",
	.summary = "One decision, of a person or automated",
	.parameters = decision_parameters,
	.responses = decision_responses,
};

static const struct api_parameter contents_parameters[] = {PARAMETER_DECISION, PARAMETER_CURSOR, PARAMETER_LIMIT, {0}};
static const struct api_response contents_responses[] = {JSON_ANSWER(200, "DecisionContents", "By upload"), {0}};

const struct api_rule rule_decision_contents = {
	.verb = VERB_CASE_READ,
	.handle = api_decision_contents,
	.id = "listDecisionContents",
	.tag = "Decisions",
	.summary = "The contents that a decision concerns",
	.parameters = contents_parameters,
	.responses = contents_responses,
};

const struct api_rule rule_decision_undo = {
	.verb = VERB_DECIDE,
	.handle = api_decision_undo,
	.id = "undoDecision",
	.tag = "Decisions",
	.summary = "Take a decision back before anybody learns of it",
	.description = "By who made it or gave the second word, until `undo_until_ms`; by who made it as long as it waits for a second person. "
		"Later it is 409 `too_late`.",
	.parameters = decision_parameters,
	.body_schema = SCHEMA("Nothing"),
	.body_optional = true,
	.responses = decision_responses,
};

const struct api_rule rule_decision_second = {
	.verb = VERB_DECIDE,
	.handle = api_decision_second,
	.id = "secondDecision",
	.tag = "Decisions",
	.summary = "A second person's word on a decision",
	.description = "Never by who made it (403 `same_person`). Who disagrees opens the case again, and can say why.",
	.parameters = decision_parameters,
	.body_schema = SCHEMA("NewSecondWord"),
	.example = "{\"agree\":true}",
	.responses = decision_responses,
};

const struct api_rule rule_decision_withhold = {
	.verb = VERB_DECIDE,
	.handle = api_decision_withhold,
	.id = "withholdStatement",
	.tag = "Decisions",
	.summary = "Put off telling the person concerned, where the law asks for it",
	.description = "Before the statement has gone out: for 42 days at most, and once more for as long. Then it goes out by itself, as the "
		"event `statement.released`; the time to appeal begins then.",
	.parameters = decision_parameters,
	.body_schema = SCHEMA("Withhold"),
	.example = "{\"until_ms\":1798000000000,\"authority\":\"Landgericht Beispielstadt\",\"ground\":\"order 12/26\"}",
	.responses = decision_responses,
};

/* ------------------------------------------------------------------------------------------ appeals */

static const struct api_response appeal_responses[] = {JSON_ANSWER(201, "AppealMade", "A person will look at it"), {0}};
static const struct api_response status_responses[] = {JSON_ANSWER(200, "AppealMade", "What became of it"), {0}};

const struct api_rule rule_appeal_make = {
	.verb = VERB_PUBLIC,
	.handle = api_appeal_make,
	.id = "makeAppeal",
	.tag = "Appeals",
	.summary = "Contest a decision",
	.description = "For whoever is concerned, without a key: the code that came with the decision is enough. Each code is for one content, and "
		"good once, for at least six months (404 `token_unknown`, 409 `token_used`, 410 `appeal_over`). A person who had no part in "
		"the decision looks at it. `GET /appeal` is the same as a page.",
	.body_schema = SCHEMA("NewAppeal"),
	.example = "{\"token\":\"appeal_k3v...\",\"text\":\"This is a report about the attack.\",\"language\":\"en\"}",
	.responses = appeal_responses,
};

const struct api_rule rule_appeal_status = {
	.verb = VERB_PUBLIC,
	.harmless = true,
	.handle = api_appeal_status,
	.id = "readAppeal",
	.tag = "Appeals",
	.summary = "What became of an appeal",
	.body_schema = SCHEMA("AppealToken"),
	.example = "{\"token\":\"appeal_k3v...\"}",
	.responses = status_responses,
};

static const struct api_response judged_responses[] = {JSON_ANSWER(200, "AppealAnswer", "It is decided"), {0}};

const struct api_rule rule_appeal_decide = {
	.verb = VERB_DECIDE,
	.handle = api_appeal_decide,
	.id = "decideAppeal",
	.tag = "Appeals",
	.summary = "Uphold or reject an appeal",
	.description = "By another person than decided (403 `same_person`). Upheld, the content is told as `content.restored`; with `all`, or where it "
		"is the only content, the decision is `reversed`. `entry` says what becomes of the entry: withdrawn (where it is your own), "
		"muted here, or disputed; whatever else rested on it is told as `entry.reversed`. Each needs the right to it.",
	.parameters = case_parameters,
	.body_schema = SCHEMA("NewAppealAnswer"),
	.example = "{\"uphold\":true,\"text\":\"The video reports on the attack and does not praise it.\",\"entry\":\"keep\"}",
	.responses = judged_responses,
};

static const struct api_response page_responses[] = {{200, "text/html", NULL, "A form, in English, French or Arabic"}, {0}};

const struct api_rule rule_appeal_page = {
	.verb = VERB_PUBLIC,
	.when_loading = true,
	.handle = api_appeal_page,
	.id = "appealPage",
	.tag = "Appeals",
	.summary = "A page with which people contest a decision",
	.description = "Plain HTML without scripts, in the language that the browser asks for. Where `public-url` is set, statements of reasons name "
		"it.",
	.parameters = (const struct api_parameter[]){
		{"lang", "query", TEXT_SCHEMA, "`en`, `fr` or `ar`, whatever the browser asks for", false}, {0}},
	.responses = page_responses,
};

static const struct api_response sent_responses[] = {
	{200, "text/html", NULL, "What became of it"},
	{400, "text/html", NULL, "What is missing, with the form as it was filled in"},
	{404, "text/html", NULL, "There is no such code; the same"},
	{409, "text/html", NULL, "It was used already; the same"},
	{410, "text/html", NULL, "The time is over; the same"},
	{500, "text/html", NULL, "Something failed inside; the same"},
	{0},
};

const struct api_rule rule_appeal_send = {
	.verb = VERB_PUBLIC,
	.harmless = true,
	.handle = api_appeal_send,
	.id = "sendAppealPage",
	.tag = "Appeals",
	.summary = "What that page sends",
	.body_types = "application/x-www-form-urlencoded",
	.responses = sent_responses,
};

/* ------------------------------------------------------------------------------------------ exemptions */

static const struct api_response exemptions_responses[] = {JSON_ANSWER(200, "ExemptionList", "Newest first"), {0}};
static const struct api_response exemption_responses[] = {JSON_ANSWER(201, "ExemptionAnswer", "It is in force"), {0}};
static const struct api_response gone_responses[] = {{204, NULL, NULL, "It is over"}, {0}};
static const struct api_parameter exemption_parameters[] = {
	{"exemption", "path", TEXT_SCHEMA, "The exemption's id", true}, {0}};

const struct api_rule rule_exemption_list = {
	.verb = VERB_EXEMPTION_READ,
	.handle = api_exemption_list,
	.id = "listExemptions",
	.tag = "Exemptions",
	.summary = "Who may show what, and why",
	.parameters = page_parameters,
	.responses = exemptions_responses,
};

const struct api_rule rule_exemption_add = {
	.verb = VERB_EXEMPTION_CHANGE,
	.handle = api_exemption_add,
	.id = "addExemption",
	.tag = "Exemptions",
	.summary = "Let an uploader, or an address, show an item",
	.description = "For journalism, research, refutation or art, and for a year at most. Checks still find the entry and say so, with "
		"`exempt`; it raises no verdict. Nothing else knows of it: no signal and no entry is changed, and it never leaves the node.\n\n"
		"`url` is compared with what a check fetched and with its `evidence_url`, segment by segment: what stands at it or below it.",
	.body_schema = SCHEMA("NewExemption"),
	.example = "{\"uploader_ref\":\"newsroom-7\",\"entry\":\"01a2006e-c98f-7f7c-916a-7f417dc7d605.0\",\"purpose\":\"journalism\","
		"\"until_ms\":1811000000000}",
	.responses = exemption_responses,
};

const struct api_rule rule_exemption_remove = {
	.verb = VERB_EXEMPTION_CHANGE,
	.handle = api_exemption_remove,
	.id = "removeExemption",
	.tag = "Exemptions",
	.summary = "End an exemption",
	.parameters = exemption_parameters,
	.responses = gone_responses,
};

/* ------------------------------------------------------------------------------------------ escalations */

static const struct api_response escalated_responses[] = {JSON_ANSWER(201, "EscalationAnswer", "It is written down"), {0}};
static const struct api_response escalation_responses[] = {JSON_ANSWER(200, "EscalationAnswer", "It is answered"), {0}};
static const struct api_response escalations_responses[] = {JSON_ANSWER(200, "EscalationList", "Newest first"), {0}};

const struct api_rule rule_escalation_add = {
	.verb = VERB_ESCALATE,
	.handle = api_escalation_add,
	.id = "addEscalation",
	.tag = "Escalations",
	.summary = "Write down that an authority was told of an imminent threat to life",
	.description = "hilf tells nobody by itself: call first. What is asked for is who was told, when, and what was sent; a second person "
		"confirms it.",
	.parameters = case_parameters,
	.body_schema = SCHEMA("NewEscalation"),
	.example = "{\"authority\":\"Police\",\"contact\":\"duty officer, by telephone\",\"told_ms\":1795303590287,\"sent\":\"Address of the post and "
		"the account's name\"}",
	.responses = escalated_responses,
};

static const struct api_parameter escalations_parameters[] = {
	{"case", "query", "{\"type\":\"integer\",\"minimum\":1}", "Of this case alone", false},
	PARAMETER_CURSOR, PARAMETER_LIMIT, {0},
};

const struct api_rule rule_escalation_list = {
	.verb = VERB_CASE_READ,
	.handle = api_escalation_list,
	.id = "listEscalations",
	.tag = "Escalations",
	.summary = "Threats to life that authorities were told of",
	.parameters = escalations_parameters,
	.responses = escalations_responses,
};

static const struct api_parameter escalation_parameters[] = {
	{"escalation", "path", TEXT_SCHEMA, "The escalation's id", true}, {0}};

const struct api_rule rule_escalation_second = {
	.verb = VERB_ESCALATE,
	.handle = api_escalation_second,
	.id = "secondEscalation",
	.tag = "Escalations",
	.summary = "A second person's word on an escalation",
	.parameters = escalation_parameters,
	.body_schema = SCHEMA("NewEscalationWord"),
	.example = "{\"agree\":true}",
	.responses = escalation_responses,
};
/* clang-format on */
