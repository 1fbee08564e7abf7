/* hilf decision list: what people decided, on the whole node, in a case or of a content. */
#include "base/when.h"
#include "cli/cli.h"
#include "cli/decision_view.h"
#include "cli/options.h"
#include "cli/registry.h"

#define LIMIT_MOST 1000000

struct listing {
	struct cli *cli;
	struct table table;
	size_t count, limit;
	int state; /* -1: all */
};

static int take(const struct decision_info *info, void *ctx)
{
	struct listing *listing = ctx;
	struct table *table = &listing->table;
	struct buf actions = BUF_INIT;
	char when[WHEN_TEXT_SIZE];
	if (listing->state >= 0 && listing->state != (int)info->state)
		return 0;
	if (listing->count++ == listing->limit || cli_stopped() || listing->cli->out.sys)
		return HILF_E_STOPPED;
	if (listing->cli->json) {
		decision_view_json(listing->cli, info);
		return 0;
	}
	when_format(info->made_ms, when);
	decision_view_actions(&actions, info->actions);
	table_plain(table, info->id);
	table_plain(table, decision_state_name(info->state));
	table_plain(table, actions.failed ? "" : actions.data);
	table_plain(table, basis_name(info->basis));
	table_number(table, info->upload_count);
	table_plain(table, when);
	table_plain(table, info->block ? "hilf" : info->by);
	table_number(table, info->case_id);
	table_text(table, info->bank);
	buf_free(&actions);
	return 0;
}

struct asking {
	const char *content_id;
	uint64_t case_id;
};

static int read_asking(const struct arguments *arguments, struct listing *listing,
	struct asking *ret_asking, struct hilf_err *err)
{
	const char *state = arguments_value(arguments, "state");
	const char *of_case = arguments_value(arguments, "case");
	enum decision_state parsed;
	*ret_asking = (struct asking){.content_id = arguments_value(arguments, "content")};
	listing->state = -1;
	int rc = decision_view_limit(arguments, LIMIT_MOST, &listing->limit, err);
	if (!rc && state) {
		rc = decision_state_parse(state, &parsed, err);
		listing->state = rc ? -1 : (int)parsed;
	}
	return !rc && of_case
		       ? number_parse("--case", of_case, 1, INT64_MAX, &ret_asking->case_id, err)
		       : rc;
}

static int list(struct listing *listing, const struct asking *asking, struct hilf_err *err)
{
	struct hilf *hilf = listing->cli->hilf;
	if (asking->content_id)
		return decision_of_content(
			hilf, NULL, asking->content_id, LIMIT_MOST, take, listing, err);
	if (asking->case_id)
		return decision_each_of_case(hilf, NULL, asking->case_id, take, listing, err);
	return decision_page(hilf, NULL, listing->state, 0, listing->limit + 1, take, listing, err);
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {"decision", "state", "actions", "ground",
		">contents", "made", "by", ">case", "bank"};
	struct listing listing = {.cli = cli};
	struct asking asking;
	struct hilf_err err = {0};
	if (read_asking(arguments, &listing, &asking, &err))
		return cli_usage(cli, "%s", err.text);
	if (asking.content_id && asking.case_id)
		return cli_usage(cli, "--case and --content are two questions: ask one of them");
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	table_init(&listing.table, &cli->out, cli->out_is_terminal, headings, 9);
	int rc = list(&listing, &asking, &err);
	table_end(&listing.table);
	if (rc && rc != HILF_E_STOPPED)
		return cli_fail(cli, &err);
	if (!listing.count)
		cli_note(cli, "there is no such decision");
	else if (listing.count > listing.limit)
		decision_view_more(cli);
	return STATUS_FINE;
}

static const char *const usage[] = {
	"[--state STATE] [--case CASE | --content CONTENT_ID] [--limit N]", NULL};
static const char *const states[] = {
	"pending", "waiting_second", "standing", "undone", "refused", "reversed", "expired", NULL};

static const struct option_spec options[] = {
	{.name = "state",
		.value = "STATE",
		.summary =
			"pending, waiting_second, standing, undone, refused, reversed or expired",
		.completes = COMPLETES_CHOICE,
		.choices = states},
	{.name = "case", .value = "CASE", .summary = "those in this case, the oldest first"},
	{.name = "content",
		.value = "CONTENT_ID",
		.summary = "those on this content, hilf's own as well"},
	{.name = "limit", .value = "N", .summary = "how many at most; 100 if not said"},
	{0},
};

static const struct example examples[] = {
	{"decision list --state waiting_second", "What waits for a second person."},
	{"decision list --content post-81 --json", "What was decided of one content."},
	{0},
};

const struct command command_decision_list = {
	.name = "list",
	.summary = "list what people decided",
	.usage = usage,
	.description =
		"Prints a line for each decision, the newest first: its id, what state it is in, "
		"what is done, on what ground, how many contents it is about, when it was made, by "
		"whom (a name of that case alone; 'hilf case people CASE' says whose it is), the "
		"case and the bank. What hilf blocked by itself is listed with --content alone. "
		"--json has what the API has.",
	.options = options,
	.examples = examples,
	.run = run,
};
