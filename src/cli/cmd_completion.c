/* hilf completion: the script that teaches a shell this command line. */
#include "cli/cli.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/registry.h"

#include <string.h>

static const struct {
	const char *name;
	void (*write)(struct buf *buf);
} shells[] = {
	{"bash", completion_bash},
	{"zsh", completion_zsh},
	{"fish", completion_fish},
};

static int run(struct cli *cli, const struct arguments *arguments)
{
	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (!strcmp(arguments->operands[0], shells[i].name)) {
			shells[i].write(&cli->out.buf);
			return STATUS_FINE;
		}
	return cli_usage(cli, "there is completion for bash, zsh and fish, not for '%s'",
		arguments->operands[0]);
}

static const char *const usage[] = {"bash|zsh|fish", NULL};

static const char *const names[] = {"bash", "zsh", "fish", NULL};
static const struct operand_spec operands[] = {{"SHELL", COMPLETES_CHOICE, .choices = names}, {0}};

static const struct example examples[] = {
	{"completion bash > ~/.local/share/bash-completion/completions/hilf",
		"For bash, from the next shell on."},
	{"completion fish > ~/.config/fish/completions/hilf.fish", "For fish."},
	{0},
};

const struct command command_completion = {
	.name = "completion",
	.summary = "print a completion script for bash, zsh or fish",
	.usage = usage,
	.description = "Prints a script that lets a shell complete hilf's commands, options, "
		       "choices and the names of "
		       "banks. 'make install' puts them where the shells look.",
	.operands = operands,
	.examples = examples,
	.run = run,
};
