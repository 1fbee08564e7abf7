/* hilf case list: what waits for a person, and what was decided. */
#include "base/when.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "engine/cases.h"
#include "wire/json.h"

#include <string.h>

#define LIMIT_DEFAULT 100
#define LIMIT_MOST    1000000

struct listing {
	struct cli *cli;
	struct table table;
	uint64_t count;
	struct hilf_err *err;
};

static int bank_name(struct listing *listing, uint32_t id, char ret_name[HILF_BANK_NAME_MAX + 1])
{
	struct store_bank bank;
	*ret_name = '\0';
	int rc = id ? case_bank(listing->cli->hilf, id, &bank, listing->err) : 0;
	if (!rc && id)
		memcpy(ret_name, bank.name, sizeof bank.name);
	return rc;
}

static void put_text(struct buf *buf, const char *key, const char *text)
{
	json_put_key(buf, key);
	if (text && *text)
		json_put_text(buf, text);
	else
		buf_text(buf, "null");
}

static void put_integer(struct buf *buf, const char *key, uint64_t number)
{
	json_put_key(buf, key);
	json_put_integer(buf, (int64_t)number);
}

static void put_json(struct buf *buf, const struct store_case *row, const char *bank)
{
	buf_char(buf, '{');
	put_integer(buf, "case", row->id);
	put_text(buf, "kind", case_kind_name(row->kind));
	put_text(buf, "state", case_state_name(row->state));
	put_text(buf, "priority", case_priority_name(row->priority));
	put_text(buf, "bank", bank);
	put_text(buf, "entry", row->entry_gid);
	put_text(buf, "content_id", row->content_id);
	put_text(buf, "class", row->content_class);
	put_integer(buf, "opened_ms", (uint64_t)row->opened_ms);
	put_integer(buf, "uploads", row->upload_count);
	put_integer(buf, "open", row->open_count);
	put_integer(buf, "clusters", row->cluster_count);
	put_integer(buf, "reports", row->report_count);
	put_text(buf, "closed_why", row->closed_why);
	buf_text(buf, "}\n");
}

static int take(const struct store_case *row, void *ctx)
{
	struct listing *listing = ctx;
	char bank[HILF_BANK_NAME_MAX + 1], when[WHEN_TEXT_SIZE];
	int rc = bank_name(listing, row->bank, bank);
	if (rc)
		return rc;
	listing->count++;
	if (listing->cli->json) {
		put_json(&listing->cli->out.buf, row, bank);
		out_settle(&listing->cli->out);
		return 0;
	}
	when_format(row->opened_ms, when);
	table_number(&listing->table, row->id);
	table_plain(&listing->table, case_kind_name(row->kind));
	table_plain(&listing->table, case_state_name(row->state));
	table_plain(&listing->table, case_priority_name(row->priority));
	table_number(&listing->table, row->upload_count);
	table_number(&listing->table, row->open_count);
	table_number(&listing->table, row->report_count);
	table_plain(&listing->table, when);
	table_text(&listing->table, row->content_class ? row->content_class : "");
	table_text(&listing->table, bank);
	return 0;
}

static int read_query(
	const struct arguments *arguments, struct case_query *ret_query, struct hilf_err *err)
{
	const char *limit_text = arguments_value(arguments, "limit");
	const char *state = arguments_value(arguments, "state");
	const char *kind = arguments_value(arguments, "kind");
	uint64_t limit = LIMIT_DEFAULT;
	uint32_t number;
	*ret_query = (struct case_query){
		.kind = -1, .bank = arguments_value(arguments, "bank"), .actor = ""};
	int rc = limit_text ? number_parse("--limit", limit_text, 1, LIMIT_MOST, &limit, err) : 0;
	if (!rc && state)
		rc = case_list_parse(state, &ret_query->list, err);
	if (!rc && kind) {
		rc = case_kind_parse(kind, &number, err);
		ret_query->kind = rc ? -1 : (int32_t)number;
	}
	ret_query->limit = (size_t)limit;
	return rc;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {">case", "kind", "state", "priority", ">uploads",
		">open", ">reports", "opened", "class", "bank"};
	char cursor[CASE_CURSOR_TEXT];
	struct case_query query;
	struct hilf_err err = {0};
	struct listing listing = {.cli = cli, .err = &err};
	if (read_query(arguments, &query, &err))
		return cli_usage(cli, "%s", err.text);
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	table_init(&listing.table, &cli->out, cli->out_is_terminal, headings, 10);
	int rc = case_page(cli->hilf, &query, take, &listing, cursor, &err);
	table_end(&listing.table);
	if (rc)
		return cli_fail(cli, &err);
	if (!listing.count)
		cli_note(cli, "there is no such case");
	else if (*cursor)
		cli_note(cli, "there are more; --limit says how many are listed");
	return STATUS_FINE;
}

static const char *const usage[] = {
	"[--state STATE] [--kind KIND] [--bank BANK] [--limit N]", NULL};
static const char *const states[] = {"open", "second", "decided", "closed", "all", NULL};
static const char *const kinds[] = {"match", "report", "dispute", "sample", "appeal", NULL};

static const struct option_spec options[] = {
	{.name = "state",
		.value = "STATE",
		.summary = "open (the default), second, decided, closed or all",
		.completes = COMPLETES_CHOICE,
		.choices = states},
	{.name = "kind",
		.value = "KIND",
		.summary = "match, report, dispute, sample or appeal",
		.completes = COMPLETES_CHOICE,
		.choices = kinds},
	{.name = "bank",
		.value = "BANK",
		.summary = "of this bank alone",
		.completes = COMPLETES_BANK},
	{.name = "limit", .value = "N", .summary = "how many at most; 100 if not said"},
	{0},
};

const struct command command_case_list = {
	.name = "list",
	.summary = "list what waits for a person, or was decided",
	.usage = usage,
	.description =
		"Prints a line for each case: its number, kind, state and priority, how many "
		"uploads it has, how many of these are not decided, how often users reported "
		"something of it, when it was opened, the class of what it is about, and the "
		"bank. Open ones are in the order of the queue, others newest first.",
	.options = options,
	.run = run,
};
