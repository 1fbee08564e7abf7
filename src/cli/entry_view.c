/* The same fields wherever an entry is shown. */
#include "cli/entry_view.h"

#include "cli/cli.h"
#include "base/when.h"
#include "wire/json.h"

const char *const entry_view_headings[ENTRY_VIEW_COLUMNS] = {
	">entry", "bank", "state", "signals", "class", "added", "expires", "labels"};

const char *entry_view_state(const struct hilf_entry *entry)
{
	if (entry->state == HILF_IN_FORCE && entry->muted_until_ms)
		return "muted";
	if (entry->state == HILF_IN_FORCE && entry->dispute_count)
		return "disputed";
	return hilf_entry_state_name(entry->state);
}

static void put_signals(struct buf *buf, const struct hilf_entry *entry)
{
	char value[HILF_SIGNAL_TEXT_MAX];
	json_put_key(buf, "signals");
	buf_char(buf, '[');
	for (size_t i = 0; i < entry->signal_count; i++) {
		const struct hilf_signal *signal = &entry->signals[i];
		hilf_signal_format(signal, value);
		json_put_item(buf);
		buf_char(buf, '{');
		json_put_key(buf, "type");
		json_put_text(buf, hilf_signal_type_name(signal->type));
		json_put_key(buf, "value");
		json_put_text(buf, value);
		if (signal->quality != HILF_QUALITY_UNKNOWN) {
			json_put_key(buf, "quality");
			json_put_integer(buf, signal->quality);
		}
		buf_char(buf, '}');
	}
	buf_char(buf, ']');
}

static void put_opinions(struct buf *buf, const struct hilf_entry *entry)
{
	json_put_key(buf, "opinions");
	buf_char(buf, '{');
	json_put_key(buf, "confirm");
	json_put_integer(buf, entry->confirm_count);
	json_put_key(buf, "dispute");
	json_put_integer(buf, entry->dispute_count);
	json_put_key(buf, "seen");
	json_put_integer(buf, entry->seen_count);
	buf_char(buf, '}');
}

void entry_view_members(struct buf *buf, const struct hilf_entry *entry)
{
	json_put_key(buf, "entry");
	json_put_integer(buf, (int64_t)entry->id);
	json_put_key(buf, "gid");
	json_put_text(buf, entry->gid);
	json_put_key(buf, "bank");
	json_put_text(buf, entry->bank);
	json_put_key(buf, "state");
	json_put_text(buf, hilf_entry_state_name(entry->state));
	json_put_key(buf, "class");
	json_put_text(buf, entry->content_class);
	json_put_key(buf, "ground");
	json_put_text(buf, entry->ground);
	json_put_key(buf, "source");
	json_put_text(buf, entry->source);
	json_put_key(buf, "territory");
	json_put_text(buf, entry->territory);
	json_put_key(buf, "added_ms");
	json_put_integer(buf, entry->added_ms);
	json_put_key(buf, "expires_ms");
	json_put_integer(buf, entry->expires_ms);
	if (entry->muted_until_ms) {
		json_put_key(buf, "muted_until_ms");
		json_put_integer(buf, entry->muted_until_ms);
	}
	cli_json_labels(buf, entry->labels, entry->label_count);
	put_signals(buf, entry);
	put_opinions(buf, entry);
}

void entry_view_json(struct buf *buf, const struct hilf_entry *entry)
{
	buf_char(buf, '{');
	entry_view_members(buf, entry);
	buf_text(buf, "}\n");
}

void entry_view_row(struct table *table, const struct hilf_entry *entry)
{
	char day[WHEN_TEXT_SIZE];
	struct buf cell = BUF_INIT;
	table_number(table, entry->id);
	table_text(table, entry->bank);
	table_plain(table, entry_view_state(entry));
	for (size_t i = 0; i < entry->signal_count; i++)
		buf_format(
			&cell, "%s%s", i ? "," : "", hilf_signal_type_name(entry->signals[i].type));
	table_bytes(table, cell.data, cell.size);
	table_text(table, entry->content_class);
	when_format_day(entry->added_ms, day);
	table_plain(table, day);
	when_format_day(entry->expires_ms, day);
	table_plain(table, day);
	buf_clear(&cell);
	cli_labels_text(&cell, entry->labels, entry->label_count);
	table_bytes(table, cell.data, cell.size);
	table->out->buf.failed |= cell.failed;
	buf_free(&cell);
}
