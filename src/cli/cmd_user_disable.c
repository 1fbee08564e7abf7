/* hilf user disable: somebody signs in no more. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "cli/user_view.h"

static int run(struct cli *cli, const struct arguments *arguments)
{
	const struct person_change change = {.set_enabled = true};
	return user_view_change(
		cli, arguments, "user disable", &change, "is disabled, and signed out everywhere");
}

static const char *const usage[] = {"NAME", NULL};
static const struct operand_spec operands[] = {{.name = "NAME"}, {0}};

const struct command command_user_disable = {
	.name = "disable",
	.summary = "let somebody sign in no more",
	.usage = usage,
	.description = "Ends all sessions of somebody at once, and any invitation, and lets them "
		       "sign in no more. What they decided stays. A service that runs on the data "
		       "notices within a tenth of a second.",
	.operands = operands,
	.run = run,
};
