/* hilf vault views: who looked at what, when, on account of which case. */
#include "base/when.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "engine/vault.h"
#include "wire/json.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MOST    1000000

struct list {
	struct cli *cli;
	struct table table;
	uint64_t count;
};

static void put_json(struct buf *buf, const struct vault_looked *looked)
{
	buf_char(buf, '{');
	json_put_key(buf, "view");
	json_put_integer(buf, (int64_t)looked->id);
	json_put_key(buf, "time_ms");
	json_put_integer(buf, looked->time_ms);
	json_put_key(buf, "case");
	json_put_integer(buf, (int64_t)looked->case_id);
	json_put_key(buf, "actor");
	json_put_text(buf, looked->actor);
	json_put_key(buf, "of");
	json_put_text(buf, looked->check ? "upload" : "entry");
	json_put_key(buf, "entry");
	json_put_integer(buf, (int64_t)looked->entry);
	json_put_key(buf, "preview");
	json_put_text(buf, looked->preview);
	buf_text(buf, "}\n");
}

static int take(const struct vault_looked *looked, void *ctx)
{
	struct list *list = ctx;
	char when[WHEN_TEXT_SIZE];
	list->count++;
	if (list->cli->json) {
		put_json(&list->cli->out.buf, looked);
		out_settle(&list->cli->out);
		return 0;
	}
	when_format_exact(looked->time_ms, when);
	table_number(&list->table, looked->id);
	table_plain(&list->table, when);
	table_number(&list->table, looked->case_id);
	table_text(&list->table, looked->actor);
	table_plain(&list->table, looked->check ? "upload" : "entry");
	table_number(&list->table, looked->entry);
	table_plain(&list->table, looked->preview);
	return 0;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {
		">view", "when", ">case", "actor", "of", ">entry", "preview"};
	const char *case_text = arguments_value(arguments, "case");
	const char *limit_text = arguments_value(arguments, "limit");
	uint64_t limit = LIMIT_DEFAULT, case_id = 0;
	struct list list = {.cli = cli};
	struct hilf_err err = {0};
	if ((limit_text && number_parse("--limit", limit_text, 1, LIMIT_MOST, &limit, &err)) ||
		(case_text && number_parse("--case", case_text, 1, INT64_MAX, &case_id, &err)))
		return cli_usage(cli, "%s", err.text);
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	table_init(&list.table, &cli->out, cli->out_is_terminal, headings, 7);
	int rc = vault_views(cli->hilf, case_id, 0, limit, take, &list, &err);
	table_end(&list.table);
	if (rc)
		return cli_fail(cli, &err);
	if (!list.count)
		cli_note(cli, "nobody looked at a preview yet");
	return STATUS_FINE;
}

static const char *const usage[] = {"[--case N] [--limit N]", NULL};

static const struct option_spec options[] = {
	{.name = "case", .value = "N", .summary = "on account of this case alone"},
	{.name = "limit", .value = "N", .summary = "how many, the newest; 100 if not said"},
	{0},
};

const struct command command_vault_views = {
	.name = "views",
	.summary = "list who looked at previews, and for which case",
	.usage = usage,
	.description = "Prints a line for each view, the newest first: its number, when it was, "
		       "for which case, "
		       "who looked, whether it was the copy of the entry or what came in, the "
		       "entry, and the "
		       "preview. Views are kept for 400 days, also of previews that are gone. They "
		       "are told "
		       "here alone, on the node: no API has them, and no figure is made of them.",
	.options = options,
	.run = run,
};
