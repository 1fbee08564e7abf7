/* hilf bank list: every bank, by name. */
#include "cli/bank_view.h"
#include "cli/list.h"
#include "cli/options.h"
#include "cli/registry.h"

static int take(const struct hilf_bank *bank, void *ctx)
{
	struct list *list = ctx;
	list->count++;
	if (list->cli->json) {
		bank_view_json(&list->cli->out.buf, bank);
		out_settle(&list->cli->out);
		return 0;
	}
	table_text(&list->table, bank->name);
	table_text(&list->table, hilf_mode_name(bank->mode));
	table_number(&list->table, bank->pdq_radius);
	table_number(&list->table, bank->entry_count);
	table_number(&list->table, bank->withdrawn_count);
	table_text(&list->table, bank->own ? "own" : "received");
	list_day(list, bank->created_ms);
	return 0;
}

static int each(struct list *list, struct hilf_err *err)
{
	return hilf_bank_each(list->cli->hilf, take, list, err);
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {
		"bank", "mode", ">pdq", ">entries", ">withdrawn", "owner", "created", NULL};
	(void)arguments;
	return list_run(cli, &(struct list_spec){headings, each,
				     "there are no banks yet; 'hilf bank create NAME' makes one"});
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
