/* hilf entry find: what do we know of this file, or of this signal? Equal ones only, in whatever state; what is similar is
 * for hilf match. */
#include "base/err.h"
#include "cli/cli.h"
#include "cli/entry_view.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "cli/scan.h"
#include "wire/json.h"

#include <stdlib.h>
#include <string.h>

struct search {
	struct cli *cli;
	struct table table;
	const char *what; /* the operand or path that is looked for now */
	const char *by;   /* the type of the signal */
	uint64_t *seen; /* entries that were printed for it: one may have several of its signals */
	size_t seen_count, seen_room;
	bool found, troubled;
	struct hilf_err err;
};

static int remember(struct search *search, uint64_t id, bool *ret_fresh)
{
	*ret_fresh = true;
	for (size_t i = 0; i < search->seen_count; i++)
		if (search->seen[i] == id)
			*ret_fresh = false;
	if (!*ret_fresh)
		return 0;
	if (search->seen_count == search->seen_room) {
		size_t room = search->seen_room ? 2 * search->seen_room : 16;
		uint64_t *seen = realloc(search->seen, room * sizeof *seen);
		if (!seen)
			return err_no_memory(&search->err);
		search->seen = seen;
		search->seen_room = room;
	}
	search->seen[search->seen_count++] = id;
	return 0;
}

static int take(const struct hilf_entry *entry, void *ctx)
{
	struct search *search = ctx;
	struct cli *cli = search->cli;
	bool fresh;
	int rc = remember(search, entry->id, &fresh);
	if (rc || !fresh)
		return rc;
	search->found = true;
	if (cli->json) {
		buf_char(&cli->out.buf, '{');
		cli_json_text(&cli->out.buf, "query", search->what);
		json_put_key(&cli->out.buf, "by");
		json_put_text(&cli->out.buf, search->by);
		entry_view_members(&cli->out.buf, entry);
		buf_text(&cli->out.buf, "}\n");
		out_settle(&cli->out);
	} else {
		table_text(&search->table, search->what);
		table_plain(&search->table, search->by);
		entry_view_row(&search->table, entry);
	}
	return cli_stopped() || cli->out.sys ? HILF_E_STOPPED : 0;
}

static int find(struct search *search, const struct hilf_signal *signal)
{
	search->by = hilf_signal_type_name(signal->type);
	return hilf_entry_find(search->cli->hilf, signal, take, search, &search->err);
}

/* Its digests first: an equal file says more than an equal picture. */
static int find_content(struct search *search, const struct hilf_content *content)
{
	struct hilf_signal signal = {.type = HILF_SHA256, .size = 32, .quality = -1};
	int rc = 0;
	if (content->digests) {
		memcpy(signal.value, content->sha256, 32);
		rc = find(search, &signal);
		signal = (struct hilf_signal){.type = HILF_MD5, .size = 16, .quality = -1};
		memcpy(signal.value, content->md5, 16);
		if (!rc)
			rc = find(search, &signal);
	}
	if (rc || !content->decided || !content->picture_count)
		return rc;
	signal = (struct hilf_signal){.type = HILF_PDQ, .size = 32, .quality = -1};
	memcpy(signal.value, content->pictures[0].pdq[HILF_ORIGINAL], 32);
	return find(search, &signal);
}

static int take_file(void *ctx, const struct scan_result *result)
{
	struct search *search = ctx;
	int rc = 0;
	search->what = result->path;
	search->seen_count = 0;
	if (result->read)
		rc = find_content(search, &result->content);
	if (!result->read)
		search->troubled = scan_say_trouble(search->cli, result) || search->troubled;
	else if (!rc && !result->content.decided)
		cli_note(search->cli, "%s: looked up by its digests alone: %s", result->path,
			result->content.reason);
	return rc || search->cli->out.sys ? STATUS_TROUBLE : 0;
}

/* "TYPE:VALUE" of a type there is; a file of such a name is ./TYPE:VALUE. */
static bool is_signal(const char *text)
{
	for (uint8_t type = 1; hilf_signal_type_name(type); type++) {
		const char *name = hilf_signal_type_name(type);
		if (!strncmp(text, name, strlen(name)) && text[strlen(name)] == ':')
			return true;
	}
	return false;
}

static int find_all(struct search *search, const struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->operand_count; i++) {
		const char *operand = arguments->operands[i];
		struct hilf_signal signal;
		int rc = 0;
		if (!is_signal(operand)) {
			struct scan scan = {.cli = search->cli,
				.paths = &operand,
				.count = 1,
				.delimiter = '\n',
				.others = "they were looked up by their digests",
				.result = take_file,
				.ctx = search};
			rc = scan_run(&scan);
			search->troubled = search->troubled || scan.troubled;
		} else {
			search->what = operand;
			search->seen_count = 0;
			if (!cli_signal_parse(operand, &signal, &search->err))
				rc = find(search, &signal);
		}
		if (rc || search->err.code)
			return rc;
	}
	return 0;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	static const char *const headings[] = {"query", "by", ">entry", "bank", "state", "signals",
		"class", "added", "expires", "labels"};
	struct search search = {.cli = cli};
	struct hilf_signal signal;
	struct hilf_err err = {0};
	for (size_t i = 0; i < arguments->operand_count; i++)
		if (is_signal(arguments->operands[i]) &&
			cli_signal_parse(arguments->operands[i], &signal, &err))
			return cli_usage(cli, "%s", err.text);
	int status = cli_open(cli, CLI_READ | CLI_DECODE, NULL);
	if (status)
		return status;
	table_init(&search.table, &cli->out, cli->out_is_terminal, headings, 10);
	status = find_all(&search, arguments);
	table_end(&search.table);
	free(search.seen);
	if (search.err.code)
		return cli_fail(cli, &search.err);
	if (status == STATUS_TROUBLE || search.troubled)
		return STATUS_TROUBLE;
	return search.found ? STATUS_FINE : STATUS_NOTHING;
}

static const char *const usage[] = {"FILE|SIGNAL...", NULL};
static const struct operand_spec operands[] = {
	{"FILE|SIGNAL", COMPLETES_FILE, .repeats = true}, {0}};

static const struct example examples[] = {
	{"entry find picture.jpg", "Is it in a bank, or was it once?"},
	{"entry find md5:0123456789abcdef0123456789abcdef", "Who knows this digest?"},
	{0},
};

const struct command command_entry_find = {
	.name = "find",
	.summary = "say what is known of a file or a signal",
	.usage = usage,
	.description =
		"Prints a line for each entry, of whatever bank and in whatever state, that has or "
		"had an equal signal: the file's sha256, md5 or pdq, or the one that is named as "
		"TYPE:VALUE. First comes what was asked for and the type that is equal, then the "
		"columns of 'hilf entry list'. What is only similar is for 'hilf match'.",
	.operands = operands,
	.examples = examples,
	.statuses = "0 when something is known, 1 when nothing is, 2 when there was trouble.",
	.run = run,
};
