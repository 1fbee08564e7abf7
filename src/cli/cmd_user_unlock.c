/* hilf user unlock: failures of signing in are forgiven. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "cli/user_view.h"

static int run(struct cli *cli, const struct arguments *arguments)
{
	const struct person_change change = {.unlock = true};
	return user_view_change(
		cli, arguments, "user unlock", &change, "may try to sign in again at once");
}

static const char *const usage[] = {"NAME", NULL};
static const struct operand_spec operands[] = {{.name = "NAME"}, {0}};

const struct command command_user_unlock = {
	.name = "unlock",
	.summary = "let somebody try to sign in again at once",
	.usage = usage,
	.description =
		"After five failures a name has to wait before it is tried again, and longer each "
		"time, up to a quarter of an hour. This forgives what was wrong until now.",
	.operands = operands,
	.run = run,
};
