/* hilf serve: the service. Its options are the settings' table of proc/config, so the line, the file and the manual agree. */
#include "base/check.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "proc/serve.h"

#include <string.h>

#define SETTINGS_MAX 100
#define GIVEN_MAX    1000

/* Of the command alone. */
static const struct option_spec own[] = {
	{.name = "config",
		.value = "FILE",
		.completes = COMPLETES_FILE,
		.summary = "read settings from a file; what the line says wins"},
	{.name = "print-config", .summary = "print such a file with every default explained"},
};

/* What stands first in help; all other settings follow in the order of their table. */
static const char *const first[] = {"listen", "hma", "open", "follow", "fetch-allow"};

static void add(struct option_spec *spec, const struct config_row *row)
{
	*spec = (struct option_spec){.name = row->name,
		.value = row->type == CONFIG_FLAG ? NULL
			 : row->value             ? row->value
						  : "VALUE",
		.summary = row->help,
		.completes = row->choices  ? COMPLETES_CHOICE
			     : row->file   ? COMPLETES_FILE
			     : row->folder ? COMPLETES_DIR
					   : COMPLETES_NOTHING,
		.choices = row->choices,
		.repeats = row->type == CONFIG_LIST};
}

static bool is_first(const struct config_row *row)
{
	for (size_t i = 0; i < COUNT_OF(first); i++)
		if (!strcmp(first[i], row->name))
			return true;
	return false;
}

static const struct option_spec *make_options(void)
{
	static struct option_spec options[SETTINGS_MAX];
	size_t count = 0;
	if (options[0].name)
		return options;
	for (size_t i = 0; i < COUNT_OF(first); i++)
		for (const struct config_row *row = config_rows; row->name; row++)
			if (!strcmp(first[i], row->name))
				add(&options[count++], row);
	for (size_t i = 0; i < COUNT_OF(own); i++)
		options[count++] = own[i];
	for (const struct config_row *row = config_rows; row->name; row++) {
		ASSERT(count + 1 < SETTINGS_MAX);
		if (!is_first(row))
			add(&options[count++], row);
	}
	return options;
}

/* The settings among the options, in the order of the line. */
static size_t collect(const struct arguments *arguments, struct config_given *given)
{
	size_t count = 0;
	for (size_t i = 0; i < arguments->given_count && count < GIVEN_MAX; i++)
		for (const struct config_row *row = config_rows; row->name; row++)
			if (!strcmp(row->name, arguments->given[i].spec->name))
				given[count++] =
					(struct config_given){row, arguments->given[i].value};
	return count;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static struct config_given given[GIVEN_MAX];
	struct hilf_err err = {0};
	if (arguments_flag(arguments, "print-config")) {
		config_print(&cli->out.buf);
		return STATUS_FINE;
	}
	if (!cli->data_dir) {
		cli_say(cli, "no data folder: HOME is not set; say --data DIR, or set HILF_DATA");
		return STATUS_TROUBLE;
	}
	if (!cli->helper_dir) {
		cli_say(cli, "hilf's helper programs are not where they belong; install hilf whole "
			     "('make install')");
		return STATUS_TROUBLE;
	}
	const struct serve_options options = {
		.data_dir = cli->data_dir,
		.helper_dir = cli->helper_dir,
		.insecure_decode = cli->insecure_decode,
		.config_file = arguments_value(arguments, "config"),
		.given = given,
		.given_count = collect(arguments, given),
		.out_is_terminal = cli->out_is_terminal,
	};
	return serve_run(&options, &err) ? cli_fail(cli, &err) : STATUS_FINE;
}

static const char *const usage[] = {"[--listen ADDR]... [--config FILE] [SETTING]...",
	"--follow URL [--follow-key FILE] [SETTING]...", "--print-config", NULL};

static const struct example examples[] = {
	{"serve --open", "Try it: http://127.0.0.1:5100 is the console, without signing in."},
	{"serve --config /etc/hilf/hilf.conf", "As the unit of systemd does."},
	{"serve --listen 10.0.0.2:5100 --tls-cert cert.pem --tls-key key.pem",
		"For other machines, with keys and TLS."},
	{"serve --hma 127.0.0.1:5101 --hma-open",
		"For clients of Hasher-Matcher-Actioner, which know no keys."},
	{"serve --follow https://hilf-1.example:5100 --follow-key leader.key",
		"A second node that has all that the first one has."},
	{0},
};

const struct command command_serve = {
	.name = "serve",
	.summary = "answer over HTTP",
	.usage = usage,
	.description =
		"Runs until it is asked to stop. The console is at /, the native API under /v1, "
		"its page at "
		"/docs, figures for Prometheus at /metrics, and /healthz and /readyz are for "
		"whoever "
		"watches. Commands work beside it as ever, on the same data.\n\n"
		"A node without keys makes an operator's when it starts: it is shown once on a "
		"terminal, else it is in the file 'first-key' of the data folder.\n\n"
		"SIGHUP has settings and certificates read again; what cannot be changed without a "
		"start is named in the log. SIGTERM ends requests under way, writes a snapshot of "
		"the index, and ends; a second one ends at once, which loses nothing that was "
		"acknowledged. Every setting can stand in the file as well, without its dashes.",
	.make_options = make_options,
	.examples = examples,
	.run = run,
};
