/* hilf import: signals from lines or CSV, a million in seconds. The reader gives rows; here rows become entries, entries
 * that are said the same of wait together, and every BATCH of them is added at once. */
#include "base/arena.h"
#include "base/err.h"
#include "cli/cli.h"
#include "cli/meta.h"
#include "cli/options.h"
#include "cli/reader.h"
#include "cli/registry.h"
#include "cli/when.h"
#include "os/clock.h"
#include "os/file.h"
#include "wire/import.h"
#include "wire/json.h"
#include "wire/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH         32768u
#define GROUPS_MAX    1024u
#define PROBLEMS_SAID 20
#define PIECE_SIZE    (128 * 1024)
#define PATIENCE_MS   1000 /* for more input, while entries wait */

/* What is said of some of the entries: that of the line, changed by the row's "hilf." labels. */
struct group {
	struct group *next;
	struct hilf_entry_meta meta;
	const char *content_class, *ground, *ground2,
		*expires;               /* as the rows have them; NULL: not said */
	struct hilf_new_entry *entries; /* of the arena, as the next two */
	size_t count, room;
};

struct import {
	struct cli *cli;
	const char *bank, *name; /* of the input, for messages */
	struct meta meta;
	bool strict, checking;             /* checking: the first of the two readings of --strict */
	struct arena arena;                /* of the entries that wait */
	struct group *groups, *last_group; /* last: of the last row */
	size_t group_count, waiting;
	struct group *open_group; /* of the last row, if it has an hilf.entry */
	char open_entry[LIMIT_LABEL_VALUE + 1];
	struct hilf_add_result *results;
	uint64_t lines, size, total; /* rows; bytes read; bytes there are, 0: not known */
	uint64_t added, already, degenerate, bad;
	int status;
};

/* Forgets what waits. */
static void forget(struct import *import)
{
	import->groups = import->last_group = import->open_group = NULL;
	import->group_count = import->waiting = 0;
	arena_clear(&import->arena);
}

static bool is_full(const struct import *import)
{
	return import->waiting == BATCH || import->group_count == GROUPS_MAX;
}

