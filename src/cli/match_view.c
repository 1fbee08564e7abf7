/* The columns are what people and scripts were promised: path, verdict, bank, entry, signal, distance, threshold,
 * orientation, labels; and a note for what does not fit them. */
#include "cli/match_view.h"

#include "cli/cli.h"
#include "wire/json.h"

#include <stdio.h>

const char *const match_view_headings[MATCH_VIEW_COLUMNS] = {"path", "verdict", "bank", ">entry",
	"signal", ">distance", ">threshold", "orientation", "labels", "note"};

static void row_without_match(
	struct table *table, const char *what, const char *verdict, const char *note)
{
	table_text(table, what);
	table_plain(table, verdict);
	for (unsigned i = 2; i < MATCH_VIEW_COLUMNS - 1; i++)
		table_plain(table, "");
	table_text(table, note);
}

static void row(struct table *table, const char *what, const struct hilf_check *check,
	const struct hilf_match *match, const char *undecided)
{
	struct buf cell = BUF_INIT;
	bool digest = match->signal_type != HILF_PDQ;
	table_text(table, what);
	table_plain(table, hilf_verdict_name(check->verdict));
	table_plain(table, match->bank);
	table_number(table, match->entry);
	table_plain(table, hilf_signal_type_name(match->signal_type));
	table_number(table, match->distance);
	table_number(table, match->threshold);
	table_plain(table, digest ? "" : hilf_orientation_name(match->orientation));
	cli_labels_text(&cell, match->labels, match->label_count);
	table_bytes(table, cell.data, cell.size);
	buf_clear(&cell);
	if (match->mode == HILF_SHADOW)
		buf_text(&cell, "shadow");
	if (match->variant != HILF_AS_IS)
		buf_format(&cell, "%s%s", cell.size ? ", " : "", hilf_variant_name(match->variant));
	if (undecided)
		buf_format(&cell, "%s%s", cell.size ? ", " : "", undecided);
	table_bytes(table, cell.data, cell.size);
	table->out->buf.failed |= cell.failed;
	buf_free(&cell);
}

/* An entry gets one row, by its nearest signal. */
static bool was_before(const struct hilf_check *check, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (check->matches[i].entry == check->matches[index].entry)
			return true;
	return false;
}

void match_view_rows(struct table *table, const char *what, const struct hilf_content *content,
	const struct hilf_check *check, const char *trouble)
{
	const char *reason = content && !content->decided ? content->reason : NULL;
	if (!check) {
		row_without_match(
			table, what, hilf_verdict_name(HILF_UNDECIDED), trouble ? trouble : "");
		return;
	}
	for (size_t i = 0; i < check->match_count; i++)
		if (!was_before(check, i))
			row(table, what, check, &check->matches[i], reason);
	if (check->match_count)
		return;
	if (!reason && content && content->picture_count && content->pictures[0].degenerate)
		reason = "too plain to be compared but by its digests";
	row_without_match(table, what, hilf_verdict_name(check->verdict), reason ? reason : "");
}

static void put_match(struct buf *buf, const struct hilf_match *match)
{
	json_put_item(buf);
	buf_char(buf, '{');
	json_put_key(buf, "bank");
	json_put_text(buf, match->bank);
	json_put_key(buf, "mode");
	json_put_text(buf, hilf_mode_name(match->mode));
	json_put_key(buf, "entry");
	json_put_integer(buf, (int64_t)match->entry);
	json_put_key(buf, "gid");
	json_put_text(buf, match->gid);
	json_put_key(buf, "signal");
	json_put_text(buf, hilf_signal_type_name(match->signal_type));
	json_put_key(buf, "distance");
	json_put_integer(buf, match->distance);
	json_put_key(buf, "threshold");
	json_put_integer(buf, match->threshold);
	if (match->signal_type == HILF_PDQ) {
		json_put_key(buf, "orientation");
		json_put_text(buf, hilf_orientation_name(match->orientation));
		json_put_key(buf, "variant");
		json_put_text(buf, hilf_variant_name(match->variant));
	}
	json_put_key(buf, "class");
	json_put_text(buf, match->content_class);
	cli_json_labels(buf, match->labels, match->label_count);
	buf_char(buf, '}');
}

void match_view_json(struct buf *buf, const char *key, const char *what,
	const struct hilf_content *content, const struct hilf_check *check, const char *trouble)
{
	buf_char(buf, '{');
	cli_json_text(buf, key, what);
	json_put_key(buf, "verdict");
	json_put_text(buf, hilf_verdict_name(check ? check->verdict : HILF_UNDECIDED));
	if (check) {
		json_put_key(buf, "shadow_verdict");
		json_put_text(buf, hilf_verdict_name(check->shadow_verdict));
		json_put_key(buf, "matches");
		buf_char(buf, '[');
		for (size_t i = 0; i < check->match_count; i++)
			put_match(buf, &check->matches[i]);
		buf_char(buf, ']');
		json_put_key(buf, "more");
		json_put_integer(buf, (int64_t)check->match_more);
	}
	/* A bare signal has nothing of a file to say; one that cannot be read has. */
	if (content || !check)
		cli_json_content(buf, content, trouble);
	if (content && content->decided && content->picture_count &&
		content->pictures[0].degenerate) {
		json_put_key(buf, "degenerate");
		json_put_bool(buf, true);
	}
	buf_text(buf, "}\n");
}
