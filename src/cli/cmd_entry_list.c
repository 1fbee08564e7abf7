/* hilf entry list: entries of a bank or of all, page by page, so that a long list needs no memory. */
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/entry_view.h"
#include "cli/options.h"
#include "cli/registry.h"

struct list {
	struct cli *cli;
	struct table table;
	uint64_t last;
	size_t count; /* of this page */
};

static int take(const struct hilf_entry *entry, void *ctx)
{
	struct list *list = ctx;
	list->last = entry->id;
	list->count++;
	if (list->cli->json) {
		entry_view_json(&list->cli->out.buf, entry);
		out_settle(&list->cli->out);
	} else {
		entry_view_row(&list->table, entry);
	}
	return cli_stopped() || list->cli->out.sys ? HILF_E_STOPPED : 0;
}

/* limit 0: all. */
static int list_all(
	struct list *list, const char *bank, bool gone, uint64_t limit, struct hilf_err *err)
{
	uint64_t left = limit ? limit : UINT64_MAX;
	int rc;
	do {
		size_t page = left < LIMIT_ENTRY_PAGE ? (size_t)left : LIMIT_ENTRY_PAGE;
		list->count = 0;
		rc = hilf_entry_page(
			list->cli->hilf, bank, list->last, page, gone, take, list, err);
		left -= list->count;
	} while (!rc && left && list->count == LIMIT_ENTRY_PAGE);
	return rc;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *bank = arguments->operand_count ? arguments->operands[0] : NULL;
	const char *after = arguments_value(arguments, "after");
	const char *limit = arguments_value(arguments, "limit");
	struct list list = {.cli = cli};
	struct hilf_err err = {0};
	uint64_t most = 0;
	if (after && number_parse("--after", after, 0, INT64_MAX, &list.last, &err))
		return cli_usage(cli, "%s", err.text);
	if (limit && number_parse("--limit", limit, 1, INT64_MAX, &most, &err))
		return cli_usage(cli, "%s", err.text);
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	table_init(&list.table, &cli->out, cli->out_is_terminal, entry_view_headings,
		ENTRY_VIEW_COLUMNS);
	int rc = list_all(&list, bank, arguments_flag(arguments, "all"), most, &err);
	table_end(&list.table);
	if (!rc || rc == HILF_E_STOPPED)
		return STATUS_FINE;
	return bank ? cli_fail_bank(cli, bank, &err) : cli_fail(cli, &err);
}

static const char *const usage[] = {"[BANK] [--all] [--after ENTRY] [--limit N]", NULL};

static const struct option_spec options[] = {
	{.name = "all", .summary = "those that have expired, were withdrawn or erased as well"},
	{.name = "after",
		.value = "ENTRY",
		.summary = "only entries with greater numbers: where an earlier list ended"},
	{.name = "limit", .value = "N", .summary = "so many at most; all if not said"},
	{0},
};
static const struct operand_spec operands[] = {{"BANK", COMPLETES_BANK, .optional = true}, {0}};

static const struct example examples[] = {
	{"entry list known", "What is in force in a bank."},
	{"entry list --all --json | jq -r 'select(.opinions.dispute > 0) | .gid'",
		"What somebody disputes, wherever it is."},
	{0},
};

const struct command command_entry_list = {
	.name = "list",
	.summary = "list the entries of a bank or of all",
	.usage = usage,
	.description = "Prints a line for each entry in order of its number: number, bank, state, "
		       "the types of its signals, class, when it was added and when it expires, "
		       "and its labels. The state is in_force, expired, withdrawn or erased, and "
		       "of one in force that it is muted on this node, or disputed by a member, "
		       "and then never blocks.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.run = run,
};
