/* hilf fsck: is every record what was signed, and is what hilf knows what the records say. */
#include "cli/cli.h"
#include "cli/findings.h"
#include "cli/options.h"
#include "cli/registry.h"

static int run(struct cli *cli, const struct arguments *arguments)
{
	bool check_only = arguments_flag(arguments, "check");
	struct findings findings;
	struct hilf_options options;
	struct hilf_err err = {0};
	uint64_t problems = 0;
	if (cli_options(cli, check_only ? CLI_READ : CLI_WRITE, "fsck", &options))
		return STATUS_TROUBLE;
	findings_begin(&findings, cli);
	int rc = hilf_fsck(&options, check_only, findings_take, &findings, &problems, &err);
	findings_end(&findings);
	if (rc == HILF_E_NOT_FOUND) {
		cli_say(cli,
			"there is no data in '%s' yet; 'hilf bank create NAME' begins it, --data "
			"DIR names another place",
			cli->data_dir);
		return STATUS_TROUBLE;
	}
	if (rc == HILF_E_STOPPED) {
		cli_say(cli, "stopped; nothing was changed");
		return STATUS_TROUBLE;
	}
	if (rc == HILF_E_CORRUPT) {
		/* The library's words send to hilf fsck. */
		cli_say(cli,
			"the database in '%s' is damaged so much that it cannot be checked; keep a "
			"copy of it and restore a backup",
			cli->data_dir);
		return STATUS_TROUBLE;
	}
	if (rc)
		return cli_fail(cli, &err);
	if (problems)
		cli_say(cli,
			"%llu problem%s could not be mended; keep a copy of '%s' before anything "
			"else",
			(unsigned long long)problems, problems == 1 ? "" : "s", cli->data_dir);
	return problems ? STATUS_TROUBLE : STATUS_FINE;
}

static const char *const usage[] = {"[--check]", NULL};
static const struct option_spec options[] = {
	{.name = "check", .summary = "only look; mend nothing"},
	{0},
};

const struct command command_fsck = {
	.name = "fsck",
	.summary = "check the records and mend what is derived from them",
	.usage = usage,
	.description = "Verifies the form and the signature of every record, derives what hilf "
		       "knows from them anew, and puts "
		       "that in place where it differs. Records themselves are never changed.",
	.options = options,
	.statuses = "0 when all is well or mended, 2 when a problem is left.",
	.run = run,
};
