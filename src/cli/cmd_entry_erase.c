/* hilf entry erase: the entry goes without a trace; a person is asked first. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

static bool is_meant(const char *entry)
{
	char answer[16] = "";
	fprintf(stderr,
		"This destroys what is known of entry %s here, for good. Type 'erase' to go on: ",
		entry);
	if (!fgets(answer, sizeof answer, stdin))
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	return !strcmp(answer, "erase");
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *entry = arguments->operands[0], *reason = arguments_value(arguments, "reason");
	struct hilf_err err = {0};
	uint64_t count = 0;
	if (!reason)
		return cli_usage(cli, "why? Say --reason TEXT, such as --reason court");
	int status = cli_open(cli, CLI_WRITE, "entry erase");
	if (status)
		return status;
	if (cli->in_is_terminal && cli->err_is_terminal && !arguments_flag(arguments, "yes") &&
		!is_meant(entry)) {
		cli_say(cli, "entry %s was left as it is", entry);
		return STATUS_TROUBLE;
	}
	if (hilf_entry_erase(cli->hilf, entry, reason, &count, &err))
		return cli_fail(cli, &err);
	if (cli->json) {
		struct buf *buf = &cli->out.buf;
		buf_char(buf, '{');
		json_put_key(buf, "entry");
		json_put_text(buf, entry);
		json_put_key(buf, "erased");
		json_put_integer(buf, (int64_t)count);
		buf_text(buf, "}\n");
		return STATUS_FINE;
	}
	cli_note(cli, "entry %s is erased; older backups still hold it", entry);
	return STATUS_FINE;
}

static const char *const usage[] = {"ENTRY --reason TEXT [--yes]", NULL};
static const struct option_spec options[] = {
	{.name = "reason",
		.value = "TEXT",
		.summary =
			"why: error, duplicate, appeal, dispute, court, expired or other; only the "
			"word is kept"},
	{.name = "yes", .letter = 'y', .summary = "do not ask; a program is never asked"},
	{0},
};
static const struct operand_spec operands[] = {{"ENTRY", COMPLETES_NOTHING}, {0}};

const struct command command_entry_erase = {
	.name = "erase",
	.summary = "withdraw an entry and destroy what is known of it",
	.usage = usage,
	.description =
		"Withdraws the entry and destroys its record: afterwards neither the database, its "
		"log, "
		"the snapshot of the index nor a new backup holds its signals, labels or notes. "
		"The "
		"signature and the public header stay, so that the feed can still be proved.\n\n"
		"Other entries of the same record are kept: they are added anew, with new numbers "
		"and "
		"ids. Everything is folded anew for it, which takes a minute for ten million "
		"entries, "
		"in which nobody else writes. Backups that were made before still hold the entry.",
	.options = options,
	.operands = operands,
	.run = run,
};
