/* hilf add: what is known goes into a bank. Files are hashed by several threads and added together, a record for many,
 * because a signature and a sync cost the same for one as for hundreds. */
#include "cli/cli.h"
#include "cli/meta.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "cli/scan.h"
#include "engine/vault.h"
#include "os/clock.h"
#include "wire/json.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH    256
#define BATCH_US (1000 * 1000) /* nobody waits longer for a first id */

struct pending {
	char *path;
	bool plain; /* only its digests stand for it */
	struct hilf_signal signals[3];
	size_t signal_count;
	uint8_t sha256[32];
};

struct add {
	struct cli *cli;
	const char *bank;
	struct meta meta;
	struct table table;
	struct pending pending[BATCH];
	size_t count;
	int64_t flushed_us;
	uint64_t added_count, already_count;
	bool troubled;
	int failed; /* STATUS_TROUBLE after the bank could not be written to: no more is tried */
};

static const char *const headings[] = {">entry", "what", "path"};

static void put_answer(
	struct add *add, const char *key, const char *what, const struct hilf_add_result *result)
{
	static const char *const words[] = {[HILF_ADDED] = "added",
		[HILF_ADDED_ALREADY] = "already",
		[HILF_ADDED_DEGENERATE] = "degenerate"};
	struct cli *cli = add->cli;
	if (!cli->json) {
		if (result->entry)
			table_number(&add->table, result->entry);
		else
			table_plain(&add->table, "");
		table_plain(&add->table, words[result->what]);
		table_text(&add->table, what);
		return;
	}
	buf_char(&cli->out.buf, '{');
	cli_json_text(&cli->out.buf, key, what);
	json_put_key(&cli->out.buf, "result");
	json_put_text(&cli->out.buf, words[result->what]);
	if (result->entry) {
		json_put_key(&cli->out.buf, "entry");
		json_put_integer(&cli->out.buf, (int64_t)result->entry);
	}
	buf_text(&cli->out.buf, "}\n");
	out_settle(&cli->out);
}

/* For the vault, where it is on: small copies to compare with later. The entries are added whatever comes of it. */
static void keep_copies(struct add *add, const struct hilf_add_result *results)
{
	struct vault_copy *copies =
		vault_is_on(add->cli->hilf) ? calloc(add->count, sizeof *copies) : NULL;
	struct hilf_err err = {0};
	for (size_t i = 0; i < add->count && copies; i++) {
		const struct pending *pending = &add->pending[i];
		int fd = open(pending->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd < 0)
			continue;
		copies[i].entry = results[i].entry;
		vault_show(add->cli->hilf, fd, LIMIT_DECODE_TIME_MS, pending->sha256,
			&copies[i].previews);
		close(fd);
	}
	if (copies && vault_keep_copies(add->cli->hilf, copies, add->count, &err))
		cli_say(add->cli, "no copies were kept in the vault: %s", err.text);
	for (size_t i = 0; i < add->count && copies; i++)
		previews_clear(&copies[i].previews);
	free(copies);
}

/* Adds what is pending and prints its ids. */
static int flush(struct add *add)
{
	struct hilf_new_entry entries[BATCH];
	struct hilf_add_result results[BATCH];
	struct hilf_err err = {0};
	int status = 0;
	add->flushed_us = clock_monotonic_us();
	for (size_t i = 0; i < add->count; i++)
		entries[i] = (struct hilf_new_entry){.signals = add->pending[i].signals,
			.signal_count = add->pending[i].signal_count};
	if (add->count && hilf_add(add->cli->hilf, add->bank, &add->meta.meta, entries, add->count,
				  results, &err)) {
		status = cli_fail(add->cli, &err);
		cli_say(add->cli,
			"nothing from %s on was added; say it again when that is mended: what is "
			"there already answers with the id it has",
			add->pending[0].path);
	}
	if (!status && add->count)
		keep_copies(add, results);
	for (size_t i = 0; i < add->count; i++) {
		struct pending *pending = &add->pending[i];
		if (!status) {
			put_answer(add, "path", pending->path, &results[i]);
			add->added_count += results[i].what == HILF_ADDED;
			add->already_count += results[i].what == HILF_ADDED_ALREADY;
			if (pending->plain)
				cli_note(add->cli,
					"%s: too plain to be recognised when edited; only its "
					"digests were added",
					pending->path);
		}
		free(pending->path);
	}
	add->count = 0;
	return status;
}

