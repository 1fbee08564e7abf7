/* hilf import: signals from lines, CSV or JSON lines, a million in seconds. The reader gives rows, and engine/intake.h makes entries of
 * them. */
#include "base/err.h"
#include "cli/cli.h"
#include "cli/meta.h"
#include "cli/options.h"
#include "cli/reader.h"
#include "cli/registry.h"
#include "engine/intake.h"
#include "os/file.h"
#include "wire/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROBLEMS_SAID 20
#define PIECE_SIZE    (128 * 1024)
#define PATIENCE_MS   1000 /* for more input, while entries wait */

struct import {
	struct cli *cli;
	const char *bank, *name; /* of the input, for messages */
	struct meta meta;
	bool strict, checking; /* checking: the first of the two readings of --strict */
	struct intake *intake;
	uint64_t lines, size, total; /* rows; bytes read; bytes there are, 0: not known */
	uint64_t bad;
	int status;
};

/* Adds everything that waits. */
static int flush(struct import *import)
{
	struct hilf_err err = {0};
	if (intake_flush(import->intake, &err))
		import->status = cli_fail(import->cli, &err);
	return import->status;
}

static int take_bad(struct import *import, const char *text)
{
	if (import->bad++ < PROBLEMS_SAID)
		cli_say(import->cli, "%s: %s", import->name, text);
	if (!import->checking)
		return 0;
	cli_say(import->cli, "nothing was added: --strict wants every line to be good");
	return import->status = STATUS_TROUBLE;
}

static int take(const struct import_row *row, const struct hilf_err *problem, void *ctx)
{
	struct import *import = ctx;
	struct hilf_err err = {0};
	import->lines++;
	if (problem)
		return take_bad(import, problem->text);
	bool bad;
	int rc = intake_row(import->intake, row, &bad, &err);
	if (rc && !bad)
		return import->status = cli_fail(import->cli, &err);
	if (rc) {
		char text[sizeof err.text + 32];
		snprintf(text, sizeof text, "line %lu: %s", row->line, err.text);
		return take_bad(import, text);
	}
	return 0;
}

static void show_progress(struct import *import)
{
	struct progress *progress = &import->cli->progress;
	/* How many lines there are is guessed from how long they were so far. */
	progress->guessed = import->total && import->size < import->total;
	if (import->total && import->size)
		progress->total = (uint64_t)((double)import->lines * (double)import->total /
					     (double)import->size);
	progress_set(progress, import->lines);
}

static int read_all(struct import *import, struct reader *reader)
{
	struct import_reader *rows = NULL;
	struct hilf_err err = {0};
	size_t size;
	char *piece = malloc(PIECE_SIZE);
	int rc = piece ? import_open(&rows, &err) : err_no_memory(&err);
	intake_close(import->intake);
	import->intake = NULL;
	if (!rc)
		rc = intake_open(import->cli->hilf, import->bank, &import->meta.meta,
			import->checking, &import->intake, &err);
	if (rc) {
		import_close(rows);
		free(piece);
		return import->status = cli_fail(import->cli, &err);
	}
	progress_start(&import->cli->progress, "lines", 0);
	do {
		if (intake_waits(import->intake) && !import->checking &&
			!reader_wait(reader, PATIENCE_MS))
			flush(import);
		rc = import->status ? 0 : reader_bytes(reader, piece, PIECE_SIZE, &size, &err);
		/* Asked to stop, what was read last may be half a line. */
		if (rc || import->status || cli_stopped())
			break;
		import->size += size;
		rc = import_feed(rows, piece, size, size == 0, take, import, &err);
		show_progress(import);
	} while (!rc && size);
	progress_end(&import->cli->progress);
	import_close(rows);
	free(piece);
	if (rc && !import->status) {
		cli_say(import->cli, "%s: %s", import->name, err.text);
		import->status = STATUS_TROUBLE;
	}
	return import->status;
}

/* Standard input can be read once; --strict wants to read it twice. */
static int spool(struct reader *reader, int fd, struct hilf_err *err)
{
	char piece[16 * 1024];
	size_t size;
	for (;;) {
		int rc = reader_bytes(reader, piece, sizeof piece, &size, err);
		if (rc || !size)
			return rc;
		int sys = file_write_all(fd, piece, size);
		if (sys)
			return err_sys(err, HILF_E_IO, sys,
				"cannot keep standard input in a temporary file");
	}
}

/* Goes through the lines once without adding anything, and back to the beginning. */
static int check_all(struct import *import, struct reader *reader)
{
	struct hilf_err err = {0};
	int rc = 0;
	if (lseek(reader->fd, 0, SEEK_CUR) < 0) {
		FILE *file = tmpfile();
		rc = file ? spool(reader, fileno(file), &err)
			  : err_sys(&err, HILF_E_IO, errno, "cannot make a temporary file");
		if (!rc && dup2(fileno(file), reader->fd) < 0)
			rc = err_sys(&err, HILF_E_IO, errno, "cannot read the temporary file");
		if (file)
			fclose(file);
		if (!rc)
			rc = reader_rewind(reader, &err);
	}
	if (rc)
		return import->status = cli_fail(import->cli, &err);
	import->checking = true;
	if (read_all(import, reader) || cli_stopped())
		return import->status;
	import->checking = false;
	import->lines = import->size = 0;
	if (reader_rewind(reader, &err))
		import->status = cli_fail(import->cli, &err);
	return import->status;
}

static struct intake_counts counts_of(const struct import *import)
{
	return import->intake ? intake_counts(import->intake) : (struct intake_counts){0};
}

