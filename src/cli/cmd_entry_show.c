/* hilf entry show: all there is to say of one entry, whatever became of it. */
#include "cli/cli.h"
#include "cli/entry_view.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "base/when.h"

static void put_row(struct table *table, const char *field, const char *text)
{
	table_plain(table, field);
	table_text(table, text);
}

static void put_time(struct table *table, const char *field, int64_t ms)
{
	char text[WHEN_TEXT_SIZE];
	when_format_exact(ms, text);
	put_row(table, field, text);
}

static void put_lists(struct table *table, const struct hilf_entry *entry)
{
	char value[HILF_SIGNAL_TEXT_MAX];
	struct buf cell = BUF_INIT;
	for (size_t i = 0; i < entry->label_count; i++) {
		buf_clear(&cell);
		buf_format(&cell, "%s=%s", entry->labels[i].key, entry->labels[i].value);
		table_plain(table, "label");
		table_bytes(table, cell.data, cell.size);
	}
	for (size_t i = 0; i < entry->signal_count; i++) {
		hilf_signal_format(&entry->signals[i], value);
		buf_clear(&cell);
		buf_format(&cell, "%s:%s", hilf_signal_type_name(entry->signals[i].type), value);
		table_plain(table, "signal");
		table_bytes(table, cell.data, cell.size);
	}
	table->out->buf.failed |= cell.failed;
	buf_free(&cell);
}

static int take(const struct hilf_entry *entry, void *ctx)
{
	static const char *const headings[] = {"what", "is"};
	struct cli *cli = ctx;
	struct table table;
	if (cli->json) {
		entry_view_json(&cli->out.buf, entry);
		return 0;
	}
	table_init(&table, &cli->out, cli->out_is_terminal, headings, 2);
	table_plain(&table, "entry");
	table_number(&table, entry->id);
	put_row(&table, "id", entry->gid);
	put_row(&table, "bank", entry->bank);
	put_row(&table, "state", hilf_entry_state_name(entry->state));
	put_row(&table, "class", entry->content_class);
	put_row(&table, "ground", entry->ground);
	put_row(&table, "source", entry->source);
	put_row(&table, "territory", entry->territory);
	put_time(&table, "added", entry->added_ms);
	put_time(&table, "expires", entry->expires_ms);
	if (entry->muted_until_ms)
		put_time(&table, "muted", entry->muted_until_ms);
	table_plain(&table, "confirmed");
	table_number(&table, entry->confirm_count);
	table_plain(&table, "disputed");
	table_number(&table, entry->dispute_count);
	table_plain(&table, "seen");
	table_number(&table, entry->seen_count);
	put_lists(&table, entry);
	table_end(&table);
	return 0;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	struct hilf_err err = {0};
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	if (hilf_entry_get(cli->hilf, arguments->operands[0], take, cli, &err))
		return cli_fail(cli, &err);
	return STATUS_FINE;
}

static const char *const usage[] = {"ENTRY", NULL};
static const struct operand_spec operands[] = {{.name = "ENTRY"}, {0}};

const struct command command_entry_show = {
	.name = "show",
	.summary = "show one entry",
	.usage = usage,
	.description =
		"Prints what is known of an entry, also when it has expired or was withdrawn: a "
		"line for each thing, with a tab behind its name. ENTRY is the number or the id "
		"that 'hilf match', 'hilf bank show' and 'hilf entry list' print. 'confirmed', "
		"'disputed' and 'seen' are how many members said so.",
	.operands = operands,
	.run = run,
};
