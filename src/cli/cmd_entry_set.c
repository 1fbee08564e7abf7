/* hilf entry set: the owner says something else of an entry. */
#include "cli/cli.h"
#include "cli/entry_view.h"
#include "cli/meta.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "base/when.h"
#include "os/clock.h"

#include <string.h>

static int read_change(const struct arguments *arguments, struct meta *meta,
	struct hilf_entry_change *change, struct hilf_err *err)
{
	const char *expires = arguments_value(arguments, "expires");
	int64_t now_ms = clock_now_ms();
	int rc = meta_read_said(arguments, meta, err);
	if (rc)
		return rc;
	change->content_class = meta->meta.content_class;
	change->ground = meta->meta.ground;
	change->labels = meta->meta.labels;
	change->label_count = meta->meta.label_count;
	change->set_labels = change->label_count || arguments_flag(arguments, "no-labels");
	if (expires && !strcmp(expires, "now"))
		change->expires_ms = now_ms;
	else if (expires)
		rc = when_parse_expiry("--expires", expires, now_ms, &change->expires_ms, err);
	return rc;
}

static int take(const struct hilf_entry *entry, void *ctx)
{
	struct cli *cli = ctx;
	if (cli->json)
		entry_view_json(&cli->out.buf, entry);
	else if (entry->state == HILF_IN_FORCE)
		cli_note(cli, "entry %llu of bank '%s' is changed", (unsigned long long)entry->id,
			entry->bank);
	else
		cli_note(cli, "entry %llu of bank '%s' has expired; no query finds it any more",
			(unsigned long long)entry->id, entry->bank);
	return 0;
}

static int set(struct cli *cli, const struct arguments *arguments, struct meta *meta)
{
	const char *entry = arguments->operands[0];
	struct hilf_entry_change change = {0};
	struct hilf_err err = {0};
	if (read_change(arguments, meta, &change, &err))
		return cli_usage(cli, "%s", err.text);
	if (change.label_count && arguments_flag(arguments, "no-labels"))
		return cli_usage(cli, "--label and --no-labels contradict each other");
	if (!change.content_class && !change.ground && !change.set_labels && !change.expires_ms)
		return cli_usage(cli, "what shall change? Say --class, --ground, --label, "
				      "--no-labels or --expires");
	int status = cli_open(cli, CLI_WRITE, "entry set");
	if (status)
		return status;
	if (hilf_entry_set(cli->hilf, entry, &change, &err) ||
		hilf_entry_get(cli->hilf, entry, take, cli, &err))
		return cli_fail(cli, &err);
	return STATUS_FINE;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	struct meta meta = {0};
	int status = set(cli, arguments, &meta);
	meta_free(&meta);
	return status;
}

static const char *const usage[] = {"ENTRY [--class CLASS] [--ground TEXT] [--label KEY=VALUE]...",
	"ENTRY --no-labels", "ENTRY --expires now|DAY|DURATION", NULL};
static const char *const ends[] = {"now", NULL};

static const struct option_spec options[] = {
	{.name = "class",
		.value = "CLASS",
		.completes = COMPLETES_CLASS,
		.summary = "the class of the content"},
	{.name = "ground",
		.value = "TEXT",
		.summary = "the rule it falls under: a citation, no free text; '' for none"},
	{.name = "label",
		.letter = 'l',
		.value = "KEY=VALUE",
		.repeats = true,
		.summary = "a label; those that are given take the place of all there are"},
	{.name = "no-labels", .summary = "take all labels away"},
	{.name = "expires",
		.value = "WHEN",
		.completes = COMPLETES_SUCH_AS,
		.choices = ends,
		.summary = "an earlier end: now, a day such as 2027-05-31, a duration such as 90d"},
	{0},
};
static const struct operand_spec operands[] = {{.name = "ENTRY"}, {0}};

static const struct example examples[] = {
	{"entry set 17 --class incitement --ground 'TCO Art. 2(7)(a)'", "Say what it is."},
	{"entry set 17 --expires now", "Let it end, though nothing was wrong with it."},
	{0},
};

const struct command command_entry_set = {
	.name = "set",
	.summary = "change what is said of an entry",
	.usage = usage,
	.description =
		"Changes an entry of a bank of one's own; whoever receives the bank sees it. What "
		"is not named stays. An expiry can only come closer: what should stand longer is "
		"added again when it has expired. An entry that was wrong is withdrawn instead "
		"('hilf withdraw'), which says why.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.run = run,
};
