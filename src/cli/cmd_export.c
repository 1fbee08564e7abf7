/* hilf export: a bank's entries in the forms that hilf import reads, so that going out and in again loses nothing. */
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/meta.h"
#include "cli/options.h"
#include "cli/registry.h"
#include "cli/when.h"
#include "os/clock.h"
#include "wire/csv.h"
#include "wire/json.h"
#include "wire/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOON_MS (3ll * 24 * 3600 * 1000) /* an expiry nearer than this is written to the second */

struct export
{
	struct cli *cli;
	bool csv;
	bool looking; /* the first of two passes of CSV: which label keys there are */
	bool too_many;
	char keys[CSV_COLUMNS_MAX][LIMIT_LABEL_KEY + 1];
	size_t key_count;
};

/* An entry's labels with hilf's own after them. */
struct labels {
	struct hilf_label all[LIMIT_LABELS * 2 + IMPORT_OWN_LABELS];
	size_t count;
	char id[24], expires[WHEN_TEXT_SIZE], ground[META_GROUND_SIZE], ground2[META_GROUND_SIZE];
};

static void add_label(struct labels *labels, const char *key, const char *value)
{
	labels->all[labels->count++] = (struct hilf_label){key, value};
}

static void gather(struct labels *labels, const struct hilf_entry *entry)
{
	labels->count = 0;
	for (size_t i = 0; i < entry->label_count && i < LIMIT_LABELS * 2; i++)
		labels->all[labels->count++] = entry->labels[i];
	if (strcmp(entry->content_class, hilf_class_name(0)) != 0)
		add_label(labels, "hilf.class", entry->content_class);
	if (entry->signal_count > 1) {
		snprintf(labels->id, sizeof labels->id, "%llu", (unsigned long long)entry->id);
		add_label(labels, "hilf.entry", labels->id);
	}
	if (entry->expires_ms - clock_now_ms() < SOON_MS)
		when_format_exact(entry->expires_ms, labels->expires);
	else
		when_format_day(entry->expires_ms, labels->expires);
	add_label(labels, "hilf.expires", labels->expires);
	if (*entry->ground) {
		meta_ground_to_labels(entry->ground, labels->ground, labels->ground2);
		add_label(labels, "hilf.ground", labels->ground);
		if (*labels->ground2)
			add_label(labels, "hilf.ground2", labels->ground2);
	}
}

static void note_key(struct export *export, const char *key)
{
	for (size_t i = 0; i < export->key_count; i++)
		if (!strcmp(export->keys[i], key))
			return;
	if (export->key_count == IMPORT_ROW_LABELS) {
		export->too_many = true;
		return;
	}
	snprintf(export->keys[export->key_count++], sizeof *export->keys, "%s", key);
}

static void put_cell(struct buf *buf, const char *text)
{
	buf_char(buf, ',');
	if (!strpbrk(text, ",\"\r\n")) {
		buf_text(buf, text);
		return;
	}
	buf_char(buf, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_char(buf, '"');
		buf_char(buf, *text);
	}
	buf_char(buf, '"');
}

static void put_csv(
	struct export *export, const struct hilf_signal *signal, const struct labels *labels)
{
	struct buf *buf = &export->cli->out.buf;
	char value[HILF_SIGNAL_TEXT_MAX];
	hilf_signal_format(signal, value);
	buf_text(buf, hilf_signal_type_name(signal->type));
	put_cell(buf, value);
	buf_char(buf, ',');
	if (signal->quality != HILF_QUALITY_UNKNOWN)
		out_number(buf, (uint64_t)signal->quality);
	for (size_t key = 0; key < export->key_count; key++) {
		const char *cell = "";
		for (size_t i = 0; i < labels->count; i++)
			if (!strcmp(labels->all[i].key, export->keys[key]))
				cell = labels->all[i].value;
		put_cell(buf, cell);
	}
	buf_char(buf, '\n');
}

