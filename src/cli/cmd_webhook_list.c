/* hilf webhook list: who is told what. */
#include "cli/hook_view.h"
#include "cli/list.h"
#include "cli/registry.h"

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
	list_texts(list, info->events, info->event_count, "");
	list_texts(list, info->banks, info->bank_count, "all");
	table_text(&list->table, info->url);
	table_text(&list->table, info->note);
	return 0;
}

static int each(struct list *list, struct hilf_err *err)
{
	return hook_each(list->cli->hilf, take, list, err);
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {
		"webhook", "state", ">outbox", "events", "banks", "url", "note", NULL};
	(void)arguments;
	return list_run(
		cli, &(struct list_spec){headings, each,
			     "there are no webhooks yet; 'hilf webhook add URL' makes one"});
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
