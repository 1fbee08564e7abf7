/* hilf key list: every API key, by the time of its making. */
#include "base/when.h"
#include "cli/cli.h"
#include "cli/key_view.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "os/clock.h"

struct list {
	struct cli *cli;
	struct table table;
	unsigned count;
};

static void put_banks(struct table *table, const struct key_info *info)
{
	struct buf buf = BUF_INIT;
	for (size_t i = 0; i < info->bank_count; i++)
		buf_format(&buf, "%s%s", i ? "," : "", info->banks[i]);
	table_text(table, info->bank_count && !buf.failed ? buf.data : "all");
	buf_free(&buf);
}

static void put_day(struct table *table, int64_t time_ms)
{
	char day[WHEN_TEXT_SIZE] = "";
	if (time_ms)
		when_format_day(time_ms, day);
	table_plain(table, day);
}

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
	put_banks(&list->table, info);
	put_day(&list->table, info->created_ms);
	put_day(&list->table, info->expires_ms);
	put_day(&list->table, info->used_ms);
	table_text(&list->table, info->name);
	return 0;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {
		"key", "role", "state", "banks", "created", "expires", "used", "name"};
	struct list list = {.cli = cli};
	struct hilf_err err = {0};
	(void)arguments;
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	table_init(&list.table, &cli->out, cli->out_is_terminal, headings, 8);
	int rc = key_each(cli->hilf, take, &list, &err);
	table_end(&list.table);
	if (rc)
		return cli_fail(cli, &err);
	if (!list.count)
		cli_note(cli,
			"there are no API keys yet; 'hilf key create NAME --role ROLE' makes one");
	return STATUS_FINE;
}

static const char *const usage[] = {"", NULL};

const struct command command_key_list = {
	.name = "list",
	.summary = "list the API keys",
	.usage = usage,
	.description =
		"Prints a line for each key, also for those that expired or were revoked: its "
		"id, its role, its state, the banks that it is limited to, the days on which "
		"it was made, ends and was used last, and its name. The keys themselves are "
		"kept nowhere.",
	.run = run,
};