static void put_json(
	struct export *export, const struct hilf_signal *signal, const struct labels *labels)
{
	struct buf *buf = &export->cli->out.buf;
	char value[HILF_SIGNAL_TEXT_MAX];
	hilf_signal_format(signal, value);
	buf_char(buf, '{');
	json_put_key(buf, "type");
	json_put_text(buf, hilf_signal_type_name(signal->type));
	json_put_key(buf, "value");
	json_put_text(buf, value);
	if (signal->quality != HILF_QUALITY_UNKNOWN) {
		json_put_key(buf, "quality");
		json_put_integer(buf, signal->quality);
	}
	cli_json_labels(buf, labels->all, labels->count);
	buf_text(buf, "}\n");
}

static int take(const struct hilf_entry *entry, void *ctx)
{
	struct export *export = ctx;
	struct out *out = &export->cli->out;
	struct labels labels;
	gather(&labels, entry);
	if (export->looking) {
		for (size_t i = 0; i < labels.count; i++)
			note_key(export, labels.all[i].key);
		return export->too_many ? HILF_E_STOPPED : 0;
	}
	for (size_t i = 0; i < entry->signal_count; i++) {
		if (export->cli->json)
			put_json(export, &entry->signals[i], &labels);
		else if (export->csv)
			put_csv(export, &entry->signals[i], &labels);
		else
			lines_write_entry(&out->buf, &entry->signals[i], labels.all, labels.count);
	}
	out_settle(out);
	return out->sys || cli_stopped() ? HILF_E_STOPPED : 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The header needs every key before the first row. */
static int write_header(struct export *export, const char *bank, struct hilf_err *err)
{
	struct buf *buf = &export->cli->out.buf;
	export->looking = true;
	int rc = hilf_entry_each(export->cli->hilf, bank, take, export, err);
	export->looking = false;
	if (rc)
		return rc;
	qsort(export->keys, export->key_count, sizeof *export->keys, by_text);
	buf_text(buf, "type,value,quality");
	for (size_t i = 0; i < export->key_count; i++)
		put_cell(buf, export->keys[i]);
	buf_char(buf, '\n');
	return 0;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const char *bank = arguments->operands[0];
	struct export export = {.cli = cli, .csv = arguments_flag(arguments, "csv") && !cli->json};
	struct hilf_err err = {0};
	int rc = 0;
	if (cli_open(cli, CLI_READ, NULL))
		return STATUS_TROUBLE;
	if (export.csv)
		rc = write_header(&export, bank, &err);
	if (export.too_many) {
		cli_say(cli,
			"bank '%s' has more than %u different label keys, too many for columns; "
			"leave --csv out",
			bank, IMPORT_ROW_LABELS);
		return STATUS_TROUBLE;
	}
	if (!rc)
		rc = hilf_entry_each(cli->hilf, bank, take, &export, &err);
	if (rc == HILF_E_STOPPED) {
		if (cli_stopped())
			cli_say(cli, "stopped; the export is not whole");
		return STATUS_TROUBLE;
	}
	return rc ? cli_fail_bank(cli, bank, &err) : STATUS_FINE;
}

static const char *const usage[] = {"BANK [--csv]", NULL};
static const struct option_spec options[] = {
	{.name = "csv", .summary = "write CSV with a header instead of lines"},
	{0},
};
static const struct operand_spec operands[] = {{"BANK", COMPLETES_BANK}, {0}};

static const struct example examples[] = {
	{"export known > known.txt", "Keep a copy."},
	{"export known --csv > known.csv", "For a spreadsheet."},
	{0},
};

const struct command command_export = {
	.name = "export",
	.summary = "write a bank's signals as lines or CSV",
	.usage = usage,
	.description = "Writes the entries of the bank that are in force, a line for each signal, "
		       "as 'hilf import' reads them. The "
		       "class, the ground, the expiry (to the day) and which signals belong "
		       "together go along as labels whose keys "
		       "begin with 'hilf.'.",
	.options = options,
	.operands = operands,
	.examples = examples,
	.run = run,
};