static struct hilf_signal digest(enum hilf_signal_type type, const uint8_t *value, uint8_t size)
{
	struct hilf_signal signal = {
		.type = (uint8_t)type, .size = size, .quality = HILF_QUALITY_UNKNOWN};
	memcpy(signal.value, value, size);
	return signal;
}

static int take(void *ctx, const struct scan_result *result)
{
	struct add *add = ctx;
	const struct hilf_content *content = &result->content;
	if (add->failed)
		return add->failed;
	if (cli_stopped() && (!result->read || !content->decided))
		return 0;
	if (scan_is_other(result))
		return 0;
	if (!result->read || !content->decided || !content->picture_count) {
		if (add->cli->json) {
			buf_char(&add->cli->out.buf, '{');
			cli_json_text(&add->cli->out.buf, "path", result->path);
			json_put_key(&add->cli->out.buf, "result");
			json_put_text(&add->cli->out.buf, "undecided");
			cli_json_content(
				&add->cli->out.buf, result->read ? content : NULL, result->trouble);
			buf_text(&add->cli->out.buf, "}\n");
		}
		scan_say_trouble(add->cli, result);
		add->troubled = true;
		return 0;
	}
	struct pending *pending = &add->pending[add->count];
	*pending = (struct pending){
		.path = strdup(result->path), .plain = content->pictures[0].degenerate};
	if (!pending->path) {
		cli_say(add->cli, "out of memory");
		return STATUS_TROUBLE;
	}
	if (!pending->plain) {
		struct hilf_signal pdq =
			digest(HILF_PDQ, content->pictures[0].pdq[HILF_ORIGINAL], 32);
		pdq.quality = content->pictures[0].quality;
		pending->signals[pending->signal_count++] = pdq;
	}
	memcpy(pending->sha256, content->sha256, sizeof pending->sha256);
	pending->signals[pending->signal_count++] = digest(HILF_SHA256, content->sha256, 32);
	pending->signals[pending->signal_count++] = digest(HILF_MD5, content->md5, 16);
	return ++add->count == BATCH ? flush(add) : 0;
}

static void idle(void *ctx)
{
	struct add *add = ctx;
	if (add->count && clock_monotonic_us() - add->flushed_us > BATCH_US)
		add->failed = flush(add);
	table_idle(&add->table);
	out_flush(&add->cli->out);
}

static int add_files(struct add *add, const struct arguments *arguments)
{
	struct scan scan = {
		.cli = add->cli,
		.paths = arguments->operands + 1,
		.count = arguments->operand_count - 1,
		.list = scan_list(arguments, arguments->operand_count - 1),
		.delimiter = arguments_flag(arguments, "null") ? '\0' : '\n',
		.others = "only pictures are added",
		.result = take,
		.idle = idle,
		.ctx = add,
	};
	add->flushed_us = clock_monotonic_us();
	int status = scan_run(&scan);
	if (flush(add))
		status = STATUS_TROUBLE;
	if (cli_stopped())
		cli_say(add->cli, "stopped; %llu were added until then",
			(unsigned long long)add->added_count);
	add->troubled |= scan.troubled;
	return status;
}

/* Every --signal together is one entry. */
static int add_signals(struct add *add, const struct arguments *arguments)
{
	struct hilf_signal signals[LIMIT_ENTRY_SIGNALS];
	struct hilf_add_result result;
	struct hilf_err err = {0};
	size_t count = arguments_count(arguments, "signal");
	if (count > LIMIT_ENTRY_SIGNALS)
		return cli_usage(add->cli, "an entry has %u signals at most", LIMIT_ENTRY_SIGNALS);
	for (size_t i = 0; i < count; i++)
		if (cli_signal_parse(arguments_nth(arguments, "signal", i), &signals[i], &err))
			return cli_usage(add->cli, "--signal: %s", err.text);
	const struct hilf_new_entry entry = {.signals = signals, .signal_count = count};
	if (hilf_add(add->cli->hilf, add->bank, &add->meta.meta, &entry, 1, &result, &err))
		return cli_fail(add->cli, &err);
	put_answer(add, "signal", arguments_nth(arguments, "signal", 0), &result);
	add->already_count += result.what == HILF_ADDED_ALREADY;
	if (result.what != HILF_ADDED_DEGENERATE)
		return STATUS_FINE;
	cli_say(add->cli,
		"%s: this value stands for nothing (a plain picture has it too), so it was not "
		"added",
		arguments_nth(arguments, "signal", 0));
	return STATUS_TROUBLE;
}

