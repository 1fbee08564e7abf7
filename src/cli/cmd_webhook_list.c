/* hilf webhook list: who is told what. */
#include "cli/cli.h"
#include "cli/hook_view.h"
#include "cli/registry.h"

struct list {
	struct cli *cli;
	struct table table;
	unsigned count;
};

static void put_list(struct table *table, const char *const *items, size_t count, const char *none)
{
	struct buf buf = BUF_INIT;
	for (size_t i = 0; i < count; i++)
		buf_format(&buf, "%s%s", i ? "," : "", items[i]);
	table_text(table, count && !buf.failed ? buf.data : none);
	buf_free(&buf);
}

static int take(const struct hook_info *info, void *ctx)
{
	struct list *list = ctx;
	list->count++;
	if (list->cli->json) {
		hook_view_json(&list->cli->out.buf, info);
		out_settle(&list->cli->out);
		return 0;
	}
	table_plain(&list->table, info->id);
	table_plain(&list->table, hook_view_state(info));
	table_number(&list->table, info->outbox_count);
	put_list(&list->table, info->events, info->event_count, "");
	put_list(&list->table, info->banks, info->bank_count, "all");
	table_text(&list->table, info->url);
	table_text(&list->table, info->note);
	return 0;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {
		"webhook", "state", ">outbox", "events", "banks", "url", "note"};
	struct list list = {.cli = cli};
	struct hilf_err err = {0};
	(void)arguments;
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	table_init(&list.table, &cli->out, cli->out_is_terminal, headings, 7);
	int rc = hook_each(cli->hilf, take, &list, &err);
	table_end(&list.table);
	if (rc)
		return cli_fail(cli, &err);
	if (!list.count)
		cli_note(cli, "there are no webhooks yet; 'hilf webhook add URL' makes one");
	return STATUS_FINE;
}

static const char *const usage[] = {"", NULL};

const struct command command_webhook_list = {
	.name = "list",
	.summary = "list the webhooks",
	.usage = usage,
	.description = "Prints a line for each webhook: its id, whether it is on, how many events "
		       "wait for it or are dead, its events and banks, its URL, and why hilf "
		       "switched it off where it did so by itself.",
	.run = run,
};
