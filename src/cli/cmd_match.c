/* hilf match: the main job. Files, folders, lists of paths, or bare signals go in; an answer for each comes out, in order. */
#include "cli/cli.h"
#include "cli/match.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "cli/scan.h"
#include "cli/warmer.h"

#include <stdlib.h>

#define LIMIT_DEFAULT 10 /* of a file: what a person looks at */
#define LIMIT_MOST    1000

void matching_answer(struct matching *matching, const struct match_answer *answer)
{
	const struct hilf_check *check = answer->check;
	enum hilf_verdict verdict = check ? check->verdict : HILF_UNDECIDED;
	struct cli *cli = matching->cli;
	matching->count++;
	matching->matched_count += verdict > HILF_UNDECIDED;
	matching->undecided_count += verdict == HILF_UNDECIDED;
	matching->matched |= verdict > HILF_UNDECIDED;
	if (matching->matches_only && verdict == HILF_NO_MATCH && !(check && check->match_count))
		return;
	if (cli->json) {
		match_view_json(&cli->out.buf, answer);
		out_settle(&cli->out);
	} else {
		match_view_rows(&matching->table, answer);
	}
}

static int take(void *ctx, const struct scan_result *result)
{
	struct matching *matching = ctx;
	struct cli *cli = matching->cli;
	const struct hilf_check *check = result->checked ? &result->check : NULL;
	const struct hilf_content *content = result->read ? &result->content : NULL;
	const struct match_answer answer = {
		"path", result->path, content, check, result->trouble, matching->entry_max};
	/* Stopped by Ctrl-C: a file that could not be read because of it says nothing. */
	if (cli_stopped() && (!content || !content->decided))
		return 0;
	if (scan_is_other(result) && check && !check->match_count)
		return 0;
	matching_answer(matching, &answer);
	if (!scan_is_other(result))
		matching->troubled |= scan_say_trouble(cli, result);
	matching->cut_count += match_view_more(&answer) > 0;
	return cli->out.sys ? STATUS_TROUBLE : 0;
}

static void idle(void *ctx)
{
	struct matching *matching = ctx;
	table_idle(&matching->table);
	out_flush(&matching->cli->out);
}

static int match_files(struct matching *matching, const struct arguments *arguments)
{
	struct scan scan = {
		.cli = matching->cli,
		.paths = arguments->operands,
		.count = arguments->operand_count,
		.list = scan_list(arguments, arguments->operand_count),
		.delimiter = arguments_flag(arguments, "null") ? '\0' : '\n',
		.others = "only digests were compared",
		.query = &matching->query,
		.result = take,
		.idle = idle,
		.ctx = matching,
	};
	int status = scan_run(&scan);
	matching->troubled |= scan.troubled;
	return status;
}

static int match_given_signals(struct matching *matching, const struct arguments *arguments)
{
	const char *text;
	for (size_t i = 0; (text = arguments_nth(arguments, "signal", i)); i++) {
		struct hilf_signal signal;
		struct hilf_check check;
		struct hilf_err err = {0};
		if (cli_signal_parse(text, &signal, &err)) {
			cli_say(matching->cli, "--signal: %s", err.text);
			return STATUS_TROUBLE;
		}
		if (hilf_match_signals(
			    matching->cli->hilf, &matching->query, &signal, 1, &check, &err))
			return cli_fail(matching->cli, &err);
		matching_answer(matching, &(struct match_answer){"signal", text, NULL, &check, NULL,
						  matching->entry_max});
		hilf_check_free(&check);
	}
	return STATUS_FINE;
}

/* The banks by name into ret_banks, each of them there. */
static int read_banks(struct cli *cli, const struct arguments *arguments, const char **ret_banks)
{
	const char *name;
	for (size_t i = 0; (name = arguments_nth(arguments, "bank", i)); i++) {
		struct hilf_bank bank;
		struct hilf_err err = {0};
		if (hilf_bank_get(cli->hilf, name, &bank, &err))
			return cli_fail_bank(cli, name, &err);
		ret_banks[i] = name;
	}
	return 0;
}

static void sum_up(struct matching *matching)
{
	struct cli *cli = matching->cli;
	if (cli_stopped())
		cli_say(cli, "stopped; %llu were compared until then",
			(unsigned long long)matching->count);
	else if (cli->err_is_terminal && matching->count > 1)
		cli_note(cli, "%llu compared: %llu matched, %llu undecided",
			(unsigned long long)matching->count,
			(unsigned long long)matching->matched_count,
			(unsigned long long)matching->undecided_count);
	if (matching->cut_count && !cli->json)
		cli_note(cli, "%llu of the answers leave%s out matches; --limit N prints more",
			(unsigned long long)matching->cut_count,
			matching->cut_count == 1 ? "s" : "");
}

static int match(struct matching *matching, const struct arguments *arguments)
{
	struct cli *cli = matching->cli;
	const char *lines = arguments_value(arguments, "signals");
	int status;
	table_init(&matching->table, &cli->out, cli->out_is_terminal, match_view_headings,
		MATCH_VIEW_COLUMNS);
	if (lines)
		status = match_signal_lines(matching, lines);
	else if (arguments_flag(arguments, "signal"))
		status = match_given_signals(matching, arguments);
	else
		status = match_files(matching, arguments);
	table_end(&matching->table);
	sum_up(matching);
	if (status || matching->troubled || matching->undecided_count)
		return STATUS_TROUBLE;
	return matching->matched ? STATUS_FINE : STATUS_NOTHING;
}

