/* The import reader must see the same rows however its input is cut into pieces, and a row written as a line must
 * read as that row. */
#include "base/buf.h"
#include "base/check.h"
#include "wire/import.h"
#include "wire/lines.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_row(const struct import_row *row, const struct hilf_err *problem, void *ctx)
{
	struct buf *seen = ctx;
	buf_format(seen, "%lu ", row->line);
	if (problem)
		buf_format(seen, "%d %s\n", problem->code, problem->text);
	else
		lines_write_entry(seen, &row->signal, row->labels, row->label_count);
	return 0;
}

static void read_in_pieces(const char *text, size_t size, size_t piece, struct buf *ret_seen)
{
	struct import_reader *reader;
	struct hilf_err err;
	if (import_open(&reader, &err))
		return;
	int rc = 0;
	for (size_t at = 0; !rc && at < size; at += piece) {
		size_t part = size - at < piece ? size - at : piece;
		rc = import_feed(reader, text + at, part, false, on_row, ret_seen, &err);
	}
	if (!rc)
		rc = import_feed(reader, NULL, 0, true, on_row, ret_seen, &err);
	buf_format(ret_seen, "%d %s\n", rc, rc ? err.text : "");
	import_close(reader);
}

static int same_row(const struct import_row *row, const struct hilf_err *problem, void *ctx)
{
	const struct buf *wanted = ctx;
	struct buf again = BUF_INIT;
	ASSERT(!problem);
	lines_write_entry(&again, &row->signal, row->labels, row->label_count);
	ASSERT(again.failed ||
		(again.size == wanted->size && !memcmp(again.data, wanted->data, again.size)));
	buf_free(&again);
	return 0;
}

static int write_and_read(const struct import_row *row, const struct hilf_err *problem, void *ctx)
{
	struct buf line = BUF_INIT;
	struct import_reader *reader;
	struct hilf_err err;
	(void)ctx;
	if (problem || import_open(&reader, &err))
		return 0;
	lines_write_entry(&line, &row->signal, row->labels, row->label_count);
	if (!line.failed)
		ASSERT(import_feed(reader, line.data, line.size, true, same_row, &line, &err) == 0);
	buf_free(&line);
	import_close(reader);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = BUF_INIT, parts = BUF_INIT;
	const char *text = (const char *)data;
	struct import_reader *reader;
	struct hilf_err err;
	read_in_pieces(text, size, size ? size : 1, &whole);
	read_in_pieces(text, size, 1 + (size ? data[0] % 7 : 0), &parts);
	ASSERT(whole.failed || parts.failed ||
		(whole.size == parts.size && !memcmp(whole.data, parts.data, whole.size)));
	if (!import_open(&reader, &err)) {
		import_feed(reader, text, size, true, write_and_read, NULL, &err);
		import_close(reader);
	}
	buf_free(&whole);
	buf_free(&parts);
	return 0;
}
