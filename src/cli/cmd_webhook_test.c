/* hilf webhook test: a ping, to see whether it arrives. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "engine/hooks.h"

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *hook = arguments->operands[0];
	struct hilf_err err = {0};
	int status = cli_open(cli, CLI_WRITE, "webhook test");
	if (status)
		return status;
	if (hook_test(cli->hilf, hook, &err))
		return cli_fail(cli, &err);
	cli_note(cli,
		"a ping is on its way, behind what waits already; 'hilf webhook deliveries %s' "
		"shows "
		"whether it is still there",
		hook);
	return STATUS_FINE;
}

static const char *const usage[] = {"WEBHOOK", NULL};
static const struct operand_spec operands[] = {{.name = "WEBHOOK"}, {0}};

const struct command command_webhook_test = {
	.name = "test",
	.summary = "send a ping to a webhook",
	.usage = usage,
	.description =
		"Queues the event 'ping' for a webhook, whatever it subscribed to. 'hilf serve' "
		"delivers it.",
	.operands = operands,
	.run = run,
};
