/* hilf hash: the signals of files, for other tools and other members. Needs no data. */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "cli/scan.h"
#include "wire/json.h"

#include <string.h>

struct hash {
	struct cli *cli;
	struct table table;
	bool troubled;
};

/* The signals of content that go to a bank: the picture as it is, and the digests of the file. */
static size_t signals_of(const struct hilf_content *content, struct hilf_signal ret_signals[3])
{
	size_t count = 0;
	if (content->decided && content->picture_count) {
		ret_signals[count] = (struct hilf_signal){
			.type = HILF_PDQ, .size = 32, .quality = content->pictures[0].quality};
		memcpy(ret_signals[count++].value, content->pictures[0].pdq[HILF_ORIGINAL], 32);
	}
	if (content->digests) {
		ret_signals[count] = (struct hilf_signal){
			.type = HILF_SHA256, .size = 32, .quality = HILF_QUALITY_UNKNOWN};
		memcpy(ret_signals[count++].value, content->sha256, 32);
		ret_signals[count] = (struct hilf_signal){
			.type = HILF_MD5, .size = 16, .quality = HILF_QUALITY_UNKNOWN};
		memcpy(ret_signals[count++].value, content->md5, 16);
	}
	return count;
}

static void put_json(struct buf *buf, const struct scan_result *result,
	const struct hilf_signal *signals, size_t count)
{
	const struct hilf_content *content = &result->content;
	char value[HILF_SIGNAL_TEXT_MAX];
	buf_char(buf, '{');
	cli_json_text(buf, "path", result->path);
	for (size_t i = 0; i < count; i++) {
		hilf_signal_format(&signals[i], value);
		json_put_key(buf, hilf_signal_type_name(signals[i].type));
		json_put_text(buf, value);
	}
	if (result->read && content->decided && content->picture_count) {
		json_put_key(buf, "quality");
		json_put_integer(buf, content->pictures[0].quality);
		json_put_key(buf, "degenerate");
		json_put_bool(buf, content->pictures[0].degenerate);
	}
	cli_json_content(buf, result->read ? content : NULL, result->trouble);
	buf_text(buf, "}\n");
}

static int take(void *ctx, const struct scan_result *result)
{
	struct hash *hash = ctx;
	const struct hilf_content *content = &result->content;
	struct hilf_signal signals[3];
	size_t count = result->read ? signals_of(&result->content, signals) : 0;
	char value[HILF_SIGNAL_TEXT_MAX];
	if (hash->cli->json) {
		put_json(&hash->cli->out.buf, result, signals, count);
		out_settle(&hash->cli->out);
	}
	for (size_t i = 0; i < count && !hash->cli->json; i++) {
		hilf_signal_format(&signals[i], value);
		table_text(&hash->table, result->path);
		table_plain(&hash->table, hilf_signal_type_name(signals[i].type));
		table_plain(&hash->table, value);
		if (signals[i].quality == HILF_QUALITY_UNKNOWN)
			table_plain(&hash->table, "");
		else
			table_number(&hash->table, (uint64_t)signals[i].quality);
	}
	if (!scan_is_other(result) && scan_say_trouble(hash->cli, result))
		hash->troubled = true;
	else if (result->read && content->decided && content->picture_count &&
		 content->pictures[0].degenerate)
		cli_note(hash->cli, "%s: too plain for its pdq to stand for it", result->path);
	return hash->cli->out.sys ? STATUS_TROUBLE : 0;
}

static void idle(void *ctx)
{
	struct hash *hash = ctx;
	table_idle(&hash->table);
	out_flush(&hash->cli->out);
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {"path", "type", "value", ">quality"};
	struct hash hash = {.cli = cli};
	struct scan scan = {
		.cli = cli,
		.paths = arguments->operands,
		.count = arguments->operand_count,
		.list = scan_list(arguments, arguments->operand_count),
		.delimiter = arguments_flag(arguments, "null") ? '\0' : '\n',
		.others = "only digests are printed",
		.result = take,
		.idle = idle,
		.ctx = &hash,
	};
	if (!scan.count && !scan.list)
		return cli_usage(cli, "which files? Say hilf hash FILE..., or --files-from LIST");
	int status = cli_open_decoder(cli);
	if (status)
		return status;
	table_init(&hash.table, &cli->out, cli->out_is_terminal, headings, 4);
	status = scan_run(&scan);
	table_end(&hash.table);
	return status || hash.troubled || scan.troubled ? STATUS_TROUBLE : STATUS_FINE;
}

static const char *const usage[] = {"FILE...", "--files-from LIST [-0]", NULL};
static const struct option_spec options[] = {SCAN_OPTIONS, {0}};
static const struct operand_spec operands[] = {
	{"FILE", COMPLETES_FILE, .optional = true, .repeats = true}, {0}};

static const struct example examples[] = {
	{"hash picture.jpg", "Its pdq, sha256 and md5, a line each."},
	{"hash --json pictures/ | jq -r .pdq", "The pdq of every picture in a folder."},
	{"hash a.jpg | awk '{print $2, $3}' | hilf match --signals -", "Hash here, compare there."},
	{0},
};

const struct command command_hash = {
	.name = "hash",
	.summary = "print the signals of files",
	.usage = usage,
	.description = "Prints a line for each signal of each file: path, type, value and quality, "
		       "with tabs between. The pdq is "
		       "that of the picture as it is stored; its quality is 0 to 100, and below 50 "
		       "it stands for nothing. The "
		       "digests sha256 and md5 are of the file.\n\n"
		       "Folders are walked to their ends. Files are decoded in a sandbox, several "
		       "at once, and printed in the "
		       "order in which they were named.\n\n"
		       "With --json a line is an object for each file: 'path', 'pdq', 'sha256', "
		       "'md5', 'quality', 'degenerate' (its pdq stands for nothing), 'format', "
		       "'width' and 'height', or 'undecided' with a 'code' and a 'reason'.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.statuses = "0 when every file was hashed, 2 when one could not be read or decoded: the "
		    "others are printed.",
	.run = run,
};
