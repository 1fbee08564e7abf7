/* Every command, a line each, in the order in which help lists them: the way a newcomer meets them. */
#include "cli/registry.h"

#include "base/check.h"

#include <string.h>

static const struct command *const bank_commands[] = {
	&command_bank_create,
	&command_bank_list,
	&command_bank_show,
	&command_bank_set,
	&command_bank_effect,
	&command_bank_remove,
	NULL,
};

static const char *const bank_usage[] = {"create|list|show|set|effect|remove ...", NULL};

static const struct command command_bank = {
	.name = "bank",
	.summary = "make, list, show, change and remove banks",
	.usage = bank_usage,
	.description = "A bank is a named set of known items. What its matches mean on this node "
		       "is its mode: shadow "
		       "(only counted), review (a person looks) or block.",
	.children = bank_commands,
};

static const struct command *const entry_commands[] = {
	&command_entry_list,
	&command_entry_show,
	&command_entry_find,
	&command_entry_set,
	&command_entry_erase,
	NULL,
};

static const char *const entry_usage[] = {"list|show|find|set|erase ...", NULL};

static const struct command command_entry = {
	.name = "entry",
	.summary = "list, show, find, change and erase entries",
	.usage = entry_usage,
	.description = "An entry is one known item of a bank, with its signals and what is said of "
		       "it. 'hilf add' and 'hilf import' make entries, 'hilf withdraw' ends them.",
	.children = entry_commands,
};

static const struct command *const opinion_commands[] = {
	&command_opinion_give,
	&command_opinion_list,
	NULL,
};

static const char *const opinion_usage[] = {"give|list ...", NULL};

static const struct command command_opinion = {
	.name = "opinion",
	.summary = "say and read what members think of entries",
	.usage = opinion_usage,
	.description = "A member may confirm or dispute an entry of any bank, or say that it was "
		       "seen. What anybody disputes never blocks.",
	.children = opinion_commands,
};

static const struct command *const key_commands[] = {
	&command_key_create,
	&command_key_list,
	&command_key_revoke,
	NULL,
};

static const char *const key_usage[] = {"create|list|revoke ...", NULL};

static const struct command command_key = {
	.name = "key",
	.summary = "make, list and revoke API keys",
	.usage = key_usage,
	.description = "Who asks 'hilf serve' for something shows a key, which has a role and may be "
		       "limited to banks, to a day, to a rate and to a number of checks.",
	.children = key_commands,
};

static const struct command *const case_commands[] = {
	&command_case_list,
	&command_case_show,
	&command_case_people,
	NULL,
};

static const char *const case_usage[] = {"list|show|people ...", NULL};

static const struct command command_case = {
	.name = "case",
	.summary = "look at what people have to decide, and who decided",
	.usage = case_usage,
	.description = "What needs a person becomes a case: matches in review, users' reports, "
		       "disputes, appeals and a daily sample of automatic blocks. People work on "
		       "them in the console of 'hilf serve'.",
	.children = case_commands,
};

static const struct command *const decision_commands[] = {
	&command_decision_list,
	&command_decision_show,
	NULL,
};

static const char *const decision_usage[] = {"list|show ...", NULL};

static const struct command command_decision = {
	.name = "decision",
	.summary = "look at what people decided",
	.usage = decision_usage,
	.description = "A decision says what is done about the contents of a case, on what ground, "
		       "and what whoever is concerned is told. People decide in the console of "
		       "'hilf serve'; each block that hilf makes by itself is a decision as well.",
	.children = decision_commands,
};

static const struct command *const appeal_commands[] = {
	&command_appeal_list,
	&command_appeal_show,
	NULL,
};

static const char *const appeal_usage[] = {"list|show ...", NULL};

static const struct command command_appeal = {
	.name = "appeal",
	.summary = "look at what was appealed against",
	.usage = appeal_usage,
	.description = "Whoever is concerned by a decision can contest it with the code that came "
		       "with its statement. Another person than decided looks at it anew, in the "
		       "console of 'hilf serve'.",
	.children = appeal_commands,
};

static const struct command *const user_commands[] = {
	&command_user_create,
	&command_user_list,
	&command_user_set,
	&command_user_reset,
	&command_user_disable,
	&command_user_enable,
	&command_user_unlock,
	NULL,
};

static const char *const user_usage[] = {
	"create|list|set|reset|disable|enable|unlock ...", NULL};

static const struct command command_user = {
	.name = "user",
	.summary = "invite, list and change who signs in to the console",
	.usage = user_usage,
	.description = "People sign in to the console of 'hilf serve' with a passphrase and a code of "
		       "an authenticator app. They have a role, as API keys do.",
	.children = user_commands,
};

