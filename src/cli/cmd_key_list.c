/* hilf key list: every API key, by the time of its making. */
#include "cli/key_view.h"
#include "cli/list.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "os/clock.h"

static int take(const struct key_info *info, void *ctx)
{
	struct list *list = ctx;
	list->count++;
	if (list->cli->json) {
		key_view_json(&list->cli->out.buf, info, NULL);
		out_settle(&list->cli->out);
		return 0;
	}
	table_plain(&list->table, info->id);
	table_plain(&list->table, role_name(info->role));
	table_plain(&list->table, key_view_state(info, clock_now_ms()));
	table_text(&list->table, info->holder.id[0] ? info->holder.name : "-");
	list_texts(list, info->banks, info->bank_count, "all");
	list_day(list, info->created_ms);
	list_day(list, info->expires_ms);
	list_day(list, info->used_ms);
	table_text(&list->table, info->name);
	return 0;
}

static int each(struct list *list, struct hilf_err *err)
{
	return key_each(list->cli->hilf, take, list, err);
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {"key", "role", "state", "held by", "banks",
		"created", "expires", "used", "name", NULL};
	(void)arguments;
	return list_run(cli,
		&(struct list_spec){headings, each,
			"there are no API keys yet; 'hilf key create NAME --role ROLE' makes one"});
}

static const char *const usage[] = {"", NULL};

const struct command command_key_list = {
	.name = "list",
	.summary = "list the API keys",
	.usage = usage,
	.description =
		"Prints a line for each key, also for those that expired or were revoked: its "
		"id, its role, its state, who holds it (a machine's has nobody), the banks that it "
		"is "
		"limited to, the days on which "
		"it was made, ends and was used last, and its name. One is resting while its "
		"holder "
		"is disabled or has not enrolled. The keys themselves are kept nowhere.",
	.run = run,
};
