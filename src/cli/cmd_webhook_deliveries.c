/* hilf webhook deliveries: what waits, and what was given up. */
#include "base/when.h"
#include "cli/cli.h"
#include "cli/hook_view.h"
#include "cli/registry.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MOST    100000

struct list {
	struct cli *cli;
	struct table table;
	unsigned count;
};

static int take(const struct delivery *delivery, void *ctx)
{
	struct list *list = ctx;
	char when[WHEN_TEXT_SIZE];
	list->count++;
	if (list->cli->json) {
		hook_view_delivery_json(&list->cli->out.buf, delivery);
		out_settle(&list->cli->out);
		return 0;
	}
	when_format_exact(delivery->dead ? delivery->failed_ms : delivery->next_ms, when);
	table_number(&list->table, delivery->id);
	table_plain(&list->table, delivery->hook);
	table_plain(&list->table, delivery->event);
	table_number(&list->table, delivery->attempts);
	table_number(&list->table, (uint64_t)delivery->last_status);
	table_plain(&list->table, when);
	table_text(&list->table, delivery->last_error);
	return 0;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {
		">delivery", "webhook", "event", ">attempts", ">status", "due or failed", "error"};
	const char *hook = arguments->operand_count ? arguments->operands[0] : NULL;
	const char *limit_text = arguments_value(arguments, "limit");
	bool dead = arguments_flag(arguments, "dead");
	uint64_t limit = LIMIT_DEFAULT;
	struct list list = {.cli = cli};
	struct hilf_err err = {0};
	if (limit_text && number_parse("--limit", limit_text, 1, LIMIT_MOST, &limit, &err))
		return cli_usage(cli, "%s", err.text);
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	table_init(&list.table, &cli->out, cli->out_is_terminal, headings, 7);
	int rc = deliveries_page(cli->hilf, hook, dead, 0, limit, take, &list, &err);
	table_end(&list.table);
	if (rc)
		return cli_fail(cli, &err);
	if (!list.count)
		cli_note(cli, dead ? "no delivery was given up" : "no delivery waits");
	return STATUS_FINE;
}

static const char *const usage[] = {"[WEBHOOK] [--dead] [--limit N]", NULL};

static const struct option_spec options[] = {
	{.name = "dead", .summary = "those that were given up, instead of those that wait"},
	{.name = "limit", .value = "N", .summary = "how many, the newest; 100 if not said"},
	{0},
};

static const struct operand_spec operands[] = {{.name = "WEBHOOK", .optional = true}, {0}};

const struct command command_webhook_deliveries = {
	.name = "deliveries",
	.summary = "list what waits to be delivered, or was given up",
	.usage = usage,
	.description =
		"Prints a line for each delivery, the newest first: its number, its webhook, "
		"the event, how often it was tried, the status of the last answer (0: none "
		"came), when it is due or was given up, and what went wrong. --json has the "
		"body as well.",
	.options = options,
	.operands = operands,
	.run = run,
};
