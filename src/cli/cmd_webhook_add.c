/* hilf webhook add: somebody wants to be told. */
#include "cli/cli.h"
#include "cli/hook_view.h"
#include "cli/registry.h"

#include <string.h>

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *events[HOOK_EVENTS_MAX], *banks[HOOK_BANKS_MAX];
	struct hook_info info = {
		.url = arguments->operands[0], .events = events, .banks = banks, .enabled = true};
	struct hook_info made;
	struct hilf_err err = {0};
	if (hook_view_events(arguments, events, &info.event_count, &err))
		return cli_usage(cli, "%s", err.text);
	if (arguments_count(arguments, "bank") > HOOK_BANKS_MAX)
		return cli_usage(cli, "a webhook is limited to %d banks at most", HOOK_BANKS_MAX);
	for (const char *bank; (bank = arguments_nth(arguments, "bank", info.bank_count));)
		banks[info.bank_count++] = bank;
	int status = cli_open(cli, CLI_WRITE, "webhook add");
	if (status)
		return status;
	if (hook_create(cli->hilf, &info, &made, &err))
		return cli_fail(cli, &err);
	if (cli->json) {
		hook_view_json(&cli->out.buf, &made);
	} else {
		buf_format(&cli->out.buf, "%s\t%s\n", made.id, made.secret);
		cli_note(cli,
			"that is the webhook's id and the secret that its deliveries are signed "
			"with; the secret is not shown again; 'hilf webhook test %s' sends a ping",
			made.id);
	}
	memset(made.secret, 0, sizeof made.secret);
	return STATUS_FINE;
}

static const char *const usage[] = {"URL [--event EVENT]... [--bank BANK]...", NULL};

static const struct option_spec options[] = {
	{.name = "event",
		.value = "EVENT",
		.completes = COMPLETES_SUCH_AS,
		.choices = hook_view_event_choices,
		.repeats = true,
		.summary =
			"what to tell: check.matched, check.blocked, entry.added, entry.changed, "
			"entry.withdrawn, entry.reversed, content.recognised, bank.changed, "
			"case.opened, decision.made, decision.ended, decision.reversed, "
			"statement.released, appeal.made, appeal.decided, content.restored or "
			"threat.escalated; all if not said"},
	{.name = "bank",
		.value = "BANK",
		.completes = COMPLETES_BANK,
		.repeats = true,
		.summary = "only what concerns this bank; all if not said"},
	{0},
};

static const struct operand_spec operands[] = {{.name = "URL"}, {0}};

static const struct example examples[] = {
	{"webhook add https://ts.example/hilf --event entry.reversed",
		"Learn what to put back when an entry was wrong."},
	{0},
};

const struct command command_webhook_add = {
	.name = "add",
	.summary = "have events posted to a URL",
	.usage = usage,
	.description =
		"Subscribes a URL: 'hilf serve' posts to it what happens from now on, signed as "
		"standardwebhooks.com has it, in order, until it is answered with a status of 2xx. "
		"What fails is tried eight times more within two days, and is kept as dead for "
		"thirty days after that. Private addresses have to be allowed to the service by "
		"name.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.run = run,
};
