/* hilf bank show: one bank with its entries. */
#include "cli/bank_view.h"
#include "cli/cli.h"
#include "cli/entry_view.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "base/when.h"

struct show {
	struct cli *cli;
	struct table table;
};

static int take(const struct hilf_entry *entry, void *ctx)
{
	struct show *show = ctx;
	char day[WHEN_TEXT_SIZE];
	struct buf cell = BUF_INIT;
	if (show->cli->json) {
		entry_view_json(&show->cli->out.buf, entry);
		out_settle(&show->cli->out);
		return cli_stopped() || show->cli->out.sys ? HILF_E_STOPPED : 0;
	}
	table_number(&show->table, entry->id);
	for (size_t i = 0; i < entry->signal_count; i++)
		buf_format(
			&cell, "%s%s", i ? "," : "", hilf_signal_type_name(entry->signals[i].type));
	table_bytes(&show->table, cell.data, cell.size);
	table_text(&show->table, entry->content_class);
	when_format_day(entry->added_ms, day);
	table_text(&show->table, day);
	when_format_day(entry->expires_ms, day);
	table_text(&show->table, day);
	buf_clear(&cell);
	cli_labels_text(&cell, entry->labels, entry->label_count);
	table_bytes(&show->table, cell.data, cell.size);
	show->cli->out.buf.failed |= cell.failed;
	buf_free(&cell);
	return cli_stopped() || show->cli->out.sys ? HILF_E_STOPPED : 0;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {
		">entry", "signals", "class", "added", "expires", "labels"};
	const char *name = arguments->operands[0];
	struct show show = {.cli = cli};
	struct hilf_bank bank;
	struct hilf_err err = {0};
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	if (hilf_bank_get(cli->hilf, name, &bank, &err))
		return cli_fail_bank(cli, name, &err);
	if (cli->json)
		bank_view_json(&cli->out.buf, &bank);
	else if (cli->out_is_terminal)
		buf_format(&cli->out.buf,
			"bank %s: %s, %s, pdq within %u bits, %llu entries, %llu withdrawn\n\n",
			bank.name, bank.own ? "own" : "received", hilf_mode_name(bank.mode),
			bank.pdq_radius, (unsigned long long)bank.entry_count,
			(unsigned long long)bank.withdrawn_count);
	table_init(&show.table, &cli->out, cli->out_is_terminal, headings, 6);
	int rc = hilf_entry_each(cli->hilf, name, take, &show, &err);
	table_end(&show.table);
	return rc && rc != HILF_E_STOPPED ? cli_fail(cli, &err) : STATUS_FINE;
}

static const char *const usage[] = {"NAME", NULL};
static const struct operand_spec operands[] = {{"NAME", COMPLETES_BANK}, {0}};

const struct command command_bank_show = {
	.name = "show",
	.summary = "show a bank and its entries",
	.usage = usage,
	.description = "Prints a line for each entry in force: its id, the types of its signals, "
		       "its class, when it was added, "
		       "when it expires, and its labels. With --json the bank comes first and the "
		       "entries follow with the "
		       "values of their signals. 'hilf export' writes the signals in a form that "
		       "'hilf import' reads.",
	.operands = operands,
	.run = run,
};
