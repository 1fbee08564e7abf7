/* hilf user reset: a new passphrase and a new authenticator. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "cli/user_view.h"

static int run(struct cli *cli, const struct arguments *arguments)
{
	const struct person_change change = {.reset = true};
	return user_view_change(cli, arguments, "user reset", &change, "has to enrol again");
}

static const char *const usage[] = {"NAME [--url URL]", NULL};

static const struct option_spec options[] = {
	{.name = "url", .value = "URL", .summary = "where the console is, for a link to click on"},
	{0},
};
static const struct operand_spec operands[] = {{.name = "NAME"}, {0}};

const struct command command_user_reset = {
	.name = "reset",
	.summary = "void passphrase and authenticator, and invite anew",
	.usage = usage,
	.description = "For a lost phone, a forgotten passphrase, or one that somebody else may "
		       "know: both are void at once, all sessions end, and an invitation to choose "
		       "new ones is printed.",
	.options = options,
	.operands = operands,
	.run = run,
};
