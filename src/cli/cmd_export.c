/* hilf export: a bank's entries in the forms that hilf import reads, so that going out and in again loses nothing. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "os/clock.h"
#include "wire/export.h"

struct export
{
	struct cli *cli;
	struct export_writer writer;
	bool looking; /* the first of two passes of CSV: which label keys there are */
};

static int take(const struct hilf_entry *entry, void *ctx)
{
	struct export *export = ctx;
	struct out *out = &export->cli->out;
	if (export->looking) {
		export_look(&export->writer, entry);
		return export->writer.too_many ? HILF_E_STOPPED : 0;
	}
	export_entry(&export->writer, entry, &out->buf);
	out_settle(out);
	return out->sys || cli_stopped() ? HILF_E_STOPPED : 0;
}

/* The header needs every key before the first row. */
static int write_header(struct export *export, const char *bank, struct hilf_err *err)
{
	export->looking = true;
	int rc = hilf_entry_each(export->cli->hilf, bank, take, export, err);
	export->looking = false;
	if (!rc)
		export_header(&export->writer, &export->cli->out.buf);
	return rc;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *bank = arguments->operands[0];
	struct export export = {.cli = cli, .writer = {.now_ms = clock_now_ms()}};
	bool csv = arguments_flag(arguments, "csv") && !cli->json;
	export.writer.form = cli->json ? EXPORT_JSON : csv ? EXPORT_CSV : EXPORT_LINES;
	struct hilf_err err = {0};
	int rc = 0;
	if (cli_open(cli, CLI_READ, NULL))
		return STATUS_TROUBLE;
	if (csv)
		rc = write_header(&export, bank, &err);
	if (export.writer.too_many) {
		cli_say(cli,
			"bank '%s' has more than %u different label keys, too many for columns; "
			"leave --csv out",
			bank, IMPORT_ROW_LABELS);
		return STATUS_TROUBLE;
	}
	if (!rc)
		rc = hilf_entry_each(cli->hilf, bank, take, &export, &err);
	if (rc == HILF_E_STOPPED) {
		if (cli_stopped())
			cli_say(cli, "stopped; the export is not whole");
		return STATUS_TROUBLE;
	}
	return rc ? cli_fail_bank(cli, bank, &err) : STATUS_FINE;
}

static const char *const usage[] = {"BANK [--csv]", NULL};
static const struct option_spec options[] = {
	{.name = "csv", .summary = "write CSV with a header instead of lines"},
	{0},
};
static const struct operand_spec operands[] = {{"BANK", COMPLETES_BANK}, {0}};

static const struct example examples[] = {
	{"export known > known.txt", "Keep a copy."},
	{"export known --csv > known.csv", "For a spreadsheet."},
	{0},
};

const struct command command_export = {
	.name = "export",
	.summary = "write a bank's signals as lines or CSV",
	.usage = usage,
	.description = "Writes the entries of the bank that are in force, a line for each signal, "
		       "as 'hilf import' reads them. The "
		       "class, the ground, the expiry (to the day) and which signals belong "
		       "together go along as labels whose keys "
		       "begin with 'hilf.'.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.run = run,
};
