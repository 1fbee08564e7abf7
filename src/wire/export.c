/* An entry's labels with ours behind them, for each of its signals. */
#include "wire/export.h"

#include "base/when.h"
#include "wire/import_own.h"
#include "wire/json.h"
#include "wire/lines.h"
#include "wire/signal_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOON_MS (3ll * 24 * 3600 * 1000) /* an expiry nearer than this is written to the second */

struct labels {
	struct hilf_label all[LIMIT_LABELS * 2 + IMPORT_OWN_LABELS];
	size_t count;
	char id[24], expires[WHEN_TEXT_SIZE], ground[IMPORT_GROUND_SIZE],
		ground2[IMPORT_GROUND_SIZE];
};

static void add_label(struct labels *labels, const char *key, const char *value)
{
	labels->all[labels->count++] = (struct hilf_label){key, value};
}

static void gather(
	const struct export_writer *writer, const struct hilf_entry *entry, struct labels *labels)
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
	if (entry->expires_ms - writer->now_ms < SOON_MS)
		when_format_exact(entry->expires_ms, labels->expires);
	else
		when_format_day(entry->expires_ms, labels->expires);
	add_label(labels, "hilf.expires", labels->expires);
	if (*entry->ground) {
		import_ground_split(entry->ground, labels->ground, labels->ground2);
		add_label(labels, "hilf.ground", labels->ground);
		if (*labels->ground2)
			add_label(labels, "hilf.ground2", labels->ground2);
	}
}

static void note_key(struct export_writer *writer, const char *key)
{
	for (size_t i = 0; i < writer->key_count; i++)
		if (!strcmp(writer->keys[i], key))
			return;
	if (writer->key_count == IMPORT_ROW_LABELS) {
		writer->too_many = true;
		return;
	}
	snprintf(writer->keys[writer->key_count++], sizeof *writer->keys, "%s", key);
}

void export_look(struct export_writer *writer, const struct hilf_entry *entry)
{
	struct labels labels;
	gather(writer, entry, &labels);
	for (size_t i = 0; i < labels.count; i++)
		note_key(writer, labels.all[i].key);
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

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

void export_header(struct export_writer *writer, struct buf *buf)
{
	if (writer->form != EXPORT_CSV)
		return;
	qsort(writer->keys, writer->key_count, sizeof *writer->keys, by_text);
	buf_text(buf, "type,value,quality");
	for (size_t i = 0; i < writer->key_count; i++)
		put_cell(buf, writer->keys[i]);
	buf_char(buf, '\n');
}

static void put_csv(const struct export_writer *writer, const struct hilf_signal *signal,
	const struct labels *labels, struct buf *buf)
{
	buf_text(buf, signal_text_type_name(signal->type));
	buf_char(buf, ',');
	buf_hex(buf, signal->value, signal->size);
	buf_char(buf, ',');
	if (signal->quality != HILF_QUALITY_UNKNOWN)
		json_put_integer(buf, signal->quality);
	for (size_t key = 0; key < writer->key_count; key++) {
		const char *cell = "";
		for (size_t i = 0; i < labels->count; i++)
			if (!strcmp(labels->all[i].key, writer->keys[key]))
				cell = labels->all[i].value;
		put_cell(buf, cell);
	}
	buf_char(buf, '\n');
}

static void put_json(const struct hilf_signal *signal, const struct labels *labels, struct buf *buf)
{
	buf_char(buf, '{');
	json_put_key(buf, "type");
	json_put_text(buf, signal_text_type_name(signal->type));
	json_put_key(buf, "value");
	buf_char(buf, '"');
	buf_hex(buf, signal->value, signal->size);
	buf_char(buf, '"');
	if (signal->quality != HILF_QUALITY_UNKNOWN) {
		json_put_key(buf, "quality");
		json_put_integer(buf, signal->quality);
	}
	json_put_key(buf, "labels");
	buf_char(buf, '{');
	for (size_t i = 0; i < labels->count; i++) {
		json_put_key(buf, labels->all[i].key);
		json_put_text(buf, labels->all[i].value);
	}
	buf_text(buf, "}}\n");
}

void export_entry(
	const struct export_writer *writer, const struct hilf_entry *entry, struct buf *buf)
{
	struct labels labels;
	gather(writer, entry, &labels);
	for (size_t i = 0; i < entry->signal_count; i++) {
		const struct hilf_signal *signal = &entry->signals[i];
		if (writer->form == EXPORT_JSON)
			put_json(signal, &labels, buf);
		else if (writer->form == EXPORT_CSV)
			put_csv(writer, signal, &labels, buf);
		else
			lines_write_entry(buf, signal, labels.all, labels.count);
	}
}
