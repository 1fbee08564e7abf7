/* hilf user set: another role, other banks, another language. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "cli/user_view.h"

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *role = arguments_value(arguments, "role");
	const char *banks[PERSON_BANKS_MAX];
	struct person_change change = {.banks = banks};
	struct hilf_err err = {0};
	bool all = arguments_flag(arguments, "all-banks");
	if (arguments_count(arguments, "bank") > PERSON_BANKS_MAX)
		return cli_usage(cli, "a person is limited to %d banks at most", PERSON_BANKS_MAX);
	for (const char *bank; (bank = arguments_nth(arguments, "bank", change.bank_count));)
		banks[change.bank_count++] = bank;
	if (all && change.bank_count)
		return cli_usage(cli, "--bank and --all-banks contradict each other");
	change.set_banks = all || change.bank_count;
	change.set_role = role != NULL;
	if (role && role_parse(role, &change.role, &err))
		return cli_usage(cli, "%s", err.text);
	change.language = arguments_value(arguments, "language");
	change.set_language = change.language != NULL;
	if (!change.set_banks && !change.set_role && !change.set_language)
		return cli_usage(cli, "what shall change? Say --role, --bank, --all-banks or "
				      "--language");
	return user_view_change(cli, arguments, "user set", &change, "is changed");
}

static const char *const usage[] = {
	"NAME [--role ROLE] [--bank BANK]...|--all-banks [--language LANGUAGE]", NULL};

static const struct option_spec options[] = {
	{.name = "role",
		.value = "ROLE",
		.completes = COMPLETES_CHOICE,
		.choices = user_view_roles,
		.summary = "what they may do from now on"},
	{.name = "bank",
		.value = "BANK",
		.completes = COMPLETES_BANK,
		.repeats = true,
		.summary =
			"a bank that they are limited to; those that are named take the place of "
			"all there were"},
	{.name = "all-banks", .summary = "limited to none"},
	{.name = "language",
		.value = "LANGUAGE",
		.completes = COMPLETES_CHOICE,
		.choices = user_view_languages,
		.summary = "in which the console greets them"},
	{0},
};

static const struct operand_spec operands[] = {{.name = "NAME"}, {0}};

static const struct example examples[] = {
	{"user set amal --role curator --bank known", "Another role, for one bank alone."},
	{0},
};

const struct command command_user_set = {
	.name = "set",
	.summary = "change somebody's role, banks or language",
	.usage = usage,
	.description =
		"Changes the account of somebody, named by name or id. With another role or other "
		"banks they are signed out everywhere at once.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.run = run,
};
