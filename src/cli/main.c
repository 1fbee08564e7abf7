/* hilf, the program: find the command that the line names, read its options by its table, run it, and end with the
 * status that the world expects. */
#include "base/nearest.h"
#include "cli/cli.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/places.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A program may be started without its three streams; a database must not be opened in their place. What should be
 * written to gets a descriptor that refuses writing. */
static void keep_standard_streams(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0)
			_exit(STATUS_TROUBLE);
}

static int no_such_command(struct cli *cli, const struct command *parent, const char *word)
{
	char path[COMMAND_PATH_MAX];
	struct nearest nearest;
	nearest_init(&nearest, word);
	command_path(parent, path, sizeof path);
	for (const struct command *const *child = parent->children; *child; child++)
		nearest_try(&nearest, (*child)->name);
	if (nearest.best)
		cli_say(cli, "there is no command '%s%s%s'; did you mean 'hilf %s%s%s'?", path,
			*path ? " " : "", word, path, *path ? " " : "", nearest.best);
	else
		cli_say(cli, "there is no command '%s%s%s'; 'hilf help%s%s' lists all", path,
			*path ? " " : "", word, *path ? " " : "", path);
	return STATUS_TROUBLE;
}

/* Reads the line into cli->command and arguments; 0 or STATUS_TROUBLE. */
static int read_line(struct cli *cli, struct arguments *arguments, int count, char **argv)
{
	struct hilf_err err = {0};
	int used = 0;
	arguments->common = cli_root.options;
	while (cli->command->children) {
		if (arguments_read(arguments, count, argv, true, &used, &err))
			return cli_usage(cli, "%s%s", err.text,
				cli->command == &cli_root && count > 1
					? "; options of a command go behind its name"
					: "");
		argv += used;
		count -= used;
		if (!count)
			return 0;
		const struct command *child = command_child(cli->command, argv[0]);
		if (!child)
			return no_such_command(cli, cli->command, argv[0]);
		cli->command = child;
		argv++;
		count--;
	}
	arguments->own = command_options(cli->command);
	if (arguments_read(arguments, count, argv, false, &used, &err))
		return cli_usage(cli, "%s", err.text);
	return 0;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	struct hilf_err err = {0};
	if (arguments_flag(arguments, "help")) {
		help_command(&cli->out.buf, cli->command);
		return STATUS_FINE;
	}
	if (arguments_flag(arguments, "version")) {
		buf_format(&cli->out.buf, "hilf %s\n", HILF_VERSION);
		return STATUS_FINE;
	}
	if (cli->command == &cli_root) {
		help_overview(&cli->out.buf);
		return STATUS_FINE;
	}
	if (cli->command->children)
		return cli_usage(cli, "'hilf %s' wants to know what to do: %s", cli->command->name,
			cli->command->usage[0]);
	if (arguments_check_operands(arguments, cli->command->operands, &err)) {
		char path[COMMAND_PATH_MAX];
		command_path(cli->command, path, sizeof path);
		return cli_usage(cli, "%s: hilf %s%s%s", err.text, path,
			*cli->command->usage[0] ? " " : "", cli->command->usage[0]);
	}
	cli->json = arguments_flag(arguments, "json");
	cli->quiet = arguments_flag(arguments, "quiet");
	cli->insecure_decode = arguments_flag(arguments, "insecure-decode");
	cli->progress.enabled = !cli->quiet && cli->err_is_terminal;
	cli->data_dir = arguments_value(arguments, "data");
	if (!cli->data_dir)
		cli->data_dir = cli->data_dir_made = places_data();
	cli->helper_dir = arguments_value(arguments, "helpers");
	if (!cli->helper_dir)
		cli->helper_dir = cli->helper_dir_made = places_helpers();
	if (cli->insecure_decode)
		cli_say(cli, "WARNING: --insecure-decode: pictures are decoded WITHOUT the "
			     "sandbox; a hostile file "
			     "can take over this account; never use it on uploads");
	return cli->command->run(cli, arguments);
}

/* What could not be written is trouble, except that nobody reads any more. */
static int finish_output(struct cli *cli, int status)
{
	out_flush(&cli->out);
	if (cli->out.sys && cli->out.sys != EPIPE) {
		progress_hide(&cli->progress);
		fprintf(stderr,
			"hilf: cannot write the results: %s; what was to be done is done as far as "
			"it "
			"was said\n",
			strerror(cli->out.sys));
		status = STATUS_TROUBLE;
	}
	return status;
}

int main(int argc, char **argv)
{
	struct cli cli = {.command = &cli_root, .out = {.fd = STDOUT_FILENO}};
	struct arguments arguments = {0};
	keep_standard_streams();
	cli_catch_signals();
	cli.out_is_terminal = isatty(STDOUT_FILENO);
	if (cli.out_is_terminal)
		cli.out.bar = &cli.progress;
	cli.in_is_terminal = isatty(STDIN_FILENO);
	cli.err_is_terminal = isatty(STDERR_FILENO);
	int status = argc > 0 ? read_line(&cli, &arguments, argc - 1, argv + 1) : STATUS_TROUBLE;
	if (!status)
		status = run(&cli, &arguments);
	progress_end(&cli.progress);
	status = finish_output(&cli, status);
	int end = cli_stop_signal();
	if (!end && cli.out.sys == EPIPE)
		end = SIGPIPE;
	cli_free(&cli);
	arguments_free(&arguments);
	if (end) {
		/* Ended by the signal, as a shell wants to see it. */
		signal(end, SIG_DFL);
		raise(end);
	}
	return status;
}
