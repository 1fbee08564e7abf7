/* hilf bank effect: what another mode or threshold would have done. */
#include "base/when.h"
#include "cli/bank_view.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "engine/insight.h"
#include "os/clock.h"

static int read_ask(
	const struct arguments *arguments, struct insight_ask *ask, struct hilf_err *err)
{
	const char *mode = arguments_value(arguments, "mode");
	const char *threshold = arguments_value(arguments, "threshold");
	ask->set_mode = mode != NULL;
	ask->set_radius = threshold != NULL;
	int rc = mode ? hilf_mode_parse(mode, &ask->mode, err) : 0;
	if (!rc && threshold)
		rc = bank_threshold_parse(threshold, &ask->pdq_radius, err);
	return rc;
}

static void put_row(struct table *table, const char *when, const struct insight_did *did)
{
	table_plain(table, when);
	table_plain(table, hilf_mode_name(did->mode));
	table_number(table, did->pdq_radius);
	table_number(table, did->shadow);
	table_number(table, did->review);
	table_number(table, did->block);
}

static void tell(struct cli *cli, const struct insight_effect *effect)
{
	static const char *const headings[] = {"", "mode", ">pdq", ">shadow", ">review", ">block"};
	char day[WHEN_TEXT_SIZE];
	struct table table;
	table_init(&table, &cli->out, cli->out_is_terminal, headings, 6);
	put_row(&table, "now", &effect->now);
	put_row(&table, "would", &effect->would);
	table_end(&table);
	when_format_day(effect->from_ms, day);
	cli_note(cli, "since %s: %llu matches in %llu checks and %llu look-ups", day,
		(unsigned long long)effect->matches, (unsigned long long)effect->checks,
		(unsigned long long)effect->lookups);
	if (effect->would.pdq_radius > effect->known_radius)
		cli_note(cli,
			"beyond %u bits nothing was compared in all of that time, so there would "
			"have been so many or more; to know, widen the bank while it is in shadow",
			effect->known_radius);
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *name = arguments->operands[0];
	struct insight_effect effect;
	struct insight_ask ask = {0};
	struct hilf_err err = {0};
	if (read_ask(arguments, &ask, &err))
		return cli_usage(cli, "%s", err.text);
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	if (insight_effect(cli->hilf, name, &ask, clock_now_ms(), &effect, &err))
		return err.code == HILF_E_NOT_FOUND ? cli_fail_bank(cli, name, &err)
						    : cli_fail(cli, &err);
	if (!cli->json) {
		tell(cli, &effect);
		return STATUS_FINE;
	}
	insight_effect_write(&effect, &cli->out.buf);
	buf_char(&cli->out.buf, '\n');
	return STATUS_FINE;
}

static const char *const usage[] = {"BANK [--mode MODE] [--threshold pdq=BITS]", NULL};
static const char *const modes[] = {"shadow", "review", "block", NULL};

static const struct option_spec options[] = {
	{.name = "mode",
		.value = "MODE",
		.completes = COMPLETES_CHOICE,
		.choices = modes,
		.summary = "as if it had been in this mode; as it is if left out"},
	{.name = "threshold",
		.value = "pdq=BITS",
		.summary = "as if so many of 256 bits might have differed, 0 to 48; as it is if "
			   "left out"},
	{0},
};

static const struct operand_spec operands[] = {{"BANK", COMPLETES_BANK}, {0}};

static const struct example examples[] = {
	{"bank effect trial --mode block --threshold pdq=24",
		"What it would have blocked last week."},
	{0},
};

const struct command command_bank_effect = {
	.name = "effect",
	.summary = "show what another mode or threshold would have done last week",
	.usage = usage,
	.description =
		"Of today and the six days before, as 'hilf serve' counted them: how many contents "
		"the bank only counted, gave to people and blocked, however it was set then, and "
		"how many it would have with the mode and the threshold that are asked for. A "
		"content counts once, by its nearest entry of the bank; every match counts, also "
		"those that sampling left out. Nothing is changed. What lies beyond the threshold "
		"that was in force was not compared, and nobody can tell.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.run = run,
};
