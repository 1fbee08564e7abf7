/* hilf user create: invites somebody to the console. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "cli/user_view.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static int create(struct cli *cli, const struct person *person, const char *url)
{
	struct invitation invitation;
	struct person made;
	struct hilf_err err = {0};
	int status = cli_open(cli, CLI_WRITE | CLI_CREATE, "user create");
	if (status)
		return status;
	if (person_create(cli->hilf, person, &invitation, &made, &err))
		return cli_fail(cli, &err);
	if (cli->json)
		user_view_json(&cli->out.buf, &made, &invitation, url);
	else
		user_view_invitation(cli, &made, &invitation, url);
	sodium_memzero(&invitation, sizeof invitation);
	return STATUS_FINE;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *role = arguments_value(arguments, "role");
	const char *language = arguments_value(arguments, "language");
	const char *banks[PERSON_BANKS_MAX];
	struct person person = {.banks = banks};
	struct hilf_err err = {0};
	if (!role)
		return cli_usage(cli, "say what they may do: --role reviewer, curator, operator or "
				      "auditor");
	if (arguments_count(arguments, "bank") > PERSON_BANKS_MAX)
		return cli_usage(cli, "a person is limited to %d banks at most", PERSON_BANKS_MAX);
	if (strlen(arguments->operands[0]) > PERSON_NAME_MAX)
		return cli_usage(cli, "a name has %d bytes at most", PERSON_NAME_MAX);
	if (role_parse(role, &person.role, &err))
		return cli_usage(cli, "%s", err.text);
	for (const char *bank; (bank = arguments_nth(arguments, "bank", person.bank_count));)
		banks[person.bank_count++] = bank;
	snprintf(person.name, sizeof person.name, "%s", arguments->operands[0]);
	snprintf(person.language, sizeof person.language, "%s", language ? language : "");
	return create(cli, &person, arguments_value(arguments, "url"));
}

static const char *const usage[] = {
	"NAME --role ROLE [--bank BANK]... [--language LANG] [--url URL]", NULL};

static const struct option_spec options[] = {
	{.name = "role",
		.value = "ROLE",
		.completes = COMPLETES_CHOICE,
		.choices = user_view_roles,
		.summary = "what they may do"},
	{.name = "bank",
		.value = "BANK",
		.completes = COMPLETES_BANK,
		.repeats = true,
		.summary = "a bank that they are limited to; all if none is named"},
	{.name = "language",
		.value = "LANG",
		.completes = COMPLETES_CHOICE,
		.choices = user_view_languages,
		.summary = "in which the console greets them; they can choose another"},
	{.name = "url", .value = "URL", .summary = "where the console is, for a link to click on"},
	{0},
};

static const struct operand_spec operands[] = {{.name = "NAME"}, {0}};

static const struct example examples[] = {
	{"user create amal --role reviewer --language ar", "For somebody at the review desk."},
	{"user create jo --role operator --url https://hilf.example",
		"For somebody who runs the node, with a link."},
	{0},
};

const struct command command_user_create = {
	.name = "create",
	.summary = "invite somebody to the console",
	.usage = usage,
	.description =
		"Makes an account for the console of 'hilf serve' and prints an invitation. "
		"Whoever "
		"opens it within 72 hours scans a code with an authenticator app and chooses a "
		"passphrase, and signs in with both from then on. NAME is what they sign in "
		"with.\n\n"
		"A reviewer decides cases. A curator fills banks. An operator may do everything, "
		"other people's accounts included. An auditor reads everything but who uploaded, "
		"and changes nothing.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.run = run,
};
