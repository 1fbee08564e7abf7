/* Cuts what it is fed into lines. A line that lies whole in a piece is parsed where it is; only one that crosses from
 * a piece into the next, or a CSV line with a line end in a quoted cell, is gathered in `pending` first. */
#include "wire/import.h"

#include "base/buf.h"
#include "base/err.h"
#include "wire/csv.h"
#include "wire/json_line.h"
#include "wire/lines.h"
#include "wire/signal_text.h"

#include <stdlib.h>
#include <string.h>

enum form { FORM_UNKNOWN, FORM_LINES, FORM_CSV, FORM_JSON };

struct import_reader {
	enum form form;
	unsigned long line;  /* of the line end that comes next, from 1 */
	unsigned long begun; /* line on which the pending one began */
	bool bom_passed;
	bool in_quotes; /* CSV: the pending line goes on after its line end */
	bool skipping;  /* the rest of a line that was too long */
	struct buf pending;
	struct csv_columns columns;
	struct import_row row;
};

/* What import_feed was called with. */
struct sink {
	import_fn *fn;
	void *ctx;
	struct hilf_err *err;
};

int import_open(struct import_reader **ret_reader, struct hilf_err *err)
{
	struct import_reader *reader = calloc(1, sizeof *reader);
	if (!reader)
		return err_no_memory(err);
	reader->line = 1;
	reader->begun = 1;
	*ret_reader = reader;
	return HILF_OK;
}

void import_close(struct import_reader *reader)
{
	if (!reader)
		return;
	buf_free(&reader->pending);
	free(reader);
}

bool import_is_csv(const struct import_reader *reader)
{
	return reader->form == FORM_CSV;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int report(struct import_reader *reader, const struct sink *sink, const struct hilf_err *why)
{
	struct hilf_err problem;
	err_set(&problem, why->code, "line %lu: %s", reader->row.line, why->text);
	return sink->fn(&reader->row, &problem, sink->ctx);
}

/* JSON has a brace first. A header has a comma, and does not begin with a type's name and a blank as a plain line does. */
static enum form detect(const char *text, size_t size)
{
	size_t word = 0;
	if (*text == '{')
		return FORM_JSON;
	while (word < size && !is_blank(text[word]))
		word++;
	if (!memchr(text, ',', size) || signal_text_type(text, word))
		return FORM_LINES;
	return FORM_CSV;
}

static int read_header(
	struct import_reader *reader, const char *text, size_t size, const struct sink *sink)
{
	struct hilf_err inner;
	int rc = csv_parse_header(text, size, &reader->columns, &inner);
	if (rc)
		return err_set(sink->err, inner.code, "line %lu: %s", reader->row.line, inner.text);
	return HILF_OK;
}

/* Takes what surrounds a line: the mark at the beginning of all, the CR of its end, blanks. */
static int trim(struct import_reader *reader, const char **text, size_t *size, struct hilf_err *err)
{
	if (!reader->bom_passed) {
		reader->bom_passed = true;
		if (*size >= 2 && (!memcmp(*text, "\xff\xfe", 2) || !memcmp(*text, "\xfe\xff", 2)))
			return err_set(err, HILF_E_INVALID,
				"line 1: the text is UTF-16; save it as UTF-8");
		if (*size >= 3 && !memcmp(*text, "\xef\xbb\xbf", 3)) {
			*text += 3;
			*size -= 3;
		}
	}
	if (*size && (*text)[*size - 1] == '\r')
		--*size;
	while (*size && is_blank((*text)[*size - 1]))
		--*size;
	while (*size && is_blank(**text)) {
		++*text;
		--*size;
	}
	return HILF_OK;
}

/* A whole line, without its '\n'. */
static int take_line(
	struct import_reader *reader, const char *text, size_t size, const struct sink *sink)
{
	struct hilf_err why;
	import_row_begin(&reader->row, reader->begun);
	int rc = trim(reader, &text, &size, sink->err);
	if (rc || size == 0 || (reader->form != FORM_CSV && *text == '#'))
		return rc;
	if (reader->form == FORM_UNKNOWN) {
		reader->form = detect(text, size);
		if (reader->form == FORM_CSV)
			return read_header(reader, text, size, sink);
	}
	if (reader->form == FORM_CSV)
		rc = csv_parse(&reader->columns, text, size, &reader->row, &why);
	else if (reader->form == FORM_JSON)
		rc = json_line_parse(text, size, &reader->row, &why);
	else
		rc = lines_parse(text, size, &reader->row, &why);
	return rc ? report(reader, sink, &why) : sink->fn(&reader->row, NULL, sink->ctx);
}

static bool quotes_are_odd(const char *text, size_t size)
{
	bool odd = false;
	const char *end = text + size, *at = text;
	while ((at = memchr(at, '"', (size_t)(end - at)))) {
		odd = !odd;
		at++;
	}
	return odd;
}

static int refuse_long(struct import_reader *reader, const struct sink *sink)
{
	struct hilf_err why;
	import_row_begin(&reader->row, reader->begun);
	reader->bom_passed = true;
	reader->skipping = true;
	reader->in_quotes = false;
	buf_clear(&reader->pending);
	err_set(&why, HILF_E_LIMIT, "longer than %u bytes%s", LIMIT_LINE_SIZE,
		reader->form == FORM_CSV ? "; is a quote missing?" : "");
	return report(reader, sink, &why);
}

/* A piece of one line; ended says that its '\n' came, which is not in it. */
static int take_piece(struct import_reader *reader, const char *text, size_t size, bool ended,
	const struct sink *sink)
{
	if (reader->skipping) {
		reader->skipping = !ended;
		return HILF_OK;
	}
	if (reader->pending.size + size > LIMIT_LINE_SIZE) {
		int rc = refuse_long(reader, sink);
		reader->skipping = !ended;
		return rc;
	}
	if (reader->form == FORM_CSV && quotes_are_odd(text, size))
		reader->in_quotes = !reader->in_quotes;
	bool whole = ended && !reader->in_quotes;
	if (whole && !reader->pending.size)
		return take_line(reader, text, size, sink);
	buf_add(&reader->pending, text, size);
	if (ended && !whole)
		buf_char(&reader->pending, '\n');
	if (reader->pending.failed)
		return err_no_memory(sink->err);
	if (!whole)
		return HILF_OK;
	int rc = take_line(reader, reader->pending.data, reader->pending.size, sink);
	buf_clear(&reader->pending);
	return rc;
}

int import_feed(struct import_reader *reader, const char *bytes, size_t size, bool final,
	import_fn *fn, void *ctx, struct hilf_err *err)
{
	const struct sink sink = {fn, ctx, err};
	while (size) {
		const char *end = memchr(bytes, '\n', size);
		size_t piece = end ? (size_t)(end - bytes) : size;
		int rc = take_piece(reader, bytes, piece, end != NULL, &sink);
		if (rc)
			return rc;
		piece += end != NULL;
		bytes += piece;
		size -= piece;
		reader->line += end != NULL;
		if (!reader->pending.size)
			reader->begun = reader->line;
	}
	if (!final || !reader->pending.size)
		return HILF_OK;
	reader->in_quotes = false;
	int rc = take_line(reader, reader->pending.data, reader->pending.size, &sink);
	buf_clear(&reader->pending);
	return rc;
}
