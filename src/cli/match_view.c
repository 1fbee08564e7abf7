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

/* Appends to a note that may have something in it. */
static void note(struct buf *cell, const char *text)
{
	if (cell->size)
		buf_text(cell, ", ");
	buf_text(cell, text);
}

/* more: matches that are left out after this one. */
static void row(struct table *table, const char *what, const struct hilf_check *check,
	const struct hilf_match *match, const char *undecided, uint64_t more)
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
		note(&cell, "shadow");
	if (match->disputed)
		note(&cell, "disputed");
	if (match->sampled_out)
		note(&cell, "not sampled");
	if (match->variant != HILF_AS_IS)
		note(&cell, hilf_variant_name(match->variant));
	if (undecided)
		note(&cell, undecided);
	if (more)
		buf_format(
			&cell, "%sand %llu more", cell.size ? ", " : "", (unsigned long long)more);
	table_bytes(table, cell.data, cell.size);
	table->out->buf.failed |= cell.failed;
	buf_free(&cell);
}

static bool is_among(const struct hilf_check *check, size_t count, uint64_t entry)
{
	for (size_t i = 0; i < count; i++)
		if (check->matches[i].entry == entry)
			return true;
	return false;
}

/* Where the matches begin that are of no entry to be shown or of one that came before; the number of matches where there
 * are none. */
static size_t end_of(const struct match_answer *answer)
{
	const struct hilf_check *check = answer->check;
	size_t entries = 0;
	for (size_t i = 0; i < check->match_count; i++)
		if (!is_among(check, i, check->matches[i].entry) && entries++ == answer->entry_max)
			return i;
	return check->match_count;
}

uint64_t match_view_more(const struct match_answer *answer)
{
	const struct hilf_check *check = answer->check;
	if (!check)
		return 0;
	size_t end = end_of(answer);
	uint64_t more = check->match_more;
	for (size_t i = end; i < check->match_count; i++)
		more += !is_among(check, end, check->matches[i].entry);
	return more;
}

void match_view_rows(struct table *table, const struct match_answer *answer)
{
	const struct hilf_content *content = answer->content;
	const struct hilf_check *check = answer->check;
	const char *reason = content && !content->decided ? content->reason : NULL;
	if (!check) {
		row_without_match(table, answer->what, hilf_verdict_name(HILF_UNDECIDED),
			answer->trouble ? answer->trouble : "");
		return;
	}
	size_t end = end_of(answer), last = 0;
	for (size_t i = 1; i < end; i++)
		if (!is_among(check, i, check->matches[i].entry))
			last = i;
	for (size_t i = 0; i < end; i++)
		if (!is_among(check, i, check->matches[i].entry))
			row(table, answer->what, check, &check->matches[i], reason,
				i == last ? match_view_more(answer) : 0);
	if (check->match_count)
		return;
	if (!reason && content && content->picture_count && content->pictures[0].degenerate)
		reason = "too plain to be compared but by its digests";
	row_without_match(
		table, answer->what, hilf_verdict_name(check->verdict), reason ? reason : "");
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
	if (match->disputed) {
		json_put_key(buf, "disputed");
		json_put_bool(buf, true);
	}
	if (match->sampled_out) {
		json_put_key(buf, "sampled_out");
		json_put_bool(buf, true);
	}
	buf_char(buf, '}');
}

static void put_matches(struct buf *buf, const struct match_answer *answer)
{
	const struct hilf_check *check = answer->check;
	size_t end = end_of(answer);
	json_put_key(buf, "shadow_verdict");
	json_put_text(buf, hilf_verdict_name(check->shadow_verdict));
	json_put_key(buf, "matches");
	buf_char(buf, '[');
	for (size_t i = 0; i < check->match_count; i++)
		if (i < end || is_among(check, end, check->matches[i].entry))
			put_match(buf, &check->matches[i]);
	buf_char(buf, ']');
	json_put_key(buf, "more");
	json_put_integer(buf, (int64_t)match_view_more(answer));
}

void match_view_json(struct buf *buf, const struct match_answer *answer)
{
	const struct hilf_content *content = answer->content;
	const struct hilf_check *check = answer->check;
	buf_char(buf, '{');
	cli_json_text(buf, answer->key, answer->what);
	json_put_key(buf, "verdict");
	json_put_text(buf, hilf_verdict_name(check ? check->verdict : HILF_UNDECIDED));
	if (check)
		put_matches(buf, answer);
	/* A bare signal has nothing of a file to say; one that cannot be read has. */
	if (content || !check)
		cli_json_content(buf, content, answer->trouble);
	if (content && content->decided && content->picture_count &&
		content->pictures[0].degenerate) {
		json_put_key(buf, "degenerate");
		json_put_bool(buf, true);
	}
	buf_text(buf, "}\n");
}
