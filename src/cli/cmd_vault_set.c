/* hilf vault set: whether previews are kept. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "engine/desk_settings.h"

#include <string.h>

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *word = arguments->operands[0];
	bool on = strcmp(word, "on") == 0;
	struct hilf_err err = {0};
	if (!on && strcmp(word, "off") != 0)
		return cli_usage(cli, "say on or off, not '%s'", word);
	int status = cli_open(cli, CLI_WRITE, "vault set");
	if (status)
		return status;
	if (desk_setting_set(cli->hilf, DESK_VAULT, on, &err))
		return cli_fail(cli, &err);
	cli_note(cli, on ? "previews are kept from now on; their key will be vault.key in the data "
			   "folder, which is in no backup: keep it elsewhere, too"
			 : "no more previews are kept; those that are there go at their time, or "
			   "with their entry");
	return STATUS_FINE;
}

static const char *const usage[] = {"on|off", NULL};
static const struct operand_spec operands[] = {{.name = "ON"}, {0}};

const struct command command_vault_set = {
	.name = "set",
	.summary = "turn the vault of previews on or off",
	.usage = usage,
	.description = "With the vault on, a small preview (a JPEG of 320 pixels a side and 32 kB "
		       "at most) is "
		       "kept of content that is checked by its file, has a content_id and matches, "
		       "and of each "
		       "entry that is added by its file: sealed, for 30 days, or six months where "
		       "a decision "
		       "preserves it. Reviewers see them in the console, and every view is "
		       "recorded. It is off "
		       "unless somebody turns it on.",
	.operands = operands,
	.run = run,
};
