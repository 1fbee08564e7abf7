/* hilf webhook set: another URL, other events, on or off, a fresh secret. */
#include "cli/cli.h"
#include "cli/hook_view.h"
#include "cli/registry.h"

#include <string.h>

static int read_change(const struct arguments *arguments, struct hook_change *change,
	const char **events, struct hilf_err *err)
{
	bool on = arguments_flag(arguments, "on"), off = arguments_flag(arguments, "off");
	change->url = arguments_value(arguments, "url");
	change->set_enabled = on || off;
	change->enabled = on;
	change->new_secret = arguments_flag(arguments, "new-secret");
	if (!arguments_count(arguments, "event"))
		return 0;
	change->events = events;
	return hook_view_events(arguments, events, &change->event_count, err);
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *id = arguments->operands[0], *events[HOOK_EVENTS_MAX];
	struct hook_change change = {0};
	struct hook_info info;
	struct hilf_err err = {0};
	if (read_change(arguments, &change, events, &err))
		return cli_usage(cli, "%s", err.text);
	if (arguments_flag(arguments, "on") && arguments_flag(arguments, "off"))
		return cli_usage(cli, "--on and --off contradict each other");
	if (!change.url && !change.events && !change.set_enabled && !change.new_secret)
		return cli_usage(cli, "what shall change? Say --url, --event, --on, --off or "
				      "--new-secret");
	int status = cli_open(cli, CLI_WRITE, "webhook set");
	if (status)
		return status;
	if (hook_set(cli->hilf, id, &change, &info, &err))
		return cli_fail(cli, &err);
	if (cli->json) {
		hook_view_json(&cli->out.buf, &info);
	} else {
		if (info.secret[0])
			buf_format(&cli->out.buf, "%s\n", info.secret);
		cli_note(cli, "webhook %s is changed, and %s", id, hook_view_state(&info));
	}
	memset(info.secret, 0, sizeof info.secret);
	return STATUS_FINE;
}

static const char *const usage[] = {
	"WEBHOOK [--url URL] [--event EVENT]... [--on|--off] [--new-secret]", NULL};

static const struct option_spec options[] = {
	{.name = "url", .value = "URL", .summary = "where to post from now on, also what waits"},
	{.name = "event",
		.value = "EVENT",
		.completes = COMPLETES_SUCH_AS,
		.choices = hook_view_event_choices,
		.repeats = true,
		.summary = "what to tell; those that are given take the place of all there are"},
	{.name = "on", .summary = "go on posting, with what waits first"},
	{.name = "off", .summary = "post nothing, and queue nothing more"},
	{.name = "new-secret", .summary = "sign with a fresh secret, which is shown once"},
	{0},
};

static const struct operand_spec operands[] = {{.name = "WEBHOOK"}, {0}};

const struct command command_webhook_set = {
	.name = "set",
	.summary = "change a webhook, switch it on or off",
	.usage = usage,
	.description =
		"Changes what is named; the rest stays. A webhook is switched off by itself "
		"when it answers 410 or when a million events wait for it: 'hilf webhook list' "
		"says so.",
	.options = options,
	.operands = operands,
	.run = run,
};
