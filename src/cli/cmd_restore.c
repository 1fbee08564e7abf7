/* hilf restore: a data folder from a backup. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "wire/json.h"

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *from = arguments->operands[0];
	struct hilf_options options;
	struct hilf_err err = {0};
	int status = cli_options(cli, CLI_WRITE, "restore", &options);
	if (status)
		return status;
	if (hilf_restore(from, options.data_dir, &err))
		return cli_fail(cli, &err);
	if (cli->json) {
		struct buf *buf = &cli->out.buf;
		buf_char(buf, '{');
		json_put_key(buf, "data");
		json_put_text(buf, options.data_dir);
		buf_text(buf, "}\n");
		return STATUS_FINE;
	}
	cli_note(cli, "'%s' is as the backup '%s' was; what was written after it is not there",
		options.data_dir, from);
	return STATUS_FINE;
}

static const char *const usage[] = {"FROM", NULL};
static const struct operand_spec operands[] = {{"FROM", COMPLETES_DIR}, {0}};
static const struct example examples[] = {
	{"restore /backup/hilf-2026-11-21 --data /var/lib/hilf", "Begin again from a backup."},
	{0},
};

const struct command command_restore = {
	.name = "restore",
	.summary = "make the data folder from a backup",
	.usage = usage,
	.description =
		"Makes the data folder that --data names, in which there must be no data, from the "
		"backup in FROM, after verifying every record of it and the digest of every "
		"file.\n\n"
		"Two nodes must never write with the same key: restore where the first one is "
		"gone. "
		"Nodes that follow it and have records that the backup lacks must begin anew, with "
		"an "
		"empty folder.",
	.operands = operands,
	.examples = examples,
	.run = run,
};