static int add_all(struct add *add, const struct arguments *arguments)
{
	struct cli *cli = add->cli;
	bool signals = arguments_flag(arguments, "signal");
	struct hilf_bank bank;
	struct hilf_err err = {0};
	int status = cli_open(cli, CLI_WRITE | (signals ? 0 : CLI_DECODE), "add");
	if (status)
		return status;
	if (hilf_bank_get(cli->hilf, add->bank, &bank, &err))
		return cli_fail_bank(cli, add->bank, &err);
	table_init(&add->table, &cli->out, cli->out_is_terminal, headings, 3);
	status = signals ? add_signals(add, arguments) : add_files(add, arguments);
	table_end(&add->table);
	meta_note_already(cli, &add->meta, add->already_count);
	return status || add->troubled ? STATUS_TROUBLE : STATUS_FINE;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	bool signals = arguments_flag(arguments, "signal");
	bool files = arguments->operand_count > 1 || scan_list(arguments, 0);
	struct hilf_err err = {0};
	if (signals && files)
		return cli_usage(
			cli, "name files or --signal, not both: an entry is one or the other");
	if (!signals && !files)
		return cli_usage(cli,
			"what shall be added to '%s'? Say hilf add %s FILE..., or --signal "
			"TYPE:VALUE",
			arguments->operands[0], arguments->operands[0]);
	struct add *add = calloc(1, sizeof *add);
	if (!add) {
		cli_say(cli, "out of memory");
		return STATUS_TROUBLE;
	}
	add->cli = cli;
	add->bank = arguments->operands[0];
	int rc = meta_read(arguments, "human", &add->meta, &err);
	int status = rc ? cli_usage(cli, "%s", err.text) : add_all(add, arguments);
	meta_free(&add->meta);
	free(add);
	return status;
}

static const char *const usage[] = {
	"BANK FILE... [--label KEY=VALUE]... [OPTION]...",
	"BANK --signal TYPE:VALUE... [--label KEY=VALUE]... [OPTION]...",
	NULL,
};

static const struct option_spec options[] = {
	{.name = "signal",
		.value = "TYPE:VALUE",
		.repeats = true,
		.summary = "add a signal instead of files; repeated, all of them are one entry's"},
	META_OPTIONS,
	SCAN_OPTIONS,
	{0},
};

static const struct operand_spec operands[] = {
	{"BANK", COMPLETES_BANK},
	{"FILE", COMPLETES_FILE, .optional = true, .repeats = true},
	{0},
};

static const struct example examples[] = {
	{"add known poster.jpg --label event=paris",
		"One picture, with a label that its matches will show."},
	{"add known pictures/ --expires 180d", "Every picture in a folder, for half a year."},
	{"add known --signal md5:9e107d9d372bb6826bd81d3542a419d6",
		"A digest that somebody else gave you."},
	{0},
};

const struct command command_add = {
	.name = "add",
	.summary = "add pictures or signals to a bank",
	.usage = usage,
	.description =
		"Adds an entry to the bank for each picture: its pdq, by which edited copies are "
		"recognised, and the "
		"digests of the file. The pictures themselves are not kept, but a small preview of "
		"each is where the vault is on ('hilf vault'). Prints a line for "
		"each: the entry's id, "
		"'added' or 'already', and the path. What is in the bank already answers with the "
		"id it has, so saying "
		"the same twice does no harm.\n\n"
		"Folders are walked to their ends, and what is no picture in them is passed "
		"over.\n\n"
		"What was added is durable, and known to the next query, once its line is "
		"printed.\n\n"
		"With --json a line is an object: 'path' (or 'signal'), 'result' (added, already, "
		"degenerate or undecided, then with a 'code' and a 'reason') and 'entry'.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.statuses = "0 when everything is in the bank now, 2 when something could not be read or "
		    "added: the rest is.",
	.run = run,
};
