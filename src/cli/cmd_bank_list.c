/* hilf bank list: every bank, by name. */
#include "cli/bank_view.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "base/when.h"

struct list {
	struct cli *cli;
	struct table table;
	unsigned count;
};

static int take(const struct hilf_bank *bank, void *ctx)
{
	struct list *list = ctx;
	char day[WHEN_TEXT_SIZE];
	list->count++;
	if (list->cli->json) {
		bank_view_json(&list->cli->out.buf, bank);
		out_settle(&list->cli->out);
		return 0;
	}
	when_format_day(bank->created_ms, day);
	table_text(&list->table, bank->name);
	table_text(&list->table, hilf_mode_name(bank->mode));
	table_number(&list->table, bank->pdq_radius);
	table_number(&list->table, bank->entry_count);
	table_number(&list->table, bank->withdrawn_count);
	table_text(&list->table, bank->own ? "own" : "received");
	table_text(&list->table, day);
	return 0;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {
		"bank", "mode", ">pdq", ">entries", ">withdrawn", "owner", "created"};
	struct list list = {.cli = cli};
	struct hilf_err err = {0};
	(void)arguments;
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	table_init(&list.table, &cli->out, cli->out_is_terminal, headings, 7);
	int rc = hilf_bank_each(cli->hilf, take, &list, &err);
	table_end(&list.table);
	if (rc)
		return cli_fail(cli, &err);
	if (!list.count)
		cli_note(cli, "there are no banks yet; 'hilf bank create NAME' makes one");
	return STATUS_FINE;
}

static const char *const usage[] = {"", NULL};

const struct command command_bank_list = {
	.name = "list",
	.summary = "list the banks",
	.usage = usage,
	.description = "Prints a line for each bank: its name, its mode, its threshold, how many "
		       "entries are in force and "
		       "how many were withdrawn, whose it is and since when. The columns are "
		       "separated by tabs where "
		       "the output is no terminal.",
	.run = run,
};
