/* hilf doctor: does this machine have what hilf needs, and what to do where it has not. */
#include "cli/cli.h"
#include "cli/findings.h"
#include "cli/options.h"
#include "cli/registry.h"

static int run(struct cli *cli, const struct arguments *arguments)
{
	struct findings findings;
	struct hilf_options options;
	struct hilf_err err = {0};
	(void)arguments;
	if (cli_options(cli, CLI_WRITE | CLI_DECODE, "doctor", &options))
		return STATUS_TROUBLE;
	findings_begin(&findings, cli);
	if (!cli->helper_dir)
		findings_take("problem", "helpers",
			"the helper programs are not beside hilf and not in " HILF_LIBEXECDIR
			"; install hilf whole ('make install')",
			&findings);
	int rc = hilf_doctor(&options, findings_take, &findings, &err);
	findings_end(&findings);
	if (rc && rc != HILF_E_STOPPED)
		return cli_fail(cli, &err);
	if (findings.problems)
		cli_say(cli, "%u problem%s: see what is said there", findings.problems,
			findings.problems == 1 ? "" : "s");
	return findings.problems ? STATUS_TROUBLE : STATUS_FINE;
}

static const char *const usage[] = {"", NULL};

const struct command command_doctor = {
	.name = "doctor",
	.summary = "check that this machine has what hilf needs",
	.usage = usage,
	.description = "Tries the helper programs, the walls of the sandbox, the data folder and "
		       "the clock, and prints a line for "
		       "each: its level (ok, note, warning, problem), what was tried, and what was "
		       "found, with what to do about it.",
	.statuses = "0 when there is no problem, 2 when there is one.",
	.run = run,
};
