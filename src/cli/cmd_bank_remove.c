/* hilf bank remove: the bank and all its entries, for good; a person is asked first. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

/* Removing cannot be taken back, so whoever types it types the name again. A program is not asked. */
static bool is_meant(const struct hilf_bank *bank)
{
	char answer[HILF_BANK_NAME_MAX + 2] = "";
	fprintf(stderr,
		"This withdraws %llu entr%s of bank '%s' for good. Type the bank's name to go on: ",
		(unsigned long long)bank->entry_count, bank->entry_count == 1 ? "y" : "ies",
		bank->name);
	if (!fgets(answer, sizeof answer, stdin))
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	return !strcmp(answer, bank->name);
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *name = arguments->operands[0];
	struct hilf_bank bank;
	struct hilf_err err = {0};
	int status = cli_open(cli, CLI_WRITE, "bank remove");
	if (status)
		return status;
	if (hilf_bank_get(cli->hilf, name, &bank, &err))
		return cli_fail_bank(cli, name, &err);
	if (cli->in_is_terminal && cli->err_is_terminal && bank.entry_count &&
		!arguments_flag(arguments, "yes") && !is_meant(&bank)) {
		cli_say(cli, "bank '%s' was left as it is", name);
		return STATUS_TROUBLE;
	}
	if (hilf_bank_remove(cli->hilf, name, &err))
		return cli_fail_bank(cli, name, &err);
	if (cli->json) {
		struct buf *buf = &cli->out.buf;
		buf_char(buf, '{');
		json_put_key(buf, "bank");
		json_put_text(buf, bank.name);
		json_put_key(buf, "gid");
		json_put_text(buf, bank.gid);
		json_put_key(buf, "withdrawn");
		json_put_integer(buf, (int64_t)bank.entry_count);
		buf_text(buf, "}\n");
		return STATUS_FINE;
	}
	cli_note(cli, "bank '%s' is removed; %llu entr%s withdrawn", name,
		(unsigned long long)bank.entry_count, bank.entry_count == 1 ? "y was" : "ies were");
	return STATUS_FINE;
}

static const char *const usage[] = {"NAME [--yes]", NULL};
static const struct option_spec options[] = {
	{.name = "yes", .letter = 'y', .summary = "do not ask; a program is never asked"},
	{0},
};
static const struct operand_spec operands[] = {{"NAME", COMPLETES_BANK}, {0}};

const struct command command_bank_remove = {
	.name = "remove",
	.summary = "remove a bank and withdraw its entries",
	.usage = usage,
	.description = "Removes the bank and withdraws all its entries, which is final: what is to "
		       "be known again has to be added "
		       "again. At a terminal hilf asks for the bank's name before it does so. "
		       "'hilf export' keeps a copy.",
	.options = options,
	.operands = operands,
	.run = run,
};