static const struct command *const webhook_commands[] = {
	&command_webhook_add,
	&command_webhook_list,
	&command_webhook_set,
	&command_webhook_remove,
	&command_webhook_deliveries,
	&command_webhook_replay,
	&command_webhook_test,
	NULL,
};

static const char *const webhook_usage[] = {
	"add|list|set|remove|deliveries|replay|test ...", NULL};

static const struct command command_webhook = {
	.name = "webhook",
	.summary = "have events posted to a URL",
	.usage = webhook_usage,
	.description = "'hilf serve' posts what happens to those who subscribed: what was blocked, "
		       "what was added and withdrawn, and which contents rested on an entry that is "
		       "no more.",
	.children = webhook_commands,
};

static const struct command *const vault_commands[] = {
	&command_vault_show,
	&command_vault_set,
	&command_vault_views,
	NULL,
};

static const char *const vault_usage[] = {"show|set|views ...", NULL};

static const struct command command_vault = {
	.name = "vault",
	.summary = "keep small previews for reviewers, sealed",
	.usage = vault_usage,
	.description = "hilf stores no media unless the operator turns its vault on. Then it keeps small "
		       "previews of what matched and of what is added, sealed with a key that is in "
		       "no backup, for a time, and records who looks at them.",
	.children = vault_commands,
};

static const struct command *const commands[] = {
	&command_bank,
	&command_add,
	&command_import,
	&command_export,
	&command_entry,
	&command_withdraw,
	&command_opinion,
	&command_match,
	&command_hash,
	&command_serve,
	&command_key,
	&command_user,
	&command_case,
	&command_decision,
	&command_appeal,
	&command_webhook,
	&command_vault,
	&command_stats,
	&command_index,
	&command_backup,
	&command_restore,
	&command_doctor,
	&command_fsck,
	&command_help,
	&command_completion,
	&command_version,
	NULL,
};

static const struct option_spec options[] = {
	{.name = "data",
		.value = "DIR",
		.completes = COMPLETES_DIR,
		.summary = "where hilf's data is, instead of $HILF_DATA or $XDG_DATA_HOME/hilf"},
	{.name = "json", .summary = "print one JSON object a line, for programs"},
	{.name = "quiet",
		.letter = 'q',
		.summary = "no progress bar and no notes, only results and trouble"},
	{.name = "insecure-decode",
		.summary =
			"decode pictures without the sandbox; for development, never for uploads"},
	{.name = "helpers",
		.value = "DIR",
		.completes = COMPLETES_DIR,
		.hidden = true,
		.summary = "where hilf's helper programs are"},
	{.name = "help", .letter = 'h', .summary = "say what a command does and takes"},
	{.name = "version", .summary = "say which hilf this is"},
	{0},
};

static const char *const usage[] = {"COMMAND [OPTION|OPERAND]...", NULL};

static const struct example examples[] = {
	{"bank create known", "Make a bank."},
	{"add known pictures/", "Put what you know into it."},
	{"match uploads/", "Compare what came in."},
	{0},
};

const struct command cli_root = {
	.name = "hilf",
	.summary = "recognise known terrorist propaganda before it reaches people",
	.usage = usage,
	.description = "hilf recognises known terrorist propaganda at upload. You keep banks of "
		       "what is known; hilf tells "
		       "whether a picture is one of them, also after it was scaled, turned, "
		       "mirrored or recompressed.",
	.options = options,
	.examples = examples,
	.statuses = "0 when it is done, 2 when there was trouble, which standard error explains. "
		    "'hilf match' has one "
		    "more: 1 when nothing matched.",
	.children = commands,
};

const struct option_spec *command_options(const struct command *command)
{
	return command->make_options ? command->make_options() : command->options;
}

const struct command *command_child(const struct command *parent, const char *name)
{
	for (const struct command *const *child = parent->children; child && *child; child++)
		if (!strcmp((*child)->name, name))
			return *child;
	return NULL;
}

/* The parent, searched from above: entries are const and do not know theirs. */
static const struct command *parent_of(const struct command *above, const struct command *command)
{
	for (const struct command *const *child = above->children; child && *child; child++) {
		if (*child == command)
			return above;
		const struct command *found = parent_of(*child, command);
		if (found)
			return found;
	}
	return NULL;
}

void command_path(const struct command *command, char *ret_text, size_t room)
{
	const struct command *parent = parent_of(&cli_root, command);
	ASSERT(room >= COMMAND_PATH_MAX);
	ret_text[0] = '\0';
	if (!parent)
		return;
	command_path(parent, ret_text, room);
	if (*ret_text)
		strncat(ret_text, " ", room - strlen(ret_text) - 1);
	strncat(ret_text, command->name, room - strlen(ret_text) - 1);
}
