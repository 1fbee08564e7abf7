/* hilf webhook remove: with all that waits for it. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "engine/hooks.h"
#include "wire/json.h"

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *id = arguments->operands[0];
	struct hilf_err err = {0};
	int status = cli_open(cli, CLI_WRITE, "webhook remove");
	if (status)
		return status;
	if (hook_remove(cli->hilf, id, &err))
		return cli_fail(cli, &err);
	if (!cli->json) {
		cli_note(cli, "webhook %s is removed, with what waited for it", id);
		return STATUS_FINE;
	}
	buf_char(&cli->out.buf, '{');
	json_put_key(&cli->out.buf, "id");
	json_put_text(&cli->out.buf, id);
	json_put_key(&cli->out.buf, "result");
	json_put_text(&cli->out.buf, "removed");
	buf_text(&cli->out.buf, "}\n");
	return STATUS_FINE;
}

static const char *const usage[] = {"WEBHOOK", NULL};
static const struct operand_spec operands[] = {{.name = "WEBHOOK"}, {0}};

const struct command command_webhook_remove = {
	.name = "remove",
	.summary = "remove a webhook",
	.usage = usage,
	.description = "Removes a webhook and what waits for it or is dead.",
	.operands = operands,
	.run = run,
};
