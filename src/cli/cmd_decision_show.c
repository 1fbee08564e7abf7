/* hilf decision show: one decision, with what the person concerned was told and the contents that it is about. */
#include "cli/cli.h"
#include "cli/decision_view.h"
#include "cli/options.h"
#include "cli/registry.h"

#include <string.h>

#define CONTENTS_MOST 1000000u

static int take_content(const struct decision_content *content, void *ctx)
{
	struct cli *cli = ctx;
	buf_text(&cli->out.buf, "  ");
	out_printable(&cli->out.buf, content->content_id, strlen(content->content_id));
	buf_text(&cli->out.buf, content->restored ? "  restored\n" : "\n");
	out_settle(&cli->out);
	return cli_stopped() || cli->out.sys ? HILF_E_STOPPED : 0;
}

static int show_contents(struct cli *cli, const char *id, struct hilf_err *err)
{
	buf_text(&cli->out.buf, "\ncontents\n");
	int rc = decision_contents(cli->hilf, id, 0, CONTENTS_MOST, take_content, cli, err);
	return rc == HILF_E_STOPPED ? 0 : rc;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *id = arguments->operands[0];
	struct decision_info info;
	struct hilf_err err = {0};
	struct arena arena;
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	arena_init(&arena, 0);
	int rc = decision_get(cli->hilf, NULL, id, &arena, &info, &err);
	if (!rc && cli->json) {
		decision_view_json(cli, &info);
	} else if (!rc) {
		decision_view_text(cli, &info);
		rc = show_contents(cli, id, &err);
	}
	arena_clear(&arena);
	return rc ? cli_fail(cli, &err) : STATUS_FINE;
}

static const char *const usage[] = {"DECISION", NULL};
static const struct operand_spec operands[] = {{"DECISION", COMPLETES_NOTHING}, {0}};

const struct command command_decision_show = {
	.name = "show",
	.summary = "show one decision",
	.usage = usage,
	.description =
		"Prints what was decided, when, by whom, on what ground and for where and how "
		"long, "
		"the reasons, the statement to whoever is concerned, and the contents, with those "
		"that an appeal restored. DECISION is an id, of a person's decision or of a block "
		"that hilf made by itself. --json has what GET /v1/decisions/{decision} has, and "
		"so no contents.",
	.operands = operands,
	.run = run,
};
