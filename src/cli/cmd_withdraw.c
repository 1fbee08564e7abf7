/* hilf withdraw: an entry stops counting, at once and for good. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "wire/json.h"

#include <stdlib.h>
#include <string.h>

/* As it was named: by its number or by its global id. */
static void put_entry(struct buf *buf, const char *entry)
{
	if (strchr(entry, '-')) {
		cli_json_text(buf, "gid", entry);
		return;
	}
	json_put_key(buf, "entry");
	json_put_integer(buf, strtoll(entry, NULL, 10));
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *entry = arguments->operands[0], *reason = arguments_value(arguments, "reason");
	struct hilf_err err = {0};
	if (!reason || !*reason)
		return cli_usage(cli,
			"say why: --reason error, duplicate, appeal, dispute, court, expired or "
			"other, with a "
			"text behind it if you like: --reason 'error: the wrong picture'");
	if (cli_open(cli, CLI_WRITE, "withdraw"))
		return STATUS_TROUBLE;
	if (hilf_withdraw(cli->hilf, entry, reason, &err))
		return cli_fail(cli, &err);
	if (cli->json) {
		buf_char(&cli->out.buf, '{');
		put_entry(&cli->out.buf, entry);
		json_put_key(&cli->out.buf, "result");
		json_put_text(&cli->out.buf, "withdrawn");
		buf_text(&cli->out.buf, "}\n");
		return STATUS_FINE;
	}
	cli_note(cli, "entry %s is withdrawn; no query finds it any more", entry);
	return STATUS_FINE;
}

static const char *const usage[] = {"ENTRY --reason TEXT", NULL};

static const char *const reasons[] = {
	"error", "duplicate", "appeal", "dispute", "court", "expired", "other", NULL};

static const struct option_spec options[] = {
	{.name = "reason",
		.letter = 'r',
		.value = "TEXT",
		.completes = COMPLETES_SUCH_AS,
		.choices = reasons,
		.summary = "why: error, duplicate, appeal, dispute, court, expired or other; a "
			   "text may follow a colon"},
	{0},
};

static const struct operand_spec operands[] = {{"ENTRY", .optional = false}, {0}};

static const struct example examples[] = {
	{"withdraw 17 --reason error", "Entry 17 was a mistake."},
	{"withdraw 17 --reason 'appeal: it is the news report, not the film'",
		"With words that stay on this node."},
	{0},
};

const struct command command_withdraw = {
	.name = "withdraw",
	.summary = "take an entry out of force, for good",
	.usage = usage,
	.description = "Withdraws an entry, named by the number that 'hilf add' and 'hilf match' "
		       "print or by its global id. The "
		       "next query does not find it any more. Withdrawal is final: what is to be "
		       "known again is added anew and "
		       "gets another number.\n\n"
		       "The code of the reason becomes part of the record; a text behind it stays "
		       "on this node.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.run = run,
};
