/* hilf appeal list: what whoever was concerned contested. Each is a case of its own, and the way to them is by cases. */
#include "base/when.h"
#include "cli/cli.h"
#include "cli/decision_view.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "engine/cases.h"

#include <string.h>

#define LIMIT_MOST 1000000

struct listing {
	struct cli *cli;
	struct table table;
	size_t count;
	struct hilf_err *err;
};

static void put_row(struct table *table, const struct appeal_info *info)
{
	const char *outcome = appeal_outcome_name(info->outcome);
	char when[WHEN_TEXT_SIZE];
	when_format(info->made_ms, when);
	table_number(table, info->case_id);
	table_plain(table, outcome ? outcome : appeal_state_name(info->state));
	table_plain(table, when);
	table_plain(table, info->decision);
	table_plain(table, info->automated ? "hilf" : "people");
	table_text(table, info->content_id);
}

static int put_json(struct listing *listing, const struct appeal_info *info, struct arena *arena)
{
	struct decision_info against;
	int rc = decision_get(
		listing->cli->hilf, NULL, info->decision, arena, &against, listing->err);
	if (!rc || rc == HILF_E_NOT_FOUND)
		decision_view_appeal_json(listing->cli, info, rc ? NULL : &against);
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

static int take(const struct store_case *row, void *ctx)
{
	struct listing *listing = ctx;
	struct appeal_info info;
	struct arena arena;
	if (cli_stopped() || listing->cli->out.sys)
		return HILF_E_STOPPED;
	arena_init(&arena, 0);
	int rc = appeal_of_case(listing->cli->hilf, NULL, row->id, &arena, &info, listing->err);
	if (!rc && listing->cli->json)
		rc = put_json(listing, &info, &arena);
	else if (!rc)
		put_row(&listing->table, &info);
	if (!rc)
		listing->count++;
	arena_clear(&arena);
	return rc == HILF_E_NOT_FOUND ? 0 : rc;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {
		">case", "state", "made", "against", "decided by", "content"};
	const char *state = arguments_value(arguments, "state");
	struct case_query query = {.list = CASES_ALL, .actor = ""};
	char cursor[CASE_CURSOR_TEXT];
	uint32_t kind;
	struct hilf_err err = {0};
	struct listing listing = {.cli = cli, .err = &err};
	if (decision_view_limit(arguments, LIMIT_MOST, &query.limit, &err) ||
		case_kind_parse("appeal", &kind, &err))
		return cli_usage(cli, "%s", err.text);
	query.kind = (int32_t)kind;
	if (state && strcmp(state, "all") != 0)
		query.list = strcmp(state, "open") == 0 ? CASES_OPEN : CASES_DECIDED;
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	table_init(&listing.table, &cli->out, cli->out_is_terminal, headings, 6);
	int rc = case_page(cli->hilf, &query, take, &listing, cursor, &err);
	table_end(&listing.table);
	if (rc && rc != HILF_E_STOPPED)
		return cli_fail(cli, &err);
	if (!listing.count)
		cli_note(cli, "there is no such appeal");
	else if (!rc && *cursor)
		decision_view_more(cli);
	return STATUS_FINE;
}

static const char *const usage[] = {"[--state STATE] [--limit N]", NULL};
static const char *const states[] = {"open", "decided", "all", NULL};

static const struct option_spec options[] = {
	{.name = "state",
		.value = "STATE",
		.summary = "open, decided or all (the default)",
		.completes = COMPLETES_CHOICE,
		.choices = states},
	{.name = "limit", .value = "N", .summary = "how many at most; 100 if not said"},
	{0},
};

const struct command command_appeal_list = {
	.name = "list",
	.summary = "list what was appealed against",
	.usage = usage,
	.description =
		"Prints a line for each appeal: the case that it is, whether it is open, upheld or "
		"rejected, when it was made, the decision that it is against, whether people or "
		"hilf itself decided that, and the content. --json has what the API has.",
	.options = options,
	.run = run,
};
