/* hilf backup: store and key into a folder, while others write. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "wire/json.h"

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *to = arguments->operands[0];
	struct hilf_err err = {0};
	int status = cli_open(cli, CLI_READ, "backup");
	if (status)
		return status;
	if (hilf_backup(cli->hilf, to, &err))
		return cli_fail(cli, &err);
	if (cli->json) {
		struct buf *buf = &cli->out.buf;
		buf_char(buf, '{');
		json_put_key(buf, "backup");
		json_put_text(buf, to);
		buf_text(buf, "}\n");
		return STATUS_FINE;
	}
	cli_note(cli,
		"the backup '%s' is made and checked; it holds the node's key, so keep it where "
		"nobody else can read it",
		to);
	return STATUS_FINE;
}

static const char *const usage[] = {"DIR", NULL};
static const struct operand_spec operands[] = {{"DIR", COMPLETES_DIR}, {0}};
static const struct example examples[] = {
	{"backup /backup/hilf-$(date +%F)", "A folder a day."},
	{0},
};

const struct command command_backup = {
	.name = "backup",
	.summary = "write a checked copy of data and key into a new folder",
	.usage = usage,
	.description =
		"Copies the store as it is at one moment, and the node's key, into DIR, which must "
		"not "
		"be there. Whoever reads and writes meanwhile goes on. Every record of the copy is "
		"verified before DIR gets its name, so a folder of that name is a whole backup.\n\n"
		"The snapshot of the index is no part of it; it is made anew. 'hilf restore' makes "
		"a "
		"data folder from it.",
	.operands = operands,
	.examples = examples,
	.run = run,
};
