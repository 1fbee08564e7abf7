/* hilf bank create: a bank of one's own, with its mode and radius on this node. */
#include "cli/bank_view.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "wire/record.h"

#include <stdlib.h>

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *name = arguments->operands[0];
	const char *mode_name = arguments_value(arguments, "mode");
	const char *threshold = arguments_value(arguments, "threshold");
	enum hilf_mode mode = HILF_REVIEW;
	uint32_t radius = HILF_PDQ_RADIUS;
	struct hilf_bank bank;
	struct hilf_err err = {0};
	if (mode_name && hilf_mode_parse(mode_name, &mode, &err))
		return cli_usage(cli, "%s", err.text);
	if (threshold && bank_threshold_parse(threshold, &radius, &err))
		return cli_usage(cli, "%s", err.text);
	/* Before a folder is made for a name that cannot be. */
	if (record_check_bank_name(name, &err))
		return cli_usage(cli, "%s", err.text);
	int status = cli_open(cli, CLI_WRITE | CLI_CREATE, "bank create");
	if (status)
		return status;
	if (hilf_bank_create(cli->hilf, name, mode, radius, &bank, &err))
		return cli_fail(cli, &err);
	if (cli->json) {
		bank_view_json(&cli->out.buf, &bank);
		return STATUS_FINE;
	}
	cli_note(cli,
		"bank '%s' is there, mode %s; fill it with 'hilf add %s FILE...' or 'hilf import "
		"%s FILE'",
		bank.name, hilf_mode_name(bank.mode), bank.name, bank.name);
	return STATUS_FINE;
}

static const char *const usage[] = {
	"NAME [--mode shadow|review|block] [--threshold pdq=BITS]", NULL};
static const char *const modes[] = {"shadow", "review", "block", NULL};

static const struct option_spec options[] = {
	{.name = "mode",
		.value = "MODE",
		.completes = COMPLETES_CHOICE,
		.choices = modes,
		.summary = "what a match means on this node; review if not said"},
	{.name = "threshold",
		.value = "pdq=BITS",
		.summary = "how many of 256 bits may differ, 0 to 48; pdq=31 if not said. Fewer "
			   "finds less and errs less"},
	{0},
};

static const struct operand_spec operands[] = {{"NAME", .optional = false}, {0}};

static const struct example examples[] = {
	{"bank create known", "A bank whose matches go to a person."},
	{"bank create trial --mode shadow",
		"A bank whose matches are only counted, to see what it would do."},
	{0},
};

const struct command command_bank_create = {
	.name = "create",
	.summary = "make a bank",
	.usage = usage,
	.description = "Makes an empty bank. Its name begins with a letter or '_' and goes on with "
		       "letters, digits, '_', '.' "
		       "and '-', 64 at most. The first bank makes the data folder and this node's "
		       "signing key as well.\n\n"
		       "The mode says what hilf answers where something of the bank matches: with "
		       "shadow nothing but what it "
		       "would have been, with review that a person should look, with block that it "
		       "should not appear.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.run = run,
};
