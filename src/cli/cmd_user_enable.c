/* hilf user enable: somebody may sign in again. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "cli/user_view.h"

static int run(struct cli *cli, const struct arguments *arguments)
{
	const struct person_change change = {.set_enabled = true, .enabled = true};
	return user_view_change(cli, arguments, "user enable", &change, "may sign in again");
}

static const char *const usage[] = {"NAME [--url URL]", NULL};

static const struct option_spec options[] = {
	{.name = "url", .value = "URL", .summary = "where the console is, for a link to click on"},
	{0},
};
static const struct operand_spec operands[] = {{.name = "NAME"}, {0}};

const struct command command_user_enable = {
	.name = "enable",
	.summary = "let somebody sign in again",
	.usage = usage,
	.description = "Lets somebody who was disabled sign in again, with the passphrase and the "
		       "authenticator that they had. Who never enrolled gets a new invitation.",
	.options = options,
	.operands = operands,
	.run = run,
};
