/* hilf bank set: what this node does with a bank's matches, and what the bank is called. */
#include "cli/bank_view.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "wire/record.h"

#include <stdlib.h>

static int read_change(
	const struct arguments *arguments, struct hilf_bank_change *change, struct hilf_err *err)
{
	const char *mode = arguments_value(arguments, "mode");
	const char *threshold = arguments_value(arguments, "threshold");
	const char *sample = arguments_value(arguments, "sample");
	int rc = 0;
	change->name = arguments_value(arguments, "name");
	change->set_mode = mode != NULL;
	change->set_pdq_radius = threshold != NULL;
	change->set_sample = sample != NULL;
	if (mode)
		rc = hilf_mode_parse(mode, &change->mode, err);
	if (!rc && threshold)
		rc = bank_threshold_parse(threshold, &change->pdq_radius, err);
	if (!rc && sample)
		rc = bank_sample_parse(sample, &change->sample_ppm, err);
	if (!rc && change->name)
		rc = record_check_bank_name(change->name, err);
	return rc;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *name = arguments->operands[0];
	struct hilf_bank_change change = {0};
	char sample[BANK_SAMPLE_TEXT_SIZE];
	struct hilf_bank bank;
	struct hilf_err err = {0};
	if (read_change(arguments, &change, &err))
		return cli_usage(cli, "%s", err.text);
	if (!change.set_mode && !change.set_pdq_radius && !change.set_sample && !change.name)
		return cli_usage(
			cli, "what shall change? Say --mode, --threshold, --sample or --name");
	int status = cli_open(cli, CLI_WRITE, "bank set");
	if (status)
		return status;
	if (hilf_bank_set(cli->hilf, name, &change, &bank, &err))
		return err.code == HILF_E_NOT_FOUND ? cli_fail_bank(cli, name, &err)
						    : cli_fail(cli, &err);
	if (cli->json) {
		bank_view_json(&cli->out.buf, &bank);
		return STATUS_FINE;
	}
	bank_sample_format(bank.sample_ppm, sample);
	cli_note(cli, "bank '%s': mode %s, pdq within %u bits, %s of its matches count", bank.name,
		hilf_mode_name(bank.mode), bank.pdq_radius, sample);
	return STATUS_FINE;
}

static const char *const usage[] = {
	"BANK [--mode MODE] [--threshold pdq=BITS] [--sample SHARE]", "BANK --name NEW", NULL};
static const char *const modes[] = {"shadow", "review", "block", NULL};
static const char *const samples[] = {"all", NULL};

static const struct option_spec options[] = {
	{.name = "mode",
		.value = "MODE",
		.completes = COMPLETES_CHOICE,
		.choices = modes,
		.summary = "what a match means on this node"},
	{.name = "threshold",
		.value = "pdq=BITS",
		.summary = "how many of 256 bits may differ, 0 to 48"},
	{.name = "sample",
		.value = "SHARE",
		.completes = COMPLETES_SUCH_AS,
		.choices = samples,
		.summary = "how many of its matches count, such as 10% or all; the rest is as in "
			   "shadow"},
	{.name = "name", .value = "NEW", .summary = "what the bank is called from now on"},
	{0},
};

static const struct operand_spec operands[] = {{"BANK", COMPLETES_BANK}, {0}};

static const struct example examples[] = {
	{"bank set known --mode block", "What it matches shall not appear."},
	{"bank set trial --mode review --sample 5%",
		"Begin with a twentieth of the matches, to see how much work they are."},
	{0},
};

const struct command command_bank_set = {
	.name = "set",
	.summary = "change what a bank does here, or its name",
	.usage = usage,
	.description = "Mode, threshold and sample are this node's own: they can be set for any "
		       "bank, tell nobody else anything, and count for the next query of every "
		       "process on this data. The name is the owner's to give; whoever receives "
		       "the bank sees the new one.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.run = run,
};
