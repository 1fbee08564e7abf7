/* hilf opinion list: what members say of an entry. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "base/when.h"
#include "wire/json.h"

struct list {
	struct cli *cli;
	struct table table;
	unsigned count;
};

static int take(const struct hilf_opinion_row *row, void *ctx)
{
	struct list *list = ctx;
	struct buf *buf = &list->cli->out.buf;
	char day[WHEN_TEXT_SIZE];
	list->count++;
	if (list->cli->json) {
		buf_char(buf, '{');
		json_put_key(buf, "member");
		json_put_text(buf, row->member);
		json_put_key(buf, "own");
		json_put_bool(buf, row->own);
		json_put_key(buf, "opinion");
		json_put_text(buf, hilf_opinion_name(row->opinion));
		json_put_key(buf, "time_ms");
		json_put_integer(buf, row->time_ms);
		buf_text(buf, "}\n");
		return 0;
	}
	when_format_day(row->time_ms, day);
	table_text(&list->table, row->member);
	table_plain(&list->table, row->own ? "own" : "other");
	table_plain(&list->table, hilf_opinion_name(row->opinion));
	table_plain(&list->table, day);
	return 0;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {"member", "whose", "opinion", "since"};
	const char *entry = arguments->operands[0];
	struct list list = {.cli = cli};
	struct hilf_err err = {0};
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	table_init(&list.table, &cli->out, cli->out_is_terminal, headings, 4);
	int rc = hilf_opinion_each(cli->hilf, entry, take, &list, &err);
	table_end(&list.table);
	if (rc)
		return cli_fail(cli, &err);
	if (!list.count)
		cli_note(cli, "nobody has given an opinion on entry %s", entry);
	return STATUS_FINE;
}

static const char *const usage[] = {"ENTRY", NULL};
static const struct operand_spec operands[] = {{.name = "ENTRY"}, {0}};

const struct command command_opinion_list = {
	.name = "list",
	.summary = "list what members say of an entry",
	.usage = usage,
	.description = "Prints a line for each member who has said something of the entry: the "
		       "member's id, whether it is this node's own, the opinion that stands, and "
		       "since when.",
	.operands = operands,
	.run = run,
};
