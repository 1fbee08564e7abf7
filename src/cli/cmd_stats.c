/* hilf stats: what is known here, in numbers. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "wire/json.h"

struct row {
	const char *key;  /* of JSON and of the column */
	const char *name; /* for a person */
	uint64_t number;
};

static void put_json(
	struct buf *buf, const struct hilf_stats *stats, const struct row *rows, size_t count)
{
	buf_char(buf, '{');
	json_put_key(buf, "member");
	json_put_text(buf, stats->member);
	for (size_t i = 0; i < count; i++) {
		json_put_key(buf, rows[i].key);
		json_put_integer(buf, (int64_t)rows[i].number);
	}
	json_put_key(buf, "simd");
	json_put_text(buf, stats->simd);
	buf_text(buf, "}\n");
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {"what", ">number", "meaning"};
	struct hilf_stats stats;
	struct hilf_err err = {0};
	struct table table;
	(void)arguments;
	if (cli_open(cli, CLI_INDEX, NULL))
		return STATUS_TROUBLE;
	if (hilf_stats_get(cli->hilf, &stats, &err))
		return cli_fail(cli, &err);
	const struct row rows[] = {
		{"banks", "banks", stats.bank_count},
		{"entries", "entries in force", stats.entry_count},
		{"withdrawn", "entries that were withdrawn", stats.withdrawn_count},
		{"expired", "entries that have expired", stats.expired_count},
		{"pdq", "pdq signals in force", stats.signal_count[HILF_PDQ]},
		{"sha256", "sha256 signals in force", stats.signal_count[HILF_SHA256]},
		{"md5", "md5 signals in force", stats.signal_count[HILF_MD5]},
		{"degenerate", "values kept out because they stand for nothing",
			stats.degenerate_count},
		{"index_values", "values in the similarity index", stats.index_count},
		{"index_bytes", "bytes of memory that the index takes", stats.index_size},
		{"records", "records in the feed", stats.feed_count},
		{"record_bytes", "bytes of records", stats.feed_size},
	};
	size_t count = sizeof rows / sizeof *rows;
	if (cli->json) {
		put_json(&cli->out.buf, &stats, rows, count);
		return STATUS_FINE;
	}
	table_init(&table, &cli->out, cli->out_is_terminal, headings, 3);
	for (size_t i = 0; i < count; i++) {
		table_plain(&table, rows[i].key);
		table_number(&table, rows[i].number);
		table_plain(&table, rows[i].name);
	}
	table_plain(&table, "member");
	table_text(&table, stats.member);
	table_plain(&table, "this node speaks for it");
	table_plain(&table, "simd");
	table_plain(&table, stats.simd);
	table_plain(&table, "instructions that the index and pdq use");
	table_end(&table);
	return STATUS_FINE;
}

static const char *const usage[] = {"", NULL};

const struct command command_stats = {
	.name = "stats",
	.summary = "say in numbers what is known here",
	.usage = usage,
	.description = "Prints how many banks, entries, signals and records there are, and what "
		       "the index takes.",
	.run = run,
};
