/* hilf appeal show: one appeal, and the decision that it is against. */
#include "base/when.h"
#include "cli/cli.h"
#include "cli/decision_view.h"
#include "cli/options.h"
#include "cli/registry.h"

#include <string.h>

static void show(struct cli *cli, const struct appeal_info *info)
{
	const char *outcome = appeal_outcome_name(info->outcome);
	struct buf *buf = &cli->out.buf;
	char when[WHEN_TEXT_SIZE];
	when_format(info->made_ms, when);
	buf_format(buf, "appeal %s: case %llu, %s, made %s\n", info->id,
		(unsigned long long)info->case_id,
		outcome ? outcome : appeal_state_name(info->state), when);
	buf_text(buf, "content: ");
	out_printable(buf, info->content_id, strlen(info->content_id));
	buf_char(buf, '\n');
	if (info->state == APPEAL_DECIDED) {
		when_format(info->decided_ms, when);
		buf_format(buf, "decided: %s, by %s\n", when, info->by[0] ? info->by : "-");
	}
	buf_text(buf, "\ntext\n");
	decision_view_quote(cli, info->text);
	if (info->answer && *info->answer) {
		buf_text(buf, "\nanswer\n");
		decision_view_quote(cli, info->answer);
	}
	buf_text(buf, "\nagainst\n");
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	struct decision_info against;
	struct appeal_info info;
	struct hilf_err err = {0};
	struct arena arena;
	uint64_t id;
	if (number_parse("CASE", arguments->operands[0], 1, INT64_MAX, &id, &err))
		return cli_usage(cli, "%s", err.text);
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	arena_init(&arena, 0);
	int rc = appeal_of_case(cli->hilf, NULL, id, &arena, &info, &err);
	if (!rc)
		rc = decision_get(cli->hilf, NULL, info.decision, &arena, &against, &err);
	if (!rc && cli->json) {
		decision_view_appeal_json(cli, &info, &against);
	} else if (!rc) {
		show(cli, &info);
		decision_view_text(cli, &against);
	}
	arena_clear(&arena);
	return rc ? cli_fail(cli, &err) : STATUS_FINE;
}

static const char *const usage[] = {"CASE", NULL};
static const struct operand_spec operands[] = {{"CASE", COMPLETES_NOTHING}, {0}};

const struct command command_appeal_show = {
	.name = "show",
	.summary = "show one appeal, and what it is against",
	.usage = usage,
	.description =
		"Prints the appeal that a case is: what whoever was concerned wrote, what they "
		"were "
		"answered, and the decision that it is against. People decide on it in the console "
		"of 'hilf serve'. --json has what the API has.",
	.operands = operands,
	.run = run,
};
