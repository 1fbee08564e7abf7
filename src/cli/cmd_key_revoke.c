/* hilf key revoke: an API key is good no more, at once. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "engine/keys.h"
#include "wire/json.h"

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *id = arguments->operands[0];
	struct hilf_err err = {0};
	int status = cli_open(cli, CLI_WRITE, "key revoke");
	if (status)
		return status;
	if (key_revoke(cli->hilf, id, &err))
		return cli_fail(cli, &err);
	if (!cli->json) {
		cli_note(cli, "key %s is revoked; no request is let in with it any more", id);
		return STATUS_FINE;
	}
	buf_char(&cli->out.buf, '{');
	json_put_key(&cli->out.buf, "id");
	json_put_text(&cli->out.buf, id);
	json_put_key(&cli->out.buf, "state");
	json_put_text(&cli->out.buf, "revoked");
	buf_text(&cli->out.buf, "}\n");
	return STATUS_FINE;
}

static const char *const usage[] = {"KEY", NULL};
static const struct operand_spec operands[] = {{.name = "KEY"}, {0}};

static const struct example examples[] = {
	{"key revoke 7f3kqz2m4a", "The id, as 'hilf key list' prints it."},
	{0},
};

const struct command command_key_revoke = {
	.name = "revoke",
	.summary = "end an API key, at once and for good",
	.usage = usage,
	.description =
		"Revokes a key, named by its id: the ten characters behind 'hilf_'. A service "
		"that runs on the data notices within a tenth of a second.",
	.operands = operands,
	.examples = examples,
	.run = run,
};
