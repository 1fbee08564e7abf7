/* hilf case show: one case, with its clusters, uploads and notes. */
#include "base/when.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "engine/cases.h"

#define CLUSTERS_MOST 100000u

struct showing {
	struct cli *cli;
	struct hilf_err err;
	struct table table;
};

static int take_cluster(const struct store_cluster *cluster, void *ctx)
{
	struct showing *showing = ctx;
	char first[WHEN_TEXT_SIZE];
	when_format(cluster->first_ms, first);
	table_number(&showing->table, cluster->number);
	table_plain(&showing->table, surface_name((enum surface)cluster->surface));
	table_plain(&showing->table, case_share_name(cluster->share));
	table_plain(&showing->table, case_turned_name(cluster->turned));
	table_text(&showing->table, cluster->language ? cluster->language : "");
	table_number(&showing->table, cluster->upload_count);
	table_number(&showing->table, cluster->open_count);
	table_plain(&showing->table, first);
	table_text(&showing->table, cluster->caption ? cluster->caption : "");
	return cli_stopped() || showing->cli->out.sys ? HILF_E_STOPPED : 0;
}

static int show_clusters(struct showing *showing, uint64_t case_id)
{
	static const char *const headings[] = {">cluster", "surface", "share", "orientation",
		"language", ">uploads", ">open", "first", "caption"};
	struct cli *cli = showing->cli;
	table_init(&showing->table, &cli->out, cli->out_is_terminal, headings, 9);
	int rc = case_cluster_page(
		cli->hilf, case_id, true, 0, CLUSTERS_MOST, take_cluster, showing, &showing->err);
	if (!rc)
		rc = case_cluster_page(cli->hilf, case_id, false, 0, CLUSTERS_MOST, take_cluster,
			showing, &showing->err);
	table_end(&showing->table);
	return rc;
}

static int take_note(const struct store_note *note, void *ctx)
{
	struct showing *showing = ctx;
	char alias[STORE_ALIAS_TEXT] = "", when[WHEN_TEXT_SIZE];
	int rc = case_alias_look(
		showing->cli->hilf, false, note->case_id, note->actor, alias, &showing->err);
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	when_format(note->time_ms, when);
	table_plain(&showing->table, when);
	table_plain(&showing->table, alias);
	table_text(&showing->table, note->text);
	return 0;
}

static int show_notes(struct showing *showing, uint64_t case_id)
{
	static const char *const headings[] = {"noted", "by", "text"};
	struct cli *cli = showing->cli;
	table_init(&showing->table, &cli->out, cli->out_is_terminal, headings, 3);
	int rc = case_note_page(cli->hilf, case_id, take_note, showing, &showing->err);
	table_end(&showing->table);
	return rc;
}

static void show_head(struct cli *cli, const struct store_case *row)
{
	char opened[WHEN_TEXT_SIZE];
	struct buf *buf = &cli->out.buf;
	when_format(row->opened_ms, opened);
	buf_format(buf,
		"case %llu: %s, %s, %s, opened %s, %llu uploads (%llu open), %llu reports\n",
		(unsigned long long)row->id, case_kind_name(row->kind), case_state_name(row->state),
		case_priority_name(row->priority), opened, (unsigned long long)row->upload_count,
		(unsigned long long)row->open_count, (unsigned long long)row->report_count);
	if (row->entry_gid)
		buf_format(buf, "entry %s, %s\n", row->entry_gid,
			row->content_class ? row->content_class : "unclassified");
	if (row->closed_why)
		buf_format(buf, "closed: %s\n", row->closed_why);
	buf_char(buf, '\n');
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	struct showing showing = {.cli = cli};
	struct store_case row;
	struct arena arena;
	uint64_t id;
	if (number_parse("CASE", arguments->operands[0], 1, INT64_MAX, &id, &showing.err))
		return cli_usage(cli, "%s", showing.err.text);
	int status = cli_open(cli, CLI_READ, NULL);
	if (status)
		return status;
	arena_init(&arena, 0);
	int rc = case_get(cli->hilf, false, id, &arena, &row, &showing.err);
	if (!rc) {
		show_head(cli, &row);
		rc = show_clusters(&showing, id);
	}
	if (!rc) {
		buf_char(&cli->out.buf, '\n');
		rc = show_notes(&showing, id);
	}
	arena_clear(&arena);
	return rc && rc != HILF_E_STOPPED ? cli_fail(cli, &showing.err) : STATUS_FINE;
}

static const char *const usage[] = {"CASE", NULL};
static const struct operand_spec operands[] = {{"CASE", COMPLETES_NOTHING}, {0}};

const struct command command_case_show = {
	.name = "show",
	.summary = "show one case",
	.usage = usage,
	.description = "Prints what a case is about, its clusters of uploads (those with something "
		       "open first), and the notes on it. Who uploaded and where the evidence is, "
		       "reviewers see in the console and the API.",
	.operands = operands,
	.run = run,
};