static void print_counts(struct import *import)
{
	struct cli *cli = import->cli;
	const struct intake_counts done = counts_of(import);
	const struct {
		const char *name;
		uint64_t count;
	} counts[] = {{"added", done.added}, {"already", done.already},
		{"degenerate", done.degenerate}, {"bad", import->bad}};
	struct buf *buf = &cli->out.buf;
	if (cli->json)
		buf_char(buf, '{');
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		if (cli->json) {
			json_put_key(buf, counts[i].name);
			json_put_integer(buf, (int64_t)counts[i].count);
		} else if (cli->out_is_terminal) {
			buf_format(buf, "%-10s %12llu\n", counts[i].name,
				(unsigned long long)counts[i].count);
		} else {
			buf_format(buf, "%s\t%llu\n", counts[i].name,
				(unsigned long long)counts[i].count);
		}
	}
	if (cli->json)
		buf_text(buf, "}\n");
}

static int import_all(struct import *import, const char *path)
{
	struct cli *cli = import->cli;
	struct reader reader;
	struct hilf_bank bank;
	struct stat file;
	struct hilf_err err = {0};
	if (cli_open(cli, CLI_WRITE, "import"))
		return STATUS_TROUBLE;
	if (hilf_bank_get(cli->hilf, import->bank, &bank, &err))
		return cli_fail_bank(cli, import->bank, &err);
	if (reader_open(&reader, path, &err))
		return cli_fail(cli, &err);
	import->name = reader.name;
	if (fstat(reader.fd, &file) == 0 && S_ISREG(file.st_mode))
		import->total = (uint64_t)file.st_size;
	if (import->strict)
		check_all(import, &reader);
	if (!import->status && !import->checking && !read_all(import, &reader))
		flush(import);
	reader_close(&reader);
	if (import->bad > PROBLEMS_SAID)
		cli_say(cli, "%s: and %llu more bad lines", import->name,
			(unsigned long long)(import->bad - PROBLEMS_SAID));
	if (cli_stopped() && !import->status)
		cli_say(cli, import->checking
				     ? "stopped; nothing was added: not every line was looked at"
				     : "stopped; what was read until then is added");
	if (!import->checking)
		print_counts(import);
	const struct intake_counts done = counts_of(import);
	meta_note_already(cli, &import->meta, done.already);
	if (import->status && !import->checking && done.added)
		cli_say(cli,
			"%llu entries were added before; import the same again when that is "
			"mended: what is there "
			"is not added twice",
			(unsigned long long)done.added);
	return import->status || import->bad ? STATUS_TROUBLE : STATUS_FINE;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	struct hilf_err err = {0};
	struct import *import = calloc(1, sizeof *import);
	if (!import) {
		cli_say(cli, "out of memory");
		return STATUS_TROUBLE;
	}
	import->cli = cli;
	import->bank = arguments->operands[0];
	import->strict = arguments_flag(arguments, "strict");
	int rc = meta_read(arguments, "import", &import->meta, &err);
	int status =
		rc ? cli_usage(cli, "%s", err.text) : import_all(import, arguments->operands[1]);
	meta_free(&import->meta);
	intake_close(import->intake);
	free(import);
	return status;
}

static const char *const usage[] = {
	"BANK FILE|- [--strict] [--label KEY=VALUE]... [OPTION]...",
	NULL,
};

static const struct option_spec options[] = {
	{.name = "strict",
		.summary = "add nothing at all unless every line is good; stop at the first that "
			   "is not"},
	META_OPTIONS,
	{0},
};

static const struct operand_spec operands[] = {
	{"BANK", COMPLETES_BANK}, {"FILE", COMPLETES_FILE}, {0}};

static const struct example examples[] = {
	{"import known hashes.txt", "A file of lines."},
	{"import known - --label origin=partner < list.csv",
		"CSV from standard input, every entry labelled."},
	{"export known | hilf --data copy import known -",
		"A bank into another place, with all that is said of it."},
	{0},
};

const struct command command_import = {
	.name = "import",
	.summary = "add signals from lines, CSV or JSON to a bank",
	.usage = usage,
	.description =
		"Reads signals, an entry each, and adds what is not in the bank yet. Three forms are "
		"read, and told apart by "
		"themselves:\n\n"
		"  TYPE VALUE [quality=N] [KEY=VALUE ...]\n"
		"  pdq f8f8f0cc... quality=100 event=paris\n\n"
		"CSV with a header whose columns are type, value, quality if there is one, and "
		"labels:\n\n"
		"  type,value,quality,event\n"
		"  pdq,f8f8f0cc...,100,paris\n\n"
		"and a JSON object a line, as 'hilf export --json' writes them:\n\n"
		"  {\"type\":\"pdq\",\"value\":\"f8f8f0cc...\",\"labels\":{\"event\":\"paris\"}}\n\n"
		"TYPE is pdq, sha256 or md5, VALUE is lower-case hexadecimal. Empty lines and "
		"lines that begin with '#' are "
		"skipped.\n\n"
		"A bad line is reported with its number (the first 20 are) and the good ones are "
		"added; with --strict a bad "
		"line means that nothing is. At the end the counts are printed: added, already "
		"there, degenerate (values "
		"that stand for nothing and were kept out), bad lines.\n\n"
		"Labels that begin with 'hilf.' are what 'hilf export' writes of an entry besides "
		"its labels: hilf.class, "
		"hilf.ground, hilf.expires, and hilf.entry, which joins the signals of one entry.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.statuses = "0 when every line was good, 2 when one was bad or something failed.",
	.run = run,
};
