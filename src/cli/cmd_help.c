/* hilf help: what --help prints, for whoever asks it this way; and the source of the man pages. */
#include "base/nearest.h"
#include "cli/cli.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/registry.h"

#include <string.h>

static int run(struct cli *cli, const struct arguments *arguments)
{
	const struct command *command = &cli_root;
	for (size_t i = 0; i < arguments->operand_count; i++) {
		const char *word = arguments->operands[i];
		const struct command *child = command_child(command, word);
		if (!child) {
			struct nearest nearest;
			nearest_init(&nearest, word);
			for (const struct command *const *near = command->children; near && *near;
				near++)
				nearest_try(&nearest, (*near)->name);
			if (nearest.best)
				return cli_usage(cli,
					"there is no command '%s'; did you mean '%s'?", word,
					nearest.best);
			return cli_usage(cli, "there is no command '%s'", word);
		}
		command = child;
	}
	if (arguments_flag(arguments, "man"))
		man_command(&cli->out.buf, command);
	else
		help_command(&cli->out.buf, command);
	return STATUS_FINE;
}

static const char *const usage[] = {"[COMMAND]...", NULL};

static const struct option_spec options[] = {
	{.name = "man", .summary = "print the man page's source (roff)"},
	{0},
};

static const struct operand_spec operands[] = {
	{"COMMAND", COMPLETES_COMMAND, .optional = true, .repeats = true},
	{0},
};

static const struct example examples[] = {
	{"help match", "What match does and takes."},
	{"help bank create", "A command of a noun."},
	{"help --man match | man -l -", "Read the man page without installing it."},
	{0},
};

const struct command command_help = {
	.name = "help",
	.summary = "say what a command does and takes",
	.usage = usage,
	.description = "Prints what a command does, its options, and examples. Without a command, "
		       "lists them all.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.run = run,
};
