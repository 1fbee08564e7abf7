/* hilf webhook replay: what was given up is tried again. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "engine/hooks.h"
#include "wire/json.h"

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *hook = arguments->operands[0];
	const char *delivery = arguments_value(arguments, "delivery");
	uint64_t id = 0, count;
	struct hilf_err err = {0};
	if (delivery && number_parse("--delivery", delivery, 1, INT64_MAX, &id, &err))
		return cli_usage(cli, "%s", err.text);
	int status = cli_open(cli, CLI_WRITE, "webhook replay");
	if (status)
		return status;
	if (deliveries_replay(cli->hilf, hook, id, &count, &err))
		return cli_fail(cli, &err);
	if (!cli->json) {
		cli_note(cli, "%llu %s due again", (unsigned long long)count,
			count == 1 ? "delivery is" : "deliveries are");
		return STATUS_FINE;
	}
	buf_char(&cli->out.buf, '{');
	json_put_key(&cli->out.buf, "replayed");
	json_put_integer(&cli->out.buf, (int64_t)count);
	buf_text(&cli->out.buf, "}\n");
	return STATUS_FINE;
}

static const char *const usage[] = {"WEBHOOK [--delivery N]", NULL};

static const struct option_spec options[] = {
	{.name = "delivery", .value = "N", .summary = "this one; all of the webhook if not said"},
	{0},
};

static const struct operand_spec operands[] = {{.name = "WEBHOOK"}, {0}};

const struct command command_webhook_replay = {
	.name = "replay",
	.summary = "deliver again what was given up",
	.usage = usage,
	.description =
		"Makes dead deliveries of a webhook due again, at once, with all their attempts "
		"before them.",
	.options = options,
	.operands = operands,
	.run = run,
};
