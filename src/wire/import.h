/* Reads signals from any source in pieces of any size: plain lines (lines.h), CSV with a header (csv.h) or JSON lines
 * (json_line.h), which the first line that counts tells apart. No I/O here: the caller reads and feeds.
 *
 * A byte order mark and CRLF line ends are taken as they come. Empty lines are skipped, and so are lines that begin
 * with '#', in CSV those before the header only. */
#ifndef WIRE_IMPORT_H
#define WIRE_IMPORT_H

#include "wire/import_row.h"

struct import_reader;

/* Called for each row, or for each line that is none: then problem is set, its text begins "line N: ", and of row
 * only the line counts. A return other than 0 stops the reading and is what import_feed returns. */
typedef int import_fn(const struct import_row *row, const struct hilf_err *problem, void *ctx);

/* Release with import_close, which takes NULL as well. */
int import_open(struct import_reader **ret_reader, struct hilf_err *err);
void import_close(struct import_reader *reader);

/* Reads a piece; final says that it is the last (size may then be 0). HILF_E_INVALID with err set where the whole
 * makes no sense (a CSV header without a value column, UTF-16). After a return other than 0 the reader can only be
 * closed. */
int import_feed(struct import_reader *reader, const char *bytes, size_t size, bool final,
	import_fn *fn, void *ctx, struct hilf_err *err);

/* Whether the input is CSV; false while nothing was read. */
bool import_is_csv(const struct import_reader *reader);

#endif
