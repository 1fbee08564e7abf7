#include "http/api/rules.h"

/* clang-format off */
static const struct api_response gone_responses[] = {{204, NULL, NULL, "Done"}, {0}};
static const struct api_response session_responses[] = {JSON_ANSWER(200, "Session", "How it is now"), {0}};
static const struct api_response enrol_responses[] = {
	JSON_ANSWER(200, "Enrolment", "What to scan; once passphrase and code are there, the session instead"), {0}};
static const struct api_response me_responses[] = {JSON_ANSWER(200, "Me", "As it is now"), {0}};
static const struct api_response list_responses[] = {JSON_ANSWER(200, "UserList", "By name"), {0}};
static const struct api_response made_responses[] = {JSON_ANSWER(201, "Invited", "The person, and the invitation, told only now"), {0}};
static const struct api_response changed_responses[] = {
	JSON_ANSWER(200, "Invited", "As they are now, and an invitation where there is a new one"), {0}};
static const struct api_parameter list_parameters[] = {PARAMETER_CURSOR, PARAMETER_LIMIT, {0}};
static const struct api_parameter user_parameters[] = {{"user", "path", TEXT_SCHEMA, "The person's id", true}, {0}};

const struct api_rule rule_session = {
	.verb = VERB_PUBLIC, .handle = api_session, .id = "readSession", .tag = "People",
	.summary = "Whether somebody is signed in, and who",
	.description = "`open` says that the node was started with `--open` and asks nobody on this machine to sign in. `csrf` goes "
		"into the header `X-CSRF-Token` of whatever changes something. A request with the header `X-Background` does not "
		"put off the end of a session that nobody uses.",
	.responses = session_responses,
};

const struct api_rule rule_session_begin = {
	.verb = VERB_PUBLIC, .harmless = true, .handle = api_session_begin, .id = "signIn", .tag = "People",
	.summary = "Sign in with name, passphrase and one-time code",
	.description = "The session is a cookie, `hilf_session`. What was wrong, nobody is told (401 `wrong_credentials`). After five "
		"failures a name has to wait (429 `locked`), and longer each time.",
	.body_schema = SCHEMA("SignIn"), .example = "{\"name\":\"amal\",\"passphrase\":\"...\",\"code\":\"123456\"}",
	.responses = session_responses,
};

const struct api_rule rule_session_end = {
	.verb = VERB_ME, .harmless = true, .handle = api_session_end, .id = "signOut", .tag = "People",
	.summary = "Sign out", .responses = gone_responses,
};

const struct api_rule rule_session_enrol = {
	.verb = VERB_PUBLIC, .harmless = true, .handle = api_session_enrol, .id = "enrol", .tag = "People",
	.summary = "Use an invitation: see what to scan, then choose a passphrase",
	.description = "With the invitation alone it answers with the secret for an authenticator app, the same each time. With "
		"`passphrase` and a `code` of that app as well the person is enrolled and signed in, and the invitation is used up.",
	.body_schema = SCHEMA("Enrol"), .example = "{\"invitation\":\"mfrggzdfmztwq2lknnwg23tpoasdfghj\"}",
	.responses = enrol_responses,
};

const struct api_rule rule_me = {
	.verb = VERB_ME, .handle = api_me, .id = "readMe", .tag = "People", .summary = "Who is signed in, and what they looked at",
	.description = "`exposure` is shown to the person alone.", .responses = me_responses,
};

const struct api_rule rule_me_change = {
	.verb = VERB_ME, .harmless = true, .handle = api_me_change, .id = "changeMe", .tag = "People",
	.summary = "Choose a language, decline kinds of content, change the passphrase",
	.description = "Kinds of content are declined without a reason, and nobody else sees which. With another passphrase all "
		"sessions end; this browser gets a new one, whose `csrf` is in the answer.",
	.body_schema = SCHEMA("MeChange"), .example = "{\"language\":\"ar\",\"declined\":[\"threat\"]}",
	.responses = me_responses,
};

const struct api_rule rule_user_list = {
	.verb = VERB_USER_READ, .handle = api_user_list, .id = "listUsers", .tag = "People", .summary = "The people who work on this node",
	.parameters = list_parameters, .responses = list_responses,
};

const struct api_rule rule_user_create = {
	.verb = VERB_USER_CHANGE, .handle = api_user_create, .id = "inviteUser", .tag = "People",
	.summary = "Invite somebody",
	.description = "The invitation is good once, within 72 hours; hand it over by a way that you trust.",
	.body_schema = SCHEMA("NewUser"), .example = "{\"name\":\"amal\",\"role\":\"reviewer\",\"language\":\"ar\"}",
	.responses = made_responses,
};

const struct api_rule rule_user_change = {
	.verb = VERB_USER_CHANGE, .handle = api_user_change, .id = "changeUser", .tag = "People",
	.summary = "Change somebody's role or banks, disable, unlock or invite them anew",
	.description = "Another role, other banks, disabling and `reset` end all sessions of the person at once. `reset` voids "
		"passphrase and authenticator and gives an invitation. Nobody does any of this to themselves.",
	.parameters = user_parameters, .body_schema = SCHEMA("UserChange"), .example = "{\"enabled\":false}",
	.responses = changed_responses,
};
/* clang-format on */
