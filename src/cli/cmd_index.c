/* hilf index: the snapshot that lets a start find the index there. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "cli/warmer.h"
#include "wire/json.h"

static void print(struct cli *cli, const struct hilf_index *index)
{
	static const char *const headings[] = {"what", ">number", "meaning"};
	const struct {
		const char *key, *meaning;
		uint64_t number;
	} rows[] = {
		{"records", "records of the feed that the index has", index->seq},
		{"snapshot_records", "records that the snapshot has", index->snapshot_seq},
		{"snapshot_bytes", "bytes that the snapshot takes on disk", index->snapshot_size},
		{"read", "entries that this start had to read from the store", index->told_count},
	};
	const size_t count = sizeof rows / sizeof *rows;
	struct table table;
	if (cli->json) {
		struct buf *buf = &cli->out.buf;
		buf_char(buf, '{');
		for (size_t i = 0; i < count; i++) {
			json_put_key(buf, rows[i].key);
			json_put_integer(buf, (int64_t)rows[i].number);
		}
		buf_text(buf, "}\n");
		return;
	}
	table_init(&table, &cli->out, cli->out_is_terminal, headings, 3);
	for (size_t i = 0; i < count; i++) {
		table_plain(&table, rows[i].key);
		table_number(&table, rows[i].number);
		table_plain(&table, rows[i].meaning);
	}
	table_end(&table);
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	bool save = arguments_flag(arguments, "save"), drop = arguments_flag(arguments, "drop");
	struct hilf_index index;
	struct hilf_err err = {0};
	if (save && drop)
		return cli_usage(cli, "--save and --drop undo each other; name one");
	/* What is thrown away need not be read. */
	if (cli_open(cli, drop ? CLI_READ : CLI_INDEX, "index"))
		return STATUS_TROUBLE;
	if (drop)
		return hilf_checkpoint_drop(cli->hilf, &err) ? cli_fail(cli, &err) : STATUS_FINE;
	if (hilf_index_get(cli->hilf, &index, &err))
		return cli_fail(cli, &err);
	if (index.mended_count)
		cli_say(cli,
			"the snapshot of the index could not be used, and all was read from the "
			"store: %s",
			index.mended_why);
	if (save && (hilf_checkpoint(cli->hilf, &err) || hilf_index_get(cli->hilf, &index, &err)))
		return cli_fail(cli, &err);
	print(cli, &index);
	return STATUS_FINE;
}

static const char *const usage[] = {"[--save|--drop]", NULL};

static const struct option_spec options[] = {
	{.name = "save", .summary = "write the snapshot now"},
	{.name = "drop", .summary = "remove the snapshot"},
	{0},
};

static const struct example examples[] = {
	{"index --save", "After a large import, so that the next start is quick."},
	{0},
};

const struct command command_index = {
	.name = "index",
	.summary = "show, write or remove the snapshot of the index",
	.usage = usage,
	.description = "What hilf compares with is held in memory, and a start makes it from the "
		       "store, which takes a second for a "
		       "million entries. A snapshot, in the folder 'index' of the data, makes it "
		       "there at once. It is a cache: every part of it is verified before it is "
		       "used, what is wrong with it is made up for from the store, and removing it "
		       "loses nothing. 'hilf match' writes one by itself when it had to read much, "
		       "'hilf fsck' verifies it whole.",
	.options = options,
	.examples = examples,
	.run = run,
};