/* Adds everything that waits. */
static int flush(struct import *import)
{
	struct hilf_err err = {0};
	for (struct group *group = import->groups; group && !import->status; group = group->next) {
		if (!group->count)
			continue;
		if (hilf_add(import->cli->hilf, import->bank, &group->meta, group->entries,
			    group->count, import->results, &err)) {
			import->status = cli_fail(import->cli, &err);
			break;
		}
		for (size_t i = 0; i < group->count; i++) {
			import->added += import->results[i].what == HILF_ADDED;
			import->already += import->results[i].what == HILF_ADDED_ALREADY;
			import->degenerate += import->results[i].what == HILF_ADDED_DEGENERATE;
		}
	}
	forget(import);
	return import->status;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* The values of the row's "hilf." labels. */
struct own_labels {
	const char *content_class, *ground, *ground2, *expires, *entry;
};

static int take_own(struct own_labels *own, const struct hilf_label *label, struct hilf_err *err)
{
	const struct {
		const char *key;
		const char **value;
	} keys[] = {{"class", &own->content_class}, {"ground", &own->ground},
		{"ground2", &own->ground2}, {"expires", &own->expires}, {"entry", &own->entry}};
	const char *key = label->key + strlen(META_PREFIX);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (!strcmp(keys[i].key, key)) {
			*keys[i].value = label->value;
			return 0;
		}
	return err_set(err, HILF_E_INVALID,
		"there is no '%.40s': hilf's own labels are hilf.class, hilf.entry, hilf.expires, "
		"hilf.ground and "
		"hilf.ground2",
		label->key);
}

static const char *keep(struct import *import, const char *text)
{
	return text ? arena_text(&import->arena, text, strlen(text)) : NULL;
}

/* Makes the group of what the row's own labels say, after checking them. */
static int new_group(struct import *import, const struct own_labels *own, struct group **ret_group,
	struct hilf_err *err)
{
	struct group *group = arena_alloc(&import->arena, sizeof *group);
	char *ground = arena_alloc(&import->arena, LIMIT_GROUND + 1);
	int rc = 0;
	if (!group || !ground)
		return err_no_memory(err);
	group->meta = import->meta.meta;
	if (own->content_class)
		rc = meta_check_class(own->content_class, err);
	if (!rc && own->ground && !meta_ground_from_labels(own->ground, own->ground2, ground))
		rc = err_set(
			err, HILF_E_INVALID, "hilf.ground is longer than %u bytes", LIMIT_GROUND);
	if (!rc && own->ground)
		rc = record_check_ground(ground, err);
	if (!rc && own->expires)
		rc = when_parse_expiry(
			"hilf.expires", own->expires, clock_now_ms(), &group->meta.expires_ms, err);
	if (rc)
		return rc;
	group->content_class = keep(import, own->content_class);
	group->ground = keep(import, own->ground);
	group->ground2 = keep(import, own->ground2);
	group->expires = keep(import, own->expires);
	if (group->content_class)
		group->meta.content_class = group->content_class;
	if (group->ground)
		group->meta.ground = ground;
	/* At the end, so that entries are added in the order of the lines where they can be. */
	struct group **last = &import->groups;
	while (*last)
		last = &(*last)->next;
	*last = group;
	import->group_count++;
	import->last_group = group;
	*ret_group = group;
	return 0;
}

static int make_room(struct import *import, struct group *group, struct hilf_err *err)
{
	if (group->count < group->room)
		return 0;
	size_t room = group->room ? 2 * group->room : 16;
	struct hilf_new_entry *entries = arena_array(&import->arena, room, sizeof *entries);
	if (!entries)
		return err_no_memory(err);
	if (group->count)
		memcpy(entries, group->entries, group->count * sizeof *entries);
	group->entries = entries;
	group->room = room;
	return 0;
}

static bool is_of(const struct group *group, const struct own_labels *own)
{
	return same(group->content_class, own->content_class) && same(group->ground, own->ground) &&
	       same(group->ground2, own->ground2) && same(group->expires, own->expires);
}

static int find_group(struct import *import, const struct own_labels *own, struct group **ret_group,
	struct hilf_err *err)
{
	/* Lines that are alike come together. */
	if (import->last_group && is_of(import->last_group, own)) {
		*ret_group = import->last_group;
		return 0;
	}
	for (struct group *group = import->groups; group; group = group->next)
		if (is_of(group, own)) {
			*ret_group = import->last_group = group;
			return 0;
		}
	return new_group(import, own, ret_group, err);
}

static bool is_own(const struct hilf_label *label)
{
	return !strncmp(label->key, META_PREFIX, strlen(META_PREFIX));
}

static int read_own(const struct import_row *row, struct own_labels *ret_own, struct hilf_err *err)
{
	*ret_own = (struct own_labels){0};
	for (size_t i = 0; i < row->label_count; i++) {
		int rc = is_own(&row->labels[i]) ? take_own(ret_own, &row->labels[i], err) : 0;
		if (rc)
			return rc;
	}
	return 0;
}

/* The row's labels but hilf's own, into the arena. */
static int keep_labels(struct import *import, const struct import_row *row,
	struct hilf_new_entry *entry, struct hilf_err *err)
{
	struct hilf_label *labels = NULL;
	for (size_t i = 0; i < row->label_count; i++) {
		if (is_own(&row->labels[i]))
			continue;
		if (!labels)
			labels = arena_array(&import->arena, row->label_count, sizeof *labels);
		if (!labels)
			return err_no_memory(err);
		struct hilf_label *label = &labels[entry->label_count++];
		label->key = keep(import, row->labels[i].key);
		label->value = keep(import, row->labels[i].value);
		if (!label->key || !label->value)
			return err_no_memory(err);
	}
	entry->labels = labels;
	return 0;
}

/* One more signal of the entry that the row before was of? */
static bool is_more(const struct import *import, const struct own_labels *own)
{
	const struct group *group = import->open_group;
	return group && own->entry && !strcmp(own->entry, import->open_entry) && group->count &&
	       group->entries[group->count - 1].signal_count < LIMIT_ENTRY_SIGNALS;
}

static int add_entry(struct import *import, const struct import_row *row,
	const struct own_labels *own, struct hilf_err *err)
{
	struct group *group = NULL;
	struct hilf_new_entry entry = {.signal_count = 1};
	int rc = find_group(import, own, &group, err);
	if (!rc)
		rc = make_room(import, group, err);
	if (!rc)
		rc = keep_labels(import, row, &entry, err);
	if (rc)
		return rc;
	struct hilf_signal *signals =
		arena_array(&import->arena, own->entry ? LIMIT_ENTRY_SIGNALS : 1, sizeof *signals);
	if (!signals)
		return err_no_memory(err);
	signals[0] = row->signal;
	entry.signals = signals;
	group->entries[group->count++] = entry;
	import->waiting++;
	import->open_group = own->entry ? group : NULL;
	if (own->entry)
		snprintf(import->open_entry, sizeof import->open_entry, "%s", own->entry);
	return 0;
}

static int add_row(struct import *import, const struct import_row *row, struct hilf_err *err)
{
	struct own_labels own;
	int rc = read_own(row, &own, err);
	if (rc)
		return rc;
	if (is_more(import, &own)) {
		struct hilf_new_entry *entry =
			&import->open_group->entries[import->open_group->count - 1];
		((struct hilf_signal *)entry->signals)[entry->signal_count++] = row->signal;
		return 0;
	}
	/* Not between the signals of one entry. The first reading of --strict only looks. */
	if (is_full(import) && import->checking)
		forget(import);
	if (is_full(import) && flush(import))
		return HILF_E_STOPPED;
	return add_entry(import, row, &own, err);
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
	int rc = add_row(import, row, &err);
	if (import->status)
		return import->status;
	if (rc == HILF_E_NO_MEMORY)
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
	struct import_reader *rows;
	struct hilf_err err = {0};
	size_t size;
	char *piece = malloc(PIECE_SIZE);
	int rc = piece ? import_open(&rows, &err) : err_no_memory(&err);
	if (rc) {
		free(piece);
		return import->status = cli_fail(import->cli, &err);
	}
	progress_start(&import->cli->progress, "lines", 0);
	do {
		if (import->waiting && !import->checking && !reader_wait(reader, PATIENCE_MS))
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
	forget(import);
	import->lines = import->size = 0;
	if (reader_rewind(reader, &err))
		import->status = cli_fail(import->cli, &err);
	return import->status;
}

static void print_counts(struct import *import)
{
	struct cli *cli = import->cli;
	const struct {
		const char *name;
		uint64_t count;
	} counts[] = {{"added", import->added}, {"already", import->already},
		{"degenerate", import->degenerate}, {"bad", import->bad}};
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
	meta_note_already(cli, &import->meta, import->already);
	if (import->status && !import->checking && import->added)
		cli_say(cli,
			"%llu entries were added before; import the same again when that is "
			"mended: what is there "
			"is not added twice",
			(unsigned long long)import->added);
	return import->status || import->bad ? STATUS_TROUBLE : STATUS_FINE;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	struct hilf_err err = {0};
	struct import *import = calloc(1, sizeof *import);
	if (import)
		import->results = calloc(BATCH, sizeof *import->results);
	if (!import || !import->results) {
		free(import);
		cli_say(cli, "out of memory");
		return STATUS_TROUBLE;
	}
	import->cli = cli;
	import->bank = arguments->operands[0];
	import->strict = arguments_flag(arguments, "strict");
	arena_init(&import->arena, 0);
	int rc = meta_read(arguments, "import", &import->meta, &err);
	int status =
		rc ? cli_usage(cli, "%s", err.text) : import_all(import, arguments->operands[1]);
	meta_free(&import->meta);
	arena_clear(&import->arena);
	free(import->results);
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
	.summary = "add signals from lines or CSV to a bank",
	.usage = usage,
	.description =
		"Reads signals, an entry each, and adds what is not in the bank yet. Two forms are "
		"read, and told apart by "
		"themselves:\n\n"
		"  TYPE VALUE [quality=N] [KEY=VALUE ...]\n"
		"  pdq f8f8f0cc... quality=100 event=paris\n\n"
		"and CSV with a header whose columns are type, value, quality if there is one, and "
		"labels:\n\n"
		"  type,value,quality,event\n"
		"  pdq,f8f8f0cc...,100,paris\n\n"
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