static int match_warm(struct matching *matching, const struct arguments *arguments)
{
	struct warmer warmer;
	warmer_begin(&warmer, matching->cli);
	int status = match(matching, arguments);
	warmer_end(&warmer);
	warmer_settle(matching->cli);
	return status;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	struct matching matching = {
		.cli = cli, .matches_only = arguments_flag(arguments, "matches-only")};
	bool lines = arguments_flag(arguments, "signals"),
	     signals = arguments_flag(arguments, "signal");
	bool files = arguments->operand_count || scan_list(arguments, 0);
	const char *limit_text = arguments_value(arguments, "limit");
	uint64_t limit = lines ? 1 : LIMIT_DEFAULT;
	struct hilf_err err = {0};
	if (lines + signals + files > 1)
		return cli_usage(cli,
			"files, --signal and --signals are compared one kind at a time; name one");
	if (lines + signals + files == 0)
		return cli_usage(cli, "what shall be compared? Say hilf match FILE..., or "
				      "--signal, or --signals");
	if (limit_text && number_parse("--limit", limit_text, 1, LIMIT_MOST, &limit, &err))
		return cli_usage(cli, "%s", err.text);
	/* An entry may match by its pdq and by both of its digests. */
	matching.query.limit = files ? 3 * limit : limit;
	matching.entry_max = limit;
	int status = cli_open(cli, CLI_INDEX | (files ? CLI_DECODE : 0), "match");
	if (status)
		return status;
	matching.query.bank_count = arguments_count(arguments, "bank");
	const char **banks = calloc(matching.query.bank_count + 1, sizeof *banks);
	if (!banks) {
		cli_say(cli, "out of memory");
		return STATUS_TROUBLE;
	}
	status = read_banks(cli, arguments, banks);
	if (matching.query.bank_count)
		matching.query.banks = banks;
	if (!status)
		status = match_warm(&matching, arguments);
	free(banks);
	return status;
}

static const char *const usage[] = {
	"[--bank BANK]... [--limit N] FILE...",
	"[--bank BANK]... [--limit N] --signal TYPE:VALUE",
	"[--bank BANK]... [--limit N] --signals FILE|-",
	"[--bank BANK]... [--limit N] --files-from LIST [-0]",
	NULL,
};

static const struct option_spec options[] = {
	{.name = "bank",
		.letter = 'b',
		.value = "BANK",
		.completes = COMPLETES_BANK,
		.repeats = true,
		.summary = "compare with this bank only; may be repeated. All banks if not said"},
	{.name = "limit",
		.letter = 'n',
		.value = "N",
		.summary = "the nearest N entries of each; 10 if not said, 1 with --signals"},
	{.name = "signal",
		.value = "TYPE:VALUE",
		.repeats = true,
		.summary = "compare a signal instead of files, such as pdq: and 64 digits; may be "
			   "repeated"},
	{.name = "signals",
		.value = "FILE",
		.completes = COMPLETES_FILE,
		.summary = "compare signals, a line \"TYPE VALUE\" each, and answer each with a "
			   "line; '-' is standard input"},
	SCAN_OPTIONS,
	{.name = "matches-only", .letter = 'm', .summary = "leave out what matched nothing"},
	{0},
};

static const struct operand_spec operands[] = {
	{"FILE", COMPLETES_FILE, .optional = true, .repeats = true}, {0}};

static const struct example examples[] = {
	{"match upload.jpg", "Is it known? The exit status says so too."},
	{"match --matches-only uploads/", "Everything in a folder, and print what matched."},
	{"match --bank known --json upload.jpg", "One bank, and an answer for a program."},
	{"match - < paths.txt", "Paths from standard input, a line each."},
	{"match --signals hashes.txt", "Thousands of hashes at once."},
	{0},
};

const struct command command_match = {
	.name = "match",
	.summary = "compare pictures or signals with what is known",
	.usage = usage,
	.description = "Compares each file, in all eight orientations, with every entry in force, "
		       "and prints a line for each entry that matches, by its nearest signal, the "
		       "nearest first:\n\n"
		       "  path  verdict  bank  entry  signal  distance  threshold  orientation  "
		       "labels  note\n\n"
		       "The columns are separated by tabs where the output is no terminal; what "
		       "does not apply is '-'. The "
		       "verdict is block, review, undecided or no_match: there is no 'clear', for "
		       "hilf clears nothing. What "
		       "cannot be decoded is undecided, and the note says why; never take it for "
		       "no_match. Matches in a shadow "
		       "bank, and what a bank's sample leaves out, do not raise the verdict; the note of "
		       "their lines is 'shadow' or 'not sampled'. What a member disputes is 'disputed' "
		       "and never blocks. Where "
		       "matches are left out because of --limit, the note of the last line says "
		       "how many.\n\n"
		       "Folders are walked to their ends, symbolic links to folders in them are "
		       "not followed. Of files in them "
		       "that are no pictures only the digests are compared. A file '-' stands for "
		       "paths on standard input.\n\n"
		       "With --json a line is an object: 'path' (or 'signal'), 'verdict', "
		       "'shadow_verdict' (what it would be if shadow banks were in review), "
		       "'matches' with every signal of every entry within the limit, 'more' "
		       "(how many matches are beyond it), and of a file its 'format', 'width' and "
		       "'height', or 'undecided' with a 'code' and a 'reason'. A path that is no "
		       "UTF-8 is shown as well as it goes, and 'path_hex' has its bytes.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.statuses = "0 when something matched, 1 when nothing did, 2 when something was undecided "
		    "or in trouble, whatever "
		    "else matched.",
	.run = run,
};
