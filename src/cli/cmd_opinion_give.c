/* hilf opinion give: this member's word on an entry, whoever's entry it is. */
#include "cli/cli.h"
#include "cli/entry_view.h"
#include "cli/options.h"
#include "cli/registry.h"

struct giving {
	struct cli *cli;
	enum hilf_opinion opinion;
};

static int take(const struct hilf_entry *entry, void *ctx)
{
	const struct giving *giving = ctx;
	struct cli *cli = giving->cli;
	const char *then = entry->dispute_count ? "; it is disputed, so it never blocks" : "";
	if (cli->json)
		entry_view_json(&cli->out.buf, entry);
	else if (giving->opinion == HILF_OPINION_NONE)
		cli_note(cli, "entry %llu: this member says nothing of it any more%s",
			(unsigned long long)entry->id, then);
	else
		cli_note(cli, "entry %llu: this member's word is %s%s",
			(unsigned long long)entry->id, hilf_opinion_name(giving->opinion), then);
	return 0;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *entry = arguments->operands[0];
	struct giving giving = {.cli = cli};
	struct hilf_err err = {0};
	if (hilf_opinion_parse(arguments->operands[1], &giving.opinion, &err))
		return cli_usage(cli, "%s", err.text);
	int status = cli_open(cli, CLI_WRITE, "opinion give");
	if (status)
		return status;
	if (hilf_opinion_give(cli->hilf, entry, giving.opinion, &err) ||
		hilf_entry_get(cli->hilf, entry, take, &giving, &err))
		return cli_fail(cli, &err);
	return STATUS_FINE;
}

static const char *const usage[] = {"ENTRY confirm|dispute|seen|none", NULL};
static const char *const opinions[] = {"confirm", "dispute", "seen", "none", NULL};
static const struct operand_spec operands[] = {{.name = "ENTRY"},
	{.name = "OPINION", .completes = COMPLETES_CHOICE, .choices = opinions}, {0}};

static const struct example examples[] = {
	{"opinion give 17 dispute", "It is not what it is said to be: nobody blocks it."},
	{"opinion give 17 none", "Take this word back."},
	{0},
};

const struct command command_opinion_give = {
	.name = "give",
	.summary = "say what this member thinks of an entry",
	.usage = usage,
	.description =
		"Gives this member's word, signed, on an entry of any bank; the last one counts. "
		"'confirm' says that somebody viewed this member's own copy and judged it the "
		"same; 'seen' only that it matched here; 'dispute' that it is not what it is said "
		"to be, and from then on its matches go to a person and never block; 'none' takes "
		"the word back.",
	.operands = operands,
	.examples = examples,
	.run = run,
};
